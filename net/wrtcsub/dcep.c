// SPDX-License-Identifier: GPL-2.0
/*
 * The messages that open a data channel (RFC 8832), read and written.
 *
 * The DATA_CHANNEL_ACK (section 5.2) is its message type and nothing else, so
 * it has no function here.  Whoever reads one looks at the first byte only:
 * pion sends three more, all zero.
 */

#include <linux/errno.h>
#include <linux/string.h>

#include "dcep.h"

static u16 wrtcsub_dcep_get16(const u8 *data)
{
	return data[0] << 8 | data[1];
}

static void wrtcsub_dcep_put16(u8 *buf, u16 value)
{
	buf[0] = value >> 8;
	buf[1] = value & 0xff;
}

/*
 * RFC 8832, section 5.1:
 *
 *	 0                   1                   2                   3
 *	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *	|  Message Type |  Channel Type |            Priority           |
 *	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *	|                    Reliability Parameter                      |
 *	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *	|         Label Length          |       Protocol Length         |
 *	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *	\                                                               /
 *	|                             Label                             |
 *	/                                                               \
 *	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *	\                                                               /
 *	|                            Protocol                           |
 *	/                                                               \
 *	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * All numbers are unsigned and in network byte order; both lengths are in
 * bytes, and both strings "may be an empty string".
 */

/**
 * wrtcsub_dcep_parse_open() - read a DATA_CHANNEL_OPEN message
 * @open: filled in; its strings point into @data
 * @data: the user message
 * @len: its length in bytes
 *
 * Only the form is looked at.  Which channel types are served is the caller's
 * affair, and the strings may hold any bytes.
 *
 * Bytes after the strings are ignored.  The RFC is silent; of the peers pion
 * refuses them, str0m and the browsers do not.
 *
 * Context: any; takes no lock.
 * Return: 0, or -EPROTO: of another type, or shorter than it says.
 * Source: RFC 8832, section 5.1.
 */
int wrtcsub_dcep_parse_open(struct wrtcsub_dcep_open *open, const u8 *data,
			    size_t len)
{
	if (len < WRTCSUB_DCEP_OPEN_LEN || data[0] != WRTCSUB_DCEP_OPEN)
		return -EPROTO;

	open->type = data[1];
	open->priority = wrtcsub_dcep_get16(data + 2);
	open->reliability = (u32)wrtcsub_dcep_get16(data + 4) << 16 |
			    wrtcsub_dcep_get16(data + 6);
	open->label_len = wrtcsub_dcep_get16(data + 8);
	open->protocol_len = wrtcsub_dcep_get16(data + 10);
	if (len - WRTCSUB_DCEP_OPEN_LEN <
	    (size_t)open->label_len + open->protocol_len)
		return -EPROTO;

	open->label = data + WRTCSUB_DCEP_OPEN_LEN;
	open->protocol = open->label + open->label_len;
	return 0;
}

/**
 * wrtcsub_dcep_put_open() - write a DATA_CHANNEL_OPEN message
 * @buf: room for %WRTCSUB_DCEP_OPEN_LEN bytes and both strings;
 *	%WRTCSUB_DCEP_OPEN_MAX is enough for strings of ours
 * @open: what to write; a string of length 0 may be NULL
 *
 * Context: any; takes no lock.
 * Return: how many bytes were written.
 * Source: RFC 8832, section 5.1.
 */
size_t wrtcsub_dcep_put_open(u8 *buf, const struct wrtcsub_dcep_open *open)
{
	buf[0] = WRTCSUB_DCEP_OPEN;
	buf[1] = open->type;
	wrtcsub_dcep_put16(buf + 2, open->priority);
	wrtcsub_dcep_put16(buf + 4, open->reliability >> 16);
	wrtcsub_dcep_put16(buf + 6, open->reliability & 0xffff);
	wrtcsub_dcep_put16(buf + 8, open->label_len);
	wrtcsub_dcep_put16(buf + 10, open->protocol_len);

	buf += WRTCSUB_DCEP_OPEN_LEN;
	if (open->label_len)
		memcpy(buf, open->label, open->label_len);
	buf += open->label_len;
	if (open->protocol_len)
		memcpy(buf, open->protocol, open->protocol_len);

	return (size_t)WRTCSUB_DCEP_OPEN_LEN + open->label_len +
	       open->protocol_len;
}
