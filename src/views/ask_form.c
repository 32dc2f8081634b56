/* What the view that asks for a replay says and wants: verdicts in sum, what the policy will need and who
 * can give it, the form.
 * What may be asked for is the store's to say.
 * Called by the view that asks for a replay. */
#include "ask_part.h"
#include "base/mem.h"
#include "model/format.h"

#define VERDICTS_MAX 16

/* "12 eligible · 3 delivered": each verdict once, in the order in which they come. */
static void add_verdicts(const struct rows *rows, struct str *out)
{
	struct slice words[VERDICTS_MAX];
	int64_t counts[VERDICTS_MAX] = {0};
	size_t n = 0, at = rows_col(rows, "verdict");

	for (size_t row = 0; row < rows_count(rows); row++) {
		struct slice word = rows_text(rows, row, at);
		size_t i = 0;

		while (i < n && !slice_eq(words[i], word))
			i++;
		if (i == VERDICTS_MAX)
			continue;
		if (i == n)
			words[n++] = word;
		counts[i]++;
	}
	for (size_t i = 0; i < n; i++) {
		str_adds(out, i ? " · " : "");
		format_count(out, counts[i]);
		str_addf(out, " %.*s", SLICE_ARG(words[i]));
	}
}

static void add_needs(const struct rows *rows, struct str *out)
{
	struct slice approvers;
	int64_t needed;

	if (!rows || !rows_count(rows) || rows_null(rows, 0, rows_col(rows, "needed"))) {
		str_adds(out, rows ? "nothing of this can be asked for" : "");
		return;
	}
	needed = rows_int(rows, 0, rows_col(rows, "needed"));
	approvers = rows_text(rows, 0, rows_col(rows, "approvers"));
	if (!needed) {
		str_adds(out, "no approval is needed");
	} else {
		str_addf(out, "needs %lld approval%s; ", (long long)needed, needed == 1 ? "" : "s");
		str_addf(out, approvers.len ? "can be given by %.*s" : "nobody can give it%.*s",
			SLICE_ARG(approvers));
	}
	if (rows_bool(rows, 0, rows_col(rows, "emergency")))
		str_adds(out, " · allowed as an emergency");
}

/* An edited payload is asked for alone, and never free. */
static void add_edit_needs(const struct ask_view *me, struct str *out)
{
	const struct rows *rows = me->forecast.rows;

	if (rows && rows_count(rows) && !rows_null(rows, 0, rows_col(rows, "needed")) &&
		rows_int(rows, 0, rows_col(rows, "needed")))
		add_needs(rows, out);
	else
		str_adds(out, "an edited payload needs an approval, whatever the policy");
}

void ask_draw_head(const struct ask_view *me, const struct canvas *canvas)
{
	CLEANUP(str_done)
	struct str verdicts = STR_INIT(1024), needs = STR_INIT(4096);

	if (me->edit.edited) {
		str_addf(&verdicts, "EDITED: %s · %s", str_cstr(&me->edit.id),
			str_cstr(&me->edit.text.note));
		add_edit_needs(me, &needs);
	} else {
		add_verdicts(me->dry.rows, &verdicts);
		add_needs(me->forecast.rows, &needs);
	}
	if (me->forecast.err.code)
		str_adds(&needs, me->forecast.err.text);
	canvas_text(canvas, 1, 0, canvas->width - 2, ROLE_STRONG, str_slice(&verdicts));
	canvas_text(canvas, 1, 1, canvas->width - 2, ROLE_TEXT, str_slice(&needs));
}

static void open_edited_form(struct ask_view *me)
{
	CLEANUP(str_done)
	struct str needs = STR_INIT(4096), hex = STR_INIT(40 << 20);
	struct deed *deed = &me->deed;

	if (me->edit.wrong) {
		me->view.env->say(
			me->view.env->ctx, ROLE_ERROR, "it is not valid as it is; edit it again");
		return;
	}
	if (!deed_begin(deed, "ask", "replay-ask-edited", "Ask for a replay of what was edited"))
		return;
	add_edit_needs(me, &needs);
	deed_note(deed, "%s", str_cstr(&needs));
	deed_note(deed, "%s", str_cstr(&me->edit.text.note));
	ask_edit_hex(&me->edit, &hex);
	deed_text(deed, str_cstr(&me->edit.id));
	deed_text(deed, str_cstr(&me->edit.type));
	deed_text(deed, str_cstr(&hex));
	mem_wipe(hex.at, hex.size);
	deed_ask_text(deed, "reason", "who decides reads it", true);
	deed_open(deed);
}

void ask_open_form(struct ask_view *me)
{
	static const char *const canaries[] = {"1, then 10, then the rest", "all at once"};
	static const char *const stages[] = {NULL, "[]"};
	static const char *const rates[] = {
		"as the target takes it", "1 a second", "5 a second", "20 a second"};
	static const char *const per_s[] = {NULL, "1", "5", "20"};
	static const char *const yes_no[] = {"no", "yes"};
	static const char *const booleans[] = {"false", "true"};
	CLEANUP(str_done)
	struct str needs = STR_INIT(4096);
	struct deed *deed = &me->deed;

	if (me->edit.edited) {
		open_edited_form(me);
		return;
	}
	if (!me->may) {
		me->view.env->say(
			me->view.env->ctx, ROLE_ERROR, "nothing of this can be asked for");
		return;
	}
	if (!deed_begin(deed, "ask", "replay-ask", "Ask for a replay of %lld", (long long)me->may))
		return;
	add_needs(me->forecast.rows, &needs);
	deed_note(deed, "%s", str_cstr(&needs));
	for (size_t i = 0; i < ARRAY_LEN(me->params); i++)
		deed_text(deed, me->params[i]);
	deed_ask_text(deed, "reason", "who decides reads it", true);
	deed_ask_choice(deed, "stages", "it stops where too many fail", canaries, stages,
		ARRAY_LEN(stages));
	deed_ask_choice(deed, "rate", NULL, rates, per_s, ARRAY_LEN(per_s));
	if (me->forecast.rows && rows_count(me->forecast.rows) &&
		rows_bool(me->forecast.rows, 0, rows_col(me->forecast.rows, "emergency")))
		deed_ask_choice(deed, "emergency", "at once; an approver reviews it within 24 h",
			yes_no, booleans, ARRAY_LEN(booleans));
	else
		deed_text(deed, "false");
	deed_ask_count(deed, me->may);
	deed_open(deed);
}
