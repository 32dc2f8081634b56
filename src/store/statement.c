/* Finds an embedded statement by its name.
 * Leaves the reading of the files to the build (src/store/embed) and the running to the pool.
 * Called by the pool's callers. */
#include "store/statement.h"
#include "store/embedded.h"
#include <stdlib.h>
#include <string.h>

static int by_name(const void *name, const void *statement)
{
	return strcmp(name, ((const struct statement *)statement)->name);
}

const struct statement *statement_find(const char *name)
{
	return bsearch(name, embedded_statements, embedded_n_statements,
		sizeof(embedded_statements[0]), by_name);
}

const struct statement *statement_all(size_t *ret_n)
{
	*ret_n = embedded_n_statements;
	return embedded_statements;
}
