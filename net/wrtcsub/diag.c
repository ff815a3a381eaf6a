// SPDX-License-Identifier: GPL-2.0
/*
 * sock_diag(7) for AF_WRTCSUB: lists sockets and associations, and ends them.
 *
 * Both lists are by number (sockets.c, registry.c).  A dump that does not fit
 * into one message goes on behind the last number that did, so what is there
 * all the while is listed once.
 */

#include <linux/inet_diag.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/sock_diag.h>
#include <net/netlink.h>
#include <net/sock.h>
#include <uapi/linux/wrtcsub_diag.h>

#include "address.h"
#include "assoc.h"
#include "channel.h"
#include "info.h"
#include "registry.h"
#include "sockets.h"
#include "substream.h"

/* What a request asks for, its attributes checked. */
struct wrtcsub_diag_filter {
	struct wrtcsub_diag_req	req;
	struct nlattr		*tb[WRTCSUB_DIAG_REQ_MAX + 1];
};

static const struct nla_policy
wrtcsub_diag_policy[WRTCSUB_DIAG_REQ_MAX + 1] = {
	[WRTCSUB_DIAG_REQ_LOCAL]      = { .type = NLA_BINARY, .len = 16 },
	[WRTCSUB_DIAG_REQ_PEER]	      = { .type = NLA_BINARY, .len = 16 },
	[WRTCSUB_DIAG_REQ_LOCAL_PORT] = { .type = NLA_U16 },
	[WRTCSUB_DIAG_REQ_PEER_PORT]  = { .type = NLA_U16 },
	[WRTCSUB_DIAG_REQ_STREAM]     = { .type = NLA_U16 },
	[WRTCSUB_DIAG_REQ_UID]	      = { .type = NLA_U32 },
};

static int wrtcsub_diag_parse(const struct nlmsghdr *nlh,
			      struct wrtcsub_diag_filter *f)
{
	if (nlmsg_len(nlh) < sizeof(f->req))
		return -EINVAL;
	f->req = *(struct wrtcsub_diag_req *)nlmsg_data(nlh);
	if (f->req.sdiag_protocol || f->req.wdiag_reserved ||
	    f->req.wdiag_what > WRTCSUB_DIAG_ASSOCS)
		return -EINVAL;
	return nlmsg_parse(nlh, sizeof(f->req), f->tb, WRTCSUB_DIAG_REQ_MAX,
			   wrtcsub_diag_policy, NULL);
}

static bool wrtcsub_diag_has_host(const struct nlattr *attr,
				  const struct sockaddr_storage *addr)
{
	const void *host = &((struct sockaddr_in *)addr)->sin_addr;
	int len = sizeof(struct in_addr);

	if (!attr)
		return true;
	if (addr->ss_family == AF_INET6) {
		host = &((struct sockaddr_in6 *)addr)->sin6_addr;
		len = sizeof(struct in6_addr);
	}
	return nla_len(attr) == len && !memcmp(nla_data(attr), host, len);
}

static bool wrtcsub_diag_has_port(const struct nlattr *attr,
				  const struct sockaddr_storage *addr)
{
	return !attr ||
	       nla_get_u16(attr) == ntohs(wrtcsub_address_port(addr));
}

static bool wrtcsub_diag_has_names(const struct wrtcsub_diag_filter *f,
				   const struct sockaddr_storage *local,
				   const struct sockaddr_storage *peer)
{
	struct nlattr *const *tb = f->tb;

	return wrtcsub_diag_has_host(tb[WRTCSUB_DIAG_REQ_LOCAL], local) &&
	       wrtcsub_diag_has_host(tb[WRTCSUB_DIAG_REQ_PEER], peer) &&
	       wrtcsub_diag_has_port(tb[WRTCSUB_DIAG_REQ_LOCAL_PORT], local) &&
	       wrtcsub_diag_has_port(tb[WRTCSUB_DIAG_REQ_PEER_PORT], peer);
}

static bool wrtcsub_diag_has_uid(const struct wrtcsub_diag_filter *f,
				 u32 uid)
{
	const struct nlattr *attr = f->tb[WRTCSUB_DIAG_REQ_UID];

	return !attr || nla_get_u32(attr) == uid;
}

/* Who asks: user identifiers are told as it knows them. */
static u32 wrtcsub_diag_uid(struct sk_buff *to, kuid_t uid)
{
	struct sock *sk = NETLINK_CB(to).sk;

	return from_kuid_munged(sk ? sk_user_ns(sk) : &init_user_ns, uid);
}

static int wrtcsub_diag_put_name(struct sk_buff *skb, int attr,
				 const struct sockaddr_storage *name)
{
	if (name->ss_family == AF_UNSPEC)
		return 0;
	return nla_put(skb, attr, wrtcsub_address_len(name), name);
}

static int wrtcsub_diag_put_names(struct sk_buff *skb,
				  const struct sockaddr_storage *local,
				  const struct sockaddr_storage *peer)
{
	return wrtcsub_diag_put_name(skb, WRTCSUB_DIAG_LOCAL, local) ?:
	       wrtcsub_diag_put_name(skb, WRTCSUB_DIAG_PEER, peer);
}

static int wrtcsub_diag_put_info(struct sk_buff *skb, struct wrtcsub_sock *ws)
{
	struct nlattr *attr;

	attr = nla_reserve_64bit(skb, WRTCSUB_DIAG_INFO,
				 sizeof(struct wrtcsub_info),
				 WRTCSUB_DIAG_PAD);
	if (!attr)
		return -EMSGSIZE;
	wrtcsub_info_fill(ws, nla_data(attr));
	return 0;
}

static int wrtcsub_diag_put_text(struct sk_buff *skb, int attr,
				 const struct wrtcsub_text *text)
{
	return nla_put(skb, attr, text ? text->len : 0,
		       text ? text->bytes : NULL);
}

static int wrtcsub_diag_put_cgroup(struct sk_buff *skb, struct sock *sk)
{
#ifdef CONFIG_SOCK_CGROUP_DATA
	return nla_put_u64_64bit(skb, WRTCSUB_DIAG_CGROUP,
				 cgroup_id(sock_cgroup_ptr(&sk->sk_cgrp_data)),
				 WRTCSUB_DIAG_PAD);
#else
	return 0;
#endif
}

static int wrtcsub_diag_put_timer(struct sk_buff *skb, int attr,
				  const struct hrtimer *timer)
{
	s64 left;

	if (!hrtimer_active(timer))
		return 0;
	left = ktime_to_ms(hrtimer_get_remaining(timer));
	return nla_put_u32(skb, attr, max_t(s64, left, 0));
}

static int wrtcsub_diag_put_timers(struct sk_buff *skb,
				   const struct wrtcsub_sock *ws)
{
	struct nlattr *nest = nla_nest_start(skb, WRTCSUB_DIAG_TIMER);

	if (!nest ||
	    wrtcsub_diag_put_timer(skb, WRTCSUB_DIAG_TIMER_FIN_ACK,
				   &ws->fin_timer) ||
	    wrtcsub_diag_put_timer(skb, WRTCSUB_DIAG_TIMER_CLOSE,
				   &ws->close_timer))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int wrtcsub_diag_put_options(struct sk_buff *skb,
				    const struct wrtcsub_option *opt)
{
	struct nlattr *nest = nla_nest_start(skb, WRTCSUB_DIAG_OPTIONS);

	if (!nest ||
	    nla_put_u32(skb, WRTCSUB_FIN_ACK_TIMEOUT,
			READ_ONCE(opt->fin_timeout_ms)) ||
	    nla_put_u32(skb, WRTCSUB_MAX_FRAME, READ_ONCE(opt->max_frame)) ||
	    nla_put_u32(skb, WRTCSUB_FRAME_SPLIT,
			READ_ONCE(opt->frame_split)) ||
	    nla_put_u32(skb, WRTCSUB_NODELAY, READ_ONCE(opt->nodelay)) ||
	    nla_put_u32(skb, WRTCSUB_RCV_OVERFLOW,
			READ_ONCE(opt->rcv_overflow)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* The label is constant from SYN_SENT on; before, it may be freed. */
static int wrtcsub_diag_put_texts(struct sk_buff *skb,
				  const struct wrtcsub_sock *ws, u32 show)
{
	if (!wrtcsub_substream_is_connected(ws))
		return 0;
	if (show & BIT(WRTCSUB_DIAG_LABEL) &&
	    wrtcsub_diag_put_text(skb, WRTCSUB_DIAG_LABEL, ws->label))
		return -EMSGSIZE;
	if (show & BIT(WRTCSUB_DIAG_PROTOCOL) &&
	    wrtcsub_diag_put_text(skb, WRTCSUB_DIAG_PROTOCOL, ws->protocol))
		return -EMSGSIZE;
	return 0;
}

static int wrtcsub_diag_put_shown(struct sk_buff *skb, struct wrtcsub_sock *ws,
				  u32 show)
{
	if (show & BIT(WRTCSUB_DIAG_INFO) && wrtcsub_diag_put_info(skb, ws))
		return -EMSGSIZE;
	if (show & BIT(WRTCSUB_DIAG_MEMINFO) &&
	    sock_diag_put_meminfo(&ws->sk, skb, WRTCSUB_DIAG_MEMINFO))
		return -EMSGSIZE;
	if (show & BIT(WRTCSUB_DIAG_CGROUP) &&
	    wrtcsub_diag_put_cgroup(skb, &ws->sk))
		return -EMSGSIZE;
	if (show & BIT(WRTCSUB_DIAG_TIMER) && wrtcsub_diag_put_timers(skb, ws))
		return -EMSGSIZE;
	if (show & BIT(WRTCSUB_DIAG_OPTIONS) &&
	    wrtcsub_diag_put_options(skb, &ws->opt))
		return -EMSGSIZE;
	return wrtcsub_diag_put_texts(skb, ws, show);
}

static void wrtcsub_diag_fill_msg(struct wrtcsub_diag_msg *msg,
				  struct wrtcsub_sock *ws,
				  const struct wrtcsub_assoc *a, u32 uid)
{
	u32 word = wrtcsub_substream_state(ws);

	memset(msg, 0, sizeof(*msg));
	msg->wdiag_family = AF_WRTCSUB;
	msg->wdiag_type = ws->sk.sk_type;
	msg->wdiag_state = wrtcsub_info_tcp_state(ws);
	msg->wdiag_tx_state = wrtcsub_fsm_tx(word);
	msg->wdiag_rx_state = wrtcsub_fsm_rx(word);
	msg->wdiag_flags = wrtcsub_info_flags(ws);
	msg->wdiag_stream = wrtcsub_info_stream(ws);
	if (a) {
		msg->wdiag_assoc = a->id;
		msg->wdiag_flags |= wrtcsub_info_assoc_flags(a);
	}
	msg->wdiag_rqueue = wrtcsub_info_rqueue(ws);
	msg->wdiag_wqueue = wrtcsub_info_wqueue(ws);
	msg->wdiag_uid = uid;
	msg->wdiag_ino = sock_i_ino(&ws->sk);
	sock_diag_save_cookie(&ws->sk, msg->wdiag_cookie);
}

static bool wrtcsub_diag_has_stream(const struct wrtcsub_diag_filter *f,
				    const struct wrtcsub_diag_msg *msg)
{
	const struct nlattr *attr = f->tb[WRTCSUB_DIAG_REQ_STREAM];

	return !attr || (msg->wdiag_flags & WRTCSUB_INFO_F_CONNECTED &&
			 nla_get_u16(attr) == msg->wdiag_stream);
}

static bool wrtcsub_diag_wants(const struct wrtcsub_diag_filter *f,
			       const struct wrtcsub_diag_msg *msg)
{
	return f->req.wdiag_states & BIT(msg->wdiag_state) &&
	       (!f->req.wdiag_assoc ||
		f->req.wdiag_assoc == msg->wdiag_assoc) &&
	       wrtcsub_diag_has_stream(f, msg) &&
	       wrtcsub_diag_has_uid(f, msg->wdiag_uid);
}

/* 0: it is not asked for, or it is in @skb now; -EMSGSIZE: @skb is full. */
static int wrtcsub_diag_fill(struct sk_buff *skb, struct sk_buff *in,
			     const struct nlmsghdr *req, int flags,
			     const struct wrtcsub_diag_filter *f,
			     struct wrtcsub_sock *ws)
{
	struct sockaddr_storage local, peer;
	struct wrtcsub_diag_msg msg;
	struct wrtcsub_assoc *a;
	struct nlmsghdr *nlh;

	a = wrtcsub_info_names(ws, &local, &peer);
	wrtcsub_diag_fill_msg(&msg, ws, a,
			      wrtcsub_diag_uid(in, sk_uid(&ws->sk)));
	if (a)
		wrtcsub_assoc_put(a);
	if (!wrtcsub_diag_wants(f, &msg) ||
	    !wrtcsub_diag_has_names(f, &local, &peer))
		return 0;

	nlh = nlmsg_put(skb, NETLINK_CB(in).portid, req->nlmsg_seq,
			SOCK_DIAG_BY_FAMILY, sizeof(msg), flags);
	if (!nlh)
		return -EMSGSIZE;
	memcpy(nlmsg_data(nlh), &msg, sizeof(msg));
	if (wrtcsub_diag_put_names(skb, &local, &peer) ||
	    wrtcsub_diag_put_shown(skb, ws, f->req.wdiag_show)) {
		nlmsg_cancel(skb, nlh);
		return -EMSGSIZE;
	}
	nlmsg_end(skb, nlh);
	return 0;
}

static int wrtcsub_diag_put_path(struct sk_buff *skb, struct wrtcsub_assoc *a)
{
	struct sctp_info info;
	struct nlattr *nest;

	if (wrtcsub_assoc_info(a, &info))
		return 0;
	nest = nla_nest_start(skb, WRTCSUB_DIAG_PATH);
	if (!nest ||
	    nla_put_u32(skb, WRTCSUB_DIAG_PATH_SRTT,
			jiffies_to_msecs(info.sctpi_p_srtt)) ||
	    nla_put_u32(skb, WRTCSUB_DIAG_PATH_RTO, info.sctpi_p_rto) ||
	    nla_put_u32(skb, WRTCSUB_DIAG_PATH_CWND, info.sctpi_p_cwnd) ||
	    /* SCTP leaves sctpi_fragmentation_point out. */
	    nla_put_u32(skb, WRTCSUB_DIAG_PATH_FRAG_POINT, info.sctpi_maxseg) ||
	    nla_put_u32(skb, WRTCSUB_DIAG_PATH_PEER_RWND,
			info.sctpi_peer_rwnd) ||
	    nla_put_u32(skb, WRTCSUB_DIAG_PATH_UNACKED, info.sctpi_unackdata) ||
	    nla_put_u32(skb, WRTCSUB_DIAG_PATH_IN_STREAMS,
			info.sctpi_instrms) ||
	    nla_put_u32(skb, WRTCSUB_DIAG_PATH_OUT_STREAMS,
			info.sctpi_outstrms) ||
	    nla_put_u64_64bit(skb, WRTCSUB_DIAG_PATH_OUT_CHUNKS,
			      info.sctpi_oodchunks, WRTCSUB_DIAG_PATH_PAD) ||
	    nla_put_u64_64bit(skb, WRTCSUB_DIAG_PATH_IN_CHUNKS,
			      info.sctpi_iodchunks, WRTCSUB_DIAG_PATH_PAD) ||
	    nla_put_u64_64bit(skb, WRTCSUB_DIAG_PATH_RTX_CHUNKS,
			      info.sctpi_rtxchunks, WRTCSUB_DIAG_PATH_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static void wrtcsub_diag_fill_assoc_msg(struct wrtcsub_diag_assoc *msg,
					struct wrtcsub_assoc *a, u32 uid)
{
	BUILD_BUG_ON((int)WRTCSUB_DIAG_ASSOC_CLOSED !=
		     (int)WRTCSUB_ASSOC_CLOSED);

	memset(msg, 0, sizeof(*msg));
	msg->wdiag_family = AF_WRTCSUB;
	msg->wdiag_state = READ_ONCE(a->state);
	msg->wdiag_initiator = a->initiator;
	msg->wdiag_role_odd = a->odd;
	msg->wdiag_assoc = a->id;
	msg->wdiag_uid = uid;
	msg->wdiag_substreams = READ_ONCE(a->nr_substreams);
	msg->wdiag_waiting = READ_ONCE(a->nr_waiting);
	msg->wdiag_closing = wrtcsub_channel_nr_closing(a);
	msg->wdiag_rmem = atomic_read(&a->rmem);
	msg->wdiag_flags = wrtcsub_info_assoc_flags(a);
}

static int wrtcsub_diag_fill_assoc(struct sk_buff *skb, struct sk_buff *in,
				   const struct nlmsghdr *req, int flags,
				   const struct wrtcsub_diag_filter *f,
				   struct wrtcsub_assoc *a)
{
	u32 uid = wrtcsub_diag_uid(in, a->key.uid);
	struct sockaddr_storage local, peer;
	struct nlmsghdr *nlh;

	wrtcsub_assoc_names(a, &local, &peer);
	if ((f->req.wdiag_assoc && a->id != f->req.wdiag_assoc) ||
	    !wrtcsub_diag_has_uid(f, uid) ||
	    !wrtcsub_diag_has_names(f, &local, &peer))
		return 0;

	nlh = nlmsg_put(skb, NETLINK_CB(in).portid, req->nlmsg_seq,
			SOCK_DIAG_BY_FAMILY, sizeof(struct wrtcsub_diag_assoc),
			flags);
	if (!nlh)
		return -EMSGSIZE;
	wrtcsub_diag_fill_assoc_msg(nlmsg_data(nlh), a, uid);
	if (wrtcsub_diag_put_names(skb, &local, &peer) ||
	    (f->req.wdiag_show & BIT(WRTCSUB_DIAG_PATH) &&
	     wrtcsub_diag_put_path(skb, a))) {
		nlmsg_cancel(skb, nlh);
		return -EMSGSIZE;
	}
	nlmsg_end(skb, nlh);
	return 0;
}

/* What there was is listed: behind all numbers, also with 32 bits. */
#define WRTCSUB_DIAG_END	ULONG_MAX

/* Both walks begin behind the number that was the last to fit. */
static int wrtcsub_diag_walk_sockets(struct sk_buff *skb,
				     struct netlink_callback *cb,
				     const struct wrtcsub_diag_filter *f)
{
	struct net *net = sock_net(cb->skb->sk);
	unsigned long id = cb->args[0];
	struct wrtcsub_sock *ws;
	int err = 0;

	while ((ws = wrtcsub_sockets_next(net, &id))) {
		err = wrtcsub_diag_fill(skb, cb->skb, cb->nlh, NLM_F_MULTI, f,
					ws);
		sock_put(&ws->sk);
		if (err)
			break;
		id++;
		cond_resched();
	}
	cb->args[0] = ws ? id : WRTCSUB_DIAG_END;
	return err;
}

static int wrtcsub_diag_walk_assocs(struct sk_buff *skb,
				    struct netlink_callback *cb,
				    const struct wrtcsub_diag_filter *f)
{
	struct net *net = sock_net(cb->skb->sk);
	unsigned long id = cb->args[0];
	struct wrtcsub_assoc *a;
	int err = 0;

	while ((a = wrtcsub_registry_next(net, &id))) {
		err = wrtcsub_diag_fill_assoc(skb, cb->skb, cb->nlh,
					      NLM_F_MULTI, f, a);
		wrtcsub_assoc_put(a);
		if (err)
			break;
		id++;
		cond_resched();
	}
	cb->args[0] = a ? id : WRTCSUB_DIAG_END;
	return err;
}

static int wrtcsub_diag_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct wrtcsub_diag_filter f;
	int err;

	err = wrtcsub_diag_parse(cb->nlh, &f);
	if (err)
		return err;
	if (f.req.wdiag_what == WRTCSUB_DIAG_ASSOCS)
		err = wrtcsub_diag_walk_assocs(skb, cb, &f);
	else
		err = wrtcsub_diag_walk_sockets(skb, cb, &f);
	/* One that does not fit into an empty message never will. */
	return err && !skb->len ? err : skb->len;
}

/* The cookie is all that tells one socket from another: there is none that
 * stands for any.
 */
static struct wrtcsub_sock *
wrtcsub_diag_find(struct net *net, const struct wrtcsub_diag_req *req)
{
	struct wrtcsub_sock *ws;
	unsigned long id = 0;

	if (req->wdiag_cookie[0] == INET_DIAG_NOCOOKIE &&
	    req->wdiag_cookie[1] == INET_DIAG_NOCOOKIE)
		return NULL;
	while ((ws = wrtcsub_sockets_next(net, &id))) {
		if (!sock_diag_check_cookie(&ws->sk, req->wdiag_cookie))
			return ws;
		sock_put(&ws->sk);
		id++;
		cond_resched();
	}
	return NULL;
}

static struct wrtcsub_assoc *
wrtcsub_diag_find_assoc(struct net *net, const struct wrtcsub_diag_req *req)
{
	unsigned long id = req->wdiag_assoc;
	struct wrtcsub_assoc *a;

	a = id ? wrtcsub_registry_next(net, &id) : NULL;
	if (!a || id == req->wdiag_assoc)
		return a;
	wrtcsub_assoc_put(a);
	return NULL;
}

static int wrtcsub_diag_answer(struct sk_buff *skb, struct sk_buff *in,
			       const struct nlmsghdr *nlh,
			       struct wrtcsub_diag_filter *f)
{
	struct net *net = sock_net(in->sk);
	struct wrtcsub_assoc *a;
	struct wrtcsub_sock *ws;
	int err = -ENOENT;

	if (f->req.wdiag_what == WRTCSUB_DIAG_ASSOCS) {
		a = wrtcsub_diag_find_assoc(net, &f->req);
		if (a) {
			err = wrtcsub_diag_fill_assoc(skb, in, nlh, 0, f, a);
			wrtcsub_assoc_put(a);
		}
		return err;
	}
	ws = wrtcsub_diag_find(net, &f->req);
	if (ws) {
		err = wrtcsub_diag_fill(skb, in, nlh, 0, f, ws);
		sock_put(&ws->sk);
	}
	return err;
}

static int wrtcsub_diag_get(struct sk_buff *in, const struct nlmsghdr *nlh,
			    struct wrtcsub_diag_filter *f)
{
	struct sk_buff *skb;
	int err;

	skb = nlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	err = wrtcsub_diag_answer(skb, in, nlh, f);
	/* It is there, but not as the request wants it. */
	if (!err && !skb->len)
		err = -ENOENT;
	if (err) {
		kfree_skb(skb);
		return err;
	}
	return nlmsg_unicast(sock_net(in->sk)->diag_nlsk, skb,
			     NETLINK_CB(in).portid);
}

static int wrtcsub_diag_handler_dump(struct sk_buff *skb, struct nlmsghdr *nlh)
{
	struct net *net = sock_net(skb->sk);
	struct netlink_dump_control c = { .dump = wrtcsub_diag_dump };
	struct wrtcsub_diag_filter f;
	int err;

	/* What is wrong is said at once, not at the end of a dump. */
	err = wrtcsub_diag_parse(nlh, &f);
	if (err)
		return err;
	if (nlh->nlmsg_flags & NLM_F_DUMP)
		return netlink_dump_start(net->diag_nlsk, skb, nlh, &c);
	return wrtcsub_diag_get(skb, nlh, &f);
}

static int wrtcsub_diag_destroy_assoc(struct sk_buff *skb,
				      const struct wrtcsub_diag_req *req)
{
	struct wrtcsub_assoc *a;

	if (!netlink_net_capable(skb, CAP_NET_ADMIN))
		return -EPERM;
	a = wrtcsub_diag_find_assoc(sock_net(skb->sk), req);
	if (!a)
		return -ENOENT;
	wrtcsub_assoc_kill(a, ECONNABORTED);
	wrtcsub_assoc_put(a);
	return 0;
}

static int wrtcsub_diag_handler_destroy(struct sk_buff *skb,
					struct nlmsghdr *nlh)
{
	struct wrtcsub_diag_filter f;
	struct wrtcsub_sock *ws;
	int err;

	err = wrtcsub_diag_parse(nlh, &f);
	if (err)
		return err;
	if (f.req.wdiag_what == WRTCSUB_DIAG_ASSOCS)
		return wrtcsub_diag_destroy_assoc(skb, &f.req);
	ws = wrtcsub_diag_find(sock_net(skb->sk), &f.req);
	if (!ws)
		return -ENOENT;
	err = sock_diag_destroy(&ws->sk, ECONNABORTED);
	sock_put(&ws->sk);
	return err;
}

static const struct sock_diag_handler wrtcsub_diag_handler = {
	.owner	 = THIS_MODULE,
	.family	 = AF_WRTCSUB,
	.dump	 = wrtcsub_diag_handler_dump,
	.destroy = wrtcsub_diag_handler_destroy,
};

static int __init wrtcsub_diag_init(void)
{
	return sock_diag_register(&wrtcsub_diag_handler);
}

static void __exit wrtcsub_diag_exit(void)
{
	sock_diag_unregister(&wrtcsub_diag_handler);
}

module_init(wrtcsub_diag_init);
module_exit(wrtcsub_diag_exit);

MODULE_DESCRIPTION("AF_WRTCSUB by sock_diag");
MODULE_LICENSE("GPL");
MODULE_ALIAS_NET_PF_PROTO_TYPE(PF_NETLINK, NETLINK_SOCK_DIAG, AF_WRTCSUB);
