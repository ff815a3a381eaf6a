// SPDX-License-Identifier: GPL-2.0
/* Substreams of one association over a link that is slow: they take turns, and
 * a small request does not wait for all that another one has to send.
 */

#include <limits.h>
#include <poll.h>

#include "lib/harness.h"
#include "lib/net.h"
#include "lib/sctp.h"

#define PORT		5000
#define WRITERS		8
#define REQUESTS	(work_factor() > 1 ? 3 : 10)
#define REQUEST_LEN	32
#define SNDBUF		(2 << 20)

/* A thread that does not run has nothing to send, and answers late: so one good
 * measurement of several will do.  What is unfair is so each time.
 */
#define TRIES		5

/* SCTP_SS_FC of linux/sctp.h, which may be older. */
#define FAIR_CAPACITY	3

FIXTURE(fair)
{
	int ns[2];
	struct addr addr;
	int listener;
};

FIXTURE_SETUP(fair)
{
	static const char *const address[] = { "10.0.0.1/24", "10.0.0.2/24" };
	int i;

	for (i = 0; i < 2; i++) {
		self->ns[i] = ns_new();
		ASSERT_LE(0, self->ns[i]);
	}
	ASSERT_EQ(0, ns_link(self->ns[0], "eth", self->ns[1], "eth"));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, ns_address(self->ns[i], "eth", address[i]));
		ASSERT_EQ(0, run("tc qdisc add dev eth root netem rate 20mbit"));
	}
	ASSERT_EQ(0, addr_parse(&self->addr, "10.0.0.2", PORT));
	self->listener = sub_listen_at(&self->addr, 8);
	ASSERT_LE(0, self->listener);
	ASSERT_EQ(0, ns_enter(self->ns[0]));
}

FIXTURE_TEARDOWN(fair)
{
	close(self->listener);
}

/* A substream that always has more to send, and whose peer reads. */
struct flow {
	int fd;
	int server;
	struct call writer;
	struct call reader;
};

static int flow_start(struct flow *flow)
{
	return call_start(&flow->reader, call_recv_pattern, flow->server, 1,
			  NULL, 0) ?:
	       call_start(&flow->writer, call_send_pattern, flow->fd, 1, NULL,
			  1 << 30);
}

static int flow_end(struct flow *flow)
{
	return shutdown(flow->server, SHUT_RD) ?:
	       call_finish(&flow->writer) ?: call_finish(&flow->reader) ?:
	       close(flow->fd) ?: close(flow->server);
}

static bool are_equal(const long *got, long sum)
{
	int i;

	for (i = 0; i < WRITERS; i++)
		if (got[i] < sum / WRITERS * 8 / 10 ||
		    got[i] > sum / WRITERS * 12 / 10)
			return false;
	return true;
}

/* "blocked writers of one association are served in turn" */
TEST_F_TIMEOUT(fair, share_of_each_writer, 120)
{
	/* Many frames of 16 KiB, but no more than come in time. */
	long much = work_factor() > 1 ? 200000 : 600000;
	long from[WRITERS], got[WRITERS], sum;
	struct flow flow[WRITERS] = {};
	int i, tries = 0;

	for (i = 0; i < WRITERS; i++) {
		flow[i].fd = sub_connect(&self->addr);
		ASSERT_LE(0, flow[i].fd);
		flow[i].server = sub_accept(self->listener);
		ASSERT_LE(0, flow[i].server);
	}
	for (i = 0; i < WRITERS; i++)
		ASSERT_EQ(0, flow_start(&flow[i]));
	/* All of them are under way. */
	for (i = 0; i < WRITERS; i++)
		ASSERT_UNTIL(sub_received(flow[i].server) > 100000);
	do {
		sum = 0;
		for (i = 0; i < WRITERS; i++)
			from[i] = sub_received(flow[i].server);
		ASSERT_UNTIL(sub_received(flow[0].server) > from[0] + much);
		for (i = 0; i < WRITERS; i++) {
			got[i] = sub_received(flow[i].server) - from[i];
			sum += got[i];
		}
		for (i = 0; i < WRITERS; i++)
			TH_LOG("writer %d: %ld of %ld bytes, %ld %%", i, got[i],
			       sum, got[i] * 100 / sum);
	} while (!are_equal(got, sum) && ++tries < TRIES);
	EXPECT_TRUE(are_equal(got, sum));
	for (i = 0; i < WRITERS; i++)
		ASSERT_EQ(0, flow_end(&flow[i]));
}

/* Sends back what comes, in pieces of a request. */
static long call_echo(struct call *call)
{
	char buf[REQUEST_LEN];

	while (recv(call->fd, buf, sizeof(buf), MSG_WAITALL) == sizeof(buf))
		if (send(call->fd, buf, sizeof(buf), MSG_NOSIGNAL) !=
		    sizeof(buf))
			return -1;
	return 0;
}

static int send_request(int fd)
{
	char out[REQUEST_LEN], in[REQUEST_LEN];

	memset(out, 'q', sizeof(out));
	if (write(fd, out, sizeof(out)) != sizeof(out) ||
	    recv(fd, in, sizeof(in), MSG_WAITALL) != sizeof(in))
		return -1;
	return memcmp(in, out, sizeof(in)) ? -1 : 0;
}

/* A socket of an association with that scheduler.  -1 and EINVAL: SCTP has
 * none such.
 */
static int connect_with(const struct addr *addr, int scheduler)
{
	struct sctp_assoc_value value = { .assoc_value = scheduler };
	int fd = sub_socket(0), size = SNDBUF;

	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		return -1;
	if (scheduler >= 0 && setsockopt(fd, SOL_SCTP, SCTP_STREAM_SCHEDULER,
					 &value, sizeof(value))) {
		close(fd);
		errno = EINVAL;
		return -1;
	}
	return connect(fd, &addr->sa, addr->len) ? -1 : fd;
}

struct latency {
	long min;
	long avg;
	long max;
	long drain;		/* time of all that the other one may queue */
};

static int measure(int fd, const struct flow *flow, struct latency *l)
{
	long long begin = now_ms(), start;
	long from = sub_received(flow->server), ms, rate;
	int i;

	*l = (struct latency){ .min = LONG_MAX };
	for (i = 0; i < REQUESTS; i++) {
		start = now_ms();
		if (send_request(fd))
			return -1;
		ms = now_ms() - start;
		l->min = ms < l->min ? ms : l->min;
		l->max = ms > l->max ? ms : l->max;
		l->avg += ms;
	}
	rate = (sub_received(flow->server) - from) / (now_ms() - begin + 1);
	l->avg /= REQUESTS;
	l->drain = SNDBUF / (rate + 1);
	return 0;
}

/* While one substream is saturated, another one asks, and is answered.  Were it
 * served after all that the first one has queued, it would wait as long as that
 * takes to be sent, at the rate that the link has in the same seconds.  With
 * other schedulers the times are what they are.
 */
TEST_F_TIMEOUT(fair, time_of_a_request_beside_a_saturated_substream, 120)
{
	static const struct {
		const char *name;
		int scheduler;
		bool new;		/* not on Linux 6.1 */
	} cases[] = {
		{ "round robin, as the module has it", -1, false },
		{ "first come, first served", SCTP_SS_FCFS, false },
		{ "fair capacity", FAIR_CAPACITY, true },
	};
	int fd, server, tries;
	struct flow flow = {};
	struct latency l;
	struct call echo;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		flow.fd = connect_with(&self->addr, cases[i].scheduler);
		if (flow.fd < 0 && errno == EINVAL && cases[i].new) {
			TH_LOG("%s: SCTP has none", cases[i].name);
			continue;
		}
		ASSERT_LE(0, flow.fd);
		flow.server = sub_accept(self->listener);
		ASSERT_LE(0, flow.server);
		fd = sub_attached(flow.fd);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, connect(fd, &self->addr.sa, self->addr.len));
		server = sub_accept(self->listener);
		ASSERT_LE(0, server);
		ASSERT_EQ(0, call_start(&echo, call_echo, server, 0, NULL, 0));
		ASSERT_EQ(0, flow_start(&flow));
		ASSERT_UNTIL(sub_received(flow.server) > 500000);
		tries = TRIES;
		do {
			ASSERT_EQ(0, measure(fd, &flow, &l));
			TH_LOG("%s: %ld, %ld, %ld ms; the rest is sent in %ld ms",
			       cases[i].name, l.min, l.avg, l.max, l.drain);
		} while (cases[i].scheduler < 0 && l.drain <= l.avg && --tries);
		if (cases[i].scheduler < 0)
			EXPECT_GT(l.drain, l.avg);
		/* With other schedulers the FIN waits, too. */
		ASSERT_EQ(0, sub_fin_timeout(fd, deadline_ms()));
		ASSERT_EQ(0, shutdown(fd, SHUT_WR));
		ASSERT_CALL(0, 0, &echo);
		close(fd);
		close(server);
		ASSERT_EQ(0, flow_end(&flow));
	}
}

TEST_HARNESS_MAIN
