// SPDX-License-Identifier: GPL-2.0
/*
 * A substream: from events to wake-ups and flags that are due.
 *
 * Every change of state is one cmpxchg of the state word; who wins it carries
 * out the actions that the state machine names, whatever context it is in:
 *
 *	event			from
 *	SHUT_WR, SHUT_RD	the program, under lock_sock
 *	ABORT			the program, under lock_sock; the work; timers
 *	TIMER, GIVE_UP		timers (timer.c), softirq
 *	all others		the association's work
 *
 * Who waits for what:
 *
 *	writers, EPOLLOUT	the socket's wait queue
 *	readers, EPOLLIN	the socket's wait queue
 *	shutdown(2)		fin_wait
 *
 * The life of a socket that was closed ("orphan"):
 *
 * 1. release() orphans it, so nobody is woken any more, and says SHUT_RD and
 *    SHUT_WR: STOP_SENDING and, after the last byte, FIN are due.
 * 2. The close timer bounds the wait for the peer's FIN, the FIN timer that
 *    for its FIN_ACK.
 * 3. When both halves are over the work takes it out of the association's
 *    table, hands the identifier to the closing of channels (reset.c), and
 *    drops the table's reference.
 * 4. The last reference frees what is queued and drops the association.
 */

#include <linux/ktime.h>
#include <linux/wait_bit.h>
#include <net/sock.h>

#include "assoc.h"
#include "channel.h"
#include "listener.h"
#include "mib.h"
#include "pernet.h"
#include "sockets.h"
#include "substream.h"
#include "timer.h"
#include "trace.h"

static void wrtcsub_substream_destruct(struct sock *sk)
{
	struct wrtcsub_sock *ws = wrtcsub_sk(sk);
	struct wrtcsub_pernet *pn = wrtcsub_pernet(sock_net(sk));

	WARN_ON_ONCE(ws->listener || ws->bound);
	/* The work has dropped it when it took the place away. */
	WARN_ON_ONCE(!skb_queue_empty(&ws->rxq.partial));
	wrtcsub_rxq_purge(ws);
	sk_mem_reclaim_final(sk);
	WARN_ON_ONCE(atomic_read(&sk->sk_rmem_alloc) || sk->sk_forward_alloc);
	wrtcsub_txq_destroy(&ws->txq);
	kfree(ws->label);
	kfree(ws->protocol);
	if (ws->attached)
		wrtcsub_assoc_put(ws->attached);
	if (ws->assoc)
		wrtcsub_assoc_put(ws->assoc);
	wrtcsub_sockets_remove(ws);
	/* The address is but a name here: nothing of @pn is touched. */
	if (atomic_dec_and_test(&pn->nr_sockets))
		wake_up_var(&pn->nr_sockets);
}

/**
 * wrtcsub_substream_wait_all() - wait until there is no socket any more
 * @net: the namespace, in which no socket can be made
 *
 * Context: process, may sleep.
 */
void wrtcsub_substream_wait_all(struct net *net)
{
	struct wrtcsub_pernet *pn = wrtcsub_pernet(net);

	wait_var_event(&pn->nr_sockets, !atomic_read(&pn->nr_sockets));
	/* They are freed by RCU, the last one perhaps just now. */
	rcu_barrier();
}

/* SO_SNDBUF has been set.  What was held because it may grow may not any more. */
static void wrtcsub_substream_write_space(struct sock *sk)
{
	struct wrtcsub_sock *ws = wrtcsub_sk(sk);

	if (wrtcsub_substream_is_connected(ws))
		wrtcsub_substream_kick(ws);
	wrtcsub_substream_wake_writers(ws);
}

/**
 * wrtcsub_substream_alloc() - make a socket
 * @net: its namespace
 * @type: SOCK_STREAM or SOCK_SEQPACKET
 * @kern: as of sk_alloc()
 *
 * Context: process, may sleep.
 * Return: the socket, unconnected, or NULL.
 */
struct wrtcsub_sock *wrtcsub_substream_alloc(struct net *net, int type,
					     int kern)
{
	struct wrtcsub_sock *ws;
	struct sock *sk;

	sk = sk_alloc(net, PF_WRTCSUB, GFP_KERNEL, &wrtcsub_proto, kern);
	if (!sk)
		return NULL;
	sock_init_data(NULL, sk);
	atomic_inc(&wrtcsub_pernet(net)->nr_sockets);
	sock_set_flag(sk, SOCK_RCU_FREE);
	sk->sk_type = type;
	sk->sk_destruct = wrtcsub_substream_destruct;
	sk->sk_write_space = wrtcsub_substream_write_space;

	ws = wrtcsub_sk(sk);
	atomic_set(&ws->state, 0);
	init_waitqueue_head(&ws->fin_wait);
	wrtcsub_timer_init(ws);
	INIT_LIST_HEAD(&ws->turn);
	spin_lock_init(&ws->accept_lock);
	INIT_LIST_HEAD(&ws->accept_queue);
	INIT_LIST_HEAD(&ws->accept_node);
	wrtcsub_early_queue_init(&ws->early);
	wrtcsub_rxq_init(&ws->rxq);
	wrtcsub_option_init(&ws->opt, net);

	/* From here on others can look at it, and end it. */
	if (wrtcsub_sockets_add(ws)) {
		sock_put(sk);
		return NULL;
	}
	return ws;
}

/**
 * wrtcsub_substream_kick() - let the work look at this substream
 * @ws: the substream
 *
 * Context: any; takes no lock.
 */
void wrtcsub_substream_kick(struct wrtcsub_sock *ws)
{
	if (!ws->assoc)
		return;
	if (!test_and_set_bit(WRTCSUB_F_KICKED, &ws->flags)) {
		sock_hold(&ws->sk);
		llist_add(&ws->kick, &ws->assoc->kicked);
	}
	wrtcsub_assoc_wake(ws->assoc, 0);
}

static void wrtcsub_substream_signal(struct wrtcsub_sock *ws, __poll_t what)
{
	if (what & EPOLLIN)
		sk_wake_async(&ws->sk, SOCK_WAKE_WAITD, POLL_IN);
	if (what & EPOLLOUT)
		sk_wake_async(&ws->sk, SOCK_WAKE_IO, POLL_OUT);
}

/**
 * wrtcsub_substream_wake() - wake those who wait on the socket
 * @ws: the substream
 * @what: what they wait for, EPOLL*
 *
 * Of those who wait alone, in accept(2) or with EPOLLEXCLUSIVE, it wakes one.
 *
 * Context: any.
 */
void wrtcsub_substream_wake(struct wrtcsub_sock *ws, __poll_t what)
{
	struct socket_wq *wq;

	rcu_read_lock();
	wq = rcu_dereference(ws->sk.sk_wq);
	if (skwq_has_sleeper(wq))
		wake_up_interruptible_poll(&wq->wait, what);
	rcu_read_unlock();
	wrtcsub_substream_signal(ws, what);
}

/**
 * wrtcsub_substream_wake_all() - wake everyone, for the state has changed
 * @ws: the socket
 * @what: what SIGIO tells of it, EPOLLIN or EPOLLOUT
 *
 * As TCP does: unlike data it is for each of those who wait, whatever for.
 *
 * Context: any.
 */
void wrtcsub_substream_wake_all(struct wrtcsub_sock *ws, __poll_t what)
{
	ws->sk.sk_state_change(&ws->sk);
	wrtcsub_substream_signal(ws, what);
}

/**
 * wrtcsub_substream_is_writable() - has the send queue got room?
 * @ws: the substream
 *
 * A third of the buffer, as TCP has it, so that a writer is not woken for
 * every frame.
 *
 * Context: any.
 * Return: true if a writer is to be woken.
 */
bool wrtcsub_substream_is_writable(const struct wrtcsub_sock *ws)
{
	unsigned int limit = READ_ONCE(ws->sk.sk_sndbuf);

	return wrtcsub_txq_len(&ws->txq) < limit - limit / 3;
}

/**
 * wrtcsub_substream_wake_writers() - wake writers, if one has found no room
 * @ws: the substream
 *
 * Context: any.
 */
void wrtcsub_substream_wake_writers(struct wrtcsub_sock *ws)
{
	struct socket *sock;
	bool wake;

	if (!wrtcsub_substream_is_writable(ws))
		return;
	rcu_read_lock();
	/* Pairs with the barrier between setting the bit and looking at the
	 * queue again, in poll and in sendmsg.
	 */
	smp_mb();
	sock = READ_ONCE(ws->sk.sk_socket);
	wake = sock && test_and_clear_bit(SOCK_NOSPACE, &sock->flags);
	rcu_read_unlock();
	if (wake)
		wrtcsub_substream_wake(ws, EPOLLOUT | EPOLLWRNORM |
					   EPOLLWRBAND);
}

static void wrtcsub_substream_count(struct wrtcsub_sock *ws,
				    enum wrtcsub_event event)
{
	struct net *net = sock_net(&ws->sk);

	if (event == WRTCSUB_EV_FIN)
		wrtcsub_mib_inc(net, WRTCSUB_MIB_RX_DUP_FINS);
	else if (event == WRTCSUB_EV_FIN_ACK)
		wrtcsub_mib_inc(net, WRTCSUB_MIB_RX_STRAY_FIN_ACKS);
}

/* Has connect(2) found an association, and yet no peer who takes the channel?
 * With WRTCSUB_OPEN_WAIT it may have waited in vain.
 */
static bool wrtcsub_substream_is_refused(const struct wrtcsub_sock *ws, int err)
{
	return err == ECONNREFUSED ||
	       (err == ETIMEDOUT && READ_ONCE(ws->opt.open_wait) &&
		!test_bit(WRTCSUB_F_ACKED, &ws->flags));
}

/* What a change means to who looks on. */
static void wrtcsub_substream_note(struct wrtcsub_sock *ws,
				   enum wrtcsub_event event, u32 old, u32 new)
{
	struct net *net = sock_net(&ws->sk);
	int err = READ_ONCE(ws->err);

	trace_wrtcsub_state(ws, event, old, new);
	switch (event) {
	case WRTCSUB_EV_FIN_ACK:
		WRITE_ONCE(ws->fin_rtt_us,
			   max_t(s64, 1, ktime_us_delta(ktime_get(),
							ws->fin_sent)));
		break;
	case WRTCSUB_EV_TIMER:
		wrtcsub_mib_inc(net, WRTCSUB_MIB_FIN_TIMEOUTS);
		trace_wrtcsub_timeout(ws->assoc, ws, ETIMEDOUT);
		break;
	case WRTCSUB_EV_GIVE_UP:
		wrtcsub_mib_inc(net, WRTCSUB_MIB_GIVEN_UP);
		trace_wrtcsub_timeout(ws->assoc, ws, 0);
		break;
	case WRTCSUB_EV_ABORT:
		/* Of a timer of ours: it is reset because of that. */
		if (err == ETIMEDOUT)
			trace_wrtcsub_timeout(ws->assoc, ws, err);
		fallthrough;
	case WRTCSUB_EV_RESET_STREAM:
	case WRTCSUB_EV_OVERFLOW:
	case WRTCSUB_EV_LOST:
		trace_wrtcsub_reset(ws->assoc, ws, err);
		if (wrtcsub_substream_is_refused(ws, err))
			wrtcsub_mib_inc(net, WRTCSUB_MIB_OPENS_FAILED);
		break;
	default:
		break;
	}
}

static void wrtcsub_substream_act(struct wrtcsub_sock *ws, u32 actions)
{
	__poll_t wake = 0;

	if (actions & WRTCSUB_DO_STOP_TIMER)
		wrtcsub_timer_stop_fin(ws);
	if (actions & WRTCSUB_DO_DROP_RX)
		wrtcsub_rxq_purge(ws);
	if (actions & WRTCSUB_DO_WAKE_READERS)
		wake |= EPOLLIN;
	if (actions & WRTCSUB_DO_WAKE_WRITERS)
		wake |= EPOLLOUT;
	if (wake)
		wrtcsub_substream_wake_all(ws, wake);
	if (actions & WRTCSUB_DO_WAKE_FIN)
		wake_up_interruptible_all(&ws->fin_wait);
}

/**
 * wrtcsub_substream_event() - change the state, and do what follows
 * @ws: the substream
 * @event: what happened
 *
 * To drop what is queued to send (WRTCSUB_DO_DROP_TX) is the work's: it hands
 * bytes over only in a state that lets it, and is kicked here.
 *
 * Context: any; takes no lock, wakes.  The caller has a reference.
 * Return: the new state word.
 */
u32 wrtcsub_substream_event(struct wrtcsub_sock *ws, enum wrtcsub_event event)
{
	u32 old = atomic_read(&ws->state);
	int err = READ_ONCE(ws->err);
	bool reported = false;
	u32 new, actions;

	do {
		new = wrtcsub_fsm_next(old, event, &actions);
		/* Who sees the state sees the error, and can take it. */
		if (actions & WRTCSUB_DO_REPORT) {
			WRITE_ONCE(ws->sk.sk_err, err);
			reported = true;
		}
	} while (!atomic_try_cmpxchg(&ws->state, (int *)&old, new));
	/* Somebody else was faster; unless both calls have its error already, it
	 * is to stay.
	 */
	if (reported && !(actions & WRTCSUB_DO_REPORT) &&
	    !(new & (WRTCSUB_RX_ERROR | WRTCSUB_TX_ERROR)))
		cmpxchg(&ws->sk.sk_err, err, 0);

	if (actions & WRTCSUB_DO_COUNT)
		wrtcsub_substream_count(ws, event);
	if (new != old)
		wrtcsub_substream_note(ws, event, old, new);
	wrtcsub_substream_act(ws, actions);

	if (new != old && wrtcsub_substream_is_over(new))
		actions |= WRTCSUB_DO_KICK;
	if (actions & (WRTCSUB_DO_KICK | WRTCSUB_DO_DROP_TX))
		wrtcsub_substream_kick(ws);
	return new;
}

/**
 * wrtcsub_substream_fail() - end both halves with an error
 * @ws: the substream
 * @event: WRTCSUB_EV_RESET_STREAM, WRTCSUB_EV_ABORT, WRTCSUB_EV_OVERFLOW or
 *	WRTCSUB_EV_LOST
 * @err: what calls return, a positive errno; the first one stays
 *
 * Context: as wrtcsub_substream_event().
 */
void wrtcsub_substream_fail(struct wrtcsub_sock *ws, enum wrtcsub_event event,
			    int err)
{
	cmpxchg(&ws->err, 0, err);
	wrtcsub_substream_event(ws, event);
}

/**
 * wrtcsub_substream_lose() - the channel is no more
 * @ws: the substream
 * @err: why, a positive errno
 *
 * One whose halves are over has nothing to lose.
 *
 * Context: the association's work.
 */
void wrtcsub_substream_lose(struct wrtcsub_sock *ws, int err)
{
	if (!wrtcsub_substream_is_over(wrtcsub_substream_state(ws)))
		wrtcsub_substream_fail(ws, WRTCSUB_EV_LOST, err);
}

/**
 * wrtcsub_substream_destroy() - end it for the administrator
 * @sk: any socket
 * @err: what calls return, a positive errno
 *
 * Context: process.
 * Return: 0.
 */
int wrtcsub_substream_destroy(struct sock *sk, int err)
{
	struct wrtcsub_sock *ws = wrtcsub_sk(sk);

	lock_sock(sk);
	if (sk->sk_state == TCP_LISTEN)
		wrtcsub_listener_stop(ws);
	if (wrtcsub_channel_cancel(ws) || sk->sk_state == TCP_CLOSE) {
		WRITE_ONCE(sk->sk_err, err);
		wrtcsub_substream_wake_all(ws, EPOLLIN | EPOLLOUT);
	} else {
		wrtcsub_substream_fail(ws, WRTCSUB_EV_ABORT, err);
	}
	release_sock(sk);
	return 0;
}

/* Has the reader an error, which recvmmsg(2) has taken and put back?  Those of
 * the state machine come with WRTCSUB_RX_ERROR.
 */
static bool wrtcsub_substream_is_put_back(const struct wrtcsub_sock *ws,
					  u32 word)
{
	return wrtcsub_fsm_rx(word) == WRTCSUB_RX_RESET &&
	       !(word & WRTCSUB_RX_ERROR) &&
	       !(READ_ONCE(ws->sk.sk_shutdown) & RCV_SHUTDOWN);
}

/**
 * wrtcsub_substream_error() - the error that one side has not seen yet
 * @ws: a substream that was reset
 * @which: WRTCSUB_RX_ERROR for a reader, WRTCSUB_TX_ERROR for a writer
 *
 * Reader and writer get it once each: what one of them has seen must not make
 * a truncated stream look finished to the other, nor to a reader whom
 * recvmmsg(2) has not told yet.
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int wrtcsub_substream_error(struct wrtcsub_sock *ws, u32 which)
{
	u32 word = atomic_fetch_andnot(which, &ws->state);

	if (!(word & which))
		return 0;
	if (!wrtcsub_substream_is_put_back(ws, word))
		WRITE_ONCE(ws->sk.sk_err, 0);
	return -READ_ONCE(ws->err);
}

/**
 * wrtcsub_substream_acked() - the peer has seen the channel
 * @ws: the substream
 *
 * "[...] after the DATA_CHANNEL_ACK or any other message has been received".
 *
 * Context: the association's work.
 * Source: RFC 8832, section 6.
 */
void wrtcsub_substream_acked(struct wrtcsub_sock *ws)
{
	bool opened = false;

	if (test_and_set_bit(WRTCSUB_F_ACKED, &ws->flags))
		return;
	spin_lock_bh(&ws->assoc->lock);
	if (ws->sk.sk_state == TCP_SYN_SENT) {
		wrtcsub_substream_set_phase(ws, TCP_ESTABLISHED);
		opened = true;
	}
	spin_unlock_bh(&ws->assoc->lock);
	if (!opened)
		return;
	/* One that was closed meanwhile waits for a FIN_ACK with it. */
	if (wrtcsub_fsm_tx(wrtcsub_substream_state(ws)) != WRTCSUB_TX_FIN_SENT)
		wrtcsub_timer_stop_fin(ws);
	/* Who waits for data looked in vain when that came with it. */
	wrtcsub_substream_wake_all(ws, EPOLLOUT);
}
