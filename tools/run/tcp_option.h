/* SPDX-License-Identifier: GPL-2.0 */
/* Options at level IPPROTO_TCP, of a socket that is a substream. */
#ifndef TCP_OPTION_H
#define TCP_OPTION_H

#include <sys/socket.h>

int tcp_option_set(int fd, int option, const void *value, socklen_t len);
int tcp_option_get(int fd, int option, void *value, socklen_t *len);
int option_put(void *value, socklen_t *len, const void *from, socklen_t size);

/* struct tcp_info */
int tcp_info_get(int fd, void *value, socklen_t *len);

#endif /* TCP_OPTION_H */
