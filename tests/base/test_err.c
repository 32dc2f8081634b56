/* Errors: what they say, and that they never overflow. The clock is tested here too, being as small. */
#include "../lib/unit.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/text.h"
#include <errno.h>

static void setting_returns_the_code(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(err_set(&err, -EINVAL, "unknown action \"%s\"", "refersh"), -EINVAL);
	assert_int_equal(err.code, -EINVAL);
	assert_string_equal(err.text, "unknown action \"refersh\"");
}

static void a_prefix_goes_before(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	err_set(&err, -EIO, "broken");
	err_prefix(&err, "%s:%d", "vim.keys", 12);
	assert_string_equal(err.text, "vim.keys:12: broken");
	assert_int_equal(err.code, -EIO);
}

static void errno_is_told_in_words(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	errno = ENOENT;
	assert_int_equal(err_errno(&err, "%s", "/nowhere"), -ENOENT);
	assert_string_equal(err.text, "/nowhere: No such file or directory");
	assert_int_equal(err.code, -ENOENT);
}

static void errno_zero_is_still_a_failure(void **state)
{
	(void)state;
	errno = 0;
	assert_int_equal(err_errno(NULL, "x"), -EIO);
}

static void none_to_fill_is_fine(void **state)
{
	(void)state;
	errno = EPIPE;
	assert_int_equal(err_set(NULL, -EIO, "x"), -EIO);
	assert_int_equal(err_errno(NULL, "x"), -EPIPE);
	err_prefix(NULL, "x");
}

static void long_texts_are_cut(void **state)
{
	struct err err = ERR_INIT;
	char text[2000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	err_set(&err, -EIO, "%s", text);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	err_prefix(&err, "%s", text);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	errno = EIO;
	err_errno(&err, "%s", text);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
}

/* A server's words reach a terminal also when no screen is there to make them harmless. */
static void what_is_quoted_is_inert(void **state)
{
	static const struct {
		const char *quoted, *text;
	} rows[] = {
		{"\x1b]0;owned\x07", "no: ␛]0;owned␇"},
		{"\xc2\x9b"
		 "31m",
			"no: �31m"},
		{"a\xe2\x80\xae"
		 "b\xff",
			"no: a�b�"},
		{"ERROR: x\nDETAIL: \x1b[2J", "no: ERROR: x\nDETAIL: ␛[2J"},
		{"größer 日本", "no: größer 日本"},
	};
	struct err err = ERR_INIT;
	char long_text[700];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		err_set(&err, -EIO, "no: %s", rows[i].quoted);
		assert_string_equal(err.text, rows[i].text);
		err_set(&err, -EIO, "fine");
		err_prefix(&err, "%s", rows[i].quoted);
		assert_null(strpbrk(err.text, "\x1b\x07"));
		errno = EIO;
		err_errno(&err, "no: %s", rows[i].quoted);
		assert_memory_equal(err.text, rows[i].text, strlen(rows[i].text));
	}
	memset(long_text, '\x1b', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	err_set(&err, -EIO, "x%s", long_text);
	assert_true(utf8_valid(slice_of(err.text)));
	assert_true(strlen(err.text) > sizeof(err.text) - 4);
}

static void a_standing_clock_moves_only_when_turned(void **state)
{
	struct clock clock = clock_standing(INT64_C(1700000000) * S_US);
	int64_t mono = clock_mono_us(&clock);

	(void)state;
	assert_int_equal(clock_wall_us(&clock), INT64_C(1700000000) * S_US);
	clock_turn(&clock, 5 * MS_US);
	assert_int_equal(clock_wall_us(&clock), INT64_C(1700000000) * S_US + 5000);
	assert_int_equal(clock_mono_us(&clock), mono + 5000);
}

static void a_real_clock_goes_on(void **state)
{
	struct clock clock = clock_real();
	int64_t mono = clock_mono_us(&clock);

	(void)state;
	assert_true(clock_wall_us(&clock) > INT64_C(1600000000) * S_US);
	while (clock_mono_us(&clock) == mono)
		;
	assert_true(clock_mono_us(&clock) > mono);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(setting_returns_the_code),
		cmocka_unit_test(a_prefix_goes_before),
		cmocka_unit_test(errno_is_told_in_words),
		cmocka_unit_test(errno_zero_is_still_a_failure),
		cmocka_unit_test(none_to_fill_is_fine),
		cmocka_unit_test(long_texts_are_cut),
		cmocka_unit_test(what_is_quoted_is_inert),
		cmocka_unit_test(a_standing_clock_moves_only_when_turned),
		cmocka_unit_test(a_real_clock_goes_on),
	};

	return RUN(tests);
}
