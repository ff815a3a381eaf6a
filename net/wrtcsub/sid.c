// SPDX-License-Identifier: GPL-2.0
/*
 * The stream identifiers of one association: which are free, which are in use,
 * and which wait until both directions have been reset.
 *
 * RFC 8832, section 6:
 *
 *	[...] if the side is acting as the DTLS client, it MUST choose an even
 *	stream identifier; if the side is acting as the DTLS server, it MUST
 *	choose an odd one.
 *
 * RFC 8831, section 6.7:
 *
 *	Streams are available for reuse after a reset has been performed.
 *
 * Rules:
 *
 * - An identifier is given again as late as possible, because peers had bugs
 *   with those that come back soon (str0m #469, #883; pion/sctp #485).  So the
 *   search goes on after the last one given, and begins anew at the end.
 * - A peer that never resets its direction keeps the identifier busy.
 * - The caller serialises all calls for one map.
 */

#include <linux/bitmap.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "sid.h"

/**
 * wrtcsub_sid_resize() - make room for more identifiers
 * @map: the identifiers; all zero at first
 * @nr: how many there shall be; more than %WRTCSUB_SID_MAX are as many as that
 *
 * The first call makes the map.  A map never shrinks: @nr below what it has
 * changes nothing.
 *
 * Context: may sleep.
 * Return: 0, or -ENOMEM, and the map is as it was.
 * Source: RFC 6525, section 4.5 (Add Outgoing Streams); RFC 8832, section 6:
 *	65535 is not an identifier.
 */
int wrtcsub_sid_resize(struct wrtcsub_sid_map *map, unsigned int nr)
{
	struct wrtcsub_sid_map new = {
		.nr = min_t(unsigned int, nr, WRTCSUB_SID_MAX),
	};

	if (new.nr <= map->nr)
		return 0;

	new.busy = bitmap_zalloc(new.nr, GFP_KERNEL);
	new.out_reset = bitmap_zalloc(new.nr, GFP_KERNEL);
	new.in_reset = bitmap_zalloc(new.nr, GFP_KERNEL);
	if (!new.busy || !new.out_reset || !new.in_reset) {
		wrtcsub_sid_destroy(&new);
		return -ENOMEM;
	}

	wrtcsub_sid_move(&new, map);
	wrtcsub_sid_destroy(&new);
	return 0;
}

/**
 * wrtcsub_sid_move() - move to a larger map
 * @map: a new map, larger than @old
 * @old: the identifiers; has the room of @map afterwards
 *
 * For who cannot sleep while the identifiers are locked.  What is in @map
 * afterwards is to be destroyed.
 *
 * Context: any.
 */
void wrtcsub_sid_move(struct wrtcsub_sid_map *map, struct wrtcsub_sid_map *old)
{
	if (old->nr) {
		bitmap_copy(map->busy, old->busy, old->nr);
		bitmap_copy(map->out_reset, old->out_reset, old->nr);
		bitmap_copy(map->in_reset, old->in_reset, old->nr);
	}
	map->busy_count = old->busy_count;
	map->next[0] = old->next[0];
	map->next[1] = old->next[1];
	swap(*map, *old);
}

/**
 * wrtcsub_sid_destroy() - give the memory of a map back
 * @map: the identifiers; all zero afterwards
 *
 * Context: any.
 */
void wrtcsub_sid_destroy(struct wrtcsub_sid_map *map)
{
	bitmap_free(map->busy);
	bitmap_free(map->out_reset);
	bitmap_free(map->in_reset);
	memset(map, 0, sizeof(*map));
}

/* Return: the first free one of those of its parity, or map->nr. */
static unsigned int wrtcsub_sid_find(const struct wrtcsub_sid_map *map,
				     unsigned int sid)
{
	/* Ours lie between the peer's, so a search for zero bits would stop
	 * at every other bit: one by one is no slower.
	 */
	for (; sid < map->nr; sid += 2)
		if (!test_bit(sid, map->busy))
			return sid;
	return map->nr;
}

static void wrtcsub_sid_set_busy(struct wrtcsub_sid_map *map, unsigned int sid)
{
	__set_bit(sid, map->busy);
	map->busy_count++;
}

static void wrtcsub_sid_set_free(struct wrtcsub_sid_map *map, unsigned int sid)
{
	__clear_bit(sid, map->out_reset);
	__clear_bit(sid, map->in_reset);
	__clear_bit(sid, map->busy);
	map->busy_count--;
}

/**
 * wrtcsub_sid_alloc() - take a free identifier
 * @map: the identifiers
 * @odd: ours are the odd ones
 *
 * Context: any; at worst looks at every identifier of the parity.
 * Return: the identifier, which is busy now, or -EADDRNOTAVAIL: none is free.
 * Source: RFC 8832, section 6.
 */
int wrtcsub_sid_alloc(struct wrtcsub_sid_map *map, bool odd)
{
	unsigned int sid;

	/* A map of zeroes begins at 0, on both sides: hence the | odd. */
	sid = wrtcsub_sid_find(map, map->next[odd] | odd);
	if (sid == map->nr)
		sid = wrtcsub_sid_find(map, odd);
	if (sid == map->nr)
		return -EADDRNOTAVAIL;

	wrtcsub_sid_set_busy(map, sid);
	map->next[odd] = sid + 2;
	return sid;
}

/**
 * wrtcsub_sid_take() - take one certain identifier
 * @map: the identifiers
 * @sid: the identifier: of the peer's DATA_CHANNEL_OPEN, or negotiated
 *
 * Context: any.
 * Return: 0, -EADDRINUSE: it is busy, or -EINVAL: the association does not
 *	have it.
 * Source: RFC 8832, sections 4 and 6.
 */
int wrtcsub_sid_take(struct wrtcsub_sid_map *map, unsigned int sid)
{
	if (sid >= map->nr)
		return -EINVAL;
	if (test_bit(sid, map->busy))
		return -EADDRINUSE;

	wrtcsub_sid_set_busy(map, sid);
	return 0;
}

/**
 * wrtcsub_sid_give_back() - an identifier was taken in vain
 * @map: the identifiers
 * @sid: one that is busy, and that the peer has not heard of
 *
 * Context: any.
 */
void wrtcsub_sid_give_back(struct wrtcsub_sid_map *map, unsigned int sid)
{
	wrtcsub_sid_set_free(map, sid);
}

/**
 * wrtcsub_sid_is_busy() - is the identifier in use, or not yet reset?
 * @map: the identifiers
 * @sid: the identifier; one that the association does not have is not busy
 *
 * Context: any.
 * Return: true if it cannot be taken again.
 */
bool wrtcsub_sid_is_busy(const struct wrtcsub_sid_map *map, unsigned int sid)
{
	return sid < map->nr && test_bit(sid, map->busy);
}

static bool wrtcsub_sid_set_reset(struct wrtcsub_sid_map *map, unsigned int sid,
				  unsigned long *this_way,
				  unsigned long *other_way)
{
	if (!wrtcsub_sid_is_busy(map, sid))
		return false;
	if (!test_bit(sid, other_way)) {
		__set_bit(sid, this_way);
		return false;
	}

	wrtcsub_sid_set_free(map, sid);
	return true;
}

/**
 * wrtcsub_sid_set_out_reset() - our direction has been reset
 * @map: the identifiers
 * @sid: the identifier; if it is not busy nothing happens
 *
 * Context: any.
 * Return: true if the identifier has become free by this.
 * Source: RFC 8831, section 6.7; RFC 6525, section 5.1.
 */
bool wrtcsub_sid_set_out_reset(struct wrtcsub_sid_map *map, unsigned int sid)
{
	return wrtcsub_sid_set_reset(map, sid, map->out_reset, map->in_reset);
}

/**
 * wrtcsub_sid_set_in_reset() - the peer has reset its direction
 * @map: the identifiers
 * @sid: the identifier; if it is not busy nothing happens
 *
 * Context: any.
 * Return: true if the identifier has become free by this.
 * Source: RFC 8831, section 6.7; RFC 6525, section 5.2.
 */
bool wrtcsub_sid_set_in_reset(struct wrtcsub_sid_map *map, unsigned int sid)
{
	return wrtcsub_sid_set_reset(map, sid, map->in_reset, map->out_reset);
}

/**
 * wrtcsub_sid_set_all_in_reset() - the peer has reset its direction of all
 * @map: the identifiers
 *
 * As wrtcsub_sid_set_in_reset() for each of them, but in one go: those that
 * have been reset both ways are free, all others that are busy wait for us.
 *
 * Context: any.
 * Source: RFC 6525, section 4.1: no list of streams means all of them.
 */
void wrtcsub_sid_set_all_in_reset(struct wrtcsub_sid_map *map)
{
	bitmap_andnot(map->busy, map->busy, map->out_reset, map->nr);
	bitmap_copy(map->in_reset, map->busy, map->nr);
	bitmap_zero(map->out_reset, map->nr);
	map->busy_count = bitmap_weight(map->busy, map->nr);
}
