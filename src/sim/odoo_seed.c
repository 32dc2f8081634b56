/* What the simulated Odoo holds at its start: accounts, countries, partners, products, and the orders
 * and bills of three months. The same seed and clock give the same.
 * Leaves every rule to odoo_write.c, through which all goes. Called once, by odoo_sim_new(). */
#include "base/mem.h"
#include "odoo_documents.h"
#include "odoo_methods.h"
#include "odoo_part.h"
#include "odoo_write.h"
#include "random.h"
#include <stdio.h>
#include <string.h>

#define DAY_S INT64_C(86400)

struct seed {
	struct odoo_sim *sim;
	struct odoo_env env;
	struct random random;
	int64_t now_s;
	int64_t n_products, first_supplier, n_suppliers;
};

static const char *const countries[][2] = {{"AD", "Andorra"}, {"AE", "United Arab Emirates"},
	{"AF", "Afghanistan"}, {"AG", "Antigua and Barbuda"}, {"AI", "Anguilla"}, {"AL", "Albania"},
	{"AM", "Armenia"}, {"AO", "Angola"}, {"AQ", "Antarctica"}, {"AR", "Argentina"},
	{"AS", "American Samoa"}, {"AT", "Austria"}, {"AU", "Australia"}, {"AW", "Aruba"},
	{"AX", "Åland Islands"}, {"AZ", "Azerbaijan"}, {"BA", "Bosnia and Herzegovina"},
	{"BB", "Barbados"}, {"BD", "Bangladesh"}, {"BE", "Belgium"}};

static const char *const firms[] = {"Nordmed", "Ready Mat", "Azure Interior", "Deco Addict",
	"Helvesan", "Gemini Supplies", "Lumber Health", "Wood Corner", "Vitalog", "Pharmatrans"};
static const char *const kinds[] = {"Supplies", "Pharma", "Implants", "Diagnostics", "Textiles",
	"Gases", "Catering", "Instruments"};
static const char *const goods[] = {"Nitrile Gloves M", "Nitrile Gloves L", "Syringe 5 ml",
	"Syringe 10 ml", "Needle 21G", "Infusion Set", "Saline 0.9% 500 ml", "Gauze 10x10",
	"Suture 3-0", "Scalpel 11", "Catheter 16Fr", "Surgical Mask", "FFP2 Mask", "Gown, sterile",
	"Drape 150x200", "Paracetamol 1 g", "Ceftriaxone 2 g", "Heparin 5000 IU", "Insulin 100 IU",
	"Hip Stem 12", "Knee Insert 10", "Stent 3.0x18", "Blood Tube EDTA", "Reagent CRP",
	"Oxygen Cylinder 10 l", "Bed Linen", "Diaper L", "Meal, soft", "Thermometer", "Electrode"};

void odoo_token(uint64_t seed, uint64_t n, char out[41])
{
	for (uint64_t i = 0; i < 40; i++)
		out[i] = "0123456789abcdef"[random_mix(seed + n * 64, i) & 15];
	out[40] = '\0';
}

static int64_t make(struct seed *seed, const char *model, json_t *vals)
{
	int64_t id = odoo_create(&seed->env, table_named(&seed->sim->rows, model), vals);

	json_decref(vals);
	if (id == 0)
		(void)fprintf(stderr, "seed: %s: %s\n", model, str_cstr(&seed->env.message));
	rows_commit(&seed->sim->rows);
	return id;
}

static void time_of(int64_t wall_s, int len, char out[32])
{
	odoo_time_text(wall_s * S_US, out);
	out[len] = '\0';
}

/* ---- what is always there ------------------------------------------------------------------------ */

static void seed_base(struct seed *seed)
{
	make(seed, "res.company", json_pack("{s:s}", "name", "My Company (San Francisco)"));
	make(seed, "res.currency", json_pack("{s:s}", "name", "USD"));
	make(seed, "uom.uom", json_pack("{s:s}", "name", "Units"));
	for (size_t i = 0; i < ARRAY_LEN(countries); i++)
		make(seed, "res.country",
			json_pack("{s:s, s:s}", "code", countries[i][0], "name", countries[i][1]));
	for (size_t i = 0; i < odoo_n_models; i++)
		make(seed, "ir.model",
			json_pack("{s:s, s:s}", "model", odoo_models[i].name, "name",
				odoo_models[i].label));
	make(seed, "ir.config_parameter",
		json_pack("{s:s, s:s}", "key", "database.uuid", "value", "00000000"));
	make(seed, "res.partner",
		json_pack("{s:s, s:b, s:i}", "name", "My Company (San Francisco)", "is_company", 1,
			"country_id", 20));
	odoo_external_add(&seed->env, "base", "main_partner", "res.partner", 1);
}

static void seed_key(struct seed *seed, struct odoo_account *account)
{
	struct odoo_table *keys = table_named(&seed->sim->rows, "res.users.apikeys");
	char made[32], ends[32];
	int64_t id;

	time_of(seed->now_s - 40 * DAY_S, 19, made);
	time_of(seed->now_s + 50 * DAY_S, 19, ends);
	odoo_token(seed->sim->seed, (uint64_t)account->uid, account->key);
	id = make(seed, "res.users.apikeys",
		json_pack("{s:s, s:I, s:s, s:s}", "name", "integration", "user_id",
			(json_int_t)account->uid, "scope", "rpc", "expiration_date", ends));
	json_object_set_new(
		row_change(&seed->sim->rows, keys, id), "create_date", json_string(made));
	rows_commit(&seed->sim->rows);
}

static const struct {
	const char *login, *name;
} users[] = {{"__system__", "System"}, {"admin", "Mitchell Admin"}, {"default", "Template"},
	{"public", "Public user"}, {"portal", "Portal Template"}, {"demo", "Marc Demo"},
	{"buyer", "Joel Buyer"}};

static void seed_user(struct seed *seed, const char *login, const char *name, bool active)
{
	int64_t partner =
		make(seed, "res.partner", json_pack("{s:s, s:b}", "name", name, "active", active));

	make(seed, "res.users",
		json_pack("{s:s, s:s, s:I, s:i, s:b}", "login", login, "name", name, "partner_id",
			(json_int_t)partner, "company_id", 1, "active", active));
}

/* Those of the accounts get the numbers that odoo_users.c gives them. */
static void seed_users(struct seed *seed)
{
	for (size_t i = 0; i < ARRAY_LEN(users); i++)
		seed_user(seed, users[i].login, users[i].name, i == 1 || i > 4);
	for (size_t i = 1; seed->sim->accounts[i].login; i++)
		seed_user(seed, seed->sim->accounts[i].login, seed->sim->accounts[i].name, true);
	for (size_t i = 0; seed->sim->accounts[i].login; i++)
		seed_key(seed, &seed->sim->accounts[i]);
	odoo_external_add(&seed->env, "base", "partner_admin", "res.partner", 3);
	odoo_external_add(&seed->env, "base", "user_admin", "res.users", 2);
}

static void seed_products(struct seed *seed)
{
	for (size_t i = 0; i < 2 * ARRAY_LEN(goods); i++) {
		double price = 0.5 + random_below(&seed->random, 20000) / 100.0;
		const char *name = goods[i % ARRAY_LEN(goods)];

		make(seed, "product.product",
			json_pack("{s:o, s:o, s:f, s:f, s:f, s:i}", "name",
				json_sprintf(i < ARRAY_LEN(goods) ? "%s" : "%s, box", name),
				"default_code", json_sprintf("MED%04zu", i + 1), "standard_price",
				price, "lst_price", price * 1.2, "qty_available",
				(double)random_below(&seed->random, 500), "uom_id", 1));
	}
	seed->n_products = 2 * ARRAY_LEN(goods);
}

/* ---- what there is more of ------------------------------------------------------------------------- */

/* Every twentieth is archived. */
static void seed_partner(struct seed *seed, int i)
{
	struct random *random = &seed->random;
	const char *firm = firms[random_below(random, ARRAY_LEN(firms))];
	const char *kind = kinds[random_below(random, ARRAY_LEN(kinds))];
	int64_t id = make(seed, "res.partner",
		json_pack("{s:o, s:o, s:o, s:b, s:b, s:i}", "name",
			json_sprintf("%s %s %d", firm, kind, i + 1), "ref",
			json_sprintf("SUP-%05d", i + 1), "email",
			json_sprintf("orders%d@example.test", i + 1), "is_company", 1, "active",
			i % 20 != 19, "country_id", random_between(random, 1, 20)));
	char name[32];

	(void)snprintf(name, sizeof(name), "supplier_%05d", i + 1);
	odoo_external_add(&seed->env, "middleware", name, "res.partner", id);
	rows_commit(&seed->sim->rows);
	if (i == 0)
		seed->first_supplier = id;
	seed->n_suppliers = i + 1;
}

static json_t *order_lines(struct seed *seed, const char *quantity)
{
	struct odoo_table *products = table_named(&seed->sim->rows, "product.product");
	json_t *lines = json_array();
	int n = random_between(&seed->random, 1, 4);

	for (int i = 0; i < n; i++) {
		int64_t id = 1 + random_below(&seed->random, (uint32_t)seed->n_products);
		const json_t *product = row_at(products, id);

		json_array_append_new(
			lines, json_pack("[i, i, {s:I, s:s, s:f, s:f}]", 0, 0, "product_id",
				       (json_int_t)id, "name", row_text(product, "name"), quantity,
				       (double)random_between(&seed->random, 1, 40), "price_unit",
				       row_real(product, "standard_price")));
	}
	return lines;
}

static int64_t supplier(struct seed *seed)
{
	return seed->n_suppliers ? seed->first_supplier +
					   random_below(&seed->random, (uint32_t)seed->n_suppliers)
				 : 1;
}

static void step(struct seed *seed, const char *model, const char *name, int64_t id)
{
	struct odoo_table *table = table_named(&seed->sim->rows, model);
	json_t *ids = json_pack("[I]", (json_int_t)id);

	json_decref(document_step_named(table->model, name)(&seed->env, table, ids));
	json_decref(ids);
	rows_commit(&seed->sim->rows);
}

static void seed_bill(struct seed *seed, int i, int64_t partner, int64_t at_s)
{
	char date[32];
	int64_t id;

	time_of(at_s, 10, date);
	id = make(seed, "account.move",
		json_pack("{s:s, s:I, s:o, s:o, s:s, s:s, s:i, s:o}", "move_type", "in_invoice",
			"partner_id", (json_int_t)partner, "ref", json_sprintf("RE-%06d", i + 1),
			"invoice_origin", json_sprintf("P%05d", i + 1), "date", date,
			"invoice_date", date, "currency_id", 1, "invoice_line_ids",
			order_lines(seed, "quantity")));
	if (random_below(&seed->random, 5))
		step(seed, "account.move", "action_post", id);
}

static void seed_order(struct seed *seed, int i)
{
	int64_t at_s = seed->now_s - random_between(&seed->random, 3600, 90 * (int)DAY_S);
	int64_t partner = supplier(seed), id;
	char at[32], name[32];

	time_of(at_s, 19, at);
	id = make(seed, "purchase.order",
		json_pack("{s:I, s:o, s:o, s:s, s:i, s:i, s:o}", "partner_id", (json_int_t)partner,
			"partner_ref", json_sprintf("HO-%06d", i + 1), "origin",
			json_sprintf("MW-%06d", i + 1), "date_order", at, "currency_id", 1,
			"user_id", 2, "order_line", order_lines(seed, "product_qty")));
	(void)snprintf(name, sizeof(name), "order_%06d", i + 1);
	odoo_external_add(&seed->env, "middleware", name, "purchase.order", id);
	rows_commit(&seed->sim->rows);
	if (random_below(&seed->random, 10) < 7)
		step(seed, "purchase.order", "button_confirm", id);
	if (random_below(&seed->random, 3) == 0)
		seed_bill(seed, i, partner, at_s);
}

void odoo_seed(struct odoo_sim *sim, int partners, int orders)
{
	struct seed seed = {.sim = sim,
		.env = ODOO_ENV_INIT,
		.random = {random_mix(sim->seed, 0x0d00)},
		.now_s = clock_wall_us(sim->rows.clock) / S_US / DAY_S * DAY_S};

	seed.env.rows = &sim->rows;
	seed.env.uid = 1;
	seed.env.sudo = true;
	seed_base(&seed);
	seed_users(&seed);
	seed_products(&seed);
	odoo_seed_system(sim);
	for (int i = 0; i < partners; i++)
		seed_partner(&seed, i);
	for (int i = 0; i < orders; i++)
		seed_order(&seed, i);
	str_done(&seed.env.message);
}
