/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stands in for the kernel's KUnit: as much of it as net/wrtcsub/tests use.
 * Names and meanings are the kernel's; kunit.c runs the suites.
 */
#ifndef _UNIT_KUNIT_TEST_H
#define _UNIT_KUNIT_TEST_H

#include <setjmp.h>
#include <stdbool.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/types.h>

struct unit_block;

struct kunit {
	void			*priv;
	bool			failed;
	jmp_buf			abort;
	struct unit_block	*blocks;	/* of kunit_kzalloc() */
};

struct kunit_case {
	void		(*run_case)(struct kunit *test);
	const char	*name;
};

struct kunit_suite {
	const char		name[256];
	int			(*init)(struct kunit *test);
	void			(*exit)(struct kunit *test);
	struct kunit_case	*test_cases;
	struct kunit_suite	*next;
};

void unit_add_suite(struct kunit_suite *suite);
__attribute__((format(printf, 5, 6)))
void unit_fail(struct kunit *test, bool fatal, const char *file, int line,
	       const char *fmt, ...);
void *kunit_kzalloc(struct kunit *test, size_t size, gfp_t flags);

#define KUNIT_CASE(_run)	{ .run_case = (_run), .name = #_run }

#define kunit_test_suite(_suite)					\
__attribute__((constructor)) static void _suite##_add(void)		\
{									\
	unit_add_suite(&(_suite));					\
}									\
struct kunit_suite

#define UNIT_BINARY(test, fatal, left, op, right, fmt, ...)		\
do {									\
	const __typeof__(left) _left = (left);				\
	const __typeof__(right) _right = (right);			\
									\
	if (!(_left op _right))						\
		unit_fail(test, fatal, __FILE__, __LINE__,		\
			  "%s %s %s, but %lld and %lld. " fmt,		\
			  #left, #op, #right, (long long)_left,		\
			  (long long)_right, ##__VA_ARGS__);		\
} while (0)

#define UNIT_BOOL(test, fatal, want, condition, fmt, ...)		\
do {									\
	const bool _is = (condition);					\
									\
	if (_is != (want))						\
		unit_fail(test, fatal, __FILE__, __LINE__,		\
			  "%s is not " #want ". " fmt, #condition,	\
			  ##__VA_ARGS__);				\
} while (0)

#define UNIT_STREQ(test, fatal, left, right, fmt, ...)			\
do {									\
	const char *_left = (left), *_right = (right);			\
									\
	if (strcmp(_left, _right))					\
		unit_fail(test, fatal, __FILE__, __LINE__,		\
			  "%s == %s, but \"%s\" and \"%s\". " fmt,	\
			  #left, #right, _left, _right, ##__VA_ARGS__);	\
} while (0)

#define UNIT_MEMEQ(test, fatal, left, right, size, fmt, ...)		\
do {									\
	size_t _size = (size);						\
									\
	/* One of no bytes may be NULL. */				\
	if (_size && memcmp(left, right, _size))			\
		unit_fail(test, fatal, __FILE__, __LINE__,		\
			  "%s == %s, but they differ in %zu bytes. " fmt, \
			  #left, #right, _size, ##__VA_ARGS__);		\
} while (0)

#define KUNIT_EXPECT_EQ(test, left, right)				\
	UNIT_BINARY(test, false, left, ==, right, "")
#define KUNIT_EXPECT_EQ_MSG(test, left, right, ...)			\
	UNIT_BINARY(test, false, left, ==, right, __VA_ARGS__)
#define KUNIT_EXPECT_PTR_EQ(test, left, right)				\
	UNIT_BOOL(test, false, true, (left) == (right), "")
#define KUNIT_EXPECT_FALSE(test, condition)				\
	UNIT_BOOL(test, false, false, condition, "")
#define KUNIT_EXPECT_MEMEQ(test, left, right, size)			\
	UNIT_MEMEQ(test, false, left, right, size, "")
#define KUNIT_EXPECT_STREQ_MSG(test, left, right, ...)			\
	UNIT_STREQ(test, false, left, right, __VA_ARGS__)

#define KUNIT_ASSERT_EQ(test, left, right)				\
	UNIT_BINARY(test, true, left, ==, right, "")
#define KUNIT_ASSERT_EQ_MSG(test, left, right, ...)			\
	UNIT_BINARY(test, true, left, ==, right, __VA_ARGS__)
#define KUNIT_ASSERT_NE(test, left, right)				\
	UNIT_BINARY(test, true, left, !=, right, "")
#define KUNIT_ASSERT_GT(test, left, right)				\
	UNIT_BINARY(test, true, left, >, right, "")
#define KUNIT_ASSERT_LE(test, left, right)				\
	UNIT_BINARY(test, true, left, <=, right, "")
#define KUNIT_ASSERT_LT(test, left, right)				\
	UNIT_BINARY(test, true, left, <, right, "")
#define KUNIT_ASSERT_PTR_EQ(test, left, right)				\
	UNIT_BOOL(test, true, true, (left) == (right), "")
#define KUNIT_ASSERT_TRUE(test, condition)				\
	UNIT_BOOL(test, true, true, condition, "")
#define KUNIT_ASSERT_TRUE_MSG(test, condition, ...)			\
	UNIT_BOOL(test, true, true, condition, __VA_ARGS__)
#define KUNIT_ASSERT_FALSE(test, condition)				\
	UNIT_BOOL(test, true, false, condition, "")
#define KUNIT_ASSERT_NOT_NULL(test, ptr)				\
	UNIT_BOOL(test, true, true, ptr, "")
#define KUNIT_ASSERT_MEMEQ(test, left, right, size)			\
	UNIT_MEMEQ(test, true, left, right, size, "")
#define KUNIT_ASSERT_MEMEQ_MSG(test, left, right, size, ...)		\
	UNIT_MEMEQ(test, true, left, right, size, __VA_ARGS__)
#define KUNIT_ASSERT_STREQ(test, left, right)				\
	UNIT_STREQ(test, true, left, right, "")
#define KUNIT_ASSERT_STREQ_MSG(test, left, right, ...)			\
	UNIT_STREQ(test, true, left, right, __VA_ARGS__)

#endif /* _UNIT_KUNIT_TEST_H */
