/* Bodies of batches and of the bank: CSV and XML.
 * What they speak of is drawn by payload.c.
 * Called by it. */
#include "payload_parts.h"

#define ROWS_LOW 20
#define ROWS_HIGH 60

static void put_prices(struct str *out, struct parts *p)
{
	int rows = random_between(&p->random, ROWS_LOW, ROWS_HIGH);

	str_adds(out, "contract;item;description;uom;price;currency;valid_from\n");
	for (int i = 0; i < rows; i++) {
		const struct item *item = item_any(&p->random);

		str_addf(out, "K-%04d;%s;%s;%s;", random_between(&p->random, 1000, 9999),
			item->code, item->name, item->unit);
		put_cents(out, item->price * random_between(&p->random, 95, 108) / 100);
		str_adds(out, ";EUR;");
		put_date(out, &p->tm);
		str_addc(out, '\n');
	}
}

static void put_ledger(struct str *out, struct parts *p)
{
	int rows = random_between(&p->random, ROWS_LOW, ROWS_HIGH);
	long sum = 0;

	str_adds(out, "document;date;account;cost_centre;debit;credit;text\n");
	for (int i = 0; i < rows; i++) {
		long amount = random_between(&p->random, 500, 900000);

		sum += amount;
		str_addf(out, "%s-%03d;", p->subject->key, i + 1);
		put_date(out, &p->tm);
		str_addf(out, ";%d;%d;", random_between(&p->random, 400000, 479999),
			random_between(&p->random, 4100, 8990));
		put_cents(out, amount);
		str_addf(out, ";0.00;%s\n", item_any(&p->random)->name);
	}
	str_addf(out, "%s-%03d;", p->subject->key, rows + 1);
	put_date(out, &p->tm);
	str_adds(out, ";160000;;0.00;");
	put_cents(out, sum);
	str_adds(out, ";contra\n");
}

static void put_payroll(struct str *out, struct parts *p)
{
	int rows = random_between(&p->random, ROWS_LOW, ROWS_HIGH);

	str_adds(out, "employee;name;cost_centre;hours;overtime;night\n");
	for (int i = 0; i < rows; i++)
		str_addf(out, "E%05d;%s;%d;%d.5;%d;%d\n", random_between(&p->random, 10000, 99999),
			staff_any(&p->random), random_between(&p->random, 4100, 8990),
			random_between(&p->random, 4, 12), random_between(&p->random, 0, 3),
			random_between(&p->random, 0, 8));
}

static void put_feed(struct str *out, struct parts *p)
{
	int rows = random_between(&p->random, 5, ROWS_LOW);

	str_adds(out, "site,ward,beds,occupied,at\n");
	for (int i = 0; i < rows; i++) {
		str_addf(out, "%s,W%02d,%d,%d,", p->subject->facility, i + 1, 28,
			random_between(&p->random, 9, 28));
		put_stamp(out, &p->tm);
		str_addc(out, '\n');
	}
}

static void put_statement(struct str *out, struct parts *p)
{
	int entries = random_between(&p->random, 4, 12);

	str_addf(out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\">\n"
		" <BkToCstmrStmt><Stmt><Id>%s</Id>\n",
		p->subject->key);
	for (int i = 0; i < entries; i++) {
		str_adds(out, "  <Ntry><Amt Ccy=\"EUR\">");
		put_cents(out, random_between(&p->random, 900, 4000000));
		str_addf(out, "</Amt><CdtDbtInd>%s</CdtDbtInd><NtryRef>%08u</NtryRef></Ntry>\n",
			random_below(&p->random, 3) ? "CRDT" : "DBIT",
			random_below(&p->random, 99999999));
	}
	str_adds(out, " </Stmt></BkToCstmrStmt>\n</Document>\n");
}

static void put_payments(struct str *out, struct parts *p)
{
	int payments = random_between(&p->random, 3, 10);

	str_addf(out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\">\n"
		" <CstmrCdtTrfInitn><GrpHdr><MsgId>%s</MsgId><NbOfTxs>%d</NbOfTxs></GrpHdr>\n"
		"  <PmtInf><PmtInfId>%s-1</PmtInfId>\n",
		p->subject->key, payments, p->subject->key);
	for (int i = 0; i < payments; i++) {
		str_adds(out, "   <CdtTrfTxInf><Amt><InstdAmt Ccy=\"EUR\">");
		put_cents(out, random_between(&p->random, 2000, 5000000));
		str_addf(out, "</InstdAmt></Amt><EndToEndId>BILL%07u</EndToEndId></CdtTrfTxInf>\n",
			random_below(&p->random, 9999999));
	}
	str_adds(out, "  </PmtInf>\n </CstmrCdtTrfInitn>\n</Document>\n");
}

void payload_finance(struct str *out, enum sim_form form, struct parts *parts)
{
	switch (form) {
	case FORM_PRICES_CSV:
		put_prices(out, parts);
		break;
	case FORM_LEDGER_CSV:
		put_ledger(out, parts);
		break;
	case FORM_PAYROLL_CSV:
		put_payroll(out, parts);
		break;
	case FORM_STATEMENT_XML:
		put_statement(out, parts);
		break;
	case FORM_PAYMENT_XML:
		put_payments(out, parts);
		break;
	default:
		put_feed(out, parts);
	}
}
