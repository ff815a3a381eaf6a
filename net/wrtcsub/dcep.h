/* SPDX-License-Identifier: GPL-2.0 */
/* The WebRTC Data Channel Establishment Protocol (RFC 8832). */
#ifndef _NET_WRTCSUB_DCEP_H
#define _NET_WRTCSUB_DCEP_H

#include <linux/types.h>

#define WRTCSUB_DCEP_ACK		0x02
#define WRTCSUB_DCEP_OPEN		0x03

#define WRTCSUB_DCEP_RELIABLE		0x00
#define WRTCSUB_DCEP_RELIABLE_UNORDERED	0x80

#define WRTCSUB_DCEP_PRIORITY_NORMAL	256

#define WRTCSUB_DCEP_OPEN_LEN		12	/* without its two strings */
#define WRTCSUB_DCEP_STRING_MAX		255	/* of ours; the wire has 16 bit */
#define WRTCSUB_DCEP_OPEN_MAX		(WRTCSUB_DCEP_OPEN_LEN + \
					 2 * WRTCSUB_DCEP_STRING_MAX)

/* A DATA_CHANNEL_OPEN; the strings are not terminated. */
struct wrtcsub_dcep_open {
	u8		type;
	u16		priority;
	u32		reliability;
	u16		label_len;
	u16		protocol_len;
	const u8	*label;
	const u8	*protocol;
};

int wrtcsub_dcep_parse_open(struct wrtcsub_dcep_open *open, const u8 *data,
			    size_t len);
size_t wrtcsub_dcep_put_open(u8 *buf, const struct wrtcsub_dcep_open *open);

#endif /* _NET_WRTCSUB_DCEP_H */
