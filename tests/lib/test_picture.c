/* Pictures: each cell at its place in its colours, and nothing in a text that breaks the file. */
#include "picture.h"
#include "unit.h"

static void draw(const char *text, struct style style, struct str *out)
{
	CLEANUP(surface_freep)
	struct surface *surface = surface_new(20, 2);
	struct picture_look look = {0xe0e0e0, 0x101010, "a <title>"};

	surface_text(surface, 2, 1, 18, slice_of(text), style);
	picture_svg(surface, &look, out);
}

static void what_a_cell_looks_like_is_in_the_picture(void **state)
{
	static const struct {
		const char *text;
		struct style style;
		const char *has;
	} rows[] = {
		{"po-out", {0},
			"<text x=\"28.8\" y=\"43.3\" textLength=\"50.4\" fill=\"#e0e0e0\">po-out<"},
		{"a b", {0}, ">a b</text>"},
		{"a  b", {0}, ">a</text>"},
		{"<&>", {0}, ">&lt;&amp;&gt;</text>"},
		{"x", {COLOUR_RGB | 0x123456, 0, ATTR_BOLD},
			"fill=\"#123456\" font-weight=\"bold\">x<"},
		{"x", {COLOUR_256 | 160, 0, 0}, "fill=\"#d70000\">x<"},
		{"x", {0, COLOUR_RGB | 0x334455, 0},
			"width=\"8.4\" height=\"18\" fill=\"#334455\"/>"},
		{"x", {COLOUR_RGB | 0x123456, 0, ATTR_REVERSE}, "fill=\"#101010\">x<"},
		{"日本", {0}, "textLength=\"16.8\" fill=\"#e0e0e0\">日<"},
		{"█", {0},
			"<rect x=\"28.8\" y=\"30\" width=\"8.4\" height=\"18\" fill=\"#e0e0e0\"/>"},
		{"▄", {0},
			"<rect x=\"28.8\" y=\"39\" width=\"8.4\" height=\"9\" fill=\"#e0e0e0\"/>"},
		{"─", {0},
			"<rect x=\"28.8\" y=\"38.5\" width=\"4.7\" height=\"1\" fill=\"#e0e0e0\"/>"},
		{"", {0}, "<title>a &lt;title&gt;</title>"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(str_done)
		struct str out = STR_INIT(1 << 20);

		draw(rows[i].text, rows[i].style, &out);
		if (!strstr(str_cstr(&out), rows[i].has))
			fail_msg("\"%s\": %s is not in\n%s", rows[i].text, rows[i].has,
				str_cstr(&out));
	}
}

static void no_text_breaks_the_file(void **state)
{
	CLEANUP(str_done)
	struct str out = STR_INIT(1 << 20);

	(void)state;
	draw("\x1b[1m\x01\xff\u202E</svg>\xc2\x85", (struct style){0}, &out);
	for (size_t i = 0; i < out.len; i++)
		assert_true((unsigned char)out.at[i] >= ' ' || out.at[i] == '\n');
	assert_ptr_equal(strstr(str_cstr(&out), "</svg>"), str_cstr(&out) + out.len - 7);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_cell_looks_like_is_in_the_picture),
		cmocka_unit_test(no_text_breaks_the_file),
	};

	return RUN(tests);
}
