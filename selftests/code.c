// SPDX-License-Identifier: GPL-2.0
/* WRTCSUB_ERROR_CODE: "Set: the code that our next RESET_STREAM or
 * STOP_SENDING carries. Get: the code of the peer's last."
 */

#include <fcntl.h>
#include <poll.h>

#include "lib/harness.h"

FIXTURE(code)
{
	struct duo duo;
	struct peer *peer;
	__u16 sid;
	int fd;
};

FIXTURE_VARIANT(code)
{
	int family;
	enum duo_side side;
};

FIXTURE_VARIANT_ADD(code, ipv4_connected)
{
	.family = AF_INET,
	.side = DUO_KERNEL_CONNECTS,
};

FIXTURE_VARIANT_ADD(code, ipv6_accepted)
{
	.family = AF_INET6,
	.side = DUO_KERNEL_ACCEPTS,
};

FIXTURE_SETUP(code)
{
	ASSERT_EQ(0, netns_private());
	/* Even a machine that stalls acknowledges a FIN in time. */
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/fin_ack_timeout_ms", 30000));
	ASSERT_EQ(0, duo_open(&self->duo, variant->family, variant->side, 0));
	self->peer = &self->duo.peer;
	self->sid = self->duo.sid;
	self->fd = self->duo.fd;
}

FIXTURE_TEARDOWN(code)
{
	duo_close(&self->duo);
}

#define ASSERT_SENDS(_hex)						\
	ASSERT_EQ(0, peer_send(self->peer, self->sid, _hex))
#define ASSERT_GETS(_hex)						\
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, _hex))
#define ASSERT_SETS(_code)						\
	ASSERT_EQ(0, sub_set(self->fd, WRTCSUB_ERROR_CODE, _code))

/* The reset of what is closed so. */
#define ASSERT_RESETS() do {						\
	ASSERT_EQ(0, set_linger(self->fd, 1, 0));			\
	ASSERT_EQ(0, close(self->fd));					\
	self->duo.fd = -1;						\
} while (0)

TEST_F(code, goes_with_reset_stream)
{
	ASSERT_SETS(0x1000);
	ASSERT_RESETS();
	ASSERT_GETS("05 08 02 18 80 20");
}

TEST_F(code, goes_with_stop_sending)
{
	ASSERT_SETS(7);
	ASSERT_EQ(0, shutdown(self->fd, SHUT_RD));
	ASSERT_GETS("04 08 01 18 07");
}

/* "our next" */
TEST_F(code, goes_once)
{
	ASSERT_SETS(7);
	ASSERT_EQ(0, shutdown(self->fd, SHUT_RD));
	ASSERT_GETS("04 08 01 18 07");
	ASSERT_RESETS();
	ASSERT_GETS(WIRE_RESET_STREAM);
}

TEST_F(code, can_be_another_one_each_time)
{
	ASSERT_SETS(7);
	ASSERT_SETS(8);
	ASSERT_EQ(0, shutdown(self->fd, SHUT_RD));
	ASSERT_GETS("04 08 01 18 08");
	ASSERT_SETS(9);
	ASSERT_RESETS();
	ASSERT_GETS("04 08 02 18 09");
}

TEST_F(code, of_0_is_a_code)
{
	ASSERT_SETS(0);
	ASSERT_RESETS();
	ASSERT_GETS("04 08 02 18 00");
}

TEST_F(code, has_32_bits)
{
	ASSERT_SETS(-1);
	ASSERT_RESETS();
	ASSERT_GETS("08 08 02 18 ff ff ff ff 0f");
}

/* Nor does a FIN_ACK. */
TEST_F(code, does_not_go_with_fin)
{
	ASSERT_SETS(7);
	ASSERT_SENDS(WIRE_FIN);
	ASSERT_GETS(WIRE_FIN_ACK);
	ASSERT_EQ(0, set_nonblock(self->fd, true));
	ASSERT_ERRNO(EINPROGRESS, shutdown(self->fd, SHUT_WR));
	ASSERT_GETS(WIRE_FIN);
	ASSERT_RESETS();
	ASSERT_GETS("04 08 02 18 07");
}

TEST_F(code, that_nobody_set_is_not_sent)
{
	ASSERT_EQ(0, shutdown(self->fd, SHUT_RD));
	ASSERT_GETS(WIRE_STOP_SENDING);
	ASSERT_RESETS();
	ASSERT_GETS(WIRE_RESET_STREAM);
}

/* A malformed frame makes us reset. */
TEST_F(code, goes_with_a_reset_of_the_kernels_own)
{
	ASSERT_SETS(7);
	ASSERT_SENDS("02 0b 00");
	ASSERT_GETS("04 08 02 18 07");
}

#define ASSERT_IS(_code) do {						\
	const __u32 __code = (_code);					\
	struct wrtcsub_info __info;					\
									\
	ASSERT_EQ(__code, (__u32)sub_get(self->fd, WRTCSUB_ERROR_CODE)); \
	ASSERT_EQ(0, sub_info(self->fd, &__info));			\
	ASSERT_EQ(__code, __info.wi_error_code);			\
} while (0)

TEST_F(code, of_the_peer_is_0_at_first)
{
	ASSERT_SETS(7);
	ASSERT_IS(0u);
}

TEST_F(code, of_the_peers_stop_sending)
{
	ASSERT_SENDS("04 08 01 18 05");
	ASSERT_GETS(WIRE_FIN);
	ASSERT_IS(5u);
}

TEST_F(code, of_the_peers_reset_stream)
{
	ASSERT_SENDS("08 18 fe ff ff ff 0f 08 02");
	ASSERT_LE(0, poll_until(self->fd, POLLERR));
	ASSERT_IS(0xfffffffeu);
}

TEST_F(code, of_the_peers_last_one)
{
	ASSERT_SENDS("04 08 01 18 05");
	ASSERT_GETS(WIRE_FIN);
	ASSERT_IS(5u);
	ASSERT_SENDS("05 08 02 18 80 20");
	ASSERT_LE(0, poll_until(self->fd, POLLERR));
	ASSERT_IS(0x1000u);
}

/* One without a code has none, which is 0. */
TEST_F(code, of_the_peers_last_one_may_be_none)
{
	ASSERT_SENDS("04 08 01 18 05");
	ASSERT_GETS(WIRE_FIN);
	ASSERT_SENDS(WIRE_RESET_STREAM);
	ASSERT_LE(0, poll_until(self->fd, POLLERR));
	ASSERT_IS(0u);
}

/* Other flags have no code, and neither has data. */
TEST_F(code, of_the_peer_comes_with_no_other_flag)
{
	ASSERT_SENDS("04 08 03 18 09");
	ASSERT_SENDS("04 08 07 18 09");
	ASSERT_SENDS("05 18 09 12 01 78");
	ASSERT_EQ(0, duo_sync(&self->duo));
	ASSERT_IS(0u);
	ASSERT_SENDS("04 08 01 18 05");
	ASSERT_GETS(WIRE_FIN);
	ASSERT_SENDS("04 08 00 18 09");
	ASSERT_GETS(WIRE_FIN_ACK);
	ASSERT_IS(5u);
}

TEST_HARNESS_MAIN
