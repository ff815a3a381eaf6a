// SPDX-License-Identifier: GPL-2.0
/* "A substream's queue is charged to its socket (SO_RCVBUF, memory cgroup)":
 * readers in a cgroup of their own, which do not read, and a peer that is not
 * in it and sends all it can.  And an association that may not have all it has
 * to send.
 */

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>

#include "lib/harness.h"
#include "lib/net.h"

#define ROOT		"/sys/fs/cgroup"
#define RMEM		(1 << 20)
#define PAYLOAD		16000
#define STREAMS		16
#define TRIES		15

static int put(const char *dir, const char *name, const char *text)
{
	char path[256];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	len = fd < 0 ? -1 : write(fd, text, strlen(text));
	if (len < 0)
		fprintf(stderr, "# %s: %m\n", path);
	close(fd);
	return len < 0 ? -1 : 0;
}

static int enter(const char *dir)
{
	return put(dir, "cgroup.procs", "0");
}

/* A number of a cgroup: of one that has a line for each, that of a key. */
static long get(const char *dir, const char *name, const char *key)
{
	char path[256], line[128], seen[64];
	long value = -1, n;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "re");
	while (file && value < 0 && fgets(line, sizeof(line), file)) {
		if (!key)
			value = atol(line);
		else if (sscanf(line, "%63s %ld", seen, &n) == 2 &&
			 !strcmp(seen, key))
			value = n;
	}
	if (file)
		fclose(file);
	return value;
}

FIXTURE(memcg)
{
	char dir[64];
	struct addr addr;
	struct peer peer;
	int listener;
	int fd[STREAMS];
};

FIXTURE_SETUP(memcg)
{
	int i;

	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, put(ROOT, "cgroup.subtree_control", "+memory"));
	snprintf(self->dir, sizeof(self->dir), ROOT "/wrtcsub-%d", getpid());
	ASSERT_EQ(0, mkdir(self->dir, 0755));
	ASSERT_EQ(0, enter(self->dir));
	self->listener = sub_listen(AF_INET, &self->addr);
	ASSERT_LE(0, self->listener);
	ASSERT_EQ(0, enter(ROOT));
	ASSERT_EQ(0, peer_connect(&self->peer, &self->addr, 0));
	for (i = 0; i < STREAMS; i++) {
		ASSERT_EQ(0, peer_open(&self->peer, 2 * i));
		self->fd[i] = sub_accept(self->listener);
		ASSERT_LE(0, self->fd[i]);
	}
}

FIXTURE_TEARDOWN(memcg)
{
	int i;

	for (i = 0; i < STREAMS; i++)
		close(self->fd[i]);
	close(self->listener);
	peer_close(&self->peer);
	rmdir(self->dir);
}

static long held(int fd)
{
	struct wrtcsub_info info;

	return sub_info(fd, &info) ? -1 : (long)info.wi_assoc_rmem;
}

/* Send until nothing is taken any more for a while, in which it was tried
 * often: it may be one in which nobody ran. Return: frames.
 */
static long flood(struct peer *peer, int fd)
{
	static unsigned char frame[PAYLOAD + 5] = {
		0x83, 0x7d, 0x12, 0x80, 0x7d,
	};
	long long quiet = now_ms();
	long count = 0, was = 0, now;
	int tries = 0;

	while (tries < TRIES || now_ms() < quiet + 300 * slow_factor()) {
		tries++;
		if (!peer_try_send(peer, 2 * (count % STREAMS), frame,
				   sizeof(frame))) {
			count++;
			tries = 0;
		} else {
			poll_for(peer->fd, POLLOUT, 20);
		}
		now = held(fd);
		if (now != was)
			tries = 0;
		was = now;
		if (!tries)
			quiet = now_ms();
	}
	return count;
}

/* All that was sent arrives: "pause stops reading [...] (nothing lost)". */
static long read_all(const int *fd, long want)
{
	long long quiet = now_ms();
	static char buf[65536];
	long done = 0;
	ssize_t ret;
	int i;

	while (done < want && now_ms() < quiet + deadline_ms()) {
		for (i = 0; i < STREAMS; i++) {
			ret = recv(fd[i], buf, sizeof(buf), MSG_DONTWAIT);
			if (ret <= 0)
				continue;
			done += ret;
			quiet = now_ms();
		}
	}
	return done;
}

/* What is held is charged to the cgroup of who listened, and is given back. */
TEST_F(memcg, of_the_reader_is_charged)
{
	long count, before, now, most, store;

	/* Each CPU may have 64 pages in store, before and after. */
	store = 64 * sysconf(_SC_NPROCESSORS_ONLN) * sysconf(_SC_PAGESIZE);
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/assoc_rmem", RMEM));
	before = get(self->dir, "memory.current", NULL);
	ASSERT_LE(0, before);
	count = flood(&self->peer, self->fd[0]);
	/* It goes on to the limit, if it was late. */
	ASSERT_UNTIL(netns_counter("Pauses") >= 1);
	most = held(self->fd[0]);
	ASSERT_LE(RMEM / 2, most);
	now = get(self->dir, "memory.current", NULL) - before;
	TH_LOG("%ld frames: %ld kB held, %ld kB charged", count, most / 1024,
	       now / 1024);
	EXPECT_LE(most - store, now);
	/* Each socket may have a page or two in store as well. */
	EXPECT_GE(most + (1 << 20), now);
	ASSERT_UNTIL(get(self->dir, "memory.stat", "sock") >= most);
	ASSERT_EQ(count * PAYLOAD, read_all(self->fd, count * PAYLOAD));
	ASSERT_EQ(0, held(self->fd[0]));
	ASSERT_UNTIL(get(self->dir, "memory.stat", "sock") < (256 << 10));
}

/* One that is full pauses the association, as assoc_rmem does; it kills nobody
 * for it.
 */
TEST_F(memcg, that_is_full_holds_back_the_peer)
{
	const long limit = 4 << 20;
	long count, now;
	char text[32];

	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/assoc_rmem", 256 << 20));
	snprintf(text, sizeof(text), "%ld", limit);
	ASSERT_EQ(0, put(self->dir, "memory.max", text));
	count = flood(&self->peer, self->fd[0]);
	/* It goes on to the limit, if it was late. */
	ASSERT_UNTIL(netns_counter("Pauses") >= 1);
	now = get(self->dir, "memory.current", NULL);
	TH_LOG("%ld frames: %ld kB held, %ld kB charged", count,
	       held(self->fd[0]) / 1024, now / 1024);
	/* A frame for each, and what CPUs have in store. */
	EXPECT_GE(limit + (1 << 20), now);
	EXPECT_GE(limit + (1 << 20), held(self->fd[0]));
	EXPECT_LE(limit / 2, held(self->fd[0]));
	EXPECT_EQ(0, get(self->dir, "memory.events", "oom_kill"));
	ASSERT_EQ(count * PAYLOAD, read_all(self->fd, count * PAYLOAD));
	ASSERT_EQ(0, held(self->fd[0]));
}

/* A reserve would be changed under another lock than what the queue holds.  No
 * memory, or as of Linux 7.3 only for TCP.
 */
TEST_F(memcg, cannot_be_reserved)
{
	const int size = 1 << 20;

	ASSERT_EQ(-1, setsockopt(self->fd[0], SOL_SOCKET, SO_RESERVE_MEM,
				 &size, sizeof(size)));
	EXPECT_TRUE(errno == ENOMEM || errno == EOPNOTSUPP);
	EXPECT_EQ(0, get_int(self->fd[0], SOL_SOCKET, SO_RESERVE_MEM));
}

#define SHORT		40000		/* in one packet of lo */
#define LONG		262137		/* in the longest frame */
#define FEW		8		/* pages: too few for either */
#define SOME		40		/* ... for the long one */

/* The kernel dials, in the cgroup: what SCTP sends is charged to it. */
FIXTURE(sender)
{
	char dir[64];
	struct peer peer;
	int listener;
	int fd[2];
	__u16 sid[2];
};

FIXTURE_SETUP(sender)
{
	struct addr addr;
	int i;

	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, put(ROOT, "cgroup.subtree_control", "+memory"));
	snprintf(self->dir, sizeof(self->dir), ROOT "/wrtcsub-%d", getpid());
	ASSERT_EQ(0, mkdir(self->dir, 0755));
	self->listener = peer_listen(AF_INET, &addr, 0);
	ASSERT_LE(0, self->listener);
	for (i = 0; i < 2; i++) {
		self->fd[i] = sub_socket(0);
		ASSERT_LE(0, self->fd[i]);
		ASSERT_EQ(0, sub_set(self->fd[i], WRTCSUB_MAX_FRAME, 262144));
		ASSERT_EQ(0, sub_set(self->fd[i], WRTCSUB_FRAME_SPLIT, 0));
	}
	ASSERT_EQ(0, enter(self->dir));
	ASSERT_EQ(0, connect(self->fd[0], &addr.sa, addr.len));
	ASSERT_EQ(0, enter(ROOT));
	ASSERT_EQ(0, connect(self->fd[1], &addr.sa, addr.len));
	ASSERT_EQ(0, peer_accept(&self->peer, self->listener));
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, peer_answer_open(&self->peer, &self->sid[i]));
}

FIXTURE_TEARDOWN(sender)
{
	close(self->fd[0]);
	close(self->fd[1]);
	close(self->listener);
	peer_close(&self->peer);
	rmdir(self->dir);
}

static int put_number(const char *dir, const char *name, long value)
{
	char text[32];

	snprintf(text, sizeof(text), "%ld", value);
	return put(dir, name, text);
}

static ssize_t write_pattern(int fd, size_t len)
{
	static char buf[LONG];

	pattern_fill(buf, len, 0, 0);
	return write(fd, buf, len);
}

/* The first frame is to be in one packet with the second, for which there is no
 * memory: it does not wait for it.
 */
TEST_F(sender, that_cannot_send_all_sends_what_it_can)
{
	const long page = sysconf(_SC_PAGESIZE);
	static struct peer_frame frame;
	const int size = 2 * LONG;
	int i;

	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, setsockopt(self->fd[i], SOL_SOCKET,
					SO_SNDBUFFORCE, &size, sizeof(size)));
	/* With an acknowledgment, which may be late, all would go. */
	ASSERT_UNTIL(peer_is_acknowledged(&self->peer));
	/* Not even the first can go until both are there. */
	ASSERT_EQ(0, put_number(self->dir, "memory.max", FEW * page));
	ASSERT_UNTIL(get(self->dir, "memory.current", NULL) <= FEW * page);
	ASSERT_EQ(SHORT, write_pattern(self->fd[0], SHORT));
	ASSERT_EQ(LONG, write_pattern(self->fd[1], LONG));
	ASSERT_EQ(0, peer_expect_nothing(&self->peer, self->sid[0]));

	ASSERT_EQ(0, put_number(self->dir, "memory.max", SOME * page));
	ASSERT_EQ(0, peer_expect_frame(&self->peer, self->sid[0], &frame));
	EXPECT_EQ((size_t)SHORT, frame.len);
	ASSERT_EQ(0, peer_expect_nothing(&self->peer, self->sid[1]));

	ASSERT_EQ(0, put(self->dir, "memory.max", "max"));
	ASSERT_EQ(0, peer_expect_frame(&self->peer, self->sid[1], &frame));
	EXPECT_EQ((size_t)LONG, frame.len);
	EXPECT_EQ(-1, pattern_check(frame.payload, frame.len, 0, 0));
	EXPECT_EQ(0, get(self->dir, "memory.events", "oom_kill"));
}

TEST_HARNESS_MAIN
