// SPDX-License-Identifier: GPL-2.0
/* Options at SOL_WRTCSUB: their values, lengths and moments. */

#include <limits.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>

#include "lib/harness.h"

/* Options that are a number; what they do is in programs of their own. */
FIXTURE(number)
{
	struct addr addr;
	int fd;
};

FIXTURE_VARIANT(number)
{
	int option;
	int init;
	long long min;
	long long max;
	bool before;		/* connect or listen, else at any time */
};

FIXTURE_VARIANT_ADD(number, fin_ack_timeout)
{
	.option = WRTCSUB_FIN_ACK_TIMEOUT,
	.init = 5000,
	.min = 1,
	.max = 600000,
};

FIXTURE_VARIANT_ADD(number, max_frame)
{
	.option = WRTCSUB_MAX_FRAME,
	.init = 16384,
	.min = 256,
	.max = 262144,
};

FIXTURE_VARIANT_ADD(number, frame_split)
{
	.option = WRTCSUB_FRAME_SPLIT,
	.init = 4096,
	.min = 0,
	.max = 0x7fffffff,
};

FIXTURE_VARIANT_ADD(number, rcv_overflow)
{
	.option = WRTCSUB_RCV_OVERFLOW,
	.init = WRTCSUB_OVERFLOW_PAUSE,
	.min = WRTCSUB_OVERFLOW_PAUSE,
	.max = WRTCSUB_OVERFLOW_RESET,
};

FIXTURE_VARIANT_ADD(number, role)
{
	.option = WRTCSUB_ROLE,
	.init = WRTCSUB_ROLE_INITIATOR,
	.min = WRTCSUB_ROLE_INITIATOR,
	.max = WRTCSUB_ROLE_ODD,
	.before = true,
};

FIXTURE_VARIANT_ADD(number, encap_port)
{
	.option = WRTCSUB_ENCAP_PORT,
	.init = 0,
	.min = 0,
	.max = 65535,
	.before = true,
};

FIXTURE_SETUP(number)
{
	ASSERT_EQ(0, netns_private());
	self->fd = sub_socket(0);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(number)
{
	close(self->fd);
}

TEST_F(number, has_a_default)
{
	EXPECT_EQ(variant->init, sub_get(self->fd, variant->option));
}

TEST_F(number, has_a_range)
{
	ASSERT_EQ(0, sub_set(self->fd, variant->option, variant->min));
	EXPECT_EQ(variant->min, sub_get(self->fd, variant->option));
	ASSERT_EQ(0, sub_set(self->fd, variant->option, variant->max));
	EXPECT_EQ(variant->max, sub_get(self->fd, variant->option));
	ASSERT_ERRNO(EINVAL, sub_set(self->fd, variant->option,
				     variant->min - 1));
	ASSERT_ERRNO(EINVAL, sub_set(self->fd, variant->option, -1));
	ASSERT_ERRNO(EINVAL, sub_set(self->fd, variant->option, INT_MIN));
	if (variant->max < 0x7fffffff)
		ASSERT_ERRNO(EINVAL, sub_set(self->fd, variant->option,
					     variant->max + 1));
	EXPECT_EQ(variant->max, sub_get(self->fd, variant->option));
}

/* socket(7), tcp(7): more than an int is taken, less is not. */
TEST_F(number, has_a_length)
{
	const int value[2] = { variant->max, -1 };
	int i;

	for (i = 0; i < 4; i++)
		ASSERT_ERRNO(EINVAL, setsockopt(self->fd, SOL_WRTCSUB,
						variant->option, value, i));
	EXPECT_EQ(variant->init, sub_get(self->fd, variant->option));
	ASSERT_EQ(0, setsockopt(self->fd, SOL_WRTCSUB, variant->option, value,
				sizeof(value)));
	EXPECT_EQ(variant->max, sub_get(self->fd, variant->option));
	ASSERT_ERRNO(EFAULT, setsockopt(self->fd, SOL_WRTCSUB,
					variant->option, (void *)8,
					sizeof(int)));
}

TEST_F(number, is_cut_for_a_short_buffer)
{
	unsigned char buf[8];
	socklen_t len;
	socklen_t i;

	ASSERT_EQ(0, sub_set(self->fd, variant->option, variant->max));
	for (i = 0; i <= sizeof(buf); i++) {
		memset(buf, 0xee, sizeof(buf));
		len = i;
		ASSERT_EQ(0, getsockopt(self->fd, SOL_WRTCSUB, variant->option,
					buf, &len));
		EXPECT_EQ(i < 4 ? i : 4, len);
		EXPECT_EQ(0, memcmp(buf, &(int){ variant->max }, len));
		EXPECT_EQ(0xee, buf[len < 8 ? len : 7]);
	}
	len = -1;
	ASSERT_ERRNO(EINVAL, getsockopt(self->fd, SOL_WRTCSUB, variant->option,
					buf, &len));
	len = sizeof(int);
	ASSERT_ERRNO(EFAULT, getsockopt(self->fd, SOL_WRTCSUB, variant->option,
					(void *)8, &len));
	ASSERT_ERRNO(EFAULT, getsockopt(self->fd, SOL_WRTCSUB, variant->option,
					buf, (void *)8));
}

/* "before connect", "any time" */
TEST_F(number, has_its_time)
{
	int listener, client, server;
	struct addr addr;

	listener = sub_listen(AF_INET, &addr);
	ASSERT_LE(0, listener);
	client = sub_connect(&addr);
	ASSERT_LE(0, client);
	server = sub_accept(listener);
	ASSERT_LE(0, server);
	if (variant->before) {
		ASSERT_ERRNO(EINVAL, sub_set(listener, variant->option,
					     variant->max));
		ASSERT_ERRNO(EISCONN, sub_set(client, variant->option,
					      variant->max));
		ASSERT_ERRNO(EISCONN, sub_set(server, variant->option,
					      variant->max));
		EXPECT_EQ(variant->init, sub_get(client, variant->option));
	} else {
		ASSERT_EQ(0, sub_set(listener, variant->option, variant->max));
		ASSERT_EQ(0, sub_set(client, variant->option, variant->max));
		ASSERT_EQ(0, sub_set(server, variant->option, variant->max));
		EXPECT_EQ(variant->max, sub_get(client, variant->option));
		EXPECT_EQ(variant->max, sub_get(server, variant->option));
	}
	close(client);
	close(server);
	close(listener);
}

/* accept(2), socket(7): an accepted socket has its listener's. */
TEST_F(number, is_inherited_if_it_concerns_a_substream)
{
	int listener, client, server;
	struct addr addr;

	if (variant->before)
		return;
	listener = sub_listen(AF_INET, &addr);
	ASSERT_LE(0, listener);
	ASSERT_EQ(0, sub_set(listener, variant->option, variant->max));
	client = sub_connect(&addr);
	ASSERT_LE(0, client);
	server = sub_accept(listener);
	ASSERT_LE(0, server);
	EXPECT_EQ(variant->max, sub_get(server, variant->option));
	EXPECT_EQ(variant->init, sub_get(client, variant->option));
	close(client);
	close(server);
	close(listener);
}

/* Options that are yes or no. */
FIXTURE(truth)
{
	int fd;
};

FIXTURE_VARIANT(truth)
{
	int option;
	int init;
	bool before;
};

FIXTURE_VARIANT_ADD(truth, new_assoc)
{
	.option = WRTCSUB_NEW_ASSOC,
	.init = 0,
	.before = true,
};

FIXTURE_VARIANT_ADD(truth, open_wait)
{
	.option = WRTCSUB_OPEN_WAIT,
	.init = 0,
	.before = true,
};

FIXTURE_VARIANT_ADD(truth, nodelay)
{
	.option = WRTCSUB_NODELAY,
	.init = 1,
};

FIXTURE_VARIANT_ADD(truth, shut_nowait)
{
	.option = WRTCSUB_SHUT_NOWAIT,
	.init = 0,
};

FIXTURE_SETUP(truth)
{
	ASSERT_EQ(0, netns_private());
	self->fd = sub_socket(0);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(truth)
{
	close(self->fd);
}

TEST_F(truth, is_0_or_1)
{
	static const int values[] = { 0, 1, 2, -1, 0x10000, INT_MIN };
	size_t i;

	EXPECT_EQ(variant->init, sub_get(self->fd, variant->option));
	for (i = 0; i < ARRAY_SIZE(values); i++) {
		ASSERT_EQ(0, sub_set(self->fd, variant->option, values[i]));
		EXPECT_EQ(!!values[i], sub_get(self->fd, variant->option));
	}
	ASSERT_ERRNO(EINVAL, setsockopt(self->fd, SOL_WRTCSUB,
					variant->option, values, 3));
}

TEST_F(truth, has_its_time)
{
	int listener, client;
	struct addr addr;

	listener = sub_listen(AF_INET, &addr);
	ASSERT_LE(0, listener);
	client = sub_connect(&addr);
	ASSERT_LE(0, client);
	if (variant->before) {
		ASSERT_ERRNO(EINVAL, sub_set(listener, variant->option, 1));
		ASSERT_ERRNO(EISCONN, sub_set(client, variant->option, 1));
	} else {
		ASSERT_EQ(0, sub_set(listener, variant->option,
				     !variant->init));
		ASSERT_EQ(0, sub_set(client, variant->option, !variant->init));
		EXPECT_EQ(!variant->init, sub_get(client, variant->option));
	}
	close(client);
	close(listener);
}

FIXTURE(option)
{
	int fd;
};

FIXTURE_SETUP(option)
{
	ASSERT_EQ(0, netns_private());
	self->fd = sub_socket(0);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(option)
{
	close(self->fd);
}

TEST_F(option, that_is_none_is_enoprotoopt)
{
	static const int numbers[] = { 0, -1, WRTCSUB_SHUT_NOWAIT + 1,
				       1000 };
	socklen_t len;
	size_t i;
	int v;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		ASSERT_ERRNO(ENOPROTOOPT, sub_set(self->fd, numbers[i], 1));
		len = sizeof(v);
		ASSERT_ERRNO(ENOPROTOOPT, getsockopt(self->fd, SOL_WRTCSUB,
						     numbers[i], &v, &len));
	}
}

TEST_F(option, of_another_level_is_enoprotoopt)
{
	static const int levels[] = { IPPROTO_TCP, IPPROTO_UDP,
				      SOL_WRTCSUB + 1 };
	socklen_t len;
	size_t i;
	int v = 1;

	for (i = 0; i < ARRAY_SIZE(levels); i++) {
		ASSERT_ERRNO(ENOPROTOOPT, setsockopt(self->fd, levels[i], 1,
						     &v, sizeof(v)));
		len = sizeof(v);
		ASSERT_ERRNO(ENOPROTOOPT, getsockopt(self->fd, levels[i], 1,
						     &v, &len));
	}
}

/* What a server that was written for TCP sets, and no more. */
TEST_F(option, of_ip_goes_to_the_association)
{
	socklen_t len;
	int v = 0x20;

	ASSERT_EQ(0, setsockopt(self->fd, IPPROTO_IP, IP_TOS, &v, sizeof(v)));
	v = 0;
	len = sizeof(v);
	ASSERT_EQ(0, getsockopt(self->fd, IPPROTO_IP, IP_TOS, &v, &len));
	ASSERT_EQ(0x20, v);
	ASSERT_ERRNO(ENOPROTOOPT, setsockopt(self->fd, IPPROTO_IP, IP_HDRINCL,
					     &v, sizeof(v)));
	ASSERT_ERRNO(ENOPROTOOPT, setsockopt(self->fd, IPPROTO_IPV6,
					     IPV6_HOPOPTS, &v, sizeof(v)));
}

/* "set" and "get" of the table. */
TEST_F(option, that_is_to_be_got_cannot_be_set)
{
	struct wrtcsub_info info = {};

	ASSERT_ERRNO(ENOPROTOOPT, setsockopt(self->fd, SOL_WRTCSUB,
					     WRTCSUB_INFO, &info,
					     sizeof(info)));
}

TEST_F(option, that_is_to_be_set_cannot_be_got)
{
	ASSERT_ERRNO(ENOPROTOOPT, sub_get(self->fd, WRTCSUB_ATTACH));
}

TEST_F(option, that_is_a_descriptor_has_a_length)
{
	int v = -1;

	ASSERT_ERRNO(EINVAL, setsockopt(self->fd, SOL_WRTCSUB, WRTCSUB_ATTACH,
					&v, 3));
	ASSERT_ERRNO(EFAULT, setsockopt(self->fd, SOL_WRTCSUB, WRTCSUB_ATTACH,
					(void *)8, sizeof(v)));
}

TEST_F(option, that_is_a_code_can_be_set_at_any_time)
{
	int listener, client;
	struct addr addr;

	listener = sub_listen(AF_INET, &addr);
	ASSERT_LE(0, listener);
	client = sub_connect(&addr);
	ASSERT_LE(0, client);
	ASSERT_EQ(0, sub_set(self->fd, WRTCSUB_ERROR_CODE, 1));
	ASSERT_EQ(0, sub_set(client, WRTCSUB_ERROR_CODE, 1));
	ASSERT_ERRNO(EINVAL, setsockopt(client, SOL_WRTCSUB,
					WRTCSUB_ERROR_CODE, &(int){ 1 }, 3));
	EXPECT_EQ(0, sub_get(client, WRTCSUB_ERROR_CODE));
	close(client);
	close(listener);
}

/* One that failed to connect can still be set up. */
TEST_F(option, can_be_set_after_a_connect_that_failed)
{
	struct addr addr;

	addr_loopback(&addr, AF_INET, 5000);
	ASSERT_ERRNO(ECONNREFUSED, connect(self->fd, &addr.sa, addr.len));
	ASSERT_EQ(0, sub_set(self->fd, WRTCSUB_OPEN_WAIT, 1));
	ASSERT_EQ(0, sub_set(self->fd, WRTCSUB_STREAM_ID, 4));
	ASSERT_EQ(0, setsockopt(self->fd, SOL_WRTCSUB, WRTCSUB_LABEL, "x",
				1));
}

TEST_HARNESS_MAIN
