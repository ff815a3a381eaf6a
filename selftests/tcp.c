// SPDX-License-Identifier: GPL-2.0
/*
 * What a program that was written for TCP sees under "wrtcsub run": nothing that
 * it would not see of TCP, and substreams on the wire.
 */

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/syscall.h>
#include <linux/tcp.h>

#include "lib/harness.h"
#include "lib/net.h"

FIXTURE(tcp)
{
	struct addr addr;
	int listener;
	int client;
	int server;
};

FIXTURE_VARIANT(tcp)
{
	int family;
};

FIXTURE_VARIANT_ADD(tcp, ipv4)
{
	.family = AF_INET,
};

FIXTURE_VARIANT_ADD(tcp, ipv6)
{
	.family = AF_INET6,
};

FIXTURE_SETUP(tcp)
{
	ASSERT_EQ(0, netns_private());
	/* Even a machine that stalls acknowledges a FIN in time. */
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/fin_ack_timeout_ms", 60000));
	addr_loopback(&self->addr, variant->family, 5000);
	self->listener = socket(variant->family, SOCK_STREAM, 0);
	ASSERT_LE(0, self->listener);
	ASSERT_EQ(0, bind(self->listener, &self->addr.sa, self->addr.len));
	ASSERT_EQ(0, listen(self->listener, 8));
	self->client = socket(variant->family, SOCK_STREAM, IPPROTO_TCP);
	ASSERT_LE(0, self->client);
	ASSERT_EQ(0, connect(self->client, &self->addr.sa, self->addr.len));
	self->server = accept(self->listener, NULL, NULL);
	ASSERT_LE(0, self->server);
}

FIXTURE_TEARDOWN(tcp)
{
	close(self->client);
	close(self->server);
	close(self->listener);
}

/* What the kernel says, not what the library says. */
static int true_domain(int fd)
{
	socklen_t len = sizeof(int);
	int domain = -1;

	syscall(SYS_getsockopt, fd, SOL_SOCKET, SO_DOMAIN, &domain, &len);
	return domain;
}

/* clang's analyzer knows what must not be NULL. */
static void *nowhere;

static int set_tcp(int fd, int option, int value)
{
	return setsockopt(fd, IPPROTO_TCP, option, &value, sizeof(value));
}

TEST_F(tcp, sockets_are_substreams)
{
	ASSERT_EQ(AF_WRTCSUB, true_domain(self->listener));
	ASSERT_EQ(AF_WRTCSUB, true_domain(self->client));
	ASSERT_EQ(AF_WRTCSUB, true_domain(self->server));
}

TEST_F(tcp, sockets_say_that_they_are_tcp)
{
	int fds[] = { self->listener, self->client, self->server };
	char byte = 1;
	socklen_t len;
	size_t i;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(variant->family,
			  get_int(fds[i], SOL_SOCKET, SO_DOMAIN));
		ASSERT_EQ(IPPROTO_TCP,
			  get_int(fds[i], SOL_SOCKET, SO_PROTOCOL));
		ASSERT_EQ(SOCK_STREAM, get_int(fds[i], SOL_SOCKET, SO_TYPE));
	}
	/* As much as there is room for. */
	len = 1;
	ASSERT_EQ(0, getsockopt(self->client, SOL_SOCKET, SO_DOMAIN, &byte,
				&len));
	ASSERT_EQ(1u, len);
	ASSERT_EQ(variant->family, byte);
}

TEST_F(tcp, addresses_are_of_its_family)
{
	struct addr local, remote;

	ASSERT_EQ(0, addr_local(self->client, &local));
	ASSERT_EQ(0, addr_remote(self->server, &remote));
	ASSERT_EQ(variant->family, local.sa.sa_family);
	ASSERT_TRUE(addr_same(&local, &remote));
	ASSERT_EQ(0, addr_remote(self->client, &remote));
	ASSERT_TRUE(addr_same(&self->addr, &remote));
}

TEST_F(tcp, connections_share_an_association)
{
	struct wrtcsub_info first, second;
	int fd;

	fd = socket(variant->family, SOCK_STREAM, 0);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, connect(fd, &self->addr.sa, self->addr.len));
	ASSERT_EQ(0, sub_info(self->client, &first));
	ASSERT_EQ(0, sub_info(fd, &second));
	ASSERT_EQ(first.wi_assoc_id, second.wi_assoc_id);
	ASSERT_NE(first.wi_stream_id, second.wi_stream_id);
	close(fd);
}

TEST_F(tcp, bytes_go_both_ways_and_end)
{
	char buf[16];

	ASSERT_EQ(5, write(self->client, "query", 5));
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	ASSERT_EQ(5, sub_read_all(self->server, buf, sizeof(buf)));
	ASSERT_EQ(0, memcmp("query", buf, 5));
	ASSERT_EQ(6, write(self->server, "answer", 6));
	ASSERT_EQ(0, close(self->server));
	ASSERT_EQ(6, sub_read_all(self->client, buf, sizeof(buf)));
	ASSERT_EQ(0, memcmp("answer", buf, 6));
}

/* The peer's end of the link is down: a shutdown that waited would wait. */
TEST_F(tcp, shutdown_does_not_wait_for_the_peer)
{
	ASSERT_EQ(0, link_set_up("lo", false));
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	ASSERT_EQ(0, shutdown(self->server, SHUT_WR));
	ASSERT_EQ(0, link_set_up("lo", true));
}

TEST_F(tcp, a_refused_connection_is_refused)
{
	struct addr nobody = self->addr;
	int fd;

	nobody.in4.sin_port = htons(5001);
	fd = socket(variant->family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	ASSERT_LE(0, fd);
	ASSERT_ERRNO(EINPROGRESS, connect(fd, &nobody.sa, nobody.len));
	ASSERT_LE(0, poll_until(fd, POLLOUT));
	/* The error may be seen a moment before the rest. */
	ASSERT_UNTIL(POLLOUT & poll_now(fd, POLLOUT));
	ASSERT_EQ(ECONNREFUSED, get_int(fd, SOL_SOCKET, SO_ERROR));
	close(fd);
}

/* With TCP those that are too many are tried again, until they are accepted. */
TEST_F(tcp, more_connect_than_were_asked_for)
{
	int fds[40], i;

	ASSERT_EQ(0, listen(self->listener, 1));
	for (i = 0; i < 40; i++) {
		fds[i] = socket(variant->family, SOCK_STREAM, 0);
		ASSERT_LE(0, fds[i]);
		ASSERT_EQ(0, connect(fds[i], &self->addr.sa, self->addr.len));
		ASSERT_EQ(1, write(fds[i], "x", 1));
	}
	for (i = 0; i < 40; i++) {
		close(self->server);
		self->server = accept(self->listener, NULL, NULL);
		ASSERT_LE(0, self->server);
		close(fds[i]);
	}
}

TEST_F(tcp, nodelay_and_cork_are_opposites)
{
	ASSERT_EQ(0, set_tcp(self->client, TCP_NODELAY, 0));
	ASSERT_EQ(0, sub_get(self->client, WRTCSUB_NODELAY));
	ASSERT_EQ(1, get_int(self->client, IPPROTO_TCP, TCP_CORK));
	ASSERT_EQ(0, set_tcp(self->client, TCP_NODELAY, 1));
	ASSERT_EQ(1, sub_get(self->client, WRTCSUB_NODELAY));
	ASSERT_EQ(0, set_tcp(self->client, TCP_CORK, 1));
	ASSERT_EQ(0, get_int(self->client, IPPROTO_TCP, TCP_NODELAY));
	ASSERT_EQ(0, set_tcp(self->client, TCP_CORK, 0));
	ASSERT_EQ(1, get_int(self->client, IPPROTO_TCP, TCP_NODELAY));
}

TEST_F(tcp, the_user_timeout_is_that_of_the_end)
{
	ASSERT_EQ(0, set_tcp(self->client, TCP_USER_TIMEOUT, 1234));
	ASSERT_EQ(1234, sub_get(self->client, WRTCSUB_FIN_ACK_TIMEOUT));
	ASSERT_EQ(1234, get_int(self->client, IPPROTO_TCP, TCP_USER_TIMEOUT));
	ASSERT_EQ(0, set_tcp(self->client, TCP_USER_TIMEOUT, 1000000));
	ASSERT_EQ(600000, sub_get(self->client, WRTCSUB_FIN_ACK_TIMEOUT));
	ASSERT_EQ(0, set_tcp(self->client, TCP_USER_TIMEOUT, 0));
	ASSERT_EQ(netns_get_sysctl("net/wrtcsub/fin_ack_timeout_ms"),
		  sub_get(self->client, WRTCSUB_FIN_ACK_TIMEOUT));
	ASSERT_ERRNO(EINVAL, set_tcp(self->client, TCP_USER_TIMEOUT, -1));
}

static bool get_info(int fd, struct tcp_info *info)
{
	socklen_t len = sizeof(*info);

	memset(info, 0xff, sizeof(*info));
	return !getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &len) &&
	       len == sizeof(*info);
}

static int tcp_state(int fd)
{
	struct tcp_info info;

	return get_info(fd, &info) ? info.tcpi_state : -1;
}

/* The numbers of include/net/tcp_states.h. */
enum {
	ESTABLISHED = 1, FIN_WAIT2 = 5, CLOSED = 7, CLOSE_WAIT = 8,
	LISTENING = 10,
};

TEST_F(tcp, the_state_is_that_of_tcp)
{
	int fd = socket(variant->family, SOCK_STREAM, 0);

	ASSERT_LE(0, fd);
	ASSERT_EQ(CLOSED, tcp_state(fd));
	close(fd);
	ASSERT_EQ(LISTENING, tcp_state(self->listener));
	ASSERT_EQ(ESTABLISHED, tcp_state(self->client));
	ASSERT_EQ(ESTABLISHED, tcp_state(self->server));
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	ASSERT_UNTIL(tcp_state(self->client) == FIN_WAIT2);
	ASSERT_UNTIL(tcp_state(self->server) == CLOSE_WAIT);
	ASSERT_EQ(0, shutdown(self->server, SHUT_WR));
	ASSERT_UNTIL(tcp_state(self->client) == CLOSED);
}

TEST_F(tcp, info_counts_bytes)
{
	struct wrtcsub_info before, after;
	struct tcp_info info;
	socklen_t len;
	char buf[8];

	ASSERT_EQ(5, write(self->client, "query", 5));
	ASSERT_EQ(5, recv(self->server, buf, 5, MSG_WAITALL));
	/* They are counted just after they have gone, or have come. */
	ASSERT_UNTIL(get_info(self->server, &info) &&
		     info.tcpi_bytes_received == 5);
	EXPECT_EQ(0u, info.tcpi_bytes_sent);
	ASSERT_UNTIL(get_info(self->client, &info) &&
		     info.tcpi_bytes_sent == 5);
	EXPECT_EQ(0u, info.tcpi_bytes_received);
	EXPECT_LT(0u, info.tcpi_snd_cwnd * info.tcpi_snd_mss);
	/* A machine that stalls sends again. */
	ASSERT_EQ(0, sub_info(self->client, &before));
	ASSERT_TRUE(get_info(self->client, &info));
	ASSERT_EQ(0, sub_info(self->client, &after));
	EXPECT_LE(before.wi_assoc_rtx_chunks, info.tcpi_total_retrans);
	EXPECT_GE(after.wi_assoc_rtx_chunks, info.tcpi_total_retrans);
	/* Programs of old know less of it. */
	len = 10;
	memset(&info, 0xff, sizeof(info));
	ASSERT_EQ(0, getsockopt(self->client, IPPROTO_TCP, TCP_INFO, &info,
				&len));
	EXPECT_EQ(10u, len);
	EXPECT_EQ(0xff, ((unsigned char *)&info)[10]);
}

/* A frame is what a segment with data is.  It is counted before its bytes. */
TEST_F(tcp, info_counts_segments)
{
	struct tcp_info info;
	int i;

	for (i = 1; i <= 2; i++) {
		ASSERT_EQ(5, write(self->client, "query", 5));
		ASSERT_UNTIL(get_info(self->server, &info) &&
			     info.tcpi_bytes_received == 5u * i);
		EXPECT_EQ((unsigned int)i, info.tcpi_data_segs_in);
		EXPECT_EQ(0u, info.tcpi_data_segs_out);
		ASSERT_UNTIL(get_info(self->client, &info) &&
			     info.tcpi_bytes_sent == 5u * i);
		EXPECT_EQ((unsigned int)i, info.tcpi_data_segs_out);
		EXPECT_EQ(0u, info.tcpi_data_segs_in);
	}
}

/* In microseconds, of a path that takes its time. */
TEST_F(tcp, info_has_the_round_trip)
{
	struct wrtcsub_info want;
	struct tcp_info info;
	int fd, server;
	char buf[8];

	ASSERT_EQ(0, run("tc qdisc add dev lo root netem delay 100ms"));
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/share_assocs", 0));
	fd = socket(variant->family, SOCK_STREAM, 0);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, connect(fd, &self->addr.sa, self->addr.len));
	ASSERT_EQ(5, write(fd, "query", 5));
	server = accept(self->listener, NULL, NULL);
	ASSERT_LE(0, server);
	ASSERT_EQ(5, recv(server, buf, 5, MSG_WAITALL));
	ASSERT_UNTIL(get_info(fd, &info) && info.tcpi_rtt >= 190000);
	ASSERT_UNTIL(!sub_info(fd, &want) && get_info(fd, &info) &&
		     info.tcpi_rtt == want.wi_assoc_srtt_ms * 1000);
	close(server);
	close(fd);
}

/* Both windows, where nothing is under way. */
TEST_F(tcp, info_has_the_windows)
{
	struct wrtcsub_info want;
	struct tcp_info info;

	ASSERT_UNTIL(!sub_info(self->client, &want) &&
		     get_info(self->client, &info) &&
		     info.tcpi_snd_wnd == want.wi_assoc_peer_rwnd &&
		     info.tcpi_snd_cwnd == want.wi_assoc_cwnd);
	EXPECT_LT(100000u, info.tcpi_snd_wnd);
	EXPECT_LT(1500u, info.tcpi_snd_cwnd);
	EXPECT_NE(info.tcpi_snd_wnd, info.tcpi_snd_cwnd);
	EXPECT_EQ(1u, info.tcpi_snd_mss);
}

/* What SCTP has not taken, of a peer that does not read. */
TEST_F(tcp, info_has_what_is_not_sent)
{
	struct tcp_info info;
	ssize_t filled;

	ASSERT_TRUE(get_info(self->client, &info));
	EXPECT_EQ(0u, info.tcpi_notsent_bytes);
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/assoc_rmem", 65536));
	filled = sub_overfill(self->client, 1);
	ASSERT_LT(0, filled);
	ASSERT_UNTIL(get_info(self->client, &info) &&
		     info.tcpi_bytes_sent + info.tcpi_notsent_bytes ==
		     (unsigned long long)filled);
	EXPECT_LT(0u, info.tcpi_notsent_bytes);
}

TEST_F(tcp, what_has_no_counterpart_is_no_option)
{
	static const int options[] = {
		TCP_MAXSEG, TCP_KEEPIDLE, TCP_DEFER_ACCEPT, TCP_CONGESTION,
		TCP_FASTOPEN, TCP_ULP, 9999,
	};
	socklen_t len;
	size_t i;
	int value;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		len = sizeof(value);
		ASSERT_ERRNO(ENOPROTOOPT, set_tcp(self->client, options[i], 1));
		ASSERT_ERRNO(ENOPROTOOPT,
			     getsockopt(self->client, IPPROTO_TCP, options[i],
					&value, &len));
	}
	ASSERT_ERRNO(ENOPROTOOPT, set_tcp(self->client, TCP_INFO, 1));
	ASSERT_ERRNO(EINVAL, setsockopt(self->client, IPPROTO_TCP, TCP_NODELAY,
					&value, 3));
}

TEST_F(tcp, what_is_nowhere_is_a_bad_address)
{
	int unix_fd = socket(AF_UNIX, SOCK_STREAM, 0);
	socklen_t len = sizeof(int);

	ASSERT_LE(0, unix_fd);
	ASSERT_ERRNO(EFAULT, connect(unix_fd, nowhere, 16));
	close(unix_fd);
	ASSERT_ERRNO(EFAULT, setsockopt(self->client, IPPROTO_TCP, TCP_NODELAY,
					nowhere, len));
	ASSERT_ERRNO(EFAULT, getsockopt(self->client, IPPROTO_TCP, TCP_NODELAY,
					nowhere, &len));
	ASSERT_ERRNO(EFAULT, getsockopt(self->client, IPPROTO_TCP, TCP_NODELAY,
					&len, nowhere));
	ASSERT_ERRNO(EFAULT, getsockopt(self->client, SOL_SOCKET, SO_DOMAIN,
					nowhere, &len));
	/* It takes no room. */
	len = 0;
	ASSERT_EQ(0, getsockopt(self->client, IPPROTO_TCP, TCP_NODELAY,
				nowhere, &len));
}

TEST_F(tcp, what_is_not_tcp_stays_as_it_is)
{
	int udp, unix_fd;

	udp = socket(variant->family, SOCK_DGRAM, 0);
	ASSERT_EQ(variant->family, true_domain(udp));
	ASSERT_EQ(-1, set_tcp(udp, TCP_NODELAY, 1));
	unix_fd = socket(AF_UNIX, SOCK_STREAM, 0);
	ASSERT_EQ(AF_UNIX, true_domain(unix_fd));
	ASSERT_EQ(AF_UNIX, get_int(unix_fd, SOL_SOCKET, SO_DOMAIN));
	ASSERT_EQ(0, get_int(unix_fd, SOL_SOCKET, SO_PROTOCOL));
	ASSERT_ERRNO(EPROTONOSUPPORT,
		     socket(variant->family, SOCK_STREAM, IPPROTO_MPTCP));
	close(udp);
	close(unix_fd);
}

TEST_F(tcp, a_child_has_substreams_as_well)
{
	const char *dev = variant->family == AF_INET ? "127.0.0.1" : "::1";

	ASSERT_EQ(0, shell("bash -c 'exec 3<> /dev/tcp/%s/5000 && echo hello >&3'",
			   dev));
	ASSERT_EQ(0, shell("! grep -q :1388 /proc/net/tcp /proc/net/tcp6"));
	ASSERT_LE(0, accept(self->listener, NULL, NULL));
}

TEST_HARNESS_MAIN
