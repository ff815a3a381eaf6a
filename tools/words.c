// SPDX-License-Identifier: GPL-2.0
/*
 * The words of an expression, and where in it each of them stands.
 *
 * It may be in one argument of the shell or in many.  What has a meaning to the
 * shell is a word by itself, even without spaces around it.
 */

#include <ctype.h>
#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "text.h"
#include "words.h"

#define SIGNS	"()!&|=<>"

/* What is shown of a long expression, before the mistake and behind it. */
#define SHOWN_BEFORE	48
#define SHOWN_BEHIND	24

/* How many bytes the word at @p has. */
static size_t word_length(const char *p)
{
	static const char * const pairs[] = {
		"&&", "||", "==", "!=", ">=", "<="
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pairs); i++)
		if (!strncmp(p, pairs[i], 2))
			return 2;
	if (*p && strchr(SIGNS, *p))
		return 1;
	return strcspn(p, " " SIGNS);
}

static void read_word(struct words *words, size_t at)
{
	size_t len;

	while (words->text[at] == ' ')
		at++;
	len = word_length(words->text + at);
	memcpy(words->word, words->text + at, len);
	words->word[len] = '\0';
	words->at = at;
}

void words_rewind(struct words *words)
{
	read_word(words, 0);
}

void words_next(struct words *words)
{
	read_word(words, words->at + strlen(words->word));
}

void words_begin(struct words *words, char **args)
{
	struct text text = {};
	char *p;

	text_add(&text, "%s", *args ? *args++ : "");
	for (; *args; args++)
		text_add(&text, " %s", *args);
	/* All on one line, to be shown so. */
	for (p = text.string; *p; p++)
		if (isspace((unsigned char)*p))
			*p = ' ';
	words->text = text.string;
	words->word = malloc(text.len + 1);
	if (!words->word)
		err(STATUS_FAILED, "malloc");
	words_rewind(words);
}

bool words_is(const struct words *words, const char *word)
{
	return !strcmp(words->word, word);
}

bool words_is_last(const struct words *words)
{
	return !*words->word;
}

/* Is it none to compare with, but what stands between, or the end? */
bool words_is_joint(const struct words *words)
{
	return words_is(words, "and") || words_is(words, "or") ||
	       words_is(words, "not") || strchr(SIGNS, *words->word);
}

/* Tells the user, and shows the place. */
void words_wrong(const struct words *words, const char *format, ...)
{
	size_t before = words->at;
	struct text why = {};
	char buf[256];
	va_list args;

	va_start(args, format);
	vsnprintf(buf, sizeof(buf), format, args);
	va_end(args);

	if (before > SHOWN_BEFORE)
		before = SHOWN_BEFORE;
	text_add(&why, "%s\n  %.*s\n  %*s^", buf,
		 (int)before + SHOWN_BEHIND, words->text + words->at - before,
		 (int)before, "");
	message("%s", why.string);
	text_free(&why);
}

void words_end(struct words *words)
{
	free(words->text);
	free(words->word);
}
