/* The story of an anomaly or of a failure group. What it says is the store's.
 * Called by the views of anomalies and of dead letters. */
#include "story.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/format.h"

#define PERIOD_US (30 * S_US)

static void on_story(void *ctx, const struct rows *rows)
{
	(void)rows;
	((struct story *)ctx)->stale = true;
}

void story_open(struct story *me, const struct view_env *env, const char *what)
{
	me->id = STR_INIT(32);
	me->params[0] = what;
	me->panel = (struct panel){.env = env,
		.question = "story",
		.params = me->params,
		.n_params = 2,
		.period_us = PERIOD_US,
		.answered = on_story,
		.ctx = me};
	panel_open(&me->panel);
	text_clear(&me->text);
	me->text.view.wrap = true;
}

void story_close(struct story *me)
{
	panel_close(&me->panel);
	text_done(&me->text);
	str_done(&me->id);
}

void story_show(struct story *me, bool shown)
{
	if (!shown)
		me->text.view.match = NULL; /* the console's, that may go meanwhile */
	me->shown = shown;
	panel_show(&me->panel, shown && me->id.len);
}

void story_of(struct story *me, struct slice id)
{
	if (slice_eq(id, str_slice(&me->id)))
		return;
	panel_forget(&me->panel);
	panel_show(&me->panel, false);
	str_reset(&me->id);
	str_add(&me->id, id);
	me->params[1] = str_cstr(&me->id);
	text_clear(&me->text);
	panel_show(&me->panel, me->shown && id.len);
}

/* Words as they fit into lines of that width. */
static void add_words(struct text *text, enum role role, struct slice words, int width, int *at)
{
	struct slice word;

	while (slice_cut(&words, ' ', &word)) {
		int cells = text_width(word);

		if (*at && *at + 1 + cells > width) {
			text_add(text, role, SLICE("\n  "));
			*at = 2;
		} else if (*at) {
			text_add(text, role, SLICE(" "));
			*at += 1;
		}
		text_add(text, role, word);
		*at += cells;
	}
}

static void add_sentence(struct text *text, const struct panel *panel, size_t row, int width)
{
	int line = 0;
	CLEANUP(str_done)
	struct str at = STR_INIT(64);
	const struct rows *rows = panel->rows;
	size_t col = rows_col(rows, "at");

	if (!rows_null(rows, row, col)) {
		format_time(&at, rows_time(rows, row, col), FORMAT_MINUTE);
		str_adds(&at, ", ");
		format_age(&at, panel->wall_us - rows_time(rows, row, col));
		str_adds(&at, " ago:");
	}
	add_words(text, ROLE_DIM, str_slice(&at), width, &line);
	add_words(text, row ? ROLE_TEXT : ROLE_STRONG,
		rows_text(rows, row, rows_col(rows, "words")), width, &line);
	text_add(text, ROLE_TEXT, SLICE("\n"));
}

void story_layout(struct story *me, int width, int height)
{
	const struct rows *rows = me->panel.rows;

	if (rows && (me->stale || width != me->width)) {
		me->stale = false;
		me->width = width;
		text_begin(&me->text);
		for (size_t i = 0; i < rows_count(rows); i++)
			add_sentence(&me->text, &me->panel, i, width);
		text_end(&me->text);
	}
	text_view_layout(&me->text.view, width, height);
}

void story_draw(const struct story *me, const struct canvas *canvas)
{
	const struct rows *rows = me->panel.rows;

	if (rows && rows_count(rows))
		text_view_draw(&me->text.view, canvas);
	else
		canvas_text(canvas, 0, 0, canvas->width, ROLE_DIM,
			me->panel.err.code ? slice_of(me->panel.err.text)
			: rows             ? SLICE("nothing is known of it in your scope")
			: me->id.len       ? SLICE("asking the store")
					   : SLICE(""));
}
