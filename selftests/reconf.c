// SPDX-License-Identifier: GPL-2.0
/* Closing channels for real (RFC 6525): what is asked of the peer, when, and
 * what follows from its answers.
 */

#include <glob.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "lib/harness.h"
#include "lib/net.h"

/* It wants the headers of sockets before it. */
#include <linux/sctp.h>

#define ABC	"05 12 03 61 62 63"

/* A packet whose first chunk is RE-CONFIG, and that one's first parameter is no
 * answer.
 */
#define REQUEST	ANY_OF_IT " @th,128,16 != 16"
/* It may have an answer, and a request behind it. */
#define ANY_OF_IT "meta l4proto sctp @th,96,8 130"

/* What is to be done with packets of a kind that come to a port. */
static int packets_meet(const char *kind, int port, const char *what)
{
	return run("nft add table inet meet ; "
		   "add chain inet meet in " NFT_HOOK("input") " ; "
		   "add rule inet meet in %s sctp dport %d %s", kind, port,
		   what);
}

/* ... with requests to reset streams. */
static int requests_meet(int port, const char *what)
{
	return packets_meet(REQUEST, port, what);
}

static int requests_meet_nothing(void)
{
	return run("nft delete table inet meet");
}

/* One has met a counter. */
static bool request_came(void)
{
	return !system("nft list table inet meet | grep -q 'packets [1-9]'");
}

FIXTURE(reconf)
{
	struct duo duo;
	struct peer *peer;
	__u16 sid;
	int port;			/* of the kernel */
	int fd;
	char buf[64];
};

FIXTURE_VARIANT(reconf)
{
	int family;
	enum duo_side side;
};

FIXTURE_VARIANT_ADD(reconf, ipv4_accepted)
{
	.family = AF_INET,
	.side = DUO_KERNEL_ACCEPTS,
};

FIXTURE_VARIANT_ADD(reconf, ipv6_connected)
{
	.family = AF_INET6,
	.side = DUO_KERNEL_CONNECTS,
};

FIXTURE_SETUP(reconf)
{
	struct addr local;

	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, repeat_soon());
	ASSERT_EQ(0, duo_open(&self->duo, variant->family, variant->side, 0));
	self->peer = &self->duo.peer;
	self->sid = self->duo.sid;
	self->fd = self->duo.fd;
	ASSERT_EQ(0, addr_local(self->fd, &local));
	self->port = addr_port(&local);
}

FIXTURE_TEARDOWN(reconf)
{
	duo_close(&self->duo);
}

#define ASSERT_IS_FINE(_fd, _sid) do {					\
	const __u16 __sid = (_sid);					\
	const int __fd = (_fd);						\
									\
	ASSERT_EQ(0, peer_send(self->peer, __sid, ABC));		\
	ASSERT_EQ(3, recv(__fd, self->buf, 3, MSG_WAITALL));		\
	ASSERT_EQ(3, send(__fd, "abc", 3, MSG_NOSIGNAL));		\
	ASSERT_EQ(0, peer_expect(self->peer, __sid, ABC));		\
} while (0)

static int reset_now(int fd)
{
	return set_linger(fd, 1, 0) ?: close(fd);
}

/* "Resets are batched: SCTP has one request in flight". */
TEST_F(reconf, requests_wait_for_the_answer_to_the_one_before)
{
	enum { COUNT = 200 };
	int fd[COUNT], i;
	__u16 sid[COUNT];

	for (i = 0; i < COUNT; i++) {
		fd[i] = duo_more(&self->duo, &sid[i]);
		ASSERT_LE(0, fd[i]);
	}
	ASSERT_EQ(0, lose_answers(self->port));
	ASSERT_EQ(0, reset_now(fd[0]));
	ASSERT_EQ(0, peer_expect(self->peer, sid[0], WIRE_RESET_STREAM));
	ASSERT_EQ(0, peer_expect_reset(self->peer, sid[0]));
	for (i = 1; i < COUNT; i++) {
		ASSERT_EQ(0, reset_now(fd[i]));
		ASSERT_EQ(0, peer_expect(self->peer, sid[i],
					 WIRE_RESET_STREAM));
	}
	/* Nothing else waits for it. */
	ASSERT_IS_FINE(self->fd, self->sid);
	ASSERT_EQ(1u, self->peer->requests);

	ASSERT_EQ(0, lose_nothing());
	for (i = 1; i < COUNT; i++)
		ASSERT_EQ(0, peer_expect_reset(self->peer, sid[i]));
	ASSERT_EQ(2u, self->peer->requests);
	ASSERT_UNTIL(netns_counter("ResetsDone") == COUNT);
}

/* usrsctp may have an answer, and give it after the next message only. */
TEST_F(reconf, another_ack_follows_one_that_is_not_answered)
{
	__u16 sid;
	int fd;

	fd = duo_more(&self->duo, &sid);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, lose_answers(self->port));
	ASSERT_EQ(0, reset_now(fd));
	ASSERT_EQ(0, peer_expect(self->peer, sid, WIRE_RESET_STREAM));
	ASSERT_EQ(0, peer_expect_reset(self->peer, sid));
	ASSERT_UNTIL(peer_pump(self->peer, 0) >= 0 && self->peer->more_acks);
	ASSERT_EQ(0, lose_nothing());
	ASSERT_UNTIL(netns_counter("ResetsDone") == 1);
	ASSERT_IS_FINE(self->fd, self->sid);
}

/* usrsctp denies a request of more than 512 bytes. */
TEST_F(reconf, requests_are_small_enough_for_usrsctp)
{
	enum { COUNT = 300, HEAD = 16, MAX = 512 };
	int fd[COUNT], i;
	__u16 sid[COUNT];

	for (i = 0; i < COUNT; i++) {
		fd[i] = duo_more(&self->duo, &sid[i]);
		ASSERT_LE(0, fd[i]);
	}
	ASSERT_EQ(0, lose_answers(self->port));
	for (i = 0; i < COUNT; i++) {
		ASSERT_EQ(0, reset_now(fd[i]));
		ASSERT_EQ(0, peer_expect(self->peer, sid[i],
					 WIRE_RESET_STREAM));
	}
	ASSERT_EQ(0, lose_nothing());
	for (i = 0; i < COUNT; i++)
		ASSERT_EQ(0, peer_expect_reset(self->peer, sid[i]));
	EXPECT_GE((size_t)MAX, HEAD + self->peer->largest * sizeof(__u16));
	ASSERT_UNTIL(netns_counter("ResetsDone") == COUNT);
}

/* "retried": the kernel's request comes while the peer has one of its own. */
TEST_F(reconf, request_is_sent_again_after_a_crossing)
{
	struct peer_record *record;
	long failed;
	__u16 sid;
	int fd;

	fd = duo_more(&self->duo, &sid);
	ASSERT_LE(0, fd);
	/* The peer does not hear the answer to its own one. */
	ASSERT_EQ(0, addr_local(self->peer->fd, &self->duo.addr));
	ASSERT_EQ(0, lose_answers(addr_port(&self->duo.addr)));
	ASSERT_EQ(0, peer_send_reset(self->peer, sid));
	ASSERT_ERRNO(ECONNRESET, recv(fd, self->buf, 1, 0));
	ASSERT_UNTIL(netns_counter("ResetsFailed") > 0);
	usleep(500000);
	failed = netns_counter("ResetsFailed");
	ASSERT_EQ(0, lose_nothing());
	/* Its own is done, and then the kernel's. */
	ASSERT_EQ(0, peer_expect_reset(self->peer, sid));
	ASSERT_EQ(0, peer_expect_kind(self->peer, PEER_RESET_OUT));
	ASSERT_UNTIL(netns_counter("ResetsDone") == 1);
	TH_LOG("%ld requests failed in half a second", failed);
	/* It is not asked as fast as can be. */
	EXPECT_GT(40, failed);
	for (record = self->peer->head; record; record = record->next)
		EXPECT_TRUE(record->kind != PEER_LOST);
	close(fd);
	ASSERT_IS_FINE(self->fd, self->sid);
}

/* Nobody reads, so notifications wait behind what is not taken. */
static bool is_paused(struct peer *peer, __u16 sid)
{
	unsigned char frame[4096] = { 0xfe, 0x1f, 0x12, 0xfb, 0x1f };

	if (netns_counter("Pauses") > 0)
		return true;
	peer_try_send(peer, sid, frame, sizeof(frame));
	return false;
}

/* SCTP does by itself what the peer asks for.  The answer to that says nothing
 * of a request that the kernel makes meanwhile.
 */
TEST_F(reconf, answer_to_a_request_of_sctp_is_not_ours)
{
	static const __u16 other = 500;
	unsigned char buf[4096];
	__u16 sid;
	int fd;

	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/assoc_rmem", 300000));
	fd = duo_more(&self->duo, &sid);
	ASSERT_LE(0, fd);
	ASSERT_UNTIL(is_paused(self->peer, self->sid));
	ASSERT_EQ(0, peer_ask_reset(self->peer, other));
	ASSERT_EQ(0, peer_expect_reset(self->peer, other));
	/* The answer has arrived: this one comes after it. */
	ASSERT_EQ(0, peer_reset(self->peer, other));
	ASSERT_EQ(0, lose_answers(self->port));
	ASSERT_EQ(0, reset_now(fd));
	ASSERT_EQ(0, peer_expect(self->peer, sid, WIRE_RESET_STREAM));
	ASSERT_EQ(0, peer_expect_reset(self->peer, sid));

	/* Read on: now it sees the first answer. */
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/assoc_rmem", 4194304));
	while (recv(self->fd, buf, sizeof(buf), MSG_DONTWAIT) > 0 ||
	       poll_for(self->fd, POLLIN, 200) > 0)
		;
	ASSERT_EQ(0, duo_sync(&self->duo));
	EXPECT_EQ(0, netns_counter("ResetsDone"));
	ASSERT_EQ(0, lose_nothing());
	ASSERT_UNTIL(netns_counter("ResetsDone") >= 1);
}

/* A peer that has RFC 6525 and does not want it. */
TEST_F(reconf, denied_is_not_asked_again)
{
	struct sctp_assoc_value none = {};
	__u16 sid[2];
	int fd[2], i;

	ASSERT_EQ(0, setsockopt(self->peer->fd, IPPROTO_SCTP,
				SCTP_ENABLE_STREAM_RESET, &none,
				sizeof(none)));
	for (i = 0; i < 2; i++) {
		fd[i] = duo_more(&self->duo, &sid[i]);
		ASSERT_LE(0, fd[i]);
		ASSERT_EQ(0, reset_now(fd[i]));
		ASSERT_EQ(0, peer_expect(self->peer, sid[i],
					 WIRE_RESET_STREAM));
		ASSERT_UNTIL(netns_counter("ResetsDenied") == i + 1);
	}
	EXPECT_NE(sid[0], sid[1]);
	ASSERT_IS_FINE(self->fd, self->sid);
	EXPECT_EQ(2, netns_counter("ResetsDenied"));
	EXPECT_EQ(0, netns_counter("ResetsDone"));
}

/* Channels that the peer opens again as soon as it may: it has reset its
 * direction, and it has seen that ours is reset.  Our side has not: the answer
 * that says so may be lost, or overtaken.
 */
FIXTURE(again)
{
	struct duo duo;
	struct peer *peer;
	__u16 sid;
	int fd;
	char buf[64];
};

FIXTURE_SETUP(again)
{
	struct addr peer;

	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, repeat_soon());
	ASSERT_EQ(0, duo_open(&self->duo, AF_INET, DUO_KERNEL_ACCEPTS, 0));
	self->peer = &self->duo.peer;
	self->fd = duo_more(&self->duo, &self->sid);
	ASSERT_LE(0, self->fd);

	ASSERT_EQ(0, lose_answers(addr_port(&self->duo.addr)));
	/* Our request has no answer, so it must not cross the peer's one: it
	 * is made for that one, and arrives when that has been answered.
	 */
	ASSERT_EQ(0, addr_local(self->peer->fd, &peer));
	ASSERT_EQ(0, requests_meet(addr_port(&peer), "drop"));
	ASSERT_EQ(0, peer_reset(self->peer, self->sid));
	ASSERT_ERRNO(ECONNRESET, recv(self->fd, self->buf, 1, 0));
	ASSERT_EQ(0, close(self->fd));
	ASSERT_EQ(0, requests_meet_nothing());
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
	ASSERT_EQ(0, netns_counter("ResetsDone"));
}

FIXTURE_TEARDOWN(again)
{
	duo_close(&self->duo);
}

#define ASSERT_SILENCE_UNTIL_THE_ANSWER() do {				\
	ASSERT_EQ(0, duo_sync(&self->duo));				\
	ASSERT_EQ(0, peer_expect_nothing(self->peer, self->sid));	\
	ASSERT_EQ(0, netns_counter("ResetsDone"));			\
	ASSERT_EQ(0, lose_nothing());					\
} while (0)

TEST_F(again, opened_before_the_answer)
{
	ASSERT_EQ(0, peer_send_ppid(self->peer, self->sid, PPID_DCEP,
				    DCEP_OPEN));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, ABC));
	self->fd = sub_accept(self->duo.listener);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(3, recv(self->fd, self->buf, sizeof(self->buf), 0));
	/* A message on a stream under reset would stop all others. */
	ASSERT_EQ(3, write(self->fd, "abc", 3));
	ASSERT_SILENCE_UNTIL_THE_ANSWER();
	ASSERT_EQ(0, peer_expect_ppid(self->peer, self->sid, PPID_DCEP,
				      DCEP_ACK));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, ABC));
	ASSERT_IS_FINE(self->fd, self->sid);
	/* And it can be closed, and opened, as any other. */
	ASSERT_EQ(0, reset_now(self->fd));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
	ASSERT_EQ(0, peer_reset(self->peer, self->sid));
	ASSERT_UNTIL(netns_counter("ResetsDone") == 2);
	ASSERT_EQ(0, peer_open(self->peer, self->sid));
}

TEST_F(again, refused_before_the_answer)
{
	ASSERT_EQ(0, peer_send_ppid(self->peer, self->sid, PPID_DCEP,
				    "03 01 0100 00000003 0000 0000"));
	ASSERT_SILENCE_UNTIL_THE_ANSWER();
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
	ASSERT_EQ(0, peer_reset(self->peer, self->sid));
	ASSERT_UNTIL(netns_counter("ResetsDone") == 2);
	ASSERT_EQ(0, peer_open(self->peer, self->sid));
}

/* Once is enough.  What opens it again is late, or of nobody. */
TEST_F(again, refused_twice_before_the_answer)
{
	static const char open[] = "03 01 0100 00000003 0000 0000";
	int i;

	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, peer_send_ppid(self->peer, self->sid, PPID_DCEP,
					    open));
	ASSERT_SILENCE_UNTIL_THE_ANSWER();
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
	ASSERT_EQ(0, peer_reset(self->peer, self->sid));
	ASSERT_UNTIL(netns_counter("ResetsDone") == 2);
	ASSERT_EQ(0, peer_open(self->peer, self->sid));
}

TEST_F(again, closed_before_the_answer)
{
	ASSERT_EQ(0, peer_send_ppid(self->peer, self->sid, PPID_DCEP,
				    DCEP_OPEN));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_RESET_STREAM));
	self->fd = sub_accept(self->duo.listener);
	ASSERT_LE(0, self->fd);
	ASSERT_ERRNO(ECONNRESET, recv(self->fd, self->buf, 1, 0));
	ASSERT_EQ(0, close(self->fd));
	ASSERT_SILENCE_UNTIL_THE_ANSWER();
	ASSERT_EQ(0, peer_expect_ppid(self->peer, self->sid, PPID_DCEP,
				      DCEP_ACK));
	ASSERT_EQ(0, peer_reset(self->peer, self->sid));
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
	ASSERT_UNTIL(netns_counter("ResetsDone") == 2);
	ASSERT_EQ(0, peer_open(self->peer, self->sid));
}

/* Only an OPEN begins a channel; what else comes is late. */
TEST_F(again, not_opened_by_data)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, ABC));
	ASSERT_SILENCE_UNTIL_THE_ANSWER();
	ASSERT_UNTIL(netns_counter("ResetsDone") == 1);
	ASSERT_EQ(0, peer_open(self->peer, self->sid));
}

/* The peer adds streams each way.  SCTP has ours from when it asks the peer, but
 * until that has agreed, a message on one of them would stop all others.
 */
TEST(streams_are_used_when_the_peer_has_agreed_to_them)
{
	struct sctp_add_streams add = { .sas_instrms = 16, .sas_outstrms = 16 };
	struct wrtcsub_info info;
	struct addr addr;
	struct duo duo;
	int fd[8], i;
	__u16 sid;

	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/max_streams", 16));
	ASSERT_EQ(0, repeat_soon());
	ASSERT_EQ(0, duo_open(&duo, AF_INET, DUO_KERNEL_CONNECTS, 0));
	for (i = 1; i < 8; i++) {
		fd[i] = duo_more(&duo, &sid);
		ASSERT_LE(0, fd[i]);
	}
	ASSERT_EQ(0, addr_local(duo.peer.fd, &addr));
	ASSERT_EQ(0, packets_meet(ANY_OF_IT, addr_port(&addr),
				  "counter drop"));
	ASSERT_EQ(0, setsockopt(duo.peer.fd, IPPROTO_SCTP, SCTP_ADD_STREAMS,
				&add, sizeof(add)));
	ASSERT_UNTIL(request_came());
	ASSERT_UNTIL(!sub_info(duo.fd, &info) &&
		     info.wi_assoc_in_streams == 32);

	fd[0] = sub_socket(SOCK_NONBLOCK);
	ASSERT_LE(0, fd[0]);
	ASSERT_ERRNO(EINPROGRESS, connect(fd[0], &duo.addr.sa, duo.addr.len));
	ASSERT_EQ(3, write(duo.fd, "abc", 3));
	ASSERT_EQ(0, peer_expect(&duo.peer, duo.sid, ABC));
	EXPECT_EQ(0, poll_now(fd[0], POLLOUT));
	ASSERT_EQ(0, requests_meet_nothing());
	ASSERT_LE(0, poll_until(fd[0], POLLOUT));
	ASSERT_EQ(0, get_int(fd[0], SOL_SOCKET, SO_ERROR));
	ASSERT_EQ(0, peer_answer_open(&duo.peer, &sid));
	EXPECT_LE(16, sid);
	for (i = 0; i < 8; i++)
		close(fd[i]);
	duo_close(&duo);
}

/* There are bytes to send, so our direction cannot be reset yet, and the peer
 * cannot think that it is.
 */
TEST(channel_cannot_be_opened_before_our_request)
{
	struct call writer;
	struct duo duo;
	__u16 sid;
	int fd, err;

	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, link_set_mtu("lo", 1500));
	ASSERT_EQ(0, duo_open(&duo, AF_INET, DUO_KERNEL_ACCEPTS, 65536));
	fd = duo_more(&duo, &sid);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, sub_stall(&writer, fd, 0, 1));
	ASSERT_EQ(0, peer_send_reset(&duo.peer, sid));
	ASSERT_LE(0, sub_stalled(&writer, &err));
	ASSERT_EQ(ECONNRESET, err);
	ASSERT_EQ(0, close(fd));
	ASSERT_EQ(0, peer_send_ppid(&duo.peer, sid, PPID_DCEP, DCEP_OPEN));
	/* Behind it on the same association, so that one has been seen. */
	ASSERT_EQ(0, peer_send(&duo.peer, duo.sid, ABC));
	ASSERT_LE(0, poll_until(duo.fd, POLLIN));
	ASSERT_EQ(0, netns_counter("ResetsDone"));
	EXPECT_EQ(0, poll_for(duo.listener, POLLIN, 0));
	ASSERT_UNTIL((peer_pump(&duo.peer, 10),
		      netns_counter("ResetsDone") == 1));
	EXPECT_EQ(0, poll_for(duo.listener, POLLIN, 0));
	ASSERT_EQ(0, peer_send_ppid(&duo.peer, sid, PPID_DCEP, DCEP_OPEN));
	fd = sub_accept(duo.listener);
	ASSERT_LE(0, fd);
	close(fd);
	duo_close(&duo);
}

/* The peer opens it too soon, as our direction has not been reset, and then
 * refuses to reset it.  It has its channel, on the stream as it is.
 */
TEST(goes_on_with_a_channel_that_was_opened_too_soon)
{
	struct sctp_assoc_value none = {};
	struct addr addr;
	struct duo duo;
	char buf[3];
	__u16 sid;
	int fd;

	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, repeat_soon());
	ASSERT_EQ(0, duo_open(&duo, AF_INET, DUO_KERNEL_ACCEPTS, 0));
	fd = duo_more(&duo, &sid);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, addr_local(duo.peer.fd, &addr));
	ASSERT_EQ(0, requests_meet(addr_port(&addr), "counter drop"));
	ASSERT_EQ(0, peer_reset(&duo.peer, sid));
	ASSERT_ERRNO(ECONNRESET, recv(fd, buf, 1, 0));
	ASSERT_EQ(0, close(fd));
	ASSERT_UNTIL(request_came());

	/* Its ACK is no other one of the channel before, which it would be taken
	 * for, as our direction is as it was.
	 */
	duo.peer.known[sid] = false;
	ASSERT_EQ(0, peer_send_ppid(&duo.peer, sid, PPID_DCEP, DCEP_OPEN));
	fd = sub_accept(duo.listener);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, peer_expect_nothing(&duo.peer, sid));
	ASSERT_EQ(0, setsockopt(duo.peer.fd, IPPROTO_SCTP,
				SCTP_ENABLE_STREAM_RESET, &none,
				sizeof(none)));
	ASSERT_EQ(0, requests_meet_nothing());
	ASSERT_EQ(0, peer_expect_ppid(&duo.peer, sid, PPID_DCEP, DCEP_ACK));
	EXPECT_EQ(1, netns_counter("ResetsDenied"));
	ASSERT_EQ(0, peer_send(&duo.peer, sid, ABC));
	ASSERT_EQ(3, recv(fd, buf, 3, MSG_WAITALL));
	ASSERT_EQ(3, send(fd, buf, 3, MSG_NOSIGNAL));
	ASSERT_EQ(0, peer_expect(&duo.peer, sid, ABC));
	close(fd);
	duo_close(&duo);
}

/* SCTP does not reset a stream that has bytes to send. */
TEST(goes_past_a_stream_with_bytes_to_send)
{
	struct wrtcsub_info info;
	struct call writer;
	struct duo duo;
	int fd[2], err;
	char c;
	__u16 sid[2];

	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, link_set_mtu("lo", 1500));
	/* The peer reads nothing: its window is full. */
	ASSERT_EQ(0, duo_open(&duo, AF_INET, DUO_KERNEL_CONNECTS, 65536));
	ASSERT_EQ(0, requests_meet(addr_port(&duo.addr), "counter"));
	fd[0] = duo_more(&duo, &sid[0]);
	ASSERT_LE(0, fd[0]);
	fd[1] = duo_more(&duo, &sid[1]);
	ASSERT_LE(0, fd[1]);
	ASSERT_EQ(0, sub_stall(&writer, fd[0], 0, 1));
	ASSERT_EQ(0, peer_send(&duo.peer, sid[0], WIRE_RESET_STREAM));
	ASSERT_LE(0, sub_stalled(&writer, &err));
	ASSERT_EQ(ECONNRESET, err);
	ASSERT_EQ(0, peer_send(&duo.peer, sid[1], WIRE_RESET_STREAM));
	ASSERT_ERRNO(ECONNRESET, recv(fd[1], &c, 1, 0));
	ASSERT_UNTIL(!sub_info(duo.fd, &info) &&
		     info.wi_assoc_channels_closing == 2);
	ASSERT_UNTIL(request_came());
	/* The peer may carry it out, if it has got all that SCTP has sent.  The
	 * other one has to wait for the peer to read: this is the time for it
	 * to come all the same, and nothing tells that it will not.
	 */
	usleep(100000);
	ASSERT_GE(1, netns_counter("ResetsDone"));

	ASSERT_UNTIL((peer_pump(&duo.peer, 10),
		      netns_counter("ResetsDone") == 2));
	ASSERT_EQ(0, peer_expect_reset(&duo.peer, sid[1]));
	/* Each had a request of its own. */
	peer_pump(&duo.peer, 0);
	ASSERT_EQ(2u, duo.peer.requests);
	close(fd[0]);
	close(fd[1]);
	duo_close(&duo);
}

/* "one whose peer never resets its direction is not used again" */
TEST(does_not_use_again_what_the_peer_has_not_reset)
{
	bool seen[256] = {};
	struct duo duo;
	int fd, i;
	__u16 sid;

	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/max_streams", 16));
	ASSERT_EQ(0, duo_open(&duo, AF_INET, DUO_KERNEL_CONNECTS, 0));
	for (i = 0; i < 60; i++) {
		fd = duo_more(&duo, &sid);
		ASSERT_LE(0, fd);
		ASSERT_GT(256, sid);
		ASSERT_FALSE(seen[sid]);
		seen[sid] = true;
		ASSERT_EQ(0, reset_now(fd));
		ASSERT_EQ(0, peer_expect(&duo.peer, sid, WIRE_RESET_STREAM));
		ASSERT_EQ(0, peer_expect_reset(&duo.peer, sid));
	}
	duo_close(&duo);
}

/* How long a thread has run, in ms, if it is one of the kernel's workers. */
static long long worker_ran(const char *directory)
{
	char path[64], line[512] = "";
	long long ticks = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/stat", directory);
	file = fopen(path, "re");
	if (!file)
		return 0;
	/* The 15th field is the time in the kernel. */
	if (fgets(line, sizeof(line), file) &&
	    sscanf(line,
		   "%*d (kworker/%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %lld",
		   &ticks) != 1)
		ticks = 0;
	fclose(file);
	return ticks * 1000 / sysconf(_SC_CLK_TCK);
}

struct workers {
	glob_t found;
	long long *ran;
};

static int workers_look(struct workers *workers)
{
	size_t i;

	if (glob("/proc/[0-9]*", 0, NULL, &workers->found))
		return -1;
	workers->ran = calloc(workers->found.gl_pathc, sizeof(*workers->ran));
	for (i = 0; workers->ran && i < workers->found.gl_pathc; i++)
		workers->ran[i] = worker_ran(workers->found.gl_pathv[i]);
	return workers->ran ? 0 : -1;
}

static void workers_forget(struct workers *workers)
{
	globfree(&workers->found);
	free(workers->ran);
}

static long long workers_of(const struct workers *workers, const char *path)
{
	size_t i;

	for (i = 0; i < workers->found.gl_pathc; i++)
		if (!strcmp(workers->found.gl_pathv[i], path))
			return workers->ran[i];
	return 0;
}

/* How long have they run since?  Of one that has ended nothing is known. */
static long long workers_ran(const struct workers *before)
{
	struct workers now;
	long long ran = 0;
	size_t i;

	if (workers_look(&now))
		return -1;
	for (i = 0; i < now.found.gl_pathc; i++)
		ran += now.ran[i] -
		       workers_of(before, now.found.gl_pathv[i]);
	workers_forget(&now);
	return ran;
}

/* Ask for something of RFC 6525, once what was asked before has its answer. */
static int ask(struct peer *peer, int option, const void *request, size_t size)
{
	long long end = now_ms() + deadline_ms();
	int ret;

	do {
		ret = setsockopt(peer->fd, IPPROTO_SCTP, option, request, size);
		peer_pump(peer, ret ? 5 : 0);
	} while (ret && !peer->ended && now_ms() < end);
	return ret;
}

/* Of all streams if none is given. */
static int ask_for_resets(struct peer *peer, unsigned int streams)
{
	struct {
		struct sctp_reset_streams head;
		__u16 sid;
	} reset = {
		.head.srs_flags = SCTP_STREAM_RESET_OUTGOING,
		.head.srs_number_streams = streams,
		.sid = PEER_STREAMS - 1,
	};

	return ask(peer, SCTP_RESET_STREAMS, &reset,
		   sizeof(reset.head) + streams * sizeof(reset.sid));
}

/* The kernel's streams are to be so many each way. */
static int ask_for_streams(struct duo *duo, unsigned int streams)
{
	struct sctp_add_streams more = {};
	struct wrtcsub_info info;

	if (sub_info(duo->fd, &info))
		return -1;
	more.sas_instrms = streams - info.wi_assoc_out_streams;
	more.sas_outstrms = streams - info.wi_assoc_in_streams;
	return ask(&duo->peer, SCTP_ADD_STREAMS, &more, sizeof(more));
}

static bool has_streams(int fd, unsigned int streams)
{
	struct wrtcsub_info info;

	return !sub_info(fd, &info) && info.wi_assoc_in_streams == streams &&
	       info.wi_assoc_out_streams == streams;
}

static bool is_reset(int fd)
{
	char c;

	return recv(fd, &c, 1, MSG_DONTWAIT) < 0 && errno == ECONNRESET;
}

/* How long the kernel's workers run for this, until the end of it is there. */
static long long cost_of_resets(struct duo *duo, unsigned int streams)
{
	enum { COUNT = 100 };
	struct workers before;
	long long ran = -1;
	int i, fd;
	__u16 sid;

	if (workers_look(&before))
		return -1;
	for (i = 0; i < COUNT; i++)
		if (ask_for_resets(&duo->peer, streams))
			break;
	fd = i < COUNT ? -1 : duo_more(duo, &sid);
	if (fd >= 0) {
		close(fd);
		ran = workers_ran(&before);
	}
	workers_forget(&before);
	return ran;
}

/* A request without a list of streams is of all 65535, and as small as can be.
 * SCTP looks at each, the module only at those that are in use.
 */
TEST(reset_of_all_streams)
{
	long long one, all;
	struct duo duo;
	__u16 sid;
	int fd;

	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/idle_timeout_ms", 600000));
	ASSERT_EQ(0, duo_open(&duo, AF_INET, DUO_KERNEL_ACCEPTS, 0));
	fd = duo_more(&duo, &sid);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ask_for_streams(&duo, 65535));
	ASSERT_UNTIL(has_streams(fd, 65535));

	/* It may cross a request of the kernel's. */
	ASSERT_UNTIL(!ask_for_resets(&duo.peer, 0) && is_reset(fd));
	ASSERT_UNTIL(is_reset(duo.fd));
	ASSERT_EQ(0, peer_expect_reset(&duo.peer, sid));
	ASSERT_EQ(0, peer_expect_reset(&duo.peer, duo.sid));
	ASSERT_UNTIL(netns_counter("ResetsDone") == 2);
	/* Both directions: the channels may be opened again. */
	ASSERT_EQ(0, peer_open(&duo.peer, sid));
	ASSERT_EQ(0, peer_open(&duo.peer, duo.sid));

	one = cost_of_resets(&duo, 1);
	ASSERT_LE(0, one);
	all = cost_of_resets(&duo, 0);
	ASSERT_LE(0, all);
	TH_LOG("resets of one stream: %lld ms, of all: %lld ms", one, all);
	/* Ticks are coarse, and some of SCTP's walk is the workers'.  A walk of
	 * the module's own makes it 14 times as much, on a debug kernel 400.
	 */
	EXPECT_GT(5 * one + 400 * work_factor(), all);
	close(fd);
	duo_close(&duo);
}

/* Data on channels that were never opened: each is refused, and closed. */
static int send_on_streams(struct peer *peer, long streams)
{
	long i;

	for (i = 0; i < streams; i++)
		if (peer_send(peer, 2 + i, ABC))
			return -1;
	return 0;
}

static bool have_reset(struct peer *peer, long streams)
{
	peer_pump(peer, 10);
	peer_forget(peer);
	return netns_counter("ResetsDone") == streams;
}

/* What is refused can neither be told nor reset while the window of the peer is
 * shut.  It is looked at now and then, and not one by one.
 */
TEST(streams_with_bytes_to_send_are_no_work)
{
	enum { STREAMS = 8192, PROBES = 10 };
	/* More than SCTP takes at once, where there is time for so many. */
	const long count = 6000 / work_factor();
	struct workers before;
	struct call writer;
	long long ran, took;
	struct duo duo;
	long probes;
	int err;

	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, repeat_soon());
	ASSERT_EQ(0, duo_open(&duo, AF_INET, DUO_KERNEL_ACCEPTS, 65536));
	ASSERT_EQ(0, ask_for_streams(&duo, STREAMS));
	ASSERT_UNTIL(has_streams(duo.fd, STREAMS));
	ASSERT_EQ(0, sub_stall(&writer, duo.fd, 0, 1));
	ASSERT_EQ(0, send_on_streams(&duo.peer, count));
	ASSERT_UNTIL(netns_counter("RxUnknownChannel") == count);

	/* Each comes a while after the one before. */
	probes = netns_sctp_counter("SctpT3RtxExpireds");
	ASSERT_EQ(0, workers_look(&before));
	took = now_ms();
	ASSERT_UNTIL(netns_sctp_counter("SctpT3RtxExpireds") >=
		     probes + PROBES);
	ran = workers_ran(&before);
	took = now_ms() - took;
	workers_forget(&before);
	ASSERT_LE(0, ran);
	TH_LOG("workers ran %lld of %lld ms, %ld channels were told", ran, took,
	       netns_counter("TxResets"));
	EXPECT_EQ(0, netns_counter("ResetsDone"));
	EXPECT_GT(took / 10, ran);

	/* And all of it as soon as may be. */
	ASSERT_EQ(0, peer_send(&duo.peer, duo.sid, WIRE_RESET_STREAM));
	ASSERT_LE(0, sub_stalled(&writer, &err));
	ASSERT_EQ(ECONNRESET, err);
	ASSERT_UNTIL(have_reset(&duo.peer, count + 1));
	duo_close(&duo);
}

TEST_HARNESS_MAIN
