// SPDX-License-Identifier: GPL-2.0
/* Opening channels (RFC 8832): wrtcsub.rst, "Channels". */

#include <fcntl.h>
#include <poll.h>

#include "lib/harness.h"
#include "lib/net.h"

#define ABC	"05 12 03 61 62 63"

/* The longest OPEN: two texts of 65535 bytes. */
#define HEAD		12
#define TEXT_MAX	65535
#define OPEN_MAX	(HEAD + 2 * TEXT_MAX)

/* The kernel dials: its identifiers are even. */
FIXTURE(opener)
{
	struct addr addr;
	struct peer peer;
	int listener;
	__u16 sid;
};

FIXTURE_VARIANT(opener)
{
	int family;
};

FIXTURE_VARIANT_ADD(opener, ipv4)
{
	.family = AF_INET,
};

FIXTURE_VARIANT_ADD(opener, ipv6)
{
	.family = AF_INET6,
};

FIXTURE_SETUP(opener)
{
	ASSERT_EQ(0, netns_private());
	/* Even a machine that stalls acknowledges a FIN in time. */
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/fin_ack_timeout_ms", 30000));
	/* ... and still finds an association that was idle for a while. */
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/idle_timeout_ms", 60000));
	self->listener = peer_listen(variant->family, &self->addr, 0);
	ASSERT_LE(0, self->listener);
}

FIXTURE_TEARDOWN(opener)
{
	peer_close(&self->peer);
	close(self->listener);
}

TEST_F(opener, sends_open_and_waits_for_no_ack)
{
	int fd = sub_connect(&self->addr);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, peer_accept(&self->peer, self->listener));
	/* Type 0, priority 256, no reliability parameter, no strings. */
	ASSERT_EQ(0, peer_expect_ppid(&self->peer, 0, PPID_DCEP,
				      "03 00 01 00 00 00 00 00 00 00 00 00"));
	close(fd);
}

/* "data may follow it without waiting" */
TEST_F(opener, sends_data_before_the_ack)
{
	int fd = sub_connect(&self->addr);
	char c;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, peer_accept(&self->peer, self->listener));
	ASSERT_EQ(3, write(fd, "abc", 3));
	ASSERT_EQ(0, peer_expect_open(&self->peer, &self->sid));
	ASSERT_EQ(0, peer_expect(&self->peer, self->sid, ABC));
	/* And takes what comes before it. */
	ASSERT_EQ(0, peer_send(&self->peer, self->sid, "03 12 01 78"));
	ASSERT_EQ(1, recv(fd, &c, 1, 0));
	ASSERT_EQ(0, peer_send_ppid(&self->peer, self->sid, PPID_DCEP,
				    DCEP_ACK));
	ASSERT_EQ(0, peer_send(&self->peer, self->sid, "03 12 01 79"));
	ASSERT_EQ(1, recv(fd, &c, 1, 0));
	EXPECT_EQ('y', c);
	close(fd);
}

TEST_F(opener, ends_well_without_an_ack)
{
	struct call closer;
	int fd = sub_connect(&self->addr);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, peer_accept(&self->peer, self->listener));
	ASSERT_EQ(0, peer_expect_open(&self->peer, &self->sid));
	ASSERT_EQ(0, call_start(&closer, call_shutdown, fd, SHUT_WR, NULL, 0));
	ASSERT_EQ(0, peer_expect(&self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_send(&self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_CALL(0, 0, &closer);
	close(fd);
}

TEST_F(opener, ignores_a_second_ack)
{
	int fd = sub_connect(&self->addr);
	char c;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, peer_accept(&self->peer, self->listener));
	ASSERT_EQ(0, peer_answer_open(&self->peer, &self->sid));
	ASSERT_EQ(0, peer_send_ppid(&self->peer, self->sid, PPID_DCEP,
				    DCEP_ACK));
	ASSERT_EQ(0, peer_send(&self->peer, self->sid, "03 12 01 78"));
	ASSERT_EQ(1, recv(fd, &c, 1, 0));
	ASSERT_EQ(1, write(fd, "x", 1));
	ASSERT_EQ(0, peer_expect(&self->peer, self->sid, "03 12 01 78"));
	close(fd);
}

/* "Uses an association that is up: it returns at once." */
TEST_F(opener, opens_more_on_the_same_association)
{
	int fd[3], i;

	for (i = 0; i < 3; i++) {
		fd[i] = sub_connect(&self->addr);
		ASSERT_LE(0, fd[i]);
		if (!i)
			ASSERT_EQ(0, peer_accept(&self->peer, self->listener));
		ASSERT_EQ(0, peer_expect_ppid(&self->peer, 2 * i, PPID_DCEP,
					      DCEP_OPEN));
	}
	EXPECT_EQ(0, poll_now(self->listener, POLLIN));
	for (i = 0; i < 3; i++)
		close(fd[i]);
}

TEST_F(opener, does_not_use_an_identifier_twice_while_it_is_open)
{
	int one, two;
	__u16 sid;

	one = sub_connect(&self->addr);
	ASSERT_LE(0, one);
	ASSERT_EQ(0, peer_accept(&self->peer, self->listener));
	ASSERT_EQ(0, peer_answer_open(&self->peer, &self->sid));
	ASSERT_EQ(0, set_linger(one, 1, 0));
	ASSERT_EQ(0, close(one));
	ASSERT_EQ(0, peer_expect(&self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_EQ(0, peer_expect_reset(&self->peer, self->sid));
	/* The peer has not reset its direction. */
	two = sub_connect(&self->addr);
	ASSERT_LE(0, two);
	ASSERT_EQ(0, peer_expect_open(&self->peer, &sid));
	EXPECT_NE(self->sid, sid);
	EXPECT_EQ(0, sid % 2);
	close(two);
}

/* "The identifier is free again only when both directions have been reset",
 * and "when none is left connect fails with EADDRNOTAVAIL", or asks for more.
 */
TEST_F(opener, uses_identifiers_again_that_both_sides_have_reset)
{
	int i, fd;

	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/max_streams", 16));
	for (i = 0; i < 20; i++) {
		fd = sub_connect(&self->addr);
		ASSERT_LE(0, fd);
		if (!i)
			ASSERT_EQ(0, peer_accept(&self->peer, self->listener));
		ASSERT_EQ(0, peer_answer_open(&self->peer, &self->sid));
		EXPECT_EQ(0, self->sid % 2);
		ASSERT_EQ(0, set_linger(fd, 1, 0));
		ASSERT_EQ(0, close(fd));
		ASSERT_EQ(0, peer_expect(&self->peer, self->sid,
					 WIRE_RESET_STREAM));
		ASSERT_EQ(0, peer_expect_reset(&self->peer, self->sid));
		ASSERT_EQ(0, peer_reset(&self->peer, self->sid));
	}
}

/* "A refusal that comes later is ECONNREFUSED on the next call." */
TEST_F(opener, is_refused_by_reset_stream)
{
	int fd = sub_connect(&self->addr);
	char c;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, peer_accept(&self->peer, self->listener));
	ASSERT_EQ(0, peer_expect_open(&self->peer, &self->sid));
	ASSERT_EQ(0, peer_send(&self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_ERRNO(ECONNREFUSED, recv(fd, &c, 1, 0));
	ASSERT_EQ(0, recv(fd, &c, 1, 0));
	ASSERT_EQ(0, peer_expect_reset(&self->peer, self->sid));
	close(fd);
}

TEST_F(opener, is_refused_by_the_reset_of_the_channel)
{
	int fd = sub_connect(&self->addr);
	char c;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, peer_accept(&self->peer, self->listener));
	ASSERT_EQ(0, peer_expect_open(&self->peer, &self->sid));
	ASSERT_EQ(0, peer_reset(&self->peer, self->sid));
	ASSERT_ERRNO(ECONNREFUSED, recv(fd, &c, 1, 0));
	close(fd);
}

/* After the ACK it is no refusal any more. */
TEST_F(opener, is_reset_after_the_ack)
{
	int fd = sub_connect(&self->addr);
	char c;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, peer_accept(&self->peer, self->listener));
	ASSERT_EQ(0, peer_answer_open(&self->peer, &self->sid));
	ASSERT_EQ(0, peer_send(&self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_ERRNO(ECONNRESET, recv(fd, &c, 1, 0));
	close(fd);
}

/* Nobody listens on this association, so what the peer opens is refused. */
TEST_F(opener, refuses_channels_of_the_peer)
{
	int fd = sub_connect(&self->addr);
	char c;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, peer_accept(&self->peer, self->listener));
	ASSERT_EQ(0, peer_answer_open(&self->peer, &self->sid));
	ASSERT_EQ(0, peer_send_ppid(&self->peer, 1, PPID_DCEP, DCEP_OPEN));
	ASSERT_EQ(0, peer_expect(&self->peer, 1, WIRE_RESET_STREAM));
	ASSERT_EQ(0, peer_expect_reset(&self->peer, 1));
	EXPECT_EQ(1, netns_counter("OpenRefusedClosed"));
	ASSERT_EQ(0, peer_send(&self->peer, self->sid, "03 12 01 78"));
	ASSERT_EQ(1, recv(fd, &c, 1, 0));
	close(fd);
}

/* The peer dials: its identifiers are even, and ours are odd. */
FIXTURE(acceptor)
{
	struct addr addr;
	struct peer peer;
	int listener;
	int fd;
	char buf[16];
};

FIXTURE_VARIANT(acceptor)
{
	int family;
};

FIXTURE_VARIANT_ADD(acceptor, ipv4)
{
	.family = AF_INET,
};

FIXTURE_VARIANT_ADD(acceptor, ipv6)
{
	.family = AF_INET6,
};

FIXTURE_SETUP(acceptor)
{
	ASSERT_EQ(0, netns_private());
	self->listener = sub_listen(variant->family, &self->addr);
	ASSERT_LE(0, self->listener);
	ASSERT_EQ(0, peer_connect(&self->peer, &self->addr, 0));
	/* One that is open all the time: nothing must happen to it. */
	ASSERT_EQ(0, peer_open(&self->peer, 0));
	self->fd = sub_accept(self->listener);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(acceptor)
{
	close(self->fd);
	close(self->listener);
	peer_close(&self->peer);
}

#define ASSERT_OTHER_IS_FINE() do {					\
	ASSERT_EQ(0, peer_send(&self->peer, 0, ABC));			\
	ASSERT_EQ(3, recv(self->fd, self->buf, sizeof(self->buf), 0));	\
	ASSERT_EQ(3, write(self->fd, "abc", 3));			\
	ASSERT_EQ(0, peer_expect(&self->peer, 0, ABC));			\
} while (0)

/* Not accepted, told so, and nothing else touched. */
#define ASSERT_REFUSED(_sid) do {					\
	const __u16 __sid = (_sid);					\
									\
	ASSERT_EQ(0, peer_expect(&self->peer, __sid,			\
				 WIRE_RESET_STREAM));			\
	ASSERT_EQ(0, peer_expect_reset(&self->peer, __sid));		\
	EXPECT_EQ(0, poll_now(self->listener, POLLIN));			\
	ASSERT_OTHER_IS_FINE();						\
} while (0)

#define ASSERT_ACCEPTS(_sid, _open) do {				\
	const __u16 __sid = (_sid);					\
	int __fd;							\
									\
	ASSERT_EQ(0, peer_send_ppid(&self->peer, __sid, PPID_DCEP,	\
				    _open));				\
	ASSERT_EQ(0, peer_expect_ppid(&self->peer, __sid, PPID_DCEP,	\
				      DCEP_ACK));			\
	__fd = sub_accept(self->listener);				\
	ASSERT_LE(0, __fd);						\
	ASSERT_EQ(0, peer_send(&self->peer, __sid, ABC));		\
	ASSERT_EQ(3, recv(__fd, self->buf, sizeof(self->buf), 0));	\
	ASSERT_EQ(3, write(__fd, "abc", 3));				\
	ASSERT_EQ(0, peer_expect(&self->peer, __sid, ABC));		\
	close(__fd);							\
} while (0)

TEST_F(acceptor, answers_an_open_at_once)
{
	ASSERT_ACCEPTS(2, DCEP_OPEN);
	ASSERT_ACCEPTS(4, DCEP_OPEN);
	ASSERT_ACCEPTS(1022, DCEP_OPEN);
}

/* "label MUST NOT be required empty when receiving" */
TEST_F(acceptor, takes_any_label_and_protocol)
{
	ASSERT_ACCEPTS(2, "03 00 0000 00000000 0003 0002 61 62 63 64 65");
	ASSERT_ACCEPTS(4, "03 00 ffff 00000000 0001 0000 00");
	ASSERT_ACCEPTS(6, "03 00 0100 00000007 0000 0001 ff");
}

/* As litep2p opens its channels. */
TEST_F(acceptor, takes_unordered_channels)
{
	/* The protocol is "/ping". */
	ASSERT_ACCEPTS(2, "03 80 0000 00000000 0000 0005 2f 70 69 6e 67");
}

TEST_F(acceptor, refuses_unordered_channels_if_the_sysctl_says_so)
{
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/accept_unordered", 0));
	ASSERT_EQ(0, peer_send_ppid(&self->peer, 2, PPID_DCEP,
				    "03 80 0000 00000000 0000 0000"));
	ASSERT_REFUSED(2);
	EXPECT_EQ(1, netns_counter("OpenRefusedType"));
}

/* It opens nothing, and a channel can still be opened there. */
TEST_F(acceptor, makes_nothing_of_an_ack_for_nothing)
{
	ASSERT_EQ(0, peer_send_ppid(&self->peer, 3, PPID_DCEP, DCEP_ACK));
	ASSERT_EQ(0, peer_sync(&self->peer, 4));
	ASSERT_OTHER_IS_FINE();
}

TEST_F(acceptor, refuses_an_open_of_the_wrong_parity)
{
	ASSERT_EQ(0, peer_send_ppid(&self->peer, 3, PPID_DCEP, DCEP_OPEN));
	ASSERT_REFUSED(3);
	EXPECT_EQ(1, netns_counter("OpenRefusedId"));
}

TEST_F(acceptor, resets_a_channel_that_is_opened_twice)
{
	int fd;

	ASSERT_EQ(0, peer_open(&self->peer, 2));
	fd = sub_accept(self->listener);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, peer_send_ppid(&self->peer, 2, PPID_DCEP, DCEP_OPEN));
	ASSERT_REFUSED(2);
	EXPECT_EQ(1, netns_counter("OpenRefusedId"));
	ASSERT_ERRNO(EPROTO, recv(fd, self->buf, 1, 0));
	close(fd);
}

/* Of DCEP a channel that is open takes an ACK. */
TEST_F(acceptor, resets_a_channel_with_an_unknown_message_of_dcep)
{
	int fd;

	ASSERT_EQ(0, peer_open(&self->peer, 2));
	fd = sub_accept(self->listener);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, peer_send_ppid(&self->peer, 2, PPID_DCEP, "04"));
	ASSERT_REFUSED(2);
	EXPECT_EQ(1, netns_counter("RxBadDcep"));
	ASSERT_ERRNO(EPROTO, recv(fd, self->buf, 1, 0));
	close(fd);
}

TEST_F(acceptor, resets_a_channel_that_was_never_opened)
{
	ASSERT_EQ(0, peer_send(&self->peer, 2, ABC));
	ASSERT_REFUSED(2);
	EXPECT_EQ(1, netns_counter("RxUnknownChannel"));
	ASSERT_EQ(0, peer_send(&self->peer, 7, ABC));
	ASSERT_REFUSED(7);
	EXPECT_EQ(2, netns_counter("RxUnknownChannel"));
}

/* Only what comes on the stream, and only once. */
TEST_F(acceptor, resets_a_channel_that_was_never_opened_once)
{
	int i;

	for (i = 0; i < 10; i++)
		ASSERT_EQ(0, peer_send(&self->peer, 2, ABC));
	ASSERT_REFUSED(2);
	ASSERT_EQ(0, peer_sync(&self->peer, 4));
	ASSERT_EQ(0, peer_expect_nothing(&self->peer, 2));
	EXPECT_EQ(1, netns_counter("RxUnknownChannel"));
}

TEST_F(acceptor, takes_a_channel_again_after_both_resets)
{
	int i, fd;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, peer_open(&self->peer, 2));
		fd = sub_accept(self->listener);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, peer_send(&self->peer, 2, WIRE_RESET_STREAM));
		ASSERT_EQ(0, peer_reset(&self->peer, 2));
		ASSERT_EQ(0, peer_expect_reset(&self->peer, 2));
		ASSERT_ERRNO(ECONNRESET, recv(fd, self->buf, 1, 0));
		close(fd);
	}
	ASSERT_OTHER_IS_FINE();
}

TEST_F(acceptor, takes_a_refused_channel_again_after_both_resets)
{
	ASSERT_EQ(0, peer_send(&self->peer, 2, ABC));
	ASSERT_REFUSED(2);
	ASSERT_EQ(0, peer_reset(&self->peer, 2));
	ASSERT_ACCEPTS(2, DCEP_OPEN);
}

/* "Bytes that arrive before accept are kept." */
TEST_F(acceptor, keeps_what_comes_before_accept)
{
	int fd;

	ASSERT_EQ(0, peer_send_ppid(&self->peer, 2, PPID_DCEP, DCEP_OPEN));
	ASSERT_EQ(0, peer_send(&self->peer, 2, ABC));
	ASSERT_EQ(0, peer_send(&self->peer, 2, WIRE_FIN));
	ASSERT_EQ(0, peer_expect_ppid(&self->peer, 2, PPID_DCEP, DCEP_ACK));
	/* "whatever the reader does", also before there is one. */
	ASSERT_EQ(0, peer_expect(&self->peer, 2, WIRE_FIN_ACK));
	fd = sub_accept(self->listener);
	ASSERT_LE(0, fd);
	ASSERT_EQ(3, recv(fd, self->buf, sizeof(self->buf), 0));
	ASSERT_EQ(0, recv(fd, self->buf, sizeof(self->buf), 0));
	close(fd);
}

TEST_F(acceptor, refuses_over_the_backlog_and_that_channel_alone)
{
	int i, fd;

	ASSERT_EQ(0, listen(self->listener, 1));
	/* As with TCP, one more than the backlog fits. */
	ASSERT_EQ(0, peer_open(&self->peer, 2));
	ASSERT_EQ(0, peer_open(&self->peer, 4));
	for (i = 6; i < 14; i += 2) {
		ASSERT_EQ(0, peer_send_ppid(&self->peer, i, PPID_DCEP,
					    DCEP_OPEN));
		ASSERT_EQ(0, peer_expect(&self->peer, i, WIRE_RESET_STREAM));
		ASSERT_EQ(0, peer_expect_reset(&self->peer, i));
	}
	EXPECT_EQ(4, netns_counter("OpenRefusedBacklog"));
	ASSERT_OTHER_IS_FINE();
	for (i = 2; i <= 4; i += 2) {
		fd = sub_accept(self->listener);
		ASSERT_LE(0, fd);
		ASSERT_EQ(3, write(fd, "abc", 3));
		ASSERT_EQ(0, peer_expect(&self->peer, i, ABC));
		close(fd);
	}
	ASSERT_ACCEPTS(14, DCEP_OPEN);
}

/* listen(2): what is larger than net.core.somaxconn is that. */
TEST_F(acceptor, cuts_the_backlog_to_somaxconn)
{
	ASSERT_EQ(0, netns_sysctl("net/core/somaxconn", 1));
	ASSERT_EQ(0, listen(self->listener, 100));
	ASSERT_EQ(0, peer_open(&self->peer, 2));
	ASSERT_EQ(0, peer_open(&self->peer, 4));
	ASSERT_EQ(0, peer_send_ppid(&self->peer, 6, PPID_DCEP, DCEP_OPEN));
	ASSERT_EQ(0, peer_expect(&self->peer, 6, WIRE_RESET_STREAM));
	ASSERT_EQ(0, peer_expect_reset(&self->peer, 6));
	EXPECT_EQ(1, netns_counter("OpenRefusedBacklog"));
	ASSERT_OTHER_IS_FINE();
	/* It is looked at by listen. */
	ASSERT_EQ(0, netns_sysctl("net/core/somaxconn", 2));
	ASSERT_EQ(0, listen(self->listener, 100));
	ASSERT_EQ(0, peer_open(&self->peer, 8));
}

TEST_F(acceptor, resets_what_was_not_accepted_when_the_listener_closes)
{
	ASSERT_EQ(0, peer_open(&self->peer, 2));
	ASSERT_LE(0, poll_until(self->listener, POLLIN));
	ASSERT_EQ(0, close(self->listener));
	self->listener = -1;
	ASSERT_EQ(0, peer_expect(&self->peer, 2, WIRE_RESET_STREAM));
	ASSERT_EQ(0, peer_expect_reset(&self->peer, 2));
	ASSERT_OTHER_IS_FINE();
	ASSERT_EQ(0, peer_send_ppid(&self->peer, 4, PPID_DCEP, DCEP_OPEN));
	ASSERT_EQ(0, peer_expect(&self->peer, 4, WIRE_RESET_STREAM));
	EXPECT_EQ(1, netns_counter("OpenRefusedClosed"));
}

TEST_F(acceptor, takes_channels_of_many_associations)
{
	struct peer other;
	int fd;

	ASSERT_EQ(0, peer_connect(&other, &self->addr, 0));
	ASSERT_EQ(0, peer_open(&other, 0));
	fd = sub_accept(self->listener);
	ASSERT_LE(0, fd);
	ASSERT_EQ(3, write(fd, "abc", 3));
	ASSERT_EQ(0, peer_expect(&other, 0, ABC));
	ASSERT_EQ(0, peer_abort(&other));
	ASSERT_ERRNO(ECONNRESET, recv(fd, self->buf, 1, 0));
	ASSERT_OTHER_IS_FINE();
	close(fd);
}

/* PPIDs that data channels do not have. */
TEST_F(acceptor, resets_a_channel_with_an_unknown_ppid)
{
	int fd;

	ASSERT_EQ(0, peer_open(&self->peer, 2));
	fd = sub_accept(self->listener);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, peer_send_ppid(&self->peer, 2, 0, ABC));
	ASSERT_EQ(0, peer_sync(&self->peer, 4));
	ASSERT_UNTIL(netns_counter("RxBadPpid") == 1);
	ASSERT_OTHER_IS_FINE();
	/* Reset or ignored, but not taken for data. */
	ASSERT_GE(0, recv(fd, self->buf, sizeof(self->buf), MSG_DONTWAIT));
	close(fd);
}

/* An OPEN that says that it is the longest, and has so many bytes. */
static int send_long_open(struct peer *peer, __u16 sid, size_t len)
{
	static unsigned char open[OPEN_MAX + 1] = {
		3, 0, 1, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff,
	};

	memset(open + HEAD, 'l', TEXT_MAX);
	memset(open + HEAD + TEXT_MAX, 'p', TEXT_MAX);
	return peer_send_raw(peer, sid, PPID_DCEP, open, len);
}

/* Of a text of the peer's 255 bytes are kept; are all of them this one? */
static bool text_is_all(int fd, int option, char c)
{
	char text[TEXT_MAX];
	socklen_t len = sizeof(text), i;

	if (getsockopt(fd, SOL_WRTCSUB, option, text, &len) || len != 255)
		return false;
	for (i = 0; i < len; i++)
		if (text[i] != c)
			return false;
	return true;
}

TEST_F(acceptor, takes_the_longest_open)
{
	struct wrtcsub_info info;
	int fd;

	ASSERT_EQ(0, send_long_open(&self->peer, 2, OPEN_MAX));
	ASSERT_EQ(0, peer_expect_ppid(&self->peer, 2, PPID_DCEP, DCEP_ACK));
	fd = sub_accept(self->listener);
	ASSERT_LE(0, fd);
	EXPECT_TRUE(text_is_all(fd, WRTCSUB_LABEL, 'l'));
	EXPECT_TRUE(text_is_all(fd, WRTCSUB_PROTOCOL, 'p'));
	ASSERT_EQ(0, sub_info(fd, &info));
	EXPECT_EQ(TEXT_MAX, info.wi_label_len);
	ASSERT_OTHER_IS_FINE();
	close(fd);
}

/* Bytes behind the texts of a shorter one are ignored. */
TEST_F(acceptor, refuses_an_open_over_the_longest)
{
	ASSERT_EQ(0, send_long_open(&self->peer, 2, OPEN_MAX + 1));
	ASSERT_REFUSED(2);
	EXPECT_EQ(1, netns_counter("RxBadDcep"));
	ASSERT_ACCEPTS(4, "03 00 0100 00000000 0001 0001 61 62 63");
}

/* Accepted, shorter than it says, or longer than any: a copy of it would take
 * 256 KiB.
 */
TEST_F(acceptor, keeps_nothing_of_a_long_open)
{
	enum { COUNT = 64 };
	long before = 0, used;
	int i, fd;

	for (i = 0; i <= COUNT; i++) {
		/* What the first takes is taken once. */
		if (i == 1)
			before = memory_used();
		ASSERT_EQ(0, send_long_open(&self->peer, 6 * i + 2, OPEN_MAX));
		fd = sub_accept(self->listener);
		ASSERT_LE(0, fd);
		close(fd);
		ASSERT_EQ(0, send_long_open(&self->peer, 6 * i + 4,
					    OPEN_MAX - 1));
		ASSERT_REFUSED(6 * i + 4);
		ASSERT_EQ(0, send_long_open(&self->peer, 6 * i + 6,
					    OPEN_MAX + 1));
		ASSERT_REFUSED(6 * i + 6);
	}
	used = memory_used() - before;
	TH_LOG("%ld kB of memory used", used);
	EXPECT_GT(COUNT * 256 / 2, used);
}

/* What is no good OPEN. */
FIXTURE(refuses)
{
	struct addr addr;
	struct peer peer;
	int listener;
	int fd;
	char buf[16];
};

FIXTURE_VARIANT(refuses)
{
	const char *open;
	const char *counter;
};

FIXTURE_VARIANT_ADD(refuses, type_01_partial_reliable_rexmit)
{
	.open = "03 01 0100 00000003 0000 0000",
	.counter = "OpenRefusedType",
};

FIXTURE_VARIANT_ADD(refuses, type_02_partial_reliable_timed)
{
	.open = "03 02 0100 00000003 0000 0000",
	.counter = "OpenRefusedType",
};

FIXTURE_VARIANT_ADD(refuses, type_81_partial_reliable_rexmit_unordered)
{
	.open = "03 81 0100 00000003 0000 0000",
	.counter = "OpenRefusedType",
};

FIXTURE_VARIANT_ADD(refuses, type_82_partial_reliable_timed_unordered)
{
	.open = "03 82 0100 00000003 0000 0000",
	.counter = "OpenRefusedType",
};

FIXTURE_VARIANT_ADD(refuses, an_unknown_type)
{
	.open = "03 7f 0100 00000000 0000 0000",
	.counter = "OpenRefusedType",
};

FIXTURE_VARIANT_ADD(refuses, an_open_that_is_too_short)
{
	.open = "03 00 0100 00000000 0000",
	.counter = "RxBadDcep",
};

FIXTURE_VARIANT_ADD(refuses, a_label_longer_than_the_message)
{
	.open = "03 00 0100 00000000 0004 0000 61 62 63",
	.counter = "RxBadDcep",
};

FIXTURE_VARIANT_ADD(refuses, a_protocol_longer_than_the_message)
{
	.open = "03 00 0100 00000000 0001 ffff 61 62 63",
	.counter = "RxBadDcep",
};

FIXTURE_VARIANT_ADD(refuses, an_unknown_message)
{
	.open = "04",
	.counter = "RxBadDcep",
};

FIXTURE_SETUP(refuses)
{
	ASSERT_EQ(0, netns_private());
	self->listener = sub_listen(AF_INET, &self->addr);
	ASSERT_LE(0, self->listener);
	ASSERT_EQ(0, peer_connect(&self->peer, &self->addr, 0));
	ASSERT_EQ(0, peer_open(&self->peer, 0));
	self->fd = sub_accept(self->listener);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(refuses)
{
	close(self->fd);
	close(self->listener);
	peer_close(&self->peer);
}

TEST_F(refuses, this_channel_and_no_other)
{
	ASSERT_EQ(0, peer_send_ppid(&self->peer, 2, PPID_DCEP, variant->open));
	ASSERT_REFUSED(2);
	EXPECT_EQ(1, netns_counter(variant->counter));
	ASSERT_ACCEPTS(4, DCEP_OPEN);
}

TEST_HARNESS_MAIN
