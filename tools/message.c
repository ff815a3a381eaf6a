// SPDX-License-Identifier: GPL-2.0
/*
 * Messages, and the line that shows how far a long transfer is.
 *
 * The progress line is there only on a terminal.  It is wiped before any
 * message and at the end, so that nothing of it stays on the screen.
 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "message.h"
#include "util.h"

#define PROGRESS_AFTER_US	2000000	/* a shorter transfer shows none */
#define PROGRESS_EVERY_US	500000

static struct {
	bool			on;
	bool			visible;
	unsigned long long	total;	/* bytes to send, 0: not known */
	unsigned long long	start;
	unsigned long long	shown;
} progress;

static void progress_wipe(void)
{
	if (progress.visible)
		dprintf(STDERR_FILENO, "\r\033[K");
	progress.visible = false;
}

/* One write(2) each: lines of several processes do not mix. */
void message(const char *format, ...)
{
	int saved_errno = errno;
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);

	progress_wipe();
	dprintf(STDERR_FILENO, "wrtcsub: %s\n", text);
	errno = saved_errno;
}

/* Writes out what was printed.  false: that failed, and the user was told. */
bool message_flush_output(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return true;
	message("standard output: %s", strerror(errno));
	return false;
}

/* A terminal that also shows the bytes themselves gets no progress line. */
void progress_start(unsigned long long total)
{
	progress.on = isatty(STDERR_FILENO) && !isatty(STDIN_FILENO) &&
		      !isatty(STDOUT_FILENO);
	progress.total = total;
	progress.start = clock_us();
	progress.shown = progress.start;
}

void progress_stop(void)
{
	progress_wipe();
	progress.on = false;
}

bool progress_is_on(void)
{
	return progress.on;
}

static const char *human(char *buf, size_t size, double bytes)
{
	static const char * const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	unsigned int i = 0;

	while (bytes >= 1024 && i < ARRAY_SIZE(units) - 1) {
		bytes /= 1024;
		i++;
	}
	snprintf(buf, size, "%.*f %s", i ? 1 : 0, bytes, units[i]);
	return buf;
}

void progress_show(unsigned long long bytes_out, unsigned long long bytes_in)
{
	char out[32], in[32], rate[32], part[16] = "";
	unsigned long long now = clock_us();

	if (!progress.on || now - progress.shown < PROGRESS_EVERY_US ||
	    now - progress.start < PROGRESS_AFTER_US)
		return;
	progress.shown = now;
	progress.visible = true;

	if (progress.total)
		snprintf(part, sizeof(part), " (%.0f %%)",
			 100.0 * bytes_out / progress.total);
	human(out, sizeof(out), bytes_out);
	human(in, sizeof(in), bytes_in);
	human(rate, sizeof(rate),
	      (bytes_out + bytes_in) * 1e6 / (now - progress.start));
	dprintf(STDERR_FILENO, "\rsent %s%s, received %s, %s/s\033[K", out,
		part, in, rate);
}
