/* The store, the programs in terminals, and producers.
 * Leaves processes' use to console_used.c, and what is measured to bench_console.c.
 * Called by bench_console. */
#include "console_stage.h"
#include "base/mem.h"
#include "demo/cluster.h"
#include "store/session.h"
#include "store/writer.h"
#include "unit.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define DATABASE "bench"
#define FIRST_ROWS "^.{0,2}[a-z]+-[a-z]+ "
#define FIRST_EVENTS "[0-9]+ events"

/* ---- the store ----------------------------------------------------------------------------- */

static void run(const char *const argv[])
{
	pid_t pid = fork();
	int status = 1;

	if (pid == 0) {
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		fprintf(stderr, "cannot run %s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	waitpid(pid, &status, 0);
	if (status != 0)
		fail_msg("%s %s failed", argv[0], argv[1]);
}

static void conninfo_of(struct str *out, const char *login)
{
	*out = STR_INIT(4096);
	str_addf(out, "host='%s' dbname=" DATABASE " user=%s", getenv("ORDERLY_TEST_PG"), login);
}

void stage_ask(const struct stage *stage, const char *sql, struct str *out)
{
	CLEANUP(session_closep)
	struct session *session = NULL;
	struct err err = ERR_INIT;

	if (session_open(stage->admin.at, &session, &err) < 0 ||
		session_value(session, sql, 0, NULL, out, &err) < 0)
		fail_msg("%s", err.text);
}

static void fill(struct stage *stage)
{
	const char *hours = getenv("ORDERLY_BENCH_HOURS");
	const char *const setup[] = {"./orderly-sim", "setup", "--conninfo", stage->admin.at, NULL};
	const char *const history[] = {"./orderly-sim", "history", "--conninfo", stage->machine.at,
		"--hours", hours ? hours : "2", NULL};

	run(setup);
	run(history);
	stage_ask(stage, "vacuum analyze", NULL);
	stage_ask(stage, "checkpoint", NULL);
}

void stage_open(struct stage *stage)
{
	CLEANUP(mem_freep)
	char *dir = NULL;
	struct str psql = STR_INIT(4096);
	struct err err = ERR_INIT;

	if (cluster_find_bin(&dir, &err) < 0)
		fail_msg("%s", err.text);
	str_addf(&psql, "%s/psql", dir);
	*stage = (struct stage){.psql = psql.at};
	conninfo_of(&stage->admin, "postgres");
	conninfo_of(&stage->person, "ana.ruiz");
	conninfo_of(&stage->machine, "sim.gateway");
	fill(stage);
}

void stage_close(struct stage *stage)
{
	free(stage->psql);
	str_done(&stage->admin);
	str_done(&stage->person);
	str_done(&stage->machine);
}

pid_t stage_backend(const struct stage *stage)
{
	CLEANUP(str_done)
	struct str pid = STR_INIT(64);
	int64_t number;

	stage_ask(stage, "select min(pid) from pg_stat_activity where application_name = 'orderly'",
		&pid);
	if (slice_to_i64(str_slice(&pid), 1, INT32_MAX, &number) < 0)
		fail_msg("the server knows of no console");
	return (pid_t)number;
}

/* ---- programs in terminals ------------------------------------------------------------------ */

struct pty *stage_console(const struct stage *stage, const char *view)
{
	static const char *const env[] = {"HOME=/nonexistent", NULL};
	const struct pty_options options = {
		.width = STAGE_WIDTH, .height = STAGE_HEIGHT, .env = env};
	const char *const argv[] = {
		"./orderly", "--conninfo", stage->person.at, "--view", view, NULL};

	return pty_open(&options, argv);
}

struct pty *stage_ready_console(const struct stage *stage, const char *view)
{
	struct pty *pty = stage_console(stage, view);

	pty_expect(pty, strcmp(view, "tail") == 0 ? FIRST_EVENTS : FIRST_ROWS);
	if (!pty_wait_still(pty, 200, PTY_PATIENCE))
		fail_msg("the console is never silent");
	return pty;
}

struct pty *stage_echo(void)
{
	const struct pty_options options = {.width = STAGE_WIDTH, .height = STAGE_HEIGHT};
	const char *const argv[] = {"/proc/self/exe", "echo", NULL};
	struct pty *pty = pty_open(&options, argv);

	pty_expect(pty, "ready");
	return pty;
}

int stage_echo_main(void)
{
	struct termios raw;
	char byte;

	tcgetattr(STDIN_FILENO, &raw);
	cfmakeraw(&raw);
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	if (write(STDOUT_FILENO, "ready", 5) != 5)
		return 1;
	while (read(STDIN_FILENO, &byte, 1) == 1 && write(STDOUT_FILENO, &byte, 1) == 1)
		;
	return 0;
}

/* ---- producers ------------------------------------------------------------------------------ */

static void add_event(struct writer *writer, int producer, int64_t i)
{
	static const char *const interfaces[] = {
		"lab-order", "rx-order", "req-in", "po-ack", "gr-in"};
	static const char *const kinds[] = {"received", "validated", "attempted", "delivered"};
	CLEANUP(str_done)
	struct str doc = STR_INIT(4096);
	int64_t message = i / (int64_t)ARRAY_LEN(kinds);
	struct timespec now;
	struct tm utc;
	struct err err = ERR_INIT;
	char at[32];

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	strftime(at, sizeof(at), "%Y-%m-%dT%H:%M:%S", &utc);
	str_addf(&doc,
		"{\"interface\":\"%s\",\"message_id\":\"bench-%d-%lld\",\"kind\":\"%s\",\"at\":\"%s.%06ldZ\","
		"\"attempt\":1,\"component\":\"gateway\",\"facility\":\"H01\",\"business_key\":\"B-%d-%lld\","
		"\"correlation_id\":\"%08x-0000-4000-8000-%012llx\"}",
		interfaces[(size_t)message % ARRAY_LEN(interfaces)], producer, (long long)message,
		kinds[(size_t)i % ARRAY_LEN(kinds)], at, now.tv_nsec / 1000, producer,
		(long long)message, producer, (unsigned long long)message);
	if (writer_add(writer, str_slice(&doc), &err) < 0) {
		fprintf(stderr, "producer: %s\n", err.text);
		_exit(1);
	}
}

/* A call every 25 ms, with what is due by then. */
static void produce(const struct stage *stage, double rate, int64_t n)
{
	const int64_t tick_us = 25000, start_us = pty_now_us();
	const struct writer_options options = {.conninfo = stage->machine.at,
		.application = "producer",
		.connections = rate > 0 ? 1 : 2,
		.array = 500};
	struct writer *writer;
	struct err err = ERR_INIT;
	int64_t sent = 0;

	if (writer_open(&options, &writer, &err) < 0)
		goto fail;
	for (int64_t tick = 1; sent < n; tick++) {
		int64_t due = rate > 0 ? (int64_t)((double)(tick * tick_us) * rate / 1e6) : n;

		for (; sent < n && sent < due; sent++)
			add_event(writer, stage->n_producers, sent);
		if (writer_flush(writer, &err) < 0)
			goto fail;
		while (sent < n && pty_now_us() < start_us + tick * tick_us)
			usleep((useconds_t)(start_us + tick * tick_us - pty_now_us()));
	}
	if (writer_counts(writer).taken == n)
		_exit(0);
	err_set(&err, -EINVAL, "not all were taken");
fail:
	fprintf(stderr, "producer: %s\n", err.text);
	_exit(1);
}

pid_t stage_produce(struct stage *stage, double rate, int64_t n)
{
	pid_t pid;

	stage->n_producers++;
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		produce(stage, rate, n);
	}
	if (pid < 0)
		fail_msg("no process for the producer: %s", strerror(errno));
	return pid;
}

void stage_produced(pid_t producer)
{
	int status = 1;

	waitpid(producer, &status, 0);
	if (status != 0)
		fail_msg("the producer failed");
}
