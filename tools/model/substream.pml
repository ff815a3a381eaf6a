/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Both ends of one substream, the channel between them, and a program at each
 * end that does whatever a program may do, and closes in the end.
 *
 * An end's two halves move by tx_rows.h and rx_rows.h, which are written from
 * the interface's tables.  Time is not modelled: a timer that is armed may
 * fire at any moment.  Bytes are counted, not kept: the channel is reliable
 * and ordered, as SCTP is, until the association is lost.
 *
 * What is checked besides is chosen by macros, see check.sh:
 *
 *	FOREIGN	  end 1 is a peer of another kind, which sends so many frames
 *		  as FOREIGN says, whatever they are, and may stop to read
 *	LOSS	  the association is lost, at any moment
 *	ABORTS	  so many times an end resets the substream
 *	WRITES	  so many bytes does each program write, at most
 *	BREAK_*	  it is broken on purpose
 *
 * No state comes twice in a run, as the programs do a bounded number of things.
 * So every run ends, and what has to be true in the end is asserted where
 * nothing more can happen.
 */

#define WINDOW		1	/* bytes in flight */
#define RCVBUF		1	/* bytes that wait for the reader */
#define CHANNEL_MAX	8

mtype = {
	/* enum wrtcsub_tx_state, enum wrtcsub_rx_state */
	OPEN, SEND_CLOSED, CLOSING, FIN_SENT, FIN_ACKED, TIMED_OUT, RESET,
	FIN_RCVD, STOPPED,
	/* enum wrtcsub_event; four of them are also frames */
	SHUT_WR, DRAINED, FIN_ACK, TIMER, STOP_SENDING, FIN, SHUT_RD, GIVE_UP,
	RESET_STREAM, ABORT, OVERFLOW, LOST,
	/* what else travels */
	DATA, CHANNEL_RESET,
	/* shutdown(2) */
	NOT_YET, WAITING, RETURNED
};

chan wire[2] = [CHANNEL_MAX] of { mtype };	/* from that end */

mtype tx[2] = OPEN, rx[2] = OPEN;
bool due_fin[2], due_fin_ack[2], due_stop[2], due_reset[2];
bool timer[2];				/* for the FIN_ACK */
bool close_timer[2];			/* for the peer's FIN */
bool rx_error[2];			/* the reader has not seen it */
byte txq[2], rxq[2];
byte written[2], got[2];		/* by the programs */

mtype shut[2] = NOT_YET;
bool woken[2];				/* who waits in shutdown(2) */
bool stopped[2], closed[2];
bool detached[2];			/* its direction is being reset */
bool in_reset[2];			/* the peer's direction has been */
bool lost[2];
byte fins[2], fins_sent[2], fin_acks_sent[2];
byte aborts;

#define peer			(1 - me)
#define TX_OVER			(tx[me] == FIN_ACKED || \
				 tx[me] == TIMED_OUT || tx[me] == RESET)
#define RX_OVER			(rx[me] == FIN_RCVD || rx[me] == RESET)
#define ANY_DUE			(due_fin[me] || due_fin_ack[me] || \
				 due_stop[me] || due_reset[me])

#ifdef FOREIGN
bool silent;				/* it reads no more */
#define IS_FOREIGN		true
#define PEER_IS_SILENT		silent
#else
#define IS_FOREIGN		false
#define PEER_IS_SILENT		false
#endif

/* The effects of the rows. */
#define DROP_TX			txq[me] = 0
#define DROP_RX			rxq[me] = 0
#define FIN_IS_MOOT		due_fin[me] = false; timer[me] = false
#define STOP_IS_MOOT		due_stop[me] = false
#define STOP_IS_DUE		due_stop[me] = true
#define STOP_TIMER		timer[me] = false
#define WAKE_FIN		woken[me] = (shut[me] == WAITING)
#define RESET_IS_DUE		due_reset[me] = true
#define NOTHING_DUE		due_fin_ack[me] = false; due_reset[me] = false
#define RESET_RX		rx_error[me] = true
#define FIN_ACK_IS_DUE		due_fin_ack[me] = true; fins[me]++

#define FIN_IS_DUE		due_fin[me] = true
#ifdef BREAK_WAKE
#define RESET_TX		DROP_TX; FIN_IS_MOOT; STOP_IS_MOOT
#elif defined(BREAK_OWED_FIN_ACK)
#define RESET_TX		DROP_TX; FIN_IS_MOOT; STOP_IS_MOOT; \
				due_fin_ack[me] = false; WAKE_FIN
#else
#define RESET_TX		DROP_TX; FIN_IS_MOOT; STOP_IS_MOOT; WAKE_FIN
#endif
#ifdef BREAK_SECOND_FIN
#define SECOND_FIN		due_fin_ack[me] = true
#else
#define SECOND_FIN		skip
#endif
#ifdef BREAK_LOST
/* A truncated stream looks like a finished one. */
#define LOST_RX			rx[me] = FIN_RCVD
#else
#define LOST_RX			rx_error[me] = true
#endif
#ifdef BREAK_OVERFLOW
/* So does one whose bytes were dropped. */
#define OVERFLOW_RX		rx[me] = FIN_RCVD
#else
#define OVERFLOW_RX		RESET_RX
#endif
#ifdef BREAK_STRAY_FIN_ACK
#define IS_STRAY		false
#else
/* What was not sent cannot be acknowledged. */
#define IS_STRAY		(ev == FIN_ACK && due_fin[me])
#endif

/* Whoever looks has seen all that was written, or finds an error. */
inline check_reader()
{
	assert(rx[me] != FIN_RCVD || rxq[me] > 0 || stopped[me] ||
	       got[me] == written[peer] || IS_FOREIGN);
	assert(rx[me] != RESET || stopped[me] || rx_error[me])
}

inline event(ev)
{
	old = tx[me];
	if
#define ROW(in, what, to, ...)						\
	:: old == in && ev == what && !IS_STRAY -> tx[me] = to; __VA_ARGS__
#include "tx_rows.h"
#undef ROW
	:: else
	fi;
	old = rx[me];
	if
#define ROW(in, what, to, ...)						\
	:: old == in && ev == what -> rx[me] = to; __VA_ARGS__
#include "rx_rows.h"
#undef ROW
	:: else
	fi;
	old = 0;
	check_reader()
}

/* One flag, in the order in which they go out. */
inline send_due()
{
	if
	:: due_fin_ack[me] ->
		due_fin_ack[me] = false;
#ifndef BREAK_FIN_ACK
		fin_acks_sent[me]++;
		assert(fin_acks_sent[me] == 1);
		frame = FIN_ACK
#endif
	:: else ->
		if
		:: due_stop[me] ->
			due_stop[me] = false;
			frame = STOP_SENDING
		:: else ->
			if
			:: due_fin[me] ->
				due_fin[me] = false;
#ifndef BREAK_TIMER
				timer[me] = true;
#endif
				fins_sent[me]++;
				assert(fins_sent[me] == 1);
				frame = FIN
			:: else ->
				due_reset[me] = false;
				frame = RESET_STREAM
			fi
		fi
	fi
}

/* The channel is gone, for a substream that was not at its end. */
inline lose()
{
	if
	:: !(TX_OVER && RX_OVER) ->
		event(LOST);
		lost[me] = true
	:: else
	fi
}

inline receive()
{
	wire[peer]?frame;
	if
	:: frame == CHANNEL_RESET -> in_reset[me] = true
	:: else
	fi;
	if
	:: detached[me]
	:: else ->
		if
		:: frame == DATA ->
			assert(rx[me] != FIN_RCVD || IS_FOREIGN);
			if
			:: rx[me] == OPEN -> rxq[me]++
			:: else
			fi
		:: frame == CHANNEL_RESET -> lose()
		:: else -> event(frame)
		fi
	fi
}

inline return_from_shutdown()
{
	assert(TX_OVER);
	/* 0 is said of what the peer has. */
	assert(tx[me] != FIN_ACKED || fins_sent[me] == 1);
	assert(tx[me] != FIN_ACKED || fins[peer] == 1 || IS_FOREIGN);
	woken[me] = false;
	shut[me] = RETURNED
}

/* What the program can do. */
#define CAN_WRITE	(shut[me] == NOT_YET && tx[me] == OPEN && \
			 written[me] < WRITES)
/* What the kernel can do. */
#define IS_DRAINING	(tx[me] == CLOSING || tx[me] == SEND_CLOSED)
#define CAN_SEND_DATA	(txq[me] > 0 && !ANY_DUE && len(wire[me]) < WINDOW && \
			 (tx[me] == OPEN || tx[me] == CLOSING))
#ifdef BREAK_EARLY_FIN
#define IS_DRAINED	IS_DRAINING
#else
#define IS_DRAINED	(IS_DRAINING && txq[me] == 0)
#endif
#ifdef BREAK_DETACH
#define CAN_DETACH	(TX_OVER && RX_OVER)
#else
#define CAN_DETACH	(TX_OVER && RX_OVER && !ANY_DUE)
#endif
/* A reader that is slow makes all wait that comes behind. */
#define CAN_RECEIVE	(nempty(wire[peer]) && \
			 (!(wire[peer]?[DATA]) || detached[me] || \
			  rx[me] != OPEN || rxq[me] < RCVBUF))
/* Closed, and nobody takes the bytes before the FIN. */
#define IS_STUCK	(close_timer[me] && tx[me] == CLOSING && \
			 PEER_IS_SILENT && txq[me] > 0 && \
			 !CAN_SEND_DATA)

proctype End(bit me)
{
	mtype old, frame;

end:	do
	/* The program.  All that it does is atomic: it holds the socket. */
	:: d_step { !closed[me] && CAN_WRITE ->
		written[me]++; txq[me]++ }
	:: d_step { !closed[me] && rxq[me] > 0 ->
		rxq[me]--; got[me]++;
		check_reader() }
	:: d_step { !closed[me] && shut[me] == NOT_YET ->
		shut[me] = WAITING;
		event(SHUT_WR);
		woken[me] = TX_OVER }
	:: d_step { shut[me] == WAITING && woken[me] ->
		return_from_shutdown() }
	/* A signal: nobody takes the bytes, and TCP would wait for ever too. */
	:: d_step { shut[me] == WAITING && PEER_IS_SILENT &&
		    tx[me] == CLOSING ->
		shut[me] = RETURNED }
	:: d_step { !closed[me] && !stopped[me] ->
		stopped[me] = true;
		event(SHUT_RD) }
	:: d_step { !closed[me] && shut[me] != WAITING ->
		closed[me] = true;
		stopped[me] = true;
		event(SHUT_RD);
		event(SHUT_WR);
#ifndef BREAK_CLOSE_TIMER
		close_timer[me] = !(TX_OVER && RX_OVER)
#endif
		}
	/* Malformed input, a full queue, SO_LINGER with no time. */
	:: d_step { aborts < ABORTS && !detached[me] ->
		aborts++;
		event(ABORT) }
	/* Too much that is not read. */
	:: d_step { aborts < ABORTS && !detached[me] && rxq[me] > 0 ->
		aborts++;
		event(OVERFLOW) }

	/* The kernel. */
	:: d_step { !detached[me] && ANY_DUE ->
		frame = 0;
		send_due();
		if
		:: frame != 0 -> wire[me]!frame
		:: else
		fi;
		frame = 0 }
	:: d_step { !detached[me] && CAN_SEND_DATA ->
		txq[me]--;
		wire[me]!DATA }
	:: d_step { !detached[me] && IS_DRAINED -> event(DRAINED) }
	:: d_step { !detached[me] && CAN_DETACH ->
		detached[me] = true;
		close_timer[me] = false;
		wire[me]!CHANNEL_RESET }
	:: d_step { CAN_RECEIVE -> receive(); frame = 0 }
	:: d_step { timer[me] -> event(TIMER) }
	:: d_step { close_timer[me] && !IS_DRAINING && !due_fin[me] ->
		close_timer[me] = false;
		event(GIVE_UP) }
#ifdef BREAK_REARM
	:: d_step { close_timer[me] && (IS_DRAINING || due_fin[me]) -> skip }
#endif
#ifndef BREAK_STUCK
	:: d_step { IS_STUCK ->
		close_timer[me] = false;
		event(ABORT);
		event(GIVE_UP) }
#endif
	od
}

#ifdef FOREIGN
proctype Foreign()
{
	byte sent;

end:	do
	:: d_step { !silent && nempty(wire[0]) -> wire[0]?_ }
	:: !silent -> silent = true
	:: atomic { sent < FOREIGN && !silent ->
		sent++;
		if
		:: wire[1]!DATA
		:: wire[1]!FIN
		:: wire[1]!FIN_ACK
		:: wire[1]!STOP_SENDING
		:: wire[1]!RESET_STREAM
		:: wire[1]!CHANNEL_RESET
		fi }
	od
}
#endif

#ifdef LOSS
inline lose_end()
{
	if
	:: !detached[me] ->
		lose();
		lost[me] = true;
		detached[me] = true
	:: else
	fi;
	in_reset[me] = true;
	close_timer[me] = false
}

/* The association is lost. */
proctype Loss()
{
	mtype old;
	bit me;

	d_step {
		do
		:: nempty(wire[0]) -> wire[0]?_
		:: nempty(wire[1]) -> wire[1]?_
		:: empty(wire[0]) && empty(wire[1]) -> break
		od;
		lose_end();
		me = 1;
		lose_end();
		me = 0
	}
}
#endif

inline check_end()
{
	assert(shut[me] != WAITING);
	assert(closed[me] && detached[me] && TX_OVER && RX_OVER);
	assert(!timer[me] && !close_timer[me]);
	/* Both directions of the channel have been reset. */
	assert(in_reset[me] || IS_FOREIGN);
	/* The first FIN was answered with one FIN_ACK. */
	assert(fin_acks_sent[me] == fins[me] || lost[me])
}

init
{
	bit me;

	atomic {
		run End(0);
#ifdef FOREIGN
		run Foreign();
#else
		run End(1);
#endif
#ifdef LOSS
		run Loss();
#endif
	}
	/* Nothing more can happen. */
	timeout;
	check_end();
#ifndef FOREIGN
	me = 1;
	check_end()
#endif
}
