// SPDX-License-Identifier: GPL-2.0
/*
 * fsm.c, against a model of its own: "States" of wrtcsub.rst, row by row.
 *
 * A row says where it begins (any of a set of states), what happens, and what
 * then holds; its text says why.  What no row names changes nothing.
 */

#include <linux/bitmap.h>

#include "unit.h"

#include "../fsm.c"

#define TX(_state)	(1U << WRTCSUB_TX_##_state)
#define TX_STATES	(WRTCSUB_TX_RESET + 1)
#define TX_ANY		((1U << TX_STATES) - 1)
#define TX_LIVE		(TX_ANY & ~TX(RESET))
#define TX_OVER		(TX(FIN_ACKED) | TX(TIMED_OUT) | TX(RESET))

#define TX_AFTER_FIN	(TX(FIN_SENT) | TX(FIN_ACKED) | TX(TIMED_OUT))

#define RX(_state)	(1U << WRTCSUB_RX_##_state)
#define RX_STATES	(WRTCSUB_RX_RESET + 1)
#define RX_LIVE		(RX(OPEN) | RX(STOPPED))

#define STAYS		-1

#define DUE_MOOT	(WRTCSUB_DUE_FIN | WRTCSUB_DUE_STOP | WRTCSUB_DUE_RESET)
#define ERRORS		(WRTCSUB_RX_ERROR | WRTCSUB_TX_ERROR)
#define KNOWN		(WRTCSUB_TX_MASK | WRTCSUB_RX_MASK | \
			 WRTCSUB_DUE_FLAGS | ERRORS)

#define WAKE_WRITERS	WRTCSUB_DO_WAKE_WRITERS
#define WAKE_READERS	WRTCSUB_DO_WAKE_READERS
#define WAKE_FIN	WRTCSUB_DO_WAKE_FIN
#define KICK		WRTCSUB_DO_KICK

/* These must be done where a row has them and nowhere else; a wake-up, a kick
 * or a timer that is stopped too often does no harm.
 */
#define EXACT		(WRTCSUB_DO_DROP_TX | WRTCSUB_DO_DROP_RX | \
			 WRTCSUB_DO_REPORT)

struct row {
	const char		*text;
	u32			in;		/* a set of states */
	enum wrtcsub_event	event;
	int			to;
	u32			clear;		/* of the word's other bits */
	u32			set;
	u32			actions;
};

static const struct row tx_rows[] = {
	{ "New writes EPIPE. Blocked writers wake.",
	  TX(OPEN), WRTCSUB_EV_SHUT_WR, WRTCSUB_TX_CLOSING,
	  0, 0, WAKE_WRITERS },
	{ "FIN goes out, exactly once. The timer starts.",
	  TX(CLOSING), WRTCSUB_EV_DRAINED, WRTCSUB_TX_FIN_SENT,
	  0, WRTCSUB_DUE_FIN, KICK },
	{ "Everyone waiting wakes; shutdown returns 0.",
	  TX(FIN_SENT), WRTCSUB_EV_FIN_ACK, WRTCSUB_TX_FIN_ACKED,
	  0, 0, WAKE_FIN | WRTCSUB_DO_STOP_TIMER },
	{ "ETIMEDOUT. Nothing is sent to the peer; the half is over.",
	  TX(FIN_SENT), WRTCSUB_EV_TIMER, WRTCSUB_TX_TIMED_OUT,
	  WRTCSUB_DUE_FIN, 0, WAKE_FIN },
	{ "SEND_CLOSED: Writers wake, EPIPE.",
	  TX(OPEN), WRTCSUB_EV_STOP_SENDING, WRTCSUB_TX_SEND_CLOSED,
	  0, 0, WAKE_WRITERS | WRTCSUB_DO_DROP_TX | WRTCSUB_DO_KICK },
	{ "then at once FIN_SENT: the kernel itself sends the FIN.",
	  TX(SEND_CLOSED), WRTCSUB_EV_DRAINED, WRTCSUB_TX_FIN_SENT,
	  0, WRTCSUB_DUE_FIN, KICK },
	{ "What SCTP does not hold yet is dropped.",
	  TX(CLOSING), WRTCSUB_EV_STOP_SENDING, WRTCSUB_TX_FIN_SENT,
	  0, WRTCSUB_DUE_FIN, KICK | WRTCSUB_DO_DROP_TX },
	{ "FIN_SENT, STOP_SENDING: FIN_SENT.",
	  TX(FIN_SENT), WRTCSUB_EV_STOP_SENDING, STAYS, 0, 0, 0 },
	{ "FIN_SENT, a peer's FIN: FIN_SENT.",
	  TX(FIN_SENT), WRTCSUB_EV_FIN, STAYS, 0, 0, 0 },
	{ "other than FIN_SENT, FIN_ACK: Ignored and counted.",
	  TX_ANY & ~TX(FIN_SENT), WRTCSUB_EV_FIN_ACK, STAYS,
	  0, 0, WRTCSUB_DO_COUNT },
	{ "any, RESET_STREAM of the peer: Everyone wakes.",
	  TX_LIVE, WRTCSUB_EV_RESET_STREAM, WRTCSUB_TX_RESET,
	  DUE_MOOT, WRTCSUB_TX_ERROR, WAKE_WRITERS | WAKE_FIN |
	  WRTCSUB_DO_STOP_TIMER | WRTCSUB_DO_DROP_TX | WRTCSUB_DO_REPORT },
	{ "any, RESET_STREAM of ours: Everyone wakes.",
	  TX_LIVE, WRTCSUB_EV_ABORT, WRTCSUB_TX_RESET,
	  DUE_MOOT, WRTCSUB_TX_ERROR | WRTCSUB_DUE_RESET,
	  WAKE_WRITERS | WAKE_FIN | WRTCSUB_DO_STOP_TIMER |
	  WRTCSUB_DO_DROP_TX | WRTCSUB_DO_REPORT | WRTCSUB_DO_KICK },
	{ "any, RESET_STREAM of ours, too much unread: Everyone wakes.",
	  TX_LIVE, WRTCSUB_EV_OVERFLOW, WRTCSUB_TX_RESET,
	  DUE_MOOT, WRTCSUB_TX_ERROR | WRTCSUB_DUE_RESET,
	  WAKE_WRITERS | WAKE_FIN | WRTCSUB_DO_STOP_TIMER |
	  WRTCSUB_DO_DROP_TX | WRTCSUB_DO_REPORT | WRTCSUB_DO_KICK },
	{ "any, association lost: Everyone wakes.",
	  TX_LIVE, WRTCSUB_EV_LOST, WRTCSUB_TX_RESET,
	  WRTCSUB_DUE_FLAGS, WRTCSUB_TX_ERROR, WAKE_WRITERS | WAKE_FIN |
	  WRTCSUB_DO_STOP_TIMER | WRTCSUB_DO_DROP_TX | WRTCSUB_DO_REPORT },
	{ "close waits for the FIN_ACK up to the timeout.",
	  TX(FIN_SENT), WRTCSUB_EV_GIVE_UP, WRTCSUB_TX_TIMED_OUT,
	  WRTCSUB_DUE_FIN, 0, WAKE_FIN },
};

static const struct row rx_rows[] = {
	{ "The first FIN is answered with one FIN_ACK.",
	  RX_LIVE, WRTCSUB_EV_FIN, WRTCSUB_RX_FIN_RCVD,
	  WRTCSUB_DUE_STOP, WRTCSUB_DUE_FIN_ACK,
	  WAKE_READERS | WRTCSUB_DO_KICK },
	{ "A second FIN is not answered.",
	  RX(FIN_RCVD), WRTCSUB_EV_FIN, STAYS, 0, 0, 0 },
	{ "SHUT_RD sends STOP_SENDING, drops what is queued.",
	  RX(OPEN), WRTCSUB_EV_SHUT_RD, WRTCSUB_RX_STOPPED,
	  0, WRTCSUB_DUE_STOP,
	  WAKE_READERS | WRTCSUB_DO_DROP_RX | WRTCSUB_DO_KICK },
	{ "SHUT_RD drops what is queued; recv returns 0.",
	  RX(FIN_RCVD) | RX(RESET), WRTCSUB_EV_SHUT_RD, STAYS,
	  0, 0, WAKE_READERS | WRTCSUB_DO_DROP_RX },
	{ "bytes queued can be read, then ECONNRESET once, then 0",
	  RX(OPEN), WRTCSUB_EV_RESET_STREAM, WRTCSUB_RX_RESET,
	  0, WRTCSUB_RX_ERROR, WAKE_READERS | WRTCSUB_DO_REPORT },
	{ "the same, by us",
	  RX(OPEN), WRTCSUB_EV_ABORT, WRTCSUB_RX_RESET,
	  0, WRTCSUB_RX_ERROR, WAKE_READERS | WRTCSUB_DO_REPORT },
	{ "the same, and what is queued is dropped, also before a FIN",
	  RX(OPEN) | RX(FIN_RCVD), WRTCSUB_EV_OVERFLOW, WRTCSUB_RX_RESET,
	  0, WRTCSUB_RX_ERROR,
	  WAKE_READERS | WRTCSUB_DO_DROP_RX | WRTCSUB_DO_REPORT },
	{ "what is queued is dropped, of one that was reset before as well",
	  RX(RESET), WRTCSUB_EV_OVERFLOW, STAYS,
	  0, 0, WAKE_READERS | WRTCSUB_DO_DROP_RX },
	{ "A truncated stream never looks like a finished one.",
	  RX(OPEN), WRTCSUB_EV_LOST, WRTCSUB_RX_RESET,
	  0, WRTCSUB_RX_ERROR, WAKE_READERS | WRTCSUB_DO_REPORT },
	{ "0 means end of stream, and only a FIN or our own SHUT_RD makes it",
	  RX(STOPPED), WRTCSUB_EV_RESET_STREAM, WRTCSUB_RX_RESET,
	  0, 0, WAKE_READERS },
	{ "the same, by us",
	  RX(STOPPED), WRTCSUB_EV_ABORT, WRTCSUB_RX_RESET,
	  0, 0, WAKE_READERS },
	{ "the same, by us, too much unread",
	  RX(STOPPED), WRTCSUB_EV_OVERFLOW, WRTCSUB_RX_RESET,
	  0, 0, WAKE_READERS },
	{ "the same, lost",
	  RX(STOPPED), WRTCSUB_EV_LOST, WRTCSUB_RX_RESET,
	  0, 0, WAKE_READERS },
	{ "close waits for the peer's FIN up to the timeout.",
	  RX_LIVE, WRTCSUB_EV_GIVE_UP, WRTCSUB_RX_RESET,
	  WRTCSUB_DUE_STOP, 0, WRTCSUB_DO_DROP_RX },
};

static const char *const event_names[WRTCSUB_EV_MAX] = {
	[WRTCSUB_EV_SHUT_WR]	  = "SHUT_WR",
	[WRTCSUB_EV_DRAINED]	  = "DRAINED",
	[WRTCSUB_EV_FIN_ACK]	  = "FIN_ACK",
	[WRTCSUB_EV_TIMER]	  = "TIMER",
	[WRTCSUB_EV_STOP_SENDING] = "STOP_SENDING",
	[WRTCSUB_EV_FIN]	  = "FIN",
	[WRTCSUB_EV_SHUT_RD]	  = "SHUT_RD",
	[WRTCSUB_EV_GIVE_UP]	  = "GIVE_UP",
	[WRTCSUB_EV_RESET_STREAM] = "RESET_STREAM",
	[WRTCSUB_EV_ABORT]	  = "ABORT",
	[WRTCSUB_EV_OVERFLOW]	  = "OVERFLOW",
	[WRTCSUB_EV_LOST]	  = "LOST",
};

static u32 make_word(u32 tx, u32 rx)
{
	return tx << WRTCSUB_TX_SHIFT | rx << WRTCSUB_RX_SHIFT;
}

/* The row of @rows for an event in a state, or one that changes nothing. */
static const struct row *find_row(const struct row *rows, size_t n, u32 state,
				  enum wrtcsub_event event)
{
	static const struct row none = { .text = "no row", .to = STAYS };
	const struct row *row;

	for (row = rows; row < rows + n; row++)
		if (row->event == event && row->in & 1U << state)
			return row;
	return &none;
}

struct step {
	const struct row	*tx, *rx;
	u32			word;
	u32			actions;
};

static struct step model_next(u32 word, enum wrtcsub_event event)
{
	u32 tx = wrtcsub_fsm_tx(word), rx = wrtcsub_fsm_rx(word);
	u32 other = word & ~(WRTCSUB_TX_MASK | WRTCSUB_RX_MASK);
	struct step step;

	/* While the FIN has not gone out, its FIN_ACK and its timer are those
	 * of another state than FIN_SENT.
	 */
	if ((event == WRTCSUB_EV_FIN_ACK || event == WRTCSUB_EV_TIMER) &&
	    tx == WRTCSUB_TX_FIN_SENT && word & WRTCSUB_DUE_FIN)
		tx = WRTCSUB_TX_CLOSING;

	step.tx = find_row(tx_rows, ARRAY_SIZE(tx_rows), tx, event);
	step.rx = find_row(rx_rows, ARRAY_SIZE(rx_rows), rx, event);
	tx = wrtcsub_fsm_tx(word);
	if (step.tx->to != STAYS)
		tx = step.tx->to;
	if (step.rx->to != STAYS)
		rx = step.rx->to;
	other &= ~(step.tx->clear | step.rx->clear);
	other |= step.tx->set | step.rx->set;
	step.word = make_word(tx, rx) | other;
	step.actions = step.tx->actions | step.rx->actions;
	return step;
}

/* One event in the machine and in the model; returns the word that follows. */
static u32 check_next(struct kunit *test, u32 word, enum wrtcsub_event event)
{
	struct step want = model_next(word, event);
	u32 next, actions = 0xdeadbeef;

	next = wrtcsub_fsm_next(word, event, &actions);
	KUNIT_ASSERT_EQ_MSG(test, next, want.word, "%s in word %x: %s / %s",
			    event_names[event], word, want.tx->text,
			    want.rx->text);
	KUNIT_ASSERT_EQ_MSG(test, want.actions & ~actions, 0,
			    "%s in word %x does not do %x: %s / %s",
			    event_names[event], word, want.actions & ~actions,
			    want.tx->text, want.rx->text);
	KUNIT_ASSERT_EQ_MSG(test, actions & EXACT, want.actions & EXACT,
			    "%s in word %x does %x too: %s / %s",
			    event_names[event], word,
			    actions & EXACT & ~want.actions, want.tx->text,
			    want.rx->text);
	return next;
}

/* Each row as it stands, from a word with nothing else in it,
 * and each of its states at least once.
 */
static void rows_of_the_sending_half(struct kunit *test)
{
	const struct row *row;
	u32 tx, rx, to, next;

	for (row = tx_rows; row < tx_rows + ARRAY_SIZE(tx_rows); row++) {
		for (tx = 0; tx < TX_STATES; tx++) {
			if (!(row->in & 1U << tx))
				continue;
			rx = tx == WRTCSUB_TX_RESET ? WRTCSUB_RX_RESET :
						      WRTCSUB_RX_OPEN;
			next = check_next(test, make_word(tx, rx),
					  row->event);
			to = row->to == STAYS ? tx : row->to;
			KUNIT_EXPECT_EQ_MSG(test, wrtcsub_fsm_tx(next), to,
					    "row: %s", row->text);
			KUNIT_EXPECT_EQ_MSG(test, row->set & next, row->set,
					    "row: %s", row->text);
		}
	}
}

static void rows_of_the_receiving_half(struct kunit *test)
{
	const struct row *row;
	u32 rx, to, next;

	for (row = rx_rows; row < rx_rows + ARRAY_SIZE(rx_rows); row++) {
		for (rx = 0; rx < RX_STATES; rx++) {
			if (!(row->in & 1U << rx))
				continue;
			next = check_next(test, make_word(0, rx),
					  row->event);
			to = row->to == STAYS ? rx : row->to;
			KUNIT_EXPECT_EQ_MSG(test, wrtcsub_fsm_rx(next), to,
					    "row: %s", row->text);
			KUNIT_EXPECT_EQ_MSG(test, row->set & next, row->set,
					    "row: %s", row->text);
		}
	}
}

/* "FIN_ACKED, TIMED_OUT: anything but RESET: same" */
static void over_is_over(struct kunit *test)
{
	static const u32 over[] = {
		WRTCSUB_TX_FIN_ACKED, WRTCSUB_TX_TIMED_OUT, WRTCSUB_TX_RESET,
	};
	u32 i, rx, event, next, actions;

	for (i = 0; i < ARRAY_SIZE(over); i++) {
		for (rx = 0; rx < RX_STATES; rx++) {
			for (event = 0; event < WRTCSUB_EV_RESET_STREAM;
			     event++) {
				next = wrtcsub_fsm_next(make_word(over[i], rx),
							event, &actions);
				KUNIT_EXPECT_EQ_MSG(test, wrtcsub_fsm_tx(next),
						    over[i], "%s",
						    event_names[event]);
			}
		}
	}
}

/* A RESET takes in everything, and sets nothing more on the wire. */
static void reset_is_absorbing(struct kunit *test)
{
	u32 word = make_word(WRTCSUB_TX_RESET, WRTCSUB_RX_RESET);
	u32 event, next, actions;

	for (event = 0; event < WRTCSUB_EV_MAX; event++) {
		next = wrtcsub_fsm_next(word, event, &actions);
		KUNIT_EXPECT_EQ_MSG(test, next, word, "%s", event_names[event]);
		KUNIT_EXPECT_EQ_MSG(test,
				    actions & (KICK | WRTCSUB_DO_REPORT),
				    0, "%s", event_names[event]);
	}
}

static void check_word(struct kunit *test, u32 word)
{
	static const u32 unknown[] = { 0, ~KNOWN, 0x80001000 };
	u32 i, event, next;

	for (i = 0; i < ARRAY_SIZE(unknown); i++) {
		for (event = 0; event < WRTCSUB_EV_MAX; event++) {
			next = check_next(test, word | unknown[i], event);
			KUNIT_ASSERT_EQ(test, next & ~KNOWN, unknown[i]);
			/* What the program has not seen is not lost. */
			KUNIT_ASSERT_EQ(test, next & word & ERRORS,
					word & ERRORS);
		}
	}
}

/* All states, all that may be due, all errors, and bits that the machine does
 * not know.
 */
static void every_word_and_event(struct kunit *test)
{
	u32 word, errors, words = 0;

	for (word = 0; word <= WRTCSUB_DUE_FLAGS + 0xff; word++) {
		if (wrtcsub_fsm_tx(word) >= TX_STATES ||
		    wrtcsub_fsm_rx(word) >= RX_STATES)
			continue;
		for (errors = 0; errors <= ERRORS; errors += WRTCSUB_RX_ERROR)
			check_word(test, word | errors);
		words++;
	}
	KUNIT_ASSERT_EQ(test, words, TX_STATES * RX_STATES * 16);
}

static void helpers(struct kunit *test)
{
	u32 rx_over = RX(FIN_RCVD) | RX(RESET);
	u32 on_way = TX(SEND_CLOSED) | TX(CLOSING) | TX(FIN_SENT);
	u32 tx, rx, word;

	for (tx = 0; tx < TX_STATES; tx++) {
		for (rx = 0; rx < RX_STATES; rx++) {
			word = make_word(tx, rx) | ~KNOWN | ERRORS |
			       WRTCSUB_DUE_FLAGS;
			KUNIT_EXPECT_EQ(test, wrtcsub_fsm_tx(word), tx);
			KUNIT_EXPECT_EQ(test, wrtcsub_fsm_rx(word), rx);
			KUNIT_EXPECT_EQ(test, wrtcsub_fsm_tx_over(word),
					!!(TX_OVER & 1U << tx));
			/* A half that was stopped waits for the FIN. */
			KUNIT_EXPECT_EQ(test, wrtcsub_fsm_rx_over(word),
					!!(rx_over & 1U << rx));
			/* EPOLLOUT: not in CLOSING, FIN_SENT; SEND_CLOSED is
			 * FIN_SENT at once.
			 */
			KUNIT_EXPECT_EQ(test, wrtcsub_fsm_fin_on_way(word),
					!!(on_way & 1U << tx));
		}
	}
}

/*
 * All lives of a substream.  Besides the events of the machine, the caller may
 * at any time put on the wire one thing that is due.
 *
 * A life is the word, and how often things have happened, up to "too often".
 */
enum { FIN, FIN_ACK, STOP, RESET, COUNTS };

static const u32 due_bits[COUNTS] = {
	[FIN]		= WRTCSUB_DUE_FIN,
	[FIN_ACK]	= WRTCSUB_DUE_FIN_ACK,
	[STOP]		= WRTCSUB_DUE_STOP,
	[RESET]		= WRTCSUB_DUE_RESET,
};

struct life {
	u32	word;
	u8	due[COUNTS];		/* how often it has become due: 0..2 */
	u8	sent[COUNTS];		/* how often it has been sent: 0..2 */
	bool	fin_in_time;		/* a FIN came while one was awaited */
	bool	peer_reset;
	bool	overflowed;
};

#define SENDS	COUNTS			/* sends follow the machine's events */
#define MOVES	(WRTCSUB_EV_MAX + SENDS)

static void count(u8 *counter)
{
	if (*counter < 2)
		++*counter;
}

/* False: there is nothing of the kind to send. */
static bool life_send(struct life *life, int what)
{
	if (!(life->word & due_bits[what]))
		return false;
	life->word &= ~due_bits[what];
	count(&life->sent[what]);
	return true;
}

static bool life_move(struct life *life, int move)
{
	u32 actions, before = life->word, fresh;
	int i;

	if (move >= WRTCSUB_EV_MAX)
		return life_send(life, move - WRTCSUB_EV_MAX);

	life->word = wrtcsub_fsm_next(before, move, &actions);
	fresh = life->word & ~before;
	for (i = 0; i < COUNTS; i++)
		if (fresh & due_bits[i])
			count(&life->due[i]);
	if (move == WRTCSUB_EV_FIN &&
	    RX_LIVE & 1U << wrtcsub_fsm_rx(before))
		life->fin_in_time = true;
	if (move == WRTCSUB_EV_RESET_STREAM)
		life->peer_reset = true;
	if (move == WRTCSUB_EV_OVERFLOW)
		life->overflowed = true;
	return true;
}

static u32 life_index(const struct life *life)
{
	u32 index = wrtcsub_fsm_tx(life->word);
	int i;

	index = index << 2 | wrtcsub_fsm_rx(life->word);
	index = index << 4 | (life->word & WRTCSUB_DUE_FLAGS) >> 8;
	index = index << 2 | (life->word & ERRORS) >> 16;
	for (i = 0; i < COUNTS; i++) {
		index = index << 1 | life->due[i];
		index = index << 1 | life->sent[i];
	}
	return index << 3 | life->fin_in_time << 2 | life->peer_reset << 1 |
	       life->overflowed;
}

static void check_life(struct kunit *test, const struct life *life)
{
	u32 word = life->word, tx = wrtcsub_fsm_tx(word);
	u32 rx = wrtcsub_fsm_rx(word);
	int i;

	/* Nothing is due twice, and nothing is sent that was not due. */
	for (i = 0; i < COUNTS; i++) {
		KUNIT_ASSERT_LE(test, life->due[i], 1);
		KUNIT_ASSERT_LE(test, life->sent[i], life->due[i]);
	}
	/* On every way to FIN_SENT and beyond the FIN was due once. */
	if (tx != WRTCSUB_TX_RESET)
		KUNIT_ASSERT_EQ(test, life->due[FIN],
				!!(TX_AFTER_FIN & 1U << tx));
	/* What is acknowledged was sent. */
	if (tx == WRTCSUB_TX_FIN_ACKED)
		KUNIT_ASSERT_EQ(test, life->sent[FIN], 1);
	/* While it is awaited it is not forgotten, and not longer. */
	KUNIT_ASSERT_EQ(test, !!(word & WRTCSUB_DUE_FIN),
			tx == WRTCSUB_TX_FIN_SENT && !life->sent[FIN]);
	/* The first FIN is answered with one FIN_ACK, no other is. */
	KUNIT_ASSERT_EQ(test, life->due[FIN_ACK], life->fin_in_time);
	/* It makes an end, unless bytes before it have been dropped. */
	KUNIT_ASSERT_EQ(test, rx == WRTCSUB_RX_FIN_RCVD,
			life->fin_in_time && !life->overflowed);
	/* Who resets takes both halves along, but a stream that is whole. */
	if (tx == WRTCSUB_TX_RESET)
		KUNIT_ASSERT_TRUE(test, wrtcsub_fsm_rx_over(word));
	if (life->peer_reset)
		KUNIT_ASSERT_EQ(test, tx, WRTCSUB_TX_RESET);
	/* A reader is not told of an error after an end of stream. */
	if (rx == WRTCSUB_RX_FIN_RCVD || rx == WRTCSUB_RX_STOPPED)
		KUNIT_ASSERT_FALSE(test, word & WRTCSUB_RX_ERROR);
	KUNIT_ASSERT_EQ(test, tx == WRTCSUB_TX_RESET,
			!!(word & WRTCSUB_TX_ERROR));
	/* A STOP_SENDING is for a stream that goes on. */
	if (word & WRTCSUB_DUE_STOP)
		KUNIT_ASSERT_EQ(test, rx, WRTCSUB_RX_STOPPED);
	if (word & WRTCSUB_DUE_RESET)
		KUNIT_ASSERT_EQ(test, tx, WRTCSUB_TX_RESET);
	KUNIT_ASSERT_EQ(test, word & ~KNOWN, 0);
}

#define LIVES_MAX	10000
#define INDEX_MAX	(7 << (2 + 4 + 2 + 2 * COUNTS + 3))

static struct life lives[LIVES_MAX];
static u32 lives_count;
static DECLARE_BITMAP(lives_seen, INDEX_MAX);

static void lives_add(struct kunit *test, const struct life *life)
{
	u32 index;

	/* Also sees to it that no counter is over 1. */
	check_life(test, life);
	index = life_index(life);
	KUNIT_ASSERT_LT(test, index, INDEX_MAX);
	if (test_bit(index, lives_seen))
		return;
	__set_bit(index, lives_seen);
	KUNIT_ASSERT_LT(test, lives_count, LIVES_MAX);
	lives[lives_count++] = *life;
}

/* Find all lives that there are. */
static void lives_explore(struct kunit *test)
{
	struct life life = {};
	u32 i;
	int move;

	lives_add(test, &life);
	for (i = 0; i < lives_count; i++) {
		for (move = 0; move < MOVES; move++) {
			life = lives[i];
			if (life_move(&life, move))
				lives_add(test, &life);
		}
	}
}

static void all_lives(struct kunit *test)
{
	u32 i, states = 0;

	lives_explore(test);
	for (i = 0; i < lives_count; i++) {
		states |= 1U << wrtcsub_fsm_tx(lives[i].word);
		states |= 1U << (16 + wrtcsub_fsm_rx(lives[i].word));
	}
	/* Every state is reached. */
	KUNIT_EXPECT_EQ(test, states, TX_ANY | 0xf0000);
}

static bool is_over(u32 word)
{
	return wrtcsub_fsm_tx_over(word) && wrtcsub_fsm_rx_over(word);
}

/* The program has closed it, the peer says nothing or only what it must, and
 * the caller sends what is due: both halves come to an end without a reset.
 */
static void check_way_out(struct kunit *test, struct life life,
			  const enum wrtcsub_event *moves, int n)
{
	u32 start = life.word;
	int i, what;

	for (i = 0; i < n; i++) {
		life_move(&life, moves[i]);
		for (what = 0; what < SENDS; what++)
			life_send(&life, what);
	}
	KUNIT_ASSERT_TRUE_MSG(test, is_over(life.word),
			      "no way out of %x, ends in %x", start, life.word);
	KUNIT_ASSERT_EQ(test, life.word & WRTCSUB_DUE_FLAGS, 0);
	if (wrtcsub_fsm_tx(start) != WRTCSUB_TX_RESET)
		KUNIT_ASSERT_NE(test, WRTCSUB_TX_RESET,
				wrtcsub_fsm_tx(life.word));
}

static void every_state_has_a_way_out(struct kunit *test)
{
	static const enum wrtcsub_event good[] = {
		WRTCSUB_EV_SHUT_WR, WRTCSUB_EV_SHUT_RD, WRTCSUB_EV_DRAINED,
		WRTCSUB_EV_FIN_ACK, WRTCSUB_EV_FIN,
	};
	static const enum wrtcsub_event silent[] = {
		WRTCSUB_EV_SHUT_WR, WRTCSUB_EV_SHUT_RD, WRTCSUB_EV_DRAINED,
		WRTCSUB_EV_TIMER, WRTCSUB_EV_GIVE_UP,
	};
	struct life life;
	u32 i;

	lives_explore(test);
	for (i = 0; i < lives_count; i++) {
		check_way_out(test, lives[i], good, ARRAY_SIZE(good));
		check_way_out(test, lives[i], silent, ARRAY_SIZE(silent));
		life = lives[i];
		life_move(&life, WRTCSUB_EV_LOST);
		KUNIT_ASSERT_TRUE(test, is_over(life.word));
	}
}

/* Life after life at random, machine against model. */
static void random_events(struct kunit *test)
{
	u64 seed = 0x66736d;
	u32 unknown, steps;
	struct life life;
	int move;

	for (steps = 0; steps < UNIT_ROUNDS(100000);) {
		unknown = unit_random(&seed) & ~KNOWN;
		memset(&life, 0, sizeof(life));
		do {
			move = unit_random(&seed) % MOVES;
			if (move < WRTCSUB_EV_MAX)
				check_next(test, life.word | unknown,
					   move);
			life_move(&life, move);
			check_life(test, &life);
			steps++;
		} while (unit_random(&seed) % 12);
	}
}

static struct kunit_case wrtcsub_fsm_cases[] = {
	KUNIT_CASE(rows_of_the_sending_half),
	KUNIT_CASE(rows_of_the_receiving_half),
	KUNIT_CASE(over_is_over),
	KUNIT_CASE(reset_is_absorbing),
	KUNIT_CASE(every_word_and_event),
	KUNIT_CASE(helpers),
	KUNIT_CASE(all_lives),
	KUNIT_CASE(every_state_has_a_way_out),
	KUNIT_CASE(random_events),
	{}
};

static struct kunit_suite wrtcsub_fsm_suite = {
	.name = "wrtcsub_fsm",
	.test_cases = wrtcsub_fsm_cases,
};

kunit_test_suite(wrtcsub_fsm_suite);
