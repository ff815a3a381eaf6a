// SPDX-License-Identifier: GPL-2.0
/*
 * Text that grows.
 *
 * A label comes from the peer and the name of a process from its user: both can
 * be any bytes.  Those that a terminal, or JSON, might take for something else
 * are written as \xNN.
 */

#include <ctype.h>
#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "message.h"
#include "text.h"

static void text_reserve(struct text *text, size_t len)
{
	if (text->len + len < text->size)
		return;
	text->size = 2 * (text->len + len + 1);
	text->string = realloc(text->string, text->size);
	if (!text->string)
		err(STATUS_FAILED, "realloc");
}

void text_add(struct text *text, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);

	text_reserve(text, len);
	va_start(args, format);
	vsnprintf(text->string + text->len, len + 1, format, args);
	va_end(args);
	text->len += len;
}

void text_add_bytes(struct text *text, const void *bytes, size_t len)
{
	const unsigned char *p = bytes;

	for (; len--; p++) {
		if (isascii(*p) && isprint(*p) && *p != '"' && *p != '\\')
			text_add(text, "%c", *p);
		else
			text_add(text, "\\x%02x", *p);
	}
}

const char *text_get(const struct text *text)
{
	return text->string ? text->string : "";
}

void text_free(struct text *text)
{
	free(text->string);
	text->string = NULL;
	text->len = 0;
	text->size = 0;
}
