/* The database that stores of a run are cloned from. */
#ifndef TESTS_LIB_PG_TEMPLATE_H
#define TESTS_LIB_PG_TEMPLATE_H

#define PG_TEMPLATE "orderly_template"

/* Made once in a run, by whoever comes first; the others wait. */
void pg_template_make(void);

#endif
