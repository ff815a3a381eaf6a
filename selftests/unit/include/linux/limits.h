/* SPDX-License-Identifier: GPL-2.0 */
/* The C library's <limits.h> comes by here. */
#include_next <linux/limits.h>

#ifndef U32_MAX
#define U32_MAX	((u32)~0U)
#endif
