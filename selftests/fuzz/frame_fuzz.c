// SPDX-License-Identifier: GPL-2.0
/*
 * frame.c: the decoder against a reader that has the whole stream before it,
 * written from section "The wire" of the interface; in one piece, byte by byte
 * and cut at every place; and what was decoded, encoded and decoded again.
 */

#include "fuzz.h"

#include "frame.h"
#include "frame_reader.h"

static void feed(struct reading *r, struct wrtcsub_frame_decoder *dec,
		 u32 max_body, const u8 *data, size_t len)
{
	size_t used, rounds = 0, most = 2 * len + 2;
	int event;

	do {
		used = ~0UL;
		event = wrtcsub_frame_decode(dec, max_body, data, len, &used);
		CHECK(used <= len);
		/* It comes to an end. */
		CHECK(++rounds <= most);
		if (event < 0) {
			CHECK(event == -EPROTO);
			r->end = READING_MALFORMED;
			return;
		}
		switch (event) {
		case WRTCSUB_FRAME_MORE:
			CHECK(used == len);
			break;
		case WRTCSUB_FRAME_MESSAGE:
			reading_message(r);
			break;
		case WRTCSUB_FRAME_PAYLOAD:
			CHECK(used);
			reading_payload(r, data, used);
			break;
		case WRTCSUB_FRAME_END:
			CHECK(!wrtcsub_frame_is_partial(dec));
			reading_end(r, dec->has_flag, dec->flag,
				    dec->has_code, dec->code);
			break;
		default:
			CHECK(!"an event that there is not");
		}
		data += used;
		len -= used;
	} while (event != WRTCSUB_FRAME_MORE);
	r->end = wrtcsub_frame_is_partial(dec) ? READING_CUT : READING_WHOLE;
}

static void feed_piece(struct reading *r, struct wrtcsub_frame_decoder *dec,
		       u32 max_body, const u8 *data, size_t len)
{
	size_t used;
	u8 *block;

	if (r->end == READING_MALFORMED) {
		/* It goes on failing, and uses up nothing. */
		CHECK(!len || wrtcsub_frame_decode(dec, max_body, data, len,
						   &used) == -EPROTO);
		CHECK(!len || !used);
		return;
	}
	block = fuzz_block(data, len);
	feed(r, dec, max_body, block, len);
	free(block);
}

/* In pieces of @step bytes, of which the first has @first. */
static void read_cut(struct reading *r, u32 max_body, const u8 *data,
		     size_t len, size_t first, size_t step)
{
	struct wrtcsub_frame_decoder dec = {};
	size_t n = first;

	reading_init(r);
	for (;;) {
		feed_piece(r, &dec, max_body, data, n);
		data += n;
		len -= n;
		if (!len)
			return;
		n = step < len ? step : len;
	}
}

static void check_cuts(const struct reading *whole, u32 max_body,
		       const u8 *data, size_t len)
{
	static struct reading r;
	size_t i;

	for (i = 0; i < len; i++) {
		read_cut(&r, max_body, data, len, i, len);
		CHECK(reading_is_same(whole, &r));
	}
	read_cut(&r, max_body, data, len, 0, 1);
	CHECK(reading_is_same(whole, &r));
	read_cut(&r, max_body, data, len, 0, 3);
	CHECK(reading_is_same(whole, &r));
}

static bool is_known(const struct reading_frame *f)
{
	return f->has_flag && f->flag >= WRTCSUB_FLAG_FIN &&
	       f->flag <= WRTCSUB_FLAG_FIN_ACK;
}

/* As we write them: payload and flag have a frame each.  What they are to be
 * read as goes into @want.
 */
static size_t encode(u8 *buf, struct reading *want,
		     const struct reading_frame *f, const u8 *payload)
{
	unsigned int prefix;
	size_t len = 0;

	if (f->len) {
		len = wrtcsub_frame_put_head(buf, f->len, &prefix);
		CHECK(prefix < len && len <= WRTCSUB_HEAD_MAX);
		memcpy(buf + len, payload, f->len);
		len += f->len;
		reading_message(want);
		reading_payload(want, payload, f->len);
		reading_end(want, false, 0, false, 0);
	}
	if (is_known(f)) {
		size_t n = wrtcsub_frame_put_flag(buf + len, f->flag,
						  f->has_code, f->code);

		CHECK(n <= WRTCSUB_CONTROL_MAX);
		len += n;
		reading_end(want, true, f->flag, f->has_code, f->code);
	}
	return len;
}

static void check_again(const struct reading *whole)
{
	static struct reading want, again;
	static u8 buf[32 * FUZZ_FRAME_MAX];
	const u8 *payload = whole->payload;
	size_t i, len = 0;

	reading_init(&want);
	for (i = 0; i < whole->nr; i++) {
		len += encode(buf + len, &want, &whole->frames[i], payload);
		payload += whole->frames[i].len;
	}
	want.end = READING_WHOLE;
	read_cut(&again, U32_MAX, buf, len, len, 0);
	CHECK(reading_is_same(&want, &again));
}

/* Bytes of a frame, or more than any: payloads of that size are not made. */
static u64 frame_size(u64 payload)
{
	unsigned int prefix, head;
	u8 buf[WRTCSUB_HEAD_MAX];

	if (payload > U32_MAX)
		return ~0ULL;
	head = wrtcsub_frame_put_head(buf, payload, &prefix);
	return head + payload;
}

/* The largest payload fits, and one byte more does not. */
static void check_limit(u32 max_frame)
{
	u64 payload = wrtcsub_frame_max_payload(max_frame);

	CHECK(!payload || frame_size(payload) <= max_frame);
	CHECK(frame_size(payload + 1) > max_frame);
}

int fuzz_one(const u8 *data, size_t size)
{
	static const u32 limits[] = { 263168, 16391, 100, 16, 4, 0 };
	static struct reading whole, want;
	u32 max_body, max_frame;

	if (!size || size > FUZZ_FRAME_MAX)
		return -1;
	max_body = limits[data[0] % ARRAY_SIZE(limits)];
	data++;
	size--;

	read_cut(&whole, max_body, data, size, size, 0);
	reading_of(&want, max_body, data, size);
	CHECK(reading_is_same(&want, &whole));
	check_cuts(&whole, max_body, data, size);
	check_again(&whole);
	if (size >= sizeof(max_frame)) {
		memcpy(&max_frame, data, sizeof(max_frame));
		check_limit(max_frame);
	}
	return 0;
}
