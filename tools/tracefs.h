/* SPDX-License-Identifier: GPL-2.0 */
/* The tracepoints of the module, read from an instance of our own. */
#ifndef TRACEFS_H
#define TRACEFS_H

#include <stdbool.h>

/* One event: "wrtcsub_open" and "net=1 assoc=1 stream=0 ...". */
struct tracefs_event {
	double		time;		/* seconds, CLOCK_MONOTONIC */
	const char	*name;
	char		*fields;
};

/* false: no more of them. */
typedef bool (*tracefs_fn)(const struct tracefs_event *event, void *arg);

bool tracefs_start(const char * const *events, const char *filter);
bool tracefs_read(tracefs_fn fn, void *arg, int stop_fd);
void tracefs_stop(void);

#endif /* TRACEFS_H */
