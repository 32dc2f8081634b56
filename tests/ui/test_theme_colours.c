/* Themes for eyes: contrast against the ground, and states that stay apart for everyone. */
#include "base/mem.h"
#include "ui/defaults.h"
#include "ui/theme.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define CONTRAST_MIN 4.5
#define APART_MIN 20.0 /* CIE76 in Lab: far more than just noticeable */

struct rgb {
	double r, g, b; /* linear light, 0..1 */
};

static double linear(uint32_t byte)
{
	double value = byte / 255.0;

	return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
}

static struct rgb rgb_of(uint32_t colour)
{
	return (struct rgb){
		linear(colour >> 16 & 0xFF), linear(colour >> 8 & 0xFF), linear(colour & 0xFF)};
}

static double luminance(struct rgb c)
{
	return 0.2126 * c.r + 0.7152 * c.g + 0.0722 * c.b;
}

static double contrast(uint32_t a, uint32_t b)
{
	double la = luminance(rgb_of(a)), lb = luminance(rgb_of(b));

	return la > lb ? (la + 0.05) / (lb + 0.05) : (lb + 0.05) / (la + 0.05);
}

/* What people with one kind of cone missing see, in linear RGB (Machado, Oliveira and Fernandes
 * 2009, severity 1). */
enum eyes { ALL_CONES, PROTAN, DEUTAN, TRITAN, EYES_N };

static struct rgb seen(struct rgb c, enum eyes eyes)
{
	static const double m[EYES_N][9] = {
		{1, 0, 0, 0, 1, 0, 0, 0, 1},
		{0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116,
			1.051998},
		{0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940,
			0.968881},
		{1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367,
			0.303900},
	};
	const double *k = m[eyes];
	struct rgb to = {k[0] * c.r + k[1] * c.g + k[2] * c.b, k[3] * c.r + k[4] * c.g + k[5] * c.b,
		k[6] * c.r + k[7] * c.g + k[8] * c.b};

	to.r = fmin(fmax(to.r, 0), 1);
	to.g = fmin(fmax(to.g, 0), 1);
	to.b = fmin(fmax(to.b, 0), 1);
	return to;
}

static double lab_f(double t)
{
	return t > 0.008856 ? cbrt(t) : 7.787 * t + 16.0 / 116;
}

static double apart(uint32_t a, uint32_t b, enum eyes eyes)
{
	double lab[2][3];

	for (int i = 0; i < 2; i++) {
		struct rgb c = seen(rgb_of(i ? b : a), eyes);
		double x = lab_f((0.4124 * c.r + 0.3576 * c.g + 0.1805 * c.b) / 0.95047);
		double y = lab_f(luminance(c));
		double z = lab_f((0.0193 * c.r + 0.1192 * c.g + 0.9505 * c.b) / 1.08883);

		lab[i][0] = 116 * y - 16;
		lab[i][1] = 500 * (x - y);
		lab[i][2] = 200 * (y - z);
	}
	return sqrt(pow(lab[0][0] - lab[1][0], 2) + pow(lab[0][1] - lab[1][1], 2) +
		    pow(lab[0][2] - lab[1][2], 2));
}

static struct theme *load(const struct default_file *file)
{
	CLEANUP(problems_done)
	struct problems problems = PROBLEMS_INIT;
	struct theme *theme = theme_new();

	theme_parse(theme, file->name, slice_of(file->text), default_theme, &problems);
	assert_int_equal(problems.n, 0);
	return theme;
}

static struct style look(const struct theme *theme, enum role role, int colours)
{
	struct style text = theme_style(theme, ROLE_TEXT, colours, (struct style){0});

	return theme_style(theme, role, colours, text);
}

static bool is_rgb(uint32_t colour)
{
	return (colour & 0xFF000000u) == COLOUR_RGB;
}

static void text_stands_out_from_its_ground(void **state)
{
	size_t checked = 0;

	(void)state;
	for (const struct default_file *file = default_themes; file->name; file++) {
		CLEANUP(theme_freep)
		struct theme *theme = load(file);

		for (int i = 0; i < ROLE_N; i++) {
			struct style style = look(theme, (enum role)i, 1 << 24);

			if (!is_rgb(style.fg) || !is_rgb(style.bg))
				continue; /* the terminal's own ground is not ours to know */
			checked++;
			if (contrast(style.fg, style.bg) < CONTRAST_MIN)
				fail_msg("%s: %s has a contrast of %.2f", file->name,
					role_name((enum role)i), contrast(style.fg, style.bg));
		}
	}
	assert_true(checked > 100);
}

/* A theme made for a kind of eyes holds for those; the others for the most common kind as far as
 * colour goes, beside their glyphs. */
static void good_caution_and_alarm_stay_apart(void **state)
{
	static const struct {
		const char *theme;
		enum eyes eyes;
	} rows[] = {{"dark", ALL_CONES}, {"light", ALL_CONES}, {"high-contrast", ALL_CONES},
		{"wallboard", ALL_CONES}, {"deuteranopia", ALL_CONES}, {"deuteranopia", DEUTAN},
		{"deuteranopia", PROTAN}, {"tritanopia", ALL_CONES}, {"tritanopia", TRITAN}};
	static const enum role roles[] = {ROLE_STATE_OK, ROLE_STATE_SLOW, ROLE_STATE_FAILING};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct default_file *file = default_themes;

		while (strcmp(file->name, rows[i].theme) != 0)
			assert_non_null((++file)->name);
		CLEANUP(theme_freep)
		struct theme *theme = load(file);

		for (size_t a = 0; a < ARRAY_LEN(roles); a++) {
			for (size_t b = 0; b < a; b++) {
				struct style one = look(theme, roles[a], 1 << 24);
				struct style other = look(theme, roles[b], 1 << 24);
				double distance = fmax(apart(one.fg, other.fg, rows[i].eyes),
					apart(one.bg, other.bg, rows[i].eyes));

				if (distance < APART_MIN)
					fail_msg("%s: %s and %s are %.1f apart for eyes of kind %d",
						file->name, role_name(roles[a]),
						role_name(roles[b]), distance, rows[i].eyes);
			}
		}
	}
}

/* Whatever happens to colours: each state of a kind has a glyph of its own. */
static void states_differ_by_glyph_alone(void **state)
{
	static const enum role kinds[][8] = {
		{ROLE_STATE_OK, ROLE_STATE_SLOW, ROLE_STATE_SILENT, ROLE_STATE_FAILING,
			ROLE_STATE_NONE, ROLE_NONE, ROLE_NONE, ROLE_NONE},
		{ROLE_STATE_WAITING, ROLE_STATE_RUNNING, ROLE_STATE_RETRYING, ROLE_STATE_DONE,
			ROLE_STATE_FILTERED, ROLE_STATE_DEAD, ROLE_STATE_CANCELLED, ROLE_NONE},
	};

	(void)state;
	for (const struct default_file *file = default_themes; file->name; file++) {
		CLEANUP(theme_freep)
		struct theme *theme = load(file);

		for (size_t kind = 0; kind < ARRAY_LEN(kinds); kind++) {
			for (size_t a = 0; kinds[kind][a] != ROLE_NONE; a++) {
				for (size_t b = 0; b < a; b++) {
					for (int ascii = 0; ascii < 2; ascii++) {
						assert_false(slice_eq(
							theme_glyph(theme, kinds[kind][a], ascii),
							theme_glyph(theme, kinds[kind][b], ascii)));
					}
				}
			}
		}
	}
}

/* A terminal may be transparent, or of any colour: only banners bring a ground of their own. */
static void the_default_theme_leaves_the_ground_alone(void **state)
{
	static const int depths[] = {0, 8, 16, 256, 1 << 24};
	CLEANUP(problems_done)
	struct problems problems = PROBLEMS_INIT;
	struct theme *theme = theme_new();
	struct slice text;

	(void)state;
	assert_true(default_theme(SLICE("default"), &text));
	theme_parse(theme, "default", text, default_theme, &problems);
	for (size_t i = 0; i < ARRAY_LEN(depths); i++)
		for (int role = 0; role < ROLE_N; role++) {
			struct style style =
				theme_style(theme, (enum role)role, depths[i], (struct style){0});

			if (role != ROLE_BANNER_PROD && role != ROLE_BANNER_TEST &&
				style.bg != COLOUR_DEFAULT)
				fail_msg("%s has a ground", role_name((enum role)role));
		}
	theme_free(theme);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_stands_out_from_its_ground),
		cmocka_unit_test(good_caution_and_alarm_stay_apart),
		cmocka_unit_test(states_differ_by_glyph_alone),
		cmocka_unit_test(the_default_theme_leaves_the_ground_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
