// SPDX-License-Identifier: GPL-2.0
/*
 * The calls of the C library that ours stand before.  They may be needed before
 * any constructor has run, and in every thread: looking them up twice does no
 * harm.
 */

#include <dlfcn.h>
#include <linux/wrtcsub.h>

#include "real.h"

#define REAL(_ret, _name, _types, _args)				\
	_ret real_##_name _types					\
	{								\
		static _ret (*real) _types;				\
									\
		if (!real)						\
			*(void **)&real = dlsym(RTLD_NEXT, #_name);	\
		return real _args;					\
	}

REAL(int, socket, (int domain, int type, int protocol),
     (domain, type, protocol))
REAL(int, connect, (int fd, const struct sockaddr *addr, socklen_t len),
     (fd, addr, len))
REAL(int, listen, (int fd, int backlog), (fd, backlog))
REAL(int, getsockopt, (int fd, int level, int option, void *value,
		       socklen_t *len), (fd, level, option, value, len))
REAL(int, setsockopt, (int fd, int level, int option, const void *value,
		       socklen_t len), (fd, level, option, value, len))

int get_int(int fd, int level, int option, int *value)
{
	socklen_t len = sizeof(*value);

	return real_getsockopt(fd, level, option, value, &len);
}

int set_int(int fd, int level, int option, int value)
{
	return real_setsockopt(fd, level, option, &value, sizeof(value));
}

/* The kernel knows, also of what came by fork, dup, or from another process. */
bool is_substream(int fd)
{
	int domain;

	return !get_int(fd, SOL_SOCKET, SO_DOMAIN, &domain) &&
	       domain == AF_WRTCSUB;
}
