/* SPDX-License-Identifier: GPL-2.0 */
/* A comparison in a filter: "dport >= :5000". */
#ifndef TERM_H
#define TERM_H

#include <stdbool.h>
#include <linux/types.h>

#include "endpoint.h"

struct words;

/* What is compared, of a socket or of an association. */
struct subject {
	const struct sockaddr_storage *local;	/* ss_family 0: none */
	const struct sockaddr_storage *peer;
	__u32	assoc;				/* 0: none */
	__u32	uid;
	bool	has_stream;
	__u16	stream;
};

enum term_field {
	TERM_SRC,
	TERM_DST,
	TERM_SPORT,
	TERM_DPORT,
	TERM_ASSOC,
	TERM_STREAM,
	TERM_UID,
};

enum term_operator {
	TERM_EQ,
	TERM_NE,
	TERM_GT,
	TERM_LT,
	TERM_GE,
	TERM_LE,
};

struct term {
	enum term_field		field;
	enum term_operator	op;
	struct endpoint		endpoint;	/* TERM_SRC and TERM_DST */
	__u32			number;		/* the others */
};

bool term_is_operator(const char *word);
bool term_parse(struct term *term, struct words *words);
bool term_matches(const struct term *term, const struct subject *subject);
void term_free(struct term *term);

#endif /* TERM_H */
