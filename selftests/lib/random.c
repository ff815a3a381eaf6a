// SPDX-License-Identifier: GPL-2.0
/* Numbers that look random and can be had again. */

#include <stdlib.h>

#include "random.h"

#define SEED_OTHERWISE	20210

__u64 random_run_seed(void)
{
	const char *seed = getenv("WRTCSUB_SEED");

	return seed && *seed ? strtoull(seed, NULL, 0) : SEED_OTHERWISE;
}

long random_rounds(long otherwise)
{
	const char *rounds = getenv("WRTCSUB_ROUNDS");

	return rounds && *rounds ? atol(rounds) : otherwise;
}

/* Each part of a run has numbers of its own, so that what one of them does
 * changes nothing for another.
 */
void random_seed(struct random *random, __u64 run, __u64 part)
{
	random->state = run * 0x9e3779b97f4a7c15ull + part;
	random_word(random);
	random_word(random);
}

/* splitmix64 */
__u32 random_word(struct random *random)
{
	__u64 z = random->state += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z >> 32;
}

__u32 random_below(struct random *random, __u32 limit)
{
	return (__u64)random_word(random) * limit >> 32;
}

bool random_one_in(struct random *random, __u32 n)
{
	return !random_below(random, n);
}

void random_bytes(struct random *random, void *buf, size_t len)
{
	unsigned char *p = buf;
	size_t i;

	for (i = 0; i < len; i++)
		p[i] = random_word(random);
}
