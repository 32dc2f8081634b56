/* The line grammar: what a line is taken for, and what is said about a wrong one. */
#include "../lib/unit.h"
#include "base/clock.h"
#include "base/lines.h"
#include "base/str.h"
#include <errno.h>

/* What was read, as "W:key|value" "S:name|parent" "E:section:key=value" joined by newlines. */
struct reading {
	struct str got;
};

static int on_word(void *ctx, const struct line *line, struct err *err)
{
	struct reading *reading = ctx;

	if (slice_eq_str(line->key, "refused"))
		return err_set(err, -EINVAL, "is refused");
	str_addf(&reading->got, "W:%.*s|%.*s\n", SLICE_ARG(line->key), SLICE_ARG(line->value));
	return 0;
}

static int on_section(void *ctx, const struct line *line, struct err *err)
{
	struct reading *reading = ctx;

	if (slice_eq_str(line->section, "refused"))
		return err_set(err, -EINVAL, "no such section");
	str_addf(&reading->got, "S:%.*s|%.*s\n", SLICE_ARG(line->section), SLICE_ARG(line->parent));
	return 0;
}

static int on_entry(void *ctx, const struct line *line, struct err *err)
{
	struct reading *reading = ctx;

	if (slice_eq_str(line->key, "refused"))
		return err_set(err, -EINVAL, "no such key");
	str_addf(&reading->got, "E:%.*s:%.*s=%.*s\n", SLICE_ARG(line->section),
		SLICE_ARG(line->key), SLICE_ARG(line->value));
	return 0;
}

static const struct lines_ops all_ops = {on_word, on_section, on_entry};

struct row {
	const char *text, *got, *problems;
	int result;
};

static void assert_reads(const struct row *row, const struct lines_ops *ops)
{
	CLEANUP(problems_done)
	struct problems problems = PROBLEMS_INIT;
	CLEANUP(str_done)
	struct str told = STR_INIT(4000);
	struct reading reading = {.got = STR_INIT(4000)};
	int r = lines_parse("f", slice_of(row->text), 2, ops, &reading, &problems);

	for (size_t i = 0; i < problems.n; i++)
		str_addf(&told, "%s\n", problems.texts[i]);
	assert_string_equal(str_cstr(&reading.got), row->got);
	assert_string_equal(str_cstr(&told), row->problems);
	assert_int_equal(r, row->result);
	str_done(&reading.got);
}

static void lines_are_what_they_look_like(void **state)
{
	static const struct row rows[] = {
		{"format 1\n", "", "", 0},
		{"format 2", "", "", 0},
		{"\xEF\xBB\xBF# c\r\n\r\n format 1 # c\r\n", "", "", 0},
		{"format 1\ninherit core vim # x\n", "W:inherit|core vim\n", "", 0},
		{"format 1\ninherit\n", "W:inherit|\n", "", 0},
		{"format 1\n[list]\n[ dead : list ]\n", "S:list|\nS:dead|list\n", "", 0},
		{"format 1\n[a b]\n[a:b]\n", "S:a b|\nS:a:b|\n", "", 0},
		{"format 1\na = b\n[s]\nc d =  e  f \n", "E::a=b\nS:s|\nE:s:c d=e  f\n", "", 0},
		{"format 1\na =\nb = \n", "E::a=\nE::b=\n", "", 0},
		{"format 1\n\tj <Down>\t=\tmove-down\n", "E::j <Down>=move-down\n", "", 0},
		/* The first = that stands alone parts; others are text. */
		{"format 1\na = b = c\na=b = c=d\n", "E::a=b = c\nE::a=b=c=d\n", "", 0},
		{"format 1\n= = zoom\n", "E::==zoom\n", "", 0},
		{"format 1\n[ = back\n] = next\n", "E::[=back\nE::]=next\n", "", 0},
		{"format 1\n\"a = b\" = c\n", "E::\"a = b\"=c\n", "", 0},
		/* A comment's # stands alone too. */
		{"format 1\na = #ff0000 # red\n", "E::a=#ff0000\n", "", 0},
		{"format 1\na = b #c\na = b#c\na = b #\n", "E::a=b #c\nE::a=b#c\nE::a=b\n", "", 0},
		{"format 1\na = \"x # y\" # z\n", "E::a=\"x # y\"\n", "", 0},
		{"format 1\na = \"x \\\" # y\" # z\n", "E::a=\"x \\\" # y\"\n", "", 0},
		{"format 1\n#a = b\n  # c\n", "", "", 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_reads(&rows[i], &all_ops);
}

static void a_wrong_line_is_told_and_left_out(void **state)
{
	static const struct row rows[] = {
		{"format 1\nrefused = 1\na = 2\n", "E::a=2\n", "f:2: no such key\n", 0},
		{"format 1\nrefused x\na = 2\n", "E::a=2\n", "f:2: is refused\n", 0},
		{"format 1\n[refused]\na = 1\nw x\n[s]\nb = 2\n", "S:s|\nE:s:b=2\n",
			"f:2: no such section\n", 0},
		{"format 1\na = 1\n[open\nb = 2\n[s]\nc = 3\n", "E::a=1\nS:s|\nE:s:c=3\n",
			"f:3: the section is not closed by ]\n", 0},
		{"format 1\n[]\na = 1\n", "", "f:2: the section has no name\n", 0},
		{"format 1\n[a : ]\nb = 1\n", "", "f:2: the section's parent has no name\n", 0},
		{"format 1\na=b\n", "", "f:2: expected blanks around =\n", 0},
		{"format 1\n!\n", "", "f:2: expected \"key = value\", a [section] or a word\n", 0},
		{"format 1\na = \xff\nb = 1\n", "E::b=1\n", "f:2: not valid UTF-8\n", 0},
	};
	CLEANUP(problems_done)
	struct problems problems = PROBLEMS_INIT;
	struct reading reading = {.got = STR_INIT(100)};
	static const char nul[] = "format 1\na = \0x\nb = 1\n";

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_reads(&rows[i], &all_ops);
	lines_parse("f", (struct slice){nul, sizeof(nul) - 1}, 1, &all_ops, &reading, &problems);
	assert_string_equal(problems.texts[0], "f:2: a NUL byte");
	assert_string_equal(str_cstr(&reading.got), "E::b=1\n");
	str_done(&reading.got);
}

static void a_file_without_its_format_is_not_read(void **state)
{
	static const struct row rows[] = {
		{"", "", "f:1: the first statement must be \"format 2\"\n", -EINVAL},
		{"# x\n\n", "", "f:2: the first statement must be \"format 2\"\n", -EINVAL},
		{"a = 1\nformat 1\n", "", "f:1: the first statement must be \"format 2\"\n",
			-EINVAL},
		{"format\n", "", "f:1: the format must be a number from 1 to 2\n", -EINVAL},
		{"format 0\n", "", "f:1: the format must be a number from 1 to 2\n", -EINVAL},
		{"format 1 x\n", "", "f:1: the format must be a number from 1 to 2\n", -EINVAL},
		{"format 3\na = 1\n", "",
			"f:1: format 3 is newer than this program, which knows up to 2\n", -EINVAL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_reads(&rows[i], &all_ops);
}

static void what_nobody_takes_is_a_problem(void **state)
{
	static const struct lines_ops none = {0};
	static const struct row row = {"format 1\nw x\n[s]\na = 1\n[t]\n", "",
		"f:2: a word statement does not belong here\n"
		"f:3: a section does not belong here\n"
		"f:5: a section does not belong here\n",
		0};
	static const struct row entry = {
		"format 1\na = 1\n", "", "f:2: an entry does not belong here\n", 0};

	(void)state;
	assert_reads(&row, &none);
	assert_reads(&entry, &none);
}

static void problems_are_inert_and_their_number_is_capped(void **state)
{
	CLEANUP(problems_done)
	struct problems problems = PROBLEMS_INIT;

	(void)state;
	for (int i = 0; i < PROBLEMS_MAX + 5; i++)
		problems_add(&problems, "f", i, "bad \"%s\"", "\x1b[2J");
	assert_int_equal(problems.n, PROBLEMS_MAX);
	assert_int_equal(problems.dropped, 5);
	assert_string_equal(problems.texts[3], "f:3: bad \"\u241B[2J\"");
}

static void words_are_parted_and_unquoted(void **state)
{
	static const struct {
		const char *text, *want[4];
		int end; /* what comes after these */
	} rows[] = {
		{"", {NULL}, 0},
		{"  \t ", {NULL}, 0},
		{"a  b\tc", {"a", "b", "c"}, 0},
		{"\"a b\" c", {"a b", "c"}, 0},
		{"\"\" x", {"", "x"}, 0},
		{"\"\\\"\\\\\\n\\t\\e\"", {"\"\\\n\t\x1b"}, 0},
		{"\"\\u{e9}\\u{1F600}\"", {"\u00e9\U0001F600"}, 0},
		{"a\"b c\\n", {"a\"b", "c\\n"}, 0},
		{"a \"open", {"a"}, -EINVAL},
		{"\"x\"y", {NULL}, -EINVAL},
		{"\"\\x\"", {NULL}, -EINVAL},
		{"\"\\u{}\"", {NULL}, -EINVAL},
		{"\"\\u{0}\"", {NULL}, -EINVAL},
		{"\"\\u{D800}\"", {NULL}, -EINVAL},
		{"\"\\u{110000}\"", {NULL}, -EINVAL},
		{"\"\\u{1234567}\"", {NULL}, -EINVAL},
		{"\"\\u{g}\"", {NULL}, -EINVAL},
		{"\"\\u12\"", {NULL}, -EINVAL},
		{"\"\\u", {NULL}, -EINVAL},
		{"\"\\", {NULL}, -EINVAL},
		{"\"", {NULL}, -EINVAL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_done)
		struct arena arena = ARENA_INIT;
		struct slice rest = slice_of(rows[i].text), word;
		struct err err = ERR_INIT;

		for (size_t j = 0; rows[i].want[j]; j++) {
			assert_int_equal(lines_word(&arena, &rest, &word, &err), 1);
			assert_string_equal(word.at, rows[i].want[j]);
			assert_int_equal(word.len, strlen(rows[i].want[j]));
		}
		assert_int_equal(lines_word(&arena, &rest, &word, &err), rows[i].end);
		assert_int_equal(err.code, rows[i].end);
	}
}

static void yes_and_no_have_three_words_each(void **state)
{
	static const struct {
		const char *text;
		int want;
	} rows[] = {{"yes", 1}, {"On", 1}, {"TRUE", 1}, {"no", 0}, {"off", 0}, {"false", 0},
		{"", -1}, {"1", -1}, {"y", -1}, {"yes ", -1}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bool value = false;
		int r = lines_bool(slice_of(rows[i].text), &value, NULL);

		assert_int_equal(r, rows[i].want < 0 ? -EINVAL : 0);
		assert_int_equal(value, rows[i].want > 0);
	}
}

static void durations_have_units(void **state)
{
	static const struct {
		const char *text;
		int64_t us;
		int result;
	} rows[] = {
		{"250ms", 250 * MS_US, 0},
		{"10s", 10 * S_US, 0},
		{"5m", 300 * S_US, 0},
		{"2h", 7200 * S_US, 0},
		{"1d", 86400 * S_US, 0},
		{"0", 0, 0},
		{"0s", 0, 0},
		{"106751991d", INT64_C(106751991) * 86400 * S_US, 0},
		{"106751992d", 0, -ERANGE},
		{"99999999999999999999s", 0, -ERANGE},
		{"10", 0, -EINVAL},
		{"s", 0, -EINVAL},
		{"", 0, -EINVAL},
		{"-1s", 0, -EINVAL},
		{"1.5s", 0, -EINVAL},
		{"1 s", 0, -EINVAL},
		{"1w", 0, -EINVAL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t us = -7;
		int r = lines_duration_us(slice_of(rows[i].text), &us, NULL);

		assert_int_equal(r, rows[i].result);
		assert_int_equal(us, r == 0 ? rows[i].us : -7);
	}
}

static void the_nearest_name_is_suggested(void **state)
{
	static const struct {
		int other;
		const char *name;
	} names[] = {{1, "refresh"}, {2, "replay-request"}, {3, "quit"}, {4, "go"},
		{5, "move-down"}, {6, "move-up"}, {7, NULL}};
	static const struct {
		const char *wrong, *meant;
	} rows[] = {
		{"refersh", "refresh"},
		{"refreshh", "refresh"},
		{"refres", "refresh"},
		{"quti", "quit"},
		{"replay-requset", "replay-request"},
		{"move-pu", "move-up"},
		{"movedown", "move-down"},
		{"gp", "go"},
		{"og", "go"},
		{"zz", NULL},
		{"x", NULL},
		{"", NULL},
		{"something-else", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *meant = suggest(slice_of(rows[i].wrong), &names[0].name,
			ARRAY_LEN(names), sizeof(names[0]));

		assert_string_equal(
			meant ? meant : "(none)", rows[i].meant ? rows[i].meant : "(none)");
	}
}

static void an_unknown_name_is_told_with_the_nearest(void **state)
{
	static const char *const names[] = {"refresh", "quit"};
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(
		err_unknown(&err, "action", SLICE("refersh"), names, 2, sizeof(names[0])), -EINVAL);
	assert_string_equal(err.text, "unknown action \"refersh\"; did you mean \"refresh\"?");
	err_unknown(&err, "action", SLICE("zebra"), names, 2, sizeof(names[0]));
	assert_string_equal(err.text, "unknown action \"zebra\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_what_they_look_like),
		cmocka_unit_test(a_wrong_line_is_told_and_left_out),
		cmocka_unit_test(a_file_without_its_format_is_not_read),
		cmocka_unit_test(what_nobody_takes_is_a_problem),
		cmocka_unit_test(problems_are_inert_and_their_number_is_capped),
		cmocka_unit_test(words_are_parted_and_unquoted),
		cmocka_unit_test(yes_and_no_have_three_words_each),
		cmocka_unit_test(durations_have_units),
		cmocka_unit_test(the_nearest_name_is_suggested),
		cmocka_unit_test(an_unknown_name_is_told_with_the_nearest),
	};

	return RUN(tests);
}
