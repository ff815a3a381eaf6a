/* SPDX-License-Identifier: GPL-2.0 */
/* The frame: libp2p specs, webrtc/README.md, "Multiplexing". */
#ifndef _NET_WRTCSUB_FRAME_H
#define _NET_WRTCSUB_FRAME_H

#include <linux/types.h>

/* enum Flag of the protobuf schema.  They are values, not bits. */
enum wrtcsub_flag {
	WRTCSUB_FLAG_FIN,
	WRTCSUB_FLAG_STOP_SENDING,
	WRTCSUB_FLAG_RESET_STREAM,
	WRTCSUB_FLAG_FIN_ACK,
};

#define WRTCSUB_VARINT_MAX	10	/* bytes of a varint that are read */
#define WRTCSUB_PREFIX_MAX	5	/* bytes of a length prefix we write */
#define WRTCSUB_HEAD_MAX	(WRTCSUB_PREFIX_MAX + 1 + 5)
#define WRTCSUB_CONTROL_MAX	16	/* bytes of a frame without payload */

/* Where the decoder is between two calls.  All zero: before a frame. */
struct wrtcsub_frame_decoder {
	u64	value;		/* of the varint that is being read */
	u64	body_left;	/* bytes of the body not yet seen */
	u64	field_left;	/* bytes of the field not yet seen */
	u8	step;		/* enum wrtcsub_frame_step, in frame.c */
	u8	varint_len;	/* bytes of the varint seen so far */
	u8	has_flag:1;
	u8	has_code:1;
	u32	tag;		/* of the field that is being read */
	s32	flag;
	u32	code;
};

enum wrtcsub_frame_event {
	WRTCSUB_FRAME_MORE,	/* all bytes are used up */
	WRTCSUB_FRAME_MESSAGE,	/* a message field begins: forget payload of
				 * this frame that was reported before (the
				 * last one wins)
				 */
	WRTCSUB_FRAME_PAYLOAD,	/* the bytes just used up are payload */
	WRTCSUB_FRAME_END,	/* the frame is complete: has_flag, flag,
				 * has_code and code of the decoder are valid
				 * until the next call
				 */
};

int wrtcsub_frame_decode(struct wrtcsub_frame_decoder *dec, u32 max_body,
			 const u8 *data, size_t len, size_t *used);
bool wrtcsub_frame_is_partial(const struct wrtcsub_frame_decoder *dec);

u32 wrtcsub_frame_max_payload(u32 max_frame);
unsigned int wrtcsub_frame_put_head(u8 *buf, u32 payload,
				    unsigned int *prefix);
unsigned int wrtcsub_frame_put_flag(u8 *buf, enum wrtcsub_flag flag,
				    bool has_code, u32 code);

#endif /* _NET_WRTCSUB_FRAME_H */
