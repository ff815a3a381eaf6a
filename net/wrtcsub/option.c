// SPDX-License-Identifier: GPL-2.0
/*
 * Options at level SOL_WRTCSUB.
 *
 * Those that are one number are in a table: its range, where it is kept, and
 * when it can be set.  All are set under lock_sock, and read without a lock.
 */

#include <linux/net.h>
#include <linux/sockptr.h>
#include <net/sock.h>

#include "af.h"
#include "assoc.h"
#include "info.h"
#include "pernet.h"
#include "substream.h"

#define WRTCSUB_OPTION_TEXT_MAX		WRTCSUB_DCEP_STRING_MAX

/* Options that concern how the channel is opened are set before it is. */
enum wrtcsub_option_when {
	WRTCSUB_OPTION_ANY,		/* any time */
	WRTCSUB_OPTION_BEFORE,		/* before connect or listen */
};

/**
 * struct wrtcsub_option_row - an option that is a number
 * @min: the least value
 * @max: the greatest one
 * @offset: of the int in struct wrtcsub_option, plus 1; 0: no such option
 * @is_bool: any value but 0 is 1
 * @when: when it can be set
 */
struct wrtcsub_option_row {
	int	min;
	int	max;
	size_t	offset;
	bool	is_bool;
	enum wrtcsub_option_when when;
};

#define ROW(_field, _min, _max, _when)					\
	{ .min = (_min), .max = (_max), .when = (_when),		\
	  .offset = offsetof(struct wrtcsub_option, _field) + 1 }
#define FLAG(_field, _when)						\
	{ .min = INT_MIN, .max = INT_MAX, .is_bool = true,		\
	  .when = (_when),						\
	  .offset = offsetof(struct wrtcsub_option, _field) + 1 }

static const struct wrtcsub_option_row wrtcsub_option_table[] = {
	[WRTCSUB_NEW_ASSOC] = FLAG(new_assoc, WRTCSUB_OPTION_BEFORE),
	[WRTCSUB_STREAM_ID] = ROW(stream_id, 0, WRTCSUB_SID_MAX - 1,
				  WRTCSUB_OPTION_BEFORE),
	[WRTCSUB_OPEN_WAIT] = FLAG(open_wait, WRTCSUB_OPTION_BEFORE),
	[WRTCSUB_FIN_ACK_TIMEOUT] = ROW(fin_timeout_ms, 1, 600000,
					WRTCSUB_OPTION_ANY),
	[WRTCSUB_MAX_FRAME] = ROW(max_frame, 256, 262144, WRTCSUB_OPTION_ANY),
	[WRTCSUB_FRAME_SPLIT] = ROW(frame_split, 0, INT_MAX,
				    WRTCSUB_OPTION_ANY),
	[WRTCSUB_NODELAY] = FLAG(nodelay, WRTCSUB_OPTION_ANY),
	[WRTCSUB_SHUT_NOWAIT] = FLAG(shut_nowait, WRTCSUB_OPTION_ANY),
	[WRTCSUB_RCV_OVERFLOW] = ROW(rcv_overflow, WRTCSUB_OVERFLOW_PAUSE,
				     WRTCSUB_OVERFLOW_RESET,
				     WRTCSUB_OPTION_ANY),
	[WRTCSUB_ROLE] = ROW(role, WRTCSUB_ROLE_INITIATOR, WRTCSUB_ROLE_ODD,
			     WRTCSUB_OPTION_BEFORE),
	[WRTCSUB_ENCAP_PORT] = ROW(encap_port, 0, 65535,
				   WRTCSUB_OPTION_BEFORE),
};

/**
 * wrtcsub_option_init() - the options of a new socket
 * @opt: set to them
 * @net: its namespace
 *
 * Context: any.
 */
void wrtcsub_option_init(struct wrtcsub_option *opt, const struct net *net)
{
	memset(opt, 0, sizeof(*opt));
	opt->fin_timeout_ms = wrtcsub_pernet_get(net, fin_ack_timeout_ms);
	opt->max_frame = wrtcsub_pernet_get(net, max_frame);
	opt->frame_split = WRTCSUB_FRAME_SPLIT_DEFAULT;
	opt->nodelay = 1;
	opt->stream_id = WRTCSUB_STREAM_ID_NONE;
}

/**
 * wrtcsub_option_inherit() - the options of an accepted socket
 * @opt: set to them
 * @from: its listener's
 *
 * Context: any.
 */
void wrtcsub_option_inherit(struct wrtcsub_option *opt,
			    const struct wrtcsub_option *from)
{
	opt->fin_timeout_ms = READ_ONCE(from->fin_timeout_ms);
	opt->max_frame = READ_ONCE(from->max_frame);
	opt->frame_split = READ_ONCE(from->frame_split);
	opt->nodelay = READ_ONCE(from->nodelay);
	opt->shut_nowait = READ_ONCE(from->shut_nowait);
	opt->rcv_overflow = READ_ONCE(from->rcv_overflow);
}

/**
 * wrtcsub_option_text() - keep a label or a protocol
 * @bytes: it
 * @len: bytes of it, of which 255 are kept
 *
 * Context: process, may sleep.
 * Return: a copy, to be freed by kfree(); NULL: it is empty, or no memory.
 */
struct wrtcsub_text *wrtcsub_option_text(const void *bytes, size_t len)
{
	struct wrtcsub_text *text;

	if (!len)
		return NULL;
	len = min_t(size_t, len, WRTCSUB_OPTION_TEXT_MAX);
	text = kmalloc(struct_size(text, bytes, len), GFP_KERNEL_ACCOUNT);
	if (text) {
		text->len = len;
		memcpy(text->bytes, bytes, len);
	}
	return text;
}

static const struct wrtcsub_option_row *wrtcsub_option_find(int option)
{
	if (option < 0 || option >= ARRAY_SIZE(wrtcsub_option_table) ||
	    !wrtcsub_option_table[option].offset)
		return NULL;
	return &wrtcsub_option_table[option];
}

static int *wrtcsub_option_place(struct wrtcsub_option *opt,
				 const struct wrtcsub_option_row *row)
{
	return (void *)opt + row->offset - 1;
}

/* Neither connected, nor about to be, nor a listener. */
static int wrtcsub_option_is_before(const struct wrtcsub_sock *ws)
{
	sock_owned_by_me(&ws->sk);

	switch (wrtcsub_substream_phase(ws)) {
	case TCP_CLOSE:
		return wrtcsub_substream_state(ws) ? -EINVAL : 0;
	case TCP_LISTEN:
		return -EINVAL;
	default:
		return -EISCONN;
	}
}

/* A new value may matter at once. */
static void wrtcsub_option_changed(struct wrtcsub_sock *ws, int option)
{
	sock_owned_by_me(&ws->sk);

	switch (option) {
	case WRTCSUB_FIN_ACK_TIMEOUT:
	case WRTCSUB_NODELAY:
		if (test_bit(WRTCSUB_F_PLACED, &ws->flags))
			wrtcsub_substream_kick(ws);
		break;
	case WRTCSUB_RCV_OVERFLOW:
		/* One that still connects may have its place already. */
		if (!ws->assoc)
			break;
		WRITE_ONCE(ws->assoc->may_overflow, true);
		wrtcsub_assoc_wake(ws->assoc, 0);
		break;
	}
}

static int wrtcsub_option_set_number(struct wrtcsub_sock *ws, int option,
				     const struct wrtcsub_option_row *row,
				     int value)
{
	int err = 0;

	sock_owned_by_me(&ws->sk);

	if (row->when == WRTCSUB_OPTION_BEFORE)
		err = wrtcsub_option_is_before(ws);
	if (err)
		return err;
	if (value < row->min || value > row->max)
		return -EINVAL;
	WRITE_ONCE(*wrtcsub_option_place(&ws->opt, row),
		   row->is_bool ? !!value : value);
	wrtcsub_option_changed(ws, option);
	return 0;
}

static int wrtcsub_option_set_text(struct wrtcsub_sock *ws, int option,
				   struct wrtcsub_text *text)
{
	struct wrtcsub_text **place;
	int err;

	sock_owned_by_me(&ws->sk);

	err = wrtcsub_option_is_before(ws);
	if (err)
		return err;
	place = option == WRTCSUB_LABEL ? &ws->label : &ws->protocol;
	kfree(*place);
	*place = text;
	if (option == WRTCSUB_LABEL)
		ws->label_len = text ? text->len : 0;
	return 0;
}

static int wrtcsub_option_copy_text(struct socket *sock, int option,
				    sockptr_t value, unsigned int len)
{
	struct wrtcsub_text *text = NULL;
	u8 buf[WRTCSUB_OPTION_TEXT_MAX];
	int err;

	if (len > sizeof(buf))
		return -EINVAL;
	if (copy_from_sockptr(buf, value, len))
		return -EFAULT;
	if (len) {
		text = wrtcsub_option_text(buf, len);
		if (!text)
			return -ENOMEM;
	}
	lock_sock(sock->sk);
	err = wrtcsub_option_set_text(wrtcsub_sk(sock->sk), option, text);
	release_sock(sock->sk);
	if (err)
		kfree(text);
	return err;
}

static int wrtcsub_option_set(struct wrtcsub_sock *ws, int option, int value)
{
	const struct wrtcsub_option_row *row = wrtcsub_option_find(option);

	sock_owned_by_me(&ws->sk);

	switch (option) {
	case WRTCSUB_ATTACH:
		return wrtcsub_option_is_before(ws) ?:
		       wrtcsub_af_attach(ws, value);
	case WRTCSUB_ERROR_CODE:
		atomic64_set(&ws->code, WRTCSUB_CODE_SET | (u32)value);
		return 0;
	default:
		if (!row)
			return -ENOPROTOOPT;
		return wrtcsub_option_set_number(ws, option, row, value);
	}
}

/**
 * wrtcsub_af_set_option() - setsockopt(2) at SOL_WRTCSUB
 * @sock: the socket
 * @option: WRTCSUB_*
 * @value: its value
 * @len: bytes of it
 *
 * Context: process.
 * Return: 0; -ENOPROTOOPT; -EINVAL: the length, the value, or a listener, and
 *	too late; -EISCONN: too late; of WRTCSUB_ATTACH as
 *	wrtcsub_af_attach(); -EFAULT; -ENOMEM.
 */
int wrtcsub_af_set_option(struct socket *sock, int option, sockptr_t value,
			  unsigned int len)
{
	int err, v;

	if (option == WRTCSUB_LABEL || option == WRTCSUB_PROTOCOL)
		return wrtcsub_option_copy_text(sock, option, value, len);
	if (len < sizeof(v))
		return -EINVAL;
	if (copy_from_sockptr(&v, value, sizeof(v)))
		return -EFAULT;

	lock_sock(sock->sk);
	err = wrtcsub_option_set(wrtcsub_sk(sock->sk), option, v);
	release_sock(sock->sk);
	return err;
}

static int wrtcsub_option_get_number(struct wrtcsub_sock *ws, int option,
				     int *value)
{
	const struct wrtcsub_option_row *row = wrtcsub_option_find(option);

	sock_owned_by_me(&ws->sk);

	if (option == WRTCSUB_ERROR_CODE) {
		*value = READ_ONCE(ws->peer_code);
		return 0;
	}
	if (!row)
		return -ENOPROTOOPT;
	*value = *wrtcsub_option_place(&ws->opt, row);
	if (option == WRTCSUB_STREAM_ID && wrtcsub_substream_is_connected(ws))
		*value = ws->sid;
	return *value == WRTCSUB_STREAM_ID_NONE ? -ENOTCONN : 0;
}

static int wrtcsub_option_put(char __user *value, int __user *len, int room,
			      const void *from, size_t size)
{
	size = min_t(size_t, size, room);
	if (put_user((int)size, len) || copy_to_user(value, from, size))
		return -EFAULT;
	return 0;
}

static int wrtcsub_option_get_text(struct socket *sock, int option,
				   char __user *value, int __user *len,
				   int room)
{
	struct wrtcsub_sock *ws = wrtcsub_sk(sock->sk);
	u8 buf[WRTCSUB_OPTION_TEXT_MAX];
	struct wrtcsub_text *text;
	size_t size = 0;

	lock_sock(sock->sk);
	text = option == WRTCSUB_LABEL ? ws->label : ws->protocol;
	if (text) {
		size = text->len;
		memcpy(buf, text->bytes, size);
	}
	release_sock(sock->sk);
	return wrtcsub_option_put(value, len, room, buf, size);
}

/**
 * wrtcsub_af_get_option() - getsockopt(2) at SOL_WRTCSUB
 * @sock: the socket
 * @option: WRTCSUB_*
 * @value: room for its value
 * @len: bytes of it; set to how many there are
 *
 * A value that is longer than the room is cut.
 *
 * Context: process.
 * Return: 0; -ENOPROTOOPT; -EINVAL; -ENOTCONN; -EFAULT.
 */
int wrtcsub_af_get_option(struct socket *sock, int option, char __user *value,
			  int __user *len)
{
	struct wrtcsub_sock *ws = wrtcsub_sk(sock->sk);
	struct wrtcsub_info info;
	int err, room, v;

	if (get_user(room, len))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	if (option == WRTCSUB_LABEL || option == WRTCSUB_PROTOCOL)
		return wrtcsub_option_get_text(sock, option, value, len, room);
	if (option == WRTCSUB_INFO) {
		wrtcsub_info_fill(ws, &info);
		return wrtcsub_option_put(value, len, room, &info,
					  sizeof(info));
	}
	lock_sock(sock->sk);
	err = wrtcsub_option_get_number(ws, option, &v);
	release_sock(sock->sk);
	return err ?: wrtcsub_option_put(value, len, room, &v, sizeof(v));
}
