// SPDX-License-Identifier: GPL-2.0
/* Implementations of libp2p, replayed. */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "replay.h"

/* A machine that stands still for a while is no peer that does not answer. */
#define FIN_ACK_MS	20000

int replay_begin(struct replay *replay, int family, enum duo_side side,
		 const char *open)
{
	memset(replay, 0, sizeof(*replay));
	if (netns_sysctl("net/wrtcsub/fin_ack_timeout_ms", FIN_ACK_MS) ||
	    duo_open(&replay->duo, family, side, 0))
		return -1;
	replay->peer = &replay->duo.peer;
	replay->fd = duo_more_as(&replay->duo, &replay->sid, open);
	return replay->fd < 0 ? -1 : 0;
}

void replay_end(struct replay *replay)
{
	close(replay->fd);
	duo_close(&replay->duo);
}

/* Another substream instead of the one that is over. */
int replay_again(struct replay *replay, const char *open)
{
	close(replay->fd);
	replay->fd = duo_more_as(&replay->duo, &replay->sid, open);
	return replay->fd < 0 ? -1 : 0;
}

/* The sibling is as it was: bytes go both ways. */
int replay_sibling(struct replay *replay)
{
	struct duo *duo = &replay->duo;
	char c;

	replay->peer->unordered = false;
	if (peer_send(replay->peer, duo->sid, "03 12 01 78") ||
	    recv(duo->fd, &c, 1, 0) != 1 || write(duo->fd, &c, 1) != 1)
		return -1;
	return peer_expect(replay->peer, duo->sid, "03 12 01 78");
}

int replay_send(struct replay *replay, const char *hex, const char *more)
{
	if (peer_send(replay->peer, replay->sid, hex))
		return -1;
	return more ? peer_send(replay->peer, replay->sid, more) : 0;
}

int replay_read(struct replay *replay, const char *text)
{
	ssize_t len = strlen(text), got;
	char buf[256];

	got = recv(replay->fd, buf, len, MSG_WAITALL);
	if (got == len && !memcmp(buf, text, len))
		return 0;
	fprintf(stderr, "# expected \"%s\", read %zd \"%.*s\"\n", text, got,
		got > 0 ? (int)got : 0, buf);
	return -1;
}

int replay_closed(struct replay *replay)
{
	if (peer_expect_reset(replay->peer, replay->sid))
		return -1;
	return peer_reset(replay->peer, replay->sid);
}

/* Frames of that much payload each, one after the other, of a pattern.
 * Return: how long they are together.
 */
size_t replay_frames(unsigned char *out, size_t payload, unsigned int count,
		     unsigned int seed)
{
	unsigned char *p = out;
	unsigned int i;

	for (i = 0; i < count; i++) {
		p += peer_frame_head(p, payload);
		pattern_fill(p, payload, (__u64)i * payload, seed);
		p += payload;
	}
	return p - out;
}
