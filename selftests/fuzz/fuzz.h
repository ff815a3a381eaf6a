/* SPDX-License-Identifier: GPL-2.0 */
/* Shared by the fuzz targets. */
#ifndef _FUZZ_H
#define _FUZZ_H

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/types.h>

/* What has to hold.  Not assert(): that one can be compiled out. */
#define CHECK(_condition)						\
do {									\
	if (!(_condition)) {						\
		fprintf(stderr, "%s:%d: %s: not so: %s\n", __FILE__,	\
			__LINE__, __func__, #_condition);		\
		abort();						\
	}								\
} while (0)

/* The input, as numbers.  Behind its end all are 0. */
struct fuzz_input {
	const u8	*data;
	size_t		len;
};

static inline u8 fuzz_byte(struct fuzz_input *in)
{
	if (!in->len)
		return 0;
	in->len--;
	return *in->data++;
}

static inline u16 fuzz_short(struct fuzz_input *in)
{
	u8 high = fuzz_byte(in);

	return high << 8 | fuzz_byte(in);
}

/* A copy in a block of just that size, so that a read beyond it is seen. */
static inline u8 *fuzz_block(const u8 *data, size_t len)
{
	u8 *block = malloc(len);

	CHECK(block);
	if (len)
		memcpy(block, data, len);
	return block;
}

/* What a target is, by libFuzzer's name for it. */
int fuzz_one(const u8 *data, size_t size) __asm__("LLVMFuzzerTestOneInput");

#endif /* _FUZZ_H */
