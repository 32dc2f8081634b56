/* The console while its store misbehaves: stalled, cut off, refusing, and back again.
 * How the pool mends a connection is tested in its own room; here it is what a person sees.
 * Called by the suite; needs PostgreSQL and libvterm. */
#include "desk.h"
#include "unit.h"
#include <stdio.h>

/* What a person feels as at once. Other tests run at the same time on the same processors, so one
 * key in twenty may take longer; none may wait for the store. */
#define KEY_US (50 * INT64_C(1000) * DESK_SLOWER)
#define WORST_US (1000 * INT64_C(1000))

static int64_t outage_us(void)
{
	return getenv("ORDERLY_TEST_QUICK") ? 3000000 : 20000000;
}

static int by_size(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

/* Types all the while, and has every key answered. */
static void type_through(struct pty *pty, int64_t for_us)
{
	int64_t took_us[4096], until_us = pty_now_us() + for_us;
	size_t n = 0;

	while (pty_now_us() < until_us && n < ARRAY_LEN(took_us)) {
		took_us[n++] = desk_key_us(pty, "3", "^ TEST .*Tail .*Z$");
		took_us[n++] = desk_key_us(pty, "1", "^ TEST .*Overview .*Z$");
		pty_wait_exit(pty, 20, NULL);
	}
	qsort(took_us, n, sizeof(took_us[0]), by_size);
	print_message("%zu keys: median %.1f ms, 95%% %.1f ms, worst %.1f ms\n", n,
		(double)took_us[n / 2] / 1000, (double)took_us[n * 95 / 100] / 1000,
		(double)took_us[n - 1] / 1000);
	assert_true(took_us[n * 95 / 100] <= KEY_US);
	assert_true(took_us[n - 1] <= WORST_US);
}

static struct pty *open_through(struct faults *faults, struct desk *desk)
{
	struct desk through = {desk->database, faults->conninfo};

	return desk_ready(&through, 100, 30);
}

static void test_keys_are_answered_while_the_store_is_gone(void **state)
{
	struct faults faults;

	faults_open(&faults, *state);
	CLEANUP(pty_closep)
	struct pty *pty = open_through(&faults, *state);
	faults_tell(&faults, "refuse");
	pty_expect(pty, "store lost");
	type_through(pty, outage_us());
	assert_true(pty_shows(pty, "store lost"));
	faults_tell(&faults, "resume");
	pty_expect(pty, "store ok");
	pty_keys(pty, "q");
	pty_expect_exit(pty, 0);
	faults_close(&faults);
}

static void test_keys_are_answered_while_the_store_is_stuck(void **state)
{
	struct faults faults;

	faults_open(&faults, *state);
	CLEANUP(pty_closep)
	struct pty *pty = open_through(&faults, *state);
	faults_tell(&faults, "stall");
	type_through(pty, outage_us());
	faults_tell(&faults, "resume");
	pty_expect(pty, "store ok");
	pty_keys(pty, "q");
	pty_expect_exit(pty, 0);
	faults_close(&faults);
}

static void test_leaves_at_once_while_the_store_is_stuck(void **state)
{
	struct faults faults;
	int status = -1;

	faults_open(&faults, *state);
	CLEANUP(pty_closep)
	struct pty *pty = open_through(&faults, *state);
	faults_tell(&faults, "stall");
	pty_keys(pty, "Rq");
	assert_true(pty_wait_exit(pty, 2000 * DESK_SLOWER, &status));
	assert_int_equal(status, 0);
	pty_expect_restored(pty);
	faults_close(&faults);
}

static void test_starts_without_a_store_and_finds_it(void **state)
{
	struct pty_options options = {.width = 100, .height = 30};
	struct faults faults;

	faults_open(&faults, *state);
	struct desk through = {((struct desk *)*state)->database, faults.conninfo};
	faults_tell(&faults, "refuse");
	CLEANUP(pty_closep)
	struct pty *pty = desk_open(&through, &options, NULL);
	pty_expect(pty, "store (lost|connecting)");
	desk_key_us(pty, "3", "^ TEST .*Tail .*Z$");
	faults_tell(&faults, "resume");
	pty_expect(pty, "store ok");
	pty_keys(pty, "q");
	pty_expect_exit(pty, 0);
	faults_close(&faults);
}

static void test_a_newer_store_is_named_as_such(void **state)
{
	const struct desk *desk = *state;
	struct pty_options options = {.width = 100, .height = 30};
	PGconn *conn = pg_super(desk->database);

	pg_do(conn,
		"insert into orderly.version (number, name, store) values (9999, 'later', 't')");
	CLEANUP(pty_closep)
	struct pty *pty = desk_open(desk, &options, NULL);
	pty_expect(pty, "store too new");
	pty_expect(pty, "store has version 9999, .* a newer program is needed");
	pty_keys(pty, "q");
	pty_expect_exit(pty, 0);
	pg_do(conn, "delete from orderly.version where number = 9999");
	PQfinish(conn);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_newer_store_is_named_as_such),
		cmocka_unit_test(test_keys_are_answered_while_the_store_is_gone),
		cmocka_unit_test(test_keys_are_answered_while_the_store_is_stuck),
		cmocka_unit_test(test_leaves_at_once_while_the_store_is_stuck),
		cmocka_unit_test(test_starts_without_a_store_and_finds_it),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, desk_setup, desk_teardown);
}
