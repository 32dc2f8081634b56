/* What the parts of bench_store share: the store under measurement, and the figures of the stage
 * before, which each figure is told beside. */
#ifndef TESTS_BENCH_STORE_BENCH_H
#define TESTS_BENCH_STORE_BENCH_H

#include "measure.h"
#include "people.h"
#include <stdint.h>

struct told {
	char what[96];
	double value;
};

struct bench {
	struct people *people;
	int64_t size; /* transactions there are now */
	int stage;
	const char *before; /* what the stage before is called; NULL: there is none */
	struct told told[96]; /* its figures */
	size_t n;
};

double now_ms(void);

/* What the server's process of a session has used since it began; zeros when it cannot be told. */
struct used {
	double cpu_s;
	double waited_s; /* ready to run, while others had the processors */
};
struct used used_by(PGconn *conn);

/* A figure, beside that of the stage before. */
void tell(struct bench *bench, const struct figure *figure);

/* The same for processor time, which does not depend on what else the machine does: here it is judged
 * how much more it became, unless it may grow. */
void tell_cpu(struct bench *bench, const struct figure *figure, bool may_grow);

void taking(struct bench *bench);
void following(struct bench *bench, const char *duty, const char *what);
void reading(struct bench *bench);

#endif
