// SPDX-License-Identifier: GPL-2.0
/* go-libp2p, over pion: length and message are two SCTP messages; flags are
 * seen by Read(), or by a reader of its own once the program has closed.
 */

#include "lib/harness.h"
#include "lib/replay.h"

#define GO_BUFFER	4096
#define GO_PAYLOAD	16377

REPLAY(go_libp2p, DCEP_OPEN)

TEST_F(go_libp2p, writes_lengths_and_messages_apart)
{
	ASSERT_SENDS_TWO("05", "12 03 61 62 63");
	ASSERT_SENDS_TWO("03", "12 01 64");
	ASSERT_READS("abcd");
}

TEST_F(go_libp2p, writes_as_much_as_fits_into_16_kib)
{
	static unsigned char buf[GO_PAYLOAD + PEER_HEAD_MAX];
	struct call reader;
	unsigned int i;
	size_t len;

	ASSERT_EQ(0, call_start(&reader, call_recv_pattern, self->replay.fd, 3,
				NULL, 0));
	for (i = 0; i < 4; i++) {
		len = replay_frames(buf, GO_PAYLOAD, 1, 0);
		pattern_fill(buf + len - GO_PAYLOAD, GO_PAYLOAD,
			     (__u64)i * GO_PAYLOAD, 3);
		/* The length alone, then the message. */
		ASSERT_SENDS("fc 7f");
		ASSERT_EQ(0, peer_send_raw(self->replay.peer, self->replay.sid,
					   PPID_BINARY, buf + 2, len - 2));
	}
	ASSERT_SENDS_TWO("02", "08 00");
	ASSERT_CALL(4L * GO_PAYLOAD, 0, &reader);
	ASSERT_GETS(WIRE_FIN_ACK);
}

/* Its reader has room for 4096 bytes, and what is over of a message is lost:
 * "prefix and body, in that order".
 */
TEST_F(go_libp2p, can_read_everything_that_is_written)
{
	static unsigned char out[100000];
	static struct peer_frame frame;
	size_t done = 0;

	pattern_fill(out, sizeof(out), 0, 4);
	ASSERT_EQ((ssize_t)sizeof(out),
		  send(self->replay.fd, out, sizeof(out), 0));
	while (done < sizeof(out)) {
		ASSERT_EQ(0, peer_expect_frame(self->replay.peer,
					       self->replay.sid, &frame));
		if (frame.messages == 1)
			ASSERT_GE((size_t)GO_BUFFER, frame.size);
		ASSERT_EQ(-1, pattern_check(frame.payload, frame.len, done, 4));
		done += frame.len;
	}
	EXPECT_EQ(sizeof(out), done);
}

/* Close(): FIN, STOP_SENDING with an errorCode; the control reader then takes
 * our FIN_ACK, and answers our FIN.
 */
TEST_F(go_libp2p, closes_and_stops_at_once)
{
	ASSERT_SENDS_TWO("05", "12 03 61 62 63");
	ASSERT_SENDS_TWO("02", "08 00");
	ASSERT_SENDS_TWO("04", "08 01 18 00");
	ASSERT_GETS(WIRE_FIN_ACK);
	ASSERT_GETS(WIRE_FIN);
	ASSERT_READS("abc");
	ASSERT_READS_END();
	ASSERT_ERRNO(EPIPE, send(self->replay.fd, "x", 1, MSG_NOSIGNAL));
	ASSERT_SENDS_TWO("02", "08 03");
	ASSERT_EQ(0, shutdown(self->replay.fd, SHUT_WR));
	ASSERT_CLOSED();
}

/* Its program has not read so far, so it does not know of the FIN yet. */
TEST_F(go_libp2p, acknowledges_when_the_program_has_read)
{
	struct call finisher;

	ASSERT_EQ(3, write(self->replay.fd, "abc", 3));
	ASSERT_GETS(ABC);
	ASSERT_FINISHES(&finisher);
	ASSERT_SENDS_TWO("04", "12 02 64 65");
	ASSERT_READS("de");
	EXPECT_FALSE(call_is_done(&finisher));
	ASSERT_SENDS_TWO("02", "08 03");
	ASSERT_CALL(0, 0, &finisher);
	ASSERT_SENDS_TWO("03", "12 01 66");
	ASSERT_SENDS_TWO("02", "08 00");
	ASSERT_READS("f");
	ASSERT_READS_END();
	ASSERT_GETS(WIRE_FIN_ACK);
	ASSERT_CLOSED();
}

/* Reset(): RESET_STREAM, STOP_SENDING, and the channel is closed. */
TEST_F(go_libp2p, resets_with_an_error_code)
{
	ASSERT_SENDS_TWO("05", "12 03 61 62 63");
	ASSERT_SENDS_TWO("05", "08 02 18 80 20");
	ASSERT_SENDS_TWO("05", "08 01 18 80 20");
	ASSERT_EQ(0, peer_reset(self->replay.peer, self->replay.sid));
	ASSERT_READS("abc");
	ASSERT_READS_ERRNO(ECONNRESET);
	EXPECT_EQ(0x1000, sub_get(self->replay.fd, WRTCSUB_ERROR_CODE));
	/* Nothing is answered. */
	ASSERT_EQ(0, peer_expect_reset(self->replay.peer, self->replay.sid));
}

TEST_F(go_libp2p, resets_with_error_code_0)
{
	ASSERT_SENDS_TWO("04", "08 02 18 00");
	ASSERT_READS_ERRNO(ECONNRESET);
	EXPECT_EQ(0, sub_get(self->replay.fd, WRTCSUB_ERROR_CODE));
	ASSERT_CLOSED();
}

/* It has accepted too many: the length is msgio's, of four bytes. */
TEST_F(go_libp2p, refuses_with_a_length_of_four_bytes)
{
	ASSERT_SENDS_TWO("00 00 00 02", "08 02");
	ASSERT_READS_ERRNO(ECONNRESET);
	ASSERT_CLOSED();
}

/* An empty message after its length: pion sends a byte that is none. */
TEST_F(go_libp2p, writes_an_empty_message)
{
	ASSERT_SENDS("00");
	ASSERT_EQ(0, peer_send_ppid(self->replay.peer, self->replay.sid,
				    PPID_BINARY_EMPTY, "00"));
	ASSERT_SENDS_TWO("05", "12 03 61 62 63");
	ASSERT_READS("abc");
}

/* A write-only program never sees STOP_SENDING: it goes on. */
TEST_F(go_libp2p, does_not_see_stop_sending)
{
	ASSERT_EQ(0, shutdown(self->replay.fd, SHUT_RD));
	ASSERT_GETS(WIRE_STOP_SENDING);
	ASSERT_SENDS_TWO("05", "12 03 61 62 63");
	ASSERT_READS_END();
	ASSERT_SENDS_TWO("02", "08 00");
	ASSERT_GETS(WIRE_FIN_ACK);
	ASSERT_EQ(3, write(self->replay.fd, "abc", 3));
	ASSERT_GETS(ABC);
}

/* The ten seconds are over: it closes the channel and sends no flag. */
TEST_F(go_libp2p, closes_the_channel_without_a_fin)
{
	ASSERT_SENDS_TWO("05", "12 03 61 62 63");
	ASSERT_EQ(0, peer_reset(self->replay.peer, self->replay.sid));
	ASSERT_READS("abc");
	ASSERT_READS_ERRNO(ECONNRESET);
}

TEST_HARNESS_MAIN
