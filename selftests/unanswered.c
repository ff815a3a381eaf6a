// SPDX-License-Identifier: GPL-2.0
/* "A request that no peer answers within 30 s ends the association
 * (ETIMEDOUT)."  By its nature this takes long.
 */

#include <poll.h>

#include "lib/harness.h"
#include "lib/net.h"

#define ANSWER_MS	30000

FIXTURE(unanswered)
{
	struct duo duo;
	int fd;
	__u16 sid;
};

FIXTURE_VARIANT(unanswered)
{
	enum duo_side side;
};

FIXTURE_VARIANT_ADD(unanswered, connected)
{
	.side = DUO_KERNEL_CONNECTS,
};

FIXTURE_VARIANT_ADD(unanswered, accepted)
{
	.side = DUO_KERNEL_ACCEPTS,
};

FIXTURE_SETUP(unanswered)
{
	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, duo_open(&self->duo, AF_INET, variant->side, 0));
	self->fd = duo_more(&self->duo, &self->sid);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(unanswered)
{
	duo_close(&self->duo);
}

/* Another substream has nothing to do with it, and is told all the same. */
TEST_F_TIMEOUT(unanswered, request_ends_the_association, 150)
{
	long long start, took;
	struct addr local;
	char c;

	ASSERT_EQ(0, addr_local(self->duo.fd, &local));
	ASSERT_EQ(0, lose_answers(addr_port(&local)));
	ASSERT_EQ(0, set_linger(self->fd, 1, 0));
	start = now_ms();
	ASSERT_EQ(0, close(self->fd));
	ASSERT_EQ(0, peer_expect(&self->duo.peer, self->sid,
				 WIRE_RESET_STREAM));
	ASSERT_EQ(0, set_timeout(self->duo.fd, SO_RCVTIMEO, 3 * ANSWER_MS));
	ASSERT_ERRNO(ETIMEDOUT, recv(self->duo.fd, &c, 1, 0));
	took = now_ms() - start;
	TH_LOG("after %lld ms", took);
	EXPECT_LE(ANSWER_MS - 1000, took);
	EXPECT_GE(ANSWER_MS + deadline_ms(), took);
	EXPECT_EQ(1, netns_counter("AssocsLost"));
	ASSERT_EQ(0, peer_expect_kind(&self->duo.peer, PEER_LOST));
}

/* It is in what is not read while a reader is slow. */
TEST_F_TIMEOUT(unanswered, answer_that_waits_for_a_reader_is_not_missed, 150)
{
	static unsigned char frame[4000] = { 0x9e, 0x1f, 0x12, 0x9b, 0x1f };
	long long end = now_ms() + ANSWER_MS + 5000;

	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/assoc_rmem", 300000));
	while (!netns_counter("Pauses"))
		peer_try_send(&self->duo.peer, self->duo.sid, frame,
			      sizeof(frame));
	ASSERT_EQ(0, set_linger(self->fd, 1, 0));
	ASSERT_EQ(0, close(self->fd));
	ASSERT_EQ(0, peer_expect(&self->duo.peer, self->sid,
				 WIRE_RESET_STREAM));
	ASSERT_EQ(0, peer_expect_reset(&self->duo.peer, self->sid));
	while (now_ms() < end)
		peer_pump(&self->duo.peer, 100);
	EXPECT_EQ(0, netns_counter("ResetsDone"));
	EXPECT_EQ(0, netns_counter("AssocsLost"));
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/assoc_rmem", 4194304));
	ASSERT_UNTIL(netns_counter("ResetsDone") == 1);
}

/* A peer that reads nothing has not got what was sent before the request.  Its
 * window is open for the last flags of the one that is closed, and not when that
 * is given up.
 */
TEST_F_TIMEOUT(unanswered, request_waits_for_the_peers_reader, 150)
{
	long long end;

	ASSERT_EQ(0, sub_fin_timeout(self->fd, 300));
	ASSERT_ERRNO(ETIMEDOUT, shutdown(self->fd, SHUT_WR));
	ASSERT_EQ(0, sub_fin_timeout(self->fd, 5000));
	ASSERT_EQ(0, close(self->fd));
	ASSERT_LT(0, sub_fill(self->duo.fd, 1));
	end = now_ms() + 5000 + ANSWER_MS + 5000;
	while (now_ms() < end) {
		ASSERT_EQ(0, netns_counter("AssocsLost"));
		usleep(100000);
	}
	EXPECT_EQ(0, netns_counter("ResetsDone"));
}

TEST_HARNESS_MAIN
