/* SPDX-License-Identifier: GPL-2.0 */
/* What a test may not leave behind: sockets, associations, memory. */
#ifndef SELFTESTS_WRTCSUB_LEFT_H
#define SELFTESTS_WRTCSUB_LEFT_H

#include <stdbool.h>
#include <sys/socket.h>

/* How many lines each list has. */
struct left {
	int lines[3];
};

void left_count(struct left *left);
int left_wait_for(const struct left *want);

int left_sockets(void);
int left_assocs(void);
bool left_nothing(void);
int left_wait(void);
long left_module_users(void);
long left_memory(void);

int left_works(int family);

#endif
