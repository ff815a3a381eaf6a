// SPDX-License-Identifier: GPL-2.0
/* poll(2): what the state word, the queues and the error say. */

#include <linux/net.h>
#include <linux/poll.h>
#include <net/sock.h>

#include "af.h"
#include "assoc.h"
#include "substream.h"

/* The end of what can be read, or accepted. */
#define WRTCSUB_AF_POLL_END	(EPOLLIN | EPOLLRDNORM | EPOLLRDHUP)

static __poll_t wrtcsub_af_poll_listener(struct wrtcsub_sock *ws)
{
	if (test_bit(WRTCSUB_F_ENDED, &ws->flags))
		return WRTCSUB_AF_POLL_END | EPOLLHUP;
	if (!list_empty_careful(&ws->accept_queue))
		return EPOLLIN | EPOLLRDNORM;
	return 0;
}

/* As TCP has it, one that was refused, until connect has said so, or that was
 * ended by the administrator, has an end; one that was never connected has none.
 */
static __poll_t wrtcsub_af_poll_closed(struct socket *sock)
{
	__poll_t mask = EPOLLOUT | EPOLLWRNORM | EPOLLHUP;

	if (READ_ONCE(sock->state) == SS_CONNECTING ||
	    READ_ONCE(sock->sk->sk_err))
		mask |= WRTCSUB_AF_POLL_END;
	return mask;
}

static bool wrtcsub_af_is_readable(const struct wrtcsub_sock *ws)
{
	unsigned int bytes = READ_ONCE(ws->rxq.bytes);

	/* While others wait for this reader it may have what there is. */
	return bytes && (bytes >= READ_ONCE(ws->sk.sk_rcvlowat) ||
			 READ_ONCE(ws->assoc->paused));
}

static __poll_t wrtcsub_af_poll_rx(const struct wrtcsub_sock *ws, u32 word)
{
	bool shut = READ_ONCE(ws->sk.sk_shutdown) & RCV_SHUTDOWN;
	__poll_t mask = 0;

	if (shut || wrtcsub_fsm_rx_over(word))
		mask |= WRTCSUB_AF_POLL_END;
	else if (wrtcsub_af_is_readable(ws))
		mask |= EPOLLIN | EPOLLRDNORM;
	if ((shut || wrtcsub_fsm_rx_over(word)) && wrtcsub_fsm_tx_over(word))
		mask |= EPOLLHUP;
	return mask;
}

/* While a FIN is on its way EPOLLOUT is what its end will be told by. */
static __poll_t wrtcsub_af_poll_tx(struct wrtcsub_sock *ws, u32 word)
{
	if (wrtcsub_fsm_fin_on_way(word))
		return 0;
	if (!wrtcsub_fsm_tx_over(word) && !wrtcsub_substream_is_writable(ws)) {
		set_bit(SOCK_NOSPACE, &ws->sk.sk_socket->flags);
		/* Pairs with wrtcsub_substream_wake_writers(). */
		smp_mb__after_atomic();
		if (!wrtcsub_substream_is_writable(ws))
			return 0;
	}
	return EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;
}

/**
 * wrtcsub_af_poll() - poll(2), select(2), epoll(7)
 * @file: the socket's file
 * @sock: the socket
 * @wait: where to wait
 *
 * Context: process; takes no lock.
 * Return: EPOLL*.
 */
__poll_t wrtcsub_af_poll(struct file *file, struct socket *sock,
			 poll_table *wait)
{
	struct wrtcsub_sock *ws = wrtcsub_sk(sock->sk);
	struct sock *sk = sock->sk;
	__poll_t mask = 0;
	u32 word;

	sock_poll_wait(file, sock, wait);

	switch (wrtcsub_substream_phase(ws)) {
	case TCP_LISTEN:
		mask = wrtcsub_af_poll_listener(ws);
		break;
	case TCP_SYN_SENT:
		/* Refused: connect will say so. */
		if (wrtcsub_fsm_tx_over(wrtcsub_substream_state(ws)))
			mask = wrtcsub_af_poll_closed(sock);
		break;
	case TCP_ESTABLISHED:
		word = wrtcsub_substream_state(ws);
		mask = wrtcsub_af_poll_rx(ws, word) |
		       wrtcsub_af_poll_tx(ws, word);
		break;
	default:
		mask = wrtcsub_af_poll_closed(sock);
	}
	if (READ_ONCE(sk->sk_err))
		mask |= EPOLLERR;
	return mask;
}
