// SPDX-License-Identifier: GPL-2.0
/* Bytes between two sockets of AF_WRTCSUB, and the end of them. */

#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

#include "lib/harness.h"

#define MIB	1048576

FIXTURE(stream)
{
	int client;
	int server;
};

FIXTURE_VARIANT(stream)
{
	int family;
};

FIXTURE_VARIANT_ADD(stream, ipv4)
{
	.family = AF_INET,
};

FIXTURE_VARIANT_ADD(stream, ipv6)
{
	.family = AF_INET6,
};

FIXTURE_SETUP(stream)
{
	int pair[2];

	ASSERT_EQ(0, netns_private());
	/* Even a machine that stalls acknowledges a FIN in time. */
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/fin_ack_timeout_ms", 60000));
	ASSERT_EQ(0, sub_pair(variant->family, pair));
	self->client = pair[0];
	self->server = pair[1];
}

FIXTURE_TEARDOWN(stream)
{
	close(self->client);
	close(self->server);
}

/* Open, write, read, close. */
TEST_F(stream, bytes_arrive_both_ways)
{
	char buf[16];

	ASSERT_EQ(5, write(self->client, "hello", 5));
	ASSERT_EQ(5, recv(self->server, buf, 5, MSG_WAITALL));
	EXPECT_EQ(0, memcmp(buf, "hello", 5));

	ASSERT_EQ(6, write(self->server, "answer", 6));
	ASSERT_EQ(6, recv(self->client, buf, 6, MSG_WAITALL));
	EXPECT_EQ(0, memcmp(buf, "answer", 6));
}

TEST_F(stream, a_read_takes_what_there_is_and_leaves_the_rest)
{
	char buf[16] = {};

	ASSERT_EQ(6, write(self->client, "abcdef", 6));
	ASSERT_LE(0, poll_until(self->server, POLLIN));
	ASSERT_EQ(1, read(self->server, buf, 1));
	ASSERT_EQ(2, read(self->server, buf + 1, 2));
	ASSERT_EQ(3, read(self->server, buf + 3, 10));
	EXPECT_STREQ("abcdef", buf);
	ASSERT_ERRNO(EAGAIN, recv(self->server, buf, 1, MSG_DONTWAIT));
}

/* Two writes are one stream of bytes; MSG_WAITALL waits for all of them. */
TEST_F(stream, waitall_waits_for_all)
{
	struct call reader;
	char buf[8] = {};

	ASSERT_EQ(3, write(self->client, "abc", 3));
	ASSERT_LE(0, poll_until(self->server, POLLIN));
	ASSERT_EQ(0, call_start(&reader, call_recv, self->server, MSG_WAITALL,
				buf, 6));
	ASSERT_EQ(0, call_wait_blocked(&reader, __NR_recvfrom));
	ASSERT_EQ(3, write(self->client, "def", 3));
	ASSERT_CALL(6, 0, &reader);
	EXPECT_STREQ("abcdef", buf);
}

TEST_F(stream, waitall_gives_what_there_was_at_the_end)
{
	char buf[8];

	ASSERT_EQ(3, write(self->client, "abc", 3));
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	ASSERT_EQ(3, recv(self->server, buf, 6, MSG_WAITALL));
	ASSERT_EQ(0, recv(self->server, buf, 6, MSG_WAITALL));
}

TEST_F(stream, peek_leaves_the_bytes)
{
	char buf[16] = {};

	ASSERT_EQ(6, write(self->client, "abcdef", 6));
	ASSERT_EQ(6, recv(self->server, buf, 6, MSG_PEEK | MSG_WAITALL));
	EXPECT_STREQ("abcdef", buf);
	ASSERT_EQ(3, recv(self->server, buf, 3, MSG_PEEK));
	ASSERT_EQ(6, recv(self->server, buf, sizeof(buf), 0));
	EXPECT_STREQ("abcdef", buf);
	ASSERT_ERRNO(EAGAIN, recv(self->server, buf, 1,
				  MSG_DONTWAIT | MSG_PEEK));
}

TEST_F(stream, peek_at_the_end_is_0_and_stays_so)
{
	char c;

	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	ASSERT_EQ(0, recv(self->server, &c, 1, MSG_PEEK));
	ASSERT_EQ(0, recv(self->server, &c, 1, MSG_PEEK));
	ASSERT_EQ(0, recv(self->server, &c, 1, 0));
}

TEST_F(stream, vectors_are_one_stream)
{
	struct iovec out[] = {
		{ .iov_base = "ab", .iov_len = 2 },
		{ .iov_base = NULL, .iov_len = 0 },
		{ .iov_base = "cdef", .iov_len = 4 },
	};
	char a[5] = {}, b[3] = {};
	struct iovec in[] = {
		{ .iov_base = a, .iov_len = 4 },
		{ .iov_base = b, .iov_len = 2 },
	};

	ASSERT_EQ(6, writev(self->client, out, 3));
	ASSERT_LE(0, poll_until(self->server, POLLIN));
	ASSERT_EQ(6, readv(self->server, in, 2));
	EXPECT_STREQ("abcd", a);
	EXPECT_STREQ("ef", b);
}

/* Peers take an empty frame for nothing, or for an end: none is sent. */
TEST_F(stream, an_empty_write_is_nothing)
{
	char buf[4];

	ASSERT_EQ(0, send(self->client, "", 0, 0));
	ASSERT_EQ(0, write(self->client, "", 0));
	ASSERT_EQ(1, write(self->client, "x", 1));
	ASSERT_EQ(1, recv(self->server, buf, sizeof(buf), 0));
	EXPECT_EQ('x', buf[0]);
}

TEST_F(stream, out_of_band_is_not_supported)
{
	ASSERT_ERRNO(EOPNOTSUPP, send(self->client, "x", 1, MSG_OOB));
}

TEST_F(stream, a_bad_address_is_efault_and_harms_nothing)
{
	char buf[4];

	ASSERT_ERRNO(EFAULT, send(self->client, (void *)8, 100, 0));
	ASSERT_EQ(2, write(self->client, "ok", 2));
	ASSERT_LE(0, poll_until(self->server, POLLIN));
	ASSERT_ERRNO(EFAULT, recv(self->server, (void *)8, 2, 0));
	ASSERT_EQ(2, recv(self->server, buf, sizeof(buf), 0));
	EXPECT_EQ(0, memcmp(buf, "ok", 2));
}

TEST_F(stream, writes_of_odd_sizes_arrive_whole)
{
	static const size_t sizes[] = {
		1, 2, 125, 126, 127, 128, 129, 4087, 4088, 4089, 4090, 4095,
		4096, 4097, 16376, 16377, 16378, 16379, 16380, 16381, 16382,
		16383, 16384, 16385, 32758, 65535, 65536, 65537, 262145,
	};
	struct call writer;
	char *out, *in;
	size_t i, size;

	out = malloc(262145);
	in = malloc(262145);
	ASSERT_NE(NULL, out);
	ASSERT_NE(NULL, in);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		size = sizes[i];
		pattern_fill(out, size, 0, i);
		memset(in, 0, size);
		ASSERT_EQ(0, call_start(&writer, call_send, self->client, 0,
					out, size));
		ASSERT_EQ((ssize_t)size, recv(self->server, in, size,
					      MSG_WAITALL)) {
			TH_LOG("size %zu", size);
		}
		ASSERT_EQ(-1, pattern_check(in, size, 0, i)) {
			TH_LOG("size %zu", size);
		}
		ASSERT_CALL((long)size, 0, &writer);
	}
	free(out);
	free(in);
}

TEST_F(stream, many_small_writes_arrive_in_order)
{
	struct call reader;
	unsigned char buf[16];
	size_t done = 0, len;
	int i;

	ASSERT_EQ(0, call_start(&reader, call_recv_pattern, self->server, 7,
				NULL, 0));
	for (i = 0; i < 3000; i++) {
		len = 1 + i % sizeof(buf);
		pattern_fill(buf, len, done, 7);
		ASSERT_EQ((ssize_t)len, write(self->client, buf, len));
		done += len;
	}
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	ASSERT_CALL((long)done, 0, &reader);
}

TEST_F_TIMEOUT(stream, big_transfers_both_ways_at_once, 90)
{
	struct call to, from, read_to, read_from;
	size_t size = 16 * MIB / work_factor() + 4321;

	ASSERT_EQ(0, call_start(&read_to, call_recv_pattern, self->server, 1,
				NULL, 0));
	ASSERT_EQ(0, call_start(&read_from, call_recv_pattern, self->client, 2,
				NULL, 0));
	ASSERT_EQ(0, call_start(&to, call_send_pattern, self->client, 1, NULL,
				size));
	ASSERT_EQ(0, call_start(&from, call_send_pattern, self->server, 2, NULL,
				size));
	ASSERT_CALL((long)size, 0, &to);
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	ASSERT_CALL((long)size, 0, &read_to);
	ASSERT_CALL((long)size, 0, &from);
	ASSERT_EQ(0, shutdown(self->server, SHUT_WR));
	ASSERT_CALL((long)size, 0, &read_from);
}

/* The end. */

TEST_F(stream, a_reader_sees_the_end_only_after_shutdown)
{
	struct call reader;
	char buf[4];

	ASSERT_EQ(1, write(self->client, "x", 1));
	ASSERT_EQ(1, recv(self->server, buf, sizeof(buf), 0));
	ASSERT_ERRNO(EAGAIN, recv(self->server, buf, 1, MSG_DONTWAIT));
	ASSERT_EQ(0, call_start(&reader, call_recv, self->server, 0, buf, 4));
	ASSERT_EQ(0, call_wait_blocked(&reader, __NR_recvfrom));
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	ASSERT_CALL(0, 0, &reader);
	ASSERT_EQ(0, recv(self->server, buf, 1, 0));
	ASSERT_EQ(0, recv(self->server, buf, 1, MSG_DONTWAIT));
}

TEST_F(stream, shutdown_returns_0_and_the_same_again)
{
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	ASSERT_EQ(0, shutdown(self->server, SHUT_WR));
	ASSERT_EQ(0, shutdown(self->server, SHUT_WR));
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
}

TEST_F(stream, shutdown_does_not_wait_for_a_reader)
{
	ASSERT_EQ(5, write(self->client, "hello", 5));
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
}

TEST_F(stream, shutdown_takes_only_the_three_ways)
{
	ASSERT_ERRNO(EINVAL, shutdown(self->client, 3));
	ASSERT_ERRNO(EINVAL, shutdown(self->client, -1));
	ASSERT_EQ(1, write(self->client, "x", 1));
}

TEST_F(stream, half_closed_by_the_client_the_server_answers)
{
	char buf[16];

	ASSERT_EQ(7, write(self->client, "request", 7));
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	ASSERT_EQ(7, sub_read_all(self->server, buf, sizeof(buf)));
	ASSERT_EQ(8, write(self->server, "response", 8));
	ASSERT_EQ(0, shutdown(self->server, SHUT_WR));
	ASSERT_EQ(8, sub_read_all(self->client, buf, sizeof(buf)));
	EXPECT_EQ(0, memcmp(buf, "response", 8));
}

TEST_F(stream, half_closed_by_the_server_the_client_goes_on)
{
	char buf[16];

	ASSERT_EQ(0, shutdown(self->server, SHUT_WR));
	ASSERT_EQ(0, read(self->client, buf, 1));
	ASSERT_EQ(4, write(self->client, "more", 4));
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	ASSERT_EQ(4, sub_read_all(self->server, buf, sizeof(buf)));
}

static atomic_int sigpipes;

static void count_sigpipe(int sig)
{
	(void)sig;
	sigpipes++;
}

TEST_F(stream, a_write_after_shutdown_is_epipe_and_sigpipe)
{
	struct sigaction sa = { .sa_handler = count_sigpipe };

	ASSERT_EQ(0, sigaction(SIGPIPE, &sa, NULL));
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	ASSERT_ERRNO(EPIPE, write(self->client, "x", 1));
	EXPECT_EQ(1, atomic_load(&sigpipes));
	ASSERT_ERRNO(EPIPE, send(self->client, "x", 1, MSG_NOSIGNAL));
	EXPECT_EQ(1, atomic_load(&sigpipes));
	ASSERT_ERRNO(EPIPE, send(self->client, "x", 1, 0));
	EXPECT_EQ(2, atomic_load(&sigpipes));
}

TEST_F(stream, shut_rd_is_an_end_for_the_reader)
{
	char buf[4];

	ASSERT_EQ(0, shutdown(self->server, SHUT_RD));
	ASSERT_EQ(0, recv(self->server, buf, 1, 0));
	ASSERT_EQ(1, write(self->server, "x", 1));
	ASSERT_EQ(1, recv(self->client, buf, 1, 0));
}

TEST_F(stream, shut_rd_drops_what_is_queued)
{
	char buf[4];

	ASSERT_EQ(4, write(self->client, "lost", 4));
	ASSERT_LE(0, poll_until(self->server, POLLIN));
	ASSERT_EQ(0, shutdown(self->server, SHUT_RD));
	ASSERT_EQ(0, recv(self->server, buf, 4, 0));
}

TEST_F(stream, shut_rd_wakes_a_blocked_reader)
{
	struct call reader;
	char buf[4];

	ASSERT_EQ(0, call_start(&reader, call_recv, self->server, 0, buf, 4));
	ASSERT_EQ(0, call_wait_blocked(&reader, __NR_recvfrom));
	ASSERT_EQ(0, shutdown(self->server, SHUT_RD));
	ASSERT_CALL(0, 0, &reader);
}

TEST_F(stream, shut_rd_makes_the_peers_writer_fail)
{
	ASSERT_EQ(0, shutdown(self->server, SHUT_RD));
	ASSERT_EQ(EPIPE, sub_write_error(self->client));
}

TEST_F(stream, shut_rdwr_ends_both_halves)
{
	char buf[4];

	ASSERT_EQ(2, write(self->client, "ok", 2));
	ASSERT_EQ(0, shutdown(self->client, SHUT_RDWR));
	ASSERT_EQ(0, recv(self->client, buf, 1, 0));
	ASSERT_ERRNO(EPIPE, send(self->client, "x", 1, MSG_NOSIGNAL));
	ASSERT_EQ(2, sub_read_all(self->server, buf, sizeof(buf)));
}

TEST_F(stream, close_sends_all_that_was_written)
{
	size_t size = MIB / 2 + 1;
	struct call reader;
	char *buf = malloc(size);

	ASSERT_NE(NULL, buf);
	pattern_fill(buf, size, 0, 3);
	ASSERT_EQ(0, call_start(&reader, call_recv_pattern, self->server, 3,
				NULL, 0));
	ASSERT_EQ((ssize_t)size, write(self->client, buf, size));
	ASSERT_EQ(0, close(self->client));
	ASSERT_CALL((long)size, 0, &reader);
	free(buf);
}

TEST_F(stream, close_is_an_end_for_the_reader_and_epipe_for_the_writer)
{
	char buf[4];

	ASSERT_EQ(0, close(self->client));
	ASSERT_EQ(0, recv(self->server, buf, 1, 0));
	ASSERT_EQ(EPIPE, sub_write_error(self->server));
	/* All the same, the substream ends in good order. */
	ASSERT_EQ(0, shutdown(self->server, SHUT_WR));
}

TEST_F(stream, close_without_reading_harms_nobody)
{
	char buf[4];

	ASSERT_EQ(6, write(self->client, "unread", 6));
	ASSERT_LE(0, poll_until(self->server, POLLIN));
	ASSERT_EQ(2, write(self->server, "ok", 2));
	ASSERT_EQ(0, close(self->server));
	ASSERT_EQ(2, sub_read_all(self->client, buf, sizeof(buf)));
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
}

TEST_F(stream, close_with_linger_0_is_a_reset)
{
	char buf[8];

	ASSERT_EQ(5, write(self->client, "first", 5));
	ASSERT_LE(0, poll_until(self->server, POLLIN));
	ASSERT_EQ(0, set_linger(self->client, 1, 0));
	ASSERT_EQ(0, close(self->client));
	ASSERT_UNTIL(poll_now(self->server, 0) & POLLERR);
	/* "bytes already queued can be read, then ECONNRESET once, then 0" */
	ASSERT_EQ(5, recv(self->server, buf, sizeof(buf), 0));
	ASSERT_ERRNO(ECONNRESET, recv(self->server, buf, 1, 0));
	ASSERT_EQ(0, recv(self->server, buf, 1, 0));
	ASSERT_ERRNO(ECONNRESET, send(self->server, "x", 1, MSG_NOSIGNAL));
	ASSERT_ERRNO(EPIPE, send(self->server, "x", 1, MSG_NOSIGNAL));
}

/* Waiting. */

TEST_F(stream, a_reader_with_a_timeout_gives_up)
{
	long long start;
	char c;

	ASSERT_EQ(0, set_timeout(self->server, SO_RCVTIMEO, 500));
	start = now_ms();
	ASSERT_ERRNO(EAGAIN, recv(self->server, &c, 1, 0));
	/* Jiffies may be many ticks behind when it begins. */
	EXPECT_LE(100, now_ms() - start);
	ASSERT_EQ(1, write(self->client, "x", 1));
	ASSERT_LE(0, poll_until(self->server, POLLIN));
	ASSERT_EQ(1, recv(self->server, &c, 1, 0));
}

TEST_F(stream, a_writer_with_a_timeout_gives_up)
{
	ssize_t filled = sub_fill(self->client, 4), taken;
	unsigned char buf[8192];
	struct call reader;
	long long start;

	ASSERT_LT(0, filled);
	ASSERT_EQ(0, set_timeout(self->client, SO_SNDTIMEO, 500));
	/* There may be room again, for any number of bytes. */
	do {
		pattern_fill(buf, sizeof(buf), filled, 4);
		start = now_ms();
		taken = send(self->client, buf, sizeof(buf), MSG_NOSIGNAL);
		if (taken > 0)
			filled += taken;
	} while (taken > 0);
	ASSERT_EQ(EAGAIN, errno);
	EXPECT_LE(100, now_ms() - start);
	/* What was taken arrives, and nothing else. */
	ASSERT_EQ(0, call_start(&reader, call_recv_pattern, self->server, 4,
				NULL, 0));
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	ASSERT_CALL((long)filled, 0, &reader);
}

TEST_F(stream, a_blocked_writer_wakes_when_there_is_room)
{
	struct call writer, reader;

	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/assoc_rmem", 65536));
	ASSERT_EQ(0, sub_stall(&writer, self->client, 0, 4));
	ASSERT_EQ(0, call_start(&reader, call_recv_pattern, self->server, 4,
				NULL, 0));
	ASSERT_CALL((long)SUB_STALL_LEN, 0, &writer);
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	ASSERT_CALL((long)SUB_STALL_LEN, 0, &reader);
}

TEST_F(stream, shutdown_wakes_a_blocked_writer)
{
	struct call writer, reader, closer;
	ssize_t taken;
	int err;

	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/assoc_rmem", 65536));
	ASSERT_EQ(0, sub_stall(&writer, self->client, 0, 4));
	ASSERT_EQ(0, call_start(&closer, call_shutdown, self->client, SHUT_WR,
				NULL, 0));
	taken = sub_stalled(&writer, &err);
	ASSERT_LT(0, taken);
	ASSERT_EQ(EPIPE, err);
	ASSERT_EQ(0, call_start(&reader, call_recv_pattern, self->server, 4,
				NULL, 0));
	ASSERT_CALL(0, 0, &closer);
	ASSERT_CALL((long)taken, 0, &reader);
}

TEST_F(stream, a_signal_interrupts_a_reader)
{
	struct call reader;
	char c;

	ASSERT_EQ(0, catch_signals(0));
	ASSERT_EQ(0, call_start(&reader, call_recv, self->server, 0, &c, 1));
	ASSERT_EQ(0, call_wait_blocked(&reader, __NR_recvfrom));
	ASSERT_EQ(0, call_signal(&reader));
	ASSERT_CALL(-1, EINTR, &reader);
}

/* signal(7): with SA_RESTART it goes on, but not with SO_RCVTIMEO. */
TEST_F(stream, a_reader_restarts_by_itself_if_it_has_no_timeout)
{
	struct call reader;
	char c;

	ASSERT_EQ(0, catch_signals(SA_RESTART));
	ASSERT_EQ(0, call_start(&reader, call_recv, self->server, 0, &c, 1));
	ASSERT_EQ(0, call_wait_blocked(&reader, __NR_recvfrom));
	ASSERT_EQ(0, call_signal(&reader));
	ASSERT_EQ(0, call_wait_blocked(&reader, __NR_recvfrom));
	ASSERT_EQ(1, write(self->client, "x", 1));
	ASSERT_CALL(1, 0, &reader);

	ASSERT_EQ(0, set_timeout(self->server, SO_RCVTIMEO, 60000));
	ASSERT_EQ(0, call_start(&reader, call_recv, self->server, 0, &c, 1));
	ASSERT_EQ(0, call_wait_blocked(&reader, __NR_recvfrom));
	ASSERT_EQ(0, call_signal(&reader));
	ASSERT_CALL(-1, EINTR, &reader);
}

TEST_F(stream, nonblocking_calls_do_not_wait)
{
	char c;

	ASSERT_EQ(0, set_nonblock(self->server, true));
	ASSERT_ERRNO(EAGAIN, read(self->server, &c, 1));
	ASSERT_EQ(0, set_nonblock(self->client, true));
	/* It says so itself, with EAGAIN. */
	ASSERT_LT(0, sub_fill(self->client, 1));
}

TEST_F(stream, room_is_told_by_sigio)
{
	static char buf[65536];
	ssize_t left, ret;

	ASSERT_EQ(0, set_nonblock(self->client, true));
	left = sub_fill(self->client, 1);
	ASSERT_LT(0, left);
	ASSERT_EQ(0, sigio_on(self->client));
	for (; left > 0; left -= ret) {
		ret = recv(self->server, buf, sizeof(buf), 0);
		ASSERT_LT(0, ret);
	}
	ASSERT_EQ(0, sigio_until(POLL_OUT));
	EXPECT_EQ(POLLOUT, poll_now(self->client, POLLOUT));
}

/* As of TCP, recv(2) for no bytes waits for some, or for the end. */
TEST_F(stream, a_recv_of_nothing_looks_what_there_is)
{
	char c;

	ASSERT_ERRNO(EAGAIN, recv(self->server, &c, 0, MSG_DONTWAIT));
	ASSERT_EQ(1, write(self->client, "x", 1));
	ASSERT_EQ(0, recv(self->server, &c, 0, 0));
	ASSERT_EQ(1, recv(self->server, &c, 1, MSG_DONTWAIT));
	ASSERT_EQ(0, set_linger(self->client, 1, 0));
	ASSERT_EQ(0, close(self->client));
	self->client = -1;
	ASSERT_ERRNO(ECONNRESET, recv(self->server, &c, 0, 0));
	ASSERT_EQ(0, recv(self->server, &c, 0, 0));
}

TEST_F(stream, a_low_water_mark_holds_the_reader_back)
{
	struct call reader;
	char buf[8];
	int low = 4;

	ASSERT_EQ(0, setsockopt(self->server, SOL_SOCKET, SO_RCVLOWAT, &low,
				sizeof(low)));
	ASSERT_EQ(2, write(self->client, "ab", 2));
	while (recv(self->server, buf, 2, MSG_PEEK | MSG_DONTWAIT) < 2)
		usleep(1000);
	EXPECT_EQ(0, poll_now(self->server, POLLIN));
	ASSERT_EQ(0, call_start(&reader, call_recv, self->server, 0, buf, 8));
	ASSERT_EQ(0, call_wait_blocked(&reader, __NR_recvfrom));
	ASSERT_EQ(2, write(self->client, "cd", 2));
	ASSERT_CALL(4, 0, &reader);
	EXPECT_EQ(0, memcmp(buf, "abcd", 4));
}

/* How much is queued. */

TEST_F(stream, fionread_is_what_can_be_read)
{
	char buf[4];
	int n = -1;

	ASSERT_EQ(0, ioctl(self->server, FIONREAD, &n));
	EXPECT_EQ(0, n);
	ASSERT_EQ(5, write(self->client, "hello", 5));
	ASSERT_LE(0, poll_until(self->server, POLLIN));
	ASSERT_EQ(0, ioctl(self->server, FIONREAD, &n));
	EXPECT_EQ(5, n);
	ASSERT_EQ(2, read(self->server, buf, 2));
	ASSERT_EQ(0, ioctl(self->server, FIONREAD, &n));
	EXPECT_EQ(3, n);
}

/* As of a TCP socket without urgent data: sockatmark(3). */
TEST_F(stream, siocatmark_is_never)
{
	int n = -1;

	ASSERT_EQ(0, ioctl(self->client, SIOCATMARK, &n));
	EXPECT_EQ(0, n);
}

TEST_F(stream, siocoutq_is_what_is_not_yet_sent)
{
	struct call writer, reader;
	int n = -1, nsd = -1;

	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/assoc_rmem", 65536));
	ASSERT_EQ(0, ioctl(self->client, SIOCOUTQ, &n));
	EXPECT_EQ(0, n);
	ASSERT_EQ(0, ioctl(self->client, SIOCOUTQNSD, &nsd));
	EXPECT_EQ(0, nsd);
	ASSERT_EQ(0, sub_stall(&writer, self->client, 0, 4));
	/* SCTP may just have taken all, and the writer not gone on yet. */
	ASSERT_UNTIL(!ioctl(self->client, SIOCOUTQ, &n) && n > 0 &&
		     !ioctl(self->client, SIOCOUTQNSD, &nsd) && nsd == n);
	ASSERT_EQ(0, call_start(&reader, call_recv_pattern, self->server, 4,
				NULL, 0));
	ASSERT_CALL((long)SUB_STALL_LEN, 0, &writer);
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	ASSERT_EQ(0, ioctl(self->client, SIOCOUTQ, &n));
	EXPECT_EQ(0, n);
	ASSERT_CALL((long)SUB_STALL_LEN, 0, &reader);
}

TEST_HARNESS_MAIN
