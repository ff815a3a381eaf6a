/* SPDX-License-Identifier: GPL-2.0 */
/* The calls of the C library that ours stand before. */
#ifndef REAL_H
#define REAL_H

#include <spawn.h>
#include <stdbool.h>
#include <sys/socket.h>

#define EXPORT	__attribute__((visibility("default")))

int real_socket(int domain, int type, int protocol);
int real_connect(int fd, const struct sockaddr *addr, socklen_t len);
int real_listen(int fd, int backlog);
int real_getsockopt(int fd, int level, int option, void *value,
		    socklen_t *len);
int real_setsockopt(int fd, int level, int option, const void *value,
		    socklen_t len);

int real_execve(const char *path, char *const argv[], char *const envp[]);
int real_execvpe(const char *name, char *const argv[], char *const envp[]);
int real_fexecve(int fd, char *const argv[], char *const envp[]);
int real_execveat(int dir, const char *path, char *const argv[],
		  char *const envp[], int flags);
int real_posix_spawn(pid_t *pid, const char *path,
		     const posix_spawn_file_actions_t *actions,
		     const posix_spawnattr_t *attr, char *const argv[],
		     char *const envp[]);
int real_posix_spawnp(pid_t *pid, const char *name,
		      const posix_spawn_file_actions_t *actions,
		      const posix_spawnattr_t *attr, char *const argv[],
		      char *const envp[]);

int get_int(int fd, int level, int option, int *value);
int set_int(int fd, int level, int option, int value);
bool is_substream(int fd);

#endif /* REAL_H */
