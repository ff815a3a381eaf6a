// SPDX-License-Identifier: GPL-2.0
/*
 * A hostile peer: channels opened at random and in wrong ways, frames that are
 * merged, cut and broken, bytes without sense, resets, and ends of all kinds.
 *
 * A step has random numbers of its own, and so have the answers to what comes.
 * So the same seed gives the same steps, whatever the other side does.
 */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../lib/sctp.h"
#include "attack.h"

#define ENDS		512
#define BUFFER		(512 << 10)
#define FLAG_TAG	0x08
#define SMALL_RCVBUF	8192

/* What the kernel has sent on a stream since that was reset.
 *
 * A peer may open a channel again when both directions have been reset (RFC
 * 8831, section 6.7).  If it does so before, and then refuses to reset the
 * kernel's direction, as a request of its own is under way, the new channel
 * goes on where the old one has ended.
 */
struct heard {
	__u32 body;			/* of this many bytes is yet to come */
	bool fin;
	bool fin_ack;
	bool over;			/* RESET_STREAM has come */
	bool reset;			/* the kernel has, the peer has not */
	bool reset_by_us;		/* only the peer has, or tries to */
	bool opened_early;		/* since then */
};

static struct ends *all_ends[ENDS];
static atomic_int nr_ends;

/* Ends of streams. */

/* Nobody asks for those of earlier associations any more. */
void attack_forget(void)
{
	int i;

	for (i = 0; i < nr_ends; i++)
		free(all_ends[i]);
	nr_ends = 0;
}

static struct ends *ends_of(int port)
{
	struct ends *ends;
	int i;

	for (i = 0; i < nr_ends; i++)
		if (all_ends[i]->port == port)
			return all_ends[i];
	if (nr_ends == ENDS)
		return NULL;
	ends = calloc(1, sizeof(*ends));
	if (!ends)
		return NULL;
	ends->port = port;
	all_ends[nr_ends] = ends;
	nr_ends++;
	return ends;
}

bool attack_may_have_sent_fin(int port, __u16 sid)
{
	int i;

	for (i = 0; i < nr_ends; i++)
		if (all_ends[i]->port == port)
			return atomic_load(&all_ends[i]->stream[sid].fin);
	return false;
}

/* The last seven bits of FIN's number are 0; more of it needs not be known, as
 * chance seldom brings two such bytes in a row.
 */
static bool may_be_fin(unsigned char byte)
{
	return !(byte & 0x7f);
}

/* Look at a message before it is sent.  Messages may overtake each other, so
 * where a frame is cut does not matter, nor what is between.
 */
static void note_fin(struct ends *ends, __u16 sid, const unsigned char *data,
		     size_t len)
{
	bool fin = false;
	size_t i;

	if (!len)
		return;
	for (i = 1; i < len; i++)
		fin |= data[i - 1] == FLAG_TAG && may_be_fin(data[i]);
	ends->stream[sid].tag |= data[len - 1] == FLAG_TAG;
	ends->stream[sid].zero |= may_be_fin(data[0]);
	if (fin || (ends->stream[sid].tag && ends->stream[sid].zero))
		atomic_store(&ends->stream[sid].fin, true);
}

/* Sending.  It never waits: a peer whose window is full gets less. */

static void attack_send(struct attack *attack, __u16 sid, __u32 ppid,
			const void *data, size_t len, __u16 sctp)
{
	struct heard *heard = &attack->heard[sid];

	note_fin(attack->ends, sid, data, len);
	heard->opened_early |= heard->reset_by_us && ppid == PPID_DCEP;
	if (peer_sendmsg(&attack->peer, sid, ppid, data, len, sctp,
			 MSG_DONTWAIT) >= 0)
		attack->messages++;
}

static void attack_send_hex(struct attack *attack, __u16 sid, __u32 ppid,
			    const char *hex)
{
	unsigned char data[64];

	attack_send(attack, sid, ppid, data, hex_parse(hex, data,
						       sizeof(data)), 0);
}

/* What came. */

static void is_wrong(struct attack *attack, const struct peer_record *record,
		     const char *why)
{
	fprintf(stderr, "# stream %u, ppid %u: %s\n", record->sid,
		record->ppid, why);
	hex_print("  ", record->data, record->len);
	attack->wrong++;
}

static void hear_dcep(struct attack *attack, const struct peer_record *record)
{
	const unsigned char *p = record->data;

	if (record->len == 1 && p[0] == 0x02)
		return;
	if (record->len < 12 || p[0] != 0x03 || p[1] != 0 ||
	    record->len != 12u + (p[8] << 8 | p[9]) + (p[10] << 8 | p[11])) {
		is_wrong(attack, record, "no DCEP");
		return;
	}
	if (!random_one_in(&attack->answers, 6))
		attack_send_hex(attack, record->sid, PPID_DCEP, DCEP_ACK);
}

static void answer_flag(struct attack *attack, __u16 sid, int flag)
{
	static const char * const answer[] = {
		WIRE_FIN, WIRE_STOP_SENDING, WIRE_RESET_STREAM, WIRE_FIN_ACK,
	};

	if (random_one_in(&attack->answers, 8))
		flag = random_below(&attack->answers, 4);
	else if (flag == 0 && !random_one_in(&attack->answers, 4))
		flag = 3;
	else if (flag == 1 && random_one_in(&attack->answers, 2))
		flag = 0;
	else
		return;
	attack_send_hex(attack, sid, PPID_BINARY, answer[flag]);
}

/* Why it may not come now, or NULL. */
static const char *flag_is_wrong(struct heard *heard,
				 const struct peer_frame *frame)
{
	if (heard->over)
		return "something after RESET_STREAM";
	if (frame->flag < 0)
		return !frame->len ? "an empty frame" :
		       heard->fin ? "data after FIN" : NULL;
	if (frame->flag > 3)
		return "an unknown flag";
	if (frame->len)
		return "a flag with data";
	if (frame->flag == 0 && heard->fin)
		return "a second FIN";
	if (frame->flag == 3 && heard->fin_ack)
		return "a second FIN_ACK";
	heard->fin |= frame->flag == 0;
	heard->fin_ack |= frame->flag == 3;
	heard->over |= frame->flag == 2;
	return NULL;
}

static const char *frame_is_wrong(struct attack *attack, struct heard *heard,
				  const struct peer_frame *frame)
{
	const char *why = flag_is_wrong(heard, frame);

	if (!why || !heard->opened_early)
		return why;
	memset(heard, 0, sizeof(*heard));
	attack->early++;
	return flag_is_wrong(heard, frame);
}

static void hear_frame(struct attack *attack, const struct peer_record *record,
		       const unsigned char *body, size_t len)
{
	struct heard *heard = &attack->heard[record->sid];
	static struct peer_frame frame;
	const char *why;

	heard->body = 0;
	memcpy(frame.body, body, len);
	if (peer_parse_frame(&frame, len)) {
		is_wrong(attack, record, "a malformed frame");
		return;
	}
	why = frame_is_wrong(attack, heard, &frame);
	if (why)
		is_wrong(attack, record, why);
	attack->frames++;
	answer_flag(attack, record->sid, frame.flag);
}

/* A message is a frame, or the prefix of one, or the body that belongs to the
 * prefix before it.
 */
static void hear_data(struct attack *attack, const struct peer_record *record)
{
	struct heard *heard = &attack->heard[record->sid];
	__u64 want;
	int used;

	if (record->ppid != PPID_BINARY) {
		is_wrong(attack, record, "a PPID that is not ours");
		return;
	}
	if (heard->body) {
		if (record->len != heard->body)
			is_wrong(attack, record, "not the body of a frame");
		else
			hear_frame(attack, record, record->data, record->len);
		return;
	}
	used = peer_read_varint(record->data, record->len, &want);
	if (used < 0 || !want || want > PEER_FRAME_MAX)
		is_wrong(attack, record, "no length of a frame");
	else if (record->len == (size_t)used)
		heard->body = want;
	else if (record->len - used != want)
		is_wrong(attack, record, "not one frame");
	else
		hear_frame(attack, record, record->data + used, want);
}

static void hear_reset(struct heard *heard)
{
	bool by_us = heard->reset_by_us;

	memset(heard, 0, sizeof(*heard));
	heard->reset = !by_us;
}

static void hear_record(struct attack *attack,
			const struct peer_record *record)
{
	switch (record->kind) {
	case PEER_DATA:
		if (record->ppid == PPID_DCEP)
			hear_dcep(attack, record);
		else
			hear_data(attack, record);
		break;
	case PEER_RESET_IN:
		hear_reset(&attack->heard[record->sid]);
		break;
	case PEER_LOST:
	case PEER_END:
	case PEER_ERROR:
		attack->up = false;
		break;
	default:
		break;
	}
}

/* Take what comes, for some time, and answer some of it. */
void attack_hear(struct attack *attack, int ms)
{
	struct peer *peer = &attack->peer;
	struct peer_record *record;

	if (!attack->up)
		return;
	if (attack->deaf) {
		attack->deaf--;
		return;
	}
	peer_pump(peer, ms);
	while ((record = peer_take(peer))) {
		hear_record(attack, record);
		free(record);
	}
	if (!attack->up)
		peer_close(peer);
}

/* Messages. */

struct buffer {
	unsigned char data[BUFFER];
	size_t len;
};

static struct buffer buffer;

static __u16 some_stream(struct random *r)
{
	return random_below(r, random_one_in(r, 20) ? PEER_STREAMS : 12);
}

/* One that this side may open, most of the time. */
static __u16 some_own_stream(struct attack *attack, struct random *r)
{
	__u16 sid = some_stream(r);

	if (random_one_in(r, 8))
		return sid;
	/* Those of who has dialed are even. */
	return (sid & ~1) | (attack->listener >= 0);
}

static __u32 some_ppid(struct random *r)
{
	static const __u32 known[] = {
		PPID_BINARY, PPID_STRING, PPID_DCEP, PPID_STRING_EMPTY,
		PPID_BINARY_EMPTY, 0, 52, 54,
	};

	return random_one_in(r, 8) ? random_word(r) : known[random_below(r, 8)];
}

static void put(const void *data, size_t len)
{
	if (len > BUFFER - buffer.len)
		len = BUFFER - buffer.len;
	memcpy(buffer.data + buffer.len, data, len);
	buffer.len += len;
}

static void put_hex(const char *hex)
{
	unsigned char data[64];

	put(data, hex_parse(hex, data, sizeof(data)));
}

static size_t some_payload_len(struct random *r)
{
	switch (random_below(r, 12)) {
	case 0:
		return random_below(r, 200000);
	case 1:
		return 16360 + random_below(r, 40);
	case 2:
		return 0;
	default:
		return random_below(r, 1500);
	}
}

/* The payload is such that no FIN can be seen in it. */
static void put_data_frame(struct random *r)
{
	unsigned char head[PEER_HEAD_MAX];
	size_t len = some_payload_len(r);

	put(head, peer_frame_head(head, len));
	if (len > BUFFER - buffer.len)
		len = BUFFER - buffer.len;
	memset(buffer.data + buffer.len, 'x', len);
	buffer.len += len;
}

static void put_some_frame(struct random *r)
{
	static const char * const frame[] = {
		WIRE_FIN, WIRE_STOP_SENDING, WIRE_RESET_STREAM, WIRE_FIN_ACK,
		"00", "02 12 00", "02 08 07", "04 08 02 18 09",
		"07 08 01 12 03 61 62 63", "07 08 00 12 03 61 62 63",
		"03 7a 01 00", "06 12 01 61 12 01 62", "80 01",
		"84 80 01 12 80 80 01", "ff ff ff ff 7f", "02 0f 00",
	};
	unsigned int i = random_below(r, 3 * 16);

	/* Most of those end the channel: data is to come to it as well. */
	if (i < 16 && (i > 2 || random_one_in(r, 2)))
		put_hex(frame[i]);
	else
		put_data_frame(r);
}

static void mutate(struct random *r)
{
	unsigned int count = 1 + random_below(r, 4);

	while (count-- && buffer.len) {
		size_t at = random_below(r, buffer.len < 40 ? buffer.len : 40);

		switch (random_below(r, 4)) {
		case 0:
			buffer.data[at] ^= 1 << random_below(r, 8);
			break;
		case 1:
			buffer.data[at] = random_word(r);
			break;
		case 2:
			buffer.len = at;
			break;
		case 3:
			memmove(buffer.data + at, buffer.data + at + 1,
				buffer.len - at - 1);
			buffer.len--;
			break;
		}
	}
}

/* What is in the buffer, in as many messages. */
static void send_cut(struct attack *attack, struct random *r, __u16 sid,
		     unsigned int pieces)
{
	size_t at = 0, len;

	while (at < buffer.len) {
		len = buffer.len - at;
		if (pieces > 1 && len > 1)
			len = 1 + random_below(r, random_one_in(r, 2) ? len :
						  len < 8 ? len : 8);
		if (pieces)
			pieces--;
		attack_send(attack, sid, PPID_BINARY, buffer.data + at, len,
			    0);
		at += len;
	}
}

static void put_open(struct random *r)
{
	unsigned char head[12] = { 0x03 };

	if (random_one_in(r, 6))
		head[1] = random_one_in(r, 2) ? 0x80 : random_word(r);
	if (random_one_in(r, 6))
		head[9] = random_below(r, 40);
	if (random_one_in(r, 6))
		head[11] = random_below(r, 40);
	put(head, sizeof(head));
	memset(buffer.data + buffer.len, 'l', head[9] + head[11]);
	buffer.len += head[9] + head[11];
}

/* Steps. */

static void step_open(struct attack *attack, struct random *r)
{
	put_open(r);
	attack_send(attack, some_own_stream(attack, r), PPID_DCEP, buffer.data,
		    buffer.len, 0);
}

static void step_open_and_write(struct attack *attack, struct random *r)
{
	__u16 sid = some_own_stream(attack, r);
	unsigned int i;

	attack_send_hex(attack, sid, PPID_DCEP, DCEP_OPEN);
	for (i = random_below(r, 4); i; i--)
		put_data_frame(r);
	send_cut(attack, r, sid, 1 + random_below(r, 3));
}

static void step_broken_dcep(struct attack *attack, struct random *r)
{
	put_open(r);
	if (random_one_in(r, 4)) {
		buffer.len = random_below(r, 300);
		random_bytes(r, buffer.data, buffer.len);
	} else if (random_one_in(r, 4)) {
		buffer.len = 0;
		put_hex(DCEP_ACK);
	} else {
		mutate(r);
	}
	attack_send(attack, some_stream(r), PPID_DCEP, buffer.data,
		    buffer.len, random_one_in(r, 4) ? SCTP_UNORDERED : 0);
}

static void step_frames(struct attack *attack, struct random *r)
{
	__u16 sid = some_stream(r);
	unsigned int i;

	for (i = 1 + random_below(r, 4); i; i--)
		put_some_frame(r);
	send_cut(attack, r, sid, 1 + random_below(r, 6));
}

static void step_broken_frames(struct attack *attack, struct random *r)
{
	__u16 sid = some_stream(r);

	put_some_frame(r);
	put_some_frame(r);
	mutate(r);
	send_cut(attack, r, sid, 1 + random_below(r, 3));
}

static void step_garbage(struct attack *attack, struct random *r)
{
	buffer.len = 1 + random_below(r, 100);
	random_bytes(r, buffer.data, buffer.len);
	attack_send(attack, some_stream(r), some_ppid(r), buffer.data,
		    buffer.len, random_one_in(r, 3) ? SCTP_UNORDERED : 0);
}

static void step_flood(struct attack *attack, struct random *r)
{
	unsigned int first = random_below(r, PEER_STREAMS - 64), i;
	bool opened = random_one_in(r, 2);

	for (i = 0; i < 64; i++) {
		__u16 sid = opened ? some_stream(r) : first + i;

		buffer.len = 0;
		put_some_frame(r);
		if (random_one_in(r, 2))
			attack_send_hex(attack, sid, PPID_DCEP, DCEP_OPEN);
		attack_send(attack, sid,
			    random_one_in(r, 4) ? some_ppid(r) : PPID_BINARY,
			    buffer.data, buffer.len,
			    random_one_in(r, 8) ? SCTP_UNORDERED : 0);
	}
}

static void note_reset(struct heard *heard)
{
	heard->reset_by_us = !heard->reset;
	heard->reset = false;
}

/* No list of streams means all of them. */
static void note_resets(struct attack *attack,
			const struct sctp_reset_streams *reset)
{
	int i, nr = reset->srs_number_streams;

	if (!(reset->srs_flags & SCTP_STREAM_RESET_OUTGOING))
		return;
	for (i = 0; i < nr; i++)
		note_reset(&attack->heard[reset->srs_stream_list[i]]);
	for (i = 0; !nr && i < PEER_STREAMS; i++)
		note_reset(&attack->heard[i]);
}

static void step_reset_streams(struct attack *attack, struct random *r)
{
	static const __u16 flags[] = {
		SCTP_STREAM_RESET_OUTGOING, SCTP_STREAM_RESET_INCOMING,
		SCTP_STREAM_RESET_OUTGOING | SCTP_STREAM_RESET_INCOMING,
	};
	struct {
		struct sctp_reset_streams head;
		__u16 sid[8];
	} reset = {};
	__u16 nr = random_below(r, 9), i;

	reset.head.srs_flags = flags[random_below(r, 3)];
	reset.head.srs_number_streams = nr;
	for (i = 0; i < nr; i++)
		reset.head.srs_stream_list[i] = some_stream(r);
	note_resets(attack, &reset.head);
	setsockopt(attack->peer.fd, IPPROTO_SCTP, SCTP_RESET_STREAMS, &reset,
		   sizeof(reset.head) + nr * sizeof(__u16));
}

static void step_reset_more(struct attack *attack, struct random *r)
{
	struct sctp_add_streams add = {
		.sas_instrms = random_below(r, 3),
		.sas_outstrms = random_below(r, 3),
	};
	sctp_assoc_t id = 0;

	if (random_one_in(r, 2))
		setsockopt(attack->peer.fd, IPPROTO_SCTP, SCTP_ADD_STREAMS,
			   &add, sizeof(add));
	else
		setsockopt(attack->peer.fd, IPPROTO_SCTP, SCTP_RESET_ASSOC,
			   &id, sizeof(id));
}

static void step_hear(struct attack *attack, struct random *r)
{
	attack_hear(attack, random_below(r, 10));
}

/* Its window may be full for a while. */
static void step_deaf(struct attack *attack, struct random *r)
{
	attack->deaf = random_below(r, 100);
	usleep(random_below(r, 100000));
}

/* The end of the association, in one of many ways; then there is another. */
static void step_end(struct attack *attack, struct random *r)
{
	switch (random_below(r, 3)) {
	case 0:
		peer_shutdown(&attack->peer);
		attack_hear(attack, random_below(r, 30));
		peer_close(&attack->peer);
		break;
	case 1:
		peer_abort(&attack->peer);
		break;
	case 2:
		peer_close(&attack->peer);
		break;
	}
	attack->up = false;
}

static const struct attack_step {
	void (*fn)(struct attack *attack, struct random *r);
	unsigned int weight;
} steps[] = {
	{ step_open, 10 },
	{ step_open_and_write, 24 },
	{ step_broken_dcep, 6 },
	{ step_frames, 24 },
	{ step_broken_frames, 6 },
	{ step_garbage, 4 },
	{ step_flood, 2 },
	{ step_reset_streams, 8 },
	{ step_reset_more, 2 },
	{ step_hear, 40 },
	{ step_deaf, 1 },
	{ step_end, 1 },
};

static const struct attack_step *some_step(struct random *r)
{
	static const unsigned int nr = sizeof(steps) / sizeof(steps[0]);
	unsigned int i, all = 0, at;

	for (i = 0; i < nr; i++)
		all += steps[i].weight;
	at = random_below(r, all);
	for (i = 0; at >= steps[i].weight; i++)
		at -= steps[i].weight;
	return &steps[i];
}

static int begin(struct attack *attack)
{
	int rcvbuf = random_one_in(&attack->answers, 3) ? SMALL_RCVBUF : 0;
	struct addr known_by;

	attack->deaf = 0;
	if (attack->listener < 0) {
		if (peer_connect(&attack->peer, &attack->addr, rcvbuf))
			return -1;
	} else {
		/* Nobody may dial just now. */
		if (poll_for(attack->listener, POLLIN, 1) <= 0)
			return 0;
		if (peer_accept(&attack->peer, attack->listener))
			return -1;
	}
	attack->up = true;
	attack->assocs++;
	memset(attack->heard, 0, 65536 * sizeof(*attack->heard));
	/* It may be gone already. */
	if (attack->listener < 0 ? addr_local(attack->peer.fd, &known_by) :
				   addr_remote(attack->peer.fd, &known_by)) {
		peer_close(&attack->peer);
		attack->up = false;
		return 0;
	}
	attack->ends = ends_of(addr_port(&known_by));
	return attack->ends ? 0 : -1;
}

void attack_init(struct attack *attack, int listener, const struct addr *addr,
		 struct random *random)
{
	memset(attack, 0, sizeof(*attack));
	attack->listener = listener;
	attack->addr = *addr;
	attack->heard = malloc(65536 * sizeof(*attack->heard));
	if (!attack->heard)
		abort();
	random_seed(&attack->answers, random_word(random), 2);
}

/* Return: 0; -1: there is no association any more. */
int attack_step(struct attack *attack, struct random *random)
{
	const struct attack_step *step = some_step(random);
	struct random own;

	random_seed(&own, random_word(random), 1);
	buffer.len = 0;
	if (!attack->up)
		return begin(attack);
	step->fn(attack, &own);
	return 0;
}

void attack_exit(struct attack *attack, struct random *random)
{
	if (attack->up && random_one_in(random, 2))
		peer_abort(&attack->peer);
	else if (attack->up)
		peer_close(&attack->peer);
	free(attack->heard);
}
