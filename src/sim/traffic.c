/* Brings the engine's events into a store, as time goes by or as it went by.
 * What happens is the engine's; how it is written the store's.
 * Called by orderly-sim's run and history. */
#include "traffic.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "engine.h"
#include "store/writer.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define MINUTE_US (60 * S_US)
#define HOUR_US (60 * MINUTE_US)
#define DAY_US (24 * HOUR_US)
#define WARM_UP_US (25 * MINUTE_US) /* the longest that a message is under way, nearly always */
#define TICK_US (100 * MS_US)
#define CHUNK_US (10 * S_US)
#define PLACE_EVERY_US (5 * S_US)
#define LOOK_EVERY_US S_US
#define OLD_SHARE 0.06 /* of what starts, in time long gone */
#define GAP_FULL_US (5 * MINUTE_US)
#define ARRAY 500

struct traffic {
	const struct traffic_options *options;
	struct clock clock;
	struct faults *faults;
	struct writer *writer;
	struct engine *engine;
	char *faults_path, *place_path;
	struct timespec faults_changed;
	int64_t silent_before_us; /* what was written by an earlier run is made, and not sent */
	int64_t placed_at_us, looked_at_us;
	int lost; /* what writer_add() said */
};

static bool stopped(const struct traffic *t)
{
	return t->options->stop && *t->options->stop;
}

static int64_t now_us(const struct traffic *t)
{
	return clock_wall_us(&t->clock);
}

static void nap(int64_t us)
{
	const struct timespec time = {us / S_US, us % S_US * 1000};

	nanosleep(&time, NULL);
}

static void emit(void *ctx, int64_t at_us, struct slice document)
{
	struct traffic *t = ctx;
	int r;

	if (at_us < t->silent_before_us)
		return;
	r = writer_add(t->writer, document, NULL);
	if (r < 0)
		t->lost = r;
}

/* ---- its two files ------------------------------------------------------------------------- */

static char *path_in(const char *dir, const char *name)
{
	struct str path = STR_INIT(4096);

	if (!dir)
		return NULL;
	str_addf(&path, "%s/%s", dir, name);
	return path.at;
}

/* Reads the faults again when their file has changed. */
static void look_at_faults(struct traffic *t)
{
	struct problems problems = PROBLEMS_INIT;
	struct stat st = {0};

	if (!t->faults_path || (stat(t->faults_path, &st) < 0 && errno != ENOENT))
		return;
	if (memcmp(&st.st_mtim, &t->faults_changed, sizeof(st.st_mtim)) == 0)
		return;
	t->faults_changed = st.st_mtim;
	faults_read(t->faults, t->faults_path, &problems, NULL);
	for (size_t i = 0; t->options->problem && i < problems.n; i++)
		t->options->problem(problems.texts[i]);
	problems_done(&problems);
}

static int64_t read_place(const struct traffic *t, int64_t otherwise)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(64);
	int64_t place = otherwise;

	if (t->place_path && file_read(t->place_path, &text, NULL) == 0)
		slice_to_i64(slice_trim(str_slice(&text)), 0, INT64_MAX, &place);
	return place;
}

/* Up to where all is written. While the engine makes again what was under way, that is where the
 * run before has been. */
static void write_place(struct traffic *t)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(64);
	int64_t at_us = engine_at_us(t->engine), now = now_us(t);

	at_us = at_us < now ? at_us : now;
	at_us = at_us > t->silent_before_us ? at_us : t->silent_before_us;
	str_addf(&text, "%" PRId64 "\n", at_us);
	t->placed_at_us = now;
	if (t->place_path)
		file_write(t->place_path, str_slice(&text), 0600, NULL);
}

/* What the demo opens with: one system in trouble, and something to find in every view. Minutes
 * from now. */
static const struct {
	enum fault_kind kind;
	const char *target;
	int from_min, until_min;
} opening[] = {
	{FAULT_TARGET_DOWN, "medx", -26, 30},
	{FAULT_MAPPING, "po-out", -360, 24 * 60},
	{FAULT_SILENT, "cold-chain", -35, 40},
	{FAULT_LATE, "gl-nightly", -20 * 60, 30},
	{FAULT_EXPIRED_KEY, "identity", -180, 120},
	{FAULT_THROTTLED, "payer", -100, -70},
	{FAULT_SLOW, "ehr", -15, 10},
	{FAULT_DUPLICATE, "chg-in", -240, -180},
	{FAULT_POISON, "inv-in", -300, 24 * 60},
	{FAULT_SIGNATURE, "shop-hook", -80, -20},
};

static int write_opening(struct traffic *t, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(opening); i++) {
		int64_t now = now_us(t) / S_US * S_US;
		const struct fault fault = {opening[i].kind, opening[i].target,
			now + opening[i].from_min * MINUTE_US,
			now + opening[i].until_min * MINUTE_US};

		faults_add(t->faults, &fault);
	}
	return t->faults_path ? faults_write(t->faults, t->faults_path, err) : 0;
}

/* ---- time ---------------------------------------------------------------------------------- */

/* What was kept while the store was away goes first; the engine stands still meanwhile. */
static int find_store_again(struct traffic *t, struct err *err)
{
	int64_t wait = 250 * MS_US;
	int r = writer_flush(t->writer, err);

	while (r == -ENOTCONN && !stopped(t)) {
		nap(wait);
		wait = wait < 4 * S_US ? 2 * wait : 4 * S_US;
		r = writer_flush(t->writer, err);
	}
	t->lost = 0;
	return stopped(t) ? -EINTR : r;
}

/* Past time, as fast as it can be written: thinner where it lies back further than that. */
static int catch_up(struct traffic *t, int64_t until_us, int64_t full_us, struct err *err)
{
	int64_t old_until = until_us - full_us, at = engine_at_us(t->engine);
	int r = 0;

	while (at < until_us && !stopped(t) && r == 0) {
		bool old = at >= t->silent_before_us && at < old_until;

		at = at + CHUNK_US < until_us ? at + CHUNK_US : until_us;
		engine_thin(t->engine, old ? OLD_SHARE : 1);
		engine_run(t->engine, at);
		if (t->lost)
			r = find_store_again(t, err);
		if (r == 0 && now_us(t) - t->placed_at_us >= PLACE_EVERY_US) {
			r = find_store_again(t, err);
			if (r == 0)
				write_place(t);
		}
	}
	engine_thin(t->engine, 1);
	return r == 0 ? find_store_again(t, err) : r;
}

static int go_live(struct traffic *t, struct err *err)
{
	int r = 0;

	while (!stopped(t) && r == 0) {
		int64_t now = now_us(t), took;

		if (now - t->looked_at_us >= LOOK_EVERY_US) {
			look_at_faults(t);
			t->looked_at_us = now;
		}
		if (now - engine_at_us(t->engine) > GAP_FULL_US)
			r = catch_up(
				t, now, GAP_FULL_US, err); /* asleep, or long without a store */
		engine_run(t->engine, now);
		if (r == 0)
			r = find_store_again(t, err);
		if (r == 0 && now - t->placed_at_us >= PLACE_EVERY_US)
			write_place(t);
		took = now_us(t) - now;
		if (took >= 0 && took < TICK_US)
			nap(TICK_US - took);
	}
	return r;
}

static void traffic_done(struct traffic *t)
{
	engine_free(t->engine);
	writer_close(t->writer);
	faults_free(t->faults);
	free(t->faults_path);
	free(t->place_path);
}

/* The store may not be there yet: waited for as for one that goes away. */
static int open_writer(struct traffic *t, struct err *err)
{
	const struct writer_options options = {.conninfo = t->options->conninfo,
		.application = "orderly-sim",
		.connections = t->options->connections,
		.array = ARRAY,
		.stop = t->options->stop};
	int r = writer_open(&options, &t->writer, err);

	while (r == -ENOTCONN && !stopped(t)) {
		nap(500 * MS_US);
		r = writer_open(&options, &t->writer, err);
	}
	return r;
}

static int traffic_open(struct traffic *t, const struct traffic_options *options, struct err *err)
{
	*t = (struct traffic){.options = options, .clock = clock_real()};
	t->faults = faults_new(options->seed);
	faults_by_chance(t->faults, options->chance);
	t->faults_path = path_in(options->dir, "faults");
	t->place_path = path_in(options->dir, "place");
	return open_writer(t, err);
}

static void make_engine(struct traffic *t, int64_t from_us)
{
	const struct engine_options options = {.seed = t->options->seed,
		.rate = t->options->rate,
		.faults = t->faults,
		.timetable_back_us = DAY_US,
		.emit = emit,
		.ctx = t};

	t->silent_before_us = from_us;
	t->engine = engine_new(&options, from_us - WARM_UP_US);
}

int traffic_history(
	const struct traffic_options *options, struct writer_counts *ret, struct err *err)
{
	CLEANUP(traffic_done)
	struct traffic t;
	int64_t until;
	int r = traffic_open(&t, options, err);

	if (r < 0 || (r = write_opening(&t, err)) < 0)
		return r;
	until = now_us(&t);
	make_engine(&t, until - options->hours * HOUR_US);
	r = catch_up(&t, until, HOUR_US, err);
	if (r == 0 && !stopped(&t))
		write_place(&t);
	*ret = writer_counts(t.writer);
	return r;
}

int traffic_run(const struct traffic_options *options, struct err *err)
{
	CLEANUP(traffic_done)
	struct traffic t;
	int64_t now, place;
	int r = traffic_open(&t, options, err);

	if (r < 0)
		return r == -EINTR ? 0 : r;
	look_at_faults(&t);
	now = now_us(&t);
	place = read_place(&t, now);
	if (place > now)
		place = now; /* the clock was set back */
	if (place < now - options->hours * HOUR_US)
		place = now - options->hours * HOUR_US;
	make_engine(&t, place);
	r = catch_up(&t, now, GAP_FULL_US, err);
	if (r == 0)
		r = go_live(&t, err);
	if (r == 0)
		write_place(&t);
	return r == -EINTR ? 0 : r;
}
