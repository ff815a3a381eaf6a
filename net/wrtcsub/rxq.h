/* SPDX-License-Identifier: GPL-2.0 */
/* Payload on its way from SCTP to the reader. */
#ifndef _NET_WRTCSUB_RXQ_H
#define _NET_WRTCSUB_RXQ_H

#include <linux/skbuff.h>

struct wrtcsub_message;
struct wrtcsub_sock;

/**
 * struct wrtcsub_rxq_cb - control buffer of a piece of payload
 * @off: where the payload begins in the skb
 * @len: bytes of payload that the reader has not taken
 * @charge: bytes of memory charged for it
 * @last: the frame's payload ends here
 * @is_copy: the skb is ours alone, and has nothing but the payload
 */
struct wrtcsub_rxq_cb {
	u32	off;
	u32	len;
	u32	charge;
	bool	last;
	bool	is_copy;
};

static inline struct wrtcsub_rxq_cb *wrtcsub_rxq_cb(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct wrtcsub_rxq_cb) > sizeof(skb->cb));
	return (struct wrtcsub_rxq_cb *)skb->cb;
}

/**
 * struct wrtcsub_rxq_cursor - the piece that a reader looks at
 * @skb: the piece, with a reference; NULL: there is none
 * @off: bytes of its payload that the reader has passed
 * @epoch: wrtcsub_rxq::epoch when it was found
 */
struct wrtcsub_rxq_cursor {
	struct sk_buff	*skb;
	u32		off;
	unsigned int	epoch;
};

/**
 * struct wrtcsub_rxq - payload that is not complete, and what is known of it
 * @partial: pieces of the frame that is being received; the work's
 * @partial_charge: memory charged for them; the work's
 * @last: the message that the last of them is in, or NULL; the work's, valid
 *	only while that message is being read
 * @bytes: payload in the socket's receive queue, under that queue's lock
 * @epoch: changes when pieces are taken away from the reader; likewise
 */
struct wrtcsub_rxq {
	struct sk_buff_head	partial;
	u32			partial_charge;
	const struct wrtcsub_message *last;
	unsigned int		bytes;
	unsigned int		epoch;
};

void wrtcsub_rxq_init(struct wrtcsub_rxq *q);
bool wrtcsub_rxq_reserve(struct wrtcsub_sock *ws, u32 size);
void wrtcsub_rxq_hold(struct wrtcsub_sock *ws, u32 size);
void wrtcsub_rxq_unhold(struct wrtcsub_sock *ws, u32 size);
int wrtcsub_rxq_add(struct wrtcsub_sock *ws, struct wrtcsub_message *msg,
		    u32 off, u32 len, u32 *need);
void wrtcsub_rxq_drop_partial(struct wrtcsub_sock *ws);
unsigned int wrtcsub_rxq_commit(struct wrtcsub_sock *ws);
void wrtcsub_rxq_purge(struct wrtcsub_sock *ws);

void wrtcsub_rxq_first(struct wrtcsub_sock *ws,
		       struct wrtcsub_rxq_cursor *cursor, size_t skip);
bool wrtcsub_rxq_next(struct wrtcsub_sock *ws,
		      struct wrtcsub_rxq_cursor *cursor);
void wrtcsub_rxq_consume(struct wrtcsub_sock *ws,
			 struct wrtcsub_rxq_cursor *cursor, u32 len);
void wrtcsub_rxq_done(struct wrtcsub_rxq_cursor *cursor);

#endif /* _NET_WRTCSUB_RXQ_H */
