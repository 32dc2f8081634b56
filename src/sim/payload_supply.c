/* Bodies of supply and maintenance: JSON and XML.
 * What they speak of is drawn by payload.c.
 * Called by it. */
#include "base/mem.h"
#include "json_out.h"
#include "payload_parts.h"

static const char *partner_name(const struct parts *p)
{
	return p->subject->partner ? p->subject->partner->title : "Internal supply";
}

static void put_xml(struct str *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '&')
			str_adds(out, "&amp;");
		else if (*text == '<')
			str_adds(out, "&lt;");
		else
			str_addc(out, *text);
	}
}

static void put_lines(struct str *out, const struct parts *p, bool prices)
{
	json_open(out, "lines", '[');
	for (int i = 0; i < p->n_lines; i++) {
		const struct line *line = &p->lines[i];

		json_open(out, NULL, '{');
		json_int(out, "line", i + 1);
		json_text(out, "item", line->item->code);
		json_text(out, "description", line->item->name);
		json_int(out, "quantity", line->quantity);
		json_text(out, "uom", line->item->unit);
		if (prices)
			json_int(out, "unit_price_cents", line->item->price);
		json_close(out, '}');
	}
	json_close(out, ']');
}

static void put_order(struct str *out, struct parts *p)
{
	json_open(out, NULL, '{');
	json_text(out, "order", p->subject->key);
	json_text(out, "facility", p->subject->facility);
	json_text(out, "supplier", partner_name(p));
	json_text(out, "requested_by", staff_any(&p->random));
	json_int(out, "cost_centre", random_between(&p->random, 4100, 8990));
	json_text(out, "currency", "EUR");
	put_lines(out, p, true);
	json_int(out, "total_cents", p->total);
	json_close(out, '}');
}

static void put_receipt(struct str *out, struct parts *p)
{
	json_open(out, NULL, '{');
	json_text(out, "origin", p->subject->key);
	json_text(out, "warehouse", p->subject->facility);
	json_time(out, "received_at", p->subject->at_us);
	json_text(out, "received_by", staff_any(&p->random));
	put_lines(out, p, false);
	json_bool(out, "complete", true);
	json_close(out, '}');
}

static void put_match(struct str *out, struct parts *p)
{
	json_open(out, NULL, '{');
	json_text(out, "document", p->subject->key);
	json_text(out, "vendor", partner_name(p));
	json_int(out, "ordered_cents", p->total);
	json_int(out, "received_cents", p->total);
	json_int(out, "invoiced_cents", p->total);
	json_text(out, "result", "matched");
	json_text(out, "account", "400100");
	json_close(out, '}');
}

static void put_work_order(struct str *out, struct parts *p)
{
	static const char *const what[] = {"preventive inspection", "battery replacement",
		"calibration", "fault: alarm does not clear", "annual safety test"};

	json_open(out, NULL, '{');
	json_text(out, "work_order", p->subject->key);
	json_text(out, "site", p->subject->facility);
	json_text(out, "task", what[random_below(&p->random, ARRAY_LEN(what))]);
	json_text(out, "technician", staff_any(&p->random));
	json_int(out, "priority", random_between(&p->random, 1, 3));
	put_lines(out, p, false);
	json_close(out, '}');
}

static void put_stock(struct str *out, struct parts *p)
{
	const struct line *line = &p->lines[0];

	json_open(out, NULL, '{');
	json_text(out, "event", "stock.changed");
	json_text(out, "id", p->message_id);
	json_text(out, "location", p->subject->facility);
	json_text(out, "item", line->item->code);
	json_text(out, "description", line->item->name);
	json_int(out, "on_hand", random_between(&p->random, 0, 12));
	json_int(out, "minimum", 10);
	json_int(out, "wanted", line->quantity);
	json_time(out, "at", p->subject->at_us);
	json_close(out, '}');
}

static void put_sensor(struct str *out, struct parts *p)
{
	json_open(out, NULL, '{');
	json_text(out, "device", p->subject->key);
	json_text(out, "site", p->subject->facility);
	json_text(out, "room", "pharmacy cold store");
	json_int(out, "millidegrees", random_between(&p->random, 2100, 8600));
	json_int(out, "battery_percent", random_between(&p->random, 14, 100));
	json_time(out, "measured_at", p->subject->at_us);
	json_close(out, '}');
}

static void put_asset_xml(struct str *out, struct parts *p)
{
	const struct line *line = &p->lines[0];

	str_addf(out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<asset xmlns=\"urn:example:asset:1\">\n"
		"  <origin>%s</origin>\n  <site>%s</site>\n  <item>%s</item>\n  <name>%s</name>\n"
		"  <serial>SN%08u</serial>\n  <cost currency=\"EUR\">",
		p->subject->key, p->subject->facility, line->item->code, line->item->name,
		random_below(&p->random, 99999999));
	put_cents(out, line->item->price);
	str_adds(out, "</cost>\n  <commissioned>");
	put_date(out, &p->tm);
	str_adds(out, "</commissioned>\n</asset>\n");
}

static void put_supplier_xml(struct str *out, struct parts *p)
{
	const struct sim_partner *partner = p->subject->partner;

	str_addf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<supplier id=\"%s\">\n  <name>",
		partner ? partner->code : "internal");
	put_xml(out, partner_name(p));
	str_addf(out,
		"</name>\n  <contact>%s</contact>\n  <iban>XX%02d 5555 0000 %04d %04d</iban>\n"
		"  <terms days=\"%d\"/>\n  <blocked>false</blocked>\n  <changed>",
		partner ? partner->contact : "", random_between(&p->random, 10, 99),
		random_between(&p->random, 1000, 9999), random_between(&p->random, 1000, 9999),
		random_below(&p->random, 2) ? 30 : 14);
	put_date(out, &p->tm);
	str_adds(out, "</changed>\n</supplier>\n");
}

static void put_recall_xml(struct str *out, struct parts *p)
{
	const struct line *line = &p->lines[0];

	str_addf(out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<recall id=\"%s\" class=\"II\">\n"
		"  <product>%s</product>\n  <reference>%s</reference>\n  <lot>L%05u</lot>\n"
		"  <reason>seal may fail before the end of shelf life</reason>\n  <published>",
		p->subject->key, line->item->name, line->item->code,
		random_below(&p->random, 99999));
	put_date(out, &p->tm);
	str_adds(out, "</published>\n</recall>\n");
}

void payload_supply(struct str *out, enum sim_form form, struct parts *parts)
{
	switch (form) {
	case FORM_RECEIPT_JSON:
		put_receipt(out, parts);
		break;
	case FORM_MATCH_JSON:
		put_match(out, parts);
		break;
	case FORM_WORK_ORDER_JSON:
		put_work_order(out, parts);
		break;
	case FORM_STOCK_JSON:
		put_stock(out, parts);
		break;
	case FORM_SENSOR_JSON:
		put_sensor(out, parts);
		break;
	case FORM_ASSET_XML:
		put_asset_xml(out, parts);
		break;
	case FORM_SUPPLIER_XML:
		put_supplier_xml(out, parts);
		break;
	case FORM_RECALL_XML:
		put_recall_xml(out, parts);
		break;
	default:
		put_order(out, parts);
	}
}
