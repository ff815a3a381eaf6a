// SPDX-License-Identifier: GPL-2.0
/* /proc/net/wrtcsub: a line for each socket of the namespace, whose columns are
 * what the socket itself says.
 */

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "lib/harness.h"

#define HEADING	"st tx rx assoc stream rx_queue tx_queue uid inode local peer\n"
#define ABC	"05 12 03 61 62 63"

struct line {
	unsigned int st, tx, rx, assoc, stream, rx_queue, tx_queue, uid;
	unsigned long inode;
	char local[64], peer[64];
};

static unsigned long inode_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) ? 0 : st.st_ino;
}

/* The line with this inode; of those that have none, 0, the last.
 * Return: how many there are, -1 if the list is not as it should be.
 */
static int find_line(unsigned long inode, struct line *found)
{
	struct line line;
	char text[256];
	FILE *file;
	int nr = 0;

	file = fopen("/proc/thread-self/net/wrtcsub", "re");
	if (!file)
		return -1;
	if (!fgets(text, sizeof(text), file) || strcmp(text, HEADING))
		nr = -1;
	while (nr >= 0 && fgets(text, sizeof(text), file)) {
		if (sscanf(text, "%x %x %x %u %u %u %u %u %lu %63s %63s",
			   &line.st, &line.tx, &line.rx, &line.assoc,
			   &line.stream, &line.rx_queue, &line.tx_queue,
			   &line.uid, &line.inode, line.local,
			   line.peer) != 11) {
			fprintf(stderr, "# not a line: %s", text);
			nr = -1;
		} else if (line.inode == inode) {
			*found = line;
			nr++;
		}
	}
	fclose(file);
	return nr;
}

/* As the list has it: 127.0.0.1:5000, [::1]:5000 */
static bool is_addr(const char *text, const struct addr *addr)
{
	char ip[INET6_ADDRSTRLEN], want[64];

	if (addr->sa.sa_family == AF_INET)
		inet_ntop(AF_INET, &addr->in4.sin_addr, ip, sizeof(ip));
	else
		inet_ntop(AF_INET6, &addr->in6.sin6_addr, ip, sizeof(ip));
	snprintf(want, sizeof(want), addr->sa.sa_family == AF_INET ? "%s:%d" :
		 "[%s]:%d", ip, addr_port(addr));
	if (!strcmp(text, want))
		return true;
	fprintf(stderr, "# %s, not %s\n", text, want);
	return false;
}

FIXTURE(proc)
{
	struct duo duo;
	struct peer *peer;
	struct line line;
	struct wrtcsub_info info;
	__u16 sid;
	int fd;
};

FIXTURE_VARIANT(proc)
{
	int family;
	enum duo_side side;
};

FIXTURE_VARIANT_ADD(proc, ipv4_connected)
{
	.family = AF_INET,
	.side = DUO_KERNEL_CONNECTS,
};

FIXTURE_VARIANT_ADD(proc, ipv6_accepted)
{
	.family = AF_INET6,
	.side = DUO_KERNEL_ACCEPTS,
};

FIXTURE_SETUP(proc)
{
	ASSERT_EQ(0, netns_private());
	/* Even a machine that stalls acknowledges a FIN in time. */
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/fin_ack_timeout_ms", 60000));
	ASSERT_EQ(0, duo_open(&self->duo, variant->family, variant->side,
			      65536));
	self->peer = &self->duo.peer;
	self->sid = self->duo.sid;
	self->fd = self->duo.fd;
}

FIXTURE_TEARDOWN(proc)
{
	duo_close(&self->duo);
}

#define ASSERT_LINE(_fd)						\
	ASSERT_EQ(1, find_line(inode_of(_fd), &self->line))
/* Its line and the socket say the same, and this state of TCP. */
#define ASSERT_STATE(_st) do {						\
	ASSERT_LINE(self->fd);						\
	ASSERT_EQ(0, sub_info(self->fd, &self->info));			\
	ASSERT_EQ((unsigned int)(_st), self->line.st);			\
	ASSERT_EQ(self->info.wi_tx_state, self->line.tx);		\
	ASSERT_EQ(self->info.wi_rx_state, self->line.rx);		\
} while (0)

TEST_F(proc, has_the_numbers_of_a_substream)
{
	__u16 sid;
	int fd;

	ASSERT_STATE(TCP_ESTABLISHED);
	EXPECT_LT(0u, self->line.assoc);
	EXPECT_EQ(self->info.wi_assoc_id, self->line.assoc);
	EXPECT_EQ(self->sid, self->line.stream);
	EXPECT_EQ(0u, self->line.rx_queue);
	EXPECT_EQ(0u, self->line.tx_queue);
	EXPECT_EQ(getuid(), self->line.uid);
	fd = duo_more(&self->duo, &sid);
	ASSERT_LE(0, fd);
	ASSERT_LINE(fd);
	EXPECT_EQ(self->info.wi_assoc_id, self->line.assoc);
	EXPECT_LT(0u, self->line.stream);
	EXPECT_EQ(sid, self->line.stream);
	close(fd);
}

TEST_F(proc, has_the_addresses_of_both_ends)
{
	struct addr addr;

	ASSERT_LINE(self->fd);
	ASSERT_EQ(0, addr_local(self->fd, &addr));
	EXPECT_TRUE(is_addr(self->line.local, &addr));
	ASSERT_EQ(0, addr_remote(self->fd, &addr));
	EXPECT_TRUE(is_addr(self->line.peer, &addr));
}

TEST_F(proc, has_the_user_of_each_socket)
{
	int fd;

	ASSERT_EQ(0, seteuid(65534));
	fd = sub_socket(0);
	ASSERT_EQ(0, seteuid(0));
	ASSERT_LE(0, fd);
	ASSERT_LINE(fd);
	EXPECT_EQ(65534u, self->line.uid);
	ASSERT_LINE(self->fd);
	EXPECT_EQ(0u, self->line.uid);
	close(fd);
}

TEST_F(proc, has_what_is_not_read)
{
	int bytes;
	char c;

	ASSERT_EQ(0, peer_send(self->peer, self->sid, ABC));
	ASSERT_LE(0, poll_until(self->fd, POLLIN));
	ASSERT_EQ(0, ioctl(self->fd, SIOCINQ, &bytes));
	ASSERT_EQ(3, bytes);
	ASSERT_LINE(self->fd);
	EXPECT_EQ(3u, self->line.rx_queue);
	EXPECT_EQ(0u, self->line.tx_queue);
	ASSERT_EQ(1, recv(self->fd, &c, 1, 0));
	ASSERT_LINE(self->fd);
	EXPECT_EQ(2u, self->line.rx_queue);
}

/* The peer does not read: SCTP has taken what it takes. */
TEST_F(proc, has_what_is_not_sent)
{
	int bytes;

	ASSERT_LT(0, sub_overfill(self->fd, 1));
	ASSERT_UNTIL(!ioctl(self->fd, SIOCOUTQ, &bytes) && bytes &&
		     find_line(inode_of(self->fd), &self->line) == 1 &&
		     self->line.tx_queue == (unsigned int)bytes);
	EXPECT_EQ(0u, self->line.rx_queue);
}

TEST_F(proc, has_the_states_of_an_end_that_we_begin)
{
	ASSERT_EQ(0, set_nonblock(self->fd, true));
	ASSERT_ERRNO(EINPROGRESS, shutdown(self->fd, SHUT_WR));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_STATE(TCP_FIN_WAIT1);
	EXPECT_EQ((unsigned int)WRTCSUB_TX_FIN_SENT, self->line.tx);
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_LE(0, poll_until(self->fd, POLLOUT));
	ASSERT_STATE(TCP_FIN_WAIT2);
	EXPECT_EQ((unsigned int)WRTCSUB_TX_FIN_ACKED, self->line.tx);
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_STATE(TCP_CLOSE);
	EXPECT_EQ((unsigned int)WRTCSUB_RX_FIN_RCVD, self->line.rx);
}

TEST_F(proc, has_the_states_of_an_end_that_the_peer_begins)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_STATE(TCP_CLOSE_WAIT);
	ASSERT_EQ(0, set_nonblock(self->fd, true));
	ASSERT_ERRNO(EINPROGRESS, shutdown(self->fd, SHUT_WR));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_STATE(TCP_LAST_ACK);
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_LE(0, poll_until(self->fd, POLLOUT));
	ASSERT_STATE(TCP_CLOSE);
}

TEST_F(proc, has_the_states_of_a_reset)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_LE(0, poll_until(self->fd, POLLERR));
	ASSERT_STATE(TCP_CLOSE);
	EXPECT_EQ((unsigned int)WRTCSUB_TX_RESET, self->line.tx);
	EXPECT_EQ((unsigned int)WRTCSUB_RX_RESET, self->line.rx);
}

/* "those that still end after their close among them": without an inode. */
TEST_F(proc, has_those_that_still_end)
{
	ASSERT_EQ(0, find_line(0, &self->line));
	ASSERT_EQ(0, close(self->fd));
	self->duo.fd = -1;
	ASSERT_EQ(1, find_line(0, &self->line));
	EXPECT_EQ((unsigned int)TCP_FIN_WAIT1, self->line.st);
	EXPECT_EQ((unsigned int)WRTCSUB_RX_STOPPED, self->line.rx);
	EXPECT_EQ(self->sid, self->line.stream);
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_UNTIL(find_line(0, &self->line) == 0);
}

/* "those that wait for accept": a listener counts them against its backlog. */
TEST_F(proc, has_those_that_wait_for_accept)
{
	struct addr addr;
	int listener, fd;

	addr_loopback(&addr, variant->family, 0);
	listener = sub_listen_at(&addr, 7);
	ASSERT_LE(0, listener);
	ASSERT_EQ(0, addr_local(listener, &addr));
	ASSERT_LINE(listener);
	EXPECT_EQ((unsigned int)TCP_LISTEN, self->line.st);
	EXPECT_EQ(0u, self->line.rx_queue);
	EXPECT_EQ(7u, self->line.tx_queue);
	EXPECT_EQ(0u, self->line.assoc);
	EXPECT_TRUE(is_addr(self->line.local, &addr));
	EXPECT_STREQ("*", self->line.peer);
	fd = sub_connect(&addr);
	ASSERT_LE(0, fd);
	ASSERT_LE(0, poll_until(listener, POLLIN));
	ASSERT_LINE(listener);
	EXPECT_EQ(1u, self->line.rx_queue);
	ASSERT_EQ(1, find_line(0, &self->line));
	EXPECT_EQ((unsigned int)TCP_ESTABLISHED, self->line.st);
	EXPECT_TRUE(is_addr(self->line.local, &addr));
	close(sub_accept(listener));
	close(listener);
	close(fd);
}

TEST_F(proc, has_those_that_are_new)
{
	int fd = sub_socket(0);

	ASSERT_LE(0, fd);
	ASSERT_LINE(fd);
	EXPECT_EQ((unsigned int)TCP_CLOSE, self->line.st);
	EXPECT_EQ(0u, self->line.assoc);
	EXPECT_STREQ("*", self->line.local);
	EXPECT_STREQ("*", self->line.peer);
	close(fd);
}

TEST_F(proc, has_those_that_connect)
{
	const char *ip = variant->family == AF_INET ? "192.0.2.2" :
						      "2001:db8::2";
	struct addr addr;
	int fd, hole;

	hole = blackhole_up();
	ASSERT_LE(0, hole);
	fd = sub_socket(SOCK_NONBLOCK);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, addr_parse(&addr, ip, 5000));
	ASSERT_ERRNO(EINPROGRESS, connect(fd, &addr.sa, addr.len));
	ASSERT_LINE(fd);
	EXPECT_EQ((unsigned int)TCP_SYN_SENT, self->line.st);
	EXPECT_LT(0u, self->line.assoc);
	EXPECT_TRUE(is_addr(self->line.peer, &addr));
	ASSERT_EQ(0, addr_local(fd, &addr));
	EXPECT_TRUE(is_addr(self->line.local, &addr));
	close(fd);
	close(hole);
}

TEST_F(proc, has_nothing_of_another_namespace)
{
	ASSERT_LINE(self->fd);
	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, find_line(inode_of(self->fd), &self->line));
}

TEST_HARNESS_MAIN
