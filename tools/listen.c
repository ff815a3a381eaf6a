// SPDX-License-Identifier: GPL-2.0
/*
 * wrtcsub listen: takes substreams from whoever connects.
 */

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "address.h"
#include "commands.h"
#include "listen.h"
#include "message.h"
#include "options.h"
#include "substream.h"

#define BACKLOG		128
#define RETRY_MS	100	/* after a lack of memory or descriptors */

static const struct usage usage = {
	.options = options_table,
	.command = FOR_LISTEN,
	.synopsis = "listen [OPTION]... [ADDR] PORT",
	.text =
"Waits for a substream at an SCTP port, and copies standard input to it and\n"
"what comes from it to standard output.  The exit status is 0 if the peer\n"
"acknowledged the end of what was sent, and ended its own stream.\n"
"Several substreams (--keep-open, --max) take no standard input.",
	.min_args = 1,
	.max_args = 2,
};

struct listener {
	const struct options *opts;
	int		fd;
	unsigned long	taken;
	unsigned long	running;
	unsigned long	failed;
	sigset_t	signals;	/* the mask to wait with */
};

static void on_child(int number)
{
	/* It is enough that ppoll(2) returns. */
	(void)number;
}

/* "::" takes IPv4 as well, unless -6 says not; what net.ipv6.bindv6only says is
 * no matter.
 */
static bool listen_set_v6only(int fd, const struct addrinfo *ai,
			      const struct options *opts)
{
	int v6only = opts->family == AF_INET6;

	return ai->ai_family != AF_INET6 ||
	       !setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6only,
			   sizeof(v6only));
}

/* The listening socket, or -1.  *@error is 0 if the user was told why. */
static int listen_at(const struct addrinfo *ai, const struct options *opts,
		     int *error)
{
	int fd, one = 1;

	*error = 0;
	fd = substream_socket(opts);
	if (fd < 0)
		return -1;
	/* Associations of an earlier listener do not keep the port. */
	if (!setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) &&
	    listen_set_v6only(fd, ai, opts) &&
	    !bind(fd, ai->ai_addr, ai->ai_addrlen) && !listen(fd, BACKLOG) &&
	    substream_set_blocking(fd, false))
		return fd;
	*error = errno;
	close(fd);
	return -1;
}

static void explain(const struct addrinfo *ai, int error)
{
	struct address_text text;

	address_to_text(&text, ai->ai_addr, ai->ai_addrlen);
	if (error == EADDRINUSE)
		message("port %s is in use", text.port);
	else if (error == EACCES)
		message("port %s needs CAP_NET_BIND_SERVICE", text.port);
	else
		message("listening at %s: %s", text.all, strerror(error));
}

/* The first address of the list that can be listened at. */
static int listen_open(const struct addrinfo *list, const struct options *opts)
{
	const struct addrinfo *ai;
	int fd, error;

	for (ai = list; ai; ai = ai->ai_next) {
		fd = listen_at(ai, opts, &error);
		if (fd >= 0 || !error)
			return fd;
		if (!ai->ai_next)
			explain(ai, error);
	}
	return -1;
}

/* The one to try first is "::". */
static struct addrinfo *ipv6_first(struct addrinfo *list)
{
	struct addrinfo *first = list, *second = list->ai_next;

	if (!second || second->ai_next || second->ai_family != AF_INET6)
		return first;
	first->ai_next = NULL;
	second->ai_next = first;
	return second;
}

/* Both -1 and a socket are told of.  The socket does not block. */
int listen_resolve(const char *host, const char *port,
		   const struct options *opts)
{
	struct address_text text;
	struct addrinfo *list;
	int fd;

	list = address_resolve(host, port, opts->family, true);
	if (!list)
		return -1;
	if (!host)
		list = ipv6_first(list);
	fd = listen_open(list, opts);
	freeaddrinfo(list);
	if (fd >= 0 && opts->verbose) {
		address_of_socket(&text, fd);
		message("listening at %s", text.all);
	}
	return fd;
}

/* The children that have ended; all of them, if @options is 0. */
static void listen_reap(struct listener *l, int options)
{
	int status;
	pid_t pid;

	while (l->running) {
		pid = waitpid(-1, &status, options);
		if (pid < 0 && errno == EINTR)
			continue;
		if (pid <= 0)
			return;
		l->running--;
		if (!WIFEXITED(status) || WEXITSTATUS(status))
			l->failed++;
	}
}

/* Waits until there is something to accept, or a child has ended. */
static void listen_wait(const struct listener *l, bool retry)
{
	struct timespec pause = { .tv_nsec = RETRY_MS * 1000000L };
	struct pollfd fd = { .fd = l->fd, .events = POLLIN };

	if (retry)
		ppoll(NULL, 0, &pause, &l->signals);
	else
		ppoll(&fd, 1, NULL, &l->signals);
}

/* -1: the listener is of no use any more, and the user was told. */
static int listen_accept(struct listener *l)
{
	bool retry = false;
	int fd;

	for (;;) {
		listen_wait(l, retry);
		listen_reap(l, WNOHANG);
		fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			return fd;
		retry = errno == EMFILE || errno == ENFILE ||
			errno == ENOMEM || errno == ENOBUFS;
		if (!retry && errno != EAGAIN && errno != EINTR &&
		    errno != ECONNABORTED)
			break;
	}
	/* Only what no longer listens is an invalid argument. */
	message("accept: %s", errno == EINVAL ?
		"an administrator ended the listener" : strerror(errno));
	return -1;
}

/* The listener is closed first: a second substream is refused at once. */
static int listen_one(struct listener *l)
{
	int fd = listen_accept(l);

	close(l->fd);
	return fd < 0 ? STATUS_FAILED : substream_serve(fd, l->opts);
}

/* Each substream in a child, where standard input is empty. */
static void listen_fork(struct listener *l, int fd)
{
	struct options opts = *l->opts;
	pid_t pid;

	pid = fork();
	if (!pid) {
		close(l->fd);
		sigprocmask(SIG_SETMASK, &l->signals, NULL);
		opts.recv_only = true;
		_exit(substream_serve(fd, &opts));
	}
	if (pid > 0) {
		l->running++;
	} else {
		message("fork: %s", strerror(errno));
		substream_refuse(fd);
		l->failed++;
	}
	close(fd);
}

static int listen_many(struct listener *l)
{
	sigset_t child;
	int fd = 0;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, &l->signals);
	signal(SIGCHLD, on_child);

	while (!l->opts->max || l->taken < l->opts->max) {
		fd = listen_accept(l);
		if (fd < 0)
			break;
		l->taken++;
		listen_fork(l, fd);
	}
	close(l->fd);
	listen_reap(l, 0);
	if (l->opts->verbose)
		message("%lu substreams served, %lu of them failed", l->taken,
			l->failed);
	return fd < 0 || l->failed ? STATUS_FAILED : STATUS_OK;
}

int listen_main(int argc, char **argv)
{
	struct options opts;
	struct listener l = { .opts = &opts };
	const char *host = NULL;

	switch (options_parse(&opts, &usage, argc, argv)) {
	case USAGE_HELP:
		return STATUS_OK;
	case USAGE_WRONG:
		return STATUS_USAGE;
	case USAGE_RUN:
		break;
	}
	if (argc - optind == 2)
		host = argv[optind++];

	if (!address_is_port(argv[optind]))
		return STATUS_USAGE;
	l.fd = listen_resolve(host, argv[optind], &opts);
	if (l.fd < 0)
		return STATUS_FAILED;
	sigprocmask(SIG_BLOCK, NULL, &l.signals);
	return opts.keep_open ? listen_many(&l) : listen_one(&l);
}
