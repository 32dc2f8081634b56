/* One transaction and the whole way of its correlation: a ladder of hops, and below it, in step with
 * the selected hop, the payload, what changed in it, the event, the facts.
 * The ladder, the texts and the reveal are files of their own beside this one.
 * Opened by the app; other views aim it. */
#include "base/mem.h"
#include "model/format.h"
#include "transaction_part.h"
#include "views/views.h"
#include <stdlib.h>

#define EVENTS_MAX "1000"
#define EVENTS_PERIOD_US S_US
#define HEAD_PERIOD_US (2 * S_US)
#define PAYLOADS_PERIOD_US (3600 * S_US) /* asked again when there are new events */

static struct transaction *of(struct view *view)
{
	return (struct transaction *)view;
}

/* ---- what is selected ---- */

static size_t events_of_leg(const struct transaction *me)
{
	const struct rows *rows = me->events.rows;
	size_t column = rows_col(rows, "transaction"), n = 0;
	int64_t leg = rows_int(rows, me->ladder.cursor, column);

	for (size_t i = 0; i < rows_count(rows); i++)
		n += rows_int(rows, i, column) == leg;
	return n;
}

/* The payload that belongs to the hop: that of its event, else the newest before it. */
static void choose_payload(struct transaction *me)
{
	const struct rows *rows = me->payloads.rows;
	int64_t at_us;

	if (me->chosen || !rows || !me->way.n_hops)
		return;
	me->payload = 0;
	at_us = rows_time(me->events.rows, me->ladder.cursor, rows_col(me->events.rows, "at"));
	for (size_t i = 0; i < rows_count(rows); i++) {
		if (slice_eq(rows_text(rows, i, rows_col(rows, "key")),
			    transaction_event(me, "key"))) {
			me->payload = i;
			return;
		}
		if (rows_time(rows, i, rows_col(rows, "at")) <= at_us)
			me->payload = i;
	}
}

static void ask_leg(struct transaction *me)
{
	me->leg_params[0] = str_cstr(&me->leg);
	if (!me->head.shown)
		return;
	panel_ask(&me->head);
	panel_ask(&me->payloads);
	if (me->links.panel.shown)
		panel_ask(&me->links.panel);
}

/* The cursor came to another hop, perhaps of another transaction. */
static void select_hop(struct transaction *me)
{
	CLEANUP(str_done)
	struct str leg = STR_INIT(32);
	size_t n;

	if (!me->way.n_hops)
		return;
	n = events_of_leg(me);
	str_reset(&me->cursor_key);
	str_add(&me->cursor_key, transaction_event(me, "key"));
	str_addf(&leg, "%lld",
		(long long)rows_int(me->events.rows, me->ladder.cursor,
			rows_col(me->events.rows, "transaction")));
	if (!slice_eq(str_slice(&leg), str_slice(&me->leg))) {
		reveal_seal(&me->reveal);
		str_reset(&me->leg);
		str_add(&me->leg, str_slice(&leg));
		panel_forget(&me->head);
		panel_forget(&me->payloads);
		links_forget(&me->links);
		panel_forget(&me->beside);
		me->chosen = false;
		ask_leg(me);
	} else if (me->leg_events && me->leg_events != n) {
		ask_leg(me);
	}
	me->leg_events = n;
	choose_payload(me);
}

/* The cursor stays on its event; at first it is the newest of what was opened. */
static size_t place_of_cursor(const struct transaction *me, const struct rows *rows)
{
	CLEANUP(str_done)
	struct str id = STR_INIT(32);
	size_t key = rows_col(rows, "key"), transaction = rows_col(rows, "transaction"), at = 0;

	for (size_t i = 0; i < rows_count(rows); i++) {
		if (me->cursor_key.len &&
			slice_eq(rows_text(rows, i, key), str_slice(&me->cursor_key)))
			return i;
		str_reset(&id);
		str_addf(&id, "%lld", (long long)rows_int(rows, i, transaction));
		if (slice_eq(str_slice(&id), str_slice(&me->id)))
			at = i;
	}
	return at;
}

static void on_events(void *ctx, const struct rows *rows)
{
	struct transaction *me = ctx;

	way_make(&me->way, rows);
	me->ladder.systems = me->way.systems;
	me->ladder.n_systems = me->way.n_systems;
	me->ladder.hops = me->way.hops;
	me->ladder.n_hops = me->way.n_hops;
	me->ladder.cursor = place_of_cursor(me, rows);
	select_hop(me);
	/* A rendition is made a moment after its event. */
	if (me->payloads.rows && !rows_count(me->payloads.rows) && me->payloads.shown)
		panel_ask(&me->payloads);
}

static void on_payloads(void *ctx, const struct rows *rows)
{
	(void)rows;
	choose_payload(ctx);
}

/* ---- life ---- */

static struct view *transaction_open(const struct view_env *env)
{
	struct transaction *me = NEW(struct transaction);

	me->view = (struct view){&view_transaction, env};
	me->id = me->leg = STR_INIT(32);
	me->cursor_key = STR_INIT(128);
	me->shown = STR_INIT(512);
	me->events = (struct panel){.env = env,
		.question = "transaction-events",
		.params = me->id_params,
		.n_params = 2,
		.period_us = EVENTS_PERIOD_US,
		.answered = on_events,
		.ctx = me};
	me->head = (struct panel){.env = env,
		.question = "transaction",
		.params = me->leg_params,
		.n_params = 1,
		.period_us = HEAD_PERIOD_US};
	me->payloads = (struct panel){.env = env,
		.question = "transaction-payloads",
		.params = me->leg_params,
		.n_params = 1,
		.period_us = PAYLOADS_PERIOD_US,
		.answered = on_payloads,
		.ctx = me};
	me->reveal = (struct reveal){.env = env, .changed = transaction_forget_text, .ctx = me};
	panel_open(&me->events);
	panel_open(&me->head);
	panel_open(&me->payloads);
	links_open(&me->links, env, me->leg_params);
	transaction_odoo_open(me);
	reveal_open(&me->reveal);
	text_clear(&me->text);
	return &me->view;
}

static void transaction_close(struct view *view)
{
	struct transaction *me = of(view);

	panel_close(&me->events);
	panel_close(&me->head);
	panel_close(&me->payloads);
	links_close(&me->links);
	panel_close(&me->beside);
	reveal_close(&me->reveal);
	text_done(&me->text);
	way_done(&me->way);
	rows_unref(me->held);
	str_done(&me->id);
	str_done(&me->leg);
	str_done(&me->cursor_key);
	str_done(&me->shown);
	free(me);
}

static void show_panels(struct transaction *me, bool shown)
{
	me->id_params[0] = str_cstr(&me->id);
	me->id_params[1] = EVENTS_MAX;
	panel_show(&me->events, shown);
	me->leg_params[0] = str_cstr(&me->leg);
	panel_show(&me->head, shown);
	panel_show(&me->payloads, shown);
	panel_show(&me->links.panel, shown && me->below == BELOW_LINKS);
	if (!shown)
		panel_show(&me->beside, false);
}

static void transaction_show(struct view *view, bool shown)
{
	struct transaction *me = of(view);

	me->is_shown = shown;
	if (!shown) {
		reveal_seal(&me->reveal);
		me->text.view.match = NULL; /* the console's, that may go meanwhile */
	}
	if (me->id.len || !shown)
		show_panels(me, shown);
	if (shown)
		reveal_shown(&me->reveal);
}

static void transaction_aim(struct view *view, struct slice what)
{
	struct transaction *me = of(view);
	bool shown = me->is_shown;
	int64_t id;

	if (slice_to_i64(what, 1, INT64_MAX, &id) < 0) {
		view->env->say(view->env->ctx, ROLE_ERROR,
			"a transaction is opened by its number, or with Enter from a list");
		return;
	}
	if (slice_eq(what, str_slice(&me->id)))
		return;
	if (shown)
		transaction_show(view, false);
	str_reset(&me->id);
	str_add(&me->id, what);
	str_reset(&me->leg);
	str_add(&me->leg, what);
	str_reset(&me->cursor_key);
	panel_forget(&me->events);
	panel_forget(&me->head);
	panel_forget(&me->payloads);
	links_forget(&me->links);
	panel_forget(&me->beside);
	way_done(&me->way);
	me->ladder = (struct ladder){0};
	me->leg_events = 0;
	me->chosen = me->in_text = false;
	transaction_forget_text(me);
	if (shown)
		transaction_show(view, true);
}

static void transaction_store_up(struct view *view, bool up)
{
	struct transaction *me = of(view);

	if (!up || !me->events.shown)
		return;
	panel_ask(&me->events);
	ask_leg(me);
}

/* ---- acts ---- */

static void step_payload(struct transaction *me, bool forward)
{
	size_t n = me->payloads.rows ? rows_count(me->payloads.rows) : 0;

	if (forward ? me->payload + 1 < n : me->payload > 0) {
		me->payload += forward ? 1 : (size_t)-1;
		me->chosen = true;
	}
	if (me->below != BELOW_CHANGES)
		me->below = BELOW_PAYLOAD;
}

static void copy(struct transaction *me, const char *column, const char *what)
{
	const struct rows *rows = me->head.rows;

	view_copy(&me->view, what,
		rows && rows_count(rows) ? rows_text(rows, 0, rows_col(rows, column)) : SLICE_NONE);
}

static void reveal(struct transaction *me)
{
	if (me->reveal.raw) {
		reveal_seal(&me->reveal);
	} else if (me->way.n_hops) {
		me->below = me->below == BELOW_CHANGES ? BELOW_CHANGES : BELOW_PAYLOAD;
		reveal_ask(&me->reveal, str_slice(&me->leg));
	} else {
		me->view.env->say(me->view.env->ctx, ROLE_ERROR, "the transaction is not here yet");
	}
}

static bool move(struct transaction *me, enum action action)
{
	bool sideways =
		action == ACTION_MOVE_LEFT || action == ACTION_MOVE_RIGHT || action == ACTION_WRAP;
	size_t cursor = me->ladder.cursor;

	if (me->in_text && me->below == BELOW_LINKS)
		return links_act(&me->links, action);
	if (me->in_text && action == ACTION_MOVE_BOTTOM)
		text_more(&me->text, true);
	if (me->in_text || sideways)
		return text_view_act(&me->text.view, action);
	if (!ladder_act(&me->ladder, action))
		return false;
	if (me->ladder.cursor != cursor)
		me->chosen = false;
	select_hop(me);
	return true;
}

static bool transaction_act(struct view *view, enum action action)
{
	struct transaction *me = of(view);

	switch (action) {
	case ACTION_OPEN:
		if (me->in_text && me->below == BELOW_LINKS)
			return links_act(&me->links, action);
		me->in_text = !me->in_text;
		return true;
	case ACTION_PANE:
		me->in_text = !me->in_text;
		return true;
	case ACTION_SHOW_PAYLOAD:
	case ACTION_SHOW_EVENT:
	case ACTION_SHOW_FACTS:
	case ACTION_SHOW_CHANGES:
	case ACTION_SHOW_LINKS:
	case ACTION_SHOW_ODOO:
		me->below = action == ACTION_SHOW_EVENT     ? BELOW_EVENT
			    : action == ACTION_SHOW_FACTS   ? BELOW_FACTS
			    : action == ACTION_SHOW_CHANGES ? BELOW_CHANGES
			    : action == ACTION_SHOW_LINKS   ? BELOW_LINKS
			    : action == ACTION_SHOW_ODOO    ? BELOW_ODOO
							    : BELOW_PAYLOAD;
		me->in_text = me->in_text || me->below == BELOW_LINKS;
		panel_show(&me->links.panel, me->head.shown && me->below == BELOW_LINKS);
		return true;
	case ACTION_OPEN_RECORD:
		transaction_odoo_go(me);
		return true;
	case ACTION_RAW:
		me->raw = !me->raw;
		me->below = BELOW_PAYLOAD;
		return true;
	case ACTION_PAYLOAD_NEXT:
	case ACTION_PAYLOAD_PREVIOUS:
		step_payload(me, action == ACTION_PAYLOAD_NEXT);
		return true;
	case ACTION_REVEAL:
		reveal(me);
		return true;
	case ACTION_COPY_CORRELATION:
		copy(me, "correlation", "correlation id");
		return true;
	case ACTION_COPY_MESSAGE:
		copy(me, "message", "message id");
		return true;
	case ACTION_COPY_KEY:
		copy(me, "business_key", "business key");
		return true;
	case ACTION_FOLLOW_SAME:
		view_follow(&me->view, me->head.rows && rows_count(me->head.rows)
					       ? rows_text(me->head.rows, 0,
							 rows_col(me->head.rows, "correlation"))
					       : SLICE_NONE);
		return true;
	case ACTION_REFRESH:
		panel_ask(&me->events);
		ask_leg(me);
		return true;
	case ACTION_CANCEL:
		panel_cancel(&me->events);
		panel_cancel(&me->payloads);
		return me->events.ticket || me->payloads.ticket;
	default:
		return move(me, action);
	}
}

static bool transaction_input(struct view *view, const struct input *input)
{
	return reveal_input(&of(view)->reveal, input);
}

static int transaction_search(struct view *view, struct match *match, bool forward)
{
	struct transaction *me = of(view);

	if (me->below == BELOW_LINKS)
		return links_search(&me->links, match, forward);
	return text_search(&me->text, match, forward);
}

static bool transaction_settled(const struct view *view)
{
	const struct transaction *me = (const struct transaction *)view;

	return !me->id.len || me->events.err.code ||
	       (me->events.rows && (me->payloads.rows || me->payloads.err.code));
}

const struct view_ops view_transaction = {
	.name = "transaction",
	.title = "Transaction",
	.context = CONTEXT_TRANSACTION,
	.open = transaction_open,
	.close = transaction_close,
	.show = transaction_show,
	.aim = transaction_aim,
	.store_up = transaction_store_up,
	.layout = transaction_layout,
	.draw = transaction_draw,
	.act = transaction_act,
	.input = transaction_input,
	.status = transaction_status,
	.path = transaction_path,
	.search = transaction_search,
	.settled = transaction_settled,
};
