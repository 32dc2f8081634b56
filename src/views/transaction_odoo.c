/* The record of Odoo beside the payload of a transaction, field by field, as the catalogue maps them.
 * What is compared and what is hidden is the store's to say; the values are Odoo's.
 * Called by the view of a transaction. */
#include "base/mem.h"
#include "base/text.h"
#include "transaction_part.h"
#include <string.h>

#define PERIOD_US (15 * S_US)
#define FIELD_WIDTH 24
#define VERDICT_WIDTH 11

void transaction_odoo_open(struct transaction *me)
{
	me->beside = (struct panel){.env = me->view.env,
		.question = "odoo-beside",
		.params = me->leg_params,
		.n_params = 1,
		.period_us = PERIOD_US};
	panel_open(&me->beside);
}

void transaction_odoo_follow(struct transaction *me)
{
	bool wanted = me->is_shown && me->below == BELOW_ODOO && me->leg.len;

	if (wanted != me->beside.shown)
		panel_show(&me->beside, wanted);
	else if (wanted && !me->beside.rows && !me->beside.err.code && !me->beside.ticket)
		panel_ask(&me->beside);
}

static enum role role_of_verdict(struct slice verdict)
{
	return slice_eq_str(verdict, "equal")       ? ROLE_STATE_OK
	       : slice_eq_str(verdict, "different") ? ROLE_ERROR
	       : slice_eq_str(verdict, "missing")   ? ROLE_WARNING
						    : ROLE_DIM;
}

static void add_padded(struct transaction *me, enum role role, struct slice words, int width)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(8192);

	str_add(&text, words);
	for (int w = text_width(words); w < width; w++)
		str_addc(&text, ' ');
	str_addc(&text, ' ');
	text_add(&me->text, role, str_slice(&text));
}

static void add_field(struct transaction *me, const struct rows *rows, size_t row)
{
	struct slice verdict = rows_text(rows, row, rows_col(rows, "verdict"));
	struct slice ours = rows_text(rows, row, rows_col(rows, "ours"));
	struct slice theirs = rows_text(rows, row, rows_col(rows, "theirs"));
	bool equal = slice_eq_str(verdict, "equal");

	add_padded(me, ROLE_KEY, rows_text(rows, row, rows_col(rows, "field")), FIELD_WIDTH);
	add_padded(me, role_of_verdict(verdict), verdict, VERDICT_WIDTH);
	text_add(&me->text, equal ? ROLE_TEXT : ROLE_GONE, ours.len ? ours : SLICE("(nothing)"));
	if (!equal || !slice_eq(ours, theirs)) {
		text_add(&me->text, ROLE_DIM, SLICE("  |  "));
		text_add(&me->text, equal ? ROLE_TEXT : ROLE_NEW,
			theirs.len ? theirs : SLICE("(nothing)"));
	}
	text_add(&me->text, ROLE_TEXT, SLICE("\n"));
}

void transaction_odoo_text(struct transaction *me)
{
	const struct panel *panel = &me->beside;
	const struct rows *rows = panel->rows;

	if (!rows || panel->err.code) {
		str_adds(&me->text.note, panel->err.code ? panel->err.text : "asking Odoo");
		return;
	}
	if (!rows_count(rows)) {
		str_adds(&me->text.note,
			"Odoo has the record; the catalogue maps no field of it to the payload");
		return;
	}
	text_begin(&me->text);
	add_padded(me, ROLE_DIM, SLICE("field"), FIELD_WIDTH);
	add_padded(me, ROLE_DIM, SLICE(""), VERDICT_WIDTH);
	text_add(&me->text, ROLE_DIM, SLICE("payload  |  Odoo\n"));
	for (size_t row = 0; row < rows_count(rows); row++)
		add_field(me, rows, row);
	text_end(&me->text);
	str_addf(&me->text.note, "%.*s %.*s%s",
		SLICE_ARG(rows_text(rows, 0, rows_col(rows, "model"))),
		SLICE_ARG(rows_text(rows, 0, rows_col(rows, "name"))),
		rows_bool(rows, 0, rows_col(rows, "archived")) ? ", archived" : "");
}

/* The record that was compared, else the one that an event of this transaction tells of. */
void transaction_odoo_go(struct transaction *me)
{
	const struct view_env *env = me->view.env;
	const struct rows *rows = me->beside.rows;
	struct slice ref = transaction_event(me, "target_ref");
	struct slice system = transaction_event(me, "odoo");
	CLEANUP(str_done)
	struct str what = STR_INIT(512);

	if (rows && rows_count(rows))
		str_addf(&what, "%.*s,%lld %.*s",
			SLICE_ARG(rows_text(rows, 0, rows_col(rows, "model"))),
			(long long)rows_int(rows, 0, rows_col(rows, "record")),
			SLICE_ARG(rows_text(rows, 0, rows_col(rows, "system"))));
	else if (ref.len && slice_find(ref, ',') != ref.len)
		str_addf(&what, "%.*s %.*s", SLICE_ARG(ref), SLICE_ARG(system));
	else if (ref.len)
		str_addf(&what, "%.*s,%.*s %.*s", SLICE_ARG(transaction_event(me, "target_model")),
			SLICE_ARG(ref), SLICE_ARG(system));
	if (what.len)
		env->go(env->ctx, "record", str_slice(&what));
	else
		env->say(env->ctx, ROLE_MESSAGE,
			"no record of Odoo is known yet for this; look beside the payload first");
}
