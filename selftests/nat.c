// SPDX-License-Identifier: GPL-2.0
/* SCTP over UDP (RFC 6951) through a NAT: the server knows the client by the
 * address of the NAT, and by whatever UDP port that one gives it.
 */

#include <poll.h>

#include "lib/capture.h"
#include "lib/harness.h"
#include "lib/net.h"
#include "lib/sctp.h"

#define UDP_PORT	9899
#define PORT		5000
#define MTU		1500

FIXTURE(nat)
{
	struct addr addr;
	int client_ns;
	int nat_ns;
	int server_ns;
	int listener;
	int client;
	int server;
	int capture;
};

FIXTURE_VARIANT(nat)
{
	const char *client;
	const char *inside;		/* of the NAT */
	const char *outside;
	const char *server;
	int prefix;
};

FIXTURE_VARIANT_ADD(nat, ipv4)
{
	.client = "10.0.0.2",
	.inside = "10.0.0.1",
	.outside = "192.0.2.1",
	.server = "192.0.2.2",
	.prefix = 24,
};

FIXTURE_VARIANT_ADD(nat, ipv6)
{
	.client = "fd00::2",
	.inside = "fd00::1",
	.outside = "2001:db8::1",
	.server = "2001:db8::2",
	.prefix = 64,
};

static int add_address(int ns, const char *link, const char *ip, int prefix)
{
	char address[64];

	snprintf(address, sizeof(address), "%s/%d", ip, prefix);
	return ns_address(ns, link, address);
}

#define CHAIN(_name, _type, _hook) \
	"chain " _name " { type " _type " hook " _hook " priority 0; "

#define NAT_CHAINS							\
	CHAIN("out", "nat", "postrouting")				\
	"oifname outside udp dport %d masquerade to :%d-%d; }; "	\
	CHAIN("forward", "filter", "forward")				\
	"meta l4proto != udp drop; };"

#define SERVER_CHAINS							\
	CHAIN("in", "filter", "input") "udp sport != %d-%d drop; };"

/* In place of those that the namespace had. */
static int set_chains(int ns, const char *chains)
{
	return ns_enter(ns) ?:
	       run("nft add table inet t ; delete table inet t ; "
		   "add table inet t { %s }", chains);
}

/* What the NAT gives to the client is one of 100 ports.  Nothing else gets to
 * the server, and nothing but UDP gets through.
 */
static int use_ports(int nat_ns, int server_ns, int first)
{
	char chains[512];

	snprintf(chains, sizeof(chains), NAT_CHAINS, UDP_PORT, first,
		 first + 99);
	if (set_chains(nat_ns, chains))
		return -1;
	snprintf(chains, sizeof(chains), SERVER_CHAINS, first, first + 99);
	return set_chains(server_ns, chains);
}

/* The server has no way to the client but through the NAT's own address. */
FIXTURE_SETUP(nat)
{
	self->server_ns = ns_new();
	ASSERT_LE(0, self->server_ns);
	ASSERT_EQ(0, netns_sysctl("net/sctp/udp_port", UDP_PORT));
	self->nat_ns = ns_new();
	ASSERT_LE(0, self->nat_ns);
	ASSERT_EQ(0, netns_sysctl("net/ipv4/ip_forward", 1));
	ASSERT_EQ(0, netns_sysctl("net/ipv6/conf/all/forwarding", 1));
	self->client_ns = ns_new();
	ASSERT_LE(0, self->client_ns);
	ASSERT_EQ(0, netns_sysctl("net/sctp/udp_port", UDP_PORT));

	ASSERT_EQ(0, ns_link(self->client_ns, "eth", self->nat_ns, "inside"));
	ASSERT_EQ(0, ns_link(self->server_ns, "eth", self->nat_ns, "outside"));
	ASSERT_EQ(0, add_address(self->nat_ns, "inside", variant->inside,
				 variant->prefix));
	ASSERT_EQ(0, add_address(self->nat_ns, "outside", variant->outside,
				 variant->prefix));
	ASSERT_EQ(0, add_address(self->server_ns, "eth", variant->server,
				 variant->prefix));
	ASSERT_EQ(0, add_address(self->client_ns, "eth", variant->client,
				 variant->prefix));
	ASSERT_EQ(0, run("ip route add default via %s", variant->inside));
	ASSERT_EQ(0, use_ports(self->nat_ns, self->server_ns, 20000));

	ASSERT_EQ(0, ns_enter(self->server_ns));
	ASSERT_EQ(0, addr_parse(&self->addr, variant->server, PORT));
	self->listener = sub_listen_at(&self->addr, 8);
	ASSERT_LE(0, self->listener);
	ASSERT_EQ(0, ns_enter(self->client_ns));
	self->client = sub_socket(0);
	ASSERT_LE(0, self->client);
	ASSERT_EQ(0, sub_set(self->client, WRTCSUB_ENCAP_PORT, UDP_PORT));
	self->server = -1;
	self->capture = -1;
}

FIXTURE_TEARDOWN(nat)
{
	close(self->capture);
	close(self->client);
	close(self->server);
	close(self->listener);
}

#define ASSERT_IS_UP() do {						\
	ASSERT_EQ(0, connect(self->client, &self->addr.sa,		\
			     self->addr.len));				\
	self->server = sub_accept(self->listener);			\
	ASSERT_LE(0, self->server);					\
	ASSERT_EQ(0, ns_enter(self->nat_ns));				\
	self->capture = capture_open("outside");			\
	ASSERT_LE(0, self->capture);					\
} while (0)

#define ASSERT_MOVES(_from, _to, _size) do {				\
	const long __size = (_size);					\
	const int __from = (_from), __to = (_to);			\
	char __c;							\
									\
	ASSERT_EQ(__size, sub_move(__from, __to, __size));		\
	ASSERT_EQ(0, sub_fin_timeout(__from, deadline_ms()));		\
	ASSERT_EQ(0, shutdown(__from, SHUT_WR)) {			\
		TH_LOG("shutdown: %m");					\
	}								\
	ASSERT_EQ(0, recv(__to, &__c, 1, 0));				\
} while (0)

/* A packet that the device would have to segment is not made, and so not lost:
 * the timer T3, which would have to mend that, does not fire, or once where the
 * machine is slow.
 */
#define ASSERT_WAS_UDP_AND_WHOLE() do {					\
	struct capture_sum __sum;					\
									\
	capture_sum_up(self->capture, &__sum);				\
	EXPECT_EQ(0u, __sum.plain);					\
	EXPECT_LT(100u, __sum.udp);					\
	EXPECT_GE((size_t)MTU, __sum.largest);				\
	ASSERT_EQ(0, ns_enter(self->client_ns));			\
	EXPECT_GE(2, netns_sctp_counter("SctpT3RtxExpireds"));		\
	ASSERT_EQ(0, ns_enter(self->server_ns));			\
	EXPECT_GE(2, netns_sctp_counter("SctpT3RtxExpireds"));		\
} while (0)

TEST_F(nat, carries_bytes_both_ways)
{
	struct sctp_rtoinfo rto = { .srto_min = 20000 };
	struct addr any, seen;

	/* So that T3 does not fire for a SACK that is late. */
	ASSERT_EQ(0, setsockopt(self->listener, SOL_SCTP, SCTP_RTOINFO, &rto,
				sizeof(rto)));
	addr_any(&any, self->addr.sa.sa_family, 0);
	ASSERT_EQ(0, bind(self->client, &any.sa, any.len));
	ASSERT_EQ(0, setsockopt(self->client, SOL_SCTP, SCTP_RTOINFO, &rto,
				sizeof(rto)));
	ASSERT_IS_UP();
	ASSERT_MOVES(self->client, self->server, 1000000);
	ASSERT_MOVES(self->server, self->client, 1000000);
	ASSERT_WAS_UDP_AND_WHOLE();
	ASSERT_EQ(0, addr_remote(self->server, &seen));
	ASSERT_EQ(0, addr_parse(&self->addr, variant->outside,
				addr_port(&seen)));
	EXPECT_TRUE(addr_same(&self->addr, &seen));
}

/* RFC 6951, section 5.4: the port of the peer's last packet is where the next
 * one goes.  The NAT has forgotten the client when its outer link was down.
 */
TEST_F(nat, may_give_another_port_later)
{
	char buf[8];

	ASSERT_IS_UP();
	ASSERT_EQ(3, write(self->client, "abc", 3));
	ASSERT_EQ(3, recv(self->server, buf, 3, MSG_WAITALL));
	ASSERT_EQ(0, use_ports(self->nat_ns, self->server_ns, 30000));
	ASSERT_EQ(0, ns_enter(self->nat_ns));
	ASSERT_EQ(0, link_set_up("outside", false));
	ASSERT_UNTIL(!netns_get_sysctl("net/netfilter/nf_conntrack_count"));
	ASSERT_EQ(0, link_set_up("outside", true));
	ASSERT_EQ(0, add_address(self->nat_ns, "outside", variant->outside,
				 variant->prefix));
	ASSERT_EQ(3, write(self->client, "abc", 3));
	ASSERT_EQ(3, recv(self->server, buf, 3, MSG_WAITALL));
	ASSERT_MOVES(self->server, self->client, 300000);
	ASSERT_MOVES(self->client, self->server, 300000);
}

TEST_HARNESS_MAIN
