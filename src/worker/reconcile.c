/* Reconciles an interface with Odoo: reads Odoo's records page by page, hands each to the store, and lets
 * the store compare piece by piece. Nothing is kept here but the page under way: what has been done and
 * how far it is stands in the store, so that any worker goes on where another ended.
 * What counts as missing, extra, duplicate and different is the store's. Called by odoo_work.c. */
#include "base/mem.h"
#include "odoo/read.h"
#include "odoo_work.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PERIOD_US (700 * MS_US)
#define AGAIN_US (5 * S_US)
#define PAGE 500
#define PAGE_TEXT "500"
#define DOUBTS "100"
#define BUDGET "150" /* messages in one piece, so that a transaction stays short */
#define OVERLAP_S 5
#define FIELDS_MAX 40
#define PAGE_BYTES ((size_t)32 << 20)

struct reconciler {
	struct odoo_work *work;
	struct timer *timer;
	uint64_t store_ticket, odoo_ticket;
	struct arena arena; /* of the run */
	const char *id; /* NULL: none is held */
	const char *model, *key_field, *date_field, *also, *since, *upto, *read_from;
	const char *fields[FIELDS_MAX];
	size_t n_fields;
	char phase[16];
	int64_t place;
	/* of the page under way */
	struct str page;
	int64_t last, theirs;
	struct str types;
};

static void go_on(struct reconciler *me);

static void drop_run(struct reconciler *me)
{
	arena_done(&me->arena);
	me->arena = (struct arena){0};
	me->id = NULL;
	me->n_fields = 0;
}

static void plan(struct reconciler *me, int64_t delay_us)
{
	if (me->work->started && !me->work->host->draining)
		timer_in(me->timer, delay_us);
}

/* ---- the store -------------------------------------------------------------------------------- */

static void store(struct reconciler *me, const char *statement, const char *const *params,
	void (*fn)(void *ctx, const struct query_result *result))
{
	const struct query query = {.statement = statement_find(statement),
		.params = params,
		.deadline_us = 60 * S_US,
		.fn = fn,
		.ctx = me};

	assert(query.statement && !me->store_ticket);
	me->store_ticket = pool_query(me->work->host->pool, &query);
	me->work->host->running++;
}

static bool answered(struct reconciler *me, const struct query_result *result)
{
	me->store_ticket = 0;
	me->work->host->running--;
	if (result->event != QUERY_FAILED)
		return true;
	jsonl_begin(me->work->host->jsonl, LOG_WARN, "reconcile");
	jsonl_text(me->work->host->jsonl, "run", me->id ? me->id : "");
	jsonl_text(me->work->host->jsonl, "error", result->err->text);
	jsonl_end(me->work->host->jsonl);
	/* Whatever it was, the run is taken up again where it stands. */
	drop_run(me);
	plan(me, AGAIN_US);
	return false;
}

/* One row says what comes next; none that the run is over, or another's. */
static void on_next(void *ctx, const struct query_result *result)
{
	struct reconciler *me = ctx;
	struct duty_host *host = me->work->host;
	struct slice phase;

	if (answered(me, result)) {
		if (rows_count(result->rows) && me->id) {
			phase = slice_head(rows_text(result->rows, 0, 0), sizeof(me->phase) - 1);
			memcpy(me->phase, phase.at, phase.len);
			me->phase[phase.len] = '\0';
			me->place = rows_int(result->rows, 0, 1);
			go_on(me);
		} else {
			drop_run(me);
			plan(me, PERIOD_US);
		}
	}
	host->idle(host->ctx);
}

/* ---- Odoo ------------------------------------------------------------------------------------- */

static void on_failed_told(void *ctx, const struct query_result *result)
{
	struct reconciler *me = ctx;
	struct duty_host *host = me->work->host;

	if (answered(me, result)) {
		drop_run(me);
		plan(me, PERIOD_US);
	}
	host->idle(host->ctx);
}

/* True when the answer can be used. An Odoo that is away may come back: the run waits, and is held by
 * another if this worker is the cause. What will not get better ends it. */
static bool usable(struct reconciler *me, const struct odoo_reply *reply)
{
	const char *params[] = {me->id, me->work->name, reply->message};

	me->odoo_ticket = 0;
	if (reply->class == ODOO_OK)
		return true;
	if (reply->class == ODOO_UNREACHABLE || reply->class == ODOO_TIMEOUT ||
		reply->class == ODOO_BUSY || reply->class == ODOO_GARBLED ||
		reply->class == ODOO_FAULT) {
		plan(me, AGAIN_US);
		return false;
	}
	if (!params[2][0])
		params[2] = odoo_class_text(reply->class);
	store(me, "worker-reconcile-failed", params, on_failed_told);
	return false;
}

static void put_number(char out[32], int64_t n)
{
	(void)snprintf(out, 32, "%lld", (long long)n);
}

/* The window, and what the catalogue adds: a list without its closing bracket. */
static void put_window(const struct reconciler *me, struct str *out)
{
	struct slice also = slice_trim(slice_of(me->also));

	str_adds(out, "[[");
	(void)value_put_text(out, slice_of(me->date_field));
	str_addf(out, ",\">=\",\"%s\"],[", me->since);
	(void)value_put_text(out, slice_of(me->date_field));
	str_addf(out, ",\"<\",\"%s\"]", me->upto);
	if (also.len > 2 && also.at[0] == '[') {
		also = slice_trim(slice_head(slice_from(also, 1), also.len - 2));
		str_adds(out, also.len ? "," : "");
		str_add(out, also);
	}
}

static void search_read(struct reconciler *me, struct slice domain, const char *limit,
	bool all_fields, void (*done)(void *ctx, const struct odoo_reply *reply))
{
	CLEANUP(str_done)
	struct str fields = STR_INIT(8192);

	str_adds(&fields, "[\"id\",\"write_date\",");
	(void)value_put_text(&fields, slice_of(me->key_field));
	for (size_t i = 0; all_fields && i < me->n_fields; i++) {
		str_addc(&fields, ',');
		(void)value_put_text(&fields, slice_of(me->fields[i]));
	}
	str_addc(&fields, ']');
	me->odoo_ticket = odoo_ask(me->work->odoo,
		&(struct odoo_ask){.model = me->model,
			.method = "search_read",
			.args = {{"domain", domain}, {"fields", str_slice(&fields)},
				{"limit", slice_of(limit)}, {"order", SLICE("\"id\"")}},
			.n_args = 4,
			.n_positional = 1,
			.context = SLICE("{\"active_test\":false}"),
			.reads = true,
			.done = done,
			.ctx = me});
}

/* ---- counting --------------------------------------------------------------------------------- */

/* From before now, by Odoo's clock. */
static void clock_of_odoo(const struct reconciler *me, char out[32])
{
	int64_t wall_us = clock_wall_us(loop_clock(me->work->host->loop)) +
			  odoo_known(me->work->odoo)->clock_ahead_us;
	time_t s = (time_t)(wall_us / S_US) - OVERLAP_S;
	struct tm tm;

	gmtime_r(&s, &tm);
	(void)strftime(out, 32, "%Y-%m-%d %H:%M:%S", &tm);
}

static void on_count(void *ctx, const struct odoo_reply *reply)
{
	struct reconciler *me = ctx;
	char theirs[32], read_from[32];
	const char *params[] = {me->id, me->work->name, theirs, str_cstr(&me->types), read_from};

	if (!usable(me, reply))
		return;
	me->theirs = 0;
	(void)value_int(reply->result, &me->theirs);
	put_number(theirs, me->theirs);
	clock_of_odoo(me, read_from);
	me->read_from = arena_str(&me->arena, slice_of(read_from));
	store(me, "worker-reconcile-counted", params, on_next);
}

static void on_types(
	void *ctx, const struct odoo_reply *reply, const struct odoo_field *fields, size_t n)
{
	struct reconciler *me = ctx;
	CLEANUP(str_done)
	struct str domain = STR_INIT(64 * 1024);

	if (!usable(me, reply))
		return;
	str_reset(&me->types);
	str_addc(&me->types, '{');
	for (size_t i = 0; i < n; i++) {
		if (!fields[i].type)
			continue;
		str_adds(&me->types, me->types.len > 1 ? "," : "");
		(void)value_put_text(&me->types, slice_of(fields[i].name));
		str_addf(&me->types, ":\"%s\"", fields[i].type);
	}
	str_addc(&me->types, '}');
	put_window(me, &domain);
	str_addc(&domain, ']');
	me->odoo_ticket =
		odoo_ask(me->work->odoo, &(struct odoo_ask){.model = me->model,
						 .method = "search_count",
						 .args = {{"domain", str_slice(&domain)}},
						 .n_args = 1,
						 .n_positional = 1,
						 .context = SLICE("{\"active_test\":false}"),
						 .reads = true,
						 .done = on_count,
						 .ctx = me});
}

static void count(struct reconciler *me)
{
	me->odoo_ticket =
		odoo_fields(me->work->odoo, me->model, me->fields, me->n_fields, on_types, me);
}

/* ---- reading ---------------------------------------------------------------------------------- */

static void put_record(struct reconciler *me, const struct value *record)
{
	struct str *out = &me->page;
	int64_t id = 0;

	(void)value_int(value_get(record, "id"), &id);
	me->last = id > me->last ? id : me->last;
	str_addf(out, "%s{\"id\":%lld,\"key\":", out->len > 1 ? "," : "", (long long)id);
	if (!value_put_text(out, value_text(value_get(record, me->key_field))))
		str_adds(out, "null");
	str_adds(out, ",\"written\":");
	if (!value_put_text(out, value_text(value_get(record, "write_date"))))
		str_adds(out, "null");
	str_adds(out, ",\"fields\":{");
	for (size_t i = 0; i < me->n_fields; i++) {
		str_adds(out, i ? "," : "");
		(void)value_put_text(out, slice_of(me->fields[i]));
		str_addc(out, ':');
		value_put(out, value_get(record, me->fields[i]));
	}
	str_adds(out, "}}");
}

static void on_page(void *ctx, const struct odoo_reply *reply)
{
	struct reconciler *me = ctx;
	char place[32];
	const char *params[] = {me->id, me->work->name, NULL, place, "false"};
	const struct value *record;
	size_t n = 0;

	if (!usable(me, reply))
		return;
	str_reset(&me->page);
	str_addc(&me->page, '[');
	me->last = me->place;
	for (; (record = value_at(reply->result, n)); n++)
		put_record(me, record);
	str_addc(&me->page, ']');
	put_number(place, me->last);
	params[2] = str_cstr(&me->page);
	/* Numbers that do not ascend would be read for ever. */
	if (n < PAGE || me->last <= me->place)
		params[4] = "true";
	store(me, "worker-reconcile-take", params, on_next);
	str_done(&me->page);
	me->page = STR_INIT(PAGE_BYTES);
}

/* Since the beginning of the reading, with an overlap and from that second on: nothing is missed, and
 * what comes twice is recognised by its number. */
static void read_page(struct reconciler *me, bool changed)
{
	CLEANUP(str_done)
	struct str domain = STR_INIT(64 * 1024);

	put_window(me, &domain);
	str_addf(&domain, ",[\"id\",\">\",%lld]", (long long)me->place);
	if (changed && me->read_from)
		str_addf(&domain, ",[\"write_date\",\">=\",\"%s\"]", me->read_from);
	str_addc(&domain, ']');
	search_read(me, str_slice(&domain), PAGE_TEXT, true, on_page);
}

/* ---- what seems to be missing -------------------------------------------------------------------- */

static void put_array_element(struct str *out, struct slice text)
{
	str_adds(out, out->len > 1 ? ",\"" : "\"");
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '"' || text.at[i] == '\\')
			str_addc(out, '\\');
		str_addc(out, text.at[i]);
	}
	str_addc(out, '"');
}

static void on_there(void *ctx, const struct odoo_reply *reply)
{
	struct reconciler *me = ctx;
	CLEANUP(str_done)
	struct str there = STR_INIT(1 << 20);
	char upto[32];
	const char *params[] = {me->id, me->work->name, upto, NULL};
	const struct value *record;

	if (!usable(me, reply))
		return;
	str_addc(&there, '{');
	for (size_t i = 0; (record = value_at(reply->result, i)); i++)
		put_array_element(&there, value_text(value_get(record, me->key_field)));
	str_addc(&there, '}');
	put_number(upto, me->last);
	params[3] = str_cstr(&there);
	store(me, "worker-reconcile-confirmed", params, on_next);
}

static void on_doubts(void *ctx, const struct query_result *result)
{
	struct reconciler *me = ctx;
	struct duty_host *host = me->work->host;
	CLEANUP(str_done)
	struct str domain = STR_INIT(1 << 20);

	if (answered(me, result)) {
		str_adds(&domain, "[[");
		(void)value_put_text(&domain, slice_of(me->key_field));
		str_adds(&domain, ",\"in\",[");
		for (size_t i = 0; i < rows_count(result->rows); i++) {
			str_adds(&domain, i ? "," : "");
			if (!value_put_text(&domain, rows_text(result->rows, i, 1)))
				str_adds(&domain, "\"\"");
			me->last = rows_int(result->rows, i, 0);
		}
		str_adds(&domain, "]]]");
		if (rows_count(result->rows)) {
			search_read(me, str_slice(&domain), "1000", false, on_there);
		} else {
			(void)snprintf(me->phase, sizeof(me->phase), "extra");
			go_on(me);
		}
	}
	host->idle(host->ctx);
}

/* ---- the course of a run ------------------------------------------------------------------------- */

static bool is(const struct reconciler *me, const char *phase)
{
	return strcmp(me->phase, phase) == 0;
}

static void go_on(struct reconciler *me)
{
	const char *step[] = {me->id, me->work->name, BUDGET};
	const char *doubts[] = {me->id, me->work->name, DOUBTS};

	if (!me->work->started || me->work->host->draining)
		return; /* the lease runs out, and somebody goes on */
	if (is(me, "count"))
		count(me);
	else if (is(me, "read") || is(me, "changed"))
		read_page(me, is(me, "changed"));
	else if (is(me, "confirm"))
		store(me, "worker-reconcile-doubts", doubts, on_doubts);
	else if (is(me, "match") || is(me, "extra") || is(me, "clean"))
		store(me, "worker-reconcile-step", step, on_next);
	else {
		drop_run(me);
		plan(me, PERIOD_US);
	}
}

static const char *cell(struct reconciler *me, const struct rows *rows, const char *column)
{
	return arena_str(&me->arena, rows_text(rows, 0, rows_col(rows, column)));
}

static void take_run(struct reconciler *me, const struct rows *rows)
{
	struct slice rest = rows_text(rows, 0, rows_col(rows, "fields")), name;
	char id[32];

	put_number(id, rows_int(rows, 0, rows_col(rows, "id")));
	me->id = arena_str(&me->arena, slice_of(id));
	me->model = cell(me, rows, "model");
	me->key_field = cell(me, rows, "key_field");
	me->date_field = cell(me, rows, "date_field");
	me->also = cell(me, rows, "also");
	me->since = cell(me, rows, "since");
	me->upto = cell(me, rows, "upto");
	me->read_from = rows_null(rows, 0, rows_col(rows, "read_from"))
				? NULL
				: cell(me, rows, "read_from");
	while (me->n_fields < FIELDS_MAX && slice_cut(&rest, ',', &name))
		me->fields[me->n_fields++] = arena_str(&me->arena, name);
	(void)snprintf(me->phase, sizeof(me->phase), "%s", cell(me, rows, "phase"));
	me->place = rows_int(rows, 0, rows_col(rows, "place"));
	jsonl_begin(me->work->host->jsonl, LOG_INFO, "reconcile");
	jsonl_text(me->work->host->jsonl, "run", me->id);
	jsonl_text(me->work->host->jsonl, "phase", me->phase);
	jsonl_int(me->work->host->jsonl, "place", me->place);
	jsonl_end(me->work->host->jsonl);
}

/* None will come by waiting: the run says so and ends. */
static void end_nobodys(struct reconciler *me, const struct rows *rows)
{
	CLEANUP(str_done)
	struct str why = STR_INIT(512);
	const char *params[] = {me->id, me->work->name, NULL};

	odoo_work_nobodys(rows_text(rows, 0, rows_col(rows, "system")), &why);
	params[2] = str_cstr(&why);
	store(me, "worker-reconcile-failed", params, on_failed_told);
}

static void on_claimed(void *ctx, const struct query_result *result)
{
	struct reconciler *me = ctx;
	struct duty_host *host = me->work->host;

	if (answered(me, result)) {
		if (rows_count(result->rows)) {
			take_run(me, result->rows);
			if (rows_bool(result->rows, 0, rows_col(result->rows, "ours")))
				go_on(me);
			else
				end_nobodys(me, result->rows);
		} else {
			plan(me, PERIOD_US);
		}
	}
	host->idle(host->ctx);
}

static void on_due(void *ctx)
{
	struct reconciler *me = ctx;
	const char *params[] = {me->work->name, me->work->system, me->work->known};

	if (me->store_ticket || me->odoo_ticket || me->work->host->draining)
		return;
	if (me->id)
		go_on(me);
	else
		store(me, "worker-reconcile", params, on_claimed);
}

struct reconciler *reconciler_new(struct odoo_work *work)
{
	struct reconciler *me = NEW(struct reconciler);

	*me = (struct reconciler){
		.work = work, .page = STR_INIT(PAGE_BYTES), .types = STR_INIT(64 * 1024)};
	me->timer = timer_open(work->host->loop, on_due, me);
	return me;
}

void reconciler_start(struct reconciler *me)
{
	timer_in(me->timer, host_jitter(me->work->host, PERIOD_US));
}

void reconciler_stop(struct reconciler *me)
{
	timer_stop(me->timer);
	if (me->odoo_ticket)
		odoo_drop(me->work->odoo, me->odoo_ticket);
	me->odoo_ticket = 0;
	if (!me->store_ticket)
		drop_run(me);
}

void reconciler_free(struct reconciler *me)
{
	reconciler_stop(me);
	if (me->store_ticket) {
		pool_drop(me->work->host->pool, me->store_ticket);
		me->work->host->running--;
	}
	drop_run(me);
	timer_close(me->timer);
	str_done(&me->page);
	str_done(&me->types);
	free(me);
}
