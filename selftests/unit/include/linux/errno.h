/* SPDX-License-Identifier: GPL-2.0 */
/* The C library's <errno.h> comes by here: do not include it. */
#include_next <linux/errno.h>
