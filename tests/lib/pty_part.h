/* What the parts of the pty bench share; tests include pty.h alone. */
#ifndef TESTS_LIB_PTY_PART_H
#define TESTS_LIB_PTY_PART_H

#include "pty.h"
#include <stdint.h>
#include <sys/types.h>
#include <termios.h>
#include <vterm.h>

struct pty {
	int fd; /* our side; -1 after the hangup */
	int errors_fd;
	pid_t pid;
	bool over, stalled, ignore_hup;
	int status;
	int width, height;
	struct termios before;
	VTerm *vterm;
	VTermScreen *screen;
	bool alternate, cursor;
	struct str title, raw, errors;
	unsigned long long count;
	int64_t last_us;
	int bytes_per_s; /* of the line; 0: no limit */
	int64_t line_free_us; /* when it has carried what was read */
};

/* Sets up the emulator, and gives it what came. */
void pty_screen_init(struct pty *pty);
void pty_screen_done(struct pty *pty);
void pty_screen_feed(struct pty *pty, struct slice bytes);

/* Which private modes (CSI ? n h) stand otherwise than at the start of these bytes; "" if none. */
void pty_modes(struct slice raw, struct str *out);

#endif
