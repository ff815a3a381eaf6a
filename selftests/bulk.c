// SPDX-License-Identifier: GPL-2.0
/* Many substreams that are full of data at once, over a path of small packets:
 * SCTP delivers messages in parts then, and each substream has to come out as
 * it went in.
 */

#include "lib/harness.h"
#include "lib/net.h"

enum { COUNT = 24, SIZE = 3000000, CHUNK = 50000, MTU = 1500 };

static long size;

FIXTURE(bulk)
{
	struct call reader[COUNT];
	struct call writer[COUNT];
	int listener;
	struct addr addr;
};

FIXTURE_VARIANT(bulk)
{
	int family;
};

FIXTURE_VARIANT_ADD(bulk, ipv4)
{
	.family = AF_INET,
};

FIXTURE_VARIANT_ADD(bulk, ipv6)
{
	.family = AF_INET6,
};

FIXTURE_SETUP(bulk)
{
	size = SIZE / work_factor() / CHUNK * CHUNK;
	ASSERT_EQ(0, netns_private());
	/* A FIN comes behind all that SCTP and slow readers still have. */
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/fin_ack_timeout_ms", 60000));
	ASSERT_EQ(0, link_set_mtu("lo", MTU));
	self->listener = sub_listen(variant->family, &self->addr);
	ASSERT_LE(0, self->listener);
}

FIXTURE_TEARDOWN(bulk)
{
	close(self->listener);
}

/* The seed of the pattern is in @how. */
static long write_pattern(struct call *call)
{
	static __thread unsigned char buf[CHUNK];
	long done = 0;

	while (done < size) {
		pattern_fill(buf, CHUNK, done, call->how);
		if (send(call->fd, buf, CHUNK, MSG_NOSIGNAL) != CHUNK)
			return -1;
		done += CHUNK;
	}
	return shutdown(call->fd, SHUT_WR) ? -1 : done;
}

static long read_pattern(struct call *call)
{
	static __thread unsigned char buf[CHUNK];
	long done = 0;
	ssize_t n;

	while ((n = recv(call->fd, buf, CHUNK, 0)) > 0) {
		if (pattern_check(buf, n, done, call->how) >= 0)
			return -1;
		done += n;
	}
	return n ? -1 : done;
}

TEST_F_TIMEOUT(bulk, substreams_at_once_come_out_as_they_went_in, 200)
{
	int i, fd[COUNT], server[COUNT];

	for (i = 0; i < COUNT; i++) {
		fd[i] = sub_connect(&self->addr);
		ASSERT_LE(0, fd[i]);
		server[i] = sub_accept(self->listener);
		ASSERT_LE(0, server[i]);
	}
	for (i = 0; i < COUNT; i++) {
		ASSERT_EQ(0, call_start(&self->reader[i], read_pattern, fd[i],
					i, NULL, 0));
		ASSERT_EQ(0, call_start(&self->writer[i], write_pattern,
					server[i], i, NULL, 0));
	}
	for (i = 0; i < COUNT; i++) {
		pthread_join(self->writer[i].thread, NULL);
		pthread_join(self->reader[i].thread, NULL);
		EXPECT_EQ(size, self->writer[i].ret);
		EXPECT_EQ(size, self->reader[i].ret);
		close(fd[i]);
		close(server[i]);
	}
	EXPECT_EQ(0, netns_counter("RxMalformed"));
}

TEST_HARNESS_MAIN
