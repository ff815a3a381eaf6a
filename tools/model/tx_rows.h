/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The sending half, as the interface has it: ROW(in, event, to, effects).
 * What no row names changes nothing.
 *
 * Included by the model, whose macros the effects are, and by whoever compares
 * something with it.
 */

/* New writes EPIPE. */
ROW(OPEN,	 SHUT_WR,	CLOSING,	skip)
/* All of it handed over: FIN goes out exactly once.  The timer starts
 * when it has.
 */
ROW(CLOSING,	 DRAINED,	FIN_SENT,	FIN_IS_DUE)
/* Everyone waiting wakes; shutdown returns 0. */
ROW(FIN_SENT,	 FIN_ACK,	FIN_ACKED,	STOP_TIMER; WAKE_FIN)
/* shutdown returns ETIMEDOUT.  Nothing is sent to the peer. */
ROW(FIN_SENT,	 TIMER,		TIMED_OUT,	FIN_IS_MOOT; WAKE_FIN)
/* The peer wants no more: then at once FIN_SENT. */
ROW(OPEN,	 STOP_SENDING,	SEND_CLOSED,	DROP_TX)
ROW(SEND_CLOSED, DRAINED,	FIN_SENT,	FIN_IS_DUE)
/* What SCTP does not hold yet is dropped. */
ROW(CLOSING,	 STOP_SENDING,	FIN_SENT,	DROP_TX; FIN_IS_DUE)
/* Closed: waits for the FIN_ACK up to the timeout. */
ROW(FIN_SENT,	 GIVE_UP,	TIMED_OUT,	FIN_IS_MOOT; WAKE_FIN)

/* RESET_STREAM, either way; association lost: everyone wakes. */
ROW(OPEN,	 RESET_STREAM,	RESET,		RESET_TX)
ROW(SEND_CLOSED, RESET_STREAM,	RESET,		RESET_TX)
ROW(CLOSING,	 RESET_STREAM,	RESET,		RESET_TX)
ROW(FIN_SENT,	 RESET_STREAM,	RESET,		RESET_TX)
ROW(FIN_ACKED,	 RESET_STREAM,	RESET,		RESET_TX)
ROW(TIMED_OUT,	 RESET_STREAM,	RESET,		RESET_TX)
ROW(OPEN,	 ABORT,		RESET,		RESET_TX; RESET_IS_DUE)
ROW(SEND_CLOSED, ABORT,		RESET,		RESET_TX; RESET_IS_DUE)
ROW(CLOSING,	 ABORT,		RESET,		RESET_TX; RESET_IS_DUE)
ROW(FIN_SENT,	 ABORT,		RESET,		RESET_TX; RESET_IS_DUE)
ROW(FIN_ACKED,	 ABORT,		RESET,		RESET_TX; RESET_IS_DUE)
ROW(TIMED_OUT,	 ABORT,		RESET,		RESET_TX; RESET_IS_DUE)
ROW(OPEN,	 LOST,		RESET,		RESET_TX; NOTHING_DUE)
ROW(SEND_CLOSED, LOST,		RESET,		RESET_TX; NOTHING_DUE)
ROW(CLOSING,	 LOST,		RESET,		RESET_TX; NOTHING_DUE)
ROW(FIN_SENT,	 LOST,		RESET,		RESET_TX; NOTHING_DUE)
ROW(FIN_ACKED,	 LOST,		RESET,		RESET_TX; NOTHING_DUE)
ROW(TIMED_OUT,	 LOST,		RESET,		RESET_TX; NOTHING_DUE)
