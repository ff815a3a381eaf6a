// SPDX-License-Identifier: GPL-2.0
/* wrtcsub monitor: tells what happens as it happens. */

#include <errno.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <linux/wrtcsub.h>

#include "commands.h"
#include "json.h"
#include "message.h"
#include "tracefs.h"
#include "usage.h"

#define FIELDS_MAX	16

struct monitor {
	bool		all_namespaces;
	bool		json;
	bool		no_header;
	bool		failed;		/* to print, and the user was told */
	double		epoch;		/* what CLOCK_MONOTONIC 0 was */
};

struct field {
	const char	*name;
	const char	*value;
};

static const char * const events[] = {
	"wrtcsub_open", "wrtcsub_accept", "wrtcsub_close", "wrtcsub_timeout",
	"wrtcsub_reset", "wrtcsub_assoc_up", "wrtcsub_assoc_down",
	"wrtcsub_pause", "wrtcsub_resume", NULL
};

static const struct option_entry options[] = {
	{ 'A', 1, "all-namespaces", NULL,
	  "of all network namespaces, not only of this one" },
	{ 'j', 1, "json", NULL,
	  "JSON, one object on each line" },
	{ 'H', 1, "no-header", NULL,
	  "no line with the names of the columns" },
	{}
};

static const struct usage usage = {
	.options = options,
	.command = 1,
	.synopsis = "monitor [OPTION]...",
	.text =
"Tells when substreams are opened, accepted, closed, reset, or wait in vain,\n"
"when associations come up and go down, and when one stops reading since a\n"
"reader is slow, and goes on; until it is interrupted.  It needs root.",
};

static bool parse_one(void *data, int key, const char *arg)
{
	struct monitor *m = data;

	(void)arg;
	switch (key) {
	case 'A':
		m->all_namespaces = true;
		return true;
	case 'j':
		m->json = true;
		return true;
	case 'H':
		m->no_header = true;
		return true;
	}
	return false;
}

/* " a=1 b=2": NULL ends the fields. */
static void split_fields(struct field *fields, char *text)
{
	char *word, *equals, *save;
	int nr = 0;

	for (word = strtok_r(text, " ", &save); word && nr < FIELDS_MAX;
	     word = strtok_r(NULL, " ", &save)) {
		equals = strchr(word, '=');
		if (!equals)
			continue;
		*equals = '\0';
		fields[nr].name = word;
		fields[nr++].value = equals + 1;
	}
	fields[nr].name = NULL;
}

static const char *get_field(const struct field *fields, const char *name)
{
	for (; fields->name; fields++)
		if (!strcmp(fields->name, name))
			return fields->value;
	return NULL;
}

/* false: the user was told. */
static bool print_text(const struct monitor *m, double seconds,
		       const char *name, const struct field *fields)
{
	const char *stream = get_field(fields, "stream");
	const char *assoc = get_field(fields, "assoc");
	time_t whole = seconds;
	char time_text[32];
	const char *skip;
	struct tm tm;

	localtime_r(&whole, &tm);
	strftime(time_text, sizeof(time_text), "%H:%M:%S", &tm);
	printf("%s.%06d %-10s %5s:%-5s", time_text,
	       (int)((seconds - whole) * 1e6), name, assoc ?: "-",
	       stream ?: "-");
	for (; fields->name; fields++) {
		skip = m->all_namespaces ? "" : "net";
		if (!strcmp(fields->name, "assoc") ||
		    !strcmp(fields->name, "stream") ||
		    !strcmp(fields->name, skip))
			continue;
		printf(" %s=%s", fields->name, fields->value);
	}
	putchar('\n');
	return message_flush_output();
}

static bool print_json(double seconds, const char *name,
		       const struct field *fields)
{
	struct json_object *json = json_object_new_object();
	unsigned long long number;
	char *end;

	json_object_object_add(json, "time", json_object_new_double(seconds));
	json_put_string(json, "event", name);
	for (; fields->name; fields++) {
		number = strtoull(fields->value, &end, 10);
		if (*end)
			json_put_string(json, fields->name, fields->value);
		else
			json_put_number(json, fields->name, number);
	}
	return json_print(json);
}

/* false: nobody can be told any more. */
static bool on_event(const struct tracefs_event *event, void *arg)
{
	const char *name = event->name + strlen("wrtcsub_");
	struct field fields[FIELDS_MAX + 1];
	struct monitor *m = arg;
	double seconds;

	seconds = m->epoch + event->time;
	split_fields(fields, event->fields);
	m->failed = m->json ? !print_json(seconds, name, fields) :
			      !print_text(m, seconds, name, fields);
	return !m->failed;
}

/* A descriptor that can be read when it is time to stop, or -1. */
static int catch_signals(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	sigset_t caught;
	size_t i;

	sigemptyset(&caught);
	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		sigaddset(&caught, numbers[i]);
	sigprocmask(SIG_BLOCK, &caught, NULL);
	return signalfd(-1, &caught, SFD_CLOEXEC);
}

static double seconds_of(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* The filter for events of this namespace.  The socket also sees to it that
 * the module, and with it the tracepoints, is there.
 */
static bool make_filter(char *filter, size_t size)
{
	unsigned long long cookie = 0;
	socklen_t len = sizeof(cookie);
	bool ok;
	int fd;

	fd = socket(AF_WRTCSUB, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		message("%s", errno == EAFNOSUPPORT ?
			"the kernel has no AF_WRTCSUB: modprobe wrtcsub" :
			strerror(errno));
		return false;
	}
	ok = !getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &len);
	if (!ok)
		message("SO_NETNS_COOKIE: %s", strerror(errno));
	close(fd);
	snprintf(filter, size, "net_cookie == %llu", cookie);
	return ok;
}

static bool run(struct monitor *m, int stop_fd)
{
	char filter[64];

	if (!make_filter(filter, sizeof(filter)) ||
	    !tracefs_start(events, m->all_namespaces ? NULL : filter))
		return false;
	m->epoch = seconds_of(CLOCK_REALTIME) - seconds_of(CLOCK_MONOTONIC);
	/* From here on nothing is missed, and the line says so. */
	if (!m->no_header && !m->json)
		printf("%-15s %-10s %5s:%-5s\n", "Time", "Event", "Assoc",
		       "Stream");
	return message_flush_output() &&
	       tracefs_read(on_event, m, stop_fd) && !m->failed;
}

int monitor_main(int argc, char **argv)
{
	struct monitor monitor = {};
	int stop_fd;
	bool ok;

	switch (usage_parse(&usage, argc, argv, parse_one, &monitor)) {
	case USAGE_HELP:
		return STATUS_OK;
	case USAGE_WRONG:
		return STATUS_USAGE;
	case USAGE_RUN:
		break;
	}
	stop_fd = catch_signals();
	if (stop_fd < 0) {
		message("signalfd: %s", strerror(errno));
		return STATUS_FAILED;
	}
	ok = run(&monitor, stop_fd);
	tracefs_stop();
	return ok ? STATUS_OK : STATUS_FAILED;
}
