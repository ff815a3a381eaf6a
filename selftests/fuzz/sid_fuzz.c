// SPDX-License-Identifier: GPL-2.0
/*
 * sid.c, against a model that has one byte for each identifier, and the rule
 * that the search for a free one goes on behind the last one given.
 */

#include "fuzz.h"

#include "sid.h"

#define BUSY	1
#define OUT	2
#define IN	4

struct model {
	unsigned int	nr;
	unsigned int	busy;
	int		last[2];
	u8		state[WRTCSUB_SID_MAX];
};

static int model_alloc(struct model *m, bool odd)
{
	unsigned int sid, i, of_parity = (m->nr + !odd) / 2;

	sid = m->last[odd] < 0 ? odd : m->last[odd] + 2U;
	for (i = 0; i < of_parity; i++, sid += 2) {
		if (sid >= m->nr)
			sid = odd;
		if (m->state[sid])
			continue;
		m->state[sid] = BUSY;
		m->last[odd] = sid;
		m->busy++;
		return sid;
	}
	return -EADDRNOTAVAIL;
}

static int model_take(struct model *m, unsigned int sid)
{
	if (sid >= m->nr)
		return -EINVAL;
	if (m->state[sid])
		return -EADDRINUSE;
	m->state[sid] = BUSY;
	m->busy++;
	return 0;
}

static bool model_reset(struct model *m, unsigned int sid, u8 way)
{
	if (sid >= m->nr || !m->state[sid])
		return false;
	m->state[sid] |= way;
	if (m->state[sid] != (BUSY | OUT | IN))
		return false;
	m->state[sid] = 0;
	m->busy--;
	return true;
}

static void step(struct wrtcsub_sid_map *map, struct model *m,
		 struct fuzz_input *in)
{
	u8 op = fuzz_byte(in);
	/* Two beyond the last one, and now and then anything. */
	unsigned int sid = op & 0x80 ? fuzz_short(in) :
				       fuzz_byte(in) % (m->nr + 2);
	bool odd = op & 0x40;

	switch (op % 6) {
	case 0:
	case 1:
		CHECK(wrtcsub_sid_alloc(map, odd) == model_alloc(m, odd));
		break;
	case 2:
		CHECK(wrtcsub_sid_take(map, sid) == model_take(m, sid));
		break;
	case 3:
		CHECK(wrtcsub_sid_set_out_reset(map, sid) ==
		      model_reset(m, sid, OUT));
		break;
	case 4:
		CHECK(wrtcsub_sid_set_in_reset(map, sid) ==
		      model_reset(m, sid, IN));
		break;
	case 5:
		CHECK(!wrtcsub_sid_resize(map, sid));
		if (sid > WRTCSUB_SID_MAX)
			sid = WRTCSUB_SID_MAX;
		if (sid > m->nr)
			m->nr = sid;
		break;
	}
	CHECK(map->nr == m->nr);
	CHECK(map->busy_count == m->busy);
	CHECK(wrtcsub_sid_is_busy(map, sid) ==
	      (sid < m->nr && m->state[sid]));
}

int fuzz_one(const u8 *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct wrtcsub_sid_map map = {};
	static struct model m;
	unsigned int sid;

	memset(m.state, 0, m.nr);
	m.nr = fuzz_byte(&in);
	m.busy = 0;
	m.last[0] = -1;
	m.last[1] = -1;
	CHECK(!wrtcsub_sid_resize(&map, m.nr));
	while (in.len)
		step(&map, &m, &in);
	for (sid = 0; sid < m.nr; sid++)
		CHECK(wrtcsub_sid_is_busy(&map, sid) == !!m.state[sid]);
	wrtcsub_sid_destroy(&map);
	return 0;
}
