/* Any bytes as an endpoint of the catalogue, and what it is filled with: refused in words, or filled
 * without a fault, and what was filled is JSON again. */
#include "base/mem.h"
#include "base/text.h"
#include "relay/endpoint.h"
#include "relay/fill.h"
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fill_value(const struct fill *fill, const struct value *value)
{
	CLEANUP(arena_done)
	struct arena arena = ARENA_INIT;
	CLEANUP(str_done)
	struct str out = STR_INIT(1 << 20);
	struct err err = ERR_INIT;
	const struct value *again = NULL;

	if (!value)
		return;
	if (fill_json(fill, value, &out, &err) < 0)
		assert(err.text[0]);
	else
		assert(value_parse(&arena, str_slice(&out), &again, NULL) == 0 || out.len > 100000);
}

static void fill_all(const struct endpoint *endpoint, struct slice text)
{
	CLEANUP(str_done)
	struct str out = STR_INIT(8192);
	const struct fill fill = {.key = SLICE("k-1"),
		.message_id = SLICE("m \"1\" \xc3\xa4/?"),
		.business_key = SLICE("PO-1"),
		.interface = SLICE("orders"),
		.text = text};
	struct err err = ERR_INIT;

	if (endpoint->url && fill_url(&fill, endpoint->url, &out, &err) < 0)
		assert(err.text[0]);
	for (size_t i = 0; i < endpoint->n_headers; i++)
		(void)fill_header(&fill, endpoint->headers[i].value, &out, NULL);
	fill_value(&fill, endpoint->args);
	fill_value(&fill, endpoint->load);
	fill_value(&fill, endpoint->ids);
	fill_value(&fill, endpoint->context);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(endpoint_freep)
	struct endpoint *endpoint = NULL;
	struct slice text = {(const char *)data, size};
	struct err err = ERR_INIT;

	if (endpoint_parse(text, &endpoint, &err) < 0) {
		assert(err.text[0] && utf8_valid(slice_of(err.text)));
		return 0;
	}
	fill_all(endpoint, text);
	return 0;
}
