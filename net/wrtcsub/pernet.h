/* SPDX-License-Identifier: GPL-2.0 */
/* What the module has in each network namespace. */
#ifndef _NET_WRTCSUB_PERNET_H
#define _NET_WRTCSUB_PERNET_H

#include <linux/hashtable.h>
#include <linux/spinlock.h>
#include <linux/xarray.h>
#include <net/netns/generic.h>

#define WRTCSUB_PERNET_HASH_BITS	8

struct ctl_table_header;
struct wrtcsub_mib;

/* net.wrtcsub.*, read without a lock; Documentation/networking/wrtcsub.rst. */
struct wrtcsub_sysctl {
	int fin_ack_timeout_ms;
	int max_frame;
	int max_recv_frame;
	int max_streams;
	int max_assocs;
	int assoc_rmem;
	int idle_timeout_ms;
	int accept_unordered;
	int share_assocs;
};

/**
 * struct wrtcsub_pernet - state of a namespace
 * @net: the namespace
 * @sysctl: net.wrtcsub.*
 * @sysctl_header: their registration
 * @mib: counters
 * @assocs: every association that has an SCTP socket, by its identifier; has a
 *	lock of its own
 * @next_assoc: the identifier given next
 * @lock: for @by_key and @listeners
 * @by_key: those that connect can share
 * @listeners: sockets that listen
 * @sockets: all sockets by number; has a lock of its own
 * @next_socket: the number given next
 * @nr_sockets: how many; waited for with wait_var_event()
 * @nr_assocs: how many @assocs has, and what is about to be put there; waited for
 *	with wait_var_event()
 */
struct wrtcsub_pernet {
	struct net		*net;
	struct wrtcsub_sysctl	sysctl;
	struct ctl_table_header	*sysctl_header;
	struct wrtcsub_mib __percpu *mib;

	spinlock_t		lock;	/* see above */
	struct xarray		assocs;
	u32			next_assoc;
	DECLARE_HASHTABLE(by_key, WRTCSUB_PERNET_HASH_BITS);
	struct list_head	listeners;
	struct xarray		sockets;
	u32			next_socket;
	atomic_t		nr_sockets;
	atomic_t		nr_assocs;
};

extern unsigned int wrtcsub_pernet_id;

static inline struct wrtcsub_pernet *wrtcsub_pernet(const struct net *net)
{
	return net_generic(net, wrtcsub_pernet_id);
}

/* One of net.wrtcsub.*, which may change at any time. */
#define wrtcsub_pernet_get(_net, _name)	\
	READ_ONCE(wrtcsub_pernet(_net)->sysctl._name)

int wrtcsub_pernet_register(void);
void wrtcsub_pernet_unregister(void);

int wrtcsub_sysctl_init_net(struct net *net);
void wrtcsub_sysctl_exit_net(struct net *net);

#endif /* _NET_WRTCSUB_PERNET_H */
