// SPDX-License-Identifier: GPL-2.0
/*
 * Room for what is received.
 *
 * Nothing here waits for a reader.  A substream whose reader is slow may hold
 * more than its SO_RCVBUF as long as the association's substreams together hold
 * less than assoc_rmem.  Then one that is over either makes the next message
 * stay in SCTP, whose window closes, until a reader has read ("pause"), or is
 * reset, and what it holds is dropped.  A message of many small frames takes more
 * memory than it has bytes, and may stop in the middle.  A memory cgroup at its
 * limit is treated likewise.  If no reader could make room, because all that is
 * held are frames without an end, the substream that would add to it is reset.
 */

#include <net/sock.h>

#include "assoc.h"
#include "message.h"
#include "mib.h"
#include "room.h"
#include "sockets.h"
#include "substream.h"
#include "trace.h"

/* A memory cgroup does not tell when it has room again. */
#define WRTCSUB_ROOM_RETRY	(HZ / 20)

static bool wrtcsub_room_is_wanted(const struct wrtcsub_sock *ws)
{
	return wrtcsub_fsm_rx(wrtcsub_substream_state(ws)) == WRTCSUB_RX_OPEN;
}

static bool wrtcsub_room_is_over(const struct wrtcsub_sock *ws)
{
	return atomic_read(&ws->sk.sk_rmem_alloc) >
	       READ_ONCE(ws->sk.sk_rcvbuf);
}

static bool wrtcsub_room_may_reset(const struct wrtcsub_sock *ws)
{
	return READ_ONCE(ws->opt.rcv_overflow) == WRTCSUB_OVERFLOW_RESET;
}

/* What this substream holds, if it is over and may be reset. */
static int wrtcsub_room_excess(const struct wrtcsub_assoc *a,
			       const struct wrtcsub_sock *ws)
{
	if (!wrtcsub_substream_is_connected(ws) || ws->assoc != a ||
	    !wrtcsub_room_may_reset(ws) || !wrtcsub_room_is_over(ws))
		return 0;
	return atomic_read(&ws->sk.sk_rmem_alloc);
}

/* Of those that are over and may be reset the one that holds most, with a
 * reference.  One that both ends have finished is in no table any more, but
 * what its reader has left there counts.
 */
static struct wrtcsub_sock *wrtcsub_room_find_over(struct wrtcsub_assoc *a)
{
	struct wrtcsub_sock *ws, *worst = NULL;
	unsigned long id = 0;
	int held, most = 0;

	if (!READ_ONCE(a->may_overflow))
		return NULL;
	for (; (ws = wrtcsub_sockets_next(a->net, &id)); id++) {
		held = wrtcsub_room_excess(a, ws);
		if (held > most) {
			most = held;
			swap(ws, worst);
		}
		if (ws)
			sock_put(&ws->sk);
		cond_resched();
	}
	return worst;
}

/**
 * wrtcsub_room_reset_over() - it holds too much
 * @a: the association
 * @ws: a substream of it
 *
 * What it holds is given back, or its siblings could not go on.
 *
 * Context: the association's work.
 */
void wrtcsub_room_reset_over(struct wrtcsub_assoc *a, struct wrtcsub_sock *ws)
{
	wrtcsub_mib_inc(a->net, WRTCSUB_MIB_OVERFLOWS);
	wrtcsub_substream_fail(ws, WRTCSUB_EV_OVERFLOW, ECONNRESET);
	wrtcsub_early_drop(ws);
	wrtcsub_rxq_drop_partial(ws);
}

/* The association holds enough: may the message wait, or must somebody go?
 * True: it waits, with all that is behind it.
 */
static bool wrtcsub_room_overflow(struct wrtcsub_assoc *a,
				  struct wrtcsub_sock *ws, u32 size)
{
	struct wrtcsub_sock *over;
	int held = atomic_read(&a->rmem);

	/* A reader has made room just now. */
	if (wrtcsub_assoc_has_room(a, held, size))
		return false;
	/* Nobody would ever make room. */
	if (held <= a->partial) {
		wrtcsub_room_reset_over(a, ws);
		return false;
	}
	if (wrtcsub_room_is_over(ws) && !wrtcsub_room_may_reset(ws))
		return true;
	over = wrtcsub_room_find_over(a);
	if (!over)
		return true;
	wrtcsub_room_reset_over(a, over);
	sock_put(&over->sk);
	return false;
}

/* The answer to a request may be in what is not read yet. */
static void wrtcsub_room_postpone(struct wrtcsub_assoc *a)
{
	wrtcsub_reset_postpone(a);
	wrtcsub_grow_postpone(a);
}

/* Who waits for more than there will be may have what there is. */
static void wrtcsub_room_wake_low(struct wrtcsub_assoc *a)
{
	struct wrtcsub_sock *ws;
	unsigned long sid;
	unsigned int bytes;

	xa_for_each(&a->streams, sid, ws) {
		bytes = READ_ONCE(ws->rxq.bytes);
		if (bytes && bytes < READ_ONCE(ws->sk.sk_rcvlowat))
			wrtcsub_substream_wake(ws, EPOLLIN | EPOLLRDNORM);
	}
}

static void wrtcsub_room_pause(struct wrtcsub_assoc *a)
{
	bool was_paused = a->paused;

	wrtcsub_room_postpone(a);
	WRITE_ONCE(a->paused, true);
	/* A reader frees, then looks at @paused; we set it, then look again. */
	smp_mb();
	if (was_paused)
		return;
	wrtcsub_mib_inc(a->net, WRTCSUB_MIB_PAUSES);
	trace_wrtcsub_pause(a, 0);
	wrtcsub_room_wake_low(a);
}

/**
 * wrtcsub_room_resume() - what had to wait is read
 * @a: the association
 *
 * Context: the association's work.
 */
void wrtcsub_room_resume(struct wrtcsub_assoc *a)
{
	if (!a->paused)
		return;
	WRITE_ONCE(a->paused, false);
	wrtcsub_room_postpone(a);
	trace_wrtcsub_resume(a, 0);
}

/* No room: true if the substream must wait for it. */
static bool wrtcsub_room_wait(struct wrtcsub_assoc *a, struct wrtcsub_sock *ws)
{
	/* The others are to hear now that the association has ended. */
	if (!wrtcsub_sctp_goes_on(&a->sctp)) {
		wrtcsub_substream_lose(ws, wrtcsub_sctp_end(&a->sctp));
		return false;
	}
	wrtcsub_room_pause(a);
	return true;
}

/**
 * wrtcsub_room_make() - is there memory for payload?
 * @a: the association
 * @ws: the substream that it is for
 * @size: bytes of memory
 *
 * If there is none somebody may be reset for it, @ws as well as another one.
 *
 * Context: the association's work.
 * Return: true, also if @ws does not take any more; false: it waits, with all
 *	that is behind it.
 */
bool wrtcsub_room_make(struct wrtcsub_assoc *a, struct wrtcsub_sock *ws,
		       u32 size)
{
	int held;

	while (wrtcsub_room_is_wanted(ws) &&
	       !wrtcsub_assoc_has_room(a, atomic_read(&a->rmem), size)) {
		if (!wrtcsub_room_overflow(a, ws, size) ||
		    !wrtcsub_room_wait(a, ws))
			continue;
		/* A reader may have taken the last that it can meanwhile. */
		held = atomic_read(&a->rmem);
		if (held > a->partial && !wrtcsub_assoc_has_room(a, held, size))
			return false;
	}
	if (!wrtcsub_room_is_wanted(ws) || wrtcsub_rxq_reserve(ws, size))
		return true;
	if (wrtcsub_room_may_reset(ws)) {
		wrtcsub_room_reset_over(a, ws);
		return true;
	}
	if (!wrtcsub_room_wait(a, ws))
		return true;
	wrtcsub_assoc_tick_at(a, jiffies + WRTCSUB_ROOM_RETRY);
	return false;
}

/* Is there no memory for the identifier of this message?  SCTP had none to tell
 * of more streams, or we had none for them.  With them there may be a channel
 * that was negotiated, and one that the peer opens could not be refused either.
 */
static bool wrtcsub_room_is_ahead(struct wrtcsub_assoc *a,
				  const struct wrtcsub_message *msg)
{
	if (msg->sid < a->sids.nr)
		return false;
	wrtcsub_grow_catch_up(a);
	return a->grow.behind;
}

/**
 * wrtcsub_room_must_wait() - is there no memory for this message?
 * @a: the association
 * @msg: the message, which SCTP still has
 *
 * Context: the association's work.
 * Return: true: it stays with SCTP for now, with all that is behind it.
 */
bool wrtcsub_room_must_wait(struct wrtcsub_assoc *a,
			    const struct wrtcsub_message *msg)
{
	struct wrtcsub_sock *ws;

	/* What is left of an association that has ended is taken at once. */
	if (msg->notification || !wrtcsub_sctp_goes_on(&a->sctp))
		return false;
	if (wrtcsub_room_is_ahead(a, msg)) {
		wrtcsub_room_pause(a);
		return true;
	}
	ws = xa_load(&a->streams, msg->sid);
	return ws && !wrtcsub_room_make(a, ws, msg->truesize);
}
