// SPDX-License-Identifier: GPL-2.0
/* sid.c */

#include <linux/bitmap.h>

#include "unit.h"

/* How many allocations succeed before one fails (negative: none fails), and
 * how many are alive.
 */
static long alloc_budget;
static long alloc_count;

static unsigned long *counted_zalloc(unsigned int nr, gfp_t flags)
{
	if (!alloc_budget)
		return NULL;
	if (alloc_budget > 0)
		alloc_budget--;
	alloc_count++;
	return bitmap_zalloc(nr, flags);
}

static void counted_free(const unsigned long *map)
{
	if (map)
		alloc_count--;
	bitmap_free(map);
}

#define bitmap_zalloc	counted_zalloc
#define bitmap_free	counted_free
#include "../sid.c"

/* Every test begins with a map of a hundred. */
static int sid_init(struct kunit *test)
{
	struct wrtcsub_sid_map *map;

	alloc_budget = -1;
	alloc_count = 0;
	map = kunit_kzalloc(test, sizeof(*map), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, map);
	KUNIT_ASSERT_EQ(test, wrtcsub_sid_resize(map, 100), 0);
	KUNIT_ASSERT_EQ(test, map->nr, 100);
	test->priv = map;
	return 0;
}

static void sid_exit(struct kunit *test)
{
	static const struct wrtcsub_sid_map zero;
	struct wrtcsub_sid_map *map = test->priv;

	wrtcsub_sid_destroy(map);
	KUNIT_EXPECT_MEMEQ(test, &zero, map, sizeof(zero));
	KUNIT_EXPECT_EQ(test, alloc_count, 0);
}

static void release(struct kunit *test, struct wrtcsub_sid_map *map,
		    unsigned int sid)
{
	KUNIT_ASSERT_FALSE(test, wrtcsub_sid_set_out_reset(map, sid));
	KUNIT_ASSERT_TRUE(test, wrtcsub_sid_set_in_reset(map, sid));
}

static void no_identifiers(struct kunit *test)
{
	struct wrtcsub_sid_map map = {};

	KUNIT_EXPECT_EQ(test, wrtcsub_sid_alloc(&map, false), -EADDRNOTAVAIL);
	KUNIT_EXPECT_EQ(test, wrtcsub_sid_alloc(&map, true), -EADDRNOTAVAIL);
	KUNIT_EXPECT_EQ(test, wrtcsub_sid_take(&map, 0), -EINVAL);
	KUNIT_EXPECT_FALSE(test, wrtcsub_sid_is_busy(&map, 0));
	KUNIT_EXPECT_FALSE(test, wrtcsub_sid_set_out_reset(&map, 0));
	KUNIT_EXPECT_FALSE(test, wrtcsub_sid_set_in_reset(&map, 0));
	KUNIT_EXPECT_EQ(test, wrtcsub_sid_resize(&map, 0), 0);
	wrtcsub_sid_destroy(&map);
}

static void parity(struct kunit *test)
{
	struct wrtcsub_sid_map *map = test->priv;

	KUNIT_EXPECT_EQ(test, wrtcsub_sid_alloc(map, false), 0);
	KUNIT_EXPECT_EQ(test, wrtcsub_sid_alloc(map, true), 1);
	KUNIT_EXPECT_EQ(test, wrtcsub_sid_alloc(map, false), 2);
	KUNIT_EXPECT_EQ(test, wrtcsub_sid_alloc(map, false), 4);
	KUNIT_EXPECT_EQ(test, wrtcsub_sid_alloc(map, true), 3);
	KUNIT_EXPECT_EQ(test, map->busy_count, 5);
}

static void odd_first(struct kunit *test)
{
	struct wrtcsub_sid_map *map = test->priv;

	KUNIT_EXPECT_EQ(test, wrtcsub_sid_alloc(map, true), 1);
	KUNIT_EXPECT_EQ(test, wrtcsub_sid_alloc(map, true), 3);
	KUNIT_EXPECT_EQ(test, wrtcsub_sid_alloc(map, false), 0);
}

/* All of one parity are given once; the other parity is not touched. */
static void exhaustion(struct kunit *test)
{
	struct wrtcsub_sid_map *map = test->priv;
	unsigned int odd;
	int i;

	for (odd = 0; odd < 2; odd++) {
		for (i = odd; i < 100; i += 2)
			KUNIT_ASSERT_EQ(test, wrtcsub_sid_alloc(map, odd), i);
		KUNIT_ASSERT_EQ(test, wrtcsub_sid_alloc(map, odd),
				-EADDRNOTAVAIL);
		KUNIT_ASSERT_EQ(test, map->busy_count, 50 * (odd + 1));
	}
	release(test, map, 37);
	KUNIT_ASSERT_EQ(test, wrtcsub_sid_alloc(map, false), -EADDRNOTAVAIL);
	KUNIT_ASSERT_EQ(test, wrtcsub_sid_alloc(map, true), 37);
	KUNIT_ASSERT_EQ(test, wrtcsub_sid_alloc(map, true), -EADDRNOTAVAIL);
}

/* An odd number of identifiers: one more is even, and 101 is not there. */
static void odd_size(struct kunit *test)
{
	struct wrtcsub_sid_map map = {};
	int i;

	KUNIT_ASSERT_EQ(test, wrtcsub_sid_resize(&map, 3), 0);
	KUNIT_ASSERT_EQ(test, wrtcsub_sid_alloc(&map, false), 0);
	KUNIT_ASSERT_EQ(test, wrtcsub_sid_alloc(&map, false), 2);
	KUNIT_ASSERT_EQ(test, wrtcsub_sid_alloc(&map, true), 1);
	for (i = 0; i < 3; i++) {
		KUNIT_ASSERT_EQ(test, wrtcsub_sid_alloc(&map, false),
				-EADDRNOTAVAIL);
		KUNIT_ASSERT_EQ(test, wrtcsub_sid_alloc(&map, true),
				-EADDRNOTAVAIL);
	}
	wrtcsub_sid_destroy(&map);

	KUNIT_ASSERT_EQ(test, wrtcsub_sid_resize(&map, 1), 0);
	KUNIT_ASSERT_EQ(test, wrtcsub_sid_alloc(&map, true), -EADDRNOTAVAIL);
	KUNIT_ASSERT_EQ(test, wrtcsub_sid_alloc(&map, false), 0);
	KUNIT_ASSERT_EQ(test, wrtcsub_sid_alloc(&map, false), -EADDRNOTAVAIL);
	wrtcsub_sid_destroy(&map);
}

/* What has become free is not given again while there are fresh ones. */
static void next_fit(struct kunit *test)
{
	struct wrtcsub_sid_map *map = test->priv;
	int i;

	for (i = 0; i < 100; i += 2) {
		KUNIT_ASSERT_EQ(test, wrtcsub_sid_alloc(map, false), i);
		release(test, map, i);
	}
	KUNIT_ASSERT_EQ(test, map->busy_count, 0);
	KUNIT_ASSERT_EQ(test, wrtcsub_sid_alloc(map, false), 0);
	KUNIT_ASSERT_EQ(test, wrtcsub_sid_alloc(map, false), 2);
	release(test, map, 0);
	KUNIT_ASSERT_EQ(test, wrtcsub_sid_alloc(map, false), 4);
	/* The peer's identifiers have a search of their own. */
	KUNIT_ASSERT_EQ(test, wrtcsub_sid_alloc(map, true), 1);
	KUNIT_ASSERT_EQ(test, wrtcsub_sid_alloc(map, false), 6);
}

static void next_fit_steps_over_busy_ones(struct kunit *test)
{
	struct wrtcsub_sid_map *map = test->priv;

	KUNIT_ASSERT_EQ(test, wrtcsub_sid_take(map, 0), 0);
	KUNIT_ASSERT_EQ(test, wrtcsub_sid_take(map, 2), 0);
	KUNIT_ASSERT_EQ(test, wrtcsub_sid_take(map, 6), 0);
	KUNIT_ASSERT_EQ(test, wrtcsub_sid_alloc(map, false), 4);
	KUNIT_ASSERT_EQ(test, wrtcsub_sid_alloc(map, false), 8);
}

static void take(struct kunit *test)
{
	struct wrtcsub_sid_map *map = test->priv;

	KUNIT_ASSERT_EQ(test, wrtcsub_sid_take(map, 7), 0);
	KUNIT_ASSERT_TRUE(test, wrtcsub_sid_is_busy(map, 7));
	KUNIT_ASSERT_EQ(test, wrtcsub_sid_take(map, 7), -EADDRINUSE);
	KUNIT_ASSERT_EQ(test, wrtcsub_sid_take(map, 99), 0);
	KUNIT_ASSERT_EQ(test, wrtcsub_sid_take(map, 100), -EINVAL);
	KUNIT_ASSERT_EQ(test, wrtcsub_sid_take(map, 65535), -EINVAL);
	KUNIT_ASSERT_FALSE(test, wrtcsub_sid_is_busy(map, 100));
	KUNIT_ASSERT_FALSE(test, wrtcsub_sid_is_busy(map, ~0U));
	KUNIT_ASSERT_EQ(test, map->busy_count, 2);
}

static void free_after_both_resets(struct kunit *test)
{
	struct wrtcsub_sid_map *map = test->priv;
	int round;

	/* Again and again: the marks of one use are gone in the next. */
	for (round = 0; round < 3; round++) {
		KUNIT_ASSERT_EQ(test, wrtcsub_sid_take(map, 5), 0);
		KUNIT_ASSERT_FALSE(test, wrtcsub_sid_set_out_reset(map, 5));
		KUNIT_ASSERT_FALSE(test, wrtcsub_sid_set_out_reset(map, 5));
		KUNIT_ASSERT_TRUE(test, wrtcsub_sid_is_busy(map, 5));
		KUNIT_ASSERT_EQ(test, wrtcsub_sid_take(map, 5), -EADDRINUSE);
		KUNIT_ASSERT_TRUE(test, wrtcsub_sid_set_in_reset(map, 5));
		KUNIT_ASSERT_FALSE(test, wrtcsub_sid_is_busy(map, 5));
		KUNIT_ASSERT_EQ(test, map->busy_count, 0);

		KUNIT_ASSERT_EQ(test, wrtcsub_sid_take(map, 5), 0);
		KUNIT_ASSERT_FALSE(test, wrtcsub_sid_set_in_reset(map, 5));
		KUNIT_ASSERT_FALSE(test, wrtcsub_sid_set_in_reset(map, 5));
		KUNIT_ASSERT_TRUE(test, wrtcsub_sid_is_busy(map, 5));
		KUNIT_ASSERT_TRUE(test, wrtcsub_sid_set_out_reset(map, 5));
		KUNIT_ASSERT_FALSE(test, wrtcsub_sid_is_busy(map, 5));
	}
}

/* The peer may reset whatever it likes. */
static void reset_of_what_is_not_busy(struct kunit *test)
{
	struct wrtcsub_sid_map *map = test->priv;

	KUNIT_ASSERT_FALSE(test, wrtcsub_sid_set_in_reset(map, 5));
	KUNIT_ASSERT_FALSE(test, wrtcsub_sid_set_out_reset(map, 5));
	KUNIT_ASSERT_FALSE(test, wrtcsub_sid_set_in_reset(map, 100));
	KUNIT_ASSERT_FALSE(test, wrtcsub_sid_set_out_reset(map, ~0U));
	KUNIT_ASSERT_EQ(test, map->busy_count, 0);
	/* Nothing of it is left when the identifier is taken. */
	KUNIT_ASSERT_EQ(test, wrtcsub_sid_take(map, 5), 0);
	KUNIT_ASSERT_FALSE(test, wrtcsub_sid_set_out_reset(map, 5));
	KUNIT_ASSERT_TRUE(test, wrtcsub_sid_is_busy(map, 5));
}

static void resize_keeps(struct kunit *test)
{
	struct wrtcsub_sid_map *map = test->priv;
	int i;

	for (i = 0; i < 100; i += 2)
		KUNIT_ASSERT_EQ(test, wrtcsub_sid_alloc(map, false), i);
	KUNIT_ASSERT_FALSE(test, wrtcsub_sid_set_out_reset(map, 4));
	KUNIT_ASSERT_FALSE(test, wrtcsub_sid_set_in_reset(map, 6));
	KUNIT_ASSERT_EQ(test, wrtcsub_sid_alloc(map, false), -EADDRNOTAVAIL);

	KUNIT_ASSERT_EQ(test, wrtcsub_sid_resize(map, 1000), 0);
	KUNIT_ASSERT_EQ(test, map->nr, 1000);
	KUNIT_ASSERT_EQ(test, map->busy_count, 50);
	for (i = 0; i < 1000; i++)
		KUNIT_ASSERT_EQ(test, wrtcsub_sid_is_busy(map, i),
				i < 100 && i % 2 == 0);
	KUNIT_ASSERT_TRUE(test, wrtcsub_sid_set_in_reset(map, 4));
	KUNIT_ASSERT_TRUE(test, wrtcsub_sid_set_out_reset(map, 6));
	/* Fresh ones first, then those that came back. */
	for (i = 100; i < 1000; i += 2)
		KUNIT_ASSERT_EQ(test, wrtcsub_sid_alloc(map, false), i);
	KUNIT_ASSERT_EQ(test, wrtcsub_sid_alloc(map, false), 4);
	KUNIT_ASSERT_EQ(test, wrtcsub_sid_alloc(map, false), 6);
	KUNIT_ASSERT_EQ(test, wrtcsub_sid_alloc(map, false), -EADDRNOTAVAIL);
}

static void resize_never_shrinks(struct kunit *test)
{
	struct wrtcsub_sid_map *map = test->priv;

	KUNIT_ASSERT_EQ(test, wrtcsub_sid_take(map, 99), 0);
	KUNIT_ASSERT_EQ(test, wrtcsub_sid_resize(map, 50), 0);
	KUNIT_ASSERT_EQ(test, wrtcsub_sid_resize(map, 0), 0);
	KUNIT_ASSERT_EQ(test, map->nr, 100);
	KUNIT_ASSERT_TRUE(test, wrtcsub_sid_is_busy(map, 99));
}

/* RFC 8832, section 6: 65535 is not an identifier. */
static void resize_to_the_most(struct kunit *test)
{
	struct wrtcsub_sid_map *map = test->priv;
	int i;

	KUNIT_ASSERT_EQ(test, wrtcsub_sid_resize(map, 65536), 0);
	KUNIT_ASSERT_EQ(test, map->nr, 65535);
	KUNIT_ASSERT_EQ(test, wrtcsub_sid_take(map, 65535), -EINVAL);
	KUNIT_ASSERT_EQ(test, wrtcsub_sid_take(map, 65534), 0);
	for (i = 1; i < 65535; i += 2)
		KUNIT_ASSERT_EQ(test, wrtcsub_sid_alloc(map, true), i);
	KUNIT_ASSERT_EQ(test, wrtcsub_sid_alloc(map, true),
			-EADDRNOTAVAIL);
	for (i = 0; i < 65534; i += 2)
		KUNIT_ASSERT_EQ(test, wrtcsub_sid_alloc(map, false), i);
	KUNIT_ASSERT_EQ(test, wrtcsub_sid_alloc(map, false),
			-EADDRNOTAVAIL);
	KUNIT_ASSERT_EQ(test, map->busy_count, 65535);
}

/* Every allocation may be the one that fails. */
static void allocation_failure(struct kunit *test)
{
	struct wrtcsub_sid_map before, *map = test->priv;
	long alive = alloc_count, budget;
	int ret;

	KUNIT_ASSERT_EQ(test, wrtcsub_sid_take(map, 8), 0);
	KUNIT_ASSERT_FALSE(test, wrtcsub_sid_set_out_reset(map, 8));
	before = *map;
	for (budget = 0; ; budget++) {
		alloc_budget = budget;
		ret = wrtcsub_sid_resize(map, 500);
		alloc_budget = -1;
		KUNIT_ASSERT_EQ(test, alloc_count, alive);
		if (!ret)
			break;
		KUNIT_ASSERT_EQ(test, ret, -ENOMEM);
		KUNIT_ASSERT_MEMEQ(test, &before, map, sizeof(before));
	}
	KUNIT_ASSERT_GT(test, budget, 0);
	KUNIT_ASSERT_EQ(test, map->nr, 500);
	KUNIT_ASSERT_TRUE(test, wrtcsub_sid_set_in_reset(map, 8));
}

static void first_allocation_failure(struct kunit *test)
{
	static const struct wrtcsub_sid_map zero;
	struct wrtcsub_sid_map map = {};
	long alive = alloc_count, budget;

	for (budget = 0; budget < 3; budget++) {
		alloc_budget = budget;
		KUNIT_ASSERT_EQ(test, wrtcsub_sid_resize(&map, 10), -ENOMEM);
		KUNIT_ASSERT_MEMEQ(test, &zero, &map, sizeof(map));
		KUNIT_ASSERT_EQ(test, alloc_count, alive);
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

static void model_reset_all(struct model *model)
{
	unsigned int sid;

	for (sid = 0; sid < model->nr; sid++)
		model_reset(model, sid, IN);
}

static void random_calls(struct kunit *test)
{
	struct model model = { .nr = 10, .last = { -1, -1 } };
	struct wrtcsub_sid_map map = {};
	unsigned int sid, busy;
	u64 seed = 0x736964;
	bool odd;
	int i;

	KUNIT_ASSERT_EQ(test, wrtcsub_sid_resize(&map, model.nr), 0);
	for (i = 0; i < 40000; i++) {
		sid = unit_random(&seed) % (model.nr + 2);
		odd = unit_random(&seed) % 2;
		switch (unit_random(&seed) % 6) {
		case 0:
		case 1:
			KUNIT_ASSERT_EQ(test, wrtcsub_sid_alloc(&map, odd),
					model_alloc(&model, odd));
			break;
		case 2:
			KUNIT_ASSERT_EQ(test, wrtcsub_sid_take(&map, sid),
					model_take(&model, sid));
			break;
		case 3:
		case 4:
			KUNIT_ASSERT_EQ(test,
					wrtcsub_sid_set_out_reset(&map, sid),
					model_reset(&model, sid, OUT));
			sid = unit_random(&seed) % (model.nr + 2);
			KUNIT_ASSERT_EQ(test,
					wrtcsub_sid_set_in_reset(&map, sid),
					model_reset(&model, sid, IN));
			break;
		case 5:
			if (!(unit_random(&seed) % 30)) {
				wrtcsub_sid_set_all_in_reset(&map);
				model_reset_all(&model);
			}
			if (unit_random(&seed) % 100 || model.nr > 240)
				break;
			model.nr += unit_random(&seed) % 15;
			KUNIT_ASSERT_EQ(test,
					wrtcsub_sid_resize(&map, model.nr), 0);
			break;
		}
		busy = 0;
		for (sid = 0; i % 64 == 0 && sid < model.nr; sid++) {
			busy += !!model.state[sid];
			KUNIT_ASSERT_EQ(test, wrtcsub_sid_is_busy(&map, sid),
					!!model.state[sid]);
		}
		if (i % 64 == 0)
			KUNIT_ASSERT_EQ(test, map.busy_count, busy);
	}
	KUNIT_ASSERT_GT(test, model.nr, 200);
	wrtcsub_sid_destroy(&map);
}

static struct kunit_case wrtcsub_sid_cases[] = {
	KUNIT_CASE(no_identifiers),
	KUNIT_CASE(parity),
	KUNIT_CASE(odd_first),
	KUNIT_CASE(exhaustion),
	KUNIT_CASE(odd_size),
	KUNIT_CASE(next_fit),
	KUNIT_CASE(next_fit_steps_over_busy_ones),
	KUNIT_CASE(take),
	KUNIT_CASE(free_after_both_resets),
	KUNIT_CASE(reset_of_what_is_not_busy),
	KUNIT_CASE(resize_keeps),
	KUNIT_CASE(resize_never_shrinks),
	KUNIT_CASE(resize_to_the_most),
	KUNIT_CASE(allocation_failure),
	KUNIT_CASE(first_allocation_failure),
	KUNIT_CASE(random_calls),
	{}
};

static struct kunit_suite wrtcsub_sid_suite = {
	.name = "wrtcsub_sid",
	.init = sid_init,
	.exit = sid_exit,
	.test_cases = wrtcsub_sid_cases,
};

kunit_test_suite(wrtcsub_sid_suite);
