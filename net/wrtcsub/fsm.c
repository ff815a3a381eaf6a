// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a substream as two tables, one for each half.
 *
 * Rules:
 *
 * - The machine is a function from (word, event) to (word, actions).  It knows
 *   no socket and no lock: the caller puts the new word in place with cmpxchg
 *   and carries out the actions, of which it is then the only owner.
 * - What has to be said to the peer is part of the word (WRTCSUB_DUE_*), so a
 *   state and the flag that it owes the peer change in one step and a flag is
 *   neither lost nor sent twice, however full the send buffer is.
 * - The timer starts when SCTP has the FIN, and who hands it over starts it: a
 *   FIN that is still due cannot be late.
 * - An event that a table does not name in a state changes nothing.
 * - A FIN_ACK that is due is taken back only when there is nobody left to send
 *   it to: "The first FIN is answered with one FIN_ACK."
 */

#include <linux/kernel.h>

#include "fsm.h"

#define WRTCSUB_TX_STATES	(WRTCSUB_TX_RESET + 1)
#define WRTCSUB_RX_STATES	(WRTCSUB_RX_RESET + 1)

/**
 * struct wrtcsub_fsm_row - what an event does to one half
 * @moves: false: the state stays as it is
 * @next: the state that follows
 * @clear: bits of the word that are taken back
 * @set: bits of the word that are set
 * @actions: WRTCSUB_DO_*
 */
struct wrtcsub_fsm_row {
	bool	moves;
	u8	next;
	u32	clear;
	u32	set;
	u32	actions;
};

#define TO(_next, _clear, _set, _actions)				\
	{ .moves = true, .next = (_next), .clear = (_clear),		\
	  .set = (_set), .actions = (_actions) }
#define STAY(_actions)							\
	{ .actions = (_actions) }

#define DUE_MOOT	(WRTCSUB_DUE_FIN | WRTCSUB_DUE_STOP | WRTCSUB_DUE_RESET)
#define DO_TX_END	(WRTCSUB_DO_WAKE_WRITERS | WRTCSUB_DO_WAKE_FIN)
#define DO_TX_RESET	(DO_TX_END | WRTCSUB_DO_DROP_TX | \
			 WRTCSUB_DO_STOP_TIMER | WRTCSUB_DO_REPORT)
#define DO_RX_RESET	(WRTCSUB_DO_WAKE_READERS | WRTCSUB_DO_REPORT)

/* The peer's RESET_STREAM: nothing but an owed FIN_ACK is worth sending. */
#define TX_TO_RESET							\
	TO(WRTCSUB_TX_RESET, DUE_MOOT, WRTCSUB_TX_ERROR, DO_TX_RESET)
/* Ours: the peer is told, and nothing follows. */
#define TX_TO_ABORT							\
	TO(WRTCSUB_TX_RESET, DUE_MOOT,					\
	   WRTCSUB_DUE_RESET | WRTCSUB_TX_ERROR,			\
	   DO_TX_RESET | WRTCSUB_DO_KICK)
/* No channel: there is nobody to send anything to. */
#define TX_TO_LOST							\
	TO(WRTCSUB_TX_RESET, WRTCSUB_DUE_FLAGS, WRTCSUB_TX_ERROR, DO_TX_RESET)
#define TX_TO_FIN_SENT(_actions)					\
	TO(WRTCSUB_TX_FIN_SENT, 0, WRTCSUB_DUE_FIN,			\
	   WRTCSUB_DO_KICK | (_actions))
#define TX_TO_TIMED_OUT							\
	TO(WRTCSUB_TX_TIMED_OUT, WRTCSUB_DUE_FIN, 0,			\
	   WRTCSUB_DO_STOP_TIMER | WRTCSUB_DO_KICK | DO_TX_END)

static const struct wrtcsub_fsm_row
wrtcsub_fsm_tx_table[WRTCSUB_EV_MAX][WRTCSUB_TX_STATES] = {
	[WRTCSUB_EV_SHUT_WR] = {
		[WRTCSUB_TX_OPEN] =
			TO(WRTCSUB_TX_CLOSING, 0, 0,
			   WRTCSUB_DO_WAKE_WRITERS | WRTCSUB_DO_KICK),
	},
	[WRTCSUB_EV_DRAINED] = {
		[WRTCSUB_TX_SEND_CLOSED] = TX_TO_FIN_SENT(0),
		[WRTCSUB_TX_CLOSING] = TX_TO_FIN_SENT(0),
	},
	[WRTCSUB_EV_FIN_ACK] = {
		[WRTCSUB_TX_OPEN] = STAY(WRTCSUB_DO_COUNT),
		[WRTCSUB_TX_SEND_CLOSED] = STAY(WRTCSUB_DO_COUNT),
		[WRTCSUB_TX_CLOSING] = STAY(WRTCSUB_DO_COUNT),
		[WRTCSUB_TX_FIN_SENT] =
			TO(WRTCSUB_TX_FIN_ACKED, 0, 0,
			   WRTCSUB_DO_STOP_TIMER | WRTCSUB_DO_KICK |
			   DO_TX_END),
		[WRTCSUB_TX_FIN_ACKED] = STAY(WRTCSUB_DO_COUNT),
		[WRTCSUB_TX_TIMED_OUT] = STAY(WRTCSUB_DO_COUNT),
		[WRTCSUB_TX_RESET] = STAY(WRTCSUB_DO_COUNT),
	},
	[WRTCSUB_EV_TIMER] = {
		[WRTCSUB_TX_FIN_SENT] = TX_TO_TIMED_OUT,
	},
	[WRTCSUB_EV_STOP_SENDING] = {
		[WRTCSUB_TX_OPEN] =
			TO(WRTCSUB_TX_SEND_CLOSED, 0, 0,
			   WRTCSUB_DO_WAKE_WRITERS | WRTCSUB_DO_DROP_TX |
			   WRTCSUB_DO_KICK),
		[WRTCSUB_TX_CLOSING] = TX_TO_FIN_SENT(WRTCSUB_DO_DROP_TX),
	},
	[WRTCSUB_EV_GIVE_UP] = {
		[WRTCSUB_TX_FIN_SENT] = TX_TO_TIMED_OUT,
	},
	[WRTCSUB_EV_RESET_STREAM] = {
		[WRTCSUB_TX_OPEN ... WRTCSUB_TX_TIMED_OUT] = TX_TO_RESET,
	},
	[WRTCSUB_EV_ABORT] = {
		[WRTCSUB_TX_OPEN ... WRTCSUB_TX_TIMED_OUT] = TX_TO_ABORT,
	},
	[WRTCSUB_EV_OVERFLOW] = {
		[WRTCSUB_TX_OPEN ... WRTCSUB_TX_TIMED_OUT] = TX_TO_ABORT,
	},
	[WRTCSUB_EV_LOST] = {
		[WRTCSUB_TX_OPEN ... WRTCSUB_TX_TIMED_OUT] = TX_TO_LOST,
	},
};

/* A stream whose FIN has come is whole: no later reset makes it less so. */
#define RX_TO_RESET							\
	{								\
		[WRTCSUB_RX_OPEN] =					\
			TO(WRTCSUB_RX_RESET, 0, WRTCSUB_RX_ERROR,	\
			   DO_RX_RESET),				\
		[WRTCSUB_RX_STOPPED] =					\
			TO(WRTCSUB_RX_RESET, 0, 0,			\
			   WRTCSUB_DO_WAKE_READERS),			\
	}
/* This one does, as what has not been read is dropped. */
#define RX_TO_OVERFLOW							\
	TO(WRTCSUB_RX_RESET, 0, WRTCSUB_RX_ERROR,			\
	   DO_RX_RESET | WRTCSUB_DO_DROP_RX)
#define RX_TO_FIN_RCVD							\
	TO(WRTCSUB_RX_FIN_RCVD, WRTCSUB_DUE_STOP, WRTCSUB_DUE_FIN_ACK,	\
	   WRTCSUB_DO_WAKE_READERS | WRTCSUB_DO_KICK)
#define RX_TO_GIVEN_UP							\
	TO(WRTCSUB_RX_RESET, WRTCSUB_DUE_STOP, 0,			\
	   WRTCSUB_DO_DROP_RX | WRTCSUB_DO_KICK)

static const struct wrtcsub_fsm_row
wrtcsub_fsm_rx_table[WRTCSUB_EV_MAX][WRTCSUB_RX_STATES] = {
	[WRTCSUB_EV_FIN] = {
		[WRTCSUB_RX_OPEN] = RX_TO_FIN_RCVD,
		[WRTCSUB_RX_FIN_RCVD] = STAY(WRTCSUB_DO_COUNT),
		[WRTCSUB_RX_STOPPED] = RX_TO_FIN_RCVD,
	},
	[WRTCSUB_EV_SHUT_RD] = {
		[WRTCSUB_RX_OPEN] =
			TO(WRTCSUB_RX_STOPPED, 0, WRTCSUB_DUE_STOP,
			   WRTCSUB_DO_DROP_RX | WRTCSUB_DO_WAKE_READERS |
			   WRTCSUB_DO_KICK),
		[WRTCSUB_RX_FIN_RCVD] =
			STAY(WRTCSUB_DO_DROP_RX | WRTCSUB_DO_WAKE_READERS),
		[WRTCSUB_RX_RESET] =
			STAY(WRTCSUB_DO_DROP_RX | WRTCSUB_DO_WAKE_READERS),
	},
	[WRTCSUB_EV_GIVE_UP] = {
		[WRTCSUB_RX_OPEN] = RX_TO_GIVEN_UP,
		[WRTCSUB_RX_STOPPED] = RX_TO_GIVEN_UP,
	},
	[WRTCSUB_EV_RESET_STREAM] = RX_TO_RESET,
	[WRTCSUB_EV_ABORT] = RX_TO_RESET,
	[WRTCSUB_EV_OVERFLOW] = {
		[WRTCSUB_RX_OPEN] = RX_TO_OVERFLOW,
		[WRTCSUB_RX_FIN_RCVD] = RX_TO_OVERFLOW,
		[WRTCSUB_RX_STOPPED] =
			TO(WRTCSUB_RX_RESET, 0, 0, WRTCSUB_DO_WAKE_READERS),
		[WRTCSUB_RX_RESET] =
			STAY(WRTCSUB_DO_DROP_RX | WRTCSUB_DO_WAKE_READERS),
	},
	[WRTCSUB_EV_LOST] = RX_TO_RESET,
};

/**
 * wrtcsub_fsm_next() - the word that follows an event
 * @word: the state word
 * @event: what happened
 * @actions: set to what the caller has to do, WRTCSUB_DO_*
 *
 * Context: any; takes no lock and touches nothing but *@actions.
 * Return: the new state word, which may be the old one.
 */
u32 wrtcsub_fsm_next(u32 word, enum wrtcsub_event event, u32 *actions)
{
	const struct wrtcsub_fsm_row *tx, *rx;

	/* What was not sent cannot be acknowledged: a stray one.  Nor can it be
	 * late.  DUE_FIN is set in FIN_SENT only.
	 */
	if (word & WRTCSUB_DUE_FIN &&
	    (event == WRTCSUB_EV_FIN_ACK || event == WRTCSUB_EV_TIMER)) {
		*actions = event == WRTCSUB_EV_FIN_ACK ? WRTCSUB_DO_COUNT : 0;
		return word;
	}

	tx = &wrtcsub_fsm_tx_table[event][wrtcsub_fsm_tx(word)];
	rx = &wrtcsub_fsm_rx_table[event][wrtcsub_fsm_rx(word)];

	if (tx->moves)
		word = (word & ~WRTCSUB_TX_MASK) | tx->next << WRTCSUB_TX_SHIFT;
	if (rx->moves)
		word = (word & ~WRTCSUB_RX_MASK) | rx->next << WRTCSUB_RX_SHIFT;
	word &= ~(tx->clear | rx->clear);
	word |= tx->set | rx->set;

	*actions = tx->actions | rx->actions;
	return word;
}

/**
 * wrtcsub_fsm_tx_over() - is the sending half at its end?
 * @word: the state word
 *
 * Return: true if the result of shutdown(2) is known.
 */
bool wrtcsub_fsm_tx_over(u32 word)
{
	return wrtcsub_fsm_tx(word) >= WRTCSUB_TX_FIN_ACKED;
}

/**
 * wrtcsub_fsm_rx_over() - is the receiving half at its end?
 * @word: the state word
 *
 * A half that was stopped is not: its FIN is still to come, and to be
 * acknowledged.
 *
 * Return: true if nothing of the peer is waited for.
 */
bool wrtcsub_fsm_rx_over(u32 word)
{
	enum wrtcsub_rx_state state = wrtcsub_fsm_rx(word);

	return state == WRTCSUB_RX_FIN_RCVD || state == WRTCSUB_RX_RESET;
}

/**
 * wrtcsub_fsm_fin_on_way() - is a FIN queued or not yet acknowledged?
 * @word: the state word
 *
 * Return: true while poll(2) does not report EPOLLOUT.
 */
bool wrtcsub_fsm_fin_on_way(u32 word)
{
	enum wrtcsub_tx_state state = wrtcsub_fsm_tx(word);

	return state > WRTCSUB_TX_OPEN && state < WRTCSUB_TX_FIN_ACKED;
}
