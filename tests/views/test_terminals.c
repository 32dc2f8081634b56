/* The views that belong to no store, as each kind of terminal shows them at every size. */
#include "../lib/terminals.h"
#include "../lib/unit.h"
#include "../lib/viewbench.h"
#include "views/views.h"

static void the_log_looks_as_it_should(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_log, NULL);
	log_add(bench.log, LOG_INFO, "store connected");
	log_add(bench.log, LOG_WARN, "store lost: %s", "server closed the connection unexpectedly");
	log_add(bench.log, LOG_ERROR,
		"evil\x1b[31m\u202E 日本語, Médico, and more than fits in a line of "
		"the list, so that it is read in the lines below it");
	viewbench_pass(&bench, S_US);
	viewbench_press(&bench, "k j");
	terminals_golden("widget/log", bench.theme, viewbench_draw_alone, &bench);
	viewbench_close(&bench);
}

static void the_help_looks_as_it_should(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_help, NULL);
	bench.env.behind = CONTEXT_PROMPT; /* to which nobody adds acts */
	bench.view->ops->show(bench.view, true);
	viewbench_press(&bench, "j");
	terminals_golden("widget/help", bench.theme, viewbench_draw_alone, &bench);
	viewbench_close(&bench);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_log_looks_as_it_should),
		cmocka_unit_test(the_help_looks_as_it_should),
	};

	return RUN(tests);
}
