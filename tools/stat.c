// SPDX-License-Identifier: GPL-2.0
/* wrtcsub stat: the counters of this network namespace. */

#include <errno.h>
#include <fnmatch.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/timerfd.h>

#include "commands.h"
#include "json.h"
#include "load.h"
#include "message.h"
#include "table.h"
#include "usage.h"

#define PATH		"/proc/thread-self/net/wrtcsub_stat"
#define COUNTERS_MAX	256
#define WATCH_MAX_MS	86400000

struct counter {
	char			name[32];
	unsigned long long	value;
};

struct counters {
	struct counter	all[COUNTERS_MAX];
	size_t		nr;
};

struct stat_options {
	char	**patterns;		/* none: all counters */
	bool	json;
	bool	nonzero;
	bool	no_header;
	int	watch_ms;		/* 0: once */
};

static const struct option_entry entries[] = {
	{ 'z', 1, "nonzero", NULL,
	  "only counters that are not zero; with --watch,\n"
	  "those that have changed" },
	{ 'w', 1, "watch", "SECONDS",
	  "again and again, with what has been added" },
	{ 'j', 1, "json", NULL,
	  "JSON, one object on each line" },
	{ 'H', 1, "no-header", NULL,
	  "no line with the names of the columns" },
	{}
};

static const struct usage usage = {
	.options = entries,
	.command = 1,
	.synopsis = "stat [OPTION]... [PATTERN]...",
	.text =
"Prints the counters of this network namespace, or those whose names match\n"
"one of the patterns.",
	.max_args = ARGS_ANY,
};

static const struct column once_columns[] = {
	{ .head = "Name" },
	{ .head = "Value", .right = true },
	{}
};

static const struct column watch_columns[] = {
	{ .head = "Name" },
	{ .head = "Value", .right = true },
	{ .head = "Added", .right = true },
	{}
};

static bool parse_one(void *data, int key, const char *arg)
{
	struct stat_options *opts = data;

	switch (key) {
	case 'z':
		opts->nonzero = true;
		return true;
	case 'w':
		return usage_parse_seconds(&opts->watch_ms, "--watch", arg,
					   WATCH_MAX_MS);
	case 'j':
		opts->json = true;
		return true;
	case 'H':
		opts->no_header = true;
		return true;
	}
	return false;
}

/* false: the user was told. */
static bool counters_read(struct counters *now)
{
	struct counter *c = now->all;
	FILE *file;

	file = fopen(PATH, "re");
	if (!file) {
		message("%s", errno == ENOENT ?
			"the kernel has no AF_WRTCSUB: modprobe wrtcsub" :
			strerror(errno));
		return false;
	}
	while (c < now->all + COUNTERS_MAX &&
	       fscanf(file, "%31s %llu", c->name, &c->value) == 2)
		c++;
	fclose(file);
	now->nr = c - now->all;
	return true;
}

static bool matches(const char *pattern, const struct counter *c)
{
	return !fnmatch(pattern, c->name, FNM_CASEFOLD);
}

static bool is_asked_for(const struct stat_options *opts,
			 const struct counter *c)
{
	char **p = opts->patterns;

	while (*p && !matches(*p, c))
		p++;
	return *p || p == opts->patterns;
}

/* @before is NULL the first time. */
static bool is_shown(const struct stat_options *opts,
		     const struct counters *now, const struct counters *before,
		     size_t i)
{
	if (!is_asked_for(opts, &now->all[i]))
		return false;
	if (!opts->nonzero)
		return true;
	return now->all[i].value != (before ? before->all[i].value : 0);
}

static bool print_text(const struct stat_options *opts,
		       const struct counters *now,
		       const struct counters *before)
{
	const struct counter *c;
	struct table table;
	size_t i;

	table_init(&table, opts->watch_ms ? watch_columns : once_columns,
		   !opts->no_header);
	for (i = 0; i < now->nr; i++) {
		if (!is_shown(opts, now, before, i))
			continue;
		c = &now->all[i];
		table_row(&table);
		table_cell(&table, "%s", c->name);
		table_cell(&table, "%llu", c->value);
		if (opts->watch_ms)
			table_cell(&table, "%llu", before ? c->value -
				   before->all[i].value : 0);
	}
	table_print(&table);
	return message_flush_output();
}

static struct json_object *make_json(const struct stat_options *opts,
				     const struct counters *now,
				     const struct counters *before,
				     bool differences)
{
	struct json_object *json = json_object_new_object();
	const struct counter *c;
	size_t i;

	for (i = 0; i < now->nr; i++) {
		if (!is_shown(opts, now, before, i))
			continue;
		c = &now->all[i];
		json_put_number(json, c->name, !differences ? c->value :
				before ? c->value - before->all[i].value : 0);
	}
	return json;
}

static bool print_json(const struct stat_options *opts,
		       const struct counters *now,
		       const struct counters *before)
{
	struct json_object *json;

	if (!opts->watch_ms)
		return json_print(make_json(opts, now, before, false));
	json = json_object_new_object();
	json_object_object_add(json, "value",
			       make_json(opts, now, before, false));
	json_object_object_add(json, "added",
			       make_json(opts, now, before, true));
	return json_print(json);
}

static bool stat_once(const struct stat_options *opts, struct counters *now,
		      const struct counters *before)
{
	if (!counters_read(now))
		return false;
	return opts->json ? print_json(opts, now, before) :
			    print_text(opts, now, before);
}

/* Until it is killed. */
static bool stat_watch(const struct stat_options *opts)
{
	struct itimerspec every = {};
	static struct counters kept[2];
	unsigned long long times;
	int fd, i = 1;

	every.it_interval.tv_sec = opts->watch_ms / 1000;
	every.it_interval.tv_nsec = opts->watch_ms % 1000 * 1000000;
	every.it_value = every.it_interval;
	fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	if (fd < 0 || timerfd_settime(fd, 0, &every, NULL)) {
		message("timerfd: %s", strerror(errno));
		return false;
	}
	if (!stat_once(opts, &kept[0], NULL))
		return false;
	while (read(fd, &times, sizeof(times)) == sizeof(times)) {
		if (!stat_once(opts, &kept[i], &kept[!i]))
			return false;
		i = !i;
	}
	return false;
}

static bool is_any(const struct counters *now, const char *pattern)
{
	size_t i = 0;

	while (i < now->nr && !matches(pattern, &now->all[i]))
		i++;
	return i < now->nr;
}

/* A pattern that is for no counter is a mistake. */
static int check_patterns(const struct stat_options *opts,
			  struct counters *now)
{
	char **p;

	if (!counters_read(now))
		return STATUS_FAILED;
	for (p = opts->patterns; *p; p++) {
		if (is_any(now, *p))
			continue;
		message("there is no counter \"%s\"", *p);
		return STATUS_USAGE;
	}
	return STATUS_OK;
}

int stat_main(int argc, char **argv)
{
	struct stat_options opts = {};
	struct counters now;
	int status;
	bool ok;

	switch (usage_parse(&usage, argc, argv, parse_one, &opts)) {
	case USAGE_HELP:
		return STATUS_OK;
	case USAGE_WRONG:
		return STATUS_USAGE;
	case USAGE_RUN:
		break;
	}
	opts.patterns = argv + optind;
	load_module();
	status = check_patterns(&opts, &now);
	if (status != STATUS_OK)
		return status;
	ok = opts.watch_ms ? stat_watch(&opts) : stat_once(&opts, &now, NULL);
	return ok ? STATUS_OK : STATUS_FAILED;
}
