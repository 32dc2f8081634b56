/* Numbers as shapes. Beside each shape stands its number: that is the caller's part.
 * On a plain canvas there are no shapes: series are told in words, bars left to their number. */
#ifndef UI_CHART_H
#define UI_CHART_H

#include "ui/canvas.h"

/* Values over time as one row, the newest last, the largest as high as a cell; those that do not fit
 * are left out from the front. What is not nothing is never drawn as nothing. Returns the cells used. */
int chart_spark(const struct canvas *canvas, int x, int y, int width, enum role role,
	const int64_t *values, size_t n);

/* How much of the whole: filled from the left, the rest drawn dim. */
void chart_bar(const struct canvas *canvas, int x, int y, int width, enum role role, int64_t part,
	int64_t whole);

/* Columns that grow upwards from the last row of a rectangle; each value one column. */
void chart_histogram(const struct canvas *canvas, int x, int y, int width, int height,
	enum role role, const int64_t *values, size_t n);

/* One cell, darker the nearer the value is to the most. */
void chart_shade(
	const struct canvas *canvas, int x, int y, enum role role, int64_t value, int64_t most);

/* One cell for two values, as heights. */
void chart_braille(const struct canvas *canvas, int x, int y, enum role role, const int64_t *two,
	int64_t most);

/* A word with its count, dim when there is none, in the first row of a rectangle. Returns where the next begins. */
int chart_tile(const struct canvas *canvas, int x, enum role role, const char *word, int64_t n);

#endif
