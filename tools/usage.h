/* SPDX-License-Identifier: GPL-2.0 */
/* The command line of a subcommand: its options, its arguments, its help. */
#ifndef USAGE_H
#define USAGE_H

#include <stdbool.h>

#define KEY_NO_LETTER	0x100	/* options from here on have no letter */
#define ARGS_ANY	-1	/* max_args: as many as there are */

struct option_entry {
	int		key;		/* 0: the table ends */
	unsigned int	commands;	/* which subcommands have it, as bits */
	const char	*name;
	const char	*arg;		/* NULL: none; "[=X]": optional */
	const char	*text;
};

/* The arguments, and how the help calls them and what they do. */
struct usage {
	const struct option_entry *options;
	unsigned int	command;	/* a bit of option_entry::commands */
	const char	*synopsis;
	const char	*text;
	int		min_args;
	int		max_args;
	bool		options_first;	/* others are not ours */
};

enum usage_result {
	USAGE_RUN,
	USAGE_HELP,		/* help was printed: nothing else to do */
	USAGE_WRONG,		/* and the user was told */
};

enum usage_result usage_parse(const struct usage *usage, int argc, char **argv,
			      bool (*parse)(void *opts, int key,
					    const char *arg),
			      void *opts);
enum usage_result usage_wrong(const struct usage *usage);
bool usage_parse_seconds(int *ms, const char *name, const char *arg,
			 int max_ms);

#endif /* USAGE_H */
