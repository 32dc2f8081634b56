/* The log view: what is kept is shown, the newest followed until one leaves it. */
#include "../lib/unit.h"
#include "../lib/viewbench.h"
#include "views/views.h"

static void fill(struct viewbench *bench)
{
	log_set_level(bench->log, LOG_DEBUG);
	log_add(bench->log, LOG_INFO, "store connected");
	log_add(bench->log, LOG_DEBUG, "asked 12 times");
	log_add(bench->log, LOG_WARN, "store lost: %s",
		"server closed the connection unexpectedly");
	log_add(bench->log, LOG_ERROR,
		"evil\x1b[31m\u202E 日本語 and a text that is longer than the line it is shown in, "
		"so that what stands in it has to be read in the lines below the list, where there "
		"is room for three of them and no more than that");
	viewbench_pass(bench, S_US);
}

static void screen_of(struct viewbench *bench, struct str *out)
{
	str_reset(out);
	viewbench_dump(bench, (struct look){120, 40, 256, false, false}, out);
}

static bool shows(struct viewbench *bench, const char *text)
{
	CLEANUP(str_done)
	struct str screen = STR_INIT(1 << 20);

	screen_of(bench, &screen);
	return strstr(str_cstr(&screen), text) != NULL;
}

static void it_looks_as_it_should(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_log, NULL);
	assert_true(shows(&bench, "nothing was noticed yet"));
	fill(&bench);
	viewbench_golden(&bench, "log-following");
	viewbench_press(&bench, "gg G k j");
	viewbench_golden(&bench, "log-held");
	viewbench_close(&bench);
}

/* A new line is painted within a second; while none comes, nothing is. */
static void a_new_line_is_noticed_and_nothing_else_is_painted(void **state)
{
	struct viewbench bench;
	size_t changed;

	(void)state;
	viewbench_open(&bench, &view_log, NULL);
	fill(&bench);
	assert_true(shows(&bench, "store lost"));
	changed = bench.changed;
	viewbench_pass(&bench, 60 * S_US);
	assert_int_equal(bench.changed, changed);
	log_add(bench.log, LOG_INFO, "store connected again");
	viewbench_pass(&bench, 2 * S_US);
	assert_true(bench.changed > changed);
	assert_true(shows(&bench, "store connected again"));
	bench.view->ops->show(bench.view, false);
	log_add(bench.log, LOG_INFO, "behind another view");
	changed = bench.changed;
	viewbench_pass(&bench, 60 * S_US);
	assert_int_equal(bench.changed, changed);
	viewbench_close(&bench);
}

static void the_end_is_followed_until_it_is_left(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_log, NULL);
	fill(&bench);
	viewbench_press(&bench, "k");
	assert_true(shows(&bench, "▌ 09:30:00.000 warn"));
	assert_true(shows(&bench, "held still"));
	log_add(bench.log, LOG_INFO, "one more");
	assert_true(shows(&bench, "▌ 09:30:00.000 warn"));
	viewbench_press(&bench, "G");
	assert_true(shows(&bench, "following"));
	log_add(bench.log, LOG_INFO, "yet one");
	assert_true(shows(&bench, "info  yet one"));
	viewbench_close(&bench);
}

/* The ring drops its oldest; a cursor that stood there goes to the oldest that is left. */
static void lines_that_are_gone_are_counted(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_log, NULL);
	fill(&bench);
	viewbench_press(&bench, "gg");
	for (int i = 0; i < VIEWBENCH_LOG; i++)
		log_add(bench.log, LOG_INFO, "line %d", i);
	assert_true(shows(&bench, "4 older ones gone"));
	assert_true(shows(&bench, "▌ 09:30:01.000 info  line 0"));
	viewbench_close(&bench);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_looks_as_it_should),
		cmocka_unit_test(a_new_line_is_noticed_and_nothing_else_is_painted),
		cmocka_unit_test(the_end_is_followed_until_it_is_left),
		cmocka_unit_test(lines_that_are_gone_are_counted),
	};

	return RUN(tests);
}
