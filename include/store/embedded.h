/* What the build makes of the files under src/store/sql and src/store/migrations. Asked through
 * statement.h and migrate.h; nobody else needs this. */
#ifndef STORE_EMBEDDED_H
#define STORE_EMBEDDED_H

#include "store/migrate.h"
#include "store/statement.h"

extern const struct statement embedded_statements[]; /* by name */
extern const size_t embedded_n_statements;

extern const struct migration embedded_migrations[]; /* by number; gaps are fine */
extern const size_t embedded_n_migrations;

#endif
