// SPDX-License-Identifier: GPL-2.0
/* close(2) against the exact peer: wrtcsub.rst, "Calls" and "Closing". */

#include <poll.h>
#include <stdio.h>

#include "lib/harness.h"
#include "lib/net.h"

#define ABC	"05 12 03 61 62 63"

FIXTURE(close)
{
	struct duo duo;
	struct peer *peer;
	__u16 sid;
	int fd;
};

FIXTURE_VARIANT(close)
{
	int family;
	enum duo_side side;
};

FIXTURE_VARIANT_ADD(close, ipv4_connected)
{
	.family = AF_INET,
	.side = DUO_KERNEL_CONNECTS,
};

FIXTURE_VARIANT_ADD(close, ipv6_accepted)
{
	.family = AF_INET6,
	.side = DUO_KERNEL_ACCEPTS,
};

FIXTURE_SETUP(close)
{
	ASSERT_EQ(0, netns_private());
	/* Even a machine that stalls acknowledges a FIN in time. */
	ASSERT_EQ(0, netns_sysctl("net/wrtcsub/fin_ack_timeout_ms", 60000));
	ASSERT_EQ(0, duo_open(&self->duo, variant->family, variant->side, 0));
	self->peer = &self->duo.peer;
	self->sid = self->duo.sid;
	self->fd = self->duo.fd;
}

FIXTURE_TEARDOWN(close)
{
	/* Closed by the test. */
	self->duo.fd = -1;
	duo_close(&self->duo);
}

/* Both flags, in any order, and no data. */
static int expect_fin_and_stop(struct peer *peer, __u16 sid)
{
	static struct peer_frame frame;
	int i, seen = 0;

	for (i = 0; i < 2; i++) {
		if (peer_expect_frame(peer, sid, &frame) || frame.len)
			return -1;
		seen |= 1 << frame.flag;
	}
	return seen == (1 << 0 | 1 << 1) ? 0 : -1;
}

/* The payload is before the FIN; STOP_SENDING is of the other half. */
static int expect_abc_and_fin_and_stop(struct peer *peer, __u16 sid)
{
	static struct peer_frame frame;
	int i, stop = 0, sent = 0;

	for (i = 0; i < 3; i++) {
		if (peer_expect_frame(peer, sid, &frame))
			return -1;
		if (frame.flag == 1 && !frame.len)
			stop++;
		else if (sent == 0 && frame.flag < 0 && frame.len == 3)
			sent = 1;
		else if (sent == 1 && frame.flag == 0 && !frame.len)
			sent = 2;
		else
			return -1;
	}
	return sent == 2 && stop == 1 ? 0 : -1;
}

/* "FIN if the sending half is open, STOP_SENDING if the receiving half is;
 * waits for the FIN_ACK and for the peer's FIN; closes the channel."
 */
TEST_F(close, sends_fin_and_stop_sending_and_then_resets_the_channel)
{
	ASSERT_EQ(0, close(self->fd));
	ASSERT_EQ(0, expect_fin_and_stop(self->peer, self->sid));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
	ASSERT_EQ(0, peer_reset(self->peer, self->sid));
}

TEST_F(close, waits_for_the_peers_fin_whatever_comes_first)
{
	ASSERT_EQ(0, close(self->fd));
	ASSERT_EQ(0, expect_fin_and_stop(self->peer, self->sid));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, ABC));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, duo_sync(&self->duo));
	ASSERT_EQ(0, peer_expect_nothing(self->peer, self->sid));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
}

TEST_F(close, sends_what_was_written_first)
{
	ASSERT_EQ(3, write(self->fd, "abc", 3));
	ASSERT_EQ(0, close(self->fd));
	ASSERT_EQ(0, expect_abc_and_fin_and_stop(self->peer, self->sid));
}

TEST_F(close, with_unread_data_is_the_same)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, ABC));
	ASSERT_LE(0, poll_until(self->fd, POLLIN));
	ASSERT_EQ(0, close(self->fd));
	ASSERT_EQ(0, expect_fin_and_stop(self->peer, self->sid));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
}

TEST_F(close, after_the_peers_fin_sends_only_fin)
{
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, close(self->fd));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
}

TEST_F(close, after_shutdown_sends_only_stop_sending)
{
	struct call closer;

	ASSERT_EQ(0, call_start(&closer, call_shutdown, self->fd, SHUT_WR,
				NULL, 0));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_CALL(0, 0, &closer);
	ASSERT_EQ(0, close(self->fd));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_STOP_SENDING));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
}

TEST_F(close, after_both_ends_sends_nothing)
{
	struct call closer;

	ASSERT_EQ(0, call_start(&closer, call_shutdown, self->fd, SHUT_WR,
				NULL, 0));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_CALL(0, 0, &closer);
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
	ASSERT_EQ(0, close(self->fd));
	ASSERT_EQ(0, duo_sync(&self->duo));
	ASSERT_EQ(0, peer_expect_nothing(self->peer, self->sid));
}

/* Close one that soon gives up.  On a machine that stalls it may do so before
 * the FIN is out, but not each time: then another one is closed.
 */
static int close_impatiently(struct duo *duo, int fd, __u16 *sid)
{
	int tries = 5;

	while (fd >= 0 && !sub_fin_timeout(fd, 300) && !close(fd)) {
		if (!expect_fin_and_stop(&duo->peer, *sid))
			return 0;
		if (!--tries)
			break;
		fd = duo_more(duo, sid);
	}
	return -1;
}

/* "up to the timeout": nothing is sent to a peer that does not answer. */
TEST_F(close, gives_up_on_a_peer_that_does_not_answer)
{
	ASSERT_EQ(0, close_impatiently(&self->duo, self->fd, &self->sid));
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
}

TEST_F(close, gives_up_on_a_peer_that_only_acknowledges)
{
	ASSERT_EQ(0, close_impatiently(&self->duo, self->fd, &self->sid));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
}

TEST_F(close, answers_a_reset_of_the_peer_by_one_of_the_channel)
{
	ASSERT_EQ(0, close(self->fd));
	ASSERT_EQ(0, expect_fin_and_stop(self->peer, self->sid));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
}

TEST_F(close, does_not_block)
{
	long long start, took;
	int tries = 5;

	/* A machine that stalls makes it late, but not each time. */
	for (;;) {
		start = now_ms();
		ASSERT_EQ(0, close(self->fd));
		took = now_ms() - start;
		ASSERT_EQ(0, expect_fin_and_stop(self->peer, self->sid));
		if (took < 1000 || !--tries)
			break;
		self->fd = duo_more(&self->duo, &self->sid);
		ASSERT_LE(0, self->fd);
	}
	EXPECT_GT(1000, took);
}

TEST_F(close, lingering_waits_for_the_fin_ack)
{
	struct call closer;

	ASSERT_EQ(0, set_linger(self->fd, 1, 60));
	ASSERT_EQ(0, call_start(&closer, call_close, self->fd, 0, NULL, 0));
	ASSERT_EQ(0, expect_fin_and_stop(self->peer, self->sid));
	ASSERT_EQ(0, call_wait_blocked(&closer, __NR_close));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_CALL(0, 0, &closer);
}

TEST_F(close, lingering_waits_no_longer_than_it_is_told)
{
	long long start, took;
	int tries = 5;

	/* A machine that stalls makes it late, but not each time. */
	for (;;) {
		ASSERT_EQ(0, set_linger(self->fd, 1, 1));
		start = now_ms();
		ASSERT_EQ(0, close(self->fd));
		took = now_ms() - start;
		/* Jiffies may be many ticks behind when it begins. */
		EXPECT_LE(500, took);
		/* The kernel goes on all the same. */
		ASSERT_EQ(0, expect_fin_and_stop(self->peer, self->sid));
		if (took < 3000 || !--tries)
			break;
		self->fd = duo_more(&self->duo, &self->sid);
		ASSERT_LE(0, self->fd);
	}
	EXPECT_GT(3000, took);
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, peer_send(self->peer, self->sid, WIRE_FIN));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
}

/* "l_linger 0: RESET_STREAM at once" */
TEST_F(close, with_linger_0_is_a_reset)
{
	ASSERT_EQ(0, set_linger(self->fd, 1, 0));
	ASSERT_EQ(0, close(self->fd));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
}

TEST_F(close, leaves_the_other_substreams_alone)
{
	char buf[4];
	__u16 sid;
	int fd = duo_more(&self->duo, &sid);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, set_linger(self->fd, 1, 0));
	ASSERT_EQ(0, close(self->fd));
	ASSERT_EQ(0, peer_expect(self->peer, self->sid, WIRE_RESET_STREAM));
	ASSERT_EQ(0, peer_expect_reset(self->peer, self->sid));
	ASSERT_EQ(0, peer_send(self->peer, sid, ABC));
	ASSERT_EQ(3, recv(fd, buf, sizeof(buf), 0));
	ASSERT_EQ(3, write(fd, "abc", 3));
	ASSERT_EQ(0, peer_expect(self->peer, sid, ABC));
	close(fd);
}

/* STOP_SENDING waits for nothing and may come in the middle.  Return: how many
 * bytes came before the FIN, or -1.
 */
static ssize_t read_to_fin(struct peer *peer, __u16 sid)
{
	ssize_t got, done = 0;
	int flag = 1;

	while (flag == 1) {
		got = peer_read_to_flag(peer, sid, done, 1, &flag);
		if (got < 0)
			return -1;
		done += got;
	}
	return flag ? -1 : done;
}

/* A full window: the bytes that were accepted are still sent. */
TEST(close_with_a_full_queue_sends_it_all)
{
	struct duo duo;
	ssize_t filled;

	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, link_set_mtu("lo", 1500));
	ASSERT_EQ(0, duo_open(&duo, AF_INET, DUO_KERNEL_CONNECTS, 65536));
	filled = sub_fill(duo.fd, 1);
	ASSERT_LT(0, filled);
	ASSERT_EQ(0, close(duo.fd));
	duo.fd = -1;
	ASSERT_EQ(filled, read_to_fin(&duo.peer, duo.sid));
	duo_close(&duo);
}

/* The same with a peer that reads nothing: the reset drops it. */
TEST(close_with_linger_0_and_a_full_queue_drops_it)
{
	struct duo duo;
	ssize_t filled, got;
	int flag = -1;

	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, link_set_mtu("lo", 1500));
	ASSERT_EQ(0, duo_open(&duo, AF_INET, DUO_KERNEL_CONNECTS, 65536));
	filled = sub_overfill(duo.fd, 1);
	ASSERT_LT(0, filled);
	ASSERT_EQ(0, set_linger(duo.fd, 1, 0));
	ASSERT_EQ(0, close(duo.fd));
	duo.fd = -1;
	got = peer_read_to_flag(&duo.peer, duo.sid, 0, 1, &flag);
	ASSERT_LE(0, got);
	EXPECT_GT(filled, got);
	EXPECT_EQ(2, flag);
	ASSERT_EQ(0, peer_expect_reset(&duo.peer, duo.sid));
	duo_close(&duo);
}

static void sleep_until(long long when)
{
	long long left = when - now_ms();

	if (left > 0)
		usleep(left * 1000);
}

/* "waits for the FIN_ACK and for the peer's FIN up to the timeout": which it is
 * from when the FIN is out, though the bytes before it took longer.
 */
TEST(close_with_a_full_queue_waits_as_long_for_the_peer)
{
	const int timeout = 4000 * slow_factor();
	struct duo duo;
	long long start;

	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, link_set_mtu("lo", 1500));
	ASSERT_EQ(0, duo_open(&duo, AF_INET, DUO_KERNEL_CONNECTS, 65536));
	ASSERT_LT(0, sub_overfill(duo.fd, 1));
	ASSERT_EQ(0, sub_fin_timeout(duo.fd, timeout));
	start = now_ms();
	ASSERT_EQ(0, close(duo.fd));
	duo.fd = -1;
	sleep_until(start + timeout * 8 / 5);
	ASSERT_LE(0, read_to_fin(&duo.peer, duo.sid));
	sleep_until(start + timeout * 21 / 10);
	ASSERT_EQ(0, peer_send(&duo.peer, duo.sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, peer_send(&duo.peer, duo.sid, WIRE_FIN));
	ASSERT_EQ(0, peer_expect(&duo.peer, duo.sid, WIRE_FIN_ACK));
	ASSERT_EQ(0, peer_expect_reset(&duo.peer, duo.sid));
	EXPECT_EQ(0, netns_counter("GivenUp"));
	duo_close(&duo);
}

static long sum_of(const char *text)
{
	long sum = 0, n;
	char *end;

	for (;;) {
		n = strtol(text, &end, 10);
		if (end == text)
			return sum;
		sum += n;
		text = end;
	}
}

/* How often the kernel has looked after hrtimers in softirq, as all of the
 * module are, and hardly any other.
 */
static long count_timers(void)
{
	FILE *file = fopen("/proc/softirqs", "re");
	char line[1024], *colon;
	long sum = -1;

	if (!file)
		return -1;
	while (sum < 0 && fgets(line, sizeof(line), file)) {
		colon = strstr(line, "HRTIMER:");
		if (colon)
			sum = sum_of(strchr(colon, ':') + 1);
	}
	fclose(file);
	return sum;
}

/* "looked at once in each WRTCSUB_FIN_ACK_TIMEOUT, but at most once a second":
 * there may be any number of them.
 */
TEST(close_with_a_full_queue_is_looked_at_once_a_second)
{
	long long start;
	struct duo duo;
	long before;

	ASSERT_EQ(0, netns_private());
	ASSERT_EQ(0, link_set_mtu("lo", 1500));
	ASSERT_EQ(0, duo_open(&duo, AF_INET, DUO_KERNEL_CONNECTS, 65536));
	ASSERT_LT(0, sub_overfill(duo.fd, 1));
	ASSERT_EQ(0, sub_fin_timeout(duo.fd, 1));
	before = count_timers();
	start = now_ms();
	ASSERT_EQ(0, close(duo.fd));
	duo.fd = -1;
	sleep_until(start + 2000);
	/* 2000 if it were once a millisecond. */
	EXPECT_GT(100, count_timers() - before);
	/* It was there all the time. */
	EXPECT_EQ(0, netns_counter("GivenUp"));
	EXPECT_EQ(0, netns_counter("Closed"));
	ASSERT_LE(0, read_to_fin(&duo.peer, duo.sid));
	duo_close(&duo);
}

TEST_HARNESS_MAIN
