/* SPDX-License-Identifier: GPL-2.0 */
/* A peer that sends what it should not, and looks closely at what it gets. */
#ifndef SELFTESTS_WRTCSUB_ATTACK_H
#define SELFTESTS_WRTCSUB_ATTACK_H

#include <stdatomic.h>
#include <stdbool.h>

#include "../lib/peer.h"
#include "../lib/random.h"

/* Whether a FIN may have gone out on a stream of an association, which is known
 * by its port that no other has.
 */
struct ends {
	int port;
	struct {
		atomic_bool fin;
		bool tag;		/* a message ended with a flag's tag */
		bool zero;		/* one began with what FIN is */
	} stream[65536];
};

struct attack {
	struct peer peer;
	bool up;
	unsigned int deaf;		/* for so many steps */
	int listener;			/* or -1: it dials */
	struct addr addr;		/* where to */
	struct ends *ends;
	struct heard *heard;		/* of each stream */
	struct random answers;
	unsigned long messages;		/* that went out */
	unsigned long frames;		/* that came */
	unsigned int assocs;
	unsigned int early;		/* channels opened too soon, and used */
	unsigned int wrong;		/* what may never come, came */
};

void attack_forget(void);
bool attack_may_have_sent_fin(int port, __u16 sid);

void attack_init(struct attack *attack, int listener, const struct addr *addr,
		 struct random *random);
int attack_step(struct attack *attack, struct random *random);
void attack_hear(struct attack *attack, int ms);
void attack_exit(struct attack *attack, struct random *random);

#endif
