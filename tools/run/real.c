// SPDX-License-Identifier: GPL-2.0
/*
 * The calls of the C library that ours stand before.  They may be needed before
 * any constructor has run, and in every thread: looking them up twice does no
 * harm.  In a child that was forked beside other threads it might, so none is
 * left for it to look up.
 */

#include <dlfcn.h>
#include <linux/wrtcsub.h>

#include "real.h"

#define REAL(_ret, _name, _types, _args)				\
	static _ret (*found_##_name) _types;				\
									\
	__attribute__((constructor))					\
	static void find_##_name(void)					\
	{								\
		*(void **)&found_##_name = dlsym(RTLD_NEXT, #_name);	\
	}								\
									\
	_ret real_##_name _types					\
	{								\
		if (!found_##_name)					\
			find_##_name();					\
		return found_##_name _args;				\
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
REAL(int, execve, (const char *path, char *const argv[], char *const envp[]),
     (path, argv, envp))
REAL(int, execvpe, (const char *name, char *const argv[], char *const envp[]),
     (name, argv, envp))
REAL(int, fexecve, (int fd, char *const argv[], char *const envp[]),
     (fd, argv, envp))
REAL(int, execveat, (int dir, const char *path, char *const argv[],
		     char *const envp[], int flags),
     (dir, path, argv, envp, flags))
REAL(int, posix_spawn, (pid_t *pid, const char *path,
			const posix_spawn_file_actions_t *actions,
			const posix_spawnattr_t *attr, char *const argv[],
			char *const envp[]),
     (pid, path, actions, attr, argv, envp))
REAL(int, posix_spawnp, (pid_t *pid, const char *name,
			 const posix_spawn_file_actions_t *actions,
			 const posix_spawnattr_t *attr, char *const argv[],
			 char *const envp[]),
     (pid, name, actions, attr, argv, envp))

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
