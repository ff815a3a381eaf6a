// SPDX-License-Identifier: GPL-2.0
/*
 * terminal [-i] FILE COMMAND...
 *
 * Runs a command with a terminal as its standard error, and has its status.
 * What the terminal shows goes to FILE.  With -i the terminal is the standard
 * input of the command as well, and what comes on that of this program is
 * typed.
 */

#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void run(char **command, int tty, bool typed)
{
	if ((typed && dup2(tty, STDIN_FILENO) < 0) ||
	    dup2(tty, STDERR_FILENO) < 0)
		err(126, "terminal");
	close(tty);
	execvp(command[0], command);
	err(127, "%s", command[0]);
}

/* false: there is no more. */
static bool copy(int from, int to)
{
	char buf[4096];
	ssize_t len;

	len = read(from, buf, sizeof(buf));
	if (len > 0 && write(to, buf, len) != len)
		err(125, "write");
	return len > 0;
}

/* Until the command, and all that it has run, has closed the terminal. */
static void show(int pty, int file, bool typed)
{
	struct pollfd fds[] = {
		{ .fd = pty, .events = POLLIN },
		{ .fd = typed ? STDIN_FILENO : -1, .events = POLLIN },
	};

	while (poll(fds, 2, -1) > 0) {
		if (fds[0].revents && !copy(pty, file))
			return;
		if (fds[1].revents && !copy(STDIN_FILENO, pty))
			fds[1].fd = -1;
	}
}

int main(int argc, char **argv)
{
	bool typed = argc > 1 && !strcmp(argv[1], "-i");
	int pty, tty, file, status;
	pid_t pid;

	argv += 1 + typed;
	if (argc < 3 + typed)
		errx(125, "usage: terminal [-i] FILE COMMAND...");
	file = open(argv[0], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (file < 0)
		err(125, "%s", argv[0]);
	if (openpty(&pty, &tty, NULL, NULL, NULL))
		err(125, "openpty");
	fcntl(pty, F_SETFD, FD_CLOEXEC);
	pid = fork();
	if (pid < 0)
		err(125, "fork");
	if (!pid)
		run(argv + 1, tty, typed);
	close(tty);
	show(pty, file, typed);
	if (waitpid(pid, &status, 0) != pid)
		err(125, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 125;
}
