// SPDX-License-Identifier: GPL-2.0
/*
 * connect(2): find or make the association, open a substream on it.
 *
 * An association that is being made is published before its SCTP socket
 * connects: who looks for it meanwhile finds it, and waits with us.
 */

#include <linux/cred.h>
#include <linux/net.h>
#include <net/sock.h>

#include "address.h"
#include "af.h"
#include "assoc.h"
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
	key->uid = current_fsuid();
	key->bound_dev_if = READ_ONCE(ws->sk.sk_bound_dev_if);
	key->mark = READ_ONCE(ws->sk.sk_mark);
}

/* An association for @key, published and not started; or one that somebody
 * else has published meanwhile.
 */
static struct wrtcsub_assoc *wrtcsub_af_make_assoc(struct wrtcsub_sock *ws,
						   struct wrtcsub_key *key,
						   bool shared, bool *made)
{
	struct wrtcsub_pernet *pn = wrtcsub_pernet(sock_net(&ws->sk));
	struct wrtcsub_assoc *a, *other;
	int err;

	if (!ws->bound) {
		struct socket *sock;

		err = wrtcsub_sctp_create(&ws->sk, key->peer.ss_family, &sock);
		if (err)
			return ERR_PTR(err);
		ws->bound = sock;
	}
	err = wrtcsub_sctp_setup(ws->bound,
				 READ_ONCE(pn->sysctl.max_streams));
	if (err)
		return ERR_PTR(err);

	a = wrtcsub_assoc_create(sock_net(&ws->sk), ws->bound, true);
	if (IS_ERR(a))
		return a;
	ws->bound = NULL;
	a->key = *key;

	other = wrtcsub_assoc_publish(a, shared);
	*made = !other;
	if (!other)
		return a;
	wrtcsub_assoc_discard(a);
	return other;
}

static void wrtcsub_af_drop_bound(struct wrtcsub_sock *ws)
{
	if (!ws->bound)
		return;
	wrtcsub_sctp_release(ws->bound, true);
	ws->bound = NULL;
}

/* Open the substream; 0, or -EINPROGRESS while the association comes up. */
static int wrtcsub_af_open(struct wrtcsub_sock *ws, struct wrtcsub_key *key)
{
	struct wrtcsub_pernet *pn = wrtcsub_pernet(sock_net(&ws->sk));
	bool shared = READ_ONCE(pn->sysctl.share_assocs), made = false;
	struct wrtcsub_assoc *a = NULL;
	int err, dial = 0;

	/* A failed attempt may have left one. */
	if (ws->assoc)
		wrtcsub_assoc_put(ws->assoc);
	ws->assoc = NULL;

	if (shared)
		a = wrtcsub_assoc_find(sock_net(&ws->sk), key);
	if (!a)
		a = wrtcsub_af_make_assoc(ws, key, shared, &made);
	if (IS_ERR(a))
		return PTR_ERR(a);

	err = wrtcsub_assoc_attach(a, ws);
	if (made) {
		wrtcsub_mib_inc(a->net, WRTCSUB_MIB_ASSOCS_DIALED);
		dial = kernel_connect(a->sctp.sock,
				      (struct sockaddr_unsized *)&key->peer,
				      wrtcsub_address_len(&key->peer),
				      O_NONBLOCK);
		if (dial && dial != -EINPROGRESS) {
			/* Others may wait by now: they get the error, too. */
			wrtcsub_assoc_kill(a, -dial);
			wrtcsub_assoc_cancel(a, ws);
			err = dial;
		}
		wrtcsub_assoc_start(a);
	}
	if (!err || err == -EINPROGRESS)
		wrtcsub_af_drop_bound(ws);
	wrtcsub_assoc_put(a);
	return err;
}

/**
 * wrtcsub_af_wait_connect() - wait while the association comes up
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
	int err = 0;

	add_wait_queue(sk_sleep(sk), &wait);
	smp_mb(); /* pairs with skwq_has_sleeper() */
	while (smp_load_acquire(&sk->sk_state) == TCP_SYN_SENT) {
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

/* The handshake is over, or will be waited for. */
static int wrtcsub_af_finish(struct socket *sock, int flags)
{
	struct sock *sk = sock->sk;
	long timeo = sock_sndtimeo(sk, flags & O_NONBLOCK);
	int err;

	err = wrtcsub_af_wait_connect(sk, &timeo);
	if (err)
		return err == -EAGAIN ? -EINPROGRESS : err;

	if (sk->sk_state == TCP_ESTABLISHED) {
		sock->state = SS_CONNECTED;
		return 0;
	}
	sock->state = SS_UNCONNECTED;
	return sock_error(sk) ?: -ECONNABORTED;
}

static int wrtcsub_af_connect_locked(struct socket *sock,
				     struct sockaddr_storage *peer, int flags)
{
	struct wrtcsub_sock *ws = wrtcsub_sk(sock->sk);
	struct wrtcsub_key key;
	int err;

	switch (sock->state) {
	case SS_CONNECTED:
		return -EISCONN;
	case SS_CONNECTING:
		if (READ_ONCE(sock->sk->sk_state) == TCP_SYN_SENT &&
		    (flags & O_NONBLOCK))
			return -EALREADY;
		return wrtcsub_af_finish(sock, flags);
	default:
		break;
	}
	if (sock->sk->sk_state == TCP_LISTEN)
		return -EISCONN;

	wrtcsub_address_loopback(peer);
	wrtcsub_af_make_key(ws, peer, &key);
	do {
		err = wrtcsub_af_open(ws, &key);
	} while (err == -ESTALE);
	if (err && err != -EINPROGRESS)
		return err;

	sock->state = SS_CONNECTING;
	return wrtcsub_af_finish(sock, flags);
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
 *	-EAFNOSUPPORT: the address; -EADDRNOTAVAIL: no stream identifier is
 *	free; -ENOBUFS: over max_assocs; -ECONNREFUSED, -ETIMEDOUT,
 *	-EHOSTUNREACH, -ENETUNREACH as with TCP.
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
