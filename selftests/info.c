// SPDX-License-Identifier: GPL-2.0
/* WRTCSUB_INFO: "Everything about the substream and its association", field by
 * field.
 */

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>

#include "lib/harness.h"
#include "lib/net.h"

#define ABC	"05 12 03 61 62 63"

FIXTURE(info)
{
	struct duo duo;
	struct peer *peer;
	struct wrtcsub_info is;
	long long start;
	__u16 sid;
	int fd;
	char buf[64];
};

FIXTURE_VARIANT(info)
{
	int family;
	enum duo_side side;
};

FIXTURE_VARIANT_ADD(info, ipv4_connected)
{
	.family = AF_INET,
	.side = DUO_KERNEL_CONNECTS,
};

FIXTURE_VARIANT_ADD(info, ipv6_accepted)
{
	.family = AF_INET6,
	.side = DUO_KERNEL_ACCEPTS,
};

FIXTURE_SETUP(info)
{
	ASSERT_EQ(0, netns_private());
	self->start = now_ms();
	ASSERT_EQ(0, duo_open(&self->duo, variant->family, variant->side, 0));
	self->peer = &self->duo.peer;
	self->sid = self->duo.sid;
	self->fd = self->duo.fd;
}

FIXTURE_TEARDOWN(info)
{
	duo_close(&self->duo);
}

#define ASSERT_SENDS(_hex)						\
	ASSERT_EQ(0, peer_send(self->peer, self->sid, _hex))
#define ASSERT_GETS(_hex)						\
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, _hex))

#define ASSERT_INFO()	ASSERT_EQ(0, sub_info(self->fd, &self->is))
#define ASSERT_IS(_value, _field) do {					\
	ASSERT_INFO();							\
	ASSERT_EQ((unsigned long long)(_value),				\
		  (unsigned long long)self->is._field);			\
} while (0)
/* ... or will be. */
#define ASSERT_BECOMES(_cond)						\
	ASSERT_UNTIL(!sub_info(self->fd, &self->is) && (_cond))

/* "both states" */
TEST_F(info, tx_state)
{
	ASSERT_IS(WRTCSUB_TX_OPEN, wi_tx_state);
	ASSERT_EQ(0, sub_fin_timeout(self->fd, deadline_ms()));
	ASSERT_EQ(0, set_nonblock(self->fd, true));
	ASSERT_ERRNO(EINPROGRESS, shutdown(self->fd, SHUT_WR));
	ASSERT_GETS(WIRE_FIN);
	ASSERT_IS(WRTCSUB_TX_FIN_SENT, wi_tx_state);
	ASSERT_SENDS(WIRE_FIN_ACK);
	ASSERT_LE(0, poll_until(self->fd, POLLOUT));
	ASSERT_IS(WRTCSUB_TX_FIN_ACKED, wi_tx_state);
}

TEST_F(info, tx_state_that_timed_out)
{
	ASSERT_EQ(0, sub_fin_timeout(self->fd, 1));
	ASSERT_ERRNO(ETIMEDOUT, shutdown(self->fd, SHUT_WR));
	ASSERT_IS(WRTCSUB_TX_TIMED_OUT, wi_tx_state);
}

TEST_F(info, rx_state)
{
	ASSERT_IS(WRTCSUB_RX_OPEN, wi_rx_state);
	ASSERT_EQ(0, shutdown(self->fd, SHUT_RD));
	ASSERT_IS(WRTCSUB_RX_STOPPED, wi_rx_state);
	ASSERT_GETS(WIRE_STOP_SENDING);
	ASSERT_SENDS(WIRE_FIN);
	ASSERT_GETS(WIRE_FIN_ACK);
	ASSERT_IS(WRTCSUB_RX_FIN_RCVD, wi_rx_state);
	ASSERT_IS(WRTCSUB_TX_OPEN, wi_tx_state);
}

TEST_F(info, states_after_a_reset)
{
	ASSERT_SENDS(WIRE_RESET_STREAM);
	ASSERT_LE(0, poll_until(self->fd, POLLERR));
	ASSERT_IS(WRTCSUB_TX_RESET, wi_tx_state);
	ASSERT_IS(WRTCSUB_RX_RESET, wi_rx_state);
}

/* "stream and association identifiers, role, label length" */
TEST_F(info, identifiers)
{
	const bool odd = variant->side == DUO_KERNEL_ACCEPTS;
	struct wrtcsub_info second;
	__u16 sid;
	int fd = duo_more(&self->duo, &sid);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, sub_info(fd, &second));
	ASSERT_IS(self->sid, wi_stream_id);
	EXPECT_EQ(sid, second.wi_stream_id);
	EXPECT_LT(0u, self->is.wi_assoc_id);
	EXPECT_EQ(self->is.wi_assoc_id, second.wi_assoc_id);
	EXPECT_EQ(odd, self->is.wi_role_odd);
	EXPECT_EQ(odd, second.wi_role_odd);
	close(fd);
}

TEST_F(info, assoc_id_is_another_one_of_each_association)
{
	struct wrtcsub_info other;
	int pair[2];

	ASSERT_EQ(0, sub_pair(variant->family, pair));
	ASSERT_INFO();
	ASSERT_EQ(0, sub_info(pair[0], &other));
	EXPECT_NE(self->is.wi_assoc_id, other.wi_assoc_id);
	close(pair[0]);
	close(pair[1]);
}

TEST_F(info, label_len)
{
	int fd = sub_socket(0);

	ASSERT_LE(0, fd);
	ASSERT_IS(0, wi_label_len);
	ASSERT_EQ(0, setsockopt(fd, SOL_WRTCSUB, WRTCSUB_LABEL, "abcde", 5));
	ASSERT_EQ(0, sub_info(fd, &self->is));
	EXPECT_EQ(5, self->is.wi_label_len);
	close(fd);
}

TEST_F(info, flags)
{
	ASSERT_BECOMES(self->is.wi_flags == (WRTCSUB_INFO_F_CONNECTED |
					     WRTCSUB_INFO_F_ACKED |
					     WRTCSUB_INFO_F_RECONF));
}

TEST_F(info, flag_acked)
{
	__u16 sid;

	if (variant->side == DUO_KERNEL_ACCEPTS)
		return;
	close(self->fd);
	self->fd = sub_connect(&self->duo.addr);
	self->duo.fd = self->fd;
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, peer_expect_open(self->peer, &sid));
	ASSERT_INFO();
	EXPECT_TRUE(self->is.wi_flags & WRTCSUB_INFO_F_CONNECTED);
	EXPECT_FALSE(self->is.wi_flags & WRTCSUB_INFO_F_ACKED);
	ASSERT_EQ(0, peer_send_ppid(self->peer, sid, PPID_DCEP, DCEP_ACK));
	ASSERT_BECOMES(self->is.wi_flags & WRTCSUB_INFO_F_ACKED);
}

/* "bytes and frames each way" */
TEST_F(info, what_was_sent)
{
	ASSERT_IS(0, wi_tx_bytes);
	ASSERT_IS(0, wi_tx_frames);
	ASSERT_EQ(3, write(self->fd, "abc", 3));
	ASSERT_GETS(ABC);
	/* Bytes are counted after their frame. */
	ASSERT_BECOMES(self->is.wi_tx_bytes == 3);
	ASSERT_IS(1, wi_tx_frames);
	ASSERT_EQ(2, write(self->fd, "de", 2));
	ASSERT_GETS("04 12 02 64 65");
	ASSERT_BECOMES(self->is.wi_tx_bytes == 5);
	ASSERT_IS(2, wi_tx_frames);
	ASSERT_IS(0, wi_rx_bytes);
	ASSERT_IS(0, wi_rx_frames);
}

TEST_F(info, what_was_received)
{
	ASSERT_SENDS(ABC " 04 12 02 64 65");
	ASSERT_BECOMES(self->is.wi_rx_bytes == 5);
	ASSERT_IS(2, wi_rx_frames);
	ASSERT_IS(0, wi_tx_bytes);
	ASSERT_IS(0, wi_tx_frames);
}

/* What one end has sent the other one has received, flags among it. */
TEST_F(info, counts_the_same_at_both_ends)
{
	struct wrtcsub_info from, to;
	int pair[2];

	ASSERT_EQ(0, sub_pair(variant->family, pair));
	ASSERT_EQ(3, write(pair[0], "abc", 3));
	ASSERT_EQ(0, sub_fin_timeout(pair[0], deadline_ms()));
	ASSERT_EQ(0, shutdown(pair[0], SHUT_WR));
	ASSERT_EQ(0, sub_info(pair[0], &from));
	/* The FIN_ACK may be here before it is counted there. */
	ASSERT_UNTIL(!sub_info(pair[1], &to) &&
		     to.wi_tx_frames == from.wi_rx_frames);
	EXPECT_EQ(3u, from.wi_tx_bytes);
	EXPECT_EQ(3u, to.wi_rx_bytes);
	EXPECT_EQ(2u, from.wi_tx_frames);
	EXPECT_EQ(2u, to.wi_rx_frames);
	EXPECT_EQ(1u, from.wi_rx_frames);
	close(pair[0]);
	close(pair[1]);
}

/* "FIN_ACK round-trip time" */
TEST_F(info, fin_rtt)
{
	long long start, took;

	ASSERT_EQ(0, sub_fin_timeout(self->fd, deadline_ms()));
	ASSERT_EQ(0, set_nonblock(self->fd, true));
	start = now_ms();
	ASSERT_ERRNO(EINPROGRESS, shutdown(self->fd, SHUT_WR));
	ASSERT_GETS(WIRE_FIN);
	ASSERT_IS(0, wi_fin_rtt_us);
	EXPECT_EQ(0, poll_for(self->fd, POLLOUT, 200));
	ASSERT_SENDS(WIRE_FIN_ACK);
	ASSERT_LE(0, poll_until(self->fd, POLLOUT));
	ASSERT_BECOMES(self->is.wi_fin_rtt_us);
	took = now_ms() - start + 1;
	EXPECT_LE(200000u, self->is.wi_fin_rtt_us);
	EXPECT_GE(took * 1000, self->is.wi_fin_rtt_us);
}

TEST_F(info, fin_timeout)
{
	ASSERT_IS(5000, wi_fin_timeout_ms);
	ASSERT_EQ(0, sub_fin_timeout(self->fd, 1234));
	ASSERT_IS(1234, wi_fin_timeout_ms);
}

/* "the last error code" */
TEST_F(info, error_code)
{
	ASSERT_IS(0, wi_error_code);
	ASSERT_SENDS("04 08 01 18 05");
	ASSERT_GETS(WIRE_FIN);
	ASSERT_IS(5, wi_error_code);
}

TEST_F(info, queues)
{
	int tries = 5;
	bool late;

	ASSERT_IS(0, wi_sndq);
	ASSERT_IS(0, wi_rcvq);
	ASSERT_IS(0, wi_assoc_rmem);
	ASSERT_SENDS(ABC " 04 12 02 64 65");
	ASSERT_BECOMES(self->is.wi_rcvq == 5);
	EXPECT_LE(5u, self->is.wi_assoc_rmem);
	ASSERT_EQ(4, recv(self->fd, self->buf, 4, 0));
	ASSERT_IS(1, wi_rcvq);
	ASSERT_EQ(1, recv(self->fd, self->buf, 4, 0));
	ASSERT_IS(0, wi_rcvq);
	ASSERT_IS(0, wi_assoc_rmem);
	/* For 200 ms, which a machine that stalls may miss, but not each time. */
	do {
		long long start = now_ms();

		ASSERT_EQ(4, send(self->fd, "held", 4, MSG_MORE));
		ASSERT_INFO();
		late = now_ms() - start >= 200;
	} while (!self->is.wi_sndq && late && --tries);
	EXPECT_EQ(4u, self->is.wi_sndq);
	ASSERT_EQ(1, send(self->fd, "!", 1, 0));
	ASSERT_BECOMES(!self->is.wi_sndq);
}

/* "substreams on the association" */
TEST_F(info, assoc_substreams)
{
	__u16 sid;
	int fd;

	ASSERT_IS(1, wi_assoc_substreams);
	ASSERT_IS(0, wi_assoc_channels_closing);
	fd = duo_more(&self->duo, &sid);
	ASSERT_LE(0, fd);
	ASSERT_IS(2, wi_assoc_substreams);
	ASSERT_EQ(0, set_linger(fd, 1, 0));
	ASSERT_EQ(0, close(fd));
	ASSERT_EQ(0, peer_expect(self->peer, sid, WIRE_RESET_STREAM));
	ASSERT_BECOMES(self->is.wi_assoc_substreams == 1);
	/* Until both directions have been reset. */
	ASSERT_IS(1, wi_assoc_channels_closing);
	ASSERT_EQ(0, peer_expect_reset(self->peer, sid));
	ASSERT_IS(1, wi_assoc_channels_closing);
	ASSERT_EQ(0, peer_reset(self->peer, sid));
	ASSERT_BECOMES(!self->is.wi_assoc_channels_closing);
}

/* "the association's RTT, window and retransmissions" */
TEST_F(info, path)
{
	/* The first round trip is measured with data. */
	ASSERT_EQ(3, write(self->fd, "abc", 3));
	ASSERT_GETS(ABC);
	ASSERT_BECOMES(self->is.wi_assoc_srtt_ms ||
		       self->is.wi_assoc_cwnd > 0);
	/* No round trip has taken longer than all of this. */
	EXPECT_GE(now_ms() - self->start + 10, self->is.wi_assoc_srtt_ms);
	EXPECT_LE(1500u, self->is.wi_assoc_cwnd);
	EXPECT_LE(1500u, self->is.wi_assoc_peer_rwnd);
	EXPECT_EQ(PEER_STREAMS, (int)self->is.wi_assoc_in_streams);
	EXPECT_EQ(PEER_STREAMS, (int)self->is.wi_assoc_out_streams);
	/* Nothing is lost, but a SACK may be late. */
	EXPECT_TRUE(!self->is.wi_assoc_rtx_chunks ||
		    netns_sctp_counter("SctpT3RtxExpireds") > 0);
}

/* In milliseconds, whatever the kernel counts in. */
TEST_F(info, path_that_takes_its_time)
{
	duo_close(&self->duo);
	ASSERT_EQ(0, run("tc qdisc add dev lo root netem delay 100ms"));
	ASSERT_EQ(0, duo_open(&self->duo, variant->family, variant->side, 0));
	self->fd = self->duo.fd;
	self->sid = self->duo.sid;
	ASSERT_EQ(3, write(self->fd, "abc", 3));
	ASSERT_GETS(ABC);
	ASSERT_BECOMES(self->is.wi_assoc_srtt_ms >= 190);
}

TEST_F(info, path_that_lost_something)
{
	ASSERT_EQ(0, link_set_up("lo", false));
	ASSERT_EQ(3, write(self->fd, "abc", 3));
	ASSERT_BECOMES(self->is.wi_tx_frames == 1);
	ASSERT_EQ(0, link_set_up("lo", true));
	ASSERT_GETS(ABC);
	ASSERT_BECOMES(self->is.wi_assoc_rtx_chunks > 0);
}

/* The peer's window becomes smaller while it does not read. */
TEST_F(info, path_to_a_peer_that_does_not_read)
{
	static unsigned char data[16384];
	unsigned int before;
	int i;

	ASSERT_INFO();
	before = self->is.wi_assoc_peer_rwnd;
	for (i = 0; i < 4; i++)
		ASSERT_EQ((ssize_t)sizeof(data),
			  write(self->fd, data, sizeof(data)));
	ASSERT_BECOMES(self->is.wi_assoc_peer_rwnd + 16384 < before);
}

#define SHORT_MAX	(sizeof(struct wrtcsub_info) + 8)

/* A buffer of that size gets what one that is large enough gets after it. */
static bool info_is_prefix(int fd, unsigned char *buf, socklen_t *len)
{
	struct wrtcsub_info info;

	memset(buf, 0xee, SHORT_MAX);
	/* What SCTP measures changes all the time, and is behind this. */
	return !getsockopt(fd, SOL_WRTCSUB, WRTCSUB_INFO, buf, len) &&
	       !sub_info(fd, &info) &&
	       !memcmp(buf, &info, *len < 80 ? *len : 80);
}

/* "Grows at the end only; a shorter buffer gets a prefix." */
TEST_F(info, has_a_prefix_for_a_short_buffer)
{
	const socklen_t size = sizeof(struct wrtcsub_info);
	unsigned char buf[SHORT_MAX];
	socklen_t len, i;

	for (i = 0; i <= SHORT_MAX; i++) {
		/* The rest may change once: the channel has just been opened. */
		ASSERT_UNTIL((len = i, info_is_prefix(self->fd, buf, &len)));
		ASSERT_EQ(i < size ? i : size, len);
		for (; len < sizeof(buf); len++)
			ASSERT_EQ(0xee, buf[len]);
	}
}

TEST_F(info, has_a_length)
{
	socklen_t len = -1;

	ASSERT_ERRNO(EINVAL, getsockopt(self->fd, SOL_WRTCSUB, WRTCSUB_INFO,
					&self->is, &len));
	len = sizeof(self->is);
	ASSERT_ERRNO(EFAULT, getsockopt(self->fd, SOL_WRTCSUB, WRTCSUB_INFO,
					(void *)8, &len));
}

/* Of a socket that has no channel, and of one whose association is gone. */
TEST_F(info, of_a_new_socket_is_empty)
{
	struct wrtcsub_info empty = { .wi_fin_timeout_ms = 5000 };
	int fd = sub_socket(0);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, sub_info(fd, &self->is));
	EXPECT_EQ(0, memcmp(&empty, &self->is, sizeof(empty)));
	close(fd);
	if (self->duo.listener < 0)
		return;
	ASSERT_EQ(0, sub_info(self->duo.listener, &self->is));
	EXPECT_EQ(0, memcmp(&empty, &self->is, sizeof(empty)));
}

TEST_F(info, outlives_the_association)
{
	ASSERT_EQ(3, write(self->fd, "abc", 3));
	ASSERT_GETS(ABC);
	ASSERT_EQ(0, peer_abort(self->peer));
	ASSERT_LE(0, poll_until(self->fd, POLLERR));
	ASSERT_BECOMES(!self->is.wi_assoc_substreams);
	EXPECT_EQ(3u, self->is.wi_tx_bytes);
	EXPECT_EQ(self->sid, self->is.wi_stream_id);
	EXPECT_EQ(WRTCSUB_TX_RESET, self->is.wi_tx_state);
	EXPECT_LT(0u, self->is.wi_assoc_id);
}

/* Flags that a whole association has. */

TEST(flag_reconf_needs_a_peer_with_resets)
{
	struct wrtcsub_info info;
	struct duo duo;

	ASSERT_EQ(0, netns_private());
	peer_without_reconf = true;
	ASSERT_EQ(0, duo_open(&duo, AF_INET, DUO_KERNEL_CONNECTS, 0));
	ASSERT_EQ(0, sub_info(duo.fd, &info));
	EXPECT_FALSE(info.wi_flags & WRTCSUB_INFO_F_RECONF);
	duo_close(&duo);
}

TEST(flag_interleaved_needs_it_on_at_both_ends)
{
	struct wrtcsub_info info;
	int pair[2];

	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, sub_pair(AF_INET, pair));
	ASSERT_EQ(0, sub_info(pair[0], &info));
	EXPECT_FALSE(info.wi_flags & WRTCSUB_INFO_F_INTERLEAVED);
	close(pair[0]);
	close(pair[1]);
	ASSERT_EQ(0, netns_sysctl("net/sctp/intl_enable", 1));
	ASSERT_EQ(0, sub_pair(AF_INET, pair));
	ASSERT_EQ(0, sub_info(pair[0], &info));
	EXPECT_TRUE(info.wi_flags & WRTCSUB_INFO_F_INTERLEAVED);
	ASSERT_EQ(0, sub_info(pair[1], &info));
	EXPECT_TRUE(info.wi_flags & WRTCSUB_INFO_F_INTERLEAVED);
	close(pair[0]);
	close(pair[1]);
}

TEST(flag_paused_says_that_a_reader_is_slow)
{
	static unsigned char data[65536];
	struct wrtcsub_info info;
	struct call writer;
	int i, pair[2];

	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/assoc_rmem", 65536));
	ASSERT_EQ(0, sub_pair(AF_INET, pair));
	ASSERT_EQ(0, call_start(&writer, call_send_pattern, pair[0], 1, NULL,
				8 * sizeof(data)));
	ASSERT_UNTIL(!sub_info(pair[1], &info) &&
		     info.wi_flags & WRTCSUB_INFO_F_PAUSED);
	ASSERT_EQ(0, sub_info(pair[0], &info));
	EXPECT_FALSE(info.wi_flags & WRTCSUB_INFO_F_PAUSED);
	for (i = 0; i < 8; i++)
		ASSERT_EQ((ssize_t)sizeof(data),
			  recv(pair[1], data, sizeof(data), MSG_WAITALL));
	ASSERT_EQ(0, call_finish(&writer));
	close(pair[0]);
	close(pair[1]);
}

TEST_HARNESS_MAIN
