// SPDX-License-Identifier: GPL-2.0
/*
 * Standard input to the substream and the substream to standard output, each
 * on its own: while one direction waits the other goes on, and when one is at
 * its end the other goes on to its own.
 *
 * The socket is non-blocking, so the end of the sending half takes three steps:
 * shutdown(2) says EINPROGRESS, poll(2) says POLLOUT when the peer has answered
 * or did not in time, and shutdown(2) then gives the result.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "message.h"
#include "relay.h"
#include "substream.h"

#define RELAY_BUFFER	65536
#define PROGRESS_MS	500

struct buffer {
	size_t	start;
	size_t	end;
	char	data[RELAY_BUFFER];
};

struct relay {
	struct substream *sub;
	size_t		out_max;	/* a write of so much does not block */
	unsigned long long	in_total;	/* bytes, 0: not known */
	bool		in_over;	/* no more of standard input */
	bool		fin;		/* shutdown(2) has been called */
	bool		tx_over;	/* and its result is known */
	bool		rx_over;	/* the peer's end, or a failure */
	bool		out_over;	/* standard output has been closed */
	struct buffer	to_peer;
	struct buffer	from_peer;
};

static bool is_empty(const struct buffer *buf)
{
	return buf->start == buf->end;
}

static ssize_t buffer_fill(struct buffer *buf, int fd)
{
	ssize_t len;

	len = read(fd, buf->data, sizeof(buf->data));
	buf->start = 0;
	buf->end = len > 0 ? len : 0;
	return len;
}

static bool is_temporary(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

/* Nothing can be told to the peer or be got from it any more. */
static void relay_give_up(struct relay *r)
{
	r->in_over = true;
	r->tx_over = true;
	r->rx_over = true;
	r->to_peer.start = r->to_peer.end;
}

static void relay_read_input(struct relay *r)
{
	ssize_t len;

	len = buffer_fill(&r->to_peer, STDIN_FILENO);
	if (!len) {
		r->in_over = true;
	} else if (len < 0 && !is_temporary(errno)) {
		/* Closing the substream now resets it. */
		substream_fail(r->sub, "standard input: %s", strerror(errno));
		relay_give_up(r);
	}
}

/* false: there was no room. */
static bool relay_send(struct relay *r)
{
	struct buffer *buf = &r->to_peer;
	ssize_t len;

	len = send(r->sub->fd, buf->data + buf->start, buf->end - buf->start,
		   MSG_NOSIGNAL);
	if (len >= 0) {
		buf->start += len;
		r->sub->bytes_out += len;
		return true;
	}
	if (is_temporary(errno))
		return false;

	substream_fail_send(r->sub, errno);
	r->in_over = true;
	buf->start = buf->end;
	return true;
}

/* false: the peer has not answered yet. */
static bool relay_end(struct relay *r)
{
	r->fin = true;
	if (substream_end(r->sub) == SUBSTREAM_END_WAIT)
		return false;
	r->tx_over = true;
	return true;
}

/* false: there was nothing. */
static bool relay_receive(struct relay *r)
{
	ssize_t len;

	len = buffer_fill(&r->from_peer, r->sub->fd);
	if (len < 0 && is_temporary(errno))
		return false;
	if (len > 0) {
		r->sub->bytes_in += len;
	} else if (!len) {
		r->rx_over = true;
		if (!r->in_over && isatty(STDIN_FILENO) &&
		    isatty(STDERR_FILENO))
			message("%s: the peer has ended, Ctrl-D ends our side",
				r->sub->peer.all);
	} else {
		substream_fail_receive(r->sub, errno);
		relay_give_up(r);
	}
	return true;
}

/* Nobody takes what the peer sends: it is told so. */
static void relay_fail_output(struct relay *r, int error)
{
	substream_fail(r->sub, "standard output: %s", strerror(error));
	shutdown(r->sub->fd, SHUT_RD);
	r->rx_over = true;
	r->from_peer.start = r->from_peer.end;
}

static void relay_write_output(struct relay *r)
{
	struct buffer *buf = &r->from_peer;
	size_t len = buf->end - buf->start;
	ssize_t done;

	done = write(STDOUT_FILENO, buf->data + buf->start,
		     len < r->out_max ? len : r->out_max);
	if (done >= 0)
		buf->start += done;
	else if (!is_temporary(errno))
		relay_fail_output(r, errno);
}

/* Whoever reads our output sees its end while our input may go on. */
static void relay_close_output(struct relay *r)
{
	r->out_over = true;
	if (close(STDOUT_FILENO))
		relay_fail_output(r, errno);
	/* Nothing else gets the descriptor. */
	if (open("/dev/null", O_WRONLY) < 0)
		substream_fail(r->sub, "/dev/null: %s", strerror(errno));
}

/* poll(2) reports an error or a hang-up, and no call told why. */
static void relay_hang_up(struct relay *r)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(r->sub->fd, SOL_SOCKET, SO_ERROR, &error, &len))
		error = errno;
	if (error) {
		substream_fail_receive(r->sub, error);
		relay_give_up(r);
	} else if (r->rx_over && !r->fin) {
		/* Both halves are over, and we did not end ours. */
		substream_fail_send(r->sub, EPIPE);
		r->in_over = true;
		r->to_peer.start = r->to_peer.end;
	} else {
		substream_fail(r->sub, "the stream is over without an end");
		relay_give_up(r);
	}
}

static short relay_socket_events(const struct relay *r)
{
	short events = 0;

	if (!r->tx_over && (r->fin || !is_empty(&r->to_peer)))
		events |= POLLOUT;
	if (!r->rx_over && is_empty(&r->from_peer))
		events |= POLLIN;
	return events;
}

static void relay_socket(struct relay *r, short revents)
{
	bool moved = false;

	if (!is_empty(&r->to_peer))
		moved |= relay_send(r);
	else if (r->fin && !r->tx_over)
		moved |= relay_end(r);
	if (!r->rx_over && is_empty(&r->from_peer))
		moved |= relay_receive(r);
	if (!moved && (revents & (POLLERR | POLLHUP)))
		relay_hang_up(r);
}

static bool relay_wait(struct relay *r)
{
	struct pollfd in = { .fd = -1, .events = POLLIN };
	struct pollfd sock = { .fd = -1 };
	struct pollfd out = { .fd = -1 };
	struct pollfd fds[3];

	if (!r->in_over && is_empty(&r->to_peer))
		in.fd = STDIN_FILENO;
	sock.events = relay_socket_events(r);
	/* Without events: shows a peer that goes while input is awaited. */
	if (sock.events || (r->rx_over && !r->tx_over))
		sock.fd = r->sub->fd;
	/* Without events: shows a reader that goes before there is more. */
	if (!r->out_over)
		out.fd = STDOUT_FILENO;
	if (!is_empty(&r->from_peer))
		out.events = POLLOUT;

	fds[0] = in;
	fds[1] = sock;
	fds[2] = out;
	if (poll(fds, 3, progress_is_on() ? PROGRESS_MS : -1) < 0) {
		if (errno == EINTR)
			return true;
		substream_fail(r->sub, "poll: %s", strerror(errno));
		return false;
	}

	if (fds[0].revents)
		relay_read_input(r);
	if (fds[1].revents)
		relay_socket(r, fds[1].revents);
	if (fds[2].revents && !is_empty(&r->from_peer))
		relay_write_output(r);
	else if (fds[2].revents & (POLLERR | POLLHUP))
		relay_fail_output(r, EPIPE);
	return true;
}

static void relay_run(struct relay *r)
{
	for (;;) {
		if (r->in_over && is_empty(&r->to_peer) && !r->fin &&
		    !r->tx_over)
			relay_end(r);
		if (r->rx_over && is_empty(&r->from_peer) && !r->out_over)
			relay_close_output(r);
		if (r->tx_over && r->out_over)
			return;
		if (!relay_wait(r))
			return;
		progress_show(r->sub->bytes_out, r->sub->bytes_in);
	}
}

static void relay_init(struct relay *r, struct substream *sub, bool recv_only)
{
	struct stat st;
	off_t at;

	memset(r, 0, sizeof(*r));
	r->sub = sub;
	r->in_over = recv_only;
	/* A pipe that has room for less than is written blocks, unless this
	 * is all that is written.
	 */
	r->out_max = PIPE_BUF;
	if (!fstat(STDOUT_FILENO, &st) && S_ISREG(st.st_mode))
		r->out_max = RELAY_BUFFER;
	if (!recv_only && !fstat(STDIN_FILENO, &st) && S_ISREG(st.st_mode)) {
		at = lseek(STDIN_FILENO, 0, SEEK_CUR);
		if (at >= 0 && at < st.st_size)
			r->in_total = st.st_size - at;
	}
}

void relay_serve(struct substream *sub, bool recv_only)
{
	static struct relay relay;

	relay_init(&relay, sub, recv_only);
	progress_start(relay.in_total);
	relay_run(&relay);
	progress_stop();
	substream_get_info(sub);
}
