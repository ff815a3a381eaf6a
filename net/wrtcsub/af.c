// SPDX-License-Identifier: GPL-2.0
/*
 * AF_WRTCSUB: libp2p WebRTC substreams over kernel SCTP.
 *
 * Where a byte goes:
 *
 *	sendmsg.c -> txq.c -> output.c -> sctp.c -> the network
 *	the network -> sctp.c -> input.c -> frame.c -> rxq.c -> recvmsg.c
 *
 * Objects: a socket (substream.c) is unconnected, a listener (listener.c), or
 * a substream.  An association (assoc.c) is an SCTP socket and the substreams
 * on it.  What a substream may do is said by its state machine (fsm.c); how it
 * looks on the wire by frame.c and dcep.c; which identifiers are free by sid.c
 * and reset.c.
 *
 * Locks, in this order:
 *
 *	lock_sock() of a socket of ours
 *		wrtcsub_pernet::lock
 *		wrtcsub_assoc::lock
 *		wrtcsub_sock::accept_lock
 *		sk_receive_queue.lock
 *		lock_sock() of an SCTP socket (sleeps: under none of the
 *		spinlocks)
 *
 * No two of the spinlocks are held at a time.  The association's work takes
 * all but the first; timers and SCTP's callbacks take none.  References are
 * listed at struct wrtcsub_sock and struct wrtcsub_assoc, the order of an end
 * at the head of substream.c, assoc.c, listener.c and pernet.c.
 */

#include <linux/module.h>
#include <linux/net.h>
#include <net/sock.h>

#include <asm/ioctls.h>

#include "address.h"
#include "af.h"
#include "assoc.h"
#include "listener.h"
#include "sctp.h"
#include "substream.h"

/* No owner: an orphan does not keep the module loaded.  Sockets that programs
 * have do, by the family; main.c waits for the others.
 */
struct proto wrtcsub_proto = {
	.name	  = "WRTCSUB",
	.obj_size = sizeof(struct wrtcsub_sock),
};

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
	err = ws->bound ? 0 : wrtcsub_af_bind_any(ws, AF_INET);
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
	int err = 0;

	add_wait_queue_exclusive(sk_sleep(sk), &wait);
	smp_mb(); /* pairs with skwq_has_sleeper() */
	for (;;) {
		err = -EINVAL;
		if (sk->sk_state != TCP_LISTEN)
			break;
		err = 0;
		*child = wrtcsub_listener_accept(wrtcsub_sk(sk));
		if (*child)
			break;
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
	return 0;
}
DEFINE_PROTO_OPS_ACCEPT(wrtcsub_af_accept)

static int wrtcsub_af_getname(struct socket *sock, struct sockaddr *addr,
			      int peer)
{
	struct wrtcsub_sock *ws = wrtcsub_sk(sock->sk);
	struct sock *sk = sock->sk;
	struct socket *sctp = NULL;
	int len;

	lock_sock(sk);
	memset(addr, 0, sizeof(struct sockaddr_in));
	addr->sa_family = AF_INET;
	len = peer ? -ENOTCONN : sizeof(struct sockaddr_in);

	if (ws->bound)
		sctp = ws->bound;
	else if (ws->listener)
		sctp = ws->listener->sctp.sock;

	if (smp_load_acquire(&sk->sk_state) == TCP_ESTABLISHED) {
		const struct sockaddr_storage *name;

		name = peer ? &ws->assoc->peer : &ws->assoc->local;
		len = wrtcsub_address_len(name);
		memcpy(addr, name, len);
	} else if (sctp && !peer) {
		len = kernel_getsockname(sctp, addr);
	}
	release_sock(sk);
	return len;
}

static int wrtcsub_af_ioctl(struct socket *sock, unsigned int cmd,
			    unsigned long arg)
{
	struct wrtcsub_sock *ws = wrtcsub_sk(sock->sk);
	unsigned int value;

	if (cmd != SIOCINQ && cmd != SIOCOUTQ)
		return -ENOIOCTLCMD;
	if (sock->sk->sk_state == TCP_LISTEN)
		return -EINVAL;
	value = cmd == SIOCINQ ? READ_ONCE(ws->rxq.bytes) :
				 wrtcsub_txq_len(&ws->txq);
	return put_user(value, (int __user *)arg);
}

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
	.compat_ioctl	= wrtcsub_af_ioctl,
#endif
	.listen		= wrtcsub_af_listen,
	.shutdown	= wrtcsub_af_shutdown,
	.setsockopt	= wrtcsub_af_setsockopt,
	.getsockopt	= wrtcsub_af_getsockopt,
	.sendmsg	= wrtcsub_af_sendmsg,
	.recvmsg	= wrtcsub_af_recvmsg,
	.mmap		= sock_no_mmap,
};
