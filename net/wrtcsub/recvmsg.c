// SPDX-License-Identifier: GPL-2.0
/*
 * recv(2) and its relatives: payload out of the receive queue.
 *
 * The state is read before the queue is looked at: payload is queued before
 * the state says that no more will come, so an empty queue is the end only if
 * the state, read first, says so.
 */

#include <linux/net.h>
#include <net/sock.h>

#include "af.h"
#include "rxq.h"
#include "substream.h"

/* The queue is empty.  1: wait; 0: the end; or a negative errno. */
static int wrtcsub_af_recv_end(struct wrtcsub_sock *ws, u32 word)
{
	struct sock *sk = &ws->sk;

	if (READ_ONCE(sk->sk_state) != TCP_ESTABLISHED &&
	    READ_ONCE(sk->sk_state) != TCP_SYN_SENT)
		return sock_error(sk) ?: -ENOTCONN;
	if (sk->sk_shutdown & RCV_SHUTDOWN)
		return 0;
	switch (wrtcsub_fsm_rx(word)) {
	case WRTCSUB_RX_FIN_RCVD:
		return 0;
	case WRTCSUB_RX_RESET:
		return wrtcsub_substream_error(ws, WRTCSUB_RX_ERROR);
	default:
		return 1;
	}
}

static bool wrtcsub_af_has_changed(struct wrtcsub_sock *ws,
				   const struct sk_buff *seen)
{
	u32 word = wrtcsub_substream_state(ws);

	return skb_peek_tail(&ws->sk.sk_receive_queue) != seen ||
	       wrtcsub_fsm_rx(word) != WRTCSUB_RX_OPEN ||
	       ws->sk.sk_shutdown & RCV_SHUTDOWN;
}

/* Wait until something comes behind @seen, or nothing will. */
static int wrtcsub_af_wait_data(struct wrtcsub_sock *ws,
				const struct sk_buff *seen, long *timeo)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	struct sock *sk = &ws->sk;
	int err = 0;

	if (!*timeo)
		return -EAGAIN;
	if (signal_pending(current))
		return sock_intr_errno(*timeo);

	add_wait_queue(sk_sleep(sk), &wait);
	smp_mb(); /* pairs with skwq_has_sleeper() */
	sk_set_bit(SOCKWQ_ASYNC_WAITDATA, sk);
	if (!wrtcsub_af_has_changed(ws, seen)) {
		release_sock(sk);
		*timeo = wait_woken(&wait, TASK_INTERRUPTIBLE, *timeo);
		lock_sock(sk);
	}
	sk_clear_bit(SOCKWQ_ASYNC_WAITDATA, sk);
	remove_wait_queue(sk_sleep(sk), &wait);
	return err;
}

/* The piece that holds byte @skip of the queue; @off: where in it. */
static struct sk_buff *wrtcsub_af_find(struct wrtcsub_sock *ws, size_t skip,
				       u32 *off)
{
	struct sk_buff_head *queue = &ws->sk.sk_receive_queue;
	struct sk_buff *skb;

	spin_lock_bh(&queue->lock);
	skb_queue_walk(queue, skb) {
		if (skip < wrtcsub_rxq_cb(skb)->len)
			break;
		skip -= wrtcsub_rxq_cb(skb)->len;
	}
	if (skb == (struct sk_buff *)queue)
		skb = NULL;
	spin_unlock_bh(&queue->lock);
	*off = skip;
	return skb;
}

/* Copy what is queued: bytes, or -EFAULT.  @done: bytes peeked at before. */
static ssize_t wrtcsub_af_copy(struct wrtcsub_sock *ws, struct msghdr *msg,
			       size_t len, size_t done, bool peek)
{
	struct wrtcsub_rxq_cb *cb;
	struct sk_buff *skb;
	ssize_t copied = 0;
	u32 off, n;

	while (len) {
		skb = wrtcsub_af_find(ws, peek ? done + copied : 0, &off);
		if (!skb)
			break;
		cb = wrtcsub_rxq_cb(skb);
		n = min_t(size_t, len, cb->len - off);
		if (skb_copy_datagram_msg(skb, cb->off + off, msg, n))
			return copied ?: -EFAULT;
		if (!peek)
			wrtcsub_rxq_consume(ws, skb, n);
		copied += n;
		len -= n;
	}
	return copied;
}

static ssize_t wrtcsub_af_recv_stream(struct wrtcsub_sock *ws,
				      struct msghdr *msg, size_t len, int flags)
{
	long timeo = sock_rcvtimeo(&ws->sk, flags & MSG_DONTWAIT);
	size_t target = sock_rcvlowat(&ws->sk, flags & MSG_WAITALL, len);
	struct sk_buff *seen;
	size_t done = 0;
	ssize_t n;
	u32 word;

	for (;;) {
		word = wrtcsub_substream_state(ws);
		seen = skb_peek_tail(&ws->sk.sk_receive_queue);
		n = wrtcsub_af_copy(ws, msg, len - done, done,
				    flags & MSG_PEEK);
		if (n < 0)
			break;
		done += n;
		if (done >= target || done == len)
			break;
		if (!(flags & MSG_PEEK))
			seen = NULL;
		if (n)
			continue;
		/* Bytes that were read come first, an error next time. */
		if (done && wrtcsub_fsm_rx(word) != WRTCSUB_RX_OPEN)
			break;
		n = wrtcsub_af_recv_end(ws, word);
		if (n <= 0)
			break;
		n = wrtcsub_af_wait_data(ws, seen, &timeo);
		if (n)
			break;
	}
	return done ?: n;
}

/**
 * wrtcsub_af_recvmsg() - recv(2), read(2), ...
 * @sock: a substream
 * @msg: where the bytes go
 * @len: room for them
 * @flags: MSG_PEEK, MSG_WAITALL, MSG_DONTWAIT
 *
 * Context: process.
 * Return: bytes; 0: the end of the stream; -EAGAIN; -ENOTCONN; -ECONNRESET,
 *	-ETIMEDOUT, -ECONNREFUSED, -EPROTO: the substream was reset, once;
 *	-EOPNOTSUPP: MSG_OOB; -EFAULT; -ERESTARTSYS or -EINTR.
 */
int wrtcsub_af_recvmsg(struct socket *sock, struct msghdr *msg, size_t len,
		       int flags)
{
	struct wrtcsub_sock *ws = wrtcsub_sk(sock->sk);
	struct sock *sk = sock->sk;
	ssize_t n;

	if (flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (flags & MSG_ERRQUEUE)
		return -EAGAIN;

	lock_sock(sk);
	if (sk->sk_state == TCP_LISTEN)
		n = -ENOTCONN;
	else
		n = wrtcsub_af_recv_stream(ws, msg, len, flags);
	release_sock(sk);
	return n;
}
