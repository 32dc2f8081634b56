/* Any bytes as an answer of Odoo: read without a fault, with a class and words that can be shown. The
 * first byte says by which protocol, the second which status and type. */
#include "base/mem.h"
#include "base/text.h"
#include "odoo/decode.h"
#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const int statuses[] = {200, 303, 400, 401, 403, 404, 409, 415, 422, 429, 500, 502};

static size_t count(const struct value *value)
{
	size_t n = 1;

	if (value->kind == VALUE_LIST)
		for (size_t i = 0; i < value->n; i++)
			n += count(value_at(value, i));
	if (value->kind == VALUE_OBJECT)
		for (size_t i = 0; i < value->n; i++)
			n += count(&value->members[i].value);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_done)
	struct arena arena = ARENA_INIT;
	struct odoo_raw raw;
	struct odoo_answer answer;

	if (size < 2)
		return 0;
	raw = (struct odoo_raw){data[0] & 1 ? ODOO_JSON2 : ODOO_JSONRPC,
		statuses[(data[1] & 0x3F) % ARRAY_LEN(statuses)],
		data[1] & 0x40 ? SLICE("text/html") : SLICE("application/json"),
		{(const char *)data + 2, size - 2}};
	odoo_decode(&arena, &raw, &answer);
	assert((answer.class == ODOO_OK) == (*answer.message == '\0'));
	assert(strlen(answer.message) <= ODOO_MESSAGE_MAX);
	assert(utf8_valid(slice_of(answer.message)));
	assert(answer.class != ODOO_OK || answer.settled);
	assert(!answer.result || (answer.class == ODOO_OK && count(answer.result) <= size));
	return 0;
}
