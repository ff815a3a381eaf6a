// SPDX-License-Identifier: GPL-2.0
/*
 * From SCTP to substreams.
 *
 * A message belongs to the channel of its stream identifier.  A channel is a
 * byte stream: frames are found in it wherever messages begin and end.  The
 * payload of a frame goes to the reader when the frame is complete, and then
 * its flag takes effect.  Whether there is memory for it is up to room.c.
 */

#include <linux/skbuff.h>
#include <net/sock.h>

#include "assoc.h"
#include "dcep.h"
#include "early.h"
#include "frame.h"
#include "input.h"
#include "message.h"
#include "mib.h"
#include "opening.h"
#include "pernet.h"
#include "room.h"
#include "substream.h"
#include "trace.h"

/* Messages in one round of the work. */
#define WRTCSUB_INPUT_BUDGET	64

/* How often to look while SCTP does not tell of notifications: a CPU can make
 * some MiB of them meanwhile.
 */
#define WRTCSUB_INPUT_LOOK	(HZ / 10)

/* Memory that SCTP takes for a notification of one stream. */
#define WRTCSUB_INPUT_NOTICE	1024

static void wrtcsub_input_flag(struct wrtcsub_assoc *a, struct wrtcsub_sock *ws)
{
	const struct wrtcsub_frame_decoder *dec = &ws->decoder;
	u32 code = dec->has_code ? dec->code : 0;

	switch (dec->flag) {
	case WRTCSUB_FLAG_FIN:
		wrtcsub_substream_event(ws, WRTCSUB_EV_FIN);
		break;
	case WRTCSUB_FLAG_STOP_SENDING:
		WRITE_ONCE(ws->peer_code, code);
		wrtcsub_substream_event(ws, WRTCSUB_EV_STOP_SENDING);
		break;
	case WRTCSUB_FLAG_RESET_STREAM:
		WRITE_ONCE(ws->peer_code, code);
		wrtcsub_mib_inc(a->net, WRTCSUB_MIB_RX_RESETS);
		wrtcsub_substream_fail(ws, WRTCSUB_EV_RESET_STREAM,
				       test_bit(WRTCSUB_F_ACKED, &ws->flags) ?
				       ECONNRESET : ECONNREFUSED);
		break;
	case WRTCSUB_FLAG_FIN_ACK:
		wrtcsub_substream_event(ws, WRTCSUB_EV_FIN_ACK);
		break;
	default:
		wrtcsub_mib_inc(a->net, WRTCSUB_MIB_RX_UNKNOWN_FLAGS);
	}
}

static void wrtcsub_input_frame(struct wrtcsub_assoc *a,
				struct wrtcsub_sock *ws)
{
	unsigned int len;

	WRITE_ONCE(ws->rx_frames, ws->rx_frames + 1);
	wrtcsub_mib_inc(a->net, WRTCSUB_MIB_RX_FRAMES);

	len = wrtcsub_rxq_commit(ws);
	trace_wrtcsub_frame_in(ws, ws->decoder.has_flag ? ws->decoder.flag : -1,
			       len);
	if (len) {
		WRITE_ONCE(ws->rx_bytes, ws->rx_bytes + len);
		wrtcsub_mib_add(a->net, WRTCSUB_MIB_RX_BYTES, len);
		wrtcsub_substream_wake(ws, EPOLLIN | EPOLLRDNORM);
	}
	if (ws->decoder.has_flag)
		wrtcsub_input_flag(a, ws);
}

/* Payload that nobody will read is not kept while its frame lasts.  -EAGAIN: it
 * waits.
 */
static int wrtcsub_input_payload(struct wrtcsub_assoc *a,
				 struct wrtcsub_sock *ws,
				 struct wrtcsub_message *msg, u32 len)
{
	u32 need;
	int err;

	while (wrtcsub_fsm_rx(wrtcsub_substream_state(ws)) == WRTCSUB_RX_OPEN) {
		err = wrtcsub_rxq_add(ws, msg, msg->off, len, &need);
		if (err != -EAGAIN)
			return err;
		if (!wrtcsub_room_make(a, ws, need))
			return err;
		/* Room has come while it was about to wait. */
		wrtcsub_room_resume(a);
	}
	if (wrtcsub_fsm_rx(wrtcsub_substream_state(ws)) == WRTCSUB_RX_FIN_RCVD)
		wrtcsub_mib_add(a->net, WRTCSUB_MIB_RX_AFTER_FIN, len);
	else
		wrtcsub_mib_add(a->net, WRTCSUB_MIB_RX_DROPPED, len);
	wrtcsub_rxq_drop_partial(ws);
	return 0;
}

/* Bytes of the message that lie in one piece. */
static int wrtcsub_input_bytes(struct wrtcsub_assoc *a, struct wrtcsub_sock *ws,
			       struct wrtcsub_message *msg, const u8 *data,
			       size_t len)
{
	u32 max = wrtcsub_pernet_get(a->net, max_recv_frame);
	size_t used;
	int event, err;

	do {
		event = wrtcsub_frame_decode(&ws->decoder, max, data, len,
					     &used);
		if (event < 0)
			return event;
		if (event == WRTCSUB_FRAME_MESSAGE) {
			wrtcsub_rxq_drop_partial(ws);
		} else if (event == WRTCSUB_FRAME_PAYLOAD) {
			err = wrtcsub_input_payload(a, ws, msg, used);
			if (err) {
				msg->waits = used;
				return err;
			}
		} else if (event == WRTCSUB_FRAME_END) {
			wrtcsub_input_frame(a, ws);
		}
		data += used;
		len -= used;
		msg->off += used;
	} while (event != WRTCSUB_FRAME_MORE);
	return 0;
}

/* The payload that the decoder has passed already, which may be the last of its
 * frame.
 */
static int wrtcsub_input_waiting(struct wrtcsub_assoc *a,
				 struct wrtcsub_sock *ws,
				 struct wrtcsub_message *msg)
{
	int err;

	if (!msg->waits)
		return 0;
	err = wrtcsub_input_payload(a, ws, msg, msg->waits);
	if (err)
		return err;
	msg->off += msg->waits;
	msg->waits = 0;
	return wrtcsub_input_bytes(a, ws, msg, NULL, 0);
}

static void wrtcsub_input_abort(struct wrtcsub_assoc *a,
				struct wrtcsub_sock *ws, int err)
{
	wrtcsub_mib_inc(a->net, err == -EPROTO ? WRTCSUB_MIB_RX_MALFORMED :
						 WRTCSUB_MIB_NO_MEMORY);
	wrtcsub_rxq_drop_partial(ws);
	wrtcsub_substream_fail(ws, WRTCSUB_EV_ABORT,
			       err == -EPROTO ? EPROTO : ENOBUFS);
}

static int wrtcsub_input_decode(struct wrtcsub_assoc *a,
				struct wrtcsub_sock *ws,
				struct wrtcsub_message *msg)
{
	u32 len, from = msg->off;
	struct skb_seq_state seq;
	const u8 *data;
	int err = 0;

	/* The end of a frame may end the substream: the rest is not looked at. */
	skb_prepare_seq_read(msg->skb, from, msg->skb->len, &seq);
	while (!err && !wrtcsub_substream_is_reset(ws)) {
		len = skb_seq_read(msg->off - from, &data, &seq);
		if (!len)
			return 0;
		err = wrtcsub_input_bytes(a, ws, msg, data, len);
	}
	skb_abort_seq_read(&seq);
	return err;
}

/* False: what is left of the message waits for memory. */
static bool wrtcsub_input_data(struct wrtcsub_assoc *a, struct wrtcsub_sock *ws,
			       struct wrtcsub_message *msg)
{
	int err;

	err = wrtcsub_input_waiting(a, ws, msg) ?:
	      wrtcsub_input_decode(a, ws, msg);
	if (err == -EAGAIN)
		return false;
	if (err)
		wrtcsub_input_abort(a, ws, err);
	/* A RESET_STREAM before anything else was a refusal. */
	if (!wrtcsub_substream_is_reset(ws))
		wrtcsub_substream_acked(ws);
	return true;
}

static bool wrtcsub_input_sid_is_busy(struct wrtcsub_assoc *a, u16 sid)
{
	bool busy;

	spin_lock_bh(&a->lock);
	busy = wrtcsub_sid_is_busy(&a->sids, sid);
	spin_unlock_bh(&a->lock);
	return busy;
}

/* The peer may know before us that a channel has been closed. */
static bool wrtcsub_input_reopens(struct wrtcsub_assoc *a,
				  const struct wrtcsub_message *msg)
{
	u8 type = 0;

	if (msg->ppid != WRTCSUB_PPID_DCEP || (msg->sid & 1) == a->odd)
		return false;
	skb_copy_bits(msg->skb, 0, &type, min(msg->skb->len, 1u));
	return type == WRTCSUB_DCEP_OPEN && wrtcsub_reset_reopen(a, msg->sid);
}

/* Is it on a channel that is being closed, or of which nothing is looked at any
 * more?
 */
static bool wrtcsub_input_is_late(struct wrtcsub_assoc *a,
				  const struct wrtcsub_sock *ws,
				  const struct wrtcsub_message *msg)
{
	if (ws)
		return msg->ppid != WRTCSUB_PPID_DCEP &&
		       wrtcsub_substream_is_reset(ws);
	return wrtcsub_input_sid_is_busy(a, msg->sid) &&
	       !wrtcsub_input_reopens(a, msg);
}

/* False: what is left of it waits for memory. */
static bool wrtcsub_input_message(struct wrtcsub_assoc *a,
				  struct wrtcsub_message *msg)
{
	struct wrtcsub_sock *ws = xa_load(&a->streams, msg->sid);

	/* Only the first piece of a message is sure to have its PPID. */
	if (ws && ws->msg_ppid)
		msg->ppid = ws->msg_ppid;
	if (ws)
		ws->msg_ppid = msg->end ? 0 : msg->ppid;

	if (wrtcsub_input_is_late(a, ws, msg)) {
		wrtcsub_mib_add(a->net, WRTCSUB_MIB_RX_LATE, msg->end);
		return true;
	}

	switch (msg->ppid) {
	case WRTCSUB_PPID_DCEP:
		wrtcsub_opening_recv(a, ws, msg);
		return true;
	case WRTCSUB_PPID_STRING:
	case WRTCSUB_PPID_BINARY:
		break;
	case WRTCSUB_PPID_STRING_EMPTY:
	case WRTCSUB_PPID_BINARY_EMPTY:
		/* RFC 8831, section 6.6: its one byte is to be ignored. */
		return true;
	default:
		wrtcsub_mib_inc(a->net, WRTCSUB_MIB_RX_BAD_PPID);
		return true;
	}
	if (!ws) {
		wrtcsub_mib_inc(a->net, WRTCSUB_MIB_RX_UNKNOWN_CHANNEL);
		wrtcsub_reset_refuse(a, msg->sid);
		return true;
	}
	ws->rxq.last = NULL;
	return wrtcsub_input_data(a, ws, msg);
}

/* A peer that has begun the association anew (RFC 9260, section 5.2.4) knows of
 * no channel.  Nor can there be new ones: SCTP keeps the numbers of streams and
 * the sequence numbers of RFC 6525 that the old association had.  So it ends,
 * and the peer makes another one.
 */
static int wrtcsub_input_restarted(struct wrtcsub_assoc *a)
{
	wrtcsub_mib_inc(a->net, WRTCSUB_MIB_ASSOCS_RESTARTED);
	return -ECONNRESET;
}

static int wrtcsub_input_notification(struct wrtcsub_assoc *a,
				      struct wrtcsub_message *msg)
{
	const union sctp_notification *n = (const void *)msg->skb->data;
	u32 len = skb_headlen(msg->skb);

	if (len < sizeof(n->sn_header) || len < n->sn_header.sn_length)
		return 0;
	switch (n->sn_header.sn_type) {
	case SCTP_STREAM_RESET_EVENT:
		if (len >= sizeof(n->sn_strreset_event))
			wrtcsub_reset_event(a, &n->sn_strreset_event);
		break;
	case SCTP_STREAM_CHANGE_EVENT:
		if (len >= sizeof(n->sn_strchange_event))
			wrtcsub_grow_event(a, &n->sn_strchange_event);
		break;
	case SCTP_ASSOC_CHANGE:
		if (len >= sizeof(n->sn_assoc_change) &&
		    n->sn_assoc_change.sac_state == SCTP_RESTART)
			return wrtcsub_input_restarted(a);
	}
	return 0;
}

static void wrtcsub_input_done(struct wrtcsub_assoc *a)
{
	consume_skb(a->msg.skb);
	a->msg.skb = NULL;
}

/* Go on with a message whose rest waits. */
static bool wrtcsub_input_rest(struct wrtcsub_assoc *a)
{
	struct wrtcsub_sock *ws = xa_load(&a->streams, a->msg.sid);

	if (ws && !wrtcsub_input_data(a, ws, &a->msg))
		return false;
	wrtcsub_room_resume(a);
	wrtcsub_input_done(a);
	return true;
}

/* -EAGAIN: the message waits. */
static int wrtcsub_input_whole(struct wrtcsub_assoc *a)
{
	int err = 0;

	if (a->msg.notification)
		err = wrtcsub_input_notification(a, &a->msg);
	else if (!wrtcsub_input_message(a, &a->msg))
		return -EAGAIN;
	wrtcsub_input_done(a);
	return err;
}

/* What is next in SCTP's queue. */
static int wrtcsub_input_one(struct wrtcsub_assoc *a)
{
	struct wrtcsub_message *msg = &a->msg;
	bool early;
	int err;

	if (wrtcsub_room_must_wait(a, msg))
		return -EAGAIN;
	wrtcsub_room_resume(a);
	if (wrtcsub_early_yield(a, msg))
		return 0;
	err = wrtcsub_message_recv(&a->sctp, msg);
	if (err)
		return err;
	early = wrtcsub_early_keep(a, msg);
	wrtcsub_early_passed(a);
	return early ? 0 : wrtcsub_input_whole(a);
}

/* -ENODATA: there is nothing. */
static int wrtcsub_input_next(struct wrtcsub_assoc *a)
{
	if (wrtcsub_early_next(a, &a->msg))
		return wrtcsub_input_whole(a);
	if (wrtcsub_message_peek(&a->sctp, &a->msg))
		return wrtcsub_input_one(a);
	return wrtcsub_early_look(a) ? 0 : -ENODATA;
}

/* Nothing limits the notifications that SCTP makes of what the peer asks for
 * (RFC 6525), but over its receive buffer, for which they count, it takes no
 * message.  From then on one for each stream is all that a peer has a use for.
 * The second receive buffer is for the chunk that was over, and for requests of
 * more streams.
 */
static int wrtcsub_input_check(struct wrtcsub_assoc *a)
{
	size_t most = 2 * a->sctp.sock->sk->sk_rcvbuf +
		      a->sids.nr * WRTCSUB_INPUT_NOTICE;

	if (wrtcsub_message_is_partial(&a->sctp))
		wrtcsub_assoc_tick_at(a, jiffies + WRTCSUB_INPUT_LOOK);
	return wrtcsub_message_held(&a->sctp) > most ? -ENOBUFS : 0;
}

/**
 * wrtcsub_input_run() - read what SCTP has
 * @a: the association
 *
 * Context: the association's work.
 * Return: 0: nothing more for now; 1: there may be more; the negative errno
 *	with which the association has ended.
 */
int wrtcsub_input_run(struct wrtcsub_assoc *a)
{
	int err, budget = WRTCSUB_INPUT_BUDGET;

	err = wrtcsub_input_check(a);
	if (err)
		return err;
	if (a->msg.skb && !wrtcsub_input_rest(a))
		return 0;
	wrtcsub_early_look(a);
	do {
		if (!budget--)
			return 1;
		err = wrtcsub_input_next(a);
		cond_resched();
	} while (!err);
	if (err != -ENODATA)
		return err == -EAGAIN ? 0 : err;
	err = wrtcsub_sctp_status(&a->sctp);
	return err == -ESTALE ? wrtcsub_input_restarted(a) : err;
}
