/* Keys: every sequence that a terminal sends, cut anywhere, with and without time in between; what
 * is unknown or late does nothing. */
#include "../lib/unit.h"
#include "base/str.h"
#include "term/keys.h"

#define MS 1000

/* What was given, as text: names of keys, "[paste:...]", "[mouse:...]". */
struct heard {
	struct str text;
	bool in_paste;
};

static void hear(void *ctx, const struct input *input)
{
	struct heard *heard = ctx;

	switch (input->kind) {
	case INPUT_KEY:
		key_name(input->key, &heard->text);
		break;
	case INPUT_PASTE:
		str_adds(&heard->text, heard->in_paste ? "" : "[paste:");
		str_add(&heard->text, input->paste);
		str_adds(&heard->text, input->last ? "]" : "");
		heard->in_paste = !input->last;
		break;
	case INPUT_MOUSE:
		str_addf(&heard->text, "[mouse:%d,%d %d %s]", input->mouse.x, input->mouse.y,
			input->mouse.button, input->mouse.press ? "down" : "up");
		break;
	}
}

struct typist {
	struct keys *keys;
	struct heard heard;
	int64_t now_us;
};

static struct typist typist(void)
{
	return (struct typist){.keys = keys_new(), .heard = {.text = STR_INIT(65536)}};
}

static void typist_done(struct typist *typist)
{
	keys_freep(&typist->keys);
	str_done(&typist->heard.text);
}

static void send(struct typist *typist, struct slice bytes)
{
	keys_feed(typist->keys, bytes, typist->now_us, hear, &typist->heard);
}

/* Time passes as a loop lets it: what is due is told when it is due. */
static void wait_us(struct typist *typist, int64_t by_us)
{
	int64_t end_us = typist->now_us + by_us;
	int64_t due_us;

	while ((due_us = keys_deadline_us(typist->keys)) >= 0 && due_us <= end_us) {
		typist->now_us = due_us;
		keys_timeout(typist->keys, due_us, hear, &typist->heard);
		assert_true(keys_deadline_us(typist->keys) != due_us);
	}
	typist->now_us = end_us;
}

static const char *told(struct typist *typist)
{
	return str_cstr(&typist->heard.text);
}

struct row {
	const char *bytes;
	const char *name;
};

/* One sequence each, so that each can be cut. */
static const struct row sequences[] = {
	/* cursor keys: normal, application, xterm's modifiers, rxvt's, PuTTY's */
	{"\033[A", "<Up>"},
	{"\033[B", "<Down>"},
	{"\033[C", "<Right>"},
	{"\033[D", "<Left>"},
	{"\033[H", "<Home>"},
	{"\033[F", "<End>"},
	{"\033OA", "<Up>"},
	{"\033OB", "<Down>"},
	{"\033OC", "<Right>"},
	{"\033OD", "<Left>"},
	{"\033OH", "<Home>"},
	{"\033OF", "<End>"},
	{"\033[1;2A", "<S-Up>"},
	{"\033[1;3B", "<M-Down>"},
	{"\033[1;4A", "<M-S-Up>"},
	{"\033[1;5C", "<C-Right>"},
	{"\033[1;6D", "<C-S-Left>"},
	{"\033[1;7A", "<C-M-Up>"},
	{"\033[1;8H", "<C-M-S-Home>"},
	{"\033[1;9F", "<M-End>"},
	{"\033O5A", "<C-Up>"},
	{"\033O1;5B", "<C-Down>"},
	{"\033[a", "<S-Up>"},
	{"\033[b", "<S-Down>"},
	{"\033[c", "<S-Right>"},
	{"\033[d", "<S-Left>"},
	{"\033Oa", "<C-Up>"},
	{"\033Ob", "<C-Down>"},
	{"\033Oc", "<C-Right>"},
	{"\033Od", "<C-Left>"},
	/* the six above them */
	{"\033[1~", "<Home>"},
	{"\033[2~", "<Insert>"},
	{"\033[3~", "<Delete>"},
	{"\033[4~", "<End>"},
	{"\033[5~", "<PageUp>"},
	{"\033[6~", "<PageDown>"},
	{"\033[7~", "<Home>"},
	{"\033[8~", "<End>"},
	{"\033[3;5~", "<C-Delete>"},
	{"\033[5;2~", "<S-PageUp>"},
	{"\033[6;3~", "<M-PageDown>"},
	{"\033[2^", "<C-Insert>"},
	{"\033[3$", "<S-Delete>"},
	{"\033[5@", "<C-S-PageUp>"},
	{"\033[7^", "<C-Home>"},
	{"\033[8$", "<S-End>"},
	/* function keys: VT220, xterm, the Linux console, PuTTY's VT100+ */
	{"\033[11~", "<F1>"},
	{"\033[12~", "<F2>"},
	{"\033[13~", "<F3>"},
	{"\033[14~", "<F4>"},
	{"\033[15~", "<F5>"},
	{"\033[17~", "<F6>"},
	{"\033[18~", "<F7>"},
	{"\033[19~", "<F8>"},
	{"\033[20~", "<F9>"},
	{"\033[21~", "<F10>"},
	{"\033[23~", "<F11>"},
	{"\033[24~", "<F12>"},
	{"\033[25~", "<F13>"},
	{"\033[26~", "<F14>"},
	{"\033[28~", "<F15>"},
	{"\033[29~", "<F16>"},
	{"\033[31~", "<F17>"},
	{"\033[32~", "<F18>"},
	{"\033[33~", "<F19>"},
	{"\033[34~", "<F20>"},
	{"\033OP", "<F1>"},
	{"\033OQ", "<F2>"},
	{"\033OR", "<F3>"},
	{"\033OS", "<F4>"},
	{"\033OT", "<F5>"},
	{"\033OU", "<F6>"},
	{"\033OV", "<F7>"},
	{"\033OW", "<F8>"},
	{"\033OX", "<F9>"},
	{"\033OY", "<F10>"},
	{"\033OZ", "<F11>"},
	{"\033O[", "<F12>"},
	{"\033[1;2P", "<S-F1>"},
	{"\033[1;5S", "<C-F4>"},
	{"\033O2P", "<S-F1>"},
	{"\033[15;2~", "<S-F5>"},
	{"\033[24;8~", "<C-M-S-F12>"},
	{"\033[11^", "<C-F1>"},
	{"\033[23$", "<S-F11>"},
	{"\033[24@", "<C-S-F12>"},
	{"\033[[A", "<F1>"},
	{"\033[[B", "<F2>"},
	{"\033[[C", "<F3>"},
	{"\033[[D", "<F4>"},
	{"\033[[E", "<F5>"},
	/* back tab, keys by their code, the C1 forms */
	{"\033[Z", "<S-Tab>"},
	{"\033[27;5;9~", "<C-Tab>"},
	{"\033[27;6;13~", "<C-S-Enter>"},
	{"\033[13;2u", "<S-Enter>"},
	{"\033[97;5u", "<C-a>"},
	{"\033[97;2u", "A"},
	{"\033[65;5u", "<C-a>"},
	{"\033[233;3u", "<M-\xc3\xa9>"},
	{"\033[27u", "<Esc>"},
	{"\xc2\x9b"
	 "5~",
		"<PageUp>"},
	{"\xc2\x8f"
	 "P",
		"<F1>"},
	/* the mouse */
	{"\033[<0;1;1M", "[mouse:0,0 0 down]"},
	{"\033[<2;120;40m", "[mouse:119,39 2 up]"},
	{"\033[<64;10;5M", "[mouse:9,4 64 down]"},
	{"\033[<69;10;5M", "[mouse:9,4 65 down]"},
	{"\033[<35;10;5M", ""}, /* moves */
	{"\033[<0;0;5M", ""}, /* nowhere */
	{"\033[<0;1M", ""}, /* too few */
	{"\033[<0;1;99999M", ""},
	/* known to others: dropped whole */
	{"\033[I", ""},
	{"\033[O", ""},
	{"\033[E", ""},
	{"\033[M !!", ""},
	{"\033[24;80R", ""},
	{"\033[?1;2c", ""},
	{"\033[>0;276;0c", ""},
	{"\033[?2026;2$y", ""},
	{"\033[200;201R", ""},
	{"\033[99~", ""},
	{"\033[4294967297~", ""},
	{"\033[1;1;1;1;1;1;1;1;1;1;1A", ""},
	{"\033[[Z", ""},
	{"\033]11;rgb:0000/0000/0000\a", ""},
	{"\033]0;R\033\\", ""},
	{"\033]52;c;UkRSUg==\xc2\x9c", ""},
	{"\033P1$r0m\033\\", ""},
	{"\033_Gi=1;OK\033\\", ""},
	{"\033^x\033\\", ""},
	{"\033Xx\033\\", ""},
	{"\033[0000000000000000000000000000000000000000000000000000000000000000000001~", ""},
};

static const struct row plain[] = {
	{"j", "j"},
	{"G", "G"},
	{" ", "<Space>"},
	{"<", "<Lt>"},
	{"\r", "<Enter>"},
	{"\n", "<C-j>"},
	{"\t", "<Tab>"},
	{"\b", "<Backspace>"},
	{"\x7f", "<Backspace>"},
	{"\x01\x1a", "<C-a><C-z>"},
	{"\x1c\x1d\x1e\x1f", "<C-\\><C-]><C-^><C-_>"},
	{"\xc3\xa9\xe2\x82\xac\xf0\x9f\x99\x82", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x99\x82"},
	{"\033x", "<M-x>"},
	{"\033\t", "<S-Tab>"}, /* the Linux console */
	{"\033\r", "<M-Enter>"},
	{"\033\x7f", "<M-Backspace>"},
	{"\033\x01", "<C-M-a>"},
	{"\033\xc3\xa9", "<M-\xc3\xa9>"},
	{"\033\033[A", "<M-Up>"},
	{"\033\033Oc", "<C-M-Right>"},
	{"\033\033[5~", "<M-PageUp>"},
	{"\033\033x", "<Esc><M-x>"},
	{"\033\033\033[A", "<Esc><M-Up>"},
	/* the keypad in application mode, which nobody asks for */
	{"\033Oj", "*"},
	{"\033Oq", "1"},
	{"\033O2y", "9"},
	{"\033OM", "<Enter>"},
	{"\033OI", "<Tab>"},
	{"\033O ", "<Space>"},
	/* invalid bytes */
	{"\xff", ""},
	{"\xc3j", "j"},
	{"\xe2\x82j", "j"},
	{"\xc0\xaf", ""},
	{"\xed\xa0\x80", ""},
	{"\xf4\x90\x80\x80", ""},
	{"\xbf\xa0", ""},
	/* cut short by another key */
	{"\033[1;\003", "<C-c>"},
	{"\033[1;\033[A", "<Up>"},
	{"\033O\033OA", "<Up>"},
	{"\033]0;title\003j", "<C-c>j"},
	{"\033]0;title\033[A", "<Up>"},
	{"\033P\r", "<Enter>"},
	{"\033[[\x7f", "<Backspace>"},
};

static void expect_whole(const struct row *row)
{
	struct typist t = typist();

	send(&t, slice_of(row->bytes));
	assert_string_equal(told(&t), row->name);
	wait_us(&t, 10000 * MS);
	assert_string_equal(told(&t), row->name);
	assert_int_equal(keys_deadline_us(t.keys), -1);
	typist_done(&t);
}

static void every_sequence_is_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sequences); i++)
		expect_whole(&sequences[i]);
	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		expect_whole(&plain[i]);
}

/* Sends the pieces before and behind each bit set in `cuts`. */
static void send_cut(struct typist *t, struct slice bytes, unsigned cuts, int64_t gap_us)
{
	size_t from = 0;

	for (size_t i = 1; i < bytes.len; i++) {
		if (i > 32 || !(cuts >> (i - 1) & 1))
			continue;
		send(t, (struct slice){bytes.at + from, i - from});
		wait_us(t, gap_us);
		from = i;
	}
	send(t, slice_from(bytes, from));
}

static void check_every_cut(
	const struct row *row, int64_t gap_us, void (*check)(const struct row *, const char *))
{
	struct slice bytes = slice_of(row->bytes);
	unsigned all = bytes.len < 9 ? 1u << (bytes.len - 1) : 256;

	for (unsigned cuts = 1; cuts < all; cuts++) {
		struct typist t = typist();

		send_cut(&t, bytes, cuts, gap_us);
		wait_us(&t, 10000 * MS);
		check(row, told(&t));
		typist_done(&t);
	}
	for (size_t at = 1; at < bytes.len && at < 32; at++) {
		struct typist t = typist();

		send_cut(&t, bytes, 1u << (at - 1), gap_us);
		wait_us(&t, 10000 * MS);
		check(row, told(&t));
		typist_done(&t);
	}
}

static void is_the_same(const struct row *row, const char *got)
{
	assert_string_equal(got, row->name);
}

static void a_sequence_may_be_cut_anywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sequences); i++) {
		check_every_cut(&sequences[i], 0, is_the_same);
		check_every_cut(&sequences[i], 20 * MS, is_the_same);
	}
	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		check_every_cut(&plain[i], 0, is_the_same);
}

/* Put together, or dropped but for an Esc that could not be told from the key. */
static void runs_no_keys(const struct row *row, const char *got)
{
	struct slice rest = slice_of(got), name = slice_of(row->name);

	if (slice_starts(rest, SLICE("<Esc>")) && !slice_eq(rest, name))
		rest = slice_from(rest, 5);
	if (rest.len && !slice_eq(rest, name))
		fail_msg("%s cut gives %s", row->name, got);
}

static void a_late_piece_never_runs_as_keys(void **state)
{
	static const int64_t gaps_us[] = {26 * MS, 60 * MS, 120 * MS, 300 * MS, 450 * MS};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sequences); i++)
		for (size_t j = 0; j < ARRAY_LEN(gaps_us); j++)
			check_every_cut(&sequences[i], gaps_us[j], runs_no_keys);
}

/* A program that was kept from its loop finds both pieces at once. */
static void a_late_program_loses_nothing(void **state)
{
	struct typist t = typist();

	(void)state;
	send(&t, SLICE("\033"));
	t.now_us += 90 * MS;
	send(&t, SLICE("[A"));
	assert_string_equal(told(&t), "<Up>");
	typist_done(&t);
}

static void esc_is_a_key_after_a_while(void **state)
{
	struct typist t = typist();

	(void)state;
	send(&t, SLICE("\033"));
	assert_int_equal(keys_deadline_us(t.keys), KEYS_ESC_US);
	keys_timeout(t.keys, KEYS_ESC_US - 1, hear, &t.heard);
	assert_string_equal(told(&t), "");
	wait_us(&t, KEYS_ESC_US);
	assert_string_equal(told(&t), "<Esc>");
	send(&t, SLICE("x"));
	assert_string_equal(told(&t), "<Esc>x");
	send(&t, SLICE("\033\033"));
	wait_us(&t, 10000 * MS);
	assert_string_equal(told(&t), "<Esc>x<Esc><Esc>");
	typist_done(&t);
}

static void what_is_typed_behind_esc_is_given(void **state)
{
	static const struct row rows[] = {
		{"[", "<Esc>["},
		{"O", "<Esc>O"},
		{"P", "<Esc>P"},
		{"j", "<Esc>j"},
		{"Oj", "<Esc>Oj"}, /* the keypad, if anybody had asked for it */
		{"O\r", "<Esc><Enter>"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct typist t = typist();

		send(&t, SLICE("\033"));
		wait_us(&t, 100 * MS);
		send(&t, slice_of(rows[i].bytes));
		wait_us(&t, 3000 * MS);
		assert_string_equal(told(&t), rows[i].name);
		typist_done(&t);
	}
}

static void a_sequence_without_end_is_given_up(void **state)
{
	static const char *const rows[] = {"\033[", "\033O", "\033[1;", "\033[[", "\033[M",
		"\033]0;x", "\033P", "\033_a\033", "\xe2\x82"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct typist t = typist();

		send(&t, slice_of(rows[i]));
		wait_us(&t, 2500 * MS);
		assert_int_equal(keys_deadline_us(t.keys), -1);
		send(&t, SLICE("j"));
		assert_string_equal(told(&t), "j");
		typist_done(&t);
	}
}

static void a_paste_is_text(void **state)
{
	static const struct row rows[] = {
		{"\033[200~hello\033[201~", "[paste:hello]"},
		{"\033[200~\033[201~", "[paste:]"},
		{"\033[200~jR\r\003:\033[A\033[201~j", "[paste:jR\r\003:\033[A]j"},
		{"\033[200~\033\033[201\033[20~\033[201~", "[paste:\033\033[201\033[20~]"},
		{"\033[200~a\033[200~b\033[201~", "[paste:a\033[200~b]"},
		{"\033[201~", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		expect_whole(&rows[i]);
		check_every_cut(&rows[i], 0, is_the_same);
		check_every_cut(&rows[i], 20 * MS, is_the_same);
	}
}

/* Even when its beginning came in pieces that were too late for keys. */
static void a_late_paste_is_still_text(void **state)
{
	struct typist t = typist();

	(void)state;
	send(&t, SLICE("\033"));
	wait_us(&t, 100 * MS);
	send(&t, SLICE("[200~R"));
	wait_us(&t, 5000 * MS);
	send(&t, SLICE("A\033[201~j"));
	assert_string_equal(told(&t), "<Esc>[paste:RA]j");
	typist_done(&t);
}

static void a_paste_without_end_ends(void **state)
{
	struct typist t = typist();

	(void)state;
	send(&t, SLICE("\033[200~abc\033[20"));
	wait_us(&t, 31000 * MS);
	assert_string_equal(told(&t), "[paste:abc\033[20]");
	assert_int_equal(keys_deadline_us(t.keys), -1);
	typist_done(&t);
}

static void names_are_read_as_they_are_written(void **state)
{
	static const char *const names[] = {"j", "G", "\xc3\xa9", "<Space>", "<Lt>", ">", "<C-x>",
		"<M-x>", "<C-M-x>", "<M-X>", "<C-Space>", "<M-Lt>", "<M->>", "<C-->", "<S-Tab>",
		"<C-M-S-Up>", "<F1>", "<F24>", "<Enter>", "<Esc>", "<Backspace>", "<PageDown>",
		"<Delete>", "<Insert>", "<Home>", "<End>", "<Left>", "-", "<C-\\>"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		CLEANUP(str_done)
		struct str back = STR_INIT(64);
		struct err err = ERR_INIT;
		struct key key = {0};

		if (key_parse(slice_of(names[i]), &key, &err) < 0)
			fail_msg("%s: %s", names[i], err.text);
		key_name(key, &back);
		assert_string_equal(str_cstr(&back), names[i]);
	}
}

static void other_names_are_understood(void **state)
{
	static const struct row rows[] = {
		{"<cr>", "<Enter>"},
		{"<Return>", "<Enter>"},
		{"<C-X>", "<C-x>"},
		{"<m-c-x>", "<C-M-x>"},
		{"<A-x>", "<M-x>"},
		{"<pgdn>", "<PageDown>"},
		{"<f5>", "<F5>"},
		{"<j>", "j"},
		{"<", "<Lt>"},
		{"<S-BS>", "<S-Backspace>"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(str_done)
		struct str back = STR_INIT(64);
		struct key key = {0};

		assert_int_equal(key_parse(slice_of(rows[i].bytes), &key, NULL), 0);
		key_name(key, &back);
		assert_string_equal(str_cstr(&back), rows[i].name);
	}
}

static void what_is_no_key_is_refused(void **state)
{
	static const char *const names[] = {"", "jk", "<>", "<C->", "<Foo>", "<F0>", "<F25>",
		"<S-x>", "Space", "Lt", "F5", "<C-Foo>", "\033", "\xff", "\x7f", "\xc2\x9b",
		"<C-\033>", "<X-a>", "<Up", "C-x"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct key key = {42, 7};
		struct err err = ERR_INIT;

		if (key_parse(slice_of(names[i]), &key, &err) == 0)
			fail_msg("\"%s\" was taken for a key", names[i]);
		assert_true(err.text[0]);
		assert_true(key_eq(key, (struct key){42, 7}));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_sequence_is_known),
		cmocka_unit_test(a_sequence_may_be_cut_anywhere),
		cmocka_unit_test(a_late_piece_never_runs_as_keys),
		cmocka_unit_test(a_late_program_loses_nothing),
		cmocka_unit_test(esc_is_a_key_after_a_while),
		cmocka_unit_test(what_is_typed_behind_esc_is_given),
		cmocka_unit_test(a_sequence_without_end_is_given_up),
		cmocka_unit_test(a_paste_is_text),
		cmocka_unit_test(a_late_paste_is_still_text),
		cmocka_unit_test(a_paste_without_end_ends),
		cmocka_unit_test(names_are_read_as_they_are_written),
		cmocka_unit_test(other_names_are_understood),
		cmocka_unit_test(what_is_no_key_is_refused),
	};

	return RUN(tests);
}
