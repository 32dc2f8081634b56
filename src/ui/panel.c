/* The rhythm of asking: at once when shown, a period after each answer, not at all when hidden.
 * What is asked and what the rows mean is the view's.
 * Called by views. */
#include "ui/panel.h"
#include "base/mem.h"
#include "model/format.h"
#include <errno.h>

/* How long an answer took is said where it was slow: a line that changes with every answer is noise. */
#define SLOW_US (250 * MS_US)

static void on_reply(void *ctx, const struct reply *reply)
{
	struct panel *panel = ctx;
	struct clock *clock = loop_clock(panel->env->loop);

	if (reply->kind == REPLY_ROWS)
		return; /* panels ask for all in one */
	panel->ticket = 0;
	if (reply->kind == REPLY_FAILED) {
		panel->err = *reply->err;
	} else {
		panel->err = ERR_INIT;
		rows_unref(panel->rows);
		panel->rows = rows_ref(reply->rows);
		panel->wall_us = clock_wall_us(clock);
		panel->mono_us = clock_mono_us(clock);
		panel->took_us = reply->took_us;
		if (panel->answered)
			panel->answered(panel->ctx, panel->rows);
	}
	if (panel->shown)
		timer_in(panel->timer, panel->period_us);
	panel->env->changed(panel->env->ctx);
}

static void on_timer(void *ctx)
{
	panel_ask(ctx);
}

void panel_open(struct panel *panel)
{
	panel->timer = timer_open(panel->env->loop, on_timer, panel);
}

void panel_close(struct panel *panel)
{
	source_drop(panel->env->source, panel->ticket);
	timer_close(panel->timer);
	rows_unref(panel->rows);
}

void panel_show(struct panel *panel, bool shown)
{
	panel->shown = shown;
	if (shown) {
		panel_ask(panel);
		return;
	}
	source_drop(panel->env->source, panel->ticket);
	panel->ticket = 0;
	timer_stop(panel->timer);
}

void panel_ask(struct panel *panel)
{
	struct ask ask = {
		.question = panel->question,
		.params = panel->params,
		.n_params = panel->n_params,
		.reply = on_reply,
		.ctx = panel,
	};

	timer_stop(panel->timer);
	if (!panel->ticket)
		panel->ticket = source_ask(panel->env->source, &ask);
}

void panel_forget(struct panel *panel)
{
	source_drop(panel->env->source, panel->ticket);
	panel->ticket = 0;
	rows_unref(panel->rows);
	panel->rows = NULL;
	panel->err = ERR_INIT;
}

void panel_cancel(struct panel *panel)
{
	if (panel->ticket)
		source_cancel(panel->env->source, panel->ticket);
}

void panel_status(const struct panel *panel, struct str *out)
{
	int64_t age_us = clock_mono_us(loop_clock(panel->env->loop)) - panel->mono_us;
	size_t before = out->len;

	if (panel->err.code == -ECANCELED)
		str_adds(out, "cancelled");
	else if (panel->err.code)
		str_addf(out, "%s", panel->err.text);
	else if (!panel->rows)
		str_adds(out, "asking the store");
	else if (panel->took_us > SLOW_US) {
		str_adds(out, "took ");
		format_took(out, panel->took_us);
	}
	if (panel->rows && age_us > 3 * panel->period_us) {
		str_adds(out, out->len > before ? " · " : "");
		format_age(out, age_us);
		str_adds(out, " old");
	}
}
