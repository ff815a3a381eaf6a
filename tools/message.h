/* SPDX-License-Identifier: GPL-2.0 */
/* What the user is told on standard error. */
#ifndef MESSAGE_H
#define MESSAGE_H

#include <stdbool.h>

#include "util.h"

/* Exit statuses. */
enum {
	STATUS_OK,
	STATUS_FAILED,
	STATUS_USAGE,
};

__printf(1, 2)
void message(const char *format, ...);
bool message_flush_output(void);

void progress_start(unsigned long long total);
void progress_show(unsigned long long bytes_out, unsigned long long bytes_in);
void progress_stop(void);
bool progress_is_on(void);

#endif /* MESSAGE_H */
