// SPDX-License-Identifier: GPL-2.0
/*
 * More streams for an association.
 *
 * When a substream finds no free identifier, it waits: a moment for channels
 * that are being closed, whose identifiers come back, and then for more
 * streams, of which the peer is asked for as many as there are (RFC 6525).  A
 * channel needs both directions, so both grow.
 *
 * The request is SCTP's one request under way, as those of reset.c are: SCTP
 * refuses a second one, and who is refused asks again later.
 */

#include <linux/jiffies.h>
#include <linux/sctp.h>

#include "assoc.h"
#include "channel.h"
#include "grow.h"
#include "listener.h"
#include "mib.h"
#include "reconf.h"

#define WRTCSUB_GROW_PATIENCE		HZ
#define WRTCSUB_GROW_ANSWER_TIME	(30 * HZ)
#define WRTCSUB_GROW_BUSY_TIME		(HZ / 50)

/* Can a peer that has RFC 6525 be asked at all? */
static bool wrtcsub_grow_may_ask(const struct wrtcsub_assoc *a)
{
	return !READ_ONCE(a->grow.denied) && a->sids.nr < WRTCSUB_SID_MAX;
}

/**
 * wrtcsub_grow_is_possible() - may there be a free identifier later?
 * @a: an association that has none
 *
 * Context: any, under wrtcsub_assoc::lock.
 * Return: false if nobody need wait for one.
 */
bool wrtcsub_grow_is_possible(const struct wrtcsub_assoc *a)
{
	lockdep_assert_held(&a->lock);

	if (a->reset.impossible)
		return false;
	return wrtcsub_grow_may_ask(a) ||
	       a->sids.busy_count > a->nr_substreams - a->nr_waiting;
}

/**
 * wrtcsub_grow_follow() - have as many identifiers as SCTP has streams
 * @a: an association that is up
 *
 * Outgoing streams that the peer has not agreed to yet are not among them: a
 * message on one of these would stop all others.  SCTP tells when it has.
 *
 * Context: the association's work.
 * Return: 0, -ENOTCONN or -ENOMEM.
 */
int wrtcsub_grow_follow(struct wrtcsub_assoc *a)
{
	struct wrtcsub_sid_map map = {};
	unsigned int nr;
	int err;

	err = wrtcsub_sctp_streams(&a->sctp, a->sids.nr, &a->in_streams,
				   &a->out_streams);
	if (err)
		return err;
	nr = min3(a->in_streams, a->out_streams, WRTCSUB_SID_MAX);
	if (nr <= a->sids.nr)
		return 0;

	err = wrtcsub_reset_resize(&a->reset, nr) ?:
	      wrtcsub_sid_resize(&map, nr);
	if (err)
		return err;
	spin_lock_bh(&a->lock);
	wrtcsub_sid_move(&map, &a->sids);
	spin_unlock_bh(&a->lock);
	wrtcsub_sid_destroy(&map);
	return 0;
}

/**
 * wrtcsub_grow_catch_up() - SCTP may have more streams than we
 * @a: an association that is up
 *
 * Without memory we shall look again.
 *
 * Context: the association's work.
 */
void wrtcsub_grow_catch_up(struct wrtcsub_assoc *a)
{
	struct wrtcsub_grow *g = &a->grow;

	g->behind = wrtcsub_grow_follow(a) == -ENOMEM;
	if (g->behind) {
		wrtcsub_assoc_tick_at(a, jiffies + WRTCSUB_GROW_BUSY_TIME);
	} else if (g->asked && a->sids.nr >= g->goal) {
		wrtcsub_mib_inc(a->net, WRTCSUB_MIB_GROWN);
		a->reset.crossed = 0;
		g->asked = false;
	}
	wrtcsub_listener_begin(a);
}

/**
 * wrtcsub_grow_event() - SCTP has more streams, or has not got them
 * @a: the association, which is up
 * @event: the notification
 *
 * Context: the association's work.
 * Source: RFC 6525, section 6.1.3.
 */
void wrtcsub_grow_event(struct wrtcsub_assoc *a,
			const struct sctp_stream_change_event *event)
{
	struct wrtcsub_grow *g = &a->grow;

	if (event->strchange_flags & SCTP_STREAM_CHANGE_FAILED) {
		wrtcsub_mib_inc(a->net, WRTCSUB_MIB_RESETS_FAILED);
		g->retry_at = get_jiffies_64() + wrtcsub_reset_backoff(a);
		g->asked = false;
	} else if (event->strchange_flags & SCTP_STREAM_CHANGE_DENIED) {
		wrtcsub_mib_inc(a->net, WRTCSUB_MIB_RESETS_DENIED);
		WRITE_ONCE(g->denied, true);
		g->asked = false;
	}
	wrtcsub_grow_catch_up(a);
}

static void wrtcsub_grow_ask(struct wrtcsub_assoc *a)
{
	struct wrtcsub_grow *g = &a->grow;
	int err;

	g->goal = min_t(unsigned int, 2 * a->sids.nr, WRTCSUB_SID_MAX);
	err = wrtcsub_reconf_add(&a->sctp,
				 g->goal - min(g->goal, a->in_streams),
				 g->goal - min(g->goal, a->out_streams));
	if (!err) {
		g->asked = true;
		g->deadline = jiffies + WRTCSUB_GROW_ANSWER_TIME;
		wrtcsub_assoc_tick_at(a, g->deadline);
	} else if (err == -EINPROGRESS || err == -ENOMEM) {
		if (err == -EINPROGRESS)
			wrtcsub_reset_meet_other(a);
		g->retry_at = get_jiffies_64() + WRTCSUB_GROW_BUSY_TIME;
		wrtcsub_assoc_tick_at(a, g->retry_at);
	} else {
		WRITE_ONCE(g->denied, true);
		wrtcsub_assoc_wake(a, 0);
	}
}

/**
 * wrtcsub_grow_postpone() - the answer may be there, and cannot be read
 * @a: the association
 *
 * Context: the association's work.
 */
void wrtcsub_grow_postpone(struct wrtcsub_assoc *a)
{
	a->grow.deadline = jiffies + WRTCSUB_GROW_ANSWER_TIME;
}

/* Who is next may want an identifier that there is: look again. */
static void wrtcsub_grow_refuse(struct wrtcsub_assoc *a)
{
	if (wrtcsub_channel_refuse_first(a, -EADDRNOTAVAIL))
		wrtcsub_mib_inc(a->net, WRTCSUB_MIB_NO_STREAM_IDS);
	wrtcsub_assoc_wake(a, 0);
}

/* A substream waits for an identifier. */
static void wrtcsub_grow_wait(struct wrtcsub_assoc *a)
{
	struct wrtcsub_grow *g = &a->grow;
	unsigned long patience;

	if (!g->waiting) {
		g->waiting = true;
		g->since = jiffies;
	}
	patience = g->since + WRTCSUB_GROW_PATIENCE;
	if (time_before(jiffies, patience) && wrtcsub_channel_nr_closing(a))
		wrtcsub_assoc_tick_at(a, patience);
	else if (!wrtcsub_grow_may_ask(a))
		wrtcsub_grow_refuse(a);
	else if (time_before64(get_jiffies_64(), g->retry_at))
		wrtcsub_assoc_tick_at(a, g->retry_at);
	else if (!wrtcsub_grow_follow(a))
		wrtcsub_grow_ask(a);
	else
		wrtcsub_assoc_tick_at(a, jiffies + WRTCSUB_GROW_BUSY_TIME);
}

/* No answer has come in time.  If SCTP has had one it could not tell us: look
 * what has come of it.  It had one if it took a request of reset.c since.
 */
static int wrtcsub_grow_expire(struct wrtcsub_assoc *a)
{
	if (!a->reset.nr_sent && wrtcsub_sctp_has_request(&a->sctp)) {
		wrtcsub_mib_inc(a->net, WRTCSUB_MIB_RESET_TIMEOUTS);
		return -ETIMEDOUT;
	}
	wrtcsub_grow_catch_up(a);
	a->grow.asked = false;
	return 0;
}

/**
 * wrtcsub_grow_run() - open who waits, and see to it that all can be
 * @a: an association that is up
 *
 * Context: the association's work.
 * Return: 0; -ETIMEDOUT: the peer has not answered a request, and no other one
 *	could ever be sent.
 */
int wrtcsub_grow_run(struct wrtcsub_assoc *a)
{
	struct wrtcsub_grow *g = &a->grow;
	int err = 0;

	if (g->behind)
		wrtcsub_grow_catch_up(a);
	if (g->asked && time_after_eq(jiffies, g->deadline))
		err = wrtcsub_grow_expire(a);
	if (err)
		return err;
	if (g->asked)
		wrtcsub_assoc_tick_at(a, g->deadline);
	if (wrtcsub_channel_open_waiting(a))
		g->waiting = false;
	else if (!g->asked)
		wrtcsub_grow_wait(a);
	return 0;
}
