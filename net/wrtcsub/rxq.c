// SPDX-License-Identifier: GPL-2.0
/*
 * Payload on its way from SCTP to the reader, without a copy.
 *
 * A piece is an skb that SCTP has delivered, or a clone of it, with the place
 * of the payload in its control buffer.  Pieces of a frame wait in the partial
 * list until the frame is complete: a later message field replaces an earlier
 * one, and a malformed frame delivers nothing.
 *
 * Memory is charged to the socket (sk_rmem_alloc) and to the association, by
 * what a piece pins, which for a small message is the packet it came in.
 */

#include <net/sock.h>

#include "assoc.h"
#include "rxq.h"
#include "substream.h"

/**
 * wrtcsub_rxq_init() - make it empty
 * @q: the queue
 *
 * Context: any.
 */
void wrtcsub_rxq_init(struct wrtcsub_rxq *q)
{
	__skb_queue_head_init(&q->partial);
	q->bytes = 0;
}

static void wrtcsub_rxq_free(struct wrtcsub_sock *ws, struct sk_buff *skb)
{
	u32 charge = wrtcsub_rxq_cb(skb)->charge;

	atomic_sub(charge, &ws->sk.sk_rmem_alloc);
	wrtcsub_assoc_uncharge(ws->assoc, charge);
	kfree_skb(skb);
}

static u32 wrtcsub_rxq_truesize(struct sk_buff *skb)
{
	u32 size = skb->truesize;
	struct sk_buff *frag;

	skb_walk_frags(skb, frag)
		size += frag->truesize;
	return size;
}

/**
 * wrtcsub_rxq_add() - add payload to the frame that is being received
 * @ws: the substream
 * @msg: the message it is in
 * @off: where in the message
 * @len: bytes, not 0
 *
 * Context: the association's work.
 * Return: 0 or -ENOMEM.
 */
int wrtcsub_rxq_add(struct wrtcsub_sock *ws, struct wrtcsub_sctp_msg *msg,
		    u32 off, u32 len)
{
	struct wrtcsub_rxq_cb *cb;
	struct sk_buff *skb;

	skb = skb_peek_tail(&ws->rxq.partial);
	if (skb && ws->rxq.last == msg) {
		cb = wrtcsub_rxq_cb(skb);
		if (cb->off + cb->len == off) {
			cb->len += len;
			return 0;
		}
	}

	if (!msg->taken) {
		skb = skb_get(msg->skb);
		wrtcsub_rxq_cb(skb)->charge = wrtcsub_rxq_truesize(skb);
		msg->taken = true;
	} else {
		skb = skb_clone(msg->skb, GFP_KERNEL);
		if (!skb)
			return -ENOMEM;
		wrtcsub_rxq_cb(skb)->charge = sizeof(*skb);
	}
	cb = wrtcsub_rxq_cb(skb);
	cb->off = off;
	cb->len = len;
	cb->last = false;
	atomic_add(cb->charge, &ws->sk.sk_rmem_alloc);
	wrtcsub_assoc_charge(ws->assoc, cb->charge);
	ws->rxq.partial_charge += cb->charge;
	ws->assoc->partial += cb->charge;
	__skb_queue_tail(&ws->rxq.partial, skb);
	ws->rxq.last = msg;
	return 0;
}

static void wrtcsub_rxq_end_partial(struct wrtcsub_sock *ws)
{
	ws->assoc->partial -= ws->rxq.partial_charge;
	ws->rxq.partial_charge = 0;
	ws->rxq.last = NULL;
}

/**
 * wrtcsub_rxq_drop_partial() - forget the payload of the unfinished frame
 * @ws: the substream
 *
 * Context: the association's work, or nobody else has the socket.
 */
void wrtcsub_rxq_drop_partial(struct wrtcsub_sock *ws)
{
	struct sk_buff *skb;

	if (skb_queue_empty(&ws->rxq.partial))
		return;
	while ((skb = __skb_dequeue(&ws->rxq.partial)))
		wrtcsub_rxq_free(ws, skb);
	wrtcsub_rxq_end_partial(ws);
}

/**
 * wrtcsub_rxq_commit() - the frame is complete: give its payload to the reader
 * @ws: the substream
 *
 * Whether there still is a reader is decided under the queue's lock: who stops
 * reading changes the state first and then purges the queue.
 *
 * Context: the association's work.
 * Return: bytes given, 0 if there was no payload or there is no reader.
 */
unsigned int wrtcsub_rxq_commit(struct wrtcsub_sock *ws)
{
	struct sk_buff_head *queue = &ws->sk.sk_receive_queue;
	struct sk_buff *skb;
	u32 bytes = 0;

	skb = skb_peek_tail(&ws->rxq.partial);
	if (!skb)
		return 0;
	wrtcsub_rxq_cb(skb)->last = true;
	skb_queue_walk(&ws->rxq.partial, skb)
		bytes += wrtcsub_rxq_cb(skb)->len;

	spin_lock_bh(&queue->lock);
	if (wrtcsub_fsm_rx(wrtcsub_substream_state(ws)) != WRTCSUB_RX_OPEN) {
		spin_unlock_bh(&queue->lock);
		wrtcsub_rxq_drop_partial(ws);
		return 0;
	}
	skb_queue_splice_tail_init(&ws->rxq.partial, queue);
	ws->rxq.bytes += bytes;
	spin_unlock_bh(&queue->lock);

	wrtcsub_rxq_end_partial(ws);
	return bytes;
}

/**
 * wrtcsub_rxq_consume() - the reader has taken bytes
 * @ws: the substream
 * @skb: the first piece of its receive queue
 * @len: bytes of it
 *
 * Context: process, under lock_sock.
 */
void wrtcsub_rxq_consume(struct wrtcsub_sock *ws, struct sk_buff *skb, u32 len)
{
	struct sk_buff_head *queue = &ws->sk.sk_receive_queue;
	struct wrtcsub_rxq_cb *cb = wrtcsub_rxq_cb(skb);
	bool used_up;

	sock_owned_by_me(&ws->sk);

	spin_lock_bh(&queue->lock);
	cb->off += len;
	cb->len -= len;
	ws->rxq.bytes -= len;
	used_up = !cb->len;
	if (used_up)
		__skb_unlink(skb, queue);
	spin_unlock_bh(&queue->lock);
	if (used_up)
		wrtcsub_rxq_free(ws, skb);
}

/**
 * wrtcsub_rxq_purge() - drop what the reader has not taken
 * @ws: the substream, of which nobody reads any more
 *
 * Context: any; under lock_sock, or the socket was closed.
 */
void wrtcsub_rxq_purge(struct wrtcsub_sock *ws)
{
	struct sk_buff_head *queue = &ws->sk.sk_receive_queue;
	struct sk_buff_head drop;
	struct sk_buff *skb;

	__skb_queue_head_init(&drop);
	spin_lock_bh(&queue->lock);
	skb_queue_splice_init(queue, &drop);
	ws->rxq.bytes = 0;
	spin_unlock_bh(&queue->lock);

	while ((skb = __skb_dequeue(&drop)))
		wrtcsub_rxq_free(ws, skb);
}
