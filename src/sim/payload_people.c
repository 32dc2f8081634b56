/* Bodies about staff, referrals and bookings: JSON, some of it FHIR.
 * What they speak of is drawn by payload.c.
 * Called by it. */
#include "base/mem.h"
#include "json_out.h"
#include "payload_parts.h"
#include <stdio.h>

static void put_shift(struct str *out, struct parts *p)
{
	static const char *const shifts[] = {"early", "late", "night", "on call"};

	json_open(out, NULL, '{');
	json_text(out, "shift", p->subject->key);
	json_text(out, "site", p->subject->facility);
	json_text(out, "employee", staff_any(&p->random));
	json_int(out, "number", random_between(&p->random, 10000, 99999));
	json_text(out, "kind", shifts[random_below(&p->random, ARRAY_LEN(shifts))]);
	json_time(out, "begins", p->subject->at_us);
	json_int(out, "minutes", 60 * random_between(&p->random, 6, 12));
	json_int(out, "cost_centre", random_between(&p->random, 4100, 8990));
	json_close(out, '}');
}

static void put_person(struct str *out, struct parts *p)
{
	json_open(out, NULL, '{');
	json_text(out, "id", p->subject->key);
	json_open(out, "employee", '{');
	json_text(out, "family", p->patient.family);
	json_text(out, "given", p->patient.given);
	json_int(out, "number", random_between(&p->random, 10000, 99999));
	json_close(out, '}');
	json_text(out, "site", p->subject->facility);
	json_time(out, "from", p->subject->at_us);
	json_words(out, "groups", "staff ward clinical-apps");
	json_close(out, '}');
}

static void put_subject(struct str *out, const struct parts *p)
{
	char text[64];

	json_open(out, "subject", '{');
	snprintf(text, sizeof(text), "Patient/%u", p->patient.number);
	json_text(out, "reference", text);
	snprintf(text, sizeof(text), "%s %s", p->patient.given, p->patient.family);
	json_text(out, "display", text);
	json_close(out, '}');
}

static void put_referral(struct str *out, struct parts *p)
{
	static const char *const what[] = {"cardiology consultation", "MRI of the knee",
		"physiotherapy", "dermatology consultation", "sleep study"};

	json_open(out, NULL, '{');
	json_text(out, "resourceType", "ServiceRequest");
	json_text(out, "id", p->subject->key);
	json_text(out, "status", "active");
	json_text(out, "intent", "order");
	json_text(out, "priority", random_below(&p->random, 6) ? "routine" : "urgent");
	json_open(out, "code", '{');
	json_text(out, "text", what[random_below(&p->random, ARRAY_LEN(what))]);
	json_close(out, '}');
	put_subject(out, p);
	json_time(out, "authoredOn", p->subject->at_us);
	json_close(out, '}');
}

static void put_appointment(struct str *out, struct parts *p)
{
	json_open(out, NULL, '{');
	json_text(out, "resourceType", "Appointment");
	json_text(out, "id", p->subject->key);
	json_text(out, "status", "booked");
	json_time(out, "start", p->subject->at_us + INT64_C(86400000000) * 3);
	json_int(out, "minutesDuration", 10 * random_between(&p->random, 1, 6));
	json_open(out, "participant", '[');
	json_open(out, NULL, '{');
	put_subject(out, p);
	json_text(out, "status", "accepted");
	json_close(out, '}');
	json_close(out, ']');
	json_close(out, '}');
}

void payload_people(struct str *out, enum sim_form form, struct parts *parts)
{
	switch (form) {
	case FORM_SHIFT_JSON:
		put_shift(out, parts);
		break;
	case FORM_PERSON_JSON:
		put_person(out, parts);
		break;
	case FORM_APPOINTMENT_FHIR:
		put_appointment(out, parts);
		break;
	default:
		put_referral(out, parts);
	}
}
