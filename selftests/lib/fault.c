// SPDX-License-Identifier: GPL-2.0
/* Allocations of the module that fail. */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fault.h"
#include "net.h"

#define DEBUGFS		"/sys/kernel/debug/"
#define OWN		"/proc/thread-self/fail-nth"

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

/* Where the module's code is. */
static int fault_module(unsigned long *start, unsigned long *end)
{
	char line[1024], name[64];
	unsigned long size;
	FILE *file;
	int ret = -1;

	file = fopen("/proc/modules", "re");
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%63s %lu %*s %*s %*s %lx", name, &size,
			   start) != 3 || strcmp(name, "wrtcsub"))
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

int fault_setup(void)
{
	unsigned long start, end;

	return fault_module(&start, &end) ?:
	       fault_limit("failslab", start, end) ?:
	       fault_limit("fail_page_alloc", start, end) ?:
	       fault_set("fail_page_alloc", "min-order", "0") ?:
	       fault_set("fail_page_alloc", "ignore-gfp-highmem", "N");
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
