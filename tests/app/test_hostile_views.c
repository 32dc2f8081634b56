/* Every field of every view, filled with texts that try to do something: nothing acts, nothing is
 * pushed out of its place. Views are those of the table of views, fields those that the store's
 * statements answer with: who adds one adds it here too.
 * Called by the suite; needs no server. */
#include "base/text.h"
#include "hostile.h"
#include "model/odoo_questions.h"
#include "store/statement.h"
#include "unit.h"
#include "viewbench.h"
#include "views/views.h"

static const struct view_ops *const views[] = {
#define VIEW(id, name, tab, help) &view_##name,
	VIEWS(VIEW)
#undef VIEW
		& view_help,
};

/* What the store answers now. */
struct answers {
	const char *text; /* in the row in the middle; NULL: nothing hostile */
	const char *question; /* of which column; NULL: in all text of all questions */
	size_t column;
	const struct statement *asked[32]; /* what the view asked for, each once */
	size_t n_asked;
	struct str out;
};

static const char *sane(const struct column *column)
{
	static const struct {
		const char *name, *value;
	} by_name[] = {{"state", "dead"}, {"leg_state", "dead"}, {"kind", "failed"},
		{"letter", "open"}, {"spark", "1,2,3"}, {"how", "masked"}, {"headers", "{}"},
		{"body", "{\"a\": 1}"}, {"content_type", "application/json"}};
	static const char *const by_type[] = {[COLUMN_TEXT] = "po-out",
		[COLUMN_INT] = "7",
		[COLUMN_REAL] = "41.5",
		[COLUMN_BOOL] = "t",
		[COLUMN_TIME] = "1773480598000000"};

	for (size_t i = 0; i < ARRAY_LEN(by_name); i++)
		if (strcmp(column->name, by_name[i].name) == 0)
			return by_name[i].value;
	return by_type[column->type];
}

static void remember(struct answers *answers, const struct statement *statement)
{
	for (size_t i = 0; i < answers->n_asked; i++)
		if (answers->asked[i] == statement)
			return;
	assert_true(answers->n_asked < ARRAY_LEN(answers->asked));
	answers->asked[answers->n_asked++] = statement;
}

static bool is_hostile(
	const struct answers *answers, const struct statement *statement, int row, size_t column)
{
	if (row != 1 || !answers->text || statement->columns[column].type != COLUMN_TEXT)
		return false;
	return !answers->question ||
	       (strcmp(answers->question, statement->name) == 0 && answers->column == column);
}

/* Of the store, or of Odoo. */
static const struct statement *question_find(const char *name)
{
	static struct statement of_odoo[32];
	const struct odoo_question *question = odoo_question_find(name);
	struct statement *statement;

	if (!question)
		return statement_find(name);
	statement = &of_odoo[question - odoo_questions];
	*statement = (struct statement){.name = question->name,
		.columns = question->columns,
		.n_columns = question->n_columns};
	return statement;
}

static const char *answer(void *ctx, const char *question)
{
	static const char *const types[] = {"text", "int", "real", "bool", "time"};
	struct answers *answers = ctx;
	const struct statement *statement = question_find(question);
	struct str *out = &answers->out;

	if (!statement)
		fail_msg("\"%s\" is asked for, which the store does not answer", question);
	remember(answers, statement);
	str_reset(out);
	for (size_t i = 0; i < statement->n_columns; i++)
		str_addf(out, "%s%s:%s", i ? "\t" : "", statement->columns[i].name,
			types[statement->columns[i].type]);
	for (int row = 0; row < 3; row++) {
		str_addc(out, '\n');
		for (size_t i = 0; i < statement->n_columns; i++)
			str_addf(out, "%s%s", i ? "\t" : "",
				is_hostile(answers, statement, row, i)
					? answers->text
					: sane(&statement->columns[i]));
	}
	str_addc(out, '\n');
	return str_cstr(out);
}

/* ---- what must not be seen ---- */

static void look(struct viewbench *bench, const char *after, struct look look)
{
	CLEANUP(str_done)
	struct str what = STR_INIT(200);

	str_addf(&what, "%s after %s", bench->view->ops->name, after);
	viewbench_inert(bench, look, str_cstr(&what));
}

/* Drawing changes nothing: the second time it looks the same, and nothing was asked for. */
static void look_twice(struct viewbench *bench, const char *after)
{
	static const struct look screen = {100, 30, 256, false, true};
	CLEANUP(str_done)
	struct str first = STR_INIT(1 << 20), second = STR_INIT(1 << 20);
	size_t open;

	viewbench_dump(bench, screen, &first); /* lays out, which may ask for what is near now */
	open = script_open(bench->script);
	viewbench_dump(bench, screen, &second);
	if (!slice_eq(str_slice(&first), str_slice(&second)))
		fail_msg("%s after %s: drawn again it is another\n%s\n%s", bench->view->ops->name,
			after, str_cstr(&first), str_cstr(&second));
	if (script_open(bench->script) != open)
		fail_msg("%s after %s: drawing it asked for something", bench->view->ops->name,
			after);
}

static void look_at_every_size(struct viewbench *bench)
{
	static const struct look looks[] = {
		{80, 24, 256, false, false},
		{200, 50, 1 << 24, false, false},
		{120, 40, 0, true, false},
		{40, 12, 16, false, false},
		{20, 4, 16, false, false},
		{10, 3, 16, false, false},
		{1, 1, 16, false, false},
	};

	for (size_t i = 0; i < ARRAY_LEN(looks); i++)
		look(bench, "opening", looks[i]);
}

/* ---- going through a view ---- */

static struct answers *answers_next;

static void script_next(struct script *script)
{
	script_otherwise(script, answer, answers_next);
}

static void open_view(struct viewbench *bench, const struct view_ops *ops, struct answers *answers)
{
	answers_next = answers;
	viewbench_open(bench, ops, script_next);
	if (ops->aim)
		ops->aim(bench->view, SLICE("7"));
	viewbench_settle(bench);
}

/* A question of the view's own is left again, so that the next act is one. */
static void leave_what_asks(struct viewbench *bench)
{
	struct input esc = {.kind = INPUT_KEY};

	assert_int_equal(key_parse(SLICE("<Esc>"), &esc.key, NULL), 0);
	if (bench->view->ops->input)
		bench->view->ops->input(bench->view, &esc);
	viewbench_settle(bench);
}

/* Everything that can be done in it, one after the other. */
static void do_everything(struct viewbench *bench)
{
	const struct view_ops *ops = bench->view->ops;

	for (size_t i = 1; i < ACTION_N; i++) {
		const struct action_info *info = action_info((enum action)i);

		if (info->context == CONTEXT_GLOBAL || !context_within(ops->context, info->context))
			continue;
		ops->act(bench->view, (enum action)i);
		viewbench_settle(bench);
		look(bench, info->name, (struct look){100, 30, 256, false, false});
		leave_what_asks(bench);
	}
}

static void drawing_changes_nothing(void **state)
{
	(void)state;
	for (size_t v = 0; v < ARRAY_LEN(views); v++) {
		struct answers answers = {.out = STR_INIT(1 << 20)};
		struct viewbench bench;

		open_view(&bench, views[v], &answers);
		look_twice(&bench, "opening");
		for (size_t i = 1; i < ACTION_N; i++) {
			const struct action_info *info = action_info((enum action)i);

			if (info->context == CONTEXT_GLOBAL ||
				!context_within(views[v]->context, info->context))
				continue;
			views[v]->act(bench.view, (enum action)i);
			viewbench_settle(&bench);
			look_twice(&bench, info->name);
			leave_what_asks(&bench);
		}
		viewbench_close(&bench);
		str_done(&answers.out);
	}
}

static void nothing_in_every_field_at_once_acts(void **state)
{
	(void)state;
	for (size_t v = 0; v < ARRAY_LEN(views); v++) {
		for (size_t i = 0; i < ARRAY_LEN(hostile_valid) + ARRAY_LEN(hostile_invalid); i++) {
			struct answers answers = {.out = STR_INIT(1 << 20),
				.text = i < ARRAY_LEN(hostile_valid)
						? hostile_valid[i]
						: hostile_invalid[i - ARRAY_LEN(hostile_valid)]};
			struct viewbench bench;

			open_view(&bench, views[v], &answers);
			look_at_every_size(&bench);
			do_everything(&bench);
			viewbench_close(&bench);
			str_done(&answers.out);
		}
	}
}

/* All of the corpus in one field, and everything else as it should be. */
static void check_alone(
	const struct view_ops *ops, const struct statement *statement, size_t column)
{
	CLEANUP(str_done)
	struct str all = STR_INIT(1 << 16);
	struct answers answers = {
		.out = STR_INIT(1 << 20), .question = statement->name, .column = column};
	struct viewbench bench;

	for (size_t i = 0; i < ARRAY_LEN(hostile_valid); i++)
		str_adds(&all, hostile_valid[i]);
	for (size_t i = 0; i < ARRAY_LEN(hostile_invalid); i++)
		str_adds(&all, hostile_invalid[i]);
	answers.text = str_cstr(&all);
	open_view(&bench, ops, &answers);
	look_at_every_size(&bench);
	do_everything(&bench);
	viewbench_close(&bench);
	str_done(&answers.out);
}

static void nothing_in_any_field_alone_acts(void **state)
{
	(void)state;
	for (size_t v = 0; v < ARRAY_LEN(views); v++) {
		struct answers answers = {.out = STR_INIT(1 << 20)};
		struct viewbench bench;

		open_view(&bench, views[v], &answers);
		do_everything(&bench);
		viewbench_close(&bench);
		str_done(&answers.out);
		for (size_t i = 0; i < answers.n_asked; i++)
			for (size_t column = 0; column < answers.asked[i]->n_columns; column++)
				if (answers.asked[i]->columns[column].type == COLUMN_TEXT)
					check_alone(views[v], answers.asked[i], column);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(drawing_changes_nothing),
		cmocka_unit_test(nothing_in_every_field_at_once_acts),
		cmocka_unit_test(nothing_in_any_field_alone_acts),
	};

	return RUN(tests);
}
