/* The filter language: what is read, how it is written, what is refused and where. */
#include "model/filter.h"
#include "random.h"
#include "unit.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NOW (INT64_C(1773480600) * 1000000) /* 2026-03-14 09:30:00 UTC */

static void what_is_read_is_written_in_one_way(void **state)
{
	static const struct {
		const char *text, *printed;
	} rows[] = {
		{"", ""},
		{"  \t ", ""},
		{"7f3a-1", "7f3a-1"},
		{"\"PO 7\"", "\"PO 7\""},
		{"state:dead", "state:dead"},
		{"STATE = Dead", "state:dead"},
		{"state:dead,retrying", "state:dead,retrying"},
		{"state:dead, retrying", "state:dead,retrying"},
		{"state:open", "state:waiting,running,retrying"},
		{"state!=done", "state!=done"},
		{"interface:po-*", "if:po-*"},
		{"if:\"po-*\"", "if:\"po-*\""},
		{"if:po-\"*\"*", "if:\"po-*\"*"},
		{"a b", "a b"},
		{"a AND b", "a b"},
		{"a or b c", "a or b c"},
		{"payload ~ \"a b\" since:-2h", "body~\"a b\" since:-2h"},
		{"body~x", "body~\"x\""},
		{"(a or b) c", "(a or b) c"},
		{"((a b) c)", "a b c"},
		{"(a or (b or c))", "a or b or c"},
		{"not a", "not a"},
		{"-a", "not a"},
		{"!a", "not a"},
		{"-(a b)", "not (a b)"},
		{"not not a", "not not a"},
		{"\"or\"", "\"or\""},
		{"\"-a\"", "\"-a\""},
		{"\"urn:x\"", "\"urn:x\""},
		{"id!=a,b", "id!=a,b"},
		{"a,b", "a,b"},
		{"age > 1h", "age>1h"},
		{"age:1h..2d", "age:1h..2d"},
		{"tier<=2", "tier<=2"},
		{"tier:1..2", "tier:1..2"},
		{"last 7d", "since:-7d"},
		{"last:7d x", "since:-7d x"},
		{"last week", "\"last\" week"},
		{"since:2h", "since:-2h"},
		{"from:yesterday", "since:yesterday"},
		{"due<now", "due<now"},
		{"due<+2h", "due<+2h"},
		{"due:none", "due:none"},
		{"began:2026-02-28..2026-03-01", "began:2026-02-28..2026-03-01"},
		{"on:today", "began:today"},
		{"since:08:00", "since:08:00"},
		{"since:2026-02-28T14:05:06.5+02:00", "since:2026-02-28T14:05:06.500000+02:00"},
		{"since:\"2026-02-28 14:05Z\"", "since:2026-02-28T14:05Z"},
		{"at>14:05@Europe/Vienna", "at>14:05@Europe/Vienna"},
		{"class:none", "class:none"},
		{"code:\"none\"", "code:\"none\""},
		{"owner:me,ana.ruiz,none", "owner:me,ana.ruiz,none"},
		{"error:\"cost centre\"", "error:\"cost centre\""},
		{"error~\"cost cent(re|er) \\d+\"", "error~\"cost cent(re|er) \\d+\""},
		{"error!~a|b", "error!~\"a|b\""},
		{"error:\"\\\"x\\\\\"", "error:\"\\\"x\\\\\""},
		{"code:a=b", "code:a=b"},
		{"key:\"PO 7\"*", "key:\"PO 7\"*"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(filter_freep)
		struct filter *filter = NULL;
		CLEANUP(str_done)
		struct str out = STR_INIT(8192);
		struct err err = ERR_INIT;

		if (filter_parse(slice_of(rows[i].text), &filter, NULL, &err) < 0)
			fail_msg("%s: %s", rows[i].text, err.text);
		filter_print(filter, &out);
		assert_string_equal(str_cstr(&out), rows[i].printed);
	}
}

static void what_is_wrong_is_told_with_its_column(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{"state:dead facilty:H01",
			"column 12: no field `facilty`; did you mean `facility`?"},
		{"äöü facilty:H01", "column 5: no field"},
		{"urn:uuid:7f", "column 1: no field `urn`; put it in quotes"},
		{"state:daed", "column 7: no state `daed`; did you mean `dead`?"},
		{"state:dead,", "column 12: a value is missing"},
		{"state:", "column 7: a value is missing"},
		{"state>dead", "column 6: `state` does not take >, but : !="},
		{"state~d", "column 6: `state` does not take ~"},
		{"tier:x", "column 6: `x` is no number"},
		{"tier:-1", "column 6:"},
		{"tier:99999999999", "column 6:"},
		{"tier>1..2", "column 6: a range"},
		{"tier>1,2", "column 7: a list"},
		{"age>1y", "column 5: `1y` is no age"},
		{"age:1h", "column 5: no age is exact"},
		{"since:25:00", "column 7: `25:00` is no time"},
		{"since:2026-02-29", "column 7:"},
		{"since:2026-02-28T08:00@/x", "column 7:"},
		{"since:1h..2h", "column 7: one time"},
		{"since:99999999999w", "column 7:"},
		{"(a", "column 1: this ( is not closed"},
		{"body:x", "column 5: `body` does not take :"},
		{"body!~x", "column 5: `body` does not take !~"},
		{"a body~\"(\"", "column 8: the pattern"},
		{"a or body~x", "column 6: `body` stands beside"},
		{"a not body~x", "column 7: `body` stands beside"},
		{"body~x a body~y", "column 10: `body` stands once"},
		{"a)", "column 2: this ) closes nothing"},
		{"()", "column 2: a term is missing before this )"},
		{"a or", "column 5: a term is missing here"},
		{"or a", "column 1: a term is missing before this word"},
		{"not", "column 4: a term is missing here"},
		{"\"a", "column 1: this quote is not closed"},
		{"a \"b\nc\"", "column 5:"},
		{"error~\"a(b\"", "column 7: the pattern: "},
		{"error~\"\"", "column 7: the pattern is empty"},
		{"error~a(b)", "column 8: a ( in a value wants quotes"},
		{"--", "column 2: there is nothing in this"},
		{"\"- -\"", "column 1: there is nothing in this"},
		{"a\001b", "column 2: a control character (01)"},
		{"ä\xff", "column 2: this is not UTF-8"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct filter *filter = NULL;
		struct err err = ERR_INIT;

		if (filter_parse(slice_of(rows[i].text), &filter, NULL, &err) != -EINVAL || filter)
			fail_msg("%s is read", rows[i].text);
		if (strncmp(err.text, rows[i].says, strlen(rows[i].says)) != 0)
			fail_msg("%s: %s", rows[i].text, err.text);
	}
}

static void refuse(struct slice text, const char *says)
{
	struct filter *filter = NULL;
	struct err err = ERR_INIT;

	assert_int_equal(filter_parse(text, &filter, NULL, &err), -EINVAL);
	assert_non_null(strstr(err.text, says));
}

static void monsters_are_refused(void **state)
{
	static char large[64 * 1024];
	CLEANUP(str_done)
	struct str text = STR_INIT(1 << 16);

	(void)state;
	memset(large, 'a', sizeof(large));
	refuse((struct slice){large, sizeof(large)}, "longer than");
	memset(large, '(', sizeof(large));
	refuse((struct slice){large, sizeof(large)}, "longer than");
	refuse((struct slice){large, FILTER_MAX}, "nested more than 32 deep");
	memset(large, '-', sizeof(large));
	refuse((struct slice){large, FILTER_MAX}, "nested more than 32 deep");
	refuse(SLICE("a\0b"), "column 2: a control character (00)");
	for (int i = 0; i <= FILTER_TERMS; i++)
		str_adds(&text, "a ");
	refuse(str_slice(&text), "more than 200 terms");
	str_reset(&text);
	for (int i = 0; i <= FILTER_VALUES; i++)
		str_adds(&text, i ? ",a" : "a");
	refuse(str_slice(&text), "more than 100 values");
}

/* ---- parse(print(x)) == x ----------------------------------------------------------------------- */

static struct slice random_text(struct arena *arena, struct random *random, bool glob)
{
	static const char *const pieces[] = {"a", "Z", "7", "-", " ", "\"", "\\", "*", "?", "(",
		")", ",", ":", "=", "<", "~", "!", "..", "or", "me", "none", "last", "ä", "€", "'",
		"%", "_", "$1"};
	CLEANUP(str_done)
	struct str text = STR_INIT(200);
	size_t n = random_below(random, 6);

	str_adds(&text, random_below(random, 4) ? "x" : "\"x");
	if (random_below(random, 8) == 0)
		str_reset(&text), str_adds(&text, random_below(random, 2) ? "or" : "last");
	for (size_t i = 0; i < n; i++)
		str_adds(&text, pieces[random_below(random, ARRAY_LEN(pieces))]);
	if (glob)
		str_addc(&text, random_below(random, 2) ? FILTER_ANY : FILTER_ONE);
	if (glob && random_below(random, 2))
		str_addc(&text, 'y');
	return arena_dup(arena, str_slice(&text));
}

static struct filter_time random_time(struct random *random)
{
	static const struct slice zones[] = {
		SLICE(""), SLICE("Z"), SLICE("+02:00"), SLICE("-09:30"), SLICE("Europe/Vienna")};
	struct filter_time time = {.kind = (int)random_below(random, 3)};

	if (time.kind == FILTER_AGO) {
		time.ago = (int64_t)random_below(random, 200) - 100;
		time.unit = time.ago ? "smhdw"[random_below(random, 5)] : 's';
	} else if (time.kind == FILTER_DAYS) {
		time.ago = (int64_t)random_below(random, 3) - 1;
	} else {
		time.second = time.hour = -1;
		if (random_below(random, 2)) {
			time.year = 1990 + (int)random_below(random, 60);
			time.month = 1 + (int)random_below(random, 12);
			time.day = 1 + (int)random_below(random, 28);
		}
		if (!time.year || random_below(random, 2))
			time.hour = (int)random_below(random, 24);
		if (time.hour >= 0)
			time.minute = (int)random_below(random, 60);
		if (time.hour >= 0 && random_below(random, 2))
			time.second = (int)random_below(random, 60);
		if (time.second >= 0 && random_below(random, 2))
			time.us = (int)random_below(random, 1000000);
		time.zone = zones[random_below(random, ARRAY_LEN(zones))];
	}
	return time;
}

static struct filter_scalar random_scalar(
	struct arena *arena, struct random *random, const struct filter_node *node)
{
	struct filter_scalar scalar = {0};
	const char *const *words = filter_choices(node->field);
	size_t n = 0;

	switch (filter_field(node->field)->kind) {
	case FILTER_CHOICE:
		while (words[n])
			n++;
		scalar.text = slice_of(words[random_below(random, n)]);
		break;
	case FILTER_NUMBER:
		scalar.number = (int64_t)random_below(random, 100000);
		break;
	case FILTER_AGE:
		scalar.number = (int64_t)random_below(random, 1000);
		scalar.unit = "smhdw"[random_below(random, 5)];
		break;
	case FILTER_TIME:
	case FILTER_FROM:
	case FILTER_TO:
		scalar.time = random_time(random);
		break;
	default:
		scalar.kind = random_below(random, 3) ? FILTER_TEXT : FILTER_GLOB;
		scalar.text = random_text(arena, random, scalar.kind == FILTER_GLOB);
	}
	return scalar;
}

static void random_term(struct arena *arena, struct random *random, struct filter_node *node)
{
	enum filter_kind kind;
	bool equal;

	/* The last, body, stands beside all others only. */
	node->field = (enum filter_field)random_below(random, FILTER_FIELD_BODY);
	do
		node->op = (enum filter_op)random_below(random, FILTER_N_OPS);
	while (!filter_field_takes(node->field, node->op));
	kind = filter_field(node->field)->kind;
	equal = node->op == FILTER_IS || node->op == FILTER_IS_NOT;
	node->n_values =
		equal && kind != FILTER_FROM && kind != FILTER_TO ? 1 + random_below(random, 3) : 1;
	node->values = arena_array(arena, node->n_values, sizeof(*node->values));
	for (size_t i = 0; i < node->n_values; i++) {
		struct filter_value *value = &node->values[i];

		if (node->op == FILTER_MATCHES || node->op == FILTER_MATCHES_NOT) {
			value->low.text = random_below(random, 2) ? SLICE("a(b|c) \\d \"x\\\\\"")
								  : SLICE("plain");
			continue;
		}
		value->low = random_scalar(arena, random, node);
		value->range =
			equal && (kind == FILTER_AGE ||
					 (random_below(random, 2) &&
						 (kind == FILTER_NUMBER || kind == FILTER_TIME)));
		if (value->range)
			value->high = random_scalar(arena, random, node);
	}
}

static struct filter_node *random_node(struct arena *arena, struct random *random, int depth)
{
	struct filter_node *node = arena_alloc(arena, sizeof(*node)), **end = &node->first;
	size_t n;

	node->type = depth > 4 ? FILTER_TERM : (int)random_below(random, 4);
	if (node->type == FILTER_TERM) {
		random_term(arena, random, node);
		return node;
	}
	n = node->type == FILTER_NOT ? 1 : 2 + random_below(random, 2);
	while (n) {
		*end = random_node(arena, random, depth + 1);
		/* A list in a list of its kind is part of it. */
		if (node->type != FILTER_NOT && (*end)->type == node->type)
			continue;
		end = &(*end)->next;
		n--;
	}
	*end = NULL;
	return node;
}

static void same_scalar(const struct filter_scalar *a, const struct filter_scalar *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_true(slice_eq(a->text, b->text));
	assert_int_equal(a->number, b->number);
	assert_int_equal(a->unit, b->unit);
	assert_int_equal(a->time.kind, b->time.kind);
	assert_int_equal(a->time.ago, b->time.ago);
	assert_int_equal(a->time.unit, b->time.unit);
	assert_int_equal(a->time.year, b->time.year);
	assert_int_equal(a->time.month, b->time.month);
	assert_int_equal(a->time.day, b->time.day);
	assert_int_equal(a->time.hour, b->time.hour);
	assert_int_equal(a->time.minute, b->time.minute);
	assert_int_equal(a->time.second, b->time.second);
	assert_int_equal(a->time.us, b->time.us);
	assert_true(slice_eq(a->time.zone, b->time.zone));
}

static void same(const struct filter_node *a, const struct filter_node *b)
{
	assert_int_equal(!a, !b);
	if (!a)
		return;
	assert_int_equal(a->type, b->type);
	assert_int_equal(a->field, b->field);
	assert_int_equal(a->op, b->op);
	assert_int_equal(a->n_values, b->n_values);
	for (size_t i = 0; i < a->n_values; i++) {
		assert_int_equal(a->values[i].range, b->values[i].range);
		same_scalar(&a->values[i].low, &b->values[i].low);
		same_scalar(&a->values[i].high, &b->values[i].high);
	}
	same(a->first, b->first);
	same(a->next, b->next);
}

static void random_filters_read_back_as_they_were(void **state)
{
	struct random random = {7};
	int tried = 0;

	(void)state;
	for (int i = 0; i < 5000; i++) {
		struct filter filter = {.arena = ARENA_INIT};
		CLEANUP(filter_freep)
		struct filter *again = NULL;
		CLEANUP(str_done)
		struct str text = STR_INIT(1 << 18);
		struct err err = ERR_INIT;

		filter.root = random_node(&filter.arena, &random, 0);
		filter_print(&filter, &text);
		if (text.len <= FILTER_MAX) {
			tried++;
			if (filter_parse(str_slice(&text), &again, NULL, &err) < 0)
				fail_msg("%s: %s", str_cstr(&text), err.text);
			same(filter.root, again->root);
		}
		arena_done(&filter.arena);
	}
	assert_true(tried > 4000);
}

/* ---- times -------------------------------------------------------------------------------------- */

static void a_time_is_as_long_as_it_was_written(void **state)
{
	static const struct {
		const char *text;
		int64_t begin_s, end_s; /* from NOW */
	} rows[] = {
		{"today", -34200, 86400 - 34200},
		{"yesterday", -34200 - 86400, -34200},
		{"2026-03-14Z", -34200, 86400 - 34200},
		{"2026-03-14T09:30Z", 0, 60},
		{"2026-03-14T09:30:00Z", 0, 1},
		{"2026-03-14T10:30+01:00", 0, 60},
		{"2026-03-14T08:00-01:30", 0, 60},
		{"2026-02-28Z", -34200 - 14 * 86400, -34200 - 13 * 86400},
		{"09:30Z", 0, 60},
		{"23:00+14:00", -30 * 60, -29 * 60},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(filter_freep)
		struct filter *filter = NULL;
		CLEANUP(str_done)
		struct str text = STR_INIT(200);
		const struct filter_time *time;

		str_addf(&text, "at:%s", rows[i].text);
		assert_int_equal(filter_parse(str_slice(&text), &filter, NULL, NULL), 0);
		time = &filter->root->values[0].low.time;
		assert_int_equal(filter_time_us(time, NOW, false), NOW + rows[i].begin_s * 1000000);
		assert_int_equal(filter_time_us(time, NOW, true), NOW + rows[i].end_s * 1000000);
	}
}

/* ---- completion --------------------------------------------------------------------------------- */

static size_t names(void *ctx, enum filter_field field, const char *const **ret)
{
	static const char *const interfaces[] = {"po-in", "po-out", "two words"};

	(void)ctx;
	*ret = interfaces;
	return field == FILTER_FIELD_INTERFACE ? ARRAY_LEN(interfaces) : 0;
}

static void what_can_follow_is_offered(void **state)
{
	static const struct {
		const char *text, *offers;
	} rows[] = {
		{"fac", "0 facility:"},
		{"state:dead fac", "11 facility:"},
		{"(corr", "1 correlation:"},
		{"-corr", "1 correlation:"},
		{"tier", "0 tier: tier!= tier< tier<= tier> tier>="},
		{"state:d", "6 done dead"},
		{"state:dead,re", "11 retrying"},
		{"state!=c", "7 cancelled"},
		{"if:po", "3 po-in po-out"},
		{"if:tw", "3"},
		{"if:\"", ""},
		{"owner:m", "6 me"},
		{"since:y", "6 yesterday"},
		{"age>", "4 15m 1h 4h 1d 7d"},
		{"facilty:", ""},
		{"a o", "2 ordering: owner: or"},
	};
	const struct filter_names source = {.names = names};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena arena = ARENA_INIT;
		CLEANUP(str_done)
		struct str line = STR_INIT(1000);
		const char *words[32];
		size_t at = 0, n = filter_complete(slice_of(rows[i].text), &source, &arena, words,
				       ARRAY_LEN(words), &at);

		if (n || *rows[i].offers)
			str_addf(&line, "%zu", at);
		for (size_t k = 0; k < n; k++)
			str_addf(&line, " %s", words[k]);
		assert_string_equal(str_cstr(&line), rows[i].offers);
		arena_done(&arena);
	}
}

static void every_field_is_described(void **state)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(1 << 16);

	(void)state;
	filter_describe(&text);
	for (int i = 0; i < FILTER_N_FIELDS; i++)
		assert_non_null(strstr(str_cstr(&text), filter_field((enum filter_field)i)->help));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_read_is_written_in_one_way),
		cmocka_unit_test(what_is_wrong_is_told_with_its_column),
		cmocka_unit_test(monsters_are_refused),
		cmocka_unit_test(random_filters_read_back_as_they_were),
		cmocka_unit_test(a_time_is_as_long_as_it_was_written),
		cmocka_unit_test(what_can_follow_is_offered),
		cmocka_unit_test(every_field_is_described),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return RUN(tests);
}
