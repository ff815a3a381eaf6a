// SPDX-License-Identifier: GPL-2.0
/* The options of wrtcsub listen and wrtcsub connect. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "address.h"
#include "message.h"
#include "options.h"

#define TIMEOUT_MAX_MS	600000	/* what WRTCSUB_FIN_ACK_TIMEOUT takes */

enum {
	KEY_RECV_ONLY = KEY_NO_LETTER,
	KEY_STATS,
};

const struct option_entry options_table[] = {
	{ '4', FOR_LISTEN | FOR_CONNECT, "ipv4", NULL,
	  "use IPv4 only" },
	{ '6', FOR_LISTEN | FOR_CONNECT, "ipv6", NULL,
	  "use IPv6 only" },
	{ 'e', FOR_LISTEN | FOR_CONNECT, "exec", "CMD",
	  "give the substream to a command, as its standard\n"
	  "input and output; /bin/sh -c runs it" },
	{ 'k', FOR_LISTEN, "keep-open", NULL,
	  "take any number of substreams, each in a process" },
	{ 'm', FOR_LISTEN, "max", "N",
	  "like --keep-open, but stop after N substreams" },
	{ KEY_RECV_ONLY, FOR_LISTEN | FOR_CONNECT, "recv-only", NULL,
	  "send nothing: do not read standard input" },
	{ 's', FOR_CONNECT, "source", "ADDR",
	  "connect from this local address" },
	{ 'p', FOR_CONNECT, "source-port", "PORT",
	  "connect from this local port" },
	{ 'w', FOR_CONNECT, "timeout", "SECS",
	  "how long the peer has to answer the connect, and\n"
	  "to acknowledge the end of the stream" },
	{ 'w', FOR_LISTEN, "timeout", "SECS",
	  "how long the peer has to acknowledge the end of\n"
	  "the stream" },
	{ 'v', FOR_LISTEN | FOR_CONNECT, "verbose", NULL,
	  "tell addresses, bytes and times on standard error" },
	{ KEY_STATS, FOR_LISTEN | FOR_CONNECT, "stats", "[=FILE]",
	  "add a line of key=value for each substream to FILE,\n"
	  "or to standard error" },
	{}
};

static bool parse_count(unsigned long *count, const char *arg)
{
	char *end;

	errno = 0;
	*count = strtoul(arg, &end, 10);
	if (errno || *end || arg[0] < '0' || arg[0] > '9' || !*count) {
		message("--max: not a number above 0: %s", arg);
		return false;
	}
	return true;
}

static bool parse_one(void *data, int key, const char *arg)
{
	struct options *opts = data;

	switch (key) {
	case '4':
		opts->family = AF_INET;
		return true;
	case '6':
		opts->family = AF_INET6;
		return true;
	case 'e':
		opts->exec = arg;
		return true;
	case 'k':
		opts->keep_open = true;
		return true;
	case 'm':
		opts->keep_open = true;
		return parse_count(&opts->max, arg);
	case KEY_RECV_ONLY:
		opts->recv_only = true;
		return true;
	case 's':
		opts->source_host = arg;
		return true;
	case 'p':
		opts->source_port = arg;
		return address_is_port(arg);
	case 'w':
		return usage_parse_seconds(&opts->timeout_ms, "--timeout", arg,
					   TIMEOUT_MAX_MS);
	case 'v':
		opts->verbose = true;
		return true;
	case KEY_STATS:
		opts->stats = true;
		opts->stats_path = arg;
		return true;
	}
	return false;
}

enum usage_result options_parse(struct options *opts,
				const struct usage *usage, int argc,
				char **argv)
{
	enum usage_result result;

	memset(opts, 0, sizeof(*opts));
	opts->family = AF_UNSPEC;
	result = usage_parse(usage, argc, argv, parse_one, opts);
	if (result == USAGE_RUN && opts->exec && opts->recv_only) {
		message("--exec and --recv-only exclude each other");
		return USAGE_WRONG;
	}
	return result;
}
