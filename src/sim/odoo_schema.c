/* The models of the simulated Odoo as tables.
 * Leaves the records to odoo_rows.c and what happens to documents to odoo_documents.c.
 * Called by all of the simulated Odoo. */
#include "odoo_schema.h"
#include "base/mem.h"

#define ORDER_STATES                                                                         \
	"draft=RFQ|sent=RFQ Sent|to approve=To Approve|purchase=Purchase Order|done=Locked|" \
	"cancel=Cancelled"
#define MOVE_TYPES                                                                          \
	"entry=Journal Entry|out_invoice=Customer Invoice|out_refund=Customer Credit Note|" \
	"in_invoice=Vendor Bill|in_refund=Vendor Credit Note|out_receipt=Sales Receipt|"    \
	"in_receipt=Purchase Receipt"
#define PAYMENT_STATES                                                              \
	"not_paid=Not Paid|in_payment=In Payment|paid=Paid|partial=Partially Paid|" \
	"reversed=Reversed"
#define PICKING_STATES                                                                    \
	"draft=Draft|waiting=Waiting Another Operation|confirmed=Waiting|assigned=Ready|" \
	"done=Done|cancel=Cancelled"

static const struct odoo_field common_fields[] = {
	{"id", "ID", .type = ODOO_INTEGER, ODOO_READONLY},
	{"display_name", "Display Name", .type = ODOO_CHAR, ODOO_READONLY | ODOO_COMPUTED},
	{"create_date", "Created on", .type = ODOO_DATETIME, ODOO_READONLY},
	{"write_date", "Last Updated on", .type = ODOO_DATETIME, ODOO_READONLY},
	{"create_uid", "Created by", .type = ODOO_MANY2ONE, ODOO_READONLY, .relation = "res.users"},
	{"write_uid", "Last Updated by", .type = ODOO_MANY2ONE, ODOO_READONLY,
		.relation = "res.users"},
};

static const struct odoo_field name_fields[] = {
	{"name", "Name", .type = ODOO_CHAR, ODOO_REQUIRED},
};

static const struct odoo_field company_fields[] = {
	{"name", "Company Name", .type = ODOO_CHAR, ODOO_REQUIRED},
	{"logo", "Company Logo", .type = ODOO_BINARY},
};

static const struct odoo_field country_fields[] = {
	{"name", "Country Name", .type = ODOO_CHAR, ODOO_REQUIRED},
	{"code", "Country Code", .type = ODOO_CHAR},
};

static const struct odoo_field model_fields[] = {
	{"model", "Model", .type = ODOO_CHAR, ODOO_REQUIRED},
	{"name", "Model Description", .type = ODOO_CHAR, ODOO_REQUIRED},
};

static const struct odoo_field data_fields[] = {
	{"module", "Module", .type = ODOO_CHAR, ODOO_REQUIRED},
	{"name", "External Identifier", .type = ODOO_CHAR, ODOO_REQUIRED},
	{"complete_name", "Complete ID", .type = ODOO_CHAR, ODOO_READONLY | ODOO_COMPUTED},
	{"model", "Model Name", .type = ODOO_CHAR, ODOO_REQUIRED},
	{"res_id", "Record ID", .type = ODOO_INTEGER},
	{"noupdate", "Non Updatable", .type = ODOO_BOOLEAN},
};

static const struct odoo_field parameter_fields[] = {
	{"key", "Key", .type = ODOO_CHAR, ODOO_REQUIRED},
	{"value", "Value", .type = ODOO_LONG_TEXT, ODOO_REQUIRED},
};

static const struct odoo_field user_fields[] = {
	{"name", "Name", .type = ODOO_CHAR, ODOO_REQUIRED},
	{"login", "Login", .type = ODOO_CHAR, ODOO_REQUIRED},
	{"active", "Active", .type = ODOO_BOOLEAN},
	{"partner_id", "Related Partner", .type = ODOO_MANY2ONE, .relation = "res.partner"},
	{"company_id", "Company", .type = ODOO_MANY2ONE, .relation = "res.company"},
	{"lang", "Language", .type = ODOO_CHAR, .otherwise = "en_US"},
	{"tz", "Timezone", .type = ODOO_CHAR, .otherwise = "Europe/Brussels"},
};

static const struct odoo_field key_fields[] = {
	{"name", "Description", .type = ODOO_CHAR, ODOO_REQUIRED | ODOO_READONLY},
	{"user_id", "User", .type = ODOO_MANY2ONE, ODOO_REQUIRED | ODOO_READONLY,
		.relation = "res.users"},
	{"scope", "Scope", .type = ODOO_CHAR, ODOO_READONLY},
	{"expiration_date", "Expiration Date", .type = ODOO_DATETIME, ODOO_READONLY},
};

#define INTERVALS "minutes=Minutes|hours=Hours|days=Days|weeks=Weeks|months=Months"
#define TRIGGERS                                                                        \
	"on_create_or_write=On save|on_time=Based on date field|on_webhook=On webhook|" \
	"on_state_set=State is set to"
#define JOB_STATES                                                                         \
	"pending=Pending|enqueued=Enqueued|started=Started|done=Done|cancelled=Cancelled|" \
	"failed=Failed"

static const struct odoo_field cron_fields[] = {
	{"cron_name", "Name", .type = ODOO_CHAR, ODOO_REQUIRED},
	{"active", "Active", .type = ODOO_BOOLEAN},
	{"interval_number", "Interval Number", .type = ODOO_INTEGER},
	{"interval_type", "Interval Unit", .type = ODOO_SELECTION, .selection = INTERVALS},
	{"nextcall", "Next Execution Date", .type = ODOO_DATETIME, ODOO_REQUIRED},
	{"lastcall", "Last Execution Date", .type = ODOO_DATETIME},
	{"failure_count", "Failure Count", .type = ODOO_INTEGER},
	{"user_id", "Scheduler User", .type = ODOO_MANY2ONE, .relation = "res.users"},
};

static const struct odoo_field automation_fields[] = {
	{"name", "Automation Rule Name", .type = ODOO_CHAR, ODOO_REQUIRED},
	{"active", "Active", .type = ODOO_BOOLEAN},
	{"model_name", "Model Name", .type = ODOO_CHAR},
	{"trigger", "Trigger", .type = ODOO_SELECTION, .selection = TRIGGERS},
	{"url", "Url", .type = ODOO_CHAR},
	{"last_run", "Last Run", .type = ODOO_DATETIME, ODOO_READONLY},
};

static const struct odoo_field action_fields[] = {
	{"name", "Action Name", .type = ODOO_CHAR, ODOO_REQUIRED},
	{"state", "Type", .type = ODOO_SELECTION,
		.selection = "code=Execute Code|webhook=Send Webhook Notification"},
	{"webhook_url", "Webhook URL", .type = ODOO_CHAR},
	{"base_automation_id", "Automation Rule", .type = ODOO_MANY2ONE,
		.relation = "base.automation"},
};

static const struct odoo_field job_fields[] = {
	{"uuid", "UUID", .type = ODOO_CHAR, ODOO_REQUIRED},
	{"name", "Description", .type = ODOO_CHAR},
	{"model_name", "Model", .type = ODOO_CHAR},
	{"method_name", "Method Name", .type = ODOO_CHAR},
	{"channel", "Channel", .type = ODOO_CHAR},
	{"state", "State", .type = ODOO_SELECTION, .selection = JOB_STATES},
	{"retry", "Current try", .type = ODOO_INTEGER},
	{"max_retries", "Max. retries", .type = ODOO_INTEGER},
	{"date_created", "Created Date", .type = ODOO_DATETIME},
	{"date_done", "Date Done", .type = ODOO_DATETIME},
	{"exc_message", "Exception Message", .type = ODOO_CHAR},
	{"exc_info", "Exception Info", .type = ODOO_LONG_TEXT},
};

static const struct odoo_field partner_fields[] = {
	{"name", "Name", .type = ODOO_CHAR},
	{"ref", "Reference", .type = ODOO_CHAR},
	{"email", "Email", .type = ODOO_CHAR},
	{"phone", "Phone", .type = ODOO_CHAR},
	{"vat", "Tax ID", .type = ODOO_CHAR},
	{"is_company", "Is a Company", .type = ODOO_BOOLEAN},
	{"active", "Active", .type = ODOO_BOOLEAN},
	{"type", "Address Type", .type = ODOO_SELECTION,
		.selection = "contact=Contact|invoice=Invoice Address|delivery=Delivery Address|"
			     "other=Other Address",
		.otherwise = "contact"},
	{"parent_id", "Related Company", .type = ODOO_MANY2ONE, .relation = "res.partner"},
	{"child_ids", "Contact", .type = ODOO_ONE2MANY, .relation = "res.partner",
		.inverse = "parent_id"},
	{"country_id", "Country", .type = ODOO_MANY2ONE, ODOO_RESTRICT, .relation = "res.country"},
	{"company_id", "Company", .type = ODOO_MANY2ONE, .relation = "res.company"},
	{"user_id", "Salesperson", .type = ODOO_MANY2ONE, .relation = "res.users"},
	{"category_id", "Tags", .type = ODOO_MANY2MANY, .relation = "res.partner.category"},
	{"comment", "Notes", .type = ODOO_LONG_TEXT},
	{"color", "Color Index", .type = ODOO_INTEGER},
	{"credit_limit", "Credit Limit", .type = ODOO_FLOAT},
	{"partner_latitude", "Geo Latitude", .type = ODOO_FLOAT},
	{"image_128", "Image 128", .type = ODOO_BINARY},
	{"signup_type", "Signup Token Type", .type = ODOO_CHAR, ODOO_SYSTEM},
};

static const struct odoo_field product_fields[] = {
	{"name", "Name", .type = ODOO_CHAR, ODOO_REQUIRED},
	{"default_code", "Internal Reference", .type = ODOO_CHAR},
	{"barcode", "Barcode", .type = ODOO_CHAR},
	{"type", "Product Type", .type = ODOO_SELECTION,
		.selection = "consu=Goods|service=Service|combo=Combo", .otherwise = "consu"},
	{"purchase_ok", "Purchase", .type = ODOO_BOOLEAN},
	{"active", "Active", .type = ODOO_BOOLEAN},
	{"standard_price", "Cost", .type = ODOO_FLOAT},
	{"lst_price", "Sales Price", .type = ODOO_FLOAT},
	{"qty_available", "Quantity On Hand", .type = ODOO_FLOAT},
	{"uom_id", "Unit of Measure", .type = ODOO_MANY2ONE, .relation = "uom.uom"},
};

static const struct odoo_field order_fields[] = {
	{"name", "Order Reference", .type = ODOO_CHAR},
	{"partner_id", "Vendor", .type = ODOO_MANY2ONE, ODOO_REQUIRED | ODOO_RESTRICT,
		.relation = "res.partner"},
	{"partner_ref", "Vendor Reference", .type = ODOO_CHAR},
	{"origin", "Source Document", .type = ODOO_CHAR},
	{"state", "Status", .type = ODOO_SELECTION, ODOO_READONLY, .selection = ORDER_STATES,
		.otherwise = "draft"},
	{"date_order", "Order Deadline", .type = ODOO_DATETIME, ODOO_REQUIRED | ODOO_NOW},
	{"date_planned", "Expected Arrival", .type = ODOO_DATETIME},
	{"date_approve", "Confirmation Date", .type = ODOO_DATETIME},
	{"amount_total", "Total", .type = ODOO_MONETARY, ODOO_READONLY},
	{"currency_id", "Currency", .type = ODOO_MANY2ONE, .relation = "res.currency"},
	{"invoice_status", "Billing Status", .type = ODOO_SELECTION, ODOO_READONLY,
		.selection = "no=Nothing to Bill|to invoice=Waiting Bills|invoiced=Fully Billed",
		.otherwise = "no"},
	{"receipt_status", "Receipt Status", .type = ODOO_SELECTION, ODOO_READONLY,
		.selection = "pending=Not Received|partial=Partially Received|full=Fully Received"},
	{"order_line", "Order Lines", .type = ODOO_ONE2MANY, .relation = "purchase.order.line",
		.inverse = "order_id"},
	{"user_id", "Buyer", .type = ODOO_MANY2ONE, .relation = "res.users"},
	{"company_id", "Company", .type = ODOO_MANY2ONE, .relation = "res.company"},
};

static const struct odoo_field order_line_fields[] = {
	{"order_id", "Order Reference", .type = ODOO_MANY2ONE, ODOO_REQUIRED,
		.relation = "purchase.order"},
	{"product_id", "Product", .type = ODOO_MANY2ONE, ODOO_RESTRICT,
		.relation = "product.product"},
	{"name", "Description", .type = ODOO_LONG_TEXT, ODOO_REQUIRED},
	{"product_qty", "Quantity", .type = ODOO_FLOAT, ODOO_REQUIRED},
	{"qty_received", "Received Qty", .type = ODOO_FLOAT},
	{"price_unit", "Unit Price", .type = ODOO_FLOAT},
	{"price_subtotal", "Subtotal", .type = ODOO_MONETARY, ODOO_READONLY},
	{"date_planned", "Expected Arrival", .type = ODOO_DATETIME},
};

static const struct odoo_field move_fields[] = {
	{"name", "Number", .type = ODOO_CHAR, .otherwise = "/"},
	{"ref", "Reference", .type = ODOO_CHAR},
	{"move_type", "Type", .type = ODOO_SELECTION, ODOO_REQUIRED, .selection = MOVE_TYPES,
		.otherwise = "entry"},
	{"state", "Status", .type = ODOO_SELECTION, ODOO_READONLY,
		.selection = "draft=Draft|posted=Posted|cancel=Cancelled", .otherwise = "draft"},
	{"payment_state", "Payment Status", .type = ODOO_SELECTION, ODOO_READONLY,
		.selection = PAYMENT_STATES, .otherwise = "not_paid"},
	{"partner_id", "Partner", .type = ODOO_MANY2ONE, ODOO_RESTRICT, .relation = "res.partner"},
	{"invoice_date", "Invoice/Bill Date", .type = ODOO_DATE},
	{"invoice_date_due", "Due Date", .type = ODOO_DATE},
	{"date", "Date", .type = ODOO_DATE, ODOO_REQUIRED | ODOO_NOW},
	{"amount_total", "Total", .type = ODOO_MONETARY, ODOO_READONLY},
	{"amount_residual", "Amount Due", .type = ODOO_MONETARY, ODOO_READONLY},
	{"currency_id", "Currency", .type = ODOO_MANY2ONE, .relation = "res.currency"},
	{"invoice_origin", "Origin", .type = ODOO_CHAR},
	{"invoice_line_ids", "Invoice lines", .type = ODOO_ONE2MANY,
		.relation = "account.move.line", .inverse = "move_id"},
	{"company_id", "Company", .type = ODOO_MANY2ONE, .relation = "res.company"},
};

static const struct odoo_field move_line_fields[] = {
	{"move_id", "Journal Entry", .type = ODOO_MANY2ONE, ODOO_REQUIRED,
		.relation = "account.move"},
	{"product_id", "Product", .type = ODOO_MANY2ONE, .relation = "product.product"},
	{"name", "Label", .type = ODOO_CHAR},
	{"quantity", "Quantity", .type = ODOO_FLOAT},
	{"price_unit", "Unit Price", .type = ODOO_FLOAT},
	{"price_subtotal", "Subtotal", .type = ODOO_MONETARY, ODOO_READONLY},
};

static const struct odoo_field picking_fields[] = {
	{"name", "Reference", .type = ODOO_CHAR, .otherwise = "/"},
	{"partner_id", "Contact", .type = ODOO_MANY2ONE, .relation = "res.partner"},
	{"picking_type_code", "Type of Operation", .type = ODOO_SELECTION,
		.selection = "incoming=Receipt|outgoing=Delivery|internal=Internal Transfer",
		.otherwise = "incoming"},
	{"state", "Status", .type = ODOO_SELECTION, ODOO_READONLY, .selection = PICKING_STATES,
		.otherwise = "draft"},
	{"scheduled_date", "Scheduled Date", .type = ODOO_DATETIME, ODOO_NOW},
	{"date_done", "Date of Transfer", .type = ODOO_DATETIME, ODOO_READONLY},
	{"origin", "Source Document", .type = ODOO_CHAR},
	{"move_ids", "Stock Moves", .type = ODOO_ONE2MANY, .relation = "stock.move",
		.inverse = "picking_id"},
	{"backorder_id", "Back Order of", .type = ODOO_MANY2ONE, .relation = "stock.picking"},
};

static const struct odoo_field stock_move_fields[] = {
	{"picking_id", "Transfer", .type = ODOO_MANY2ONE, .relation = "stock.picking"},
	{"product_id", "Product", .type = ODOO_MANY2ONE, ODOO_REQUIRED | ODOO_RESTRICT,
		.relation = "product.product"},
	{"name", "Description", .type = ODOO_CHAR},
	{"product_uom_qty", "Demand", .type = ODOO_FLOAT, ODOO_REQUIRED},
	{"quantity", "Quantity", .type = ODOO_FLOAT},
};

#define EVERYBODY ODOO_GROUP_USER
#define WATCHERS (ODOO_GROUP_WATCH | ODOO_GROUP_SYSTEM)
#define BUYERS (ODOO_GROUP_PURCHASE | ODOO_GROUP_SYSTEM)
#define BOOKKEEPERS (ODOO_GROUP_INVOICING | ODOO_GROUP_SYSTEM)
#define STOREKEEPERS (ODOO_GROUP_STOCK | ODOO_GROUP_SYSTEM)
#define CONTACT_MAKERS (ODOO_GROUP_CONTACTS | ODOO_GROUP_SYSTEM)
#define FIELDS(of) of##_fields, ARRAY_LEN(of##_fields)

const struct odoo_model odoo_models[] = {
	{"res.company", "Companies", "ResCompany", "id", EVERYBODY, ODOO_GROUP_SYSTEM,
		FIELDS(company)},
	{"res.currency", "Currency", "ResCurrency", "id", EVERYBODY, ODOO_GROUP_SYSTEM,
		FIELDS(name)},
	{"res.country", "Country", "ResCountry", "name", EVERYBODY, ODOO_GROUP_SYSTEM,
		FIELDS(country)},
	{"res.partner.category", "Partner Tags", "ResPartnerCategory", "name", EVERYBODY,
		CONTACT_MAKERS, FIELDS(name)},
	{"uom.uom", "Product Unit of Measure", "UomUom", "id", EVERYBODY, ODOO_GROUP_SYSTEM,
		FIELDS(name)},
	{"ir.model", "Models", "IrModel", "model", EVERYBODY, ODOO_GROUP_SYSTEM, FIELDS(model)},
	{"ir.model.data", "Model Data", "IrModelData", "module, model, name", ODOO_GROUP_SYSTEM,
		ODOO_GROUP_SYSTEM, FIELDS(data)},
	{"ir.config_parameter", "System Parameter", "IrConfig_Parameter", "key", ODOO_GROUP_SYSTEM,
		ODOO_GROUP_SYSTEM, FIELDS(parameter)},
	{"res.users", "User", "ResUsers", "name, login", EVERYBODY, ODOO_GROUP_SYSTEM,
		FIELDS(user)},
	{"res.users.apikeys", "Users API Keys", "APIKeys", "id", EVERYBODY, ODOO_GROUP_SYSTEM,
		FIELDS(key)},
	{"res.partner", "Contact", "ResPartner", "display_name, id", EVERYBODY, CONTACT_MAKERS,
		FIELDS(partner)},
	{"product.product", "Product Variant", "ProductProduct", "default_code, name, id",
		EVERYBODY, BUYERS | STOREKEEPERS, FIELDS(product)},
	{"ir.cron", "Scheduled Actions", "IrCron", "cron_name, id", WATCHERS, ODOO_GROUP_SYSTEM,
		FIELDS(cron)},
	{"base.automation", "Automation Rule", "BaseAutomation", "id", WATCHERS, ODOO_GROUP_SYSTEM,
		FIELDS(automation)},
	{"ir.actions.server", "Server Actions", "IrActionsServer", "id", WATCHERS,
		ODOO_GROUP_SYSTEM, FIELDS(action)},
	{"queue.job", "Queue Job", "QueueJob", "date_created desc, id desc", WATCHERS,
		ODOO_GROUP_SYSTEM, FIELDS(job)},
	{"purchase.order", "Purchase Order", "PurchaseOrder", "id desc",
		BUYERS | BOOKKEEPERS | ODOO_GROUP_WATCH, BUYERS, FIELDS(order)},
	{"purchase.order.line", "Purchase Order Line", "PurchaseOrderLine", "order_id, id",
		BUYERS | BOOKKEEPERS | ODOO_GROUP_WATCH, BUYERS, FIELDS(order_line)},
	{"account.move", "Journal Entry", "AccountMove", "date desc, name desc, id desc",
		BUYERS | BOOKKEEPERS | ODOO_GROUP_WATCH, BOOKKEEPERS, FIELDS(move)},
	{"account.move.line", "Journal Item", "AccountMoveLine", "id", BUYERS | BOOKKEEPERS,
		BOOKKEEPERS, FIELDS(move_line)},
	{"stock.picking", "Transfer", "StockPicking", "scheduled_date, id",
		STOREKEEPERS | BUYERS | ODOO_GROUP_WATCH, STOREKEEPERS, FIELDS(picking)},
	{"stock.move", "Stock Move", "StockMove", "id", STOREKEEPERS | BUYERS, STOREKEEPERS,
		FIELDS(stock_move)},
};

const size_t odoo_n_models = ARRAY_LEN(odoo_models);

const struct odoo_model *odoo_model_named(struct slice name)
{
	for (size_t i = 0; i < odoo_n_models; i++)
		if (slice_eq_str(name, odoo_models[i].name))
			return &odoo_models[i];
	return NULL;
}

const struct odoo_field *odoo_field_at(const struct odoo_model *model, size_t i)
{
	if (i < ARRAY_LEN(common_fields))
		return &common_fields[i];
	i -= ARRAY_LEN(common_fields);
	return i < model->n_fields ? &model->fields[i] : NULL;
}

const struct odoo_field *odoo_field_named(const struct odoo_model *model, struct slice name)
{
	const struct odoo_field *field;

	for (size_t i = 0; (field = odoo_field_at(model, i)); i++)
		if (slice_eq_str(name, field->name))
			return field;
	return NULL;
}

const char *odoo_type_name(enum odoo_type type)
{
	static const char *const names[] = {"char", "text", "binary", "integer", "float",
		"monetary", "boolean", "date", "datetime", "selection", "many2one", "one2many",
		"many2many"};

	return names[type];
}
