/* SPDX-License-Identifier: GPL-2.0 */
/* Closing channels: stream resets (RFC 6525; RFC 8831, section 6.7). */
#ifndef _NET_WRTCSUB_RESET_H
#define _NET_WRTCSUB_RESET_H

#include <linux/bitmap.h>
#include <linux/types.h>

struct sctp_stream_reset_event;
struct wrtcsub_assoc;

/* Streams of one request.  usrsctp denies one of more than 512 bytes, and what
 * is denied is not asked for again.
 */
#define WRTCSUB_RESET_BATCH	240

/**
 * struct wrtcsub_reset - channels of an association that are being closed
 * @nr: length of the bitmaps
 * @refuse: identifiers on which a RESET_STREAM is due
 * @want: identifiers whose outgoing direction is to be reset
 * @want_since: since when there are any, in jiffies
 * @sent: identifiers of the request that is under way
 * @nr_sent: how many; 0: no request is under way
 * @again: which of @sent the peer has opened again
 * @crossed: requests that have crossed one of the peer's, in a row
 * @other: a request that SCTP has made by itself is in the way of ours
 * @seq: the sequence number of the request that is under way, ours or that one
 * @tsn: of the data that the peer has to have before it answers
 * @deadline: when the peer has to have answered it, in jiffies
 * @nudge_at: when to send the peer something, in jiffies
 * @retry_at: no request before this time, which may be long ago: in jiffies of
 *	64 bits
 * @wait: how long the last one waited that was not made, in jiffies
 * @impossible: the peer does not have RFC 6525
 *
 * Only the association's work uses it: no lock.
 */
struct wrtcsub_reset {
	unsigned int	nr;
	unsigned long	*refuse;
	unsigned long	*want;
	unsigned long	want_since;
	u16		sent[WRTCSUB_RESET_BATCH];
	unsigned int	nr_sent;
	DECLARE_BITMAP(again, WRTCSUB_RESET_BATCH);
	unsigned int	crossed;
	bool		other;
	u32		seq;
	u32		tsn;
	unsigned long	deadline;
	unsigned long	nudge_at;
	u64		retry_at;
	unsigned int	wait;
	bool		impossible;
};

int wrtcsub_reset_resize(struct wrtcsub_reset *r, unsigned int nr);
void wrtcsub_reset_destroy(struct wrtcsub_reset *r);
void wrtcsub_reset_close(struct wrtcsub_assoc *a, u16 sid);
void wrtcsub_reset_refuse(struct wrtcsub_assoc *a, u16 sid);
void wrtcsub_reset_event(struct wrtcsub_assoc *a,
			 const struct sctp_stream_reset_event *event);
unsigned long wrtcsub_reset_backoff(struct wrtcsub_assoc *a);
void wrtcsub_reset_lose(struct wrtcsub_sock *ws);
bool wrtcsub_reset_reopen(struct wrtcsub_assoc *a, u16 sid);
bool wrtcsub_reset_holds(const struct wrtcsub_assoc *a, u16 sid);
void wrtcsub_reset_meet_other(struct wrtcsub_assoc *a);
void wrtcsub_reset_postpone(struct wrtcsub_assoc *a);
int wrtcsub_reset_run(struct wrtcsub_assoc *a);

#endif /* _NET_WRTCSUB_RESET_H */
