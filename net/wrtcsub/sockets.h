/* SPDX-License-Identifier: GPL-2.0 */
/* All sockets of a namespace, for those who list them. */
#ifndef _NET_WRTCSUB_SOCKETS_H
#define _NET_WRTCSUB_SOCKETS_H

#include <linux/types.h>

struct net;
struct wrtcsub_sock;

int wrtcsub_sockets_add(struct wrtcsub_sock *ws);
void wrtcsub_sockets_remove(struct wrtcsub_sock *ws);
struct wrtcsub_sock *wrtcsub_sockets_next(struct net *net, unsigned long *id);

int wrtcsub_sockets_init_net(struct net *net);
void wrtcsub_sockets_exit_net(struct net *net);

#endif /* _NET_WRTCSUB_SOCKETS_H */
