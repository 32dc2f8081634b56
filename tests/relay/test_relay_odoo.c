/* Replays to a simulated Odoo: load by external id, a method with mapped arguments, and what Odoo leaves
 * for a person to finish. */
#include "base/file.h"
#include "stage.h"
#include "unit.h"
#include <signal.h>
#include <stdio.h>

static int set_up(void **state)
{
	static const char *const argv[] = {
		"./orderly-sim", "odoo", "--listen", "127.0.0.1:0", NULL};
	struct stage *stage = NEW(struct stage);
	char path[300];

	stage_open(stage, "odoo");
	(void)snprintf(path, sizeof(path), "%s/odoo-key", stage->folder);
	assert_int_equal(file_write(path, SLICE("integ_ops-pw\n"), 0600, NULL), 0);
	stage_serve(stage, 0, argv);
	stage_orderlyd(stage, 0);
	*state = stage;
	return 0;
}

static int tear_down(void **state)
{
	stage_close(*state);
	free(*state);
	return 0;
}

/* The endpoint of the simulated Odoo, with what is asked of it. */
static int64_t send_to(struct stage *stage, const char *code, const char *more, const char *what)
{
	struct str endpoint = STR_INIT(2048);

	str_addf(&endpoint,
		"{\"kind\": \"odoo\", \"url\": \"http://127.0.0.1:%d\", \"database\": \"hospital\","
		" \"login\": \"integ_ops\", \"secret\": \"odoo-key\", \"timeout_s\": 2, %s}",
		stage->targets[0].port, what);
	stage_interface(stage, code, more, str_cstr(&endpoint));
	str_done(&endpoint);
	stage_die(stage, code, code, 3, 0);
	return stage_ask_for(stage, code, "{\"stages\": [], \"stop_ppm\": 1000000}");
}

static void until_told(struct stage *stage, int64_t request, const char *want)
{
	stage_until(stage, want,
		"select string_agg(distinct concat_ws(' ', state, class, code), ', ') from orderly.replay_item"
		" where request = %lld",
		(long long)request);
}

/* How many partners have such a name. */
static int64_t partners(struct stage *stage, const char *like)
{
	char body[600], *answer;
	int64_t n;

	(void)snprintf(body, sizeof(body),
		"{\"jsonrpc\": \"2.0\", \"method\": \"call\", \"id\": 1, \"params\": {\"service\": \"object\","
		" \"method\": \"execute_kw\", \"args\": [\"hospital\", 9, \"integ_ops-pw\", \"res.partner\","
		" \"search_count\", [[[\"name\", \"like\", \"%s\"]]]]}}",
		like);
	answer = stage_ask(stage, 0, "/jsonrpc", body);
	n = pg_int(stage->people.super, "select ('%s'::jsonb ->> 'result')::int8", answer);
	free(answer);
	return n;
}

static void load_makes_each_record_once_however_often_it_is_sent(void **state)
{
	struct stage *stage = *state;
	int64_t id;

	stage_fault(stage, 0, "timeout-after-commit:1");
	id = send_to(stage, "loaded", ", \"idempotency\": \"natural\"",
		"\"model\": \"res.partner\", \"load\": {\"id\": \"orderly.$key\", \"name\": \"$business_key\","
		" \"ref\": \"$message_id\"}");
	stage_until(stage, "1",
		"select count(*) from orderly.replay_item where request = %lld and state = 'waiting' and"
		" class = 'timeout' and sends = 1",
		(long long)id);
	pg_do(stage->people.super,
		"update orderly.replay_item set next_try_at = now() where request = %lld",
		(long long)id);
	until_told(stage, id, "delivered");
	assert_int_equal(partners(stage, "loaded%"), 3);
	/* Each is said to be another record of that model. */
	pg_expect_text(stage->people.super, "true true true",
		"select string_agg((t.target_ref ~ '^[0-9]+$' and t.target_ref <> lag)::text, ' ') from (select"
		" t.target_ref, lag(t.target_ref, 1, '') over (order by t.target_ref::int) from"
		" orderly.replay_item i join orderly.event t on t.transaction = i.replayed_as where i.request ="
		" %lld and t.target_model = 'res.partner') t",
		(long long)id);
}

static void arguments_are_filled_from_the_item_and_its_payload(void **state)
{
	struct stage *stage = *state;
	int64_t id = send_to(stage, "made", "",
		"\"model\": \"res.partner\", \"method\": \"create\", \"args\": {\"vals_list\": [{\"name\":"
		" \"$business_key\", \"comment\": \"$text\", \"ref\": \"order $key\"}]}");

	until_told(stage, id, "delivered");
	assert_int_equal(partners(stage, "made%"), 3);
}

static void what_odoo_says_no_to_has_failed(void **state)
{
	struct stage *stage = *state;

	until_told(stage,
		send_to(stage, "strange", "",
			"\"model\": \"res.partner\", \"method\": \"create\", \"args\": {\"vals_list\":"
			" [{\"no_such_field\": 1}]}"),
		"failed schema call");
	/* A place of the payload where there is nothing, and a payload that is not what is wanted. */
	until_told(stage,
		send_to(stage, "typo", "",
			"\"model\": \"res.partner\", \"method\": \"create\", \"args\": {\"vals_list\":"
			" [{\"name\": \"$busines_key\"}]}"),
		"failed mapping content");
	pg_expect_text(stage->people.super,
		"unknown name \"busines_key\"; did you mean \"business_key\"?",
		"select distinct text from orderly.replay_item where code = 'content'");
}

/* Odoo opened a form for somebody to go on: nothing is paid yet. */
static void an_action_is_not_the_end(void **state)
{
	struct stage *stage = *state;

	until_told(stage,
		send_to(stage, "paid", "",
			"\"model\": \"account.move\", \"method\": \"action_register_payment\", \"ids\": [1]"),
		"failed business not finished");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(load_makes_each_record_once_however_often_it_is_sent),
		cmocka_unit_test(arguments_are_filled_from_the_item_and_its_payload),
		cmocka_unit_test(what_odoo_says_no_to_has_failed),
		cmocka_unit_test(an_action_is_not_the_end),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
