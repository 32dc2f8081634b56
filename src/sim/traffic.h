/* Traffic into a store: history in large arrays, then live. */
#ifndef SIM_TRAFFIC_H
#define SIM_TRAFFIC_H

#include "base/err.h"
#include "store/writer.h"
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct traffic_options {
	const char *conninfo;
	const char *dir; /* of the files `faults` and `place`; NULL: none are kept */
	uint64_t seed;
	double rate;
	int hours; /* of history */
	int connections;
	bool chance; /* faults by chance as well */
	const volatile sig_atomic_t *stop;
	/* Told what is wrong in the file of faults. May be NULL. */
	void (*problem)(const char *text);
};

/* Writes the faults that the demo opens with, and the hours before now. */
int traffic_history(
	const struct traffic_options *options, struct writer_counts *ret, struct err *err);

/* Goes on where the last run ended, at most a day back, until it is stopped. A store that goes away
 * is waited for. */
int traffic_run(const struct traffic_options *options, struct err *err);

#endif
