/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Included first where what is executed is counted.
 *
 * A bit operation is a macro that asks, in up to seven branches, whether the
 * compiler could do it with constants.  None of them is taken or not at run
 * time, so none of them is a branch to be counted.
 */
#include <linux/bitops.h>

#undef bitop
#define bitop(op, nr, addr) op(nr, addr)
