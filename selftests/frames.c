// SPDX-License-Identifier: GPL-2.0
/* What may come in from the wire: wrtcsub.rst, "Frames".  A channel is a byte
 * stream, and peers write it in all the ways that are here.
 */

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>

#include "lib/harness.h"
#include "lib/net.h"
#include "lib/sctp.h"

#define ABC		"05 12 03 61 62 63"
#define MAX_BODY	263168
#define MTU		1500
#define RMEM		(512 << 10)

FIXTURE(frames)
{
	struct duo duo;
	struct peer *peer;
	__u16 sid;
	int fd;
	char buf[1024];
};

FIXTURE_VARIANT(frames)
{
	int family;
	enum duo_side side;
};

FIXTURE_VARIANT_ADD(frames, ipv4_connected)
{
	.family = AF_INET,
	.side = DUO_KERNEL_CONNECTS,
};

FIXTURE_VARIANT_ADD(frames, ipv6_accepted)
{
	.family = AF_INET6,
	.side = DUO_KERNEL_ACCEPTS,
};

FIXTURE_SETUP(frames)
{
	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, duo_open(&self->duo, variant->family, variant->side, 0));
	self->peer = &self->duo.peer;
	self->sid = self->duo.sid;
	self->fd = self->duo.fd;
}

FIXTURE_TEARDOWN(frames)
{
	duo_close(&self->duo);
}

#define ASSERT_READS(_text) do {					\
	const char *__text = (_text);					\
	ssize_t __n = strlen(__text);					\
									\
	ASSERT_EQ(__n, recv(self->fd, self->buf, __n, MSG_WAITALL));	\
	self->buf[__n] = 0;						\
	ASSERT_STREQ(__text, self->buf);				\
} while (0)

#define ASSERT_SENDS(_hex)						\
	ASSERT_EQ(0, peer_send(self->peer, self->sid, _hex))

TEST_F(frames, one_in_a_message)
{
	ASSERT_SENDS(ABC);
	ASSERT_READS("abc");
}

TEST_F(frames, many_in_a_message)
{
	ASSERT_SENDS("03 12 01 61 04 12 02 62 63 03 12 01 64");
	ASSERT_READS("abcd");
}

/* As go-libp2p and js-libp2p write them. */
TEST_F(frames, prefix_and_body_in_two_messages)
{
	ASSERT_SENDS("05");
	ASSERT_SENDS("12 03 61 62 63");
	ASSERT_READS("abc");
	ASSERT_SENDS("02");
	ASSERT_SENDS("08 00");
	ASSERT_EQ(0, recv(self->fd, self->buf, 1, 0));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
}

TEST_F(frames, split_at_every_place)
{
	/* Two frames, the first with lengths of two bytes and of one. */
	static const unsigned char head[] = { 0x81, 0x01, 0x12, 0x7f };
	static const unsigned char tail[] = { 0x05, 0x12, 0x03, 'a', 'b', 'c' };
	unsigned char wire[sizeof(head) + 127 + sizeof(tail)];
	size_t cut;

	memcpy(wire, head, sizeof(head));
	pattern_fill(wire + sizeof(head), 127, 0, 1);
	memcpy(wire + sizeof(head) + 127, tail, sizeof(tail));
	for (cut = 1; cut < sizeof(wire); cut++) {
		ASSERT_EQ(0, peer_send_raw(self->peer, self->sid, PPID_BINARY,
					   wire, cut));
		ASSERT_EQ(0, peer_send_raw(self->peer, self->sid, PPID_BINARY,
					   wire + cut, sizeof(wire) - cut));
		ASSERT_EQ(127, recv(self->fd, self->buf, 127, MSG_WAITALL)) {
			TH_LOG("cut at %zu", cut);
		}
		ASSERT_EQ(-1, pattern_check(self->buf, 127, 0, 1));
		ASSERT_READS("abc");
	}
}

TEST_F(frames, byte_by_byte)
{
	static const unsigned char wire[] = {
		0x05, 0x12, 0x03, 'a', 'b', 'c',
		0x80, 0x01, 0x12, 0x7e,
	};
	unsigned char x = 'x';
	size_t i;

	for (i = 0; i < sizeof(wire); i++)
		ASSERT_EQ(0, peer_send_raw(self->peer, self->sid, PPID_BINARY,
					   wire + i, 1));
	for (i = 0; i < 126; i++)
		ASSERT_EQ(0, peer_send_raw(self->peer, self->sid, PPID_BINARY,
					   &x, 1));
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, peer_send_raw(self->peer, self->sid, PPID_BINARY,
					   &"\x02\x08"[i], 1));
	ASSERT_READS("abc");
	ASSERT_EQ(126, recv(self->fd, self->buf, 126, MSG_WAITALL));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
}

TEST_F(frames, in_strings_are_as_good)
{
	ASSERT_EQ(0, peer_send_ppid(self->peer, self->sid, PPID_STRING, ABC));
	ASSERT_READS("abc");
}

/* RFC 8831, section 6.6: the byte of an empty message is none. */
TEST_F(frames, the_byte_of_an_empty_message_is_dropped)
{
	ASSERT_SENDS("05 12 03 61");
	ASSERT_EQ(0, peer_send_ppid(self->peer, self->sid, PPID_BINARY_EMPTY,
				    "00"));
	ASSERT_SENDS("62");
	ASSERT_EQ(0, peer_send_ppid(self->peer, self->sid, PPID_STRING_EMPTY,
				    "00"));
	ASSERT_SENDS("63");
	ASSERT_READS("abc");
}

/* "empty frames are skipped" */
TEST_F(frames, that_are_empty_are_skipped)
{
	ASSERT_SENDS("00");
	ASSERT_SENDS("02 12 00");
	ASSERT_SENDS("00 00 00 05 12 03 61 62 63 00 02 12 00");
	ASSERT_SENDS("00");
	ASSERT_EQ(0, peer_send_ppid(self->peer, self->sid, PPID_BINARY_EMPTY,
				    "00"));
	ASSERT_SENDS("03 12 01 64");
	ASSERT_READS("abcd");
}

/* "Fields in any order; a repeated field: the last wins; unknown fields are
 * skipped"
 */
TEST_F(frames, with_unknown_fields)
{
	/* 15: varint; 15: bytes; 15: 4 bytes; 15: 8 bytes; 3: varint. */
	ASSERT_SENDS("08 78 96 01 12 03 61 62 63");
	ASSERT_SENDS("0a 7a 03 78 79 7a 12 03 64 65 66");
	ASSERT_SENDS("0a 12 03 67 68 69 7d 01 02 03 04");
	ASSERT_SENDS("0e 79 01 02 03 04 05 06 07 08 12 03 6a 6b 6c");
	ASSERT_SENDS("08 18 80 20 12 03 6d 6e 6f");
	/* Field 2000. */
	ASSERT_SENDS("09 80 7d 96 01 12 03 70 71 72");
	ASSERT_READS("abcdefghijklmno");
	ASSERT_EQ(3, recv(self->fd, self->buf, 3, MSG_WAITALL));
}

TEST_F(frames, with_the_flag_after_the_message)
{
	ASSERT_SENDS("07 12 03 61 62 63 08 00");
	ASSERT_READS("abc");
	ASSERT_EQ(0, recv(self->fd, self->buf, 1, 0));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
}

TEST_F(frames, with_a_repeated_message_the_last_wins)
{
	ASSERT_SENDS("0a 12 03 78 79 7a 12 03 61 62 63");
	ASSERT_READS("abc");
	ASSERT_SENDS("07 12 03 78 79 7a 12 00");
	ASSERT_SENDS("03 12 01 64");
	ASSERT_READS("d");
}

TEST_F(frames, with_a_repeated_flag_the_last_wins)
{
	/* FIN, then STOP_SENDING. */
	ASSERT_SENDS("04 08 00 08 01");
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_SENDS(ABC);
	ASSERT_READS("abc");
}

/* "at most 10 bytes read", though not minimal. */
TEST_F(frames, with_varints_that_are_not_minimal)
{
	ASSERT_SENDS("85 00 12 03 61 62 63");
	ASSERT_SENDS("85 80 80 80 80 80 80 80 80 00 12 03 64 65 66");
	ASSERT_SENDS("06 12 83 00 67 68 69");
	ASSERT_READS("abcdefghi");
}

TEST_F(frames, in_the_forms_of_smoldot_and_go)
{
	/* We may be late. */
	ASSERT_EQ(0, sub_fin_timeout(self->fd, deadline_ms()));
	/* STOP_SENDING of go-libp2p, with errorCode 0. */
	ASSERT_SENDS("04 08 01 18 00");
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	/* FIN_ACK and FIN of smoldot. */
	ASSERT_SENDS("04 08 03 12 00");
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
	ASSERT_SENDS("04 08 00 12 00");
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, recv(self->fd, self->buf, 1, 0));
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
}

TEST_F(frames, that_reset_in_the_form_of_go)
{
	ASSERT_SENDS("04 08 02 18 00");
	ASSERT_ERRNO(ECONNRESET, recv(self->fd, self->buf, 1, 0));
}

/* Frames over the specification's limit, up to max_recv_frame. */
TEST_F(frames, as_large_as_litep2p_and_go_send_them)
{
	static const size_t sizes[] = { 16384, 16385, 65536, MAX_BODY - 4 };
	unsigned char *out = malloc(MAX_BODY), *in = malloc(MAX_BODY);
	struct call reader;
	size_t i;

	ASSERT_NE(NULL, out);
	ASSERT_NE(NULL, in);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		pattern_fill(out, sizes[i], 0, i);
		memset(in, 0, sizes[i]);
		ASSERT_EQ(0, call_start(&reader, call_recv, self->fd,
					MSG_WAITALL, in, sizes[i]));
		ASSERT_EQ(0, peer_send_frame(self->peer, self->sid, out,
					     sizes[i]));
		ASSERT_CALL((long)sizes[i], 0, &reader);
		ASSERT_EQ(-1, pattern_check(in, sizes[i], 0, i));
	}
	free(out);
	free(in);
}

/* Is there no room for another packet to the kernel? */
static bool window_is_shut(const struct peer *peer)
{
	struct sctp_status status = {};
	socklen_t len = sizeof(status);

	return !getsockopt(peer->fd, SOL_SCTP, SCTP_STATUS, &status, &len) &&
	       status.sstat_rwnd < MTU;
}

/* Large messages to a reader that is slow: SCTP's window is full before it has
 * all of one, which it then hands out in pieces.
 */
TEST_F(frames, that_come_in_pieces)
{
	enum { SIZE = 60000, COUNT = 40 };
	static unsigned char out[SIZE];
	struct call reader;
	int i, pid, status;

	/* On lo each of them is one packet otherwise. */
	duo_close(&self->duo);
	ASSERT_EQ(0, link_set_mtu("lo", MTU));
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/assoc_rmem", RMEM));
	ASSERT_EQ(0, duo_open(&self->duo, variant->family, variant->side, 0));
	self->sid = self->duo.sid;
	self->fd = self->duo.fd;
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		for (i = 0; i < COUNT; i++) {
			pattern_fill(out, SIZE, (__u64)i * SIZE, 6);
			if (peer_send_frame(self->peer, self->sid, out, SIZE))
				_exit(1);
		}
		_exit(peer_send(self->peer, self->sid, WIRE_FIN) ? 1 : 0);
	}
	/* The module has stopped reading, and so does the peer sending. */
	ASSERT_UNTIL(netns_counter("Pauses") > 0);
	ASSERT_UNTIL(window_is_shut(self->peer));
	ASSERT_EQ(0, call_start(&reader, call_recv_pattern, self->fd, 6, NULL,
				0));
	ASSERT_CALL((long)COUNT * SIZE, 0, &reader);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

/* The body that is just not too large. */
TEST_F(frames, of_the_largest_body)
{
	unsigned char *fill = calloc(1, MAX_BODY);

	ASSERT_NE(NULL, fill);
	/* An unknown field fills it up to 263168 bytes. */
	ASSERT_SENDS("80 88 10 12 03 61 62 63 7a f7 87 10");
	ASSERT_EQ(0, peer_send_raw(self->peer, self->sid, PPID_BINARY, fill,
				   MAX_BODY - 9));
	ASSERT_SENDS("03 12 01 64");
	ASSERT_READS("abcd");
	free(fill);
}

/* One frame of @size bytes in messages of @piece bytes each. */
static int send_in_pieces(struct peer *peer, __u16 sid, size_t size,
			  size_t piece)
{
	unsigned char *out = malloc(PEER_HEAD_MAX + size);
	size_t len, at, n;
	int err = -1;

	if (!out)
		return -1;
	len = peer_frame_head(out, size);
	pattern_fill(out + len, size, 0, 7);
	len += size;
	for (at = 0; at < len; at += n) {
		n = len - at < piece ? len - at : piece;
		err = peer_send_raw(peer, sid, PPID_BINARY, out + at, n);
		if (err)
			break;
	}
	free(out);
	return err;
}

static bool pattern_comes(int fd, size_t size)
{
	unsigned char *in = malloc(size);
	bool same;

	same = in && !set_timeout(fd, SO_RCVTIMEO, deadline_ms()) &&
	       recv(fd, in, size, MSG_WAITALL) == (ssize_t)size &&
	       pattern_check(in, size, 0, 7) < 0;
	free(in);
	return same;
}

/* Each message pins a packet, which is far more than what it has: together more
 * than assoc_rmem, though nobody is slow.
 */
TEST_F(frames, of_256_kib_in_messages_of_a_few_bytes)
{
	ASSERT_EQ(0, send_in_pieces(self->peer, self->sid, 262144, 60));
	ASSERT_TRUE(pattern_comes(self->fd, 262144));
	EXPECT_EQ(0, netns_counter("Overflows"));
}

/* Each of these pins two, of which SCTP has the first have 600 bytes. */
TEST_F(frames, of_16_kib_in_messages_of_two_chunks)
{
	struct sctp_assoc_value maxseg = { .assoc_value = 600 };

	ASSERT_EQ(0, setsockopt(self->peer->fd, IPPROTO_SCTP, SCTP_MAXSEG,
				&maxseg, sizeof(maxseg)));
	ASSERT_EQ(0, send_in_pieces(self->peer, self->sid, 16384, 700));
	ASSERT_TRUE(pattern_comes(self->fd, 16384));
	EXPECT_EQ(0, netns_counter("Overflows"));
}

/* "Body up to max_recv_frame" */
TEST(max_recv_frame_is_the_limit_of_what_is_read)
{
	unsigned char data[2000] = {};
	struct duo duo;
	char c;

	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/max_recv_frame", 16384));
	ASSERT_EQ(0, duo_open(&duo, AF_INET, DUO_KERNEL_ACCEPTS, 0));
	ASSERT_EQ(0, peer_send_frame(&duo.peer, duo.sid, data, sizeof(data)));
	ASSERT_EQ((ssize_t)sizeof(data),
		  recv(duo.fd, data, sizeof(data), MSG_WAITALL));
	ASSERT_EQ(0, peer_send(&duo.peer, duo.sid, "81 80 01"));
	ASSERT_EQ(0, peer_expect(&duo.peer, duo.sid, WIRE_RESET_STREAM));
	ASSERT_ERRNO(EPROTO, recv(duo.fd, &c, 1, 0));
	duo_close(&duo);
}

TEST_HARNESS_MAIN
