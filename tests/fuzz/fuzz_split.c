/* Any bytes as a migration's text: its statements are parts of it, in order, and the cutting ends. */
#include "store/migrate.h"
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = {(const char *)data, size}, rest = text, statement;
	const char *end = text.at;

	while (migrate_next_statement(&rest, &statement)) {
		assert(statement.len > 0);
		assert(statement.at >= end);
		end = statement.at + statement.len;
		assert(end <= text.at + size);
		assert(rest.at >= end && rest.at + rest.len == text.at + size);
	}
	return 0;
}
