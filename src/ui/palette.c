/* The palette: a prompt over a list that grows shorter.
 * Doing what was chosen is the caller's.
 * Called by the console. */
#include "ui/palette.h"
#include "base/mem.h"
#include "ui/popup.h"

#define WIDTH 72
#define HEIGHT 16

enum column_id {
	COL_NAME,
	COL_KEY,
	COL_WHAT,
};

static const struct table_column columns[] = {
	[COL_NAME] = {"act", 16, 20, 0, false},
	[COL_KEY] = {"key", 6, 10, 0, false},
	[COL_WHAT] = {"what it does", 12, 60, 0, false},
};

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool contains(struct slice text, struct slice part)
{
	for (size_t at = 0; at + part.len <= text.len; at++) {
		size_t n = 0;

		while (n < part.len && lower(text.at[at + n]) == lower(part.at[n]))
			n++;
		if (n == part.len)
			return true;
	}
	return false;
}

/* 3: the name begins so, 2: it is in the name, 1: in what it does, 0: every word somewhere is not. */
static int fit(const struct action_info *info, struct slice typed)
{
	struct slice name = slice_of(info->name), rest = typed, word;

	if (slice_starts(name, typed))
		return 3;
	if (contains(name, typed))
		return 2;
	while (slice_word(&rest, &word))
		if (!contains(name, word) && !contains(slice_of(info->help), word))
			return 0;
	return 1;
}

static void add_of(struct palette *palette, enum context context, struct slice typed, int wanted)
{
	for (size_t i = 1; i < ACTION_N; i++) {
		const struct action_info *info = action_info((enum action)i);

		if (info->context == context && fit(info, typed) == wanted)
			palette->acts[palette->n++] = (enum action)i;
	}
}

/* What fits best first; of these what is particular to the view, then what holds everywhere, and moving
 * about in lists last. */
static void find(struct palette *palette)
{
	struct slice typed = slice_trim(str_slice(&palette->typed.text));

	palette->n = 0;
	palette->table.cursor = palette->table.top = 0;
	for (int wanted = 3; wanted > 0; wanted--) {
		enum context at = palette->context;

		add_of(palette, at, typed, wanted);
		if (at != CONTEXT_GLOBAL)
			add_of(palette, CONTEXT_GLOBAL, typed, wanted);
		while (at != CONTEXT_GLOBAL && (at = context_info(at)->parent) != CONTEXT_GLOBAL)
			add_of(palette, at, typed, wanted);
	}
}

void palette_open(struct palette *palette, const struct keymap *keymap, const struct actor *actor,
	enum context context)
{
	*palette = (struct palette){.keymap = keymap, .actor = actor, .context = context};
	prompt_open(&palette->typed, "act: ");
	find(palette);
}

void palette_done(struct palette *palette)
{
	prompt_done(&palette->typed);
}

enum palette_answer palette_input(
	struct palette *palette, const struct input *input, enum action *ret_action)
{
	enum action action = ACTION_NONE;

	if (input->kind != INPUT_KEY)
		return PALETTE_PENDING;
	keymap_lookup(palette->keymap, CONTEXT_PROMPT, &input->key, 1, &action);
	switch (action) {
	case ACTION_PROMPT_GIVE_UP:
		return PALETTE_LEFT;
	case ACTION_PROMPT_ACCEPT:
		if (!palette->n)
			return PALETTE_LEFT;
		*ret_action = palette->acts[palette->table.cursor];
		return PALETTE_CHOSEN;
	case ACTION_PROMPT_OLDER:
	case ACTION_PROMPT_NEWER:
		table_act(&palette->table, NULL,
			action == ACTION_PROMPT_OLDER ? ACTION_MOVE_UP : ACTION_MOVE_DOWN);
		return PALETTE_PENDING;
	case ACTION_NONE:
		prompt_type_key(&palette->typed, input->key);
		break;
	default:
		prompt_act(&palette->typed, action, NULL);
		break;
	}
	find(palette);
	return PALETTE_PENDING;
}

/* What it does and what it asks; or why it would be refused. */
static void draw_what(const struct action_info *info, const char *why, const struct canvas *canvas)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(512), limits = STR_INIT(256);

	action_limits(info, &limits);
	str_adds(&text, info->help);
	if (limits.len)
		str_addf(&text, " (%s)", str_cstr(&limits));
	canvas_text(canvas, 0, 0, canvas->width, ROLE_DIM, *why ? slice_of(why) : str_slice(&text));
}

static void draw_cell(const void *ctx, int64_t row, size_t column, const struct canvas *canvas)
{
	const struct palette *palette = ctx;
	enum action action = palette->acts[row];
	const struct action_info *info = action_info(action);
	CLEANUP(str_done)
	struct str key = STR_INIT(128), why = STR_INIT(256);
	bool refused = action_refused(info, palette->actor, &why);

	switch ((enum column_id)column) {
	case COL_NAME:
		canvas_text(canvas, 0, 0, canvas->width, refused ? ROLE_DIM : ROLE_TEXT,
			slice_of(info->name));
		break;
	case COL_KEY:
		keymap_key_of(palette->keymap, palette->context, action, &key);
		canvas_text(canvas, 0, 0, canvas->width, ROLE_HINT_KEY, str_slice(&key));
		break;
	case COL_WHAT:
		draw_what(info, str_cstr(&why), canvas);
		break;
	}
}

void palette_draw(struct palette *palette, const struct canvas *screen)
{
	struct canvas box = popup_open(screen, WIDTH, HEIGHT, SLICE("What to do"), ROLE_STRONG);
	struct canvas list = canvas_sub(&box, 0, 1, box.width, box.height - 1);

	table_layout(&palette->table, 0, palette->n, list.height - 1);
	palette->table.moved = 0; /* a part of the screen's width cannot be scrolled */
	table_draw(&palette->table, &list,
		&(struct table_rows){columns, ARRAY_LEN(columns), draw_cell, NULL, NULL, palette});
	prompt_draw(&palette->typed, &box, 0);
}
