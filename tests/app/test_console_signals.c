/* Signals at the desk: the banner says when nobody watches, and a signal is heard of at once.
 * Called by the suite; needs PostgreSQL and libvterm. */
#include "desk.h"
#include "unit.h"

#define RAISE(object)                                                                           \
	"insert into orderly.signal (rule, measure, object, severity, state, since, raised_at," \
	" last_true, amount, value) values ('held-back', 'held_back', '" object "', 'page',"    \
	" 'raised', now(), now(), now(), 1, 'behind'); select pg_notify('orderly', 'signal')"

static void it_is_loud_when_nobody_watches_and_heard_when_somebody_calls(void **state)
{
	const struct desk *desk = *state;
	PGconn *super = pg_super(desk->database);

	pg_do(super, "insert into orderly.worker (name, role, pid, started_at, beat_at) values"
		     " ('w', 'x', 1, now(), now());"
		     "update orderly.signal_watch set evaluated_at = now() - interval '2 minutes'");
	CLEANUP(pty_closep)
	struct pty *pty = desk_ready(desk, 140, 30);

	pty_expect(pty, "nobody watches since [0-9:]+ ");
	pg_do(super,
		"update orderly.signal_watch set evaluated_at = now() + interval '10 minutes'; %s",
		RAISE("roll-ups"));
	pty_expect_gone(pty, "nobody watches");
	pty_keys(pty, ":signals<Enter>");
	pty_expect(pty, "page +held-back +roll-ups");
	pg_do(super, RAISE("readers"));
	pty_expect(pty, "page +held-back +readers");
	pty_keys(pty, ":quit<Enter>");
	pty_expect_exit(pty, 0);
	PQfinish(super);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_loud_when_nobody_watches_and_heard_when_somebody_calls),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests_name("app/console_signals", tests, desk_setup, desk_teardown);
}
