/* SPDX-License-Identifier: GPL-2.0 */
/* The two sides of an association that abort.c ends. */
#ifndef SELFTESTS_WRTCSUB_SIDES_H
#define SELFTESTS_WRTCSUB_SIDES_H

#include "../lib/random.h"
#include "../lib/sub.h"

#define SUBSTREAMS	8
#define STREAMS		1024

enum side {
	US,				/* threads of this process */
	THEM,				/* another process, or the exact peer */
};

/* What both sides know of a round. */
struct shared {
	atomic_bool over;		/* no more begins */
	atomic_bool leave;		/* the other process has to go */
	atomic_bool fin[2][STREAMS];	/* may have been sent, by side */
	/* Of all rounds. */
	atomic_uint false_ends;
	atomic_ulong bytes;
	atomic_ulong ends;
	atomic_ulong errors;
};

extern struct shared *shared;

/* A thread for a substream: it moves bytes, and then waits until it is told of
 * an end.
 */
struct life {
	struct call call;
	struct random random;
	struct addr addr;
};

/* fd is a listener, or -1: it dials; buf is the life. */
long call_live(struct call *call);

/* A process for all substreams, which never waits. */
struct substream {
	int fd;
	int sid;
	enum side side;
	bool told;			/* a read has failed */
	bool shut;			/* it has or wants no more */
};

struct other {
	struct substream sub[SUBSTREAMS];
	int nr;
	int begun;
	int listener;			/* or -1: it dials */
	struct addr addr;
	struct random random;
};

void other_run(struct other *other);

/* The exact peer, which does much the same. */
struct exact {
	struct peer peer;
	bool open[STREAMS];
};

void exact_open_all(struct exact *exact);
void exact_run(struct exact *exact, struct random *r, int ms);

#endif
