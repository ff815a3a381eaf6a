/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's harness, and what our tests add to it. */
#ifndef SELFTESTS_WRTCSUB_HARNESS_H
#define SELFTESTS_WRTCSUB_HARNESS_H

#include "kselftest_harness.h"

#include "sub.h"

/* An emulated machine takes longer; what waits has deadlines of its own. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	60

/* A kernel that checks itself takes longer still. */
static inline int harness_run(int argc, char **argv)
{
	struct __fixture_metadata *fixture;
	struct __test_metadata *test;

	for (fixture = __fixture_list; fixture; fixture = fixture->next)
		for (test = fixture->tests; test; test = test->next)
			test->timeout *= work_factor();
	return test_harness_run(argc, argv);
}

/* What TEST_HARNESS_MAIN calls. */
#define test_harness_run	harness_run

/* The call returns -1 and sets errno to this value. */
#define ASSERT_ERRNO(_errno, _call) do {				\
	int __want = (_errno), __errno;					\
	long __ret;							\
									\
	errno = 0;							\
	__ret = (_call);						\
	__errno = errno;						\
	if (__ret != -1 || __errno != __want) {				\
		TH_LOG("%s: %ld, %s; expected %s", #_call, __ret,	\
		       __ret == -1 ? strerrorname_np(__errno) : "no error", \
		       strerrorname_np(__want));			\
	}								\
	ASSERT_EQ(-1, __ret);						\
	ASSERT_EQ(__want, __errno);					\
} while (0)

/* The condition comes true in time. */
#define ASSERT_UNTIL(_cond) do {					\
	long long __begin = now_ms(), __end = __begin + deadline_ms();	\
	bool __is;							\
									\
	while (!(__is = (_cond)) && now_ms() < __end)			\
		nap(__begin);						\
	ASSERT_TRUE(__is) {						\
		TH_LOG("not in time: %s", #_cond);			\
	}								\
} while (0)

/* The call ends by itself with this result. */
#define ASSERT_CALL(_ret, _errno, _call) do {				\
	struct call *__call = (_call);					\
									\
	ASSERT_EQ(0, call_finish(__call));				\
	EXPECT_EQ(_ret, __call->ret);					\
	ASSERT_EQ(_errno, __call->err);					\
} while (0)

#endif
