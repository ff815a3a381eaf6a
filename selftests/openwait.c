// SPDX-License-Identifier: GPL-2.0
/* WRTCSUB_OPEN_WAIT: "connect waits for the DCEP ACK." */

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <time.h>

#include "lib/harness.h"

#define ABC	"05 12 03 61 62 63"

FIXTURE(openwait)
{
	struct addr addr;
	struct peer peer;
	struct call caller;
	int listener;
	int other;
	int fd;
	__u16 sid;
	char buf[8];
};

FIXTURE_VARIANT(openwait)
{
	int family;
	bool up;		/* the association is */
};

FIXTURE_VARIANT_ADD(openwait, ipv4_of_a_new_association)
{
	.family = AF_INET,
};

FIXTURE_VARIANT_ADD(openwait, ipv6_of_one_that_is_up)
{
	.family = AF_INET6,
	.up = true,
};

FIXTURE_SETUP(openwait)
{
	ASSERT_EQ(0, catch_signals(0));
	ASSERT_EQ(0, netns_private());
	/* Even a machine that stalls acknowledges a FIN in time. */
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/fin_ack_timeout_ms", 30000));
	/* ... and still finds an association that was idle for a while. */
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/idle_timeout_ms", 60000));
	self->listener = peer_listen(variant->family, &self->addr, 0);
	ASSERT_LE(0, self->listener);
	self->peer.fd = -1;
	self->other = -1;
	if (variant->up) {
		self->other = sub_connect(&self->addr);
		ASSERT_LE(0, self->other);
		ASSERT_EQ(0, peer_accept(&self->peer, self->listener));
		ASSERT_EQ(0, peer_answer_open(&self->peer, &self->sid));
	}
	self->fd = sub_socket(0);
	ASSERT_LE(0, self->fd);
	EXPECT_EQ(0, sub_get(self->fd, WRTCSUB_OPEN_WAIT));
	ASSERT_EQ(0, sub_set(self->fd, WRTCSUB_OPEN_WAIT, 1));
	EXPECT_EQ(1, sub_get(self->fd, WRTCSUB_OPEN_WAIT));
}

FIXTURE_TEARDOWN(openwait)
{
	close(self->fd);
	close(self->other);
	close(self->listener);
	peer_close(&self->peer);
}

#define ASSERT_SENDS(_hex)						\
	ASSERT_EQ(0, peer_send(&self->peer, self->sid, _hex))
#define ASSERT_ACKS()							\
	ASSERT_EQ(0, peer_send_ppid(&self->peer, self->sid, PPID_DCEP,	\
				    DCEP_ACK))

/* The peer has got the OPEN. */
#define ASSERT_OPEN_COMES() do {					\
	if (!variant->up)						\
		ASSERT_EQ(0, peer_accept(&self->peer, self->listener));	\
	ASSERT_EQ(0, peer_expect_open(&self->peer, &self->sid));	\
} while (0)

/* connect waits, in a thread of its own. */
#define ASSERT_WAITS() do {						\
	ASSERT_EQ(0, call_start(&self->caller, call_connect, self->fd, 0, \
				&self->addr, 0));			\
	ASSERT_OPEN_COMES();						\
	ASSERT_EQ(0, call_wait_blocked(&self->caller, __NR_connect));	\
} while (0)

#define ASSERT_IN_PROGRESS() do {					\
	ASSERT_EQ(0, set_nonblock(self->fd, true));			\
	ASSERT_ERRNO(EINPROGRESS, connect(self->fd, &self->addr.sa,	\
					  self->addr.len));		\
	ASSERT_OPEN_COMES();						\
	EXPECT_EQ(0, poll_now(self->fd, POLLIN | POLLOUT));		\
} while (0)

TEST_F(openwait, ends_with_the_ack)
{
	ASSERT_WAITS();
	ASSERT_ACKS();
	ASSERT_CALL(0, 0, &self->caller);
	ASSERT_EQ(3, write(self->fd, "abc", 3));
	ASSERT_EQ(0, peer_expect(&self->peer, self->sid, ABC));
}

/* RFC 8832, section 6: "or any other message" */
TEST_F(openwait, ends_with_data)
{
	ASSERT_WAITS();
	ASSERT_SENDS(ABC);
	ASSERT_CALL(0, 0, &self->caller);
	ASSERT_EQ(3, recv(self->fd, self->buf, sizeof(self->buf), 0));
	/* The ACK that follows does no harm. */
	ASSERT_ACKS();
	ASSERT_SENDS(ABC);
	ASSERT_EQ(3, recv(self->fd, self->buf, sizeof(self->buf), 0));
}

TEST_F(openwait, ends_with_the_peers_fin)
{
	ASSERT_WAITS();
	ASSERT_SENDS(WIRE_FIN);
	ASSERT_CALL(0, 0, &self->caller);
	ASSERT_EQ(0, recv(self->fd, self->buf, sizeof(self->buf), 0));
	ASSERT_EQ(0, peer_expect(&self->peer, self->sid, WIRE_FIN_ACK));
}

TEST_F(openwait, ends_with_stop_sending)
{
	ASSERT_WAITS();
	ASSERT_SENDS(WIRE_STOP_SENDING);
	ASSERT_CALL(0, 0, &self->caller);
	ASSERT_ERRNO(EPIPE, send(self->fd, "x", 1, MSG_NOSIGNAL));
}

TEST_F(openwait, refused_by_reset_stream_is_econnrefused)
{
	ASSERT_WAITS();
	ASSERT_SENDS(WIRE_RESET_STREAM);
	ASSERT_CALL(-1, ECONNREFUSED, &self->caller);
	ASSERT_EQ(0, peer_expect_reset(&self->peer, self->sid));
	ASSERT_ERRNO(ENOTCONN, recv(self->fd, self->buf, 1, 0));
	ASSERT_ERRNO(EPIPE, send(self->fd, "x", 1, MSG_NOSIGNAL));
	ASSERT_ERRNO(ENOTCONN, shutdown(self->fd, SHUT_WR));
	EXPECT_EQ(0, get_int(self->fd, SOL_SOCKET, SO_ERROR));
	EXPECT_EQ(POLLOUT | POLLHUP, poll_now(self->fd, POLLIN | POLLOUT));
}

TEST_F(openwait, refused_by_the_reset_of_the_channel_is_econnrefused)
{
	ASSERT_WAITS();
	ASSERT_EQ(0, peer_reset(&self->peer, self->sid));
	ASSERT_CALL(-1, ECONNREFUSED, &self->caller);
	ASSERT_EQ(0, peer_expect_reset(&self->peer, self->sid));
}

TEST_F(openwait, refused_leaves_the_association)
{
	int fd;

	ASSERT_WAITS();
	ASSERT_SENDS(WIRE_RESET_STREAM);
	ASSERT_CALL(-1, ECONNREFUSED, &self->caller);
	fd = sub_connect(&self->addr);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, peer_answer_open(&self->peer, &self->sid));
	ASSERT_EQ(3, write(fd, "abc", 3));
	ASSERT_EQ(0, peer_expect(&self->peer, self->sid, ABC));
	close(fd);
}

TEST_F(openwait, lost_with_the_association_is_econnreset)
{
	ASSERT_WAITS();
	ASSERT_EQ(0, peer_abort(&self->peer));
	ASSERT_CALL(-1, ECONNRESET, &self->caller);
}

/* As of TCP: it goes on, and the next connect waits for it. */
TEST_F(openwait, interrupted_goes_on)
{
	ASSERT_WAITS();
	ASSERT_EQ(0, call_signal(&self->caller));
	ASSERT_CALL(-1, EINTR, &self->caller);
	ASSERT_EQ(0, set_nonblock(self->fd, true));
	ASSERT_ERRNO(EALREADY, connect(self->fd, &self->addr.sa,
				       self->addr.len));
	ASSERT_EQ(0, set_nonblock(self->fd, false));
	ASSERT_EQ(0, call_start(&self->caller, call_connect, self->fd, 0,
				&self->addr, 0));
	ASSERT_EQ(0, call_wait_blocked(&self->caller, __NR_connect));
	ASSERT_ACKS();
	ASSERT_CALL(0, 0, &self->caller);
	ASSERT_ERRNO(EISCONN, connect(self->fd, &self->addr.sa,
				      self->addr.len));
}

TEST_F(openwait, restarts_by_itself_if_the_signal_says_so)
{
	ASSERT_EQ(0, catch_signals(SA_RESTART));
	ASSERT_WAITS();
	ASSERT_EQ(0, call_signal(&self->caller));
	ASSERT_EQ(0, call_wait_blocked(&self->caller, __NR_connect));
	ASSERT_ACKS();
	ASSERT_CALL(0, 0, &self->caller);
}

/* The time of the last tick: a timeout counts from there. */
static long long tick_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

TEST_F(openwait, waits_no_longer_than_the_send_timeout)
{
	long long start = tick_ms();

	ASSERT_EQ(0, set_timeout(self->fd, SO_SNDTIMEO, 200));
	ASSERT_ERRNO(EINPROGRESS, connect(self->fd, &self->addr.sa,
					  self->addr.len));
	EXPECT_LE(190, now_ms() - start);
	/* It goes on. */
	ASSERT_OPEN_COMES();
	ASSERT_ACKS();
	ASSERT_EQ(POLLOUT, poll_until(self->fd, POLLOUT));
	ASSERT_EQ(0, connect(self->fd, &self->addr.sa, self->addr.len));
}

/* "Non-blocking: EINPROGRESS, then EPOLLOUT and SO_ERROR." */
TEST_F(openwait, nonblocking_is_done_with_epollout)
{
	ASSERT_IN_PROGRESS();
	ASSERT_ERRNO(EALREADY, connect(self->fd, &self->addr.sa,
				       self->addr.len));
	ASSERT_ERRNO(EAGAIN, send(self->fd, "x", 1, MSG_NOSIGNAL));
	ASSERT_ERRNO(EAGAIN, recv(self->fd, self->buf, 1, 0));
	ASSERT_ACKS();
	ASSERT_EQ(POLLOUT, poll_until(self->fd, POLLOUT));
	EXPECT_EQ(0, get_int(self->fd, SOL_SOCKET, SO_ERROR));
	ASSERT_EQ(0, connect(self->fd, &self->addr.sa, self->addr.len));
	ASSERT_EQ(3, write(self->fd, "abc", 3));
	ASSERT_EQ(0, peer_expect(&self->peer, self->sid, ABC));
}

/* Who waits for data sees it when connect is done, which is a while after the
 * data if the message is long.
 */
TEST_F(openwait, nonblocking_is_done_with_epollin_by_data)
{
	static unsigned char msg[60000] = { 0x05, 0x12, 0x03, 'a', 'b', 'c' };
	struct call poller;

	ASSERT_IN_PROGRESS();
	ASSERT_EQ(0, call_start(&poller, call_poll, self->fd, POLLIN, NULL,
				0));
	ASSERT_EQ(0, call_wait_blocked(&poller, __NR_ppoll));
	/* The rest are empty frames. */
	ASSERT_EQ(0, peer_send_raw(&self->peer, self->sid, PPID_BINARY, msg,
				   sizeof(msg)));
	ASSERT_CALL(POLLIN, 0, &poller);
	ASSERT_EQ(3, recv(self->fd, self->buf, sizeof(self->buf), 0));
}

TEST_F(openwait, nonblocking_is_refused_by_so_error)
{
	ASSERT_IN_PROGRESS();
	ASSERT_SENDS(WIRE_RESET_STREAM);
	EXPECT_EQ(POLLOUT | POLLERR | POLLHUP, poll_until(self->fd, POLLOUT));
	EXPECT_EQ(ECONNREFUSED, get_int(self->fd, SOL_SOCKET, SO_ERROR));
	EXPECT_EQ(POLLIN | POLLOUT | POLLRDHUP | POLLHUP,
		  poll_now(self->fd, POLLIN | POLLOUT | POLLRDHUP));
	EXPECT_EQ(0, get_int(self->fd, SOL_SOCKET, SO_ERROR));
}

TEST_F(openwait, nonblocking_is_refused_by_connect)
{
	ASSERT_IN_PROGRESS();
	ASSERT_SENDS(WIRE_RESET_STREAM);
	ASSERT_LE(0, poll_until(self->fd, POLLOUT));
	ASSERT_ERRNO(ECONNREFUSED, connect(self->fd, &self->addr.sa,
					   self->addr.len));
}

/* Another thread that writes meanwhile waits with it. */
TEST_F(openwait, a_write_waits_for_it)
{
	struct call writer;

	ASSERT_WAITS();
	ASSERT_EQ(0, call_start(&writer, call_send, self->fd, 0, "abc", 3));
	ASSERT_EQ(0, call_wait_blocked(&writer, __NR_sendto));
	ASSERT_EQ(0, peer_expect_nothing(&self->peer, self->sid));
	ASSERT_ACKS();
	ASSERT_CALL(0, 0, &self->caller);
	ASSERT_CALL(3, 0, &writer);
	ASSERT_EQ(0, peer_expect(&self->peer, self->sid, ABC));
}

/* The channel is open for the peer, so it is closed in good order. */
TEST_F(openwait, closed_meanwhile_ends_the_channel)
{
	struct peer_frame *frame = calloc(1, sizeof(*frame));
	int i, seen = 0;

	ASSERT_NE(NULL, frame);
	ASSERT_IN_PROGRESS();
	ASSERT_EQ(0, close(self->fd));
	self->fd = -1;
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, peer_expect_frame(&self->peer, self->sid, frame));
		ASSERT_EQ(0u, frame->len);
		seen |= 1 << frame->flag;
	}
	/* FIN and STOP_SENDING */
	EXPECT_EQ(1 << 0 | 1 << 1, seen);
	ASSERT_ACKS();
	ASSERT_SENDS(WIRE_FIN_ACK);
	ASSERT_SENDS(WIRE_FIN);
	ASSERT_EQ(0, peer_expect(&self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, peer_expect_reset(&self->peer, self->sid));
	free(frame);
}

TEST_F(openwait, closed_meanwhile_with_linger_0_is_a_reset)
{
	ASSERT_IN_PROGRESS();
	ASSERT_EQ(0, set_linger(self->fd, 1, 0));
	ASSERT_EQ(0, close(self->fd));
	self->fd = -1;
	ASSERT_EQ(0, peer_expect(&self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_EQ(0, peer_expect_reset(&self->peer, self->sid));
}

TEST_F(openwait, options_are_too_late_while_it_lasts)
{
	ASSERT_IN_PROGRESS();
	ASSERT_ERRNO(EISCONN, sub_set(self->fd, WRTCSUB_OPEN_WAIT, 0));
	ASSERT_ERRNO(EISCONN, setsockopt(self->fd, SOL_WRTCSUB, WRTCSUB_LABEL,
					 "x", 1));
	ASSERT_ERRNO(EINVAL, listen(self->fd, 5));
	ASSERT_ERRNO(EINVAL, bind(self->fd, &self->addr.sa, self->addr.len));
	ASSERT_ERRNO(ENOTCONN, shutdown(self->fd, SHUT_WR));
}

TEST_HARNESS_MAIN
