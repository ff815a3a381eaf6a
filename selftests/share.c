// SPDX-License-Identifier: GPL-2.0
/* Which substreams share an association: wrtcsub.rst, "Calls", connect. */

#include <fcntl.h>
#include <poll.h>

#include "lib/harness.h"
#include "lib/sctp.h"

FIXTURE(share)
{
	struct addr addr;
	int listener;
	int fd[4];
};

FIXTURE_VARIANT(share)
{
	int family;
};

FIXTURE_VARIANT_ADD(share, ipv4)
{
	.family = AF_INET,
};

FIXTURE_VARIANT_ADD(share, ipv6)
{
	.family = AF_INET6,
};

FIXTURE_SETUP(share)
{
	int i;

	ASSERT_EQ(0, netns_private());
	self->listener = sub_listen(variant->family, &self->addr);
	ASSERT_LE(0, self->listener);
	for (i = 0; i < 4; i++) {
		self->fd[i] = sub_socket(SOCK_CLOEXEC);
		ASSERT_LE(0, self->fd[i]);
	}
}

FIXTURE_TEARDOWN(share)
{
	int i;

	for (i = 0; i < 4; i++)
		close(self->fd[i]);
	close(self->listener);
}

/* Connect all four; the first two share an association, and the last two share
 * another one.
 */
#define ASSERT_TWO_AND_TWO() do {					\
	long __id[4];							\
	int __i;							\
									\
	for (__i = 0; __i < 4; __i++) {					\
		ASSERT_EQ(0, connect(self->fd[__i], &self->addr.sa,	\
				     self->addr.len)) {			\
			TH_LOG("connect %d: %m", __i);			\
		}							\
		__id[__i] = sub_assoc_id(self->fd[__i]);		\
		ASSERT_LT(0, __id[__i]);				\
	}								\
	EXPECT_EQ(__id[0], __id[1]);					\
	EXPECT_EQ(__id[2], __id[3]);					\
	EXPECT_NE(__id[0], __id[2]);					\
} while (0)

#define ASSERT_SETS(_i, _level, _option, _value) do {			\
	typeof(_value) __value = (_value);				\
									\
	ASSERT_EQ(0, setsockopt(self->fd[_i], _level, _option, &__value, \
				sizeof(__value)));			\
} while (0)

/* WRTCSUB_NEW_ASSOC: "connect makes an association of its own, shared only by
 * WRTCSUB_ATTACH."
 */
TEST_F(share, new_assoc_makes_one_of_its_own)
{
	long id[4];
	int i;

	EXPECT_EQ(0, sub_get(self->fd[0], WRTCSUB_NEW_ASSOC));
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, sub_set(self->fd[i], WRTCSUB_NEW_ASSOC, 1));
	EXPECT_EQ(1, sub_get(self->fd[0], WRTCSUB_NEW_ASSOC));
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(0, connect(self->fd[i], &self->addr.sa,
				     self->addr.len));
		id[i] = sub_assoc_id(self->fd[i]);
		ASSERT_LT(0, id[i]);
	}
	EXPECT_NE(id[0], id[1]);
	EXPECT_NE(id[0], id[2]);
	EXPECT_NE(id[1], id[2]);
	EXPECT_EQ(id[2], id[3]);
}

TEST_F(share, new_assoc_does_not_take_one_that_there_is)
{
	int i;

	ASSERT_EQ(0, sub_set(self->fd[1], WRTCSUB_NEW_ASSOC, 1));
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, connect(self->fd[i], &self->addr.sa,
				     self->addr.len));
	EXPECT_NE(sub_assoc_id(self->fd[0]), sub_assoc_id(self->fd[1]));
}

TEST_F(share, new_assoc_is_shared_by_attach)
{
	ASSERT_EQ(0, sub_set(self->fd[0], WRTCSUB_NEW_ASSOC, 1));
	ASSERT_EQ(0, connect(self->fd[0], &self->addr.sa, self->addr.len));
	ASSERT_EQ(0, sub_set(self->fd[1], WRTCSUB_ATTACH, self->fd[0]));
	ASSERT_EQ(0, connect(self->fd[1], &self->addr.sa, self->addr.len));
	EXPECT_EQ(sub_assoc_id(self->fd[0]), sub_assoc_id(self->fd[1]));
}

TEST_F(share, new_assoc_can_be_taken_back)
{
	int i;

	ASSERT_EQ(0, sub_set(self->fd[1], WRTCSUB_NEW_ASSOC, 1));
	ASSERT_EQ(0, sub_set(self->fd[1], WRTCSUB_NEW_ASSOC, 0));
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, connect(self->fd[i], &self->addr.sa,
				     self->addr.len));
	EXPECT_EQ(sub_assoc_id(self->fd[0]), sub_assoc_id(self->fd[1]));
}

/* Whose identifiers are even cannot be both. */
TEST_F(share, by_role)
{
	ASSERT_SETS(2, SOL_WRTCSUB, WRTCSUB_ROLE, (int)WRTCSUB_ROLE_ODD);
	ASSERT_SETS(3, SOL_WRTCSUB, WRTCSUB_ROLE, (int)WRTCSUB_ROLE_ODD);
	ASSERT_TWO_AND_TWO();
}

TEST_F(share, by_so_priority)
{
	ASSERT_SETS(2, SOL_SOCKET, SO_PRIORITY, 5);
	ASSERT_SETS(3, SOL_SOCKET, SO_PRIORITY, 5);
	ASSERT_TWO_AND_TWO();
}

TEST_F(share, by_so_mark)
{
	ASSERT_SETS(0, SOL_SOCKET, SO_MARK, 1);
	ASSERT_SETS(1, SOL_SOCKET, SO_MARK, 1);
	ASSERT_SETS(2, SOL_SOCKET, SO_MARK, 2);
	ASSERT_SETS(3, SOL_SOCKET, SO_MARK, 2);
	ASSERT_TWO_AND_TWO();
}

TEST_F(share, by_so_bindtodevice)
{
	int i;

	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, setsockopt(self->fd[i], SOL_SOCKET,
					SO_BINDTODEVICE, "lo", 3));
	ASSERT_TWO_AND_TWO();
}

/* "with the same local binding" */
TEST_F(share, by_local_binding)
{
	struct addr local;
	int i;

	for (i = 0; i < 4; i++) {
		addr_loopback(&local, variant->family, i < 2 ? 6000 : 6001);
		ASSERT_SETS(i, SOL_SOCKET, SO_REUSEADDR, 1);
		ASSERT_EQ(0, bind(self->fd[i], &local.sa, local.len)) {
			TH_LOG("bind %d: %m", i);
		}
	}
	ASSERT_TWO_AND_TWO();
	ASSERT_EQ(0, addr_local(self->fd[1], &local));
	EXPECT_EQ(6000, addr_port(&local));
	ASSERT_EQ(0, addr_local(self->fd[3], &local));
	EXPECT_EQ(6001, addr_port(&local));
}

/* Port 0 is one that nobody else has, as if it had been named. */
TEST_F(share, by_local_binding_to_any_port)
{
	struct addr local[4], seen;
	int i;

	for (i = 0; i < 4; i++) {
		if (i % 2)
			local[i] = local[i - 1];
		else
			addr_loopback(&local[i], variant->family, 0);
		ASSERT_SETS(i, SOL_SOCKET, SO_REUSEADDR, 1);
		ASSERT_EQ(0, bind(self->fd[i], &local[i].sa, local[i].len)) {
			TH_LOG("bind %d: %m", i);
		}
		ASSERT_EQ(0, addr_local(self->fd[i], &local[i]));
	}
	ASSERT_TWO_AND_TWO();
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(0, addr_local(self->fd[i], &seen));
		EXPECT_TRUE(addr_same(&local[i], &seen));
	}
}

/* Options at SOL_SCTP concern the association: equal ones share it. */
TEST_F(share, by_sctp_options)
{
	struct sctp_assocparams params = {};
	int i;

	for (i = 0; i < 4; i++) {
		params.sasoc_asocmaxrxt = i < 2 ? 7 : 8;
		ASSERT_SETS(i, SOL_SCTP, SCTP_ASSOCINFO, params);
	}
	ASSERT_TWO_AND_TWO();
}

TEST_F(share, with_sctp_options_not_with_those_without)
{
	struct sctp_rtoinfo rto = { .srto_initial = 500 };
	int i;

	for (i = 2; i < 4; i++)
		ASSERT_SETS(i, SOL_SCTP, SCTP_RTOINFO, rto);
	ASSERT_TWO_AND_TWO();
}

/* What concerns the substream alone makes no difference. */
TEST_F(share, whatever_the_options_of_a_substream)
{
	int i;

	ASSERT_SETS(1, SOL_WRTCSUB, WRTCSUB_STREAM_ID, 30);
	ASSERT_SETS(1, SOL_WRTCSUB, WRTCSUB_FIN_ACK_TIMEOUT, 100);
	ASSERT_EQ(0, setsockopt(self->fd[2], SOL_WRTCSUB, WRTCSUB_LABEL, "x",
				1));
	ASSERT_SETS(2, SOL_SOCKET, SO_RCVBUF, 10000);
	ASSERT_SETS(3, SOL_WRTCSUB, WRTCSUB_OPEN_WAIT, 1);
	ASSERT_SETS(3, SOL_WRTCSUB, WRTCSUB_NODELAY, 0);
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(0, connect(self->fd[i], &self->addr.sa,
				     self->addr.len));
		EXPECT_EQ(sub_assoc_id(self->fd[0]), sub_assoc_id(self->fd[i]));
	}
}

TEST_HARNESS_MAIN
