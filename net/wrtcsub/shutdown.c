// SPDX-License-Identifier: GPL-2.0
/*
 * shutdown(2) and close(2): the end of a substream.
 *
 * shutdown(SHUT_WR) says so to the state machine, and then waits in a wait
 * queue of its own until the sending half is over: until the FIN_ACK, the
 * timer, or a reset.  Whoever waits there holds no lock.
 */

#include <linux/file.h>
#include <linux/fs.h>
#include <linux/net.h>
#include <net/sock.h>

#include "af.h"
#include "assoc.h"
#include "channel.h"
#include "listener.h"
#include "substream.h"
#include "timer.h"

/* The same every time it is asked for. */
static int wrtcsub_af_shutdown_result(struct wrtcsub_sock *ws)
{
	switch (wrtcsub_fsm_tx(wrtcsub_substream_state(ws))) {
	case WRTCSUB_TX_FIN_ACKED:
		return 0;
	case WRTCSUB_TX_TIMED_OUT:
		return -ETIMEDOUT;
	case WRTCSUB_TX_RESET:
		return READ_ONCE(ws->err) == ETIMEDOUT ? -ETIMEDOUT :
							 -ECONNRESET;
	default:
		return -EINPROGRESS;
	}
}

static int wrtcsub_af_wait_fin(struct wrtcsub_sock *ws)
{
	int err;

	err = wait_event_interruptible(ws->fin_wait,
				       wrtcsub_fsm_tx_over
				       (wrtcsub_substream_state(ws)));
	return err ?: wrtcsub_af_shutdown_result(ws);
}

static int wrtcsub_af_shutdown_listener(struct wrtcsub_sock *ws, int how)
{
	sock_owned_by_me(&ws->sk);

	if (how & RCV_SHUTDOWN) {
		wrtcsub_listener_stop(ws);
		wrtcsub_substream_wake_all(ws, EPOLLIN);
	}
	return 0;
}

static int wrtcsub_af_shutdown_halves(struct wrtcsub_sock *ws, int how)
{
	struct sock *sk = &ws->sk;

	sock_owned_by_me(sk);

	if (sk->sk_state == TCP_LISTEN)
		return wrtcsub_af_shutdown_listener(ws, how);
	if (!wrtcsub_substream_is_connected(ws))
		return -ENOTCONN;
	WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | how);
	if (how & RCV_SHUTDOWN)
		wrtcsub_substream_event(ws, WRTCSUB_EV_SHUT_RD);
	if (how & SEND_SHUTDOWN) {
		wrtcsub_substream_event(ws, WRTCSUB_EV_SHUT_WR);
		return -EINPROGRESS;
	}
	return 0;
}

/**
 * wrtcsub_af_shutdown() - shutdown(2)
 * @sock: a substream, or a listener
 * @how: SHUT_RD, SHUT_WR or SHUT_RDWR
 *
 * Context: process.  SHUT_WR waits, unless the file is O_NONBLOCK, or
 * WRTCSUB_SHUT_NOWAIT is set.
 * Return: 0: the peer has acknowledged the end of the stream; -ETIMEDOUT: it
 *	has not, in time; -ECONNRESET; -EINPROGRESS: O_NONBLOCK; -ERESTARTSYS:
 *	the handshake goes on, and calling again waits for the rest of it;
 *	-ENOTCONN; -EINVAL.
 */
int wrtcsub_af_shutdown(struct socket *sock, int how)
{
	struct wrtcsub_sock *ws = wrtcsub_sk(sock->sk);
	int err;

	if (how < SHUT_RD || how > SHUT_RDWR)
		return -EINVAL;

	lock_sock(sock->sk);
	err = wrtcsub_af_shutdown_halves(ws, how + 1);
	release_sock(sock->sk);
	if (err != -EINPROGRESS)
		return err;

	if (READ_ONCE(ws->opt.shut_nowait)) {
		err = wrtcsub_af_shutdown_result(ws);
		return err == -EINPROGRESS ? 0 : err;
	}
	if (sock->file && sock->file->f_flags & O_NONBLOCK)
		return wrtcsub_af_shutdown_result(ws);
	return wrtcsub_af_wait_fin(ws);
}

/* SO_LINGER with a time: wait for the FIN_ACK, no longer than that. */
static void wrtcsub_af_linger(struct wrtcsub_sock *ws)
{
	if (current->flags & PF_EXITING)
		return;
	wait_event_interruptible_timeout(ws->fin_wait,
					 wrtcsub_fsm_tx_over
					 (wrtcsub_substream_state(ws)),
					 ws->sk.sk_lingertime);
}

/* The program is gone; the kernel goes on. */
static void wrtcsub_af_close(struct wrtcsub_sock *ws)
{
	struct sock *sk = &ws->sk;

	sock_owned_by_me(sk);

	/* The reset first, so that the peer gets nothing else. */
	if (sock_flag(sk, SOCK_LINGER) && !sk->sk_lingertime) {
		wrtcsub_substream_fail(ws, WRTCSUB_EV_ABORT, ECONNRESET);
		wrtcsub_substream_event(ws, WRTCSUB_EV_SHUT_RD);
		return;
	}
	wrtcsub_substream_event(ws, WRTCSUB_EV_SHUT_RD);
	wrtcsub_substream_event(ws, WRTCSUB_EV_SHUT_WR);
	wrtcsub_timer_closing(ws);
}

/**
 * wrtcsub_af_release() - close(2) of the last descriptor
 * @sock: the socket
 *
 * Context: process.  Waits only with SO_LINGER and a time.
 * Return: 0.
 */
int wrtcsub_af_release(struct socket *sock)
{
	struct sock *sk = sock->sk;
	struct wrtcsub_sock *ws;
	bool linger = false;

	if (!sk)
		return 0;
	ws = wrtcsub_sk(sk);

	lock_sock(sk);
	if (sk->sk_state == TCP_LISTEN)
		wrtcsub_listener_stop(ws);
	wrtcsub_af_drop_bound(ws);
	/* One that waits for its DATA_CHANNEL_ACK has a channel to close. */
	if (!wrtcsub_channel_cancel(ws) && sk->sk_state != TCP_CLOSE) {
		wrtcsub_af_close(ws);
		linger = sock_flag(sk, SOCK_LINGER) && sk->sk_lingertime;
	}
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	release_sock(sk);

	if (linger)
		wrtcsub_af_linger(ws);
	sock_orphan(sk);
	sock->sk = NULL;
	sock_put(sk);
	return 0;
}
