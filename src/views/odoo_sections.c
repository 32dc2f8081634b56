/* The sections of the view of Odoo as tables: what is asked, which columns it has, how a cell looks.
 * Which section is shown is odoo.c's. Called by it. */
#include "base/mem.h"
#include "model/format.h"
#include "odoo_part.h"
#include <string.h>

#define LATE_US (3600 * S_US)

static const struct table_column model_columns[] = {
	{"model", 18, 30, 0, false, NULL},
	{"in Odoo", 12, 24, 50, false, "odoo"},
	{"interfaces", 16, 60, 0, false, NULL},
	{"found by", 12, 40, 90, false, "keys"},
};
static const char *const model_names[] = {"model", "", "interfaces", "keys"};

static const struct table_column cron_columns[] = {
	{"job", 20, 60, 0, false, NULL},
	{"failures", 8, 8, 0, true, NULL},
	{"next", 10, 12, 0, true, NULL},
	{"last", 10, 12, 70, true, NULL},
	{"every", 5, 5, 80, true, NULL},
	{"unit", 7, 8, 80, false, NULL},
	{"active", 6, 6, 60, false, NULL},
	{"as", 8, 20, 120, false, NULL},
};
static const char *const cron_names[] = {
	"name", "failures", "next_at", "last_at", "every", "unit", "active", "user"};

static const struct table_column automation_columns[] = {
	{"rule", 20, 30, 0, false, NULL},
	{"model", 14, 20, 0, false, NULL},
	{"when", 12, 18, 0, false, NULL},
	{"called at", 34, 60, 110, false, "url"},
	{"last", 10, 12, 70, true, NULL},
	{"active", 6, 6, 60, false, NULL},
};
static const char *const automation_names[] = {
	"name", "model", "trigger", "url", "last_at", "active"};

static const struct table_column queue_columns[] = {
	{"job", 20, 40, 0, false, NULL},
	{"state", 9, 10, 0, false, NULL},
	{"model", 14, 24, 60, false, NULL},
	{"tries", 5, 5, 60, true, NULL},
	{"of", 4, 4, 60, true, NULL},
	{"since", 8, 10, 50, true, NULL},
	{"channel", 10, 20, 130, false, NULL},
	{"error", 10, 200, 80, false, NULL},
};
static const char *const queue_names[] = {
	"name", "state", "model", "tries", "most", "at", "channel", "error"};

static const struct table_column found_columns[] = {
	{"record", 18, 40, 0, false, NULL},
	{"model", 14, 24, 0, false, NULL},
	{"reference", 12, 24, 70, false, NULL},
	{"state", 9, 12, 50, false, NULL},
	{"archived", 8, 8, 60, false, NULL},
	{"written", 10, 12, 80, true, NULL},
};
static const char *const found_names[] = {
	"name", "model", "reference", "state", "archived", "written_at"};

static const struct table_column run_columns[] = {
	{"interface", 12, 20, 0, false, NULL},
	{"state", 9, 10, 0, false, NULL},
	{"begun", 9, 10, 0, true, NULL},
	{"ours", 8, 10, 60, true, NULL},
	{"Odoo's", 8, 10, 60, true, "theirs"},
	{"missing", 8, 8, 0, true, NULL},
	{"extra", 7, 8, 0, true, NULL},
	{"duplicate", 9, 9, 70, true, NULL},
	{"different", 9, 9, 70, true, NULL},
	{"from", 10, 10, 110, false, NULL},
	{"to", 10, 10, 110, false, NULL},
	{"by", 8, 14, 120, false, NULL},
};
static const char *const run_names[] = {"interface", "state", "at", "ours", "theirs", "missing",
	"extra", "duplicate", "different", "since", "upto", "person"};

#define TABLE(of) of##_columns, of##_names, ARRAY_LEN(of##_columns)

const struct section_info odoo_sections[SECTION_N] = {
	[SECTION_HEALTH] = {"health", "odoo-health", 5 * S_US, NULL, NULL, 0,
		"no worker has looked at Odoo within a day: orderlyd wants odoo-url and a key"},
	[SECTION_MODELS] = {"models", "odoo-touched", 60 * S_US, TABLE(model),
		"no interface says in its endpoint's check which model of Odoo it touches"},
	[SECTION_CRONS] = {"scheduled jobs", "odoo-crons", 15 * S_US, TABLE(cron), "none"},
	[SECTION_AUTOMATIONS] = {"automations", "odoo-automations", 60 * S_US, TABLE(automation),
		"none"},
	[SECTION_QUEUE] = {"queue", "odoo-queue", 5 * S_US, TABLE(queue),
		"no job waits, runs or failed"},
	[SECTION_FOUND] = {"record", "odoo-find", 3600 * S_US, TABLE(found),
		"Odoo has no such record, or this key may not see it"},
	[SECTION_RUNS] = {"reconcile", "reconciles", 2 * S_US, TABLE(run),
		"nothing was reconciled yet"},
};

/* ---- cells --------------------------------------------------------------------------------------- */

void odoo_add_when(struct str *out, const struct rows *rows, size_t row, size_t at, int64_t now_us)
{
	int64_t away_us = rows_time(rows, row, at) - now_us;

	if (rows_null(rows, row, at))
		return;
	if (away_us > 0) {
		str_adds(out, "in ");
		format_age(out, away_us);
	} else {
		format_age(out, -away_us);
		str_adds(out, " ago");
	}
}

static bool is(const char *name, const char *what)
{
	return strcmp(name, what) == 0;
}

/* A scheduled job that fails, or should have run long ago. */
static enum role cron_role(const struct odoo_view *me, const struct rows *rows, size_t row)
{
	size_t next = rows_col(rows, "next_at");

	if (!rows_bool(rows, row, rows_col(rows, "active")))
		return ROLE_DIM;
	if (rows_int(rows, row, rows_col(rows, "failures")) > 0)
		return ROLE_ERROR;
	return !rows_null(rows, row, next) && rows_time(rows, row, next) < me->now_us - LATE_US
		       ? ROLE_WARNING
		       : ROLE_TEXT;
}

static enum role role_of(
	const struct odoo_view *me, const struct rows *rows, size_t row, const char *name)
{
	if (me->section == SECTION_CRONS && (is(name, "name") || is(name, "failures")))
		return cron_role(me, rows, row);
	if (is(name, "error"))
		return ROLE_ERROR;
	if (is(name, "missing") || is(name, "extra") || is(name, "duplicate") ||
		is(name, "different"))
		return ROLE_WARNING;
	return is(name, "archived") ? ROLE_WARNING : ROLE_TEXT;
}

/* Whether Odoo has the model, and what it calls it. */
static void draw_in_odoo(
	const struct odoo_view *me, struct slice model, const struct canvas *canvas)
{
	const struct rows *names = me->names.rows;

	if (!names)
		return;
	for (size_t i = 0; i < rows_count(names); i++)
		if (slice_eq(rows_text(names, i, rows_col(names, "model")), model)) {
			canvas_text(canvas, 0, 0, canvas->width, ROLE_DIM,
				rows_text(names, i, rows_col(names, "name")));
			return;
		}
	canvas_text(canvas, 0, 0, canvas->width, ROLE_ERROR, SLICE("is not there"));
}

static void draw_state(struct slice state, const struct canvas *canvas)
{
	struct slice known = slice_eq_str(state, "failed")    ? SLICE("failing")
			     : slice_eq_str(state, "started") ? SLICE("running")
			     : slice_eq_str(state, "pending") || slice_eq_str(state, "asked") ||
					     slice_eq_str(state, "enqueued")
				     ? SLICE("waiting")
				     : state;
	enum role role = role_of_state(known);
	int x = canvas_glyph(canvas, 0, 0, role);

	canvas_text(canvas, x ? x + 1 : 0, 0, canvas->width, role, state);
}

static void draw_number(const struct canvas *canvas, int64_t n, enum role role)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(32);

	if (!n)
		return;
	format_count(&text, n);
	canvas_right(canvas, 0, 0, canvas->width, role, str_slice(&text));
}

static void draw_cell(const void *ctx, int64_t number, size_t column, const struct canvas *canvas)
{
	const struct odoo_view *me = ctx;
	const struct rows *rows = me->panels[me->section].rows;
	const char *name = odoo_sections[me->section].names[column];
	CLEANUP(str_done)
	struct str text = STR_INIT(64);
	size_t row = (size_t)number, at;

	if (!*name) {
		draw_in_odoo(me, rows_text(rows, row, rows_col(rows, "model")), canvas);
		return;
	}
	at = rows_col(rows, name);
	switch (rows_column(rows, at)->type) {
	case COLUMN_TIME:
		if (is(name, "since") || is(name, "upto")) {
			format_date(&text, rows_time(rows, row, at));
			canvas_put(canvas, 0, 0, 10, ROLE_DIM, str_slice(&text));
			return;
		}
		odoo_add_when(&text, rows, row, at, me->now_us);
		canvas_right(canvas, 0, 0, canvas->width, ROLE_DIM, str_slice(&text));
		return;
	case COLUMN_BOOL:
		canvas_text(canvas, 0, 0, canvas->width, role_of(me, rows, row, name),
			rows_bool(rows, row, at) ? SLICE("yes")
			: is(name, "archived")   ? SLICE("")
						 : SLICE("no"));
		return;
	case COLUMN_INT:
	case COLUMN_REAL:
		draw_number(canvas, rows_int(rows, row, at), role_of(me, rows, row, name));
		return;
	case COLUMN_TEXT:
		if (is(name, "state") && me->section != SECTION_FOUND)
			draw_state(rows_text(rows, row, at), canvas);
		else
			canvas_text(canvas, 0, 0, canvas->width, role_of(me, rows, row, name),
				rows_text(rows, row, at));
	}
}

static void row_text(const void *ctx, int64_t number, struct str *out)
{
	const struct odoo_view *me = ctx;
	const struct section_info *info = &odoo_sections[me->section];
	const struct rows *rows = me->panels[me->section].rows;

	for (size_t i = 0; i < info->n; i++) {
		if (!*info->names[i] ||
			rows_column(rows, rows_col(rows, info->names[i]))->type != COLUMN_TEXT)
			continue;
		str_add(out, rows_text(rows, (size_t)number, rows_col(rows, info->names[i])));
		str_addc(out, ' ');
	}
}

struct table_rows odoo_rows_of(const struct odoo_view *me)
{
	const struct section_info *info = &odoo_sections[me->section];

	return (struct table_rows){info->columns, info->n, draw_cell, NULL, row_text, me};
}
