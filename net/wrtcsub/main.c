// SPDX-License-Identifier: GPL-2.0
/*
 * The module: what it registers, in which order, and how it goes.
 *
 * Unloading, when no program has a socket:
 *
 * 1. The family goes: no socket can be made.
 * 2. Every namespace ends its associations and waits for them, and for the
 *    last of its sockets (pernet.c).
 * 3. The workqueues and the slab cache go.
 */

#include <linux/module.h>
#include <linux/net.h>
#include <linux/wait.h>
#include <net/sock.h>

#include "af.h"
#include "assoc.h"
#include "listener.h"
#include "pernet.h"
#include "substream.h"

static int wrtcsub_main_create(struct net *net, struct socket *sock,
			       int protocol, int kern)
{
	struct wrtcsub_sock *ws;

	if (sock->type != SOCK_STREAM && sock->type != SOCK_SEQPACKET)
		return -ESOCKTNOSUPPORT;
	if (protocol)
		return -EPROTONOSUPPORT;

	ws = wrtcsub_substream_alloc(net, sock->type, kern);
	if (!ws)
		return -ENOBUFS;
	sock->ops = &wrtcsub_proto_ops;
	sock->state = SS_UNCONNECTED;
	set_bit(SOCK_CUSTOM_SOCKOPT, &sock->flags);
	sock_graft(&ws->sk, sock);
	return 0;
}

static const struct net_proto_family wrtcsub_main_family = {
	.family	= PF_WRTCSUB,
	.create	= wrtcsub_main_create,
	.owner	= THIS_MODULE,
};

static int __init wrtcsub_main_init(void)
{
	int err;

	wrtcsub_af_init();
	err = proto_register(&wrtcsub_proto, 1);
	if (err)
		return err;
	err = wrtcsub_assoc_init();
	if (err)
		goto unregister_proto;
	err = wrtcsub_listener_init();
	if (err)
		goto exit_assoc;
	err = wrtcsub_pernet_register();
	if (err)
		goto exit_listener;
	err = sock_register(&wrtcsub_main_family);
	if (err) {
		pr_err("wrtcsub: family %d is taken\n", PF_WRTCSUB);
		goto unregister_pernet;
	}
	return 0;

unregister_pernet:
	wrtcsub_pernet_unregister();
exit_listener:
	wrtcsub_listener_exit();
exit_assoc:
	wrtcsub_assoc_exit();
unregister_proto:
	proto_unregister(&wrtcsub_proto);
	return err;
}

static void __exit wrtcsub_main_exit(void)
{
	/* 1. */
	sock_unregister(PF_WRTCSUB);
	/* 2. */
	wrtcsub_pernet_unregister();
	/* 3. */
	wrtcsub_listener_exit();
	wrtcsub_assoc_exit();
	proto_unregister(&wrtcsub_proto);
}

module_init(wrtcsub_main_init);
module_exit(wrtcsub_main_exit);

MODULE_DESCRIPTION("libp2p WebRTC substreams over SCTP (AF_WRTCSUB)");
MODULE_LICENSE("GPL");
MODULE_ALIAS_NETPROTO(PF_WRTCSUB);
