/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _WRTCSUB_COMPAT_LINUX_SOCKET_H
#define _WRTCSUB_COMPAT_LINUX_SOCKET_H

#include_next <linux/socket.h>

/* bind and connect took a struct sockaddr of any size. */
#ifndef WRTCSUB_HAVE_SOCKADDR_UNSIZED
#define sockaddr_unsized sockaddr
#endif

#endif /* _WRTCSUB_COMPAT_LINUX_SOCKET_H */
