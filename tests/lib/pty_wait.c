/* Waiting until something holds, and failing with the screen when it does not.
 * Leaves reading to pty.c; knows nothing of what any program shows.
 * Called by tests. */
#include "base/mem.h"
#include "pty_part.h"
#include "unit.h"
#include <regex.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool pty_wait_if(
	struct pty *pty, bool (*holds)(struct pty *pty, void *ctx), void *ctx, int deadline)
{
	int64_t deadline_us = pty_now_us() + deadline * INT64_C(1000);

	for (;;) {
		bool over = pty->over;
		int64_t left_us = deadline_us - pty_now_us();

		while (pty_pump(pty, 0))
			;
		if (holds(pty, ctx))
			return true;
		/* What was still in the pipe when it ended has been read by now. */
		if (left_us <= 0 || over)
			return false;
		pty_pump(pty, left_us < 20000 ? (int)(left_us / 1000) + 1 : 20);
	}
}

struct match {
	regex_t regex;
	bool wanted;
};

static bool matches(struct pty *pty, void *ctx)
{
	const struct match *match = ctx;
	CLEANUP(str_done)
	struct str text = STR_INIT(1024 * 1024);

	pty_text(pty, &text);
	return (regexec(&match->regex, str_cstr(&text), 0, NULL, 0) == 0) == match->wanted;
}

static bool wait_match(struct pty *pty, const char *pattern, bool wanted, int deadline)
{
	struct match match = {.wanted = wanted};

	if (regcomp(&match.regex, pattern, REG_EXTENDED | REG_NOSUB | REG_NEWLINE) != 0)
		fail_msg("not a regular expression: %s", pattern);
	bool held = pty_wait_if(pty, matches, &match, deadline);
	regfree(&match.regex);
	return held;
}

bool pty_wait(struct pty *pty, const char *pattern, int deadline)
{
	return wait_match(pty, pattern, true, deadline);
}

bool pty_wait_gone(struct pty *pty, const char *pattern, int deadline)
{
	return wait_match(pty, pattern, false, deadline);
}

bool pty_shows(struct pty *pty, const char *pattern)
{
	return wait_match(pty, pattern, true, 0);
}

bool pty_wait_still(struct pty *pty, int still, int deadline)
{
	int64_t start_us = pty_now_us();

	for (;;) {
		int64_t now_us = pty_now_us();
		int64_t quiet_us = now_us - (pty->last_us > start_us ? pty->last_us : start_us);
		int64_t quiet_in_us = still * INT64_C(1000) - quiet_us;
		int64_t over_in_us = deadline * INT64_C(1000) - (now_us - start_us);

		if (quiet_in_us <= 0)
			return true;
		if (pty->over || over_in_us <= 0)
			return false;
		pty_pump(pty, (int)(((quiet_in_us < over_in_us ? quiet_in_us : over_in_us) + 999) /
				      1000));
	}
}

static bool is_over(struct pty *pty, void *ctx)
{
	(void)ctx;
	return pty->over;
}

bool pty_wait_exit(struct pty *pty, int deadline, int *ret_status)
{
	if (!pty_wait_if(pty, is_over, NULL, deadline))
		return false;
	while (pty_pump(pty, 0))
		;
	if (ret_status)
		*ret_status = pty->status;
	return true;
}

/* Line by line, since cmocka cuts what is longer than a screen. */
static void print_lines(struct slice text)
{
	for (struct slice line; slice_cut(&text, '\n', &line);)
		print_error("    %.*s\n", SLICE_ARG(line));
}

static _Noreturn void fail_with_screen(struct pty *pty, const char *reason, const char *what)
{
	CLEANUP(str_done)
	struct str screen = STR_INIT(1024 * 1024);

	pty_text(pty, &screen);
	print_error("%s: %s\n", reason, what);
	print_error("  the screen of %dx%d%s:\n", pty->width, pty->height,
		pty->over ? " (the program is over)" : "");
	print_lines(str_slice(&screen));
	if (pty_errors(pty).len > 0) {
		print_error("  its standard error:\n");
		print_lines(pty_errors(pty));
	}
	str_done(&screen);
	fail();
	abort();
}

void pty_expect(struct pty *pty, const char *pattern)
{
	if (!pty_wait(pty, pattern, PTY_PATIENCE))
		fail_with_screen(pty, "never on the screen", pattern);
}

void pty_expect_gone(struct pty *pty, const char *pattern)
{
	if (!pty_wait_gone(pty, pattern, PTY_PATIENCE))
		fail_with_screen(pty, "stays on the screen", pattern);
}

void pty_expect_exit(struct pty *pty, int status)
{
	char text[64];

	if (!pty_wait_exit(pty, PTY_PATIENCE, NULL))
		fail_with_screen(pty, "still runs", "and should have ended");
	snprintf(text, sizeof(text), "%d instead of %d", pty->status, status);
	if (pty->status != status)
		fail_with_screen(pty, "exit status", text);
}

static const char *line_discipline_changed(const struct pty *pty)
{
	struct termios now;

	if (tcgetattr(pty->fd, &now) < 0)
		return "the line discipline cannot be read";
	if (now.c_lflag != pty->before.c_lflag)
		return "local flags of the line discipline (echo, canonical input, signals)";
	if (now.c_iflag != pty->before.c_iflag || now.c_oflag != pty->before.c_oflag)
		return "input or output flags of the line discipline";
	return memcmp(now.c_cc, pty->before.c_cc, NCCS) == 0 ? NULL : "control characters";
}

bool pty_restored(struct pty *pty, struct str *ret_reason)
{
	const char *changed = line_discipline_changed(pty);

	while (pty_pump(pty, 0))
		;
	if (changed)
		str_adds(ret_reason, changed);
	pty_modes(pty_raw(pty), ret_reason);
	if (pty->alternate)
		str_adds(ret_reason, " (the alternate screen)");
	if (!pty->cursor)
		str_adds(ret_reason, " (the hidden cursor)");
	return ret_reason->len == 0;
}

void pty_expect_restored(struct pty *pty)
{
	CLEANUP(str_done)
	struct str reason = STR_INIT(4096);

	if (!pty_restored(pty, &reason))
		fail_with_screen(pty, "not restored", str_cstr(&reason));
}
