// SPDX-License-Identifier: GPL-2.0
/*
 * dcep.c: what is accepted lies within the message, and written again it is
 * the same bytes.
 */

#include "fuzz.h"

#include "dcep.h"

static void check_again(const struct wrtcsub_dcep_open *open, const u8 *data,
			size_t len)
{
	size_t put = WRTCSUB_DCEP_OPEN_LEN + open->label_len +
		     open->protocol_len;
	struct wrtcsub_dcep_open again;
	u8 *buf = malloc(put);

	CHECK(put <= len);
	CHECK(open->label == data + WRTCSUB_DCEP_OPEN_LEN);
	CHECK(open->protocol == open->label + open->label_len);

	CHECK(buf && wrtcsub_dcep_put_open(buf, open) == put);
	CHECK(!memcmp(buf, data, put));
	CHECK(!wrtcsub_dcep_parse_open(&again, buf, put));
	CHECK(again.type == open->type);
	CHECK(again.priority == open->priority);
	CHECK(again.reliability == open->reliability);
	CHECK(again.label_len == open->label_len);
	CHECK(again.protocol_len == open->protocol_len);
	free(buf);
}

/* RFC 8832, section 5.1: the type, and room for both strings. */
static bool is_open(const u8 *data, size_t len)
{
	return len >= 12 && data[0] == 3 &&
	       len - 12 >= (size_t)(data[8] << 8 | data[9]) +
			   (data[10] << 8 | data[11]);
}

int fuzz_one(const u8 *data, size_t size)
{
	u8 *block = fuzz_block(data, size);
	struct wrtcsub_dcep_open open;
	int ret;

	ret = wrtcsub_dcep_parse_open(&open, block, size);
	CHECK(ret == (is_open(block, size) ? 0 : -EPROTO));
	if (!ret)
		check_again(&open, block, size);
	free(block);
	return 0;
}
