// SPDX-License-Identifier: GPL-2.0
/*
 * recv(2) and its relatives: payload out of the receive queue.
 *
 * The state is read before the queue is looked at: payload is queued before
 * the state says that no more will come, so an empty queue is the end only if
 * the state, read first, says so.  An overflow makes the queue empty after it
 * has changed the state, so a second look sees it.
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
	int phase = wrtcsub_substream_phase(ws);

	if (wrtcsub_fsm_rx(word) == WRTCSUB_RX_FIN_RCVD)
		word = wrtcsub_substream_state(ws);
	if (phase != TCP_ESTABLISHED && phase != TCP_SYN_SENT)
		return sock_error(sk) ?: -ENOTCONN;
	if (sk->sk_shutdown & RCV_SHUTDOWN)
		return 0;
	switch (wrtcsub_fsm_rx(word)) {
	case WRTCSUB_RX_FIN_RCVD:
		return 0;
	case WRTCSUB_RX_RESET:
		/* recvmmsg(2) that has bytes keeps it for the next call. */
		return wrtcsub_substream_error(ws, WRTCSUB_RX_ERROR) ?:
		       sock_error(sk);
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
	       wrtcsub_substream_phase(ws) == TCP_CLOSE ||
	       ws->sk.sk_shutdown & RCV_SHUTDOWN;
}

/* Wait until something comes behind @seen, or nothing will. */
static int wrtcsub_af_wait_data(struct wrtcsub_sock *ws,
				const struct sk_buff *seen, long *timeo)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	struct sock *sk = &ws->sk;

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
	return 0;
}

/* Copy bytes of the piece at @cursor: how many, or -EFAULT. */
static ssize_t wrtcsub_af_copy_piece(struct wrtcsub_rxq_cursor *cursor,
				     struct msghdr *msg, size_t len)
{
	struct wrtcsub_rxq_cb *cb = wrtcsub_rxq_cb(cursor->skb);
	size_t n = min_t(size_t, len, cb->len - cursor->off);

	if (skb_copy_datagram_msg(cursor->skb, cb->off + cursor->off, msg, n))
		return -EFAULT;
	return n;
}

/* Take what is queued: bytes, or -EFAULT.  @done: bytes peeked at before. */
static ssize_t wrtcsub_af_take(struct wrtcsub_sock *ws, struct msghdr *msg,
			       size_t len, size_t done, int flags)
{
	bool peek = flags & MSG_PEEK, drop = flags & MSG_TRUNC;
	struct wrtcsub_rxq_cursor cursor;
	ssize_t n = 0, taken = 0;

	wrtcsub_rxq_first(ws, &cursor, peek ? done : 0);
	while (len && cursor.skb) {
		if (drop)
			n = min_t(size_t, len, wrtcsub_rxq_cb(cursor.skb)->len -
					       cursor.off);
		else
			n = wrtcsub_af_copy_piece(&cursor, msg, len);
		if (n < 0)
			break;
		if (!done && !taken)
			sock_recv_timestamp(msg, &ws->sk, cursor.skb);
		taken += n;
		len -= n;
		if (peek)
			wrtcsub_rxq_next(ws, &cursor);
		else
			wrtcsub_rxq_consume(ws, &cursor, n);
	}
	wrtcsub_rxq_done(&cursor);
	return taken ?: n;
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
		n = wrtcsub_af_take(ws, msg, len - done, done, flags);
		if (n < 0)
			break;
		done += n;
		if (done >= target || (len && done == len))
			break;
		/* As TCP has it: for no bytes it waits until there are some. */
		if (!len && READ_ONCE(ws->rxq.bytes))
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

/* Copy the first frame's payload, of which all pieces are there or none.
 * Return: its length, which may be more than was copied; 0: there is none;
 *	-EFAULT.
 */
static ssize_t wrtcsub_af_peek_record(struct wrtcsub_sock *ws,
				      struct msghdr *msg, size_t len)
{
	struct wrtcsub_rxq_cursor cursor;
	ssize_t total = 0, copied = 0, n;
	bool last = false;

	wrtcsub_rxq_first(ws, &cursor, 0);
	while (cursor.skb && !last) {
		struct wrtcsub_rxq_cb *cb = wrtcsub_rxq_cb(cursor.skb);

		n = wrtcsub_af_copy_piece(&cursor, msg, len - copied);
		if (n < 0) {
			total = n;
			break;
		}
		if (!total)
			sock_recv_timestamp(msg, &ws->sk, cursor.skb);
		total += cb->len;
		copied += n;
		last = cb->last;
		if (!last)
			wrtcsub_rxq_next(ws, &cursor);
	}
	wrtcsub_rxq_done(&cursor);
	if (last || total < 0)
		return total;
	/* Taken away in the middle: the substream was reset. */
	iov_iter_revert(&msg->msg_iter, copied);
	return 0;
}

static void wrtcsub_af_drop_record(struct wrtcsub_sock *ws)
{
	struct wrtcsub_rxq_cursor cursor;
	bool last = false;

	wrtcsub_rxq_first(ws, &cursor, 0);
	while (cursor.skb && !last) {
		struct wrtcsub_rxq_cb *cb = wrtcsub_rxq_cb(cursor.skb);

		last = cb->last;
		wrtcsub_rxq_consume(ws, &cursor, cb->len);
	}
	wrtcsub_rxq_done(&cursor);
}

static ssize_t wrtcsub_af_recv_record(struct wrtcsub_sock *ws,
				      struct msghdr *msg, size_t len, int flags)
{
	long timeo = sock_rcvtimeo(&ws->sk, flags & MSG_DONTWAIT);
	ssize_t n;
	u32 word;

	for (;;) {
		word = wrtcsub_substream_state(ws);
		n = wrtcsub_af_peek_record(ws, msg, len);
		if (n)
			break;
		n = wrtcsub_af_recv_end(ws, word);
		if (n <= 0)
			return n;
		n = wrtcsub_af_wait_data(ws, NULL, &timeo);
		if (n)
			return n;
	}
	if (n < 0)
		return n;
	if (!(flags & MSG_PEEK))
		wrtcsub_af_drop_record(ws);
	msg->msg_flags |= MSG_EOR;
	if (n <= (ssize_t)len)
		return n;
	msg->msg_flags |= MSG_TRUNC;
	return flags & MSG_TRUNC ? n : len;
}

/**
 * wrtcsub_af_recvmsg() - recv(2), read(2), ...
 * @sock: a substream
 * @msg: where the bytes go
 * @len: room for them
 * @flags: MSG_PEEK, MSG_DONTWAIT; of SOCK_STREAM MSG_WAITALL, and MSG_TRUNC:
 *	drop bytes instead of copying them; of SOCK_SEQPACKET MSG_TRUNC: return
 *	the message's length
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
	else if (sk->sk_type == SOCK_SEQPACKET)
		n = wrtcsub_af_recv_record(ws, msg, len, flags);
	else
		n = wrtcsub_af_recv_stream(ws, msg, len, flags);
	release_sock(sk);
	return n;
}
