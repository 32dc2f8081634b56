/* The terminal at the end of a pty: its modes, its size, what it can do, that a reader who stalls
 * holds up nobody, and that all is given back. */
#include "../lib/unit.h"
#include "base/str.h"
#include "term/screen.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static const struct style plain;

struct pty {
	int master, slave;
	struct str seen; /* what came out of the master */
};

static struct pty pty_open(void)
{
	struct pty pty = {.seen = STR_INIT(64u << 20)};
	struct winsize size = {.ws_col = 80, .ws_row = 24};
	char name[128];

	pty.master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
	assert_true(pty.master >= 0);
	assert_int_equal(grantpt(pty.master), 0);
	assert_int_equal(unlockpt(pty.master), 0);
	assert_int_equal(ptsname_r(pty.master, name, sizeof(name)), 0);
	pty.slave = open(name, O_RDWR | O_NOCTTY);
	assert_true(pty.slave >= 0);
	assert_int_equal(ioctl(pty.slave, TIOCSWINSZ, &size), 0);
	return pty;
}

static void pty_close(struct pty *pty)
{
	if (pty->master >= 0)
		close(pty->master);
	close(pty->slave);
	str_done(&pty->seen);
}

/* Reads what has come so far. */
static void pty_read(struct pty *pty)
{
	char bytes[4096];
	ssize_t n;

	while ((n = read(pty->master, bytes, sizeof(bytes))) > 0)
		str_add(&pty->seen, (struct slice){bytes, (size_t)n});
}

static bool has_seen(struct pty *pty, const char *text)
{
	pty_read(pty);
	return strstr(str_cstr(&pty->seen), text) != NULL;
}

static void forget_seen(struct pty *pty)
{
	pty_read(pty);
	str_reset(&pty->seen);
}

static struct screen_options options_of(const struct pty *pty, const char *term)
{
	return (struct screen_options){
		.in_fd = pty->slave,
		.out_fd = pty->slave,
		.term = term,
		.no_color = "",
		.colours = -1,
		.lines = -1,
	};
}

static struct screen *open_screen(const struct pty *pty)
{
	struct screen_options options = options_of(pty, "xterm-256color");
	struct screen *screen = NULL;
	struct err err = ERR_INIT;

	if (screen_open(&options, &screen, &err) < 0)
		fail_msg("%s", err.text);
	return screen;
}

static struct termios modes_of(const struct pty *pty)
{
	struct termios modes;

	assert_int_equal(tcgetattr(pty->slave, &modes), 0);
	return modes;
}

static void check_cooked(const struct pty *pty, const struct termios *before)
{
	struct termios now = modes_of(pty);

	assert_int_equal(now.c_iflag, before->c_iflag);
	assert_int_equal(now.c_oflag, before->c_oflag);
	assert_int_equal(now.c_cflag, before->c_cflag);
	assert_int_equal(now.c_lflag, before->c_lflag);
	assert_memory_equal(now.c_cc, before->c_cc, sizeof(now.c_cc));
}

static void check_raw(const struct pty *pty)
{
	struct termios now = modes_of(pty);

	assert_false(now.c_lflag & (ECHO | ICANON | ISIG));
	assert_false(now.c_iflag & (ICRNL | IXON));
	assert_false(now.c_oflag & OPOST);
}

/* Each mode that was set is taken back, in the other order. */
static const char *const modes_on[] = {"\033[?1049h", "\033[?7l", "\033[?2004h"};
static const char *const modes_off[] = {
	"\033[m", "\033[?2004l", "\033[?7h", "\033[r", "\033[?25h", "\033[?1049l"};

static void check_seen_all(struct pty *pty, const char *const *texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!has_seen(pty, texts[i]))
			fail_msg("\\033%s was not written", texts[i] + 1);
}

static void all_modes_are_given_back(void **state)
{
	struct pty pty = pty_open();
	struct termios before = modes_of(&pty);
	struct screen *screen = open_screen(&pty);

	(void)state;
	check_raw(&pty);
	check_seen_all(&pty, modes_on, ARRAY_LEN(modes_on));
	assert_false(has_seen(&pty, "\033[?1000h"));
	screen_close(screen);
	check_seen_all(&pty, modes_off, ARRAY_LEN(modes_off));
	check_cooked(&pty, &before);
	pty_close(&pty);
}

static void the_mouse_is_given_back(void **state)
{
	struct pty pty = pty_open();
	struct screen_options options = options_of(&pty, "xterm-256color");
	struct screen *screen;

	(void)state;
	options.mouse = true;
	assert_int_equal(screen_open(&options, &screen, NULL), 0);
	assert_true(has_seen(&pty, "\033[?1000h\033[?1006h"));
	screen_close(screen);
	assert_true(has_seen(&pty, "\033[?1006l\033[?1000l"));
	pty_close(&pty);
}

static void a_suspended_screen_is_painted_anew(void **state)
{
	struct pty pty = pty_open();
	struct termios before = modes_of(&pty);
	struct screen *screen = open_screen(&pty);
	CLEANUP(surface_freep)
	struct surface *surface = surface_new(80, 24);

	(void)state;
	surface_text(surface, 0, 0, 80, SLICE("order 66"), plain);
	assert_int_equal(screen_paint(screen, surface), 1);
	forget_seen(&pty);
	screen_suspend(screen);
	check_cooked(&pty, &before);
	check_seen_all(&pty, modes_off, ARRAY_LEN(modes_off));
	forget_seen(&pty);
	assert_int_equal(screen_paint(screen, surface), 0);
	assert_false(has_seen(&pty, "order"));
	assert_int_equal(screen_resume(screen), 0);
	check_raw(&pty);
	assert_int_equal(screen_paint(screen, surface), 1);
	assert_true(has_seen(&pty, "order 66"));
	screen_close(screen);
	check_cooked(&pty, &before);
	pty_close(&pty);
}

static void restoring_twice_writes_once(void **state)
{
	struct pty pty = pty_open();
	struct termios before = modes_of(&pty);
	struct screen *screen = open_screen(&pty);

	(void)state;
	forget_seen(&pty);
	screen_restore(screen);
	check_cooked(&pty, &before);
	check_seen_all(&pty, modes_off, ARRAY_LEN(modes_off));
	forget_seen(&pty);
	screen_restore(screen);
	screen_close(screen);
	assert_false(has_seen(&pty, "\033"));
	screen_restore(NULL);
	screen_close(NULL);
	pty_close(&pty);
}

static struct screen *crashing;

static void on_abort(int signo)
{
	(void)signo;
	screen_restore(crashing);
	_exit(7);
}

static void a_crash_gives_the_terminal_back(void **state)
{
	struct pty pty = pty_open();
	struct termios before = modes_of(&pty);
	int status = 0;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		crashing = open_screen(&pty);
		signal(SIGSEGV, on_abort);
		raise(SIGSEGV);
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	check_cooked(&pty, &before);
	check_seen_all(&pty, modes_off, ARRAY_LEN(modes_off));
	pty_close(&pty);
}

/* The shell, and every child, shares that open file. */
static void the_shared_file_stays_blocking(void **state)
{
	struct pty pty = pty_open();
	struct screen *screen = open_screen(&pty);

	(void)state;
	assert_false(fcntl(pty.slave, F_GETFL) & O_NONBLOCK);
	screen_close(screen);
	assert_true(fcntl(pty.slave, F_GETFL) >= 0);
	assert_false(fcntl(pty.slave, F_GETFL) & O_NONBLOCK);
	pty_close(&pty);
}

static void fill(struct surface *surface, int seed)
{
	char c[1];

	for (int y = 0; y < surface_height(surface); y++) {
		for (int x = 0; x < surface_width(surface); x++) {
			c[0] = (char)('!' + (x * 7 + y * 13 + seed * 31) % 90);
			surface_text(surface, x, y, 1, (struct slice){c, 1},
				(struct style){.fg = COLOUR_256 | (unsigned)((x + seed) % 256)});
		}
	}
}

/* Reads until the terminal has taken all. */
static void settle(struct pty *pty, struct screen *screen)
{
	while (screen_busy(screen)) {
		struct pollfd p = {.fd = pty->master, .events = POLLIN};

		assert_int_equal(poll(&p, 1, 5000), 1);
		pty_read(pty);
		assert_true(screen_flush(screen) >= 0);
	}
	forget_seen(pty);
}

/* Nobody reads: no call may wait, nothing may pile up, and once somebody does, the next frame is
 * the newest. */
static void a_stalled_reader_holds_up_nobody(void **state)
{
	struct pty pty = pty_open();
	struct screen *screen = open_screen(&pty);
	CLEANUP(surface_freep)
	struct surface *surface = surface_new(200, 60);
	unsigned long long bytes = 0;
	int r = 1;

	(void)state;
	alarm(20); /* a wait would be for ever */
	for (int i = 0; i < 200; i++) {
		fill(surface, i);
		r = screen_paint(screen, surface);
		if (i == 20)
			bytes = screen_bytes(screen);
	}
	assert_int_equal(r, 0);
	assert_true(screen_busy(screen));
	assert_true(bytes == screen_bytes(screen));
	assert_int_equal(screen_flush(screen), 0);
	settle(&pty, screen);
	surface_clear(surface, plain);
	surface_text(surface, 0, 0, 80, SLICE("the newest"), plain);
	assert_int_equal(screen_paint(screen, surface), 1);
	assert_true(has_seen(&pty, "the newest"));
	screen_close(screen);
	alarm(0);
	pty_close(&pty);
}

static void closing_beside_a_stalled_reader_takes_no_time(void **state)
{
	struct pty pty = pty_open();
	struct termios before = modes_of(&pty);
	struct screen *screen = open_screen(&pty);
	CLEANUP(surface_freep)
	struct surface *surface = surface_new(300, 100);

	(void)state;
	alarm(20);
	for (int i = 0; i < 20; i++) {
		fill(surface, i);
		screen_paint(screen, surface);
	}
	assert_true(screen_busy(screen));
	screen_close(screen);
	check_cooked(&pty, &before);
	alarm(0);
	pty_close(&pty);
}

static void a_gone_terminal_is_told(void **state)
{
	struct pty pty = pty_open();
	struct screen *screen = open_screen(&pty);
	CLEANUP(surface_freep)
	struct surface *surface = surface_new(80, 24);

	(void)state;
	close(pty.master);
	pty.master = -1;
	assert_int_equal(screen_paint(screen, surface), -EIO);
	assert_int_equal(screen_flush(screen), -EIO);
	assert_int_equal(screen_paint(screen, surface), -EIO);
	assert_int_equal(screen_clipboard(screen, SLICE("x"), NULL), -EIO);
	screen_bell(screen);
	screen_close(screen);
	pty_close(&pty);
}

static void without_a_terminal_there_is_no_screen(void **state)
{
	struct pty pty = pty_open();
	struct screen_options options = options_of(&pty, "xterm");
	struct screen *screen = NULL;
	struct err err = ERR_INIT;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	options.out_fd = ends[1];
	assert_int_equal(screen_open(&options, &screen, &err), -ENOTTY);
	assert_non_null(strstr(err.text, "command line"));
	options.out_fd = pty.slave;
	options.in_fd = ends[0];
	assert_int_equal(screen_open(&options, &screen, NULL), -ENOTTY);
	assert_null(screen);
	close(ends[0]);
	close(ends[1]);
	pty_close(&pty);
}

static void each_terminal_is_known_for_what_it_can(void **state)
{
	static const struct {
		const char *term;
		int result, colours;
		bool warns;
	} rows[] = {
		{"xterm", 0, 8, false},
		{"xterm-256color", 0, 256, false},
		{"tmux-256color", 0, 256, false},
		{"screen", 0, 8, false},
		{"screen-256color", 0, 256, false},
		{"linux", 0, 8, false},
		{"rxvt", 0, 8, false},
		{"vt100", 0, 0, false},
		{"xterm-of-tomorrow-256color", 0, 256, true},
		{"dumb", -ENOTSUP, 0, false},
		{"unknown", -ENOTSUP, 0, false},
		{"", -ENOTSUP, 0, false},
		{"no-such-terminal", -ENOTSUP, 0, false},
		{"../../etc/passwd", -ENOTSUP, 0, false},
	};
	struct pty pty = pty_open();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct screen_options options = options_of(&pty, rows[i].term);
		struct screen *screen = NULL;
		struct err err = ERR_INIT;
		int r = screen_open(&options, &screen, &err);

		if (r != rows[i].result)
			fail_msg("%s: %d %s", rows[i].term, r, err.text);
		if (r < 0) {
			assert_non_null(strstr(err.text, "command line"));
			continue;
		}
		assert_int_equal(screen_caps(screen)->colours, rows[i].colours);
		assert_int_equal(screen_caps(screen)->warning[0] != 0, rows[i].warns);
		assert_string_equal(screen_caps(screen)->term, rows[i].term);
		screen_close(screen);
	}
	pty_close(&pty);
}

/* A minimal terminfo has no putty; a full one has. Either way there is a screen. */
static void putty_is_good_enough(void **state)
{
	struct pty pty = pty_open();
	struct screen_options options = options_of(&pty, "putty");
	struct screen *screen;

	(void)state;
	assert_int_equal(screen_open(&options, &screen, NULL), 0);
	assert_true(screen_caps(screen)->colours >= 8);
	assert_true(has_seen(&pty, "\033[?1049h"));
	screen_close(screen);
	pty_close(&pty);
}

static void colours_follow_the_wishes(void **state)
{
	static const struct {
		const char *term, *no_color, *colorterm;
		int wish, colours;
	} rows[] = {
		{"xterm-256color", "", "", -1, 256},
		{"xterm-256color", "1", "", -1, 0},
		{"xterm-256color", "1", "truecolor", -1, 0},
		{"xterm-256color", "", "truecolor", -1, 1 << 24},
		{"xterm-256color", "", "24bit", -1, 1 << 24},
		{"xterm-256color", "", "yes", -1, 256},
		{"screen-256color", "", "truecolor", -1, 256},
		{"linux", "", "truecolor", -1, 8},
		{"vt100", "", "truecolor", -1, 0},
		{"xterm", "1", "", 16, 16},
		{"xterm", "", "", 0, 0},
		{"xterm", "", "", 100, 16},
		{"xterm", "", "", 1 << 30, 1 << 24},
	};
	struct pty pty = pty_open();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct screen_options options = options_of(&pty, rows[i].term);
		struct screen *screen;

		setenv("COLORTERM", rows[i].colorterm, 1);
		options.no_color = rows[i].no_color;
		options.colours = rows[i].wish;
		assert_int_equal(screen_open(&options, &screen, NULL), 0);
		assert_int_equal(screen_caps(screen)->colours, rows[i].colours);
		screen_close(screen);
	}
	unsetenv("COLORTERM");
	pty_close(&pty);
}

static void lines_follow_locale_and_wishes(void **state)
{
	static const struct {
		const char *locale;
		int wish;
		bool utf8;
		enum lines_kind lines;
	} rows[] = {
		{"C.UTF-8", -1, true, LINES_UTF8},
		{"C", -1, false, LINES_ACS},
		{"C", LINES_UTF8, false, LINES_ACS},
		{"C", LINES_ASCII, false, LINES_ASCII},
		{"C.UTF-8", LINES_ASCII, true, LINES_ASCII},
		{"C.UTF-8", LINES_ACS, true, LINES_ACS},
		/* forwarded, but not installed here */
		{"xx_XX.UTF-8", -1, true, LINES_UTF8},
		{"xx_XX.utf8", -1, true, LINES_UTF8},
		{"xx_XX.ISO-8859-1", -1, false, LINES_ACS},
	};
	struct pty pty = pty_open();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct screen_options options = options_of(&pty, "xterm");
		struct screen *screen;

		setenv("LC_ALL", rows[i].locale, 1);
		options.lines = rows[i].wish;
		assert_int_equal(screen_open(&options, &screen, NULL), 0);
		assert_int_equal(screen_caps(screen)->utf8, rows[i].utf8);
		assert_int_equal(screen_caps(screen)->lines, rows[i].lines);
		screen_close(screen);
	}
	setenv("LC_ALL", "C.UTF-8", 1);
	pty_close(&pty);
}

static void the_size_is_sane(void **state)
{
	static const struct {
		unsigned short cols, rows;
		const char *columns; /* and LINES, the same */
		int width, height;
	} rows[] = {
		{100, 30, "50", 100, 30},
		{1, 1, "", 1, 1},
		{0, 0, "", 80, 24},
		{0, 0, "50", 50, 50},
		{0, 0, "-3", 80, 24},
		{0, 0, "x", 80, 24},
		{0, 33, "", 80, 33},
		{65535, 65535, "", 1000, 500},
	};
	struct pty pty = pty_open();
	struct screen *screen = open_screen(&pty);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct winsize size = {.ws_col = rows[i].cols, .ws_row = rows[i].rows};
		int width = 0, height = 0;

		setenv("COLUMNS", rows[i].columns, 1);
		setenv("LINES", rows[i].columns, 1);
		assert_int_equal(ioctl(pty.slave, TIOCSWINSZ, &size), 0);
		screen_size(screen, &width, &height);
		assert_int_equal(width, rows[i].width);
		assert_int_equal(height, rows[i].height);
	}
	unsetenv("COLUMNS");
	unsetenv("LINES");
	screen_close(screen);
	pty_close(&pty);
}

static void a_title_is_inert_and_given_back(void **state)
{
	struct pty pty = pty_open();
	struct screen *screen = open_screen(&pty);

	(void)state;
	forget_seen(&pty);
	screen_title(screen, SLICE("orderly PROD\a\033]52;c;eA==\a"));
	assert_true(has_seen(&pty, "\033[22;2t\033]2;orderly PROD"));
	assert_false(has_seen(&pty, "\033]52"));
	forget_seen(&pty);
	screen_title(screen, SLICE("orderly PROD\a\033]52;c;eA==\a"));
	pty_read(&pty);
	assert_int_equal(pty.seen.len, 0);
	screen_title(screen, SLICE("orderly TEST"));
	assert_true(has_seen(&pty, "\033]2;orderly TEST\a"));
	assert_false(has_seen(&pty, "\033[22;2t"));
	screen_close(screen);
	assert_true(has_seen(&pty, "\033[23;2t"));
	pty_close(&pty);
}

static void the_clipboard_takes_text_up_to_a_cap(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{"a", "\033]52;c;YQ==\a"},
		{"ab", "\033]52;c;YWI=\a"},
		{"abc", "\033]52;c;YWJj\a"},
		{"\033\a\xff\xfe", "\033]52;c;Gwf//g==\a"},
	};
	struct pty pty = pty_open();
	struct screen *screen = open_screen(&pty);
	CLEANUP(mem_freep)
	char *large = mem_alloc(100000);
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		forget_seen(&pty);
		assert_int_equal(screen_clipboard(screen, slice_of(rows[i].text), &err), 0);
		pty_read(&pty);
		assert_string_equal(str_cstr(&pty.seen), rows[i].want);
	}
	forget_seen(&pty);
	assert_int_equal(screen_clipboard(screen, (struct slice){large, 100000}, &err), -EFBIG);
	assert_true(err.text[0]);
	pty_read(&pty);
	assert_int_equal(pty.seen.len, 0);
	screen_bell(screen);
	assert_true(has_seen(&pty, "\a"));
	screen_close(screen);
	pty_close(&pty);
}

/* A console of old would show a title as text. */
static void a_console_gets_no_title(void **state)
{
	struct pty pty = pty_open();
	struct screen_options options = options_of(&pty, "linux");
	struct screen *screen;

	(void)state;
	assert_int_equal(screen_open(&options, &screen, NULL), 0);
	screen_title(screen, SLICE("orderly"));
	assert_int_equal(screen_clipboard(screen, SLICE("x"), NULL), -ENOTSUP);
	assert_false(has_seen(&pty, "\033]"));
	screen_close(screen);
	assert_true(has_seen(&pty, "\033[H\033[2J")); /* it has no other screen to go back to */
	pty_close(&pty);
}

static void nothing_is_written_when_nothing_changed(void **state)
{
	struct pty pty = pty_open();
	struct screen *screen = open_screen(&pty);
	CLEANUP(surface_freep)
	struct surface *surface = surface_new(80, 24);
	unsigned long long bytes;

	(void)state;
	fill(surface, 1);
	screen_paint(screen, surface);
	settle(&pty, screen);
	bytes = screen_bytes(screen);
	for (int i = 0; i < 100; i++)
		assert_int_equal(screen_paint(screen, surface), 1);
	pty_read(&pty);
	assert_int_equal(pty.seen.len, 0);
	assert_true(screen_bytes(screen) == bytes);
	screen_forget(screen);
	screen_paint(screen, surface);
	assert_true(screen_bytes(screen) > bytes);
	screen_close(screen);
	pty_close(&pty);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_modes_are_given_back),
		cmocka_unit_test(the_mouse_is_given_back),
		cmocka_unit_test(a_suspended_screen_is_painted_anew),
		cmocka_unit_test(restoring_twice_writes_once),
		cmocka_unit_test(a_crash_gives_the_terminal_back),
		cmocka_unit_test(the_shared_file_stays_blocking),
		cmocka_unit_test(a_stalled_reader_holds_up_nobody),
		cmocka_unit_test(closing_beside_a_stalled_reader_takes_no_time),
		cmocka_unit_test(a_gone_terminal_is_told),
		cmocka_unit_test(without_a_terminal_there_is_no_screen),
		cmocka_unit_test(each_terminal_is_known_for_what_it_can),
		cmocka_unit_test(putty_is_good_enough),
		cmocka_unit_test(colours_follow_the_wishes),
		cmocka_unit_test(lines_follow_locale_and_wishes),
		cmocka_unit_test(the_size_is_sane),
		cmocka_unit_test(a_title_is_inert_and_given_back),
		cmocka_unit_test(the_clipboard_takes_text_up_to_a_cap),
		cmocka_unit_test(a_console_gets_no_title),
		cmocka_unit_test(nothing_is_written_when_nothing_changed),
	};

	setenv("LC_ALL", "C.UTF-8", 1);
	unsetenv("COLORTERM");
	return RUN(tests);
}
