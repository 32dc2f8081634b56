/* Surfaces through the painter and libvterm, back into text.
 * Which bytes may be painted, and comparing the files, is emulated's and golden's.
 * Called by the tests of widgets, and of views that are as much. */
#include "terminals.h"
#include "../term/emulated.h"
#include "golden.h"
#include "term/screen.h"
#include "unit.h"

static const struct terminal {
	const char *name;
	struct screen_caps caps;
} terminals[] = {
	{"UTF-8, 256 colours", {.colours = 256, .lines = LINES_UTF8, .utf8 = true}},
	{"the terminal's lines, 16 colours", {.colours = 16, .lines = LINES_ACS}},
	{"ASCII, no colours", {.colours = 0, .lines = LINES_ASCII}},
};

static void add_screen(const struct terminal *terminal, int width, int height,
	const struct theme *theme, terminals_draw draw, void *ctx, struct str *out)
{
	CLEANUP(surface_freep)
	struct surface *surface = surface_new(width, height);
	struct canvas screen = canvas_of(
		surface, theme, terminal->caps.colours, terminal->caps.lines == LINES_ASCII);
	struct terminfo can = can_all();
	struct emulated *emulated = emulated_with(&can, &terminal->caps, width, height);

	screen.narrow = !terminal->caps.utf8;
	surface_clear(
		surface, theme_style(theme, ROLE_TEXT, terminal->caps.colours, (struct style){0}));
	draw(ctx, &screen);
	emulated_paint(emulated, surface);
	str_addf(out, "== %dx%d, %s\n", width, height, terminal->name);
	emulated_dump(emulated, surface, out);
	emulated_free(emulated);
}

void terminals_golden(const char *name, const struct theme *theme, terminals_draw draw, void *ctx)
{
	static const struct {
		int width, height;
	} sizes[] = {{80, 24}, {120, 40}, {40, 12}, {10, 3}};
	CLEANUP(str_done)
	struct str out = STR_INIT(4u << 20);

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		for (size_t k = 0; k < ARRAY_LEN(terminals); k++)
			add_screen(&terminals[k], sizes[i].width, sizes[i].height, theme, draw, ctx,
				&out);
	assert_false(out.cut);
	golden_check(name, str_slice(&out));
}
