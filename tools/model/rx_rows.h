/* SPDX-License-Identifier: GPL-2.0 */
/* The receiving half, as tx_rows.h has the sending half. */

/* The first FIN is answered with one FIN_ACK, whatever the reader does. */
ROW(OPEN,	FIN,		FIN_RCVD,	FIN_ACK_IS_DUE)
ROW(STOPPED,	FIN,		FIN_RCVD,	STOP_IS_MOOT; FIN_ACK_IS_DUE)
/* A second FIN is not answered. */
ROW(FIN_RCVD,	FIN,		FIN_RCVD,	SECOND_FIN)
/* Sends STOP_SENDING, drops what is queued; recv returns 0. */
ROW(OPEN,	SHUT_RD,	STOPPED,	DROP_RX; STOP_IS_DUE)
ROW(FIN_RCVD,	SHUT_RD,	FIN_RCVD,	DROP_RX)
ROW(RESET,	SHUT_RD,	RESET,		DROP_RX)
/* Closed: waits for the peer's FIN up to the timeout. */
ROW(OPEN,	GIVE_UP,	RESET,		DROP_RX; STOP_IS_MOOT)
ROW(STOPPED,	GIVE_UP,	RESET,		DROP_RX; STOP_IS_MOOT)
/* Bytes queued can be read, then an error: never looks like an end. */
ROW(OPEN,	RESET_STREAM,	RESET,		RESET_RX)
ROW(OPEN,	ABORT,		RESET,		RESET_RX)
ROW(OPEN,	LOST,		RESET,		LOST_RX)
ROW(STOPPED,	RESET_STREAM,	RESET,		skip)
ROW(STOPPED,	ABORT,		RESET,		skip)
ROW(STOPPED,	LOST,		RESET,		skip)
/* What is not read is dropped: no end any more, even behind a FIN. */
ROW(OPEN,	OVERFLOW,	RESET,		DROP_RX; RESET_RX)
ROW(FIN_RCVD,	OVERFLOW,	RESET,		DROP_RX; OVERFLOW_RX)
ROW(STOPPED,	OVERFLOW,	RESET,		skip)
ROW(RESET,	OVERFLOW,	RESET,		DROP_RX)
