// SPDX-License-Identifier: GPL-2.0
/* RESET_STREAM, and the reset of the channel: a truncated stream never looks
 * like a finished one.
 */

#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>

#include "lib/harness.h"

#define ABC	"05 12 03 61 62 63"

FIXTURE(reset)
{
	struct duo duo;
	struct peer *peer;
	__u16 sid;
	int fd;
	char buf[64];
};

FIXTURE_VARIANT(reset)
{
	int family;
	enum duo_side side;
};

FIXTURE_VARIANT_ADD(reset, ipv4_accepted)
{
	.family = AF_INET,
	.side = DUO_KERNEL_ACCEPTS,
};

FIXTURE_VARIANT_ADD(reset, ipv6_connected)
{
	.family = AF_INET6,
	.side = DUO_KERNEL_CONNECTS,
};

FIXTURE_SETUP(reset)
{
	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, duo_open(&self->duo, variant->family, variant->side, 0));
	self->peer = &self->duo.peer;
	self->sid = self->duo.sid;
	self->fd = self->duo.fd;
}

FIXTURE_TEARDOWN(reset)
{
	duo_close(&self->duo);
}

/* "bytes already queued can be read, then ECONNRESET once, then 0; writers get
 * ECONNRESET once, then EPIPE"
 */
#define ASSERT_READS_ECONNRESET() do {					\
	ASSERT_ERRNO(ECONNRESET, recv(self->fd, self->buf, 1, 0));	\
	ASSERT_EQ(0, recv(self->fd, self->buf, 1, 0));			\
	ASSERT_EQ(0, recv(self->fd, self->buf, 1, 0));			\
} while (0)

TEST_F(reset, stream_after_data_gives_the_data_first)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, ABC));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_LE(0, poll_until(self->fd, POLLERR));
	ASSERT_EQ(3, recv(self->fd, self->buf, sizeof(self->buf), 0));
	ASSERT_READS_ECONNRESET();
}

TEST_F(reset, stream_with_data_in_its_frame_gives_the_data_first)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid,
			       "07 08 02 12 03 61 62 63"));
	ASSERT_LE(0, poll_until(self->fd, POLLERR));
	ASSERT_EQ(3, recv(self->fd, self->buf, sizeof(self->buf), 0));
	ASSERT_READS_ECONNRESET();
}

TEST_F(reset, stream_drops_what_comes_after_it)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, ABC));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, duo_sync(&self->duo));
	ASSERT_READS_ECONNRESET();
}

/* "nor is it answered": the channel is closed, that is all. */
TEST_F(reset, stream_is_answered_by_the_reset_of_the_channel)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
}

TEST_F(reset, stream_with_an_error_code)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, "05 08 02 18 80 20"));
	ASSERT_READS_ECONNRESET();
}

/* As go-libp2p writes it when its accept queue is full. */
TEST_F(reset, stream_after_a_length_of_four_bytes)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, "00 00 00 02 08 02"));
	ASSERT_READS_ECONNRESET();
}

TEST_F(reset, stream_wakes_a_reader)
{
	struct call reader;

	ASSERT_EQ(0, call_start(&reader, call_recv, self->fd, 0, self->buf,
				4));
	ASSERT_EQ(0, call_wait_blocked(&reader, __NR_recvfrom));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_CALL(-1, ECONNRESET, &reader);
	ASSERT_EQ(0, recv(self->fd, self->buf, 1, 0));
}

/* What it waited for will not come, but what came is not lost. */
TEST_F(reset, stream_wakes_a_reader_that_waits_for_all)
{
	struct call reader;

	ASSERT_EQ(0, peer_send(self->peer, self->sid, ABC));
	ASSERT_LE(0, poll_until(self->fd, POLLIN));
	ASSERT_EQ(0, call_start(&reader, call_recv, self->fd, MSG_WAITALL,
				self->buf, 10));
	ASSERT_EQ(0, call_wait_blocked(&reader, __NR_recvfrom));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_CALL(3, 0, &reader);
	ASSERT_READS_ECONNRESET();
}

TEST_F(reset, stream_wakes_a_poll)
{
	struct call poller;

	ASSERT_EQ(0, call_start(&poller, call_poll, self->fd, POLLIN, NULL,
				0));
	ASSERT_EQ(0, call_wait_blocked(&poller, __NR_ppoll));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_EQ(0, call_finish(&poller));
	EXPECT_TRUE(poller.ret & POLLERR);
}

TEST_F(reset, stream_is_an_so_error)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_UNTIL(poll_now(self->fd, 0) & POLLERR);
	EXPECT_EQ(ECONNRESET, get_int(self->fd, SOL_SOCKET, SO_ERROR));
	EXPECT_EQ(0, get_int(self->fd, SOL_SOCKET, SO_ERROR));
	EXPECT_FALSE(poll_now(self->fd, POLLIN | POLLOUT) & POLLERR);
}

/* A stream whose FIN has come is whole. */
TEST_F(reset, stream_after_a_fin_leaves_the_end_as_it_is)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, ABC));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_EQ(0, duo_sync(&self->duo));
	ASSERT_EQ(3, recv(self->fd, self->buf, sizeof(self->buf), 0));
	ASSERT_EQ(0, recv(self->fd, self->buf, 1, 0));
	ASSERT_ERRNO(ECONNRESET, send(self->fd, "x", 1, MSG_NOSIGNAL));
	ASSERT_ERRNO(EPIPE, send(self->fd, "x", 1, MSG_NOSIGNAL));
}

TEST_F(reset, stream_leaves_the_other_substreams_alone)
{
	__u16 sid;
	int fd = duo_more(&self->duo, &sid);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_READS_ECONNRESET();
	ASSERT_EQ(0, peer_send(self->peer, sid, ABC));
	ASSERT_EQ(3, recv(fd, self->buf, sizeof(self->buf), 0));
	ASSERT_EQ(3, write(fd, "abc", 3));
	ASSERT_EQ(0, peer_expect(self->peer, sid, ABC));
	close(fd);
}

/* "the channel reset, with no FIN seen: ECONNRESET" */
TEST_F(reset, channel_without_a_fin_is_no_end)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, ABC));
	ASSERT_EQ(0, peer_reset(self->peer, self->sid));
	ASSERT_EQ(3, recv(self->fd, self->buf, sizeof(self->buf), 0));
	ASSERT_READS_ECONNRESET();
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
}

TEST_F(reset, channel_wakes_a_reader)
{
	struct call reader;

	ASSERT_EQ(0, call_start(&reader, call_recv, self->fd, 0, self->buf,
				4));
	ASSERT_EQ(0, call_wait_blocked(&reader, __NR_recvfrom));
	ASSERT_EQ(0, peer_reset(self->peer, self->sid));
	ASSERT_CALL(-1, ECONNRESET, &reader);
}

TEST_F(reset, channel_in_the_middle_of_a_frame_is_no_end)
{
	int queued;

	ASSERT_EQ(0, peer_send(self->peer, self->sid, "05 12 03 61"));
	ASSERT_EQ(0, peer_reset(self->peer, self->sid));
	ASSERT_LE(0, poll_until(self->fd, POLLERR));
	/* The byte of the frame that came may be read or not. */
	ASSERT_EQ(0, ioctl(self->fd, FIONREAD, &queued));
	if (queued)
		ASSERT_EQ(1, recv(self->fd, self->buf, 4, 0));
	ASSERT_READS_ECONNRESET();
}

TEST_F(reset, channel_after_a_fin_is_an_end)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, ABC));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_reset(self->peer, self->sid));
	ASSERT_EQ(3, recv(self->fd, self->buf, sizeof(self->buf), 0));
	ASSERT_EQ(0, recv(self->fd, self->buf, 1, 0));
	/* The channel is gone for our bytes too. */
	ASSERT_UNTIL(poll_now(self->fd, 0) & POLLERR);
	ASSERT_ERRNO(ECONNRESET, send(self->fd, "x", 1, MSG_NOSIGNAL));
	ASSERT_ERRNO(EPIPE, send(self->fd, "x", 1, MSG_NOSIGNAL));
}

TEST_F(reset, channel_leaves_the_other_substreams_alone)
{
	__u16 sid;
	int fd = duo_more(&self->duo, &sid);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, peer_reset(self->peer, self->sid));
	ASSERT_READS_ECONNRESET();
	ASSERT_EQ(0, peer_send(self->peer, sid, ABC));
	ASSERT_EQ(3, recv(fd, self->buf, sizeof(self->buf), 0));
	ASSERT_EQ(3, write(fd, "abc", 3));
	ASSERT_EQ(0, peer_expect(self->peer, sid, ABC));
	close(fd);
}

/* recvmmsg(2): "If an error occurs after at least one message has been
 * received, the call succeeds [...] and the error code is expected to be
 * returned on a subsequent call".
 */
FIXTURE(recvmmsg)
{
	struct duo duo;
	struct call reader;
	int fd;
	char buf[2][3];
};

FIXTURE_VARIANT(recvmmsg)
{
	int type;
};

FIXTURE_VARIANT_ADD(recvmmsg, of_a_stream)
{
	.type = SOCK_STREAM,
};

FIXTURE_VARIANT_ADD(recvmmsg, of_messages)
{
	.type = SOCK_SEQPACKET,
};

static long call_recvmmsg(struct call *call)
{
	char (*buf)[3] = call->buf;
	struct mmsghdr msg[2] = {};
	struct iovec iov[2];
	int i;

	for (i = 0; i < 2; i++) {
		iov[i].iov_base = buf[i];
		iov[i].iov_len = sizeof(buf[i]);
		msg[i].msg_hdr.msg_iov = &iov[i];
		msg[i].msg_hdr.msg_iovlen = 1;
	}
	return recvmmsg(call->fd, msg, 2, 0, NULL);
}

/* One message has come, and the reader waits for the other one. */
FIXTURE_SETUP(recvmmsg)
{
	struct duo *duo = &self->duo;

	ASSERT_EQ(0, netns_private());
	sub_type = variant->type;
	ASSERT_EQ(0, duo_open(duo, AF_INET, DUO_KERNEL_ACCEPTS, 0));
	self->fd = duo->fd;
	ASSERT_EQ(0, peer_send(&duo->peer, duo->sid, ABC));
	ASSERT_LE(0, poll_until(self->fd, POLLIN));
	ASSERT_EQ(0, call_start(&self->reader, call_recvmmsg, self->fd, 0,
				self->buf, 0));
	ASSERT_EQ(0, call_wait_blocked(&self->reader, __NR_recvmmsg));
	ASSERT_EQ(0, peer_send(&duo->peer, duo->sid, WIRE_RESET_STREAM));
	ASSERT_CALL(1, 0, &self->reader);
}

FIXTURE_TEARDOWN(recvmmsg)
{
	duo_close(&self->duo);
}

TEST_F(recvmmsg, leaves_the_error_to_the_next_read)
{
	ASSERT_ERRNO(ECONNRESET, recv(self->fd, self->buf, 1, 0));
	ASSERT_EQ(0, recv(self->fd, self->buf, 1, 0));
	ASSERT_ERRNO(ECONNRESET, send(self->fd, "x", 1, MSG_NOSIGNAL));
	ASSERT_ERRNO(EPIPE, send(self->fd, "x", 1, MSG_NOSIGNAL));
}

/* What the writer is told is his own. */
TEST_F(recvmmsg, leaves_the_error_to_the_reader)
{
	ASSERT_ERRNO(ECONNRESET, send(self->fd, "x", 1, MSG_NOSIGNAL));
	ASSERT_ERRNO(EPIPE, send(self->fd, "x", 1, MSG_NOSIGNAL));
	ASSERT_ERRNO(ECONNRESET, recv(self->fd, self->buf, 1, 0));
	ASSERT_EQ(0, recv(self->fd, self->buf, 1, 0));
	EXPECT_EQ(0, get_int(self->fd, SOL_SOCKET, SO_ERROR));
}

TEST_F(recvmmsg, leaves_the_error_to_so_error)
{
	EXPECT_EQ(ECONNRESET, get_int(self->fd, SOL_SOCKET, SO_ERROR));
	ASSERT_EQ(0, recv(self->fd, self->buf, 1, 0));
}

/* A peer whose window is small, with a writer that waits. */
FIXTURE(writer)
{
	struct duo duo;
	struct peer *peer;
	struct call writer;
	__u16 sid;
	int fd;
};

FIXTURE_SETUP(writer)
{
	ASSERT_EQ(0, netns_private());
	/* Even a machine that stalls acknowledges a FIN in time. */
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/fin_ack_timeout_ms", 60000));
	ASSERT_EQ(0, link_set_mtu("lo", 1500));
	ASSERT_EQ(0, duo_open(&self->duo, AF_INET, DUO_KERNEL_ACCEPTS,
			      65536));
	self->peer = &self->duo.peer;
	self->sid = self->duo.sid;
	self->fd = self->duo.fd;
	ASSERT_EQ(0, sub_stall(&self->writer, self->fd, 0, 1));
}

FIXTURE_TEARDOWN(writer)
{
	duo_close(&self->duo);
}

TEST_F(writer, is_woken_by_reset_stream)
{
	int err;

	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_LE(0, sub_stalled(&self->writer, &err));
	ASSERT_EQ(ECONNRESET, err);
	ASSERT_ERRNO(EPIPE, send(self->fd, "x", 1, MSG_NOSIGNAL));
}

TEST_F(writer, is_woken_by_stop_sending)
{
	ssize_t got, taken;
	int err, flag = -1;

	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_STOP_SENDING));
	taken = sub_stalled(&self->writer, &err);
	ASSERT_LT(0, taken);
	ASSERT_EQ(EPIPE, err);
	got = peer_read_to_flag(self->peer, self->sid, 0, 1, &flag);
	ASSERT_LE(0, got);
	EXPECT_GE(taken, got);
	EXPECT_EQ(0, flag);
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
}

TEST_F(writer, is_woken_by_the_reset_of_the_channel)
{
	int err;

	ASSERT_EQ(0, peer_reset(self->peer, self->sid));
	ASSERT_LE(0, sub_stalled(&self->writer, &err));
	ASSERT_EQ(ECONNRESET, err);
}

TEST_F(writer, is_woken_by_the_loss_of_the_association)
{
	int err;

	ASSERT_EQ(0, peer_abort(self->peer));
	ASSERT_LE(0, sub_stalled(&self->writer, &err));
	ASSERT_EQ(ECONNRESET, err);
	ASSERT_ERRNO(EPIPE, send(self->fd, "x", 1, MSG_NOSIGNAL));
}

/* What waits for SCTP by the socket's own account, or -1. */
static int unsent(int fd)
{
	int value;

	return ioctl(fd, SIOCOUTQ, &value) ? -1 : value;
}

/* Nobody will take it: the memory is given back at once. */
TEST_F(writer, leaves_nothing_behind_a_reset)
{
	int err;

	ASSERT_LT(0, unsent(self->fd));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_LE(0, sub_stalled(&self->writer, &err));
	ASSERT_UNTIL(!unsent(self->fd));
}

TEST_F(writer, leaves_nothing_behind_the_loss_of_the_association)
{
	struct wrtcsub_info info;
	int err;

	ASSERT_LT(0, unsent(self->fd));
	ASSERT_EQ(0, peer_abort(self->peer));
	ASSERT_LE(0, sub_stalled(&self->writer, &err));
	ASSERT_UNTIL(!unsent(self->fd));
	ASSERT_EQ(0, sub_info(self->fd, &info));
	EXPECT_EQ(0u, info.wi_sndq);
}

TEST_HARNESS_MAIN
