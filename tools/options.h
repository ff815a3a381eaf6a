/* SPDX-License-Identifier: GPL-2.0 */
/* The options of wrtcsub listen and wrtcsub connect. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>

#include "usage.h"

/* Bits of option_entry::commands. */
#define FOR_LISTEN	0x1
#define FOR_CONNECT	0x2

struct options {
	int		family;		/* AF_UNSPEC, AF_INET or AF_INET6 */
	int		timeout_ms;	/* 0: the kernel's own */
	const char	*exec;
	const char	*source_host;
	const char	*source_port;
	const char	*stats_path;	/* NULL: standard error */
	unsigned long	max;		/* 0: no limit */
	bool		keep_open;
	bool		recv_only;
	bool		stats;
	bool		verbose;
};

extern const struct option_entry options_table[];

enum usage_result options_parse(struct options *opts,
				const struct usage *usage, int argc,
				char **argv);

#endif /* OPTIONS_H */
