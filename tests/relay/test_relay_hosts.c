/* orderlyd on two hosts: each with a host name of its own, and the store at the end of a TCP line of its
 * own. One host loses its line, then its power; the other one takes over what it held, and each
 * item has been applied once. */
#include "stage.h"
#include "unit.h"
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define ITEMS 120

struct host {
	const char *name;
	pid_t line_pid, pid;
	FILE *orders, *answers; /* of the line */
	struct str conninfo;
};

static struct host hosts[] = {{.name = "ward-east"}, {.name = "ward-west"}};

static void expect_answer(struct host *host, const char *want, char *line, int size)
{
	if (!fgets(line, size, host->answers) || strncmp(line, want, strlen(want)) != 0)
		fail_msg("the line of %s says \"%s\"", host->name, line);
}

/* A proxy that can be cut, on a port of its own. */
static void lay_line(struct host *host, struct stage *stage)
{
	char socket[300], line[300] = "";
	int in[2], out[2];

	(void)snprintf(socket, sizeof(socket), "unix:%s/.s.PGSQL.5432", getenv("ORDERLY_TEST_PG"));
	assert_int_equal(pipe2(in, O_CLOEXEC) | pipe2(out, O_CLOEXEC), 0);
	host->line_pid = fork();
	if (host->line_pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (dup2(in[0], 0) == 0 && dup2(out[1], 1) == 1)
			execl("tests/faultproxy", "faultproxy", "tcp:127.0.0.1:0", socket, NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	host->orders = fdopen(in[1], "w");
	host->answers = fdopen(out[0], "r");
	expect_answer(host, "listening tcp:127.0.0.1:", line, sizeof(line));
	host->conninfo = STR_INIT(1000);
	str_addf(&host->conninfo, "host=127.0.0.1 port=%d user='%s' dbname='%s'",
		(int)strtol(strrchr(line, ':') + 1, NULL, 10), stage->people.login[WORKER],
		stage->people.db);
}

static void tell_line(struct host *host, const char *order)
{
	char line[300] = "";

	(void)fprintf(host->orders, "%s\n", order);
	(void)fflush(host->orders);
	expect_answer(host, "ok", line, sizeof(line));
}

/* In the child: under a host name that no other process has. */
static bool become(const char *name)
{
	return unshare(geteuid() == 0 ? CLONE_NEWUTS : CLONE_NEWUSER | CLONE_NEWUTS) == 0 &&
	       sethostname(name, strlen(name)) == 0;
}

static bool hosts_can_be_named(void)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0)
		_exit(become("somewhere") ? 0 : 1);
	return waitpid(pid, &status, 0) == pid && status == 0;
}

static void boot(struct host *host)
{
	host->pid = fork();
	if (host->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (become(host->name))
			execl("./orderlyd", "./orderlyd", "--conninfo", str_cstr(&host->conninfo),
				"--log", "/dev/null", NULL);
		_exit(127);
	}
}

static void end(struct host *host, int signo)
{
	int status;

	if (host->pid > 0) {
		kill(host->pid, signo);
		assert_int_equal(waitpid(host->pid, &status, 0), host->pid);
	}
	host->pid = 0;
}

static void raze(struct host *host)
{
	end(host, SIGKILL);
	(void)fclose(host->orders);
	(void)fclose(host->answers);
	assert_int_equal(waitpid(host->line_pid, NULL, 0), host->line_pid);
	str_done(&host->conninfo);
}

static int set_up(void **state)
{
	struct stage *stage = NEW(struct stage);

	stage_open(stage, "hosts");
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++)
		lay_line(&hosts[i], stage);
	*state = stage;
	return 0;
}

static int tear_down(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++)
		raze(&hosts[i]);
	stage_close(*state);
	free(*state);
	return 0;
}

static void what_a_lost_host_held_another_one_takes_over(void **state)
{
	struct stage *stage = *state;
	PGconn *super = stage->people.super;
	char *endpoint;
	int64_t id;

	stage_target(stage, 0, true);
	endpoint = stage_endpoint(stage, 0, "");
	stage_interface(stage, "rounds", ", \"idempotency\": \"key\"", endpoint);
	free(endpoint);
	stage_die(stage, "rounds", "ro-", ITEMS, 0);
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++)
		boot(&hosts[i]);
	stage_until(stage, "ward-east ward-west",
		"select string_agg(detail ->> 'host', ' ' order by name) from orderly.worker where name ~"
		" '^ward-(east|west):'");
	stage_fault(stage, 0, "slow=200");
	id = stage_ask_for(stage, "rounds", "{\"stages\": []}");
	stage_until(stage, "ward-east ward-west",
		"select string_agg(distinct split_part(worker, chr(58), 1), ' ') from orderly.replay_item"
		" where request = %lld and state = 'sending'",
		(long long)id);
	/* It goes on sending for a moment, and nobody hears of it any more. */
	tell_line(&hosts[0], "stall");
	end(&hosts[0], SIGKILL);
	stage_fault(stage, 0, "clear");
	stage_until(stage, "0",
		"select count(*) from orderly.replay_item where request = %lld and live and worker !~"
		" '^ward-east'",
		(long long)id);
	assert_true(
		pg_int(super,
			"select count(*) from orderly.replay_item where request = %lld and state in"
			" ('claimed', 'sending')",
			(long long)id) > 0);
	/* Its leases run out, as if the time had passed; the duty that sees it is the other host's. */
	pg_do(super,
		"update orderly.replay_item set lease_until = now() where worker ~ '^ward-east' and"
		" state in ('claimed', 'sending')");
	stage_until(stage, "0",
		"select count(*) from orderly.replay_item where request = %lld and lease_until <= now()",
		(long long)id);
	pg_do(super, "update orderly.replay_item set next_try_at = now() where state = 'waiting'");
	stage_until(stage, "done", "select state from orderly.replay_request where id = %lld",
		(long long)id);
	pg_expect_int(super, ITEMS,
		"select count(*) from orderly.replay_item where request = %lld and state = 'delivered'",
		(long long)id);
	assert_int_equal(stage_count(stage, 0, "keys"), ITEMS);
	assert_int_equal(stage_count(stage, 0, "twice"), 0);
	traffic_check(&stage->people, "check_replays");
	end(&hosts[1], SIGTERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_lost_host_held_another_one_takes_over),
	};

	if (pg_missing())
		return pg_skip();
	if (!hosts_can_be_named()) {
		puts("this system gives no process a host name of its own");
		return 77;
	}
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
