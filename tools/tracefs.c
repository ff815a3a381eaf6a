// SPDX-License-Identifier: GPL-2.0
/*
 * The tracepoints of the module, read from an instance of our own: nobody else
 * who traces is disturbed, and when it goes, all that was switched on in it
 * goes too.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "message.h"
#include "tracefs.h"

#define MARK	": wrtcsub_"	/* where the name of an event begins */
#define TIME_MIN 8		/* "0.000000" */

/* Where /sys is another one it may not be there: ip-netns(8). */
static const char * const roots[] = {
	"/sys/kernel/tracing",
	"/sys/kernel/debug/tracing",
	"/proc/1/root/sys/kernel/tracing",
};

static char instance[PATH_MAX - 256];

static bool write_file(const char *name, const char *value)
{
	char path[PATH_MAX];
	bool ok;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", instance, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	ok = fd >= 0 && write(fd, value, strlen(value)) > 0;
	if (!ok)
		message("%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return ok;
}

static bool make_instance(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(roots); i++) {
		snprintf(instance, sizeof(instance), "%s/instances/wrtcsub-%d",
			 roots[i], getpid());
		if (!mkdir(instance, 0700))
			return true;
		if (errno != ENOENT)
			break;
	}
	if (errno == ENOENT)
		message("there is no %s: mount -t tracefs none %s",
			roots[0], roots[0]);
	else
		message("%s: %s", instance, strerror(errno));
	instance[0] = '\0';
	return false;
}

/* Switches events on, those that match @filter.  false: the user was told. */
bool tracefs_start(const char * const *events, const char *filter)
{
	char name[128];

	if (!make_instance() || !write_file("trace_clock", "mono"))
		return false;
	for (; *events; events++) {
		snprintf(name, sizeof(name), "events/wrtcsub/%s/filter",
			 *events);
		if (filter && !write_file(name, filter))
			return false;
		snprintf(name, sizeof(name), "events/wrtcsub/%s/enable",
			 *events);
		if (!write_file(name, "1"))
			return false;
	}
	return true;
}

/* Removes what tracefs_start() made. */
void tracefs_stop(void)
{
	if (instance[0] && rmdir(instance))
		message("%s: %s", instance, strerror(errno));
	instance[0] = '\0';
}

/* The last one: a process may be named as an event is. */
static char *find_mark(char *line)
{
	char *next = strstr(line, MARK), *mark = NULL;

	while (next) {
		mark = next;
		next = strstr(mark + 1, MARK);
	}
	return mark;
}

/* The name of a process may have lines in it.  What is a line of its own then
 * has at most 15 bytes, which are too few for a time and a mark.
 */
static bool parse_time(struct tracefs_event *event, const char *text)
{
	char *end;

	event->time = strtod(text, &end);
	return !*end && end - text >= TIME_MIN;
}

/* "cat-123 [000] ..s.1 12.345678: wrtcsub_open: net=1 assoc=1 ..." */
static bool parse_line(struct tracefs_event *event, char *line)
{
	char *mark = find_mark(line), *time, *colon;

	if (!mark)
		return false;
	*mark = '\0';
	time = strrchr(line, ' ');
	if (!time || !parse_time(event, time + 1))
		return false;
	event->name = mark + 2;
	colon = strchr(event->name, ':');
	if (!colon)
		return false;
	*colon = '\0';
	event->fields = colon + 1;
	return true;
}

/* "CPU:1 [LOST 4711 EVENTS]", or without a number: the buffer was full.  All of
 * it, as part of it may be a process's name.
 */
static void tell_lost(const char *line)
{
	unsigned long long nr;
	unsigned int cpu;
	int end = 0;

	if (sscanf(line, "CPU:%u [LOST %llu EVENTS]%n", &cpu, &nr, &end) == 2 &&
	    end)
		message("the tracer lost %llu events of CPU %u", nr, cpu);
	else if (sscanf(line, "CPU:%u [LOST EVENTS]%n", &cpu, &end) == 1 && end)
		message("the tracer lost events of CPU %u", cpu);
}

static bool give_lines(char *buf, tracefs_fn fn, void *arg)
{
	struct tracefs_event event;
	char *line, *save;

	for (line = strtok_r(buf, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (!parse_line(&event, line))
			tell_lost(line);
		else if (!fn(&event, arg))
			return false;
	}
	return true;
}

/* Gives events to @fn until that says false or @stop_fd can be read; what had
 * happened by then is given all the same.  trace_pipe gives whole lines.
 */
static bool read_events(int fd, tracefs_fn fn, void *arg, int stop_fd)
{
	struct pollfd pfds[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = stop_fd, .events = POLLIN },
	};
	static char buf[65536];
	bool stop = false;
	ssize_t len;

	for (;;) {
		len = read(fd, buf, sizeof(buf) - 1);
		if (len > 0) {
			buf[len] = '\0';
			if (!give_lines(buf, fn, arg))
				return true;
			continue;
		}
		if (len < 0 && errno != EAGAIN)
			return false;
		if (stop)
			return true;
		if (poll(pfds, ARRAY_SIZE(pfds), -1) < 0)
			return false;
		stop = pfds[1].revents;
	}
}

/* false: the user was told. */
bool tracefs_read(tracefs_fn fn, void *arg, int stop_fd)
{
	char path[PATH_MAX];
	bool ok;
	int fd;

	snprintf(path, sizeof(path), "%s/trace_pipe", instance);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ok = fd >= 0 && read_events(fd, fn, arg, stop_fd);
	if (!ok)
		message("%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return ok;
}
