/* Draws what a message speaks of, and hands it to who knows the format.
 * Formats are in payload_*.c.
 * Called for each message that is received. */
#include "payload.h"
#include "base/mem.h"
#include "payload_parts.h"

static const struct item items[] = {
	{"GLV-0421", "Examination gloves, nitrile, M", "BX", 649},
	{"SYR-1010", "Syringe 10 ml, sterile", "PK", 1120},
	{"CAT-0230", "Peripheral catheter 20G", "EA", 138},
	{"MSK-0099", "Surgical mask type IIR", "BX", 415},
	{"DRS-3312", "Wound dressing 10x10", "PK", 1875},
	{"INF-0500", "Infusion set", "EA", 212},
	{"SUT-0040", "Suture 4-0, absorbable", "BX", 5420},
	{"GAU-0007", "Gauze swabs 7.5x7.5", "PK", 365},
	{"HIP-7745", "Hip stem, cementless, size 4", "EA", 128900},
	{"PMP-0012", "Infusion pump", "EA", 214500},
	{"DSF-5000", "Surface disinfectant 5 l", "CN", 3890},
	{"ECG-0310", "ECG electrodes", "PK", 980},
	{"LIN-0200", "Bed linen set", "EA", 1450},
	{"GAS-O250", "Oxygen cylinder 50 l", "EA", 6100},
};

static const char *const families[] = {"Abara", "Brandt", "Castell", "Dvorin", "Ekwall", "Farrugia",
	"Grimaldi", "Holmgren", "Ivarsen", "Jankovic", "Kessler", "Lindqvist", "Moreau", "Nakata",
	"Oyelaran", "Petrova", "Quint", "Rasmussen", "Sandoval", "Tremblay", "Ueda", "Vasquez",
	"Wexford", "Yilmaz", "Zeller"};
static const char *const given[] = {"Alba", "Bruno", "Carla", "Dario", "Elif", "Fiona", "Gustav",
	"Helga", "Ivo", "Judith", "Karim", "Leonie", "Matteo", "Nadia", "Oskar", "Paula", "Rafael",
	"Selma", "Tomas", "Vera"};
static const char *const streets[] = {
	"Harbour Street", "Linden Way", "Mill Lane", "Station Road", "Orchard Row", "Castle Hill"};
static const char *const cities[] = {"Northhaven", "Lakeside", "Orlaburg", "Riverbend"};

const struct item *item_any(struct random *random)
{
	return &items[random_below(random, ARRAY_LEN(items))];
}

const char *staff_any(struct random *random)
{
	return families[random_below(random, ARRAY_LEN(families))];
}

void put_day(struct str *out, const struct tm *tm)
{
	str_addf(out, "%04d%02d%02d", tm->tm_year + 1900, tm->tm_mon + 1, tm->tm_mday);
}

void put_date(struct str *out, const struct tm *tm)
{
	str_addf(out, "%04d-%02d-%02d", tm->tm_year + 1900, tm->tm_mon + 1, tm->tm_mday);
}

void put_stamp(struct str *out, const struct tm *tm)
{
	put_day(out, tm);
	str_addf(out, "%02d%02d%02d", tm->tm_hour, tm->tm_min, tm->tm_sec);
}

void put_cents(struct str *out, long cents)
{
	str_addf(out, "%ld.%02ld", cents / 100, cents % 100);
}

static void draw_patient(struct patient *patient, struct random *random)
{
	patient->family = families[random_below(random, ARRAY_LEN(families))];
	patient->given = given[random_below(random, ARRAY_LEN(given))];
	patient->sex = random_below(random, 2) ? "F" : "M";
	patient->street = streets[random_below(random, ARRAY_LEN(streets))];
	patient->city = cities[random_below(random, ARRAY_LEN(cities))];
	patient->year = random_between(random, 1931, 2022);
	patient->month = random_between(random, 1, 12);
	patient->day = random_between(random, 1, 28);
	patient->number = 1000000 + random_below(random, 900000);
}

static void draw_lines(struct parts *parts)
{
	parts->n_lines = random_between(&parts->random, 1, LINES_MAX);
	for (int i = 0; i < parts->n_lines; i++) {
		struct line *line = &parts->lines[i];

		line->item = item_any(&parts->random);
		line->quantity =
			line->item->price > 20000 ? 1 : random_between(&parts->random, 1, 40);
		parts->total += (long)line->item->price * line->quantity;
	}
}

static const struct {
	void (*put)(struct str *out, enum sim_form form, struct parts *parts);
	const char *content_type;
} forms[N_FORMS] = {
	[FORM_ORDER_JSON] = {payload_supply, "application/json"},
	[FORM_ORDER_X12] = {payload_x12, "application/edi-x12"},
	[FORM_ORDER_ACK_X12] = {payload_x12, "application/edi-x12"},
	[FORM_SHIP_NOTICE_X12] = {payload_x12, "application/edi-x12"},
	[FORM_RECEIPT_JSON] = {payload_supply, "application/json"},
	[FORM_INVOICE_X12] = {payload_x12, "application/edi-x12"},
	[FORM_MATCH_JSON] = {payload_supply, "application/json"},
	[FORM_ASSET_XML] = {payload_supply, "application/xml"},
	[FORM_WORK_ORDER_JSON] = {payload_supply, "application/json"},
	[FORM_SUPPLIER_XML] = {payload_supply, "application/xml"},
	[FORM_PRICES_CSV] = {payload_finance, "text/csv"},
	[FORM_STOCK_JSON] = {payload_supply, "application/json"},
	[FORM_RECALL_XML] = {payload_supply, "application/xml"},
	[FORM_CHARGE_HL7] = {payload_hl7, "application/hl7-v2"},
	[FORM_CLAIM_X12] = {payload_x12, "application/edi-x12"},
	[FORM_REMIT_X12] = {payload_x12, "application/edi-x12"},
	[FORM_ELIGIBILITY_X12] = {payload_x12, "application/edi-x12"},
	[FORM_LEDGER_CSV] = {payload_finance, "text/csv"},
	[FORM_STATEMENT_XML] = {payload_finance, "application/xml"},
	[FORM_PAYMENT_XML] = {payload_finance, "application/xml"},
	[FORM_PAYROLL_CSV] = {payload_finance, "text/csv"},
	[FORM_SHIFT_JSON] = {payload_people, "application/json"},
	[FORM_PERSON_JSON] = {payload_people, "application/json"},
	[FORM_ADT_HL7] = {payload_hl7, "application/hl7-v2"},
	[FORM_LAB_ORDER_HL7] = {payload_hl7, "application/hl7-v2"},
	[FORM_LAB_RESULT_HL7] = {payload_hl7, "application/hl7-v2"},
	[FORM_PHARMACY_HL7] = {payload_hl7, "application/hl7-v2"},
	[FORM_REFERRAL_FHIR] = {payload_people, "application/fhir+json"},
	[FORM_APPOINTMENT_FHIR] = {payload_people, "application/fhir+json"},
	[FORM_FEED_CSV] = {payload_finance, "text/csv"},
	[FORM_SENSOR_JSON] = {payload_supply, "application/json"},
};

const char *payload_content_type(enum sim_form form)
{
	return forms[form].content_type;
}

void payload_put(
	struct str *out, enum sim_form form, const struct subject *subject, const char *message_id)
{
	struct parts parts = {.subject = subject,
		.message_id = message_id,
		.random = {random_mix(subject->id, 21)}};
	time_t s = (time_t)(subject->at_us / 1000000);

	gmtime_r(&s, &parts.tm);
	draw_patient(&parts.patient, &parts.random);
	draw_lines(&parts);
	forms[form].put(out, form, &parts);
}
