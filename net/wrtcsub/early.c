// SPDX-License-Identifier: GPL-2.0
/*
 * Messages of unordered channels that have overtaken others.
 *
 * A substream is a stream of bytes, but litep2p opens its channels unordered,
 * and SCTP delivers such a message when it is there: a FIN before the data that
 * was lost on its way and is sent again, and the stream would look whole.  The
 * messages of one stream are sent in the order of their TSNs, so that is how
 * they are read.
 *
 * SCTP tells with a message up to which TSN all had come when it came
 * ("cumtsn").  One behind a gap is early: it is kept, and so are those behind
 * it on its substream, until
 *
 * - all before it has come, and has been read.  When that has come by SCTP's own
 *   count, what of it has not been read is in SCTP's queue: the message is next
 *   after as many messages as are in that queue then;
 * - an unordered message of the substream that is not early is about to be
 *   read, and was sent later: when that one came, all before it had;
 * - a piece of a message is about to be read, likewise.  SCTP begins to deliver
 *   a message in pieces ("partial delivery") when all before it has come.  What
 *   comes meanwhile it keeps back, so its count tells nothing then.  A piece is
 *   never kept, for SCTP might have no memory for the next.  Only where messages
 *   may be interleaved (RFC 8260) SCTP begins anywhere: behind a gap the
 *   substream is reset;
 * - the peer has reset the stream, of which SCTP tells when all has come that
 *   was sent on it (RFC 6525, section 5.2.2).
 *
 * What is kept counts for the protocol and the memory cgroup, but not for
 * room.c, which would wait for a reader, and then nothing could fill the gap.
 * It may take as much as assoc_rmem on its own; then the substream that has most
 * of it is reset.  SCTP's window cannot tell the peer to wait: SCTP takes nothing
 * that fills a gap when its buffer is full of what is not read.
 */

#include <net/sctp/sctp.h>
#include <net/sctp/sm.h>

#include "assoc.h"
#include "early.h"
#include "message.h"
#include "mib.h"
#include "pernet.h"
#include "reset.h"
#include "room.h"
#include "rxq.h"
#include "substream.h"

/* A message that is kept as it came is at least this part of what it pins: the
 * packet that it came in, with others.
 */
#define WRTCSUB_EARLY_PART	4

/* SCTP does not tell when a gap is filled by part of a message. */
#define WRTCSUB_EARLY_LOOK	(HZ / 20)

struct wrtcsub_early_cb {
	u32	tsn;
	u32	ppid;
	u32	truesize;
};

static struct wrtcsub_early_cb *wrtcsub_early_cb(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct wrtcsub_early_cb) > sizeof(skb->cb));
	return (struct wrtcsub_early_cb *)skb->cb;
}

/**
 * wrtcsub_early_init() - none are early yet
 * @early: what an association knows of them
 *
 * Context: any.
 */
void wrtcsub_early_init(struct wrtcsub_early *early)
{
	INIT_LIST_HEAD(&early->waiting);
	INIT_LIST_HEAD(&early->due);
}

/**
 * wrtcsub_early_queue_init() - none are early yet
 * @q: those of a substream
 *
 * Context: any.
 */
void wrtcsub_early_queue_init(struct wrtcsub_early_queue *q)
{
	__skb_queue_head_init(&q->skbs);
	INIT_LIST_HEAD(&q->node);
}

/* The substream of a message for which order matters. */
static struct wrtcsub_sock *
wrtcsub_early_substream(struct wrtcsub_assoc *a,
			const struct wrtcsub_message *msg)
{
	if (msg->notification || msg->ppid == WRTCSUB_PPID_DCEP)
		return NULL;
	return xa_load(&a->streams, msg->sid);
}

/* Has its substream some that were sent before this one? */
static bool wrtcsub_early_has_before(struct wrtcsub_sock *ws,
				     const struct wrtcsub_message *msg)
{
	struct sk_buff *skb = skb_peek(&ws->early.skbs);

	return skb && TSN_lt(wrtcsub_early_cb(skb)->tsn, msg->tsn);
}

static bool wrtcsub_early_is_whole(const struct wrtcsub_message *msg)
{
	return msg->first && msg->end;
}

/* With interleaving (RFC 8260) SCTP begins to deliver an unordered message in
 * pieces wherever it is.
 */
static bool wrtcsub_early_is_torn(const struct wrtcsub_assoc *a,
				  const struct wrtcsub_message *msg)
{
	return a->interleaved && msg->unordered && msg->first && !msg->end &&
	       TSN_lt(a->sctp.ctsn + 1, msg->tsn);
}

static void wrtcsub_early_set_due(struct wrtcsub_assoc *a,
				  struct wrtcsub_sock *ws, u32 tsn)
{
	ws->early.tsn = tsn;
	list_move_tail(&ws->early.node, &a->early.due);
}

/**
 * wrtcsub_early_yield() - are there some that have to be read before a message?
 * @a: the association
 * @msg: a message that is next in SCTP's queue
 *
 * Context: the association's work.
 * Return: true: wrtcsub_early_next() has them now.
 */
bool wrtcsub_early_yield(struct wrtcsub_assoc *a,
			 const struct wrtcsub_message *msg)
{
	struct wrtcsub_sock *ws = wrtcsub_early_substream(a, msg);

	if (!ws || !wrtcsub_early_has_before(ws, msg))
		return false;
	if (wrtcsub_early_is_whole(msg) ? msg->early || !msg->unordered :
					  wrtcsub_early_is_torn(a, msg))
		return false;
	wrtcsub_early_set_due(a, ws, msg->tsn);
	return true;
}

static void wrtcsub_early_insert(struct wrtcsub_early_queue *q,
				 struct sk_buff *skb)
{
	u32 tsn = wrtcsub_early_cb(skb)->tsn;
	struct sk_buff *before;

	skb_queue_reverse_walk(&q->skbs, before) {
		if (TSN_lt(wrtcsub_early_cb(before)->tsn, tsn)) {
			__skb_queue_after(&q->skbs, before, skb);
			return;
		}
	}
	__skb_queue_head(&q->skbs, skb);
}

/* Who would have most of what is kept, if a substream had so much more? */
static struct wrtcsub_sock *wrtcsub_early_worst(struct wrtcsub_assoc *a,
						struct wrtcsub_sock *worst,
						u32 size)
{
	u32 most = worst->early.held + size;
	struct wrtcsub_sock *ws;

	list_for_each_entry(ws, &a->early.waiting, early.node) {
		if (ws != worst && ws->early.held > most) {
			most = ws->early.held;
			worst = ws;
		}
	}
	return worst;
}

/* False: the substream itself has been reset for it. */
static bool wrtcsub_early_make_room(struct wrtcsub_assoc *a,
				    struct wrtcsub_sock *ws, u32 size)
{
	u32 most = wrtcsub_pernet_get(a->net, assoc_rmem);
	struct wrtcsub_sock *worst;

	while (a->early.held + size > most) {
		worst = wrtcsub_early_worst(a, ws, size);
		wrtcsub_room_reset_over(a, worst);
		if (worst == ws)
			return false;
	}
	return true;
}

static void wrtcsub_early_compact(struct wrtcsub_message *msg)
{
	u32 len = msg->skb->len;
	struct sk_buff *skb;

	if (len >= msg->truesize / WRTCSUB_EARLY_PART)
		return;
	skb = alloc_skb(len, GFP_KERNEL);
	if (!skb)
		return;
	if (skb_copy_bits(msg->skb, 0, skb_put(skb, len), len)) {
		kfree_skb(skb);
		return;
	}
	skb->tstamp = msg->skb->tstamp;
	consume_skb(msg->skb);
	msg->skb = skb;
	msg->truesize = skb->truesize;
}

/**
 * wrtcsub_early_keep() - keep a message, if it is early
 * @a: the association
 * @msg: a message that was read, and has made its substream's others yield; its
 *	skb is taken over if it is kept
 *
 * Context: the association's work.
 * Return: true if it is kept.
 */
bool wrtcsub_early_keep(struct wrtcsub_assoc *a, struct wrtcsub_message *msg)
{
	struct wrtcsub_sock *ws = wrtcsub_early_substream(a, msg);
	struct wrtcsub_early_cb *cb;

	if (!ws || wrtcsub_substream_is_reset(ws))
		return false;
	if (!wrtcsub_early_is_whole(msg)) {
		if (wrtcsub_early_is_torn(a, msg))
			wrtcsub_room_reset_over(a, ws);
		return false;
	}
	if (!msg->early && !wrtcsub_early_has_before(ws, msg))
		return false;
	wrtcsub_early_compact(msg);
	if (!wrtcsub_early_make_room(a, ws, msg->truesize))
		return false;

	cb = wrtcsub_early_cb(msg->skb);
	cb->tsn = msg->tsn;
	cb->ppid = msg->ppid;
	cb->truesize = msg->truesize;
	wrtcsub_early_insert(&ws->early, msg->skb);
	wrtcsub_rxq_hold(ws, msg->truesize);
	ws->early.held += msg->truesize;
	a->early.held += msg->truesize;
	msg->skb = NULL;

	wrtcsub_mib_inc(a->net, WRTCSUB_MIB_RX_EARLY);
	if (list_empty(&ws->early.node))
		list_add_tail(&ws->early.node, &a->early.waiting);
	a->early.is_new = true;
	wrtcsub_assoc_tick_at(a, jiffies + WRTCSUB_EARLY_LOOK);
	return true;
}

/* All up to this TSN has been read, but for what is kept. */
static void wrtcsub_early_settle(struct wrtcsub_assoc *a, u32 tsn)
{
	struct wrtcsub_sock *ws, *next;
	struct sk_buff *skb;

	list_for_each_entry_safe(ws, next, &a->early.waiting, early.node) {
		skb = skb_peek(&ws->early.skbs);
		if (TSN_lte(wrtcsub_early_cb(skb)->tsn, tsn + 1))
			wrtcsub_early_set_due(a, ws, tsn + 1);
	}
}

/**
 * wrtcsub_early_passed() - a message was read from SCTP
 * @a: the association
 *
 * Context: the association's work, when the message is kept if it is early.
 */
void wrtcsub_early_passed(struct wrtcsub_assoc *a)
{
	if (a->early.ahead && !--a->early.ahead)
		wrtcsub_early_settle(a, a->early.tsn);
}

/**
 * wrtcsub_early_look() - has what was missing come?
 * @a: the association
 *
 * Context: the association's work, at the beginning of a round, and when there
 *	is nothing to read any more.
 * Return: true if wrtcsub_early_next() has something.
 */
bool wrtcsub_early_look(struct wrtcsub_assoc *a)
{
	struct wrtcsub_early *early = &a->early;
	unsigned int ahead;
	u32 tsn;

	if (list_empty(&early->waiting))
		return !list_empty(&early->due);
	wrtcsub_assoc_tick_at(a, jiffies + WRTCSUB_EARLY_LOOK);
	if (!early->ahead && wrtcsub_sctp_arrived(&a->sctp, &tsn, &ahead) &&
	    (early->is_new || tsn != early->tsn)) {
		early->is_new = false;
		early->tsn = tsn;
		early->ahead = ahead;
		if (!ahead)
			wrtcsub_early_settle(a, tsn);
	}
	return !list_empty(&early->due);
}

/* The substream has no more that are due. */
static void wrtcsub_early_done(struct wrtcsub_assoc *a, struct wrtcsub_sock *ws)
{
	if (!skb_queue_empty(&ws->early.skbs)) {
		list_move_tail(&ws->early.node, &a->early.waiting);
		a->early.is_new = true;
		return;
	}
	list_del_init(&ws->early.node);
	if (!ws->early.is_reset)
		return;
	ws->early.is_reset = false;
	wrtcsub_reset_lose(ws);
}

static struct sk_buff *wrtcsub_early_dequeue(struct wrtcsub_sock *ws)
{
	struct sk_buff *skb = __skb_dequeue(&ws->early.skbs);
	u32 size;

	if (!skb)
		return NULL;
	size = wrtcsub_early_cb(skb)->truesize;
	ws->early.held -= size;
	ws->assoc->early.held -= size;
	wrtcsub_rxq_unhold(ws, size);
	return skb;
}

static void wrtcsub_early_take(struct wrtcsub_sock *ws,
			       struct wrtcsub_message *msg)
{
	struct sk_buff *skb = wrtcsub_early_dequeue(ws);
	struct wrtcsub_early_cb *cb = wrtcsub_early_cb(skb);

	*msg = (struct wrtcsub_message){
		.skb = skb,
		.truesize = cb->truesize,
		.sid = ws->sid,
		.ppid = cb->ppid,
		.tsn = cb->tsn,
		.first = true,
		.end = true,
	};
	memset(skb->cb, 0, sizeof(skb->cb));
}

/**
 * wrtcsub_early_next() - take the next one that is not early any more
 * @a: the association
 * @msg: set to it
 *
 * Context: the association's work.
 * Return: false if there is none.
 */
bool wrtcsub_early_next(struct wrtcsub_assoc *a, struct wrtcsub_message *msg)
{
	struct wrtcsub_sock *ws;
	struct sk_buff *skb;

	while (!list_empty(&a->early.due)) {
		ws = list_first_entry(&a->early.due, typeof(*ws), early.node);
		skb = skb_peek(&ws->early.skbs);
		if (skb && TSN_lte(wrtcsub_early_cb(skb)->tsn, ws->early.tsn)) {
			wrtcsub_early_take(ws, msg);
			return true;
		}
		wrtcsub_early_done(a, ws);
	}
	return false;
}

/**
 * wrtcsub_early_is_before_reset() - the peer has reset its stream
 * @a: the association
 * @ws: the substream on it
 *
 * Context: the association's work.
 * Return: true: some have to be read before that, then wrtcsub_reset_lose() is
 *	called; false: there are none.
 */
bool wrtcsub_early_is_before_reset(struct wrtcsub_assoc *a,
				   struct wrtcsub_sock *ws)
{
	struct sk_buff *skb = skb_peek_tail(&ws->early.skbs);

	if (!skb)
		return false;
	ws->early.is_reset = true;
	wrtcsub_early_set_due(a, ws, wrtcsub_early_cb(skb)->tsn);
	return true;
}

/**
 * wrtcsub_early_drop() - nobody will read what a substream has kept
 * @ws: the substream
 *
 * Context: the association's work.
 */
void wrtcsub_early_drop(struct wrtcsub_sock *ws)
{
	struct sk_buff *skb;

	while ((skb = wrtcsub_early_dequeue(ws))) {
		wrtcsub_mib_inc(sock_net(&ws->sk), WRTCSUB_MIB_RX_LATE);
		kfree_skb(skb);
	}
	list_del_init(&ws->early.node);
}
