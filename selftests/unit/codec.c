// SPDX-License-Identifier: GPL-2.0
/*
 * frame.c for a program that speaks on its standard input and output, a line
 * for a question and a line for its answer; bytes are in hexadecimal, none of
 * them is "-".
 *
 *	read BYTES		what the frames in BYTES say, a word for each:
 *				FLAG,CODE,PAYLOAD, where "-" is none and the
 *				payload begins with "=" if there is one; then
 *				"cut" or "bad" if the last one is
 *	payload BYTES		the frame that carries BYTES
 *	flag FLAG CODE		the frame that is a flag; CODE may be "-"
 */

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/types.h>

#include "frame.h"

#define MAX_BODY	263168		/* max_recv_frame's default */
#define LINE_MAX_LEN	(4 * MAX_BODY)

static u8 bytes[LINE_MAX_LEN];

static size_t get_hex(u8 *buf, const char *hex)
{
	char digits[3] = "";
	size_t len = 0;

	for (; isxdigit(hex[0]); hex += 2) {
		memcpy(digits, hex, 2);
		buf[len++] = strtoul(digits, NULL, 16);
	}
	return len;
}

static void put_hex(const u8 *data, size_t len)
{
	while (len--)
		printf("%02x", *data++);
}

static void put_frame(const struct wrtcsub_frame_decoder *dec, bool message,
		      const u8 *payload, size_t len)
{
	if (dec->has_flag)
		printf("%d,", dec->flag);
	else
		printf("-,");
	if (dec->has_code)
		printf("%u,", dec->code);
	else
		printf("-,");
	fputs(message ? "=" : "-", stdout);
	put_hex(payload, len);
	putchar(' ');
}

static void answer_read(const u8 *data, size_t len)
{
	static u8 payload[MAX_BODY];
	struct wrtcsub_frame_decoder dec = {};
	size_t used, payload_len = 0;
	bool message = false;
	int event;

	do {
		event = wrtcsub_frame_decode(&dec, MAX_BODY, data, len, &used);
		if (event == WRTCSUB_FRAME_MESSAGE) {
			message = true;
			payload_len = 0;
		} else if (event == WRTCSUB_FRAME_PAYLOAD) {
			memcpy(payload + payload_len, data, used);
			payload_len += used;
		} else if (event == WRTCSUB_FRAME_END) {
			put_frame(&dec, message, payload, payload_len);
			message = false;
			payload_len = 0;
		}
		data += used;
		len -= used;
	} while (event > WRTCSUB_FRAME_MORE);
	if (event < 0)
		fputs("bad", stdout);
	else if (wrtcsub_frame_is_partial(&dec))
		fputs("cut", stdout);
}

static void answer_payload(const u8 *data, size_t len)
{
	u8 head[WRTCSUB_HEAD_MAX];
	unsigned int prefix;

	put_hex(head, wrtcsub_frame_put_head(head, len, &prefix));
	put_hex(data, len);
}

static void answer_flag(char *args)
{
	bool has_code = !strchr(args, '-');
	u8 buf[WRTCSUB_CONTROL_MAX];
	unsigned long flag = strtoul(args, &args, 10);

	put_hex(buf, wrtcsub_frame_put_flag(buf, flag, has_code,
					    strtoul(args, NULL, 10)));
}

int main(void)
{
	static char line[LINE_MAX_LEN];

	while (fgets(line, sizeof(line), stdin)) {
		if (!strncmp(line, "read ", 5))
			answer_read(bytes, get_hex(bytes, line + 5));
		else if (!strncmp(line, "payload ", 8))
			answer_payload(bytes, get_hex(bytes, line + 8));
		else if (!strncmp(line, "flag ", 5))
			answer_flag(line + 5);
		else
			return 1;
		putchar('\n');
		fflush(stdout);
	}
	return 0;
}
