// SPDX-License-Identifier: GPL-2.0
/* What all tests need: time, namespaces, addresses, bytes, blocked calls. */

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/if_tun.h>
#include <linux/ipv6.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "util.h"

#define BLACKHOLE4	"192.0.2.1"
#define BLACKHOLE6	"2001:db8::1"

int slow_factor(void)
{
	const char *slow = getenv("KSFT_MACHINE_SLOW");

	if (!slow || !*slow || !strcmp(slow, "no") || !strcmp(slow, "0"))
		return 1;
	return 3;
}

/* A kernel that checks itself gets through less in the same time: by this, what
 * a test does much of is divided.
 */
int work_factor(void)
{
	return getenv("WRTCSUB_DEBUG_KERNEL") ? 8 : 1;
}

long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* Between two looks at a state that has not come yet.  The longer it takes, the
 * longer is the step, as to look costs a slow machine most of its time.
 */
void nap(long long begun_ms)
{
	long long ms = (now_ms() - begun_ms) / 4;

	usleep(1000 * (ms < 1 ? 1 : ms > 20 ? 20 : ms));
}

/* How long to wait for what has to happen at once. */
int deadline_ms(void)
{
	return 8000 * slow_factor() * (work_factor() > 1 ? 2 : 1);
}

int link_set_up(const char *name, bool up)
{
	struct ifreq ifr = {};
	int fd, ret;

	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	ret = ioctl(fd, SIOCGIFFLAGS, &ifr);
	if (!ret) {
		if (up)
			ifr.ifr_flags |= IFF_UP;
		else
			ifr.ifr_flags &= ~IFF_UP;
		ret = ioctl(fd, SIOCSIFFLAGS, &ifr);
	}
	close(fd);
	return ret;
}

int link_set_mtu(const char *name, int mtu)
{
	struct ifreq ifr = { .ifr_mtu = mtu };
	int fd, ret;

	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	ret = ioctl(fd, SIOCSIFMTU, &ifr);
	close(fd);
	return ret;
}

/* A network namespace for this process alone, with lo up. */
int netns_private(void)
{
	if (unshare(CLONE_NEWNET)) {
		perror("# unshare");
		return -1;
	}
	if (link_set_up("lo", true)) {
		perror("# lo up");
		return -1;
	}
	return 0;
}

/* name is that of sysctl(8), with slashes: "net/wrtcsub/max_frame". */
int netns_sysctl(const char *name, long value)
{
	char path[256], text[32];
	int fd, len, ret;

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0) {
		fprintf(stderr, "# %s: %m\n", path);
		return -1;
	}
	len = snprintf(text, sizeof(text), "%ld", value);
	ret = write(fd, text, len) == len ? 0 : -1;
	if (ret)
		fprintf(stderr, "# %s = %ld: %m\n", path, value);
	close(fd);
	return ret;
}

/* For a failure's report: the counters of the module that are not zero. */
void netns_print_counters(void)
{
	FILE *file = fopen("/proc/thread-self/net/wrtcsub_stat", "re");
	char name[64], value[32];

	if (!file)
		return;
	while (fscanf(file, "%63s %31s", name, value) == 2)
		if (strcmp(value, "0"))
			fprintf(stderr, "#   %s %s\n", name, value);
	fclose(file);
}

static int tun_open(void)
{
	char node[64];
	int fd;

	fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	/* Where no udev makes the node, the node loads the module. */
	snprintf(node, sizeof(node), "/tmp/wrtcsub-tun.%d", getpid());
	if (mknod(node, S_IFCHR | 0600, makedev(10, 200)))
		return -1;
	fd = open(node, O_RDWR | O_CLOEXEC);
	unlink(node);
	return fd;
}

static int blackhole_addr(const char *name, int family)
{
	struct ifreq ifr = {};
	struct in6_ifreq ifr6 = {};
	struct sockaddr_in *sin = (struct sockaddr_in *)&ifr.ifr_addr;
	int fd, ret;

	fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	if (family == AF_INET) {
		sin->sin_family = AF_INET;
		inet_pton(AF_INET, BLACKHOLE4, &sin->sin_addr);
		ret = ioctl(fd, SIOCSIFADDR, &ifr);
		if (!ret) {
			inet_pton(AF_INET, "255.255.255.0", &sin->sin_addr);
			ret = ioctl(fd, SIOCSIFNETMASK, &ifr);
		}
	} else {
		ret = ioctl(fd, SIOCGIFINDEX, &ifr);
		inet_pton(AF_INET6, BLACKHOLE6, &ifr6.ifr6_addr);
		ifr6.ifr6_prefixlen = 64;
		ifr6.ifr6_ifindex = ifr.ifr_ifindex;
		if (!ret)
			ret = ioctl(fd, SIOCSIFADDR, &ifr6);
	}
	close(fd);
	return ret;
}

/* A link whose other end takes every packet and never answers: 192.0.2.0/24
 * and 2001:db8::/64 are behind it.  Return: a descriptor that keeps it, or -1.
 */
int blackhole_up(void)
{
	struct ifreq ifr = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd;

	fd = tun_open();
	if (fd < 0)
		return -1;
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "hole0");
	if (ioctl(fd, TUNSETIFF, &ifr) ||
	    link_set_up("hole0", true) ||
	    blackhole_addr("hole0", AF_INET) ||
	    blackhole_addr("hole0", AF_INET6)) {
		perror("# hole0");
		close(fd);
		return -1;
	}
	return fd;
}

static void addr_set(struct addr *addr, int family, int port)
{
	memset(addr, 0, sizeof(*addr));
	addr->sa.sa_family = family;
	if (family == AF_INET) {
		addr->in4.sin_port = htons(port);
		addr->len = sizeof(addr->in4);
	} else {
		addr->in6.sin6_port = htons(port);
		addr->len = sizeof(addr->in6);
	}
}

void addr_loopback(struct addr *addr, int family, int port)
{
	addr_set(addr, family, port);
	if (family == AF_INET)
		addr->in4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		addr->in6.sin6_addr = in6addr_loopback;
}

void addr_any(struct addr *addr, int family, int port)
{
	addr_set(addr, family, port);
}

int addr_parse(struct addr *addr, const char *ip, int port)
{
	if (strchr(ip, ':')) {
		addr_set(addr, AF_INET6, port);
		return inet_pton(AF_INET6, ip, &addr->in6.sin6_addr) == 1 ?
			0 : -1;
	}
	addr_set(addr, AF_INET, port);
	return inet_pton(AF_INET, ip, &addr->in4.sin_addr) == 1 ? 0 : -1;
}

int addr_port(const struct addr *addr)
{
	return ntohs(addr->sa.sa_family == AF_INET ? addr->in4.sin_port :
						     addr->in6.sin6_port);
}

bool addr_same(const struct addr *a, const struct addr *b)
{
	if (a->sa.sa_family != b->sa.sa_family || a->len != b->len ||
	    addr_port(a) != addr_port(b))
		return false;
	if (a->sa.sa_family == AF_INET)
		return a->in4.sin_addr.s_addr == b->in4.sin_addr.s_addr;
	return !memcmp(&a->in6.sin6_addr, &b->in6.sin6_addr,
		       sizeof(a->in6.sin6_addr));
}

int addr_local(int fd, struct addr *addr)
{
	memset(addr, 0, sizeof(*addr));
	addr->len = sizeof(addr->ss);
	return getsockname(fd, &addr->sa, &addr->len);
}

int addr_remote(int fd, struct addr *addr)
{
	memset(addr, 0, sizeof(*addr));
	addr->len = sizeof(addr->ss);
	return getpeername(fd, &addr->sa, &addr->len);
}

static __u32 pattern_word(__u64 place, unsigned int seed)
{
	__u32 x = (__u32)(place >> 2) * 2654435761u + seed * 40503u;

	return x ^ x >> 15;
}

/* Four bytes have a word in common, little end first. */
void pattern_fill(void *buf, size_t len, __u64 offset, unsigned int seed)
{
	unsigned char *p = buf;
	__u32 word = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		if (!i || !((offset + i) & 3))
			word = pattern_word(offset + i, seed);
		p[i] = word >> (8 * ((offset + i) & 3));
	}
}

/* Return: -1 if all bytes are right, else where the first wrong one is. */
ssize_t pattern_check(const void *buf, size_t len, __u64 offset,
		      unsigned int seed)
{
	const unsigned char *p = buf;
	unsigned char want;
	__u32 word = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		if (!i || !((offset + i) & 3))
			word = pattern_word(offset + i, seed);
		want = word >> (8 * ((offset + i) & 3));
		if (p[i] == want)
			continue;
		fprintf(stderr, "# byte %llu is %02x, not %02x\n",
			(unsigned long long)offset + i, p[i], want);
		return i;
	}
	return -1;
}

static int hex_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Reads "02 08 00"; white space is for the eye. */
ssize_t hex_parse(const char *hex, unsigned char *buf, size_t size)
{
	size_t len = 0;
	int hi, lo;

	while (*hex) {
		if (isspace((unsigned char)*hex)) {
			hex++;
			continue;
		}
		hi = hex_digit(hex[0]);
		lo = hi < 0 ? -1 : hex_digit(hex[1]);
		if (lo < 0 || len == size) {
			fprintf(stderr, "# bad hex: %s\n", hex);
			return -1;
		}
		buf[len++] = hi << 4 | lo;
		hex += 2;
	}
	return len;
}

void hex_print(const char *head, const void *buf, size_t len)
{
	const unsigned char *p = buf;
	size_t i;

	fprintf(stderr, "# %s", head);
	for (i = 0; i < len && i < 32; i++)
		fprintf(stderr, " %02x", p[i]);
	if (len > 32)
		fprintf(stderr, " ... (%zu bytes)", len);
	fprintf(stderr, "\n");
}

static void *call_thread(void *arg)
{
	struct call *call = arg;

	atomic_store(&call->tid, syscall(SYS_gettid));
	errno = 0;
	call->ret = call->fn(call);
	call->err = call->ret < 0 ? errno : 0;
	atomic_store(&call->done, 1);
	return NULL;
}

int call_start(struct call *call, long (*fn)(struct call *call), int fd,
	       int how, void *buf, size_t len)
{
	memset(call, 0, sizeof(*call));
	call->fn = fn;
	call->fd = fd;
	call->how = how;
	call->buf = buf;
	call->len = len;
	errno = pthread_create(&call->thread, NULL, call_thread, call);
	return errno ? -1 : 0;
}

/* Is call nr, whose first argument is arg, that one, of fd? */
static bool is_call(long nr, unsigned long arg, long sysno, int fd)
{
	if (sysno == SYS_ppoll) {
#ifdef SYS_ppoll_time64
		if (nr == SYS_ppoll_time64)
			return true;
#endif
		return nr == sysno;
	}
#ifdef SYS_socketcall
	/* All of them, for a C library of 32 bits. */
	if (nr == SYS_socketcall)
		return true;
#endif
	return nr == sysno && (int)arg == fd;
}

/* /proc tells the number of the call that a sleeping thread is in, and its
 * arguments; of a thread that is awake it says "running".
 */
static bool thread_sleeps_in(int tid, long sysno, int fd)
{
	char path[64], text[128];
	unsigned long arg;
	ssize_t len;
	long nr;
	int file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", tid);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return false;
	len = read(file, text, sizeof(text) - 1);
	close(file);
	if (len <= 0)
		return false;
	text[len] = 0;
	if (sscanf(text, "%ld %lx", &nr, &arg) != 2 ||
	    !is_call(nr, arg, sysno, fd))
		return false;

	/* A socket's lock is waited for in state D. */
	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return false;
	len = read(file, text, sizeof(text) - 1);
	close(file);
	if (len <= 0)
		return false;
	text[len] = 0;
	return strstr(text, ") S ");
}

/* Wait until the call sleeps.  It fails if the call comes back instead. */
int call_wait_blocked(struct call *call, long sysno)
{
	long long end = now_ms() + deadline_ms();
	int tid, seen = 0;

	while (now_ms() < end) {
		if (call_is_done(call)) {
			fprintf(stderr, "# call did not block: %ld (%s)\n",
				call->ret, strerror(call->err));
			return -1;
		}
		tid = atomic_load(&call->tid);
		if (tid && thread_sleeps_in(tid, sysno, call->fd)) {
			/* Once may be chance, on the way to somewhere. */
			if (++seen == 3)
				return 0;
		} else {
			seen = 0;
		}
		usleep(1000);
	}
	fprintf(stderr, "# call neither blocks nor returns\n");
	return -1;
}

bool call_is_done(struct call *call)
{
	return atomic_load(&call->done);
}

/* Wait for the call's end; ret and err are its result. */
int call_finish(struct call *call)
{
	struct timespec ts;
	long long ns;

	if (call->joined)
		return 0;
	clock_gettime(CLOCK_REALTIME, &ts);
	ns = ts.tv_nsec + deadline_ms() * 1000000LL;
	ts.tv_sec += ns / 1000000000;
	ts.tv_nsec = ns % 1000000000;
	errno = pthread_timedjoin_np(call->thread, NULL, &ts);
	if (errno) {
		fprintf(stderr, "# call does not return\n");
		return -1;
	}
	call->joined = true;
	return 0;
}

static atomic_int signals;

static void count_signal(int sig)
{
	(void)sig;
	atomic_fetch_add(&signals, 1);
}

int catch_signals(int flags)
{
	struct sigaction sa = {
		.sa_handler = count_signal,
		.sa_flags = flags,
	};

	return sigaction(SIGUSR1, &sa, NULL);
}

/* From here on SIGIO tells what happens to @fd, to sigio_until() alone. */
int sigio_on(int fd)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -1;
	/* With what it is for. */
	if (fcntl(fd, F_SETSIG, SIGIO) || fcntl(fd, F_SETOWN, getpid()))
		return -1;
	return fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_ASYNC);
}

/* Wait for POLL_IN, POLL_OUT ... */
int sigio_until(int code)
{
	struct timespec limit = { .tv_sec = deadline_ms() / 1000 };
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	do {
		if (sigtimedwait(&set, &info, &limit) < 0)
			return -1;
	} while (info.si_code != code);
	return 0;
}

/* Send a signal to the thread that is in the call, which has not ended yet, and
 * wait until it has been handled: what the call does then it does because of it.
 */
int call_signal(struct call *call)
{
	long long end = now_ms() + deadline_ms();
	int before = atomic_load(&signals);

	errno = pthread_kill(call->thread, SIGUSR1);
	if (errno)
		return -1;
	while (atomic_load(&signals) == before) {
		if (now_ms() >= end) {
			fprintf(stderr, "# signal is not handled\n");
			return -1;
		}
		usleep(1000);
	}
	return 0;
}

long call_shutdown(struct call *call)
{
	return shutdown(call->fd, call->how);
}

long call_send(struct call *call)
{
	return send(call->fd, call->buf, call->len, call->how | MSG_NOSIGNAL);
}

long call_send_until_it_fails(struct call *call)
{
	while (call_send(call) >= 0)
		;
	return -1;
}

long call_recv(struct call *call)
{
	return recv(call->fd, call->buf, call->len, call->how);
}

long call_connect(struct call *call)
{
	struct addr *addr = call->buf;

	return connect(call->fd, &addr->sa, addr->len);
}

long call_accept(struct call *call)
{
	return accept4(call->fd, NULL, NULL, call->how);
}

/* poll for the events in how; the result is revents. */
long call_poll(struct call *call)
{
	struct pollfd pfd = { .fd = call->fd, .events = call->how };
	int ret;

	ret = ppoll(&pfd, 1, NULL, NULL);
	return ret < 0 ? ret : pfd.revents;
}

long call_close(struct call *call)
{
	return close(call->fd);
}

/* Send len bytes of the pattern of seed how, in pieces of an odd size. */
long call_send_pattern(struct call *call)
{
	static const size_t piece = 50021;
	unsigned char *buf = malloc(piece);
	size_t done = 0, want;
	ssize_t ret = 0;

	while (buf && done < call->len) {
		want = call->len - done < piece ? call->len - done : piece;
		pattern_fill(buf, want, done, call->how);
		ret = send(call->fd, buf, want, MSG_NOSIGNAL);
		if (ret <= 0)
			break;
		done += ret;
	}
	free(buf);
	return ret < 0 ? ret : (long)done;
}

/* Receive to the end; the result is how many bytes of the pattern of seed how
 * came.  Wrong bytes are -1, EILSEQ.
 */
long call_recv_pattern(struct call *call)
{
	static const size_t piece = 65536;
	unsigned char *buf = malloc(piece);
	size_t done = 0;
	ssize_t ret = -1;

	while (buf) {
		ret = recv(call->fd, buf, piece, 0);
		if (ret <= 0)
			break;
		if (pattern_check(buf, ret, done, call->how) >= 0) {
			errno = EILSEQ;
			ret = -1;
			break;
		}
		done += ret;
	}
	free(buf);
	return ret < 0 ? ret : (long)done;
}

int set_timeout(int fd, int option, int ms)
{
	struct timeval tv = {
		.tv_sec = ms / 1000,
		.tv_usec = ms % 1000 * 1000,
	};

	return setsockopt(fd, SOL_SOCKET, option, &tv, sizeof(tv));
}

int set_nonblock(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return -1;
	flags = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
	return fcntl(fd, F_SETFL, flags);
}

int set_linger(int fd, int on, int seconds)
{
	struct linger linger = { .l_onoff = on, .l_linger = seconds };

	return setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

/* The value of an int option; -1 and errno if there is none. */
int get_int(int fd, int level, int option)
{
	socklen_t len = sizeof(int);
	int value = -1;

	if (getsockopt(fd, level, option, &value, &len))
		return -1;
	return value;
}

/* What poll reports now.  HUP and ERR are always among it. */
int poll_now(int fd, int events)
{
	struct pollfd pfd = { .fd = fd, .events = events };

	return poll(&pfd, 1, 0) < 0 ? -1 : pfd.revents;
}

/* Wait for one of the events for some time. Return: what poll reports. */
int poll_for(int fd, int events, int ms)
{
	struct pollfd pfd = { .fd = fd, .events = events };

	return poll(&pfd, 1, ms) < 0 ? -1 : pfd.revents;
}

/* Wait until poll reports one of the events, and report it. */
int poll_until(int fd, int events)
{
	struct pollfd pfd = { .fd = fd, .events = events };
	int ret;

	ret = poll(&pfd, 1, deadline_ms());
	if (ret <= 0) {
		fprintf(stderr, "# poll(%#x): %s\n", events,
			ret ? strerror(errno) : "nothing");
		return -1;
	}
	return pfd.revents;
}

/* From the effective set of this process. */
int drop_capability(int capability)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data))
		return -1;
	data[CAP_TO_INDEX(capability)].effective &= ~CAP_TO_MASK(capability);
	return syscall(SYS_capset, &head, data);
}

/* Memory that is not free, in kB. */
long memory_used(void)
{
	long kb, used = 0;
	char line[128];
	FILE *file;

	file = fopen("/proc/meminfo", "re");
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "MemTotal: %ld", &kb) == 1)
			used += kb;
		if (sscanf(line, "MemFree: %ld", &kb) == 1 ||
		    sscanf(line, "Cached: %ld", &kb) == 1)
			used -= kb;
	}
	if (file)
		fclose(file);
	return used;
}
