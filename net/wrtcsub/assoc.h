/* SPDX-License-Identifier: GPL-2.0 */
/* An association: one SCTP socket, and the substreams on it. */
#ifndef _NET_WRTCSUB_ASSOC_H
#define _NET_WRTCSUB_ASSOC_H

#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/socket.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "early.h"
#include "grow.h"
#include "message.h"
#include "registry.h"
#include "reset.h"
#include "sctp.h"
#include "sid.h"

struct wrtcsub_sock;

/* Bits of wrtcsub_assoc::events: what the work cannot see for itself. */
#define WRTCSUB_ASSOC_TICK	0x1	/* a deadline has passed */
#define WRTCSUB_ASSOC_KILL	0x2	/* end it at once */
#define WRTCSUB_ASSOC_KEEPALIVE	0x4	/* send heartbeats */

enum wrtcsub_assoc_state {
	WRTCSUB_ASSOC_CONNECTING,	/* the handshake goes on */
	WRTCSUB_ASSOC_UP,
	WRTCSUB_ASSOC_CLOSING,		/* idle: SHUTDOWN is under way */
	WRTCSUB_ASSOC_CLOSED,		/* no SCTP socket any more */
};

/**
 * struct wrtcsub_assoc - an association
 * @sctp: the SCTP socket; gone when @state is CLOSED
 * @sctp_mutex: who is not the work uses @sctp under it, and it goes under it
 * @net: the namespace; not referenced, valid until @state is CLOSED
 * @refs: references
 * @rcu: to free it
 * @id: number in its namespace, not 0
 * @initiator: connect made it, not a listener
 * @odd: our stream identifiers are odd
 * @interleaved: both ends have RFC 8260
 * @key: of one that connect made; of one that a listener took only the user
 * @key_node: link in wrtcsub_pernet::by_key, or unhashed
 * @local: our address; before it connects, what bind asked for
 * @peer: the peer's; before it is up, where connect goes
 * @lock: for @local, @peer, @state, @sids, @streams, @opening, @nr_substreams,
 *	@nr_waiting, @listener
 * @state: enum wrtcsub_assoc_state
 * @err: why it ended, a positive errno
 * @sids: identifiers in use
 * @streams: substreams by identifier, each with a reference
 * @opening: substreams that wait for a place, each with a reference
 * @nr_substreams: on @streams and @opening
 * @nr_waiting: on @opening
 * @listener: who accepts the peer's substreams; a referenced socket
 * @kicked: substreams that the work has to look at, each with a reference
 * @events: WRTCSUB_ASSOC_TICK, WRTCSUB_ASSOC_KILL, WRTCSUB_ASSOC_KEEPALIVE
 * @work: the only user of @sctp; owns a reference while queued
 * @tick: sets WRTCSUB_ASSOC_TICK; owns a reference while armed
 * @tick_at: when, in jiffies; the work's
 * @tick_armed: @tick_at is valid; the work's
 * @started: the work may run
 * @begun: the channel that the listener has negotiated is there, or none is
 *	to be; the work's
 * @rmem: memory charged for payload, of all substreams
 * @partial: the part of it that no reader can take yet; the work's
 * @early: messages that wait for others; the work's
 * @msg: the message that is being read, or whose rest waits for memory; the
 *	work's
 * @may_overflow: a substream has WRTCSUB_OVERFLOW_RESET
 * @paused: a reader is slow, nothing is read from SCTP
 * @corked: SCTP waits for the frame that follows; the work's
 * @blocked: the send buffer is full, the work waits for room
 * @holds: a small frame waits until the send buffer is empty
 * @urgent: substreams with flags due; the work's
 * @turns: substreams with bytes to send, in turn; the work's
 * @held: substreams with such small frames; the work's
 * @reset: channels being closed; the work's
 * @grow: more streams; the work's
 * @in_streams: streams that the peer has
 * @out_streams: streams that we have
 * @idle_since: when the last substream left, in jiffies
 * @shutdown_until: when CLOSING gives up, in jiffies; the work's
 * @vec: pieces of the frame that is being sent; the work's
 *
 * References: one while it is in the registry, that is until the work has
 * released the SCTP socket; one of each socket that has it in
 * wrtcsub_sock::assoc or ::attached; those of @work and @tick.
 *
 * Locks: @lock is taken under lock_sock() of a socket of ours at most, and under
 * @lock the xa_lock of @streams.  @sctp_mutex and the SCTP socket's lock are
 * taken under lock_sock() of ours at most, in this order, never under a
 * spinlock.
 */
struct wrtcsub_assoc {
	struct wrtcsub_sctp	sctp;
	struct mutex		sctp_mutex;	/* see above */
	struct net		*net;
	refcount_t		refs;
	struct rcu_head		rcu;
	u32			id;
	bool			initiator;
	bool			odd;
	bool			interleaved;
	struct wrtcsub_key	key;
	struct hlist_node	key_node;
	struct sockaddr_storage	local;
	struct sockaddr_storage	peer;

	spinlock_t		lock;	/* see above */
	enum wrtcsub_assoc_state state;
	int			err;
	struct wrtcsub_sid_map	sids;
	struct xarray		streams;
	struct list_head	opening;
	unsigned int		nr_substreams;
	unsigned int		nr_waiting;
	struct wrtcsub_sock	*listener;

	struct llist_head	kicked;
	atomic_t		events;
	struct work_struct	work;
	struct delayed_work	tick;
	unsigned long		tick_at;
	bool			tick_armed;
	bool			started;
	bool			begun;

	atomic_t		rmem;
	u32			partial;
	struct wrtcsub_early	early;
	struct wrtcsub_message	msg;
	bool			may_overflow;
	bool			paused;
	bool			corked;
	bool			blocked;
	bool			holds;
	struct list_head	urgent;
	struct list_head	turns;
	struct list_head	held;
	struct wrtcsub_reset	reset;
	struct wrtcsub_grow	grow;
	unsigned int		in_streams;
	unsigned int		out_streams;
	unsigned long		idle_since;
	unsigned long		shutdown_until;
	struct kvec		*vec;
};

int wrtcsub_assoc_init(void);
void wrtcsub_assoc_exit(void);

struct wrtcsub_assoc *wrtcsub_assoc_create(struct net *net,
					   struct socket *sock, bool initiator,
					   int role);
void wrtcsub_assoc_start(struct wrtcsub_assoc *a);
void wrtcsub_assoc_discard(struct wrtcsub_assoc *a);
void wrtcsub_assoc_put(struct wrtcsub_assoc *a);

void wrtcsub_assoc_wake(struct wrtcsub_assoc *a, unsigned int events);
void wrtcsub_assoc_tick_at(struct wrtcsub_assoc *a, unsigned long when);
void wrtcsub_assoc_kill(struct wrtcsub_assoc *a, int err);
bool wrtcsub_assoc_takes_more(const struct wrtcsub_assoc *a);
void wrtcsub_assoc_charge(struct wrtcsub_assoc *a, u32 size);
void wrtcsub_assoc_uncharge(struct wrtcsub_assoc *a, u32 size);
bool wrtcsub_assoc_has_room(const struct wrtcsub_assoc *a, int held, u32 size);
int wrtcsub_assoc_info(struct wrtcsub_assoc *a, struct sctp_info *info);
void wrtcsub_assoc_names(struct wrtcsub_assoc *a,
			 struct sockaddr_storage *local,
			 struct sockaddr_storage *peer);
bool wrtcsub_assoc_has_peer(struct wrtcsub_assoc *a,
			    const struct sockaddr_storage *addr);

#endif /* _NET_WRTCSUB_ASSOC_H */
