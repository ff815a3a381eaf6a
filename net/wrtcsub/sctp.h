/* SPDX-License-Identifier: GPL-2.0 */
/* The SCTP socket underneath an association or a listener. */
#ifndef _NET_WRTCSUB_SCTP_H
#define _NET_WRTCSUB_SCTP_H

#include <linux/socket.h>
#include <linux/uio.h>
#include <linux/wait.h>
#include <linux/sctp.h>

struct net;
struct sk_buff;
struct sock;
struct socket;
struct wrtcsub_sctp;

#define WRTCSUB_PPID_DCEP		50
#define WRTCSUB_PPID_STRING		51
#define WRTCSUB_PPID_BINARY		53
#define WRTCSUB_PPID_STRING_EMPTY	56
#define WRTCSUB_PPID_BINARY_EMPTY	57

/* What SCTP reports, as bits of wrtcsub_sctp::event's argument. */
#define WRTCSUB_SCTP_READABLE	0x1	/* something is in the receive queue */
#define WRTCSUB_SCTP_WRITABLE	0x2	/* there is room for data again */
#define WRTCSUB_SCTP_CHANGED	0x4	/* up, lost, or shut down */

/**
 * struct wrtcsub_sctp - an SCTP socket with our callbacks
 * @sock: the socket; owned
 * @event: called in softirq, with locks of SCTP held: sets bits, queues work
 * @wait: our place in the socket's wait queue
 */
struct wrtcsub_sctp {
	struct socket		*sock;
	void			(*event)(struct wrtcsub_sctp *sctp,
					 unsigned int what);
	wait_queue_entry_t	wait;
};

/**
 * struct wrtcsub_sctp_msg - a user message, or a piece of one
 * @skb: the bytes; owned by the reader, whose control buffer it is.  Shared
 *	with SCTP and others: never written to
 * @sid: stream identifier
 * @ppid: payload protocol identifier, host order
 * @end: the message ends with this piece
 * @notification: not from the peer; @skb holds union sctp_notification
 * @taken: @skb lies in a queue: others need a clone
 */
struct wrtcsub_sctp_msg {
	struct sk_buff	*skb;
	u16		sid;
	u32		ppid;
	bool		end;
	bool		notification;
	bool		taken;
};

int wrtcsub_sctp_create(const struct sock *owner, int family,
			struct socket **sockp);
int wrtcsub_sctp_set(struct socket *sock, int option, const void *value,
		     unsigned int len);
int wrtcsub_sctp_setup(struct socket *sock, unsigned int streams);
void wrtcsub_sctp_no_gso(struct socket *sock);
void wrtcsub_sctp_hook(struct wrtcsub_sctp *sctp);
void wrtcsub_sctp_unhook(struct wrtcsub_sctp *sctp);
void wrtcsub_sctp_release(struct socket *sock, bool abort);

bool wrtcsub_sctp_peek(struct wrtcsub_sctp *sctp, struct wrtcsub_sctp_msg *msg);
int wrtcsub_sctp_status(struct wrtcsub_sctp *sctp);
bool wrtcsub_sctp_is_alive(const struct wrtcsub_sctp *sctp);
int wrtcsub_sctp_recv(struct wrtcsub_sctp *sctp, struct wrtcsub_sctp_msg *msg);
int wrtcsub_sctp_send(struct wrtcsub_sctp *sctp, u16 sid, u32 ppid,
		      struct kvec *vec, unsigned int nr, size_t len, bool more);
bool wrtcsub_sctp_has_room(const struct wrtcsub_sctp *sctp);
bool wrtcsub_sctp_has_room_behind(const struct wrtcsub_sctp *sctp, size_t len);
int wrtcsub_sctp_reset_streams(struct wrtcsub_sctp *sctp, const u16 *sids,
			       unsigned int nr);
int wrtcsub_sctp_info(struct wrtcsub_sctp *sctp, struct sctp_info *info,
		      bool *can_reset);

#endif /* _NET_WRTCSUB_SCTP_H */
