// SPDX-License-Identifier: GPL-2.0
/* smoldot: each frame has a message, if only an empty one, and flags go with
 * data; it sends no RESET_STREAM and no STOP_SENDING, and ignores the latter.
 */

#include "lib/harness.h"
#include "lib/replay.h"

REPLAY(smoldot, DCEP_OPEN)

TEST_F(smoldot, finishes_with_data)
{
	ASSERT_SENDS(ABC);
	ASSERT_SENDS("06 08 00 12 02 64 65");
	ASSERT_READS("abcde");
	ASSERT_READS_END();
	ASSERT_GETS(WIRE_FIN_ACK);
}

TEST_F(smoldot, finishes_with_an_empty_message)
{
	ASSERT_SENDS(ABC);
	ASSERT_SENDS("04 08 00 12 00");
	ASSERT_READS("abc");
	ASSERT_READS_END();
	ASSERT_GETS(WIRE_FIN_ACK);
}

TEST_F(smoldot, acknowledges_with_data)
{
	struct call finisher;

	ASSERT_EQ(3, write(self->replay.fd, "abc", 3));
	ASSERT_GETS(ABC);
	ASSERT_FINISHES(&finisher);
	ASSERT_SENDS("07 08 03 12 03 61 62 63");
	ASSERT_CALL(0, 0, &finisher);
	ASSERT_READS("abc");
	ASSERT_SENDS("04 08 00 12 00");
	ASSERT_READS_END();
	ASSERT_GETS(WIRE_FIN_ACK);
	ASSERT_CLOSED();
}

TEST_F(smoldot, acknowledges_with_an_empty_message)
{
	struct call finisher;

	ASSERT_FINISHES(&finisher);
	ASSERT_SENDS("04 08 03 12 00");
	ASSERT_CALL(0, 0, &finisher);
	ASSERT_SENDS(ABC);
	ASSERT_READS("abc");
}

/* There is room for one flag in a frame, so its FIN comes after that. */
TEST_F(smoldot, acknowledges_and_then_finishes_with_data)
{
	struct call finisher;

	ASSERT_FINISHES(&finisher);
	ASSERT_SENDS("05 08 03 12 01 61");
	ASSERT_SENDS("06 08 00 12 02 62 63");
	ASSERT_CALL(0, 0, &finisher);
	ASSERT_READS("abc");
	ASSERT_READS_END();
	ASSERT_GETS(WIRE_FIN_ACK);
	ASSERT_CLOSED();
}

/* Data after a FIN, a second FIN and a FIN_ACK for nothing are errors to it. */
TEST_F(smoldot, gets_nothing_that_it_takes_for_an_error)
{
	struct call finisher;

	ASSERT_SENDS("04 08 00 12 00");
	ASSERT_GETS(WIRE_FIN_ACK);
	ASSERT_EQ(3, write(self->replay.fd, "abc", 3));
	ASSERT_GETS(ABC);
	ASSERT_FINISHES(&finisher);
	ASSERT_ERRNO(EPIPE, send(self->replay.fd, "x", 1, MSG_NOSIGNAL));
	ASSERT_EQ(0, duo_sync(&self->replay.duo));
	ASSERT_EQ(0, peer_expect_nothing(self->replay.peer, self->replay.sid));
	ASSERT_SENDS("04 08 03 12 00");
	ASSERT_CALL(0, 0, &finisher);
	/* After that there is the reset and nothing else. */
	ASSERT_CLOSED();
}

TEST_F(smoldot, ignores_stop_sending)
{
	ASSERT_EQ(0, shutdown(self->replay.fd, SHUT_RD));
	ASSERT_GETS(WIRE_STOP_SENDING);
	ASSERT_SENDS(ABC);
	ASSERT_SENDS(ABC);
	ASSERT_READS_END();
	ASSERT_SENDS("07 08 00 12 03 61 62 63");
	ASSERT_GETS(WIRE_FIN_ACK);
	ASSERT_READS_END();
}

/* It cannot say RESET_STREAM: it closes the channel. */
TEST_F(smoldot, closes_the_channel_instead_of_a_reset)
{
	ASSERT_SENDS(ABC);
	ASSERT_EQ(0, peer_reset(self->replay.peer, self->replay.sid));
	ASSERT_READS("abc");
	ASSERT_READS_ERRNO(ECONNRESET);
	ASSERT_EQ(0, peer_expect_reset(self->replay.peer, self->replay.sid));
}

TEST_HARNESS_MAIN
