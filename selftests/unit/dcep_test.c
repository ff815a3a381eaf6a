// SPDX-License-Identifier: GPL-2.0
/* dcep.c */

#include "unit.h"

#include "dcep.h"

#define PING	"/ipfs/ping/1.0.0"
#define PING_HEX "2f 69 70 66 73 2f 70 69 6e 67 2f 31 2e 30 2e 30"

/* What peers send (wire-and-peers, 1.4), and one with everything in it. */
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

/* A copy in a block of just that size. */
static int parse(struct wrtcsub_dcep_open *open, u8 **block, const u8 *data,
		 size_t len)
{
	*block = malloc(len);
	memcpy(*block, data, len);
	return wrtcsub_dcep_parse_open(open, *block, len);
}

static void check_open(struct __test_metadata *_metadata,
		       const struct vector *v,
		       const struct wrtcsub_dcep_open *open)
{
	EXPECT_EQ(v->type, open->type);
	EXPECT_EQ(v->priority, open->priority);
	EXPECT_EQ(v->reliability, open->reliability);
	ASSERT_EQ(strlen(v->label), open->label_len);
	ASSERT_EQ(strlen(v->protocol), open->protocol_len);
	EXPECT_EQ(0, memcmp(v->label, open->label, open->label_len));
	EXPECT_EQ(0, memcmp(v->protocol, open->protocol, open->protocol_len));
}

TEST(parse_vectors)
{
	struct wrtcsub_dcep_open open;
	const struct vector *v;
	u8 data[64], *block;
	size_t len;

	for (v = vectors; v < vectors + ARRAY_SIZE(vectors); v++) {
		len = unit_from_hex(data, v->hex);
		ASSERT_EQ(0, parse(&open, &block, data, len)) {
			TH_LOG("vector: %s", v->name);
		}
		check_open(_metadata, v, &open);
		free(block);
	}
}

TEST(put_vectors)
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
			.label = *v->label ? (const u8 *)v->label : NULL,
			.protocol = *v->protocol ? (const u8 *)v->protocol :
						   NULL,
		};
		len = unit_from_hex(want, v->hex);
		ASSERT_EQ(len, wrtcsub_dcep_put_open(buf, &open)) {
			TH_LOG("vector: %s", v->name);
		}
		ASSERT_EQ(0, memcmp(want, buf, len));
	}
}

TEST(cut_at_every_length)
{
	struct wrtcsub_dcep_open open;
	const struct vector *v;
	u8 data[64], *block;
	size_t len, i;

	for (v = vectors; v < vectors + ARRAY_SIZE(vectors); v++) {
		len = unit_from_hex(data, v->hex);
		for (i = 0; i < len; i++) {
			ASSERT_EQ(-EPROTO, parse(&open, &block, data, i)) {
				TH_LOG("vector: %s, cut at %zu", v->name, i);
			}
			free(block);
		}
	}
}

/* As str0m and the browsers. */
TEST(bytes_after_the_strings)
{
	struct wrtcsub_dcep_open open;
	const struct vector *v;
	u8 data[64], *block;
	size_t len;

	for (v = vectors; v < vectors + ARRAY_SIZE(vectors); v++) {
		len = unit_from_hex(data, v->hex);
		data[len] = 0x55;
		ASSERT_EQ(0, parse(&open, &block, data, len + 1));
		check_open(_metadata, v, &open);
		free(block);
	}
}

TEST(other_message_types)
{
	struct wrtcsub_dcep_open open;
	u8 data[12] = {};
	int type;

	for (type = 0; type < 256; type++) {
		data[0] = type;
		ASSERT_EQ(type == WRTCSUB_DCEP_OPEN ? 0 : -EPROTO,
			  wrtcsub_dcep_parse_open(&open, data, sizeof(data)));
	}
}

/* Lengths whose sum has more than 16 bits. */
TEST(longest_strings)
{
	size_t len = WRTCSUB_DCEP_OPEN_LEN + 2 * 65535;
	struct wrtcsub_dcep_open open;
	u8 *data, *block;

	data = calloc(1, len);
	unit_from_hex(data, "03 00 01 00 00 00 00 00 ff ff ff ff");
	ASSERT_EQ(0, parse(&open, &block, data, len));
	EXPECT_EQ(65535, open.label_len);
	EXPECT_EQ(65535, open.protocol_len);
	EXPECT_EQ(block + WRTCSUB_DCEP_OPEN_LEN, open.label);
	EXPECT_EQ(open.label + 65535, open.protocol);
	EXPECT_EQ(block + len, open.protocol + open.protocol_len);
	free(block);
	ASSERT_EQ(-EPROTO, parse(&open, &block, data, len - 1));
	free(block);
	ASSERT_EQ(-EPROTO, parse(&open, &block, data,
				 WRTCSUB_DCEP_OPEN_LEN + 65534));
	free(block);
	free(data);
}

/* RFC 8832, section 8.2.1; an ACK is its type alone. */
TEST(message_types)
{
	EXPECT_EQ(0x02, WRTCSUB_DCEP_ACK);
	EXPECT_EQ(0x03, WRTCSUB_DCEP_OPEN);
}

TEST(round_trip)
{
	u8 strings[2 * WRTCSUB_DCEP_STRING_MAX], buf[WRTCSUB_DCEP_OPEN_MAX];
	struct wrtcsub_dcep_open in, out;
	u64 seed = 0x64636570;
	u8 *block;
	size_t n;
	int i;

	for (i = 0; i < 20000; i++) {
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
		ASSERT_EQ(12 + in.label_len + in.protocol_len, n);
		ASSERT_EQ(0, parse(&out, &block, buf, n));
		ASSERT_EQ(in.type, out.type);
		ASSERT_EQ(in.priority, out.priority);
		ASSERT_EQ(in.reliability, out.reliability);
		ASSERT_EQ(in.label_len, out.label_len);
		ASSERT_EQ(in.protocol_len, out.protocol_len);
		ASSERT_EQ(0, memcmp(in.label, out.label, in.label_len));
		ASSERT_EQ(0, memcmp(in.protocol, out.protocol,
				    in.protocol_len));
		free(block);
	}
}

/* What is accepted lies within the message. */
TEST(random_bytes)
{
	struct wrtcsub_dcep_open open;
	u64 seed = 0x6f70656e;
	u8 data[64], *block;
	int i, accepted = 0;
	size_t len, n;

	for (i = 0; i < 50000; i++) {
		len = unit_random(&seed) % (sizeof(data) + 1);
		for (n = 0; n < len; n++)
			data[n] = unit_random(&seed) % 24;
		data[0] = WRTCSUB_DCEP_OPEN;
		data[8] = unit_random(&seed) % 8 == 0;
		data[10] = 0;
		if (!parse(&open, &block, data, len)) {
			accepted++;
			ASSERT_LE(block + 12, open.label);
			ASSERT_EQ(open.protocol, open.label + open.label_len);
			ASSERT_LE(open.protocol + open.protocol_len,
				  block + len);
		} else {
			ASSERT_TRUE(len < 12 || 12U + data[8] * 256 + data[9] +
				    data[10] * 256 + data[11] > len);
		}
		free(block);
	}
	ASSERT_GT(accepted, 1000);
}

TEST_HARNESS_MAIN
