/* The page of one interface: everything that is promised of it and how it is kept, a number beside every
 * bar; and up to when the numbers reach.
 * What is promised is sla_promises.c's, latencies are sla_latency.c's.
 * Called by the SLA view. */
#include "base/mem.h"
#include "base/text.h"
#include "model/format.h"
#include "sla_part.h"
#include "standing.h"
#include "ui/chart.h"
#include <stdlib.h>

#define LABEL_WIDTH 18
#define BEHIND_US (15 * S_US)
#define BAR_MIN 6
#define BAR_MAX 30

/* ---- lines ---- */

struct sla_line *sla_add(struct sla *me, const char *label)
{
	struct sla_line *line;

	if (me->n_lines == me->size_lines) {
		me->size_lines = me->size_lines ? me->size_lines * 2 : 64;
		me->lines = mem_resize(me->lines, me->size_lines, sizeof(*me->lines));
	}
	line = &me->lines[me->n_lines++];
	*line = (struct sla_line){
		.label = STR_INIT(256), .text = STR_INIT(2048), .role = ROLE_TEXT};
	str_adds(&line->label, label);
	return line;
}

void sla_heading(struct sla *me, const char *words)
{
	if (me->n_lines)
		sla_add(me, "");
	sla_add(me, words)->heading = true;
}

void sla_page_clear(struct sla *me)
{
	for (size_t i = 0; i < me->n_lines; i++) {
		str_done(&me->lines[i].label);
		str_done(&me->lines[i].text);
	}
	me->n_lines = 0;
}

const struct rows *sla_answer(const struct sla *me, enum sla_question question)
{
	const struct rows *rows = me->panels[question].rows;

	return rows && rows_count(rows) ? rows : NULL;
}

int64_t sla_number(const struct rows *rows, size_t row, const char *column)
{
	return rows ? rows_int(rows, row, rows_col(rows, column)) : 0;
}

bool sla_told(const struct rows *rows, size_t row, const char *column)
{
	return rows && !rows_null(rows, row, rows_col(rows, column));
}

/* ---- parts ---- */

static void add_state(struct sla *me, size_t row)
{
	const struct rows *rows = me->all;
	struct slice state = rows_text(rows, row, rows_col(rows, "state"));
	int64_t wall_us = me->list.wall_us;
	struct sla_line *line = sla_add(me, "state");

	line->role = standing_role(state);
	str_add(&line->text, standing_word(state));
	if (sla_told(rows, row, "since")) {
		str_adds(&line->text, " for ");
		format_age(&line->text, wall_us - rows_time(rows, row, rows_col(rows, "since")));
	}
	if (sla_told(rows, row, "why")) {
		str_adds(&line->text, ": ");
		standing_add_why(&line->text, rows, row, wall_us);
	}
	if (sla_told(rows, row, "quiet_until") && !slice_eq_str(state, "maintenance"))
		str_adds(&line->text, " · in maintenance");
	if (standing_is_silenced(rows, row)) {
		line = sla_add(me, "");
		line->role = ROLE_WARNING;
		standing_add_silence(&line->text, rows, row, wall_us);
	}
}

/* Up to when the numbers below reach, and from when on there is anything. */
static void add_reach(struct sla *me)
{
	const struct rows *rows = sla_answer(me, SLA_REACH);
	struct sla_line *line;
	int64_t since, counted;

	if (!rows)
		return;
	line = sla_add(me, "counted");
	str_adds(&line->text, "from ");
	since = rows_time(rows, 0, rows_col(rows, "since"));
	counted = rows_time(rows, 0, rows_col(rows, "counted_since"));
	format_date(&line->text, since);
	line->text.len -= 7; /* minutes are enough */
	str_adds(&line->text, " · rolled up to ");
	if (sla_told(rows, 0, "reach"))
		format_time(
			&line->text, rows_time(rows, 0, rows_col(rows, "reach")), FORMAT_SECOND);
	else
		str_adds(&line->text, "nothing yet");
	if (rows_bool(rows, 0, rows_col(rows, "behind")) &&
		me->panels[SLA_REACH].wall_us - rows_time(rows, 0, rows_col(rows, "reach")) >
			BEHIND_US) {
		str_adds(&line->text, ": behind what came since");
		line->role = ROLE_WARNING;
	}
	if (sla_told(rows, 0, "counted_since") && counted > since) {
		line = sla_add(me, "");
		line->role = ROLE_WARNING;
		str_adds(&line->text,
			"covers a part of the window only: nothing is counted before ");
		format_date(&line->text, counted);
		line->text.len -= 7;
	}
}

static void add_good(struct sla *me, int64_t bad, int64_t total, int64_t objective)
{
	struct sla_line *line = sla_add(me, "good");

	line->part = total - bad;
	line->whole = total;
	standing_add_good(&line->text, bad, total);
	str_adds(&line->text, total ? " % of " : " · no data, which is not good");
	if (total)
		format_count(&line->text, total);
	if (total && objective) {
		str_adds(&line->text, ", promised ");
		standing_add_objective(&line->text, objective);
		str_adds(&line->text, " %");
		if ((long double)bad * 1000000 >
			(long double)total * (long double)(1000000 - objective))
			line->role = ROLE_ERROR;
	}
}

static void sla_add_count(
	struct sla *me, const char *label, int64_t n, int64_t whole, enum role role)
{
	struct sla_line *line = sla_add(me, label);

	line->part = n;
	line->whole = whole;
	line->role = n ? role : ROLE_DIM;
	format_count(&line->text, n);
}

int64_t sla_objective(const struct sla *me, const char *measure, const char *column)
{
	const struct rows *rows = sla_answer(me, SLA_OBJECTIVES);

	for (size_t i = 0; rows && i < rows_count(rows); i++)
		if (slice_eq_str(rows_text(rows, i, rows_col(rows, "measure")), measure))
			return sla_number(rows, i, column);
	return 0;
}

static void add_window(struct sla *me)
{
	static const struct {
		const char *column, *label;
		enum role role;
	} counts[] = {
		{"done", "delivered", ROLE_TEXT},
		{"dead", "dead", ROLE_STATE_DEAD},
		{"recovered", "recovered", ROLE_TEXT},
		{"failed_again", "failed again", ROLE_WARNING},
		{"retried", "needed retries", ROLE_TEXT},
		{"late", "overdue now", ROLE_WARNING},
		{"filtered", "filtered", ROLE_DIM},
		{"cancelled", "cancelled", ROLE_DIM},
	};
	const struct rows *rows = sla_answer(me, SLA_COUNTS);
	int64_t done = sla_number(rows, 0, "done"), dead = sla_number(rows, 0, "dead");
	CLEANUP(str_done)
	struct str title = STR_INIT(64);

	str_addf(&title, "In %s", str_cstr(&me->window));
	sla_heading(me, str_cstr(&title));
	add_reach(me);
	add_good(me, dead, done + dead, sla_objective(me, "success", "objective_ppm"));
	for (size_t i = 0; i < ARRAY_LEN(counts); i++)
		if (i < 2 || sla_number(rows, 0, counts[i].column))
			sla_add_count(me, counts[i].label, sla_number(rows, 0, counts[i].column),
				done + dead, counts[i].role);
}

/* ---- the rest ---- */

static void add_ages(struct sla *me, size_t row)
{
	static const char *const bands[] = {
		"under 1 hour", "1 to 4 hours", "4 h to a day", "1 to 7 days", "older"};
	struct slice ages = rows_text(me->all, row, rows_col(me->all, "ages"));
	int64_t counts[ARRAY_LEN(bands)] = {0}, sum = 0;

	for (size_t i = 0; i < ARRAY_LEN(bands); i++) {
		(void)standing_nth(ages, i, &counts[i]);
		sum += counts[i];
	}
	if (!sum)
		return;
	sla_heading(me, "Dead letters that are unresolved, by age");
	for (size_t i = 0; i < ARRAY_LEN(bands); i++)
		sla_add_count(me, bands[i], counts[i], sum, i > 2 ? ROLE_ERROR : ROLE_TEXT);
}

static void add_facilities(struct sla *me)
{
	const struct rows *rows = sla_answer(me, SLA_FACILITIES);

	if (!rows)
		return;
	sla_heading(me, "By facility");
	for (size_t i = 0; i < rows_count(rows); i++) {
		CLEANUP(str_done)
		struct str label = STR_INIT(64);
		int64_t done = sla_number(rows, i, "done"), dead = sla_number(rows, i, "dead");
		struct sla_line *line;

		str_add(&label, rows_text(rows, i, rows_col(rows, "facility")));
		line = sla_add(me, str_cstr(&label));
		line->part = done;
		line->whole = done + dead;
		standing_add_good(&line->text, dead, done + dead);
		str_adds(&line->text, " % · ");
		format_count(&line->text, done);
		str_adds(&line->text, " delivered, ");
		format_count(&line->text, dead);
		str_addf(&line->text, " dead · %.*s",
			SLICE_ARG(rows_text(rows, i, rows_col(rows, "title"))));
		line->role = dead ? ROLE_TEXT : ROLE_DIM;
	}
}

void sla_page_make(struct sla *me)
{
	const struct rows *counts = sla_answer(me, SLA_COUNTS);
	size_t row;

	sla_page_clear(me);
	me->hist = (struct hist){0};
	if (counts)
		(void)hist_add(&me->hist, rows_text(counts, 0, rows_col(counts, "hist")));
	if (!sla_row(me, &row))
		return;
	add_state(me, row);
	sla_add_objectives(me);
	add_window(me);
	sla_add_burns(me);
	sla_add_latency(me);
	add_ages(me, row);
	add_facilities(me);
}

void sla_page_draw(const struct sla *me, const struct canvas *canvas)
{
	int bar = (canvas->width - LABEL_WIDTH - 2) / 3, from = LABEL_WIDTH + 3;

	bar = canvas->plain || bar < BAR_MIN ? 0 : bar > BAR_MAX ? BAR_MAX : bar;
	for (int y = 0; y < canvas->height && (size_t)(me->top + y) < me->n_lines; y++) {
		const struct sla_line *line = &me->lines[me->top + y];
		int x = from;

		if (line->heading) {
			canvas_text(canvas, 1, y, canvas->width - 1, ROLE_HEADER,
				str_slice(&line->label));
			continue;
		}
		canvas_text(canvas, 2, y, LABEL_WIDTH, ROLE_DIM, str_slice(&line->label));
		if (line->whole && bar) {
			chart_bar(canvas, x, y, bar,
				line->role == ROLE_TEXT ? ROLE_SPARK : line->role, line->part,
				line->whole);
			x += bar + 1;
		}
		standing_words(canvas, x, y, line->role, &line->text);
	}
}

int sla_page_search(struct sla *me, struct match *match, bool forward)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(4096);
	int n = (int)me->n_lines;

	for (int step = 1; step <= n; step++) {
		int at = (me->top + (forward ? step : n - step)) % n;
		size_t from, len;
		int found;

		str_reset(&text);
		str_addf(&text, "%s %s", str_cstr(&me->lines[at].label),
			str_cstr(&me->lines[at].text));
		found = match_find(match, str_slice(&text), 0, &from, &len);
		if (found == 1)
			me->top = at;
		if (found != 0)
			return found;
	}
	return 0;
}
