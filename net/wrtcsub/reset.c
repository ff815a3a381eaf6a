// SPDX-License-Identifier: GPL-2.0
/*
 * Closing channels.
 *
 * A channel is closed when both directions of its streams have been reset; its
 * identifier is free from then on (RFC 8831, section 6.7).  We ask to reset
 * our direction when a substream is over.  What one has to know of SCTP:
 *
 * - One request is under way at a time, so requests are batches.
 * - A stream with bytes to send cannot be reset: the whole request would fail
 *   (-EAGAIN).  We go past it.  A peer that keeps its window shut can have
 *   thousands of them, so we look again less and less often.
 * - Requests of both ends that cross fail at both ends, even for different
 *   streams.  So the end that dialled goes first; the other one waits for the
 *   request of the first, and for a while at most.  After a failure the first
 *   asks again at once, the other one later, by a time that is never the same:
 *   with equal delays they would cross for ever.  Both wait longer each time:
 *   a request whose answer was lost stays in the way until SCTP repeats it.
 * - A message on a stream under reset stops the whole association.  None is
 *   sent: the substream is gone from the table before its reset is asked for.
 * - The answer can be lost, or overtaken by what the peer sends after it: the
 *   peer, which knows that both directions have been reset, may open the
 *   channel again before we know.  It has its channel, and hears of us after
 *   the answer.
 * - A peer says "in progress" until it has all that was sent before (RFC 6525,
 *   section 5.2.2).  usrsctp looks again when a DATA chunk comes, and not when
 *   the last gap closes, so without one it says so for ever, and SCTP refuses
 *   what it asks for meanwhile.  It gets one that says nothing new.
 * - What the peer asks us to ask for (RFC 6525, sections 5.2.3 and 5.2.6), SCTP
 *   does without a word to us.  We learn of such a request when it is in the
 *   way of one of ours, and it has the time from then on that ours has.
 */

#include <linux/jiffies.h>
#include <linux/random.h>

#include "assoc.h"
#include "frame.h"
#include "message.h"
#include "mib.h"
#include "reconf.h"
#include "reset.h"
#include "substream.h"

#define WRTCSUB_RESET_ANSWER_TIME	(30 * HZ)
#define WRTCSUB_RESET_NUDGE_TIME	HZ
#define WRTCSUB_RESET_YIELD_TIME	(HZ / 5)
#define WRTCSUB_RESET_BUSY_TIME		(HZ / 50)
#define WRTCSUB_RESET_BUSY_MAX		(HZ / 5)
#define WRTCSUB_RESET_CROSSED_TIME	(HZ / 30)
#define WRTCSUB_RESET_CROSSED_MAX	5

/**
 * wrtcsub_reset_resize() - make room for more identifiers
 * @r: all zero, or in use
 * @nr: identifiers 0 to @nr - 1; if it has as many nothing changes
 *
 * It may have more than the identifiers, if there was no memory for these, and
 * SCTP fewer streams by now.
 *
 * Context: process, may sleep; the association's work.
 * Return: 0, or -ENOMEM, and @r is as it was.
 */
int wrtcsub_reset_resize(struct wrtcsub_reset *r, unsigned int nr)
{
	unsigned long *refuse, *want;

	if (nr <= r->nr)
		return 0;
	refuse = bitmap_zalloc(nr, GFP_KERNEL);
	want = bitmap_zalloc(nr, GFP_KERNEL);
	if (!refuse || !want) {
		bitmap_free(refuse);
		bitmap_free(want);
		return -ENOMEM;
	}
	if (r->nr) {
		bitmap_copy(refuse, r->refuse, r->nr);
		bitmap_copy(want, r->want, r->nr);
	}
	wrtcsub_reset_destroy(r);
	r->refuse = refuse;
	r->want = want;
	r->nr = nr;
	return 0;
}

/**
 * wrtcsub_reset_destroy() - give it back
 * @r: all zero, or in use until now
 *
 * Context: any.
 */
void wrtcsub_reset_destroy(struct wrtcsub_reset *r)
{
	bitmap_free(r->refuse);
	bitmap_free(r->want);
}

/**
 * wrtcsub_reset_backoff() - requests of both ends have crossed
 * @a: the association
 *
 * Context: the association's work.
 * Return: how long to wait before the next one, in jiffies.  Who dialled
 *	always waits less than the other end.
 */
unsigned long wrtcsub_reset_backoff(struct wrtcsub_assoc *a)
{
	unsigned int times = min_t(unsigned int, a->reset.crossed++,
				   WRTCSUB_RESET_CROSSED_MAX);
	unsigned long wait = WRTCSUB_RESET_CROSSED_TIME << times;

	if (a->initiator)
		return times ? wait / 2 : 0;
	return wait + get_random_u32() % wait;
}

/**
 * wrtcsub_reset_close() - close a channel
 * @a: the association
 * @sid: a channel on which nothing will be sent any more
 *
 * Without RFC 6525 the identifier just stays in use.
 *
 * Context: the association's work.
 */
void wrtcsub_reset_close(struct wrtcsub_assoc *a, u16 sid)
{
	struct wrtcsub_reset *r = &a->reset;

	if (r->impossible)
		return;
	if (bitmap_empty(r->want, r->nr))
		r->want_since = jiffies;
	__set_bit(sid, r->want);
}

/**
 * wrtcsub_reset_refuse() - refuse a channel: RESET_STREAM, then close it
 * @a: the association
 * @sid: an identifier that is not in use; it is from now on
 *
 * Context: the association's work.
 */
void wrtcsub_reset_refuse(struct wrtcsub_assoc *a, u16 sid)
{
	int err;

	spin_lock_bh(&a->lock);
	err = wrtcsub_sid_take(&a->sids, sid);
	spin_unlock_bh(&a->lock);
	if (err)
		return;
	__set_bit(sid, a->reset.refuse);
	wrtcsub_reset_close(a, sid);
}

static int wrtcsub_reset_find_sent(const struct wrtcsub_reset *r, u16 sid)
{
	unsigned int i;

	for (i = 0; i < r->nr_sent; i++)
		if (r->sent[i] == sid)
			return i;
	return -1;
}

/**
 * wrtcsub_reset_reopen() - the peer opens a channel that is being closed
 * @a: the association
 * @sid: an identifier that is not free yet, without a substream
 *
 * Context: the association's work.
 * Return: true if the peer may: it has reset its direction, and all that we
 *	lack is its answer to our request.  The identifier is free then, but
 *	nothing is sent on it while wrtcsub_reset_holds().
 * Source: RFC 8831, section 6.7.
 */
bool wrtcsub_reset_reopen(struct wrtcsub_assoc *a, u16 sid)
{
	struct wrtcsub_reset *r = &a->reset;
	int i = wrtcsub_reset_find_sent(r, sid);
	bool free;

	if (i < 0 || test_bit(i, r->again))
		return false;
	spin_lock_bh(&a->lock);
	free = test_bit(sid, a->sids.in_reset) &&
	       wrtcsub_sid_set_out_reset(&a->sids, sid);
	spin_unlock_bh(&a->lock);
	if (free)
		__set_bit(i, r->again);
	return free;
}

/**
 * wrtcsub_reset_holds() - must we be silent on a channel?
 * @a: the association
 * @sid: an identifier that is in use
 *
 * Context: the association's work.
 * Return: true until the peer has answered the request of wrtcsub_reset_reopen().
 */
bool wrtcsub_reset_holds(const struct wrtcsub_assoc *a, u16 sid)
{
	const struct wrtcsub_reset *r = &a->reset;
	int i;

	if (bitmap_empty(r->again, WRTCSUB_RESET_BATCH))
		return false;
	i = wrtcsub_reset_find_sent(r, sid);
	return i >= 0 && test_bit(i, r->again);
}

/* What was held may be said now. */
static void wrtcsub_reset_release(struct wrtcsub_assoc *a, u16 sid)
{
	struct wrtcsub_sock *ws = xa_load(&a->streams, sid);

	if (ws)
		wrtcsub_substream_kick(ws);
}

static void wrtcsub_reset_out_done(struct wrtcsub_assoc *a, u16 sid)
{
	spin_lock_bh(&a->lock);
	wrtcsub_sid_set_out_reset(&a->sids, sid);
	spin_unlock_bh(&a->lock);
}

/**
 * wrtcsub_reset_lose() - the peer has reset its stream, and all is read
 * @ws: the substream on it
 *
 * Context: the association's work.
 */
void wrtcsub_reset_lose(struct wrtcsub_sock *ws)
{
	wrtcsub_substream_lose(ws, test_bit(WRTCSUB_F_ACKED, &ws->flags) ?
				   ECONNRESET : ECONNREFUSED);
}

static void wrtcsub_reset_in_done(struct wrtcsub_assoc *a, u16 sid)
{
	struct wrtcsub_sock *ws = xa_load(&a->streams, sid);

	spin_lock_bh(&a->lock);
	wrtcsub_sid_set_in_reset(&a->sids, sid);
	spin_unlock_bh(&a->lock);

	if (ws && !wrtcsub_early_is_before_reset(a, ws))
		wrtcsub_reset_lose(ws);
}

/* That is a packet of 20 bytes, and 65535 identifiers. */
static void wrtcsub_reset_all_in_done(struct wrtcsub_assoc *a)
{
	struct wrtcsub_sock *ws;
	unsigned long sid;

	spin_lock_bh(&a->lock);
	wrtcsub_sid_set_all_in_reset(&a->sids);
	spin_unlock_bh(&a->lock);

	xa_for_each(&a->streams, sid, ws)
		if (!wrtcsub_early_is_before_reset(a, ws))
			wrtcsub_reset_lose(ws);
}

/* SCTP makes a request by itself if the peer asks for the reset of our direction
 * (RFC 6525, section 5.2.3), and that has an answer too.  One may wait in the
 * socket while we make our next request: it tells by its streams.
 */
static bool wrtcsub_reset_is_ours(const struct wrtcsub_reset *r,
				  const struct sctp_stream_reset_event *event,
				  unsigned int nr)
{
	return nr && nr == r->nr_sent &&
	       !memcmp(event->strreset_stream_list, r->sent,
		       nr * sizeof(*r->sent));
}

/* The answer to our request.  Whatever it is, one that was opened again has
 * its channel, and a peer that has not reset the stream does not expect it.
 */
static void wrtcsub_reset_answer(struct wrtcsub_assoc *a, u16 flags)
{
	struct wrtcsub_reset *r = &a->reset;
	unsigned int i, nr = r->nr_sent;

	r->nr_sent = 0;
	if (flags & SCTP_STREAM_RESET_FAILED) {
		wrtcsub_mib_inc(a->net, WRTCSUB_MIB_RESETS_FAILED);
		r->retry_at = get_jiffies_64() + wrtcsub_reset_backoff(a);
	} else if (flags & SCTP_STREAM_RESET_DENIED) {
		wrtcsub_mib_inc(a->net, WRTCSUB_MIB_RESETS_DENIED);
	} else {
		wrtcsub_mib_add(a->net, WRTCSUB_MIB_RESETS_DONE, nr);
		r->crossed = 0;
	}
	for (i = 0; i < nr; i++) {
		if (__test_and_clear_bit(i, r->again))
			wrtcsub_reset_release(a, r->sent[i]);
		else if (flags & SCTP_STREAM_RESET_FAILED)
			wrtcsub_reset_close(a, r->sent[i]);
		else if (!(flags & SCTP_STREAM_RESET_DENIED))
			wrtcsub_reset_out_done(a, r->sent[i]);
	}
}

/**
 * wrtcsub_reset_event() - SCTP has reset streams, or has not
 * @a: the association, which is up
 * @event: the notification (RFC 6525, section 6.1.1)
 *
 * Context: the association's work.
 */
void wrtcsub_reset_event(struct wrtcsub_assoc *a,
			 const struct sctp_stream_reset_event *event)
{
	unsigned int nr, i;

	nr = (event->strreset_length - sizeof(*event)) / sizeof(u16);
	if (event->strreset_flags & SCTP_STREAM_RESET_OUTGOING_SSN &&
	    wrtcsub_reset_is_ours(&a->reset, event, nr))
		wrtcsub_reset_answer(a, event->strreset_flags);
	if (!(event->strreset_flags & SCTP_STREAM_RESET_INCOMING_SSN))
		return;

	for (i = 0; i < nr; i++)
		wrtcsub_reset_in_done(a, event->strreset_stream_list[i]);
	if (!nr)
		wrtcsub_reset_all_in_done(a);
}

static int wrtcsub_reset_send_refusals(struct wrtcsub_assoc *a)
{
	struct wrtcsub_reset *r = &a->reset;
	u8 buf[WRTCSUB_CONTROL_MAX];
	struct kvec vec = { .iov_base = buf };
	unsigned int sid;
	int err;

	for_each_set_bit(sid, r->refuse, r->nr) {
		if (wrtcsub_reset_holds(a, sid))
			continue;
		vec.iov_len = wrtcsub_frame_put_flag(buf,
						     WRTCSUB_FLAG_RESET_STREAM,
						     false, 0);
		err = wrtcsub_message_send(&a->sctp, sid,
					   WRTCSUB_PPID_BINARY, &vec, 1,
					   vec.iov_len, false);
		if (err)
			return err;
		__clear_bit(sid, r->refuse);
		wrtcsub_mib_inc(a->net, WRTCSUB_MIB_TX_FLAGS);
		wrtcsub_mib_inc(a->net, WRTCSUB_MIB_TX_RESETS);
	}
	return 0;
}

/* The end that did not dial leaves the first request to the other one. */
static bool wrtcsub_reset_yields(const struct wrtcsub_assoc *a)
{
	return !a->initiator &&
	       time_before(jiffies,
			   a->reset.want_since + WRTCSUB_RESET_YIELD_TIME);
}

/* May our direction of @sid be reset now? */
static bool wrtcsub_reset_is_ripe(struct wrtcsub_assoc *a, unsigned int sid)
{
	return !test_bit(sid, a->reset.refuse) &&
	       (test_bit(sid, a->sids.in_reset) || !wrtcsub_reset_yields(a));
}

static unsigned int wrtcsub_reset_collect(struct wrtcsub_assoc *a,
					  unsigned int *from)
{
	struct wrtcsub_reset *r = &a->reset;
	unsigned int nr = 0, sid;

	for (sid = find_next_bit(r->want, r->nr, *from); sid < r->nr;
	     sid = find_next_bit(r->want, r->nr, sid + 1)) {
		if (nr == WRTCSUB_RESET_BATCH)
			break;
		if (wrtcsub_reset_is_ripe(a, sid))
			r->sent[nr++] = sid;
	}
	*from = sid;
	return nr;
}

/* The next batch, in r->sent.  Return: how many streams. */
static unsigned int wrtcsub_reset_find(struct wrtcsub_assoc *a)
{
	struct wrtcsub_reset *r = &a->reset;
	unsigned int nr = 0, from = 0;

	while (!nr && from < r->nr) {
		nr = wrtcsub_reset_collect(a, &from);
		nr = wrtcsub_sctp_pick_sent(&a->sctp, r->sent, nr);
	}
	return nr;
}

/* A request has its time to be answered. */
static void wrtcsub_reset_begin(struct wrtcsub_assoc *a, u32 seq)
{
	struct wrtcsub_reset *r = &a->reset;

	r->seq = seq;
	r->tsn = wrtcsub_sctp_last_tsn(&a->sctp);
	r->deadline = jiffies + WRTCSUB_RESET_ANSWER_TIME;
}

/**
 * wrtcsub_reset_meet_other() - SCTP has a request under way (-EINPROGRESS)
 * @a: the association
 *
 * Ours have their own times.
 *
 * Context: the association's work.
 */
void wrtcsub_reset_meet_other(struct wrtcsub_assoc *a)
{
	u32 seq = wrtcsub_sctp_request_seq(&a->sctp);
	struct wrtcsub_reset *r = &a->reset;

	if (r->nr_sent || a->grow.asked || (r->other && r->seq == seq))
		return;
	r->other = true;
	wrtcsub_reset_begin(a, seq);
}

/* Ask for the @nr streams of r->sent.  With the answer SCTP opens all that it
 * has: those that it had no memory to ask for have to go before.
 */
static int wrtcsub_reset_request(struct wrtcsub_assoc *a, unsigned int nr)
{
	u32 seq = wrtcsub_sctp_request_seq(&a->sctp);
	struct wrtcsub_reset *r = &a->reset;
	unsigned int i;
	int err;

	wrtcsub_grow_catch_up(a);
	err = wrtcsub_reconf_reset(&a->sctp, r->sent, nr);
	if (err == -EINPROGRESS)
		wrtcsub_reset_meet_other(a);
	if (err)
		return err;

	r->nr_sent = nr;
	r->other = false;
	wrtcsub_reset_begin(a, seq);
	r->nudge_at = jiffies + WRTCSUB_RESET_NUDGE_TIME;
	wrtcsub_assoc_tick_at(a, r->nudge_at);
	for (i = 0; i < nr; i++)
		__clear_bit(r->sent[i], r->want);
	return 0;
}

/* Bytes to send, a request of SCTP's own, or no memory: that may last.  Who
 * yields does so for a short time only.
 */
static void wrtcsub_reset_wait(struct wrtcsub_assoc *a)
{
	struct wrtcsub_reset *r = &a->reset;

	if (wrtcsub_reset_yields(a))
		r->wait = 0;
	r->wait = clamp_t(unsigned int, 2 * r->wait, WRTCSUB_RESET_BUSY_TIME,
			  WRTCSUB_RESET_BUSY_MAX);
	r->retry_at = get_jiffies_64() + r->wait;
	wrtcsub_assoc_tick_at(a, r->retry_at);
}

static void wrtcsub_reset_request_next(struct wrtcsub_assoc *a)
{
	unsigned int nr = wrtcsub_reset_find(a);

	if (nr && !wrtcsub_reset_request(a, nr))
		a->reset.wait = 0;
	else
		wrtcsub_reset_wait(a);
}

/* A peer that has the channel takes no notice of another ACK (RFC 8832, section
 * 6).  One that was negotiated has none.
 */
static void wrtcsub_reset_nudge(struct wrtcsub_assoc *a)
{
	struct wrtcsub_sock *ws;
	unsigned long sid;

	xa_for_each(&a->streams, sid, ws) {
		if (!test_bit(WRTCSUB_F_ACKED, &ws->flags) ||
		    READ_ONCE(ws->opt.stream_id) != WRTCSUB_STREAM_ID_NONE ||
		    wrtcsub_reset_holds(a, sid))
			continue;
		atomic_or(WRTCSUB_DUE_ACK, &ws->state);
		wrtcsub_substream_kick(ws);
		return;
	}
}

/**
 * wrtcsub_reset_postpone() - the answer may be there, and cannot be read
 * @a: the association
 *
 * Context: the association's work.
 */
void wrtcsub_reset_postpone(struct wrtcsub_assoc *a)
{
	a->reset.deadline = jiffies + WRTCSUB_RESET_ANSWER_TIME;
}

/* Until the peer has all that was sent before the request it says "in progress"
 * (RFC 6525, section 5.2.2), and one whose reader is slow may take its time.
 */
static bool wrtcsub_reset_is_overdue(struct wrtcsub_assoc *a)
{
	struct wrtcsub_reset *r = &a->reset;

	if (time_before(jiffies, r->deadline))
		return false;
	if (wrtcsub_sctp_is_acked(&a->sctp, r->tsn))
		return true;
	wrtcsub_reset_postpone(a);
	return false;
}

/* No answer has come in time.  If SCTP has had one it could not tell us which:
 * ask again.
 */
static int wrtcsub_reset_expire(struct wrtcsub_assoc *a)
{
	struct wrtcsub_reset *r = &a->reset;

	if (wrtcsub_sctp_has_request(&a->sctp) &&
	    wrtcsub_sctp_request_seq(&a->sctp) == r->seq) {
		wrtcsub_mib_inc(a->net, WRTCSUB_MIB_RESET_TIMEOUTS);
		return -ETIMEDOUT;
	}
	if (r->nr_sent)
		wrtcsub_reset_answer(a, SCTP_STREAM_RESET_FAILED);
	r->other = false;
	wrtcsub_assoc_wake(a, 0);
	return 0;
}

static int wrtcsub_reset_await(struct wrtcsub_assoc *a)
{
	struct wrtcsub_reset *r = &a->reset;

	if (wrtcsub_reset_is_overdue(a))
		return wrtcsub_reset_expire(a);
	if (time_after_eq(jiffies, r->nudge_at)) {
		wrtcsub_reset_nudge(a);
		r->nudge_at = jiffies + WRTCSUB_RESET_NUDGE_TIME;
	}
	wrtcsub_assoc_tick_at(a, r->nudge_at);
	return 0;
}

static int wrtcsub_reset_await_other(struct wrtcsub_assoc *a)
{
	if (!a->reset.other)
		return 0;
	if (wrtcsub_reset_is_overdue(a))
		return wrtcsub_reset_expire(a);
	wrtcsub_assoc_tick_at(a, a->reset.deadline);
	return 0;
}

/**
 * wrtcsub_reset_run() - send what is due
 * @a: the association
 *
 * Context: the association's work.
 * Return: 0; -ETIMEDOUT: the peer has not answered a request, and no other one
 *	could ever be sent.
 */
int wrtcsub_reset_run(struct wrtcsub_assoc *a)
{
	struct wrtcsub_reset *r = &a->reset;
	int err;

	if (wrtcsub_reset_send_refusals(a))
		wrtcsub_assoc_tick_at(a, jiffies + WRTCSUB_RESET_BUSY_MAX);

	if (r->nr_sent)
		return wrtcsub_reset_await(a);
	err = wrtcsub_reset_await_other(a);
	if (err || bitmap_empty(r->want, r->nr))
		return err;
	if (time_before64(get_jiffies_64(), r->retry_at))
		wrtcsub_assoc_tick_at(a, r->retry_at);
	else
		wrtcsub_reset_request_next(a);
	return 0;
}
