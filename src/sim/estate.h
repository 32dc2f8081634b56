/* The simulated hospital group: what its catalogue says, and how its traffic behaves. Tables only;
 * every name is invented. */
#ifndef SIM_ESTATE_H
#define SIM_ESTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_system {
	const char *code, *title, *kind, *depends_on; /* codes parted by blanks */
	const char *vendor, *vendor_contact, *escalation, *owner;
};

struct sim_facility {
	const char *code, *title, *region;
	int share; /* of the traffic */
};

struct sim_partner {
	const char *code, *title, *kind, *contact;
};

/* What a message of an interface looks like. */
enum sim_form {
	FORM_ORDER_JSON,
	FORM_ORDER_X12,
	FORM_ORDER_ACK_X12,
	FORM_SHIP_NOTICE_X12,
	FORM_RECEIPT_JSON,
	FORM_INVOICE_X12,
	FORM_MATCH_JSON,
	FORM_ASSET_XML,
	FORM_WORK_ORDER_JSON,
	FORM_SUPPLIER_XML,
	FORM_PRICES_CSV,
	FORM_STOCK_JSON,
	FORM_RECALL_XML,
	FORM_CHARGE_HL7,
	FORM_CLAIM_X12,
	FORM_REMIT_X12,
	FORM_ELIGIBILITY_X12,
	FORM_LEDGER_CSV,
	FORM_STATEMENT_XML,
	FORM_PAYMENT_XML,
	FORM_PAYROLL_CSV,
	FORM_SHIFT_JSON,
	FORM_PERSON_JSON,
	FORM_ADT_HL7,
	FORM_LAB_ORDER_HL7,
	FORM_LAB_RESULT_HL7,
	FORM_PHARMACY_HL7,
	FORM_REFERRAL_FHIR,
	FORM_APPOINTMENT_FHIR,
	FORM_FEED_CSV,
	FORM_SENSOR_JSON,
	N_FORMS,
};

/* How a message goes through the middleware. */
enum sim_way {
	WAY_REST, /* received, validated, attempted, delivered */
	WAY_QUEUED, /* the same with a queue and a mapping between */
	WAY_ACKED, /* as queued, and done when the partner has acknowledged */
	WAY_BATCH, /* received, its steps, delivered */
	WAY_WEBHOOK, /* received and delivered, mostly acknowledged */
	WAY_WORKFLOW, /* received, its steps, delivered; when that fails, its steps are taken back */
};

struct sim_interface {
	const char *code, *title, *source, *target;
	const char *style, *timing, *timing_why;
	int tier;
	const char *business_owner, *technical_owner, *team;
	const char *entity, *record; /* the system of record */
	const char *contract, *data_class, *lifecycle, *twin;
	const char *ordering, *idempotency, *policy;
	enum sim_form form;
	enum sim_way way;
	int latency_ms; /* of the whole, as it is on a good day */
	int cadence_s; /* expected; 0: none */
	const char *due; /* of a batch, or NULL */
	int success_ppm, slow_ms; /* objectives */
};

/* One transaction of a business process, and when it follows the one before. */
struct sim_leg {
	const char *interface;
	int after_s, spread_s, percent;
};

enum sim_rhythm {
	RHYTHM_OFFICE,
	RHYTHM_CLINIC,
	RHYTHM_STEADY,
	RHYTHM_FINANCE, /* office, with peaks around the end of the month */
};

#define SIM_LEGS 8

struct sim_flow {
	const char *code, *key; /* of the business object: "PO" */
	enum sim_rhythm rhythm;
	int weight; /* share of what starts by chance; 0 for what has a timetable */
	int every_s, offset_s; /* of a timetable, from midnight UTC */
	struct sim_leg legs[SIM_LEGS];
};

/* An error as the field has it. {ref}, {n}, {ip}, {time} and {code} differ from case to case. */
struct sim_error {
	const char *class, *code, *text;
	int http;
	bool passing; /* a later attempt may succeed */
	unsigned ways; /* 1 << way */
	const char *only; /* an interface or NULL */
	int weight;
};

const struct sim_system *sim_systems(size_t *ret_n);
const struct sim_facility *sim_facilities(size_t *ret_n);
const struct sim_partner *sim_partners(size_t *ret_n);
const struct sim_interface *sim_interfaces(size_t *ret_n);
const struct sim_flow *sim_flows(size_t *ret_n);
const struct sim_error *sim_errors(size_t *ret_n);

/* NULL when there is none of that code. */
const struct sim_interface *sim_interface_find(const char *code);
const struct sim_system *sim_system_find(const char *code);

#endif
