// SPDX-License-Identifier: GPL-2.0
/* "Edge-triggered epoll gets an edge at every change": each change there is,
 * one after the other, and after each of them what poll says and an edge that
 * says it.  A program that waits for edges only must never hang.
 */

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>

#include "lib/harness.h"

#define ABC	"05 12 03 61 62 63"

struct edge {
	struct duo duo;
	int fd;			/* what the edges are of */
	int extra;
	struct call call;
	char buf[16384];
};

/* One change; 0 if it was made. */
struct change {
	const char *what;
	int (*make)(struct edge *edge);
	int events;		/* that poll says after it, and the edge */
};

static int peer_says(struct edge *edge, const char *hex)
{
	return peer_send(&edge->duo.peer, edge->duo.sid, hex);
}

static int data_comes(struct edge *edge)
{
	return peer_says(edge, ABC);
}

static int fin_comes(struct edge *edge)
{
	return peer_says(edge, WIRE_FIN);
}

static int fin_ack_comes(struct edge *edge)
{
	if (peer_expect(&edge->duo.peer, edge->duo.sid, WIRE_FIN))
		return -1;
	return peer_says(edge, WIRE_FIN_ACK);
}

static int stop_sending_comes(struct edge *edge)
{
	if (peer_says(edge, WIRE_STOP_SENDING))
		return -1;
	return fin_ack_comes(edge);
}

static int reset_stream_comes(struct edge *edge)
{
	return peer_says(edge, WIRE_RESET_STREAM);
}

static int channel_is_reset(struct edge *edge)
{
	return peer_reset(&edge->duo.peer, edge->duo.sid);
}

static int frame_is_malformed(struct edge *edge)
{
	return peer_says(edge, "02 0b 00");
}

static int association_is_aborted(struct edge *edge)
{
	return peer_abort(&edge->duo.peer);
}

static int association_is_shut_down(struct edge *edge)
{
	return peer_shutdown(&edge->duo.peer);
}

/* Somebody else who has the socket. */
static int other_shuts_rd(struct edge *edge)
{
	return shutdown(edge->fd, SHUT_RD);
}

static int other_shuts_wr(struct edge *edge)
{
	if (set_nonblock(edge->fd, true) || !shutdown(edge->fd, SHUT_WR))
		return -1;
	return fin_ack_comes(edge);
}

static int fin_times_out(struct edge *edge)
{
	if (sub_fin_timeout(edge->fd, 50) || set_nonblock(edge->fd, true))
		return -1;
	return shutdown(edge->fd, SHUT_WR) ? 0 : -1;
}

/* The writer has found the buffer full, so it waits for room. */
static int room_is_made(struct edge *edge)
{
	static struct peer_frame frame;
	int flag;

	while (send(edge->fd, edge->buf, sizeof(edge->buf),
		    MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
		;
	if (errno != EAGAIN)
		return -1;
	do {
		if (peer_expect_frame(&edge->duo.peer, edge->duo.sid, &frame))
			return -1;
		flag = poll_now(edge->fd, POLLOUT);
	} while (!flag);
	return 0;
}

#define ENDED	(EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLHUP)

/* Of a substream. */
static const struct change changes[] = {
	{ "data comes", data_comes, EPOLLIN },
	{ "the peer's FIN comes", fin_comes, EPOLLIN | EPOLLRDHUP },
	{ "STOP_SENDING comes, and then the FIN_ACK", stop_sending_comes,
	  EPOLLOUT },
	{ "RESET_STREAM comes", reset_stream_comes, ENDED | EPOLLERR },
	{ "the channel is reset", channel_is_reset, ENDED | EPOLLERR },
	{ "a malformed frame comes", frame_is_malformed, ENDED | EPOLLERR },
	{ "the association is aborted", association_is_aborted,
	  ENDED | EPOLLERR },
	{ "the association is shut down", association_is_shut_down,
	  ENDED | EPOLLERR },
	{ "another thread shuts the receiving half", other_shuts_rd,
	  EPOLLIN | EPOLLRDHUP },
	{ "another thread shuts the sending half", other_shuts_wr, EPOLLOUT },
	{ "a FIN is not acknowledged in time", fin_times_out, EPOLLOUT },
	{ "room is made for a writer", room_is_made, EPOLLOUT },
};

static int edge_add(int fd)
{
	struct epoll_event event = {
		.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
	};
	int epfd = epoll_create1(EPOLL_CLOEXEC);

	if (epfd < 0 || epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event))
		return -1;
	/* What there is already comes as the first edge. */
	while (epoll_wait(epfd, &event, 1, 0) > 0)
		;
	return epfd;
}

/* Wait for an edge with all of these. */
static int edge_until(int epfd, int events)
{
	long long end = now_ms() + deadline_ms(), left;
	struct epoll_event event = {};

	while ((left = end - now_ms()) > 0)
		if (epoll_wait(epfd, &event, 1, left) == 1 &&
		    ((int)event.events & events) == events)
			return 0;
	fprintf(stderr, "# last edge: %#x\n", event.events);
	return -1;
}

FIXTURE(edge)
{
	struct edge *edge;
};

FIXTURE_VARIANT(edge)
{
	enum duo_side side;
};

FIXTURE_VARIANT_ADD(edge, of_who_connected)
{
	.side = DUO_KERNEL_CONNECTS,
};

FIXTURE_VARIANT_ADD(edge, of_who_accepted)
{
	.side = DUO_KERNEL_ACCEPTS,
};

FIXTURE_SETUP(edge)
{
	signal(SIGPIPE, SIG_IGN);
	ASSERT_EQ(0, netns_private());
	/* Even a machine that stalls acknowledges a FIN in time. */
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/fin_ack_timeout_ms", 60000));
	self->edge = calloc(1, sizeof(*self->edge));
	ASSERT_NE(NULL, self->edge);
}

FIXTURE_TEARDOWN(edge)
{
	free(self->edge);
}

TEST_F_TIMEOUT(edge, at_every_change_of_a_substream, 120)
{
	struct edge *edge = self->edge;
	int epfd, events;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(changes); i++) {
		/* A small window, which is full soon. */
		ASSERT_EQ(0, duo_open(&edge->duo, AF_INET, variant->side,
				      65536));
		edge->fd = edge->duo.fd;
		epfd = edge_add(edge->fd);
		ASSERT_LE(0, epfd);
		ASSERT_EQ(0, changes[i].make(edge)) {
			TH_LOG("%s: cannot be made", changes[i].what);
		}
		events = changes[i].events;
		EXPECT_EQ(0, edge_until(epfd, events)) {
			TH_LOG("no edge: %s", changes[i].what);
		}
		EXPECT_EQ(events, poll_now(edge->fd, events) & events) {
			TH_LOG("not said by poll: %s", changes[i].what);
		}
		close(epfd);
		duo_close(&edge->duo);
	}
}

/* The same one twice, with nothing done in between. */
TEST_F(edge, at_a_change_that_changes_nothing_poll_says)
{
	struct edge *edge = self->edge;
	int epfd, i;

	ASSERT_EQ(0, duo_open(&edge->duo, AF_INET, variant->side, 0));
	edge->fd = edge->duo.fd;
	epfd = edge_add(edge->fd);
	ASSERT_LE(0, epfd);
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, data_comes(edge));
		ASSERT_EQ(0, edge_until(epfd, EPOLLIN));
	}
	ASSERT_EQ(0, fin_comes(edge));
	ASSERT_EQ(0, edge_until(epfd, EPOLLIN | EPOLLRDHUP));
	ASSERT_EQ(0, reset_stream_comes(edge));
	ASSERT_EQ(0, edge_until(epfd, ENDED | EPOLLERR));
	close(epfd);
	duo_close(&edge->duo);
}

/* Of a connect. */
TEST_F(edge, at_the_outcome_of_a_connect)
{
	struct addr addr;
	int listener, epfd, fd[2], i;

	listener = sub_listen(AF_INET, &addr);
	ASSERT_LE(0, listener);
	for (i = 0; i < 2; i++) {
		fd[i] = sub_socket(SOCK_NONBLOCK);
		ASSERT_LE(0, fd[i]);
		ASSERT_ERRNO(EINPROGRESS, connect(fd[i], &addr.sa, addr.len));
		epfd = edge_add(fd[i]);
		ASSERT_LE(0, epfd);
		/* The edge may have come before it was waited for. */
		if (!poll_now(fd[i], POLLOUT))
			ASSERT_EQ(0, edge_until(epfd, i ? EPOLLOUT | EPOLLERR :
							  EPOLLOUT));
		EXPECT_EQ(i ? ECONNREFUSED : 0,
			  get_int(fd[i], SOL_SOCKET, SO_ERROR));
		close(epfd);
		/* And then one that is refused. */
		addr.in4.sin_port ^= htons(1);
	}
	close(fd[0]);
	close(fd[1]);
	close(listener);
}

TEST_F(edge, at_the_ack_that_connect_waits_for)
{
	struct edge *edge = self->edge;
	int i, fd, epfd;
	__u16 sid;

	if (variant->side == DUO_KERNEL_ACCEPTS)
		return;
	ASSERT_EQ(0, duo_open(&edge->duo, AF_INET, variant->side, 0));
	for (i = 0; i < 2; i++) {
		fd = sub_socket(SOCK_NONBLOCK);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, sub_set(fd, WRTCSUB_OPEN_WAIT, 1));
		ASSERT_ERRNO(EINPROGRESS, connect(fd, &edge->duo.addr.sa,
						  edge->duo.addr.len));
		epfd = edge_add(fd);
		ASSERT_LE(0, epfd);
		ASSERT_EQ(0, peer_expect_open(&edge->duo.peer, &sid));
		ASSERT_EQ(0, peer_send_ppid(&edge->duo.peer, sid,
					    i ? PPID_BINARY : PPID_DCEP,
					    i ? WIRE_RESET_STREAM : DCEP_ACK));
		ASSERT_EQ(0, edge_until(epfd, i ? EPOLLOUT | EPOLLERR :
						  EPOLLOUT));
		close(epfd);
		close(fd);
	}
	duo_close(&edge->duo);
}

/* Of a listener. */
TEST_F(edge, at_every_change_of_a_listener)
{
	struct edge *edge = self->edge;
	int i, epfd, listener;
	__u16 sid;

	ASSERT_EQ(0, duo_open(&edge->duo, AF_INET, variant->side, 0));
	listener = sub_attached(edge->duo.fd);
	ASSERT_LE(0, listener);
	ASSERT_EQ(0, listen(listener, 5));
	epfd = edge_add(listener);
	ASSERT_LE(0, epfd);
	sid = edge->duo.next_sid;
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, peer_open(&edge->duo.peer, sid + 2 * i));
		ASSERT_EQ(0, edge_until(epfd, EPOLLIN));
	}
	ASSERT_EQ(0, association_is_aborted(edge));
	ASSERT_EQ(0, edge_until(epfd, EPOLLIN | EPOLLERR | EPOLLHUP));
	close(epfd);
	close(listener);

	/* shutdown(2) ends it, as of TCP. */
	listener = sub_listen(AF_INET, &edge->duo.addr);
	ASSERT_LE(0, listener);
	epfd = edge_add(listener);
	ASSERT_LE(0, epfd);
	ASSERT_EQ(0, shutdown(listener, SHUT_RD));
	ASSERT_EQ(0, edge_until(epfd, EPOLLHUP));
	close(epfd);
	close(listener);
}

TEST_HARNESS_MAIN
