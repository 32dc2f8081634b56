/* Bodies of HL7 v2: segments end with a carriage return.
 * What they speak of is drawn by payload.c.
 * Called by it. */
#include "base/mem.h"
#include "payload_parts.h"

static void put_head(
	struct str *out, struct parts *p, const char *from, const char *to, const char *type)
{
	str_addf(out, "MSH|^~\\&|%s|%s|%s|%s|", from, p->subject->facility, to,
		p->subject->facility);
	put_stamp(out, &p->tm);
	str_addf(out, "||%s|%s|P|2.5.1\r", type, p->message_id);
}

static void put_patient(struct str *out, struct parts *p)
{
	const struct patient *who = &p->patient;

	str_addf(out, "PID|1||%u^^^%s^MR||%s^%s||%04d%02d%02d|%s|||%s %d^^%s\r", who->number,
		p->subject->facility, who->family, who->given, who->year, who->month, who->day,
		who->sex, who->street, (int)(who->number % 90) + 1, who->city);
	str_addf(out, "PV1|1|I|W%02d^%02d^1^%s||||%04d^%s|||MED||||1|||||%s\r",
		(int)(who->number % 12) + 1, (int)(who->number % 30) + 1, p->subject->facility,
		(int)(who->number % 9000), staff_any(&p->random), p->subject->key);
}

static void put_admission(struct str *out, struct parts *p)
{
	static const char *const types[] = {
		"ADT^A01^ADT_A01", "ADT^A02^ADT_A02", "ADT^A03^ADT_A03", "ADT^A08^ADT_A01"};
	const char *type = types[random_below(&p->random, ARRAY_LEN(types))];

	put_head(out, p, "CARETRAIL", "ODOO", type);
	str_addf(out, "EVN|%.3s|", type + 4);
	put_stamp(out, &p->tm);
	str_adds(out, "\r");
	put_patient(out, p);
}

static void put_charge(struct str *out, struct parts *p)
{
	put_head(out, p, "CARETRAIL", "TARIF", "DFT^P03^DFT_P03");
	put_patient(out, p);
	for (int i = 0; i < p->n_lines; i++) {
		str_addf(out, "FT1|%d|||", i + 1);
		put_day(out, &p->tm);
		str_addf(out, "||CG|%s^%s|||%d|", p->lines[i].item->code, p->lines[i].item->name,
			p->lines[i].quantity);
		put_cents(out, p->lines[i].item->price);
		str_adds(out, "\r");
	}
}

static void put_lab_order(struct str *out, struct parts *p)
{
	static const char *const tests[] = {"58410-2^Blood count^LN", "24323-8^Metabolic panel^LN",
		"6301-6^INR^LN", "2345-7^Glucose^LN", "600-7^Blood culture^LN"};

	put_head(out, p, "CARETRAIL", "LABORA", "OML^O21^OML_O21");
	put_patient(out, p);
	str_addf(out, "ORC|NW|%s|||||||", p->subject->key);
	put_stamp(out, &p->tm);
	str_addf(out, "\rOBR|1|%s||%s|||", p->subject->key,
		tests[random_below(&p->random, ARRAY_LEN(tests))]);
	put_stamp(out, &p->tm);
	str_adds(out, "\r");
}

static void put_lab_result(struct str *out, struct parts *p)
{
	static const struct {
		const char *code, *unit, *range;
		int low, high;
	} values[] = {{"718-7^Haemoglobin^LN", "g/dL", "12.0-17.5", 70, 180},
		{"6690-2^Leucocytes^LN", "10*3/uL", "4.0-11.0", 20, 240},
		{"777-3^Platelets^LN", "10*3/uL", "150-400", 400, 6000},
		{"2345-7^Glucose^LN", "mg/dL", "70-110", 500, 3100},
		{"2160-0^Creatinine^LN", "mg/dL", "0.6-1.3", 4, 48}};

	put_head(out, p, "LABORA", "CARETRAIL", "ORU^R01^ORU_R01");
	put_patient(out, p);
	str_addf(out, "OBR|1|%s||24323-8^Metabolic panel^LN\r", p->subject->key);
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		int value = random_between(&p->random, values[i].low, values[i].high);

		str_addf(out, "OBX|%zu|NM|%s||%d.%d|%s|%s|N|||F\r", i + 1, values[i].code,
			value / 10, value % 10, values[i].unit, values[i].range);
	}
}

static void put_medication(struct str *out, struct parts *p)
{
	static const char *const drugs[] = {"N02BE01^Paracetamol 1 g", "J01CR02^Amoxicillin 875 mg",
		"B01AB05^Enoxaparin 40 mg", "A02BC02^Pantoprazole 40 mg",
		"C07AB02^Metoprolol 47.5 mg"};

	put_head(out, p, "CARETRAIL", "APOTHEK", "RDE^O11^RDE_O11");
	put_patient(out, p);
	str_addf(out, "ORC|NW|%s\rRXE|^^^^^|%s^ATC|1||TAB|||||%d\r", p->subject->key,
		drugs[random_below(&p->random, ARRAY_LEN(drugs))],
		random_between(&p->random, 4, 30));
}

void payload_hl7(struct str *out, enum sim_form form, struct parts *parts)
{
	switch (form) {
	case FORM_CHARGE_HL7:
		put_charge(out, parts);
		break;
	case FORM_LAB_ORDER_HL7:
		put_lab_order(out, parts);
		break;
	case FORM_LAB_RESULT_HL7:
		put_lab_result(out, parts);
		break;
	case FORM_PHARMACY_HL7:
		put_medication(out, parts);
		break;
	default:
		put_admission(out, parts);
	}
}
