/* Two halves, one above the other, and how the rows are shared between them.
 * Called by views of a list with a text below it. */
#include "split.h"

int split_layout(struct split *me, struct sheet *sheet, int height)
{
	const struct rows *rows = sheet->panel->rows;
	int want = rows ? (int)rows_count(rows) + 1 : 2, most = height / me->part;

	me->height = height;
	if (height < me->from)
		me->list = me->below ? 0 : height;
	else
		me->list = want < most ? want : most;
	sheet_layout(sheet, me->list);
	return height - me->list - (me->list ? 1 : 0);
}

void split_line(
	const struct split *me, const struct canvas *canvas, enum role role, struct slice words)
{
	if (!me->list || me->list == me->height)
		return;
	if (!canvas->plain)
		canvas_line(canvas, me->list, ROLE_BORDER);
	canvas_text(canvas, 1, me->list, canvas->width - 1,
		role == ROLE_TAB && me->below ? ROLE_TAB_ACTIVE : role, words);
}

struct canvas split_above(const struct split *me, const struct canvas *canvas)
{
	return canvas_sub(canvas, 0, 0, canvas->width, me->list);
}

struct canvas split_below(const struct split *me, const struct canvas *canvas)
{
	int top = me->list + (me->list ? 1 : 0);

	return canvas_sub(canvas, 1, top, canvas->width - 2, canvas->height - top);
}
