// SPDX-License-Identifier: GPL-2.0
/*
 * The send queue of a substream.
 *
 * One producer, the program's send call (under lock_sock); one consumer, the
 * association's work.  They share @bytes and the links between pages, and
 * nothing else:
 *
 * - the producer fills a page, links the next one, and only then adds to
 *   @bytes (release); the consumer reads @bytes first (acquire), so it finds
 *   every byte and every link that the count covers;
 * - the consumer gives a page back only when it is used up and has a
 *   successor, so the producer's tail is never taken away.
 *
 * A queue is one of bytes, or one of records (SOCK_SEQPACKET): a record is
 * taken whole or not at all, so what is filled in is taken back if the rest
 * cannot be had.  The consumer never looks beyond what counts.
 *
 * A substream that has written keeps one page; small writes allocate nothing.
 * Pages are charged to the memory cgroup of the writer.
 */

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "txq.h"

struct wrtcsub_txq_page {
	struct wrtcsub_txq_page	*next;
	u8			data[];
};

static bool wrtcsub_txq_grow(struct wrtcsub_txq *q)
{
	struct wrtcsub_txq_page *page;

	page = (void *)__get_free_page(GFP_KERNEL_ACCOUNT);
	if (!page)
		return false;
	page->next = NULL;
	if (q->tail)
		WRITE_ONCE(q->tail->next, page);
	else
		q->head = page;
	q->tail = page;
	q->tail_len = 0;
	return true;
}

/* Copy bytes to the tail, which are not in the queue before they are counted.
 * Return: how many; fewer than @len: -EFAULT or -ENOBUFS is in @err.
 */
static size_t wrtcsub_txq_fill(struct wrtcsub_txq *q, struct iov_iter *from,
			       size_t len, int *err)
{
	size_t done = 0;

	*err = -EFAULT;
	while (done < len) {
		size_t n, copied;

		if ((!q->tail || q->tail_len == WRTCSUB_TXQ_PAGE_LEN) &&
		    !wrtcsub_txq_grow(q)) {
			*err = -ENOBUFS;
			break;
		}
		n = min_t(size_t, len - done,
			  WRTCSUB_TXQ_PAGE_LEN - q->tail_len);
		copied = copy_from_iter(q->tail->data + q->tail_len, n, from);
		q->tail_len += copied;
		done += copied;
		if (copied < n)
			break;
	}
	return done;
}

/**
 * wrtcsub_txq_push() - append bytes
 * @q: the queue
 * @from: where they are
 * @len: how many, at most
 *
 * The bytes count all at once, when the last one is in place: the consumer
 * sees a whole write, not its first page.
 *
 * Context: process, may sleep and fault; one producer.
 * Return: bytes taken; if none, -EFAULT or -ENOBUFS.
 */
ssize_t wrtcsub_txq_push(struct wrtcsub_txq *q, struct iov_iter *from,
			 size_t len)
{
	size_t done;
	int err;

	done = wrtcsub_txq_fill(q, from, len, &err);
	if (!done)
		return err;
	atomic_add_return_release(done, &q->bytes);
	return done;
}

/* Take back what was filled in but not counted. */
static void wrtcsub_txq_rewind(struct wrtcsub_txq *q,
			       struct wrtcsub_txq_page *tail,
			       unsigned int tail_len)
{
	struct wrtcsub_txq_page *page = tail ? tail->next : q->head, *next;

	if (tail)
		WRITE_ONCE(tail->next, NULL);
	else
		q->head = NULL;
	for (; page; page = next) {
		next = page->next;
		free_page((unsigned long)page);
	}
	q->tail = tail;
	q->tail_len = tail_len;
}

/**
 * wrtcsub_txq_push_record() - append a record: its length, then its bytes
 * @q: the queue, which has nothing but records
 * @from: the bytes
 * @len: how many, not 0
 *
 * All or nothing.  The length is not counted.
 *
 * Context: process, may sleep and fault; one producer.
 * Return: 0, -EFAULT or -ENOBUFS.
 */
int wrtcsub_txq_push_record(struct wrtcsub_txq *q, struct iov_iter *from,
			    u32 len)
{
	struct kvec head = { .iov_base = &len, .iov_len = sizeof(len) };
	struct wrtcsub_txq_page *tail = q->tail;
	unsigned int tail_len = q->tail_len;
	struct iov_iter iter;
	int err;

	iov_iter_kvec(&iter, ITER_SOURCE, &head, 1, sizeof(len));
	if (wrtcsub_txq_fill(q, &iter, sizeof(len), &err) < sizeof(len) ||
	    wrtcsub_txq_fill(q, from, len, &err) < len) {
		wrtcsub_txq_rewind(q, tail, tail_len);
		return err;
	}
	atomic_add_return_release(len, &q->bytes);
	return 0;
}

/**
 * wrtcsub_txq_peek() - where the first bytes are
 * @q: the queue
 * @vec: set to the pieces; room for WRTCSUB_TXQ_PIECES(@len)
 * @len: how many bytes; there are as many
 *
 * Context: any; one consumer.
 * Return: the number of pieces.
 */
unsigned int wrtcsub_txq_peek(const struct wrtcsub_txq *q, struct kvec *vec,
			      size_t len)
{
	struct wrtcsub_txq_page *page = q->head;
	unsigned int off = q->head_off, nr = 0;

	while (len) {
		if (off == WRTCSUB_TXQ_PAGE_LEN) {
			page = READ_ONCE(page->next);
			off = 0;
		}
		vec[nr].iov_base = page->data + off;
		vec[nr].iov_len = min_t(size_t, len,
					WRTCSUB_TXQ_PAGE_LEN - off);
		len -= vec[nr].iov_len;
		off += vec[nr].iov_len;
		nr++;
	}
	return nr;
}

static void wrtcsub_txq_advance(struct wrtcsub_txq *q, size_t len)
{
	while (len) {
		size_t n;

		if (q->head_off == WRTCSUB_TXQ_PAGE_LEN) {
			struct wrtcsub_txq_page *page = q->head;

			q->head = READ_ONCE(page->next);
			q->head_off = 0;
			free_page((unsigned long)page);
		}
		n = min_t(size_t, len, WRTCSUB_TXQ_PAGE_LEN - q->head_off);
		q->head_off += n;
		len -= n;
	}
}

/**
 * wrtcsub_txq_pop() - remove the first bytes
 * @q: the queue
 * @len: how many; there are as many
 *
 * Context: any; one consumer.
 */
void wrtcsub_txq_pop(struct wrtcsub_txq *q, size_t len)
{
	wrtcsub_txq_advance(q, len);
	atomic_sub(len, &q->bytes);
}

/**
 * wrtcsub_txq_pop_head() - remove the length of the first record
 * @q: the queue, which has one
 *
 * Context: any; one consumer.
 * Return: the length; as many bytes follow.
 */
u32 wrtcsub_txq_pop_head(struct wrtcsub_txq *q)
{
	struct kvec vec[WRTCSUB_TXQ_PIECES(WRTCSUB_TXQ_RECORD_HEAD)];
	u32 len;
	u8 *to = (u8 *)&len;
	unsigned int i, nr;

	nr = wrtcsub_txq_peek(q, vec, sizeof(len));
	for (i = 0; i < nr; i++) {
		memcpy(to, vec[i].iov_base, vec[i].iov_len);
		to += vec[i].iov_len;
	}
	wrtcsub_txq_advance(q, sizeof(len));
	return len;
}

/**
 * wrtcsub_txq_destroy() - give all pages back
 * @q: the queue, which nobody uses any more
 *
 * Context: any.
 */
void wrtcsub_txq_destroy(struct wrtcsub_txq *q)
{
	struct wrtcsub_txq_page *page, *next;

	for (page = q->head; page; page = next) {
		next = page->next;
		free_page((unsigned long)page);
	}
	q->head = NULL;
	q->tail = NULL;
}
