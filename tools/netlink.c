// SPDX-License-Identifier: GPL-2.0
/* Sockets and associations as sock_diag(7) tells of them, and their end. */

#include <errno.h>
#include <string.h>
#include <libmnl/libmnl.h>
#include <netinet/in.h>

#include "load.h"
#include "message.h"
#include "netlink.h"

#define BUFFER_SIZE	32768	/* as much as the kernel puts into one */

struct netlink_list {
	netlink_socket_fn	socket_fn;
	netlink_assoc_fn	assoc_fn;
	void			*arg;
};

/* NULL: the user was told. */
struct mnl_socket *netlink_open(void)
{
	struct mnl_socket *nl;

	/* The kernel asks for wrtcsub_diag only if there is the family. */
	load_module();
	nl = mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC);
	if (nl && !mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID))
		return nl;
	message("netlink: %s", strerror(errno));
	if (nl)
		mnl_socket_close(nl);
	return NULL;
}

/* As much of an attribute as is there and as there is room for: structures of
 * another version are shorter, or longer.
 */
static void get_bytes(void *to, size_t size, const struct nlattr *attr)
{
	size_t len = mnl_attr_get_payload_len(attr);

	memcpy(to, mnl_attr_get_payload(attr), len < size ? len : size);
}

static __u64 get_number(const struct nlattr *attr)
{
	__u64 wide = 0;
	__u32 narrow = 0;

	if (mnl_attr_get_payload_len(attr) >= sizeof(wide)) {
		get_bytes(&wide, sizeof(wide), attr);
		return wide;
	}
	get_bytes(&narrow, sizeof(narrow), attr);
	return narrow;
}

static void get_timers(struct socket_entry *entry, const struct nlattr *nest)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest) {
		switch (mnl_attr_get_type(attr)) {
		case WRTCSUB_DIAG_TIMER_FIN_ACK:
			entry->fin_ack_runs = true;
			entry->fin_ack_ms = get_number(attr);
			break;
		case WRTCSUB_DIAG_TIMER_CLOSE:
			entry->close_runs = true;
			entry->close_ms = get_number(attr);
			break;
		}
	}
}

static void get_options(struct socket_entry *entry, const struct nlattr *nest)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest)
		if (mnl_attr_get_type(attr) <= WRTCSUB_INFO)
			entry->options[mnl_attr_get_type(attr)] =
				get_number(attr);
}

static void get_text(const void **text, size_t *len, const struct nlattr *attr)
{
	*text = mnl_attr_get_payload(attr);
	*len = mnl_attr_get_payload_len(attr);
}

static int on_socket_attr(const struct nlattr *attr, void *data)
{
	struct socket_entry *entry = data;

	switch (mnl_attr_get_type(attr)) {
	case WRTCSUB_DIAG_LOCAL:
		get_bytes(&entry->local, sizeof(entry->local), attr);
		break;
	case WRTCSUB_DIAG_PEER:
		get_bytes(&entry->peer, sizeof(entry->peer), attr);
		break;
	case WRTCSUB_DIAG_INFO:
		get_bytes(&entry->info, sizeof(entry->info), attr);
		break;
	case WRTCSUB_DIAG_MEMINFO:
		get_bytes(entry->meminfo, sizeof(entry->meminfo), attr);
		break;
	case WRTCSUB_DIAG_LABEL:
		get_text(&entry->label, &entry->label_len, attr);
		break;
	case WRTCSUB_DIAG_PROTOCOL:
		get_text(&entry->protocol, &entry->protocol_len, attr);
		break;
	case WRTCSUB_DIAG_CGROUP:
		entry->cgroup = get_number(attr);
		break;
	case WRTCSUB_DIAG_TIMER:
		get_timers(entry, attr);
		break;
	case WRTCSUB_DIAG_OPTIONS:
		get_options(entry, attr);
		break;
	}
	return MNL_CB_OK;
}

static int on_socket(const struct nlmsghdr *nlh, void *data)
{
	struct netlink_list *list = data;
	struct socket_entry entry;

	memset(&entry, 0, sizeof(entry));
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(entry.msg))
		return MNL_CB_OK;
	memcpy(&entry.msg, mnl_nlmsg_get_payload(nlh), sizeof(entry.msg));
	mnl_attr_parse(nlh, sizeof(entry.msg), on_socket_attr, &entry);
	list->socket_fn(&entry, list->arg);
	return MNL_CB_OK;
}

static int on_assoc_attr(const struct nlattr *attr, void *data)
{
	struct assoc_entry *entry = data;
	const struct nlattr *nested;
	unsigned int type;

	switch (mnl_attr_get_type(attr)) {
	case WRTCSUB_DIAG_LOCAL:
		get_bytes(&entry->local, sizeof(entry->local), attr);
		break;
	case WRTCSUB_DIAG_PEER:
		get_bytes(&entry->peer, sizeof(entry->peer), attr);
		break;
	case WRTCSUB_DIAG_PATH:
		entry->has_path = true;
		mnl_attr_for_each_nested(nested, attr) {
			type = mnl_attr_get_type(nested);
			if (type <= WRTCSUB_DIAG_PATH_MAX)
				entry->path[type] = get_number(nested);
		}
		break;
	}
	return MNL_CB_OK;
}

static int on_assoc(const struct nlmsghdr *nlh, void *data)
{
	struct netlink_list *list = data;
	struct assoc_entry entry;

	memset(&entry, 0, sizeof(entry));
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(entry.msg))
		return MNL_CB_OK;
	memcpy(&entry.msg, mnl_nlmsg_get_payload(nlh), sizeof(entry.msg));
	mnl_attr_parse(nlh, sizeof(entry.msg), on_assoc_attr, &entry);
	list->assoc_fn(&entry, list->arg);
	return MNL_CB_OK;
}

static void put_host(struct nlmsghdr *nlh, int attr,
		     const struct sockaddr_storage *ss)
{
	if (ss->ss_family == AF_INET6)
		mnl_attr_put(nlh, attr, sizeof(struct in6_addr),
			     &((struct sockaddr_in6 *)ss)->sin6_addr);
	else
		mnl_attr_put(nlh, attr, sizeof(struct in_addr),
			     &((struct sockaddr_in *)ss)->sin_addr);
}

static void put_filter(struct nlmsghdr *nlh,
		       const struct netlink_request *request)
{
	if (request->has & 1 << WRTCSUB_DIAG_REQ_LOCAL)
		put_host(nlh, WRTCSUB_DIAG_REQ_LOCAL, &request->local);
	if (request->has & 1 << WRTCSUB_DIAG_REQ_PEER)
		put_host(nlh, WRTCSUB_DIAG_REQ_PEER, &request->peer);
	if (request->has & 1 << WRTCSUB_DIAG_REQ_LOCAL_PORT)
		mnl_attr_put_u16(nlh, WRTCSUB_DIAG_REQ_LOCAL_PORT,
				 request->local_port);
	if (request->has & 1 << WRTCSUB_DIAG_REQ_PEER_PORT)
		mnl_attr_put_u16(nlh, WRTCSUB_DIAG_REQ_PEER_PORT,
				 request->peer_port);
	if (request->has & 1 << WRTCSUB_DIAG_REQ_STREAM)
		mnl_attr_put_u16(nlh, WRTCSUB_DIAG_REQ_STREAM,
				 request->stream);
	if (request->has & 1 << WRTCSUB_DIAG_REQ_UID)
		mnl_attr_put_u32(nlh, WRTCSUB_DIAG_REQ_UID, request->uid);
}

/* 0 or an errno.  @fn may begin a transaction on another socket. */
static int transact(struct mnl_socket *nl, struct nlmsghdr *nlh, mnl_cb_t fn,
		    void *data)
{
	static unsigned int last_seq;
	unsigned int seq = ++last_seq;
	char buf[BUFFER_SIZE];
	ssize_t len;
	int ret;

	nlh->nlmsg_seq = seq;
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		return errno;
	do {
		len = mnl_socket_recvfrom(nl, buf, sizeof(buf));
		if (len < 0)
			return errno;
		ret = mnl_cb_run(buf, len, seq, mnl_socket_get_portid(nl), fn,
				 data);
	} while (ret > MNL_CB_STOP);
	return ret < 0 ? errno : 0;
}

static struct nlmsghdr *make_request(void *buf, int type, int flags,
				     const struct wrtcsub_diag_req *req)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	memcpy(mnl_nlmsg_put_extra_header(nlh, sizeof(*req)), req,
	       sizeof(*req));
	return nlh;
}

/* false: the user was told. */
static bool list(struct mnl_socket *nl, const struct netlink_request *request,
		 int what, mnl_cb_t fn, struct netlink_list *list)
{
	struct wrtcsub_diag_req req = request->req;
	char buf[BUFFER_SIZE];
	struct nlmsghdr *nlh;
	int error;

	req.sdiag_family = AF_WRTCSUB;
	req.wdiag_what = what;
	nlh = make_request(buf, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &req);
	put_filter(nlh, request);
	error = transact(nl, nlh, fn, list);
	if (error == ENOENT)
		message("the kernel does not tell: modprobe wrtcsub_diag");
	else if (error)
		message("netlink: %s", strerror(error));
	return !error;
}

bool netlink_list_sockets(struct mnl_socket *nl,
			  const struct netlink_request *request,
			  netlink_socket_fn fn, void *arg)
{
	struct netlink_list l = { .socket_fn = fn, .arg = arg };

	return list(nl, request, WRTCSUB_DIAG_SOCKETS, on_socket, &l);
}

bool netlink_list_assocs(struct mnl_socket *nl,
			 const struct netlink_request *request,
			 netlink_assoc_fn fn, void *arg)
{
	struct netlink_list l = { .assoc_fn = fn, .arg = arg };

	return list(nl, request, WRTCSUB_DIAG_ASSOCS, on_assoc, &l);
}

static int destroy(struct mnl_socket *nl, const struct wrtcsub_diag_req *req)
{
	char buf[BUFFER_SIZE];

	return transact(nl, make_request(buf, SOCK_DESTROY, NLM_F_ACK, req),
			NULL, NULL);
}

/* 0, or an errno; ENOENT: it is not there any more. */
int netlink_destroy_socket(struct mnl_socket *nl, const __u32 cookie[2])
{
	struct wrtcsub_diag_req req = {
		.sdiag_family = AF_WRTCSUB,
		.wdiag_what = WRTCSUB_DIAG_SOCKETS,
		.wdiag_cookie = { cookie[0], cookie[1] },
	};

	return destroy(nl, &req);
}

int netlink_destroy_assoc(struct mnl_socket *nl, __u32 id)
{
	struct wrtcsub_diag_req req = {
		.sdiag_family = AF_WRTCSUB,
		.wdiag_what = WRTCSUB_DIAG_ASSOCS,
		.wdiag_assoc = id,
	};

	return destroy(nl, &req);
}
