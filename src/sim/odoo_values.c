/* Checks and stores one value by its field's type, with Odoo's words where it does not fit.
 * Leaves lists of links to odoo_write.c, its only caller. */
#include "odoo_values.h"
#include "base/mem.h"
#include "odoo_domain.h"
#include <string.h>

static json_t *text_in(struct odoo_env *env, const json_t *given)
{
	if (json_is_string(given)) {
		if (strlen(json_string_value(given)) != json_string_length(given)) {
			odoo_raise(env, VALUE_ERROR,
				"A string literal cannot contain NUL (0x00) characters.");
			return NULL;
		}
		return *json_string_value(given) ? json_incref((json_t *)given) : json_false();
	}
	if (json_is_integer(given))
		return json_sprintf("%lld", (long long)json_integer_value(given));
	return json_false();
}

/* '9' stands for a digit. */
static bool looks_like(const char *text, const char *shape)
{
	for (; *shape; text++, shape++)
		if (*shape == '9' ? *text < '0' || *text > '9' : *text != *shape)
			return false;
	return *text == '\0';
}

static bool is_date(const char *text)
{
	int month, day;

	if (!looks_like(text, "9999-99-99"))
		return false;
	month = (text[5] - '0') * 10 + text[6] - '0';
	day = (text[8] - '0') * 10 + text[9] - '0';
	return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

static json_t *time_in(struct odoo_env *env, const json_t *given, enum odoo_type type)
{
	const char *text = json_string_value(given);
	char date[11];
	bool whole;

	if (!text || !*text)
		return json_false();
	whole = strlen(text) > 10;
	(void)memcpy(date, text, strlen(text) < 10 ? strlen(text) + 1 : 10);
	date[10] = '\0';
	if (!is_date(date) || (whole && !looks_like(text + 10, " 99:99:99"))) {
		odoo_raise(env, VALUE_ERROR, "time data '%s' does not match format '%s'", text,
			whole ? "%Y-%m-%d %H:%M:%S" : "%Y-%m-%d");
		return NULL;
	}
	if (type == ODOO_DATE)
		return json_string(date);
	return whole ? json_string(text) : json_sprintf("%s 00:00:00", date);
}

static bool has_choice(const char *selection, const char *key)
{
	struct slice rest = slice_of(selection), one;

	while (slice_cut(&rest, '|', &one))
		if (slice_eq_str(slice_head(one, slice_find(one, '=')), key))
			return true;
	return false;
}

static json_t *choice_in(struct odoo_env *env, const struct odoo_model *model,
	const struct odoo_field *field, const json_t *given)
{
	CLEANUP(str_done)
	struct str shown = STR_INIT(1000);
	const char *key = json_string_value(given);

	if (json_is_false(given) || json_is_null(given))
		return json_false();
	if (key && has_choice(field->selection, key))
		return json_string(key);
	odoo_repr(&shown, given);
	odoo_raise(env, VALUE_ERROR, "Wrong value for %s.%s: %s", model->name, field->name,
		str_cstr(&shown));
	return NULL;
}

static json_t *link_in(struct odoo_env *env, const struct odoo_model *model,
	const struct odoo_field *field, const json_t *given)
{
	int64_t id = json_integer_value(given);
	CLEANUP(str_done)
	struct str table = STR_INIT(200);

	if (!json_is_integer(given) || id == 0)
		return json_false();
	if (row_at(table_named(env->rows, field->relation), id))
		return json_integer(id);
	str_adds(&table, model->name);
	for (size_t i = 0; i < table.len; i++)
		if (table.at[i] == '.')
			table.at[i] = '_';
	odoo_raise(env, VALIDATION_ERROR,
		"The operation cannot be completed: another model requires the record being "
		"deleted. If possible, archive it instead.\n\nModel: %s (%s)\nConstraint: "
		"%s_%s_fkey\n",
		model->label, model->name, str_cstr(&table), field->name);
	return NULL;
}

json_t *value_in(struct odoo_env *env, const struct odoo_model *model,
	const struct odoo_field *field, const json_t *given)
{
	switch (field->type) {
	case ODOO_INTEGER:
		return json_integer(
			json_is_number(given) ? (json_int_t)json_number_value(given) : 0);
	case ODOO_FLOAT:
	case ODOO_MONETARY:
		return json_real(json_number_value(given));
	case ODOO_BOOLEAN:
		return json_boolean(json_is_true(given) || json_number_value(given) != 0);
	case ODOO_DATE:
	case ODOO_DATETIME:
		return time_in(env, given, field->type);
	case ODOO_SELECTION:
		return choice_in(env, model, field, given);
	case ODOO_MANY2ONE:
		return link_in(env, model, field, given);
	default:
		return text_in(env, given);
	}
}

json_t *value_default(const struct odoo_env *env, const struct odoo_field *field)
{
	char now[32];

	if (field->otherwise)
		return json_string(field->otherwise);
	if (field->flags & ODOO_NOW)
		return json_stringn(odoo_time_text(clock_wall_us(env->rows->clock), now),
			field->type == ODOO_DATE ? 10 : 19);
	switch (field->type) {
	case ODOO_INTEGER:
		return json_integer(0);
	case ODOO_FLOAT:
	case ODOO_MONETARY:
		/* A quantity that must be given has no default that would hide its absence. */
		return field->flags & ODOO_REQUIRED ? json_false() : json_real(0);
	case ODOO_BOOLEAN:
		return json_boolean(strcmp(field->name, "active") == 0 ||
				    strcmp(field->name, "purchase_ok") == 0);
	case ODOO_ONE2MANY:
	case ODOO_MANY2MANY:
		return json_array();
	default:
		return json_false();
	}
}
