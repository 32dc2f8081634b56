/* Texts and JSON of an endpoint, filled with what an item is.
 *
 * In a URL or a header: {key}, {message_id}, {business_key}, {correlation_id}, {facility}, {interface},
 * {ordering_key}; in a URL they are escaped. "{{" is a brace.
 *
 * In Odoo's values a text that begins with $ stands for something else, and the rest is taken as it is:
 *   $key, $message_id, ...  one of the names above
 *   $body                   the payload as JSON;  $body.lines.0.sku: a part of it, false where it is not
 *   $text                   the payload as one text
 *   $$                      a dollar sign at the beginning
 * "orderly.$key" takes the same names behind the first $ of a text, as text. */
#ifndef RELAY_FILL_H
#define RELAY_FILL_H

#include "base/err.h"
#include "base/str.h"
#include "odoo/value.h"

struct fill {
	struct slice key, message_id, business_key, correlation_id, facility, interface,
		ordering_key;
	struct slice text; /* the payload */
	const struct value *body; /* the same as JSON, or NULL */
};

int fill_url(const struct fill *fill, const char *text, struct str *out, struct err *err);
int fill_header(const struct fill *fill, const char *text, struct str *out, struct err *err);
int fill_json(const struct fill *fill, const struct value *value, struct str *out, struct err *err);

#endif
