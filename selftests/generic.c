// SPDX-License-Identifier: GPL-2.0
/* Generic options (socket(7)) and flags of recv(2) and send(2) whose effect is
 * seen here.
 */

#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <time.h>

#include "lib/capture.h"
#include "lib/harness.h"
#include "lib/net.h"
#include "lib/sctp.h"

#define NSEC_PER_SEC	1000000000LL

FIXTURE(generic)
{
	struct addr addr;
	int listener;
	int client;
	int server;
	char buf[64];
};

FIXTURE_VARIANT(generic)
{
	int type;
};

FIXTURE_VARIANT_ADD(generic, stream)
{
	.type = SOCK_STREAM,
};

FIXTURE_VARIANT_ADD(generic, seqpacket)
{
	.type = SOCK_SEQPACKET,
};

FIXTURE_SETUP(generic)
{
	ASSERT_EQ(0, netns_private());
	sub_type = variant->type;
	self->listener = sub_listen(AF_INET, &self->addr);
	ASSERT_LE(0, self->listener);
	self->client = sub_connect(&self->addr);
	ASSERT_LE(0, self->client);
	self->server = sub_accept(self->listener);
	ASSERT_LE(0, self->server);
}

FIXTURE_TEARDOWN(generic)
{
	close(self->client);
	close(self->server);
	close(self->listener);
}

static int set_generic(int fd, int option, int value)
{
	return setsockopt(fd, SOL_SOCKET, option, &value, sizeof(value));
}

/* SO_SNDBUF is what a program may write before it has to wait. */
TEST_F(generic, so_sndbuf_is_what_may_be_queued)
{
	static unsigned char data[1000];
	int n, limit;

	ASSERT_EQ(0, set_generic(self->client, SO_SNDBUF, 10000));
	limit = get_int(self->client, SOL_SOCKET, SO_SNDBUF);
	EXPECT_EQ(20000, limit);
	/* What has been written goes on to SCTP until that is full as well. */
	do {
		ASSERT_LE(0, sub_fill(self->client, 1));
		ASSERT_EQ(0, ioctl(self->client, SIOCOUTQ, &n));
	} while (n < limit);
	/* A message may overshoot. */
	EXPECT_GT(limit + (variant->type == SOCK_STREAM ? 1 : 16384), n);
	/* More room lets more in. */
	ASSERT_EQ(0, set_generic(self->client, SO_SNDBUF, 100000));
	ASSERT_EQ((ssize_t)sizeof(data),
		  send(self->client, data, sizeof(data), MSG_DONTWAIT));
}

/* socket(7): what is larger than net.core.wmem_max is that.  Not each kernel has
 * it in another namespace than the first.
 */
TEST(so_sndbuf_is_cut_by_wmem_max)
{
	long max = netns_get_sysctl("net/core/wmem_max");
	int fd, tcp;

	ASSERT_LT(0, max);
	ASSERT_EQ(0, netns_private());
	fd = sub_socket(0);
	ASSERT_LE(0, fd);
	tcp = socket(AF_INET, SOCK_STREAM, 0);
	ASSERT_LE(0, tcp);
	ASSERT_EQ(0, set_generic(fd, SO_SNDBUF, max - 1));
	EXPECT_EQ(2 * (max - 1), get_int(fd, SOL_SOCKET, SO_SNDBUF));
	ASSERT_EQ(0, set_generic(fd, SO_SNDBUF, max + 1));
	EXPECT_EQ(2 * max, get_int(fd, SOL_SOCKET, SO_SNDBUF));
	ASSERT_EQ(0, set_generic(tcp, SO_SNDBUF, max + 1));
	EXPECT_EQ(2 * max, get_int(tcp, SOL_SOCKET, SO_SNDBUF));
	/* SO_SNDBUFFORCE is for who may. */
	ASSERT_EQ(0, set_generic(fd, SO_SNDBUFFORCE, max + 1));
	EXPECT_EQ(2 * (max + 1), get_int(fd, SOL_SOCKET, SO_SNDBUF));
	close(tcp);
	close(fd);
}

TEST_F(generic, so_sndbuf_made_larger_wakes_a_writer)
{
	struct call writer;
	int n;

	ASSERT_EQ(0, set_generic(self->client, SO_SNDBUF, 10000));
	ASSERT_LT(0, sub_fill(self->client, 1));
	/* SCTP may still take a little, so one message might not wait. */
	ASSERT_EQ(0, call_start(&writer, call_send_until_it_fails,
				self->client, 0, self->buf,
				sizeof(self->buf)));
	ASSERT_EQ(0, call_wait_blocked(&writer, __NR_sendto));
	ASSERT_EQ(0, ioctl(self->client, SIOCOUTQ, &n));
	ASSERT_GT(100000, n);
	ASSERT_EQ(0, set_generic(self->client, SO_SNDBUF, 100000));
	ASSERT_UNTIL(!ioctl(self->client, SIOCOUTQ, &n) && n >= 100000);
	ASSERT_EQ(0, set_linger(self->server, 1, 0));
	ASSERT_EQ(0, close(self->server));
	self->server = -1;
	ASSERT_CALL(-1, ECONNRESET, &writer);
}

/* SO_RCVBUF decides who is slow, when an association holds too much: here the
 * one that has the small buffer, not the one that holds most.
 */
TEST_F(generic, so_rcvbuf_is_what_a_reader_may_leave)
{
	static unsigned char data[16000];
	int i, client, server;

	client = sub_connect(&self->addr);
	ASSERT_LE(0, client);
	server = sub_accept(self->listener);
	ASSERT_LE(0, server);
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/assoc_rmem", 300000));
	ASSERT_EQ(0, set_generic(server, SO_RCVBUF, 1000));
	ASSERT_EQ(0, set_generic(self->server, SO_RCVBUF, 200000));
	ASSERT_EQ(0, sub_set(server, WRTCSUB_RCV_OVERFLOW,
			     WRTCSUB_OVERFLOW_RESET));
	ASSERT_EQ(0, sub_set(self->server, WRTCSUB_RCV_OVERFLOW,
			     WRTCSUB_OVERFLOW_RESET));
	ASSERT_EQ((ssize_t)sizeof(data), write(client, data, sizeof(data)));
	ASSERT_LE(0, poll_until(server, POLLIN));
	for (i = 0; i < 20; i++)
		ASSERT_EQ((ssize_t)sizeof(data),
			  write(self->client, data, sizeof(data)));
	ASSERT_LE(0, poll_until(server, POLLERR));
	EXPECT_EQ(ECONNRESET, get_int(server, SOL_SOCKET, SO_ERROR));
	EXPECT_FALSE(poll_now(self->server, POLLIN) & POLLERR);
	close(client);
	close(server);
}

/* SO_RCVTIMEO and SO_SNDTIMEO: in stream.c, connect.c and openwait.c. */

TEST_F(generic, so_rcvtimeo_is_how_long_recv_waits)
{
	long long start, took;
	int tries = 0;

	ASSERT_EQ(0, set_timeout(self->server, SO_RCVTIMEO, 500));
	/* A stall makes one of them late, but not each. */
	do {
		start = now_ms();
		ASSERT_ERRNO(EAGAIN, recv(self->server, self->buf, 1, 0));
		took = now_ms() - start;
		/* Jiffies may be many ticks behind when it begins. */
		EXPECT_LE(100, took);
	} while (took >= 2000 && ++tries < 5);
	EXPECT_GT(2000, took);
}

/* SO_RCVLOWAT waits for no more than there will be. */
TEST_F(generic, so_rcvlowat_does_not_wait_beyond_the_end)
{
	struct call reader;

	if (variant->type != SOCK_STREAM)
		return;
	ASSERT_EQ(0, set_generic(self->server, SO_RCVLOWAT, 10));
	ASSERT_EQ(3, write(self->client, "abc", 3));
	ASSERT_EQ(0, call_start(&reader, call_recv, self->server, 0,
				self->buf, sizeof(self->buf)));
	ASSERT_EQ(0, call_wait_blocked(&reader, __NR_recvfrom));
	EXPECT_EQ(0, poll_now(self->server, POLLIN));
	ASSERT_EQ(0, sub_fin_timeout(self->client, deadline_ms()));
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	ASSERT_CALL(3, 0, &reader);
	EXPECT_EQ(POLLIN, poll_now(self->server, POLLIN));
	ASSERT_EQ(0, recv(self->server, self->buf, 1, 0));
	/* More than is asked for is not waited for. */
	ASSERT_EQ(2, write(self->server, "xy", 2));
	ASSERT_EQ(0, set_generic(self->client, SO_RCVLOWAT, 10));
	ASSERT_EQ(2, recv(self->client, self->buf, 2, 0));
}

TEST_F(generic, so_type_and_its_like_are_known)
{
	const int fds[] = { self->listener, self->client, self->server };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fds); i++) {
		EXPECT_EQ(variant->type, get_int(fds[i], SOL_SOCKET, SO_TYPE));
		EXPECT_EQ(AF_WRTCSUB, get_int(fds[i], SOL_SOCKET, SO_DOMAIN));
		EXPECT_EQ(0, get_int(fds[i], SOL_SOCKET, SO_PROTOCOL));
		EXPECT_EQ(!i, get_int(fds[i], SOL_SOCKET, SO_ACCEPTCONN));
		EXPECT_EQ(0, get_int(fds[i], SOL_SOCKET, SO_ERROR));
	}
}

/* SO_REUSEADDR: substreams of an earlier listener keep the port. */
TEST_F(generic, so_reuseaddr_takes_a_port_that_is_kept)
{
	int fd;

	ASSERT_EQ(0, close(self->listener));
	fd = sub_socket(0);
	ASSERT_LE(0, fd);
	self->listener = fd;
	ASSERT_ERRNO(EADDRINUSE, bind(fd, &self->addr.sa, self->addr.len));
	ASSERT_EQ(0, set_generic(fd, SO_REUSEADDR, 1));
	ASSERT_EQ(0, bind(fd, &self->addr.sa, self->addr.len));
	ASSERT_EQ(0, listen(fd, 5));
}

/* ... but not one where somebody listens. */
TEST_F(generic, so_reuseaddr_does_not_take_the_port_of_a_listener)
{
	int fd = sub_socket(0);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, set_generic(fd, SO_REUSEADDR, 1));
	ASSERT_ERRNO(EADDRINUSE, bind(fd, &self->addr.sa, self->addr.len));
	close(fd);
}

TEST_F(generic, so_cookie_is_a_number_of_its_own)
{
	const int fds[] = { self->listener, self->client, self->server };
	__u64 cookie[3], again;
	socklen_t len;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fds); i++) {
		len = sizeof(cookie[i]);
		ASSERT_EQ(0, getsockopt(fds[i], SOL_SOCKET, SO_COOKIE,
					&cookie[i], &len));
		len = sizeof(again);
		ASSERT_EQ(0, getsockopt(fds[i], SOL_SOCKET, SO_COOKIE, &again,
					&len));
		EXPECT_EQ(cookie[i], again);
		EXPECT_NE(0ULL, again);
	}
	EXPECT_NE(cookie[0], cookie[1]);
	EXPECT_NE(cookie[0], cookie[2]);
	EXPECT_NE(cookie[1], cookie[2]);
}

/* The control message of this type that comes with the next bytes; if there is
 * none, its length is 0.
 */
static int recv_control(int fd, int type, void *data, size_t size)
{
	char control[256], c;
	struct iovec iov = { .iov_base = &c, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg;

	if (recvmsg(fd, &msg, 0) != 1)
		return -1;
	for (cmsg = CMSG_FIRSTHDR(&msg); cmsg; cmsg = CMSG_NXTHDR(&msg, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != type ||
		    cmsg->cmsg_len != CMSG_LEN(size))
			continue;
		memcpy(data, CMSG_DATA(cmsg), size);
		return size;
	}
	return 0;
}

static long long wall_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

/* Bytes come, and are read a while later: are they said to have come when they
 * did?  A kernel where nobody wanted this before needs a moment to begin.
 */
static bool stamp_is_right(int from, int to, int type)
{
	long long before, after, ns;
	struct timespec ts = {};
	struct timeval tv = {};
	int ret;

	before = wall_ns();
	if (write(from, "x", 1) != 1 || poll_until(to, POLLIN) < 0)
		return false;
	after = wall_ns();
	poll_for(to, 0, 50);
	if (type == SCM_TIMESTAMP) {
		ret = recv_control(to, type, &tv, sizeof(tv));
		ts.tv_sec = tv.tv_sec;
		ts.tv_nsec = tv.tv_usec * 1000;
		before -= 1000;
	} else {
		ret = recv_control(to, type, &ts, sizeof(ts));
	}
	ns = ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
	return ret > 0 && before <= ns && ns <= after;
}

/* SO_TIMESTAMP: when the packet came, not when it was read. */
TEST_F(generic, so_timestamp_is_when_the_bytes_came)
{
	struct timeval tv;

	ASSERT_EQ(1, write(self->client, "x", 1));
	ASSERT_EQ(0, recv_control(self->server, SCM_TIMESTAMP, &tv,
				  sizeof(tv)));
	ASSERT_EQ(0, set_generic(self->server, SO_TIMESTAMP, 1));
	ASSERT_UNTIL(stamp_is_right(self->client, self->server,
				    SCM_TIMESTAMP));
	ASSERT_EQ(0, set_generic(self->server, SO_TIMESTAMPNS, 1));
	ASSERT_UNTIL(stamp_is_right(self->client, self->server,
				    SCM_TIMESTAMPNS));
	ASSERT_EQ(0, set_generic(self->server, SO_TIMESTAMPNS, 0));
	ASSERT_EQ(1, write(self->client, "x", 1));
	ASSERT_EQ(0, recv_control(self->server, SCM_TIMESTAMP, &tv,
				  sizeof(tv)));
}

/* Each form of it, with seconds of 32 bits and of 64. */
TEST_F(generic, so_timestamp_of_a_listener_is_of_what_it_accepts)
{
	static const int forms[] = {
		SO_TIMESTAMPNS_OLD, SO_TIMESTAMPNS_NEW, SO_TIMESTAMP_OLD,
		SO_TIMESTAMP_NEW,
	};
	int client, server, form, i, k;

	for (i = 0; i < 4; i++) {
		form = forms[i];
		ASSERT_EQ(0, set_generic(self->listener, form, 1));
		client = sub_connect(&self->addr);
		ASSERT_LE(0, client);
		server = sub_accept(self->listener);
		ASSERT_LE(0, server);
		for (k = 0; k < 4; k++)
			EXPECT_EQ(get_int(self->listener, SOL_SOCKET,
					  forms[k]),
				  get_int(server, SOL_SOCKET, forms[k]));
		EXPECT_EQ(1, get_int(server, SOL_SOCKET, form));
		/* The other form has other types in 32 bits. */
		if (form == SO_TIMESTAMPNS || form == SO_TIMESTAMP)
			ASSERT_UNTIL(stamp_is_right(client, server, form));
		ASSERT_EQ(0, set_generic(self->listener, form, 0));
		close(client);
		close(server);
	}
}

/* Packets that a device has sent in a band of the qdisc "prio". */
static long band_packets(int band)
{
	FILE *file = popen("tc -s class show dev lo", "re");
	char line[256], want[32];
	long packets = -1;
	bool found = false;

	if (!file)
		return -1;
	snprintf(want, sizeof(want), "class prio 1:%d ", band);
	while (fgets(line, sizeof(line), file)) {
		if (!strncmp(line, "class ", 6))
			found = !strncmp(line, want, strlen(want));
		else if (found && packets < 0)
			sscanf(line, " Sent %*u bytes %ld pkt", &packets);
	}
	pclose(file);
	return packets;
}

/* SO_PRIORITY.  By default the qdisc puts 6 in its first band, and 0 in its
 * second.
 */
TEST_F(generic, so_priority_of_who_dials_is_that_of_its_packets)
{
	int client, server;

	ASSERT_EQ(0, system("tc qdisc add dev lo root handle 1: prio"));
	ASSERT_EQ(1, write(self->client, "x", 1));
	ASSERT_EQ(1, recv(self->server, self->buf, 1, 0));
	EXPECT_EQ(0, band_packets(1));
	client = sub_socket(0);
	ASSERT_LE(0, client);
	ASSERT_EQ(0, set_generic(client, SO_PRIORITY, 6));
	ASSERT_EQ(0, connect(client, &self->addr.sa, self->addr.len));
	server = sub_accept(self->listener);
	ASSERT_LE(0, server);
	ASSERT_EQ(1, write(client, "x", 1));
	ASSERT_EQ(1, recv(server, self->buf, 1, 0));
	EXPECT_LT(0, band_packets(1));
	close(client);
	close(server);
}

TEST_F(generic, so_priority_of_who_listens_is_that_of_its_packets)
{
	int client, server;
	struct addr addr;
	long before;

	ASSERT_EQ(0, system("tc qdisc add dev lo root handle 1: prio"));
	addr_loopback(&addr, AF_INET, 5000);
	close(self->listener);
	self->listener = sub_bound(&addr);
	ASSERT_LE(0, self->listener);
	ASSERT_EQ(0, set_generic(self->listener, SO_PRIORITY, 6));
	ASSERT_EQ(0, listen(self->listener, 5));
	client = sub_connect(&addr);
	ASSERT_LE(0, client);
	server = sub_accept(self->listener);
	ASSERT_LE(0, server);
	EXPECT_EQ(6, get_int(server, SOL_SOCKET, SO_PRIORITY));
	/* What brought the association up was sent by the listener. */
	before = band_packets(1);
	ASSERT_EQ(1, write(server, "x", 1));
	ASSERT_EQ(1, recv(client, self->buf, 1, 0));
	EXPECT_LT(before, band_packets(1));
	close(client);
	close(server);
}

/* Flags of a stream; those of a message are in record.c. */

/* tcp(7): MSG_TRUNC drops the bytes. */
TEST_F(generic, msg_trunc_drops_bytes_of_a_stream)
{
	if (variant->type != SOCK_STREAM)
		return;
	ASSERT_EQ(6, write(self->client, "abcdef", 6));
	ASSERT_LE(0, poll_until(self->server, POLLIN));
	memset(self->buf, '.', sizeof(self->buf));
	ASSERT_EQ(4, recv(self->server, self->buf, 4, MSG_TRUNC));
	EXPECT_EQ('.', self->buf[0]);
	ASSERT_EQ(2, recv(self->server, self->buf, sizeof(self->buf), 0));
	EXPECT_EQ(0, memcmp(self->buf, "ef.", 3));
	ASSERT_EQ(3, write(self->client, "ghi", 3));
	ASSERT_LE(0, poll_until(self->server, POLLIN));
	ASSERT_EQ(3, recv(self->server, NULL, 100, MSG_TRUNC));
	ASSERT_ERRNO(EAGAIN, recv(self->server, self->buf, 1, MSG_DONTWAIT));
}

TEST_F(generic, msg_peek_sees_across_frames)
{
	if (variant->type != SOCK_STREAM)
		return;
	ASSERT_EQ(3, write(self->client, "abc", 3));
	ASSERT_LE(0, poll_until(self->server, POLLIN));
	ASSERT_EQ(3, write(self->client, "def", 3));
	ASSERT_EQ(6, recv(self->server, self->buf, 6, MSG_PEEK | MSG_WAITALL));
	EXPECT_EQ(0, memcmp(self->buf, "abcdef", 6));
	ASSERT_EQ(4, recv(self->server, self->buf, 4, MSG_WAITALL));
	ASSERT_EQ(2, recv(self->server, self->buf, 64, MSG_PEEK));
	EXPECT_EQ(0, memcmp(self->buf, "ef", 2));
	ASSERT_EQ(2, recv(self->server, self->buf, 64, 0));
}

TEST_F(generic, msg_peek_goes_on_behind_what_it_has_seen)
{
	struct call reader;

	if (variant->type != SOCK_STREAM)
		return;
	ASSERT_EQ(3, write(self->client, "abc", 3));
	ASSERT_LE(0, poll_until(self->server, POLLIN));
	ASSERT_EQ(0, call_start(&reader, call_recv, self->server,
				MSG_PEEK | MSG_WAITALL, self->buf, 6));
	ASSERT_EQ(0, call_wait_blocked(&reader, __NR_recvfrom));
	ASSERT_EQ(3, write(self->client, "def", 3));
	ASSERT_CALL(6, 0, &reader);
	EXPECT_EQ(0, memcmp(self->buf, "abcdef", 6));
	memset(self->buf, '.', sizeof(self->buf));
	ASSERT_EQ(6, recv(self->server, self->buf, 6, MSG_WAITALL));
	EXPECT_EQ(0, memcmp(self->buf, "abcdef", 6));
}

/* A call that takes nothing but room. */
TEST_F(generic, msg_nosignal_keeps_sigpipe_away)
{
	ASSERT_EQ(0, sub_fin_timeout(self->client, deadline_ms()));
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	/* The default action would end this process. */
	ASSERT_ERRNO(EPIPE, send(self->client, "x", 1, MSG_NOSIGNAL));
	ASSERT_ERRNO(EPIPE, sendmsg(self->client, &(struct msghdr){
			.msg_iov = &(struct iovec){ "x", 1 },
			.msg_iovlen = 1 }, MSG_NOSIGNAL));
}

/* SO_KEEPALIVE: heartbeats, also where they were turned off. */
FIXTURE(keepalive)
{
	struct addr addr;
	int listener;
	int client;
	int server;
	int capture;
};

FIXTURE_SETUP(keepalive)
{
	struct sctp_paddrparams off = { .spp_flags = SPP_HB_DISABLE };

	ASSERT_EQ(0, netns_private());
	/* One in two or three tenths of a second. */
	ASSERT_EQ(0, netns_sysctl("net/sctp/rto_min", 100));
	ASSERT_EQ(0, netns_sysctl("net/sctp/rto_initial", 100));
	ASSERT_EQ(0, netns_sysctl("net/sctp/rto_max", 100));
	ASSERT_EQ(0, netns_sysctl("net/sctp/hb_interval", 100));
	/* An end that is slow to answer is no end that is gone. */
	ASSERT_EQ(0, netns_sysctl("net/sctp/max_init_retransmits", 1000));
	ASSERT_EQ(0, netns_sysctl("net/sctp/association_max_retrans", 1000));
	addr_loopback(&self->addr, AF_INET, 5000);
	self->listener = sub_bound(&self->addr);
	ASSERT_LE(0, self->listener);
	ASSERT_EQ(0, setsockopt(self->listener, SOL_SCTP,
				SCTP_PEER_ADDR_PARAMS, &off, sizeof(off)));
	self->client = sub_socket(0);
	ASSERT_LE(0, self->client);
	ASSERT_EQ(0, setsockopt(self->client, SOL_SCTP, SCTP_PEER_ADDR_PARAMS,
				&off, sizeof(off)));
	self->server = -1;
	self->capture = -1;
}

FIXTURE_TEARDOWN(keepalive)
{
	close(self->capture);
	close(self->client);
	close(self->server);
	close(self->listener);
}

#define ASSERT_IS_UP() do {						\
	ASSERT_EQ(0, listen(self->listener, 5));			\
	ASSERT_EQ(0, connect(self->client, &self->addr.sa,		\
			     self->addr.len));				\
	self->server = sub_accept(self->listener);			\
	ASSERT_LE(0, self->server);					\
	self->capture = capture_open("lo");				\
	ASSERT_LE(0, self->capture);					\
} while (0)

static bool heartbeat_comes(int capture, int ms)
{
	long long end = now_ms() + ms;
	struct capture_packet packet;

	do {
		while (capture_next(capture, &packet))
			if (packet.heartbeats)
				return true;
		poll_for(capture, POLLIN, 20);
	} while (now_ms() < end);
	return false;
}

#define ASSERT_BEATS()							\
	ASSERT_TRUE(heartbeat_comes(self->capture, deadline_ms()))

TEST_F(keepalive, on_a_connected_socket)
{
	ASSERT_IS_UP();
	EXPECT_FALSE(heartbeat_comes(self->capture, 1200));
	EXPECT_EQ(0, get_int(self->client, SOL_SOCKET, SO_KEEPALIVE));
	ASSERT_EQ(0, set_generic(self->client, SO_KEEPALIVE, 1));
	EXPECT_EQ(1, get_int(self->client, SOL_SOCKET, SO_KEEPALIVE));
	ASSERT_BEATS();
}

TEST_F(keepalive, on_an_accepted_socket)
{
	ASSERT_IS_UP();
	ASSERT_EQ(0, set_generic(self->server, SO_KEEPALIVE, 1));
	ASSERT_BEATS();
}

TEST_F(keepalive, on_an_attached_listener)
{
	int listener;

	ASSERT_IS_UP();
	listener = sub_attached(self->client);
	ASSERT_LE(0, listener);
	ASSERT_EQ(0, listen(listener, 5));
	EXPECT_FALSE(heartbeat_comes(self->capture, 600));
	ASSERT_EQ(0, set_generic(listener, SO_KEEPALIVE, 1));
	ASSERT_BEATS();
	close(listener);
}

TEST_F(keepalive, before_an_attached_socket_listens)
{
	int listener;

	ASSERT_IS_UP();
	listener = sub_attached(self->client);
	ASSERT_LE(0, listener);
	ASSERT_EQ(0, set_generic(listener, SO_KEEPALIVE, 1));
	EXPECT_FALSE(heartbeat_comes(self->capture, 600));
	ASSERT_EQ(0, listen(listener, 5));
	ASSERT_BEATS();
	close(listener);
}

TEST_F(keepalive, before_connect)
{
	ASSERT_EQ(0, set_generic(self->client, SO_KEEPALIVE, 1));
	ASSERT_IS_UP();
	ASSERT_BEATS();
}

TEST_F(keepalive, while_it_connects)
{
	ASSERT_EQ(0, listen(self->listener, 5));
	ASSERT_EQ(0, run("nft add table inet lose ; "
			 "add chain inet lose in " NFT_HOOK("input") " ; "
			 "add rule inet lose in meta l4proto sctp counter drop"));
	ASSERT_EQ(0, set_nonblock(self->client, true));
	ASSERT_ERRNO(EINPROGRESS, connect(self->client, &self->addr.sa,
					  self->addr.len));
	ASSERT_UNTIL(lost_any());
	ASSERT_EQ(0, set_generic(self->client, SO_KEEPALIVE, 1));
	ASSERT_EQ(0, lose_nothing());
	ASSERT_EQ(POLLOUT, poll_until(self->client, POLLOUT));
	self->server = sub_accept(self->listener);
	ASSERT_LE(0, self->server);
	self->capture = capture_open("lo");
	ASSERT_LE(0, self->capture);
	ASSERT_BEATS();
}

/* One that comes to an association without them. */
TEST_F(keepalive, before_connect_of_another)
{
	int fd;

	ASSERT_IS_UP();
	fd = sub_attached(self->client);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, set_generic(fd, SO_KEEPALIVE, 1));
	ASSERT_EQ(0, connect(fd, &self->addr.sa, self->addr.len));
	ASSERT_BEATS();
	close(fd);
}

TEST_F(keepalive, turned_off)
{
	ASSERT_EQ(0, set_generic(self->client, SO_KEEPALIVE, 1));
	ASSERT_EQ(0, set_generic(self->client, SO_KEEPALIVE, 0));
	ASSERT_IS_UP();
	ASSERT_EQ(0, set_generic(self->client, SO_KEEPALIVE, 0));
	ASSERT_EQ(0, set_generic(self->server, SO_KEEPALIVE, 0));
	EXPECT_EQ(0, get_int(self->client, SOL_SOCKET, SO_KEEPALIVE));
	EXPECT_FALSE(heartbeat_comes(self->capture, 1200));
}

TEST_F(keepalive, before_listen)
{
	ASSERT_EQ(0, set_generic(self->listener, SO_KEEPALIVE, 1));
	ASSERT_IS_UP();
	EXPECT_EQ(1, get_int(self->server, SOL_SOCKET, SO_KEEPALIVE));
	ASSERT_BEATS();
}

TEST_F(keepalive, on_a_listener)
{
	ASSERT_EQ(0, listen(self->listener, 5));
	ASSERT_EQ(0, set_generic(self->listener, SO_KEEPALIVE, 1));
	ASSERT_IS_UP();
	ASSERT_BEATS();
}

TEST_HARNESS_MAIN
