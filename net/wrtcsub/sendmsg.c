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
#include <linux/sched/signal.h>
#include <net/sock.h>

#include "af.h"
#include "assoc.h"
#include "substream.h"
#include "timer.h"

static int wrtcsub_af_may_send(const struct wrtcsub_sock *ws)
{
	sock_owned_by_me(&ws->sk);

	if (wrtcsub_substream_is_connected(ws) &&
	    wrtcsub_fsm_tx(wrtcsub_substream_state(ws)) == WRTCSUB_TX_OPEN)
		return 0;
	return -EPIPE;
}

/* Why it may not is told once, and only if no byte was taken before. */
static int wrtcsub_af_send_error(struct wrtcsub_sock *ws)
{
	sock_owned_by_me(&ws->sk);

	if (!wrtcsub_substream_is_connected(ws))
		return sock_error(&ws->sk) ?: -EPIPE;
	return wrtcsub_substream_error(ws, WRTCSUB_TX_ERROR) ?: -EPIPE;
}

/* As sk_stream_error(), but what is in sk_err by now is the reader's. */
static ssize_t wrtcsub_af_send_failed(struct wrtcsub_sock *ws, ssize_t n,
				      int flags)
{
	if (n == -EPIPE)
		n = wrtcsub_af_send_error(ws);
	if (n == -EPIPE && !(flags & MSG_NOSIGNAL))
		send_sig(SIGPIPE, current, 0);
	return n;
}

static int wrtcsub_af_room(const struct wrtcsub_sock *ws)
{
	return READ_ONCE(ws->sk.sk_sndbuf) - wrtcsub_txq_len(&ws->txq);
}

/* A record may overshoot: there is room for one of any length, or for none, so
 * that what poll says holds for every write.
 */
static bool wrtcsub_af_has_room(const struct wrtcsub_sock *ws)
{
	return wrtcsub_af_room(ws) > 0;
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
		if (err || wrtcsub_af_has_room(ws))
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

static int wrtcsub_af_get_room(struct wrtcsub_sock *ws, long *timeo)
{
	int err = wrtcsub_af_may_send(ws);

	if (err || wrtcsub_af_has_room(ws))
		return err;
	return wrtcsub_af_wait_room(ws, timeo);
}

/* Queue as much as there is room for: bytes, or a negative errno. */
static ssize_t wrtcsub_af_send_some(struct wrtcsub_sock *ws, struct msghdr *msg,
				    long *timeo)
{
	ssize_t n;
	int err;

	err = wrtcsub_af_get_room(ws, timeo);
	if (err)
		return err;
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
	if (msg->msg_flags & MSG_MORE && !wrtcsub_af_may_send(ws))
		wrtcsub_timer_more(ws);

	while (msg_data_left(msg)) {
		n = wrtcsub_af_send_some(ws, msg, &timeo);
		if (n < 0)
			break;
		done += n;
	}
	if (!(msg->msg_flags & MSG_MORE))
		wrtcsub_timer_no_more(ws);
	return done ?: n;
}

/* One message is one frame, whole or not at all. */
static ssize_t wrtcsub_af_send_record(struct wrtcsub_sock *ws,
				      struct msghdr *msg, size_t len,
				      long timeo)
{
	int err;

	if (!len)
		return -EINVAL;
	if (len > wrtcsub_frame_max_payload(READ_ONCE(ws->opt.max_frame)))
		return -EMSGSIZE;
	err = wrtcsub_af_get_room(ws, &timeo) ?:
	      wrtcsub_txq_push_record(&ws->txq, &msg->msg_iter, len);
	if (err)
		return err;
	wrtcsub_substream_kick(ws);
	return len;
}

/**
 * wrtcsub_af_sendmsg() - send(2), write(2), sendfile(2), splice(2), ...
 * @sock: a substream
 * @msg: the bytes and MSG_DONTWAIT, MSG_NOSIGNAL, MSG_EOR; of SOCK_STREAM
 *	MSG_MORE
 * @len: bytes
 *
 * Context: process.
 * Return: bytes queued; -EAGAIN; -EPIPE; -ECONNRESET, -ETIMEDOUT,
 *	-ECONNREFUSED, -EPROTO: the substream was reset, once; of
 *	SOCK_SEQPACKET -EMSGSIZE, and -EINVAL: an empty message; -EOPNOTSUPP:
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
	if (!n && sk->sk_type == SOCK_SEQPACKET)
		n = wrtcsub_af_may_send(ws) ?:
		    wrtcsub_af_send_record(ws, msg, len, timeo);
	else if (!n && !len)
		n = wrtcsub_af_may_send(ws);
	else if (!n)
		n = wrtcsub_af_send_stream(ws, msg, timeo);
	n = wrtcsub_af_send_failed(ws, n, msg->msg_flags);
	release_sock(sk);
	return n;
}

/**
 * wrtcsub_af_splice_eof() - a sendfile(2) has come to the end of its file
 * @sock: a substream
 *
 * It has said MSG_MORE with what it found, as it was asked for more.
 *
 * Context: process.
 */
void wrtcsub_af_splice_eof(struct socket *sock)
{
	struct wrtcsub_sock *ws = wrtcsub_sk(sock->sk);

	lock_sock(sock->sk);
	wrtcsub_timer_no_more(ws);
	release_sock(sock->sk);
}
