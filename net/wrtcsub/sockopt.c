// SPDX-License-Identifier: GPL-2.0
/* Options at level SOL_WRTCSUB. */

#include <linux/net.h>
#include <linux/sockptr.h>
#include <net/sock.h>

#include "af.h"
#include "assoc.h"
#include "substream.h"

#define WRTCSUB_SOCKOPT_TIMEOUT_MAX	600000
#define WRTCSUB_SOCKOPT_FRAME_MIN	256
#define WRTCSUB_SOCKOPT_FRAME_MAX	262144

static int wrtcsub_sockopt_store(int *to, int value, int min, int max)
{
	if (value < min || value > max)
		return -EINVAL;
	WRITE_ONCE(*to, value);
	return 0;
}

static int wrtcsub_sockopt_set(struct wrtcsub_sock *ws, int option, int value)
{
	switch (option) {
	case WRTCSUB_FIN_ACK_TIMEOUT:
		return wrtcsub_sockopt_store(&ws->fin_timeout_ms, value, 1,
					     WRTCSUB_SOCKOPT_TIMEOUT_MAX);
	case WRTCSUB_MAX_FRAME:
		return wrtcsub_sockopt_store(&ws->max_frame, value,
					     WRTCSUB_SOCKOPT_FRAME_MIN,
					     WRTCSUB_SOCKOPT_FRAME_MAX);
	case WRTCSUB_FRAME_SPLIT:
		return wrtcsub_sockopt_store(&ws->frame_split, value, 0,
					     INT_MAX);
	case WRTCSUB_ERROR_CODE:
		WRITE_ONCE(ws->code, value);
		WRITE_ONCE(ws->has_code, true);
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

/* SOL_SOCKET: the kernel lets SO_REUSEPORT to inet sockets only. */
static int wrtcsub_sockopt_generic(struct socket *sock, int option,
				   sockptr_t value, unsigned int len)
{
	int v;

	if (option != SO_REUSEPORT)
		return sock_setsockopt(sock, SOL_SOCKET, option, value, len);
	if (len < sizeof(v))
		return -EINVAL;
	if (copy_from_sockptr(&v, value, sizeof(v)))
		return -EFAULT;
	lock_sock(sock->sk);
	sock->sk->sk_reuseport = !!v;
	release_sock(sock->sk);
	return 0;
}

/**
 * wrtcsub_af_setsockopt() - setsockopt(2)
 * @sock: the socket
 * @level: SOL_SOCKET or SOL_WRTCSUB
 * @option: WRTCSUB_*
 * @value: its value
 * @len: bytes of it
 *
 * Context: process.
 * Return: 0; -ENOPROTOOPT; -EINVAL; -EFAULT.
 */
int wrtcsub_af_setsockopt(struct socket *sock, int level, int option,
			  sockptr_t value, unsigned int len)
{
	int err, v;

	if (level == SOL_SOCKET)
		return wrtcsub_sockopt_generic(sock, option, value, len);
	if (level != SOL_WRTCSUB)
		return -ENOPROTOOPT;
	if (len < sizeof(v))
		return -EINVAL;
	if (copy_from_sockptr(&v, value, sizeof(v)))
		return -EFAULT;

	lock_sock(sock->sk);
	err = wrtcsub_sockopt_set(wrtcsub_sk(sock->sk), option, v);
	release_sock(sock->sk);
	return err;
}

static void wrtcsub_sockopt_info_assoc(struct wrtcsub_assoc *a,
				       struct wrtcsub_info *info)
{
	info->wi_role_odd = a->odd;
	info->wi_assoc_id = a->id;
	info->wi_assoc_substreams = READ_ONCE(a->nr_substreams);
	info->wi_assoc_rmem = atomic_read(&a->rmem);
	if (READ_ONCE(a->paused))
		info->wi_flags |= WRTCSUB_INFO_F_PAUSED;
	if (!a->reset.impossible)
		info->wi_flags |= WRTCSUB_INFO_F_RECONF;
	info->wi_assoc_out_streams = a->reset.nr;
	info->wi_assoc_in_streams = a->reset.nr;
}

static void wrtcsub_sockopt_info(struct wrtcsub_sock *ws,
				 struct wrtcsub_info *info)
{
	u32 word = wrtcsub_substream_state(ws);

	sock_owned_by_me(&ws->sk);

	memset(info, 0, sizeof(*info));
	info->wi_tx_state = wrtcsub_fsm_tx(word);
	info->wi_rx_state = wrtcsub_fsm_rx(word);
	info->wi_fin_timeout_ms = READ_ONCE(ws->fin_timeout_ms);
	if (smp_load_acquire(&ws->sk.sk_state) != TCP_ESTABLISHED)
		return;
	info->wi_flags = WRTCSUB_INFO_F_CONNECTED;
	if (test_bit(WRTCSUB_F_ACKED, &ws->flags))
		info->wi_flags |= WRTCSUB_INFO_F_ACKED;
	info->wi_stream_id = ws->sid;
	info->wi_error_code = READ_ONCE(ws->peer_code);
	info->wi_tx_bytes = READ_ONCE(ws->tx_bytes);
	info->wi_rx_bytes = READ_ONCE(ws->rx_bytes);
	info->wi_tx_frames = READ_ONCE(ws->tx_frames);
	info->wi_rx_frames = READ_ONCE(ws->rx_frames);
	info->wi_fin_rtt_us = READ_ONCE(ws->fin_rtt_us);
	info->wi_sndq = wrtcsub_txq_len(&ws->txq);
	info->wi_rcvq = READ_ONCE(ws->rxq.bytes);
	wrtcsub_sockopt_info_assoc(ws->assoc, info);
}

static int wrtcsub_sockopt_get(struct wrtcsub_sock *ws, int option, int *value)
{
	switch (option) {
	case WRTCSUB_STREAM_ID:
		if (smp_load_acquire(&ws->sk.sk_state) != TCP_ESTABLISHED)
			return -ENOTCONN;
		*value = ws->sid;
		return 0;
	case WRTCSUB_FIN_ACK_TIMEOUT:
		*value = READ_ONCE(ws->fin_timeout_ms);
		return 0;
	case WRTCSUB_MAX_FRAME:
		*value = READ_ONCE(ws->max_frame);
		return 0;
	case WRTCSUB_FRAME_SPLIT:
		*value = READ_ONCE(ws->frame_split);
		return 0;
	case WRTCSUB_ERROR_CODE:
		*value = READ_ONCE(ws->peer_code);
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

/**
 * wrtcsub_af_getsockopt() - getsockopt(2)
 * @sock: the socket
 * @level: SOL_WRTCSUB
 * @option: WRTCSUB_*
 * @value: room for its value
 * @len: bytes of it; set to how many there are
 *
 * Context: process.
 * Return: 0; -ENOPROTOOPT; -EINVAL; -ENOTCONN; -EFAULT.
 */
int wrtcsub_af_getsockopt(struct socket *sock, int level, int option,
			  char __user *value, int __user *len)
{
	struct wrtcsub_sock *ws = wrtcsub_sk(sock->sk);
	struct wrtcsub_info info;
	const void *from = &info;
	int err = 0, room, v;
	size_t size;

	if (level != SOL_WRTCSUB)
		return -ENOPROTOOPT;
	if (get_user(room, len))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;

	lock_sock(sock->sk);
	if (option == WRTCSUB_INFO) {
		wrtcsub_sockopt_info(ws, &info);
		size = sizeof(info);
	} else {
		err = wrtcsub_sockopt_get(ws, option, &v);
		from = &v;
		size = sizeof(v);
	}
	release_sock(sock->sk);
	if (err)
		return err;

	size = min_t(size_t, size, room);
	if (put_user((int)size, len) || copy_to_user(value, from, size))
		return -EFAULT;
	return 0;
}
