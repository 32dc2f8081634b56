/* Parts of bench_console that lie in files of their own, and what they share. */
#ifndef TESTS_BENCH_CONSOLE_PARTS_H
#define TESTS_BENCH_CONSOLE_PARTS_H

#include "console_stage.h"
#include "measure.h"

#define FIRST_ROW "^.{0,2}[a-z]+-[a-z]+ "

/* From a key to the last byte that it brings about, n times, one key after the other. */
void time_keys(
	struct pty *pty, const char *const keys[], size_t n_keys, int n, struct samples *samples);

/* What a process used of one processor between the two. */
double percent(struct used from, struct used to);

/* By how much each event is late that comes until then, in milliseconds. */
void watch_tail(struct pty *pty, int64_t until_us, struct samples *lags);

void bench_idle(struct stage *stage);
void bench_lag(struct stage *stage);
void bench_throughput(struct stage *stage);
void bench_crowd(struct stage *stage);

#endif
