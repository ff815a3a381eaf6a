/* SPDX-License-Identifier: GPL-2.0 */
/* The steps of the fuzzer of system calls: a few calls each, on descriptors
 * that all threads of a process share, and some of which all processes do.
 */
#ifndef SELFTESTS_WRTCSUB_STEPS_H
#define SELFTESTS_WRTCSUB_STEPS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

#include "../lib/random.h"
#include "../lib/util.h"

enum counted_call {
	COUNT_SOCKET,
	COUNT_BIND,
	COUNT_LISTEN,
	COUNT_CONNECT,
	COUNT_ACCEPT4,
	COUNT_SEND,
	COUNT_SENDMSG,
	COUNT_SENDMMSG,
	COUNT_WRITE,
	COUNT_RECV,
	COUNT_RECVMSG,
	COUNT_RECVMMSG,
	COUNT_READ,
	COUNT_SHUTDOWN,
	COUNT_POLL,
	COUNT_EPOLL_CTL,
	COUNT_EPOLL_WAIT,
	COUNT_SET_SOCKET,
	COUNT_SET_WRTCSUB,
	COUNT_SET_SCTP,
	COUNT_ATTACH,
	COUNT_GET_SOCKET,
	COUNT_GET_WRTCSUB,
	COUNT_GET_SCTP,
	COUNT_IOCTL,
	COUNT_FCNTL,
	COUNT_GETSOCKNAME,
	COUNT_GETPEERNAME,
	COUNT_DUP,
	COUNT_CLOSE,
	COUNT_SPLICE_TO,
	COUNT_SPLICE_FROM,
	COUNT_SENDFILE,
	COUNT_PASS,
	COUNT_TAKE,
	COUNT_FORK,
	COUNT_KILL,
	COUNT_UNSHARE,
	COUNT_LINK,
	COUNT_SETNS,
	COUNT_DIAG_LIST,
	COUNT_DIAG_GET,
	COUNT_DIAG_DESTROY,
	COUNT_PROC,
	COUNT_SET_SYSCTL,
	COUNT_GET_SYSCTL,
	COUNT_NR,
};

/* Shared by all processes, so that what one did that was killed counts too. */
struct counts {
	struct {
		atomic_ulong all;
		atomic_ulong good;	/* returned no error */
	} call[COUNT_NR];
	atomic_uint links;
};

/* Who does the steps: a thread, or a process that one has forked. */
struct hand {
	unsigned int round;
	unsigned int process;
	unsigned int thread;
	bool forked;
	int pipe[2];
	int home;			/* its first namespace */
	pid_t child;
	struct random random;
};

extern struct counts *counts;

const char *count_name(enum counted_call call);
long counted(enum counted_call call, long ret);

int some_fd(struct random *r);
void *some_pointer(struct random *r, void *good);
void some_addr(struct random *r, struct addr *addr);

int steps_begin(void);
int steps_share(void);
void steps_unshare(void);
int hand_begin(struct hand *hand, __u64 seed);
void hand_step(struct hand *hand);
void hand_end(struct hand *hand);
int hand_interrupt_by(int sig);

#endif
