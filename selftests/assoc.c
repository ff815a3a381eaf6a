// SPDX-License-Identifier: GPL-2.0
/* Associations: their ends, which never look like the end of a stream, and
 * how many there are.
 */

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "lib/harness.h"
#include "lib/net.h"

#define ABC	"05 12 03 61 62 63"

FIXTURE(assoc)
{
	struct duo duo;
	struct peer *peer;
	__u16 sid;
	int fd;
	char buf[64];
};

FIXTURE_VARIANT(assoc)
{
	int family;
	enum duo_side side;
};

FIXTURE_VARIANT_ADD(assoc, ipv4_connected)
{
	.family = AF_INET,
	.side = DUO_KERNEL_CONNECTS,
};

FIXTURE_VARIANT_ADD(assoc, ipv6_accepted)
{
	.family = AF_INET6,
	.side = DUO_KERNEL_ACCEPTS,
};

FIXTURE_SETUP(assoc)
{
	ASSERT_EQ(0, netns_private());
	/* The end of a path is seen after some seconds; any sooner, and a CPU
	 * that stalls would be taken for one.
	 */
	ASSERT_EQ(0, netns_sysctl("net/sctp/rto_min", 400));
	ASSERT_EQ(0, netns_sysctl("net/sctp/rto_initial", 400));
	ASSERT_EQ(0, netns_sysctl("net/sctp/rto_max", 400));
	ASSERT_EQ(0, duo_open(&self->duo, variant->family, variant->side, 0));
	self->peer = &self->duo.peer;
	self->sid = self->duo.sid;
	self->fd = self->duo.fd;
}

FIXTURE_TEARDOWN(assoc)
{
	duo_close(&self->duo);
}

#define ASSERT_ECONNRESET() do {					\
	ASSERT_ERRNO(ECONNRESET, recv(self->fd, self->buf, 1, 0));	\
	ASSERT_EQ(0, recv(self->fd, self->buf, 1, 0));			\
	ASSERT_ERRNO(ECONNRESET, send(self->fd, "x", 1, MSG_NOSIGNAL));	\
	ASSERT_ERRNO(EPIPE, send(self->fd, "x", 1, MSG_NOSIGNAL));	\
} while (0)

/* "by ABORT: ECONNRESET" */
TEST_F(assoc, aborted_is_econnreset)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, ABC));
	ASSERT_LE(0, poll_until(self->fd, POLLIN));
	ASSERT_EQ(0, peer_abort(self->peer));
	ASSERT_LE(0, poll_until(self->fd, POLLERR));
	/* What came before can be read. */
	ASSERT_EQ(3, recv(self->fd, self->buf, sizeof(self->buf), 0));
	ASSERT_ECONNRESET();
	ASSERT_ERRNO(ECONNRESET, shutdown(self->fd, SHUT_WR));
}

TEST_F(assoc, aborted_wakes_all_its_substreams)
{
	struct call reader[4];
	char buf[4][4];
	__u16 sid;
	int fd[4], i;

	fd[0] = self->fd;
	for (i = 1; i < 4; i++) {
		fd[i] = duo_more(&self->duo, &sid);
		ASSERT_LE(0, fd[i]);
	}
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(0, call_start(&reader[i], call_recv, fd[i], 0,
					buf[i], 4));
		ASSERT_EQ(0, call_wait_blocked(&reader[i], __NR_recvfrom));
	}
	ASSERT_EQ(0, peer_abort(self->peer));
	for (i = 0; i < 4; i++)
		ASSERT_CALL(-1, ECONNRESET, &reader[i]);
	for (i = 1; i < 4; i++)
		close(fd[i]);
}

TEST_F(assoc, aborted_after_the_fin_is_an_end)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, ABC));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, peer_abort(self->peer));
	ASSERT_LE(0, poll_until(self->fd, POLLERR));
	ASSERT_EQ(3, recv(self->fd, self->buf, sizeof(self->buf), 0));
	ASSERT_EQ(0, recv(self->fd, self->buf, 1, 0));
	ASSERT_ERRNO(ECONNRESET, send(self->fd, "x", 1, MSG_NOSIGNAL));
}

/* "closed by the peer with no FIN seen: ECONNRESET" */
TEST_F(assoc, shut_down_by_the_peer_is_econnreset)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, ABC));
	ASSERT_EQ(0, peer_shutdown(self->peer));
	ASSERT_EQ(3, recv(self->fd, self->buf, 3, MSG_WAITALL));
	ASSERT_LE(0, poll_until(self->fd, POLLERR));
	ASSERT_ECONNRESET();
}

TEST_F(assoc, shut_down_by_the_peer_wakes_a_reader)
{
	struct call reader;

	ASSERT_EQ(0, call_start(&reader, call_recv, self->fd, 0, self->buf,
				4));
	ASSERT_EQ(0, call_wait_blocked(&reader, __NR_recvfrom));
	ASSERT_EQ(0, peer_shutdown(self->peer));
	ASSERT_CALL(-1, ECONNRESET, &reader);
}

TEST_F(assoc, shut_down_by_the_peer_after_the_fin_is_an_end)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, ABC));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_shutdown(self->peer));
	ASSERT_EQ(3, recv(self->fd, self->buf, 3, MSG_WAITALL));
	ASSERT_EQ(0, recv(self->fd, self->buf, 1, 0));
}

/* "Association lost by retransmission: ETIMEDOUT", and never 0. */
TEST_F(assoc, cut_off_is_etimedout_for_a_reader)
{
	struct call reader;

	ASSERT_EQ(0, call_start(&reader, call_recv, self->fd, 0, self->buf,
				4));
	ASSERT_EQ(0, call_wait_blocked(&reader, __NR_recvfrom));
	ASSERT_EQ(0, link_set_up("lo", false));
	ASSERT_EQ(1, write(self->fd, "x", 1));
	/* It takes long in any case, so there is a deadline more. */
	ASSERT_UNTIL(call_is_done(&reader));
	ASSERT_CALL(-1, ETIMEDOUT, &reader);
	ASSERT_EQ(0, recv(self->fd, self->buf, 1, 0));
}

TEST_F(assoc, cut_off_is_etimedout_for_shutdown)
{
	struct call closer;

	ASSERT_EQ(0, sub_fin_timeout(self->fd, 600000));
	ASSERT_EQ(0, link_set_up("lo", false));
	ASSERT_EQ(0, call_start(&closer, call_shutdown, self->fd, SHUT_WR,
				NULL, 0));
	ASSERT_UNTIL(call_is_done(&closer));
	ASSERT_CALL(-1, ETIMEDOUT, &closer);
}

TEST_F(assoc, cut_off_is_etimedout_for_a_writer)
{
	int err;

	ASSERT_EQ(0, link_set_up("lo", false));
	/* Again, for it takes long in any case. */
	err = sub_write_error(self->fd) ?: sub_write_error(self->fd);
	EXPECT_EQ(ETIMEDOUT, err);
	ASSERT_ERRNO(EPIPE, send(self->fd, "x", 1, MSG_NOSIGNAL));
}

/* "SO_KEEPALIVE (heartbeats)": nothing is sent by either side. */
TEST_F(assoc, cut_off_is_noticed_by_heartbeats)
{
	int on = 1;

	/* The association that there is has the interval that there was. */
	duo_close(&self->duo);
	ASSERT_EQ(0, netns_sysctl("net/sctp/hb_interval", 100));
	ASSERT_EQ(0, duo_open(&self->duo, variant->family, variant->side, 0));
	self->fd = self->duo.fd;
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_KEEPALIVE, &on,
				sizeof(on)));
	ASSERT_EQ(0, link_set_up("lo", false));
	ASSERT_ERRNO(ETIMEDOUT, recv(self->fd, self->buf, 1, 0));
	ASSERT_EQ(0, recv(self->fd, self->buf, 1, 0));
}

TEST_F(assoc, lost_lets_the_next_connect_make_another)
{
	int fd;

	if (variant->side != DUO_KERNEL_CONNECTS)
		return;
	ASSERT_EQ(0, peer_abort(self->peer));
	ASSERT_ERRNO(ECONNRESET, recv(self->fd, self->buf, 1, 0));
	/* Nobody listens any more at that port. */
	fd = sub_socket(0);
	ASSERT_LE(0, fd);
	ASSERT_ERRNO(ECONNREFUSED,
		     connect(fd, &self->duo.addr.sa, self->duo.addr.len));
	close(fd);
}

/* "An association without substreams for idle_timeout_ms is shut down
 * gracefully."
 */
TEST_F(assoc, idle_is_shut_down_gracefully)
{
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/idle_timeout_ms", 300));
	ASSERT_EQ(0, set_linger(self->fd, 1, 0));
	ASSERT_EQ(0, close(self->fd));
	self->duo.fd = -1;
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
	ASSERT_EQ(0, peer_expect_kind(self->peer, PEER_SHUTDOWN));
	ASSERT_EQ(0, peer_expect_kind(self->peer, PEER_END));
}

TEST_F(assoc, idle_is_not_what_still_has_a_substream)
{
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/idle_timeout_ms", 300));
	usleep(700000);
	ASSERT_EQ(3, write(self->fd, "abc", 3));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, ABC));
	peer_pump(self->peer, 0);
	ASSERT_EQ(0, peer_send(self->peer, self->sid, ABC));
	ASSERT_EQ(3, recv(self->fd, self->buf, 3, MSG_WAITALL));
}

/* A substream that was closed but waits for its FIN_ACK counts. */
TEST_F(assoc, idle_is_not_what_waits_for_a_fin_ack)
{
	int i;

	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/idle_timeout_ms", 300));
	ASSERT_EQ(0, sub_fin_timeout(self->fd, 60000));
	ASSERT_EQ(0, close(self->fd));
	self->duo.fd = -1;
	usleep(700000);
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	/* FIN, STOP_SENDING and FIN_ACK, and nothing has been shut down. */
	for (i = 0; i < 3; i++) {
		struct peer_record *record = peer_next(self->peer, self->sid);

		ASSERT_NE(NULL, record);
		ASSERT_TRUE(record->kind == PEER_DATA);
		record->sid = 9999;
	}
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
	ASSERT_EQ(0, peer_expect_kind(self->peer, PEER_SHUTDOWN));
}

/* From the end of the last substream on, or -1. */
static long long idle_time(struct duo *duo)
{
	long long start = now_ms();

	if (set_linger(duo->fd, 1, 0) || close(duo->fd))
		return -1;
	duo->fd = -1;
	if (peer_expect_kind(&duo->peer, PEER_SHUTDOWN))
		return -1;
	return now_ms() - start;
}

/* The end that dialled goes first: the other one waits a quarter longer. */
TEST_F(assoc, idle_is_longer_if_the_peer_dialled)
{
	enum { IDLE = 4000, EIGHTH = IDLE / 8 };
	long long want = IDLE, took;
	int tries = 0;

	if (variant->side == DUO_KERNEL_ACCEPTS)
		want += 2 * EIGHTH;
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/idle_timeout_ms", IDLE));
	/* A stall makes one of them late, but not each. */
	for (;;) {
		took = idle_time(&self->duo);
		TH_LOG("after %lld ms", took);
		/* Jiffies may be many ticks behind when it begins. */
		ASSERT_LE(want - EIGHTH, took);
		if (took < want + EIGHTH || ++tries == 5)
			break;
		duo_close(&self->duo);
		ASSERT_EQ(0, duo_open(&self->duo, variant->family,
				      variant->side, 0));
	}
	EXPECT_GT(want + EIGHTH, took);
}

/* A peer that answers nothing any more is given 5 s to answer SHUTDOWN, also if
 * something else goes on meanwhile: here the reset of a channel, which is asked
 * for when the peer has taken all of it.
 */
TEST(idle_is_aborted_if_its_shutdown_is_not_answered)
{
	struct duo duo;

	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, link_set_mtu("lo", 1500));
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/idle_timeout_ms", 100));
	ASSERT_EQ(0, duo_open(&duo, AF_INET, DUO_KERNEL_CONNECTS, 65536));
	ASSERT_LT(0, sub_fill(duo.fd, 1));
	ASSERT_EQ(0, set_linger(duo.fd, 1, 0));
	ASSERT_EQ(0, close(duo.fd));
	ASSERT_UNTIL(netns_counter("AssocsIdle") == 1);
	ASSERT_EQ(0, lose_requests());
	ASSERT_EQ(0, lose_shutdowns());
	ASSERT_EQ(0, peer_expect_kind(&duo.peer, PEER_LOST));
	EXPECT_EQ(0, netns_counter("ResetTimeouts"));
	peer_close(&duo.peer);
}

FIXTURE(limit)
{
	struct addr addr;
	int listener;
};

FIXTURE_SETUP(limit)
{
	ASSERT_EQ(0, netns_private());
	/* Even a machine that stalls acknowledges a FIN in time. */
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/fin_ack_timeout_ms", 30000));
	self->listener = sub_listen(AF_INET, &self->addr);
	ASSERT_LE(0, self->listener);
}

FIXTURE_TEARDOWN(limit)
{
	close(self->listener);
}

/* Is there room for one association more? It has a channel then. */
static bool takes_another(struct peer *peer, const struct addr *addr)
{
	if (peer_connect(peer, addr, 0))
		return false;
	if (!peer_send_ppid(peer, 0, PPID_DCEP, DCEP_OPEN) &&
	    peer_next(peer, 0))
		return true;
	peer_close(peer);
	return false;
}

/* "associations in the namespace, both directions; more: refused" */
TEST_F(limit, max_assocs_inbound)
{
	struct peer peer[3];
	int i, fd;

	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/max_assocs", 2));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, peer_connect(&peer[i], &self->addr, 0));
		ASSERT_EQ(0, peer_open(&peer[i], 0));
		fd = sub_accept(self->listener);
		ASSERT_LE(0, fd);
	}
	/* SCTP may bring it up first, and then it is aborted. */
	if (!peer_connect(&peer[2], &self->addr, 0))
		ASSERT_EQ(0, peer_expect_kind(&peer[2], PEER_LOST));
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, peer_open(&peer[i], 2));
	/* One goes, and there is room for one. */
	ASSERT_EQ(0, peer_abort(&peer[0]));
	ASSERT_EQ(0, poll_for(self->listener, 0, 0));
	ASSERT_UNTIL(takes_another(&peer[2], &self->addr));
}

/* What was made for the peer of one family is not in the way of another. */
TEST_F(limit, max_assocs_stop_a_connect_but_not_the_next)
{
	struct addr addr[2], other;
	int fd, i;

	for (i = 0; i < 2; i++)
		ASSERT_LE(0, peer_listen(AF_INET, &addr[i], 0));
	ASSERT_LE(0, peer_listen(AF_INET6, &other, 0));
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/max_assocs", 1));
	ASSERT_LE(0, sub_connect(&addr[0]));
	fd = sub_socket(0);
	ASSERT_LE(0, fd);
	ASSERT_ERRNO(ENOBUFS, connect(fd, &addr[1].sa, addr[1].len));
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/max_assocs", 2));
	ASSERT_EQ(0, connect(fd, &other.sa, other.len));
	close(fd);
}

TEST_F(limit, max_assocs_outbound)
{
	struct addr addr[2], other;
	int fd[2], listener, i;

	for (i = 0; i < 2; i++)
		ASSERT_LE(0, peer_listen(AF_INET, &addr[i], 0));
	listener = peer_listen(AF_INET, &other, 0);
	ASSERT_LE(0, listener);
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/max_assocs", 2));
	for (i = 0; i < 2; i++) {
		fd[i] = sub_connect(&addr[i]);
		ASSERT_LE(0, fd[i]);
	}
	/* Another one on the same association is no more association. */
	ASSERT_LE(0, sub_connect(&addr[0]));
	i = sub_socket(0);
	ASSERT_LE(0, i);
	ASSERT_EQ(-1, connect(i, &other.sa, other.len));
	EXPECT_EQ(0, poll_now(listener, POLLIN));
}

/* "and grow by RFC 6525 when they run out" */
TEST_F(limit, max_streams_is_where_it_begins)
{
	enum { COUNT = 40 };
	int fd[COUNT], server[COUNT], i;
	char c;

	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/max_streams", 16));
	close(self->listener);
	self->listener = sub_listen(AF_INET, &self->addr);
	ASSERT_LE(0, self->listener);
	for (i = 0; i < COUNT; i++) {
		fd[i] = sub_connect(&self->addr);
		ASSERT_LE(0, fd[i]) {
			TH_LOG("substream %d", i);
		}
	}
	for (i = 0; i < COUNT; i++) {
		server[i] = sub_accept(self->listener);
		ASSERT_LE(0, server[i]);
		ASSERT_EQ(1, write(server[i], "x", 1));
	}
	for (i = 0; i < COUNT; i++)
		ASSERT_EQ(1, recv(fd[i], &c, 1, 0));
}

/* "A peer without RFC 6525: identifiers are not used again; when none is left
 * connect fails with EADDRNOTAVAIL."
 */
TEST_F(limit, identifiers_run_out_with_a_peer_without_resets)
{
	struct peer peer;
	struct addr addr;
	int listener, fd, i;
	__u16 sid;

	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/max_streams", 16));
	peer_without_reconf = true;
	listener = peer_listen(AF_INET, &addr, 0);
	ASSERT_LE(0, listener);
	for (i = 0; i < 8; i++) {
		fd = sub_connect(&addr);
		ASSERT_LE(0, fd);
		if (!i)
			ASSERT_EQ(0, peer_accept(&peer, listener));
		ASSERT_EQ(0, peer_answer_open(&peer, &sid));
		EXPECT_EQ(2 * i, sid);
		ASSERT_EQ(0, set_linger(fd, 1, 0));
		ASSERT_EQ(0, close(fd));
		ASSERT_EQ(0, peer_expect(&peer, sid, WIRE_RESET_STREAM));
	}
	fd = sub_socket(0);
	ASSERT_LE(0, fd);
	ASSERT_ERRNO(EADDRNOTAVAIL, connect(fd, &addr.sa, addr.len));
	close(fd);
	peer_close(&peer);
}

/* Independence. */

TEST_F(limit, a_substream_that_nobody_reads_does_not_hold_up_another)
{
	struct call writer, reader, slow_writer, slow_reader;
	const size_t size = 300000;
	int fd[2], server[2], i;

	for (i = 0; i < 2; i++) {
		fd[i] = sub_connect(&self->addr);
		ASSERT_LE(0, fd[i]);
		server[i] = sub_accept(self->listener);
		ASSERT_LE(0, server[i]);
	}
	/* More than SO_RCVBUF, less than assoc_rmem. */
	ASSERT_EQ(0, call_start(&slow_writer, call_send_pattern, fd[0], 1,
				NULL, size));
	ASSERT_CALL((long)size, 0, &slow_writer);
	ASSERT_EQ(0, call_start(&reader, call_recv_pattern, server[1], 2, NULL,
				0));
	ASSERT_EQ(0, call_start(&writer, call_send_pattern, fd[1], 2, NULL,
				size));
	ASSERT_CALL((long)size, 0, &writer);
	ASSERT_EQ(0, shutdown(fd[1], SHUT_WR));
	ASSERT_CALL((long)size, 0, &reader);

	/* Nothing of the first one is lost. */
	ASSERT_EQ(0, call_start(&slow_reader, call_recv_pattern, server[0], 1,
				NULL, 0));
	ASSERT_EQ(0, shutdown(fd[0], SHUT_WR));
	ASSERT_CALL((long)size, 0, &slow_reader);
}

/* All that a process has written before it is killed arrives, and then the
 * end; or else the reader is told.
 */
TEST_F(limit, a_writer_that_is_killed)
{
	struct call reader;
	atomic_long *accepted;
	long before;
	int fd, server, pid, status;

	accepted = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, accepted);
	fd = sub_connect(&self->addr);
	ASSERT_LE(0, fd);
	server = sub_accept(self->listener);
	ASSERT_LE(0, server);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		unsigned char buf[3000];
		long done = 0;

		for (;;) {
			pattern_fill(buf, sizeof(buf), done, 3);
			done += send(fd, buf, sizeof(buf), MSG_NOSIGNAL);
			atomic_store(accepted, done);
		}
	}
	close(fd);
	ASSERT_EQ(0, call_start(&reader, call_recv_pattern, server, 3, NULL,
				0));
	while (atomic_load(accepted) < 300000)
		usleep(1000);
	before = atomic_load(accepted);
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_EQ(0, call_finish(&reader));
	ASSERT_LE(before, reader.ret);
	ASSERT_LE(atomic_load(accepted), reader.ret);
	close(server);
}

TEST_HARNESS_MAIN
