/* The terminal that the program sees: libvterm, and what stands on its screen.
 * Leaves the pty itself to pty.c, and comparing to golden.c.
 * Called by pty.c, and by tests for snapshots. */
#include "base/mem.h"
#include "pty_part.h"
#include <stdlib.h>
#include <string.h>

static int on_property(VTermProp prop, VTermValue *val, void *user)
{
	struct pty *pty = user;

	if (prop == VTERM_PROP_ALTSCREEN)
		pty->alternate = val->boolean;
	if (prop == VTERM_PROP_CURSORVISIBLE)
		pty->cursor = val->boolean;
	if (prop == VTERM_PROP_TITLE) {
		str_reset(&pty->title);
		str_adds(&pty->title, val->string);
	}
	return 1;
}

static const VTermScreenCallbacks callbacks = {.settermprop = on_property};

/* What a terminal answers (its position, its kind) is not sent back: no answer is one of the
 * terminals that there are, and the program must do without. */
void pty_screen_init(struct pty *pty)
{
	pty->cursor = true;
	pty->vterm = vterm_new(pty->height, pty->width);
	vterm_set_utf8(pty->vterm, 1);
	pty->screen = vterm_obtain_screen(pty->vterm);
	vterm_screen_set_callbacks(pty->screen, &callbacks, pty);
	vterm_screen_enable_altscreen(pty->screen, 1);
	vterm_screen_reset(pty->screen, 1);
}

void pty_screen_done(struct pty *pty)
{
	vterm_free(pty->vterm);
}

void pty_screen_feed(struct pty *pty, struct slice bytes)
{
	vterm_input_write(pty->vterm, bytes.at, bytes.len);
}

bool pty_alternate(const struct pty *pty)
{
	return pty->alternate;
}

const char *pty_title(const struct pty *pty)
{
	return str_cstr(&pty->title);
}

static void add_utf8(struct str *out, uint32_t c)
{
	if (c < 0x80) {
		str_addc(out, (char)c);
		return;
	}
	if (c >= 0x10000)
		str_addc(out, (char)(0xf0 | c >> 18));
	if (c >= 0x800)
		str_addc(out, (char)((c >= 0x10000 ? 0x80 : 0xe0) |
				      (c >> 12 & (c >= 0x10000 ? 63 : 15))));
	str_addc(out, (char)((c >= 0x800 ? 0x80 : 0xc0) | (c >> 6 & (c >= 0x800 ? 63 : 31))));
	str_addc(out, (char)(0x80 | (c & 63)));
}

static VTermScreenCell cell_at(struct pty *pty, int x, int y)
{
	VTermScreenCell cell = {0};

	vterm_screen_get_cell(pty->screen, (VTermPos){.row = y, .col = x}, &cell);
	return cell;
}

/* libvterm marks the right half of a wide glyph with this. */
static bool is_right_half(const VTermScreenCell *cell)
{
	return cell->chars[0] == (uint32_t)-1;
}

static void add_row(struct pty *pty, int y, struct str *out)
{
	size_t end = out->len;

	for (int x = 0; x < pty->width; x++) {
		VTermScreenCell cell = cell_at(pty, x, y);

		if (is_right_half(&cell))
			continue;
		if (cell.chars[0] == 0 || cell.chars[0] == ' ') {
			str_addc(out, ' ');
			continue;
		}
		for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++)
			add_utf8(out, cell.chars[i]);
		end = out->len;
	}
	str_truncate(out, end);
	str_addc(out, '\n');
}

void pty_text(struct pty *pty, struct str *out)
{
	for (int y = 0; y < pty->height; y++)
		add_row(pty, y, out);
}

static void add_colour(struct str *out, const char *what, const VTermColor *c, bool is_default)
{
	if (is_default)
		return;
	if (VTERM_COLOR_IS_INDEXED(c))
		str_addf(out, " %s:%d", what, c->indexed.idx);
	else
		str_addf(out, " %s:#%02x%02x%02x", what, c->rgb.red, c->rgb.green, c->rgb.blue);
}

/* Of a blank, only what can be seen: a painter may write it in any style that looks the same. */
static void drop_unseen(VTermScreenCell *cell)
{
	bool blank = cell->chars[0] == 0 || cell->chars[0] == ' ';

	if (!blank || cell->attrs.reverse || cell->attrs.underline || cell->attrs.strike)
		return;
	cell->attrs.bold = cell->attrs.italic = cell->attrs.blink = 0;
	cell->fg.type |= VTERM_COLOR_DEFAULT_FG;
}

/* "" for the default. libvterm 0.1 has no dim. */
static void add_style(struct str *out, const VTermScreenCell *cell)
{
	if (cell->attrs.bold)
		str_adds(out, " bold");
	if (cell->attrs.italic)
		str_adds(out, " italic");
	if (cell->attrs.underline)
		str_adds(out, " underline");
	if (cell->attrs.blink)
		str_adds(out, " blink");
	if (cell->attrs.reverse)
		str_adds(out, " reverse");
	if (cell->attrs.strike)
		str_adds(out, " strike");
	add_colour(out, "fg", &cell->fg, VTERM_COLOR_IS_DEFAULT_FG(&cell->fg));
	add_colour(out, "bg", &cell->bg, VTERM_COLOR_IS_DEFAULT_BG(&cell->bg));
}

static void add_run(struct str *out, int from, int to, const struct str *style, bool *any)
{
	if (style->len == 0)
		return;
	str_addf(out, "%s%d..%d%s", *any ? "; " : "  ~ ", from, to, str_cstr(style));
	*any = true;
}

static void add_row_styles(struct pty *pty, int y, struct str *out)
{
	CLEANUP(str_done)
	struct str style = STR_INIT(1024);
	CLEANUP(str_done)
	struct str next = STR_INIT(1024);
	bool any = false;
	int from = 0;

	for (int x = 0; x < pty->width; x++) {
		VTermScreenCell cell = cell_at(pty, x, y);

		str_reset(&next);
		if (is_right_half(&cell))
			continue;
		drop_unseen(&cell);
		add_style(&next, &cell);
		if (slice_eq(str_slice(&next), str_slice(&style)))
			continue;
		add_run(out, from, x - 1, &style, &any);
		from = x;
		str_reset(&style);
		str_add(&style, str_slice(&next));
	}
	add_run(out, from, pty->width - 1, &style, &any);
	if (any)
		str_addc(out, '\n');
}

void pty_dump(struct pty *pty, struct str *out)
{
	VTermPos cursor;

	vterm_state_get_cursorpos(vterm_obtain_state(pty->vterm), &cursor);
	str_addf(out, "%dx%d", pty->width, pty->height);
	if (pty->cursor)
		str_addf(out, " cursor %d,%d", cursor.col, cursor.row);
	str_adds(out, pty->alternate ? " alternate\n" : "\n");
	for (int y = 0; y < pty->height; y++) {
		str_addc(out, '|');
		add_row(pty, y, out);
		add_row_styles(pty, y, out);
	}
}
