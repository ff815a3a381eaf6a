// SPDX-License-Identifier: GPL-2.0
/*
 * What SCTP knows of an association: whether it lives, how it ended, its paths,
 * its streams, what its peer can do.
 */

#include <linux/net.h>
#include <net/sctp/sctp.h>
#include <net/sctp/sm.h>
#include <net/sock.h>

#include "address.h"
#include "sctp.h"

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

/* Has the peer begun the association anew (RFC 9260, section 5.2.4)?  SCTP says
 * so in a notification, as it says all: behind the messages of the old one that
 * wait to be read, and not at all if it keeps notifications back for the rest
 * of a message, which will not come any more.
 */
static bool wrtcsub_sctp_is_anew(const struct wrtcsub_sctp *sctp,
				 const struct sctp_association *asoc)
{
	sock_owned_by_me(asoc->base.sk);

	return sctp->peer_tag && asoc->c.peer_vtag != sctp->peer_tag;
}

/**
 * wrtcsub_sctp_goes_on() - is there still the association that came up?
 * @sctp: the socket of one that has
 *
 * Context: process, may sleep, takes the SCTP socket's lock.
 * Return: false once nothing more can come from the peer, or only what is of
 *	another association in its eyes.
 */
bool wrtcsub_sctp_goes_on(const struct wrtcsub_sctp *sctp)
{
	struct sock *sk = sctp->sock->sk;
	struct sctp_association *asoc;
	bool goes_on;

	lock_sock(sk);
	asoc = wrtcsub_sctp_asoc(sk);
	goes_on = asoc && !sctp_state(asoc, CLOSED) &&
		  !wrtcsub_sctp_is_anew(sctp, asoc);
	release_sock(sk);
	return goes_on;
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
 * wrtcsub_sctp_whole_tsn() - up to which TSN has all come, and is it whole?
 * @asoc: the association, which may have ended if somebody holds it
 *
 * A message of several chunks of which all have come may still lie with SCTP, if
 * there was no memory to put it together.  That is done when the next one of
 * several chunks comes.  With interleaving (RFC 8260) nothing is said about that:
 * there messages that have not come whole lie between others.
 *
 * Context: the SCTP socket's lock is held.
 * Return: the TSN.
 */
u32 wrtcsub_sctp_whole_tsn(const struct sctp_association *asoc)
{
	u32 tsn = sctp_tsnmap_get_ctsn(&asoc->peer.tsn_map);
	struct sk_buff *skb = skb_peek(&asoc->ulpq.reasm);

	if (skb && !asoc->peer.intl_capable &&
	    TSN_lte(sctp_skb2event(skb)->tsn, tsn))
		tsn = sctp_skb2event(skb)->tsn - 1;
	return tsn;
}

/**
 * wrtcsub_sctp_arrived() - up to which TSN can all be read?
 * @sctp: the socket
 * @tsn: set to it; of an association that has ended, to that of when the last
 *	message was looked at
 * @ahead: set to how many messages are in the receive queue, which has what of
 *	these has not been read
 *
 * Context: process, may sleep, takes the SCTP socket's lock.
 * Return: false if that cannot be said: a message is being delivered in pieces,
 *	or the peer has begun the association anew.
 */
bool wrtcsub_sctp_arrived(struct wrtcsub_sctp *sctp, u32 *tsn,
			  unsigned int *ahead)
{
	struct sock *sk = sctp->sock->sk;
	struct sctp_association *asoc;
	bool known;

	lock_sock(sk);
	asoc = wrtcsub_sctp_asoc(sk);
	if (asoc)
		sctp->ctsn = wrtcsub_sctp_whole_tsn(asoc);
	known = !atomic_read(&sctp_sk(sk)->pd_mode) &&
		!(asoc && wrtcsub_sctp_is_anew(sctp, asoc));
	*tsn = sctp->ctsn;
	*ahead = skb_queue_len(&sk->sk_receive_queue);
	release_sock(sk);
	return known;
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
 * wrtcsub_sctp_request_seq() - which request is wrtcsub_sctp_has_request()?
 * @sctp: the socket
 *
 * Context: process, may sleep, takes the SCTP socket's lock.
 * Return: its sequence number, or that of the next one if it has none; 0 if
 *	there is no association any more.
 * Source: RFC 6525, section 4.1.
 */
u32 wrtcsub_sctp_request_seq(const struct wrtcsub_sctp *sctp)
{
	struct sock *sk = sctp->sock->sk;
	struct sctp_association *asoc;
	u32 seq = 0;

	lock_sock(sk);
	asoc = wrtcsub_sctp_asoc(sk);
	if (asoc)
		seq = asoc->strreset_outseq;
	release_sock(sk);
	return seq;
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
 *	has ended, minus wrtcsub_sctp_end(); -ESTALE: the peer has begun it anew.
 */
int wrtcsub_sctp_status(struct wrtcsub_sctp *sctp)
{
	struct sock *sk = sctp->sock->sk;
	struct sctp_association *asoc;
	int err = 0;

	lock_sock(sk);
	asoc = wrtcsub_sctp_asoc(sk);
	if (!skb_queue_empty(&sk->sk_receive_queue))
		err = 1;
	else if (sk->sk_shutdown & RCV_SHUTDOWN || !asoc)
		err = -wrtcsub_sctp_end(sctp);
	else if (wrtcsub_sctp_is_anew(sctp, asoc))
		err = -ESTALE;
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

/**
 * wrtcsub_sctp_caps() - who is the peer, and what can both ends do?
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
	if (asoc)
		sctp->peer_tag = asoc->c.peer_vtag;
	if (asoc && asoc->peer.reconf_capable)
		caps |= WRTCSUB_SCTP_RECONF;
	if (asoc && asoc->peer.intl_capable)
		caps |= WRTCSUB_SCTP_INTERLEAVE;
	else
		sctp_sk(sk)->frag_interleave = 0;
	release_sock(sk);
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

/* SCTP makes streams before it asks for them, or answers a peer that does, and
 * keeps them if it has no memory for that then.  The peer does not know of
 * these.  The next request would come on top of them: the streams that it opens
 * are the last ones, which the peer does not have, and these stay closed.  No
 * others are without a request under way; those that are @known stay in any
 * case.
 */
static void wrtcsub_sctp_forget_streams(struct sctp_association *asoc,
					unsigned int known)
{
	struct sctp_stream *stream = &asoc->stream;

	sock_owned_by_me(asoc->base.sk);

	if (asoc->strreset_chunk)
		return;
	while (stream->outcnt > known &&
	       SCTP_SO(stream, stream->outcnt - 1)->state == SCTP_STREAM_CLOSED)
		stream->outcnt--;
}

/**
 * wrtcsub_sctp_streams() - how many streams are there, each way?
 * @sctp: the socket
 * @known: so many there were before
 * @in: set to those of the peer
 * @out: set to ours
 *
 * SCTP counts ours from when it asks for them, or when the peer asks for them
 * and it asks the peer to agree.  Until the answer they are closed, as those that
 * are being reset are.
 *
 * Context: process, takes the SCTP socket's lock.
 * Return: 0, or -ENOTCONN without an association, and nothing is set.
 * Source: RFC 6525, sections 5.1.5 and 5.2.6.
 */
int wrtcsub_sctp_streams(struct wrtcsub_sctp *sctp, unsigned int known,
			 unsigned int *in, unsigned int *out)
{
	struct sock *sk = sctp->sock->sk;
	struct sctp_association *asoc;
	int err = -ENOTCONN;

	lock_sock(sk);
	asoc = wrtcsub_sctp_asoc(sk);
	if (asoc) {
		wrtcsub_sctp_forget_streams(asoc, known);
		*in = asoc->stream.incnt;
		*out = asoc->stream.outcnt;
		while (*out > known && SCTP_SO(&asoc->stream, *out - 1)->state ==
				       SCTP_STREAM_CLOSED)
			(*out)--;
		err = 0;
	}
	release_sock(sk);
	return err;
}

/* A stream that SCTP does not have has nothing to send. */
static bool wrtcsub_sctp_has_unsent(struct sctp_association *asoc, u16 sid)
{
	struct sctp_stream *stream = &asoc->stream;

	return sid < stream->outcnt && SCTP_SO(stream, sid)->ext &&
	       !list_empty(&SCTP_SO(stream, sid)->ext->outq);
}

/**
 * wrtcsub_sctp_pick_sent() - which streams have no bytes to send?
 * @sctp: the socket
 * @sids: stream identifiers; those are left, in front and in order
 * @nr: how many
 *
 * What has been sent and is not acknowledged does not count.
 *
 * Context: process, may sleep, takes the SCTP socket's lock.
 * Return: how many are left; all if there is no association any more.
 */
unsigned int wrtcsub_sctp_pick_sent(struct wrtcsub_sctp *sctp, u16 *sids,
				    unsigned int nr)
{
	struct sock *sk = sctp->sock->sk;
	struct sctp_association *asoc;
	unsigned int left = 0, i;

	lock_sock(sk);
	asoc = wrtcsub_sctp_asoc(sk);
	for (i = 0; i < nr; i++)
		if (!asoc || !wrtcsub_sctp_has_unsent(asoc, sids[i]))
			sids[left++] = sids[i];
	release_sock(sk);
	return left;
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
