/* SPDX-License-Identifier: GPL-2.0 */
/* What a filter says: states, and comparisons that are joined. */
#ifndef EXPRESSION_H
#define EXPRESSION_H

#include <stdbool.h>

#include "term.h"

struct words;

enum node_kind {
	NODE_TERM,
	NODE_NOT,		/* one part */
	NODE_ALL,		/* "and" between its parts */
	NODE_ANY,		/* "or" between its parts */
};

struct node {
	enum node_kind	kind;
	struct term	term;		/* NODE_TERM */
	struct node	*parts;		/* the others */
	struct node	*next;		/* in the list of parts */
};

struct expression {
	bool		for_assocs;
	bool		has_states;
	unsigned int	states;		/* as bits, if there are any */
	struct node	*root;		/* NULL: there are only states */
};

bool expression_parse(struct expression *expression, struct words *words);
bool expression_matches(const struct expression *expression,
			const struct subject *subject);
void expression_free(struct expression *expression);

#endif /* EXPRESSION_H */
