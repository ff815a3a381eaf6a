// SPDX-License-Identifier: GPL-2.0
/* A peer that sends all it can to readers that do not read: the kernel holds
 * assoc_rmem for its association, what SCTP's receive buffer takes, and no
 * more than a little beyond that.
 */

#include <poll.h>

#include "lib/harness.h"
#include "lib/net.h"
#include "lib/sctp.h"

/* assoc_rmem */
static long limit;

/* What one message can add after the limit was reached. */
#define SLACK		(256 << 10)

/* What SCTP's receive buffer of 1 MiB can hold, which it counts by the bytes of
 * a message and a little, and we by the packets that these pin.
 */
#define WINDOW		(8 << 20)

/* What the send buffer of the peer holds, which is in the same machine. */
#define SENT		(4 << 20)

/* What SCTP is told to take (sctp.c). */
#define SCTP_RCVBUF	(1024 * 1024)

/* More than it takes. */
#define MOST_REQUESTS	50000

/* More than SCTP's receive buffer takes. */
#define MESSAGE		(2 << 20)

/* In vain, before flood() gives up. */
#define TRIES		15

FIXTURE(flood)
{
	struct addr addr;
	struct peer peer;
	int listener;
	int fd[100];
};

/* What the peer sends on each stream, over and over. */
FIXTURE_VARIANT(flood)
{
	int type;
	int streams;
	size_t payload;			/* of a frame */
	size_t frames;			/* in a message */
	bool unfinished;		/* the last byte of it is missing */
	long most;			/* messages, 0: as many as it can */
};

FIXTURE_VARIANT_ADD(flood, frames_of_16_kib)
{
	.type = SOCK_STREAM,
	.streams = 100,
	.payload = 16000,
	.frames = 1,
};

FIXTURE_VARIANT_ADD(flood, frames_without_an_end)
{
	.type = SOCK_STREAM,
	.streams = 100,
	.payload = 16000,
	.frames = 1,
	.unfinished = true,
	.most = 100,
};

FIXTURE_VARIANT_ADD(flood, frames_of_one_byte)
{
	.type = SOCK_STREAM,
	.streams = 100,
	.payload = 1,
	.frames = 1,
};

FIXTURE_VARIANT_ADD(flood, messages_full_of_frames_of_one_byte)
{
	.type = SOCK_STREAM,
	.streams = 100,
	.payload = 1,
	.frames = 4000,
	.most = 4,
};

FIXTURE_VARIANT_ADD(flood, messages_full_of_records_of_one_byte)
{
	.type = SOCK_SEQPACKET,
	.streams = 100,
	.payload = 1,
	.frames = 4000,
	.most = 4,
};

FIXTURE_VARIANT_ADD(flood, messages_full_of_frames_of_100_bytes)
{
	.type = SOCK_STREAM,
	.streams = 100,
	.payload = 100,
	.frames = 600,
};

FIXTURE_SETUP(flood)
{
	int i;

	limit = work_factor() > 1 ? 200 << 10 : 1 << 20;
	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/assoc_rmem", limit));
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/max_streams", 1024));
	sub_type = variant->type;
	self->listener = sub_listen(AF_INET, &self->addr);
	ASSERT_LE(0, self->listener);
	ASSERT_EQ(0, peer_connect(&self->peer, &self->addr, 0));
	for (i = 0; i < variant->streams; i++) {
		ASSERT_EQ(0, peer_open(&self->peer, 2 * i));
		self->fd[i] = sub_accept(self->listener);
		ASSERT_LE(0, self->fd[i]);
	}
}

FIXTURE_TEARDOWN(flood)
{
	int i;

	for (i = 0; i < variant->streams; i++)
		close(self->fd[i]);
	close(self->listener);
	peer_close(&self->peer);
}

/* Memory that is used before something is done with it: the test before this
 * one gives some back late.
 */
static long memory_before(void)
{
	long used = memory_used(), was;

	do {
		was = used;
		usleep(100000);
		used = memory_used();
	} while (used < was - 256);
	return used;
}

static long rmem(int fd)
{
	struct wrtcsub_info info;

	return sub_info(fd, &info) ? -1 : (long)info.wi_assoc_rmem;
}

static size_t put_varint(unsigned char *p, size_t value)
{
	size_t n = 0;

	for (; value > 0x7f; value >>= 7)
		p[n++] = value | 0x80;
	p[n++] = value;
	return n;
}

static size_t put_frame(unsigned char *p, size_t payload)
{
	unsigned char field[8] = { 0x12 };
	size_t head = 1 + put_varint(field + 1, payload);
	size_t at = put_varint(p, head + payload);

	memcpy(p + at, field, head);
	memset(p + at + head, 'x', payload);
	return at + head + payload;
}

/* Send until nothing is taken any more for a while, in which it was tried
 * often: it may be one in which nobody ran. Return: messages.
 */
static long flood(struct peer *peer, int streams, const void *message,
		  size_t len, long most, int fd)
{
	long long quiet = now_ms();
	long count = 0, was = -1, now;
	int tries = 0;

	while (tries < TRIES || now_ms() < quiet + 300 * slow_factor()) {
		bool all = most && count == most;

		tries++;
		if (!all && !peer_try_send(peer, 2 * (count % streams), message,
					   len)) {
			count++;
			tries = 0;
		} else {
			poll_for(peer->fd, all ? 0 : POLLOUT, 20);
		}
		now = rmem(fd);
		if (now != was)
			tries = 0;
		was = now;
		if (!tries)
			quiet = now_ms();
	}
	return count;
}

/* Read on all streams. Return: bytes, once it is as many, or none come. */
static long read_all(const int *fd, int streams, long want)
{
	long long quiet = now_ms();
	static char buf[65536];
	long done = 0;
	ssize_t ret;
	int i;

	while (done < want && now_ms() < quiet + deadline_ms()) {
		for (i = 0; i < streams; i++) {
			while ((ret = recv(fd[i], buf, sizeof(buf),
					   MSG_DONTWAIT)) > 0) {
				done += ret;
				quiet = now_ms();
			}
		}
	}
	return done;
}

static size_t make_message(unsigned char **message, size_t frames,
			   size_t payload)
{
	unsigned char *at;
	size_t i;

	*message = malloc(frames * (payload + 16));
	if (!*message)
		return 0;
	for (i = 0, at = *message; i < frames; i++)
		at += put_frame(at, payload);
	return at - *message;
}

TEST_F_TIMEOUT(flood, is_bounded, 120)
{
	long before, used, held, count, want;
	unsigned char *message;
	size_t len;

	len = make_message(&message, variant->frames, variant->payload);
	ASSERT_LT(0, (int)len);
	len -= variant->unfinished;
	before = memory_before();
	count = flood(&self->peer, variant->streams, message, len,
		      variant->most, self->fd[0]);
	/* It goes on to the limit, if it was late. */
	ASSERT_UNTIL(rmem(self->fd[0]) >= limit / 2);
	used = memory_used() - before;
	held = rmem(self->fd[0]);
	TH_LOG("%ld messages of %zu bytes: %ld kB held for readers, %ld kB of memory used",
	       count, len, held / 1024, used);
	EXPECT_GE(limit + SLACK, held);
	/* A kernel that checks itself has more memory beside each packet. */
	if (work_factor() == 1)
		EXPECT_GE((limit + SLACK + WINDOW + SENT) / 1024, used);
	if (!variant->unfinished) {
		/* "nothing lost" */
		want = count * variant->frames * variant->payload;
		ASSERT_EQ(want, read_all(self->fd, variant->streams, want));
		ASSERT_EQ(0, rmem(self->fd[0]));
	}
	free(message);
}

/* What SCTP still has then is taken as well, and is no more than that. */
TEST_F_TIMEOUT(flood, is_bounded_when_the_association_ends, 120)
{
	unsigned char *message;
	size_t len;
	long held;

	len = make_message(&message, variant->frames, variant->payload);
	ASSERT_LT(0, (int)len);
	flood(&self->peer, variant->streams, message,
	      len - variant->unfinished, variant->most, self->fd[0]);
	ASSERT_EQ(0, peer_abort(&self->peer));
	ASSERT_LE(0, poll_until(self->fd[1], POLLERR));
	held = rmem(self->fd[0]);
	TH_LOG("%ld kB held for readers", held / 1024);
	EXPECT_GE(limit + WINDOW, held);
	free(message);
}

/* Ask for something of RFC 6525, once what was asked before has its answer.
 * Return: 0, or -1: there is no association any more.
 */
static int ask(struct peer *peer, int option, const void *request, size_t size)
{
	long long end = now_ms() + deadline_ms();
	int ret = -1;

	while (ret && !peer->ended && now_ms() < end) {
		ret = setsockopt(peer->fd, IPPROTO_SCTP, option, request, size);
		/* One is in flight. */
		peer_pump(peer, ret ? 5 : 0);
	}
	peer_forget(peer);
	return peer->ended ? -1 : ret;
}

/* Of streams that nobody uses. */
static int ask_for_resets(struct peer *peer)
{
	enum { COUNT = 900 };
	char buf[sizeof(struct sctp_reset_streams) + COUNT * sizeof(__u16)];
	struct sctp_reset_streams *reset = (void *)buf;
	unsigned int i;

	reset->srs_assoc_id = 0;
	reset->srs_flags = SCTP_STREAM_RESET_OUTGOING;
	reset->srs_number_streams = COUNT;
	for (i = 0; i < COUNT; i++)
		reset->srs_stream_list[i] = PEER_STREAMS - 1 - i;
	return ask(peer, SCTP_RESET_STREAMS, reset, sizeof(buf));
}

/* The peer has one more, and all that it has sent need not have arrived. */
static int ask_for_a_stream(struct peer *peer)
{
	static const struct sctp_add_streams one = { .sas_outstrms = 1 };

	return ask(peer, SCTP_ADD_STREAMS, &one, sizeof(one));
}

/* What waits with SCTP at this port, as it counts it: of notices all that they
 * take.  -1: there is no association any more.
 */
static long sctp_held(int port)
{
	FILE *file = fopen("/proc/thread-self/net/sctp/assocs", "re");
	long queue, held = -1;
	char line[512];
	int local;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "%*s %*s %*s %*s %*s %*s %*s %*s %ld %*s %*s %d",
			   &queue, &local) == 2 && local == port)
			held = queue;
	if (file)
		fclose(file);
	return held;
}

/* What the peer may still send, or -1. */
static long window(struct peer *peer)
{
	struct sctp_status status = {};
	socklen_t len = sizeof(status);

	if (getsockopt(peer->fd, IPPROTO_SCTP, SCTP_STATUS, &status, &len))
		return -1;
	return status.sstat_rwnd;
}

/* Of requests of RFC 6525 SCTP makes notifications, and these wait as long as
 * a reader is slow.  There is an end to that as well.  A socket with a full
 * receive buffer loses packets that come while it is in use.
 */
FIXTURE(requests)
{
	struct duo duo;
};

FIXTURE_SETUP(requests)
{
	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, repeat_soon());
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/assoc_rmem", 65536));
}

FIXTURE_TEARDOWN(requests)
{
	duo_close(&self->duo);
}

/* Return: 0 when nothing is read any more. */
static int stall(struct duo *duo)
{
	unsigned char *message;
	size_t len;

	if (duo_open(duo, AF_INET, DUO_KERNEL_ACCEPTS, 0))
		return -1;
	len = make_message(&message, 1, 16000);
	if (!len)
		return -1;
	while (netns_counter("Pauses") < 1)
		if (peer_try_send(&duo->peer, duo->sid, message, len))
			poll_for(duo->peer.fd, POLLOUT, 10);
	free(message);
	return 0;
}

/* SCTP's receive buffer twice, and 1 KiB for each identifier. */
static long most_held(int fd)
{
	struct wrtcsub_info info;

	if (sub_info(fd, &info))
		return -1;
	return 2 * SCTP_RCVBUF + 1024L * info.wi_assoc_in_streams;
}

struct asked {
	int requests;
	long most;			/* that SCTP may hold */
	long last;			/* what it held, before that was passed */
	long held;			/* what it holds then */
	long used;			/* of memory, in kB */
};

/* Ask until SCTP holds more than it may, and for nothing then. */
static int ask_for_all(struct duo *duo, int (*ask_once)(struct peer *peer),
		       struct asked *asked)
{
	int port = addr_port(&duo->addr);
	long before = memory_before();

	memset(asked, 0, sizeof(*asked));
	asked->most = most_held(duo->fd);
	if (asked->most < 0)
		return -1;
	while (asked->requests < MOST_REQUESTS) {
		asked->held = sctp_held(port);
		if (asked->held < 0 || asked->held > asked->most)
			break;
		asked->last = asked->held;
		asked->used = memory_used() - before;
		if (ask_once(&duo->peer))
			break;
		asked->requests++;
	}
	return 0;
}

/* It is what ends the association, and no more than that is needed.  With the
 * last request may come what the peer had to send again, up to a window of it.
 * A kernel that checks itself has more memory beside each notice.
 */
#define ASSERT_BOUNDED(_ask_once) do {					\
	struct asked __asked;						\
									\
	ASSERT_EQ(0, ask_for_all(&self->duo, _ask_once, &__asked));	\
	TH_LOG("%d requests, %ld kB of %ld held, %ld kB of memory used",	\
	       __asked.requests, __asked.last / 1024,			\
	       __asked.most / 1024, __asked.used);			\
	EXPECT_GT(MOST_REQUESTS, __asked.requests);			\
	EXPECT_LE(__asked.most - SCTP_RCVBUF, __asked.last);		\
	EXPECT_GE(__asked.most + SCTP_RCVBUF, __asked.held);		\
	if (work_factor() == 1)						\
		EXPECT_GE((__asked.most + WINDOW) / 1024, __asked.used);	\
	ASSERT_UNTIL(netns_counter("AssocsLost") == 1);			\
	ASSERT_UNTIL(get_int(self->duo.fd, SOL_SOCKET, SO_ERROR) ==	\
		     ENOBUFS);						\
} while (0)

TEST_F_TIMEOUT(requests, are_bounded_while_a_reader_is_slow, 120)
{
	ASSERT_EQ(0, stall(&self->duo));
	ASSERT_BOUNDED(ask_for_resets);
}

/* A message larger than the window is delivered in part, and has no end as long
 * as nobody reads.  Until then SCTP keeps notifications back, and tells nobody.
 */
TEST_F_TIMEOUT(requests, are_bounded_within_a_message, 120)
{
	int size = 2 * MESSAGE;
	unsigned char *message;

	/* Each may have a request of its own. */
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/max_streams", 16));
	ASSERT_EQ(0, stall(&self->duo));
	message = calloc(1, MESSAGE);
	ASSERT_NE(NULL, message);
	ASSERT_EQ(0, setsockopt(self->duo.peer.fd, SOL_SOCKET, SO_SNDBUFFORCE,
				&size, sizeof(size)));
	ASSERT_EQ(0, peer_send_raw(&self->duo.peer, self->duo.sid, PPID_BINARY,
				   message, MESSAGE));
	free(message);
	ASSERT_UNTIL(window(&self->duo.peer) == 0);
	ASSERT_BOUNDED(ask_for_a_stream);
}

TEST_HARNESS_MAIN
