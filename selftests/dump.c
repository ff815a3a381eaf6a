// SPDX-License-Identifier: GPL-2.0
/* sock_diag lists the sockets of a namespace; while others come and go, what is
 * there all the while is in each list exactly once.
 *
 * WRTCSUB_DUMP in the environment is how many sockets stay, 500 if it is not
 * set.
 */

#include <poll.h>
#include <sys/resource.h>

#include "lib/diag.h"
#include "lib/harness.h"

enum {
	LISTS = 20,		/* as many at least */
	VISITS = 100,		/* and until so many have come and gone */
	ASSOCS = 64,		/* that stay */
};

/* Those that come and go. */
struct visits {
	struct addr addr;
	int listener;
	int new_assoc;
	atomic_bool stop;
	atomic_int count;
};

FIXTURE(dump)
{
	struct visits visits;
	struct call call;
	size_t nr;
	__u64 *keys;			/* of those that stay */
	int *fd;
};

FIXTURE_SETUP(dump)
{
	const char *env = getenv("WRTCSUB_DUMP");
	struct rlimit files;

	self->nr = env ? strtoul(env, NULL, 10) : 500;
	self->keys = calloc(self->nr, sizeof(*self->keys));
	self->fd = calloc(self->nr, sizeof(*self->fd));
	ASSERT_NE(NULL, self->keys);
	ASSERT_NE(NULL, self->fd);
	files.rlim_cur = self->nr + 100;
	files.rlim_max = files.rlim_cur;
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &files));
	ASSERT_EQ(0, netns_private());
	/* Associations go soon after the last substream, but not before the
	 * first has come, not even on a machine that stalls.
	 */
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/idle_timeout_ms",
				  3000 * slow_factor()));
	self->visits.listener = sub_listen(AF_INET, &self->visits.addr);
	ASSERT_LE(0, self->visits.listener);
}

FIXTURE_TEARDOWN(dump)
{
	size_t i;

	for (i = 0; i < self->nr; i++)
		if (self->fd[i] > 0)
			close(self->fd[i]);
	close(self->visits.listener);
	free(self->keys);
	free(self->fd);
}

/* Both ends of one.  Labels of many lengths have parts of a list end at many
 * places, if they are shown.
 */
static int visits_pair(struct visits *visits, int pair[2])
{
	static const char label[] = "The quick brown fox jumps over a lazy dog";
	static unsigned int count;

	pair[0] = sub_socket(SOCK_CLOEXEC);
	if (pair[0] < 0 ||
	    setsockopt(pair[0], SOL_WRTCSUB, WRTCSUB_LABEL, label,
		       count++ % sizeof(label)) ||
	    sub_set(pair[0], WRTCSUB_NEW_ASSOC, visits->new_assoc) ||
	    connect(pair[0], &visits->addr.sa, visits->addr.len))
		return -1;
	pair[1] = sub_accept(visits->listener);
	return pair[1] < 0 ? -1 : 0;
}

static long call_visits(struct call *call)
{
	struct visits *visits = call->buf;
	int pair[2];

	while (!visits->stop) {
		if (visits_pair(visits, pair) || close(pair[0]) ||
		    close(pair[1]))
			return -1;
		visits->count++;
	}
	return 0;
}

static __u64 cookie_of(int fd)
{
	__u64 cookie = 0;
	socklen_t len = sizeof(cookie);

	getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len);
	return cookie;
}

static size_t missing(const struct diag_list *list, const __u64 *keys,
		      size_t nr)
{
	size_t i, count = 0;

	for (i = 0; i < nr; i++)
		count += !diag_list_has(list, keys[i]);
	return count;
}

/* No matter whether they stay. */
static size_t twice(const struct diag_list *list)
{
	size_t i, count = 0;

	for (i = 1; i < list->nr; i++)
		count += list->keys[i] == list->keys[i - 1];
	return count;
}

/* Lists are read while others come and go.  Each other one has all that can be
 * shown in it.
 */
#define ASSERT_LISTED_ONCE(_what, _nr) do {				\
	struct diag_list __list;					\
	int __lists;							\
									\
	ASSERT_EQ(0, call_start(&self->call, call_visits, -1, 0,	\
				&self->visits, 0));			\
	for (__lists = 0;						\
	     __lists < LISTS / work_factor() ||				\
	     self->visits.count < VISITS / work_factor();		\
	     __lists++) {						\
		ASSERT_FALSE(call_is_done(&self->call));		\
		ASSERT_EQ(0, diag_list(&__list, _what,			\
				       __lists % 2 ? ~0U : 0));		\
		diag_list_sort(&__list);				\
		EXPECT_LT(1, __list.parts);				\
		ASSERT_EQ(0u, missing(&__list, self->keys, _nr));	\
		ASSERT_EQ(0u, twice(&__list));				\
		diag_list_free(&__list);				\
	}								\
	self->visits.stop = true;					\
	ASSERT_CALL(0, 0, &self->call);					\
	TH_LOG("%d lists, %d came and went", __lists,			\
	       self->visits.count);					\
} while (0)

TEST_F_TIMEOUT(dump, each_socket_that_stays_is_listed_once, 3600)
{
	size_t i;

	/* Each has two ends, and half of the identifiers are ours. */
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/max_streams",
				  self->nr + 1024));
	for (i = 0; i + 2 <= self->nr; i += 2)
		ASSERT_EQ(0, visits_pair(&self->visits, &self->fd[i]));
	for (i = 0; i < self->nr; i++)
		self->keys[i] = cookie_of(self->fd[i]);
	ASSERT_LISTED_ONCE(WRTCSUB_DIAG_SOCKETS, self->nr);
}

TEST_F_TIMEOUT(dump, each_association_that_stays_is_listed_once, 3600)
{
	size_t i;

	ASSERT_LE((size_t)ASSOCS, self->nr);
	self->visits.new_assoc = 1;
	for (i = 0; i < ASSOCS; i += 2)
		ASSERT_EQ(0, visits_pair(&self->visits, &self->fd[i]));
	for (i = 0; i < ASSOCS; i++)
		self->keys[i] = sub_assoc_id(self->fd[i]);
	ASSERT_LISTED_ONCE(WRTCSUB_DIAG_ASSOCS, (size_t)ASSOCS);
}

TEST_HARNESS_MAIN
