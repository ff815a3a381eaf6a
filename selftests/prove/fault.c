// SPDX-License-Identifier: GPL-2.0
/*
 * Each allocation of the module fails in turn: the first, the second, and so on
 * until there is none left, for each call, and for all that the module does of
 * its own accord with a life of a substream.
 *
 * What may come of it is an error that says so, and no more: no end of a stream
 * that is none, no byte that is wrong, nothing that is left behind.  Another
 * substream works afterwards.
 */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "../lib/diag.h"
#include "../lib/fault.h"
#include "../lib/harness.h"
#include "../lib/left.h"
#include "../lib/net.h"
#include "../lib/sctp.h"

/* More than any call has. */
#define FAULTS_MAX	500
#define LIFE_LEN	(12 * 8000)

struct scene {
	struct addr addr;
	int listener;
	int pair[2];
	int fd;				/* what the call has made, or -1 */
};

static char buf[65536];

/* What a call may say.  SCTP has its own words where it has no memory for a
 * socket or a port; and an association for which it has none while it comes up
 * is one that the peer did not take.
 */
static bool is_of_memory(int err)
{
	return err == ENOMEM || err == ENOBUFS || err == ENFILE ||
	       err == EAGAIN || err == EADDRINUSE || err == ECONNREFUSED ||
	       err == ECONNRESET || err == ECONNABORTED;
}

/* The calls.  Each is made with the faults, and gives what it returns. */

static long do_socket(struct scene *scene)
{
	return scene->fd = sub_socket(0);
}

static long do_listen(struct scene *scene)
{
	struct addr addr;

	addr_loopback(&addr, scene->addr.sa.sa_family, 0);
	scene->fd = sub_socket(0);
	if (scene->fd < 0)
		return -1;
	return bind(scene->fd, &addr.sa, addr.len) ?: listen(scene->fd, 5);
}

static long do_connect(struct scene *scene)
{
	scene->fd = sub_socket(0);
	if (scene->fd < 0)
		return -1;
	return connect(scene->fd, &scene->addr.sa, scene->addr.len);
}

/* With an association of its own. */
static long do_connect_alone(struct scene *scene)
{
	scene->fd = sub_socket(0);
	if (scene->fd < 0)
		return -1;
	return sub_set(scene->fd, WRTCSUB_NEW_ASSOC, 1) ?:
	       connect(scene->fd, &scene->addr.sa, scene->addr.len);
}

static long do_attach(struct scene *scene)
{
	scene->fd = sub_attached(scene->pair[1]);
	return scene->fd;
}

static long do_send(struct scene *scene)
{
	return send(scene->pair[0], buf, sizeof(buf), MSG_NOSIGNAL);
}

static long do_recv(struct scene *scene)
{
	return recv(scene->pair[1], buf, 5, MSG_WAITALL);
}

static long do_shutdown(struct scene *scene)
{
	return shutdown(scene->pair[0], SHUT_WR);
}

static long do_label(struct scene *scene)
{
	scene->fd = sub_socket(0);
	if (scene->fd < 0)
		return -1;
	return setsockopt(scene->fd, SOL_WRTCSUB, WRTCSUB_LABEL, "a label", 7);
}

static long do_info(struct scene *scene)
{
	struct wrtcsub_info info;

	return sub_info(scene->pair[0], &info);
}

static long do_sctp_option(struct scene *scene)
{
	struct sctp_rtoinfo info = {};
	socklen_t len = sizeof(info);

	scene->fd = sub_socket(0);
	if (scene->fd < 0)
		return -1;
	return getsockopt(scene->fd, SOL_SCTP, SCTP_RTOINFO, &info, &len) ?:
	       setsockopt(scene->fd, SOL_SCTP, SCTP_RTOINFO, &info, len);
}

static long do_list(struct scene *scene)
{
	FILE *file = fopen("/proc/thread-self/net/wrtcsub", "re");

	(void)scene;
	if (!file)
		return -1;
	while (fgets(buf, sizeof(buf), file))
		;
	if (ferror(file)) {
		fclose(file);
		errno = ENOMEM;
		return -1;
	}
	return fclose(file);
}

/* Never fails, and neither may what it begins. */
static long do_close(struct scene *scene)
{
	int fd = scene->pair[0];

	scene->pair[0] = -1;
	return close(fd);
}

static int scene_begin(struct scene *scene, int family)
{
	*scene = (struct scene){ .fd = -1 };
	scene->listener = sub_listen(family, &scene->addr);
	if (scene->listener < 0)
		return -1;
	scene->pair[0] = sub_connect(&scene->addr);
	if (scene->pair[0] < 0)
		return -1;
	scene->pair[1] = sub_accept(scene->listener);
	if (scene->pair[1] < 0)
		return -1;
	return send(scene->pair[0], "hello", 5, MSG_NOSIGNAL) == 5 ? 0 : -1;
}

static void scene_end(struct scene *scene)
{
	int fds[] = { scene->fd, scene->pair[0], scene->pair[1],
		      scene->listener };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

FIXTURE(call) {};

FIXTURE_VARIANT(call)
{
	long (*fn)(struct scene *scene);
};

FIXTURE_VARIANT_ADD(call, socket)
{
	.fn = do_socket,
};

FIXTURE_VARIANT_ADD(call, listen)
{
	.fn = do_listen,
};

FIXTURE_VARIANT_ADD(call, connect)
{
	.fn = do_connect,
};

FIXTURE_VARIANT_ADD(call, connect_alone)
{
	.fn = do_connect_alone,
};

FIXTURE_VARIANT_ADD(call, attach)
{
	.fn = do_attach,
};

FIXTURE_VARIANT_ADD(call, send)
{
	.fn = do_send,
};

FIXTURE_VARIANT_ADD(call, recv)
{
	.fn = do_recv,
};

FIXTURE_VARIANT_ADD(call, shutdown)
{
	.fn = do_shutdown,
};

FIXTURE_VARIANT_ADD(call, label)
{
	.fn = do_label,
};

FIXTURE_VARIANT_ADD(call, info)
{
	.fn = do_info,
};

FIXTURE_VARIANT_ADD(call, sctp_option)
{
	.fn = do_sctp_option,
};

FIXTURE_VARIANT_ADD(call, list)
{
	.fn = do_list,
};

FIXTURE_VARIANT_ADD(call, close)
{
	.fn = do_close,
};

/* A packet that is not made is sent again, soon. */
static int prepare(void)
{
	return fault_setup() ?: netns_private() ?:
	       netns_sysctl("net/sctp/rto_min", 100) ?:
	       netns_sysctl("net/sctp/rto_initial", 100);
}

FIXTURE_SETUP(call)
{
	ASSERT_EQ(0, prepare());
}

FIXTURE_TEARDOWN(call)
{
}

TEST_F_TIMEOUT(call, fails_cleanly, 600)
{
	struct scene scene;
	int err, failed = 0;
	bool happened;
	long n, ret;

	for (n = 1; n < FAULTS_MAX; n++) {
		ASSERT_EQ(0, scene_begin(&scene, AF_INET));
		ASSERT_EQ(0, fault_arm(n));
		ret = variant->fn(&scene);
		err = errno;
		happened = fault_disarm();
		if (ret < 0) {
			failed++;
			EXPECT_TRUE(happened && is_of_memory(err)) {
				TH_LOG("fault %ld: %s", n,
				       strerrorname_np(err));
			}
		}
		scene_end(&scene);
		ASSERT_EQ(0, left_works(AF_INET));
		if (!happened)
			break;
	}
	ASSERT_LT(n, FAULTS_MAX);
	TH_LOG("%ld allocations, of which %d fail the call", n - 1, failed);
	ASSERT_EQ(0, left_wait());
}

FIXTURE(life) {};

FIXTURE_VARIANT(life)
{
	int type;
	bool negotiated;
};

FIXTURE_VARIANT_ADD(life, stream)
{
	.type = SOCK_STREAM,
};

FIXTURE_VARIANT_ADD(life, seqpacket)
{
	.type = SOCK_SEQPACKET,
};

FIXTURE_VARIANT_ADD(life, negotiated)
{
	.type = SOCK_STREAM,
	.negotiated = true,
};

FIXTURE_SETUP(life)
{
	ASSERT_EQ(0, prepare());
}

FIXTURE_TEARDOWN(life)
{
}

/* What one direction came to. */
enum outcome {
	OUTCOME_WHOLE,			/* all bytes, and the end */
	OUTCOME_ERROR,			/* an error of recv or of send */
	OUTCOME_FALSE,			/* an end that is none, a wrong byte */
	OUTCOME_SILENT,			/* somebody waits, and is not told */
};

/* All of it and the end, in pieces that are a message as well. */
static long call_send_whole(struct call *call)
{
	char piece[8000];
	size_t done;

	for (done = 0; done < LIFE_LEN; done += sizeof(piece)) {
		pattern_fill(piece, sizeof(piece), done, 7);
		if (send(call->fd, piece, sizeof(piece), MSG_NOSIGNAL) !=
		    sizeof(piece))
			return -1;
	}
	return shutdown(call->fd, SHUT_WR);
}

static enum outcome one_way(int from, int to)
{
	struct call writer;
	size_t done = 0;
	ssize_t len;

	if (call_start(&writer, call_send_whole, from, 0, NULL, 0))
		return OUTCOME_FALSE;
	while ((len = recv(to, buf, sizeof(buf), 0)) > 0) {
		if (pattern_check(buf, len, done, 7) >= 0)
			return OUTCOME_FALSE;
		done += len;
	}
	if (call_finish(&writer))
		return OUTCOME_FALSE;
	if (len < 0 && errno == EAGAIN)
		return OUTCOME_SILENT;
	if (len < 0 || writer.ret)
		return OUTCOME_ERROR;
	return done == LIFE_LEN ? OUTCOME_WHOLE : OUTCOME_FALSE;
}

static enum outcome both_ways(int from, int to)
{
	enum outcome outcome;

	if (set_timeout(from, SO_RCVTIMEO, deadline_ms()) ||
	    set_timeout(to, SO_RCVTIMEO, deadline_ms()) ||
	    sub_fin_timeout(from, deadline_ms()) ||
	    sub_fin_timeout(to, deadline_ms()))
		return OUTCOME_FALSE;
	outcome = one_way(from, to);
	return outcome == OUTCOME_WHOLE ? one_way(to, from) : outcome;
}

/* It is accepted, or who has connected is told that it will not be. */
static enum outcome life_of(int listener, int from)
{
	struct pollfd pfd[] = {
		{ .fd = listener, .events = POLLIN },
		{ .fd = from, .events = POLLIN },
	};
	enum outcome outcome;
	int to;

	if (poll(pfd, 2, deadline_ms()) <= 0)
		return OUTCOME_SILENT;
	if (!pfd[0].revents)
		return OUTCOME_ERROR;
	to = accept(listener, NULL, NULL);
	if (to < 0)
		return OUTCOME_FALSE;
	outcome = both_ways(from, to);
	close(to);
	return outcome;
}

static int listens(struct addr *addr, bool negotiated)
{
	int fd;

	addr_loopback(addr, AF_INET, 0);
	fd = sub_bound(addr);
	if (fd < 0)
		return -1;
	if ((!negotiated || !sub_set(fd, WRTCSUB_STREAM_ID, 0)) &&
	    !listen(fd, 5) && !addr_local(fd, addr))
		return fd;
	close(fd);
	return -1;
}

static int connects(const struct addr *addr, bool negotiated)
{
	int fd = sub_socket(0);

	if (fd < 0)
		return -1;
	if ((!negotiated || !sub_set(fd, WRTCSUB_STREAM_ID, 0)) &&
	    !connect(fd, &addr->sa, addr->len))
		return fd;
	close(fd);
	return -1;
}

static enum outcome whole_life(bool negotiated)
{
	enum outcome outcome = OUTCOME_ERROR;
	int listener, from;
	struct addr addr;

	listener = listens(&addr, negotiated);
	if (listener < 0)
		return OUTCOME_FALSE;
	from = connects(&addr, negotiated);
	if (from >= 0) {
		outcome = life_of(listener, from);
		close(from);
	}
	close(listener);
	return outcome;
}

/* What the module allocates in its own work: for what comes in, for answers,
 * for resets.
 */
TEST_F_TIMEOUT(life, ends_cleanly, 1200)
{
	int failed = 0, left = 3;
	enum outcome outcome;
	bool happened;
	long n;

	for (n = 1; n < FAULTS_MAX && left; n++) {
		sub_type = variant->type;
		ASSERT_EQ(0, fault_arm_kernel(n));
		outcome = whole_life(variant->negotiated);
		happened = fault_disarm_kernel();
		EXPECT_TRUE(outcome != OUTCOME_FALSE) {
			TH_LOG("fault %ld: not what was sent", n);
		}
		EXPECT_TRUE(outcome != OUTCOME_SILENT) {
			TH_LOG("fault %ld: nobody is told", n);
		}
		if (outcome == OUTCOME_ERROR) {
			failed++;
			EXPECT_TRUE(happened);
		}
		ASSERT_EQ(0, left_works(AF_INET));
		/* Which thread does how much of it is not always the same. */
		left = happened ? 3 : left - 1;
	}
	ASSERT_LT(n, FAULTS_MAX);
	TH_LOG("%ld allocations, of which %d end the life", n - 3, failed);
	ASSERT_EQ(0, left_wait());
}

/* What SCTP cannot tell us of, for it has no memory for the notification.  It
 * has the answer all the same, and the association goes on.
 */
#define ANSWER_MS	30000
#define TOLD_MS		3000
#define TELL_OF_RESETS	"sctp_ulpevent_make_stream_reset_event"
#define TELL_OF_STREAMS	"sctp_ulpevent_make_stream_change_event"

FIXTURE(untold) {};

FIXTURE_SETUP(untold)
{
	ASSERT_EQ(0, prepare());
}

FIXTURE_TEARDOWN(untold)
{
	fault_disarm_function();
}

TEST_F_TIMEOUT(untold, answer_to_a_reset, 120)
{
	struct duo duo;
	long long end;
	__u16 sid;
	int fd;

	ASSERT_EQ(0, duo_open(&duo, AF_INET, DUO_KERNEL_CONNECTS, 0));
	fd = duo_more(&duo, &sid);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, set_linger(fd, 1, 0));
	ASSERT_EQ(0, fault_arm_function(TELL_OF_RESETS));
	ASSERT_EQ(0, close(fd));
	ASSERT_EQ(0, peer_expect(&duo.peer, sid, WIRE_RESET_STREAM));
	usleep(TOLD_MS * 1000);
	fault_disarm_function();
	/* The peer has not been told either. */
	ASSERT_EQ(0, peer_expect_nothing(&duo.peer, sid));
	EXPECT_EQ(0, netns_counter("ResetsDone"));
	end = now_ms() + ANSWER_MS + deadline_ms();
	while (now_ms() < end && !netns_counter("ResetsDone"))
		peer_pump(&duo.peer, 100);
	EXPECT_EQ(1, netns_counter("ResetsDone"));
	EXPECT_EQ(0, netns_counter("AssocsLost"));
	ASSERT_EQ(0, peer_expect_reset(&duo.peer, sid));
	ASSERT_EQ(3, write(duo.fd, "abc", 3));
	ASSERT_EQ(0, peer_expect(&duo.peer, duo.sid, "05 12 03 61 62 63"));
	duo_close(&duo);
}

/* Neither end hears of it. */
TEST_F_TIMEOUT(untold, more_streams, 120)
{
	enum { HAD = 8 };
	int listener, fd[HAD + 1], server[HAD + 1], i;
	struct addr addr;

	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/max_streams", 2 * HAD));
	listener = sub_listen(AF_INET, &addr);
	ASSERT_LE(0, listener);
	for (i = 0; i < HAD; i++) {
		fd[i] = sub_connect(&addr);
		ASSERT_LE(0, fd[i]);
		server[i] = sub_accept(listener);
		ASSERT_LE(0, server[i]);
	}
	fd[HAD] = sub_socket(SOCK_NONBLOCK);
	ASSERT_LE(0, fd[HAD]);
	ASSERT_EQ(0, fault_arm_function(TELL_OF_STREAMS));
	ASSERT_ERRNO(EINPROGRESS, connect(fd[HAD], &addr.sa, addr.len));
	usleep(TOLD_MS * 1000);
	fault_disarm_function();
	EXPECT_EQ(0, netns_counter("Grown"));
	ASSERT_LT(0, poll_for(fd[HAD], POLLOUT, ANSWER_MS + deadline_ms()));
	ASSERT_EQ(0, get_int(fd[HAD], SOL_SOCKET, SO_ERROR));
	EXPECT_EQ(0, netns_counter("AssocsLost"));
	server[HAD] = sub_accept(listener);
	ASSERT_LE(0, server[HAD]);
	ASSERT_EQ(1, send(fd[HAD], "x", 1, MSG_NOSIGNAL));
	ASSERT_EQ(1, recv(server[HAD], buf, 1, 0));
	for (i = 0; i <= HAD; i++) {
		close(fd[i]);
		close(server[i]);
	}
	close(listener);
}

/* The listener has its end once a message comes, and then that message too. */
TEST_F_TIMEOUT(untold, more_streams_for_a_negotiated_channel, 120)
{
	enum { HAD = 16, SID = HAD + 4 };
	int listener, fd, server;
	struct addr addr;

	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/max_streams", HAD));
	/* The listener's end has no substream so long. */
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/idle_timeout_ms", 600000));
	addr_loopback(&addr, AF_INET, 5000);
	listener = sub_bound(&addr);
	ASSERT_LE(0, listener);
	ASSERT_EQ(0, sub_set(listener, WRTCSUB_STREAM_ID, SID));
	ASSERT_EQ(0, listen(listener, 5));
	fd = sub_socket(SOCK_NONBLOCK);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, sub_set(fd, WRTCSUB_STREAM_ID, SID));
	ASSERT_EQ(0, fault_arm_function(TELL_OF_STREAMS));
	ASSERT_ERRNO(EINPROGRESS, connect(fd, &addr.sa, addr.len));
	usleep(TOLD_MS * 1000);
	fault_disarm_function();
	EXPECT_EQ(0, netns_counter("Grown"));
	ASSERT_LT(0, poll_for(fd, POLLOUT, ANSWER_MS + deadline_ms()));
	ASSERT_EQ(0, get_int(fd, SOL_SOCKET, SO_ERROR));
	ASSERT_EQ(1, send(fd, "x", 1, MSG_NOSIGNAL));
	server = sub_accept(listener);
	ASSERT_LE(0, server);
	ASSERT_EQ(0, set_timeout(server, SO_RCVTIMEO, deadline_ms()));
	ASSERT_EQ(1, recv(server, buf, 1, 0));
	close(server);
	close(fd);
	close(listener);
}

TEST_HARNESS_MAIN
