/* The log: its ring, its lines, and that nothing in them acts on a terminal. */
#include "../lib/unit.h"
#include "base/log.h"
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static struct clock at_a_known_time(void)
{
	return clock_standing(INT64_C(1792596600) * S_US + 123456);
}

static void the_ring_keeps_the_last_lines_oldest_first(void **state)
{
	struct clock clock = at_a_known_time();
	CLEANUP(log_freep)
	struct log *log = log_new(&clock, 3);

	(void)state;
	assert_int_equal(log_count(log), 0);
	for (int i = 0; i < 5; i++) {
		log_add(log, LOG_WARN, "line %d", i);
		clock_turn(&clock, S_US);
	}
	assert_int_equal(log_count(log), 3);
	assert_int_equal(log_total(log), 5);
	assert_slice(log_at(log, 0).text, "line 2");
	assert_slice(log_at(log, 2).text, "line 4");
	assert_int_equal(log_at(log, 2).level, LOG_WARN);
	assert_int_equal(log_at(log, 2).wall_us, INT64_C(1792596604) * S_US + 123456);
}

static void lines_below_the_level_are_left_out(void **state)
{
	struct clock clock = at_a_known_time();
	CLEANUP(log_freep)
	struct log *log = log_new(&clock, 3);

	(void)state;
	log_add(log, LOG_DEBUG, "no");
	log_add(log, LOG_INFO, "yes");
	log_set_level(log, LOG_ERROR);
	log_add(log, LOG_WARN, "no");
	assert_int_equal(log_total(log), 1);
}

static void a_line_is_inert(void **state)
{
	struct clock clock = at_a_known_time();
	CLEANUP(log_freep)
	struct log *log = log_new(&clock, 3);

	(void)state;
	log_add(log, LOG_INFO, "a\x1b[2Jb\nc\u202E");
	assert_slice(log_at(log, 0).text, "a\u241B[2Jb\u240Ac\uFFFD");
}

static void a_file_gets_each_line_with_time_and_level(void **state)
{
	struct clock clock = at_a_known_time();
	CLEANUP(log_freep)
	struct log *log = log_new(&clock, 0);
	char path[] = "/tmp/orderly-log-XXXXXX", text[200] = "";
	int fd = mkstemp(path);
	struct stat st;

	(void)state;
	assert_int_equal(unlink(path), 0);
	assert_int_equal(log_to_file(log, path, NULL), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	log_add(log, LOG_INFO, "one");
	log_to_file(log, path, NULL);
	log_add(log, LOG_ERROR, "two");
	close(fd);
	FILE *file = fopen(path, "r");
	assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
	(void)fclose(file);
	(void)unlink(path);
	assert_string_equal(text, "2026-10-21T15:30:00.123Z info  one\n"
				  "2026-10-21T15:30:00.123Z error two\n");
}

static void a_folder_that_is_missing_is_told(void **state)
{
	struct clock clock = at_a_known_time();
	CLEANUP(log_freep)
	struct log *log = log_new(&clock, 1);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(log_to_file(log, "/nowhere/at/all", &err), -ENOENT);
	assert_non_null(strstr(err.text, "/nowhere/at/all"));
	log_add(log, LOG_INFO, "still kept");
	assert_int_equal(log_count(log), 1);
}

static void a_line_of_marks_is_not_cut_within_one(void **state)
{
	struct clock clock = at_a_known_time();
	CLEANUP(log_freep)
	struct log *log = log_new(&clock, 1);
	char text[6000];

	(void)state;
	memset(text, 0x1b, sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_add(log, LOG_INFO, "%s", text);
	assert_int_equal(log_at(log, 0).text.len, 3 * 4096);
}

static void levels_have_names(void **state)
{
	enum log_level level = LOG_DEBUG;

	(void)state;
	for (int i = LOG_DEBUG; i <= LOG_ERROR; i++) {
		assert_int_equal(
			log_level_parse(slice_of(log_level_name((enum log_level)i)), &level, NULL),
			0);
		assert_int_equal(level, i);
	}
	assert_int_equal(log_level_parse(SLICE("loud"), &level, NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_ring_keeps_the_last_lines_oldest_first),
		cmocka_unit_test(lines_below_the_level_are_left_out),
		cmocka_unit_test(a_line_is_inert),
		cmocka_unit_test(a_file_gets_each_line_with_time_and_level),
		cmocka_unit_test(a_folder_that_is_missing_is_told),
		cmocka_unit_test(a_line_of_marks_is_not_cut_within_one),
		cmocka_unit_test(levels_have_names),
	};

	return RUN(tests);
}
