/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <stdbool.h>

bool program_takes_preload(const char *name);

#endif /* PROGRAM_H */
