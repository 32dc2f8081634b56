/* What the two halves of the filter's parser share. Private to the model. */
#ifndef MODEL_FILTER_PARSER_H
#define MODEL_FILTER_PARSER_H

#include "filter_part.h"

struct filter_parser {
	struct slice text;
	size_t at, wrong_at;
	struct filter *filter;
	int depth, terms;
	struct err *err;
};

int filter_wrong(struct filter_parser *p, size_t at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
size_t filter_column(const struct filter_parser *p, size_t at);
void filter_skip_blanks(struct filter_parser *p);
struct filter_node *filter_node_new(struct filter_parser *p, int type, size_t at);

/* A field with its values, or words. Something stands there. */
int filter_parse_term(struct filter_parser *p, struct filter_node **ret);

#endif
