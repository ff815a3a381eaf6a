/* SPDX-License-Identifier: GPL-2.0 */
/* What a peer says of the opening of channels. */
#ifndef _NET_WRTCSUB_OPENING_H
#define _NET_WRTCSUB_OPENING_H

struct wrtcsub_assoc;
struct wrtcsub_message;
struct wrtcsub_sock;

void wrtcsub_opening_recv(struct wrtcsub_assoc *a, struct wrtcsub_sock *ws,
			  const struct wrtcsub_message *msg);

#endif /* _NET_WRTCSUB_OPENING_H */
