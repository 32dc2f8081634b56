/* The domains by which the guard looks for a record: a reference, or an amount with date and partner.
 * Pure. Leaves asking to guard.c, its only caller. */
#include "base/mem.h"
#include "guard_part.h"
#include <stdio.h>
#include <time.h>

#define DAY_S INT64_C(86400)

/* The conditions of the caller, behind our own; a list in JSON that may be empty. */
static void put_also(struct slice also, struct str *out)
{
	struct slice inner = slice_trim(also);

	if (inner.len > 2 && inner.at[0] == '[') {
		inner = slice_trim(slice_head(slice_from(inner, 1), inner.len - 2));
		if (inner.len) {
			str_addc(out, ',');
			str_add(out, inner);
		}
	}
	str_addc(out, ']');
}

/* What a pattern would take for more than itself. */
static void add_plain(struct str *out, struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '%' || text.at[i] == '_' || text.at[i] == '\\')
			str_addc(out, '\\');
		str_addc(out, text.at[i]);
	}
}

bool guard_reference_domain(
	const char *field, struct slice reference, struct slice also, struct str *out)
{
	struct slice text = slice_trim(reference);
	CLEANUP(str_done)
	struct str plain = STR_INIT(4096);

	if (text.len == 0 || text.len > 1000)
		return false;
	add_plain(&plain, text);
	str_adds(out, "[[");
	(void)value_put_text(out, slice_of(field));
	str_adds(out, ",\"=ilike\",");
	if (!value_put_text(out, str_slice(&plain)))
		return false;
	str_addc(out, ']');
	put_also(also, out);
	return true;
}

/* "2026-11-21" as the day since 1970; false when it is none. */
static bool parse_day(struct slice text, int64_t *ret)
{
	int64_t year, month, day;
	struct tm tm = {0}, back;
	time_t s;

	if (text.len != 10 || text.at[4] != '-' || text.at[7] != '-' ||
		slice_to_i64(slice_head(text, 4), 1970, 9999, &year) < 0 ||
		slice_to_i64(slice_head(slice_from(text, 5), 2), 1, 12, &month) < 0 ||
		slice_to_i64(slice_from(text, 8), 1, 31, &day) < 0)
		return false;
	tm.tm_year = (int)year - 1900;
	tm.tm_mon = (int)month - 1;
	tm.tm_mday = (int)day;
	s = timegm(&tm);
	*ret = (int64_t)s / DAY_S;
	/* The 30th of February became another day. */
	return gmtime_r(&s, &back) && back.tm_mday == (int)day;
}

static void put_day(struct str *out, int64_t day)
{
	time_t s = (time_t)(day * DAY_S);
	char text[32];
	struct tm tm;

	gmtime_r(&s, &tm);
	(void)strftime(text, sizeof(text), "\"%Y-%m-%d\"", &tm);
	str_adds(out, text);
}

static void put_leaf(struct str *out, const char *field, const char *op)
{
	if (out->len > 1)
		str_addc(out, ',');
	str_addc(out, '[');
	(void)value_put_text(out, slice_of(field));
	str_addf(out, ",\"%s\",", op);
}

/* A float may be a hair off its cents, but never half a cent. */
static void put_amount(struct str *out, int64_t cents, int half)
{
	int64_t mills = cents * 10 + 5 * half;
	int64_t whole = mills < 0 ? -mills : mills;

	str_addf(out, "%s%lld.%03lld]", mills < 0 ? "-" : "", (long long)(whole / 1000),
		(long long)(whole % 1000));
}

/* The end is the start of the next day, which holds for a date and for a time of that day. */
bool guard_looks_domain(const struct odoo_guard *guard, struct str *out, const char **ret_why)
{
	const struct odoo_guard_ask *ask = &guard->ask;
	int64_t day = 0;

	*ret_why = "the date is none";
	if (!parse_day(ask->date, &day))
		return false;
	*ret_why = "the window is none";
	if (ask->window_days < 0 || ask->window_days > ODOO_GUARD_WINDOW_MAX)
		return false;
	*ret_why = "the amount is none";
	if (ask->amount_cents > INT64_MAX / 100 || ask->amount_cents < INT64_MIN / 100)
		return false;
	str_addc(out, '[');
	put_leaf(out, ask->partner_field, "in");
	for (size_t i = 0; i < guard->n_partners; i++)
		str_addf(out, "%c%lld", i ? ',' : '[', (long long)guard->partners[i]);
	str_adds(out, "]]");
	put_leaf(out, ask->date_field, ">=");
	put_day(out, day - ask->window_days);
	str_addc(out, ']');
	put_leaf(out, ask->date_field, "<");
	put_day(out, day + ask->window_days + 1);
	str_addc(out, ']');
	put_leaf(out, ask->amount_field, ">");
	put_amount(out, ask->amount_cents, -1);
	put_leaf(out, ask->amount_field, "<");
	put_amount(out, ask->amount_cents, 1);
	put_also(ask->also, out);
	return true;
}
