// SPDX-License-Identifier: GPL-2.0
/* bind(2): the local address of a listener, or of an association to be made. */

#include <linux/net.h>
#include <net/sock.h>

#include "address.h"
#include "af.h"
#include "sctp.h"
#include "substream.h"

/* What a socket of IPv6 that does not say so itself is. */
static bool wrtcsub_af_is_v6only(const struct net *net)
{
#if IS_ENABLED(CONFIG_IPV6)
	return READ_ONCE(net->ipv6.sysctl.bindv6only);
#else
	return false;
#endif
}

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
	/* It may be bound to IPv4 yet. */
	if (!err && family == AF_UNSPEC)
		wrtcsub_sctp_set_v6only(ws->bound, false);
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
	wrtcsub_sctp_release(ws->bound);
	ws->bound = NULL;
}

/* What is bound now, with the port that it got if it asked for any: it is not
 * to change any more, and nobody else has it to share an association.
 */
static int wrtcsub_af_note_bound(struct wrtcsub_sock *ws,
				 const struct sockaddr_storage *addr)
{
	struct sockaddr_storage name;
	int len;

	sock_owned_by_me(&ws->sk);

	len = kernel_getsockname(ws->bound, (struct sockaddr *)&name);
	if (len < 0)
		return len;
	ws->bind_addr = *addr;
	wrtcsub_address_set_port(&ws->bind_addr, wrtcsub_address_port(&name));
	return 0;
}

/* @addr may be that of @ws. */
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
	if (addr->ss_family == AF_INET6 && !ws->v6only)
		wrtcsub_sctp_set_v6only(ws->bound,
					wrtcsub_af_is_v6only(sock_net(&ws->sk)));
	err = kernel_bind(ws->bound, (struct sockaddr_unsized *)&to,
			  wrtcsub_address_len(addr)) ?:
	      wrtcsub_af_note_bound(ws, addr);
	if (err && !had)
		wrtcsub_af_drop_bound(ws);
	return err;
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
 * port is taken; port 0 is any, and the same one from then on.  Two sockets of
 * one program that name the same address and port, in order to share an
 * association, need SO_REUSEADDR, as with TCP.
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
	if (!err)
		ws->ipv6 = to.ss_family == AF_INET6;
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

	sock_owned_by_me(&ws->sk);

	return wrtcsub_af_bind_to(ws, &any);
}
