// SPDX-License-Identifier: GPL-2.0
/* The names of the numbers in <linux/wrtcsub.h>. */

#include <stddef.h>
#include <sys/socket.h>
#include <linux/wrtcsub.h>

#include "names.h"
#include "util.h"

static const char * const tx_names[] = {
	[WRTCSUB_TX_OPEN] = "OPEN",
	[WRTCSUB_TX_SEND_CLOSED] = "SEND_CLOSED",
	[WRTCSUB_TX_CLOSING] = "CLOSING",
	[WRTCSUB_TX_FIN_SENT] = "FIN_SENT",
	[WRTCSUB_TX_FIN_ACKED] = "FIN_ACKED",
	[WRTCSUB_TX_TIMED_OUT] = "TIMED_OUT",
	[WRTCSUB_TX_RESET] = "RESET",
};

static const char * const rx_names[] = {
	[WRTCSUB_RX_OPEN] = "OPEN",
	[WRTCSUB_RX_FIN_RCVD] = "FIN_RCVD",
	[WRTCSUB_RX_STOPPED] = "STOPPED",
	[WRTCSUB_RX_RESET] = "RESET",
};

static const char *name_of(const char * const *names, size_t nr, int number)
{
	return number >= 0 && (size_t)number < nr ? names[number] : "?";
}

const char *name_of_tx(int state)
{
	return name_of(tx_names, ARRAY_SIZE(tx_names), state);
}

const char *name_of_rx(int state)
{
	return name_of(rx_names, ARRAY_SIZE(rx_names), state);
}

const char *name_of_type(int type)
{
	return type == SOCK_SEQPACKET ? "seqpacket" : "stream";
}

const char *name_of_overflow(int overflow)
{
	return overflow == WRTCSUB_OVERFLOW_RESET ? "reset" : "pause";
}
