/* SPDX-License-Identifier: GPL-2.0 */
/* The send queue of a substream: bytes that SCTP does not hold yet. */
#ifndef _NET_WRTCSUB_TXQ_H
#define _NET_WRTCSUB_TXQ_H

#include <linux/atomic.h>
#include <linux/types.h>

struct iov_iter;
struct kvec;
struct wrtcsub_txq_page;

/**
 * struct wrtcsub_txq - a queue of bytes in pages
 * @bytes: bytes in the queue; published by the producer, taken by the consumer
 * @head: the page that is read; the consumer's
 * @head_off: bytes of it that are gone
 * @tail: the page that is written; the producer's
 * @tail_len: bytes of it that are in use
 */
struct wrtcsub_txq {
	atomic_t		bytes;
	struct wrtcsub_txq_page	*head;
	unsigned int		head_off;
	struct wrtcsub_txq_page	*tail;
	unsigned int		tail_len;
};

#define WRTCSUB_TXQ_PAGE_LEN	(PAGE_SIZE - sizeof(void *))

/* Bytes before each record that are not counted: its length. */
#define WRTCSUB_TXQ_RECORD_HEAD	sizeof(u32)

/* Pieces that @len bytes can lie in. */
#define WRTCSUB_TXQ_PIECES(len)	((len) / WRTCSUB_TXQ_PAGE_LEN + 2)

static inline unsigned int wrtcsub_txq_len(const struct wrtcsub_txq *q)
{
	return atomic_read_acquire(&q->bytes);
}

ssize_t wrtcsub_txq_push(struct wrtcsub_txq *q, struct iov_iter *from,
			 size_t len);
int wrtcsub_txq_push_record(struct wrtcsub_txq *q, struct iov_iter *from,
			    u32 len);
u32 wrtcsub_txq_pop_head(struct wrtcsub_txq *q);
unsigned int wrtcsub_txq_peek(const struct wrtcsub_txq *q, struct kvec *vec,
			      size_t len);
void wrtcsub_txq_pop(struct wrtcsub_txq *q, size_t len);
void wrtcsub_txq_destroy(struct wrtcsub_txq *q);

#endif /* _NET_WRTCSUB_TXQ_H */
