/* Which systems are down: what each kind of evidence needs, and what speaks against it. */
#include "traffic.h"
#include "unit.h"

#define DOWN(as, columns)                                                                  \
	(as), columns,                                                                     \
		"select coalesce(string_agg(concat_ws(' ', system, how, because_of), ', '" \
		" order by system), '') from orderly.my_systems_down()"

static void expect_down(struct people *people, const char *want)
{
	pg_expect_text(DOWN(people->as[SUPPORT], want));
}

static void clean(struct people *people)
{
	pg_do(people->super,
		"delete from orderly.odoo_probe; delete from orderly.relay_target; delete from orderly.pulse;"
		" delete from orderly.transaction");
}

/* Probes from the oldest on, a second apart, the last so many seconds ago. */
static void odoo_is_down_when_no_worker_reaches_it_twice(void **state)
{
	static const struct {
		const char *
			probes; /* of workers a and b: uppercase reached it, x was refused its key */
		int age_s;
		const char *want;
	} rows[] = {
		{"", 5, ""}, {"Aa", 5, ""}, /* once is no outage */
		{"Aaa", 5, "odoo probe"}, {"aaA", 5, ""},
		{"aaBB", 5, ""}, /* the other one reaches it */
		{"aabb", 5, "odoo probe"}, {"aaxx", 5, ""}, /* it answers, and refuses the key */
		{"Aaa", 600, ""}, /* nobody has looked since */
	};
	struct people *people = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		clean(people);
		for (const char *p = rows[i].probes; *p; p++)
			pg_do(people->super,
				"insert into orderly.odoo_probe (at, worker, server, ok, class)"
				" values (now() - interval '%d s', '%c', 'http://odoo.example:8069 erp', %s, '%s')",
				rows[i].age_s + (int)strlen(p), *p | 0x20,
				*p < 'a' ? "true" : "false",
				*p < 'a'    ? "ok"
				: *p == 'x' ? "denied"
					    : "unreachable");
		expect_down(people, rows[i].want);
	}
}

static void a_probe_is_of_the_system_that_it_names(void **state)
{
	struct people *people = *state;

	clean(people);
	people_change(people, "system", "odoo2", "{\"title\": \"Second\", \"kind\": \"odoo\"}");
	pg_do(people->super,
		"insert into orderly.odoo_probe (worker, server, ok, class, message)"
		" select 'a', 'http://two.example:8069 erp', false, 'unreachable', 'no route' from generate_series(1, 2)");
	expect_down(people, ""); /* neither of the two is meant for certain */
	pg_do(people->super, "update orderly.odoo_probe set system = 'odoo2'");
	pg_expect_text(people->super, "odoo2 no route",
		"select string_agg(system || ' ' || detail, ', ') from orderly.systems_down()");
	/* Who has no interface to it is not told of it. */
	expect_down(people, "");
	people_change(people, "interface", "to-two",
		"{\"title\": \"x\", \"source\": \"ghx\", \"target\": \"odoo2\", \"style\": \"rest\","
		" \"timing\": \"real-time\", \"data_class\": \"internal\"}");
	expect_down(people, "odoo2 probe");
}

static void a_target_rests_because_it_cannot_be_reached(void **state)
{
	static const struct {
		const char *state, *class, *until, *pulse, *want;
	} rows[] = {
		{"open", "transport", "1 minute", NULL, "ghx relay"},
		{"half_open", "timeout", "-1 minute", NULL, "ghx relay"},
		{"closed", "transport", "1 minute", NULL, ""},
		{"open", "throttled", "1 minute", NULL, ""}, /* it asks for a pause, and is there */
		{"open", "transport", "-1 hour", NULL, ""}, /* nobody has tried since */
		{"open", "transport", "1 minute", "-5 minutes", "ghx relay"},
		{"open", "transport", "1 minute", "1 second", ""}, /* delivered since */
	};
	struct people *people = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		clean(people);
		pg_do(people->super,
			"insert into orderly.relay_target (target, state, class, until) values ('ghx', '%s', '%s',"
			" now() + interval '%s')",
			rows[i].state, rows[i].class, rows[i].until);
		if (rows[i].pulse)
			pg_do(people->super,
				"insert into orderly.pulse (bucket, interface, slot, done) select"
				" clock_timestamp() + interval '%s', id, 0, 1 from orderly.interface where code = 'orders'",
				rows[i].pulse);
		expect_down(people, rows[i].want);
	}
}

/* Through the front door: what the middleware tells in the last minute. */
static void nothing_arrives_and_nothing_connects(void **state)
{
	static const struct {
		const char *kind, *class;
		int n;
		const char *delivered, *want;
	} rows[] = {
		{"failed", "transport", 3, NULL, "ghx traffic"},
		{"dead", "timeout", 3, NULL, "ghx traffic"},
		{"failed", "transport", 2, NULL, ""}, /* too few to tell */
		{"failed", "mapping", 9, NULL, ""},
		{"failed", "transport", 9, "stock", ""}, /* another interface gets through */
	};
	struct people *people = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		clean(people);
		traffic_ingest(people,
			"select jsonb_agg(public.ev('orders', 's%zu-' || i, k, now() + i * interval '1 ms',"
			" case k when 'received' then '{}' else '{\"class\": \"%s\", \"text\": \"x\"}'::jsonb end))"
			" from generate_series(1, %d) i, unnest(array['received', '%s', 'failed']) k"
			" where k = 'received' or k = '%s' or '%s' = 'dead'",
			i, rows[i].class, rows[i].n, rows[i].kind, rows[i].kind, rows[i].kind);
		if (rows[i].delivered)
			traffic_ingest(people,
				"select jsonb_build_array(public.ev('%s', 'd%zu', 'delivered', now()))",
				rows[i].delivered, i);
		expect_down(people, rows[i].want);
	}
	pg_expect_int(people->as[SUPPORT], 0, "select count(*) from orderly.my_systems_down()");
}

static void one_that_falls_with_another_says_so(void **state)
{
	struct people *people = *state;

	clean(people);
	people_change(
		people, "system", "gateway", "{\"title\": \"Gateway\", \"kind\": \"gateway\"}");
	people_change(people, "system", "net",
		"{\"title\": \"Net\", \"kind\": \"other\", \"depends_on\": [\"gateway\"]}");
	people_change(people, "system", "ghx",
		"{\"title\": \"Exchange\", \"kind\": \"supplier\", \"depends_on\": [\"net\"]}");
	pg_do(people->super,
		"insert into orderly.relay_target (target, state, class, until) select unnest(array['ghx', 'gateway']),"
		" 'open', 'transport', now() + interval '1 minute'");
	expect_down(people, "gateway relay, ghx relay gateway");
	pg_expect_text(people->super, "gateway, net",
		"select string_agg(below, ', ' order by below) from orderly.system_below('ghx')");
	/* who follows none of its interfaces is not told of it */
	pg_expect_text(DOWN(people->as[NARROW], ""));
	pg_expect_error(people->as[SUPPORT], "42501", "select * from orderly.systems_down()");
	pg_expect_error(people->as[ADMIN], "42501", "select * from orderly.my_systems_down()");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(odoo_is_down_when_no_worker_reaches_it_twice),
		cmocka_unit_test(a_probe_is_of_the_system_that_it_names),
		cmocka_unit_test(a_target_rests_because_it_cannot_be_reached),
		cmocka_unit_test(nothing_arrives_and_nothing_connects),
		cmocka_unit_test(one_that_falls_with_another_says_so),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name(
				      "store/systems", tests, traffic_setup, people_teardown);
}
