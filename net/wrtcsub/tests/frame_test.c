// SPDX-License-Identifier: GPL-2.0
/*
 * frame.c.  What the decoder reports is written down as text, one letter for an
 * event, so that a vector is a line and "cut" and "whole" can be compared:
 *
 *	M	a message field begins; its payload follows as it is
 *	F2	at the end of a frame: it had the flag 2
 *	C4096	at the end of a frame: it had the error code 4096
 *	.	the end of a frame
 *	!	malformed
 *	~	the input ended within a frame
 */

#include "unit.h"

#include "../frame.c"

#define MAX_BODY	263168		/* max_recv_frame's default */
#define BUF_SIZE	0x20000

struct vector {
	const char	*name;
	const char	*hex;
	const char	*text;
	u32		max_body;	/* 0: MAX_BODY */
};

#define X80_8	"80 80 80 80 80 80 80 80 "
#define XFF_9	"ff ff ff ff ff ff ff ff ff "

static const struct vector vectors[] = {
	/* What the peers write: all the flags in all their forms. */
	{ "FIN",		"02 08 00",			"F0." },
	{ "FIN, smoldot",	"04 08 00 12 00",		"MF0." },
	{ "FIN, data",		"07 08 00 12 03 61 62 63",	"MabcF0." },
	{ "STOP_SENDING",	"02 08 01",			"F1." },
	{ "STOP_SENDING, go",	"04 08 01 18 00",		"F1C0." },
	{ "STOP_SENDING, data",	"07 08 01 12 03 61 62 63",	"MabcF1." },
	{ "RESET_STREAM",	"02 08 02",			"F2." },
	{ "RESET_STREAM, go",	"04 08 02 18 00",		"F2C0." },
	{ "RESET_STREAM, data",	"07 08 02 12 03 61 62 63",	"MabcF2." },
	{ "RESET_STREAM, code",	"05 08 02 18 80 20",		"F2C4096." },
	{ "FIN_ACK",		"02 08 03",			"F3." },
	{ "FIN_ACK, smoldot",	"04 08 03 12 00",		"MF3." },
	{ "FIN_ACK, data",	"07 08 03 12 03 61 62 63",	"MabcF3." },
	{ "data",		"05 12 03 61 62 63",		"Mabc." },
	{ "empty frame",	"00",				"" },
	{ "empty message",	"02 12 00",			"M." },
	{ "rust, two merged",	"03 12 01 61 03 12 01 62",	"Ma.Mb." },
	{ "go, msgio RESET",	"00 00 00 02 08 02",		"F2." },

	/* A frame leaves nothing to the next one. */
	{ "flag, then none",	"02 08 00 03 12 01 61",		"F0.Ma." },
	{ "code, then none",	"04 08 02 18 05 02 08 00",	"F2C5.F0." },
	{ "empty between",	"02 08 00 00 00 02 08 03",	"F0.F3." },

	/* Fields in any order; the last of its kind wins. */
	{ "message, flag",	"07 12 03 61 62 63 08 00",	"MabcF0." },
	{ "code, message, flag", "07 18 09 12 01 61 08 02",	"MaF2C9." },
	{ "code, flag, message", "07 18 09 08 02 12 01 61",	"MaF2C9." },
	{ "two flags",		"04 08 00 08 02",		"F2." },
	{ "two codes",		"06 18 07 08 02 18 08",		"F2C8." },
	{ "two messages",	"06 12 01 61 12 01 62",		"MaMb." },
	{ "a message, an empty one", "05 12 01 61 12 00",	"MaM." },
	{ "an empty message, one", "05 12 00 12 01 61",		"MMa." },
	{ "a flag between",	"08 12 01 61 08 00 12 01 62",	"MaMbF0." },

	/* What is not known is skipped. */
	{ "unknown flag",	"02 08 07",			"F7." },
	{ "unknown flag, data",	"05 08 07 12 01 61",		"MaF7." },
	{ "unknown only",	"02 20 01",			"." },
	{ "unknown varint",	"04 20 01 08 00",		"F0." },
	{ "unknown varint, long", "0d 20 " XFF_9 "01 08 00",	"F0." },
	{ "unknown 64 bits",	"0b 79 12 01 61 08 00 08 00 00 08 00", "F0." },
	{ "unknown 32 bits",	"07 7d 12 01 61 62 08 00",	"F0." },
	{ "unknown bytes",	"07 7a 03 08 02 12 08 00",	"F0." },
	{ "unknown bytes, none", "04 7a 00 08 00",		"F0." },
	{ "unknown at the end",	"05 08 00 7a 01 08",		"F0." },
	{ "field 2^29 - 1",	"08 f8 ff ff ff 0f 05 08 00",	"F0." },

	/* Numbers: 32 of 64 bits, and more bytes than they need. */
	{ "flag -1",		"0b 08 " XFF_9 "01",		"F-1." },
	{ "flag -2^31",		"0b 08 80 80 80 80 f8 ff ff ff ff 01",
	  "F-2147483648." },
	{ "flag 2^32 + 2",	"06 08 82 80 80 80 10",		"F2." },
	{ "code 2^32 - 1",	"08 08 02 18 ff ff ff ff 0f",
	  "F2C4294967295." },
	{ "code 2^32 + 5",	"08 08 02 18 85 80 80 80 10",	"F2C5." },
	{ "prefix, two bytes",	"82 00 08 00",			"F0." },
	{ "prefix, ten bytes",	"82 " X80_8 "00 08 00",		"F0." },
	{ "prefix 0, two bytes", "80 00",			"" },
	{ "prefix 0, ten bytes", "80 " X80_8 "00 02 08 00",	"F0." },
	{ "tag, two bytes",	"03 88 00 01",			"F1." },
	{ "tag, six bytes",	"07 88 80 80 80 80 00 01",	"F1." },
	{ "length, two bytes",	"04 12 81 00 61",		"Ma." },
	{ "length, ten bytes",	"0c 12 81 " X80_8 "00 61",	"Ma." },

	/* Bad varints. */
	{ "prefix, eleven bytes", "80 80 " X80_8 "00",		"!" },
	{ "prefix 2^64",	"80 " X80_8 "02",		"!" },
	{ "prefix 2^64 - 1",	XFF_9 "01",			"!" },
	{ "prefix, no end",	XFF_9 "ff",			"!" },
	{ "tag, eleven bytes",	"0d 88 80 " X80_8 "00 01",	"!" },
	{ "value, eleven bytes", "0c 08 80 80 " X80_8 "00",	"!" },
	{ "value 2^64",		"0b 08 80 " X80_8 "02",		"!" },
	{ "unknown, eleven bytes", "0c 20 80 80 " X80_8 "00",	"!" },
	{ "length, eleven bytes", "0c 12 80 80 " X80_8 "00",	"!" },

	/* Bad fields. */
	{ "field 0, varint",	"02 00 00",			"!" },
	{ "field 0, bytes",	"02 02 00",			"!" },
	{ "field 2^29",		"06 80 80 80 80 10 05",		"!" },
	{ "field 2^29 + 1",	"06 88 80 80 80 10 05",		"!" },
	{ "group",		"02 23 24",			"!" },
	{ "end of a group",	"01 24",			"!" },
	{ "wire type 6",	"02 26 00",			"!" },
	{ "wire type 7",	"02 27 00",			"!" },
	{ "flag, group",	"02 0b 0c",			"!" },
	{ "flag, wire type 6",	"02 0e 00",			"!" },
	{ "flag, 64 bits",	"09 09 00 00 00 00 00 00 00 00", "!" },
	{ "flag, bytes",	"02 0a 00",			"!" },
	{ "flag, 32 bits",	"05 0d 00 00 00 00",		"!" },
	{ "message, varint",	"02 10 00",			"!" },
	{ "message, 64 bits",	"09 11 00 00 00 00 00 00 00 00", "!" },
	{ "message, 32 bits",	"05 15 00 00 00 00",		"!" },
	{ "code, 64 bits",	"09 19 00 00 00 00 00 00 00 00", "!" },
	{ "code, bytes",	"02 1a 00",			"!" },
	{ "code, 32 bits",	"05 1d 00 00 00 00",		"!" },

	/* What runs beyond the frame, whatever follows it. */
	{ "tag beyond",		"01 88 00 02 08 00",		"!" },
	{ "no value",		"01 08 00 02 08 00",		"!" },
	{ "no value, unknown",	"01 20 00 02 08 00",		"!" },
	{ "value beyond",	"02 08 80 00 02 08 00",		"!" },
	{ "no length",		"01 12 00 02 08 00",		"!" },
	{ "no length, unknown",	"01 7a 00 02 08 00",		"!" },
	{ "length beyond",	"02 12 80 00 02 08 00",		"!" },
	{ "message beyond",	"04 12 03 61 62 63",		"!" },
	{ "all of it beyond",	"02 12 01 61",			"!" },
	{ "message 2^64 - 1",	"0b 12 " XFF_9 "01",		"!" },
	{ "bytes beyond",	"04 7a 03 61 62 63",		"!" },
	{ "32 bits beyond",	"04 7d 00 00 00 00",		"!" },
	{ "64 bits beyond",	"08 79 00 00 00 00 00 00 00 00", "!" },
	{ "bad after good",	"02 08 00 02 0a 00",		"F0.!" },
	{ "bad after a payload", "04 12 01 61 0b",		"Ma!" },

	/* The limit. */
	{ "at the limit",	"05 12 03 61 62 63",		"Mabc.", 5 },
	{ "over the limit",	"05 12 03 61 62 63",		"!", 4 },
	{ "two at the limit",	"02 08 00 02 08 03",		"F0.F3.", 2 },

	/* Not all there. */
	{ "nothing",		"",				"" },
	{ "a prefix, cut",	"80",				"~" },
	{ "no body",		"02",				"~" },
	{ "a tag, cut",		"03 88",			"~" },
	{ "no value yet",	"02 08",			"~" },
	{ "a value, cut",	"03 08 80",			"~" },
	{ "a payload, cut",	"05 12 03 61",			"Ma~" },
	{ "no payload yet",	"05 12 03",			"M~" },
	{ "a skip, cut",	"05 7a 03 61",			"~" },
	{ "more fields",	"05 12 01 61",			"Ma~" },
	{ "more frames",	"02 08 00 05 12 03 61",		"F0.Ma~" },
};

/* The text of what has been decoded, and the decoder. */
struct reader {
	struct kunit			*test;
	struct wrtcsub_frame_decoder	dec;
	u32				max_body;
	bool				failed;
	size_t				len;
	char				text[2 * BUF_SIZE];
};

static void reader_put(struct reader *r, const void *data, size_t len)
{
	KUNIT_ASSERT_LT(r->test, len, sizeof(r->text) - r->len);
	memcpy(r->text + r->len, data, len);
	r->len += len;
	r->text[r->len] = '\0';
}

static void reader_put_end(struct reader *r)
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

static void reader_init(struct kunit *test, struct reader *r, u32 max_body)
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

static void reader_feed(struct kunit *test, struct reader *r,
			const u8 *data, size_t len)
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

static void reader_finish(struct reader *r)
{
	if (!r->failed && wrtcsub_frame_is_partial(&r->dec))
		reader_put(r, "~", 1);
}

static void reader_whole(struct kunit *test, struct reader *r,
			 u32 max_body, const u8 *data, size_t len)
{
	reader_init(test, r, max_body);
	reader_feed(test, r, data, len);
	reader_finish(r);
}

/* Decode in pieces of up to @most bytes and compare with @whole. */
static void reader_check_cut(struct kunit *test, const struct reader *whole,
			     const u8 *data, size_t len, u64 *seed,
			     u32 most)
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

static u32 vector_max_body(const struct vector *v)
{
	return v->max_body ? v->max_body : MAX_BODY;
}

static void vectors_whole(struct kunit *test)
{
	static struct reader r;
	const struct vector *v;
	u8 data[64];
	size_t len;

	for (v = vectors; v < vectors + ARRAY_SIZE(vectors); v++) {
		len = unit_from_hex(data, v->hex);
		reader_whole(test, &r, vector_max_body(v), data, len);
		KUNIT_EXPECT_STREQ_MSG(test, r.text, v->text, "vector: %s",
				       v->name);
	}
}

/* At every two places, of which one may be an end or both the same. */
static void vectors_cut_everywhere(struct kunit *test)
{
	static struct reader r;
	const struct vector *v;
	size_t len, i, j;
	u8 data[64];

	for (v = vectors; v < vectors + ARRAY_SIZE(vectors); v++) {
		len = unit_from_hex(data, v->hex);
		for (i = 0; i <= len; i++) {
			for (j = i; j <= len; j++) {
				reader_init(test, &r, vector_max_body(v));
				reader_feed(test, &r, data, i);
				reader_feed(test, &r, data + i, j - i);
				reader_feed(test, &r, data + j, len - j);
				reader_finish(&r);
				KUNIT_ASSERT_STREQ_MSG(test, r.text, v->text,
						       "%s, cut at %zu and %zu",
						       v->name, i, j);
			}
		}
	}
}

static void vectors_byte_by_byte(struct kunit *test)
{
	static struct reader r;
	const struct vector *v;
	u8 data[64];
	size_t len, i;

	for (v = vectors; v < vectors + ARRAY_SIZE(vectors); v++) {
		len = unit_from_hex(data, v->hex);
		reader_init(test, &r, vector_max_body(v));
		for (i = 0; i < len; i++)
			reader_feed(test, &r, data + i, 1);
		reader_finish(&r);
		KUNIT_ASSERT_STREQ_MSG(test, r.text, v->text, "vector: %s",
				       v->name);
	}
}

/* All those that end between frames, one after the other in one stream. */
static void vectors_in_one_stream(struct kunit *test)
{
	static struct reader whole;
	static char text[BUF_SIZE];
	static u8 data[BUF_SIZE];
	const struct vector *v;
	u64 seed = 1;
	size_t len = 0;

	for (v = vectors; v < vectors + ARRAY_SIZE(vectors); v++) {
		if (strpbrk(v->text, "!~"))
			continue;
		len += unit_from_hex(data + len, v->hex);
		strcat(text, v->text);
	}
	reader_whole(test, &whole, MAX_BODY, data, len);
	KUNIT_ASSERT_STREQ(test, whole.text, text);
	reader_check_cut(test, &whole, data, len, &seed, 1);
	reader_check_cut(test, &whole, data, len, &seed, 9);
}

/* The prefix alone is enough to refuse a frame. */
static void oversized_at_the_prefix(struct kunit *test)
{
	static const u8 data[] = { 0x88, 0x80, 0x01, 0x12, 0x84, 0x80, 0x01 };
	struct wrtcsub_frame_decoder dec = {};
	size_t used;
	int event;

	event = wrtcsub_frame_decode(&dec, 0, data, sizeof(data), &used);
	KUNIT_ASSERT_EQ(test, event, -EPROTO);
	memset(&dec, 0, sizeof(dec));
	event = wrtcsub_frame_decode(&dec, 16391, data, sizeof(data), &used);
	KUNIT_ASSERT_EQ(test, event, -EPROTO);
	KUNIT_ASSERT_EQ(test, used, 3);
	KUNIT_ASSERT_TRUE(test, wrtcsub_frame_is_partial(&dec));

	memset(&dec, 0, sizeof(dec));
	event = wrtcsub_frame_decode(&dec, 16392, data, sizeof(data), &used);
	KUNIT_ASSERT_EQ(test, event, WRTCSUB_FRAME_MESSAGE);
	KUNIT_ASSERT_EQ(test, used, sizeof(data));
}

static int decode(struct wrtcsub_frame_decoder *dec, const u8 *data, size_t len,
		  size_t *used)
{
	return wrtcsub_frame_decode(dec, MAX_BODY, data, len, used);
}

/* No pointer is touched and no event lost when there are no bytes. */
static void no_bytes(struct kunit *test)
{
	static const u8 data[] = { 0x03, 0x12, 0x01, 0x61 };
	struct wrtcsub_frame_decoder dec = {};
	size_t used;

	KUNIT_ASSERT_FALSE(test, wrtcsub_frame_is_partial(&dec));
	KUNIT_ASSERT_EQ(test, decode(&dec, NULL, 0, &used),
			WRTCSUB_FRAME_MORE);
	KUNIT_ASSERT_EQ(test, used, 0);
	KUNIT_ASSERT_EQ(test, decode(&dec, data, 3, &used),
			WRTCSUB_FRAME_MESSAGE);
	KUNIT_ASSERT_EQ(test, used, 3);
	KUNIT_ASSERT_EQ(test, decode(&dec, data + 3, 1, &used),
			WRTCSUB_FRAME_PAYLOAD);
	KUNIT_ASSERT_EQ(test, used, 1);
	KUNIT_ASSERT_TRUE(test, wrtcsub_frame_is_partial(&dec));
	KUNIT_ASSERT_EQ(test, decode(&dec, NULL, 0, &used),
			WRTCSUB_FRAME_END);
	KUNIT_ASSERT_EQ(test, used, 0);
	KUNIT_ASSERT_FALSE(test, wrtcsub_frame_is_partial(&dec));
	KUNIT_ASSERT_EQ(test, decode(&dec, NULL, 0, &used),
			WRTCSUB_FRAME_MORE);
}

static void fill(u8 *buf, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		buf[i] = i * 7 + (i >> 8) + 1;
}

/* Which payloads make which frames, as the specification's limit has it. */
static const struct size_row {
	u32		payload;
	u32		frame;
	const char	*head;
	u32		fin_frame;	/* with a FIN before; 0: not listed */
	const char	*fin_head;
} size_rows[] = {
	{ 1, 4, "03 12 01", 6, "05 08 00 12 01" },
	{ 125, 128, "7f 12 7d", 131, "81 01 08 00 12 7d" },
	{ 126, 130, "80 01 12 7e", 132, "82 01 08 00 12 7e" },
	{ 128, 133, "83 01 12 80 01", 135, "85 01 08 00 12 80 01" },
	{ 16377, 16382, "fc 7f 12 f9 7f", 16384, "fe 7f 08 00 12 f9 7f" },
	{ 16379, 16384, "fe 7f 12 fb 7f", 16387, "80 80 01 08 00 12 fb 7f" },
	{ 16380, 16385, "ff 7f 12 fc 7f", 0, NULL },
	{ 16384, 16391, "84 80 01 12 80 80 01", 0, NULL },
};

/* The head @hex and a payload make @frame bytes that decode to @text. */
static void check_size(struct kunit *test, const char *hex,
		       u32 payload, u32 frame, const char *end)
{
	static struct reader r;
	static u8 data[BUF_SIZE];
	size_t len = unit_from_hex(data, hex);

	fill(data + len, payload);
	KUNIT_ASSERT_EQ(test, len + payload, frame);
	reader_whole(test, &r, MAX_BODY, data, frame);
	KUNIT_ASSERT_EQ(test, r.len, 1 + payload + strlen(end));
	KUNIT_ASSERT_EQ(test, r.text[0], 'M');
	KUNIT_ASSERT_MEMEQ(test, r.text + 1, data + len, payload);
	KUNIT_ASSERT_STREQ(test, r.text + 1 + payload, end);
}

static void sizes_of_the_specification(struct kunit *test)
{
	u8 head[WRTCSUB_HEAD_MAX], want[16];
	const struct size_row *row;
	unsigned int i, n, prefix;
	size_t len;

	for (i = 0; i < ARRAY_SIZE(size_rows); i++) {
		row = &size_rows[i];
		len = unit_from_hex(want, row->head);
		n = wrtcsub_frame_put_head(head, row->payload, &prefix);
		KUNIT_ASSERT_EQ(test, n, len);
		KUNIT_ASSERT_MEMEQ(test, want, head, len);
		KUNIT_ASSERT_EQ(test, len + row->payload, row->frame);
		check_size(test, row->head, row->payload, row->frame, ".");
		if (row->fin_head)
			check_size(test, row->fin_head, row->payload,
				   row->fin_frame, "F0.");
	}
}

static unsigned int bits7(u64 value)
{
	return value < 1 << 7 ? 1 : value < 1 << 14 ? 2 : value < 1 << 21 ? 3 :
	       value < 1 << 28 ? 4 : 5;
}

static u64 frame_size(u32 payload)
{
	u64 body = 1 + bits7(payload) + (u64)payload;

	return bits7(body) + body;
}

static void max_payload(struct kunit *test)
{
	u32 max, payload = 0;

	KUNIT_EXPECT_EQ(test, wrtcsub_frame_max_payload(16384), 16379);
	KUNIT_EXPECT_EQ(test, wrtcsub_frame_max_payload(0), 0);
	KUNIT_EXPECT_EQ(test, wrtcsub_frame_max_payload(3), 0);
	KUNIT_EXPECT_EQ(test, wrtcsub_frame_max_payload(4), 1);
	for (max = 4; max <= 263168; max++) {
		while (frame_size(payload + 1) <= max)
			payload++;
		KUNIT_ASSERT_EQ(test, wrtcsub_frame_max_payload(max), payload);
	}
	payload = wrtcsub_frame_max_payload(U32_MAX);
	KUNIT_ASSERT_LE(test, frame_size(payload), U32_MAX);
	KUNIT_ASSERT_GT(test, frame_size(payload + 1), U32_MAX);
}

/* One frame of our own: three events, the payload in one piece. */
static void check_round_trip(struct kunit *test, u32 payload)
{
	struct wrtcsub_frame_decoder dec = {};
	static u8 data[BUF_SIZE];
	unsigned int head, prefix;
	size_t used;

	head = wrtcsub_frame_put_head(data, payload, &prefix);
	KUNIT_ASSERT_LE(test, head, WRTCSUB_HEAD_MAX);
	KUNIT_ASSERT_EQ(test, head + payload, frame_size(payload));
	KUNIT_ASSERT_EQ(test, prefix, bits7(head - prefix + payload));
	fill(data + head, payload);

	/* As two SCTP messages: the first is the prefix and no more. */
	KUNIT_ASSERT_EQ(test, decode(&dec, data, prefix, &used),
			WRTCSUB_FRAME_MORE);
	KUNIT_ASSERT_EQ(test, dec.body_left, head - prefix + payload);
	KUNIT_ASSERT_EQ(test, decode(&dec, data + prefix,
				     head - prefix + payload, &used),
			WRTCSUB_FRAME_MESSAGE);
	KUNIT_ASSERT_EQ(test, used, head - prefix);
	KUNIT_ASSERT_EQ(test, decode(&dec, data + head, payload, &used),
			WRTCSUB_FRAME_PAYLOAD);
	KUNIT_ASSERT_EQ(test, used, payload);
	KUNIT_ASSERT_EQ(test, decode(&dec, NULL, 0, &used),
			WRTCSUB_FRAME_END);
	KUNIT_ASSERT_FALSE(test, !!dec.has_flag);
	KUNIT_ASSERT_FALSE(test, !!dec.has_code);
}

static void round_trip(struct kunit *test)
{
	u32 payload;

	for (payload = 1; payload <= 20000; payload++)
		check_round_trip(test, payload);
	for (payload = 65000; payload < 100000; payload += 997)
		check_round_trip(test, payload);
}

static void largest_head(struct kunit *test)
{
	u8 head[WRTCSUB_HEAD_MAX], want[16];
	unsigned int prefix;

	/* The body is over 32 bits by a few; the prefix holds it all. */
	KUNIT_ASSERT_EQ(test, wrtcsub_frame_put_head(head, U32_MAX, &prefix),
			WRTCSUB_HEAD_MAX);
	KUNIT_ASSERT_EQ(test, prefix, WRTCSUB_PREFIX_MAX);
	unit_from_hex(want, "85 80 80 80 10 12 ff ff ff ff 0f");
	KUNIT_ASSERT_MEMEQ(test, want, head, WRTCSUB_HEAD_MAX);
}

static const struct flag_row {
	enum wrtcsub_flag	flag;
	bool			has_code;
	u32			code;
	const char		*hex;
	const char		*text;
} flag_rows[] = {
	{ WRTCSUB_FLAG_FIN, false, 1, "02 08 00", "F0." },
	{ WRTCSUB_FLAG_STOP_SENDING, false, 1, "02 08 01", "F1." },
	{ WRTCSUB_FLAG_RESET_STREAM, false, 1, "02 08 02", "F2." },
	{ WRTCSUB_FLAG_FIN_ACK, false, 1, "02 08 03", "F3." },
	{ WRTCSUB_FLAG_STOP_SENDING, true, 0, "04 08 01 18 00", "F1C0." },
	{ WRTCSUB_FLAG_RESET_STREAM, true, 0, "04 08 02 18 00", "F2C0." },
	{ WRTCSUB_FLAG_RESET_STREAM, true, 127, "04 08 02 18 7f", "F2C127." },
	{ WRTCSUB_FLAG_RESET_STREAM, true, 128, "05 08 02 18 80 01",
	  "F2C128." },
	{ WRTCSUB_FLAG_RESET_STREAM, true, 0x1000, "05 08 02 18 80 20",
	  "F2C4096." },
	{ WRTCSUB_FLAG_RESET_STREAM, true, U32_MAX,
	  "08 08 02 18 ff ff ff ff 0f", "F2C4294967295." },
};

static void put_flag(struct kunit *test)
{
	u8 buf[WRTCSUB_CONTROL_MAX], want[WRTCSUB_CONTROL_MAX];
	const struct flag_row *row;
	static struct reader r;
	unsigned int i, len;

	for (i = 0; i < ARRAY_SIZE(flag_rows); i++) {
		row = &flag_rows[i];
		len = wrtcsub_frame_put_flag(buf, row->flag, row->has_code,
					     row->code);
		KUNIT_ASSERT_EQ(test, len, unit_from_hex(want, row->hex));
		KUNIT_ASSERT_MEMEQ_MSG(test, want, buf, len, "row: %s",
				       row->hex);
		reader_whole(test, &r, MAX_BODY, buf, len);
		KUNIT_ASSERT_STREQ(test, r.text, row->text);
	}
}

/* A writer of its own, which may use more bytes than a number needs. */
static size_t put_number(u8 *buf, u64 value, u64 *seed)
{
	unsigned int pad = unit_random(seed) % 8 ? 0 : unit_random(seed) % 4;
	size_t len = 0;

	for (; value > 0x7f; value >>= 7)
		buf[len++] = 0x80 | value;
	if (len + pad >= WRTCSUB_VARINT_MAX)
		pad = 0;
	buf[len++] = value | (pad ? 0x80 : 0);
	while (pad--)
		buf[len++] = pad ? 0x80 : 0;
	return len;
}

struct frame_model {
	bool	has_flag, has_code;
	s32	flag;
	u32	code;
};

static size_t put_message(u8 *buf, struct reader *want, u64 *seed)
{
	static const u16 most[] = { 1, 4, 150, 2000 };
	u32 n = unit_random(seed) % most[unit_random(seed) % 4], i;
	size_t len = put_number(buf, 0x12, seed);

	len += put_number(buf + len, n, seed);
	for (i = 0; i < n; i++)
		buf[len + i] = unit_random(seed);
	reader_put(want, "M", 1);
	reader_put(want, buf + len, n);
	return len + n;
}

static size_t put_unknown(u8 *buf, u64 *seed)
{
	static const u8 types[] = { 0, 1, 2, 5 };
	u8 type = types[unit_random(seed) % 4];
	u64 field = 4 + (unit_random(seed) % 2 ? unit_random(seed) % 20 :
			 unit_random(seed) % ((1 << 29) - 4));
	size_t len = put_number(buf, field << 3 | type, seed);
	u32 n = type == 1 ? 8 : type == 5 ? 4 : unit_random(seed) % 40;

	if (type == 0)
		return len + put_number(buf + len, unit_random64(seed), seed);
	if (type == 2)
		len += put_number(buf + len, n, seed);
	while (n--)
		buf[len++] = unit_random(seed);
	return len;
}

static size_t put_field(u8 *buf, struct frame_model *model,
			struct reader *want, u64 *seed)
{
	u64 value = unit_random(seed) % 3 ? unit_random(seed) % 5 :
					    unit_random64(seed);
	size_t len;

	switch (unit_random(seed) % 5) {
	case 0:
		model->has_flag = true;
		model->flag = (s32)(u32)value;
		len = put_number(buf, 0x08, seed);
		return len + put_number(buf + len, value, seed);
	case 1:
		model->has_code = true;
		model->code = value & U32_MAX;
		len = put_number(buf, 0x18, seed);
		return len + put_number(buf + len, value, seed);
	case 2:
		return put_unknown(buf, seed);
	default:
		return put_message(buf, want, seed);
	}
}

/* A well-formed frame of any fields in any order, and its text. */
static size_t put_frame(u8 *buf, struct reader *want, u64 *seed)
{
	static u8 body[BUF_SIZE];
	struct frame_model model = {};
	int fields = unit_random(seed) % 6;
	size_t body_len = 0, len;

	while (fields--)
		body_len += put_field(body + body_len, &model, want, seed);
	len = put_number(buf, body_len, seed);
	memcpy(buf + len, body, body_len);
	if (body_len) {
		want->dec.has_flag = model.has_flag;
		want->dec.flag = model.flag;
		want->dec.has_code = model.has_code;
		want->dec.code = model.code;
		reader_put_end(want);
	}
	return len + body_len;
}

static void random_streams(struct kunit *test)
{
	static struct reader want, whole;
	static u8 data[BUF_SIZE];
	u64 seed = 0x77727463;
	int i, frames;
	size_t len;
	u32 most;

	for (i = 0; i < UNIT_ROUNDS(3000); i++) {
		reader_init(test, &want, MAX_BODY);
		frames = 1 + unit_random(&seed) % 6;
		for (len = 0; frames; frames--)
			len += put_frame(data + len, &want, &seed);
		reader_whole(test, &whole, MAX_BODY, data, len);
		KUNIT_ASSERT_EQ(test, whole.len, want.len);
		KUNIT_ASSERT_MEMEQ(test, want.text, whole.text, want.len);
		most = 1 + unit_random(&seed) % 100;
		reader_check_cut(test, &whole, data, len, &seed, most);
	}
}

/* Well-formed streams with a few bytes changed: no crash, no endless loop, and
 * the same wherever they are cut.
 */
static void random_damage(struct kunit *test)
{
	static struct reader want, whole;
	static u8 data[BUF_SIZE];
	u64 seed = 0x646d67;
	int i, damage;
	size_t len, n;

	for (i = 0; i < UNIT_ROUNDS(5000); i++) {
		reader_init(test, &want, MAX_BODY);
		len = put_frame(data, &want, &seed);
		len += put_frame(data + len, &want, &seed);
		for (damage = 1 + unit_random(&seed) % 3; damage; damage--) {
			n = unit_random(&seed) % (u32)len;
			data[n] = unit_random(&seed);
		}
		reader_whole(test, &whole, 4096, data, len);
		reader_check_cut(test, &whole, data, len, &seed, 1);
		reader_check_cut(test, &whole, data, len, &seed, 20);
	}
}

/* Bytes that mean something, in no order at all. */
static void random_bytes(struct kunit *test)
{
	static const u8 bytes[] = {
		0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x08, 0x0b, 0x10, 0x12,
		0x18, 0x20, 0x22, 0x25, 0x7a, 0x7d, 0x7f, 0x80, 0x81, 0xff,
	};
	static struct reader whole;
	u64 seed = 0x6279746573;
	size_t len, n;
	u8 data[64];
	int i;

	for (i = 0; i < UNIT_ROUNDS(30000); i++) {
		len = unit_random(&seed) % (sizeof(data) + 1);
		for (n = 0; n < len; n++)
			data[n] = bytes[unit_random(&seed) % sizeof(bytes)];
		reader_whole(test, &whole, 64, data, len);
		reader_check_cut(test, &whole, data, len, &seed, 1);
		reader_check_cut(test, &whole, data, len, &seed, 8);
	}
}

static struct kunit_case wrtcsub_frame_cases[] = {
	KUNIT_CASE(vectors_whole),
	KUNIT_CASE(vectors_cut_everywhere),
	KUNIT_CASE(vectors_byte_by_byte),
	KUNIT_CASE(vectors_in_one_stream),
	KUNIT_CASE(oversized_at_the_prefix),
	KUNIT_CASE(no_bytes),
	KUNIT_CASE(sizes_of_the_specification),
	KUNIT_CASE(max_payload),
	KUNIT_CASE(round_trip),
	KUNIT_CASE(largest_head),
	KUNIT_CASE(put_flag),
	KUNIT_CASE(random_streams),
	KUNIT_CASE(random_damage),
	KUNIT_CASE(random_bytes),
	{}
};

static struct kunit_suite wrtcsub_frame_suite = {
	.name = "wrtcsub_frame",
	.test_cases = wrtcsub_frame_cases,
};

kunit_test_suite(wrtcsub_frame_suite);
