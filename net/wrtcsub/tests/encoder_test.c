// SPDX-License-Identifier: GPL-2.0
/* The encoder of frame.c: what it writes, and that the decoder reads it. */

#include "reader.h"

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

static struct kunit_case wrtcsub_encoder_cases[] = {
	KUNIT_CASE(sizes_of_the_specification),
	KUNIT_CASE(max_payload),
	KUNIT_CASE(round_trip),
	KUNIT_CASE(largest_head),
	KUNIT_CASE(put_flag),
	{}
};

static struct kunit_suite wrtcsub_encoder_suite = {
	.name = "wrtcsub_encoder",
	.test_cases = wrtcsub_encoder_cases,
};

kunit_test_suite(wrtcsub_encoder_suite);
