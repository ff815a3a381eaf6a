// SPDX-License-Identifier: GPL-2.0
/*
 * The channels of an association.
 *
 * A substream that connects waits (F_WAITING, in wrtcsub_assoc::opening) while
 * the association comes up, or while no identifier is free; then it has a place
 * (F_PLACED, in wrtcsub_assoc::streams) until both of its halves are over and
 * all is said.  They get places in the order in which they came, but one that
 * waits for a negotiated identifier holds up nobody.  What follows for the
 * identifier is up to reset.c.
 *
 *	connect		-> waiting -> placed, SYN_SENT (WRTCSUB_OPEN_WAIT)
 *			   |	   -> placed, ESTABLISHED
 *			   +-> CLOSE: refused, cancelled
 *	the peer opens	-> placed, ESTABLISHED
 *
 * All of it under wrtcsub_assoc::lock, so that a connect that is interrupted
 * and the work agree on what has become of it.
 */

#include <net/sock.h>

#include "assoc.h"
#include "channel.h"
#include "grow.h"
#include "mib.h"
#include "output.h"
#include "reset.h"
#include "substream.h"
#include "timer.h"
#include "trace.h"

static int wrtcsub_channel_insert(struct wrtcsub_assoc *a,
				  struct wrtcsub_sock *ws, u16 sid)
{
	int err;

	lockdep_assert_held(&a->lock);

	err = xa_err(xa_store(&a->streams, sid, ws,
			      GFP_ATOMIC | __GFP_NOWARN));
	if (err)
		return err;
	ws->sid = sid;
	if (READ_ONCE(ws->opt.rcv_overflow) == WRTCSUB_OVERFLOW_RESET)
		WRITE_ONCE(a->may_overflow, true);
	set_bit(WRTCSUB_F_PLACED, &ws->flags);
	sock_hold(&ws->sk);
	return 0;
}

static bool wrtcsub_channel_is_negotiated(const struct wrtcsub_sock *ws)
{
	return READ_ONCE(ws->opt.stream_id) != WRTCSUB_STREAM_ID_NONE;
}

/* An identifier that connect may have: a free one of ours, or the one that was
 * negotiated.  -EAGAIN: there may be one later.
 */
static int wrtcsub_channel_take_id(struct wrtcsub_assoc *a,
				   const struct wrtcsub_sock *ws)
{
	int err, sid = READ_ONCE(ws->opt.stream_id);

	lockdep_assert_held(&a->lock);

	if (sid == WRTCSUB_STREAM_ID_NONE) {
		sid = wrtcsub_sid_alloc(&a->sids, a->odd);
	} else {
		err = wrtcsub_sid_take(&a->sids, sid);
		if (err)
			sid = err == -EINVAL ? -EADDRNOTAVAIL : err;
	}
	if (sid == -EADDRNOTAVAIL && wrtcsub_grow_is_possible(a))
		return -EAGAIN;
	return sid;
}

/* Give @ws an identifier and let the work say so to the peer: under the lock,
 * so that the peer hears of channels in the order in which connect() returns.
 */
static int wrtcsub_channel_place(struct wrtcsub_assoc *a,
				 struct wrtcsub_sock *ws)
{
	bool negotiated = wrtcsub_channel_is_negotiated(ws);
	bool wait = ws->opt.open_wait && !negotiated;
	int sid, err;

	lockdep_assert_held(&a->lock);

	sid = wrtcsub_channel_take_id(a, ws);
	if (sid == -EADDRNOTAVAIL)
		wrtcsub_mib_inc(a->net, WRTCSUB_MIB_NO_STREAM_IDS);
	if (sid < 0)
		return sid;
	err = wrtcsub_channel_insert(a, ws, sid);
	if (err) {
		wrtcsub_sid_give_back(&a->sids, sid);
		return err;
	}
	if (!negotiated)
		atomic_or(WRTCSUB_DUE_OPEN, &ws->state);
	wrtcsub_substream_set_phase(ws, wait ? TCP_SYN_SENT : TCP_ESTABLISHED);
	wrtcsub_mib_inc(a->net, WRTCSUB_MIB_OPENED);
	trace_wrtcsub_open(a, ws, 0);
	wrtcsub_substream_kick(ws);
	return 0;
}

static void wrtcsub_channel_wait(struct wrtcsub_assoc *a,
				 struct wrtcsub_sock *ws)
{
	lockdep_assert_held(&a->lock);

	sock_hold(&ws->sk);
	list_add_tail(&ws->turn, &a->opening);
	set_bit(WRTCSUB_F_WAITING, &ws->flags);
	a->nr_waiting++;
	wrtcsub_substream_set_phase(ws, TCP_SYN_SENT);
}

/* The reference of the list is the caller's from here on. */
static void wrtcsub_channel_unwait(struct wrtcsub_assoc *a,
				   struct wrtcsub_sock *ws)
{
	lockdep_assert_held(&a->lock);

	list_del_init(&ws->turn);
	clear_bit(WRTCSUB_F_WAITING, &ws->flags);
	a->nr_waiting--;
}

static void wrtcsub_channel_leave(struct wrtcsub_assoc *a)
{
	lockdep_assert_held(&a->lock);

	if (!--a->nr_substreams)
		a->idle_since = jiffies;
}

/**
 * wrtcsub_channel_open() - open a substream of ours
 * @a: the association
 * @ws: an unconnected socket; its @assoc is set on success
 *
 * Context: process, under lock_sock of @ws.
 * Return: 0: it has a place; -EINPROGRESS: it waits for one; -ESTALE: the
 *	association ends, find or make another one; -EADDRINUSE: the negotiated
 *	identifier is; -EADDRNOTAVAIL: none is free, and none will be; -ENOMEM.
 */
int wrtcsub_channel_open(struct wrtcsub_assoc *a, struct wrtcsub_sock *ws)
{
	int err;

	sock_owned_by_me(&ws->sk);

	spin_lock_bh(&a->lock);
	/* Who sees the new sk_state, without a lock, sees this as well. */
	WRITE_ONCE(ws->assoc, a);
	if (!wrtcsub_assoc_takes_more(a))
		err = -ESTALE;
	else if (a->state == WRTCSUB_ASSOC_UP && list_empty(&a->opening))
		err = wrtcsub_channel_place(a, ws);
	else
		err = -EAGAIN;
	if (err == -EAGAIN) {
		wrtcsub_channel_wait(a, ws);
		err = -EINPROGRESS;
	}
	if (!err || err == -EINPROGRESS) {
		refcount_inc(&a->refs);
		a->nr_substreams++;
	} else {
		WRITE_ONCE(ws->assoc, NULL);
	}
	spin_unlock_bh(&a->lock);

	/* What SO_KEEPALIVE asks for is of the association, whoever made it. */
	if ((!err || err == -EINPROGRESS) && sock_flag(&ws->sk, SOCK_KEEPOPEN))
		wrtcsub_assoc_wake(a, WRTCSUB_ASSOC_KEEPALIVE);
	else if (err == -EINPROGRESS)
		wrtcsub_assoc_wake(a, 0);
	return err;
}

/* What @ws has waited for has come, or will not. */
static void wrtcsub_channel_decided(struct wrtcsub_assoc *a,
				    struct wrtcsub_sock *ws, int err)
{
	lockdep_assert_held(&a->lock);

	wrtcsub_channel_unwait(a, ws);
	if (!err)
		return;
	wrtcsub_channel_leave(a);
	WRITE_ONCE(ws->sk.sk_err, -err);
	wrtcsub_substream_set_phase(ws, TCP_CLOSE);
}

static void wrtcsub_channel_tell(struct wrtcsub_sock *ws, int err)
{
	wrtcsub_substream_wake_all(ws, err ? EPOLLIN | EPOLLOUT : EPOLLOUT);
	sock_put(&ws->sk);
}

/* Is the wait of the first one over?  Those that were negotiated may wait for
 * streams that there are not, which is no reason for others to wait: they are
 * @passed.  But nobody passes one that will have any identifier.
 * -EAGAIN: nobody is next.
 */
static int wrtcsub_channel_decide_first(struct wrtcsub_assoc *a,
					struct list_head *passed,
					struct wrtcsub_sock **decided)
{
	struct wrtcsub_sock *ws;
	int err;

	lockdep_assert_held(&a->lock);

	*decided = NULL;
	ws = list_first_entry_or_null(&a->opening, typeof(*ws), turn);
	if (!ws)
		return -EAGAIN;
	err = wrtcsub_channel_place(a, ws);
	if (err != -EAGAIN) {
		wrtcsub_channel_decided(a, ws, err);
		*decided = ws;
		return err;
	}
	if (!wrtcsub_channel_is_negotiated(ws))
		return -EAGAIN;
	list_move_tail(&ws->turn, passed);
	return 0;
}

/**
 * wrtcsub_channel_open_waiting() - open those that wait, in turn
 * @a: an association that is up
 *
 * There may be as many as the program has descriptors: each is looked at once,
 * and the lock is held for one of them at a time.  Who is cancelled meanwhile is
 * taken off whichever list it is in.
 *
 * Context: the association's work.
 * Return: false if one still waits, for want of an identifier.
 */
bool wrtcsub_channel_open_waiting(struct wrtcsub_assoc *a)
{
	struct wrtcsub_sock *ws;
	LIST_HEAD(passed);
	bool waits;
	int err;

	do {
		spin_lock_bh(&a->lock);
		err = wrtcsub_channel_decide_first(a, &passed, &ws);
		if (err == -EAGAIN)
			list_splice_init(&passed, &a->opening);
		waits = !list_empty(&a->opening);
		spin_unlock_bh(&a->lock);
		if (ws)
			wrtcsub_channel_tell(ws, err);
		cond_resched();
	} while (err != -EAGAIN);
	return !waits;
}

/**
 * wrtcsub_channel_refuse_first() - who waits first has waited in vain
 * @a: the association
 * @err: why, a negative errno
 *
 * Context: the association's work.
 * Return: false if nobody waits.
 */
bool wrtcsub_channel_refuse_first(struct wrtcsub_assoc *a, int err)
{
	struct wrtcsub_sock *ws;

	spin_lock_bh(&a->lock);
	ws = list_first_entry_or_null(&a->opening, typeof(*ws), turn);
	if (ws)
		wrtcsub_channel_decided(a, ws, err);
	spin_unlock_bh(&a->lock);
	if (ws)
		wrtcsub_channel_tell(ws, err);
	return ws;
}

/**
 * wrtcsub_channel_adopt() - take in a substream that the peer has opened, or
 *	that was negotiated with it
 * @a: the association
 * @ws: a new socket; its @assoc is set on success
 * @sid: an identifier
 *
 * Context: the association's work.
 * Return: 0; -EADDRINUSE; -EINVAL: the association does not have it; -ENOMEM.
 */
int wrtcsub_channel_adopt(struct wrtcsub_assoc *a, struct wrtcsub_sock *ws,
			  u16 sid)
{
	int err;

	spin_lock_bh(&a->lock);
	err = wrtcsub_sid_take(&a->sids, sid);
	if (!err) {
		err = wrtcsub_channel_insert(a, ws, sid);
		if (err)
			wrtcsub_sid_give_back(&a->sids, sid);
	}
	if (!err) {
		refcount_inc(&a->refs);
		ws->assoc = a;
		a->nr_substreams++;
		wrtcsub_substream_set_phase(ws, TCP_ESTABLISHED);
	}
	spin_unlock_bh(&a->lock);
	return err;
}

/**
 * wrtcsub_channel_cancel() - a substream waits no longer
 * @ws: the substream
 *
 * An association that comes up for nobody ends.
 *
 * Context: process, under lock_sock of @ws.
 * Return: false: it does not wait: it has a place, or was refused.
 */
bool wrtcsub_channel_cancel(struct wrtcsub_sock *ws)
{
	struct wrtcsub_assoc *a = ws->assoc;
	bool waits;

	sock_owned_by_me(&ws->sk);

	if (!a)
		return false;
	spin_lock_bh(&a->lock);
	waits = test_bit(WRTCSUB_F_WAITING, &ws->flags);
	if (waits) {
		wrtcsub_channel_unwait(a, ws);
		wrtcsub_channel_leave(a);
		wrtcsub_substream_set_phase(ws, TCP_CLOSE);
		/* Under the lock: nobody is to join in between. */
		if (a->state == WRTCSUB_ASSOC_CONNECTING && !a->nr_substreams)
			wrtcsub_assoc_kill(a, ECONNABORTED);
		/* Who waited behind it may have what it wants. */
		else if (!list_empty(&a->opening))
			wrtcsub_assoc_wake(a, 0);
	}
	spin_unlock_bh(&a->lock);

	if (waits)
		sock_put(&ws->sk);
	return waits;
}

/**
 * wrtcsub_channel_outcome() - what has become of a connect
 * @ws: the substream
 *
 * One that the peer has refused, with WRTCSUB_OPEN_WAIT, is closed here.
 *
 * Context: process, under lock_sock of @ws.
 * Return: 0: connected; -EINPROGRESS; or why it failed, a negative errno.
 */
int wrtcsub_channel_outcome(struct wrtcsub_sock *ws)
{
	int err = -EINPROGRESS;

	sock_owned_by_me(&ws->sk);

	if (wrtcsub_substream_phase(ws) == TCP_SYN_SENT) {
		if (!wrtcsub_fsm_tx_over(wrtcsub_substream_state(ws)))
			return err;
		spin_lock_bh(&ws->assoc->lock);
		if (ws->sk.sk_state == TCP_SYN_SENT)
			wrtcsub_substream_set_phase(ws, TCP_CLOSE);
		spin_unlock_bh(&ws->assoc->lock);
	}
	if (wrtcsub_substream_is_connected(ws))
		return 0;
	return sock_error(&ws->sk) ?: -ECONNABORTED;
}

/**
 * wrtcsub_channel_close() - a substream is over: its channel can be closed
 * @a: the association
 * @ws: a substream that has a place, which it loses, with the reference of it
 *
 * Context: the association's work.
 */
void wrtcsub_channel_close(struct wrtcsub_assoc *a, struct wrtcsub_sock *ws)
{
	spin_lock_bh(&a->lock);
	xa_erase(&a->streams, ws->sid);
	clear_bit(WRTCSUB_F_PLACED, &ws->flags);
	wrtcsub_channel_leave(a);
	spin_unlock_bh(&a->lock);

	wrtcsub_timer_stop_all(ws);
	wrtcsub_early_drop(ws);
	wrtcsub_rxq_drop_partial(ws);
	/* What was refused was not counted as accepted either, nor traced. */
	if (!test_bit(WRTCSUB_F_REFUSED, &ws->flags)) {
		wrtcsub_mib_inc(a->net, WRTCSUB_MIB_CLOSED);
		trace_wrtcsub_close(a, ws, READ_ONCE(ws->err));
	}
	wrtcsub_reset_close(a, ws->sid);
	sock_put(&ws->sk);
}

/**
 * wrtcsub_channel_lose_all() - there are no channels any more
 * @a: the association, which has ended
 * @err: what calls return, a positive errno
 *
 * Context: the association's work.
 */
void wrtcsub_channel_lose_all(struct wrtcsub_assoc *a, int err)
{
	struct wrtcsub_sock *ws;
	unsigned long sid;

	xa_for_each(&a->streams, sid, ws) {
		wrtcsub_substream_lose(ws, err);
		wrtcsub_channel_close(a, ws);
	}
	wrtcsub_output_drop(a);
}

/**
 * wrtcsub_channel_nr_closing() - identifiers that no substream has any more
 * @a: the association
 *
 * Context: any.
 * Return: how many wait for the reset of a direction.
 */
unsigned int wrtcsub_channel_nr_closing(struct wrtcsub_assoc *a)
{
	unsigned int nr;

	spin_lock_bh(&a->lock);
	nr = a->sids.busy_count - (a->nr_substreams - a->nr_waiting);
	spin_unlock_bh(&a->lock);
	return nr;
}
EXPORT_SYMBOL_GPL(wrtcsub_channel_nr_closing);
