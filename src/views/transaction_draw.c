/* What the view of a transaction shows of what it knows: which text stands below the ladder, and the
 * screen around both.
 * Asking, selecting and acting are transaction.c's.
 * Called by it, and as the view's own operations. */
#include "base/mem.h"
#include "base/text.h"
#include "model/format.h"
#include "transaction_part.h"

#define SPLIT_FROM 14
#define LADDER_MIN 4

void transaction_forget_text(void *ctx)
{
	struct transaction *me = ctx;

	text_clear(&me->text);
	str_reset(&me->shown);
}

struct slice transaction_event(const struct transaction *me, const char *column)
{
	if (!me->way.n_hops)
		return SLICE_NONE;
	return rows_text(me->events.rows, me->ladder.cursor, rows_col(me->events.rows, column));
}

/* ---- the text ---- */

static struct slice payload_text(const struct transaction *me, size_t row, const char *column)
{
	return rows_text(me->payloads.rows, row, rows_col(me->payloads.rows, column));
}

/* The raw body where it is revealed, else the masked one. */
static struct slice body_of(struct transaction *me, size_t row)
{
	struct slice body = payload_text(me, row, "body");

	reveal_body(&me->reveal, payload_text(me, row, "key"), &body);
	return body;
}

static void show_changes(struct transaction *me)
{
	CLEANUP(str_done)
	struct str before = STR_INIT(64 << 20);

	if (me->payload == 0) {
		str_adds(&me->text.note, "there is no payload before this one");
		return;
	}
	str_add(&before, body_of(me, me->payload - 1)); /* the next one takes its place */
	text_changes(&me->text, payload_text(me, me->payload - 1, "content_type"),
		str_slice(&before), payload_text(me, me->payload, "content_type"),
		body_of(me, me->payload));
	if (before.at)
		mem_wipe(before.at, before.size);
}

static void show_payload(struct transaction *me)
{
	struct slice body = body_of(me, me->payload), why = payload_text(me, me->payload, "why");

	if (body.len)
		text_payload(
			&me->text, payload_text(me, me->payload, "content_type"), body, me->raw);
	else
		str_addf(&me->text.note, "nothing to show%s%.*s", why.len ? ": " : "",
			SLICE_ARG(why));
}

static void show_text(struct transaction *me)
{
	const struct rows *rows = me->payloads.rows;

	str_reset(&me->text.note);
	switch (me->below) {
	case BELOW_EVENT:
		transaction_text_event(&me->text, me->events.rows, me->ladder.cursor);
		return;
	case BELOW_FACTS:
		if (me->head.rows && rows_count(me->head.rows))
			transaction_text_facts(&me->text, me->head.rows);
		return;
	case BELOW_LINKS:
		return;
	case BELOW_ODOO:
		transaction_odoo_text(me);
		return;
	default:
		break;
	}
	if (!rows)
		str_adds(&me->text.note,
			me->payloads.err.code ? me->payloads.err.text : "asking the store");
	else if (!rows_count(rows))
		str_adds(&me->text.note, "no payload, or none that is masked already");
	else if (me->below == BELOW_CHANGES)
		show_changes(me);
	else
		show_payload(me);
}

/* What the text is of, in words that differ when it is something else. */
static void tell_what(const struct transaction *me, struct str *out)
{
	str_addf(out, "%d %d %zu %s ", me->below, me->raw, me->payload, str_cstr(&me->leg));
	if (me->below == BELOW_EVENT)
		str_add(out, str_slice(&me->cursor_key));
}

/* Changes when the same is to be shown anew. */
static int64_t version_of(const struct transaction *me)
{
	const struct panel *payloads = &me->payloads;

	if (me->below == BELOW_EVENT || me->below == BELOW_LINKS)
		return 1;
	if (me->below == BELOW_FACTS)
		return me->head.rows ? me->head.mono_us + 1 : 0;
	if (me->below == BELOW_ODOO)
		return me->beside.rows ? 2 * me->beside.mono_us + 1 + (me->beside.err.code != 0)
				       : me->beside.err.code;
	if (!payloads->rows)
		return payloads->err.code;
	return 2 * payloads->mono_us + 1 + (me->reveal.raw != NULL);
}

static void update_text(struct transaction *me)
{
	CLEANUP(str_done)
	struct str what = STR_INIT(512);
	int64_t version = version_of(me);
	bool same;

	if (!me->way.n_hops)
		return;
	tell_what(me, &what);
	same = slice_eq(str_slice(&what), str_slice(&me->shown));
	if (same && version == me->shown_version)
		return;
	if (!same) /* else it is read on from where one was */
		text_clear(&me->text);
	str_reset(&me->shown);
	str_add(&me->shown, str_slice(&what));
	me->shown_version = version;
	show_text(me);
	rows_unref(me->held);
	me->held = me->payloads.rows ? rows_ref(me->payloads.rows) : NULL;
}

/* ---- the screen ---- */

static bool is_split(const struct transaction *me)
{
	return me->height >= SPLIT_FROM;
}

/* Lines of the ladder below the head; the rest, but for a line of names, is the text's. */
static int ladder_height(const struct transaction *me)
{
	int want = ladder_lines(&me->ladder, me->width), half = (me->height - 2) / 2;

	if (!is_split(me))
		return me->in_text ? 0 : me->height - 1;
	want = want < LADDER_MIN ? LADDER_MIN : want;
	return want < half ? want : half;
}

void transaction_layout(struct view *view, int width, int height)
{
	struct transaction *me = (struct transaction *)view;
	int rows;

	me->width = width;
	me->height = height;
	rows = ladder_height(me);
	ladder_layout(&me->ladder, width, rows);
	transaction_odoo_follow(me);
	update_text(me);
	text_more(&me->text, false);
	text_view_layout(&me->text.view, width - 2, height - rows - 2);
	links_layout(&me->links, height - rows - 2);
}

static const char *parted_by(const struct canvas *canvas)
{
	return canvas->plain ? ", " : canvas->ascii ? " - " : " · ";
}

static int draw_part(const struct canvas *canvas, int x, enum role role, struct slice text)
{
	if (!text.len)
		return x;
	if (x > 1)
		x += canvas_text(
			canvas, x, 0, canvas->width - x, ROLE_DIM, slice_of(parted_by(canvas)));
	return x + canvas_text(canvas, x, 0, canvas->width - x, role, text);
}

static void add_count(struct str *out, int64_t n, const char *one, const char *many)
{
	format_count(out, n);
	str_addf(out, " %s", n == 1 ? one : many);
}

/* How it stands: "dead after 3 attempts, 3h 12m ago". */
static void add_standing(const struct transaction *me, struct str *out)
{
	const struct rows *rows = me->head.rows;
	int64_t attempts = rows_int(rows, 0, rows_col(rows, "attempt"));

	str_add(out, rows_text(rows, 0, rows_col(rows, "state")));
	if (attempts > 1)
		str_addf(out, " after %lld attempts", (long long)attempts);
	str_adds(out, ", ");
	format_age(out, me->head.wall_us - rows_time(rows, 0, rows_col(rows, "last_at")));
	str_adds(out, " ago");
	if (rows_bool(rows, 0, rows_col(rows, "overdue")))
		str_adds(out, ", overdue");
}

static void draw_head(const struct transaction *me, const struct canvas *canvas)
{
	const struct rows *rows = me->head.rows;
	CLEANUP(str_done)
	struct str legs = STR_INIT(128), standing = STR_INIT(256);
	int64_t hidden;
	int x = 1;

	if (!rows || !rows_count(rows))
		return;
	add_standing(me, &standing);
	add_count(&legs, (int64_t)me->way.n_legs, "leg", "legs");
	hidden = rows_int(rows, 0, rows_col(rows, "hidden"));
	if (hidden) {
		str_adds(&legs, ", ");
		add_count(&legs, hidden, "more is", "more are");
		str_adds(&legs, " out of your scope");
	}
	x = draw_part(canvas, x, role_of_state(rows_text(rows, 0, rows_col(rows, "state"))),
		str_slice(&standing));
	x = draw_part(canvas, x, ROLE_TEXT, rows_text(rows, 0, rows_col(rows, "interface")));
	x = draw_part(canvas, x, ROLE_TEXT, rows_text(rows, 0, rows_col(rows, "business_key")));
	x = draw_part(canvas, x, ROLE_TEXT, rows_text(rows, 0, rows_col(rows, "facility")));
	x = draw_part(canvas, x, hidden ? ROLE_WARNING : ROLE_DIM, str_slice(&legs));
	draw_part(canvas, x, ROLE_DIM, rows_text(rows, 0, rows_col(rows, "correlation")));
}

/* Which payload it is, how it is shown, what of it is hidden. */
static void add_payload_words(const struct transaction *me, const char *sep, struct str *out)
{
	const struct rows *rows = me->payloads.rows;
	size_t n = rows ? rows_count(rows) : 0;

	if (!n)
		return;
	if (n > 1)
		str_addf(out, "%zu of %zu%s", me->payload + 1, n, sep);
	str_add(out, payload_text(me, me->payload, "kind"));
	str_adds(out, sep);
	format_count(out, rows_int(rows, me->payload, rows_col(rows, "bytes")));
	str_addf(out, " bytes%s", sep);
	if (me->reveal.raw)
		str_adds(out, "REVEALED");
	else
		str_add(out, payload_text(me, me->payload, "how"));
}

/* The names of what can stand below, and what does. */
static void draw_names(const struct transaction *me, const struct canvas *canvas, int y)
{
	static const char *const names[] = {
		[BELOW_PAYLOAD] = "payload",
		[BELOW_EVENT] = "event",
		[BELOW_FACTS] = "facts",
		[BELOW_CHANGES] = "changes",
		[BELOW_LINKS] = "links",
		[BELOW_ODOO] = "Odoo",
	};
	CLEANUP(str_done)
	struct str words = STR_INIT(512);
	int x = 1, width;

	if (!canvas->plain)
		canvas_line(canvas, y, ROLE_BORDER);
	if (me->in_text)
		canvas_glyph(canvas, 0, y, ROLE_CURSOR_MARK);
	for (int i = 0; i < BELOW_N; i++) {
		bool active = (int)me->below == i;

		if (canvas->plain && !active)
			continue;
		x += canvas_printf(canvas, x, y, canvas->width - x,
			     active ? ROLE_TAB_ACTIVE : ROLE_TAB, " %s ", names[i]) +
		     1;
	}
	if (me->below == BELOW_PAYLOAD || me->below == BELOW_CHANGES)
		add_payload_words(me, parted_by(canvas), &words);
	if (me->text.note.len && me->text.view.n_lines)
		str_addf(&words, "%s%s", words.len ? parted_by(canvas) : "",
			str_cstr(&me->text.note));
	if (!words.len)
		return;
	width = text_width(str_slice(&words)) + 2;
	if (width < canvas->width - x)
		x = canvas->width - width;
	canvas_printf(canvas, x, y, canvas->width - x, me->reveal.raw ? ROLE_WARNING : ROLE_DIM,
		" %s ", str_cstr(&words));
}

static void draw_text(const struct transaction *me, const struct canvas *canvas)
{
	if (me->below == BELOW_LINKS)
		links_draw(&me->links, canvas);
	else if (me->text.view.n_lines)
		text_view_draw(&me->text.view, canvas);
	else
		canvas_text(canvas, 0, 0, canvas->width, ROLE_DIM, str_slice(&me->text.note));
}

static struct slice why_empty(const struct transaction *me)
{
	if (!me->id.len)
		return SLICE("no transaction was opened yet; Enter opens one from the tail");
	if (me->events.err.code)
		return slice_of(me->events.err.text);
	return me->events.rows ? SLICE("there is no such transaction, or it is out of your scope")
			       : SLICE("asking the store");
}

void transaction_draw(const struct view *view, const struct canvas *canvas)
{
	const struct transaction *me = (const struct transaction *)view;
	int rows = ladder_height(me), at = 1 + rows;
	struct canvas head = canvas_sub(canvas, 0, 0, canvas->width, 1);
	struct canvas ladder = canvas_sub(canvas, 0, 1, canvas->width, rows);
	struct canvas text =
		canvas_sub(canvas, 1, at + 1, canvas->width - 2, canvas->height - at - 1);

	if (!me->way.n_hops) {
		canvas_text(canvas, 1, 1, canvas->width - 2, ROLE_DIM, why_empty(me));
		return;
	}
	draw_head(me, &head);
	if (rows > 0)
		ladder_draw(&me->ladder, &ladder);
	if (at < canvas->height) {
		draw_names(me, canvas, at);
		draw_text(me, &text);
	}
	if (me->reveal.asking)
		form_draw(&me->reveal.form, canvas);
}

void transaction_status(const struct view *view, struct str *out)
{
	const struct transaction *me = (const struct transaction *)view;
	CLEANUP(str_done)
	struct str panel = STR_INIT(600);

	if (!me->id.len)
		return;
	if (me->in_text && me->below == BELOW_LINKS)
		links_status(&me->links, out);
	else if (me->in_text)
		text_view_status(&me->text.view, out);
	else if (me->way.n_hops)
		ladder_status(&me->ladder, out);
	if (me->reveal.raw) {
		str_adds(out, " · ");
		reveal_status(&me->reveal, out);
	}
	panel_status(&me->events, &panel);
	if (panel.len)
		str_addf(out, "%s%s", out->len ? " · " : "", str_cstr(&panel));
}

void transaction_path(const struct view *view, struct str *out)
{
	const struct transaction *me = (const struct transaction *)view;
	struct slice correlation = SLICE_NONE;

	if (me->head.rows && rows_count(me->head.rows))
		correlation = rows_text(me->head.rows, 0, rows_col(me->head.rows, "correlation"));
	if (correlation.len)
		str_addf(out, " %.*s", SLICE_ARG(correlation));
}
