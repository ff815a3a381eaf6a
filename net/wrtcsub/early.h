/* SPDX-License-Identifier: GPL-2.0 */
/* Messages of unordered channels that have overtaken others. */
#ifndef _NET_WRTCSUB_EARLY_H
#define _NET_WRTCSUB_EARLY_H

#include <linux/list.h>
#include <linux/skbuff.h>

struct wrtcsub_assoc;
struct wrtcsub_message;
struct wrtcsub_sock;

/**
 * struct wrtcsub_early - what an association knows of them
 * @waiting: substreams that have some, and what is before those is missing
 * @due: substreams that have some which are next
 * @tsn: all has come up to this TSN, and is read when @ahead is 0
 * @ahead: messages in SCTP's queue that have to be read first
 * @is_new: in ::waiting are some that were not compared with @tsn
 * @held: memory that they take
 *
 * Only the association's work uses it: no lock.
 */
struct wrtcsub_early {
	struct list_head	waiting;
	struct list_head	due;
	u32			tsn;
	unsigned int		ahead;
	bool			is_new;
	u32			held;
};

/**
 * struct wrtcsub_early_queue - those of one substream
 * @skbs: messages, by TSN
 * @node: link in wrtcsub_early::waiting or ::due, while there are any
 * @tsn: in ::due: the messages up to this TSN are
 * @held: memory that they take
 * @is_reset: behind them the peer has reset the stream
 *
 * Only the association's work uses it: no lock.
 */
struct wrtcsub_early_queue {
	struct sk_buff_head	skbs;
	struct list_head	node;
	u32			tsn;
	u32			held;
	bool			is_reset;
};

void wrtcsub_early_init(struct wrtcsub_early *early);
void wrtcsub_early_queue_init(struct wrtcsub_early_queue *q);
bool wrtcsub_early_yield(struct wrtcsub_assoc *a,
			 const struct wrtcsub_message *msg);
bool wrtcsub_early_keep(struct wrtcsub_assoc *a, struct wrtcsub_message *msg);
void wrtcsub_early_passed(struct wrtcsub_assoc *a);
bool wrtcsub_early_look(struct wrtcsub_assoc *a);
bool wrtcsub_early_next(struct wrtcsub_assoc *a, struct wrtcsub_message *msg);
bool wrtcsub_early_is_before_reset(struct wrtcsub_assoc *a,
				   struct wrtcsub_sock *ws);
void wrtcsub_early_drop(struct wrtcsub_sock *ws);

#endif /* _NET_WRTCSUB_EARLY_H */
