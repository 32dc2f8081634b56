/* Writes events as JSON documents.
 * Which events there are is the message's; what a body says is the payload's.
 * Called for each step of a message. */
#include "event.h"
#include "base/mem.h"
#include "json_out.h"
#include "payload.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

#define BODY_MAX (512 * 1024)

/* As the field names them: control numbers, interchange numbers, UUIDs. */
static void message_id(char *out, size_t size, const struct message *m)
{
	unsigned long long id = m->id;

	switch (m->interface->form) {
	case FORM_CHARGE_HL7:
	case FORM_ADT_HL7:
	case FORM_LAB_ORDER_HL7:
	case FORM_LAB_RESULT_HL7:
	case FORM_PHARMACY_HL7:
		snprintf(out, size, "MSG%013llu", id % 10000000000000ULL);
		break;
	case FORM_ORDER_X12:
	case FORM_ORDER_ACK_X12:
	case FORM_SHIP_NOTICE_X12:
	case FORM_INVOICE_X12:
	case FORM_CLAIM_X12:
	case FORM_REMIT_X12:
		snprintf(out, size, "ISA%09llu-GS%06llu", id % 1000000000ULL,
			id / 1000000000ULL % 1000000ULL);
		break;
	default:
		snprintf(out, size, "%08llx-%04llx-4%03llx-9%03llx-%012llx", id >> 32 & 0xffffffff,
			id >> 16 & 0xffff, id & 0xfff, id >> 20 & 0xfff,
			(id * 0x9e3779b97f4a7c15ULL) >> 16);
	}
}

static void correlation_id(char *out, size_t size, const struct message *m)
{
	unsigned long long id = m->process.id;

	snprintf(out, size, "%08llx-%04llx-4%03llx-a%03llx-%012llx", id >> 32 & 0xffffffff,
		id >> 16 & 0xffff, id & 0xfff, id >> 24 & 0xfff,
		(id * 0xbf58476d1ce4e5b9ULL) >> 16);
}

/* "PO-2026-11-00317": five digits would soon be taken twice, so there are seven. */
static void business_key(char *out, size_t size, const struct message *m)
{
	time_t s = (time_t)(m->process.started_us / 1000000);
	struct tm tm;

	gmtime_r(&s, &tm);
	snprintf(out, size, "%s-%04d-%02d-%07llu", m->process.flow->key, tm.tm_year + 1900,
		tm.tm_mon + 1, (unsigned long long)(m->process.id >> 8) % 10000000ULL);
}

static void put_term(struct str *out, const struct message *m)
{
	const struct process *process = &m->process;
	char text[96], ordering[96];

	correlation_id(text, sizeof(text), m);
	json_text(out, "correlation_id", text);
	if (m->leg > 0) {
		struct message before = *m;

		before.leg--;
		before.id = random_mix(process->id, (uint64_t)before.leg);
		before.interface = sim_interface_find(process->flow->legs[before.leg].interface);
		message_id(text, sizeof(text), &before);
		json_text(out, "parent_id", text);
	}
	business_key(text, sizeof(text), m);
	json_text(out, "business_key", text);
	json_text(out, "entity", m->interface->entity);
	json_text(out, "facility", process->facility);
	json_text(out, "partner", process->partner ? process->partner->code : NULL);
	snprintf(text, sizeof(text), "REF%08llu",
		(unsigned long long)random_mix(process->id, 5) % 100000000ULL);
	json_text(out, "partner_ref", process->partner ? text : NULL);
	snprintf(ordering, sizeof(ordering), "%s/%s-%llu", process->facility,
		process->partner ? process->partner->code : process->flow->key,
		(unsigned long long)random_mix(process->id, 9) % 40ULL);
	json_text(out, "ordering_key", m->interface->ordering ? ordering : NULL);
	snprintf(text, sizeof(text), "%016llx%016llx", (unsigned long long)process->id,
		(unsigned long long)random_mix(process->id, 3));
	json_text(out, "trace_id", text);
}

static void put_payload(struct str *out, const struct message *m, const char *id)
{
	CLEANUP(str_done)
	struct str body = STR_INIT(BODY_MAX);
	char key[96];
	const struct subject subject = {
		m->process.id, key, m->process.facility, m->process.partner, m->process.started_us};

	business_key(key, sizeof(key), m);
	payload_put(&body, m->interface->form, &subject, id);
	json_open(out, "payload", '{');
	json_text(out, "kind", "inbound");
	json_text(out, "content_type", payload_content_type(m->interface->form));
	json_open(out, "headers", '{');
	json_text(out, "X-Source-System", m->interface->source);
	json_text(out, "X-Facility", m->process.facility);
	json_close(out, '}');
	json_slice(out, "body", str_slice(&body));
	json_close(out, '}');
}

/* Fills in {ref}, {n}, {ip}, {time} and {code}: what differs between two cases of one fault. */
static void put_error_text(struct str *out, const struct message *m, const char *text)
{
	static const char *const codes[] = {"CTN", "PAK", "ROL", "DZN", "STR", "KIT"};
	struct random random = {random_mix(m->id, (uint64_t)m->attempt)};

	for (const char *brace; (brace = strchr(text, '{')); text = strchr(brace, '}') + 1) {
		struct slice name = slice_of(brace);

		str_add(out, (struct slice){text, (size_t)(brace - text)});
		if (slice_starts(name, SLICE("{ref}")))
			str_addf(out, "%08x", (unsigned)(random_next(&random) >> 32));
		else if (slice_starts(name, SLICE("{n}")))
			str_addf(out, "%d", random_between(&random, 12, 9800));
		else if (slice_starts(name, SLICE("{ip}")))
			str_addf(out, "10.%d.%d.%d", random_between(&random, 20, 24),
				random_between(&random, 0, 9), random_between(&random, 2, 250));
		else if (slice_starts(name, SLICE("{time}")))
			str_addf(out, "2026-%02d-%02d %02d:%02d", random_between(&random, 1, 12),
				random_between(&random, 1, 28), random_between(&random, 0, 23),
				random_between(&random, 0, 59));
		else
			str_adds(out, codes[random_below(&random, ARRAY_LEN(codes))]);
	}
	str_adds(out, text);
}

static void put_error(struct str *out, const struct message *m, const struct sim_error *error)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(4096);

	put_error_text(&text, m, error->text);
	json_text(out, "class", error->class);
	json_text(out, "code", error->code);
	json_slice(out, "text", str_slice(&text));
	if (error->http)
		json_int(out, "http_status", error->http);
}

/* What Odoo calls the records that our entities become. */
static const char *odoo_model(const char *entity)
{
	static const struct {
		const char *entity, *model;
	} models[] = {{"purchase order", "purchase.order"}, {"stock move", "stock.picking"},
		{"vendor bill", "account.move"}, {"delivery", "stock.picking"},
		{"partner", "res.partner"}, {"price list", "product.supplierinfo"},
		{"stock rule", "stock.warehouse.orderpoint"}, {"product", "product.template"},
		{"maintenance order", "maintenance.request"}, {"journal entry", "account.move"},
		{"bank statement", "account.bank.statement"}, {"payment", "account.payment"},
		{"planning slot", "planning.slot"}, {"quality alert", "quality.alert"}};

	for (size_t i = 0; i < ARRAY_LEN(models); i++)
		if (strcmp(models[i].entity, entity) == 0)
			return models[i].model;
	return NULL;
}

static void put_success(struct str *out, const struct message *m)
{
	const char *model = NULL;
	char ref[48];

	if (strcmp(m->interface->target, "odoo") == 0)
		model = odoo_model(m->interface->entity);
	if (m->interface->way != WAY_BATCH && m->interface->way != WAY_ACKED)
		json_int(out, "http_status", 200);
	if (!model)
		return;
	snprintf(ref, sizeof(ref), "%s,%llu", model,
		(unsigned long long)random_mix(m->process.id, 11) % 900000ULL + 1000ULL);
	json_text(out, "target_model", model);
	json_text(out, "target_ref", ref);
}

/* A batch tells how many records it read, and in the end how many it wrote. */
static void put_records(struct str *out, const struct message *m, const struct event *event)
{
	unsigned n = (unsigned)(random_mix(m->id, 13) % 9000) + 120, left_out = n % 7 ? 0 : n % 5;
	char text[64];

	if (m->interface->way != WAY_BATCH)
		return;
	if (event->success)
		snprintf(text, sizeof(text), "in=%u out=%u", n, n - left_out);
	else if (strcmp(event->stage, "extract") == 0)
		snprintf(text, sizeof(text), "in=%u", n);
	else
		return;
	json_text(out, "native_state", text);
}

void event_write(struct str *out, const struct message *m, const struct event *event)
{
	char id[64];

	message_id(id, sizeof(id), m);
	json_open(out, NULL, '{');
	json_text(out, "interface", m->interface->code);
	json_text(out, "message_id", id);
	json_text(out, "kind", event->kind);
	json_time(out, "at", event->at_us);
	json_int(out, "attempt", m->attempt);
	json_text(out, "stage", event->stage);
	json_text(out, "component", event->component);
	json_text(out, "compensates", event->compensates);
	put_records(out, m, event);
	if (event->duration_us)
		json_int(out, "duration_ms", event->duration_us / 1000);
	if (event->due_us)
		json_time(out, "due_at", event->due_us);
	if (event->error)
		put_error(out, m, event->error);
	if (event->success)
		put_success(out, m);
	if (event->payload) {
		put_term(out, m);
		put_payload(out, m, id);
	}
	json_close(out, '}');
}
