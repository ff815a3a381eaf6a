/* SPDX-License-Identifier: GPL-2.0 */
/* A list of associations, as a table or as JSON. */
#ifndef ASSOCS_H
#define ASSOCS_H

#include "table.h"

struct assoc_entry;
struct json_object;
struct view;

struct assocs {
	const struct view	*view;
	struct table		table;
	struct json_object	*json;
};

void assocs_begin(struct assocs *assocs, const struct view *view);
void assocs_add(struct assocs *assocs, const struct assoc_entry *entry);
bool assocs_end(struct assocs *assocs);

#endif /* ASSOCS_H */
