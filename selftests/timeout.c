// SPDX-License-Identifier: GPL-2.0
/* WRTCSUB_FIN_ACK_TIMEOUT: how long a FIN waits, and what changes that. */

#include <fcntl.h>
#include <poll.h>

#include "lib/harness.h"
#include "lib/left.h"

FIXTURE(timeout)
{
	struct duo duo;
	struct peer *peer;
	struct call closer;
	__u16 sid;
	int fd;
	long long start;
	long long took;
};

FIXTURE_VARIANT(timeout)
{
	int family;
	enum duo_side side;
};

FIXTURE_VARIANT_ADD(timeout, ipv4_connected)
{
	.family = AF_INET,
	.side = DUO_KERNEL_CONNECTS,
};

FIXTURE_VARIANT_ADD(timeout, ipv6_accepted)
{
	.family = AF_INET6,
	.side = DUO_KERNEL_ACCEPTS,
};

FIXTURE_SETUP(timeout)
{
	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, duo_open(&self->duo, variant->family, variant->side, 0));
	self->peer = &self->duo.peer;
	self->sid = self->duo.sid;
	self->fd = self->duo.fd;
}

FIXTURE_TEARDOWN(timeout)
{
	duo_close(&self->duo);
}

/* A machine that stalls makes a timer late, but not each time. */
#define TRIES	5

/* A substream whose FIN waits, and a shutdown that waits for it.  A timer that
 * is short from the start may be up before the FIN is out.
 */
#define ASSERT_FIN_SENT() do {						\
	self->fd = duo_more(&self->duo, &self->sid);			\
	ASSERT_LE(0, self->fd);						\
	ASSERT_EQ(0, sub_fin_timeout(self->fd, 600000));		\
	self->start = now_ms();						\
	ASSERT_EQ(0, call_start(&self->closer, call_shutdown, self->fd,	\
				SHUT_WR, NULL, 0));			\
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));	\
} while (0)

/* It ends by the timer, no earlier than so many milliseconds from its start. */
#define ASSERT_TIMES_OUT(_from) do {					\
	ASSERT_CALL(-1, ETIMEDOUT, &self->closer);			\
	self->took = now_ms() - self->start;				\
	EXPECT_LE(_from, self->took);					\
} while (0)

/* "Default from the sysctl, 5000." */
TEST_F(timeout, is_that_of_the_sysctl_by_default)
{
	int fd;

	EXPECT_EQ(5000, sub_get(self->fd, WRTCSUB_FIN_ACK_TIMEOUT));
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/fin_ack_timeout_ms", 1234));
	EXPECT_EQ(5000, sub_get(self->fd, WRTCSUB_FIN_ACK_TIMEOUT));
	fd = sub_socket(0);
	ASSERT_LE(0, fd);
	EXPECT_EQ(1234, sub_get(fd, WRTCSUB_FIN_ACK_TIMEOUT));
	close(fd);
}

TEST_F(timeout, is_how_long_a_fin_waits)
{
	int tries = TRIES;

	do {
		self->fd = duo_more(&self->duo, &self->sid);
		ASSERT_LE(0, self->fd);
		ASSERT_EQ(0, sub_fin_timeout(self->fd, 300));
		self->start = now_ms();
		ASSERT_ERRNO(ETIMEDOUT, shutdown(self->fd, SHUT_WR));
		self->took = now_ms() - self->start;
		EXPECT_LE(290, self->took);
	} while (self->took >= 2000 && --tries);
	EXPECT_GT(2000, self->took);
}

TEST_F(timeout, of_1_ms_is_enough_for_an_end)
{
	ASSERT_EQ(0, sub_fin_timeout(self->fd, 1));
	ASSERT_ERRNO(ETIMEDOUT, shutdown(self->fd, SHUT_WR));
}

/* "any time": also while a FIN waits, and from when it was sent. */
TEST_F(timeout, made_shorter_ends_a_wait_sooner)
{
	int tries = TRIES;

	do {
		ASSERT_FIN_SENT();
		ASSERT_EQ(0, sub_fin_timeout(self->fd, 300));
		ASSERT_TIMES_OUT(290);
	} while (self->took >= 2000 && --tries);
	EXPECT_GT(2000, self->took);
}

TEST_F(timeout, made_shorter_than_what_has_passed_ends_a_wait_at_once)
{
	int tries = TRIES;

	do {
		ASSERT_FIN_SENT();
		EXPECT_EQ(0, poll_for(self->fd, POLLOUT, 300));
		self->start = now_ms();
		ASSERT_EQ(0, sub_fin_timeout(self->fd, 200));
		ASSERT_TIMES_OUT(0);
	} while (self->took >= 1000 && --tries);
	EXPECT_GT(1000, self->took);
}

TEST_F(timeout, made_longer_lets_a_fin_wait_longer)
{
	int tries = TRIES;

	for (;;) {
		ASSERT_FIN_SENT();
		ASSERT_EQ(0, sub_fin_timeout(self->fd, 1500));
		ASSERT_EQ(0, sub_fin_timeout(self->fd, 600000));
		if (now_ms() - self->start < 1500)
			break;
		/* It may have been up before it was made longer. */
		ASSERT_NE(0, --tries);
		ASSERT_EQ(0, sub_fin_timeout(self->fd, 1));
		ASSERT_TIMES_OUT(0);
	}
	EXPECT_EQ(0, poll_for(self->fd, POLLOUT, 1700));
	ASSERT_EQ(0, call_wait_blocked(&self->closer, __NR_shutdown));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_CALL(0, 0, &self->closer);
}

TEST_F(timeout, made_longer_still_ends)
{
	int tries = TRIES;
	bool in_time;

	do {
		ASSERT_FIN_SENT();
		ASSERT_EQ(0, sub_fin_timeout(self->fd, 1500));
		ASSERT_EQ(0, sub_fin_timeout(self->fd, 2000));
		in_time = now_ms() - self->start < 1500;
		ASSERT_TIMES_OUT(in_time ? 1990 : 0);
	} while ((!in_time || self->took >= 4000) && --tries);
	EXPECT_TRUE(in_time);
	EXPECT_GT(4000, self->took);
}

/* What is over stays so. */
TEST_F(timeout, changes_nothing_after_the_end)
{
	ASSERT_FIN_SENT();
	ASSERT_EQ(0, sub_fin_timeout(self->fd, 1));
	ASSERT_TIMES_OUT(0);
	ASSERT_EQ(0, sub_fin_timeout(self->fd, 600000));
	ASSERT_ERRNO(ETIMEDOUT, shutdown(self->fd, SHUT_WR));
}

TEST_F(timeout, changes_nothing_after_the_fin_ack)
{
	ASSERT_FIN_SENT();
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_CALL(0, 0, &self->closer);
	ASSERT_EQ(0, sub_fin_timeout(self->fd, 1));
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
}

/* The FIN that the kernel sends for a STOP_SENDING waits as long. */
TEST_F(timeout, is_that_of_a_fin_for_stop_sending_too)
{
	ASSERT_EQ(0, sub_fin_timeout(self->fd, 600000));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_STOP_SENDING));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	EXPECT_EQ(0, poll_now(self->fd, POLLOUT));
	ASSERT_EQ(0, sub_fin_timeout(self->fd, 1));
	ASSERT_EQ(POLLOUT, poll_until(self->fd, POLLOUT));
	ASSERT_ERRNO(ETIMEDOUT, shutdown(self->fd, SHUT_WR));
}

/* It changes all the time. */
static long call_retime(struct call *call)
{
	atomic_bool *stop = call->buf;
	int odd = 0;

	while (!atomic_load(stop)) {
		odd = !odd;
		if (sub_fin_timeout(call->fd, 60000 + odd))
			return -1;
	}
	return 0;
}

/* However it meets the FIN that goes out, the timer has one socket to free. */
TEST(timeout_that_changes_as_the_fin_goes_out_leaves_no_socket)
{
	struct call retimer;
	struct left before;
	struct addr addr;
	int i, listener, keep, pair[2];
	atomic_bool stop;

	ASSERT_EQ(0, netns_private());
	listener = sub_listen(AF_INET, &addr);
	ASSERT_LE(0, listener);
	keep = sub_connect(&addr);
	ASSERT_LE(0, keep);
	ASSERT_LE(0, sub_accept(listener));
	left_count(&before);

	for (i = 0; i < 500 / work_factor(); i++) {
		pair[0] = sub_connect(&addr);
		ASSERT_LE(0, pair[0]);
		pair[1] = sub_accept(listener);
		ASSERT_LE(0, pair[1]);
		atomic_store(&stop, false);
		ASSERT_EQ(0, call_start(&retimer, call_retime, pair[0], 0,
					&stop, 0));
		ASSERT_EQ(0, shutdown(pair[0], SHUT_WR));
		atomic_store(&stop, true);
		ASSERT_CALL(0, 0, &retimer);
		ASSERT_EQ(0, close(pair[0]));
		ASSERT_EQ(0, close(pair[1]));
	}
	ASSERT_EQ(0, left_wait_for(&before));
}

TEST_HARNESS_MAIN
