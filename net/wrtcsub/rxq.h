/* SPDX-License-Identifier: GPL-2.0 */
/* Payload on its way from SCTP to the reader. */
#ifndef _NET_WRTCSUB_RXQ_H
#define _NET_WRTCSUB_RXQ_H

#include <linux/skbuff.h>

struct wrtcsub_sctp_msg;
struct wrtcsub_sock;

/**
 * struct wrtcsub_rxq_cb - control buffer of a piece of payload
 * @off: where the payload begins in the skb
 * @len: bytes of payload that the reader has not taken
 * @charge: bytes of memory charged for it
 * @last: the frame's payload ends here
 */
struct wrtcsub_rxq_cb {
	u32	off;
	u32	len;
	u32	charge;
	bool	last;
};

static inline struct wrtcsub_rxq_cb *wrtcsub_rxq_cb(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct wrtcsub_rxq_cb) > sizeof(skb->cb));
	return (struct wrtcsub_rxq_cb *)skb->cb;
}

/**
 * struct wrtcsub_rxq - payload that is not complete, and what is known of it
 * @partial: pieces of the frame that is being received; the work's
 * @partial_charge: memory charged for them; the work's
 * @last: the message that the last of them is in, or NULL; the work's, valid
 *	only while that message is being read
 * @bytes: payload in the socket's receive queue, under that queue's lock
 */
struct wrtcsub_rxq {
	struct sk_buff_head	partial;
	u32			partial_charge;
	const struct wrtcsub_sctp_msg *last;
	unsigned int		bytes;
};

void wrtcsub_rxq_init(struct wrtcsub_rxq *q);
int wrtcsub_rxq_add(struct wrtcsub_sock *ws, struct wrtcsub_sctp_msg *msg,
		    u32 off, u32 len);
void wrtcsub_rxq_drop_partial(struct wrtcsub_sock *ws);
unsigned int wrtcsub_rxq_commit(struct wrtcsub_sock *ws);
void wrtcsub_rxq_consume(struct wrtcsub_sock *ws, struct sk_buff *skb, u32 len);
void wrtcsub_rxq_purge(struct wrtcsub_sock *ws);

#endif /* _NET_WRTCSUB_RXQ_H */
