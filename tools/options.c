// SPDX-License-Identifier: GPL-2.0
/*
 * One table says which options there are, which subcommands take them and what
 * they do; what getopt_long(3) wants and what --help prints is made from it.
 */

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "message.h"
#include "options.h"
#include "util.h"

#define TIMEOUT_MAX_MS	600000	/* what WRTCSUB_FIN_ACK_TIMEOUT takes */

/* Keys of options that have no letter. */
enum {
	KEY_RECV_ONLY = 0x100,
	KEY_STATS,
};

struct option_entry {
	int		key;
	unsigned int	commands;	/* FOR_* */
	const char	*name;
	const char	*arg;		/* NULL: none; "[=X]": optional */
	const char	*text;
};

static const struct option_entry entries[] = {
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
	{ 'h', FOR_LISTEN | FOR_CONNECT, "help", NULL,
	  "print this" },
};

#define ENTRIES_COUNT	ARRAY_SIZE(entries)

static bool is_optional(const struct option_entry *entry)
{
	return entry->arg && entry->arg[0] == '[';
}

static void print_help(const struct usage *usage)
{
	const struct option_entry *entry;
	const char *p, *arg;
	char letter[8];
	char left[40];

	printf("Usage: wrtcsub %s\n\n%s\n\nOptions:\n", usage->synopsis,
	       usage->text);
	for (entry = entries; entry < entries + ENTRIES_COUNT; entry++) {
		if (!(entry->commands & usage->command))
			continue;
		arg = entry->arg ? entry->arg : "";
		letter[0] = '\0';
		if (entry->key < KEY_RECV_ONLY)
			snprintf(letter, sizeof(letter), "-%c, ", entry->key);
		snprintf(left, sizeof(left), "%4s--%s%s%s", letter, entry->name,
			 *arg && !is_optional(entry) ? " " : "", arg);
		printf("  %-24s ", left);
		for (p = entry->text; *p; p++) {
			putchar(*p);
			if (*p == '\n')
				printf("%27s", "");
		}
		putchar('\n');
	}
}

/* Seconds with a fraction, in milliseconds. */
static bool parse_timeout(int *timeout_ms, const char *arg)
{
	double seconds;
	char *end;

	errno = 0;
	seconds = strtod(arg, &end);
	if (errno || end == arg || *end ||
	    !(seconds >= 0.001 && seconds * 1000 <= TIMEOUT_MAX_MS)) {
		message("--timeout: not a time from 0.001 to %d: %s",
			TIMEOUT_MAX_MS / 1000, arg);
		return false;
	}
	*timeout_ms = seconds * 1000 + 0.5;
	return true;
}

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

static bool parse_one(struct options *opts, int key, const char *arg)
{
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
		return true;
	case 'w':
		return parse_timeout(&opts->timeout_ms, arg);
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

/* After it optind is the first argument that is no option. */
enum options_result options_parse(struct options *opts,
				  const struct usage *usage, int argc,
				  char **argv)
{
	struct option names[ENTRIES_COUNT + 1];
	char letters[2 * ENTRIES_COUNT + 1];
	const struct option_entry *entry;
	const char *command = argv[0];
	struct option *name = names;
	char *letter = letters;
	int key;

	memset(names, 0, sizeof(names));
	for (entry = entries; entry < entries + ENTRIES_COUNT; entry++) {
		if (!(entry->commands & usage->command))
			continue;
		name->name = entry->name;
		name->val = entry->key;
		if (is_optional(entry))
			name->has_arg = optional_argument;
		else if (entry->arg)
			name->has_arg = required_argument;
		name++;
		if (entry->key >= KEY_RECV_ONLY)
			continue;
		*letter++ = entry->key;
		if (entry->arg)
			*letter++ = ':';
	}
	*letter = '\0';

	memset(opts, 0, sizeof(*opts));
	opts->family = AF_UNSPEC;
	/* What the messages of getopt_long(3) begin with. */
	argv[0] = program_invocation_short_name;
	while ((key = getopt_long(argc, argv, letters, names, NULL)) != -1) {
		if (key == 'h') {
			print_help(usage);
			return OPTIONS_HELP;
		}
		if (key != '?' && parse_one(opts, key, optarg))
			continue;
		if (key == '?')
			message("try: wrtcsub %s --help", command);
		return OPTIONS_WRONG;
	}
	if (argc - optind < usage->min_args ||
	    argc - optind > usage->max_args) {
		message("usage: wrtcsub %s", usage->synopsis);
		return OPTIONS_WRONG;
	}
	if (opts->exec && opts->recv_only) {
		message("--exec and --recv-only exclude each other");
		return OPTIONS_WRONG;
	}
	return OPTIONS_RUN;
}
