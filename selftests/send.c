// SPDX-License-Identifier: GPL-2.0
/* What goes out on the wire, as the exact peer sees it: wrtcsub.rst, Frames. */

#include <fcntl.h>
#include <sys/uio.h>

#include "lib/harness.h"

#define MAX_FRAME	16384
#define SPLIT		4096

FIXTURE(send)
{
	struct duo duo;
	struct peer *peer;
	struct peer_frame *frame;
	__u16 sid;
	int fd;
};

FIXTURE_VARIANT(send)
{
	int family;
	enum duo_side side;
};

FIXTURE_VARIANT_ADD(send, ipv4_accepted)
{
	.family = AF_INET,
	.side = DUO_KERNEL_ACCEPTS,
};

FIXTURE_VARIANT_ADD(send, ipv6_connected)
{
	.family = AF_INET6,
	.side = DUO_KERNEL_CONNECTS,
};

FIXTURE_SETUP(send)
{
	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, duo_open(&self->duo, variant->family, variant->side, 0));
	self->peer = &self->duo.peer;
	self->sid = self->duo.sid;
	self->fd = self->duo.fd;
	self->frame = malloc(sizeof(*self->frame));
	ASSERT_NE(NULL, self->frame);
}

FIXTURE_TEARDOWN(send)
{
	free(self->frame);
	duo_close(&self->duo);
}

TEST_F(send, a_write_is_a_frame)
{
	ASSERT_EQ(3, write(self->fd, "abc", 3));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, "05 12 03 61 62 63"));
	ASSERT_EQ(1, write(self->fd, "\0", 1));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, "03 12 01 00"));
}

TEST_F(send, a_vector_is_one_frame)
{
	struct iovec iov[] = {
		{ .iov_base = "a", .iov_len = 1 },
		{ .iov_base = "bc", .iov_len = 2 },
	};

	ASSERT_EQ(3, writev(self->fd, iov, 2));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, "05 12 03 61 62 63"));
}

/* The table of the wire page: the varints grow with the payload. */
TEST_F(send, lengths_are_minimal_varints)
{
	static const struct {
		size_t payload;
		size_t size;
		const char *head;
	} cases[] = {
		{ 1, 4, "03 12 01" },
		{ 125, 128, "7f 12 7d" },
		{ 126, 130, "80 01 12 7e" },
		{ 127, 131, "81 01 12 7f" },
		{ 128, 133, "83 01 12 80 01" },
		{ 4000, 4005, "a3 1f 12 a0 1f" },
		{ 4091, 4096, "fe 1f 12 fb 1f" },
	};
	unsigned char data[4096], head[8];
	struct peer_record *record;
	ssize_t len;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		len = cases[i].payload;
		pattern_fill(data, len, 0, i);
		ASSERT_EQ(len, write(self->fd, data, len));
		record = peer_next(self->peer, self->sid);
		ASSERT_NE(NULL, record);
		len = hex_parse(cases[i].head, head, sizeof(head));
		EXPECT_EQ(cases[i].size, record->len);
		ASSERT_LE((size_t)len, record->len);
		EXPECT_EQ(0, memcmp(record->data, head, len)) {
			TH_LOG("payload %zu", cases[i].payload);
		}
		ASSERT_EQ(0, peer_expect_pattern(self->peer, self->sid, 0,
						 cases[i].payload, i));
	}
}

/* "Default 16384 (the specification's limit)", length prefix included. */
TEST_F(send, a_long_write_is_cut_into_frames_of_16384)
{
	size_t size = 40000, done = 0;
	unsigned char *data = malloc(size);
	int frames = 0;

	ASSERT_NE(NULL, data);
	pattern_fill(data, size, 0, 1);
	ASSERT_EQ((ssize_t)size, write(self->fd, data, size));
	while (done < size) {
		ASSERT_EQ(0, peer_expect_frame(self->peer, self->sid,
					       self->frame));
		ASSERT_EQ(-1, self->frame->flag);
		EXPECT_GE((size_t)MAX_FRAME, self->frame->size);
		/* Those that go-libp2p could not read come in two. */
		EXPECT_EQ(self->frame->size > SPLIT ? 2u : 1u,
			  self->frame->messages);
		ASSERT_EQ(-1, pattern_check(self->frame->payload,
					    self->frame->len, done, 1));
		done += self->frame->len;
		frames++;
	}
	EXPECT_EQ(size, done);
	EXPECT_EQ(3, frames);
	free(data);
}

TEST_F(send, the_longest_frame_is_16384_bytes)
{
	unsigned char data[16379];

	pattern_fill(data, sizeof(data), 0, 1);
	ASSERT_EQ((ssize_t)sizeof(data), write(self->fd, data, sizeof(data)));
	ASSERT_EQ(0, peer_expect_frame(self->peer, self->sid, self->frame));
	EXPECT_EQ(16384u, self->frame->size);
	EXPECT_EQ(sizeof(data), self->frame->len);
	EXPECT_EQ(2u, self->frame->messages);
}

/* "Frames longer than this go as two SCTP messages, prefix and body, in that
 * order." Default 4096, the frame's prefix included.
 */
TEST_F(send, a_frame_of_4096_is_one_message_and_a_longer_one_is_two)
{
	unsigned char data[4092];

	pattern_fill(data, sizeof(data), 0, 1);
	ASSERT_EQ(4091, write(self->fd, data, 4091));
	ASSERT_EQ(0, peer_expect_frame(self->peer, self->sid, self->frame));
	EXPECT_EQ(4096u, self->frame->size);
	EXPECT_EQ(1u, self->frame->messages);
	ASSERT_EQ(4092, write(self->fd, data, 4092));
	ASSERT_EQ(0, peer_expect_frame(self->peer, self->sid, self->frame));
	EXPECT_EQ(4097u, self->frame->size);
	EXPECT_EQ(2u, self->frame->messages);
}

/* "MSG_MORE (STREAM: collects bytes into one frame)": those that come within
 * 200 ms, which a machine that stalls may miss, but not each time.
 */
TEST_F(send, msg_more_collects_bytes_into_one_frame)
{
	int tries = 5, frames;
	long long start, took;
	size_t len;

	do {
		start = now_ms();
		ASSERT_EQ(1, send(self->fd, "a", 1, MSG_MORE));
		ASSERT_EQ(1, send(self->fd, "b", 1, MSG_MORE));
		ASSERT_EQ(1, send(self->fd, "c", 1, 0));
		took = now_ms() - start;
		for (len = 0, frames = 0; len < 3; frames++) {
			ASSERT_EQ(0, peer_expect_frame(self->peer, self->sid,
						       self->frame));
			len += self->frame->len;
		}
	} while (frames > 1 && took >= 200 && --tries);
	ASSERT_EQ(1, frames);
	EXPECT_EQ(0, memcmp(self->frame->payload, "abc", 3));
}

/* tcp(7), of TCP_CORK: "There is a 200 millisecond ceiling on the time for which
 * output is corked".
 */
TEST_F(send, msg_more_holds_back_no_longer_than_200_ms)
{
	long long start = now_ms();

	ASSERT_EQ(3, send(self->fd, "abc", 3, MSG_MORE));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, "05 12 03 61 62 63"));
	EXPECT_LE(199, now_ms() - start);
	/* And each time anew. */
	start = now_ms();
	ASSERT_EQ(3, send(self->fd, "abc", 3, MSG_MORE));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, "05 12 03 61 62 63"));
	EXPECT_LE(199, now_ms() - start);
}

TEST_F(send, msg_more_does_not_hold_back_the_end)
{
	ASSERT_EQ(3, send(self->fd, "abc", 3, MSG_MORE));
	ASSERT_EQ(0, set_nonblock(self->fd, true));
	ASSERT_ERRNO(EINPROGRESS, shutdown(self->fd, SHUT_WR));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, "05 12 03 61 62 63"));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
}

TEST_F(send, msg_more_does_not_make_a_frame_too_long)
{
	unsigned char data[10000];
	size_t done = 0;

	pattern_fill(data, sizeof(data), 0, 1);
	ASSERT_EQ((ssize_t)sizeof(data),
		  send(self->fd, data, sizeof(data), MSG_MORE));
	pattern_fill(data, sizeof(data), sizeof(data), 1);
	ASSERT_EQ((ssize_t)sizeof(data),
		  send(self->fd, data, sizeof(data), 0));
	while (done < 2 * sizeof(data)) {
		ASSERT_EQ(0, peer_expect_frame(self->peer, self->sid,
					       self->frame));
		ASSERT_EQ(-1, self->frame->flag);
		EXPECT_GE((size_t)MAX_FRAME, self->frame->size);
		ASSERT_EQ(-1, pattern_check(self->frame->payload,
					    self->frame->len, done, 1));
		done += self->frame->len;
	}
}

/* A writer that waits for room cannot make its frame grow. */
TEST_F(send, msg_more_does_not_wait_for_room_that_it_takes)
{
	static unsigned char data[20000];
	struct call writer;
	size_t done = 0;
	int size = 0;

	pattern_fill(data, sizeof(data), 0, 1);
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_SNDBUF, &size,
				sizeof(size)));
	ASSERT_GT(MAX_FRAME, get_int(self->fd, SOL_SOCKET, SO_SNDBUF));
	ASSERT_EQ(0, call_start(&writer, call_send, self->fd, MSG_MORE, data,
				sizeof(data)));
	ASSERT_CALL((long)sizeof(data), 0, &writer);
	ASSERT_EQ(0, set_nonblock(self->fd, true));
	ASSERT_ERRNO(EINPROGRESS, shutdown(self->fd, SHUT_WR));
	while (done < sizeof(data)) {
		ASSERT_EQ(0, peer_expect_frame(self->peer, self->sid,
					       self->frame));
		ASSERT_EQ(-1, self->frame->flag);
		ASSERT_EQ(-1, pattern_check(self->frame->payload,
					    self->frame->len, done, 1));
		done += self->frame->len;
	}
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
}

TEST_F(send, an_empty_frame_is_never_sent)
{
	ASSERT_EQ(0, send(self->fd, "", 0, 0));
	ASSERT_EQ(0, send(self->fd, "", 0, MSG_MORE));
	ASSERT_EQ(1, write(self->fd, "x", 1));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, "03 12 01 78"));
}

/* The flags never carry data, whatever is in the queue. */
TEST_F(send, the_fin_is_a_frame_of_its_own)
{
	unsigned char data[20000];
	int flag = -1;

	pattern_fill(data, sizeof(data), 0, 1);
	ASSERT_EQ((ssize_t)sizeof(data), write(self->fd, data, sizeof(data)));
	ASSERT_EQ(0, set_nonblock(self->fd, true));
	ASSERT_ERRNO(EINPROGRESS, shutdown(self->fd, SHUT_WR));
	ASSERT_EQ((ssize_t)sizeof(data),
		  peer_read_to_flag(self->peer, self->sid, 0, 1, &flag));
	EXPECT_EQ(0, flag);
}

/* "net.wrtcsub.max_frame", for sockets that are made after it is set. */
FIXTURE(max_frame)
{
	struct duo duo;
};

FIXTURE_SETUP(max_frame)
{
	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/max_frame", 256));
	ASSERT_EQ(0, duo_open(&self->duo, AF_INET, DUO_KERNEL_CONNECTS, 0));
}

FIXTURE_TEARDOWN(max_frame)
{
	duo_close(&self->duo);
}

TEST_F(max_frame, is_the_limit_of_the_frames_that_are_sent)
{
	static struct peer_frame frame;
	unsigned char data[1000];
	size_t done = 0;

	pattern_fill(data, sizeof(data), 0, 1);
	ASSERT_EQ((ssize_t)sizeof(data),
		  write(self->duo.fd, data, sizeof(data)));
	while (done < sizeof(data)) {
		ASSERT_EQ(0, peer_expect_frame(&self->duo.peer, self->duo.sid,
					       &frame));
		EXPECT_GE(256u, frame.size);
		ASSERT_EQ(-1, pattern_check(frame.payload, frame.len, done,
					    1));
		done += frame.len;
	}
}

TEST_HARNESS_MAIN
