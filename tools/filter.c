// SPDX-License-Identifier: GPL-2.0
/*
 * Filters, in the words of ss(8): pairs that all have to be true.  The kernel
 * does the comparing, but for the states of associations.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "filter.h"
#include "message.h"

#define ALL		0xffffffff
#define NOT_OPEN	(1 << TCP_LISTEN | 1 << TCP_CLOSE)

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
	{ "connected", NULL, ALL & ~NOT_OPEN },
	{ "synchronized", NULL, ALL & ~NOT_OPEN & ~(1U << TCP_SYN_SENT) },
	{ "all", NULL, ALL },
	{}
};

static const struct state assoc_states[] = {
	{ "connecting", "CONNECTING", 1 << WRTCSUB_DIAG_ASSOC_CONNECTING },
	{ "up", "UP", 1 << WRTCSUB_DIAG_ASSOC_UP },
	{ "closing", "CLOSING", 1 << WRTCSUB_DIAG_ASSOC_CLOSING },
	{ "closed", "CLOSED", 1 << WRTCSUB_DIAG_ASSOC_CLOSED },
	{ "all", NULL, ALL },
	{}
};

static const char *state_name(const struct state *state, unsigned int bit)
{
	for (; state->name; state++)
		if (state->shown && state->states == bit)
			return state->shown;
	return "?";
}

const char *filter_state_name(int tcp_state)
{
	return state_name(socket_states, 1U << tcp_state);
}

const char *filter_assoc_state_name(int state)
{
	return state_name(assoc_states, 1U << state);
}

static bool parse_number(unsigned long *number, const char *arg,
			 unsigned long max)
{
	char *end;

	errno = 0;
	*number = strtoul(arg, &end, 10);
	return arg[0] >= '0' && arg[0] <= '9' && !*end && !errno &&
	       *number <= max;
}

static bool parse_state(struct filter *filter, const char *arg)
{
	const struct state *state;

	state = filter->for_assocs ? assoc_states : socket_states;
	for (; state->name; state++) {
		if (strcasecmp(arg, state->name) &&
		    strcasecmp(arg, state->shown ? state->shown : ""))
			continue;
		filter->states |= state->states;
		return true;
	}
	return false;
}

static bool parse_port(__u16 *port, const char *arg)
{
	unsigned long number;

	if (*arg == ':')
		arg++;
	if (!parse_number(&number, arg, 65535))
		return false;
	*port = number;
	return true;
}

/* Associations know IPv4 in its own form only. */
static bool parse_host(struct sockaddr_storage *ss, const char *host)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;
	struct sockaddr_in *in = (struct sockaddr_in *)ss;

	ss->ss_family = AF_INET;
	if (inet_pton(AF_INET, host, &in->sin_addr) == 1)
		return true;
	ss->ss_family = AF_INET6;
	if (inet_pton(AF_INET6, host, &in6->sin6_addr) != 1)
		return false;
	if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
		ss->ss_family = AF_INET;
		memcpy(&in->sin_addr, in6->sin6_addr.s6_addr + 12,
		       sizeof(in->sin_addr));
	}
	return true;
}

/* "10.0.0.1", "::1", "10.0.0.1:5000", "[::1]:5000", "[::1]"; @port is left as
 * it is without one.
 */
static bool parse_address(struct sockaddr_storage *ss, const char **port,
			  char *arg)
{
	char *colon = strrchr(arg, ':');
	size_t len;

	if (*arg != '[' && colon != strchr(arg, ':'))
		colon = NULL;
	if (*arg == '[' && colon && colon[-1] != ']')
		colon = NULL;
	if (colon) {
		*port = colon;
		*colon = '\0';
	}
	len = strlen(arg);
	if (*arg == '[' && arg[len - 1] == ']') {
		arg[len - 1] = '\0';
		arg++;
	}
	return parse_host(ss, arg);
}

/* All have to be true, so what is said twice is a mistake. */
static bool claim(struct netlink_request *r, int attr)
{
	bool free = !(r->has & 1 << attr);

	r->has |= 1 << attr;
	return free;
}

/* An address, with its port or without one. */
static bool parse_end(struct netlink_request *r, bool local, char *arg)
{
	struct sockaddr_storage *ss = local ? &r->local : &r->peer;
	__u16 *to = local ? &r->local_port : &r->peer_port;
	const char *port = NULL;
	char copy[80];

	if (strlen(arg) >= sizeof(copy))
		return false;
	strcpy(copy, arg);
	if (!parse_address(ss, &port, copy))
		return false;
	if (!claim(r, local ? WRTCSUB_DIAG_REQ_LOCAL : WRTCSUB_DIAG_REQ_PEER))
		return false;
	return !port || (claim(r, local ? WRTCSUB_DIAG_REQ_LOCAL_PORT :
					  WRTCSUB_DIAG_REQ_PEER_PORT) &&
			 parse_port(to, arg + (port - copy)));
}

static bool parse_pair(struct filter *filter, const char *key, char *arg)
{
	struct netlink_request *r = &filter->request;
	unsigned long number = 0;
	bool ok = false;

	if (!strcmp(key, "state")) {
		ok = parse_state(filter, arg);
	} else if (!strcmp(key, "src")) {
		ok = parse_end(r, true, arg);
	} else if (!strcmp(key, "dst")) {
		ok = parse_end(r, false, arg);
	} else if (!strcmp(key, "sport")) {
		ok = claim(r, WRTCSUB_DIAG_REQ_LOCAL_PORT) &&
		     parse_port(&r->local_port, arg);
	} else if (!strcmp(key, "dport")) {
		ok = claim(r, WRTCSUB_DIAG_REQ_PEER_PORT) &&
		     parse_port(&r->peer_port, arg);
	} else if (!strcmp(key, "assoc")) {
		ok = !r->req.wdiag_assoc &&
		     parse_number(&number, arg, 0xffffffff) && number;
		r->req.wdiag_assoc = number;
	} else if (!strcmp(key, "uid")) {
		ok = claim(r, WRTCSUB_DIAG_REQ_UID) &&
		     parse_number(&number, arg, 0xffffffff);
		r->uid = number;
	} else if (!strcmp(key, "stream") && !filter->for_assocs) {
		ok = claim(r, WRTCSUB_DIAG_REQ_STREAM) &&
		     parse_number(&number, arg, 65535);
		r->stream = number;
	} else {
		message("there is no filter \"%s\"", key);
		return false;
	}
	if (!ok)
		message("%s %s: wrong, or said twice", key, arg);
	return ok;
}

static bool is_equals(const char *arg)
{
	return arg && (!strcmp(arg, "=") || !strcmp(arg, "==") ||
		       !strcmp(arg, "eq"));
}

/* false: the user was told. */
bool filter_parse(struct filter *filter, char **args)
{
	const char *key;

	while (*args) {
		key = *args++;
		if (!strcmp(key, "and"))
			continue;
		if (is_equals(*args))
			args++;
		if (!*args) {
			message("%s: what?", key);
			return false;
		}
		if (!parse_pair(filter, key, *args++))
			return false;
	}
	return true;
}
