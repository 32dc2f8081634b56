/* What Odoo sends, as plain data: read once from JSON into an arena, borrowed from then on.
 *
 * Everything here may come from a broken or hostile server, so the readers below take any value,
 * NULL and the wrong kind included, and say what is not there instead of failing. Texts are valid
 * UTF-8, may hold NUL, and are not inert: base/text.h is for showing them. */
#ifndef ODOO_VALUE_H
#define ODOO_VALUE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"
#include "base/str.h"

#define VALUE_DEPTH_MAX 64
#define VALUE_COUNT_MAX ((size_t)1000000)

enum value_kind {
	VALUE_NULL,
	VALUE_BOOL,
	VALUE_INT,
	VALUE_REAL,
	VALUE_TEXT,
	VALUE_LIST,
	VALUE_OBJECT,
};

struct value_member;

struct value {
	enum value_kind kind;
	size_t n; /* of a list or an object */
	union {
		bool truth;
		int64_t number;
		double real;
		struct slice text;
		const struct value *items;
		const struct value_member *members; /* in no order; names are unique */
	};
};

struct value_member {
	struct slice name;
	struct value value;
};

/* 0, or -EBADMSG: not JSON, deeper than VALUE_DEPTH_MAX, or more than VALUE_COUNT_MAX values. A bare
 * value is JSON too. */
int value_parse(struct arena *arena, struct slice json, const struct value **ret, struct err *err);

/* Of an object; NULL when it is none or has no such member. */
const struct value *value_get(const struct value *value, const char *name);
/* Of a list; NULL when it is none or shorter. */
const struct value *value_at(const struct value *value, size_t i);

struct slice value_text(const struct value *value); /* SLICE_NONE when it is no text */
bool value_int(const struct value *value, int64_t *ret);
bool value_real(const struct value *value, double *ret); /* of a whole number too */
bool value_true(const struct value *value);

/* Odoo's way to say empty, whatever the field's type; NULL and null count as well. */
bool value_empty(const struct value *value);

/* [id, "label"], as it reads a many2one; or the bare id. */
bool value_many2one(const struct value *value, int64_t *ret_id, struct slice *ret_label);

/* Adds the text as JSON, quoted; false, and nothing is added, when it is not UTF-8. */
bool value_put_text(struct str *out, struct slice text);
/* Adds the value as JSON; a text that is not UTF-8 becomes null. */
void value_put(struct str *out, const struct value *value);

/* A method that answers with an ir.actions.* dictionary wants a person to go on: its work is not
 * done yet. */
bool value_is_action(const struct value *value);

#endif
