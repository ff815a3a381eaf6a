// SPDX-License-Identifier: GPL-2.0
/* How a stream is cut into frames and messages: WRTCSUB_MAX_FRAME,
 * WRTCSUB_FRAME_SPLIT and WRTCSUB_NODELAY.
 */

#include <fcntl.h>

#include "lib/capture.h"
#include "lib/harness.h"

#define ABC	"05 12 03 61 62 63"

FIXTURE(tuning)
{
	struct duo duo;
	struct peer *peer;
	struct peer_frame *frame;
	unsigned char *data;
	__u16 sid;
	int fd;
};

FIXTURE_VARIANT(tuning)
{
	int family;
	enum duo_side side;
};

FIXTURE_VARIANT_ADD(tuning, ipv4_accepted)
{
	.family = AF_INET,
	.side = DUO_KERNEL_ACCEPTS,
};

FIXTURE_VARIANT_ADD(tuning, ipv6_connected)
{
	.family = AF_INET6,
	.side = DUO_KERNEL_CONNECTS,
};

FIXTURE_SETUP(tuning)
{
	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, duo_open(&self->duo, variant->family, variant->side, 0));
	self->peer = &self->duo.peer;
	self->sid = self->duo.sid;
	self->fd = self->duo.fd;
	self->frame = malloc(sizeof(*self->frame));
	ASSERT_NE(NULL, self->frame);
	self->data = malloc(2 * PEER_FRAME_MAX);
	ASSERT_NE(NULL, self->data);
}

FIXTURE_TEARDOWN(tuning)
{
	free(self->data);
	free(self->frame);
	duo_close(&self->duo);
}

#define ASSERT_WRITES(_len) do {					\
	const ssize_t __len = (_len);					\
									\
	ASSERT_EQ(__len, write(self->fd, self->data, __len));		\
} while (0)
#define ASSERT_FRAME() \
	ASSERT_EQ(0, peer_expect_frame(self->peer, self->sid, self->frame))

/* "Largest frame sent, length prefix included." "any time" */
TEST_F(tuning, max_frame_is_where_a_write_is_cut)
{
	static const int limits[] = { 256, 4096, 16384, 70000, 262144, 300 };
	int sndbuf = 1 << 20;
	size_t i, limit, size, done;

	/* A frame is no longer than what is queued. */
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_SNDBUFFORCE, &sndbuf,
				sizeof(sndbuf)));
	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		limit = limits[i];
		size = limit + limit / 2;
		ASSERT_EQ(0, sub_set(self->fd, WRTCSUB_MAX_FRAME, limit));
		pattern_fill(self->data, size, 0, i);
		ASSERT_WRITES(size);
		for (done = 0; done < size; done += self->frame->len) {
			ASSERT_FRAME();
			EXPECT_GE(limit, self->frame->size);
			/* As long as it may be. */
			if (!done)
				EXPECT_EQ(limit, self->frame->size);
			ASSERT_EQ(-1, pattern_check(self->frame->payload,
						    self->frame->len, done,
						    i));
		}
		EXPECT_EQ(size, done);
	}
}

/* "Frames longer than this go as two SCTP messages, prefix and body" */
TEST_F(tuning, frame_split_is_the_longest_frame_in_one_message)
{
	static const struct {
		int split;
		size_t payload;
		size_t size;
		unsigned int messages;
	} cases[] = {
		{ 4096, 4091, 4096, 1 }, { 4096, 4092, 4097, 2 },
		{ 0, 1, 4, 1 }, { 0, 16379, 16384, 1 },
		{ 1, 1, 4, 2 }, { 4, 1, 4, 1 }, { 4, 2, 5, 2 },
		{ 128, 125, 128, 1 }, { 128, 126, 130, 2 },
		{ 16383, 16379, 16384, 2 }, { 16384, 16379, 16384, 1 },
		{ 0x7fffffff, 16379, 16384, 1 },
	};
	size_t i;

	EXPECT_EQ(4096, sub_get(self->fd, WRTCSUB_FRAME_SPLIT));
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		ASSERT_EQ(0, sub_set(self->fd, WRTCSUB_FRAME_SPLIT,
				     cases[i].split));
		pattern_fill(self->data, cases[i].payload, 0, i);
		ASSERT_WRITES(cases[i].payload);
		ASSERT_FRAME();
		EXPECT_EQ(cases[i].payload, self->frame->len);
		EXPECT_EQ(cases[i].size, self->frame->size);
		EXPECT_EQ(cases[i].messages, self->frame->messages) {
			TH_LOG("split %d, payload %zu", cases[i].split,
			       cases[i].payload);
		}
	}
}

/* "in that order and bundled" */
TEST_F(tuning, frame_split_leaves_prefix_and_body_in_one_packet)
{
	static const int mtus[] = { 65536, 1500 };
	struct capture_sum sum;
	int fd, tries;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(mtus); i++) {
		ASSERT_EQ(0, link_set_mtu("lo", mtus[i]));
		fd = capture_open("lo");
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, sub_set(self->fd, WRTCSUB_FRAME_SPLIT, 4096));
		pattern_fill(self->data, 5000, 0, 1);
		ASSERT_WRITES(5000);
		ASSERT_FRAME();
		ASSERT_EQ(2u, self->frame->messages);
		capture_sum_up(fd, &sum);
		EXPECT_LE(2u, sum.most_data);
		ASSERT_EQ(0, sub_set(self->fd, WRTCSUB_FRAME_SPLIT, 0));
		tries = 0;
		do {
			ASSERT_WRITES(5000);
			ASSERT_FRAME();
			ASSERT_EQ(1u, self->frame->messages);
			capture_sum_up(fd, &sum);
			/* Of what went before, a late SACK makes SCTP send all
			 * again in one packet.
			 */
		} while (!i && sum.most_data != 1 && ++tries < 10);
		if (!i)
			EXPECT_EQ(1u, sum.most_data);
		close(fd);
	}
}

/* WRTCSUB_NODELAY: "Default 1."  Something is on its way and the link is cut,
 * so nothing will be acknowledged: what happens to a small write then?
 */
static int frames_sent(int fd)
{
	struct wrtcsub_info info;

	return sub_info(fd, &info) ? -1 : (int)info.wi_tx_frames;
}

#define ASSERT_SOMETHING_IS_ON_ITS_WAY() do {				\
	EXPECT_EQ(1, sub_get(self->fd, WRTCSUB_NODELAY));		\
	ASSERT_EQ(0, link_set_up("lo", false));				\
	ASSERT_EQ(3, write(self->fd, "abc", 3));			\
	ASSERT_UNTIL(frames_sent(self->fd) == 1);			\
} while (0)

#define ASSERT_DELAYS() do {						\
	ASSERT_SOMETHING_IS_ON_ITS_WAY();				\
	ASSERT_EQ(0, sub_set(self->fd, WRTCSUB_NODELAY, 0));		\
	EXPECT_EQ(0, sub_get(self->fd, WRTCSUB_NODELAY));		\
	ASSERT_EQ(1, write(self->fd, "d", 1));				\
} while (0)

TEST_F(tuning, nodelay_hands_a_small_write_over_at_once)
{
	ASSERT_SOMETHING_IS_ON_ITS_WAY();
	ASSERT_EQ(1, write(self->fd, "d", 1));
	ASSERT_UNTIL(frames_sent(self->fd) == 2);
	ASSERT_EQ(1, write(self->fd, "e", 1));
	ASSERT_UNTIL(frames_sent(self->fd) == 3);
	ASSERT_EQ(0, link_set_up("lo", true));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, ABC));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, "03 12 01 64"));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, "03 12 01 65"));
}

/* RFC 896: they are collected until all before them is acknowledged. */
TEST_F(tuning, nodelay_off_collects_small_writes)
{
	struct wrtcsub_info info;
	__u16 sid;
	int other = duo_more(&self->duo, &sid);

	ASSERT_LE(0, other);
	ASSERT_DELAYS();
	ASSERT_EQ(2, write(self->fd, "ef", 2));
	/* The kernel has dealt with these when it has with what follows. */
	ASSERT_EQ(3, write(other, "abc", 3));
	ASSERT_UNTIL(frames_sent(other) == 1);
	ASSERT_EQ(0, sub_info(self->fd, &info));
	EXPECT_EQ(1u, info.wi_tx_frames);
	EXPECT_EQ(3u, info.wi_sndq);
	ASSERT_EQ(0, link_set_up("lo", true));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, ABC));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, "05 12 03 64 65 66"));
	ASSERT_EQ(0, peer_expect(self->peer, sid, ABC));
	close(other);
}

TEST_F(tuning, nodelay_off_sends_at_once_what_fills_a_packet)
{
	ASSERT_DELAYS();
	memset(self->data, 'x', 2000);
	ASSERT_WRITES(2000);
	ASSERT_UNTIL(frames_sent(self->fd) == 2);
}

TEST_F(tuning, nodelay_off_does_not_hold_back_the_end)
{
	ASSERT_DELAYS();
	ASSERT_EQ(0, set_nonblock(self->fd, true));
	ASSERT_ERRNO(EINPROGRESS, shutdown(self->fd, SHUT_WR));
	ASSERT_UNTIL(frames_sent(self->fd) >= 2);
	ASSERT_EQ(0, link_set_up("lo", true));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, ABC));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, "03 12 01 64"));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
}

/* "any time" */
TEST_F(tuning, nodelay_on_again_sends_what_was_collected)
{
	ASSERT_DELAYS();
	ASSERT_EQ(0, sub_set(self->fd, WRTCSUB_NODELAY, 1));
	ASSERT_UNTIL(frames_sent(self->fd) == 2);
}

/* Nothing is held back for ever. */
TEST_F(tuning, nodelay_off_sends_the_rest_after_the_acknowledgment)
{
	int i;

	ASSERT_EQ(0, sub_set(self->fd, WRTCSUB_NODELAY, 0));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(3, write(self->fd, "abc", 3));
		ASSERT_EQ(0, peer_expect(self->peer, self->sid, ABC));
	}
}

/* A message is a frame all the same, and is not held back by it. */
TEST(nodelay_off_does_not_merge_messages)
{
	struct duo duo;
	int i;

	ASSERT_EQ(0, netns_private());
	sub_type = SOCK_SEQPACKET;
	ASSERT_EQ(0, duo_open(&duo, AF_INET, DUO_KERNEL_CONNECTS, 0));
	ASSERT_EQ(0, sub_set(duo.fd, WRTCSUB_NODELAY, 0));
	for (i = 0; i < 5; i++)
		ASSERT_EQ(3, write(duo.fd, "abc", 3));
	for (i = 0; i < 5; i++)
		ASSERT_EQ(0, peer_expect(&duo.peer, duo.sid, ABC));
	duo_close(&duo);
}

TEST_HARNESS_MAIN
