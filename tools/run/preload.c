// SPDX-License-Identifier: GPL-2.0
/*
 * libwrtcsub-run.so: the TCP sockets of a program are substreams.
 *
 * wrtcsub run preloads it.  It keeps nothing about a descriptor: the kernel is
 * asked what it is.  Where a substream cannot be had the program gets the error;
 * only what the user excepted is TCP.
 */

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <netinet/in.h>
#include <linux/wrtcsub.h>

#include "real.h"
#include "rules.h"
#include "stay_tcp.h"
#include "tcp_option.h"

/* Programs may change their environment. */
static const char *rules_only;
static const char *rules_tcp;

static const char *keep(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? strdup(value) : NULL;
}

__attribute__((constructor))
static void start(void)
{
	rules_only = keep(RULES_ONLY);
	rules_tcp = keep(RULES_TCP);
}

static bool is_chosen(const struct sockaddr *addr, socklen_t len)
{
	if (rules_only && !rules_match(rules_only, addr, len))
		return false;
	return !rules_tcp || !rules_match(rules_tcp, addr, len);
}

/* Has the program an open choice left?  @fd is as it was made, or bound. */
static bool is_undecided(int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	return (rules_only || rules_tcp) && is_substream(fd) &&
	       getpeername(fd, (struct sockaddr *)&ss, &len);
}

/* shutdown(2) of TCP does not wait, and accepted sockets are as their listener
 * is.
 */
static int make_substream(int type)
{
	int saved, fd = real_socket(AF_WRTCSUB, type, 0);

	if (fd < 0 || !set_int(fd, SOL_WRTCSUB, WRTCSUB_SHUT_NOWAIT, 1))
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

EXPORT
int socket(int domain, int type, int protocol)
{
	if ((domain != AF_INET && domain != AF_INET6) ||
	    (type & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) != SOCK_STREAM)
		return real_socket(domain, type, protocol);
	switch (protocol) {
	case 0:
	case IPPROTO_TCP:
		return make_substream(type);
	case IPPROTO_MPTCP:
		/* TCP in disguise; who asks for it can do without. */
		errno = EPROTONOSUPPORT;
		return -1;
	default:
		return real_socket(domain, type, protocol);
	}
}

EXPORT
int connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	/* Of another kind, or from nowhere: for the kernel to look at. */
	if (is_undecided(fd) && addr && len >= sizeof(struct sockaddr_in) &&
	    (addr->sa_family == AF_INET || addr->sa_family == AF_INET6) &&
	    !is_chosen(addr, len) && stay_tcp(fd, addr->sa_family))
		return -1;
	return real_connect(fd, addr, len);
}

/* A substream over the backlog is refused, where a connection of TCP waits and
 * is tried again.  So there is more room than programs ask for.
 */
EXPORT
int listen(int fd, int backlog)
{
	struct sockaddr_storage ss = {};
	socklen_t len = sizeof(ss);

	if (is_undecided(fd) &&
	    !getsockname(fd, (struct sockaddr *)&ss, &len) &&
	    !is_chosen((struct sockaddr *)&ss, len) &&
	    stay_tcp(fd, ss.ss_family))
		return -1;
	if (backlog < SOMAXCONN && is_substream(fd))
		backlog = SOMAXCONN;
	return real_listen(fd, backlog);
}

EXPORT
int setsockopt(int fd, int level, int option, const void *value, socklen_t len)
{
	if (level == IPPROTO_TCP && is_substream(fd))
		return tcp_option_set(fd, option, value, len);
	return real_setsockopt(fd, level, option, value, len);
}

/* The family and the protocol are those of what it stands for. */
static int get_identity(int fd, int option, void *value, socklen_t *len)
{
	struct sockaddr_storage ss = {};
	int number = IPPROTO_TCP;
	socklen_t ss_len = sizeof(ss);

	if (option == SO_DOMAIN) {
		if (getsockname(fd, (struct sockaddr *)&ss, &ss_len))
			return -1;
		number = ss.ss_family;
	}
	return option_put(value, len, &number, sizeof(number));
}

EXPORT
int getsockopt(int fd, int level, int option, void *value, socklen_t *len)
{
	if (level == IPPROTO_TCP && is_substream(fd))
		return tcp_option_get(fd, option, value, len);
	if (level == SOL_SOCKET &&
	    (option == SO_DOMAIN || option == SO_PROTOCOL) && is_substream(fd))
		return get_identity(fd, option, value, len);
	return real_getsockopt(fd, level, option, value, len);
}
