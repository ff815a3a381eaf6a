// SPDX-License-Identifier: GPL-2.0
/*
 * Filters, in the words of ss(8).  The kernel is asked for as little as it can
 * tell apart; what it lists is then compared with all of the filter.
 */

#include <ctype.h>

#include "filter.h"
#include "words.h"

/* An attribute that another term has taken is left to that one. */
static bool claim(struct netlink_request *r, int attr)
{
	bool is_free = !(r->has & 1 << attr);

	r->has |= 1 << attr;
	return is_free;
}

static void narrow_port(struct netlink_request *r, bool local, __u16 port)
{
	if (local && claim(r, WRTCSUB_DIAG_REQ_LOCAL_PORT))
		r->local_port = port;
	if (!local && claim(r, WRTCSUB_DIAG_REQ_PEER_PORT))
		r->peer_port = port;
}

static void narrow_end(struct netlink_request *r, bool local,
		       const struct endpoint *endpoint)
{
	struct sockaddr_storage ss;

	if (endpoint->has_port)
		narrow_port(r, local, endpoint->port);
	if (!endpoint_is_host(endpoint, &ss))
		return;
	if (local && claim(r, WRTCSUB_DIAG_REQ_LOCAL))
		r->local = ss;
	if (!local && claim(r, WRTCSUB_DIAG_REQ_PEER))
		r->peer = ss;
}

static void narrow_term(struct netlink_request *r, const struct term *term)
{
	if (term->op != TERM_EQ)
		return;
	switch (term->field) {
	case TERM_SRC:
	case TERM_DST:
		narrow_end(r, term->field == TERM_SRC, &term->endpoint);
		break;
	case TERM_SPORT:
	case TERM_DPORT:
		narrow_port(r, term->field == TERM_SPORT, term->number);
		break;
	case TERM_ASSOC:
		if (!r->req.wdiag_assoc)
			r->req.wdiag_assoc = term->number;
		break;
	case TERM_STREAM:
		if (claim(r, WRTCSUB_DIAG_REQ_STREAM))
			r->stream = term->number;
		break;
	case TERM_UID:
		if (claim(r, WRTCSUB_DIAG_REQ_UID))
			r->uid = term->number;
		break;
	}
}

/* Only what has to be true in any case. */
static void narrow(struct netlink_request *r, const struct node *node)
{
	const struct node *part;

	if (node->kind == NODE_TERM)
		narrow_term(r, &node->term);
	if (node->kind == NODE_ALL)
		for (part = node->parts; part; part = part->next)
			narrow(r, part);
}

/* "assoc" means associations, unless a number is to follow: then the sockets of
 * that one.
 */
static bool is_about_assocs(struct words *words)
{
	bool is;

	if (!words_is(words, "assoc"))
		return false;
	words_next(words);
	is = !isdigit((unsigned char)words->word[0]) &&
	     !term_is_operator(words->word);
	if (!is)
		words_rewind(words);
	return is;
}

/* false: the user was told.  @filter has to be freed in any case. */
bool filter_parse(struct filter *filter, char **args)
{
	struct expression *expression = &filter->expression;
	struct words words;
	bool ok;

	words_begin(&words, args);
	filter->for_assocs = is_about_assocs(&words);
	expression->for_assocs = filter->for_assocs;
	ok = expression_parse(expression, &words);
	words_end(&words);
	if (ok && expression->root)
		narrow(&filter->request, expression->root);
	return ok;
}

/* It says nothing, not even which states. */
bool filter_is_empty(const struct filter *filter)
{
	return !filter->expression.root && !filter->expression.has_states;
}

/* "assoc N", and nothing else. */
bool filter_is_assoc(const struct filter *filter)
{
	const struct node *root = filter->expression.root;

	return root && root->kind == NODE_TERM &&
	       root->term.field == TERM_ASSOC && root->term.op == TERM_EQ &&
	       !filter->expression.has_states;
}

static bool has_family(const struct filter *filter,
		       const struct sockaddr_storage *local)
{
	return filter->family == AF_UNSPEC ||
	       filter->family == local->ss_family;
}

bool filter_wants_socket(const struct filter *filter,
			 const struct socket_entry *entry)
{
	const struct wrtcsub_diag_msg *msg = &entry->msg;
	struct subject subject = {
		.local = &entry->local,
		.peer = &entry->peer,
		.assoc = msg->wdiag_assoc,
		.uid = msg->wdiag_uid,
		.has_stream = msg->wdiag_flags & WRTCSUB_INFO_F_CONNECTED,
		.stream = msg->wdiag_stream,
	};

	return has_family(filter, &entry->local) &&
	       expression_matches(&filter->expression, &subject);
}

/* The kernel does not filter by the state of an association. */
bool filter_wants_assoc(const struct filter *filter,
			const struct assoc_entry *entry)
{
	const struct expression *expression = &filter->expression;
	struct subject subject = {
		.local = &entry->local,
		.peer = &entry->peer,
		.assoc = entry->msg.wdiag_assoc,
		.uid = entry->msg.wdiag_uid,
	};

	if (expression->has_states &&
	    !(expression->states & 1U << entry->msg.wdiag_state))
		return false;
	return has_family(filter, &entry->local) &&
	       expression_matches(expression, &subject);
}

void filter_free(struct filter *filter)
{
	expression_free(&filter->expression);
}
