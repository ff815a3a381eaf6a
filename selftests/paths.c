// SPDX-License-Identifier: GPL-2.0
/* The way that packets take: associations with two paths, devices and VRFs,
 * marks, and link-local addresses.
 */

#include <net/if.h>
#include <poll.h>

#include "lib/harness.h"
#include "lib/net.h"

#define PORT	5000
#define PIECE	50000

/* Bytes in both directions. */
#define ASSERT_TALK(_a, _b) do {					\
	const int __a = (_a), __b = (_b);				\
	char __buf[8];							\
									\
	ASSERT_EQ(3, write(__a, "abc", 3));				\
	ASSERT_EQ(3, recv(__b, __buf, 3, MSG_WAITALL));			\
	ASSERT_EQ(3, write(__b, "def", 3));				\
	ASSERT_EQ(3, recv(__a, __buf, 3, MSG_WAITALL));			\
} while (0)

FIXTURE(homes)
{
	int ns[2];
	struct addr addr;
	int listener;
	int client;
	int server;
};

FIXTURE_VARIANT(homes)
{
	int family;
	const char *format;		/* path and host are in it */
	bool to_client;
};

FIXTURE_VARIANT_ADD(homes, ipv4_to_the_server)
{
	.family = AF_INET,
	.format = "10.0.%d.%d",
};

FIXTURE_VARIANT_ADD(homes, ipv4_to_the_client)
{
	.family = AF_INET,
	.format = "10.0.%d.%d",
	.to_client = true,
};

FIXTURE_VARIANT_ADD(homes, ipv6_to_the_server)
{
	.family = AF_INET6,
	.format = "fd00:%d::%d",
};

static int add_path(const int ns[2], int path, const char *format)
{
	char ip[64], address[80], link[8];
	int i;

	snprintf(link, sizeof(link), "path%d", path);
	if (ns_link(ns[0], link, ns[1], link))
		return -1;
	for (i = 0; i < 2; i++) {
		snprintf(ip, sizeof(ip), format, path, i + 1);
		snprintf(address, sizeof(address), "%s/%d", ip,
			 strchr(ip, ':') ? 64 : 24);
		if (ns_address(ns[i], link, address) ||
		    run("tc qdisc add dev %s root netem rate 40mbit", link))
			return -1;
	}
	return 0;
}

/* A socket that is not bound to an address has all that the host has. */
FIXTURE_SETUP(homes)
{
	char ip[64];
	int i;

	for (i = 0; i < 2; i++) {
		self->ns[i] = ns_new();
		ASSERT_LE(0, self->ns[i]);
		ASSERT_EQ(0, ns_watch_paths(self->ns[i]));
		/* The association outlives a stall of either end. */
		ASSERT_EQ(0, netns_sysctl("net/sctp/association_max_retrans",
					  1000));
		ASSERT_EQ(0, netns_sysctl("net/sctp/max_init_retransmits",
					  1000));
		/* Most of a transfer waits for the reader. */
		ASSERT_EQ(0, netns_sysctl("net/wrtcsub/assoc_rmem", 1000000));
	}
	ASSERT_EQ(0, add_path(self->ns, 1, variant->format));
	ASSERT_EQ(0, add_path(self->ns, 2, variant->format));
	ASSERT_EQ(0, ns_enter(self->ns[1]));
	addr_any(&self->addr, variant->family, PORT);
	self->listener = sub_listen_at(&self->addr, 8);
	ASSERT_LE(0, self->listener);
	ASSERT_EQ(0, ns_enter(self->ns[0]));
	snprintf(ip, sizeof(ip), variant->format, 1, 2);
	ASSERT_EQ(0, addr_parse(&self->addr, ip, PORT));
	self->client = sub_connect(&self->addr);
	ASSERT_LE(0, self->client);
	self->server = sub_accept(self->listener);
	ASSERT_LE(0, self->server);
}

FIXTURE_TEARDOWN(homes)
{
	close(self->client);
	close(self->server);
	close(self->listener);
}

/* Read the bytes of a pattern from one place in it to another. */
static bool read_pattern(int fd, long at, long end)
{
	static unsigned char buf[PIECE];

	for (; at < end; at += PIECE)
		if (recv(fd, buf, PIECE, MSG_WAITALL) != PIECE ||
		    pattern_check(buf, PIECE, at, 1) >= 0)
			return false;
	return true;
}

TEST_F(homes, one_that_is_cut_does_not_end_a_transfer)
{
	int from = variant->to_client ? self->server : self->client;
	int to = variant->to_client ? self->client : self->server;
	const long size = 6000000, before = 500000;
	struct call writer;
	char c;

	ASSERT_EQ(0, set_timeout(to, SO_RCVTIMEO, deadline_ms()));
	ASSERT_EQ(0, call_start(&writer, call_send_pattern, from, 1, NULL,
				size));
	ASSERT_TRUE(read_pattern(to, 0, before));
	ASSERT_EQ(0, ns_enter(self->ns[1]));
	ASSERT_EQ(0, link_set_up("path1", false));
	TH_LOG("cut after %ld bytes", sub_received(to));
	ASSERT_GT(size - 1000000, sub_received(to));
	ASSERT_TRUE(read_pattern(to, before, size));
	ASSERT_CALL(size, 0, &writer);
	ASSERT_EQ(0, sub_fin_timeout(from, deadline_ms()));
	ASSERT_EQ(0, shutdown(from, SHUT_WR)) {
		TH_LOG("shutdown: %m");
	}
	ASSERT_EQ(0, recv(to, &c, 1, 0));
	EXPECT_EQ(1, netns_counter("AssocsAccepted"));
	EXPECT_EQ(0, netns_counter("AssocsLost"));
}

/* A host that has two others at the same address, each behind a device. */
FIXTURE(device)
{
	const char *device[2];		/* to bind to */
	struct addr addr;
	int ns;
	int other[2];
	int listener[2];
};

FIXTURE_VARIANT(device)
{
	bool vrf;			/* there are two, of a device each */
	bool slave;			/* what is bound to is not they */
	bool l3mdev;			/* SCTP has to know of VRFs */
	const char *address[2];
	const char *listen;		/* where a listener is bound to */
};

FIXTURE_VARIANT_ADD(device, ipv4_link)
{
	.address = { "10.0.0.1/24", "10.0.0.2/24" },
	.listen = "10.0.0.1",
};

FIXTURE_VARIANT_ADD(device, ipv6_link)
{
	.address = { "fd00::1/64", "fd00::2/64" },
	.listen = "fd00::1",
};

FIXTURE_VARIANT_ADD(device, ipv4_vrf)
{
	.vrf = true,
	.address = { "10.0.0.1/24", "10.0.0.2/24" },
	.listen = "0.0.0.0",
};

FIXTURE_VARIANT_ADD(device, ipv4_vrf_mapped)
{
	.vrf = true,
	.address = { "10.0.0.1/24", "10.0.0.2/24" },
	.listen = "::",
};

FIXTURE_VARIANT_ADD(device, ipv4_vrf_specific)
{
	.vrf = true,
	.l3mdev = true,
	.address = { "10.0.0.1/24", "10.0.0.2/24" },
	.listen = "10.0.0.1",
};

FIXTURE_VARIANT_ADD(device, ipv4_slave)
{
	.vrf = true,
	.slave = true,
	.l3mdev = true,
	.address = { "10.0.0.1/24", "10.0.0.2/24" },
	.listen = "0.0.0.0",
};

FIXTURE_VARIANT_ADD(device, ipv6_vrf)
{
	.vrf = true,
	.l3mdev = true,
	.address = { "fd00::1/64", "fd00::2/64" },
	.listen = "::",
};

FIXTURE_VARIANT_ADD(device, ipv6_vrf_specific)
{
	.vrf = true,
	.l3mdev = true,
	.address = { "fd00::1/64", "fd00::2/64" },
	.listen = "fd00::1",
};

FIXTURE_VARIANT_ADD(device, ipv6_slave)
{
	.vrf = true,
	.slave = true,
	.l3mdev = true,
	.address = { "fd00::1/64", "fd00::2/64" },
	.listen = "::",
};

static int parse_prefix(struct addr *addr, const char *address, int port)
{
	char ip[64];

	snprintf(ip, sizeof(ip), "%.*s", (int)strcspn(address, "/"), address);
	return addr_parse(addr, ip, port);
}

static const char *device_name(bool vrf, int i)
{
	static const char *const names[] = { "link0", "link1", "vrf0", "vrf1" };

	return names[2 * vrf + i];
}

static int add_vrf(int ns, int i)
{
	return ns_enter(ns) ?:
	       run("ip link add vrf%d type vrf table %d", i, 10 + i) ?:
	       link_set_up(device_name(true, i), true) ?:
	       run("ip link set link%d vrf vrf%d", i, i);
}

FIXTURE_SETUP(device)
{
	char link[8];
	int i;

	self->ns = ns_new();
	ASSERT_LE(0, self->ns);
	for (i = 0; i < 2; i++) {
		self->device[i] = device_name(variant->vrf && !variant->slave,
					      i);
		self->other[i] = ns_new();
		ASSERT_LE(0, self->other[i]);
		snprintf(link, sizeof(link), "link%d", i);
		ASSERT_EQ(0, ns_link(self->ns, link, self->other[i], "eth"));
		if (variant->vrf)
			ASSERT_EQ(0, add_vrf(self->ns, i));
		ASSERT_EQ(0, ns_address(self->ns, link, variant->address[0]));
		ASSERT_EQ(0, ns_address(self->other[i], "eth",
					variant->address[1]));
		ASSERT_EQ(0, parse_prefix(&self->addr, variant->address[1],
					  PORT));
		self->listener[i] = sub_listen_at(&self->addr, 8);
		ASSERT_LE(0, self->listener[i]);
	}
}

FIXTURE_TEARDOWN(device)
{
	close(self->listener[0]);
	close(self->listener[1]);
}

static int bind_to_device(int fd, const char *name)
{
	return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, strlen(name));
}

/* As the parameter, it came with Linux 6.2.  What is of IPv4 and bound to a VRF
 * works without: to SCTP it looks like any device.
 */
static bool sctp_knows_vrf(void)
{
	return !access("/proc/sys/net/sctp/l3mdev_accept", F_OK);
}

TEST_F(device, is_where_connect_goes)
{
	int fd[2], server[2], i;

	if (variant->l3mdev && !sctp_knows_vrf())
		SKIP(return, "SCTP does not know of VRFs");
	ASSERT_EQ(0, ns_enter(self->ns));
	for (i = 0; i < 2; i++) {
		fd[i] = sub_socket(0);
		ASSERT_LE(0, fd[i]);
		ASSERT_EQ(0, bind_to_device(fd[i], self->device[i]));
		ASSERT_EQ(0, connect(fd[i], &self->addr.sa, self->addr.len)) {
			TH_LOG("connect: %m");
		}
		server[i] = sub_accept(self->listener[i]);
		ASSERT_LE(0, server[i]);
	}
	for (i = 0; i < 2; i++) {
		ASSERT_TALK(fd[i], server[i]);
		close(fd[i]);
		close(server[i]);
	}
}

/* Connects of this namespace do not wait long for an answer. */
static int fail_soon(int ns)
{
	return ns_watch_paths(ns) ?:
	       netns_sysctl("net/sctp/max_init_retransmits", 1);
}

TEST_F(device, is_where_a_listener_hears_from)
{
	struct addr addr;
	int i, fd, client, server;

	if (variant->l3mdev && !sctp_knows_vrf())
		SKIP(return, "SCTP does not know of VRFs");
	ASSERT_EQ(0, ns_enter(self->ns));
	ASSERT_EQ(0, addr_parse(&addr, variant->listen, PORT));
	fd = sub_socket(0);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, bind_to_device(fd, self->device[1]));
	ASSERT_EQ(0, bind(fd, &addr.sa, addr.len)) {
		TH_LOG("bind: %m");
	}
	ASSERT_EQ(0, listen(fd, 8));
	ASSERT_EQ(0, parse_prefix(&addr, variant->address[0], PORT));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, ns_enter(self->other[i]));
		/* What fails is not to take long; the other may. */
		if (!i)
			ASSERT_EQ(0, fail_soon(self->other[i]));
		client = sub_socket(0);
		ASSERT_LE(0, client);
		if (!i) {
			ASSERT_EQ(-1, connect(client, &addr.sa, addr.len));
			close(client);
			continue;
		}
		ASSERT_EQ(0, connect(client, &addr.sa, addr.len)) {
			TH_LOG("connect: %m");
		}
		server = sub_accept(fd);
		ASSERT_LE(0, server);
		ASSERT_TALK(client, server);
		close(client);
		close(server);
	}
	close(fd);
}

/* A packet with data that does not have the mark is lost. */
FIXTURE(mark)
{
	struct addr addr;
	int ns[2];
	int fd[2];
	int listener;
};

FIXTURE_VARIANT(mark)
{
	const char *address[2];
};

FIXTURE_VARIANT_ADD(mark, ipv4)
{
	.address = { "10.0.0.1/24", "10.0.0.2/24" },
};

FIXTURE_VARIANT_ADD(mark, ipv6)
{
	.address = { "fd00::1/64", "fd00::2/64" },
};

#define MARK	77

/* Of a packet whose first chunk is DATA. */
#define UNMARKED "meta l4proto sctp @th,96,8 0 meta mark != %d"

static int drop_unmarked_data(int ns)
{
	return ns_enter(ns) ?:
	       run("nft add table inet t ; "
		   "add chain inet t out " NFT_HOOK("output") " ; "
		   "add rule inet t out " UNMARKED " drop", MARK);
}

FIXTURE_SETUP(mark)
{
	int i;

	for (i = 0; i < 2; i++) {
		self->ns[i] = ns_new();
		ASSERT_LE(0, self->ns[i]);
		ASSERT_EQ(0, drop_unmarked_data(self->ns[i]));
	}
	ASSERT_EQ(0, ns_link(self->ns[0], "eth", self->ns[1], "eth"));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, ns_address(self->ns[i], "eth",
					variant->address[i]));
		self->fd[i] = sub_socket(0);
		ASSERT_LE(0, self->fd[i]);
	}
	self->listener = self->fd[1];
	ASSERT_EQ(0, parse_prefix(&self->addr, variant->address[1], PORT));
	ASSERT_EQ(0, bind(self->listener, &self->addr.sa, self->addr.len));
}

FIXTURE_TEARDOWN(mark)
{
	close(self->listener);
	close(self->fd[0]);
}

TEST_F(mark, is_that_of_all_packets_with_data)
{
	int i, value = MARK, server;

	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, setsockopt(self->fd[i], SOL_SOCKET, SO_MARK,
					&value, sizeof(value)));
	ASSERT_EQ(0, listen(self->listener, 8));
	ASSERT_EQ(0, connect(self->fd[0], &self->addr.sa, self->addr.len));
	server = sub_accept(self->listener);
	ASSERT_LE(0, server);
	ASSERT_TALK(self->fd[0], server);
	close(server);
}

/* ... so that one without it is seen. */
TEST_F(mark, is_missing_where_it_was_not_set)
{
	ASSERT_EQ(0, listen(self->listener, 8));
	ASSERT_EQ(0, connect(self->fd[0], &self->addr.sa, self->addr.len));
	EXPECT_EQ(0, poll_for(self->listener, POLLIN, 1000));
}

/* Link-local addresses, which are the same at two links. */

#define LL_SERVER	"fe80::2"

FIXTURE(local)
{
	struct addr addr;
	int ns;
	int other[2];
	int listener[2];
};

FIXTURE_SETUP(local)
{
	char link[8];
	int i;

	self->ns = ns_new();
	ASSERT_LE(0, self->ns);
	for (i = 0; i < 2; i++) {
		self->other[i] = ns_new();
		ASSERT_LE(0, self->other[i]);
		snprintf(link, sizeof(link), "link%d", i);
		ASSERT_EQ(0, ns_link(self->ns, link, self->other[i], "eth"));
		ASSERT_EQ(0, ns_address(self->ns, link, "fe80::1/64"));
		ASSERT_EQ(0, ns_address(self->other[i], "eth",
					LL_SERVER "/64"));
		addr_any(&self->addr, AF_INET6, PORT);
		self->listener[i] = sub_listen_at(&self->addr, 8);
		ASSERT_LE(0, self->listener[i]);
	}
	ASSERT_EQ(0, ns_enter(self->ns));
	ASSERT_EQ(0, addr_parse(&self->addr, LL_SERVER, PORT));
}

FIXTURE_TEARDOWN(local)
{
	close(self->listener[0]);
	close(self->listener[1]);
}

TEST_F(local, address_leads_where_its_scope_says)
{
	int fd[2], server[2], i;
	struct addr seen;

	for (i = 0; i < 2; i++) {
		self->addr.in6.sin6_scope_id =
			if_nametoindex(i ? "link1" : "link0");
		fd[i] = sub_connect(&self->addr);
		ASSERT_LE(0, fd[i]);
		server[i] = sub_accept(self->listener[i]);
		ASSERT_LE(0, server[i]);
		ASSERT_EQ(0, addr_remote(fd[i], &seen));
		EXPECT_TRUE(addr_same(&self->addr, &seen));
		EXPECT_EQ(self->addr.in6.sin6_scope_id,
			  seen.in6.sin6_scope_id);
		ASSERT_EQ(0, addr_local(fd[i], &seen));
		EXPECT_EQ(self->addr.in6.sin6_scope_id,
			  seen.in6.sin6_scope_id);
		ASSERT_EQ(0, addr_remote(server[i], &seen));
		EXPECT_NE(0u, seen.in6.sin6_scope_id);
	}
	EXPECT_NE(sub_assoc_id(fd[0]), sub_assoc_id(fd[1]));
	for (i = 0; i < 2; i++) {
		ASSERT_TALK(fd[i], server[i]);
		close(fd[i]);
		close(server[i]);
	}
}

TEST_F(local, address_is_that_of_an_association_to_share)
{
	int fd[2], server[2], i;

	self->addr.in6.sin6_scope_id = if_nametoindex("link1");
	for (i = 0; i < 2; i++) {
		fd[i] = sub_connect(&self->addr);
		ASSERT_LE(0, fd[i]);
		server[i] = sub_accept(self->listener[1]);
		ASSERT_LE(0, server[i]);
	}
	EXPECT_EQ(sub_assoc_id(fd[0]), sub_assoc_id(fd[1]));
	for (i = 0; i < 2; i++) {
		close(fd[i]);
		close(server[i]);
	}
}

TEST_F(local, address_needs_a_scope)
{
	int fd = sub_socket(0);

	ASSERT_LE(0, fd);
	ASSERT_ERRNO(EINVAL, connect(fd, &self->addr.sa, self->addr.len));
	ASSERT_ERRNO(EINVAL, bind(fd, &self->addr.sa, self->addr.len));
	close(fd);
}

/* As with TCP, a device will do. */
TEST_F(local, address_needs_no_scope_on_a_device)
{
	int fd, server;

	fd = sub_socket(0);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, bind_to_device(fd, "link1"));
	ASSERT_EQ(0, addr_parse(&self->addr, "fe80::1", 0));
	ASSERT_EQ(0, bind(fd, &self->addr.sa, self->addr.len)) {
		TH_LOG("bind: %m");
	}
	ASSERT_EQ(0, addr_parse(&self->addr, LL_SERVER, PORT));
	ASSERT_EQ(0, connect(fd, &self->addr.sa, self->addr.len)) {
		TH_LOG("connect: %m");
	}
	server = sub_accept(self->listener[1]);
	ASSERT_LE(0, server);
	ASSERT_TALK(fd, server);
	close(fd);
	close(server);
}

TEST_F(local, address_of_a_listener_has_a_scope)
{
	struct addr addr, seen;
	int fd, client;

	ASSERT_EQ(0, ns_enter(self->ns));
	ASSERT_EQ(0, addr_parse(&addr, "fe80::1", PORT));
	addr.in6.sin6_scope_id = if_nametoindex("link1");
	fd = sub_listen_at(&addr, 8);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, addr_local(fd, &seen));
	EXPECT_EQ(addr.in6.sin6_scope_id, seen.in6.sin6_scope_id);
	ASSERT_EQ(0, ns_enter(self->other[1]));
	addr.in6.sin6_scope_id = if_nametoindex("eth");
	client = sub_connect(&addr);
	ASSERT_LE(0, client);
	close(client);
	close(fd);
}

TEST_HARNESS_MAIN
