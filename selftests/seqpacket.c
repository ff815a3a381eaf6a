// SPDX-License-Identifier: GPL-2.0
/* Messages between two sockets of AF_WRTCSUB, of which one at least is
 * SOCK_SEQPACKET.
 */

#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>

#include "lib/harness.h"

#define MAX_PAYLOAD	16379
#define ALL		(POLLIN | POLLOUT | POLLRDHUP)

FIXTURE(seqpacket)
{
	int client;
	int server;
	unsigned char buf[MAX_PAYLOAD + 1];
};

FIXTURE_VARIANT(seqpacket)
{
	int family;
};

FIXTURE_VARIANT_ADD(seqpacket, ipv4)
{
	.family = AF_INET,
};

FIXTURE_VARIANT_ADD(seqpacket, ipv6)
{
	.family = AF_INET6,
};

static void no_action(int sig)
{
	(void)sig;
}

FIXTURE_SETUP(seqpacket)
{
	struct sigaction sa = { .sa_handler = no_action };
	int pair[2];

	ASSERT_EQ(0, sigaction(SIGUSR1, &sa, NULL));
	ASSERT_EQ(0, netns_private());
	/* No test is about this time; a machine that stalls exceeds it. */
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/fin_ack_timeout_ms",
				  deadline_ms()));
	sub_type = SOCK_SEQPACKET;
	ASSERT_EQ(0, sub_pair(variant->family, pair));
	self->client = pair[0];
	self->server = pair[1];
}

FIXTURE_TEARDOWN(seqpacket)
{
	close(self->client);
	close(self->server);
}

TEST_F(seqpacket, accept_gives_what_the_listener_is)
{
	EXPECT_EQ(SOCK_SEQPACKET, get_int(self->server, SOL_SOCKET, SO_TYPE));
	EXPECT_EQ(AF_WRTCSUB, get_int(self->server, SOL_SOCKET, SO_DOMAIN));
	EXPECT_EQ(0, get_int(self->server, SOL_SOCKET, SO_PROTOCOL));
}

TEST_F(seqpacket, messages_of_all_sizes_arrive_whole)
{
	static const size_t sizes[] = {
		1, 2, 125, 126, 127, 128, 1000, 4085, 4086, 4087, 4088, 4089,
		4095, 4096, 4097, 8191, 16000, MAX_PAYLOAD,
	};
	ssize_t size;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		size = sizes[i];
		pattern_fill(self->buf, size, 0, i);
		ASSERT_EQ(size, write(self->client, self->buf, size));
	}
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		size = sizes[i];
		memset(self->buf, 0, sizeof(self->buf));
		ASSERT_EQ(size, recv(self->server, self->buf,
				     sizeof(self->buf), 0));
		ASSERT_EQ(-1, pattern_check(self->buf, size, 0, i));
	}
}

/* Sizes that fill the queue's pages in all ways. */
static size_t size_of(int i)
{
	return 1 + (i * 977) % 9000;
}

/* Receive that many messages and then the end; the result is how many came. */
static long call_recv_messages(struct call *call)
{
	static unsigned char buf[MAX_PAYLOAD + 1];
	ssize_t ret;
	long i;

	for (i = 0;; i++) {
		ret = recv(call->fd, buf, sizeof(buf), 0);
		if (ret <= 0)
			return ret < 0 ? ret : i;
		if (ret != (ssize_t)size_of(i) ||
		    pattern_check(buf, ret, 0, i) >= 0) {
			errno = EILSEQ;
			return -1;
		}
	}
}

static long call_send_messages(struct call *call)
{
	static unsigned char buf[MAX_PAYLOAD + 1];
	size_t i, size;

	for (i = 0; i < call->len; i++) {
		size = size_of(i);
		pattern_fill(buf, size, 0, i);
		if (send(call->fd, buf, size, MSG_NOSIGNAL) != (ssize_t)size)
			return -1;
	}
	return i;
}

TEST_F(seqpacket, many_messages_arrive_in_order_both_ways)
{
	const int count = 3000 / work_factor();
	struct call to, from, read_to, read_from;

	ASSERT_EQ(0, call_start(&read_to, call_recv_messages, self->server, 0,
				NULL, 0));
	ASSERT_EQ(0, call_start(&to, call_send_messages, self->client, 0,
				NULL, count));
	ASSERT_CALL(count, 0, &to);
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	ASSERT_CALL(count, 0, &read_to);
	ASSERT_EQ(0, call_start(&read_from, call_recv_messages, self->client,
				0, NULL, 0));
	ASSERT_EQ(0, call_start(&from, call_send_messages, self->server, 0,
				NULL, count));
	ASSERT_CALL(count, 0, &from);
	ASSERT_EQ(0, shutdown(self->server, SHUT_WR));
	ASSERT_CALL(count, 0, &read_from);
}

/* Send messages until none is taken, also not after a while in which poll has
 * reported nothing.  SCTP may still make room when a timer fires, or when the
 * other end has not run for some time.
 */
static int fill(int fd)
{
	static unsigned char buf[MAX_PAYLOAD + 1];
	int count = 0, before;
	ssize_t ret;

	do {
		before = count;
		for (;;) {
			pattern_fill(buf, size_of(count), 0, count);
			ret = send(fd, buf, size_of(count),
				   MSG_DONTWAIT | MSG_NOSIGNAL);
			if (ret < 0)
				break;
			if (ret != (ssize_t)size_of(count))
				return -1;
			count++;
		}
		if (errno != EAGAIN)
			return -1;
	} while (poll_for(fd, ALL, SUB_QUIET_MS * slow_factor()) ||
		 before != count);
	return count;
}

/* Start a message that has to wait.  SCTP may have room for one or two after
 * all; those count as sent.
 */
static int stall(struct call *writer, int fd, unsigned char *buf, int *count)
{
	int size;

	for (;;) {
		size = size_of(*count);
		pattern_fill(buf, size, 0, *count);
		if (call_start(writer, call_send, fd, 0, buf, size))
			return -1;
		if (!call_wait_blocked(writer, __NR_sendto))
			return 0;
		if (call_finish(writer) || writer->ret != size)
			return -1;
		++*count;
	}
}

/* "whole or not at all", also when the queue is full: what was taken arrives,
 * and nothing else.
 */
TEST_F(seqpacket, a_full_queue_takes_whole_messages_or_none)
{
	int queued, n, count = fill(self->client);
	struct call reader;
	ssize_t ret;

	ASSERT_LT(0, count);
	ASSERT_EQ(0, set_timeout(self->client, SO_SNDTIMEO, 100));
	for (;; count++) {
		ASSERT_EQ(0, ioctl(self->client, SIOCOUTQ, &queued));
		pattern_fill(self->buf, size_of(count), 0, count);
		ret = send(self->client, self->buf, size_of(count),
			   MSG_NOSIGNAL);
		if (ret < 0)
			break;
		ASSERT_EQ((ssize_t)size_of(count), ret);
	}
	ASSERT_EQ(EAGAIN, errno);
	EXPECT_LT(0, queued);
	ASSERT_EQ(0, ioctl(self->client, SIOCOUTQ, &n));
	EXPECT_GE(queued, n);
	ASSERT_EQ(0, call_start(&reader, call_recv_messages, self->server, 0,
				NULL, 0));
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	ASSERT_CALL(count, 0, &reader);
}

TEST_F(seqpacket, a_writer_blocks_until_there_is_room_for_all_of_it)
{
	struct call writer, reader;
	int count = fill(self->client);

	ASSERT_LT(0, count);
	ASSERT_EQ(0, stall(&writer, self->client, self->buf, &count));
	ASSERT_EQ(0, call_start(&reader, call_recv_messages, self->server, 0,
				NULL, 0));
	ASSERT_CALL((long)size_of(count), 0, &writer);
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	ASSERT_CALL(count + 1, 0, &reader);
}

TEST_F(seqpacket, a_writer_that_is_interrupted_has_sent_nothing)
{
	struct call writer, reader;
	int count = fill(self->client);

	ASSERT_LT(0, count);
	for (;; count++) {
		ASSERT_EQ(0, stall(&writer, self->client, self->buf, &count));
		ASSERT_EQ(0, pthread_kill(writer.thread, SIGUSR1));
		ASSERT_EQ(0, call_finish(&writer));
		if (writer.ret < 0)
			break;
		/* There was room just before the signal. */
		ASSERT_EQ((long)size_of(count), writer.ret);
	}
	ASSERT_CALL(-1, EINTR, &writer);
	ASSERT_EQ(0, call_start(&reader, call_recv_messages, self->server, 0,
				NULL, 0));
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	ASSERT_CALL(count, 0, &reader);
}

TEST_F(seqpacket, a_writer_that_waits_is_woken_by_the_end)
{
	struct call writer;

	ASSERT_LT(0, fill(self->client));
	/* What the other end drops makes room, before it says that it ends. */
	ASSERT_EQ(0, call_start(&writer, call_send_until_it_fails,
				self->client, 0, self->buf, MAX_PAYLOAD));
	ASSERT_EQ(0, call_wait_blocked(&writer, __NR_sendto));
	ASSERT_EQ(0, set_linger(self->server, 1, 0));
	ASSERT_EQ(0, close(self->server));
	self->server = -1;
	ASSERT_CALL(-1, ECONNRESET, &writer);
	ASSERT_ERRNO(EPIPE, send(self->client, "x", 1, MSG_NOSIGNAL));
}

/* "EPOLLOUT: a write would not block": not one of the largest message either,
 * in a buffer that has room for one and not for two.
 */
TEST_F(seqpacket, poll_is_out_only_if_a_message_can_be_sent)
{
	int size = 14000, count = 0, ret = 0;
	struct call reader;

	ASSERT_EQ(0, setsockopt(self->client, SOL_SOCKET, SO_SNDBUF, &size,
				sizeof(size)));
	do {
		while (poll_for(self->client, POLLOUT,
				SUB_QUIET_MS * slow_factor())) {
			ret = send(self->client, self->buf, MAX_PAYLOAD,
				   MSG_DONTWAIT | MSG_NOSIGNAL);
			ASSERT_EQ(MAX_PAYLOAD, ret) {
				TH_LOG("message %d: %m", count);
			}
			count++;
		}
		/* SCTP may have taken one just now; not again and again. */
		ret = send(self->client, self->buf, MAX_PAYLOAD,
			   MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (ret == MAX_PAYLOAD);
	ASSERT_EQ(-1, ret);
	ASSERT_EQ(EAGAIN, errno);
	ASSERT_EQ(0, call_start(&reader, call_poll, self->client, POLLOUT,
				NULL, 0));
	while (!call_is_done(&reader)) {
		if (!poll_for(self->server, POLLIN, 20))
			continue;
		ASSERT_EQ(MAX_PAYLOAD, recv(self->server, self->buf,
					    sizeof(self->buf), 0));
	}
	ASSERT_CALL(POLLOUT, 0, &reader);
	ASSERT_EQ(MAX_PAYLOAD, send(self->client, self->buf, MAX_PAYLOAD,
				    MSG_DONTWAIT | MSG_NOSIGNAL));
}

/* More than the buffer holds is taken all the same, when it is empty. */
TEST_F(seqpacket, a_message_may_be_larger_than_the_send_buffer)
{
	int size = 1;

	ASSERT_EQ(0, setsockopt(self->client, SOL_SOCKET, SO_SNDBUF, &size,
				sizeof(size)));
	ASSERT_GT(MAX_PAYLOAD, get_int(self->client, SOL_SOCKET, SO_SNDBUF));
	pattern_fill(self->buf, MAX_PAYLOAD, 0, 1);
	ASSERT_EQ(MAX_PAYLOAD, write(self->client, self->buf, MAX_PAYLOAD));
	memset(self->buf, 0, sizeof(self->buf));
	ASSERT_EQ(MAX_PAYLOAD, recv(self->server, self->buf,
				    sizeof(self->buf), 0));
	ASSERT_EQ(-1, pattern_check(self->buf, MAX_PAYLOAD, 0, 1));
}

TEST_F(seqpacket, poll_is_in_while_there_is_a_message)
{
	EXPECT_EQ(POLLOUT, poll_now(self->server, ALL));
	ASSERT_EQ(5, write(self->client, "first", 5));
	ASSERT_EQ(6, write(self->client, "second", 6));
	ASSERT_LE(0, poll_until(self->server, POLLIN));
	ASSERT_EQ(1, recv(self->server, self->buf, 1, 0));
	ASSERT_LE(0, poll_until(self->server, POLLIN));
	EXPECT_EQ(POLLIN | POLLOUT, poll_now(self->server, ALL));
	ASSERT_EQ(1, recv(self->server, self->buf, 1, 0));
	EXPECT_EQ(POLLOUT, poll_now(self->server, ALL));
}

TEST_F(seqpacket, edge_for_each_message)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int i, epfd = epoll_create1(EPOLL_CLOEXEC);

	ASSERT_LE(0, epfd);
	ASSERT_EQ(0, epoll_ctl(epfd, EPOLL_CTL_ADD, self->server, &event));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, epoll_wait(epfd, &event, 1, 0));
		ASSERT_EQ(1, write(self->client, "x", 1));
		ASSERT_EQ(1, epoll_wait(epfd, &event, 1, deadline_ms()));
	}
	close(epfd);
}

/* The end, as of SOCK_STREAM. */

TEST_F(seqpacket, ends_as_a_stream_does)
{
	ASSERT_EQ(7, write(self->client, "request", 7));
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	ASSERT_ERRNO(EPIPE, send(self->client, "x", 1, MSG_NOSIGNAL));
	ASSERT_EQ(7, recv(self->server, self->buf, 64, 0));
	ASSERT_EQ(0, recv(self->server, self->buf, 64, 0));
	EXPECT_EQ(ALL, poll_now(self->server, ALL));
	ASSERT_EQ(8, write(self->server, "response", 8));
	ASSERT_EQ(0, shutdown(self->server, SHUT_WR));
	ASSERT_EQ(8, recv(self->client, self->buf, 64, 0));
	ASSERT_EQ(0, recv(self->client, self->buf, 64, 0));
	EXPECT_EQ(ALL | POLLHUP, poll_now(self->client, ALL));
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
}

TEST_F(seqpacket, closed_sends_all_that_was_written)
{
	enum { COUNT = 20 };
	struct call reader;
	int i;

	for (i = 0; i < COUNT; i++) {
		pattern_fill(self->buf, size_of(i), 0, i);
		ASSERT_EQ((ssize_t)size_of(i), write(self->client, self->buf,
						     size_of(i)));
	}
	ASSERT_EQ(0, close(self->client));
	self->client = -1;
	ASSERT_EQ(0, call_start(&reader, call_recv_messages, self->server, 0,
				NULL, 0));
	ASSERT_CALL(COUNT, 0, &reader);
}

TEST_F(seqpacket, reset_lets_what_is_queued_be_read)
{
	ASSERT_EQ(5, write(self->client, "first", 5));
	ASSERT_LE(0, poll_until(self->server, POLLIN));
	ASSERT_EQ(0, set_linger(self->client, 1, 0));
	ASSERT_EQ(0, close(self->client));
	self->client = -1;
	ASSERT_LE(0, poll_until(self->server, POLLERR));
	ASSERT_EQ(5, recv(self->server, self->buf, 64, 0));
	ASSERT_ERRNO(ECONNRESET, recv(self->server, self->buf, 64, 0));
	ASSERT_EQ(0, recv(self->server, self->buf, 64, 0));
}

TEST_F(seqpacket, shut_rd_drops_what_is_queued)
{
	ASSERT_EQ(5, write(self->client, "first", 5));
	ASSERT_LE(0, poll_until(self->server, POLLIN));
	ASSERT_EQ(0, shutdown(self->server, SHUT_RD));
	ASSERT_EQ(0, recv(self->server, self->buf, 64, 0));
	ASSERT_EQ(EPIPE, sub_write_error(self->client));
}

/* sendfile and splice move bytes; what they move at once is a message. */

TEST_F(seqpacket, sendfile_of_a_page_is_a_message)
{
	int file = memfd_create("pattern", MFD_CLOEXEC);
	off_t off = 0;

	ASSERT_LE(0, file);
	pattern_fill(self->buf, 4096, 0, 1);
	ASSERT_EQ(4096, write(file, self->buf, 4096));
	ASSERT_EQ(4096, sendfile(self->client, file, &off, 4096));
	memset(self->buf, 0, sizeof(self->buf));
	ASSERT_EQ(4096, recv(self->server, self->buf, sizeof(self->buf), 0));
	ASSERT_EQ(-1, pattern_check(self->buf, 4096, 0, 1));
	ASSERT_ERRNO(EAGAIN, recv(self->server, self->buf, 1, MSG_DONTWAIT));
	close(file);
}

TEST_F(seqpacket, splice_moves_messages_to_and_from_a_pipe)
{
	int fd[2];

	ASSERT_EQ(0, pipe(fd));
	ASSERT_EQ(5, write(fd[1], "hello", 5));
	ASSERT_EQ(5, splice(fd[0], NULL, self->client, NULL, 64, 0));
	ASSERT_EQ(3, write(self->client, "abc", 3));
	ASSERT_LE(0, poll_until(self->server, POLLIN));
	ASSERT_EQ(5, splice(self->server, NULL, fd[1], NULL, 64, 0));
	ASSERT_LE(0, poll_until(self->server, POLLIN));
	ASSERT_EQ(3, splice(self->server, NULL, fd[1], NULL, 64, 0));
	ASSERT_EQ(8, read(fd[0], self->buf, 64));
	EXPECT_EQ(0, memcmp(self->buf, "helloabc", 8));
	close(fd[0]);
	close(fd[1]);
}

/* On the wire there is no difference. */
FIXTURE(mixed)
{
	int stream;
	int seqpacket;
	char buf[64];
};

FIXTURE_VARIANT(mixed)
{
	int client;
	int server;
};

FIXTURE_VARIANT_ADD(mixed, stream_connects)
{
	.client = SOCK_STREAM,
	.server = SOCK_SEQPACKET,
};

FIXTURE_VARIANT_ADD(mixed, seqpacket_connects)
{
	.client = SOCK_SEQPACKET,
	.server = SOCK_STREAM,
};

FIXTURE_SETUP(mixed)
{
	struct addr addr;
	int listener, client, server;

	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/fin_ack_timeout_ms",
				  deadline_ms()));
	sub_type = variant->server;
	listener = sub_listen(AF_INET, &addr);
	ASSERT_LE(0, listener);
	sub_type = variant->client;
	client = sub_connect(&addr);
	ASSERT_LE(0, client);
	server = sub_accept(listener);
	ASSERT_LE(0, server);
	EXPECT_EQ(variant->server, get_int(server, SOL_SOCKET, SO_TYPE));
	self->stream = variant->client == SOCK_STREAM ? client : server;
	self->seqpacket = variant->client == SOCK_STREAM ? server : client;
	close(listener);
}

FIXTURE_TEARDOWN(mixed)
{
	close(self->stream);
	close(self->seqpacket);
}

TEST_F(mixed, messages_are_bytes_to_a_stream)
{
	ASSERT_EQ(3, write(self->seqpacket, "abc", 3));
	ASSERT_EQ(3, write(self->seqpacket, "def", 3));
	ASSERT_EQ(5, recv(self->stream, self->buf, 5, MSG_WAITALL));
	EXPECT_EQ(0, memcmp(self->buf, "abcde", 5));
	ASSERT_EQ(1, recv(self->stream, self->buf, 5, 0));
	ASSERT_EQ(0, shutdown(self->seqpacket, SHUT_WR));
	ASSERT_EQ(0, recv(self->stream, self->buf, 5, 0));
}

TEST_F(mixed, frames_of_a_stream_are_messages)
{
	ASSERT_EQ(3, write(self->stream, "abc", 3));
	ASSERT_EQ(3, recv(self->seqpacket, self->buf, 64, 0));
	ASSERT_EQ(3, write(self->stream, "def", 3));
	ASSERT_EQ(3, recv(self->seqpacket, self->buf, 64, 0));
	EXPECT_EQ(0, memcmp(self->buf, "def", 3));
	ASSERT_EQ(0, shutdown(self->stream, SHUT_WR));
	ASSERT_EQ(0, recv(self->seqpacket, self->buf, 64, 0));
}

/* Both types of socket on one association. */
TEST_F(mixed, both_share_an_association)
{
	struct addr addr, one, two;
	int listener, fd[2];

	sub_type = SOCK_STREAM;
	listener = sub_listen(AF_INET, &addr);
	ASSERT_LE(0, listener);
	fd[0] = sub_connect(&addr);
	ASSERT_LE(0, fd[0]);
	sub_type = SOCK_SEQPACKET;
	fd[1] = sub_connect(&addr);
	ASSERT_LE(0, fd[1]);
	ASSERT_EQ(0, addr_local(fd[0], &one));
	ASSERT_EQ(0, addr_local(fd[1], &two));
	EXPECT_TRUE(addr_same(&one, &two));
	close(fd[0]);
	close(fd[1]);
	close(listener);
}

TEST_HARNESS_MAIN
