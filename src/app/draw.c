/* What the console looks like: the frame put together, and the painting of it when it is due.
 * The frame's shape is the ui's, the inside the view's, the bytes the screen's.
 * Called by the loop, once a turn. */
#include "base/mem.h"
#include "base/text.h"
#include "console_part.h"
#include "model/format.h"
#include "ui/frame.h"
#include "ui/kept.h"
#include <unistd.h>

#define FRAME_US (S_US / 30)

static enum role store_word(const struct console *me, struct str *out)
{
	int64_t since_us = clock_mono_us(&me->clock) - pool_since_us(me->pool);

	switch (pool_state(me->pool)) {
	case POOL_UP:
		str_adds(out, !me->store_ahead      ? "store ok"
			      : me->store_ahead > 0 ? "store too new"
						    : "store too old");
		return me->store_ahead ? ROLE_ERROR : ROLE_DIM;
	case POOL_CONNECTING:
		str_adds(out, "store connecting");
		return since_us > S_US ? ROLE_WARNING : ROLE_DIM;
	case POOL_REFUSED:
		str_adds(out, "store refuses");
		return ROLE_ERROR;
	case POOL_LOST:
		break;
	}
	str_adds(out, "store lost ");
	format_age(out, since_us);
	return ROLE_ERROR;
}

static enum role banner_role(const struct console_options *options)
{
	struct slice colour = slice_of(options->environment_colour);

	return slice_eq_str(colour, "prod")   ? ROLE_BANNER_PROD
	       : slice_eq_str(colour, "test") ? ROLE_BANNER_TEST
					      : ROLE_BANNER;
}

static void add_who(const struct console *me, struct str *out)
{
	const struct rows *rows = me->session.rows;
	struct slice person;

	if (!rows || !rows_count(rows))
		return;
	person = rows_text(rows, 0, rows_col(rows, "person"));
	str_add(out, person.len ? person : rows_text(rows, 0, rows_col(rows, "login")));
	str_addc(out, ' ');
	str_add(out, rows_text(rows, 0, rows_col(rows, "roles")));
}

/* Silent while none was ever seen: a store without workers is for the store's check to tell. */
static void add_workers(const struct console *me, struct str *out, enum role *role)
{
	const struct rows *rows = me->session.rows;
	int64_t seen, alive;

	if (!rows || !rows_count(rows))
		return;
	seen = rows_int(rows, 0, rows_col(rows, "workers"));
	alive = rows_int(rows, 0, rows_col(rows, "workers_alive"));
	if (!seen)
		return;
	str_addf(out, "   workers %lld/%lld", (long long)alive, (long long)seen);
	if (alive < seen && *role == ROLE_DIM)
		*role = ROLE_WARNING;
}

/* How old a look at the facts may be. */
#define WATCH_US (60 * S_US)

/* Loud, where workers were seen and none of them evaluates: then nobody will be called. Else how many
 * signals nobody has answered. */
static void add_signals(const struct console *me, struct str *out, enum role *role)
{
	const struct rows *rows = me->session.rows;
	CLEANUP(str_done)
	struct str rest = STR_INIT(256);
	size_t at;
	int64_t signals, pages;

	if (!rows || !rows_count(rows) || !rows_int(rows, 0, rows_col(rows, "workers")))
		return;
	at = rows_col(rows, "watched_at");
	signals = rows_int(rows, 0, rows_col(rows, "signals"));
	pages = rows_int(rows, 0, rows_col(rows, "pages"));
	/* One that has just begun has not looked yet. */
	if (rows_null(rows, 0, at) ? !rows_int(rows, 0, rows_col(rows, "workers_alive"))
				   : me->session.wall_us - rows_time(rows, 0, at) > WATCH_US) {
		str_add(&rest, str_slice(out));
		str_reset(out);
		str_adds(out, "nobody watches");
		if (!rows_null(rows, 0, at)) {
			str_adds(out, " since ");
			format_time(out, rows_time(rows, 0, at), FORMAT_MINUTE);
		}
		str_addf(out, "   %s", str_cstr(&rest));
		*role = ROLE_ERROR;
		return;
	}
	if (pages) {
		str_addf(out, "   pages %lld", (long long)pages);
		*role = *role == ROLE_DIM ? ROLE_WARNING : *role;
	} else if (signals) {
		str_addf(out, "   signals %lld", (long long)signals);
	}
}

#define ODOO_WIDTH 100

/* The one that does worst, by its name where it is not well. Nothing where none is looked at; where
 * there is little room, nothing while all are well. */
static void add_odoo(const struct console *me, int width, struct str *out, enum role *role)
{
	const struct rows *rows = me->session.rows;
	struct slice is;

	if (!rows || !rows_count(rows) || rows_null(rows, 0, rows_col(rows, "odoo_is")))
		return;
	is = rows_text(rows, 0, rows_col(rows, "odoo_is"));
	if (slice_eq_str(is, "ok")) {
		if (width >= ODOO_WIDTH)
			str_adds(out, "   odoo ok");
		return;
	}
	str_addf(out, "   %.*s %.*s", SLICE_ARG(rows_text(rows, 0, rows_col(rows, "odoo"))),
		SLICE_ARG(is));
	if (*role == ROLE_DIM)
		*role = ROLE_WARNING;
}

#define HINTS_MAX 64

struct hints {
	struct arena *arena;
	struct slice *at;
	size_t n;
};

static void add_hint(struct hints *hints, struct slice key, const char *word)
{
	if (hints->n + 2 > HINTS_MAX)
		return;
	hints->at[hints->n++] = arena_dup(hints->arena, key);
	hints->at[hints->n++] = slice_of(word);
}

static void add_following(void *ctx, const struct binding *rest)
{
	CLEANUP(str_done)
	struct str key = STR_INIT(256);

	binding_name(rest, &key);
	add_hint(ctx, str_slice(&key), action_info(rest->action)->name);
}

/* While a sequence pends: what was pressed, and what can follow. */
static void hint_following(const struct console *me, struct hints *hints)
{
	CLEANUP(str_done)
	struct str pressed = STR_INIT(256);

	for (size_t i = 0; i < me->n_pending; i++)
		key_name(me->pending[i], &pressed);
	add_hint(hints, str_slice(&pressed), "…");
	keymap_following(me->keymap, me->views[me->active]->ops->context, me->pending,
		me->n_pending, add_following, hints);
}

static void hint_answer(
	const struct console *me, enum action action, const char *word, struct hints *hints)
{
	CLEANUP(str_done)
	struct str key = STR_INIT(64);

	keymap_key_of(me->keymap, CONTEXT_PROMPT, action, &key);
	add_hint(hints, str_slice(&key), word);
}

/* While something lies over the view, the view's keys do not work. */
static void hint_answers(const struct console *me, struct hints *hints)
{
	if (me->focus == IN_PALETTE) {
		hint_answer(me, ACTION_PROMPT_NEWER, "next", hints);
		hint_answer(me, ACTION_PROMPT_ACCEPT, "do it", hints);
		hint_answer(me, ACTION_PROMPT_GIVE_UP, "leave", hints);
		return;
	}
	if (me->confirm.count <= 1)
		hint_answer(me, ACTION_PROMPT_COMPLETE, "the other answer", hints);
	hint_answer(me, ACTION_PROMPT_ACCEPT, "take it", hints);
	hint_answer(me, ACTION_PROMPT_GIVE_UP, "leave it as it is", hints);
}

/* The keys that matter most, as they are bound now. */
static void hint_acts(const struct console *me, struct hints *hints)
{
	static const struct {
		enum action action;
		const char *word;
	} wanted[] = {
		{ACTION_REPLAY_APPROVE, "approve"},
		{ACTION_REPLAY_REJECT, "reject"},
		{ACTION_REPLAY_CHANGES, "edits"},
		{ACTION_REPLAY_EDIT, "edit"},
		{ACTION_AUDIT_FILTER, "filter"},
		{ACTION_AUDIT_VERIFY, "verify"},
		{ACTION_AUDIT_EXPORT, "export"},
		{ACTION_SHOW_DOUBTS, "in doubt"},
		{ACTION_OWN, "own"},
		{ACTION_REPLAY_REQUEST, "replay"},
		{ACTION_FIND_REPLAY, "replay"},
		{ACTION_DISCARD, "discard"},
		{ACTION_CHANGE_APPROVE, "approve"},
		{ACTION_CHANGE_REJECT, "reject"},
		{ACTION_CHANGE_ROLLBACK, "roll back"},
		{ACTION_HANDOVER_DRAFT, "draft"},
		{ACTION_HANDOVER_STEP, "next step"},
		{ACTION_HANDOVER_OFFER, "offer"},
		{ACTION_HANDOVER_ACKNOWLEDGE, "seen"},
		{ACTION_HANDOVER_ACCEPT, "take over"},
		{ACTION_HANDOVER_EXPORT, "to a file"},
		{ACTION_SHOW_CREDENTIALS, "credentials"},
		{ACTION_SHOW_ACCESS, "access"},
		{ACTION_SHOW_REVIEWS, "reviews"},
		{ACTION_REVIEW_KEEP, "keep"},
		{ACTION_REVIEW_REVOKE, "revoke"},
		{ACTION_REVIEW_SIGN, "sign"},
		{ACTION_SORT, "sort"},
		{ACTION_SLA_WINDOW, "window"},
		{ACTION_SLA_BAD, "what failed"},
		{ACTION_SLA_DEAD, "dead"},
		{ACTION_SLA_SILENCE, "silence"},
		{ACTION_FOLD, "fold"},
		{ACTION_TILE_NEXT, "tiles"},
		{ACTION_SHOW_TRANSACTIONS, "transactions"},
		{ACTION_SHOW_DEAD, "dead"},
		{ACTION_SAMPLE_NEXT, "next sample"},
		{ACTION_DRAFT_EDIT, "edit"},
		{ACTION_DRAFT_PROPOSE, "propose"},
		{ACTION_FOLLOW, "follow"},
		{ACTION_PANE, "other half"},
		{ACTION_SHOW_EVENT, "event"},
		{ACTION_SHOW_FACTS, "facts"},
		{ACTION_SHOW_PAYLOAD, "payload"},
		{ACTION_SHOW_CHANGES, "changes"},
		{ACTION_SHOW_LINKS, "links"},
		{ACTION_REVEAL, "reveal"},
		{ACTION_FAIL_PREVIOUS, "failure before"},
		{ACTION_SAME_NEXT, "same correlation"},
		{ACTION_FILTER_SAVE, "keep"},
		{ACTION_SEARCH_RAW, "unmasked"},
		{ACTION_FILTER_DROP, "forget"},
		{ACTION_FILTER, "filter"},
		{ACTION_BACK, "back"},
		{ACTION_HELP, "help"},
		{ACTION_QUIT, "quit"},
		{ACTION_VIEW_NEXT, "next view"},
		{ACTION_REFRESH, "refresh"},
	};
	enum context context = me->views[me->active]->ops->context;

	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		CLEANUP(str_done)
		struct str key = STR_INIT(64), why = STR_INIT(256);

		if (!context_within(context, action_info(wanted[i].action)->context) ||
			(wanted[i].action == ACTION_BACK && !me->n_back) ||
			action_refused(action_info(wanted[i].action), &me->env.actor, &why))
			continue; /* help shows it all the same, and says why */
		keymap_key_of(me->keymap, context, wanted[i].action, &key);
		if (!key.len)
			continue;
		add_hint(hints, str_slice(&key), wanted[i].word);
	}
}

/* What waits for the decision of who sits here, and for any person's. */
static int64_t waits_at(const struct console *me, size_t view)
{
	const struct rows *rows = me->waiting.rows;

	if (!rows || !rows_count(rows))
		return 0;
	if (view == VIEW_DEAD)
		return rows_int(rows, 0, rows_col(rows, "dead"));
	if (view == VIEW_HANDOVER)
		return rows_int(rows, 0, rows_col(rows, "handovers"));
	if (view != VIEW_REPLAYS)
		return 0;
	return rows_int(rows, 0, rows_col(rows, "decide")) +
	       rows_int(rows, 0, rows_col(rows, "doubts"));
}

static size_t tabs_of(const struct console *me, struct frame_tab *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < VIEWS_N; i++)
		if (view_table[i].number)
			ret[n++] = (struct frame_tab){view_table[i].number,
				view_table[i].ops->title, i == me->active, waits_at(me, i)};
	return n;
}

/* The kept filters that leave something over. */
static size_t counts_of(const struct console *me, struct arena *arena, struct frame_count *ret)
{
	enum context context = me->views[me->active]->ops->context;
	size_t n = 0;

	for (size_t i = 0; i < kept_n(me->kept) && i < KEPT_JUMPS; i++) {
		const struct kept_filter *filter = kept_at(me->kept, i);
		CLEANUP(str_done)
		struct str key = STR_INIT(64), count = STR_INIT(32);

		if (filter->count <= 0)
			continue;
		keymap_key_of(me->keymap, context, (enum action)(ACTION_JUMP_1 + i), &key);
		format_count(&count, filter->count);
		if (filter->count >= KEPT_MANY)
			str_addc(&count, '+');
		ret[n++] = (struct frame_count){arena_str(arena, str_slice(&key)), filter->name,
			arena_str(arena, str_slice(&count))};
	}
	return n;
}

static void draw_locked(const struct console *me, const struct canvas *screen)
{
	struct slice text = SLICE("locked · Enter unlocks, and connects anew");
	int width = text_width(text), x = screen->width > width ? (screen->width - width) / 2 : 0;

	canvas_text(screen, 0, 0, screen->width, banner_role(me->options),
		slice_of(me->options->environment));
	canvas_text(screen, x, screen->height / 2, screen->width, ROLE_STRONG, text);
}

static void clear(struct console *me)
{
	surface_clear(me->surface,
		theme_style(me->theme, ROLE_TEXT, me->caps.colours, (struct style){0}));
	surface_cursor(me->surface, -1, 0, false);
}

static void draw_frame(struct console *me, const struct canvas *screen)
{
	CLEANUP(arena_done)
	struct arena arena = ARENA_INIT;
	CLEANUP(str_done)
	struct str who = STR_INIT(512), store = STR_INIT(256), clock = STR_INIT(16),
		   status = STR_INIT(1024), path = STR_INIT(1024);
	struct view *view = me->views[me->active];
	struct canvas inner = frame_inner(screen);
	struct frame_tab tabs[VIEWS_N];
	struct frame_count counts[KEPT_JUMPS];
	struct slice hint_texts[HINTS_MAX];
	struct hints hints = {&arena, hint_texts, 0};
	struct frame frame = {
		.environment = slice_of(me->options->environment),
		.environment_role = banner_role(me->options),
		.read_only = me->options->read_only,
		.store_role = store_word(me, &store),
		.tabs = tabs,
		.n_tabs = tabs_of(me, tabs),
		.counts = counts,
		.n_counts = counts_of(me, &arena, counts),
		.message = str_slice(&me->message),
		.message_role = me->message_role,
		.hints = hint_texts,
	};
	int64_t now_us = clock_wall_us(&me->clock);

	if (me->n_pending)
		hint_following(me, &hints);
	else if (me->focus == IN_CONFIRM || me->focus == IN_PALETTE)
		hint_answers(me, &hints);
	else
		hint_acts(me, &hints);
	frame.n_hints = hints.n;
	str_adds(&path, view->ops->title);
	if (view->ops->path)
		view->ops->path(view, &path);
	frame.path = str_slice(&path);
	add_who(me, &who);
	add_odoo(me, screen->width, &store, &frame.store_role);
	add_workers(me, &store, &frame.store_role);
	add_signals(me, &store, &frame.store_role);
	format_time(&clock, now_us, FORMAT_MINUTE);
	if (format_is_utc(now_us))
		str_addc(&clock, 'Z');
	frame.who = str_slice(&who);
	frame.store = str_slice(&store);
	frame.clock = str_slice(&clock);

	view->ops->layout(view, inner.width, inner.height);
	view->ops->draw(view, &inner);
	view->ops->status(view, &status);
	if (!frame.message.len && !me->n_pending && pool_state(me->pool) != POOL_UP) {
		frame.message = slice_of(pool_error(me->pool));
		frame.message_role = ROLE_ERROR;
	}
	/* A prompt lies over the hints; what is said meanwhile stands above it. */
	frame.status =
		str_slice(me->focus == IN_PROMPT && me->message.len ? &me->message : &status);
	frame_draw(&frame, screen);
}

/* What lies over the view, and takes the keys. */
static void draw_over(struct console *me, const struct canvas *screen)
{
	if (me->focus == IN_PROMPT || me->focus == IN_SEARCH) {
		canvas_fill(screen, screen->height - 1, ROLE_TEXT);
		prompt_draw(me->focus == IN_PROMPT ? &me->prompt : &me->search, screen,
			screen->height - 1);
	} else if (me->focus == IN_PALETTE) {
		palette_draw(&me->palette, screen);
	} else if (me->focus == IN_CONFIRM) {
		confirm_draw(&me->confirm, screen);
	}
}

void console_draw(struct console *me)
{
	struct canvas screen =
		canvas_of(me->surface, me->theme, me->caps.colours, me->caps.lines == LINES_ASCII);

	screen.narrow = !me->caps.utf8;
	screen.plain = me->options->accessible;
	screen.ascii |= screen.plain;
	clear(me);
	if (me->focus == LOCKED) {
		draw_locked(me, &screen);
		return;
	}
	if (me->views[me->active]->ops->whole) {
		CLEANUP(str_done)
		struct str store = STR_INIT(256);
		enum role role = store_word(me, &store);

		console_draw_whole(me, &screen, banner_role(me->options), str_slice(&store), role);
	} else {
		draw_frame(me, &screen);
	}
	draw_over(me, &screen);
}

void console_on_writable(void *ctx, int events)
{
	struct console *me = ctx;
	int r = screen_flush(me->screen);

	(void)events;
	if (r < 0) {
		console_leave(me, 1);
		return;
	}
	if (r > 0)
		watch_set(me->out, STDOUT_FILENO, 0);
	me->dirty_now |= me->dirty;
}

static void paint(struct console *me)
{
	int width, height, r;

	screen_size(me->screen, &width, &height);
	if (width != surface_width(me->surface) || height != surface_height(me->surface))
		surface_resize(me->surface, width, height);
	console_draw(me);
	me->dirty = me->dirty_now = false;
	r = screen_paint(me->screen, me->surface);
	if (r == 0)
		watch_set(me->out, STDOUT_FILENO, LOOP_WRITE);
	else if (r < 0)
		console_leave(me, 1);
}

/* Once a turn. Keys are answered at once; what streams in is painted 30 times a second, the first of
 * it at once too. A frame that the terminal has not taken yet holds back the next, which is then the
 * newest. */
void console_after_turn(void *ctx)
{
	struct console *me = ctx;
	int64_t now_us = clock_mono_us(&me->clock), due_us = me->streamed_us + FRAME_US;

	if (!me->screen || me->editor || !me->dirty || screen_busy(me->screen))
		return;
	if (!me->dirty_now && now_us < due_us) {
		if (!timer_is_set(me->paint_timer))
			timer_at(me->paint_timer, due_us);
		return;
	}
	if (!me->dirty_now)
		me->streamed_us = now_us;
	paint(me);
}

/* It is the end of the turn that paints. */
void console_on_paint_timer(void *ctx)
{
	(void)ctx;
}
