/* What every unit test starts with: cmocka and what it wants before it, and slices as expectations. */
#ifndef TESTS_LIB_UNIT_H
#define TESTS_LIB_UNIT_H

#include "base/mem.h"
#include "base/slice.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Apart, since it needs those before it. */
#include <cmocka.h>

#include "random.h"

#define assert_slice(got, want)                            \
	do {                                               \
		CLEANUP(mem_freep)                         \
		char *got_ = mem_dup((got).at, (got).len); \
		assert_string_equal(got_, want);           \
	} while (0)

/* A whole test program of these tests, each a function. */
#define RUN(tests) cmocka_run_group_tests((tests), NULL, NULL)

#endif
