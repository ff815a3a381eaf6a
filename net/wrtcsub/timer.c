// SPDX-License-Identifier: GPL-2.0
/*
 * The timers of a substream.
 *
 *	timer		bounds				started by
 *	fin_timer	the wait for the FIN_ACK, and	the association's work
 *			for the DATA_CHANNEL_ACK
 *	close_timer	what goes on after close(2)	close(2); anew by the
 *							work, and by itself
 *	more_timer	how long a frame may grow	a send with MSG_MORE
 *
 * They fire in a softirq, and say what has happened by an event or a kick
 * (substream.c).  One that is armed has a reference.
 */

#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <net/sock.h>

#include "substream.h"
#include "timer.h"

/* A closed socket whose bytes nobody takes is reset after this time. */
#define WRTCSUB_TIMER_STUCK_MS	60000

/* It is looked at no more often than this: nothing bounds how many there are,
 * and nobody is charged for the timers.
 */
#define WRTCSUB_TIMER_LOOK_MS	1000

/* How long a DATA_CHANNEL_ACK is waited for, if it is. */
#define WRTCSUB_TIMER_OPEN_MS	30000

/* "There is a 200 millisecond ceiling on the time for which output is corked"
 * (tcp(7), of TCP_CORK, which MSG_MORE is for a call).
 */
#define WRTCSUB_TIMER_MORE_MS	200

static ktime_t wrtcsub_timer_timeout(const struct wrtcsub_sock *ws)
{
	return ms_to_ktime(READ_ONCE(ws->opt.fin_timeout_ms));
}

static enum hrtimer_restart wrtcsub_timer_fire_fin(struct hrtimer *timer)
{
	struct wrtcsub_sock *ws = container_of(timer, typeof(*ws), fin_timer);

	if (wrtcsub_fsm_tx(wrtcsub_substream_state(ws)) != WRTCSUB_TX_OPEN)
		wrtcsub_substream_event(ws, WRTCSUB_EV_TIMER);
	else if (!test_bit(WRTCSUB_F_ACKED, &ws->flags))
		wrtcsub_substream_fail(ws, WRTCSUB_EV_ABORT, ETIMEDOUT);
	sock_put(&ws->sk);
	return HRTIMER_NORESTART;
}

/* Closed, and there are bytes before the FIN, or SCTP has not got it yet: the
 * peer may take its time, and its FIN is acknowledged meanwhile.
 */
static bool wrtcsub_timer_must_drain(const struct wrtcsub_sock *ws)
{
	u32 word = wrtcsub_substream_state(ws);
	enum wrtcsub_tx_state state = wrtcsub_fsm_tx(word);

	return state == WRTCSUB_TX_CLOSING ||
	       state == WRTCSUB_TX_SEND_CLOSED || word & WRTCSUB_DUE_FIN;
}

/* ... but not all the time in the world: a peer whose window stays shut would
 * keep the bytes of every socket that was ever closed.
 */
static bool wrtcsub_timer_is_stuck(struct wrtcsub_sock *ws)
{
	u64 sent = READ_ONCE(ws->tx_bytes);

	if (!wrtcsub_timer_must_drain(ws))
		return false;
	if (sent != ws->close_bytes) {
		ws->close_bytes = sent;
		ws->close_since = ktime_get();
	}
	return ktime_ms_delta(ktime_get(), ws->close_since) >
	       WRTCSUB_TIMER_STUCK_MS;
}

static enum hrtimer_restart wrtcsub_timer_fire_close(struct hrtimer *timer)
{
	struct wrtcsub_sock *ws = container_of(timer, typeof(*ws), close_timer);

	if (wrtcsub_timer_is_stuck(ws)) {
		wrtcsub_substream_fail(ws, WRTCSUB_EV_ABORT, ETIMEDOUT);
	} else if (wrtcsub_timer_must_drain(ws)) {
		hrtimer_forward_now(timer,
				    max_t(ktime_t, wrtcsub_timer_timeout(ws),
					  ms_to_ktime(WRTCSUB_TIMER_LOOK_MS)));
		return HRTIMER_RESTART;
	}
	wrtcsub_substream_event(ws, WRTCSUB_EV_GIVE_UP);
	sock_put(&ws->sk);
	return HRTIMER_NORESTART;
}

static enum hrtimer_restart wrtcsub_timer_fire_more(struct hrtimer *timer)
{
	struct wrtcsub_sock *ws = container_of(timer, typeof(*ws), more_timer);

	wrtcsub_timer_no_more(ws);
	sock_put(&ws->sk);
	return HRTIMER_NORESTART;
}

/**
 * wrtcsub_timer_init() - prepare the timers of a socket
 * @ws: a new socket
 *
 * Context: process.
 */
void wrtcsub_timer_init(struct wrtcsub_sock *ws)
{
	hrtimer_setup(&ws->fin_timer, wrtcsub_timer_fire_fin,
		      CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
	hrtimer_setup(&ws->close_timer, wrtcsub_timer_fire_close,
		      CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
	hrtimer_setup(&ws->more_timer, wrtcsub_timer_fire_more,
		      CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
}

/* One that is armed already has its reference. */
static void wrtcsub_timer_start(struct wrtcsub_sock *ws,
				struct hrtimer *timer, ktime_t time)
{
	if (hrtimer_try_to_cancel(timer) != 1)
		sock_hold(&ws->sk);
	hrtimer_start(timer, time, HRTIMER_MODE_REL_SOFT);
}

static void wrtcsub_timer_stop(struct wrtcsub_sock *ws, struct hrtimer *timer)
{
	/* One that runs finds a state that no timer changes. */
	if (hrtimer_try_to_cancel(timer) == 1)
		sock_put(&ws->sk);
}

/**
 * wrtcsub_timer_stop_fin() - what the FIN timer was for has come
 * @ws: a substream
 *
 * Context: any.
 */
void wrtcsub_timer_stop_fin(struct wrtcsub_sock *ws)
{
	wrtcsub_timer_stop(ws, &ws->fin_timer);
}

/**
 * wrtcsub_timer_set_fin() - bound the wait for the peer
 * @ws: a substream with something new
 *
 * For the DATA_CHANNEL_ACK, if it is waited for, from when the OPEN is due; for
 * the FIN_ACK from when SCTP has got the FIN, and as long as the program says by
 * now.  Nobody else starts this timer, so that it has one reference.
 *
 * Context: the association's work.
 */
void wrtcsub_timer_set_fin(struct wrtcsub_sock *ws)
{
	u32 word = wrtcsub_substream_state(ws);
	ktime_t left;

	if (wrtcsub_fsm_tx(word) == WRTCSUB_TX_FIN_SENT &&
	    !(word & WRTCSUB_DUE_FIN)) {
		left = ktime_sub(ktime_add(ws->fin_sent,
					   wrtcsub_timer_timeout(ws)),
				 ktime_get());
		wrtcsub_timer_start(ws, &ws->fin_timer,
				    max_t(ktime_t, left, 0));
	} else if (wrtcsub_fsm_tx(word) == WRTCSUB_TX_OPEN &&
		   word & WRTCSUB_DUE_OPEN && READ_ONCE(ws->opt.open_wait) &&
		   !test_bit(WRTCSUB_F_ACKED, &ws->flags) &&
		   !hrtimer_active(&ws->fin_timer)) {
		wrtcsub_timer_start(ws, &ws->fin_timer,
				    ms_to_ktime(WRTCSUB_TIMER_OPEN_MS));
	}
}

/**
 * wrtcsub_timer_fin_is_out() - the FIN_ACK has to come in time
 * @ws: the substream, whose FIN SCTP has taken
 *
 * Context: the association's work, which is who hears of the FIN_ACK.
 */
void wrtcsub_timer_fin_is_out(struct wrtcsub_sock *ws)
{
	ws->fin_sent = ktime_get();
	wrtcsub_timer_set_fin(ws);
	/* One that was closed waits as long for the peer's FIN.  The reference
	 * stays the timer's, for which it is waited if it has just looked: it
	 * would look again too late.
	 */
	if (hrtimer_cancel(&ws->close_timer) == 1)
		hrtimer_start(&ws->close_timer, wrtcsub_timer_timeout(ws),
			      HRTIMER_MODE_REL_SOFT);
}

/**
 * wrtcsub_timer_more() - MSG_MORE: the last frame may grow, for a while
 * @ws: a substream that is connected
 *
 * Context: process.
 */
void wrtcsub_timer_more(struct wrtcsub_sock *ws)
{
	if (!test_and_set_bit(WRTCSUB_F_MORE, &ws->flags))
		wrtcsub_timer_start(ws, &ws->more_timer,
				    ms_to_ktime(WRTCSUB_TIMER_MORE_MS));
}

/**
 * wrtcsub_timer_no_more() - the last frame goes as it is
 * @ws: a substream
 *
 * Context: any.
 */
void wrtcsub_timer_no_more(struct wrtcsub_sock *ws)
{
	if (test_and_clear_bit(WRTCSUB_F_MORE, &ws->flags))
		wrtcsub_substream_kick(ws);
}

/**
 * wrtcsub_timer_stop_all() - nothing is waited for any more
 * @ws: a substream that is over, and has lost its place
 *
 * A close timer that looked just before the end may be about to start anew:
 * wait for it.  The FIN timer may have been started just after the end.
 *
 * Context: the association's work.
 */
void wrtcsub_timer_stop_all(struct wrtcsub_sock *ws)
{
	wrtcsub_timer_stop(ws, &ws->more_timer);
	wrtcsub_timer_stop(ws, &ws->fin_timer);
	if (hrtimer_cancel(&ws->close_timer) == 1)
		sock_put(&ws->sk);
}

/**
 * wrtcsub_timer_closing() - bound the wait for the peer's FIN
 * @ws: a substream that was closed
 *
 * Context: process.  Once for each socket.
 */
void wrtcsub_timer_closing(struct wrtcsub_sock *ws)
{
	ws->close_bytes = READ_ONCE(ws->tx_bytes);
	ws->close_since = ktime_get();
	wrtcsub_timer_start(ws, &ws->close_timer, wrtcsub_timer_timeout(ws));
	/* It may have come to its end before there was a timer to stop.  Pairs
	 * with the change of the state in wrtcsub_substream_event().
	 */
	smp_mb();
	if (wrtcsub_substream_is_over(wrtcsub_substream_state(ws)))
		wrtcsub_timer_stop(ws, &ws->close_timer);
}
