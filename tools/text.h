/* SPDX-License-Identifier: GPL-2.0 */
/* Text that grows, and bytes of others that are to be shown in it. */
#ifndef TEXT_H
#define TEXT_H

#include <stddef.h>

#include "util.h"

/* All zero at first; string is NULL or ends with a 0. */
struct text {
	char	*string;
	size_t	len;
	size_t	size;
};

__printf(2, 3)
void text_add(struct text *text, const char *format, ...);
void text_add_bytes(struct text *text, const void *bytes, size_t len);
const char *text_get(const struct text *text);
void text_free(struct text *text);

#endif /* TEXT_H */
