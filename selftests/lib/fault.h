/* SPDX-License-Identifier: GPL-2.0 */
/* Allocations of the module that fail, on a kernel that can inject faults
 * (Documentation/fault-injection/fault-injection.rst).
 */
#ifndef SELFTESTS_WRTCSUB_FAULT_H
#define SELFTESTS_WRTCSUB_FAULT_H

#include <stdbool.h>

/* -1: this kernel injects no faults. */
int fault_setup(void);
/* ... of another module than wrtcsub. */
int fault_setup_module(const char *name);
int fault_setup_function(const char *name);

/* The n-th allocation from now on fails, 1 is the next: of this thread, or of
 * the kernel's own threads, of each for itself.  Only what the module, or the
 * function, is on the stack of counts.
 */
int fault_arm(long n);
int fault_arm_kernel(long n);

/* All that a function of the kernel allocates fails, until it is disarmed.
 * What the module allocates is limited to again by fault_setup().
 */
int fault_arm_function(const char *name);
void fault_disarm_function(void);

/* No more.  Return: whether one has failed. */
bool fault_disarm(void);
bool fault_disarm_kernel(void);

/* A namespace where what is lost for want of memory is soon sent again. */
int fault_namespace(void);

/* More than anything has. */
#define FAULTS_MAX	500

/* What something comes to. */
enum outcome {
	OUTCOME_WHOLE,			/* all bytes, and the end */
	OUTCOME_ERROR,			/* an error that says so */
	OUTCOME_FALSE,			/* an end that is none, a wrong byte */
	OUTCOME_SILENT,			/* somebody waits, and is not told */
};

/* Something that is done over and over with the kernel's threads armed, by the
 * caller, for the first allocation, the second, and so on until none is left.
 */
struct fault_turns {
	long n;
	int left;			/* until it has been so often enough */
	int failed;			/* turns that were an error */
};

bool fault_turn(struct fault_turns *turns);
const char *fault_turn_end(struct fault_turns *turns, enum outcome outcome);
long fault_turns_nr(const struct fault_turns *turns);

#endif
