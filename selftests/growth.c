// SPDX-License-Identifier: GPL-2.0
/* Associations whose identifiers run out: more streams (RFC 6525), or not; and
 * associations that the peer begins anew (RFC 9260, section 5.2.4).
 */

#include <poll.h>

#include "lib/harness.h"
#include "lib/net.h"

/* It wants the headers of sockets before it. */
#include <linux/sctp.h>

#define ABC	"05 12 03 61 62 63"

/* "Associations ask for max_streams streams each way (and grow by RFC 6525
 * when they run out)".
 */
FIXTURE(growth)
{
	struct addr addr;
	int listener;
	int fd[2];			/* the first substream's ends */
};

FIXTURE_SETUP(growth)
{
	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/max_streams", 16));
	self->listener = sub_listen(AF_INET, &self->addr);
	ASSERT_LE(0, self->listener);
	ASSERT_EQ(0, listen(self->listener, 1000));
	self->fd[0] = sub_connect(&self->addr);
	ASSERT_LE(0, self->fd[0]);
	self->fd[1] = sub_accept(self->listener);
	ASSERT_LE(0, self->fd[1]);
}

FIXTURE_TEARDOWN(growth)
{
	close(self->fd[0]);
	close(self->fd[1]);
	close(self->listener);
}

/* Begin a connect, on the association of another socket if that is not -1. */
static int begin(const struct addr *addr, int other)
{
	int fd = sub_socket(SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0 || (other >= 0 && sub_set(fd, WRTCSUB_ATTACH, other)))
		return -1;
	if (connect(fd, &addr->sa, addr->len) && errno != EINPROGRESS)
		return -1;
	return fd;
}

static int finish(int fd)
{
	if (poll_until(fd, POLLOUT) < 0 || set_nonblock(fd, false))
		return -1;
	errno = get_int(fd, SOL_SOCKET, SO_ERROR);
	return errno ? -1 : 0;
}

/* Its byte is the place of the one that sent it. */
static int tell(int fd, __u32 what)
{
	return send(fd, &what, sizeof(what), MSG_NOSIGNAL) == sizeof(what) ?
	       0 : -1;
}

static int hear(int fd)
{
	__u32 what;

	return recv(fd, &what, sizeof(what), MSG_WAITALL) == sizeof(what) ?
	       (int)what : -1;
}

static int many(struct addr *addr, int listener, int count)
{
	int *fd = calloc(2 * count, sizeof(*fd)), i;
	bool *seen = calloc(count, sizeof(*seen));

	for (i = 0; i < count; i++) {
		fd[i] = begin(addr, -1);
		if (fd[i] < 0)
			return -1;
	}
	for (i = 0; i < count; i++)
		if (finish(fd[i]) || tell(fd[i], i))
			return -1;
	for (i = 0; i < count; i++) {
		int from;

		fd[count + i] = sub_accept(listener);
		from = hear(fd[count + i]);
		if (from < 0 || from >= count || seen[from] ||
		    tell(fd[count + i], from))
			return -1;
		seen[from] = true;
	}
	for (i = 0; i < count; i++)
		if (hear(fd[i]) != i)
			return -1;
	for (i = 0; i < 2 * count; i++)
		close(fd[i]);
	free(seen);
	free(fd);
	return 0;
}

TEST_F(growth, from_16_streams_to_40_substreams)
{
	struct wrtcsub_info info;

	ASSERT_EQ(0, many(&self->addr, self->listener, 40));
	ASSERT_EQ(0, sub_info(self->fd[0], &info));
	EXPECT_EQ(128, (int)info.wi_assoc_out_streams);
	EXPECT_EQ(128, (int)info.wi_assoc_in_streams);
	EXPECT_EQ(1, netns_counter("AssocsDialed"));
	EXPECT_EQ(3, netns_counter("Grown"));
	/* They come back, and serve again. */
	ASSERT_UNTIL(!sub_info(self->fd[0], &info) &&
		     info.wi_assoc_substreams == 1 &&
		     !info.wi_assoc_channels_closing);
	ASSERT_EQ(0, many(&self->addr, self->listener, 60));
	EXPECT_EQ(3, netns_counter("Grown"));
}

TEST_F(growth, from_16_streams_to_400_substreams)
{
	struct wrtcsub_info info;

	ASSERT_EQ(0, many(&self->addr, self->listener, 400));
	ASSERT_EQ(0, sub_info(self->fd[0], &info));
	EXPECT_EQ(1024, (int)info.wi_assoc_out_streams);
	EXPECT_EQ(1, netns_counter("AssocsDialed"));
}

/* What one end has of outgoing streams the other one has of incoming ones. */
static bool both_ends_agree(const int fd[2])
{
	struct wrtcsub_info info[2];

	return !sub_info(fd[0], &info[0]) && !sub_info(fd[1], &info[1]) &&
	       info[0].wi_assoc_out_streams == info[1].wi_assoc_in_streams &&
	       info[1].wi_assoc_out_streams == info[0].wi_assoc_in_streams;
}

/* Requests of both ends cross: over a link that is slow. */
TEST_F(growth, of_both_ends_at_once)
{
	enum { COUNT = 60 };
	int fd[2][COUNT], accepting, i, k;
	struct addr peer[2];

	ASSERT_EQ(0, run("tc qdisc add dev lo root netem delay 10ms"));
	for (k = 0; k < 2; k++)
		ASSERT_EQ(0, addr_remote(self->fd[k], &peer[k]));
	/* Of what the acceptor opens, the dialler is the listener. */
	accepting = sub_socket(0);
	ASSERT_LE(0, accepting);
	ASSERT_EQ(0, sub_set(accepting, WRTCSUB_ATTACH, self->fd[0]));
	ASSERT_EQ(0, listen(accepting, 1000));
	for (i = 0; i < COUNT; i++) {
		for (k = 0; k < 2; k++) {
			fd[k][i] = begin(&peer[k], self->fd[k]);
			ASSERT_LE(0, fd[k][i]);
		}
	}
	for (i = 0; i < COUNT; i++) {
		for (k = 0; k < 2; k++) {
			ASSERT_EQ(0, finish(fd[k][i])) {
				TH_LOG("%d, %d: %m", k, i);
			}
			ASSERT_EQ(0, tell(fd[k][i], i));
		}
	}
	for (i = 0; i < COUNT; i++) {
		k = sub_accept(self->listener);
		ASSERT_LE(0, hear(k));
		close(k);
		k = sub_accept(accepting);
		ASSERT_LE(0, hear(k));
		close(k);
	}
	TH_LOG("%ld times grown, %ld requests crossed",
	       netns_counter("Grown"), netns_counter("ResetsFailed"));
	EXPECT_GT(20, netns_counter("ResetsFailed"));
	/* A last request may be under way. */
	ASSERT_UNTIL(both_ends_agree(self->fd));
	for (i = 0; i < COUNT; i++) {
		close(fd[0][i]);
		close(fd[1][i]);
	}
	close(accepting);
}

/* Who wants an identifier that is free waits behind one that waits for any, and
 * no longer.
 */
TEST_F(growth, is_waited_for_by_nobody_behind_who_has_gone)
{
	int fd[7], any, seven, i;

	for (i = 0; i < 7; i++) {
		fd[i] = sub_connect(&self->addr);
		ASSERT_LE(0, fd[i]);
	}
	ASSERT_EQ(0, lose_requests());
	any = begin(&self->addr, -1);
	ASSERT_LE(0, any);
	/* The work has nothing to do any more until the request times out. */
	ASSERT_UNTIL(lost_any());
	seven = sub_socket(SOCK_CLOEXEC | SOCK_NONBLOCK);
	ASSERT_LE(0, seven);
	ASSERT_EQ(0, sub_set(seven, WRTCSUB_STREAM_ID, 7));
	ASSERT_ERRNO(EINPROGRESS,
		     connect(seven, &self->addr.sa, self->addr.len));
	EXPECT_EQ(0, poll_for(seven, POLLOUT, SUB_QUIET_MS));
	ASSERT_EQ(0, close(any));
	ASSERT_EQ(POLLOUT, poll_until(seven, POLLOUT));
	ASSERT_EQ(0, finish(seven));
	EXPECT_EQ(7, sub_get(seven, WRTCSUB_STREAM_ID));
	EXPECT_EQ(0, netns_counter("Grown"));
	close(seven);
	for (i = 0; i < 7; i++)
		close(fd[i]);
}

/* SCTP has one request under way, and this one is of reset.c. */
TEST_F(growth, waits_for_the_request_before)
{
	int fd[9], pair, i;
	struct addr local;

	ASSERT_EQ(0, repeat_soon());
	for (i = 0; i < 7; i++) {
		fd[i] = sub_connect(&self->addr);
		ASSERT_LE(0, fd[i]);
	}
	ASSERT_EQ(0, addr_local(fd[0], &local));
	ASSERT_EQ(0, lose_answers(addr_port(&local)));
	pair = sub_accept(self->listener);
	ASSERT_LE(0, pair);
	ASSERT_EQ(0, set_linger(fd[0], 1, 0));
	ASSERT_EQ(0, close(fd[0]));
	ASSERT_UNTIL(recv(pair, &i, 1, MSG_DONTWAIT) < 0 &&
		     errno == ECONNRESET);
	close(pair);
	ASSERT_UNTIL(lost_any());
	/* One gets the channel that is being closed, the other a new one. */
	for (i = 7; i < 9; i++) {
		fd[i] = begin(&self->addr, -1);
		ASSERT_LE(0, fd[i]);
	}
	/* Until one has waited long enough to ask. */
	for (i = 7; i < 9; i++)
		EXPECT_EQ(0, poll_for(fd[i], POLLOUT, 1500));
	EXPECT_EQ(0, netns_counter("Grown"));
	ASSERT_EQ(0, lose_nothing());
	for (i = 7; i < 9; i++)
		ASSERT_EQ(0, finish(fd[i]));
	ASSERT_EQ(1, netns_counter("Grown"));
	for (i = 1; i < 9; i++)
		close(fd[i]);
}

/* A peer that resets streams, and wants no more of them. */
FIXTURE(denied)
{
	struct addr addr;
	struct peer peer;
	int fd[8];
	__u16 sid[8];
};

FIXTURE_SETUP(denied)
{
	struct sctp_assoc_value resets = {
		.assoc_value = SCTP_ENABLE_RESET_STREAM_REQ,
	};
	int listener, i;

	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/max_streams", 16));
	listener = peer_listen(AF_INET, &self->addr, 0);
	ASSERT_LE(0, listener);
	ASSERT_EQ(0, setsockopt(listener, IPPROTO_SCTP,
				SCTP_ENABLE_STREAM_RESET, &resets,
				sizeof(resets)));
	for (i = 0; i < 8; i++) {
		self->fd[i] = sub_connect(&self->addr);
		ASSERT_LE(0, self->fd[i]);
		if (!i)
			ASSERT_EQ(0, peer_accept(&self->peer, listener));
		ASSERT_EQ(0, peer_answer_open(&self->peer, &self->sid[i]));
	}
	close(listener);
}

FIXTURE_TEARDOWN(denied)
{
	peer_close(&self->peer);
}

static int close_channel(struct peer *peer, int fd, __u16 sid)
{
	if (set_linger(fd, 1, 0) || close(fd))
		return -1;
	return peer_expect(peer, sid, WIRE_RESET_STREAM) ?:
	       peer_expect_reset(peer, sid);
}

/* "when none is left connect fails with EADDRNOTAVAIL" */
TEST_F(denied, is_eaddrnotavail)
{
	int fd = sub_socket(0), i;

	ASSERT_ERRNO(EADDRNOTAVAIL,
		     connect(fd, &self->addr.sa, self->addr.len));
	EXPECT_EQ(1, netns_counter("NoStreamIds"));
	/* A socket that failed can try again, and one that comes finds what
	 * has become free.
	 */
	for (i = 0; i < 2; i++) {
		__u16 sid;

		ASSERT_EQ(0, close_channel(&self->peer, self->fd[i],
					   self->sid[i]));
		ASSERT_EQ(0, peer_reset(&self->peer, self->sid[i]));
		ASSERT_UNTIL(netns_counter("ResetsDone") == i + 1);
		if (i) {
			fd = sub_socket(0);
			ASSERT_LE(0, fd);
		}
		ASSERT_EQ(0, connect(fd, &self->addr.sa, self->addr.len));
		ASSERT_EQ(0, peer_answer_open(&self->peer, &sid));
		EXPECT_EQ(self->sid[i], sid);
	}
}

/* One that is being closed is waited for, but not for ever. */
TEST_F(denied, is_not_for_a_peer_that_never_closes_a_channel)
{
	long long start;
	int fd, i;

	/* Then the association knows that it is denied. */
	for (i = 0; i < 2; i++) {
		fd = sub_socket(0);
		ASSERT_LE(0, fd);
		start = now_ms();
		ASSERT_ERRNO(EADDRNOTAVAIL,
			     connect(fd, &self->addr.sa, self->addr.len));
		close(fd);
		if (i)
			break;
		ASSERT_EQ(0, close_channel(&self->peer, self->fd[5],
					   self->sid[5]));
		ASSERT_UNTIL(netns_counter("ResetsDone") == 1);
	}
	ASSERT_LE(900, now_ms() - start);
	/* It is there as soon as the peer has closed it, too. */
	ASSERT_EQ(0, peer_reset(&self->peer, self->sid[5]));
	self->fd[5] = sub_connect(&self->addr);
	ASSERT_LE(0, self->fd[5]);
	ASSERT_EQ(0, peer_answer_open(&self->peer, &self->sid[5]));
}

/* A connect waits a moment for one that is being closed: a second, in which a
 * machine that stalls may not get to closing it.  Then it tries again.
 */
TEST_F(denied, waits_for_a_channel_that_is_being_closed)
{
	struct call connects;
	int fd, blocked, i;
	long long start;
	__u16 sid;

	for (i = 1;; i++) {
		fd = sub_socket(0);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, close_channel(&self->peer, self->fd[3],
					   self->sid[3]));
		start = now_ms();
		ASSERT_EQ(0, call_start(&connects, call_connect, fd, 0,
					&self->addr, 0));
		blocked = call_wait_blocked(&connects, __NR_connect);
		ASSERT_EQ(0, peer_reset(&self->peer, self->sid[3]));
		ASSERT_EQ(0, call_finish(&connects));
		if (!connects.ret || i == 10)
			break;
		ASSERT_EQ(EADDRNOTAVAIL, connects.err);
		/* It has not been refused at once. */
		ASSERT_LE(900, now_ms() - start);
		close(fd);
		ASSERT_UNTIL(netns_counter("ResetsDone") == i);
		self->fd[3] = sub_connect(&self->addr);
		ASSERT_LE(0, self->fd[3]);
		ASSERT_EQ(0, peer_answer_open(&self->peer, &self->sid[3]));
	}
	ASSERT_EQ(0, connects.ret);
	ASSERT_EQ(0, blocked);
	ASSERT_EQ(0, peer_answer_open(&self->peer, &sid));
	EXPECT_EQ(self->sid[3], sid);
}

/* An association that the peer begins anew: it has lost the old one without a
 * word, and comes from the same address and port.
 */
FIXTURE(restart)
{
	struct duo duo;
	struct addr kernel;
	struct addr peer;
};

FIXTURE_VARIANT(restart)
{
	enum duo_side side;
};

FIXTURE_VARIANT_ADD(restart, of_what_was_accepted)
{
	.side = DUO_KERNEL_ACCEPTS,
};

FIXTURE_VARIANT_ADD(restart, of_what_was_connected)
{
	.side = DUO_KERNEL_CONNECTS,
};

FIXTURE_SETUP(restart)
{
	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, duo_open(&self->duo, AF_INET, variant->side, 0));
	ASSERT_EQ(0, addr_local(self->duo.fd, &self->kernel));
	ASSERT_EQ(0, addr_remote(self->duo.fd, &self->peer));
}

FIXTURE_TEARDOWN(restart)
{
	close(self->duo.fd);
	peer_close(&self->duo.peer);
	close(self->duo.listener);
}

/* The peer goes and comes back.  What it says at its end is lost, and what its
 * host says to anything that comes meanwhile.
 */
static int begin_anew(struct peer *peer, const struct addr *local,
		      const struct addr *kernel)
{
	return lose_aborts(addr_port(kernel)) ?: peer_abort(peer) ?:
	       peer_restart(peer, local, kernel) ?: lose_nothing();
}

/* From the first identifier on, to the end. */
static int new_one_works(struct duo *duo)
{
	static const char abc[] = "05 12 03 61 62 63";
	char buf[4];
	__u16 sid;
	int fd;

	fd = duo_more(duo, &sid);
	if (fd < 0 || write(fd, "abc", 3) != 3 ||
	    peer_expect(&duo->peer, sid, abc) ||
	    peer_send(&duo->peer, sid, abc) ||
	    recv(fd, buf, 3, MSG_WAITALL) != 3)
		return -1;
	return close_channel(&duo->peer, fd, sid) ?:
	       peer_reset(&duo->peer, sid);
}

#define ASSERT_NEW_ONES_WORK() do {					\
	close(self->duo.fd);						\
	close(self->duo.listener);					\
	peer_close(&self->duo.peer);					\
	ASSERT_EQ(0, duo_open(&self->duo, AF_INET, variant->side, 0));	\
	if (variant->side == DUO_KERNEL_ACCEPTS) {			\
		peer_close(&self->duo.peer);				\
		self->duo.next_sid = 0;					\
		ASSERT_EQ(0, peer_connect_from(&self->duo.peer,		\
					       &self->peer,		\
					       &self->duo.addr));	\
	}								\
	ASSERT_EQ(0, new_one_works(&self->duo));			\
} while (0)

TEST_F(restart, is_the_end_of_all_substreams)
{
	enum { COUNT = 10 };
	struct call reader;
	int fd[COUNT], i;
	char buf[8];
	__u16 sid;

	for (i = 0; i < COUNT; i++) {
		fd[i] = duo_more(&self->duo, &sid);
		ASSERT_LE(0, fd[i]);
	}
	/* One has bytes to read, one an end, one a reader that waits. */
	ASSERT_EQ(0, peer_send(&self->duo.peer, sid, ABC));
	ASSERT_LE(0, poll_until(fd[COUNT - 1], POLLIN));
	ASSERT_EQ(0, peer_send(&self->duo.peer, self->duo.sid, WIRE_FIN));
	ASSERT_EQ(0, peer_expect(&self->duo.peer, self->duo.sid,
				 WIRE_FIN_ACK));
	ASSERT_EQ(0, call_start(&reader, call_recv, fd[0], 0, buf, 1));
	ASSERT_EQ(0, call_wait_blocked(&reader, __NR_recvfrom));

	ASSERT_EQ(0, begin_anew(&self->duo.peer, &self->peer, &self->kernel));
	ASSERT_CALL(-1, ECONNRESET, &reader);
	EXPECT_EQ(1, netns_counter("AssocsRestarted"));
	for (i = 1; i < COUNT - 1; i++) {
		ASSERT_ERRNO(ECONNRESET, recv(fd[i], buf, 1, 0));
		ASSERT_ERRNO(ECONNRESET, send(fd[i], "x", 1, MSG_NOSIGNAL));
	}
	ASSERT_EQ(3, recv(fd[COUNT - 1], buf, 8, 0));
	ASSERT_ERRNO(ECONNRESET, recv(fd[COUNT - 1], buf, 1, 0));
	ASSERT_EQ(0, recv(self->duo.fd, buf, 1, 0));
	ASSERT_ERRNO(ECONNRESET, send(self->duo.fd, "x", 1, MSG_NOSIGNAL));

	for (i = 0; i < COUNT; i++)
		close(fd[i]);

	/* SCTP does not begin anew all that it should, so neither has the
	 * peer that association; but it can make another one.
	 */
	ASSERT_EQ(0, peer_expect_kind(&self->duo.peer, PEER_LOST));
	ASSERT_NEW_ONES_WORK();
}

/* In the middle of a close: a request of ours is under way. */
TEST_F(restart, with_a_request_under_way)
{
	__u16 sid;
	int fd;

	fd = duo_more(&self->duo, &sid);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, lose_requests());
	ASSERT_EQ(0, set_linger(fd, 1, 0));
	ASSERT_EQ(0, close(fd));
	ASSERT_EQ(0, peer_expect(&self->duo.peer, sid, WIRE_RESET_STREAM));
	ASSERT_UNTIL(lost_any());
	ASSERT_EQ(0, begin_anew(&self->duo.peer, &self->peer, &self->kernel));
	ASSERT_EQ(0, peer_expect_kind(&self->duo.peer, PEER_LOST));
	EXPECT_EQ(1, netns_counter("AssocsRestarted"));
	ASSERT_NEW_ONES_WORK();
}

#define MTU	1500

static bool is_paused(const struct duo *duo)
{
	struct wrtcsub_info info;

	return !sub_info(duo->fd, &info) &&
	       info.wi_flags & WRTCSUB_INFO_F_PAUSED;
}

/* Nor is there room for another packet to the kernel. */
static bool is_stuffed(const struct duo *duo)
{
	struct sctp_status status = {};
	socklen_t len = sizeof(status);

	return is_paused(duo) && !getsockopt(duo->peer.fd, IPPROTO_SCTP,
					     SCTP_STATUS, &status, &len) &&
	       status.sstat_rwnd < MTU;
}

/* Frames to the kernel, until nothing reads them. */
static int stuff(struct duo *duo, size_t size,
		 bool (*done)(const struct duo *duo))
{
	unsigned char *frame = calloc(1, PEER_HEAD_MAX + size);
	long long end = now_ms() + deadline_ms();
	size_t len;

	if (!frame)
		return -1;
	len = peer_frame_head(frame, size) + size;
	while (now_ms() < end && !done(duo))
		if (peer_try_send(&duo->peer, duo->sid, frame, len))
			poll_for(duo->peer.fd, POLLOUT, 10);
	free(frame);
	return now_ms() < end ? 0 : -1;
}

/* A sibling of what nobody reads hears of it. */
TEST_F(restart, while_nothing_is_read)
{
	struct call reader;
	char buf[8];
	__u16 sid;
	int fd;

	fd = duo_more(&self->duo, &sid);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, call_start(&reader, call_recv, fd, 0, buf, 1));
	ASSERT_EQ(0, call_wait_blocked(&reader, __NR_recvfrom));
	ASSERT_EQ(0, stuff(&self->duo, 4000, is_paused));
	ASSERT_EQ(0, begin_anew(&self->duo.peer, &self->peer, &self->kernel));
	ASSERT_CALL(-1, ECONNRESET, &reader);
	EXPECT_EQ(1, netns_counter("AssocsRestarted"));
	close(fd);
	ASSERT_NEW_ONES_WORK();
}

/* SCTP does not say it: it has given out the first pieces of a message whose
 * rest will not come.
 */
TEST_F(restart, in_the_middle_of_a_message)
{
	static char buf[65536];
	struct call reader;

	duo_close(&self->duo);
	ASSERT_EQ(0, link_set_mtu("lo", MTU));
	ASSERT_EQ(0, duo_open(&self->duo, AF_INET, variant->side, 0));
	ASSERT_EQ(0, addr_local(self->duo.fd, &self->kernel));
	ASSERT_EQ(0, addr_remote(self->duo.fd, &self->peer));
	ASSERT_EQ(0, stuff(&self->duo, 60000, is_stuffed));
	ASSERT_EQ(0, lose_aborts(addr_port(&self->kernel)));
	ASSERT_EQ(0, peer_abort(&self->duo.peer));
	/* A peer takes no window that is shut, so all that is there is read. */
	ASSERT_UNTIL(recv(self->duo.fd, buf, sizeof(buf), MSG_DONTWAIT) < 0 &&
		     errno == EAGAIN && !is_paused(&self->duo));
	ASSERT_EQ(0, call_start(&reader, call_recv, self->duo.fd, 0, buf, 1));
	ASSERT_EQ(0, call_wait_blocked(&reader, __NR_recvfrom));
	ASSERT_EQ(0, peer_restart(&self->duo.peer, &self->peer,
				  &self->kernel));
	ASSERT_EQ(0, lose_nothing());
	ASSERT_CALL(-1, ECONNRESET, &reader);
	EXPECT_EQ(1, netns_counter("AssocsRestarted"));
	ASSERT_NEW_ONES_WORK();
}

TEST_HARNESS_MAIN
