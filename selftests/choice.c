// SPDX-License-Identifier: GPL-2.0
/*
 * Under "wrtcsub run" with rules by which ports 6000 to 6999, and 127.0.0.2, are
 * to stay TCP: run.sh says that in several ways.
 */

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <netinet/tcp.h>

#include "lib/harness.h"

FIXTURE(choice)
{
	int fd;
};

FIXTURE_VARIANT(choice)
{
	int family;
};

FIXTURE_VARIANT_ADD(choice, ipv4)
{
	.family = AF_INET,
};

FIXTURE_VARIANT_ADD(choice, ipv6)
{
	.family = AF_INET6,
};

FIXTURE_SETUP(choice)
{
	ASSERT_EQ(0, netns_private());
	self->fd = socket(variant->family, SOCK_STREAM, 0);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(choice)
{
	close(self->fd);
}

static bool is_substream(int fd)
{
	socklen_t len = sizeof(int);
	int domain = -1;

	syscall(SYS_getsockopt, fd, SOL_SOCKET, SO_DOMAIN, &domain, &len);
	return domain == AF_WRTCSUB;
}

/* clang's analyzer knows what must not be NULL. */
static void *nowhere;

static int listen_at(int fd, const struct addr *addr)
{
	return bind(fd, &addr->sa, addr->len) ?: listen(fd, 8);
}

/* A listener at that port of this host, or -1. */
static int listener(int family, int port)
{
	struct addr addr;
	int fd;

	fd = socket(family, SOCK_STREAM, 0);
	addr_loopback(&addr, family, port);
	if (fd < 0 || listen_at(fd, &addr))
		return -1;
	return fd;
}

TEST_F(choice, a_listener_is_what_its_port_says)
{
	int sub = listener(variant->family, 5999);
	int tcp = listener(variant->family, 6000);

	ASSERT_LE(0, sub);
	ASSERT_LE(0, tcp);
	ASSERT_TRUE(is_substream(sub));
	ASSERT_FALSE(is_substream(tcp));
	ASSERT_EQ(variant->family, get_int(tcp, SOL_SOCKET, SO_DOMAIN));
	close(sub);
	close(tcp);
}

TEST_F(choice, a_listener_is_what_its_address_says)
{
	const char *ip = variant->family == AF_INET ? "127.0.0.2" :
						      "::ffff:127.0.0.2";
	struct addr addr;

	ASSERT_EQ(0, addr_parse(&addr, ip, 5000));
	ASSERT_EQ(0, listen_at(self->fd, &addr));
	ASSERT_FALSE(is_substream(self->fd));
}

TEST_F(choice, a_connection_is_what_it_leads_to)
{
	int sub = listener(variant->family, 5000);
	int tcp = listener(variant->family, 6999);
	struct addr addr;
	int fd, server;
	char c;

	ASSERT_LE(0, sub);
	ASSERT_LE(0, tcp);
	addr_loopback(&addr, variant->family, 5000);
	ASSERT_EQ(0, connect(self->fd, &addr.sa, addr.len));
	ASSERT_TRUE(is_substream(self->fd));

	fd = socket(variant->family, SOCK_STREAM, 0);
	ASSERT_LE(0, fd);
	ASSERT_TRUE(is_substream(fd));
	addr_loopback(&addr, variant->family, 6999);
	ASSERT_EQ(0, connect(fd, &addr.sa, addr.len));
	ASSERT_FALSE(is_substream(fd));
	server = accept(tcp, NULL, NULL);
	ASSERT_LE(0, server);
	ASSERT_EQ(1, write(fd, "x", 1));
	ASSERT_EQ(1, read(server, &c, 1));
	ASSERT_EQ('x', c);
	close(fd);
	close(server);
	close(sub);
	close(tcp);
}

TEST_F(choice, what_was_set_before_stays_set)
{
	int tcp = listener(variant->family, 6000);
	struct addr addr, local;
	int rcvbuf;

	ASSERT_LE(0, tcp);
	ASSERT_EQ(0, fcntl(self->fd, F_SETFD, FD_CLOEXEC));
	ASSERT_EQ(0, set_nonblock(self->fd, true));
	ASSERT_EQ(0, set_linger(self->fd, 1, 7));
	rcvbuf = 20000;
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf,
				sizeof(rcvbuf)));
	addr_loopback(&addr, variant->family, 6500);
	ASSERT_EQ(0, bind(self->fd, &addr.sa, addr.len));

	addr_loopback(&addr, variant->family, 6000);
	ASSERT_ERRNO(EINPROGRESS, connect(self->fd, &addr.sa, addr.len));
	ASSERT_FALSE(is_substream(self->fd));
	ASSERT_EQ(FD_CLOEXEC, fcntl(self->fd, F_GETFD));
	ASSERT_TRUE(fcntl(self->fd, F_GETFL) & O_NONBLOCK);
	ASSERT_EQ(1, get_int(self->fd, SOL_SOCKET, SO_LINGER));
	ASSERT_EQ(40000, get_int(self->fd, SOL_SOCKET, SO_RCVBUF));
	ASSERT_EQ(0, addr_local(self->fd, &local));
	ASSERT_EQ(6500, addr_port(&local));
	/* What was not is as TCP has it. */
	ASSERT_EQ(0, get_int(self->fd, IPPROTO_TCP, TCP_NODELAY));
	ASSERT_EQ(0, get_int(self->fd, IPPROTO_TCP, TCP_USER_TIMEOUT));
	close(tcp);
}

static int set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

/* Nobody is there to connect to, but it is TCP by then. */
static bool becomes_tcp(int fd, int family)
{
	struct addr addr;

	addr_loopback(&addr, family, 6000);
	return !set_nonblock(fd, true) &&
	       connect(fd, &addr.sa, addr.len) < 0 && !is_substream(fd);
}

/* Also if a substream has it so when nobody has set it, and if it was set by
 * another descriptor.
 */
TEST_F(choice, what_was_set_of_tcp_stays_set)
{
	int fd = dup(self->fd);
	int ms = get_int(fd, IPPROTO_TCP, TCP_USER_TIMEOUT);

	ASSERT_LT(0, ms);
	ASSERT_EQ(1, get_int(fd, IPPROTO_TCP, TCP_NODELAY));
	ASSERT_EQ(0, set(fd, IPPROTO_TCP, TCP_NODELAY, 1));
	ASSERT_EQ(0, set(fd, IPPROTO_TCP, TCP_CORK, 2));
	ASSERT_EQ(0, set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, ms));
	close(fd);
	ASSERT_TRUE(becomes_tcp(self->fd, variant->family));
	ASSERT_EQ(1, get_int(self->fd, IPPROTO_TCP, TCP_NODELAY));
	ASSERT_EQ(1, get_int(self->fd, IPPROTO_TCP, TCP_CORK));
	ASSERT_EQ(ms, get_int(self->fd, IPPROTO_TCP, TCP_USER_TIMEOUT));
}

TEST_F(choice, what_was_taken_back_of_tcp_is_as_tcp_has_it)
{
	ASSERT_EQ(0, set(self->fd, IPPROTO_TCP, TCP_NODELAY, 1));
	ASSERT_EQ(0, set(self->fd, IPPROTO_TCP, TCP_NODELAY, 0));
	ASSERT_EQ(0, set(self->fd, IPPROTO_TCP, TCP_CORK, 1));
	ASSERT_EQ(0, set(self->fd, IPPROTO_TCP, TCP_CORK, 0));
	ASSERT_EQ(0, set(self->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 1234));
	ASSERT_EQ(0, set(self->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 0));
	ASSERT_TRUE(becomes_tcp(self->fd, variant->family));
	ASSERT_EQ(0, get_int(self->fd, IPPROTO_TCP, TCP_NODELAY));
	ASSERT_EQ(0, get_int(self->fd, IPPROTO_TCP, TCP_CORK));
	ASSERT_EQ(0, get_int(self->fd, IPPROTO_TCP, TCP_USER_TIMEOUT));
}

static const struct {
	int family;
	int option;
	int value;
} of_packets[] = {
	{ AF_INET, IP_TOS, 0x20 },
	{ AF_INET, IP_TTL, 7 },
	{ AF_INET, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE },
	{ AF_INET, IP_FREEBIND, 1 },
	{ AF_INET, IP_TRANSPARENT, 1 },
	{ AF_INET6, IPV6_V6ONLY, 1 },
	{ AF_INET6, IPV6_TCLASS, 0x20 },
	{ AF_INET6, IPV6_UNICAST_HOPS, 7 },
	{ AF_INET6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE },
	{ AF_INET6, IPV6_FREEBIND, 1 },
	{ AF_INET6, IPV6_TRANSPARENT, 1 },
};

TEST_F(choice, what_was_set_of_packets_stays_set)
{
	int level = variant->family == AF_INET ? SOL_IP : SOL_IPV6;
	int fd, option, value;
	size_t i;

	for (i = 0; i < sizeof(of_packets) / sizeof(of_packets[0]); i++) {
		if (of_packets[i].family != variant->family)
			continue;
		option = of_packets[i].option;
		value = of_packets[i].value;
		fd = socket(variant->family, SOCK_STREAM, 0);
		ASSERT_LE(0, fd);
		ASSERT_NE(value, get_int(fd, level, option));
		ASSERT_EQ(0, set(fd, level, option, value));
		ASSERT_TRUE(becomes_tcp(fd, variant->family)) {
			TH_LOG("option %d", option);
		}
		ASSERT_EQ(value, get_int(fd, level, option)) {
			TH_LOG("option %d", option);
		}
		close(fd);
	}
}

TEST_F(choice, who_watches_it_goes_on_watching)
{
	struct epoll_event event = { .events = EPOLLOUT, .data.u64 = 4711 };
	int tcp = listener(variant->family, 6000);
	int other = epoll_create1(EPOLL_CLOEXEC);
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	struct addr addr;

	ASSERT_LE(0, tcp);
	ASSERT_EQ(0, epoll_ctl(epoll, EPOLL_CTL_ADD, self->fd, &event));
	ASSERT_EQ(0, set_nonblock(self->fd, true));
	addr_loopback(&addr, variant->family, 6000);
	ASSERT_ERRNO(EINPROGRESS, connect(self->fd, &addr.sa, addr.len));
	ASSERT_FALSE(is_substream(self->fd));
	event.data.u64 = 0;
	ASSERT_EQ(1, epoll_wait(epoll, &event, 1, deadline_ms()));
	ASSERT_EQ(4711ul, event.data.u64);
	ASSERT_EQ(0, get_int(self->fd, SOL_SOCKET, SO_ERROR));
	ASSERT_ERRNO(ENOENT, epoll_ctl(other, EPOLL_CTL_MOD, self->fd, &event));
	close(epoll);
	close(other);
	close(tcp);
}

TEST_F(choice, an_address_from_nowhere_is_a_bad_one)
{
	int unix_fd = socket(AF_UNIX, SOCK_STREAM, 0);

	ASSERT_ERRNO(EFAULT, connect(self->fd, nowhere, 28));
	ASSERT_TRUE(is_substream(self->fd));
	ASSERT_LE(0, unix_fd);
	ASSERT_ERRNO(EFAULT, connect(unix_fd, nowhere, 28));
	close(unix_fd);
}

TEST_F(choice, another_descriptor_goes_on_with_the_substream)
{
	int fd = dup(self->fd);

	ASSERT_LE(0, fd);
	ASSERT_TRUE(becomes_tcp(self->fd, variant->family));
	ASSERT_TRUE(is_substream(fd));
	close(fd);
}

/* The port may be free as a port of SCTP, and not as one of TCP. */
TEST_F(choice, a_port_in_use_is_told_of)
{
	int tcp = listener(variant->family, 6000);
	struct addr addr;

	ASSERT_LE(0, tcp);
	addr_loopback(&addr, variant->family, 6000);
	ASSERT_EQ(0, bind(self->fd, &addr.sa, addr.len));
	ASSERT_ERRNO(EADDRINUSE, listen(self->fd, 8));
	close(tcp);
}

TEST_HARNESS_MAIN
