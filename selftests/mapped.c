// SPDX-License-Identifier: GPL-2.0
/* IPv4 addresses in the form of IPv6, ::ffff:a.b.c.d: another way to write
 * them, and what a program that writes them so is told, too.
 */

#include "lib/harness.h"
#include "lib/sctp.h"

#define PORT	5000

static void addr_mapped(struct addr *addr, const char *ip, int port)
{
	char text[64];

	snprintf(text, sizeof(text), "::ffff:%s", ip);
	if (addr_parse(addr, text, port))
		abort();
}

FIXTURE(mapped)
{
	struct addr plain;
	struct addr mapped;
	int listener;
};

FIXTURE_SETUP(mapped)
{
	ASSERT_EQ(0, netns_private());
	addr_loopback(&self->plain, AF_INET, PORT);
	addr_mapped(&self->mapped, "127.0.0.1", PORT);
	self->listener = sub_listen_at(&self->plain, 10);
	ASSERT_LE(0, self->listener);
}

FIXTURE_TEARDOWN(mapped)
{
	close(self->listener);
}

TEST_F(mapped, is_the_same_peer)
{
	int fd[4], i;

	for (i = 0; i < 4; i++) {
		fd[i] = sub_connect(i % 2 ? &self->mapped : &self->plain);
		ASSERT_LE(0, fd[i]);
		EXPECT_EQ(sub_assoc_id(fd[0]), sub_assoc_id(fd[i]));
	}
	for (i = 0; i < 4; i++)
		close(fd[i]);
}

TEST_F(mapped, first_is_the_same_peer)
{
	int one = sub_connect(&self->mapped), two = sub_connect(&self->plain);

	ASSERT_LE(0, one);
	ASSERT_LE(0, two);
	EXPECT_EQ(sub_assoc_id(one), sub_assoc_id(two));
	close(one);
	close(two);
}

/* Names come in the family that the program uses. */
TEST_F(mapped, names_are_mapped_for_who_uses_them)
{
	struct addr local, remote, seen;
	int one, two, server;

	one = sub_connect(&self->plain);
	ASSERT_LE(0, one);
	two = sub_connect(&self->mapped);
	ASSERT_LE(0, two);
	ASSERT_EQ(0, addr_local(one, &local));
	EXPECT_EQ(AF_INET, local.sa.sa_family);
	ASSERT_EQ(0, addr_remote(one, &remote));
	EXPECT_TRUE(addr_same(&self->plain, &remote));

	ASSERT_EQ(0, addr_remote(two, &seen));
	EXPECT_TRUE(addr_same(&self->mapped, &seen));
	ASSERT_EQ(0, addr_local(two, &seen));
	addr_mapped(&remote, "127.0.0.1", addr_port(&local));
	EXPECT_TRUE(addr_same(&remote, &seen));

	/* The listener has not used any. */
	server = sub_accept(self->listener);
	ASSERT_LE(0, server);
	ASSERT_EQ(0, addr_remote(server, &seen));
	EXPECT_TRUE(addr_same(&local, &seen));
	close(one);
	close(two);
	close(server);
}

TEST_F(mapped, listener_is_found_by_both)
{
	struct addr plain, mapped, seen;
	int listener, fd, server;

	addr_loopback(&plain, AF_INET, 6000);
	addr_mapped(&mapped, "127.0.0.1", 6000);
	listener = sub_listen_at(&mapped, 10);
	ASSERT_LE(0, listener);
	ASSERT_EQ(0, addr_local(listener, &seen));
	EXPECT_TRUE(addr_same(&mapped, &seen));
	fd = sub_connect(&plain);
	ASSERT_LE(0, fd);
	seen.len = sizeof(seen.ss);
	server = accept(listener, &seen.sa, &seen.len);
	ASSERT_LE(0, server);
	EXPECT_EQ(AF_INET6, seen.sa.sa_family);
	EXPECT_TRUE(IN6_IS_ADDR_V4MAPPED(&seen.in6.sin6_addr));
	ASSERT_EQ(0, addr_local(server, &seen));
	EXPECT_TRUE(addr_same(&mapped, &seen));
	close(fd);
	close(server);
	close(listener);
}

/* ipv6(7): IPV6_V6ONLY, and net.ipv6.bindv6only for those that do not say. */
TEST(bindv6only_is_for_those_that_do_not_say)
{
	static const struct {
		int sysctl;
		int option;		/* -1: left out, -2: another one is set */
		bool takes_ipv4;
	} row[] = {
		{ 0, -1, true }, { 1, -1, false }, { 0, -2, true },
		{ 1, -2, false }, { 0, 0, true }, { 1, 0, true },
		{ 0, 1, false }, { 1, 1, false },
	};
	struct addr any, ipv4;
	size_t i;
	int fd, hops = 9;

	ASSERT_EQ(0, netns_private());
	for (i = 0; i < ARRAY_SIZE(row); i++) {
		ASSERT_EQ(0, netns_sysctl("net/ipv6/bindv6only",
					  row[i].sysctl));
		fd = sub_socket(SOCK_CLOEXEC);
		ASSERT_LE(0, fd);
		if (row[i].option >= 0)
			ASSERT_EQ(0, setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY,
						&row[i].option, sizeof(int)));
		if (row[i].option == -2)
			ASSERT_EQ(0, setsockopt(fd, IPPROTO_IPV6,
						IPV6_UNICAST_HOPS, &hops,
						sizeof(hops)));
		addr_any(&any, AF_INET6, 5000 + i);
		ASSERT_EQ(0, bind(fd, &any.sa, any.len));
		ASSERT_EQ(0, listen(fd, 5));
		addr_loopback(&ipv4, AF_INET, 5000 + i);
		EXPECT_EQ(row[i].takes_ipv4, sub_connect(&ipv4) >= 0) {
			TH_LOG("row %zu", i);
		}
		close(fd);
	}
}

/* As of TCP: a listener at :: takes IPv4, and sees it mapped. */
TEST_F(mapped, listener_of_any_address_takes_ipv4)
{
	struct addr any, plain, seen;
	int listener, fd, server;

	addr_any(&any, AF_INET6, 6000);
	listener = sub_listen_at(&any, 10);
	ASSERT_LE(0, listener);
	addr_loopback(&plain, AF_INET, 6000);
	fd = sub_connect(&plain);
	ASSERT_LE(0, fd);
	server = sub_accept(listener);
	ASSERT_LE(0, server);
	ASSERT_EQ(0, addr_local(server, &seen));
	addr_mapped(&plain, "127.0.0.1", 6000);
	EXPECT_TRUE(addr_same(&plain, &seen));
	close(fd);
	close(server);
	close(listener);
}

TEST_F(mapped, listener_of_any_address_hands_ip_tos_down)
{
	int listener, fd, server, tos = 0x28;
	struct addr any, plain;

	addr_any(&any, AF_INET6, 6000);
	listener = sub_listen_at(&any, 10);
	ASSERT_LE(0, listener);
	ASSERT_EQ(0, setsockopt(listener, IPPROTO_IP, IP_TOS, &tos,
				sizeof(tos)));
	addr_loopback(&plain, AF_INET, 6000);
	fd = sub_connect(&plain);
	ASSERT_LE(0, fd);
	server = sub_accept(listener);
	ASSERT_LE(0, server);
	/* With the bit that SCTP sets for ECN. */
	EXPECT_EQ(tos | 2, get_int(server, IPPROTO_IP, IP_TOS));
	close(fd);
	close(server);
	close(listener);
}

/* "with the same local binding": the two forms are the same one. */
TEST_F(mapped, binding_is_the_same)
{
	struct addr plain, mapped, seen;
	int fd[2], i, on = 1;

	addr_loopback(&plain, AF_INET, 6000);
	addr_mapped(&mapped, "127.0.0.1", 6000);
	for (i = 0; i < 2; i++) {
		fd[i] = sub_socket(0);
		ASSERT_LE(0, fd[i]);
		ASSERT_EQ(0, setsockopt(fd[i], SOL_SOCKET, SO_REUSEADDR, &on,
					sizeof(on)));
		ASSERT_EQ(0, bind(fd[i], i ? &mapped.sa : &plain.sa,
				  i ? mapped.len : plain.len));
		ASSERT_EQ(0, addr_local(fd[i], &seen));
		EXPECT_TRUE(addr_same(i ? &mapped : &plain, &seen));
		ASSERT_EQ(0, connect(fd[i], &self->plain.sa,
				     self->plain.len));
	}
	EXPECT_EQ(sub_assoc_id(fd[0]), sub_assoc_id(fd[1]));
	close(fd[0]);
	close(fd[1]);
}

/* A socket that is bound, which does not wait if connect(2) goes on. */
static int bound_to(const char *ip, int port)
{
	struct addr local;
	int fd;

	if (addr_parse(&local, ip, port))
		abort();
	fd = sub_bound(&local);
	return fd < 0 || set_nonblock(fd, true) ? -1 : fd;
}

/* "EINVAL: not of the family that is bound", in whatever form, and at once. */
TEST(mapped_or_not_is_of_the_family_that_is_bound)
{
	static const struct {
		const char *local;
		const char *other;
		const char *same;
	} row[] = {
		{ "::1", "127.0.0.1", "::1" },
		{ "::1", "::ffff:127.0.0.1", "::1" },
		{ "127.0.0.1", "::1", "::ffff:127.0.0.1" },
		{ "::ffff:127.0.0.1", "::1", "127.0.0.1" },
		{ "::ffff:127.0.0.1", "::1", "::ffff:127.0.0.1" },
	};
	struct addr any, other, same;
	int listener, fd;
	size_t i;

	ASSERT_EQ(0, netns_private());
	addr_any(&any, AF_INET6, PORT);
	listener = sub_listen_at(&any, 10);
	ASSERT_LE(0, listener);
	for (i = 0; i < ARRAY_SIZE(row); i++) {
		TH_LOG("from %s to %s", row[i].local, row[i].other);
		fd = bound_to(row[i].local, 6000 + i);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, addr_parse(&other, row[i].other, PORT));
		ASSERT_ERRNO(EINVAL, connect(fd, &other.sa, other.len));
		ASSERT_EQ(0, addr_parse(&same, row[i].same, PORT));
		ASSERT_EQ(0, set_nonblock(fd, false));
		ASSERT_EQ(0, connect(fd, &same.sa, same.len));
		close(fd);
	}
	close(listener);
}

/* What failed at once has changed nothing. */
TEST(mapped_or_not_names_stay_after_a_connect_that_failed)
{
	static const char * const row[][2] = {
		{ "127.0.0.1", "::1" },
		{ "::1", "127.0.0.1" },
		{ "::ffff:127.0.0.1", "::1" },
	};
	struct addr to, before, after;
	size_t i;
	int fd;

	ASSERT_EQ(0, netns_private());
	for (i = 0; i < ARRAY_SIZE(row); i++) {
		fd = bound_to(row[i][0], 6000);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, addr_local(fd, &before));
		ASSERT_EQ(0, addr_parse(&to, row[i][1], PORT));
		ASSERT_ERRNO(EINVAL, connect(fd, &to.sa, to.len));
		ASSERT_EQ(0, addr_local(fd, &after));
		EXPECT_TRUE(addr_same(&before, &after)) {
			TH_LOG("from %s to %s", row[i][0], row[i][1]);
		}
		close(fd);
	}
}

/* One may be bound to both. */
TEST(mapped_or_not_is_of_a_family_that_is_bound_as_well)
{
	struct addr any, second, to;
	int listener, fd;

	ASSERT_EQ(0, netns_private());
	addr_any(&any, AF_INET6, PORT);
	listener = sub_listen_at(&any, 10);
	ASSERT_LE(0, listener);
	fd = bound_to("::1", 6000);
	ASSERT_LE(0, fd);
	addr_loopback(&second, AF_INET, 6000);
	ASSERT_EQ(0, setsockopt(fd, SOL_SCTP, SCTP_SOCKOPT_BINDX_ADD,
				&second.in4, sizeof(second.in4)));
	ASSERT_EQ(0, set_nonblock(fd, false));
	addr_loopback(&to, AF_INET, PORT);
	ASSERT_EQ(0, connect(fd, &to.sa, to.len));
	close(fd);
	close(listener);
}

TEST_F(mapped, is_one_of_an_attached_peer)
{
	int one = sub_connect(&self->plain), two;

	ASSERT_LE(0, one);
	two = sub_attached(one);
	ASSERT_LE(0, two);
	ASSERT_EQ(0, connect(two, &self->mapped.sa, self->mapped.len));
	EXPECT_EQ(sub_assoc_id(one), sub_assoc_id(two));
	close(one);
	close(two);
}

TEST_F(mapped, any_is_oneself)
{
	struct addr any, seen;
	int fd;

	addr_mapped(&any, "0.0.0.0", PORT);
	fd = sub_connect(&any);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, addr_remote(fd, &seen));
	EXPECT_TRUE(addr_same(&self->mapped, &seen));
	close(fd);
}

TEST_HARNESS_MAIN
