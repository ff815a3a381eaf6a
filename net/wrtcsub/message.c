// SPDX-License-Identifier: GPL-2.0
/*
 * User messages of an SCTP socket: taken out without a copy, and handed over.
 *
 * - A message is delivered in pieces, without MSG_EOR, as soon as the reader
 *   is slower than the sender.
 * - SCTP admits a message of any size as long as the send buffer is not full.
 */

#include <linux/net.h>
#include <linux/skbuff.h>
#include <net/sctp/sctp.h>
#include <net/sctp/sm.h>
#include <net/sctp/ulpevent.h>
#include <net/sock.h>

#include "message.h"
#include "sctp.h"

static u32 wrtcsub_message_truesize(struct sk_buff *skb)
{
	u32 size = skb->truesize;
	struct sk_buff *frag;

	skb_walk_frags(skb, frag)
		size += frag->truesize;
	return size;
}

/**
 * wrtcsub_message_peek() - look at the next message
 * @sctp: the socket
 * @msg: what tells about the message is set, @skb is not
 *
 * Context: process, takes the SCTP socket's lock.
 * Return: false if there is none.
 */
bool wrtcsub_message_peek(struct wrtcsub_sctp *sctp,
			  struct wrtcsub_message *msg)
{
	struct sock *sk = sctp->sock->sk;
	struct sctp_ulpevent *event;
	struct sk_buff *skb;

	lock_sock(sk);
	skb = skb_peek(&sk->sk_receive_queue);
	if (skb) {
		event = sctp_skb2event(skb);
		/* Known also of an association that has ended. */
		sctp->ctsn = wrtcsub_sctp_whole_tsn(event->asoc);
		msg->notification = event->msg_flags & MSG_NOTIFICATION;
		msg->truesize = wrtcsub_message_truesize(skb);
		msg->sid = event->stream;
		msg->ppid = ntohl((__force __be32)event->ppid);
		msg->tsn = event->tsn;
		msg->unordered = event->flags & SCTP_UNORDERED;
		msg->early = msg->unordered &&
			     (TSN_lt(event->cumtsn + 1, event->tsn) ||
			      TSN_lt(sctp->ctsn + 1, event->tsn));
		msg->end = event->msg_flags & MSG_EOR;
		msg->first = event->msg_flags & SCTP_DATA_FIRST_FRAG;
	}
	release_sock(sk);
	return skb;
}

/**
 * wrtcsub_message_held() - memory of what waits to be read
 * @sctp: the socket
 *
 * Context: any.
 * Return: bytes; of notifications what they take, of messages what SCTP counts
 *	for them.
 */
size_t wrtcsub_message_held(const struct wrtcsub_sctp *sctp)
{
	return atomic_read(&sctp->sock->sk->sk_rmem_alloc);
}

/**
 * wrtcsub_message_is_partial() - is a message being delivered in pieces?
 * @sctp: the socket
 *
 * Until its last piece is there SCTP keeps all notifications back, and does not
 * call sk_data_ready for them.  With interleaving (RFC 8260) it does not.
 *
 * Context: process, takes the SCTP socket's lock.
 * Return: true if SCTP keeps notifications back.
 */
bool wrtcsub_message_is_partial(const struct wrtcsub_sctp *sctp)
{
	struct sock *sk = sctp->sock->sk;
	bool partial;

	/* SCTP calls sk_data_ready for the first piece, and sets it then. */
	lock_sock(sk);
	partial = atomic_read(&sctp_sk(sk)->pd_mode);
	release_sock(sk);
	return partial;
}

/* Take a reference to the head of the receive queue, which is SCTP's until its
 * recvmsg has given up its own.  Orphaned while the event is still whole: its
 * destructor gives the receive buffer back and needs the control buffer.
 */
static struct sk_buff *wrtcsub_message_get_head(struct sock *sk)
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
 * wrtcsub_message_recv() - take the next message out, without a copy
 * @sctp: the socket
 * @msg: what wrtcsub_message_peek() has set; @skb is set
 *
 * SCTP's recvmsg discards the bytes: it opens the receive window, and drops
 * its references.  Ours keeps them.
 *
 * Context: process, takes the SCTP socket's lock.  One reader a socket.
 * Return: 0, or a negative errno.
 */
int wrtcsub_message_recv(struct wrtcsub_sctp *sctp,
			 struct wrtcsub_message *msg)
{
	struct msghdr hdr = { .msg_flags = MSG_DONTWAIT };
	struct sk_buff *skb;
	int len;

	skb = wrtcsub_message_get_head(sctp->sock->sk);
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
	msg->taken = false;
	msg->off = 0;
	msg->waits = 0;
	return 0;
}

/**
 * wrtcsub_message_send() - hand a user message over
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
int wrtcsub_message_send(struct wrtcsub_sctp *sctp, u16 sid, u32 ppid,
			 struct kvec *vec, unsigned int nr, size_t len,
			 bool more)
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
	if (sent >= 0)
		return 0;
	wrtcsub_sctp_keep_end(sctp, sent);
	return sent;
}
