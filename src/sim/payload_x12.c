/* Bodies of X12: an interchange with one group and one transaction set, counted as it must be.
 * What they speak of is drawn by payload.c.
 * Called by it. */
#include "payload_parts.h"
#include <stdio.h>

/* Segments are counted for SE01. */
struct set {
	struct str *out;
	int segments;
};

static void seg(struct set *set, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void seg(struct set *set, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	str_addv(set->out, fmt, args);
	va_end(args);
	str_adds(set->out, "~\n");
	set->segments++;
}

static unsigned control_number(const struct parts *p)
{
	return (unsigned)(p->subject->id % 1000000000);
}

static const char *partner_code(const struct parts *p)
{
	return p->subject->partner ? p->subject->partner->code : "INTERNAL";
}

static void open_interchange(
	struct str *out, struct parts *p, const char *group, const char *version)
{
	const struct tm *tm = &p->tm;

	str_addf(out,
		"ISA*00*          *00*          *ZZ*%-15.15s*ZZ*%-15.15s*%02d%02d%02d*%02d%02d*^*00501*"
		"%09u*0*P*:~\n",
		p->subject->facility, partner_code(p), tm->tm_year % 100, tm->tm_mon + 1,
		tm->tm_mday, tm->tm_hour, tm->tm_min, control_number(p));
	str_addf(out, "GS*%s*%s*%s*", group, p->subject->facility, partner_code(p));
	put_day(out, tm);
	str_addf(out, "*%02d%02d*%u*X*%s~\n", tm->tm_hour, tm->tm_min, control_number(p), version);
}

static void close_interchange(struct str *out, const struct parts *p)
{
	str_addf(out, "GE*1*%u~\nIEA*1*%09u~\n", control_number(p), control_number(p));
}

static void put_lines(struct set *set, const struct parts *p, const char *tag)
{
	for (int i = 0; i < p->n_lines; i++) {
		const struct line *line = &p->lines[i];

		seg(set, "%s*%d*%d*%s*%d.%02d**VN*%s", tag, i + 1, line->quantity, line->item->unit,
			line->item->price / 100, line->item->price % 100, line->item->code);
		seg(set, "PID*F****%s", line->item->name);
	}
	seg(set, "CTT*%d", p->n_lines);
}

static const char *day_of(const struct parts *p, char out[16])
{
	out[strftime(out, 16, "%Y%m%d", &p->tm)] = '\0';
	return out;
}

static void put_order(struct set *set, struct parts *p, enum sim_form form)
{
	char day[16];

	day_of(p, day);
	if (form == FORM_ORDER_ACK_X12)
		seg(set, "BAK*00*AD*%s*%s", p->subject->key, day);
	else if (form == FORM_SHIP_NOTICE_X12)
		seg(set, "BSN*00*%s*%s*%02d%02d", p->subject->key, day, p->tm.tm_hour,
			p->tm.tm_min);
	else if (form == FORM_INVOICE_X12)
		seg(set, "BIG*%s*INV%07u*%s*%s", day, control_number(p) % 10000000, day,
			p->subject->key);
	else
		seg(set, "BEG*00*NE*%s**%s", p->subject->key, day);
	seg(set, "N1*BY*%s*92*%s", p->subject->facility, p->subject->facility);
	seg(set, "N1*SE*%s*92*%s", partner_code(p), partner_code(p));
	put_lines(set, p,
		form == FORM_SHIP_NOTICE_X12 ? "SN1"
		: form == FORM_INVOICE_X12   ? "IT1"
					     : "PO1");
	if (form == FORM_INVOICE_X12)
		seg(set, "TDS*%ld", p->total);
}

static void put_claim(struct set *set, struct parts *p)
{
	const struct patient *who = &p->patient;
	char day[16];

	seg(set, "BHT*0019*00*%s*%s*%02d%02d*CH", p->subject->key, day_of(p, day), p->tm.tm_hour,
		p->tm.tm_min);
	seg(set, "NM1*41*2*%s*****46*%s", p->subject->facility, p->subject->facility);
	seg(set, "HL*1**20*1");
	seg(set, "NM1*IL*1*%s*%s****MI*%u", who->family, who->given, who->number);
	seg(set, "DMG*D8*%04d%02d%02d*%s", who->year, who->month, who->day, who->sex);
	seg(set, "CLM*%s*%ld.%02ld***11:B:1*Y*A*Y*Y", p->subject->key, p->total / 100,
		p->total % 100);
	seg(set, "HI*ABK:%c%02d%d", 'A' + (int)(who->number % 20), (int)(who->number % 90) + 10,
		(int)(who->number % 9));
	for (int i = 0; i < p->n_lines; i++) {
		seg(set, "LX*%d", i + 1);
		seg(set, "SV1*HC:%05d*%d.%02d*UN*%d***1", 99200 + i, p->lines[i].item->price / 100,
			p->lines[i].item->price % 100, p->lines[i].quantity);
	}
}

static void put_remittance(struct set *set, struct parts *p)
{
	long paid = p->total - p->total / 10;

	seg(set, "BPR*I*%ld.%02ld*C*ACH", paid / 100, paid % 100);
	seg(set, "TRN*1*%u*1555000111", control_number(p));
	seg(set, "N1*PR*%s", partner_code(p));
	seg(set, "N1*PE*%s", p->subject->facility);
	seg(set, "LX*1");
	seg(set, "CLP*%s*1*%ld.%02ld*%ld.%02ld**MC*%u", p->subject->key, p->total / 100,
		p->total % 100, paid / 100, paid % 100, control_number(p));
	seg(set, "CAS*CO*45*%ld.%02ld", (p->total - paid) / 100, (p->total - paid) % 100);
}

static void put_eligibility(struct set *set, struct parts *p)
{
	const struct patient *who = &p->patient;
	char day[16];

	seg(set, "BHT*0022*13*%s*%s*%02d%02d", p->subject->key, day_of(p, day), p->tm.tm_hour,
		p->tm.tm_min);
	seg(set, "HL*1**20*1");
	seg(set, "NM1*PR*2*%s", partner_code(p));
	seg(set, "HL*2*1*22*0");
	seg(set, "NM1*IL*1*%s*%s****MI*%u", who->family, who->given, who->number);
	seg(set, "DMG*D8*%04d%02d%02d*%s", who->year, who->month, who->day, who->sex);
	seg(set, "EQ*30");
}

struct kind {
	const char *group, *set, *version;
};

static struct kind kind_of(enum sim_form form)
{
	switch (form) {
	case FORM_ORDER_ACK_X12:
		return (struct kind){"PR", "855", "005010"};
	case FORM_SHIP_NOTICE_X12:
		return (struct kind){"SH", "856", "005010"};
	case FORM_INVOICE_X12:
		return (struct kind){"IN", "810", "004010"};
	case FORM_CLAIM_X12:
		return (struct kind){"HC", "837", "005010X222A1"};
	case FORM_REMIT_X12:
		return (struct kind){"HP", "835", "005010X221A1"};
	case FORM_ELIGIBILITY_X12:
		return (struct kind){"HS", "270", "005010X279A1"};
	default:
		return (struct kind){"PO", "850", "005010"};
	}
}

void payload_x12(struct str *out, enum sim_form form, struct parts *p)
{
	struct kind kind = kind_of(form);
	struct set set = {out, 0};

	open_interchange(out, p, kind.group, kind.version);
	seg(&set, "ST*%s*0001", kind.set);
	if (form == FORM_CLAIM_X12)
		put_claim(&set, p);
	else if (form == FORM_REMIT_X12)
		put_remittance(&set, p);
	else if (form == FORM_ELIGIBILITY_X12)
		put_eligibility(&set, p);
	else
		put_order(&set, p, form);
	set.segments++;
	str_addf(out, "SE*%d*0001~\n", set.segments);
	close_interchange(out, p);
}
