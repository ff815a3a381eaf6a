/* SPDX-License-Identifier: GPL-2.0 */
/* What a stream of frames says, and a reader that finds it out. */
#ifndef _FRAME_READER_H
#define _FRAME_READER_H

#include <linux/types.h>

#define FUZZ_FRAME_MAX	512		/* bytes of an input */

enum reading_end {
	READING_WHOLE,			/* it ended behind a frame */
	READING_CUT,			/* ... within one */
	READING_MALFORMED,
};

struct reading_frame {
	bool	has_flag, has_code, has_message;
	s32	flag;
	u32	code;
	size_t	len;			/* of the payload: the last message */
};

struct reading {
	size_t			nr;	/* frames[nr] is not complete */
	size_t			payload_len;
	enum reading_end	end;
	struct reading_frame	frames[FUZZ_FRAME_MAX + 1];
	u8			payload[FUZZ_FRAME_MAX];
};

void reading_init(struct reading *r);
void reading_message(struct reading *r);
void reading_payload(struct reading *r, const u8 *data, size_t len);
void reading_end(struct reading *r, bool has_flag, s32 flag, bool has_code,
		 u32 code);
bool reading_is_same(const struct reading *a, const struct reading *b);
void reading_of(struct reading *r, u32 max_body, const u8 *data, size_t len);

#endif /* _FRAME_READER_H */
