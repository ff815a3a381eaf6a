// SPDX-License-Identifier: GPL-2.0
/*
 * The language of ss(8)'s filters, as its manual has it:
 *
 *	filter  = { state [ "and" ] } [ any ]
 *	any     = all { "or" all }
 *	all     = part { [ "and" ] ( part | state ) }
 *	part    = "not" part | "(" any ")" | term
 *	state   = ( "state" | "exclude" ) [ "=" ] NAME
 *
 * A state is about all of the filter.  So it stands in no parentheses, and only
 * before whatever has an "or" outside of these.
 */

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "expression.h"
#include "message.h"
#include "states.h"
#include "words.h"

#define DEPTH_MAX	100	/* of parentheses, and of "not" */

struct parser {
	struct words		*words;
	struct expression	*expression;
	unsigned int		depth;
	bool			has_or;		/* outside of parentheses */
	bool			has_state;	/* behind something else */
};

static struct node *parse_any(struct parser *p);

static bool is_one_of(const struct words *words, const char * const *names)
{
	for (; *names; names++)
		if (words_is(words, *names))
			return true;
	return false;
}

static bool is_and(const struct words *words)
{
	static const char * const names[] = { "and", "&", "&&", NULL };

	return is_one_of(words, names);
}

static bool is_or(const struct words *words)
{
	static const char * const names[] = { "or", "|", "||", NULL };

	return is_one_of(words, names);
}

static bool is_not(const struct words *words)
{
	static const char * const names[] = { "not", "!", NULL };

	return is_one_of(words, names);
}

static bool is_state(const struct words *words)
{
	static const char * const names[] = {
		"state", "exclude", "excl", NULL
	};

	return is_one_of(words, names);
}

static struct node *make_node(enum node_kind kind)
{
	struct node *node = calloc(1, sizeof(*node));

	if (!node)
		err(STATUS_FAILED, "calloc");
	node->kind = kind;
	return node;
}

static void free_node(struct node *node)
{
	struct node *next;

	for (; node; node = next) {
		next = node->next;
		free_node(node->parts);
		term_free(&node->term);
		free(node);
	}
}

/* Those that are excluded are so from all, or from those named before. */
static bool parse_state(struct parser *p)
{
	bool excludes = !words_is(p->words, "state");
	struct expression *e = p->expression;
	unsigned int states;

	words_next(p->words);
	if (words_is(p->words, "="))
		words_next(p->words);
	states = states_find(p->words->word, e->for_assocs);
	if (!states) {
		words_wrong(p->words, "not a state of %s",
			    e->for_assocs ? "an association" : "a socket");
		return false;
	}
	words_next(p->words);
	if (!e->has_states)
		e->states = excludes ? STATES_ALL : 0;
	e->has_states = true;
	if (excludes)
		e->states &= ~states;
	else
		e->states |= states;
	return true;
}

static struct node *parse_term(struct parser *p)
{
	struct node *node;

	if (words_is_joint(p->words)) {
		words_wrong(p->words, "something is missing here");
		return NULL;
	}
	if (is_state(p->words)) {
		words_wrong(p->words, "a state stands before all else");
		return NULL;
	}
	if (p->expression->for_assocs && words_is(p->words, "stream")) {
		words_wrong(p->words, "an association has many streams");
		return NULL;
	}
	node = make_node(NODE_TERM);
	if (term_parse(&node->term, p->words))
		return node;
	free_node(node);
	return NULL;
}

static struct node *parse_parentheses(struct parser *p)
{
	struct node *node;

	words_next(p->words);
	node = parse_any(p);
	if (!node)
		return NULL;
	if (words_is(p->words, ")")) {
		words_next(p->words);
		return node;
	}
	words_wrong(p->words, "a ) is missing here");
	free_node(node);
	return NULL;
}

static struct node *parse_part(struct parser *p);

static struct node *parse_not(struct parser *p)
{
	struct node *node = make_node(NODE_NOT);

	words_next(p->words);
	node->parts = parse_part(p);
	if (node->parts)
		return node;
	free_node(node);
	return NULL;
}

static struct node *parse_part(struct parser *p)
{
	struct node *node;

	if (!is_not(p->words) && !words_is(p->words, "("))
		return parse_term(p);
	if (p->depth == DEPTH_MAX) {
		words_wrong(p->words, "this is too deep");
		return NULL;
	}
	p->depth++;
	node = is_not(p->words) ? parse_not(p) : parse_parentheses(p);
	p->depth--;
	return node;
}

/* What is alone needs no list. */
static struct node *unwrap(struct node *list)
{
	struct node *only = list->parts;

	if (!only || only->next)
		return list;
	free(list);
	return only;
}

/* Does "all" end here? */
static bool ends(const struct words *words)
{
	return words_is_last(words) || words_is(words, ")") || is_or(words);
}

static bool parse_late_state(struct parser *p)
{
	if (p->has_or) {
		words_wrong(p->words, "a state stands before all else");
		return false;
	}
	p->has_state = true;
	return parse_state(p);
}

static struct node *parse_all(struct parser *p)
{
	struct node *list = make_node(NODE_ALL);
	struct node **next = &list->parts;

	do {
		if (list->parts && is_and(p->words))
			words_next(p->words);
		if (list->parts && !p->depth && is_state(p->words)) {
			if (parse_late_state(p))
				continue;
			goto wrong;
		}
		*next = parse_part(p);
		if (!*next)
			goto wrong;
		next = &(*next)->next;
	} while (!ends(p->words));
	return unwrap(list);
wrong:
	free_node(list);
	return NULL;
}

static bool parse_or(struct parser *p)
{
	if (!p->depth && p->has_state) {
		words_wrong(p->words,
			    "with an or here, states stand before all else");
		return false;
	}
	if (!p->depth)
		p->has_or = true;
	words_next(p->words);
	return true;
}

static struct node *parse_any(struct parser *p)
{
	struct node *list = make_node(NODE_ANY);
	struct node **next = &list->parts;

	do {
		if (list->parts && !parse_or(p))
			goto wrong;
		*next = parse_all(p);
		if (!*next)
			goto wrong;
		next = &(*next)->next;
	} while (is_or(p->words));
	return unwrap(list);
wrong:
	free_node(list);
	return NULL;
}

static bool parse(struct parser *p)
{
	bool and = false;

	while (is_state(p->words)) {
		if (!parse_state(p))
			return false;
		and = is_and(p->words);
		if (and)
			words_next(p->words);
	}
	if (!and && words_is_last(p->words))
		return true;
	p->expression->root = parse_any(p);
	if (!p->expression->root)
		return false;
	if (words_is_last(p->words))
		return true;
	words_wrong(p->words, "there is no ( before");
	return false;
}

/* false: the user was told.  for_assocs is set before, and @expression has to
 * be freed in any case.
 */
bool expression_parse(struct expression *expression, struct words *words)
{
	struct parser p = { .words = words, .expression = expression };

	return parse(&p);
}

static bool node_matches(const struct node *node,
			 const struct subject *subject)
{
	const struct node *part = node->parts;

	switch (node->kind) {
	case NODE_NOT:
		return !node_matches(part, subject);
	case NODE_ALL:
		while (part && node_matches(part, subject))
			part = part->next;
		return !part;
	case NODE_ANY:
		while (part && !node_matches(part, subject))
			part = part->next;
		return part;
	default:
		return term_matches(&node->term, subject);
	}
}

bool expression_matches(const struct expression *expression,
			const struct subject *subject)
{
	return !expression->root || node_matches(expression->root, subject);
}

void expression_free(struct expression *expression)
{
	free_node(expression->root);
}
