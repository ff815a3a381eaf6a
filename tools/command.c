// SPDX-License-Identifier: GPL-2.0
/*
 * --exec: a command that has the substream as its standard input and output.
 *
 * The command gets the socket itself, not a pipe: what it reads comes straight
 * from the substream, and it sees an error, not an end, when the peer resets.
 * The end of its own output is the end of the command.
 */

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "command.h"
#include "message.h"
#include "substream.h"

/* In the child; does not return. */
static void command_exec(const struct substream *sub, const char *command)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGCHLD, SIG_DFL);

	setenv("WRTCSUB_REMOTE_ADDR", sub->peer.host, 1);
	setenv("WRTCSUB_REMOTE_PORT", sub->peer.port, 1);
	setenv("WRTCSUB_LOCAL_ADDR", sub->local.host, 1);
	setenv("WRTCSUB_LOCAL_PORT", sub->local.port, 1);

	if (dup2(sub->fd, STDIN_FILENO) >= 0 &&
	    dup2(sub->fd, STDOUT_FILENO) >= 0)
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	message("%s: /bin/sh: %s", sub->peer.all, strerror(errno));
	_exit(127);
}

/* Waits for it.  false: it was killed, so its output is not whole. */
static bool command_wait(struct substream *sub, pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno == EINTR)
			continue;
		substream_fail(sub, "waiting for the command: %s",
			       strerror(errno));
		return false;
	}
	if (WIFSIGNALED(status)) {
		substream_fail(sub, "the command was killed: %s",
			       strsignal(WTERMSIG(status)));
		return false;
	}
	if (WEXITSTATUS(status))
		substream_fail(sub, "the command exited with status %d",
			       WEXITSTATUS(status));
	return true;
}

/* The command may have taken less than there was: that is its own affair, but
 * the peer is told to stop.
 */
static void command_end_input(struct substream *sub)
{
	char byte;
	ssize_t len;

	len = recv(sub->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
	if (len > 0 || (len < 0 && errno == EAGAIN))
		shutdown(sub->fd, SHUT_RD);
	else if (len < 0)
		substream_fail_receive(sub, errno);
}

void command_serve(struct substream *sub, const char *command)
{
	pid_t pid;

	pid = fork();
	if (!pid)
		command_exec(sub, command);
	if (pid < 0) {
		substream_fail(sub, "fork: %s", strerror(errno));
		return;
	}

	if (command_wait(sub, pid)) {
		command_end_input(sub);
		substream_end(sub);
	}
	substream_get_info(sub);
	if (sub->info.wi_rx_state == WRTCSUB_RX_RESET)
		substream_fail_receive(sub, ECONNRESET);
	sub->bytes_out = sub->info.wi_tx_bytes;
	sub->bytes_in = sub->info.wi_rx_bytes;
}
