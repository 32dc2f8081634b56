/* Thirty consoles of people with different scopes, over TLS, each with a live tail: what one of them is like,
 * and what all of them cost the server.
 * Called by bench_console. */
#include "base/mem.h"
#include "console_parts.h"
#include "unit.h"
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define CROWD 30
#define WATCH_US (INT64_C(20) * 1000000)
#define RATE 500

static const char *const people[] = {
	"ana.ruiz", "ben.okafor", "emi.tanaka", "david.nkemelu", "chiara.weiss"};

/* ---- the server over TLS -------------------------------------------------------------------------- */

/* The server makes its own certificate, as its own account. */
static void turn_tls_on(const struct stage *stage)
{
	stage_ask(stage,
		"copy (select '') to program 'openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
		" -keyout server.key -out server.crt 2>server.log && chmod 600 server.key'",
		NULL);
	stage_ask(stage, "alter system set ssl = on", NULL);
	stage_ask(stage, "select pg_reload_conf()", NULL);
}

static struct pty *open_console(const char *address, const char *login, const char *view)
{
	static const char *const env[] = {"HOME=/nonexistent", NULL};
	const struct pty_options options = {
		.width = STAGE_WIDTH, .height = STAGE_HEIGHT, .env = env};
	CLEANUP(str_done)
	struct str conninfo = STR_INIT(4096);

	str_addf(&conninfo, "host=%s sslmode=require dbname=bench user=%s", address, login);
	const char *const argv[] = {
		"./orderly", "--conninfo", str_cstr(&conninfo), "--view", view, NULL};

	return pty_open(&options, argv);
}

/* ---- the others ----------------------------------------------------------------------------------- */

/* Another process holds their terminals and reads all that they write. */
static pid_t open_others(const char *address)
{
	struct pty *others[CROWD - 1];
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		others[i] = open_console(address, people[i % ARRAY_LEN(people)], "tail");
	for (;;) {
		usleep(20000);
		for (size_t i = 0; i < ARRAY_LEN(others); i++)
			while (pty_pump(others[i], 0))
				;
	}
}

static void wait_for_all(const struct stage *stage, struct pty *pty)
{
	int64_t until_us = pty_now_us() + INT64_C(60) * 1000000, n = 0;

	while (n < CROWD) {
		CLEANUP(str_done)
		struct str text = STR_INIT(64);

		pty_wait_still(pty, 1000000, 500);
		stage_ask(stage,
			"select count(*) from pg_stat_ssl join pg_stat_activity using (pid)"
			" where ssl and application_name = 'orderly' and query ~ 'feed'",
			&text);
		if (slice_to_i64(str_slice(&text), 0, INT32_MAX, &n) < 0 || pty_now_us() > until_us)
			fail_msg("%lld of %d consoles follow", (long long)n, CROWD);
	}
}

/* ---- what it is like ------------------------------------------------------------------------------ */

/* What the server's processes of all consoles have used, in seconds of a processor. */
static double server_s(const struct stage *stage)
{
	CLEANUP(str_done)
	struct str pids = STR_INIT(1 << 16);
	struct slice rest, pid;
	double s = 0;

	stage_ask(stage,
		"select string_agg(pid::text, ' ') from pg_stat_activity where application_name = 'orderly'",
		&pids);
	rest = str_slice(&pids);
	while (slice_cut(&rest, ' ', &pid)) {
		int64_t number;

		if (slice_to_i64(pid, 1, INT32_MAX, &number) == 0)
			s += (double)used_by((pid_t)number).cpu_ns / 1e9;
	}
	return s;
}

static void tell_server(const struct stage *stage, const char *what, double from_s, int64_t from_us)
{
	figure_print(&(struct figure){.what = what,
		.unit = "% of one processor",
		.value = (server_s(stage) - from_s) * 1e8 / (double)(pty_now_us() - from_us),
		.reach = 100});
}

void bench_crowd(struct stage *stage)
{
	static const char *const steps[] = {"j", "k"};
	const char *address = getenv("ORDERLY_TEST_LISTEN");
	struct samples keys = {0}, lags = {0};
	struct pty *pty;
	pid_t others, producer;
	int64_t start_us;
	double used_s;

	if (!address) {
		puts("  left out: ORDERLY_TEST_LISTEN=127.0.93.1 lets the server listen, as TLS needs");
		return;
	}
	turn_tls_on(stage);
	others = open_others(address);
	pty = open_console(address, "ana.ruiz", "tail");
	pty_expect(pty, "[0-9]+ events");
	wait_for_all(stage, pty);
	start_us = pty_now_us();
	used_s = server_s(stage);
	pty_wait_still(pty, WATCH_US, (int)(WATCH_US / 1000));
	tell_server(stage, "thirty idle tails: the server's processes", used_s, start_us);
	time_keys(pty, steps, ARRAY_LEN(steps), 400, &keys);
	figure_print(&(struct figure){.what = "  a key in one of them, p50",
		.unit = "ms",
		.value = samples_quantile(&keys, 0.5),
		.reach = 1.2});
	figure_print(&(struct figure){
		.what = "  p99", .unit = "ms", .value = samples_quantile(&keys, 0.99), .reach = 3});
	pty_keys(pty, "F");
	producer = stage_produce(stage, RATE, RATE * 25);
	pty_wait_still(pty, 1000000, 1000);
	start_us = pty_now_us();
	used_s = server_s(stage);
	watch_tail(pty, start_us + WATCH_US, &lags);
	tell_server(stage, "thirty tails of 500/s: the server's processes", used_s, start_us);
	figure_print(&(struct figure){.what = "  an event is late by, p99",
		.unit = "ms",
		.value = samples_quantile(&lags, 0.99),
		.reach = 240});
	stage_produced(producer);
	pty_close(pty);
	kill(others, SIGKILL);
	waitpid(others, NULL, 0);
	samples_done(&keys);
	samples_done(&lags);
}
