/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared by the unit tests, which run in the kernel (KUnit) and, built by
 * selftests/unit, in user space.  Each source is included where it is tested.
 */
#ifndef _NET_WRTCSUB_TESTS_UNIT_H
#define _NET_WRTCSUB_TESTS_UNIT_H

#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/types.h>

/* How often to do what is random.  A kernel that has KUnit has other checkers
 * too, and often no KVM to run on.
 */
#ifdef __KERNEL__
#define UNIT_ROUNDS(_n)	((_n) / 50)
#else
#define UNIT_ROUNDS(_n)	(_n)
#endif

/* xorshift64: the same numbers in every run and on every machine. */
static inline u64 unit_random64(u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static inline u32 unit_random(u64 *state)
{
	return unit_random64(state) >> 32;
}

/* Read "02 08 00" into @buf; returns how many bytes it was. */
static inline size_t unit_from_hex(u8 *buf, const char *hex)
{
	size_t len = 0;
	int n;

	while (sscanf(hex, "%hhx%n", &buf[len], &n) == 1) {
		hex += n;
		len++;
	}
	return len;
}

/* A copy in a block of just that size, so that a read beyond it is seen. */
static inline u8 *unit_block(struct kunit *test, const u8 *data, size_t len)
{
	u8 *block = kmalloc(len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, block);
	if (len)
		memcpy(block, data, len);
	return block;
}

#endif /* _NET_WRTCSUB_TESTS_UNIT_H */
