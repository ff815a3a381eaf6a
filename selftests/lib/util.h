/* SPDX-License-Identifier: GPL-2.0 */
/* What all tests need: time, namespaces, addresses, bytes, blocked calls. */
#ifndef SELFTESTS_WRTCSUB_UTIL_H
#define SELFTESTS_WRTCSUB_UTIL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <netinet/in.h>

/* Time.  KSFT_MACHINE_SLOW, as in the kernel's runners, stretches limits that
 * only guard against a hang; it never shortens anything.
 */
int slow_factor(void);
int work_factor(void);
long long now_ms(void);
int deadline_ms(void);
void nap(long long begun_ms);

/* Namespaces.  Each test has one of its own, so that no test sees the ports,
 * the associations or the sysctls of another.
 */
int netns_private(void);
int netns_sysctl(const char *name, long value);
int link_set_up(const char *name, bool up);
int link_set_mtu(const char *name, int mtu);
int blackhole_up(void);

void netns_print_counters(void);

/* Addresses. */
struct addr {
	union {
		struct sockaddr sa;
		struct sockaddr_in in4;
		struct sockaddr_in6 in6;
		struct sockaddr_storage ss;
	};
	socklen_t len;
};

void addr_loopback(struct addr *addr, int family, int port);
void addr_any(struct addr *addr, int family, int port);
int addr_parse(struct addr *addr, const char *ip, int port);
int addr_port(const struct addr *addr);
bool addr_same(const struct addr *a, const struct addr *b);
int addr_local(int fd, struct addr *addr);
int addr_remote(int fd, struct addr *addr);

/* Bytes.  A pattern byte depends on its place and on a seed, so bytes that are
 * lost, doubled or out of place do not go unseen.
 */
void pattern_fill(void *buf, size_t len, __u64 offset, unsigned int seed);
ssize_t pattern_check(const void *buf, size_t len, __u64 offset,
		      unsigned int seed);
ssize_t hex_parse(const char *hex, unsigned char *buf, size_t size);
void hex_print(const char *head, const void *buf, size_t len);

/* A call in a thread of its own, for what is expected to block. */
struct call {
	long (*fn)(struct call *call);
	int fd;
	int how;
	void *buf;
	size_t len;
	long ret;
	int err;
	atomic_int tid;
	atomic_int done;
	bool joined;
	pthread_t thread;
};

int call_start(struct call *call, long (*fn)(struct call *call), int fd,
	       int how, void *buf, size_t len);
int call_wait_blocked(struct call *call, long sysno);
bool call_is_done(struct call *call);
int call_finish(struct call *call);

/* Signals to such a thread.  flags: SA_RESTART, or 0 and they interrupt. */
int catch_signals(int flags);
int call_signal(struct call *call);
int sigio_on(int fd);
int sigio_until(int code);

long call_shutdown(struct call *call);
long call_send(struct call *call);
long call_send_until_it_fails(struct call *call);
long call_recv(struct call *call);
long call_connect(struct call *call);
long call_accept(struct call *call);
long call_poll(struct call *call);
long call_close(struct call *call);
long call_send_pattern(struct call *call);
long call_recv_pattern(struct call *call);

/* Small things. */
int set_timeout(int fd, int option, int ms);
int set_nonblock(int fd, bool on);
int set_linger(int fd, int on, int seconds);
int get_int(int fd, int level, int option);
int poll_now(int fd, int events);
int poll_for(int fd, int events, int ms);
int poll_until(int fd, int events);
int drop_capability(int capability);
long memory_used(void);

#endif
