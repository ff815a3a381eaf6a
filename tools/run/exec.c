// SPDX-License-Identifier: GPL-2.0
/*
 * What a program runs: one that the library does not get into would have TCP,
 * and is refused.
 *
 * The C library's own calls of each other do not come past here, so there is
 * one for each of its names.  All may be between vfork(2) and exec: see
 * program.c.
 */

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/uio.h>

#include "program.h"
#include "real.h"
#include "rules.h"

#define PRELOAD	"LD_PRELOAD="

static const char *library;
static bool let_tcp;

__attribute__((constructor))
static void start(void)
{
	const char *value = getenv(RULES_EXEC_TCP);
	Dl_info info;

	let_tcp = value && *value;
	if (dladdr(start, &info))
		library = strdup(info.dli_fname);
}

/* One from whose environment it was taken has TCP in any case, and so it is
 * with what cannot be preloaded.
 */
static bool is_passed_on(char *const envp[])
{
	for (; envp && *envp; envp++)
		if (!strncmp(*envp, PRELOAD, strlen(PRELOAD)))
			return !library || strstr(*envp, library);
	return false;
}

static struct iovec part(const char *text)
{
	struct iovec iov = {
		.iov_base = (void *)text,
		.iov_len = strlen(text),
	};

	return iov;
}

static void tell(const char *path, const char *why)
{
	struct iovec text[] = {
		part("wrtcsub: "), part(path), part(" "), part(why),
		part(": the library cannot be preloaded (--exec-tcp)\n"),
	};

	/* Nobody can be told that nobody can be told. */
	if (writev(STDERR_FILENO, text, sizeof(text) / sizeof(text[0])) < 0)
		return;
}

static bool refuse_for(const char *why, const char *path)
{
	if (!why)
		return false;
	tell(path, why);
	errno = EACCES;
	return true;
}

/* After chroot(2), as another user, or with other mounts, what is run may have
 * no library to load, and the dynamic linker would go on without.  access(2)
 * leaves capabilities out that exec takes away.
 */
static const char *library_obstacle(void)
{
	if (!library)
		return NULL;
	if (access(library, R_OK))
		return "does not see the library";
	return program_is_noexec(library) ? "has the library mounted noexec" :
					    NULL;
}

static bool refuse_file(int dir, const char *path)
{
	const char *why = program_obstacle(dir, path);

	/* What is not there is for the kernel to tell. */
	if (!why && !faccessat(dir, path, F_OK, 0))
		why = library_obstacle();
	return refuse_for(why, path);
}

static bool refuse(int dir, const char *path, char *const envp[])
{
	return !let_tcp && is_passed_on(envp) && refuse_file(dir, path);
}

static bool refuse_name(const char *name, char *const envp[])
{
	char path[PATH_MAX];

	/* What is not there is for the C library to tell. */
	return program_find(name, path) && refuse(AT_FDCWD, path, envp);
}

static bool refuse_fd(int fd, char *const envp[])
{
	char path[32];

	if (let_tcp || !is_passed_on(envp))
		return false;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	/* Is it not open, or is there no /proc? */
	if (access(path, F_OK) && fcntl(fd, F_GETFD) >= 0)
		return refuse_for("cannot be read", path);
	return refuse_file(AT_FDCWD, path);
}

EXPORT
int execve(const char *path, char *const argv[], char *const envp[])
{
	return refuse(AT_FDCWD, path, envp) ? -1 :
	       real_execve(path, argv, envp);
}

EXPORT
int execv(const char *path, char *const argv[])
{
	return execve(path, argv, environ);
}

EXPORT
int execvpe(const char *name, char *const argv[], char *const envp[])
{
	return refuse_name(name, envp) ? -1 : real_execvpe(name, argv, envp);
}

EXPORT
int execvp(const char *name, char *const argv[])
{
	return execvpe(name, argv, environ);
}

EXPORT
int fexecve(int fd, char *const argv[], char *const envp[])
{
	return refuse_fd(fd, envp) ? -1 : real_fexecve(fd, argv, envp);
}

/* The kernel reads it first: it may be from nowhere. */
static bool is_empty(const char *path)
{
	return access(path, F_OK) && errno == ENOENT && !*path;
}

EXPORT
int execveat(int dir, const char *path, char *const argv[], char *const envp[],
	     int flags)
{
	bool refused = flags & AT_EMPTY_PATH && is_empty(path) ?
		       refuse_fd(dir, envp) : refuse(dir, path, envp);

	return refused ? -1 : real_execveat(dir, path, argv, envp, flags);
}

static size_t count(const char *arg, va_list args)
{
	size_t nr = 0;
	va_list copy;

	va_copy(copy, args);
	for (; arg; arg = va_arg(copy, const char *))
		nr++;
	va_end(copy);
	return nr;
}

typedef int exec_t(const char *name, char *const argv[], char *const envp[]);

/* The environment, if it is there, is behind the last argument. */
static int exec_list(exec_t *exec, bool has_env, const char *name,
		     const char *arg, va_list args)
{
	const char *argv[count(arg, args) + 1];
	char *const *envp = environ;
	size_t i = 0;

	argv[0] = arg;
	while (argv[i])
		argv[++i] = va_arg(args, const char *);
	if (has_env)
		envp = va_arg(args, char *const *);
	return exec(name, (char *const *)argv, envp);
}

EXPORT
int execl(const char *path, const char *arg, ...)
{
	va_list args;
	int error;

	va_start(args, arg);
	error = exec_list(execve, false, path, arg, args);
	va_end(args);
	return error;
}

EXPORT
int execle(const char *path, const char *arg, ...)
{
	va_list args;
	int error;

	va_start(args, arg);
	error = exec_list(execve, true, path, arg, args);
	va_end(args);
	return error;
}

EXPORT
int execlp(const char *name, const char *arg, ...)
{
	va_list args;
	int error;

	va_start(args, arg);
	error = exec_list(execvpe, false, name, arg, args);
	va_end(args);
	return error;
}

EXPORT
int posix_spawn(pid_t *pid, const char *path,
		const posix_spawn_file_actions_t *actions,
		const posix_spawnattr_t *attr, char *const argv[],
		char *const envp[])
{
	return refuse(AT_FDCWD, path, envp) ? errno :
	       real_posix_spawn(pid, path, actions, attr, argv, envp);
}

EXPORT
int posix_spawnp(pid_t *pid, const char *name,
		 const posix_spawn_file_actions_t *actions,
		 const posix_spawnattr_t *attr, char *const argv[],
		 char *const envp[])
{
	return refuse_name(name, envp) ? errno :
	       real_posix_spawnp(pid, name, actions, attr, argv, envp);
}
