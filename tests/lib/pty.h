/* A program at a terminal, and a person who watches and types.
 *
 * The program runs in a pty of its own; what it writes goes through libvterm, so that a test looks
 * at a screen and not at escape sequences. Nothing here sleeps: every wait has a condition and a
 * deadline, reads the terminal meanwhile, and is over as soon as the condition holds. Times are in
 * milliseconds unless the name says otherwise.
 *
 * The pty_expect_* calls fail the cmocka test with the reason and the screen as it stands. */
#ifndef TESTS_LIB_PTY_H
#define TESTS_LIB_PTY_H

#include "base/slice.h"
#include "base/str.h"

/* Long enough for a loaded machine and a sanitizer; nothing but a failure waits that long. */
#define PTY_PATIENCE 20000

struct pty;

struct pty_options {
	int width, height; /* 0: 80x24 */
	const char *term; /* NULL: xterm-256color; "": unset */
	const char *const *env; /* "NAME=value"..., NULL at the end; on top of a small clean one */
	bool ignore_hup; /* as under nohup */
	bool merge_errors; /* stderr to the terminal too; else kept apart, see pty_errors() */
};

/* Fails the test when the program cannot be started. options may be NULL. */
struct pty *pty_open(const struct pty_options *options, const char *const argv[]);

/* Kills the program with all of its session, if it still runs. NULL is fine. */
void pty_close(struct pty *pty);
void pty_closep(struct pty **pty);
int pty_pid(const struct pty *pty);

/* Typing. Names as in the keymaps: "j", "gg", "<Down>", "<C-x>", "<F5>"; '<' itself is "<Lt>". */
void pty_keys(struct pty *pty, const char *keys);
bool pty_encode(const char *keys, struct str *out); /* what an xterm sends; false: no such key */
void pty_bytes(struct pty *pty, struct slice bytes);

/* What happens to a terminal. */
void pty_resize(struct pty *pty, int width, int height);
void pty_hangup(struct pty *pty); /* the line is cut */
void pty_stall(struct pty *pty, bool stalled); /* no longer reads what the program writes */
void pty_line(struct pty *pty, int bytes_per_s); /* behind a slow line; 0: as fast as it comes */
void pty_kill(struct pty *pty, int signal);

/* Reads what is there, waiting at most so long for the first byte; true when something came. */
bool pty_pump(struct pty *pty, int wait);

/* Waiting. A pattern is an extended regular expression; ^ and $ are ends of screen rows. */
bool pty_wait_if(
	struct pty *pty, bool (*holds)(struct pty *pty, void *ctx), void *ctx, int deadline);
bool pty_wait(struct pty *pty, const char *pattern, int deadline);
bool pty_wait_gone(struct pty *pty, const char *pattern, int deadline);
bool pty_wait_still(struct pty *pty, int still, int deadline); /* no byte for so long */
bool pty_wait_exit(struct pty *pty, int deadline, int *ret_status); /* 128 + signal if killed */
bool pty_shows(struct pty *pty, const char *pattern);
void pty_expect(struct pty *pty, const char *pattern);
void pty_expect_gone(struct pty *pty, const char *pattern);
void pty_expect_exit(struct pty *pty, int status);

/* All that the program changed is as before: modes, alternate screen, cursor, line discipline. */
bool pty_restored(struct pty *pty, struct str *ret_reason);
void pty_expect_restored(struct pty *pty);

/* Looking. Text is one line per row without trailing blanks; a dump adds the size, the cursor if it
 * is visible, and below each row the style of each run that does not look like the default. */
void pty_text(struct pty *pty, struct str *out);
void pty_dump(struct pty *pty, struct str *out);
void pty_size(const struct pty *pty, int *ret_width, int *ret_height);
bool pty_alternate(const struct pty *pty); /* on the alternate screen */
const char *pty_title(const struct pty *pty);

/* All bytes ever written by the program (at most 64 MiB are kept), and how many. */
struct slice pty_raw(const struct pty *pty);
unsigned long long pty_count(const struct pty *pty);
struct slice pty_errors(struct pty *pty);

/* When the last byte came, in monotonic microseconds: for latencies. */
int64_t pty_last_us(const struct pty *pty);
int64_t pty_now_us(void);

#endif
