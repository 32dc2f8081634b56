/* Partners, purchase orders, invoices and receipts, as far as an interface sees them.
 * Leaves fields and links to odoo_write.c, which calls this at each change; odoo_call.c calls the
 * steps. */
#include "odoo_documents.h"
#include "base/mem.h"
#include "odoo_write.h"
#include <string.h>

static bool is_model(const struct odoo_table *table, const char *name)
{
	return strcmp(table->model->name, name) == 0;
}

/* A line is called as its product, where nothing else is said. */
void document_complete(struct odoo_env *env, const struct odoo_table *table, json_t *row)
{
	const struct odoo_table *products = table_named(env->rows, "product.product");
	const json_t *product = row_at(products, row_int(row, "product_id"));
	CLEANUP(mem_freep)
	char *label = product ? row_label(products, product) : NULL;

	if (label && json_object_get(row, "name") && !*row_text(row, "name") &&
		odoo_field_named(table->model, SLICE("product_id")))
		json_object_set_new(row, "name", json_string(label));
}

/* ---- constraints -------------------------------------------------------------------------------- */

static int check_partner(struct odoo_env *env, const struct odoo_table *table, const json_t *row)
{
	int64_t own = row_int(row, "id"), up = row_int(row, "parent_id");

	if (!*row_text(row, "name") && strcmp(row_text(row, "type"), "contact") == 0)
		return odoo_raise(env, VALIDATION_ERROR,
			"The operation cannot be completed: Contacts require a name");
	for (int depth = 0; own && up && depth < 100; depth++) {
		if (up == own)
			return odoo_raise(env, VALIDATION_ERROR,
				"You cannot create recursive Partner hierarchies.");
		up = row_int(row_at(table, up), "parent_id");
	}
	return 0;
}

static int check_unique(struct odoo_env *env, const struct odoo_table *table, const json_t *row,
	const char *field, const char *why)
{
	const char *text = row_text(row, field);

	for (size_t id = 1; *text && id < table->n; id++)
		if (table->rows[id] && (int64_t)id != row_int(row, "id") &&
			strcmp(row_text(table->rows[id], field), text) == 0)
			return odoo_raise(env, VALIDATION_ERROR,
				"The operation cannot be completed: %s", why);
	return 0;
}

int document_check(struct odoo_env *env, const struct odoo_table *table, const json_t *row)
{
	if (is_model(table, "res.partner"))
		return check_partner(env, table, row);
	if (is_model(table, "res.users"))
		return check_unique(env, table, row, "login",
			"You can not have two users with the same login!");
	if (is_model(table, "res.country"))
		return check_unique(
			env, table, row, "code", "The code of the country must be unique!");
	return 0;
}

/* ---- numbers and totals ------------------------------------------------------------------------- */

static void set_text(struct odoo_env *env, struct odoo_table *table, int64_t id, const char *field,
	const char *text)
{
	json_object_set_new(row_change(env->rows, table, id), field, json_string(text));
}

static double cents(double amount)
{
	return (double)(int64_t)(amount * 100 + (amount < 0 ? -0.5 : 0.5)) / 100;
}

static double sum(const struct odoo_table *lines, const json_t *ids)
{
	const json_t *id;
	double total = 0;
	size_t i;

	json_array_foreach(ids, i, id) total +=
		row_real(row_at(lines, json_integer_value(id)), "price_subtotal");
	return cents(total);
}

static const struct totals {
	const char *line, *up, *quantity, *document, *lines, *left;
} totals[] = {
	{"purchase.order.line", "order_id", "product_qty", "purchase.order", "order_line", NULL},
	{"account.move.line", "move_id", "quantity", "account.move", "invoice_line_ids",
		"amount_residual"},
};

static void add_up(struct odoo_env *env, const struct totals *of, int64_t document)
{
	struct odoo_table *table = table_named(env->rows, of->document);
	json_t *row;
	double total;

	if (!row_at(table, document))
		return;
	row = row_change(env->rows, table, document);
	total = sum(table_named(env->rows, of->line), json_object_get(row, of->lines));
	json_object_set_new(row, "amount_total", json_real(total));
	if (of->left)
		json_object_set_new(row, of->left, json_real(total));
}

static const struct totals *totals_of(const struct odoo_table *table)
{
	for (size_t i = 0; i < ARRAY_LEN(totals); i++)
		if (is_model(table, totals[i].line))
			return &totals[i];
	return NULL;
}

int document_changed(struct odoo_env *env, struct odoo_table *table, int64_t id)
{
	const struct totals *of = totals_of(table);
	json_t *row;

	if (!of)
		return 0;
	row = row_change(env->rows, table, id);
	json_object_set_new(row, "price_subtotal",
		json_real(cents(row_real(row, of->quantity) * row_real(row, "price_unit"))));
	add_up(env, of, row_int(row, of->up));
	return 0;
}

int document_made(struct odoo_env *env, struct odoo_table *table, int64_t id)
{
	char number[32];

	number[0] = '\0';
	if (is_model(table, "purchase.order") && !*row_text(row_at(table, id), "name"))
		(void)snprintf(number, sizeof(number), "P%05lld", (long long)id);
	if (is_model(table, "stock.picking") &&
		strcmp(row_text(row_at(table, id), "name"), "/") == 0)
		(void)snprintf(number, sizeof(number), "WH/%s/%05lld",
			strcmp(row_text(row_at(table, id), "picking_type_code"), "incoming") == 0
				? "IN"
				: "OUT",
			(long long)id);
	if (*number)
		set_text(env, table, id, "name", number);
	return document_changed(env, table, id);
}

void document_gone(struct odoo_env *env, const struct odoo_table *table, const json_t *row)
{
	const struct totals *of = totals_of(table);

	if (of)
		add_up(env, of, row_int(row, of->up));
}

int document_deletable(struct odoo_env *env, const struct odoo_table *table, const json_t *row)
{
	const char *state = row_text(row, "state");

	if (is_model(table, "purchase.order") && strcmp(state, "cancel") != 0)
		return odoo_raise(env, USER_ERROR,
			"In order to delete a purchase order, you must cancel it first.");
	if (is_model(table, "account.move") && strcmp(state, "posted") == 0)
		return odoo_raise(env, USER_ERROR,
			"You can't delete a posted journal item. Don’t play games with your "
			"accounting records; reset the journal entry to draft before deleting it.");
	if (is_model(table, "stock.picking") && strcmp(state, "done") == 0)
		return odoo_raise(env, USER_ERROR, "You can not delete a transfer that is done.");
	return 0;
}

/* ---- steps --------------------------------------------------------------------------------------- */

/* Runs one() on each that is there; all or none, by the journal. */
static int each(struct odoo_env *env, struct odoo_table *table, const json_t *ids,
	int (*one)(struct odoo_env *env, struct odoo_table *table, int64_t id))
{
	const json_t *id;
	size_t i;

	if (odoo_all_there(env, table, ids) < 0)
		return -1;
	json_array_foreach(ids, i, id) if (one(env, table, json_integer_value(id)) < 0) return -1;
	return 0;
}

static void set_now(struct odoo_env *env, json_t *row, const char *field, int len)
{
	char now[32];

	json_object_set_new(row, field,
		json_stringn(odoo_time_text(clock_wall_us(env->rows->clock), now), (size_t)len));
}

static int make_receipt(struct odoo_env *env, const json_t *order)
{
	struct odoo_table *lines = table_named(env->rows, "purchase.order.line");
	json_t *moves = json_array(), *vals;
	const json_t *id;
	int64_t made;
	size_t i;

	json_array_foreach(json_object_get(order, "order_line"), i, id)
	{
		const json_t *line = row_at(lines, json_integer_value(id));

		if (row_int(line, "product_id"))
			json_array_append_new(
				moves, json_pack("[i, i, {s:O, s:s, s:f}]", 0, 0, "product_id",
					       json_object_get(line, "product_id"), "name",
					       row_text(line, "name"), "product_uom_qty",
					       row_real(line, "product_qty")));
	}
	vals = json_pack("{s:O, s:s, s:o, s:s}", "partner_id", json_object_get(order, "partner_id"),
		"origin", row_text(order, "name"), "move_ids", moves, "state", "assigned");
	made = odoo_create(env, table_named(env->rows, "stock.picking"), vals);
	json_decref(vals);
	return made > 0 ? 0 : -1;
}

static int confirm_order(struct odoo_env *env, struct odoo_table *table, int64_t id)
{
	const char *state = row_text(row_at(table, id), "state");
	bool sudo = env->sudo;
	json_t *row;
	int r;

	if (strcmp(state, "draft") != 0 && strcmp(state, "sent") != 0)
		return 0;
	row = row_change(env->rows, table, id);
	json_object_set_new(row, "state", json_string("purchase"));
	json_object_set_new(row, "receipt_status", json_string("pending"));
	set_now(env, row, "date_approve", 19);
	env->sudo = true; /* Odoo makes the receipt with its own rights */
	r = make_receipt(env, row);
	env->sudo = sudo;
	return r;
}

static json_t *order_confirm(struct odoo_env *env, struct odoo_table *table, const json_t *ids)
{
	return each(env, table, ids, confirm_order) < 0 ? NULL : json_true();
}

static int cancel_one(struct odoo_env *env, struct odoo_table *table, int64_t id)
{
	set_text(env, table, id, "state", "cancel");
	return 0;
}

/* Returns None, which JSON-RPC answers without a result. */
static json_t *cancel(struct odoo_env *env, struct odoo_table *table, const json_t *ids)
{
	return each(env, table, ids, cancel_one) < 0 ? NULL : json_null();
}

static int draft_one(struct odoo_env *env, struct odoo_table *table, int64_t id)
{
	set_text(env, table, id, "state", "draft");
	return 0;
}

static json_t *draft(struct odoo_env *env, struct odoo_table *table, const json_t *ids)
{
	return each(env, table, ids, draft_one) < 0 ? NULL : json_null();
}

static int post_move(struct odoo_env *env, struct odoo_table *table, int64_t id)
{
	const json_t *row = row_at(table, id);
	const char *type = row_text(row, "move_type");
	char number[64];
	json_t *posted;

	if (strcmp(row_text(row, "state"), "draft") != 0)
		return odoo_raise(env, USER_ERROR, "The entry %s (id %lld) must be in draft.",
			row_text(row, "name"), (long long)id);
	posted = row_change(env->rows, table, id);
	json_object_set_new(posted, "state", json_string("posted"));
	if (strcmp(type, "entry") != 0 && !*row_text(posted, "invoice_date"))
		set_now(env, posted, "invoice_date", 10);
	(void)snprintf(number, sizeof(number), "%s/%.4s/%05lld",
		strncmp(type, "out_", 4) == 0  ? "INV"
		: strncmp(type, "in_", 3) == 0 ? "BILL"
					       : "MISC",
		row_text(posted, "date"), (long long)id);
	json_object_set_new(posted, "name", json_string(number));
	return 0;
}

static json_t *move_post(struct odoo_env *env, struct odoo_table *table, const json_t *ids)
{
	return each(env, table, ids, post_move) < 0 ? NULL : json_false();
}

/* Asks for a person: nothing is paid yet. */
static json_t *move_pay(struct odoo_env *env, struct odoo_table *table, const json_t *ids)
{
	if (odoo_all_there(env, table, ids) < 0)
		return NULL;
	return json_pack("{s:s, s:s, s:s, s:{s:s, s:O}, s:s, s:s}", "name", "Pay", "res_model",
		"account.payment.register", "view_mode", "form", "context", "active_model",
		"account.move", "active_ids", ids, "target", "new", "type",
		"ir.actions.act_window");
}

static int validate_picking(struct odoo_env *env, struct odoo_table *table, int64_t id)
{
	const char *state = row_text(row_at(table, id), "state");
	json_t *row;

	if (strcmp(state, "done") == 0 || strcmp(state, "cancel") == 0)
		return 0;
	if (json_array_size(json_object_get(row_at(table, id), "move_ids")) == 0)
		return odoo_raise(env, USER_ERROR,
			"You can’t validate an empty transfer. Please add some products to move "
			"before proceeding.");
	row = row_change(env->rows, table, id);
	json_object_set_new(row, "state", json_string("done"));
	set_now(env, row, "date_done", 19);
	return 0;
}

static json_t *picking_validate(struct odoo_env *env, struct odoo_table *table, const json_t *ids)
{
	return each(env, table, ids, validate_picking) < 0 ? NULL : json_true();
}

document_step *document_step_named(const struct odoo_model *model, const char *name)
{
	static const struct {
		const char *model, *name;
		document_step *step;
	} steps[] = {
		{"purchase.order", "button_confirm", order_confirm},
		{"purchase.order", "button_cancel", cancel},
		{"purchase.order", "button_draft", draft},
		{"account.move", "action_post", move_post},
		{"account.move", "button_draft", draft},
		{"account.move", "button_cancel", cancel},
		{"account.move", "action_register_payment", move_pay},
		{"stock.picking", "button_validate", picking_validate},
		{"stock.picking", "action_cancel", cancel},
	};

	for (size_t i = 0; i < ARRAY_LEN(steps); i++)
		if (strcmp(steps[i].model, model->name) == 0 && strcmp(steps[i].name, name) == 0)
			return steps[i].step;
	return NULL;
}
