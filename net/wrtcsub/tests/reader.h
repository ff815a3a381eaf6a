/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the decoder of frame.c reports, written down as text, one letter for an
 * event, so that a vector is a line and "cut" and "whole" can be compared:
 *
 *	M	a message field begins; its payload follows as it is
 *	F2	at the end of a frame: it had the flag 2
 *	C4096	at the end of a frame: it had the error code 4096
 *	.	the end of a frame
 *	!	malformed
 *	~	the input ended within a frame
 */
#ifndef _NET_WRTCSUB_TESTS_READER_H
#define _NET_WRTCSUB_TESTS_READER_H

#include "unit.h"

#include "../frame.h"

#define MAX_BODY	263168		/* max_recv_frame's default */
#define BUF_SIZE	0x20000

/* The text of what has been decoded, and the decoder. */
struct reader {
	struct kunit			*test;
	struct wrtcsub_frame_decoder	dec;
	u32				max_body;
	bool				failed;
	size_t				len;
	char				text[2 * BUF_SIZE];
};

void reader_init(struct kunit *test, struct reader *r, u32 max_body);
void reader_put(struct reader *r, const void *data, size_t len);
void reader_put_end(struct reader *r);
void reader_feed(struct kunit *test, struct reader *r, const u8 *data,
		 size_t len);
void reader_finish(struct reader *r);
void reader_whole(struct kunit *test, struct reader *r, u32 max_body,
		  const u8 *data, size_t len);
void reader_check_cut(struct kunit *test, const struct reader *whole,
		      const u8 *data, size_t len, u64 *seed, u32 most);

static inline int decode(struct wrtcsub_frame_decoder *dec, const u8 *data,
			 size_t len, size_t *used)
{
	return wrtcsub_frame_decode(dec, MAX_BODY, data, len, used);
}

#endif /* _NET_WRTCSUB_TESTS_READER_H */
