/* SPDX-License-Identifier: GPL-2.0 */
/* Which stream identifiers of an association are free. */
#ifndef _NET_WRTCSUB_SID_H
#define _NET_WRTCSUB_SID_H

#include <linux/types.h>

/* 65535 is not an identifier (RFC 8832, section 6). */
#define WRTCSUB_SID_MAX		65535

/* An identifier is free, or it is busy until both directions of its channel
 * have been reset (RFC 8831, section 6.7).
 */
struct wrtcsub_sid_map {
	unsigned int	nr;		/* identifiers 0 .. nr - 1 */
	unsigned int	busy_count;
	unsigned int	next[2];	/* where the search begins: even, odd */
	unsigned long	*busy;
	unsigned long	*out_reset;	/* our direction has been reset */
	unsigned long	*in_reset;	/* the peer has reset its direction */
};

int wrtcsub_sid_resize(struct wrtcsub_sid_map *map, unsigned int nr);
void wrtcsub_sid_move(struct wrtcsub_sid_map *map, struct wrtcsub_sid_map *old);
void wrtcsub_sid_destroy(struct wrtcsub_sid_map *map);
int wrtcsub_sid_alloc(struct wrtcsub_sid_map *map, bool odd);
int wrtcsub_sid_take(struct wrtcsub_sid_map *map, unsigned int sid);
void wrtcsub_sid_give_back(struct wrtcsub_sid_map *map, unsigned int sid);
bool wrtcsub_sid_is_busy(const struct wrtcsub_sid_map *map, unsigned int sid);
bool wrtcsub_sid_set_out_reset(struct wrtcsub_sid_map *map, unsigned int sid);
bool wrtcsub_sid_set_in_reset(struct wrtcsub_sid_map *map, unsigned int sid);
void wrtcsub_sid_set_all_in_reset(struct wrtcsub_sid_map *map);

#endif /* _NET_WRTCSUB_SID_H */
