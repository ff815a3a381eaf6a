/* SPDX-License-Identifier: GPL-2.0 */
/* Requests of RFC 6525: SCTP has one under way at a time. */
#ifndef _NET_WRTCSUB_RECONF_H
#define _NET_WRTCSUB_RECONF_H

#include <linux/types.h>

struct wrtcsub_sctp;

int wrtcsub_reconf_reset(struct wrtcsub_sctp *sctp, const u16 *sids,
			 unsigned int nr);
int wrtcsub_reconf_add(struct wrtcsub_sctp *sctp, u16 in, u16 out);

#endif /* _NET_WRTCSUB_RECONF_H */
