/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _WRTCSUB_COMPAT_NET_SCTP_STRUCTS_H
#define _WRTCSUB_COMPAT_NET_SCTP_STRUCTS_H

#include_next <net/sctp/structs.h>

/* Without the field, sockets that are accepted do not check cookies. */
static inline void
wrtcsub_endpoint_copy_cookie_key(struct sctp_endpoint *ep,
				 const struct sctp_endpoint *from)
{
#ifdef WRTCSUB_HAVE_COOKIE_AUTH_KEY
	ep->cookie_auth_key = from->cookie_auth_key;
#endif
}

#endif /* _WRTCSUB_COMPAT_NET_SCTP_STRUCTS_H */
