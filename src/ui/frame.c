/* The frame at its three sizes: whole, list and status only, one summary line.
 * What it says is put together by the app; the inside is the view's.
 * Called once a frame. */
#include "ui/frame.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"
#include "model/format.h"

enum size { WHOLE, LIST_ONLY, ONE_LINE };

static enum size size_of(const struct canvas *screen)
{
	if (screen->width >= FRAME_FULL_WIDTH && screen->height >= FRAME_FULL_HEIGHT)
		return WHOLE;
	if (screen->width >= FRAME_LIST_WIDTH && screen->height >= FRAME_LIST_HEIGHT)
		return LIST_ONLY;
	return ONE_LINE;
}

struct canvas frame_inner(const struct canvas *screen)
{
	switch (size_of(screen)) {
	case WHOLE:
		return canvas_sub(screen, 0, 3, screen->width, screen->height - 6);
	case LIST_ONLY:
		return canvas_sub(screen, 0, 0, screen->width, screen->height - 1);
	case ONE_LINE:
		break;
	}
	return canvas_sub(screen, 0, 0, 0, 0);
}

/* Right-aligned pieces are drawn from the right; returns where the next one ends. */
static int from_right(
	const struct canvas *screen, int end, enum role role, struct slice text, int gap)
{
	int width = text_width(text);

	if (!text.len || width > end)
		return end;
	canvas_text(screen, end - width, 0, width, role, text);
	return end - width - gap;
}

static void draw_banner(const struct frame *frame, const struct canvas *screen)
{
	int end = from_right(screen, screen->width - 1, ROLE_DIM, frame->clock, 3), x = 1;

	end = from_right(screen, end, frame->store_role, frame->store, 3);
	if (frame->environment.len) {
		x = canvas_text(screen, 0, 0, end, frame->environment_role, SLICE(" "));
		x += canvas_text(
			screen, x, 0, end - x, frame->environment_role, frame->environment);
		x += canvas_text(screen, x, 0, end - x, frame->environment_role, SLICE(" "));
		x += 1;
	}
	if (frame->read_only)
		x += canvas_text(screen, x, 0, end - x, ROLE_WARNING, SLICE("RO")) + 1;
	if (frame->who.len) {
		x += canvas_text(screen, x, 0, end - x, ROLE_TEXT, frame->who) + 1;
		x += canvas_text(screen, x, 0, end - x, ROLE_DIM,
			     screen->ascii ? SLICE(">") : SLICE("▸")) +
		     1;
	}
	canvas_text(screen, x, 0, end - x, ROLE_STRONG, frame->path);
}

static int count_width(const struct frame_count *count)
{
	return text_width(slice_of(count->key)) + text_width(slice_of(count->name)) +
	       text_width(slice_of(count->count)) + 2;
}

/* The first ones matter most: the last go where there is no room for all. */
static void draw_counts(const struct frame *frame, const struct canvas *screen, int from)
{
	int width = 0, x;
	size_t n = 0;

	while (n < frame->n_counts &&
		from + width + 2 + count_width(&frame->counts[n]) < screen->width)
		width += 2 + count_width(&frame->counts[n++]);
	x = screen->width - width;
	for (size_t i = 0; i < n; i++) {
		const struct frame_count *count = &frame->counts[i];

		x += canvas_text(
			     screen, x, 1, screen->width - x, ROLE_HINT_KEY, slice_of(count->key)) +
		     1;
		x += canvas_text(screen, x, 1, screen->width - x, ROLE_TAB, slice_of(count->name)) +
		     1;
		x += canvas_text(
			     screen, x, 1, screen->width - x, ROLE_STRONG, slice_of(count->count)) +
		     2;
	}
}

#define TITLE_MAX 30

/* " 17", or " 1,000+" where it was counted no further; nothing for nothing. */
static void add_waits(int64_t waits, struct str *out)
{
	if (!waits)
		return;
	str_addc(out, ' ');
	format_count(out, waits);
	str_adds(out, waits >= FRAME_WAITS ? "+" : "");
}

/* With titles of so many cells, but for the view that is shown. */
static int draw_tab(const struct frame_tab *tab, const struct canvas *canvas, int x, int limit)
{
	enum role role = tab->active ? ROLE_TAB_ACTIVE : ROLE_TAB;
	CLEANUP(str_done)
	struct str waits = STR_INIT(32);
	struct slice title = slice_of(tab->title);
	int from = x;

	if (!tab->active)
		title = text_clip(title, limit, NULL);
	x += canvas_printf(canvas, x, 1, canvas->width - x, role, title.len ? "%d %.*s" : "%d",
		tab->number, SLICE_ARG(title));
	add_waits(tab->waits, &waits);
	x += canvas_text(canvas, x, 1, canvas->width - x, ROLE_WARNING, str_slice(&waits));
	return x - from;
}

static int tabs_width(const struct frame *frame, int limit)
{
	int width = 0;

	for (size_t i = 0; i < frame->n_tabs; i++) {
		const struct frame_tab *tab = &frame->tabs[i];
		CLEANUP(str_done)
		struct str waits = STR_INIT(32);
		int title = text_width(slice_of(tab->title));

		title = !tab->active && title > limit ? limit : title;
		width += 1 + (title ? 1 + title : 0) + 2;
		add_waits(tab->waits, &waits);
		width += text_width(str_slice(&waits));
	}
	return width;
}

/* Where there is no room for all titles, those of the other views are cut, to their numbers at last. */
static void draw_tabs(const struct frame *frame, const struct canvas *screen)
{
	int x = 1, limit = TITLE_MAX;

	while (limit > 0 && x + tabs_width(frame, limit) - 2 > screen->width)
		limit--;
	for (size_t i = 0; i < frame->n_tabs; i++)
		x += draw_tab(&frame->tabs[i], screen, x, limit) + 2;
	draw_counts(frame, screen, x);
}

static bool fits(const struct canvas *screen, struct slice message)
{
	return text_width(message) <= screen->width - 2;
}

/* The head of a text that fills a line, up to the last blank where there is one. */
static struct slice first_line(struct slice text, int width)
{
	struct slice head = text_clip(text, width, NULL);

	for (size_t i = head.len; i > 0; i--)
		if (text.at[i] == ' ')
			return slice_head(text, i);
	return head;
}

/* What was said last is read to its end: where a line is too short, the status gives way. */
static void draw_message(const struct frame *frame, const struct canvas *screen, int y)
{
	struct slice rest = frame->message;
	int width = screen->width - 2;

	if (!fits(screen, rest)) {
		struct slice head = first_line(rest, width);

		canvas_text(screen, 1, y - 1, width, frame->message_role, head);
		rest = slice_trim(slice_from(rest, head.len));
	}
	canvas_text(screen, 1, y, width, frame->message_role, rest);
}

static void draw_hints(const struct frame *frame, const struct canvas *screen, int y)
{
	int x = 1;

	for (size_t i = 0; i + 1 < frame->n_hints; i += 2) {
		int width = text_width(frame->hints[i]) + 1 + text_width(frame->hints[i + 1]);

		if (x + width > screen->width) {
			canvas_text(screen, x, y, 1, ROLE_HINT,
				screen->ascii ? SLICE("~") : SLICE("…"));
			return;
		}
		x += canvas_text(screen, x, y, width, ROLE_HINT_KEY, frame->hints[i]) + 1;
		x += canvas_text(screen, x, y, width, ROLE_HINT, frame->hints[i + 1]) + 2;
	}
}

/* Where there is room for one line only, it says where one is and how the view stands. */
static void draw_one_line(const struct frame *frame, const struct canvas *screen)
{
	int x = canvas_text(
		screen, 0, 0, screen->width, frame->environment_role, frame->environment);

	if (frame->store_role != ROLE_DIM)
		canvas_text(screen, x + 1, 0, screen->width, frame->store_role, frame->store);
	else
		canvas_text(screen, x + 1, 0, screen->width, ROLE_TEXT, frame->status);
}

/* "3 interfaces · worst first" is read out with its dots; a comma is a pause. */
static void draw_status(const struct frame *frame, const struct canvas *screen, int x, int y)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(4096);
	struct slice rest = frame->status, dot = SLICE(" · ");

	if (!screen->plain) {
		canvas_text(screen, x, y, screen->width - 2 * x, ROLE_STATUS, frame->status);
		return;
	}
	while (rest.len) {
		bool here = slice_starts(rest, dot);

		str_add(&text, here ? SLICE(", ") : slice_head(rest, 1));
		rest = slice_from(rest, here ? dot.len : 1);
	}
	canvas_text(screen, x, y, screen->width - 2 * x, ROLE_STATUS, str_slice(&text));
}

void frame_draw(const struct frame *frame, const struct canvas *screen)
{
	int last = screen->height - 1;

	switch (size_of(screen)) {
	case WHOLE:
		draw_banner(frame, screen);
		draw_tabs(frame, screen);
		canvas_line(screen, 2, ROLE_BORDER);
		canvas_line(screen, last - 2, ROLE_BORDER);
		if (fits(screen, frame->message))
			draw_status(frame, screen, 1, last - 1);
		if (frame->message.len)
			draw_message(frame, screen, last);
		else
			draw_hints(frame, screen, last);
		break;
	case LIST_ONLY:
		if (frame->message.len)
			canvas_text(screen, 0, last, screen->width, frame->message_role,
				frame->message);
		else if (frame->store_role != ROLE_DIM)
			canvas_text(
				screen, 0, last, screen->width, frame->store_role, frame->store);
		else
			draw_status(frame, screen, 0, last);
		break;
	case ONE_LINE:
		draw_one_line(frame, screen);
		break;
	}
}
