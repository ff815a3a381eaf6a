// SPDX-License-Identifier: GPL-2.0
/* The other ways to move bytes and descriptors: sendfile, splice, sendmmsg,
 * io_uring, dup, fork and SCM_RIGHTS, between two sockets of AF_WRTCSUB.
 */

#include <fcntl.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "lib/harness.h"

FIXTURE(io)
{
	int client;
	int server;
};

FIXTURE_VARIANT(io)
{
	int family;
};

FIXTURE_VARIANT_ADD(io, ipv4)
{
	.family = AF_INET,
};

FIXTURE_VARIANT_ADD(io, ipv6)
{
	.family = AF_INET6,
};

FIXTURE_SETUP(io)
{
	int pair[2];

	ASSERT_EQ(0, netns_private());
	/* Even a machine that stalls acknowledges a FIN in time. */
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/fin_ack_timeout_ms", 60000));
	ASSERT_EQ(0, sub_pair(variant->family, pair));
	self->client = pair[0];
	self->server = pair[1];
}

FIXTURE_TEARDOWN(io)
{
	close(self->client);
	close(self->server);
}

/* A file with the pattern. */
static int pattern_file(size_t size, unsigned int seed)
{
	char *buf = malloc(size);
	int fd = memfd_create("pattern", MFD_CLOEXEC);

	if (!buf || fd < 0)
		return -1;
	pattern_fill(buf, size, 0, seed);
	if (write(fd, buf, size) != (ssize_t)size ||
	    lseek(fd, 0, SEEK_SET))
		return -1;
	free(buf);
	return fd;
}

TEST_F(io, sendfile_sends_a_file)
{
	const size_t size = 300001;
	int file = pattern_file(size, 1);
	struct call reader;
	size_t done = 0;
	ssize_t ret;

	ASSERT_LE(0, file);
	ASSERT_EQ(0, call_start(&reader, call_recv_pattern, self->server, 1,
				NULL, 0));
	while (done < size) {
		ret = sendfile(self->client, file, NULL, size - done);
		ASSERT_LT(0, ret);
		done += ret;
	}
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	ASSERT_CALL((long)size, 0, &reader);
	close(file);
}

/* It was to be more, and the file has no more. */
TEST_F(io, sendfile_of_more_than_the_file_has)
{
	int file = pattern_file(1000, 1);
	char buf[1000];

	ASSERT_LE(0, file);
	ASSERT_EQ(1000, sendfile(self->client, file, NULL, 100000));
	ASSERT_EQ(0, set_timeout(self->server, SO_RCVTIMEO, deadline_ms()));
	ASSERT_EQ(1000, recv(self->server, buf, sizeof(buf), MSG_WAITALL));
	EXPECT_EQ(-1, pattern_check(buf, sizeof(buf), 0, 1));
	close(file);
}

TEST_F(io, sendfile_after_shutdown_is_epipe)
{
	int file = pattern_file(100, 1);

	ASSERT_LE(0, file);
	signal(SIGPIPE, SIG_IGN);
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	ASSERT_ERRNO(EPIPE, sendfile(self->client, file, NULL, 100));
	close(file);
}

TEST_F(io, splice_from_a_pipe)
{
	unsigned char data[10000], got[10000];
	int fd[2];

	ASSERT_EQ(0, pipe(fd));
	pattern_fill(data, sizeof(data), 0, 2);
	ASSERT_EQ((ssize_t)sizeof(data), write(fd[1], data, sizeof(data)));
	ASSERT_EQ((ssize_t)sizeof(data),
		  splice(fd[0], NULL, self->client, NULL, sizeof(data), 0));
	ASSERT_EQ((ssize_t)sizeof(got),
		  recv(self->server, got, sizeof(got), MSG_WAITALL));
	EXPECT_EQ(-1, pattern_check(got, sizeof(got), 0, 2));
	close(fd[0]);
	close(fd[1]);
}

TEST_F(io, splice_to_a_pipe)
{
	unsigned char data[10000], got[10000];
	size_t done = 0;
	ssize_t ret;
	int fd[2];

	ASSERT_EQ(0, pipe(fd));
	pattern_fill(data, sizeof(data), 0, 3);
	ASSERT_EQ((ssize_t)sizeof(data),
		  write(self->client, data, sizeof(data)));
	while (done < sizeof(data)) {
		ret = splice(self->server, NULL, fd[1], NULL,
			     sizeof(data) - done, 0);
		ASSERT_LT(0, ret);
		ASSERT_EQ(ret, read(fd[0], got + done, ret));
		done += ret;
	}
	EXPECT_EQ(-1, pattern_check(got, sizeof(got), 0, 3));
	ASSERT_EQ(0, set_nonblock(self->server, true));
	ASSERT_ERRNO(EAGAIN, splice(self->server, NULL, fd[1], NULL, 100, 0));
	ASSERT_EQ(0, set_nonblock(self->server, false));
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	ASSERT_EQ(0, splice(self->server, NULL, fd[1], NULL, 100, 0));
	close(fd[0]);
	close(fd[1]);
}

TEST_F(io, splice_through_from_socket_to_socket)
{
	const size_t size = 200000;
	struct call sender, reader;
	int pair[2], fd[2];
	ssize_t ret, moved;

	ASSERT_EQ(0, sub_pair(variant->family, pair));
	ASSERT_EQ(0, pipe(fd));
	ASSERT_EQ(0, call_start(&sender, call_send_pattern, self->client, 4,
				NULL, size));
	ASSERT_EQ(0, call_start(&reader, call_recv_pattern, pair[1], 4, NULL,
				0));
	for (moved = 0; moved < (ssize_t)size;) {
		ret = splice(self->server, NULL, fd[1], NULL, 65536, 0);
		ASSERT_LT(0, ret);
		moved += ret;
		while (ret > 0) {
			ssize_t out = splice(fd[0], NULL, pair[0], NULL, ret,
					     0);

			ASSERT_LT(0, out);
			ret -= out;
		}
	}
	ASSERT_EQ(0, shutdown(pair[0], SHUT_WR));
	ASSERT_CALL((long)size, 0, &sender);
	ASSERT_CALL((long)size, 0, &reader);
	close(fd[0]);
	close(fd[1]);
	close(pair[0]);
	close(pair[1]);
}

TEST_F(io, sendmmsg_and_recvmmsg)
{
	struct iovec out[3] = {
		{ .iov_base = "one", .iov_len = 3 },
		{ .iov_base = "two", .iov_len = 3 },
		{ .iov_base = "six", .iov_len = 3 },
	};
	char buf[3][4] = {};
	struct iovec in[3];
	struct mmsghdr msg[3] = {};
	int i;

	for (i = 0; i < 3; i++) {
		msg[i].msg_hdr.msg_iov = &out[i];
		msg[i].msg_hdr.msg_iovlen = 1;
	}
	ASSERT_EQ(3, sendmmsg(self->client, msg, 3, 0));
	while (recv(self->server, buf, 9, MSG_PEEK | MSG_DONTWAIT) < 9)
		usleep(1000);
	memset(buf, 0, sizeof(buf));
	for (i = 0; i < 3; i++) {
		in[i].iov_base = buf[i];
		in[i].iov_len = 3;
		memset(&msg[i], 0, sizeof(msg[i]));
		msg[i].msg_hdr.msg_iov = &in[i];
		msg[i].msg_hdr.msg_iovlen = 1;
	}
	ASSERT_EQ(3, recvmmsg(self->server, msg, 3, MSG_WAITALL, NULL));
	EXPECT_STREQ("one", buf[0]);
	EXPECT_STREQ("two", buf[1]);
	EXPECT_STREQ("six", buf[2]);
}

/* A stream has no addresses and no control messages to report. */
TEST_F(io, recvmsg_reports_no_address)
{
	struct sockaddr_storage name;
	char c, control[64];
	struct iovec iov = { .iov_base = &c, .iov_len = 1 };
	struct msghdr msg = {
		.msg_name = &name,
		.msg_namelen = sizeof(name),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};

	ASSERT_EQ(2, write(self->client, "xy", 2));
	ASSERT_LE(0, poll_until(self->server, POLLIN));
	ASSERT_EQ(1, recvmsg(self->server, &msg, 0));
	EXPECT_EQ(0u, msg.msg_namelen);
	EXPECT_EQ(0u, msg.msg_controllen);
	EXPECT_EQ(0, msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC | MSG_EOR));
}

/* As with TCP. */
TEST_F(io, sendto_goes_to_the_peer_whatever_the_address)
{
	struct addr addr;
	char c;

	addr_loopback(&addr, variant->family, 9);
	ASSERT_EQ(1, sendto(self->client, "x", 1, MSG_NOSIGNAL, &addr.sa,
			    addr.len));
	ASSERT_EQ(1, recv(self->server, &c, 1, 0));
}

/* The end comes when the last descriptor is closed. */
TEST_F(io, dup_keeps_the_substream_open)
{
	int copy = dup(self->client);
	char c;

	ASSERT_LE(0, copy);
	ASSERT_EQ(0, close(self->client));
	self->client = -1;
	ASSERT_EQ(1, write(copy, "x", 1));
	ASSERT_EQ(1, recv(self->server, &c, 1, 0));
	ASSERT_ERRNO(EAGAIN, recv(self->server, &c, 1, MSG_DONTWAIT));
	ASSERT_EQ(0, close(copy));
	ASSERT_EQ(0, recv(self->server, &c, 1, 0));
}

TEST_F(io, fork_shares_the_substream)
{
	char buf[8] = {};
	int status, pid;

	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		close(self->server);
		if (write(self->client, "child", 5) != 5)
			_exit(1);
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	ASSERT_EQ(5, recv(self->server, buf, 5, MSG_WAITALL));
	EXPECT_STREQ("child", buf);
	/* The child's end of it is not ours. */
	ASSERT_EQ(6, write(self->client, "parent", 6));
	ASSERT_EQ(6, recv(self->server, buf, 6, MSG_WAITALL));
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	ASSERT_EQ(0, recv(self->server, buf, 1, 0));
}

TEST_F(io, a_killed_process_leaves_an_end)
{
	int status, pid, ready[2];
	char buf[8];

	ASSERT_EQ(0, pipe(ready));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		if (write(self->client, "last", 4) == 4 &&
		    write(ready[1], "", 1) == 1)
			for (;;)
				pause();
		_exit(1);
	}
	ASSERT_EQ(0, close(self->client));
	self->client = -1;
	ASSERT_EQ(1, read(ready[0], buf, 1));
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_EQ(4, sub_read_all(self->server, buf, sizeof(buf)));
}

TEST_F(io, scm_rights_hands_a_substream_to_another_process)
{
	char control[CMSG_SPACE(sizeof(int))] = {};
	struct iovec iov = { .iov_base = "", .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg;
	int pair[2], pid, status, fd;
	char buf[8];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		char c;

		close(self->client);
		close(self->server);
		iov.iov_base = &c;
		if (recvmsg(pair[1], &msg, 0) != 1)
			_exit(1);
		cmsg = CMSG_FIRSTHDR(&msg);
		if (!cmsg)
			_exit(1);
		memcpy(&fd, CMSG_DATA(cmsg), sizeof(fd));
		_exit(write(fd, "passed", 6) != 6 || shutdown(fd, SHUT_WR));
	}
	cmsg = CMSG_FIRSTHDR(&msg);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &self->client, sizeof(int));
	ASSERT_EQ(1, sendmsg(pair[0], &msg, 0));
	ASSERT_EQ(0, close(self->client));
	self->client = -1;
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	ASSERT_EQ(6, sub_read_all(self->server, buf, sizeof(buf)));
}

/* A substream that is on its way in a message that nobody reads. */
TEST_F(io, scm_rights_of_a_substream_that_nobody_takes)
{
	char control[CMSG_SPACE(sizeof(int))] = {};
	struct iovec iov = { .iov_base = "", .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	int pair[2];
	char c;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &self->client, sizeof(int));
	ASSERT_EQ(1, sendmsg(pair[0], &msg, 0));
	ASSERT_EQ(0, close(self->client));
	self->client = -1;
	ASSERT_ERRNO(EAGAIN, recv(self->server, &c, 1, MSG_DONTWAIT));
	close(pair[0]);
	close(pair[1]);
	ASSERT_EQ(0, recv(self->server, &c, 1, 0));
}

/* io_uring, without a library. */
struct ring {
	int fd;
	char *sq;
	struct io_uring_sqe *sqes;
	char *cq;
	struct io_uring_params params;
};

static int ring_open(struct ring *ring)
{
	struct io_uring_params *p = &ring->params;

	memset(ring, 0, sizeof(*ring));
	ring->fd = syscall(__NR_io_uring_setup, 8, p);
	if (ring->fd < 0)
		return -1;
	ring->sq = mmap(NULL, p->sq_off.array + p->sq_entries * 4,
			PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
			ring->fd, IORING_OFF_SQ_RING);
	ring->cq = mmap(NULL, p->cq_off.cqes +
			p->cq_entries * sizeof(struct io_uring_cqe),
			PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
			ring->fd, IORING_OFF_CQ_RING);
	ring->sqes = mmap(NULL, p->sq_entries * sizeof(*ring->sqes),
			  PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
			  ring->fd, IORING_OFF_SQES);
	return ring->sq == MAP_FAILED || ring->cq == MAP_FAILED ||
	       ring->sqes == MAP_FAILED ? -1 : 0;
}

/* off and flags have the meaning that the operation gives them. */
static void ring_submit_at(struct ring *ring, int op, int fd, const void *buf,
			   unsigned int len, __u64 off, int flags)
{
	unsigned int *tail = (void *)(ring->sq + ring->params.sq_off.tail);
	unsigned int *array = (void *)(ring->sq + ring->params.sq_off.array);
	unsigned int i = *tail % ring->params.sq_entries;
	struct io_uring_sqe *sqe = &ring->sqes[i];

	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = op;
	sqe->fd = fd;
	sqe->addr = (uintptr_t)buf;
	sqe->len = len;
	sqe->off = off;
	sqe->msg_flags = flags;
	array[i] = i;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	syscall(__NR_io_uring_enter, ring->fd, 1, 0, 0, NULL, 0);
}

static void ring_submit(struct ring *ring, int op, int fd, const void *buf,
			unsigned int len, int flags)
{
	ring_submit_at(ring, op, fd, buf, len, 0, flags);
}

static int ring_wait(struct ring *ring)
{
	unsigned int *head = (void *)(ring->cq + ring->params.cq_off.head);
	unsigned int *tail = (void *)(ring->cq + ring->params.cq_off.tail);
	struct io_uring_cqe *cqes = (void *)(ring->cq +
					     ring->params.cq_off.cqes);
	int res;

	while (*head == __atomic_load_n(tail, __ATOMIC_ACQUIRE))
		syscall(__NR_io_uring_enter, ring->fd, 0, 1,
			IORING_ENTER_GETEVENTS, NULL, 0);
	res = cqes[*head % ring->params.cq_entries].res;
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	return res;
}

static bool ring_is_empty(struct ring *ring)
{
	unsigned int *head = (void *)(ring->cq + ring->params.cq_off.head);
	unsigned int *tail = (void *)(ring->cq + ring->params.cq_off.tail);

	return *head == __atomic_load_n(tail, __ATOMIC_ACQUIRE);
}

TEST_F(io, io_uring_sends_and_receives)
{
	struct ring ring;
	char buf[8] = {};

	if (ring_open(&ring))
		SKIP(return, "no io_uring");
	/* A receive that has to wait, then a send that it waits for. */
	ring_submit(&ring, IORING_OP_RECV, self->server, buf, 5, 0);
	EXPECT_TRUE(ring_is_empty(&ring));
	ASSERT_EQ(5, send(self->client, "hello", 5, 0));
	ASSERT_EQ(5, ring_wait(&ring));
	EXPECT_STREQ("hello", buf);
	ring_submit(&ring, IORING_OP_SEND, self->client, "again", 5,
		    MSG_NOSIGNAL);
	ASSERT_EQ(5, ring_wait(&ring));
	ASSERT_EQ(5, recv(self->server, buf, 5, MSG_WAITALL));
	EXPECT_STREQ("again", buf);
	close(ring.fd);
}

TEST_F(io, io_uring_shuts_down)
{
	struct ring ring;
	char c;

	if (ring_open(&ring))
		SKIP(return, "no io_uring");
	ring_submit(&ring, IORING_OP_RECV, self->server, &c, 1, 0);
	ring_submit(&ring, IORING_OP_SHUTDOWN, self->client, NULL, SHUT_WR, 0);
	ASSERT_EQ(0, ring_wait(&ring));
	ASSERT_EQ(0, ring_wait(&ring));
	ring_submit(&ring, IORING_OP_SEND, self->client, "x", 1, MSG_NOSIGNAL);
	ASSERT_EQ(-EPIPE, ring_wait(&ring));
	close(ring.fd);
}

TEST_F(io, io_uring_accepts)
{
	struct addr addr;
	struct ring ring;
	int listener, fd, server;
	char c;

	if (ring_open(&ring))
		SKIP(return, "no io_uring");
	listener = sub_listen(variant->family, &addr);
	ASSERT_LE(0, listener);
	ring_submit(&ring, IORING_OP_ACCEPT, listener, NULL, 0, 0);
	EXPECT_TRUE(ring_is_empty(&ring));
	fd = sub_connect(&addr);
	ASSERT_LE(0, fd);
	server = ring_wait(&ring);
	ASSERT_LE(0, server);
	ASSERT_EQ(1, write(fd, "x", 1));
	ASSERT_EQ(1, recv(server, &c, 1, 0));
	close(server);
	close(fd);
	close(listener);
	close(ring.fd);
}

TEST_F(io, io_uring_connects)
{
	struct addr addr;
	struct ring ring;
	int i, listener, fd[3], server;
	char c;

	if (ring_open(&ring))
		SKIP(return, "no io_uring");
	listener = sub_listen(variant->family, &addr);
	ASSERT_LE(0, listener);
	/* To a new association, one that is up, and a blocking socket. */
	for (i = 0; i < 3; i++) {
		fd[i] = sub_socket(i < 2 ? SOCK_NONBLOCK : 0);
		ASSERT_LE(0, fd[i]);
		ring_submit_at(&ring, IORING_OP_CONNECT, fd[i], &addr.sa, 0,
			       addr.len, 0);
		ASSERT_EQ(0, ring_wait(&ring));
		ASSERT_EQ(1, write(fd[i], "x", 1));
		server = sub_accept(listener);
		ASSERT_LE(0, server);
		ASSERT_EQ(1, recv(server, &c, 1, 0));
		close(server);
	}
	for (i = 0; i < 3; i++)
		close(fd[i]);
	close(listener);
	close(ring.fd);
}

TEST_F(io, io_uring_connects_to_nobody)
{
	struct addr addr;
	struct ring ring;
	int i, fd;

	if (ring_open(&ring))
		SKIP(return, "no io_uring");
	addr_loopback(&addr, variant->family, 9);
	for (i = 0; i < 2; i++) {
		fd = sub_socket(i ? SOCK_NONBLOCK : 0);
		ASSERT_LE(0, fd);
		ring_submit_at(&ring, IORING_OP_CONNECT, fd, &addr.sa, 0,
			       addr.len, 0);
		ASSERT_EQ(-ECONNREFUSED, ring_wait(&ring));
		close(fd);
	}
	close(ring.fd);
}

TEST_F(io, io_uring_polls)
{
	struct ring ring;
	char c;

	if (ring_open(&ring))
		SKIP(return, "no io_uring");
	ring_submit(&ring, IORING_OP_POLL_ADD, self->server, NULL, 0, POLLIN);
	EXPECT_TRUE(ring_is_empty(&ring));
	ASSERT_EQ(1, write(self->client, "x", 1));
	ASSERT_EQ(POLLIN, ring_wait(&ring));
	ASSERT_EQ(1, recv(self->server, &c, 1, 0));
	/* What is so already. */
	ring_submit(&ring, IORING_OP_POLL_ADD, self->server, NULL, 0, POLLOUT);
	ASSERT_EQ(POLLOUT, ring_wait(&ring));
	ring_submit(&ring, IORING_OP_POLL_ADD, self->server, NULL, 0,
		    POLLRDHUP);
	EXPECT_TRUE(ring_is_empty(&ring));
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	ASSERT_EQ(POLLRDHUP, ring_wait(&ring));
	close(ring.fd);
}

/* Of SOCKET_URING_OP_*, which older headers do not have. */
#define RING_SIOCINQ	0
#define RING_SIOCOUTQ	1

static int ring_ioctl(struct ring *ring, int fd, int cmd)
{
	ring_submit_at(ring, IORING_OP_URING_CMD, fd, NULL, 0, cmd, 0);
	return ring_wait(ring);
}

TEST_F(io, io_uring_asks_for_queues)
{
	struct addr addr;
	struct ring ring;
	int tcp, listener;

	if (ring_open(&ring))
		SKIP(return, "no io_uring");
	listener = sub_listen(variant->family, &addr);
	ASSERT_LE(0, listener);
	tcp = socket(variant->family, SOCK_STREAM, 0);
	ASSERT_LE(0, tcp);
	ASSERT_EQ(3, write(self->client, "abc", 3));
	ASSERT_UNTIL(sub_received(self->server) == 3);
	/* Some kernels do not have it for TCP either. */
	if (ring_ioctl(&ring, tcp, RING_SIOCOUTQ) != -EOPNOTSUPP) {
		EXPECT_EQ(3, ring_ioctl(&ring, self->server, RING_SIOCINQ));
		EXPECT_EQ(0, ring_ioctl(&ring, self->server, RING_SIOCOUTQ));
		EXPECT_EQ(-EINVAL, ring_ioctl(&ring, listener, RING_SIOCINQ));
	}
	close(tcp);
	close(listener);
	close(ring.fd);
}

/* One request that is told of each change. */
TEST_F(io, io_uring_goes_on_polling)
{
	struct ring ring;
	int i;

	if (ring_open(&ring))
		SKIP(return, "no io_uring");
	ring_submit(&ring, IORING_OP_POLL_ADD, self->server, NULL,
		    IORING_POLL_ADD_MULTI, POLLIN);
	for (i = 0; i < 3; i++) {
		EXPECT_TRUE(ring_is_empty(&ring));
		ASSERT_EQ(1, write(self->client, "x", 1));
		ASSERT_EQ(POLLIN, ring_wait(&ring));
	}
	close(ring.fd);
}

TEST_HARNESS_MAIN
