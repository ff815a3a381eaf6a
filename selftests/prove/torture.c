// SPDX-License-Identifier: GPL-2.0
/*
 * Many bytes over one association and a bad link: packets are lost, repeated,
 * reordered, broken or late, or the path goes away.  Every byte arrives as it
 * was sent, or the end is an error; never is it a read of 0 before the last
 * byte.
 *
 * WRTCSUB_MIB in the environment says how many MiB all substreams have together.
 */

#include <stdio.h>

#include "../lib/harness.h"
#include "../lib/left.h"
#include "../lib/net.h"

#define COUNT		16
#define MIB		16
#define PIECE		50021
#define PORT		5000
#define LINK		"eth"

/* SCTP waits no longer than this for an answer, which bounds how late it is to
 * see that there is none.  A CPU that stalls for seconds is still no end.
 */
#define RTO_MAX_MS	1000
#define RETRANS		10
#define GONE_MS		(3LL * (RETRANS + 1) * 2 * RTO_MAX_MS + deadline_ms())
/* Nothing at all comes for so long: it hangs. */
#define STALL_MS	(5LL * deadline_ms() * work_factor())
#define AWAY_US		3000000

enum path {
	STAYS,
	COMES_BACK,
	IS_GONE,
};

struct transfer {
	int ns[2];
	int fd[COUNT][2];		/* of who dials, of who accepts */
	struct call writer[COUNT];
	struct call reader[COUNT];
	long size;			/* of a substream */
};

FIXTURE(link)
{
	struct transfer transfer;
	struct addr addr;
	int listener;
};

FIXTURE_VARIANT(link)
{
	int family;
	const char *netem;
	const char *counter;		/* SCTP's, which has to have seen it */
	int mtu;			/* 0: 1500 */
	enum path path;
};

FIXTURE_VARIANT_ADD(link, that_loses)
{
	.family = AF_INET,
	.netem = "loss 10%",
	.counter = "SctpFastRetransmits",
};

FIXTURE_VARIANT_ADD(link, that_repeats)
{
	.family = AF_INET6,
	.netem = "duplicate 10%",
	.counter = "SctpInDataChunkDiscards",
};

FIXTURE_VARIANT_ADD(link, that_reorders)
{
	.family = AF_INET,
	.netem = "delay 5ms reorder 25% 50%",
};

FIXTURE_VARIANT_ADD(link, that_corrupts)
{
	.family = AF_INET,
	.netem = "corrupt 2%",
	.counter = "SctpChecksumErrors",
};

FIXTURE_VARIANT_ADD(link, that_corrupts_ipv6)
{
	.family = AF_INET6,
	.netem = "corrupt 2%",
	.counter = "SctpChecksumErrors",
};

/* Packets that overtake others by so much keep SCTP's window as small as it can
 * be, which is four packets: with large ones it does not take hours.
 */
FIXTURE_VARIANT_ADD(link, that_is_late)
{
	.family = AF_INET6,
	.netem = "delay 200ms 200ms",
	.mtu = 65000,
};

FIXTURE_VARIANT_ADD(link, that_comes_back)
{
	.family = AF_INET,
	.netem = "rate 20mbit",
	.path = COMES_BACK,
};

FIXTURE_VARIANT_ADD(link, that_is_gone)
{
	.family = AF_INET6,
	.netem = "rate 20mbit",
	.path = IS_GONE,
};

static const char *ip_of(int family, int i)
{
	static const char *const ip[] = {
		"10.0.0.1", "10.0.0.2", "fd00::1", "fd00::2",
	};

	return ip[2 * (family == AF_INET6) + i];
}

/* Who has which address is not asked: an answer could be a broken packet, and
 * would be believed.
 */
static int know_neighbor(int family, int i)
{
	return shell("ip link set " LINK " address 02:00:00:00:00:0%d", i) ?:
	       shell("ip neigh replace %s lladdr 02:00:00:00:00:0%d dev " LINK
		     " nud permanent", ip_of(family, !i), !i);
}

static int set_netem(const int ns[2], const char *netem)
{
	int i;

	for (i = 0; i < 2; i++)
		if (ns_enter(ns[i]) ||
		    shell("tc qdisc replace dev " LINK
			  " root netem %s limit 10000", netem))
			return -1;
	return 0;
}

static int set_up_link(const int ns[2], int family, int mtu)
{
	char address[64];
	int i;

	if (ns_link(ns[0], LINK, ns[1], LINK))
		return -1;
	for (i = 0; i < 2; i++) {
		snprintf(address, sizeof(address), "%s/%d", ip_of(family, i),
			 family == AF_INET ? 24 : 64);
		if (ns_address(ns[i], LINK, address) ||
		    know_neighbor(family, i) || link_without_offload(LINK, mtu))
			return -1;
	}
	return 0;
}

static int set_up_namespace(int ns, enum path path)
{
	return ns_enter(ns) ?:
	       netns_sysctl("net/sctp/rto_initial", RTO_MAX_MS) ?:
	       netns_sysctl("net/sctp/rto_max", RTO_MAX_MS) ?:
	       netns_sysctl("net/sctp/hb_interval", RTO_MAX_MS) ?:
	       netns_sysctl("net/sctp/max_init_retransmits", 1000) ?:
	       netns_sysctl("net/sctp/association_max_retrans",
			    path == IS_GONE ? RETRANS : 1000) ?:
	       /* A FIN comes behind all that SCTP and the reader still have. */
	       netns_sysctl("net/wrtcsub/fin_ack_timeout_ms", 600000);
}

static int open_all(struct transfer *transfer, const struct addr *addr,
		    int listener)
{
	int i, *fd;

	for (i = 0; i < COUNT; i++) {
		fd = transfer->fd[i];
		fd[0] = sub_connect(addr);
		if (fd[0] < 0)
			return -1;
		fd[1] = sub_accept(listener);
		if (fd[1] < 0)
			return -1;
	}
	return 0;
}

static long size_of_each(void)
{
	const char *mib = getenv("WRTCSUB_MIB");

	return (mib && *mib ? atol(mib) : MIB) * (1024 * 1024 / COUNT);
}

FIXTURE_SETUP(link)
{
	int i, *ns = self->transfer.ns;

	self->transfer.size = size_of_each();
	for (i = 0; i < 2; i++) {
		ns[i] = ns_new();
		ASSERT_LE(0, ns[i]);
		ASSERT_EQ(0, set_up_namespace(ns[i], variant->path));
	}
	ASSERT_EQ(0, set_up_link(ns, variant->family, variant->mtu ?: 1500));
	ASSERT_EQ(0, set_netem(ns, variant->netem));
	ASSERT_EQ(0, ns_enter(ns[1]));
	addr_any(&self->addr, variant->family, PORT);
	self->listener = sub_listen_at(&self->addr, COUNT);
	ASSERT_LE(0, self->listener);
	ASSERT_EQ(0, addr_parse(&self->addr, ip_of(variant->family, 1), PORT));
	ASSERT_EQ(0, ns_enter(ns[0]));
	ASSERT_EQ(0, open_all(&self->transfer, &self->addr, self->listener));
	ASSERT_EQ(1, netns_counter("AssocsDialed"));
}

FIXTURE_TEARDOWN(link)
{
}

/* Half of the bytes are written when the path is away, if it will be. */
static atomic_bool may_go_on;

static void wait_to_go_on(void)
{
	while (!atomic_load(&may_go_on))
		usleep(1000);
}

/* The seed of the pattern is in @how. */
static long write_all(struct call *call)
{
	static __thread unsigned char buf[PIECE];
	size_t done = 0, want;
	ssize_t ret;

	while (done < call->len) {
		if (done >= call->len / 2)
			wait_to_go_on();
		want = call->len - done < PIECE ? call->len - done : PIECE;
		pattern_fill(buf, want, done, call->how);
		ret = send(call->fd, buf, want, MSG_NOSIGNAL);
		if (ret < 0)
			return -1;
		done += ret;
	}
	return shutdown(call->fd, SHUT_WR) ? -1 : (long)done;
}

/* One direction has as many substreams as the other. */
static int start_all(struct transfer *transfer)
{
	int i, from;

	for (i = 0; i < COUNT; i++) {
		from = i % 2;
		if (call_start(&transfer->reader[i], call_recv_pattern,
			       transfer->fd[i][!from], i, NULL, 0) ||
		    call_start(&transfer->writer[i], write_all,
			       transfer->fd[i][from], i, NULL, transfer->size))
			return -1;
	}
	return 0;
}

static bool each_has_begun(const struct transfer *transfer)
{
	int i;

	for (i = 0; i < COUNT; i++)
		if (sub_received(transfer->reader[i].fd) <= 0)
			return false;
	return true;
}

static bool all_are_done(struct transfer *transfer)
{
	int i;

	for (i = 0; i < COUNT; i++)
		if (!call_is_done(&transfer->reader[i]) ||
		    !call_is_done(&transfer->writer[i]))
			return false;
	return true;
}

static long bytes_received(const struct transfer *transfer)
{
	long sum = 0;
	int i;

	for (i = 0; i < COUNT; i++)
		sum += sub_received(transfer->reader[i].fd);
	return sum;
}

/* It may take as long as it takes, while bytes come. */
static int wait_for_all(struct transfer *transfer)
{
	long long last = now_ms();
	long seen = -1, sum;

	while (!all_are_done(transfer)) {
		sum = bytes_received(transfer);
		if (sum != seen)
			last = now_ms();
		seen = sum;
		if (now_ms() - last > STALL_MS) {
			fprintf(stderr, "# no more comes after %ld bytes\n",
				sum);
			netns_print_counters();
			return -1;
		}
		usleep(50000);
	}
	return 0;
}

static void print_counters(const int ns[2])
{
	static const char *const names[] = {
		"SctpFastRetransmits", "SctpT3Retransmits", "SctpT3RtxExpireds",
		"SctpInDataChunkDiscards", "SctpChecksumErrors",
	};
	size_t k;
	int i;

	for (i = 0; i < 2; i++) {
		if (ns_enter(ns[i]))
			continue;
		for (k = 0; k < sizeof(names) / sizeof(names[0]); k++)
			fprintf(stderr, "# %d: %-24s %8ld\n", i, names[k],
				netns_sctp_counter(names[k]));
	}
}

/* The association ends soon after that.  Before, what opens the first substream
 * may be late.
 */
static int close_all(struct transfer *transfer, int listener)
{
	int i;

	for (i = 0; i < 2; i++)
		if (ns_enter(transfer->ns[i]) ||
		    netns_sysctl("net/wrtcsub/idle_timeout_ms", 300))
			return -1;
	for (i = 0; i < COUNT; i++)
		if (close(transfer->fd[i][0]) || close(transfer->fd[i][1]))
			return -1;
	return close(listener);
}

TEST_F_TIMEOUT(link, moves_all_or_fails, 36000)
{
	struct transfer *transfer = &self->transfer;
	bool is_gone = variant->path == IS_GONE;
	long want = is_gone ? -1 : transfer->size;
	long long start = now_ms(), cut = 0;
	int i, err = is_gone ? ETIMEDOUT : 0;

	atomic_store(&may_go_on, variant->path == STAYS);
	ASSERT_EQ(0, start_all(transfer));
	if (variant->path != STAYS) {
		ASSERT_UNTIL(each_has_begun(transfer));
		ASSERT_EQ(0, set_netem(transfer->ns, "loss 100%"));
		TH_LOG("cut after %ld bytes", bytes_received(transfer));
		cut = now_ms();
		atomic_store(&may_go_on, true);
	}
	if (variant->path == COMES_BACK) {
		usleep(AWAY_US);
		ASSERT_EQ(0, set_netem(transfer->ns, variant->netem));
	}
	ASSERT_EQ(0, wait_for_all(transfer));
	TH_LOG("%ld bytes in %lld ms", bytes_received(transfer),
	       now_ms() - start);
	if (is_gone)
		EXPECT_GT(GONE_MS, now_ms() - cut);
	print_counters(transfer->ns);
	for (i = 0; i < COUNT; i++) {
		ASSERT_CALL(want, err, &transfer->writer[i]);
		ASSERT_CALL(want, err, &transfer->reader[i]);
	}
	ASSERT_EQ(0, close_all(transfer, self->listener));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, ns_enter(transfer->ns[i]));
		ASSERT_EQ(0, left_wait());
		if (variant->counter)
			EXPECT_LT(0, netns_sctp_counter(variant->counter));
		EXPECT_EQ(0, netns_counter("RxMalformed"));
	}
}

TEST_HARNESS_MAIN
