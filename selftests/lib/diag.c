// SPDX-License-Identifier: GPL-2.0
/* Lists by sock_diag(7), read in small parts: much happens between two. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/wrtcsub.h>
#include <sys/socket.h>

#include "diag.h"

struct diag_request {
	struct nlmsghdr nlh;
	struct wrtcsub_diag_req req;
};

static int diag_send(int nl, int what)
{
	struct diag_request msg = {
		.nlh.nlmsg_len = sizeof(msg),
		.nlh.nlmsg_type = SOCK_DIAG_BY_FAMILY,
		.nlh.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		.req.sdiag_family = AF_WRTCSUB,
		.req.wdiag_what = what,
		.req.wdiag_states = WRTCSUB_DIAG_ALL_STATES,
	};

	return send(nl, &msg, sizeof(msg), 0) == sizeof(msg) ? 0 : -1;
}

static int diag_add(struct diag_list *list, __u64 key)
{
	__u64 *keys;

	if (list->nr == list->size) {
		list->size = list->size * 2 + 64;
		keys = realloc(list->keys, list->size * sizeof(*keys));
		if (!keys)
			return -1;
		list->keys = keys;
	}
	list->keys[list->nr++] = key;
	return 0;
}

static __u64 diag_key(const struct nlmsghdr *nlh, int what)
{
	const struct wrtcsub_diag_assoc *assoc = NLMSG_DATA(nlh);
	const struct wrtcsub_diag_msg *msg = NLMSG_DATA(nlh);

	if (what == WRTCSUB_DIAG_ASSOCS)
		return assoc->wdiag_assoc;
	return (__u64)msg->wdiag_cookie[1] << 32 | msg->wdiag_cookie[0];
}

/* Return: 1 if there is more to come, 0 if that was all, -1. */
static int diag_part(int nl, struct diag_list *list, int what)
{
	char buf[8192] __attribute__((aligned(NLMSG_ALIGNTO)));
	const struct nlmsghdr *nlh = (struct nlmsghdr *)buf;
	int len = recv(nl, buf, sizeof(buf), 0);

	for (; len > 0 && NLMSG_OK(nlh, (unsigned int)len);
	     nlh = NLMSG_NEXT(nlh, len)) {
		if (nlh->nlmsg_type == NLMSG_DONE)
			return 0;
		if (nlh->nlmsg_type == NLMSG_ERROR) {
			errno = -((struct nlmsgerr *)NLMSG_DATA(nlh))->error;
			return -1;
		}
		if (diag_add(list, diag_key(nlh, what)))
			return -1;
	}
	list->parts++;
	return len < 0 ? -1 : 1;
}

/* All of this namespace, in the order that the kernel lists them in.  Return:
 * 0 or -1.
 */
int diag_list(struct diag_list *list, int what)
{
	int nl = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	int ret;

	memset(list, 0, sizeof(*list));
	ret = nl < 0 ? -1 : diag_send(nl, what);
	if (!ret) {
		do {
			ret = diag_part(nl, list, what);
		} while (ret > 0);
	}
	close(nl);
	return ret;
}

/* End a socket, as the administrator does.  Return: 0 or -1. */
int diag_kill(int fd)
{
	struct diag_request msg = {
		.nlh.nlmsg_len = sizeof(msg),
		.nlh.nlmsg_type = SOCK_DESTROY,
		.nlh.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
		.req.sdiag_family = AF_WRTCSUB,
		.req.wdiag_what = WRTCSUB_DIAG_SOCKETS,
	};
	struct {
		struct nlmsghdr nlh;
		struct nlmsgerr error;
		char more[256];
	} answer;
	socklen_t len = sizeof(__u64);
	int nl, ret = -1;
	__u64 cookie;

	if (getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len))
		return -1;
	msg.req.wdiag_cookie[0] = cookie;
	msg.req.wdiag_cookie[1] = cookie >> 32;
	nl = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (nl < 0)
		return -1;
	if (send(nl, &msg, sizeof(msg), 0) == sizeof(msg) &&
	    recv(nl, &answer, sizeof(answer), 0) > 0 &&
	    answer.nlh.nlmsg_type == NLMSG_ERROR) {
		errno = -answer.error.error;
		ret = errno ? -1 : 0;
	}
	close(nl);
	return ret;
}

static int compare_keys(const void *a, const void *b)
{
	const __u64 *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

void diag_list_sort(struct diag_list *list)
{
	qsort(list->keys, list->nr, sizeof(*list->keys), compare_keys);
}

/* In a list that is sorted. */
bool diag_list_has(const struct diag_list *list, __u64 key)
{
	return bsearch(&key, list->keys, list->nr, sizeof(key), compare_keys);
}

void diag_list_free(struct diag_list *list)
{
	free(list->keys);
	memset(list, 0, sizeof(*list));
}
