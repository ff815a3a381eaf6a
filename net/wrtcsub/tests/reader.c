// SPDX-License-Identifier: GPL-2.0
/* The tests of frame.c share this, and frame.c with it. */

#include "reader.h"

#include "../frame.c"

/**
 * reader_put() - add to the text
 * @r: the reader
 * @data: what to add
 * @len: bytes
 */
void reader_put(struct reader *r, const void *data, size_t len)
{
	KUNIT_ASSERT_LT(r->test, len, sizeof(r->text) - r->len);
	memcpy(r->text + r->len, data, len);
	r->len += len;
	r->text[r->len] = '\0';
}

/**
 * reader_put_end() - add the end of a frame, with the flag and the code it had
 * @r: the reader, whose decoder has them
 */
void reader_put_end(struct reader *r)
{
	char text[48] = "";
	int n = 0;

	if (r->dec.has_flag)
		n += sprintf(text + n, "F%d", r->dec.flag);
	if (r->dec.has_code)
		n += sprintf(text + n, "C%u", r->dec.code);
	n += sprintf(text + n, ".");
	reader_put(r, text, n);
}

/**
 * reader_init() - begin anew
 * @test: the test
 * @r: the reader
 * @max_body: the limit for a frame's body
 */
void reader_init(struct kunit *test, struct reader *r, u32 max_body)
{
	r->test = test;
	memset(&r->dec, 0, sizeof(r->dec));
	r->max_body = max_body;
	r->failed = false;
	r->len = 0;
	r->text[0] = '\0';
}

/* Decode @len bytes, which lie in a block of just that size, up to MORE. */
static void reader_feed_block(struct kunit *test, struct reader *r,
			      const u8 *data, size_t len)
{
	size_t used, rounds = 0, most = 2 * len + 2;
	int event;

	do {
		used = ~0UL;
		event = wrtcsub_frame_decode(&r->dec, r->max_body, data, len,
					     &used);
		KUNIT_ASSERT_LE(test, used, len);
		KUNIT_ASSERT_LE(test, ++rounds, most);
		switch (event) {
		case WRTCSUB_FRAME_MORE:
			KUNIT_ASSERT_EQ(test, used, len);
			break;
		case WRTCSUB_FRAME_MESSAGE:
			KUNIT_ASSERT_GT(test, used, 0);
			reader_put(r, "M", 1);
			break;
		case WRTCSUB_FRAME_PAYLOAD:
			KUNIT_ASSERT_GT(test, used, 0);
			reader_put(r, data, used);
			break;
		case WRTCSUB_FRAME_END:
			reader_put_end(r);
			KUNIT_ASSERT_FALSE(test,
					   wrtcsub_frame_is_partial(&r->dec));
			break;
		default:
			KUNIT_ASSERT_EQ(test, event, -EPROTO);
			reader_put(r, "!", 1);
			r->failed = true;
			return;
		}
		data += used;
		len -= used;
	} while (event != WRTCSUB_FRAME_MORE);
}

/**
 * reader_feed() - decode some more bytes
 * @test: the test
 * @r: the reader
 * @data: the bytes
 * @len: how many
 */
void reader_feed(struct kunit *test, struct reader *r, const u8 *data,
		 size_t len)
{
	size_t used;
	u8 *block;
	int event;

	if (r->failed) {
		/* It goes on failing, and eats nothing. */
		if (!len)
			return;
		event = wrtcsub_frame_decode(&r->dec, r->max_body, data, len,
					     &used);
		KUNIT_ASSERT_EQ(test, event, -EPROTO);
		KUNIT_ASSERT_EQ(test, used, 0);
		return;
	}
	block = unit_block(test, data, len);
	reader_feed_block(test, r, block, len);
	kfree(block);
}

/**
 * reader_finish() - add to the text if the bytes end within a frame
 * @r: the reader
 */
void reader_finish(struct reader *r)
{
	if (!r->failed && wrtcsub_frame_is_partial(&r->dec))
		reader_put(r, "~", 1);
}

/**
 * reader_whole() - decode all bytes in one piece
 * @test: the test
 * @r: the reader, which begins anew
 * @max_body: the limit for a frame's body
 * @data: the bytes
 * @len: how many
 */
void reader_whole(struct kunit *test, struct reader *r, u32 max_body,
		  const u8 *data, size_t len)
{
	reader_init(test, r, max_body);
	reader_feed(test, r, data, len);
	reader_finish(r);
}

/**
 * reader_check_cut() - decode in pieces and compare
 * @test: the test
 * @whole: what has decoded the same bytes in one piece
 * @data: the bytes
 * @len: how many
 * @seed: of random numbers
 * @most: bytes in a piece
 */
void reader_check_cut(struct kunit *test, const struct reader *whole,
		      const u8 *data, size_t len, u64 *seed, u32 most)
{
	static struct reader r;
	size_t n;

	reader_init(test, &r, whole->max_body);
	while (len) {
		n = 1 + unit_random(seed) % most;
		if (n > len)
			n = len;
		reader_feed(test, &r, data, n);
		data += n;
		len -= n;
	}
	reader_finish(&r);
	KUNIT_ASSERT_EQ(test, r.len, whole->len);
	KUNIT_ASSERT_MEMEQ(test, whole->text, r.text, r.len);
}
