// SPDX-License-Identifier: GPL-2.0
/*
 * wrtcsub connect: opens a substream to a listener.
 */

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>

#include "address.h"
#include "commands.h"
#include "message.h"
#include "options.h"
#include "substream.h"
#include "util.h"

static const struct usage usage = {
	.options = options_table,
	.command = FOR_CONNECT,
	.synopsis = "connect [OPTION]... HOST PORT",
	.text =
"Opens a substream to an SCTP port, and copies standard input to it and what\n"
"comes from it to standard output.  The exit status is 0 if the peer\n"
"acknowledged the end of what was sent, and ended its own stream.",
	.min_args = 2,
	.max_args = 2,
};

/* What is left of the timeout, as poll(2) takes it. */
static int time_left(unsigned long long start_us, int timeout_ms)
{
	unsigned long long ms = (clock_us() - start_us) / 1000;

	if (!timeout_ms)
		return -1;
	return ms < (unsigned int)timeout_ms ? timeout_ms - ms : 0;
}

/* Waits for the result of a non-blocking connect(2): 0 or an errno. */
static int connect_wait(int fd, int timeout_ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };
	unsigned long long start_us = clock_us();
	int ret, error = ETIMEDOUT;
	socklen_t len = sizeof(error);

	do {
		ret = poll(&pfd, 1, time_left(start_us, timeout_ms));
	} while (ret < 0 && errno == EINTR);
	if (ret < 0 ||
	    (ret && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len)))
		error = errno;
	return error;
}

/* --source and --source-port.  false: the user was told. */
static bool connect_bind(int fd, int family, const struct options *opts)
{
	const char *port = opts->source_port ? opts->source_port : "0";
	struct addrinfo *source;
	int one = 1;
	bool done;

	if (!opts->source_host && !opts->source_port)
		return true;
	source = address_resolve(opts->source_host, port, family, true);
	if (!source)
		return false;
	/* Substreams that share an association share its port. */
	done = !setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) &&
	       !bind(fd, source->ai_addr, source->ai_addrlen);
	if (!done && errno == EADDRINUSE)
		message("source port %s is in use", port);
	else if (!done)
		message("source address: %s", strerror(errno));
	freeaddrinfo(source);
	return done;
}

/* The connected socket, or -1.  *@error is 0 if the user was told why. */
static int connect_to(const struct addrinfo *ai, const struct options *opts,
		      int *error)
{
	int fd;

	*error = 0;
	fd = substream_socket(opts);
	if (fd < 0)
		return -1;
	if (!connect_bind(fd, ai->ai_family, opts)) {
		close(fd);
		return -1;
	}
	if (!substream_set_blocking(fd, false) ||
	    connect(fd, ai->ai_addr, ai->ai_addrlen))
		*error = errno;
	if (*error == EINPROGRESS)
		*error = connect_wait(fd, opts->timeout_ms);
	if (!*error)
		return fd;
	close(fd);
	return -1;
}

static void explain(const struct addrinfo *ai, int error)
{
	struct address_text text;

	address_to_text(&text, ai->ai_addr, ai->ai_addrlen);
	if (error == ECONNREFUSED)
		message("%s: connection refused: nobody listens there",
			text.all);
	else if (error == ETIMEDOUT)
		message("%s: the peer does not answer", text.all);
	else
		message("%s: %s", text.all, strerror(error));
}

/* The first address of the list that answers. */
static int connect_open(const struct addrinfo *list, const struct options *opts)
{
	const struct addrinfo *ai;
	int fd, error;

	for (ai = list; ai; ai = ai->ai_next) {
		fd = connect_to(ai, opts, &error);
		if (fd >= 0 || !error)
			return fd;
		if (opts->verbose || !ai->ai_next)
			explain(ai, error);
	}
	return -1;
}

int connect_main(int argc, char **argv)
{
	struct addrinfo *list;
	struct options opts;
	int fd;

	switch (options_parse(&opts, &usage, argc, argv)) {
	case USAGE_HELP:
		return STATUS_OK;
	case USAGE_WRONG:
		return STATUS_USAGE;
	case USAGE_RUN:
		break;
	}

	if (!address_is_port(argv[optind + 1]))
		return STATUS_USAGE;
	list = address_resolve(argv[optind], argv[optind + 1], opts.family,
			       false);
	if (!list)
		return STATUS_FAILED;
	fd = connect_open(list, &opts);
	freeaddrinfo(list);
	return fd < 0 ? STATUS_FAILED : substream_serve(fd, &opts);
}
