/* SPDX-License-Identifier: GPL-2.0 */
/* A list of sockets, as a table or as JSON. */
#ifndef SOCKETS_H
#define SOCKETS_H

#include "table.h"

struct json_object;
struct socket_entry;
struct view;

struct sockets {
	const struct view	*view;
	struct table		table;
	struct json_object	*json;
};

void sockets_begin(struct sockets *sockets, const struct view *view);
void sockets_add(struct sockets *sockets, const struct socket_entry *entry);
bool sockets_end(struct sockets *sockets);
unsigned int sockets_attributes(const struct view *view);
struct json_object *sockets_json(const struct socket_entry *entry,
				 bool processes);

#endif /* SOCKETS_H */
