// SPDX-License-Identifier: GPL-2.0
/*
 * epoll(7) forgets a socket when it is closed, and so when another takes its
 * descriptor.  /proc tells which sets have it.
 */

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "epoll.h"

/* @name is that of an entry of the directory. */
static bool is_epoll(int dir, const char *name)
{
	char target[32];
	ssize_t len;

	len = readlinkat(dir, name, target, sizeof(target) - 1);
	if (len < 0)
		return false;
	target[len] = '\0';
	return !strcmp(target, "anon_inode:[eventpoll]");
}

static int add(struct watches *watches, int epoll, unsigned int events,
	       unsigned long long data)
{
	if (watches->nr == WATCHES_MAX) {
		errno = EMFILE;
		return -1;
	}
	watches->entry[watches->nr].epoll = epoll;
	watches->entry[watches->nr].event.events = events;
	watches->entry[watches->nr++].event.data.u64 = data;
	return 0;
}

static int find_in(struct watches *watches, int epoll, int fd)
{
	unsigned long long data;
	unsigned int events;
	char line[256];
	int found = 0;
	int target;
	FILE *file;

	snprintf(line, sizeof(line), "/proc/self/fdinfo/%d", epoll);
	file = fopen(line, "re");
	if (!file)
		return -1;
	while (!found && fgets(line, sizeof(line), file))
		if (sscanf(line, "tfd: %d events: %x data: %llx", &target,
			   &events, &data) == 3 && target == fd)
			found = add(watches, epoll, events, data);
	fclose(file);
	return found;
}

/* All sets of this process that watch it. */
int watches_find(struct watches *watches, int fd)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	int error = 0;

	watches->nr = 0;
	if (!dir)
		return -1;
	while (!error && (entry = readdir(dir)))
		if (is_epoll(dirfd(dir), entry->d_name))
			error = find_in(watches, atoi(entry->d_name), fd);
	closedir(dir);
	return error;
}

int watches_restore(const struct watches *watches, int fd)
{
	struct epoll_event event;
	size_t i;

	for (i = 0; i < watches->nr; i++) {
		event = watches->entry[i].event;
		if (epoll_ctl(watches->entry[i].epoll, EPOLL_CTL_ADD, fd,
			      &event))
			return -1;
	}
	return 0;
}
