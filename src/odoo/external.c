/* Asks for a record by its external id, in the one way that every version of Odoo knows.
 * What is made of the record is the caller's. Called by the guard and the console's questions. */
#include "odoo/external.h"
#include "base/mem.h"
#include "base/str.h"
#include <string.h>

static bool put(struct arena *arena, struct slice text, struct slice *ret)
{
	CLEANUP(str_done)
	struct str json = STR_INIT(1000);

	if (!text.len || !value_put_text(&json, text))
		return false;
	*ret = arena_dup(arena, str_slice(&json));
	return true;
}

bool odoo_external_ask(struct arena *arena, struct slice external_id, struct odoo_ask *ret)
{
	struct slice name = slice_trim(external_id), module, args[2];

	if (slice_find(name, '.') == name.len || slice_find(name, ' ') != name.len ||
		!slice_cut(&name, '.', &module) || !put(arena, module, &args[0]) ||
		!put(arena, name, &args[1]))
		return false;
	*ret = (struct odoo_ask){.model = "ir.model.data",
		.method = "check_object_reference",
		.args = {{"module", args[0]}, {"xml_id", args[1]}},
		.n_args = 2,
		.n_positional = 2,
		.reads = true};
	return true;
}

bool odoo_external_found(const struct odoo_reply *reply, struct slice *ret_model, int64_t *ret_id)
{
	*ret_model = value_text(value_at(reply->result, 0));
	if (!value_int(value_at(reply->result, 1), ret_id))
		*ret_id = 0;
	return reply->class == ODOO_OK && ret_model->len;
}

bool odoo_external_unknown(const struct odoo_reply *reply)
{
	return reply->class == ODOO_CALL && slice_eq_str(reply->name, "builtins.ValueError") &&
	       strncmp(reply->message, "External ID not found in the system", 35) == 0;
}
