// SPDX-License-Identifier: GPL-2.0
/*
 * Options at levels SOL_SCTP, SOL_IP and SOL_IPV6, handed to the SCTP socket
 * underneath.
 *
 * Only those that concern the association and its packets: what a substream is
 * made of, its events, its messages, its streams, is ours.  They are set before
 * connect, on the socket of the association that connect will make, or on a
 * listener, whose associations have them from it.
 *
 * Two connects share an association only if both have set the same options, to
 * the same values, in the same order.
 *
 * The traffic class can be set later as well, as programs that were written for
 * TCP do when they know what a connection is for.  That of the association
 * changes, so the last one of its substreams has its way.
 */

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ipv6.h>
#include <linux/jhash.h>
#include <linux/net.h>
#include <linux/pagemap.h>
#include <linux/sctp.h>
#include <linux/sizes.h>
#include <linux/sockptr.h>
#include <linux/uaccess.h>
#include <net/inet_sock.h>
#include <net/sock.h>

#include "address.h"
#include "af.h"
#include "assoc.h"
#include "listener.h"
#include "sctp.h"
#include "substream.h"

/* The largest one is a list of addresses, or a key of RFC 4895. */
#define WRTCSUB_SCTPOPT_MAX	4096

/* What is read may be longer: all addresses of a large host. */
#define WRTCSUB_SCTPOPT_ROOM	SZ_1M

/* Memory that was faulted in may be gone again before it is written to. */
#define WRTCSUB_SCTPOPT_TRIES	8

static bool wrtcsub_sctpopt_is_sctp(int option)
{
	switch (option) {
	case SCTP_RTOINFO:
	case SCTP_ASSOCINFO:
	case SCTP_INITMSG:
	case SCTP_ADAPTATION_LAYER:
	case SCTP_PEER_ADDR_PARAMS:
	case SCTP_PEER_ADDR_THLDS:
	case SCTP_PEER_ADDR_THLDS_V2:
	case SCTP_MAXSEG:
	case SCTP_DELAYED_SACK:
	case SCTP_MAX_BURST:
	case SCTP_AUTO_ASCONF:
	case SCTP_ASCONF_SUPPORTED:
	case SCTP_AUTH_SUPPORTED:
	case SCTP_AUTH_CHUNK:
	case SCTP_AUTH_KEY:
	case SCTP_AUTH_ACTIVE_KEY:
	case SCTP_HMAC_IDENT:
	case SCTP_ECN_SUPPORTED:
	case SCTP_EXPOSE_POTENTIALLY_FAILED_STATE:
	case SCTP_INTERLEAVING_SUPPORTED:
	case SCTP_STREAM_SCHEDULER:
	case SCTP_REMOTE_UDP_ENCAPS_PORT:
	case SCTP_PLPMTUD_PROBE_INTERVAL:
	case SCTP_SOCKOPT_BINDX_ADD:
	case SCTP_SOCKOPT_BINDX_REM:
		return true;
	default:
		return false;
	}
}

static bool wrtcsub_sctpopt_is_ip(int option)
{
	switch (option) {
	case IP_TOS:
	case IP_TTL:
	case IP_MTU_DISCOVER:
	case IP_FREEBIND:
	case IP_TRANSPARENT:
		return true;
	default:
		return false;
	}
}

static bool wrtcsub_sctpopt_is_ipv6(int option)
{
	switch (option) {
	case IPV6_V6ONLY:
	case IPV6_TCLASS:
	case IPV6_UNICAST_HOPS:
	case IPV6_MTU_DISCOVER:
	case IPV6_FREEBIND:
	case IPV6_TRANSPARENT:
		return true;
	default:
		return false;
	}
}

static bool wrtcsub_sctpopt_can_set(int level, int option)
{
	switch (level) {
	case SOL_SCTP:
		return wrtcsub_sctpopt_is_sctp(option);
	case SOL_IP:
		return wrtcsub_sctpopt_is_ip(option);
	case SOL_IPV6:
		return wrtcsub_sctpopt_is_ipv6(option);
	default:
		return false;
	}
}

/* What can be set can be read, but for lists; and the addresses. */
static bool wrtcsub_sctpopt_can_get(int level, int option)
{
	if (level != SOL_SCTP)
		return wrtcsub_sctpopt_can_set(level, option);
	switch (option) {
	case SCTP_SOCKOPT_BINDX_ADD:
	case SCTP_SOCKOPT_BINDX_REM:
		return false;
	case SCTP_GET_LOCAL_ADDRS:
		return true;
	default:
		return wrtcsub_sctpopt_is_sctp(option);
	}
}

static bool wrtcsub_sctpopt_is_class(int level, int option)
{
	return level == SOL_IP ? option == IP_TOS :
	       level == SOL_IPV6 && option == IPV6_TCLASS;
}

/* Is it one of the association that there is?  A connect that failed has left
 * one behind that is none of this socket any more.
 */
static bool wrtcsub_sctpopt_is_late(const struct wrtcsub_sock *ws, int level,
				    int option)
{
	int phase = wrtcsub_substream_phase(ws);

	sock_owned_by_me(&ws->sk);

	return (phase == TCP_SYN_SENT || phase == TCP_ESTABLISHED) &&
	       wrtcsub_sctpopt_is_class(level, option);
}

/* The SCTP socket that options go to: of a listener, or of what is to be. */
static struct socket *wrtcsub_sctpopt_socket(struct wrtcsub_sock *ws)
{
	int err;

	sock_owned_by_me(&ws->sk);

	if (ws->listener)
		return ws->listener->sctp.sock;
	if (ws->attached || ws->sk.sk_state == TCP_LISTEN)
		return ERR_PTR(-EINVAL);
	if (ws->sk.sk_state != TCP_CLOSE || wrtcsub_substream_state(ws))
		return ERR_PTR(-EISCONN);
	err = wrtcsub_af_make_bound(ws, AF_UNSPEC);
	return err ? ERR_PTR(err) : ws->bound;
}

/* Addresses were bound without bind(2): that is as good. */
static void wrtcsub_sctpopt_bound(struct wrtcsub_sock *ws,
				  const struct sockaddr *first)
{
	struct sockaddr_storage addr = {};

	sock_owned_by_me(&ws->sk);

	if (!ws->bound || ws->bind_addr.ss_family ||
	    kernel_getsockname(ws->bound, (struct sockaddr *)&addr) < 0)
		return;
	wrtcsub_address_unmap(&addr);
	ws->bind_addr = addr;
	ws->ipv6 = first->sa_family == AF_INET6;
}

static int wrtcsub_sctpopt_set_class(struct wrtcsub_assoc *a, int level,
				     int option, void *value, unsigned int len)
{
	int err = -ENOTCONN;
	struct socket *sctp;

	mutex_lock(&a->sctp_mutex);
	sctp = a->sctp.sock;
	if (sctp)
		err = sctp->ops->setsockopt(sctp, level, option,
					    KERNEL_SOCKPTR(value), len);
	mutex_unlock(&a->sctp_mutex);
	return err;
}

/* A copy to the program may sleep for as long as that likes, so it is not made
 * by SCTP, under the mutex that the association's work takes.
 */
static int wrtcsub_sctpopt_get_class(struct wrtcsub_assoc *a, int level)
{
	int class = -ENOTCONN;
	struct sock *sk;

	mutex_lock(&a->sctp_mutex);
	if (a->sctp.sock) {
		sk = a->sctp.sock->sk;
		if (level == SOL_IP)
			class = READ_ONCE(inet_sk(sk)->tos);
		else if (sk->sk_family == AF_INET6)
			class = READ_ONCE(inet6_sk(sk)->tclass);
		else
			class = -ENOPROTOOPT;
	}
	mutex_unlock(&a->sctp_mutex);
	return class;
}

static int wrtcsub_sctpopt_put(int v, char __user *value, int __user *len)
{
	int room;

	if (v < 0)
		return v;
	if (get_user(room, len))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	room = min_t(int, room, sizeof(v));
	if (put_user(room, len) || copy_to_user(value, &v, room))
		return -EFAULT;
	return 0;
}

static u32 wrtcsub_sctpopt_digest(u32 digest, int level, int option,
				  const void *value, unsigned int len)
{
	/* 0 is that of no options. */
	return jhash(value, len, jhash_3words(digest, level, option, 0)) | 1;
}

static int wrtcsub_sctpopt_set(struct wrtcsub_sock *ws, int level, int option,
			       void *value, unsigned int len)
{
	struct socket *sctp;
	int err;

	if (wrtcsub_sctpopt_is_late(ws, level, option))
		return wrtcsub_sctpopt_set_class(ws->assoc, level, option,
						 value, len);
	sctp = wrtcsub_sctpopt_socket(ws);
	if (IS_ERR(sctp))
		return PTR_ERR(sctp);
	err = sctp->ops->setsockopt(sctp, level, option, KERNEL_SOCKPTR(value),
				    len);
	if (err)
		return err;
	ws->sctp_options = wrtcsub_sctpopt_digest(ws->sctp_options, level,
						  option, value, len);
	if (level == SOL_IPV6 && option == IPV6_V6ONLY)
		ws->v6only = true;
	if (level == SOL_SCTP && option == SCTP_SOCKOPT_BINDX_ADD)
		wrtcsub_sctpopt_bound(ws, value);
	return 0;
}

/**
 * wrtcsub_af_set_sctp() - setsockopt(2) of the SCTP socket underneath
 * @sock: an unconnected socket, or a listener; any one for the traffic class
 * @level: SOL_SCTP, SOL_IP or SOL_IPV6
 * @option: of that level
 * @value: its value
 * @len: bytes of it
 *
 * Context: process.
 * Return: 0; -ENOPROTOOPT: not one for the association; -EISCONN: too late;
 *	-ENOTCONN: the association has ended; -EINVAL: attached, or a connect
 *	that failed has taken those that were set before, or as SCTP says; as
 *	bind(2) if that has to be done again; -EFAULT; -ENOMEM.
 */
int wrtcsub_af_set_sctp(struct socket *sock, int level, int option,
			sockptr_t value, unsigned int len)
{
	void *copy;
	int err;

	if (!wrtcsub_sctpopt_can_set(level, option))
		return -ENOPROTOOPT;
	if (len > WRTCSUB_SCTPOPT_MAX)
		return -EINVAL;
	copy = memdup_sockptr(value, len);
	if (IS_ERR(copy))
		return PTR_ERR(copy);

	lock_sock(sock->sk);
	err = wrtcsub_sctpopt_set(wrtcsub_sk(sock->sk), level, option, copy,
				  len);
	release_sock(sock->sk);
	/* It may be a key. */
	kfree_sensitive(copy);
	return err;
}

/* SCTP copies to the program under the lock of its socket, which the listener's
 * work and the peer's packets wait for.  A fault may last for as long as the
 * program likes (userfaultfd, FUSE), so there is none: it is -EFAULT.
 */
static int wrtcsub_sctpopt_copy(struct wrtcsub_sock *ws, int level, int option,
				char __user *value, int __user *len)
{
	struct socket *sctp = wrtcsub_sctpopt_socket(ws);
	int err;

	sock_owned_by_me(&ws->sk);

	if (IS_ERR(sctp))
		return PTR_ERR(sctp);
	pagefault_disable();
	err = sctp->ops->getsockopt(sctp, level, option, value, len);
	pagefault_enable();
	return err;
}

static int wrtcsub_sctpopt_get(struct sock *sk, int level, int option,
			       char __user *value, int __user *len)
{
	struct wrtcsub_sock *ws = wrtcsub_sk(sk);
	bool late;
	int ret;

	lock_sock(sk);
	late = wrtcsub_sctpopt_is_late(ws, level, option);
	if (late)
		ret = wrtcsub_sctpopt_get_class(ws->assoc, level);
	else
		ret = wrtcsub_sctpopt_copy(ws, level, option, value, len);
	release_sock(sk);
	return late ? wrtcsub_sctpopt_put(ret, value, len) : ret;
}

/* The value stays as it is: some of it may be for SCTP to read.  There may be
 * less memory than room, as long as there is enough for the value.
 */
static void wrtcsub_sctpopt_fault_in(const char __user *value,
				     const int __user *len, int room)
{
	fault_in_safe_writeable(value, min(room, WRTCSUB_SCTPOPT_ROOM));
	fault_in_safe_writeable((const char __user *)len, sizeof(*len));
}

/**
 * wrtcsub_af_get_sctp() - getsockopt(2) of the SCTP socket underneath
 * @sock: an unconnected socket, or a listener; any one for the traffic class
 * @level: SOL_SCTP, SOL_IP or SOL_IPV6
 * @option: of that level
 * @value: room for its value
 * @len: bytes of it; set to how many there are
 *
 * Context: process.
 * Return: 0; -ENOPROTOOPT, -EISCONN, -ENOTCONN, -EINVAL as
 *	wrtcsub_af_set_sctp(); -EFAULT.
 */
int wrtcsub_af_get_sctp(struct socket *sock, int level, int option,
			char __user *value, int __user *len)
{
	int err, room, tries = WRTCSUB_SCTPOPT_TRIES;

	if (!wrtcsub_sctpopt_can_get(level, option))
		return -ENOPROTOOPT;
	if (get_user(room, len))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;

	for (;;) {
		err = wrtcsub_sctpopt_get(sock->sk, level, option, value, len);
		if (err != -EFAULT || !--tries)
			return err;
		wrtcsub_sctpopt_fault_in(value, len, room);
	}
}
