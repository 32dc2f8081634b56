/* The help: whatever stands in the tables of acts, commands, states and fields stands in it too. */
#include "../lib/unit.h"
#include "../lib/viewbench.h"
#include "model/filter.h"
#include "views/views.h"

static void open_help(struct viewbench *bench, enum context behind)
{
	viewbench_open(bench, &view_help, NULL);
	bench->env.behind = behind;
	bench->view->ops->show(bench->view, true);
}

/* High enough for all of it. */
static void dump(struct viewbench *bench, struct str *out)
{
	str_reset(out);
	viewbench_dump(bench, (struct look){200, 400, 256, false, false}, out);
}

static void expect(const struct str *screen, const char *text)
{
	if (!strstr(str_cstr(screen), text))
		fail_msg("\"%s\" is not in the help", text);
}

static void all_that_can_be_done_is_in_it(void **state)
{
	CLEANUP(str_done)
	struct str screen = STR_INIT(4 << 20);
	struct viewbench bench;

	(void)state;
	open_help(&bench, CONTEXT_TAIL);
	dump(&bench, &screen);
	for (size_t i = 1; i < ACTION_N; i++) {
		const struct action_info *info = action_info((enum action)i);
		bool here = context_within(CONTEXT_TAIL, info->context);

		if ((strstr(str_cstr(&screen), info->help) &&
			    strstr(str_cstr(&screen), info->name)) != here)
			fail_msg("%s is %s", info->name, here ? "missing" : "shown");
	}
	viewbench_close(&bench);
}

static void what_can_be_typed_and_seen_is_in_it(void **state)
{
	CLEANUP(str_done)
	struct str screen = STR_INIT(4 << 20);
	struct viewbench bench;

	(void)state;
	open_help(&bench, CONTEXT_LOG);
	dump(&bench, &screen);
	for (size_t i = 0; i < COMMAND_N; i++)
		expect(&screen, command_info((enum command)i)->help);
	for (size_t i = 0; i < FILTER_N_FIELDS; i++)
		expect(&screen, filter_field((enum filter_field)i)->name);
	for (size_t i = ROLE_STATE_OK; i < ROLE_N; i++) {
		CLEANUP(str_done)
		struct str sign = STR_INIT(64);

		str_add(&sign, theme_glyph(bench.theme, (enum role)i, false));
		str_addf(&sign, " %s", strchr(role_name((enum role)i), '.') + 1);
		expect(&screen, str_cstr(&sign));
		expect(&screen, role_help((enum role)i));
	}
	viewbench_close(&bench);
}

static void it_says_what_the_terminal_can(void **state)
{
	static const struct {
		struct screen_caps caps;
		const char *shown[4];
	} rows[] = {
		{{.term = "xterm-256color", .colours = 256, .lines = LINES_UTF8, .utf8 = true},
			{"xterm-256color", "256", "from the character set", "UTF-8"}},
		{{.term = "vt100", .colours = 0, .lines = LINES_ACS},
			{"vt100", "none", "the terminal's own", "ASCII"}},
		{{.term = "foot",
			 .colours = 1 << 24,
			 .lines = LINES_ASCII,
			 .utf8 = true,
			 .warning = "foot is not known here; taken for an xterm"},
			{"foot is not known here", "direct", "made of ASCII", "UTF-8"}},
		{{.term = ""}, {"no terminal", "no terminal", "no terminal", "no terminal"}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(str_done)
		struct str screen = STR_INIT(4 << 20);
		struct viewbench bench;

		open_help(&bench, CONTEXT_OVERVIEW);
		bench.env.terminal = &rows[i].caps;
		dump(&bench, &screen);
		for (size_t k = 0; k < ARRAY_LEN(rows[i].shown); k++)
			expect(&screen, rows[i].shown[k]);
		viewbench_close(&bench);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_can_be_done_is_in_it),
		cmocka_unit_test(what_can_be_typed_and_seen_is_in_it),
		cmocka_unit_test(it_says_what_the_terminal_can),
	};

	return RUN(tests);
}
