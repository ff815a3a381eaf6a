// SPDX-License-Identifier: GPL-2.0
/* Frames that are malformed: wrtcsub.rst, "Frames". */

#include <poll.h>

#include "lib/harness.h"
#include "lib/net.h"

#define ABC	"05 12 03 61 62 63"

FIXTURE(malformed)
{
	struct duo duo;
	struct peer *peer;
	__u16 sid;
	int fd;
	char buf[16];
};

FIXTURE_VARIANT(malformed)
{
	const char *hex[4];		/* messages */
};

FIXTURE_VARIANT_ADD(malformed, prefix_of_eleven_bytes)
{
	.hex = { "80 80 80 80 80 80 80 80 80 80 01" },
};

FIXTURE_VARIANT_ADD(malformed, prefix_over_64_bits)
{
	.hex = { "ff ff ff ff ff ff ff ff ff 7f" },
};

FIXTURE_VARIANT_ADD(malformed, prefix_in_pieces)
{
	.hex = { "80 80 80 80 80", "80 80 80 80 80", "80 01" },
};

FIXTURE_VARIANT_ADD(malformed, body_over_the_limit)
{
	.hex = { "81 88 10" },		/* 263169 */
};

FIXTURE_VARIANT_ADD(malformed, body_far_over_the_limit)
{
	.hex = { "ff ff ff ff 7f" },
};

FIXTURE_VARIANT_ADD(malformed, group_start)
{
	.hex = { "02 7b 7c" },
};

FIXTURE_VARIANT_ADD(malformed, group_end)
{
	.hex = { "01 7c" },
};

FIXTURE_VARIANT_ADD(malformed, wire_type_6)
{
	.hex = { "02 7e 00" },
};

FIXTURE_VARIANT_ADD(malformed, wire_type_7)
{
	.hex = { "02 7f 00" },
};

FIXTURE_VARIANT_ADD(malformed, wire_type_7_of_the_flag)
{
	.hex = { "02 0f 00" },
};

FIXTURE_VARIANT_ADD(malformed, field_0)
{
	.hex = { "02 00 00" },
};

FIXTURE_VARIANT_ADD(malformed, message_as_a_varint)
{
	.hex = { "02 10 00" },
};

FIXTURE_VARIANT_ADD(malformed, flag_as_bytes)
{
	.hex = { "03 0a 01 00" },
};

FIXTURE_VARIANT_ADD(malformed, error_code_as_bytes)
{
	.hex = { "03 1a 01 00" },
};

FIXTURE_VARIANT_ADD(malformed, message_longer_than_the_frame)
{
	.hex = { "05 12 04 61 62 63" },
};

FIXTURE_VARIANT_ADD(malformed, unknown_field_longer_than_the_frame)
{
	.hex = { "03 7a 05 00" },
};

FIXTURE_VARIANT_ADD(malformed, fixed_field_longer_than_the_frame)
{
	.hex = { "04 7d 00 00 00" },
};

FIXTURE_VARIANT_ADD(malformed, varint_cut_by_the_end_of_the_frame)
{
	.hex = { "02 08 80" },
};

FIXTURE_VARIANT_ADD(malformed, length_cut_by_the_end_of_the_frame)
{
	.hex = { "02 12 80" },
};

FIXTURE_VARIANT_ADD(malformed, tag_without_value)
{
	.hex = { "01 08" },
};

FIXTURE_VARIANT_ADD(malformed, tag_cut_by_the_end_of_the_frame)
{
	.hex = { "01 80" },
};

FIXTURE_VARIANT_ADD(malformed, flag_of_eleven_bytes)
{
	.hex = { "0c 08 80 80 80 80 80 80 80 80 80 80 01" },
};

FIXTURE_SETUP(malformed)
{
	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, duo_open(&self->duo, AF_INET, DUO_KERNEL_CONNECTS, 0));
	self->peer = &self->duo.peer;
	self->sid = self->duo.sid;
	self->fd = self->duo.fd;
}

FIXTURE_TEARDOWN(malformed)
{
	duo_close(&self->duo);
}

/* "RESET_STREAM, local EPROTO, counted, nothing else touched." */
TEST_F(malformed, is_reset_and_eproto_and_nothing_else_is_touched)
{
	__u16 other_sid;
	unsigned int i;
	int other;

	other = duo_more(&self->duo, &other_sid);
	ASSERT_LE(0, other);
	ASSERT_EQ(0, peer_send(self->peer, self->sid, "03 12 01 61"));
	for (i = 0; i < ARRAY_SIZE(variant->hex) && variant->hex[i]; i++)
		ASSERT_EQ(0, peer_send(self->peer, self->sid,
				       variant->hex[i]));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
	EXPECT_EQ(1, netns_counter("RxMalformed"));
	/* What came before can be read, then the error once, then 0. */
	ASSERT_EQ(1, recv(self->fd, self->buf, sizeof(self->buf), 0));
	EXPECT_EQ('a', self->buf[0]);
	ASSERT_ERRNO(EPROTO, recv(self->fd, self->buf, 1, 0));
	ASSERT_EQ(0, recv(self->fd, self->buf, 1, 0));
	ASSERT_ERRNO(EPROTO, send(self->fd, "x", 1, MSG_NOSIGNAL));
	ASSERT_ERRNO(EPIPE, send(self->fd, "x", 1, MSG_NOSIGNAL));

	ASSERT_EQ(0, peer_send(self->peer, other_sid, ABC));
	ASSERT_EQ(3, recv(other, self->buf, sizeof(self->buf), 0));
	ASSERT_EQ(3, write(other, "abc", 3));
	ASSERT_EQ(0, peer_expect(self->peer, other_sid, ABC));
	close(other);
}

FIXTURE(broken)
{
	struct duo duo;
	struct peer *peer;
	__u16 sid;
	int fd;
	char buf[16];
};

FIXTURE_VARIANT(broken)
{
	int family;
	enum duo_side side;
};

FIXTURE_VARIANT_ADD(broken, ipv4_connected)
{
	.family = AF_INET,
	.side = DUO_KERNEL_CONNECTS,
};

FIXTURE_VARIANT_ADD(broken, ipv6_accepted)
{
	.family = AF_INET6,
	.side = DUO_KERNEL_ACCEPTS,
};

FIXTURE_SETUP(broken)
{
	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, duo_open(&self->duo, variant->family, variant->side, 0));
	self->peer = &self->duo.peer;
	self->sid = self->duo.sid;
	self->fd = self->duo.fd;
}

FIXTURE_TEARDOWN(broken)
{
	duo_close(&self->duo);
}

#define ASSERT_SENDS(_hex)						\
	ASSERT_EQ(0, peer_send(self->peer, self->sid, _hex))

TEST_F(broken, frame_drops_what_comes_after_it)
{
	ASSERT_SENDS("02 0f 00");
	ASSERT_SENDS(ABC);
	ASSERT_SENDS(WIRE_FIN);
	ASSERT_EQ(0, duo_sync(&self->duo));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_ERRNO(EPROTO, recv(self->fd, self->buf, 1, 0));
	ASSERT_EQ(0, recv(self->fd, self->buf, 1, 0));
}

TEST_F(broken, frame_is_an_so_error)
{
	ASSERT_SENDS("02 0f 00");
	/* POLLHUP may be there before it. */
	ASSERT_UNTIL(poll_now(self->fd, 0) & POLLERR);
	EXPECT_EQ(EPROTO, get_int(self->fd, SOL_SOCKET, SO_ERROR));
}

TEST_F(broken, frame_wakes_a_reader)
{
	struct call reader;

	ASSERT_EQ(0, call_start(&reader, call_recv, self->fd, 0, self->buf,
				4));
	ASSERT_EQ(0, call_wait_blocked(&reader, __NR_recvfrom));
	ASSERT_SENDS("02 0f 00");
	ASSERT_CALL(-1, EPROTO, &reader);
}

/* Payload that is not followed by the rest of its frame is not delivered. */
TEST_F(broken, frame_delivers_nothing)
{
	ASSERT_SENDS("06 12 03 61 62 63 7f");
	ASSERT_LE(0, poll_until(self->fd, POLLERR));
	ASSERT_ERRNO(EPROTO, recv(self->fd, self->buf, 1, 0));
}

TEST_F(broken, frame_makes_shutdown_fail)
{
	ASSERT_SENDS("02 0f 00");
	ASSERT_LE(0, poll_until(self->fd, POLLERR));
	ASSERT_ERRNO(ECONNRESET, shutdown(self->fd, SHUT_WR));
	ASSERT_ERRNO(ECONNRESET, shutdown(self->fd, SHUT_WR));
}

TEST_HARNESS_MAIN
