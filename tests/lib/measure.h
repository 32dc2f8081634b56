/* Samples and figures of the benchmarks: quantiles, and lines that say what was reached. */
#ifndef TESTS_LIB_MEASURE_H
#define TESTS_LIB_MEASURE_H

#include <stdbool.h>
#include <stddef.h>

struct samples {
	double *at;
	size_t n, size;
};

void samples_add(struct samples *samples, double value);
double samples_quantile(
	struct samples *samples, double part); /* sorts them; 0 when there are none */
void samples_done(struct samples *samples);

struct figure {
	const char *what, *unit;
	double value;
	double reach; /* 0: only told */
	bool at_least; /* reach is a floor instead of a ceiling */
	const char *peer;
	double peer_value; /* measured in the same run; the line gives the ratio */
};

void figure_title(const char *title);
void figure_print(const struct figure *figure);

#endif
