// SPDX-License-Identifier: GPL-2.0
/*
 * Random system calls from several threads of several processes on descriptors
 * that they share, some of them an administrator's; processes that are killed,
 * and namespaces that come and go.  It is judged by what is left of it, which
 * has to be nothing, and by the log of the kernel.
 *
 * WRTCSUB_SEED in the environment says which calls, WRTCSUB_ROUNDS how many
 * rounds of them, WRTCSUB_TIME instead of that for how many seconds.  With
 * WRTCSUB_TRACE each step is printed, and each call and its result.
 */

#include <dirent.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "../lib/diag.h"
#include "../lib/harness.h"
#include "../lib/left.h"
#include "../lib/net.h"
#include "admin.h"
#include "steps.h"

#define ROUNDS		12
/* Until then chance may not have come to every kind of call. */
#define NORMAL_ROUNDS	6
#define PROCESSES	4
#define THREADS		3
#define STEPS		400
#define INTERRUPT_US	10000
#define KILL_WITHIN_MS	2500
#define ROUND_LIMIT_MS	(40000 * slow_factor() * work_factor())

struct crowd {
	__u64 seed;
	struct random random;		/* who is killed, and when */
	struct {
		pid_t pid;
		long long killed_at;	/* 0: it is not */
	} process[PROCESSES];
	unsigned int killed;
};

FIXTURE(callfuzz)
{
	struct crowd crowd;
	long users;
};

/* A socket that has its packets stamped all the time.  Without it the kernel
 * patches itself whenever the first such socket comes or the last one goes, and
 * QEMU's translation may run what is no longer there: "int3" is then an oops,
 * in netif_rx_internal().
 */
static int stamp_packets(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1;

	return setsockopt(fd, SOL_SOCKET, SO_TIMESTAMP, &on, sizeof(on));
}

FIXTURE_SETUP(callfuzz)
{
	struct diag_list list;

	ASSERT_EQ(0, stamp_packets());
	ASSERT_EQ(0, netns_private());
	settings_reset();
	/* The first request loads wrtcsub_diag, which is a user from then on. */
	ASSERT_EQ(0, diag_list(&list, WRTCSUB_DIAG_SOCKETS, 0));
	diag_list_free(&list);
	self->users = left_module_users();
	ASSERT_LE(0, self->users);
	self->crowd.seed = random_run_seed();
	random_seed(&self->crowd.random, self->crowd.seed, ~0ull);
	ASSERT_EQ(0, steps_begin());
	/* Children of those that are killed come to this process. */
	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 1));
}

FIXTURE_TEARDOWN(callfuzz)
{
}

/* A process. */

static struct hand hands[THREADS];
static atomic_int busy;

static void *do_steps(void *arg)
{
	struct hand *hand = arg;
	int i;

	for (i = 0; i < STEPS; i++)
		hand_step(hand);
	hand_end(hand);
	atomic_fetch_sub(&busy, 1);
	return NULL;
}

/* What blocks is interrupted, and goes on with the next step. */
static void interrupt_until_done(pthread_t *threads)
{
	int i;

	while (atomic_load(&busy)) {
		usleep(INTERRUPT_US);
		for (i = 0; i < THREADS; i++)
			pthread_kill(threads[i], SIGUSR1);
	}
}

static int run_process(__u64 seed, unsigned int round, unsigned int process)
{
	pthread_t threads[THREADS];
	int i;

	hand_interrupt_by(SIGUSR1);
	atomic_store(&busy, THREADS);
	for (i = 0; i < THREADS; i++) {
		hands[i].round = round;
		hands[i].process = process;
		hands[i].thread = i;
		if (hand_begin(&hands[i], seed))
			return 1;
	}
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, do_steps, &hands[i]))
			return 1;
	interrupt_until_done(threads);
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	return 0;
}

/* The first process. */

static int start_all(struct crowd *crowd, unsigned int round)
{
	unsigned int i;
	pid_t pid;

	if (steps_share())
		return -1;
	for (i = 0; i < PROCESSES; i++) {
		pid = fork();
		if (!pid)
			_exit(run_process(crowd->seed, round, i));
		if (pid < 0)
			return -1;
		crowd->process[i].pid = pid;
		crowd->process[i].killed_at = 0;
		if (random_one_in(&crowd->random, 2))
			crowd->process[i].killed_at = now_ms() +
				random_below(&crowd->random, KILL_WITHIN_MS);
	}
	steps_unshare();
	return 0;
}

static void kill_some(struct crowd *crowd)
{
	int i;

	for (i = 0; i < PROCESSES; i++) {
		if (!crowd->process[i].pid || !crowd->process[i].killed_at ||
		    now_ms() < crowd->process[i].killed_at)
			continue;
		if (!kill(crowd->process[i].pid, SIGKILL))
			crowd->killed++;
		crowd->process[i].killed_at = 0;
	}
}

/* A process is no more. Return: it ended as it should. */
static bool has_ended(struct crowd *crowd, pid_t pid, int status)
{
	int i;

	for (i = 0; i < PROCESSES; i++)
		if (crowd->process[i].pid == pid)
			crowd->process[i].pid = 0;
	return WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL :
				     !WEXITSTATUS(status);
}

static void print_stack(const char *path)
{
	char line[256];
	FILE *stack = fopen(path, "re");

	fprintf(stderr, "# %s\n", path);
	while (stack && fgets(line, sizeof(line), stack))
		fprintf(stderr, "#   %s", line);
	if (stack)
		fclose(stack);
}

static void print_stacks(pid_t pid)
{
	struct dirent *entry;
	char path[320];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/%d/task/%s/stack", pid,
			 entry->d_name);
		print_stack(path);
	}
	if (dir)
		closedir(dir);
}

/* Wait until all processes have come to their end, or been killed.
 * Return: 0; -1: one ended by something else, or does not end.
 */
static int finish_all(struct crowd *crowd)
{
	long long end = now_ms() + ROUND_LIMIT_MS;
	int status, i, ret = 0;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) >= 0) {
		if (pid && !has_ended(crowd, pid, status)) {
			fprintf(stderr, "# process %d: status %#x\n", pid,
				status);
			ret = -1;
		}
		if (now_ms() > end)
			break;
		kill_some(crowd);
		if (!pid)
			usleep(2000);
	}
	for (i = 0; i < PROCESSES; i++) {
		if (!crowd->process[i].pid)
			continue;
		fprintf(stderr, "# process %d does not end\n",
			crowd->process[i].pid);
		print_stacks(crowd->process[i].pid);
		kill(crowd->process[i].pid, SIGKILL);
		ret = -1;
	}
	return pid < 0 ? ret : -1;
}

/* Links go with the namespaces that have their other ends. */
static bool namespaces_are_gone(void)
{
	FILE *file = fopen("/proc/thread-self/net/dev", "re");
	char line[256], name[32];
	bool gone = file;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, " %31[^:]:", name) == 1 &&
		    !strncmp(name, "in", 2))
			gone = false;
	if (file)
		fclose(file);
	return gone;
}

static bool go_on(unsigned int round, long long start)
{
	const char *seconds = getenv("WRTCSUB_TIME");

	if (seconds && *seconds)
		return now_ms() - start < atol(seconds) * 1000LL;
	return round < random_rounds(ROUNDS);
}

static void print_counts(void)
{
	int i;

	for (i = 0; i < COUNT_NR; i++)
		fprintf(stderr, "# %-28s %7lu, %7lu without an error\n",
			count_name(i), atomic_load(&counts->call[i].all),
			atomic_load(&counts->call[i].good));
}

TEST_F_TIMEOUT(callfuzz, nothing_is_left, 36000)
{
	long long start = now_ms();
	unsigned int round;
	int i;

	TH_LOG("WRTCSUB_SEED=%llu", (unsigned long long)self->crowd.seed);
	for (round = 0; go_on(round, start); round++) {
		ASSERT_EQ(0, start_all(&self->crowd, round));
		ASSERT_EQ(0, finish_all(&self->crowd)) {
			TH_LOG("in round %u", round);
		}
		settings_reset();
		ASSERT_EQ(0, left_wait()) {
			TH_LOG("of round %u", round);
		}
		ASSERT_UNTIL(left_module_users() == self->users);
		ASSERT_UNTIL(namespaces_are_gone());
	}
	ASSERT_EQ(0, left_works(AF_INET));
	ASSERT_EQ(0, left_works(AF_INET6));
	ASSERT_EQ(0, left_wait());
	TH_LOG("%u rounds in %lld s, %u processes killed", round,
	       (now_ms() - start) / 1000, self->crowd.killed);
	print_counts();
	for (i = 0; i < COUNT_NR && round >= NORMAL_ROUNDS; i++)
		EXPECT_LT(0UL, atomic_load(&counts->call[i].good)) {
			TH_LOG("%s never succeeds", count_name(i));
		}
}

TEST_HARNESS_MAIN
