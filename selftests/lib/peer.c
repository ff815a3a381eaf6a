// SPDX-License-Identifier: GPL-2.0
/* The exact peer: a plain SCTP socket that sends any bytes and records what it
 * gets, byte for byte.
 */

#include <errno.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "peer.h"
#include "sctp.h"

#define SNDBUF		1048576
#define MESSAGE_MAX	1048576
#define PIECE		65536

bool peer_without_reconf;

static int set_sctp(int fd, int option, const void *value, socklen_t len)
{
	if (!setsockopt(fd, IPPROTO_SCTP, option, value, len))
		return 0;
	fprintf(stderr, "# peer: SCTP option %d: %m\n", option);
	return -1;
}

static int set_sctp_int(int fd, int option, int value)
{
	return set_sctp(fd, option, &value, sizeof(value));
}

static int set_sctp_assoc(int fd, int option, __u32 value)
{
	struct sctp_assoc_value v = { .assoc_value = value };

	return set_sctp(fd, option, &v, sizeof(v));
}

static int set_event(int fd, __u16 type)
{
	struct sctp_event event = { .se_type = type, .se_on = 1 };

	return set_sctp(fd, SCTP_EVENT, &event, sizeof(event));
}

/* All that is set here is inherited by accepted sockets. */
static int peer_socket(int family, int rcvbuf)
{
	struct sctp_initmsg init = {
		.sinit_num_ostreams = PEER_STREAMS,
		.sinit_max_instreams = PEER_STREAMS,
	};
	int fd, size = SNDBUF;

	fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_SCTP);
	if (fd < 0) {
		fprintf(stderr, "# peer: socket: %m\n");
		return -1;
	}
	if (rcvbuf &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof(rcvbuf)))
		goto fail;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		goto fail;
	if (set_sctp(fd, SCTP_INITMSG, &init, sizeof(init)) ||
	    set_sctp_int(fd, SCTP_NODELAY, 1) ||
	    set_sctp_int(fd, SCTP_RECVRCVINFO, 1) ||
	    set_sctp_assoc(fd, SCTP_RECONFIG_SUPPORTED,
			   !peer_without_reconf) ||
	    set_sctp_assoc(fd, SCTP_ENABLE_STREAM_RESET, 7) ||
	    set_event(fd, SCTP_STREAM_RESET_EVENT) ||
	    set_event(fd, SCTP_STREAM_CHANGE_EVENT) ||
	    set_event(fd, SCTP_ASSOC_CHANGE) ||
	    set_event(fd, SCTP_SHUTDOWN_EVENT))
		goto fail;
	if (set_timeout(fd, SO_SNDTIMEO, deadline_ms()))
		goto fail;
	return fd;
fail:
	close(fd);
	return -1;
}

static void peer_init(struct peer *peer, int fd)
{
	memset(peer, 0, sizeof(*peer));
	peer->fd = fd;
	peer->tail = &peer->head;
}

/* rcvbuf: 0 for the system's size; a small one makes a peer whose window is
 * soon full if it does not read.
 */
int peer_listen(int family, struct addr *addr, int rcvbuf)
{
	int fd = peer_socket(family, rcvbuf);

	if (fd < 0)
		return -1;
	addr_loopback(addr, family, 0);
	if (bind(fd, &addr->sa, addr->len) || listen(fd, 128) ||
	    addr_local(fd, addr)) {
		fprintf(stderr, "# peer: listen: %m\n");
		close(fd);
		return -1;
	}
	return fd;
}

int peer_accept(struct peer *peer, int listener)
{
	int fd;

	if (poll_until(listener, POLLIN) < 0) {
		fprintf(stderr, "# peer: no association comes\n");
		return -1;
	}
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0) {
		fprintf(stderr, "# peer: accept: %m\n");
		return -1;
	}
	if (set_timeout(fd, SO_SNDTIMEO, deadline_ms()))
		return -1;
	peer_init(peer, fd);
	return 0;
}

int peer_connect(struct peer *peer, const struct addr *addr, int rcvbuf)
{
	int fd = peer_socket(addr->sa.sa_family, rcvbuf);

	if (fd < 0)
		return -1;
	if (connect(fd, &addr->sa, addr->len)) {
		fprintf(stderr, "# peer: connect: %m\n");
		close(fd);
		return -1;
	}
	peer_init(peer, fd);
	return 0;
}

/* Connect from an address and port that something before had.  It has them until
 * the last of its packets is gone.
 */
static int peer_bound(const struct addr *local)
{
	int fd = peer_socket(local->sa.sa_family, 0), on = 1, ret;
	long long begin = now_ms(), end = begin + deadline_ms();

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)))
		goto err;
	while ((ret = bind(fd, &local->sa, local->len)) &&
	       errno == EADDRINUSE && now_ms() < end)
		nap(begin);
	if (!ret)
		return fd;
err:
	fprintf(stderr, "# peer: bind again: %m\n");
	close(fd);
	return -1;
}

int peer_connect_from(struct peer *peer, const struct addr *local,
		      const struct addr *addr)
{
	int fd = peer_bound(local);

	if (fd < 0)
		return -1;
	if (connect(fd, &addr->sa, addr->len)) {
		fprintf(stderr, "# peer: connect again: %m\n");
		close(fd);
		return -1;
	}
	peer_init(peer, fd);
	return 0;
}

/* Begin an association anew that the other end still has.  That one aborts what
 * comes of it, and connect() may be late enough to fail by that.
 */
int peer_restart(struct peer *peer, const struct addr *local,
		 const struct addr *addr)
{
	int fd = peer_bound(local);

	if (fd < 0)
		return -1;
	if (connect(fd, &addr->sa, addr->len) && errno != ECONNREFUSED) {
		fprintf(stderr, "# peer: restart: %m\n");
		close(fd);
		return -1;
	}
	peer_init(peer, fd);
	return 0;
}

/* The first record, which the caller frees; NULL if there is none. */
struct peer_record *peer_take(struct peer *peer)
{
	struct peer_record *record = peer->head;

	if (!record)
		return NULL;
	peer->head = record->next;
	if (!peer->head)
		peer->tail = &peer->head;
	return record;
}

/* What came so far is of no interest. */
void peer_forget(struct peer *peer)
{
	struct peer_record *record;

	while ((record = peer_take(peer)))
		free(record);
	free(peer->partial);
	peer->partial = NULL;
	peer->partial_len = 0;
}

void peer_close(struct peer *peer)
{
	if (peer->fd >= 0)
		close(peer->fd);
	peer->fd = -1;
	peer_forget(peer);
}

/* End the association with an ABORT. */
int peer_abort(struct peer *peer)
{
	int ret = set_linger(peer->fd, 1, 0);

	peer_close(peer);
	return ret;
}

/* End the association with a SHUTDOWN. */
int peer_shutdown(struct peer *peer)
{
	return shutdown(peer->fd, SHUT_WR);
}

static struct peer_record *peer_record(struct peer *peer, enum peer_kind kind,
				       __u16 sid, __u16 flags,
				       const void *data, size_t len)
{
	struct peer_record *record = malloc(sizeof(*record) + len);

	if (!record)
		abort();
	record->next = NULL;
	record->kind = kind;
	record->sid = sid;
	record->flags = flags;
	record->ppid = 0;
	record->len = len;
	if (len)
		memcpy(record->data, data, len);
	*peer->tail = record;
	peer->tail = &record->next;
	return record;
}

static void peer_notified(struct peer *peer, const void *data, size_t len)
{
	const union sctp_notification *n = data;
	const struct sctp_stream_reset_event *reset = data;
	size_t i, count;

	switch (n->sn_header.sn_type) {
	case SCTP_STREAM_RESET_EVENT:
		count = (len - sizeof(*reset)) / sizeof(__u16);
		if (reset->strreset_flags & SCTP_STREAM_RESET_INCOMING_SSN) {
			peer->requests++;
			if (count > peer->largest)
				peer->largest = count;
		}
		for (i = 0; i < count; i++) {
			__u16 sid = reset->strreset_stream_list[i];
			__u16 flags = reset->strreset_flags;

			if (flags & SCTP_STREAM_RESET_INCOMING_SSN) {
				peer_record(peer, PEER_RESET_IN, sid, flags,
					    NULL, 0);
				if (sid < PEER_STREAMS)
					peer->known[sid] = false;
			}
			if (flags & SCTP_STREAM_RESET_OUTGOING_SSN)
				peer_record(peer, PEER_RESET_OUT, sid, flags,
					    NULL, 0);
		}
		break;
	case SCTP_STREAM_CHANGE_EVENT:
		peer_record(peer, PEER_STREAMS_ADDED, 0, 0, NULL, 0);
		break;
	case SCTP_SHUTDOWN_EVENT:
		peer_record(peer, PEER_SHUTDOWN, 0, 0, NULL, 0);
		break;
	case SCTP_ASSOC_CHANGE:
		if (n->sn_assoc_change.sac_state == SCTP_COMM_LOST ||
		    n->sn_assoc_change.sac_state == SCTP_CANT_STR_ASSOC)
			peer_record(peer, PEER_LOST, 0,
				    n->sn_assoc_change.sac_state, NULL, 0);
		break;
	}
}

/* One more ACK of a channel says nothing, and may come at any time while the
 * other side waits for an answer to its request for resets.
 */
static bool peer_says_nothing(struct peer *peer, __u16 sid, __u32 ppid)
{
	__u8 type = peer->partial[0];

	if (ppid != PPID_DCEP || sid >= PEER_STREAMS)
		return false;
	if (type == 0x02 && peer->known[sid]) {
		peer->more_acks++;
		return true;
	}
	peer->known[sid] = true;
	return false;
}

static void peer_got_message(struct peer *peer, struct msghdr *msg)
{
	struct sctp_rcvinfo info = {};
	struct cmsghdr *cmsg;
	__u32 ppid;

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg))
		if (cmsg->cmsg_level == IPPROTO_SCTP &&
		    cmsg->cmsg_type == SCTP_RCVINFO)
			memcpy(&info, CMSG_DATA(cmsg), sizeof(info));
	if (info.rcv_flags & SCTP_UNORDERED) {
		fprintf(stderr, "# peer: an unordered message\n");
		abort();
	}
	ppid = ntohl(info.rcv_ppid);
	if (!peer_says_nothing(peer, info.rcv_sid, ppid))
		peer_record(peer, PEER_DATA, info.rcv_sid, 0, peer->partial,
			    peer->partial_len)->ppid = ppid;
}

static void peer_got_piece(struct peer *peer, struct msghdr *msg,
			   const void *data, size_t len)
{
	if (peer->partial_len + len > MESSAGE_MAX) {
		fprintf(stderr, "# peer: message without end\n");
		abort();
	}
	peer->partial = realloc(peer->partial, peer->partial_len + len + 1);
	if (!peer->partial)
		abort();
	memcpy(peer->partial + peer->partial_len, data, len);
	peer->partial_len += len;
	if (!(msg->msg_flags & MSG_EOR))
		return;

	if (msg->msg_flags & MSG_NOTIFICATION)
		peer_notified(peer, peer->partial, peer->partial_len);
	else
		peer_got_message(peer, msg);
	peer->partial_len = 0;
}

/* Return: that recv() failed, but for an ABORT while SCTP delivers a message in
 * parts: that is said in no other way.
 */
static enum peer_kind peer_kind_of_error(int err)
{
	return err == ECONNRESET ? PEER_LOST : PEER_ERROR;
}

/* Take what has come, after waiting for it up to timeout_ms.
 * Return: how many pieces came.
 */
int peer_pump(struct peer *peer, int timeout_ms)
{
	static unsigned char buf[PIECE];
	char control[CMSG_SPACE(sizeof(struct sctp_rcvinfo)) + 256];
	struct pollfd pfd = { .fd = peer->fd, .events = POLLIN };
	int count = 0;

	if (peer->ended || poll(&pfd, 1, timeout_ms) <= 0)
		return 0;
	for (;;) {
		struct iovec iov = { .iov_base = buf, .iov_len = sizeof(buf) };
		struct msghdr msg = {
			.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control),
		};
		ssize_t len = recvmsg(peer->fd, &msg, MSG_DONTWAIT);

		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0 && errno == EAGAIN)
			return count;
		count++;
		if (len <= 0) {
			int err = len ? errno : 0;

			peer_record(peer, err ? peer_kind_of_error(err) :
						PEER_END, 0, err, NULL, 0);
			peer->ended = true;
			return count;
		}
		peer_got_piece(peer, &msg, buf, len);
	}
}

static void record_print(const struct peer_record *record)
{
	char head[64];

	switch (record->kind) {
	case PEER_DATA:
		snprintf(head, sizeof(head), "  stream %u ppid %u:",
			 record->sid, record->ppid);
		hex_print(head, record->data, record->len);
		break;
	case PEER_RESET_IN:
		fprintf(stderr, "#   stream %u: reset by the other side\n",
			record->sid);
		break;
	case PEER_RESET_OUT:
		fprintf(stderr, "#   stream %u: our reset, flags %#x\n",
			record->sid, record->flags);
		break;
	case PEER_STREAMS_ADDED:
		fprintf(stderr, "#   streams added\n");
		break;
	case PEER_SHUTDOWN:
		fprintf(stderr, "#   SHUTDOWN\n");
		break;
	case PEER_LOST:
		fprintf(stderr, "#   association lost, state %u\n",
			record->flags);
		break;
	case PEER_END:
		fprintf(stderr, "#   end\n");
		break;
	case PEER_ERROR:
		fprintf(stderr, "#   error: %s\n", strerror(record->flags));
		break;
	}
}

static int peer_fail(struct peer *peer, __u16 sid, const char *expected)
{
	const struct peer_record *record;

	fprintf(stderr, "# peer: stream %u: expected %s; what came:\n", sid,
		expected);
	for (record = peer->head; record; record = record->next)
		record_print(record);
	if (!peer->head)
		fprintf(stderr, "#   nothing\n");
	netns_print_counters();
	return -1;
}

static void peer_drop(struct peer *peer, struct peer_record *record)
{
	struct peer_record **link = &peer->head;

	while (*link != record)
		link = &(*link)->next;
	*link = record->next;
	if (!*link)
		peer->tail = link;
	free(record);
}

static bool is_of_stream(const struct peer_record *record)
{
	return record->kind == PEER_DATA || record->kind == PEER_RESET_IN;
}

static struct peer_record *peer_find(struct peer *peer, __u16 sid)
{
	struct peer_record *record;

	for (record = peer->head; record; record = record->next)
		if (is_of_stream(record) && record->sid == sid)
			return record;
	return NULL;
}

/* The next record of a stream, which stays where it is; NULL if none comes. */
struct peer_record *peer_next(struct peer *peer, __u16 sid)
{
	long long end = now_ms() + deadline_ms();
	struct peer_record *record;

	while (!(record = peer_find(peer, sid))) {
		long long left = end - now_ms();

		if (left <= 0 || peer->ended)
			return NULL;
		peer_pump(peer, left);
	}
	return record;
}

int peer_expect_ppid(struct peer *peer, __u16 sid, __u32 ppid,
		     const char *hex)
{
	struct peer_record *record = peer_next(peer, sid);
	unsigned char want[1024];
	ssize_t len = hex_parse(hex, want, sizeof(want));

	if (len < 0)
		return -1;
	if (!record || record->kind != PEER_DATA || record->ppid != ppid ||
	    record->len != (size_t)len || memcmp(record->data, want, len))
		return peer_fail(peer, sid, hex);
	peer_drop(peer, record);
	return 0;
}

/* The next message of the stream is this frame. */
int peer_expect(struct peer *peer, __u16 sid, const char *hex)
{
	return peer_expect_ppid(peer, sid, PPID_BINARY, hex);
}

/* The other side has reset its direction of the stream, and sent nothing that
 * was not expected before.
 */
int peer_expect_reset(struct peer *peer, __u16 sid)
{
	struct peer_record *record = peer_next(peer, sid);

	if (!record || record->kind != PEER_RESET_IN)
		return peer_fail(peer, sid, "a stream reset");
	peer_drop(peer, record);
	return 0;
}

/* Nothing has come on the stream so far.  To prove that nothing was sent, wait
 * first for something that is sent after it.
 */
int peer_expect_nothing(struct peer *peer, __u16 sid)
{
	peer_pump(peer, 0);
	if (peer_find(peer, sid))
		return peer_fail(peer, sid, "nothing");
	return 0;
}

/* Wait for what belongs to no stream. */
int peer_expect_kind(struct peer *peer, enum peer_kind kind)
{
	long long end = now_ms() + deadline_ms();
	struct peer_record *record;

	for (;;) {
		long long left = end - now_ms();

		for (record = peer->head; record; record = record->next) {
			if (record->kind == kind) {
				peer_drop(peer, record);
				return 0;
			}
		}
		if (left <= 0 || peer->ended)
			break;
		peer_pump(peer, left);
	}
	fprintf(stderr, "# peer: no record of kind %d\n", kind);
	return peer_fail(peer, 0, "something else");
}

/* Varints are minimal when the kernel sends them. Return: bytes, or -1. */
int peer_read_varint(const unsigned char *p, size_t len, __u64 *value)
{
	size_t i;

	*value = 0;
	for (i = 0; i < len && i < 10; i++) {
		*value |= (__u64)(p[i] & 0x7f) << (7 * i);
		if (!(p[i] & 0x80))
			return i && !p[i] ? -1 : (int)i + 1;
	}
	return -1;
}

/* What frame->body says, which is len bytes; -1 if it is not as sent by us. */
int peer_parse_frame(struct peer_frame *frame, size_t len)
{
	const unsigned char *p = frame->body;
	unsigned int last = 0;
	__u64 value;
	size_t at = 0;
	int used;

	frame->flag = -1;
	frame->code = -1;
	frame->len = 0;
	frame->payload = p;
	while (at < len) {
		unsigned int tag = p[at++];

		/* In order of their numbers, and each once. */
		if (tag <= last)
			return -1;
		last = tag;
		used = peer_read_varint(p + at, len - at, &value);
		if (used < 0)
			return -1;
		at += used;
		switch (tag) {
		case 0x08:
			frame->flag = value;
			break;
		case 0x12:
			if (value > len - at)
				return -1;
			frame->payload = p + at;
			frame->len = value;
			at += value;
			break;
		case 0x18:
			frame->code = value;
			break;
		default:
			return -1;
		}
	}
	return 0;
}

/* The next frame of the stream, as strictly as the module has to send it: in
 * one message, or in two that are its prefix and its body.
 */
int peer_expect_frame(struct peer *peer, __u16 sid,
		      struct peer_frame *frame)
{
	struct peer_record *record = peer_next(peer, sid);
	__u64 want;
	size_t have;
	int used;

	if (!record || record->kind != PEER_DATA ||
	    record->ppid != PPID_BINARY)
		return peer_fail(peer, sid, "a frame");
	used = peer_read_varint(record->data, record->len, &want);
	if (used < 0 || want > sizeof(frame->body))
		return peer_fail(peer, sid, "a length prefix");
	have = record->len - used;
	frame->size = used + want;
	frame->messages = 1;
	if (have && have != want)
		return peer_fail(peer, sid, "one frame, or a prefix alone");
	if (have) {
		memcpy(frame->body, record->data + used, have);
	} else {
		peer_drop(peer, record);
		record = peer_next(peer, sid);
		if (!record || record->kind != PEER_DATA ||
		    record->ppid != PPID_BINARY || record->len != want)
			return peer_fail(peer, sid, "the body of a frame");
		memcpy(frame->body, record->data, want);
		frame->messages = 2;
	}
	if (peer_parse_frame(frame, want))
		return peer_fail(peer, sid, "a well-formed frame");
	if (frame->flag < 0 && !frame->len)
		return peer_fail(peer, sid, "no empty frame");
	peer_drop(peer, record);
	return 0;
}

/* The next frames are data and nothing else, len bytes together. */
int peer_expect_pattern(struct peer *peer, __u16 sid, size_t offset,
			size_t len, unsigned int seed)
{
	static struct peer_frame frame;
	size_t done = 0;

	while (done < len) {
		if (peer_expect_frame(peer, sid, &frame))
			return -1;
		if (frame.flag >= 0 || frame.len > len - done) {
			fprintf(stderr,
				"# peer: flag %d, %zu bytes, after %zu of %zu\n",
				frame.flag, frame.len, done, len);
			return -1;
		}
		if (pattern_check(frame.payload, frame.len, offset + done,
				  seed) >= 0)
			return -1;
		done += frame.len;
	}
	return 0;
}

/* Read data up to a frame with a flag, which has no data.
 * Return: how many bytes there were, -1 for a failure.
 */
ssize_t peer_read_to_flag(struct peer *peer, __u16 sid, size_t offset,
			  unsigned int seed, int *flag)
{
	static struct peer_frame frame;
	size_t done = 0;

	for (;;) {
		if (peer_expect_frame(peer, sid, &frame))
			return -1;
		if (frame.flag >= 0)
			break;
		if (pattern_check(frame.payload, frame.len, offset + done,
				  seed) >= 0)
			return -1;
		done += frame.len;
	}
	if (frame.len) {
		fprintf(stderr, "# peer: flag %d with data\n", frame.flag);
		return -1;
	}
	*flag = frame.flag;
	return done;
}

/* sctp: SCTP_UNORDERED and its like; flags: those of sendmsg */
ssize_t peer_sendmsg(struct peer *peer, __u16 sid, __u32 ppid,
		     const void *data, size_t len, __u16 sctp, int flags)
{
	char control[CMSG_SPACE(sizeof(struct sctp_sndinfo))] = {};
	struct sctp_sndinfo info = {
		.snd_sid = sid,
		.snd_flags = sctp,
		.snd_ppid = htonl(ppid),
	};
	struct iovec iov = { .iov_base = (void *)data, .iov_len = len };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	if (peer->unordered && ppid != PPID_DCEP)
		info.snd_flags = SCTP_UNORDERED;
	cmsg->cmsg_level = IPPROTO_SCTP;
	cmsg->cmsg_type = SCTP_SNDINFO;
	cmsg->cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(cmsg), &info, sizeof(info));
	return sendmsg(peer->fd, &msg, MSG_NOSIGNAL | flags);
}

int peer_send_raw(struct peer *peer, __u16 sid, __u32 ppid,
		  const void *data, size_t len)
{
	ssize_t ret = peer_sendmsg(peer, sid, ppid, data, len, 0, 0);

	if (ret == (ssize_t)len)
		return 0;
	fprintf(stderr, "# peer: stream %u: send of %zu bytes: %zd (%m)\n",
		sid, len, ret);
	return -1;
}

/* As peer_send_raw(), but it does not wait for room. */
int peer_try_send(struct peer *peer, __u16 sid, const void *data, size_t len)
{
	return peer_sendmsg(peer, sid, PPID_BINARY, data, len, 0,
			    MSG_DONTWAIT) == (ssize_t)len ? 0 : -1;
}

int peer_send_ppid(struct peer *peer, __u16 sid, __u32 ppid,
		   const char *hex)
{
	unsigned char data[1024];
	ssize_t len = hex_parse(hex, data, sizeof(data));

	return len < 0 ? -1 : peer_send_raw(peer, sid, ppid, data, len);
}

/* One message of these bytes. */
int peer_send(struct peer *peer, __u16 sid, const char *hex)
{
	return peer_send_ppid(peer, sid, PPID_BINARY, hex);
}

static size_t put_varint(unsigned char *p, __u64 value)
{
	size_t n = 0;

	while (value > 0x7f) {
		p[n++] = value | 0x80;
		value >>= 7;
	}
	p[n++] = value;
	return n;
}

/* What is before a payload in its frame. Return: how many bytes. */
size_t peer_frame_head(unsigned char head[PEER_HEAD_MAX], size_t len)
{
	unsigned char field[PEER_HEAD_MAX];
	size_t at, field_len;

	field[0] = 0x12;
	field_len = 1 + put_varint(field + 1, len);
	at = put_varint(head, field_len + len);
	memcpy(head + at, field, field_len);
	return at + field_len;
}

/* One message that is a frame of this payload. */
int peer_send_frame(struct peer *peer, __u16 sid, const void *payload,
		    size_t len)
{
	unsigned char *buf = malloc(PEER_HEAD_MAX + len);
	size_t at;
	int ret;

	if (!buf)
		return -1;
	at = peer_frame_head(buf, len);
	memcpy(buf + at, payload, len);
	ret = peer_send_raw(peer, sid, PPID_BINARY, buf, at + len);
	free(buf);
	return ret;
}

static int peer_request_reset(struct peer *peer, __u16 sid, __u16 direction)
{
	char buf[sizeof(struct sctp_reset_streams) + sizeof(__u16)] = {};
	struct sctp_reset_streams *reset = (void *)buf;
	long long end = now_ms() + deadline_ms();

	reset->srs_flags = direction;
	reset->srs_number_streams = 1;
	reset->srs_stream_list[0] = sid;
	for (;;) {
		if (!setsockopt(peer->fd, IPPROTO_SCTP, SCTP_RESET_STREAMS,
				reset, sizeof(buf)))
			return 0;
		/* Data is still to be sent, or a request is in flight. */
		if ((errno != EAGAIN && errno != EINPROGRESS) ||
		    now_ms() >= end)
			break;
		peer_pump(peer, 5);
	}
	fprintf(stderr, "# peer: stream %u: reset: %m\n", sid);
	return -1;
}

/* Ask for the reset of our direction of a stream. */
int peer_send_reset(struct peer *peer, __u16 sid)
{
	return peer_request_reset(peer, sid, SCTP_STREAM_RESET_OUTGOING);
}

/* Ask the other side to reset its own (RFC 6525, section 5.1.3). */
int peer_ask_reset(struct peer *peer, __u16 sid)
{
	return peer_request_reset(peer, sid, SCTP_STREAM_RESET_INCOMING);
}

static struct peer_record *peer_wait_reset_out(struct peer *peer, __u16 sid)
{
	long long end = now_ms() + deadline_ms();
	struct peer_record *record;

	for (;;) {
		long long left = end - now_ms();

		for (record = peer->head; record; record = record->next)
			if (record->kind == PEER_RESET_OUT &&
			    record->sid == sid)
				return record;
		if (left <= 0 || peer->ended)
			return NULL;
		peer_pump(peer, left);
	}
}

/* Reset our direction of a stream.  Of two requests that cross on the wire
 * Linux carries out neither, so it may take more than one.
 */
int peer_reset(struct peer *peer, __u16 sid)
{
	struct peer_record *record;
	unsigned int tries, flags;

	for (tries = 0; tries < 20; tries++) {
		if (peer_send_reset(peer, sid))
			return -1;
		record = peer_wait_reset_out(peer, sid);
		if (!record)
			return peer_fail(peer, sid, "our reset's answer");
		flags = record->flags;
		peer_drop(peer, record);
		if (flags & SCTP_STREAM_RESET_DENIED)
			break;
		if (!(flags & SCTP_STREAM_RESET_FAILED))
			return 0;
		usleep(3000 * (tries + 1));
	}
	return peer_fail(peer, sid, "our reset to be carried out");
}

/* Open a channel, with the acknowledgment of the other side. */
int peer_open_as(struct peer *peer, __u16 sid, const char *open)
{
	if (peer_send_ppid(peer, sid, PPID_DCEP, open))
		return -1;
	return peer_expect_ppid(peer, sid, PPID_DCEP, DCEP_ACK);
}

int peer_open(struct peer *peer, __u16 sid)
{
	return peer_open_as(peer, sid, DCEP_OPEN);
}

static bool is_open(const struct peer_record *record)
{
	return record->kind == PEER_DATA && record->ppid == PPID_DCEP &&
	       record->len && record->data[0] == 0x03;
}

/* The other side opens a channel, on any stream. */
int peer_expect_open(struct peer *peer, __u16 *sid)
{
	long long end = now_ms() + deadline_ms();
	struct peer_record *record;

	for (;;) {
		long long left = end - now_ms();

		for (record = peer->head; record; record = record->next) {
			if (!is_open(record))
				continue;
			*sid = record->sid;
			return peer_expect_ppid(peer, *sid, PPID_DCEP,
						DCEP_OPEN);
		}
		if (left <= 0 || peer->ended)
			return peer_fail(peer, 0, "DATA_CHANNEL_OPEN");
		peer_pump(peer, left);
	}
}

int peer_answer_open(struct peer *peer, __u16 *sid)
{
	if (peer_expect_open(peer, sid))
		return -1;
	return peer_send_ppid(peer, *sid, PPID_DCEP, DCEP_ACK);
}

/* Make the other side answer on a stream that is used for nothing else: it
 * has then dealt with all that was sent before.
 */
int peer_sync(struct peer *peer, __u16 sid)
{
	if (peer_send_ppid(peer, sid, PPID_DCEP, DCEP_OPEN))
		return -1;
	if (!peer_next(peer, sid))
		return peer_fail(peer, sid, "an answer");
	return 0;
}

/* Has the kernel's SCTP got all that the peer has sent? */
bool peer_is_acknowledged(const struct peer *peer)
{
	__u32 mem[SK_MEMINFO_VARS] = {};
	socklen_t len = sizeof(mem);

	return !getsockopt(peer->fd, SOL_SOCKET, SO_MEMINFO, mem, &len) &&
	       !mem[SK_MEMINFO_WMEM_QUEUED];
}
