/* SPDX-License-Identifier: GPL-2.0 */
/* Sockets and associations as sock_diag(7) tells of them, and their end. */
#ifndef NETLINK_H
#define NETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <linux/sock_diag.h>
#include <linux/wrtcsub.h>
#include <linux/wrtcsub_diag.h>

struct mnl_socket;

/* What an attribute that did not come would have said is zero. */
struct socket_entry {
	struct wrtcsub_diag_msg	msg;
	struct sockaddr_storage	local;		/* ss_family 0: none */
	struct sockaddr_storage	peer;
	struct wrtcsub_info	info;
	__u32			meminfo[SK_MEMINFO_VARS];
	__u64			cgroup;
	const void		*label;		/* NULL: no channel */
	size_t			label_len;
	const void		*protocol;
	size_t			protocol_len;
	bool			fin_ack_runs;
	bool			close_runs;
	__u32			fin_ack_ms;	/* what is left */
	__u32			close_ms;
	__u32			options[WRTCSUB_INFO + 1];
};

struct assoc_entry {
	struct wrtcsub_diag_assoc msg;
	struct sockaddr_storage	local;		/* ss_family 0: none */
	struct sockaddr_storage	peer;
	bool			has_path;
	__u64			path[WRTCSUB_DIAG_PATH_MAX + 1];
};

/* What a list is asked for with; an attribute for each bit of @has. */
struct netlink_request {
	struct wrtcsub_diag_req	req;
	unsigned int		has;		/* 1 << WRTCSUB_DIAG_REQ_* */
	struct sockaddr_storage	local;
	struct sockaddr_storage	peer;
	__u16			local_port;
	__u16			peer_port;
	__u16			stream;
	__u32			uid;
};

typedef void (*netlink_socket_fn)(const struct socket_entry *entry,
				  void *arg);
typedef void (*netlink_assoc_fn)(const struct assoc_entry *entry, void *arg);

struct mnl_socket *netlink_open(void);
bool netlink_list_sockets(struct mnl_socket *nl,
			  const struct netlink_request *request,
			  netlink_socket_fn fn, void *arg);
bool netlink_list_assocs(struct mnl_socket *nl,
			 const struct netlink_request *request,
			 netlink_assoc_fn fn, void *arg);
int netlink_destroy_socket(struct mnl_socket *nl, const __u32 cookie[2]);
int netlink_destroy_assoc(struct mnl_socket *nl, __u32 id);

#endif /* NETLINK_H */
