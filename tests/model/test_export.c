/* Rows as CSV and JSON lines: nothing runs in a spreadsheet, nothing acts on a terminal. */
#include "model/export.h"
#include "unit.h"
#include <math.h>

static const struct column columns[] = {{"place", COLUMN_TEXT}, {"a", COLUMN_TEXT},
	{"n", COLUMN_INT}, {"r", COLUMN_REAL}, {"b", COLUMN_BOOL}, {"t", COLUMN_TIME}};

static struct rows *one(struct slice text)
{
	struct rows_builder *builder = rows_builder_new(columns, ARRAY_LEN(columns));

	rows_add_text(builder, SLICE("7"));
	rows_add_text(builder, text);
	rows_add_int(builder, -7);
	rows_add_real(builder, NAN);
	rows_add_null(builder);
	rows_add_time(builder, INT64_C(1773480600123456));
	return rows_finish(builder);
}

static void each_text_is_harmless(void **state)
{
	static const struct {
		struct slice text;
		const char *csv, *json;
	} rows[] = {
		{SLICE("plain"), "\"plain\"", "\"plain\""},
		{SLICE("say \"so\", no"), "\"say \"\"so\"\", no\"", "\"say \\u0022so\\u0022, no\""},
		{SLICE("=1+1"), "\"'=1+1\"", "\"=1+1\""},
		{SLICE("+1"), "\"'+1\"", "\"+1\""},
		{SLICE("-1"), "\"'-1\"", "\"-1\""},
		{SLICE("@x"), "\"'@x\"", "\"@x\""},
		{SLICE("\t=1"), "\"'\u2409=1\"", "\"\\u0009=1\""},
		{SLICE("a\x1b[2J"), "\"a\u241b[2J\"", "\"a\\u001b[2J\""},
		{SLICE("a\nb"), "\"a\u240ab\"", "\"a\\u000ab\""},
		{SLICE("\u202ex"), "\"\ufffdx\"", "\"\\u202ex\""},
		{SLICE("\xff"), "\"\ufffd\"", "\"\\ufffd\""},
		{SLICE("ä€😀"), "\"ä€😀\"", "\"ä€😀\""},
		{SLICE(""), "\"\"", "\"\""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct rows *all = one(rows[i].text);
		CLEANUP(str_done)
		struct str csv = STR_INIT(4096), wanted = STR_INIT(4096), json = STR_INIT(4096);

		export_csv_row(all, 0, &csv);
		str_addf(&wanted, "%s,-7,nan,,2026-03-14T09:30:00.123Z\r\n", rows[i].csv);
		assert_string_equal(str_cstr(&csv), str_cstr(&wanted));
		export_json_row(all, 0, &json);
		str_reset(&wanted);
		str_addf(&wanted,
			"{\"a\":%s,\"n\":-7,\"r\":null,\"b\":null,\"t\":\"2026-03-14T09:30:00.123Z\"}\n",
			rows[i].json);
		assert_string_equal(str_cstr(&json), str_cstr(&wanted));
		rows_unref(all);
		str_done(&wanted);
		str_done(&json);
	}
}

static void the_head_names_what_is_shown(void **state)
{
	struct rows *all = one(SLICE("x"));
	CLEANUP(str_done)
	struct str csv = STR_INIT(4096);

	(void)state;
	export_csv_head(all, &csv);
	assert_string_equal(str_cstr(&csv), "a,n,r,b,t\r\n");
	rows_unref(all);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_text_is_harmless),
		cmocka_unit_test(the_head_names_what_is_shown),
	};

	return RUN(tests);
}
