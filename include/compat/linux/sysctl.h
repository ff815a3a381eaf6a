/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _WRTCSUB_COMPAT_LINUX_SYSCTL_H
#define _WRTCSUB_COMPAT_LINUX_SYSCTL_H

#include_next <linux/sysctl.h>

/* Handlers took a table that was not const. */
#ifndef WRTCSUB_HAVE_CONST_CTL_TABLE

#define DEFINE_PROC_HANDLER(_handler)					\
static int _handler##_table(struct ctl_table *table, int write,		\
			    void *buffer, size_t *len, loff_t *pos)	\
{									\
	return _handler(table, write, buffer, len, pos);		\
}

#define PROC_HANDLER(_handler)		_handler##_table

static inline int wrtcsub_dointvec_minmax(const struct ctl_table *table,
					  int write, void *buffer, size_t *len,
					  loff_t *pos)
{
	return proc_dointvec_minmax((struct ctl_table *)table, write, buffer,
				    len, pos);
}

#define proc_dointvec_minmax(...)	wrtcsub_dointvec_minmax(__VA_ARGS__)

#endif /* WRTCSUB_HAVE_CONST_CTL_TABLE */

#endif /* _WRTCSUB_COMPAT_LINUX_SYSCTL_H */
