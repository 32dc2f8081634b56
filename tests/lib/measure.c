/* Keeps samples and prints figures.
 * What is measured, and how, is the benchmarks'.
 * Called by the programs of `make bench`. */
#include "measure.h"
#include "base/mem.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

void samples_add(struct samples *samples, double value)
{
	if (samples->n == samples->size) {
		samples->size = samples->size ? samples->size * 2 : 256;
		samples->at = mem_resize(samples->at, samples->size, sizeof(samples->at[0]));
	}
	samples->at[samples->n++] = value;
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

double samples_quantile(struct samples *samples, double part)
{
	size_t rank;

	if (!samples->n)
		return 0;
	qsort(samples->at, samples->n, sizeof(samples->at[0]), compare);
	rank = (size_t)ceil(part * (double)samples->n);
	return samples->at[rank ? rank - 1 : 0];
}

void samples_done(struct samples *samples)
{
	free(samples->at);
	*samples = (struct samples){0};
}

void figure_title(const char *title)
{
	printf("\n%s\n", title);
	(void)fflush(stdout);
}

static const char *verdict(const struct figure *figure)
{
	if (!figure->reach)
		return "";
	return (figure->at_least ? figure->value >= figure->reach : figure->value <= figure->reach)
		       ? "reached"
		       : "MISSED";
}

void figure_print(const struct figure *figure)
{
	printf("  %-48s %10.2f %-8s", figure->what, figure->value, figure->unit);
	if (figure->reach)
		printf(" %s %-8g %-8s", figure->at_least ? ">=" : "<=", figure->reach,
			verdict(figure));
	if (figure->peer && figure->peer_value > 0)
		printf(" %.2f x %s (%.2f)", figure->value / figure->peer_value, figure->peer,
			figure->peer_value);
	putchar('\n');
	(void)fflush(stdout);
}
