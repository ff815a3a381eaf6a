// SPDX-License-Identifier: GPL-2.0
/*
 * WRTCSUB_ATTACH: a socket for an association that there already is.
 *
 * Whoever has a descriptor of one of its substreams may use it: to open
 * substreams on it, from either side, or to listen for those that the peer
 * opens on it.
 */

#include <linux/file.h>
#include <linux/net.h>
#include <net/sock.h>

#include "af.h"
#include "assoc.h"
#include "substream.h"

/* The association of a substream is constant once it is connected. */
static struct wrtcsub_assoc *wrtcsub_af_assoc_of(struct socket *sock,
						 const struct net *net)
{
	struct wrtcsub_sock *ws;

	if (sock->ops->family != PF_WRTCSUB || !net_eq(sock_net(sock->sk), net))
		return ERR_PTR(-EINVAL);
	ws = wrtcsub_sk(sock->sk);
	if (!wrtcsub_substream_is_connected(ws))
		return ERR_PTR(-ENOTCONN);
	refcount_inc(&ws->assoc->refs);
	return ws->assoc;
}

/**
 * wrtcsub_af_attach() - bind a socket to the association of another one
 * @ws: an unconnected socket
 * @fd: a substream
 *
 * Context: process, under lock_sock of @ws.
 * Return: 0; -EBADF, -ENOTSOCK; -EINVAL: not of this family or namespace, or
 *	@ws is bound; -ENOTCONN: not a substream.
 */
int wrtcsub_af_attach(struct wrtcsub_sock *ws, int fd)
{
	struct wrtcsub_assoc *a, *old = ws->attached;
	struct socket *other;
	int err;

	sock_owned_by_me(&ws->sk);

	if (ws->bind_addr.ss_family)
		return -EINVAL;
	other = sockfd_lookup(fd, &err);
	if (!other)
		return err;
	a = wrtcsub_af_assoc_of(other, sock_net(&ws->sk));
	/* Its SCTP socket, if options made one, is of no use any more. */
	if (!IS_ERR(a)) {
		WRITE_ONCE(ws->attached, a);
		if (old)
			wrtcsub_assoc_put(old);
		ws->ipv6 = wrtcsub_sk(other->sk)->ipv6;
		wrtcsub_af_drop_bound(ws);
	}
	sockfd_put(other);
	return PTR_ERR_OR_ZERO(a);
}
