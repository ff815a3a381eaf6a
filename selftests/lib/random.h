/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers that look random and can be had again: WRTCSUB_SEED is where they
 * begin, WRTCSUB_ROUNDS how long a test goes on.
 */
#ifndef SELFTESTS_WRTCSUB_RANDOM_H
#define SELFTESTS_WRTCSUB_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

struct random {
	__u64 state;
};

__u64 random_run_seed(void);
long random_rounds(long otherwise);

void random_seed(struct random *random, __u64 run, __u64 part);
__u32 random_word(struct random *random);
__u32 random_below(struct random *random, __u32 limit);
bool random_one_in(struct random *random, __u32 n);
void random_bytes(struct random *random, void *buf, size_t len);

#endif
