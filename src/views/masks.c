/* Mask rules: what of payloads, headers, error texts and keys is shown to those who may not see them raw.
 * Below the list a sample as it would be shown, under the rules as they are or as a draft has them. Rules
 * are changed as all that is governed: drafted here, tried here, proposed, and decided by another.
 * How rules are applied is the store's.
 * Opened by the app. */
#include "base/mem.h"
#include "model/format.h"
#include "proposal.h"
#include "samples.h"
#include "split.h"
#include "views/views.h"
#include <stdlib.h>

#define LIST_PERIOD_US (30 * S_US)
#define TRY_PERIOD_US (3600 * S_US) /* asked again when something else is tried */

static const char new_rule[] =
	"{\n"
	"    \"format\": 1,\n"
	"    \"mask_rule\": [\n"
	"        {\n"
	"            \"code\": \"a-name\",\n"
	"            \"ord\": 100,\n"
	"            \"interfaces\": [\"*\"],\n"
	"            \"classes\": [\"confidential\", \"phi\"],\n"
	"            \"target\": \"payload\",\n"
	"            \"kind\": \"json\",\n"
	"            \"matcher\": \"**.phone\",\n"
	"            \"replacement\": \"•••\",\n"
	"            \"note\": \"targets: payload locked headers error business_key;"
	" kinds: json xml hl7 x12 csv header regex all\"\n"
	"        }\n"
	"    ]\n"
	"}\n";

static const struct table_column columns[] = {
	{"rule", 12, 18, 0, false, NULL},
	{"in", 7, 12, 60, false, NULL},
	{"kind", 5, 6, 0, false, NULL},
	{"matches", 14, 40, 0, false, NULL},
	{"becomes", 7, 12, 80, false, NULL},
	{"interfaces", 10, 24, 70, false, NULL},
	{"classes", 12, 40, 110, false, NULL},
	{"order", 5, 5, 130, true, NULL},
};

static const struct sheet_cell cells[ARRAY_LEN(columns)] = {
	{"key", CELL_STRONG, ROLE_TEXT},
	{"target", CELL_TEXT, ROLE_TEXT},
	{"kind", CELL_TEXT, ROLE_TEXT},
	{"matcher", CELL_TEXT, ROLE_TEXT},
	{"replacement", CELL_DIM, ROLE_TEXT},
	{"interfaces", CELL_TEXT, ROLE_TEXT},
	{"classes", CELL_DIM, ROLE_TEXT},
	{"ord", CELL_COUNT, ROLE_DIM},
};

struct masks {
	struct view view;
	struct panel list, trial;
	struct sheet sheet;
	struct proposal proposal;
	struct deed deed;
	struct str rule; /* that is tried */
	struct str own; /* a sample of the person's own; empty: the built-in */
	size_t sample;
	bool chosen; /* the sample, by hand */
	const char *params[4];
	struct text text;
	struct split split;
	bool is_shown;
};

static struct masks *of(struct view *view)
{
	return (struct masks *)view;
}

/* ---- the trial ---- */

static struct slice trial_text(const struct masks *me, const char *column)
{
	const struct rows *rows = me->trial.rows;

	return rows && rows_count(rows) ? rows_text(rows, 0, rows_col(rows, column)) : SLICE("");
}

static void try_again(struct masks *me)
{
	const struct sample *sample = sample_at(me->sample);

	me->params[0] = str_cstr(&me->rule);
	me->params[1] = me->proposal.tried ? str_cstr(&me->proposal.draft) : NULL;
	me->params[2] = me->own.len ? str_cstr(&me->own) : sample->body;
	me->params[3] = me->own.len ? "" : sample->content_type;
	text_clear(&me->text); /* it lies in the answer that goes now */
	panel_forget(&me->trial);
	if (me->is_shown && me->rule.len)
		panel_show(&me->trial, true);
}

/* What is hidden altogether says why. */
static void show_one(struct masks *me)
{
	struct slice body = trial_text(me, "before");

	if (body.len)
		text_payload(&me->text, slice_of(me->params[3]), body, false);
	else
		text_clear(&me->text);
	str_reset(&me->text.note);
	str_add(&me->text.note, trial_text(me, body.len ? "before_how" : "before_why"));
}

static void update_text(struct masks *me)
{
	struct slice type = slice_of(me->params[3]);

	if (!me->params[1])
		show_one(me);
	else
		text_changes(
			&me->text, type, trial_text(me, "before"), type, trial_text(me, "after"));
	if (me->params[1] && trial_text(me, "after_why").len)
		str_addf(&me->text.note, ", then: %.*s", SLICE_ARG(trial_text(me, "after_why")));
}

/* The cursor came to another rule: the sample that it reads is taken, unless one was chosen. */
static void select_rule(struct masks *me)
{
	struct slice key = sheet_text(&me->sheet, "key");

	if (slice_eq(key, str_slice(&me->rule)))
		return;
	str_reset(&me->rule);
	str_add(&me->rule, key);
	if (!me->chosen && key.len)
		me->sample = sample_for(
			sheet_text(&me->sheet, "target"), sheet_text(&me->sheet, "kind"));
	try_again(me);
}

static void on_own_sample(void *ctx, struct slice text, const struct err *err)
{
	struct masks *me = ctx;

	if (err) {
		me->view.env->say(me->view.env->ctx, ROLE_ERROR, err->text);
		return;
	}
	str_reset(&me->own);
	str_add(&me->own, text);
	me->chosen = true;
	try_again(me);
}

static void edit_sample(struct masks *me)
{
	const struct edit edit = {
		.text = me->own.len ? str_slice(&me->own) : slice_of(sample_at(me->sample)->body),
		.name = "sample.txt",
		.done = on_own_sample,
		.ctx = me};
	struct err err = ERR_INIT;

	if (me->view.env->edit(me->view.env->ctx, &edit, &err) < 0)
		me->view.env->say(me->view.env->ctx, ROLE_ERROR, err.text);
}

static void next_sample(struct masks *me)
{
	me->sample = (me->sample + 1) % SAMPLES_N;
	me->chosen = true;
	str_reset(&me->own);
	try_again(me);
}

/* ---- life ---- */

static void on_list(void *ctx, const struct rows *rows)
{
	struct masks *me = ctx;

	sheet_answered(&me->sheet, me->view.env->loop, rows);
	select_rule(me);
}

static void on_trial(void *ctx, const struct rows *rows)
{
	(void)rows;
	update_text(ctx);
}

static void on_draft(void *ctx)
{
	try_again(ctx);
}

static void on_ended(void *ctx, bool done, int64_t id)
{
	struct masks *me = ctx;

	if (done)
		proposal_made(&me->proposal, id);
}

static struct view *masks_open(const struct view_env *env)
{
	struct masks *me = NEW(struct masks);

	me->view = (struct view){&view_masks, env};
	me->rule = STR_INIT(256);
	me->own = STR_INIT(1 << 20);
	me->list = (struct panel){.env = env,
		.question = "mask-rules",
		.period_us = LIST_PERIOD_US,
		.answered = on_list,
		.ctx = me};
	me->trial = (struct panel){.env = env,
		.question = "mask-try",
		.params = me->params,
		.n_params = ARRAY_LEN(me->params),
		.period_us = TRY_PERIOD_US,
		.answered = on_trial,
		.ctx = me};
	me->sheet = (struct sheet){.columns = columns,
		.cells = cells,
		.n_columns = ARRAY_LEN(columns),
		.key = "key",
		.panel = &me->list};
	me->split = (struct split){.from = 14, .part = 2};
	me->deed = (struct deed){.env = env, .ended = on_ended, .ctx = me};
	me->proposal = (struct proposal){.env = env, .changed = on_draft, .ctx = me};
	panel_open(&me->list);
	panel_open(&me->trial);
	sheet_open(&me->sheet);
	proposal_open(&me->proposal);
	text_clear(&me->text);
	return &me->view;
}

static void masks_close(struct view *view)
{
	struct masks *me = of(view);

	deed_done(&me->deed);
	proposal_close(&me->proposal);
	panel_close(&me->list);
	panel_close(&me->trial);
	sheet_done(&me->sheet);
	text_done(&me->text);
	str_done(&me->rule);
	str_done(&me->own);
	free(me);
}

static void masks_show(struct view *view, bool shown)
{
	struct masks *me = of(view);

	me->is_shown = shown;
	if (!shown) {
		me->text.view.match = NULL; /* the console's, that may go meanwhile */
		proposal_hide(&me->proposal);
	}
	panel_show(&me->list, shown);
	if (me->rule.len || !shown)
		panel_show(&me->trial, shown);
}

static void masks_store_up(struct view *view, bool up)
{
	if (up && of(view)->is_shown)
		masks_show(view, true);
}

/* ---- the screen ---- */

static void masks_layout(struct view *view, int width, int height)
{
	struct masks *me = of(view);
	int below = split_layout(&me->split, &me->sheet, height);

	select_rule(me);
	text_more(&me->text, false);
	text_view_layout(&me->text.view, width - 2, below);
}

/* Which sample, on which interface, and whether a draft is in it. */
static void draw_names(const struct masks *me, const struct canvas *canvas)
{
	const char *sep = canvas->plain ? ", " : canvas->ascii ? " - " : " · ";
	struct slice on = trial_text(me, "interface");
	CLEANUP(str_done)
	struct str words = STR_INIT(1024);

	str_addf(&words, " %s sample", me->own.len ? "your own" : sample_at(me->sample)->name);
	if (me->params[1])
		str_addf(&words, "%swhat the draft changes", sep);
	if (me->text.note.len)
		str_addf(&words, "%s%s", sep, str_cstr(&me->text.note));
	if (on.len)
		str_addf(&words, "%sas shown for %.*s", sep, SLICE_ARG(on));
	else if (me->trial.rows)
		str_addf(&words, "%sas shown where you have no scope", sep);
	str_addc(&words, ' ');
	split_line(&me->split, canvas, me->params[1] ? ROLE_WARNING : ROLE_TAB, str_slice(&words));
}

static void masks_draw(const struct view *view, const struct canvas *canvas)
{
	const struct masks *me = (const struct masks *)view;
	struct canvas above = split_above(&me->split, canvas);
	struct canvas below = split_below(&me->split, canvas);

	if (!me->list.rows || !rows_count(me->list.rows)) {
		canvas_text(canvas, 1, 1, canvas->width - 2, ROLE_DIM,
			me->list.err.code ? slice_of(me->list.err.text)
			: me->list.rows
				? SLICE("there is no mask rule: confidential payloads are hidden whole")
				: SLICE("asking the store"));
	} else {
		sheet_draw(&me->sheet, &above);
		draw_names(me, canvas);
		text_view_draw(&me->text.view, &below);
	}
	deed_draw(&me->deed, canvas);
}

static void masks_status(const struct view *view, struct str *out)
{
	const struct masks *me = (const struct masks *)view;
	CLEANUP(str_done)
	struct str panel = STR_INIT(600);

	if (me->list.rows) {
		format_count(out, (int64_t)rows_count(me->list.rows));
		str_adds(out, " mask rules");
	}
	proposal_status(&me->proposal, out);
	deed_status(&me->deed, out);
	panel_status(me->trial.err.code ? &me->trial : &me->list, &panel);
	if (panel.len)
		str_addf(out, "%s%s", out->len ? " · " : "", str_cstr(&panel));
}

/* ---- acts ---- */

static void remove_rule(struct masks *me)
{
	if (!me->rule.len || !deed_begin(&me->deed, "propose", "change-remove",
				     "Propose to remove the rule %s", str_cstr(&me->rule)))
		return;
	deed_text(&me->deed, "mask_rule");
	deed_text(&me->deed, str_cstr(&me->rule));
	deed_ask_text(&me->deed, "reason", "whoever decides reads it; it stays in the audit", true);
	deed_open(&me->deed);
}

static bool masks_act(struct view *view, enum action action)
{
	struct masks *me = of(view);

	switch (action) {
	case ACTION_OPEN:
	case ACTION_PANE:
		me->split.below = !me->split.below;
		return true;
	case ACTION_DRAFT_EDIT:
		if (me->rule.len || proposal_there(&me->proposal))
			proposal_edit(&me->proposal, "mask_rule", str_cstr(&me->rule));
		return true;
	case ACTION_MASK_NEW:
		proposal_edit_new(&me->proposal, "mask_rule", new_rule);
		return true;
	case ACTION_MASK_REMOVE:
		remove_rule(me);
		return true;
	case ACTION_DRAFT_PROPOSE:
		proposal_propose(&me->proposal, &me->deed);
		return true;
	case ACTION_DRAFT_DROP:
		proposal_drop(&me->proposal);
		return true;
	case ACTION_SAMPLE_NEXT:
		next_sample(me);
		return true;
	case ACTION_SAMPLE_EDIT:
		edit_sample(me);
		return true;
	case ACTION_REFRESH:
		panel_ask(&me->list);
		try_again(me);
		return true;
	case ACTION_CANCEL:
		panel_cancel(&me->list);
		return deed_cancel(&me->deed) || me->list.ticket != 0;
	default:
		return me->split.below || action == ACTION_WRAP
			       ? text_view_act(&me->text.view, action)
			       : sheet_act(&me->sheet, action);
	}
}

static bool masks_input(struct view *view, const struct input *input)
{
	return deed_input(&of(view)->deed, input);
}

static int masks_search(struct view *view, struct match *match, bool forward)
{
	struct masks *me = of(view);
	struct table_rows rows = sheet_rows(&me->sheet);

	if (me->split.below)
		return text_search(&me->text, match, forward);
	return table_search(&me->sheet.table, &rows, match, forward);
}

static bool masks_settled(const struct view *view)
{
	const struct masks *me = (const struct masks *)view;

	return me->list.err.code ||
	       (me->list.rows &&
		       (!rows_count(me->list.rows) || me->trial.rows || me->trial.err.code));
}

const struct view_ops view_masks = {
	.name = "masks",
	.title = "Mask rules",
	.context = CONTEXT_MASKS,
	.open = masks_open,
	.close = masks_close,
	.show = masks_show,
	.store_up = masks_store_up,
	.layout = masks_layout,
	.draw = masks_draw,
	.act = masks_act,
	.input = masks_input,
	.status = masks_status,
	.search = masks_search,
	.settled = masks_settled,
};
