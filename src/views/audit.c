/* The audit: who did what, to what, why, and how it ended; one act in full; the chain verified; acts
 * exported. What may be read, and what a broken chain is, is the store's to say.
 * Opened by the app, drawn from the last answers. */
#include "audit_part.h"
#include "base/mem.h"
#include "model/format.h"
#include "views/views.h"
#include <stdlib.h>

#define PERIOD_US (5 * S_US)
#define HEAD_HEIGHT 2
#define HEAD_FROM 8
#define DETAIL_HEIGHT 4
#define DETAIL_FROM 18
#define WORD_MAX 300

static const struct table_column columns[] = {
	{"when", 8, 8, 0, false, NULL},
	{"who", 10, 18, 0, false, NULL},
	{"act", 12, 22, 0, false, NULL},
	{"object", 8, 16, 60, false, NULL},
	{"which", 6, 14, 60, false, NULL},
	{"outcome", 8, 10, 0, false, NULL},
	{"code", 8, 14, 90, false, NULL},
	{"reason", 10, 60, 76, false, NULL},
	{"age", 7, 7, 110, true, NULL},
	{"as", 8, 16, 130, false, NULL},
	{"from", 8, 16, 150, false, NULL},
};

static const struct sheet_cell cells[] = {
	{"at", CELL_TIME, ROLE_TEXT},
	{"who", CELL_TEXT, ROLE_TEXT},
	{"act", CELL_STRONG, ROLE_TEXT},
	{"object", CELL_DIM, ROLE_DIM},
	{"object_id", CELL_TEXT, ROLE_TEXT},
	{"outcome", CELL_STATE, ROLE_TEXT},
	{"code", CELL_TEXT, ROLE_TEXT},
	{"reason", CELL_DIM, ROLE_DIM},
	{"at", CELL_AGE, ROLE_TEXT},
	{"roles", CELL_DIM, ROLE_DIM},
	{"address", CELL_DIM, ROLE_DIM},
};

static void on_acts(void *ctx, const struct rows *rows)
{
	struct audit *me = ctx;

	sheet_answered(&me->sheet, me->view.env->loop, rows);
}

static void show_problems(struct audit *me)
{
	text_begin(&me->text);
	text_heading(&me->text, "What is broken");
	text_add(&me->text, ROLE_TEXT, str_slice(&me->verify.problems));
	text_end(&me->text);
	me->reading = READING_PROBLEMS;
}

static void on_verified(void *ctx)
{
	struct audit *me = ctx;

	if (me->verify.n_problems)
		show_problems(me);
	panel_ask(&me->status);
}

static struct view *audit_open(const struct view_env *env)
{
	struct audit *me = NEW(struct audit);

	me->view = (struct view){&view_audit, env};
	me->status = (struct panel){.env = env, .question = "audit-status", .period_us = PERIOD_US};
	me->acts = (struct paged){.env = env,
		.question = "audit",
		.params = me->params,
		.n_params = AUDIT_WORDS,
		.answered = on_acts,
		.ctx = me};
	me->sheet = (struct sheet){.columns = columns,
		.cells = cells,
		.n_columns = ARRAY_LEN(columns),
		.key = "key",
		.paged = &me->acts};
	for (size_t i = 0; i < AUDIT_WORDS; i++)
		me->words[i] = STR_INIT(WORD_MAX);
	sheet_open(&me->sheet);
	panel_open(&me->status);
	verify_open(&me->verify, env);
	me->verify.ended = on_verified;
	me->verify.ctx = me;
	audit_export_open(&me->to, env);
	text_clear(&me->text);
	return &me->view;
}

static void audit_close(struct view *view)
{
	struct audit *me = (struct audit *)view;

	audit_ask_done(me);
	verify_close(&me->verify);
	audit_export_close(&me->to);
	panel_close(&me->status);
	paged_done(&me->acts);
	sheet_done(&me->sheet);
	text_done(&me->text);
	for (size_t i = 0; i < AUDIT_WORDS; i++)
		str_done(&me->words[i]);
	free(me);
}

static void audit_show(struct view *view, bool shown)
{
	struct audit *me = (struct audit *)view;

	me->shown = shown;
	panel_show(&me->status, shown);
	if (shown)
		paged_restart(&me->acts);
	else
		paged_done(&me->acts);
}

static void audit_store_up(struct view *view, bool up)
{
	struct audit *me = (struct audit *)view;

	if (up && me->shown)
		paged_restart(&me->acts);
}

/* ---- drawing ---- */

static int head_of(int height)
{
	return height >= HEAD_FROM ? HEAD_HEIGHT : 0;
}

static int detail_of(const struct audit *me, int height)
{
	return me->reading == READING_LIST && height >= DETAIL_FROM && me->sheet.table.n
		       ? DETAIL_HEIGHT
		       : 0;
}

static void audit_layout(struct view *view, int width, int height)
{
	struct audit *me = (struct audit *)view;
	int room = height - head_of(height) - detail_of(me, height);

	sheet_layout(&me->sheet, room);
	text_view_layout(&me->text.view, width - 1, room);
}

/* "sealed to 120,000, 3 wait · never verified here" */
static void draw_head(const struct audit *me, const struct canvas *canvas)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(1024);
	const struct rows *rows = me->status.rows;

	if (rows && rows_count(rows)) {
		str_adds(&text, "sealed: ");
		format_count(&text, rows_int(rows, 0, rows_col(rows, "sealed")));
		str_adds(&text, " acts");
		if (rows_int(rows, 0, rows_col(rows, "pending"))) {
			str_adds(&text, ", ");
			format_count(&text, rows_int(rows, 0, rows_col(rows, "pending")));
			str_adds(&text, " wait");
		}
		str_addf(&text, " · head %.*s",
			SLICE_ARG(rows_text(rows, 0, rows_col(rows, "head"))));
	}
	canvas_text(canvas, 1, 0, canvas->width - 2, ROLE_DIM, str_slice(&text));
	str_reset(&text);
	verify_status(&me->verify, &text);
	if (text.len)
		canvas_text(canvas, 1, 1, canvas->width - 2, ROLE_WARNING, str_slice(&text));
	else if (me->verify.verdict.len)
		canvas_text(canvas, 1, 1, canvas->width - 2, me->verify.role,
			str_slice(&me->verify.verdict));
	else
		canvas_text(canvas, 1, 1, canvas->width - 2, ROLE_DIM,
			SLICE("not verified since you came"));
}

static void draw_detail(const struct sheet *sheet, const struct canvas *canvas)
{
	int x;

	canvas_line(canvas, 0, ROLE_BORDER);
	x = sheet_field(canvas, 1, 1, "login", sheet_text(sheet, "login"));
	x = sheet_field(canvas, x, 1, "as", sheet_text(sheet, "roles"));
	x = sheet_field(canvas, x, 1, "from", sheet_text(sheet, "address"));
	sheet_field(canvas, x, 1, "with", sheet_text(sheet, "application"));
	sheet_field(canvas, 1, 2, "reason", sheet_text(sheet, "reason"));
	sheet_field(canvas, 1, 3, "detail", sheet_text(sheet, "detail"));
}

static void draw_list(const struct audit *me, const struct canvas *canvas)
{
	if (me->reading != READING_LIST)
		text_view_draw(&me->text.view, canvas);
	else if (me->sheet.table.n)
		sheet_draw(&me->sheet, canvas);
	else
		canvas_text(canvas, 1, 1, canvas->width - 2, ROLE_DIM,
			me->acts.err.code     ? slice_of(me->acts.err.text)
			: me->acts.asked_once ? SLICE("no such act, or none that you may read")
					      : SLICE("asking the store"));
}

static void audit_draw(const struct view *view, const struct canvas *canvas)
{
	const struct audit *me = (const struct audit *)view;
	int head = head_of(canvas->height), detail = detail_of(me, canvas->height);
	struct canvas list =
		canvas_sub(canvas, 0, head, canvas->width, canvas->height - head - detail);
	struct canvas below = canvas_sub(canvas, 0, canvas->height - detail, canvas->width, detail);

	if (head)
		draw_head(me, canvas);
	draw_list(me, &list);
	if (detail)
		draw_detail(&me->sheet, &below);
	if (me->asking)
		form_draw(&me->form, canvas);
}

/* ---- one act in full ---- */

static void add_pretty(struct text *text, struct slice json)
{
	struct pretty pretty;

	pretty_open(&pretty, PRETTY_JSON, json);
	while (pretty_more(&pretty, SIZE_MAX))
		;
	text_add(text, ROLE_TEXT, str_slice(&pretty.text));
	pretty_done(&pretty);
}

static void open_act(struct audit *me)
{
	static const struct fact facts[] = {
		{"id", "number", AS_COUNT},
		{"at", "at", AS_TIME},
		{"who", "who", AS_TEXT},
		{"login", "login", AS_TEXT},
		{"roles", "as", AS_TEXT},
		{"address", "from", AS_TEXT},
		{"application", "with", AS_TEXT},
		{"act", "act", AS_TEXT},
		{"object", "object", AS_TEXT},
		{"object_id", "which", AS_TEXT},
		{"outcome", "outcome", AS_TEXT},
		{"code", "code", AS_TEXT},
		{"reason", "reason", AS_TEXT},
	};
	size_t row;
	const struct rows *rows = sheet_cursor(&me->sheet, &row);
	struct slice detail = sheet_text(&me->sheet, "detail");

	if (!rows)
		return;
	text_begin(&me->text);
	text_add_facts(&me->text, rows, row, facts, ARRAY_LEN(facts));
	if (detail.len) {
		text_heading(&me->text, "What the store wrote down of it");
		add_pretty(&me->text, detail);
	}
	text_end(&me->text);
	me->text.view.top_line = 0;
	me->reading = READING_ACT;
}

/* ---- acts ---- */

static bool cancel(struct audit *me)
{
	bool any = verify_cancel(&me->verify);

	any |= audit_export_cancel(&me->to);
	if (me->acts.ticket)
		paged_cancel(&me->acts);
	return any || me->acts.ticket;
}

static bool audit_input(struct view *view, const struct input *input)
{
	return audit_ask_input((struct audit *)view, input);
}

static bool audit_act(struct view *view, enum action action)
{
	struct audit *me = (struct audit *)view;

	switch (action) {
	case ACTION_OPEN:
		if (me->reading == READING_LIST)
			open_act(me);
		return true;
	case ACTION_BACK:
		if (me->reading == READING_LIST)
			return false;
		me->reading = READING_LIST;
		return true;
	case ACTION_REFRESH:
		panel_ask(&me->status);
		paged_restart(&me->acts);
		return true;
	case ACTION_CANCEL:
		return cancel(me);
	case ACTION_AUDIT_FILTER:
		audit_ask_words(me);
		return true;
	case ACTION_AUDIT_VERIFY:
		audit_ask_head(me);
		return true;
	case ACTION_AUDIT_EXPORT:
		audit_ask_file(me);
		return true;
	default:
		return me->reading == READING_LIST ? sheet_act(&me->sheet, action)
						   : text_view_act(&me->text.view, action);
	}
}

static int audit_search(struct view *view, struct match *match, bool forward)
{
	struct audit *me = (struct audit *)view;
	struct table_rows rows = sheet_rows(&me->sheet);

	return me->reading == READING_LIST ? table_search(&me->sheet.table, &rows, match, forward)
					   : text_search(&me->text, match, forward);
}

static void audit_status(const struct view *view, struct str *out)
{
	const struct audit *me = (const struct audit *)view;

	if (me->reading == READING_LIST) {
		paged_count(&me->acts, out);
		str_adds(out, " acts · newest first");
		for (size_t i = 0; i < AUDIT_WORDS; i++)
			if (me->words[i].len)
				str_addf(out, " · %s %s", audit_words[i], str_cstr(&me->words[i]));
	} else {
		text_view_status(&me->text.view, out);
	}
	if (me->to.file.fd >= 0)
		str_adds(out, " · ");
	audit_export_status(&me->to, out);
}

static void audit_path(const struct view *view, struct str *out)
{
	const struct audit *me = (const struct audit *)view;

	if (me->reading == READING_ACT)
		str_addf(out, " · %.*s", SLICE_ARG(str_slice(&me->sheet.at)));
	else if (me->reading == READING_PROBLEMS)
		str_adds(out, " · what is broken");
}

static bool audit_settled(const struct view *view)
{
	const struct audit *me = (const struct audit *)view;

	return me->acts.asked_once || me->acts.err.code;
}

static struct table *audit_table(struct view *view, struct table_rows *ret_rows)
{
	struct audit *me = (struct audit *)view;

	*ret_rows = sheet_rows(&me->sheet);
	return &me->sheet.table;
}

const struct view_ops view_audit = {
	.name = "audit",
	.title = "Audit",
	.context = CONTEXT_AUDIT,
	.open = audit_open,
	.close = audit_close,
	.show = audit_show,
	.store_up = audit_store_up,
	.layout = audit_layout,
	.draw = audit_draw,
	.act = audit_act,
	.input = audit_input,
	.status = audit_status,
	.path = audit_path,
	.table = audit_table,
	.search = audit_search,
	.settled = audit_settled,
};
