/* Has Odoo taken this already? Claims such questions from the store, asks Odoo with the guard, and
 * writes the answer down: for dry runs, for claims, for what is in doubt.
 * What is asked for is the store's to say, how it is asked the guard's. Called by odoo_work.c. */
#include "base/mem.h"
#include "odoo_work.h"
#include <stdlib.h>

#define WANT_N 20
#define WANT "20"
#define PERIOD_US (300 * MS_US)
#define EMPTY_US S_US

/* The store gives a question to somebody else after a minute. */
#define DEADLINE_US (20 * S_US)

struct check {
	struct odoo_work *work;
	struct check *next, **link;
	struct arena arena;
	const char *token, *model;
	struct odoo_guard *guard;
};

static void plan(struct odoo_work *work, int64_t delay_us)
{
	if (work->started && !work->host->draining)
		timer_in(work->check_timer, delay_us);
}

static void check_free(struct check *check)
{
	*check->link = check->next;
	if (check->next)
		check->next->link = check->link;
	odoo_guard_drop(check->guard);
	arena_done(&check->arena);
	free(check);
}

/* ---- the answer ------------------------------------------------------------------------------ */

static void put_detail(
	const struct check *check, const struct odoo_guard_answer *answer, struct str *out)
{
	str_adds(out, "{\"why\":");
	if (!value_put_text(out, slice_of(answer->why)))
		str_adds(out, "null");
	str_addf(out, ",\"by\":\"%s\",\"class\":\"%s\",\"model\":", odoo_key_name(answer->by),
		odoo_class_name(answer->class));
	if (!check->model || !value_put_text(out, slice_of(check->model)))
		str_adds(out, "null");
	str_addf(out, ",\"more\":%s,\"ids\":[", answer->more ? "true" : "false");
	for (size_t i = 0; i < answer->n; i++)
		str_addf(out, "%s%lld", i ? "," : "", (long long)answer->ids[i]);
	str_adds(out, "]}");
}

static void on_answer(void *ctx, const struct odoo_guard_answer *answer)
{
	static const char *const words[] = {[ODOO_CANNOT_TELL] = "unknown",
		[ODOO_FOUND] = "present",
		[ODOO_NOT_FOUND] = "absent"};
	CLEANUP(str_done)
	struct str detail = STR_INIT(64 * 1024);
	struct check *check = ctx;
	struct odoo_work *work = check->work;
	const char *params[] = {check->token, words[answer->found], NULL};

	put_detail(check, answer, &detail);
	params[2] = str_cstr(&detail);
	check->guard = NULL;
	odoo_work_tell(work, "worker-answer", params);
	check_free(check);
	if (!work->checks)
		plan(work, work->full ? 0 : PERIOD_US);
}

/* ---- the question ---------------------------------------------------------------------------- */

static const char *text_of(struct check *check, const struct value *question, const char *name)
{
	struct slice text = value_text(value_get(question, name));

	return text.at ? arena_str(&check->arena, text) : NULL;
}

static struct odoo_guard_ask read_question(struct check *check, const struct value *question)
{
	int64_t days = -1;
	struct odoo_guard_ask ask = {.model = check->model,
		.also = value_text(value_get(question, "also")),
		.external_id = text_of(check, question, "external_id"),
		.reference_field = text_of(check, question, "reference_field"),
		.reference = value_text(value_get(question, "reference")),
		.amount_field = text_of(check, question, "amount_field"),
		.date_field = text_of(check, question, "date_field"),
		.date = value_text(value_get(question, "date")),
		.partner_field = text_of(check, question, "partner_field"),
		.partner_reference_field = text_of(check, question, "partner_reference_field"),
		.partner_reference = value_text(value_get(question, "partner_reference")),
		.deadline_us = DEADLINE_US,
		.done = on_answer,
		.ctx = check};

	/* What is missing is told as such by the guard. */
	if (!value_int(value_get(question, "amount_cents"), &ask.amount_cents))
		ask.amount_cents = INT64_MAX;
	ask.window_days = value_int(value_get(question, "days"), &days) && days >= 0 &&
					  days <= ODOO_GUARD_WINDOW_MAX
				  ? (int)days
				  : -1;
	if (!ask.date_field || !ask.partner_field)
		ask.amount_field = NULL;
	return ask;
}

/* Cannot be told, and never "not there": it was not asked. */
static void tell_nobodys(struct check *check, struct slice system)
{
	CLEANUP(str_done)
	struct str why = STR_INIT(512);

	odoo_work_nobodys(system, &why);
	on_answer(check, &(struct odoo_guard_answer){.why = str_cstr(&why)});
}

/* A row: token, system, ours, question. */
static void check_start(struct odoo_work *work, const struct rows *rows, size_t row)
{
	struct check *check = NEW(struct check);
	struct slice question = rows_text(rows, row, 3);
	const struct value *asked = NULL;
	struct odoo_guard_ask ask;

	*check = (struct check){.work = work, .next = work->checks, .link = &work->checks};
	if (check->next)
		check->next->link = &check->next;
	work->checks = check;
	check->token = arena_str(&check->arena, rows_text(rows, row, 0));
	if (!rows_bool(rows, row, 2)) {
		tell_nobodys(check, rows_text(rows, row, 1));
		return;
	}
	if (question.len && value_parse(&check->arena, question, &asked, NULL) == 0)
		check->model = text_of(check, asked, "model");
	if (!check->model) {
		on_answer(
			check, &(struct odoo_guard_answer){
				       .why = "the endpoint does not say how its target is asked"});
		return;
	}
	ask = read_question(check, asked);
	check->guard = odoo_guard(work->odoo, &ask);
}

static void on_claimed(void *ctx, const struct query_result *result)
{
	struct odoo_work *work = ctx;
	struct duty_host *host = work->host;
	size_t n = result->event == QUERY_DONE ? rows_count(result->rows) : 0;

	work->check_ticket = 0;
	host->running--;
	for (size_t i = 0; i < n && work->started; i++)
		check_start(work, result->rows, i);
	work->full = n == WANT_N;
	if (!work->checks)
		plan(work, n ? PERIOD_US : EMPTY_US);
	host->idle(host->ctx);
}

static void on_due(void *ctx)
{
	struct odoo_work *work = ctx;
	const char *params[] = {work->name, WANT, work->system, work->known};
	const struct query query = {.statement = statement_find("worker-checks"),
		.params = params,
		.fn = on_claimed,
		.ctx = work};

	if (work->check_ticket || work->checks || work->host->draining)
		return;
	work->check_ticket = pool_query(work->host->pool, &query);
	work->host->running++;
}

void checks_open(struct odoo_work *work)
{
	work->check_timer = timer_open(work->host->loop, on_due, work);
}

void checks_start(struct odoo_work *work)
{
	plan(work, host_jitter(work->host, PERIOD_US));
}

/* What is not answered is asked by somebody else, in a minute. */
void checks_stop(struct odoo_work *work)
{
	timer_stop(work->check_timer);
	while (work->checks)
		check_free(work->checks);
}

void checks_close(struct odoo_work *work)
{
	checks_stop(work);
	if (work->check_ticket) {
		pool_drop(work->host->pool, work->check_ticket);
		work->host->running--;
	}
	timer_close(work->check_timer);
}
