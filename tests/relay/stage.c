/* Targets, workers and dead letters for the tests of the relay.
 * What must come of them is for the tests to say. */
#include "stage.h"
#include "base/mem.h"
#include "unit.h"
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE 12000 /* naps */

void stage_nap(void)
{
	const struct timespec moment = {.tv_nsec = 5 * 1000 * 1000};

	(void)nanosleep(&moment, NULL);
}

/* ---- processes ----------------------------------------------------------------------------------- */

static pid_t spawn(const char *const argv[], int out_fd)
{
	pid_t parent = getpid(), pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || (out_fd >= 0 && dup2(out_fd, 1) < 0))
		_exit(126);
	(void)execv(argv[0], (char **)(uintptr_t)argv);
	_exit(127);
}

static void end_process(pid_t *pid, int signo)
{
	int status = 0;

	if (*pid <= 0)
		return;
	kill(*pid, signo);
	for (int i = 0; i < PATIENCE; i++) {
		if (waitpid(*pid, &status, WNOHANG) == *pid) {
			*pid = 0;
			return;
		}
		stage_nap();
	}
	fail_msg("process %d goes on", (int)*pid);
}

void stage_serve(struct stage *stage, int which, const char *const argv[])
{
	struct stage_target *target = &stage->targets[which];
	char line[200];
	int out[2];
	FILE *file;

	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	target->pid = spawn(argv, out[1]);
	close(out[1]);
	file = fdopen(out[0], "r");
	assert_non_null(file);
	if (!fgets(line, sizeof(line), file) || strncmp(line, "listening on port ", 18) != 0)
		fail_msg("%s does not listen", argv[0]);
	target->port = (int)strtol(line + 18, NULL, 10);
	(void)fclose(file);
}

void stage_target(struct stage *stage, int which, bool keeps_apart)
{
	char listen[32];
	const char *const argv[] = {"./orderly-sim", "target", "--listen", listen,
		keeps_apart ? "--keep-apart" : NULL, NULL};

	(void)snprintf(listen, sizeof(listen), "127.0.0.1:%d", stage->targets[which].port);
	stage_serve(stage, which, argv);
}

void stage_stop_target(struct stage *stage, int which, bool for_good)
{
	end_process(&stage->targets[which].pid, SIGKILL);
	if (for_good)
		stage->targets[which].port = 0;
}

static void start_worker(struct stage *stage, int which, const char *const argv[])
{
	assert_int_equal(stage->workers[which], 0);
	stage->workers[which] = spawn(argv, -1);
}

void stage_orderlyd(struct stage *stage, int which)
{
	char name[16], log[256], ca[300];
	const char *argv[20] = {"./orderlyd", "--conninfo", str_cstr(&stage->conninfo), "--name",
		name, "--log", log, "--log-level", "debug", "--secrets", stage->folder};
	const char **arg = argv + 11;

	(void)snprintf(name, sizeof(name), "w%d", which);
	(void)snprintf(log, sizeof(log), "%s/log", stage->folder);
	(void)snprintf(ca, sizeof(ca), "%s/ca.pem", stage->folder);
	if (access(ca, R_OK) == 0) {
		*arg++ = "--ca-file";
		*arg++ = ca;
	}
	if (stage->listen) {
		*arg++ = "--listen";
		*arg++ = stage->listen;
	}
	start_worker(stage, which, argv);
}

void stage_victim(struct stage *stage, int which, int step, int nth)
{
	char name[16], step_text[16], nth_text[16];
	const char *const argv[] = {
		"tests/relay/victim", str_cstr(&stage->conninfo), name, step_text, nth_text, NULL};

	(void)snprintf(name, sizeof(name), "w%d", which);
	(void)snprintf(step_text, sizeof(step_text), "%d", step);
	(void)snprintf(nth_text, sizeof(nth_text), "%d", nth);
	start_worker(stage, which, argv);
}

void stage_end(struct stage *stage, int which, int signo)
{
	end_process(&stage->workers[which], signo);
}

bool stage_is_dead(struct stage *stage, int which)
{
	int status;

	if (stage->workers[which] && waitpid(stage->workers[which], &status, WNOHANG) > 0)
		stage->workers[which] = 0;
	return stage->workers[which] == 0;
}

/* ---- the target's own words ------------------------------------------------------------------------ */

char *stage_ask(struct stage *stage, int which, const char *path, const char *body)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)stage->targets[which].port),
		.sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct str text = STR_INIT((size_t)64 * 1024 * 1024);
	char bytes[65536], *head;
	ssize_t n;

	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	str_addf(&text,
		"%s %s HTTP/1.1\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
		body ? "POST" : "GET", path, body ? strlen(body) : 0, body ? body : "");
	assert_int_equal(send(fd, text.at, text.len, MSG_NOSIGNAL), (ssize_t)text.len);
	str_reset(&text);
	while ((n = recv(fd, bytes, sizeof(bytes), 0)) > 0)
		str_add(&text, (struct slice){bytes, (size_t)n});
	close(fd);
	head = strstr(str_cstr(&text), "\r\n\r\n");
	assert_non_null(head);
	memmove(text.at, head + 4, strlen(head + 4) + 1);
	return text.at;
}

void stage_fault(struct stage *stage, int which, const char *fault)
{
	char *answer = stage_ask(stage, which, "/sim/fault", fault);

	assert_string_equal(answer, "");
	free(answer);
}

int64_t stage_count(struct stage *stage, int which, const char *what)
{
	char *counts = stage_ask(stage, which, "/sim/counts", NULL);
	int64_t n =
		pg_int(stage->people.super, "select ('%s'::jsonb ->> '%s')::int8", counts, what);

	free(counts);
	return n;
}

/* ---- the store ----------------------------------------------------------------------------------- */

void stage_interface(struct stage *stage, const char *code, const char *more, const char *endpoint)
{
	struct str doc = STR_INIT(8192);

	if (pg_int(stage->people.super, "select count(*) from orderly.system where code = '%s'",
		    code) == 0) {
		str_addf(&doc, "{\"title\": \"%s\", \"kind\": \"other\"}", code);
		people_change(&stage->people, "system", code, str_cstr(&doc));
		str_reset(&doc);
	}
	str_addf(&doc,
		"{\"title\": \"%s\", \"source\": \"odoo\", \"target\": \"%s\", \"style\": \"rest\","
		" \"timing\": \"real-time\", \"data_class\": \"internal\", \"replay_policy\": \"free\","
		" \"replay_limit\": 10000, \"quarantine_after\": 100, \"endpoint\": %s%s}",
		code, code, endpoint, more);
	people_change(&stage->people, "interface", code, str_cstr(&doc));
	str_done(&doc);
}

char *stage_endpoint(struct stage *stage, int which, const char *more)
{
	struct str text = STR_INIT(4096);

	str_addf(&text,
		"{\"kind\": \"http\", \"url\": \"http://127.0.0.1:%d/{interface}/{business_key}\","
		" \"headers\": {\"X-Business-Key\": \"{business_key}\", \"X-Ordering-Key\": "
		"\"{ordering_key}\"}%s}",
		stage->targets[which].port, more);
	return text.at;
}

void stage_die(struct stage *stage, const char *interface, const char *prefix, int n, int keys)
{
	for (int from = 1; from <= n; from += 500)
		traffic_ingest(&stage->people,
			"select jsonb_agg(public.ev('%s', '%s' || lpad(i::text, 5, '0'), k, now() - interval '1 hour' + i * interval"
			" '1 ms', case k when 'received' then jsonb_build_object('facility', 'H01',"
			" 'business_key', '%s' || lpad(i::text, 5, '0'), 'ordering_key', case when %d > 0 then 'key ' || i %% greatest(%d, 1) end,"
			" 'payload', jsonb_build_object('kind', 'inbound', 'content_type', 'application/json',"
			" 'body', '{\"order\": ' || i || '}'))"
			" else jsonb_build_object('class', 'mapping', 'text', 'unknown') end) order by i, k desc)"
			" from generate_series(%d, %d) i, unnest(array['received', 'dead']) k",
			interface, prefix, prefix, keys, keys, from,
			from + 499 < n ? from + 499 : n);
	traffic_duty(&stage->people, "dead_letters");
}

int64_t stage_ask_for(struct stage *stage, const char *interface, const char *options)
{
	PGconn *operator= stage->people.as[OPERATOR];

	pg_do(operator, "create temp table if not exists wished (r orderly.result)");
	pg_do(operator,
		"truncate wished; insert into wished select r from (select orderly.replay_ask(array("
		"select l.id from orderly.dead_letter l join orderly.interface f on f.id = l.interface"
		" where f.code = '%s' and l.unresolved order by l.id), 'it was mended', '%s') as r offset 0) s",
		interface, options);
	pg_expect_text(operator, "done", "select (r).code from wished");
	return pg_int(operator, "select (r).id from wished");
}

void stage_expire(struct stage *stage, int alive)
{
	pg_do(stage->people.super,
		"update orderly.replay_item set lease_until = now() where state in ('claimed', 'sending')"
		" and worker <> 'w%d'",
		alive);
	traffic_duty(&stage->people, "replay_leases");
	pg_do(stage->people.super,
		"update orderly.replay_item set next_try_at = now() where state = 'waiting'");
	traffic_duty(&stage->people, "replay_progress");
}

void stage_until(struct stage *stage, const char *want, const char *sql, ...)
{
	char *question, *got = NULL;
	va_list args;

	va_start(args, sql);
	if (vasprintf(&question, sql, args) < 0)
		fail();
	va_end(args);
	for (int i = 0; i < PATIENCE; i++) {
		free(got);
		got = pg_text(stage->people.super, "select (%s)::text", question);
		if (strcmp(got, want) == 0)
			break;
		stage_nap();
	}
	if (strcmp(got, want) != 0)
		fail_msg("waited for %s in vain, it is %s: %s", want, got, question);
	free(got);
	free(question);
}

/* ---- the whole ----------------------------------------------------------------------------------- */

void stage_open(struct stage *stage, const char *name)
{
	const char *folder = getenv("TMPDIR");

	*stage = (struct stage){.conninfo = STR_INIT(4096)};
	traffic_open(&stage->people, name);
	if (asprintf(&stage->folder, "%s/relay-XXXXXX", folder ? folder : "/tmp") < 0 ||
		!mkdtemp(stage->folder))
		fail_msg("%s", strerror(errno));
	str_addf(&stage->conninfo, "host='%s' user='%s' dbname='%s'", getenv("ORDERLY_TEST_PG"),
		stage->people.login[WORKER], stage->people.db);
}

static void remove_folder(const char *path)
{
	DIR *folder = opendir(path);
	struct dirent *entry;

	while (folder && (entry = readdir(folder)))
		if (entry->d_name[0] != '.')
			(void)unlinkat(dirfd(folder), entry->d_name, 0);
	if (folder)
		closedir(folder);
	(void)rmdir(path);
}

void stage_close(struct stage *stage)
{
	for (int i = 0; i < STAGE_WORKERS; i++)
		end_process(&stage->workers[i], SIGKILL);
	for (int i = 0; i < STAGE_TARGETS; i++)
		end_process(&stage->targets[i].pid, SIGKILL);
	people_close(&stage->people);
	remove_folder(stage->folder);
	free(stage->folder);
	str_done(&stage->conninfo);
}
