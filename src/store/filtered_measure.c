/* From numbers, ages and times of a filter to conditions.
 * Leaves texts, and which column it is, to filtered_term.c.
 * Called by filtered_term.c. */
#include "filtered_part.h"

static void add_number(struct composer *composer, int64_t number, struct str *out)
{
	composer_add(composer,
		slice_of(arena_printf(&composer->to->arena, "%lld", (long long)number)), "bigint",
		out);
}

static void add_past(struct composer *composer, int64_t n, char unit, struct str *out)
{
	str_adds(out, "now() - ");
	composer_add(composer,
		slice_of(arena_printf(&composer->to->arena, "%lld seconds",
			(long long)(n * filter_unit_s(unit)))),
		"interval", out);
}

/* A zone by name is the server's to know. */
static void add_zoned(
	struct composer *composer, const struct filter_time *time, bool end, struct str *out)
{
	const char *length = time->hour < 0 ? "1 day" : time->second < 0 ? "1 minute" : "1 second";
	size_t zone = composer_param(composer, time->zone);
	const char *wall = arena_printf(&composer->to->arena, "%02d:%02d:%02d.%06d",
		time->hour < 0 ? 0 : time->hour, time->minute, time->second < 0 ? 0 : time->second,
		time->us);

	str_adds(out, "((");
	if (time->year) {
		wall = arena_printf(&composer->to->arena, "%04d-%02d-%02d %s", time->year,
			time->month, time->day, wall);
		composer_add(composer, slice_of(wall), "timestamp", out);
	} else {
		str_addf(out, "(now() at time zone $%zu::text)::date + ", zone);
		composer_add(composer, slice_of(wall), "time", out);
	}
	if (end)
		str_addf(out, " + interval '%s'", time->us ? "1 microsecond" : length);
	str_addf(out, ") at time zone $%zu::text)", zone);
}

/* Where it begins, or what comes behind it. */
void composer_time(
	struct composer *composer, const struct filter_time *time, bool end, struct str *out)
{
	int64_t us;

	if (time->kind == FILTER_AGO) {
		str_addc(out, '(');
		add_past(composer, time->ago, time->unit, out);
		str_addc(out, ')');
		return;
	}
	if (time->kind == FILTER_WALL && filter_zone_has_name(time->zone)) {
		add_zoned(composer, time, end, out);
		return;
	}
	us = filter_time_us(time, composer->now_us, end);
	str_adds(out, "(timestamptz 'epoch' + ");
	composer_add(composer,
		slice_of(arena_printf(&composer->to->arena, "%lld microseconds", (long long)us)),
		"interval", out);
	str_addc(out, ')');
}

static const char *compare(enum filter_op op)
{
	return op == FILTER_LESS      ? "<"
	       : op == FILTER_AT_MOST ? "<="
	       : op == FILTER_MORE    ? ">"
				      : ">=";
}

static void add_one_number(struct composer *composer, const char *column,
	const struct filter_node *node, const struct filter_value *value, struct str *out)
{
	bool equal = node->op == FILTER_IS || node->op == FILTER_IS_NOT;

	str_addf(out, "%s %s ", column, value->range ? "between" : equal ? "=" : compare(node->op));
	add_number(composer, value->low.number, out);
	if (value->range) {
		str_adds(out, " and ");
		add_number(composer, value->high.number, out);
	}
}

/* What is older lies further back. */
static void add_one_age(struct composer *composer, const char *column,
	const struct filter_node *node, const struct filter_value *value, struct str *out)
{
	static const char *const turned[] = {[FILTER_LESS] = ">",
		[FILTER_AT_MOST] = ">=",
		[FILTER_MORE] = "<",
		[FILTER_AT_LEAST] = "<="};

	str_addf(out, "%s %s ", column, value->range ? "<=" : turned[node->op]);
	add_past(composer, value->low.number, value->low.unit, out);
	if (value->range) {
		str_addf(out, " and %s >= ", column);
		add_past(composer, value->high.number, value->high.unit, out);
	}
}

static void add_one_time(struct composer *composer, const char *column,
	const struct filter_node *node, const struct filter_value *value, struct str *out)
{
	bool equal = node->op == FILTER_IS || node->op == FILTER_IS_NOT;

	if (!equal) {
		str_addf(out, "%s %s ", column,
			node->op == FILTER_LESS || node->op == FILTER_AT_MOST ? "<" : ">=");
		composer_time(composer, &value->low.time,
			node->op == FILTER_AT_MOST || node->op == FILTER_MORE, out);
		return;
	}
	str_addf(out, "%s >= ", column);
	composer_time(composer, &value->low.time, false, out);
	str_addf(out, " and %s < ", column);
	composer_time(composer, value->range ? &value->high.time : &value->low.time, true, out);
}

void composer_measures(struct composer *composer, const char *column,
	const struct filter_node *node, struct str *out)
{
	enum filter_kind kind = filter_field(node->field)->kind;
	bool any = false;

	str_addc(out, '(');
	for (size_t i = 0; i < node->n_values; i++) {
		const struct filter_value *value = &node->values[i];

		composer_or(&any, out);
		if (value->low.kind == FILTER_NONE)
			str_addf(out, "%s is null", column);
		else if (kind == FILTER_NUMBER)
			add_one_number(composer, column, node, value, out);
		else if (kind == FILTER_AGE)
			add_one_age(composer, column, node, value, out);
		else
			add_one_time(composer, column, node, value, out);
	}
	str_addc(out, ')');
}
