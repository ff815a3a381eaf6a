/* SPDX-License-Identifier: GPL-2.0 */
/* The socket of a substream. */
#ifndef _NET_WRTCSUB_SUBSTREAM_H
#define _NET_WRTCSUB_SUBSTREAM_H

#include <linux/hrtimer.h>
#include <linux/llist.h>
#include <linux/socket.h>
#include <net/sock.h>
#include <uapi/linux/wrtcsub.h>

#include "dcep.h"
#include "early.h"
#include "frame.h"
#include "fsm.h"
#include "option.h"
#include "rxq.h"
#include "txq.h"

struct wrtcsub_assoc;
struct wrtcsub_listener;

/* Bits of the state word that the state machine passes: DCEP messages due. */
#define WRTCSUB_DUE_OPEN	0x00001000
#define WRTCSUB_DUE_ACK		0x00002000
#define WRTCSUB_DUE_ANY		(WRTCSUB_DUE_FLAGS | WRTCSUB_DUE_OPEN | \
				 WRTCSUB_DUE_ACK)

/* Bits of wrtcsub_sock::flags. */
#define WRTCSUB_F_KICKED	0	/* is in its association's kick list */
#define WRTCSUB_F_ACKED		1	/* the peer has seen the channel */
#define WRTCSUB_F_MORE		2	/* MSG_MORE: the last frame may grow */
#define WRTCSUB_F_WAITING	3	/* in wrtcsub_assoc::opening */
#define WRTCSUB_F_PLACED	4	/* in wrtcsub_assoc::streams */
#define WRTCSUB_F_ENDED		5	/* a listener whose association ended */
#define WRTCSUB_F_REFUSED	6	/* never in an accept queue */

/**
 * struct wrtcsub_sock - a socket: unconnected, a listener, or a substream
 * @sk: must be first
 * @state: the state word of fsm.h, changed by cmpxchg, read without a lock
 * @flags: WRTCSUB_F_*
 * @err: why the substream was reset, a positive errno; set once, before the
 *	state is
 * @assoc: its association, referenced; set under lock_sock before sk_state
 *	says SYN_SENT or ESTABLISHED; constant once the substream has a place
 * @attached: of WRTCSUB_ATTACH, referenced; under lock_sock, others may but
 *	compare it
 * @sid: stream identifier, constant from ESTABLISHED on
 * @ipv6: the program uses IPv6 addresses, and sees IPv4 ones mapped
 * @opt: options at SOL_WRTCSUB; written under lock_sock, read without a lock
 * @code: of our next RESET_STREAM or STOP_SENDING, see WRTCSUB_CODE_SET
 * @peer_code: the code of the peer's last RESET_STREAM or STOP_SENDING
 * @label: of the channel, or NULL; constant from SYN_SENT on
 * @protocol: likewise
 * @label_len: of the label on the wire, of which @label has 255 bytes at most
 * @fin_wait: those in shutdown(2)
 * @fin_timer: FIN_SENT until it fires, and before that the wait for the
 *	DATA_CHANNEL_ACK; holds a reference while armed; the work starts it
 * @close_timer: closed, the peer's FIN has not come; likewise
 * @more_timer: MSG_MORE holds the last frame back until it fires; likewise
 * @close_bytes: @tx_bytes when @close_timer looked last
 * @close_since: since when they have not changed
 * @fin_sent: when SCTP got the FIN
 * @fin_rtt_us: from then to its FIN_ACK
 * @kick: link in wrtcsub_assoc::kicked, while WRTCSUB_F_KICKED
 * @turn: link in one of the work's lists; the work's
 * @body_left: bytes of a frame whose prefix went ahead; the work's
 * @record_left: of SOCK_SEQPACKET: bytes of the record that is next; the work's
 * @txq: bytes to send
 * @decoder: of what is received; the work's
 * @msg_ppid: of the message whose pieces come in, or 0; the work's
 * @early: messages that wait for others; the work's
 * @rxq: payload received
 * @tx_bytes: payload handed to SCTP; written by the work
 * @rx_bytes: payload queued for the reader; written by the work
 * @tx_frames: frames handed to SCTP; written by the work
 * @rx_frames: frames received; written by the work
 * @bound: the SCTP socket that was made and nobody has taken yet
 * @bind_addr: what was asked of bind, with the port that was got; ss_family 0:
 *	nothing
 * @local: of a listener: where it listens; constant while it does
 * @number: in the list of all sockets of the namespace
 * @v6only: IPV6_V6ONLY was set, and is not what net.ipv6.bindv6only says
 * @sctp_options: digest of the options at SOL_SCTP
 * @listener: of a listener: its SCTP socket; under lock_sock
 * @accept_lock: for @accept_queue, and for sk_state of a listener
 * @accept_queue: of a listener: substreams not accepted yet, each with a
 *	reference
 * @accept_node: link in @accept_queue
 *
 * Locks:
 *
 * - lock_sock() serialises the program's calls on one socket, and nothing
 *   else: the association's work and the timers never take it, so a program
 *   that faults in the middle of a copy holds up nobody.
 * - sk_receive_queue.lock: the receive queue, wrtcsub_rxq::bytes and ::epoch,
 *   and sk_forward_alloc.
 * - wrtcsub_assoc::lock: F_WAITING and F_PLACED, and sk_state from SYN_SENT on.
 * - What is "the work's" is touched by the association's work item alone,
 *   which never runs twice at a time.
 *
 * References: one of the file descriptor; one of the association's table;
 * one while kicked or in a list of the work; one for each armed timer; one of
 * the accept queue.
 */
struct wrtcsub_sock {
	struct sock		sk;

	atomic_t		state;
	unsigned long		flags;
	int			err;
	struct wrtcsub_assoc	*assoc;
	struct wrtcsub_assoc	*attached;
	u16			sid;
	bool			ipv6;
	bool			v6only;

	struct wrtcsub_option	opt;
	atomic64_t		code;
	u32			peer_code;
	struct wrtcsub_text	*label;
	struct wrtcsub_text	*protocol;
	u16			label_len;

	wait_queue_head_t	fin_wait;
	struct hrtimer		fin_timer;
	struct hrtimer		close_timer;
	struct hrtimer		more_timer;
	u64			close_bytes;
	ktime_t			close_since;
	ktime_t			fin_sent;
	u32			fin_rtt_us;

	struct llist_node	kick;
	struct list_head	turn;
	u32			body_left;
	u32			record_left;
	struct wrtcsub_txq	txq;
	struct wrtcsub_frame_decoder decoder;
	u32			msg_ppid;
	struct wrtcsub_early_queue early;
	struct wrtcsub_rxq	rxq;
	u64			tx_bytes;
	u64			rx_bytes;
	u64			tx_frames;
	u64			rx_frames;

	struct socket		*bound;
	struct sockaddr_storage	bind_addr;
	struct sockaddr_storage	local;
	u32			number;
	u32			sctp_options;
	struct wrtcsub_listener	*listener;
	spinlock_t		accept_lock;	/* see above */
	struct list_head	accept_queue;
	struct list_head	accept_node;
};

static inline struct wrtcsub_sock *wrtcsub_sk(const struct sock *sk)
{
	return (struct wrtcsub_sock *)sk;
}

static inline u32 wrtcsub_substream_state(const struct wrtcsub_sock *ws)
{
	return atomic_read_acquire(&ws->state);
}

/* TCP_CLOSE, TCP_LISTEN, TCP_SYN_SENT or TCP_ESTABLISHED.  Who sees the latter
 * two sees what was set before: the association, the identifier.
 */
static inline int wrtcsub_substream_phase(const struct wrtcsub_sock *ws)
{
	/* Pairs with wrtcsub_substream_set_phase(). */
	return smp_load_acquire(&ws->sk.sk_state);
}

static inline void wrtcsub_substream_set_phase(struct wrtcsub_sock *ws,
					       int phase)
{
	/* Pairs with wrtcsub_substream_phase(). */
	smp_store_release(&ws->sk.sk_state, phase);
}

static inline bool wrtcsub_substream_is_connected(const struct wrtcsub_sock *ws)
{
	return wrtcsub_substream_phase(ws) == TCP_ESTABLISHED;
}

/* Nothing more of it is looked at. */
static inline bool wrtcsub_substream_is_reset(const struct wrtcsub_sock *ws)
{
	return wrtcsub_fsm_tx(wrtcsub_substream_state(ws)) == WRTCSUB_TX_RESET;
}

/* Both halves are, in this state word. */
static inline bool wrtcsub_substream_is_over(u32 word)
{
	return wrtcsub_fsm_tx_over(word) && wrtcsub_fsm_rx_over(word);
}

extern struct proto wrtcsub_proto;
extern const struct proto_ops wrtcsub_proto_ops;

struct wrtcsub_sock *wrtcsub_substream_alloc(struct net *net, int type,
					     int kern);
u32 wrtcsub_substream_event(struct wrtcsub_sock *ws, enum wrtcsub_event event);
void wrtcsub_substream_fail(struct wrtcsub_sock *ws, enum wrtcsub_event event,
			    int err);
void wrtcsub_substream_lose(struct wrtcsub_sock *ws, int err);
int wrtcsub_substream_destroy(struct sock *sk, int err);
int wrtcsub_substream_error(struct wrtcsub_sock *ws, u32 which);
void wrtcsub_substream_kick(struct wrtcsub_sock *ws);
void wrtcsub_substream_wake(struct wrtcsub_sock *ws, __poll_t what);
void wrtcsub_substream_wake_all(struct wrtcsub_sock *ws, __poll_t what);
void wrtcsub_substream_wake_writers(struct wrtcsub_sock *ws);
bool wrtcsub_substream_is_writable(const struct wrtcsub_sock *ws);
void wrtcsub_substream_acked(struct wrtcsub_sock *ws);
void wrtcsub_substream_wait_all(struct net *net);

#endif /* _NET_WRTCSUB_SUBSTREAM_H */
