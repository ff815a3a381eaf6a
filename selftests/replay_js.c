// SPDX-License-Identifier: GPL-2.0
/* js-libp2p: length and message are two SCTP messages, and the first frame has
 * a message of its own for each; the channel is closed when both ways are.
 */

#include "lib/harness.h"
#include "lib/replay.h"

REPLAY(js_libp2p, DCEP_OPEN)

TEST_F(js_libp2p, writes_lengths_and_messages_apart)
{
	ASSERT_SENDS_TWO("05", "12 03 01 02 03");
	ASSERT_READS("\1\2\3");
}

TEST_F(js_libp2p, acknowledges_a_fin_and_closes_after_that)
{
	struct call finisher;

	ASSERT_FINISHES(&finisher);
	ASSERT_SENDS_TWO("02", "08 03");
	ASSERT_CALL(0, 0, &finisher);
	ASSERT_SENDS_TWO("05", "12 03 61 62 63");
	ASSERT_SENDS_TWO("02", "08 00");
	ASSERT_GETS(WIRE_FIN_ACK);
	ASSERT_READS("abc");
	ASSERT_READS_END();
	ASSERT_CLOSED();
}

/* close() of both at once: each FIN is acknowledged. */
TEST_F(js_libp2p, closes_while_the_program_does)
{
	struct call finisher;

	ASSERT_FINISHES(&finisher);
	ASSERT_SENDS_TWO("02", "08 00");
	ASSERT_GETS(WIRE_FIN_ACK);
	EXPECT_FALSE(call_is_done(&finisher));
	ASSERT_SENDS_TWO("02", "08 03");
	ASSERT_CALL(0, 0, &finisher);
	ASSERT_READS_END();
	ASSERT_CLOSED();
}

/* Both of its writing ends are closed when the last FIN_ACK comes, so its
 * reset follows the FIN_ACK at once.
 */
TEST_F(js_libp2p, resets_the_channel_right_after_its_fin_ack)
{
	struct call finisher;

	ASSERT_SENDS_TWO("05", "12 03 61 62 63");
	ASSERT_SENDS_TWO("02", "08 00");
	ASSERT_GETS(WIRE_FIN_ACK);
	ASSERT_FINISHES(&finisher);
	ASSERT_SENDS_TWO("02", "08 03");
	ASSERT_EQ(0, peer_reset(self->replay.peer, self->replay.sid));
	ASSERT_CALL(0, 0, &finisher);
	ASSERT_READS("abc");
	ASSERT_READS_END();
	ASSERT_EQ(0, peer_expect_reset(self->replay.peer, self->replay.sid));
}

/* It acknowledges each FIN, also one that it has had. */
TEST_F(js_libp2p, acknowledges_twice)
{
	struct call finisher;

	ASSERT_FINISHES(&finisher);
	ASSERT_SENDS_TWO("02", "08 03");
	ASSERT_SENDS_TWO("02", "08 03");
	ASSERT_CALL(0, 0, &finisher);
	ASSERT_SENDS_TWO("05", "12 03 61 62 63");
	ASSERT_READS("abc");
}

/* Its send() still goes out after STOP_SENDING, and it sends no FIN by itself.
 */
TEST_F(js_libp2p, goes_on_after_stop_sending)
{
	ASSERT_EQ(0, shutdown(self->replay.fd, SHUT_RD));
	ASSERT_GETS(WIRE_STOP_SENDING);
	ASSERT_SENDS_TWO("05", "12 03 61 62 63");
	ASSERT_READS_END();
	ASSERT_EQ(3, write(self->replay.fd, "abc", 3));
	ASSERT_GETS(ABC);
	ASSERT_SENDS_TWO("02", "08 00");
	ASSERT_GETS(WIRE_FIN_ACK);
}

TEST_F(js_libp2p, stops_and_acknowledges)
{
	ASSERT_SENDS_TWO("02", "08 01");
	ASSERT_GETS(WIRE_FIN);
	ASSERT_SENDS_TWO("02", "08 03");
	ASSERT_EQ(0, shutdown(self->replay.fd, SHUT_WR));
	ASSERT_SENDS_TWO("05", "12 03 61 62 63");
	ASSERT_SENDS_TWO("02", "08 00");
	ASSERT_READS("abc");
	ASSERT_READS_END();
	ASSERT_GETS(WIRE_FIN_ACK);
	ASSERT_CLOSED();
}

TEST_F(js_libp2p, aborts)
{
	ASSERT_SENDS_TWO("05", "12 03 61 62 63");
	ASSERT_SENDS_TWO("02", "08 02");
	ASSERT_EQ(0, peer_reset(self->replay.peer, self->replay.sid));
	ASSERT_READS("abc");
	ASSERT_READS_ERRNO(ECONNRESET);
	ASSERT_EQ(0, peer_expect_reset(self->replay.peer, self->replay.sid));
}

/* A decoder that has thrown takes nothing any more and says nothing. */
TEST_F(js_libp2p, does_not_answer_any_more)
{
	struct call finisher;

	ASSERT_FINISHES(&finisher);
	ASSERT_GIVES_UP(&finisher);
	ASSERT_SENDS_TWO("05", "12 03 61 62 63");
	ASSERT_READS("abc");
	ASSERT_EQ(0, peer_reset(self->replay.peer, self->replay.sid));
	ASSERT_READS_ERRNO(ECONNRESET);
}

TEST_HARNESS_MAIN
