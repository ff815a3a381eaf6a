// SPDX-License-Identifier: GPL-2.0
/*
 * A hostile peer against listeners and against dialers, with programs on top
 * that read, write, shut down and close at random.  On another association a
 * bystander goes on all the time.  A program is told of an end, a read of 0,
 * only if the peer has sent a FIN; and after each round nothing is left.
 *
 * WRTCSUB_SEED in the environment says what is done, WRTCSUB_ROUNDS how many
 * rounds of it, WRTCSUB_TIME instead of that for how many seconds.
 */

#include <poll.h>
#include <stdio.h>

#include "../lib/harness.h"
#include "../lib/left.h"
#include "attack.h"

#define ROUNDS		8
#define STEPS		1500
#define PEERS		2
#define PROGRAMS	4
#define PIECE		20000
#define PATTERN		5
#define BYSTANDER_MS	(4000 * slow_factor() * work_factor())

/* The bystander: one writes, one reads. */

static struct {
	int fd[2];
	atomic_bool stop;
	atomic_ulong moved;		/* bytes */
	atomic_ulong slowest_ms;	/* from one read to the next */
	struct call writer;
	struct call reader;
} bystander;

static long call_bystander_write(struct call *call)
{
	static unsigned char buf[4000];
	size_t done = 0;

	while (!atomic_load(&bystander.stop)) {
		pattern_fill(buf, sizeof(buf), done, PATTERN);
		if (send(call->fd, buf, sizeof(buf), MSG_NOSIGNAL) !=
		    (ssize_t)sizeof(buf))
			return -1;
		done += sizeof(buf);
		usleep(3000);
	}
	return shutdown(call->fd, SHUT_WR) ? -1 : (long)done;
}

static long call_bystander_read(struct call *call)
{
	static unsigned char buf[16384];
	unsigned long last = now_ms(), took;
	size_t done = 0;
	ssize_t n;

	while ((n = recv(call->fd, buf, sizeof(buf), 0)) > 0) {
		if (pattern_check(buf, n, done, PATTERN) >= 0) {
			errno = EILSEQ;
			return -1;
		}
		done += n;
		atomic_store(&bystander.moved, done);
		took = now_ms() - last;
		last += took;
		if (took > atomic_load(&bystander.slowest_ms))
			atomic_store(&bystander.slowest_ms, took);
	}
	return n ? n : (long)done;
}

static int bystander_start(void)
{
	memset(&bystander, 0, sizeof(bystander));
	sub_type = SOCK_STREAM;
	if (sub_pair(AF_INET, bystander.fd))
		return -1;
	return call_start(&bystander.writer, call_bystander_write,
			  bystander.fd[0], 0, NULL, 0) ?:
	       call_start(&bystander.reader, call_bystander_read,
			  bystander.fd[1], 0, NULL, 0);
}

/* Programs. */

struct program {
	pthread_t thread;
	struct random random;
	int listener;			/* or -1: it dials */
	struct addr addr;
};

struct substream {
	int fd;
	int port;			/* that its association is known by */
	int sid;
	bool told;			/* a read has failed */
	bool shut;			/* it wants no more */
};

static atomic_bool stop;
static atomic_uint false_ends;
static atomic_ulong nr_substreams, nr_bytes, nr_ends, nr_errors;

static void has_ended(const struct substream *sub, int flags)
{
	struct wrtcsub_info info = {};

	atomic_fetch_add(&nr_ends, 1);
	if (sub->told || sub->shut ||
	    attack_may_have_sent_fin(sub->port, sub->sid))
		return;
	atomic_fetch_add(&false_ends, 1);
	sub_info(sub->fd, &info);
	fprintf(stderr,
		"# port %d, stream %d: false end, flags %#x, states %u %u\n",
		sub->port, sub->sid, flags, info.wi_tx_state,
		info.wi_rx_state);
}

static void do_read(struct substream *sub, struct random *r)
{
	static const int flag[] = { 0, 0, MSG_DONTWAIT, MSG_PEEK, MSG_WAITALL };
	int flags = flag[random_below(r, 5)];
	size_t len = 1 + random_below(r, random_one_in(r, 2) ? PIECE : 20);
	unsigned char buf[PIECE];
	ssize_t n;

	n = recv(sub->fd, buf, len, flags);
	if (n > 0)
		atomic_fetch_add(&nr_bytes, n);
	else if (!n)
		has_ended(sub, flags);
	else if (errno != EAGAIN && errno != EINTR)
		sub->told = true;
}

static void do_write(struct substream *sub, struct random *r)
{
	size_t len = 1 + random_below(r, random_one_in(r, 4) ? PIECE : 200);
	unsigned char buf[PIECE];
	int flags = MSG_NOSIGNAL;

	memset(buf, 'k', len);
	if (random_one_in(r, 2))
		flags |= MSG_DONTWAIT;
	if (send(sub->fd, buf, len, flags) < 0)
		atomic_fetch_add(&nr_errors, 1);
}

static void do_shutdown(struct substream *sub, struct random *r)
{
	int how = random_below(r, 3);

	sub->shut |= how != SHUT_WR;
	if (shutdown(sub->fd, how))
		atomic_fetch_add(&nr_errors, 1);
}

static void do_option(struct substream *sub, struct random *r)
{
	static const struct {
		int option;
		int below;
	} known[] = {
		{ WRTCSUB_RCV_OVERFLOW, 2 }, { WRTCSUB_ERROR_CODE, 100 },
		{ WRTCSUB_NODELAY, 2 }, { WRTCSUB_SHUT_NOWAIT, 2 },
		{ WRTCSUB_MAX_FRAME, 20000 }, { WRTCSUB_FRAME_SPLIT, 5000 },
	};
	int i = random_below(r, 7);

	if (i == 6)
		get_int(sub->fd, SOL_SOCKET, SO_ERROR);
	else
		sub_set(sub->fd, known[i].option,
			random_below(r, known[i].below));
}

static void do_something(struct substream *sub, struct random *r)
{
	switch (random_below(r, 12)) {
	case 0:
		do_shutdown(sub, r);
		break;
	case 1:
		do_option(sub, r);
		break;
	case 2:
		poll_for(sub->fd, POLLIN | POLLRDHUP, random_below(r, 20));
		break;
	case 3:
	case 4:
	case 5:
		do_write(sub, r);
		break;
	default:
		do_read(sub, r);
		break;
	}
}

/* What a program does with a substream, to its end.  With one in three nothing
 * is done before all has come that comes.
 */
static void use_substream(int fd, bool accepted, struct random *r)
{
	unsigned int left = random_below(r, 20);
	struct substream sub = { .fd = fd };
	struct addr addr;

	sub.sid = sub_get(fd, WRTCSUB_STREAM_ID);
	if (sub.sid < 0 || (accepted ? addr_remote(fd, &addr) :
				       addr_local(fd, &addr))) {
		close(fd);
		return;
	}
	sub.port = addr_port(&addr);
	atomic_fetch_add(&nr_substreams, 1);
	set_timeout(fd, SO_RCVTIMEO, 30);
	set_timeout(fd, SO_SNDTIMEO, 30);
	if (random_one_in(r, 3))
		usleep(random_below(r, 40000));
	while (left--)
		do_something(&sub, r);
	if (random_one_in(r, 4))
		set_linger(fd, 1, 0);
	close(fd);
}

static void accept_some(int listener, bool accepted, struct random *r)
{
	unsigned int left = random_below(r, 8);
	struct random own;
	int fd;

	while (left-- && poll_for(listener, POLLIN, 10) > 0) {
		random_seed(&own, random_word(r), 1);
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			use_substream(fd, accepted, &own);
	}
}

static int dialer_socket(struct random *r)
{
	int fd, type = random_one_in(r, 4) ? SOCK_SEQPACKET : SOCK_STREAM;

	fd = socket(AF_WRTCSUB, type | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	set_timeout(fd, SO_SNDTIMEO, 100);
	if (random_one_in(r, 8))
		sub_set(fd, WRTCSUB_NEW_ASSOC, 1);
	if (random_one_in(r, 8))
		sub_set(fd, WRTCSUB_OPEN_WAIT, 1);
	if (random_one_in(r, 8))
		sub_set(fd, WRTCSUB_STREAM_ID, random_below(r, 12));
	return fd;
}

/* What the peer opens on an association that was dialed. */
static void accept_attached(int fd, struct random *r)
{
	int attached = sub_socket(SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (attached < 0)
		return;
	if (!sub_set(attached, WRTCSUB_ATTACH, fd) &&
	    !listen(attached, random_below(r, 8)))
		accept_some(attached, false, r);
	close(attached);
}

static void dial_some(const struct addr *addr, struct random *r)
{
	int fd = dialer_socket(r);
	struct random own;

	random_seed(&own, random_word(r), 1);
	if (fd < 0)
		return;
	if (connect(fd, &addr->sa, addr->len)) {
		atomic_fetch_add(&nr_errors, 1);
		close(fd);
		usleep(2000);
		return;
	}
	if (random_one_in(r, 4))
		accept_attached(fd, &own);
	use_substream(fd, false, &own);
}

static void *run_program(void *arg)
{
	struct program *program = arg;
	struct random own;

	while (!atomic_load(&stop)) {
		random_seed(&own, random_word(&program->random), 1);
		if (program->listener < 0)
			dial_some(&program->addr, &own);
		else
			accept_some(program->listener, true, &own);
	}
	return NULL;
}

/* Rounds. */

struct round {
	bool kernel_dials;
	struct random random;
	struct addr addr;
	int listener;			/* of the kernel, or of the peer */
	struct program program[PROGRAMS];
	struct attack attack[PEERS];
	/* Of all rounds. */
	unsigned long messages;
	unsigned long frames;
	unsigned int assocs;
	unsigned int early;
	unsigned int wrong;
};

static int start_programs(struct round *round)
{
	struct program *program;
	int i;

	atomic_store(&stop, false);
	for (i = 0; i < PROGRAMS; i++) {
		program = &round->program[i];
		program->listener = round->kernel_dials ? -1 : round->listener;
		program->addr = round->addr;
		random_seed(&program->random, random_word(&round->random), i);
		if (pthread_create(&program->thread, NULL, run_program,
				   program))
			return -1;
	}
	return 0;
}

static int stop_programs(struct round *round)
{
	struct timespec end;
	int i;

	atomic_store(&stop, true);
	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += deadline_ms() / 1000;
	for (i = 0; i < PROGRAMS; i++) {
		if (pthread_timedjoin_np(round->program[i].thread, NULL,
					 &end)) {
			fprintf(stderr, "# a program does not end\n");
			return -1;
		}
	}
	return 0;
}

static int begin_round(struct round *round, int family)
{
	int i;

	round->listener = round->kernel_dials ?
			  peer_listen(family, &round->addr, 0) :
			  sub_listen(family, &round->addr);
	if (round->listener < 0 || set_nonblock(round->listener, true))
		return -1;
	for (i = 0; i < PEERS; i++)
		attack_init(&round->attack[i],
			    round->kernel_dials ? round->listener : -1,
			    &round->addr, &round->random);
	return start_programs(round);
}

/* Two associations at a time, whose steps are mixed. */
static int attack_all(struct round *round)
{
	struct attack *attack;
	int i;

	for (i = 0; i < STEPS / work_factor(); i++) {
		attack = &round->attack[random_below(&round->random, PEERS)];
		if (attack_step(attack, &round->random))
			return -1;
		attack_hear(attack, 0);
	}
	return 0;
}

static int end_round(struct round *round)
{
	struct attack *attack;

	if (stop_programs(round))
		return -1;
	for (attack = round->attack; attack < round->attack + PEERS; attack++) {
		attack_exit(attack, &round->random);
		round->messages += attack->messages;
		round->frames += attack->frames;
		round->assocs += attack->assocs;
		round->early += attack->early;
		round->wrong += attack->wrong;
	}
	attack_forget();
	return close(round->listener);
}

static bool go_on(unsigned int nr, long long start)
{
	const char *seconds = getenv("WRTCSUB_TIME");

	if (seconds && *seconds)
		return now_ms() - start < atol(seconds) * 1000LL;
	return nr < random_rounds(ROUNDS);
}

FIXTURE(hostile)
{
	__u64 seed;
	struct left before;
	struct round round;
};

FIXTURE_VARIANT(hostile)
{
	int family;
	bool kernel_dials;
};

FIXTURE_VARIANT_ADD(hostile, to_listeners)
{
	.family = AF_INET,
};

FIXTURE_VARIANT_ADD(hostile, to_dialers)
{
	.family = AF_INET6,
	.kernel_dials = true,
};

FIXTURE_SETUP(hostile)
{
	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/fin_ack_timeout_ms", 200));
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/idle_timeout_ms", 300));
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/assoc_rmem", 262144));
	self->seed = random_run_seed();
	self->round.kernel_dials = variant->kernel_dials;
	ASSERT_EQ(0, bystander_start());
	ASSERT_UNTIL(atomic_load(&bystander.moved));
	left_count(&self->before);
}

FIXTURE_TEARDOWN(hostile)
{
}

#define ASSERT_BYSTANDER_ENDS_WELL() do {				\
	atomic_store(&bystander.stop, true);				\
	ASSERT_EQ(0, call_finish(&bystander.writer));			\
	ASSERT_LT(0, bystander.writer.ret);				\
	ASSERT_CALL(bystander.writer.ret, 0, &bystander.reader);	\
	close(bystander.fd[0]);						\
	close(bystander.fd[1]);						\
} while (0)

TEST_F_TIMEOUT(hostile, no_false_end_and_nothing_is_left, 36000)
{
	struct round *round = &self->round;
	long long start = now_ms();
	unsigned long moved;
	unsigned int nr;

	TH_LOG("WRTCSUB_SEED=%llu", (unsigned long long)self->seed);
	for (nr = 0; go_on(nr, start); nr++) {
		moved = atomic_load(&bystander.moved);
		random_seed(&round->random, self->seed, nr);
		ASSERT_EQ(0, begin_round(round, variant->family));
		ASSERT_EQ(0, attack_all(round));
		ASSERT_EQ(0, end_round(round));
		ASSERT_EQ(0u, round->wrong);
		ASSERT_EQ(0u, atomic_load(&false_ends));
		ASSERT_EQ(0, left_wait_for(&self->before)) {
			TH_LOG("in round %u", nr);
		}
		ASSERT_UNTIL(atomic_load(&bystander.moved) > moved);
		ASSERT_FALSE(call_is_done(&bystander.writer));
	}
	TH_LOG("%u rounds in %lld s: %u associations, %lu messages, %lu frames",
	       nr, (now_ms() - start) / 1000, round->assocs, round->messages,
	       round->frames);
	TH_LOG("%u channels opened again before they were closed",
	       round->early);
	TH_LOG("%lu substreams: %lu bytes, %lu ends read, %lu errors",
	       atomic_load(&nr_substreams), atomic_load(&nr_bytes),
	       atomic_load(&nr_ends), atomic_load(&nr_errors));
	EXPECT_LT(0ul, round->frames);
	EXPECT_LT(0ul, atomic_load(&nr_bytes));
	EXPECT_LT(0ul, atomic_load(&nr_ends));

	ASSERT_BYSTANDER_ENDS_WELL();
	TH_LOG("bystander: %ld bytes, %lu ms at most between two reads",
	       bystander.writer.ret, atomic_load(&bystander.slowest_ms));
	EXPECT_GT((unsigned long)BYSTANDER_MS,
		  atomic_load(&bystander.slowest_ms));
	ASSERT_EQ(0, left_wait());
	netns_print_counters();
}

TEST_HARNESS_MAIN
