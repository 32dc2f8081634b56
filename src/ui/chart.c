/* Sparklines, bars, histograms, and the cells of heat strips, in blocks, braille and ASCII.
 * Which numbers they show, and writing them beside, is the views'.
 * Called by views. */
#include "ui/chart.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/format.h"

#define EIGHTHS 8
#define BRAILLE_BLANK 0x2800

static const char *const rising[][EIGHTHS + 1] = {
	{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"},
	{" ", ".", ".", ":", "-", "=", "+", "*", "#"}, /* where only ASCII shows */
};

static int64_t most_of(const int64_t *values, size_t n)
{
	int64_t most = 0;

	for (size_t i = 0; i < n; i++)
		most = values[i] > most ? values[i] : most;
	return most;
}

/* A value as a number of steps; something is never none of them. */
static size_t steps_of(int64_t value, int64_t most, size_t steps)
{
	size_t step;

	if (value <= 0 || most <= 0)
		return 0;
	step = (size_t)((double)value / (double)most * (double)steps);
	return step < 1 ? 1 : step > steps ? steps : step;
}

/* The newest that fit. */
static void take_last(const int64_t **values, size_t *n, int width)
{
	size_t fit = width > 0 ? (size_t)width : 0;

	if (*n > fit) {
		*values += *n - fit;
		*n = fit;
	}
}

static void put(const struct canvas *canvas, int x, int y, enum role role, const char *text)
{
	canvas_text(canvas, x, y, 1, role, slice_of(text));
}

/* For who hears the screen: the newest and the most say more than a shape read out. */
static int in_words(const struct canvas *canvas, int x, int y, int width, enum role role,
	const int64_t *values, size_t n)
{
	struct canvas part = canvas_sub(canvas, x, y, width, 1);

	if (!n)
		return 0;
	return canvas_printf(&part, 0, 0, width, role, "%lld max %lld", (long long)values[n - 1],
		(long long)most_of(values, n));
}

int chart_spark(const struct canvas *canvas, int x, int y, int width, enum role role,
	const int64_t *values, size_t n)
{
	int64_t most;

	if (canvas->plain)
		return in_words(canvas, x, y, width, role, values, n);
	take_last(&values, &n, width);
	most = most_of(values, n);
	/* An eighth stays free, so that rows below each other do not grow together. */
	for (size_t i = 0; i < n; i++)
		put(canvas, x + (int)i, y, role,
			rising[canvas->ascii][steps_of(values[i], most, EIGHTHS - 1)]);
	return (int)n;
}

void chart_bar(const struct canvas *canvas, int x, int y, int width, enum role role, int64_t part,
	int64_t whole)
{
	static const char *const parts[] = {" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};
	size_t cells = width > 0 ? (size_t)width : 0,
	       steps = steps_of(part, whole, cells * EIGHTHS);

	if (canvas->plain) /* its number stands beside it */
		return;
	for (size_t i = 0; i < cells; i++) {
		size_t here = steps > i * EIGHTHS ? steps - i * EIGHTHS : 0;

		here = here > EIGHTHS ? EIGHTHS : here;
		if (!here)
			put(canvas, x + (int)i, y, ROLE_DIM, canvas->ascii ? "." : "·");
		else
			put(canvas, x + (int)i, y, role, canvas->ascii ? "#" : parts[here]);
	}
}

void chart_histogram(const struct canvas *canvas, int x, int y, int width, int height,
	enum role role, const int64_t *values, size_t n)
{
	size_t rows = height > 0 ? (size_t)height : 0;
	int64_t most;

	if (canvas->plain)
		return;
	if (n > (size_t)(width > 0 ? width : 0))
		n = (size_t)(width > 0 ? width
				       : 0); /* the first ones: the caller has binned them */
	most = most_of(values, n);
	for (size_t i = 0; i < n; i++) {
		size_t steps = steps_of(values[i], most, rows * EIGHTHS);

		for (size_t row = 0; row < rows; row++) {
			size_t here = steps > row * EIGHTHS ? steps - row * EIGHTHS : 0;

			here = here > EIGHTHS ? EIGHTHS : here;
			put(canvas, x + (int)i, y + (int)(rows - 1 - row), role,
				rising[canvas->ascii][here]);
		}
	}
}

void chart_shade(
	const struct canvas *canvas, int x, int y, enum role role, int64_t value, int64_t most)
{
	static const char *const shades[][5] = {
		{"·", "░", "▒", "▓", "█"}, {".", "-", "=", "%", "#"}, /* where only ASCII shows */
	};
	size_t step = steps_of(value, most, ARRAY_LEN(shades[0]) - 1);

	put(canvas, x, y, step ? role : ROLE_DIM, shades[canvas->ascii || canvas->narrow][step]);
}

/* Heights of both halves, from the bottom up. */
void chart_braille(
	const struct canvas *canvas, int x, int y, enum role role, const int64_t *two, int64_t most)
{
	static const unsigned char lefts[] = {0, 0x40, 0x44, 0x46, 0x47};
	static const unsigned char rights[] = {0, 0x80, 0xa0, 0xb0, 0xb8};
	uint32_t dots = lefts[steps_of(two[0], most, ARRAY_LEN(lefts) - 1)] |
			rights[steps_of(two[1], most, ARRAY_LEN(rights) - 1)];
	char bytes[4];

	canvas_text(canvas, x, y, 1, role,
		(struct slice){bytes, utf8_put(BRAILLE_BLANK | dots, bytes)});
}

int chart_tile(const struct canvas *canvas, int x, enum role role, const char *word, int64_t n)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(64);

	str_addf(&text, "%s ", word);
	format_count(&text, n);
	return x +
	       canvas_text(canvas, x, 0, canvas->width - x, n ? role : ROLE_DIM, str_slice(&text)) +
	       3;
}
