// SPDX-License-Identifier: GPL-2.0
/* setsockopt(2) and getsockopt(2): which level an option belongs to. */

#include <linux/net.h>
#include <linux/sockptr.h>
#include <net/sock.h>

#include "af.h"
#include "substream.h"

/* SOL_SOCKET.  The kernel lets SO_REUSEPORT to inet sockets only, because with
 * SO_ATTACH_REUSEPORT_CBPF or _EBPF it makes RCU free the socket, and there are
 * destructors that sleep.  RCU frees ours in any case (SOCK_RCU_FREE).
 */
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
 * @level: SOL_SOCKET, SOL_WRTCSUB, SOL_SCTP, SOL_IP or SOL_IPV6
 * @option: the option
 * @value: its value
 * @len: bytes of it
 *
 * Context: process.
 * Return: 0; -ENOPROTOOPT: another level; otherwise as of the level.
 */
int wrtcsub_af_setsockopt(struct socket *sock, int level, int option,
			  sockptr_t value, unsigned int len)
{
	switch (level) {
	case SOL_SOCKET:
		return wrtcsub_sockopt_generic(sock, option, value, len);
	case SOL_WRTCSUB:
		return wrtcsub_af_set_option(sock, option, value, len);
	case SOL_SCTP:
	case SOL_IP:
	case SOL_IPV6:
		return wrtcsub_af_set_sctp(sock, level, option, value, len);
	default:
		return -ENOPROTOOPT;
	}
}

/**
 * wrtcsub_af_set_rcvlowat() - SO_RCVLOWAT
 * @sk: any socket of ours
 * @val: bytes
 *
 * If that is fewer than before there may be enough for who polls.
 *
 * Context: process, under lock_sock of @sk.
 * Return: 0.
 */
int wrtcsub_af_set_rcvlowat(struct sock *sk, int val)
{
	sock_owned_by_me(sk);

	WRITE_ONCE(sk->sk_rcvlowat, val ?: 1);
	wrtcsub_substream_wake(wrtcsub_sk(sk), EPOLLIN | EPOLLRDNORM);
	return 0;
}

/**
 * wrtcsub_af_getsockopt() - getsockopt(2)
 * @sock: the socket
 * @level: SOL_WRTCSUB, SOL_SCTP, SOL_IP or SOL_IPV6
 * @option: the option
 * @value: room for its value
 * @len: bytes of it; set to how many there are
 *
 * Context: process.
 * Return: 0; -ENOPROTOOPT: another level; otherwise as of the level.
 */
int wrtcsub_af_getsockopt(struct socket *sock, int level, int option,
			  char __user *value, int __user *len)
{
	switch (level) {
	case SOL_WRTCSUB:
		return wrtcsub_af_get_option(sock, option, value, len);
	case SOL_SCTP:
	case SOL_IP:
	case SOL_IPV6:
		return wrtcsub_af_get_sctp(sock, level, option, value, len);
	default:
		return -ENOPROTOOPT;
	}
}
