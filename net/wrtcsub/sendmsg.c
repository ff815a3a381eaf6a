// SPDX-License-Identifier: GPL-2.0
/*
 * send(2) and its relatives: bytes into the send queue.
 *
 * A write waits for the queue alone, not for SCTP.  That the sending half is
 * open is looked at under lock_sock, and shutdown(SHUT_WR) is said under
 * lock_sock: so no byte gets behind the FIN.  A peer's STOP_SENDING may come
 * in the middle; what is queued by then is dropped.
 */

#include <linux/net.h>
#include <net/sock.h>

#include "af.h"
#include "assoc.h"
#include "substream.h"

/* May @ws write?  What it may not is told once, then it is a broken pipe. */
static int wrtcsub_af_may_send(struct wrtcsub_sock *ws)
{
	sock_owned_by_me(&ws->sk);

	if (READ_ONCE(ws->sk.sk_state) != TCP_ESTABLISHED)
		return sock_error(&ws->sk) ?: -EPIPE;
	if (wrtcsub_fsm_tx(wrtcsub_substream_state(ws)) == WRTCSUB_TX_OPEN)
		return 0;
	return wrtcsub_substream_error(ws, WRTCSUB_TX_ERROR) ?: -EPIPE;
}

static int wrtcsub_af_room(const struct wrtcsub_sock *ws)
{
	return READ_ONCE(ws->sk.sk_sndbuf) - wrtcsub_txq_len(&ws->txq);
}

/* Wait until there is room, or until there is no use in waiting. */
static int wrtcsub_af_wait_room(struct wrtcsub_sock *ws, long *timeo)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	struct sock *sk = &ws->sk;
	int err;

	add_wait_queue(sk_sleep(sk), &wait);
	for (;;) {
		set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
		/* Pairs with wrtcsub_substream_wake_writers(). */
		smp_mb__after_atomic();
		err = wrtcsub_af_may_send(ws);
		if (err || wrtcsub_af_room(ws) > 0)
			break;
		err = -EAGAIN;
		if (!*timeo)
			break;
		err = sock_intr_errno(*timeo);
		if (signal_pending(current))
			break;
		release_sock(sk);
		*timeo = wait_woken(&wait, TASK_INTERRUPTIBLE, *timeo);
		lock_sock(sk);
	}
	remove_wait_queue(sk_sleep(sk), &wait);
	return err;
}

/* Queue as much as there is room for: bytes, or a negative errno. */
static ssize_t wrtcsub_af_send_some(struct wrtcsub_sock *ws, struct msghdr *msg,
				    long *timeo)
{
	ssize_t n;
	int err;

	err = wrtcsub_af_may_send(ws);
	if (err)
		return err;
	if (wrtcsub_af_room(ws) <= 0) {
		err = wrtcsub_af_wait_room(ws, timeo);
		if (err)
			return err;
	}
	n = min_t(ssize_t, wrtcsub_af_room(ws), msg_data_left(msg));
	n = wrtcsub_txq_push(&ws->txq, &msg->msg_iter, n);
	if (n > 0)
		wrtcsub_substream_kick(ws);
	return n;
}

static ssize_t wrtcsub_af_send_stream(struct wrtcsub_sock *ws,
				      struct msghdr *msg, long timeo)
{
	ssize_t n = 0, done = 0;

	/* The last frame may grow; one that is full goes all the same. */
	if (msg->msg_flags & MSG_MORE)
		set_bit(WRTCSUB_F_MORE, &ws->flags);

	while (msg_data_left(msg)) {
		n = wrtcsub_af_send_some(ws, msg, &timeo);
		if (n < 0)
			break;
		done += n;
	}
	if (!(msg->msg_flags & MSG_MORE) &&
	    test_and_clear_bit(WRTCSUB_F_MORE, &ws->flags))
		wrtcsub_substream_kick(ws);
	return done ?: n;
}

/**
 * wrtcsub_af_sendmsg() - send(2), write(2), sendfile(2), splice(2), ...
 * @sock: a substream
 * @msg: the bytes and MSG_DONTWAIT, MSG_NOSIGNAL, MSG_MORE, MSG_EOR
 * @len: bytes
 *
 * Context: process.
 * Return: bytes queued; -EAGAIN; -EPIPE; -ECONNRESET, -ETIMEDOUT,
 *	-ECONNREFUSED, -EPROTO: the substream was reset, once; -EOPNOTSUPP:
 *	MSG_OOB; -EFAULT; -ENOBUFS; -ERESTARTSYS or -EINTR.
 */
int wrtcsub_af_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	struct wrtcsub_sock *ws = wrtcsub_sk(sock->sk);
	struct sock *sk = sock->sk;
	ssize_t n;
	long timeo;

	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;

	lock_sock(sk);
	timeo = sock_sndtimeo(sk, msg->msg_flags & MSG_DONTWAIT);
	n = wrtcsub_af_wait_connect(sk, &timeo);
	if (!n && !len)
		n = wrtcsub_af_may_send(ws);
	else if (!n)
		n = wrtcsub_af_send_stream(ws, msg, timeo);
	release_sock(sk);
	return n < 0 ? sk_stream_error(sk, msg->msg_flags, n) : n;
}
