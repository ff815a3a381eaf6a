// SPDX-License-Identifier: GPL-2.0
/*
 * What a peer says of the opening of channels.
 *
 * A DATA_CHANNEL_OPEN makes a substream for the listener (listener.c), or its
 * channel is refused: by a RESET_STREAM, and then by closing it (reset.c).  A
 * DATA_CHANNEL_ACK answers an OPEN of ours.  dcep.c knows the bytes of both.
 */

#include <linux/skbuff.h>
#include <linux/slab.h>
#include <net/sock.h>

#include "assoc.h"
#include "dcep.h"
#include "listener.h"
#include "message.h"
#include "mib.h"
#include "opening.h"
#include "pernet.h"
#include "substream.h"

static void wrtcsub_opening_refuse(struct wrtcsub_assoc *a, u16 sid,
				   enum wrtcsub_mib_field why)
{
	wrtcsub_mib_inc(a->net, why);
	wrtcsub_reset_refuse(a, sid);
}

/* An OPEN on a channel that is not open: a substream for the listener. */
static void wrtcsub_opening_serve(struct wrtcsub_assoc *a, u16 sid,
				  const struct wrtcsub_dcep_open *open)
{
	int err;

	if (open->type != WRTCSUB_DCEP_RELIABLE &&
	    (open->type != WRTCSUB_DCEP_RELIABLE_UNORDERED ||
	     !wrtcsub_pernet_get(a->net, accept_unordered))) {
		wrtcsub_opening_refuse(a, sid, WRTCSUB_MIB_OPEN_REFUSED_TYPE);
		return;
	}
	if ((sid & 1) == a->odd) {
		wrtcsub_opening_refuse(a, sid, WRTCSUB_MIB_OPEN_REFUSED_ID);
		return;
	}
	err = wrtcsub_listener_open(a, sid, open);
	if (err == -ENOMEM)
		wrtcsub_opening_refuse(a, sid, WRTCSUB_MIB_OPEN_REFUSED_MEMORY);
	else if (err == -ENOBUFS)
		wrtcsub_opening_refuse(a, sid, WRTCSUB_MIB_OPEN_REFUSED_BACKLOG);
	else if (err)
		wrtcsub_opening_refuse(a, sid, WRTCSUB_MIB_OPEN_REFUSED_CLOSED);
}

/* A DCEP message for a substream: only the ACK of our OPEN makes sense. */
static void wrtcsub_opening_in_use(struct wrtcsub_assoc *a,
				   struct wrtcsub_sock *ws, u8 type)
{
	if (type == WRTCSUB_DCEP_ACK) {
		wrtcsub_substream_acked(ws);
		return;
	}
	wrtcsub_mib_inc(a->net, type == WRTCSUB_DCEP_OPEN ?
				WRTCSUB_MIB_OPEN_REFUSED_ID :
				WRTCSUB_MIB_RX_BAD_DCEP);
	wrtcsub_substream_fail(ws, WRTCSUB_EV_ABORT, EPROTO);
}

/* A DCEP message on a channel that is not open: only an OPEN makes sense, of
 * which two strings of 64 KiB are the most that it can be.
 */
static void wrtcsub_opening_not_in_use(struct wrtcsub_assoc *a,
				       const struct wrtcsub_message *msg)
{
	struct wrtcsub_dcep_open open;
	struct sk_buff *skb = msg->skb;
	u8 *data;

	if (!msg->end || skb->len > WRTCSUB_DCEP_OPEN_LEN + 2 * U16_MAX) {
		wrtcsub_opening_refuse(a, msg->sid, WRTCSUB_MIB_RX_BAD_DCEP);
		return;
	}
	data = kmalloc(skb->len, GFP_KERNEL | __GFP_NOWARN);
	if (!data)
		wrtcsub_opening_refuse(a, msg->sid,
				       WRTCSUB_MIB_OPEN_REFUSED_MEMORY);
	else if (skb_copy_bits(skb, 0, data, skb->len) ||
		 wrtcsub_dcep_parse_open(&open, data, skb->len))
		wrtcsub_opening_refuse(a, msg->sid, WRTCSUB_MIB_RX_BAD_DCEP);
	else
		wrtcsub_opening_serve(a, msg->sid, &open);
	kfree(data);
}

/**
 * wrtcsub_opening_recv() - a DCEP message has come
 * @a: the association
 * @ws: the substream that has the channel, or NULL
 * @msg: the message, or its first piece
 *
 * Context: the association's work.
 * Source: RFC 8832, section 6.
 */
void wrtcsub_opening_recv(struct wrtcsub_assoc *a, struct wrtcsub_sock *ws,
			  const struct wrtcsub_message *msg)
{
	u8 type = 0;

	skb_copy_bits(msg->skb, 0, &type, min(msg->skb->len, 1u));
	if (ws)
		wrtcsub_opening_in_use(a, ws, type);
	/* The ACK is of a channel that was closed meanwhile. */
	else if (type != WRTCSUB_DCEP_ACK)
		wrtcsub_opening_not_in_use(a, msg);
}
