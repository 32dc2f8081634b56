/* What is governed on a real store: drafted in the person's own editor, proposed in one console, decided in
 * another; and the terminal, which the editor has meanwhile.
 * What the views look like is their own test.
 * Called by the suite; needs PostgreSQL and libvterm. */
#include "desk.h"
#include "traffic.h"
#include "unit.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct stage {
	struct desk desk;
	struct people people;
	struct str editor; /* a script that waits for a line, and changes a number then */
	struct str variable;
};

static int setup(void **state)
{
	static const char script[] =
		"trap : INT\nprintf 'EDITING %s' \"$1\"\nread line\n"
		"sed -i 's/\"quarantine_after\": [0-9]*/\"quarantine_after\": '\"$line\"'/' \"$1\"\n";
	struct stage *me = NEW(struct stage);
	FILE *file;

	traffic_open(&me->people, "governed");
	me->desk.database = me->people.db;
	me->desk.conninfo = STR_INIT(4096);
	me->editor = me->variable = STR_INIT(4096);
	str_addf(&me->editor, "%s/editor-%d", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp",
		(int)getpid());
	file = fopen(str_cstr(&me->editor), "w");
	assert_non_null(file);
	fputs(script, file);
	fclose(file);
	str_addf(&me->variable, "EDITOR=sh %s", str_cstr(&me->editor));
	*state = me;
	return 0;
}

static int teardown(void **state)
{
	struct stage *me = *state;

	unlink(str_cstr(&me->editor));
	str_done(&me->editor);
	str_done(&me->variable);
	str_done(&me->desk.conninfo);
	people_close(&me->people);
	free(me);
	return 0;
}

/* The console of that person, on the page of an interface. */
static struct pty *open_as(struct stage *me, enum who who, const char *editor)
{
	const char *env[] = {editor, NULL, NULL};
	struct pty_options options = {.width = 100, .height = 30, .env = env};
	struct pty *pty;

	CLEANUP(str_done)
	struct str tmp = STR_INIT(4096);

	str_addf(&tmp, "TMPDIR=%s", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	env[1] = str_cstr(&tmp);
	str_reset(&me->desk.conninfo);
	str_addf(&me->desk.conninfo, "host='%s' dbname=%s user=%s", getenv("ORDERLY_TEST_PG"),
		me->people.db, me->people.login[who]);
	pty = desk_open(&me->desk, &options, NULL);
	pty_expect(pty, "store ok");
	pty_expect(pty, "(admin|approver) ▸");
	pty_keys(pty, ":interface<Space>stock<Enter>");
	pty_expect(pty, "▸ Interface stock");
	return pty;
}

static void a_draft_is_proposed_here_and_approved_there(void **state)
{
	struct stage *me = *state;
	CLEANUP(pty_closep)
	struct pty *pty = open_as(me, ADMIN, str_cstr(&me->variable));
	CLEANUP(pty_closep)
	struct pty *other = NULL;

	pty_keys(pty, "e");
	pty_expect(pty, "EDITING .*/orderly-[^/]*/interface.json");
	pty_resize(pty, 90, 28); /* the editor's, until it ends */
	pty_keys(pty, "<C-c>5<Enter>");
	pty_expect(pty, "Draft, not proposed yet");
	pty_expect(pty, "quarantine_after: 3 > 5");
	pty_expect(pty, "DRAFT, to be proposed");
	pty_keys(pty, "P");
	pty_expect(pty, "Propose the draft");
	pty_keys(pty, "they<Space>loop<Enter><Enter>");
	pty_expect(pty, "▸ Changes");
	pty_expect(pty, "your own: another person decides");
	other = open_as(me, APPROVER, "EDITOR=false");
	pty_keys(other, "e");
	pty_expect(other, "draft-edit is for admin; you are approver");
	pty_keys(other, "gc");
	pty_expect(other, "they loop");
	pty_keys(other, "A");
	pty_expect(other, "Approve change");
	pty_keys(other, "<Enter><Enter>");
	pty_expect(other, "approve: done");
	pg_expect_int(me->people.super, 5,
		"select quarantine_after from orderly.interface where code = 'stock'");
	pty_expect(pty, "0 to decide"); /* the list is asked for again by itself */
	pty_keys(pty, "q");
	pty_expect_exit(pty, 0);
	pty_expect_restored(pty);
}

static void an_editor_that_fails_costs_nothing(void **state)
{
	CLEANUP(pty_closep)
	struct pty *pty = open_as(*state, ADMIN, "EDITOR=false");

	pty_keys(pty, "e");
	pty_expect(pty, "the editor ended with status 1; nothing was taken over");
	pty_keys(pty, "P");
	pty_expect(pty, "there is no draft");
	pty_keys(pty, "q");
	pty_expect_exit(pty, 0);
	pty_expect_restored(pty);
}

/* The file goes with the console; the runner would tell of what is left. */
static void a_console_that_ends_takes_the_file_along(void **state)
{
	struct stage *me = *state;
	CLEANUP(pty_closep)
	struct pty *pty = open_as(me, ADMIN, str_cstr(&me->variable));

	pty_keys(pty, "e");
	pty_expect(pty, "EDITING");
	pty_kill(pty, SIGTERM);
	pty_expect_exit(pty, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_draft_is_proposed_here_and_approved_there),
		cmocka_unit_test(an_editor_that_fails_costs_nothing),
		cmocka_unit_test(a_console_that_ends_takes_the_file_along),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name("app/governed", tests, setup, teardown);
}
