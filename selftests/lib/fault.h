/* SPDX-License-Identifier: GPL-2.0 */
/* Allocations of the module that fail, on a kernel that can inject faults
 * (Documentation/fault-injection/fault-injection.rst).
 */
#ifndef SELFTESTS_WRTCSUB_FAULT_H
#define SELFTESTS_WRTCSUB_FAULT_H

#include <stdbool.h>

/* -1: this kernel injects no faults. */
int fault_setup(void);

/* The n-th allocation from now on fails, 1 is the next: of this thread, or of
 * the kernel's own threads, of each for itself.  Only what the module is on the
 * stack of counts.
 */
int fault_arm(long n);
int fault_arm_kernel(long n);

/* All that a function of the kernel allocates fails, until it is disarmed.  What
 * the module allocates is limited to again by fault_setup().
 */
int fault_arm_function(const char *name);
void fault_disarm_function(void);

/* No more.  Return: whether one has failed. */
bool fault_disarm(void);
bool fault_disarm_kernel(void);

#endif
