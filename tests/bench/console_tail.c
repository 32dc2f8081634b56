/* The tail at rest, live and catching up, and what the console uses meanwhile.
 * Called by bench_console. */
#include "base/mem.h"
#include "console_parts.h"
#include "unit.h"
#include <stdio.h>
#include <time.h>

double percent(struct used from, struct used to)
{
	return (double)(to.cpu_ns - from.cpu_ns) / 10 / (double)(to.at_us - from.at_us);
}

/* The clock shows minutes: away from where it changes, not a byte is due. */
static void wait_for_the_minute(struct pty *pty)
{
	do
		pty_wait_still(pty, 1000000, 3000);
	while (time(NULL) % 60 > 35);
}

void bench_idle(struct stage *stage)
{
	struct pty *pty = stage_ready_console(stage, "tail");
	pid_t backend = stage_backend(stage);
	struct used from, to, server_from, server_to;
	unsigned long long before;

	wait_for_the_minute(pty);
	before = pty_count(pty);
	from = used_by(pty_pid(pty));
	server_from = used_by(backend);
	pty_wait_still(pty, 1000000, 20000);
	to = used_by(pty_pid(pty));
	server_to = used_by(backend);
	figure_print(&(struct figure){.what = "idle, tail without rows: CPU of the console",
		.unit = "%",
		.value = percent(from, to),
		.reach = 0.1});
	figure_print(&(struct figure){.what = "  wakeups",
		.unit = "/s",
		.value =
			(double)(to.wakeups - from.wakeups) * 1e6 / (double)(to.at_us - from.at_us),
		.reach = 8});
	figure_print(&(struct figure){.what = "  bytes to the terminal",
		.unit = "bytes/s",
		.value = (double)(pty_count(pty) - before) * 1e6 / (double)(to.at_us - from.at_us),
		.reach = 0.1});
	figure_print(&(struct figure){.what = "  CPU of its server process",
		.unit = "%",
		.value = percent(server_from, server_to),
		.reach = 0.2});
	pty_close(pty);
}

/* The number that the status line gives; -1 when there is none. */
static int64_t events_held(struct pty *pty)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(1024 * 1024);
	const char *end;
	int64_t n = 0, digit = 1;

	pty_text(pty, &text);
	end = strstr(str_cstr(&text), " events");
	if (!end)
		return -1;
	while (end > text.at && ((end[-1] >= '0' && end[-1] <= '9') || end[-1] == ',')) {
		if (*--end == ',')
			continue;
		n += (*end - '0') * digit;
		digit *= 10;
	}
	return n;
}

static bool holds_so_many(struct pty *pty, void *ctx)
{
	return events_held(pty) == *(int64_t *)ctx;
}

static void tell_missed(struct pty *pty, int64_t want)
{
	bool all = pty_wait_if(pty, holds_so_many, &want, PTY_PATIENCE);

	figure_print(&(struct figure){.what = "  events missed",
		.unit = "",
		.value = (double)(all ? 0 : want - events_held(pty)),
		.reach = 0.1});
}

/* Of the last row with a time, in milliseconds of the day; -1 when there is none. */
static double newest_ms(struct pty *pty)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(1024 * 1024);
	struct slice rest, line;
	double newest = -1;

	pty_text(pty, &text);
	rest = str_slice(&text);
	while (slice_cut(&rest, '\n', &line)) {
		CLEANUP(mem_freep)
		char *row = mem_dup(line.at, line.len);
		const char *colon = strchr(row, ':');
		char *end;

		if (!colon || colon - row < 2 || strlen(colon) < 10 || colon[3] != ':')
			continue;
		newest = (double)(strtol(colon - 2, &end, 10) * 3600 +
				  strtol(colon + 1, &end, 10) * 60) *
				 1e3 +
			 strtod(colon + 4, &end) * 1e3;
	}
	return newest;
}

static double day_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (double)(now.tv_sec % 86400) * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Each event is late by the time until a screen shows it or a later one: a screen that moves from
 * one stamp to another stands for all in between. */
static void add_lags(struct samples *lags, double before, double newest, double late)
{
	for (double behind = 0; behind < newest - before; behind += 1)
		samples_add(lags, late + behind);
}

void watch_tail(struct pty *pty, int64_t until_us, struct samples *lags)
{
	double before = -1;

	while (pty_now_us() < until_us) {
		double newest, now;

		if (!pty_pump(pty, 20))
			continue;
		now = day_ms() - (double)(pty_now_us() - pty_last_us(pty)) / 1e3;
		newest = newest_ms(pty);
		if (before >= 0 && newest > before)
			add_lags(lags, before, newest, now - newest);
		before = newest;
	}
}

void bench_lag(struct stage *stage)
{
	const int64_t seconds = 12, n = 5000 * seconds;
	struct pty *pty = stage_ready_console(stage, "tail");
	struct samples lags = {0};
	int64_t held = events_held(pty), start_us;
	pid_t producer = stage_produce(stage, 5000, n);
	struct used from, to;
	unsigned long long before;

	pty_wait_still(pty, 1000000, 1000);
	before = pty_count(pty);
	start_us = pty_now_us();
	from = used_by(pty_pid(pty));
	watch_tail(pty, start_us + (seconds - 2) * 1000000, &lags);
	to = used_by(pty_pid(pty));
	figure_print(&(struct figure){.what = "tail of 5,000/s: an event is late by, p99",
		.unit = "ms",
		.value = samples_quantile(&lags, 0.99),
		.reach = 120});
	figure_print(&(struct figure){
		.what = "  p50", .unit = "ms", .value = samples_quantile(&lags, 0.5)});
	figure_print(&(struct figure){
		.what = "  CPU", .unit = "%", .value = percent(from, to), .reach = 2});
	figure_print(&(struct figure){.what = "  bytes to the terminal",
		.unit = "KB/s",
		.value = (double)(pty_count(pty) - before) * 1e3 / (double)(to.at_us - from.at_us),
		.reach = 25});
	stage_produced(producer);
	tell_missed(pty, held + n);
	samples_done(&lags);
	pty_close(pty);
}

/* The tail is hidden while the store is filled, and then has to catch up. */
void bench_throughput(struct stage *stage)
{
	struct pty *pty = stage_ready_console(stage, "tail");
	int64_t held = events_held(pty), n = 100000 - held, start_us;
	struct memory start = memory_of(pty_pid(pty)), full;

	pty_keys(pty, "1");
	pty_expect(pty, FIRST_ROW);
	stage_produced(stage_produce(stage, 0, n));
	start_us = pty_now_us();
	pty_keys(pty, "3");
	held += n;
	if (!pty_wait_if(pty, holds_so_many, &held, PTY_PATIENCE))
		fail_msg("%lld events instead of %lld", (long long)events_held(pty),
			(long long)held);
	figure_print(&(struct figure){.what = "tail that catches up, nothing missed",
		.unit = "/s",
		.value = (double)n * 1e6 / (double)(pty_last_us(pty) - start_us),
		.reach = 40000,
		.at_least = true});
	full = memory_of(pty_pid(pty));
	figure_print(&(struct figure){.what = "memory at start, RSS",
		.unit = "MiB",
		.value = start.rss_mib,
		.reach = 12});
	figure_print(&(struct figure){.what = "  PSS", .unit = "MiB", .value = start.pss_mib});
	figure_print(&(struct figure){.what = "memory with 100,000 rows in the tail, RSS",
		.unit = "MiB",
		.value = full.rss_mib,
		.reach = 40});
	figure_print(&(struct figure){.what = "  PSS", .unit = "MiB", .value = full.pss_mib});
	pty_close(pty);
}
