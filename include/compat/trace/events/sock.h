/* SPDX-License-Identifier: GPL-2.0 */
/* No include guard: the kernel's header is read more than once by design. */
#include_next <trace/events/sock.h>

#if !defined(WRTCSUB_HAVE_SK_DATA_READY_TP) && \
	!defined(_WRTCSUB_COMPAT_TRACE_EVENTS_SOCK_H)
#define _WRTCSUB_COMPAT_TRACE_EVENTS_SOCK_H

static inline void trace_sk_data_ready(const struct sock *sk)
{
}
#endif
