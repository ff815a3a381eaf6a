/* SPDX-License-Identifier: GPL-2.0 */
/* More streams for an association whose identifiers run out (RFC 6525). */
#ifndef _NET_WRTCSUB_GROW_H
#define _NET_WRTCSUB_GROW_H

#include <linux/types.h>

struct sctp_stream_change_event;
struct wrtcsub_assoc;

/**
 * struct wrtcsub_grow - the wish for more streams
 * @denied: the peer does not want more; read under wrtcsub_assoc::lock
 * @waiting: a substream waits for an identifier
 * @since: since when, in jiffies
 * @asked: a request is under way
 * @behind: SCTP may have more streams than our tables have room for
 * @goal: how many streams there shall be
 * @deadline: when the peer has to have answered, in jiffies
 * @retry_at: no request before this time, which may be long ago: in jiffies of
 *	64 bits
 *
 * Only the association's work writes it.
 */
struct wrtcsub_grow {
	bool		denied;
	bool		waiting;
	unsigned long	since;
	bool		asked;
	bool		behind;
	unsigned int	goal;
	unsigned long	deadline;
	u64		retry_at;
};

bool wrtcsub_grow_is_possible(const struct wrtcsub_assoc *a);
int wrtcsub_grow_follow(struct wrtcsub_assoc *a);
void wrtcsub_grow_catch_up(struct wrtcsub_assoc *a);
void wrtcsub_grow_event(struct wrtcsub_assoc *a,
			const struct sctp_stream_change_event *event);
void wrtcsub_grow_postpone(struct wrtcsub_assoc *a);
int wrtcsub_grow_run(struct wrtcsub_assoc *a);

#endif /* _NET_WRTCSUB_GROW_H */
