// SPDX-License-Identifier: GPL-2.0
/*
 * Steps of the fuzzer of system calls that an administrator takes: lists by
 * sock_diag(7) and /proc/net, SOCK_DESTROY, and net.wrtcsub.*, all of the
 * namespace that the thread is in.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../lib/diag.h"
#include "../lib/sub.h"
#include "admin.h"

#define ATTRS		3
#define ATTR_ROOM	48		/* header included */
#define PIECES		16

/* sock_diag(7) */

struct request {
	struct nlmsghdr nlh;
	struct wrtcsub_diag_req req;
	unsigned char attrs[ATTRS * ATTR_ROOM];
};

/* A value that may be a good one of this attribute. */
static size_t some_attr_value(struct random *r, int type, void *value)
{
	__u16 number = random_below(r, 9);
	struct addr addr;
	__u32 uid = 0;

	some_addr(r, &addr);
	switch (type) {
	case WRTCSUB_DIAG_REQ_LOCAL:
	case WRTCSUB_DIAG_REQ_PEER:
		if (addr.sa.sa_family == AF_INET6) {
			memcpy(value, &addr.in6.sin6_addr, 16);
			return 16;
		}
		memcpy(value, &addr.in4.sin_addr, 4);
		return 4;
	case WRTCSUB_DIAG_REQ_LOCAL_PORT:
	case WRTCSUB_DIAG_REQ_PEER_PORT:
		number = addr_port(&addr);
		break;
	case WRTCSUB_DIAG_REQ_UID:
		memcpy(value, &uid, sizeof(uid));
		return sizeof(uid);
	}
	memcpy(value, &number, sizeof(number));
	return sizeof(number);
}

static size_t some_attr(struct random *r, void *at)
{
	int type = 1 + random_below(r, WRTCSUB_DIAG_REQ_MAX);
	struct nlattr *attr = at;
	size_t len;

	len = some_attr_value(r, type, (char *)at + NLA_HDRLEN);
	if (random_one_in(r, 12))
		len = random_below(r, ATTR_ROOM - NLA_HDRLEN + 1);
	if (random_one_in(r, 12))
		type = random_word(r);
	attr->nla_type = type;
	attr->nla_len = NLA_HDRLEN + len;
	return NLA_ALIGN(attr->nla_len);
}

static void spoil_request(struct random *r, struct request *msg)
{
	switch (random_below(r, 5)) {
	case 0:
		msg->req.sdiag_protocol = random_word(r);
		break;
	case 1:
		msg->req.wdiag_reserved = random_word(r);
		break;
	case 2:
		msg->req.wdiag_what = random_word(r);
		break;
	case 3:
		msg->nlh.nlmsg_len = random_below(r, sizeof(*msg) + 40);
		break;
	case 4:
		msg->nlh.nlmsg_flags = random_word(r);
		break;
	}
}

/* The socket or the association that it is about: mostly one that is there. */
static void some_target(struct random *r, struct wrtcsub_diag_req *req)
{
	int fd = some_fd(r), kind = random_below(r, 8);
	struct wrtcsub_diag_req name = {};
	long id;

	switch (kind) {
	case 0:
		/* Both are counted from 1. */
		req->wdiag_assoc = random_below(r, 64);
		req->wdiag_cookie[0] = random_below(r, 8192);
		break;
	case 1:
		random_bytes(r, &req->wdiag_assoc, sizeof(req->wdiag_assoc));
		random_bytes(r, req->wdiag_cookie, sizeof(req->wdiag_cookie));
		break;
	case 2:
		memset(req->wdiag_cookie, 0xff, sizeof(req->wdiag_cookie));
		break;
	default:
		id = sub_assoc_id(fd);
		req->wdiag_assoc = id > 0 ? id : 0;
		diag_name(fd, &name);
		memcpy(req->wdiag_cookie, name.wdiag_cookie,
		       sizeof(req->wdiag_cookie));
		break;
	}
}

/* Return: its length. */
static size_t some_request(struct random *r, struct request *msg, int type,
			   int flags)
{
	unsigned int nr = random_one_in(r, 3) ? random_below(r, ATTRS + 1) : 0;
	size_t len = offsetof(struct request, attrs);

	memset(&msg->req, 0, sizeof(msg->req));
	random_bytes(r, msg->attrs, sizeof(msg->attrs));
	while (nr--)
		len += some_attr(r, (char *)msg + len);
	msg->nlh = (struct nlmsghdr) {
		.nlmsg_len = len,
		.nlmsg_type = type,
		.nlmsg_flags = NLM_F_REQUEST | flags,
		.nlmsg_seq = random_word(r),
	};
	msg->req.sdiag_family = AF_WRTCSUB;
	msg->req.wdiag_what = random_below(r, 2);
	msg->req.wdiag_states = random_one_in(r, 4) ? random_word(r) :
						      WRTCSUB_DIAG_ALL_STATES;
	msg->req.wdiag_show = random_word(r);
	return len;
}

/* Reads some of the answer, in pieces that may be too small for it.
 * Return: 0, or -1 with what the kernel says.
 */
static int read_answer(struct random *r, int nl)
{
	const int least = NLMSG_LENGTH(sizeof(struct nlmsgerr));
	char buf[8192] __attribute__((aligned(NLMSG_ALIGNTO)));
	const struct nlmsghdr *nlh = (struct nlmsghdr *)buf;
	const struct nlmsgerr *error = NLMSG_DATA(nlh);
	unsigned int pieces = random_below(r, PIECES);
	int len;

	len = recv(nl, buf, least + random_below(r, sizeof(buf) - least),
		   MSG_DONTWAIT);
	if (len < 0)
		return -1;
	if (len >= least && nlh->nlmsg_type == NLMSG_ERROR && error->error) {
		errno = -error->error;
		return -1;
	}
	while (pieces-- && len >= 0)
		len = recv(nl, some_pointer(r, buf),
			   random_below(r, sizeof(buf)), MSG_DONTWAIT);
	return 0;
}

static void ask(struct random *r, enum counted_call call, struct request *msg,
		size_t len)
{
	int nl, ret;

	if (random_one_in(r, 10))
		spoil_request(r, msg);
	nl = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (nl < 0)
		return;
	ret = send(nl, some_pointer(r, msg), len, 0);
	if (ret >= 0)
		ret = read_answer(r, nl);
	counted(call, ret);
	close(nl);
}

void step_diag_list(struct hand *hand, struct random *r)
{
	struct request msg;
	size_t len = some_request(r, &msg, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP);

	(void)hand;
	if (random_one_in(r, 6))
		some_target(r, &msg.req);
	ask(r, COUNT_DIAG_LIST, &msg, len);
}

void step_diag_get(struct hand *hand, struct random *r)
{
	struct request msg;
	size_t len = some_request(r, &msg, SOCK_DIAG_BY_FAMILY, 0);

	(void)hand;
	some_target(r, &msg.req);
	ask(r, COUNT_DIAG_GET, &msg, len);
}

void step_diag_destroy(struct hand *hand, struct random *r)
{
	struct request msg;
	size_t len = some_request(r, &msg, SOCK_DESTROY, NLM_F_ACK);

	(void)hand;
	some_target(r, &msg.req);
	ask(r, COUNT_DIAG_DESTROY, &msg, len);
}

/* Files of /proc. */

static void read_pieces(struct random *r, int fd, enum counted_call call,
			unsigned int size)
{
	unsigned int pieces = 1 + random_below(r, PIECES);
	char buf[512];

	while (pieces--) {
		if (random_one_in(r, 8))
			lseek(fd, random_below(r, 8 * size), SEEK_SET);
		if (random_one_in(r, 8))
			counted(call, pread(fd, buf, random_below(r, size),
					    random_below(r, 8 * size)));
		else
			counted(call, read(fd, some_pointer(r, buf),
					   random_below(r, size)));
	}
}

void step_proc(struct hand *hand, struct random *r)
{
	static const char * const lists[] = {
		"/proc/thread-self/net/wrtcsub",
		"/proc/thread-self/net/wrtcsub_stat",
	};
	int fd = open(lists[random_below(r, 2)], O_RDONLY | O_CLOEXEC);

	(void)hand;
	if (counted(COUNT_PROC, fd) < 0)
		return;
	read_pieces(r, fd, COUNT_PROC, 400);
	close(fd);
}

/* net.wrtcsub.*.  It is up to the timeouts how long what is closed may stay
 * there, so these are not as long as by default, and no step makes them longer.
 */
static const struct setting {
	const char *name;
	int preset;
	int min;
	int max;
	int most;		/* that is set here */
} settings[] = {
	{ "fin_ack_timeout_ms", 500, 1, 600000, 500 },
	{ "max_frame", 16384, 256, 262144, 262144 },
	{ "max_recv_frame", 263168, 256, 16 << 20, 300000 },
	{ "max_streams", 1024, 16, 65535, 2048 },
	{ "max_assocs", 4096, 0, INT_MAX, 500 },
	{ "assoc_rmem", 4194304, 65536, INT_MAX, 8 << 20 },
	{ "idle_timeout_ms", 300, 0, INT_MAX, 300 },
	{ "accept_unordered", 1, 0, 1, 1 },
	{ "share_assocs", 1, 0, 1, 1 },
};

#define SETTINGS	(sizeof(settings) / sizeof(settings[0]))

/* As in the beginning, for who is to find a namespace that works. */
void settings_reset(void)
{
	char name[64];
	size_t i;

	for (i = 0; i < SETTINGS; i++) {
		snprintf(name, sizeof(name), "net/wrtcsub/%s",
			 settings[i].name);
		netns_sysctl(name, settings[i].preset);
	}
}

/* What is written, some of which is no number, or none that is allowed. */
static size_t some_text(struct random *r, const struct setting *setting,
			char *text, size_t size)
{
	static const char * const around[] = { "", " ", "\t", "\n", " 1" };
	const char *before = around[random_below(r, 3)];
	const char *after = around[random_below(r, 5)];
	long long value;

	switch (random_below(r, 8)) {
	case 0:
		random_bytes(r, text, size);
		return random_below(r, size);
	case 1:
		value = setting->min - 1LL - random_below(r, 3);
		break;
	case 2:
		value = setting->max + 1LL + random_below(r, 3);
		break;
	case 3:
		value = LLONG_MIN + random_word(r);
		break;
	case 4:
		value = setting->min;
		break;
	default:
		value = setting->most - setting->min + 1;
		value = setting->min + (int)random_below(r, value);
		break;
	}
	return snprintf(text, size, "%s%lld%s", before, value, after);
}

void step_sysctl(struct hand *hand, struct random *r)
{
	const struct setting *setting = &settings[random_below(r, SETTINGS)];
	off_t at = random_one_in(r, 10) ? random_below(r, 10) : 0;
	char path[64], text[48];
	size_t len;
	int fd;

	(void)hand;
	if (random_one_in(r, 6)) {
		settings_reset();
		return;
	}
	snprintf(path, sizeof(path), "/proc/sys/net/wrtcsub/%s",
		 setting->name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	len = some_text(r, setting, text, sizeof(text));
	counted(COUNT_SET_SYSCTL, pwrite(fd, some_pointer(r, text), len, at));
	read_pieces(r, fd, COUNT_GET_SYSCTL, 12);
	close(fd);
}
