/* SPDX-License-Identifier: GPL-2.0 */
/* The C library's <sys/sysinfo.h> comes by here. */
#include_next <linux/kernel.h>

#include <stdio.h>

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(_array)	(sizeof(_array) / sizeof((_array)[0]))
#endif
