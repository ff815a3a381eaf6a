/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _WRTCSUB_COMPAT_NET_NET_NAMESPACE_H
#define _WRTCSUB_COMPAT_NET_NET_NAMESPACE_H

#include_next <net/net_namespace.h>

/* The table ended with an empty row, which the caller has behind it. */
#ifndef WRTCSUB_HAVE_SYSCTL_SZ
static inline struct ctl_table_header *
register_net_sysctl_sz(struct net *net, const char *path,
		       struct ctl_table *table, size_t size)
{
	return register_net_sysctl(net, path, table);
}
#endif

#endif /* _WRTCSUB_COMPAT_NET_NET_NAMESPACE_H */
