// SPDX-License-Identifier: GPL-2.0
/* /proc/net/wrtcsub_stat: what is counted when it happens, and what is not.
 * Those of what a peer does wrong are in the tests of that.
 */

#include <poll.h>

#include "lib/harness.h"
#include "lib/net.h"

#define ABC		"05 12 03 61 62 63"
#define ABC_AND_FIN	"07 08 00 12 03 61 62 63"

FIXTURE(counters)
{
	struct duo duo;
	struct peer *peer;
	__u16 sid;
	int fd;
};

FIXTURE_VARIANT(counters)
{
	enum duo_side side;
};

FIXTURE_VARIANT_ADD(counters, connected)
{
	.side = DUO_KERNEL_CONNECTS,
};

FIXTURE_VARIANT_ADD(counters, accepted)
{
	.side = DUO_KERNEL_ACCEPTS,
};

FIXTURE_SETUP(counters)
{
	ASSERT_EQ(0, netns_private());
	/* Even a machine that stalls acknowledges a FIN in time. */
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/fin_ack_timeout_ms", 60000));
	ASSERT_EQ(0, duo_open(&self->duo, AF_INET, variant->side, 0));
	self->peer = &self->duo.peer;
	self->sid = self->duo.sid;
	self->fd = self->duo.fd;
}

FIXTURE_TEARDOWN(counters)
{
	duo_close(&self->duo);
}

/* It is counted after the peer has it. */
#define ASSERT_COUNTED(_nr, _name)					\
	ASSERT_UNTIL(netns_counter(_name) == (_nr))
#define EXPECT_COUNTED(_nr, _name)					\
	EXPECT_EQ(_nr, netns_counter(_name))

/* "frames with payload handed to SCTP", "payload handed to SCTP": not OPEN, not
 * flags, not the bytes around it.
 */
TEST_F(counters, of_what_is_sent)
{
	EXPECT_COUNTED(0, "TxFrames");
	ASSERT_EQ(3, write(self->fd, "abc", 3));
	ASSERT_COUNTED(3, "TxBytes");
	EXPECT_COUNTED(1, "TxFrames");
	ASSERT_EQ(2, write(self->fd, "de", 2));
	ASSERT_COUNTED(5, "TxBytes");
	EXPECT_COUNTED(2, "TxFrames");
	EXPECT_COUNTED(0, "TxFlags");
	EXPECT_COUNTED(0, "RxFrames");
	EXPECT_COUNTED(0, "RxBytes");
}

/* "frames with a flag handed to SCTP" */
TEST_F(counters, of_flags_that_are_sent)
{
	ASSERT_EQ(0, shutdown(self->fd, SHUT_RD));
	ASSERT_COUNTED(1, "TxFlags");
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_COUNTED(2, "TxFlags");
	ASSERT_EQ(0, set_nonblock(self->fd, true));
	ASSERT_ERRNO(EINPROGRESS, shutdown(self->fd, SHUT_WR));
	ASSERT_COUNTED(3, "TxFlags");
	EXPECT_COUNTED(0, "TxFrames");
	EXPECT_COUNTED(0, "TxBytes");
	EXPECT_COUNTED(0, "TxResets");
}

/* "RESET_STREAM sent", which is a flag as well */
TEST_F(counters, of_resets_that_are_sent)
{
	ASSERT_EQ(0, set_linger(self->fd, 1, 0));
	ASSERT_EQ(0, close(self->fd));
	self->duo.fd = -1;
	ASSERT_COUNTED(1, "TxResets");
	EXPECT_COUNTED(1, "TxFlags");
	EXPECT_COUNTED(0, "RxResets");
}

/* "frames received", with a flag or without, "payload queued for readers" */
TEST_F(counters, of_what_is_received)
{
	EXPECT_COUNTED(0, "RxFrames");
	ASSERT_EQ(0, peer_send(self->peer, self->sid, ABC));
	ASSERT_COUNTED(3, "RxBytes");
	EXPECT_COUNTED(1, "RxFrames");
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_STOP_SENDING));
	ASSERT_COUNTED(2, "RxFrames");
	ASSERT_EQ(0, peer_send(self->peer, self->sid, ABC_AND_FIN));
	ASSERT_COUNTED(6, "RxBytes");
	EXPECT_COUNTED(3, "RxFrames");
	EXPECT_COUNTED(0, "RxResets");
	EXPECT_COUNTED(0, "TxFrames");
}

/* Nobody reads any more: it is received, and not queued. */
TEST_F(counters, of_what_is_received_for_nobody)
{
	ASSERT_EQ(0, shutdown(self->fd, SHUT_RD));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, ABC));
	ASSERT_COUNTED(1, "RxFrames");
	EXPECT_COUNTED(3, "RxDropped");
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_COUNTED(2, "RxFrames");
	EXPECT_COUNTED(0, "RxBytes");
	EXPECT_COUNTED(3, "RxDropped");
	EXPECT_COUNTED(0, "RxAfterFin");
}

/* It was queued, and is dropped with the reader; what he has read is not. */
TEST_F(counters, of_what_was_queued_for_a_reader_that_stops)
{
	char c;

	ASSERT_EQ(0, peer_send(self->peer, self->sid, ABC));
	ASSERT_EQ(1, read(self->fd, &c, 1));
	EXPECT_COUNTED(0, "RxDropped");
	ASSERT_EQ(0, shutdown(self->fd, SHUT_RD));
	EXPECT_COUNTED(3, "RxBytes");
	EXPECT_COUNTED(2, "RxDropped");
}

/* A frame of which the half has come when the peer resets the substream. */
TEST_F(counters, of_a_frame_that_is_not_complete)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, "05 12 03 61 62"));
	ASSERT_EQ(0, peer_reset(self->peer, self->sid));
	ASSERT_COUNTED(1, "Closed");
	EXPECT_COUNTED(2, "RxDropped");
	EXPECT_COUNTED(0, "RxBytes");
}

/* "messages on a channel that is being closed": ours, and not yet the peer's */
TEST_F(counters, of_what_comes_late)
{
	/* The peer's DATA_CHANNEL_ACK is not late. */
	ASSERT_EQ(0, duo_sync(&self->duo));
	ASSERT_EQ(0, set_linger(self->fd, 1, 0));
	ASSERT_EQ(0, close(self->fd));
	self->duo.fd = -1;
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_RESET_STREAM));
	EXPECT_COUNTED(0, "RxLate");
	ASSERT_EQ(0, peer_send(self->peer, self->sid, ABC));
	ASSERT_COUNTED(1, "RxLate");
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_COUNTED(2, "RxLate");
	EXPECT_COUNTED(0, "RxFrames");
}

/* "RESET_STREAM received" */
TEST_F(counters, of_resets_that_are_received)
{
	__u16 sid;
	int fd;

	fd = duo_more(&self->duo, &sid);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_COUNTED(1, "RxResets");
	ASSERT_EQ(0, peer_send(self->peer, sid, WIRE_RESET_STREAM));
	ASSERT_COUNTED(2, "RxResets");
	EXPECT_COUNTED(2, "RxFrames");
	EXPECT_COUNTED(0, "TxResets");
	ASSERT_COUNTED(2, "Closed");
	close(fd);
}

/* "opened by connect", "opened by peers", and the associations they are on */
TEST_F(counters, of_what_is_opened)
{
	const bool dialed = variant->side == DUO_KERNEL_CONNECTS;
	__u16 sid;
	int fd;

	fd = duo_more(&self->duo, &sid);
	ASSERT_LE(0, fd);
	EXPECT_COUNTED(dialed ? 2 : 0, "Opened");
	EXPECT_COUNTED(dialed ? 0 : 2, "Accepted");
	EXPECT_COUNTED(dialed ? 1 : 0, "AssocsDialed");
	EXPECT_COUNTED(dialed ? 0 : 1, "AssocsAccepted");
	EXPECT_COUNTED(0, "AssocsFailed");
	EXPECT_COUNTED(0, "Closed");
	close(fd);
}

/* "dialled, but never came up" is not "ended with substreams on them". */
TEST_F(counters, of_an_association_that_is_lost)
{
	ASSERT_EQ(0, peer_abort(self->peer));
	ASSERT_COUNTED(1, "AssocsLost");
	EXPECT_COUNTED(0, "AssocsFailed");
}

/* All that was written SCTP had before STOP_SENDING came, or it was dropped. */
TEST(counters_of_what_is_written_and_not_sent)
{
	static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET };
	long sent = 0, dropped = 0;
	ssize_t got, taken;
	struct duo duo;
	size_t i;
	int flag;

	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/fin_ack_timeout_ms", 60000));
	ASSERT_EQ(0, link_set_mtu("lo", 1500));
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		sub_type = types[i];
		ASSERT_EQ(0, duo_open(&duo, AF_INET, DUO_KERNEL_ACCEPTS,
				      65536));
		taken = sub_overfill(duo.fd, 1);
		ASSERT_LT(0, taken);
		EXPECT_COUNTED(dropped, "TxDropped");
		ASSERT_EQ(0, peer_send(&duo.peer, duo.sid, WIRE_STOP_SENDING));
		got = peer_read_to_flag(&duo.peer, duo.sid, 0, 1, &flag);
		ASSERT_LE(0, got);
		EXPECT_LT(got, taken);
		sent += got;
		EXPECT_COUNTED(sent, "TxBytes");
		dropped += taken - got;
		EXPECT_COUNTED(dropped, "TxDropped");
		duo_close(&duo);
	}
}

/* "of those Opened, refused by the peer": by RESET_STREAM, or by the reset of
 * the channel; not if it has answered before.
 */
TEST(counters_of_what_the_peer_refuses)
{
	struct addr addr;
	struct peer peer;
	int listener, fd[3], i;
	__u16 sid;

	ASSERT_EQ(0, netns_private());
	listener = peer_listen(AF_INET, &addr, 0);
	ASSERT_LE(0, listener);
	for (i = 0; i < 3; i++) {
		fd[i] = sub_connect(&addr);
		ASSERT_LE(0, fd[i]);
		if (!i)
			ASSERT_EQ(0, peer_accept(&peer, listener));
		ASSERT_EQ(0, i == 2 ? peer_answer_open(&peer, &sid) :
				      peer_expect_open(&peer, &sid));
		EXPECT_COUNTED(i, "OpensFailed");
		ASSERT_EQ(0, i == 1 ? peer_reset(&peer, sid) :
				      peer_send(&peer, sid, WIRE_RESET_STREAM));
		ASSERT_COUNTED(i + 1, "Closed");
	}
	EXPECT_COUNTED(2, "OpensFailed");
	EXPECT_COUNTED(3, "Opened");
	for (i = 0; i < 3; i++)
		close(fd[i]);
	peer_close(&peer);
	close(listener);
}

/* "connect found no stream identifier" */
TEST(counters_of_connects_without_an_identifier)
{
	struct addr addr;
	struct peer peer;
	int listener, fd, i;
	__u16 sid;

	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/max_streams", 16));
	peer_without_reconf = true;
	listener = peer_listen(AF_INET, &addr, 0);
	ASSERT_LE(0, listener);
	for (i = 0; i < 8; i++) {
		ASSERT_LE(0, sub_connect(&addr));
		if (!i)
			ASSERT_EQ(0, peer_accept(&peer, listener));
		ASSERT_EQ(0, peer_answer_open(&peer, &sid));
	}
	EXPECT_COUNTED(0, "NoStreamIds");
	for (i = 1; i <= 2; i++) {
		fd = sub_socket(0);
		ASSERT_LE(0, fd);
		ASSERT_ERRNO(EADDRNOTAVAIL, connect(fd, &addr.sa, addr.len));
		EXPECT_COUNTED(i, "NoStreamIds");
		close(fd);
	}
	EXPECT_COUNTED(8, "Opened");
	peer_close(&peer);
	close(listener);
}

TEST(counters_of_an_association_that_is_refused)
{
	struct addr addr;
	int fd;

	ASSERT_EQ(0, netns_private());
	fd = sub_socket(0);
	ASSERT_LE(0, fd);
	addr_loopback(&addr, AF_INET, 5000);
	ASSERT_ERRNO(ECONNREFUSED, connect(fd, &addr.sa, addr.len));
	EXPECT_COUNTED(1, "AssocsDialed");
	ASSERT_COUNTED(1, "AssocsFailed");
	EXPECT_COUNTED(0, "AssocsLost");
	EXPECT_COUNTED(0, "Opened");
	close(fd);
}

TEST(counters_of_an_association_that_nobody_waits_for)
{
	struct addr addr;
	int fd, hole;

	ASSERT_EQ(0, netns_private());
	hole = blackhole_up();
	ASSERT_LE(0, hole);
	fd = sub_socket(SOCK_NONBLOCK);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, addr_parse(&addr, "192.0.2.2", 5000));
	ASSERT_ERRNO(EINPROGRESS, connect(fd, &addr.sa, addr.len));
	EXPECT_COUNTED(1, "AssocsDialed");
	EXPECT_COUNTED(0, "AssocsFailed");
	ASSERT_EQ(0, close(fd));
	ASSERT_COUNTED(1, "AssocsFailed");
	EXPECT_COUNTED(0, "AssocsLost");
	close(hole);
}

TEST_HARNESS_MAIN
