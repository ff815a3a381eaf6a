/* SPDX-License-Identifier: GPL-2.0 */
/* What can be told of a socket from outside, without its lock. */
#ifndef _NET_WRTCSUB_INFO_H
#define _NET_WRTCSUB_INFO_H

#include <linux/types.h>

struct sockaddr_storage;
struct wrtcsub_assoc;
struct wrtcsub_info;
struct wrtcsub_sock;

void wrtcsub_info_fill(struct wrtcsub_sock *ws, struct wrtcsub_info *info);
u8 wrtcsub_info_flags(const struct wrtcsub_sock *ws);
u8 wrtcsub_info_assoc_flags(const struct wrtcsub_assoc *a);
u16 wrtcsub_info_stream(const struct wrtcsub_sock *ws);
int wrtcsub_info_tcp_state(const struct wrtcsub_sock *ws);
u32 wrtcsub_info_rqueue(const struct wrtcsub_sock *ws);
u32 wrtcsub_info_wqueue(const struct wrtcsub_sock *ws);
struct wrtcsub_assoc *wrtcsub_info_names(const struct wrtcsub_sock *ws,
					 struct sockaddr_storage *local,
					 struct sockaddr_storage *peer);

#endif /* _NET_WRTCSUB_INFO_H */
