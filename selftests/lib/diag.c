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

static int diag_send(int nl, int what, __u32 show)
{
	struct diag_request msg = {
		.nlh.nlmsg_len = sizeof(msg),
		.nlh.nlmsg_type = SOCK_DIAG_BY_FAMILY,
		.nlh.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		.req.sdiag_family = AF_WRTCSUB,
		.req.wdiag_what = what,
		.req.wdiag_states = WRTCSUB_DIAG_ALL_STATES,
		.req.wdiag_show = show,
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

/* All of this namespace, in the order that the kernel lists them in, with what
 * is to be shown of each: 1 << WRTCSUB_DIAG_* | ...  Return: 0 or -1.
 */
int diag_list(struct diag_list *list, int what, __u32 show)
{
	int nl = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	int ret;

	memset(list, 0, sizeof(*list));
	ret = nl < 0 ? -1 : diag_send(nl, what, show);
	if (!ret) {
		do {
			ret = diag_part(nl, list, what);
		} while (ret > 0);
	}
	close(nl);
	return ret;
}

/* About one socket or association, which the request names.  What is there to
 * know of it goes to @answer, up to @size bytes; the rest of these is 0.
 */
static int diag_ask(int type, const struct wrtcsub_diag_req *req, void *answer,
		    size_t size)
{
	struct diag_request msg = {
		.nlh.nlmsg_len = sizeof(msg),
		.nlh.nlmsg_type = type,
		.nlh.nlmsg_flags = NLM_F_REQUEST,
		.req = *req,
	};
	char buf[8192] __attribute__((aligned(NLMSG_ALIGNTO)));
	const struct nlmsghdr *nlh = (struct nlmsghdr *)buf;
	const struct nlmsgerr *error = NLMSG_DATA(nlh);
	int nl, len = -1;

	if (type == SOCK_DESTROY)
		msg.nlh.nlmsg_flags |= NLM_F_ACK;
	msg.req.sdiag_family = AF_WRTCSUB;
	if (size)
		memset(answer, 0, size);
	nl = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (nl < 0)
		return -1;
	if (send(nl, &msg, sizeof(msg), 0) == sizeof(msg))
		len = recv(nl, buf, sizeof(buf), 0);
	close(nl);
	if (len < 0 || !NLMSG_OK(nlh, (unsigned int)len))
		return -1;
	if (nlh->nlmsg_type == NLMSG_ERROR) {
		errno = -error->error;
		return errno ? -1 : 0;
	}
	if (size > NLMSG_PAYLOAD(nlh, 0))
		size = NLMSG_PAYLOAD(nlh, 0);
	if (size)
		memcpy(answer, NLMSG_DATA(nlh), size);
	return 0;
}

/* Return: 0, or -1 with the errno that the kernel says. */
int diag_get(const struct wrtcsub_diag_req *req, void *answer, size_t size)
{
	return diag_ask(SOCK_DIAG_BY_FAMILY, req, answer, size);
}

int diag_destroy(const struct wrtcsub_diag_req *req)
{
	return diag_ask(SOCK_DESTROY, req, NULL, 0);
}

/* A request about a socket.  Return: 0 or -1. */
int diag_name(int fd, struct wrtcsub_diag_req *req)
{
	socklen_t len = sizeof(__u64);
	__u64 cookie;

	memset(req, 0, sizeof(*req));
	if (getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len))
		return -1;
	req->wdiag_what = WRTCSUB_DIAG_SOCKETS;
	req->wdiag_states = WRTCSUB_DIAG_ALL_STATES;
	req->wdiag_cookie[0] = cookie;
	req->wdiag_cookie[1] = cookie >> 32;
	return 0;
}

/* End a socket, as the administrator does.  Return: 0 or -1. */
int diag_kill(int fd)
{
	struct wrtcsub_diag_req req;

	return diag_name(fd, &req) ?: diag_destroy(&req);
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
