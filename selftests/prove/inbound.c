// SPDX-License-Identifier: GPL-2.0
/*
 * Each allocation of the module fails in turn while it deals with what a peer
 * sends: the first, the second, and so on until there is none left.
 *
 * What cannot be had without memory is refused, or ends with an error; the peer
 * is told, and it is counted.  All else is late at most.  There is no end of a
 * stream that is none and no byte that is wrong, and the association goes on:
 * another substream works, and so does a new one.
 */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "../lib/fault.h"
#include "../lib/harness.h"
#include "../lib/left.h"
#include "../lib/net.h"
#include "../lib/sctp.h"

#define ABC		"05 12 03 61 62 63"
#define SEED		7

/* max_streams, and an identifier that it takes more of them for. */
#define STREAMS		16
#define NEW_SID		(STREAMS + 4)

/* So many that a table of half of them has not got their room. */
#define MANY_STREAMS	256

/* The label "label", the protocol "proto2". */
#define OPEN_WITH_TEXT							\
	"03 00 0100 00000000 0005 0006 6c6162656c 70726f746f32"

/* What comes in pieces that are copied, and then in clones of a message. */
#define SMALL		100
#define SMALL_PIECES	60
#define LARGE		3000
#define PAYLOAD		(SMALL * SMALL_PIECES + 2 * LARGE)

/* More than the least assoc_rmem, in messages that are small beside it. */
#define RMEM		65536
#define RCVBUF		2048
#define MESSAGES	12
#define FLOOD		(MESSAGES * 2 * LARGE)

struct scene {
	struct duo duo;			/* nothing happens to this one */
	struct peer *peer;
	__u16 sid;			/* of the one it happens to */
	int fd;
	bool lost;			/* the association is, as it may be */
};

static char buf[65536];
static unsigned char wire[65536];

static int scene_begin(struct scene *scene)
{
	scene->lost = false;
	if (duo_open(&scene->duo, AF_INET, DUO_KERNEL_ACCEPTS, 0))
		return -1;
	scene->peer = &scene->duo.peer;
	scene->fd = duo_more(&scene->duo, &scene->sid);
	return scene->fd < 0 ||
	       set_timeout(scene->fd, SO_RCVTIMEO, deadline_ms()) ||
	       set_timeout(scene->duo.fd, SO_RCVTIMEO, deadline_ms()) ||
	       sub_fin_timeout(scene->fd, deadline_ms()) ? -1 : 0;
}

static void scene_end(struct scene *scene)
{
	close(scene->fd);
	duo_close(&scene->duo);
}

static bool moves(struct scene *scene, int fd, __u16 sid)
{
	return send(fd, "abc", 3, MSG_NOSIGNAL) == 3 &&
	       !peer_expect(scene->peer, sid, ABC) &&
	       !peer_send(scene->peer, sid, ABC) &&
	       recv(fd, buf, 3, MSG_WAITALL) == 3 && !memcmp(buf, "abc", 3);
}

/* The association does: a substream that had nothing to do with it, and a new
 * one.
 */
static bool goes_on(struct scene *scene)
{
	bool works;
	__u16 sid;
	int fd;

	if (!moves(scene, scene->duo.fd, scene->duo.sid))
		return false;
	fd = duo_more(&scene->duo, &sid);
	works = fd >= 0 && !set_timeout(fd, SO_RCVTIMEO, deadline_ms()) &&
		moves(scene, fd, sid);
	close(fd);
	return works;
}

/* A frame of bytes of the pattern. Return: its length. */
static size_t put_frame(unsigned char *p, size_t offset, size_t len)
{
	size_t head = peer_frame_head(p, len);

	pattern_fill(p + head, len, offset, SEED);
	return head + len;
}

/* Two of them in one message. */
static int send_two(struct scene *scene, size_t offset)
{
	size_t len = put_frame(wire, offset, LARGE);

	len += put_frame(wire + len, offset + LARGE, LARGE);
	return peer_send_raw(scene->peer, scene->sid, PPID_BINARY, wire, len);
}

/* One of them in many messages. */
static int send_pieces(struct scene *scene)
{
	size_t len = put_frame(wire, 0, SMALL * SMALL_PIECES), at, piece;

	for (at = 0; at < len; at += piece) {
		piece = len - at < SMALL ? len - at : SMALL;
		if (peer_send_raw(scene->peer, scene->sid, PPID_BINARY,
				  wire + at, piece))
			return -1;
	}
	return 0;
}

/* Read to the end. Return: the error that it is, 0 for none; -1: a wrong byte.
 */
static int read_up(struct scene *scene, size_t *done)
{
	ssize_t len;

	*done = 0;
	while ((len = recv(scene->fd, buf, sizeof(buf), 0)) > 0) {
		if (pattern_check(buf, len, *done, SEED) >= 0)
			return -1;
		*done += len;
	}
	return len < 0 ? errno : 0;
}

/* The peer is told of a channel that there is no memory for. */
static enum outcome refused(struct scene *scene, __u16 sid)
{
	return peer_expect(scene->peer, sid, WIRE_RESET_STREAM) ||
	       peer_expect_reset(scene->peer, sid) ? OUTCOME_SILENT :
						     OUTCOME_ERROR;
}

/* What the end of the reader says, if it should be @want. */
static enum outcome outcome_of(struct scene *scene, int err, int want)
{
	if (err == want)
		return OUTCOME_WHOLE;
	if (err == EAGAIN)
		return OUTCOME_SILENT;
	if (err == ENOBUFS)
		return refused(scene, scene->sid);
	return OUTCOME_FALSE;
}

/* All of it, and then this. */
static enum outcome reads(struct scene *scene, size_t want, int err)
{
	enum outcome outcome;
	size_t done;

	outcome = outcome_of(scene, read_up(scene, &done), err);
	return outcome == OUTCOME_WHOLE && done != want ? OUTCOME_FALSE :
							  outcome;
}

static enum outcome reads_to_fin(struct scene *scene, size_t want)
{
	enum outcome outcome = reads(scene, want, 0);

	if (outcome == OUTCOME_WHOLE &&
	    peer_expect(scene->peer, scene->sid, WIRE_FIN_ACK))
		return OUTCOME_SILENT;
	return outcome;
}

/* What happens.  All of it is done with the faults. */

static enum outcome do_stop_sending(struct scene *scene)
{
	if (peer_send(scene->peer, scene->sid, WIRE_STOP_SENDING) ||
	    peer_expect(scene->peer, scene->sid, WIRE_FIN) ||
	    peer_send(scene->peer, scene->sid, WIRE_FIN_ACK))
		return OUTCOME_SILENT;
	if (shutdown(scene->fd, SHUT_WR) ||
	    send(scene->fd, "x", 1, MSG_NOSIGNAL) >= 0 || errno != EPIPE)
		return OUTCOME_FALSE;
	/* The peer goes on to send. */
	if (recv(scene->fd, buf, 1, MSG_DONTWAIT) >= 0 || errno != EAGAIN ||
	    peer_send_raw(scene->peer, scene->sid, PPID_BINARY, wire,
			  put_frame(wire, 0, LARGE)) ||
	    peer_send(scene->peer, scene->sid, WIRE_FIN))
		return OUTCOME_FALSE;
	return reads_to_fin(scene, LARGE);
}

static enum outcome do_reset_stream(struct scene *scene)
{
	enum outcome outcome;

	if (peer_send_raw(scene->peer, scene->sid, PPID_BINARY, wire,
			  put_frame(wire, 0, LARGE)) ||
	    peer_send(scene->peer, scene->sid, WIRE_RESET_STREAM))
		return OUTCOME_FALSE;
	outcome = reads(scene, LARGE, ECONNRESET);
	if (outcome == OUTCOME_WHOLE &&
	    peer_expect_reset(scene->peer, scene->sid))
		return OUTCOME_SILENT;
	return outcome;
}

/* The stream, without a word before. */
static enum outcome do_stream_reset(struct scene *scene)
{
	enum outcome outcome;

	if (peer_reset(scene->peer, scene->sid))
		return OUTCOME_SILENT;
	outcome = reads(scene, 0, ECONNRESET);
	if (outcome == OUTCOME_WHOLE &&
	    peer_expect_reset(scene->peer, scene->sid))
		return OUTCOME_SILENT;
	return outcome;
}

static bool text_is(int fd, int option, const char *want)
{
	socklen_t len = sizeof(buf);

	return !getsockopt(fd, SOL_WRTCSUB, option, buf, &len) &&
	       len == strlen(want) && !memcmp(buf, want, len);
}

static enum outcome opened(struct scene *scene, __u16 sid)
{
	int fd = sub_accept(scene->duo.listener);
	bool is_it;

	if (fd < 0)
		return OUTCOME_SILENT;
	is_it = text_is(fd, WRTCSUB_LABEL, "label") &&
		text_is(fd, WRTCSUB_PROTOCOL, "proto2");
	close(fd);
	return is_it && !peer_expect_ppid(scene->peer, sid, PPID_DCEP,
					  DCEP_ACK) ? OUTCOME_WHOLE :
						      OUTCOME_FALSE;
}

static enum outcome do_open(struct scene *scene)
{
	__u16 sid = scene->duo.next_sid;
	struct peer_record *answer;

	scene->duo.next_sid += 2;
	if (peer_send_ppid(scene->peer, sid, PPID_DCEP, OPEN_WITH_TEXT))
		return OUTCOME_FALSE;
	answer = peer_next(scene->peer, sid);
	if (!answer)
		return OUTCOME_SILENT;
	if (answer->kind == PEER_DATA && answer->ppid == PPID_DCEP)
		return opened(scene, sid);
	return poll_now(scene->duo.listener, POLLIN) ? OUTCOME_FALSE :
						       refused(scene, sid);
}

static enum outcome do_pieces(struct scene *scene)
{
	if (send_pieces(scene) || send_two(scene, SMALL * SMALL_PIECES) ||
	    peer_send(scene->peer, scene->sid, WIRE_FIN))
		return OUTCOME_FALSE;
	return reads_to_fin(scene, PAYLOAD);
}

/* Without an order: the head of a frame is lost, and comes last. */
static enum outcome do_early(struct scene *scene)
{
	size_t len = put_frame(wire, 0, LARGE), head = len - LARGE;
	long long begin = now_ms(), end = begin + deadline_ms();
	long was = netns_counter("RxEarly");
	struct addr addr;

	scene->peer->unordered = true;
	if (addr_local(scene->fd, &addr) ||
	    lose_message(addr_port(&addr), head) ||
	    peer_send_raw(scene->peer, scene->sid, PPID_BINARY, wire, head) ||
	    peer_send_raw(scene->peer, scene->sid, PPID_BINARY, wire + head,
			  SMALL) ||
	    peer_send_raw(scene->peer, scene->sid, PPID_BINARY,
			  wire + head + SMALL, LARGE - SMALL) ||
	    peer_send(scene->peer, scene->sid, WIRE_FIN))
		return OUTCOME_FALSE;
	while (netns_counter("RxEarly") < was + 3) {
		if (now_ms() > end)
			return OUTCOME_SILENT;
		nap(begin);
	}
	scene->peer->unordered = false;
	if (lose_nothing())
		return OUTCOME_FALSE;
	return reads_to_fin(scene, LARGE);
}

/* More than the association may hold. Return: 0 once something comes of it. */
static int flood(struct scene *scene, const char *counter)
{
	long long begin = now_ms(), end = begin + deadline_ms();
	long was = netns_counter(counter);
	long failed = netns_counter("NoMemory");
	int i, size = RCVBUF;

	if (setsockopt(scene->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)))
		return -1;
	for (i = 0; i < MESSAGES; i++)
		if (send_two(scene, i * 2 * LARGE))
			return -1;
	while (netns_counter(counter) == was &&
	       netns_counter("NoMemory") == failed) {
		if (now_ms() > end)
			return -1;
		nap(begin);
	}
	return 0;
}

static enum outcome do_overflow_pause(struct scene *scene)
{
	if (flood(scene, "Pauses"))
		return OUTCOME_SILENT;
	if (peer_send(scene->peer, scene->sid, WIRE_FIN))
		return OUTCOME_FALSE;
	return reads_to_fin(scene, FLOOD);
}

static enum outcome do_overflow_reset(struct scene *scene)
{
	enum outcome outcome;
	size_t done;

	if (sub_set(scene->fd, WRTCSUB_RCV_OVERFLOW, WRTCSUB_OVERFLOW_RESET) ||
	    flood(scene, "Overflows"))
		return OUTCOME_SILENT;
	outcome = outcome_of(scene, read_up(scene, &done), ECONNRESET);
	/* It is what was to happen, and nothing is left to be read. */
	if (outcome == OUTCOME_WHOLE &&
	    (done || refused(scene, scene->sid) != OUTCOME_ERROR))
		return OUTCOME_SILENT;
	return outcome;
}

struct streams {
	unsigned int in, out;		/* of ours */
	unsigned int peer_in, peer_out;
};

static int get_streams(struct scene *scene, struct streams *streams)
{
	struct sctp_status status = {};
	socklen_t len = sizeof(status);
	struct wrtcsub_info info;

	if (sub_info(scene->duo.fd, &info) ||
	    getsockopt(scene->peer->fd, IPPROTO_SCTP, SCTP_STATUS, &status,
		       &len))
		return -1;
	*streams = (struct streams){
		.in = info.wi_assoc_in_streams,
		.out = info.wi_assoc_out_streams,
		.peer_in = status.sstat_instrms,
		.peer_out = status.sstat_outstrms,
	};
	return 0;
}

/* Both ends have so many, each way. */
static bool will_have_streams(struct scene *scene, unsigned int nr)
{
	const struct streams want = { nr, nr, nr, nr };
	long long begin = now_ms(), end = begin + deadline_ms();
	struct streams has = {};

	while (!get_streams(scene, &has) && now_ms() < end) {
		if (!memcmp(&has, &want, sizeof(has)))
			return true;
		peer_pump(scene->peer, 0);
		nap(begin);
	}
	fprintf(stderr, "# %u streams in, %u out; %u and %u of the peer\n",
		has.in, has.out, has.peer_in, has.peer_out);
	return false;
}

static int begin_connect(struct scene *scene, int fd)
{
	struct addr addr;

	if (sub_set(fd, WRTCSUB_STREAM_ID, NEW_SID) ||
	    set_nonblock(fd, true) || addr_remote(scene->duo.fd, &addr) ||
	    !connect(fd, &addr.sa, addr.len) || errno != EINPROGRESS)
		return -1;
	return set_nonblock(fd, false) ?:
	       set_timeout(fd, SO_RCVTIMEO, deadline_ms());
}

static bool ends_with(int fd, int err)
{
	return recv(fd, buf, 1, 0) < 0 && errno == err;
}

/* Without memory for its answer to the peer's part SCTP never has an answer to
 * ours.  All are told of the end.
 */
static enum outcome lost(struct scene *scene)
{
	scene->lost = true;
	return ends_with(scene->fd, ETIMEDOUT) &&
	       ends_with(scene->duo.fd, ETIMEDOUT) &&
	       !peer_expect_kind(scene->peer, PEER_LOST) ? OUTCOME_ERROR :
							    OUTCOME_SILENT;
}

static enum outcome end_connect(struct scene *scene, int fd)
{
	int err;

	if (poll_until(fd, POLLOUT) < 0)
		return OUTCOME_SILENT;
	err = get_int(fd, SOL_SOCKET, SO_ERROR);
	if (err == ETIMEDOUT)
		return lost(scene);
	if (err)
		return err == ENOMEM || err == ENOBUFS ? OUTCOME_ERROR :
							 OUTCOME_FALSE;
	return will_have_streams(scene, 2 * STREAMS) &&
	       moves(scene, fd, NEW_SID) ? OUTCOME_WHOLE : OUTCOME_FALSE;
}

/* A channel that needs more streams, which the peer is asked for. */
static enum outcome do_our_streams(struct scene *scene)
{
	enum outcome outcome = OUTCOME_FALSE;
	int fd = sub_attached(scene->duo.fd);

	if (fd < 0)
		return outcome;
	if (!begin_connect(scene, fd))
		outcome = end_connect(scene, fd);
	close(fd);
	return outcome;
}

static int add_streams(struct scene *scene, unsigned int nr)
{
	const struct sctp_add_streams more = {
		.sas_instrms = nr,
		.sas_outstrms = nr,
	};

	return setsockopt(scene->peer->fd, IPPROTO_SCTP, SCTP_ADD_STREAMS,
			  &more, sizeof(more));
}

/* The peer asks for them.  The module is told of the last before the rest. */
static enum outcome do_their_streams(struct scene *scene)
{
	if (add_streams(scene, STREAMS))
		return OUTCOME_FALSE;
	if (!will_have_streams(scene, 2 * STREAMS))
		return OUTCOME_SILENT;
	return moves(scene, scene->duo.fd, scene->duo.sid) ? OUTCOME_WHOLE :
							     OUTCOME_FALSE;
}

static bool accepts(struct scene *scene, __u16 sid)
{
	bool works;
	int fd;

	if (peer_expect_ppid(scene->peer, sid, PPID_DCEP, DCEP_ACK))
		return false;
	fd = sub_accept(scene->duo.listener);
	works = fd >= 0 && !set_timeout(fd, SO_RCVTIMEO, deadline_ms()) &&
		moves(scene, fd, sid);
	close(fd);
	return works;
}

static bool opens_on_them(struct scene *scene)
{
	return !peer_send_ppid(scene->peer, NEW_SID, PPID_DCEP, DCEP_OPEN) &&
	       accepts(scene, NEW_SID) && goes_on(scene);
}

/* What may be an error is counted each time that it is, if there is a counter
 * for it.
 */
FIXTURE(inbound) {};

FIXTURE_VARIANT(inbound)
{
	enum outcome (*fn)(struct scene *scene);
	bool (*after)(struct scene *scene);	/* goes_on */
	const char *counter;
	bool may_fail;
};

FIXTURE_VARIANT_ADD(inbound, stop_sending)
{
	.fn = do_stop_sending,
};

FIXTURE_VARIANT_ADD(inbound, reset_stream)
{
	.fn = do_reset_stream,
};

FIXTURE_VARIANT_ADD(inbound, stream_reset)
{
	.fn = do_stream_reset,
};

FIXTURE_VARIANT_ADD(inbound, open)
{
	.fn = do_open,
	.counter = "OpenRefusedMemory",
	.may_fail = true,
};

FIXTURE_VARIANT_ADD(inbound, pieces)
{
	.fn = do_pieces,
	.counter = "NoMemory",
	.may_fail = true,
};

FIXTURE_VARIANT_ADD(inbound, early)
{
	.fn = do_early,
};

FIXTURE_VARIANT_ADD(inbound, overflow_pause)
{
	.fn = do_overflow_pause,
	.counter = "NoMemory",
	.may_fail = true,
};

FIXTURE_VARIANT_ADD(inbound, overflow_reset)
{
	.fn = do_overflow_reset,
	.counter = "NoMemory",
	.may_fail = true,
};

FIXTURE_VARIANT_ADD(inbound, our_streams)
{
	.fn = do_our_streams,
	.may_fail = true,
};

FIXTURE_VARIANT_ADD(inbound, their_streams)
{
	.fn = do_their_streams,
	.after = opens_on_them,
};

static int prepare(void)
{
	return fault_namespace() ?:
	       netns_sysctl("net/wrtcsub/max_streams", STREAMS) ?:
	       netns_sysctl("net/wrtcsub/assoc_rmem", RMEM);
}

FIXTURE_SETUP(inbound)
{
	ASSERT_EQ(0, prepare());
}

FIXTURE_TEARDOWN(inbound)
{
}

static long count(const char *counter)
{
	return counter ? netns_counter(counter) : 0;
}

TEST_F_TIMEOUT(inbound, fails_cleanly, 1200)
{
	struct fault_turns turns = {};
	enum outcome outcome;
	struct scene scene;
	const char *wrong;
	int losses = 0;
	long counted;

	while (fault_turn(&turns)) {
		ASSERT_EQ(0, scene_begin(&scene));
		counted = count(variant->counter);
		ASSERT_EQ(0, fault_arm_kernel(turns.n));
		outcome = variant->fn(&scene);
		wrong = fault_turn_end(&turns, outcome);
		counted = count(variant->counter) - counted;
		EXPECT_EQ(NULL, wrong) {
			TH_LOG("fault %ld: %s", turns.n, wrong);
		}
		EXPECT_EQ(variant->counter && outcome == OUTCOME_ERROR,
			  counted) {
			TH_LOG("fault %ld: outcome %d", turns.n, outcome);
		}
		losses += scene.lost;
		EXPECT_TRUE(scene.lost ||
			    (variant->after ?: goes_on)(&scene)) {
			TH_LOG("fault %ld: the association", turns.n);
		}
		scene_end(&scene);
		ASSERT_EQ(0, left_works(AF_INET));
	}
	ASSERT_EQ(0, turns.left);
	TH_LOG("%ld allocations, of which %d are an error",
	       fault_turns_nr(&turns), turns.failed);
	ASSERT_LT(0, fault_turns_nr(&turns));
	if (variant->counter)
		ASSERT_LT(0, turns.failed);
	if (!variant->may_fail)
		ASSERT_EQ(0, turns.failed);
	EXPECT_EQ(losses, netns_counter("ResetTimeouts"));
	EXPECT_EQ(0, netns_counter("RxBadDcep"));
	EXPECT_EQ(0, netns_counter("RxMalformed"));
	EXPECT_EQ(0, netns_counter("RxUnknownChannel"));
	ASSERT_EQ(0, left_wait());
}

/* For a while there is no memory for more identifiers.  Who opens a channel
 * that needs one waits.
 */
FIXTURE(identifiers)
{
	struct scene scene;
};

FIXTURE_SETUP(identifiers)
{
	ASSERT_EQ(0, prepare());
	ASSERT_EQ(0, scene_begin(&self->scene));
	ASSERT_EQ(0, fault_arm_function("wrtcsub_sid_resize"));
}

FIXTURE_TEARDOWN(identifiers)
{
	fault_disarm_function();
	scene_end(&self->scene);
}

TEST_F(identifiers, come_late_and_no_open_is_lost)
{
	struct scene *scene = &self->scene;

	ASSERT_EQ(0, add_streams(scene, STREAMS));
	ASSERT_TRUE(will_have_streams(scene, 2 * STREAMS));
	ASSERT_EQ(0, peer_send_ppid(scene->peer, NEW_SID, PPID_DCEP,
				    DCEP_OPEN));
	ASSERT_EQ(0, peer_send(scene->peer, scene->sid, ABC));
	/* It waits, or it has been dealt with. */
	ASSERT_UNTIL(netns_counter("Pauses") == 1 ||
		     poll_now(scene->fd, POLLIN));
	fault_disarm_function();
	ASSERT_TRUE(accepts(scene, NEW_SID));
	ASSERT_EQ(3, recv(scene->fd, buf, 3, MSG_WAITALL));
	ASSERT_TRUE(goes_on(scene));
}

/* The peer asks us to reset our direction of the upper half of its streams. */
static int ask_for_resets(struct peer *peer)
{
	char buf[sizeof(struct sctp_reset_streams) +
		 MANY_STREAMS / 2 * sizeof(__u16)] = {};
	struct sctp_reset_streams *reset = (void *)buf;
	int i;

	reset->srs_flags = SCTP_STREAM_RESET_INCOMING;
	reset->srs_number_streams = MANY_STREAMS / 2;
	for (i = 0; i < MANY_STREAMS / 2; i++)
		reset->srs_stream_list[i] = MANY_STREAMS / 2 + i;
	return setsockopt(peer->fd, IPPROTO_SCTP, SCTP_RESET_STREAMS, reset,
			  sizeof(buf));
}

/* There is memory for a part of what identifiers need, and then there are fewer
 * of them: streams under reset are none.  While SCTP waits for the answer the
 * module looks several times.
 */
TEST_F(identifiers, may_be_fewer_before_there_is_memory)
{
	struct scene *scene = &self->scene;

	ASSERT_EQ(0, add_streams(scene, MANY_STREAMS - STREAMS));
	ASSERT_TRUE(will_have_streams(scene, MANY_STREAMS));
	ASSERT_EQ(0, run("tc qdisc add dev lo root netem delay 100ms"));
	ASSERT_EQ(0, ask_for_resets(scene->peer));
	ASSERT_EQ(0, peer_expect_reset(scene->peer, MANY_STREAMS - 1));
	ASSERT_EQ(0, run("tc qdisc del dev lo root"));
	fault_disarm_function();
	ASSERT_TRUE(opens_on_them(scene));
	ASSERT_TRUE(goes_on(scene));
}

/* SCTP makes streams before it asks for them, and keeps those that it has no
 * memory to ask for.  The peer does not have them.
 */
FIXTURE(kept)
{
	struct scene scene;
	int fd;				/* waits for one of them */
};

FIXTURE_SETUP(kept)
{
	ASSERT_EQ(0, prepare());
	ASSERT_EQ(0, scene_begin(&self->scene));
	ASSERT_EQ(0, fault_arm_function("sctp_make_strreset_addstrm"));
	self->fd = sub_attached(self->scene.duo.fd);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, begin_connect(&self->scene, self->fd));
}

FIXTURE_TEARDOWN(kept)
{
	fault_disarm_function();
	close(self->fd);
	scene_end(&self->scene);
}

static bool has_made_streams(struct scene *scene)
{
	struct streams streams;

	return !get_streams(scene, &streams) && streams.out == 2 * STREAMS &&
	       streams.peer_in == STREAMS;
}

/* With the answer to a reset SCTP opens whatever it has. */
TEST_F(kept, are_not_opened_by_a_reset)
{
	struct scene *scene = &self->scene;

	ASSERT_UNTIL(has_made_streams(scene));
	ASSERT_EQ(0, peer_reset(scene->peer, scene->sid));
	ASSERT_EQ(0, peer_expect_reset(scene->peer, scene->sid));
	ASSERT_UNTIL(netns_counter("ResetsDone") == 1);
	fault_disarm_function();
	ASSERT_TRUE(end_connect(scene, self->fd) == OUTCOME_WHOLE);
	ASSERT_TRUE(goes_on(scene));
}

/* A message of several chunks, all of which have come, is not whole as long as
 * SCTP has no memory to put it together.  What was sent behind it waits, also
 * without an order.
 */
FIXTURE(unassembled)
{
	struct scene scene;
};

FIXTURE_SETUP(unassembled)
{
	ASSERT_EQ(0, prepare());
	ASSERT_EQ(0, link_set_mtu("lo", 1500));
	ASSERT_EQ(0, scene_begin(&self->scene));
	self->scene.peer->unordered = true;
	ASSERT_EQ(0, fault_arm_function("sctp_make_reassembled_event"));
}

FIXTURE_TEARDOWN(unassembled)
{
	fault_disarm_function();
	scene_end(&self->scene);
}

TEST_F(unassembled, message_is_waited_for)
{
	struct scene *scene = &self->scene;
	struct peer *peer = scene->peer;

	ASSERT_EQ(0, peer_send_raw(peer, scene->sid, PPID_BINARY, wire,
				   put_frame(wire, 0, LARGE)));
	ASSERT_UNTIL(peer_is_acknowledged(peer));
	ASSERT_EQ(0, peer_send(peer, scene->sid, WIRE_FIN));
	ASSERT_UNTIL(netns_counter("RxEarly") == 1);
	EXPECT_EQ(0, poll_now(scene->fd, POLLIN | POLLRDHUP));
	fault_disarm_function();
	/* SCTP tries again when there is another one: one for each. */
	ASSERT_EQ(0, peer_send_raw(peer, scene->duo.sid, PPID_BINARY, wire,
				   put_frame(wire, 0, LARGE)));
	ASSERT_TRUE(reads_to_fin(scene, LARGE) == OUTCOME_WHOLE);
}

TEST_HARNESS_MAIN
