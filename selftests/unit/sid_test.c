// SPDX-License-Identifier: GPL-2.0
/* sid.c */

#include "unit.h"

#include <linux/slab.h>

#include "sid.h"

FIXTURE(sid)
{
	struct wrtcsub_sid_map map;
};

FIXTURE_SETUP(sid)
{
	memset(&self->map, 0, sizeof(self->map));
	ASSERT_EQ(0, wrtcsub_sid_resize(&self->map, 100));
	ASSERT_EQ(100, self->map.nr);
}

FIXTURE_TEARDOWN(sid)
{
	static const struct wrtcsub_sid_map zero;

	wrtcsub_sid_destroy(&self->map);
	EXPECT_EQ(0, memcmp(&zero, &self->map, sizeof(zero)));
	EXPECT_EQ(0, unit_alloc_count);
}

static void release(struct __test_metadata *_metadata,
		    struct wrtcsub_sid_map *map, unsigned int sid)
{
	ASSERT_FALSE(wrtcsub_sid_set_out_reset(map, sid));
	ASSERT_TRUE(wrtcsub_sid_set_in_reset(map, sid));
}

TEST(no_identifiers)
{
	struct wrtcsub_sid_map map = {};

	EXPECT_EQ(-EADDRNOTAVAIL, wrtcsub_sid_alloc(&map, false));
	EXPECT_EQ(-EADDRNOTAVAIL, wrtcsub_sid_alloc(&map, true));
	EXPECT_EQ(-EINVAL, wrtcsub_sid_take(&map, 0));
	EXPECT_FALSE(wrtcsub_sid_is_busy(&map, 0));
	EXPECT_FALSE(wrtcsub_sid_set_out_reset(&map, 0));
	EXPECT_FALSE(wrtcsub_sid_set_in_reset(&map, 0));
	EXPECT_EQ(0, wrtcsub_sid_resize(&map, 0));
	wrtcsub_sid_destroy(&map);
	EXPECT_EQ(0, unit_alloc_count);
}

TEST_F(sid, parity)
{
	EXPECT_EQ(0, wrtcsub_sid_alloc(&self->map, false));
	EXPECT_EQ(1, wrtcsub_sid_alloc(&self->map, true));
	EXPECT_EQ(2, wrtcsub_sid_alloc(&self->map, false));
	EXPECT_EQ(4, wrtcsub_sid_alloc(&self->map, false));
	EXPECT_EQ(3, wrtcsub_sid_alloc(&self->map, true));
	EXPECT_EQ(5, self->map.busy_count);
}

TEST_F(sid, odd_first)
{
	EXPECT_EQ(1, wrtcsub_sid_alloc(&self->map, true));
	EXPECT_EQ(3, wrtcsub_sid_alloc(&self->map, true));
	EXPECT_EQ(0, wrtcsub_sid_alloc(&self->map, false));
}

/* All of one parity are given once; the other parity is not touched. */
TEST_F(sid, exhaustion)
{
	unsigned int odd;
	int i;

	for (odd = 0; odd < 2; odd++) {
		for (i = odd; i < 100; i += 2)
			ASSERT_EQ(i, wrtcsub_sid_alloc(&self->map, odd));
		ASSERT_EQ(-EADDRNOTAVAIL, wrtcsub_sid_alloc(&self->map, odd));
		ASSERT_EQ(50 * (odd + 1), self->map.busy_count);
	}
	release(_metadata, &self->map, 37);
	ASSERT_EQ(-EADDRNOTAVAIL, wrtcsub_sid_alloc(&self->map, false));
	ASSERT_EQ(37, wrtcsub_sid_alloc(&self->map, true));
	ASSERT_EQ(-EADDRNOTAVAIL, wrtcsub_sid_alloc(&self->map, true));
}

/* An odd number of identifiers: one more is even, and 101 is not there. */
TEST(odd_size)
{
	struct wrtcsub_sid_map map = {};
	int i;

	ASSERT_EQ(0, wrtcsub_sid_resize(&map, 3));
	ASSERT_EQ(0, wrtcsub_sid_alloc(&map, false));
	ASSERT_EQ(2, wrtcsub_sid_alloc(&map, false));
	ASSERT_EQ(1, wrtcsub_sid_alloc(&map, true));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(-EADDRNOTAVAIL, wrtcsub_sid_alloc(&map, false));
		ASSERT_EQ(-EADDRNOTAVAIL, wrtcsub_sid_alloc(&map, true));
	}
	wrtcsub_sid_destroy(&map);

	ASSERT_EQ(0, wrtcsub_sid_resize(&map, 1));
	ASSERT_EQ(-EADDRNOTAVAIL, wrtcsub_sid_alloc(&map, true));
	ASSERT_EQ(0, wrtcsub_sid_alloc(&map, false));
	ASSERT_EQ(-EADDRNOTAVAIL, wrtcsub_sid_alloc(&map, false));
	wrtcsub_sid_destroy(&map);
}

/* What has become free is not given again while there are fresh ones. */
TEST_F(sid, next_fit)
{
	int i;

	for (i = 0; i < 100; i += 2) {
		ASSERT_EQ(i, wrtcsub_sid_alloc(&self->map, false));
		release(_metadata, &self->map, i);
	}
	ASSERT_EQ(0, self->map.busy_count);
	ASSERT_EQ(0, wrtcsub_sid_alloc(&self->map, false));
	ASSERT_EQ(2, wrtcsub_sid_alloc(&self->map, false));
	release(_metadata, &self->map, 0);
	ASSERT_EQ(4, wrtcsub_sid_alloc(&self->map, false));
	/* The peer's identifiers have a search of their own. */
	ASSERT_EQ(1, wrtcsub_sid_alloc(&self->map, true));
	ASSERT_EQ(6, wrtcsub_sid_alloc(&self->map, false));
}

TEST_F(sid, next_fit_steps_over_busy_ones)
{
	ASSERT_EQ(0, wrtcsub_sid_take(&self->map, 0));
	ASSERT_EQ(0, wrtcsub_sid_take(&self->map, 2));
	ASSERT_EQ(0, wrtcsub_sid_take(&self->map, 6));
	ASSERT_EQ(4, wrtcsub_sid_alloc(&self->map, false));
	ASSERT_EQ(8, wrtcsub_sid_alloc(&self->map, false));
}

TEST_F(sid, take)
{
	ASSERT_EQ(0, wrtcsub_sid_take(&self->map, 7));
	ASSERT_TRUE(wrtcsub_sid_is_busy(&self->map, 7));
	ASSERT_EQ(-EADDRINUSE, wrtcsub_sid_take(&self->map, 7));
	ASSERT_EQ(0, wrtcsub_sid_take(&self->map, 99));
	ASSERT_EQ(-EINVAL, wrtcsub_sid_take(&self->map, 100));
	ASSERT_EQ(-EINVAL, wrtcsub_sid_take(&self->map, 65535));
	ASSERT_FALSE(wrtcsub_sid_is_busy(&self->map, 100));
	ASSERT_FALSE(wrtcsub_sid_is_busy(&self->map, ~0U));
	ASSERT_EQ(2, self->map.busy_count);
}

TEST_F(sid, free_after_both_resets)
{
	struct wrtcsub_sid_map *map = &self->map;
	int round;

	/* Again and again: the marks of one use are gone in the next. */
	for (round = 0; round < 3; round++) {
		ASSERT_EQ(0, wrtcsub_sid_take(map, 5));
		ASSERT_FALSE(wrtcsub_sid_set_out_reset(map, 5));
		ASSERT_FALSE(wrtcsub_sid_set_out_reset(map, 5));
		ASSERT_TRUE(wrtcsub_sid_is_busy(map, 5));
		ASSERT_EQ(-EADDRINUSE, wrtcsub_sid_take(map, 5));
		ASSERT_TRUE(wrtcsub_sid_set_in_reset(map, 5));
		ASSERT_FALSE(wrtcsub_sid_is_busy(map, 5));
		ASSERT_EQ(0, map->busy_count);

		ASSERT_EQ(0, wrtcsub_sid_take(map, 5));
		ASSERT_FALSE(wrtcsub_sid_set_in_reset(map, 5));
		ASSERT_FALSE(wrtcsub_sid_set_in_reset(map, 5));
		ASSERT_TRUE(wrtcsub_sid_is_busy(map, 5));
		ASSERT_TRUE(wrtcsub_sid_set_out_reset(map, 5));
		ASSERT_FALSE(wrtcsub_sid_is_busy(map, 5));
	}
}

/* The peer may reset whatever it likes. */
TEST_F(sid, reset_of_what_is_not_busy)
{
	struct wrtcsub_sid_map *map = &self->map;

	ASSERT_FALSE(wrtcsub_sid_set_in_reset(map, 5));
	ASSERT_FALSE(wrtcsub_sid_set_out_reset(map, 5));
	ASSERT_FALSE(wrtcsub_sid_set_in_reset(map, 100));
	ASSERT_FALSE(wrtcsub_sid_set_out_reset(map, ~0U));
	ASSERT_EQ(0, map->busy_count);
	/* Nothing of it is left when the identifier is taken. */
	ASSERT_EQ(0, wrtcsub_sid_take(map, 5));
	ASSERT_FALSE(wrtcsub_sid_set_out_reset(map, 5));
	ASSERT_TRUE(wrtcsub_sid_is_busy(map, 5));
}

TEST_F(sid, resize_keeps)
{
	struct wrtcsub_sid_map *map = &self->map;
	int i;

	for (i = 0; i < 100; i += 2)
		ASSERT_EQ(i, wrtcsub_sid_alloc(map, false));
	ASSERT_FALSE(wrtcsub_sid_set_out_reset(map, 4));
	ASSERT_FALSE(wrtcsub_sid_set_in_reset(map, 6));
	ASSERT_EQ(-EADDRNOTAVAIL, wrtcsub_sid_alloc(map, false));

	ASSERT_EQ(0, wrtcsub_sid_resize(map, 1000));
	ASSERT_EQ(1000, map->nr);
	ASSERT_EQ(50, map->busy_count);
	for (i = 0; i < 1000; i++)
		ASSERT_EQ(i < 100 && i % 2 == 0, wrtcsub_sid_is_busy(map, i));
	ASSERT_TRUE(wrtcsub_sid_set_in_reset(map, 4));
	ASSERT_TRUE(wrtcsub_sid_set_out_reset(map, 6));
	/* Fresh ones first, then those that came back. */
	for (i = 100; i < 1000; i += 2)
		ASSERT_EQ(i, wrtcsub_sid_alloc(map, false));
	ASSERT_EQ(4, wrtcsub_sid_alloc(map, false));
	ASSERT_EQ(6, wrtcsub_sid_alloc(map, false));
	ASSERT_EQ(-EADDRNOTAVAIL, wrtcsub_sid_alloc(map, false));
}

TEST_F(sid, resize_never_shrinks)
{
	ASSERT_EQ(0, wrtcsub_sid_take(&self->map, 99));
	ASSERT_EQ(0, wrtcsub_sid_resize(&self->map, 50));
	ASSERT_EQ(0, wrtcsub_sid_resize(&self->map, 0));
	ASSERT_EQ(100, self->map.nr);
	ASSERT_TRUE(wrtcsub_sid_is_busy(&self->map, 99));
}

/* RFC 8832, section 6: 65535 is not an identifier. */
TEST_F(sid, resize_to_the_most)
{
	int i;

	ASSERT_EQ(0, wrtcsub_sid_resize(&self->map, 65536));
	ASSERT_EQ(65535, self->map.nr);
	ASSERT_EQ(-EINVAL, wrtcsub_sid_take(&self->map, 65535));
	ASSERT_EQ(0, wrtcsub_sid_take(&self->map, 65534));
	for (i = 1; i < 65535; i += 2)
		ASSERT_EQ(i, wrtcsub_sid_alloc(&self->map, true));
	ASSERT_EQ(-EADDRNOTAVAIL, wrtcsub_sid_alloc(&self->map, true));
	for (i = 0; i < 65534; i += 2)
		ASSERT_EQ(i, wrtcsub_sid_alloc(&self->map, false));
	ASSERT_EQ(-EADDRNOTAVAIL, wrtcsub_sid_alloc(&self->map, false));
	ASSERT_EQ(65535, self->map.busy_count);
}

/* Every allocation may be the one that fails. */
TEST_F(sid, allocation_failure)
{
	struct wrtcsub_sid_map before, *map = &self->map;
	long alive = unit_alloc_count, budget;
	int ret;

	ASSERT_EQ(0, wrtcsub_sid_take(map, 8));
	ASSERT_FALSE(wrtcsub_sid_set_out_reset(map, 8));
	before = *map;
	for (budget = 0; ; budget++) {
		unit_alloc_budget = budget;
		ret = wrtcsub_sid_resize(map, 500);
		unit_alloc_budget = -1;
		ASSERT_EQ(alive, unit_alloc_count);
		if (!ret)
			break;
		ASSERT_EQ(-ENOMEM, ret);
		ASSERT_EQ(0, memcmp(&before, map, sizeof(before)));
	}
	ASSERT_GT(budget, 0);
	ASSERT_EQ(500, map->nr);
	ASSERT_TRUE(wrtcsub_sid_set_in_reset(map, 8));
}

TEST(first_allocation_failure)
{
	static const struct wrtcsub_sid_map zero;
	struct wrtcsub_sid_map map = {};
	long budget;

	for (budget = 0; budget < 3; budget++) {
		unit_alloc_budget = budget;
		ASSERT_EQ(-ENOMEM, wrtcsub_sid_resize(&map, 10));
		ASSERT_EQ(0, memcmp(&zero, &map, sizeof(map)));
		ASSERT_EQ(0, unit_alloc_count);
	}
}

/* One byte for each identifier: what a map should do. */
struct model {
	unsigned int	nr;
	int		last[2];
	u8		state[256];	/* BUSY, OUT, IN */
};

#define BUSY	1
#define OUT	2
#define IN	4

static int model_alloc(struct model *model, bool odd)
{
	unsigned int i, sid = (model->last[odd] < 0) ? odd :
			      model->last[odd] + 2U;

	for (i = 0; i <= model->nr; i++, sid += 2) {
		if (sid >= model->nr)
			sid = odd;
		if (sid < model->nr && !model->state[sid]) {
			model->state[sid] = BUSY;
			model->last[odd] = sid;
			return sid;
		}
	}
	return -EADDRNOTAVAIL;
}

static int model_take(struct model *model, unsigned int sid)
{
	if (sid >= model->nr)
		return -EINVAL;
	if (model->state[sid])
		return -EADDRINUSE;
	model->state[sid] = BUSY;
	return 0;
}

static bool model_reset(struct model *model, unsigned int sid, u8 way)
{
	if (sid >= model->nr || !model->state[sid])
		return false;
	model->state[sid] |= way;
	if (model->state[sid] != (BUSY | OUT | IN))
		return false;
	model->state[sid] = 0;
	return true;
}

TEST(random_calls)
{
	struct model model = { .nr = 10, .last = { -1, -1 } };
	struct wrtcsub_sid_map map = {};
	unsigned int sid, busy;
	u64 seed = 0x736964;
	bool odd;
	int i;

	ASSERT_EQ(0, wrtcsub_sid_resize(&map, model.nr));
	for (i = 0; i < 200000; i++) {
		sid = unit_random(&seed) % (model.nr + 2);
		odd = unit_random(&seed) % 2;
		switch (unit_random(&seed) % 6) {
		case 0:
		case 1:
			ASSERT_EQ(model_alloc(&model, odd),
				  wrtcsub_sid_alloc(&map, odd));
			break;
		case 2:
			ASSERT_EQ(model_take(&model, sid),
				  wrtcsub_sid_take(&map, sid));
			break;
		case 3:
		case 4:
			ASSERT_EQ(model_reset(&model, sid, OUT),
				  wrtcsub_sid_set_out_reset(&map, sid));
			sid = unit_random(&seed) % (model.nr + 2);
			ASSERT_EQ(model_reset(&model, sid, IN),
				  wrtcsub_sid_set_in_reset(&map, sid));
			break;
		case 5:
			if (unit_random(&seed) % 500 || model.nr > 240)
				break;
			model.nr += unit_random(&seed) % 15;
			ASSERT_EQ(0, wrtcsub_sid_resize(&map, model.nr));
			break;
		}
		busy = 0;
		for (sid = 0; i % 64 == 0 && sid < model.nr; sid++) {
			busy += !!model.state[sid];
			ASSERT_EQ(!!model.state[sid],
				  wrtcsub_sid_is_busy(&map, sid));
		}
		if (i % 64 == 0)
			ASSERT_EQ(busy, map.busy_count);
	}
	ASSERT_GT(model.nr, 200);
	wrtcsub_sid_destroy(&map);
	ASSERT_EQ(0, unit_alloc_count);
}

TEST_HARNESS_MAIN
