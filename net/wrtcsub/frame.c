// SPDX-License-Identifier: GPL-2.0
/*
 * The frame of a libp2p WebRTC substream, read and written.
 *
 * libp2p specs, webrtc/README.md, "Multiplexing":
 *
 *	Messages on a RTCDataChannel are embedded into the Protobuf message
 *	below and sent on the RTCDataChannel prefixed with the message length
 *	in bytes, encoded as an unsigned variable length integer as defined by
 *	the multiformats unsigned-varint spec.
 *
 *	enum Flag { FIN = 0; STOP_SENDING = 1; RESET_STREAM = 2; FIN_ACK = 3; }
 *	optional Flag flag=1;
 *	optional bytes message = 2;
 *
 * and, of go-libp2p and of specs#623:
 *
 *	optional uint32 errorCode = 3;
 *
 * Rules:
 *
 * - A frame is not an SCTP message: peers cut and merge frames anywhere.  So
 *   the decoder takes bytes as they come, keeps nothing of them but a few
 *   numbers, and a cut at any place changes no event.
 * - It reads varints a byte at a time, which are a handful in each frame, and
 *   never looks at the payload.
 * - A payload is reported as it arrives, before it is known whether the rest
 *   of its frame is well formed: to hold it back would be a second queue.
 * - It is lenient in what the peers are known to differ in (empty frames,
 *   varints that are not minimal, unknown fields) and strict in the rest: one
 *   that has failed has lost its place in the stream, and goes on failing.
 */

#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/minmax.h>

#include "frame.h"

/* The tags of the fields: the number, shifted by three, and the wire type. */
#define WRTCSUB_TAG_FLAG	0x08
#define WRTCSUB_TAG_MESSAGE	0x12
#define WRTCSUB_TAG_CODE	0x18
#define WRTCSUB_TAG_KNOWN	3	/* the greatest number of a field */

enum wrtcsub_wire_type {
	WRTCSUB_WIRE_VARINT = 0,
	WRTCSUB_WIRE_I64 = 1,
	WRTCSUB_WIRE_LEN = 2,
	WRTCSUB_WIRE_I32 = 5,
};

/* What the next byte is.  In the first four it is of a varint. */
enum wrtcsub_frame_step {
	WRTCSUB_STEP_PREFIX,	/* the frame's length; the start, hence 0 */
	WRTCSUB_STEP_TAG,	/* a field's tag, if the body goes on */
	WRTCSUB_STEP_VALUE,	/* the value of a varint field */
	WRTCSUB_STEP_LENGTH,	/* the length of a field of wire type LEN */
	WRTCSUB_STEP_PAYLOAD,	/* of the message field */
	WRTCSUB_STEP_SKIP,	/* of a field that we do not know */
	WRTCSUB_STEP_BROKEN,	/* after an error, for good */
};

/*
 * multiformats/unsigned-varint:
 *
 *	unsigned integers are serialized 7 bits at a time, starting with the
 *	least significant bits; the most significant bit (msb) in each output
 *	byte indicates if there is a continuation byte (msb = 1)
 *
 * Ten bytes hold 70 bits, so the tenth has room for one only.  The same page
 * has "integers are minimally encoded", which is not asked of a peer: no value
 * is ambiguous without it.
 *
 * Return: 1 if dec->value is whole, 0 if there is more, -EPROTO.
 */
static int wrtcsub_frame_read_varint(struct wrtcsub_frame_decoder *dec, u8 byte)
{
	u8 index = dec->varint_len++;

	if (index == WRTCSUB_VARINT_MAX - 1 && byte > 1)
		return -EPROTO;
	dec->value |= (u64)(byte & 0x7f) << (7 * index);

	if (dec->step != WRTCSUB_STEP_PREFIX)
		dec->body_left--;
	if (!(byte & 0x80))
		return 1;
	if (dec->step != WRTCSUB_STEP_PREFIX && !dec->body_left)
		return -EPROTO;
	return 0;
}

/*
 * webrtc/README.md, "Multiplexing": "Encoded messages including their length
 * prefix MUST NOT exceed 16kiB".  Some do, so the limit is the caller's.
 *
 * An empty frame says nothing.  go-libp2p begins a frame of its own kind with
 * three of them.
 */
static int wrtcsub_frame_begin(struct wrtcsub_frame_decoder *dec, u32 max_body,
			       u64 body)
{
	if (body > max_body)
		return -EPROTO;
	if (!body)
		return WRTCSUB_FRAME_MORE;

	dec->body_left = body;
	dec->has_flag = 0;
	dec->has_code = 0;
	dec->step = WRTCSUB_STEP_TAG;
	return WRTCSUB_FRAME_MORE;
}

/*
 * protobuf.dev, "Encoding", "Message Structure":
 *
 *	The "tag" of a record is encoded as a varint formed from the field
 *	number and the wire type via the formula
 *	(field_number << 3) | wire_type.
 *
 * Wire types 3 and 4 are groups, which are deprecated and which none of the
 * peers writes; 6 and 7 do not exist.  A field number has 29 bits, and 0 is
 * none.
 *
 * "Field Order": "protocol buffer parsers must be able to parse fields in any
 * order".
 */
static int wrtcsub_frame_read_tag(struct wrtcsub_frame_decoder *dec, u64 tag)
{
	u32 least = 1;		/* bytes that have to follow the tag */

	if (tag > U32_MAX)
		return -EPROTO;
	/* Field 0, or one of ours with a wire type that it does not have. */
	if (tag >> 3 <= WRTCSUB_TAG_KNOWN && tag != WRTCSUB_TAG_FLAG &&
	    tag != WRTCSUB_TAG_MESSAGE && tag != WRTCSUB_TAG_CODE)
		return -EPROTO;

	switch ((u32)tag & 7) {
	case WRTCSUB_WIRE_VARINT:
		dec->step = WRTCSUB_STEP_VALUE;
		break;
	case WRTCSUB_WIRE_LEN:
		dec->step = WRTCSUB_STEP_LENGTH;
		break;
	case WRTCSUB_WIRE_I64:
		dec->step = WRTCSUB_STEP_SKIP;
		least = 8;
		break;
	case WRTCSUB_WIRE_I32:
		dec->step = WRTCSUB_STEP_SKIP;
		least = 4;
		break;
	default:
		return -EPROTO;
	}

	dec->tag = tag;
	dec->field_left = least;
	return least > dec->body_left ? -EPROTO : WRTCSUB_FRAME_MORE;
}

/*
 * protobuf.dev, "Encoding", "Last One Wins": "if the same field appears
 * multiple times, the parser accepts the last value it sees".
 *
 * protobuf.dev, "Language Guide (proto 2)", "Updating A Message Type": "if a
 * 64-bit number is read as an int32, it will be truncated to 32 bits".  A
 * negative enum takes ten bytes, so this matters.
 */
static int wrtcsub_frame_read_value(struct wrtcsub_frame_decoder *dec,
				    u64 value)
{
	switch (dec->tag) {
	case WRTCSUB_TAG_FLAG:
		dec->has_flag = 1;
		dec->flag = (s32)(u32)value;
		break;
	case WRTCSUB_TAG_CODE:
		dec->has_code = 1;
		dec->code = (u32)value;
		break;
	}

	dec->step = WRTCSUB_STEP_TAG;
	return WRTCSUB_FRAME_MORE;
}

/*
 * protobuf.dev, "Encoding", "Length-Delimited Records": "The LEN wire type has
 * a dynamic length, specified by a varint immediately after the tag, which is
 * followed by the payload as usual."
 *
 * A message that is empty is still one: it takes the place of a former one.
 */
static int wrtcsub_frame_read_length(struct wrtcsub_frame_decoder *dec,
				     u64 len)
{
	bool message = dec->tag == WRTCSUB_TAG_MESSAGE;

	if (len > dec->body_left)
		return -EPROTO;

	dec->field_left = len;
	if (!len)
		dec->step = WRTCSUB_STEP_TAG;
	else if (message)
		dec->step = WRTCSUB_STEP_PAYLOAD;
	else
		dec->step = WRTCSUB_STEP_SKIP;
	return message ? WRTCSUB_FRAME_MESSAGE : WRTCSUB_FRAME_MORE;
}

static int wrtcsub_frame_read_byte(struct wrtcsub_frame_decoder *dec,
				   u32 max_body, u8 byte)
{
	u64 value;
	int ret;

	ret = wrtcsub_frame_read_varint(dec, byte);
	if (ret <= 0)
		return ret;
	value = dec->value;
	dec->value = 0;
	dec->varint_len = 0;

	switch (dec->step) {
	case WRTCSUB_STEP_PREFIX:
		return wrtcsub_frame_begin(dec, max_body, value);
	case WRTCSUB_STEP_TAG:
		return wrtcsub_frame_read_tag(dec, value);
	case WRTCSUB_STEP_VALUE:
		return wrtcsub_frame_read_value(dec, value);
	default:
		return wrtcsub_frame_read_length(dec, value);
	}
}

/* Use up bytes of the field without a look at them. */
static size_t wrtcsub_frame_pass(struct wrtcsub_frame_decoder *dec, size_t len)
{
	len = min_t(u64, len, dec->field_left);

	dec->body_left -= len;
	dec->field_left -= len;
	if (!dec->field_left)
		dec->step = WRTCSUB_STEP_TAG;
	return len;
}

/* Use up at least one of @len bytes, @len > 0, or fail. */
static int wrtcsub_frame_advance(struct wrtcsub_frame_decoder *dec,
				 u32 max_body, const u8 *data, size_t len,
				 size_t *used)
{
	switch (dec->step) {
	case WRTCSUB_STEP_PAYLOAD:
		*used = wrtcsub_frame_pass(dec, len);
		return WRTCSUB_FRAME_PAYLOAD;
	case WRTCSUB_STEP_SKIP:
		*used = wrtcsub_frame_pass(dec, len);
		return WRTCSUB_FRAME_MORE;
	case WRTCSUB_STEP_BROKEN:
		*used = 0;
		return -EPROTO;
	default:
		*used = 1;
		return wrtcsub_frame_read_byte(dec, max_body, *data);
	}
}

static bool wrtcsub_frame_is_whole(const struct wrtcsub_frame_decoder *dec)
{
	return dec->step == WRTCSUB_STEP_TAG && !dec->body_left;
}

/**
 * wrtcsub_frame_decode() - read the stream up to the next event
 * @dec: where the decoder is; all zero at the start of a stream
 * @max_body: the greatest frame accepted, in bytes, without its length prefix
 * @data: the bytes that follow those used up before
 * @len: how many there are; may be 0
 * @used: set to how many of them have been used up
 *
 * To be called, with what is left of @data, until it returns
 * %WRTCSUB_FRAME_MORE, also when nothing is left: the end of a frame is an
 * event of its own.  Each call uses up bytes or ends a frame or says
 * %WRTCSUB_FRAME_MORE, so this comes to an end.
 *
 * Context: any; takes no lock and touches nothing but *@dec and *@used.
 * Return: enum wrtcsub_frame_event, or -EPROTO: the stream is malformed, or
 *	the frame is over @max_body.  What follows then cannot be understood;
 *	every later call with bytes fails as well.
 * Source: libp2p specs, webrtc/README.md, "Multiplexing"; protobuf.dev,
 *	"Encoding"; multiformats/unsigned-varint.
 */
int wrtcsub_frame_decode(struct wrtcsub_frame_decoder *dec, u32 max_body,
			 const u8 *data, size_t len, size_t *used)
{
	int event = WRTCSUB_FRAME_MORE;
	size_t pos = 0, n;

	while (event == WRTCSUB_FRAME_MORE) {
		if (wrtcsub_frame_is_whole(dec)) {
			dec->step = WRTCSUB_STEP_PREFIX;
			event = WRTCSUB_FRAME_END;
			break;
		}
		if (pos == len)
			break;
		event = wrtcsub_frame_advance(dec, max_body, data + pos,
					      len - pos, &n);
		pos += n;
	}

	if (event < 0)
		dec->step = WRTCSUB_STEP_BROKEN;
	*used = pos;
	return event;
}

/**
 * wrtcsub_frame_is_partial() - has a frame begun and not ended?
 * @dec: the decoder
 *
 * Return: true if a stream that ends here is truncated, or was malformed.
 */
bool wrtcsub_frame_is_partial(const struct wrtcsub_frame_decoder *dec)
{
	return dec->step != WRTCSUB_STEP_PREFIX || dec->varint_len;
}

static unsigned int wrtcsub_frame_varint_len(u64 value)
{
	unsigned int len = 1;

	while (value >>= 7)
		len++;
	return len;
}

/* "integers are minimally encoded": some peers read no other. */
static unsigned int wrtcsub_frame_put_varint(u8 *buf, u64 value)
{
	unsigned int len = 0;

	while (value > 0x7f) {
		buf[len++] = 0x80 | (value & 0x7f);
		value >>= 7;
	}
	buf[len++] = value;
	return len;
}

/* Bytes of the body of a frame that is nothing but a message field. */
static u64 wrtcsub_frame_body(u32 payload)
{
	return 1 + wrtcsub_frame_varint_len(payload) + (u64)payload;
}

/**
 * wrtcsub_frame_max_payload() - the largest payload of a frame
 * @max_frame: the largest frame, in bytes, length prefix included
 *
 * Context: any.
 * Return: bytes; 0 if @max_frame is less than 4, which is the least.
 * Source: libp2p specs, webrtc/README.md, "Multiplexing": "Encoded messages
 *	including their length prefix MUST NOT exceed 16kiB", which leaves
 *	16379 bytes.
 */
u32 wrtcsub_frame_max_payload(u32 max_frame)
{
	u32 payload = max_frame;
	u64 body;

	/* No more rounds than a head has bytes. */
	while (payload) {
		body = wrtcsub_frame_body(payload);
		if (wrtcsub_frame_varint_len(body) + body <= max_frame)
			break;
		payload--;
	}
	return payload;
}

/**
 * wrtcsub_frame_put_head() - write what comes before the payload of a frame
 * @buf: room for %WRTCSUB_HEAD_MAX bytes
 * @payload: how many bytes will follow, not 0: a message that is empty is the
 *	end of the stream to some peers, and nothing to others
 * @prefix: set to how many of the bytes written are the length prefix, for
 *	those who send prefix and body as two SCTP messages
 *
 * Context: any.
 * Return: how many bytes were written.
 * Source: libp2p specs, webrtc/README.md, "Multiplexing".
 */
unsigned int wrtcsub_frame_put_head(u8 *buf, u32 payload, unsigned int *prefix)
{
	unsigned int len;

	*prefix = wrtcsub_frame_put_varint(buf, wrtcsub_frame_body(payload));
	len = *prefix;
	buf[len++] = WRTCSUB_TAG_MESSAGE;
	len += wrtcsub_frame_put_varint(buf + len, payload);
	return len;
}

/**
 * wrtcsub_frame_put_flag() - write a frame that is only a flag
 * @buf: room for %WRTCSUB_CONTROL_MAX bytes
 * @flag: the flag
 * @has_code: an error code goes along, as it may with a RESET_STREAM and a
 *	STOP_SENDING
 * @code: that error code
 *
 * A flag travels alone because rust-libp2p loses the payload of a frame that
 * has a FIN.  A FIN is 0, and is there all the same: the field has presence.
 *
 * Context: any.
 * Return: how many bytes were written.
 * Source: libp2p specs, webrtc/README.md, "Multiplexing"; the error code:
 *	specs#623.
 */
unsigned int wrtcsub_frame_put_flag(u8 *buf, enum wrtcsub_flag flag,
				    bool has_code, u32 code)
{
	unsigned int len = 1;

	buf[len++] = WRTCSUB_TAG_FLAG;
	buf[len++] = flag;
	if (has_code) {
		buf[len++] = WRTCSUB_TAG_CODE;
		len += wrtcsub_frame_put_varint(buf + len, code);
	}

	/* What follows is far below 128 bytes: the prefix is one byte. */
	buf[0] = len - 1;
	return len;
}
