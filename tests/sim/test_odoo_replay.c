/* What was asked of real Odoo servers, asked of the simulated one: the same class, the same exception,
 * the same words in its first line. Records differ, so results are not compared but for their kind. */
#include "../lib/unit.h"
#include "../odoo/exchanges.h"
#include "base/str.h"
#include "odoo.h"
#include <stdio.h>

#define BLANK_KEY "0000000000000000000000000000000000000000"

/* Exchanges that the simulated one does not follow, and why. */
static const char *const left_out[][2] = {
	{"web_dataset_call_kw_ok", "the session's cookie is blanked"},
	{"err_serialization_failure", "nobody contends; it is asked for as a fault"},
	{"stock_picking_search_read", "no types of operations, no locations"},
	{"stock_quant_search_read", "no quants"},
	{"err_missing_error_web_read", "methods of the web client alone"},
	{"web_search_read", "methods of the web client alone"},
	{"db_list_disabled", "the list of databases is not switched off"},
	{"odoo19_jsonrpc_err_access_error", "another user has that number"},
};

/* Those whose words depend on the records. */
static const char *const other_words[] = {
	"err_unknown_kwarg",
	"account_move_action_post_user_error",
	"transport_params_array",
	"json2_err_positional_args_key",
	"json2_err_malformed_json",
};

struct replay {
	struct odoo_sim *sim;
	int played, left_out;
};

static bool is_in(const char *const *names, size_t n, size_t stride, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i * stride], name) == 0)
			return true;
	return false;
}

/* Secrets are blanked in the recordings: here the right one is put back where it was right. */
static const char *login_of(const struct exchange *e)
{
	if (strstr(e->ask.at, "integ_2fa"))
		return "integ_2fa";
	if (strstr(e->ask.at, ",9,") || strstr(e->ask.at, "integ_ops"))
		return "integ_ops";
	return strcmp(e->class, "forbidden") == 0 ? "integ_ro" : "admin";
}

static void put_text(struct str *out, const char *text, const char *key)
{
	const char *at;

	while (key && (at = strstr(text, BLANK_KEY))) {
		str_add(out, (struct slice){text, (size_t)(at - text)});
		str_adds(out, key);
		text = at + strlen(BLANK_KEY);
	}
	str_adds(out, text);
}

static struct slice first_line(const char *text)
{
	struct slice line = slice_of(text);

	return slice_head(line, slice_find(line, '\n'));
}

static void compare(const struct exchange *e, struct arena *arena, const struct web_answer *answer)
{
	const struct odoo_raw real = {e->protocol, e->status, slice_of(e->answer_type), e->answer};
	const struct odoo_raw ours = {
		e->protocol, answer->status, slice_of(answer->type), str_slice(&answer->body)};
	struct odoo_answer want, got;

	odoo_decode(arena, &real, &want);
	odoo_decode(arena, &ours, &got);
	if (got.class != want.class || answer->status != e->status)
		print_error("%s: %s (%d) instead of %s (%d): %s\n  %s\n", e->name,
			odoo_class_name(got.class), answer->status, odoo_class_name(want.class),
			e->status, got.message, str_cstr(&answer->body));
	else if (!slice_eq(got.name, want.name))
		print_error("%s: raises %.*s instead of %.*s\n", e->name, SLICE_ARG(got.name),
			SLICE_ARG(want.name));
	else if (!slice_eq(first_line(got.message), first_line(want.message)) &&
		 strstr(e->answer_type, "json") &&
		 !is_in(other_words, ARRAY_LEN(other_words), 1, e->name))
		print_error(
			"%s: says \"%s\" instead of \"%s\"\n", e->name, got.message, want.message);
	else if ((got.result != NULL) != (want.result != NULL) ||
		 (got.result && got.result->kind != want.result->kind))
		print_error("%s: a result of another kind: %s\n", e->name, str_cstr(&answer->body));
	else
		return;
	fail();
}

static void play(void *ctx, const struct exchange *e)
{
	CLEANUP(arena_done)
	struct arena arena = ARENA_INIT;
	CLEANUP(str_done)
	struct str head = STR_INIT(10000), body = STR_INIT(100000);
	struct replay *replay = ctx;
	bool refused = strcmp(e->class, "denied") == 0 || strstr(e->name, "_expired") ||
		       strstr(e->name, "_other_");
	const char *key = refused ? NULL : odoo_sim_key(replay->sim, login_of(e));
	struct web_answer answer = {
		.status = 200, .type = "", .headers = STR_INIT(10000), .body = STR_INIT(10 << 20)};
	struct web_request request = {
		slice_of(e->method), slice_of(e->path), SLICE_NONE, SLICE_NONE};

	if (is_in(left_out[0], ARRAY_LEN(left_out), 2, e->name)) {
		replay->left_out++;
		return;
	}
	if (*e->type)
		str_addf(&head, "Content-Type: %s\r\n", e->type);
	if (e->authorization) {
		str_adds(&head, "Authorization: ");
		put_text(&head, e->authorization, key);
		str_adds(&head, "\r\n");
	}
	put_text(&body, e->ask.at, key);
	request.head = str_slice(&head);
	request.body = str_slice(&body);
	odoo_sim_serve(replay->sim, &request, &answer);
	compare(e, &arena, &answer);
	str_done(&answer.headers);
	str_done(&answer.body);
	replay->played++;
}

static void replay(const char *file, const struct odoo_sim_options *options, struct replay *ret)
{
	*ret = (struct replay){.sim = odoo_sim_new(options)};
	(void)exchanges_each(file, play, ret);
	odoo_sim_free(ret->sim);
}

static void version_18_answers_as_recorded(void **state)
{
	struct clock clock = clock_standing(INT64_C(1795250000) * S_US);
	const struct odoo_sim_options options = {.clock = &clock,
		.database = "hc_odoo",
		.seed = 1,
		.version = 18,
		.partners = 2060,
		.orders = 12};
	struct replay done;

	(void)state;
	replay("odoo-18.jsonl", &options, &done);
	assert_int_equal(done.played + done.left_out, 179);
	assert_int_equal(done.left_out, 7);
}

static void version_19_answers_as_recorded(void **state)
{
	struct clock clock = clock_standing(INT64_C(1795250000) * S_US);
	const struct odoo_sim_options options = {.clock = &clock,
		.database = "hc_json2",
		.seed = 1,
		.version = 19,
		.partners = 2060,
		.orders = 12};
	struct replay done;

	(void)state;
	replay("odoo-19.jsonl", &options, &done);
	assert_int_equal(done.played + done.left_out, 52);
	assert_int_equal(done.left_out, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_18_answers_as_recorded),
		cmocka_unit_test(version_19_answers_as_recorded),
	};

	return RUN(tests);
}
