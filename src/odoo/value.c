/* JSON into plain data in an arena. jansson parses; how deep and how much is counted before it may.
 * Leaves the meaning of replies to decode.c. Called by all of this room and by who reads replies. */
#include "odoo/value.h"
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

/* An upper bound of the values, from the separators outside of texts: a body of 16 MB could
 * otherwise become 500 MB of small values. */
static int measure(struct slice json, struct err *err)
{
	size_t count = 1, depth = 0;
	bool in_text = false;

	for (size_t i = 0; i < json.len; i++) {
		char c = json.at[i];

		if (in_text && c == '\\')
			i++;
		else if (c == '"')
			in_text = !in_text;
		else if (in_text)
			continue;
		else if (c == '[' || c == '{')
			depth++, count++;
		else if ((c == ']' || c == '}') && depth > 0)
			depth--;
		else if (c == ',')
			count++;
		if (depth > VALUE_DEPTH_MAX)
			return err_set(
				err, -EBADMSG, "values nested deeper than %d", VALUE_DEPTH_MAX);
		if (count > VALUE_COUNT_MAX)
			return err_set(
				err, -EBADMSG, "more than %zu values", (size_t)VALUE_COUNT_MAX);
	}
	return 0;
}

static struct slice text_of(struct arena *arena, json_t *json)
{
	return arena_dup(arena, (struct slice){json_string_value(json), json_string_length(json)});
}

static void convert(struct arena *arena, json_t *json, struct value *ret);

static void convert_list(struct arena *arena, json_t *json, struct value *ret)
{
	struct value *items;

	ret->kind = VALUE_LIST;
	ret->n = json_array_size(json);
	ret->items = items = arena_array(arena, ret->n, sizeof(*items));
	for (size_t i = 0; i < ret->n; i++)
		convert(arena, json_array_get(json, i), &items[i]);
}

static void convert_object(struct arena *arena, json_t *json, struct value *ret)
{
	struct value_member *members;
	size_t i = 0;

	ret->kind = VALUE_OBJECT;
	ret->n = json_object_size(json);
	ret->members = members = arena_array(arena, ret->n, sizeof(*members));
	for (void *at = json_object_iter(json); at; at = json_object_iter_next(json, at), i++) {
		members[i].name = arena_dup(arena, slice_of(json_object_iter_key(at)));
		convert(arena, json_object_iter_value(at), &members[i].value);
	}
}

/* As deep as measure() lets it. */
static void convert(struct arena *arena, json_t *json, struct value *ret)
{
	switch (json_typeof(json)) {
	case JSON_OBJECT:
		convert_object(arena, json, ret);
		break;
	case JSON_ARRAY:
		convert_list(arena, json, ret);
		break;
	case JSON_STRING:
		*ret = (struct value){.kind = VALUE_TEXT, .text = text_of(arena, json)};
		break;
	case JSON_INTEGER:
		*ret = (struct value){.kind = VALUE_INT, .number = json_integer_value(json)};
		break;
	case JSON_REAL:
		*ret = (struct value){.kind = VALUE_REAL, .real = json_real_value(json)};
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		*ret = (struct value){.kind = VALUE_BOOL, .truth = json_is_true(json)};
		break;
	default:
		*ret = (struct value){.kind = VALUE_NULL};
	}
}

int value_parse(struct arena *arena, struct slice json, const struct value **ret, struct err *err)
{
	struct value *value;
	json_error_t wrong;
	json_t *parsed;
	int r = measure(json, err);

	if (r < 0)
		return r;
	parsed = json_loadb(json.at ? json.at : "", json.len,
		JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &wrong);
	if (!parsed)
		return err_set(err, -EBADMSG, "not JSON, near byte %d", wrong.position);
	value = arena_alloc(arena, sizeof(*value));
	convert(arena, parsed, value);
	json_decref(parsed);
	*ret = value;
	return 0;
}

const struct value *value_get(const struct value *value, const char *name)
{
	if (!value || value->kind != VALUE_OBJECT)
		return NULL;
	for (size_t i = 0; i < value->n; i++)
		if (slice_eq_str(value->members[i].name, name))
			return &value->members[i].value;
	return NULL;
}

const struct value *value_at(const struct value *value, size_t i)
{
	return value && value->kind == VALUE_LIST && i < value->n ? &value->items[i] : NULL;
}

struct slice value_text(const struct value *value)
{
	return value && value->kind == VALUE_TEXT ? value->text : SLICE_NONE;
}

bool value_int(const struct value *value, int64_t *ret)
{
	if (!value || value->kind != VALUE_INT)
		return false;
	*ret = value->number;
	return true;
}

bool value_real(const struct value *value, double *ret)
{
	if (value && value->kind == VALUE_INT)
		*ret = (double)value->number;
	else if (value && value->kind == VALUE_REAL)
		*ret = value->real;
	else
		return false;
	return true;
}

bool value_true(const struct value *value)
{
	return value && value->kind == VALUE_BOOL && value->truth;
}

bool value_empty(const struct value *value)
{
	return !value || value->kind == VALUE_NULL || (value->kind == VALUE_BOOL && !value->truth);
}

bool value_many2one(const struct value *value, int64_t *ret_id, struct slice *ret_label)
{
	int64_t id;

	if (!value_int(value_at(value, 0), &id) && !value_int(value, &id))
		return false;
	*ret_id = id;
	if (ret_label)
		*ret_label = value_text(value_at(value, 1));
	return true;
}

bool value_put_text(struct str *out, struct slice text)
{
	json_t *json = json_stringn(text.at ? text.at : "", text.len);
	char *quoted = json ? json_dumps(json, JSON_ENCODE_ANY) : NULL;

	if (quoted)
		str_adds(out, quoted);
	json_decref(json);
	if (!quoted)
		return false;
	free(quoted);
	return true;
}

/* As short as it can be read back: 0.1 stays 0.1. */
static void put_real(struct str *out, double real)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%.15g", real);
	if (strtod(text, NULL) != real)
		(void)snprintf(text, sizeof(text), "%.17g", real);
	str_adds(out, text);
}

static void put_quoted(struct str *out, struct slice text)
{
	if (!value_put_text(out, text))
		str_adds(out, "null");
}

void value_put(struct str *out, const struct value *value)
{
	switch (value ? value->kind : VALUE_NULL) {
	case VALUE_NULL:
		str_adds(out, "null");
		break;
	case VALUE_BOOL:
		str_adds(out, value->truth ? "true" : "false");
		break;
	case VALUE_INT:
		str_addf(out, "%lld", (long long)value->number);
		break;
	case VALUE_REAL:
		put_real(out, value->real);
		break;
	case VALUE_TEXT:
		put_quoted(out, value->text);
		break;
	case VALUE_LIST:
		str_addc(out, '[');
		for (size_t i = 0; i < value->n; i++) {
			if (i)
				str_addc(out, ',');
			value_put(out, &value->items[i]);
		}
		str_addc(out, ']');
		break;
	case VALUE_OBJECT:
		str_addc(out, '{');
		for (size_t i = 0; i < value->n; i++) {
			if (i)
				str_addc(out, ',');
			put_quoted(out, value->members[i].name);
			str_addc(out, ':');
			value_put(out, &value->members[i].value);
		}
		str_addc(out, '}');
		break;
	}
}

bool value_is_action(const struct value *value)
{
	return slice_starts(value_text(value_get(value, "type")), SLICE("ir.actions."));
}
