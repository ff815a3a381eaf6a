// SPDX-License-Identifier: GPL-2.0
/* The tracepoints of the module, wrtcsub:*. */

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/wrtcsub.h>

#include "trace.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE	71
#endif

#define TRACEFS	"/sys/kernel/tracing"
#define EVENTS	"events/wrtcsub/"

/* "cat-123 [000] ..s.1 12.345678: wrtcsub_open: net=1 assoc=1 ..." */
#define MARK	": wrtcsub_"

static struct {
	char dir[64];
	char net[32];			/* " net=1" */
	int pipe;
	char *text;			/* what has come of trace_pipe */
	size_t len;
	size_t size;
} trace = { .pipe = -1 };

static int trace_fail(const char *what)
{
	fprintf(stderr, "# %s/%s: %m\n", trace.dir, what);
	return -1;
}

static int trace_write(const char *name, const char *text)
{
	char path[128];
	int fd, ret;

	snprintf(path, sizeof(path), "%s/%s", trace.dir, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return trace_fail(name);
	ret = write(fd, text, strlen(text)) < 0 ? trace_fail(name) : 0;
	close(fd);
	return ret;
}

/* Where no systemd mounts it, we do. */
static int trace_mount(void)
{
	if (!access(TRACEFS "/instances", F_OK))
		return 0;
	return mount("tracefs", TRACEFS, "tracefs", 0, NULL);
}

/* The socket also sees to it that the module is there. */
static int trace_cookie(unsigned long long *cookie)
{
	socklen_t len = sizeof(*cookie);
	int fd, ret;

	fd = socket(AF_WRTCSUB, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	ret = getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, cookie, &len);
	close(fd);
	return ret;
}

/* From here on nothing of this network namespace is missed. */
int trace_start(void)
{
	char filter[64], path[128];
	unsigned long long cookie;

	if (trace_cookie(&cookie))
		return trace_fail("SO_NETNS_COOKIE");
	snprintf(trace.net, sizeof(trace.net), " net=%llu", cookie);
	snprintf(filter, sizeof(filter), "net_cookie == %llu", cookie);
	snprintf(trace.dir, sizeof(trace.dir),
		 TRACEFS "/instances/wrtcsub-test-%d", getpid());
	if (trace_mount() || mkdir(trace.dir, 0700))
		return trace_fail("");
	if (trace_write(EVENTS "filter", filter) ||
	    trace_write(EVENTS "enable", "1"))
		return -1;
	snprintf(path, sizeof(path), "%s/trace_pipe", trace.dir);
	trace.pipe = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return trace.pipe < 0 ? trace_fail("trace_pipe") : 0;
}

void trace_stop(void)
{
	if (trace.pipe >= 0)
		close(trace.pipe);
	trace.pipe = -1;
	if (trace.dir[0] && rmdir(trace.dir))
		trace_fail("");
	trace.dir[0] = 0;
	free(trace.text);
	trace.text = NULL;
	trace.len = 0;
	trace.size = 0;
}

/* trace_pipe gives whole lines. */
static int trace_read(void)
{
	ssize_t ret;
	char *text;

	for (;;) {
		if (trace.size - trace.len < 65536) {
			text = realloc(trace.text, trace.size + 131072);
			if (!text)
				return -1;
			trace.text = text;
			trace.size += 131072;
		}
		ret = read(trace.pipe, trace.text + trace.len,
			   trace.size - trace.len - 1);
		if (ret <= 0)
			break;
		trace.len += ret;
	}
	trace.text[trace.len] = 0;
	return !ret || errno == EAGAIN ? 0 : trace_fail("trace_pipe");
}

/* Is the line of this text? -1: it is none of ours. */
static int trace_is(const char *line, size_t len, const char *want)
{
	const char *mark = memmem(line, len, MARK, strlen(MARK));
	const char *colon, *end = line + len;
	size_t name, net = strlen(trace.net);
	char text[512];

	if (!mark)
		return -1;
	mark += strlen(MARK);
	colon = memchr(mark, ':', end - mark);
	if (!colon || (size_t)(end - colon) <= net + 1 ||
	    memcmp(colon + 1, trace.net, net) || colon[1 + net] != ' ')
		return -1;
	name = colon + 1 - mark;
	snprintf(text, sizeof(text), "%.*s%.*s", (int)name, mark,
		 (int)(end - colon - 1 - net), colon + 1 + net);
	len = strlen(want);
	return !strncmp(text, want, len) &&
	       (!text[len] || text[len] == ' ' || text[len] == ':');
}

/* How many lines, and where the first one is. */
static int trace_find(const char *want, int *first)
{
	const char *line, *end;
	int is, nr = 0, count = 0;

	*first = -1;
	if (trace_read())
		return -1;
	for (line = trace.text; (end = strchr(line, '\n')); line = end + 1) {
		is = trace_is(line, end - line, want);
		if (is < 0) {
			fprintf(stderr, "# not ours: %.*s\n",
				(int)(end - line), line);
			return -1;
		}
		if (is && !count++)
			*first = nr;
		nr++;
	}
	return count;
}

int trace_count(const char *format, ...)
{
	char want[256];
	va_list args;
	int first;

	va_start(args, format);
	vsnprintf(want, sizeof(want), format, args);
	va_end(args);
	return trace_find(want, &first);
}

int trace_place(const char *format, ...)
{
	char want[256];
	va_list args;
	int first;

	va_start(args, format);
	vsnprintf(want, sizeof(want), format, args);
	va_end(args);
	return trace_find(want, &first) > 0 ? first : -1;
}

void trace_print(void)
{
	const char *line, *end;

	if (!trace.text)
		return;
	for (line = trace.text; (end = strchr(line, '\n')); line = end + 1)
		fprintf(stderr, "#   %.*s\n", (int)(end - line), line);
}
