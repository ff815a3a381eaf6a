// SPDX-License-Identifier: GPL-2.0
/* WRTCSUB_RCV_OVERFLOW: what becomes of an association whose readers leave more
 * than assoc_rmem.  "pause stops reading from the association (nothing lost,
 * its siblings wait too), reset resets that substream (ECONNRESET on both ends)
 * and its siblings go on."
 */

#include <poll.h>

#include "lib/harness.h"
#include "lib/net.h"

#define ABC		"05 12 03 61 62 63"
#define RMEM		(512 << 10)
#define PAYLOAD		4000
#define ON_THE_WAY	(12 * PAYLOAD)

FIXTURE(overflow)
{
	struct duo duo;
	struct peer *peer;
	__u16 sid;			/* of the one that is flooded */
	__u16 other_sid;
	int fd;
	int other;
	char buf[64];
};

FIXTURE_VARIANT(overflow)
{
	int type;
	enum duo_side side;
};

FIXTURE_VARIANT_ADD(overflow, stream_connected)
{
	.type = SOCK_STREAM,
	.side = DUO_KERNEL_CONNECTS,
};

FIXTURE_VARIANT_ADD(overflow, stream_accepted)
{
	.type = SOCK_STREAM,
	.side = DUO_KERNEL_ACCEPTS,
};

FIXTURE_VARIANT_ADD(overflow, seqpacket_accepted)
{
	.type = SOCK_SEQPACKET,
	.side = DUO_KERNEL_ACCEPTS,
};

FIXTURE_SETUP(overflow)
{
	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/assoc_rmem", RMEM));
	sub_type = variant->type;
	ASSERT_EQ(0, duo_open(&self->duo, AF_INET, variant->side, 0));
	self->peer = &self->duo.peer;
	self->fd = self->duo.fd;
	self->sid = self->duo.sid;
	self->other = duo_more(&self->duo, &self->other_sid);
	ASSERT_LE(0, self->other);
}

FIXTURE_TEARDOWN(overflow)
{
	close(self->other);
	duo_close(&self->duo);
}

static bool is_paused(int fd)
{
	struct wrtcsub_info info;

	return !sub_info(fd, &info) && info.wi_flags & WRTCSUB_INFO_F_PAUSED;
}

static bool is_reset(int fd)
{
	struct wrtcsub_info info;

	return !sub_info(fd, &info) && info.wi_rx_state == WRTCSUB_RX_RESET;
}

/* Send frames of a pattern until something has come of it. Return: bytes of
 * payload, or -1.
 *
 * No more are on the way than SCTP sends at once, however late the kernel takes
 * them: of those that wait SCTP makes one packet, and each of them is counted
 * with all of it; and a message for a sibling finds no room behind too many.
 */
static long flood(struct peer *peer, __u16 sid, int fd, bool (*done)(int fd))
{
	unsigned char frame[PAYLOAD + 5] = { 0xa3, 0x1f, 0x12, 0xa0, 0x1f };
	long long end = now_ms() + deadline_ms();
	long sent = 0;

	while (!done(fd)) {
		if (now_ms() > end)
			return -1;
		if (sent - sub_received(fd) >= ON_THE_WAY) {
			usleep(1000);
			continue;
		}
		pattern_fill(frame + 5, PAYLOAD, sent, 1);
		if (!peer_try_send(peer, sid, frame, sizeof(frame)))
			sent += PAYLOAD;
		else
			poll_for(peer->fd, POLLOUT, 10);
	}
	return sent;
}

/* All of it, in order. */
static int read_pattern(int fd, long want)
{
	static unsigned char buf[PAYLOAD];
	long done = 0;
	ssize_t ret;

	while (done < want) {
		if (poll_until(fd, POLLIN) < 0)
			return -1;
		ret = recv(fd, buf, sizeof(buf), 0);
		if (ret <= 0 || pattern_check(buf, ret, done, 1) >= 0)
			return -1;
		done += ret;
	}
	return 0;
}

#define ASSERT_OTHER_IS_FINE() do {					\
	ASSERT_EQ(0, peer_send(self->peer, self->other_sid, ABC));	\
	ASSERT_LE(0, poll_until(self->other, POLLIN));			\
	ASSERT_EQ(3, recv(self->other, self->buf, 3, MSG_DONTWAIT));	\
	ASSERT_EQ(3, write(self->other, "abc", 3));			\
	ASSERT_EQ(0, peer_expect(self->peer, self->other_sid, ABC));	\
} while (0)

TEST_F(overflow, pauses_by_default_and_nothing_is_lost)
{
	long sent;

	EXPECT_EQ(0, sub_get(self->fd, WRTCSUB_RCV_OVERFLOW));
	sent = flood(self->peer, self->sid, self->fd, is_paused);
	ASSERT_LT(RMEM / 4, sent);
	/* A sibling waits as well, but sends. */
	ASSERT_EQ(0, peer_send(self->peer, self->other_sid, ABC));
	EXPECT_EQ(0, poll_for(self->other, POLLIN, 500));
	ASSERT_EQ(3, write(self->other, "abc", 3));
	ASSERT_EQ(0, peer_expect(self->peer, self->other_sid, ABC));

	ASSERT_EQ(0, read_pattern(self->fd, sent));
	ASSERT_LE(0, poll_until(self->other, POLLIN));
	ASSERT_EQ(3, recv(self->other, self->buf, 3, MSG_DONTWAIT));
	EXPECT_FALSE(is_paused(self->fd));
	EXPECT_EQ(0, netns_counter("Overflows"));
	EXPECT_LE(1, netns_counter("Pauses"));
	ASSERT_OTHER_IS_FINE();
}

TEST_F(overflow, resets_the_one_that_is_over)
{
	struct wrtcsub_info info;

	ASSERT_EQ(0, sub_set(self->fd, WRTCSUB_RCV_OVERFLOW,
			     WRTCSUB_OVERFLOW_RESET));
	ASSERT_LT(RMEM / 4, flood(self->peer, self->sid, self->fd, is_reset));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_RESET_STREAM));
	EXPECT_EQ(1, netns_counter("Overflows"));
	ASSERT_ERRNO(ECONNRESET, recv(self->fd, self->buf, 1, 0));
	ASSERT_EQ(0, recv(self->fd, self->buf, 1, 0));
	/* What it held is given back. */
	ASSERT_EQ(0, sub_info(self->other, &info));
	EXPECT_EQ(0u, info.wi_assoc_rmem);
	ASSERT_OTHER_IS_FINE();
}

/* "by the option of the substream that is over": the other one, which may be
 * reset, holds little.
 */
static bool is_well_filled(int fd)
{
	struct wrtcsub_info info;

	return !sub_info(fd, &info) && info.wi_assoc_rmem > RMEM / 4 * 3;
}

static bool has_overflowed(int fd)
{
	(void)fd;
	return netns_counter("Overflows") > 0;
}

/* It holds most of what all may, is over, and may be reset. */
static int fill_over(struct peer *peer, __u16 sid, int fd)
{
	int size = 4096;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) ||
	    sub_set(fd, WRTCSUB_RCV_OVERFLOW, WRTCSUB_OVERFLOW_RESET))
		return -1;
	return flood(peer, sid, fd, is_well_filled) > 0 ? 0 : -1;
}

/* What it held is lost, and nobody has waited for it. */
#define ASSERT_RESET_BY_US() do {					\
	ASSERT_ERRNO(ECONNRESET, recv(self->fd, self->buf, 1, 0));	\
	ASSERT_EQ(0, recv(self->fd, self->buf, 1, 0));			\
	EXPECT_EQ(0, netns_counter("Pauses"));				\
} while (0)

/* All of it has come, but what is not read is lost: never 0 for that. */
TEST_F(overflow, reset_behind_a_fin_is_no_end)
{
	ASSERT_EQ(0, fill_over(self->peer, self->sid, self->fd));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_LT(0, flood(self->peer, self->other_sid, self->other,
			   has_overflowed));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_RESET_BY_US();
}

/* What is not read counts also when the channel is closed. */
TEST_F(overflow, resets_one_that_both_ends_have_finished)
{
	struct call closer;

	ASSERT_EQ(0, fill_over(self->peer, self->sid, self->fd));
	ASSERT_EQ(0, call_start(&closer, call_shutdown, self->fd, SHUT_WR,
				NULL, 0));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_CALL(0, 0, &closer);
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));

	ASSERT_LT(0, flood(self->peer, self->other_sid, self->other,
			   has_overflowed));
	ASSERT_RESET_BY_US();
}

/* ... or was reset, by which nothing is dropped. */
TEST_F(overflow, resets_one_that_the_peer_has_reset)
{
	ASSERT_EQ(0, fill_over(self->peer, self->sid, self->fd));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_LT(0, flood(self->peer, self->other_sid, self->other,
			   has_overflowed));
	ASSERT_RESET_BY_US();
}

static bool holds_nothing(int fd)
{
	struct wrtcsub_info info;

	return !sub_info(fd, &info) && !info.wi_assoc_rmem;
}

/* SHUT_RD "drops what is queued", of a frame that is not whole as well. */
TEST_F(overflow, shut_rd_gives_back_what_a_frame_holds)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, "a3 1f 12 a0 1f 61 62"));
	ASSERT_UNTIL(!holds_nothing(self->fd));
	ASSERT_EQ(0, shutdown(self->fd, SHUT_RD));
	ASSERT_UNTIL(holds_nothing(self->fd));
}

TEST_F(overflow, resets_nobody_who_is_not_over)
{
	long sent;

	ASSERT_EQ(0, sub_set(self->other, WRTCSUB_RCV_OVERFLOW,
			     WRTCSUB_OVERFLOW_RESET));
	ASSERT_EQ(0, peer_send(self->peer, self->other_sid, ABC));
	ASSERT_LE(0, poll_until(self->other, POLLIN));
	sent = flood(self->peer, self->sid, self->fd, is_paused);
	ASSERT_LT(0, sent);
	EXPECT_EQ(0, netns_counter("Overflows"));
	ASSERT_EQ(3, recv(self->other, self->buf, 3, MSG_DONTWAIT));
	ASSERT_EQ(0, read_pattern(self->fd, sent));
	ASSERT_OTHER_IS_FINE();
}

/* "any time" */
TEST_F(overflow, changed_while_it_pauses_resets_at_once)
{
	ASSERT_LT(0, flood(self->peer, self->sid, self->fd, is_paused));
	ASSERT_EQ(0, peer_send(self->peer, self->other_sid, ABC));
	ASSERT_EQ(0, sub_set(self->fd, WRTCSUB_RCV_OVERFLOW,
			     WRTCSUB_OVERFLOW_RESET));
	ASSERT_UNTIL(is_reset(self->fd));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_LE(0, poll_until(self->other, POLLIN));
	ASSERT_EQ(3, recv(self->other, self->buf, 3, MSG_DONTWAIT));
	ASSERT_ERRNO(ECONNRESET, recv(self->fd, self->buf, 1, 0));
	ASSERT_OTHER_IS_FINE();
}

/* "any time": also when it has its place, and waits for the ACK. */
TEST(overflow_is_set_while_it_connects)
{
	struct addr addr;
	struct peer peer;
	int listener, fd;
	__u16 sid;

	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/assoc_rmem", RMEM));
	listener = peer_listen(AF_INET, &addr, 0);
	ASSERT_LE(0, listener);
	fd = sub_socket(SOCK_CLOEXEC | SOCK_NONBLOCK);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, sub_set(fd, WRTCSUB_OPEN_WAIT, 1));
	ASSERT_ERRNO(EINPROGRESS, connect(fd, &addr.sa, addr.len));
	ASSERT_EQ(0, peer_accept(&peer, listener));
	ASSERT_EQ(0, peer_expect_open(&peer, &sid));
	ASSERT_EQ(0, sub_set(fd, WRTCSUB_RCV_OVERFLOW, WRTCSUB_OVERFLOW_RESET));
	ASSERT_EQ(0, peer_send_ppid(&peer, sid, PPID_DCEP, DCEP_ACK));
	ASSERT_LT(0, flood(&peer, sid, fd, is_reset));
	ASSERT_EQ(0, peer_expect(&peer, sid, WIRE_RESET_STREAM));
	close(fd);
	close(listener);
	peer_close(&peer);
}

/* "ECONNRESET on both ends" */
TEST(overflow_is_told_to_the_writer)
{
	struct call writer;
	int pair[2], err;

	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/assoc_rmem", RMEM));
	ASSERT_EQ(0, sub_pair(AF_INET, pair));
	ASSERT_EQ(0, sub_stall(&writer, pair[0], 0, 1));
	ASSERT_EQ(0, sub_set(pair[1], WRTCSUB_RCV_OVERFLOW,
			     WRTCSUB_OVERFLOW_RESET));
	ASSERT_LT(0, sub_stalled(&writer, &err));
	EXPECT_EQ(ECONNRESET, err);
	ASSERT_ERRNO(ECONNRESET, recv(pair[1], &err, 1, 0));
	close(pair[0]);
	close(pair[1]);
}

/* Others wait for this reader, and it for more than there will be. */
TEST_F(overflow, wakes_who_polls_for_more)
{
	struct call poller;
	int low = 2 * RMEM;

	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_RCVLOWAT, &low,
				sizeof(low)));
	ASSERT_EQ(0, call_start(&poller, call_poll, self->fd, POLLIN, NULL,
				0));
	ASSERT_EQ(0, call_wait_blocked(&poller, __NR_ppoll));
	ASSERT_LT(0, flood(self->peer, self->sid, self->fd, is_paused));
	ASSERT_CALL(POLLIN, 0, &poller);
}

/* The FIN_ACK is there, behind what is not read.  A program that waits for it
 * may be the one that is to read: its time limit is all that ends the pause.
 */
TEST_F(overflow, does_not_stretch_the_time_for_a_fin_ack)
{
	struct call closer;

	ASSERT_LT(0, flood(self->peer, self->sid, self->fd, is_paused));
	ASSERT_EQ(0, sub_fin_timeout(self->other, 2000));
	ASSERT_EQ(0, call_start(&closer, call_shutdown, self->other, SHUT_WR,
				NULL, 0));
	ASSERT_EQ(0, peer_expect(self->peer, self->other_sid, WIRE_FIN));
	ASSERT_EQ(0, peer_send(self->peer, self->other_sid, WIRE_FIN_ACK));
	ASSERT_CALL(-1, ETIMEDOUT, &closer);
}

static bool is_not_paused(int fd)
{
	struct wrtcsub_info info;

	return !sub_info(fd, &info) && !(info.wi_flags & WRTCSUB_INFO_F_PAUSED);
}

TEST_F(overflow, goes_on_when_there_may_be_more)
{
	ASSERT_LT(0, flood(self->peer, self->sid, self->fd, is_paused));
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/assoc_rmem", 8 * RMEM));
	ASSERT_UNTIL(is_not_paused(self->fd));
}

TEST_HARNESS_MAIN
