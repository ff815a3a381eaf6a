/* SPDX-License-Identifier: GPL-2.0 */
/* A listener: associations that arrive, substreams to be accepted. */
#ifndef _NET_WRTCSUB_LISTENER_H
#define _NET_WRTCSUB_LISTENER_H

#include <linux/socket.h>
#include <linux/workqueue.h>

#include "sctp.h"

struct wrtcsub_assoc;
struct wrtcsub_dcep_open;
struct wrtcsub_sock;

/**
 * struct wrtcsub_listener - the SCTP socket of a listener
 * @sctp: the listening SCTP socket
 * @work: takes associations from it
 * @ws: whose it is
 * @node: link in wrtcsub_pernet::listeners
 */
struct wrtcsub_listener {
	struct wrtcsub_sctp	sctp;
	struct delayed_work	work;
	struct wrtcsub_sock	*ws;
	struct list_head	node;
};

int wrtcsub_listener_start(struct wrtcsub_sock *ws);
void wrtcsub_listener_stop(struct wrtcsub_sock *ws);
void wrtcsub_listener_begin(struct wrtcsub_assoc *a);
void wrtcsub_listener_lost(struct wrtcsub_sock *ws, struct wrtcsub_assoc *a,
			   int err);
int wrtcsub_listener_open(struct wrtcsub_assoc *a, u16 sid,
			  const struct wrtcsub_dcep_open *open);
struct wrtcsub_sock *wrtcsub_listener_accept(struct wrtcsub_sock *ws);

int wrtcsub_listener_init(void);
void wrtcsub_listener_exit(void);

#endif /* _NET_WRTCSUB_LISTENER_H */
