/* Writes the estate as a catalogue document of format 1.
 * What it says is in the estate's tables; objectives follow from them by rule.
 * Called by the simulator's setup and by its `catalogue` command. */
#include "catalogue.h"
#include "base/mem.h"
#include "estate.h"
#include "json_out.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

#define DAY_S 86400

static void put_systems(struct str *out)
{
	size_t n;
	const struct sim_system *systems = sim_systems(&n);

	json_open(out, "system", '[');
	for (size_t i = 0; i < n; i++) {
		const struct sim_system *s = &systems[i];

		json_open(out, NULL, '{');
		json_text(out, "code", s->code);
		json_text(out, "title", s->title);
		json_text(out, "kind", s->kind);
		json_words(out, "depends_on", s->depends_on);
		json_text(out, "vendor", s->vendor);
		json_text(out, "vendor_contact", s->vendor_contact);
		json_text(out, "escalation", s->escalation);
		json_text(out, "owner", s->owner);
		json_close(out, '}');
	}
	json_close(out, ']');
}

static void put_facilities(struct str *out)
{
	size_t n;
	const struct sim_facility *facilities = sim_facilities(&n);

	json_open(out, "facility", '[');
	for (size_t i = 0; i < n; i++) {
		json_open(out, NULL, '{');
		json_text(out, "code", facilities[i].code);
		json_text(out, "title", facilities[i].title);
		json_text(out, "region", facilities[i].region);
		json_close(out, '}');
	}
	json_close(out, ']');
}

static void put_partners(struct str *out)
{
	size_t n;
	const struct sim_partner *partners = sim_partners(&n);

	json_open(out, "partner", '[');
	for (size_t i = 0; i < n; i++) {
		json_open(out, NULL, '{');
		json_text(out, "code", partners[i].code);
		json_text(out, "title", partners[i].title);
		json_text(out, "kind", partners[i].kind);
		json_text(out, "contact", partners[i].contact);
		json_close(out, '}');
	}
	json_close(out, ']');
}

/* "X12 850 005010": the version is the last word. */
static void put_contract(struct str *out, const char *contract)
{
	const char *blank = strrchr(contract, ' ');

	if (!blank)
		blank = contract + strlen(contract);
	json_slice(out, "contract_name", (struct slice){contract, (size_t)(blank - contract)});
	json_text(out, "contract_version", *blank ? blank + 1 : NULL);
}

static void put_retry(struct str *out, const struct sim_interface *it)
{
	json_open(out, "retry", '{');
	json_int(out, "attempts", it->way == WAY_BATCH ? 2 : 4);
	json_int(out, "first_s", 20);
	json_int(out, "factor", 3);
	json_close(out, '}');
}

static const char *payload_type(enum sim_form form)
{
	switch (form) {
	case FORM_ORDER_X12:
	case FORM_ORDER_ACK_X12:
	case FORM_SHIP_NOTICE_X12:
	case FORM_INVOICE_X12:
	case FORM_CLAIM_X12:
	case FORM_REMIT_X12:
	case FORM_ELIGIBILITY_X12:
		return "application/edi-x12";
	case FORM_ASSET_XML:
	case FORM_SUPPLIER_XML:
	case FORM_RECALL_XML:
	case FORM_STATEMENT_XML:
	case FORM_PAYMENT_XML:
		return "application/xml";
	case FORM_CHARGE_HL7:
	case FORM_ADT_HL7:
	case FORM_LAB_ORDER_HL7:
	case FORM_LAB_RESULT_HL7:
	case FORM_PHARMACY_HL7:
		return "application/hl7-v2";
	case FORM_PRICES_CSV:
	case FORM_LEDGER_CSV:
	case FORM_PAYROLL_CSV:
	case FORM_FEED_CSV:
		return "text/csv";
	default:
		return "application/json";
	}
}

/* How Odoo knows an order that came by a message, and what of it is compared. */
static void put_check(struct str *out, const struct sim_interface *it)
{
	const char *key = "";
	char pattern[16];
	size_t n;
	const struct sim_flow *flows = sim_flows(&n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(flows[i].legs[0].interface, it->code) == 0)
			key = flows[i].key;
	snprintf(pattern, sizeof(pattern), "%s-%%", key);
	json_open(out, "check", '{');
	json_text(out, "model", "purchase.order");
	json_open(out, "reference", '{');
	json_text(out, "field", "partner_ref");
	json_text(out, "value", "{business_key}");
	json_close(out, '}');
	json_open(out, "also", '[');
	json_open(out, NULL, '[');
	json_text(out, NULL, "partner_ref");
	json_text(out, NULL, "=like");
	json_text(out, NULL, pattern);
	json_close(out, ']');
	json_close(out, ']');
	json_open(out, "fields", '{');
	json_text(out, "partner_ref", "{/order}");
	json_text(out, "partner_id", "{/supplier}");
	json_text(out, "origin", "{message_id}");
	json_close(out, '}');
	json_close(out, '}');
}

static void put_endpoint(struct str *out, const struct sim_interface *it)
{
	char url[160];

	/* Reached through the demo's proxy alone. */
	snprintf(url, sizeof(url), "http://%s.orderly-demo.example/%s", it->target, it->code);
	json_open(out, "endpoint", '{');
	json_text(out, "kind", "http");
	json_text(out, "url", url);
	json_text(out, "method", "POST");
	json_open(out, "headers", '{');
	json_text(out, "X-Business-Key", "{business_key}");
	json_text(out, "X-Message-Id", "{message_id}");
	json_close(out, '}');
	if (it->form == FORM_ORDER_JSON && strcmp(it->target, "odoo") == 0)
		put_check(out, it);
	json_close(out, '}');
}

static void put_interface(struct str *out, const struct sim_interface *it)
{
	char runbook[160];

	snprintf(runbook, sizeof(runbook), "https://runbooks.orderly-demo.example/%s", it->code);
	json_open(out, NULL, '{');
	json_text(out, "code", it->code);
	json_text(out, "title", it->title);
	json_text(out, "source", it->source);
	json_text(out, "target", it->target);
	json_text(out, "style", it->style);
	json_text(out, "timing", it->timing);
	json_text(out, "timing_why", it->timing_why);
	json_int(out, "tier", it->tier);
	json_text(out, "business_owner", it->business_owner);
	json_text(out, "technical_owner", it->technical_owner);
	json_text(out, "support_team", it->team);
	json_text(out, "runbook", runbook);
	json_text(out, "entity", it->entity);
	json_text(out, "system_of_record", sim_system_find(it->record) ? it->record : it->source);
	put_contract(out, it->contract);
	json_text(out, "data_class", it->data_class);
	json_text(out, "lifecycle", it->lifecycle);
	json_text(out, "twin", it->twin);
	json_text(out, "ordering_key", it->ordering);
	json_text(out, "idempotency", it->idempotency);
	json_text(out, "success", it->way == WAY_ACKED ? "acknowledged" : "delivered");
	put_retry(out, it);
	json_text(out, "replay_policy", it->policy);
	put_endpoint(out, it);
	json_text(out, "payload_type", payload_type(it->form));
	if (it->cadence_s)
		json_int(out, "cadence_s", it->cadence_s);
	json_text(out, "batch_due", it->due);
	json_text(out, "batch_zone", it->due ? "UTC" : NULL);
	json_close(out, '}');
}

static void put_interfaces(struct str *out)
{
	size_t n;
	const struct sim_interface *interfaces = sim_interfaces(&n);

	json_open(out, "interface", '[');
	for (size_t i = 0; i < n; i++)
		put_interface(out, &interfaces[i]);
	json_close(out, ']');
}

struct objective {
	const char *measure;
	int64_t objective_ppm, threshold; /* threshold < 0: none */
	int window_s, min_count;
	const char *due;
};

static void put_slo(struct str *out, const struct sim_interface *it, struct objective slo)
{
	char code[96];

	snprintf(code, sizeof(code), "%s/%s", it->code, slo.measure);
	json_open(out, NULL, '{');
	json_text(out, "code", code);
	json_text(out, "interface", it->code);
	json_text(out, "measure", slo.measure);
	json_int(out, "objective_ppm", slo.objective_ppm);
	if (slo.threshold >= 0)
		json_int(out, "threshold", slo.threshold);
	json_int(out, "window_s", slo.window_s);
	json_int(out, "min_count", slo.min_count);
	json_text(out, "due", slo.due);
	json_text(out, "zone", slo.due ? "UTC" : NULL);
	json_text(out, "severity", it->tier == 1 ? "page" : "warning");
	json_close(out, '}');
}

static void put_slos_of(struct str *out, const struct sim_interface *it)
{
	const int window = 30 * DAY_S, batch = it->way == WAY_BATCH;

	put_slo(out, it,
		(struct objective){"success", it->success_ppm, -1, window, batch ? 1 : 50, NULL});
	put_slo(out, it,
		(struct objective){"latency", 900000, it->slow_ms, window, batch ? 1 : 50, NULL});
	if (it->cadence_s)
		put_slo(out, it,
			(struct objective){
				"freshness", 990000, 2 * it->cadence_s, window, 0, NULL});
	if (it->due)
		put_slo(out, it, (struct objective){"deadline", 990000, -1, window, 0, it->due});
	if (it->tier <= 2 && !batch)
		put_slo(out, it,
			(struct objective){
				"queue", 990000, it->tier == 1 ? 50 : 200, window, 0, NULL});
	if (it->tier <= 2)
		put_slo(out, it,
			(struct objective){"dead_age", 990000, it->tier == 1 ? 1800 : 4 * 3600,
				window, 0, NULL});
	if (it->tier == 1 && !batch)
		put_slo(out, it, (struct objective){"retry", 950000, -1, window, 50, NULL});
}

static void put_slos(struct str *out)
{
	size_t n;
	const struct sim_interface *interfaces = sim_interfaces(&n);

	json_open(out, "slo", '[');
	for (size_t i = 0; i < n; i++)
		put_slos_of(out, &interfaces[i]);
	json_close(out, ']');
}

/* ---- credentials, by name -------------------------------------------------------------------- */

static const struct {
	const char *code, *title, *kind, *system, *interfaces, *owner, *seen_as;
	int ends_in, changed_ago, every; /* days; 0: nobody has said */
} credentials[] = {
	{"medx-api", "Supplier exchange, key of the gateway", "api_key", "medx", "po-*",
		"Ben Okafor", "medx", 9, 171, 180},
	{"odoo-relay", "Odoo, key by which replays are sent", "odoo_key", "odoo", "*", "Ben Okafor",
		"integration", 0, 0, 365},
	{"payer-cert", "Payer, client certificate", "certificate", "payer", "claim-out",
		"David Nkemelu", NULL, -3, 368, 365},
	{"shop-hmac", "Web shop, secret of its signatures", "shared_secret", "shop", "shop-hook",
		"Ana Ruiz", NULL, 0, 260, 180},
	{"lab-vpn", "Laboratory, tunnel", "private_key", "lab", "lab-*", "Farid Haddad", NULL, 0, 0,
		0},
	{"bank-sign", "Bank, signature of payments", "private_key", "bank", "pay-out",
		"David Nkemelu", NULL, 340, 25, 365},
};

static void put_date(struct str *out, const char *key, int days)
{
	time_t at = time(NULL) + (time_t)days * DAY_S;
	struct tm tm = {0};
	char text[32];

	gmtime_r(&at, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d", &tm);
	json_text(out, key, days ? text : NULL);
}

static void put_credentials(struct str *out)
{
	json_open(out, "credential", '[');
	for (size_t i = 0; i < ARRAY_LEN(credentials); i++) {
		json_open(out, NULL, '{');
		json_text(out, "code", credentials[i].code);
		json_text(out, "title", credentials[i].title);
		json_text(out, "kind", credentials[i].kind);
		json_text(out, "system", credentials[i].system);
		json_words(out, "interfaces", credentials[i].interfaces);
		json_text(out, "owner", credentials[i].owner);
		json_text(out, "seen_as", credentials[i].seen_as);
		put_date(out, "expires_on", credentials[i].ends_in);
		put_date(out, "rotated_on", -credentials[i].changed_ago);
		if (credentials[i].every)
			json_int(out, "rotate_days", credentials[i].every);
		json_close(out, '}');
	}
	json_close(out, ']');
}

void sim_catalogue(struct str *out)
{
	json_open(out, NULL, '{');
	json_int(out, "format", 1);
	put_systems(out);
	put_facilities(out);
	put_partners(out);
	put_interfaces(out);
	put_slos(out);
	sim_put_masks(out);
	put_credentials(out);
	json_close(out, '}');
}
