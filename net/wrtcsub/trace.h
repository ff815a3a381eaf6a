/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints wrtcsub:*.  Each has the cookie of the namespace (SO_NETNS_COOKIE,
 * lsns), the identifier of the association and, of a substream, that of its
 * stream.
 */

#undef TRACE_SYSTEM
#define TRACE_SYSTEM wrtcsub

#if !defined(_NET_WRTCSUB_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _NET_WRTCSUB_TRACE_H

#include <linux/tracepoint.h>

#include "assoc.h"
#include "substream.h"

#define wrtcsub_trace_tx(_state)					\
	__print_symbolic(_state,					\
			 { WRTCSUB_TX_OPEN, "OPEN" },			\
			 { WRTCSUB_TX_SEND_CLOSED, "SEND_CLOSED" },	\
			 { WRTCSUB_TX_CLOSING, "CLOSING" },		\
			 { WRTCSUB_TX_FIN_SENT, "FIN_SENT" },		\
			 { WRTCSUB_TX_FIN_ACKED, "FIN_ACKED" },		\
			 { WRTCSUB_TX_TIMED_OUT, "TIMED_OUT" },		\
			 { WRTCSUB_TX_RESET, "RESET" })

#define wrtcsub_trace_rx(_state)					\
	__print_symbolic(_state,					\
			 { WRTCSUB_RX_OPEN, "OPEN" },			\
			 { WRTCSUB_RX_FIN_RCVD, "FIN_RCVD" },		\
			 { WRTCSUB_RX_STOPPED, "STOPPED" },		\
			 { WRTCSUB_RX_RESET, "RESET" })

#define wrtcsub_trace_event(_event)					\
	__print_symbolic(_event,					\
			 { WRTCSUB_EV_SHUT_WR, "SHUT_WR" },		\
			 { WRTCSUB_EV_DRAINED, "DRAINED" },		\
			 { WRTCSUB_EV_FIN_ACK, "FIN_ACK" },		\
			 { WRTCSUB_EV_TIMER, "TIMER" },			\
			 { WRTCSUB_EV_STOP_SENDING, "STOP_SENDING" },	\
			 { WRTCSUB_EV_FIN, "FIN" },			\
			 { WRTCSUB_EV_SHUT_RD, "SHUT_RD" },		\
			 { WRTCSUB_EV_GIVE_UP, "GIVE_UP" },		\
			 { WRTCSUB_EV_RESET_STREAM, "RESET_STREAM" },	\
			 { WRTCSUB_EV_ABORT, "ABORT" },			\
			 { WRTCSUB_EV_OVERFLOW, "OVERFLOW" },		\
			 { WRTCSUB_EV_LOST, "LOST" })

#define wrtcsub_trace_flag(_flag)					\
	__print_symbolic(_flag,						\
			 { -1, "-" },					\
			 { WRTCSUB_FLAG_FIN, "FIN" },			\
			 { WRTCSUB_FLAG_STOP_SENDING, "STOP_SENDING" },	\
			 { WRTCSUB_FLAG_RESET_STREAM, "RESET_STREAM" },	\
			 { WRTCSUB_FLAG_FIN_ACK, "FIN_ACK" })

/* A half has changed its state; the words are those of fsm.h. */
TRACE_EVENT(wrtcsub_state,

	TP_PROTO(const struct wrtcsub_sock *ws, int event, u32 old, u32 new),

	TP_ARGS(ws, event, old, new),

	TP_STRUCT__entry(
		__field(u64, net_cookie)
		__field(u32, assoc)
		__field(u16, stream)
		__field(int, event)
		__field(u8, old_tx)
		__field(u8, new_tx)
		__field(u8, old_rx)
		__field(u8, new_rx)
	),

	TP_fast_assign(
		__entry->net_cookie = sock_net(&ws->sk)->net_cookie;
		__entry->assoc = ws->assoc ? ws->assoc->id : 0;
		__entry->stream = ws->sid;
		__entry->event = event;
		__entry->old_tx = wrtcsub_fsm_tx(old);
		__entry->new_tx = wrtcsub_fsm_tx(new);
		__entry->old_rx = wrtcsub_fsm_rx(old);
		__entry->new_rx = wrtcsub_fsm_rx(new);
	),

	TP_printk("net=%llu assoc=%u stream=%u event=%s tx=%s->%s rx=%s->%s",
		  __entry->net_cookie, __entry->assoc, __entry->stream,
		  wrtcsub_trace_event(__entry->event),
		  wrtcsub_trace_tx(__entry->old_tx),
		  wrtcsub_trace_tx(__entry->new_tx),
		  wrtcsub_trace_rx(__entry->old_rx),
		  wrtcsub_trace_rx(__entry->new_rx))
);

/* A frame, of @len bytes of payload, with a flag or without (-1). */
DECLARE_EVENT_CLASS(wrtcsub_frame,

	TP_PROTO(const struct wrtcsub_sock *ws, int flag, unsigned int len),

	TP_ARGS(ws, flag, len),

	TP_STRUCT__entry(
		__field(u64, net_cookie)
		__field(u32, assoc)
		__field(u16, stream)
		__field(int, flag)
		__field(unsigned int, len)
	),

	TP_fast_assign(
		__entry->net_cookie = sock_net(&ws->sk)->net_cookie;
		__entry->assoc = ws->assoc->id;
		__entry->stream = ws->sid;
		__entry->flag = flag;
		__entry->len = len;
	),

	TP_printk("net=%llu assoc=%u stream=%u flag=%s len=%u",
		  __entry->net_cookie, __entry->assoc, __entry->stream,
		  wrtcsub_trace_flag(__entry->flag), __entry->len)
);

DEFINE_EVENT(wrtcsub_frame, wrtcsub_frame_in,
	TP_PROTO(const struct wrtcsub_sock *ws, int flag, unsigned int len),
	TP_ARGS(ws, flag, len)
);

DEFINE_EVENT(wrtcsub_frame, wrtcsub_frame_out,
	TP_PROTO(const struct wrtcsub_sock *ws, int flag, unsigned int len),
	TP_ARGS(ws, flag, len)
);

/* A substream: opened by connect; opened by the peer, and not refused; ended in
 * some way, if it was either; ended for want of an answer; reset.  One that is
 * reset for want of an answer is told of as timeout, then as reset.
 */
DECLARE_EVENT_CLASS(wrtcsub_substream,

	TP_PROTO(const struct wrtcsub_assoc *a, const struct wrtcsub_sock *ws,
		 int err),

	TP_ARGS(a, ws, err),

	TP_STRUCT__entry(
		__field(u64, net_cookie)
		__field(u32, assoc)
		__field(u16, stream)
		__field(u8, tx)
		__field(u8, rx)
		__field(int, err)
	),

	TP_fast_assign(
		__entry->net_cookie = sock_net(&ws->sk)->net_cookie;
		__entry->assoc = a ? a->id : 0;
		__entry->stream = ws->sid;
		__entry->tx = wrtcsub_fsm_tx(wrtcsub_substream_state(ws));
		__entry->rx = wrtcsub_fsm_rx(wrtcsub_substream_state(ws));
		__entry->err = err;
	),

	TP_printk("net=%llu assoc=%u stream=%u tx=%s rx=%s err=%d",
		  __entry->net_cookie, __entry->assoc, __entry->stream,
		  wrtcsub_trace_tx(__entry->tx), wrtcsub_trace_rx(__entry->rx),
		  __entry->err)
);

#define WRTCSUB_TRACE_SUBSTREAM(_name)					\
DEFINE_EVENT(wrtcsub_substream, _name,					\
	TP_PROTO(const struct wrtcsub_assoc *a,				\
		 const struct wrtcsub_sock *ws, int err),		\
	TP_ARGS(a, ws, err)						\
)

WRTCSUB_TRACE_SUBSTREAM(wrtcsub_open);
WRTCSUB_TRACE_SUBSTREAM(wrtcsub_accept);
WRTCSUB_TRACE_SUBSTREAM(wrtcsub_close);
WRTCSUB_TRACE_SUBSTREAM(wrtcsub_timeout);
WRTCSUB_TRACE_SUBSTREAM(wrtcsub_reset);

/* An association: up, down, reading stopped for a slow reader, and going on.
 * Whose reader that is these do not say: all the substreams together have filled
 * @rmem, and the one whose message waits need not be one of the slow ones.
 */
DECLARE_EVENT_CLASS(wrtcsub_assoc,

	TP_PROTO(const struct wrtcsub_assoc *a, int err),

	TP_ARGS(a, err),

	TP_STRUCT__entry(
		__field(u64, net_cookie)
		__field(u32, assoc)
		__field(bool, initiator)
		__field(unsigned int, substreams)
		__field(int, rmem)
		__field(int, err)
		__array(u8, local, sizeof(struct sockaddr_in6))
		__array(u8, peer, sizeof(struct sockaddr_in6))
	),

	TP_fast_assign(
		__entry->net_cookie = a->net->net_cookie;
		__entry->assoc = a->id;
		__entry->initiator = a->initiator;
		__entry->substreams = a->nr_substreams;
		__entry->rmem = atomic_read(&a->rmem);
		__entry->err = err;
		memcpy(__entry->local, &a->local, sizeof(struct sockaddr_in6));
		memcpy(__entry->peer, &a->peer, sizeof(struct sockaddr_in6));
	),

	TP_printk("net=%llu assoc=%u initiator=%d substreams=%u rmem=%d err=%d local=%pISpc peer=%pISpc",
		  __entry->net_cookie, __entry->assoc, __entry->initiator,
		  __entry->substreams, __entry->rmem, __entry->err,
		  __entry->local, __entry->peer)
);

#define WRTCSUB_TRACE_ASSOC(_name)					\
DEFINE_EVENT(wrtcsub_assoc, _name,					\
	TP_PROTO(const struct wrtcsub_assoc *a, int err),		\
	TP_ARGS(a, err)							\
)

WRTCSUB_TRACE_ASSOC(wrtcsub_assoc_up);
WRTCSUB_TRACE_ASSOC(wrtcsub_assoc_down);
WRTCSUB_TRACE_ASSOC(wrtcsub_pause);
WRTCSUB_TRACE_ASSOC(wrtcsub_resume);

#endif /* _NET_WRTCSUB_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace

#include <trace/define_trace.h>
