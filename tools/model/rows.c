// SPDX-License-Identifier: GPL-2.0
/*
 * What the module's state machine does, as text: a line "HALF STATE EVENT NEXT"
 * for each event that moves a half, or does more to it than to be counted.
 */

#include <assert.h>
#include <stdio.h>

#include <linux/kernel.h>

#include "fsm.h"

static const char *const event_names[] = {
	[WRTCSUB_EV_SHUT_WR]		= "SHUT_WR",
	[WRTCSUB_EV_DRAINED]		= "DRAINED",
	[WRTCSUB_EV_FIN_ACK]		= "FIN_ACK",
	[WRTCSUB_EV_TIMER]		= "TIMER",
	[WRTCSUB_EV_STOP_SENDING]	= "STOP_SENDING",
	[WRTCSUB_EV_FIN]		= "FIN",
	[WRTCSUB_EV_SHUT_RD]		= "SHUT_RD",
	[WRTCSUB_EV_GIVE_UP]		= "GIVE_UP",
	[WRTCSUB_EV_RESET_STREAM]	= "RESET_STREAM",
	[WRTCSUB_EV_ABORT]		= "ABORT",
	[WRTCSUB_EV_OVERFLOW]		= "OVERFLOW",
	[WRTCSUB_EV_LOST]		= "LOST",
};

static const char *const tx_names[] = {
	[WRTCSUB_TX_OPEN]		= "OPEN",
	[WRTCSUB_TX_SEND_CLOSED]	= "SEND_CLOSED",
	[WRTCSUB_TX_CLOSING]		= "CLOSING",
	[WRTCSUB_TX_FIN_SENT]		= "FIN_SENT",
	[WRTCSUB_TX_FIN_ACKED]		= "FIN_ACKED",
	[WRTCSUB_TX_TIMED_OUT]		= "TIMED_OUT",
	[WRTCSUB_TX_RESET]		= "RESET",
};

static const char *const rx_names[] = {
	[WRTCSUB_RX_OPEN]	= "OPEN",
	[WRTCSUB_RX_FIN_RCVD]	= "FIN_RCVD",
	[WRTCSUB_RX_STOPPED]	= "STOPPED",
	[WRTCSUB_RX_RESET]	= "RESET",
};

/* What concerns one half only.  The other one is OPEN, and may move as well. */
#define DO_TX	(WRTCSUB_DO_WAKE_WRITERS | WRTCSUB_DO_WAKE_FIN | \
		 WRTCSUB_DO_DROP_TX | WRTCSUB_DO_STOP_TIMER)
#define DO_RX	(WRTCSUB_DO_WAKE_READERS | WRTCSUB_DO_DROP_RX)

static_assert(ARRAY_SIZE(event_names) == WRTCSUB_EV_MAX);
static_assert(ARRAY_SIZE(tx_names) == WRTCSUB_TX_RESET + 1);
static_assert(ARRAY_SIZE(rx_names) == WRTCSUB_RX_RESET + 1);

static void print_tx(u32 state, u32 event)
{
	u32 actions, next;

	next = wrtcsub_fsm_next(state << WRTCSUB_TX_SHIFT, event, &actions);
	next = wrtcsub_fsm_tx(next);
	if (next != state || actions & DO_TX)
		printf("tx %s %s %s\n", tx_names[state], event_names[event],
		       tx_names[next]);
}

static void print_rx(u32 state, u32 event)
{
	u32 actions, next;

	next = wrtcsub_fsm_next(state << WRTCSUB_RX_SHIFT, event, &actions);
	next = wrtcsub_fsm_rx(next);
	if (next != state || actions & DO_RX)
		printf("rx %s %s %s\n", rx_names[state], event_names[event],
		       rx_names[next]);
}

int main(void)
{
	u32 state, event;

	for (event = 0; event < WRTCSUB_EV_MAX; event++) {
		for (state = 0; state < ARRAY_SIZE(tx_names); state++)
			print_tx(state, event);
		for (state = 0; state < ARRAY_SIZE(rx_names); state++)
			print_rx(state, event);
	}
	return 0;
}
