// SPDX-License-Identifier: GPL-2.0
/* What the headers in include/linux need at run time. */

#include <linux/slab.h>

long unit_alloc_budget = -1;
long unit_alloc_count;
