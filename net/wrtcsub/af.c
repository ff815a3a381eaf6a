// SPDX-License-Identifier: GPL-2.0
/*
 * AF_WRTCSUB: libp2p WebRTC substreams over kernel SCTP.
 *
 * Where a byte goes:
 *
 *	sendmsg.c -> txq.c -> output.c -> message.c -> the network
 *	the network -> message.c -> input.c -> frame.c -> rxq.c -> recvmsg.c
 *
 * Objects: a socket (substream.c) is unconnected, a listener (listener.c), or
 * a substream.  An association (assoc.c) is an SCTP socket (sctp.c) and the
 * substreams on it (channel.c); registry.c knows the associations of a
 * namespace.  What a substream may do is said by its state machine (fsm.c); how
 * it looks on the wire by frame.c and dcep.c; which identifiers are free by
 * sid.c, reset.c and grow.c.
 *
 * Locks, in this order:
 *
 *	lock_sock() of a socket of ours
 *		wrtcsub_assoc::sctp_mutex
 *			lock_sock() of an SCTP socket
 *		one of the spinlocks:
 *			wrtcsub_pernet::lock
 *			wrtcsub_assoc::lock
 *				the xa_lock of wrtcsub_assoc::streams
 *			wrtcsub_sock::accept_lock
 *			sk_receive_queue.lock
 *			the xa_lock of wrtcsub_pernet::assocs, or ::sockets
 *
 * The first three sleep, so they are not taken under a spinlock; nor are the
 * spinlocks under the SCTP socket's lock.  The association's work takes all but
 * the first; timers take the receive queue's, and SCTP's callbacks none.
 * References are listed at struct wrtcsub_sock and struct wrtcsub_assoc, the
 * order of an end at the head of substream.c, assoc.c, listener.c and pernet.c.
 */

#include <linux/compat.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/sockios.h>
#include <linux/swap.h>
#include <net/sock.h>

#include <asm/ioctls.h>

#include "address.h"
#include "af.h"
#include "assoc.h"
#include "listener.h"
#include "sctp.h"
#include "substream.h"

/* For an older kernel include/compat has another. */
#ifndef PROTO_OPS_ACCEPT
#define DEFINE_PROTO_OPS_ACCEPT(_accept)
#define PROTO_OPS_ACCEPT(_accept)	_accept
#endif
#ifndef PROTO_IOCTL
#define PROTO_IOCTL(_ioctl)		.ioctl = _ioctl,
#endif

/* Payload that is queued, in pages, and what each socket may have when there
 * is little left.
 */
static atomic_long_t wrtcsub_af_memory;
static DEFINE_PER_CPU(int, wrtcsub_af_fw_alloc);
static long wrtcsub_af_mem[3];
static int wrtcsub_af_buffer = PAGE_SIZE;

/* SO_KEEPALIVE: heartbeats, which the association sends for all. */
static void wrtcsub_af_keepalive(struct sock *sk, int on)
{
	struct wrtcsub_sock *ws = wrtcsub_sk(sk);

	sock_owned_by_me(sk);

	if (!on)
		return;
	switch (wrtcsub_substream_phase(ws)) {
	case TCP_SYN_SENT:
	case TCP_ESTABLISHED:
		wrtcsub_assoc_wake(ws->assoc, WRTCSUB_ASSOC_KEEPALIVE);
		break;
	case TCP_LISTEN:
		if (ws->listener)
			wrtcsub_sctp_set_heartbeat(ws->listener->sctp.sock);
		else
			wrtcsub_assoc_wake(ws->attached,
					   WRTCSUB_ASSOC_KEEPALIVE);
		break;
	}
}

/* As io_uring asks for it, too.  What SCTP has is no substream's any more, so
 * there is one queue to send, and not sent.  Nothing is urgent data.
 */
static int wrtcsub_af_queue(struct sock *sk, int cmd, int *value)
{
	struct wrtcsub_sock *ws = wrtcsub_sk(sk);

	switch (cmd) {
	case SIOCINQ:
		*value = READ_ONCE(ws->rxq.bytes);
		break;
	case SIOCOUTQ:
	case SIOCOUTQNSD:
		*value = wrtcsub_txq_len(&ws->txq);
		break;
	case SIOCATMARK:
		*value = 0;
		return 0;
	default:
		return -ENOIOCTLCMD;
	}
	return wrtcsub_substream_phase(ws) == TCP_LISTEN ? -EINVAL : 0;
}

/* No owner: an orphan does not keep the module loaded.  Sockets that programs
 * have do, by the family; main.c waits for the others.
 */
struct proto wrtcsub_proto = {
	.name		  = "WRTCSUB",
	.obj_size	  = sizeof(struct wrtcsub_sock),
	.slab_flags	  = SLAB_ACCOUNT,
	PROTO_IOCTL(wrtcsub_af_queue)
	.keepalive	  = wrtcsub_af_keepalive,
	.diag_destroy	  = wrtcsub_substream_destroy,
	.memory_allocated = &wrtcsub_af_memory,
	.per_cpu_fw_alloc = &wrtcsub_af_fw_alloc,
	.sysctl_mem	  = wrtcsub_af_mem,
	.sysctl_rmem	  = &wrtcsub_af_buffer,
	.sysctl_wmem	  = &wrtcsub_af_buffer,
};

/**
 * wrtcsub_af_init() - set the limits of payload held, of all sockets together
 *
 * An eighth, and up to a quarter, of the memory there is, as UDP has it.  The
 * second one, above which nothing can be reserved (SO_RESERVE_MEM), lets no
 * socket do so: it would change sk_forward_alloc under lock_sock(), which does
 * not guard it here.  Not every kernel asks us for options at SOL_SOCKET, so
 * that we could refuse it.
 *
 * Context: process.
 */
void __init wrtcsub_af_init(void)
{
	unsigned long limit = max(nr_free_buffer_pages() / 8, 128UL);

	wrtcsub_af_mem[0] = limit / 4 * 3;
	wrtcsub_af_mem[1] = -1;
	wrtcsub_af_mem[2] = limit * 2;
}

static int wrtcsub_af_listen(struct socket *sock, int backlog)
{
	struct wrtcsub_sock *ws = wrtcsub_sk(sock->sk);
	struct sock *sk = sock->sk;
	int err = 0;

	lock_sock(sk);
	WRITE_ONCE(sk->sk_max_ack_backlog, backlog);
	if (sk->sk_state == TCP_LISTEN)
		goto out;
	err = -EINVAL;
	if (sock->state != SS_UNCONNECTED || sk->sk_state != TCP_CLOSE)
		goto out;
	err = 0;
	if (!ws->attached)
		err = ws->bind_addr.ss_family ?
		      wrtcsub_af_make_bound(ws, AF_INET) :
		      wrtcsub_af_bind_any(ws);
	if (!err)
		err = wrtcsub_listener_start(ws);
out:
	release_sock(sk);
	return err;
}

static int wrtcsub_af_wait_accept(struct sock *sk, long timeo,
				  struct wrtcsub_sock **child)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	bool ended;
	int err = 0;

	add_wait_queue_exclusive(sk_sleep(sk), &wait);
	smp_mb(); /* pairs with skwq_has_sleeper() */
	for (;;) {
		/* An error is there if it was the administrator who did it. */
		err = -EINVAL;
		if (sk->sk_state != TCP_LISTEN) {
			err = sock_error(sk) ?: err;
			break;
		}
		err = 0;
		/* First: what came before the end, and why it ended, is there
		 * once the end is.
		 */
		ended = test_bit_acquire(WRTCSUB_F_ENDED,
					 &wrtcsub_sk(sk)->flags);
		*child = wrtcsub_listener_accept(wrtcsub_sk(sk));
		if (*child)
			break;
		err = -EINVAL;
		if (ended) {
			err = sock_error(sk) ?: err;
			break;
		}
		err = -EAGAIN;
		if (!timeo)
			break;
		err = sock_intr_errno(timeo);
		if (signal_pending(current))
			break;
		release_sock(sk);
		timeo = wait_woken(&wait, TASK_INTERRUPTIBLE, timeo);
		lock_sock(sk);
	}
	remove_wait_queue(sk_sleep(sk), &wait);
	return err;
}

/* SO_TIMESTAMP and its like, as only the core can set them. */
static void wrtcsub_af_inherit_timestamp(const struct sock *sk,
					 struct socket *newsock)
{
	bool new = sock_flag(sk, SOCK_TSTAMP_NEW);
	int option, on = 1;

	if (!sock_flag(sk, SOCK_RCVTSTAMP))
		return;
	if (sock_flag(sk, SOCK_RCVTSTAMPNS))
		option = new ? SO_TIMESTAMPNS_NEW : SO_TIMESTAMPNS_OLD;
	else
		option = new ? SO_TIMESTAMP_NEW : SO_TIMESTAMP_OLD;
	sock_setsockopt(newsock, SOL_SOCKET, option, KERNEL_SOCKPTR(&on),
			sizeof(on));
}

static int wrtcsub_af_accept(struct socket *sock, struct socket *newsock,
			     struct proto_accept_arg *arg)
{
	struct sock *sk = sock->sk;
	struct wrtcsub_sock *child;
	int err;

	lock_sock(sk);
	err = wrtcsub_af_wait_accept(sk, sock_rcvtimeo(sk, arg->flags &
							   O_NONBLOCK),
				     &child);
	release_sock(sk);
	if (err)
		return err;

	sock_graft(&child->sk, newsock);
	newsock->state = SS_CONNECTED;
	set_bit(SOCK_CUSTOM_SOCKOPT, &newsock->flags);
	wrtcsub_af_inherit_timestamp(sk, newsock);
	return 0;
}

DEFINE_PROTO_OPS_ACCEPT(wrtcsub_af_accept)

/* That of a substream, or that it waits for; or of who is attached. */
static struct wrtcsub_assoc *wrtcsub_af_assoc(const struct wrtcsub_sock *ws)
{
	int phase = wrtcsub_substream_phase(ws);

	sock_owned_by_me(&ws->sk);

	return phase == TCP_ESTABLISHED || phase == TCP_SYN_SENT ?
	       ws->assoc : ws->attached;
}

/* The address of the association, or of the SCTP socket there will be. */
static int wrtcsub_af_local(struct wrtcsub_sock *ws,
			    struct sockaddr_storage *addr)
{
	struct socket *sctp = ws->listener ? ws->listener->sctp.sock :
					     ws->bound;
	struct wrtcsub_assoc *a = wrtcsub_af_assoc(ws);
	struct sockaddr_storage peer;
	int len;

	sock_owned_by_me(&ws->sk);

	memset(addr, 0, sizeof(*addr));
	if (a) {
		wrtcsub_assoc_names(a, addr, &peer);
	} else if (sctp && ws->bind_addr.ss_family) {
		len = kernel_getsockname(sctp, (struct sockaddr *)addr);
		if (len < 0)
			return len;
		wrtcsub_address_use_scope(addr,
					  wrtcsub_address_scope(&ws->bind_addr));
		wrtcsub_address_unmap(addr);
	} else if (ws->bind_addr.ss_family) {
		*addr = ws->bind_addr;
		wrtcsub_address_unmap(addr);
	}
	/* None yet. */
	if (!addr->ss_family)
		addr->ss_family = ws->ipv6 ? AF_INET6 : AF_INET;
	return 0;
}

static int wrtcsub_af_getname(struct socket *sock, struct sockaddr *addr,
			      int peer)
{
	struct wrtcsub_sock *ws = wrtcsub_sk(sock->sk);
	struct sockaddr_storage local, name;
	int err = 0;

	lock_sock(sock->sk);
	if (!peer)
		err = wrtcsub_af_local(ws, &name);
	else if (wrtcsub_substream_is_connected(ws))
		wrtcsub_assoc_names(ws->assoc, &local, &name);
	else
		err = -ENOTCONN;
	release_sock(sock->sk);
	return err ?: wrtcsub_address_put((struct sockaddr_storage *)addr,
					  &name, ws->ipv6);
}

static int wrtcsub_af_ioctl(struct socket *sock, unsigned int cmd,
			    unsigned long arg)
{
	int value, err;

	err = wrtcsub_af_queue(sock->sk, cmd, &value);
	return err ?: put_user(value, (int __user *)arg);
}

#ifdef CONFIG_COMPAT
static int wrtcsub_af_compat_ioctl(struct socket *sock, unsigned int cmd,
				   unsigned long arg)
{
	return wrtcsub_af_ioctl(sock, cmd, (unsigned long)compat_ptr(arg));
}
#endif

const struct proto_ops wrtcsub_proto_ops = {
	.family		= PF_WRTCSUB,
	.owner		= THIS_MODULE,
	.release	= wrtcsub_af_release,
	.bind		= wrtcsub_af_bind,
	.connect	= wrtcsub_af_connect,
	.socketpair	= sock_no_socketpair,
	.accept		= PROTO_OPS_ACCEPT(wrtcsub_af_accept),
	.getname	= wrtcsub_af_getname,
	.poll		= wrtcsub_af_poll,
	.ioctl		= wrtcsub_af_ioctl,
#ifdef CONFIG_COMPAT
	.compat_ioctl	= wrtcsub_af_compat_ioctl,
#endif
	.listen		= wrtcsub_af_listen,
	.shutdown	= wrtcsub_af_shutdown,
	.setsockopt	= wrtcsub_af_setsockopt,
	.getsockopt	= wrtcsub_af_getsockopt,
	.sendmsg	= wrtcsub_af_sendmsg,
	.recvmsg	= wrtcsub_af_recvmsg,
	.splice_eof	= wrtcsub_af_splice_eof,
	.mmap		= sock_no_mmap,
	.set_rcvlowat	= wrtcsub_af_set_rcvlowat,
};
