/* Keys, colours and the mouse as their owner wants them: changed while it runs, checked from outside.
 * What files may say is tested beside their parsers.
 * Called by the suite; needs PostgreSQL and libvterm. */
#include "desk.h"
#include "unit.h"
#include <stdio.h>
#include <unistd.h>

struct file {
	char path[256];
};

static void file_write(struct file *file, const char *name, const char *text)
{
	FILE *out;

	snprintf(file->path, sizeof(file->path), "%s/orderly-%d-%s",
		getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp", (int)getpid(), name);
	out = fopen(file->path, "we");
	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
}

static void file_done(struct file *file)
{
	unlink(file->path);
}

static void leave(struct pty *pty)
{
	pty_keys(pty, ":quit<Enter>");
	pty_expect_exit(pty, 0);
	pty_expect_restored(pty);
}

static void a_theme_is_changed_while_it_runs(void **state)
{
	CLEANUP(pty_closep)
	struct pty *pty = desk_ready(*state, 100, 30);
	CLEANUP(str_done)
	struct str before = STR_INIT(1 << 20), after = STR_INIT(1 << 20), text = STR_INIT(1 << 20);

	pty_keys(pty, ":theme mono<Enter>");
	pty_expect_gone(pty, "^ :theme");
	assert_true(pty_wait_still(pty, 100, PTY_PATIENCE));
	desk_dump(pty, &before);
	pty_keys(pty, ":theme high-contrast<Enter>");
	pty_expect_gone(pty, "^ :theme");
	assert_true(pty_wait_still(pty, 100, PTY_PATIENCE));
	desk_dump(pty, &after);
	pty_text(pty, &text);
	assert_string_not_equal(str_cstr(&before), str_cstr(&after));
	assert_non_null(strstr(str_cstr(&text), "Overview"));
	pty_keys(pty, ":theme high-contrsat<Enter>");
	pty_expect(pty, "high-contrsat");
	leave(pty);
}

/* From the wall back to work, with a theme of its own as long as nobody chose one. */
static void the_wallboard_has_the_whole_screen_and_its_own_theme(void **state)
{
	static const int sizes[][2] = {{200, 60}, {20, 4}, {3, 1}, {80, 24}};
	CLEANUP(pty_closep)
	struct pty *pty = desk_ready(*state, 100, 30);
	CLEANUP(str_done)
	struct str before = STR_INIT(1 << 20), after = STR_INIT(1 << 20), wall = STR_INIT(1 << 20);

	assert_true(pty_wait_still(pty, 300, PTY_PATIENCE));
	desk_dump(pty, &before);
	pty_keys(pty, ":wallboard<Enter>");
	pty_expect(pty, "WAITING APPROVAL");
	pty_expect(pty, "leaves");
	pty_expect_gone(pty, "1 Overview");
	desk_dump(pty, &wall);
	assert_non_null(strstr(str_cstr(&wall), "bg:16"));
	assert_null(strstr(str_cstr(&before), "bg:16"));
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		pty_resize(pty, sizes[i][0], sizes[i][1]);
	pty_expect(pty, "WAITING APPROVAL");
	pty_resize(pty, 100, 30);
	pty_keys(pty, "<Esc>");
	pty_expect(pty, "1 Overview");
	assert_true(pty_wait_still(pty, 300, PTY_PATIENCE));
	desk_dump(pty, &after);
	assert_null(strstr(str_cstr(&after), "bg:16"));
	leave(pty);
}

static void a_keymap_is_changed_while_it_runs(void **state)
{
	CLEANUP(pty_closep)
	struct pty *pty = desk_ready(*state, 200, 30);
	struct file file;

	pty_keys(pty, "?");
	pty_expect(pty, "<Down>  j ");
	pty_keys(pty, ":keymap emacs<Enter>");
	pty_expect(pty, "<Down>  .*<C-n>");
	file_write(&file, "mine.keys",
		"format 1\ninherit vim\n[list]\nzz = move-bottom\nj = move-dwon\nk = mvoe-up\n");
	pty_keys(pty, "<M-x>keymap ");
	pty_keys(pty, file.path);
	pty_keys(pty, "<Enter>");
	pty_expect(pty, "mine.keys:5: .*move-dwon");
	pty_expect(pty, "did you mean \"move-down\".*and 1 more");
	pty_keys(pty, "gl");
	pty_expect(pty, "mine.keys:6");
	file_done(&file);
	leave(pty);
}

/* A line of the person's own changes one key and leaves the others. */
static void single_lines_override(void **state)
{
	CLEANUP(pty_closep)
	struct pty *pty = NULL;
	struct pty_options options = {.width = 100, .height = 30};
	struct file file;

	file_write(
		&file, "mine.keys", "format 1\ninherit vim\n[global]\ngt = view-tail\nq = none\n");
	pty = desk_open(*state, &options, "--keymap", file.path, NULL);
	pty_expect(pty, "[0-9] interfaces ");
	pty_keys(pty, "q");
	pty_expect(pty, "q is not bound here");
	pty_keys(pty, "gt");
	pty_expect(pty, "^ TEST .*Tail");
	pty_keys(pty, "gl");
	pty_expect(pty, "^ TEST .*Log");
	file_done(&file);
	leave(pty);
}

/* ---- from outside ---- */

static void expect_run(const char *const argv[], int status, const char *out, const char *errors)
{
	CLEANUP(pty_closep)
	struct pty *pty = pty_open(NULL, argv);
	int got;

	assert_true(pty_wait_exit(pty, PTY_PATIENCE, &got));
	if (got != status)
		fail_msg("%s: %d", argv[1], got);
	if (out && !pty_shows(pty, out))
		fail_msg("%s does not say %s", argv[1], out);
	if (errors && !memmem(pty_errors(pty).at, pty_errors(pty).len, errors, strlen(errors)))
		fail_msg("%s says %.*s", argv[1], SLICE_ARG(pty_errors(pty)));
}

static void files_are_checked_from_outside(void **state)
{
	static const char *const keymaps[] = {"vim", "emacs", "mc"};
	static const char *const themes[] = {"default", "dark", "light", "mono", "high-contrast",
		"deuteranopia", "tritanopia", "wallboard"};
	struct file keys, theme;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(keymaps); i++)
		expect_run((const char *const[]){"./orderly", "--check-keymap", keymaps[i], NULL},
			0, "nothing is wrong", NULL);
	for (size_t i = 0; i < ARRAY_LEN(themes); i++)
		expect_run((const char *const[]){"./orderly", "--check-theme", themes[i], NULL}, 0,
			"nothing is wrong", NULL);
	file_write(&keys, "bad.keys", "format 1\ninherit vim\n[list]\nx = refersh\n<Foo> = quit\n");
	file_write(&theme, "bad.theme",
		"format 1\n[palette]\nalarm = #zz | 1 | red\n[role]\ntextt = red\n");
	expect_run((const char *const[]){"./orderly", "--check-keymap", keys.path, NULL}, 1, NULL,
		"bad.keys:4: ");
	expect_run((const char *const[]){"./orderly", "--check-keymap", keys.path, NULL}, 1, NULL,
		"refresh");
	expect_run((const char *const[]){"./orderly", "--check-keymap", keys.path, NULL}, 1, NULL,
		"bad.keys:5: ");
	expect_run((const char *const[]){"./orderly", "--check-theme", theme.path, NULL}, 1, NULL,
		"bad.theme:3: ");
	expect_run((const char *const[]){"./orderly", "--check-theme", theme.path, NULL}, 1, NULL,
		"bad.theme:5: ");
	expect_run((const char *const[]){"./orderly", "--check-keymap", "/nonexistent", NULL}, 1,
		NULL, "/nonexistent");
	file_done(&keys);
	file_done(&theme);
}

/* What is dumped is a keymap: read again it is the same. */
static void a_dumped_keymap_is_the_keymap(void **state)
{
	static const char *const names[] = {"vim", "emacs", "mc"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		static const struct pty_options tall = {.width = 80, .height = 400};
		CLEANUP(pty_closep)
		struct pty *first = pty_open(
			&tall, (const char *const[]){"./orderly", "--dump-keymap", names[i], NULL});
		CLEANUP(pty_closep)
		struct pty *second = NULL;
		CLEANUP(str_done)
		struct str want = STR_INIT(1 << 20), got = STR_INIT(1 << 20);
		struct file file;

		pty_expect_exit(first, 0);
		pty_text(first, &want);
		file_write(&file, "dumped.keys", str_cstr(&want));
		expect_run((const char *const[]){"./orderly", "--check-keymap", file.path, NULL}, 0,
			"nothing is wrong", NULL);
		second = pty_open(&tall,
			(const char *const[]){"./orderly", "--dump-keymap", file.path, NULL});
		pty_expect_exit(second, 0);
		pty_text(second, &got);
		assert_string_equal(str_cstr(&got), str_cstr(&want));
		file_done(&file);
	}
}

/* ---- the mouse ---- */

static bool wrote(struct pty *pty, const char *bytes)
{
	return memmem(pty_raw(pty).at, pty_raw(pty).len, bytes, strlen(bytes)) != NULL;
}

static void the_mouse_is_left_alone_unless_it_is_wanted(void **state)
{
	CLEANUP(pty_closep)
	struct pty *pty = desk_ready(*state, 100, 30);

	assert_false(wrote(pty, "\x1b[?1000h"));
	assert_false(wrote(pty, "\x1b[?1002h"));
	assert_false(wrote(pty, "\x1b[?1006h"));
	leave(pty);
}

static void the_wheel_and_a_click_move_the_cursor(void **state)
{
	CLEANUP(pty_closep)
	struct pty *pty = NULL;
	struct pty_options options = {.width = 100, .height = 30};
	struct file file;

	file_write(
		&file, "mouse.conf", "format 1\n[settings]\nprofile = desk\n[desk]\nmouse = yes\n");
	pty = desk_open(*state, &options, "--config", file.path, NULL);
	pty_expect(pty, "[0-9] interfaces ");
	pty_keys(pty, "?");
	pty_expect(pty, "^▌");
	assert_true(wrote(pty, "\x1b[?1000h"));
	assert_true(wrote(pty, "\x1b[?1006h"));
	pty_bytes(pty, SLICE("\x1b[<0;10;9M\x1b[<0;10;9m")); /* the fifth row of the list */
	pty_keys(pty, "j");
	pty_bytes(pty, SLICE("\x1b[<65;10;9M\x1b[<64;10;9M\x1b[<65;10;9M"));
	pty_bytes(pty, SLICE("\x1b[<0;999;999M\x1b[<0;1;1M\x1b[<35;5;5M"));
	pty_expect(pty, "keys in overview");
	file_done(&file);
	leave(pty);
}

/* ---- words when there is no screen ---- */

static void what_a_server_says_is_inert_on_stderr_too(void **state)
{
	CLEANUP(str_done)
	struct str conninfo = STR_INIT(4096);
	CLEANUP(pty_closep)
	struct pty *pty = NULL;
	int status;

	str_addf(&conninfo, "host='%s' user=postgres dbname='no\x1b]0;owned\x07\xe2\x80\xae'",
		getenv("ORDERLY_TEST_PG"));
	(void)state;
	pty = pty_open(NULL, (const char *const[]){"./orderly", "store", "status", "--conninfo",
				     str_cstr(&conninfo), NULL});
	assert_true(pty_wait_exit(pty, PTY_PATIENCE, &status));
	assert_int_not_equal(status, 0);
	assert_non_null(memmem(pty_errors(pty).at, pty_errors(pty).len, "owned", 5));
	for (size_t i = 0; i < pty_errors(pty).len; i++)
		assert_true((unsigned char)pty_errors(pty).at[i] >= ' ' ||
			    pty_errors(pty).at[i] == '\n');
	assert_null(memmem(pty_errors(pty).at, pty_errors(pty).len, "\xe2\x80\xae", 3));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_theme_is_changed_while_it_runs),
		cmocka_unit_test(the_wallboard_has_the_whole_screen_and_its_own_theme),
		cmocka_unit_test(a_keymap_is_changed_while_it_runs),
		cmocka_unit_test(single_lines_override),
		cmocka_unit_test(files_are_checked_from_outside),
		cmocka_unit_test(a_dumped_keymap_is_the_keymap),
		cmocka_unit_test(the_mouse_is_left_alone_unless_it_is_wanted),
		cmocka_unit_test(the_wheel_and_a_click_move_the_cursor),
		cmocka_unit_test(what_a_server_says_is_inert_on_stderr_too),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, desk_setup, desk_teardown);
}
