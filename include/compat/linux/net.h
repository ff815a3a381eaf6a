/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _WRTCSUB_COMPAT_LINUX_NET_H
#define _WRTCSUB_COMPAT_LINUX_NET_H

#include_next <linux/net.h>

/* proto_ops.accept took flags and kern where it now takes one structure. */
#ifndef WRTCSUB_HAVE_PROTO_ACCEPT_ARG

struct proto_accept_arg {
	int	flags;
	int	err;
	int	is_empty;
	bool	kern;
};

#define DEFINE_PROTO_OPS_ACCEPT(_accept)				\
static int _accept##_flags(struct socket *sock, struct socket *newsock,	\
			   int flags, bool kern)			\
{									\
	struct proto_accept_arg arg = { .flags = flags, .kern = kern };	\
									\
	return _accept(sock, newsock, &arg);				\
}

#define PROTO_OPS_ACCEPT(_accept)	_accept##_flags

#endif /* WRTCSUB_HAVE_PROTO_ACCEPT_ARG */

/* Options at SOL_SOCKET could not be had: a bit that nobody looks at. */
#ifndef WRTCSUB_HAVE_CUSTOM_SOCKOPT
#define SOCK_CUSTOM_SOCKOPT	31
#endif

#endif /* _WRTCSUB_COMPAT_LINUX_NET_H */
