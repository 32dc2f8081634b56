/* The console's tie to the store: opened, lost, found again, and cut while nobody is there.
 * Connecting and trying again is the pool's.
 * Called by the console at its beginning and end, and by timers. */
#include "app/source_odoo.h"
#include "app/source_store.h"
#include "console_part.h"
#include "odoo/profile.h"
#include "store/migrate.h"
#include "ui/kept.h"
#include "views/views.h"
#include <stdio.h>

#define POOL_MAX 4

static void on_version(void *ctx, const struct reply *reply)
{
	struct console *me = ctx;
	size_t n;
	const struct migration *migrations = migration_all(&n);
	int64_t version;
	struct err err = ERR_INIT;

	if (reply->kind != REPLY_DONE || !rows_count(reply->rows))
		return;
	version = rows_int(reply->rows, 0, rows_col(reply->rows, "number"));
	me->store_ahead = (int)version - migrations[n - 1].number;
	if (migrate_fits(version, migrations[n - 1].number, &err) == 0)
		return;
	log_add(me->log, LOG_ERROR, "%s", err.text);
	console_say(me, ROLE_ERROR, err.text);
}

/* Whether store and program are made for each other; asked at each connection, since the store may
 * have been upgraded while it was away. */
static void ask_version(struct console *me)
{
	const struct ask ask = {.question = "store-version", .reply = on_version, .ctx = me};

	(void)source_ask(me->env.source, &ask);
}

static void on_pool_changed(void *ctx)
{
	struct console *me = ctx;
	bool up = pool_state(me->pool) == POOL_UP;

	me->dirty = me->dirty_now = true;
	if (up != me->pool_was_up) {
		struct view *view = me->views[me->active];

		me->pool_was_up = up;
		log_add(me->log, up ? LOG_INFO : LOG_WARN, "store %s%s%s",
			up ? "connected" : "lost", up ? "" : ": ", up ? "" : pool_error(me->pool));
		if (view)
			view->ops->store_up(view, up);
		if (up && me->session.timer)
			panel_ask(&me->session);
		if (up)
			ask_version(me);
	}
	if (up || !me->store_timer)
		timer_stop(me->store_timer);
	else
		timer_in(me->store_timer, S_US);
}

/* While the store is away its age is news; otherwise nothing ticks. */
static void on_store_timer(void *ctx)
{
	struct console *me = ctx;

	me->dirty = true;
	timer_in(me->store_timer, S_US);
}

static void open_odoos(struct console *me)
{
	struct odoo_named odoos[ODOO_MOST];
	size_t n = odoos_of_profile(me->options->profile, odoos);

	if (me->options->odoo_url) {
		odoos[0] = (struct odoo_named){.system = "",
			.client = {.url = me->options->odoo_url,
				.database = me->options->odoo_db,
				.login = me->options->odoo_login,
				.secret.file = me->options->odoo_key_file},
			.ca_file = profile_text(me->options->profile, SETTING_CA_FILE)};
		n = 1;
	}
	me->env.source = source_odoo_new(me->store, me->loop, odoos, n);
}

/* Rare news that somebody waits for: a signal was raised, answered or ended. */
static void on_notified(void *ctx, struct slice channel, struct slice payload)
{
	struct console *me = ctx;
	struct view *view = me->views[me->active];

	(void)channel;
	if (!slice_eq_str(payload, "signal") || !me->session.timer)
		return;
	panel_ask(&me->session);
	if (view && view->ops == &view_signals)
		(void)view->ops->act(view, ACTION_REFRESH);
}

static void open_pool(struct console *me)
{
	struct pool_options options = {
		.conninfo = me->options->conninfo,
		.application = "orderly",
		.password = profile_password(me->options->profile),
		.max = POOL_MAX,
		.changed = on_pool_changed,
		.notified = on_notified,
		.ctx = me,
	};

	me->pool = pool_open(me->loop, &options);
	if (!me->options->frame)
		pool_listen(me->pool, "orderly");
	me->store = source_store_new(me->pool, &me->clock);
	open_odoos(me);
}

static void close_pool(struct console *me)
{
	source_odoo_free(me->env.source);
	source_store_free(me->store);
	pool_close(me->pool);
	me->env.source = NULL;
	me->pool = NULL;
	timer_stop(me->store_timer);
	me->pool_was_up = false;
}

/* Nobody is there: nothing of the data stays on the screen, and nothing stays open. Who unlocks
 * connects anew, with whatever the store asks for. */
static void on_idle(void *ctx)
{
	struct console *me = ctx;

	console_leave_popup(me);
	me->focus = LOCKED;
	me->n_pending = 0;
	me->views[me->active]->ops->show(me->views[me->active], false);
	panel_show(&me->session, false);
	kept_show(me->kept, false);
	panel_show(&me->waiting, false);
	close_pool(me);
	me->dirty = me->dirty_now = true;
	log_add(me->log, LOG_INFO, "locked");
}

void console_touched(struct console *me)
{
	int64_t idle_us = profile_us(me->options->profile, SETTING_IDLE_LOCK);

	if (idle_us > 0)
		timer_in(me->idle_timer, idle_us);
}

void console_unlock(struct console *me)
{
	me->focus = IN_VIEW;
	open_pool(me);
	me->views[me->active]->ops->show(me->views[me->active], true);
	panel_show(&me->session, true);
	kept_show(me->kept, true);
	log_add(me->log, LOG_INFO, "unlocked");
}

void console_open_store(struct console *me)
{
	me->store_timer = timer_open(me->loop, on_store_timer, me);
	me->idle_timer = timer_open(me->loop, on_idle, me);
	open_pool(me);
}

void console_close_store(struct console *me)
{
	if (me->pool)
		close_pool(me);
	timer_close(me->store_timer);
	timer_close(me->idle_timer);
}
