/* SPDX-License-Identifier: GPL-2.0 */
/* No include guard: the kernel's header is read more than once by design. */
#include_next <trace/events/sock.h>

#ifndef WRTCSUB_HAVE_SK_DATA_READY_TP
#define trace_sk_data_ready(sk) do { } while (0)
#endif
