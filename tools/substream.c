// SPDX-License-Identifier: GPL-2.0
/*
 * One substream, from its first byte to the two ends of it.
 *
 * A transfer is complete when both ends are clean: the peer acknowledged our
 * FIN, so that shutdown(SHUT_WR) returned 0, and its own FIN came, so that
 * read(2) returned 0.  Until our input is at its end the substream is set to be
 * reset when it is closed: a sender that is killed or cannot read its input
 * must not look to the peer as if it had finished.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>

#include "command.h"
#include "message.h"
#include "options.h"
#include "relay.h"
#include "substream.h"
#include "util.h"

/* A socket with what the options say.  -1: the user was told. */
int substream_socket(const struct options *opts)
{
	int fd, ms = opts->timeout_ms;

	fd = socket(AF_WRTCSUB, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		if (errno == EAFNOSUPPORT)
			message("%s: modprobe wrtcsub",
				"the kernel has no AF_WRTCSUB");
		else
			message("socket: %s", strerror(errno));
		return -1;
	}
	if (ms && setsockopt(fd, SOL_WRTCSUB, WRTCSUB_FIN_ACK_TIMEOUT, &ms,
			     sizeof(ms))) {
		message("setting the timeout: %s", strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

bool substream_set_blocking(int fd, bool blocking)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return false;
	if (blocking)
		flags &= ~O_NONBLOCK;
	else
		flags |= O_NONBLOCK;
	return !fcntl(fd, F_SETFL, flags);
}

/* Only the first failure is told: others follow from it. */
void substream_fail(struct substream *sub, const char *format, ...)
{
	char text[512];
	va_list args;

	if (!sub->failed) {
		va_start(args, format);
		vsnprintf(text, sizeof(text), format, args);
		va_end(args);
		message("%s: %s", sub->peer.all, text);
	}
	sub->failed = true;
}

/* What is known stays known when the kernel has no more to say. */
void substream_get_info(struct substream *sub)
{
	struct wrtcsub_info info;
	socklen_t len = sizeof(info);

	memset(&info, 0, sizeof(info));
	if (!getsockopt(sub->fd, SOL_WRTCSUB, WRTCSUB_INFO, &info, &len))
		sub->info = info;
}

static void fail_reset(struct substream *sub)
{
	substream_get_info(sub);
	if (sub->info.wi_error_code)
		substream_fail(sub, "the peer reset the stream, error code %u",
			       sub->info.wi_error_code);
	else
		substream_fail(sub, "the stream was reset");
}

/* shutdown(2) knows one error for each end that was not clean: ECONNRESET.  Who
 * has not been told the cause yet finds it in SO_ERROR.
 */
static int cause(const struct substream *sub, int error)
{
	int told = 0;
	socklen_t len = sizeof(told);

	if (error != ECONNRESET ||
	    getsockopt(sub->fd, SOL_SOCKET, SO_ERROR, &told, &len))
		return error;
	return told ?: error;
}

static void fail_with(struct substream *sub, const char *what, int error)
{
	switch (cause(sub, error)) {
	case ECONNRESET:
		fail_reset(sub);
		break;
	case ECONNREFUSED:
		substream_fail(sub, "the peer refused the stream");
		break;
	case ECONNABORTED:
		substream_fail(sub, "an administrator ended the stream");
		break;
	case ETIMEDOUT:
		substream_fail(sub, "the peer does not answer any more");
		break;
	case EPROTO:
		substream_fail(sub, "the peer sent a malformed frame");
		break;
	default:
		substream_fail(sub, "%s: %s", what, strerror(error));
	}
}

void substream_fail_receive(struct substream *sub, int error)
{
	fail_with(sub, "receiving", error);
}

void substream_fail_send(struct substream *sub, int error)
{
	if (error == EPIPE)
		substream_fail(sub, "the peer takes no more than it has got");
	else
		fail_with(sub, "sending", error);
}

/* l_linger 0: close(2), also the one of a process that dies, resets. */
static void set_abort(int fd, bool abort)
{
	struct linger linger = { .l_onoff = abort };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

/* The caller closes it. */
void substream_refuse(int fd)
{
	set_abort(fd, true);
}

static void fail_end(struct substream *sub, int error)
{
	int ms = 0;
	socklen_t len = sizeof(ms);

	substream_get_info(sub);
	if (error != ETIMEDOUT || sub->info.wi_tx_state == WRTCSUB_TX_RESET)
		fail_with(sub, "ending the stream", error);
	else if (getsockopt(sub->fd, SOL_WRTCSUB, WRTCSUB_FIN_ACK_TIMEOUT, &ms,
			    &len))
		substream_fail(sub,
			       "the peer did not acknowledge the end of the stream");
	else
		substream_fail(sub,
			       "the peer did not acknowledge the end of the stream within %g s",
			       ms / 1000.0);
}

/* On a blocking socket this waits; on a non-blocking one it is called again
 * when poll(2) says POLLOUT, and then gives the result.
 */
enum substream_end substream_end(struct substream *sub)
{
	int ret;

	if (!sub->fin_us) {
		set_abort(sub->fd, false);
		sub->fin_us = clock_us();
	}
	do {
		ret = shutdown(sub->fd, SHUT_WR);
	} while (ret && errno == EINTR);

	if (ret && errno == EINPROGRESS)
		return SUBSTREAM_END_WAIT;
	if (ret) {
		fail_end(sub, errno);
		return SUBSTREAM_END_FAILED;
	}
	substream_get_info(sub);
	sub->fin_ack_us = sub->info.wi_fin_rtt_us;
	if (!sub->fin_ack_us)
		sub->fin_ack_us = clock_us() - sub->fin_us;
	return SUBSTREAM_END_CLEAN;
}

static void report_verbose(const struct substream *sub, double seconds)
{
	char fin_ack[64];

	if (sub->fin_ack_us)
		snprintf(fin_ack, sizeof(fin_ack),
			 "FIN acknowledged after %.3f ms",
			 sub->fin_ack_us / 1e3);
	else
		snprintf(fin_ack, sizeof(fin_ack), "FIN not acknowledged");
	message("%s: sent %llu bytes, received %llu bytes in %.3f s, %s",
		sub->peer.all, sub->bytes_out,
		sub->bytes_in, seconds, fin_ack);
}

/* Lines of several processes are appended to one file: one write(2) each. */
static void report_stats(struct substream *sub, const char *path,
			 double seconds)
{
	int fd = STDERR_FILENO;

	if (path)
		fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
			  0666);
	if (fd < 0 ||
	    dprintf(fd,
		    "bytes_out=%llu bytes_in=%llu seconds=%.6f fin_ack_us=%llu assoc_id=%u stream_id=%u peer=%s status=%d\n",
		    sub->bytes_out,
		    sub->bytes_in, seconds,
		    sub->fin_ack_us,
		    sub->info.wi_assoc_id, sub->info.wi_stream_id,
		    sub->peer.all,
		    sub->failed ? STATUS_FAILED : STATUS_OK) < 0)
		substream_fail(sub, "%s: %s", path ? path : "standard error",
			       strerror(errno));
	if (path && fd >= 0)
		close(fd);
}

/* Carries a connected substream to its ends, and closes it. */
int substream_serve(int fd, const struct options *opts)
{
	struct substream sub = { .fd = fd, .start_us = clock_us() };
	double seconds;

	address_of_peer(&sub.peer, fd);
	address_of_socket(&sub.local, fd);
	substream_get_info(&sub);
	set_abort(fd, true);
	if (opts->verbose)
		message("%s: substream %u of association %u, from %s",
			sub.peer.all, sub.info.wi_stream_id,
			sub.info.wi_assoc_id, sub.local.all);

	if (!substream_set_blocking(fd, opts->exec))
		substream_fail(&sub, "fcntl: %s", strerror(errno));
	else if (opts->exec)
		command_serve(&sub, opts->exec);
	else
		relay_serve(&sub, opts->recv_only);

	seconds = (clock_us() - sub.start_us) / 1e6;
	if (opts->verbose)
		report_verbose(&sub, seconds);
	if (opts->stats)
		report_stats(&sub, opts->stats_path, seconds);
	close(fd);
	return sub.failed ? STATUS_FAILED : STATUS_OK;
}
