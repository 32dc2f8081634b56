/* What the parts that compose a filter into a statement share. Private to the store. */
#ifndef STORE_FILTERED_PART_H
#define STORE_FILTERED_PART_H

#include "store/filtered.h"

struct composer {
	struct filtered *to;
	size_t n_params, size_params;
	int64_t now_us;
};

/* Adds a parameter (copied); its number. */
size_t composer_param(struct composer *composer, struct slice value);

/* The same as $n with its type. */
void composer_add(struct composer *composer, struct slice value, const char *type, struct str *out);

/* " or " but for the first time. */
void composer_or(bool *any, struct str *out);

/* Where a time begins, or what comes behind it. */
void composer_time(
	struct composer *composer, const struct filter_time *time, bool end, struct str *out);

/* A term of numbers, ages or times. */
void composer_measures(struct composer *composer, const char *column,
	const struct filter_node *node, struct str *out);

/* The condition that a term makes, as one expression that names t, and m or i where its field is of
 * these. inside: on the row i itself, not on the transaction's interface. */
void composer_term(
	struct composer *composer, const struct filter_node *node, bool inside, struct str *out);

/* The values of a term that are texts without wildcards, as a parameter of type text[]. */
size_t composer_texts(struct composer *composer, const struct filter_node *node);

#endif
