// SPDX-License-Identifier: GPL-2.0
/*
 * Network namespaces coming and going.
 *
 * A socket of ours pins its namespace, an association does not: its SCTP
 * socket is a kernel socket.  A namespace that goes away has no sockets of
 * ours any more, only associations that are idle or that still end.  They are
 * aborted in .pre_exit, while the namespace can still send:
 *
 * 1. every association is told to end, and its work does so;
 * 2. wait until the last SCTP socket is released: from then on nothing of
 *    ours looks at this namespace.
 *
 * A module that is unloaded goes the same way, in every namespace.  There may
 * be sockets that programs have closed and that still end ("orphans"): they
 * lose their channel in step 1, and their last references are dropped by
 * timers and by work.
 *
 * 3. wait until the last socket is freed.
 */

#include <linux/wait_bit.h>
#include <net/net_namespace.h>

#include "assoc.h"
#include "mib.h"
#include "pernet.h"
#include "registry.h"
#include "sockets.h"
#include "substream.h"

unsigned int wrtcsub_pernet_id __read_mostly;

static int __net_init wrtcsub_pernet_init(struct net *net)
{
	struct wrtcsub_pernet *pn = wrtcsub_pernet(net);
	int err;

	pn->net = net;
	spin_lock_init(&pn->lock);
	xa_init_flags(&pn->assocs, XA_FLAGS_ALLOC1 | XA_FLAGS_LOCK_BH);
	hash_init(pn->by_key);
	INIT_LIST_HEAD(&pn->listeners);
	atomic_set(&pn->nr_sockets, 0);
	atomic_set(&pn->nr_assocs, 0);

	err = wrtcsub_mib_init_net(net);
	if (err)
		return err;
	err = wrtcsub_sockets_init_net(net);
	if (err)
		goto exit_mib;
	err = wrtcsub_sysctl_init_net(net);
	if (err)
		goto exit_sockets;
	return 0;

exit_sockets:
	wrtcsub_sockets_exit_net(net);
exit_mib:
	wrtcsub_mib_exit_net(net);
	return err;
}

static void wrtcsub_pernet_kill(struct wrtcsub_assoc *a, void *unused)
{
	wrtcsub_assoc_kill(a, ECONNABORTED);
}

static void __net_exit wrtcsub_pernet_pre_exit(struct net *net)
{
	struct wrtcsub_pernet *pn = wrtcsub_pernet(net);

	wrtcsub_registry_for_each(net, wrtcsub_pernet_kill, NULL);
	wait_var_event(&pn->nr_assocs, !atomic_read(&pn->nr_assocs));
	wrtcsub_substream_wait_all(net);
}

static void __net_exit wrtcsub_pernet_exit(struct net *net)
{
	wrtcsub_sysctl_exit_net(net);
	wrtcsub_sockets_exit_net(net);
	wrtcsub_mib_exit_net(net);
	xa_destroy(&wrtcsub_pernet(net)->assocs);
}

static struct pernet_operations wrtcsub_pernet_ops = {
	.init	  = wrtcsub_pernet_init,
	.pre_exit = wrtcsub_pernet_pre_exit,
	.exit	  = wrtcsub_pernet_exit,
	.id	  = &wrtcsub_pernet_id,
	.size	  = sizeof(struct wrtcsub_pernet),
};

/**
 * wrtcsub_pernet_register() - begin to exist in every namespace
 *
 * Context: process, may sleep.
 * Return: 0 or a negative errno.
 */
int wrtcsub_pernet_register(void)
{
	return register_pernet_subsys(&wrtcsub_pernet_ops);
}

/**
 * wrtcsub_pernet_unregister() - leave every namespace
 *
 * Context: process, may sleep.  No socket can be made any more.
 */
void wrtcsub_pernet_unregister(void)
{
	unregister_pernet_subsys(&wrtcsub_pernet_ops);
}
