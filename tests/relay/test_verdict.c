/* Each answer of a target, and each way in which none came, has its outcome and its error class. */
#include "relay/verdict.h"
#include "unit.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct endpoint *endpoint(const char *more)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(1000);
	struct endpoint *endpoint = NULL;
	struct err err = ERR_INIT;

	str_addf(&text, "{\"kind\": \"http\", \"url\": \"https://ghx.example/orders\"%s}", more);
	if (endpoint_parse(str_slice(&text), &endpoint, &err) < 0)
		fail_msg("%s", err.text);
	return endpoint;
}

static const char *said(const struct verdict *verdict)
{
	static char text[200];

	(void)snprintf(text, sizeof(text), "%s %s%s", outcome_name(verdict->outcome),
		verdict->class ? verdict->class : "-", verdict->bad ? " bad" : "");
	return text;
}

/* bad: it counts against the target, which rests after some of these. */
static void each_status_has_its_class(void **state)
{
	static const struct {
		int from, to;
		const char *want;
	} rows[] = {
		{200, 299, "delivered -"},
		{300, 306, "in_doubt target bad"},
		{307, 308, "failed target bad"},
		{400, 400, "failed schema"},
		{401, 401, "failed auth bad"},
		{402, 402, "failed business"},
		{403, 403, "failed auth"},
		{404, 404, "failed reference"},
		{405, 406, "failed schema"},
		{407, 407, "failed auth bad"},
		{408, 408, "not_sent timeout bad"},
		{409, 409, "failed conflict"},
		{410, 410, "failed reference"},
		{412, 412, "failed conflict"},
		{413, 421, "failed schema"},
		{422, 422, "failed mapping"},
		{423, 424, "failed conflict"},
		{425, 425, "not_sent throttled bad"},
		{428, 428, "failed conflict"},
		{429, 429, "not_sent throttled bad"},
		{451, 451, "failed business"},
		{500, 500, "in_doubt target bad"},
		{501, 501, "failed schema"},
		{502, 502, "in_doubt transport bad"},
		{503, 503, "in_doubt target bad"},
		{504, 504, "in_doubt timeout bad"},
		{505, 599, "in_doubt target bad"},
		{600, 999, "in_doubt unknown bad"},
	};
	CLEANUP(endpoint_freep)
	struct endpoint *at = endpoint("");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (int status = rows[i].from; status <= rows[i].to; status++) {
			const struct http_reply reply = {.status = status};
			struct verdict verdict;

			verdict_http(at, false, &reply, 0, &verdict);
			if (strcmp(said(&verdict), rows[i].want) != 0)
				fail_msg("%d: %s, not %s", status, said(&verdict), rows[i].want);
			assert_int_equal(verdict.http_status, status);
		}
	}
}

/* What may have arrived is in doubt, what cannot have is not sent; a no that was cut short is a no. */
static void without_an_answer_it_depends_on_what_may_have_arrived(void **state)
{
	static const struct {
		enum http_end end;
		bool may_have_arrived;
		int status;
		const char *want;
	} rows[] = {
		{HTTP_REFUSED, false, 0, "failed mapping"},
		{HTTP_RESOLVE, false, 0, "not_sent transport bad"},
		{HTTP_CONNECT, false, 0, "not_sent transport bad"},
		{HTTP_TLS, false, 0, "not_sent transport bad"},
		{HTTP_TIMEOUT, false, 0, "not_sent timeout bad"},
		{HTTP_TIMEOUT, true, 0, "in_doubt timeout bad"},
		{HTTP_TIMEOUT, true, 200, "in_doubt timeout bad"},
		{HTTP_CANCELED, true, 0, "in_doubt transport"},
		{HTTP_TOO_LARGE, true, 200, "delivered -"},
		{HTTP_TOO_LARGE, true, 422, "failed mapping"},
		{HTTP_GONE, true, 0, "in_doubt transport bad"},
		{HTTP_GONE, true, 201, "in_doubt transport bad"},
		{HTTP_GONE, true, 422, "failed mapping"},
		{HTTP_GARBLED, true, 0, "in_doubt transport bad"},
	};
	CLEANUP(endpoint_freep)
	struct endpoint *at = endpoint("");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct http_reply reply = {.end = rows[i].end,
			.may_have_arrived = rows[i].may_have_arrived,
			.status = rows[i].status};
		struct verdict verdict;

		verdict_http(at, false, &reply, 0, &verdict);
		if (strcmp(said(&verdict), rows[i].want) != 0)
			fail_msg("row %zu: %s, not %s", i, said(&verdict), rows[i].want);
	}
}

static void a_pause_is_taken_as_seconds_or_as_a_date(void **state)
{
	static const struct {
		int status;
		const char *after, *want;
		double pause_s;
	} rows[] = {
		{429, "120", "not_sent throttled bad", 120},
		{503, "7", "not_sent throttled bad", 7},
		{503, "Thu, 01 Jan 1970 00:00:30 GMT", "not_sent throttled bad", 20},
		{503, "Thu, 01 Jan 1970 00:00:05 GMT", "in_doubt target bad", 0},
		{503, "soon", "in_doubt target bad", 0},
		{503, "-5", "in_doubt target bad", 0},
		{201, "120", "delivered -", 0},
	};
	CLEANUP(endpoint_freep)
	struct endpoint *at = endpoint("");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct http_header header = {SLICE("retry-after"), slice_of(rows[i].after)};
		const struct http_reply reply = {
			.status = rows[i].status, .headers = &header, .n_headers = 1};
		struct verdict verdict;

		verdict_http(at, false, &reply, 10 * S_US, &verdict);
		if (strcmp(said(&verdict), rows[i].want) != 0 ||
			(int)verdict.pause_s != (int)rows[i].pause_s)
			fail_msg("%d after %s: %s, %.1f s", rows[i].status, rows[i].after,
				said(&verdict), verdict.pause_s);
	}
}

/* The endpoint's own word counts more; where repeats are kept apart a fault is a no; a page is none. */
static void what_is_known_of_the_target_counts(void **state)
{
	static const struct {
		const char *more;
		bool repeats;
		int status;
		const char *type, *want;
	} rows[] = {
		{"", true, 500, NULL, "failed target bad"},
		{"", true, 502, NULL, "in_doubt transport bad"},
		{", \"answers\": {\"409\": \"present\"}", false, 409, NULL, "present -"},
		{", \"answers\": {\"5xx\": \"failed\"}", false, 503, NULL, "failed target"},
		{", \"answers\": {\"202\": \"failed\"}", false, 202, NULL, "failed target"},
		{"", false, 200, "text/html; charset=utf-8", "in_doubt target bad"},
		{", \"html\": true", false, 200, "text/html", "delivered -"},
		{"", false, 422, "text/html", "failed mapping"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(endpoint_freep)
		struct endpoint *at = endpoint(rows[i].more);
		const struct http_header header = {SLICE("Content-Type"), slice_of(rows[i].type)};
		const struct http_reply reply = {.status = rows[i].status,
			.headers = &header,
			.n_headers = rows[i].type != NULL};
		struct verdict verdict;

		verdict_http(at, rows[i].repeats, &reply, 0, &verdict);
		if (strcmp(said(&verdict), rows[i].want) != 0)
			fail_msg("row %zu: %s, not %s", i, said(&verdict), rows[i].want);
	}
}

static void its_words_are_found_and_cut_between_characters(void **state)
{
	static const struct {
		const char *body, *want;
	} rows[] = {
		{"{\"message\": \"cost centre unknown\"}", "cost centre unknown"},
		{"{\"error\": {\"code\": 7, \"message\": \"no\"}}", "no"},
		{"{\"detail\": 7, \"title\": \"Bad\"}", "Bad"},
		{"plain words\nand more", "plain words"},
		{"\xff\xfe", "the answer is not text"},
		{"", ""},
	};
	CLEANUP(endpoint_freep)
	struct endpoint *at = endpoint("");
	CLEANUP(str_done)
	struct str longest = STR_INIT(4000);
	struct verdict verdict;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct http_reply reply = {.status = 422, .body = slice_of(rows[i].body)};

		verdict_http(at, false, &reply, 0, &verdict);
		assert_string_equal(verdict.text, rows[i].want);
	}
	str_adds(&longest, "{\"message\": \"x");
	for (int i = 0; i < 600; i++)
		str_adds(&longest, "\xc3\xa9");
	str_adds(&longest, "\"}");
	verdict_http(at, false, &(struct http_reply){.status = 422, .body = str_slice(&longest)}, 0,
		&verdict);
	assert_int_equal(strlen(verdict.text), VERDICT_TEXT_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_status_has_its_class),
		cmocka_unit_test(without_an_answer_it_depends_on_what_may_have_arrived),
		cmocka_unit_test(a_pause_is_taken_as_seconds_or_as_a_date),
		cmocka_unit_test(what_is_known_of_the_target_counts),
		cmocka_unit_test(its_words_are_found_and_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
