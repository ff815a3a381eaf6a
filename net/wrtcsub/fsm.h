/* SPDX-License-Identifier: GPL-2.0 */
/* The two halves of a substream, and what moves them. */
#ifndef _NET_WRTCSUB_FSM_H
#define _NET_WRTCSUB_FSM_H

#include <linux/types.h>
#include <uapi/linux/wrtcsub.h>

enum wrtcsub_event {
	WRTCSUB_EV_SHUT_WR,		/* shutdown(SHUT_WR), close */
	WRTCSUB_EV_DRAINED,		/* SCTP holds all that was written */
	WRTCSUB_EV_FIN_ACK,		/* the peer's FIN_ACK */
	WRTCSUB_EV_TIMER,		/* no FIN_ACK in time */
	WRTCSUB_EV_STOP_SENDING,	/* the peer's STOP_SENDING */
	WRTCSUB_EV_FIN,			/* the peer's FIN */
	WRTCSUB_EV_SHUT_RD,		/* shutdown(SHUT_RD), close */
	WRTCSUB_EV_GIVE_UP,		/* closed, and the peer sent no FIN */
	WRTCSUB_EV_RESET_STREAM,	/* the peer's RESET_STREAM */
	WRTCSUB_EV_ABORT,		/* we reset it */
	WRTCSUB_EV_OVERFLOW,		/* we reset it, for all that is unread */
	WRTCSUB_EV_LOST,		/* no channel any more: association
					 * lost, or stream reset by the peer
					 */
	WRTCSUB_EV_MAX,
};

/* The state word: both states, what is due on the wire, and the errors that
 * the program has not seen.  The machine passes bits it does not know.
 */
#define WRTCSUB_TX_SHIFT	0
#define WRTCSUB_TX_MASK		0x0000000f
#define WRTCSUB_RX_SHIFT	4
#define WRTCSUB_RX_MASK		0x000000f0

#define WRTCSUB_DUE_FIN_ACK	0x00000100
#define WRTCSUB_DUE_STOP	0x00000200
#define WRTCSUB_DUE_FIN		0x00000400
#define WRTCSUB_DUE_RESET	0x00000800
#define WRTCSUB_DUE_FLAGS	0x00000f00

/* One report each to the reader and to the writer of a reset substream. */
#define WRTCSUB_RX_ERROR	0x00010000
#define WRTCSUB_TX_ERROR	0x00020000

/* What the caller of wrtcsub_fsm_next() does after the change of the word. */
#define WRTCSUB_DO_WAKE_WRITERS	0x0001
#define WRTCSUB_DO_WAKE_READERS	0x0002
#define WRTCSUB_DO_WAKE_FIN	0x0004	/* those in shutdown(2) */
#define WRTCSUB_DO_DROP_TX	0x0008	/* drop what SCTP does not hold */
#define WRTCSUB_DO_DROP_RX	0x0010	/* drop what the reader has not read */
#define WRTCSUB_DO_STOP_TIMER	0x0020
#define WRTCSUB_DO_KICK		0x0040	/* there is something to send */
#define WRTCSUB_DO_REPORT	0x0080	/* the socket has an error */
#define WRTCSUB_DO_COUNT	0x0100	/* ignored; the caller counts it */

static inline enum wrtcsub_tx_state wrtcsub_fsm_tx(u32 word)
{
	return (word & WRTCSUB_TX_MASK) >> WRTCSUB_TX_SHIFT;
}

static inline enum wrtcsub_rx_state wrtcsub_fsm_rx(u32 word)
{
	return (word & WRTCSUB_RX_MASK) >> WRTCSUB_RX_SHIFT;
}

u32 wrtcsub_fsm_next(u32 word, enum wrtcsub_event event, u32 *actions);
bool wrtcsub_fsm_tx_over(u32 word);
bool wrtcsub_fsm_rx_over(u32 word);
bool wrtcsub_fsm_fin_on_way(u32 word);

#endif /* _NET_WRTCSUB_FSM_H */
