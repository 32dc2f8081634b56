/* Verifying the audit's chain: some thousand links at a time, so that it can be watched and stopped.
 * What is wrong with a link is the store's to say.
 * Called by the view of the audit. */
#include "audit_part.h"
#include "base/mem.h"
#include "model/format.h"
#include <stdio.h>

#define PART "2000"
#define DEADLINE_US (60 * S_US)
#define LINES_MAX (1 << 16)

static void on_part(void *ctx, const struct reply *reply);

static void ask(struct verify *me)
{
	CLEANUP(str_done)
	struct str first = STR_INIT(32);
	const char *params[3];

	str_addf(&first, "%lld", (long long)me->at);
	params[0] = str_cstr(&first);
	params[1] = PART;
	params[2] = str_cstr(&me->known);
	me->ticket = source_ask(me->env->source, &(struct ask){
							 .question = "audit-verify",
							 .params = params,
							 .n_params = ARRAY_LEN(params),
							 .deadline_us = DEADLINE_US,
							 .reply = on_part,
							 .ctx = me,
						 });
}

static void end(struct verify *me, enum role role)
{
	me->under_way = false;
	me->role = role;
	me->env->say(me->env->ctx, role == ROLE_STATE_OK ? ROLE_MESSAGE : ROLE_ERROR,
		str_cstr(&me->verdict));
	me->ended(me->ctx);
}

static void add_problems(struct verify *me, struct slice lines)
{
	struct slice line;

	while (lines.len && slice_cut(&lines, '\n', &line)) {
		str_add(&me->problems, line);
		str_addc(&me->problems, '\n');
		me->n_problems++;
	}
}

static void conclude(struct verify *me, struct slice head)
{
	if (me->n_problems) {
		str_adds(&me->verdict, "BROKEN: ");
		format_count(&me->verdict, me->n_problems);
		str_adds(&me->verdict, me->n_problems == 1 ? " place" : " places");
		str_addf(&me->verdict, ", the first: %.*s",
			SLICE_ARG(slice_head(str_slice(&me->problems),
				slice_find(str_slice(&me->problems), '\n'))));
	} else {
		str_adds(&me->verdict, "whole: ");
		format_count(&me->verdict, me->total);
		str_addf(&me->verdict, " links, head %.*s", SLICE_ARG(head));
	}
	end(me, me->n_problems ? ROLE_STATE_DEAD : ROLE_STATE_OK);
}

static void on_part(void *ctx, const struct reply *reply)
{
	struct verify *me = ctx;
	const struct rows *rows = reply->rows;
	struct slice code;

	if (reply->kind == REPLY_ROWS)
		return;
	me->ticket = 0;
	me->env->changed(me->env->ctx);
	if (reply->kind == REPLY_FAILED || !rows_count(rows)) {
		str_addf(&me->verdict, "not verified: %s",
			reply->err ? reply->err->text : "no answer");
		end(me, ROLE_ERROR);
		return;
	}
	code = rows_text(rows, 0, rows_col(rows, "code"));
	if (!slice_eq_str(code, "done") && !slice_eq_str(code, "broken")) {
		str_addf(&me->verdict, "not verified: %.*s",
			SLICE_ARG(rows_text(rows, 0, rows_col(rows, "message"))));
		end(me, ROLE_ERROR);
		return;
	}
	add_problems(me, rows_text(rows, 0, rows_col(rows, "problems")));
	me->at = rows_int(rows, 0, rows_col(rows, "last")) + 1;
	if (rows_bool(rows, 0, rows_col(rows, "complete"))) {
		me->total = me->at - 1;
		conclude(me, rows_text(rows, 0, rows_col(rows, "head")));
	} else if (me->stop) {
		str_adds(&me->verdict, "stopped after ");
		format_count(&me->verdict, me->at - 1);
		str_adds(&me->verdict, me->n_problems ? " links; what was found so far is broken"
						      : " links, whole so far");
		end(me, me->n_problems ? ROLE_STATE_DEAD : ROLE_WARNING);
	} else {
		ask(me);
	}
}

void verify_open(struct verify *me, const struct view_env *env)
{
	me->env = env;
	me->known = STR_INIT(256);
	me->verdict = STR_INIT(1024);
	me->problems = STR_INIT(LINES_MAX);
}

void verify_close(struct verify *me)
{
	source_drop(me->env->source, me->ticket);
	str_done(&me->known);
	str_done(&me->verdict);
	str_done(&me->problems);
}

void verify_start(struct verify *me, struct slice known, int64_t total)
{
	if (me->under_way)
		return;
	str_reset(&me->known);
	str_add(&me->known, slice_trim(known));
	str_reset(&me->verdict);
	str_reset(&me->problems);
	me->n_problems = 0;
	me->at = 1;
	me->total = total;
	me->under_way = true;
	me->stop = false;
	ask(me);
}

bool verify_cancel(struct verify *me)
{
	me->stop = me->under_way;
	return me->stop;
}

void verify_status(const struct verify *me, struct str *out)
{
	if (!me->under_way)
		return;
	str_adds(out, "verifying: ");
	format_count(out, me->at - 1);
	str_adds(out, " of ");
	format_count(out, me->total > me->at ? me->total : me->at - 1);
	if (me->n_problems) {
		str_adds(out, ", ");
		format_count(out, me->n_problems);
		str_adds(out, " broken");
	}
	str_adds(out, me->stop ? ", stops" : "");
}
