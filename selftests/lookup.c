// SPDX-License-Identifier: GPL-2.0
/* sock_diag about one socket or one association, which the request names. */

#include <netinet/tcp.h>
#include <poll.h>

#include "lib/diag.h"
#include "lib/harness.h"
#include "lib/net.h"

FIXTURE(lookup)
{
	int pair[2];
	struct wrtcsub_info info;	/* of the first */
	struct wrtcsub_diag_req req;	/* for it */
	struct wrtcsub_diag_req assoc;	/* for its association */
	struct wrtcsub_diag_msg msg;
	struct wrtcsub_diag_assoc found;
};

FIXTURE_SETUP(lookup)
{
	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, sub_pair(AF_INET, self->pair));
	ASSERT_EQ(0, sub_info(self->pair[0], &self->info));
	ASSERT_EQ(0, diag_name(self->pair[0], &self->req));
	self->assoc.wdiag_what = WRTCSUB_DIAG_ASSOCS;
	self->assoc.wdiag_assoc = self->info.wi_assoc_id;
}

FIXTURE_TEARDOWN(lookup)
{
	close(self->pair[0]);
	close(self->pair[1]);
}

static int get_socket(const struct wrtcsub_diag_req *req,
		      struct wrtcsub_diag_msg *msg)
{
	return diag_get(req, msg, sizeof(*msg));
}

static int get_assoc(const struct wrtcsub_diag_req *req,
		     struct wrtcsub_diag_assoc *found)
{
	return diag_get(req, found, sizeof(*found));
}

TEST_F(lookup, finds_a_socket_by_its_cookie)
{
	ASSERT_EQ(3, write(self->pair[1], "abc", 3));
	ASSERT_LE(0, poll_until(self->pair[0], POLLIN));
	ASSERT_EQ(0, get_socket(&self->req, &self->msg));
	EXPECT_EQ(AF_WRTCSUB, self->msg.wdiag_family);
	EXPECT_EQ(SOCK_STREAM, self->msg.wdiag_type);
	EXPECT_EQ(TCP_ESTABLISHED, self->msg.wdiag_state);
	EXPECT_EQ(self->info.wi_stream_id, self->msg.wdiag_stream);
	EXPECT_EQ(self->info.wi_assoc_id, self->msg.wdiag_assoc);
	EXPECT_EQ(self->req.wdiag_cookie[0], self->msg.wdiag_cookie[0]);
	EXPECT_EQ(self->req.wdiag_cookie[1], self->msg.wdiag_cookie[1]);
	EXPECT_EQ(3u, self->msg.wdiag_rqueue);
	EXPECT_EQ(getuid(), self->msg.wdiag_uid);
}

TEST_F(lookup, finds_an_association_by_its_identifier)
{
	ASSERT_EQ(0, get_assoc(&self->assoc, &self->found));
	EXPECT_EQ(AF_WRTCSUB, self->found.wdiag_family);
	EXPECT_EQ(WRTCSUB_DIAG_ASSOC_UP, self->found.wdiag_state);
	EXPECT_EQ(self->info.wi_assoc_id, self->found.wdiag_assoc);
	EXPECT_EQ(1, self->found.wdiag_initiator);
	EXPECT_EQ(1u, self->found.wdiag_substreams);
}

/* There is no cookie that stands for any socket. */
TEST_F(lookup, of_what_is_not_there_is_enoent)
{
	struct wrtcsub_diag_req any = self->req;

	any.wdiag_cookie[0] = ~0U;
	any.wdiag_cookie[1] = ~0U;
	ASSERT_ERRNO(ENOENT, get_socket(&any, &self->msg));
	ASSERT_ERRNO(ENOENT, diag_destroy(&any));
	any.wdiag_cookie[1] = self->req.wdiag_cookie[1];
	ASSERT_ERRNO(ENOENT, get_socket(&any, &self->msg));
	self->req.wdiag_cookie[1]++;
	ASSERT_ERRNO(ENOENT, get_socket(&self->req, &self->msg));
	ASSERT_ERRNO(ENOENT, diag_destroy(&self->req));

	/* Before all that there are, and behind them. */
	self->assoc.wdiag_assoc = 0;
	ASSERT_ERRNO(ENOENT, get_assoc(&self->assoc, &self->found));
	ASSERT_ERRNO(ENOENT, diag_destroy(&self->assoc));
	self->assoc.wdiag_assoc = self->info.wi_assoc_id + 1000;
	ASSERT_ERRNO(ENOENT, get_assoc(&self->assoc, &self->found));
	ASSERT_ERRNO(ENOENT, diag_destroy(&self->assoc));
}

/* Between two that there are. */
TEST_F(lookup, of_an_association_that_has_ended_is_enoent)
{
	struct wrtcsub_diag_req later = self->assoc;
	int pair[2];

	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/share_assocs", 0));
	ASSERT_EQ(0, sub_pair(AF_INET, pair));
	later.wdiag_assoc = sub_assoc_id(pair[0]);
	ASSERT_LT(self->assoc.wdiag_assoc, later.wdiag_assoc);
	ASSERT_EQ(0, diag_destroy(&self->assoc));
	ASSERT_UNTIL(get_assoc(&self->assoc, &self->found) && errno == ENOENT);
	ASSERT_ERRNO(ENOENT, diag_destroy(&self->assoc));
	ASSERT_EQ(0, get_assoc(&later, &self->found));
	close(pair[0]);
	close(pair[1]);
}

/* What narrows a list narrows this, too. */
TEST_F(lookup, of_what_is_not_so_is_enoent)
{
	self->req.wdiag_states = 1 << TCP_LISTEN;
	ASSERT_ERRNO(ENOENT, get_socket(&self->req, &self->msg));
	self->req.wdiag_states |= 1 << TCP_ESTABLISHED;
	ASSERT_EQ(0, get_socket(&self->req, &self->msg));
	self->req.wdiag_assoc = self->info.wi_assoc_id + 1;
	ASSERT_ERRNO(ENOENT, get_socket(&self->req, &self->msg));
	self->req.wdiag_assoc = self->info.wi_assoc_id;
	ASSERT_EQ(0, get_socket(&self->req, &self->msg));
}

/* Each namespace has sockets and associations of its own. */
TEST_F(lookup, sees_nothing_of_other_namespaces)
{
	ASSERT_EQ(0, netns_private());
	ASSERT_ERRNO(ENOENT, get_socket(&self->req, &self->msg));
	ASSERT_ERRNO(ENOENT, diag_destroy(&self->req));
	ASSERT_ERRNO(ENOENT, get_assoc(&self->assoc, &self->found));
	ASSERT_ERRNO(ENOENT, diag_destroy(&self->assoc));
	ASSERT_EQ(1, write(self->pair[0], "a", 1));
}

/* What is reserved may mean something one day. */
TEST_F(lookup, that_is_not_known_is_einval)
{
	struct wrtcsub_diag_req req = self->req;
	struct diag_list list;

	ASSERT_ERRNO(EINVAL, diag_list(&list, WRTCSUB_DIAG_ASSOCS + 1, 0));
	diag_list_free(&list);
	req.sdiag_protocol = 1;
	ASSERT_ERRNO(EINVAL, get_socket(&req, &self->msg));
	ASSERT_ERRNO(EINVAL, diag_destroy(&req));
	req = self->req;
	req.wdiag_reserved = 1;
	ASSERT_ERRNO(EINVAL, get_socket(&req, &self->msg));
	req = self->req;
	req.wdiag_what = WRTCSUB_DIAG_ASSOCS + 1;
	ASSERT_ERRNO(EINVAL, get_socket(&req, &self->msg));
	ASSERT_ERRNO(EINVAL, diag_destroy(&req));
}

TEST_F(lookup, anyone_may_look_and_not_end)
{
	ASSERT_EQ(0, setuid(65534));
	ASSERT_EQ(0, get_socket(&self->req, &self->msg));
	ASSERT_EQ(0, get_assoc(&self->assoc, &self->found));
	ASSERT_ERRNO(EPERM, diag_destroy(&self->req));
	ASSERT_ERRNO(EPERM, diag_destroy(&self->assoc));
	ASSERT_EQ(1, write(self->pair[0], "a", 1));
}

TEST_HARNESS_MAIN
