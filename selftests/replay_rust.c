// SPDX-License-Identifier: GPL-2.0
/* rust-libp2p: it has no FIN_ACK.  It sends none, and a read that comes upon
 * one fails.  Frames are merged (native), or cut anywhere (in a browser).
 */

#include "lib/harness.h"
#include "lib/replay.h"

#define PAYLOAD	16377
#define CUT	16384

REPLAY(rust_libp2p, DCEP_OPEN)

/* All that is written before a flush, and the close() after it. */
TEST_F(rust_libp2p, merges_frames)
{
	ASSERT_SENDS("03 12 01 61 03 12 01 62");
	ASSERT_SENDS("03 12 01 63 02 08 00");
	ASSERT_READS("abc");
	ASSERT_READS_END();
	ASSERT_GETS(WIRE_FIN_ACK);
}

/* "request/response": we finish first, it never acknowledges that, and its
 * answer is whole all the same.  Up to its end it must get no FIN_ACK.
 */
TEST_F(rust_libp2p, answers_but_does_not_acknowledge)
{
	struct call finisher;

	ASSERT_EQ(3, write(self->replay.fd, "abc", 3));
	ASSERT_GETS(ABC);
	ASSERT_FINISHES(&finisher);
	ASSERT_GIVES_UP(&finisher);
	ASSERT_SENDS(ABC);
	ASSERT_READS("abc");
	ASSERT_SENDS("03 12 01 64 02 08 00");
	ASSERT_READS("d");
	ASSERT_READS_END();
	ASSERT_GETS(WIRE_FIN_ACK);
	ASSERT_CLOSED();
}

TEST_F(rust_libp2p, answers_while_the_fin_ack_is_waited_for)
{
	struct call finisher;

	ASSERT_EQ(3, write(self->replay.fd, "abc", 3));
	ASSERT_GETS(ABC);
	ASSERT_FINISHES(&finisher);
	ASSERT_SENDS("05 12 03 61 62 63 02 08 00");
	ASSERT_READS("abc");
	ASSERT_READS_END();
	ASSERT_GETS(WIRE_FIN_ACK);
	EXPECT_FALSE(call_is_done(&finisher));
	ASSERT_GIVES_UP(&finisher);
	ASSERT_CLOSED();
}

/* The other way round it cannot read on, and drops the stream: what it does
 * not get is never taken for sent.
 */
TEST_F(rust_libp2p, finishes_first_and_chokes_on_the_fin_ack)
{
	struct call finisher;

	ASSERT_SENDS("05 12 03 61 62 63 02 08 00");
	ASSERT_GETS(WIRE_FIN_ACK);
	ASSERT_READS("abc");
	ASSERT_READS_END();
	ASSERT_EQ(3, write(self->replay.fd, "abc", 3));
	ASSERT_GETS(ABC);
	ASSERT_FINISHES(&finisher);
	ASSERT_SENDS(WIRE_RESET_STREAM);
	ASSERT_CALL(-1, ECONNRESET, &finisher);
	ASSERT_CLOSED();
}

TEST_F(rust_libp2p, drops_a_stream)
{
	ASSERT_SENDS("05 12 03 61 62 63 02 08 02");
	ASSERT_READS("abc");
	ASSERT_READS_ERRNO(ECONNRESET);
	ASSERT_CLOSED();
}

/* close_read() */
TEST_F(rust_libp2p, stops_and_does_not_acknowledge)
{
	ASSERT_SENDS(WIRE_STOP_SENDING);
	ASSERT_GETS(WIRE_FIN);
	ASSERT_EQ(0, sub_fin_timeout(self->replay.fd, 100));
	ASSERT_ERRNO(EPIPE, send(self->replay.fd, "x", 1, MSG_NOSIGNAL));
	ASSERT_ERRNO(ETIMEDOUT, shutdown(self->replay.fd, SHUT_WR));
	ASSERT_SENDS(ABC);
	ASSERT_READS("abc");
	ASSERT_SENDS(WIRE_FIN);
	ASSERT_READS_END();
	ASSERT_GETS(WIRE_FIN_ACK);
	ASSERT_CLOSED();
}

/* Data in the frame of a flag is lost to it, an empty frame is an end, and a
 * length of more than 16382 stops it for good.
 */
TEST_F(rust_libp2p, can_read_everything_that_is_written)
{
	static unsigned char out[100000];
	struct call finisher;
	int flag = -1;

	pattern_fill(out, sizeof(out), 0, 7);
	ASSERT_EQ((ssize_t)sizeof(out),
		  send(self->replay.fd, out, sizeof(out), 0));
	ASSERT_EQ(0, call_start(&finisher, call_shutdown, self->replay.fd,
				SHUT_WR, NULL, 0));
	ASSERT_EQ((ssize_t)sizeof(out),
		  peer_read_to_flag(self->replay.peer, self->replay.sid, 0, 7,
				    &flag));
	EXPECT_EQ(0, flag);
	ASSERT_SENDS(WIRE_FIN);
	ASSERT_GETS(WIRE_FIN_ACK);
	ASSERT_GIVES_UP(&finisher);
}

/* In a browser: as much as there is room for, whatever it is. */
TEST_F(rust_libp2p, cuts_anywhere)
{
	static const unsigned char wire[] = {
		3, 0x12, 1, 'a', 5, 0x12, 3, 'b', 'c', 'd', 2, 8, 0,
	};
	size_t cut;

	for (cut = 1; cut < sizeof(wire); cut++) {
		ASSERT_EQ(0, peer_send_raw(self->replay.peer, self->replay.sid,
					   PPID_BINARY, wire, cut));
		ASSERT_EQ(0, peer_send_raw(self->replay.peer, self->replay.sid,
					   PPID_BINARY, wire + cut,
					   sizeof(wire) - cut));
		ASSERT_READS("abcd");
		ASSERT_READS_END();
		ASSERT_GETS(WIRE_FIN_ACK);
		ASSERT_EQ(0, replay_again(&self->replay, DCEP_OPEN));
	}
}

TEST_F(rust_libp2p, cuts_what_is_large_without_regard_to_frames)
{
	enum { COUNT = 5 };
	static unsigned char buf[COUNT * (PAYLOAD + PEER_HEAD_MAX)];
	size_t len, at, piece;
	struct call reader;

	len = replay_frames(buf, PAYLOAD, COUNT, 6);
	ASSERT_EQ(0, call_start(&reader, call_recv_pattern, self->replay.fd, 6,
				NULL, 0));
	for (at = 0; at < len; at += piece) {
		/* The first goes into a buffer that has something in it. */
		piece = at ? CUT : CUT - 1000;
		if (piece > len - at)
			piece = len - at;
		ASSERT_EQ(0, peer_send_raw(self->replay.peer, self->replay.sid,
					   PPID_BINARY, buf + at, piece));
	}
	ASSERT_SENDS(WIRE_FIN);
	ASSERT_CALL((long)COUNT * PAYLOAD, 0, &reader);
	ASSERT_GETS(WIRE_FIN_ACK);
}

TEST_HARNESS_MAIN
