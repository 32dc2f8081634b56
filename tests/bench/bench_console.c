/* bench_console [PART...]: how fast, how quiet and how small the console is, taken from outside.
 * The store, terminals and producers are console_stage's, figures measure's; what concerns the tail is in
 * console_tail.c, many consoles at once in console_crowd.c.
 * Run by `make bench`; a part is a name of the table at the end. */
#include "base/mem.h"
#include "console_parts.h"
#include "measure.h"
#include "unit.h"
#include <signal.h>
#include <stdio.h>
#include <time.h>

/* ---- start ---------------------------------------------------------------------------------- */

static double until_shown_ms(struct pty *pty, int64_t start_us, const char *pattern)
{
	double ms;

	pty_expect(pty, pattern);
	ms = (double)(pty_last_us(pty) - start_us) / 1e3;
	pty_close(pty);
	return ms;
}

static double start_console(const struct stage *stage)
{
	int64_t start_us = pty_now_us();

	return until_shown_ms(stage_console(stage, "overview"), start_us, FIRST_ROW);
}

static double start_psql(const struct stage *stage, const char *psql)
{
	const char *const argv[] = {psql, "-X", "-d", stage->person.at, "-c", "select 1", NULL};
	int64_t start_us = pty_now_us();

	return until_shown_ms(pty_open(NULL, argv), start_us, "1 row");
}

static void print_start(
	struct samples *console, struct samples *psql, double part, const char *what, double reach)
{
	figure_print(&(struct figure){.what = what,
		.unit = "ms",
		.value = samples_quantile(console, part),
		.reach = reach,
		.peer = "psql -c 'select 1'",
		.peer_value = samples_quantile(psql, part)});
}

/* The peer is psql as a person starts it; Debian's is a script that looks for the cluster first, so
 * the program behind it is told too. */
static void bench_start(struct stage *stage)
{
	struct samples console = {0}, psql = {0}, bare = {0};

	for (int i = 0; i < 60; i++) {
		samples_add(&console, start_console(stage));
		samples_add(&psql, start_psql(stage, "psql"));
		samples_add(&bare, start_psql(stage, stage->psql));
	}
	print_start(&console, &psql, 0.5, "start to rows of the overview, p50", 20);
	print_start(&console, &psql, 0.99, "start to rows of the overview, p99", 30);
	figure_print(&(struct figure){.what = "start against psql, p50",
		.unit = "x",
		.value = samples_quantile(&console, 0.5) / samples_quantile(&psql, 0.5),
		.reach = 0.8});
	figure_print(&(struct figure){.what = "  against the program behind it, p50",
		.unit = "x",
		.value = samples_quantile(&console, 0.5) / samples_quantile(&bare, 0.5)});
	samples_done(&console);
	samples_done(&psql);
	samples_done(&bare);
}

/* ---- keys ----------------------------------------------------------------------------------- */

/* Presses of a hand, so that they fall anywhere between the timers. */
static void pause_between(struct pty *pty, struct random *random)
{
	int64_t until_us = pty_now_us() + 5000 + (int64_t)random_below(random, 10000);

	while (pty_now_us() < until_us)
		pty_pump(pty, 1);
}

/* From a key to the last byte that it brings about. */
void time_keys(
	struct pty *pty, const char *const keys[], size_t n_keys, int n, struct samples *samples)
{
	struct random random = {1};

	for (int i = 0; i < n; i++) {
		int64_t start_us;

		pause_between(pty, &random);
		start_us = pty_now_us();
		pty_keys(pty, keys[(size_t)i % n_keys]);
		while (pty_last_us(pty) < start_us)
			if (!pty_pump(pty, PTY_PATIENCE) && pty_now_us() > start_us + 1000000)
				fail_msg("no answer to %s", keys[(size_t)i % n_keys]);
		pty_wait_still(pty, 6, 200);
		samples_add(samples, (double)(pty_last_us(pty) - start_us) / 1e3);
	}
}

static void time_echo(struct samples *samples, int n)
{
	static const char *const keys[] = {"x"};
	struct pty *echo = stage_echo();

	time_keys(echo, keys, ARRAY_LEN(keys), n, samples);
	pty_close(echo);
}

static void print_keys(const char *what, struct samples *keys, struct samples *echo, double reach50,
	double reach99)
{
	char text[128];

	snprintf(text, sizeof(text), "%s, p50", what);
	figure_print(&(struct figure){.what = text,
		.unit = "ms",
		.value = samples_quantile(keys, 0.5),
		.reach = reach50,
		.peer = "raw echo",
		.peer_value = samples_quantile(echo, 0.5)});
	snprintf(text, sizeof(text), "%s, p99", what);
	figure_print(&(struct figure){.what = text,
		.unit = "ms",
		.value = samples_quantile(keys, 0.99),
		.reach = reach99,
		.peer = "raw echo",
		.peer_value = samples_quantile(echo, 0.99)});
	samples_done(keys);
	samples_done(echo);
}

/* What keys cost by themselves: what else the machine does is not in it. */
struct cost {
	struct used from, to;
};

static void print_cost(const struct cost *cost, int n)
{
	figure_print(&(struct figure){.what = "  processor time of the console for it",
		.unit = "ms",
		.value = (double)(cost->to.cpu_ns - cost->from.cpu_ns) / 1e6 / n});
}

static void bench_keys(struct stage *stage)
{
	static const char *const keys[] = {"j", "j", "j", "k", "j", "k", "k", "k"};
	struct samples overview = {0}, tail = {0}, echo = {0}, again = {0};
	struct pty *pty = stage_ready_console(stage, "overview");
	struct cost cost = {.from = used_by(pty_pid(pty))};

	time_keys(pty, keys, ARRAY_LEN(keys), 400, &overview);
	cost.to = used_by(pty_pid(pty));
	pty_close(pty);
	pty = stage_ready_console(stage, "tail");
	pty_keys(pty, "<PageUp>");
	pty_expect(pty, "PAUSED");
	time_keys(pty, keys, ARRAY_LEN(keys), 400, &tail);
	pty_close(pty);
	time_echo(&echo, 400);
	time_echo(&again, 400);
	print_keys("key to last byte, overview", &overview, &echo, 0.6, 1.5);
	print_cost(&cost, 400);
	print_keys("key to last byte, tail paused", &tail, &again, 0.6, 1.5);
}

struct typed {
	char line[64]; /* what the last row then says */
	size_t len;
};

static bool last_row_is(struct pty *pty, void *ctx)
{
	const struct typed *typed = ctx;
	CLEANUP(str_done)
	struct str text = STR_INIT(1024 * 1024);
	struct slice rest, line, last = {0};

	pty_text(pty, &text);
	rest = str_slice(&text);
	while (slice_cut(&rest, '\n', &line))
		last = line;
	return slice_eq(last, (struct slice){typed->line, typed->len});
}

/* A screen that moves has no last byte: the time counts until the letter stands on it. */
static void time_typing(struct pty *pty, int n, struct samples *samples)
{
	struct typed typed = {.line = " :", .len = 2};
	struct random random = {1};

	pty_keys(pty, ":");
	if (!pty_wait_if(pty, last_row_is, &typed, PTY_PATIENCE))
		fail_msg("no prompt");
	for (int i = 0; i < n; i++) {
		bool back = typed.len == sizeof(typed.line) - 1;
		int64_t start_us;

		pause_between(pty, &random);
		typed.line[typed.len] = 'x';
		typed.len = back ? 2 : typed.len + 1;
		start_us = pty_now_us();
		pty_keys(pty, back ? "<C-u>" : "x");
		if (!pty_wait_if(pty, last_row_is, &typed, PTY_PATIENCE))
			fail_msg("what is typed does not show");
		samples_add(samples, (double)(pty_last_us(pty) - start_us) / 1e3);
	}
	pty_keys(pty, "<Esc>");
}

static void bench_traffic(struct stage *stage)
{
	struct samples keys = {0}, echo = {0};
	struct pty *pty = stage_ready_console(stage, "tail");
	pid_t producer = stage_produce(stage, 5000, 5000 * 16);

	pty_wait_still(pty, 1000000, 1000);
	time_typing(pty, 400, &keys);
	pty_close(pty);
	pty = stage_ready_console(stage, "overview");
	time_echo(&echo, 300);
	pty_close(pty);
	kill(producer, SIGKILL);
	print_keys("typing while the tail takes 5,000/s", &keys, &echo, 0, 2.5);
}

static void bench_stalled(struct stage *stage)
{
	static const char *const keys[] = {"j", "j", "j", "k", "j", "k", "k", "k"};
	struct samples samples = {0}, echo = {0};
	struct pty *pty = stage_ready_console(stage, "overview");
	struct stop stop = stage_stop_server(stage);
	struct cost cost = {.from = used_by(pty_pid(pty))};

	time_keys(pty, keys, ARRAY_LEN(keys), 400, &samples);
	cost.to = used_by(pty_pid(pty));
	stage_go_on(&stop);
	pty_close(pty);
	time_echo(&echo, 400);
	print_keys("key to last byte, the store stands still", &samples, &echo, 0.6, 1.5);
	print_cost(&cost, 400);
}

/* ---- bytes ---------------------------------------------------------------------------------- */

static void bytes_of(struct pty *pty, const char *what, const char *key, int n, double reach)
{
	struct samples samples = {0};

	for (int i = 0; i < n; i++) {
		unsigned long long before = pty_count(pty);

		pty_keys(pty, key);
		pty_wait_still(
			pty, 150, 2000); /* long: a busy machine must not cut a frame in two */
		samples_add(&samples, (double)(pty_count(pty) - before));
	}
	figure_print(&(struct figure){.what = what,
		.unit = "bytes",
		.value = samples_quantile(&samples, 0.5),
		.reach = reach});
	samples_done(&samples);
}

static void bench_bytes(struct stage *stage)
{
	struct pty *pty = stage_ready_console(stage, "overview");

	bytes_of(pty, "step of the cursor, overview", "j", 15, 60);
	pty_keys(pty, "<End>");
	pty_wait_still(pty, 100, 1000);
	pty_keys(pty, "<Home>");
	pty_wait_still(pty, 100, 1000);
	bytes_of(pty, "page, overview", "<PageDown>", 1, 2000);
	pty_close(pty);
	pty = stage_ready_console(stage, "tail");
	bytes_of(pty, "page that pauses, tail", "<PageUp>", 1, 0);
	bytes_of(pty, "step of the cursor, tail with its detail", "k", 15, 0);
	bytes_of(pty, "page, tail", "<PageUp>", 9, 2000);
	pty_keys(pty, "<Home>");
	pty_wait_still(pty, 100, 1000);
	for (int i = 0; i < STAGE_HEIGHT; i++)
		pty_keys(pty, "j");
	pty_wait_still(pty, 100, 1000);
	bytes_of(pty, "scroll by a line, tail with its detail", "j", 15, 0);
	pty_resize(pty, STAGE_WIDTH, 15); /* too low for the detail */
	pty_wait_still(pty, 200, 1000);
	bytes_of(pty, "step of the cursor, tail alone", "k", 5, 60);
	for (int i = 0; i < STAGE_HEIGHT; i++)
		pty_keys(pty, "j");
	pty_wait_still(pty, 100, 1000);
	bytes_of(pty, "scroll by a line, tail alone", "j", 15, 150);
	pty_close(pty);
}

/* Sixty steps, as fast as a held key repeats, over a line of 64 kbit/s. */
static void hold(struct pty *pty, const char *what, const char *key, double reach)
{
	int64_t next_us, pressed_us = 0;
	unsigned long long before = pty_count(pty);

	pty_line(pty, 8000);
	next_us = pty_now_us();
	for (int i = 0; i < 60; i++) {
		while (pty_now_us() < next_us)
			pty_pump(pty, 1);
		next_us += 33333;
		pressed_us = pty_now_us();
		pty_keys(pty, key);
	}
	pty_wait_still(pty, 400, PTY_PATIENCE);
	figure_print(&(struct figure){.what = what,
		.unit = "ms",
		.value = (double)(pty_last_us(pty) - pressed_us) / 1e3,
		.reach = reach});
	figure_print(&(struct figure){.what = "  bytes for each step",
		.unit = "bytes",
		.value = (double)(pty_count(pty) - before) / 60});
	pty_line(pty, 0);
}

static void bench_slow_line(struct stage *stage)
{
	struct pty *pty = stage_ready_console(stage, "tail");

	pty_keys(pty, "<PageUp>");
	pty_wait_still(pty, 100, 1000);
	hold(pty, "60 steps held, settled after release", "k", 100);
	/* One page takes such a line a quarter of a second: this is what was on its way, and the last. */
	hold(pty, "60 pages held, settled after release", "<PageUp>", 0);
	pty_close(pty);
}

/* ---- the parts ------------------------------------------------------------------------------ */

static const struct {
	const char *name, *title;
	void (*bench)(struct stage *stage);
} parts[] = {
	{"start", "start", bench_start},
	{"keys", "keys, nothing else going on", bench_keys},
	{"traffic", "keys while events stream in", bench_traffic},
	{"stalled", "keys while the server's processes are stopped", bench_stalled},
	{"bytes", "bytes to a terminal of 120x40", bench_bytes},
	{"slow-line", "a line of 64 kbit/s", bench_slow_line},
	{"idle", "idle", bench_idle},
	{"lag", "the tail, live", bench_lag},
	{"throughput", "the tail, catching up; memory", bench_throughput},
	{"crowd", "thirty consoles over TLS", bench_crowd},
};

static bool wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return true;
	return argc == 1;
}

int main(int argc, char **argv)
{
	struct stage stage;

	if (argc > 1 && strcmp(argv[1], "echo") == 0)
		return stage_echo_main();
	if (!getenv("ORDERLY_TEST_PG")) {
		puts("bench_console: run it under tests/with-postgres");
		return 77;
	}
	stage_open(&stage);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		if (!wanted(parts[i].name, argc, argv))
			continue;
		figure_title(parts[i].title);
		parts[i].bench(&stage);
	}
	stage_close(&stage);
	return 0;
}
