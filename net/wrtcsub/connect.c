// SPDX-License-Identifier: GPL-2.0
/*
 * connect(2): find or make the association, open a substream on it.
 *
 * An association that is being made is in the registry before its SCTP socket
 * connects: who looks for it meanwhile finds it, and waits with us.
 */

#include <linux/cred.h>
#include <linux/net.h>
#include <net/sock.h>

#include "address.h"
#include "af.h"
#include "assoc.h"
#include "channel.h"
#include "mib.h"
#include "pernet.h"
#include "substream.h"

static void wrtcsub_af_make_key(const struct wrtcsub_sock *ws,
				const struct sockaddr_storage *peer,
				struct wrtcsub_key *key)
{
	memset(key, 0, sizeof(*key));
	key->peer = *peer;
	key->local = ws->bind_addr;
	wrtcsub_address_unmap(&key->local);
	key->uid = current_fsuid();
	key->bound_dev_if = READ_ONCE(ws->sk.sk_bound_dev_if);
	key->mark = READ_ONCE(ws->sk.sk_mark);
	key->priority = READ_ONCE(ws->sk.sk_priority);
	key->sctp_options = ws->sctp_options;
	key->encap_port = ws->opt.encap_port;
	key->role = ws->opt.role;
}

/* An association for @key, in the registry and not started; or one that
 * somebody else has put there meanwhile.
 */
static struct wrtcsub_assoc *wrtcsub_af_make_assoc(struct wrtcsub_sock *ws,
						   struct wrtcsub_key *key,
						   bool shared, bool *made)
{
	struct wrtcsub_assoc *a, *other;
	bool had = ws->bound;
	int err;

	err = wrtcsub_af_make_bound(ws, key->peer.ss_family);
	if (err)
		return ERR_PTR(err);
	wrtcsub_sctp_inherit(ws->bound, &ws->sk);
	if (!wrtcsub_sctp_has_family(ws->bound, key->peer.ss_family))
		err = -EINVAL;
	else if (key->encap_port)
		err = wrtcsub_sctp_set_encap_port(ws->bound, key->encap_port);
	a = err ? ERR_PTR(err) :
	    wrtcsub_assoc_create(sock_net(&ws->sk), ws->bound, true, key->role);
	if (IS_ERR(a)) {
		/* The next attempt may be of the other family. */
		if (!had)
			wrtcsub_af_drop_bound(ws);
		return a;
	}
	ws->bound = NULL;
	a->key = *key;
	a->local = key->local;
	a->peer = key->peer;

	other = wrtcsub_registry_add(a, shared);
	*made = !other;
	if (!other)
		return a;
	wrtcsub_assoc_discard(a);
	return other;
}

/* Where it comes from is known as soon as it connects, as of TCP. */
static void wrtcsub_af_note_local(struct wrtcsub_assoc *a)
{
	struct sockaddr_storage local = {}, peer = {};

	wrtcsub_sctp_names(&a->sctp, &local, &peer);
	spin_lock_bh(&a->lock);
	a->local = local;
	spin_unlock_bh(&a->lock);
}

static int wrtcsub_af_dial_peer(struct wrtcsub_assoc *a)
{
	int err;

	err = kernel_connect(a->sctp.sock,
			     (struct sockaddr_unsized *)&a->key.peer,
			     wrtcsub_address_len(&a->key.peer), O_NONBLOCK);
	if (err == -EINPROGRESS)
		err = wrtcsub_sctp_has_route(&a->sctp) ? 0 : -ENETUNREACH;
	/* SCTP's word for it that no port is free; of a connect it would mean
	 * that it goes on.
	 */
	return err == -EAGAIN ? -EADDRNOTAVAIL : err;
}

/* The first substream of an association has a place in its queue: dial.  -ESTALE:
 * it has none, the association was ended between the registry and here, and
 * another one will be made: who is nobody's needs no peer.
 */
static int wrtcsub_af_dial(struct wrtcsub_assoc *a, struct wrtcsub_sock *ws,
			   int opened)
{
	int err = opened == -ESTALE ? opened : wrtcsub_af_dial_peer(a);

	wrtcsub_mib_inc(a->net, WRTCSUB_MIB_ASSOCS_DIALED);
	if (err) {
		/* Others may wait by now: they get the error, too.  Who comes
		 * later tries anew.
		 */
		wrtcsub_assoc_kill(a, -err);
		wrtcsub_channel_cancel(ws);
	} else {
		wrtcsub_af_note_local(a);
	}
	wrtcsub_assoc_start(a);
	if (!err)
		return opened;
	/* The port that was bound is free by the next attempt.  The work takes
	 * no lock_sock() of ours, so it can be waited for under that.
	 */
	flush_work(&a->work);
	return err;
}

/* Open the substream on an association that is found or made. */
static int wrtcsub_af_open_shared(struct wrtcsub_sock *ws,
				  struct wrtcsub_key *key)
{
	bool shared = !ws->opt.new_assoc &&
		      wrtcsub_pernet_get(sock_net(&ws->sk), share_assocs);
	struct wrtcsub_assoc *a = NULL;
	bool made = false;
	int err;

	if (shared)
		a = wrtcsub_registry_find(sock_net(&ws->sk), key);
	if (!a)
		a = wrtcsub_af_make_assoc(ws, key, shared, &made);
	if (IS_ERR(a))
		return PTR_ERR(a);

	err = wrtcsub_channel_open(a, ws);
	if (made)
		err = wrtcsub_af_dial(a, ws, err);
	wrtcsub_assoc_put(a);
	return err;
}

/* Open the substream on the association that WRTCSUB_ATTACH named. */
static int wrtcsub_af_open_attached(struct wrtcsub_sock *ws,
				    const struct sockaddr_storage *peer)
{
	struct wrtcsub_assoc *a = ws->attached;
	int err;

	if (READ_ONCE(a->state) <= WRTCSUB_ASSOC_UP &&
	    !wrtcsub_assoc_has_peer(a, peer))
		return -EINVAL;
	err = wrtcsub_channel_open(a, ws);
	return err == -ESTALE ? -(READ_ONCE(a->err) ?: ECONNRESET) : err;
}

/* Open the substream: 0, or -EINPROGRESS while it waits. */
static int wrtcsub_af_open(struct wrtcsub_sock *ws,
			   const struct sockaddr_storage *peer)
{
	struct wrtcsub_assoc *old = ws->assoc;
	struct wrtcsub_key key;
	int err;

	/* A failed attempt may have left one, which others may look at: it is
	 * freed by RCU from when they do not find it any more.
	 */
	WRITE_ONCE(ws->assoc, NULL);
	if (old)
		wrtcsub_assoc_put(old);

	if (ws->attached)
		return wrtcsub_af_open_attached(ws, peer);
	wrtcsub_af_make_key(ws, peer, &key);
	do {
		err = wrtcsub_af_open_shared(ws, &key);
	} while (err == -ESTALE);
	if (!err || err == -EINPROGRESS)
		wrtcsub_af_drop_bound(ws);
	return err;
}

static bool wrtcsub_af_is_connecting(const struct wrtcsub_sock *ws)
{
	return wrtcsub_substream_phase(ws) == TCP_SYN_SENT &&
	       !wrtcsub_fsm_tx_over(wrtcsub_substream_state(ws));
}

/**
 * wrtcsub_af_wait_connect() - wait until the substream is open
 * @sk: a socket that connects, or is connected
 * @timeo: how long, in jiffies; what is left of it
 *
 * Context: process, under lock_sock, which is released while waiting.
 * Return: 0: it does not connect any more; -EAGAIN: the time is up;
 *	-ERESTARTSYS or -EINTR.
 */
int wrtcsub_af_wait_connect(struct sock *sk, long *timeo)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	struct wrtcsub_sock *ws = wrtcsub_sk(sk);
	int err = 0;

	add_wait_queue(sk_sleep(sk), &wait);
	smp_mb(); /* pairs with skwq_has_sleeper() */
	while (wrtcsub_af_is_connecting(ws)) {
		err = -EAGAIN;
		if (!*timeo)
			break;
		err = sock_intr_errno(*timeo);
		if (signal_pending(current))
			break;
		err = 0;
		release_sock(sk);
		*timeo = wait_woken(&wait, TASK_INTERRUPTIBLE, *timeo);
		lock_sock(sk);
	}
	remove_wait_queue(sk_sleep(sk), &wait);
	return err;
}

/* What was begun is over, or will be waited for.  @busy: the time is up. */
static int wrtcsub_af_finish(struct socket *sock, int flags, int busy)
{
	struct sock *sk = sock->sk;
	long timeo = sock_sndtimeo(sk, flags & O_NONBLOCK);
	int err;

	err = wrtcsub_af_wait_connect(sk, &timeo);
	if (err)
		return err == -EAGAIN ? busy : err;

	err = wrtcsub_channel_outcome(wrtcsub_sk(sk));
	sock->state = err ? SS_UNCONNECTED : SS_CONNECTED;
	return err;
}

static int wrtcsub_af_connect_locked(struct socket *sock,
				     struct sockaddr_storage *peer, int flags)
{
	struct wrtcsub_sock *ws = wrtcsub_sk(sock->sk);
	bool ipv6 = peer->ss_family == AF_INET6;
	int err;

	switch (sock->state) {
	case SS_CONNECTED:
		return -EISCONN;
	case SS_CONNECTING:
		return wrtcsub_af_finish(sock, flags, -EALREADY);
	default:
		break;
	}
	if (sock->sk->sk_state == TCP_LISTEN)
		return -EISCONN;
	/* One that had a channel does not get a second one. */
	if (wrtcsub_substream_state(ws))
		return -EINVAL;

	wrtcsub_address_unmap(peer);
	wrtcsub_address_loopback(peer);
	wrtcsub_address_use_scope(peer, READ_ONCE(ws->sk.sk_bound_dev_if));
	err = wrtcsub_af_open(ws, peer);
	if (err && err != -EINPROGRESS)
		return err;

	ws->ipv6 = ipv6;
	sock->state = SS_CONNECTING;
	/* The next call says how it went, however quick the peer is. */
	if (err && flags & O_NONBLOCK)
		return err;
	return wrtcsub_af_finish(sock, flags, -EINPROGRESS);
}

/**
 * wrtcsub_af_connect() - connect(2)
 * @sock: an unconnected socket
 * @addr: the peer's address and port
 * @len: bytes of it
 * @flags: O_NONBLOCK
 *
 * Context: process.
 * Return: 0; -EINPROGRESS, -EALREADY as with TCP; -EISCONN; -EINVAL,
 *	-EAFNOSUPPORT: the address, which of one that is attached has to be the
 *	peer's; -EADDRINUSE: the negotiated stream identifier is;
 *	-EADDRNOTAVAIL: no stream identifier is free; -ENOBUFS: over
 *	max_assocs; -EOPNOTSUPP: no UDP encapsulation here; -ECONNREFUSED,
 *	-ETIMEDOUT, -EHOSTUNREACH, -ENETUNREACH as with TCP.
 */
int wrtcsub_af_connect(struct socket *sock, struct sockaddr_unsized *addr,
		       int len, int flags)
{
	struct sockaddr_storage peer;
	int err;

	err = wrtcsub_address_get(&peer, addr, len);
	if (err)
		return err;
	lock_sock(sock->sk);
	err = wrtcsub_af_connect_locked(sock, &peer, flags);
	release_sock(sock->sk);
	return err;
}
