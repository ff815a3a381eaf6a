// SPDX-License-Identifier: GPL-2.0
/*
 * Payload on its way from SCTP to the reader, without a copy.
 *
 * A piece is an skb that SCTP has delivered, or a clone of it, with the place
 * of the payload in its control buffer.  Pieces of a frame wait in the partial
 * list until the frame is complete: a later message field replaces an earlier
 * one, and a malformed frame delivers nothing.
 *
 * Memory is charged to the socket (sk_rmem_alloc, and by sk_forward_alloc to
 * the protocol and to the memory cgroup) and to the association, by what a
 * piece pins, which for a small message is the packet it came in.  A small
 * piece of a message of which others have their pieces is a copy: it would pin
 * the whole message.  So are small messages behind the first of a frame, in a
 * buffer that they share: as packets a frame that comes in many could be more
 * than there is room for.
 *
 * A reader holds a reference to the piece that it copies from, and no lock.
 * What takes pieces away from it meanwhile changes the epoch, and the reader
 * then has nothing to remove.
 */

#include <linux/memcontrol.h>
#include <net/sock.h>

#include "assoc.h"
#include "message.h"
#include "mib.h"
#include "rxq.h"
#include "substream.h"

/* A piece that is a clone is at least this part of what it pins. */
#define WRTCSUB_RXQ_CLONE_PART	4

/* What small messages share: with what an skb needs beside it, 4 KiB. */
#define WRTCSUB_RXQ_BUFFER	SKB_WITH_OVERHEAD(4096)

/**
 * wrtcsub_rxq_init() - make it empty
 * @q: the queue
 *
 * Context: any.
 */
void wrtcsub_rxq_init(struct wrtcsub_rxq *q)
{
	__skb_queue_head_init(&q->partial);
}

/**
 * wrtcsub_rxq_unhold() - give back what wrtcsub_rxq_hold() has charged
 * @ws: the substream
 * @size: bytes of memory
 *
 * Context: any.
 */
void wrtcsub_rxq_unhold(struct wrtcsub_sock *ws, u32 size)
{
	struct sk_buff_head *queue = &ws->sk.sk_receive_queue;

	spin_lock_bh(&queue->lock);
	sk_mem_uncharge(&ws->sk, size);
	spin_unlock_bh(&queue->lock);
}

static void wrtcsub_rxq_uncharge(struct wrtcsub_sock *ws, u32 size)
{
	wrtcsub_rxq_unhold(ws, size);
	atomic_sub(size, &ws->sk.sk_rmem_alloc);
	wrtcsub_assoc_uncharge(ws->assoc, size);
}

/* Nobody will read these. */
static void wrtcsub_rxq_free_list(struct wrtcsub_sock *ws,
				  struct sk_buff_head *list)
{
	u32 size = 0, bytes = 0;
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(list))) {
		size += wrtcsub_rxq_cb(skb)->charge;
		bytes += wrtcsub_rxq_cb(skb)->len;
		kfree_skb(skb);
	}
	if (!size)
		return;
	wrtcsub_mib_add(sock_net(&ws->sk), WRTCSUB_MIB_RX_DROPPED, bytes);
	wrtcsub_rxq_uncharge(ws, size);
}

static bool wrtcsub_rxq_cgroup_is_over(const struct sock *sk)
{
#ifdef CONFIG_MEMCG
	struct mem_cgroup *memcg;

	if (!mem_cgroup_sockets_enabled)
		return false;
	for (memcg = sk->sk_memcg; memcg; memcg = parent_mem_cgroup(memcg))
		if (page_counter_read(&memcg->memory) >
		    READ_ONCE(memcg->memory.max))
			return true;
#endif
	return false;
}

/* A frame that its reader can take is there already. */
static bool wrtcsub_rxq_has_frame(const struct wrtcsub_sock *ws)
{
	return atomic_read(&ws->sk.sk_rmem_alloc) > ws->rxq.partial_charge;
}

/* Have so much in sk_forward_alloc.  False: the limit is reached. */
static bool wrtcsub_rxq_schedule(struct sock *sk, u32 size)
{
	int missing = (int)size - sk->sk_forward_alloc;

	lockdep_assert_held(&sk->sk_receive_queue.lock);

	return missing <= 0 || __sk_mem_schedule(sk, missing, SK_MEM_RECV);
}

/**
 * wrtcsub_rxq_reserve() - may this substream have so much memory more?
 * @ws: the substream
 * @size: bytes
 *
 * A charge under a spinlock is one that a memory cgroup does not refuse: it
 * goes beyond its limit.  While it is there, a substream gets a frame when its
 * reader has taken the last one, so that all go on, but no more.
 *
 * What is reserved and not used goes to the next piece.
 *
 * Context: the association's work.
 * Return: false if the protocol or the memory cgroup is at its limit.
 */
bool wrtcsub_rxq_reserve(struct wrtcsub_sock *ws, u32 size)
{
	struct sk_buff_head *queue = &ws->sk.sk_receive_queue;
	struct sock *sk = &ws->sk;
	bool ok;

	if (wrtcsub_rxq_has_frame(ws) && wrtcsub_rxq_cgroup_is_over(sk))
		return false;
	spin_lock_bh(&queue->lock);
	ok = wrtcsub_rxq_schedule(sk, size);
	spin_unlock_bh(&queue->lock);
	return ok;
}

static bool wrtcsub_rxq_has_room(struct wrtcsub_sock *ws, u32 size)
{
	struct wrtcsub_assoc *a = ws->assoc;

	return wrtcsub_assoc_has_room(a, atomic_read(&a->rmem), size) &&
	       wrtcsub_rxq_reserve(ws, size);
}

/**
 * wrtcsub_rxq_hold() - charge the protocol and the memory cgroup only
 * @ws: the substream
 * @size: bytes of memory, for which there was room
 *
 * What was reserved may be gone: a reader who frees gives back what is left
 * over.  Then it is had anew, and at the limit this goes beyond it.
 *
 * Context: the association's work.
 */
void wrtcsub_rxq_hold(struct wrtcsub_sock *ws, u32 size)
{
	struct sk_buff_head *queue = &ws->sk.sk_receive_queue;

	spin_lock_bh(&queue->lock);
	wrtcsub_rxq_schedule(&ws->sk, size);
	sk_mem_charge(&ws->sk, size);
	spin_unlock_bh(&queue->lock);
}

static void wrtcsub_rxq_charge(struct wrtcsub_sock *ws, u32 size)
{
	wrtcsub_rxq_hold(ws, size);
	atomic_add(size, &ws->sk.sk_rmem_alloc);
	wrtcsub_assoc_charge(ws->assoc, size);
}

/* The first piece of a message: the message itself. */
static struct sk_buff *wrtcsub_rxq_take(struct wrtcsub_message *msg, u32 off)
{
	struct wrtcsub_rxq_cb *cb = wrtcsub_rxq_cb(msg->skb);

	msg->taken = true;
	cb->off = off;
	cb->charge = msg->truesize;
	return skb_get(msg->skb);
}

static struct sk_buff *wrtcsub_rxq_clone(struct wrtcsub_message *msg, u32 off)
{
	struct sk_buff *skb = skb_clone(msg->skb, GFP_KERNEL);
	struct wrtcsub_rxq_cb *cb;

	if (!skb)
		return NULL;
	cb = wrtcsub_rxq_cb(skb);
	cb->off = off;
	cb->charge = msg->truesize;
	return skb;
}

/* With room for more of the frame, if there will be. */
static struct sk_buff *wrtcsub_rxq_copy(struct wrtcsub_sock *ws,
					struct wrtcsub_message *msg, u32 off,
					u32 len)
{
	u32 room = min_t(u64, WRTCSUB_RXQ_BUFFER,
			 len + ws->decoder.field_left);
	struct sk_buff *skb = alloc_skb(max(len, room), GFP_KERNEL);
	struct wrtcsub_rxq_cb *cb;

	if (!skb)
		return NULL;
	if (skb_copy_bits(msg->skb, off, skb_put(skb, len), len)) {
		kfree_skb(skb);
		return NULL;
	}
	skb->tstamp = msg->skb->tstamp;
	cb = wrtcsub_rxq_cb(skb);
	cb->off = 0;
	cb->charge = skb->truesize;
	cb->is_copy = true;
	return skb;
}

/* Would it pin far more than it has?  Of a message of which nobody has a piece
 * the rest is taken together.
 */
static bool wrtcsub_rxq_is_small(const struct wrtcsub_message *msg, u32 off,
				 u32 len)
{
	if (!msg->taken)
		len = msg->skb->len - off;
	return len < msg->truesize / WRTCSUB_RXQ_CLONE_PART;
}

static struct sk_buff *wrtcsub_rxq_piece(struct wrtcsub_sock *ws,
					 struct wrtcsub_message *msg, u32 off,
					 u32 len)
{
	bool small = wrtcsub_rxq_is_small(msg, off, len);

	if (small && (msg->taken || !skb_queue_empty(&ws->rxq.partial)))
		return wrtcsub_rxq_copy(ws, msg, off, len);
	if (msg->taken)
		return wrtcsub_rxq_clone(msg, off);
	return wrtcsub_rxq_take(msg, off);
}

/* Bytes that follow the last piece in the same message belong to it. */
static bool wrtcsub_rxq_extend(struct wrtcsub_sock *ws,
			       const struct wrtcsub_message *msg, u32 off,
			       u32 len)
{
	struct sk_buff *skb = skb_peek_tail(&ws->rxq.partial);
	struct wrtcsub_rxq_cb *cb;

	if (!skb || ws->rxq.last != msg)
		return false;
	cb = wrtcsub_rxq_cb(skb);
	/* A copy has no bytes but its own. */
	if (cb->is_copy || cb->off + cb->len != off)
		return false;
	cb->len += len;
	return true;
}

/* Small pieces of one frame share a buffer. */
static bool wrtcsub_rxq_append(struct wrtcsub_sock *ws,
			       const struct wrtcsub_message *msg, u32 off,
			       u32 len)
{
	struct sk_buff *skb = skb_peek_tail(&ws->rxq.partial);
	struct wrtcsub_rxq_cb *cb;

	if (!skb || !wrtcsub_rxq_is_small(msg, off, len))
		return false;
	cb = wrtcsub_rxq_cb(skb);
	if (!cb->is_copy || skb_tailroom(skb) < len ||
	    skb_copy_bits(msg->skb, off, skb_tail_pointer(skb), len))
		return false;
	skb_put(skb, len);
	cb->len += len;
	return true;
}

/**
 * wrtcsub_rxq_add() - add payload to the frame that is being received
 * @ws: the substream
 * @msg: the message it is in; there is room for all of it
 * @off: where in the message
 * @len: bytes, not 0
 * @need: set to what there has to be room for, if there is not
 *
 * A message full of small frames takes far more memory than it has bytes.
 *
 * Context: the association's work.
 * Return: 0; -EAGAIN: no room; -ENOMEM.
 */
int wrtcsub_rxq_add(struct wrtcsub_sock *ws, struct wrtcsub_message *msg,
		    u32 off, u32 len, u32 *need)
{
	struct wrtcsub_rxq_cb *cb;
	struct sk_buff *skb;

	if (wrtcsub_rxq_extend(ws, msg, off, len) ||
	    wrtcsub_rxq_append(ws, msg, off, len))
		return 0;
	skb = wrtcsub_rxq_piece(ws, msg, off, len);
	if (!skb)
		return -ENOMEM;
	cb = wrtcsub_rxq_cb(skb);
	if (skb != msg->skb && !wrtcsub_rxq_has_room(ws, cb->charge)) {
		*need = cb->charge;
		kfree_skb(skb);
		return -EAGAIN;
	}
	cb->len = len;
	cb->last = false;
	wrtcsub_rxq_charge(ws, cb->charge);
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
 * Context: the association's work.
 */
void wrtcsub_rxq_drop_partial(struct wrtcsub_sock *ws)
{
	if (skb_queue_empty(&ws->rxq.partial))
		return;
	wrtcsub_rxq_free_list(ws, &ws->rxq.partial);
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
	WRITE_ONCE(ws->rxq.bytes, ws->rxq.bytes + bytes);
	spin_unlock_bh(&queue->lock);

	wrtcsub_rxq_end_partial(ws);
	return bytes;
}

/**
 * wrtcsub_rxq_purge() - drop what the reader has not taken
 * @ws: the substream, whose state lets nothing more in
 *
 * Context: any.
 */
void wrtcsub_rxq_purge(struct wrtcsub_sock *ws)
{
	struct sk_buff_head *queue = &ws->sk.sk_receive_queue;
	struct sk_buff_head drop;

	__skb_queue_head_init(&drop);
	spin_lock_bh(&queue->lock);
	skb_queue_splice_init(queue, &drop);
	WRITE_ONCE(ws->rxq.bytes, 0);
	ws->rxq.epoch++;
	spin_unlock_bh(&queue->lock);

	wrtcsub_rxq_free_list(ws, &drop);
}

/**
 * wrtcsub_rxq_first() - begin to read
 * @ws: the substream
 * @cursor: set to the place, to be given back by wrtcsub_rxq_done()
 * @skip: bytes to pass over; if there are not as many, there is no piece
 *
 * Context: process, under lock_sock.
 */
void wrtcsub_rxq_first(struct wrtcsub_sock *ws,
		       struct wrtcsub_rxq_cursor *cursor, size_t skip)
{
	struct sk_buff_head *queue = &ws->sk.sk_receive_queue;
	struct sk_buff *skb;

	sock_owned_by_me(&ws->sk);

	cursor->skb = NULL;
	spin_lock_bh(&queue->lock);
	cursor->epoch = ws->rxq.epoch;
	skb_queue_walk(queue, skb) {
		if (skip < wrtcsub_rxq_cb(skb)->len) {
			cursor->skb = skb_get(skb);
			cursor->off = skip;
			break;
		}
		skip -= wrtcsub_rxq_cb(skb)->len;
	}
	spin_unlock_bh(&queue->lock);
}

/**
 * wrtcsub_rxq_next() - go on to the next piece, and leave this one
 * @ws: the substream
 * @cursor: the place
 *
 * Context: process, under lock_sock.
 * Return: false if there is none.
 */
bool wrtcsub_rxq_next(struct wrtcsub_sock *ws,
		      struct wrtcsub_rxq_cursor *cursor)
{
	struct sk_buff_head *queue = &ws->sk.sk_receive_queue;
	struct sk_buff *skb = NULL;

	sock_owned_by_me(&ws->sk);

	spin_lock_bh(&queue->lock);
	if (cursor->epoch == ws->rxq.epoch &&
	    !skb_queue_is_last(queue, cursor->skb))
		skb = skb_get(skb_queue_next(queue, cursor->skb));
	spin_unlock_bh(&queue->lock);

	consume_skb(cursor->skb);
	cursor->skb = skb;
	cursor->off = 0;
	return skb;
}

/**
 * wrtcsub_rxq_consume() - the reader has taken bytes
 * @ws: the substream
 * @cursor: the first piece; another one takes its place if it is used up
 * @len: bytes of it
 *
 * Context: process, under lock_sock.
 */
void wrtcsub_rxq_consume(struct wrtcsub_sock *ws,
			 struct wrtcsub_rxq_cursor *cursor, u32 len)
{
	struct sk_buff_head *queue = &ws->sk.sk_receive_queue;
	struct wrtcsub_rxq_cb *cb = wrtcsub_rxq_cb(cursor->skb);
	struct sk_buff *skb = cursor->skb, *next = NULL;
	bool mine;

	sock_owned_by_me(&ws->sk);

	spin_lock_bh(&queue->lock);
	mine = cursor->epoch == ws->rxq.epoch;
	if (mine) {
		cb->off += len;
		cb->len -= len;
		WRITE_ONCE(ws->rxq.bytes, ws->rxq.bytes - len);
		if (cb->len) {
			spin_unlock_bh(&queue->lock);
			return;
		}
		__skb_unlink(skb, queue);
		next = skb_peek(queue);
		if (next)
			skb_get(next);
	}
	spin_unlock_bh(&queue->lock);

	if (mine) {
		u32 charge = cb->charge;

		consume_skb(skb);
		wrtcsub_rxq_uncharge(ws, charge);
	}
	consume_skb(skb);
	cursor->skb = next;
}

/**
 * wrtcsub_rxq_done() - end reading
 * @cursor: the place, whose reference is dropped
 *
 * Context: any.
 */
void wrtcsub_rxq_done(struct wrtcsub_rxq_cursor *cursor)
{
	consume_skb(cursor->skb);
	cursor->skb = NULL;
}
