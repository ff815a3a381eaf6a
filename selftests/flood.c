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

/* Memory that is not free, in kB. */
static long memory_used(void)
{
	long kb, used = 0;
	char line[128];
	FILE *file;

	file = fopen("/proc/meminfo", "re");
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "MemTotal: %ld", &kb) == 1)
			used += kb;
		if (sscanf(line, "MemFree: %ld", &kb) == 1 ||
		    sscanf(line, "Cached: %ld", &kb) == 1)
			used -= kb;
	}
	if (file)
		fclose(file);
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
	before = memory_used();
	count = flood(&self->peer, variant->streams, message, len,
		      variant->most, self->fd[0]);
	/* It goes on to the limit, if it was late. */
	ASSERT_UNTIL(rmem(self->fd[0]) >= limit / 2);
	used = memory_used() - before;
	held = rmem(self->fd[0]);
	TH_LOG("%ld messages of %zu bytes: %ld kB held for readers, %ld kB of memory used",
	       count, len, held / 1024, used);
	EXPECT_GE(limit + SLACK, held);
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
static int ask_for_resets(struct peer *peer, unsigned int count)
{
	struct sctp_reset_streams *reset;
	size_t size = sizeof(*reset) + count * sizeof(__u16);
	unsigned int i;
	int ret;

	reset = calloc(1, size);
	if (!reset)
		return -1;
	reset->srs_flags = SCTP_STREAM_RESET_OUTGOING;
	reset->srs_number_streams = count;
	for (i = 0; i < count; i++)
		reset->srs_stream_list[i] = PEER_STREAMS - 1 - i;
	ret = ask(peer, SCTP_RESET_STREAMS, reset, size);
	free(reset);
	return ret;
}

/* The peer has one more, and all that it has sent need not have arrived. */
static int ask_for_a_stream(struct peer *peer)
{
	static const struct sctp_add_streams one = { .sas_outstrms = 1 };

	return ask(peer, SCTP_ADD_STREAMS, &one, sizeof(one));
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

TEST_F(requests, are_bounded_while_a_reader_is_slow)
{
	enum { STREAMS = 900, MOST = 5000 };
	long before, used, count;

	ASSERT_EQ(0, stall(&self->duo));
	before = memory_used();
	for (count = 0; count < MOST; count++)
		if (ask_for_resets(&self->duo.peer, STREAMS))
			break;
	used = memory_used() - before;
	TH_LOG("%ld requests, %ld kB of memory used", count, used);
	EXPECT_GT(MOST, count);
	ASSERT_UNTIL(netns_counter("AssocsLost") == 1);
}

/* A message larger than the window is delivered in part, and has no end as long
 * as nobody reads.  Until then SCTP keeps notifications back, and tells nobody.
 */
TEST_F_TIMEOUT(requests, are_bounded_within_a_message, 120)
{
	enum { MOST = 50000, SIZE = 2 << 20 };
	int size = 2 * SIZE, count;
	unsigned char *message;

	/* Each may have a request of its own. */
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/max_streams", 16));
	ASSERT_EQ(0, stall(&self->duo));
	message = calloc(1, SIZE);
	ASSERT_NE(NULL, message);
	ASSERT_EQ(0, setsockopt(self->duo.peer.fd, SOL_SOCKET, SO_SNDBUFFORCE,
				&size, sizeof(size)));
	ASSERT_EQ(0, peer_send_raw(&self->duo.peer, self->duo.sid, PPID_BINARY,
				   message, SIZE));
	free(message);
	ASSERT_UNTIL(window(&self->duo.peer) == 0);
	for (count = 0; count < MOST; count++)
		if (ask_for_a_stream(&self->duo.peer))
			break;
	TH_LOG("%d requests", count);
	EXPECT_GT(MOST, count);
	ASSERT_UNTIL(netns_counter("AssocsLost") == 1);
}

TEST_HARNESS_MAIN
