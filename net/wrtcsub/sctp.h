/* SPDX-License-Identifier: GPL-2.0 */
/* The SCTP socket underneath an association or a listener. */
#ifndef _NET_WRTCSUB_SCTP_H
#define _NET_WRTCSUB_SCTP_H

#include <linux/socket.h>
#include <linux/wait.h>
#include <linux/sctp.h>

struct sctp_association;
struct sock;
struct socket;

/* What SCTP reports. */
enum wrtcsub_sctp_event {
	WRTCSUB_SCTP_CHANGED,	/* something to read, up, lost, or shut down */
	WRTCSUB_SCTP_WRITABLE,	/* something has left the send buffer */
};

/**
 * struct wrtcsub_sctp - an SCTP socket with our callbacks
 * @sock: the socket; owned
 * @event: called in softirq, with locks of SCTP held: queues work
 * @wait: our place in the socket's wait queue
 * @limit: what data may fill of the send buffer, in terms of sk_wmem_queued
 * @peer_tag: the peer's verification tag when the association came up, which
 *	its work writes, and alone reads; 0: it has not
 * @ctsn: wrtcsub_sctp_whole_tsn() when the association's work looked last; the
 *	work's
 */
struct wrtcsub_sctp {
	struct socket		*sock;
	void			(*event)(struct wrtcsub_sctp *sctp,
					 enum wrtcsub_sctp_event what);
	wait_queue_entry_t	wait;
	unsigned int		limit;
	u32			peer_tag;
	u32			ctsn;
};

int wrtcsub_sctp_create(const struct sock *owner, int family,
			struct socket **sockp);
void wrtcsub_sctp_inherit(struct socket *sock, const struct sock *owner);
void wrtcsub_sctp_inherit_tos(struct socket *sock,
			      const struct socket *listener);
void wrtcsub_sctp_inherit_cookie_key(struct socket *sock,
				     const struct socket *listener);
void wrtcsub_sctp_set_v6only(struct socket *sock, bool only);
bool wrtcsub_sctp_has_family(struct socket *sock, int family);
int wrtcsub_sctp_set(struct socket *sock, int option, const void *value,
		     unsigned int len);
int wrtcsub_sctp_set_encap_port(struct socket *sock, u16 port);
int wrtcsub_sctp_set_heartbeat(struct socket *sock);
void wrtcsub_sctp_release(struct socket *sock);

void wrtcsub_sctp_hook(struct wrtcsub_sctp *sctp);
void wrtcsub_sctp_unhook(struct wrtcsub_sctp *sctp);
struct sctp_association *wrtcsub_sctp_asoc(struct sock *sk);
int wrtcsub_sctp_uncork(struct wrtcsub_sctp *sctp);
void wrtcsub_sctp_update(struct wrtcsub_sctp *sctp);
bool wrtcsub_sctp_has_room(const struct wrtcsub_sctp *sctp);
bool wrtcsub_sctp_has_room_behind(const struct wrtcsub_sctp *sctp, size_t len);
bool wrtcsub_sctp_is_drained(const struct wrtcsub_sctp *sctp);

/* status.c */
bool wrtcsub_sctp_is_alive(const struct wrtcsub_sctp *sctp);
bool wrtcsub_sctp_goes_on(const struct wrtcsub_sctp *sctp);
bool wrtcsub_sctp_has_route(const struct wrtcsub_sctp *sctp);
int wrtcsub_sctp_unreachable(const struct wrtcsub_sctp *sctp);
u32 wrtcsub_sctp_last_tsn(const struct wrtcsub_sctp *sctp);
u32 wrtcsub_sctp_whole_tsn(const struct sctp_association *asoc);
bool wrtcsub_sctp_arrived(struct wrtcsub_sctp *sctp, u32 *tsn,
			  unsigned int *ahead);
bool wrtcsub_sctp_is_acked(const struct wrtcsub_sctp *sctp, u32 tsn);
bool wrtcsub_sctp_has_request(const struct wrtcsub_sctp *sctp);
u32 wrtcsub_sctp_request_seq(const struct wrtcsub_sctp *sctp);
int wrtcsub_sctp_end(const struct wrtcsub_sctp *sctp);
int wrtcsub_sctp_status(struct wrtcsub_sctp *sctp);
void wrtcsub_sctp_keep_end(struct wrtcsub_sctp *sctp, int err);

/* What the peer can do, which struct sctp_info has in some kernels only. */
#define WRTCSUB_SCTP_RECONF	0x1	/* RFC 6525 */
#define WRTCSUB_SCTP_INTERLEAVE	0x2	/* RFC 8260 */

unsigned int wrtcsub_sctp_caps(struct wrtcsub_sctp *sctp);
void wrtcsub_sctp_names(struct wrtcsub_sctp *sctp,
			struct sockaddr_storage *local,
			struct sockaddr_storage *peer);
int wrtcsub_sctp_info(struct wrtcsub_sctp *sctp, struct sctp_info *info);
int wrtcsub_sctp_streams(struct wrtcsub_sctp *sctp, unsigned int known,
			 unsigned int *in, unsigned int *out);
unsigned int wrtcsub_sctp_pick_sent(struct wrtcsub_sctp *sctp, u16 *sids,
				    unsigned int nr);
bool wrtcsub_sctp_has_peer(struct wrtcsub_sctp *sctp,
			   const struct sockaddr_storage *addr);

#endif /* _NET_WRTCSUB_SCTP_H */
