/* Themes: reading them, and what a role looks like at a colour depth.
 * Bringing a colour down to what the terminal has, where a theme gives only RGB, is the painter's.
 * Called by the canvas for everything that is drawn. */
#include "ui/theme.h"
#include "base/mem.h"
#include "ui/inherit.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One colour at the three depths. */
struct colour {
	uint32_t rgb, c256, c16;
};

struct look {
	struct colour fg, bg;
	uint32_t attrs;
	bool additive; /* only attributes, on top of what is there */
	bool has_fg, has_bg;
	struct slice glyph, ascii;
};

struct named_colour {
	struct slice name;
	struct colour colour;
};

struct theme {
	struct arena arena;
	struct look looks[ROLE_N];
	struct look mono[ROLE_N];
	bool has_mono[ROLE_N];
	struct named_colour *palette;
	size_t n_palette, size_palette;
};

struct reading {
	struct theme *theme;
	struct problems *problems;
	bool (*find)(struct slice name, struct slice *ret_text);
	enum { IN_NONE, IN_PALETTE, IN_ROLE, IN_MONO } in;
	int depth;
};

static const char *const role_names[ROLE_N] = {
#define ROLE(id, name, help) [ROLE_##id] = name,
	ROLES(ROLE)
#undef ROLE
};

static const char *const role_helps[ROLE_N] = {
#define ROLE(id, name, help) [ROLE_##id] = help,
	ROLES(ROLE)
#undef ROLE
};

static const char *const basic_names[] = {"black", "red", "green", "yellow", "blue", "magenta",
	"cyan", "white", "bright-black", "bright-red", "bright-green", "bright-yellow",
	"bright-blue", "bright-magenta", "bright-cyan", "bright-white"};

static const struct {
	const char *name;
	uint32_t attr;
} attributes[] = {
	{"bold", ATTR_BOLD},
	{"dim", ATTR_DIM},
	{"italic", ATTR_ITALIC},
	{"underline", ATTR_UNDERLINE},
	{"reverse", ATTR_REVERSE},
};

/* "#a60000", "124", "red", "default" */
static int one_colour(struct slice text, uint32_t *ret, struct err *err)
{
	int64_t number;

	if (slice_eq_str(text, "default")) {
		*ret = COLOUR_DEFAULT;
		return 0;
	}
	if (text.len == 7 && text.at[0] == '#') {
		char *end, hex[7];

		memcpy(hex, text.at + 1, 6);
		hex[6] = '\0';
		number = strtol(hex, &end, 16);
		if (*end == '\0' && hex[0] != '-' && hex[0] != '+' && hex[0] != ' ') {
			*ret = COLOUR_RGB | (uint32_t)number;
			return 0;
		}
	}
	if (slice_to_i64(text, 0, 255, &number) == 0) {
		*ret = COLOUR_256 | (uint32_t)number;
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(basic_names); i++) {
		if (slice_eq_str(text, basic_names[i])) {
			*ret = COLOUR_16 | (uint32_t)i;
			return 0;
		}
	}
	return err_unknown(
		err, "colour", text, basic_names, ARRAY_LEN(basic_names), sizeof(basic_names[0]));
}

/* "#a60000 | 124 | red": what is left out is taken from the one before. */
static int read_colours(struct slice text, struct colour *ret, struct err *err)
{
	struct colour colour = {0};
	uint32_t *depths[] = {&colour.rgb, &colour.c256, &colour.c16};
	struct slice part;
	size_t n = 0;

	while (slice_cut(&text, '|', &part)) {
		if (n == ARRAY_LEN(depths))
			return err_set(
				err, -EINVAL, "more than three colours; rgb | 256 | 16 is meant");

		int r = one_colour(slice_trim(part), depths[n], err);

		if (r < 0)
			return r;
		n++;
	}
	if (n == 0)
		return err_set(err, -EINVAL, "a colour is missing");
	for (; n < ARRAY_LEN(depths); n++)
		*depths[n] = *depths[n - 1];
	*ret = colour;
	return 0;
}

static struct named_colour *palette_find(struct theme *theme, struct slice name)
{
	for (size_t i = 0; i < theme->n_palette; i++)
		if (slice_eq(theme->palette[i].name, name))
			return &theme->palette[i];
	return NULL;
}

static int read_palette(struct theme *theme, const struct line *line, struct err *err)
{
	struct colour colour;
	struct named_colour *named = palette_find(theme, line->key);
	int r = read_colours(line->value, &colour, err);

	if (r < 0)
		return r;
	if (!named) {
		if (theme->n_palette == theme->size_palette) {
			theme->size_palette = theme->size_palette ? 2 * theme->size_palette : 16;
			theme->palette = mem_resize(
				theme->palette, theme->size_palette, sizeof(*theme->palette));
		}
		named = &theme->palette[theme->n_palette++];
		named->name = arena_dup(&theme->arena, line->key);
	}
	named->colour = colour;
	return 0;
}

static int look_colour(
	struct theme *theme, struct slice word, struct look *look, bool ground, struct err *err)
{
	const struct named_colour *named = palette_find(theme, word);
	struct colour colour;

	if (named) {
		colour = named->colour;
	} else {
		int r = one_colour(word, &colour.rgb, err);

		if (r < 0)
			return r;
		colour.c16 = colour.c256 = colour.rgb;
	}
	if (ground) {
		look->bg = colour;
		look->has_bg = true;
	} else {
		look->fg = colour;
		look->has_fg = true;
	}
	return 0;
}

static uint32_t attribute(struct slice word)
{
	for (size_t i = 0; i < ARRAY_LEN(attributes); i++)
		if (slice_eq_str(word, attributes[i].name))
			return attributes[i].attr;
	return 0;
}

static int look_word(
	struct theme *theme, struct slice word, struct look *look, bool *ground, struct err *err)
{
	bool plus = word.len > 1 && word.at[0] == '+';
	uint32_t attr = attribute(plus ? slice_from(word, 1) : word);

	if (plus && !attr)
		return err_set(err, -EINVAL,
			"\"%.*s\" adds no attribute: bold, dim, italic, "
			"underline or reverse is meant",
			SLICE_ARG(word));
	if (attr) {
		look->attrs |= attr;
		look->additive |= plus;
		return 0;
	}
	if (slice_eq_str(word, "on")) {
		*ground = true;
		return 0;
	}
	int r = look_colour(theme, word, look, *ground, err);

	*ground = false;
	return r;
}

static int read_look(
	struct theme *theme, const struct line *line, struct look *ret, struct err *err)
{
	struct look look = {.glyph = ret->glyph, .ascii = ret->ascii};
	struct slice rest = line->value, word;
	bool ground = false;
	int glyphs = 0, r;

	for (;;) {
		rest = slice_trim(rest);
		bool quoted = rest.len && rest.at[0] == '"';

		r = lines_word(&theme->arena, &rest, &word, err);
		if (r <= 0)
			break;
		if (quoted && glyphs < 2) {
			*(glyphs++ ? &look.ascii : &look.glyph) = arena_dup(&theme->arena, word);
			continue;
		}
		r = quoted ? err_set(err, -EINVAL, "more than two glyphs")
			   : look_word(theme, word, &look, &ground, err);
		if (r < 0)
			break;
	}
	if (r == 0 && ground)
		r = err_set(err, -EINVAL, "a colour is missing after \"on\"");
	if (r == 0)
		*ret = look;
	return r;
}

static int read_entry(void *ctx, const struct line *line, struct err *err)
{
	struct reading *reading = ctx;
	struct theme *theme = reading->theme;

	if (reading->in == IN_NONE)
		return err_set(err, -EINVAL, "this stands before the first section");
	if (reading->in == IN_PALETTE)
		return read_palette(theme, line, err);
	for (size_t i = 0; i < ROLE_N; i++) {
		if (!slice_eq_str(line->key, role_names[i]))
			continue;
		if (reading->in == IN_ROLE)
			return read_look(theme, line, &theme->looks[i], err);
		theme->has_mono[i] = true;
		return read_look(theme, line, &theme->mono[i], err);
	}
	return err_unknown(err, "role", line->key, role_names, ROLE_N, sizeof(role_names[0]));
}

static int read_section(void *ctx, const struct line *line, struct err *err)
{
	static const char *const sections[] = {"palette", "role", "mono"};
	struct reading *reading = ctx;

	for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
		if (slice_eq_str(line->section, sections[i])) {
			reading->in = IN_PALETTE + i;
			return 0;
		}
	}
	return err_unknown(
		err, "section", line->section, sections, ARRAY_LEN(sections), sizeof(sections[0]));
}

static void parse(struct reading *outer, const char *file, struct slice text);

static int read_word(void *ctx, const struct line *line, struct err *err)
{
	struct reading *reading = ctx;
	CLEANUP(mem_freep)
	char *name = mem_dup(line->value.at, line->value.len);
	struct slice text;
	int r;

	r = inherit_text(line, reading->depth, reading->find, "theme", &text, err);
	if (r == 0)
		parse(reading, name, text);
	return r;
}

static void parse(struct reading *outer, const char *file, struct slice text)
{
	static const struct lines_ops ops = {
		.word = read_word,
		.section = read_section,
		.entry = read_entry,
	};
	struct reading reading = {
		.theme = outer->theme,
		.problems = outer->problems,
		.find = outer->find,
		.depth = outer->depth + 1,
	};

	lines_parse(file, text, 1, &ops, &reading, outer->problems);
}

void theme_parse(struct theme *theme, const char *file, struct slice text,
	bool (*find)(struct slice name, struct slice *ret_text), struct problems *problems)
{
	struct reading outer = {.theme = theme, .problems = problems, .find = find};

	parse(&outer, file, text);
}

struct theme *theme_new(void)
{
	return NEW(struct theme);
}

void theme_free(struct theme *theme)
{
	if (!theme)
		return;
	arena_done(&theme->arena);
	free(theme->palette);
	free(theme);
}

void theme_freep(struct theme **theme)
{
	theme_free(*theme);
}

static uint32_t at_depth(const struct colour *colour, int colours)
{
	return colours > 256 ? colour->rgb : colours == 256 ? colour->c256 : colour->c16;
}

struct style theme_style(const struct theme *theme, enum role role, int colours, struct style under)
{
	const struct look *look;

	if (role >= ROLE_N)
		return under;
	look = !colours && theme->has_mono[role] ? &theme->mono[role] : &theme->looks[role];
	if (!look->additive && !look->attrs && !look->has_fg && !look->has_bg)
		return colours ? under
			       : (struct style){.attrs = under.attrs}; /* no theme names it */
	if (!look->additive)
		under.attrs = 0;
	under.attrs |= look->attrs;
	if (!colours) {
		under.fg = under.bg = COLOUR_DEFAULT;
		return under;
	}
	if (look->has_fg)
		under.fg = at_depth(&look->fg, colours);
	if (look->has_bg)
		under.bg = at_depth(&look->bg, colours);
	return under;
}

struct slice theme_glyph(const struct theme *theme, enum role role, bool ascii)
{
	const struct look *look = &theme->looks[role];

	return ascii ? look->ascii : look->glyph;
}

const char *role_name(enum role role)
{
	return role_names[role];
}

const char *role_help(enum role role)
{
	return role_helps[role];
}

enum role role_of_state(struct slice state)
{
	static const char prefix[] = "state.";

	for (size_t i = 0; i < ROLE_N; i++)
		if (strncmp(role_names[i], prefix, sizeof(prefix) - 1) == 0 &&
			slice_eq_str(state, role_names[i] + sizeof(prefix) - 1))
			return (enum role)i;
	return ROLE_TEXT;
}
