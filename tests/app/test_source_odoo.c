/* The console's source: what is Odoo's goes to Odoo, the rest to the store; each is answered once. */
#include "../../src/sim/odoo.h"
#include "app/source_odoo.h"
#include "script.h"
#include "unit.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define PATIENCE_US (60 * S_US)
#define ONE "code:text\ttitle:text\nodoo\tOdoo ERP\n"

struct bench {
	struct clock clock;
	struct loop *loop;
	struct odoo_sim *sim;
	struct web *web;
	struct script *script;
	struct source *source;
	struct str url, key_path;
	const char *system; /* which Odoo is asked for */
	/* of the last reply */
	int replies, code;
	struct rows *rows;
	struct str words;
};

static struct bench *bench_with(int version, const char *login, int orders)
{
	static int n;
	struct bench *bench = NEW(struct bench);
	const char *tmp = getenv("TMPDIR"), *key;
	int fd;

	bench->clock = clock_real();
	bench->url = bench->key_path = bench->words = STR_INIT(4096);
	assert_int_equal(loop_new(&bench->clock, &bench->loop, NULL), 0);
	bench->sim = odoo_sim_new(&(struct odoo_sim_options){.clock = &bench->clock,
		.database = "hospital",
		.seed = 7,
		.version = version,
		.partners = 40,
		.orders = orders});
	assert_int_equal(web_listen(bench->loop, "127.0.0.1:0", odoo_sim_serve, bench->sim,
				 &bench->web, NULL),
		0);
	str_addf(&bench->url, "http://127.0.0.1:%d", web_port(bench->web));
	str_addf(&bench->key_path, "%s/source-key.%d.%d", tmp ? tmp : "/tmp", (int)getpid(), ++n);
	key = odoo_sim_key(bench->sim, login);
	fd = open(str_cstr(&bench->key_path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0 && write(fd, key, strlen(key)) == (ssize_t)strlen(key));
	close(fd);
	bench->script = script_new(bench->loop);
	script_answer(bench->script, "odoo-systems", ONE);
	bench->source = source_odoo_new(script_source(bench->script), bench->loop,
		&(struct odoo_named){"",
			{.url = str_cstr(&bench->url),
				.database = "hospital",
				.login = login,
				.secret.file = str_cstr(&bench->key_path)},
			""},
		1);
	return bench;
}

static struct bench *bench_new(int version, const char *login)
{
	return bench_with(version, login, 20);
}

static void bench_free(struct bench *bench)
{
	source_odoo_free(bench->source);
	script_free(bench->script);
	web_close(bench->web);
	odoo_sim_free(bench->sim);
	loop_free(bench->loop);
	rows_unref(bench->rows);
	(void)unlink(str_cstr(&bench->key_path));
	str_done(&bench->url);
	str_done(&bench->key_path);
	str_done(&bench->words);
	free(bench);
}

static void on_reply(void *ctx, const struct reply *reply)
{
	struct bench *bench = ctx;

	bench->replies++;
	rows_unref(bench->rows);
	bench->rows = reply->kind == REPLY_DONE ? rows_ref(reply->rows) : NULL;
	bench->code = reply->kind == REPLY_FAILED ? reply->err->code : 0;
	str_reset(&bench->words);
	if (reply->kind == REPLY_FAILED)
		str_adds(&bench->words, reply->err->text);
}

static uint64_t ask(struct bench *bench, const char *question, const char *a, const char *b)
{
	const char *params[] = {a, b, bench->system};

	/* A list has the Odoo for its only parameter. */
	if (!a)
		params[0] = bench->system;
	return source_ask(bench->source, &(struct ask){.question = question,
						 .params = params,
						 .n_params = b ? 3 : 1,
						 .reply = on_reply,
						 .ctx = bench});
}

static void wait(struct bench *bench)
{
	int64_t until_us = clock_mono_us(&bench->clock) + PATIENCE_US;
	int replies = bench->replies + 1;

	while (bench->replies < replies && clock_mono_us(&bench->clock) < until_us)
		loop_turn(bench->loop, S_US);
	assert_int_equal(bench->replies, replies);
}

static size_t count(struct bench *bench, const char *question, const char *a, const char *b)
{
	ask(bench, question, a, b);
	wait(bench);
	assert_string_equal(str_cstr(&bench->words), "");
	return rows_count(bench->rows);
}

static struct slice text(struct bench *bench, size_t row, const char *column)
{
	return rows_text(bench->rows, row, rows_col(bench->rows, column));
}

static void expect_lists(int version)
{
	struct bench *bench = bench_new(version, "integ_watch");

	assert_int_equal(count(bench, "odoo-crons", NULL, NULL), 8);
	assert_slice(text(bench, 0, "name"), "Bank: fetch statements");
	assert_true(rows_time(bench->rows, 0, rows_col(bench->rows, "next_at")) <
		    clock_wall_us(&bench->clock));
	assert_int_equal(count(bench, "odoo-automations", NULL, NULL), 4);
	assert_slice(text(bench, 1, "url"), "https://odoo.orderly-demo.example/web/hook/•••");
	assert_slice(text(bench, 0, "url"), "https://middleware.orderly-demo.example/hooks/•••");
	assert_true(rows_null(bench->rows, 3, rows_col(bench->rows, "url")));
	assert_int_equal(count(bench, "odoo-queue", NULL, NULL), 4); /* one is done */
	assert_true(count(bench, "odoo-models", NULL, NULL) > 15);
	bench_free(bench);
}

static void lists_are_read_over_both_protocols(void **state)
{
	(void)state;
	expect_lists(18);
	expect_lists(19);
}

static void what_the_key_may_not_see_is_said_in_odoos_words(void **state)
{
	struct bench *bench = bench_new(18, "integ_ops");

	(void)state;
	ask(bench, "odoo-crons", NULL, NULL);
	wait(bench);
	assert_int_equal(bench->code, -EREMOTEIO);
	assert_non_null(strstr(str_cstr(&bench->words), "Odoo, forbidden: "));
	assert_null(strstr(str_cstr(&bench->words), "Traceback"));
	bench_free(bench);
}

static void records_are_found_by_reference_and_by_external_id(void **state)
{
	static const char models[] = "purchase.order,res.partner,no.such";
	struct bench *bench = bench_new(18, "integ_ops");
	int64_t id;

	(void)state;
	assert_int_equal(count(bench, "odoo-find", models, "ho-000003"), 1);
	assert_slice(text(bench, 0, "model"), "purchase.order");
	id = rows_int(bench->rows, 0, rows_col(bench->rows, "id"));
	assert_int_equal(count(bench, "odoo-find", models, "middleware.order_000003"), 1);
	assert_int_equal(rows_int(bench->rows, 0, rows_col(bench->rows, "id")), id);
	assert_int_equal(count(bench, "odoo-find", models, "SUP-00020"), 1);
	assert_true(rows_bool(bench->rows, 0, rows_col(bench->rows, "archived")));
	assert_int_equal(count(bench, "odoo-find", models, "HO_000003"), 0);
	assert_int_equal(count(bench, "odoo-find", models, "nothing.of_the_kind"), 0);
	bench_free(bench);
}

static void a_record_is_read_field_by_field(void **state)
{
	struct bench *bench = bench_new(19, "integ_ops");
	bool seen = false;

	(void)state;
	assert_true(count(bench, "odoo-record", "res.partner", "20") > 20);
	for (size_t i = 0; i < rows_count(bench->rows); i++) {
		seen |= slice_eq_str(text(bench, i, "field"), "name") &&
			text(bench, i, "value").len;
		assert_false(slice_eq_str(text(bench, i, "type"), "binary"));
	}
	assert_true(seen);
	ask(bench, "odoo-record", "res.partner", "999999");
	wait(bench);
	assert_int_equal(bench->code, -ENOENT);
	ask(bench, "odoo-record", "res.partner", "x");
	wait(bench);
	assert_int_equal(bench->code, -EINVAL);
	bench_free(bench);
}

static void a_record_is_given_to_the_store_to_compare(void **state)
{
	struct bench *bench = bench_new(18, "integ_ops");
	const char *record;

	(void)state;
	script_answer(bench->script, "odoo-wanted",
		"model:text\trecord:int\texternal_id:text\treference_field:text\treference:text\t"
		"fields:text\tsystem:text\n"
		"purchase.order\t\\N\t\\N\tpartner_ref\tHO-000003\t"
		"amount_total,no_such,partner_id,partner_id.ref\todoo\n");
	script_answer(bench->script, "odoo-compared",
		"field:text\tsource:text\tours:text\ttheirs:text\tverdict:text\n"
		"amount_total\t{/total}\t12\t13\tdifferent\n");
	assert_int_equal(count(bench, "odoo-beside", "7", NULL), 1);
	assert_slice(text(bench, 0, "verdict"), "different");
	assert_slice(text(bench, 0, "model"), "purchase.order");
	assert_true(rows_int(bench->rows, 0, rows_col(bench->rows, "record")) > 0);
	assert_string_equal(script_param(bench->script, "odoo-compared", 0), "7");
	record = script_param(bench->script, "odoo-compared", 1);
	assert_non_null(strstr(record, "\"amount_total\":"));
	assert_non_null(strstr(record, "\"partner_id.ref\":\"SUP-"));
	assert_null(strstr(record, "no_such"));
	assert_non_null(strstr(
		script_param(bench->script, "odoo-compared", 2), "\"partner_id\":\"many2one\""));
	/* by its external id, and one that is not there */
	script_answer(bench->script, "odoo-wanted",
		"model:text\trecord:int\texternal_id:text\treference_field:text\treference:text\t"
		"fields:text\tsystem:text\n"
		"purchase.order\t\\N\tmiddleware.order_000004\t\\N\t\\N\tpartner_ref\todoo\n");
	assert_int_equal(count(bench, "odoo-beside", "7", NULL), 1);
	assert_non_null(strstr(script_param(bench->script, "odoo-compared", 1), "HO-000004"));
	script_answer(bench->script, "odoo-wanted",
		"model:text\trecord:int\texternal_id:text\treference_field:text\treference:text\t"
		"fields:text\tsystem:text\n"
		"purchase.order\t\\N\t\\N\tpartner_ref\tHO-XX\tpartner_ref\todoo\n");
	ask(bench, "odoo-beside", "7", NULL);
	wait(bench);
	assert_int_equal(bench->code, -ENOENT);
	bench_free(bench);
}

static void what_is_the_stores_goes_there(void **state)
{
	struct bench *bench = bench_new(18, "integ_ops");

	(void)state;
	script_answer(bench->script, "overview", "a:text\nx\n");
	assert_int_equal(count(bench, "overview", NULL, NULL), 1);
	bench_free(bench);
}

static void without_an_odoo_it_says_what_is_missing(void **state)
{
	struct bench *bench = bench_new(18, "integ_ops");

	(void)state;
	source_odoo_free(bench->source);
	bench->source = source_odoo_new(script_source(bench->script), bench->loop, NULL, 0);
	ask(bench, "odoo-crons", NULL, NULL);
	wait(bench);
	assert_non_null(strstr(str_cstr(&bench->words), "odoo-url"));
	bench_free(bench);
}

static struct odoo_named named(const struct bench *bench, const char *system)
{
	return (struct odoo_named){system,
		{.url = str_cstr(&bench->url),
			.database = "hospital",
			.login = "integ_ops",
			.secret.file = str_cstr(&bench->key_path)},
		NULL};
}

static bool has_order_10(struct bench *bench, const char *system)
{
	bench->system = system;
	return count(bench, "odoo-find", "purchase.order", "HO-000010") == 1;
}

static void expect_refused(struct bench *bench, const char *system, const char *words)
{
	bench->system = system;
	ask(bench, "odoo-find", "purchase.order", "HO-000010");
	wait(bench);
	assert_int_equal(bench->code, -ENOENT);
	assert_string_equal(str_cstr(&bench->words), words);
}

/* The first has twenty orders, the second five. */
static void of_several_odoos_the_named_one_is_asked_and_no_other(void **state)
{
	static const char two[] = "code:text\ttitle:text\nodoo\tA\nodoo-fin\tB\n";
	struct bench *bench = bench_new(18, "integ_ops"), *second = bench_with(19, "integ_ops", 5);
	struct odoo_named odoos[] = {named(bench, "odoo"), named(second, "odoo-fin")};

	(void)state;
	script_answer(bench->script, "odoo-systems", two);
	source_odoo_free(bench->source);
	bench->source = source_odoo_new(script_source(bench->script), bench->loop, odoos, 2);
	/* the second's server is turned by its own loop: they share one here */
	web_close(second->web);
	assert_int_equal(web_listen(bench->loop, str_cstr(&second->url) + strlen("http://"),
				 odoo_sim_serve, second->sim, &second->web, NULL),
		0);
	assert_true(has_order_10(bench, "odoo"));
	assert_false(has_order_10(bench, "odoo-fin"));
	expect_refused(bench, "odoo-hr", "no Odoo named odoo-hr in the profile");
	expect_refused(
		bench, "", "the catalogue has several Odoos, and does not say which of them");
	/* beside the payload: the one to which the interface belongs */
	script_answer(bench->script, "odoo-wanted",
		"model:text\trecord:int\texternal_id:text\treference_field:text\treference:text\t"
		"fields:text\tsystem:text\n"
		"purchase.order\t\\N\t\\N\tpartner_ref\tHO-000010\tpartner_ref\todoo-fin\n");
	ask(bench, "odoo-beside", "7", NULL);
	wait(bench);
	assert_int_equal(bench->code, -ENOENT);
	web_close(second->web);
	second->web = NULL;

	/* one without a name is none of several, and the only one of one */
	odoos[0].system = "";
	source_odoo_free(bench->source);
	bench->source = source_odoo_new(script_source(bench->script), bench->loop, odoos, 1);
	expect_refused(bench, "odoo", "no Odoo named odoo in the profile");
	script_answer(bench->script, "odoo-systems", ONE);
	assert_true(has_order_10(bench, "odoo"));
	assert_true(has_order_10(bench, ""));
	expect_refused(bench, "odoo-fin", "no Odoo named odoo-fin in the profile");
	bench_free(second);
	bench_free(bench);
}

static void what_hangs_can_be_canceled_and_dropped(void **state)
{
	struct bench *bench = bench_new(18, "integ_watch");
	uint64_t ticket;

	(void)state;
	assert_int_equal(odoo_sim_fault(bench->sim, SLICE("timeout"), NULL), 0);
	ticket = ask(bench, "odoo-crons", NULL, NULL);
	source_cancel(bench->source, ticket); /* not even begun */
	wait(bench);
	assert_int_equal(bench->code, -ECANCELED);
	ticket = ask(bench, "odoo-crons", NULL, NULL);
	for (int i = 0; i < 5; i++)
		loop_turn(bench->loop, 20 * MS_US);
	source_cancel(bench->source, ticket);
	wait(bench);
	assert_int_equal(bench->code, -ECANCELED);
	ticket = ask(bench, "odoo-crons", NULL, NULL);
	loop_turn(bench->loop, 20 * MS_US);
	source_drop(bench->source, ticket);
	ticket = ask(bench, "odoo-automations", NULL, NULL);
	for (int i = 0; i < 5; i++)
		loop_turn(bench->loop, 20 * MS_US);
	source_cancel(bench->source, ticket);
	wait(bench);
	assert_int_equal(bench->code, -ECANCELED);
	ask(bench, "odoo-queue", NULL, NULL); /* is under way when all ends */
	loop_turn(bench->loop, 20 * MS_US);
	bench_free(bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_read_over_both_protocols),
		cmocka_unit_test(what_the_key_may_not_see_is_said_in_odoos_words),
		cmocka_unit_test(records_are_found_by_reference_and_by_external_id),
		cmocka_unit_test(a_record_is_read_field_by_field),
		cmocka_unit_test(a_record_is_given_to_the_store_to_compare),
		cmocka_unit_test(what_is_the_stores_goes_there),
		cmocka_unit_test(without_an_odoo_it_says_what_is_missing),
		cmocka_unit_test(of_several_odoos_the_named_one_is_asked_and_no_other),
		cmocka_unit_test(what_hangs_can_be_canceled_and_dropped),
	};

	return RUN(tests);
}
