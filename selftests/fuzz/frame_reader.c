// SPDX-License-Identifier: GPL-2.0
/*
 * A reader of frames that has all bytes before it and may look at any of them
 * more than once.  It says of a stream what the decoder has to say, which gets
 * the bytes in pieces: an error is one as soon as its last byte is there.
 */

#include "fuzz.h"
#include "frame_reader.h"

void reading_init(struct reading *r)
{
	r->nr = 0;
	r->payload_len = 0;
	r->end = READING_WHOLE;
	memset(&r->frames[0], 0, sizeof(r->frames[0]));
}

/* A message begins: the one before it in this frame is void. */
void reading_message(struct reading *r)
{
	struct reading_frame *f = &r->frames[r->nr];

	r->payload_len -= f->len;
	f->len = 0;
	f->has_message = true;
}

void reading_payload(struct reading *r, const u8 *data, size_t len)
{
	CHECK(r->frames[r->nr].has_message);
	CHECK(len <= sizeof(r->payload) - r->payload_len);
	memcpy(r->payload + r->payload_len, data, len);
	r->payload_len += len;
	r->frames[r->nr].len += len;
}

void reading_end(struct reading *r, bool has_flag, s32 flag, bool has_code,
		 u32 code)
{
	struct reading_frame *f = &r->frames[r->nr];

	f->has_flag = has_flag;
	f->flag = has_flag ? flag : 0;
	f->has_code = has_code;
	f->code = has_code ? code : 0;
	CHECK(++r->nr < ARRAY_SIZE(r->frames));
	memset(&r->frames[r->nr], 0, sizeof(*f));
}

static bool frame_is_same(const struct reading_frame *a,
			  const struct reading_frame *b)
{
	return a->has_flag == b->has_flag && a->flag == b->flag &&
	       a->has_code == b->has_code && a->code == b->code &&
	       a->has_message == b->has_message && a->len == b->len;
}

bool reading_is_same(const struct reading *a, const struct reading *b)
{
	size_t i;

	if (a->nr != b->nr || a->end != b->end ||
	    a->payload_len != b->payload_len ||
	    memcmp(a->payload, b->payload, a->payload_len))
		return false;
	for (i = 0; i <= a->nr; i++)
		if (!frame_is_same(&a->frames[i], &b->frames[i]))
			return false;
	return true;
}

/* Where the reader is: at @pos of the @len bytes that there are, in something
 * that ends at @end, which may be beyond them.
 */
struct cursor {
	const u8	*data;
	u64		pos, len, end;
};

static enum reading_end read_varint(struct cursor *c, u64 *value)
{
	int shift;
	u8 byte;

	*value = 0;
	for (shift = 0; ; shift += 7) {
		if (c->pos == c->end)
			return READING_MALFORMED;
		if (c->pos == c->len)
			return READING_CUT;
		byte = c->data[c->pos++];
		/* 64 bits: nine bytes of seven, and one. */
		if (shift == 63 && byte > 1)
			return READING_MALFORMED;
		*value |= (u64)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return READING_WHOLE;
	}
}

/* @skip bytes, or as many of them as there are. */
static enum reading_end read_bytes(struct cursor *c, u64 skip, u64 *got)
{
	if (skip > c->end - c->pos)
		return READING_MALFORMED;
	*got = skip < c->len - c->pos ? skip : c->len - c->pos;
	c->pos += *got;
	return *got < skip ? READING_CUT : READING_WHOLE;
}

/* A LEN field; what is there of the message goes to @r, if @r is not NULL. */
static enum reading_end read_string(struct cursor *c, struct reading *r)
{
	enum reading_end end;
	const u8 *start;
	u64 len, got;

	end = read_varint(c, &len);
	if (end)
		return end;
	start = c->data + c->pos;
	end = read_bytes(c, len, &got);
	if (end != READING_MALFORMED && r) {
		reading_message(r);
		reading_payload(r, start, got);
	}
	return end;
}

static enum reading_end read_unknown(struct cursor *c, unsigned int wire_type)
{
	u64 ignored;

	switch (wire_type) {
	case 0:
		/* A tag that nothing follows is in error by itself. */
		return read_varint(c, &ignored);
	case 1:
		return read_bytes(c, 8, &ignored);
	case 2:
		return read_string(c, NULL);
	case 5:
		return read_bytes(c, 4, &ignored);
	default:
		return READING_MALFORMED;
	}
}

static enum reading_end read_field(struct cursor *c, struct reading *r,
				   struct reading_frame *f)
{
	enum reading_end end;
	u64 tag, value;

	end = read_varint(c, &tag);
	if (end)
		return end;
	/* A field number has 29 bits. */
	if (tag >> 32 || tag >> 3 == 0)
		return READING_MALFORMED;
	if (tag >> 3 > 3)
		return read_unknown(c, tag & 7);

	switch (tag) {
	case 1 << 3:			/* optional enum flag = 1 */
		end = read_varint(c, &value);
		f->has_flag = true;
		f->flag = (s32)value;
		return end;
	case 2 << 3 | 2:		/* optional bytes message = 2 */
		return read_string(c, r);
	case 3 << 3:			/* optional uint32 errorCode = 3 */
		end = read_varint(c, &value);
		f->has_code = true;
		f->code = (u32)value;
		return end;
	default:
		return READING_MALFORMED;
	}
}

static enum reading_end read_frame(struct cursor *c, struct reading *r,
				   u32 max_body)
{
	struct reading_frame f = {};
	enum reading_end end;
	u64 body;

	c->end = ~0ULL;
	end = read_varint(c, &body);
	if (end)
		return end;
	if (body > max_body)
		return READING_MALFORMED;
	if (!body)
		return READING_WHOLE;

	c->end = c->pos + body;
	while (c->pos < c->end) {
		end = read_field(c, r, &f);
		if (end)
			return end;
	}
	reading_end(r, f.has_flag, f.flag, f.has_code, f.code);
	return READING_WHOLE;
}

void reading_of(struct reading *r, u32 max_body, const u8 *data, size_t len)
{
	struct cursor c = { .data = data, .len = len };

	reading_init(r);
	while (c.pos < len && !r->end)
		r->end = read_frame(&c, r, max_body);
}
