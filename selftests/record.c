// SPDX-License-Identifier: GPL-2.0
/* SOCK_SEQPACKET against the exact peer: a message is a frame, both ways. */

#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "lib/harness.h"

#define ABC		"05 12 03 61 62 63"
#define MAX_FRAME	16384
#define MAX_PAYLOAD	16379		/* of a frame of 16384 bytes */

FIXTURE(record)
{
	struct duo duo;
	struct peer *peer;
	struct peer_frame *frame;
	unsigned char *data;
	__u16 sid;
	int fd;
};

FIXTURE_VARIANT(record)
{
	int family;
	enum duo_side side;
};

FIXTURE_VARIANT_ADD(record, ipv4_accepted)
{
	.family = AF_INET,
	.side = DUO_KERNEL_ACCEPTS,
};

FIXTURE_VARIANT_ADD(record, ipv6_connected)
{
	.family = AF_INET6,
	.side = DUO_KERNEL_CONNECTS,
};

FIXTURE_SETUP(record)
{
	ASSERT_EQ(0, netns_private());
	sub_type = SOCK_SEQPACKET;
	ASSERT_EQ(0, duo_open(&self->duo, variant->family, variant->side, 0));
	self->peer = &self->duo.peer;
	self->sid = self->duo.sid;
	self->fd = self->duo.fd;
	self->frame = malloc(sizeof(*self->frame));
	ASSERT_NE(NULL, self->frame);
	self->data = malloc(PEER_FRAME_MAX);
	ASSERT_NE(NULL, self->data);
}

FIXTURE_TEARDOWN(record)
{
	free(self->data);
	free(self->frame);
	duo_close(&self->duo);
}

#define ASSERT_SENDS(_hex)						\
	ASSERT_EQ(0, peer_send(self->peer, self->sid, _hex))
#define ASSERT_GETS(_hex)						\
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, _hex))

/* Sending: "one message is one frame, whole or not at all" */

TEST_F(record, sent_is_a_frame)
{
	struct iovec iov[] = {
		{ .iov_base = "a", .iov_len = 1 },
		{ .iov_base = "bc", .iov_len = 2 },
	};

	EXPECT_EQ(SOCK_SEQPACKET, get_int(self->fd, SOL_SOCKET, SO_TYPE));
	ASSERT_EQ(3, write(self->fd, "abc", 3));
	ASSERT_GETS(ABC);
	ASSERT_EQ(1, send(self->fd, "\0", 1, 0));
	ASSERT_GETS("03 12 01 00");
	ASSERT_EQ(3, writev(self->fd, iov, 2));
	ASSERT_GETS(ABC);
}

/* Though they are written faster than they are sent. */
TEST_F(record, sent_after_another_is_another_frame)
{
	int i;

	for (i = 0; i < 200; i++)
		ASSERT_EQ(3, write(self->fd, "abc", 3));
	for (i = 0; i < 200; i++)
		ASSERT_GETS(ABC);
}

/* "MSG_MORE (STREAM: ...), MSG_EOR" */
TEST_F(record, sent_with_msg_more_or_msg_eor_is_a_frame)
{
	ASSERT_EQ(1, send(self->fd, "a", 1, MSG_MORE));
	ASSERT_GETS("03 12 01 61");
	ASSERT_EQ(1, send(self->fd, "b", 1, MSG_EOR));
	ASSERT_GETS("03 12 01 62");
	ASSERT_ERRNO(EOPNOTSUPP, send(self->fd, "c", 1, MSG_OOB));
	ASSERT_EQ(3, write(self->fd, "abc", 3));
	ASSERT_GETS(ABC);
}

/* "empty EINVAL" */
TEST_F(record, sent_is_never_empty)
{
	struct iovec iov = {};

	ASSERT_ERRNO(EINVAL, send(self->fd, "", 0, 0));
	ASSERT_ERRNO(EINVAL, send(self->fd, "", 0, MSG_EOR));
	ASSERT_ERRNO(EINVAL, sendmsg(self->fd, &(struct msghdr){
			.msg_iov = &iov, .msg_iovlen = 1 }, 0));
	ASSERT_EQ(3, write(self->fd, "abc", 3));
	ASSERT_GETS(ABC);
}

static size_t varint_len(size_t value)
{
	return value < 0x80 ? 1 : 1 + varint_len(value >> 7);
}

static size_t frame_size(size_t payload)
{
	size_t body = 1 + varint_len(payload) + payload;

	return varint_len(body) + body;
}

/* "over the limit EMSGSIZE": "Largest frame sent, length prefix included." */
TEST_F(record, sent_is_no_longer_than_max_frame_lets_it)
{
	static const int limits[] = {
		256, 257, 300, MAX_FRAME, 16386, 16388, 70000, 262144,
	};
	size_t i, max;

	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		ASSERT_EQ(0, sub_set(self->fd, WRTCSUB_MAX_FRAME, limits[i]));
		for (max = limits[i]; frame_size(max) > (size_t)limits[i];)
			max--;
		pattern_fill(self->data, max + 1, 0, i);
		ASSERT_ERRNO(EMSGSIZE, send(self->fd, self->data, max + 1, 0));
		ASSERT_EQ((ssize_t)max, send(self->fd, self->data, max, 0));
		ASSERT_EQ(0, peer_expect_frame(self->peer, self->sid,
					       self->frame));
		EXPECT_EQ(max, self->frame->len);
		EXPECT_GE((size_t)limits[i], self->frame->size);
		ASSERT_EQ(-1, pattern_check(self->frame->payload, max, 0, i));
	}
}

TEST_F(record, sent_by_default_is_a_frame_of_16384_bytes_at_most)
{
	memset(self->data, 0, MAX_PAYLOAD + 1);
	ASSERT_ERRNO(EMSGSIZE, send(self->fd, self->data, MAX_PAYLOAD + 1, 0));
	ASSERT_EQ(MAX_PAYLOAD, send(self->fd, self->data, MAX_PAYLOAD, 0));
	ASSERT_EQ(0, peer_expect_frame(self->peer, self->sid, self->frame));
	EXPECT_EQ((size_t)MAX_FRAME, self->frame->size);
	EXPECT_EQ((size_t)MAX_PAYLOAD, self->frame->len);
	EXPECT_EQ(2u, self->frame->messages);
}

/* A fault in the middle of it takes nothing: neither of the message nor of the
 * one that follows.
 */
TEST_F(record, sent_with_a_fault_in_it_is_not_sent)
{
	const size_t size = 16384, page = 4096, cuts[] = { 1, 100, page + 1 };
	unsigned char *map;
	size_t i;
	int n;

	map = mmap(NULL, size, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, map);
	memset(map, 'x', size);
	ASSERT_EQ(0, mprotect(map + 3 * page, page, PROT_NONE));
	for (i = 0; i < ARRAY_SIZE(cuts); i++) {
		/* The peer may have "abc" before the send has returned. */
		ASSERT_UNTIL(!ioctl(self->fd, SIOCOUTQ, &n) && !n);
		ASSERT_ERRNO(EFAULT, send(self->fd, map + 3 * page - cuts[i],
					  cuts[i] + 1, 0));
		ASSERT_EQ(0, ioctl(self->fd, SIOCOUTQ, &n));
		EXPECT_EQ(0, n);
		ASSERT_EQ(3, write(self->fd, "abc", 3));
		ASSERT_GETS(ABC);
	}
	munmap(map, size);
}

TEST_F(record, sent_by_sendmmsg_is_a_frame_each)
{
	struct iovec out[4] = {
		{ .iov_base = "a", .iov_len = 1 },
		{ .iov_base = "abc", .iov_len = 3 },
		{ .iov_base = self->data, .iov_len = MAX_PAYLOAD + 1 },
		{ .iov_base = "b", .iov_len = 1 },
	};
	struct mmsghdr msg[4] = {};
	int i;

	memset(self->data, 0, MAX_PAYLOAD + 1);
	for (i = 0; i < 4; i++) {
		msg[i].msg_hdr.msg_iov = &out[i];
		msg[i].msg_hdr.msg_iovlen = 1;
	}
	/* Up to the one that cannot be sent. */
	ASSERT_EQ(2, sendmmsg(self->fd, msg, 4, 0));
	EXPECT_EQ(1u, msg[0].msg_len);
	EXPECT_EQ(3u, msg[1].msg_len);
	ASSERT_GETS("03 12 01 61");
	ASSERT_GETS(ABC);
	ASSERT_ERRNO(EMSGSIZE, sendmmsg(self->fd, msg + 2, 2, 0));
	ASSERT_EQ(1, sendmmsg(self->fd, msg + 3, 1, 0));
	ASSERT_GETS("03 12 01 62");
}

TEST_F(record, sent_before_the_end_comes_before_the_fin)
{
	ASSERT_EQ(3, write(self->fd, "abc", 3));
	ASSERT_EQ(3, write(self->fd, "abc", 3));
	ASSERT_EQ(0, set_nonblock(self->fd, true));
	ASSERT_ERRNO(EINPROGRESS, shutdown(self->fd, SHUT_WR));
	ASSERT_GETS(ABC);
	ASSERT_GETS(ABC);
	ASSERT_GETS(WIRE_FIN);
	ASSERT_ERRNO(EPIPE, send(self->fd, "x", 1, MSG_NOSIGNAL));
}

/* Receiving: "one frame's payload, MSG_EOR, MSG_TRUNC" */

/* The next message is this text, and recvmsg reports these flags. */
#define ASSERT_RECV(_text, _size, _in, _out) do {			\
	char __buf[64] = {};						\
	struct iovec __iov = { .iov_base = __buf, .iov_len = (_size) };	\
	struct msghdr __msg = { .msg_iov = &__iov, .msg_iovlen = 1 };	\
	ssize_t __ret = recvmsg(self->fd, &__msg, (_in) & ~MSG_TRUNC);	\
	const char *__text = (_text);					\
									\
	ASSERT_EQ((ssize_t)strlen(__text), __ret);			\
	EXPECT_STREQ(__text, __buf);					\
	EXPECT_EQ(_out, __msg.msg_flags);				\
} while (0)

#define ASSERT_NOTHING()						\
	ASSERT_ERRNO(EAGAIN, recv(self->fd, self->data, 64, MSG_DONTWAIT))

TEST_F(record, received_is_the_payload_of_a_frame)
{
	ASSERT_SENDS(ABC);
	ASSERT_RECV("abc", 64, 0, MSG_EOR);
	ASSERT_SENDS("03 12 01 78");
	ASSERT_RECV("x", 1, 0, MSG_EOR);
	ASSERT_NOTHING();
}

TEST_F(record, received_is_one_frame_of_several_in_a_message)
{
	ASSERT_SENDS(ABC " 03 12 01 64 00 02 12 00 03 12 01 65");
	ASSERT_RECV("abc", 64, 0, MSG_EOR);
	ASSERT_RECV("d", 64, 0, MSG_EOR);
	ASSERT_RECV("e", 64, 0, MSG_EOR);
	ASSERT_NOTHING();
}

/* "Frames may be split and merged anywhere across SCTP messages" */
TEST_F(record, received_is_a_frame_that_comes_in_pieces)
{
	static const char * const pieces[] = {
		"05", "12", "03", "61", "62", "63 05 12 03 64", "65",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pieces); i++) {
		ASSERT_SENDS(pieces[i]);
		if (i == 4) {
			ASSERT_EQ(0, duo_sync(&self->duo));
			EXPECT_EQ(0, poll_now(self->fd, POLLIN));
			ASSERT_NOTHING();
		}
	}
	ASSERT_RECV("abc", 64, 0, MSG_EOR);
	ASSERT_EQ(0, duo_sync(&self->duo));
	ASSERT_NOTHING();
	ASSERT_SENDS("66");
	ASSERT_RECV("def", 64, 0, MSG_EOR);
}

/* Which the reader gets only when it is whole. */
TEST_F(record, received_is_a_large_frame_in_many_messages)
{
	const size_t size = 200000, piece = 1000;
	unsigned char head[] = { 0xc4, 0x9a, 0x0c, 0x12, 0xc0, 0x9a, 0x0c };
	size_t done;

	/* Of messages that have to wait SCTP makes one packet, and each of them
	 * is counted with all of it.
	 */
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/assoc_rmem", 64 << 20));
	ASSERT_EQ(0, peer_send_raw(self->peer, self->sid, PPID_BINARY, head,
				   sizeof(head)));
	for (done = 0; done < size; done += piece) {
		pattern_fill(self->data, piece, done, 1);
		ASSERT_EQ(0, peer_send_raw(self->peer, self->sid, PPID_BINARY,
					   self->data, piece));
	}
	ASSERT_EQ((ssize_t)size, recv(self->fd, self->data, size + 1, 0));
	ASSERT_EQ(-1, pattern_check(self->data, size, 0, 1));
	ASSERT_NOTHING();
}

TEST_F(record, received_is_one_of_the_largest_frames)
{
	const size_t size = 260000;

	pattern_fill(self->data, size, 0, 1);
	ASSERT_EQ(0, peer_send_frame(self->peer, self->sid, self->data, size));
	memset(self->data, 0, size);
	ASSERT_EQ((ssize_t)size,
		  recv(self->fd, self->data, PEER_FRAME_MAX, 0));
	ASSERT_EQ(-1, pattern_check(self->data, size, 0, 1));
}

TEST_F(record, received_into_a_short_buffer_is_cut)
{
	ASSERT_SENDS("07 12 05 61 62 63 64 65");
	ASSERT_SENDS("03 12 01 78");
	ASSERT_RECV("ab", 2, 0, MSG_EOR | MSG_TRUNC);
	/* The rest of it is gone. */
	ASSERT_RECV("x", 64, 0, MSG_EOR);
	ASSERT_SENDS(ABC);
	ASSERT_SENDS("03 12 01 79");
	ASSERT_LE(0, poll_until(self->fd, POLLIN));
	ASSERT_EQ(1, read(self->fd, self->data, 1));
	ASSERT_EQ(1, read(self->fd, self->data, 64));
	EXPECT_EQ('y', self->data[0]);
}

/* recv(2): MSG_TRUNC returns the real length, even when it was longer. */
TEST_F(record, received_with_msg_trunc_has_its_real_length)
{
	ASSERT_SENDS("07 12 05 61 62 63 64 65");
	ASSERT_SENDS(ABC);
	ASSERT_EQ(5, recv(self->fd, self->data, 2, MSG_PEEK | MSG_TRUNC));
	ASSERT_EQ(5, recv(self->fd, NULL, 0, MSG_PEEK | MSG_TRUNC));
	memset(self->data, '.', 8);
	ASSERT_EQ(5, recv(self->fd, self->data, 2, MSG_TRUNC));
	EXPECT_EQ(0, memcmp(self->data, "ab......", 8));
	ASSERT_EQ(3, recv(self->fd, self->data, 64, MSG_TRUNC));
	EXPECT_EQ(0, memcmp(self->data, "abc", 3));
	ASSERT_NOTHING();
}

TEST_F(record, received_with_msg_peek_stays)
{
	ASSERT_SENDS(ABC);
	ASSERT_SENDS("03 12 01 78");
	ASSERT_RECV("ab", 2, MSG_PEEK, MSG_EOR | MSG_TRUNC);
	ASSERT_RECV("abc", 64, MSG_PEEK, MSG_EOR);
	ASSERT_RECV("abc", 64, 0, MSG_EOR);
	ASSERT_RECV("x", 64, MSG_PEEK, MSG_EOR);
	ASSERT_RECV("x", 64, 0, MSG_EOR);
	ASSERT_NOTHING();
}

TEST_F(record, received_goes_into_several_buffers)
{
	char a[2], b[3];
	struct iovec iov[] = {
		{ .iov_base = a, .iov_len = sizeof(a) },
		{ .iov_base = b, .iov_len = sizeof(b) },
	};

	ASSERT_SENDS(ABC);
	ASSERT_SENDS("03 12 01 78");
	ASSERT_LE(0, poll_until(self->fd, POLLIN));
	ASSERT_EQ(3, readv(self->fd, iov, 2));
	EXPECT_EQ(0, memcmp(a, "ab", 2));
	EXPECT_EQ('c', b[0]);
}

/* "MSG_WAITALL (STREAM)": a message ends where it ends. */
TEST_F(record, received_with_msg_waitall_is_one_message)
{
	ASSERT_SENDS(ABC);
	ASSERT_SENDS(ABC);
	ASSERT_EQ(0, duo_sync(&self->duo));
	ASSERT_RECV("abc", 64, MSG_WAITALL, MSG_EOR);
	ASSERT_RECV("abc", 64, MSG_WAITALL, MSG_EOR);
}

TEST_F(record, received_by_recvmmsg_is_a_message_each)
{
	struct mmsghdr msg[3] = {};
	char buf[3][4] = {};
	struct iovec in[3];
	int i, n;

	ASSERT_SENDS("03 12 01 61 " ABC " 07 12 05 61 62 63 64 65");
	ASSERT_UNTIL(!ioctl(self->fd, FIONREAD, &n) && n == 9);
	for (i = 0; i < 3; i++) {
		in[i].iov_base = buf[i];
		in[i].iov_len = sizeof(buf[i]);
		msg[i].msg_hdr.msg_iov = &in[i];
		msg[i].msg_hdr.msg_iovlen = 1;
	}
	ASSERT_EQ(3, recvmmsg(self->fd, msg, 3, MSG_DONTWAIT, NULL));
	EXPECT_EQ(1u, msg[0].msg_len);
	EXPECT_EQ(3u, msg[1].msg_len);
	EXPECT_EQ(4u, msg[2].msg_len);
	EXPECT_EQ(MSG_EOR, msg[0].msg_hdr.msg_flags);
	EXPECT_EQ(MSG_EOR, msg[1].msg_hdr.msg_flags);
	EXPECT_EQ(MSG_EOR | MSG_TRUNC, msg[2].msg_hdr.msg_flags);
	EXPECT_EQ(0, memcmp(buf[0], "a", 1));
	EXPECT_EQ(0, memcmp(buf[1], "abc", 3));
	EXPECT_EQ(0, memcmp(buf[2], "abcd", 4));
}

/* It is not lost if it cannot be given. */
TEST_F(record, received_into_no_memory_stays)
{
	ASSERT_SENDS(ABC);
	ASSERT_ERRNO(EFAULT, recv(self->fd, (void *)8, 64, 0));
	ASSERT_RECV("abc", 64, 0, MSG_EOR);
}

/* Neither flags nor empty frames are messages. */
TEST_F(record, received_is_no_frame_without_payload)
{
	ASSERT_SENDS("00");
	ASSERT_SENDS("02 12 00");
	ASSERT_SENDS(WIRE_FIN_ACK);
	ASSERT_SENDS("02 08 07");
	ASSERT_EQ(0, duo_sync(&self->duo));
	EXPECT_EQ(POLLOUT, poll_now(self->fd, POLLIN | POLLOUT));
	ASSERT_NOTHING();
	ASSERT_SENDS(ABC);
	ASSERT_RECV("abc", 64, 0, MSG_EOR);
}

TEST_F(record, received_with_a_flag_is_a_message_before_it)
{
	ASSERT_SENDS("07 08 03 12 03 61 62 63");
	ASSERT_RECV("abc", 64, 0, MSG_EOR);
	ASSERT_SENDS("07 08 00 12 03 61 62 63");
	ASSERT_GETS(WIRE_FIN_ACK);
	ASSERT_RECV("abc", 64, 0, MSG_EOR);
	/* The end is no message. */
	ASSERT_RECV("", 64, 0, 0);
	ASSERT_RECV("", 64, 0, 0);
}

TEST_F(record, received_of_a_repeated_field_is_the_last)
{
	ASSERT_SENDS("08 12 01 78 12 03 61 62 63");
	ASSERT_RECV("abc", 64, 0, MSG_EOR);
	ASSERT_NOTHING();
}

/* "bytes already queued can be read, then ECONNRESET once, then 0" */
TEST_F(record, received_before_a_reset_can_be_read)
{
	ASSERT_SENDS(ABC);
	ASSERT_SENDS("03 12 01 78");
	/* Not whole, so it is no message. */
	ASSERT_SENDS("05 12 03 61");
	ASSERT_EQ(0, peer_reset(self->peer, self->sid));
	ASSERT_LE(0, poll_until(self->fd, POLLERR));
	ASSERT_RECV("abc", 64, 0, MSG_EOR);
	ASSERT_RECV("x", 64, 0, MSG_EOR);
	ASSERT_ERRNO(ECONNRESET, recv(self->fd, self->data, 64, 0));
	ASSERT_EQ(0, recv(self->fd, self->data, 64, 0));
	ASSERT_ERRNO(ECONNRESET, send(self->fd, "x", 1, MSG_NOSIGNAL));
	ASSERT_ERRNO(EPIPE, send(self->fd, "x", 1, MSG_NOSIGNAL));
}

TEST_F(record, sent_after_stop_sending_is_epipe)
{
	ASSERT_SENDS(WIRE_STOP_SENDING);
	ASSERT_GETS(WIRE_FIN);
	ASSERT_ERRNO(EPIPE, send(self->fd, "x", 1, MSG_NOSIGNAL));
	ASSERT_SENDS(ABC);
	ASSERT_RECV("abc", 64, 0, MSG_EOR);
}

/* "SIOCINQ (FIONREAD), SIOCOUTQ" */
TEST_F(record, received_is_counted_by_fionread)
{
	int n = -1;

	ASSERT_SENDS(ABC " 03 12 01 78 05 12");
	/* What comes on another stream may come before it. */
	ASSERT_UNTIL(!ioctl(self->fd, FIONREAD, &n) && n == 4);
	ASSERT_EQ(0, duo_sync(&self->duo));
	ASSERT_EQ(0, ioctl(self->fd, FIONREAD, &n));
	EXPECT_EQ(4, n);
	/* All of it is gone, though the buffer is short. */
	ASSERT_EQ(1, recv(self->fd, self->data, 1, 0));
	ASSERT_EQ(0, ioctl(self->fd, FIONREAD, &n));
	EXPECT_EQ(1, n);
	ASSERT_EQ(1, recv(self->fd, self->data, 64, 0));
	ASSERT_EQ(0, ioctl(self->fd, FIONREAD, &n));
	EXPECT_EQ(0, n);
}

TEST_F(record, received_wakes_a_reader_when_it_is_whole)
{
	struct call reader;
	char buf[8];

	ASSERT_EQ(0, call_start(&reader, call_recv, self->fd, 0, buf, 8));
	ASSERT_EQ(0, call_wait_blocked(&reader, __NR_recvfrom));
	ASSERT_SENDS("05 12 03 61");
	ASSERT_EQ(0, duo_sync(&self->duo));
	ASSERT_EQ(0, call_wait_blocked(&reader, __NR_recvfrom));
	ASSERT_SENDS("62 63");
	ASSERT_CALL(3, 0, &reader);
}

TEST_HARNESS_MAIN
