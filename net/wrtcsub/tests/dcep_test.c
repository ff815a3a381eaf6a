// SPDX-License-Identifier: GPL-2.0
/* dcep.c */

#include "unit.h"

#include "../dcep.c"

#define PING	"/ipfs/ping/1.0.0"
#define PING_HEX "2f 69 70 66 73 2f 70 69 6e 67 2f 31 2e 30 2e 30"

/* What peers send, and one with everything in it. */
static const struct vector {
	const char	*name;
	const char	*hex;
	u8		type;
	u16		priority;
	u32		reliability;
	const char	*label;
	const char	*protocol;
} vectors[] = {
	{ "pion", "03 00 01 00 00 00 00 00 00 00 00 00",
	  WRTCSUB_DCEP_RELIABLE, WRTCSUB_DCEP_PRIORITY_NORMAL, 0, "", "" },
	{ "litep2p", "03 80 00 00 00 00 00 00 00 00 00 10 " PING_HEX,
	  WRTCSUB_DCEP_RELIABLE_UNORDERED, 0, 0, "", PING },
	{ "js, init", "03 00 01 00 00 00 00 00 00 04 00 00 69 6e 69 74",
	  WRTCSUB_DCEP_RELIABLE, 256, 0, "init", "" },
	{ "everything", "03 81 12 34 89 ab cd ef 00 02 00 03 61 62 63 64 65",
	  0x81, 0x1234, 0x89abcdef, "ab", "cde" },
};

/* The copy that was parsed, into which the strings point. */
static u8 *block;

static int parse(struct kunit *test, struct wrtcsub_dcep_open *open,
		 const u8 *data, size_t len)
{
	kfree(block);
	block = unit_block(test, data, len);
	return wrtcsub_dcep_parse_open(open, block, len);
}

static void dcep_exit(struct kunit *test)
{
	kfree(block);
	block = NULL;
}

static void check_open(struct kunit *test, const struct vector *v,
		       const struct wrtcsub_dcep_open *open)
{
	KUNIT_EXPECT_EQ(test, open->type, v->type);
	KUNIT_EXPECT_EQ(test, open->priority, v->priority);
	KUNIT_EXPECT_EQ(test, open->reliability, v->reliability);
	KUNIT_ASSERT_EQ(test, open->label_len, strlen(v->label));
	KUNIT_ASSERT_EQ(test, open->protocol_len, strlen(v->protocol));
	KUNIT_EXPECT_MEMEQ(test, v->label, open->label, open->label_len);
	KUNIT_EXPECT_MEMEQ(test, v->protocol, open->protocol,
			   open->protocol_len);
}

static void parse_vectors(struct kunit *test)
{
	struct wrtcsub_dcep_open open;
	const struct vector *v;
	u8 data[64];
	size_t len;

	for (v = vectors; v < vectors + ARRAY_SIZE(vectors); v++) {
		len = unit_from_hex(data, v->hex);
		KUNIT_ASSERT_EQ_MSG(test, parse(test, &open, data, len), 0,
				    "vector: %s", v->name);
		check_open(test, v, &open);
	}
}

static void put_vectors(struct kunit *test)
{
	u8 want[64], buf[WRTCSUB_DCEP_OPEN_MAX];
	struct wrtcsub_dcep_open open;
	const struct vector *v;
	size_t len;

	for (v = vectors; v < vectors + ARRAY_SIZE(vectors); v++) {
		open = (struct wrtcsub_dcep_open) {
			.type = v->type,
			.priority = v->priority,
			.reliability = v->reliability,
			.label_len = strlen(v->label),
			.protocol_len = strlen(v->protocol),
			.label = (const u8 *)v->label,
			.protocol = (const u8 *)v->protocol,
		};
		if (!open.label_len)
			open.label = NULL;
		if (!open.protocol_len)
			open.protocol = NULL;
		len = unit_from_hex(want, v->hex);
		KUNIT_ASSERT_EQ_MSG(test, wrtcsub_dcep_put_open(buf, &open),
				    len, "vector: %s", v->name);
		KUNIT_ASSERT_MEMEQ(test, want, buf, len);
	}
}

static void cut_at_every_length(struct kunit *test)
{
	struct wrtcsub_dcep_open open;
	const struct vector *v;
	u8 data[64];
	size_t len, i;

	for (v = vectors; v < vectors + ARRAY_SIZE(vectors); v++) {
		len = unit_from_hex(data, v->hex);
		for (i = 0; i < len; i++) {
			KUNIT_ASSERT_EQ_MSG(test, parse(test, &open, data, i),
					    -EPROTO, "vector: %s, cut at %zu",
					    v->name, i);
		}
	}
}

/* As str0m and the browsers. */
static void bytes_after_the_strings(struct kunit *test)
{
	struct wrtcsub_dcep_open open;
	const struct vector *v;
	u8 data[64];
	size_t len;

	for (v = vectors; v < vectors + ARRAY_SIZE(vectors); v++) {
		len = unit_from_hex(data, v->hex);
		data[len] = 0x55;
		KUNIT_ASSERT_EQ(test, parse(test, &open, data, len + 1), 0);
		check_open(test, v, &open);
	}
}

static void other_message_types(struct kunit *test)
{
	struct wrtcsub_dcep_open open;
	u8 data[12] = {};
	int type, ret;

	for (type = 0; type < 256; type++) {
		data[0] = type;
		ret = wrtcsub_dcep_parse_open(&open, data, sizeof(data));
		KUNIT_ASSERT_EQ(test, ret,
				type == WRTCSUB_DCEP_OPEN ? 0 : -EPROTO);
	}
}

/* Lengths whose sum has more than 16 bits. */
static void longest_strings(struct kunit *test)
{
	size_t len = WRTCSUB_DCEP_OPEN_LEN + 2 * 65535;
	struct wrtcsub_dcep_open open;
	u8 *data;

	data = kunit_kzalloc(test, len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, data);
	unit_from_hex(data, "03 00 01 00 00 00 00 00 ff ff ff ff");
	KUNIT_ASSERT_EQ(test, parse(test, &open, data, len), 0);
	KUNIT_EXPECT_EQ(test, open.label_len, 65535);
	KUNIT_EXPECT_EQ(test, open.protocol_len, 65535);
	KUNIT_EXPECT_PTR_EQ(test, open.label, block + WRTCSUB_DCEP_OPEN_LEN);
	KUNIT_EXPECT_PTR_EQ(test, open.protocol, open.label + 65535);
	KUNIT_EXPECT_PTR_EQ(test, open.protocol + open.protocol_len,
			    block + len);
	KUNIT_ASSERT_EQ(test, parse(test, &open, data, len - 1), -EPROTO);
	len -= 65536;
	KUNIT_ASSERT_EQ(test, parse(test, &open, data, len), -EPROTO);
}

/* RFC 8832, section 8.2.1; an ACK is its type alone. */
static void message_types(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, WRTCSUB_DCEP_ACK, 0x02);
	KUNIT_EXPECT_EQ(test, WRTCSUB_DCEP_OPEN, 0x03);
}

static void round_trip(struct kunit *test)
{
	static u8 strings[2 * WRTCSUB_DCEP_STRING_MAX];
	static u8 buf[WRTCSUB_DCEP_OPEN_MAX];
	struct wrtcsub_dcep_open in, out;
	u64 seed = 0x64636570;
	size_t n;
	int i;

	for (i = 0; i < UNIT_ROUNDS(20000); i++) {
		for (n = 0; n < sizeof(strings); n++)
			strings[n] = seed >> (n % 57);
		in.type = unit_random(&seed);
		in.priority = unit_random(&seed);
		in.reliability = unit_random(&seed);
		in.label_len = unit_random(&seed) % 256;
		in.protocol_len = unit_random(&seed) % 256;
		in.label = strings;
		in.protocol = strings + in.label_len;
		n = wrtcsub_dcep_put_open(buf, &in);
		KUNIT_ASSERT_EQ(test, n, 12 + in.label_len + in.protocol_len);
		KUNIT_ASSERT_EQ(test, parse(test, &out, buf, n), 0);
		KUNIT_ASSERT_EQ(test, out.type, in.type);
		KUNIT_ASSERT_EQ(test, out.priority, in.priority);
		KUNIT_ASSERT_EQ(test, out.reliability, in.reliability);
		KUNIT_ASSERT_EQ(test, out.label_len, in.label_len);
		KUNIT_ASSERT_EQ(test, out.protocol_len, in.protocol_len);
		KUNIT_ASSERT_MEMEQ(test, in.label, out.label, in.label_len);
		KUNIT_ASSERT_MEMEQ(test, in.protocol, out.protocol,
				   in.protocol_len);
	}
}

/* What is accepted lies within the message. */
static void random_bytes(struct kunit *test)
{
	struct wrtcsub_dcep_open open;
	u64 seed = 0x6f70656e;
	u8 data[64];
	int i, accepted = 0;
	size_t len, n;

	for (i = 0; i < UNIT_ROUNDS(50000); i++) {
		len = unit_random(&seed) % (sizeof(data) + 1);
		for (n = 0; n < len; n++)
			data[n] = unit_random(&seed) % 24;
		data[0] = WRTCSUB_DCEP_OPEN;
		data[8] = unit_random(&seed) % 8 == 0;
		data[10] = 0;
		if (!parse(test, &open, data, len)) {
			accepted++;
			KUNIT_ASSERT_PTR_EQ(test, open.label, block + 12);
			KUNIT_ASSERT_PTR_EQ(test, open.protocol,
					    open.label + open.label_len);
			KUNIT_ASSERT_LE(test, 12 + open.label_len +
					open.protocol_len, len);
		} else {
			n = 12 + data[8] * 256 + data[9] + data[10] * 256 +
			    data[11];
			KUNIT_ASSERT_TRUE(test, len < 12 || n > len);
		}
	}
	KUNIT_ASSERT_GT(test, accepted, UNIT_ROUNDS(1000));
}

static struct kunit_case wrtcsub_dcep_cases[] = {
	KUNIT_CASE(parse_vectors),
	KUNIT_CASE(put_vectors),
	KUNIT_CASE(cut_at_every_length),
	KUNIT_CASE(bytes_after_the_strings),
	KUNIT_CASE(other_message_types),
	KUNIT_CASE(longest_strings),
	KUNIT_CASE(message_types),
	KUNIT_CASE(round_trip),
	KUNIT_CASE(random_bytes),
	{}
};

static struct kunit_suite wrtcsub_dcep_suite = {
	.name = "wrtcsub_dcep",
	.exit = dcep_exit,
	.test_cases = wrtcsub_dcep_cases,
};

kunit_test_suite(wrtcsub_dcep_suite);
