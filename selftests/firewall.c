// SPDX-License-Identifier: GPL-2.0
/* The rules that wrtcsub-security.rst shows, as printed there: they let a
 * network in at one port, by SCTP and by SCTP over UDP, and eight associations
 * of each address.
 */

#include <poll.h>

#include "lib/harness.h"
#include "lib/net.h"

#define RULES		"firewall_example.nft"
#define UDP_PORT	9899
#define PORT		5000
#define COUNT		8

/* Of the network that is let in, and of another one. */
#define SERVER_IN	"192.0.2.1"
#define CLIENT_IN	"192.0.2.2"
#define OTHER_IN	"192.0.2.3"
#define SERVER_OUT	"198.51.100.1"
#define CLIENT_OUT	"198.51.100.2"

FIXTURE(firewall)
{
	int server;
	int client;
	int listener[3];
};

/* At one address each: an association of two pairs has two entries of
 * conntrack.
 */
static int listen_at(const char *ip, int port)
{
	struct addr addr;

	return addr_parse(&addr, ip, port) ? -1 : sub_listen_at(&addr, 128);
}

FIXTURE_SETUP(firewall)
{
	self->server = ns_new();
	ASSERT_LE(0, self->server);
	ASSERT_EQ(0, netns_sysctl("net/sctp/udp_port", UDP_PORT));
	self->client = ns_new();
	ASSERT_LE(0, self->client);
	ASSERT_EQ(0, netns_sysctl("net/sctp/udp_port", UDP_PORT));
	ASSERT_EQ(0, ns_link(self->client, "veth", self->server, "veth"));
	ASSERT_EQ(0, ns_address(self->server, "veth", SERVER_IN "/24"));
	ASSERT_EQ(0, ns_address(self->server, "veth", SERVER_OUT "/24"));
	ASSERT_EQ(0, ns_address(self->client, "veth", CLIENT_IN "/24"));
	ASSERT_EQ(0, ns_address(self->client, "veth", OTHER_IN "/24"));
	ASSERT_EQ(0, ns_address(self->client, "veth", CLIENT_OUT "/24"));
	ASSERT_EQ(0, ns_enter(self->server));
	/* Not each kernel has all that it takes. */
	if (run("nft add table inet t ; add chain inet t c ; "
		"add rule inet t c ct count over 1 limit rate 1/second drop ; "
		"delete table inet t"))
		SKIP(return, "no \"ct count\" or no \"limit\"");
	self->listener[0] = listen_at(SERVER_IN, PORT);
	ASSERT_LE(0, self->listener[0]);
	self->listener[1] = listen_at(SERVER_IN, PORT + 1);
	ASSERT_LE(0, self->listener[1]);
	self->listener[2] = listen_at(SERVER_OUT, PORT);
	ASSERT_LE(0, self->listener[2]);
	ASSERT_EQ(0, ns_enter(self->client));
}

FIXTURE_TEARDOWN(firewall)
{
	int i;

	for (i = 0; i < 3; i++)
		close(self->listener[i]);
	close(self->client);
	close(self->server);
}

static int load_rules(int server, int client)
{
	return ns_enter(server) ?: run("nft -f " RULES) ?: ns_enter(client);
}

/* An association of its own, over UDP if there is a port for that. */
static int reach(const char *from, const char *to, int port, int udp)
{
	struct addr local, remote;
	int fd;

	if (addr_parse(&local, from, 0) || addr_parse(&remote, to, port))
		return -1;
	fd = sub_bound(&local);
	if (fd < 0)
		return -1;
	if (!sub_set(fd, WRTCSUB_NEW_ASSOC, 1) &&
	    !sub_set(fd, WRTCSUB_ENCAP_PORT, udp) &&
	    !connect(fd, &remote.sa, remote.len))
		return fd;
	close(fd);
	return -1;
}

/* What is lost is sent again, and what comes late is waited for. */
#define ASSERT_REACHES(_from, _to, _port, _udp) do {			\
	ASSERT_EQ(0, repeat_soon());					\
	ASSERT_LE(0, reach(_from, _to, _port, _udp));			\
} while (0)

/* The answer is nothing at all, for half a second and more. */
#define ASSERT_REACHES_NOBODY(_from, _to, _port, _udp) do {		\
	ASSERT_EQ(0, repeat_soon());					\
	ASSERT_EQ(0, netns_sysctl("net/sctp/max_init_retransmits", 2));	\
	ASSERT_ERRNO(ETIMEDOUT, reach(_from, _to, _port, _udp));	\
} while (0)

TEST_F(firewall, lets_in_who_is_named)
{
	/* It is the rules that keep them out. */
	ASSERT_REACHES(CLIENT_OUT, SERVER_OUT, PORT, 0);
	ASSERT_REACHES(CLIENT_IN, SERVER_IN, PORT + 1, 0);
	ASSERT_EQ(0, load_rules(self->server, self->client));
	ASSERT_REACHES(CLIENT_IN, SERVER_IN, PORT, 0);
	ASSERT_REACHES_NOBODY(CLIENT_OUT, SERVER_OUT, PORT, 0);
	ASSERT_REACHES_NOBODY(CLIENT_OUT, SERVER_IN, PORT, 0);
	ASSERT_REACHES_NOBODY(CLIENT_IN, SERVER_IN, PORT + 1, 0);
}

/* "The UDP port opens all SCTP ports at once." */
TEST_F(firewall, lets_in_who_is_named_by_udp)
{
	ASSERT_REACHES(CLIENT_OUT, SERVER_OUT, PORT, UDP_PORT);
	ASSERT_EQ(0, load_rules(self->server, self->client));
	ASSERT_REACHES(CLIENT_IN, SERVER_IN, PORT, UDP_PORT);
	ASSERT_REACHES(CLIENT_IN, SERVER_IN, PORT + 1, UDP_PORT);
	ASSERT_REACHES_NOBODY(CLIENT_OUT, SERVER_OUT, PORT, UDP_PORT);
}

TEST_F(firewall, bounds_the_associations_of_an_address)
{
	int i;

	ASSERT_EQ(0, load_rules(self->server, self->client));
	for (i = 0; i < COUNT; i++)
		ASSERT_REACHES(CLIENT_IN, SERVER_IN, PORT, 0);
	ASSERT_REACHES_NOBODY(CLIENT_IN, SERVER_IN, PORT, 0);
	ASSERT_REACHES(OTHER_IN, SERVER_IN, PORT, 0);
}

TEST_HARNESS_MAIN
