/* A store with people of every role and a small catalogue.
 * Leaves stores and sessions as such to pg.c.
 * Called by the tests of rights, audit and catalogue. */
#include "people.h"
#include "unit.h"
#include <stdio.h>

const char *const who_name[N_WHO] = {"support", "operator", "approver", "approver2", "security",
	"admin", "admin_twin", "narrow", "shared", "blocked", "left", "unknown", "no_role",
	"ingest", "worker"};

static const struct {
	const char *groups[3];
	const char *person; /* NULL: a machine; "": the login stays unknown */
} table[N_WHO] = {
	[SUPPORT] = {{"support"}, "support"},
	[OPERATOR] = {{"operator"}, "operator"},
	[APPROVER] = {{"approver"}, "approver"},
	[APPROVER2] = {{"approver"}, "approver2"},
	[SECURITY] = {{"security"}, "security"},
	[ADMIN] = {{"admin"}, "admin"},
	[ADMIN_TWIN] = {{"approver"}, "admin"},
	[NARROW] = {{"operator"}, "narrow"},
	[SHARED] = {{"operator", "approver", "admin"}, "shared"},
	[BLOCKED] = {{"operator", "approver", "admin"}, "blocked"},
	[LEFT] = {{"operator", "approver", "admin"}, "left"},
	[UNKNOWN] = {{"operator", "approver", "admin"}, ""},
	[NO_ROLE] = {{NULL}, "no_role"},
	[INGEST] = {{"ingest"}, NULL},
	[WORKER] = {{"worker"}, NULL},
};

static const char catalogue[] =
	"{\"format\": 1, \"system\": ["
	"{\"code\": \"odoo\", \"title\": \"Odoo\", \"kind\": \"odoo\", \"depends_on\": [\"middleware\"]},"
	"{\"code\": \"middleware\", \"title\": \"Middleware\", \"kind\": \"middleware\"},"
	"{\"code\": \"lab\", \"title\": \"Laboratory\", \"kind\": \"laboratory\"}],"
	"\"facility\": [{\"code\": \"H01\", \"title\": \"Mercy North\"},"
	"{\"code\": \"H02\", \"title\": \"Mercy South\"}],"
	"\"partner\": [{\"code\": \"ghx\", \"title\": \"Exchange\", \"kind\": \"supplier\"}],"
	"\"interface\": ["
	"{\"code\": \"po-out\", \"title\": \"Orders\", \"source\": \"odoo\", \"target\": \"middleware\","
	" \"style\": \"rest\", \"timing\": \"real-time\", \"data_class\": \"internal\"},"
	"{\"code\": \"lab-in\", \"title\": \"Results\", \"source\": \"lab\", \"target\": \"odoo\","
	" \"style\": \"hl7\", \"timing\": \"real-time\", \"data_class\": \"phi\"}],"
	"\"slo\": [{\"code\": \"po-out/success\", \"interface\": \"po-out\", \"measure\": \"success\"}]}";

static void add(struct people *people, enum who who)
{
	PGconn *super = people->super;
	const char *login, *person = table[who].person;

	people->login[who] = pg_login(people->db, who_name[who], table[who].groups[0]);
	login = people->login[who];
	for (int i = 1; i < 3 && table[who].groups[i]; i++)
		pg_do(super, "grant orderly_" PG_STORE "_%s to %s", table[who].groups[i], login);
	people->as[who] = pg_as(people->db, login);
	if (person && !*person)
		return;
	if (person) {
		pg_do(super,
			"select orderly.setup_put('person', '%s', '{\"name\": \"%s\", \"active\": %s}')",
			person, person, who == LEFT ? "false" : "true");
		pg_do(super,
			"select orderly.setup_put('login', '%s', '{\"person\": \"%s\", \"shared\": %s, "
			"\"blocked\": %s}')",
			login, person, who == SHARED ? "true" : "false",
			who == BLOCKED ? "true" : "false");
	} else {
		pg_do(super, "select orderly.login_add('%s', null)", login);
	}
	pg_do(super,
		who == NARROW
			? "select orderly.scope_set('%s', '{po-*}', '{H01}', '{public,internal}')"
			: "select orderly.scope_set('%s', '{*}', '{*}', "
			  "'{public,internal,confidential,phi}')",
		login);
}

void people_open(struct people *people, const char *name)
{
	*people = (struct people){.db = pg_store(name)};
	people->super = pg_super(people->db);
	for (enum who who = 0; who < N_WHO; who++)
		add(people, who);
	pg_expect_code(people->super, "done", "orderly.catalogue_import('%s', false)", catalogue);
}

void people_close(struct people *people)
{
	for (enum who who = 0; who < N_WHO; who++) {
		PQfinish(people->as[who]);
		free(people->login[who]);
	}
	PQfinish(people->super);
	pg_drop(people->db);
}

int people_setup(void **state)
{
	struct people *people = NEW(struct people);

	people_open(people, "people");
	*state = people;
	return 0;
}

int people_teardown(void **state)
{
	people_close(*state);
	free(*state);
	return 0;
}

void people_change(struct people *people, const char *kind, const char *code, const char *doc)
{
	char *id = pg_text(people->as[ADMIN],
		"select (orderly.change_propose(jsonb_build_array(jsonb_build_object('kind', '%s', "
		"'code', '%s', 'doc', '%s'::jsonb)), 'for the test')).id",
		kind, code, doc);

	pg_expect_code(people->as[APPROVER], "done", "orderly.change_decide(%s, true, 'seen')", id);
	free(id);
}

void pg_send(PGconn *conn, const char *sql, ...)
{
	char text[4096];
	va_list args;

	va_start(args, sql);
	vsnprintf(text, sizeof(text), sql, args);
	va_end(args);
	if (!PQsendQuery(conn, text))
		fail_msg("%s", PQerrorMessage(conn));
}

char *pg_wait_code(PGconn *conn)
{
	char *answer = NULL;
	PGresult *result;

	while ((result = PQgetResult(conn))) {
		const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

		if (state || (PQntuples(result) > 0 && PQnfields(result) > 1)) {
			free(answer);
			answer = mem_dup_str(state ? state : PQgetvalue(result, 0, 1));
		}
		PQclear(result);
	}
	return answer ? answer : mem_dup_str("");
}
