/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _WRTCSUB_COMPAT_NET_SOCK_H
#define _WRTCSUB_COMPAT_NET_SOCK_H

#include_next <net/sock.h>

/* Whose it is was asked for under a lock. */
#ifndef WRTCSUB_HAVE_SK_UID
static inline kuid_t sk_uid(const struct sock *sk)
{
	return READ_ONCE(sk->sk_uid);
}
#endif

/* proto.ioctl wrote to the program, and was called for sockets of inet only. */
#ifndef WRTCSUB_HAVE_PROTO_IOCTL_KARG
#define PROTO_IOCTL(_ioctl)
#endif

#endif /* _WRTCSUB_COMPAT_NET_SOCK_H */
