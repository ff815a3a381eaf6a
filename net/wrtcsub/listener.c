// SPDX-License-Identifier: GPL-2.0
/*
 * A listener.
 *
 * Its SCTP socket listens; a work item takes new associations from it.  Each
 * of them has a reference to the listener, and asks it for a socket when the
 * peer opens a channel.  Such a socket waits in the accept queue, where it
 * already receives.
 *
 * The end of a listener, in this order:
 *
 * 1. sk_state is TCP_CLOSE under accept_lock: nothing comes into the queue any
 *    more.  Associations may have the listener for as long as they live; they
 *    see that it does not listen, and look for another one in its place: a
 *    server that was started again serves the associations it finds.
 * 2. Callbacks are taken off the SCTP socket, so the work is not queued again;
 *    then it is waited for, and the socket is released.
 * 3. Substreams that nobody has accepted are reset.
 */

#include <linux/net.h>
#include <linux/slab.h>
#include <net/sock.h>

#include "address.h"
#include "assoc.h"
#include "listener.h"
#include "mib.h"
#include "pernet.h"
#include "substream.h"

static void wrtcsub_listener_event(struct wrtcsub_sctp *sctp, unsigned int what)
{
	struct wrtcsub_listener *l = container_of(sctp, typeof(*l), sctp);

	wrtcsub_assoc_queue_work(&l->work);
}

static void wrtcsub_listener_take(struct wrtcsub_sock *ws, struct socket *sock)
{
	struct net *net = sock_net(&ws->sk);
	struct wrtcsub_assoc *a;

	wrtcsub_sctp_no_gso(sock);
	a = wrtcsub_assoc_create(net, sock, false);
	if (IS_ERR(a)) {
		wrtcsub_sctp_release(sock, true);
		return;
	}
	sock_hold(&ws->sk);
	a->listener = ws;
	wrtcsub_assoc_publish(a, false);
	wrtcsub_mib_inc(net, WRTCSUB_MIB_ASSOCS_ACCEPTED);
	wrtcsub_assoc_start(a);
	wrtcsub_assoc_put(a);
}

static void wrtcsub_listener_run(struct work_struct *work)
{
	struct wrtcsub_listener *l = container_of(work, typeof(*l), work);
	struct socket *sock;

	while (!kernel_accept(l->sctp.sock, &sock, O_NONBLOCK))
		wrtcsub_listener_take(l->ws, sock);
}

/**
 * wrtcsub_listener_start() - listen on the socket that bind made
 * @ws: a socket that is bound
 *
 * Context: process, under lock_sock of @ws.
 * Return: 0 or a negative errno.
 */
int wrtcsub_listener_start(struct wrtcsub_sock *ws)
{
	struct wrtcsub_pernet *pn = wrtcsub_pernet(sock_net(&ws->sk));
	struct wrtcsub_listener *l;
	int err;

	sock_owned_by_me(&ws->sk);

	l = kzalloc(sizeof(*l), GFP_KERNEL);
	if (!l)
		return -ENOMEM;
	INIT_WORK(&l->work, wrtcsub_listener_run);
	l->ws = ws;
	l->sctp.sock = ws->bound;
	l->sctp.event = wrtcsub_listener_event;

	err = wrtcsub_sctp_setup(ws->bound,
				 READ_ONCE(pn->sysctl.max_streams));
	if (err)
		goto free;
	wrtcsub_sctp_hook(&l->sctp);
	err = kernel_listen(ws->bound, SOMAXCONN);
	if (err)
		goto unhook;
	kernel_getsockname(ws->bound, (struct sockaddr *)&l->local);

	ws->bound = NULL;
	ws->listener = l;
	spin_lock_bh(&ws->accept_lock);
	WRITE_ONCE(ws->sk.sk_state, TCP_LISTEN);
	spin_unlock_bh(&ws->accept_lock);
	spin_lock_bh(&pn->lock);
	list_add_tail(&l->node, &pn->listeners);
	spin_unlock_bh(&pn->lock);
	wrtcsub_assoc_queue_work(&l->work);
	return 0;

unhook:
	wrtcsub_sctp_unhook(&l->sctp);
	cancel_work_sync(&l->work);
free:
	kfree(l);
	return err;
}

/**
 * wrtcsub_listener_stop() - listen no more
 * @ws: a listener
 *
 * Context: process, under lock_sock of @ws, may sleep.
 */
void wrtcsub_listener_stop(struct wrtcsub_sock *ws)
{
	struct wrtcsub_pernet *pn = wrtcsub_pernet(sock_net(&ws->sk));
	struct wrtcsub_listener *l = ws->listener;
	struct wrtcsub_sock *child, *next;
	LIST_HEAD(queue);

	sock_owned_by_me(&ws->sk);

	/* 1. */
	spin_lock_bh(&ws->accept_lock);
	WRITE_ONCE(ws->sk.sk_state, TCP_CLOSE);
	list_splice_init(&ws->accept_queue, &queue);
	WRITE_ONCE(ws->sk.sk_ack_backlog, 0);
	spin_unlock_bh(&ws->accept_lock);
	spin_lock_bh(&pn->lock);
	list_del(&l->node);
	spin_unlock_bh(&pn->lock);

	/* 2. */
	wrtcsub_sctp_unhook(&l->sctp);
	cancel_work_sync(&l->work);
	wrtcsub_sctp_release(l->sctp.sock, true);
	ws->listener = NULL;
	kfree(l);

	/* 3. */
	list_for_each_entry_safe(child, next, &queue, accept_node) {
		list_del_init(&child->accept_node);
		wrtcsub_substream_fail(child, WRTCSUB_EV_ABORT, ECONNRESET);
		sock_put(&child->sk);
	}
}

/* What a program has set on the listener holds for what it accepts. */
static void wrtcsub_listener_inherit(struct wrtcsub_sock *child,
				     const struct wrtcsub_sock *ws)
{
	struct sock *sk = &child->sk;

	sk->sk_userlocks = ws->sk.sk_userlocks;
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
	child->fin_timeout_ms = READ_ONCE(ws->fin_timeout_ms);
	child->max_frame = READ_ONCE(ws->max_frame);
	child->frame_split = READ_ONCE(ws->frame_split);
}

static bool wrtcsub_listener_enqueue(struct wrtcsub_sock *ws,
				     struct wrtcsub_sock *child)
{
	bool ok;

	spin_lock_bh(&ws->accept_lock);
	ok = ws->sk.sk_state == TCP_LISTEN && !sk_acceptq_is_full(&ws->sk);
	if (ok) {
		sock_hold(&child->sk);
		list_add_tail(&child->accept_node, &ws->accept_queue);
		sk_acceptq_added(&ws->sk);
	}
	spin_unlock_bh(&ws->accept_lock);
	return ok;
}

static bool wrtcsub_listener_matches(const struct wrtcsub_listener *l,
				     const struct sockaddr_storage *local)
{
	if (wrtcsub_address_port(&l->local) != wrtcsub_address_port(local))
		return false;
	return wrtcsub_address_is_any(&l->local) ||
	       wrtcsub_address_is_same_host(&l->local, local);
}

/* Who listens where the association's own listener did. */
static struct wrtcsub_sock *wrtcsub_listener_find(struct wrtcsub_assoc *a)
{
	struct wrtcsub_pernet *pn = wrtcsub_pernet(a->net);
	struct wrtcsub_sock *ws = NULL;
	struct wrtcsub_listener *l;

	spin_lock_bh(&pn->lock);
	list_for_each_entry(l, &pn->listeners, node) {
		if (wrtcsub_listener_matches(l, &a->local)) {
			ws = l->ws;
			sock_hold(&ws->sk);
			break;
		}
	}
	spin_unlock_bh(&pn->lock);
	return ws;
}

/* The association's listener; another one if that one has gone. */
static struct wrtcsub_sock *wrtcsub_listener_get(struct wrtcsub_assoc *a)
{
	struct wrtcsub_sock *ws = a->listener;

	if (!ws || READ_ONCE(ws->sk.sk_state) == TCP_LISTEN)
		return ws;
	ws = wrtcsub_listener_find(a);
	if (!ws)
		return NULL;
	sock_put(&a->listener->sk);
	a->listener = ws;
	return ws;
}

/**
 * wrtcsub_listener_open() - the peer opens a channel
 * @a: its association
 * @sid: a free identifier
 *
 * Context: the association's work.
 * Return: 0; -ECONNREFUSED: nobody listens; -ENOBUFS: over the backlog;
 *	-ENOMEM.
 */
int wrtcsub_listener_open(struct wrtcsub_assoc *a, u16 sid)
{
	struct wrtcsub_sock *ws = wrtcsub_listener_get(a), *child;
	int err = 0;

	if (!ws)
		return -ECONNREFUSED;
	if (sk_acceptq_is_full(&ws->sk))
		return -ENOBUFS;

	child = wrtcsub_substream_alloc(a->net, ws->sk.sk_type, 0);
	if (!child)
		return -ENOMEM;
	wrtcsub_listener_inherit(child, ws);
	set_bit(WRTCSUB_F_ACKED, &child->flags);
	atomic_or(WRTCSUB_DUE_ACK, &child->state);
	WRITE_ONCE(child->sk.sk_state, TCP_ESTABLISHED);

	err = wrtcsub_assoc_adopt(a, child, sid);
	if (err)
		goto put;
	/* From here on the peer's end of the channel is ours to close. */
	if (wrtcsub_listener_enqueue(ws, child)) {
		wrtcsub_substream_kick(child);
		wrtcsub_substream_wake(ws, EPOLLIN | EPOLLRDNORM);
	} else {
		atomic_andnot(WRTCSUB_DUE_ACK, &child->state);
		wrtcsub_substream_fail(child, WRTCSUB_EV_ABORT, ECONNRESET);
	}
put:
	sock_put(&child->sk);
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
