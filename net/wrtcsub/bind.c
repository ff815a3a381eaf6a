// SPDX-License-Identifier: GPL-2.0
/* bind(2): the local address of a listener, or of an association to be made. */

#include <linux/net.h>
#include <net/sock.h>

#include "address.h"
#include "af.h"
#include "sctp.h"
#include "substream.h"

static int wrtcsub_af_bind_to(struct wrtcsub_sock *ws,
			      struct sockaddr_storage *addr)
{
	struct socket *sock;
	int err;

	sock_owned_by_me(&ws->sk);

	err = wrtcsub_sctp_create(&ws->sk, addr->ss_family, &sock);
	if (err)
		return err;
	err = kernel_bind(sock, (struct sockaddr_unsized *)addr,
			  wrtcsub_address_len(addr));
	if (err) {
		wrtcsub_sctp_release(sock, true);
		return err;
	}
	ws->bound = sock;
	return 0;
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
 * Return: 0; -EINVAL: bound or connected already, or @len is wrong;
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
	if (ws->bind_addr.ss_family || sock->sk->sk_state != TCP_CLOSE ||
	    sock->state != SS_UNCONNECTED)
		err = -EINVAL;
	else
		err = wrtcsub_af_bind_to(ws, &to);
	if (!err)
		ws->bind_addr = to;
	release_sock(sock->sk);
	return err;
}

/**
 * wrtcsub_af_bind_any() - take any port of any address
 * @ws: a socket that is not bound
 * @family: AF_INET or AF_INET6
 *
 * Context: process, under lock_sock of @ws.
 * Return: 0 or a negative errno.
 */
int wrtcsub_af_bind_any(struct wrtcsub_sock *ws, int family)
{
	struct sockaddr_storage any = { .ss_family = family };

	return wrtcsub_af_bind_to(ws, &any);
}
