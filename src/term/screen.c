/* The terminal itself: opened, put into its modes, written without ever waiting, and given back.
 * Leaves what to write to paint.c, what it can do to caps.c, reading to the caller's loop.
 * Called by the console's main loop, and by its signal handler for screen_restore(). */
#include "term/screen.h"
#include "base/mem.h"
#include "base/text.h"
#include "caps.h"
#include "term/paint.h"
#include "term/terminfo.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define OUT_MAX (64u << 20)
#define TITLE_MAX 256
#define CLIPBOARD_MAX (48u << 10) /* xterm takes no more than about 75,000 bytes of base64 */
#define WIDTH_MAX 1000
#define HEIGHT_MAX 500
#define GIVE_BACK_MS 50 /* how long a terminal that takes nothing is waited for, at the end */
#define POLLED_CHUNK 128 /* what a terminal that says "writable" takes without blocking */

struct screen {
	int in_fd, out_fd;
	int fd; /* our own, non-blocking */
	bool polled; /* there is none: fd is out_fd, and is asked before each write */
	bool gone;
	bool active; /* between resume and suspend */
	bool mouse, titled;
	struct terminfo can;
	struct screen_caps caps;
	struct painter *painter;
	struct termios saved;
	struct str out; /* of which `taken` bytes are written */
	size_t taken;
	struct str title, clipboard; /* to go out behind the frame */
	bool title_due, bell_due;
	unsigned long long bytes;
	char restore[160]; /* for a signal handler: built ahead */
	size_t restore_len;
};

static bool same_device(int a, int b)
{
	return isatty(a) && isatty(b) && tcgetpgrp(a) == tcgetpgrp(b);
}

/* O_NONBLOCK belongs to the open file, which the shell and our children share. So the terminal is
 * opened once more. */
static int open_own(int out_fd)
{
	const int flags = O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
	char name[256];
	int fd;

	if (ttyname_r(out_fd, name, sizeof(name)) == 0) {
		fd = open(name, flags);
		if (fd >= 0)
			return fd;
	}
	if (tcgetsid(out_fd) < 0) /* not our controlling terminal */
		return -1;
	fd = open("/dev/tty", flags);
	if (fd >= 0 && same_device(fd, out_fd))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool can_write_now(int fd, int wait_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};

	return poll(&p, 1, wait_ms) == 1 && (p.revents & POLLOUT);
}

/* Bytes taken, 0 when none can be now, -EIO. */
static ssize_t write_some(struct screen *screen, const char *at, size_t len)
{
	ssize_t n;

	if (screen->polled) {
		if (!can_write_now(screen->fd, 0))
			return 0;
		len = len < POLLED_CHUNK ? len : POLLED_CHUNK;
	}
	n = write(screen->fd, at, len);
	if (n >= 0)
		return n;
	return errno == EAGAIN || errno == EINTR ? 0 : -EIO;
}

static int flush_out(struct screen *screen)
{
	while (screen->taken < screen->out.len) {
		ssize_t n = write_some(
			screen, screen->out.at + screen->taken, screen->out.len - screen->taken);

		if (n < 0) {
			screen->gone = true;
			return -EIO;
		}
		if (n == 0)
			return 0;
		screen->taken += (size_t)n;
		screen->bytes += (unsigned long long)n;
	}
	str_reset(&screen->out);
	screen->taken = 0;
	return 1;
}

bool screen_busy(const struct screen *screen)
{
	return screen->out.len > screen->taken;
}

static void add_base64(struct str *out, struct slice text)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < text.len; i += 3) {
		size_t n = text.len - i;
		unsigned bits = (unsigned)(unsigned char)text.at[i] << 16;

		bits |= n > 1 ? (unsigned)(unsigned char)text.at[i + 1] << 8 : 0;
		bits |= n > 2 ? (unsigned)(unsigned char)text.at[i + 2] : 0;
		str_addc(out, digits[bits >> 18 & 63]);
		str_addc(out, digits[bits >> 12 & 63]);
		str_addc(out, n > 1 ? digits[bits >> 6 & 63] : '=');
		str_addc(out, n > 2 ? digits[bits & 63] : '=');
	}
}

static void set_restore(struct screen *screen)
{
	/* ESC \ ends a string that was cut off in the middle; otherwise it does nothing. */
	int n = snprintf(screen->restore, sizeof(screen->restore), "\033\\\033[m%s%s%s%s%s%s%s",
		screen->can.acs ? "\033(B" : "", screen->mouse ? "\033[?1006l\033[?1000l" : "",
		"\033[?2004l\033[?7h", screen->titled ? "\033[23;2t" : "",
		screen->can.csr ? "\033[r" : "", screen->can.hides_cursor ? "\033[?25h" : "",
		screen->can.alternate ? "\033[?1049l" : "\033[H\033[2J");

	screen->restore_len = (size_t)n;
}

/* What waits beside frames: title, clipboard, bell. */
static void add_extras(struct screen *screen)
{
	if (screen->title_due) {
		if (!screen->titled)
			str_adds(&screen->out, "\033[22;2t");
		screen->titled = true;
		set_restore(screen);
		str_adds(&screen->out, "\033]2;");
		str_add(&screen->out, str_slice(&screen->title));
		str_addc(&screen->out, '\a');
		screen->title_due = false;
	}
	if (screen->clipboard.len) {
		str_adds(&screen->out, "\033]52;c;");
		add_base64(&screen->out, str_slice(&screen->clipboard));
		str_addc(&screen->out, '\a');
		mem_wipe(screen->clipboard.at, screen->clipboard.len);
		str_reset(&screen->clipboard);
	}
	if (screen->bell_due)
		str_addc(&screen->out, '\a');
	screen->bell_due = false;
}

int screen_flush(struct screen *screen)
{
	int r = screen->gone ? -EIO : flush_out(screen);

	if (r != 1 || !screen->active)
		return r;
	add_extras(screen);
	return flush_out(screen);
}

int screen_paint(struct screen *screen, const struct surface *surface)
{
	int r = screen_flush(screen);

	if (r != 1 || !screen->active)
		return r < 0 ? r : 0;
	painter_paint(screen->painter, surface, &screen->out);
	if (screen->out.cut) { /* half a frame is none */
		str_reset(&screen->out);
		painter_forget(screen->painter);
		return 0;
	}
	return flush_out(screen);
}

void screen_forget(struct screen *screen)
{
	painter_forget(screen->painter);
}

static int set_raw(struct screen *screen)
{
	struct termios raw = screen->saved;

	raw.c_iflag &=
		~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
	raw.c_oflag &= ~(tcflag_t)OPOST;
	raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	raw.c_cflag &= ~(tcflag_t)(CSIZE | PARENB);
	raw.c_cflag |= CS8;
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	return tcsetattr(screen->in_fd, TCSANOW, &raw);
}

/* Autowrap is off: a glyph that the terminal takes for wider than we do stays in its row. */
static void add_modes(struct screen *screen)
{
	str_adds(&screen->out, screen->can.alternate ? "\033[?1049h" : "");
	str_adds(&screen->out, "\033[?7l\033[?2004h");
	if (screen->mouse)
		str_adds(&screen->out, "\033[?1000h\033[?1006h");
}

int screen_resume(struct screen *screen)
{
	if (screen->active)
		return 0;
	if (tcgetattr(screen->in_fd, &screen->saved) < 0 || set_raw(screen) < 0) {
		screen->gone = errno == EIO;
		return -errno;
	}
	screen->titled = false;
	set_restore(screen);
	screen->active = true;
	screen->title_due = screen->title.len > 0;
	painter_forget(screen->painter);
	str_reset(&screen->out);
	screen->taken = 0;
	add_modes(screen);
	return screen_flush(screen) < 0 ? -EIO : 0;
}

/* Only what may run in a signal handler. */
void screen_restore(struct screen *screen)
{
	int saved_errno = errno;
	size_t taken = 0;

	if (!screen || !screen->active)
		return;
	screen->active = false;
	while (taken < screen->restore_len && can_write_now(screen->fd, GIVE_BACK_MS)) {
		ssize_t n =
			write_some(screen, screen->restore + taken, screen->restore_len - taken);

		if (n < 0)
			break;
		taken += (size_t)n;
	}
	tcsetattr(screen->in_fd, TCSANOW, &screen->saved);
	errno = saved_errno;
}

void screen_suspend(struct screen *screen)
{
	screen_restore(screen);
	str_reset(&screen->out);
	screen->taken = 0;
}

static struct screen *new_screen(const struct screen_options *options, const struct terminfo *can)
{
	struct screen *screen = NEW(struct screen);

	screen->in_fd = options->in_fd;
	screen->out_fd = options->out_fd;
	screen->mouse = options->mouse;
	screen->can = *can;
	screen->out = STR_INIT(OUT_MAX);
	screen->title = STR_INIT(TITLE_MAX);
	screen->clipboard = STR_INIT(CLIPBOARD_MAX);
	screen->caps = caps_find(options, &screen->can);
	screen->painter = painter_new(&screen->can, &screen->caps);
	screen->fd = open_own(options->out_fd);
	screen->polled = screen->fd < 0;
	if (screen->polled)
		screen->fd = options->out_fd;
	return screen;
}

int screen_open(const struct screen_options *options, struct screen **ret, struct err *err)
{
	CLEANUP(screen_closep)
	struct screen *screen = NULL;
	struct terminfo can;
	int r;

	if (!isatty(options->in_fd) || !isatty(options->out_fd))
		return err_set(err, -ENOTTY,
			"a full screen needs a terminal; use the command line (orderly --help)");
	r = terminfo_load(options->term ? options->term : caps_variable("TERM"), &can, err);
	if (r < 0)
		return r;
	screen = new_screen(options, &can);
	r = screen_resume(screen);
	if (r < 0)
		return err_set(err, r, "terminal: %s", strerror(-r));
	*ret = TAKE(screen);
	return 0;
}

void screen_close(struct screen *screen)
{
	if (!screen)
		return;
	screen_suspend(screen);
	if (!screen->polled)
		close(screen->fd);
	painter_free(screen->painter);
	str_done(&screen->out);
	str_done(&screen->title);
	str_done(&screen->clipboard);
	free(screen);
}

void screen_closep(struct screen **screen)
{
	screen_close(*screen);
	*screen = NULL;
}

const struct screen_caps *screen_caps(const struct screen *screen)
{
	return &screen->caps;
}

static int size_or(const char *name, int told, int fallback)
{
	int64_t n;

	if (slice_to_i64(slice_of(caps_variable(name)), 1, 10000, &n) == 0)
		return (int)n;
	return told > 0 ? told : fallback;
}

void screen_size(const struct screen *screen, int *ret_width, int *ret_height)
{
	struct winsize size = {0};
	int width, height;

	if (ioctl(screen->out_fd, TIOCGWINSZ, &size) < 0)
		size = (struct winsize){0};
	width = size.ws_col ? size.ws_col : size_or("COLUMNS", screen->can.width, 80);
	height = size.ws_row ? size.ws_row : size_or("LINES", screen->can.height, 24);
	*ret_width = width < WIDTH_MAX ? width : WIDTH_MAX;
	*ret_height = height < HEIGHT_MAX ? height : HEIGHT_MAX;
}

void screen_title(struct screen *screen, struct slice title)
{
	CLEANUP(str_done)
	struct str inert = STR_INIT(TITLE_MAX);

	if (!screen->can.title)
		return;
	text_add_inert(&inert, title);
	for (size_t i = 0; i < inert.len && !screen->caps.utf8; i++)
		if ((unsigned char)inert.at[i] >= 0x80)
			inert.at[i] = '?';
	if (slice_eq(str_slice(&inert), str_slice(&screen->title)))
		return;
	str_reset(&screen->title);
	str_add(&screen->title, str_slice(&inert));
	screen->title_due = true;
	screen_flush(screen);
}

int screen_clipboard(struct screen *screen, struct slice text, struct err *err)
{
	if (!screen->can.title)
		return err_set(err, -ENOTSUP, "this terminal (%s) has no clipboard to write to",
			screen->can.name);
	if (text.len > CLIPBOARD_MAX)
		return err_set(err, -EFBIG, "more than %u bytes do not fit into the clipboard",
			CLIPBOARD_MAX);
	str_reset(&screen->clipboard);
	str_add(&screen->clipboard, text);
	return screen_flush(screen) < 0 ? err_set(err, -EIO, "the terminal is gone") : 0;
}

void screen_bell(struct screen *screen)
{
	screen->bell_due = true;
	screen_flush(screen);
}

unsigned long long screen_bytes(const struct screen *screen)
{
	return screen->bytes;
}
