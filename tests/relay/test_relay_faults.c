/* Targets that are down, slow, throttling, broken in every way: each to its class, none sent to twice
 * that may have it already. */
#include "stage.h"
#include "unit.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the target does with one item of an interface that knows no repeats, and what is said of it. */
static const struct row {
	const char *fault, *want; /* state class code */
	int posts, applied;
} rows[] = {
	{"slow=50:1", "delivered", 1, 1},
	{"error:1", "in_doubt target 500", 1, 0},
	{"html:1", "in_doubt target html", 1, 0},
	{"proxy:1", "in_doubt transport 502", 1, 0},
	{"redirect:1", "in_doubt target 303", 1, 0},
	{"busy:1", "in_doubt target 503", 1, 0},
	{"denied:1", "failed auth 401", 1, 0},
	{"invalid:1", "failed mapping 422", 1, 0},
	{"timeout:1", "in_doubt timeout timeout", 1, 0},
	{"close:1", "in_doubt transport gone", 1, 0},
	{"timeout-after-commit:1", "in_doubt timeout timeout", 1, 1},
	{"close-after-commit:1", "in_doubt transport gone", 1, 1},
	{"cut-after-commit:1", "in_doubt transport gone", 1, 1},
	{"error-after-commit:1", "in_doubt target 500", 1, 1},
};

static int set_up(void **state)
{
	struct stage *stage = NEW(struct stage);

	stage_open(stage, "faults");
	people_change(&stage->people, "setting", "relay.rest_s", "{\"value\": 3}");
	*state = stage;
	return 0;
}

static int tear_down(void **state)
{
	stage_close(*state);
	free(*state);
	return 0;
}

static int64_t send_to(
	struct stage *stage, const char *code, const char *more, const char *endpoint, int n)
{
	stage_interface(stage, code, more, endpoint);
	stage_die(stage, code, code, n, 0);
	return stage_ask_for(stage, code, "{\"stages\": [], \"stop_ppm\": 1000000}");
}

static void until_told(struct stage *stage, int64_t request, const char *want)
{
	stage_until(stage, want,
		"select string_agg(distinct concat_ws(' ', state, class, code), ', ') from orderly.replay_item"
		" where request = %lld",
		(long long)request);
}

static void each_fault_has_its_class(void **state)
{
	struct stage *stage = *state;
	char *endpoint;

	stage_target(stage, 0, false);
	endpoint = stage_endpoint(stage, 0, ", \"timeout_s\": 1");
	stage_orderlyd(stage, 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t posts = stage_count(stage, 0, "posts"),
			applied = stage_count(stage, 0, "applied");
		char code[32];

		(void)snprintf(code, sizeof(code), "fault-%zu", i);
		stage_fault(stage, 0, rows[i].fault);
		until_told(stage, send_to(stage, code, "", endpoint, 1), rows[i].want);
		if (stage_count(stage, 0, "posts") - posts != rows[i].posts ||
			stage_count(stage, 0, "applied") - applied != rows[i].applied)
			fail_msg("%s: %lld posts, %lld applied", rows[i].fault,
				(long long)(stage_count(stage, 0, "posts") - posts),
				(long long)(stage_count(stage, 0, "applied") - applied));
	}
	assert_int_equal(stage_count(stage, 0, "twice"), 0);
	free(endpoint);
}

/* It asked for a pause, and gets it: all of it, for all its items. */
static void a_target_that_throttles_is_left_alone_as_long_as_it_says(void **state)
{
	struct stage *stage = *state;
	char *endpoint = stage_endpoint(stage, 0, "");
	int64_t posts = stage_count(stage, 0, "posts"), id;

	stage_fault(stage, 0, "throttle=2:1");
	id = send_to(stage, "throttled", "", endpoint, 1);
	stage_until(stage, "waiting throttled 429 open",
		"select concat_ws(' ', i.state, i.class, i.code, t.state) from orderly.replay_item i"
		" join orderly.relay_target t on t.target = 'throttled' and t.until >= i.sending_at +"
		" interval '2 s' where i.request = %lld and i.next_try_at >= i.sending_at + interval '2 s'",
		(long long)id);
	assert_int_equal(stage_count(stage, 0, "posts") - posts, 1);
	until_told(stage, id, "delivered");
	stage_until(stage, "closed",
		"select state from orderly.relay_target where target = 'throttled'");
	assert_int_equal(stage_count(stage, 0, "posts") - posts, 2);
	free(endpoint);
}

static void what_may_have_arrived_goes_again_only_where_repeats_are_kept_apart(void **state)
{
	struct stage *stage = *state;
	char *endpoint;
	int64_t id;

	stage_target(stage, 1, true);
	endpoint = stage_endpoint(stage, 1, ", \"timeout_s\": 1");
	stage_fault(stage, 1, "timeout-after-commit:2");
	id = send_to(stage, "again", ", \"idempotency\": \"key\"", endpoint, 1);
	for (int sends = 1; sends <= 2; sends++) {
		stage_until(stage, "true",
			"select (state = 'waiting' and class = 'timeout' and sends = %d)::text from"
			" orderly.replay_item where request = %lld",
			sends, (long long)id);
		pg_do(stage->people.super,
			"update orderly.replay_item set next_try_at = now() where request = %lld",
			(long long)id);
	}
	until_told(stage, id, "delivered");
	assert_int_equal(stage_count(stage, 1, "posts"), 3);
	assert_int_equal(stage_count(stage, 1, "applied"), 1);
	free(endpoint);
}

/* Three workers; the target breaks down: it rests, then one of them asks with one item, in vain; it
 * rests longer; it is well again, and all goes. */
static void a_broken_target_rests_and_is_probed_with_one_item(void **state)
{
	struct stage *stage = *state;
	char *endpoint = stage_endpoint(stage, 1, "");
	int64_t id, posts;

	for (int i = 1; i < 3; i++)
		stage_orderlyd(stage, i);
	stage_fault(stage, 1, "proxy");
	id = send_to(stage, "broken", ", \"idempotency\": \"key\"", endpoint, 60);
	/* Twice: what was being claimed at the first time is seen at the second. */
	for (int i = 0; i < 2; i++)
		stage_until(stage, "open 1 f",
			"select concat_ws(' ', t.state, t.rests, exists (select from orderly.replay_item i where"
			" i.request = %lld and i.state in ('claimed', 'sending')) or exists (select from"
			" pg_stat_activity where datname = current_database() and state = 'active' and query ~"
			" 'claim_replays[(].1')) from orderly.relay_target t where target = 'broken'",
			(long long)id);
	posts = stage_count(stage, 1, "posts");
	pg_do(stage->people.super,
		"update orderly.replay_item set next_try_at = now() where request = %lld",
		(long long)id);
	stage_until(stage, "open 2",
		"select concat_ws(' ', state, rests) from orderly.relay_target where target = 'broken'");
	assert_int_equal(stage_count(stage, 1, "posts") - posts, 1);
	stage_fault(stage, 1, "clear");
	stage_until(stage, "closed 0",
		"select concat_ws(' ', state, rests) from orderly.relay_target where target = 'broken'");
	pg_do(stage->people.super,
		"update orderly.replay_item set next_try_at = now() where request = %lld",
		(long long)id);
	stage_until(stage, "60",
		"select count(*) from orderly.replay_item where request = %lld and state = 'delivered'",
		(long long)id);
	for (int i = 1; i < 3; i++)
		stage_end(stage, i, SIGTERM);
	free(endpoint);
}

static void a_target_that_is_down_loses_nothing(void **state)
{
	struct stage *stage = *state;
	char *endpoint;
	int64_t id;

	stage_target(stage, 2, false);
	endpoint = stage_endpoint(stage, 2, "");
	stage_stop_target(stage, 2, false);
	id = send_to(stage, "down", "", endpoint, 3);
	until_told(stage, id, "waiting transport connect");
	stage_target(stage, 2, false);
	pg_do(stage->people.super,
		"update orderly.replay_item set next_try_at = now() where request = %lld",
		(long long)id);
	until_told(stage, id, "delivered");
	assert_int_equal(stage_count(stage, 2, "applied"), 3);
	free(endpoint);
}

/* ---- certificates -------------------------------------------------------------------------------- */

static void make_certificate(const char *folder)
{
	char script[1024];
	int status = -1;
	pid_t pid;

	(void)snprintf(script, sizeof(script),
		"cd '%s' && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout"
		" key.pem -out ca.pem -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
		" >log 2>&1",
		folder);
	pid = fork();
	if (pid == 0) {
		(void)execl("/bin/sh", "sh", "-c", script, (char *)NULL);
		_exit(127);
	}
	(void)waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
}

/* Says "ACCEPT 127.0.0.1:PORT"; put into the words that the stage waits for. */
static void serve_tls(struct stage *stage)
{
	char script[1024];
	const char *const argv[] = {"/bin/sh", "-c", script, NULL};

	(void)snprintf(script, sizeof(script),
		"cd '%s' && port=$(od -An -N2 -tu2 /dev/urandom | awk '{print 20000 + $1 %% 20000}') &&"
		" echo listening on port $port && exec openssl s_server -accept 127.0.0.1:$port -cert"
		" ca.pem -key key.pem -www >/dev/null 2>&1 </dev/null",
		stage->folder);
	stage_serve(stage, 3, argv);
}

static int64_t send_tls(struct stage *stage, const char *code, const char *host)
{
	char endpoint[300];

	(void)snprintf(endpoint, sizeof(endpoint),
		"{\"kind\": \"http\", \"url\": \"https://%s:%d/\", \"method\": \"GET\", \"html\": true}",
		host, stage->targets[3].port);
	return send_to(stage, code, "", endpoint, 1);
}

static void only_the_right_certificate_gets_anything(void **state)
{
	struct stage *stage = *state;

	stage_end(stage, 0, SIGTERM);
	if (access("/usr/bin/openssl", X_OK) < 0) {
		print_message("no openssl program: certificates are not tried\n");
		return;
	}
	make_certificate(stage->folder);
	serve_tls(stage);
	stage_orderlyd(stage, 0);
	/* It goes through; this server hangs up, sooner or later, on whoever sends more than a head. */
	stage_until(stage, "true",
		"select (outcome is not null and coalesce(code, '') <> 'tls')::text"
		" from orderly.replay_item where request = %lld",
		(long long)send_tls(stage, "named", "localhost"));
	until_told(stage, send_tls(stage, "misnamed", "127.0.0.1"), "waiting transport tls");
	stage_end(stage, 0, SIGTERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_has_its_class),
		cmocka_unit_test(a_target_that_throttles_is_left_alone_as_long_as_it_says),
		cmocka_unit_test(
			what_may_have_arrived_goes_again_only_where_repeats_are_kept_apart),
		cmocka_unit_test(a_broken_target_rests_and_is_probed_with_one_item),
		cmocka_unit_test(a_target_that_is_down_loses_nothing),
		cmocka_unit_test(only_the_right_certificate_gets_anything),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
