// SPDX-License-Identifier: GPL-2.0
/* The names of states, those of sockets as ss(8) has them. */

#include <string.h>
#include <netinet/tcp.h>
#include <linux/wrtcsub_diag.h>

#include "states.h"

#define NOT_OPEN	(1U << TCP_LISTEN | 1U << TCP_CLOSE)

struct state {
	const char	*name;		/* in a filter */
	const char	*shown;		/* in a table; NULL: stands for several */
	unsigned int	states;
};

static const struct state socket_states[] = {
	{ "established", "ESTAB", 1 << TCP_ESTABLISHED },
	{ "syn-sent", "SYN-SENT", 1 << TCP_SYN_SENT },
	{ "fin-wait-1", "FIN-WAIT-1", 1 << TCP_FIN_WAIT1 },
	{ "fin-wait-2", "FIN-WAIT-2", 1 << TCP_FIN_WAIT2 },
	{ "close-wait", "CLOSE-WAIT", 1 << TCP_CLOSE_WAIT },
	{ "last-ack", "LAST-ACK", 1 << TCP_LAST_ACK },
	{ "closed", "UNCONN", 1 << TCP_CLOSE },
	{ "listening", "LISTEN", 1 << TCP_LISTEN },
	{ "connected", NULL, STATES_ALL & ~NOT_OPEN },
	{ "synchronized", NULL, STATES_ALL & ~NOT_OPEN & ~(1U << TCP_SYN_SENT) },
	{ "all", NULL, STATES_ALL },
	{}
};

static const struct state assoc_states[] = {
	{ "connecting", "CONNECTING", 1 << WRTCSUB_DIAG_ASSOC_CONNECTING },
	{ "up", "UP", 1 << WRTCSUB_DIAG_ASSOC_UP },
	{ "closing", "CLOSING", 1 << WRTCSUB_DIAG_ASSOC_CLOSING },
	{ "closed", "CLOSED", 1 << WRTCSUB_DIAG_ASSOC_CLOSED },
	{ "all", NULL, STATES_ALL },
	{}
};

static const char *shown_as(const struct state *state, unsigned int bit)
{
	for (; state->name; state++)
		if (state->shown && state->states == bit)
			return state->shown;
	return "?";
}

const char *states_of_socket(int tcp_state)
{
	return shown_as(socket_states, 1U << tcp_state);
}

const char *states_of_assoc(int state)
{
	return shown_as(assoc_states, 1U << state);
}

/* As bits; 0: there is none of that name. */
unsigned int states_find(const char *name, bool of_assocs)
{
	const struct state *state = of_assocs ? assoc_states : socket_states;

	for (; state->name; state++)
		if (!strcasecmp(name, state->name) ||
		    !strcasecmp(name, state->shown ?: ""))
			return *name ? state->states : 0;
	return 0;
}
