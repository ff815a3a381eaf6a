/* SPDX-License-Identifier: GPL-2.0 */
/* The timers of a substream. */
#ifndef _NET_WRTCSUB_TIMER_H
#define _NET_WRTCSUB_TIMER_H

struct wrtcsub_sock;

void wrtcsub_timer_init(struct wrtcsub_sock *ws);
void wrtcsub_timer_set_fin(struct wrtcsub_sock *ws);
void wrtcsub_timer_fin_is_out(struct wrtcsub_sock *ws);
void wrtcsub_timer_stop_fin(struct wrtcsub_sock *ws);
void wrtcsub_timer_more(struct wrtcsub_sock *ws);
void wrtcsub_timer_no_more(struct wrtcsub_sock *ws);
void wrtcsub_timer_closing(struct wrtcsub_sock *ws);
void wrtcsub_timer_stop_all(struct wrtcsub_sock *ws);

#endif /* _NET_WRTCSUB_TIMER_H */
