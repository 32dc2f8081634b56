/* What payloads are made of: invented people, goods and numbers. Private to the payloads. */
#ifndef SIM_PAYLOAD_PARTS_H
#define SIM_PAYLOAD_PARTS_H

#include "payload.h"
#include <time.h>

struct patient {
	const char *family, *given, *sex, *street, *city;
	int year, month, day;
	unsigned number; /* of the medical record */
};

struct item {
	const char *code, *name, *unit;
	int price; /* in cents */
};

struct line {
	const struct item *item;
	int quantity;
};

#define LINES_MAX 6

/* Of a subject: its chances, its day, its patient, its lines. The same from message to message. */
struct parts {
	const struct subject *subject;
	const char *message_id;
	struct random random;
	struct tm tm;
	struct patient patient;
	struct line lines[LINES_MAX];
	int n_lines;
	long total; /* in cents */
};

struct item;
const struct item *item_any(struct random *random);
const char *staff_any(struct random *random);

/* "20261121", "2026-11-21", "20261121063012" */
void put_day(struct str *out, const struct tm *tm);
void put_date(struct str *out, const struct tm *tm);
void put_stamp(struct str *out, const struct tm *tm);
void put_cents(struct str *out, long cents);

void payload_supply(struct str *out, enum sim_form form, struct parts *parts);
void payload_finance(struct str *out, enum sim_form form, struct parts *parts);
void payload_x12(struct str *out, enum sim_form form, struct parts *parts);
void payload_hl7(struct str *out, enum sim_form form, struct parts *parts);
void payload_people(struct str *out, enum sim_form form, struct parts *parts);

#endif
