/* The console and what a terminal is, row by row: what is written to it, in which colours and lines,
 * what a paste does, what happens when it is slow, and when nobody sits at it.
 * Sizes, signals and hangups are test_console.c's.
 * Called by the suite; needs PostgreSQL and libvterm. */
#include "base/text.h"
#include "desk.h"
#include "hostile.h"
#include "people.h"
#include "traffic.h"
#include "unit.h"
#include <stdio.h>
#include <unistd.h>

/* ---- a store that holds what it should not ---- */

struct terminal_desk {
	struct desk desk;
	struct people people;
};

/* As if the store had been made to lie: the checks that keep codes clean are gone. */
static void spoil(struct people *people)
{
	PGconn *super = people->super;

	pg_do(super, "set session_replication_role = replica");
	pg_do(super,
		"do $$ declare c record; begin"
		" for c in select conrelid::regclass as t, conname from pg_constraint"
		"  where contype = 'c' and conrelid in ('orderly.interface'::regclass,"
		"  'orderly.system'::regclass, 'orderly.facility'::regclass, 'orderly.partner'::regclass,"
		"  'orderly.message'::regclass) loop"
		"  execute format('alter table %%s drop constraint %%I', c.t, c.conname);"
		" end loop; end $$");
	for (size_t i = 0; i < ARRAY_LEN(hostile_valid); i++) {
		const char *values[] = {hostile_valid[i], NULL};
		char message[32];

		snprintf(message, sizeof(message), "bad-%zu", i);
		values[1] = message;
		traffic_ingest(people,
			"select jsonb_agg(public.ev('orders', '%s', k, now(), '{\"facility\": \"H01\"}'))"
			" from unnest(array['received', 'dead']) k",
			message);
		PQclear(pg_query_params(super,
			"update orderly.message set business_key = $1, correlation = $1 where message_id = $2",
			2, values));
		PQclear(pg_query_params(super,
			"update orderly.event e set text = $1, class = left($1, 60) from orderly.message m"
			" where m.id = e.transaction and m.message_id = $2",
			2, values));
	}
	pg_do(super, "update orderly.facility set code = code || E'\\x1b[7m' where code = 'H01'");
	PQclear(pg_query_params(super,
		"update orderly.interface set code = code || $1, title = $1, source = $1, target = $1,"
		" technical_owner = $1 where code <> 'stock'",
		1, (const char *const[]){hostile_valid[0]}));
	pg_do(super, "set session_replication_role = origin");
}

static int setup(void **state)
{
	struct terminal_desk *me = NEW(struct terminal_desk);

	traffic_open(&me->people, "terminal");
	spoil(&me->people);
	me->desk.database = me->people.db;
	me->desk.conninfo = STR_INIT(4096);
	str_addf(&me->desk.conninfo, "host='%s' dbname=%s user=%s", getenv("ORDERLY_TEST_PG"),
		me->people.db, me->people.login[OPERATOR]);
	*state = me;
	return 0;
}

static int teardown(void **state)
{
	struct terminal_desk *me = *state;

	str_done(&me->desk.conninfo);
	people_close(&me->people);
	free(me);
	return 0;
}

/* ---- what may be written to a terminal ---- */

/* Cursor, erasing, scrolling, styles, modes, title and character sets: what the painter chooses from.
 * Nothing that asks the terminal, programs it, or is of the data. */
static size_t allowed_escape(struct slice rest)
{
	static const char finals[] = "ABCDGHJKLMPSTX@bdfhlmrt";
	/* The last ends a string that was cut off in the middle, when the terminal is given back. */
	static const char *const plain[] = {"\x1b"
					    "7",
		"\x1b"
		"8",
		"\x1b=", "\x1b>", "\x1bM", "\x1b(B", "\x1b(0", "\x1b)0", "\x1b\\"};
	size_t n = 2;

	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		if (slice_starts(rest, slice_of(plain[i])))
			return strlen(plain[i]);
	if (rest.len > 2 && rest.at[1] == '[') {
		while (n < rest.len && strchr("0123456789;:?>", rest.at[n]))
			n++;
		return n < rest.len && strchr(finals, rest.at[n]) ? n + 1 : 0;
	}
	if (slice_starts(rest, SLICE("\x1b]2;")) || slice_starts(rest, SLICE("\x1b]0;"))) {
		static const char title[] = "orderly TEST";

		n = 4 + strlen(title);
		if (rest.len > n && memcmp(rest.at + 4, title, strlen(title)) == 0) {
			if (rest.at[n] == '\a')
				return n + 1;
			if (slice_starts(slice_from(rest, n), SLICE("\x1b\\")))
				return n + 2;
		}
	}
	return 0;
}

static void show_bytes(struct slice at)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(4096);

	for (size_t i = 0; i < at.len && i < 60; i++)
		str_addf(&text, at.at[i] >= ' ' && at.at[i] < 0x7f ? "%c" : "\\x%02x",
			(unsigned char)at.at[i]);
	print_error("at: %s\n", str_cstr(&text));
}

enum charset {
	ANY_TEXT,
	NO_LINES, /* none of the characters for lines: the terminal's own set, or ASCII */
	ASCII_ONLY,
};

static bool in_charset(uint32_t cp, enum charset charset)
{
	return charset == ANY_TEXT || cp < 0x80 ||
	       (charset == NO_LINES && (cp < 0x2500 || cp > 0x257f));
}

static void check_raw(struct slice raw, enum charset charset)
{
	while (raw.len) {
		struct slice before = raw;
		size_t len = 0;
		uint32_t cp = 0;

		if (raw.at[0] == '\x1b') {
			len = allowed_escape(raw);
		} else if (utf8_next(&raw, &cp)) {
			bool control = cp < 0x20 || (cp >= 0x7f && cp < 0xa0);
			bool layout =
				cp == '\r' || cp == '\n' || cp == '\b' || cp == 0x0e || cp == 0x0f;
			bool bidi = (cp >= 0x202a && cp <= 0x202e) ||
				    (cp >= 0x2066 && cp <= 0x2069) || cp == 0x200e ||
				    cp == 0x200f || cp == 0x61c;

			if ((!control || layout) && !bidi && in_charset(cp, charset))
				len = before.len - raw.len;
		}
		if (!len) {
			show_bytes(before);
			fail_msg("something was written that nobody chose");
		}
		raw = slice_from(before, len);
	}
}

#define TABS 9 /* as many as there are digits */

/* Key by key, each with what it brings. */
static void look_at(struct pty *pty, const char *keys)
{
	struct slice rest = slice_of(keys);

	while (rest.len) {
		size_t len = rest.at[0] == '<' ? slice_find(rest, '>') + 1 : 1;
		CLEANUP(mem_freep)
		char *key = mem_dup(rest.at, len);

		pty_keys(pty, key);
		assert_true(pty_wait_still(pty, 40, PTY_PATIENCE));
		rest = slice_from(rest, len);
	}
}

static void look_at_everything(struct pty *pty)
{
	pty_expect(pty, "store ok");
	pty_expect(pty, "[1-9] interfaces");
	pty_keys(pty, "jj3");
	pty_expect(pty, "[1-9][0-9]* events");
	for (int i = 0; i < 10; i++)
		pty_keys(pty, "k");
	pty_expect(pty, "PAUSED");
	pty_keys(pty, "gg");
	for (size_t i = 0; i < 2 * ARRAY_LEN(hostile_valid); i++)
		pty_keys(pty, "j");
	pty_keys(pty, "<Enter>");
	pty_expect(pty, "hop [0-9]");
	look_at(pty, "eidpg");
	look_at(pty, "l");
	for (size_t i = 0; i < TABS; i++)
		look_at(pty, "]j<Enter>j<Esc>");
	pty_keys(pty, "?");
	pty_expect(pty, "keys in ");
	assert_true(pty_wait_still(pty, 100, PTY_PATIENCE));
	pty_keys(pty, "q");
	pty_expect_exit(pty, 0);
	pty_expect_restored(pty);
}

static void only_what_was_chosen_reaches_the_terminal(void **state)
{
	static const struct {
		const char *term, *lines, *env;
		enum charset charset;
	} rows[] = {
		{"xterm-256color", "utf8", NULL, ANY_TEXT},
		{"xterm-256color", "ascii", NULL, NO_LINES},
		{"xterm-256color", "auto", "LC_ALL=C", ASCII_ONLY},
		{"tmux-256color", "utf8", NULL, ANY_TEXT},
		{"screen-256color", "acs", NULL, NO_LINES},
		{"linux", "utf8", NULL, ANY_TEXT},
		{"putty-256color", "utf8", NULL, ANY_TEXT},
		{"vt100", "acs", "LC_ALL=C", ASCII_ONLY},
	};
	struct terminal_desk *me = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *const env[] = {rows[i].env, NULL};
		struct pty_options options = {150, 40, .term = rows[i].term, .env = env};
		CLEANUP(pty_closep)
		struct pty *pty = desk_open(&me->desk, &options, "--lines", rows[i].lines, NULL);

		print_message("%s %s\n", rows[i].term, rows[i].lines);
		look_at_everything(pty);
		check_raw(pty_raw(pty), rows[i].charset);
		assert_int_equal(pty_errors(pty).len, 0);
	}
}

static void an_accessible_console_draws_no_lines(void **state)
{
	struct terminal_desk *me = *state;
	struct pty_options options = {.width = 100, .height = 30};
	CLEANUP(pty_closep)
	struct pty *pty = desk_open(&me->desk, &options, "--accessible", NULL);

	pty_expect(pty, "[1-9] interfaces, worst first");
	pty_keys(pty, ":<Tab>");
	pty_expect(pty, "^What to do");
	assert_false(pty_shows(pty, "Overview"));
	pty_keys(pty, "<Esc>");
	pty_expect(pty, "Overview");
	pty_keys(pty, "q");
	pty_expect_exit(pty, 0);
	check_raw(pty_raw(pty), NO_LINES);
}

/* ---- colours ---- */

/* Of "ESC [ 1 ; 38 ; 5 ; 160 m": is any of them a colour? */
static bool sets_colour(struct slice params)
{
	struct slice one;

	while (slice_cut(&params, ';', &one)) {
		int64_t n;

		if (slice_to_i64(one, 0, 255, &n) == 0 &&
			((n >= 30 && n <= 38) || (n >= 40 && n <= 48) || n >= 90))
			return true;
	}
	return false;
}

static bool has_colour(struct slice raw)
{
	for (size_t i = 0; i + 2 < raw.len; i++) {
		struct slice params = slice_from(raw, i + 2);
		size_t n = 0;

		if (raw.at[i] != '\x1b' || raw.at[i + 1] != '[')
			continue;
		while (n < params.len && strchr("0123456789;", params.at[n]))
			n++;
		if (n < params.len && params.at[n] == 'm' && sets_colour(slice_head(params, n)))
			return true;
	}
	return false;
}

static void colours_are_as_the_terminal_and_its_owner_want(void **state)
{
	static const struct {
		const char *term, *env;
		bool colour;
	} rows[] = {
		{"xterm-256color", NULL, true}, {"screen-256color", NULL, true},
		{"putty-256color", NULL, true}, {"linux", NULL, true}, {"vt100", NULL, false},
		{"xterm-256color", "NO_COLOR=1", false},
		{"xterm-256color", "NO_COLOR=", true}, /* empty: as if it were not there */
	};
	struct terminal_desk *me = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *const env[] = {rows[i].env, NULL};
		struct pty_options options = {.term = rows[i].term, .env = env};
		CLEANUP(pty_closep)
		struct pty *pty = desk_open(&me->desk, &options, NULL);

		print_message("%s %s\n", rows[i].term, rows[i].env ? rows[i].env : "");
		pty_expect(pty, "store ok");
		pty_expect(pty, "[1-9] interfaces");
		assert_int_equal(has_colour(pty_raw(pty)), rows[i].colour);
		pty_keys(pty, "q");
		pty_expect_exit(pty, 0);
		pty_expect_restored(pty);
	}
}

/* A terminfo without the terminal: good enough is found, and said; the log keeps it. */
static void an_unknown_terminal_is_tried_and_said(void **state)
{
	static const char *const env[] = {
		"TERMINFO=/nonexistent", "TERMINFO_DIRS=/nonexistent", NULL};
	struct terminal_desk *me = *state;
	struct pty_options options = {
		.width = 100, .height = 30, .term = "putty-256color", .env = env};
	CLEANUP(pty_closep)
	struct pty *pty = desk_open(&me->desk, &options, NULL);

	pty_expect(pty, "putty-256color");
	pty_keys(pty, "gl");
	pty_expect(pty, "^ TEST .*Log");
	pty_expect(pty, "info .*putty-256color");
	pty_keys(pty, "q");
	pty_expect_exit(pty, 0);
	pty_expect_restored(pty);
}

/* ---- pastes ---- */

static void a_paste_acts_on_nothing_and_is_text_in_a_prompt(void **state)
{
	struct terminal_desk *me = *state;
	CLEANUP(pty_closep)
	struct pty *pty = desk_ready(&me->desk, 100, 30);

	pty_bytes(pty, SLICE("\x1b[200~q3:quit\rq\x1b[201~"));
	pty_keys(pty, ":");
	pty_expect(pty, "^ :$");
	assert_true(
		pty_shows(pty, "^ TEST .*Overview")); /* the paste came before, and did nothing */
	pty_bytes(pty, SLICE("\x1b[200~view-tail\rq\x1b[201~"));
	pty_expect(pty, "^ :view-tail q");
	assert_true(pty_shows(pty, "^ TEST .*Overview"));
	pty_keys(pty, "<Backspace><Backspace><Enter>");
	pty_expect(pty, "^ TEST .*Tail");
	pty_keys(pty, "q");
	pty_expect_exit(pty, 0);
}

/* ---- what can follow ---- */

static void a_pending_sequence_shows_what_can_follow(void **state)
{
	struct terminal_desk *me = *state;
	CLEANUP(pty_closep)
	struct pty *pty = desk_ready(&me->desk, 400, 30);

	pty_keys(pty, "g");
	pty_expect(pty, "^ g … .*g move-top .*l view-log");
	pty_keys(pty, "l");
	pty_expect(pty, "^ TEST .*Log");
	pty_expect(pty, "info +store connected");
	pty_keys(pty, "gZ");
	pty_expect(pty, "gZ is not bound here");
	pty_keys(pty, "q");
	pty_expect_exit(pty, 0);
}

/* ---- a slow line ---- */

#define STALLED_BATCHES 20
#define STALLED_ROWS 1000 /* in each */

static long resident_kib(struct pty *pty)
{
	char path[64];
	long pages = 0;

	snprintf(path, sizeof(path), "/proc/%d/statm", pty_pid(pty));
	FILE *file = fopen(path, "re");
	if (!file || fscanf(file, "%*d %ld", &pages) != 1)
		fail_msg("%s cannot be read", path);
	fclose(file);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* Rows stream in and nobody reads the terminal: only the rows themselves are kept, no frames; when it
 * reads again it sees the newest. */
static void a_terminal_that_takes_nothing_costs_no_memory(void **state)
{
	struct terminal_desk *me = *state;
	CLEANUP(pty_closep)
	struct pty *pty = desk_ready(&me->desk, 200, 60);
	unsigned long long before;
	long before_kib;

	pty_keys(pty, "3");
	pty_expect(pty, "[1-9][0-9]* events");
	before_kib = resident_kib(pty);
	pty_stall(pty, true);
	for (int i = 0; i < STALLED_BATCHES; i++)
		traffic_ingest(&me->people,
			"select jsonb_agg(public.ev('stock', 'flood-%d-' || n, 'received', now(),"
			" '{\"facility\": \"H02\", \"business_key\": \"flood %d\"}'))"
			" from generate_series(1, %d) n",
			i, i, STALLED_ROWS);
	traffic_ingest(&me->people,
		"select jsonb_agg(public.ev('stock', 'newest', 'received', now(),"
		" '{\"facility\": \"H02\", \"business_key\": \"the newest\"}'))");
	before = pty_count(pty);
	pty_stall(pty, false);
	pty_expect(pty, "the newest");
	assert_true(pty_wait_still(pty, 100, PTY_PATIENCE));
	print_message("%llu bytes, %ld KiB more\n", pty_count(pty) - before,
		resident_kib(pty) - before_kib);
	assert_true(pty_count(pty) - before < 400 * 1024);
	/* A row and its place cost less than 1 KiB. */
	assert_true(resident_kib(pty) - before_kib <
		    (STALLED_BATCHES * STALLED_ROWS + 8 * 1024) * DESK_SLOWER);
	pty_keys(pty, "q");
	pty_expect_exit(pty, 0);
}

/* ---- nobody there ---- */

static bool is_unconnected(struct pty *pty, void *ctx)
{
	(void)pty;
	return pg_int(ctx, "select count(*) from " PG_SESSIONS
			   " where application_name = 'orderly'") == 0;
}

static void write_config(char *path, size_t size)
{
	FILE *file;

	snprintf(path, size, "%s/orderly-idle-%d.conf",
		getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp", (int)getpid());
	file = fopen(path, "we");
	assert_non_null(file);
	fputs("format 1\n[settings]\nprofile = desk\n[desk]\nidle-lock = 3s\n", file);
	assert_int_equal(fclose(file), 0);
}

static void an_idle_console_locks_and_shows_nothing(void **state)
{
	struct terminal_desk *me = *state;
	struct pty_options options = {.width = 100, .height = 30};
	char config[256];

	write_config(config, sizeof(config));
	CLEANUP(pty_closep)
	struct pty *pty = desk_open(&me->desk, &options, "--config", config, NULL);

	pty_expect(pty, "[1-9] interfaces");
	pty_keys(pty, "jg"); /* a sequence that pends is forgotten too */
	pty_expect(pty, "locked");
	assert_false(pty_shows(pty, "stock|invoices|interfaces|operator"));
	assert_true(pty_wait_if(pty, is_unconnected, me->people.super, PTY_PATIENCE));
	pty_keys(pty, "3jq"); /* nothing but Enter means anything */
	assert_true(pty_wait_still(pty, 200, PTY_PATIENCE));
	assert_true(pty_shows(pty, "locked"));
	pty_keys(pty, "<Enter>");
	pty_expect(pty, "[1-9] interfaces");
	pty_keys(pty, "q");
	pty_expect_exit(pty, 0);
	pty_expect_restored(pty);
	unlink(config);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_was_chosen_reaches_the_terminal),
		cmocka_unit_test(an_accessible_console_draws_no_lines),
		cmocka_unit_test(colours_are_as_the_terminal_and_its_owner_want),
		cmocka_unit_test(an_unknown_terminal_is_tried_and_said),
		cmocka_unit_test(a_paste_acts_on_nothing_and_is_text_in_a_prompt),
		cmocka_unit_test(a_pending_sequence_shows_what_can_follow),
		cmocka_unit_test(an_idle_console_locks_and_shows_nothing),
		cmocka_unit_test(a_terminal_that_takes_nothing_costs_no_memory),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, setup, teardown);
}
