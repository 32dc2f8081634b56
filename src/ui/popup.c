/* The box.
 * What stands in it is the caller's.
 * Called by confirmations, forms and the palette. */
#include "ui/popup.h"

static int least(int a, int b)
{
	return a < b ? a : b;
}

static void draw_border(const struct canvas *box, struct slice title, enum role role)
{
	int right = box->width - 1, bottom = box->height - 1;

	for (int x = 1; x < right; x++) {
		canvas_put(box, x, 0, 1, ROLE_BORDER, SLICE("─"));
		canvas_put(box, x, bottom, 1, ROLE_BORDER, SLICE("─"));
	}
	for (int y = 1; y < bottom; y++) {
		canvas_put(box, 0, y, 1, ROLE_BORDER, SLICE("│"));
		canvas_put(box, right, y, 1, ROLE_BORDER, SLICE("│"));
	}
	canvas_put(box, 0, 0, 1, ROLE_BORDER, SLICE("┌"));
	canvas_put(box, right, 0, 1, ROLE_BORDER, SLICE("┐"));
	canvas_put(box, 0, bottom, 1, ROLE_BORDER, SLICE("└"));
	canvas_put(box, right, bottom, 1, ROLE_BORDER, SLICE("┘"));
	if (title.len && box->width > 6) {
		canvas_put(box, 2, 0, 1, ROLE_TEXT, SLICE(" "));
		int x = 3 + canvas_text(box, 3, 0, box->width - 6, role, title);

		canvas_put(box, x, 0, 1, ROLE_TEXT, SLICE(" "));
	}
}

/* Nothing else on the screen, and all of it read from the top. */
static struct canvas open_plain(
	const struct canvas *screen, int height, struct slice title, enum role role)
{
	for (int y = 0; y < screen->height; y++)
		canvas_fill(screen, y, ROLE_TEXT);
	if (screen->height < 2)
		return *screen;
	canvas_text(screen, 0, 0, screen->width, role, title);
	return canvas_sub(screen, 0, 1, screen->width, height);
}

struct canvas popup_open(
	const struct canvas *screen, int width, int height, struct slice title, enum role role)
{
	if (screen->plain)
		return open_plain(screen, height, title, role);
	int w = least(width + 4, screen->width), h = least(height + 2, screen->height);
	struct canvas box =
		canvas_sub(screen, (screen->width - w) / 2, (screen->height - h) / 2, w, h);

	/* A blank at either side keeps what is behind apart. */
	struct canvas ground =
		canvas_sub(screen, (screen->width - w) / 2 - 1, (screen->height - h) / 2, w + 2, h);

	for (int y = 0; y < ground.height; y++)
		canvas_fill(&ground, y, ROLE_TEXT);
	if (box.width < 6 || box.height < 3)
		return box;
	draw_border(&box, title, role);
	return canvas_sub(&box, 2, 1, box.width - 4, box.height - 2);
}
