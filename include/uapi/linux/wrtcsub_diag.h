/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/*
 * AF_WRTCSUB by NETLINK_SOCK_DIAG, see sock_diag(7).
 *
 * SOCK_DIAG_BY_FAMILY with NLM_F_DUMP lists sockets or associations:
 * struct wrtcsub_diag_req, then attributes WRTCSUB_DIAG_REQ_* that narrow the
 * list.  Without NLM_F_DUMP it is about one: the socket with that cookie, or
 * the association with that identifier.  SOCK_DESTROY ends one; it needs
 * CAP_NET_ADMIN, and what is ended reports ECONNABORTED.
 *
 * An answer is struct wrtcsub_diag_msg or struct wrtcsub_diag_assoc, then
 * attributes WRTCSUB_DIAG_*.  Both structures grow at the end only, and
 * attributes that are not known are to be skipped.
 */
#ifndef _UAPI_LINUX_WRTCSUB_DIAG_H
#define _UAPI_LINUX_WRTCSUB_DIAG_H

#include <linux/types.h>

/* What is asked for. */
enum {
	WRTCSUB_DIAG_SOCKETS,
	WRTCSUB_DIAG_ASSOCS,
};

/* WRTCSUB_DIAG_REQ_STATES of all states. */
#define WRTCSUB_DIAG_ALL_STATES	0xffffffff

struct wrtcsub_diag_req {
	__u8	sdiag_family;		/* must be AF_WRTCSUB */
	__u8	sdiag_protocol;		/* must be 0 */
	__u8	wdiag_what;		/* WRTCSUB_DIAG_SOCKETS, ... */
	__u8	wdiag_reserved;		/* must be 0 */
	__u32	wdiag_states;		/* sockets: 1 << TCP_ESTABLISHED | ... */
	__u32	wdiag_show;		/* 1 << WRTCSUB_DIAG_* | ... */
	__u32	wdiag_assoc;		/* of this association; 0: of all */
	__u32	wdiag_cookie[2];	/* of one socket */
};

/* Attributes of a request. */
enum {
	WRTCSUB_DIAG_REQ_UNSPEC,
	WRTCSUB_DIAG_REQ_LOCAL,		/* IPv4 or IPv6 address, 4 or 16 bytes */
	WRTCSUB_DIAG_REQ_PEER,		/* likewise */
	WRTCSUB_DIAG_REQ_LOCAL_PORT,	/* __u16 */
	WRTCSUB_DIAG_REQ_PEER_PORT,	/* __u16 */
	WRTCSUB_DIAG_REQ_STREAM,	/* __u16: stream identifier */
	WRTCSUB_DIAG_REQ_UID,		/* __u32 */
	__WRTCSUB_DIAG_REQ_MAX,
};

#define WRTCSUB_DIAG_REQ_MAX (__WRTCSUB_DIAG_REQ_MAX - 1)

/* A socket. */
struct wrtcsub_diag_msg {
	__u8	wdiag_family;		/* AF_WRTCSUB */
	__u8	wdiag_type;		/* SOCK_STREAM or SOCK_SEQPACKET */
	__u8	wdiag_state;		/* TCP_*, as near as it comes */
	__u8	wdiag_tx_state;		/* enum wrtcsub_tx_state */
	__u8	wdiag_rx_state;		/* enum wrtcsub_rx_state */
	__u8	wdiag_flags;		/* WRTCSUB_INFO_F_* */
	__u16	wdiag_stream;		/* stream identifier */
	__u32	wdiag_assoc;		/* association's identifier, or 0 */
	__u32	wdiag_rqueue;		/* bytes to read; to be accepted */
	__u32	wdiag_wqueue;		/* bytes to send; the backlog */
	__u32	wdiag_uid;
	__u64	wdiag_ino;		/* 0: the program has closed it */
	__u32	wdiag_cookie[2];
};

/* An association. */
struct wrtcsub_diag_assoc {
	__u8	wdiag_family;		/* AF_WRTCSUB */
	__u8	wdiag_state;		/* enum wrtcsub_diag_assoc_state */
	__u8	wdiag_initiator;	/* connect made it */
	__u8	wdiag_role_odd;		/* our stream identifiers are odd */
	__u32	wdiag_assoc;
	__u32	wdiag_uid;		/* of who called connect, or listen */
	__u32	wdiag_substreams;
	__u32	wdiag_waiting;		/* of these: not open yet */
	__u32	wdiag_closing;		/* channels that are being closed */
	__u32	wdiag_rmem;		/* memory held for payload */
	__u32	wdiag_flags;		/* WRTCSUB_INFO_F_* */
};

enum wrtcsub_diag_assoc_state {
	WRTCSUB_DIAG_ASSOC_CONNECTING,
	WRTCSUB_DIAG_ASSOC_UP,
	WRTCSUB_DIAG_ASSOC_CLOSING,
	WRTCSUB_DIAG_ASSOC_CLOSED,
};

/* Attributes of an answer; LOCAL and PEER always come, if there are any. */
enum {
	WRTCSUB_DIAG_UNSPEC,
	WRTCSUB_DIAG_PAD,		/* only for alignment */
	WRTCSUB_DIAG_LOCAL,		/* struct sockaddr_in or sockaddr_in6 */
	WRTCSUB_DIAG_PEER,		/* likewise */
	WRTCSUB_DIAG_INFO,		/* struct wrtcsub_info */
	WRTCSUB_DIAG_MEMINFO,		/* __u32 [SK_MEMINFO_VARS] */
	WRTCSUB_DIAG_LABEL,		/* bytes */
	WRTCSUB_DIAG_PROTOCOL,		/* bytes */
	WRTCSUB_DIAG_CGROUP,		/* __u64: cgroup v2 identifier */
	WRTCSUB_DIAG_TIMER,		/* nested WRTCSUB_DIAG_TIMER_* */
	WRTCSUB_DIAG_OPTIONS,		/* nested, by WRTCSUB_MAX_FRAME, ... */
	WRTCSUB_DIAG_PATH,		/* associations: nested, below */
	__WRTCSUB_DIAG_MAX,
};

#define WRTCSUB_DIAG_MAX (__WRTCSUB_DIAG_MAX - 1)

/* WRTCSUB_DIAG_TIMER: milliseconds left, of those that run. */
enum {
	WRTCSUB_DIAG_TIMER_UNSPEC,
	WRTCSUB_DIAG_TIMER_FIN_ACK,	/* __u32 */
	WRTCSUB_DIAG_TIMER_CLOSE,	/* __u32 */
	__WRTCSUB_DIAG_TIMER_MAX,
};

#define WRTCSUB_DIAG_TIMER_MAX (__WRTCSUB_DIAG_TIMER_MAX - 1)

/* WRTCSUB_DIAG_PATH: what SCTP says of the association, each a __u32 but for
 * the counts, which are __u64.
 */
enum {
	WRTCSUB_DIAG_PATH_UNSPEC,
	WRTCSUB_DIAG_PATH_PAD,
	WRTCSUB_DIAG_PATH_SRTT,		/* ms, of the primary path */
	WRTCSUB_DIAG_PATH_RTO,		/* ms */
	WRTCSUB_DIAG_PATH_CWND,		/* bytes */
	WRTCSUB_DIAG_PATH_FRAG_POINT,	/* bytes of a message in a packet */
	WRTCSUB_DIAG_PATH_PEER_RWND,	/* bytes */
	WRTCSUB_DIAG_PATH_UNACKED,	/* chunks */
	WRTCSUB_DIAG_PATH_IN_STREAMS,
	WRTCSUB_DIAG_PATH_OUT_STREAMS,
	WRTCSUB_DIAG_PATH_OUT_CHUNKS,	/* __u64 */
	WRTCSUB_DIAG_PATH_IN_CHUNKS,	/* __u64 */
	WRTCSUB_DIAG_PATH_RTX_CHUNKS,	/* __u64 */
	__WRTCSUB_DIAG_PATH_MAX,
};

#define WRTCSUB_DIAG_PATH_MAX (__WRTCSUB_DIAG_PATH_MAX - 1)

#endif /* _UAPI_LINUX_WRTCSUB_DIAG_H */
