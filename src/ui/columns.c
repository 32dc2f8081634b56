/* Choosing and measuring columns.
 * Drawing them is the table's, offering them the view's.
 * Called by the table for each frame, and by the command that chooses. */
#include "ui/columns.h"
#include "base/lines.h"
#include "base/mem.h"
#include <errno.h>

#define WIDTH_MAX 500

static const char *name_of(const struct table_column *column)
{
	return column->name ? column->name : column->title;
}

static int find(const struct table_column *offered, size_t n, struct slice name, size_t *ret,
	struct err *err)
{
	const char *names[COLUMNS_MAX];

	for (size_t i = 0; i < n; i++) {
		names[i] = name_of(&offered[i]);
		if (slice_eq_str(name, names[i])) {
			*ret = i;
			return 0;
		}
	}
	return err_unknown(err, "column", name, names, n, sizeof(names[0]));
}

static int parse_width(struct slice text, int *ret, struct err *err)
{
	int64_t width;

	if (slice_to_i64(text, 1, WIDTH_MAX, &width) < 0)
		return err_set(err, -EINVAL, "a width is a number from 1 to %d, not \"%.*s\"",
			WIDTH_MAX, SLICE_ARG(text));
	*ret = (int)width;
	return 0;
}

static int add(
	struct columns *columns, size_t column, int width, struct slice name, struct err *err)
{
	for (size_t i = 0; i < columns->n; i++)
		if (columns->at[i].column == column)
			return err_set(
				err, -EINVAL, "column \"%.*s\" stands twice", SLICE_ARG(name));
	columns->at[columns->n].column = column;
	columns->at[columns->n++].width = width;
	return 0;
}

/* The first that is offered goes in front, wherever it was named, or if it was not. */
static void put_first(struct columns *columns)
{
	size_t at = 0;
	int width = 0;

	while (at < columns->n && columns->at[at].column != 0)
		at++;
	if (at < columns->n)
		width = columns->at[at].width;
	else
		columns->n++;
	for (; at > 0; at--)
		columns->at[at] = columns->at[at - 1];
	columns->at[0].column = 0;
	columns->at[0].width = width;
}

int columns_parse(struct columns *columns, const struct table_column *offered, size_t n_offered,
	struct slice text, struct err *err)
{
	struct columns chosen = {0};
	struct slice word, name;

	while (slice_word(&text, &word)) {
		size_t column = 0;
		int width = 0, r;

		slice_cut(&word, ':', &name);
		r = find(offered, n_offered, name, &column, err);
		if (r == 0 && word.len)
			r = parse_width(word, &width, err);
		if (r == 0)
			r = add(&chosen, column, width, name, err);
		if (r < 0)
			return r;
	}
	if (chosen.n)
		put_first(&chosen);
	*columns = chosen;
	return 0;
}

void columns_print(const struct columns *columns, const struct table_column *offered,
	size_t n_offered, struct str *out)
{
	size_t n = columns->n ? columns->n : n_offered;

	for (size_t i = 0; i < n; i++) {
		size_t column = columns->n ? columns->at[i].column : i;

		str_addf(out, "%s%s", i ? " " : "", name_of(&offered[column]));
		if (columns->n && columns->at[i].width)
			str_addf(out, ":%d", columns->at[i].width);
	}
}

/* One column more, if there is room for it. */
static bool take(const struct table_column *column, int chosen_width, bool chosen, int width,
	int *left, bool first, int *ret_width)
{
	int min = chosen_width ? chosen_width : column->min;

	if (first)
		min = min > width ? width : min; /* the first is there at any width */
	else if ((!chosen && column->from_width > width) || min > *left)
		return false;
	*left -= min + 1;
	*ret_width = min;
	return true;
}

size_t columns_measure(const struct columns *columns, const struct table_column *offered,
	size_t n_offered, int width, size_t skip, size_t *ret_columns, int *ret_widths)
{
	size_t n = columns->n ? columns->n : n_offered, shown = 0;
	int left = width > 0 ? width : 0, grow[COLUMNS_MAX];

	for (size_t i = 0; i < n; i++) {
		size_t column = columns->n ? columns->at[i].column : i;
		int chosen = columns->n ? columns->at[i].width : 0;

		if (i > 0 && i <= skip)
			continue;
		if (!take(&offered[column], chosen, columns->n > 0, width, &left, i == 0,
			    &ret_widths[shown]))
			continue;
		grow[shown] = chosen ? 0 : offered[column].max - ret_widths[shown];
		ret_columns[shown++] = column;
	}
	left += 1; /* no blank behind the last */
	for (size_t i = 0; i < shown && left > 0; i++) {
		int more = grow[i] < left ? grow[i] : left;

		if (more <= 0)
			continue;
		ret_widths[i] += more;
		left -= more;
	}
	return shown;
}
