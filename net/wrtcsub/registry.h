/* SPDX-License-Identifier: GPL-2.0 */
/* The associations of a namespace, and which of them can be shared. */
#ifndef _NET_WRTCSUB_REGISTRY_H
#define _NET_WRTCSUB_REGISTRY_H

#include <linux/socket.h>
#include <linux/types.h>
#include <linux/uidgid.h>

struct net;
struct wrtcsub_assoc;

/**
 * struct wrtcsub_key - what makes two connects share an association
 * @peer: the peer's address and port
 * @local: what bind was asked for; ss_family 0: nothing
 * @uid: the user's fsuid
 * @bound_dev_if: SO_BINDTODEVICE
 * @mark: SO_MARK
 * @priority: SO_PRIORITY
 * @sctp_options: digest of the options at SOL_SCTP
 * @encap_port: WRTCSUB_ENCAP_PORT
 * @role: WRTCSUB_ROLE
 *
 * Compared as bytes: padding is zero.
 */
struct wrtcsub_key {
	struct sockaddr_storage	peer;
	struct sockaddr_storage	local;
	kuid_t			uid;
	int			bound_dev_if;
	u32			mark;
	u32			priority;
	u32			sctp_options;
	u16			encap_port;
	u16			role;
};

int wrtcsub_registry_reserve(struct net *net);
void wrtcsub_registry_unreserve(struct net *net);
struct wrtcsub_assoc *wrtcsub_registry_add(struct wrtcsub_assoc *a,
					   bool shared);
void wrtcsub_registry_hide(struct wrtcsub_assoc *a);
void wrtcsub_registry_remove(struct wrtcsub_assoc *a);
struct wrtcsub_assoc *wrtcsub_registry_find(struct net *net,
					    const struct wrtcsub_key *key);
struct wrtcsub_assoc *wrtcsub_registry_next(struct net *net,
					    unsigned long *id);
void wrtcsub_registry_for_each(struct net *net,
			       void (*fn)(struct wrtcsub_assoc *a, void *arg),
			       void *arg);

#endif /* _NET_WRTCSUB_REGISTRY_H */
