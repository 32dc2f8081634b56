/* The desk of odoo_desk.h: real sockets, a real store; whatever is waited for is a condition. */
#include "odoo_desk.h"
#include "unit.h"
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define PATIENCE_US (120 * S_US)
#define LOOK_US (20 * MS_US)

static void write_key(struct odoo_sim *sim, const char *path)
{
	const char *key = odoo_sim_key(sim, "admin");
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, key, strlen(key)), strlen(key));
	close(fd);
}

static struct odoo_named odoo_at(const char *system, const struct str *url, const struct str *key)
{
	return (struct odoo_named){.system = system,
		.client = {.url = str_cstr(url),
			.database = "hospital",
			.login = "admin",
			.deadline_us = 2 * S_US,
			.secret.file = str_cstr(key)}};
}

static void start_worker(struct desk *desk)
{
	size_t n = 0;
	struct worker_options options = {.conninfo = str_cstr(&desk->conninfo),
		.name = "desk",
		.version = "1",
		.secrets = desk->secrets,
		.odoos = desk->odoos};

	if (desk->names[0])
		desk->odoos[n++] = odoo_at(desk->names[0], &desk->url, &desk->key_path);
	if (desk->names[1])
		desk->odoos[n++] = odoo_at(desk->names[1], &desk->second_url, &desk->second_key);
	options.n_odoos = n;
	desk->worker = worker_open(desk->loop, desk->jsonl, &options);
}

static struct odoo_sim *open_sim(struct desk *desk, int version, int orders, struct web **ret_web,
	struct str *url, struct str *key)
{
	struct odoo_sim *sim = odoo_sim_new(&(struct odoo_sim_options){.clock = &desk->clock,
		.database = "hospital",
		.seed = 7,
		.version = version,
		.partners = 20,
		.orders = orders});
	const char *tmp = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";

	assert_int_equal(
		web_listen(desk->loop, "127.0.0.1:0", odoo_sim_serve, sim, ret_web, NULL), 0);
	*url = *key = STR_INIT(4096);
	str_addf(url, "http://127.0.0.1:%d", web_port(*ret_web));
	str_addf(key, "%s/odoo-key.%d.%d", tmp, (int)getpid(), version);
	write_key(sim, str_cstr(key));
	return sim;
}

int desk_setup_with(void **state, int orders)
{
	struct desk *desk = NEW(struct desk);
	const char *tmp = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";

	traffic_open(&desk->people, "odoodesk");
	desk->clock = clock_real();
	desk->conninfo = desk->log_path = STR_INIT(4096);
	desk->names[0] = "";
	assert_int_equal(loop_new(&desk->clock, &desk->loop, NULL), 0);
	desk->sim = open_sim(desk, 18, orders, &desk->web, &desk->url, &desk->key_path);
	str_addf(&desk->conninfo, "host='%s' user='%s' dbname='%s'", getenv("ORDERLY_TEST_PG"),
		desk->people.login[WORKER], desk->people.db);
	str_addf(&desk->log_path, "%s/worker-log.%d", tmp, (int)getpid());
	(void)snprintf(desk->secrets, sizeof(desk->secrets), "%s/secrets.%d", tmp, (int)getpid());
	assert_int_equal(
		jsonl_open(&desk->clock, str_cstr(&desk->log_path), &desk->jsonl, NULL), 0);
	start_worker(desk);
	*state = desk;
	return 0;
}

int desk_setup(void **state)
{
	return desk_setup_with(state, 40);
}

int desk_teardown(void **state)
{
	struct desk *desk = *state;

	worker_close(desk->worker);
	jsonl_close(desk->jsonl);
	web_close(desk->web);
	odoo_sim_free(desk->sim);
	if (desk->second) {
		web_close(desk->second_web);
		odoo_sim_free(desk->second);
		(void)unlink(str_cstr(&desk->second_key));
		str_done(&desk->second_url);
		str_done(&desk->second_key);
	}
	loop_free(desk->loop);
	(void)unlink(str_cstr(&desk->key_path));
	(void)unlink(str_cstr(&desk->log_path));
	(void)rmdir(desk->secrets);
	str_done(&desk->url);
	str_done(&desk->conninfo);
	str_done(&desk->key_path);
	str_done(&desk->log_path);
	people_close(&desk->people);
	free(desk);
	return 0;
}

void desk_check(struct desk *desk, const char *interface, const char *check)
{
	CLEANUP(str_done)
	struct str doc = STR_INIT(16 * 1024);

	str_addf(&doc,
		"{\"title\": \"%s\", \"source\": \"ghx\", \"target\": \"odoo\", \"style\": \"rest\", "
		"\"timing\": \"real-time\", \"data_class\": \"internal\", \"replay_policy\": \"one\", "
		"\"endpoint\": {\"check\": %s}, \"note\": \"%d\"}",
		interface, check, ++desk->changes);
	people_change(&desk->people, "interface", interface, str_cstr(&doc));
}

static void call(struct desk *desk, const char *args, struct str *ret)
{
	CLEANUP(str_done)
	struct str body = STR_INIT(64 * 1024);
	struct web_answer answer = {
		.status = 200, .type = "", .headers = STR_INIT(10000), .body = STR_INIT(10 << 20)};
	struct web_request request = {SLICE("POST"), SLICE("/jsonrpc"),
		SLICE("Content-Type: application/json\r\n"), SLICE_NONE};

	str_addf(&body,
		"{\"jsonrpc\":\"2.0\",\"method\":\"call\",\"id\":1,\"params\":{\"service\":\"object\","
		"\"method\":\"execute_kw\",\"args\":[\"hospital\",2,\"%s\",\"purchase.order\",%s]}}",
		odoo_sim_key(desk->sim, "admin"), args);
	request.body = str_slice(&body);
	odoo_sim_serve(desk->sim, &request, &answer);
	if (strstr(str_cstr(&answer.body), "\"error\""))
		fail_msg("%s", str_cstr(&answer.body));
	if (ret)
		str_add(ret, str_slice(&answer.body));
	str_done(&answer.headers);
	str_done(&answer.body);
}

void desk_create(struct desk *desk, const char *order)
{
	CLEANUP(str_done)
	struct str args = STR_INIT(64 * 1024);

	str_addf(&args, "\"create\",[%s],{}", order);
	call(desk, str_cstr(&args), NULL);
}

void desk_write(struct desk *desk, const char *field, const char *value, const char *vals)
{
	CLEANUP(str_done)
	struct str args = STR_INIT(64 * 1024), found = STR_INIT(64 * 1024);
	const char *ids;

	str_addf(&args, "\"search\",[[[\"%s\",\"=\",\"%s\"]]],{}", field, value);
	call(desk, str_cstr(&args), &found);
	ids = strchr(str_cstr(&found), '[');
	assert_non_null(ids);
	str_reset(&args);
	str_addf(&args, "\"write\",[%.*s,%s],{}", (int)(strchr(ids, ']') - ids + 1), ids, vals);
	call(desk, str_cstr(&args), NULL);
}

void desk_stop(struct desk *desk)
{
	worker_close(desk->worker);
	desk->worker = NULL;
}

void desk_restart(struct desk *desk)
{
	desk_stop(desk);
	start_worker(desk);
}

void desk_second(struct desk *desk)
{
	desk->second =
		open_sim(desk, 19, 5, &desk->second_web, &desk->second_url, &desk->second_key);
}

void desk_named(struct desk *desk, const char *first, const char *second)
{
	desk->names[0] = first;
	desk->names[1] = second;
	desk_restart(desk);
}

void desk_fault(struct desk *desk, const char *fault)
{
	assert_int_equal(odoo_sim_fault(desk->sim, slice_of(fault), NULL), 0);
}

void desk_until(struct desk *desk, const char *want, const char *sql, ...)
{
	int64_t until_us = clock_mono_us(&desk->clock) + PATIENCE_US;
	char *query, *got = NULL;
	va_list args;

	va_start(args, sql);
	if (vasprintf(&query, sql, args) < 0)
		fail_msg("%s", sql);
	va_end(args);
	do {
		loop_turn(desk->loop, LOOK_US);
		free(got);
		got = pg_text(desk->people.super, "%s", query);
	} while (strcmp(got, want) != 0 && clock_mono_us(&desk->clock) < until_us);
	assert_string_equal(got, want);
	free(got);
	free(query);
}
