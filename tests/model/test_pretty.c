/* Payloads as people read them: what is right, what is not and where, and that it stays small. */
#include "base/mem.h"
#include "model/pretty.h"
#include "unit.h"

#define ISA                                                                                    \
	"ISA*00*          *00*          *ZZ*ODOO           *ZZ*GHX            *260314*0930*U*" \
	"00401*000000001*0*P*>~"

static void print(enum pretty_format format, struct slice input, struct pretty *pretty)
{
	pretty_open(pretty, format, input);
	while (pretty_more(pretty, 4096))
		;
}

struct row {
	const char *input, *text;
	const char *err; /* NULL: nothing is wrong */
};

static void check(enum pretty_format format, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct pretty pretty;

		print(format, slice_of(rows[i].input), &pretty);
		assert_string_equal(str_cstr(&pretty.text), rows[i].text);
		assert_string_equal(pretty.err.text, rows[i].err ? rows[i].err : "");
		pretty_done(&pretty);
	}
}

static void json_has_a_member_a_line(void **state)
{
	static const struct row rows[] = {
		{"", "", NULL},
		{"17", "17", NULL},
		{" [] ", "[]", NULL},
		{"{\"a\":{}}", "{\n  \"a\": {}\n}", NULL},
		{"{\"a\":1,\"b\":[true,null,-1.5e+3,\"x\\u00e9\\\"\"]}",
			"{\n  \"a\": 1,\n  \"b\": [\n    true,\n    null,\n    -1.5e+3,\n"
			"    \"x\\u00e9\\\"\"\n  ]\n}",
			NULL},
		{"{\"a\":1}\n{\"a\":2}\n", "{\n  \"a\": 1\n}\n{\n  \"a\": 2\n}", NULL},
	};

	(void)state;
	check(PRETTY_JSON, rows, ARRAY_LEN(rows));
}

static void json_that_is_broken_is_shown_raw_from_there(void **state)
{
	static const struct row rows[] = {
		{"{\"a\":1,}",
			"{\n  \"a\": 1,\n"
			"!! line 1, column 8: a key in quotes is expected; as it came from here on\n}",
			"line 1, column 8: a key in quotes is expected"},
		{"[1\n 2]",
			"[\n  1\n!! line 2, column 2: a comma or ] is expected; as it came from here on\n2]",
			"line 2, column 2: a comma or ] is expected"},
		{"{\"a\":[1",
			"{\n  \"a\": [\n    1\n!! line 1, column 8: the text ends, ] is missing",
			"line 1, column 8: the text ends, ] is missing"},
		{"\"x\\q\"",
			"!! line 1, column 3: there is no such escape; as it came from here on\n\"x\\q\"",
			"line 1, column 3: there is no such escape"},
		{"\"x", "!! line 1, column 1: a string is not closed; as it came from here on\n\"x",
			"line 1, column 1: a string is not closed"},
		{"\"\xc3\xa9\n\"",
			"!! line 1, column 3: a control character stands in a string; as it came from "
			"here on\n\"\xc3\xa9\n\"",
			"line 1, column 3: a control character stands in a string"},
		{"01", "!! line 1, column 1: a value is expected; as it came from here on\n01",
			"line 1, column 1: a value is expected"},
		{"1 2", "1\n!! line 1, column 3: something follows the end; as it came from here on\n2",
			"line 1, column 3: something follows the end"},
		{"{\"a\" 1}",
			"{\n  \"a\"\n!! line 1, column 6: a colon is expected; as it came from here on\n1}",
			"line 1, column 6: a colon is expected"},
		{"\"\\u12\"",
			"!! line 1, column 2: there is no such escape; as it came from here on\n"
			"\"\\u12\"",
			"line 1, column 2: there is no such escape"},
	};

	(void)state;
	check(PRETTY_JSON, rows, ARRAY_LEN(rows));
}

static void xml_has_an_element_a_line(void **state)
{
	static const struct row rows[] = {
		{"<a/>", "<a/>", NULL},
		{"<?xml version=\"1.0\"?><a><b>x y</b><c> </c><d></d></a>",
			"<?xml version=\"1.0\"?>\n<a>\n  <b>x y</b>\n  <c> </c>\n  <d></d>\n</a>",
			NULL},
		{"<a x=\"1\"  y = '<2'>one<b/>two</a>",
			"<a x=\"1\" y='<2'>\n  one\n  <b/>\n  two\n</a>", NULL},
		{"<!DOCTYPE a [<!ENTITY x \">\">]><n:a>\n\n <!-- - -->\n<![CDATA[<]]></n:a>",
			"<!DOCTYPE a [<!ENTITY x \">\">]>\n<n:a>\n  <!-- - -->\n  <![CDATA[<]]>\n</n:a>",
			NULL},
	};

	(void)state;
	check(PRETTY_XML, rows, ARRAY_LEN(rows));
}

static void xml_that_is_broken_is_shown_raw_from_there(void **state)
{
	static const struct row rows[] = {
		{"<a><b></a>",
			"<a>\n  <b>\n!! line 1, column 7: </b> is expected; as it came from here on\n</a>",
			"line 1, column 7: </b> is expected"},
		{"<a>\n<b>x</b>",
			"<a>\n  <b>x</b>\n!! line 2, column 9: the text ends, </a> is missing",
			"line 2, column 9: the text ends, </a> is missing"},
		{"<a x=1/>",
			"!! line 1, column 6: a value in quotes is expected; as it came from here on\n"
			"<a x=1/>",
			"line 1, column 6: a value in quotes is expected"},
		{"<a x/>", "!! line 1, column 5: = is expected; as it came from here on\n<a x/>",
			"line 1, column 5: = is expected"},
		{"<a x='1/>",
			"!! line 1, column 6: a value is not closed; as it came from here on\n<a x='1/>",
			"line 1, column 6: a value is not closed"},
		{"<a x='1'y='2'/>",
			"!! line 1, column 9: a blank, > or /> is expected; as it came from here on\n"
			"<a x='1'y='2'/>",
			"line 1, column 9: a blank, > or /> is expected"},
		{"<1/>", "!! line 1, column 2: a name is expected; as it came from here on\n<1/>",
			"line 1, column 2: a name is expected"},
		{"</a>",
			"!! line 1, column 1: nothing is open that this could close; as it came from "
			"here on\n</a>",
			"line 1, column 1: nothing is open that this could close"},
		{"<!-- x",
			"!! line 1, column 1: a comment is not closed; as it came from here on\n<!-- x",
			"line 1, column 1: a comment is not closed"},
		{"<!x [>",
			"!! line 1, column 1: a declaration is not closed; as it came from here on\n"
			"<!x [>",
			"line 1, column 1: a declaration is not closed"},
	};

	(void)state;
	check(PRETTY_XML, rows, ARRAY_LEN(rows));
}

static void hl7_fields_have_numbers_and_names(void **state)
{
	static const struct row rows[] = {
		{"MSH|^~\\&|LAB|||\rPID|||7^MR~8||DOE^J\rZXX||1\r",
			"MSH Message header\n  ^~\\&\n"
			"  MSH-3     sending application          LAB\n"
			"PID Patient\n"
			"  PID-3     patient identifiers          7^MR\n"
			"  PID-3[2]  patient identifiers          8\n"
			"  PID-5     name                         DOE^J\n"
			"ZXX\n"
			"  ZXX-2                                  1",
			NULL},
		{"\vMSH#!*\\&#A\r\nNTE#1##x*y\n\x1c\r",
			"MSH Message header\n  !*\\&\n"
			"  MSH-3     sending application          A\n"
			"NTE Note\n"
			"  NTE-1     set id                       1\n"
			"  NTE-3     comment                      x\n"
			"  NTE-3[2]  comment                      y",
			NULL},
		{"PID|1",
			"!! line 1, column 1: a segment MSH, FHS or BHS is expected; as it came from "
			"here on\nPID|1",
			"line 1, column 1: a segment MSH, FHS or BHS is expected"},
		{"MSH|^~\\&|\rPID^1\rX",
			"MSH Message header\n  ^~\\&\n"
			"!! line 2, column 1: a segment's name and | are expected; as it came from here "
			"on\nPID^1\rX",
			"line 2, column 1: a segment's name and | are expected"},
		{"MSH|",
			"!! line 1, column 4: what parts the fields is missing; as it came from here "
			"on\nMSH|",
			"line 1, column 4: what parts the fields is missing"},
		{"\r\n", "!! line 2, column 1: a segment MSH, FHS or BHS is expected",
			"line 2, column 1: a segment MSH, FHS or BHS is expected"},
	};

	(void)state;
	check(PRETTY_HL7, rows, ARRAY_LEN(rows));
}

static void x12_segments_have_names_and_are_counted(void **state)
{
	static const struct row rows[] = {
		{ISA "GS*PO~\nST*850*1~BEG*00*SA~ZZZ*1~SE*4*1~ST*850*2~SE*9*2~GE*2~IEA*1~",
			"ISA Interchange header                       00*          *00*          *ZZ*OD"
			"OO           *ZZ*GHX            *260314*0930*U*00401*000000001*0*P*>\n"
			"  GS  Group header                           PO\n"
			"    ST  Set header                           850*1\n"
			"      BEG Beginning of purchase order        00*SA\n"
			"      ZZZ                                    1\n"
			"    SE  Set trailer                          4*1\n"
			"    ST  Set header                           850*2\n"
			"    SE  Set trailer                          9*2  !! there are 2\n"
			"  GE  Group trailer                          2\n"
			"IEA Interchange trailer                      1",
			NULL},
		{"GS*PO~",
			"!! line 1, column 1: a segment ISA is expected; as it came from here on\n"
			"GS*PO~",
			"line 1, column 1: a segment ISA is expected"},
		{"ISA*00~",
			"!! line 1, column 1: an ISA segment has 106 bytes; as it came from here on\n"
			"ISA*00~",
			"line 1, column 1: an ISA segment has 106 bytes"},
	};

	(void)state;
	check(PRETTY_X12, rows, ARRAY_LEN(rows));
}

static void columns_of_a_table_stand_below_each_other(void **state)
{
	static const struct row rows[] = {
		{"a,bb\n1,\n", "a  bb\n1  ", NULL},
		{"item;name\r\n\"A;1\";\"say \"\"hi\"\"\"\r\n2;\"x\ny\"",
			"item  name\nA;1   say \"hi\"\n2     x y", NULL},
		{"a\tb\n\xc3\xa9\xe4\xb8\xad\tx", "a    b\n\xc3\xa9\xe4\xb8\xad  x", NULL},
		{"a,b\n1,\"2",
			"a  b\n!! line 2, column 3: a cell is not closed; as it came from here on\n1,\"2",
			"line 2, column 3: a cell is not closed"},
		{"a,b\"c\n",
			"!! line 1, column 4: a quote stands within a cell; as it came from here on\n"
			"a,b\"c\n",
			"line 1, column 4: a quote stands within a cell"},
		{"\"a\"b,c\n",
			"!! line 1, column 4: a quote stands within a cell; as it came from here on\n"
			"\"a\"b,c\n",
			"line 1, column 4: a quote stands within a cell"},
	};

	(void)state;
	check(PRETTY_CSV, rows, ARRAY_LEN(rows));
}

static void spans_name_what_stands_there(void **state)
{
	static const struct {
		enum pretty_format format;
		const char *input, *spans;
	} rows[] = {
		{PRETTY_JSON, "{\"a\":\"b\",\"c\":1}", "1\"a\" 2\"b\" 1\"c\" 31 "},
		{PRETTY_JSON, "[x",
			"6!!  6line 1, column 2: a value is expected 6; as it came from "
			"here on "},
		{PRETTY_XML, "<a b='c'>d</a>", "1<a 5b 2'c' 1> 1</a> "},
		{PRETTY_HL7, "MSH|^~\\&|A^B",
			"1MSH 5Message header 4^~\\& 1MSH-3 "
			"5sending application 4^ "},
		{PRETTY_CSV, "a,b\n1,x", "1a 1b 31 "},
		{PRETTY_TEXT, "a", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(str_done)
		struct str spans = STR_INIT(4096);
		struct pretty pretty;

		print(rows[i].format, slice_of(rows[i].input), &pretty);
		for (size_t j = 0; j < pretty.n_spans; j++)
			str_addf(&spans, "%d%.*s ", pretty.spans[j].kind, (int)pretty.spans[j].len,
				pretty.text.at + pretty.spans[j].at);
		assert_string_equal(str_cstr(&spans), rows[i].spans);
		pretty_done(&pretty);
	}
}

static void the_format_is_what_the_body_says(void **state)
{
	static const struct {
		const char *content_type, *body;
		enum pretty_format format;
	} rows[] = {
		{"", "", PRETTY_TEXT},
		{"text/plain", " \n{}", PRETTY_JSON},
		{"application/json", "17", PRETTY_JSON},
		{"application/json", "<a/>", PRETTY_XML},
		{"text/csv", "a,b", PRETTY_CSV},
		{"TEXT/CSV; charset=utf-8", "a,b", PRETTY_CSV},
		{"text/plain", "MSH|^~\\&", PRETTY_HL7},
		{"text/plain", "\vMSH|^~\\&", PRETTY_HL7},
		{"text/plain", "MSHX", PRETTY_TEXT},
		{"", "ISA*00", PRETTY_X12},
		{"", "ISABEL", PRETTY_TEXT},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(
			pretty_guess(slice_of(rows[i].content_type), slice_of(rows[i].body)),
			rows[i].format);
}

static void repeat(struct str *out, const char *text, size_t times)
{
	for (size_t i = 0; i < times; i++)
		str_adds(out, text);
}

/* What could grow without end does not, and says so. */
static void depth_and_size_are_capped(void **state)
{
	static const struct {
		enum pretty_format format;
		const char *head, *again;
		size_t times;
		const char *err;
	} rows[] = {
		{PRETTY_JSON, "", "[", 100000, "line 1, column 65: deeper than 64 levels"},
		{PRETTY_XML, "", "<a>", 100000, "line 1, column 193: deeper than 64 levels"},
		{PRETTY_JSON, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1", ",1", 200000,
			"too long to be shown like this"},
		{PRETTY_HL7, "MSH|^~\\&|\rPID|||1", "~1", 300000, "too long to be shown like this"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(str_done)
		struct str input = STR_INIT(1 << 20);
		struct pretty pretty;

		str_adds(&input, rows[i].head);
		repeat(&input, rows[i].again, rows[i].times);
		print(rows[i].format, str_slice(&input), &pretty);
		assert_string_equal(pretty.err.text, rows[i].err);
		assert_true(pretty.text.len <= PRETTY_MAX);
		assert_true(pretty.n_spans <= PRETTY_SPANS);
		assert_true(pretty.n_spans > 0 &&
			    pretty.spans[pretty.n_spans - 1].at +
					    pretty.spans[pretty.n_spans - 1].len <=
				    pretty.text.len);
		pretty_done(&pretty);
	}
}

/* A first screen costs what it shows, whatever follows. */
static void it_reads_no_further_than_asked(void **state)
{
	CLEANUP(str_done)
	struct str input = STR_INIT(1 << 20);
	struct pretty pretty;

	(void)state;
	str_adds(&input, "[1");
	repeat(&input, ",1", 100000);
	pretty_open(&pretty, PRETTY_JSON, str_slice(&input));
	assert_true(pretty_more(&pretty, 100));
	assert_true(pretty.text.len < 1000);
	assert_true(pretty_more(&pretty, 100000));
	assert_false(pretty_more(&pretty, SIZE_MAX));
	assert_string_equal(pretty.err.text, "line 1, column 200003: the text ends, ] is missing");
	pretty_done(&pretty);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_has_a_member_a_line),
		cmocka_unit_test(json_that_is_broken_is_shown_raw_from_there),
		cmocka_unit_test(xml_has_an_element_a_line),
		cmocka_unit_test(xml_that_is_broken_is_shown_raw_from_there),
		cmocka_unit_test(hl7_fields_have_numbers_and_names),
		cmocka_unit_test(x12_segments_have_names_and_are_counted),
		cmocka_unit_test(columns_of_a_table_stand_below_each_other),
		cmocka_unit_test(spans_name_what_stands_there),
		cmocka_unit_test(the_format_is_what_the_body_says),
		cmocka_unit_test(depth_and_size_are_capped),
		cmocka_unit_test(it_reads_no_further_than_asked),
	};

	return RUN(tests);
}
