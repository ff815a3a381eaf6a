/* SPDX-License-Identifier: GPL-2.0 */
/* The options of the subcommands. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>

/* Which subcommands take an option; the bits of options_parse()'s argument. */
#define FOR_LISTEN	0x1
#define FOR_CONNECT	0x2

/* The arguments, and how the help calls them and what they do. */
struct usage {
	unsigned int	command;	/* FOR_* */
	const char	*synopsis;
	const char	*text;
	int		min_args;
	int		max_args;
};

struct options {
	int		family;		/* AF_UNSPEC, AF_INET or AF_INET6 */
	int		timeout_ms;	/* 0: the kernel's own */
	const char	*exec;
	const char	*source_host;
	const char	*source_port;
	const char	*stats_path;	/* NULL: standard error */
	unsigned long	max;		/* 0: no limit */
	bool		keep_open;
	bool		recv_only;
	bool		stats;
	bool		verbose;
};

enum options_result {
	OPTIONS_RUN,
	OPTIONS_HELP,		/* help was printed: nothing else to do */
	OPTIONS_WRONG,		/* and the user was told */
};

enum options_result options_parse(struct options *opts,
				  const struct usage *usage, int argc,
				  char **argv);

#endif /* OPTIONS_H */
