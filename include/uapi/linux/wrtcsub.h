/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/*
 * AF_WRTCSUB: libp2p WebRTC substreams over kernel SCTP.
 *
 * Addresses are struct sockaddr_in and struct sockaddr_in6; the port is the
 * SCTP port.  See Documentation/networking/wrtcsub.rst.
 */
#ifndef _UAPI_LINUX_WRTCSUB_H
#define _UAPI_LINUX_WRTCSUB_H

#include <linux/types.h>

/* The number once set aside for Ash, which no kernel ever used: AF_MAX is a
 * constant of the kernel, so a module cannot add a number of its own.
 */
#define AF_WRTCSUB		18
#define PF_WRTCSUB		AF_WRTCSUB

#define SOL_WRTCSUB		289

/* Options at level SOL_WRTCSUB. */

/* int fd, before connect or listen: this socket belongs to the association of
 * the substream fd.  connect opens a substream on it, listen takes those that
 * the peer opens on it.
 */
#define WRTCSUB_ATTACH		1

/* int bool, before connect: make an association of one's own. */
#define WRTCSUB_NEW_ASSOC	2

/* int: the substream's identifier.  Set before connect or listen: an
 * externally negotiated channel (RFC 8832, section 4), without DCEP.
 */
#define WRTCSUB_STREAM_ID	3

/* Up to 255 bytes, set before connect: the label and the protocol that the
 * DATA_CHANNEL_OPEN message carries (RFC 8832, section 5.1).
 */
#define WRTCSUB_LABEL		4
#define WRTCSUB_PROTOCOL	5

/* int bool, before connect: connect waits for the DATA_CHANNEL_ACK. */
#define WRTCSUB_OPEN_WAIT	6

/* int, milliseconds, 1 to 600000: how long a FIN waits for its FIN_ACK. */
#define WRTCSUB_FIN_ACK_TIMEOUT	7

/* int, bytes, 256 to 262144: the largest frame sent, length prefix included. */
#define WRTCSUB_MAX_FRAME	8

/* int, bytes: longer frames go as two SCTP messages, prefix and body.  0:
 * never.
 */
#define WRTCSUB_FRAME_SPLIT	9

/* int bool: do not wait for more bytes to fill a packet. */
#define WRTCSUB_NODELAY		10

/* __u32.  Set: the code that our next RESET_STREAM or STOP_SENDING carries.
 * Get: the code of the peer's last one.
 */
#define WRTCSUB_ERROR_CODE	11

/* int, enum wrtcsub_rcv_overflow: what happens when the reader is slow. */
#define WRTCSUB_RCV_OVERFLOW	12

/* int, enum wrtcsub_role, before connect or listen: whose stream identifiers
 * are even.
 */
#define WRTCSUB_ROLE		13

/* int, before connect: the peer's UDP encapsulation port (RFC 6951). */
#define WRTCSUB_ENCAP_PORT	14

/* struct wrtcsub_info, get only. */
#define WRTCSUB_INFO		15

/* int bool: shutdown(SHUT_WR) does not wait, as that of TCP does not.  For
 * programs that were written for TCP: it returns 0 while the FIN is on its way,
 * and its result once that is known.
 */
#define WRTCSUB_SHUT_NOWAIT	16

enum wrtcsub_rcv_overflow {
	WRTCSUB_OVERFLOW_PAUSE,		/* the association stops reading */
	WRTCSUB_OVERFLOW_RESET,		/* this substream is reset */
};

enum wrtcsub_role {
	WRTCSUB_ROLE_INITIATOR,		/* even: the association's initiator */
	WRTCSUB_ROLE_EVEN,		/* ours are even */
	WRTCSUB_ROLE_ODD,		/* ours are odd */
};

/* The sending half of a substream. */
enum wrtcsub_tx_state {
	WRTCSUB_TX_OPEN,
	WRTCSUB_TX_SEND_CLOSED,		/* peer sent STOP_SENDING, FIN is due */
	WRTCSUB_TX_CLOSING,		/* shut down, bytes are still queued */
	WRTCSUB_TX_FIN_SENT,
	WRTCSUB_TX_FIN_ACKED,
	WRTCSUB_TX_TIMED_OUT,		/* no FIN_ACK in time */
	WRTCSUB_TX_RESET,
};

/* The receiving half of a substream. */
enum wrtcsub_rx_state {
	WRTCSUB_RX_OPEN,
	WRTCSUB_RX_FIN_RCVD,
	WRTCSUB_RX_STOPPED,		/* we sent STOP_SENDING */
	WRTCSUB_RX_RESET,
};

/* WRTCSUB_INFO.  Grows at the end only; a shorter buffer gets a prefix. */
struct wrtcsub_info {
	__u8	wi_tx_state;		/* enum wrtcsub_tx_state */
	__u8	wi_rx_state;		/* enum wrtcsub_rx_state */
	__u8	wi_role_odd;		/* our stream identifiers are odd */
	__u8	wi_flags;		/* WRTCSUB_INFO_F_* */
	__u16	wi_stream_id;
	__u16	wi_label_len;
	__u32	wi_assoc_id;		/* of this namespace, never 0 */
	__u32	wi_error_code;		/* of the peer's last reset or stop */
	__u64	wi_tx_bytes;		/* payload handed to SCTP */
	__u64	wi_rx_bytes;		/* payload queued for the reader */
	__u64	wi_tx_frames;
	__u64	wi_rx_frames;
	__u32	wi_fin_rtt_us;		/* from FIN to its FIN_ACK, 0: none */
	__u32	wi_fin_timeout_ms;
	__u32	wi_sndq;		/* bytes not yet handed to SCTP */
	__u32	wi_rcvq;		/* bytes the reader has not taken */
	__u32	wi_assoc_substreams;
	__u32	wi_assoc_rmem;		/* charged to all its substreams */
	__u32	wi_assoc_srtt_ms;	/* of the primary path */
	__u32	wi_assoc_cwnd;
	__u32	wi_assoc_peer_rwnd;
	__u32	wi_assoc_out_streams;
	__u32	wi_assoc_in_streams;
	__u32	wi_assoc_channels_closing;
	__u64	wi_assoc_rtx_chunks;
};

#define WRTCSUB_INFO_F_CONNECTED	0x01	/* the channel is open */
#define WRTCSUB_INFO_F_ACKED		0x02	/* the peer has seen our OPEN */
#define WRTCSUB_INFO_F_NEGOTIATED	0x04	/* no DCEP */
#define WRTCSUB_INFO_F_PAUSED		0x08	/* the association is paused */
#define WRTCSUB_INFO_F_INTERLEAVED	0x10	/* RFC 8260 is in use */
#define WRTCSUB_INFO_F_RECONF		0x20	/* RFC 6525 is in use */

#endif /* _UAPI_LINUX_WRTCSUB_H */
