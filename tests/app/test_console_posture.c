/* An access review at two consoles: one security person begins it and decides about the others, another one about
 * that person, and signs; who is neither reads why there is nothing. Webhooks, batches and workflows on a store
 * with some of each.
 * Called by the suite; needs PostgreSQL and libvterm. */
#include "base/file.h"
#include "desk.h"
#include "traffic.h"
#include "unit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct pty *console_as(
	struct people *people, const char *login, const char *role, const char *view)
{
	struct pty *pty = desk_as(people->db, login, view);

	pty_expect(pty, role);
	return pty;
}

static void a_review_is_decided_and_signed_by_two(void **state)
{
	struct people *people = *state;
	CLEANUP(str_done)
	struct str keys = STR_INIT(4096), text = STR_INIT(1 << 20);
	char path[300], *second = pg_login(people->db, "second", "security");
	int64_t n;

	people_change(people, "credential", "payer-cert",
		"{\"title\": \"Payer\", \"kind\": \"certificate\", \"expires_on\": \"2026-01-31\"}");
	pg_do(people->super,
		"select orderly.person_add('second', 'Second'), orderly.login_add('%s', 'second')",
		second);
	CLEANUP(pty_closep)
	struct pty *one = console_as(people, people->login[SECURITY], "security", "posture");
	CLEANUP(pty_closep)
	struct pty *two = console_as(people, second, "security", "posture");

	pty_expect(one, "payer-cert .*ended +certificate");
	pty_keys(one, "a");
	pty_expect(one, "proposes changes and app");
	pty_keys(one, "vB");
	pty_expect(one, "begin .+ [0-9]+ done");
	pty_expect(one, "to decide about");
	n = pg_int(people->super, "select count(*) from orderly.access_review_item");
	str_addf(&keys, "*K<Enter>%lld<Enter><Enter>", (long long)n);
	pty_keys(one, str_cstr(&keys));
	pty_expect(one, "not done: 1 of your own");
	pty_expect(one, " 1 to decide about");
	pty_keys(one, "A<Enter><Enter>");
	pty_expect(one, "sign refused: there are persons that nobody has decided about");
	pty_keys(two, "v");
	pty_expect(two, "1 access reviews");
	pty_keys(two, "<Enter>");
	pty_expect(two, " 1 to decide about");
	pty_keys(two, "ggK<Enter><Enter>");
	pty_expect(two, "keep .+ 1 done");
	pty_keys(two, "Aspring<Enter><Enter>");
	pty_expect(two, "sign: done");
	pty_keys(one, "<Esc>");
	pty_expect(one, "signed .*Second +spring");
	pty_keys(one, "a>");
	pty_expect(one, "Write this list to a file");
	(void)snprintf(
		path, sizeof(path), "%s/access.csv", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	pty_keys(one, "<Enter><C-u>");
	pty_bytes(one, slice_of(path));
	pty_keys(one, "<Enter><Enter>");
	pty_expect(one, "rows are in ");
	assert_int_equal(file_read(path, &text, NULL), 0);
	assert_non_null(strstr(str_cstr(&text), "\"proposes changes and approves them\""));
	(void)unlink(path);
	desk_leave(one);
	desk_leave(two);
	pg_expect_text(people->super,
		"review_begin review_decide review_decide review_sign posture_export",
		"select string_agg(act, ' ' order by id) from orderly.audit where outcome = 'done'"
		" and act ~ '^(review|posture)'");
	free(second);
}

static void who_is_not_security_reads_why(void **state)
{
	struct people *people = *state;
	CLEANUP(pty_closep)
	struct pty *pty = console_as(people, people->login[OPERATOR], "operator", "posture");

	pty_expect(pty, "only the security role sees the posture");
	pty_keys(pty, "vB");
	pty_expect(pty, "review-begin is for security; you are operator");
	desk_leave(pty);
}

static void interface(struct people *people, const char *code, const char *more)
{
	CLEANUP(str_done)
	struct str doc = STR_INIT(4096);

	str_addf(&doc,
		"{\"title\": \"%s\", \"source\": \"odoo\", \"target\": \"ghx\", \"data_class\": \"internal\", %s}",
		code, more);
	people_change(people, "interface", code, str_cstr(&doc));
}

static void flows_lead_to_their_transactions(void **state)
{
	struct people *people = *state;

	interface(people, "a-hook", "\"style\": \"webhook\", \"timing\": \"real-time\"");
	interface(people, "a-batch",
		"\"style\": \"batch\", \"timing\": \"batch\", \"cadence_s\": 60");
	traffic_ingest(people,
		"select jsonb_agg(public.ev('a-hook', 'w' || i, k, now() - interval '1 minute', jsonb_build_object('class',"
		" 'auth', 'code', 'BAD_SIGNATURE'))) from generate_series(1, 3) i, unnest(array['received', 'failed',"
		" 'dead']) k");
	traffic_ingest(people,
		"select jsonb_agg(public.ev('a-batch', 'b', k, now() - interval '10 minutes', jsonb_build_object("
		" 'business_key', 'RUN-7', 'native_state', 'in=120 out=118'))) from unnest(array['received', 'delivered']) k");
	traffic_ingest(people,
		"select jsonb_agg(public.ev('orders', 'saga', k.kind, now() - interval '9 minutes' + k.after * interval '1 s',"
		" jsonb_strip_nulls(jsonb_build_object('business_key', 'SAGA-1', 'stage', k.stage, 'compensates', k.back))))"
		" from (values ('received', 0, null, null), ('step', 1, 'reserve', null), ('step', 2, 'book', null), ('step',"
		" 3, 'unbook', 'book')) k (kind, after, stage, back)");
	CLEANUP(pty_closep)
	struct pty *pty = console_as(people, people->login[OPERATOR], "operator", "webhooks");

	pty_expect(pty, "a-hook .*failing +3 ");
	pty_keys(pty, "gb");
	pty_expect(pty, "a-batch .*late");
	pty_expect(pty, "a-batch .*done .*120 +118");
	pty_keys(pty, "/RUN-7<Enter><Enter>");
	pty_expect(pty, "Transaction");
	pty_expect(pty, "RUN-7");
	pty_keys(pty, "gp");
	pty_expect(pty, "orders .*compensating +SAGA-1 +unbook");
	pty_expect(pty, "done and not taken back: reserve");
	pty_keys(pty, "<Enter>");
	pty_expect(pty, "SAGA-1");
	desk_leave(pty);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_review_is_decided_and_signed_by_two),
		cmocka_unit_test(who_is_not_security_reads_why),
		cmocka_unit_test(flows_lead_to_their_transactions),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests_name(
		"app/console_posture", tests, traffic_setup, people_teardown);
}
