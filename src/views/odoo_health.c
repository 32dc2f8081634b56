/* How each Odoo does, as the workers have seen it: a few lines for each, and the last hour's latency.
 * What is seen is the worker's and the store's. Called by odoo.c. */
#include "base/mem.h"
#include "base/text.h"
#include "model/format.h"
#include "odoo_part.h"
#include "ui/chart.h"

#define TREND_MAX 32
#define STALE_US (90 * S_US)
#define KEY_SOON_US (14 * 24 * 3600 * S_US)
#define KEY_OLD_US (80 * 24 * 3600 * S_US)
#define CLOCK_OFF_MS 2000

struct pen {
	const struct canvas *canvas;
	const struct rows *rows;
	size_t row;
	int64_t now_us;
	int x, y;
};

static struct slice text_of(const struct pen *pen, const char *column)
{
	return rows_text(pen->rows, pen->row, rows_col(pen->rows, column));
}

static bool has(const struct pen *pen, const char *column)
{
	return !rows_null(pen->rows, pen->row, rows_col(pen->rows, column));
}

static int64_t number(const struct pen *pen, const char *column)
{
	return rows_int(pen->rows, pen->row, rows_col(pen->rows, column));
}

static int64_t when(const struct pen *pen, const char *column)
{
	return rows_time(pen->rows, pen->row, rows_col(pen->rows, column));
}

static void put(struct pen *pen, enum role role, struct slice text)
{
	pen->x += canvas_text(pen->canvas, pen->x, pen->y, pen->canvas->width - pen->x, role, text);
}

static void label(struct pen *pen, const char *word)
{
	pen->y++;
	pen->x = 3;
	put(pen, ROLE_DIM, slice_of(word));
	pen->x = 14;
}

static void draw_answer(struct pen *pen)
{
	bool ok = rows_bool(pen->rows, pen->row, rows_col(pen->rows, "ok"));
	CLEANUP(str_done)
	struct str age = STR_INIT(128);
	bool stale = pen->now_us - when(pen, "at") > STALE_US;

	pen->x = 1;
	pen->x += canvas_glyph(pen->canvas, 1, pen->y, ok ? ROLE_STATE_OK : ROLE_STATE_FAILING) + 1;
	put(pen, ok ? ROLE_STATE_OK : ROLE_STATE_FAILING,
		ok ? SLICE("answers") : text_of(pen, "class"));
	pen->x += 2;
	put(pen, ROLE_STRONG, text_of(pen, "system"));
	pen->x += has(pen, "system") ? 2 : 0;
	put(pen, ROLE_TEXT, text_of(pen, "server"));
	if (!has(pen, "at")) {
		put(pen, ROLE_TEXT, text_of(pen, "message"));
		return;
	}
	str_adds(&age, "   seen ");
	format_age(&age, pen->now_us - when(pen, "at"));
	str_adds(&age, " ago by ");
	str_add(&age, text_of(pen, "worker"));
	put(pen, stale ? ROLE_STALE : ROLE_DIM, str_slice(&age));
	if (ok)
		return;
	label(pen, "down for");
	str_reset(&age);
	format_age(&age, pen->now_us - when(pen, "down_since"));
	put(pen, ROLE_ERROR, str_slice(&age));
	pen->x += 2;
	put(pen, ROLE_TEXT, text_of(pen, "message"));
}

static void draw_version(struct pen *pen)
{
	label(pen, "version");
	put(pen, ROLE_TEXT, text_of(pen, "version"));
	put(pen, ROLE_DIM, SLICE(" over "));
	put(pen, ROLE_TEXT, text_of(pen, "protocol"));
}

static void draw_latency(struct pen *pen)
{
	int64_t values[TREND_MAX];
	struct slice rest = text_of(pen, "trend"), part;
	CLEANUP(str_done)
	struct str text = STR_INIT(64);
	size_t n = 0;

	while (n < TREND_MAX && slice_cut(&rest, ',', &part) &&
		slice_to_i64(part, -1, INT64_MAX / 16, &values[n]) == 0)
		n++;
	label(pen, "latency");
	if (has(pen, "latency_ms"))
		str_addf(&text, "%.0f ms  ",
			rows_real(pen->rows, pen->row, rows_col(pen->rows, "latency_ms")));
	put(pen, ROLE_TEXT, str_slice(&text));
	pen->x += chart_spark(
		pen->canvas, pen->x, pen->y, pen->canvas->width - pen->x, ROLE_SPARK, values, n);
	put(pen, ROLE_DIM, SLICE("  last hour"));
}

static void draw_key(struct pen *pen)
{
	int64_t age_us = pen->now_us - when(pen, "key_made");
	int64_t left_us = when(pen, "key_expires") - pen->now_us;
	CLEANUP(str_done)
	struct str text = STR_INIT(128);
	enum role role = ROLE_TEXT;

	label(pen, "key");
	if (!has(pen, "key_made")) {
		put(pen, ROLE_DIM, SLICE("a password, or a key whose age is not to be seen"));
		return;
	}
	put(pen, ROLE_TEXT, text_of(pen, "key_name"));
	str_adds(&text, rows_bool(pen->rows, pen->row, rows_col(pen->rows, "key_only"))
				? ", made "
				: ", newest key of this login, made ");
	format_age(&text, age_us);
	str_adds(&text, " ago");
	if (age_us > KEY_OLD_US)
		role = ROLE_WARNING;
	if (has(pen, "key_expires")) {
		str_adds(&text, left_us > 0 ? ", ends in " : ", ended ");
		format_age(&text, left_us > 0 ? left_us : -left_us);
		if (left_us < KEY_SOON_US)
			role = left_us > 0 ? ROLE_WARNING : ROLE_ERROR;
	}
	put(pen, role, str_slice(&text));
}

static void draw_clock(struct pen *pen)
{
	int64_t ms = number(pen, "clock_ahead_ms");
	CLEANUP(str_done)
	struct str text = STR_INIT(64);

	label(pen, "clock");
	if (!has(pen, "clock_ahead_ms"))
		return;
	str_addf(&text, "%.1f s %s ours", (double)(ms < 0 ? -ms : ms) / 1000,
		ms < 0 ? "behind" : "ahead of");
	put(pen, ms > CLOCK_OFF_MS || ms < -CLOCK_OFF_MS ? ROLE_WARNING : ROLE_TEXT,
		str_slice(&text));
}

static void draw_crons(struct pen *pen)
{
	int64_t failing = number(pen, "crons_failing");
	CLEANUP(str_done)
	struct str text = STR_INIT(64);

	label(pen, "jobs");
	if (!has(pen, "crons")) {
		put(pen, ROLE_DIM, SLICE("not to be seen with this key"));
		return;
	}
	str_addf(&text, "%lld scheduled, %lld failing ", (long long)number(pen, "crons"),
		(long long)failing);
	put(pen, failing ? ROLE_ERROR : ROLE_TEXT, str_slice(&text));
	put(pen, ROLE_DIM, text_of(pen, "failing"));
}

void odoo_draw_health(const struct odoo_view *me, const struct canvas *canvas)
{
	struct pen pen = {.canvas = canvas,
		.rows = me->panels[SECTION_HEALTH].rows,
		.now_us = me->now_us,
		.y = 0};

	for (; pen.row < rows_count(pen.rows); pen.row++) {
		draw_answer(&pen);
		if (!has(&pen, "at")) {
			pen.y += 2;
			continue;
		}
		if (has(&pen, "version"))
			draw_version(&pen);
		draw_latency(&pen);
		draw_key(&pen);
		draw_clock(&pen);
		draw_crons(&pen);
		pen.y += 2;
	}
}
