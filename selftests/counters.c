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
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_COUNTED(2, "RxFrames");
	EXPECT_COUNTED(0, "RxBytes");
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
