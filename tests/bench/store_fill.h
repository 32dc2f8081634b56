/* The store that bench_store measures: filled by two sessions at once, with the indexes laid off, and
 * what makes its pages cold again. */
#ifndef TESTS_BENCH_STORE_FILL_H
#define TESTS_BENCH_STORE_FILL_H

#include "people.h"

/* Once for a store: the interfaces and the procedures of store_fill.sql. */
void store_fill_prepare(struct people *people);

/* Transactions first to last, their events and all that follows from them, over ten months of
 * partitions. Tells how long it took. */
void store_fill(struct people *people, int64_t first, int64_t last);

/* Has the kernel forget the pages of this database. False: its files are not ours to open. */
bool store_fill_cool(struct people *people);

#endif
