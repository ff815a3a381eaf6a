/* SPDX-License-Identifier: GPL-2.0 */
/* Which sockets or associations: "state established dport = :5000". */
#ifndef FILTER_H
#define FILTER_H

#include <stdbool.h>

#include "expression.h"
#include "netlink.h"

struct filter {
	bool			for_assocs;
	int			family;		/* AF_UNSPEC: any */
	struct netlink_request	request;	/* it may let through more */
	struct expression	expression;
};

bool filter_parse(struct filter *filter, char **args);
bool filter_is_empty(const struct filter *filter);
bool filter_is_assoc(const struct filter *filter);
bool filter_wants_socket(const struct filter *filter,
			 const struct socket_entry *entry);
bool filter_wants_assoc(const struct filter *filter,
			const struct assoc_entry *entry);
void filter_free(struct filter *filter);

#endif /* FILTER_H */
