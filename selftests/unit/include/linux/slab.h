/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _UNIT_LINUX_SLAB_H
#define _UNIT_LINUX_SLAB_H

#include <stdlib.h>
#include <linux/types.h>

#define GFP_KERNEL	0

/* Of unit.c: how many allocations succeed before one fails (negative: none
 * fails), and how many are alive.
 */
extern long unit_alloc_budget;
extern long unit_alloc_count;

static inline void *kcalloc(size_t n, size_t size, int gfp)
{
	(void)gfp;
	if (!unit_alloc_budget)
		return NULL;
	if (unit_alloc_budget > 0)
		unit_alloc_budget--;
	unit_alloc_count++;
	return calloc(n, size);
}

static inline void kfree(const void *p)
{
	if (p)
		unit_alloc_count--;
	free((void *)p);
}

#endif /* _UNIT_LINUX_SLAB_H */
