/* A whole shift, by a turned clock, and what becomes of it: eight hours of simulated traffic with faults
 * are told to the store, some of it is dealt with, and then one person hands over to another at two
 * consoles; and that one, after more has happened, back again.
 * Called by the suite; needs PostgreSQL and libvterm. */
#include "base/clock.h"
#include "base/file.h"
#include "desk.h"
#include "engine.h"
#include "setup.h"
#include "unit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SHIFT_US (8 * 3600 * S_US)
#define RATE 0.02
#define PART 400 /* documents in one call */

struct shift {
	char *database;
	PGconn *super, *gateway, *worker, *ana, *ben, *chiara;
	struct str part;
	int n;
};

static int setup(void **state)
{
	CLEANUP(str_done)
	struct str conninfo = STR_INIT(4096);
	struct shift *me = NEW(struct shift);
	struct err err = ERR_INIT;

	me->database = pg_empty_database("shift");
	pg_conninfo(me->database, &conninfo);
	if (sim_setup(str_cstr(&conninfo), &err) < 0)
		fail_msg("%s", err.text);
	me->super = pg_super(me->database);
	me->gateway = pg_as(me->database, "sim.gateway");
	me->worker = pg_as(me->database, "orderlyd");
	me->ana = pg_as(me->database, "ana.ruiz");
	me->ben = pg_as(me->database, "ben.okafor");
	me->chiara = pg_as(me->database, "chiara.weiss");
	me->part = STR_INIT(64 << 20);
	*state = me;
	return 0;
}

static int teardown(void **state)
{
	struct shift *me = *state;
	PGconn *conns[] = {me->super, me->gateway, me->worker, me->ana, me->ben, me->chiara};

	for (size_t i = 0; i < ARRAY_LEN(conns); i++)
		PQfinish(conns[i]);
	pg_drop(me->database);
	str_done(&me->part);
	free(me);
	return 0;
}

/* ---- the shift ---- */

static void send_part(struct shift *me)
{
	const char *const params[] = {str_cstr(&me->part)};
	PGresult *result;

	if (!me->n)
		return;
	result = pg_query_params(me->gateway,
		"select rejected from orderly.ingest((select array_agg(convert_to(d, 'UTF8'))"
		" from unnest(string_to_array($1, E'\\n')) d where d <> ''))",
		1, params);
	assert_string_equal(PQgetvalue(result, 0, 0), "0");
	PQclear(result);
	str_reset(&me->part);
	me->n = 0;
}

static void emit(void *ctx, int64_t at_us, struct slice document)
{
	struct shift *me = ctx;

	(void)at_us;
	str_add(&me->part, document);
	str_addc(&me->part, '\n');
	if (++me->n == PART)
		send_part(me);
}

static void work(struct shift *me)
{
	static const char *const duties[] = {"mask", "overdue", "dead_letters", "rollup", "seal"};
	char *now = pg_text(me->super, "select pg_current_xact_id()");

	/* others of the run hold the feed's horizon back */
	while (!pg_int(me->super,
		"select (pg_snapshot_xmin(pg_current_snapshot()) > '%s'::xid8)::int", now))
		pg_do(me->super, "select pg_sleep(0.01)");
	free(now);
	for (size_t i = 0; i < ARRAY_LEN(duties); i++)
		while (pg_int(me->super, "select orderly.duty_%s(5000)", duties[i]) > 0)
			;
}

/* From so long ago to so long ago, with these faults from the middle of it on. */
static void pass(struct shift *me, int64_t from_us, int64_t until_us, const char *const *broken)
{
	int64_t now_us = (int64_t)time(NULL) * S_US;
	CLEANUP(faults_freep)
	struct faults *faults = faults_new(11);
	struct engine_options options = {
		.seed = 11, .rate = RATE, .faults = faults, .emit = emit, .ctx = me};
	CLEANUP(engine_freep)
	struct engine *engine = NULL;
	struct err err = ERR_INIT;
	struct fault fault;

	faults_by_chance(faults, false);
	for (; *broken; broken++) {
		if (fault_parse(slice_of(*broken), &fault, &err) < 0)
			fail_msg("%s", err.text);
		fault.from_us = now_us - (from_us + until_us) / 2;
		fault.until_us = FAULT_OPEN;
		faults_add(faults, &fault);
	}
	engine = engine_new(&options, now_us - from_us);
	engine_run(engine, now_us - until_us);
	send_part(me);
	work(me);
}

static void die(struct shift *me, const char *interface, const char *message, const char *text)
{
	pg_do(me->gateway,
		"select orderly.ingest((select array_agg(convert_to(jsonb_build_object('interface', '%s',"
		" 'message_id', '%s', 'kind', k, 'at', now() - interval '10 minutes', 'class', 'business', 'text',"
		" '%s', 'payload', case k when 'received' then jsonb_build_object('kind', 'inbound', 'body', 'x')"
		" end)::text, 'UTF8')) from unnest(array['received', 'dead']) k))",
		interface, message, text);
	work(me);
}

#define LETTER                                                                                           \
	"(select l.id from orderly.dead_letter l join orderly.message m using (id) where m.message_id =" \
	" '%s')"

/* One that is free to be replayed is, and arrives: it was tried. */
static void replay_one(struct shift *me, const char *message)
{
	pg_do(me->ana,
		"create temp table asked as select (s.r).code, (s.r).id from (select orderly.replay_ask(array[" LETTER
		"], 'the scanner is back', '{}') as r offset 0) s",
		message);
	pg_expect_text(me->ana, "done", "select code from asked");
	pg_do(me->worker,
		"create temp table mine as select lease from orderly.claim_replays('test', 5)");
	pg_expect_int(me->worker, 1,
		"select count(*) filter (where go) from"
		" orderly.mark_sending(array(select lease from mine))");
	pg_do(me->worker,
		"select orderly.complete_replay((select jsonb_agg(jsonb_build_object('lease', lease,"
		" 'outcome', 'delivered')) from mine))");
	work(me);
}

/* ---- the consoles ---- */

static struct pty *console_of(struct shift *me, const char *login, const char *name)
{
	struct pty *pty = desk_as(me->database, login, "handover");

	pty_expect(pty, name);
	return pty;
}

/* The incoming person: one by one at first, then all that are shown, with their number. */
static void take_over(struct shift *me, struct pty *pty, const char *id)
{
	CLEANUP(str_done)
	struct str keys = STR_INIT(64), left = STR_INIT(64);
	int64_t n = pg_int(
		me->super, "select count(*) from orderly.handover_item where handover = %s", id);

	pty_expect(pty, "offered .*take over");
	pty_expect(pty, "7 Handover 1");
	pty_keys(pty, "gg<Enter>"); /* the cursor is on the one that was there before */
	str_addf(&left, "%lld items .+ %lld to acknowledge", (long long)n, (long long)n);
	pty_expect(pty, str_cstr(&left));
	pty_keys(pty, "A<Enter>");
	pty_expect(pty, "accept refused: there are items that nobody has acknowledged");
	pty_keys(pty, "a");
	str_reset(&left);
	str_addf(&left, "%lld items .+ %lld to acknowledge", (long long)n, (long long)n - 1);
	pty_expect(pty, str_cstr(&left));
	str_addf(&keys, "*a%lld<Enter><Enter>", (long long)n);
	pty_expect(pty, "seen");
	pty_keys(pty, str_cstr(&keys));
	pty_expect(pty, " 0 to acknowledge");
	pty_keys(pty, "A<Enter>");
	pty_expect(pty, "accept: done");
	pty_expect(pty, "done +from ");
	pty_expect_gone(pty, "7 Handover 1");
}

static void expect_file_holds(const char *path, const char *const *want, size_t n)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(1 << 20);

	assert_int_equal(file_read(path, &text, NULL), 0);
	for (size_t i = 0; i < n; i++)
		if (!strstr(str_cstr(&text), want[i]))
			fail_msg("%s does not hold \"%s\":\n%s", path, want[i], str_cstr(&text));
	(void)unlink(path);
}

static void export_to(struct pty *pty, const char *path)
{
	pty_keys(pty, ">");
	pty_expect(pty, "Write this handover to a file");
	pty_keys(pty, "<C-u>");
	pty_bytes(pty, slice_of(path));
	pty_keys(pty, "<Enter><Enter>");
	pty_expect(pty, "the handover is in ");
}

static const char *path_of(char path[300], const char *name)
{
	(void)snprintf(path, 300, "%s/%s", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp", name);
	return path;
}

/* The evening: what happened in eight hours, written down by Ana and taken over by Ben. */
static void first_handover(struct shift *me)
{
	char path[300], *head, *sign;
	CLEANUP(pty_closep)
	struct pty *ana = console_of(me, "ana.ruiz", "ana.ruiz operator");
	CLEANUP(pty_closep)
	struct pty *ben = console_of(me, "ben.okafor", "ben.okafor operator");

	pty_expect(ana, "no shift was handed over yet");
	pty_keys(ana, "D");
	pty_expect(ana, "draft +from Ana Ruiz +to nobody yet");
	pty_expect(ana, "new +broken +objectives: ");
	pty_expect(ana, "new +broken +po-out: cost centre .* is not mapped .* Ana Ruiz");
	pty_expect(ana, "new +broken +stock-repl: signature of delivery");
	pty_expect(ana, "new +tried +replay 1 of 1 is done: 1 delivered");
	pty_expect(ana, "new +notes +po-out: master data asked");
	pty_keys(ana, "/is not mapped<Enter>e");
	pty_expect(ana, "The next step");
	pty_keys(ana, "call master data at eight<Enter><Enter>");
	pty_expect(ana, "write: done");
	pty_expect(ana, "next step call master data at eight");
	pty_keys(ana, "O<Enter>");
	pty_expect(ana, "offer: done");
	pty_expect(ana, "offered +from Ana Ruiz");
	pty_keys(ana, "A<Enter>");
	pty_expect(ana, "accept refused: nobody takes over from themselves");
	take_over(me, ben, "1");
	/* Nobody pressed a key there. */
	pty_expect(ana, "done +from Ana Ruiz +to Ben Okafor");
	pty_expect(ana, "signed Ana Ruiz [0-9: -]+ .+ Ben Okafor [0-9]+");
	head = pg_text(me->super, "select audit_head from orderly.handover where id = 1");
	sign = pg_text(
		me->super, "select encode(digest, 'hex') from orderly.handover where id = 1");
	export_to(ben, path_of(path, "first.md"));
	expect_file_holds(path,
		(const char *const[]){head, sign, "# Handover 1", "## Broken", "## Tried",
			"## Notes", "> call master data at eight", "- from: Ana Ruiz",
			"- to: Ben Okafor", "acknowledged: Ben Okafor"},
		10);
	free(head);
	free(sign);
	desk_leave(ana);
	desk_leave(ben);
}

/* The morning: one is gone, one is new, the rest still open, and back to Ana. */
static void second_handover(struct shift *me)
{
	char path[300];
	CLEANUP(pty_closep)
	struct pty *ben = console_of(me, "ben.okafor", "ben.okafor operator");
	CLEANUP(pty_closep)
	struct pty *ana = console_of(me, "ana.ruiz", "ana.ruiz operator");

	pty_expect(ben, "done +Ana Ruiz +Ben Okafor");
	pty_keys(ben, "D");
	pty_expect(ben, "since handover 1 ");
	pty_expect(ben, "[+] new +broken +rx-order: dose of the day");
	pty_expect(ben, "- gone +broken +stock-repl: unit of measure");
	pty_expect(ben, "= open +broken +po-out: cost centre .* is not mapped");
	pty_keys(ben, "/is not mapped<Enter>");
	pty_expect(ben, "next step call master data at eight");
	pty_keys(ben, "O<Enter>");
	pty_expect(ben, "offer: done");
	take_over(me, ana, "2");
	export_to(ana, path_of(path, "second.txt"));
	expect_file_holds(path,
		(const char *const[]){"Handover 2\n==========", "- since: handover 1: ",
			"- new: rx-order: dose of the day", "- gone: stock-repl: unit of measure",
			"- open: po-out: cost centre"},
		5);
	desk_leave(ana);
	desk_leave(ben);
}

static void a_shift_is_handed_over_and_back(void **state)
{
	static const char *const evening[] = {
		"mapping-error:po-out", "target-down:medx", "bad-signature:stock-repl", NULL};
	struct shift *me = *state;
	char *group;

	pass(me, SHIFT_US, 0, evening);
	die(me, "po-out", "centre-1", "cost centre 8841 is not mapped to an analytic account");
	die(me, "po-out", "centre-2", "cost centre 9020 is not mapped to an analytic account");
	die(me, "stock-repl", "unit-1", "unit of measure is not known");
	die(me, "stock-repl", "scan-1", "the scanner is away");
	replay_one(me, "scan-1");
	group = pg_text(me->super,
		"select id from orderly.failure_group where unresolved > 0 and signature like 'cost centre %%'"
		" order by unresolved desc limit 1");
	pg_expect_code(me->ana, "done", "orderly.failure_group_own(%s, 1000000)", group);
	pg_expect_code(me->ana, "done",
		"orderly.note_add('failure_group', %s, 'master data asked')", group);
	free(group);
	first_handover(me);
	pg_expect_code(me->ben, "done",
		"orderly.dead_letter_discard(array[" LETTER "], 'called off')", "unit-1");
	die(me, "rx-order", "dose-1", "dose of the day is missing");
	second_handover(me);
	pg_expect_int(me->super, 0, "select count(*) from orderly.check_handovers() where not ok");
	pg_expect_text(me->super,
		"draft write offer acknowledge acknowledge accept export draft offer"
		" acknowledge acknowledge accept export",
		"select string_agg(replace(act, 'handover_', ''), ' ' order by id) from orderly.audit"
		" where act like 'handover%%' and outcome = 'done'");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_shift_is_handed_over_and_back),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests_name("app/console_shift", tests, setup, teardown);
}
