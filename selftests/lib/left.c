// SPDX-License-Identifier: GPL-2.0
/* What a test may not leave behind: sockets, associations, memory. */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "left.h"
#include "sub.h"

static const char * const lists[] = {
	"/proc/thread-self/net/wrtcsub",
	"/proc/thread-self/net/sctp/assocs",
	"/proc/thread-self/net/sctp/eps",
};

/* The lines of a list of /proc/net, without its heading. */
static int count_lines(const char *path, bool print)
{
	char line[1024];
	int count = -1;
	FILE *file;

	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		if (print)
			fprintf(stderr, "#   %s", line);
		count++;
	}
	if (file)
		fclose(file);
	return count;
}

/* Sockets of this namespace, those that are closed and still end too. */
int left_sockets(void)
{
	return count_lines(lists[0], false);
}

int left_assocs(void)
{
	return count_lines(lists[1], false);
}

void left_count(struct left *left)
{
	size_t i;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		left->lines[i] = count_lines(lists[i], false);
}

static bool left_is(const struct left *want)
{
	struct left left;

	left_count(&left);
	return !memcmp(&left, want, sizeof(left));
}

bool left_nothing(void)
{
	static const struct left nothing;

	return left_is(&nothing);
}

/* Wait until there is no more left than this; what stays is printed. */
int left_wait_for(const struct left *want)
{
	long long end = now_ms() + deadline_ms();
	size_t i;

	while (now_ms() < end) {
		if (left_is(want))
			return 0;
		usleep(10000);
	}
	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		fprintf(stderr, "# %s:\n", lists[i]);
		count_lines(lists[i], true);
	}
	netns_print_counters();
	return -1;
}

/* Wait until there is nothing left; it is printed if it stays. */
int left_wait(void)
{
	static const struct left nothing;

	return left_wait_for(&nothing);
}

/* Sockets in all namespaces, and whoever else keeps the module. */
long left_module_users(void)
{
	long users = -1;
	FILE *file;

	file = fopen("/sys/module/wrtcsub/refcnt", "re");
	if (!file)
		return -1;
	if (fscanf(file, "%ld", &users) != 1)
		users = -1;
	fclose(file);
	return users;
}

/* What the kernel has allocated and cannot take back, in kB. */
long left_memory(void)
{
	char line[128];
	long kb, used = 0;
	FILE *file;

	file = fopen("/proc/meminfo", "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "SUnreclaim: %ld", &kb) == 1 ||
		    sscanf(line, "Percpu: %ld", &kb) == 1 ||
		    sscanf(line, "PageTables: %ld", &kb) == 1)
			used += kb;
	if (file)
		fclose(file);
	return used;
}

static int one_way(int from, int to)
{
	char buf[8];

	if (send(from, "abc", 3, MSG_NOSIGNAL) != 3)
		return -1;
	if (shutdown(from, SHUT_WR))
		return -1;
	if (recv(to, buf, sizeof(buf), MSG_WAITALL) != 3)
		return -1;
	return recv(to, buf, sizeof(buf), 0);
}

/* A substream on an association of its own does what it should, to its end. */
int left_works(int family)
{
	int pair[2], ret;

	sub_type = SOCK_STREAM;
	if (sub_pair(family, pair))
		return -1;
	/* Even a machine that stalls acknowledges a FIN in time. */
	if (sub_fin_timeout(pair[0], 60000) || sub_fin_timeout(pair[1], 60000))
		return -1;
	ret = one_way(pair[0], pair[1]) ?: one_way(pair[1], pair[0]);
	close(pair[0]);
	close(pair[1]);
	return ret;
}
