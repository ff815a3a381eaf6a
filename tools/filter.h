/* SPDX-License-Identifier: GPL-2.0 */
/* Which sockets or associations: "state established dport = :5000". */
#ifndef FILTER_H
#define FILTER_H

#include <stdbool.h>

#include "netlink.h"

struct filter {
	struct netlink_request	request;
	unsigned int		states;		/* 0: those that one expects */
	bool			for_assocs;
};

bool filter_parse(struct filter *filter, char **args);
const char *filter_state_name(int tcp_state);
const char *filter_assoc_state_name(int state);

#endif /* FILTER_H */
