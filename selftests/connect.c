// SPDX-License-Identifier: GPL-2.0
/* connect, listen and accept between two sockets of AF_WRTCSUB. */

#include <fcntl.h>
#include <poll.h>
#include <signal.h>

#include "lib/harness.h"
#include "lib/left.h"
#include "lib/net.h"

#define MANY	100

/* Packets that are sent one after the other arrive together. */
#define AT_ONCE	"delay 40ms slot 80ms"

/* As /proc/net/sctp/assocs has it. */
#define COOKIE_ECHOED	2

FIXTURE(connect)
{
	struct addr addr;
	int listener;
};

FIXTURE_VARIANT(connect)
{
	int family;
	const char *unroutable;
	const char *hole;		/* routed, and nobody answers */
	const char *own;		/* on the same link as that */
	int prefix;			/* of the whole address */
};

FIXTURE_VARIANT_ADD(connect, ipv4)
{
	.family = AF_INET,
	.unroutable = "198.51.100.1",
	.hole = "192.0.2.2",
	.own = "192.0.2.1",
	.prefix = 32,
};

FIXTURE_VARIANT_ADD(connect, ipv6)
{
	.family = AF_INET6,
	.unroutable = "2001:db8:77::1",
	.hole = "2001:db8::2",
	.own = "2001:db8::1",
	.prefix = 128,
};

FIXTURE_SETUP(connect)
{
	ASSERT_EQ(0, catch_signals(0));
	ASSERT_EQ(0, netns_private());
	/* Even a machine that stalls acknowledges a FIN in time. */
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/fin_ack_timeout_ms", 30000));
	self->listener = sub_listen(variant->family, &self->addr);
	ASSERT_LE(0, self->listener);
}

FIXTURE_TEARDOWN(connect)
{
	close(self->listener);
}

/* "getsockname, getpeername: Addresses of the association." */
TEST_F(connect, both_ends_know_both_addresses)
{
	struct addr local, remote, accepted;
	int fd, server;

	fd = sub_connect(&self->addr);
	ASSERT_LE(0, fd);
	accepted.len = sizeof(accepted.ss);
	server = accept(self->listener, &accepted.sa, &accepted.len);
	ASSERT_LE(0, server);

	ASSERT_EQ(0, addr_remote(fd, &remote));
	EXPECT_TRUE(addr_same(&self->addr, &remote));
	ASSERT_EQ(0, addr_local(server, &local));
	EXPECT_TRUE(addr_same(&self->addr, &local));
	ASSERT_EQ(0, addr_local(fd, &local));
	ASSERT_EQ(0, addr_remote(server, &remote));
	EXPECT_TRUE(addr_same(&local, &remote));
	EXPECT_TRUE(addr_same(&local, &accepted));
	EXPECT_EQ(variant->family, accepted.sa.sa_family);
	close(fd);
	close(server);
}

TEST_F(connect, twice_is_eisconn)
{
	int fd = sub_connect(&self->addr);

	ASSERT_LE(0, fd);
	ASSERT_ERRNO(EISCONN, connect(fd, &self->addr.sa, self->addr.len));
	ASSERT_ERRNO(EINVAL, listen(fd, 5));
	ASSERT_ERRNO(EINVAL, accept(fd, NULL, NULL));
	ASSERT_ERRNO(EINVAL, bind(fd, &self->addr.sa, self->addr.len));
	close(fd);
}

TEST_F(connect, to_a_port_without_listener_is_refused)
{
	int fd = sub_socket(0);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, close(self->listener));
	ASSERT_ERRNO(ECONNREFUSED,
		     connect(fd, &self->addr.sa, self->addr.len));
	/* The report is made once, and the socket can be used again. */
	EXPECT_EQ(0, get_int(fd, SOL_SOCKET, SO_ERROR));
	self->listener = sub_listen_at(&self->addr, 5);
	ASSERT_LE(0, self->listener);
	ASSERT_EQ(0, connect(fd, &self->addr.sa, self->addr.len));
	close(fd);
}

/* The port that was bound is given up by then, and taken again. */
#define ASSERT_KEEPS_PORT(_port) do {					\
	struct addr __bound, __is;					\
	int __fd, __i;							\
									\
	addr_loopback(&__bound, variant->family, _port);		\
	__fd = sub_bound(&__bound);					\
	ASSERT_LE(0, __fd);						\
	ASSERT_EQ(0, addr_local(__fd, &__bound));			\
	ASSERT_EQ(0, close(self->listener));				\
	for (__i = 0; __i < 3; __i++) {					\
		ASSERT_ERRNO(ECONNREFUSED, connect(__fd, &self->addr.sa, \
						   self->addr.len));	\
		ASSERT_EQ(0, addr_local(__fd, &__is));			\
		EXPECT_TRUE(addr_same(&__bound, &__is));		\
	}								\
	self->listener = sub_listen_at(&self->addr, 5);			\
	ASSERT_LE(0, self->listener);					\
	ASSERT_EQ(0, connect(__fd, &self->addr.sa, self->addr.len));	\
	ASSERT_EQ(0, addr_local(__fd, &__is));				\
	EXPECT_TRUE(addr_same(&__bound, &__is));			\
	close(__fd);							\
} while (0)

TEST_F(connect, is_refused_and_keeps_the_port_that_was_bound)
{
	ASSERT_KEEPS_PORT(6000);
}

TEST_F(connect, is_refused_and_keeps_the_port_that_was_free)
{
	ASSERT_KEEPS_PORT(0);
}

/* "EADDRNOTAVAIL [...] all port numbers in the ephemeral port range are
 * currently in use" (connect(2)).
 */
TEST_F(connect, without_a_free_port_is_eaddrnotavail)
{
	struct addr any;
	int taken, fd;

	ASSERT_EQ(0, shell("echo 6000 6000 > /proc/sys/net/ipv4/ip_local_port_range"));
	addr_any(&any, variant->family, 6000);
	taken = sub_bound(&any);
	ASSERT_LE(0, taken);
	fd = sub_socket(0);
	ASSERT_LE(0, fd);
	ASSERT_ERRNO(EADDRNOTAVAIL,
		     connect(fd, &self->addr.sa, self->addr.len));
	close(taken);
	ASSERT_EQ(0, connect(fd, &self->addr.sa, self->addr.len));
	close(fd);
}

/* TCP would disconnect; a substream is closed by close(2). */
TEST_F(connect, to_no_family_leaves_it_connected)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	int fd, server;
	char c;

	fd = sub_connect(&self->addr);
	ASSERT_LE(0, fd);
	server = sub_accept(self->listener);
	ASSERT_LE(0, server);
	ASSERT_ERRNO(EAFNOSUPPORT, connect(fd, &none, sizeof(none)));
	ASSERT_EQ(1, write(fd, "x", 1));
	ASSERT_EQ(1, recv(server, &c, 1, 0));
	close(fd);
	close(server);
}

/* A link with this address. At its other end nobody answers ARP, or neighbour
 * solicitations.
 */
static int link_with(const char *address, int prefix)
{
	return run("ip link add near type veth peer name far") ?:
	       run("ip addr add %s/%d dev near %s", address, prefix,
		   strchr(address, ':') ? "nodad" : "") ?:
	       link_set_up("far", true) ?: link_set_up("near", true);
}

/* There is nothing but lo. */
TEST_F(connect, without_a_route_is_enetunreach)
{
	struct addr addr;
	int fd = sub_socket(0);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, addr_parse(&addr, variant->unroutable, 5000));
	ASSERT_ERRNO(ENETUNREACH, connect(fd, &addr.sa, addr.len));
	ASSERT_EQ(0, set_nonblock(fd, true));
	ASSERT_ERRNO(ENETUNREACH, connect(fd, &addr.sa, addr.len));
	close(fd);
}

/* ... and the port that was bound is not lost. */
TEST_F(connect, without_a_route_keeps_the_port_that_was_bound)
{
	struct addr addr, local, seen;
	int fd, i;

	addr_any(&local, variant->family, 6000);
	fd = sub_bound(&local);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, addr_parse(&addr, variant->unroutable, 5000));
	for (i = 0; i < 3; i++)
		ASSERT_ERRNO(ENETUNREACH, connect(fd, &addr.sa, addr.len));
	ASSERT_EQ(0, connect(fd, &self->addr.sa, self->addr.len));
	ASSERT_EQ(0, addr_local(fd, &seen));
	EXPECT_EQ(6000, addr_port(&seen));
	close(fd);
}

/* ... and here an address to come from. */
TEST_F(connect, with_an_address_but_no_route_is_enetunreach)
{
	struct addr addr, own;
	int fd;

	ASSERT_EQ(0, link_with(variant->own, variant->prefix));
	ASSERT_EQ(0, addr_parse(&addr, variant->unroutable, 5000));
	fd = sub_socket(0);
	ASSERT_LE(0, fd);
	ASSERT_ERRNO(ENETUNREACH, connect(fd, &addr.sa, addr.len));
	/* At once: it says so itself. */
	ASSERT_EQ(0, set_nonblock(fd, true));
	ASSERT_ERRNO(ENETUNREACH, connect(fd, &addr.sa, addr.len));
	close(fd);

	ASSERT_EQ(0, addr_parse(&own, variant->own, 0));
	fd = sub_bound(&own);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, set_nonblock(fd, true));
	ASSERT_ERRNO(ENETUNREACH, connect(fd, &addr.sa, addr.len));
	close(fd);
}

/* "EHOSTUNREACH as for TCP": when ARP gives up, which takes three seconds. */
TEST_F(connect, to_a_neighbour_that_does_not_answer_is_ehostunreach)
{
	struct addr addr;
	struct call caller;
	int blocking, fd;

	ASSERT_EQ(0, link_with(variant->own, variant->prefix * 3 / 4));
	ASSERT_EQ(0, addr_parse(&addr, variant->hole, 5000));
	fd = sub_socket(SOCK_NONBLOCK);
	ASSERT_LE(0, fd);
	blocking = sub_socket(0);
	ASSERT_LE(0, blocking);
	ASSERT_ERRNO(EINPROGRESS, connect(fd, &addr.sa, addr.len));
	ASSERT_EQ(0, call_start(&caller, call_connect, blocking, 0, &addr, 0));

	ASSERT_LE(0, poll_until(fd, POLLOUT));
	ASSERT_ERRNO(EHOSTUNREACH, connect(fd, &addr.sa, addr.len));
	ASSERT_CALL(-1, EHOSTUNREACH, &caller);
	close(blocking);
	close(fd);
}

TEST_F(connect, to_nobody_times_out)
{
	struct addr addr;
	int fd, hole = blackhole_up();

	ASSERT_LE(0, hole);
	ASSERT_EQ(0, netns_sysctl("net/sctp/max_init_retransmits", 1));
	ASSERT_EQ(0, netns_sysctl("net/sctp/rto_min", 100));
	ASSERT_EQ(0, netns_sysctl("net/sctp/rto_initial", 100));
	ASSERT_EQ(0, netns_sysctl("net/sctp/rto_max", 200));
	fd = sub_socket(0);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, addr_parse(&addr, variant->hole, 5000));
	ASSERT_ERRNO(ETIMEDOUT, connect(fd, &addr.sa, addr.len));
	close(fd);
	close(hole);
}

/* An association that nobody waits for any more ends.  Who comes at this moment
 * gets another one.
 */
TEST_F(connect, is_not_aborted_because_another_one_was_given_up)
{
	enum { ROUNDS = 50 };
	int fd[ROUNDS], given_up, i, hole = blackhole_up();
	struct addr addr;

	ASSERT_LE(0, hole);
	for (i = 0; i < ROUNDS; i++) {
		ASSERT_EQ(0, addr_parse(&addr, variant->hole, 5000 + i));
		given_up = sub_socket(SOCK_NONBLOCK);
		fd[i] = sub_socket(SOCK_NONBLOCK);
		ASSERT_LE(0, fd[i]);
		ASSERT_ERRNO(EINPROGRESS,
			     connect(given_up, &addr.sa, addr.len));
		ASSERT_EQ(0, close(given_up));
		ASSERT_ERRNO(EINPROGRESS, connect(fd[i], &addr.sa, addr.len));
	}
	/* Those that end have ended. */
	ASSERT_UNTIL(left_assocs() <= ROUNDS);
	for (i = 0; i < ROUNDS; i++) {
		EXPECT_EQ(0, get_int(fd[i], SOL_SOCKET, SO_ERROR));
		close(fd[i]);
	}
	close(hole);
}

/* tcp(7): SO_SNDTIMEO is how long connect waits. */
TEST_F(connect, waits_no_longer_than_the_send_timeout)
{
	int fd, tries = 10, hole = blackhole_up();
	long long start, waited, closed;
	struct addr addr;
	bool in_time;

	ASSERT_LE(0, hole);
	/* A machine that stalls makes it late, but not each time. */
	do {
		fd = sub_socket(0);
		ASSERT_LE(0, fd);
		/* Each has an association of its own. */
		ASSERT_EQ(0, addr_parse(&addr, variant->hole, 5000 + tries));
		ASSERT_EQ(0, set_timeout(fd, SO_SNDTIMEO, 500));
		start = now_ms();
		ASSERT_ERRNO(EINPROGRESS, connect(fd, &addr.sa, addr.len));
		waited = now_ms() - start;
		/* Jiffies may be many ticks behind when it begins. */
		EXPECT_LE(100, waited);
		start = now_ms();
		close(fd);
		closed = now_ms() - start;
		in_time = waited < 1500 * slow_factor() &&
			  closed < 500 * slow_factor();
	} while (!in_time && --tries);
	EXPECT_TRUE(in_time) {
		TH_LOG("connect: %lld ms, close: %lld ms", waited, closed);
	}
	close(hole);
}

/* "EALREADY [...] a previous connection attempt has not yet been completed":
 * this is how TCP has it for a blocking one, too.
 */
TEST_F(connect, goes_on_after_the_send_timeout_and_is_ealready)
{
	int domain[2] = { variant->family, AF_WRTCSUB }, fd, i, k;
	struct addr addr, own;

	ASSERT_LE(0, blackhole_up());
	ASSERT_EQ(0, addr_parse(&addr, variant->hole, 5000));
	ASSERT_EQ(0, addr_parse(&own, variant->own, 0));
	/* An address of IPv6 is tentative at first. */
	ASSERT_UNTIL((fd = sub_bound(&own)) >= 0);
	close(fd);
	for (i = 0; i < 2; i++) {
		fd = socket(domain[i], SOCK_STREAM, 0);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, set_timeout(fd, SO_SNDTIMEO, 100));
		ASSERT_ERRNO(EINPROGRESS, connect(fd, &addr.sa, addr.len));
		for (k = 0; k < 2; k++) {
			ASSERT_ERRNO(EALREADY,
				     connect(fd, &addr.sa, addr.len));
			ASSERT_EQ(0, set_nonblock(fd, true));
		}
		close(fd);
	}
}

TEST_F(connect, nonblocking_is_in_progress_and_can_be_given_up)
{
	struct addr addr;
	int fd, hole = blackhole_up();
	char c;

	ASSERT_LE(0, hole);
	fd = sub_socket(SOCK_NONBLOCK);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, addr_parse(&addr, variant->hole, 5000));
	ASSERT_ERRNO(EINPROGRESS, connect(fd, &addr.sa, addr.len));
	ASSERT_ERRNO(EALREADY, connect(fd, &addr.sa, addr.len));
	EXPECT_EQ(0, poll_now(fd, POLLIN | POLLOUT));
	ASSERT_ERRNO(EAGAIN, send(fd, "x", 1, MSG_NOSIGNAL));
	ASSERT_ERRNO(EAGAIN, recv(fd, &c, 1, 0));
	EXPECT_EQ(0, get_int(fd, SOL_SOCKET, SO_ERROR));
	ASSERT_ERRNO(ENOTCONN, addr_remote(fd, &addr));
	ASSERT_EQ(0, close(fd));
	close(hole);
}

TEST_F(connect, nonblocking_succeeds_with_epollout)
{
	int fd = sub_socket(SOCK_NONBLOCK);
	int server;
	char c;

	ASSERT_LE(0, fd);
	ASSERT_ERRNO(EINPROGRESS,
		     connect(fd, &self->addr.sa, self->addr.len));
	ASSERT_EQ(POLLOUT, poll_until(fd, POLLOUT));
	EXPECT_EQ(0, get_int(fd, SOL_SOCKET, SO_ERROR));
	ASSERT_EQ(1, write(fd, "x", 1));
	server = sub_accept(self->listener);
	ASSERT_LE(0, server);
	ASSERT_EQ(1, recv(server, &c, 1, 0));
	close(fd);
	close(server);
}

/* RFC 9260, section 5.2.4: the COOKIE ECHO comes again, and is answered again,
 * also once another socket than the one that made the cookie has the
 * association.
 */
TEST_F(connect, succeeds_though_the_answer_to_its_cookie_is_lost)
{
	int fd, server;
	char c;

	ASSERT_EQ(0, repeat_soon());
	ASSERT_EQ(0, lose_cookie_acks());
	fd = sub_socket(SOCK_NONBLOCK);
	ASSERT_LE(0, fd);
	ASSERT_ERRNO(EINPROGRESS,
		     connect(fd, &self->addr.sa, self->addr.len));
	ASSERT_UNTIL(netns_counter("AssocsAccepted") == 1);
	ASSERT_UNTIL(lost_any());
	EXPECT_EQ(0, poll_now(fd, POLLOUT));
	ASSERT_EQ(0, lose_nothing());
	ASSERT_EQ(POLLOUT, poll_until(fd, POLLOUT));
	EXPECT_EQ(0, get_int(fd, SOL_SOCKET, SO_ERROR));

	server = sub_accept(self->listener);
	ASSERT_LE(0, server);
	ASSERT_EQ(1, write(fd, "x", 1));
	ASSERT_EQ(1, recv(server, &c, 1, 0));
	ASSERT_EQ(1, write(server, "y", 1));
	ASSERT_EQ(POLLIN, poll_until(fd, POLLIN));
	ASSERT_EQ(1, recv(fd, &c, 1, 0));
	close(fd);
	close(server);
}

TEST_F(connect, nonblocking_success_is_told_by_sigio)
{
	int fd = sub_socket(SOCK_NONBLOCK);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, sigio_on(fd));
	ASSERT_ERRNO(EINPROGRESS,
		     connect(fd, &self->addr.sa, self->addr.len));
	ASSERT_EQ(0, sigio_until(POLL_OUT));
	EXPECT_EQ(POLLOUT, poll_now(fd, POLLOUT));
	close(fd);
}

/* As getsockname of TCP. */
TEST_F(connect, has_the_address_that_was_bound_from_the_start)
{
	struct addr local, seen, to;
	int fd;

	ASSERT_LE(0, blackhole_up());
	ASSERT_EQ(0, addr_parse(&local, variant->own, 6000));
	ASSERT_EQ(0, addr_parse(&to, variant->hole, 5000));
	/* An address of IPv6 is tentative at first. */
	ASSERT_UNTIL((fd = sub_bound(&local)) >= 0);
	ASSERT_EQ(0, set_nonblock(fd, true));
	ASSERT_ERRNO(EINPROGRESS, connect(fd, &to.sa, to.len));
	ASSERT_EQ(0, addr_local(fd, &seen));
	EXPECT_TRUE(addr_same(&local, &seen));
	close(fd);
}

/* ... and if none was bound the one that was found for it, also for another
 * substream that waits for the same association.
 */
TEST_F(connect, has_the_address_that_it_comes_from_at_once)
{
	struct addr local, first, second, to;
	int fd[2], i;

	ASSERT_LE(0, blackhole_up());
	ASSERT_EQ(0, addr_parse(&local, variant->own, 0));
	ASSERT_EQ(0, addr_parse(&to, variant->hole, 5000));
	/* An address of IPv6 is tentative at first. */
	ASSERT_UNTIL((fd[0] = sub_bound(&local)) >= 0);
	close(fd[0]);
	for (i = 0; i < 2; i++) {
		fd[i] = sub_socket(SOCK_NONBLOCK);
		ASSERT_LE(0, fd[i]);
		ASSERT_ERRNO(EINPROGRESS, connect(fd[i], &to.sa, to.len));
	}
	ASSERT_EQ(0, addr_local(fd[0], &first));
	ASSERT_LT(0, addr_port(&first));
	local.in4.sin_port = first.in4.sin_port;
	EXPECT_TRUE(addr_same(&local, &first));
	ASSERT_EQ(0, addr_local(fd[1], &second));
	EXPECT_TRUE(addr_same(&first, &second));
	close(fd[0]);
	close(fd[1]);
}

/* The first connect after the end of it says how it went; then it is done. */
TEST_F(connect, nonblocking_tells_its_result_as_tcp_does)
{
	int fd = sub_socket(SOCK_NONBLOCK);

	ASSERT_LE(0, fd);
	ASSERT_ERRNO(EINPROGRESS,
		     connect(fd, &self->addr.sa, self->addr.len));
	ASSERT_EQ(POLLOUT, poll_until(fd, POLLOUT));
	ASSERT_EQ(0, connect(fd, &self->addr.sa, self->addr.len));
	ASSERT_ERRNO(EISCONN, connect(fd, &self->addr.sa, self->addr.len));
	close(fd);
}

TEST_F(connect, nonblocking_is_refused_by_so_error)
{
	int fd = sub_socket(SOCK_NONBLOCK);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, close(self->listener));
	ASSERT_ERRNO(EINPROGRESS,
		     connect(fd, &self->addr.sa, self->addr.len));
	ASSERT_LE(0, poll_until(fd, POLLOUT));
	/* The error may be seen a moment before the rest. */
	ASSERT_UNTIL(poll_now(fd, POLLOUT) == (POLLOUT | POLLERR | POLLHUP));
	EXPECT_EQ(ECONNREFUSED, get_int(fd, SOL_SOCKET, SO_ERROR));
	EXPECT_EQ(0, get_int(fd, SOL_SOCKET, SO_ERROR));
	close(fd);
	self->listener = -1;
}

TEST_F(connect, nonblocking_is_refused_by_the_next_connect)
{
	int fd = sub_socket(SOCK_NONBLOCK);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, close(self->listener));
	ASSERT_ERRNO(EINPROGRESS,
		     connect(fd, &self->addr.sa, self->addr.len));
	ASSERT_LE(0, poll_until(fd, POLLOUT));
	/* The error may be seen a moment before the rest. */
	ASSERT_UNTIL(poll_now(fd, POLLOUT) & POLLOUT);
	ASSERT_ERRNO(ECONNREFUSED,
		     connect(fd, &self->addr.sa, self->addr.len));
	close(fd);
	self->listener = -1;
}

TEST_F(connect, interrupted_by_a_signal_goes_on)
{
	struct addr addr;
	struct call caller;
	int fd, hole = blackhole_up();

	ASSERT_LE(0, hole);
	fd = sub_socket(0);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, addr_parse(&addr, variant->hole, 5000));
	ASSERT_EQ(0, call_start(&caller, call_connect, fd, 0, &addr, 0));
	ASSERT_EQ(0, call_wait_blocked(&caller, __NR_connect));
	ASSERT_EQ(0, call_signal(&caller));
	ASSERT_CALL(-1, EINTR, &caller);
	ASSERT_EQ(0, set_nonblock(fd, true));
	ASSERT_ERRNO(EALREADY, connect(fd, &addr.sa, addr.len));
	close(fd);
	close(hole);
}

/* signal(7): with SA_RESTART it begins again, and so waits for the same. */
TEST_F(connect, restarts_by_itself_if_the_signal_says_so)
{
	struct call caller;
	int fd;

	ASSERT_EQ(0, catch_signals(SA_RESTART));
	/* An INIT that is lost is sent again soon, and for as long as it
	 * takes.
	 */
	ASSERT_EQ(0, netns_sysctl("net/sctp/rto_min", 100));
	ASSERT_EQ(0, netns_sysctl("net/sctp/rto_initial", 100));
	ASSERT_EQ(0, netns_sysctl("net/sctp/rto_max", 300));
	ASSERT_EQ(0, netns_sysctl("net/sctp/max_init_retransmits", 1000));
	ASSERT_EQ(0, run("tc qdisc add dev lo root netem loss 100%%"));
	fd = sub_socket(0);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, call_start(&caller, call_connect, fd, 0, &self->addr, 0));
	ASSERT_EQ(0, call_wait_blocked(&caller, __NR_connect));
	ASSERT_EQ(0, call_signal(&caller));
	ASSERT_EQ(0, call_wait_blocked(&caller, __NR_connect));
	ASSERT_EQ(0, run("tc qdisc del dev lo root"));
	ASSERT_CALL(0, 0, &caller);
	close(fd);
}

/* ... but not with SO_SNDTIMEO. */
TEST_F(connect, with_a_timeout_does_not_restart)
{
	struct addr addr;
	struct call caller;
	int fd, hole = blackhole_up();

	ASSERT_LE(0, hole);
	ASSERT_EQ(0, catch_signals(SA_RESTART));
	fd = sub_socket(0);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, set_timeout(fd, SO_SNDTIMEO, 60000));
	ASSERT_EQ(0, addr_parse(&addr, variant->hole, 5000));
	ASSERT_EQ(0, call_start(&caller, call_connect, fd, 0, &addr, 0));
	ASSERT_EQ(0, call_wait_blocked(&caller, __NR_connect));
	ASSERT_EQ(0, call_signal(&caller));
	ASSERT_CALL(-1, EINTR, &caller);
	close(fd);
	close(hole);
}

TEST_F(connect, does_not_wait_for_accept_and_early_data_is_kept)
{
	char buf[8];
	int fd, server;

	fd = sub_connect(&self->addr);
	ASSERT_LE(0, fd);
	ASSERT_EQ(5, write(fd, "early", 5));
	ASSERT_EQ(0, shutdown(fd, SHUT_WR));
	server = sub_accept(self->listener);
	ASSERT_LE(0, server);
	ASSERT_EQ(5, sub_read_all(server, buf, sizeof(buf)));
	EXPECT_EQ(0, memcmp(buf, "early", 5));
	close(fd);
	close(server);
}

TEST_F(connect, closed_before_accept_the_data_is_kept)
{
	char buf[8];
	int fd, server;

	fd = sub_connect(&self->addr);
	ASSERT_LE(0, fd);
	ASSERT_EQ(5, write(fd, "early", 5));
	ASSERT_EQ(0, close(fd));
	server = sub_accept(self->listener);
	ASSERT_LE(0, server);
	ASSERT_EQ(5, sub_read_all(server, buf, sizeof(buf)));
	EXPECT_EQ(EPIPE, sub_write_error(server));
	close(server);
}

TEST_F(connect, accept4_takes_its_flags)
{
	int fd, server;

	fd = sub_connect(&self->addr);
	ASSERT_LE(0, fd);
	server = accept4(self->listener, NULL, NULL,
			 SOCK_NONBLOCK | SOCK_CLOEXEC);
	ASSERT_LE(0, server);
	EXPECT_TRUE(fcntl(server, F_GETFL) & O_NONBLOCK);
	EXPECT_TRUE(fcntl(server, F_GETFD) & FD_CLOEXEC);
	EXPECT_EQ(AF_WRTCSUB, get_int(server, SOL_SOCKET, SO_DOMAIN));
	EXPECT_EQ(SOCK_STREAM, get_int(server, SOL_SOCKET, SO_TYPE));
	EXPECT_EQ(0, get_int(server, SOL_SOCKET, SO_ACCEPTCONN));
	close(server);
	close(fd);
}

TEST_F(connect, accept_does_not_hand_on_the_flags_of_the_listener)
{
	int fd, server;

	ASSERT_EQ(0, set_nonblock(self->listener, true));
	ASSERT_ERRNO(EAGAIN, accept(self->listener, NULL, NULL));
	EXPECT_EQ(0, poll_now(self->listener, POLLIN | POLLOUT));
	fd = sub_connect(&self->addr);
	ASSERT_LE(0, fd);
	ASSERT_EQ(POLLIN, poll_until(self->listener, POLLIN | POLLOUT));
	server = accept(self->listener, NULL, NULL);
	ASSERT_LE(0, server);
	EXPECT_FALSE(fcntl(server, F_GETFL) & O_NONBLOCK);
	ASSERT_ERRNO(EAGAIN, accept(self->listener, NULL, NULL));
	close(server);
	close(fd);
}

TEST_F(connect, wakes_a_blocked_accept)
{
	struct call acceptor;
	int fd;

	ASSERT_EQ(0, call_start(&acceptor, call_accept, self->listener, 0,
				NULL, 0));
	ASSERT_EQ(0, call_wait_blocked(&acceptor, __NR_accept4));
	fd = sub_connect(&self->addr);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, call_finish(&acceptor));
	ASSERT_LE(0, acceptor.ret);
	close(acceptor.ret);
	close(fd);
}

/* Each of them, as it is a listener no more. */
TEST_F(connect, a_shutdown_ends_all_who_accept)
{
	struct call acceptor[3];
	int i;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, call_start(&acceptor[i], call_accept,
					self->listener, 0, NULL, 0));
		ASSERT_EQ(0, call_wait_blocked(&acceptor[i], __NR_accept4));
	}
	ASSERT_EQ(0, shutdown(self->listener, SHUT_RD));
	for (i = 0; i < 3; i++)
		ASSERT_CALL(-1, EINVAL, &acceptor[i]);
}

TEST_F(connect, a_shutdown_of_a_listener_is_told_by_sigio)
{
	ASSERT_EQ(0, sigio_on(self->listener));
	ASSERT_EQ(0, shutdown(self->listener, SHUT_RD));
	ASSERT_EQ(0, sigio_until(POLL_IN));
}

/* Is there an association that has sent its COOKIE ECHO?  SCTP_STATUS is for
 * those that are up, which this may be if the machine has stalled.
 */
static bool cookie_is_sent(void)
{
	FILE *file = fopen("/proc/net/sctp/assocs", "re");
	bool found = false;
	char line[1024];
	int state;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "%*s %*s %*d %*d %d", &state) == 1 &&
		    state >= COOKIE_ECHOED)
			found = true;
	if (file)
		fclose(file);
	return found;
}

/* The last packet of the handshake and the ABORT arrive at the same moment, when
 * there has been no time to accept the association.
 */
TEST_F(connect, aborted_before_it_is_accepted_leaves_nothing)
{
	struct left before;
	int i, fd;

	left_count(&before);
	ASSERT_EQ(0, run("tc qdisc add dev lo root netem %s", AT_ONCE));
	for (i = 0; i < 20; i++) {
		fd = socket(variant->family, SOCK_STREAM | SOCK_NONBLOCK,
			    IPPROTO_SCTP);
		ASSERT_LE(0, fd);
		ASSERT_ERRNO(EINPROGRESS, connect(fd, &self->addr.sa,
						  self->addr.len));
		ASSERT_UNTIL(cookie_is_sent());
		ASSERT_EQ(0, set_linger(fd, 1, 0));
		close(fd);
		ASSERT_UNTIL(!cookie_is_sent());
	}
	ASSERT_EQ(0, left_wait_for(&before));
}

/* Likewise, to who connects: what has come up is gone when it is looked at. */
TEST_F(connect, aborted_as_soon_as_it_is_up_is_econnreset)
{
	struct addr addr;
	struct peer peer;
	int i, fd, err, listener;

	ASSERT_EQ(0, shell("tc qdisc add dev lo root netem %s", AT_ONCE));
	listener = peer_listen(variant->family, &addr, 0);
	ASSERT_LE(0, listener);
	for (i = 0; i < 8; i++) {
		fd = sub_socket(SOCK_NONBLOCK);
		ASSERT_LE(0, fd);
		/* Not the last one, if its ABORT is still on its way. */
		ASSERT_EQ(0, sub_set(fd, WRTCSUB_NEW_ASSOC, 1));
		ASSERT_ERRNO(EINPROGRESS, connect(fd, &addr.sa, addr.len));
		ASSERT_EQ(0, peer_accept(&peer, listener));
		ASSERT_EQ(0, peer_abort(&peer));
		ASSERT_LT(0, poll_until(fd, POLLOUT));
		/* If they arrive one after the other it has been up. */
		err = get_int(fd, SOL_SOCKET, SO_ERROR);
		if (err)
			EXPECT_EQ(ECONNRESET, err);
		close(fd);
	}
	close(listener);
}

TEST_F(connect, a_signal_and_a_timeout_end_accept)
{
	struct call acceptor;

	ASSERT_EQ(0, call_start(&acceptor, call_accept, self->listener, 0,
				NULL, 0));
	ASSERT_EQ(0, call_wait_blocked(&acceptor, __NR_accept4));
	ASSERT_EQ(0, call_signal(&acceptor));
	ASSERT_CALL(-1, EINTR, &acceptor);
	ASSERT_EQ(0, set_timeout(self->listener, SO_RCVTIMEO, 100));
	ASSERT_ERRNO(EAGAIN, accept(self->listener, NULL, NULL));
}

/* signal(7), as above. */
TEST_F(connect, accept_restarts_by_itself_if_it_has_no_timeout)
{
	struct call acceptor;
	int fd;

	ASSERT_EQ(0, catch_signals(SA_RESTART));
	ASSERT_EQ(0, call_start(&acceptor, call_accept, self->listener, 0,
				NULL, 0));
	ASSERT_EQ(0, call_wait_blocked(&acceptor, __NR_accept4));
	ASSERT_EQ(0, call_signal(&acceptor));
	ASSERT_EQ(0, call_wait_blocked(&acceptor, __NR_accept4));
	fd = sub_connect(&self->addr);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, call_finish(&acceptor));
	ASSERT_LE(0, acceptor.ret);
	close(acceptor.ret);
	close(fd);

	ASSERT_EQ(0, set_timeout(self->listener, SO_RCVTIMEO, 60000));
	ASSERT_EQ(0, call_start(&acceptor, call_accept, self->listener, 0,
				NULL, 0));
	ASSERT_EQ(0, call_wait_blocked(&acceptor, __NR_accept4));
	ASSERT_EQ(0, call_signal(&acceptor));
	ASSERT_CALL(-1, EINTR, &acceptor);
}

/* socket(7): what is set on the listener is set on what it accepts. */
TEST_F(connect, accepted_sockets_inherit_options)
{
	int fd, server, value = 30000, on = 1;

	ASSERT_EQ(0, setsockopt(self->listener, SOL_SOCKET, SO_RCVBUF, &value,
				sizeof(value)));
	ASSERT_EQ(0, setsockopt(self->listener, SOL_SOCKET, SO_KEEPALIVE, &on,
				sizeof(on)));
	ASSERT_EQ(0, setsockopt(self->listener, SOL_SOCKET, SO_REUSEADDR, &on,
				sizeof(on)));
	fd = sub_connect(&self->addr);
	ASSERT_LE(0, fd);
	server = sub_accept(self->listener);
	ASSERT_LE(0, server);
	EXPECT_EQ(60000, get_int(server, SOL_SOCKET, SO_RCVBUF));
	EXPECT_EQ(1, get_int(server, SOL_SOCKET, SO_KEEPALIVE));
	EXPECT_EQ(1, get_int(server, SOL_SOCKET, SO_REUSEADDR));
	close(fd);
	close(server);
}

/* "Many substreams share one association. They are independent." */
TEST_F(connect, many_substreams_share_one_association)
{
	int client[MANY], server[MANY];
	struct addr first, local, remote;
	unsigned char buf[64];
	const ssize_t size = sizeof(buf);
	int i;

	for (i = 0; i < MANY; i++) {
		client[i] = sub_connect(&self->addr);
		ASSERT_LE(0, client[i]);
		ASSERT_EQ(0, addr_local(client[i], &local));
		if (!i)
			first = local;
		EXPECT_TRUE(addr_same(&first, &local));
		/* So that it can be told which one was accepted. */
		ASSERT_EQ(1, write(client[i], &(char){ i }, 1));
	}
	for (i = 0; i < MANY; i++) {
		unsigned char which;
		int fd = sub_accept(self->listener);

		ASSERT_LE(0, fd);
		ASSERT_EQ(0, addr_remote(fd, &remote));
		EXPECT_TRUE(addr_same(&first, &remote));
		ASSERT_EQ(1, recv(fd, &which, 1, 0));
		ASSERT_GT(MANY, which);
		server[which] = fd;
	}

	/* One of them goes, and takes nothing away from the others. */
	ASSERT_EQ(0, set_linger(client[MANY / 2], 1, 0));
	ASSERT_EQ(0, close(client[MANY / 2]));
	ASSERT_ERRNO(ECONNRESET, recv(server[MANY / 2], buf, 1, 0));

	for (i = 0; i < MANY; i++) {
		if (i == MANY / 2)
			continue;
		pattern_fill(buf, size, 0, i);
		ASSERT_EQ(size, write(server[i], buf, size));
	}
	for (i = 0; i < MANY; i++) {
		if (i == MANY / 2)
			continue;
		ASSERT_EQ(size, recv(client[i], buf, size, MSG_WAITALL));
		ASSERT_EQ(-1, pattern_check(buf, size, 0, i));
		ASSERT_EQ(0, shutdown(client[i], SHUT_WR));
		ASSERT_EQ(0, recv(server[i], buf, 1, 0));
		ASSERT_EQ(0, shutdown(server[i], SHUT_WR));
	}
	for (i = 0; i < MANY; i++) {
		close(server[i]);
		if (i != MANY / 2)
			close(client[i]);
	}
}

TEST_F(connect, identifiers_are_used_again_without_end)
{
	int i, fd, server;
	char buf[4];

	/* 16 streams: the initiator has eight identifiers. */
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/max_streams", 16));
	for (i = 0; i < 60; i++) {
		fd = sub_connect(&self->addr);
		ASSERT_LE(0, fd);
		server = sub_accept(self->listener);
		ASSERT_LE(0, server);
		ASSERT_EQ(1, write(fd, &(char){ i }, 1));
		ASSERT_EQ(0, shutdown(fd, SHUT_WR));
		ASSERT_EQ(1, sub_read_all(server, buf, sizeof(buf)));
		ASSERT_EQ(0, close(server));
		ASSERT_EQ(0, close(fd));
	}
}

/* Which of the substreams have been refused? Return: how many. */
static int find_refused(const int *fd, int count, bool *refused)
{
	int i, sum = 0;

	for (i = 0; i < count; i++) {
		refused[i] = poll_now(fd[i], 0) & POLLERR;
		sum += refused[i];
	}
	return sum;
}

/* "Over the backlog: that substream alone is refused." As connections with
 * TCP, one more than the backlog fits.
 */
TEST_F(connect, over_the_backlog_a_substream_alone_is_refused)
{
	enum { BACKLOG = 3, FIT = BACKLOG + 1, ALL = 12 };
	int fd[ALL], server, i, accepted = 0;
	bool refused[ALL];
	char c;

	ASSERT_EQ(0, listen(self->listener, BACKLOG));
	for (i = 0; i < ALL; i++) {
		fd[i] = sub_connect(&self->addr);
		ASSERT_LE(0, fd[i]);
	}
	/* They need not arrive in the order in which they were sent. */
	ASSERT_UNTIL(find_refused(fd, ALL, refused) == ALL - FIT);
	EXPECT_EQ(ALL - FIT, netns_counter("OpenRefusedBacklog"));
	EXPECT_EQ(FIT, netns_counter("Accepted"));
	for (i = 0; i < ALL; i++) {
		if (refused[i])
			ASSERT_ERRNO(ECONNREFUSED, recv(fd[i], &c, 1, 0));
		else
			ASSERT_EQ(1, write(fd[i], "x", 1));
	}
	ASSERT_EQ(0, set_nonblock(self->listener, true));
	while ((server = accept(self->listener, NULL, NULL)) >= 0) {
		ASSERT_EQ(1, recv(server, &c, 1, 0));
		ASSERT_EQ(1, write(server, "y", 1));
		close(server);
		accepted++;
	}
	ASSERT_EQ(EAGAIN, errno);
	EXPECT_EQ(FIT, accepted);
	for (i = 0; i < ALL; i++)
		if (!refused[i])
			ASSERT_EQ(1, recv(fd[i], &c, 1, 0));

	/* There is room again. */
	close(fd[0]);
	fd[0] = sub_connect(&self->addr);
	ASSERT_LE(0, fd[0]);
	server = sub_accept(self->listener);
	ASSERT_LE(0, server);
	ASSERT_EQ(1, write(server, "z", 1));
	ASSERT_EQ(1, recv(fd[0], &c, 1, 0));
	close(server);
	for (i = 0; i < ALL; i++)
		close(fd[i]);
}

/* "A refusal that comes later is ECONNREFUSED on the next call." */
TEST_F(connect, over_the_backlog_a_writer_is_told_too)
{
	bool refused[3];
	int fd[3], i;

	ASSERT_EQ(0, listen(self->listener, 0));
	for (i = 0; i < 3; i++) {
		fd[i] = sub_connect(&self->addr);
		ASSERT_LE(0, fd[i]);
	}
	ASSERT_UNTIL(find_refused(fd, 3, refused) == 2);
	for (i = 0; i < 3; i++) {
		if (!refused[i])
			continue;
		ASSERT_ERRNO(ECONNREFUSED, send(fd[i], "x", 1, MSG_NOSIGNAL));
		ASSERT_ERRNO(EPIPE, send(fd[i], "x", 1, MSG_NOSIGNAL));
	}
	for (i = 0; i < 3; i++)
		close(fd[i]);
}

TEST_F(connect, a_listener_that_closes_resets_what_it_did_not_accept)
{
	int fd = sub_connect(&self->addr);
	char c;

	ASSERT_LE(0, fd);
	ASSERT_EQ(1, write(fd, "x", 1));
	ASSERT_LE(0, poll_until(self->listener, POLLIN));
	ASSERT_EQ(0, close(self->listener));
	self->listener = -1;
	ASSERT_EQ(-1, recv(fd, &c, 1, 0));
	EXPECT_TRUE(errno == ECONNRESET || errno == ECONNREFUSED);
	close(fd);
}

TEST_F(connect, a_listener_that_closes_leaves_what_it_accepted)
{
	int fd = sub_connect(&self->addr);
	int server;
	char c;

	ASSERT_LE(0, fd);
	server = sub_accept(self->listener);
	ASSERT_LE(0, server);
	ASSERT_EQ(0, close(self->listener));
	self->listener = -1;
	ASSERT_EQ(1, write(fd, "x", 1));
	ASSERT_EQ(1, recv(server, &c, 1, 0));
	ASSERT_EQ(1, write(server, "y", 1));
	ASSERT_EQ(1, recv(fd, &c, 1, 0));
	close(fd);
	close(server);
}

/* A server that comes back: its clients may still have the association. */
TEST_F(connect, a_new_listener_takes_substreams_of_old_associations)
{
	int fd, server, other;
	char c;

	fd = sub_connect(&self->addr);
	ASSERT_LE(0, fd);
	server = sub_accept(self->listener);
	ASSERT_LE(0, server);
	ASSERT_EQ(0, close(self->listener));
	self->listener = sub_listen_at(&self->addr, 5);
	ASSERT_LE(0, self->listener);
	other = sub_connect(&self->addr);
	ASSERT_LE(0, other);
	close(server);
	server = sub_accept(self->listener);
	ASSERT_LE(0, server);
	ASSERT_EQ(1, write(other, "x", 1));
	ASSERT_EQ(1, recv(server, &c, 1, 0));
	close(other);
	close(server);
	close(fd);
}

/* One more substream on the association of @fd: who hears of it first, the
 * listener, or @fd's side, with this error?
 */
static int refused_with(int fd, const struct addr *addr, int listener)
{
	struct pollfd pfd[] = {
		{ .fd = sub_attached(fd), .events = POLLIN },
		{ .fd = listener, .events = POLLIN },
	};
	int err = -1;

	if (pfd[0].fd < 0 || connect(pfd[0].fd, &addr->sa, addr->len))
		return -1;
	if (poll(pfd, 2, deadline_ms()) == 1 && pfd[0].revents)
		err = get_int(pfd[0].fd, SOL_SOCKET, SO_ERROR);
	close(pfd[0].fd);
	return err;
}

/* ... but they are none of another user's business. */
TEST_F(connect, a_new_listener_of_another_user_takes_none_of_them)
{
	int fd, server;

	fd = sub_connect(&self->addr);
	ASSERT_LE(0, fd);
	server = sub_accept(self->listener);
	ASSERT_LE(0, server);
	ASSERT_EQ(0, close(self->listener));
	ASSERT_EQ(0, setuid(65534));
	self->listener = sub_listen_at(&self->addr, 5);
	ASSERT_LE(0, self->listener);
	EXPECT_EQ(ECONNREFUSED, refused_with(fd, &self->addr, self->listener));
	/* It has those of its own. */
	close(server);
	close(fd);
	fd = sub_connect(&self->addr);
	ASSERT_LE(0, fd);
	server = sub_accept(self->listener);
	ASSERT_LE(0, server);
	close(server);
	close(fd);
}

/* ... nor of one that listens to another device. */
TEST_F(connect, a_new_listener_of_another_device_takes_none_of_them)
{
	int fd, server, on = 1;

	ASSERT_EQ(0, shell("ip link add near type veth peer name far"));
	fd = sub_connect(&self->addr);
	ASSERT_LE(0, fd);
	server = sub_accept(self->listener);
	ASSERT_LE(0, server);
	ASSERT_EQ(0, close(self->listener));
	self->listener = sub_socket(0);
	ASSERT_LE(0, self->listener);
	ASSERT_EQ(0, setsockopt(self->listener, SOL_SOCKET, SO_REUSEADDR, &on,
				sizeof(on)));
	/* First: some kernels look for the address at the device. */
	ASSERT_EQ(0, bind(self->listener, &self->addr.sa, self->addr.len));
	ASSERT_EQ(0, setsockopt(self->listener, SOL_SOCKET, SO_BINDTODEVICE,
				"near", 5));
	ASSERT_EQ(0, listen(self->listener, 5));
	EXPECT_EQ(ECONNREFUSED, refused_with(fd, &self->addr, self->listener));
	close(server);
	close(fd);
}

/* Nor is one of another family in the place of it, though both were for any
 * address.
 */
TEST_F(connect, a_new_listener_of_another_family_takes_none_of_them)
{
	int other_family = variant->family == AF_INET ? AF_INET6 : AF_INET;
	struct addr any, other_any, to;
	int listener, other, fd, server, on = 1;

	addr_any(&any, variant->family, 5100);
	addr_any(&other_any, other_family, 5100);
	addr_loopback(&to, variant->family, 5100);
	listener = sub_socket(0);
	other = sub_socket(0);
	ASSERT_LE(0, other);
	ASSERT_EQ(0, setsockopt(other_family == AF_INET6 ? other : listener,
				IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)));
	ASSERT_EQ(0, bind(listener, &any.sa, any.len));
	ASSERT_EQ(0, listen(listener, 5));
	ASSERT_EQ(0, bind(other, &other_any.sa, other_any.len));
	ASSERT_EQ(0, listen(other, 5));

	fd = sub_connect(&to);
	ASSERT_LE(0, fd);
	server = sub_accept(listener);
	ASSERT_LE(0, server);
	ASSERT_EQ(0, close(listener));
	EXPECT_EQ(ECONNREFUSED, refused_with(fd, &to, other));
	close(server);
	close(fd);
	close(other);
}

/* One that is for both is in the place of either. */
TEST_F(connect, a_new_listener_of_both_families_takes_all_of_them)
{
	struct addr any, both, to;
	int listener, fd, other, server;

	addr_any(&any, variant->family, 5100);
	addr_any(&both, AF_INET6, 5100);
	addr_loopback(&to, variant->family, 5100);
	listener = sub_listen_at(&any, 5);
	ASSERT_LE(0, listener);
	fd = sub_connect(&to);
	ASSERT_LE(0, fd);
	server = sub_accept(listener);
	ASSERT_LE(0, server);
	ASSERT_EQ(0, close(server));
	ASSERT_EQ(0, close(listener));
	listener = sub_listen_at(&both, 5);
	ASSERT_LE(0, listener);
	other = sub_connect(&to);
	ASSERT_LE(0, other);
	EXPECT_EQ(sub_assoc_id(fd), sub_assoc_id(other));
	server = sub_accept(listener);
	ASSERT_LE(0, server);
	close(server);
	close(other);
	close(fd);
	close(listener);
}

TEST_F(connect, without_a_listener_new_substreams_are_refused)
{
	int fd = sub_connect(&self->addr);
	int server, other;
	char c;

	ASSERT_LE(0, fd);
	server = sub_accept(self->listener);
	ASSERT_LE(0, server);
	ASSERT_EQ(0, close(self->listener));
	self->listener = -1;
	/* The association is up, so connect returns at once. */
	other = sub_connect(&self->addr);
	ASSERT_LE(0, other);
	ASSERT_ERRNO(ECONNREFUSED, recv(other, &c, 1, 0));
	EXPECT_EQ(1, netns_counter("OpenRefusedClosed"));
	ASSERT_EQ(1, write(fd, "x", 1));
	ASSERT_EQ(1, recv(server, &c, 1, 0));
	close(other);
	close(fd);
	close(server);
}

/* "with the same local binding; else makes one" */
TEST_F(connect, another_local_binding_is_another_association)
{
	struct addr local, first, second;
	int one, two;

	one = sub_connect(&self->addr);
	ASSERT_LE(0, one);
	addr_loopback(&local, variant->family, 0);
	two = sub_bound(&local);
	ASSERT_LE(0, two);
	ASSERT_EQ(0, connect(two, &self->addr.sa, self->addr.len));
	ASSERT_EQ(0, addr_local(one, &first));
	ASSERT_EQ(0, addr_local(two, &second));
	EXPECT_NE(addr_port(&first), addr_port(&second));
	close(one);
	close(two);
}

TEST_F(connect, another_user_makes_another_association)
{
	struct addr first, second;
	int one, two;

	one = sub_connect(&self->addr);
	ASSERT_LE(0, one);
	ASSERT_EQ(0, setuid(65534));
	two = sub_connect(&self->addr);
	ASSERT_LE(0, two);
	ASSERT_EQ(0, addr_local(one, &first));
	ASSERT_EQ(0, addr_local(two, &second));
	EXPECT_NE(addr_port(&first), addr_port(&second));
	close(one);
	close(two);
}

TEST_F(connect, associations_are_not_shared_if_the_sysctl_says_so)
{
	struct addr first, second;
	int one, two;

	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/share_assocs", 0));
	one = sub_connect(&self->addr);
	ASSERT_LE(0, one);
	two = sub_connect(&self->addr);
	ASSERT_LE(0, two);
	ASSERT_EQ(0, addr_local(one, &first));
	ASSERT_EQ(0, addr_local(two, &second));
	EXPECT_NE(addr_port(&first), addr_port(&second));
	close(one);
	close(two);
}

/* "an association to that peer that is up or coming up" */
TEST_F(connect, at_once_by_many_still_makes_one_association)
{
	struct addr first, local;
	int fd[20], i;

	for (i = 0; i < 20; i++) {
		fd[i] = sub_socket(SOCK_NONBLOCK);
		ASSERT_LE(0, fd[i]);
		if (connect(fd[i], &self->addr.sa, self->addr.len))
			ASSERT_EQ(EINPROGRESS, errno);
	}
	for (i = 0; i < 20; i++) {
		ASSERT_EQ(POLLOUT, poll_until(fd[i], POLLOUT));
		EXPECT_EQ(0, get_int(fd[i], SOL_SOCKET, SO_ERROR));
		ASSERT_EQ(0, addr_local(fd[i], &local));
		if (!i)
			first = local;
		EXPECT_TRUE(addr_same(&first, &local));
		close(fd[i]);
	}
}

TEST_F(connect, refused_by_many_each_is_told)
{
	int fd[10], i;

	ASSERT_EQ(0, close(self->listener));
	self->listener = -1;
	for (i = 0; i < 10; i++) {
		fd[i] = sub_socket(SOCK_NONBLOCK);
		ASSERT_LE(0, fd[i]);
		ASSERT_EQ(-1, connect(fd[i], &self->addr.sa, self->addr.len));
		if (errno != ECONNREFUSED) {
			ASSERT_EQ(EINPROGRESS, errno);
			ASSERT_LE(0, poll_until(fd[i], POLLOUT));
			EXPECT_EQ(ECONNREFUSED,
				  get_int(fd[i], SOL_SOCKET, SO_ERROR));
		}
		close(fd[i]);
	}
}

TEST_HARNESS_MAIN
