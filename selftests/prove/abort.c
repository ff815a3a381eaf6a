// SPDX-License-Identifier: GPL-2.0
/*
 * An association ends at a random moment, from its other side, while each of
 * its substreams is somewhere in its life: it connects, has bytes to move, is
 * half closed, waits for its FIN_ACK, is reset.  Whoever waits is told, a read
 * of 0 comes only after a FIN, and nothing is left.
 *
 * WRTCSUB_SEED in the environment says what is done, WRTCSUB_ROUNDS how many
 * rounds of it.
 */

#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "../lib/harness.h"
#include "../lib/left.h"
#include "../lib/net.h"
#include "sides.h"

#define ROUNDS		20
/* Until then chance may not have come to every way to end. */
#define NORMAL_ROUNDS	100
#define PORT		5000
#define LINK		"eth"
#define END_MS		(300 * work_factor())
/* What is not read makes the association pause, or never does. */
#define RMEM_SMALL	262144
#define RMEM_LARGE	67108864

enum ending {
	IS_ABORTED,			/* by the exact peer */
	IS_KILLED,			/* the process that has the other side */
	IS_RESET,			/* closed with SO_LINGER 0, every one */
	IS_CUT,				/* the link is deleted */
	ENDINGS,
};

struct round {
	int ns[2];			/* ours, theirs */
	bool linked;
	bool we_dial;
	enum ending ending;
	struct random random;
	struct addr addr;
	int listener;			/* ours, or -1 */
	struct life life[SUBSTREAMS];
	unsigned int count[ENDINGS];	/* of all rounds */
};

static int start_lives(struct round *round)
{
	struct life *life;

	for (life = round->life; life < round->life + SUBSTREAMS; life++) {
		random_seed(&life->random, random_word(&round->random), 1);
		life->addr = round->addr;
		if (call_start(&life->call, call_live, round->listener, 0, life, 0))
			return -1;
	}
	return 0;
}

/* Nobody waits any more. */
static int finish_lives(struct round *round)
{
	struct life *life;

	atomic_store(&shared->over, true);
	for (life = round->life; life < round->life + SUBSTREAMS; life++)
		if (call_finish(&life->call))
			return -1;
	return round->listener < 0 ? 0 : close(round->listener);
}

static int listen_for(struct round *round, struct addr *addr)
{
	int fd;

	addr_any(addr, AF_INET, PORT);
	fd = sub_listen_at(addr, SUBSTREAMS);
	if (fd < 0 || set_nonblock(fd, true) || set_linger(fd, 1, 0) ||
	    addr_parse(addr, round->ending == IS_ABORTED ? "127.0.0.1" :
			     round->we_dial ? "10.0.0.2" : "10.0.0.1", PORT))
		return -1;
	return fd;
}

/* What dials later finds nobody. */
static int round_with_peer(struct round *round)
{
	struct exact exact = {};
	int listener = -1;

	if (round->we_dial)
		listener = peer_listen(AF_INET, &round->addr, 0);
	else
		round->listener = listen_for(round, &round->addr);
	if (listener < 0 && round->listener < 0)
		return -1;
	if (start_lives(round) ||
	    (round->we_dial ? peer_accept(&exact.peer, listener) :
			      peer_connect(&exact.peer, &round->addr, 0)))
		return -1;
	if (round->we_dial)
		close(listener);
	else
		exact_open_all(&exact);
	exact_run(&exact, &round->random, random_below(&round->random, END_MS));
	return peer_abort(&exact.peer) ?: finish_lives(round);
}

static int set_up_link(struct round *round)
{
	if (round->linked)
		return 0;
	round->linked = true;
	return ns_link(round->ns[0], LINK, round->ns[1], LINK) ?:
	       ns_address(round->ns[0], LINK, "10.0.0.1/24") ?:
	       ns_address(round->ns[1], LINK, "10.0.0.2/24");
}

static int cut_link(struct round *round)
{
	round->linked = false;
	return ns_enter(round->ns[1]) ?: shell("ip link del " LINK);
}

static pid_t start_other(struct round *round, int listener)
{
	static struct other other;
	pid_t pid;

	memset(&other, 0, sizeof(other));
	other.listener = listener;
	other.addr = round->addr;
	random_seed(&other.random, random_word(&round->random), 2);
	pid = ns_enter(round->ns[1]) ? -1 : fork();
	if (pid)
		return pid;
	if (round->listener >= 0)
		close(round->listener);
	other_run(&other);
	_exit(0);
}

static int end_it(struct round *round, pid_t pid)
{
	usleep(1000 * random_below(&round->random, END_MS));
	if (round->ending == IS_KILLED)
		return kill(pid, SIGKILL);
	if (round->ending == IS_CUT)
		return cut_link(round);
	atomic_store(&shared->leave, true);
	return 0;
}

/* It was killed, or goes when it is told to. */
static int finish_other(struct round *round, pid_t pid)
{
	int want = round->ending == IS_KILLED ? SIGKILL : 0, status;
	long long end = now_ms() + deadline_ms();

	atomic_store(&shared->leave, true);
	while (waitpid(pid, &status, WNOHANG) != pid) {
		if (now_ms() > end) {
			fprintf(stderr, "# the other side does not end\n");
			kill(pid, SIGKILL);
			return -1;
		}
		usleep(1000);
	}
	return status == want ? 0 : -1;
}

static int round_with_process(struct round *round)
{
	int listener = -1;
	pid_t pid;

	if (set_up_link(round) || ns_enter(round->ns[round->we_dial]))
		return -1;
	listener = listen_for(round, &round->addr);
	if (listener < 0)
		return -1;
	if (!round->we_dial)
		round->listener = listener;
	pid = start_other(round, round->we_dial ? listener : -1);
	if (pid < 0)
		return -1;
	if (round->we_dial)
		close(listener);
	if (ns_enter(round->ns[0]) || start_lives(round) ||
	    end_it(round, pid) || finish_lives(round))
		return -1;
	return finish_other(round, pid);
}

/* One that pauses knows when it has ended.  But the last that a process said is
 * behind what would have to be read, of which these programs read only some.
 */
static int set_memory(const struct round *round)
{
	bool may_pause = round->ending == IS_ABORTED ||
			 round->ending == IS_CUT;
	int i;

	for (i = 1; i >= 0; i--)
		if (ns_enter(round->ns[i]) ||
		    netns_sysctl("net/wrtcsub/assoc_rmem",
				 may_pause ? RMEM_SMALL : RMEM_LARGE))
			return -1;
	return 0;
}

static int run_round(struct round *round, __u64 seed, unsigned int nr)
{
	random_seed(&round->random, seed, nr);
	round->ending = random_below(&round->random, ENDINGS);
	round->we_dial = random_one_in(&round->random, 2);
	round->count[round->ending]++;
	round->listener = -1;
	memset(shared->fin, 0, sizeof(shared->fin));
	atomic_store(&shared->over, false);
	atomic_store(&shared->leave, false);
	if (set_memory(round))
		return -1;
	return round->ending == IS_ABORTED ? round_with_peer(round) :
					     round_with_process(round);
}

FIXTURE(abort)
{
	struct round round;
	__u64 seed;
};

static int set_up_namespace(int ns)
{
	return ns_watch_paths(ns) ?:
	       netns_sysctl("net/sctp/association_max_retrans", 5) ?:
	       netns_sysctl("net/sctp/max_init_retransmits", 5) ?:
	       /* Only the end of the association ends a wait. */
	       netns_sysctl("net/wrtcsub/fin_ack_timeout_ms", 600000) ?:
	       netns_sysctl("net/wrtcsub/idle_timeout_ms", 300);
}

FIXTURE_SETUP(abort)
{
	int i;

	self->seed = random_run_seed();
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, shared);
	for (i = 0; i < 2; i++) {
		self->round.ns[i] = ns_new();
		ASSERT_LE(0, self->round.ns[i]);
		ASSERT_EQ(0, set_up_namespace(self->round.ns[i]));
	}
}

FIXTURE_TEARDOWN(abort)
{
}

TEST_F_TIMEOUT(abort, no_false_end_and_nothing_is_left, 36000)
{
	long rounds = random_rounds(ROUNDS), nr;
	struct round *round = &self->round;
	long long start = now_ms();
	int i;

	TH_LOG("WRTCSUB_SEED=%llu", (unsigned long long)self->seed);
	for (nr = 0; nr < rounds; nr++) {
		ASSERT_EQ(0, run_round(round, self->seed, nr)) {
			TH_LOG("in round %ld, ending %d", nr, round->ending);
		}
		ASSERT_EQ(0u, atomic_load(&shared->false_ends)) {
			TH_LOG("in round %ld, ending %d", nr, round->ending);
		}
		for (i = 0; i < 2; i++) {
			ASSERT_EQ(0, ns_enter(round->ns[i]));
			ASSERT_EQ(0, left_wait()) {
				TH_LOG("of round %ld, ending %d", nr,
				       round->ending);
			}
		}
	}
	TH_LOG("%ld rounds in %lld s: %lu bytes, %lu ends read, %lu errors",
	       nr, (now_ms() - start) / 1000, atomic_load(&shared->bytes),
	       atomic_load(&shared->ends), atomic_load(&shared->errors));
	TH_LOG("%u aborted, %u killed, %u reset, %u cut",
	       round->count[IS_ABORTED], round->count[IS_KILLED],
	       round->count[IS_RESET], round->count[IS_CUT]);
	for (i = 0; i < ENDINGS && nr >= NORMAL_ROUNDS; i++)
		EXPECT_LT(0u, round->count[i]);
	if (nr >= ROUNDS) {
		EXPECT_LT(0ul, atomic_load(&shared->bytes));
		EXPECT_LT(0ul, atomic_load(&shared->ends));
		EXPECT_LT(0ul, atomic_load(&shared->errors));
	}
}

TEST_HARNESS_MAIN
