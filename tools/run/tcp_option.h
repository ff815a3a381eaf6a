/* SPDX-License-Identifier: GPL-2.0 */
/* Options at level IPPROTO_TCP, of a socket that is a substream. */
#ifndef TCP_OPTION_H
#define TCP_OPTION_H

#include <sys/socket.h>

/* A substream begins with other values than TCP does, so what it has does not
 * tell what the program has set.  That is kept in flags of the socket that are
 * for packets and mean nothing to a stream: they are where it is, in whatever
 * process, and by whatever descriptor.
 */
#define KEPT_NODELAY	SO_NOFCS
#define KEPT_CORK	SO_WIFI_STATUS
#define KEPT_TIMEOUT	SO_RXQ_OVFL	/* TCP_USER_TIMEOUT is not 0 */

int tcp_option_set(int fd, int option, const void *value, socklen_t len);
int tcp_option_get(int fd, int option, void *value, socklen_t *len);
int option_put(void *value, socklen_t *len, const void *from, socklen_t size);

/* struct tcp_info */
int tcp_info_get(int fd, void *value, socklen_t *len);

#endif /* TCP_OPTION_H */
