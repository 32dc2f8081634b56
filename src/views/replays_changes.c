/* What was edited of an item, field by field: a trace first, then what was changed and nothing else.
 * What may be seen of it is the store's to say.
 * Called by the view of replays. */
#include "base/mem.h"
#include "replays_part.h"

static void say(const struct replays *me, enum role role, const char *text)
{
	me->view.env->say(me->view.env->ctx, role, text);
}

static void add_value(struct text *text, enum role role, const char *mark, const struct rows *rows,
	size_t row, const char *column)
{
	size_t at = rows_col(rows, column);

	if (rows_null(rows, row, at))
		return;
	text_add(text, role, slice_of(mark));
	text_add(text, role, rows_text(rows, row, at));
	text_add(text, ROLE_TEXT, SLICE("\n"));
}

static void show(struct replays *me, const struct rows *rows)
{
	struct text *text = &me->changes.text;

	text_begin(text);
	text_heading(text, "What was edited");
	for (size_t i = 0; i < rows_count(rows); i++) {
		text_add(text, ROLE_KEY, rows_text(rows, i, rows_col(rows, "place")));
		text_add(text, ROLE_TEXT, SLICE("\n"));
		add_value(text, ROLE_GONE, "- ", rows, i, "before");
		add_value(text, ROLE_NEW, "+ ", rows, i, "after");
	}
	text_end(text);
	text->view.top_line = 0;
	me->changes.open = true;
}

static void on_changes(void *ctx, const struct reply *reply)
{
	struct replays *me = ctx;
	const struct rows *rows = reply->rows;

	if (reply->kind == REPLY_ROWS)
		return;
	me->changes.ticket = 0;
	if (reply->kind == REPLY_FAILED)
		say(me, ROLE_ERROR, reply->err->text);
	else if (!rows_count(rows))
		say(me, ROLE_MESSAGE, "nothing was edited of this one");
	else if (!slice_eq_str(rows_text(rows, 0, rows_col(rows, "code")), "done"))
		say(me, ROLE_ERROR, "what was edited is not shown to you");
	else
		show(me, rows);
	me->view.env->changed(me->view.env->ctx);
}

static void ask(struct replays *me, const char *question,
	void (*reply)(void *ctx, const struct reply *reply))
{
	const char *params[] = {str_cstr(&me->changes.item)};

	me->changes.ticket = source_ask(me->view.env->source, &(struct ask){.question = question,
								      .params = params,
								      .n_params = 1,
								      .reply = reply,
								      .ctx = me});
}

static void on_look(void *ctx, const struct reply *reply)
{
	struct replays *me = ctx;
	const struct rows *rows = reply->rows;
	CLEANUP(str_done)
	struct str text = STR_INIT(1024);

	if (reply->kind == REPLY_ROWS)
		return;
	me->changes.ticket = 0;
	if (reply->kind == REPLY_DONE && rows_count(rows) &&
		rows_bool(rows, 0, rows_col(rows, "ok"))) {
		ask(me, "replay-changes", on_changes);
		return;
	}
	str_adds(&text, "not shown: ");
	if (reply->kind == REPLY_FAILED)
		str_adds(&text, reply->err->text);
	else if (rows_count(rows))
		str_add(&text, rows_text(rows, 0, rows_col(rows, "message")));
	say(me, ROLE_ERROR, str_cstr(&text));
}

void replays_changes(struct replays *me)
{
	const struct sheet *sheet = &me->sheets[AT_ITEMS];

	if (me->at != AT_ITEMS || !sheet->table.n) {
		say(me, ROLE_MESSAGE, "open the replay first, and go to the item");
		return;
	}
	if (me->changes.ticket)
		return;
	str_reset(&me->changes.item);
	str_addf(&me->changes.item, "%lld", (long long)sheet_int(sheet, "item"));
	ask(me, "replay-look", on_look);
}

void replays_changes_close(struct replays *me)
{
	source_drop(me->view.env->source, me->changes.ticket);
	me->changes.ticket = 0;
	text_clear(&me->changes.text);
	me->changes.open = false;
}
