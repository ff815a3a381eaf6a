/* SPDX-License-Identifier: GPL-2.0 */
/* What of sockets and associations is listed, and how. */
#ifndef VIEW_H
#define VIEW_H

#include <stdbool.h>
#include <sys/socket.h>

#include "filter.h"
#include "usage.h"

/* Bits of option_entry::commands. */
#define FOR_SHOW	0x1
#define FOR_KILL	0x2

struct json_object;
struct table;

struct view {
	bool		all;
	bool		listening;
	bool		numeric;
	bool		processes;
	bool		extended;
	bool		info;
	bool		memory;
	bool		options;
	bool		json;
	bool		oneline;
	bool		no_header;
	struct filter	filter;
};

extern const struct option_entry view_options[];

bool view_parse(void *data, int key, const char *arg);
bool view_filter(struct view *view, char **args);
void view_add_end(const struct view *view, struct table *table,
		  const struct sockaddr_storage *ss);
struct json_object *view_end_json(const struct sockaddr_storage *ss);

#endif /* VIEW_H */
