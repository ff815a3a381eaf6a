// SPDX-License-Identifier: GPL-2.0
/* The decoder of frame.c. */

#include "reader.h"

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

static struct kunit_case wrtcsub_decoder_cases[] = {
	KUNIT_CASE(vectors_whole),
	KUNIT_CASE(vectors_cut_everywhere),
	KUNIT_CASE(vectors_byte_by_byte),
	KUNIT_CASE(vectors_in_one_stream),
	KUNIT_CASE(oversized_at_the_prefix),
	KUNIT_CASE(no_bytes),
	KUNIT_CASE(random_streams),
	KUNIT_CASE(random_damage),
	KUNIT_CASE(random_bytes),
	{}
};

static struct kunit_suite wrtcsub_decoder_suite = {
	.name = "wrtcsub_decoder",
	.test_cases = wrtcsub_decoder_cases,
};

kunit_test_suite(wrtcsub_decoder_suite);
