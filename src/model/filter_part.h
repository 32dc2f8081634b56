/* What the parts of the filter language share. Private to the model. */
#ifndef MODEL_FILTER_PART_H
#define MODEL_FILTER_PART_H

#include "model/filter.h"

/* By name or by its other name. */
bool filter_find_field(struct slice name, enum filter_field *ret);
const char *filter_suggest_field(struct slice name);

/* Whole text, or false. `ago` without a sign is a time that is past. */
bool filter_read_age(struct slice text, int64_t *ret_n, char *ret_unit);
bool filter_read_time(struct slice text, struct filter_time *ret);
void filter_print_time(const struct filter_time *time, struct str *out);

/* What may stand in a word outside of quotes. */
static inline bool filter_is_bare(char c)
{
	return (unsigned char)c > ' ' && c != '(' && c != ')' && c != ',' && c != '"';
}

static inline bool filter_is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_';
}

static inline bool filter_is_keyword(struct slice word)
{
	return slice_eq_nocase(word, SLICE("and")) || slice_eq_nocase(word, SLICE("or")) ||
	       slice_eq_nocase(word, SLICE("not"));
}

#endif
