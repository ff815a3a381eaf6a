/* SPDX-License-Identifier: GPL-2.0 */
/* Which processes have a socket, by its inode. */
#ifndef PROCESS_H
#define PROCESS_H

#include <stddef.h>
#include <sys/types.h>

struct process {
	unsigned long long inode;
	pid_t		pid;
	int		fd;
	char		name[32];
};

void process_scan(void);
const struct process *process_first(unsigned long long inode);
const struct process *process_next(const struct process *process);

#endif /* PROCESS_H */
