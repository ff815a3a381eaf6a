// SPDX-License-Identifier: GPL-2.0
/* poll, and the edges of epoll, in each state: wrtcsub.rst, "Calls". */

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>

#include "lib/diag.h"
#include "lib/harness.h"

#define ABC	"05 12 03 61 62 63"
#define ALL	(POLLIN | POLLOUT | POLLRDHUP)

FIXTURE(poll)
{
	struct duo duo;
	struct peer *peer;
	__u16 sid;
	int fd;
	int epfd;
	char buf[64];
};

FIXTURE_VARIANT(poll)
{
	int family;
	enum duo_side side;
};

FIXTURE_VARIANT_ADD(poll, ipv4_connected)
{
	.family = AF_INET,
	.side = DUO_KERNEL_CONNECTS,
};

FIXTURE_VARIANT_ADD(poll, ipv6_accepted)
{
	.family = AF_INET6,
	.side = DUO_KERNEL_ACCEPTS,
};

FIXTURE_SETUP(poll)
{
	ASSERT_EQ(0, netns_private());
	/* Even a machine that stalls acknowledges a FIN in time. */
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/fin_ack_timeout_ms", 60000));
	ASSERT_EQ(0, duo_open(&self->duo, variant->family, variant->side, 0));
	self->peer = &self->duo.peer;
	self->sid = self->duo.sid;
	self->fd = self->duo.fd;
	self->epfd = -1;
}

FIXTURE_TEARDOWN(poll)
{
	close(self->epfd);
	duo_close(&self->duo);
}

#define ASSERT_SENDS(_hex)						\
	ASSERT_EQ(0, peer_send(self->peer, self->sid, _hex))

TEST_F(poll, of_a_new_substream_is_out)
{
	EXPECT_EQ(POLLOUT, poll_now(self->fd, ALL));
}

TEST_F(poll, is_in_while_there_is_something_to_read)
{
	ASSERT_SENDS(ABC);
	ASSERT_EQ(POLLIN, poll_until(self->fd, POLLIN));
	EXPECT_EQ(POLLIN | POLLOUT, poll_now(self->fd, ALL));
	ASSERT_EQ(2, recv(self->fd, self->buf, 2, 0));
	EXPECT_EQ(POLLIN | POLLOUT, poll_now(self->fd, ALL));
	ASSERT_EQ(1, recv(self->fd, self->buf, 2, 0));
	EXPECT_EQ(POLLOUT, poll_now(self->fd, ALL));
}

TEST_F(poll, is_not_in_for_an_empty_frame_or_a_part_of_one)
{
	ASSERT_SENDS("00");
	ASSERT_SENDS("02 12 00");
	ASSERT_SENDS("05 12");
	ASSERT_EQ(0, duo_sync(&self->duo));
	EXPECT_EQ(POLLOUT, poll_now(self->fd, ALL));
}

/* "EPOLLRDHUP: peer's FIN" */
TEST_F(poll, is_in_and_rdhup_after_the_peers_fin)
{
	ASSERT_SENDS(WIRE_FIN);
	ASSERT_EQ(POLLIN | POLLRDHUP, poll_until(self->fd,
						 POLLIN | POLLRDHUP));
	EXPECT_EQ(ALL, poll_now(self->fd, ALL));
	ASSERT_EQ(0, recv(self->fd, self->buf, 1, 0));
	EXPECT_EQ(ALL, poll_now(self->fd, ALL));
}

/* "or our SHUT_RD" */
TEST_F(poll, is_in_and_rdhup_after_shut_rd)
{
	ASSERT_EQ(0, shutdown(self->fd, SHUT_RD));
	EXPECT_EQ(ALL, poll_now(self->fd, ALL));
}

/* "not while a FIN is on its way" */
TEST_F(poll, is_not_out_while_a_fin_is_on_its_way)
{
	ASSERT_EQ(0, set_nonblock(self->fd, true));
	ASSERT_ERRNO(EINPROGRESS, shutdown(self->fd, SHUT_WR));
	EXPECT_EQ(0, poll_now(self->fd, ALL));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_SENDS(ABC);
	ASSERT_EQ(POLLIN, poll_until(self->fd, POLLIN));
	EXPECT_EQ(POLLIN, poll_now(self->fd, ALL));
	ASSERT_SENDS(WIRE_FIN_ACK);
	ASSERT_EQ(POLLOUT, poll_until(self->fd, POLLOUT));
	EXPECT_EQ(POLLIN | POLLOUT, poll_now(self->fd, ALL));
}

TEST_F(poll, is_not_out_while_the_fin_for_stop_sending_is_on_its_way)
{
	ASSERT_SENDS(WIRE_STOP_SENDING);
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	EXPECT_EQ(0, poll_now(self->fd, ALL));
	ASSERT_SENDS(WIRE_FIN_ACK);
	ASSERT_EQ(POLLOUT, poll_until(self->fd, POLLOUT));
}

/* "EPOLLHUP: both halves over." */
TEST_F(poll, is_hup_when_both_halves_are_over)
{
	ASSERT_EQ(0, set_nonblock(self->fd, true));
	ASSERT_ERRNO(EINPROGRESS, shutdown(self->fd, SHUT_WR));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_SENDS(WIRE_FIN);
	ASSERT_EQ(POLLIN, poll_until(self->fd, POLLIN));
	/* Not before the FIN_ACK has come. */
	EXPECT_EQ(POLLIN | POLLRDHUP, poll_now(self->fd, ALL));
	ASSERT_SENDS(WIRE_FIN_ACK);
	ASSERT_EQ(POLLHUP, poll_until(self->fd, 0));
	EXPECT_EQ(ALL | POLLHUP, poll_now(self->fd, ALL));
}

TEST_F(poll, is_hup_also_when_the_fin_was_never_acknowledged)
{
	ASSERT_SENDS(WIRE_FIN);
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, set_nonblock(self->fd, true));
	ASSERT_ERRNO(EINPROGRESS, shutdown(self->fd, SHUT_WR));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, sub_fin_timeout(self->fd, 200));
	ASSERT_EQ(POLLHUP, poll_until(self->fd, 0));
	ASSERT_ERRNO(ETIMEDOUT, shutdown(self->fd, SHUT_WR));
}

/* "EPOLLERR: SO_ERROR is set." */
TEST_F(poll, is_everything_after_a_reset)
{
	ASSERT_SENDS(WIRE_RESET_STREAM);
	ASSERT_LE(0, poll_until(self->fd, POLLERR));
	/* The error may be seen a moment after the rest. */
	ASSERT_UNTIL(poll_now(self->fd, ALL) == (ALL | POLLERR | POLLHUP));
	EXPECT_EQ(ECONNRESET, get_int(self->fd, SOL_SOCKET, SO_ERROR));
	EXPECT_EQ(ALL | POLLHUP, poll_now(self->fd, ALL));
}

TEST_F(poll, is_everything_after_the_loss_of_the_association)
{
	ASSERT_EQ(0, peer_abort(self->peer));
	ASSERT_LE(0, poll_until(self->fd, POLLERR));
	ASSERT_UNTIL(poll_now(self->fd, ALL) == (ALL | POLLERR | POLLHUP));
}

TEST_F(poll, wakes_for_data_and_for_the_end)
{
	struct call poller;

	ASSERT_EQ(0, call_start(&poller, call_poll, self->fd, POLLIN, NULL,
				0));
	ASSERT_EQ(0, call_wait_blocked(&poller, __NR_ppoll));
	ASSERT_SENDS(ABC);
	ASSERT_CALL(POLLIN, 0, &poller);
	ASSERT_EQ(3, recv(self->fd, self->buf, sizeof(self->buf), 0));
	ASSERT_EQ(0, call_start(&poller, call_poll, self->fd, POLLRDHUP, NULL,
				0));
	ASSERT_EQ(0, call_wait_blocked(&poller, __NR_ppoll));
	ASSERT_SENDS(WIRE_FIN);
	ASSERT_CALL(POLLRDHUP, 0, &poller);
}

TEST_F(poll, wakes_for_the_fin_ack)
{
	struct call poller;

	ASSERT_EQ(0, set_nonblock(self->fd, true));
	ASSERT_ERRNO(EINPROGRESS, shutdown(self->fd, SHUT_WR));
	ASSERT_EQ(0, call_start(&poller, call_poll, self->fd, POLLOUT, NULL,
				0));
	ASSERT_EQ(0, call_wait_blocked(&poller, __NR_ppoll));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_SENDS(WIRE_FIN_ACK);
	ASSERT_CALL(POLLOUT, 0, &poller);
}

/* "Edge-triggered epoll gets an edge at every change." */

static int edge_add(int *epfd, int fd)
{
	struct epoll_event event = {
		.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
	};

	*epfd = epoll_create1(EPOLL_CLOEXEC);
	return *epfd < 0 ? -1 : epoll_ctl(*epfd, EPOLL_CTL_ADD, fd, &event);
}

/* The next edge, or 0 if there is none at once. */
static int edge_now(int epfd)
{
	struct epoll_event event;

	return epoll_wait(epfd, &event, 1, 0) == 1 ? (int)event.events : 0;
}

/* Wait for an edge that has all these events. */
static int edge_until(int epfd, int events)
{
	long long end = now_ms() + deadline_ms(), left;
	struct epoll_event event;

	while ((left = end - now_ms()) > 0)
		if (epoll_wait(epfd, &event, 1, left) == 1 &&
		    ((int)event.events & events) == events)
			return event.events;
	return -1;
}

static long call_epoll(struct call *call)
{
	struct epoll_event event;
	int n;

	n = epoll_pwait(call->fd, &event, 1, deadline_ms(), NULL);
	return n == 1 ? (long)event.events : -1;
}

/* EPOLLEXCLUSIVE is for what one of them can take: each is told of the end. */
TEST_F(poll, exclusive_ones_are_all_woken_by_the_end)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLEXCLUSIVE };
	struct call waiter[3];
	int epfd[3], i;

	for (i = 0; i < 3; i++) {
		epfd[i] = epoll_create1(EPOLL_CLOEXEC);
		ASSERT_LE(0, epfd[i]);
		ASSERT_EQ(0, epoll_ctl(epfd[i], EPOLL_CTL_ADD, self->fd,
				       &event));
		ASSERT_EQ(0, call_start(&waiter[i], call_epoll, epfd[i], 0,
					NULL, 0));
		ASSERT_EQ(0, call_wait_blocked(&waiter[i], __NR_epoll_pwait));
	}
	ASSERT_SENDS(WIRE_FIN);
	for (i = 0; i < 3; i++) {
		ASSERT_CALL(EPOLLIN, 0, &waiter[i]);
		close(epfd[i]);
	}
}

TEST_F(poll, edge_for_each_arrival_of_data)
{
	ASSERT_EQ(0, edge_add(&self->epfd, self->fd));
	EXPECT_EQ(EPOLLOUT, edge_now(self->epfd));
	EXPECT_EQ(0, edge_now(self->epfd));
	ASSERT_SENDS(ABC);
	EXPECT_LE(0, edge_until(self->epfd, EPOLLIN));
	EXPECT_EQ(0, edge_now(self->epfd));
	/* Nothing is read, and more comes. */
	ASSERT_SENDS(ABC);
	EXPECT_LE(0, edge_until(self->epfd, EPOLLIN));
	EXPECT_EQ(0, edge_now(self->epfd));
	ASSERT_EQ(6, recv(self->fd, self->buf, sizeof(self->buf), 0));
	ASSERT_SENDS(ABC);
	EXPECT_LE(0, edge_until(self->epfd, EPOLLIN));
}

TEST_F(poll, edge_for_the_peers_fin)
{
	ASSERT_EQ(0, edge_add(&self->epfd, self->fd));
	EXPECT_EQ(EPOLLOUT, edge_now(self->epfd));
	ASSERT_SENDS(ABC);
	EXPECT_LE(0, edge_until(self->epfd, EPOLLIN));
	ASSERT_SENDS(WIRE_FIN);
	EXPECT_LE(0, edge_until(self->epfd, EPOLLIN | EPOLLRDHUP));
}

TEST_F(poll, edge_for_the_fin_ack)
{
	ASSERT_EQ(0, edge_add(&self->epfd, self->fd));
	EXPECT_EQ(EPOLLOUT, edge_now(self->epfd));
	ASSERT_EQ(0, set_nonblock(self->fd, true));
	ASSERT_ERRNO(EINPROGRESS, shutdown(self->fd, SHUT_WR));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	EXPECT_EQ(0, edge_now(self->epfd) & EPOLLOUT);
	ASSERT_SENDS(WIRE_FIN_ACK);
	EXPECT_LE(0, edge_until(self->epfd, EPOLLOUT));
}

TEST_F(poll, edge_for_the_end_of_the_timer)
{
	ASSERT_EQ(0, edge_add(&self->epfd, self->fd));
	EXPECT_EQ(EPOLLOUT, edge_now(self->epfd));
	ASSERT_EQ(0, set_nonblock(self->fd, true));
	ASSERT_ERRNO(EINPROGRESS, shutdown(self->fd, SHUT_WR));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, sub_fin_timeout(self->fd, 200));
	EXPECT_LE(0, edge_until(self->epfd, EPOLLOUT));
	ASSERT_ERRNO(ETIMEDOUT, shutdown(self->fd, SHUT_WR));
}

TEST_F(poll, edge_for_a_reset)
{
	ASSERT_EQ(0, edge_add(&self->epfd, self->fd));
	EXPECT_EQ(EPOLLOUT, edge_now(self->epfd));
	ASSERT_SENDS(WIRE_RESET_STREAM);
	EXPECT_LE(0, edge_until(self->epfd, EPOLLERR | EPOLLHUP | EPOLLIN));
}

/* Two kernel endpoints, for room in the send buffer and for listeners. */
FIXTURE(pair)
{
	struct addr addr;
	int listener;
	int client;
	int server;
	int epfd;
};

FIXTURE_SETUP(pair)
{
	self->epfd = -1;
	ASSERT_EQ(0, netns_private());
	self->listener = sub_listen(AF_INET, &self->addr);
	ASSERT_LE(0, self->listener);
	self->client = sub_connect(&self->addr);
	ASSERT_LE(0, self->client);
	self->server = sub_accept(self->listener);
	ASSERT_LE(0, self->server);
}

FIXTURE_TEARDOWN(pair)
{
	close(self->epfd);
	close(self->client);
	close(self->server);
	close(self->listener);
}

/* Receive to the end, whatever it is. */
static long call_drain(struct call *call)
{
	char buf[16384];
	ssize_t ret;

	do {
		ret = recv(call->fd, buf, sizeof(buf), 0);
	} while (ret > 0);
	return ret;
}

/* Fill the queue and wait for an event until that blocks: SCTP may take some
 * more after all.
 */
static int poll_when_full(struct call *poller, int fd)
{
	do {
		if (sub_fill(fd, 1) < 0 ||
		    call_start(poller, call_poll, fd, ALL, NULL, 0))
			return -1;
		if (!call_wait_blocked(poller, __NR_ppoll))
			return 0;
	} while (!call_finish(poller) && poller->ret == POLLOUT);
	return -1;
}

TEST_F(pair, poll_is_out_only_while_a_write_would_not_block)
{
	struct call reader, poller;

	ASSERT_EQ(0, poll_when_full(&poller, self->client));
	ASSERT_EQ(0, call_start(&reader, call_drain, self->server, 0, NULL,
				0));
	ASSERT_CALL(POLLOUT, 0, &poller);
	ASSERT_LT(0, send(self->client, "", 1, MSG_DONTWAIT));
	close(self->client);
	self->client = -1;
	ASSERT_EQ(0, call_finish(&reader));
}

TEST_F(pair, edge_for_room_in_the_send_buffer)
{
	struct call reader;

	ASSERT_EQ(0, edge_add(&self->epfd, self->client));
	EXPECT_EQ(EPOLLOUT, edge_now(self->epfd));
	/* SCTP may take some more after all. */
	do {
		ASSERT_LE(0, sub_fill(self->client, 1));
		while (edge_now(self->epfd))
			;
	} while (poll_now(self->client, ALL));
	ASSERT_EQ(0, call_start(&reader, call_drain, self->server, 0, NULL,
				0));
	EXPECT_LE(0, edge_until(self->epfd, EPOLLOUT));
	close(self->client);
	self->client = -1;
	ASSERT_EQ(0, call_finish(&reader));
}

/* Of two that wait for the same event, both are told. */
TEST_F(pair, two_pollers_are_both_woken)
{
	struct call one, two;

	ASSERT_EQ(0, call_start(&one, call_poll, self->server, POLLIN, NULL,
				0));
	ASSERT_EQ(0, call_start(&two, call_poll, self->server, POLLIN, NULL,
				0));
	ASSERT_EQ(0, call_wait_blocked(&one, __NR_ppoll));
	ASSERT_EQ(0, call_wait_blocked(&two, __NR_ppoll));
	ASSERT_EQ(1, write(self->client, "x", 1));
	ASSERT_CALL(POLLIN, 0, &one);
	ASSERT_CALL(POLLIN, 0, &two);
}

/* SO_RCVLOWAT made smaller: there is enough now. */
TEST_F(pair, so_rcvlowat_made_smaller_wakes_pollers)
{
	struct call poller;
	int lowat = 10;

	ASSERT_EQ(0, setsockopt(self->server, SOL_SOCKET, SO_RCVLOWAT, &lowat,
				sizeof(lowat)));
	ASSERT_EQ(3, write(self->client, "abc", 3));
	ASSERT_UNTIL(sub_received(self->server) == 3);
	ASSERT_EQ(0, edge_add(&self->epfd, self->server));
	EXPECT_EQ(EPOLLOUT, edge_now(self->epfd));
	ASSERT_EQ(0, call_start(&poller, call_poll, self->server, POLLIN, NULL,
				0));
	ASSERT_EQ(0, call_wait_blocked(&poller, __NR_ppoll));
	lowat = 3;
	ASSERT_EQ(0, setsockopt(self->server, SOL_SOCKET, SO_RCVLOWAT, &lowat,
				sizeof(lowat)));
	ASSERT_CALL(POLLIN, 0, &poller);
	EXPECT_LE(0, edge_until(self->epfd, EPOLLIN));
	EXPECT_EQ(3, get_int(self->server, SOL_SOCKET, SO_RCVLOWAT));
}

TEST_F(pair, a_listener_is_in_while_there_is_something_to_accept)
{
	struct call poller;
	int fd, server;

	EXPECT_EQ(0, poll_now(self->listener, ALL));
	ASSERT_EQ(0, call_start(&poller, call_poll, self->listener, POLLIN,
				NULL, 0));
	ASSERT_EQ(0, call_wait_blocked(&poller, __NR_ppoll));
	fd = sub_connect(&self->addr);
	ASSERT_LE(0, fd);
	ASSERT_CALL(POLLIN, 0, &poller);
	EXPECT_EQ(POLLIN, poll_now(self->listener, ALL));
	server = sub_accept(self->listener);
	ASSERT_LE(0, server);
	EXPECT_EQ(0, poll_now(self->listener, ALL));
	close(fd);
	close(server);
}

TEST_F(pair, a_listener_that_the_administrator_ends_is_everything)
{
	struct call poller;

	ASSERT_EQ(0, call_start(&poller, call_poll, self->listener, POLLRDHUP,
				NULL, 0));
	ASSERT_EQ(0, call_wait_blocked(&poller, __NR_ppoll));
	ASSERT_EQ(0, diag_kill(self->listener));
	ASSERT_CALL(POLLRDHUP | POLLERR | POLLHUP, 0, &poller);
	EXPECT_EQ(ALL | POLLERR | POLLHUP, poll_now(self->listener, ALL));
	ASSERT_ERRNO(ECONNABORTED, accept(self->listener, NULL, NULL));
}

TEST_F(pair, edge_of_a_listener_for_each_arrival)
{
	int fd[2];

	ASSERT_EQ(0, edge_add(&self->epfd, self->listener));
	EXPECT_EQ(0, edge_now(self->epfd));
	fd[0] = sub_connect(&self->addr);
	EXPECT_LE(0, edge_until(self->epfd, EPOLLIN));
	EXPECT_EQ(0, edge_now(self->epfd));
	fd[1] = sub_connect(&self->addr);
	EXPECT_LE(0, edge_until(self->epfd, EPOLLIN));
	close(fd[0]);
	close(fd[1]);
}

/* "as TCP": so this does for one, too. */
FIXTURE(refused)
{
	struct addr addr;
	int fd;
};

FIXTURE_VARIANT(refused)
{
	int domain;
};

FIXTURE_VARIANT_ADD(refused, by_tcp)
{
	.domain = AF_INET,
};

FIXTURE_VARIANT_ADD(refused, by_wrtcsub)
{
	.domain = AF_WRTCSUB,
};

FIXTURE_SETUP(refused)
{
	ASSERT_EQ(0, netns_private());
	/* Where nobody listens. */
	addr_loopback(&self->addr, AF_INET, 5000);
	self->fd = socket(variant->domain, SOCK_STREAM | SOCK_NONBLOCK, 0);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(refused)
{
	close(self->fd);
}

TEST_F(refused, is_everything_until_connect_says_so)
{
	EXPECT_EQ(POLLOUT | POLLHUP, poll_now(self->fd, ALL));
	ASSERT_ERRNO(EINPROGRESS, connect(self->fd, &self->addr.sa,
					  self->addr.len));
	/* The error may be seen a moment before the rest. */
	ASSERT_UNTIL(poll_now(self->fd, ALL) == (ALL | POLLERR | POLLHUP));
	ASSERT_ERRNO(ECONNREFUSED, connect(self->fd, &self->addr.sa,
					   self->addr.len));
	EXPECT_EQ(POLLOUT | POLLHUP, poll_now(self->fd, ALL));
}

TEST_F(refused, is_so_without_the_error_that_so_error_took)
{
	ASSERT_ERRNO(EINPROGRESS, connect(self->fd, &self->addr.sa,
					  self->addr.len));
	ASSERT_UNTIL(poll_now(self->fd, ALL) == (ALL | POLLERR | POLLHUP));
	EXPECT_EQ(ECONNREFUSED, get_int(self->fd, SOL_SOCKET, SO_ERROR));
	EXPECT_EQ(ALL | POLLHUP, poll_now(self->fd, ALL));
	ASSERT_ERRNO(ECONNABORTED, connect(self->fd, &self->addr.sa,
					   self->addr.len));
	EXPECT_EQ(POLLOUT | POLLHUP, poll_now(self->fd, ALL));
}

TEST_HARNESS_MAIN
