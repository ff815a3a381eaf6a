/* SPDX-License-Identifier: GPL-2.0 */
/* The words of an expression, and where in it each of them stands. */
#ifndef WORDS_H
#define WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "util.h"

struct words {
	char	*text;		/* all arguments, a space between two */
	char	*word;		/* the next one; "" at the end */
	size_t	at;		/* where it begins in the text */
};

void words_begin(struct words *words, char **args);
void words_rewind(struct words *words);
void words_next(struct words *words);
bool words_is(const struct words *words, const char *word);
bool words_is_last(const struct words *words);
bool words_is_joint(const struct words *words);
__printf(2, 3)
void words_wrong(const struct words *words, const char *format, ...);
void words_end(struct words *words);

#endif /* WORDS_H */
