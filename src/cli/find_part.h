/* What the parts of `orderly find` share. Private to cli. */
#ifndef CLI_FIND_PART_H
#define CLI_FIND_PART_H

#include "base/str.h"
#include "session.h"

struct find {
	struct where where;
	const char *format, *reason;
	bool raw;
	int64_t limit, found;
	struct str text; /* the filter as typed */
	struct filter *filter;
	struct session *session;
};

/* find_print.c: rows in the format that was asked for; the first page with a head. */
enum find_list {
	FIND_TRANSACTIONS,
	FIND_PAYLOADS,
};
void find_print(const struct find *find, enum find_list list, const struct rows *rows, bool first);

/* find_payloads.c: goes through payloads for the pattern of the filter. */
int find_payloads(struct find *find, struct err *err);

#endif
