// SPDX-License-Identifier: GPL-2.0
/* Counters of a network namespace, and /proc/net/wrtcsub_stat. */

#include <linux/percpu.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <net/snmp.h>
#include <net/net_namespace.h>

#include "mib.h"
#include "pernet.h"

static const struct snmp_mib wrtcsub_mib_list[] = {
	SNMP_MIB_ITEM("AssocsDialed", WRTCSUB_MIB_ASSOCS_DIALED),
	SNMP_MIB_ITEM("AssocsAccepted", WRTCSUB_MIB_ASSOCS_ACCEPTED),
	SNMP_MIB_ITEM("AssocsFailed", WRTCSUB_MIB_ASSOCS_FAILED),
	SNMP_MIB_ITEM("AssocsRefused", WRTCSUB_MIB_ASSOCS_REFUSED),
	SNMP_MIB_ITEM("AssocsLost", WRTCSUB_MIB_ASSOCS_LOST),
	SNMP_MIB_ITEM("AssocsIdle", WRTCSUB_MIB_ASSOCS_IDLE),
	SNMP_MIB_ITEM("Opened", WRTCSUB_MIB_OPENED),
	SNMP_MIB_ITEM("Accepted", WRTCSUB_MIB_ACCEPTED),
	SNMP_MIB_ITEM("Closed", WRTCSUB_MIB_CLOSED),
	SNMP_MIB_ITEM("TxFrames", WRTCSUB_MIB_TX_FRAMES),
	SNMP_MIB_ITEM("TxBytes", WRTCSUB_MIB_TX_BYTES),
	SNMP_MIB_ITEM("TxFlags", WRTCSUB_MIB_TX_FLAGS),
	SNMP_MIB_ITEM("RxFrames", WRTCSUB_MIB_RX_FRAMES),
	SNMP_MIB_ITEM("RxBytes", WRTCSUB_MIB_RX_BYTES),
	SNMP_MIB_ITEM("TxResets", WRTCSUB_MIB_TX_RESETS),
	SNMP_MIB_ITEM("RxResets", WRTCSUB_MIB_RX_RESETS),
	SNMP_MIB_ITEM("FinTimeouts", WRTCSUB_MIB_FIN_TIMEOUTS),
	SNMP_MIB_ITEM("GivenUp", WRTCSUB_MIB_GIVEN_UP),
	SNMP_MIB_ITEM("RxDupFins", WRTCSUB_MIB_RX_DUP_FINS),
	SNMP_MIB_ITEM("RxStrayFinAcks", WRTCSUB_MIB_RX_STRAY_FIN_ACKS),
	SNMP_MIB_ITEM("RxAfterFin", WRTCSUB_MIB_RX_AFTER_FIN),
	SNMP_MIB_ITEM("RxUnknownFlags", WRTCSUB_MIB_RX_UNKNOWN_FLAGS),
	SNMP_MIB_ITEM("RxMalformed", WRTCSUB_MIB_RX_MALFORMED),
	SNMP_MIB_ITEM("RxBadDcep", WRTCSUB_MIB_RX_BAD_DCEP),
	SNMP_MIB_ITEM("RxBadPpid", WRTCSUB_MIB_RX_BAD_PPID),
	SNMP_MIB_ITEM("RxUnknownChannel", WRTCSUB_MIB_RX_UNKNOWN_CHANNEL),
	SNMP_MIB_ITEM("OpenRefusedType", WRTCSUB_MIB_OPEN_REFUSED_TYPE),
	SNMP_MIB_ITEM("OpenRefusedId", WRTCSUB_MIB_OPEN_REFUSED_ID),
	SNMP_MIB_ITEM("OpenRefusedBacklog", WRTCSUB_MIB_OPEN_REFUSED_BACKLOG),
	SNMP_MIB_ITEM("OpenRefusedClosed", WRTCSUB_MIB_OPEN_REFUSED_CLOSED),
	SNMP_MIB_ITEM("OpenRefusedMemory", WRTCSUB_MIB_OPEN_REFUSED_MEMORY),
	SNMP_MIB_ITEM("Pauses", WRTCSUB_MIB_PAUSES),
	SNMP_MIB_ITEM("Overflows", WRTCSUB_MIB_OVERFLOWS),
	SNMP_MIB_ITEM("NoMemory", WRTCSUB_MIB_NO_MEMORY),
	SNMP_MIB_ITEM("ResetsDone", WRTCSUB_MIB_RESETS_DONE),
	SNMP_MIB_ITEM("ResetsFailed", WRTCSUB_MIB_RESETS_FAILED),
	SNMP_MIB_ITEM("ResetsDenied", WRTCSUB_MIB_RESETS_DENIED),
	SNMP_MIB_ITEM("ResetTimeouts", WRTCSUB_MIB_RESET_TIMEOUTS),
	SNMP_MIB_ITEM("Grown", WRTCSUB_MIB_GROWN),
	SNMP_MIB_ITEM("AssocsRestarted", WRTCSUB_MIB_ASSOCS_RESTARTED),
	SNMP_MIB_ITEM("RxDropped", WRTCSUB_MIB_RX_DROPPED),
	SNMP_MIB_ITEM("RxLate", WRTCSUB_MIB_RX_LATE),
	SNMP_MIB_ITEM("RxEarly", WRTCSUB_MIB_RX_EARLY),
	SNMP_MIB_ITEM("TxDropped", WRTCSUB_MIB_TX_DROPPED),
	SNMP_MIB_ITEM("OpensFailed", WRTCSUB_MIB_OPENS_FAILED),
	SNMP_MIB_ITEM("NoStreamIds", WRTCSUB_MIB_NO_STREAM_IDS),
};

/**
 * wrtcsub_mib_add() - count
 * @net: whose counter
 * @field: which one
 * @n: how many
 *
 * Context: any.
 */
void wrtcsub_mib_add(struct net *net, enum wrtcsub_mib_field field,
		     unsigned long n)
{
	SNMP_ADD_STATS(wrtcsub_pernet(net)->mib, field, n);
}

/* Newest kernels do not export snmp_fold_field(). */
static unsigned long wrtcsub_mib_sum(struct wrtcsub_mib __percpu *mib, int field)
{
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(mib, cpu)->mibs[field]);
	return sum;
}

static int wrtcsub_mib_show(struct seq_file *seq, void *v)
{
	struct net *net = seq->private;
	struct wrtcsub_mib __percpu *mib = wrtcsub_pernet(net)->mib;
	int i;

	BUILD_BUG_ON(ARRAY_SIZE(wrtcsub_mib_list) != WRTCSUB_MIB_MAX);

	for (i = 0; i < ARRAY_SIZE(wrtcsub_mib_list); i++)
		seq_printf(seq, "%-24s\t%lu\n", wrtcsub_mib_list[i].name,
			   wrtcsub_mib_sum(mib, wrtcsub_mib_list[i].entry));
	return 0;
}

/**
 * wrtcsub_mib_init_net() - make the counters of a namespace
 * @net: the namespace
 *
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int wrtcsub_mib_init_net(struct net *net)
{
	struct wrtcsub_pernet *pn = wrtcsub_pernet(net);

	pn->mib = alloc_percpu(struct wrtcsub_mib);
	if (!pn->mib)
		return -ENOMEM;
	if (!proc_create_net_single("wrtcsub_stat", 0444, net->proc_net,
				    wrtcsub_mib_show, NULL)) {
		free_percpu(pn->mib);
		return -ENOMEM;
	}
	return 0;
}

/**
 * wrtcsub_mib_exit_net() - give the counters of a namespace back
 * @net: the namespace; nothing of it counts any more
 *
 * Context: process, may sleep.
 */
void wrtcsub_mib_exit_net(struct net *net)
{
	remove_proc_entry("wrtcsub_stat", net->proc_net);
	free_percpu(wrtcsub_pernet(net)->mib);
}
