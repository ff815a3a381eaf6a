/* SPDX-License-Identifier: GPL-2.0 */
/* Sockets of AF_WRTCSUB, the thing under test. */
#ifndef SELFTESTS_WRTCSUB_SUB_H
#define SELFTESTS_WRTCSUB_SUB_H

#include <linux/wrtcsub.h>

#include "peer.h"
#include "util.h"

/* The type of the sockets that are made here, SOCK_STREAM unless set. */
extern int sub_type;

int sub_socket(int flags);
int sub_bound(const struct addr *addr);
int sub_listen_at(const struct addr *addr, int backlog);
int sub_listen(int family, struct addr *addr);
int sub_connect(const struct addr *addr);
int sub_accept(int listener);
int sub_pair(int family, int pair[2]);
int sub_read_all(int fd, char *buf, size_t size);
ssize_t sub_fill(int fd, unsigned int seed);
long sub_move(int from, int to, long size);
ssize_t sub_overfill(int fd, unsigned int seed);
int sub_stall(struct call *writer, int fd, size_t offset, unsigned int seed);
ssize_t sub_stalled(struct call *writer, int *err);
int sub_write_error(int fd);
int sub_fin_timeout(int fd, int ms);
int sub_set(int fd, int option, int value);
int sub_get(int fd, int option);
int sub_info(int fd, struct wrtcsub_info *info);
long sub_received(int fd);
long sub_assoc_id(int fd);
int sub_attached(int fd);

/* SCTP may take more after a SACK, which the peer keeps back for 200 ms at most
 * (net.sctp.sack_timeout).  Times slow_factor().
 */
#define SUB_QUIET_MS	200

/* More than all queues on the way from one socket to another can hold, if
 * assoc_rmem is small.
 */
#define SUB_STALL_LEN	(4 << 20)

/* A substream between the kernel and the exact peer. */
struct duo {
	int fd;
	int listener;			/* of the kernel, or -1 */
	struct addr addr;		/* where the listener is */
	struct peer peer;
	__u16 sid;
	__u16 next_sid;		/* the next that the peer may open */
};

/* Which side began the association and opened the substream. */
enum duo_side {
	DUO_KERNEL_CONNECTS,
	DUO_KERNEL_ACCEPTS,
};

int duo_open(struct duo *duo, int family, enum duo_side side, int rcvbuf);
int duo_more(struct duo *duo, __u16 *sid);
int duo_more_as(struct duo *duo, __u16 *sid, const char *open);
int duo_sync(struct duo *duo);
void duo_close(struct duo *duo);

#endif
