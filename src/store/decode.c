/* Reads the server's text of numbers and times (ISO dates) into rows.
 * Leaves asking to conn.c; knows no connection.
 * Called by conn.c. */
#include "decode.h"
#include "base/clock.h"
#include "base/mem.h"
#include <ctype.h>
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

int decode_check(const struct statement *statement, const PGresult *result, struct err *err)
{
	int n = PQnfields(result);

	if ((size_t)n != statement->n_columns)
		return err_set(err, -EINVAL, "%s: the server gives %d columns, %zu were expected",
			statement->name, n, statement->n_columns);
	return 0;
}

static bool take_digits(struct slice *rest, size_t min, size_t max, int64_t *ret)
{
	int64_t value = 0;
	size_t n = 0;

	while (n < rest->len && n < max && isdigit((unsigned char)rest->at[n]))
		value = value * 10 + (rest->at[n++] - '0');
	if (n < min)
		return false;
	*rest = slice_from(*rest, n);
	*ret = value;
	return true;
}

static bool take_char(struct slice *rest, char c)
{
	if (rest->len == 0 || rest->at[0] != c)
		return false;
	*rest = slice_from(*rest, 1);
	return true;
}

/* Days since 1970 of a proleptic Gregorian date; years count from March, so that the leap day is
 * the last of its year. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool take_clock(struct slice *rest, int64_t *ret_us)
{
	int64_t hour, minute, second, fraction = 0;
	size_t before;

	if (!take_digits(rest, 2, 2, &hour) || !take_char(rest, ':') ||
		!take_digits(rest, 2, 2, &minute) || !take_char(rest, ':') ||
		!take_digits(rest, 2, 2, &second))
		return false;
	if (take_char(rest, '.')) {
		before = rest->len;
		if (!take_digits(rest, 1, 6, &fraction))
			return false;
		for (before -= rest->len; before < 6; before++)
			fraction *= 10;
	}
	*ret_us = ((hour * 60 + minute) * 60 + second) * S_US + fraction;
	return true;
}

/* "+02", "-03:30", "+00:01:15"; none is UTC. */
static bool take_zone(struct slice *rest, int64_t *ret_us)
{
	int64_t parts[3] = {0, 0, 0};
	bool west = take_char(rest, '-');

	*ret_us = 0;
	if (!west && !take_char(rest, '+'))
		return true;
	if (!take_digits(rest, 2, 2, &parts[0]))
		return false;
	for (size_t i = 1; i < 3 && take_char(rest, ':'); i++)
		if (!take_digits(rest, 2, 2, &parts[i]))
			return false;
	*ret_us = ((parts[0] * 60 + parts[1]) * 60 + parts[2]) * S_US * (west ? -1 : 1);
	return true;
}

int decode_time(struct slice text, int64_t *ret_us)
{
	int64_t year, month, day, clock_us = 0, zone_us = 0;

	if (slice_eq_str(text, "infinity") || slice_eq_str(text, "-infinity")) {
		*ret_us = text.at[0] == '-' ? INT64_MIN : INT64_MAX;
		return 0;
	}
	/* The server's own range is from 4714 BC to 294276. */
	if (!take_digits(&text, 4, 6, &year) || !take_char(&text, '-') ||
		!take_digits(&text, 2, 2, &month) || !take_char(&text, '-') ||
		!take_digits(&text, 2, 2, &day) || month < 1 || month > 12 || day < 1 || day > 31)
		return -EINVAL;
	if (take_char(&text, ' ') && isdigit(text.len ? (unsigned char)text.at[0] : 0) &&
		(!take_clock(&text, &clock_us) || !take_zone(&text, &zone_us)))
		return -EINVAL;
	text = slice_trim(text);
	if (slice_eq_str(text, "BC") && year <= 4714)
		year = 1 - year;
	else if (text.len || year > 294276)
		return -EINVAL;
	/* The last thirty years of the server's range are beyond ours. */
	if (year > 294246)
		*ret_us = INT64_MAX;
	else
		*ret_us = days_of(year, month, day) * 24 * 3600 * S_US + clock_us - zone_us;
	return 0;
}

/* The server writes numbers in its own way, whatever language the program speaks. */
static int decode_real(const char *text, double *ret)
{
	locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	char *end = NULL;

	*ret = strtod_l(text, &end, c);
	freelocale(c);
	return end == text || *end ? -EINVAL : 0;
}

static int add_value(struct rows_builder *builder, enum column_type type, struct slice text)
{
	int64_t number;
	double real;
	int r = 0;

	switch (type) {
	case COLUMN_TEXT:
		rows_add_text(builder, text);
		break;
	case COLUMN_INT:
		r = slice_to_i64(text, INT64_MIN, INT64_MAX, &number);
		if (r == 0)
			rows_add_int(builder, number);
		break;
	case COLUMN_REAL:
		r = decode_real(text.at, &real);
		if (r == 0)
			rows_add_real(builder, real);
		break;
	case COLUMN_BOOL:
		if (text.len != 1 || (text.at[0] != 't' && text.at[0] != 'f'))
			return -EINVAL;
		rows_add_bool(builder, text.at[0] == 't');
		break;
	case COLUMN_TIME:
		r = decode_time(text, &number);
		if (r == 0)
			rows_add_time(builder, number);
		break;
	}
	return r;
}

static int decode_row(const struct statement *statement, const PGresult *result, int row,
	struct rows_builder *builder, struct err *err)
{
	for (size_t i = 0; i < statement->n_columns; i++) {
		int column = (int)i;
		struct slice text = {
			PQgetvalue(result, row, column), (size_t)PQgetlength(result, row, column)};

		if (PQgetisnull(result, row, column))
			rows_add_null(builder);
		else if (add_value(builder, statement->columns[i].type, text) < 0)
			return err_set(err, -EINVAL, "%s: column %s is not of its type",
				statement->name, statement->columns[i].name);
	}
	return 0;
}

int decode_rows(const struct statement *statement, const PGresult *result,
	struct rows_builder *builder, struct err *err)
{
	int n = statement->n_columns ? PQntuples(result) : 0;

	for (int row = 0; row < n; row++) {
		int r = decode_row(statement, result, row, builder, err);

		if (r < 0)
			return r;
	}
	return 0;
}
