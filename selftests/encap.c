// SPDX-License-Identifier: GPL-2.0
/* SCTP over IP, with packets for the device to segment, and SCTP over UDP
 * (RFC 6951), where such packets would be lost: WRTCSUB_ENCAP_PORT, and "both
 * carry every message size".
 */

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>

#include "lib/capture.h"
#include "lib/harness.h"
#include "lib/net.h"
#include "lib/sctp.h"

#define UDP_PORT	9899
#define MTU		1500

FIXTURE(encap)
{
	struct addr addr;
	int listener;
	int client;
	int server;
	int capture;
};

FIXTURE_VARIANT(encap)
{
	int family;
	bool udp;
};

FIXTURE_VARIANT_ADD(encap, ipv4_plain)
{
	.family = AF_INET,
};

FIXTURE_VARIANT_ADD(encap, ipv6_plain)
{
	.family = AF_INET6,
};

FIXTURE_VARIANT_ADD(encap, ipv4_over_udp)
{
	.family = AF_INET,
	.udp = true,
};

FIXTURE_VARIANT_ADD(encap, ipv6_over_udp)
{
	.family = AF_INET6,
	.udp = true,
};

FIXTURE_SETUP(encap)
{
	struct sctp_rtoinfo rto = { .srto_initial = 20000, .srto_min = 20000 };
	struct addr addr;

	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, link_set_mtu("lo", MTU));
	if (variant->udp)
		ASSERT_EQ(0, netns_sysctl("net/sctp/udp_port", UDP_PORT));
	self->listener = sub_listen(variant->family, &self->addr);
	ASSERT_LE(0, self->listener);
	self->client = sub_socket(0);
	ASSERT_LE(0, self->client);
	/* So that the timer T3 fires for a loss, and not for a SACK that is
	 * late, on a machine that stalls.
	 */
	ASSERT_EQ(0, setsockopt(self->listener, SOL_SCTP, SCTP_RTOINFO, &rto,
				sizeof(rto)));
	addr_any(&addr, variant->family, 0);
	ASSERT_EQ(0, bind(self->client, &addr.sa, addr.len));
	ASSERT_EQ(0, setsockopt(self->client, SOL_SCTP, SCTP_RTOINFO, &rto,
				sizeof(rto)));
	if (variant->udp)
		ASSERT_EQ(0, sub_set(self->client, WRTCSUB_ENCAP_PORT,
				     UDP_PORT));
	ASSERT_EQ(0, connect(self->client, &self->addr.sa, self->addr.len));
	self->server = sub_accept(self->listener);
	ASSERT_LE(0, self->server);
	self->capture = capture_open("lo");
	ASSERT_LE(0, self->capture);
}

FIXTURE_TEARDOWN(encap)
{
	close(self->capture);
	close(self->client);
	close(self->server);
	close(self->listener);
}

/* All of it arrives, in the packets that are expected, and none was lost: the
 * timer T3, which would have to mend that, takes long.
 */
#define ASSERT_MOVES(_from, _to, _size) do {				\
	const long __size = (_size);					\
	const int __from = (_from), __to = (_to);			\
	struct capture_sum __sum;					\
	char __c;							\
									\
	ASSERT_EQ(__size, sub_move(__from, __to, __size));		\
	ASSERT_EQ(0, sub_fin_timeout(__from, deadline_ms()));		\
	ASSERT_EQ(0, shutdown(__from, SHUT_WR)) {			\
		TH_LOG("shutdown: %m");					\
		netns_print_counters();					\
	}								\
	ASSERT_EQ(0, recv(__to, &__c, 1, 0));				\
	EXPECT_EQ(0, netns_sctp_counter("SctpT3RtxExpireds"));		\
	capture_sum_up(self->capture, &__sum);				\
	if (variant->udp) {						\
		EXPECT_EQ(0u, __sum.plain);				\
		EXPECT_LT(0u, __sum.udp);				\
		EXPECT_GE((size_t)MTU, __sum.largest);			\
	} else {							\
		EXPECT_EQ(0u, __sum.udp);				\
		EXPECT_LT((size_t)MTU, __sum.largest);			\
	}								\
} while (0)

TEST_F(encap, carries_bytes_from_who_dialled)
{
	ASSERT_MOVES(self->client, self->server, 2000000);
}

/* Who accepts has learnt the port from the peer's INIT. */
TEST_F(encap, carries_bytes_to_who_dialled)
{
	ASSERT_MOVES(self->server, self->client, 2000000);
}

TEST_F(encap, carries_every_size)
{
	static const size_t sizes[] = {
		1, 100, 1300, 1400, 1452, 1500, 2900, 4091, 4092, 8000, 16379,
		65536, 262140,
	};
	unsigned char *out = malloc(262144), *in = malloc(262144);
	struct call writer;
	ssize_t size;
	size_t i;

	ASSERT_NE(NULL, out);
	ASSERT_NE(NULL, in);
	ASSERT_EQ(0, sub_set(self->client, WRTCSUB_MAX_FRAME, 262144));
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		size = sizes[i];
		pattern_fill(out, size, 0, i);
		ASSERT_EQ(0, call_start(&writer, call_send, self->client, 0,
					out, size));
		ASSERT_EQ(size, recv(self->server, in, size, MSG_WAITALL));
		ASSERT_EQ(-1, pattern_check(in, size, 0, i));
		ASSERT_CALL(size, 0, &writer);
	}
	EXPECT_EQ(0, netns_sctp_counter("SctpT3RtxExpireds"));
	free(out);
	free(in);
}

FIXTURE(port)
{
	struct addr addr;
	int listener;
	int fd;
};

FIXTURE_SETUP(port)
{
	ASSERT_EQ(0, netns_private());
	self->listener = sub_listen(AF_INET, &self->addr);
	ASSERT_LE(0, self->listener);
	self->fd = sub_socket(0);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(port)
{
	close(self->fd);
	close(self->listener);
}

/* SCTP would go on in the plain. */
TEST_F(port, without_one_of_the_namespace_is_eopnotsupp)
{
	ASSERT_EQ(0, sub_set(self->fd, WRTCSUB_ENCAP_PORT, UDP_PORT));
	ASSERT_ERRNO(EOPNOTSUPP, connect(self->fd, &self->addr.sa,
					 self->addr.len));
	/* It is not too late. */
	ASSERT_EQ(0, sub_set(self->fd, WRTCSUB_ENCAP_PORT, 0));
	ASSERT_EQ(0, connect(self->fd, &self->addr.sa, self->addr.len));
}

/* ICMP says so, long before SCTP gives up. */
TEST_F(port, of_the_peer_where_nobody_is_is_refused)
{
	ASSERT_EQ(0, netns_sysctl("net/sctp/udp_port", UDP_PORT));
	ASSERT_EQ(0, sub_set(self->fd, WRTCSUB_ENCAP_PORT, UDP_PORT + 1));
	ASSERT_ERRNO(ECONNREFUSED,
		     connect(self->fd, &self->addr.sa, self->addr.len));
}

/* "Uses an association [...]": one over UDP is not one in the plain. */
TEST_F(port, makes_another_association)
{
	int fd[4], i;

	ASSERT_EQ(0, netns_sysctl("net/sctp/udp_port", UDP_PORT));
	for (i = 0; i < 4; i++) {
		fd[i] = sub_socket(0);
		ASSERT_LE(0, fd[i]);
		if (i >= 2)
			ASSERT_EQ(0, sub_set(fd[i], WRTCSUB_ENCAP_PORT,
					     UDP_PORT));
		ASSERT_EQ(0, connect(fd[i], &self->addr.sa, self->addr.len));
	}
	EXPECT_EQ(sub_assoc_id(fd[0]), sub_assoc_id(fd[1]));
	EXPECT_EQ(sub_assoc_id(fd[2]), sub_assoc_id(fd[3]));
	EXPECT_NE(sub_assoc_id(fd[0]), sub_assoc_id(fd[2]));
	for (i = 0; i < 4; i++)
		close(fd[i]);
}

TEST_HARNESS_MAIN
