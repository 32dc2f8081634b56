/* The store's versions: how a store is made, brought up to date, and asked how far it is.
 *
 * Migrations are files src/store/migrations/NNNN-topic.sql, embedded at build and run in order, each
 * once, under a lock that keeps two upgrades apart. One of the first kind is one transaction with
 * its row in orderly.version: it is there wholly or not at all. One of the second kind
 * ("rerunnable": what cannot run in a transaction) goes statement by statement and is written down
 * when all are through; broken off half way, it is run again from its start.
 *
 * Everything here blocks: it is for the command line, never for the loop. */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include "base/err.h"
#include "base/str.h"
#include <stdbool.h>
#include <stddef.h>

struct migration {
	int number;
	const char *name; /* "0001-store" */
	bool rerunnable;
	const char *text; /* with {store} in it */
};

const struct migration *migration_all(size_t *ret_n);

enum migrate_state {
	MIGRATE_NONE, /* no store in this database */
	MIGRATE_BEHIND, /* older than the program: upgrade */
	MIGRATE_CURRENT,
	MIGRATE_AHEAD, /* newer than the program: refused */
};

struct migrate_status {
	enum migrate_state state;
	int version; /* of the store; 0 when none */
	int newest; /* that the program knows */
	char store[21]; /* its name, "" when none */
};

struct migrate;

struct migrate_options {
	const char *conninfo;
	const char *password; /* NULL: as libpq finds it */
	/* What the program brings; NULL: the embedded ones. Tests bring their own. */
	const struct migration *migrations;
	size_t n_migrations;
	/* Told before each migration is run. May be NULL. */
	void (*progress)(void *ctx, const struct migration *migration);
	void *ctx;
};

/* [a-z][a-z0-9]{0,19}: it becomes part of role names. */
bool migrate_store_name_valid(const char *name);

/* Whether a program that knows that newest version may work on a store of this one; else -EPROTO, and
 * what is to be done about it. 0 as the newest: any. */
int migrate_fits(int64_t version, int newest, struct err *err);

int migrate_open(const struct migrate_options *options, struct migrate **ret, struct err *err);
void migrate_close(struct migrate *migrate); /* NULL is fine */
void migrate_closep(struct migrate **migrate);

int migrate_status(struct migrate *migrate, struct migrate_status *ret, struct err *err);

/* -EEXIST when there is a store already. */
int migrate_init(struct migrate *migrate, const char *store, struct err *err);

/* -ENOENT without a store, -EPROTO when it is newer than the program, -EBUSY while another upgrade
 * runs. A migration that fails leaves the ones before it in place, and can be tried again. */
int migrate_upgrade(struct migrate *migrate, struct err *err);

/* Replaces {store} in a migration's text. */
void migrate_text(struct str *out, const char *text, const char *store);

/* Takes the next statement off *rest: up to a ';' outside of quotes, dollar quotes, comments and
 * parentheses. False when nothing but blanks and comments is left. */
bool migrate_next_statement(struct slice *rest, struct slice *ret_statement);

#endif
