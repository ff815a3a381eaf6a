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
 * wrtcsub_sctp_set_encap_port() - send over UDP
 * @sock: an SCTP socket before connect
 * @port: the peer's UDP port, host order
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

	if (port && !sctp_sk(sock->sk)->udp_port)
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

static void wrtcsub_sctp_event(struct sock *sk, unsigned int what)
{
	struct wrtcsub_sctp *sctp;

	rcu_read_lock();
	sctp = rcu_dereference_sk_user_data(sk);
	if (sctp)
		sctp->event(sctp, what);
	rcu_read_unlock();
}

static void wrtcsub_sctp_data_ready(struct sock *sk)
{
	trace_sk_data_ready(sk);
	wrtcsub_sctp_event(sk, WRTCSUB_SCTP_READABLE);
}

static void wrtcsub_sctp_state_change(struct sock *sk)
{
	wrtcsub_sctp_event(sk, WRTCSUB_SCTP_CHANGED | WRTCSUB_SCTP_READABLE);
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
	WRITE_ONCE(sk->sk_state_change, wrtcsub_sctp_state_change);
	WRITE_ONCE(sk->sk_error_report, wrtcsub_sctp_state_change);
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
 * @abort: end its association, if there still is one, by ABORT
 *
 * Without @abort there must be no association any more, or the caller must
 * know that the namespace outlives it: SCTP would end it by itself, in its own
 * time.
 *
 * Context: process, may sleep.
 */
void wrtcsub_sctp_release(struct socket *sock, bool abort)
{
	if (abort)
		sock_no_linger(sock->sk);
	sock_release(sock);
}

static struct sctp_association *wrtcsub_sctp_asoc(struct sock *sk)
{
	sock_owned_by_me(sk);

	return list_first_entry_or_null(&sctp_sk(sk)->ep->asocs,
					struct sctp_association, asocs);
}

/**
 * wrtcsub_sctp_is_alive() - is there an association?
 * @sctp: the socket, which had one
 *
 * The state of a socket does not follow an ABORT.  One that came before the
 * association was accepted leaves a closed one in the list, and nothing more is
 * said of it.  Under the lock, for SCTP tells of the end first, and takes the
 * association out of the list then.
 *
 * Context: process, may sleep, takes the SCTP socket's lock.
 * Return: false once nothing more can come from the peer.
 */
bool wrtcsub_sctp_is_alive(const struct wrtcsub_sctp *sctp)
{
	struct sock *sk = sctp->sock->sk;
	struct sctp_association *asoc;
	bool alive;

	lock_sock(sk);
	asoc = wrtcsub_sctp_asoc(sk);
	alive = asoc && !sctp_state(asoc, CLOSED);
	release_sock(sk);
	return alive;
}

/**
 * wrtcsub_sctp_has_route() - is there a way to the peer?
 * @sctp: the socket, which connects
 *
 * SCTP drops what it has no route for, as it does what is lost, and tries again.
 *
 * Context: process, may sleep, takes the SCTP socket's lock.
 * Return: false if not; true also if there is no association any more.
 */
bool wrtcsub_sctp_has_route(const struct wrtcsub_sctp *sctp)
{
	struct sock *sk = sctp->sock->sk;
	struct sctp_association *asoc;
	bool has_route;

	lock_sock(sk);
	asoc = wrtcsub_sctp_asoc(sk);
	has_route = !asoc || asoc->peer.primary_path->dst;
	release_sock(sk);
	return has_route;
}

/**
 * wrtcsub_sctp_unreachable() - has ICMP said that the peer cannot be reached?
 * @sctp: the socket, which connects
 *
 * For SCTP that is a hint, to report when all else has failed.  It does not
 * wake for it.
 *
 * Context: any.
 * Return: a positive errno, or 0.
 */
int wrtcsub_sctp_unreachable(const struct wrtcsub_sctp *sctp)
{
	return READ_ONCE(sctp->sock->sk->sk_err_soft);
}

/**
 * wrtcsub_sctp_last_tsn() - the last TSN that is in use
 * @sctp: the socket
 *
 * Context: process, may sleep, takes the SCTP socket's lock.
 * Return: the TSN up to which the peer has all data when what is on its way has
 *	arrived; 0 if there is no association any more.
 */
u32 wrtcsub_sctp_last_tsn(const struct wrtcsub_sctp *sctp)
{
	struct sock *sk = sctp->sock->sk;
	struct sctp_association *asoc;
	u32 tsn = 0;

	lock_sock(sk);
	asoc = wrtcsub_sctp_asoc(sk);
	if (asoc)
		tsn = asoc->next_tsn - 1;
	release_sock(sk);
	return tsn;
}

/**
 * wrtcsub_sctp_is_acked() - has the peer all data up to a TSN?
 * @sctp: the socket
 * @tsn: of wrtcsub_sctp_last_tsn()
 *
 * Context: process, may sleep, takes the SCTP socket's lock.
 * Return: true also if there is no association any more.
 */
bool wrtcsub_sctp_is_acked(const struct wrtcsub_sctp *sctp, u32 tsn)
{
	struct sock *sk = sctp->sock->sk;
	struct sctp_association *asoc;
	bool acked;

	lock_sock(sk);
	asoc = wrtcsub_sctp_asoc(sk);
	acked = !asoc || TSN_lte(tsn, asoc->ctsn_ack_point);
	release_sock(sk);
	return acked;
}

/**
 * wrtcsub_sctp_has_request() - does it wait for an answer (RFC 6525)?
 * @sctp: the socket
 *
 * Context: process, may sleep, takes the SCTP socket's lock.
 * Return: false also if there is no association any more.
 */
bool wrtcsub_sctp_has_request(const struct wrtcsub_sctp *sctp)
{
	struct sock *sk = sctp->sock->sk;
	struct sctp_association *asoc;
	bool has;

	lock_sock(sk);
	asoc = wrtcsub_sctp_asoc(sk);
	has = asoc && asoc->strreset_outstanding;
	release_sock(sk);
	return has;
}

/**
 * wrtcsub_sctp_end() - why has the association ended?
 * @sctp: the socket of one that has
 *
 * Context: any.
 * Return: a positive errno; ECONNRESET if the peer has shut it down.
 */
int wrtcsub_sctp_end(const struct wrtcsub_sctp *sctp)
{
	return READ_ONCE(sctp->sock->sk->sk_err) ?: ECONNRESET;
}

/**
 * wrtcsub_sctp_status() - is there something to read, or why will there not be?
 * @sctp: the socket
 *
 * Context: process, takes the SCTP socket's lock.
 * Return: 1 if there is something to read; 0 if not yet; if the association
 *	has ended, minus wrtcsub_sctp_end().
 */
int wrtcsub_sctp_status(struct wrtcsub_sctp *sctp)
{
	struct sock *sk = sctp->sock->sk;
	int err = 0;

	lock_sock(sk);
	if (!skb_queue_empty(&sk->sk_receive_queue))
		err = 1;
	else if (sk->sk_shutdown & RCV_SHUTDOWN || !wrtcsub_sctp_asoc(sk))
		err = -wrtcsub_sctp_end(sctp);
	else
		/* Of a packet that could not be sent. SCTP sends it again. */
		sock_error(sk);
	release_sock(sk);
	return err;
}

/**
 * wrtcsub_sctp_keep_end() - sending has said why the association has ended
 * @sctp: the socket
 * @err: how a call on it has failed, a negative errno
 *
 * SCTP says so once, to whoever asks first; wrtcsub_sctp_end() is who should
 * know.
 *
 * Context: process, may sleep, takes the SCTP socket's lock.
 */
void wrtcsub_sctp_keep_end(struct wrtcsub_sctp *sctp, int err)
{
	if (err != -EPIPE && !wrtcsub_sctp_is_alive(sctp))
		cmpxchg(&sctp->sock->sk->sk_err, 0, -err);
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

/**
 * wrtcsub_sctp_caps() - what can both ends do?
 * @sctp: the socket of an association that has just come up
 *
 * What the peer cannot do is not offered any more.
 *
 * Context: process, takes the SCTP socket's lock.
 * Return: WRTCSUB_SCTP_RECONF and WRTCSUB_SCTP_INTERLEAVE.
 */
unsigned int wrtcsub_sctp_caps(struct wrtcsub_sctp *sctp)
{
	struct sock *sk = sctp->sock->sk;
	struct sctp_association *asoc;
	unsigned int caps = 0;

	lock_sock(sk);
	asoc = wrtcsub_sctp_asoc(sk);
	if (asoc && asoc->peer.reconf_capable)
		caps |= WRTCSUB_SCTP_RECONF;
	if (asoc && asoc->peer.intl_capable)
		caps |= WRTCSUB_SCTP_INTERLEAVE;
	release_sock(sk);
	if (!(caps & WRTCSUB_SCTP_INTERLEAVE))
		wrtcsub_sctp_set_interleave(sctp->sock, 0);
	return caps;
}

/**
 * wrtcsub_sctp_names() - the addresses of both ends
 * @sctp: the socket of an association
 * @local: set to ours
 * @peer: set to the peer's
 *
 * What SCTP says of a link-local address lacks the scope, which its path has.
 *
 * Context: process, takes the SCTP socket's lock.
 */
void wrtcsub_sctp_names(struct wrtcsub_sctp *sctp,
			struct sockaddr_storage *local,
			struct sockaddr_storage *peer)
{
	struct sock *sk = sctp->sock->sk;
	struct sctp_association *asoc;
	u32 scope = 0;

	kernel_getsockname(sctp->sock, (struct sockaddr *)local);
	kernel_getpeername(sctp->sock, (struct sockaddr *)peer);
	lock_sock(sk);
	asoc = wrtcsub_sctp_asoc(sk);
	if (asoc && asoc->peer.primary_path->ipaddr.sa.sa_family == AF_INET6)
		scope = asoc->peer.primary_path->ipaddr.v6.sin6_scope_id;
	release_sock(sk);
	wrtcsub_address_use_scope(local, scope);
	wrtcsub_address_use_scope(peer, scope);
	wrtcsub_address_unmap(local);
	wrtcsub_address_unmap(peer);
}

/**
 * wrtcsub_sctp_info() - what SCTP knows of the association
 * @sctp: the socket
 * @info: filled in
 *
 * Context: process, takes the SCTP socket's lock.
 * Return: 0, or -ENOTCONN without an association.
 */
int wrtcsub_sctp_info(struct wrtcsub_sctp *sctp, struct sctp_info *info)
{
	struct sock *sk = sctp->sock->sk;
	struct sctp_association *asoc;
	int err = -ENOTCONN;

	lock_sock(sk);
	asoc = wrtcsub_sctp_asoc(sk);
	if (asoc)
		err = sctp_get_sctp_info(sk, asoc, info);
	release_sock(sk);
	return err;
}

/**
 * wrtcsub_sctp_has_peer() - is this one of the peer's addresses?
 * @sctp: the socket
 * @addr: address and port
 *
 * Context: process, takes the SCTP socket's lock.
 * Return: true if it is, or if there is no association any more.
 */
bool wrtcsub_sctp_has_peer(struct wrtcsub_sctp *sctp,
			   const struct sockaddr_storage *addr)
{
	struct sock *sk = sctp->sock->sk;
	struct sctp_association *asoc;
	struct sockaddr_storage of_path;
	struct sctp_transport *t;
	bool found;

	lock_sock(sk);
	asoc = wrtcsub_sctp_asoc(sk);
	found = !asoc;
	if (asoc && htons(asoc->peer.port) == wrtcsub_address_port(addr)) {
		list_for_each_entry(t, &asoc->peer.transport_addr_list,
				    transports) {
			memcpy(&of_path, &t->ipaddr, sizeof(t->ipaddr));
			found |= wrtcsub_address_is_same_host(&of_path, addr);
		}
	}
	release_sock(sk);
	return found;
}
