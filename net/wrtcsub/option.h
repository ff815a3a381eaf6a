/* SPDX-License-Identifier: GPL-2.0 */
/* Options at level SOL_WRTCSUB, as values. */
#ifndef _NET_WRTCSUB_OPTION_H
#define _NET_WRTCSUB_OPTION_H

#include <linux/types.h>

struct net;
struct wrtcsub_sock;

/* go-libp2p cannot read a longer message if the prefix is in it. */
#define WRTCSUB_FRAME_SPLIT_DEFAULT	4096

#define WRTCSUB_STREAM_ID_NONE		(-1)

/* wrtcsub_sock::code: there is one, in the lower 32 bits. */
#define WRTCSUB_CODE_SET		BIT_ULL(32)

/**
 * struct wrtcsub_option - what a program can set, and an accepted socket has
 *	from its listener
 * @fin_timeout_ms: WRTCSUB_FIN_ACK_TIMEOUT
 * @max_frame: WRTCSUB_MAX_FRAME
 * @frame_split: WRTCSUB_FRAME_SPLIT
 * @nodelay: WRTCSUB_NODELAY
 * @shut_nowait: WRTCSUB_SHUT_NOWAIT
 * @rcv_overflow: WRTCSUB_RCV_OVERFLOW
 * @stream_id: WRTCSUB_STREAM_ID, or WRTCSUB_STREAM_ID_NONE
 * @new_assoc: WRTCSUB_NEW_ASSOC
 * @open_wait: WRTCSUB_OPEN_WAIT
 * @role: WRTCSUB_ROLE
 * @encap_port: WRTCSUB_ENCAP_PORT
 */
struct wrtcsub_option {
	int	fin_timeout_ms;
	int	max_frame;
	int	frame_split;
	int	nodelay;
	int	shut_nowait;
	int	rcv_overflow;
	int	stream_id;
	int	new_assoc;
	int	open_wait;
	int	role;
	int	encap_port;
};

/* A label or a protocol: up to 255 bytes of any kind. */
struct wrtcsub_text {
	u8	len;
	u8	bytes[];
};

void wrtcsub_option_init(struct wrtcsub_option *opt, const struct net *net);
void wrtcsub_option_inherit(struct wrtcsub_option *opt,
			    const struct wrtcsub_option *from);
struct wrtcsub_text *wrtcsub_option_text(const void *bytes, size_t len);

#endif /* _NET_WRTCSUB_OPTION_H */
