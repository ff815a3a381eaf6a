// SPDX-License-Identifier: GPL-2.0
/*
 * A table says which options there are, which subcommands take them and what
 * they do; what getopt_long(3) wants and what --help prints is made from it.
 */

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "usage.h"

#define OPTIONS_MAX	32

static bool is_optional(const struct option_entry *entry)
{
	return entry->arg && entry->arg[0] == '[';
}

static void print_option(const struct option_entry *entry)
{
	const char *p, *arg = entry->arg ? entry->arg : "";
	char letter[8] = "";
	char left[40];

	if (entry->key < KEY_NO_LETTER)
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

static void print_help(const struct usage *usage)
{
	const struct option_entry *entry;

	printf("Usage: wrtcsub %s\n\n%s\n\nOptions:\n", usage->synopsis,
	       usage->text);
	for (entry = usage->options; entry->key; entry++)
		if (entry->commands & usage->command)
			print_option(entry);
	printf("  %-24s %s\n", "-h, --help", "print this");
}

/* For getopt_long(3); both have room for OPTIONS_MAX, and --help. */
static void make_getopt(const struct usage *usage, struct option *name,
			char *letter)
{
	const struct option_entry *entry;

	if (usage->options_first)
		*letter++ = '+';
	for (entry = usage->options; entry->key; entry++) {
		if (!(entry->commands & usage->command))
			continue;
		name->name = entry->name;
		name->val = entry->key;
		if (is_optional(entry))
			name->has_arg = optional_argument;
		else if (entry->arg)
			name->has_arg = required_argument;
		name++;
		if (entry->key >= KEY_NO_LETTER)
			continue;
		*letter++ = entry->key;
		if (entry->arg)
			*letter++ = ':';
	}
	name->name = "help";
	name->val = 'h';
	*letter = 'h';
}

/* What is on the command line is not what the subcommand takes. */
enum usage_result usage_wrong(const struct usage *usage)
{
	message("usage: wrtcsub %s", usage->synopsis);
	return USAGE_WRONG;
}

/* After it optind is the first argument that is no option.  @parse returns
 * false if it has told the user what is wrong.
 */
enum usage_result usage_parse(const struct usage *usage, int argc, char **argv,
			      bool (*parse)(void *opts, int key,
					    const char *arg),
			      void *opts)
{
	struct option names[OPTIONS_MAX + 2] = {};
	char letters[2 * OPTIONS_MAX + 3] = "";
	const char *command = argv[0];
	int key, nr;

	make_getopt(usage, names, letters);
	/* What the messages of getopt_long(3) begin with. */
	argv[0] = program_invocation_short_name;
	while ((key = getopt_long(argc, argv, letters, names, NULL)) != -1) {
		if (key == 'h') {
			print_help(usage);
			return USAGE_HELP;
		}
		if (key != '?' && parse(opts, key, optarg))
			continue;
		if (key == '?')
			message("try: wrtcsub %s --help", command);
		return USAGE_WRONG;
	}
	nr = argc - optind;
	if (nr < usage->min_args ||
	    (usage->max_args != ARGS_ANY && nr > usage->max_args))
		return usage_wrong(usage);
	return USAGE_RUN;
}

/* Seconds with a fraction, in milliseconds. */
bool usage_parse_seconds(int *ms, const char *name, const char *arg,
			 int max_ms)
{
	double seconds;
	char *end;

	errno = 0;
	seconds = strtod(arg, &end);
	if (errno || end == arg || *end ||
	    !(seconds >= 0.001 && seconds * 1000 <= max_ms)) {
		message("%s: not a time from 0.001 to %d: %s", name,
			max_ms / 1000, arg);
		return false;
	}
	*ms = seconds * 1000 + 0.5;
	return true;
}
