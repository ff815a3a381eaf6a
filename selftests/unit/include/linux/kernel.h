/* SPDX-License-Identifier: GPL-2.0 */
/* The C library's <sys/sysinfo.h> comes by here. */
#include_next <linux/kernel.h>
