// SPDX-License-Identifier: GPL-2.0
/* The tracepoints of net/wrtcsub/trace.h: each is there when what it is for
 * happens, and not otherwise, with what it says.  Those of the namespace alone
 * are looked at, and no line may have another cookie (lib/trace.h).
 */

#include <arpa/inet.h>
#include <poll.h>

#include "lib/harness.h"
#include "lib/net.h"
#include "lib/trace.h"

#define ABC		"05 12 03 61 62 63"
#define ABC_AND_FIN	"07 08 00 12 03 61 62 63"
#define FLAG_OF_NOBODY	"02 08 09"

FIXTURE(trace)
{
	struct duo duo;
	struct peer *peer;
	long assoc;
	__u16 sid;
	int fd;
};

FIXTURE_VARIANT(trace)
{
	int family;
	enum duo_side side;
};

FIXTURE_VARIANT_ADD(trace, ipv4_connected)
{
	.family = AF_INET,
	.side = DUO_KERNEL_CONNECTS,
};

FIXTURE_VARIANT_ADD(trace, ipv6_accepted)
{
	.family = AF_INET6,
	.side = DUO_KERNEL_ACCEPTS,
};

FIXTURE_SETUP(trace)
{
	ASSERT_EQ(0, netns_private());
	/* Even a machine that stalls acknowledges a FIN in time. */
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/fin_ack_timeout_ms", 60000));
	ASSERT_EQ(0, trace_start());
	ASSERT_EQ(0, duo_open(&self->duo, variant->family, variant->side, 0));
	self->peer = &self->duo.peer;
	self->sid = self->duo.sid;
	self->fd = self->duo.fd;
	self->assoc = sub_assoc_id(self->fd);
	ASSERT_LT(0, self->assoc);
}

FIXTURE_TEARDOWN(trace)
{
	duo_close(&self->duo);
	trace_stop();
}

/* Sooner or later: the work tells it after the peer has it. */
static bool is_told(const char *text)
{
	long long begin = now_ms(), end = begin + deadline_ms();

	while (trace_count("%s", text) != 1) {
		if (now_ms() >= end) {
			fprintf(stderr, "# not once: %s\n", text);
			trace_print();
			return false;
		}
		nap(begin);
	}
	return true;
}

#define ASSERT_TOLD(...) do {						\
	char __text[256];						\
									\
	snprintf(__text, sizeof(__text), __VA_ARGS__);			\
	ASSERT_TRUE(is_told(__text));					\
} while (0)
#define EXPECT_NOT_TOLD(...)	EXPECT_EQ(0, trace_count(__VA_ARGS__))

/* Of the one substream: "frame_out: assoc=1 stream=0" */
#define OF	": assoc=%ld stream=%u "
#define ASSERT_TOLD_OF(_event, _text)					\
	ASSERT_TOLD(_event OF _text, self->assoc, self->sid)
#define EXPECT_NOT_TOLD_OF(_event, _text)				\
	EXPECT_NOT_TOLD(_event OF _text, self->assoc, self->sid)
/* "state: assoc=1 stream=0 event=FIN tx=OPEN->OPEN rx=OPEN->FIN_RCVD" */
#define STATE_OF	"state" OF "event=%s tx=%s rx=%s"
#define ASSERT_TOLD_STATE(_event, _tx, _rx)				\
	ASSERT_TOLD(STATE_OF, self->assoc, self->sid, _event, _tx, _rx)
#define STATE_PLACE(_event, _tx, _rx)					\
	trace_place(STATE_OF, self->assoc, self->sid, _event, _tx, _rx)

/* The beginning of what is told of an association. */
#define ASSERT_TOLD_ASSOC(_event, _text, ...)				\
	ASSERT_TOLD(_event ": assoc=%ld initiator=%d " _text, self->assoc, \
		    variant->side == DUO_KERNEL_CONNECTS, ##__VA_ARGS__)

TEST_F(trace, frame_out_has_the_length_of_what_was_written)
{
	static char buf[20000];

	ASSERT_EQ(3, write(self->fd, "abc", 3));
	ASSERT_TOLD_OF("frame_out", "flag=- len=3");
	ASSERT_EQ(0, sub_set(self->fd, WRTCSUB_MAX_FRAME, 1024));
	ASSERT_EQ((ssize_t)sizeof(buf), write(self->fd, buf, sizeof(buf)));
	/* Bytes are counted after their frame. */
	ASSERT_UNTIL(netns_counter("TxBytes") == 3 + (long)sizeof(buf));
	EXPECT_LE(1 + 20, trace_count("frame_out"));
	EXPECT_EQ(netns_counter("TxFrames"), trace_count("frame_out"));
	EXPECT_NOT_TOLD("frame_in");
}

TEST_F(trace, frame_out_has_each_flag)
{
	ASSERT_EQ(0, shutdown(self->fd, SHUT_RD));
	ASSERT_TOLD_OF("frame_out", "flag=STOP_SENDING len=0");
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_TOLD_OF("frame_out", "flag=FIN_ACK len=0");
	ASSERT_EQ(0, set_nonblock(self->fd, true));
	ASSERT_ERRNO(EINPROGRESS, shutdown(self->fd, SHUT_WR));
	ASSERT_TOLD_OF("frame_out", "flag=FIN len=0");
	EXPECT_EQ(3, trace_count("frame_out"));
	EXPECT_EQ(3, netns_counter("TxFlags"));
}

TEST_F(trace, frame_out_has_a_reset)
{
	ASSERT_EQ(0, set_linger(self->fd, 1, 0));
	ASSERT_EQ(0, close(self->fd));
	self->duo.fd = -1;
	ASSERT_TOLD_OF("frame_out", "flag=RESET_STREAM len=0");
	EXPECT_EQ(1, trace_count("frame_out"));
}

TEST_F(trace, frame_in_has_the_length_of_what_the_peer_wrote)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, ABC));
	ASSERT_TOLD_OF("frame_in", "flag=- len=3");
	ASSERT_EQ(0, peer_send(self->peer, self->sid, ABC_AND_FIN));
	ASSERT_TOLD_OF("frame_in", "flag=FIN len=3");
	EXPECT_EQ(2, trace_count("frame_in"));
	EXPECT_EQ(2, netns_counter("RxFrames"));
}

TEST_F(trace, frame_in_has_each_flag)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, FLAG_OF_NOBODY));
	ASSERT_TOLD_OF("frame_in", "flag=0x9 len=0");
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_STOP_SENDING));
	ASSERT_TOLD_OF("frame_in", "flag=STOP_SENDING len=0");
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_TOLD_OF("frame_in", "flag=FIN_ACK len=0");
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_TOLD_OF("frame_in", "flag=RESET_STREAM len=0");
	EXPECT_EQ(4, trace_count("frame_in"));
}

/* What of a frame comes to no reader is not in its length. */
TEST_F(trace, frame_in_has_no_length_if_nobody_reads)
{
	ASSERT_EQ(0, shutdown(self->fd, SHUT_RD));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, ABC));
	ASSERT_TOLD_OF("frame_in", "flag=- len=0");
}

TEST_F(trace, open_and_accept_are_told_once)
{
	const bool dialed = variant->side == DUO_KERNEL_CONNECTS;

	if (dialed) {
		ASSERT_TOLD_OF("open", "tx=OPEN rx=OPEN err=0");
		EXPECT_NOT_TOLD("accept");
	} else {
		ASSERT_TOLD_OF("accept", "tx=OPEN rx=OPEN err=0");
		EXPECT_NOT_TOLD("open");
	}
}

/* Two streams of one association, and one of another. */
TEST_F(trace, each_has_the_numbers_of_its_own)
{
	const bool dialed = variant->side == DUO_KERNEL_CONNECTS;
	struct duo other;
	__u16 sid;
	int fd;

	fd = duo_more(&self->duo, &sid);
	ASSERT_LE(0, fd);
	ASSERT_NE(self->sid, sid);
	ASSERT_EQ(0, duo_open(&other, variant->family, variant->side, 0));
	ASSERT_NE(self->assoc, sub_assoc_id(other.fd));
	ASSERT_TOLD("%s: assoc=%ld stream=%u", dialed ? "open" : "accept",
		    self->assoc, sid);
	ASSERT_TOLD("%s: assoc=%ld stream=%u", dialed ? "open" : "accept",
		    sub_assoc_id(other.fd), other.sid);
	ASSERT_EQ(3, write(fd, "abc", 3));
	ASSERT_EQ(2, write(other.fd, "ab", 2));
	ASSERT_TOLD("frame_out: assoc=%ld stream=%u flag=- len=3", self->assoc,
		    sid);
	ASSERT_TOLD("frame_out: assoc=%ld stream=%u flag=- len=2",
		    sub_assoc_id(other.fd), other.sid);
	EXPECT_EQ(2, trace_count("frame_out"));
	close(fd);
	duo_close(&other);
}

/* As it is written in the list of addresses: [::1]:5000 */
static void addr_print(const struct addr *addr, char *text, size_t size)
{
	char ip[INET6_ADDRSTRLEN];

	if (addr->sa.sa_family == AF_INET)
		inet_ntop(AF_INET, &addr->in4.sin_addr, ip, sizeof(ip));
	else
		inet_ntop(AF_INET6, &addr->in6.sin6_addr, ip, sizeof(ip));
	snprintf(text, size, addr->sa.sa_family == AF_INET ? "%s:%d" :
		 "[%s]:%d", ip, addr_port(addr));
}

/* One that dials has the substream that it is for. */
TEST_F(trace, assoc_up_has_both_addresses)
{
	const bool dialed = variant->side == DUO_KERNEL_CONNECTS;
	char local[64], peer[64];
	struct addr addr;

	ASSERT_EQ(0, addr_local(self->fd, &addr));
	addr_print(&addr, local, sizeof(local));
	ASSERT_EQ(0, addr_remote(self->fd, &addr));
	addr_print(&addr, peer, sizeof(peer));
	ASSERT_TOLD_ASSOC("assoc_up",
			  "substreams=%d rmem=0 err=0 local=%s peer=%s",
			  dialed, local, peer);
	EXPECT_EQ(1, trace_count("assoc_up"));
	EXPECT_NOT_TOLD("assoc_down");
}

/* ECONNRESET, which the substream on it has as well, and comes to its end. */
TEST_F(trace, assoc_down_says_why)
{
	ASSERT_EQ(0, peer_abort(self->peer));
	ASSERT_TOLD_ASSOC("assoc_down", "substreams=1 rmem=0 err=104");
	ASSERT_TOLD_OF("reset", "tx=RESET rx=RESET err=104");
	ASSERT_TOLD_OF("close", "tx=RESET rx=RESET err=104");
	EXPECT_LT(trace_place("assoc_down"), trace_place("reset"));
	EXPECT_LT(trace_place("reset"), trace_place("close"));
	EXPECT_NOT_TOLD("timeout");
}

/* A program that asks for the end, and for its result, and the peer's end. */
TEST_F(trace, close_says_how_it_ended)
{
	ASSERT_EQ(0, set_nonblock(self->fd, true));
	ASSERT_ERRNO(EINPROGRESS, shutdown(self->fd, SHUT_WR));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_TOLD_STATE("FIN_ACK", "FIN_SENT->FIN_ACKED", "OPEN->OPEN");
	EXPECT_NOT_TOLD("close");
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_TOLD_OF("close", "tx=FIN_ACKED rx=FIN_RCVD err=0");
	EXPECT_NOT_TOLD("timeout");
	EXPECT_NOT_TOLD("reset");
}

/* All changes of a whole life, in the order of time. */
TEST_F(trace, state_has_each_change)
{
	int place;

	ASSERT_EQ(0, set_nonblock(self->fd, true));
	ASSERT_ERRNO(EINPROGRESS, shutdown(self->fd, SHUT_WR));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, shutdown(self->fd, SHUT_RD));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_STOP_SENDING));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_TOLD_OF("close", "tx=RESET rx=FIN_RCVD err=104");
	place = STATE_PLACE("SHUT_WR", "OPEN->CLOSING", "OPEN->OPEN");
	EXPECT_LE(0, place);
	EXPECT_LT(place, STATE_PLACE("DRAINED", "CLOSING->FIN_SENT",
				     "OPEN->OPEN"));
	place = STATE_PLACE("SHUT_RD", "FIN_SENT->FIN_SENT", "OPEN->STOPPED");
	EXPECT_LE(0, place);
	EXPECT_LT(place, STATE_PLACE("FIN", "FIN_SENT->FIN_SENT",
				     "STOPPED->FIN_RCVD"));
	EXPECT_LT(place, STATE_PLACE("RESET_STREAM", "FIN_SENT->RESET",
				     "FIN_RCVD->FIN_RCVD"));
	EXPECT_EQ(5, trace_count("state"));
}

/* A reset of the peer, and one of the program. */
TEST_F(trace, reset_says_why)
{
	__u16 sid;
	int fd;

	fd = duo_more(&self->duo, &sid);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_TOLD_OF("reset", "tx=RESET rx=RESET err=104");
	ASSERT_TOLD_OF("close", "tx=RESET rx=RESET err=104");
	ASSERT_EQ(0, set_linger(fd, 1, 0));
	ASSERT_EQ(0, close(fd));
	ASSERT_TOLD("reset: assoc=%ld stream=%u tx=RESET rx=RESET",
		    self->assoc, sid);
	EXPECT_EQ(2, trace_count("reset"));
	EXPECT_NOT_TOLD("timeout");
}

/* A FIN that nobody acknowledges, of one that goes on to read. */
TEST_F(trace, timeout_of_a_fin)
{
	ASSERT_EQ(0, sub_fin_timeout(self->fd, 1));
	ASSERT_ERRNO(ETIMEDOUT, shutdown(self->fd, SHUT_WR));
	ASSERT_TOLD_OF("timeout", "tx=TIMED_OUT rx=OPEN err=110");
	EXPECT_NOT_TOLD("reset");
	EXPECT_NOT_TOLD("close");
	EXPECT_EQ(1, netns_counter("FinTimeouts"));
}

/* Closed, and the peer acknowledges the FIN and sends none. */
TEST_F(trace, timeout_of_the_peers_fin)
{
	ASSERT_EQ(0, set_nonblock(self->fd, true));
	ASSERT_ERRNO(EINPROGRESS, shutdown(self->fd, SHUT_WR));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_LE(0, poll_until(self->fd, POLLOUT));
	ASSERT_EQ(0, sub_fin_timeout(self->fd, 1));
	ASSERT_EQ(0, close(self->fd));
	self->duo.fd = -1;
	ASSERT_TOLD_OF("timeout", "tx=FIN_ACKED rx=RESET err=0");
	ASSERT_TOLD_OF("close", "tx=FIN_ACKED rx=RESET err=0");
	EXPECT_EQ(1, trace_count("timeout"));
	EXPECT_NOT_TOLD("reset");
	EXPECT_EQ(1, netns_counter("GivenUp"));
}

/* A pause for each that is counted, and an end of each: it is the association
 * that has no room.
 */
TEST_F(trace, pause_and_resume_go_together)
{
	static unsigned char frame[4000] = { 0x9e, 0x1f, 0x12, 0x9b, 0x1f };
	const bool dialed = variant->side == DUO_KERNEL_CONNECTS;
	long long end = now_ms() + deadline_ms();
	static char buf[65536];

	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/assoc_rmem", 65536));
	while (!netns_counter("Pauses") && now_ms() < end)
		if (peer_try_send(self->peer, self->sid, frame, sizeof(frame)))
			usleep(1000);
	ASSERT_TOLD_ASSOC("pause", "substreams=1");
	EXPECT_NOT_TOLD("resume");
	/* Until nothing has come for a while, which all the pauses are behind. */
	while (poll_for(self->fd, POLLIN, SUB_QUIET_MS * slow_factor()) > 0)
		ASSERT_LT(0, recv(self->fd, buf, sizeof(buf), 0));
	ASSERT_UNTIL(trace_count("resume: assoc=%ld initiator=%d substreams=1",
				 self->assoc, dialed) ==
		     netns_counter("Pauses"));
	EXPECT_EQ(netns_counter("Pauses"), trace_count("pause"));
	EXPECT_LT(trace_place("pause"), trace_place("resume"));
}

/* Nothing of it, though the numbers are the same there. */
TEST_F(trace, another_namespace_has_another_cookie)
{
	int pair[2];

	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, sub_pair(variant->family, pair));
	ASSERT_EQ(3, write(pair[0], "abc", 3));
	ASSERT_UNTIL(sub_received(pair[1]) == 3);
	EXPECT_NOT_TOLD("frame_out");
	EXPECT_NOT_TOLD("frame_in");
	EXPECT_EQ(1, trace_count("assoc_up"));
	close(pair[0]);
	close(pair[1]);
}

/* One that was refused has not been accepted: here the channel is negotiated,
 * so that it is there when the backlog is looked at.
 */
TEST(trace_of_what_is_over_the_backlog)
{
	struct peer peer[2];
	struct addr addr;
	int i, fd;

	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, trace_start());
	addr_loopback(&addr, AF_INET, 0);
	fd = sub_bound(&addr);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, sub_set(fd, WRTCSUB_STREAM_ID, 6));
	ASSERT_EQ(0, listen(fd, 0));
	ASSERT_EQ(0, addr_local(fd, &addr));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, peer_connect(&peer[i], &addr, 0));
		/* One after the other: the refusal of an odd channel. */
		ASSERT_EQ(0, peer_sync(&peer[i], 3));
	}
	ASSERT_EQ(0, peer_expect(&peer[1], 6, WIRE_RESET_STREAM));
	ASSERT_EQ(0, peer_expect_reset(&peer[1], 6));
	EXPECT_EQ(1, netns_counter("OpenRefusedBacklog"));
	EXPECT_EQ(2, trace_count("assoc_up"));
	EXPECT_EQ(1, trace_count("accept"));
	EXPECT_EQ(1, trace_count("reset"));
	EXPECT_EQ(0, trace_count("close"));
	for (i = 0; i < 2; i++)
		peer_close(&peer[i]);
	close(fd);
	trace_stop();
}

TEST_HARNESS_MAIN
