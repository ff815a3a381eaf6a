// SPDX-License-Identifier: GPL-2.0
/*
 * wrtcsub - substreams of AF_WRTCSUB from the command line.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "message.h"
#include "util.h"

static const struct command {
	const char	*name;
	int		(*main)(int argc, char **argv);
	const char	*text;
} commands[] = {
	{ "listen", listen_main, "take substreams at a port" },
	{ "connect", connect_main, "open a substream to a port" },
	{ "show", show_main, "list substreams, listeners or associations" },
	{ "kill", kill_main, "end substreams, listeners or associations" },
	{ "monitor", monitor_main, "tell what happens as it happens" },
	{ "stat", stat_main, "print the counters" },
	{ "run", run_main, "run a program whose TCP is substreams" },
};

#define COMMANDS_COUNT	ARRAY_SIZE(commands)

static void print_help(void)
{
	const struct command *command;

	printf("Usage: wrtcsub COMMAND [OPTION]... [ARGUMENT]...\n"
	       "       wrtcsub --help | --version\n\n"
	       "Substreams of libp2p WebRTC over the kernel's SCTP.\n\n"
	       "Commands:\n");
	for (command = commands; command < commands + COMMANDS_COUNT;
	     command++)
		printf("  %-10s %s\n", command->name, command->text);
	printf("\nwrtcsub COMMAND --help tells more about each.\n");
}

/* A descriptor that is missing would be given to the first socket. */
static bool open_standard(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0)
		return false;
	close(fd);
	return true;
}

int main(int argc, char **argv)
{
	const struct command *command;
	const char *name = argc > 1 ? argv[1] : "";

	if (!open_standard()) {
		message("/dev/null: %s", strerror(errno));
		return STATUS_FAILED;
	}
	signal(SIGPIPE, SIG_IGN);

	for (command = commands; command < commands + COMMANDS_COUNT;
	     command++)
		if (!strcmp(name, command->name))
			return command->main(argc - 1, argv + 1);

	if (!strcmp(name, "--help") || !strcmp(name, "-h")) {
		print_help();
		return STATUS_OK;
	}
	if (!strcmp(name, "--version") || !strcmp(name, "-V")) {
		printf("wrtcsub %s\n", WRTCSUB_VERSION);
		return STATUS_OK;
	}
	if (*name)
		message("there is no command %s; try: wrtcsub --help", name);
	else
		message("a command is missing; try: wrtcsub --help");
	return STATUS_USAGE;
}
