/* Makes a store that the simulated traffic can be written to, and that people can look at.
 * Who they are is in sim/people.h, the catalogue in the estate.
 * Called by `orderly-sim setup`. */
#include "setup.h"
#include "base/mem.h"
#include "catalogue.h"
#include "sim/people.h"
#include "store/migrate.h"
#include "store/session.h"
#include <errno.h>

#define CATALOGUE_MAX (4 << 20)

struct person {
	const char *login, *name, *role, *interfaces, *facilities, *classes;
};

#define PERSON(login, name, role, interfaces, facilities, classes) \
	{login, name, role, interfaces, facilities, classes},
static const struct person people[] = {SIM_PEOPLE(PERSON)};
#undef PERSON

static const struct {
	const char *login, *role;
} machines[] = {{"sim.gateway", "ingest"}, {"orderlyd", "worker"}};

static int bring_up_to_date(const char *conninfo, struct err *err)
{
	const struct migrate_options options = {.conninfo = conninfo};
	CLEANUP(migrate_closep)
	struct migrate *migrate = NULL;
	struct migrate_status status;
	int r = migrate_open(&options, &migrate, err);

	if (r < 0 || (r = migrate_status(migrate, &status, err)) < 0)
		return r;
	if (status.state == MIGRATE_NONE)
		return migrate_init(migrate, SIM_STORE, err);
	return status.state == MIGRATE_CURRENT ? 0 : migrate_upgrade(migrate, err);
}

static int make_login(struct session *session, const char *login, const char *role, struct err *err)
{
	CLEANUP(str_done)
	struct str sql = STR_INIT(1024), roles = STR_INIT(64);
	const char *params[] = {login, NULL};
	int r = session_value(session,
		"select format('create role %I login', $1::text)"
		" where not exists (select from pg_roles where rolname = $1)",
		1, params, &sql, err);

	if (r == 0 && sql.len)
		r = session_value(session, str_cstr(&sql), 0, NULL, NULL, err);
	str_addf(&roles, "{%s}", role);
	params[1] = str_cstr(&roles);
	return r < 0 ? r
		     : session_value(session, "select orderly.member_set($1, $2::text[])", 2,
			       params, NULL, err);
}

static int make_person(struct session *session, const struct person *person, struct err *err)
{
	const char *name[] = {person->login, person->name};
	const char *scope[] = {
		person->login, person->interfaces, person->facilities, person->classes};
	int r = make_login(session, person->login, person->role, err);

	if (r < 0 || (r = session_act(session, "orderly.person_add($1, $2)", 2, name, err)) < 0 ||
		(r = session_act(session, "orderly.login_add($1, $1)", 1, name, err)) < 0)
		return r;
	return session_act(session, "orderly.scope_set($1, $2::text[], $3::text[], $4::text[])", 4,
		scope, err);
}

static int make_machine(
	struct session *session, const char *login, const char *role, struct err *err)
{
	int r = make_login(session, login, role, err);

	return r < 0 ? r : session_act(session, "orderly.login_add($1, null)", 1, &login, err);
}

/* Once: later the catalogue belongs to those who propose and decide changes. */
static int import_catalogue(struct session *session, struct err *err)
{
	CLEANUP(str_done)
	struct str doc = STR_INIT(CATALOGUE_MAX), there = STR_INIT(64);
	const char *params[1];
	int r = session_value(session, "select 1 from orderly.import where origin = 'first_import'",
		0, NULL, &there, err);

	if (r < 0 || there.len)
		return r;
	sim_catalogue(&doc);
	params[0] = str_cstr(&doc);
	return session_act(session,
		"orderly.catalogue_import($1::jsonb, false, 'the estate of the demo')", 1, params,
		err);
}

int sim_setup(const char *conninfo, struct err *err)
{
	CLEANUP(session_closep)
	struct session *session = NULL;
	int r;

	if ((r = session_make_database(conninfo, err)) < 0 ||
		(r = bring_up_to_date(conninfo, err)) < 0 ||
		(r = session_open(conninfo, &session, err)) < 0)
		return r;
	for (size_t i = 0; i < ARRAY_LEN(people) && r == 0; i++)
		r = make_person(session, &people[i], err);
	for (size_t i = 0; i < ARRAY_LEN(machines) && r == 0; i++)
		r = make_machine(session, machines[i].login, machines[i].role, err);
	return r < 0 ? r : import_catalogue(session, err);
}
