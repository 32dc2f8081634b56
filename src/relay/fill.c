/* Fills URLs, headers and arguments of Odoo's methods from an item and its payload.
 * Leaves what may stand in a header to http, and what Odoo makes of values to Odoo.
 * Called by send.c, once for each item. */
#include "relay/fill.h"
#include "base/lines.h"
#include "base/mem.h"
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	size_t at;
} names[] = {
	{"business_key", offsetof(struct fill, business_key)},
	{"correlation_id", offsetof(struct fill, correlation_id)},
	{"facility", offsetof(struct fill, facility)},
	{"interface", offsetof(struct fill, interface)},
	{"key", offsetof(struct fill, key)},
	{"message_id", offsetof(struct fill, message_id)},
	{"ordering_key", offsetof(struct fill, ordering_key)},
};

static bool find(const struct fill *fill, struct slice name, struct slice *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (!slice_eq_str(name, names[i].name))
			continue;
		memcpy(ret, (const char *)fill + names[i].at, sizeof(*ret));
		return true;
	}
	return false;
}

static int unknown(struct slice name, struct err *err)
{
	return err_unknown(err, "name", name, &names[0].name, ARRAY_LEN(names), sizeof(names[0]));
}

/* ---- texts -------------------------------------------------------------------------------------- */

static void put_plain(struct str *out, struct slice text)
{
	str_add(out, text);
}

static void put_escaped(struct str *out, struct slice text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-._~";

	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] && strchr(plain, text.at[i]))
			str_addc(out, text.at[i]);
		else
			str_addf(out, "%%%02X", (unsigned char)text.at[i]);
	}
}

static int fill_text(const struct fill *fill, const char *text, struct str *out,
	void (*put)(struct str *out, struct slice text), struct err *err)
{
	struct slice rest = slice_of(text), value;

	while (rest.len) {
		size_t plain = slice_find(rest, '{'), end;

		str_add(out, slice_head(rest, plain));
		rest = slice_from(rest, plain);
		if (!rest.len)
			break;
		if (slice_starts(rest, SLICE("{{"))) {
			str_addc(out, '{');
			rest = slice_from(rest, 2);
			continue;
		}
		end = slice_find(rest, '}');
		if (end == rest.len)
			return err_set(err, -EINVAL, "a { has no }");
		if (!find(fill, slice_from(slice_head(rest, end), 1), &value))
			return unknown(slice_from(slice_head(rest, end), 1), err);
		put(out, value);
		rest = slice_from(rest, end + 1);
	}
	return out->cut ? err_set(err, -EFBIG, "it becomes too long") : 0;
}

int fill_url(const struct fill *fill, const char *text, struct str *out, struct err *err)
{
	return fill_text(fill, text, out, put_escaped, err);
}

int fill_header(const struct fill *fill, const char *text, struct str *out, struct err *err)
{
	return fill_text(fill, text, out, put_plain, err);
}

/* ---- JSON ---------------------------------------------------------------------------------------- */

static void put_quoted(struct str *out, struct slice text)
{
	if (!value_put_text(out, text))
		str_adds(out, "null");
}

/* "lines.0.sku" within the payload; NULL where there is no such thing. */
static const struct value *part_of(const struct value *value, struct slice path)
{
	struct slice step;
	char name[256];
	int64_t nr;

	while (value && slice_cut(&path, '.', &step)) {
		if (value->kind == VALUE_LIST) {
			value = slice_to_i64(step, 0, 1000000, &nr) == 0
					? value_at(value, (size_t)nr)
					: NULL;
			continue;
		}
		if (step.len >= sizeof(name))
			return NULL;
		(void)snprintf(name, sizeof(name), "%.*s", SLICE_ARG(step));
		value = value_get(value, name);
	}
	return value;
}

static int put_body(const struct fill *fill, struct slice path, struct str *out, struct err *err)
{
	const struct value *part;

	if (!fill->body)
		return err_set(err, -EINVAL, "the payload is not JSON, which this endpoint wants");
	part = path.len ? part_of(fill->body, slice_from(path, 1)) : fill->body;
	if (part)
		value_put(out, part);
	else
		str_adds(out, "false"); /* Odoo's own word for nothing */
	return 0;
}

/* "orderly.$key": one name, at the end of a text. */
static int put_mixed(
	const struct fill *fill, struct slice text, size_t at, struct str *out, struct err *err)
{
	CLEANUP(str_done)
	struct str whole = STR_INIT(4096);
	struct slice value;

	if (!find(fill, slice_from(text, at + 1), &value))
		return unknown(slice_from(text, at + 1), err);
	str_add(&whole, slice_head(text, at));
	str_add(&whole, value);
	put_quoted(out, str_slice(&whole));
	return 0;
}

static int put_named(const struct fill *fill, struct slice text, struct str *out, struct err *err)
{
	struct slice name = slice_from(text, 1), value;

	if (slice_starts(name, SLICE("$"))) {
		put_quoted(out, name);
	} else if (slice_eq_str(name, "text")) {
		put_quoted(out, fill->text);
	} else if (slice_eq_str(name, "body") || slice_starts(name, SLICE("body."))) {
		return put_body(fill, slice_from(name, 4), out, err);
	} else if (!find(fill, name, &value)) {
		return unknown(name, err);
	} else if (value.len) {
		put_quoted(out, value);
	} else {
		str_adds(out, "false");
	}
	return 0;
}

static int put_value(
	const struct fill *fill, const struct value *value, struct str *out, struct err *err)
{
	size_t dollar = slice_find(value->text, '$');

	if (dollar == value->text.len) {
		put_quoted(out, value->text);
		return 0;
	}
	return dollar == 0 ? put_named(fill, value->text, out, err)
			   : put_mixed(fill, value->text, dollar, out, err);
}

int fill_json(const struct fill *fill, const struct value *value, struct str *out, struct err *err)
{
	bool list = value && value->kind == VALUE_LIST;
	int r = 0;

	if (value && value->kind == VALUE_TEXT)
		return put_value(fill, value, out, err);
	if (!list && !(value && value->kind == VALUE_OBJECT)) {
		value_put(out, value);
		return 0;
	}
	str_addc(out, list ? '[' : '{');
	for (size_t i = 0; i < value->n && r == 0; i++) {
		if (i)
			str_addc(out, ',');
		if (!list) {
			put_quoted(out, value->members[i].name);
			str_addc(out, ':');
		}
		r = fill_json(fill, list ? &value->items[i] : &value->members[i].value, out, err);
	}
	str_addc(out, list ? ']' : '}');
	return r == 0 && out->cut ? err_set(err, -EFBIG, "it becomes too long") : r;
}
