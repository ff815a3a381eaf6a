/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The exact peer: a plain SCTP socket that sends any bytes and records what it
 * gets, byte for byte.  It answers nothing of its own accord.
 *
 * Bytes are written as text, "02 08 00".  What a function waits for has a
 * deadline; when it passes, or when something else comes, the function prints
 * what came and returns -1.
 *
 * On one stream all comes in the order it was sent; nothing is said about two
 * streams.  So a function that is given a stream looks at that stream only,
 * and at the next record of it: what nobody asked for makes it fail.
 */
#ifndef SELFTESTS_WRTCSUB_PEER_H
#define SELFTESTS_WRTCSUB_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>
#include <sys/types.h>

#include "util.h"

#define PPID_DCEP		50
#define PPID_STRING		51
#define PPID_BINARY		53
#define PPID_STRING_EMPTY	56
#define PPID_BINARY_EMPTY	57

#define WIRE_FIN		"02 08 00"
#define WIRE_STOP_SENDING	"02 08 01"
#define WIRE_RESET_STREAM	"02 08 02"
#define WIRE_FIN_ACK		"02 08 03"

/* type 00, priority 256, reliability 0, label "", protocol "" */
#define DCEP_OPEN		"03 00 0100 00000000 0000 0000"
#define DCEP_ACK		"02"

#define PEER_STREAMS		1024
#define PEER_FRAME_MAX		262144
#define PEER_HEAD_MAX		24

enum peer_kind {
	PEER_DATA,		/* a user message */
	PEER_RESET_IN,		/* the other side has reset its direction */
	PEER_RESET_OUT,		/* ours has been reset, or not: flags */
	PEER_STREAMS_ADDED,	/* RFC 6525, section 6.3.4 */
	PEER_SHUTDOWN,		/* SHUTDOWN has come */
	PEER_LOST,		/* the association is no more */
	PEER_END,		/* recv said 0 */
	PEER_ERROR,		/* recv failed: flags is errno */
};

struct peer_record {
	struct peer_record *next;
	enum peer_kind kind;
	__u16 sid;
	__u16 flags;
	__u32 ppid;
	size_t len;
	unsigned char data[];
};

struct peer {
	int fd;
	struct peer_record *head;
	struct peer_record **tail;
	unsigned char *partial;		/* pieces of a message so far */
	size_t partial_len;
	unsigned int requests;		/* resets that the other side asked */
	size_t largest;			/* streams of one of these */
	bool unordered;			/* how user messages are sent */
	bool known[PEER_STREAMS];	/* the other side has sent OPEN or ACK */
	unsigned int more_acks;		/* on these; they are no records */
	bool ended;
};

/* One frame, taken from the byte stream of a channel. */
struct peer_frame {
	int flag;			/* -1: none */
	long code;			/* -1: none */
	size_t size;			/* on the wire, with the prefix */
	unsigned int messages;		/* SCTP messages it came in */
	size_t len;			/* of the payload */
	const unsigned char *payload;
	unsigned char body[PEER_FRAME_MAX];
};

/* Associations.  This is for a peer that knows no RFC 6525. */
extern bool peer_without_reconf;

int peer_listen(int family, struct addr *addr, int rcvbuf);
int peer_accept(struct peer *peer, int listener);
int peer_connect(struct peer *peer, const struct addr *addr, int rcvbuf);
int peer_connect_from(struct peer *peer, const struct addr *local,
		      const struct addr *addr);
int peer_restart(struct peer *peer, const struct addr *local,
		 const struct addr *addr);
void peer_close(struct peer *peer);
void peer_forget(struct peer *peer);
int peer_abort(struct peer *peer);
int peer_shutdown(struct peer *peer);

/* Sending. */
ssize_t peer_sendmsg(struct peer *peer, __u16 sid, __u32 ppid,
		     const void *data, size_t len, __u16 sctp, int flags);
int peer_send_raw(struct peer *peer, __u16 sid, __u32 ppid,
		  const void *data, size_t len);
int peer_try_send(struct peer *peer, __u16 sid, const void *data,
		  size_t len);
int peer_send_ppid(struct peer *peer, __u16 sid, __u32 ppid,
		   const char *hex);
int peer_send(struct peer *peer, __u16 sid, const char *hex);
size_t peer_frame_head(unsigned char head[PEER_HEAD_MAX], size_t len);
int peer_send_frame(struct peer *peer, __u16 sid, const void *payload,
		    size_t len);
int peer_send_reset(struct peer *peer, __u16 sid);
int peer_ask_reset(struct peer *peer, __u16 sid);
int peer_reset(struct peer *peer, __u16 sid);
bool peer_is_acknowledged(const struct peer *peer);

/* Receiving. */
int peer_pump(struct peer *peer, int timeout_ms);
struct peer_record *peer_take(struct peer *peer);
struct peer_record *peer_next(struct peer *peer, __u16 sid);
int peer_expect_ppid(struct peer *peer, __u16 sid, __u32 ppid,
		     const char *hex);
int peer_expect(struct peer *peer, __u16 sid, const char *hex);
int peer_read_varint(const unsigned char *p, size_t len, __u64 *value);
int peer_parse_frame(struct peer_frame *frame, size_t len);
int peer_expect_frame(struct peer *peer, __u16 sid,
		      struct peer_frame *frame);
int peer_expect_pattern(struct peer *peer, __u16 sid, size_t offset,
			size_t len, unsigned int seed);
ssize_t peer_read_to_flag(struct peer *peer, __u16 sid, size_t offset,
			  unsigned int seed, int *flag);
int peer_expect_reset(struct peer *peer, __u16 sid);
int peer_expect_nothing(struct peer *peer, __u16 sid);
int peer_expect_kind(struct peer *peer, enum peer_kind kind);

/* Channels. */
int peer_open(struct peer *peer, __u16 sid);
int peer_open_as(struct peer *peer, __u16 sid, const char *open);
int peer_expect_open(struct peer *peer, __u16 *sid);
int peer_answer_open(struct peer *peer, __u16 *sid);
int peer_sync(struct peer *peer, __u16 sid);

#endif
