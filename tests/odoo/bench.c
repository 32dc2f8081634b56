/* The bench of bench.h: real sockets, real time; whatever is waited for is a condition. */
#include "bench.h"
#include "../lib/unit.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define PATIENCE_US (60 * S_US)

void bench_secret(struct bench *bench, const char *text)
{
	int fd =
		open(str_cstr(&bench->secret_path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

struct bench *bench_new(int version, bool key, const struct odoo_options *options)
{
	struct bench *bench = NEW(struct bench);
	struct odoo_options how = options ? *options : (struct odoo_options){0};
	const char *tmp = getenv("TMPDIR");

	bench->clock = clock_real();
	bench->url = bench->secret_path = STR_INIT(4096);
	bench->message = bench->result = STR_INIT(1 << 20);
	assert_int_equal(loop_new(&bench->clock, &bench->loop, NULL), 0);
	bench->sim = odoo_sim_new(&(struct odoo_sim_options){.clock = &bench->clock,
		.database = "hospital",
		.seed = 7,
		.version = version,
		.partners = 50,
		.orders = 40});
	assert_int_equal(web_listen(bench->loop, "127.0.0.1:0", odoo_sim_serve, bench->sim,
				 &bench->web, NULL),
		0);
	bench->http = http_new(bench->loop, NULL);
	str_addf(&bench->url, "http://127.0.0.1:%d/odoo", web_port(bench->web));
	str_addf(&bench->secret_path, "%s/odoo-secret.%d", tmp ? tmp : "/tmp", (int)getpid());
	bench_secret(bench, key ? odoo_sim_key(bench->sim, "integ_ops") : "integ_ops-pw");
	how.url = how.url ? how.url : str_cstr(&bench->url);
	how.database = how.database ? how.database : "hospital";
	how.login = how.login ? how.login : "integ_ops";
	how.secret.file = how.secret.file ? how.secret.file : str_cstr(&bench->secret_path);
	bench->odoo = odoo_new(bench->loop, bench->http, &how);
	return bench;
}

void bench_free(struct bench *bench)
{
	odoo_free(bench->odoo);
	http_free(bench->http);
	web_close(bench->web);
	odoo_sim_free(bench->sim);
	loop_free(bench->loop);
	(void)unlink(str_cstr(&bench->secret_path));
	str_done(&bench->url);
	str_done(&bench->secret_path);
	str_done(&bench->message);
	str_done(&bench->result);
	free(bench);
}

void bench_fault(struct bench *bench, const char *fault)
{
	assert_int_equal(odoo_sim_fault(bench->sim, slice_of(fault), NULL), 0);
}

void bench_wait(struct bench *bench, int replies)
{
	int64_t until_us = clock_mono_us(&bench->clock) + PATIENCE_US;

	while (bench->replies < replies && clock_mono_us(&bench->clock) < until_us)
		loop_turn(bench->loop, S_US);
	assert_true(bench->replies >= replies);
}

struct odoo_sim_counts bench_counts(const struct bench *bench)
{
	return odoo_sim_counts(bench->sim);
}

/* A deep copy by way of nothing but what the tests look at: numbers and lists of them. */
static void keep_result(struct bench *bench, const struct value *result)
{
	const struct value *first = value_at(result, 0);

	bench->number = 0;
	str_reset(&bench->result);
	if (!result)
		return;
	if (!value_int(result, &bench->number) && !value_int(first, &bench->number))
		(void)value_int(value_get(first, "id"), &bench->number);
	str_add(&bench->result, value_text(result));
	str_add(&bench->result, value_text(value_get(first, "name")));
}

static void on_done(void *ctx, const struct odoo_reply *reply)
{
	struct bench *bench = ctx;

	bench->replies++;
	bench->class = reply->class;
	bench->in_doubt = reply->in_doubt;
	bench->tries = reply->tries;
	str_reset(&bench->message);
	str_adds(&bench->message, reply->message);
	keep_result(bench, reply->result);
}

uint64_t bench_ask(struct bench *bench, struct odoo_ask ask)
{
	ask.done = on_done;
	ask.ctx = bench;
	return odoo_ask(bench->odoo, &ask);
}

enum odoo_class bench_call(struct bench *bench, struct odoo_ask ask)
{
	(void)bench_ask(bench, ask);
	bench_wait(bench, bench->replies + 1);
	return bench->class;
}

int64_t bench_count_partners(struct bench *bench, const char *ref)
{
	CLEANUP(str_done)
	struct str domain = STR_INIT(1000);

	str_addf(&domain, "[[\"ref\",\"=\",\"%s\"]]", ref);
	assert_int_equal(bench_call(bench, (struct odoo_ask){.model = "res.partner",
						   .method = "search_count",
						   .args = {{"domain", str_slice(&domain)}},
						   .n_args = 1,
						   .n_positional = 1,
						   .reads = true}),
		ODOO_OK);
	return bench->number;
}
