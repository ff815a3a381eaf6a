/* SPDX-License-Identifier: GPL-2.0 */
/* Where a descriptor is watched by epoll(7), so that another can take its
 * place.
 */
#ifndef EPOLL_H
#define EPOLL_H

#include <stddef.h>
#include <sys/epoll.h>

#define WATCHES_MAX	8

struct watches {
	struct {
		int			epoll;
		struct epoll_event	event;
	} entry[WATCHES_MAX];
	size_t nr;
};

int watches_find(struct watches *watches, int fd);
int watches_restore(const struct watches *watches, int fd);

#endif /* EPOLL_H */
