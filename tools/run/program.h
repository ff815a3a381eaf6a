/* SPDX-License-Identifier: GPL-2.0 */
/* Which programs can be preloaded into: the tool and the library ask. */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <stdbool.h>

bool program_find(const char *name, char *path);
const char *program_obstacle(int dir, const char *path);
bool program_is_noexec(const char *library);

#endif /* PROGRAM_H */
