// SPDX-License-Identifier: GPL-2.0
/*
 * The associations of a namespace.
 *
 * All that have an SCTP socket are in wrtcsub_pernet::assocs, each with a
 * reference; those that connect may share are in a hash table by their key, as
 * long as they come up or are up.
 */

#include <linux/jhash.h>
#include <linux/wait_bit.h>
#include <net/net_namespace.h>

#include "assoc.h"
#include "mib.h"
#include "pernet.h"
#include "registry.h"
#include "substream.h"

static struct hlist_head *wrtcsub_registry_bucket(struct wrtcsub_pernet *pn,
						  const struct wrtcsub_key *key)
{
	u32 hash = jhash(&key->peer, sizeof(key->peer), 0);

	return &pn->by_key[hash_min(hash, WRTCSUB_PERNET_HASH_BITS)];
}

static struct wrtcsub_assoc *
wrtcsub_registry_lookup(struct wrtcsub_pernet *pn,
			const struct wrtcsub_key *key)
{
	struct wrtcsub_assoc *a;

	lockdep_assert_held(&pn->lock);

	hlist_for_each_entry(a, wrtcsub_registry_bucket(pn, key), key_node) {
		if (!memcmp(&a->key, key, sizeof(*key)) &&
		    READ_ONCE(a->state) <= WRTCSUB_ASSOC_UP) {
			refcount_inc(&a->refs);
			return a;
		}
	}
	return NULL;
}

/**
 * wrtcsub_registry_find() - an association that connect can share
 * @net: the namespace
 * @key: to whom, and of whom
 *
 * Context: process.
 * Return: it, with a reference, or NULL.  It may end at any time.
 */
struct wrtcsub_assoc *wrtcsub_registry_find(struct net *net,
					    const struct wrtcsub_key *key)
{
	struct wrtcsub_pernet *pn = wrtcsub_pernet(net);
	struct wrtcsub_assoc *a;

	spin_lock_bh(&pn->lock);
	a = wrtcsub_registry_lookup(pn, key);
	spin_unlock_bh(&pn->lock);
	return a;
}

/**
 * wrtcsub_registry_reserve() - one association more: is it allowed?
 * @net: the namespace
 *
 * Context: any.
 * Return: 0, or -ENOBUFS: over max_assocs.
 */
int wrtcsub_registry_reserve(struct net *net)
{
	struct wrtcsub_pernet *pn = wrtcsub_pernet(net);

	if (atomic_inc_return(&pn->nr_assocs) <=
	    wrtcsub_pernet_get(net, max_assocs))
		return 0;
	wrtcsub_registry_unreserve(net);
	wrtcsub_mib_inc(net, WRTCSUB_MIB_ASSOCS_REFUSED);
	return -ENOBUFS;
}

/**
 * wrtcsub_registry_unreserve() - one association less
 * @net: the namespace; may go away from here on
 *
 * Context: any.
 */
void wrtcsub_registry_unreserve(struct net *net)
{
	struct wrtcsub_pernet *pn = wrtcsub_pernet(net);

	/* The address is but a name here: nothing of @pn is touched. */
	if (atomic_dec_and_test(&pn->nr_assocs))
		wake_up_var(&pn->nr_assocs);
}

/**
 * wrtcsub_registry_add() - put an association into its namespace
 * @a: the association
 * @shared: others may find it by its key
 *
 * Context: process.
 * Return: NULL; or another association that has the same key, with a
 *	reference, and @a is as before.
 */
struct wrtcsub_assoc *wrtcsub_registry_add(struct wrtcsub_assoc *a,
					   bool shared)
{
	struct wrtcsub_pernet *pn = wrtcsub_pernet(a->net);
	struct wrtcsub_assoc *other = NULL;

	spin_lock_bh(&pn->lock);
	if (shared)
		other = wrtcsub_registry_lookup(pn, &a->key);
	if (!other) {
		refcount_inc(&a->refs);
		list_add_tail(&a->node, &pn->assocs);
		if (shared)
			hlist_add_head(&a->key_node,
				       wrtcsub_registry_bucket(pn, &a->key));
		if (!++pn->last_assoc_id)
			pn->last_assoc_id = 1;
		a->id = pn->last_assoc_id;
	}
	spin_unlock_bh(&pn->lock);
	return other;
}

/**
 * wrtcsub_registry_hide() - nobody shall find it any more
 * @a: the association
 *
 * Context: process.
 */
void wrtcsub_registry_hide(struct wrtcsub_assoc *a)
{
	struct wrtcsub_pernet *pn = wrtcsub_pernet(a->net);

	spin_lock_bh(&pn->lock);
	if (!hlist_unhashed(&a->key_node))
		hlist_del_init(&a->key_node);
	spin_unlock_bh(&pn->lock);
}

/**
 * wrtcsub_registry_remove() - an association leaves its namespace
 * @a: the association, which has no SCTP socket any more; the registry's
 *	reference is dropped
 *
 * Context: process.  The namespace may go away from here on.
 */
void wrtcsub_registry_remove(struct wrtcsub_assoc *a)
{
	struct wrtcsub_pernet *pn = wrtcsub_pernet(a->net);

	spin_lock_bh(&pn->lock);
	list_del_init(&a->node);
	spin_unlock_bh(&pn->lock);
	wrtcsub_registry_unreserve(a->net);
	wrtcsub_assoc_put(a);
}

/**
 * wrtcsub_registry_forget() - a listener listens no more
 * @listener: the socket; associations drop their references to it
 *
 * Context: process.  The caller has a reference.
 */
void wrtcsub_registry_forget(struct wrtcsub_sock *listener)
{
	struct wrtcsub_pernet *pn = wrtcsub_pernet(sock_net(&listener->sk));
	struct wrtcsub_assoc *a;

	spin_lock_bh(&pn->lock);
	list_for_each_entry(a, &pn->assocs, node) {
		spin_lock(&a->lock);
		if (a->listener == listener) {
			a->listener = NULL;
			__sock_put(&listener->sk);
		}
		spin_unlock(&a->lock);
	}
	spin_unlock_bh(&pn->lock);
}

/**
 * wrtcsub_registry_for_each() - do something to every association
 * @net: the namespace
 * @fn: called under wrtcsub_pernet::lock
 *
 * Context: process.
 */
void wrtcsub_registry_for_each(struct net *net,
			       void (*fn)(struct wrtcsub_assoc *a))
{
	struct wrtcsub_pernet *pn = wrtcsub_pernet(net);
	struct wrtcsub_assoc *a;

	spin_lock_bh(&pn->lock);
	list_for_each_entry(a, &pn->assocs, node)
		fn(a);
	spin_unlock_bh(&pn->lock);
}
