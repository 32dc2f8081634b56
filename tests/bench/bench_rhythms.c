/* bench_rhythms: how often the store calls something an anomaly that is none, and how often it misses one.
 * The simulator's traffic of five weeks is laid down as roll-ups, two further weeks are judged hour by sliding
 * hour: once without faults, once with twenty, each with its kind, place and length.
 * ORDERLY_BENCH_RATE says how many transactions in a second (1). Leaves what is judged how to test_rhythms.
 * Run by `make bench`. */
#include "../../src/sim/engine.h"
#include "../../src/sim/estate.h"
#include "base/mem.h"
#include "measure.h"
#include "pg.h"
#include "unit.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define DAYS 49
#define JUDGED_FROM 35
#define EVERY_MIN 10
#define DAY_US (INT64_C(86400) * 1000000)
#define SLOTS ((size_t)1 << 22) /* of transactions in two days */
#define BUCKETS 1200
#define BUCKET_WIDTH 0.019802627296179713 /* ln 1.02 */

struct seen {
	uint64_t id;
	int64_t first_us;
	bool used, over;
};

struct minute {
	int done, dead, retried, hist[BUCKETS];
	int64_t sum_ms;
};

struct fill {
	PGconn *conn;
	struct str line;
	struct seen *seen;
	struct minute *minutes; /* of each interface, the one that is under way */
	int64_t at_min;
	int events;
};

static const struct {
	const char *fault;
	int after_min, minutes;
} faults[] = {
	{"target-down:lab", 243, 60},
	{"target-down:medx", 1386, 240},
	{"mapping-error:po-out", 2610, 30},
	{"throttled:payer", 3037, 240},
	{"slow:odoo", 4297, 60},
	{"slow:pharmacy", 5236, 240},
	{"silent:cold-chain", 6601, 240},
	{"silent:elig-rt", 7462, 60},
	{"expired-key:pharmacy", 8301, 60},
	{"poison:chg-in", 9607, 240},
	{"bad-signature:stock-repl", 10095, 30},
	{"mapping-error:claim-out", 11251, 30},
	{"silent:shift-in", 12404, 30},
	{"duplicate:adt-out", 13379, 240},
	{"target-down:odoo", 14508, 240},
	{"mapping-error:sup-sync", 15524, 240},
	{"silent:onb-out", 16265, 120},
	{"slow:bank", 17235, 30},
	{"poison:gr-in", 18283, 240},
	{"throttled:medx", 19374, 120},
};

static int64_t start_us(void)
{
	return INT64_C(1790553600) * 1000000; /* a Monday */
}

static void put_line(struct fill *fill)
{
	if (PQputCopyData(fill->conn, fill->line.at, (int)fill->line.len) != 1)
		fail_msg("%s", PQerrorMessage(fill->conn));
	str_reset(&fill->line);
}

static void end_minute(struct fill *fill)
{
	size_t n;

	sim_interfaces(&n);
	for (size_t i = 0; i < n; i++) {
		struct minute *m = &fill->minutes[i];
		const char *comma = "";

		if (!m->done && !m->dead)
			continue;
		str_addf(&fill->line, "%zu\t%lld\t%d\t%d\t%d\t%lld\t{", i,
			(long long)fill->at_min * 60, m->done, m->dead, m->retried,
			(long long)m->sum_ms);
		for (int b = 0; b < BUCKETS; b++)
			if (m->hist[b]) {
				str_addf(&fill->line, "%s%d,%d", comma, b, m->hist[b]);
				comma = ",";
			}
		str_adds(&fill->line, "}\n");
		put_line(fill);
		*m = (struct minute){0};
	}
}

static struct seen *seen_of(struct fill *fill, struct slice name)
{
	uint64_t id = 1469598103934665603ULL;
	size_t at;

	for (size_t i = 0; i < name.len; i++)
		id = (id ^ (unsigned char)name.at[i]) * 1099511628211ULL;
	for (at = id % SLOTS; fill->seen[at].used && fill->seen[at].id != id;)
		at = (at + 1) % SLOTS;
	fill->seen[at].id = id;
	return &fill->seen[at];
}

/* A value of the document, which begins with interface, message_id, kind, at and attempt. */
static struct slice value(struct slice document, const char *name)
{
	const char *at = strstr(document.at, name);

	assert_non_null(at);
	at += strlen(name);
	return (struct slice){at, strcspn(at, "\",")};
}

static int bucket_of(int64_t ms)
{
	int bucket = ms <= 0 ? 0 : 1 + (int)ceil(log((double)ms) / BUCKET_WIDTH - 1e-9);

	return bucket < BUCKETS ? bucket : BUCKETS - 1;
}

static void count(struct fill *fill, size_t interface, const struct seen *seen, int64_t at_us,
	bool dead, bool again)
{
	struct minute *m = &fill->minutes[interface];
	int64_t ms = (at_us - seen->first_us) / 1000;

	m->retried += again;
	if (dead) {
		m->dead++;
		return;
	}
	m->done++;
	m->sum_ms += ms;
	m->hist[bucket_of(ms)]++;
}

static void on_event(void *ctx, int64_t at_us, struct slice document)
{
	struct fill *fill = ctx;
	struct slice code = value(document, "\"interface\":\""),
		     kind = value(document, "\"kind\":\"");
	struct slice attempt = value(document, "\"attempt\":");
	char name[64];
	const struct sim_interface *interface;
	struct seen *seen;
	bool dead, done;
	size_t n;

	fill->events++;
	if (at_us / 60000000 != fill->at_min) {
		end_minute(fill);
		fill->at_min = at_us / 60000000;
	}
	snprintf(name, sizeof(name), "%.*s", SLICE_ARG(code));
	interface = sim_interface_find(name);
	seen = seen_of(fill, (struct slice){code.at, (size_t)(kind.at - code.at)});
	if (!seen->used)
		*seen = (struct seen){seen->id, at_us, true, false};
	dead = slice_eq_str(kind, "dead");
	done = slice_eq_str(kind, interface->way == WAY_ACKED ? "acknowledged" : "delivered");
	if ((dead || done) && !seen->over) {
		seen->over = true;
		count(fill, (size_t)(interface - sim_interfaces(&n)), seen, at_us, dead,
			!slice_eq_str(attempt, "1"));
	}
}

static struct faults *faults_from(bool any)
{
	struct faults *to = faults_new(7);
	struct err err = ERR_INIT;

	faults_by_chance(to, false);
	for (size_t i = 0; any && i < ARRAY_LEN(faults); i++) {
		struct fault fault;

		if (fault_parse(slice_of(faults[i].fault), &fault, &err) < 0)
			fail_msg("%s", err.text);
		fault.from_us =
			start_us() + JUDGED_FROM * DAY_US + faults[i].after_min * INT64_C(60000000);
		fault.until_us = fault.from_us + faults[i].minutes * INT64_C(60000000);
		faults_add(to, &fault);
	}
	return to;
}

static void lay_down(PGconn *conn, bool any_faults)
{
	const char *rate = getenv("ORDERLY_BENCH_RATE");
	CLEANUP(faults_freep)
	struct faults *from = faults_from(any_faults);
	struct fill fill = {.conn = conn, .line = STR_INIT(1 << 20)};
	const struct engine_options options = {.seed = 7,
		.rate = rate ? strtod(rate, NULL) : 1,
		.faults = from,
		.emit = on_event,
		.ctx = &fill};
	CLEANUP(engine_freep)
	struct engine *engine = engine_new(&options, start_us());
	size_t n;

	sim_interfaces(&n);
	fill.seen = NEW_ARRAY(struct seen, SLOTS);
	fill.minutes = NEW_ARRAY(struct minute, n);
	pg_do(conn, "truncate public.laid, orderly.rollup, orderly.rhythm, orderly.anomaly");
	PQclear(PQexec(conn, "copy public.laid from stdin"));
	for (int day = 1; day <= DAYS; day++) {
		engine_run(engine, start_us() + day * DAY_US);
		if (day % 2 == 0) /* what spans that midnight counts as at once */
			memset(fill.seen, 0, SLOTS * sizeof(*fill.seen));
	}
	end_minute(&fill);
	PQputCopyEnd(conn, NULL);
	PQclear(PQgetResult(conn));
	while (PQgetResult(conn))
		;
	pg_do(conn,
		"insert into orderly.rollup (grain, interface, at, done, dead, retried, sum_ms, hist)"
		" select 60, l.interface, to_timestamp(l.at), l.done, l.dead, l.retried, l.sum_ms, l.hist from public.laid l;"
		"insert into orderly.rollup (grain, interface, at, done, dead, retried, sum_ms, hist)"
		" select 3600, interface, date_bin('1 hour', at, 'epoch'), sum(done), sum(dead), sum(retried), sum(sum_ms),"
		"  orderly.hist_sum(hist) from orderly.rollup where grain = 60 group by 2, 3;"
		"analyze orderly.rollup");
	printf("  %d events\n", fill.events);
	free(fill.seen);
	free(fill.minutes);
	str_done(&fill.line);
}

/* Judged as the duty does, the rhythms learned once a day; returns how many looks there were. */
static int judge(PGconn *conn)
{
	int64_t from_s = start_us() / 1000000 + JUDGED_FROM * INT64_C(86400);
	int looks = 0;

	for (int minute = 0; minute <= (DAYS - JUDGED_FROM) * 1440; minute += EVERY_MIN, looks++) {
		if (minute % 1440 == 0)
			pg_do(conn,
				"select count(orderly.rhythm_learn(id, to_timestamp(%lld))) from orderly.interface",
				(long long)from_s + minute * 60LL);
		pg_do(conn, "select orderly.anomalies_look(to_timestamp(%lld))",
			(long long)from_s + minute * 60LL);
	}
	return looks;
}

/* An anomaly belongs to a fault when it began while the fault was there or within the hour after: hours
 * overlap, and what waited comes then. */
static void tell_found(PGconn *conn)
{
	int64_t from_s = start_us() / 1000000 + JUDGED_FROM * INT64_C(86400);
	int found = 0;

	pg_do(conn, "create temporary table mine (id bigint)");
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		long long begin = from_s + faults[i].after_min * 60LL;
		long long end = begin + faults[i].minutes * 60LL + 4500;
		char *first = pg_text(conn,
			"select extract(epoch from min(began_at))::bigint - %lld from orderly.anomaly"
			" where began_at between to_timestamp(%lld) and to_timestamp(%lld)",
			begin, begin, end);

		printf("  %-26s %3d min  %s%s\n", faults[i].fault, faults[i].minutes,
			*first ? "said after s: " : "missed", first);
		found += *first != '\0';
		free(first);
		pg_do(conn,
			"insert into mine select id from orderly.anomaly where began_at between to_timestamp(%lld)"
			" and to_timestamp(%lld)",
			begin, end);
	}
	figure_print(&(struct figure){.what = "faults found of 20", .value = found, .unit = ""});
	figure_print(&(struct figure){.what = "anomalies beside them",
		.unit = "",
		.value = (double)pg_int(conn,
			"select count(*) from orderly.anomaly where id not in (select id from mine)")});
}

int main(void)
{
	char *db;
	PGconn *conn;
	size_t n;
	const struct sim_interface *interfaces = sim_interfaces(&n);

	if (pg_missing())
		return pg_skip();
	db = pg_store("rhythms");
	conn = pg_super(db);
	pg_do(conn,
		"create unlogged table public.laid (interface int, at bigint, done int, dead int, retried int,"
		" sum_ms bigint, hist int[]); set session_replication_role = replica; set jit = off");
	for (size_t i = 0; i < n; i++)
		pg_do(conn,
			"insert into orderly.interface (id, code, version, title, source, target, style, timing, data_class)"
			" values (%zu, '%s', 1, '%s', 'a', 'b', 'rest', 'real-time', 'internal')",
			i, interfaces[i].code, interfaces[i].code);
	figure_title("two weeks without a fault");
	lay_down(conn, false);
	figure_print(&(struct figure){
		.what = "looks, at each interface in four ways", .value = judge(conn), .unit = ""});
	figure_print(&(struct figure){.what = "anomalies said, all of them false",
		.unit = "",
		.value = (double)pg_int(conn, "select count(*) from orderly.anomaly")});
	figure_title("two weeks with twenty faults");
	lay_down(conn, true);
	judge(conn);
	tell_found(conn);
	PQfinish(conn);
	pg_drop(db);
	return 0;
}
