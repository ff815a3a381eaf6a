/* SPDX-License-Identifier: GPL-2.0 */
/* The tracepoints of the module, wrtcsub:*, in an instance of the tracer of our
 * own: what there is of this network namespace.
 */
#ifndef SELFTESTS_WRTCSUB_TRACE_H
#define SELFTESTS_WRTCSUB_TRACE_H

int trace_start(void);
void trace_stop(void);

/* How many so far begin with this text, "close: assoc=1 stream=0".  Where the
 * text ends a field does.  Each has the cookie of the namespace in it, which is
 * looked at and left out here.
 * Return: -1 if one is of another namespace, or something else has gone wrong.
 */
int trace_count(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The place of the first of them in the order of time, from 0; -1: none. */
int trace_place(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* For a failure's report. */
void trace_print(void);

#endif
