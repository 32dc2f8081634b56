/* The table of what views ask Odoo. Pure. Read by the console's source, and by tests. */
#include "model/odoo_questions.h"
#include "base/mem.h"
#include <string.h>

/* The Odoo is the code of its system in the catalogue, "" or null for the only one. Lists have no other
 * parameter. */

static const struct column crons[] = {{"name", COLUMN_TEXT}, {"every", COLUMN_INT},
	{"unit", COLUMN_TEXT}, {"next_at", COLUMN_TIME}, {"last_at", COLUMN_TIME},
	{"failures", COLUMN_INT}, {"active", COLUMN_BOOL}, {"user", COLUMN_TEXT}};

static const struct column automations[] = {{"name", COLUMN_TEXT}, {"model", COLUMN_TEXT},
	{"trigger", COLUMN_TEXT}, {"url", COLUMN_TEXT}, {"last_at", COLUMN_TIME},
	{"active", COLUMN_BOOL}};

static const struct column queue[] = {{"name", COLUMN_TEXT}, {"model", COLUMN_TEXT},
	{"method", COLUMN_TEXT}, {"state", COLUMN_TEXT}, {"channel", COLUMN_TEXT},
	{"tries", COLUMN_INT}, {"most", COLUMN_INT}, {"at", COLUMN_TIME}, {"error", COLUMN_TEXT}};

static const struct column models[] = {{"model", COLUMN_TEXT}, {"name", COLUMN_TEXT}};

/* Parameters: models, parted by commas; an external id or a reference; the Odoo. */
static const struct column found[] = {{"model", COLUMN_TEXT}, {"id", COLUMN_INT},
	{"name", COLUMN_TEXT}, {"reference", COLUMN_TEXT}, {"state", COLUMN_TEXT},
	{"archived", COLUMN_BOOL}, {"written_at", COLUMN_TIME}};

/* Parameters: the model, the number, the Odoo. A row for each field. */
static const struct column record[] = {{"field", COLUMN_TEXT}, {"label", COLUMN_TEXT},
	{"type", COLUMN_TEXT}, {"value", COLUMN_TEXT}};

/* Parameter: the transaction. A row for each field that the catalogue maps. */
static const struct column beside[] = {{"field", COLUMN_TEXT}, {"source", COLUMN_TEXT},
	{"ours", COLUMN_TEXT}, {"theirs", COLUMN_TEXT}, {"verdict", COLUMN_TEXT},
	{"model", COLUMN_TEXT}, {"record", COLUMN_INT}, {"name", COLUMN_TEXT},
	{"archived", COLUMN_BOOL}, {"system", COLUMN_TEXT}};

const struct odoo_question odoo_questions[] = {
	{"odoo-automations", 1, automations, ARRAY_LEN(automations)},
	{"odoo-beside", 1, beside, ARRAY_LEN(beside)},
	{"odoo-crons", 1, crons, ARRAY_LEN(crons)},
	{"odoo-find", 3, found, ARRAY_LEN(found)},
	{"odoo-models", 1, models, ARRAY_LEN(models)},
	{"odoo-queue", 1, queue, ARRAY_LEN(queue)},
	{"odoo-record", 3, record, ARRAY_LEN(record)},
};
const size_t odoo_n_questions = ARRAY_LEN(odoo_questions);

const struct odoo_question *odoo_question_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(odoo_questions); i++)
		if (strcmp(odoo_questions[i].name, name) == 0)
			return &odoo_questions[i];
	return NULL;
}
