// SPDX-License-Identifier: GPL-2.0
/*
 * The associations of a namespace.
 *
 * All that have an SCTP socket are in wrtcsub_pernet::assocs by their
 * identifier, each with a reference; those that connect may share are in a hash
 * table by their key, as long as they come up or are up.
 */

#include <linux/jhash.h>
#include <linux/wait_bit.h>
#include <net/net_namespace.h>

#include "assoc.h"
#include "mib.h"
#include "pernet.h"
#include "registry.h"

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
		    wrtcsub_assoc_takes_more(a)) {
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
 * Context: process, may sleep.
 * Return: NULL; or another association that has the same key, with a
 *	reference, or ERR_PTR(-ENOMEM), and @a is as before.
 */
struct wrtcsub_assoc *wrtcsub_registry_add(struct wrtcsub_assoc *a,
					   bool shared)
{
	struct wrtcsub_pernet *pn = wrtcsub_pernet(a->net);
	struct wrtcsub_assoc *other = NULL;
	int err;

	refcount_inc(&a->refs);
	err = xa_alloc_cyclic_bh(&pn->assocs, &a->id, a, XA_LIMIT(1, S32_MAX),
				 &pn->next_assoc, GFP_KERNEL_ACCOUNT);
	if (err < 0)
		other = ERR_PTR(err);
	if (other || !shared)
		goto out;

	spin_lock_bh(&pn->lock);
	other = wrtcsub_registry_lookup(pn, &a->key);
	if (!other)
		hlist_add_head(&a->key_node,
			       wrtcsub_registry_bucket(pn, &a->key));
	spin_unlock_bh(&pn->lock);
	if (other)
		xa_erase_bh(&pn->assocs, a->id);
out:
	if (other)
		wrtcsub_assoc_put(a);
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
	xa_erase_bh(&wrtcsub_pernet(a->net)->assocs, a->id);
	wrtcsub_registry_unreserve(a->net);
	wrtcsub_assoc_put(a);
}

/**
 * wrtcsub_registry_next() - the next association, by its identifier
 * @net: the namespace
 * @id: the least identifier it may have; set to the one it has
 *
 * Context: process.
 * Return: it, with a reference, or NULL: that was all.
 */
struct wrtcsub_assoc *wrtcsub_registry_next(struct net *net, unsigned long *id)
{
	struct wrtcsub_pernet *pn = wrtcsub_pernet(net);
	struct wrtcsub_assoc *a;

	/* The reference of the list is dropped after it has left the list. */
	xa_lock_bh(&pn->assocs);
	a = xa_find(&pn->assocs, id, S32_MAX, XA_PRESENT);
	if (a)
		refcount_inc(&a->refs);
	xa_unlock_bh(&pn->assocs);
	return a;
}
EXPORT_SYMBOL_GPL(wrtcsub_registry_next);

/**
 * wrtcsub_registry_for_each() - do something to every association
 * @net: the namespace
 * @fn: what; called with @arg
 * @arg: whatever it wants
 *
 * Context: process, may sleep.
 */
void wrtcsub_registry_for_each(struct net *net,
			       void (*fn)(struct wrtcsub_assoc *a, void *arg),
			       void *arg)
{
	struct wrtcsub_assoc *a;
	unsigned long id = 0;

	while ((a = wrtcsub_registry_next(net, &id))) {
		fn(a, arg);
		wrtcsub_assoc_put(a);
		id++;
		cond_resched();
	}
}
