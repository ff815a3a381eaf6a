// SPDX-License-Identifier: GPL-2.0
/* net.wrtcsub.*: bounds, namespaces, and what a change does to what is there
 * already: wrtcsub.rst, "Administration".
 */

#include <fcntl.h>
#include <limits.h>
#include <poll.h>

#include "lib/harness.h"
#include "lib/net.h"

#define ABC	"05 12 03 61 62 63"

FIXTURE(bounds)
{
	char path[64];
};

FIXTURE_VARIANT(bounds)
{
	const char *name;
	long preset;
	long min;
	long max;
};

FIXTURE_VARIANT_ADD(bounds, fin_ack_timeout_ms)
{
	.name = "net/wrtcsub/fin_ack_timeout_ms",
	.preset = 5000,
	.min = 1,
	.max = 600000,
};

FIXTURE_VARIANT_ADD(bounds, max_frame)
{
	.name = "net/wrtcsub/max_frame",
	.preset = 16384,
	.min = 256,
	.max = 262144,
};

FIXTURE_VARIANT_ADD(bounds, max_recv_frame)
{
	.name = "net/wrtcsub/max_recv_frame",
	.preset = 263168,
	.min = 256,
	.max = 16 << 20,
};

FIXTURE_VARIANT_ADD(bounds, max_streams)
{
	.name = "net/wrtcsub/max_streams",
	.preset = 1024,
	.min = 16,
	.max = 65535,
};

FIXTURE_VARIANT_ADD(bounds, max_assocs)
{
	.name = "net/wrtcsub/max_assocs",
	.preset = 4096,
	.min = 0,
	.max = INT_MAX,
};

FIXTURE_VARIANT_ADD(bounds, assoc_rmem)
{
	.name = "net/wrtcsub/assoc_rmem",
	.preset = 4194304,
	.min = 65536,
	.max = INT_MAX,
};

FIXTURE_VARIANT_ADD(bounds, idle_timeout_ms)
{
	.name = "net/wrtcsub/idle_timeout_ms",
	.preset = 10000,
	.min = 0,
	.max = INT_MAX,
};

FIXTURE_VARIANT_ADD(bounds, accept_unordered)
{
	.name = "net/wrtcsub/accept_unordered",
	.preset = 1,
	.min = 0,
	.max = 1,
};

FIXTURE_VARIANT_ADD(bounds, share_assocs)
{
	.name = "net/wrtcsub/share_assocs",
	.preset = 1,
	.min = 0,
	.max = 1,
};

FIXTURE_SETUP(bounds)
{
	ASSERT_EQ(0, netns_private());
}

FIXTURE_TEARDOWN(bounds)
{
}

TEST_F(bounds, are_kept_in_each_namespace)
{
	ASSERT_EQ(variant->preset, netns_get_sysctl(variant->name));
	ASSERT_EQ(0, netns_sysctl(variant->name, variant->max));
	ASSERT_EQ(variant->max, netns_get_sysctl(variant->name));
	ASSERT_EQ(0, netns_sysctl(variant->name, variant->min));
	ASSERT_EQ(-1, netns_sysctl(variant->name, variant->min - 1));
	ASSERT_EQ(-1, netns_sysctl(variant->name, variant->max + 1));
	ASSERT_EQ(variant->min, netns_get_sysctl(variant->name));
	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(variant->preset, netns_get_sysctl(variant->name));
}

FIXTURE(change)
{
	struct duo duo;
	struct peer *peer;
	__u16 sid;
	int fd;
	char buf[4096];
};

FIXTURE_VARIANT(change)
{
	enum duo_side side;
};

FIXTURE_VARIANT_ADD(change, connected)
{
	.side = DUO_KERNEL_CONNECTS,
};

FIXTURE_VARIANT_ADD(change, accepted)
{
	.side = DUO_KERNEL_ACCEPTS,
};

FIXTURE_SETUP(change)
{
	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, duo_open(&self->duo, AF_INET, variant->side, 0));
	self->peer = &self->duo.peer;
	self->sid = self->duo.sid;
	self->fd = self->duo.fd;
	memset(self->buf, 'x', sizeof(self->buf));
}

FIXTURE_TEARDOWN(change)
{
	duo_close(&self->duo);
}

/* The association is idle from here on. */
static int close_all(struct duo *duo)
{
	int ret = set_linger(duo->fd, 1, 0) ?: close(duo->fd);

	duo->fd = -1;
	return ret ?: peer_expect(&duo->peer, duo->sid, WIRE_RESET_STREAM) ?:
	       peer_expect_reset(&duo->peer, duo->sid);
}

TEST_F(change, idle_timeout_ms_holds_for_what_is_idle_already)
{
	long long start;

	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/idle_timeout_ms", 600000));
	ASSERT_EQ(0, close_all(&self->duo));
	usleep(100000);
	start = now_ms();
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/idle_timeout_ms", 200));
	ASSERT_EQ(0, peer_expect_kind(self->peer, PEER_SHUTDOWN));
	TH_LOG("shut down after %lld ms", now_ms() - start);
	ASSERT_EQ(0, peer_expect_kind(self->peer, PEER_END));
	ASSERT_EQ(1, netns_counter("AssocsIdle"));
}

/* Does an association live longer if its time is made longer? */
static bool lives_longer(struct duo *duo)
{
	long before = netns_counter("AssocsIdle");
	int ret;

	ret = netns_sysctl("net/wrtcsub/idle_timeout_ms", 1000) ?:
	      close_all(duo);
	if (netns_sysctl("net/wrtcsub/idle_timeout_ms", 600000) || ret)
		return false;
	/* Longer than it would have lived, at either end. */
	usleep(1600000);
	return netns_counter("AssocsIdle") == before;
}

TEST_F(change, idle_timeout_ms_can_be_longer_as_well)
{
	int fd, tries = 0;
	__u16 sid;

	/* After a stall it may be too late. */
	while (!lives_longer(&self->duo)) {
		ASSERT_GT(5, ++tries);
		duo_close(&self->duo);
		ASSERT_EQ(0, duo_open(&self->duo, AF_INET, variant->side, 0));
	}
	fd = duo_more(&self->duo, &sid);
	ASSERT_LE(0, fd);
	ASSERT_EQ(3, write(fd, "abc", 3));
	ASSERT_EQ(0, peer_expect(self->peer, sid, ABC));
	close(fd);
}

TEST_F(change, idle_timeout_ms_of_0_is_at_once)
{
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/idle_timeout_ms", 0));
	/* Not what is in use. */
	ASSERT_EQ(3, write(self->fd, "abc", 3));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, ABC));
	ASSERT_EQ(0, set_linger(self->fd, 1, 0));
	ASSERT_EQ(0, close(self->fd));
	self->duo.fd = -1;
	ASSERT_EQ(0, peer_expect_kind(self->peer, PEER_END));
	ASSERT_EQ(1, netns_counter("AssocsIdle"));
}

TEST_F(change, fin_ack_timeout_ms_is_that_of_new_sockets)
{
	long long start, took;
	struct call closer;
	int fd, tries = 0;
	__u16 sid;

	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/fin_ack_timeout_ms", 300));
	EXPECT_EQ(5000, sub_get(self->fd, WRTCSUB_FIN_ACK_TIMEOUT));
	/* What is accepted has it from its listener. */
	if (variant->side == DUO_KERNEL_ACCEPTS) {
		ASSERT_EQ(0, close(self->duo.listener));
		self->duo.listener = sub_listen_at(&self->duo.addr, 8);
		ASSERT_LE(0, self->duo.listener);
	}
	/* A stall makes one of them late, but not each. */
	do {
		fd = duo_more(&self->duo, &sid);
		ASSERT_LE(0, fd);
		EXPECT_EQ(300, sub_get(fd, WRTCSUB_FIN_ACK_TIMEOUT));
		start = now_ms();
		ASSERT_EQ(0, call_start(&closer, call_shutdown, fd, SHUT_WR,
					NULL, 0));
		ASSERT_CALL(-1, ETIMEDOUT, &closer);
		took = now_ms() - start;
		EXPECT_LE(300, took);
		close(fd);
	} while (took >= 3000 && ++tries < 5);
	EXPECT_GT(3000, took);
}

TEST_F(change, max_frame_is_that_of_new_sockets)
{
	struct peer_frame *frame = malloc(sizeof(*frame));
	size_t size = 0;
	__u16 sid;
	int fd;

	ASSERT_NE(NULL, frame);
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/max_frame", 300));
	ASSERT_EQ(4096, write(self->fd, self->buf, 4096));
	ASSERT_EQ(0, peer_expect_frame(self->peer, self->sid, frame));
	EXPECT_EQ(4096, (int)frame->len);
	if (variant->side == DUO_KERNEL_ACCEPTS) {
		ASSERT_EQ(0, close(self->duo.listener));
		self->duo.listener = sub_listen_at(&self->duo.addr, 8);
		ASSERT_LE(0, self->duo.listener);
	}
	fd = duo_more(&self->duo, &sid);
	ASSERT_LE(0, fd);
	ASSERT_EQ(4096, write(fd, self->buf, 4096));
	while (size < 4096) {
		ASSERT_EQ(0, peer_expect_frame(self->peer, sid, frame));
		EXPECT_GE(300, (int)frame->size);
		size += frame->len;
	}
	ASSERT_EQ(4096, (int)size);
	free(frame);
	close(fd);
}

/* Tag and length of the payload are 3 bytes of the frame's body. */
TEST_F(change, max_recv_frame_holds_at_once)
{
	__u16 sid;
	int fd;

	fd = duo_more(&self->duo, &sid);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, peer_send_frame(self->peer, self->sid, self->buf, 4000));
	ASSERT_EQ(4000, recv(self->fd, self->buf, 4000, MSG_WAITALL));
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/max_recv_frame", 2000));
	ASSERT_EQ(0, peer_send_frame(self->peer, self->sid, self->buf, 1997));
	ASSERT_EQ(1997, recv(self->fd, self->buf, 4000, 0));
	ASSERT_EQ(0, peer_send_frame(self->peer, self->sid, self->buf, 1998));
	ASSERT_ERRNO(EPROTO, recv(self->fd, self->buf, 1, 0));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_RESET_STREAM));
	EXPECT_EQ(1, netns_counter("RxMalformed"));
	/* Nothing else is touched. */
	ASSERT_EQ(0, peer_send(self->peer, sid, ABC));
	ASSERT_EQ(3, recv(fd, self->buf, 3, MSG_WAITALL));
	close(fd);
}

/* The streams of an association, each way. */
#define ASSERT_STREAMS(_fd, _nr) do {					\
	struct wrtcsub_info __info;					\
	const int __nr = (_nr);						\
									\
	ASSERT_EQ(0, sub_info(_fd, &__info));				\
	ASSERT_EQ(__nr, (int)__info.wi_assoc_out_streams);		\
	ASSERT_EQ(__nr, (int)__info.wi_assoc_in_streams);		\
} while (0)

TEST_F(change, max_streams_is_that_of_new_associations)
{
	int pair[2];

	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/max_streams", 100));
	ASSERT_EQ(0, sub_pair(AF_INET, pair));
	ASSERT_STREAMS(self->fd, PEER_STREAMS);
	ASSERT_STREAMS(pair[0], 100);
	ASSERT_STREAMS(pair[1], 100);
	close(pair[0]);
	close(pair[1]);
}

TEST_F(change, max_streams_of_all_there_are)
{
	char buf[8];
	int pair[2];

	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/max_streams", 65535));
	ASSERT_EQ(0, sub_pair(AF_INET, pair));
	ASSERT_STREAMS(pair[0], 65535);
	ASSERT_STREAMS(pair[1], 65535);
	ASSERT_EQ(3, write(pair[0], "abc", 3));
	ASSERT_EQ(3, recv(pair[1], buf, 3, MSG_WAITALL));
	close(pair[0]);
	close(pair[1]);
}

/* Those that are there stay. */
TEST_F(change, max_assocs_below_what_there_is)
{
	struct addr addr;
	int listener, fd;
	__u16 sid;

	listener = peer_listen(AF_INET, &addr, 0);
	ASSERT_LE(0, listener);
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/max_assocs", 0));
	fd = sub_socket(0);
	ASSERT_LE(0, fd);
	ASSERT_ERRNO(ENOBUFS, connect(fd, &addr.sa, addr.len));
	EXPECT_EQ(1, netns_counter("AssocsRefused"));
	close(fd);
	fd = duo_more(&self->duo, &sid);
	ASSERT_LE(0, fd);
	close(fd);
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/max_assocs", 2));
	fd = sub_connect(&addr);
	ASSERT_LE(0, fd);
	close(fd);
	close(listener);
}

TEST_F(change, share_assocs_holds_for_the_next_connect)
{
	struct addr addr;
	int listener, fd[6], i;

	listener = sub_listen(AF_INET, &addr);
	ASSERT_LE(0, listener);
	for (i = 0; i < 6; i++) {
		if (i == 2)
			ASSERT_EQ(0, netns_sysctl("net/wrtcsub/share_assocs",
						  0));
		if (i == 4)
			ASSERT_EQ(0, netns_sysctl("net/wrtcsub/share_assocs",
						  1));
		fd[i] = sub_connect(&addr);
		ASSERT_LE(0, fd[i]);
	}
	/* The first, one of each of the next two, and the first again. */
	EXPECT_EQ(3 + (variant->side == DUO_KERNEL_CONNECTS),
		  netns_counter("AssocsDialed"));
	for (i = 0; i < 6; i++)
		close(fd[i]);
	close(listener);
}

TEST(accept_unordered_holds_for_the_next_open)
{
	static const char unordered[] = "03 80 0000 00000000 0000 0000";
	struct duo duo;
	char buf[8];
	int fd;

	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, duo_open(&duo, AF_INET, DUO_KERNEL_ACCEPTS, 0));
	ASSERT_EQ(0, peer_send_ppid(&duo.peer, 2, PPID_DCEP, unordered));
	ASSERT_EQ(0, peer_expect_ppid(&duo.peer, 2, PPID_DCEP, DCEP_ACK));
	fd = sub_accept(duo.listener);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/accept_unordered", 0));
	ASSERT_EQ(0, peer_send_ppid(&duo.peer, 4, PPID_DCEP, unordered));
	ASSERT_EQ(0, peer_expect(&duo.peer, 4, WIRE_RESET_STREAM));
	EXPECT_EQ(1, netns_counter("OpenRefusedType"));
	/* The one that was open is. */
	ASSERT_EQ(0, peer_send(&duo.peer, 2, ABC));
	ASSERT_EQ(3, recv(fd, buf, 3, MSG_WAITALL));
	close(fd);
	ASSERT_EQ(0, peer_open(&duo.peer, 6));
	duo_close(&duo);
}

TEST_HARNESS_MAIN
