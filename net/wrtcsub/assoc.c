// SPDX-License-Identifier: GPL-2.0
/*
 * An association: made, found, shared, and given up.
 *
 * Everything that happens to the SCTP socket happens in one work item: it
 * reads messages (input.c), hands frames over (output.c), closes channels
 * (reset.c), and looks after the state.  SCTP's callbacks, the program's calls
 * and the timers set bits, put a substream in the kick list, and queue it.
 * The only call made elsewhere is the connect of the association's first
 * substream, before the work is started.
 *
 *	CONNECTING -> UP -> CLOSING -> CLOSED
 *	     |         |                 ^
 *	     +---------+-----------------+
 *
 * The end of an association, wrtcsub_assoc_close(), in this order:
 *
 * 1. The state is CLOSED and the key unhashed, under the lock: from now on no
 *    substream comes.
 * 2. Each substream is told that its channel is lost, and loses its place and
 *    the reference of that.  They can still be kicked: the work runs, finds
 *    CLOSED, and drops the kick's reference.
 * 3. Callbacks are taken off the SCTP socket: nobody but the work can reach
 *    it.  Then it is released; ABORT tells the peer, if there still is one.
 * 4. The listener's reference and the tick go.
 * 5. The association leaves its namespace, which may go away from here on,
 *    and loses the reference of that.
 */

#include <linux/jhash.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <net/sock.h>

#include "assoc.h"
#include "mib.h"
#include "pernet.h"
#include "substream.h"

/* The peer may take this long to answer a SHUTDOWN. */
#define WRTCSUB_ASSOC_SHUTDOWN_TIME	(5 * HZ)

/* Pieces of the largest frame, and its head. */
#define WRTCSUB_ASSOC_VECS	(WRTCSUB_TXQ_PIECES(262144) + 1)

static struct workqueue_struct *wrtcsub_assoc_wq;

/**
 * wrtcsub_assoc_put() - drop a reference
 * @a: the association
 *
 * Context: any.
 */
void wrtcsub_assoc_put(struct wrtcsub_assoc *a)
{
	if (!refcount_dec_and_test(&a->refs))
		return;
	WARN_ON_ONCE(a->sctp.sock || atomic_read(&a->rmem));
	xa_destroy(&a->streams);
	wrtcsub_sid_destroy(&a->sids);
	wrtcsub_reset_destroy(&a->reset);
	kfree(a->vec);
	kfree_rcu(a, rcu);
}

/**
 * wrtcsub_assoc_wake() - let the work run
 * @a: the association
 * @events: why
 *
 * Context: any; takes no lock.
 */
void wrtcsub_assoc_wake(struct wrtcsub_assoc *a, unsigned int events)
{
	atomic_or(events, &a->events);
	/* Pairs with the barrier in wrtcsub_assoc_start(). */
	smp_mb__after_atomic();
	if (!READ_ONCE(a->started))
		return;
	refcount_inc(&a->refs);
	if (!queue_work(wrtcsub_assoc_wq, &a->work))
		wrtcsub_assoc_put(a);
}

/**
 * wrtcsub_assoc_start() - let the work run from now on
 * @a: a published association
 *
 * Context: process.
 */
void wrtcsub_assoc_start(struct wrtcsub_assoc *a)
{
	WRITE_ONCE(a->started, true);
	smp_mb(); /* the events that found it not started are seen */
	wrtcsub_assoc_wake(a, WRTCSUB_SCTP_READABLE | WRTCSUB_SCTP_CHANGED);
}

static void wrtcsub_assoc_tick(struct work_struct *work)
{
	struct wrtcsub_assoc *a = container_of(to_delayed_work(work),
					       typeof(*a), tick);

	wrtcsub_assoc_wake(a, WRTCSUB_ASSOC_TICK);
	wrtcsub_assoc_put(a);
}

/**
 * wrtcsub_assoc_tick_at() - let the work run at some time
 * @a: the association
 * @when: in jiffies; an earlier time that was asked for stays
 *
 * Context: the association's work.
 */
void wrtcsub_assoc_tick_at(struct wrtcsub_assoc *a, unsigned long when)
{
	unsigned long now = jiffies;

	if (a->tick_armed && time_before_eq(a->tick_at, when))
		return;
	a->tick_at = when;
	a->tick_armed = true;
	refcount_inc(&a->refs);
	if (mod_delayed_work(wrtcsub_assoc_wq, &a->tick,
			     time_after(when, now) ? when - now : 0))
		wrtcsub_assoc_put(a);
}

static void wrtcsub_assoc_event(struct wrtcsub_sctp *sctp, unsigned int what)
{
	struct wrtcsub_assoc *a = container_of(sctp, typeof(*a), sctp);

	/* There is room all the time; it matters when somebody waits. */
	if (what == WRTCSUB_SCTP_WRITABLE && !READ_ONCE(a->blocked))
		return;
	wrtcsub_assoc_wake(a, what);
}

static struct hlist_head *wrtcsub_assoc_bucket(struct wrtcsub_pernet *pn,
					       const struct wrtcsub_key *key)
{
	u32 hash = jhash(&key->peer, sizeof(key->peer), 0);

	return &pn->by_key[hash_min(hash, WRTCSUB_PERNET_HASH_BITS)];
}

static bool wrtcsub_assoc_has_key(const struct wrtcsub_assoc *a,
				  const struct wrtcsub_key *key)
{
	return uid_eq(a->key.uid, key->uid) &&
	       a->key.bound_dev_if == key->bound_dev_if &&
	       a->key.mark == key->mark &&
	       !memcmp(&a->key.peer, &key->peer, sizeof(key->peer)) &&
	       !memcmp(&a->key.local, &key->local, sizeof(key->local));
}

static struct wrtcsub_assoc *
wrtcsub_assoc_lookup(struct wrtcsub_pernet *pn, const struct wrtcsub_key *key)
{
	struct wrtcsub_assoc *a;

	lockdep_assert_held(&pn->lock);

	hlist_for_each_entry(a, wrtcsub_assoc_bucket(pn, key), key_node) {
		if (wrtcsub_assoc_has_key(a, key) &&
		    READ_ONCE(a->state) <= WRTCSUB_ASSOC_UP) {
			refcount_inc(&a->refs);
			return a;
		}
	}
	return NULL;
}

/**
 * wrtcsub_assoc_find() - an association that connect can share
 * @net: the namespace
 * @key: to whom, and of whom; padding is zero
 *
 * Context: process.
 * Return: it, with a reference, or NULL.  It may end at any time.
 */
struct wrtcsub_assoc *wrtcsub_assoc_find(struct net *net,
					 const struct wrtcsub_key *key)
{
	struct wrtcsub_pernet *pn = wrtcsub_pernet(net);
	struct wrtcsub_assoc *a;

	spin_lock_bh(&pn->lock);
	a = wrtcsub_assoc_lookup(pn, key);
	spin_unlock_bh(&pn->lock);
	return a;
}

static void wrtcsub_assoc_run(struct work_struct *work);

static void wrtcsub_assoc_uncount(struct wrtcsub_pernet *pn)
{
	if (atomic_dec_and_test(&pn->nr_assocs))
		wake_up_all(&pn->no_assocs);
}

static int wrtcsub_assoc_count(struct net *net)
{
	struct wrtcsub_pernet *pn = wrtcsub_pernet(net);

	if (atomic_inc_return(&pn->nr_assocs) <=
	    READ_ONCE(pn->sysctl.max_assocs))
		return 0;
	wrtcsub_assoc_uncount(pn);
	wrtcsub_mib_inc(net, WRTCSUB_MIB_ASSOCS_REFUSED);
	return -ENOBUFS;
}

/**
 * wrtcsub_assoc_create() - make an association
 * @net: its namespace
 * @sock: its SCTP socket, which it owns if this succeeds
 * @initiator: connect makes it, not a listener
 *
 * Nobody finds it before wrtcsub_assoc_publish(), and its work does not run
 * before wrtcsub_assoc_start().
 *
 * Context: process, may sleep.
 * Return: it, with a reference of the caller; ERR_PTR(-ENOBUFS) over
 *	max_assocs, ERR_PTR(-ENOMEM).
 */
struct wrtcsub_assoc *wrtcsub_assoc_create(struct net *net,
					   struct socket *sock, bool initiator)
{
	struct wrtcsub_assoc *a;
	int err;

	err = wrtcsub_assoc_count(net);
	if (err)
		return ERR_PTR(err);

	a = kzalloc(sizeof(*a), GFP_KERNEL);
	if (a)
		a->vec = kcalloc(WRTCSUB_ASSOC_VECS, sizeof(*a->vec),
				 GFP_KERNEL);
	if (!a || !a->vec) {
		kfree(a);
		wrtcsub_assoc_uncount(wrtcsub_pernet(net));
		return ERR_PTR(-ENOMEM);
	}

	a->net = net;
	refcount_set(&a->refs, 1);
	a->initiator = initiator;
	a->odd = !initiator;
	INIT_LIST_HEAD(&a->node);
	spin_lock_init(&a->lock);
	xa_init(&a->streams);
	INIT_LIST_HEAD(&a->opening);
	INIT_WORK(&a->work, wrtcsub_assoc_run);
	INIT_DELAYED_WORK(&a->tick, wrtcsub_assoc_tick);
	INIT_LIST_HEAD(&a->urgent);
	INIT_LIST_HEAD(&a->turns);
	a->sctp.sock = sock;
	a->sctp.event = wrtcsub_assoc_event;
	wrtcsub_sctp_hook(&a->sctp);
	return a;
}

/**
 * wrtcsub_assoc_publish() - put an association into its namespace
 * @a: the association
 * @shared: others may find it by its key
 *
 * Context: process.
 * Return: NULL; or another association that has the same key, with a
 *	reference, and @a is as before.
 */
struct wrtcsub_assoc *wrtcsub_assoc_publish(struct wrtcsub_assoc *a,
					    bool shared)
{
	struct wrtcsub_pernet *pn = wrtcsub_pernet(a->net);
	struct wrtcsub_assoc *other = NULL;

	spin_lock_bh(&pn->lock);
	if (shared)
		other = wrtcsub_assoc_lookup(pn, &a->key);
	if (!other) {
		refcount_inc(&a->refs);
		list_add_tail(&a->node, &pn->assocs);
		if (shared)
			hlist_add_head(&a->key_node,
				       wrtcsub_assoc_bucket(pn, &a->key));
		if (!++pn->last_assoc_id)
			pn->last_assoc_id = 1;
		a->id = pn->last_assoc_id;
	}
	spin_unlock_bh(&pn->lock);
	return other;
}

static void wrtcsub_assoc_release_sctp(struct wrtcsub_assoc *a)
{
	wrtcsub_sctp_unhook(&a->sctp);
	wrtcsub_sctp_release(a->sctp.sock, true);
	a->sctp.sock = NULL;
}

/**
 * wrtcsub_assoc_discard() - undo wrtcsub_assoc_create()
 * @a: an association that was not published; the caller's reference is gone
 *
 * Context: process, may sleep.
 */
void wrtcsub_assoc_discard(struct wrtcsub_assoc *a)
{
	struct wrtcsub_pernet *pn = wrtcsub_pernet(a->net);

	wrtcsub_assoc_release_sctp(a);
	wrtcsub_assoc_uncount(pn);
	wrtcsub_assoc_put(a);
}

static int wrtcsub_assoc_insert(struct wrtcsub_assoc *a,
				struct wrtcsub_sock *ws, u16 sid)
{
	int err;

	lockdep_assert_held(&a->lock);

	err = xa_err(xa_store(&a->streams, sid, ws,
			      GFP_ATOMIC | __GFP_NOWARN));
	if (err)
		return err;
	ws->sid = sid;
	sock_hold(&ws->sk);
	return 0;
}

/* Give @ws an identifier and let the work say so to the peer. */
static int wrtcsub_assoc_open(struct wrtcsub_assoc *a, struct wrtcsub_sock *ws)
{
	int sid, err;

	lockdep_assert_held(&a->lock);

	sid = wrtcsub_sid_alloc(&a->sids, a->odd);
	if (sid < 0)
		return sid;
	err = wrtcsub_assoc_insert(a, ws, sid);
	if (err) {
		wrtcsub_sid_set_out_reset(&a->sids, sid);
		wrtcsub_sid_set_in_reset(&a->sids, sid);
		return err;
	}
	atomic_or(WRTCSUB_DUE_OPEN, &ws->state);
	smp_store_release(&ws->sk.sk_state, TCP_ESTABLISHED);
	wrtcsub_mib_inc(a->net, WRTCSUB_MIB_OPENED);
	return 0;
}

/**
 * wrtcsub_assoc_attach() - open a substream of ours
 * @a: the association
 * @ws: an unconnected socket; its @assoc is set on success
 *
 * Context: process, under lock_sock of @ws.
 * Return: 0: the substream is open, data may follow; -EINPROGRESS: it will be
 *	when the association is up; -ESTALE: the association ends, find or make
 *	another one; -EADDRNOTAVAIL: no identifier is free; -ENOMEM.
 */
int wrtcsub_assoc_attach(struct wrtcsub_assoc *a, struct wrtcsub_sock *ws)
{
	int err = -ESTALE;

	sock_owned_by_me(&ws->sk);

	spin_lock_bh(&a->lock);
	if (a->state == WRTCSUB_ASSOC_CONNECTING) {
		sock_hold(&ws->sk);
		list_add_tail(&ws->turn, &a->opening);
		smp_store_release(&ws->sk.sk_state, TCP_SYN_SENT);
		err = -EINPROGRESS;
	} else if (a->state == WRTCSUB_ASSOC_UP) {
		err = wrtcsub_assoc_open(a, ws);
	}
	if (!err || err == -EINPROGRESS) {
		refcount_inc(&a->refs);
		ws->assoc = a;
		a->nr_substreams++;
	}
	spin_unlock_bh(&a->lock);

	if (!err)
		wrtcsub_substream_kick(ws);
	return err;
}

/**
 * wrtcsub_assoc_adopt() - take in a substream that the peer has opened
 * @a: the association
 * @ws: a new socket; its @assoc is set on success
 * @sid: a free identifier
 *
 * Context: the association's work.
 * Return: 0 or -ENOMEM.
 */
int wrtcsub_assoc_adopt(struct wrtcsub_assoc *a, struct wrtcsub_sock *ws,
			u16 sid)
{
	int err;

	spin_lock_bh(&a->lock);
	err = wrtcsub_assoc_insert(a, ws, sid);
	if (!err) {
		wrtcsub_sid_take(&a->sids, sid);
		refcount_inc(&a->refs);
		ws->assoc = a;
		a->nr_substreams++;
	}
	spin_unlock_bh(&a->lock);
	return err;
}

static void wrtcsub_assoc_leave(struct wrtcsub_assoc *a)
{
	lockdep_assert_held(&a->lock);

	if (!--a->nr_substreams)
		a->idle_since = jiffies;
}

/**
 * wrtcsub_assoc_detach() - a substream is over: its channel can be closed
 * @a: the association
 * @ws: the substream; its place's reference is dropped
 *
 * Context: the association's work.
 */
void wrtcsub_assoc_detach(struct wrtcsub_assoc *a, struct wrtcsub_sock *ws)
{
	spin_lock_bh(&a->lock);
	xa_erase(&a->streams, ws->sid);
	wrtcsub_assoc_leave(a);
	spin_unlock_bh(&a->lock);

	wrtcsub_rxq_drop_partial(ws);
	wrtcsub_mib_inc(a->net, WRTCSUB_MIB_CLOSED);
	wrtcsub_reset_close(a, ws->sid);
	sock_put(&ws->sk);
}

/**
 * wrtcsub_assoc_cancel() - a substream no longer waits for the handshake
 * @a: the association
 * @ws: the substream
 *
 * The association ends when nobody waits for it any more.
 *
 * Context: process, under lock_sock of @ws.
 * Return: false: it does not wait, it is open or was refused.
 */
bool wrtcsub_assoc_cancel(struct wrtcsub_assoc *a, struct wrtcsub_sock *ws)
{
	bool waits, last = false;

	sock_owned_by_me(&ws->sk);

	spin_lock_bh(&a->lock);
	waits = ws->sk.sk_state == TCP_SYN_SENT;
	if (waits) {
		list_del_init(&ws->turn);
		ws->sk.sk_state = TCP_CLOSE;
		wrtcsub_assoc_leave(a);
		last = !a->nr_substreams;
	}
	spin_unlock_bh(&a->lock);

	if (last)
		wrtcsub_assoc_kill(a, ECONNABORTED);
	if (waits)
		sock_put(&ws->sk);
	return waits;
}

/* The handshake of a substream of @a is over, for better or worse. */
static void wrtcsub_assoc_opened(struct wrtcsub_sock *ws, int err)
{
	if (err) {
		WRITE_ONCE(ws->sk.sk_err, -err);
		smp_store_release(&ws->sk.sk_state, TCP_CLOSE);
		wrtcsub_substream_wake(ws, EPOLLERR | EPOLLHUP | EPOLLIN |
					   EPOLLOUT);
	} else {
		wrtcsub_substream_wake(ws, EPOLLOUT | EPOLLWRNORM |
					   EPOLLWRBAND);
		wrtcsub_substream_kick(ws);
	}
}

static void wrtcsub_assoc_open_all(struct wrtcsub_assoc *a)
{
	struct wrtcsub_sock *ws;
	int err;

	for (;;) {
		spin_lock_bh(&a->lock);
		ws = list_first_entry_or_null(&a->opening, typeof(*ws), turn);
		if (ws) {
			list_del_init(&ws->turn);
			err = wrtcsub_assoc_open(a, ws);
			if (err)
				wrtcsub_assoc_leave(a);
		}
		spin_unlock_bh(&a->lock);
		if (!ws)
			break;
		wrtcsub_assoc_opened(ws, err);
		sock_put(&ws->sk);
	}
}

/* SCTP says that the association is up: how many streams, which addresses? */
static int wrtcsub_assoc_come_up(struct wrtcsub_assoc *a)
{
	struct sctp_info info;
	unsigned int nr;
	bool can_reset;
	int err;

	err = wrtcsub_sctp_info(&a->sctp, &info, &can_reset);
	if (err)
		return err;
	nr = min3(info.sctpi_instrms, info.sctpi_outstrms, WRTCSUB_SID_MAX);
	err = wrtcsub_sid_resize(&a->sids, nr) ?:
	      wrtcsub_reset_init(&a->reset, nr);
	if (err)
		return err;
	a->reset.impossible = !can_reset;
	kernel_getsockname(a->sctp.sock, (struct sockaddr *)&a->local);
	kernel_getpeername(a->sctp.sock, (struct sockaddr *)&a->peer);

	spin_lock_bh(&a->lock);
	a->state = WRTCSUB_ASSOC_UP;
	a->idle_since = jiffies;
	spin_unlock_bh(&a->lock);
	wrtcsub_assoc_open_all(a);
	return 0;
}

static bool wrtcsub_assoc_is_up(const struct wrtcsub_assoc *a)
{
	u8 state = READ_ONCE(a->sctp.sock->sk->sk_state);

	return state == TCP_ESTABLISHED || state == TCP_CLOSE_WAIT;
}

static void wrtcsub_assoc_unhash(struct wrtcsub_assoc *a)
{
	struct wrtcsub_pernet *pn = wrtcsub_pernet(a->net);

	spin_lock_bh(&pn->lock);
	if (!hlist_unhashed(&a->key_node))
		hlist_del_init(&a->key_node);
	spin_unlock_bh(&pn->lock);
}

static void wrtcsub_assoc_lose_all(struct wrtcsub_assoc *a, int err)
{
	struct wrtcsub_sock *ws;
	unsigned long sid;

	for (;;) {
		spin_lock_bh(&a->lock);
		ws = list_first_entry_or_null(&a->opening, typeof(*ws), turn);
		if (ws) {
			list_del_init(&ws->turn);
			wrtcsub_assoc_leave(a);
		}
		spin_unlock_bh(&a->lock);
		if (!ws)
			break;
		wrtcsub_assoc_opened(ws, -err);
		sock_put(&ws->sk);
	}
	xa_for_each(&a->streams, sid, ws) {
		wrtcsub_substream_lose(ws, err);
		wrtcsub_assoc_detach(a, ws);
	}
	wrtcsub_output_drop(a);
}

static void wrtcsub_assoc_close(struct wrtcsub_assoc *a, int err)
{
	struct wrtcsub_pernet *pn = wrtcsub_pernet(a->net);
	struct wrtcsub_sock *listener;
	enum wrtcsub_assoc_state was;

	/* 1. */
	spin_lock_bh(&a->lock);
	was = a->state;
	a->state = WRTCSUB_ASSOC_CLOSED;
	a->err = err;
	listener = a->listener;
	a->listener = NULL;
	spin_unlock_bh(&a->lock);
	wrtcsub_assoc_unhash(a);

	/* 2. */
	if (was == WRTCSUB_ASSOC_CONNECTING)
		wrtcsub_mib_inc(a->net, WRTCSUB_MIB_ASSOCS_FAILED);
	else if (a->nr_substreams)
		wrtcsub_mib_inc(a->net, WRTCSUB_MIB_ASSOCS_LOST);
	wrtcsub_assoc_lose_all(a, err);

	/* 3. */
	wrtcsub_assoc_release_sctp(a);

	/* 4. */
	if (listener)
		sock_put(&listener->sk);
	if (cancel_delayed_work(&a->tick))
		wrtcsub_assoc_put(a);

	/* 5. */
	spin_lock_bh(&pn->lock);
	list_del_init(&a->node);
	spin_unlock_bh(&pn->lock);
	wrtcsub_assoc_uncount(pn);
	wrtcsub_assoc_put(a);
}

/* The end that dialled goes first: the other one would shut down just when a
 * new substream is on its way to it.
 */
static unsigned long wrtcsub_assoc_idle_time(const struct wrtcsub_assoc *a)
{
	struct wrtcsub_pernet *pn = wrtcsub_pernet(a->net);
	unsigned int ms = READ_ONCE(pn->sysctl.idle_timeout_ms);

	return msecs_to_jiffies(a->initiator ? ms : ms + ms / 4);
}

/* An association without substreams is shut down after a while. */
static void wrtcsub_assoc_check_idle(struct wrtcsub_assoc *a)
{
	unsigned long when;
	bool close = false;

	spin_lock_bh(&a->lock);
	when = a->idle_since + wrtcsub_assoc_idle_time(a);
	if (a->state == WRTCSUB_ASSOC_UP && !a->nr_substreams) {
		close = time_after_eq(jiffies, when);
		if (close)
			a->state = WRTCSUB_ASSOC_CLOSING;
		else
			wrtcsub_assoc_tick_at(a, when);
	}
	spin_unlock_bh(&a->lock);
	if (!close)
		return;

	wrtcsub_assoc_unhash(a);
	wrtcsub_mib_inc(a->net, WRTCSUB_MIB_ASSOCS_IDLE);
	kernel_sock_shutdown(a->sctp.sock, SHUT_WR);
	a->shutdown_until = jiffies + WRTCSUB_ASSOC_SHUTDOWN_TIME;
	wrtcsub_assoc_tick_at(a, a->shutdown_until);
}

/* One round of the work; a negative errno ends the association. */
static int wrtcsub_assoc_serve(struct wrtcsub_assoc *a, unsigned int events)
{
	int err, more;

	if (events & WRTCSUB_ASSOC_KILL)
		return -READ_ONCE(a->err);

	if (a->state == WRTCSUB_ASSOC_CONNECTING && wrtcsub_assoc_is_up(a)) {
		err = wrtcsub_assoc_come_up(a);
		if (err)
			return err;
	}
	more = wrtcsub_input_run(a);
	if (more < 0)
		return more;
	if (a->state == WRTCSUB_ASSOC_CONNECTING)
		return 0;
	if (a->state == WRTCSUB_ASSOC_CLOSING &&
	    time_after_eq(jiffies, a->shutdown_until))
		return -ETIMEDOUT;

	wrtcsub_output_run(a);
	err = wrtcsub_reset_run(a);
	if (err)
		return err;
	wrtcsub_assoc_check_idle(a);
	if (more)
		wrtcsub_assoc_wake(a, WRTCSUB_SCTP_READABLE);
	return 0;
}

static void wrtcsub_assoc_run(struct work_struct *work)
{
	struct wrtcsub_assoc *a = container_of(work, typeof(*a), work);
	unsigned int events = atomic_xchg(&a->events, 0);
	int err;

	if (events & WRTCSUB_ASSOC_TICK)
		a->tick_armed = false;
	if (a->state == WRTCSUB_ASSOC_CLOSED) {
		wrtcsub_output_drop(a);
	} else {
		err = wrtcsub_assoc_serve(a, events);
		if (err)
			wrtcsub_assoc_close(a, -err);
	}
	wrtcsub_assoc_put(a);
}

/**
 * wrtcsub_assoc_kill() - end an association at once, by ABORT
 * @a: the association
 * @err: what its substreams report, a positive errno
 *
 * Context: any.
 */
void wrtcsub_assoc_kill(struct wrtcsub_assoc *a, int err)
{
	cmpxchg(&a->err, 0, err);
	wrtcsub_assoc_wake(a, WRTCSUB_ASSOC_KILL);
}

/**
 * wrtcsub_assoc_kill_all() - end all associations of a namespace
 * @net: the namespace
 *
 * Context: process.
 */
void wrtcsub_assoc_kill_all(struct net *net)
{
	struct wrtcsub_pernet *pn = wrtcsub_pernet(net);
	struct wrtcsub_assoc *a;

	spin_lock_bh(&pn->lock);
	list_for_each_entry(a, &pn->assocs, node)
		wrtcsub_assoc_kill(a, ECONNABORTED);
	spin_unlock_bh(&pn->lock);
}

/**
 * wrtcsub_assoc_charge() - count memory held for payload
 * @a: the association
 * @size: bytes
 *
 * Context: any.
 */
void wrtcsub_assoc_charge(struct wrtcsub_assoc *a, u32 size)
{
	atomic_add(size, &a->rmem);
}

/**
 * wrtcsub_assoc_uncharge() - payload is gone: reading may go on
 * @a: the association
 * @size: bytes
 *
 * Context: any.
 */
void wrtcsub_assoc_uncharge(struct wrtcsub_assoc *a, u32 size)
{
	/* Full barrier, pairs with that in wrtcsub_input_pause(). */
	atomic_sub_return(size, &a->rmem);
	if (READ_ONCE(a->paused))
		wrtcsub_assoc_wake(a, WRTCSUB_ASSOC_RESUME);
}

/**
 * wrtcsub_assoc_queue_work() - queue a work item of a listener
 * @work: it
 *
 * Context: any.
 */
void wrtcsub_assoc_queue_work(struct work_struct *work)
{
	queue_work(wrtcsub_assoc_wq, work);
}

/**
 * wrtcsub_assoc_init() - make the workqueue
 *
 * Per CPU: the work stays where the softirq ran that queued it.
 *
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int wrtcsub_assoc_init(void)
{
	wrtcsub_assoc_wq = alloc_workqueue("wrtcsub", WQ_PERCPU, 0);
	return wrtcsub_assoc_wq ? 0 : -ENOMEM;
}

/**
 * wrtcsub_assoc_exit() - wait for all work, and for what it frees
 *
 * Context: process, may sleep.  There is no association any more.
 */
void wrtcsub_assoc_exit(void)
{
	destroy_workqueue(wrtcsub_assoc_wq);
	rcu_barrier();
}
