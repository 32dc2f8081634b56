/* A follower of the feed.
 * Where rows come from is the store's.
 * Called by the tests of followers. */
#include "follower.h"
#include "unit.h"

void follower_init(struct follower *follower)
{
	*follower = (struct follower){
		.era = mem_dup_str(""), .xid = mem_dup_str("0"), .seq = mem_dup_str("0")};
}

void follower_done(struct follower *follower)
{
	for (size_t i = 0; i < follower->n_keys; i++)
		free(follower->keys[i]);
	free(follower->keys);
	free(follower->era);
	free(follower->xid);
	free(follower->seq);
}

bool follower_has(const struct follower *follower, const char *key)
{
	for (size_t i = 0; i < follower->n_keys; i++)
		if (strcmp(follower->keys[i], key) == 0)
			return true;
	return false;
}

static void set(char **text, const char *value)
{
	free(*text);
	*text = mem_dup_str(value);
}

static void take(struct follower *follower, const char *key)
{
	if (follower_has(follower, key)) {
		follower->repeats++;
		return;
	}
	follower->keys = realloc(follower->keys, (follower->n_keys + 1) * sizeof(*follower->keys));
	assert_non_null(follower->keys);
	follower->keys[follower->n_keys++] = mem_dup_str(key);
}

void follower_read(struct follower *follower, PGconn *conn)
{
	int n;

	do {
		const char *params[] = {follower->era, follower->xid, follower->seq};
		PGresult *rows = pg_query_params(conn,
			"select e.code, f.xid, f.seq, f.kind, m.message_id || '/' || encode(f.key, 'hex')"
			" from orderly.feed_after($1, $2, $3::bigint, 7) f"
			" left join orderly.era e on e.id = f.era"
			" left join orderly.message m on m.id = f.transaction order by f.era, f.xid, f.seq",
			3, params);

		n = PQntuples(rows);
		for (int i = 0; i < n; i++)
			if (!PQgetisnull(rows, i, 3))
				take(follower, PQgetvalue(rows, i, 4));
		if (n) {
			set(&follower->era, PQgetvalue(rows, n - 1, 0));
			set(&follower->xid, PQgetvalue(rows, n - 1, 1));
			set(&follower->seq, PQgetvalue(rows, n - 1, 2));
		}
		PQclear(rows);
	} while (n);
}

void follower_expect_all(const struct follower *follower, PGconn *super)
{
	PGresult *rows = pg_query(super,
		"select m.message_id || '/' || encode(e.key, 'hex') from orderly.event e"
		" join orderly.message m on m.id = e.transaction");
	int n = PQntuples(rows);

	for (int i = 0; i < n; i++)
		if (!follower_has(follower, PQgetvalue(rows, i, 0)))
			fail_msg("missed %s", PQgetvalue(rows, i, 0));
	PQclear(rows);
	assert_int_equal(follower->n_keys, n);
}
