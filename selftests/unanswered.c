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

TEST_HARNESS_MAIN
