// SPDX-License-Identifier: GPL-2.0
/*
 * The steps of the fuzzer of system calls.
 *
 * A step has random numbers of its own.  So how its calls end, which is up to
 * what the others do meanwhile, changes nothing for the steps after it: the
 * same seed gives a thread the same steps, with the same arguments.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/net.h"
#include "../lib/sctp.h"
#include "../lib/sub.h"
#include "admin.h"
#include "steps.h"

#define SLOTS		24
#define LISTENERS	5		/* the first slots */
#define PORT		7001
#define PORTS		6
#define DATA		(128 << 10)
#define CHILD_STEPS	25
#define ITEMS		4

struct counts *counts;

/* What is sent, and where is received: nobody looks at it. */
static unsigned char data[DATA];
static atomic_int slots[SLOTS];
static int mail[2] = { -1, -1 };
static int file = -1;
static int epoll = -1;
static pid_t root;
static bool tracing;
static __thread struct hand *self;

static const char * const count_names[COUNT_NR] = {
	[COUNT_SOCKET] = "socket",
	[COUNT_BIND] = "bind",
	[COUNT_LISTEN] = "listen",
	[COUNT_CONNECT] = "connect",
	[COUNT_ACCEPT4] = "accept4",
	[COUNT_SEND] = "sendto",
	[COUNT_SENDMSG] = "sendmsg",
	[COUNT_SENDMMSG] = "sendmmsg",
	[COUNT_WRITE] = "writev",
	[COUNT_RECV] = "recvfrom",
	[COUNT_RECVMSG] = "recvmsg",
	[COUNT_RECVMMSG] = "recvmmsg",
	[COUNT_READ] = "readv",
	[COUNT_SHUTDOWN] = "shutdown",
	[COUNT_POLL] = "poll",
	[COUNT_EPOLL_CTL] = "epoll_ctl",
	[COUNT_EPOLL_WAIT] = "epoll_wait",
	[COUNT_SET_SOCKET] = "setsockopt SOL_SOCKET",
	[COUNT_SET_WRTCSUB] = "setsockopt SOL_WRTCSUB",
	[COUNT_SET_SCTP] = "setsockopt SOL_SCTP",
	[COUNT_ATTACH] = "setsockopt WRTCSUB_ATTACH",
	[COUNT_GET_SOCKET] = "getsockopt SOL_SOCKET",
	[COUNT_GET_WRTCSUB] = "getsockopt SOL_WRTCSUB",
	[COUNT_GET_SCTP] = "getsockopt SOL_SCTP",
	[COUNT_IOCTL] = "ioctl",
	[COUNT_FCNTL] = "fcntl",
	[COUNT_GETSOCKNAME] = "getsockname",
	[COUNT_GETPEERNAME] = "getpeername",
	[COUNT_DUP] = "dup",
	[COUNT_CLOSE] = "close",
	[COUNT_SPLICE_TO] = "splice to",
	[COUNT_SPLICE_FROM] = "splice from",
	[COUNT_SENDFILE] = "sendfile",
	[COUNT_PASS] = "SCM_RIGHTS out",
	[COUNT_TAKE] = "SCM_RIGHTS in",
	[COUNT_FORK] = "fork",
	[COUNT_KILL] = "kill",
	[COUNT_UNSHARE] = "unshare",
	[COUNT_LINK] = "link between namespaces",
	[COUNT_SETNS] = "setns",
	[COUNT_DIAG_LIST] = "sock_diag list",
	[COUNT_DIAG_GET] = "sock_diag one",
	[COUNT_DIAG_DESTROY] = "sock_diag SOCK_DESTROY",
	[COUNT_PROC] = "read /proc/net",
	[COUNT_SET_SYSCTL] = "write net.wrtcsub",
	[COUNT_GET_SYSCTL] = "read net.wrtcsub",
};

const char *count_name(enum counted_call call)
{
	return count_names[call];
}

static void __attribute__((format(printf, 1, 2)))
trace(const char *format, ...)
{
	char text[128];
	va_list args;

	if (!tracing)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	dprintf(2, "# %u.%u.%u%s %s\n", self->round, self->process,
		self->thread, self->forked ? "f" : "", text);
}

/* Return: ret; errno is kept. */
long counted(enum counted_call call, long ret)
{
	int err = errno;

	atomic_fetch_add(&counts->call[call].all, 1);
	if (ret >= 0)
		atomic_fetch_add(&counts->call[call].good, 1);
	trace("%s: %ld%s%s", count_names[call], ret, ret < 0 ? " " : "",
	      ret < 0 ? strerrorname_np(err) : "");
	errno = err;
	return ret;
}

static void interrupted(int sig)
{
	(void)sig;
}

/* This signal makes calls come back that block. */
int hand_interrupt_by(int sig)
{
	struct sigaction action = { .sa_handler = interrupted };

	return sigaction(sig, &action, NULL);
}

/* Arguments. */

int some_fd(struct random *r)
{
	if (random_one_in(r, 200))
		return -1;
	return atomic_load(&slots[random_below(r, SLOTS)]);
}

static int some_listener(struct random *r)
{
	if (random_one_in(r, 5))
		return some_fd(r);
	return atomic_load(&slots[random_below(r, LISTENERS)]);
}

/* Put a new descriptor where another may have been, which is then closed. */
static void keep_fd_at(unsigned int slot, int fd)
{
	if (fd < 0)
		return;
	fd = atomic_exchange(&slots[slot], fd);
	if (fd >= 0)
		counted(COUNT_CLOSE, close(fd));
}

static void keep_listener(struct random *r, int fd)
{
	keep_fd_at(random_below(r, LISTENERS), fd);
}

static void keep_fd(struct random *r, int fd)
{
	keep_fd_at(LISTENERS + random_below(r, SLOTS - LISTENERS), fd);
}

void *some_pointer(struct random *r, void *good)
{
	static const unsigned long bad[] = { 0, 8, ~0xfffUL, 1UL << 63 };

	if (!random_one_in(r, 60))
		return good;
	return (void *)bad[random_below(r, 4)];
}

/* Small ones are the most, and the ends of ranges not rare. */
static size_t some_len(struct random *r)
{
	switch (random_below(r, 8)) {
	case 0:
		return random_below(r, 3);
	case 1:
		return random_below(r, DATA + 1);
	case 2:
		return 16370 + random_below(r, 20);
	default:
		return random_below(r, 2000);
	}
}

static int some_number(struct random *r)
{
	static const int edge[] = { 0, 1, -1, 2, 0x7fffffff, 65535, 65536 };

	switch (random_below(r, 4)) {
	case 0:
		return random_word(r);
	case 1:
		return edge[random_below(r, 7)];
	default:
		return random_below(r, 100000);
	}
}

static int some_send_flags(struct random *r)
{
	static const int flag[] = {
		MSG_MORE, MSG_EOR, MSG_OOB, MSG_DONTROUTE, MSG_CONFIRM,
		MSG_ZEROCOPY, MSG_FASTOPEN,
	};
	int flags = MSG_NOSIGNAL;

	if (random_one_in(r, 2))
		flags |= MSG_DONTWAIT;
	if (random_one_in(r, 5))
		flags |= MSG_MORE;
	if (random_one_in(r, 20))
		flags |= flag[random_below(r, 7)];
	if (random_one_in(r, 100))
		flags = random_word(r);
	return flags;
}

static int some_recv_flags(struct random *r)
{
	static const int flag[] = {
		MSG_PEEK, MSG_WAITALL, MSG_TRUNC, MSG_OOB, MSG_ERRQUEUE,
		MSG_CMSG_CLOEXEC,
	};
	int flags = 0;

	if (!random_one_in(r, 4))
		flags |= MSG_DONTWAIT;
	if (random_one_in(r, 4))
		flags |= flag[random_below(r, 6)];
	if (random_one_in(r, 4))
		flags |= flag[random_below(r, 3)];
	if (random_one_in(r, 100))
		flags = random_word(r);
	return flags;
}

static void spoil_addr(struct random *r, struct addr *addr)
{
	int port = addr_port(addr);

	switch (random_below(r, 7)) {
	case 0:
		random_bytes(r, &addr->ss, sizeof(addr->ss));
		break;
	case 1:
		addr->len = random_below(r, sizeof(addr->ss) + 20);
		break;
	case 2:
		addr->sa.sa_family = random_below(r, 50);
		break;
	case 3:
		addr_parse(addr, "::ffff:127.0.0.1", port);
		break;
	case 4:
		addr_parse(addr, "127.0.0.2", port);
		break;
	case 5:
		addr_parse(addr, "192.0.2.1", port);
		break;
	case 6:
		addr_any(addr, addr->sa.sa_family, port);
		break;
	}
}

void some_addr(struct random *r, struct addr *addr)
{
	int family = random_one_in(r, 3) ? AF_INET6 : AF_INET;

	addr_loopback(addr, family, PORT + random_below(r, PORTS));
	if (random_one_in(r, 12))
		spoil_addr(r, addr);
}

/* A message of up to ITEMS pieces. */
struct some_msg {
	struct addr addr;
	struct iovec iov[ITEMS];
	char control[128];
};

static void some_msg(struct random *r, struct msghdr *msg,
		     struct some_msg *room, bool out)
{
	unsigned int i;

	memset(msg, 0, sizeof(*msg));
	msg->msg_iovlen = random_below(r, ITEMS + 1);
	for (i = 0; i < msg->msg_iovlen; i++) {
		room->iov[i].iov_base = some_pointer(r, data);
		room->iov[i].iov_len = some_len(r);
	}
	msg->msg_iov = some_pointer(r, room->iov);
	if (random_one_in(r, 10)) {
		some_addr(r, &room->addr);
		msg->msg_name = some_pointer(r, &room->addr.ss);
		msg->msg_namelen = room->addr.len;
	}
	if (random_one_in(r, out ? 30 : 4)) {
		random_bytes(r, room->control, sizeof(room->control));
		msg->msg_control = some_pointer(r, room->control);
		msg->msg_controllen = random_below(r, sizeof(room->control));
	}
}

static int some_type(struct random *r)
{
	int type = random_one_in(r, 4) ? SOCK_SEQPACKET : SOCK_STREAM;

	if (random_one_in(r, 60))
		type = random_below(r, 12);
	if (random_one_in(r, 3))
		type |= SOCK_NONBLOCK;
	return type | SOCK_CLOEXEC;
}

/* Steps. */

static int new_socket(struct random *r)
{
	int protocol = random_one_in(r, 60) ? some_number(r) : 0;

	return counted(COUNT_SOCKET, socket(AF_WRTCSUB, some_type(r),
					    protocol));
}

static void step_socket(struct hand *hand, struct random *r)
{
	(void)hand;
	keep_fd(r, new_socket(r));
}

static void step_bind(struct hand *hand, struct random *r)
{
	struct addr addr;

	(void)hand;
	some_addr(r, &addr);
	if (random_one_in(r, 4))
		addr.in4.sin_port = 0;
	counted(COUNT_BIND, bind(some_fd(r), some_pointer(r, &addr.sa),
				 addr.len));
}

static void step_listen(struct hand *hand, struct random *r)
{
	(void)hand;
	counted(COUNT_LISTEN, listen(some_fd(r), some_number(r)));
}

static void step_connect(struct hand *hand, struct random *r)
{
	struct addr addr;

	(void)hand;
	some_addr(r, &addr);
	counted(COUNT_CONNECT, connect(some_fd(r), some_pointer(r, &addr.sa),
				       addr.len));
}

static void step_accept(struct hand *hand, struct random *r)
{
	socklen_t len = random_below(r, 200);
	struct sockaddr_storage ss;
	int flags = SOCK_CLOEXEC;

	(void)hand;
	if (random_one_in(r, 2))
		flags |= SOCK_NONBLOCK;
	if (random_one_in(r, 50))
		flags = some_number(r);
	keep_fd(r, counted(COUNT_ACCEPT4,
			   accept4(some_listener(r), some_pointer(r, &ss),
				   some_pointer(r, &len), flags)));
}

/* A listener where others connect to, as a server makes it. */
static void step_serve(struct hand *hand, struct random *r)
{
	int fd = new_socket(r), on = 1;
	struct addr addr;

	(void)hand;
	some_addr(r, &addr);
	if (fd < 0)
		return;
	counted(COUNT_SET_SOCKET, setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on,
					     sizeof(on)));
	if (random_one_in(r, 4))
		counted(COUNT_SET_SOCKET,
			setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on,
				   sizeof(on)));
	if (counted(COUNT_BIND, bind(fd, &addr.sa, addr.len)) >= 0)
		counted(COUNT_LISTEN, listen(fd, random_below(r, 32)));
	keep_listener(r, fd);
}

static void step_dial(struct hand *hand, struct random *r)
{
	int fd = new_socket(r);
	struct addr addr;

	(void)hand;
	some_addr(r, &addr);
	if (fd < 0)
		return;
	if (random_one_in(r, 4))
		counted(COUNT_SET_WRTCSUB,
			sub_set(fd, WRTCSUB_NEW_ASSOC, 1));
	if (random_one_in(r, 8))
		counted(COUNT_SET_WRTCSUB,
			sub_set(fd, WRTCSUB_STREAM_ID, random_below(r, 9)));
	if (random_one_in(r, 8))
		counted(COUNT_SET_WRTCSUB,
			sub_set(fd, WRTCSUB_OPEN_WAIT, 1));
	counted(COUNT_CONNECT, connect(fd, &addr.sa, addr.len));
	keep_fd(r, fd);
}

/* A socket on the association of another one, which dials or listens. */
static void step_attach(struct hand *hand, struct random *r)
{
	bool old = random_one_in(r, 6);
	int fd = old ? some_fd(r) : new_socket(r);
	int other = some_fd(r), err;
	struct addr addr;

	(void)hand;
	err = counted(COUNT_ATTACH, sub_set(fd, WRTCSUB_ATTACH, other));
	if (random_one_in(r, 2)) {
		counted(COUNT_LISTEN, listen(fd, random_below(r, 32)));
		keep_listener(r, fcntl(fd, F_DUPFD_CLOEXEC, 0));
	} else if (!err && !addr_remote(other, &addr)) {
		counted(COUNT_CONNECT, connect(fd, &addr.sa, addr.len));
	}
	if (!old)
		keep_fd(r, fd);
}

static void step_send(struct hand *hand, struct random *r)
{
	struct addr addr, *to = NULL;
	size_t len = some_len(r);

	(void)hand;
	some_addr(r, &addr);
	if (random_one_in(r, 20))
		to = &addr;
	counted(COUNT_SEND, sendto(some_fd(r), some_pointer(r, data), len,
				   some_send_flags(r), to ? &to->sa : NULL,
				   to ? to->len : 0));
}

static void step_sendmsg(struct hand *hand, struct random *r)
{
	struct some_msg room;
	struct msghdr msg;

	(void)hand;
	some_msg(r, &msg, &room, true);
	counted(COUNT_SENDMSG, sendmsg(some_fd(r), some_pointer(r, &msg),
				       some_send_flags(r)));
}

static void step_sendmmsg(struct hand *hand, struct random *r)
{
	struct some_msg room[ITEMS];
	struct mmsghdr msg[ITEMS];
	int i;

	(void)hand;
	for (i = 0; i < ITEMS; i++)
		some_msg(r, &msg[i].msg_hdr, &room[i], true);
	counted(COUNT_SENDMMSG, sendmmsg(some_fd(r), some_pointer(r, msg),
					 random_below(r, ITEMS + 1),
					 some_send_flags(r)));
}

static void step_write(struct hand *hand, struct random *r)
{
	struct some_msg room;
	struct msghdr msg;

	(void)hand;
	some_msg(r, &msg, &room, true);
	counted(COUNT_WRITE, writev(some_fd(r), msg.msg_iov, msg.msg_iovlen));
}

static void step_recv(struct hand *hand, struct random *r)
{
	socklen_t room = random_below(r, 200);
	struct sockaddr_storage ss;
	size_t len = some_len(r);

	(void)hand;
	counted(COUNT_RECV, recvfrom(some_fd(r), some_pointer(r, data), len,
				     some_recv_flags(r), (void *)&ss, &room));
}

static void step_recvmsg(struct hand *hand, struct random *r)
{
	struct some_msg room;
	struct msghdr msg;

	(void)hand;
	some_msg(r, &msg, &room, false);
	counted(COUNT_RECVMSG, recvmsg(some_fd(r), some_pointer(r, &msg),
				       some_recv_flags(r)));
}

static void step_recvmmsg(struct hand *hand, struct random *r)
{
	struct timespec wait = { .tv_nsec = random_below(r, 10000000) };
	struct some_msg room[ITEMS];
	struct mmsghdr msg[ITEMS];
	int i;

	(void)hand;
	for (i = 0; i < ITEMS; i++)
		some_msg(r, &msg[i].msg_hdr, &room[i], false);
	counted(COUNT_RECVMMSG, recvmmsg(some_fd(r), some_pointer(r, msg),
					 random_below(r, ITEMS + 1),
					 some_recv_flags(r), &wait));
}

static void step_read(struct hand *hand, struct random *r)
{
	struct some_msg room;
	struct msghdr msg;

	(void)hand;
	some_msg(r, &msg, &room, false);
	counted(COUNT_READ, readv(some_fd(r), msg.msg_iov, msg.msg_iovlen));
}

static void step_shutdown(struct hand *hand, struct random *r)
{
	int how = random_below(r, 3);

	(void)hand;
	if (random_one_in(r, 20))
		how = some_number(r);
	counted(COUNT_SHUTDOWN, shutdown(some_fd(r), how));
}

static void step_poll(struct hand *hand, struct random *r)
{
	struct pollfd pfd[ITEMS];
	int i;

	(void)hand;
	for (i = 0; i < ITEMS; i++) {
		pfd[i].fd = some_fd(r);
		pfd[i].events = random_word(r);
	}
	counted(COUNT_POLL, poll(pfd, ITEMS, random_below(r, 20)));
}

static void step_epoll_ctl(struct hand *hand, struct random *r)
{
	static const __u32 how[] = { 0, EPOLLET, EPOLLONESHOT, EPOLLEXCLUSIVE };
	struct epoll_event event = {
		.events = (random_word(r) & 0xffff) | how[random_below(r, 4)],
	};
	int op = random_one_in(r, 3) ? 1 + (int)random_below(r, 4) :
				       EPOLL_CTL_ADD;

	(void)hand;
	counted(COUNT_EPOLL_CTL, epoll_ctl(epoll, op, some_fd(r), &event));
}

static void step_epoll_wait(struct hand *hand, struct random *r)
{
	struct epoll_event event[ITEMS];

	(void)hand;
	counted(COUNT_EPOLL_WAIT, epoll_wait(epoll, event, ITEMS,
					     random_below(r, 10)));
}

/* The options of socket(7) that are not just a number. */
static void set_special(int fd, struct random *r)
{
	struct timeval tv = { .tv_usec = random_below(r, 100000) };
	struct linger linger = {
		.l_onoff = random_below(r, 2),
		.l_linger = random_below(r, 3),
	};

	switch (random_below(r, 4)) {
	case 0:
		counted(COUNT_SET_SOCKET,
			setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger,
				   sizeof(linger)));
		break;
	case 1:
		counted(COUNT_SET_SOCKET,
			setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv,
				   sizeof(tv)));
		break;
	case 2:
		counted(COUNT_SET_SOCKET,
			setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv,
				   sizeof(tv)));
		break;
	case 3:
		counted(COUNT_SET_SOCKET,
			setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
		break;
	}
}

static socklen_t some_option_len(struct random *r)
{
	return random_one_in(r, 6) ? random_below(r, 300) : sizeof(int);
}

static void step_set_socket(struct hand *hand, struct random *r)
{
	static const int known[] = {
		SO_RCVBUF, SO_SNDBUF, SO_RCVLOWAT, SO_KEEPALIVE, SO_PRIORITY,
		SO_MARK, SO_TIMESTAMP, SO_TIMESTAMPNS, SO_REUSEADDR,
		SO_REUSEPORT, SO_RCVBUFFORCE, SO_SNDBUFFORCE, SO_ZEROCOPY,
		SO_PEEK_OFF, SO_OOBINLINE, SO_BUSY_POLL,
	};
	int option = known[random_below(r, 16)], fd = some_fd(r);
	int value[75] = { some_number(r), 1 };

	(void)hand;
	if (random_one_in(r, 4)) {
		set_special(fd, r);
		return;
	}
	if (random_one_in(r, 4))
		option = random_below(r, 90);
	counted(COUNT_SET_SOCKET,
		setsockopt(fd, SOL_SOCKET, option, some_pointer(r, value),
			   some_option_len(r)));
}

/* A value that may be a good one of this option. */
static int some_value(struct random *r, int option)
{
	switch (option) {
	case WRTCSUB_STREAM_ID:
		return random_below(r, 12);
	case WRTCSUB_FIN_ACK_TIMEOUT:
		return random_below(r, 500);
	case WRTCSUB_MAX_FRAME:
		return 200 + random_below(r, 40000);
	case WRTCSUB_FRAME_SPLIT:
		return random_below(r, 20000);
	case WRTCSUB_ENCAP_PORT:
		return random_one_in(r, 4) ? 9899 : 0;
	default:
		return random_below(r, 3);
	}
}

static void step_set_wrtcsub(struct hand *hand, struct random *r)
{
	int option = 1 + random_below(r, WRTCSUB_SHUT_NOWAIT);
	char value[300];
	socklen_t len;
	int v;

	(void)hand;
	random_bytes(r, value, sizeof(value));
	v = random_one_in(r, 8) ? some_number(r) : some_value(r, option);
	memcpy(value, &v, sizeof(v));
	len = some_option_len(r);
	if (random_one_in(r, 30))
		option = some_number(r);
	counted(COUNT_SET_WRTCSUB,
		setsockopt(some_fd(r), SOL_WRTCSUB, option,
			   some_pointer(r, value), len));
}

static int some_level(struct random *r)
{
	static const int level[] = { SOL_IP, SOL_IPV6, IPPROTO_TCP, 0x7777 };

	return random_one_in(r, 4) ? level[random_below(r, 4)] : SOL_SCTP;
}

static int some_sctp_option(struct random *r)
{
	static const int known[] = {
		SCTP_RTOINFO, SCTP_ASSOCINFO, SCTP_INITMSG,
		SCTP_ADAPTATION_LAYER, SCTP_MAXSEG, SCTP_DELAYED_SACK,
		SCTP_MAX_BURST, SCTP_AUTO_ASCONF, SCTP_ASCONF_SUPPORTED,
		SCTP_AUTH_SUPPORTED, SCTP_ECN_SUPPORTED,
		SCTP_INTERLEAVING_SUPPORTED, SCTP_STREAM_SCHEDULER,
		SCTP_SOCKOPT_BINDX_ADD, SCTP_SOCKOPT_BINDX_REM,
		SCTP_PEER_ADDR_PARAMS,
	};

	return random_one_in(r, 5) ? (int)random_below(r, 140) :
				     known[random_below(r, 16)];
}

static void step_set_sctp(struct hand *hand, struct random *r)
{
	static const socklen_t len[] = { 4, 8, 12, 16, 28, 160 };
	int option = some_sctp_option(r);
	__u32 value[75] = {}, i;
	struct addr addr;

	(void)hand;
	/* The identifier of an association is 0. */
	for (i = 1; i < 8; i++)
		value[i] = random_below(r, random_one_in(r, 4) ? 3000 : 2);
	if (random_one_in(r, 8))
		random_bytes(r, value, sizeof(value));
	some_addr(r, &addr);
	if (option == SCTP_SOCKOPT_BINDX_ADD ||
	    option == SCTP_SOCKOPT_BINDX_REM)
		memcpy(value, &addr.ss, sizeof(addr.ss));
	counted(COUNT_SET_SCTP,
		setsockopt(some_fd(r), some_level(r), option,
			   some_pointer(r, value),
			   random_one_in(r, 3) ? some_option_len(r) :
						 len[random_below(r, 6)]));
}

static void step_get(struct hand *hand, struct random *r)
{
	socklen_t len = random_below(r, 300);
	int fd = some_fd(r);
	char value[300];

	(void)hand;
	if (random_one_in(r, 30))
		len = some_number(r);
	switch (random_below(r, 3)) {
	case 0:
		counted(COUNT_GET_SOCKET,
			getsockopt(fd, SOL_SOCKET, random_below(r, 90),
				   some_pointer(r, data), &len));
		break;
	case 1:
		counted(COUNT_GET_WRTCSUB,
			getsockopt(fd, SOL_WRTCSUB, random_below(r, 18),
				   some_pointer(r, data), &len));
		break;
	case 2:
		/* SCTP takes a part of some options from the room. */
		memset(value, 0, sizeof(value));
		len = len < sizeof(value) ? len : sizeof(value);
		counted(COUNT_GET_SCTP,
			getsockopt(fd, some_level(r), some_sctp_option(r),
				   some_pointer(r, value),
				   some_pointer(r, &len)));
		break;
	}
}

static void step_ioctl(struct hand *hand, struct random *r)
{
	static const unsigned int known[] = {
		SIOCINQ, SIOCOUTQ, FIONBIO, FIOASYNC, SIOCOUTQNSD, SIOCATMARK,
	};
	unsigned int command = known[random_below(r, 6)];
	int value[32] = { random_below(r, 2) };

	(void)hand;
	if (random_one_in(r, 4))
		command = random_one_in(r, 2) ? 0x5400 + random_below(r, 256) :
						0x8900 + random_below(r, 16);
	counted(COUNT_IOCTL, ioctl(some_fd(r), command,
				   some_pointer(r, value)));
}

static void step_fcntl(struct hand *hand, struct random *r)
{
	int flags = random_one_in(r, 2) ? O_NONBLOCK : 0;

	(void)hand;
	counted(COUNT_FCNTL, fcntl(some_fd(r), F_SETFL, flags));
}

static void step_names(struct hand *hand, struct random *r)
{
	socklen_t len = random_below(r, 200);
	struct sockaddr_storage ss;

	(void)hand;
	counted(COUNT_GETSOCKNAME, getsockname(some_fd(r),
					       some_pointer(r, &ss), &len));
	counted(COUNT_GETPEERNAME, getpeername(some_fd(r),
					       some_pointer(r, &ss), &len));
}

static void step_dup(struct hand *hand, struct random *r)
{
	(void)hand;
	keep_fd(r, counted(COUNT_DUP, fcntl(some_fd(r), F_DUPFD_CLOEXEC, 0)));
}

static void step_close(struct hand *hand, struct random *r)
{
	int fd = atomic_exchange(&slots[random_below(r, SLOTS)], -1);

	(void)hand;
	counted(COUNT_CLOSE, close(fd));
}

static void drain_pipe(struct hand *hand)
{
	while (read(hand->pipe[0], data, sizeof(data)) > 0)
		;
}

static void step_splice_to(struct hand *hand, struct random *r)
{
	size_t len = 1 + random_below(r, 16384);

	if (write(hand->pipe[1], data, len) <= 0)
		return;
	counted(COUNT_SPLICE_TO,
		splice(hand->pipe[0], NULL, some_fd(r), NULL, len,
		       random_below(r, 16)));
	drain_pipe(hand);
}

static void step_splice_from(struct hand *hand, struct random *r)
{
	size_t len = some_len(r);

	counted(COUNT_SPLICE_FROM,
		splice(some_fd(r), NULL, hand->pipe[1], NULL, len,
		       random_below(r, 16)));
	drain_pipe(hand);
}

static void step_sendfile(struct hand *hand, struct random *r)
{
	off_t at = random_below(r, DATA);

	(void)hand;
	counted(COUNT_SENDFILE, sendfile(some_fd(r), file, &at, some_len(r)));
}

/* Descriptors go to whichever process takes them. */

union rights {
	char bytes[CMSG_SPACE(sizeof(int))];
	struct cmsghdr cmsg;
};

static void step_pass(struct hand *hand, struct random *r)
{
	struct iovec iov = { .iov_base = "x", .iov_len = 1 };
	union rights rights = {};
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &rights,
		.msg_controllen = sizeof(rights),
	};
	int fd = some_fd(r);

	(void)hand;
	rights.cmsg.cmsg_level = SOL_SOCKET;
	rights.cmsg.cmsg_type = SCM_RIGHTS;
	rights.cmsg.cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(&rights.cmsg), &fd, sizeof(fd));
	counted(COUNT_PASS, sendmsg(mail[0], &msg, MSG_DONTWAIT));
}

static void step_take(struct hand *hand, struct random *r)
{
	char c;
	struct iovec iov = { .iov_base = &c, .iov_len = 1 };
	union rights rights = {};
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &rights,
		.msg_controllen = sizeof(rights),
	};
	int fd;

	(void)hand;
	if (counted(COUNT_TAKE, recvmsg(mail[1], &msg, MSG_DONTWAIT |
						       MSG_CMSG_CLOEXEC)) < 0)
		return;
	if (rights.cmsg.cmsg_type != SCM_RIGHTS)
		return;
	memcpy(&fd, CMSG_DATA(&rights.cmsg), sizeof(fd));
	keep_fd(r, fd);
}

/* Processes and namespaces. */

static void child_steps(struct hand *hand, __u64 seed)
{
	struct itimerval often = {
		.it_interval.tv_usec = 10000,
		.it_value.tv_usec = 10000,
	};
	int i;

	hand->forked = true;
	hand->child = 0;
	random_seed(&hand->random, seed, 0);
	hand_interrupt_by(SIGALRM);
	setitimer(ITIMER_REAL, &often, NULL);
	for (i = 0; i < CHILD_STEPS; i++)
		hand_step(hand);
	_exit(0);
}

static void reap_child(struct hand *hand)
{
	if (hand->child > 0)
		while (waitpid(hand->child, NULL, 0) < 0 && errno == EINTR)
			;
	hand->child = 0;
}

static void step_fork(struct hand *hand, struct random *r)
{
	__u64 seed = random_word(r);

	/* No children of children: there would be no end of them. */
	if (hand->forked)
		return;
	reap_child(hand);
	hand->child = fork();
	if (!hand->child)
		child_steps(hand, seed);
	counted(COUNT_FORK, hand->child);
	if (hand->child > 0 && random_one_in(r, 3)) {
		usleep(random_below(r, 20000));
		counted(COUNT_KILL, kill(hand->child, SIGKILL));
	}
}

/* A link from this namespace to the first one: while that is there, the
 * namespace is.
 */
static void link_namespace(void)
{
	unsigned int nr = atomic_fetch_add(&counts->links, 1);

	counted(COUNT_LINK,
		shell("exec ip link add out type veth peer name in%u netns %d",
		      nr, root));
}

/* The sockets stay in the namespace that they were made in; new ones are in
 * the new one, which goes when the last of them does and the thread has left.
 */
static void step_unshare(struct hand *hand, struct random *r)
{
	unsigned int i;

	if (counted(COUNT_UNSHARE, netns_private()))
		return;
	if (random_one_in(r, 2))
		settings_reset();
	/* In a copy of a process with threads, system(3) may have no end. */
	if (!hand->forked && random_one_in(r, 2))
		link_namespace();
	for (i = 0; i < 3; i++) {
		step_serve(hand, r);
		step_dial(hand, r);
	}
}

static void step_setns(struct hand *hand, struct random *r)
{
	(void)r;
	counted(COUNT_SETNS, setns(hand->home, CLONE_NEWNET));
}

static const struct step {
	void (*fn)(struct hand *hand, struct random *r);
	unsigned int weight;
} steps[] = {
	{ step_socket, 6 },
	{ step_bind, 4 },
	{ step_listen, 4 },
	{ step_connect, 10 },
	{ step_accept, 24 },
	{ step_serve, 8 },
	{ step_dial, 24 },
	{ step_attach, 8 },
	{ step_send, 20 },
	{ step_sendmsg, 8 },
	{ step_sendmmsg, 6 },
	{ step_write, 8 },
	{ step_recv, 16 },
	{ step_recvmsg, 8 },
	{ step_recvmmsg, 6 },
	{ step_read, 8 },
	{ step_shutdown, 10 },
	{ step_poll, 6 },
	{ step_epoll_ctl, 8 },
	{ step_epoll_wait, 4 },
	{ step_set_socket, 12 },
	{ step_set_wrtcsub, 12 },
	{ step_set_sctp, 10 },
	{ step_get, 12 },
	{ step_ioctl, 6 },
	{ step_fcntl, 4 },
	{ step_names, 4 },
	{ step_dup, 6 },
	{ step_close, 10 },
	{ step_splice_to, 5 },
	{ step_splice_from, 5 },
	{ step_sendfile, 5 },
	{ step_pass, 6 },
	{ step_take, 6 },
	{ step_fork, 2 },
	{ step_unshare, 1 },
	{ step_setns, 3 },
	{ step_diag_list, 4 },
	{ step_diag_get, 4 },
	{ step_diag_destroy, 3 },
	{ step_proc, 4 },
	{ step_sysctl, 3 },
};

static const struct step *some_step(struct random *r)
{
	static const unsigned int nr = sizeof(steps) / sizeof(steps[0]);
	unsigned int i, all = 0, at;

	for (i = 0; i < nr; i++)
		all += steps[i].weight;
	at = random_below(r, all);
	for (i = 0; at >= steps[i].weight; i++)
		at -= steps[i].weight;
	return &steps[i];
}

/* One step; the next one of this hand is the same whatever this one does. */
void hand_step(struct hand *hand)
{
	const struct step *step = some_step(&hand->random);
	__u32 seed = random_word(&hand->random);
	struct random own;

	self = hand;
	trace("step %d %08x", (int)(step - steps), seed);
	random_seed(&own, seed, 1);
	step->fn(hand, &own);
}

int hand_begin(struct hand *hand, __u64 seed)
{
	static const __u64 part_bits = 16;
	__u64 part = hand->round;

	part = (part << part_bits | hand->process) << part_bits | hand->thread;
	random_seed(&hand->random, seed, part);
	hand->home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (hand->home < 0)
		return -1;
	return pipe2(hand->pipe, O_CLOEXEC | O_NONBLOCK);
}

void hand_end(struct hand *hand)
{
	reap_child(hand);
	close(hand->pipe[0]);
	close(hand->pipe[1]);
	close(hand->home);
}

/* Once, in the first process. */
int steps_begin(void)
{
	int i;

	tracing = getenv("WRTCSUB_TRACE");
	root = getpid();
	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (counts == MAP_FAILED)
		return -1;
	for (i = 0; i < SLOTS; i++)
		atomic_store(&slots[i], -1);
	file = memfd_create("data", MFD_CLOEXEC);
	if (file < 0 || write(file, data, DATA) != DATA)
		return -1;
	return signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
	       signal(SIGIO, SIG_IGN) == SIG_ERR ? -1 : 0;
}

/* What the processes of a round begin with, and have in common. */
int steps_share(void)
{
	static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET };
	struct addr addr;
	int i;

	for (i = 0; i < 2; i++) {
		addr_loopback(&addr, i ? AF_INET6 : AF_INET, PORT);
		sub_type = SOCK_STREAM;
		slots[i] = sub_listen_at(&addr, 64);
		if (slots[i] < 0)
			return -1;
	}
	for (i = 0; i < 4; i++) {
		int pair[2];

		sub_type = types[i % 2];
		if (sub_pair(i < 2 ? AF_INET : AF_INET6, pair))
			return -1;
		slots[LISTENERS + 2 * i] = pair[0];
		slots[LISTENERS + 2 * i + 1] = pair[1];
	}
	epoll = epoll_create1(EPOLL_CLOEXEC);
	if (epoll < 0)
		return -1;
	return socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, mail);
}

/* The processes have copies of it, all but the first need no more. */
void steps_unshare(void)
{
	int i;

	for (i = 0; i < SLOTS; i++)
		if (slots[i] >= 0)
			close(slots[i]);
	for (i = 0; i < SLOTS; i++)
		atomic_store(&slots[i], -1);
	close(epoll);
	close(mail[0]);
	close(mail[1]);
}
