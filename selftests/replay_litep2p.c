// SPDX-License-Identifier: GPL-2.0
/* litep2p, over str0m: unordered channels that have the name of a protocol, one
 * SCTP message for each frame, and frames that are too large by 7 bytes.
 */

#include <poll.h>

#include "lib/harness.h"
#include "lib/net.h"
#include "lib/replay.h"

/* "/ipfs/ping/1.0.0", priority 0 */
#define OPEN	"03 80 0000 00000000 0000 0010 "		\
		"2f 69 70 66 73 2f 70 69 6e 67 2f 31 2e 30 2e 30"
#define PAYLOAD	16384

REPLAY(litep2p, OPEN)

/* A channel that we have opened is ordered, at both ends. */
#define SENDS_AS_THE_CHANNEL_SAYS()					\
	(self->replay.peer->unordered =					\
	 variant->side == DUO_KERNEL_ACCEPTS)

TEST_F(litep2p, names_the_protocol)
{
	char name[64] = {};
	socklen_t len = sizeof(name);

	ASSERT_EQ(0, getsockopt(self->replay.fd, SOL_WRTCSUB, WRTCSUB_PROTOCOL,
				name, &len));
	EXPECT_STREQ(variant->side == DUO_KERNEL_ACCEPTS ?
		     "/ipfs/ping/1.0.0" : "", name);
}

TEST_F(litep2p, pings)
{
	struct call finisher;

	SENDS_AS_THE_CHANNEL_SAYS();
	ASSERT_SENDS(ABC);
	ASSERT_READS("abc");
	ASSERT_EQ(3, write(self->replay.fd, "abc", 3));
	ASSERT_GETS(ABC);
	ASSERT_SENDS(WIRE_FIN);
	ASSERT_GETS(WIRE_FIN_ACK);
	ASSERT_READS_END();
	ASSERT_FINISHES(&finisher);
	ASSERT_SENDS(WIRE_FIN_ACK);
	ASSERT_CALL(0, 0, &finisher);
	ASSERT_CLOSED();
}

TEST_F(litep2p, cuts_a_payload_of_16384_bytes)
{
	static unsigned char buf[PAYLOAD + PEER_HEAD_MAX];
	unsigned int i;
	size_t len;

	SENDS_AS_THE_CHANNEL_SAYS();
	for (i = 0; i < 4; i++) {
		len = replay_frames(buf, PAYLOAD, 1, 0);
		ASSERT_EQ(16391U, len);
		pattern_fill(buf + len - PAYLOAD, PAYLOAD, (__u64)i * PAYLOAD,
			     5);
		ASSERT_EQ(0, peer_send_raw(self->replay.peer, self->replay.sid,
					   PPID_BINARY, buf, len));
		/* Without an order one must not overtake the other. */
		ASSERT_EQ(PAYLOAD, recv(self->replay.fd, buf, PAYLOAD,
					MSG_WAITALL));
		ASSERT_EQ(-1, pattern_check(buf, PAYLOAD, (__u64)i * PAYLOAD,
					    5));
	}
	ASSERT_SENDS(WIRE_FIN);
	ASSERT_READS_END();
	ASSERT_GETS(WIRE_FIN_ACK);
}

/* Its own limit for a body is 16384, and what is over is an error. */
TEST_F(litep2p, can_read_everything_that_is_written)
{
	static unsigned char out[100000];
	static struct peer_frame frame;
	size_t done = 0;

	pattern_fill(out, sizeof(out), 0, 4);
	ASSERT_EQ((ssize_t)sizeof(out),
		  send(self->replay.fd, out, sizeof(out), 0));
	while (done < sizeof(out)) {
		ASSERT_EQ(0, peer_expect_frame(self->replay.peer,
					       self->replay.sid, &frame));
		ASSERT_GE(16384U, frame.size);
		ASSERT_EQ(-1, pattern_check(frame.payload, frame.len, done, 4));
		done += frame.len;
	}
}

/* Where its channel is unordered, its FIN overtakes what is lost on the way. */
TEST_F(litep2p, is_whole_though_its_fin_overtakes_data)
{
	struct addr addr;

	SENDS_AS_THE_CHANNEL_SAYS();
	ASSERT_EQ(0, addr_local(self->replay.fd, &addr));
	ASSERT_EQ(0, lose_message(addr_port(&addr), 4));
	ASSERT_SENDS("03 12 01 78");
	ASSERT_SENDS(WIRE_FIN);
	ASSERT_UNTIL(lost_any());
	if (self->replay.peer->unordered)
		ASSERT_UNTIL(netns_counter("RxEarly") == 1);
	ASSERT_EQ(0, poll_now(self->replay.fd, POLLIN | POLLRDHUP));
	ASSERT_EQ(0, lose_nothing());
	ASSERT_READS("x");
	ASSERT_READS_END();
}

/* A FIN_ACK that it does not wait for makes it close the channel: there must
 * be one for each FIN, and none for a FIN that is sent again, which its first
 * version does after STOP_SENDING.
 */
TEST_F(litep2p, finishes_twice_and_is_acknowledged_once)
{
	ASSERT_SENDS(WIRE_FIN);
	ASSERT_GETS(WIRE_FIN_ACK);
	ASSERT_EQ(0, shutdown(self->replay.fd, SHUT_RD));
	ASSERT_SENDS(WIRE_FIN);
	ASSERT_EQ(0, duo_sync(&self->replay.duo));
	ASSERT_EQ(0, peer_expect_nothing(self->replay.peer, self->replay.sid));
}

/* It drops what is queued and finishes by itself. */
TEST_F(litep2p, finishes_when_it_has_to_stop)
{
	ASSERT_EQ(0, shutdown(self->replay.fd, SHUT_RD));
	ASSERT_GETS(WIRE_STOP_SENDING);
	ASSERT_SENDS(WIRE_FIN);
	ASSERT_GETS(WIRE_FIN_ACK);
	ASSERT_READS_END();
	ASSERT_EQ(3, write(self->replay.fd, "abc", 3));
	ASSERT_GETS(ABC);
}

/* Its substream was dropped: FIN and STOP_SENDING, and it waits for both ends.
 */
TEST_F(litep2p, is_dropped)
{
	SENDS_AS_THE_CHANNEL_SAYS();
	ASSERT_SENDS(WIRE_FIN);
	ASSERT_GETS(WIRE_FIN_ACK);
	ASSERT_SENDS(WIRE_STOP_SENDING);
	ASSERT_GETS(WIRE_FIN);
	ASSERT_SENDS(WIRE_FIN_ACK);
	ASSERT_READS_END();
	ASSERT_EQ(0, shutdown(self->replay.fd, SHUT_WR));
	ASSERT_CLOSED();
}

/* Over 256 messages nobody has read: it resets that substream alone. */
TEST_F(litep2p, resets_when_its_program_does_not_read)
{
	struct call finisher;

	ASSERT_EQ(3, write(self->replay.fd, "abc", 3));
	ASSERT_GETS(ABC);
	ASSERT_FINISHES(&finisher);
	ASSERT_SENDS(WIRE_RESET_STREAM);
	ASSERT_EQ(0, peer_reset(self->replay.peer, self->replay.sid));
	ASSERT_CALL(-1, ECONNRESET, &finisher);
	ASSERT_READS_ERRNO(ECONNRESET);
	ASSERT_EQ(0, peer_expect_reset(self->replay.peer, self->replay.sid));
}

/* Ten seconds without a FIN_ACK that it could read.  The stream was whole. */
TEST_F(litep2p, resets_after_its_fin)
{
	ASSERT_SENDS(ABC);
	ASSERT_SENDS(WIRE_FIN);
	ASSERT_GETS(WIRE_FIN_ACK);
	ASSERT_SENDS(WIRE_RESET_STREAM);
	ASSERT_EQ(0, peer_reset(self->replay.peer, self->replay.sid));
	/* SCTP has answered that, and we may not have seen any of it yet. */
	ASSERT_LE(0, poll_until(self->replay.fd, POLLERR));
	ASSERT_READS("abc");
	ASSERT_READS_END();
	ASSERT_ERRNO(ECONNRESET, shutdown(self->replay.fd, SHUT_WR));
	ASSERT_EQ(0, peer_expect_reset(self->replay.peer, self->replay.sid));
}

TEST_HARNESS_MAIN
