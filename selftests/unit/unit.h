/* SPDX-License-Identifier: GPL-2.0 */
/* Shared by the unit tests. */
#ifndef _UNIT_H
#define _UNIT_H

#include "kselftest_harness.h"

#include <linux/limits.h>
#include <linux/types.h>

/* xorshift64: the same numbers in every run and on every machine. */
static inline u64 unit_random(u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Read "02 08 00" into @buf; returns how many bytes it was. */
static inline size_t unit_from_hex(u8 *buf, const char *hex)
{
	size_t len = 0;
	char *end;

	for (;;) {
		buf[len] = strtoul(hex, &end, 16);
		if (end == hex)
			return len;
		hex = end;
		len++;
	}
}

#endif /* _UNIT_H */
