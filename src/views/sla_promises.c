/* What is promised of one interface on its page, and how fast budgets burn.
 * What is missed is the store's to say.
 * Called by sla_page.c, and the page of an interface. */
#include "base/mem.h"
#include "model/format.h"
#include "sla_part.h"
#include "standing.h"

static void add_age(struct str *out, int64_t s)
{
	format_age(out, s * S_US);
}

/* Those that are a share of all, over their own window. */
static void add_ratio(struct sla_line *line, const struct rows *rows, size_t row)
{
	int64_t total = sla_number(rows, row, "total"), least = sla_number(rows, row, "min_count");
	int64_t budget = sla_number(rows, row, "budget");

	standing_add_good(&line->text, sla_number(rows, row, "bad"), total);
	str_adds(&line->text, " of ");
	standing_add_objective(&line->text, sla_number(rows, row, "objective_ppm"));
	str_adds(&line->text, " % in ");
	add_age(&line->text, sla_number(rows, row, "window_s"));
	if (!total || !sla_told(rows, row, "total")) {
		str_adds(&line->text, " · no data");
		line->role = ROLE_DIM;
		return;
	}
	if (total < least) {
		str_adds(&line->text, " · too few: ");
		format_count(&line->text, total);
		str_adds(&line->text, " of ");
		format_count(&line->text, least);
		line->role = ROLE_DIM;
		return;
	}
	if (!sla_told(rows, row, "budget"))
		return;
	str_adds(&line->text, " · budget left ");
	standing_add_budget(&line->text, budget);
	line->part = budget > 0 ? budget : 0;
	line->whole = 1000000;
	line->role = budget < 0 ? ROLE_ERROR : ROLE_TEXT;
}

/* Those with a limit: how much of it is used. */
static void add_limit(struct sla_line *line, const struct rows *rows, size_t row, bool seconds)
{
	int64_t value = sla_number(rows, row, "value"), most = sla_number(rows, row, "threshold");

	if (!sla_told(rows, row, "value")) {
		str_adds(&line->text, "nothing");
		line->role = ROLE_DIM;
		return;
	}
	line->part = value;
	line->whole = most > value ? most : value;
	line->role = value > most ? ROLE_ERROR : ROLE_TEXT;
	if (seconds)
		add_age(&line->text, value);
	else
		format_count(&line->text, value);
	str_adds(&line->text, " of ");
	if (seconds)
		add_age(&line->text, most);
	else
		format_count(&line->text, most);
}

void sla_promise(struct sla_line *line, const struct rows *rows, size_t row)
{
	static const struct {
		const char *measure, *label;
	} labels[] = {{"success", "success"}, {"latency", "latency"}, {"retry", "no retries"},
		{"freshness", "last sign of life"}, {"queue", "queue"},
		{"dead_age", "unowned dead"}, {"deadline", "batch due"}};
	struct slice measure = rows_text(rows, row, rows_col(rows, "measure"));

	for (size_t i = 0; i < ARRAY_LEN(labels); i++)
		if (slice_eq_str(measure, labels[i].measure))
			str_adds(&line->label, labels[i].label);
	if (slice_eq_str(measure, "deadline"))
		str_add(&line->text, rows_text(rows, row, rows_col(rows, "due")));
	else if (slice_eq_str(measure, "freshness") || slice_eq_str(measure, "dead_age"))
		add_limit(line, rows, row, true);
	else if (slice_eq_str(measure, "queue"))
		add_limit(line, rows, row, false);
	else
		add_ratio(line, rows, row);
	if (slice_eq_str(measure, "latency")) {
		str_adds(&line->text, " · within ");
		standing_add_ms(&line->text, (double)sla_number(rows, row, "threshold"));
	}
}

void sla_add_objectives(struct sla *me)
{
	const struct rows *rows = sla_answer(me, SLA_OBJECTIVES);

	sla_heading(me, "What is promised");
	if (!rows)
		str_adds(&sla_add(me, "")->text, me->panels[SLA_OBJECTIVES].rows
							 ? "nothing is promised of it"
							 : "asking the store");
	for (size_t i = 0; rows && i < rows_count(rows); i++)
		sla_promise(sla_add(me, ""), rows, i);
}

/* One rule: it fires when both of its windows burn faster than its limit. */
static void add_burn(struct sla *me, const struct rows *rows, size_t row)
{
	struct slice state = rows_text(rows, row, rows_col(rows, "state"));
	int64_t limit = sla_number(rows, row, "tenths") * 10,
		rate = sla_number(rows, row, "long_rate");
	CLEANUP(str_done)
	struct str label = STR_INIT(64);
	struct sla_line *line;

	str_add(&label, rows_text(rows, row, rows_col(rows, "measure")));
	str_addc(&label, ' ');
	add_age(&label, sla_number(rows, row, "long_s"));
	line = sla_add(me, str_cstr(&label));
	limit = limit * sla_number(rows, row, "window_s") / 2592000;
	line->part = rate;
	line->whole = limit * 2 > rate ? limit * 2 : rate;
	standing_add_rate(&line->text, rate);
	str_adds(&line->text, " · ");
	add_age(&line->text, sla_number(rows, row, "short_s"));
	str_addc(&line->text, ' ');
	if (sla_told(rows, row, "short_rate"))
		standing_add_rate(&line->text, sla_number(rows, row, "short_rate"));
	else
		str_adds(&line->text, "no data");
	str_adds(&line->text, " · fires over ");
	standing_add_rate(&line->text, limit);
	str_addf(&line->text, " in both: %s",
		slice_eq_str(state, "burning")       ? "BURNING"
		: slice_eq_str(state, "few")         ? "too few to tell"
		: slice_eq_str(state, "none")        ? "no data"
		: slice_eq_str(state, "maintenance") ? "in maintenance"
						     : "fine");
	if (slice_eq_str(state, "burning")) {
		str_addf(&line->text, ", %.*s, for ",
			SLICE_ARG(rows_text(rows, row, rows_col(rows, "severity"))));
		format_age(&line->text, me->panels[SLA_BURN].wall_us -
						rows_time(rows, row, rows_col(rows, "since")));
		line->role = ROLE_ERROR;
	} else if (!slice_eq_str(state, "fine")) {
		line->role = ROLE_DIM;
	}
}

void sla_add_burns(struct sla *me)
{
	const struct rows *rows = sla_answer(me, SLA_BURN);

	if (!rows)
		return;
	sla_heading(me, "How fast budgets burn");
	for (size_t i = 0; i < rows_count(rows); i++)
		add_burn(me, rows, i);
}
