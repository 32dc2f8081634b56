/* Asks which fields a model has, before any of them is read.
 * Leaves the call to client.c. Called by who reads fields that a catalogue names. */
#include "base/mem.h"
#include "odoo/read.h"
#include <stdlib.h>

struct fields_call {
	struct arena arena;
	const char **names;
	size_t n;
	void (*done)(void *ctx, const struct odoo_reply *reply, const struct odoo_field *fields,
		size_t n_fields);
	void *ctx;
};

static const char *text_of(struct arena *arena, const struct value *value, const char *name)
{
	struct slice text = value_text(value_get(value, name));

	return text.at ? arena_str(arena, text) : NULL;
}

static void on_dropped(void *ctx)
{
	struct fields_call *call = ctx;

	arena_done(&call->arena);
	free(call);
}

static void on_reply(void *ctx, const struct odoo_reply *reply)
{
	struct fields_call *call = ctx;
	struct odoo_field *fields = arena_array(&call->arena, call->n, sizeof(*fields));

	for (size_t i = 0; i < call->n; i++) {
		const struct value *found = value_get(reply->result, call->names[i]);

		fields[i] = (struct odoo_field){.name = call->names[i],
			.type = text_of(&call->arena, found, "type"),
			.label = text_of(&call->arena, found, "string"),
			.relation = text_of(&call->arena, found, "relation"),
			.readonly = value_true(value_get(found, "readonly")),
			.required = value_true(value_get(found, "required"))};
	}
	call->done(call->ctx, reply, fields, reply->class == ODOO_OK ? call->n : 0);
	on_dropped(call);
}

uint64_t odoo_fields(struct odoo *odoo, const char *model, const char *const *names, size_t n,
	void (*done)(void *ctx, const struct odoo_reply *reply, const struct odoo_field *fields,
		size_t n_fields),
	void *ctx)
{
	CLEANUP(str_done)
	struct str list = STR_INIT(64 * 1024);
	struct fields_call *call = NEW(struct fields_call);

	*call = (struct fields_call){.n = n, .done = done, .ctx = ctx};
	call->names = arena_array(&call->arena, n, sizeof(*call->names));
	str_addc(&list, '[');
	for (size_t i = 0; i < n; i++) {
		call->names[i] = arena_str(&call->arena, slice_of(names[i]));
		str_adds(&list, i ? "," : "");
		(void)value_put_text(&list, slice_of(names[i]));
	}
	str_addc(&list, ']');
	return odoo_ask(odoo,
		&(struct odoo_ask){.model = model,
			.method = "fields_get",
			.args = {{"allfields", str_slice(&list)},
				{"attributes",
					SLICE("[\"type\",\"string\",\"relation\",\"readonly\","
					      "\"required\"]")}},
			.n_args = 2,
			.n_positional = 1,
			.reads = true,
			.done = on_reply,
			.dropped = on_dropped,
			.ctx = call});
}
