// SPDX-License-Identifier: GPL-2.0
/* What can be asked of a socket of AF_WRTCSUB before it is connected. */

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/un.h>

#include "lib/harness.h"

FIXTURE(socket)
{
	int fd;
};

FIXTURE_SETUP(socket)
{
	ASSERT_EQ(0, netns_private());
	self->fd = sub_socket(SOCK_CLOEXEC);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(socket)
{
	close(self->fd);
}

/* "ESOCKTNOSUPPORT: not SOCK_STREAM or SOCK_SEQPACKET." */
TEST_F(socket, has_two_types)
{
	int fd;

	fd = socket(AF_WRTCSUB, SOCK_STREAM, 0);
	ASSERT_LE(0, fd);
	EXPECT_EQ(SOCK_STREAM, get_int(fd, SOL_SOCKET, SO_TYPE));
	close(fd);
	fd = socket(AF_WRTCSUB, SOCK_SEQPACKET, 0);
	ASSERT_LE(0, fd);
	EXPECT_EQ(SOCK_SEQPACKET, get_int(fd, SOL_SOCKET, SO_TYPE));
	close(fd);
	ASSERT_ERRNO(ESOCKTNOSUPPORT, socket(AF_WRTCSUB, SOCK_DGRAM, 0));
	ASSERT_ERRNO(ESOCKTNOSUPPORT, socket(AF_WRTCSUB, SOCK_RAW, 0));
	ASSERT_ERRNO(ESOCKTNOSUPPORT, socket(AF_WRTCSUB, SOCK_RDM, 0));
}

/* "EPROTONOSUPPORT: the protocol is not 0." */
TEST_F(socket, has_one_protocol)
{
	ASSERT_ERRNO(EPROTONOSUPPORT, socket(AF_WRTCSUB, SOCK_STREAM, 1));
	ASSERT_ERRNO(EPROTONOSUPPORT,
		     socket(AF_WRTCSUB, SOCK_STREAM, IPPROTO_TCP));
	ASSERT_ERRNO(EPROTONOSUPPORT,
		     socket(AF_WRTCSUB, SOCK_STREAM, IPPROTO_SCTP));
	ASSERT_ERRNO(EPROTONOSUPPORT,
		     socket(AF_WRTCSUB, SOCK_SEQPACKET, IPPROTO_SCTP));
}

TEST_F(socket, comes_in_no_pairs)
{
	int pair[2];

	ASSERT_ERRNO(EOPNOTSUPP,
		     socketpair(AF_WRTCSUB, SOCK_STREAM, 0, pair));
}

TEST_F(socket, takes_the_flags_of_socket)
{
	int fd = socket(AF_WRTCSUB,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	ASSERT_LE(0, fd);
	EXPECT_TRUE(fcntl(fd, F_GETFL) & O_NONBLOCK);
	EXPECT_TRUE(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
}

TEST_F(socket, knows_what_it_is)
{
	EXPECT_EQ(AF_WRTCSUB, get_int(self->fd, SOL_SOCKET, SO_DOMAIN));
	EXPECT_EQ(SOCK_STREAM, get_int(self->fd, SOL_SOCKET, SO_TYPE));
	EXPECT_EQ(0, get_int(self->fd, SOL_SOCKET, SO_PROTOCOL));
	EXPECT_EQ(0, get_int(self->fd, SOL_SOCKET, SO_ERROR));
	EXPECT_EQ(0, get_int(self->fd, SOL_SOCKET, SO_ACCEPTCONN));
}

TEST_F(socket, knows_that_it_is_a_listener)
{
	struct addr addr;
	int fd = sub_listen(AF_INET, &addr);

	ASSERT_LE(0, fd);
	EXPECT_EQ(1, get_int(fd, SOL_SOCKET, SO_ACCEPTCONN));
	close(fd);
}

TEST_F(socket, needs_no_privilege)
{
	struct addr addr;
	int fd;

	ASSERT_EQ(0, setuid(65534));
	fd = sub_listen(AF_INET, &addr);
	ASSERT_LE(0, fd);
	close(fd);
}

/* Buffers and other generic options keep what they are given. */
TEST_F(socket, keeps_generic_options)
{
	static const int flags[] = { SO_REUSEADDR, SO_KEEPALIVE };
	struct timeval tv;
	struct linger linger;
	socklen_t len;
	unsigned int i;
	int value;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		value = 1;
		ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, flags[i], &value,
					sizeof(value)));
		EXPECT_EQ(1, get_int(self->fd, SOL_SOCKET, flags[i]));
	}
	value = 8192;
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_SNDBUF, &value,
				sizeof(value)));
	EXPECT_EQ(16384, get_int(self->fd, SOL_SOCKET, SO_SNDBUF));
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_RCVBUF, &value,
				sizeof(value)));
	EXPECT_EQ(16384, get_int(self->fd, SOL_SOCKET, SO_RCVBUF));
	value = 5;
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_PRIORITY, &value,
				sizeof(value)));
	EXPECT_EQ(5, get_int(self->fd, SOL_SOCKET, SO_PRIORITY));
	value = 77;
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_MARK, &value,
				sizeof(value)));
	EXPECT_EQ(77, get_int(self->fd, SOL_SOCKET, SO_MARK));
	value = 3;
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_RCVLOWAT, &value,
				sizeof(value)));
	EXPECT_EQ(3, get_int(self->fd, SOL_SOCKET, SO_RCVLOWAT));

	ASSERT_EQ(0, set_linger(self->fd, 1, 7));
	len = sizeof(linger);
	ASSERT_EQ(0, getsockopt(self->fd, SOL_SOCKET, SO_LINGER, &linger,
				&len));
	EXPECT_EQ(1, linger.l_onoff);
	EXPECT_EQ(7, linger.l_linger);
	ASSERT_EQ(0, set_timeout(self->fd, SO_RCVTIMEO, 2000));
	len = sizeof(tv);
	ASSERT_EQ(0, getsockopt(self->fd, SOL_SOCKET, SO_RCVTIMEO, &tv, &len));
	EXPECT_EQ(2, tv.tv_sec);
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_BINDTODEVICE, "lo",
				3));
}

TEST_F(socket, refuses_unknown_options)
{
	int value = 1;
	socklen_t len = sizeof(value);

	ASSERT_ERRNO(ENOPROTOOPT, setsockopt(self->fd, SOL_WRTCSUB, 9999,
					     &value, sizeof(value)));
	ASSERT_ERRNO(ENOPROTOOPT, getsockopt(self->fd, SOL_WRTCSUB, 9999,
					     &value, &len));
	ASSERT_ERRNO(ENOPROTOOPT, setsockopt(self->fd, SOL_SOCKET, 9999,
					     &value, sizeof(value)));
}

/* "ENOTCONN cases as TCP" */
TEST_F(socket, is_not_connected)
{
	struct addr addr;
	char c;

	EXPECT_EQ(POLLOUT | POLLHUP, poll_now(self->fd, POLLIN | POLLOUT));
	ASSERT_ERRNO(ENOTCONN, addr_remote(self->fd, &addr));
	ASSERT_ERRNO(ENOTCONN, recv(self->fd, &c, 1, 0));
	ASSERT_ERRNO(ENOTCONN, recv(self->fd, &c, 1, MSG_DONTWAIT));
	ASSERT_ERRNO(ENOTCONN, shutdown(self->fd, SHUT_WR));
	ASSERT_ERRNO(ENOTCONN, shutdown(self->fd, SHUT_RD));
	ASSERT_ERRNO(ENOTCONN, shutdown(self->fd, SHUT_RDWR));
	ASSERT_ERRNO(EPIPE, send(self->fd, "x", 1, MSG_NOSIGNAL));
	ASSERT_ERRNO(EINVAL, accept(self->fd, NULL, NULL));
}

TEST_F(socket, that_listens_is_not_connected)
{
	struct addr addr, remote;
	int fd = sub_listen(AF_INET, &addr);
	char c;

	ASSERT_LE(0, fd);
	ASSERT_ERRNO(ENOTCONN, addr_remote(fd, &remote));
	ASSERT_ERRNO(ENOTCONN, recv(fd, &c, 1, MSG_DONTWAIT));
	ASSERT_ERRNO(EPIPE, send(fd, "x", 1, MSG_NOSIGNAL));
	ASSERT_ERRNO(EISCONN, connect(fd, &addr.sa, addr.len));
	close(fd);
}

TEST_F(socket, that_listens_has_no_queues_to_ask_for)
{
	struct addr addr;
	int fd = sub_listen(AF_INET, &addr);
	int n;

	ASSERT_LE(0, fd);
	ASSERT_ERRNO(EINVAL, ioctl(fd, FIONREAD, &n));
	ASSERT_ERRNO(EINVAL, ioctl(fd, SIOCOUTQ, &n));
	ASSERT_ERRNO(EINVAL, ioctl(fd, SIOCOUTQNSD, &n));
	close(fd);
}

TEST_F(socket, that_listens_can_change_its_backlog)
{
	struct addr addr;
	int fd = sub_listen(AF_INET, &addr);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, listen(fd, 1));
	ASSERT_EQ(0, listen(fd, 1000));
	ASSERT_EQ(0, listen(fd, -1));
	close(fd);
}

TEST_F(socket, is_not_a_file_to_seek_or_map)
{
	ASSERT_ERRNO(ESPIPE, lseek(self->fd, 0, SEEK_SET));
}

/* Addresses: "Addresses are plain struct sockaddr_in and sockaddr_in6". */

FIXTURE(bind)
{
	int fd;
};

FIXTURE_VARIANT(bind)
{
	int family;
	const char *foreign;
};

FIXTURE_VARIANT_ADD(bind, ipv4)
{
	.family = AF_INET,
	.foreign = "203.0.113.5",
};

FIXTURE_VARIANT_ADD(bind, ipv6)
{
	.family = AF_INET6,
	.foreign = "2001:db8:5::1",
};

FIXTURE_SETUP(bind)
{
	ASSERT_EQ(0, netns_private());
	self->fd = sub_socket(SOCK_CLOEXEC);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(bind)
{
	close(self->fd);
}

TEST_F(bind, port_0_is_any_free_one)
{
	struct addr addr, first, second;
	int fd;

	addr_loopback(&addr, variant->family, 0);
	ASSERT_EQ(0, bind(self->fd, &addr.sa, addr.len));
	ASSERT_EQ(0, addr_local(self->fd, &first));
	EXPECT_LT(0, addr_port(&first));
	addr_loopback(&addr, variant->family, addr_port(&first));
	EXPECT_TRUE(addr_same(&addr, &first));
	ASSERT_EQ(0, listen(self->fd, 5));

	fd = sub_listen(variant->family, &second);
	ASSERT_LE(0, fd);
	EXPECT_NE(addr_port(&first), addr_port(&second));
	close(fd);
}

TEST_F(bind, keeps_address_and_port)
{
	struct addr addr, seen;

	addr_loopback(&addr, variant->family, 5000);
	ASSERT_EQ(0, bind(self->fd, &addr.sa, addr.len));
	ASSERT_EQ(0, addr_local(self->fd, &seen));
	EXPECT_TRUE(addr_same(&addr, &seen));
}

TEST_F(bind, any_address_can_be_connected_to)
{
	struct addr any, loopback, seen;
	int fd, accepted;

	addr_any(&any, variant->family, 5000);
	ASSERT_EQ(0, bind(self->fd, &any.sa, any.len));
	ASSERT_EQ(0, listen(self->fd, 5));
	ASSERT_EQ(0, addr_local(self->fd, &seen));
	EXPECT_TRUE(addr_same(&any, &seen));
	addr_loopback(&loopback, variant->family, 5000);
	fd = sub_connect(&loopback);
	ASSERT_LE(0, fd);
	accepted = sub_accept(self->fd);
	ASSERT_LE(0, accepted);
	ASSERT_EQ(0, addr_local(accepted, &seen));
	EXPECT_TRUE(addr_same(&loopback, &seen));
	close(accepted);
	close(fd);
}

/* listen(2) takes a port where bind did not, as with TCP. */
TEST_F(bind, left_out_is_any_port)
{
	struct addr seen, loopback;
	int fd, accepted;

	ASSERT_EQ(0, listen(self->fd, 5));
	ASSERT_EQ(0, addr_local(self->fd, &seen));
	EXPECT_EQ(AF_INET, seen.sa.sa_family);
	ASSERT_LT(0, addr_port(&seen));
	addr_loopback(&loopback, AF_INET, addr_port(&seen));
	fd = sub_connect(&loopback);
	ASSERT_LE(0, fd);
	accepted = sub_accept(self->fd);
	ASSERT_LE(0, accepted);
	close(accepted);
	close(fd);
}

/* To connect to no host is to connect to this one, as with TCP. */
TEST_F(bind, is_what_connect_to_any_address_finds)
{
	struct addr any, loopback, seen;
	int fd;

	addr_loopback(&loopback, variant->family, 5000);
	ASSERT_EQ(0, bind(self->fd, &loopback.sa, loopback.len));
	ASSERT_EQ(0, listen(self->fd, 5));
	addr_any(&any, variant->family, 5000);
	fd = sub_connect(&any);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, addr_remote(fd, &seen));
	EXPECT_TRUE(addr_same(&loopback, &seen));
	close(fd);
}

/* Options before bind(2) make the SCTP socket, and not yet its family. */
TEST_F(bind, may_follow_options_of_either_family)
{
	int tos = 0x20, fd, accepted, i;
	struct addr addr;

	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, netns_sysctl("net/ipv6/bindv6only", i));
		fd = sub_socket(SOCK_CLOEXEC);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, setsockopt(fd, IPPROTO_IP, IP_TOS, &tos,
					sizeof(tos)));
		addr_loopback(&addr, variant->family, 5000 + i);
		ASSERT_EQ(0, bind(fd, &addr.sa, addr.len));
		ASSERT_EQ(0, listen(fd, 5));
		accepted = sub_connect(&addr);
		ASSERT_LE(0, accepted);
		close(accepted);
		close(fd);

		/* So may a connect, and a listen. */
		fd = sub_socket(SOCK_CLOEXEC);
		ASSERT_EQ(0, setsockopt(fd, IPPROTO_IP, IP_TOS, &tos,
					sizeof(tos)));
		ASSERT_EQ(0, listen(fd, 5));
		close(fd);
		fd = sub_socket(SOCK_CLOEXEC);
		ASSERT_EQ(0, setsockopt(fd, IPPROTO_IP, IP_TOS, &tos,
					sizeof(tos)));
		ASSERT_ERRNO(ECONNREFUSED, connect(fd, &addr.sa, addr.len));
		close(fd);
	}
}

TEST_F(bind, twice_is_an_error)
{
	struct addr addr;

	addr_loopback(&addr, variant->family, 5000);
	ASSERT_EQ(0, bind(self->fd, &addr.sa, addr.len));
	addr_loopback(&addr, variant->family, 5001);
	ASSERT_ERRNO(EINVAL, bind(self->fd, &addr.sa, addr.len));
}

TEST_F(bind, to_a_port_in_use_is_eaddrinuse)
{
	struct addr addr;
	int fd = sub_listen(variant->family, &addr);

	ASSERT_LE(0, fd);
	ASSERT_ERRNO(EADDRINUSE, bind(self->fd, &addr.sa, addr.len));
	close(fd);
	/* Free again, without delay. */
	ASSERT_EQ(0, bind(self->fd, &addr.sa, addr.len));
	ASSERT_EQ(0, listen(self->fd, 5));
}

/* Of listeners that all have SO_REUSEPORT each gets some associations. */
TEST_F(bind, to_a_port_in_use_works_with_so_reuseport)
{
	struct addr addr;
	int fd, on = 1;

	/* An older kernel does not ask the family what it thinks. */
	if (setsockopt(self->fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) &&
	    errno == EOPNOTSUPP)
		SKIP(return, "SO_REUSEPORT is for inet sockets only here");
	EXPECT_EQ(1, get_int(self->fd, SOL_SOCKET, SO_REUSEPORT));
	ASSERT_ERRNO(EINVAL, setsockopt(self->fd, SOL_SOCKET, SO_REUSEPORT,
					&on, sizeof(on) - 1));
	ASSERT_ERRNO(EFAULT, setsockopt(self->fd, SOL_SOCKET, SO_REUSEPORT,
					(void *)8, sizeof(on)));
	addr_loopback(&addr, variant->family, 5000);
	ASSERT_EQ(0, bind(self->fd, &addr.sa, addr.len));
	ASSERT_EQ(0, listen(self->fd, 5));
	fd = sub_socket(0);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on,
				sizeof(on)));
	ASSERT_EQ(0, bind(fd, &addr.sa, addr.len));
	ASSERT_EQ(0, listen(fd, 5));
	close(fd);
	fd = sub_socket(0);
	ASSERT_LE(0, fd);
	ASSERT_ERRNO(EADDRINUSE, bind(fd, &addr.sa, addr.len));
	close(fd);
}

/* sin6_scope_id is the field that RFC 2133 did not have. */
TEST_F(bind, takes_an_address_without_its_last_field)
{
	struct addr addr, is;

	addr_loopback(&addr, variant->family, 5000);
	ASSERT_ERRNO(EINVAL, bind(self->fd, &addr.sa, 15));
	if (variant->family == AF_INET6) {
		ASSERT_ERRNO(EINVAL, bind(self->fd, &addr.sa, 23));
		ASSERT_EQ(0, bind(self->fd, &addr.sa, 24));
	} else {
		ASSERT_EQ(0, bind(self->fd, &addr.sa, 16));
	}
	ASSERT_EQ(0, addr_local(self->fd, &is));
	EXPECT_TRUE(addr_same(&addr, &is));
}

TEST_F(bind, to_a_port_under_1024_needs_a_capability)
{
	struct addr addr;

	ASSERT_EQ(0, drop_capability(CAP_NET_BIND_SERVICE));
	addr_loopback(&addr, variant->family, 1023);
	ASSERT_ERRNO(EACCES, bind(self->fd, &addr.sa, addr.len));
	addr_loopback(&addr, variant->family, 1024);
	ASSERT_EQ(0, bind(self->fd, &addr.sa, addr.len));
}

TEST_F(bind, to_a_port_under_1024_works_with_the_capability)
{
	struct addr addr;

	addr_loopback(&addr, variant->family, 1023);
	ASSERT_EQ(0, bind(self->fd, &addr.sa, addr.len));
	ASSERT_EQ(0, listen(self->fd, 5));
}

TEST_F(bind, to_an_address_of_another_host_is_eaddrnotavail)
{
	struct addr addr;

	ASSERT_EQ(0, addr_parse(&addr, variant->foreign, 5000));
	ASSERT_ERRNO(EADDRNOTAVAIL, bind(self->fd, &addr.sa, addr.len));
}

TEST_F(bind, wants_the_whole_address)
{
	struct addr addr;

	addr_loopback(&addr, variant->family, 5000);
	ASSERT_ERRNO(EINVAL, bind(self->fd, &addr.sa, 0));
	ASSERT_ERRNO(EINVAL, bind(self->fd, &addr.sa, 2));
	ASSERT_ERRNO(EINVAL, bind(self->fd, &addr.sa, 8));
	ASSERT_ERRNO(EINVAL, connect(self->fd, &addr.sa, 0));
	ASSERT_ERRNO(EINVAL, connect(self->fd, &addr.sa, 8));
	ASSERT_EQ(0, bind(self->fd, &addr.sa, addr.len));
}

TEST_F(bind, wants_an_internet_address)
{
	struct addr addr;

	addr_loopback(&addr, variant->family, 5000);
	addr.sa.sa_family = AF_UNIX;
	ASSERT_ERRNO(EAFNOSUPPORT, bind(self->fd, &addr.sa, addr.len));
	ASSERT_ERRNO(EAFNOSUPPORT, connect(self->fd, &addr.sa, addr.len));
	addr.sa.sa_family = AF_WRTCSUB;
	ASSERT_ERRNO(EAFNOSUPPORT, bind(self->fd, &addr.sa, addr.len));
	ASSERT_ERRNO(EAFNOSUPPORT, connect(self->fd, &addr.sa, addr.len));
}

TEST_F(bind, of_a_client_is_its_local_address)
{
	struct addr addr, local, seen;
	int listener = sub_listen(variant->family, &addr);
	int accepted;

	ASSERT_LE(0, listener);
	addr_loopback(&local, variant->family, 6000);
	ASSERT_EQ(0, bind(self->fd, &local.sa, local.len));
	ASSERT_EQ(0, connect(self->fd, &addr.sa, addr.len));
	accepted = sub_accept(listener);
	ASSERT_LE(0, accepted);
	ASSERT_EQ(0, addr_remote(accepted, &seen));
	EXPECT_TRUE(addr_same(&local, &seen));
	close(accepted);
	close(listener);
}

TEST_HARNESS_MAIN
