// SPDX-License-Identifier: GPL-2.0
/* Bounds of Documentation/networking/wrtcsub-security.rst that are those of the
 * kernel, or of all sockets of the module together: nobody passes them, who is
 * at one is told, and what was there before works.
 */

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "lib/harness.h"
#include "lib/net.h"
#include "lib/sctp.h"

#define ABC		"05 12 03 61 62 63"

/* What SCTP is told to take: of data, and beyond that of flags (sctp.c). */
#define DATA		(4096 * 1024)
#define FLAGS		(3 * 262144)

/* Data has as much in any case, and more if the path takes more at a time. */
#define DATA_LEAST	(256 * 1024)

/* What the last frame adds when there was room left, with what SCTP counts
 * beside it.
 */
#define ONE_FRAME	(64 * 1024)

/* The peer's window is soon shut.  These can fill all of SCTP's buffer with data,
 * if that may be, and those say two things each.
 */
#define PEER_RCVBUF	65536
#define WRITERS		64
#define TALKERS		400

static char buf[16384];

/* Columns of /proc/net/sctp/assocs, some of them from the last one. */
#define LOCAL_PORT	11
#define QUEUED		3
#define SNDBUF		2
#define WORDS_MAX	64

static int split(char *line, char *word[WORDS_MAX])
{
	int nr = 0;

	word[0] = strtok(line, " \t\n");
	while (nr < WORDS_MAX - 1 && word[nr])
		word[++nr] = strtok(NULL, " \t\n");
	return nr;
}

/* What waits in SCTP's send buffer of the socket at this port, and how large
 * that is.
 */
static int sctp_sndbuf(int port, long *queued, long *size)
{
	FILE *file = fopen("/proc/thread-self/net/sctp/assocs", "re");
	char line[512], *word[WORDS_MAX];
	int nr, ret = -1;

	while (file && ret && fgets(line, sizeof(line), file)) {
		nr = split(line, word);
		if (nr <= LOCAL_PORT + QUEUED || atoi(word[LOCAL_PORT]) != port)
			continue;
		*queued = atol(word[nr - QUEUED]);
		*size = atol(word[nr - SNDBUF]);
		ret = 0;
	}
	if (file)
		fclose(file);
	return ret;
}

FIXTURE(sending)
{
	struct peer peer;
	struct addr addr;
	int fd[TALKERS];
	int port;
};

FIXTURE_SETUP(sending)
{
	struct addr local;
	int listener, i;
	__u16 sid;

	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, repeat_soon());
	listener = peer_listen(AF_INET, &self->addr, PEER_RCVBUF);
	ASSERT_LE(0, listener);
	for (i = 0; i < TALKERS; i++) {
		self->fd[i] = sub_connect(&self->addr);
		ASSERT_LE(0, self->fd[i]);
		if (!i)
			ASSERT_EQ(0, peer_accept(&self->peer, listener));
		ASSERT_EQ(0, peer_answer_open(&self->peer, &sid));
	}
	ASSERT_EQ(0, addr_local(self->fd[0], &local));
	self->port = addr_port(&local);
	close(listener);
}

FIXTURE_TEARDOWN(sending)
{
	int i;

	for (i = 0; i < TALKERS; i++)
		close(self->fd[i]);
	peer_close(&self->peer);
}

static long write_to_all(const int *fd, int nr)
{
	long done = 0;
	ssize_t len;
	int i;

	for (i = 0; i < nr; i++) {
		while ((len = send(fd[i], buf, sizeof(buf),
				   MSG_DONTWAIT | MSG_NOSIGNAL)) > 0)
			done += len;
	}
	return done;
}

static long queued(int port)
{
	long bytes, size;

	return sctp_sndbuf(port, &bytes, &size) ? -1 : bytes;
}

/* There is as much as can be, and in each queue before it too. */
static bool is_full(const int *fd, int port)
{
	return !write_to_all(fd, WRITERS) && queued(port) >= DATA_LEAST;
}

static int say_two_things(int fd)
{
	return shutdown(fd, SHUT_RD) ?: set_linger(fd, 1, 0) ?: close(fd);
}

static bool is_drained(struct peer *peer, int port)
{
	peer_pump(peer, 0);
	peer_forget(peer);
	return !queued(port);
}

/* Data does not fill what is there for flags.  These get through. */
TEST_F_TIMEOUT(sending, is_bounded_by_what_sctp_takes, 120)
{
	long bytes, size;
	int i;

	ASSERT_UNTIL(is_full(self->fd, self->port));
	ASSERT_EQ(0, sctp_sndbuf(self->port, &bytes, &size));
	TH_LOG("%ld kB of %ld queued", bytes / 1024, size / 1024);
	EXPECT_EQ(DATA + FLAGS, size);
	EXPECT_GE(DATA + ONE_FRAME, bytes);
	for (i = 0; i < TALKERS; i++) {
		ASSERT_EQ(0, say_two_things(self->fd[i]));
		self->fd[i] = -1;
	}
	ASSERT_UNTIL(netns_counter("TxResets") == TALKERS);
	EXPECT_LE(bytes, queued(self->port));
	EXPECT_GE(DATA + FLAGS, queued(self->port));
	ASSERT_UNTIL(is_drained(&self->peer, self->port));
	EXPECT_EQ(0, netns_counter("AssocsLost"));
}

/* RLIMIT_NOFILE lets a program have so many descriptors more. */
static int limit_files(struct rlimit *old, int more)
{
	struct rlimit limit;
	int fd;

	if (getrlimit(RLIMIT_NOFILE, old))
		return -1;
	for (fd = 0; more || fcntl(fd, F_GETFD) >= 0; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			more--;
	limit = *old;
	limit.rlim_cur = fd;
	return setrlimit(RLIMIT_NOFILE, &limit);
}

/* What the peer opens meanwhile waits, up to the backlog. */
TEST(sockets_of_a_process_are_bounded)
{
	enum { BACKLOG = 3, MORE = 5 };
	int listener, fd[MORE], i, server;
	struct rlimit limit;
	struct addr addr;
	struct peer peer;

	ASSERT_EQ(0, netns_private());
	listener = sub_listen(AF_INET, &addr);
	ASSERT_LE(0, listener);
	ASSERT_EQ(0, listen(listener, BACKLOG));
	ASSERT_EQ(0, peer_connect(&peer, &addr, 0));
	ASSERT_EQ(0, limit_files(&limit, MORE));
	for (i = 0; i < MORE; i++) {
		fd[i] = socket(AF_WRTCSUB, SOCK_STREAM, 0);
		ASSERT_LE(0, fd[i]);
	}
	ASSERT_ERRNO(EMFILE, socket(AF_WRTCSUB, SOCK_STREAM, 0));
	/* One more than it says, as with TCP. */
	for (i = 0; i <= BACKLOG; i++) {
		ASSERT_EQ(0, peer_open(&peer, 2 * i));
		ASSERT_EQ(0, peer_send(&peer, 2 * i, ABC));
	}
	ASSERT_ERRNO(EMFILE, accept(listener, NULL, NULL));
	ASSERT_ERRNO(EMFILE, accept(listener, NULL, NULL));
	ASSERT_EQ(0, peer_send_ppid(&peer, 2 * i, PPID_DCEP, DCEP_OPEN));
	ASSERT_EQ(0, peer_expect(&peer, 2 * i, WIRE_RESET_STREAM));
	/* One goes, and one can come. */
	ASSERT_EQ(0, close(fd[0]));
	fd[0] = accept(listener, NULL, NULL);
	ASSERT_LE(0, fd[0]);
	ASSERT_ERRNO(EMFILE, accept(listener, NULL, NULL));
	ASSERT_EQ(3, recv(fd[0], buf, 3, MSG_WAITALL));
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	for (i = 1; i <= BACKLOG; i++) {
		server = sub_accept(listener);
		ASSERT_LE(0, server);
		ASSERT_EQ(3, recv(server, buf, 3, MSG_WAITALL));
		close(server);
	}
	EXPECT_EQ(BACKLOG + 1, netns_counter("Accepted"));
	EXPECT_EQ(1, netns_counter("OpenRefusedBacklog"));
	for (i = 0; i < MORE; i++)
		close(fd[i]);
	close(listener);
	peer_close(&peer);
}

/* A namespace with as many associations as it may have: one with both of its
 * ends.
 */
static int fill_namespace(int pair[2])
{
	struct addr addr;
	int fd, err;

	if (netns_sysctl("net/wrtcsub/max_assocs", 2) ||
	    sub_pair(AF_INET, pair) || addr_remote(pair[0], &addr))
		return -1;
	fd = sub_socket(SOCK_CLOEXEC);
	if (fd < 0 || sub_set(fd, WRTCSUB_NEW_ASSOC, 1))
		return -1;
	err = connect(fd, &addr.sa, addr.len) ? errno : 0;
	close(fd);
	return err == ENOBUFS ? 0 : -1;
}

/* Of an unprivileged user, who has max_assocs in each and no more of them than
 * user.max_net_namespaces.  A socket keeps its namespace, an association that
 * has none does not.
 */
TEST(namespaces_of_a_user_are_bounded)
{
	enum { MOST = 3 };
	int ns[MOST], pair[MOST][2], i;

	ASSERT_EQ(0, unshare(CLONE_NEWUSER));
	ASSERT_EQ(0, netns_sysctl("user/max_net_namespaces", MOST));
	for (i = 0; i < MOST; i++) {
		ns[i] = ns_new();
		ASSERT_LE(0, ns[i]);
		ASSERT_EQ(0, fill_namespace(pair[i]));
	}
	ASSERT_ERRNO(ENOSPC, unshare(CLONE_NEWNET));
	for (i = 0; i < MOST; i++) {
		ASSERT_EQ(3, write(pair[i][0], "abc", 3));
		ASSERT_EQ(3, recv(pair[i][1], buf, 3, MSG_WAITALL));
	}
	ASSERT_EQ(0, ns_enter(ns[0]));
	close(ns[1]);
	ASSERT_ERRNO(ENOSPC, unshare(CLONE_NEWNET));
	close(pair[1][0]);
	close(pair[1][1]);
	ASSERT_UNTIL(!unshare(CLONE_NEWNET));
	ASSERT_ERRNO(ENOSPC, unshare(CLONE_NEWNET));
	for (i = 0; i < MOST; i += 2) {
		close(pair[i][0]);
		close(pair[i][1]);
		close(ns[i]);
	}
}

/* What all sockets of the module hold, in kB; some more are each CPU's own. */
static long memory_of_all(void)
{
	FILE *file = fopen("/proc/thread-self/net/protocols", "re");
	char line[512], name[16];
	long pages, kb = -1;

	while (file && kb < 0 && fgets(line, sizeof(line), file))
		if (sscanf(line, "%15s %*s %*s %ld", name, &pages) == 2 &&
		    !strcmp(name, "WRTCSUB"))
			kb = pages * (sysconf(_SC_PAGESIZE) / 1024);
	if (file)
		fclose(file);
	return kb;
}

static long memory_total(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	long kb = -1;

	if (!file)
		return -1;
	if (fscanf(file, "MemTotal: %ld", &kb) != 1)
		kb = -1;
	fclose(file);
	return kb;
}

/* All that a peer of it sends, which SCTP puts into few packets.  Each frame is
 * charged with all of its packet.
 */
#define FRAME		1000
#define PER_CPU_KB	1024
#define ONE_MESSAGE_KB	128

FIXTURE(together)
{
	struct duo duo[2];		/* each in a namespace of its own */
	int ns[2];
};

FIXTURE_SETUP(together)
{
	int i;

	for (i = 0; i < 2; i++) {
		self->ns[i] = ns_new();
		ASSERT_LE(0, self->ns[i]);
		ASSERT_EQ(0, repeat_soon());
		ASSERT_EQ(0, netns_sysctl("net/wrtcsub/assoc_rmem",
					  0x7fffffff));
		ASSERT_EQ(0, duo_open(&self->duo[i], AF_INET,
				      DUO_KERNEL_ACCEPTS, 0));
	}
}

FIXTURE_TEARDOWN(together)
{
	int i;

	for (i = 0; i < 2; i++) {
		duo_close(&self->duo[i]);
		close(self->ns[i]);
	}
}

/* Until its association pauses. Return: frames, or -1. */
static long flood(struct duo *duo)
{
	unsigned char frame[FRAME + PEER_HEAD_MAX];
	long long end = now_ms() + 60000 * slow_factor();
	size_t head = peer_frame_head(frame, FRAME);
	long count = 0;

	while (netns_counter("Pauses") < 1) {
		if (now_ms() > end)
			return -1;
		pattern_fill(frame + head, FRAME, count * FRAME, 1);
		while (!peer_try_send(&duo->peer, duo->sid, frame,
				      head + FRAME)) {
			count++;
			pattern_fill(frame + head, FRAME, count * FRAME, 1);
		}
		poll_for(duo->peer.fd, POLLOUT, 10);
	}
	return count;
}

static int read_back(int fd, long frames)
{
	long done, want = frames * FRAME;
	ssize_t len;

	if (set_timeout(fd, SO_RCVTIMEO, deadline_ms()))
		return -1;
	for (done = 0; done < want; done += len) {
		len = recv(fd, buf, sizeof(buf), 0);
		if (len <= 0 || pattern_check(buf, len, done, 1) >= 0)
			return -1;
	}
	return 0;
}

static long rmem(int fd)
{
	struct wrtcsub_info info;

	return sub_info(fd, &info) ? -1 : (long)info.wi_assoc_rmem / 1024;
}

/* From 3/32 of the memory on (wrtcsub_af_init()) nobody gets more than a page,
 * or a message if he has less than one, in another namespace as well.  When it
 * has been read all go on, and nothing is lost.
 */
TEST_F_TIMEOUT(together, are_bounded_by_a_part_of_the_memory, 240)
{
	long most = memory_total() / 32 * 3, slack, held[2], frames[2];
	int i;

	if (work_factor() > 1)
		SKIP(return, "this kernel takes minutes to fill it");
	slack = PER_CPU_KB * sysconf(_SC_NPROCESSORS_ONLN);
	ASSERT_LT(0, most);
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, ns_enter(self->ns[i]));
		frames[i] = flood(&self->duo[i]);
		ASSERT_LT(0, frames[i]);
		held[i] = rmem(self->duo[i].fd);
		TH_LOG("%ld frames, %ld kB held, %ld kB of %ld of all",
		       frames[i], held[i], memory_of_all(), most);
	}
	/* It is not assoc_rmem, nor far less than it says. */
	EXPECT_LT(most / 2, held[0]);
	EXPECT_GE(most + slack, held[0]);
	EXPECT_LT(0, held[1]);
	EXPECT_GE(ONE_MESSAGE_KB, held[1]);
	EXPECT_GE(most + slack, memory_of_all());
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, read_back(self->duo[i].fd, frames[i]));
	ASSERT_UNTIL(memory_of_all() <= slack);
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(3, write(self->duo[i].fd, "abc", 3));
		ASSERT_EQ(0, peer_expect(&self->duo[i].peer, self->duo[i].sid,
					 ABC));
	}
}

TEST_HARNESS_MAIN
