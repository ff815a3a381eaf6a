// SPDX-License-Identifier: GPL-2.0
/*
 * Each allocation of the module fails in turn: the first, the second, and so on
 * until there is none left, for each call, and for all that the module does of
 * its own accord with a life of a substream.
 *
 * What may come of it is an error that says so, and no more: no end of a stream
 * that is none, no byte that is wrong, nothing that is left behind.  The
 * association that there was works afterwards, and so does another one.
 */

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>

#include "../lib/diag.h"
#include "../lib/fault.h"
#include "../lib/harness.h"
#include "../lib/left.h"
#include "../lib/net.h"
#include "../lib/sctp.h"

#define LIFE_LEN	(12 * 8000)
#define RECORD_LEN	10000
#define GREETING	"hello"
#define WORDS		3
/* All attributes of sock_diag(7). */
#define SHOW_ALL	0xffffffff

struct scene {
	struct addr addr;
	int listener;
	int pair[2];			/* [1]: -1 if it waits for accept */
	int fd;				/* what the call has made, or -1 */
	bool greeted;			/* the call has read that */
	size_t sent;			/* it has written so much of out */
};

static char buf[65536];
/* What is sent. */
static char out[65536];
static int out_file;

/* ENFILE: there is no socket for SCTP. */
static bool is_of_memory(int err)
{
	return err == ENOMEM || err == ENOBUFS || err == ENFILE;
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

static long do_accept(struct scene *scene)
{
	scene->pair[1] = accept4(scene->listener, NULL, NULL, SOCK_CLOEXEC);
	return scene->pair[1];
}

/* What it says has been sent, and no more, is what comes. */
static long has_sent(struct scene *scene, long ret)
{
	scene->sent = ret < 0 ? 0 : ret;
	return ret;
}

static long do_send(struct scene *scene)
{
	return has_sent(scene, send(scene->pair[0], out, sizeof(out),
				    MSG_NOSIGNAL));
}

static long do_send_record(struct scene *scene)
{
	return has_sent(scene, send(scene->pair[0], out, RECORD_LEN,
				    MSG_NOSIGNAL));
}

static long do_sendfile(struct scene *scene)
{
	off_t begin = 0;

	return has_sent(scene, sendfile(scene->pair[0], out_file, &begin,
					sizeof(out)));
}

static long do_recv(struct scene *scene)
{
	long ret = recv(scene->pair[1], buf, strlen(GREETING), MSG_WAITALL);

	scene->greeted = ret > 0;
	return ret;
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

static long do_protocol(struct scene *scene)
{
	scene->fd = sub_socket(0);
	if (scene->fd < 0)
		return -1;
	return setsockopt(scene->fd, SOL_WRTCSUB, WRTCSUB_PROTOCOL, "proto", 5);
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

/* sock_diag(7) is a module of its own, which makes the answers. */

static long do_diag_get(struct scene *scene)
{
	struct wrtcsub_diag_req req;

	if (diag_name(scene->pair[0], &req))
		return -1;
	req.wdiag_show = SHOW_ALL;
	return diag_get(&req, buf, sizeof(buf));
}

static void name_assoc(struct scene *scene, struct wrtcsub_diag_req *req)
{
	*req = (struct wrtcsub_diag_req){
		.wdiag_what = WRTCSUB_DIAG_ASSOCS,
		.wdiag_show = SHOW_ALL,
		.wdiag_assoc = sub_assoc_id(scene->pair[0]),
	};
}

static long do_diag_get_assoc(struct scene *scene)
{
	struct wrtcsub_diag_req req;

	name_assoc(scene, &req);
	return diag_get(&req, buf, sizeof(buf));
}

/* One that is not whole says so. */
static long list_has(int what, size_t nr)
{
	struct diag_list list;
	long ret;

	ret = diag_list(&list, what, SHOW_ALL);
	if (!ret && list.nr < nr) {
		errno = ENODATA;
		ret = -1;
	}
	diag_list_free(&list);
	return ret;
}

static long do_diag_list(struct scene *scene)
{
	(void)scene;
	return list_has(WRTCSUB_DIAG_SOCKETS, 3);
}

static long do_diag_list_assocs(struct scene *scene)
{
	(void)scene;
	return list_has(WRTCSUB_DIAG_ASSOCS, 2);
}

static long do_diag_destroy(struct scene *scene)
{
	return diag_kill(scene->pair[0]);
}

static long do_diag_destroy_assoc(struct scene *scene)
{
	struct wrtcsub_diag_req req;

	name_assoc(scene, &req);
	return diag_destroy(&req);
}

/* A network namespace has a part that is the module's. */
static long do_unshare(struct scene *scene)
{
	int own = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	int ret, err;

	(void)scene;
	if (own < 0)
		return -1;
	ret = unshare(CLONE_NEWNET);
	err = errno;
	if (!ret)
		ret = setns(own, CLONE_NEWNET);
	close(own);
	errno = err;
	return ret;
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
	static const char greeting[] = GREETING;

	*scene = (struct scene){ .fd = -1, .pair = { -1, -1 } };
	scene->listener = sub_listen(family, &scene->addr);
	if (scene->listener < 0)
		return -1;
	scene->pair[0] = sub_connect(&scene->addr);
	if (scene->pair[0] < 0)
		return -1;
	return send(scene->pair[0], greeting, strlen(greeting), MSG_NOSIGNAL) ==
	       (ssize_t)strlen(greeting) ? 0 : -1;
}

static int scene_accept(struct scene *scene)
{
	scene->pair[1] = sub_accept(scene->listener);
	return scene->pair[1] < 0 ? -1 : 0;
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

/* What is left of the pair after the call. */

static bool comes(int fd, const void *bytes, size_t len)
{
	return recv(fd, buf, len, MSG_WAITALL) == (ssize_t)len &&
	       !memcmp(buf, bytes, len);
}

static bool moves(int from, int to)
{
	const char *bytes = out + 1000;
	size_t len = 5000;

	return send(from, bytes, len, MSG_NOSIGNAL) == (ssize_t)len &&
	       comes(to, bytes, len);
}

/* All that was sent so far.  Who could not be accepted can be now. */
static bool comes_first(struct scene *scene)
{
	if (scene->pair[1] < 0 && scene_accept(scene))
		return false;
	if (set_timeout(scene->pair[0], SO_RCVTIMEO, deadline_ms()) ||
	    set_timeout(scene->pair[1], SO_RCVTIMEO, deadline_ms()))
		return false;
	return (scene->greeted ||
		comes(scene->pair[1], GREETING, strlen(GREETING))) &&
	       (!scene->sent || comes(scene->pair[1], out, scene->sent));
}

static bool still_works(struct scene *scene, bool done)
{
	(void)done;
	return comes_first(scene) &&
	       moves(scene->pair[0], scene->pair[1]) &&
	       moves(scene->pair[1], scene->pair[0]);
}

static bool is_half_closed(struct scene *scene, bool done)
{
	return done ? comes_first(scene) &&
		      !recv(scene->pair[1], buf, sizeof(buf), 0) &&
		      moves(scene->pair[1], scene->pair[0]) :
		      still_works(scene, false);
}

static bool is_closed(struct scene *scene, bool done)
{
	return done &&
	       !set_timeout(scene->pair[1], SO_RCVTIMEO, deadline_ms()) &&
	       comes(scene->pair[1], GREETING, strlen(GREETING)) &&
	       !recv(scene->pair[1], buf, sizeof(buf), 0);
}

static bool ends_with(int fd, int err)
{
	ssize_t len;

	if (set_timeout(fd, SO_RCVTIMEO, deadline_ms()))
		return false;
	while ((len = recv(fd, buf, sizeof(buf), 0)) > 0)
		;
	return len < 0 && errno == err;
}

static bool is_destroyed(struct scene *scene, bool done)
{
	return done ? ends_with(scene->pair[0], ECONNABORTED) &&
		      ends_with(scene->pair[1], ECONNRESET) :
		      still_works(scene, false);
}

FIXTURE(call) {};

/* In words is what else the call may say.  SCTP has EADDRINUSE or EADDRNOTAVAIL
 * for a port that it has no memory for.  An association for which it has none
 * while it comes up is one that the peer did not take: ECONNREFUSED, or if it
 * has come up meanwhile ECONNRESET.
 */
FIXTURE_VARIANT(call)
{
	long (*fn)(struct scene *scene);
	bool (*after)(struct scene *scene, bool done);	/* still_works */
	int words[WORDS];
	const char *module;				/* wrtcsub */
	int type;					/* SOCK_STREAM */
	int family;					/* AF_INET */
	bool waits;					/* for accept */
};

FIXTURE_VARIANT_ADD(call, socket)
{
	.fn = do_socket,
};

FIXTURE_VARIANT_ADD(call, listen)
{
	.fn = do_listen,
	.words = { EADDRINUSE },
};

FIXTURE_VARIANT_ADD(call, listen_ipv6)
{
	.fn = do_listen,
	.words = { EADDRINUSE },
	.family = AF_INET6,
};

FIXTURE_VARIANT_ADD(call, connect)
{
	.fn = do_connect,
};

FIXTURE_VARIANT_ADD(call, connect_ipv6)
{
	.fn = do_connect,
	.family = AF_INET6,
};

FIXTURE_VARIANT_ADD(call, connect_alone)
{
	.fn = do_connect_alone,
	.words = { EADDRNOTAVAIL, ECONNREFUSED, ECONNRESET },
};

FIXTURE_VARIANT_ADD(call, connect_alone_ipv6)
{
	.fn = do_connect_alone,
	.words = { EADDRNOTAVAIL, ECONNREFUSED, ECONNRESET },
	.family = AF_INET6,
};

FIXTURE_VARIANT_ADD(call, accept)
{
	.fn = do_accept,
	.waits = true,
};

FIXTURE_VARIANT_ADD(call, attach)
{
	.fn = do_attach,
};

FIXTURE_VARIANT_ADD(call, send)
{
	.fn = do_send,
};

FIXTURE_VARIANT_ADD(call, send_record)
{
	.fn = do_send_record,
	.type = SOCK_SEQPACKET,
};

FIXTURE_VARIANT_ADD(call, sendfile)
{
	.fn = do_sendfile,
};

FIXTURE_VARIANT_ADD(call, recv)
{
	.fn = do_recv,
};

FIXTURE_VARIANT_ADD(call, recv_record)
{
	.fn = do_recv,
	.type = SOCK_SEQPACKET,
};

FIXTURE_VARIANT_ADD(call, shutdown)
{
	.fn = do_shutdown,
	.after = is_half_closed,
};

FIXTURE_VARIANT_ADD(call, label)
{
	.fn = do_label,
};

FIXTURE_VARIANT_ADD(call, protocol)
{
	.fn = do_protocol,
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

FIXTURE_VARIANT_ADD(call, diag_get)
{
	.fn = do_diag_get,
	.module = "wrtcsub_diag",
};

FIXTURE_VARIANT_ADD(call, diag_get_assoc)
{
	.fn = do_diag_get_assoc,
	.module = "wrtcsub_diag",
};

FIXTURE_VARIANT_ADD(call, diag_list)
{
	.fn = do_diag_list,
	.module = "wrtcsub_diag",
};

FIXTURE_VARIANT_ADD(call, diag_list_assocs)
{
	.fn = do_diag_list_assocs,
	.module = "wrtcsub_diag",
};

FIXTURE_VARIANT_ADD(call, diag_destroy)
{
	.fn = do_diag_destroy,
	.after = is_destroyed,
	.module = "wrtcsub_diag",
};

FIXTURE_VARIANT_ADD(call, diag_destroy_assoc)
{
	.fn = do_diag_destroy_assoc,
	.after = is_destroyed,
	.module = "wrtcsub_diag",
};

FIXTURE_VARIANT_ADD(call, unshare)
{
	.fn = do_unshare,
};

FIXTURE_VARIANT_ADD(call, close)
{
	.fn = do_close,
	.after = is_closed,
};

/* The first list loads the module that makes it. */
static int prepare_module(const char *name)
{
	struct diag_list list;

	if (diag_list(&list, WRTCSUB_DIAG_SOCKETS, 0))
		return -1;
	diag_list_free(&list);
	return fault_setup_module(name);
}

static int make_out(void)
{
	pattern_fill(out, sizeof(out), 0, 7);
	out_file = memfd_create("out", MFD_CLOEXEC);
	return write(out_file, out, sizeof(out)) == sizeof(out) ? 0 : -1;
}

FIXTURE_SETUP(call)
{
	ASSERT_EQ(0, fault_namespace());
	ASSERT_EQ(0, make_out());
	if (variant->module)
		ASSERT_EQ(0, prepare_module(variant->module));
}

FIXTURE_TEARDOWN(call)
{
	close(out_file);
}

static bool is_word_for_it(const int words[WORDS], int err)
{
	int i;

	for (i = 0; i < WORDS; i++)
		if (words[i] && words[i] == err)
			return true;
	return is_of_memory(err);
}

TEST_F_TIMEOUT(call, fails_cleanly, 600)
{
	int family = variant->family ?: AF_INET;
	unsigned int said[256] = {};
	struct scene scene;
	int err, failed = 0;
	bool happened;
	long n, ret;

	for (n = 1; n < FAULTS_MAX; n++) {
		sub_type = variant->type ?: SOCK_STREAM;
		ASSERT_EQ(0, scene_begin(&scene, family));
		if (!variant->waits)
			ASSERT_EQ(0, scene_accept(&scene));
		ASSERT_EQ(0, fault_arm(n));
		ret = variant->fn(&scene);
		err = errno;
		happened = fault_disarm();
		if (ret < 0) {
			failed++;
			said[err & 255]++;
			EXPECT_TRUE(happened &&
				    is_word_for_it(variant->words, err)) {
				TH_LOG("fault %ld: %s", n,
				       strerrorname_np(err));
			}
		}
		EXPECT_TRUE((variant->after ?: still_works)(&scene, ret >= 0)) {
			TH_LOG("fault %ld: the association: %s", n,
			       strerrorname_np(errno));
		}
		scene_end(&scene);
		ASSERT_EQ(0, left_works(family));
		if (!happened)
			break;
	}
	ASSERT_LT(n, FAULTS_MAX);
	/* Nothing has failed, and the call is what it should be. */
	ASSERT_LE(0, ret);
	TH_LOG("%ld allocations, of which %d fail the call", n - 1, failed);
	for (err = 0; err < 256; err++)
		if (said[err])
			TH_LOG("%u times %s", said[err], strerrorname_np(err));
	ASSERT_EQ(0, left_wait());
}

/* A socket that cannot be listed is none, and takes no other one with it. */

static bool is_listed(int fd)
{
	struct wrtcsub_diag_req req;

	return !diag_name(fd, &req) && diag_get(&req, buf, sizeof(buf)) >= 0;
}

TEST(of_a_socket_that_fails_nothing_is_left)
{
	int failed, fd;
	cpu_set_t cpu;

	ASSERT_EQ(0, fault_namespace());
	/* RCU frees in turn what one CPU has given it. */
	CPU_ZERO(&cpu);
	CPU_SET(0, &cpu);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(cpu), &cpu));
	ASSERT_EQ(0, fault_arm_function("wrtcsub_sockets_add"));
	failed = sub_socket(0);
	fault_disarm_function();
	ASSERT_EQ(-1, failed);
	/* The first one that is listed in this namespace. */
	fd = sub_socket(0);
	ASSERT_LE(0, fd);
	/* Once this one is freed the one that failed is, too. */
	ASSERT_EQ(0, close(sub_socket(0)));
	ASSERT_UNTIL(left_sockets() == 1);
	EXPECT_TRUE(is_listed(fd));
	close(fd);
	ASSERT_EQ(0, left_wait());
}

/* The module is loaded, but for an allocation of its init functions. */

#define INIT	"do_one_initcall"

static int unload_module(void)
{
	syscall(__NR_delete_module, "wrtcsub_diag", 0);
	return syscall(__NR_delete_module, "wrtcsub", 0);
}

static int open_module(void)
{
	glob_t found;
	int fd = -1;

	if (!glob("/lib/modules/*/updates/wrtcsub.ko", 0, NULL, &found))
		fd = open(found.gl_pathv[0], O_RDONLY | O_CLOEXEC);
	globfree(&found);
	return fd;
}

FIXTURE(module)
{
	int fd;
};

FIXTURE_SETUP(module)
{
	ASSERT_EQ(0, fault_setup_function(INIT));
	self->fd = open_module();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, unload_module());
}

FIXTURE_TEARDOWN(module)
{
	close(self->fd);
}

TEST_F_TIMEOUT(module, is_loaded_or_not, 1200)
{
	int ret, err, failed = 0;
	bool happened = true;
	long n;

	for (n = 1; happened && n < FAULTS_MAX; n++) {
		ASSERT_EQ(0, fault_arm(n));
		ret = syscall(__NR_finit_module, self->fd, "", 0);
		err = errno;
		happened = fault_disarm();
		if (!ret && happened)
			ASSERT_EQ(0, unload_module());
		if (!ret)
			continue;
		failed++;
		ASSERT_TRUE(happened && is_of_memory(err)) {
			TH_LOG("fault %ld: %s", n, strerrorname_np(err));
		}
	}
	ASSERT_EQ(0, ret);
	TH_LOG("%ld allocations, of which %d fail it", n - 2, failed);
	ASSERT_LT(0, failed);
	ASSERT_EQ(0, fault_namespace());
	ASSERT_EQ(0, left_works(AF_INET));
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
	ASSERT_EQ(0, fault_namespace());
}

FIXTURE_TEARDOWN(life)
{
}

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
	struct fault_turns turns = {};
	const char *wrong;

	while (fault_turn(&turns)) {
		sub_type = variant->type;
		ASSERT_EQ(0, fault_arm_kernel(turns.n));
		wrong = fault_turn_end(&turns,
				       whole_life(variant->negotiated));
		EXPECT_EQ(NULL, wrong) {
			TH_LOG("fault %ld: %s", turns.n, wrong);
		}
		ASSERT_EQ(0, left_works(AF_INET));
	}
	ASSERT_EQ(0, turns.left);
	TH_LOG("%ld allocations, of which %d end the life",
	       fault_turns_nr(&turns), turns.failed);
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
	ASSERT_EQ(0, fault_namespace());
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
