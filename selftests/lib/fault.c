// SPDX-License-Identifier: GPL-2.0
/* Allocations of the module that fail. */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fault.h"
#include "net.h"
#include "util.h"

#define DEBUGFS		"/sys/kernel/debug/"
#define OWN		"/proc/thread-self/fail-nth"

/* Which thread does how much of something is not always the same: so many turns
 * without a fault are the end.
 */
#define MISSES		3

static int fault_write(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");
	int ret = -1;

	if (!file)
		return -1;
	if (fputs(text, file) >= 0)
		ret = 0;
	return fclose(file) ? -1 : ret;
}

/* A write of less than a number is refused, so it is whole. */
static int fault_write_long(const char *path, long value)
{
	char text[32];

	snprintf(text, sizeof(text), "%ld", value);
	return fault_write(path, text);
}

/* Where a module's code is. */
static int fault_module(const char *module, unsigned long *start,
			unsigned long *end)
{
	char line[1024], name[64];
	unsigned long size;
	FILE *file;
	int ret = -1;

	file = fopen("/proc/modules", "re");
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%63s %lu %*s %*s %*s %lx", name, &size,
			   start) != 3 || strcmp(name, module))
			continue;
		*end = *start + size;
		ret = *start ? 0 : -1;
	}
	if (file)
		fclose(file);
	return ret;
}

static int fault_set(const char *kind, const char *name, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), DEBUGFS "%s/%s", kind, name);
	return fault_write(path, value);
}

static int fault_set_address(const char *kind, const char *name,
			     unsigned long address)
{
	char text[32];

	snprintf(text, sizeof(text), "%#lx", address);
	return fault_set(kind, name, text);
}

/* Tell one kind of fault whose it is; it happens to those that are armed. */
static int fault_limit(const char *kind, unsigned long start, unsigned long end)
{
	return fault_set(kind, "verbose", "0") ?:
	       fault_set(kind, "probability", "0") ?:
	       fault_set(kind, "ignore-gfp-wait", "N") ?:
	       fault_set(kind, "stacktrace-depth", "32") ?:
	       fault_set_address(kind, "require-start", start) ?:
	       fault_set_address(kind, "require-end", end);
}

static int fault_limit_both(unsigned long start, unsigned long end)
{
	return fault_limit("failslab", start, end) ?:
	       fault_limit("fail_page_alloc", start, end) ?:
	       fault_set("fail_page_alloc", "min-order", "0") ?:
	       fault_set("fail_page_alloc", "ignore-gfp-highmem", "N");
}

int fault_setup_module(const char *name)
{
	unsigned long start, end;

	return fault_module(name, &start, &end) ?: fault_limit_both(start, end);
}

int fault_setup(void)
{
	return fault_setup_module("wrtcsub");
}

/* Where the code of a function is: up to the next symbol. */
static int fault_function(const char *name, unsigned long *start,
			  unsigned long *end)
{
	char line[1024], symbol[512];
	unsigned long address;
	FILE *file;
	int pass;

	*start = 0;
	*end = 0;
	for (pass = 0; pass < 2; pass++) {
		file = fopen("/proc/kallsyms", "re");
		while (file && fgets(line, sizeof(line), file)) {
			if (sscanf(line, "%lx %*c %511s", &address,
				   symbol) != 2)
				continue;
			if (!pass && !strcmp(symbol, name))
				*start = address;
			if (pass && address > *start &&
			    (!*end || address < *end))
				*end = address;
		}
		if (file)
			fclose(file);
	}
	return *start && *end ? 0 : -1;
}

int fault_setup_function(const char *name)
{
	unsigned long start, end;

	return fault_function(name, &start, &end) ?:
	       fault_limit_both(start, end);
}

int fault_arm_function(const char *name)
{
	unsigned long start, end;

	return fault_function(name, &start, &end) ?:
	       fault_limit("failslab", start, end) ?:
	       fault_set("failslab", "times", "-1") ?:
	       fault_set("failslab", "probability", "100");
}

void fault_disarm_function(void)
{
	fault_set("failslab", "probability", "0");
}

int fault_arm(long n)
{
	return fault_write_long(OWN, n);
}

/* What is left to count is 0 once the fault has happened. */
bool fault_disarm(void)
{
	bool happened = !read_long(OWN);

	fault_write_long(OWN, 0);
	return happened;
}

/* The kernel's threads that have been armed. */
static int workers[512];
static int nr_workers;

static bool fault_is_worker(int pid)
{
	char path[64], name[32] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (fscanf(file, "%31s", name) != 1)
		*name = 0;
	fclose(file);
	return !strncmp(name, "kworker/", 8);
}

static void fault_worker_file(char path[64], int pid)
{
	snprintf(path, 64, "/proc/%d/fail-nth", pid);
}

int fault_arm_kernel(long n)
{
	struct dirent *entry;
	char path[64];
	DIR *dir;
	int pid;

	nr_workers = 0;
	dir = opendir("/proc");
	while (dir && (entry = readdir(dir)) && nr_workers < 512) {
		pid = atoi(entry->d_name);
		if (!pid || !fault_is_worker(pid))
			continue;
		fault_worker_file(path, pid);
		if (!fault_write_long(path, n))
			workers[nr_workers++] = pid;
	}
	if (dir)
		closedir(dir);
	return nr_workers ? 0 : -1;
}

bool fault_disarm_kernel(void)
{
	bool happened = false;
	char path[64];
	int i;

	for (i = 0; i < nr_workers; i++) {
		fault_worker_file(path, workers[i]);
		happened |= !read_long(path);
		fault_write_long(path, 0);
	}
	return happened;
}

/* A packet that is not made is sent again, soon; what nobody uses any more is
 * not waited for at length.
 */
int fault_namespace(void)
{
	return fault_setup() ?: netns_private() ?:
	       netns_sysctl("net/wrtcsub/idle_timeout_ms", 3000) ?:
	       netns_sysctl("net/sctp/rto_min", 100) ?:
	       netns_sysctl("net/sctp/rto_initial", 100);
}

/* The next turn, in which the turns->n-th allocation is to fail.  Return: false
 * after the last; turns->left is 0 then, unless there were too many.
 */
bool fault_turn(struct fault_turns *turns)
{
	if (!turns->n)
		turns->left = MISSES;
	if (!turns->left || turns->n == FAULTS_MAX)
		return false;
	turns->n++;
	return true;
}

/* Return: what is wrong with the turn, or NULL. */
const char *fault_turn_end(struct fault_turns *turns, enum outcome outcome)
{
	bool happened = fault_disarm_kernel();

	turns->left = happened ? MISSES : turns->left - 1;
	turns->failed += outcome == OUTCOME_ERROR;
	if (outcome == OUTCOME_FALSE)
		return "not what was sent";
	if (outcome == OUTCOME_SILENT)
		return "somebody is not told";
	if (outcome == OUTCOME_ERROR && !happened)
		return "an error without a fault";
	return NULL;
}

/* How many allocations there were. */
long fault_turns_nr(const struct fault_turns *turns)
{
	return turns->n - MISSES;
}
