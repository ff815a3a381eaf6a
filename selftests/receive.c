// SPDX-License-Identifier: GPL-2.0
/* The receiving half of a substream against the exact peer: wrtcsub.rst, "The
 * receiving half".
 */

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>

#include "lib/harness.h"
#include "lib/net.h"
#include "lib/sctp.h"

#define ABC	"05 12 03 61 62 63"

FIXTURE(receive)
{
	struct duo duo;
	struct peer *peer;
	__u16 sid;
	int fd;
	char buf[64];
};

FIXTURE_VARIANT(receive)
{
	int family;
	enum duo_side side;
};

FIXTURE_VARIANT_ADD(receive, ipv4_connected)
{
	.family = AF_INET,
	.side = DUO_KERNEL_CONNECTS,
};

FIXTURE_VARIANT_ADD(receive, ipv6_accepted)
{
	.family = AF_INET6,
	.side = DUO_KERNEL_ACCEPTS,
};

FIXTURE_SETUP(receive)
{
	ASSERT_EQ(0, netns_private());
	/* No test is about this time; a machine that stalls exceeds it. */
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/fin_ack_timeout_ms",
				  deadline_ms()));
	ASSERT_EQ(0, duo_open(&self->duo, variant->family, variant->side, 0));
	self->peer = &self->duo.peer;
	self->sid = self->duo.sid;
	self->fd = self->duo.fd;
}

FIXTURE_TEARDOWN(receive)
{
	duo_close(&self->duo);
}

/* Nothing comes from the kernel up to the end of its own half. */
#define NOTHING_MORE_IS_SENT() do {					\
	struct call __closer;						\
									\
	ASSERT_EQ(0, call_start(&__closer, call_shutdown, self->fd,	\
				SHUT_WR, NULL, 0));			\
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));	\
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));	\
	ASSERT_CALL(0, 0, &__closer);					\
} while (0)

/* "The first FIN is answered with one FIN_ACK, whatever the reader does." */
TEST_F(receive, a_fin_is_acknowledged_though_nobody_reads)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, ABC));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
	NOTHING_MORE_IS_SENT();
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
	/* "what is queued can still be read, then 0" */
	ASSERT_EQ(3, recv(self->fd, self->buf, sizeof(self->buf), 0));
	ASSERT_EQ(0, recv(self->fd, self->buf, sizeof(self->buf), 0));
	ASSERT_EQ(0, recv(self->fd, self->buf, sizeof(self->buf), 0));
}

TEST_F(receive, a_fin_wakes_a_reader)
{
	struct call reader;

	ASSERT_EQ(0, call_start(&reader, call_recv, self->fd, 0, self->buf,
				4));
	ASSERT_EQ(0, call_wait_blocked(&reader, __NR_recvfrom));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_CALL(0, 0, &reader);
}

TEST_F(receive, a_fin_leaves_the_sending_half_alone)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(3, write(self->fd, "abc", 3));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, ABC));
}

TEST_F(receive, a_second_fin_is_not_answered)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, duo_sync(&self->duo));
	EXPECT_EQ(2, netns_counter("RxDupFins"));
	NOTHING_MORE_IS_SENT();
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
}

/* "Bytes after a FIN are dropped and counted." */
TEST_F(receive, bytes_after_a_fin_are_dropped_and_counted)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, ABC));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, "03 12 01 78"));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, ABC));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, duo_sync(&self->duo));
	/* All bytes but those of the first frame. */
	EXPECT_EQ(4, netns_counter("RxAfterFin"));
	EXPECT_EQ(3, netns_counter("RxBytes"));
	ASSERT_EQ(3, recv(self->fd, self->buf, sizeof(self->buf), 0));
	ASSERT_EQ(0, recv(self->fd, self->buf, sizeof(self->buf), 0));
	NOTHING_MORE_IS_SENT();
}

/* Messages from now on may be given up when they are 1 ms old (RFC 3758). */
static int give_up_soon(struct peer *peer)
{
	struct sctp_default_prinfo info = {
		.pr_value = 1,
		.pr_policy = SCTP_PR_SCTP_TTL,
	};

	return setsockopt(peer->fd, SOL_SCTP, SCTP_DEFAULT_PRINFO, &info,
			  sizeof(info));
}

static ssize_t send_for_a_while(struct peer *peer, __u16 sid, char payload)
{
	unsigned char frame[] = { 3, 0x12, 1, payload };

	return peer_sendmsg(peer, sid, PPID_BINARY, frame, sizeof(frame),
			    SCTP_PR_SCTP_TTL, 0);
}

/* "A truncated stream never looks like a finished one": there is no FORWARD TSN
 * by which its sender could have SCTP leave out a message that was lost.
 */
TEST_F(receive, no_message_is_left_out)
{
	struct addr addr;

	ASSERT_EQ(0, addr_local(self->fd, &addr));
	ASSERT_EQ(0, give_up_soon(self->peer));
	ASSERT_EQ(4, send_for_a_while(self->peer, self->sid, 'a'));
	ASSERT_EQ(1, recv(self->fd, self->buf, 1, 0));
	ASSERT_EQ(0, lose_all(addr_port(&addr)));
	ASSERT_EQ(4, send_for_a_while(self->peer, self->sid, 'b'));
	ASSERT_UNTIL(lost_any());
	ASSERT_EQ(0, lose_nothing());
	ASSERT_EQ(4, send_for_a_while(self->peer, self->sid, 'c'));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(2, sub_read_all(self->fd, self->buf + 1,
				  sizeof(self->buf) - 1));
	EXPECT_EQ(0, memcmp(self->buf, "abc", 3));
}

/* "payload is delivered before the flag of the same frame takes effect" */
TEST_F(receive, a_fin_with_data_is_the_data_and_then_the_end)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid,
			       "07 08 00 12 03 61 62 63"));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(3, recv(self->fd, self->buf, sizeof(self->buf), 0));
	EXPECT_EQ(0, memcmp(self->buf, "abc", 3));
	ASSERT_EQ(0, recv(self->fd, self->buf, sizeof(self->buf), 0));
}

TEST_F(receive, a_fin_before_its_data_in_the_frame_is_the_same)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid,
			       "07 12 03 61 62 63 08 00"));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(3, recv(self->fd, self->buf, sizeof(self->buf), 0));
	ASSERT_EQ(0, recv(self->fd, self->buf, sizeof(self->buf), 0));
}

TEST_F(receive, a_fin_with_an_empty_payload_is_a_fin)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, "04 08 00 12 00"));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, recv(self->fd, self->buf, sizeof(self->buf), 0));
}

TEST_F(receive, a_stray_fin_ack_with_data_is_the_data)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid,
			       "07 08 03 12 03 61 62 63"));
	ASSERT_EQ(3, recv(self->fd, self->buf, sizeof(self->buf), 0));
	NOTHING_MORE_IS_SENT();
}

TEST_F(receive, a_stop_sending_with_data_is_both)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid,
			       "07 08 01 12 03 61 62 63"));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(3, recv(self->fd, self->buf, sizeof(self->buf), 0));
}

/* "an unknown flag is ignored and counted, its payload kept" */
TEST_F(receive, an_unknown_flag_is_ignored_and_its_payload_kept)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid,
			       "07 08 07 12 03 61 62 63"));
	ASSERT_EQ(3, recv(self->fd, self->buf, sizeof(self->buf), 0));
	/* Of ten bytes, as proto2 writes a negative value. */
	ASSERT_EQ(0, peer_send(self->peer, self->sid,
			       "0f 08 ff ff ff ff ff ff ff ff ff 01 12 02 79 7a"
			       ));
	ASSERT_EQ(2, recv(self->fd, self->buf, sizeof(self->buf), 0));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, "02 08 04"));
	ASSERT_EQ(0, duo_sync(&self->duo));
	EXPECT_EQ(3, netns_counter("RxUnknownFlags"));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, ABC));
	ASSERT_EQ(3, recv(self->fd, self->buf, sizeof(self->buf), 0));
	NOTHING_MORE_IS_SENT();
}

/* SHUT_RD: "Sends STOP_SENDING, drops what is queued; recv returns 0. Flags
 * that arrive are still acted on: its FIN is still acknowledged."
 */
TEST_F(receive, shut_rd_sends_stop_sending_once)
{
	ASSERT_EQ(0, shutdown(self->fd, SHUT_RD));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_STOP_SENDING));
	ASSERT_EQ(0, shutdown(self->fd, SHUT_RD));
	ASSERT_EQ(0, recv(self->fd, self->buf, sizeof(self->buf), 0));
	NOTHING_MORE_IS_SENT();
}

TEST_F(receive, after_shut_rd_data_is_dropped_and_the_fin_acknowledged)
{
	int n;

	ASSERT_EQ(0, shutdown(self->fd, SHUT_RD));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_STOP_SENDING));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, ABC));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, ioctl(self->fd, FIONREAD, &n));
	EXPECT_EQ(0, n);
	ASSERT_EQ(0, recv(self->fd, self->buf, sizeof(self->buf), 0));
	NOTHING_MORE_IS_SENT();
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
}

TEST_F(receive, shut_rd_drops_what_is_queued)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, ABC));
	ASSERT_LE(0, poll_until(self->fd, POLLIN));
	ASSERT_EQ(0, shutdown(self->fd, SHUT_RD));
	ASSERT_EQ(0, recv(self->fd, self->buf, sizeof(self->buf), 0));
}

TEST_F(receive, shut_rd_after_the_fin_sends_nothing)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, ABC));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, shutdown(self->fd, SHUT_RD));
	ASSERT_EQ(0, recv(self->fd, self->buf, sizeof(self->buf), 0));
	NOTHING_MORE_IS_SENT();
}

TEST_F(receive, shut_rdwr_sends_fin_and_stop_sending)
{
	struct call closer;
	struct peer_frame *frame = calloc(1, sizeof(*frame));
	int i, seen = 0;

	ASSERT_NE(NULL, frame);
	ASSERT_EQ(0, call_start(&closer, call_shutdown, self->fd, SHUT_RDWR,
				NULL, 0));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, peer_expect_frame(self->peer, self->sid, frame));
		ASSERT_EQ(0u, frame->len);
		seen |= 1 << frame->flag;
	}
	EXPECT_EQ(1 << 0 | 1 << 1, seen);
	ASSERT_EQ(0, call_wait_blocked(&closer, __NR_shutdown));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_CALL(0, 0, &closer);
	ASSERT_EQ(0, recv(self->fd, self->buf, 1, 0));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
	free(frame);
}

/* "Flags are acted on even if nobody reads", and though the queue is full. */
TEST_F(receive, a_full_queue_does_not_hold_up_the_flags)
{
	unsigned char data[8192];
	int i, rcvbuf = 4096;

	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf,
				sizeof(rcvbuf)));
	for (i = 0; i < 16; i++) {
		pattern_fill(data, sizeof(data), i * sizeof(data), 5);
		ASSERT_EQ(0, peer_send_frame(self->peer, self->sid, data,
					     sizeof(data)));
	}
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_STOP_SENDING));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
	for (i = 0; i < 16; i++) {
		ASSERT_EQ((ssize_t)sizeof(data),
			  recv(self->fd, data, sizeof(data), MSG_WAITALL));
		ASSERT_EQ(-1, pattern_check(data, sizeof(data),
					    i * sizeof(data), 5));
	}
	ASSERT_EQ(0, recv(self->fd, data, 1, 0));
}

TEST_HARNESS_MAIN
