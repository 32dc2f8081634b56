/* A store with people in it: someone of each role, those who must not get far, and a catalogue that
 * is just large enough to have something in scope and something out of it. */
#ifndef TESTS_LIB_PEOPLE_H
#define TESTS_LIB_PEOPLE_H

#include "pg.h"

/* Every login is known to the store and sees everything, unless its line says otherwise. */
enum who {
	SUPPORT,
	OPERATOR,
	APPROVER,
	APPROVER2, /* another person of that role */
	SECURITY,
	ADMIN,
	ADMIN_TWIN, /* the person of ADMIN with another login, as approver */
	NARROW, /* operator: interfaces po-*, facility H01, no phi */
	SHARED, /* operator and approver and admin, marked as shared */
	BLOCKED, /* the same, blocked */
	LEFT, /* the same, of a person who is no longer active */
	UNKNOWN, /* the same roles in PostgreSQL, unknown to the store */
	NO_ROLE, /* known, member of nothing */
	INGEST,
	WORKER,
	N_WHO
};

struct people {
	char *db;
	PGconn *super;
	char *login[N_WHO];
	PGconn *as[N_WHO];
};

extern const char *const who_name[N_WHO];

void people_open(struct people *people, const char *name);
void people_close(struct people *people);

/* For cmocka's group set-up and tear-down: *state is a struct people. */
int people_setup(void **state);
int people_teardown(void **state);

/* Proposes one object as ADMIN and has APPROVER approve it. */
void people_change(struct people *people, const char *kind, const char *code, const char *doc);

/* Takes up the whole script; stands for what two sessions do one after the other. */
void pg_send(PGconn *conn, const char *sql, ...) PG_PRINTF(2);
/* The code of the act that was sent, or the SQLSTATE of its failure; the caller frees. */
char *pg_wait_code(PGconn *conn);

#endif
