// SPDX-License-Identifier: GPL-2.0
/* bind(2): the local address of a listener, or of an association to be made. */

#include <linux/net.h>
#include <net/sock.h>

#include "address.h"
#include "af.h"
#include "sctp.h"
#include "substream.h"

static int wrtcsub_af_make_sctp(struct wrtcsub_sock *ws, int family)
{
	int err = -EAFNOSUPPORT;

	sock_owned_by_me(&ws->sk);

	if (ws->bound)
		return 0;
	/* They went with the first one. */
	if (ws->sctp_options)
		return -EINVAL;
	if (family != AF_INET)
		err = wrtcsub_sctp_create(&ws->sk, AF_INET6, &ws->bound);
	if (err == -EAFNOSUPPORT && family != AF_INET6)
		err = wrtcsub_sctp_create(&ws->sk, AF_INET, &ws->bound);
	return err;
}

/**
 * wrtcsub_af_drop_bound() - there is no use for that socket any more
 * @ws: a socket
 *
 * Context: process, under lock_sock of @ws, may sleep.
 */
void wrtcsub_af_drop_bound(struct wrtcsub_sock *ws)
{
	sock_owned_by_me(&ws->sk);

	if (!ws->bound)
		return;
	wrtcsub_sctp_release(ws->bound, true);
	ws->bound = NULL;
}

static int wrtcsub_af_bind_to(struct wrtcsub_sock *ws,
			      const struct sockaddr_storage *addr)
{
	struct sockaddr_storage to = *addr;
	bool had = ws->bound;
	int err;

	err = wrtcsub_af_make_sctp(ws, addr->ss_family);
	if (err)
		return err;
	wrtcsub_sctp_inherit(ws->bound, &ws->sk);
	err = kernel_bind(ws->bound, (struct sockaddr_unsized *)&to,
			  wrtcsub_address_len(addr));
	if (err) {
		if (!had)
			wrtcsub_af_drop_bound(ws);
		return err;
	}
	return 0;
}

/**
 * wrtcsub_af_make_bound() - make the SCTP socket of what is to be
 * @ws: an unconnected socket
 * @family: AF_INET or AF_INET6; AF_UNSPEC: both, if there is IPv6.  One that
 *	is bound has the family that it is bound to
 *
 * After a connect that failed it is made again, and bound again.
 *
 * Context: process, under lock_sock of @ws.
 * Return: 0, also if there is one; -EINVAL: options at SOL_SCTP went with the
 *	first one; or another negative errno.
 */
int wrtcsub_af_make_bound(struct wrtcsub_sock *ws, int family)
{
	sock_owned_by_me(&ws->sk);

	if (ws->bound)
		return 0;
	if (ws->bind_addr.ss_family)
		return wrtcsub_af_bind_to(ws, &ws->bind_addr);
	return wrtcsub_af_make_sctp(ws, family);
}

/**
 * wrtcsub_af_bind() - bind(2)
 * @sock: an unconnected socket
 * @addr: struct sockaddr_in or struct sockaddr_in6
 * @len: bytes of it
 *
 * The SCTP socket is made here, so that errors are reported here, and the
 * port is taken.  Two sockets of one program that name the same address and
 * port, in order to share an association, need SO_REUSEADDR, as with TCP.
 *
 * Context: process.
 * Return: 0; -EINVAL: bound, attached or connected already, @len is wrong,
 *	or a link-local address has no scope;
 *	-EAFNOSUPPORT; -EADDRINUSE; -EADDRNOTAVAIL; -EACCES.
 */
int wrtcsub_af_bind(struct socket *sock, struct sockaddr_unsized *addr,
		    int len)
{
	struct wrtcsub_sock *ws = wrtcsub_sk(sock->sk);
	struct sockaddr_storage to;
	int err;

	err = wrtcsub_address_get(&to, addr, len);
	if (err)
		return err;

	lock_sock(sock->sk);
	wrtcsub_address_use_scope(&to, READ_ONCE(ws->sk.sk_bound_dev_if));
	if (ws->bind_addr.ss_family || ws->attached ||
	    sock->sk->sk_state != TCP_CLOSE || sock->state != SS_UNCONNECTED ||
	    wrtcsub_address_lacks_scope(&to))
		err = -EINVAL;
	else
		err = wrtcsub_af_bind_to(ws, &to);
	if (!err) {
		ws->bind_addr = to;
		ws->ipv6 = to.ss_family == AF_INET6;
	}
	release_sock(sock->sk);
	return err;
}

/**
 * wrtcsub_af_bind_any() - take any port of any address
 * @ws: a socket that is not bound
 *
 * Context: process, under lock_sock of @ws.
 * Return: 0 or a negative errno.
 */
int wrtcsub_af_bind_any(struct wrtcsub_sock *ws)
{
	struct sockaddr_storage any = { .ss_family = AF_INET };
	int err;

	sock_owned_by_me(&ws->sk);

	err = wrtcsub_af_bind_to(ws, &any);
	if (!err)
		ws->bind_addr = any;
	return err;
}
