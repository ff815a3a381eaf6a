/* SPDX-License-Identifier: GPL-2.0 */
/* The calls of the C library that ours stand before. */
#ifndef REAL_H
#define REAL_H

#include <stdbool.h>
#include <sys/socket.h>

int real_socket(int domain, int type, int protocol);
int real_connect(int fd, const struct sockaddr *addr, socklen_t len);
int real_listen(int fd, int backlog);
int real_getsockopt(int fd, int level, int option, void *value,
		    socklen_t *len);
int real_setsockopt(int fd, int level, int option, const void *value,
		    socklen_t len);

int get_int(int fd, int level, int option, int *value);
int set_int(int fd, int level, int option, int value);
bool is_substream(int fd);

#endif /* REAL_H */
