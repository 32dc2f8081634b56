/* A store with people and messages that die.
 * What becomes of them is for the tests to say.
 * Called by the tests of dead letters, replays and roll-ups. */
#include "traffic.h"
#include "unit.h"
#include <poll.h>
#include <stdio.h>

#define HORIZON_POLL_MS 5
#define HORIZON_POLLS 6000

static void interface(struct people *people, const char *code, const char *more)
{
	char doc[1024];

	snprintf(doc, sizeof(doc),
		"{\"title\": \"%s\", \"source\": \"odoo\", \"target\": \"ghx\", \"style\": \"rest\", "
		"\"timing\": \"real-time\", \"data_class\": \"internal\", %s}",
		code, more);
	people_change(people, "interface", code, doc);
}

void traffic_open(struct people *people, const char *name)
{
	people_open(people, name);
	people_change(people, "system", "ghx", "{\"title\": \"Exchange\", \"kind\": \"supplier\"}");
	interface(people, "orders",
		"\"replay_policy\": \"one\", \"ordering_key\": \"supplier\", \"idempotency\": \"none\"");
	interface(people, "stock",
		"\"replay_policy\": \"free\", \"replay_limit\": 5, \"idempotency\": \"key\", "
		"\"emergency_limit\": 2");
	interface(people, "invoices", "\"replay_policy\": \"two\"");
	interface(people, "payroll", "\"replay_policy\": \"never\"");
	pg_do(people->super,
		"create function public.ev(i text, m text, k text, at timestamptz, more jsonb default '{}')"
		" returns jsonb language sql return jsonb_build_object('interface', i, 'message_id', m,"
		" 'kind', k, 'at', to_char(at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'))"
		" || more");
}

int traffic_setup(void **state)
{
	struct people *people = NEW(struct people);

	traffic_open(people, "traffic");
	*state = people;
	return 0;
}

void traffic_ingest(struct people *people, const char *sql, ...)
{
	char *events;
	va_list args;
	PGresult *taken;

	va_start(args, sql);
	if (vasprintf(&events, sql, args) < 0)
		fail_msg("%s", sql);
	va_end(args);
	taken = pg_query(people->as[INGEST], "select rejected from orderly.ingest((%s))", events);
	if (strcmp(PQgetvalue(taken, 0, 0), "0") != 0)
		fail_msg("%s: %s rejected", events, PQgetvalue(taken, 0, 0));
	PQclear(taken);
	free(events);
}

void traffic_settle(struct people *people)
{
	char *now = pg_text(people->super, "select pg_current_xact_id()");

	for (int i = 0; i < HORIZON_POLLS; i++) {
		if (pg_int(people->super,
			    "select (pg_snapshot_xmin(pg_current_snapshot()) > '%s'::xid8)::int",
			    now))
			break;
		poll(NULL, 0, HORIZON_POLL_MS);
	}
	free(now);
}

void traffic_duty(struct people *people, const char *duty)
{
	traffic_settle(people);
	while (pg_int(people->super, "select orderly.duty_%s(5000)", duty) > 0)
		;
}

void traffic_die(struct people *people, const char *interface, const char *prefix, int n,
	const char *class, const char *text)
{
	traffic_ingest(people,
		"select jsonb_agg(public.ev('%s', '%s' || i, k, now() - interval '1 hour' + i * interval '1 s',"
		" case k when 'received' then jsonb_build_object('facility', 'H01', 'business_key', '%s' || i,"
		"   'payload', jsonb_build_object('kind', 'inbound', 'content_type', 'application/json',"
		"   'body', '{\"order\": ' || i || '}'))"
		" else jsonb_build_object('class', '%s', 'text', '%s') end) order by i, k desc)"
		" from generate_series(1, %d) i, unnest(array['received', 'dead']) k",
		interface, prefix, prefix, class, text, n);
	traffic_duty(people, "dead_letters");
}

int64_t traffic_id(struct people *people, const char *interface, const char *message)
{
	return pg_int(people->super,
		"select m.id from orderly.message m join orderly.interface i on i.id = m.interface"
		" where i.code = '%s' and m.message_id = '%s'",
		interface, message);
}

char *traffic_letters(struct people *people, const char *like)
{
	return pg_text(people->super,
		"select coalesce(array_agg(l.id order by l.id), '{}') from orderly.dead_letter l"
		" join orderly.message m on m.id = l.id where m.message_id like '%s'",
		like);
}

int64_t traffic_ask(struct people *people, const char *like, const char *options)
{
	char *letters = traffic_letters(people, like);
	int64_t id;

	pg_do(people->as[OPERATOR], "create temp table if not exists asked (r orderly.result)");
	pg_do(people->as[OPERATOR],
		"truncate asked; insert into asked select r from (select orderly.replay_ask('%s',"
		" 'master data is fixed', '%s') as r offset 0) s",
		letters, options ? options : "{}");
	pg_expect_text(people->as[OPERATOR], "done", "select (r).code from asked");
	id = pg_int(people->as[OPERATOR], "select (r).id from asked");
	free(letters);
	return id;
}

void traffic_approve(struct people *people, int64_t request)
{
	static const enum who approvers[] = {APPROVER, APPROVER2};
	int needed = (int)pg_int(people->super,
		"select needed from orderly.replay_request where id = %lld", (long long)request);

	for (int i = 0; i < needed; i++)
		pg_expect_code(people->as[approvers[i]], "done",
			"orderly.replay_decide(%lld, (select revision from orderly.replay_request where id ="
			" %lld), true, (select items from orderly.replay_request where id = %lld), 'seen')",
			(long long)request, (long long)request, (long long)request);
}

void traffic_expect_items(struct people *people, int64_t request, const char *want)
{
	pg_expect_text(people->super, want,
		"select string_agg(state, ' ' order by nr) from orderly.replay_item where request = %lld",
		(long long)request);
}

void traffic_expect_request(struct people *people, int64_t request, const char *want)
{
	pg_expect_text(people->super, want,
		"select state || ' ' || stage from orderly.replay_request where id = %lld",
		(long long)request);
}

void traffic_expect_letters(struct people *people, const char *like, const char *want)
{
	pg_expect_text(people->super, want,
		"select string_agg(l.state, ' ' order by l.id) from orderly.dead_letter l"
		" join orderly.message m on m.id = l.id where m.message_id like '%s' and m.message_id !~ '~'",
		like);
}

void traffic_expect_verdicts(
	struct people *people, enum who who, const char *like, const char *want)
{
	char *letters = traffic_letters(people, like);

	pg_expect_text(people->as[who], want,
		"select string_agg(verdict, ' ' order by id) from orderly.replay_dry_run('%s')",
		letters);
	free(letters);
}

int64_t traffic_approved(struct people *people, const char *like, const char *options)
{
	int64_t id = traffic_ask(people, like, options);

	traffic_approve(people, id);
	return id;
}

void traffic_die_ordered(struct people *people, const char *prefix, int n)
{
	traffic_ingest(people,
		"select jsonb_agg(public.ev('orders', '%s' || i, k, now() - interval '1 hour', jsonb_build_object("
		" 'ordering_key', '%s', 'class', 'target', 'text', 'ordered', 'facility', 'H01',"
		" 'payload', case k when 'received' then '{\"kind\": \"inbound\", \"body\": \"x\"}'::jsonb end))"
		" order by i) from generate_series(1, %d) i, unnest(array['received', 'dead']) k",
		prefix, prefix, n);
	traffic_duty(people, "dead_letters");
}

int traffic_send(struct people *people, int want, const char *outcome)
{
	PGconn *worker = people->as[WORKER];
	int n;

	pg_do(worker, "create temp table if not exists mine (lease uuid)");
	pg_do(worker,
		"truncate mine; insert into mine select lease from orderly.claim_replays('test', %d)",
		want);
	n = (int)pg_int(worker, "select count(*) filter (where go) from"
				" orderly.mark_sending(array(select lease from mine))");
	pg_expect_text(worker, "",
		"select string_agg(distinct code, ',') filter (where not ok) from orderly.complete_replay("
		"(select coalesce(jsonb_agg(jsonb_build_object('lease', lease, 'outcome', '%s', 'class', case"
		" '%s' when 'failed' then 'mapping' end, 'text', case '%s' when 'failed' then 'unknown to the"
		" target' end)), '[]') from mine))",
		outcome, outcome, outcome);
	return n;
}

void traffic_check(struct people *people, const char *check)
{
	pg_expect_text(people->super, "",
		"select string_agg(concat_ws(': ', name, detail), '; ') from orderly.%s() where not ok",
		check);
}
