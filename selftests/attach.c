// SPDX-License-Identifier: GPL-2.0
/* WRTCSUB_ATTACH: substreams of an association that there already is, opened
 * and accepted by either side.
 */

#include <fcntl.h>
#include <poll.h>
#include <sched.h>

#include "lib/harness.h"
#include "lib/net.h"
#include "lib/sctp.h"

#define ABC	"05 12 03 61 62 63"

FIXTURE(attach)
{
	struct duo duo;
	struct peer *peer;
	struct addr remote;		/* the peer's address */
	__u16 sid;			/* an identifier of the peer's */
	int fd;
	char buf[64];
};

FIXTURE_VARIANT(attach)
{
	int family;
	enum duo_side side;
};

FIXTURE_VARIANT_ADD(attach, ipv4_dialler)
{
	.family = AF_INET,
	.side = DUO_KERNEL_CONNECTS,
};

FIXTURE_VARIANT_ADD(attach, ipv6_acceptor)
{
	.family = AF_INET6,
	.side = DUO_KERNEL_ACCEPTS,
};

FIXTURE_SETUP(attach)
{
	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, duo_open(&self->duo, variant->family, variant->side, 0));
	self->peer = &self->duo.peer;
	self->fd = self->duo.fd;
	self->sid = self->duo.next_sid;
	ASSERT_EQ(0, addr_remote(self->fd, &self->remote));
}

FIXTURE_TEARDOWN(attach)
{
	duo_close(&self->duo);
}

/* Bytes go both ways between a socket and a stream of the peer. */
#define ASSERT_WORKS(_fd, _sid) do {					\
	const __u16 __sid = (_sid);					\
	const int __fd = (_fd);						\
									\
	ASSERT_EQ(0, peer_send(self->peer, __sid, ABC));		\
	ASSERT_LE(0, poll_until(__fd, POLLIN));				\
	ASSERT_EQ(3, recv(__fd, self->buf, sizeof(self->buf), 0));	\
	ASSERT_EQ(3, write(__fd, "abc", 3));				\
	ASSERT_EQ(0, peer_expect(self->peer, __sid, ABC));		\
} while (0)

#define ASSERT_CONNECTS(_fd, _sid) do {					\
	const int __new = (_fd);					\
	__u16 *__to = (_sid);						\
									\
	ASSERT_EQ(0, connect(__new, &self->remote.sa,			\
			     self->remote.len));			\
	ASSERT_EQ(0, peer_answer_open(self->peer, __to));		\
	ASSERT_WORKS(__new, *__to);					\
} while (0)

/* "opens a substream on it from either side" */
TEST_F(attach, connect_opens_a_substream_on_it)
{
	int i, fd, odd = variant->side == DUO_KERNEL_ACCEPTS;
	__u16 sid;

	for (i = 0; i < 3; i++) {
		fd = sub_attached(self->fd);
		ASSERT_LE(0, fd);
		ASSERT_CONNECTS(fd, &sid);
		EXPECT_EQ(odd, sid % 2);
		EXPECT_EQ(sub_assoc_id(self->fd), sub_assoc_id(fd));
		close(fd);
	}
	ASSERT_WORKS(self->fd, self->duo.sid);
}

TEST_F(attach, connect_that_does_not_block_is_done_at_once)
{
	int fd = sub_attached(self->fd);
	__u16 sid;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, set_nonblock(fd, true));
	ASSERT_CONNECTS(fd, &sid);
	ASSERT_ERRNO(EISCONN, connect(fd, &self->remote.sa, self->remote.len));
	close(fd);
}

/* "the address must be one of that peer's" */
TEST_F(attach, connect_wants_an_address_of_the_peer)
{
	struct addr addr = self->remote;
	int fd = sub_attached(self->fd);
	__u16 sid;

	ASSERT_LE(0, fd);
	addr.in4.sin_port ^= htons(1);
	ASSERT_ERRNO(EINVAL, connect(fd, &addr.sa, addr.len));
	ASSERT_EQ(0, addr_parse(&addr, variant->family == AF_INET ?
				"127.0.0.9" : "2001:db8::9",
				addr_port(&self->remote)));
	ASSERT_ERRNO(EINVAL, connect(fd, &addr.sa, addr.len));
	/* It can still be used. */
	ASSERT_CONNECTS(fd, &sid);
	close(fd);
}

/* The association lasts longer than the substream it was found by. */
TEST_F(attach, connect_does_not_need_the_first_substream)
{
	int fd = sub_attached(self->fd);
	__u16 sid;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, close(self->fd));
	self->duo.fd = -1;
	ASSERT_CONNECTS(fd, &sid);
	close(fd);
}

TEST_F(attach, names_are_those_of_the_association)
{
	struct addr local, seen;
	int fd = sub_attached(self->fd);
	__u16 sid;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, addr_local(self->fd, &local));
	ASSERT_EQ(0, addr_local(fd, &seen));
	EXPECT_TRUE(addr_same(&local, &seen));
	ASSERT_ERRNO(ENOTCONN, addr_remote(fd, &seen));
	ASSERT_CONNECTS(fd, &sid);
	ASSERT_EQ(0, addr_local(fd, &seen));
	EXPECT_TRUE(addr_same(&local, &seen));
	ASSERT_EQ(0, addr_remote(fd, &seen));
	EXPECT_TRUE(addr_same(&self->remote, &seen));
	close(fd);
}

/* "listen/accept take the substreams that the peer opens on it" */
TEST_F(attach, listen_takes_the_substreams_of_the_peer)
{
	int i, fd, listener = sub_attached(self->fd);
	struct addr seen;

	ASSERT_LE(0, listener);
	ASSERT_EQ(0, listen(listener, 5));
	EXPECT_EQ(1, get_int(listener, SOL_SOCKET, SO_ACCEPTCONN));
	for (i = 0; i < 3; i++, self->sid += 2) {
		EXPECT_EQ(0, poll_now(listener, POLLIN));
		ASSERT_EQ(0, peer_open(self->peer, self->sid));
		fd = sub_accept(listener);
		ASSERT_LE(0, fd);
		ASSERT_WORKS(fd, self->sid);
		ASSERT_EQ(0, addr_remote(fd, &seen));
		EXPECT_TRUE(addr_same(&self->remote, &seen));
		EXPECT_EQ(self->sid, sub_get(fd, WRTCSUB_STREAM_ID));
		close(fd);
	}
	close(listener);
}

TEST_F(attach, listen_hands_so_keepalive_down)
{
	int listener = sub_attached(self->fd), on = 1, fd;

	ASSERT_LE(0, listener);
	ASSERT_EQ(0, listen(listener, 5));
	ASSERT_EQ(0, setsockopt(listener, SOL_SOCKET, SO_KEEPALIVE, &on,
				sizeof(on)));
	ASSERT_EQ(0, peer_open(self->peer, self->sid));
	fd = sub_accept(listener);
	ASSERT_LE(0, fd);
	EXPECT_EQ(1, get_int(fd, SOL_SOCKET, SO_KEEPALIVE));
	ASSERT_WORKS(fd, self->sid);
	close(fd);
	close(listener);
}

TEST_F(attach, listen_gives_sockets_of_the_listeners_type)
{
	int listener, fd;

	sub_type = SOCK_SEQPACKET;
	listener = sub_attached(self->fd);
	ASSERT_LE(0, listener);
	ASSERT_EQ(0, listen(listener, 5));
	ASSERT_EQ(0, peer_open(self->peer, self->sid));
	fd = sub_accept(listener);
	ASSERT_LE(0, fd);
	EXPECT_EQ(SOCK_SEQPACKET, get_int(fd, SOL_SOCKET, SO_TYPE));
	ASSERT_WORKS(fd, self->sid);
	close(fd);
	close(listener);
}

TEST_F(attach, listen_has_a_backlog)
{
	int listener = sub_attached(self->fd);

	ASSERT_LE(0, listener);
	ASSERT_EQ(0, listen(listener, 0));
	ASSERT_EQ(0, peer_open(self->peer, self->sid));
	ASSERT_EQ(0, peer_send_ppid(self->peer, self->sid + 2, PPID_DCEP,
				    DCEP_OPEN));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid + 2,
				 WIRE_RESET_STREAM));
	close(listener);
}

/* One socket may listen on an association. */
TEST_F(attach, listen_twice_is_eaddrinuse)
{
	int one = sub_attached(self->fd), two = sub_attached(self->fd);
	int fd;

	ASSERT_LE(0, one);
	ASSERT_LE(0, two);
	ASSERT_EQ(0, listen(one, 5));
	ASSERT_ERRNO(EADDRINUSE, listen(two, 5));
	ASSERT_EQ(0, listen(one, 1));
	ASSERT_EQ(0, close(one));
	ASSERT_EQ(0, listen(two, 5));
	ASSERT_EQ(0, peer_open(self->peer, self->sid));
	fd = sub_accept(two);
	ASSERT_LE(0, fd);
	close(fd);
	close(two);
}

/* What comes on other associations goes where it went before. */
TEST_F(attach, listen_leaves_other_associations_alone)
{
	struct peer other;
	int listener, fd;

	if (variant->side == DUO_KERNEL_CONNECTS)
		return;
	listener = sub_attached(self->fd);
	ASSERT_LE(0, listener);
	ASSERT_EQ(0, listen(listener, 5));
	ASSERT_EQ(0, peer_connect(&other, &self->duo.addr, 0));
	ASSERT_EQ(0, peer_open(&other, 0));
	EXPECT_EQ(0, poll_now(listener, POLLIN));
	fd = sub_accept(self->duo.listener);
	ASSERT_LE(0, fd);
	close(fd);
	close(listener);
	peer_close(&other);
}

/* When it goes, the listener of the port has its place; one that dialled has
 * none.
 */
TEST_F(attach, listen_no_more_leaves_it_to_the_port)
{
	int listener = sub_attached(self->fd), fd;

	ASSERT_LE(0, listener);
	ASSERT_EQ(0, listen(listener, 5));
	ASSERT_EQ(0, peer_open(self->peer, self->sid));
	ASSERT_LE(0, poll_until(listener, POLLIN));
	ASSERT_EQ(0, close(listener));
	/* What nobody has accepted. */
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_RESET_STREAM));

	self->sid += 2;
	if (variant->side == DUO_KERNEL_ACCEPTS) {
		ASSERT_EQ(0, peer_open(self->peer, self->sid));
		fd = sub_accept(self->duo.listener);
		ASSERT_LE(0, fd);
		ASSERT_WORKS(fd, self->sid);
		close(fd);
	} else {
		ASSERT_EQ(0, peer_send_ppid(self->peer, self->sid, PPID_DCEP,
					    DCEP_OPEN));
		ASSERT_EQ(0, peer_expect(self->peer, self->sid,
					 WIRE_RESET_STREAM));
	}
	ASSERT_WORKS(self->fd, self->duo.sid);
}

/* Wrong descriptors. */
TEST_F(attach, to_what_is_no_substream)
{
	int fd = sub_socket(0), other = sub_socket(0), fds[2];
	struct addr addr;
	__u16 sid;

	ASSERT_LE(0, fd);
	ASSERT_LE(0, other);
	ASSERT_ERRNO(EBADF, sub_set(fd, WRTCSUB_ATTACH, -1));
	ASSERT_ERRNO(EBADF, sub_set(fd, WRTCSUB_ATTACH, 9999));
	ASSERT_EQ(0, pipe(fds));
	ASSERT_ERRNO(ENOTSOCK, sub_set(fd, WRTCSUB_ATTACH, fds[0]));
	ASSERT_ERRNO(EINVAL, sub_set(fd, WRTCSUB_ATTACH, self->peer->fd));
	/* Not connected, as yet or at all. */
	ASSERT_ERRNO(ENOTCONN, sub_set(fd, WRTCSUB_ATTACH, fd));
	ASSERT_ERRNO(ENOTCONN, sub_set(fd, WRTCSUB_ATTACH, other));
	close(other);
	other = sub_listen(variant->family, &addr);
	ASSERT_LE(0, other);
	ASSERT_ERRNO(ENOTCONN, sub_set(fd, WRTCSUB_ATTACH, other));
	/* None of it has done any harm. */
	ASSERT_EQ(0, sub_set(fd, WRTCSUB_ATTACH, self->fd));
	ASSERT_CONNECTS(fd, &sid);
	close(fd);
	close(other);
	close(fds[0]);
	close(fds[1]);
}

TEST_F(attach, to_a_substream_of_another_namespace_is_einval)
{
	int fd;

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	fd = sub_socket(0);
	ASSERT_LE(0, fd);
	ASSERT_ERRNO(EINVAL, sub_set(fd, WRTCSUB_ATTACH, self->fd));
	close(fd);
}

/* "unconnected" */
TEST_F(attach, is_too_late)
{
	int fd = sub_attached(self->fd);
	struct addr addr;
	__u16 sid;

	ASSERT_LE(0, fd);
	ASSERT_CONNECTS(fd, &sid);
	ASSERT_ERRNO(EISCONN, sub_set(fd, WRTCSUB_ATTACH, self->fd));
	close(fd);
	fd = sub_listen(variant->family, &addr);
	ASSERT_LE(0, fd);
	ASSERT_ERRNO(EINVAL, sub_set(fd, WRTCSUB_ATTACH, self->fd));
	close(fd);
	addr_loopback(&addr, variant->family, 0);
	fd = sub_bound(&addr);
	ASSERT_LE(0, fd);
	ASSERT_ERRNO(EINVAL, sub_set(fd, WRTCSUB_ATTACH, self->fd));
	close(fd);
}

/* The association has its binding. */
TEST_F(attach, lets_nothing_be_bound)
{
	int fd = sub_attached(self->fd);
	struct addr addr;

	ASSERT_LE(0, fd);
	addr_loopback(&addr, variant->family, 0);
	ASSERT_ERRNO(EINVAL, bind(fd, &addr.sa, addr.len));
	close(fd);
}

TEST_F(attach, again_is_to_the_last)
{
	struct addr addr;
	int fd, listener, other;

	listener = sub_listen(variant->family, &addr);
	ASSERT_LE(0, listener);
	other = sub_connect(&addr);
	ASSERT_LE(0, other);
	fd = sub_attached(self->fd);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, sub_set(fd, WRTCSUB_ATTACH, other));
	ASSERT_ERRNO(EINVAL, connect(fd, &self->remote.sa, self->remote.len));
	ASSERT_EQ(0, connect(fd, &addr.sa, addr.len));
	EXPECT_EQ(sub_assoc_id(other), sub_assoc_id(fd));
	EXPECT_NE(sub_assoc_id(self->fd), sub_assoc_id(fd));
	close(fd);
	close(other);
	close(listener);
}

/* The end of the association. */

TEST_F(attach, to_an_association_that_has_ended)
{
	int fd;

	ASSERT_EQ(0, peer_abort(self->peer));
	ASSERT_LE(0, poll_until(self->fd, POLLERR));
	fd = sub_attached(self->fd);
	ASSERT_LE(0, fd);
	ASSERT_ERRNO(ECONNRESET,
		     connect(fd, &self->remote.sa, self->remote.len));
	ASSERT_ERRNO(ECONNRESET, listen(fd, 5));
	EXPECT_EQ(0, get_int(fd, SOL_SOCKET, SO_ACCEPTCONN));
	close(fd);
}

TEST_F(attach, connect_after_the_end_is_econnreset)
{
	int fd = sub_attached(self->fd);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, peer_abort(self->peer));
	ASSERT_LE(0, poll_until(self->fd, POLLERR));
	ASSERT_ERRNO(ECONNRESET,
		     connect(fd, &self->remote.sa, self->remote.len));
	close(fd);
}

TEST_F(attach, listen_is_told_of_the_end)
{
	int listener = sub_attached(self->fd);
	struct call acceptor;

	ASSERT_LE(0, listener);
	ASSERT_EQ(0, listen(listener, 5));
	ASSERT_EQ(0, call_start(&acceptor, call_accept, listener, 0, NULL, 0));
	ASSERT_EQ(0, call_wait_blocked(&acceptor, __NR_accept4));
	ASSERT_EQ(0, peer_abort(self->peer));
	ASSERT_CALL(-1, ECONNRESET, &acceptor);
	EXPECT_EQ(POLLIN | POLLRDHUP | POLLHUP,
		  poll_now(listener, POLLIN | POLLRDHUP));
	ASSERT_ERRNO(EINVAL, accept(listener, NULL, NULL));
	close(listener);
}

TEST_F(attach, listen_polls_in_at_the_end)
{
	int listener = sub_attached(self->fd);
	struct call poller;

	ASSERT_LE(0, listener);
	ASSERT_EQ(0, listen(listener, 5));
	ASSERT_EQ(0, call_start(&poller, call_poll, listener, POLLIN, NULL,
				0));
	ASSERT_EQ(0, call_wait_blocked(&poller, __NR_ppoll));
	ASSERT_EQ(0, peer_abort(self->peer));
	ASSERT_CALL(POLLIN | POLLERR | POLLHUP, 0, &poller);
	EXPECT_EQ(ECONNRESET, get_int(listener, SOL_SOCKET, SO_ERROR));
	close(listener);
}

/* What came before can be accepted, and has the error. */
TEST_F(attach, listen_gives_what_came_before_the_end)
{
	int listener = sub_attached(self->fd), fd;

	ASSERT_LE(0, listener);
	ASSERT_EQ(0, listen(listener, 5));
	ASSERT_EQ(0, peer_open(self->peer, self->sid));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, ABC));
	/* An answer on another stream would not say that this has come. */
	ASSERT_UNTIL(netns_counter("RxBytes") == 3);
	ASSERT_EQ(0, peer_abort(self->peer));
	ASSERT_LE(0, poll_until(self->fd, POLLERR));
	fd = sub_accept(listener);
	ASSERT_LE(0, fd);
	ASSERT_EQ(3, recv(fd, self->buf, sizeof(self->buf), 0));
	ASSERT_ERRNO(ECONNRESET, recv(fd, self->buf, 1, 0));
	close(fd);
	close(listener);
}

/* "An association without substreams for idle_timeout_ms is shut down" */
TEST_F(attach, does_not_keep_an_association_without_substreams)
{
	int listener;

	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/idle_timeout_ms", 200));
	listener = sub_attached(self->fd);
	ASSERT_LE(0, listener);
	ASSERT_EQ(0, listen(listener, 5));
	ASSERT_EQ(0, set_linger(self->fd, 1, 0));
	ASSERT_EQ(0, close(self->fd));
	self->duo.fd = -1;
	ASSERT_EQ(0, peer_expect_kind(self->peer, PEER_SHUTDOWN));
	ASSERT_LE(0, poll_until(listener, POLLHUP));
	close(listener);
}

/* A peer with two addresses. */
TEST(attach_takes_each_address_of_the_peer)
{
	struct addr addr, second;
	struct peer peer;
	int fd, listener, attached;
	__u16 sid;

	ASSERT_EQ(0, netns_private());
	listener = peer_listen(AF_INET, &addr, 0);
	ASSERT_LE(0, listener);
	ASSERT_EQ(0, addr_parse(&second, "127.0.0.2", addr_port(&addr)));
	ASSERT_EQ(0, setsockopt(listener, SOL_SCTP, SCTP_SOCKOPT_BINDX_ADD,
				&second.in4, sizeof(second.in4)));
	fd = sub_connect(&addr);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, peer_accept(&peer, listener));
	ASSERT_EQ(0, peer_answer_open(&peer, &sid));
	attached = sub_attached(fd);
	ASSERT_LE(0, attached);
	ASSERT_EQ(0, connect(attached, &second.sa, second.len));
	ASSERT_EQ(0, peer_answer_open(&peer, &sid));
	EXPECT_EQ(2, sid);
	close(attached);
	close(fd);
	close(listener);
	peer_close(&peer);
}

TEST_HARNESS_MAIN
