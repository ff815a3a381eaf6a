// SPDX-License-Identifier: GPL-2.0
/*
 * An SCTP socket as seen from inside the kernel: made, set up, heard, given up.
 *
 * - A one-to-one socket, a kernel socket: it does not pin its namespace.
 * - SCTP calls sk_data_ready and sk_state_change, in softirq or with the
 *   socket owned.  It never calls an overridden sk_write_space, but it does
 *   wake the socket's wait queue with EPOLLOUT: an entry with a function of
 *   its own in that queue hears of it.
 * - The send buffer is larger than what data may fill by a reserve for flags,
 *   so that a flag gets through when data does not.
 * - A GSO packet that is encapsulated in UDP (RFC 6951) is dropped by the
 *   segmentation code.  So a socket that sends such packets does without GSO;
 *   that it does may be learnt only from the peer's INIT.
 *
 * Lock order: a socket of ours, then the SCTP socket.  Never two SCTP sockets
 * at a time: they share one lockdep class.
 */

#include <linux/net.h>
#include <linux/slab.h>
#include <net/inet_ecn.h>
#include <net/sctp/sctp.h>
#include <net/sctp/sm.h>
#include <net/sock.h>
#include <trace/events/sock.h>

#include "address.h"
#include "pernet.h"
#include "sctp.h"

/* What data may fill of the send buffer, by sk_wmem_queued, in which SCTP
 * counts about twice the payload: what is in flight, and as much again.  More
 * would only wait here, in order, where the substreams cannot take turns.
 */
#define WRTCSUB_SCTP_LIMIT_MIN	(256 * 1024)
#define WRTCSUB_SCTP_LIMIT_MAX	(4096 * 1024)
#define WRTCSUB_SCTP_LIMIT(cwnd) \
	clamp(4 * (cwnd), WRTCSUB_SCTP_LIMIT_MIN, WRTCSUB_SCTP_LIMIT_MAX)

/* The last frame of data may be the largest one there is, and overshoots;
 * behind it there is room for more than 100 flags.
 */
#define WRTCSUB_SCTP_RESERVE	(3 * 262144)

#define WRTCSUB_SCTP_RCVBUF	(1024 * 1024)
#define WRTCSUB_SCTP_RTO_MIN	200	/* ms */

/**
 * wrtcsub_sctp_set() - setsockopt at SOL_SCTP
 * @sock: the SCTP socket
 * @option: SCTP_*
 * @value: its value
 * @len: bytes of it
 *
 * Context: process, takes the SCTP socket's lock.
 * Return: 0 or a negative errno.
 */
int wrtcsub_sctp_set(struct socket *sock, int option, const void *value,
		     unsigned int len)
{
	return sock->ops->setsockopt(sock, SOL_SCTP, option,
				     KERNEL_SOCKPTR((void *)value), len);
}

static int wrtcsub_sctp_set_value(struct socket *sock, int option, u32 value)
{
	struct sctp_assoc_value av = { .assoc_value = value };

	return wrtcsub_sctp_set(sock, option, &av, sizeof(av));
}

static int wrtcsub_sctp_set_event(struct socket *sock, u16 type)
{
	struct sctp_event event = { .se_type = type, .se_on = 1 };

	return wrtcsub_sctp_set(sock, SCTP_EVENT, &event, sizeof(event));
}

/* Interleaving is of I-DATA chunks (RFC 8260).  Without them SCTP may not be
 * told that messages can be interleaved: of messages that come while another
 * one is delivered in part, those of several chunks would overtake those of
 * one, also on the same stream.
 */
static int wrtcsub_sctp_set_interleave(struct socket *sock, int level)
{
	return wrtcsub_sctp_set(sock, SCTP_FRAGMENT_INTERLEAVE, &level,
				sizeof(level));
}

/* Where the namespace has it on (net.sctp.intl_enable). */
static void wrtcsub_sctp_offer_interleave(struct socket *sock)
{
	if (!wrtcsub_sctp_set_interleave(sock, 2) &&
	    wrtcsub_sctp_set_value(sock, SCTP_INTERLEAVING_SUPPORTED, 1))
		wrtcsub_sctp_set_interleave(sock, 0);
}

/* The options of every association: resets (RFC 6525) and their events, the
 * round-robin scheduler (RFC 8260, section 3.2), a smaller RTO.Min, no delay.
 * And no FORWARD TSN (RFC 3758), in spite of RFC 8831, section 6.1: a stream of
 * which its sender has given up a message would look whole to who reads it.
 */
static int wrtcsub_sctp_setup(struct socket *sock, unsigned int streams)
{
	struct sctp_initmsg init = {
		.sinit_num_ostreams  = streams,
		.sinit_max_instreams = streams,
	};
	struct sctp_rtoinfo rto = { .srto_min = WRTCSUB_SCTP_RTO_MIN };
	int err, nodelay = 1;

	err = wrtcsub_sctp_set(sock, SCTP_INITMSG, &init, sizeof(init)) ?:
	      wrtcsub_sctp_set(sock, SCTP_NODELAY, &nodelay, sizeof(nodelay)) ?:
	      wrtcsub_sctp_set_value(sock, SCTP_PR_SUPPORTED, 0) ?:
	      wrtcsub_sctp_set_value(sock, SCTP_RECONFIG_SUPPORTED, 1) ?:
	      wrtcsub_sctp_set_value(sock, SCTP_ENABLE_STREAM_RESET,
				     SCTP_ENABLE_RESET_STREAM_REQ |
				     SCTP_ENABLE_CHANGE_ASSOC_REQ) ?:
	      wrtcsub_sctp_set_value(sock, SCTP_STREAM_SCHEDULER, SCTP_SS_RR) ?:
	      wrtcsub_sctp_set_event(sock, SCTP_ASSOC_CHANGE) ?:
	      wrtcsub_sctp_set_event(sock, SCTP_STREAM_RESET_EVENT) ?:
	      wrtcsub_sctp_set_event(sock, SCTP_STREAM_CHANGE_EVENT);
	if (err)
		return err;

	/* An RTO.Max below ours is what somebody asked for: it stays. */
	wrtcsub_sctp_set(sock, SCTP_RTOINFO, &rto, sizeof(rto));
	wrtcsub_sctp_offer_interleave(sock);
	return 0;
}

/**
 * wrtcsub_sctp_create() - make an SCTP socket
 * @owner: a socket of ours: gives the namespace, which is not pinned
 * @family: AF_INET or AF_INET6
 * @sockp: set to the socket
 *
 * Context: process, may sleep; loads the sctp module.
 * Return: 0 or a negative errno.
 */
int wrtcsub_sctp_create(const struct sock *owner, int family,
			struct socket **sockp)
{
	struct net *net = sock_net(owner);
	struct socket *sock;
	int err;

	err = sock_create_kern(net, family, SOCK_STREAM, IPPROTO_SCTP, &sock);
	if (err)
		return err;

	sock->sk->sk_allocation = GFP_KERNEL;
	lock_sock(sock->sk);
	sock->sk->sk_userlocks |= SOCK_SNDBUF_LOCK | SOCK_RCVBUF_LOCK;
	WRITE_ONCE(sock->sk->sk_sndbuf,
		   WRTCSUB_SCTP_LIMIT_MAX + WRTCSUB_SCTP_RESERVE);
	WRITE_ONCE(sock->sk->sk_rcvbuf, WRTCSUB_SCTP_RCVBUF);
	release_sock(sock->sk);
	wrtcsub_sctp_inherit(sock, owner);

	err = wrtcsub_sctp_setup(sock, wrtcsub_pernet_get(net, max_streams));
	if (err) {
		sock_release(sock);
		return err;
	}
	*sockp = sock;
	return 0;
}

/**
 * wrtcsub_sctp_inherit() - hand the generic options of a socket of ours down
 * @sock: an SCTP socket before connect or listen
 * @owner: whose options hold for it
 *
 * Context: process, takes the SCTP socket's lock.
 */
void wrtcsub_sctp_inherit(struct socket *sock, const struct sock *owner)
{
	struct sock *sk = sock->sk;

	lock_sock(sk);
	sk->sk_reuse = owner->sk_reuse;
	sk->sk_reuseport = owner->sk_reuseport;
	WRITE_ONCE(sk->sk_bound_dev_if, READ_ONCE(owner->sk_bound_dev_if));
	WRITE_ONCE(sk->sk_mark, READ_ONCE(owner->sk_mark));
	WRITE_ONCE(sk->sk_priority, READ_ONCE(owner->sk_priority));
	release_sock(sk);
	if (sock_flag(owner, SOCK_KEEPOPEN))
		wrtcsub_sctp_set_heartbeat(sock);
}

/**
 * wrtcsub_sctp_inherit_tos() - hand IP_TOS down
 * @sock: an SCTP socket that was accepted
 * @listener: the one that it was accepted from
 *
 * SCTP does so with IPV6_TCLASS.  The bits of ECN are of the association.
 *
 * Context: process, takes the lock of @sock.
 */
void wrtcsub_sctp_inherit_tos(struct socket *sock,
			      const struct socket *listener)
{
	struct inet_sock *inet = inet_sk(sock->sk);
	u8 tos = READ_ONCE(inet_sk(listener->sk)->tos);

	lock_sock(sock->sk);
	tos = (tos & ~INET_ECN_MASK) | (inet->tos & INET_ECN_MASK);
	WRITE_ONCE(inet->tos, tos);
	release_sock(sock->sk);
}

/**
 * wrtcsub_sctp_inherit_cookie_key() - know the cookies of the listener
 * @sock: an SCTP socket that was accepted
 * @listener: the one that it was accepted from
 *
 * A peer that has not got the COOKIE ACK sends the COOKIE ECHO again.  SCTP
 * checks it with the key of the socket that has the association by then, whose
 * own key it does not fit: it would be dropped, and the peer never be up.
 *
 * The key of @listener was made with it, and does not change: no lock.
 *
 * Context: process, takes the lock of @sock.
 * Source: RFC 9260, section 5.2.4.
 */
void wrtcsub_sctp_inherit_cookie_key(struct socket *sock,
				     const struct socket *listener)
{
	lock_sock(sock->sk);
	wrtcsub_endpoint_copy_cookie_key(sctp_sk(sock->sk)->ep,
					 sctp_sk(listener->sk)->ep);
	release_sock(sock->sk);
}

/**
 * wrtcsub_sctp_set_v6only() - is a socket of IPv6 for IPv4 as well?
 * @sock: an SCTP socket before bind
 * @only: if it is not
 *
 * Context: process, takes the SCTP socket's lock.
 */
void wrtcsub_sctp_set_v6only(struct socket *sock, bool only)
{
	lock_sock(sock->sk);
	sock->sk->sk_ipv6only = only;
	release_sock(sock->sk);
}

/**
 * wrtcsub_sctp_has_family() - can it come from an address of this family?
 * @sock: an SCTP socket before connect
 * @family: AF_INET or AF_INET6; that of the peer
 *
 * SCTP would send its INIT from an address that it is not bound to, and not
 * know the answer.
 *
 * Context: process, takes the SCTP socket's lock.
 * Return: true if it is bound to one, to no host's, or not at all.
 */
bool wrtcsub_sctp_has_family(struct socket *sock, int family)
{
	struct sctp_sockaddr_entry *entry;
	struct sock *sk = sock->sk;
	struct sockaddr_storage addr;
	struct list_head *list;
	bool has;

	lock_sock(sk);
	list = &sctp_sk(sk)->ep->base.bind_addr.address_list;
	has = list_empty(list);
	list_for_each_entry(entry, list, list) {
		memcpy(&addr, &entry->a, sizeof(entry->a));
		has |= addr.ss_family == family || wrtcsub_address_is_any(&addr);
	}
	release_sock(sk);
	return has;
}

/**
 * wrtcsub_sctp_set_encap_port() - send over UDP
 * @sock: an SCTP socket before connect
 * @port: the peer's UDP port, host order, not 0
 *
 * SCTP would fall back to plain IP in a namespace without a UDP port of its
 * own (net.sctp.udp_port).
 *
 * Context: process, takes the SCTP socket's lock.
 * Return: 0; -EOPNOTSUPP: the namespace has no UDP port; another negative errno.
 * Source: RFC 6951, section 5.1.
 */
int wrtcsub_sctp_set_encap_port(struct socket *sock, u16 port)
{
	struct sctp_udpencaps encap = {
		/* Of the network's order, in spite of its type. */
		.sue_port = (__force __u16)htons(port),
	};

	if (!sctp_sk(sock->sk)->udp_port)
		return -EOPNOTSUPP;
	return wrtcsub_sctp_set(sock, SCTP_REMOTE_UDP_ENCAPS_PORT, &encap,
				sizeof(encap));
}

/**
 * wrtcsub_sctp_set_heartbeat() - look after a peer that says nothing
 * @sock: the SCTP socket
 *
 * SCTP does so by default; somebody may have turned it off.
 *
 * Context: process, takes the SCTP socket's lock.
 * Return: 0 or a negative errno.
 * Source: RFC 9260, section 8.3.
 */
int wrtcsub_sctp_set_heartbeat(struct socket *sock)
{
	struct sctp_paddrparams params = { .spp_flags = SPP_HB_ENABLE };

	return wrtcsub_sctp_set(sock, SCTP_PEER_ADDR_PARAMS, &params,
				sizeof(params));
}

static void wrtcsub_sctp_changed(struct sock *sk)
{
	struct wrtcsub_sctp *sctp;

	rcu_read_lock();
	sctp = rcu_dereference_sk_user_data(sk);
	if (sctp)
		sctp->event(sctp, WRTCSUB_SCTP_CHANGED);
	rcu_read_unlock();
}

static void wrtcsub_sctp_data_ready(struct sock *sk)
{
	trace_sk_data_ready(sk);
	wrtcsub_sctp_changed(sk);
}

static int wrtcsub_sctp_woken(wait_queue_entry_t *wait, unsigned int mode,
			      int sync, void *key)
{
	struct wrtcsub_sctp *sctp = container_of(wait, typeof(*sctp), wait);

	if (key_to_poll(key) & EPOLLOUT)
		sctp->event(sctp, WRTCSUB_SCTP_WRITABLE);
	return 0;
}

/**
 * wrtcsub_sctp_hook() - begin to hear of events
 * @sctp: @sock and @event are set
 *
 * What happened before is not reported: the caller looks for it.  An accepted
 * socket may come with the listener's callbacks, but never with its user
 * data, which is marked as not to be copied.
 *
 * Context: process.
 */
void wrtcsub_sctp_hook(struct wrtcsub_sctp *sctp)
{
	struct sock *sk = sctp->sock->sk;

	sctp->limit = WRTCSUB_SCTP_LIMIT_MIN;
	init_waitqueue_func_entry(&sctp->wait, wrtcsub_sctp_woken);
	add_wait_queue(sk_sleep(sk), &sctp->wait);

	write_lock_bh(&sk->sk_callback_lock);
	__rcu_assign_sk_user_data_with_flags(sk, sctp, SK_USER_DATA_NOCOPY);
	WRITE_ONCE(sk->sk_data_ready, wrtcsub_sctp_data_ready);
	WRITE_ONCE(sk->sk_state_change, wrtcsub_sctp_changed);
	WRITE_ONCE(sk->sk_error_report, wrtcsub_sctp_changed);
	write_unlock_bh(&sk->sk_callback_lock);
}

/**
 * wrtcsub_sctp_unhook() - hear of nothing more
 * @sctp: the socket
 *
 * On return no callback runs, and none will: they are called in RCU read-side
 * sections, or under the wait queue's lock.  The callbacks themselves stay,
 * and find no user data.
 *
 * Context: process, may sleep.
 */
void wrtcsub_sctp_unhook(struct wrtcsub_sctp *sctp)
{
	struct sock *sk = sctp->sock->sk;

	write_lock_bh(&sk->sk_callback_lock);
	rcu_assign_sk_user_data(sk, NULL);
	write_unlock_bh(&sk->sk_callback_lock);

	remove_wait_queue(sk_sleep(sk), &sctp->wait);
	synchronize_rcu();
}

/**
 * wrtcsub_sctp_release() - give the socket up
 * @sock: the SCTP socket, not hooked
 *
 * An association that there still is ends with ABORT: SCTP would end it in its
 * own time, which may be after that of the namespace.
 *
 * Context: process, may sleep.
 */
void wrtcsub_sctp_release(struct socket *sock)
{
	sock_no_linger(sock->sk);
	sock_release(sock);
}

/**
 * wrtcsub_sctp_asoc() - the association of a one-to-one socket
 * @sk: the SCTP socket
 *
 * Context: process, under lock_sock of @sk.
 * Return: the association, or NULL: there is none, or none any more.
 */
struct sctp_association *wrtcsub_sctp_asoc(struct sock *sk)
{
	sock_owned_by_me(sk);

	return list_first_entry_or_null(&sctp_sk(sk)->ep->asocs,
					struct sctp_association, asocs);
}

/* Will a packet of the peer come, or a timer run out? */
static bool wrtcsub_sctp_is_waiting(struct sctp_association *asoc)
{
	return asoc->outqueue.outstanding_bytes ||
	       asoc->peer.active_path->hb_sent;
}

/**
 * wrtcsub_sctp_uncork() - send what waits for a message that does not come
 * @sctp: the socket of an association that is up
 *
 * After MSG_MORE SCTP holds back what does not fill a packet until it is given
 * the next message, whatever the peer acknowledges.  Without that flag it looks
 * again when a packet comes or a timer runs out, or when it sends something: a
 * HEARTBEAT, if there is none under way, as a second one would count as an
 * error of the path.
 *
 * Context: process, takes the SCTP socket's lock.
 * Return: 0 or a negative errno.
 */
int wrtcsub_sctp_uncork(struct wrtcsub_sctp *sctp)
{
	struct sctp_paddrparams params = { .spp_flags = SPP_HB_DEMAND };
	struct sock *sk = sctp->sock->sk;
	struct sctp_association *asoc;
	bool waits = true;

	lock_sock(sk);
	asoc = wrtcsub_sctp_asoc(sk);
	if (asoc) {
		asoc->force_delay = 0;
		waits = wrtcsub_sctp_is_waiting(asoc);
	}
	release_sock(sk);
	return waits ? 0 : wrtcsub_sctp_set(sctp->sock, SCTP_PEER_ADDR_PARAMS,
					    &params, sizeof(params));
}

static bool wrtcsub_sctp_is_encapsulated(struct sctp_association *asoc)
{
	struct sctp_transport *t;

	list_for_each_entry(t, &asoc->peer.transport_addr_list, transports)
		if (t->encap_port)
			return true;
	return false;
}

/**
 * wrtcsub_sctp_update() - follow what SCTP knows of the path
 * @sctp: the socket of an association that is up
 *
 * How much data may be handed over, and whether packets may be GSO packets.
 *
 * Context: process, takes the SCTP socket's lock.
 */
void wrtcsub_sctp_update(struct wrtcsub_sctp *sctp)
{
	struct sock *sk = sctp->sock->sk;
	struct sctp_association *asoc;
	u32 cwnd = 0;

	lock_sock(sk);
	asoc = wrtcsub_sctp_asoc(sk);
	if (asoc) {
		cwnd = min_t(u32, asoc->peer.active_path->cwnd,
			     WRTCSUB_SCTP_LIMIT_MAX);
		if (!sk->sk_gso_disabled && wrtcsub_sctp_is_encapsulated(asoc))
			sk_gso_disable(sk);
	}
	release_sock(sk);
	WRITE_ONCE(sctp->limit, WRTCSUB_SCTP_LIMIT(cwnd));
}

/**
 * wrtcsub_sctp_has_room() - may data be handed over?
 * @sctp: the socket
 *
 * Flags need not ask: the rest of the send buffer is theirs.
 *
 * Context: any.
 * Return: true if data does not fill its share of the send buffer.
 */
bool wrtcsub_sctp_has_room(const struct wrtcsub_sctp *sctp)
{
	return READ_ONCE(sctp->sock->sk->sk_wmem_queued) <
	       READ_ONCE(sctp->limit);
}

/**
 * wrtcsub_sctp_has_room_behind() - may data be handed over after some more?
 * @sctp: the socket
 * @len: bytes that are handed over before
 *
 * Context: any.
 * Return: true if wrtcsub_sctp_has_room() will be true after @len bytes.
 */
bool wrtcsub_sctp_has_room_behind(const struct wrtcsub_sctp *sctp, size_t len)
{
	return READ_ONCE(sctp->sock->sk->sk_wmem_queued) + 3 * len + 8192 <
	       READ_ONCE(sctp->limit);
}

/**
 * wrtcsub_sctp_is_drained() - has the peer acknowledged everything?
 * @sctp: the socket
 *
 * Context: any.
 * Return: true if the send buffer is empty.
 */
bool wrtcsub_sctp_is_drained(const struct wrtcsub_sctp *sctp)
{
	return !READ_ONCE(sctp->sock->sk->sk_wmem_queued);
}
