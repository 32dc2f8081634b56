/* Signals from their cause to whoever is called, with orderlyd as it is started: in time, once, also when it
 * is killed between sending and recording; by webhook and by command; and the heart that stops. */
#include "base/file.h"
#include "base/sha256.h"
#include "base/str.h"
#include "listener.h"
#include "traffic.h"
#include "unit.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RAISED "\"what\": \"raise\""
#define ENDED "\"what\": \"end\""

static struct bench {
	struct people *people;
	struct listener *listener;
	char folder[200], config[300], told[300];
	pid_t pids[16];
	size_t n;
} bench;

static void nap(void)
{
	const struct timespec moment = {.tv_nsec = 20 * 1000 * 1000};

	(void)nanosleep(&moment, NULL);
}

static void until_sql(int64_t least, const char *sql)
{
	for (int i = 0; i < 3000; i++) {
		if (pg_int(bench.people->super, "%s", sql) >= least)
			return;
		nap();
	}
	fail_msg("waited in vain for: %s", sql);
}

static void until_told(const char *text, int least)
{
	for (int i = 0; i < 3000; i++) {
		if (listener_count(bench.listener, text) >= least)
			return;
		nap();
	}
	fail_msg("waited in vain for %d of %s", least, text);
}

static void put_file(const char *path, unsigned mode, const char *text)
{
	struct err err = ERR_INIT;

	if (file_write(path, slice_of(text), mode, &err) < 0)
		fail_msg("%s", err.text);
}

/* Targets as in orderlyd's file; URL stands for the listener's address. */
static void configure(const char *targets)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(4096);
	const char *at;

	str_adds(&text, "format 1\n");
	while ((at = strstr(targets, "URL"))) {
		str_add(&text, (struct slice){targets, (size_t)(at - targets)});
		str_addf(&text, "http://127.0.0.1:%d", listener_port(bench.listener));
		targets = at + 3;
	}
	str_adds(&text, targets);
	put_file(bench.config, 0644, str_cstr(&text));
}

static size_t start(void)
{
	CLEANUP(str_done)
	struct str conninfo = STR_INIT(4096);
	char name[32];
	pid_t pid;

	snprintf(name, sizeof(name), "w%zu", bench.n);
	str_addf(&conninfo, "host='%s' user='%s' dbname='%s'", getenv("ORDERLY_TEST_PG"),
		bench.people->login[WORKER], bench.people->db);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		execl("./orderlyd", "orderlyd", "--conninfo", str_cstr(&conninfo), "--name", name,
			"--no-relay", "--log", "/dev/null", "--signals", bench.config, "--secrets",
			bench.folder, (char *)NULL);
		_exit(127);
	}
	bench.pids[bench.n] = pid;
	return bench.n++;
}

static void stop(size_t which, int signo)
{
	int status = 0;

	kill(bench.pids[which], signo);
	assert_int_equal(waitpid(bench.pids[which], &status, 0), bench.pids[which]);
	bench.pids[which] = 0;
	if (signo == SIGTERM)
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void cause(void)
{
	pg_do(bench.people->super,
		"update orderly.interface set cadence_s = 60 where code = 'stock';"
		"insert into orderly.gauge (interface, slot, last_at) select id, 0, clock_timestamp() - interval '1 hour'"
		" from orderly.interface where code = 'stock'"
		" on conflict (interface, slot) do update set last_at = excluded.last_at");
}

static void cure(void)
{
	pg_do(bench.people->super,
		"update orderly.gauge set last_at = clock_timestamp() + interval '1 hour'");
	until_sql(1,
		"select (count(*) = 0)::int from orderly.signal where rule = 'silent' and state <> 'ended'");
}

/* Twice, with all that follows from it. */
static void until_evaluated(void)
{
	pg_do(bench.people->super,
		"drop table if exists public.seen; create table public.seen as select clock_timestamp() as at");
	for (int i = 0; i < 2; i++) {
		until_sql(1,
			"select (w.evaluated_at > s.at)::int from orderly.signal_watch w, public.seen s");
		pg_do(bench.people->super,
			"update public.seen set at = clock_timestamp() + interval '1 s'");
	}
}

static void a_signal_reaches_its_webhook_once(void **state)
{
	CLEANUP(mem_freep)
	char *request = NULL;
	struct timespec before, after;
	char signature[SHA256_HEX];
	size_t a, b;

	(void)state;
	configure(
		"[desk]\nurl = URL/hook\nauth = hmac\nsecret = desk\n[late]\nurl = URL/late\nseverity = page\n");
	a = start();
	b = start();
	until_sql(2, "select count(*) from orderly.signal_target");
	clock_gettime(CLOCK_MONOTONIC, &before);
	cause();
	until_told(RAISED, 1);
	clock_gettime(CLOCK_MONOTONIC, &after);
	assert_true(after.tv_sec - before.tv_sec < 60);
	until_sql(1,
		"select count(*) from orderly.signal_delivery where state = 'delivered' and status = 200");
	until_evaluated();
	assert_int_equal(listener_count(bench.listener, RAISED), 1);
	request = listener_newest(bench.listener, RAISED);
	hmac_sha256_hex(SLICE("a secret"), slice_of(strstr(request, "\r\n\r\n") + 4), signature);
	assert_non_null(strstr(request, signature));
	assert_non_null(strstr(request, "POST /hook "));
	assert_non_null(strstr(request, "\"rule\": \"silent\""));
	assert_non_null(strstr(request, "\"object\": \"stock\""));
	assert_null(strstr(request, "a secret"));
	cure();
	until_told(ENDED, 1);
	until_evaluated();
	assert_int_equal(listener_count(bench.listener, ENDED), 1);
	assert_int_equal(listener_count(bench.listener, "/late"), 0);
	pg_expect_text(bench.people->as[OPERATOR],
		"raise, told desk: raise delivered, end, told desk: end delivered",
		"select string_agg(h.what || coalesce(' ' || h.words, '') , ', ' order by h.id)"
		" from (select id, what, case what when 'told' then words end as words from orderly.signal_history) h");
	stop(a, SIGTERM);
	stop(b, SIGTERM);
}

static void until_named(const char *target)
{
	char sql[200];

	snprintf(sql, sizeof(sql), "select count(*) from orderly.signal_target where name = '%s'",
		target);
	until_sql(1, sql);
}

/* The listener has it, and the worker that sent it is gone before it could say so. */
static void kill_while_sending(const char *target)
{
	size_t which;
	int before = listener_count(bench.listener, RAISED);

	listener_answer(bench.listener, 0);
	which = start();
	until_named(target);
	cause();
	until_told(RAISED, before + 1);
	stop(which, SIGKILL);
	listener_answer(bench.listener, 200);
	pg_do(bench.people->super,
		"update orderly.signal_delivery set lease_until = clock_timestamp() where state = 'sending'");
}

static void who_keeps_keys_apart_is_told_again_under_the_same(void **state)
{
	size_t which;

	(void)state;
	configure("[safe]\nurl = URL/safe\nrepeats = yes\n");
	kill_while_sending("safe");
	which = start();
	until_sql(1,
		"select count(*) from orderly.signal_delivery where target = 'safe' and state = 'waiting' and tries = 1");
	pg_do(bench.people->super,
		"update orderly.signal_delivery set next_at = clock_timestamp()");
	until_sql(1,
		"select count(*) from orderly.signal_delivery where target = 'safe' and state = 'delivered' and tries = 2");
	assert_int_equal(listener_count(bench.listener, "/safe"), 2);
	assert_int_equal(listener_keys(bench.listener, "/safe"), 1);
	cure();
	stop(which, SIGTERM);
}

static void who_does_not_is_left_in_doubt(void **state)
{
	size_t which;

	(void)state;
	configure("[plain]\nurl = URL/plain\n");
	kill_while_sending("plain");
	which = start();
	until_sql(1,
		"select count(*) from orderly.signal_delivery where target = 'plain' and state = 'in_doubt' and tries = 1");
	until_sql(1,
		"select count(*) from orderly.signal where rule = 'undelivered' and object = 'plain' and state = 'raised'");
	until_evaluated();
	pg_expect_int(bench.people->super, 1,
		"select count(*) from orderly.signal_delivery d join orderly.signal s on s.id = d.signal"
		" where d.target = 'plain' and s.rule = 'silent'");
	cure();
	stop(which, SIGTERM);
}

static void what_is_refused_is_tried_again_or_not(void **state)
{
	static const struct {
		int status;
		const char *state;
	} rows[] = {{503, "waiting"}, {429, "waiting"}, {301, "failed"}, {400, "failed"},
		{403, "failed"}};
	size_t which;

	(void)state;
	configure("[moody]\nurl = URL/moody\n");
	which = start();
	until_named("moody");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		listener_answer(bench.listener, rows[i].status);
		pg_do(bench.people->super,
			"delete from orderly.signal_delivery where target = 'moody';"
			"update orderly.signal_target set upto = 0 where name = 'moody';"
			"delete from orderly.signal_notice where id < (select max(id) from orderly.signal_notice where what = 'raise')");
		until_sql(1,
			"select count(*) from orderly.signal_delivery where target = 'moody' and status is not null");
		pg_expect_text(bench.people->super, rows[i].state,
			"select state from orderly.signal_delivery where target = 'moody' and status is not null");
	}
	listener_answer(bench.listener, 200);
	stop(which, SIGTERM);
}

static void a_command_gets_it_on_its_input(void **state)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(65536), config = STR_INIT(4096);
	char script[300];
	size_t which;
	struct err err = ERR_INIT;

	(void)state;
	snprintf(script, sizeof(script), "%s/page", bench.folder);
	put_file(script, 0755,
		"#!/bin/sh\ncat >>\"$1\"\necho \" $ORDERLY_KEY $2 ${PGPASSWORD-none}\" >>\"$1\"\n");
	str_addf(&config, "[pager]\ncommand = %s %s \"$(id) `id`\"\n", script, bench.told);
	configure(str_cstr(&config));
	(void)setenv("PGPASSWORD", "hidden", 1);
	which = start();
	(void)unsetenv("PGPASSWORD");
	until_named("pager");
	cause();
	until_sql(1,
		"select count(*) from orderly.signal_delivery where target = 'pager' and state = 'delivered' and status = 0");
	assert_int_equal(file_read(bench.told, &text, &err), 0);
	assert_non_null(strstr(str_cstr(&text), RAISED));
	assert_non_null(strstr(str_cstr(&text), " $(id) `id` none\n"));
	put_file(script, 0755, "#!/bin/sh\nexit 3\n");
	cure();
	until_sql(1,
		"select count(*) from orderly.signal_delivery where target = 'pager' and state = 'waiting' and status = 3");
	stop(which, SIGTERM);
}

/* It beats while somebody evaluates, and not because a worker lives. */
static void the_heart_stops_with_the_evaluation(void **state)
{
	PGconn *other = pg_super(bench.people->db);
	size_t which;
	int beats;

	(void)state;
	configure("[heartbeat]\nurl = URL/beat\nevery = 1s\n");
	which = start();
	until_told("/beat", 2);
	pg_do(other, "begin; select from orderly.duty where name = 'signals' for update");
	pg_do(bench.people->super,
		"update orderly.signal_watch set evaluated_at = clock_timestamp() - interval '2 minutes'");
	beats = listener_count(bench.listener, "/beat");
	until_sql(1,
		"select (evaluated_at < clock_timestamp() - interval '126 s')::int from orderly.signal_watch");
	beats = listener_count(bench.listener, "/beat");
	until_sql(1,
		"select (evaluated_at < clock_timestamp() - interval '128 s')::int from orderly.signal_watch");
	assert_int_equal(listener_count(bench.listener, "/beat"), beats);
	pg_do(other, "rollback");
	until_told("/beat", beats + 1);
	PQfinish(other);
	stop(which, SIGTERM);
}

static int setup(void **state)
{
	char secret[300];

	traffic_setup(state);
	bench.people = *state;
	bench.listener = listener_start();
	snprintf(bench.folder, sizeof(bench.folder), "%s/signals-XXXXXX",
		getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (!mkdtemp(bench.folder))
		return -1;
	snprintf(bench.config, sizeof(bench.config), "%s/signals.conf", bench.folder);
	snprintf(bench.told, sizeof(bench.told), "%s/told", bench.folder);
	snprintf(secret, sizeof(secret), "%s/desk", bench.folder);
	put_file(secret, 0600, "a secret\n");
	pg_do(bench.people->super,
		"update orderly.duty set every_ms = 300 where name = 'signals';"
		"update orderly.signal_rule set enabled = false where code not in ('silent', 'undelivered');"
		"update orderly.signal_rule set rest_s = 0, escalate_s = null");
	return 0;
}

static int teardown(void **state)
{
	static const char *const files[] = {"signals.conf", "told", "desk", "page"};

	for (size_t i = 0; i < bench.n; i++) {
		if (bench.pids[i]) {
			kill(bench.pids[i], SIGKILL);
			waitpid(bench.pids[i], NULL, 0);
		}
	}
	listener_stop(bench.listener);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		char path[400];

		snprintf(path, sizeof(path), "%s/%s", bench.folder, files[i]);
		(void)unlink(path);
	}
	(void)rmdir(bench.folder);
	return people_teardown(state);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signal_reaches_its_webhook_once),
		cmocka_unit_test(who_keeps_keys_apart_is_told_again_under_the_same),
		cmocka_unit_test(who_does_not_is_left_in_doubt),
		cmocka_unit_test(what_is_refused_is_tried_again_or_not),
		cmocka_unit_test(a_command_gets_it_on_its_input),
		cmocka_unit_test(the_heart_stops_with_the_evaluation),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name(
				      "worker/signal_delivery", tests, setup, teardown);
}
