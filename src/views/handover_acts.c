/* Drafting, writing, offering, acknowledging, accepting, declaring void.
 * Whether it is allowed, and that two persons sign, is the store's to say.
 * Called by the view of handovers. */
#include "base/mem.h"
#include "handover_part.h"
#include <stdlib.h>

static void say(const struct handover *me, enum role role, const char *text)
{
	me->view.env->say(me->view.env->ctx, role, text);
}

static struct slice text_of(const struct rows *rows, size_t row, const char *column)
{
	return rows_text(rows, row, rows_col(rows, column));
}

static int64_t int_of(const struct rows *rows, size_t row, const char *column)
{
	return rows_int(rows, row, rows_col(rows, column));
}

/* The handover that is meant, when it is in that state; else why nothing happens. */
static const struct rows *in_state(
	const struct handover *me, const char *state, const char *why, size_t *ret_row)
{
	const struct rows *rows = handover_row(me, ret_row);

	if (!rows)
		say(me, ROLE_MESSAGE, "there is no handover here");
	else if (slice_eq_str(text_of(rows, *ret_row, "state"), state))
		return rows;
	else
		say(me, ROLE_MESSAGE, why);
	return NULL;
}

void handover_deed_ended(void *ctx, bool done, int64_t id)
{
	struct handover *me = ctx;
	CLEANUP(str_done)
	struct str key = STR_INIT(32);

	if (done)
		str_reset(&me->edit.text);
	str_addf(&key, "%lld", (long long)id);
	panel_ask(&me->list);
	if (done && id &&
		(me->at == AT_HANDOVERS || !slice_eq(str_slice(&key), str_slice(&me->id))))
		handover_open_page(me, str_slice(&key));
	else if (me->at == AT_ITEMS)
		panel_ask(&me->items);
}

static void draft(struct handover *me)
{
	if (deed_begin(&me->deed, "draft", "handover-draft", "Draft a handover"))
		deed_open(&me->deed);
}

/* ---- writing ---- */

static void write_down(struct handover *me, int64_t nr, struct slice words)
{
	CLEANUP(mem_freep)
	char *text = mem_dup(words.at, words.len);
	size_t row;
	const struct rows *rows = handover_row(me, &row);

	if (!rows || !deed_begin(&me->deed, "write", "handover-write", "Write"))
		return;
	deed_int(&me->deed, int_of(rows, row, "id"));
	if (nr)
		deed_int(&me->deed, nr);
	else
		deed_text(&me->deed, NULL);
	deed_text(&me->deed, text);
	deed_open(&me->deed);
}

static void on_edited(void *ctx, struct slice text, const struct err *err)
{
	struct handover *me = ctx;

	if (err) {
		say(me, ROLE_ERROR, err->text);
		return;
	}
	str_reset(&me->edit.text);
	str_add(&me->edit.text, slice_trim(text));
	write_down(me, me->edit.nr, str_slice(&me->edit.text));
}

/* What could not be written down before is edited on. */
static void edit(struct handover *me, int64_t nr, struct slice words)
{
	const struct edit edit = {
		.text = me->edit.text.len && me->edit.nr == nr ? str_slice(&me->edit.text) : words,
		.name = "handover.txt",
		.done = on_edited,
		.ctx = me};
	struct err err = ERR_INIT;

	me->edit.nr = nr;
	if (me->view.env->edit(me->view.env->ctx, &edit, &err) < 0)
		say(me, ROLE_ERROR, err.text);
}

/* One line is typed here; several are for the editor. */
static void type_step(struct handover *me, int64_t nr, struct slice words)
{
	struct deed *deed = &me->deed;
	const struct sheet *sheet = &me->sheets[AT_ITEMS];
	size_t row;
	const struct rows *rows = handover_row(me, &row);

	if (slice_find(words, '\n') < words.len) {
		edit(me, nr, words);
		return;
	}
	if (!deed_begin(deed, "write", "handover-write", "The next step"))
		return;
	deed_note(deed, "%.*s", SLICE_ARG(sheet_text(sheet, "title")));
	deed_int(deed, int_of(rows, row, "id"));
	deed_int(deed, nr);
	deed_ask_text(deed, "next step", "what the next shift is to do", false);
	deed_open(deed);
	prompt_type(&deed->fields[1].text, words);
}

static void write_item(struct handover *me, bool in_editor)
{
	const struct sheet *sheet = &me->sheets[AT_ITEMS];
	size_t row;
	int64_t nr = sheet_int(sheet, "nr");

	if (me->at != AT_ITEMS || !nr)
		say(me, ROLE_MESSAGE, "open a handover first; its items have next steps");
	else if (in_state(me, "draft", "it is signed: what stands in it stays", &row)) {
		if (in_editor)
			edit(me, nr, sheet_text(sheet, "words"));
		else
			type_step(me, nr, sheet_text(sheet, "words"));
	}
}

static void write_words(struct handover *me)
{
	size_t row;
	const struct rows *rows =
		in_state(me, "draft", "it is signed: what stands in it stays", &row);

	if (rows)
		edit(me, 0, text_of(rows, row, "words"));
}

/* ---- signing ---- */

static void note_it(struct deed *deed, const struct rows *rows, size_t row)
{
	deed_note(deed, "%lld items: %lld new, %lld still open, %lld gone",
		(long long)int_of(rows, row, "items"), (long long)int_of(rows, row, "new"),
		(long long)int_of(rows, row, "open"), (long long)int_of(rows, row, "gone"));
}

static void sign(
	struct handover *me, const char *act, const char *title, const char *state, const char *why)
{
	struct deed *deed = &me->deed;
	size_t row;
	const struct rows *rows = in_state(me, state, why, &row);

	if (rows && me->at == AT_HANDOVERS) {
		handover_open_page(me, text_of(rows, row, "key"));
		say(me, ROLE_MESSAGE, "this is what you would sign; once more to sign");
		return;
	}
	if (!rows || !deed_begin(deed, act, "handover-act", "%s handover %lld", title,
			     (long long)int_of(rows, row, "id")))
		return;
	note_it(deed, rows, row);
	deed_note(deed, "from here on it does not change");
	deed_text(deed, act);
	deed_int(deed, int_of(rows, row, "id"));
	deed_text(deed, NULL);
	deed_open(deed);
}

static void declare_void(struct handover *me)
{
	struct deed *deed = &me->deed;
	size_t row;
	const struct rows *rows = handover_row(me, &row);

	if (!rows || !deed_begin(deed, "void", "handover-act", "Declare handover %lld void",
			     (long long)int_of(rows, row, "id")))
		return;
	note_it(deed, rows, row);
	deed_text(deed, "void");
	deed_int(deed, int_of(rows, row, "id"));
	deed_ask_text(deed, "reason", "stays with it, and in the audit", true);
	deed_open(deed);
}

/* ---- acknowledging ---- */

struct nrs {
	int64_t *at;
	size_t n, size;
};

static void add_nr(void *ctx, struct slice key)
{
	struct nrs *nrs = ctx;

	if (nrs->n == nrs->size) {
		nrs->size = nrs->size ? 2 * nrs->size : 64;
		nrs->at = mem_resize(nrs->at, nrs->size, sizeof(*nrs->at));
	}
	if (slice_to_i64(key, 1, INT32_MAX, &nrs->at[nrs->n]) == 0)
		nrs->n++;
}

static int by_nr(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

/* The answers that follow find the cursor there. */
static void step_on(struct sheet *sheet)
{
	(void)sheet_act(sheet, ACTION_MOVE_DOWN);
	str_reset(&sheet->at);
	str_add(&sheet->at, sheet_text(sheet, "key"));
}

/* One at once, and on to the next; several with their number typed. */
static void acknowledge(struct handover *me)
{
	struct sheet *sheet = &me->sheets[AT_ITEMS];
	struct deed *deed = &me->deed;
	struct nrs nrs = {0};
	size_t row;
	const struct rows *rows;

	if (me->at != AT_ITEMS) {
		say(me, ROLE_MESSAGE, "open it first; items are acknowledged where they are read");
		return;
	}
	rows = in_state(
		me, "offered", "it is not offered, so there is nothing to acknowledge", &row);
	if (!rows)
		return;
	tags_each(&sheet->table.tags, add_nr, &nrs);
	if (!nrs.n && sheet->table.n) {
		add_nr(&nrs, sheet_text(sheet, "key"));
		step_on(sheet);
	}
	if (nrs.n)
		qsort(nrs.at, nrs.n, sizeof(*nrs.at), by_nr);
	if (nrs.n && deed_begin(deed, "acknowledge", "handover-acknowledge",
			     "Acknowledge %zu items", nrs.n)) {
		deed_int(deed, int_of(rows, row, "id"));
		deed_ids(deed, nrs.at, nrs.n);
		deed_ask_count(deed, (int64_t)nrs.n);
		deed_open(deed);
	}
	free(nrs.at);
}

bool handover_deed(struct handover *me, enum action action)
{
	switch (action) {
	case ACTION_HANDOVER_DRAFT:
		draft(me);
		return true;
	case ACTION_HANDOVER_STEP:
	case ACTION_HANDOVER_EDIT:
		write_item(me, action == ACTION_HANDOVER_EDIT);
		return true;
	case ACTION_HANDOVER_WORDS:
		write_words(me);
		return true;
	case ACTION_HANDOVER_OFFER:
		sign(me, "offer", "Sign and offer", "draft", "only a draft can be offered");
		return true;
	case ACTION_HANDOVER_ACKNOWLEDGE:
		acknowledge(me);
		return true;
	case ACTION_HANDOVER_ACCEPT:
		sign(me, "accept", "Sign and take over", "offered",
			"only what is offered can be taken over");
		return true;
	case ACTION_HANDOVER_VOID:
		declare_void(me);
		return true;
	default:
		return false;
	}
}
