// SPDX-License-Identifier: GPL-2.0
/*
 * A socket that the user wants to be TCP.
 *
 * Where it leads to is known when it connects or listens, and until then it is
 * a substream: so what goes past the library cannot be TCP by mistake.  A TCP
 * socket then takes its descriptor, with what was set and bound before.
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <linux/wrtcsub.h>

#include "epoll.h"
#include "real.h"
#include "stay_tcp.h"
#include "tcp_option.h"

#define OPTION_MAX	64

struct option {
	int	level;
	int	name;
	int	tcp_level;
	int	tcp_name;
};

#define SAME(_level, _name)	{ _level, _name, _level, _name }

static const struct option options[] = {
	SAME(SOL_SOCKET, SO_REUSEADDR),
	SAME(SOL_SOCKET, SO_REUSEPORT),
	SAME(SOL_SOCKET, SO_KEEPALIVE),
	SAME(SOL_SOCKET, SO_LINGER),
	SAME(SOL_SOCKET, SO_RCVTIMEO),
	SAME(SOL_SOCKET, SO_SNDTIMEO),
	SAME(SOL_SOCKET, SO_RCVLOWAT),
	SAME(SOL_SOCKET, SO_RCVBUF),
	SAME(SOL_SOCKET, SO_SNDBUF),
	SAME(SOL_SOCKET, SO_BINDTODEVICE),
	SAME(SOL_SOCKET, SO_MARK),
	SAME(SOL_SOCKET, SO_PRIORITY),
	{ SOL_SOCKET, KEPT_NODELAY, IPPROTO_TCP, TCP_NODELAY },
	{ SOL_SOCKET, KEPT_CORK, IPPROTO_TCP, TCP_CORK },
	SAME(SOL_IP, IP_TOS),
	SAME(SOL_IP, IP_TTL),
	SAME(SOL_IP, IP_MTU_DISCOVER),
	/* Those of IPv6 are the same two, and TCP of IPv4 would refuse them. */
	SAME(SOL_IP, IP_FREEBIND),
	SAME(SOL_IP, IP_TRANSPARENT),
	SAME(SOL_IPV6, IPV6_V6ONLY),
	SAME(SOL_IPV6, IPV6_TCLASS),
	SAME(SOL_IPV6, IPV6_UNICAST_HOPS),
	SAME(SOL_IPV6, IPV6_MTU_DISCOVER),
};

#define OPTIONS_COUNT	(sizeof(options) / sizeof(options[0]))

static int get(int fd, const struct option *option, void *value,
	       socklen_t *len)
{
	*len = OPTION_MAX;
	memset(value, 0, OPTION_MAX);
	return real_getsockopt(fd, option->level, option->name, value, len);
}

/* What the program has set: what is not as on a socket nobody has touched. */
static int copy_option(int from, int fresh, int to, const struct option *option)
{
	char value[OPTION_MAX], usual[OPTION_MAX];
	socklen_t len, usual_len;
	int number;

	/* Of IPv6, if there is none, and the like. */
	if (get(from, option, value, &len) ||
	    get(fresh, option, usual, &usual_len))
		return 0;
	if (len == usual_len && !memcmp(value, usual, len))
		return 0;
	/* The kernel doubles what is set. */
	if (option->name == SO_RCVBUF || option->name == SO_SNDBUF) {
		memcpy(&number, value, sizeof(number));
		number /= 2;
		memcpy(value, &number, sizeof(number));
	}
	return real_setsockopt(to, option->tcp_level, option->tcp_name, value,
			       len);
}

/* One may be set that is the usual one of a substream. */
static int copy_timeout(int from, int to)
{
	int is_set, ms;

	if (get_int(from, SOL_SOCKET, KEPT_TIMEOUT, &is_set))
		return -1;
	if (!is_set)
		return 0;
	return get_int(from, SOL_WRTCSUB, WRTCSUB_FIN_ACK_TIMEOUT, &ms) ?:
	       set_int(to, IPPROTO_TCP, TCP_USER_TIMEOUT, ms);
}

static int copy_options(int from, int to)
{
	int fresh = real_socket(AF_WRTCSUB, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int error = 0;
	size_t i;

	if (fresh < 0)
		return -1;
	for (i = 0; !error && i < OPTIONS_COUNT; i++)
		error = copy_option(from, fresh, to, &options[i]);
	close(fresh);
	return error;
}

static int copy_binding(int from, int to)
{
	/* The port is at the same place in both families. */
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} addr = {};
	socklen_t len = sizeof(addr);

	if (getsockname(from, &addr.sa, &len))
		return -1;
	if (!addr.in.sin_port)
		return 0;
	return bind(to, &addr.sa, len);
}

static int replace(int fd, int tcp)
{
	int fd_flags = fcntl(fd, F_GETFD), flags = fcntl(fd, F_GETFL);
	struct watches watches;

	if (fd_flags < 0 || flags < 0 || fcntl(tcp, F_SETFL, flags) ||
	    watches_find(&watches, fd) ||
	    dup3(tcp, fd, fd_flags & FD_CLOEXEC ? O_CLOEXEC : 0) < 0)
		return -1;
	return watches_restore(&watches, fd);
}

/* Put a TCP socket of that family in the place of @fd. */
int stay_tcp(int fd, int family)
{
	int tcp = real_socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int error, saved;

	if (tcp < 0)
		return -1;
	error = copy_options(fd, tcp) || copy_timeout(fd, tcp) ||
		copy_binding(fd, tcp) || replace(fd, tcp);
	saved = errno;
	close(tcp);
	errno = saved;
	return error ? -1 : 0;
}
