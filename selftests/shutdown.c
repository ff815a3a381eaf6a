// SPDX-License-Identifier: GPL-2.0
/* shutdown(2) against the exact peer: wrtcsub.rst, "The end of a substream". */

#include <fcntl.h>
#include <poll.h>
#include <signal.h>

#include "lib/harness.h"

FIXTURE(shutdown)
{
	struct duo duo;
	struct peer *peer;
	__u16 sid;
	int fd;
};

FIXTURE_VARIANT(shutdown)
{
	int family;
	enum duo_side side;
};

FIXTURE_VARIANT_ADD(shutdown, ipv4_connected)
{
	.family = AF_INET,
	.side = DUO_KERNEL_CONNECTS,
};

FIXTURE_VARIANT_ADD(shutdown, ipv6_accepted)
{
	.family = AF_INET6,
	.side = DUO_KERNEL_ACCEPTS,
};

FIXTURE_SETUP(shutdown)
{
	ASSERT_EQ(0, catch_signals(0));
	ASSERT_EQ(0, netns_private());
	/* Even a machine that stalls acknowledges a FIN in time. */
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/fin_ack_timeout_ms", 60000));
	ASSERT_EQ(0, duo_open(&self->duo, variant->family, variant->side, 0));
	self->peer = &self->duo.peer;
	self->sid = self->duo.sid;
	self->fd = self->duo.fd;
}

FIXTURE_TEARDOWN(shutdown)
{
	duo_close(&self->duo);
}

TEST_F(shutdown, blocks_until_the_fin_is_acknowledged)
{
	struct call closer;

	ASSERT_EQ(0, call_start(&closer, call_shutdown, self->fd, SHUT_WR,
				NULL, 0));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, call_wait_blocked(&closer, __NR_shutdown));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_CALL(0, 0, &closer);
}

/* "FIN goes out, in a frame of its own, exactly once." */
TEST_F(shutdown, the_fin_goes_once_and_after_the_last_byte)
{
	struct call closer;

	ASSERT_EQ(3, write(self->fd, "abc", 3));
	ASSERT_EQ(0, call_start(&closer, call_shutdown, self->fd, SHUT_WR,
				NULL, 0));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, "05 12 03 61 62 63"));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_CALL(0, 0, &closer);
	/* Until the channel is reset nothing comes but the FIN_ACK. */
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
}

TEST_F(shutdown, returns_0_again_and_sends_nothing_more)
{
	struct call closer;

	ASSERT_EQ(0, call_start(&closer, call_shutdown, self->fd, SHUT_WR,
				NULL, 0));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_CALL(0, 0, &closer);
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
	ASSERT_EQ(0, set_nonblock(self->fd, true));
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
}

TEST_F(shutdown, is_the_same_after_the_channel_is_closed)
{
	struct call closer;
	char c;

	ASSERT_EQ(0, call_start(&closer, call_shutdown, self->fd, SHUT_WR,
				NULL, 0));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_CALL(0, 0, &closer);
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
	ASSERT_EQ(0, peer_reset(self->peer, self->sid));
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
	ASSERT_EQ(0, recv(self->fd, &c, 1, 0));
}

TEST_F(shutdown, having_given_up_says_so_again_at_once)
{
	long long start, took;
	struct call closer;
	int tries = 10;

	ASSERT_EQ(0, call_start(&closer, call_shutdown, self->fd, SHUT_WR,
				NULL, 0));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, sub_fin_timeout(self->fd, 200));
	ASSERT_CALL(-1, ETIMEDOUT, &closer);
	/* A machine that stalls makes it late, but not each time. */
	do {
		start = now_ms();
		ASSERT_ERRNO(ETIMEDOUT, shutdown(self->fd, SHUT_WR));
		took = now_ms() - start;
	} while (took >= 150 && --tries);
	EXPECT_GT(150, took);
	/* It is too late for the acknowledgment. */
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, duo_sync(&self->duo));
	ASSERT_ERRNO(ETIMEDOUT, shutdown(self->fd, SHUT_WR));
}

TEST_F(shutdown, that_gave_up_leaves_the_receiving_half_alone)
{
	char buf[4];

	ASSERT_EQ(0, sub_fin_timeout(self->fd, 200));
	ASSERT_ERRNO(ETIMEDOUT, shutdown(self->fd, SHUT_WR));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, "05 12 03 61 62 63"));
	ASSERT_EQ(3, recv(self->fd, buf, sizeof(buf), 0));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, recv(self->fd, buf, sizeof(buf), 0));
}

TEST_F(shutdown, interrupted_can_still_be_acknowledged)
{
	struct call closer;

	ASSERT_EQ(0, call_start(&closer, call_shutdown, self->fd, SHUT_WR,
				NULL, 0));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, call_wait_blocked(&closer, __NR_shutdown));
	ASSERT_EQ(0, call_signal(&closer));
	ASSERT_CALL(-1, EINTR, &closer);
	ASSERT_EQ(0, call_start(&closer, call_shutdown, self->fd, SHUT_WR,
				NULL, 0));
	ASSERT_EQ(0, call_wait_blocked(&closer, __NR_shutdown));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_CALL(0, 0, &closer);
}

/* signal(7): with SA_RESTART a call that waits without a timeout of its socket
 * begins again, and "calling again waits".
 */
TEST_F(shutdown, restarts_by_itself_if_the_signal_says_so)
{
	struct call closer;

	ASSERT_EQ(0, catch_signals(SA_RESTART));
	ASSERT_EQ(0, call_start(&closer, call_shutdown, self->fd, SHUT_WR,
				NULL, 0));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, call_wait_blocked(&closer, __NR_shutdown));
	ASSERT_EQ(0, call_signal(&closer));
	ASSERT_EQ(0, call_wait_blocked(&closer, __NR_shutdown));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_CALL(0, 0, &closer);
	/* Another FIN would come before this. */
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
}

TEST_F(shutdown, nonblocking_is_in_progress_until_epollout)
{
	ASSERT_EQ(0, set_nonblock(self->fd, true));
	EXPECT_EQ(POLLOUT, poll_now(self->fd, POLLOUT));
	ASSERT_ERRNO(EINPROGRESS, shutdown(self->fd, SHUT_WR));
	ASSERT_ERRNO(EINPROGRESS, shutdown(self->fd, SHUT_WR));
	EXPECT_EQ(0, poll_now(self->fd, POLLOUT));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, duo_sync(&self->duo));
	EXPECT_EQ(0, poll_now(self->fd, POLLOUT));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(POLLOUT, poll_until(self->fd, POLLOUT));
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
}

TEST_F(shutdown, nonblocking_is_told_by_sigio)
{
	ASSERT_EQ(0, set_nonblock(self->fd, true));
	ASSERT_EQ(0, sigio_on(self->fd));
	ASSERT_ERRNO(EINPROGRESS, shutdown(self->fd, SHUT_WR));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	/* That writers can go on, to EPIPE, is told as well. */
	do {
		ASSERT_EQ(0, sigio_until(POLL_OUT));
	} while (shutdown(self->fd, SHUT_WR) && errno == EINPROGRESS);
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
}

TEST_F(shutdown, nonblocking_that_is_never_acknowledged_ends_in_epollout_too)
{
	ASSERT_EQ(0, set_nonblock(self->fd, true));
	ASSERT_ERRNO(EINPROGRESS, shutdown(self->fd, SHUT_WR));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, sub_fin_timeout(self->fd, 300));
	ASSERT_EQ(POLLOUT, poll_until(self->fd, POLLOUT));
	ASSERT_ERRNO(ETIMEDOUT, shutdown(self->fd, SHUT_WR));
}

TEST_F(shutdown, nonblocking_then_blocking_waits)
{
	struct call closer;

	ASSERT_EQ(0, set_nonblock(self->fd, true));
	ASSERT_ERRNO(EINPROGRESS, shutdown(self->fd, SHUT_WR));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, set_nonblock(self->fd, false));
	ASSERT_EQ(0, call_start(&closer, call_shutdown, self->fd, SHUT_WR,
				NULL, 0));
	ASSERT_EQ(0, call_wait_blocked(&closer, __NR_shutdown));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_CALL(0, 0, &closer);
}

/* "it returns 0 while the FIN is on its way, and its result once that is known"
 */
TEST_F(shutdown, of_a_program_for_tcp_does_not_wait)
{
	ASSERT_EQ(0, sub_set(self->fd, WRTCSUB_SHUT_NOWAIT, 1));
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
	ASSERT_EQ(0, poll_for(self->fd, POLLOUT, 0));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_LE(0, poll_until(self->fd, POLLOUT));
	ASSERT_ERRNO(ECONNRESET, shutdown(self->fd, SHUT_WR));
}

TEST_F(shutdown, two_callers_both_get_0)
{
	struct call one, two;

	ASSERT_EQ(0, call_start(&one, call_shutdown, self->fd, SHUT_WR, NULL,
				0));
	ASSERT_EQ(0, call_start(&two, call_shutdown, self->fd, SHUT_WR, NULL,
				0));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, call_wait_blocked(&one, __NR_shutdown));
	ASSERT_EQ(0, call_wait_blocked(&two, __NR_shutdown));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_CALL(0, 0, &one);
	ASSERT_CALL(0, 0, &two);
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
}

TEST_F(shutdown, two_callers_both_get_etimedout)
{
	struct call one, two;

	ASSERT_EQ(0, sub_fin_timeout(self->fd, 500));
	ASSERT_EQ(0, call_start(&one, call_shutdown, self->fd, SHUT_WR, NULL,
				0));
	ASSERT_EQ(0, call_start(&two, call_shutdown, self->fd, SHUT_WR, NULL,
				0));
	ASSERT_CALL(-1, ETIMEDOUT, &one);
	ASSERT_CALL(-1, ETIMEDOUT, &two);
}

TEST_F(shutdown, two_callers_both_get_econnreset)
{
	struct call one, two;

	ASSERT_EQ(0, call_start(&one, call_shutdown, self->fd, SHUT_WR, NULL,
				0));
	ASSERT_EQ(0, call_start(&two, call_shutdown, self->fd, SHUT_WR, NULL,
				0));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, call_wait_blocked(&one, __NR_shutdown));
	ASSERT_EQ(0, call_wait_blocked(&two, __NR_shutdown));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_CALL(-1, ECONNRESET, &one);
	ASSERT_CALL(-1, ECONNRESET, &two);
	/* "Once over, the same result again." */
	ASSERT_ERRNO(ECONNRESET, shutdown(self->fd, SHUT_WR));
}

/* "FIN_SENT; a peer's FIN: The FIN is acknowledged as always." */
TEST_F(shutdown, both_sides_at_once)
{
	struct call closer;
	char c;

	ASSERT_EQ(0, call_start(&closer, call_shutdown, self->fd, SHUT_WR,
				NULL, 0));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, recv(self->fd, &c, 1, 0));
	/* The peer's FIN says nothing about ours. */
	ASSERT_EQ(0, call_wait_blocked(&closer, __NR_shutdown));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_CALL(0, 0, &closer);
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
}

TEST_F(shutdown, after_the_peers_fin)
{
	struct call closer;
	char c;

	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, recv(self->fd, &c, 1, 0));
	ASSERT_EQ(1, write(self->fd, "x", 1));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, "03 12 01 78"));
	ASSERT_EQ(0, call_start(&closer, call_shutdown, self->fd, SHUT_WR,
				NULL, 0));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, call_wait_blocked(&closer, __NR_shutdown));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_CALL(0, 0, &closer);
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
}

/* Smoldot's form, with an empty payload. */
TEST_F(shutdown, is_ended_by_a_fin_ack_with_an_empty_payload)
{
	struct call closer;

	ASSERT_EQ(0, call_start(&closer, call_shutdown, self->fd, SHUT_WR,
				NULL, 0));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, "04 08 03 12 00"));
	ASSERT_CALL(0, 0, &closer);
}

TEST_F(shutdown, is_ended_by_a_fin_ack_that_brings_data)
{
	struct call closer;
	char buf[8];

	ASSERT_EQ(0, call_start(&closer, call_shutdown, self->fd, SHUT_WR,
				NULL, 0));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_send(self->peer, self->sid,
			       "07 08 03 12 03 61 62 63"));
	ASSERT_CALL(0, 0, &closer);
	ASSERT_EQ(3, recv(self->fd, buf, sizeof(buf), 0));
	EXPECT_EQ(0, memcmp(buf, "abc", 3));
}

TEST_F(shutdown, of_one_substream_does_not_wait_for_another)
{
	struct call one, two;
	__u16 sid;
	int fd;

	fd = duo_more(&self->duo, &sid);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, call_start(&one, call_shutdown, self->fd, SHUT_WR, NULL,
				0));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, call_start(&two, call_shutdown, fd, SHUT_WR, NULL, 0));
	ASSERT_EQ(0, peer_expect(self->peer, sid, WIRE_FIN));
	ASSERT_EQ(0, peer_send(self->peer, sid, WIRE_FIN_ACK));
	ASSERT_CALL(0, 0, &two);
	ASSERT_EQ(0, call_wait_blocked(&one, __NR_shutdown));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_CALL(0, 0, &one);
}

/* Those that take seconds, once. */

/* shutdown(2), and the milliseconds that it took. */
static long call_timed_shutdown(struct call *call)
{
	long long *took = call->buf, start = now_ms();
	long ret = shutdown(call->fd, call->how);

	*took = now_ms() - start;
	return ret;
}

/* "never acknowledged: ETIMEDOUT", by the default of five seconds, whatever the
 * address and whoever has dialled: all of them at once, as it takes so long.
 */
TEST(gives_up_after_five_seconds)
{
	static const struct {
		int family;
		enum duo_side side;
	} ends[] = {
		{ AF_INET, DUO_KERNEL_CONNECTS },
		{ AF_INET, DUO_KERNEL_ACCEPTS },
		{ AF_INET6, DUO_KERNEL_CONNECTS },
		{ AF_INET6, DUO_KERNEL_ACCEPTS },
	};
	enum { ENDS = ARRAY_SIZE(ends) };
	long long limit = 5000 + 500 * work_factor(), took[ENDS], latest;
	struct call closer[ENDS];
	struct duo duo[ENDS];
	int i, tries = 3;

	ASSERT_EQ(0, netns_private());
	/* A machine that stalls makes it late, but not each time. */
	do {
		for (i = 0; i < ENDS; i++)
			ASSERT_EQ(0, duo_open(&duo[i], ends[i].family,
					      ends[i].side, 0));
		for (i = 0; i < ENDS; i++)
			ASSERT_EQ(0, call_start(&closer[i],
						call_timed_shutdown, duo[i].fd,
						SHUT_WR, &took[i], 0));
		latest = 0;
		for (i = 0; i < ENDS; i++) {
			ASSERT_EQ(0, peer_expect(&duo[i].peer, duo[i].sid,
						 WIRE_FIN));
			ASSERT_CALL(-1, ETIMEDOUT, &closer[i]);
			EXPECT_LE(4900, took[i]);
			if (took[i] > latest)
				latest = took[i];
			/* "Nothing is sent to the peer": this comes next. */
			ASSERT_EQ(0, peer_send(&duo[i].peer, duo[i].sid,
					       WIRE_FIN));
			ASSERT_EQ(0, peer_expect(&duo[i].peer, duo[i].sid,
						 WIRE_FIN_ACK));
			ASSERT_EQ(0, peer_expect_reset(&duo[i].peer,
						       duo[i].sid));
			duo_close(&duo[i]);
		}
	} while (latest > limit && --tries);
	EXPECT_GE(limit, latest);
}

FIXTURE(timer)
{
	struct duo duo;
	struct peer *peer;
	__u16 sid;
	int fd;
};

FIXTURE_SETUP(timer)
{
	ASSERT_EQ(0, catch_signals(0));
	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, duo_open(&self->duo, AF_INET, DUO_KERNEL_CONNECTS, 0));
	self->peer = &self->duo.peer;
	self->sid = self->duo.sid;
	self->fd = self->duo.fd;
}

FIXTURE_TEARDOWN(timer)
{
	duo_close(&self->duo);
}

/* "After EINTR the handshake goes on, and calling again waits for the rest of
 * the same timeout."
 */
TEST_F(timer, interrupted_waits_for_the_rest_of_the_same_timeout)
{
	long long start, took;
	bool in_time = false;
	struct call closer;
	int tries = 5;

	/* A machine that stalls makes it late, but not each time. */
	while (!in_time && tries--) {
		self->fd = duo_more(&self->duo, &self->sid);
		ASSERT_LE(0, self->fd);
		ASSERT_EQ(0, sub_fin_timeout(self->fd, 60000));
		start = now_ms();
		ASSERT_EQ(0, call_start(&closer, call_shutdown, self->fd,
					SHUT_WR, NULL, 0));
		ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
		ASSERT_EQ(0, sub_fin_timeout(self->fd, 3000));
		while (now_ms() - start < 2000)
			usleep(1000);
		/* If that is late, the call is over. */
		pthread_kill(closer.thread, SIGUSR1);
		ASSERT_EQ(0, call_finish(&closer));
		ASSERT_EQ(-1, closer.ret);
		if (closer.err == ETIMEDOUT)
			continue;
		ASSERT_EQ(EINTR, closer.err);
		ASSERT_ERRNO(ETIMEDOUT, shutdown(self->fd, SHUT_WR));
		took = now_ms() - start;
		EXPECT_LE(2900, took);
		in_time = took < 4500;
	}
	EXPECT_TRUE(in_time);
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
}

/* A peer whose window is small and that reads only when it is told to. */
FIXTURE(narrow)
{
	struct duo duo;
	struct peer *peer;
	__u16 sid;
	ssize_t filled;
	int fd;
};

FIXTURE_SETUP(narrow)
{
	ASSERT_EQ(0, netns_private());
	/* Even a machine that stalls acknowledges a FIN in time. */
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/fin_ack_timeout_ms", 60000));
	/* A window opens by a packet at a time, and lo's packets are large. */
	ASSERT_EQ(0, link_set_mtu("lo", 1500));
	ASSERT_EQ(0, duo_open(&self->duo, AF_INET, DUO_KERNEL_CONNECTS,
			      65536));
	self->peer = &self->duo.peer;
	self->sid = self->duo.sid;
	self->fd = self->duo.fd;
	self->filled = sub_overfill(self->fd, 1);
	ASSERT_LT(0, self->filled);
}

FIXTURE_TEARDOWN(narrow)
{
	duo_close(&self->duo);
}

/* "Everything already accepted from the program is handed to SCTP first." */
TEST_F(narrow, all_that_was_accepted_arrives_before_the_fin)
{
	struct call closer;
	int flag = -1;

	ASSERT_EQ(0, call_start(&closer, call_shutdown, self->fd, SHUT_WR,
				NULL, 0));
	ASSERT_EQ(0, call_wait_blocked(&closer, __NR_shutdown));
	ASSERT_EQ(self->filled, peer_read_to_flag(self->peer, self->sid, 0,
						  1, &flag));
	EXPECT_EQ(0, flag);
	ASSERT_EQ(0, call_wait_blocked(&closer, __NR_shutdown));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_CALL(0, 0, &closer);
}

/* "The hrtimer starts" when the FIN goes out, which is not while the peer's
 * window is full and SCTP does not hold all bytes yet.
 */
TEST_F(narrow, the_time_runs_from_the_fin)
{
	struct call closer;
	int flag = -1;

	ASSERT_EQ(0, sub_fin_timeout(self->fd, 200));
	ASSERT_EQ(0, call_start(&closer, call_shutdown, self->fd, SHUT_WR,
				NULL, 0));
	ASSERT_EQ(0, call_wait_blocked(&closer, __NR_shutdown));
	usleep(500000);
	ASSERT_FALSE(call_is_done(&closer));
	ASSERT_EQ(0, sub_fin_timeout(self->fd, 60000));
	ASSERT_EQ(self->filled, peer_read_to_flag(self->peer, self->sid, 0,
						  1, &flag));
	EXPECT_EQ(0, flag);
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_CALL(0, 0, &closer);
}

TEST_F(narrow, a_blocked_writer_wakes_with_epipe)
{
	struct call writer, closer;
	int err, flag;
	ssize_t more;

	ASSERT_EQ(0, sub_stall(&writer, self->fd, self->filled, 1));
	ASSERT_EQ(0, call_start(&closer, call_shutdown, self->fd, SHUT_WR,
				NULL, 0));
	more = sub_stalled(&writer, &err);
	ASSERT_LE(0, more);
	ASSERT_EQ(EPIPE, err);
	ASSERT_EQ(self->filled + more,
		  peer_read_to_flag(self->peer, self->sid, 0, 1, &flag));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_CALL(0, 0, &closer);
}

/* What was written and is on its way, or waits for it. */
static long long bytes_taken(int fd)
{
	struct wrtcsub_info info;

	if (sub_info(fd, &info))
		return -1;
	return info.wi_tx_bytes + info.wi_sndq;
}

/* A writer that got rid of a part of its bytes says how many, and they all
 * come before the FIN.
 */
TEST_F(narrow, a_writer_in_the_middle_says_how_far_it_came)
{
	int flag = -1, more = 400000;	/* which the kernel doubles */
	struct call writer, closer;
	size_t size = 4 << 20;
	unsigned char *buf = malloc(size);

	ASSERT_NE(NULL, buf);
	pattern_fill(buf, size, self->filled, 1);
	ASSERT_EQ(0, call_start(&writer, call_send, self->fd, 0, buf, size));
	ASSERT_EQ(0, call_wait_blocked(&writer, __NR_sendto));
	/* There is room for some of it. */
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_SNDBUFFORCE, &more,
				sizeof(more)));
	ASSERT_UNTIL(bytes_taken(self->fd) > self->filled);
	ASSERT_EQ(0, call_wait_blocked(&writer, __NR_sendto));
	ASSERT_EQ(0, call_start(&closer, call_shutdown, self->fd, SHUT_WR,
				NULL, 0));
	ASSERT_EQ(0, call_finish(&writer));
	ASSERT_LT(0, writer.ret);
	ASSERT_GT((ssize_t)size, writer.ret);
	ASSERT_EQ(self->filled + writer.ret,
		  peer_read_to_flag(self->peer, self->sid, 0, 1, &flag));
	EXPECT_EQ(0, flag);
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_CALL(0, 0, &closer);
	free(buf);
}

TEST_HARNESS_MAIN
