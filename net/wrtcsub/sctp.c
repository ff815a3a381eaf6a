// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel SCTP as seen from inside the kernel.
 *
 * - A one-to-one socket, a kernel socket: it does not pin its namespace.
 * - SCTP calls sk_data_ready and sk_state_change, in softirq or with the
 *   socket owned.  It never calls an overridden sk_write_space, but it does
 *   wake the socket's wait queue with EPOLLOUT: an entry with a function of
 *   its own in that queue hears of it.
 * - A message is delivered in pieces, without MSG_EOR, as soon as the reader
 *   is slower than the sender.
 * - SCTP admits a message of any size as long as the send buffer is not full.
 *   The buffer is made larger than what data may fill by a reserve for flags,
 *   so that a flag gets through when data does not.
 * - A GSO packet that is encapsulated in UDP (RFC 6951) is dropped by the
 *   segmentation code, and the peer's encapsulation port may be learnt only
 *   from its INIT: no association of ours uses GSO.
 *
 * Lock order: a socket of ours, then the SCTP socket.  Never two SCTP sockets
 * at a time: they share one lockdep class.
 */

#include <linux/net.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <net/sctp/sctp.h>
#include <net/sctp/ulpevent.h>
#include <net/sock.h>
#include <trace/events/sock.h>

#include "sctp.h"

/* What data may fill of the send buffer (of sk_wmem_queued: SCTP counts about
 * twice the payload).  It is short, because what waits here waits in order,
 * and what waits in the substreams can be scheduled.
 */
#define WRTCSUB_SCTP_DATA_LIMIT	(256 * 1024)

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

/**
 * wrtcsub_sctp_no_gso() - keep GSO off this socket
 * @sock: the SCTP socket; an accepted one does not inherit it
 *
 * Context: process, takes the SCTP socket's lock.
 */
void wrtcsub_sctp_no_gso(struct socket *sock)
{
	lock_sock(sock->sk);
	sk_gso_disable(sock->sk);
	release_sock(sock->sk);
}

/**
 * wrtcsub_sctp_create() - make an SCTP socket
 * @owner: a socket of ours: gives the namespace, which is not pinned, and the
 *	generic options
 * @family: AF_INET or AF_INET6
 * @sockp: set to the socket
 *
 * Context: process, may sleep; loads the sctp module.
 * Return: 0 or a negative errno.
 */
int wrtcsub_sctp_create(const struct sock *owner, int family,
			struct socket **sockp)
{
	struct socket *sock;
	int err;

	err = sock_create_kern(sock_net(owner), family, SOCK_STREAM,
			       IPPROTO_SCTP, &sock);
	if (err)
		return err;

	sock->sk->sk_allocation = GFP_KERNEL;
	lock_sock(sock->sk);
	sock->sk->sk_userlocks |= SOCK_SNDBUF_LOCK | SOCK_RCVBUF_LOCK;
	WRITE_ONCE(sock->sk->sk_sndbuf,
		   WRTCSUB_SCTP_DATA_LIMIT + WRTCSUB_SCTP_RESERVE);
	WRITE_ONCE(sock->sk->sk_rcvbuf, WRTCSUB_SCTP_RCVBUF);
	sk_gso_disable(sock->sk);
	sock->sk->sk_reuse = owner->sk_reuse;
	sock->sk->sk_reuseport = owner->sk_reuseport;
	sock->sk->sk_bound_dev_if = owner->sk_bound_dev_if;
	sock->sk->sk_mark = owner->sk_mark;
	sock->sk->sk_priority = owner->sk_priority;
	release_sock(sock->sk);
	*sockp = sock;
	return 0;
}

/**
 * wrtcsub_sctp_setup() - the options of every association
 * @sock: an SCTP socket before connect or listen
 * @streams: how many streams to ask for, each way
 *
 * Resets (RFC 6525) and their events, the round-robin scheduler (RFC 8260,
 * section 3.2), a smaller RTO.Min, no delay.  Interleaving is taken where the
 * namespace has it on (net.sctp.intl_enable); it is not an error if it is off.
 *
 * Context: process, takes the SCTP socket's lock.
 * Return: 0 or a negative errno.
 */
int wrtcsub_sctp_setup(struct socket *sock, unsigned int streams)
{
	struct sctp_initmsg init = {
		.sinit_num_ostreams  = streams,
		.sinit_max_instreams = streams,
	};
	struct sctp_rtoinfo rto = { .srto_min = WRTCSUB_SCTP_RTO_MIN };
	int interleave = 2, nodelay = 1;
	int err;

	err = wrtcsub_sctp_set(sock, SCTP_INITMSG, &init, sizeof(init)) ?:
	      wrtcsub_sctp_set(sock, SCTP_NODELAY, &nodelay, sizeof(nodelay)) ?:
	      wrtcsub_sctp_set_value(sock, SCTP_RECONFIG_SUPPORTED, 1) ?:
	      wrtcsub_sctp_set_value(sock, SCTP_ENABLE_STREAM_RESET,
				     SCTP_ENABLE_STRRESET_MASK) ?:
	      wrtcsub_sctp_set_value(sock, SCTP_STREAM_SCHEDULER, SCTP_SS_RR) ?:
	      wrtcsub_sctp_set_event(sock, SCTP_STREAM_RESET_EVENT) ?:
	      wrtcsub_sctp_set_event(sock, SCTP_STREAM_CHANGE_EVENT);
	if (err)
		return err;

	/* An RTO.Max below ours is what somebody asked for: it stays. */
	wrtcsub_sctp_set(sock, SCTP_RTOINFO, &rto, sizeof(rto));

	if (!wrtcsub_sctp_set(sock, SCTP_FRAGMENT_INTERLEAVE, &interleave,
			      sizeof(interleave)))
		wrtcsub_sctp_set_value(sock, SCTP_INTERLEAVING_SUPPORTED, 1);
	return 0;
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

	if ((key_to_poll(key) & EPOLLOUT) && wrtcsub_sctp_has_room(sctp))
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

/**
 * wrtcsub_sctp_peek() - look at the next message
 * @sctp: the socket
 * @msg: all but @skb is set
 *
 * Context: process, takes the SCTP socket's lock.
 * Return: false if there is none.
 */
bool wrtcsub_sctp_peek(struct wrtcsub_sctp *sctp, struct wrtcsub_sctp_msg *msg)
{
	struct sock *sk = sctp->sock->sk;
	struct sctp_ulpevent *event;
	struct sk_buff *skb;

	lock_sock(sk);
	skb = skb_peek(&sk->sk_receive_queue);
	if (skb) {
		event = sctp_skb2event(skb);
		msg->notification = event->msg_flags & MSG_NOTIFICATION;
		msg->sid = event->stream;
		msg->ppid = ntohl((__force __be32)event->ppid);
		msg->end = event->msg_flags & MSG_EOR;
	}
	release_sock(sk);
	return skb;
}

/* Take a reference to the head of the receive queue, which is SCTP's until its
 * recvmsg has given up its own.  Orphaned while the event is still whole: its
 * destructor gives the receive buffer back and needs the control buffer.
 */
static struct sk_buff *wrtcsub_sctp_get_head(struct sock *sk)
{
	struct sk_buff *skb, *frag;

	lock_sock(sk);
	skb = skb_peek(&sk->sk_receive_queue);
	if (skb) {
		skb_get(skb);
		skb_orphan(skb);
		skb_walk_frags(skb, frag)
			skb_orphan(frag);
	}
	release_sock(sk);
	return skb;
}

/**
 * wrtcsub_sctp_recv() - take the next message out, without a copy
 * @sctp: the socket
 * @msg: what wrtcsub_sctp_peek() has set; @skb is set
 *
 * SCTP's recvmsg discards the bytes: it opens the receive window, and drops
 * its references.  Ours keeps them.
 *
 * Context: process, takes the SCTP socket's lock.  One reader a socket.
 * Return: 0, or a negative errno.
 */
int wrtcsub_sctp_recv(struct wrtcsub_sctp *sctp, struct wrtcsub_sctp_msg *msg)
{
	struct msghdr hdr = { .msg_flags = MSG_DONTWAIT };
	struct sk_buff *skb;
	int len;

	skb = wrtcsub_sctp_get_head(sctp->sock->sk);
	if (!skb)
		return -EAGAIN;

	iov_iter_discard(&hdr.msg_iter, ITER_DEST, skb->len);
	len = sock_recvmsg(sctp->sock, &hdr, MSG_DONTWAIT);
	if (len != skb->len) {
		kfree_skb(skb);
		return len < 0 ? len : -EIO;
	}
	memset(skb->cb, 0, sizeof(skb->cb));
	msg->skb = skb;
	return 0;
}

/**
 * wrtcsub_sctp_status() - is there something to read, or why will there not be?
 * @sctp: the socket
 *
 * Context: process, takes the SCTP socket's lock.
 * Return: 1 if there is something to read; 0 if not yet; the negative errno
 *	with which the association has ended, -ECONNRESET if the peer has shut
 *	it down.
 */
int wrtcsub_sctp_status(struct wrtcsub_sctp *sctp)
{
	struct sock *sk = sctp->sock->sk;
	int err = 0;

	lock_sock(sk);
	if (!skb_queue_empty(&sk->sk_receive_queue))
		err = 1;
	else
		err = sock_error(sk);
	if (!err && (sk->sk_shutdown & RCV_SHUTDOWN ||
		     list_empty(&sctp_sk(sk)->ep->asocs)))
		err = -ECONNRESET;
	release_sock(sk);
	return err;
}

/**
 * wrtcsub_sctp_is_alive() - is there an association?
 * @sctp: the socket, which had one
 *
 * Context: any.
 * Return: false once nothing more can come from the peer.
 */
bool wrtcsub_sctp_is_alive(const struct wrtcsub_sctp *sctp)
{
	return READ_ONCE(sctp->sock->sk->sk_state) != TCP_CLOSE;
}

/**
 * wrtcsub_sctp_send() - hand a user message over
 * @sctp: the socket
 * @sid: stream identifier
 * @ppid: payload protocol identifier, host order
 * @vec: the message, @nr pieces of @len bytes together
 * @nr: how many
 * @len: bytes
 * @more: another message follows at once: fill the packet with it
 *
 * Ordered and reliable, always.
 *
 * Context: process, takes the SCTP socket's lock, does not wait for room.
 * Return: 0, -EAGAIN without room, or another negative errno.
 */
int wrtcsub_sctp_send(struct wrtcsub_sctp *sctp, u16 sid, u32 ppid,
		      struct kvec *vec, unsigned int nr, size_t len, bool more)
{
	char control[CMSG_SPACE(sizeof(struct sctp_sndinfo))]
		__aligned(__alignof__(struct cmsghdr)) = {};
	struct msghdr msg = {
		.msg_control	= control,
		.msg_controllen	= sizeof(control),
		.msg_flags	= MSG_DONTWAIT | MSG_NOSIGNAL |
				  (more ? MSG_MORE : 0),
	};
	struct cmsghdr *cmsg = (struct cmsghdr *)control;
	struct sctp_sndinfo *info = CMSG_DATA(cmsg);
	int sent;

	cmsg->cmsg_level = IPPROTO_SCTP;
	cmsg->cmsg_type = SCTP_SNDINFO;
	cmsg->cmsg_len = CMSG_LEN(sizeof(*info));
	info->snd_sid = sid;
	info->snd_ppid = (__force __u32)htonl(ppid);

	sent = kernel_sendmsg(sctp->sock, &msg, vec, nr, len);
	return sent < 0 ? sent : 0;
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
	       WRTCSUB_SCTP_DATA_LIMIT;
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
	       WRTCSUB_SCTP_DATA_LIMIT;
}

/**
 * wrtcsub_sctp_reset_streams() - ask to reset our direction of streams
 * @sctp: the socket
 * @sids: stream identifiers
 * @nr: how many, not 0 (which would mean all)
 *
 * RFC 6525, section 5.1.2.  The answer is an SCTP_STREAM_RESET_EVENT.
 *
 * Context: process, may sleep, takes the SCTP socket's lock.
 * Return: 0; -EAGAIN if one of them has bytes to send; -EINPROGRESS while
 *	another request is under way; -ENOPROTOOPT if the peer cannot do it;
 *	-ENOMEM.
 */
int wrtcsub_sctp_reset_streams(struct wrtcsub_sctp *sctp, const u16 *sids,
			       unsigned int nr)
{
	struct sctp_reset_streams *req;
	int err;

	req = kzalloc(struct_size(req, srs_stream_list, nr), GFP_KERNEL);
	if (!req)
		return -ENOMEM;
	req->srs_flags = SCTP_STREAM_RESET_OUTGOING;
	req->srs_number_streams = nr;
	memcpy(req->srs_stream_list, sids, nr * sizeof(*sids));
	err = wrtcsub_sctp_set(sctp->sock, SCTP_RESET_STREAMS, req,
			       struct_size(req, srs_stream_list, nr));
	kfree(req);
	return err;
}

/**
 * wrtcsub_sctp_info() - what SCTP knows of the association
 * @sctp: the socket
 * @info: filled in
 * @can_reset: set to whether the peer has RFC 6525; @info has that in some
 *	kernels only
 *
 * Context: process, takes the SCTP socket's lock.
 * Return: 0, or -ENOTCONN without an association.
 */
int wrtcsub_sctp_info(struct wrtcsub_sctp *sctp, struct sctp_info *info,
		      bool *can_reset)
{
	struct sock *sk = sctp->sock->sk;
	struct sctp_association *asoc;
	int err = -ENOTCONN;

	lock_sock(sk);
	asoc = list_first_entry_or_null(&sctp_sk(sk)->ep->asocs,
					struct sctp_association, asocs);
	if (asoc) {
		err = sctp_get_sctp_info(sk, asoc, info);
		*can_reset = asoc->peer.reconf_capable;
	}
	release_sock(sk);
	return err;
}
