// SPDX-License-Identifier: GPL-2.0
/* WRTCSUB_ROLE: "Whose identifiers are even: 0 the association's initiator
 * (default), 1 ours are even, 2 ours are odd."
 */

#include "lib/harness.h"

#define ABC	"05 12 03 61 62 63"

FIXTURE(role)
{
	struct addr addr;
	struct addr remote;
	struct peer peer;
	int peer_listener;
	int listener;		/* for what the peer opens */
	int fd;			/* on channel 100, which has no role */
	char buf[8];
};

FIXTURE_VARIANT(role)
{
	enum duo_side side;
	int role;
	int odd;		/* ours are */
};

FIXTURE_VARIANT_ADD(role, of_a_dialler_by_default)
{
	.side = DUO_KERNEL_CONNECTS,
	.role = WRTCSUB_ROLE_INITIATOR,
	.odd = 0,
};

FIXTURE_VARIANT_ADD(role, of_a_dialler_even)
{
	.side = DUO_KERNEL_CONNECTS,
	.role = WRTCSUB_ROLE_EVEN,
	.odd = 0,
};

FIXTURE_VARIANT_ADD(role, of_a_dialler_odd)
{
	.side = DUO_KERNEL_CONNECTS,
	.role = WRTCSUB_ROLE_ODD,
	.odd = 1,
};

FIXTURE_VARIANT_ADD(role, of_an_acceptor_by_default)
{
	.side = DUO_KERNEL_ACCEPTS,
	.role = WRTCSUB_ROLE_INITIATOR,
	.odd = 1,
};

FIXTURE_VARIANT_ADD(role, of_an_acceptor_even)
{
	.side = DUO_KERNEL_ACCEPTS,
	.role = WRTCSUB_ROLE_EVEN,
	.odd = 0,
};

FIXTURE_VARIANT_ADD(role, of_an_acceptor_odd)
{
	.side = DUO_KERNEL_ACCEPTS,
	.role = WRTCSUB_ROLE_ODD,
	.odd = 1,
};

#define CHANNEL	100

FIXTURE_SETUP(role)
{
	int fd = sub_socket(0);

	ASSERT_EQ(0, netns_private());
	close(fd);
	fd = sub_socket(0);
	ASSERT_LE(0, fd);
	EXPECT_EQ(WRTCSUB_ROLE_INITIATOR, sub_get(fd, WRTCSUB_ROLE));
	ASSERT_EQ(0, sub_set(fd, WRTCSUB_ROLE, variant->role));
	EXPECT_EQ(variant->role, sub_get(fd, WRTCSUB_ROLE));
	ASSERT_EQ(0, sub_set(fd, WRTCSUB_STREAM_ID, CHANNEL));
	self->peer_listener = -1;
	if (variant->side == DUO_KERNEL_CONNECTS) {
		self->peer_listener = peer_listen(AF_INET, &self->addr, 0);
		ASSERT_LE(0, self->peer_listener);
		ASSERT_EQ(0, connect(fd, &self->addr.sa, self->addr.len));
		ASSERT_EQ(0, peer_accept(&self->peer, self->peer_listener));
		self->fd = fd;
		self->listener = sub_attached(fd);
		ASSERT_LE(0, self->listener);
		ASSERT_EQ(0, listen(self->listener, 5));
	} else {
		addr_loopback(&self->addr, AF_INET, 5000);
		ASSERT_EQ(0, bind(fd, &self->addr.sa, self->addr.len));
		ASSERT_EQ(0, listen(fd, 5));
		self->listener = fd;
		ASSERT_EQ(0, peer_connect(&self->peer, &self->addr, 0));
		self->fd = sub_accept(fd);
		ASSERT_LE(0, self->fd);
	}
	ASSERT_EQ(0, addr_remote(self->fd, &self->remote));
}

FIXTURE_TEARDOWN(role)
{
	close(self->fd);
	close(self->listener);
	close(self->peer_listener);
	peer_close(&self->peer);
}

TEST_F(role, says_which_identifiers_are_ours)
{
	struct wrtcsub_info info;
	int i, fd[3];
	__u16 sid;

	for (i = 0; i < 3; i++) {
		fd[i] = sub_attached(self->fd);
		ASSERT_LE(0, fd[i]);
		ASSERT_EQ(0, connect(fd[i], &self->remote.sa,
				     self->remote.len));
		ASSERT_EQ(0, peer_answer_open(&self->peer, &sid));
		EXPECT_EQ(2 * i + variant->odd, sid);
		ASSERT_EQ(3, write(fd[i], "abc", 3));
		ASSERT_EQ(0, peer_expect(&self->peer, sid, ABC));
		ASSERT_EQ(0, sub_info(fd[i], &info));
		EXPECT_EQ(variant->odd, info.wi_role_odd);
	}
	for (i = 0; i < 3; i++)
		close(fd[i]);
}

TEST_F(role, leaves_the_others_to_the_peer)
{
	const __u16 sid = !variant->odd;
	int fd;

	ASSERT_EQ(0, peer_open(&self->peer, sid));
	fd = sub_accept(self->listener);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, peer_send(&self->peer, sid, ABC));
	ASSERT_EQ(3, recv(fd, self->buf, sizeof(self->buf), 0));
	close(fd);
}

/* Section 4: "of the wrong parity [...]: that channel is reset" */
TEST_F(role, refuses_ours_to_the_peer)
{
	const __u16 sid = variant->odd;

	ASSERT_EQ(0, peer_send_ppid(&self->peer, sid, PPID_DCEP, DCEP_OPEN));
	ASSERT_EQ(0, peer_expect(&self->peer, sid, WIRE_RESET_STREAM));
	ASSERT_EQ(0, peer_expect_reset(&self->peer, sid));
	ASSERT_EQ(0, peer_send(&self->peer, CHANNEL, ABC));
	ASSERT_EQ(3, recv(self->fd, self->buf, sizeof(self->buf), 0));
}

TEST_F(role, is_told_before_connect_or_listen)
{
	ASSERT_ERRNO(EISCONN, sub_set(self->fd, WRTCSUB_ROLE, 1));
	ASSERT_ERRNO(EINVAL, sub_set(self->listener, WRTCSUB_ROLE, 1));
}

TEST_HARNESS_MAIN
