// SPDX-License-Identifier: GPL-2.0
/* "A request that no peer answers within 30 s ends the association
 * (ETIMEDOUT)."  By its nature this takes long.
 */

#include <poll.h>

#include "lib/harness.h"
#include "lib/net.h"
#include "lib/trace.h"

#define ANSWER_MS	30000
#define STUCK_MS	60000

FIXTURE(unanswered)
{
	struct duo duo;
	int fd;
	__u16 sid;
};

FIXTURE_VARIANT(unanswered)
{
	enum duo_side side;
};

FIXTURE_VARIANT_ADD(unanswered, connected)
{
	.side = DUO_KERNEL_CONNECTS,
};

FIXTURE_VARIANT_ADD(unanswered, accepted)
{
	.side = DUO_KERNEL_ACCEPTS,
};

FIXTURE_SETUP(unanswered)
{
	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, duo_open(&self->duo, AF_INET, variant->side, 0));
	self->fd = duo_more(&self->duo, &self->sid);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(unanswered)
{
	duo_close(&self->duo);
}

/* Another substream has nothing to do with it, and is told all the same. */
#define ASSERT_ENDS_AFTER(_start) do {					\
	long long __took;						\
	char __c;							\
									\
	ASSERT_EQ(0, set_timeout(self->duo.fd, SO_RCVTIMEO,		\
				 3 * ANSWER_MS));			\
	ASSERT_ERRNO(ETIMEDOUT, recv(self->duo.fd, &__c, 1, 0));	\
	__took = now_ms() - (_start);					\
	TH_LOG("after %lld ms", __took);				\
	EXPECT_LE(ANSWER_MS - 1000, __took);				\
	EXPECT_GE(ANSWER_MS + deadline_ms(), __took);			\
	EXPECT_EQ(1, netns_counter("AssocsLost"));			\
	EXPECT_EQ(1, netns_counter("ResetTimeouts"));			\
	ASSERT_EQ(0, peer_expect_kind(&self->duo.peer, PEER_LOST));	\
} while (0)

TEST_F_TIMEOUT(unanswered, request_ends_the_association, 150)
{
	struct addr local;
	long long start;

	ASSERT_EQ(0, addr_local(self->duo.fd, &local));
	ASSERT_EQ(0, lose_answers(addr_port(&local)));
	ASSERT_EQ(0, set_linger(self->fd, 1, 0));
	start = now_ms();
	ASSERT_EQ(0, close(self->fd));
	ASSERT_EQ(0, peer_expect(&self->duo.peer, self->sid,
				 WIRE_RESET_STREAM));
	ASSERT_ENDS_AFTER(start);
}

/* SCTP does what the peer asks for by a request of its own, and has none of
 * another stream besides.
 */
TEST_F_TIMEOUT(unanswered, request_of_sctp_ends_the_association, 150)
{
	static const __u16 other = 500;
	struct addr local;
	long long start;

	ASSERT_EQ(0, addr_local(self->duo.fd, &local));
	ASSERT_EQ(0, lose_answers(addr_port(&local)));
	ASSERT_EQ(0, peer_ask_reset(&self->duo.peer, other));
	ASSERT_EQ(0, peer_expect_reset(&self->duo.peer, other));
	ASSERT_EQ(0, set_linger(self->fd, 1, 0));
	start = now_ms();
	ASSERT_EQ(0, close(self->fd));
	ASSERT_EQ(0, peer_expect(&self->duo.peer, self->sid,
				 WIRE_RESET_STREAM));
	ASSERT_ENDS_AFTER(start);
}

/* It is in what is not read while a reader is slow. */
TEST_F_TIMEOUT(unanswered, answer_that_waits_for_a_reader_is_not_missed, 150)
{
	static unsigned char frame[4000] = { 0x9e, 0x1f, 0x12, 0x9b, 0x1f };
	long long end = now_ms() + ANSWER_MS + 5000;

	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/assoc_rmem", 300000));
	while (!netns_counter("Pauses"))
		peer_try_send(&self->duo.peer, self->duo.sid, frame,
			      sizeof(frame));
	ASSERT_EQ(0, set_linger(self->fd, 1, 0));
	ASSERT_EQ(0, close(self->fd));
	ASSERT_EQ(0, peer_expect(&self->duo.peer, self->sid,
				 WIRE_RESET_STREAM));
	ASSERT_EQ(0, peer_expect_reset(&self->duo.peer, self->sid));
	while (now_ms() < end)
		peer_pump(&self->duo.peer, 100);
	EXPECT_EQ(0, netns_counter("ResetsDone"));
	EXPECT_EQ(0, netns_counter("AssocsLost"));
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/assoc_rmem", 4194304));
	ASSERT_UNTIL(netns_counter("ResetsDone") == 1);
}

/* A peer that reads nothing has not got what was sent before the request.  Its
 * window is open for the last flags of the one that is closed, and not when
 * that is given up.
 */
TEST_F_TIMEOUT(unanswered, request_waits_for_the_peers_reader, 150)
{
	long long end;

	ASSERT_EQ(0, sub_fin_timeout(self->fd, 300));
	ASSERT_ERRNO(ETIMEDOUT, shutdown(self->fd, SHUT_WR));
	ASSERT_EQ(0, sub_fin_timeout(self->fd, 5000));
	ASSERT_EQ(0, close(self->fd));
	ASSERT_LT(0, sub_fill(self->duo.fd, 1));
	end = now_ms() + 5000 + ANSWER_MS + 5000;
	while (now_ms() < end) {
		ASSERT_EQ(0, netns_counter("AssocsLost"));
		usleep(100000);
	}
	EXPECT_EQ(0, netns_counter("ResetsDone"));
}

/* Who is silent for longer than one can wait, in other ways. */
FIXTURE(silent)
{
	struct duo duo;
	int fd;
	__u16 sid;
	long long start;
};

FIXTURE_SETUP(silent)
{
	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/max_streams", 16));
	ASSERT_EQ(0, trace_start());
	ASSERT_EQ(0, duo_open(&self->duo, AF_INET, DUO_KERNEL_CONNECTS,
			      65536));
	self->fd = sub_socket(0);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(silent)
{
	duo_close(&self->duo);
	trace_stop();
}

#define ASSERT_TOOK(_ms) do {						\
	const long long __took = now_ms() - self->start;		\
	const long long __ms = (_ms);					\
									\
	TH_LOG("after %lld ms", __took);				\
	EXPECT_LE(__ms - 1000, __took);					\
	EXPECT_GE(__ms + deadline_ms(), __took);			\
} while (0)

/* "timeout" as well as "reset", once each, and in this order. */
#define TRACED	": assoc=%ld stream=%u tx=RESET rx=RESET err=110"
#define EXPECT_TRACED() do {						\
	const long __assoc = sub_assoc_id(self->duo.fd);		\
									\
	EXPECT_EQ(1, trace_count("timeout"));				\
	EXPECT_EQ(1, trace_count("timeout" TRACED, __assoc, self->sid)); \
	EXPECT_EQ(1, trace_count("reset" TRACED, __assoc, self->sid));	\
	EXPECT_LT(trace_place("timeout"), trace_place("reset"));	\
} while (0)

/* "waits until the peer has answered, for 30 seconds at most" */
TEST_F_TIMEOUT(silent, open_that_waits_is_etimedout, 150)
{
	ASSERT_EQ(0, sub_set(self->fd, WRTCSUB_OPEN_WAIT, 1));
	self->start = now_ms();
	ASSERT_ERRNO(ETIMEDOUT, connect(self->fd, &self->duo.addr.sa,
					self->duo.addr.len));
	ASSERT_TOOK(ANSWER_MS);
	ASSERT_EQ(0, peer_expect_open(&self->duo.peer, &self->sid));
	ASSERT_EQ(0, peer_expect(&self->duo.peer, self->sid,
				 WIRE_RESET_STREAM));
	EXPECT_TRACED();
	EXPECT_EQ(0, netns_counter("AssocsLost"));
	EXPECT_EQ(1, netns_counter("OpensFailed"));
	ASSERT_EQ(0, duo_sync(&self->duo));
}

/* Half of the identifiers are ours, and the first is taken. */
static int take_identifiers(struct duo *duo)
{
	__u16 sid;
	int i;

	for (i = 1; i < 8; i++)
		if (duo_more(duo, &sid) < 0)
			return -1;
	return 0;
}

/* One that nobody answers, and what it shares an association with. */
#define ASSERT_ENDS_WITH_CONNECT() do {					\
	char c;								\
									\
	self->start = now_ms();						\
	ASSERT_ERRNO(ETIMEDOUT, connect(self->fd, &self->duo.addr.sa,	\
					self->duo.addr.len));		\
	ASSERT_TOOK(ANSWER_MS);						\
	ASSERT_ERRNO(ETIMEDOUT, recv(self->duo.fd, &c, 1, 0));		\
	EXPECT_EQ(1, netns_counter("AssocsLost"));			\
} while (0)

TEST_F_TIMEOUT(silent, request_for_streams_ends_the_association, 150)
{
	ASSERT_EQ(0, take_identifiers(&self->duo));
	ASSERT_EQ(0, lose_requests());
	ASSERT_ENDS_WITH_CONNECT();
}

/* The peer cannot be asked for more before it has answered that one. */
TEST_F_TIMEOUT(silent, request_of_sctp_before_one_for_streams, 150)
{
	static const __u16 other = 15;
	struct addr local;

	ASSERT_EQ(0, take_identifiers(&self->duo));
	ASSERT_EQ(0, addr_local(self->duo.fd, &local));
	ASSERT_EQ(0, lose_answers(addr_port(&local)));
	ASSERT_EQ(0, peer_ask_reset(&self->duo.peer, other));
	ASSERT_EQ(0, peer_expect_reset(&self->duo.peer, other));
	ASSERT_ENDS_WITH_CONNECT();
}

/* "if SCTP has taken none of them for 60 seconds" */
TEST_F_TIMEOUT(silent, close_is_given_up_if_nothing_goes, 300)
{
	struct wrtcsub_info info;
	ssize_t n, len = 0;
	int flag;

	ASSERT_EQ(0, connect(self->fd, &self->duo.addr.sa,
			     self->duo.addr.len));
	ASSERT_EQ(0, peer_answer_open(&self->duo.peer, &self->sid));
	ASSERT_EQ(0, sub_fin_timeout(self->fd, 1000));
	ASSERT_LT(0, sub_overfill(self->fd, 1));
	self->start = now_ms();
	ASSERT_EQ(0, close(self->fd));
	do {
		usleep(100000);
		ASSERT_EQ(0, sub_info(self->duo.fd, &info));
	} while (info.wi_assoc_substreams == 2 &&
		 now_ms() - self->start < 3 * STUCK_MS);
	ASSERT_TOOK(STUCK_MS);
	EXPECT_TRACED();
	EXPECT_EQ(0, netns_counter("AssocsLost"));
	/* What SCTP had is followed by a reset, and is no whole stream.  That
	 * nobody reads any more was said at once.
	 */
	do {
		n = peer_read_to_flag(&self->duo.peer, self->sid, len, 1,
				      &flag);
		ASSERT_LE(0, n);
		len += n;
	} while (flag == 1);
	EXPECT_EQ(2, flag);
}

TEST_HARNESS_MAIN
