/* SPDX-License-Identifier: GPL-2.0 */
/* Which sockets are substreams: the tool checks these, the library uses them. */
#ifndef RULES_H
#define RULES_H

#include <stdbool.h>
#include <sys/socket.h>

/* Rules with blanks between them. */
#define RULES_ONLY	"WRTCSUB_RUN_ONLY"
#define RULES_TCP	"WRTCSUB_RUN_TCP"
/* What cannot be preloaded is run as well, if it has a value. */
#define RULES_EXEC_TCP	"WRTCSUB_RUN_EXEC_TCP"

bool rules_are_valid(const char *rules);
bool rules_match(const char *rules, const struct sockaddr *addr,
		 socklen_t len);

#endif /* RULES_H */
