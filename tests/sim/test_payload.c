/* Bodies are well-formed, whatever chance puts into them. */
#include "base/mem.h"
#include "payload.h"
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* after the standard headers, as it asks */
#include <cmocka.h>

#define CASES 200

static void make(struct str *out, enum sim_form form, int i)
{
	size_t n;
	const struct sim_partner *partners = sim_partners(&n);
	const struct subject subject = {.id = random_mix(99, (uint64_t)i),
		.key = "PO-2026-11-0031700",
		.facility = "H01",
		.partner = i % 5 ? &partners[(size_t)i % n] : NULL,
		.at_us = INT64_C(1795251600) * 1000000 + i * INT64_C(7919000000)};

	str_reset(out);
	payload_put(out, form, &subject, "MSG0001");
	assert_false(out->cut);
}

static void good_json(const char *text)
{
	json_error_t error;
	json_t *value = json_loads(text, 0, &error);

	if (!value)
		fail_msg("%s in %s", error.text, text);
	json_decref(value);
}

/* Segments as counted, and the head of fixed width. */
static void good_x12(const char *text)
{
	const char *set = strstr(text, "\nST*"), *end = strstr(text, "\nSE*");
	int segments = 1;

	assert_non_null(set);
	assert_non_null(end);
	assert_int_equal(text[105], '~');
	assert_int_equal(strncmp(text, "ISA*", 4), 0);
	assert_non_null(strstr(text, "\nIEA*1*"));
	for (const char *at = set + 1; at < end; at = strchr(at, '\n') + 1)
		segments++;
	assert_int_equal((int)strtol(end + 4, NULL, 10), segments);
}

static void good_hl7(const char *text)
{
	size_t len = strlen(text);

	assert_int_equal(strncmp(text, "MSH|^~\\&|", 9), 0);
	assert_null(strchr(text, '\n'));
	assert_int_equal(text[len - 1], '\r');
	assert_non_null(strstr(text, "\rPID|1||"));
	assert_non_null(strstr(text, "|MSG0001|P|2.5.1\r"));
}

static size_t count_of(const char *line, size_t len, char c)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += line[i] == c;
	return n;
}

/* Every row has the fields of the head. */
static void good_csv(const char *text)
{
	size_t head = strcspn(text, "\n");
	char separator = memchr(text, ';', head) ? ';' : ',';
	size_t fields = count_of(text, head, separator);

	assert_true(fields > 2);
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
		size_t len = strcspn(line, "\n");

		assert_int_equal(line[len], '\n');
		assert_int_equal(count_of(line, len, separator), fields);
	}
}

/* Tags open and close in pairs, and an ampersand is an entity. */
static void good_xml(const char *text)
{
	const char *stack[32];
	size_t lens[32];
	int depth = 0;

	assert_int_equal(strncmp(text, "<?xml ", 6), 0);
	for (const char *at = strchr(text + 1, '<'); at; at = strchr(at + 1, '<')) {
		size_t len = strcspn(at + 1, " />\n");
		const char *close = strchr(at, '>');

		assert_non_null(close);
		if (at[1] == '/') {
			len = strcspn(at + 2, ">");
			assert_true(depth > 0);
			depth--;
			assert_int_equal(len, lens[depth]);
			assert_memory_equal(at + 2, stack[depth], len);
		} else if (close[-1] != '/') {
			assert_true(depth < 32);
			stack[depth] = at + 1;
			lens[depth++] = len;
		}
	}
	assert_int_equal(depth, 0);
	for (const char *at = strchr(text, '&'); at; at = strchr(at + 1, '&'))
		assert_int_equal(strncmp(at, "&amp;", 5), 0);
}

static void check(const char *type, const char *text)
{
	if (strstr(type, "json"))
		good_json(text);
	else if (strcmp(type, "application/edi-x12") == 0)
		good_x12(text);
	else if (strcmp(type, "application/hl7-v2") == 0)
		good_hl7(text);
	else if (strcmp(type, "text/csv") == 0)
		good_csv(text);
	else if (strcmp(type, "application/xml") == 0)
		good_xml(text);
	else
		fail_msg("%s: a type that nobody checks", type);
}

static void every_body_is_well_formed(void **state)
{
	struct str out = STR_INIT(1 << 20);

	(void)state;
	for (int form = 0; form < N_FORMS; form++) {
		for (int i = 0; i < CASES; i++) {
			make(&out, (enum sim_form)form, i);
			check(payload_content_type((enum sim_form)form), str_cstr(&out));
		}
	}
	str_done(&out);
}

static void the_same_subject_gives_the_same_body(void **state)
{
	struct str a = STR_INIT(1 << 20), b = STR_INIT(1 << 20);

	(void)state;
	for (int form = 0; form < N_FORMS; form++) {
		make(&a, (enum sim_form)form, 3);
		make(&b, (enum sim_form)form, 3);
		assert_string_equal(str_cstr(&a), str_cstr(&b));
		make(&b, (enum sim_form)form, 4);
		assert_string_not_equal(str_cstr(&a), str_cstr(&b));
	}
	str_done(&a);
	str_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_body_is_well_formed),
		cmocka_unit_test(the_same_subject_gives_the_same_body),
	};

	return cmocka_run_group_tests_name("sim/payload", tests, NULL, NULL);
}
