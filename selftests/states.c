// SPDX-License-Identifier: GPL-2.0
/*
 * The table of "The sending half" in wrtcsub.rst, row by row, against the exact
 * peer.  The tests have the names of the rows.
 */

#include <fcntl.h>
#include <poll.h>

#include "lib/harness.h"
#include "lib/net.h"

FIXTURE(states)
{
	struct duo duo;
	struct peer *peer;
	struct call closer;
	__u16 sid;
	int fd;
};

FIXTURE_VARIANT(states)
{
	int family;
	enum duo_side side;
};

FIXTURE_VARIANT_ADD(states, ipv4_accepted)
{
	.family = AF_INET,
	.side = DUO_KERNEL_ACCEPTS,
};

FIXTURE_VARIANT_ADD(states, ipv6_connected)
{
	.family = AF_INET6,
	.side = DUO_KERNEL_CONNECTS,
};

FIXTURE_SETUP(states)
{
	ASSERT_EQ(0, netns_private());
	/* Even a machine that stalls acknowledges a FIN in time. */
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/fin_ack_timeout_ms", 60000));
	ASSERT_EQ(0, duo_open(&self->duo, variant->family, variant->side, 0));
	self->peer = &self->duo.peer;
	self->sid = self->duo.sid;
	self->fd = self->duo.fd;
}

FIXTURE_TEARDOWN(states)
{
	duo_close(&self->duo);
}

/* Be in FIN_SENT, with a thread in shutdown. */
#define TO_FIN_SENT() do {						\
	ASSERT_EQ(0, call_start(&self->closer, call_shutdown, self->fd,	\
				SHUT_WR, NULL, 0));			\
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));	\
	ASSERT_EQ(0, call_wait_blocked(&self->closer, __NR_shutdown));	\
} while (0)

#define TO_FIN_ACKED() do {						\
	TO_FIN_SENT();							\
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));	\
	ASSERT_CALL(0, 0, &self->closer);				\
} while (0)

/* A timer that is short from the start may be up before the FIN is out. */
#define TO_TIMED_OUT() do {						\
	TO_FIN_SENT();							\
	ASSERT_EQ(0, sub_fin_timeout(self->fd, 100));			\
	ASSERT_CALL(-1, ETIMEDOUT, &self->closer);			\
} while (0)

/* Nothing has been sent that was not expected: this comes next. */
#define END_BY_PEERS_FIN() do {						\
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));	\
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));	\
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));		\
} while (0)

TEST_F(states, open__shutdown__writes_are_epipe_and_the_fin_goes_out)
{
	TO_FIN_SENT();
	ASSERT_ERRNO(EPIPE, send(self->fd, "x", 1, MSG_NOSIGNAL));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_CALL(0, 0, &self->closer);
	END_BY_PEERS_FIN();
}

TEST_F(states, open__close__the_fin_goes_out)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, close(self->fd));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
}

TEST_F(states, open__stop_sending__writes_are_epipe_and_the_kernel_sends_fin)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_STOP_SENDING));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_ERRNO(EPIPE, send(self->fd, "x", 1, MSG_NOSIGNAL));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
	END_BY_PEERS_FIN();
}

TEST_F(states, open__stop_sending__then_shutdown_waits_for_the_fin_ack)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_STOP_SENDING));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, call_start(&self->closer, call_shutdown, self->fd,
				SHUT_WR, NULL, 0));
	ASSERT_EQ(0, call_wait_blocked(&self->closer, __NR_shutdown));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_CALL(0, 0, &self->closer);
	END_BY_PEERS_FIN();
}

TEST_F(states, open__stop_sending__never_acknowledged_times_out)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_STOP_SENDING));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, sub_fin_timeout(self->fd, 200));
	ASSERT_ERRNO(ETIMEDOUT, shutdown(self->fd, SHUT_WR));
	END_BY_PEERS_FIN();
}

TEST_F(states, open__stop_sending__leaves_the_receiving_half_alone)
{
	char buf[4];

	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_STOP_SENDING));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, "05 12 03 61 62 63"));
	ASSERT_EQ(3, recv(self->fd, buf, 4, 0));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, recv(self->fd, buf, 4, 0));
}

TEST_F(states, open__fin_ack__is_ignored)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, duo_sync(&self->duo));
	ASSERT_EQ(1, write(self->fd, "x", 1));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, "03 12 01 78"));
	/* It is not kept for later either. */
	TO_FIN_ACKED();
	END_BY_PEERS_FIN();
}

TEST_F(states, open__reset_stream__errors_are_told_once)
{
	char c;

	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_ERRNO(ECONNRESET, recv(self->fd, &c, 1, 0));
	ASSERT_EQ(0, recv(self->fd, &c, 1, 0));
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
}

TEST_F(states, open__reset_stream__the_writer_is_told_once)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_UNTIL(poll_now(self->fd, 0) & POLLERR);
	ASSERT_ERRNO(ECONNRESET, send(self->fd, "x", 1, MSG_NOSIGNAL));
	ASSERT_ERRNO(EPIPE, send(self->fd, "x", 1, MSG_NOSIGNAL));
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
}

TEST_F(states, open__reset_stream__then_shutdown_is_econnreset)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_LE(0, poll_until(self->fd, POLLERR));
	ASSERT_ERRNO(ECONNRESET, shutdown(self->fd, SHUT_WR));
	ASSERT_ERRNO(ECONNRESET, shutdown(self->fd, SHUT_WR));
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
}

TEST_F(states, fin_sent__fin_ack__shutdown_returns_0)
{
	TO_FIN_ACKED();
	END_BY_PEERS_FIN();
}

TEST_F(states, fin_sent__timer__shutdown_is_etimedout_and_nothing_is_sent)
{
	TO_TIMED_OUT();
	END_BY_PEERS_FIN();
}

TEST_F(states, fin_sent__stop_sending__changes_nothing)
{
	TO_FIN_SENT();
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_STOP_SENDING));
	ASSERT_EQ(0, duo_sync(&self->duo));
	ASSERT_EQ(0, call_wait_blocked(&self->closer, __NR_shutdown));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_CALL(0, 0, &self->closer);
	END_BY_PEERS_FIN();
}

TEST_F(states, fin_sent__the_peers_fin__is_acknowledged)
{
	TO_FIN_SENT();
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, call_wait_blocked(&self->closer, __NR_shutdown));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_CALL(0, 0, &self->closer);
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
}

TEST_F(states, fin_sent__reset_stream__shutdown_is_econnreset)
{
	TO_FIN_SENT();
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_CALL(-1, ECONNRESET, &self->closer);
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
}

TEST_F(states, fin_sent__channel_reset__shutdown_is_econnreset)
{
	TO_FIN_SENT();
	ASSERT_EQ(0, peer_reset(self->peer, self->sid));
	ASSERT_CALL(-1, ECONNRESET, &self->closer);
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
}

TEST_F(states, fin_acked__anything_but_reset__changes_nothing)
{
	TO_FIN_ACKED();
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_STOP_SENDING));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_STOP_SENDING));
	ASSERT_EQ(0, duo_sync(&self->duo));
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
	END_BY_PEERS_FIN();
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
}

TEST_F(states, fin_acked__reset_stream__is_reset)
{
	char c;

	TO_FIN_ACKED();
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_ERRNO(ECONNRESET, recv(self->fd, &c, 1, 0));
	ASSERT_EQ(0, recv(self->fd, &c, 1, 0));
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
}

TEST_F(states, timed_out__anything_but_reset__changes_nothing)
{
	TO_TIMED_OUT();
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_STOP_SENDING));
	ASSERT_EQ(0, duo_sync(&self->duo));
	ASSERT_ERRNO(ETIMEDOUT, shutdown(self->fd, SHUT_WR));
	END_BY_PEERS_FIN();
	ASSERT_ERRNO(ETIMEDOUT, shutdown(self->fd, SHUT_WR));
}

TEST_F(states, timed_out__reset_stream__is_reset)
{
	char c;

	TO_TIMED_OUT();
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_ERRNO(ECONNRESET, recv(self->fd, &c, 1, 0));
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
}

/* "RESET_STREAM, either way": ours. */
TEST_F(states, fin_sent__our_reset__replaces_the_wait)
{
	TO_FIN_SENT();
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_CALL(0, 0, &self->closer);
	ASSERT_EQ(0, set_linger(self->fd, 1, 0));
	ASSERT_EQ(0, close(self->fd));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
}

TEST_F(states, any__association_lost__is_reset)
{
	TO_FIN_SENT();
	ASSERT_EQ(0, peer_abort(self->peer));
	ASSERT_CALL(-1, ECONNRESET, &self->closer);
}

/* CLOSING: the peer's window is full, SCTP does not hold all bytes. */

FIXTURE(closing)
{
	struct duo duo;
	struct peer *peer;
	struct call closer;
	ssize_t filled;
	__u16 sid;
	int fd;
};

FIXTURE_SETUP(closing)
{
	ASSERT_EQ(0, netns_private());
	/* Even a machine that stalls acknowledges a FIN in time. */
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/fin_ack_timeout_ms", 60000));
	ASSERT_EQ(0, link_set_mtu("lo", 1500));
	ASSERT_EQ(0, duo_open(&self->duo, AF_INET, DUO_KERNEL_CONNECTS,
			      65536));
	self->peer = &self->duo.peer;
	self->sid = self->duo.sid;
	self->fd = self->duo.fd;
	self->filled = sub_overfill(self->fd, 1);
	ASSERT_LT(0, self->filled);
	ASSERT_EQ(0, call_start(&self->closer, call_shutdown, self->fd,
				SHUT_WR, NULL, 0));
	ASSERT_EQ(0, call_wait_blocked(&self->closer, __NR_shutdown));
}

FIXTURE_TEARDOWN(closing)
{
	duo_close(&self->duo);
}

static bool is_in(int fd, enum wrtcsub_tx_state state)
{
	struct wrtcsub_info info;

	return !sub_info(fd, &info) && info.wi_tx_state == state;
}

TEST_F(closing, closing__all_handed_over__the_fin_goes_out)
{
	int flag = -1;

	ASSERT_EQ(self->filled, peer_read_to_flag(self->peer, self->sid, 0, 1,
						  &flag));
	EXPECT_EQ(0, flag);
	ASSERT_EQ(0, call_wait_blocked(&self->closer, __NR_shutdown));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_CALL(0, 0, &self->closer);
	END_BY_PEERS_FIN();
}

TEST_F(closing, closing__stop_sending__what_sctp_does_not_hold_is_dropped)
{
	ssize_t got;
	int flag = -1;

	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_STOP_SENDING));
	ASSERT_UNTIL(is_in(self->fd, WRTCSUB_TX_FIN_SENT));
	got = peer_read_to_flag(self->peer, self->sid, 0, 1, &flag);
	ASSERT_LE(0, got);
	EXPECT_GT(self->filled, got);
	EXPECT_EQ(0, flag);
	ASSERT_EQ(0, call_wait_blocked(&self->closer, __NR_shutdown));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_CALL(0, 0, &self->closer);
	END_BY_PEERS_FIN();
}

TEST_F(closing, closing__fin_ack__is_ignored)
{
	int flag = -1;

	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_UNTIL(netns_counter("RxStrayFinAcks") == 1);
	ASSERT_EQ(self->filled, peer_read_to_flag(self->peer, self->sid, 0, 1,
						  &flag));
	EXPECT_EQ(0, flag);
	ASSERT_EQ(0, call_wait_blocked(&self->closer, __NR_shutdown));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_CALL(0, 0, &self->closer);
}

TEST_F(closing, closing__reset_stream__shutdown_is_econnreset)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_CALL(-1, ECONNRESET, &self->closer);
}

/* "however full every queue is": the FIN_ACK waits behind nothing of ours. */
TEST_F(closing, closing__the_peers_fin__is_acknowledged_before_the_data)
{
	static struct peer_frame frame;
	size_t done = 0;
	char c;

	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, recv(self->fd, &c, 1, 0));
	do {
		ASSERT_EQ(0, peer_expect_frame(self->peer, self->sid, &frame));
		done += frame.len;
	} while (frame.flag < 0);
	EXPECT_EQ(3, frame.flag);
	EXPECT_GT((size_t)self->filled, done);
}

TEST_HARNESS_MAIN
