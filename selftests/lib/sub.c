// SPDX-License-Identifier: GPL-2.0
/* Sockets of AF_WRTCSUB, the thing under test. */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sub.h"

int sub_type = SOCK_STREAM;

static int sub_fail(const char *what)
{
	fprintf(stderr, "# %s: %m\n", what);
	return -1;
}

int sub_socket(int flags)
{
	int fd = socket(AF_WRTCSUB, sub_type | flags, 0);

	return fd < 0 ? sub_fail("socket(AF_WRTCSUB)") : fd;
}

int sub_bound(const struct addr *addr)
{
	int fd = sub_socket(SOCK_CLOEXEC);

	if (fd < 0)
		return -1;
	if (!bind(fd, &addr->sa, addr->len))
		return fd;
	sub_fail("bind");
	close(fd);
	return -1;
}

/* As servers do it, with SO_REUSEADDR: what was accepted by an earlier one
 * does not keep the port.
 */
int sub_listen_at(const struct addr *addr, int backlog)
{
	int fd = sub_socket(SOCK_CLOEXEC), on = 1;

	if (fd < 0)
		return -1;
	if (!setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) &&
	    !bind(fd, &addr->sa, addr->len) && !listen(fd, backlog))
		return fd;
	sub_fail("listen");
	close(fd);
	return -1;
}

/* A listener on the loopback address, on a port of the kernel's choice. */
int sub_listen(int family, struct addr *addr)
{
	int fd;

	addr_loopback(addr, family, 0);
	fd = sub_listen_at(addr, 128);
	if (fd < 0 || !addr_local(fd, addr))
		return fd;
	close(fd);
	return sub_fail("getsockname");
}

int sub_connect(const struct addr *addr)
{
	int fd = sub_socket(SOCK_CLOEXEC);

	if (fd < 0)
		return -1;
	if (!connect(fd, &addr->sa, addr->len))
		return fd;
	sub_fail("connect");
	close(fd);
	return -1;
}

int sub_accept(int listener)
{
	int fd;

	if (poll_until(listener, POLLIN) < 0)
		return sub_fail("no substream comes");
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	return fd < 0 ? sub_fail("accept") : fd;
}

/* pair[0] is the one that connected. */
int sub_pair(int family, int pair[2])
{
	struct addr addr;
	int listener = sub_listen(family, &addr);

	if (listener < 0)
		return -1;
	pair[0] = sub_connect(&addr);
	if (pair[0] < 0)
		return -1;
	pair[1] = sub_accept(listener);
	if (pair[1] < 0)
		return -1;
	return close(listener);
}

/* Read to the end. Return: how many bytes, or -1. */
int sub_read_all(int fd, char *buf, size_t size)
{
	size_t done = 0;
	ssize_t ret;

	for (;;) {
		ret = recv(fd, buf + done, size - done, 0);
		if (ret < 0)
			return -1;
		if (!ret)
			return done;
		done += ret;
		if (done == size)
			return -1;
	}
}

/* Write until nothing is taken any more, not even one byte, and not either
 * after a while.  SCTP may still make room when its timers fire, so this is not
 * for a test that relies on every later write to block: see sub_stall().
 * Return: how many bytes were taken.
 */
ssize_t sub_fill(int fd, unsigned int seed)
{
	static unsigned char buf[8192];
	ssize_t done = 0, before, ret;

	do {
		size_t size = sizeof(buf);

		before = done;
		while (size) {
			pattern_fill(buf, size, done, seed);
			ret = send(fd, buf, size, MSG_DONTWAIT | MSG_NOSIGNAL);
			if (ret > 0)
				done += ret;
			else if (errno == EAGAIN)
				size = size > 1 ? (size + 127) / 128 : 0;
			else
				return -1;
		}
	} while (poll_for(fd, POLLOUT, SUB_QUIET_MS * slow_factor()) > 0 ||
		 done != before);
	return done;
}

/* The same with a queue that is larger than all there is behind it, if the peer
 * has a small window (SCTP takes some 200 KiB): until the peer reads, a part of
 * the bytes stays in the queue, however late SCTP and the peer take theirs.
 */
ssize_t sub_overfill(int fd, unsigned int seed)
{
	int size = 262144;		/* which the kernel doubles */

	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		return sub_fail("SO_SNDBUFFORCE");
	return sub_fill(fd, seed);
}

/* Bytes are moved in pieces that no window is too small for, each after the
 * one before has come: nothing is lost for want of room, however slow either
 * end is.  Return: how many came.
 */
long sub_move(int from, int to, long size)
{
	enum { piece = 100000 };
	static unsigned char out[piece], in[piece];
	long done;

	if (set_timeout(to, SO_RCVTIMEO, deadline_ms()))
		return -1;
	for (done = 0; done < size; done += piece) {
		pattern_fill(out, piece, done, 1);
		if (send(from, out, piece, MSG_NOSIGNAL) != piece ||
		    recv(to, in, piece, MSG_WAITALL) != piece ||
		    pattern_check(in, piece, done, 1) >= 0)
			break;
	}
	return done;
}

/* Start a write that cannot come to its end while nobody reads, and wait until
 * it waits.
 */
int sub_stall(struct call *writer, int fd, size_t offset, unsigned int seed)
{
	void *buf = malloc(SUB_STALL_LEN);

	if (!buf)
		return -1;
	pattern_fill(buf, SUB_STALL_LEN, offset, seed);
	if (call_start(writer, call_send, fd, 0, buf, SUB_STALL_LEN))
		return -1;
	return call_wait_blocked(writer, SYS_sendto);
}

/* Something has ended that write.  What it had taken before it says first, and
 * the error on the next call.
 * Return: how many bytes were taken; -1 if it does not end.
 */
ssize_t sub_stalled(struct call *writer, int *err)
{
	if (call_finish(writer))
		return -1;
	free(writer->buf);
	*err = writer->err;
	if (writer->ret < 0)
		return 0;
	*err = 0;
	if (writer->ret < SUB_STALL_LEN &&
	    send(writer->fd, "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		*err = errno;
	return writer->ret;
}

/* Write until it fails. Return: its errno, 0 if it does not fail. */
int sub_write_error(int fd)
{
	long long begin = now_ms(), end = begin + deadline_ms();

	while (now_ms() < end) {
		if (send(fd, "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 &&
		    errno != EAGAIN)
			return errno;
		nap(begin);
	}
	fprintf(stderr, "# writes do not fail\n");
	return 0;
}

/* How long a FIN waits for its FIN_ACK. */
int sub_fin_timeout(int fd, int ms)
{
	return sub_set(fd, WRTCSUB_FIN_ACK_TIMEOUT, ms);
}

/* An option that is a number. */
int sub_set(int fd, int option, int value)
{
	return setsockopt(fd, SOL_WRTCSUB, option, &value, sizeof(value));
}

int sub_get(int fd, int option)
{
	return get_int(fd, SOL_WRTCSUB, option);
}

int sub_info(int fd, struct wrtcsub_info *info)
{
	socklen_t len = sizeof(*info);

	memset(info, 0xff, sizeof(*info));
	if (getsockopt(fd, SOL_WRTCSUB, WRTCSUB_INFO, info, &len))
		return -1;
	return len == sizeof(*info) ? 0 : -1;
}

/* How many bytes have come to a substream, read or not; -1 if it is none. */
long sub_received(int fd)
{
	struct wrtcsub_info info;

	return sub_info(fd, &info) ? -1 : (long)info.wi_rx_bytes;
}

/* Which association a substream is on, or -1. */
long sub_assoc_id(int fd)
{
	struct wrtcsub_info info;

	if (sub_info(fd, &info) || !(info.wi_flags & WRTCSUB_INFO_F_CONNECTED))
		return -1;
	return info.wi_assoc_id;
}

/* A socket for the association of a substream. */
int sub_attached(int fd)
{
	int attached = sub_socket(SOCK_CLOEXEC);

	if (attached < 0)
		return -1;
	if (!sub_set(attached, WRTCSUB_ATTACH, fd))
		return attached;
	sub_fail("WRTCSUB_ATTACH");
	close(attached);
	return -1;
}

static int duo_connect(struct duo *duo, int family, int rcvbuf)
{
	int listener = peer_listen(family, &duo->addr, rcvbuf);

	if (listener < 0)
		return -1;
	duo->listener = -1;
	duo->fd = sub_connect(&duo->addr);
	if (duo->fd < 0 || peer_accept(&duo->peer, listener) ||
	    peer_answer_open(&duo->peer, &duo->sid))
		return -1;
	duo->next_sid = 1;
	return close(listener);
}

static int duo_accept(struct duo *duo, int family, int rcvbuf)
{
	duo->listener = sub_listen(family, &duo->addr);
	if (duo->listener < 0 ||
	    peer_connect(&duo->peer, &duo->addr, rcvbuf))
		return -1;
	duo->sid = 0;
	duo->next_sid = 2;
	if (peer_open(&duo->peer, duo->sid))
		return -1;
	duo->fd = sub_accept(duo->listener);
	return duo->fd < 0 ? -1 : 0;
}

/* One association with one substream, its DCEP done. */
int duo_open(struct duo *duo, int family, enum duo_side side, int rcvbuf)
{
	memset(duo, 0, sizeof(*duo));
	if (side == DUO_KERNEL_CONNECTS)
		return duo_connect(duo, family, rcvbuf);
	return duo_accept(duo, family, rcvbuf);
}

/* One more substream on the association; a peer that opens it does it with
 * this DATA_CHANNEL_OPEN. Return: the kernel's end of it.
 */
int duo_more_as(struct duo *duo, __u16 *sid, const char *open)
{
	int fd;

	if (duo->listener < 0) {
		fd = sub_connect(&duo->addr);
		if (fd >= 0 && peer_answer_open(&duo->peer, sid))
			return -1;
		return fd;
	}
	*sid = duo->next_sid;
	duo->next_sid += 2;
	if (peer_open_as(&duo->peer, *sid, open))
		return -1;
	return sub_accept(duo->listener);
}

int duo_more(struct duo *duo, __u16 *sid)
{
	return duo_more_as(duo, sid, DCEP_OPEN);
}

/* The kernel has dealt with all that the peer has sent so far.  Packets that
 * were sent on two CPUs may overtake each other, so the question is not asked
 * before the rest is there.
 */
int duo_sync(struct duo *duo)
{
	long long begin = now_ms(), end = begin + deadline_ms();

	while (!peer_is_acknowledged(&duo->peer)) {
		if (now_ms() >= end) {
			fprintf(stderr, "# peer: no acknowledgment\n");
			return -1;
		}
		nap(begin);
	}
	duo->next_sid += 2;
	return peer_sync(&duo->peer, duo->next_sid - 2);
}

void duo_close(struct duo *duo)
{
	close(duo->fd);
	if (duo->listener >= 0)
		close(duo->listener);
	peer_close(&duo->peer);
}
