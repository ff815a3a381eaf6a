// SPDX-License-Identifier: GPL-2.0
/* Options at SOL_SCTP that concern the association: "handed to the SCTP socket
 * underneath when set before connect or on a listener."
 */

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "lib/harness.h"
#include "lib/net.h"
#include "lib/sctp.h"

#define ABC	"05 12 03 61 62 63"
#define PORT	5000

/* What /proc/net/sctp/assocs says of an association, by the port that its
 * kernel's end has.
 */
struct assoc_line {
	unsigned int hbint;
	unsigned int ins;
	unsigned int outs;
	unsigned int maxrt;
	char addrs[128];
};

static int assoc_find(int port, struct assoc_line *assoc)
{
	FILE *file = fopen("/proc/thread-self/net/sctp/assocs", "re");
	char line[512];
	int ret = -1;
	int lport;

	if (!file)
		return -1;
	while (ret && fgets(line, sizeof(line), file)) {
		if (sscanf(line,
			   " %*s %*s %*d %*d %*d %*d %*d %*d %*d %*d %*d %d %*d %127[^<]<-> %*[^\t]%u %u %u %u",
			   &lport, assoc->addrs, &assoc->hbint, &assoc->ins,
			   &assoc->outs, &assoc->maxrt) != 6 || lport != port)
			continue;
		ret = 0;
	}
	fclose(file);
	return ret;
}

/* The greater one of the retransmission timeouts of both ends, in jiffies. */
static int greatest_rto(void)
{
	FILE *file = fopen("/proc/thread-self/net/sctp/remaddr", "re");
	char line[512];
	int rto, max = -1;

	if (!file)
		return -1;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, " %*s %*d %*d %d", &rto) == 1 && rto > max)
			max = rto;
	fclose(file);
	return max;
}

/* A kernel's end that is told something, and an exact peer. */
FIXTURE(sctpopt)
{
	struct addr addr;
	struct peer peer;
	int peer_listener;
	int fd;			/* that is told; the listener, or connects */
	int sub;		/* a substream */
	__u16 sid;
};

FIXTURE_VARIANT(sctpopt)
{
	int family;
	enum duo_side side;
	bool late;		/* after listen */
};

FIXTURE_VARIANT_ADD(sctpopt, ipv4_before_connect)
{
	.family = AF_INET,
	.side = DUO_KERNEL_CONNECTS,
};

FIXTURE_VARIANT_ADD(sctpopt, ipv6_before_connect)
{
	.family = AF_INET6,
	.side = DUO_KERNEL_CONNECTS,
};

FIXTURE_VARIANT_ADD(sctpopt, ipv4_before_listen)
{
	.family = AF_INET,
	.side = DUO_KERNEL_ACCEPTS,
};

FIXTURE_VARIANT_ADD(sctpopt, ipv6_on_a_listener)
{
	.family = AF_INET6,
	.side = DUO_KERNEL_ACCEPTS,
	.late = true,
};

FIXTURE_SETUP(sctpopt)
{
	ASSERT_EQ(0, netns_private());
	self->fd = sub_socket(0);
	ASSERT_LE(0, self->fd);
	self->peer.fd = -1;
	self->peer_listener = -1;
	self->sub = -1;
	addr_loopback(&self->addr, variant->family, PORT);
	if (variant->side == DUO_KERNEL_CONNECTS)
		return;
	ASSERT_EQ(0, bind(self->fd, &self->addr.sa, self->addr.len));
	if (variant->late)
		ASSERT_EQ(0, listen(self->fd, 5));
}

FIXTURE_TEARDOWN(sctpopt)
{
	peer_close(&self->peer);
	close(self->peer_listener);
	close(self->sub);
	close(self->fd);
}

/* The association comes up, with one substream. */
#define ASSERT_UP() do {						\
	if (variant->side == DUO_KERNEL_CONNECTS) {			\
		self->peer_listener = peer_listen(variant->family,	\
						  &self->addr, 0);	\
		ASSERT_LE(0, self->peer_listener);			\
		ASSERT_EQ(0, connect(self->fd, &self->addr.sa,		\
				     self->addr.len));			\
		ASSERT_EQ(0, peer_accept(&self->peer,			\
					 self->peer_listener));		\
		ASSERT_EQ(0, peer_answer_open(&self->peer, &self->sid)); \
		self->sub = dup(self->fd);				\
	} else {							\
		ASSERT_EQ(0, listen(self->fd, 5));			\
		ASSERT_EQ(0, peer_connect(&self->peer, &self->addr, 0)); \
		ASSERT_EQ(0, peer_open(&self->peer, 0));		\
		self->sub = sub_accept(self->fd);			\
		ASSERT_LE(0, self->sub);				\
		self->sid = 0;						\
	}								\
	ASSERT_EQ(3, write(self->sub, "abc", 3));			\
	ASSERT_EQ(0, peer_expect(&self->peer, self->sid, ABC));		\
} while (0)

#define ASSERT_FINDS(_assoc) do {					\
	struct addr __local;						\
									\
	ASSERT_EQ(0, addr_local(self->sub, &__local));			\
	ASSERT_EQ(0, assoc_find(addr_port(&__local), _assoc));		\
} while (0)

#define ASSERT_SETS(_option, _value) do {				\
	__auto_type __value = (_value);					\
									\
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SCTP, _option, __value,	\
				sizeof(*__value)));			\
} while (0)

#define ASSERT_HAS(_option, _value) do {				\
	__auto_type __value = (_value);					\
	socklen_t __len = sizeof(*__value);				\
									\
	ASSERT_EQ(0, getsockopt(self->fd, SOL_SCTP, _option, __value,	\
				&__len));				\
} while (0)

/* /proc has times in jiffies; the peer's heartbeat interval is 30 s. */
#define ASSERT_JIFFIES_TO_MS(_ms, _jiffies) do {			\
	struct assoc_line __assoc;					\
	struct addr __remote;						\
									\
	ASSERT_EQ(0, addr_remote(self->sub, &__remote));		\
	ASSERT_EQ(0, assoc_find(addr_port(&__remote), &__assoc));	\
	ASSERT_LT(0u, __assoc.hbint);					\
	*(_ms) = (_jiffies) * 30000LL / __assoc.hbint;			\
} while (0)

TEST_F(sctpopt, rtoinfo)
{
	struct sctp_rtoinfo rto = {
		.srto_initial = 7000,
		.srto_max = 7000,
		.srto_min = 6500,
	};
	struct sctp_rtoinfo is = {};
	int ms;

	/* However slow the machine is, that of the peer is less. */
	ASSERT_EQ(0, netns_sysctl("net/sctp/rto_max", 6000));
	ASSERT_HAS(SCTP_RTOINFO, &is);
	/* "RTO.Min 200 ms" */
	EXPECT_EQ(200, (int)is.srto_min);
	ASSERT_SETS(SCTP_RTOINFO, &rto);
	ASSERT_HAS(SCTP_RTOINFO, &is);
	EXPECT_EQ(7000, (int)is.srto_initial);
	EXPECT_EQ(6500, (int)is.srto_min);
	ASSERT_UP();
	/* At first the initial one, then that of the path or the least. */
	ASSERT_JIFFIES_TO_MS(&ms, greatest_rto());
	EXPECT_LE(6490, ms);
	EXPECT_GE(7010, ms);
}

TEST_F(sctpopt, initmsg)
{
	struct sctp_initmsg init = {
		.sinit_num_ostreams = 20,
		.sinit_max_instreams = 30,
	};
	struct sctp_initmsg is = {};
	struct assoc_line assoc;
	struct wrtcsub_info info;

	ASSERT_SETS(SCTP_INITMSG, &init);
	ASSERT_HAS(SCTP_INITMSG, &is);
	EXPECT_EQ(20, is.sinit_num_ostreams);
	ASSERT_UP();
	ASSERT_FINDS(&assoc);
	EXPECT_EQ(20u, assoc.outs);
	EXPECT_EQ(30u, assoc.ins);
	ASSERT_EQ(0, sub_info(self->sub, &info));
	EXPECT_EQ(20u, info.wi_assoc_out_streams);
	EXPECT_EQ(30u, info.wi_assoc_in_streams);
}

TEST_F(sctpopt, associnfo)
{
	struct sctp_assocparams params = { .sasoc_asocmaxrxt = 6 };
	struct assoc_line assoc;

	ASSERT_SETS(SCTP_ASSOCINFO, &params);
	ASSERT_UP();
	ASSERT_FINDS(&assoc);
	EXPECT_EQ(6u, assoc.maxrt);
}

TEST_F(sctpopt, peer_addr_params)
{
	struct sctp_paddrparams params = {
		.spp_hbinterval = 4321,
		.spp_flags = SPP_HB_ENABLE,
	};
	struct assoc_line assoc;
	int ms;

	ASSERT_SETS(SCTP_PEER_ADDR_PARAMS, &params);
	ASSERT_UP();
	ASSERT_FINDS(&assoc);
	ASSERT_JIFFIES_TO_MS(&ms, assoc.hbint);
	EXPECT_LE(4310, ms);
	EXPECT_GE(4332, ms);
}

/* The peer hears of it with the INIT. */
TEST_F(sctpopt, bindx)
{
	struct assoc_line assoc;
	struct addr second;

	if (variant->family != AF_INET)
		return;
	ASSERT_EQ(0, addr_parse(&second, "127.0.0.2",
				variant->side == DUO_KERNEL_CONNECTS ? 0 :
								      PORT));
	if (variant->side == DUO_KERNEL_CONNECTS) {
		addr_loopback(&self->addr, AF_INET, 0);
		ASSERT_EQ(0, bind(self->fd, &self->addr.sa, self->addr.len));
		ASSERT_EQ(0, addr_local(self->fd, &self->addr));
		second.in4.sin_port = self->addr.in4.sin_port;
	}
	ASSERT_SETS(SCTP_SOCKOPT_BINDX_ADD, &second.in4);
	ASSERT_UP();
	ASSERT_FINDS(&assoc);
	EXPECT_NE(NULL, strstr(assoc.addrs, "127.0.0.1 "));
	EXPECT_NE(NULL, strstr(assoc.addrs, "127.0.0.2 "));
}

/* It is a bind by itself. */
TEST_F(sctpopt, bindx_alone)
{
	struct addr addr, seen;

	if (variant->side == DUO_KERNEL_ACCEPTS)
		return;
	addr_loopback(&addr, variant->family, 6000);
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SCTP, SCTP_SOCKOPT_BINDX_ADD,
				&addr.ss, addr.len));
	ASSERT_EQ(0, addr_local(self->fd, &seen));
	EXPECT_TRUE(addr_same(&addr, &seen));
	ASSERT_UP();
	ASSERT_EQ(0, addr_local(self->sub, &seen));
	EXPECT_EQ(6000, addr_port(&seen));
}

TEST_F(sctpopt, bindx_alone_is_enough_for_a_listener)
{
	struct addr addr, seen;
	int fd = sub_socket(0), client;

	ASSERT_LE(0, fd);
	addr_loopback(&addr, variant->family, 6000);
	ASSERT_EQ(0, setsockopt(fd, SOL_SCTP, SCTP_SOCKOPT_BINDX_ADD, &addr.ss,
				addr.len));
	ASSERT_EQ(0, listen(fd, 5));
	ASSERT_EQ(0, addr_local(fd, &seen));
	EXPECT_TRUE(addr_same(&addr, &seen));
	client = sub_connect(&addr);
	ASSERT_LE(0, client);
	close(client);
	close(fd);
}

TEST_F(sctpopt, adaptation_layer)
{
	struct sctp_setadaptation layer = { .ssb_adaptation_ind = 0x12345678 };
	struct sctp_setadaptation is = {};

	ASSERT_SETS(SCTP_ADAPTATION_LAYER, &layer);
	ASSERT_HAS(SCTP_ADAPTATION_LAYER, &is);
	EXPECT_EQ(0x12345678u, is.ssb_adaptation_ind);
	ASSERT_UP();
}

/* "use the round-robin stream scheduler", unless another one is set */
TEST_F(sctpopt, stream_scheduler)
{
	struct sctp_assoc_value sched = { .assoc_value = SCTP_SS_FCFS };
	struct sctp_assoc_value is = { .assoc_value = 99 };

	ASSERT_HAS(SCTP_STREAM_SCHEDULER, &is);
	EXPECT_EQ(SCTP_SS_RR, (int)is.assoc_value);
	ASSERT_SETS(SCTP_STREAM_SCHEDULER, &sched);
	ASSERT_HAS(SCTP_STREAM_SCHEDULER, &is);
	EXPECT_EQ(SCTP_SS_FCFS, (int)is.assoc_value);
	ASSERT_UP();
}

TEST_F(sctpopt, maxseg)
{
	struct sctp_assoc_value maxseg = { .assoc_value = 600 };
	struct sctp_assoc_value is = {};

	ASSERT_SETS(SCTP_MAXSEG, &maxseg);
	ASSERT_HAS(SCTP_MAXSEG, &is);
	EXPECT_EQ(600u, is.assoc_value);
	ASSERT_UP();
}

/* To be read only. */
TEST_F(sctpopt, get_local_addrs)
{
	union {
		struct sctp_getaddrs addrs;
		char bytes[256];
	} value = {};
	const struct sockaddr *first = (void *)value.addrs.addrs;
	socklen_t len = sizeof(value);

	if (variant->side == DUO_KERNEL_CONNECTS)
		ASSERT_EQ(0, bind(self->fd, &self->addr.sa, self->addr.len));
	ASSERT_EQ(0, getsockopt(self->fd, SOL_SCTP, SCTP_GET_LOCAL_ADDRS,
				&value, &len));
	ASSERT_EQ(1u, value.addrs.addr_num);
	EXPECT_EQ(variant->family, first->sa_family);
	ASSERT_ERRNO(ENOPROTOOPT, setsockopt(self->fd, SOL_SCTP,
					     SCTP_GET_LOCAL_ADDRS, &value,
					     len));
}

TEST_F(sctpopt, with_values_that_are_too_long)
{
	static const char value[4097];

	ASSERT_ERRNO(EINVAL, setsockopt(self->fd, SOL_SCTP,
					SCTP_SOCKOPT_BINDX_ADD, value,
					sizeof(value)));
}

/* SCTP's own checks are those of SCTP. */
TEST_F(sctpopt, with_values_that_sctp_refuses)
{
	struct sctp_rtoinfo rto = { .srto_min = 9000, .srto_max = 100 };
	struct sctp_assoc_value sched = { .assoc_value = 1000 };

	ASSERT_ERRNO(EINVAL, setsockopt(self->fd, SOL_SCTP, SCTP_RTOINFO, &rto,
					sizeof(rto)));
	ASSERT_ERRNO(EINVAL, setsockopt(self->fd, SOL_SCTP, SCTP_RTOINFO, &rto,
					3));
	ASSERT_ERRNO(EINVAL, setsockopt(self->fd, SOL_SCTP,
					SCTP_STREAM_SCHEDULER, &sched,
					sizeof(sched)));
	ASSERT_ERRNO(EFAULT, setsockopt(self->fd, SOL_SCTP, SCTP_RTOINFO,
					(void *)8, sizeof(rto)));
	ASSERT_UP();
}

/* What a substream is made of is not the program's. */
TEST_F(sctpopt, that_do_not_concern_the_association)
{
	static const int options[] = {
		SCTP_NODELAY, SCTP_EVENTS, SCTP_EVENT, SCTP_RECVRCVINFO,
		SCTP_DEFAULT_SEND_PARAM, SCTP_DEFAULT_SNDINFO,
		SCTP_RESET_STREAMS, SCTP_RESET_ASSOC, SCTP_ADD_STREAMS,
		SCTP_ENABLE_STREAM_RESET, SCTP_RECONFIG_SUPPORTED,
		SCTP_PR_SUPPORTED, SCTP_DEFAULT_PRINFO,
		SCTP_FRAGMENT_INTERLEAVE, SCTP_PARTIAL_DELIVERY_POINT,
		SCTP_DISABLE_FRAGMENTS, SCTP_AUTOCLOSE, SCTP_REUSE_PORT,
		SCTP_PRIMARY_ADDR, SCTP_SOCKOPT_PEELOFF,
		SCTP_SOCKOPT_CONNECTX, SCTP_STREAM_SCHEDULER_VALUE, -1, 9999,
	};
	char value[256] = {};
	socklen_t len;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(options); i++) {
		ASSERT_ERRNO(ENOPROTOOPT,
			     setsockopt(self->fd, SOL_SCTP, options[i], value,
					sizeof(value)));
		len = sizeof(value);
		ASSERT_ERRNO(ENOPROTOOPT,
			     getsockopt(self->fd, SOL_SCTP, options[i], value,
					&len));
	}
	ASSERT_UP();
}

TEST_F(sctpopt, after_connect_is_eisconn)
{
	struct sctp_rtoinfo rto = { .srto_initial = 1000 };
	socklen_t len = sizeof(rto);

	ASSERT_UP();
	ASSERT_ERRNO(EISCONN, setsockopt(self->sub, SOL_SCTP, SCTP_RTOINFO,
					 &rto, sizeof(rto)));
	ASSERT_ERRNO(EISCONN, getsockopt(self->sub, SOL_SCTP, SCTP_RTOINFO,
					 &rto, &len));
}

static int count_class(int family)
{
	return run("nft add table inet class ; "
		   "add chain inet class in " NFT_HOOK("input") " ; "
		   "add rule inet class in meta l4proto sctp %s counter",
		   family == AF_INET6 ? "ip6 dscp 0x0a" : "ip dscp 0x0a");
}

static bool class_came(void)
{
	return !system("nft list table inet class | grep -q 'packets [1-9]'");
}

/* Set before, it is that of the association from the start: of a listener, that
 * of all that it takes.
 */
TEST_F(sctpopt, traffic_class_before)
{
	const bool ipv6 = variant->family == AF_INET6;
	const int option = ipv6 ? IPV6_TCLASS : IP_TOS;
	const int level = ipv6 ? IPPROTO_IPV6 : IPPROTO_IP;
	int v = 0x28;

	ASSERT_EQ(0, setsockopt(self->fd, level, option, &v, sizeof(v)));
	ASSERT_UP();
	/* With the bit that SCTP sets for ECN. */
	EXPECT_EQ(0x28 | 2, get_int(self->sub, level, option));
	/* The handshake is over. */
	ASSERT_EQ(0, count_class(variant->family));
	ASSERT_EQ(3, write(self->sub, "abc", 3));
	ASSERT_EQ(0, peer_expect(&self->peer, self->sid, ABC));
	ASSERT_TRUE(class_came());
}

static bool is_not_connected(int fd, int level, int option, int v)
{
	return setsockopt(fd, level, option, &v, sizeof(v)) &&
	       errno == ENOTCONN;
}

/* As of a TCP socket: ssh(1) sets it when it knows what a session is for.  All
 * packets of the association have it.
 */
TEST_F(sctpopt, traffic_class_at_any_time)
{
	const bool ipv6 = variant->family == AF_INET6;
	const int option = ipv6 ? IPV6_TCLASS : IP_TOS;
	const int level = ipv6 ? IPPROTO_IPV6 : IPPROTO_IP;
	struct addr addr;
	int v = 0x28, fd;
	socklen_t len;

	ASSERT_UP();
	ASSERT_EQ(0, count_class(variant->family));
	fd = sub_attached(self->sub);
	ASSERT_LE(0, fd);
	ASSERT_ERRNO(EINVAL, setsockopt(fd, level, option, &v, sizeof(v)));
	ASSERT_EQ(0, addr_remote(self->sub, &addr));
	ASSERT_EQ(0, connect(fd, &addr.sa, addr.len));
	len = sizeof(v);
	v = 1;
	ASSERT_EQ(0, getsockopt(fd, level, option, &v, &len));
	/* The bits of ECN are SCTP's own. */
	ASSERT_EQ(0, v & ~3);
	ASSERT_FALSE(class_came());

	v = 0x28;
	ASSERT_EQ(0, setsockopt(self->sub, level, option, &v, sizeof(v)));
	v = 0;
	ASSERT_EQ(0, getsockopt(fd, level, option, &v, &len));
	ASSERT_EQ(0x28, v & ~3);
	ASSERT_EQ((socklen_t)sizeof(v), len);
	ASSERT_EQ(3, write(self->sub, "abc", 3));
	ASSERT_EQ(0, peer_expect(&self->peer, self->sid, ABC));
	ASSERT_TRUE(class_came());

	len = 1;
	v = 0;
	ASSERT_EQ(0, getsockopt(fd, level, option, &v, &len));
	ASSERT_EQ(1u, len);
	len = -1;
	ASSERT_ERRNO(EINVAL, getsockopt(fd, level, option, &v, &len));
	ASSERT_ERRNO(EFAULT, getsockopt(fd, level, option, &v,
					(void *)8));
	len = sizeof(v);
	ASSERT_ERRNO(EFAULT, getsockopt(fd, level, option, (void *)8, &len));
	if (!ipv6)
		ASSERT_ERRNO(ENOPROTOOPT, getsockopt(fd, IPPROTO_IPV6,
						     IPV6_TCLASS, &v, &len));
	ASSERT_ERRNO(EISCONN, setsockopt(self->sub, IPPROTO_IP, IP_TTL, &v,
					 sizeof(v)));

	ASSERT_EQ(0, peer_abort(&self->peer));
	ASSERT_UNTIL(is_not_connected(fd, level, option, 0x28));
	len = sizeof(v);
	ASSERT_ERRNO(ENOTCONN, getsockopt(fd, level, option, &v, &len));
	close(fd);
}

TEST_F(sctpopt, of_an_attached_socket_is_einval)
{
	struct sctp_rtoinfo rto = { .srto_initial = 1000 };
	int fd;

	ASSERT_UP();
	fd = sub_attached(self->sub);
	ASSERT_LE(0, fd);
	ASSERT_ERRNO(EINVAL, setsockopt(fd, SOL_SCTP, SCTP_RTOINFO, &rto,
					sizeof(rto)));
	close(fd);
}

/* An option before bind: the address is the one that bind names. */
TEST_F(sctpopt, before_bind)
{
	struct sctp_rtoinfo rto = { .srto_initial = 1000 };
	struct addr addr, seen;
	int fd = sub_socket(0), client, server;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, setsockopt(fd, SOL_SCTP, SCTP_RTOINFO, &rto,
				sizeof(rto)));
	addr_any(&addr, variant->family, 6000);
	ASSERT_EQ(0, bind(fd, &addr.sa, addr.len));
	ASSERT_EQ(0, addr_local(fd, &seen));
	EXPECT_TRUE(addr_same(&addr, &seen));
	ASSERT_EQ(0, listen(fd, 5));
	ASSERT_EQ(0, addr_local(fd, &seen));
	EXPECT_TRUE(addr_same(&addr, &seen));
	addr_loopback(&addr, variant->family, 6000);
	client = sub_connect(&addr);
	ASSERT_LE(0, client);
	server = sub_accept(fd);
	ASSERT_LE(0, server);
	ASSERT_EQ(0, addr_local(server, &seen));
	EXPECT_TRUE(addr_same(&addr, &seen));
	close(client);
	close(server);
	close(fd);
}

/* A connect that was refused has cost the SCTP socket: the next one is where
 * bind was told.
 */
TEST_F(sctpopt, after_a_refused_connect_keep_the_address)
{
	struct sctp_rtoinfo rto = { .srto_initial = 1000 };
	struct addr local, seen;

	if (variant->side == DUO_KERNEL_ACCEPTS)
		return;
	addr_loopback(&local, variant->family, 6000);
	ASSERT_EQ(0, bind(self->fd, &local.sa, local.len));
	addr_loopback(&self->addr, variant->family, PORT);
	ASSERT_ERRNO(ECONNREFUSED, connect(self->fd, &self->addr.sa,
					   self->addr.len));
	ASSERT_SETS(SCTP_RTOINFO, &rto);
	ASSERT_UP();
	ASSERT_EQ(0, addr_local(self->sub, &seen));
	EXPECT_EQ(6000, addr_port(&seen));
}

/* One that was refused is unconnected again, also for the traffic class. */
TEST_F(sctpopt, traffic_class_after_a_refused_connect)
{
	const bool ipv6 = variant->family == AF_INET6;
	const int level = ipv6 ? IPPROTO_IPV6 : IPPROTO_IP;
	const int option = ipv6 ? IPV6_TCLASS : IP_TOS;
	int v = 0x28;

	if (variant->side == DUO_KERNEL_ACCEPTS)
		return;
	addr_loopback(&self->addr, variant->family, PORT);
	ASSERT_ERRNO(ECONNREFUSED, connect(self->fd, &self->addr.sa,
					   self->addr.len));
	ASSERT_EQ(0, get_int(self->fd, level, option) & ~3);
	ASSERT_EQ(0, setsockopt(self->fd, level, option, &v, sizeof(v)));
	ASSERT_EQ(0x28, get_int(self->fd, level, option) & ~3);
	ASSERT_UP();
	ASSERT_EQ(0x28, get_int(self->sub, level, option) & ~3);
}

/* Those that were set are lost with it: that does not go unseen. */
TEST_F(sctpopt, set_before_a_refused_connect_is_einval_after_it)
{
	struct sctp_rtoinfo rto = { .srto_initial = 1000 };
	struct addr local;
	socklen_t len = sizeof(rto);

	if (variant->side == DUO_KERNEL_ACCEPTS)
		return;
	ASSERT_SETS(SCTP_RTOINFO, &rto);
	addr_loopback(&self->addr, variant->family, PORT);
	ASSERT_ERRNO(ECONNREFUSED, connect(self->fd, &self->addr.sa,
					   self->addr.len));
	ASSERT_ERRNO(EINVAL, setsockopt(self->fd, SOL_SCTP, SCTP_RTOINFO, &rto,
					sizeof(rto)));
	ASSERT_ERRNO(EINVAL, getsockopt(self->fd, SOL_SCTP, SCTP_RTOINFO, &rto,
					&len));
	addr_loopback(&local, variant->family, 6000);
	ASSERT_ERRNO(EINVAL, bind(self->fd, &local.sa, local.len));
	ASSERT_ERRNO(EINVAL, connect(self->fd, &self->addr.sa,
				     self->addr.len));
}

/* A value in memory that is not there yet, across two pages. */
FIXTURE(fault)
{
	struct sctp_rtoinfo *rto;
	struct addr addr;
	int listener;
	size_t page;
	char *mem;
};

FIXTURE_SETUP(fault)
{
	ASSERT_EQ(0, netns_private());
	self->listener = sub_listen(AF_INET, &self->addr);
	ASSERT_LE(0, self->listener);
	self->page = sysconf(_SC_PAGESIZE);
	self->mem = mmap(NULL, 2 * self->page, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->mem);
	self->rto = (void *)(self->mem + self->page - sizeof(*self->rto) / 2);
}

FIXTURE_TEARDOWN(fault)
{
	munmap(self->mem, 2 * self->page);
	close(self->listener);
}

static long call_get_rto(struct call *call)
{
	socklen_t len = call->len;

	return getsockopt(call->fd, SOL_SCTP, SCTP_RTOINFO, call->buf, &len);
}

/* RTO.Min is ours. */
#define ASSERT_IS_RTO(_rto)	ASSERT_EQ(200u, (_rto)->srto_min)

TEST_F(fault, that_is_served_by_the_kernel)
{
	socklen_t len = sizeof(*self->rto);

	ASSERT_EQ(0, getsockopt(self->listener, SOL_SCTP, SCTP_RTOINFO,
				self->rto, &len));
	ASSERT_EQ(sizeof(*self->rto), len);
	ASSERT_IS_RTO(self->rto);
}

/* There may be more room than memory, if that is enough for the value. */
TEST_F(fault, that_is_no_error_beyond_the_value)
{
	socklen_t len = 1 << 30;

	ASSERT_EQ(0, getsockopt(self->listener, SOL_SCTP, SCTP_RTOINFO,
				self->rto, &len));
	ASSERT_EQ(sizeof(*self->rto), len);
	ASSERT_IS_RTO(self->rto);
}

TEST_F(fault, that_nobody_serves_is_efault)
{
	socklen_t len = sizeof(*self->rto);

	ASSERT_EQ(0, mprotect(self->mem + self->page, self->page, PROT_READ));
	ASSERT_ERRNO(EFAULT, getsockopt(self->listener, SOL_SCTP, SCTP_RTOINFO,
					self->rto, &len));
	ASSERT_ERRNO(EFAULT, getsockopt(self->listener, SOL_SCTP, SCTP_RTOINFO,
					(void *)8, &len));
	ASSERT_ERRNO(EFAULT, getsockopt(self->listener, SOL_SCTP, SCTP_RTOINFO,
					self->rto, (void *)8));
}

/* Faults of this memory are for whoever reads the descriptor; -1: no kernel for
 * that.
 */
static int faults_of(void *mem, size_t size)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register to = {
		.range = { .start = (unsigned long)mem, .len = size },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int fd = syscall(__NR_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return -1;
	if (!ioctl(fd, UFFDIO_API, &api) && !ioctl(fd, UFFDIO_REGISTER, &to))
		return fd;
	close(fd);
	return -1;
}

static int serve_faults(int fd, void *mem, size_t size)
{
	struct uffdio_zeropage zero = {
		.range = { .start = (unsigned long)mem, .len = size },
	};

	return ioctl(fd, UFFDIO_ZEROPAGE, &zero);
}

/* A program may take its time to serve one.  Peers do not wait for it, nor do
 * other calls on the listener.
 */
TEST_F(fault, that_is_not_served_holds_up_nobody)
{
	int uffd = faults_of(self->mem, 2 * self->page), client, server;
	struct call getter;
	socklen_t len;
	int v = 0;

	if (uffd < 0)
		SKIP(return, "no userfaultfd");
	ASSERT_EQ(0, call_start(&getter, call_get_rto, self->listener, 0,
				self->rto, sizeof(*self->rto)));
	ASSERT_EQ(POLLIN, poll_until(uffd, POLLIN));
	client = sub_socket(0);
	ASSERT_LE(0, client);
	ASSERT_EQ(0, set_timeout(client, SO_SNDTIMEO, deadline_ms()));
	ASSERT_EQ(0, connect(client, &self->addr.sa, self->addr.len));
	server = sub_accept(self->listener);
	ASSERT_LE(0, server);
	len = sizeof(v);
	ASSERT_EQ(0, getsockopt(self->listener, SOL_IP, IP_TTL, &v, &len));
	EXPECT_FALSE(call_is_done(&getter));
	ASSERT_EQ(0, serve_faults(uffd, self->mem, 2 * self->page));
	ASSERT_CALL(0, 0, &getter);
	ASSERT_IS_RTO(self->rto);
	close(uffd);
	close(client);
	close(server);
}

TEST_HARNESS_MAIN
