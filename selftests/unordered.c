// SPDX-License-Identifier: GPL-2.0
/* Channels that the peer has opened unordered: what it sends on them arrives in
 * any order, and is read in the order that it was sent in.
 */

#include <poll.h>
#include <stdlib.h>

#include "lib/harness.h"
#include "lib/net.h"
#include "lib/random.h"
#include "lib/sctp.h"

#define OPEN_UNORDERED	"03 80 0100 00000000 0000 0000"
#define X		"03 12 01 78"
#define X_LEN		4
#define FRAMES		300
#define BIG		60000
#define BIG_FRAMES	20
#define FILL_FRAMES	8

static unsigned char fill[30000];

FIXTURE(unordered)
{
	struct duo duo;
	struct peer *peer;
	int port;
	int fd;
	__u16 sid;
	int other;
	__u16 other_sid;
	char buf[64];
};

FIXTURE_VARIANT(unordered)
{
	int family;
};

FIXTURE_VARIANT_ADD(unordered, ipv4)
{
	.family = AF_INET,
};

FIXTURE_VARIANT_ADD(unordered, ipv6)
{
	.family = AF_INET6,
};

FIXTURE_SETUP(unordered)
{
	struct addr addr;

	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/fin_ack_timeout_ms",
				  deadline_ms()));
	ASSERT_EQ(0, repeat_soon());
	ASSERT_EQ(0, duo_open(&self->duo, variant->family, DUO_KERNEL_ACCEPTS,
			      0));
	self->peer = &self->duo.peer;
	self->fd = duo_more_as(&self->duo, &self->sid, OPEN_UNORDERED);
	ASSERT_LE(0, self->fd);
	self->other = duo_more_as(&self->duo, &self->other_sid, OPEN_UNORDERED);
	ASSERT_LE(0, self->other);
	ASSERT_EQ(0, addr_local(self->fd, &addr));
	self->port = addr_port(&addr);
	self->peer->unordered = true;
}

FIXTURE_TEARDOWN(unordered)
{
	close(self->other);
	close(self->fd);
	duo_close(&self->duo);
}

#define ASSERT_READS(_fd, _text) do {					\
	const char *_want = (_text);					\
	size_t _len = strlen(_want);					\
									\
	ASSERT_EQ((ssize_t)_len, recv(_fd, self->buf, _len,		\
				      MSG_WAITALL));			\
	ASSERT_EQ(0, memcmp(_want, self->buf, _len));			\
} while (0)

#define ASSERT_READS_END(_fd)						\
	ASSERT_EQ(0, recv(_fd, self->buf, sizeof(self->buf), 0))

/* This one is on its way until lose_nothing(). */
#define ASSERT_LOSES_X() do {						\
	ASSERT_EQ(0, lose_message(self->port, X_LEN));			\
	ASSERT_EQ(0, peer_send(self->peer, self->sid, X));		\
	ASSERT_UNTIL(lost_any());					\
} while (0)

TEST_F(unordered, fin_waits_for_the_data_before_it)
{
	ASSERT_LOSES_X();
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_UNTIL(netns_counter("RxEarly") == 1);
	EXPECT_EQ(0, poll_now(self->fd, POLLIN | POLLRDHUP));
	ASSERT_EQ(0, lose_nothing());
	ASSERT_READS(self->fd, "x");
	ASSERT_READS_END(self->fd);
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
	EXPECT_EQ(0, netns_counter("RxAfterFin"));
}

TEST_F(unordered, prefix_may_come_after_its_body)
{
	ASSERT_EQ(0, lose_message(self->port, 1));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, "05"));
	ASSERT_UNTIL(lost_any());
	ASSERT_EQ(0, peer_send(self->peer, self->sid, "12 03 61 62 63"));
	ASSERT_UNTIL(netns_counter("RxEarly") == 1);
	ASSERT_EQ(0, lose_nothing());
	ASSERT_READS(self->fd, "abc");
	EXPECT_EQ(0, netns_counter("RxMalformed"));
}

TEST_F(unordered, reset_stream_waits_as_well)
{
	ASSERT_LOSES_X();
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_UNTIL(netns_counter("RxEarly") == 2);
	EXPECT_EQ(0, poll_now(self->fd, POLLIN | POLLRDHUP | POLLERR));
	ASSERT_EQ(0, lose_nothing());
	ASSERT_LE(0, poll_until(self->fd, POLLERR));
	/* The stream was whole. */
	ASSERT_READS(self->fd, "x");
	ASSERT_READS_END(self->fd);
}

/* Nothing is read from SCTP until ASSERT_GOES_ON(). */
#define ASSERT_PAUSES() do {						\
	struct wrtcsub_info _info;					\
									\
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/assoc_rmem", 65536));	\
	self->peer->unordered = false;					\
	for (int _i = 0; _i < FILL_FRAMES; _i++)			\
		ASSERT_EQ(0, peer_send_frame(self->peer, self->duo.sid,	\
					     fill, sizeof(fill)));	\
	self->peer->unordered = true;					\
	ASSERT_UNTIL(!sub_info(self->fd, &_info) &&			\
		     _info.wi_flags & WRTCSUB_INFO_F_PAUSED);		\
} while (0)

#define ASSERT_GOES_ON() do {						\
	for (int _i = 0; _i < FILL_FRAMES; _i++)			\
		ASSERT_EQ((ssize_t)sizeof(fill),			\
			  recv(self->duo.fd, fill, sizeof(fill),	\
			       MSG_WAITALL));				\
} while (0)

/* SCTP has X behind the FIN, and all is acknowledged. */
#define ASSERT_SWAPS_X_AND_FIN() do {					\
	ASSERT_PAUSES();						\
	ASSERT_LOSES_X();						\
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));	\
	ASSERT_EQ(0, lose_nothing());					\
	ASSERT_UNTIL(peer_is_acknowledged(self->peer));			\
} while (0)

/* RFC 6525, section 5.2.2: the reset is told behind all that was sent. */
TEST_F(unordered, reset_of_the_stream_comes_behind_all)
{
	ASSERT_SWAPS_X_AND_FIN();
	ASSERT_EQ(0, peer_send_reset(self->peer, self->sid));
	ASSERT_EQ(0, peer_expect_kind(self->peer, PEER_RESET_OUT));
	ASSERT_GOES_ON();
	ASSERT_READS(self->fd, "x");
	ASSERT_READS_END(self->fd);
}

TEST_F(unordered, reset_of_all_streams_comes_behind_all)
{
	struct sctp_reset_streams all = {
		.srs_flags = SCTP_STREAM_RESET_OUTGOING,
	};

	ASSERT_SWAPS_X_AND_FIN();
	ASSERT_EQ(0, setsockopt(self->peer->fd, IPPROTO_SCTP,
				SCTP_RESET_STREAMS, &all, sizeof(all)));
	/* There is one more when the first has been answered. */
	ASSERT_UNTIL(!setsockopt(self->peer->fd, IPPROTO_SCTP,
				 SCTP_RESET_STREAMS, &all, sizeof(all)));
	ASSERT_GOES_ON();
	ASSERT_READS(self->fd, "x");
	ASSERT_READS_END(self->fd);
}

/* As on a channel that is ordered. */
TEST_F(unordered, abort_comes_behind_all)
{
	ASSERT_SWAPS_X_AND_FIN();
	ASSERT_EQ(0, peer_abort(self->peer));
	ASSERT_READS(self->fd, "x");
	ASSERT_READS_END(self->fd);
}

TEST_F(unordered, shutdown_comes_behind_all)
{
	ASSERT_SWAPS_X_AND_FIN();
	ASSERT_EQ(0, peer_shutdown(self->peer));
	ASSERT_READS(self->fd, "x");
	ASSERT_READS_END(self->fd);
}

TEST_F(unordered, ordered_ones_go_on)
{
	ASSERT_LOSES_X();
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_UNTIL(netns_counter("RxEarly") == 1);
	self->peer->unordered = false;
	ASSERT_EQ(0, peer_send_frame(self->peer, self->duo.sid, "abc", 3));
	ASSERT_READS(self->duo.fd, "abc");
	EXPECT_EQ(0, poll_now(self->fd, POLLIN | POLLRDHUP));
	ASSERT_EQ(0, lose_nothing());
	ASSERT_READS(self->fd, "x");
	ASSERT_READS_END(self->fd);
}

/* What is sent in order behind others stays behind them. */
TEST_F(unordered, ordered_message_stays_behind)
{
	ASSERT_LOSES_X();
	ASSERT_EQ(0, peer_send_frame(self->peer, self->sid, "ab", 2));
	self->peer->unordered = false;
	ASSERT_EQ(0, peer_send_frame(self->peer, self->sid, "cd", 2));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_UNTIL(netns_counter("RxEarly") == 3);
	ASSERT_EQ(0, lose_nothing());
	ASSERT_READS(self->fd, "xabcd");
	ASSERT_READS_END(self->fd);
}

TEST_F(unordered, many_are_read_in_order)
{
	unsigned char pair[2];
	int i;

	ASSERT_LOSES_X();
	for (i = 0; i < FRAMES; i++) {
		pair[0] = i >> 8;
		pair[1] = i;
		ASSERT_EQ(0, peer_send_frame(self->peer, self->sid, pair, 2));
		ASSERT_EQ(0, peer_send_frame(self->peer, self->other_sid, pair,
					     2));
	}
	ASSERT_UNTIL(netns_counter("RxEarly") == 2 * FRAMES);
	EXPECT_EQ(0, poll_now(self->other, POLLIN));
	ASSERT_EQ(0, lose_nothing());
	ASSERT_READS(self->fd, "x");
	for (i = 0; i < FRAMES; i++) {
		ASSERT_EQ(2, recv(self->fd, pair, 2, MSG_WAITALL));
		ASSERT_EQ(i, pair[0] << 8 | pair[1]);
		ASSERT_EQ(2, recv(self->other, pair, 2, MSG_WAITALL));
		ASSERT_EQ(i, pair[0] << 8 | pair[1]);
	}
}

/* Frames in one message, which is larger than SCTP's buffer: SCTP hands it over
 * in pieces.
 */
TEST_F_TIMEOUT(unordered, pieces_wait_for_what_is_before_them, 120)
{
	static unsigned char all[BIG_FRAMES * (BIG + PEER_HEAD_MAX)];
	static unsigned char out[BIG], in[BIG];
	size_t at = 0;
	int i;

	for (i = 0; i < BIG_FRAMES; i++) {
		pattern_fill(out, BIG, (__u64)i * BIG, 3);
		at += peer_frame_head(all + at, BIG);
		memcpy(all + at, out, BIG);
		at += BIG;
	}
	ASSERT_LOSES_X();
	ASSERT_EQ(0, peer_send_frame(self->peer, self->sid, "ab", 2));
	ASSERT_EQ(0, peer_send_raw(self->peer, self->sid, PPID_BINARY, all, at));
	ASSERT_UNTIL(netns_counter("RxEarly") >= 1);
	ASSERT_EQ(0, lose_nothing());
	ASSERT_UNTIL(peer_is_acknowledged(self->peer));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, X));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_READS(self->fd, "xab");
	for (i = 0; i < BIG_FRAMES; i++) {
		ASSERT_EQ(BIG, recv(self->fd, in, BIG, MSG_WAITALL));
		ASSERT_EQ(-1, pattern_check(in, BIG, (__u64)i * BIG, 3));
	}
	ASSERT_READS(self->fd, "x");
	ASSERT_READS_END(self->fd);
}

TEST_F(unordered, what_waits_is_dropped_with_the_association)
{
	ASSERT_LOSES_X();
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_UNTIL(netns_counter("RxEarly") == 1);
	ASSERT_EQ(0, peer_abort(self->peer));
	ASSERT_ERRNO(ECONNRESET, recv(self->fd, self->buf, 1, 0));
}

/* Nobody reads it, and it does not hold the end up. */
TEST_F(unordered, what_waits_is_dropped_with_the_substream)
{
	struct linger reset = { .l_onoff = 1 };

	ASSERT_LOSES_X();
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_UNTIL(netns_counter("RxEarly") == 1);
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_LINGER, &reset,
				sizeof(reset)));
	close(self->fd);
	self->fd = -1;
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_EQ(0, lose_nothing());
	ASSERT_EQ(0, peer_reset(self->peer, self->sid));
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
	ASSERT_EQ(0, peer_send(self->peer, self->other_sid, X));
	ASSERT_READS(self->other, "x");
}

/* Each message is seen before the next is sent. */
#define ASSERT_KEEPS(_sid) do {						\
	long _was = netns_counter("RxEarly") + netns_counter("Overflows"); \
									\
	ASSERT_EQ(0, peer_send_frame(self->peer, _sid, fill, 1000));	\
	ASSERT_UNTIL(netns_counter("RxEarly") +				\
		     netns_counter("Overflows") > _was);		\
} while (0)

/* "assoc_rmem": no reader could make room for what is missing. */
TEST_F(unordered, who_has_most_is_reset)
{
	int i, nr;

	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/assoc_rmem", 65536));
	ASSERT_LOSES_X();
	ASSERT_KEEPS(self->other_sid);
	for (nr = 0; !netns_counter("Overflows"); nr++)
		ASSERT_KEEPS(self->sid);
	ASSERT_ERRNO(ECONNRESET, recv(self->fd, self->buf, 1, 0));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_RESET_STREAM));

	/* Nothing of it is kept any more.  Who is over is not who has most. */
	ASSERT_LE(8, nr);
	for (i = 0; i < nr - 4; i++)
		ASSERT_KEEPS(self->other_sid);
	EXPECT_EQ(1, netns_counter("Overflows"));
	while (netns_counter("Overflows") == 1)
		ASSERT_KEEPS(self->duo.sid);
	ASSERT_ERRNO(ECONNRESET, recv(self->other, self->buf, 1, 0));
	ASSERT_EQ(0, lose_nothing());
	ASSERT_EQ(1000, recv(self->duo.fd, fill, 1000, MSG_WAITALL));
}

/* A link that loses, delays and reorders, and everything in it. */
TEST_F_TIMEOUT(unordered, all_arrives_over_a_bad_link, 300)
{
	static unsigned char out[2048], in[2048];
	int fds[] = { self->fd, self->other }, i, j;
	__u16 sids[] = { self->sid, self->other_sid };
	size_t sent[2] = {}, got[2] = {}, len;
	struct random random;

	random_seed(&random, 1, 0);
	ASSERT_EQ(0, run("tc qdisc add dev lo root netem loss 3%% delay %s",
			 "5ms 4ms"));
	for (i = 0; i < FRAMES; i++) {
		j = random_below(&random, 2);
		len = 1 + random_below(&random, sizeof(out));
		pattern_fill(out, len, sent[j], j);
		sent[j] += len;
		ASSERT_EQ(0, peer_send_frame(self->peer, sids[j], out, len));
	}
	for (j = 0; j < 2; j++)
		ASSERT_EQ(0, peer_send(self->peer, sids[j], WIRE_FIN));
	/* A little of each, so that no reader is slow. */
	while (got[0] < sent[0] || got[1] < sent[1]) {
		for (j = 0; j < 2; j++) {
			len = sent[j] - got[j];
			if (len > sizeof(in))
				len = sizeof(in);
			ASSERT_EQ((ssize_t)len, recv(fds[j], in, len,
						     MSG_WAITALL));
			ASSERT_EQ(-1, pattern_check(in, len, got[j], j));
			got[j] += len;
		}
	}
	for (j = 0; j < 2; j++)
		ASSERT_READS_END(fds[j]);
	EXPECT_LT(0, netns_counter("RxEarly"));
}

TEST_HARNESS_MAIN
