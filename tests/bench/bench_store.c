/* bench_store: the store as its writers and readers feel it, at a size and at a tenth of it, and with
 * 120 months of partitions. ORDERLY_BENCH_TRANSACTIONS says how many are there before (a million).
 * Leaves filling, taking and reading to store_*.c, and the console to bench_console.
 * Run by `make bench`. */
#include "store_bench.h"
#include "store_fill.h"
#include "traffic.h"
#include "unit.h"
#include <stdio.h>
#include <time.h>

#define GROWTH 1.3

double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static struct told *told_of(struct bench *bench, const char *what)
{
	for (size_t i = 0; i < bench->n; i++)
		if (strcmp(bench->told[i].what, what) == 0)
			return &bench->told[i];
	return NULL;
}

struct used used_by(PGconn *conn)
{
	struct used used = {0};
	char path[64], text[128], *at = text;
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", PQbackendPID(conn));
	file = fopen(path, "re");
	if (!file)
		return used;
	n = fread(text, 1, sizeof(text) - 1, file);
	(void)fclose(file);
	text[n] = '\0';
	used.cpu_s = (double)strtoull(at, &at, 10) / 1e9;
	used.waited_s = (double)strtoull(at, &at, 10) / 1e9;
	return used;
}

static double beside(struct bench *bench, const struct figure *figure)
{
	struct figure line = *figure;
	struct told *was = told_of(bench, figure->what);
	double before = was ? was->value : 0;

	if (was) {
		line.peer = bench->before;
		line.peer_value = before;
	} else {
		assert_true(bench->n < ARRAY_LEN(bench->told));
		was = &bench->told[bench->n++];
		snprintf(was->what, sizeof(was->what), "%s", figure->what);
	}
	figure_print(&line);
	was->value = figure->value;
	return before;
}

void tell(struct bench *bench, const struct figure *figure)
{
	beside(bench, figure);
}

void tell_cpu(struct bench *bench, const struct figure *figure, bool may_grow)
{
	double before = beside(bench, figure);

	if (before > 0 && !may_grow)
		figure_print(&(struct figure){.what = "    times as much",
			.unit = "x",
			.reach = GROWTH,
			.value = figure->value / before});
}

/* ---- stages --------------------------------------------------------------------------------- */

/* What `orderly store check` asks; it reads everything, so it may grow as the store does and no more. */
static void check(struct bench *bench)
{
	PGconn *super = bench->people->super;
	struct used before = used_by(super), used;
	double millions = (double)pg_int(super, "select count(*) from orderly.transaction") / 1e6;
	double start_ms = now_ms();

	pg_do(super, "select from orderly.check_invariants()");
	start_ms = now_ms() - start_ms;
	used = used_by(super);
	figure_title("the check of everything");
	tell(bench, &(struct figure){.what = "store check", .unit = "s", .value = start_ms / 1e3});
	tell_cpu(bench,
		&(struct figure){.what = "store check, for a million transactions: processor",
			.unit = "s",
			.value = (used.cpu_s - before.cpu_s) / millions},
		false);
}

static void stage(struct bench *bench, const char *before)
{
	bench->stage++;
	bench->before = before;
	taking(bench);
	traffic_settle(bench->people);
	following(bench, "dead_letters", "the duty of dead letters follows");
	following(bench, "rollup", "the duty of roll-ups follows");
	pg_do(bench->people->super, "select orderly.duty_pulses(100000)");
	pg_do(bench->people->super, "vacuum (analyze) orderly.transaction");
	reading(bench);
	check(bench);
}

/* What was taken has numbers above those of the filling before. */
static void grow(struct bench *bench, int64_t by)
{
	int64_t last =
		pg_int(bench->people->super, "select coalesce(max(id), 0) from orderly.message");

	bench->size = last + by;
	store_fill(bench->people, last + 1, bench->size);
}

static void bench(void **state)
{
	const char *asked = getenv("ORDERLY_BENCH_TRANSACTIONS");
	int64_t size = asked ? strtoll(asked, NULL, 10) : 1000000;
	struct bench bench = {.people = *state};

	store_fill_prepare(bench.people);
	grow(&bench, size / 10);
	stage(&bench, NULL);
	grow(&bench, size - size / 10);
	stage(&bench, "a tenth");
	pg_do(bench.people->super, "select orderly.partitions_make(now() + interval '110 months')");
	figure_title("with 120 months of partitions");
	stage(&bench, "10 months");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(bench)};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, traffic_setup, people_teardown);
}
