// SPDX-License-Identifier: GPL-2.0
/* The two sides of an association that ends at a random moment. */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sides.h"

#define PIECE		20000
#define BEGIN_US	30000

struct shared *shared;

/* A substream, at either side. */

static void has_ended(struct substream *sub)
{
	if (sub->told || sub->shut)
		return;
	sub->shut = true;
	atomic_fetch_add(&shared->ends, 1);
	if (atomic_load(&shared->fin[!sub->side][sub->sid]))
		return;
	atomic_fetch_add(&shared->false_ends, 1);
	fprintf(stderr, "# stream %d, side %d: false end\n", sub->sid,
		sub->side);
}

/* Return: whether there may be more to read. */
static bool do_read(struct substream *sub, int flags)
{
	unsigned char buf[PIECE];
	ssize_t n;

	n = recv(sub->fd, buf, sizeof(buf), flags);
	if (n > 0) {
		atomic_fetch_add(&shared->bytes, n);
		return true;
	}
	if (!n) {
		has_ended(sub);
		return false;
	}
	if (errno == EAGAIN)
		return true;
	sub->told = true;
	atomic_fetch_add(&shared->errors, 1);
	return false;
}

static bool do_write(struct substream *sub, size_t len, int flags)
{
	static const unsigned char buf[PIECE];

	return send(sub->fd, buf, len, MSG_NOSIGNAL | flags) >= 0 ||
	       errno == EAGAIN;
}

/* For us it waits, for them it does not. */
static void do_shutdown(struct substream *sub)
{
	atomic_store(&shared->fin[sub->side][sub->sid], true);
	shutdown(sub->fd, SHUT_WR);
}

static void do_stop(struct substream *sub)
{
	sub->shut = true;
	shutdown(sub->fd, SHUT_RD);
}

/* With a FIN.  All sockets are such that close() is a reset, so that one that
 * dies with its process leaves no end.
 */
static void do_close(struct substream *sub)
{
	atomic_store(&shared->fin[sub->side][sub->sid], true);
	set_linger(sub->fd, 0, 0);
	close(sub->fd);
}

static int begin(struct substream *sub, int fd, enum side side)
{
	memset(sub, 0, sizeof(*sub));
	sub->fd = fd;
	sub->side = side;
	sub->sid = sub_get(fd, WRTCSUB_STREAM_ID);
	if (sub->sid >= 0 && sub->sid < STREAMS)
		return 0;
	close(fd);
	return -1;
}

static int dial(const struct addr *addr, struct random *r)
{
	int fd = sub_socket(SOCK_CLOEXEC);

	if (fd < 0)
		return -1;
	if (!set_linger(fd, 1, 0) &&
	    !sub_set(fd, WRTCSUB_OPEN_WAIT, random_one_in(r, 4)) &&
	    !connect(fd, &addr->sa, addr->len))
		return fd;
	close(fd);
	return -1;
}

/* Our side. */

static int take(int listener)
{
	int fd;

	while (!atomic_load(&shared->over)) {
		if (poll_for(listener, POLLIN, 10) <= 0)
			continue;
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			return fd;
	}
	return -1;
}

static void read_to_the_end(struct substream *sub)
{
	while (do_read(sub, 0))
		;
}

static void write_to_the_end(struct substream *sub)
{
	while (do_write(sub, PIECE, 0))
		;
}

static void live_to_the_end(struct substream *sub, struct random *r)
{
	switch (random_below(r, 6)) {
	case 0:
		read_to_the_end(sub);
		break;
	case 1:
		write_to_the_end(sub);
		break;
	case 2:
		do_shutdown(sub);
		read_to_the_end(sub);
		break;
	case 3:
		do_stop(sub);
		write_to_the_end(sub);
		break;
	case 4:
		do_close(sub);
		return;
	}
	close(sub->fd);
}

long call_live(struct call *call)
{
	struct life *life = call->buf;
	struct random *r = &life->random;
	struct substream sub;
	unsigned int left;
	int fd;

	usleep(random_below(r, BEGIN_US));
	fd = call->fd < 0 ? dial(&life->addr, r) : take(call->fd);
	if (fd < 0 || begin(&sub, fd, US))
		return 0;
	for (left = random_below(r, 30); left; left--) {
		if (random_one_in(r, 2))
			do_write(&sub, 1 + random_below(r, PIECE),
				 MSG_DONTWAIT);
		else
			do_read(&sub, MSG_DONTWAIT);
		usleep(random_below(r, 4000));
	}
	live_to_the_end(&sub, r);
	return 0;
}

/* The other side, as a process. */

static void get_one_more(struct other *other)
{
	int fd;

	if (other->begun == SUBSTREAMS)
		return;
	if (other->listener < 0)
		fd = dial(&other->addr, &other->random);
	else
		fd = accept4(other->listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0 || set_nonblock(fd, true))
		return;
	other->begun++;
	if (!begin(&other->sub[other->nr], fd, THEM))
		other->nr++;
}

/* Return: whether it still is. */
static bool do_something(struct substream *sub, struct random *r)
{
	unsigned int what = random_below(r, 100);

	if (what < 2)
		do_shutdown(sub);
	else if (what < 3)
		do_stop(sub);
	else if (what < 4)
		close(sub->fd);
	else if (what < 5)
		do_close(sub);
	else if (what < 50)
		do_write(sub, 1 + random_below(r, PIECE), 0);
	else
		do_read(sub, 0);
	return what < 3 || what > 4;
}

void other_run(struct other *other)
{
	int i;

	while (!atomic_load(&shared->leave)) {
		get_one_more(other);
		usleep(random_below(&other->random, 1000));
		if (!other->nr)
			continue;
		i = random_below(&other->random, other->nr);
		if (!do_something(&other->sub[i], &other->random)) {
			other->nr--;
			other->sub[i] = other->sub[other->nr];
		}
	}
}

/* The other side, as an exact peer. */

static void exact_send(struct exact *exact, int sid, struct random *r)
{
	unsigned char buf[PEER_HEAD_MAX + 4000] = {};
	static const unsigned char flag[][3] = {
		{ 2, 8, 0 }, { 2, 8, 1 }, { 2, 8, 2 },
	};
	size_t len = 1 + random_below(r, 4000);
	unsigned int what = random_below(r, 40);

	if (!exact->open[sid])
		return;
	if (what > 2) {
		len += peer_frame_head(buf, len);
		peer_try_send(&exact->peer, sid, buf, len);
		return;
	}
	if (what == 0)
		atomic_store(&shared->fin[THEM][sid], true);
	exact->open[sid] = what == 1;
	peer_try_send(&exact->peer, sid, flag[what], sizeof(flag[what]));
}

/* Not every OPEN is answered, and not every FIN. */
static void exact_hear(struct exact *exact, const struct peer_record *record,
		       struct random *r)
{
	static const unsigned char ack = 2, fin[] = { 2, 8, 0 };
	static const unsigned char fin_ack[] = { 2, 8, 3 };

	if (record->kind != PEER_DATA)
		return;
	if (record->ppid == PPID_DCEP) {
		exact->open[record->sid] = true;
		if (record->len > 1 && !random_one_in(r, 4))
			peer_sendmsg(&exact->peer, record->sid, PPID_DCEP, &ack,
				     1, 0, MSG_DONTWAIT);
	} else if (record->len == 3 && !memcmp(record->data, fin, 3)) {
		if (random_one_in(r, 2))
			peer_try_send(&exact->peer, record->sid, fin_ack, 3);
	}
}

void exact_open_all(struct exact *exact)
{
	int i;

	for (i = 0; i < SUBSTREAMS; i++) {
		peer_send_ppid(&exact->peer, 2 * i, PPID_DCEP, DCEP_OPEN);
		exact->open[2 * i] = true;
	}
}

/* For some time. */
void exact_run(struct exact *exact, struct random *r, int ms)
{
	long long end = now_ms() + ms;
	struct peer_record *record;

	do {
		peer_pump(&exact->peer, 1);
		while ((record = peer_take(&exact->peer))) {
			exact_hear(exact, record, r);
			free(record);
		}
		exact_send(exact, 2 * random_below(r, SUBSTREAMS), r);
	} while (!exact->peer.ended && now_ms() < end);
}
