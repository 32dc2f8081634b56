/* Connects to PostgreSQL in a helper thread, and says in plain words why not.
 * Leaves trying again to the pool, and everything after the handshake to conn.c.
 * Called by the pool. */
#include "connect.h"
#include "base/mem.h"
#include "base/str.h"
#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	PARAMS_MAX = 12,
	MESSAGE_MAX = 400,
};

struct connecting {
	struct loop *loop;
	struct secret_fetch
		*fetch; /* while the password is fetched, before the thread is started */
	char *conninfo, *application, *options, *password;
	char timeout[16]; /* whole seconds, for libpq */
	int64_t timeout_us;
	const char *names[PARAMS_MAX], *values[PARAMS_MAX];
	struct connect_result result;
	void (*done)(void *ctx, struct connect_result *result); /* NULL: abandoned */
	void *ctx;
};

/* What the conninfo says wins over what stands before it and loses against what stands behind. */
static void fill_params(struct connecting *job)
{
	const char *const params[][2] = {
		{"connect_timeout", job->timeout},
		{"keepalives_idle", "20"},
		{"keepalives_interval", "5"},
		{"keepalives_count", "3"},
		{"tcp_user_timeout", "30000"},
		{"dbname", job->conninfo},
		{"application_name", job->application},
		{"client_encoding", "UTF8"},
		{"options", job->options},
		{"password", job->password},
	};

	for (size_t i = 0; i < ARRAY_LEN(params); i++) {
		job->names[i] = params[i][0];
		job->values[i] = params[i][1];
	}
}

static void free_conninfo(PQconninfoOption **options)
{
	PQconninfoFree(*options);
}

static const char *conninfo_value(const PQconninfoOption *options, const char *keyword)
{
	for (; options && options->keyword; options++)
		if (strcmp(options->keyword, keyword) == 0)
			return options->val && *options->val ? options->val : NULL;
	return NULL;
}

int connect_check(const char *conninfo, struct err *err)
{
	CLEANUP(free_conninfo)
	PQconninfoOption *options = NULL;
	char *message = NULL;

	options = PQconninfoParse(conninfo, &message);
	PQfreemem(message);
	if (!options)
		return err_set(err, -EINVAL, "the store's connection settings cannot be read");
	return 0;
}

/* The session's settings travel in the startup packet, so that they cost no round trip; those that
 * the user gives stay. The server looks once a second whether somebody still listens, so that a
 * query does not outlive a console that was killed. */
static char *session_options(const char *conninfo, int64_t statement_timeout_us)
{
	CLEANUP(free_conninfo)
	PQconninfoOption *parsed = PQconninfoParse(conninfo, NULL);
	const char *given = conninfo_value(parsed, "options");
	struct str out = STR_INIT(64 * 1024);

	if (!given)
		given = getenv("PGOPTIONS");
	str_addf(&out,
		"%s%s-c jit=off -c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=iso_8601 -c bytea_output=hex "
		"-c extra_float_digits=1 -c client_connection_check_interval=1000 "
		"-c statement_timeout=%lld",
		given ? given : "", given ? " " : "", (long long)(statement_timeout_us / MS_US));
	return out.at;
}

static int64_t mono_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * S_US + now.tv_nsec / 1000;
}

/* Where libpq is in its list of hosts; a new place has its own time. */
static void place(PGconn *pg, struct str *out)
{
	const char *host = PQhost(pg), *address = PQhostaddr(pg), *port = PQport(pg);

	str_reset(out);
	str_addf(out, "%s %s %s", host ? host : "", address ? address : "", port ? port : "");
}

static bool wait_for(PGconn *pg, PostgresPollingStatusType what, int64_t until_us)
{
	struct pollfd fd = {
		.fd = PQsocket(pg), .events = what == PGRES_POLLING_READING ? POLLIN : POLLOUT};
	int64_t left_us = until_us - mono_us();

	return left_us > 0 && poll(&fd, 1, (int)(left_us / MS_US) + 1) != 0;
}

/* As PQconnectdbParams, but with the error's code in the message, which cannot be asked for once it
 * has failed. Returns false when a host did not answer in time. */
static bool connect_watched(struct connecting *job, PGconn **ret_pg)
{
	CLEANUP(str_done)
	struct str before = STR_INIT(64 * 1024), now = STR_INIT(64 * 1024);
	PGconn *pg = PQconnectStartParams(job->names, job->values, 1);
	PostgresPollingStatusType what = PGRES_POLLING_WRITING;
	int64_t until_us = mono_us() + job->timeout_us;

	*ret_pg = pg;
	if (PQstatus(pg) == CONNECTION_BAD)
		return true;
	PQsetErrorVerbosity(pg, PQERRORS_VERBOSE);
	place(pg, &before);
	while (what != PGRES_POLLING_OK && what != PGRES_POLLING_FAILED) {
		if (!wait_for(pg, what, until_us))
			return false;
		what = PQconnectPoll(pg);
		place(pg, &now);
		if (slice_eq(str_slice(&before), str_slice(&now)))
			continue;
		until_us = mono_us() + job->timeout_us;
		str_reset(&before);
		str_add(&before, str_slice(&now));
	}
	PQsetErrorVerbosity(pg, PQERRORS_DEFAULT);
	return true;
}

static bool several_hosts(PGconn *pg)
{
	CLEANUP(free_conninfo)
	PQconninfoOption *options = PQconninfo(pg);
	const char *host = conninfo_value(options, "host");
	const char *address = conninfo_value(options, "hostaddr");

	return (host && strchr(host, ',')) || (address && strchr(address, ','));
}

/* Finds "FATAL:  28P01: " in the last line that has one: two blanks stand behind the severity,
 * whatever its language, and nowhere else. Returns the text behind it. */
static const char *find_sqlstate(const char *message, char sqlstate[6])
{
	const char *text = NULL;

	for (const char *at = message; (at = strstr(at, ":  ")); at += 3) {
		size_t len = strspn(at + 3, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");

		if (len != 5 || at[8] != ':')
			continue;
		memcpy(sqlstate, at + 3, 5);
		sqlstate[5] = '\0';
		text = at + 10;
	}
	return text;
}

/* Trying again does not help: authorisation, the database's or a setting's name, a server that is
 * too old for a setting. Starting up, shutting down and "too many connections" pass by. */
static bool refuses(const char *sqlstate)
{
	static const char *const classes[] = {"28", "3D", "42", "22", "0A", "08P01"};

	for (size_t i = 0; i < ARRAY_LEN(classes); i++)
		if (strncmp(sqlstate, classes[i], strlen(classes[i])) == 0)
			return true;
	return false;
}

/* Adds one line of libpq's message without what is only for those who read its source. */
static void add_line(struct str *out, struct slice line)
{
	static const char *const noise[] = {"\t", "LOCATION:", "DETAIL:", "HINT:"};

	for (size_t i = 0; i < ARRAY_LEN(noise); i++)
		if (slice_starts(line, slice_of(noise[i])))
			return;
	line = slice_trim(line);
	if (line.len == 0)
		return;
	if (out->len)
		str_adds(out, "; ");
	str_add(out, line);
}

static void hide(struct str *text, const char *secret)
{
	char *found;

	if (!secret || !*secret || !text->at)
		return;
	while ((found = strstr(text->at, secret))) {
		memset(found, '*', strlen(secret));
		if (strspn(secret, "*") == strlen(secret))
			return;
	}
}

static void explain(struct connecting *job, PGconn *pg)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(MESSAGE_MAX);
	CLEANUP(free_conninfo)
	PQconninfoOption *options = PQconninfo(pg);
	const char *message = PQerrorMessage(pg);
	struct slice rest = slice_of(message), line;
	const char *said = find_sqlstate(message, job->result.sqlstate);

	if (said)
		str_add(&text, slice_head(slice_of(said), strcspn(said, "\n")));
	else
		while (slice_cut(&rest, '\n', &line))
			add_line(&text, line);
	hide(&text, conninfo_value(options, "password"));
	hide(&text, job->password);
	hide(&text, PQpass(pg));
	job->result.refused =
		refuses(job->result.sqlstate) ||
		(!said && (PQconnectionNeedsPassword(pg) || PQconnectionUsedPassword(pg)));
	err_set(&job->result.err, job->result.refused ? -EPERM : -ENOTCONN, "%s",
		text.len ? str_cstr(&text) : "the server cannot be reached");
}

static void work(void *arg)
{
	struct connecting *job = arg;
	PGconn *pg = NULL;
	bool in_time = connect_watched(job, &pg);

	/* Only libpq itself can go on to the next host from one that hangs. */
	if (!in_time && several_hosts(pg)) {
		PQfinish(pg);
		pg = PQconnectdbParams(job->names, job->values, 1);
		in_time = true;
	}
	if (in_time && PQstatus(pg) == CONNECTION_OK) {
		job->result.pg = pg;
		return;
	}
	if (in_time)
		explain(job, pg);
	else
		err_set(&job->result.err, -ETIMEDOUT, "no answer from the server within %s s",
			job->timeout);
	PQfinish(pg);
}

static void free_secret(char *text)
{
	if (text)
		mem_wipe(text, strlen(text));
	free(text);
}

static void connecting_free(struct connecting *job)
{
	PQfinish(job->result.pg);
	secret_drop(job->fetch);
	free_secret(job->conninfo);
	free_secret(job->password);
	free(job->application);
	free(job->options);
	free(job);
}

static void finished(void *arg)
{
	struct connecting *job = arg;

	if (job->done)
		job->done(job->ctx, &job->result);
	connecting_free(job);
}

/* Without its password it is not tried, and not tried again by itself: the command may ask a person. */
static void on_password(void *ctx, struct slice secret, const struct err *err)
{
	struct connecting *job = ctx;

	job->fetch = NULL;
	if (err) {
		job->result.err = *err;
		job->result.refused = true;
		finished(job);
		return;
	}
	job->password = mem_dup(secret.at, secret.len);
	fill_params(job);
	loop_help(job->loop, work, finished, job);
}

struct connecting *connect_start(struct loop *loop, const struct connect_options *options,
	void (*done)(void *ctx, struct connect_result *result), void *ctx)
{
	struct connecting *job = NEW(struct connecting);
	int64_t seconds = (options->timeout_us + S_US - 1) / S_US;

	job->conninfo = mem_dup_str(options->conninfo);
	job->application = mem_dup_str(options->application ? options->application : "orderly");
	job->options = session_options(options->conninfo, options->statement_timeout_us);
	snprintf(job->timeout, sizeof(job->timeout), "%d", (int)seconds);
	job->timeout_us = options->timeout_us;
	job->done = done;
	job->ctx = ctx;
	job->loop = loop;
	if (options->password.file || options->password.command) {
		job->fetch = secret_fetch(loop, &options->password, 0, on_password, job);
		return job;
	}
	fill_params(job);
	loop_help(loop, work, finished, job);
	return job;
}

void connect_abandon(struct connecting *connecting)
{
	if (!connecting)
		return;
	connecting->done = NULL;
	if (connecting->fetch)
		connecting_free(connecting); /* no thread has it yet */
}
