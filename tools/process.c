// SPDX-License-Identifier: GPL-2.0
/*
 * Which processes have a socket: /proc/PID/fd/N is a link to "socket:[INODE]".
 * Other users' processes are seen with CAP_SYS_PTRACE only.
 */

#include <dirent.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "message.h"
#include "process.h"

static struct process *processes;
static size_t nr, room;

static struct process *process_add(void)
{
	if (nr == room) {
		room = 2 * room + 64;
		processes = reallocarray(processes, room, sizeof(*processes));
		if (!processes)
			err(STATUS_FAILED, "reallocarray");
	}
	return memset(&processes[nr++], 0, sizeof(*processes));
}

static void read_name(char *name, size_t size, pid_t pid)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	file = fopen(path, "re");
	if (!file)
		return;
	if (fgets(name, size, file))
		name[strcspn(name, "\n")] = '\0';
	fclose(file);
}

static void scan_fds(pid_t pid)
{
	unsigned long long inode;
	char path[64], link[64];
	struct process *process;
	struct dirent *entry;
	ssize_t len;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		len = readlinkat(dirfd(dir), entry->d_name, link,
				 sizeof(link) - 1);
		link[len > 0 ? len : 0] = '\0';
		if (sscanf(link, "socket:[%llu]", &inode) != 1)
			continue;
		process = process_add();
		process->inode = inode;
		process->pid = pid;
		process->fd = atoi(entry->d_name);
		read_name(process->name, sizeof(process->name), pid);
	}
	closedir(dir);
}

static int compare(const void *a, const void *b)
{
	const struct process *p = a, *q = b;

	if (p->inode != q->inode)
		return p->inode < q->inode ? -1 : 1;
	if (p->pid != q->pid)
		return p->pid < q->pid ? -1 : 1;
	return p->fd - q->fd;
}

/* Looks at all processes there are now. */
void process_scan(void)
{
	struct dirent *entry;
	DIR *dir;

	dir = opendir("/proc");
	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
			scan_fds(atoi(entry->d_name));
	closedir(dir);
	qsort(processes, nr, sizeof(*processes), compare);
}

/* NULL: none, or none that may be seen. */
const struct process *process_first(unsigned long long inode)
{
	size_t low = 0, high = nr, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (processes[middle].inode < inode)
			low = middle + 1;
		else
			high = middle;
	}
	return inode && low < nr && processes[low].inode == inode ?
	       &processes[low] : NULL;
}

const struct process *process_next(const struct process *process)
{
	const struct process *next = process + 1;

	return next < processes + nr && next->inode == process->inode ?
	       next : NULL;
}
