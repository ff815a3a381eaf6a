// SPDX-License-Identifier: GPL-2.0
/*
 * From substreams to SCTP.
 *
 * Three lists.  A substream that has something to say to the peer is urgent:
 * its flags go out first, into a part of the send buffer that payload does not
 * use.  Then those with bytes take turns, one frame each, while there is room
 * for data.  Those with a few bytes and without WRTCSUB_NODELAY are held, until
 * the peer has acknowledged all there was.
 *
 * On one stream the order is: the rest of a frame whose prefix went ahead,
 * OPEN, ACK, FIN_ACK, STOP_SENDING, payload, FIN, RESET_STREAM.
 *
 * A flag is taken out of the state word after SCTP has taken it, so when SCTP
 * has no room, nothing is lost and nothing has to be remembered.
 */

#include <linux/llist.h>
#include <net/sock.h>

#include "assoc.h"
#include "channel.h"
#include "dcep.h"
#include "frame.h"
#include "message.h"
#include "mib.h"
#include "output.h"
#include "substream.h"
#include "timer.h"
#include "trace.h"

#define WRTCSUB_OUTPUT_RETRY	(HZ / 50)

/* Without WRTCSUB_NODELAY fewer bytes than fill a packet wait. */
#define WRTCSUB_OUTPUT_FULL	1200

/* Frames of payload in one round of the work. */
#define WRTCSUB_OUTPUT_BUDGET	64

static int wrtcsub_output_send(struct wrtcsub_assoc *a, struct wrtcsub_sock *ws,
			       u32 ppid, void *data, size_t len)
{
	struct kvec vec = { .iov_base = data, .iov_len = len };

	return wrtcsub_message_send(&a->sctp, ws->sid, ppid, &vec, 1, len,
				    false);
}

static void wrtcsub_output_text(const struct wrtcsub_text *text,
				const u8 **bytes, u16 *len)
{
	*bytes = text ? text->bytes : NULL;
	*len = text ? text->len : 0;
}

static int wrtcsub_output_open(struct wrtcsub_assoc *a, struct wrtcsub_sock *ws)
{
	struct wrtcsub_dcep_open open = {
		.type	  = WRTCSUB_DCEP_RELIABLE,
		.priority = WRTCSUB_DCEP_PRIORITY_NORMAL,
	};
	u8 buf[WRTCSUB_DCEP_OPEN_MAX];

	wrtcsub_output_text(ws->label, &open.label, &open.label_len);
	wrtcsub_output_text(ws->protocol, &open.protocol, &open.protocol_len);
	return wrtcsub_output_send(a, ws, WRTCSUB_PPID_DCEP, buf,
				   wrtcsub_dcep_put_open(buf, &open));
}

static int wrtcsub_output_ack(struct wrtcsub_assoc *a, struct wrtcsub_sock *ws)
{
	u8 ack = WRTCSUB_DCEP_ACK;

	return wrtcsub_output_send(a, ws, WRTCSUB_PPID_DCEP, &ack, sizeof(ack));
}

/* The code of WRTCSUB_ERROR_CODE goes with the next flag that has one. */
static int wrtcsub_output_flag(struct wrtcsub_assoc *a, struct wrtcsub_sock *ws,
			       enum wrtcsub_flag flag)
{
	s64 code = 0;
	u8 buf[WRTCSUB_CONTROL_MAX];
	unsigned int len;
	int err;

	if (flag == WRTCSUB_FLAG_RESET_STREAM ||
	    flag == WRTCSUB_FLAG_STOP_SENDING)
		code = atomic64_read(&ws->code);
	len = wrtcsub_frame_put_flag(buf, flag, code, code);
	err = wrtcsub_output_send(a, ws, WRTCSUB_PPID_BINARY, buf, len);
	if (err)
		return err;
	if (code)
		atomic64_cmpxchg(&ws->code, code, 0);
	WRITE_ONCE(ws->tx_frames, ws->tx_frames + 1);
	wrtcsub_mib_inc(a->net, WRTCSUB_MIB_TX_FLAGS);
	trace_wrtcsub_frame_out(ws, flag, 0);
	if (flag == WRTCSUB_FLAG_RESET_STREAM)
		wrtcsub_mib_inc(a->net, WRTCSUB_MIB_TX_RESETS);
	return 0;
}

static int wrtcsub_output_one(struct wrtcsub_assoc *a, struct wrtcsub_sock *ws,
			      u32 due)
{
	switch (due) {
	case WRTCSUB_DUE_OPEN:
		return wrtcsub_output_open(a, ws);
	case WRTCSUB_DUE_ACK:
		return wrtcsub_output_ack(a, ws);
	case WRTCSUB_DUE_FIN_ACK:
		return wrtcsub_output_flag(a, ws, WRTCSUB_FLAG_FIN_ACK);
	case WRTCSUB_DUE_STOP:
		return wrtcsub_output_flag(a, ws, WRTCSUB_FLAG_STOP_SENDING);
	case WRTCSUB_DUE_FIN:
		return wrtcsub_output_flag(a, ws, WRTCSUB_FLAG_FIN);
	case WRTCSUB_DUE_RESET:
		return wrtcsub_output_flag(a, ws, WRTCSUB_FLAG_RESET_STREAM);
	}
	return 0;
}

/* Send what is due, in the order of the table. */
static int wrtcsub_output_due(struct wrtcsub_assoc *a, struct wrtcsub_sock *ws)
{
	static const u32 order[] = {
		WRTCSUB_DUE_OPEN, WRTCSUB_DUE_ACK, WRTCSUB_DUE_FIN_ACK,
		WRTCSUB_DUE_STOP, WRTCSUB_DUE_FIN, WRTCSUB_DUE_RESET,
	};
	int i, err;

	for (i = 0; i < ARRAY_SIZE(order); i++) {
		if (!(wrtcsub_substream_state(ws) & order[i]))
			continue;
		err = wrtcsub_output_one(a, ws, order[i]);
		if (err)
			return err;
		atomic_andnot(order[i], &ws->state);
		if (order[i] == WRTCSUB_DUE_FIN)
			wrtcsub_timer_fin_is_out(ws);
	}
	return 0;
}

/* The body of a frame whose prefix SCTP has: nothing may come in between. */
static int wrtcsub_output_body(struct wrtcsub_assoc *a, struct wrtcsub_sock *ws,
			       bool more)
{
	u8 buf[WRTCSUB_HEAD_MAX];
	unsigned int prefix, head, nr;
	u32 len = ws->body_left;
	int err;

	head = wrtcsub_frame_put_head(buf, len, &prefix);
	a->vec[0].iov_base = buf + prefix;
	a->vec[0].iov_len = head - prefix;
	nr = wrtcsub_txq_peek(&ws->txq, a->vec + 1, len);
	err = wrtcsub_message_send(&a->sctp, ws->sid, WRTCSUB_PPID_BINARY,
				   a->vec, nr + 1, head - prefix + len, more);
	if (!err)
		ws->body_left = 0;
	return err;
}

static int wrtcsub_output_whole(struct wrtcsub_assoc *a,
				struct wrtcsub_sock *ws, u32 len, bool more)
{
	unsigned int prefix, head, nr, split = READ_ONCE(ws->opt.frame_split);
	u8 buf[WRTCSUB_HEAD_MAX];
	int err;

	head = wrtcsub_frame_put_head(buf, len, &prefix);
	a->vec[0].iov_base = buf;
	if (split && head + len > split) {
		a->vec[0].iov_len = prefix;
		err = wrtcsub_message_send(&a->sctp, ws->sid,
					   WRTCSUB_PPID_BINARY, a->vec, 1,
					   prefix, true);
		if (err)
			return err;
		ws->body_left = len;
		return wrtcsub_output_body(a, ws, more);
	}
	a->vec[0].iov_len = head;
	nr = wrtcsub_txq_peek(&ws->txq, a->vec + 1, len);
	return wrtcsub_message_send(&a->sctp, ws->sid, WRTCSUB_PPID_BINARY,
				    a->vec, nr + 1, head + len, more);
}

static void wrtcsub_output_sent(struct wrtcsub_assoc *a,
				struct wrtcsub_sock *ws, u32 len)
{
	wrtcsub_txq_pop(&ws->txq, len);
	ws->record_left = 0;
	WRITE_ONCE(ws->tx_frames, ws->tx_frames + 1);
	WRITE_ONCE(ws->tx_bytes, ws->tx_bytes + len);
	wrtcsub_mib_inc(a->net, WRTCSUB_MIB_TX_FRAMES);
	trace_wrtcsub_frame_out(ws, -1, len);
	wrtcsub_mib_add(a->net, WRTCSUB_MIB_TX_BYTES, len);
	wrtcsub_substream_wake_writers(ws);
}

static bool wrtcsub_output_is_open(const struct wrtcsub_sock *ws)
{
	enum wrtcsub_tx_state state;

	state = wrtcsub_fsm_tx(wrtcsub_substream_state(ws));
	return state == WRTCSUB_TX_OPEN || state == WRTCSUB_TX_CLOSING;
}

/* Wait with a small frame while SCTP waits for the peer (RFC 896)?  SCTP's
 * wait queue tells when there is nothing to wait for.
 */
static bool wrtcsub_output_must_hold(struct wrtcsub_assoc *a,
				     const struct wrtcsub_sock *ws, u32 len)
{
	if (len >= WRTCSUB_OUTPUT_FULL || READ_ONCE(ws->opt.nodelay))
		return false;
	WRITE_ONCE(a->holds, true);
	/* SCTP frees, then looks at @holds; we set it, then look. */
	smp_mb();
	return !wrtcsub_sctp_is_drained(&a->sctp);
}

/* A writer that finds no room cannot make the frame grow. */
static bool wrtcsub_output_may_grow(const struct wrtcsub_sock *ws)
{
	return test_bit(WRTCSUB_F_MORE, &ws->flags) &&
	       wrtcsub_substream_is_writable(ws);
}

/* Is the last frame held back, for it may grow?  Not when the program has said
 * that nothing follows, and not while SCTP holds something back for us.
 */
static bool wrtcsub_output_is_held(struct wrtcsub_assoc *a,
				   const struct wrtcsub_sock *ws, u32 len)
{
	if (a->corked || wrtcsub_fsm_tx(wrtcsub_substream_state(ws)) !=
			 WRTCSUB_TX_OPEN)
		return false;
	return wrtcsub_output_may_grow(ws) ||
	       wrtcsub_output_must_hold(a, ws, len);
}

/* The bytes of the next record, whose length is taken out of the queue. */
static u32 wrtcsub_output_record(struct wrtcsub_sock *ws)
{
	if (!ws->record_left && wrtcsub_txq_len(&ws->txq))
		ws->record_left = wrtcsub_txq_pop_head(&ws->txq);
	return ws->record_left;
}

/* The bytes of the frame that is next; 0: there is none. */
static u32 wrtcsub_output_len(struct wrtcsub_assoc *a, struct wrtcsub_sock *ws)
{
	u32 len, max;

	if (!wrtcsub_output_is_open(ws))
		return 0;
	if (ws->sk.sk_type == SOCK_SEQPACKET)
		return wrtcsub_output_record(ws);
	len = wrtcsub_txq_len(&ws->txq);
	max = wrtcsub_frame_max_payload(READ_ONCE(ws->opt.max_frame));
	if (len >= max)
		return max;
	return len && !wrtcsub_output_is_held(a, ws, len) ? len : 0;
}

/* Does a frame follow the one of @len bytes that is next, for sure? */
static bool wrtcsub_output_has_more(struct wrtcsub_assoc *a,
				    struct wrtcsub_sock *ws, u32 len)
{
	u32 left = wrtcsub_txq_len(&ws->txq) - len;

	if (ws->sk.sk_type == SOCK_SEQPACKET)
		return left;
	return left >= wrtcsub_frame_max_payload(READ_ONCE(ws->opt.max_frame)) ||
	       (left && !wrtcsub_output_is_held(a, ws, left));
}

/* Of records one at a time, as their lengths lie between them. */
static u32 wrtcsub_output_next(struct wrtcsub_sock *ws)
{
	return ws->sk.sk_type == SOCK_SEQPACKET ? wrtcsub_output_record(ws) :
						  wrtcsub_txq_len(&ws->txq);
}

/* Bytes in a state that lets nothing out: drop them. */
static void wrtcsub_output_drop_tx(struct wrtcsub_sock *ws)
{
	struct net *net = sock_net(&ws->sk);
	u32 len;

	if (wrtcsub_output_is_open(ws))
		return;
	while ((len = wrtcsub_output_next(ws))) {
		wrtcsub_txq_pop(&ws->txq, len);
		ws->record_left = 0;
		wrtcsub_mib_add(net, WRTCSUB_MIB_TX_DROPPED, len);
	}
}

/* Finish a frame that was begun, then flags.  -EAGAIN: come back later. */
static int wrtcsub_output_urgent(struct wrtcsub_assoc *a,
				 struct wrtcsub_sock *ws)
{
	u32 len = ws->body_left;
	int err;

	/* Its identifier may be somebody else's by now; a write may just have
	 * queued something.
	 */
	if (!test_bit(WRTCSUB_F_PLACED, &ws->flags)) {
		wrtcsub_output_drop_tx(ws);
		return 0;
	}
	if (len) {
		err = wrtcsub_output_body(a, ws, false);
		if (err)
			return err;
		wrtcsub_output_sent(a, ws, len);
	}
	wrtcsub_output_drop_tx(ws);
	/* Nobody will read the rest of a frame that has not come whole. */
	if (wrtcsub_fsm_rx(wrtcsub_substream_state(ws)) != WRTCSUB_RX_OPEN)
		wrtcsub_rxq_drop_partial(ws);
	return wrtcsub_output_due(a, ws);
}

/* All is said: has the sending half drained, is the substream over? */
static int wrtcsub_output_settle(struct wrtcsub_assoc *a,
				 struct wrtcsub_sock *ws)
{
	u32 word = wrtcsub_substream_state(ws);
	int err;

	if ((wrtcsub_fsm_tx(word) == WRTCSUB_TX_CLOSING ||
	     wrtcsub_fsm_tx(word) == WRTCSUB_TX_SEND_CLOSED) &&
	    !wrtcsub_output_len(a, ws)) {
		wrtcsub_substream_event(ws, WRTCSUB_EV_DRAINED);
		err = wrtcsub_output_due(a, ws);
		if (err)
			return err;
		word = wrtcsub_substream_state(ws);
	}
	if (wrtcsub_fsm_tx_over(word) && wrtcsub_fsm_rx_over(word) &&
	    !(word & WRTCSUB_DUE_ANY) &&
	    test_bit(WRTCSUB_F_PLACED, &ws->flags))
		wrtcsub_channel_close(a, ws);
	return 0;
}

static bool wrtcsub_output_blocked(struct wrtcsub_assoc *a)
{
	if (wrtcsub_sctp_has_room(&a->sctp))
		return false;
	WRITE_ONCE(a->blocked, true);
	/* SCTP frees, then looks at @blocked; we set it, then look again. */
	smp_mb();
	if (!wrtcsub_sctp_has_room(&a->sctp))
		return true;
	WRITE_ONCE(a->blocked, false);
	return false;
}

/* Does a frame follow this one of @ws, for sure?  What is promised here is
 * sent: as a frame, or as the flag that ended the substream instead.  If SCTP
 * has no memory for it, wrtcsub_output_uncork() sees to it that this one does
 * not wait as well.
 */
static bool wrtcsub_output_follows(struct wrtcsub_assoc *a,
				   struct wrtcsub_sock *ws, u32 len)
{
	if (!wrtcsub_sctp_has_room_behind(&a->sctp, len))
		return false;
	if (!list_is_last(&ws->turn, &a->turns))
		return wrtcsub_output_len(a, list_next_entry(ws, turn));
	return wrtcsub_output_has_more(a, ws, len);
}

/* One frame of one substream; @last: whatever follows comes later. */
static int wrtcsub_output_turn(struct wrtcsub_assoc *a, struct wrtcsub_sock *ws,
			       bool last)
{
	u32 len = wrtcsub_output_len(a, ws);
	bool more, was_corked = a->corked;
	int err;

	if (!len)
		return 0;
	a->corked = false;
	more = !last && wrtcsub_output_follows(a, ws, len);
	err = wrtcsub_output_whole(a, ws, len, more);
	if (err) {
		/* SCTP still holds what was promised company. */
		a->corked = was_corked || ws->body_left;
		return err;
	}
	a->corked = more;
	wrtcsub_output_sent(a, ws, len);
	return 0;
}

/* Those that were kicked are urgent, in the order in which they were. */
static void wrtcsub_output_collect(struct wrtcsub_assoc *a)
{
	struct wrtcsub_sock *ws, *next;
	struct llist_node *list;

	list = llist_reverse_order(llist_del_all(&a->kicked));
	llist_for_each_entry_safe(ws, next, list, kick) {
		/* Who kicks it from here on writes its link: not before @next
		 * has been read.
		 */
		clear_bit_unlock(WRTCSUB_F_KICKED, &ws->flags);
		/* What is kicked from here on is kicked again. */
		smp_mb__after_atomic();
		wrtcsub_timer_set_fin(ws);
		if (list_empty(&ws->turn)) {
			list_add_tail(&ws->turn, &a->urgent);
		} else {
			list_move_tail(&ws->turn, &a->urgent);
			sock_put(&ws->sk);
		}
	}
}

/* Has all been acknowledged?  Then who is held may go on. */
static void wrtcsub_output_release_held(struct wrtcsub_assoc *a)
{
	if (!a->holds || !wrtcsub_sctp_is_drained(&a->sctp))
		return;
	WRITE_ONCE(a->holds, false);
	list_splice_tail_init(&a->held, &a->urgent);
}

static void wrtcsub_output_done(struct wrtcsub_sock *ws)
{
	list_del_init(&ws->turn);
	sock_put(&ws->sk);
}

/* All that is urgent is said.  With MSG_MORE a call follows that kicks, or its
 * timer does.
 */
static void wrtcsub_output_requeue(struct wrtcsub_assoc *a,
				   struct wrtcsub_sock *ws)
{
	if (wrtcsub_output_len(a, ws))
		list_move_tail(&ws->turn, &a->turns);
	else if (wrtcsub_output_is_open(ws) && wrtcsub_txq_len(&ws->txq) &&
		 !test_bit(WRTCSUB_F_MORE, &ws->flags))
		list_move_tail(&ws->turn, &a->held);
	else
		wrtcsub_output_done(ws);
}

/* Its stream is still under reset; it is kicked when that is done. */
static bool wrtcsub_output_is_mute(const struct wrtcsub_assoc *a,
				   const struct wrtcsub_sock *ws)
{
	return test_bit(WRTCSUB_F_PLACED, &ws->flags) &&
	       wrtcsub_reset_holds(a, ws->sid);
}

static int wrtcsub_output_run_urgent(struct wrtcsub_assoc *a)
{
	struct wrtcsub_sock *ws;
	int err;

	while ((ws = list_first_entry_or_null(&a->urgent, typeof(*ws), turn))) {
		if (wrtcsub_output_is_mute(a, ws)) {
			wrtcsub_output_done(ws);
			continue;
		}
		err = wrtcsub_output_urgent(a, ws) ?:
		      wrtcsub_output_settle(a, ws);
		if (err)
			return err;
		wrtcsub_output_requeue(a, ws);
	}
	return 0;
}

static int wrtcsub_output_run_turns(struct wrtcsub_assoc *a)
{
	int err, budget = WRTCSUB_OUTPUT_BUDGET;
	struct wrtcsub_sock *ws;

	while ((ws = list_first_entry_or_null(&a->turns, typeof(*ws), turn))) {
		if (!budget--) {
			wrtcsub_assoc_wake(a, 0);
			return 0;
		}
		if (wrtcsub_output_blocked(a))
			return 0;
		err = wrtcsub_output_turn(a, ws, !budget);
		if (err) {
			/* A frame that was begun comes before anything. */
			if (ws->body_left)
				list_move(&ws->turn, &a->urgent);
			return err;
		}
		/* One without bytes may be at its end, where flags are due. */
		if (wrtcsub_output_len(a, ws))
			list_move_tail(&ws->turn, &a->turns);
		else
			list_move_tail(&ws->turn, &a->urgent);
		wrtcsub_output_collect(a);
		err = wrtcsub_output_run_urgent(a);
		if (err)
			return err;
	}
	return 0;
}

/* Nothing follows for now what was promised company: let it go without. */
static int wrtcsub_output_uncork(struct wrtcsub_assoc *a)
{
	int err;

	if (!a->corked)
		return 0;
	err = wrtcsub_sctp_uncork(&a->sctp);
	if (!err)
		a->corked = false;
	return err;
}

/**
 * wrtcsub_output_run() - hand over what there is and what SCTP takes
 * @a: the association, which is up
 *
 * An error of SCTP that is not for lack of room or memory is not looked at
 * here: the association has ended, and reading from it says why.
 *
 * Context: the association's work.
 */
void wrtcsub_output_run(struct wrtcsub_assoc *a)
{
	int err;

	WRITE_ONCE(a->blocked, false);
	wrtcsub_output_collect(a);
	wrtcsub_output_release_held(a);
	err = wrtcsub_output_run_urgent(a);
	if (!err && !list_empty(&a->turns)) {
		wrtcsub_sctp_update(&a->sctp);
		err = wrtcsub_output_run_turns(a);
	}
	if (wrtcsub_output_uncork(a) || err)
		wrtcsub_assoc_tick_at(a, jiffies + WRTCSUB_OUTPUT_RETRY);
}

/**
 * wrtcsub_output_drop() - forget all who wait for their turn
 * @a: the association, which has ended
 *
 * And what they have queued: all whose state that end has changed are kicked.
 *
 * Context: the association's work.
 */
void wrtcsub_output_drop(struct wrtcsub_assoc *a)
{
	struct wrtcsub_sock *ws, *next;

	wrtcsub_output_collect(a);
	list_splice_tail_init(&a->turns, &a->urgent);
	list_splice_tail_init(&a->held, &a->urgent);
	list_for_each_entry_safe(ws, next, &a->urgent, turn) {
		wrtcsub_output_drop_tx(ws);
		wrtcsub_output_done(ws);
	}
}
