/* SPDX-License-Identifier: GPL-2.0 */
/* User messages of an SCTP socket. */
#ifndef _NET_WRTCSUB_MESSAGE_H
#define _NET_WRTCSUB_MESSAGE_H

#include <linux/types.h>
#include <linux/uio.h>

struct sk_buff;
struct wrtcsub_sctp;

#define WRTCSUB_PPID_DCEP		50
#define WRTCSUB_PPID_STRING		51
#define WRTCSUB_PPID_BINARY		53
#define WRTCSUB_PPID_STRING_EMPTY	56
#define WRTCSUB_PPID_BINARY_EMPTY	57

/**
 * struct wrtcsub_message - a user message, or a piece of one
 * @skb: the bytes; owned by the reader, whose control buffer it is.  Shared
 *	with SCTP and others: never written to
 * @truesize: memory that @skb pins
 * @sid: stream identifier
 * @ppid: payload protocol identifier, host order
 * @tsn: of its first chunk
 * @unordered: the peer has sent it so
 * @early: then: something that was sent before it had not come when it came
 * @first: the message begins with this piece
 * @end: the message ends with this piece
 * @notification: not from the peer; @skb holds union sctp_notification
 * @taken: @skb lies in a queue: others need a clone or a copy
 * @off: bytes of it that have been dealt with
 * @waits: bytes of payload after these that wait for memory
 */
struct wrtcsub_message {
	struct sk_buff	*skb;
	u32		truesize;
	u16		sid;
	u32		ppid;
	u32		tsn;
	bool		unordered;
	bool		early;
	bool		first;
	bool		end;
	bool		notification;
	bool		taken;
	u32		off;
	u32		waits;
};

bool wrtcsub_message_peek(struct wrtcsub_sctp *sctp,
			  struct wrtcsub_message *msg);
size_t wrtcsub_message_held(const struct wrtcsub_sctp *sctp);
bool wrtcsub_message_is_partial(const struct wrtcsub_sctp *sctp);
int wrtcsub_message_recv(struct wrtcsub_sctp *sctp,
			 struct wrtcsub_message *msg);
int wrtcsub_message_send(struct wrtcsub_sctp *sctp, u16 sid, u32 ppid,
			 struct kvec *vec, unsigned int nr, size_t len,
			 bool more);

#endif /* _NET_WRTCSUB_MESSAGE_H */
