// SPDX-License-Identifier: GPL-2.0
/*
 * wrtcsub run: a program whose TCP sockets are substreams.
 *
 * What makes them so is in run/; here its library is found, told what to do by
 * the environment, and preloaded.
 */

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <linux/wrtcsub.h>

#include "commands.h"
#include "listen.h"
#include "message.h"
#include "options.h"
#include "run/program.h"
#include "run/rules.h"
#include "substream.h"
#include "text.h"

#define LIBRARY		"libwrtcsub-run.so"
#define FIRST_FD	3	/* of those that sd_listen_fds(3) tells of */
#define LISTENERS_MAX	16
#define STATUS_NO_RUN	126	/* as the shell has it: there, but not run */

struct run {
	struct text	only;
	struct text	tcp;
	bool		no_preload;
	bool		exec_tcp;
	int		listeners[LISTENERS_MAX];
	int		nr_listeners;
};

static const struct option_entry options[] = {
	{ 'l', 1, "listen", "PORT",
	  "listen at PORT, or ADDR:PORT, and give that to\n"
	  "PROGRAM as systemd does; may be repeated" },
	{ 'n', 1, "no-preload", NULL,
	  "leave alone the sockets that PROGRAM makes itself" },
	{ 'o', 1, "only", "RULE",
	  "convert only sockets that connect to, or listen at,\n"
	  "RULE; may be repeated" },
	{ 't', 1, "tcp", "RULE",
	  "leave TCP what connects to, or listens at, RULE;\n"
	  "may be repeated" },
	{ 'x', 1, "exec-tcp", NULL,
	  "let PROGRAM run programs that the library cannot be\n"
	  "preloaded into: these have TCP" },
	{}
};

static const struct usage usage = {
	.options = options,
	.command = 1,
	.synopsis = "run [OPTION]... PROGRAM [ARG]...",
	.text =
"Runs a program that was written for TCP, with substreams in place of its TCP\n"
"sockets.  Where there is none to be had the program gets the error: it does\n"
"not get TCP, but for what --only, --tcp and --exec-tcp say.\n"
"A RULE is [ADDR[/BITS]][:PORT[-PORT]], an ADDR of IPv6 in brackets.",
	.min_args = 1,
	.max_args = ARGS_ANY,
	.options_first = true,
};

static bool add_rule(struct text *rules, const char *name, const char *rule)
{
	if (!*rule || strchr(rule, ' ') || !rules_are_valid(rule)) {
		message("--%s: not a rule: %s", name, rule);
		return false;
	}
	text_add(rules, "%s%s", rules->len ? " " : "", rule);
	return true;
}

/* Take apart "PORT", "ADDR:PORT" or "[ADDR]:PORT".  No address is any. */
static bool split_listener(char *text, char **host, char **port)
{
	char *colon = strrchr(text, ':');

	*host = NULL;
	*port = colon ? colon + 1 : text;
	if (!**port || (*text == '[' && colon < strchr(text, ']')))
		return false;
	if (!colon)
		return true;
	*colon = '\0';
	if (*text == '[' && colon[-1] == ']') {
		colon[-1] = '\0';
		text++;
	}
	if (*text)
		*host = text;
	return true;
}

static bool add_listener(struct run *run, const char *arg)
{
	const struct options opts = { .family = AF_UNSPEC };
	char copy[80], *host, *port;
	int fd, one = 1;

	if (strlen(arg) >= sizeof(copy) ||
	    run->nr_listeners == LISTENERS_MAX) {
		message("--listen: too long, or too many: %s", arg);
		return false;
	}
	strcpy(copy, arg);
	if (!split_listener(copy, &host, &port)) {
		message("--listen: no port: %s", arg);
		return false;
	}
	fd = listen_resolve(host, port, &opts);
	if (fd < 0)
		return false;
	run->listeners[run->nr_listeners++] = fd;
	if (!setsockopt(fd, SOL_WRTCSUB, WRTCSUB_SHUT_NOWAIT, &one,
			sizeof(one)) && substream_set_blocking(fd, true))
		return true;
	message("--listen: %s", strerror(errno));
	return false;
}

static bool parse(void *data, int key, const char *arg)
{
	struct run *run = data;

	switch (key) {
	case 'l':
		return add_listener(run, arg);
	case 'n':
		run->no_preload = true;
		return true;
	case 'o':
		return add_rule(&run->only, "only", arg);
	case 't':
		return add_rule(&run->tcp, "tcp", arg);
	case 'x':
		run->exec_tcp = true;
		return true;
	}
	return false;
}

/* Beside the tool, as it is built; or where it is installed. */
static bool find_library(char *path, size_t size)
{
	static const char * const places[] = { "", "../lib/wrtcsub/" };
	char exe[PATH_MAX] = "", *dir;
	size_t i;

	if (readlink("/proc/self/exe", exe, sizeof(exe) - 1) < 0) {
		message("/proc/self/exe: %s", strerror(errno));
		return false;
	}
	dir = dirname(exe);
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		snprintf(path, size, "%s/%s" LIBRARY, dir, places[i]);
		/* The dynamic linker would take it for several. */
		if (!access(path, R_OK) && !strpbrk(path, ": "))
			return true;
	}
	message(LIBRARY " is not there: %s/%s", dir, places[i - 1]);
	return false;
}

static bool is_library(const char *path, size_t len)
{
	static const char name[] = "/" LIBRARY;
	const size_t name_len = sizeof(name) - 1;

	return len >= name_len &&
	       !memcmp(path + len - name_len, name, name_len);
}

/* What is preloaded already, but for the library: this may be run by a program
 * that is run.
 */
static void add_others(struct text *all)
{
	const char *others = getenv("LD_PRELOAD") ?: "";
	size_t len;

	for (; *others; others += len + !!others[len]) {
		len = strcspn(others, ": ");
		if (len && !is_library(others, len))
			text_add(all, "%s%.*s", all->len ? ":" : "", (int)len,
				 others);
	}
}

static bool set_no_preload(void)
{
	struct text others = {};

	add_others(&others);
	return others.len ? !setenv("LD_PRELOAD", text_get(&others), 1) :
			    !unsetenv("LD_PRELOAD");
}

static bool set_preload(const struct run *run)
{
	struct text all = {};
	char path[PATH_MAX];

	if (!find_library(path, sizeof(path)))
		return false;
	/* The dynamic linker would go on without. */
	if (program_is_noexec(path)) {
		message("%s: it is mounted noexec", path);
		return false;
	}
	text_add(&all, "%s", path);
	add_others(&all);
	return !setenv("LD_PRELOAD", text_get(&all), 1) &&
	       !setenv(RULES_ONLY, text_get(&run->only), 1) &&
	       !setenv(RULES_TCP, text_get(&run->tcp), 1) &&
	       !setenv(RULES_EXEC_TCP, run->exec_tcp ? "1" : "", 1);
}

/* Descriptors from 3 on, and an environment that says so. */
static bool pass_listeners(struct run *run)
{
	char number[16];
	int i;

	if (!run->nr_listeners)
		return true;
	/* None may be in the place of another. */
	for (i = 0; i < run->nr_listeners; i++) {
		run->listeners[i] = fcntl(run->listeners[i], F_DUPFD_CLOEXEC,
					  FIRST_FD + run->nr_listeners);
		if (run->listeners[i] < 0)
			return false;
	}
	for (i = 0; i < run->nr_listeners; i++)
		if (dup2(run->listeners[i], FIRST_FD + i) < 0)
			return false;
	snprintf(number, sizeof(number), "%d", run->nr_listeners);
	if (setenv("LISTEN_FDS", number, 1))
		return false;
	snprintf(number, sizeof(number), "%d", getpid());
	return !setenv("LISTEN_PID", number, 1);
}

static bool takes_preload(const char *name)
{
	char path[PATH_MAX];
	const char *why;

	if (!program_find(name, path)) {
		message("%s: %s", name, strerror(errno));
		return false;
	}
	why = program_obstacle(AT_FDCWD, path);
	if (why)
		message("%s %s: the library cannot be preloaded (--no-preload)",
			name, why);
	return !why;
}

int run_main(int argc, char **argv)
{
	struct run run = {};

	switch (usage_parse(&usage, argc, argv, parse, &run)) {
	case USAGE_HELP:
		return STATUS_OK;
	case USAGE_WRONG:
		return STATUS_USAGE;
	case USAGE_RUN:
		break;
	}
	argv += optind;
	if (run.no_preload ? !set_no_preload() :
	    !takes_preload(argv[0]) || !set_preload(&run))
		return STATUS_NO_RUN;
	if (!pass_listeners(&run)) {
		message("--listen: %s", strerror(errno));
		return STATUS_NO_RUN;
	}
	signal(SIGPIPE, SIG_DFL);
	execvp(argv[0], argv);
	message("%s: %s", argv[0], strerror(errno));
	return STATUS_NO_RUN;
}
