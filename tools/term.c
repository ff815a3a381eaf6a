// SPDX-License-Identifier: GPL-2.0
/* A comparison: what of a socket, how, and with what. */

#include <stdlib.h>
#include <string.h>

#include "term.h"
#include "words.h"

static const struct field {
	const char	*name;
	__u32		min;
	__u32		max;
} fields[] = {
	[TERM_SRC] = { .name = "src" },
	[TERM_DST] = { .name = "dst" },
	[TERM_SPORT] = { .name = "sport" },
	[TERM_DPORT] = { .name = "dport" },
	[TERM_ASSOC] = { "assoc", 1, 0xffffffff },
	[TERM_STREAM] = { "stream", 0, 65535 },
	[TERM_UID] = { "uid", 0, 0xffffffff },
};

/* Those of ss(8), in a row what means the same. */
static const char * const operators[][3] = {
	[TERM_EQ] = { "=", "==", "eq" },
	[TERM_NE] = { "!=", "ne", "neq" },
	[TERM_GT] = { ">", "gt" },
	[TERM_LT] = { "<", "lt" },
	[TERM_GE] = { ">=", "ge", "geq" },
	[TERM_LE] = { "<=", "le", "leq" },
};

static bool find_operator(enum term_operator *op, const char *word)
{
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(operators); i++) {
		for (j = 0; j < ARRAY_SIZE(operators[i]); j++) {
			if (strcmp(word, operators[i][j] ?: ""))
				continue;
			*op = i;
			return *word;
		}
	}
	return false;
}

bool term_is_operator(const char *word)
{
	enum term_operator op;

	return find_operator(&op, word);
}

static bool parse_field(struct term *term, const struct words *words)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		if (!words_is(words, fields[i].name))
			continue;
		term->field = i;
		return true;
	}
	words_wrong(words, "there is no filter \"%s\"", words->word);
	return false;
}

static bool is_end(const struct term *term)
{
	return term->field == TERM_SRC || term->field == TERM_DST;
}

/* None is an equals sign. */
static bool parse_operator(struct term *term, struct words *words)
{
	term->op = TERM_EQ;
	if (!find_operator(&term->op, words->word))
		return true;
	if (is_end(term) && term->op != TERM_EQ && term->op != TERM_NE) {
		words_wrong(words, "addresses are equal or not: = or !=");
		return false;
	}
	words_next(words);
	return true;
}

static bool parse_number(struct term *term, const struct words *words)
{
	const struct field *field = &fields[term->field];
	const char *word = words->word;
	unsigned long long number;
	char *end;

	number = strtoull(word, &end, 10);
	term->number = number;
	if (word[0] >= '0' && word[0] <= '9' && !*end &&
	    number >= field->min && number <= field->max)
		return true;
	words_wrong(words, "%s is a number from %u to %u", field->name,
		    field->min, field->max);
	return false;
}

static bool parse_operand(struct term *term, const struct words *words)
{
	const char *why;
	__u16 port = 0;

	if (words_is_joint(words)) {
		words_wrong(words, "%s: what?", fields[term->field].name);
		return false;
	}
	switch (term->field) {
	case TERM_SRC:
	case TERM_DST:
		why = endpoint_parse(&term->endpoint, words->word);
		break;
	case TERM_SPORT:
	case TERM_DPORT:
		why = endpoint_parse_port(&port, words->word);
		term->number = port;
		break;
	default:
		return parse_number(term, words);
	}
	if (why)
		words_wrong(words, "%s", why);
	return !why;
}

/* false: the user was told.  @term has to be freed in any case. */
bool term_parse(struct term *term, struct words *words)
{
	memset(term, 0, sizeof(*term));
	if (!parse_field(term, words))
		return false;
	words_next(words);
	if (!parse_operator(term, words) || !parse_operand(term, words))
		return false;
	words_next(words);
	return true;
}

/* false: it has none. */
static bool get_number(__u32 *number, enum term_field field,
		       const struct subject *subject)
{
	const struct sockaddr_storage *ss = subject->peer;
	__u16 port;
	bool has;

	switch (field) {
	case TERM_ASSOC:
		*number = subject->assoc;
		return subject->assoc;
	case TERM_STREAM:
		*number = subject->stream;
		return subject->has_stream;
	case TERM_UID:
		*number = subject->uid;
		return true;
	case TERM_SPORT:
		ss = subject->local;
		break;
	default:
		break;
	}
	has = endpoint_port_of(ss, &port);
	*number = port;
	return has;
}

/* What is not there is less than nothing, and greater than nothing. */
static bool compare(const struct term *term, const struct subject *subject)
{
	__u32 number;

	if (!get_number(&number, term->field, subject))
		return false;
	switch (term->op) {
	case TERM_GT:
		return number > term->number;
	case TERM_LT:
		return number < term->number;
	case TERM_GE:
		return number >= term->number;
	case TERM_LE:
		return number <= term->number;
	default:
		return number == term->number;
	}
}

bool term_matches(const struct term *term, const struct subject *subject)
{
	bool is;

	if (term->field == TERM_SRC)
		is = endpoint_matches(&term->endpoint, subject->local);
	else if (term->field == TERM_DST)
		is = endpoint_matches(&term->endpoint, subject->peer);
	else
		is = compare(term, subject);
	return is == (term->op != TERM_NE);
}

void term_free(struct term *term)
{
	endpoint_free(&term->endpoint);
}
