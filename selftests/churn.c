// SPDX-License-Identifier: GPL-2.0
/* Substreams that come and go on one association: identifiers come back, and
 * nothing grows.
 *
 * WRTCSUB_CHURN in the environment is how many; if it is not set, 5000, and less
 * on a debug kernel.
 */

#include <poll.h>

#include "lib/harness.h"
#include "lib/left.h"
#include "lib/net.h"

FIXTURE(churn)
{
	struct addr addr;
	int listener;
	int fd[2];			/* open all the time: tells the rest */
};

FIXTURE_SETUP(churn)
{
	ASSERT_EQ(0, netns_private());
	/* Even a machine that stalls acknowledges a FIN in time. */
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/fin_ack_timeout_ms", 30000));
	self->listener = sub_listen(AF_INET, &self->addr);
	ASSERT_LE(0, self->listener);
	self->fd[0] = sub_connect(&self->addr);
	ASSERT_LE(0, self->fd[0]);
	self->fd[1] = sub_accept(self->listener);
	ASSERT_LE(0, self->fd[1]);
}

FIXTURE_TEARDOWN(churn)
{
	close(self->fd[0]);
	close(self->fd[1]);
	close(self->listener);
}

/* The other substreams are gone, and their channels. */
static bool is_alone(int fd)
{
	struct wrtcsub_info info;

	return !sub_info(fd, &info) && info.wi_assoc_substreams == 1 &&
	       !info.wi_assoc_channels_closing;
}

#define ASSERT_ALL_IDENTIFIERS_COME_BACK() do {				\
	ASSERT_UNTIL(is_alone(self->fd[0]));				\
	ASSERT_UNTIL(is_alone(self->fd[1]));				\
} while (0)

static long call_churn_accept(struct call *call)
{
	char c[2];
	int fd;

	while ((fd = accept4(call->fd, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		/* What is written arrives, with its end. */
		if (recv(fd, c, 2, MSG_WAITALL) != 1 || close(fd))
			return -1;
		call->len--;
		if (!call->len)
			return 0;
	}
	return -1;
}

static int churn_begin(const struct addr *addr)
{
	int fd = sub_connect(addr);

	if (fd < 0 || write(fd, "x", 1) != 1 || shutdown(fd, SHUT_WR))
		return -1;
	return fd;
}

/* The other end is through with it as well. */
static int churn_end(int fd)
{
	char c;

	return recv(fd, &c, 1, 0) ? -1 : close(fd);
}

TEST_F_TIMEOUT(churn, one_after_the_other, 3600)
{
	const char *env = getenv("WRTCSUB_CHURN");
	long count = 5000 / work_factor(), warm, used = 0, i;
	enum { OPEN = 32 };		/* the server is as late as that */
	struct wrtcsub_info info;
	struct call server;
	long long start;
	int fd[OPEN];

	if (env)
		count = atol(env);
	warm = count / 5;
	ASSERT_EQ(0, call_start(&server, call_churn_accept, self->listener, 0,
				NULL, count));
	start = now_ms();
	for (i = 0; i < count; i++) {
		if (i == warm)
			used = left_memory();
		if (i >= OPEN)
			ASSERT_EQ(0, churn_end(fd[i % OPEN]));
		fd[i % OPEN] = churn_begin(&self->addr);
		ASSERT_LE(0, fd[i % OPEN]) {
			TH_LOG("substream %ld: %m", i);
			netns_print_counters();
		}
	}
	for (i = 0; i < OPEN && i < count; i++)
		ASSERT_EQ(0, churn_end(fd[i]));
	ASSERT_CALL(0, 0, &server);
	ASSERT_ALL_IDENTIFIERS_COME_BACK();
	TH_LOG("%ld substreams in %lld ms, %ld kB more", count,
	       now_ms() - start, left_memory() - used);

	ASSERT_EQ(0, sub_info(self->fd[0], &info));
	EXPECT_EQ(1024, (int)info.wi_assoc_out_streams);
	EXPECT_EQ(1, netns_counter("AssocsDialed"));
	EXPECT_EQ(0, netns_counter("Grown"));
	EXPECT_EQ(0, netns_counter("FinTimeouts"));
	EXPECT_EQ(0, netns_counter("GivenUp"));
	EXPECT_EQ(2 * count, netns_counter("Closed"));
	/* That of 2000 sockets would be more.  RCU may be late to free some;
	 * KASAN keeps megabytes of what is free, but with it kmemleak looks.
	 */
	if (work_factor() == 1)
		ASSERT_UNTIL(left_memory() - used < 2000);
}

/* Requests of both ends cross on a link that is slow. */
static long call_reset_all(struct call *call)
{
	int *fd = call->buf;
	size_t i;

	for (i = 0; i < call->len; i++)
		if (set_linger(fd[i], 1, 0) || close(fd[i]))
			return -1;
	return 0;
}

TEST_F_TIMEOUT(churn, both_ends_close_at_once, 180)
{
	enum { COUNT = 300, ROUNDS = 5 };
	int count = COUNT / work_factor();
	int fd[2][COUNT], i, k, last, round;
	long failed, least = COUNT;
	struct call closer[2];
	long long start;

	ASSERT_LT(0, count);
	ASSERT_EQ(0, listen(self->listener, count));
	ASSERT_EQ(0, run("tc qdisc add dev lo root netem delay 10ms"));
	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < count; i++) {
			fd[0][i] = sub_connect(&self->addr);
			ASSERT_LE(0, fd[0][i]);
		}
		for (i = 0; i < count; i++) {
			fd[1][i] = sub_accept(self->listener);
			ASSERT_LE(0, fd[1][i]);
		}
		failed = netns_counter("ResetsFailed");
		start = now_ms();
		/* Each end begins with those that the other one ends with. */
		for (i = 0, last = count - 1; i < last; i++, last--) {
			k = fd[1][i];
			fd[1][i] = fd[1][last];
			fd[1][last] = k;
		}
		for (k = 0; k < 2; k++)
			ASSERT_EQ(0, call_start(&closer[k], call_reset_all, -1,
						0, fd[k], count));
		for (k = 0; k < 2; k++)
			ASSERT_CALL(0, 0, &closer[k]);
		ASSERT_ALL_IDENTIFIERS_COME_BACK();
		failed = netns_counter("ResetsFailed") - failed;
		TH_LOG("%d closed in %lld ms, %ld requests crossed", count,
		       now_ms() - start, failed);
		if (failed < least)
			least = failed;
	}
	/* The longer it takes to close them, the more requests there are. */
	EXPECT_GT(20, least);
	EXPECT_EQ(0, netns_counter("Grown"));
	EXPECT_EQ(1, netns_counter("AssocsDialed"));
}

TEST_HARNESS_MAIN
