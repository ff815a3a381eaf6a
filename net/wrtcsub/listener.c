// SPDX-License-Identifier: GPL-2.0
/*
 * A listener.
 *
 * Its SCTP socket listens; a work item takes new associations from it.  Each
 * of them has a reference to the listener, and asks it for a socket when the
 * peer opens a channel.  Such a socket waits in the accept queue, where it
 * already receives.
 *
 * A listener that is attached (WRTCSUB_ATTACH) has no SCTP socket of its own:
 * it takes the place of the other one for a single association, and listens as
 * long as that lasts.
 *
 * The end of a listener, in this order:
 *
 * 1. sk_state is TCP_CLOSE under accept_lock: nothing comes into the queue any
 *    more.
 * 2. Callbacks are taken off the SCTP socket, so nobody but the work itself
 *    queues it again; then it is cancelled, which ends that, and waited for,
 *    and the socket is released.
 * 3. The associations that have the listener forget it, and look for another
 *    one of the same user in its place: a server that was started again serves
 *    the associations it finds.
 * 4. Substreams that nobody has accepted are reset.
 */

#include <linux/cgroup.h>
#include <linux/ipv6.h>
#include <linux/memcontrol.h>
#include <linux/net.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <net/sock.h>

#include "address.h"
#include "assoc.h"
#include "channel.h"
#include "dcep.h"
#include "listener.h"
#include "mib.h"
#include "pernet.h"
#include "substream.h"
#include "trace.h"

/* Associations in one round of the work. */
#define WRTCSUB_LISTENER_BUDGET	64

/* Nobody tells when there is memory again. */
#define WRTCSUB_LISTENER_RETRY	(HZ / 20)

/* To accept takes the lock of the listening SCTP socket, and memory: no work of
 * an association is to wait behind that.  A program cannot make it last, nothing
 * faults under that lock.
 */
static struct workqueue_struct *wrtcsub_listener_wq;

/* One that is queued for later is moved. */
static void wrtcsub_listener_queue(struct wrtcsub_listener *l,
				   unsigned long delay)
{
	mod_delayed_work(wrtcsub_listener_wq, &l->work, delay);
}

static void wrtcsub_listener_event(struct wrtcsub_sctp *sctp,
				   enum wrtcsub_sctp_event what)
{
	struct wrtcsub_listener *l = container_of(sctp, typeof(*l), sctp);

	wrtcsub_listener_queue(l, 0);
}

static void wrtcsub_listener_take(struct wrtcsub_listener *l,
				  struct socket *sock)
{
	struct net *net = sock_net(&l->ws->sk);
	struct wrtcsub_sock *ws = l->ws;
	struct wrtcsub_assoc *a;

	/* SCTP hands down some of them only. */
	wrtcsub_sctp_inherit_cookie_key(sock, l->sctp.sock);
	wrtcsub_sctp_inherit(sock, &ws->sk);
	wrtcsub_sctp_inherit_tos(sock, l->sctp.sock);
	a = wrtcsub_assoc_create(net, sock, false, READ_ONCE(ws->opt.role));
	if (IS_ERR(a)) {
		wrtcsub_sctp_release(sock);
		return;
	}
	sock_hold(&ws->sk);
	a->listener = ws;
	a->key.uid = sk_uid(&ws->sk);
	if (wrtcsub_registry_add(a, false)) {
		sock_put(&ws->sk);
		wrtcsub_assoc_discard(a);
		return;
	}
	wrtcsub_mib_inc(net, WRTCSUB_MIB_ASSOCS_ACCEPTED);
	wrtcsub_assoc_start(a);
	wrtcsub_assoc_put(a);
}

static void wrtcsub_listener_run(struct work_struct *work)
{
	struct wrtcsub_listener *l = container_of(to_delayed_work(work),
						  typeof(*l), work);
	int err, budget = WRTCSUB_LISTENER_BUDGET;
	struct socket *sock;

	while (budget--) {
		err = kernel_accept(l->sctp.sock, &sock, O_NONBLOCK);
		if (err)
			break;
		wrtcsub_listener_take(l, sock);
	}
	/* Without memory for a socket the association stays where it is. */
	if (err != -EAGAIN && err != -EINVAL)
		wrtcsub_listener_queue(l, err ? WRTCSUB_LISTENER_RETRY : 0);
}

/* Listen where the SCTP socket is that bind made. */
static int wrtcsub_listener_start_bound(struct wrtcsub_sock *ws)
{
	struct wrtcsub_pernet *pn = wrtcsub_pernet(sock_net(&ws->sk));
	struct wrtcsub_listener *l;
	int err;

	sock_owned_by_me(&ws->sk);

	l = kzalloc(sizeof(*l), GFP_KERNEL_ACCOUNT);
	if (!l)
		return -ENOMEM;
	INIT_DELAYED_WORK(&l->work, wrtcsub_listener_run);
	l->ws = ws;
	l->sctp.sock = ws->bound;
	l->sctp.event = wrtcsub_listener_event;

	wrtcsub_sctp_inherit(ws->bound, &ws->sk);
	err = kernel_getsockname(ws->bound, (struct sockaddr *)&ws->local);
	if (err >= 0)
		err = kernel_listen(ws->bound, SOMAXCONN);
	if (err) {
		kfree(l);
		return err;
	}
	wrtcsub_address_use_scope(&ws->local,
				  wrtcsub_address_scope(&ws->bind_addr));
	wrtcsub_address_unmap(&ws->local);

	ws->bound = NULL;
	ws->listener = l;
	spin_lock_bh(&ws->accept_lock);
	wrtcsub_substream_set_phase(ws, TCP_LISTEN);
	spin_unlock_bh(&ws->accept_lock);
	spin_lock_bh(&pn->lock);
	list_add_tail(&l->node, &pn->listeners);
	spin_unlock_bh(&pn->lock);
	/* Not before: an association that the work takes looks for a listener.
	 * What has come by now is looked for.
	 */
	wrtcsub_sctp_hook(&l->sctp);
	wrtcsub_listener_queue(l, 0);
	return 0;
}

static bool wrtcsub_listener_is_of(const struct wrtcsub_sock *ws,
				   const struct wrtcsub_assoc *a)
{
	return READ_ONCE(ws->attached) == a &&
	       wrtcsub_substream_phase(ws) == TCP_LISTEN;
}

/* Listen for one association. */
static int wrtcsub_listener_start_attached(struct wrtcsub_sock *ws)
{
	struct wrtcsub_assoc *a = ws->attached;
	struct wrtcsub_sock *old = NULL;
	int err = 0;

	sock_owned_by_me(&ws->sk);

	spin_lock_bh(&a->lock);
	if (a->state == WRTCSUB_ASSOC_CLOSED) {
		err = -(READ_ONCE(a->err) ?: ECONNRESET);
	} else if (a->listener && wrtcsub_listener_is_of(a->listener, a)) {
		err = -EADDRINUSE;
	} else {
		old = a->listener;
		sock_hold(&ws->sk);
		a->listener = ws;
		ws->local = a->local;
		spin_lock(&ws->accept_lock);
		wrtcsub_substream_set_phase(ws, TCP_LISTEN);
		spin_unlock(&ws->accept_lock);
	}
	spin_unlock_bh(&a->lock);
	if (old)
		sock_put(&old->sk);

	/* Its association is up: nobody else would turn heartbeats on. */
	if (!err && sock_flag(&ws->sk, SOCK_KEEPOPEN))
		wrtcsub_assoc_wake(a, WRTCSUB_ASSOC_KEEPALIVE);
	return err;
}

/**
 * wrtcsub_listener_start() - begin to listen
 * @ws: a socket that is bound, or attached
 *
 * Context: process, under lock_sock of @ws.
 * Return: 0; -EADDRINUSE: another socket listens there; why the association
 *	has ended; another negative errno.
 */
int wrtcsub_listener_start(struct wrtcsub_sock *ws)
{
	clear_bit(WRTCSUB_F_ENDED, &ws->flags);
	return ws->attached ? wrtcsub_listener_start_attached(ws) :
			      wrtcsub_listener_start_bound(ws);
}

static void wrtcsub_listener_free(struct wrtcsub_sock *ws)
{
	struct wrtcsub_pernet *pn = wrtcsub_pernet(sock_net(&ws->sk));
	struct wrtcsub_listener *l = ws->listener;

	sock_owned_by_me(&ws->sk);

	spin_lock_bh(&pn->lock);
	list_del(&l->node);
	spin_unlock_bh(&pn->lock);
	wrtcsub_sctp_unhook(&l->sctp);
	cancel_delayed_work_sync(&l->work);
	wrtcsub_sctp_release(l->sctp.sock);
	ws->listener = NULL;
	kfree(l);
}

static void wrtcsub_listener_forget(struct wrtcsub_assoc *a, void *arg)
{
	struct wrtcsub_sock *ws = arg;
	bool had;

	spin_lock_bh(&a->lock);
	had = a->listener == ws;
	if (had)
		a->listener = NULL;
	spin_unlock_bh(&a->lock);
	if (had)
		sock_put(&ws->sk);
}

/**
 * wrtcsub_listener_stop() - listen no more
 * @ws: a listener
 *
 * Context: process, under lock_sock of @ws, may sleep.
 */
void wrtcsub_listener_stop(struct wrtcsub_sock *ws)
{
	struct wrtcsub_sock *child, *next;
	LIST_HEAD(queue);

	sock_owned_by_me(&ws->sk);

	/* 1. */
	spin_lock_bh(&ws->accept_lock);
	wrtcsub_substream_set_phase(ws, TCP_CLOSE);
	list_splice_init(&ws->accept_queue, &queue);
	WRITE_ONCE(ws->sk.sk_ack_backlog, 0);
	spin_unlock_bh(&ws->accept_lock);

	/* 2. */
	if (ws->listener)
		wrtcsub_listener_free(ws);

	/* 3. */
	wrtcsub_registry_for_each(sock_net(&ws->sk), wrtcsub_listener_forget,
				  ws);

	/* 4. */
	list_for_each_entry_safe(child, next, &queue, accept_node) {
		list_del_init(&child->accept_node);
		wrtcsub_substream_fail(child, WRTCSUB_EV_ABORT, ECONNRESET);
		sock_put(&child->sk);
	}
}

/**
 * wrtcsub_listener_lost() - the association has ended
 * @ws: its listener; the association's reference is dropped
 * @a: the association
 * @err: why, a positive errno
 *
 * One that is attached has nothing more to come.  What is in its queue can
 * still be accepted, and then it has an error.
 *
 * Context: the association's work.
 */
void wrtcsub_listener_lost(struct wrtcsub_sock *ws, struct wrtcsub_assoc *a,
			   int err)
{
	if (READ_ONCE(ws->attached) == a) {
		WRITE_ONCE(ws->sk.sk_err, err);
		smp_mb__before_atomic(); /* pairs with test_bit_acquire() */
		set_bit(WRTCSUB_F_ENDED, &ws->flags);
		wrtcsub_substream_wake_all(ws, EPOLLIN);
	}
	sock_put(&ws->sk);
}

/* Payload is charged to the memory cgroup of whoever listens. */
static void wrtcsub_listener_inherit_memcg(struct sock *child,
					   const struct sock *sk)
{
#ifdef CONFIG_MEMCG
	if (mem_cgroup_sockets_enabled && sk->sk_memcg &&
	    css_tryget(&sk->sk_memcg->css))
		child->sk_memcg = sk->sk_memcg;
#endif
}

/* The child is made by the work, which is in no cgroup of a program. */
static void wrtcsub_listener_inherit_cgroup(struct sock *child,
					    struct sock *sk)
{
#ifdef CONFIG_SOCK_CGROUP_DATA
	struct cgroup *cgrp = sock_cgroup_ptr(&sk->sk_cgrp_data);
	struct cgroup *old = sock_cgroup_ptr(&child->sk_cgrp_data);

	cgroup_get(cgrp);
	cgroup_bpf_get(cgrp);
	child->sk_cgrp_data = sk->sk_cgrp_data;
	cgroup_bpf_put(old);
	cgroup_put(old);
#endif
}

/* What a program has set on the listener holds for what it accepts. */
static void wrtcsub_listener_inherit(struct wrtcsub_sock *child,
				     struct wrtcsub_sock *ws)
{
	struct sock *sk = &child->sk;

	security_sk_clone(&ws->sk, sk);
	WRITE_ONCE(sk->sk_uid, sk_uid(&ws->sk));
	sk->sk_userlocks = ws->sk.sk_userlocks;
	sk->sk_reuse = ws->sk.sk_reuse;
	sk->sk_rcvbuf = READ_ONCE(ws->sk.sk_rcvbuf);
	sk->sk_sndbuf = READ_ONCE(ws->sk.sk_sndbuf);
	sk->sk_rcvlowat = READ_ONCE(ws->sk.sk_rcvlowat);
	sk->sk_rcvtimeo = READ_ONCE(ws->sk.sk_rcvtimeo);
	sk->sk_sndtimeo = READ_ONCE(ws->sk.sk_sndtimeo);
	sk->sk_lingertime = READ_ONCE(ws->sk.sk_lingertime);
	sock_valbool_flag(sk, SOCK_LINGER, sock_flag(&ws->sk, SOCK_LINGER));
	sock_valbool_flag(sk, SOCK_KEEPOPEN, sock_flag(&ws->sk, SOCK_KEEPOPEN));
	sk->sk_priority = READ_ONCE(ws->sk.sk_priority);
	sk->sk_mark = READ_ONCE(ws->sk.sk_mark);
	sk->sk_bound_dev_if = READ_ONCE(ws->sk.sk_bound_dev_if);
	child->ipv6 = ws->ipv6;
	wrtcsub_option_inherit(&child->opt, &ws->opt);
	wrtcsub_listener_inherit_memcg(sk, &ws->sk);
	wrtcsub_listener_inherit_cgroup(sk, &ws->sk);
}

/* Is it still the listener that the work got?  It may have stopped since, and
 * be attached to another association; while it listens it cannot be.
 */
static bool wrtcsub_listener_takes(const struct wrtcsub_sock *ws,
				   const struct wrtcsub_assoc *a)
{
	lockdep_assert_held(&ws->accept_lock);

	return ws->sk.sk_state == TCP_LISTEN &&
	       (!ws->attached || ws->attached == a);
}

/* Let it wait for accept: false, and counted why, if it cannot. */
static bool wrtcsub_listener_enqueue(struct wrtcsub_assoc *a,
				     struct wrtcsub_sock *ws,
				     struct wrtcsub_sock *child)
{
	enum wrtcsub_mib_field outcome = WRTCSUB_MIB_ACCEPTED;

	spin_lock_bh(&ws->accept_lock);
	if (!wrtcsub_listener_takes(ws, a))
		outcome = WRTCSUB_MIB_OPEN_REFUSED_CLOSED;
	else if (sk_acceptq_is_full(&ws->sk))
		outcome = WRTCSUB_MIB_OPEN_REFUSED_BACKLOG;
	/* Who accepts it finds it counted, and told of first. */
	wrtcsub_mib_inc(sock_net(&ws->sk), outcome);
	if (outcome == WRTCSUB_MIB_ACCEPTED) {
		trace_wrtcsub_accept(a, child, 0);
		sock_hold(&child->sk);
		list_add_tail(&child->accept_node, &ws->accept_queue);
		sk_acceptq_added(&ws->sk);
	}
	spin_unlock_bh(&ws->accept_lock);
	return outcome == WRTCSUB_MIB_ACCEPTED;
}

static bool wrtcsub_listener_matches(const struct wrtcsub_listener *l,
				     const struct sockaddr_storage *local)
{
	if (wrtcsub_address_port(&l->ws->local) != wrtcsub_address_port(local))
		return false;
	if (!wrtcsub_address_is_any(&l->ws->local))
		return wrtcsub_address_is_same_host(&l->ws->local, local);
	return l->ws->local.ss_family == local->ss_family ||
	       (l->ws->local.ss_family == AF_INET6 &&
		!ipv6_only_sock(l->sctp.sock->sk));
}

/* SO_REUSEADDR lets anybody have the port of associations that there are. */
static bool wrtcsub_listener_may_have(const struct wrtcsub_listener *l,
				      const struct wrtcsub_assoc *a)
{
	int dev = READ_ONCE(l->sctp.sock->sk->sk_bound_dev_if);

	if (!uid_eq(sk_uid(&l->ws->sk), a->key.uid))
		return false;
	return !dev || dev == READ_ONCE(a->sctp.sock->sk->sk_bound_dev_if);
}

/* Who listens where the association's own listener did, and is of its user. */
static struct wrtcsub_sock *wrtcsub_listener_find(struct wrtcsub_assoc *a)
{
	struct wrtcsub_pernet *pn = wrtcsub_pernet(a->net);
	struct wrtcsub_sock *ws = NULL;
	struct wrtcsub_listener *l;

	spin_lock_bh(&pn->lock);
	list_for_each_entry(l, &pn->listeners, node) {
		if (wrtcsub_listener_matches(l, &a->local) &&
		    wrtcsub_listener_may_have(l, a)) {
			ws = l->ws;
			sock_hold(&ws->sk);
			break;
		}
	}
	spin_unlock_bh(&pn->lock);
	return ws;
}

/* The association's listener, with a reference; another one if that one has
 * gone.  An association that we made has none of its own.
 */
static struct wrtcsub_sock *wrtcsub_listener_get(struct wrtcsub_assoc *a)
{
	struct wrtcsub_sock *ws;

	spin_lock_bh(&a->lock);
	ws = a->listener;
	if (ws && wrtcsub_substream_phase(ws) == TCP_LISTEN)
		sock_hold(&ws->sk);
	else
		ws = NULL;
	spin_unlock_bh(&a->lock);
	if (ws || a->initiator)
		return ws;

	ws = wrtcsub_listener_find(a);
	if (!ws)
		return NULL;
	spin_lock_bh(&a->lock);
	/* One that has stopped meanwhile has looked for itself here already. */
	if (!a->listener && wrtcsub_substream_phase(ws) == TCP_LISTEN) {
		sock_hold(&ws->sk);
		a->listener = ws;
	}
	spin_unlock_bh(&a->lock);
	return ws;
}

/* A socket for a channel, with a place, in the accept queue.  Over the backlog
 * it has the place all the same: the peer's end of the channel is to be closed.
 */
static int wrtcsub_listener_add(struct wrtcsub_assoc *a,
				struct wrtcsub_sock *ws,
				struct wrtcsub_sock *child, u16 sid)
{
	int err;

	err = wrtcsub_channel_adopt(a, child, sid);
	if (err)
		return err;
	if (wrtcsub_listener_enqueue(a, ws, child)) {
		wrtcsub_substream_kick(child);
		wrtcsub_substream_wake(ws, EPOLLIN | EPOLLRDNORM);
	} else {
		set_bit(WRTCSUB_F_REFUSED, &child->flags);
		atomic_andnot(WRTCSUB_DUE_ACK, &child->state);
		wrtcsub_substream_fail(child, WRTCSUB_EV_ABORT, ECONNRESET);
	}
	return 0;
}

/* Without memory for it the peer is told, who believes it open.  -EINVAL: the
 * association does not have so many streams.
 */
static int wrtcsub_listener_negotiate(struct wrtcsub_assoc *a,
				      struct wrtcsub_sock *ws, u16 sid)
{
	struct wrtcsub_sock *child;
	int err = -ENOMEM;

	child = wrtcsub_substream_alloc(a->net, ws->sk.sk_type, 0);
	if (child) {
		wrtcsub_listener_inherit(child, ws);
		child->opt.stream_id = sid;
		set_bit(WRTCSUB_F_ACKED, &child->flags);
		err = wrtcsub_listener_add(a, ws, child, sid);
		sock_put(&child->sk);
	}
	if (err == -ENOMEM) {
		wrtcsub_mib_inc(a->net, WRTCSUB_MIB_OPEN_REFUSED_MEMORY);
		wrtcsub_reset_refuse(a, sid);
	}
	return err;
}

/**
 * wrtcsub_listener_begin() - an association has come up, or has more streams
 * @a: the association
 *
 * It begins with the channel that the listener has negotiated, if it has, as
 * soon as there is the stream.
 *
 * Context: the association's work.
 * Source: RFC 8832, section 4.
 */
void wrtcsub_listener_begin(struct wrtcsub_assoc *a)
{
	struct wrtcsub_sock *ws;
	int sid;

	if (a->initiator || a->begun)
		return;
	a->begun = true;
	ws = wrtcsub_listener_get(a);
	if (!ws)
		return;
	sid = READ_ONCE(ws->opt.stream_id);
	if (sid != WRTCSUB_STREAM_ID_NONE)
		a->begun = wrtcsub_listener_negotiate(a, ws, sid) != -EINVAL;
	sock_put(&ws->sk);
}

static struct wrtcsub_sock *
wrtcsub_listener_make(struct wrtcsub_sock *ws,
		      const struct wrtcsub_dcep_open *open)
{
	struct wrtcsub_sock *child;

	child = wrtcsub_substream_alloc(sock_net(&ws->sk), ws->sk.sk_type, 0);
	if (!child)
		return NULL;
	wrtcsub_listener_inherit(child, ws);
	child->label = wrtcsub_option_text(open->label, open->label_len);
	child->protocol = wrtcsub_option_text(open->protocol,
					      open->protocol_len);
	child->label_len = open->label_len;
	if ((open->label_len && !child->label) ||
	    (open->protocol_len && !child->protocol)) {
		sock_put(&child->sk);
		return NULL;
	}
	set_bit(WRTCSUB_F_ACKED, &child->flags);
	atomic_or(WRTCSUB_DUE_ACK, &child->state);
	return child;
}

/**
 * wrtcsub_listener_open() - the peer opens a channel
 * @a: its association
 * @sid: a free identifier
 * @open: what its OPEN says
 *
 * Context: the association's work.
 * Return: 0; -ECONNREFUSED: nobody listens; -ENOBUFS: over the backlog;
 *	-ENOMEM; as wrtcsub_channel_adopt().
 */
int wrtcsub_listener_open(struct wrtcsub_assoc *a, u16 sid,
			  const struct wrtcsub_dcep_open *open)
{
	struct wrtcsub_sock *ws = wrtcsub_listener_get(a), *child = NULL;
	int err = -ENOBUFS;

	if (!ws)
		return -ECONNREFUSED;
	if (!sk_acceptq_is_full(&ws->sk)) {
		child = wrtcsub_listener_make(ws, open);
		err = child ? wrtcsub_listener_add(a, ws, child, sid) : -ENOMEM;
	}
	if (child)
		sock_put(&child->sk);
	sock_put(&ws->sk);
	return err;
}

/**
 * wrtcsub_listener_accept() - take the first substream
 * @ws: a listener
 *
 * Context: any.
 * Return: it, with the queue's reference, or NULL.
 */
struct wrtcsub_sock *wrtcsub_listener_accept(struct wrtcsub_sock *ws)
{
	struct wrtcsub_sock *child;

	spin_lock_bh(&ws->accept_lock);
	child = list_first_entry_or_null(&ws->accept_queue, typeof(*child),
					 accept_node);
	if (child) {
		list_del_init(&child->accept_node);
		sk_acceptq_removed(&ws->sk);
	}
	spin_unlock_bh(&ws->accept_lock);
	return child;
}

/**
 * wrtcsub_listener_init() - make the workqueue
 *
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int wrtcsub_listener_init(void)
{
	wrtcsub_listener_wq = alloc_workqueue("wrtcsub_listen", WQ_UNBOUND, 0);
	return wrtcsub_listener_wq ? 0 : -ENOMEM;
}

/**
 * wrtcsub_listener_exit() - end that
 *
 * Context: process, may sleep.  There is no listener any more.
 */
void wrtcsub_listener_exit(void)
{
	destroy_workqueue(wrtcsub_listener_wq);
}
