// SPDX-License-Identifier: GPL-2.0
/*
 * fsm.c: two machines, one at each end of a channel, with the least that is
 * around each: a program, a send and a receive queue, two timers.  The input
 * says what happens next at which end.  When it is used up, both programs
 * close, and everything has to come to its end.
 *
 * Each step is compared with the rows of tools/model, which are those of the
 * interface, and not of fsm.c.
 */

#include "fuzz.h"

#include "fsm.h"

#define WIRE_MAX	64
#define QUEUE_MAX	8

struct row {
	u8	in, event, to;
};

#define ROW(_in, _event, _to, ...)					\
	{ WRTCSUB_TX_##_in, WRTCSUB_EV_##_event, WRTCSUB_TX_##_to },
static const struct row tx_rows[] = {
#include "../../tools/model/tx_rows.h"
};

#undef ROW
#define ROW(_in, _event, _to, ...)					\
	{ WRTCSUB_RX_##_in, WRTCSUB_EV_##_event, WRTCSUB_RX_##_to },
static const struct row rx_rows[] = {
#include "../../tools/model/rx_rows.h"
};

enum kind {
	DATA,
	FIN, STOP_SENDING, RESET_STREAM, FIN_ACK,	/* as on the wire */
	CHANNEL_RESET,		/* SCTP's, of the direction it travels in */
};

struct wire {
	struct {
		enum kind	kind;
		u32		seq;
	} queue[WIRE_MAX];
	unsigned int	first, count;
};

struct end {
	struct end	*peer;
	struct wire	out;
	u32		word;
	u32		written;	/* bytes that the program has written */
	u32		sent;		/* of these, handed over */
	u32		received;	/* bytes that came, in order */
	u32		read;		/* of these, read or dropped */
	u8		fins_sent, fins_taken, fin_acks_sent;
	bool		fin_timer, close_timer;
	bool		closed, detached, in_reset, lost;
	/* Of another kind: never says what is due, but may say anything. */
	bool		foreign;
};

static struct end ends[2];

static u8 row_next(const struct row *rows, size_t nr, u8 in, u8 event)
{
	const struct row *row;

	for (row = rows; row < rows + nr; row++)
		if (row->in == in && row->event == event)
			return row->to;
	return in;
}

static void check_rows(u32 old, u32 new, enum wrtcsub_event event)
{
	u8 tx = wrtcsub_fsm_tx(old), rx = wrtcsub_fsm_rx(old);
	u8 to = row_next(tx_rows, ARRAY_SIZE(tx_rows), tx, event);

	/* What was not sent cannot be acknowledged, and is not late. */
	if (old & WRTCSUB_DUE_FIN &&
	    (event == WRTCSUB_EV_FIN_ACK || event == WRTCSUB_EV_TIMER))
		to = tx;
	CHECK(wrtcsub_fsm_tx(new) == to);
	to = row_next(rx_rows, ARRAY_SIZE(rx_rows), rx, event);
	CHECK(wrtcsub_fsm_rx(new) == to);
}

/* Nobody sleeps through what he waits for; a closed socket has nobody. */
static void check_wakes(const struct end *e, u32 old, u32 new, u32 actions)
{
	if (wrtcsub_fsm_tx_over(new) && !wrtcsub_fsm_tx_over(old))
		CHECK(actions & WRTCSUB_DO_WAKE_FIN);
	if (wrtcsub_fsm_tx(old) == WRTCSUB_TX_OPEN &&
	    wrtcsub_fsm_tx(new) != WRTCSUB_TX_OPEN)
		CHECK(actions & WRTCSUB_DO_WAKE_WRITERS);
	if (wrtcsub_fsm_rx(old) == WRTCSUB_RX_OPEN &&
	    wrtcsub_fsm_rx(new) != WRTCSUB_RX_OPEN && !e->closed)
		CHECK(actions & WRTCSUB_DO_WAKE_READERS);
	if (new & ~old & WRTCSUB_DUE_FLAGS)
		CHECK(actions & WRTCSUB_DO_KICK);
}

static void check_word(const struct end *e)
{
	u32 tx = wrtcsub_fsm_tx(e->word), rx = wrtcsub_fsm_rx(e->word);

	CHECK(e->fins_sent <= 1 && e->fins_taken <= 1);
	CHECK(e->fin_acks_sent <= e->fins_taken);
	CHECK(!(e->word & WRTCSUB_DUE_FIN) ||
	      (tx == WRTCSUB_TX_FIN_SENT && !e->fins_sent));
	CHECK(tx != WRTCSUB_TX_FIN_ACKED || e->fins_sent);
	CHECK(e->fin_timer == (tx == WRTCSUB_TX_FIN_SENT && e->fins_sent));
	CHECK(wrtcsub_fsm_fin_on_way(e->word) ==
	      (tx == WRTCSUB_TX_SEND_CLOSED || tx == WRTCSUB_TX_CLOSING ||
	       tx == WRTCSUB_TX_FIN_SENT));
	CHECK(!(e->word & WRTCSUB_DUE_STOP) || rx == WRTCSUB_RX_STOPPED);
	CHECK(!(e->word & WRTCSUB_DUE_RESET) || tx == WRTCSUB_TX_RESET);
	CHECK(!(e->word & WRTCSUB_RX_ERROR) || rx == WRTCSUB_RX_RESET);
	CHECK(!(e->word & WRTCSUB_TX_ERROR) || tx == WRTCSUB_TX_RESET);
}

static void event(struct end *e, enum wrtcsub_event event)
{
	u32 old = e->word, actions = 0;

	e->word = wrtcsub_fsm_next(old, event, &actions);
	check_rows(old, e->word, event);
	check_wakes(e, old, e->word, actions);
	/* A RESET is for good. */
	if (wrtcsub_fsm_tx(old) == WRTCSUB_TX_RESET)
		CHECK(wrtcsub_fsm_tx(e->word) == WRTCSUB_TX_RESET);
	if (wrtcsub_fsm_rx(old) == WRTCSUB_RX_RESET)
		CHECK(wrtcsub_fsm_rx(e->word) == WRTCSUB_RX_RESET);

	if (actions & WRTCSUB_DO_DROP_TX)
		e->written = e->sent;
	if (actions & WRTCSUB_DO_DROP_RX)
		e->read = e->received;
	if (actions & WRTCSUB_DO_STOP_TIMER)
		e->fin_timer = false;
	check_word(e);
}

static bool is_over(const struct end *e)
{
	return wrtcsub_fsm_tx_over(e->word) && wrtcsub_fsm_rx_over(e->word);
}

static void put(struct end *e, enum kind what, u32 seq)
{
	struct wire *w = &e->out;
	unsigned int at = (w->first + w->count++) % WIRE_MAX;

	CHECK(w->count <= WIRE_MAX);
	w->queue[at].kind = what;
	w->queue[at].seq = seq;
}

/* The program. */

static bool do_write(struct end *e)
{
	if (e->closed || wrtcsub_fsm_tx(e->word) != WRTCSUB_TX_OPEN ||
	    e->written - e->sent >= QUEUE_MAX)
		return false;
	e->written++;
	return true;
}

static bool do_read(struct end *e)
{
	if (e->closed || e->read == e->received)
		return false;
	e->read++;
	return true;
}

static bool do_shut(struct end *e, enum wrtcsub_event which)
{
	if (e->closed)
		return false;
	event(e, which);
	return true;
}

static bool do_close(struct end *e)
{
	if (e->closed)
		return false;
	e->closed = true;
	event(e, WRTCSUB_EV_SHUT_RD);
	event(e, WRTCSUB_EV_SHUT_WR);
	e->close_timer = true;
	return true;
}

static bool do_abort(struct end *e)
{
	if (e->detached || is_over(e))
		return false;
	event(e, WRTCSUB_EV_ABORT);
	return true;
}

/* The kernel. */

static bool do_overflow(struct end *e)
{
	if (e->detached || is_over(e) || e->read == e->received)
		return false;
	event(e, WRTCSUB_EV_OVERFLOW);
	CHECK(wrtcsub_fsm_rx(e->word) == WRTCSUB_RX_RESET);
	CHECK(e->closed || e->word & WRTCSUB_RX_ERROR);
	CHECK(e->read == e->received);
	return true;
}

static bool send_due(struct end *e)
{
	static const struct {
		u32		due;
		enum kind	kind;
	} order[] = {
		{ WRTCSUB_DUE_FIN_ACK, FIN_ACK },
		{ WRTCSUB_DUE_STOP, STOP_SENDING },
		{ WRTCSUB_DUE_FIN, FIN },
		{ WRTCSUB_DUE_RESET, RESET_STREAM },
	};
	size_t i = 0;

	if (!(e->word & WRTCSUB_DUE_FLAGS))
		return false;
	while (!(e->word & order[i].due))
		i++;
	e->word &= ~order[i].due;
	if (order[i].kind == FIN) {
		e->fins_sent++;
		CHECK(e->sent == e->written);
		CHECK(!e->fin_timer);
		e->fin_timer = true;
	}
	if (order[i].kind == FIN_ACK)
		e->fin_acks_sent++;
	if (!e->foreign)
		put(e, order[i].kind, 0);
	return true;
}

static void say_anything(struct end *e, enum kind what)
{
	if (!e->detached && e->out.count < WIRE_MAX / 2)
		put(e, what, 0);
}

static bool do_send(struct end *e)
{
	u32 tx = wrtcsub_fsm_tx(e->word);

	if (e->detached)
		return false;
	if (send_due(e))
		return true;
	if ((tx == WRTCSUB_TX_OPEN || tx == WRTCSUB_TX_CLOSING) &&
	    e->sent != e->written) {
		if (e->out.count >= QUEUE_MAX)
			return false;
		put(e, DATA, e->sent++);
		return true;
	}
	if (tx == WRTCSUB_TX_CLOSING || tx == WRTCSUB_TX_SEND_CLOSED) {
		event(e, WRTCSUB_EV_DRAINED);
		return true;
	}
	if (!is_over(e))
		return false;
	e->detached = true;
	e->close_timer = false;
	put(e, CHANNEL_RESET, 0);
	return true;
}

static void take_data(struct end *e, u32 seq)
{
	CHECK(seq == e->received);
	/* Our own kind sends nothing after its FIN. */
	CHECK(e->peer->foreign ||
	      wrtcsub_fsm_rx(e->word) != WRTCSUB_RX_FIN_RCVD);
	e->received++;
	if (wrtcsub_fsm_rx(e->word) != WRTCSUB_RX_OPEN)
		e->read = e->received;
}

static void take_fin(struct end *e)
{
	u32 rx = wrtcsub_fsm_rx(e->word);

	/* An end is one of a stream that is whole. */
	if (rx == WRTCSUB_RX_OPEN && !e->peer->foreign)
		CHECK(e->received == e->peer->written);
	event(e, WRTCSUB_EV_FIN);
	if (rx == WRTCSUB_RX_OPEN || rx == WRTCSUB_RX_STOPPED) {
		e->fins_taken++;
		CHECK(e->word & WRTCSUB_DUE_FIN_ACK);
	}
}

static void lose(struct end *e)
{
	if (is_over(e))
		return;
	event(e, WRTCSUB_EV_LOST);
	e->lost = true;
	CHECK(!(e->word & WRTCSUB_DUE_FLAGS));
}

static bool do_receive(struct end *e)
{
	struct wire *w = &e->peer->out;
	enum kind kind = w->queue[w->first].kind;
	u32 seq = w->queue[w->first].seq;

	if (!w->count)
		return false;
	/* A reader that is slow makes all wait that comes behind. */
	if (kind == DATA && wrtcsub_fsm_rx(e->word) == WRTCSUB_RX_OPEN &&
	    e->received - e->read >= QUEUE_MAX)
		return false;
	w->first = (w->first + 1) % WIRE_MAX;
	w->count--;
	if (kind == CHANNEL_RESET)
		e->in_reset = true;
	if (e->detached)
		return true;

	switch (kind) {
	case DATA:
		take_data(e, seq);
		break;
	case FIN:
		take_fin(e);
		break;
	case STOP_SENDING:
		event(e, WRTCSUB_EV_STOP_SENDING);
		break;
	case RESET_STREAM:
		event(e, WRTCSUB_EV_RESET_STREAM);
		break;
	case FIN_ACK:
		event(e, WRTCSUB_EV_FIN_ACK);
		break;
	case CHANNEL_RESET:
		lose(e);
		break;
	}
	return true;
}

static bool do_fin_timer(struct end *e)
{
	if (!e->fin_timer)
		return false;
	/* The timer is over before it is said so. */
	event(e, WRTCSUB_EV_TIMER);
	CHECK(wrtcsub_fsm_tx(e->word) == WRTCSUB_TX_TIMED_OUT);
	return true;
}

/* It waits for the bytes before the FIN, and for the FIN. */
static bool do_close_timer(struct end *e)
{
	u32 tx = wrtcsub_fsm_tx(e->word);

	if (!e->close_timer || tx == WRTCSUB_TX_CLOSING ||
	    tx == WRTCSUB_TX_SEND_CLOSED || e->word & WRTCSUB_DUE_FIN)
		return false;
	e->close_timer = false;
	event(e, WRTCSUB_EV_GIVE_UP);
	return true;
}

static bool do_lose_association(struct end *e)
{
	struct end *end;

	(void)e;
	for (end = ends; end < ends + 2; end++) {
		end->out.count = 0;
		if (!end->detached) {
			lose(end);
			end->lost = true;
		}
		end->detached = true;
		end->in_reset = true;
		end->close_timer = false;
	}
	return true;
}

static void step(u8 op)
{
	struct end *e = &ends[op & 1];

	switch ((op >> 1) % 16) {
	case 0:
	case 1:
		do_write(e);
		break;
	case 2:
	case 3:
		do_read(e);
		break;
	case 4:
	case 5:
	case 6:
		do_send(e);
		break;
	case 7:
	case 8:
	case 9:
		do_receive(e);
		break;
	case 10:
		do_shut(e, WRTCSUB_EV_SHUT_WR);
		break;
	case 11:
		do_shut(e, WRTCSUB_EV_SHUT_RD);
		break;
	case 12:
		do_fin_timer(e);
		break;
	case 13:
		do_close_timer(e);
		break;
	case 14:
		do_close(e);
		break;
	case 15:
		/* Rare, as what follows has little to say. */
		if (e->foreign)
			say_anything(e, FIN + (op >> 6));
		else if (op & 0x80 && !(op & 0x40))
			do_abort(e);
		else if (op & 0x80 && !(op & 0x20))
			do_overflow(e);
		else if ((op | 1) == 0xff)
			do_lose_association(e);
		break;
	}
}

static bool run_once(struct end *e)
{
	return do_receive(e) || do_send(e) || do_read(e);
}

/* Both programs read to the end and close; timers only if nothing else can
 * happen.
 */
static void finish(void)
{
	int i, rounds = 0;

	for (i = 0; i < 2; i++)
		do_shut(&ends[i], WRTCSUB_EV_SHUT_WR);
	for (;;) {
		CHECK(++rounds < 10000);
		if (run_once(&ends[0]) || run_once(&ends[1]))
			continue;
		if (do_fin_timer(&ends[0]) || do_fin_timer(&ends[1]))
			continue;
		if (do_close(&ends[0]) || do_close(&ends[1]))
			continue;
		if (!do_close_timer(&ends[0]) && !do_close_timer(&ends[1]))
			break;
	}
	for (i = 0; i < 2; i++) {
		CHECK(ends[i].detached && ends[i].in_reset);
		CHECK(is_over(&ends[i]));
		CHECK(!ends[i].out.count);
		CHECK(!ends[i].fin_timer);
		/* All that were taken were answered. */
		CHECK(ends[i].lost ||
		      ends[i].fin_acks_sent == ends[i].fins_taken);
	}
}

int fuzz_one(const u8 *data, size_t size)
{
	struct fuzz_input in = { data, size };

	memset(ends, 0, sizeof(ends));
	ends[0].peer = &ends[1];
	ends[1].peer = &ends[0];
	ends[1].foreign = fuzz_byte(&in) % 4 == 1;
	while (in.len)
		step(fuzz_byte(&in));
	finish();
	return 0;
}
