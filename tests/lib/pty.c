/* The program in the pty: starting, reading, signals, size, end.
 * Leaves the screen to pty_screen.c, keys to pty_keys.c, waiting and failing to pty_wait.c.
 * Called by tests of everything that needs a terminal. */
#include "pty.h"
#include "base/mem.h"
#include "pty_part.h"
#include "unit.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RAW_MAX ((size_t)64 * 1024 * 1024)

#define LINE_WAIT 2 /* ms between looks at a line that is busy */

extern char **environ;

int64_t pty_now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000) + ts.tv_nsec / 1000;
}

/* Of the environment of the tests, only what cannot change what is seen. */
static void clean_environment(void)
{
	static const char *const kept[] = {"PATH", "HOME", "TMPDIR", "ASAN_OPTIONS",
		"UBSAN_OPTIONS", "LSAN_OPTIONS", "LD_LIBRARY_PATH"};
	char *values[ARRAY_LEN(kept)];

	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		values[i] = getenv(kept[i]);
	environ = NULL;
	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		if (values[i])
			setenv(kept[i], values[i], 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("TZ", "UTC", 1);
}

static void set_environment(const struct pty_options *options)
{
	clean_environment();
	if (!options->term)
		setenv("TERM", "xterm-256color", 1);
	else if (*options->term)
		setenv("TERM", options->term, 1);
	for (const char *const *env = options->env; env && *env; env++)
		putenv(mem_dup_str(*env));
}

/* The new session takes the other side as its controlling terminal, as login would. */
static void sit_down(int fd)
{
	int line = open(ptsname(fd), O_RDWR);

	setsid();
	ioctl(line, TIOCSCTTY, 0);
	for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++)
		dup2(line, i);
	if (line > STDERR_FILENO)
		close(line);
}

static _Noreturn void run(const struct pty *pty, const struct pty_options *options,
	const char *const argv[], int errors)
{
	sit_down(pty->fd);
	if (!options->merge_errors)
		dup2(errors, STDERR_FILENO);
	set_environment(options);
	signal(SIGHUP, options->ignore_hup ? SIG_IGN : SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	dprintf(errors, "cannot run %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

struct pty *pty_open(const struct pty_options *given, const char *const argv[])
{
	struct pty_options options = given ? *given : (struct pty_options){0};
	struct pty *pty = NEW(struct pty);
	int errors[2];

	pty->width = options.width ? options.width : 80;
	pty->height = options.height ? options.height : 24;
	pty->ignore_hup = options.ignore_hup;
	pty->raw.cap = RAW_MAX;
	pty->errors.cap = pty->title.cap = 1024 * 1024;
	pty_screen_init(pty);
	struct winsize size = {
		.ws_row = (unsigned short)pty->height, .ws_col = (unsigned short)pty->width};
	assert_int_equal(pipe2(errors, O_CLOEXEC | O_NONBLOCK), 0);
	pty->fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	assert_true(pty->fd >= 0 && grantpt(pty->fd) == 0 && unlockpt(pty->fd) == 0);
	ioctl(pty->fd, TIOCSWINSZ, &size);
	tcgetattr(pty->fd, &pty->before);
	pty->pid = fork();
	assert_true(pty->pid >= 0);
	if (pty->pid == 0)
		run(pty, &options, argv, errors[1]);
	close(errors[1]);
	pty->errors_fd = errors[0];
	return pty;
}

/* The program leads a session; whoever left its group is the runner's to find. */
void pty_close(struct pty *pty)
{
	if (!pty)
		return;
	if (!pty->over) {
		kill(-pty->pid, SIGKILL);
		kill(pty->pid, SIGKILL);
		waitpid(pty->pid, NULL, 0);
	}
	if (pty->fd >= 0)
		close(pty->fd);
	close(pty->errors_fd);
	pty_screen_done(pty);
	str_done(&pty->raw);
	str_done(&pty->errors);
	str_done(&pty->title);
	free(pty);
}

void pty_closep(struct pty **pty)
{
	pty_close(*pty);
	*pty = NULL;
}

int pty_pid(const struct pty *pty)
{
	return pty->pid;
}

void pty_kill(struct pty *pty, int signal)
{
	if (!pty->over)
		kill(pty->pid, signal);
}

void pty_resize(struct pty *pty, int width, int height)
{
	struct winsize size = {.ws_row = (unsigned short)height, .ws_col = (unsigned short)width};

	pty->width = width;
	pty->height = height;
	vterm_set_size(pty->vterm, height, width);
	ioctl(pty->fd, TIOCSWINSZ, &size);
}

void pty_hangup(struct pty *pty)
{
	close(pty->fd);
	pty->fd = -1;
}

void pty_stall(struct pty *pty, bool stalled)
{
	pty->stalled = stalled;
}

void pty_line(struct pty *pty, int bytes_per_s)
{
	pty->bytes_per_s = bytes_per_s;
	pty->line_free_us = pty_now_us();
}

static bool read_errors(struct pty *pty)
{
	char bytes[4096];
	ssize_t n = read(pty->errors_fd, bytes, sizeof(bytes));

	if (n > 0)
		str_add(&pty->errors, (struct slice){bytes, (size_t)n});
	return n > 0;
}

/* A slow line takes a little at a time, and each byte arrives when the line has carried it. */
static size_t room_of(const struct pty *pty, size_t size)
{
	if (!pty->bytes_per_s)
		return size;
	return pty->line_free_us > pty_now_us() ? 0 : (size_t)(pty->bytes_per_s / 100 + 1);
}

static int64_t arrival_us(struct pty *pty, ssize_t n)
{
	int64_t now_us = pty_now_us();

	if (!pty->bytes_per_s)
		return now_us;
	pty->line_free_us = now_us + n * INT64_C(1000000) / pty->bytes_per_s;
	return pty->line_free_us;
}

/* EIO is how a pty says that nobody holds the other side any more. */
static bool read_screen(struct pty *pty)
{
	char bytes[65536];
	size_t room = room_of(pty, sizeof(bytes));
	ssize_t n = room ? read(pty->fd, bytes, room) : 0;

	if (n <= 0)
		return false;
	pty->last_us = arrival_us(pty, n);
	pty->count += (unsigned long long)n;
	str_add(&pty->raw, (struct slice){bytes, (size_t)n});
	pty_screen_feed(pty, (struct slice){bytes, (size_t)n});
	return true;
}

static void notice_end(struct pty *pty)
{
	int status;

	if (pty->over || waitpid(pty->pid, &status, WNOHANG) != pty->pid)
		return;
	pty->over = true;
	pty->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* A program that is over no longer wakes poll(), and a hung-up pty always does. */
bool pty_pump(struct pty *pty, int wait)
{
	bool reads = pty->fd >= 0 && !pty->stalled, slow = reads && !room_of(pty, 1);
	struct pollfd fds[] = {
		{.fd = reads && !slow ? pty->fd : -1, .events = POLLIN},
		{.fd = pty->errors_fd, .events = POLLIN},
	};
	bool some = false;

	notice_end(pty);
	if (slow && wait > LINE_WAIT)
		wait = LINE_WAIT;
	poll(fds, ARRAY_LEN(fds), pty->over ? 0 : wait);
	while (reads && read_screen(pty))
		some = true;
	while (read_errors(pty))
		some = true;
	if (!some && !pty->over && ((fds[0].revents | fds[1].revents) & POLLHUP))
		poll(NULL, 0, 1);
	return some;
}

void pty_bytes(struct pty *pty, struct slice bytes)
{
	int64_t deadline_us = pty_now_us() + PTY_PATIENCE * INT64_C(1000);

	while (bytes.len > 0 && pty_now_us() < deadline_us) {
		ssize_t n = write(pty->fd, bytes.at, bytes.len);

		if (n > 0)
			bytes = slice_from(bytes, (size_t)n);
		else if (errno != EAGAIN)
			break;
		else
			pty_pump(pty, 1);
	}
	if (bytes.len > 0)
		fail_msg("the program takes no input: %zu bytes left", bytes.len);
}

void pty_keys(struct pty *pty, const char *keys)
{
	CLEANUP(str_done)
	struct str bytes = STR_INIT(1024 * 1024);

	if (!pty_encode(keys, &bytes))
		fail_msg("no such keys: %s", keys);
	pty_bytes(pty, str_slice(&bytes));
}

struct slice pty_raw(const struct pty *pty)
{
	return str_slice(&pty->raw);
}

unsigned long long pty_count(const struct pty *pty)
{
	return pty->count;
}

struct slice pty_errors(struct pty *pty)
{
	while (read_errors(pty))
		;
	return str_slice(&pty->errors);
}

int64_t pty_last_us(const struct pty *pty)
{
	return pty->last_us;
}

void pty_size(const struct pty *pty, int *ret_width, int *ret_height)
{
	*ret_width = pty->width;
	*ret_height = pty->height;
}
