// SPDX-License-Identifier: GPL-2.0
/*
 * An association: made, found, shared, and given up.
 *
 * Everything that happens to the SCTP socket happens in one work item: it
 * reads messages (input.c), hands frames over (output.c), closes channels
 * (reset.c), and looks after the state.  SCTP's callbacks, the program's calls
 * and the timers set bits, put a substream in the kick list, and queue it.  Each
 * round looks at all there is to do.
 * The calls made elsewhere are the connect of the association's first
 * substream, before the work is started, and questions under sctp_mutex.
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
 * 4. Those that wait for a place are told: who connects again finds the port
 *    free that it has bound.
 * 5. The listener's reference and the tick go.
 * 6. The association leaves its namespace, which may go away from here on,
 *    and loses the reference of that.
 */

#include <linux/net.h>
#include <linux/slab.h>
#include <net/sock.h>

#include "address.h"
#include "assoc.h"
#include "channel.h"
#include "input.h"
#include "listener.h"
#include "mib.h"
#include "output.h"
#include "pernet.h"
#include "substream.h"
#include "trace.h"

/* The peer may take this long to answer a SHUTDOWN. */
#define WRTCSUB_ASSOC_SHUTDOWN_TIME	(5 * HZ)

/* While it connects, this often what ICMP says of the peer is looked at. */
#define WRTCSUB_ASSOC_ICMP_TIME		HZ

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
EXPORT_SYMBOL_GPL(wrtcsub_assoc_put);

/**
 * wrtcsub_assoc_wake() - let the work run
 * @a: the association
 * @events: what it is told, or 0
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
 * @a: an association that is in the registry
 *
 * Context: process.
 */
void wrtcsub_assoc_start(struct wrtcsub_assoc *a)
{
	WRITE_ONCE(a->started, true);
	smp_mb(); /* the events that found it not started are seen */
	wrtcsub_assoc_wake(a, 0);
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

/* There is room all the time; it matters when somebody waits. */
static bool wrtcsub_assoc_waits_for_room(const struct wrtcsub_assoc *a)
{
	/* SCTP has freed, with no barrier behind; we look at @blocked and
	 * @holds.  Pairs with those in output.c.
	 */
	smp_mb();
	return (READ_ONCE(a->blocked) && wrtcsub_sctp_has_room(&a->sctp)) ||
	       (READ_ONCE(a->holds) && wrtcsub_sctp_is_drained(&a->sctp));
}

static void wrtcsub_assoc_event(struct wrtcsub_sctp *sctp,
				enum wrtcsub_sctp_event what)
{
	struct wrtcsub_assoc *a = container_of(sctp, typeof(*a), sctp);

	if (what == WRTCSUB_SCTP_WRITABLE && !wrtcsub_assoc_waits_for_room(a))
		return;
	wrtcsub_assoc_wake(a, 0);
}

static void wrtcsub_assoc_run(struct work_struct *work);

/**
 * wrtcsub_assoc_create() - make an association
 * @net: its namespace
 * @sock: its SCTP socket, which it owns if this succeeds
 * @initiator: connect makes it, not a listener
 * @role: WRTCSUB_ROLE
 *
 * Nobody finds it before wrtcsub_registry_add(), and its work does not run
 * before wrtcsub_assoc_start().
 *
 * Context: process, may sleep.
 * Return: it, with a reference of the caller; ERR_PTR(-ENOBUFS) over
 *	max_assocs, ERR_PTR(-ENOMEM).
 */
struct wrtcsub_assoc *wrtcsub_assoc_create(struct net *net,
					   struct socket *sock, bool initiator,
					   int role)
{
	struct wrtcsub_assoc *a;
	int err;

	err = wrtcsub_registry_reserve(net);
	if (err)
		return ERR_PTR(err);

	a = kzalloc(sizeof(*a), GFP_KERNEL_ACCOUNT);
	if (a)
		a->vec = kcalloc(WRTCSUB_ASSOC_VECS, sizeof(*a->vec),
				 GFP_KERNEL_ACCOUNT);
	if (!a || !a->vec) {
		kfree(a);
		wrtcsub_registry_unreserve(net);
		return ERR_PTR(-ENOMEM);
	}

	a->net = net;
	refcount_set(&a->refs, 1);
	a->initiator = initiator;
	a->odd = role == WRTCSUB_ROLE_INITIATOR ? !initiator :
						  role == WRTCSUB_ROLE_ODD;
	mutex_init(&a->sctp_mutex);
	spin_lock_init(&a->lock);
	xa_init(&a->streams);
	INIT_LIST_HEAD(&a->opening);
	INIT_WORK(&a->work, wrtcsub_assoc_run);
	INIT_DELAYED_WORK(&a->tick, wrtcsub_assoc_tick);
	wrtcsub_early_init(&a->early);
	INIT_LIST_HEAD(&a->urgent);
	INIT_LIST_HEAD(&a->turns);
	INIT_LIST_HEAD(&a->held);
	a->sctp.sock = sock;
	a->sctp.event = wrtcsub_assoc_event;
	wrtcsub_sctp_hook(&a->sctp);
	return a;
}

static void wrtcsub_assoc_release_sctp(struct wrtcsub_assoc *a)
{
	wrtcsub_sctp_unhook(&a->sctp);
	mutex_lock(&a->sctp_mutex);
	wrtcsub_sctp_release(a->sctp.sock);
	a->sctp.sock = NULL;
	mutex_unlock(&a->sctp_mutex);
}

/**
 * wrtcsub_assoc_discard() - undo wrtcsub_assoc_create()
 * @a: an association that is not in the registry; the caller's reference is gone
 *
 * Context: process, may sleep.
 */
void wrtcsub_assoc_discard(struct wrtcsub_assoc *a)
{
	wrtcsub_assoc_release_sctp(a);
	wrtcsub_registry_unreserve(a->net);
	wrtcsub_assoc_put(a);
}

/* SCTP says that the association is up: how many streams, which addresses? */
static int wrtcsub_assoc_come_up(struct wrtcsub_assoc *a)
{
	struct sockaddr_storage local = {}, peer = {};
	unsigned int caps;
	int err;

	err = wrtcsub_grow_follow(a);
	/* It may have ended meanwhile. */
	if (err == -ENOTCONN)
		err = -wrtcsub_sctp_end(&a->sctp);
	if (err)
		return err;
	caps = wrtcsub_sctp_caps(&a->sctp);
	a->reset.impossible = !(caps & WRTCSUB_SCTP_RECONF);
	a->interleaved = caps & WRTCSUB_SCTP_INTERLEAVE;
	wrtcsub_sctp_update(&a->sctp);
	wrtcsub_sctp_names(&a->sctp, &local, &peer);

	spin_lock_bh(&a->lock);
	a->local = local;
	a->peer = peer;
	a->state = WRTCSUB_ASSOC_UP;
	a->idle_since = jiffies;
	spin_unlock_bh(&a->lock);
	trace_wrtcsub_assoc_up(a, 0);
	wrtcsub_listener_begin(a);
	return 0;
}

static bool wrtcsub_assoc_is_up(const struct wrtcsub_assoc *a)
{
	u8 state = READ_ONCE(a->sctp.sock->sk->sk_state);

	return state == TCP_ESTABLISHED || state == TCP_CLOSE_WAIT;
}

static void wrtcsub_assoc_close(struct wrtcsub_assoc *a, int err)
{
	struct wrtcsub_sock *listener;
	enum wrtcsub_assoc_state was;

	/* 1. */
	spin_lock_bh(&a->lock);
	was = a->state;
	a->state = WRTCSUB_ASSOC_CLOSED;
	WRITE_ONCE(a->err, err);
	listener = a->listener;
	a->listener = NULL;
	spin_unlock_bh(&a->lock);
	wrtcsub_registry_hide(a);
	trace_wrtcsub_assoc_down(a, err);

	/* 2. */
	if (was == WRTCSUB_ASSOC_CONNECTING)
		wrtcsub_mib_inc(a->net, WRTCSUB_MIB_ASSOCS_FAILED);
	else if (a->nr_substreams)
		wrtcsub_mib_inc(a->net, WRTCSUB_MIB_ASSOCS_LOST);
	wrtcsub_channel_lose_all(a, err);
	kfree_skb(a->msg.skb);
	a->msg.skb = NULL;

	/* 3. */
	wrtcsub_assoc_release_sctp(a);

	/* 4. */
	while (wrtcsub_channel_refuse_first(a, -err))
		;

	/* 5. */
	if (listener)
		wrtcsub_listener_lost(listener, a, err);
	if (cancel_delayed_work(&a->tick))
		wrtcsub_assoc_put(a);

	/* 6. */
	wrtcsub_registry_remove(a);
}

/* The end that dialled goes first: the other one would shut down just when a
 * new substream is on its way to it.
 */
static unsigned long wrtcsub_assoc_idle_time(const struct wrtcsub_assoc *a)
{
	unsigned int ms = wrtcsub_pernet_get(a->net, idle_timeout_ms);

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

	wrtcsub_registry_hide(a);
	wrtcsub_mib_inc(a->net, WRTCSUB_MIB_ASSOCS_IDLE);
	kernel_sock_shutdown(a->sctp.sock, SHUT_WR);
	a->shutdown_until = jiffies + WRTCSUB_ASSOC_SHUTDOWN_TIME;
	wrtcsub_assoc_tick_at(a, a->shutdown_until);
}

/* Is the handshake over?  What the peer sends with the end of it stays with SCTP
 * until then.  1: not yet, and SCTP will say when it is; but not what ICMP says
 * of the peer, which ends the handshake as it does that of TCP.
 */
static int wrtcsub_assoc_try_connecting(struct wrtcsub_assoc *a)
{
	int err;

	if (wrtcsub_assoc_is_up(a))
		return wrtcsub_assoc_come_up(a);
	if (!wrtcsub_sctp_is_alive(&a->sctp))
		return -wrtcsub_sctp_end(&a->sctp);
	err = wrtcsub_sctp_unreachable(&a->sctp);
	if (err)
		return -err;
	wrtcsub_assoc_tick_at(a, jiffies + WRTCSUB_ASSOC_ICMP_TIME);
	return 1;
}

/* Has the peer had its time to answer a SHUTDOWN?  Each round asks for the tick
 * anew: of two that are due only the earlier one is kept.
 */
static bool wrtcsub_assoc_is_overdue(struct wrtcsub_assoc *a)
{
	if (a->state != WRTCSUB_ASSOC_CLOSING)
		return false;
	if (time_after_eq(jiffies, a->shutdown_until))
		return true;
	wrtcsub_assoc_tick_at(a, a->shutdown_until);
	return false;
}

/* One round of the work; a negative errno ends the association. */
static int wrtcsub_assoc_serve(struct wrtcsub_assoc *a, unsigned int events)
{
	int err, more;

	if (events & WRTCSUB_ASSOC_KILL)
		return -READ_ONCE(a->err);

	if (a->state == WRTCSUB_ASSOC_CONNECTING) {
		err = wrtcsub_assoc_try_connecting(a);
		/* SCTP has nothing yet to set it for. */
		if (err > 0)
			atomic_or(events & WRTCSUB_ASSOC_KEEPALIVE, &a->events);
		if (err)
			return err < 0 ? err : 0;
	}
	more = wrtcsub_input_run(a);
	if (more < 0)
		return more;
	if (wrtcsub_assoc_is_overdue(a))
		return -ETIMEDOUT;

	if (events & WRTCSUB_ASSOC_KEEPALIVE)
		wrtcsub_sctp_set_heartbeat(a->sctp.sock);
	err = wrtcsub_grow_run(a);
	if (err)
		return err;
	wrtcsub_output_run(a);
	err = wrtcsub_reset_run(a);
	if (err)
		return err;
	wrtcsub_assoc_check_idle(a);
	if (more)
		wrtcsub_assoc_wake(a, 0);
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
EXPORT_SYMBOL_GPL(wrtcsub_assoc_kill);

/**
 * wrtcsub_assoc_takes_more() - can it have another substream of ours?
 * @a: the association
 *
 * Context: any; the answer stays true only under wrtcsub_assoc::lock.
 * Return: false: it ends, or will as soon as the work runs.
 */
bool wrtcsub_assoc_takes_more(const struct wrtcsub_assoc *a)
{
	return READ_ONCE(a->state) <= WRTCSUB_ASSOC_UP && !READ_ONCE(a->err);
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
	/* Full barrier, pairs with that in wrtcsub_room_pause(). */
	atomic_sub_return(size, &a->rmem);
	if (READ_ONCE(a->paused))
		wrtcsub_assoc_wake(a, 0);
}

/**
 * wrtcsub_assoc_has_room() - may so much payload be held as well?
 * @a: the association
 * @held: bytes that are held
 * @size: bytes more
 *
 * Context: any.
 * Return: false if it would be over assoc_rmem.
 */
bool wrtcsub_assoc_has_room(const struct wrtcsub_assoc *a, int held, u32 size)
{
	return !held || held + size <= wrtcsub_pernet_get(a->net, assoc_rmem);
}

/**
 * wrtcsub_assoc_info() - what SCTP knows of it
 * @a: the association
 * @info: filled in
 *
 * Context: process, under no spinlock.
 * Return: 0, or -ENOTCONN: it has ended, or does not yet exist.
 */
int wrtcsub_assoc_info(struct wrtcsub_assoc *a, struct sctp_info *info)
{
	int err = -ENOTCONN;

	mutex_lock(&a->sctp_mutex);
	if (a->sctp.sock)
		err = wrtcsub_sctp_info(&a->sctp, info);
	mutex_unlock(&a->sctp_mutex);
	return err;
}
EXPORT_SYMBOL_GPL(wrtcsub_assoc_info);

/**
 * wrtcsub_assoc_names() - the addresses of both ends
 * @a: the association; of one that is not up yet they are what connect knows
 * @local: set to ours
 * @peer: set to the peer's
 *
 * Context: any.
 */
void wrtcsub_assoc_names(struct wrtcsub_assoc *a,
			 struct sockaddr_storage *local,
			 struct sockaddr_storage *peer)
{
	spin_lock_bh(&a->lock);
	*local = a->local;
	*peer = a->peer;
	spin_unlock_bh(&a->lock);
}
EXPORT_SYMBOL_GPL(wrtcsub_assoc_names);

/**
 * wrtcsub_assoc_has_peer() - does it lead to this address?
 * @a: the association
 * @addr: address and port, IPv4 in its own form
 *
 * Context: process, under no spinlock.
 * Return: true if it is one of the peer's, or nobody can tell any more.
 */
bool wrtcsub_assoc_has_peer(struct wrtcsub_assoc *a,
			    const struct sockaddr_storage *addr)
{
	bool has = true;

	mutex_lock(&a->sctp_mutex);
	if (a->sctp.sock)
		has = wrtcsub_sctp_has_peer(&a->sctp, addr);
	mutex_unlock(&a->sctp_mutex);
	return has;
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
