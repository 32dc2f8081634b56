/* Runs the engine of the traffic once more, beside the simulated Odoo, and makes an order there of each
 * message that delivers one. A few are left out, made twice or changed, so that there is something to
 * reconcile. Leaves the traffic itself to traffic.c. Called by odoo_serve.c. */
#include "odoo_live.h"
#include "base/mem.h"
#include "engine.h"
#include "estate.h"
#include "odoo_part.h"
#include "odoo_write.h"
#include <stdlib.h>
#include <string.h>

#define BACK_US (60 * 60 * S_US) /* so long the traffic's history is as dense as its present */
#define TICK_US S_US

/* In a hundred orders. */
enum { LOST = 7, TWICE = 8, CHANGED = 9 };

struct odoo_live {
	struct odoo_sim *sim;
	struct timer *timer;
	struct clock *clock;
	struct engine *engine;
	struct faults *faults;
	struct odoo_env env;
	json_t *pending; /* bodies of orders by message, until they are delivered */
	json_t *partners; /* numbers by name */
};

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static int64_t make(struct odoo_live *live, const char *model, json_t *vals)
{
	int64_t id = odoo_create(&live->env, table_named(live->env.rows, model), vals);

	json_decref(vals);
	rows_commit(live->env.rows);
	live->env.raised = NULL;
	str_reset(&live->env.message);
	return id;
}

static int64_t partner(struct odoo_live *live, const char *name)
{
	json_t *known = json_object_get(live->partners, name);
	int64_t id = known ? json_integer_value(known) : 0;

	if (!id) {
		id = make(live, "res.partner",
			json_pack("{s:s, s:b}", "name", name, "is_company", 1));
		json_object_set_new(live->partners, name, json_integer(id));
	}
	return id;
}

static void make_order(struct odoo_live *live, const char *message, const json_t *body)
{
	unsigned fate = 0;
	double total = (double)json_integer_value(json_object_get(body, "total_cents")) / 100;
	const char *supplier = text_of(body, "supplier");

	for (const char *c = message; *c; c++)
		fate = fate * 31 + (unsigned char)*c;
	fate %= 100;
	for (int i = 0; i < (fate == LOST ? 0 : fate == TWICE ? 2 : 1); i++)
		make(live, "purchase.order",
			json_pack("{s:I, s:s, s:s, s:[[i, i, {s:i, s:s, s:f, s:f}]]}", "partner_id",
				(json_int_t)partner(live, *supplier ? supplier : "Internal supply"),
				"partner_ref", text_of(body, "order"), "origin",
				fate == CHANGED ? "entered by hand" : message, "order_line", 0, 0,
				"product_id", 1, "name", "as ordered", "product_qty", 1.0,
				"price_unit", total));
}

static bool is_order(const char *code)
{
	const struct sim_interface *it = sim_interface_find(code);

	return it && it->form == FORM_ORDER_JSON && strcmp(it->target, "odoo") == 0;
}

static void emit(void *ctx, int64_t at_us, struct slice document)
{
	struct odoo_live *live = ctx;
	json_t *event = json_loadb(document.at, document.len, 0, NULL), *body;
	const char *message = text_of(event, "message_id"), *kind = text_of(event, "kind");

	(void)at_us;
	if (is_order(text_of(event, "interface"))) {
		body = json_loads(text_of(json_object_get(event, "payload"), "body"), 0, NULL);
		if (body && !json_object_get(live->pending, message))
			json_object_set(live->pending, message, body);
		json_decref(body);
		body = json_object_get(live->pending, message);
		if (body && strcmp(kind, "delivered") == 0)
			make_order(live, message, body);
		if (strcmp(kind, "delivered") == 0 || strcmp(kind, "dead") == 0)
			json_object_del(live->pending, message);
	}
	json_decref(event);
}

void odoo_live_take(struct odoo_live *live, struct slice message, struct slice body)
{
	json_t *order = json_loadb(body.at, body.len, 0, NULL);
	double total = (double)json_integer_value(json_object_get(order, "total_cents")) / 100;
	const char *supplier = text_of(order, "supplier");

	if (json_is_object(order))
		make(live, "purchase.order",
			json_pack("{s:I, s:s, s:s%, s:[[i, i, {s:i, s:s, s:f, s:f}]]}",
				"partner_id",
				(json_int_t)partner(live, *supplier ? supplier : "Internal supply"),
				"partner_ref", text_of(order, "order"), "origin",
				message.at ? message.at : "", message.len, "order_line", 0, 0,
				"product_id", 1, "name", "as ordered", "product_qty", 1.0,
				"price_unit", total));
	json_decref(order);
}

static void on_tick(void *ctx)
{
	struct odoo_live *live = ctx;

	engine_run(live->engine, clock_wall_us(live->clock));
	timer_in(live->timer, TICK_US);
}

struct odoo_live *odoo_live_open(
	struct loop *loop, struct odoo_sim *sim, uint64_t seed, double rate, const char *dir)
{
	struct odoo_live *live = NEW(struct odoo_live);
	struct problems problems = PROBLEMS_INIT;
	CLEANUP(str_done)
	struct str path = STR_INIT(4096);

	*live = (struct odoo_live){.sim = sim,
		.clock = loop_clock(loop),
		.faults = faults_new(seed),
		.env = ODOO_ENV_INIT,
		.pending = json_object(),
		.partners = json_object()};
	live->env.rows = &sim->rows;
	live->env.uid = 1;
	live->env.sudo = true;
	faults_by_chance(live->faults, true);
	if (dir) {
		str_addf(&path, "%s/faults", dir);
		(void)faults_read(live->faults, str_cstr(&path), &problems, NULL);
		problems_done(&problems);
	}
	live->engine = engine_new(&(struct engine_options){.seed = seed,
					  .rate = rate,
					  .faults = live->faults,
					  .emit = emit,
					  .ctx = live},
		clock_wall_us(live->clock) - BACK_US);
	live->timer = timer_open(loop, on_tick, live);
	timer_in(live->timer, 0);
	return live;
}

void odoo_live_close(struct odoo_live *live)
{
	if (!live)
		return;
	timer_close(live->timer);
	engine_free(live->engine);
	faults_free(live->faults);
	json_decref(live->pending);
	json_decref(live->partners);
	str_done(&live->env.message);
	free(live);
}
