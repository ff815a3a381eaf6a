// SPDX-License-Identifier: GPL-2.0
/*
 * Runs the suites that are linked in, or those that the arguments name, and
 * prints KTAP, as the kernel does.
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <kunit/test.h>

struct unit_block {
	struct unit_block	*next;
	max_align_t		data[];
};

static struct kunit_suite *suites;

/* Constructors run in the order of linking. */
void unit_add_suite(struct kunit_suite *suite)
{
	struct kunit_suite **p = &suites;

	while (*p)
		p = &(*p)->next;
	*p = suite;
}

void unit_fail(struct kunit *test, bool fatal, const char *file, int line,
	       const char *fmt, ...)
{
	va_list ap;

	printf("    # %s:%d: ", file, line);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	puts("");
	test->failed = true;
	if (fatal)
		longjmp(test->abort, 1);
}

void *kunit_kzalloc(struct kunit *test, size_t size, gfp_t flags)
{
	struct unit_block *block = calloc(1, sizeof(*block) + size);

	(void)flags;
	if (!block)
		return NULL;
	block->next = test->blocks;
	test->blocks = block;
	return block->data;
}

static bool run_case(const struct kunit_suite *suite,
		     const struct kunit_case *c)
{
	struct kunit test = {};
	struct unit_block *block;

	if (!setjmp(test.abort)) {
		if (suite->init && suite->init(&test))
			unit_fail(&test, true, suite->name, 0, "init failed");
		c->run_case(&test);
	}
	if (suite->exit && !setjmp(test.abort))
		suite->exit(&test);
	while ((block = test.blocks)) {
		test.blocks = block->next;
		free(block);
	}
	return !test.failed;
}

static bool run_suite(const struct kunit_suite *suite)
{
	const struct kunit_case *c;
	bool ok, all = true;
	int nr = 0;

	for (c = suite->test_cases; c->run_case; c++)
		nr++;
	printf("    KTAP version 1\n    # Subtest: %s\n    1..%d\n",
	       suite->name, nr);
	for (c = suite->test_cases; c->run_case; c++) {
		ok = run_case(suite, c);
		all &= ok;
		printf("    %s %d %s\n", ok ? "ok" : "not ok",
		       (int)(c - suite->test_cases) + 1, c->name);
	}
	return all;
}

static bool is_wanted(const struct kunit_suite *suite, char **names)
{
	char **name;

	for (name = names; *name; name++)
		if (!strcmp(*name, suite->name))
			return true;
	return !*names;
}

int main(int argc, char **argv)
{
	struct kunit_suite *suite;
	int nr = 0, bad = 0;
	bool ok;

	(void)argc;
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (suite = suites; suite; suite = suite->next)
		nr += is_wanted(suite, argv + 1);
	printf("KTAP version 1\n1..%d\n", nr);
	nr = 0;
	for (suite = suites; suite; suite = suite->next) {
		if (!is_wanted(suite, argv + 1))
			continue;
		ok = run_suite(suite);
		bad += !ok;
		printf("%s %d %s\n", ok ? "ok" : "not ok", ++nr, suite->name);
	}
	return bad || !nr;
}
