// SPDX-License-Identifier: GPL-2.0
/* WRTCSUB_STREAM_ID: channels that both sides have agreed upon, without DCEP
 * (RFC 8832, section 4).
 */

#include <fcntl.h>
#include <poll.h>

#include "lib/harness.h"
#include "lib/net.h"

#define ABC	"05 12 03 61 62 63"

/* A socket that will have this channel. */
static int negotiated(int sid)
{
	int fd = sub_socket(SOCK_CLOEXEC);

	if (fd < 0 || sub_set(fd, WRTCSUB_STREAM_ID, sid))
		return -1;
	return fd;
}

/* Bytes go both ways, and nothing but these. */
#define ASSERT_WORKS(_fd, _sid) do {					\
	const __u16 __sid = (_sid);					\
	const int __fd = (_fd);						\
	char __buf[8];							\
									\
	ASSERT_EQ(3, write(__fd, "abc", 3));				\
	ASSERT_EQ(0, peer_expect(&self->peer, __sid, ABC));		\
	ASSERT_EQ(0, peer_send(&self->peer, __sid, ABC));		\
	ASSERT_EQ(3, recv(__fd, __buf, sizeof(__buf), 0));		\
} while (0)

/* "Set before connect: negotiated channel with this identifier, no DCEP" */
FIXTURE(dialler)
{
	struct addr addr;
	struct peer peer;
	int listener;
	int fd;
};

FIXTURE_VARIANT(dialler)
{
	int family;
	int sid;
};

FIXTURE_VARIANT_ADD(dialler, ipv4_of_channel_0)
{
	.family = AF_INET,
	.sid = 0,
};

/* Of either parity: nobody opens it. */
FIXTURE_VARIANT_ADD(dialler, ipv6_of_channel_7)
{
	.family = AF_INET6,
	.sid = 7,
};

FIXTURE_SETUP(dialler)
{
	ASSERT_EQ(0, netns_private());
	/* Even a machine that stalls acknowledges a FIN in time. */
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/fin_ack_timeout_ms", 30000));
	/* ... and still finds an association that was idle for a while. */
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/idle_timeout_ms", 60000));
	self->listener = peer_listen(variant->family, &self->addr, 0);
	ASSERT_LE(0, self->listener);
	self->fd = negotiated(variant->sid);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, connect(self->fd, &self->addr.sa, self->addr.len));
	ASSERT_EQ(0, peer_accept(&self->peer, self->listener));
}

FIXTURE_TEARDOWN(dialler)
{
	close(self->fd);
	peer_close(&self->peer);
	close(self->listener);
}

#define ASSERT_CONNECT_FAILS(_errno, _fd)				\
	ASSERT_ERRNO(_errno, connect(_fd, &self->addr.sa, self->addr.len))

TEST_F(dialler, opens_nothing_and_works)
{
	struct wrtcsub_info info;

	ASSERT_WORKS(self->fd, variant->sid);
	EXPECT_EQ(variant->sid, sub_get(self->fd, WRTCSUB_STREAM_ID));
	ASSERT_EQ(0, sub_info(self->fd, &info));
	EXPECT_TRUE(info.wi_flags & WRTCSUB_INFO_F_NEGOTIATED);
	EXPECT_EQ(variant->sid, info.wi_stream_id);
}

TEST_F(dialler, does_not_wait_for_an_ack)
{
	int fd = negotiated(30);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, sub_set(fd, WRTCSUB_OPEN_WAIT, 1));
	ASSERT_EQ(0, connect(fd, &self->addr.sa, self->addr.len));
	ASSERT_WORKS(fd, 30);
	close(fd);
}

/* Channels with DCEP go around it. */
TEST_F(dialler, leaves_the_other_identifiers_to_dcep)
{
	int i, fd[3];
	__u16 sid;

	for (i = 0; i < 3; i++) {
		fd[i] = sub_connect(&self->addr);
		ASSERT_LE(0, fd[i]);
		ASSERT_EQ(0, peer_answer_open(&self->peer, &sid));
		EXPECT_EQ(2 * i + (variant->sid ? 0 : 2), sid);
	}
	ASSERT_WORKS(self->fd, variant->sid);
	for (i = 0; i < 3; i++)
		close(fd[i]);
}

TEST_F(dialler, ends_as_any_other)
{
	struct call closer;
	char c;

	ASSERT_EQ(0, call_start(&closer, call_shutdown, self->fd, SHUT_WR,
				NULL, 0));
	ASSERT_EQ(0, peer_expect(&self->peer, variant->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_send(&self->peer, variant->sid, WIRE_FIN_ACK));
	ASSERT_CALL(0, 0, &closer);
	ASSERT_EQ(0, peer_send(&self->peer, variant->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_expect(&self->peer, variant->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, recv(self->fd, &c, 1, 0));
	ASSERT_EQ(0, peer_expect_reset(&self->peer, variant->sid));
}

/* "EADDRINUSE if taken." */
TEST_F(dialler, has_it_for_itself)
{
	int fd = negotiated(variant->sid);

	ASSERT_LE(0, fd);
	ASSERT_CONNECT_FAILS(EADDRINUSE, fd);
	/* Another one can still be had. */
	ASSERT_EQ(0, sub_set(fd, WRTCSUB_STREAM_ID, 40));
	ASSERT_EQ(0, connect(fd, &self->addr.sa, self->addr.len));
	ASSERT_WORKS(fd, 40);
	close(fd);
}

TEST_F(dialler, cannot_have_one_with_dcep)
{
	int other = sub_connect(&self->addr), fd;
	__u16 sid;

	ASSERT_LE(0, other);
	ASSERT_EQ(0, peer_answer_open(&self->peer, &sid));
	fd = negotiated(sid);
	ASSERT_LE(0, fd);
	ASSERT_CONNECT_FAILS(EADDRINUSE, fd);
	close(fd);
	close(other);
}

/* It is taken until both directions have been reset. */
TEST_F(dialler, cannot_have_one_that_is_being_closed)
{
	int fd = negotiated(variant->sid), ret;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, set_linger(self->fd, 1, 0));
	ASSERT_EQ(0, close(self->fd));
	self->fd = -1;
	ASSERT_EQ(0, peer_expect(&self->peer, variant->sid,
				 WIRE_RESET_STREAM));
	ASSERT_EQ(0, peer_expect_reset(&self->peer, variant->sid));
	ASSERT_CONNECT_FAILS(EADDRINUSE, fd);
	ASSERT_EQ(0, peer_reset(&self->peer, variant->sid));
	/* The kernel's end may not have heard of it yet. */
	ASSERT_UNTIL(!(ret = connect(fd, &self->addr.sa, self->addr.len)) ||
		     errno != EADDRINUSE);
	ASSERT_EQ(0, ret);
	ASSERT_WORKS(fd, variant->sid);
	close(fd);
}

/* The peer may have more streams than it began with: it is asked. */
TEST_F(dialler, asks_for_streams_to_have_a_high_one)
{
	int fd = negotiated(PEER_STREAMS + 100);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, connect(fd, &self->addr.sa, self->addr.len));
	ASSERT_WORKS(fd, PEER_STREAMS + 100);
	close(fd);
}

/* ... and until the answer comes others need not wait for it. */
TEST_F(dialler, holds_up_nobody_while_it_asks_for_streams)
{
	int far = negotiated(PEER_STREAMS + 100), fd[2] = { -1, -1 }, i;
	__u16 sid;

	ASSERT_LE(0, far);
	ASSERT_EQ(0, lose_requests());
	ASSERT_EQ(0, set_nonblock(far, true));
	ASSERT_CONNECT_FAILS(EINPROGRESS, far);
	for (i = 0; i < 2; i++) {
		fd[i] = i ? negotiated(40) : sub_socket(0);
		ASSERT_LE(0, fd[i]);
		ASSERT_EQ(0, set_timeout(fd[i], SO_SNDTIMEO, deadline_ms()));
		ASSERT_EQ(0, connect(fd[i], &self->addr.sa, self->addr.len));
	}
	ASSERT_EQ(0, peer_answer_open(&self->peer, &sid));
	ASSERT_WORKS(fd[0], sid);
	ASSERT_WORKS(fd[1], 40);
	EXPECT_EQ(0, poll_now(far, POLLOUT));
	ASSERT_EQ(0, lose_nothing());
	ASSERT_EQ(POLLOUT, poll_until(far, POLLOUT));
	ASSERT_EQ(0, set_nonblock(far, false));
	ASSERT_WORKS(far, PEER_STREAMS + 100);
	close(far);
	close(fd[0]);
	close(fd[1]);
}

/* RFC 8832: an OPEN for a channel that is in use is an error. */
TEST_F(dialler, is_reset_by_an_open_for_it)
{
	char c;

	ASSERT_WORKS(self->fd, variant->sid);
	ASSERT_EQ(0, peer_send_ppid(&self->peer, variant->sid, PPID_DCEP,
				    DCEP_OPEN));
	ASSERT_EQ(0, peer_expect(&self->peer, variant->sid,
				 WIRE_RESET_STREAM));
	ASSERT_ERRNO(EPROTO, recv(self->fd, &c, 1, 0));
}

/* Others may be, while the peer owes an answer to a request for resets. */
TEST_F(dialler, is_sent_no_ack)
{
	int other, gone, port;
	__u16 sid, gone_sid;
	struct addr local;

	/* Now the kernel knows that the peer has the channel. */
	ASSERT_WORKS(self->fd, variant->sid);
	ASSERT_EQ(0, addr_local(self->fd, &local));
	port = addr_port(&local);
	other = sub_connect(&self->addr);
	ASSERT_LE(0, other);
	ASSERT_EQ(0, peer_answer_open(&self->peer, &sid));
	gone = sub_connect(&self->addr);
	ASSERT_LE(0, gone);
	ASSERT_EQ(0, peer_answer_open(&self->peer, &gone_sid));
	ASSERT_EQ(0, lose_answers(port));
	ASSERT_EQ(0, set_linger(gone, 1, 0));
	ASSERT_EQ(0, close(gone));
	ASSERT_EQ(0, peer_expect(&self->peer, gone_sid, WIRE_RESET_STREAM));
	ASSERT_EQ(0, peer_expect_reset(&self->peer, gone_sid));
	ASSERT_UNTIL(peer_pump(&self->peer, 0) >= 0 && self->peer.more_acks);
	ASSERT_EQ(0, lose_nothing());
	ASSERT_WORKS(self->fd, variant->sid);
	/* Nothing of DCEP has come on it. */
	EXPECT_FALSE(self->peer.known[variant->sid]);
	close(other);
}

/* Two channels before the association is there. */
TEST_F(dialler, can_be_several_of_a_new_association)
{
	struct addr addr;
	int i, listener, fd[3], err = 0;
	struct peer peer;

	listener = peer_listen(variant->family, &addr, 0);
	ASSERT_LE(0, listener);
	for (i = 0; i < 3; i++) {
		fd[i] = negotiated(i < 2 ? 10 + i : 10);
		ASSERT_LE(0, fd[i]);
		ASSERT_EQ(0, set_nonblock(fd[i], true));
		err = connect(fd[i], &addr.sa, addr.len) ? errno : 0;
		if (i < 2)
			ASSERT_TRUE(!err || err == EINPROGRESS);
	}
	ASSERT_EQ(0, peer_accept(&peer, listener));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(POLLOUT, poll_until(fd[i], POLLOUT));
		EXPECT_EQ(0, get_int(fd[i], SOL_SOCKET, SO_ERROR));
		ASSERT_EQ(3, write(fd[i], "abc", 3));
		ASSERT_EQ(0, peer_expect(&peer, 10 + i, ABC));
	}
	/* The third one came too late, as it was told then or is now. */
	if (err == EINPROGRESS) {
		ASSERT_LE(0, poll_until(fd[2], POLLOUT));
		err = get_int(fd[2], SOL_SOCKET, SO_ERROR);
	}
	EXPECT_EQ(EADDRINUSE, err);
	for (i = 0; i < 3; i++)
		close(fd[i]);
	peer_close(&peer);
	close(listener);
}

TEST(a_peer_without_more_streams_has_no_high_one)
{
	struct peer peer;
	struct addr addr;
	int fd, listener, other;
	__u16 sid;

	ASSERT_EQ(0, netns_private());
	peer_without_reconf = true;
	listener = peer_listen(AF_INET, &addr, 0);
	ASSERT_LE(0, listener);
	other = sub_connect(&addr);
	ASSERT_LE(0, other);
	ASSERT_EQ(0, peer_accept(&peer, listener));
	ASSERT_EQ(0, peer_answer_open(&peer, &sid));
	fd = negotiated(PEER_STREAMS);
	ASSERT_LE(0, fd);
	ASSERT_ERRNO(EADDRNOTAVAIL, connect(fd, &addr.sa, addr.len));
	ASSERT_EQ(0, sub_set(fd, WRTCSUB_STREAM_ID, PEER_STREAMS - 1));
	ASSERT_EQ(0, connect(fd, &addr.sa, addr.len));
	close(fd);
	close(other);
	close(listener);
	peer_close(&peer);
}

TEST(get_is_what_was_set_or_what_there_is)
{
	struct addr addr;
	int listener, fd, server;

	ASSERT_EQ(0, netns_private());
	listener = sub_listen(AF_INET, &addr);
	ASSERT_LE(0, listener);
	fd = sub_socket(0);
	ASSERT_LE(0, fd);
	ASSERT_ERRNO(ENOTCONN, sub_get(fd, WRTCSUB_STREAM_ID));
	ASSERT_ERRNO(EINVAL, sub_set(fd, WRTCSUB_STREAM_ID, -1));
	ASSERT_ERRNO(EINVAL, sub_set(fd, WRTCSUB_STREAM_ID, 65535));
	ASSERT_ERRNO(ENOTCONN, sub_get(fd, WRTCSUB_STREAM_ID));
	ASSERT_EQ(0, sub_set(fd, WRTCSUB_STREAM_ID, 65534));
	EXPECT_EQ(65534, sub_get(fd, WRTCSUB_STREAM_ID));
	close(fd);
	fd = sub_connect(&addr);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, sub_get(fd, WRTCSUB_STREAM_ID));
	server = sub_accept(listener);
	ASSERT_LE(0, server);
	EXPECT_EQ(0, sub_get(server, WRTCSUB_STREAM_ID));
	close(fd);
	close(server);
	close(listener);
}

/* "Set on a listener: each new association begins with this negotiated
 * substream, and accept returns it"
 */
FIXTURE(acceptor)
{
	struct addr addr;
	struct peer peer;
	int listener;
};

FIXTURE_VARIANT(acceptor)
{
	int family;
	int sid;
};

FIXTURE_VARIANT_ADD(acceptor, ipv4_of_channel_0)
{
	.family = AF_INET,
	.sid = 0,
};

FIXTURE_VARIANT_ADD(acceptor, ipv6_of_channel_5)
{
	.family = AF_INET6,
	.sid = 5,
};

FIXTURE_SETUP(acceptor)
{
	ASSERT_EQ(0, netns_private());
	/* Even a machine that stalls acknowledges a FIN in time. */
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/fin_ack_timeout_ms", 30000));
	addr_loopback(&self->addr, variant->family, 5000);
	self->listener = sub_bound(&self->addr);
	ASSERT_LE(0, self->listener);
	ASSERT_EQ(0, sub_set(self->listener, WRTCSUB_STREAM_ID, variant->sid));
	ASSERT_EQ(0, listen(self->listener, 5));
	self->peer.fd = -1;
}

FIXTURE_TEARDOWN(acceptor)
{
	peer_close(&self->peer);
	close(self->listener);
}

/* The peer need not say anything, and neither does accept. */
TEST_F(acceptor, begins_each_association_with_it)
{
	struct wrtcsub_info info;
	struct peer other;
	int fd[2];

	EXPECT_EQ(0, poll_now(self->listener, POLLIN));
	EXPECT_EQ(variant->sid, sub_get(self->listener, WRTCSUB_STREAM_ID));
	ASSERT_EQ(0, peer_connect(&self->peer, &self->addr, 0));
	fd[0] = sub_accept(self->listener);
	ASSERT_LE(0, fd[0]);
	EXPECT_EQ(variant->sid, sub_get(fd[0], WRTCSUB_STREAM_ID));
	ASSERT_EQ(0, sub_info(fd[0], &info));
	EXPECT_TRUE(info.wi_flags & WRTCSUB_INFO_F_NEGOTIATED);
	ASSERT_WORKS(fd[0], variant->sid);

	ASSERT_EQ(0, peer_connect(&other, &self->addr, 0));
	fd[1] = sub_accept(self->listener);
	ASSERT_LE(0, fd[1]);
	ASSERT_EQ(3, write(fd[1], "abc", 3));
	ASSERT_EQ(0, peer_expect(&other, variant->sid, ABC));
	EXPECT_EQ(0, poll_now(self->listener, POLLIN));
	ASSERT_ERRNO(EAGAIN, recv(fd[0], &info, 1, MSG_DONTWAIT));
	close(fd[0]);
	close(fd[1]);
	peer_close(&other);
}

/* And it is the first of them. */
TEST_F(acceptor, gives_it_before_what_the_peer_opens)
{
	int fd;

	ASSERT_EQ(0, peer_connect(&self->peer, &self->addr, 0));
	ASSERT_EQ(0, peer_open(&self->peer, 2));
	fd = sub_accept(self->listener);
	ASSERT_LE(0, fd);
	EXPECT_EQ(variant->sid, sub_get(fd, WRTCSUB_STREAM_ID));
	close(fd);
	fd = sub_accept(self->listener);
	ASSERT_LE(0, fd);
	EXPECT_EQ(2, sub_get(fd, WRTCSUB_STREAM_ID));
	close(fd);
}

TEST_F(acceptor, keeps_what_comes_on_it_before_accept)
{
	char buf[8];
	int fd;

	ASSERT_EQ(0, peer_connect(&self->peer, &self->addr, 0));
	ASSERT_EQ(0, peer_send(&self->peer, variant->sid, ABC));
	ASSERT_EQ(0, peer_send(&self->peer, variant->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_expect(&self->peer, variant->sid, WIRE_FIN_ACK));
	fd = sub_accept(self->listener);
	ASSERT_LE(0, fd);
	ASSERT_EQ(3, sub_read_all(fd, buf, sizeof(buf)));
	close(fd);
}

/* Nobody could refuse it. */
TEST_F(acceptor, reset_by_the_peer_is_econnreset)
{
	char c;
	int fd;

	ASSERT_EQ(0, peer_connect(&self->peer, &self->addr, 0));
	fd = sub_accept(self->listener);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, peer_send(&self->peer, variant->sid, WIRE_RESET_STREAM));
	ASSERT_ERRNO(ECONNRESET, recv(fd, &c, 1, 0));
	close(fd);
}

/* Over it the substream is refused, and counted as such and nothing else. */
TEST_F(acceptor, counts_it_in_the_backlog)
{
	struct peer peer[3];
	int i;

	ASSERT_EQ(0, listen(self->listener, 1));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, peer_connect(&peer[i], &self->addr, 0));
		/* They need not come up in the order in which they came: wait
		 * for an answer, here the refusal of an odd channel.
		 */
		ASSERT_EQ(0, peer_sync(&peer[i], 3));
	}
	ASSERT_EQ(0, peer_expect(&peer[2], variant->sid, WIRE_RESET_STREAM));
	ASSERT_EQ(0, peer_expect_reset(&peer[2], variant->sid));
	EXPECT_EQ(2, netns_counter("Accepted"));
	EXPECT_EQ(1, netns_counter("OpenRefusedBacklog"));
	EXPECT_EQ(0, netns_counter("Closed"));
	for (i = 0; i < 2; i++)
		close(sub_accept(self->listener));
	ASSERT_EQ(0, set_nonblock(self->listener, true));
	ASSERT_ERRNO(EAGAIN, accept(self->listener, NULL, NULL));
	for (i = 0; i < 3; i++)
		peer_close(&peer[i]);
}

/* As libp2p begins: the Noise channel, and then streams. */
TEST_F(acceptor, and_a_dialler_that_agrees)
{
	int fd = negotiated(variant->sid), noise, other, server;
	char c;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, connect(fd, &self->addr.sa, self->addr.len));
	ASSERT_EQ(1, write(fd, "n", 1));
	noise = sub_accept(self->listener);
	ASSERT_LE(0, noise);
	ASSERT_EQ(1, recv(noise, &c, 1, 0));
	ASSERT_EQ(1, write(noise, "m", 1));
	ASSERT_EQ(1, recv(fd, &c, 1, 0));

	other = sub_connect(&self->addr);
	ASSERT_LE(0, other);
	EXPECT_EQ(sub_assoc_id(fd), sub_assoc_id(other));
	ASSERT_EQ(1, write(other, "s", 1));
	server = sub_accept(self->listener);
	ASSERT_LE(0, server);
	ASSERT_EQ(1, recv(server, &c, 1, 0));
	EXPECT_EQ('s', c);
	ASSERT_EQ(0, shutdown(fd, SHUT_WR));
	ASSERT_EQ(0, recv(noise, &c, 1, 0));
	close(fd);
	close(noise);
	close(other);
	close(server);
}

/* Both ends agree on one more, whichever of them dialled. */
TEST_F(acceptor, can_attach_more)
{
	struct addr remote;
	int fd, more;

	ASSERT_EQ(0, peer_connect(&self->peer, &self->addr, 0));
	fd = sub_accept(self->listener);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, addr_remote(fd, &remote));
	more = sub_attached(fd);
	ASSERT_LE(0, more);
	ASSERT_EQ(0, sub_set(more, WRTCSUB_STREAM_ID, 20));
	ASSERT_EQ(0, connect(more, &remote.sa, remote.len));
	ASSERT_WORKS(more, 20);
	close(more);
	close(fd);
}

/* "set before connect or listen" */
TEST_F(acceptor, is_told_before_it_listens)
{
	int fd;

	ASSERT_ERRNO(EINVAL, sub_set(self->listener, WRTCSUB_STREAM_ID, 9));
	ASSERT_EQ(0, peer_connect(&self->peer, &self->addr, 0));
	fd = sub_accept(self->listener);
	ASSERT_LE(0, fd);
	ASSERT_ERRNO(EISCONN, sub_set(fd, WRTCSUB_STREAM_ID, 9));
	close(fd);
}

/* The dialler asks for more streams: then both ends have it. */
TEST(a_listener_has_a_high_one_once_it_has_the_stream)
{
	enum { SID = PEER_STREAMS + 100 };
	int listener, fd, server;
	struct addr addr;
	char c;

	ASSERT_EQ(0, netns_private());
	addr_loopback(&addr, AF_INET, 5000);
	listener = sub_bound(&addr);
	ASSERT_LE(0, listener);
	ASSERT_EQ(0, sub_set(listener, WRTCSUB_STREAM_ID, SID));
	ASSERT_EQ(0, listen(listener, 5));
	fd = negotiated(SID);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, connect(fd, &addr.sa, addr.len));
	ASSERT_EQ(1, write(fd, "x", 1));
	server = sub_accept(listener);
	ASSERT_LE(0, server);
	EXPECT_EQ(SID, sub_get(server, WRTCSUB_STREAM_ID));
	ASSERT_EQ(1, recv(server, &c, 1, 0));
	ASSERT_EQ(1, write(server, "y", 1));
	ASSERT_EQ(1, recv(fd, &c, 1, 0));
	close(server);
	close(fd);
	close(listener);
}

TEST_HARNESS_MAIN
