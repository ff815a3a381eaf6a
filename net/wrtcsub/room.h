/* SPDX-License-Identifier: GPL-2.0 */
/* Room for what is received. */
#ifndef _NET_WRTCSUB_ROOM_H
#define _NET_WRTCSUB_ROOM_H

#include <linux/types.h>

struct wrtcsub_assoc;
struct wrtcsub_message;
struct wrtcsub_sock;

void wrtcsub_room_reset_over(struct wrtcsub_assoc *a, struct wrtcsub_sock *ws);
bool wrtcsub_room_must_wait(struct wrtcsub_assoc *a,
			    const struct wrtcsub_message *msg);
bool wrtcsub_room_make(struct wrtcsub_assoc *a, struct wrtcsub_sock *ws,
		       u32 size);
void wrtcsub_room_resume(struct wrtcsub_assoc *a);

#endif /* _NET_WRTCSUB_ROOM_H */
