/* SPDX-License-Identifier: GPL-2.0 */
/* The channels of an association: which substream has which identifier. */
#ifndef _NET_WRTCSUB_CHANNEL_H
#define _NET_WRTCSUB_CHANNEL_H

#include <linux/types.h>

struct wrtcsub_assoc;
struct wrtcsub_sock;

int wrtcsub_channel_open(struct wrtcsub_assoc *a, struct wrtcsub_sock *ws);
bool wrtcsub_channel_open_waiting(struct wrtcsub_assoc *a);
bool wrtcsub_channel_refuse_first(struct wrtcsub_assoc *a, int err);
int wrtcsub_channel_adopt(struct wrtcsub_assoc *a, struct wrtcsub_sock *ws,
			  u16 sid);
bool wrtcsub_channel_cancel(struct wrtcsub_sock *ws);
int wrtcsub_channel_outcome(struct wrtcsub_sock *ws);
void wrtcsub_channel_close(struct wrtcsub_assoc *a, struct wrtcsub_sock *ws);
void wrtcsub_channel_lose_all(struct wrtcsub_assoc *a, int err);
unsigned int wrtcsub_channel_nr_closing(struct wrtcsub_assoc *a);

#endif /* _NET_WRTCSUB_CHANNEL_H */
