// SPDX-License-Identifier: GPL-2.0
/* net.wrtcsub.*: one set for each network namespace. */

#include <linux/slab.h>
#include <linux/sysctl.h>
#include <net/net_namespace.h>

#include "assoc.h"
#include "pernet.h"
#include "registry.h"

/* For an older kernel include/compat has another. */
#ifndef PROC_HANDLER
#define DEFINE_PROC_HANDLER(_handler)
#define PROC_HANDLER(_handler)		_handler
#endif

static int wrtcsub_sysctl_min_timeout = 1;
static int wrtcsub_sysctl_max_timeout = 600000;
static int wrtcsub_sysctl_min_frame = 256;
static int wrtcsub_sysctl_max_frame = 262144;
static int wrtcsub_sysctl_min_recv_frame = 256;
static int wrtcsub_sysctl_max_recv_frame = 16 << 20;
static int wrtcsub_sysctl_min_streams = 16;
static int wrtcsub_sysctl_max_streams = 65535;
static int wrtcsub_sysctl_min_rmem = 65536;

static const struct wrtcsub_sysctl wrtcsub_sysctl_default = {
	.fin_ack_timeout_ms	= 5000,
	.max_frame		= 16384,
	.max_recv_frame		= 263168,
	.max_streams		= 1024,
	.max_assocs		= 4096,
	.assoc_rmem		= 4194304,
	.idle_timeout_ms	= 10000,
	.accept_unordered	= 1,
	.share_assocs		= 1,
};

static void wrtcsub_sysctl_wake(struct wrtcsub_assoc *a, void *arg)
{
	wrtcsub_assoc_wake(a, 0);
}

static int wrtcsub_sysctl_and_wake(const struct wrtcsub_pernet *pn,
				   const struct ctl_table *table, int write,
				   void *buffer, size_t *len, loff_t *pos)
{
	int err = proc_dointvec_minmax(table, write, buffer, len, pos);

	if (!err && write)
		wrtcsub_registry_for_each(pn->net, wrtcsub_sysctl_wake, NULL);
	return err;
}

/* An association that is idle already goes by the new time, too. */
static int wrtcsub_sysctl_idle_timeout(const struct ctl_table *table, int write,
				       void *buffer, size_t *len, loff_t *pos)
{
	return wrtcsub_sysctl_and_wake(container_of(table->data,
						    struct wrtcsub_pernet,
						    sysctl.idle_timeout_ms),
				       table, write, buffer, len, pos);
}

DEFINE_PROC_HANDLER(wrtcsub_sysctl_idle_timeout)

/* One that has paused may have room now. */
static int wrtcsub_sysctl_assoc_rmem(const struct ctl_table *table, int write,
				     void *buffer, size_t *len, loff_t *pos)
{
	return wrtcsub_sysctl_and_wake(container_of(table->data,
						    struct wrtcsub_pernet,
						    sysctl.assoc_rmem),
				       table, write, buffer, len, pos);
}

DEFINE_PROC_HANDLER(wrtcsub_sysctl_assoc_rmem)

/* .data is an offset into struct wrtcsub_sysctl. */
#define WRTCSUB_SYSCTL_FN(_name, _min, _max, _handler)			\
	{								\
		.procname	= #_name,				\
		.data		= (void *)offsetof(struct wrtcsub_sysctl, \
						   _name),		\
		.maxlen		= sizeof(int),				\
		.mode		= 0644,					\
		.proc_handler	= _handler,				\
		.extra1		= _min,					\
		.extra2		= _max,					\
	}
#define WRTCSUB_SYSCTL(_name, _min, _max)				\
	WRTCSUB_SYSCTL_FN(_name, _min, _max, proc_dointvec_minmax)

static const struct ctl_table wrtcsub_sysctl_table[] = {
	WRTCSUB_SYSCTL(fin_ack_timeout_ms, &wrtcsub_sysctl_min_timeout,
		       &wrtcsub_sysctl_max_timeout),
	WRTCSUB_SYSCTL(max_frame, &wrtcsub_sysctl_min_frame,
		       &wrtcsub_sysctl_max_frame),
	WRTCSUB_SYSCTL(max_recv_frame, &wrtcsub_sysctl_min_recv_frame,
		       &wrtcsub_sysctl_max_recv_frame),
	WRTCSUB_SYSCTL(max_streams, &wrtcsub_sysctl_min_streams,
		       &wrtcsub_sysctl_max_streams),
	WRTCSUB_SYSCTL(max_assocs, SYSCTL_ZERO, SYSCTL_INT_MAX),
	WRTCSUB_SYSCTL_FN(assoc_rmem, &wrtcsub_sysctl_min_rmem, SYSCTL_INT_MAX,
			  PROC_HANDLER(wrtcsub_sysctl_assoc_rmem)),
	WRTCSUB_SYSCTL_FN(idle_timeout_ms, SYSCTL_ZERO, SYSCTL_INT_MAX,
			  PROC_HANDLER(wrtcsub_sysctl_idle_timeout)),
	WRTCSUB_SYSCTL(accept_unordered, SYSCTL_ZERO, SYSCTL_ONE),
	WRTCSUB_SYSCTL(share_assocs, SYSCTL_ZERO, SYSCTL_ONE),
};

/**
 * wrtcsub_sysctl_init_net() - make net.wrtcsub of a namespace
 * @net: the namespace
 *
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int wrtcsub_sysctl_init_net(struct net *net)
{
	struct wrtcsub_pernet *pn = wrtcsub_pernet(net);
	struct ctl_table *table;
	int i;

	pn->sysctl = wrtcsub_sysctl_default;

	/* Kernels before register_net_sysctl_sz() stop at an empty row. */
	table = kcalloc(ARRAY_SIZE(wrtcsub_sysctl_table) + 1, sizeof(*table),
			GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	memcpy(table, wrtcsub_sysctl_table, sizeof(wrtcsub_sysctl_table));
	for (i = 0; i < ARRAY_SIZE(wrtcsub_sysctl_table); i++)
		table[i].data = (void *)&pn->sysctl +
				(unsigned long)table[i].data;

	pn->sysctl_header =
		register_net_sysctl_sz(net, "net/wrtcsub", table,
				       ARRAY_SIZE(wrtcsub_sysctl_table));
	if (!pn->sysctl_header) {
		kfree(table);
		return -ENOMEM;
	}
	return 0;
}

/**
 * wrtcsub_sysctl_exit_net() - remove net.wrtcsub of a namespace
 * @net: the namespace
 *
 * Context: process, may sleep.
 */
void wrtcsub_sysctl_exit_net(struct net *net)
{
	struct wrtcsub_pernet *pn = wrtcsub_pernet(net);
	const struct ctl_table *table = pn->sysctl_header->ctl_table_arg;

	unregister_net_sysctl_table(pn->sysctl_header);
	kfree(table);
}
