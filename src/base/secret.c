/* Fetches secrets without waiting. Keeps none: whoever asked uses it at once, and it is wiped.
 * Called by what connects: the store's pool, Odoo's client. */
#include "base/secret.h"
#include "base/arena.h"
#include "base/file.h"
#include "base/lines.h"
#include "base/mem.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct secret_fetch {
	struct loop *loop;
	void (*done)(void *ctx, struct slice secret, const struct err *err);
	void *ctx;
	struct timer *deadline;
	struct watch *watch;
	struct child *child;
	pid_t pid; /* 0: none runs */
	int fd;
	size_t len;
	char text[SECRET_MAX + 2]; /* one more than allowed, and a NUL */
	struct err err;
};

static void close_out(struct secret_fetch *fetch)
{
	watch_close(fetch->watch);
	fetch->watch = NULL;
	if (fetch->fd >= 0)
		close(fetch->fd);
	fetch->fd = -1;
}

static void fetch_free(struct secret_fetch *fetch)
{
	close_out(fetch);
	/* It leads a group of its own, in which its own children are. */
	if (fetch->pid)
		(void)kill(-fetch->pid, SIGKILL);
	child_close(fetch->child);
	timer_close(fetch->deadline);
	mem_wipe(fetch, sizeof(*fetch));
	free(fetch);
}

static void take_first_line(struct secret_fetch *fetch)
{
	struct slice line = {fetch->text, fetch->len};

	line = slice_head(line, slice_find(line, '\n'));
	if (line.len && line.at[line.len - 1] == '\r')
		line.len--;
	if (slice_find(line, '\0') < line.len)
		err_set(&fetch->err, -EINVAL, "the secret holds a NUL byte");
	mem_wipe(fetch->text + line.len, sizeof(fetch->text) - line.len);
	fetch->len = line.len;
}

static void finish(void *ctx)
{
	struct secret_fetch *fetch = ctx;

	close_out(fetch);
	if (fetch->err.code == 0)
		take_first_line(fetch);
	if (fetch->err.code)
		fetch->done(fetch->ctx, SLICE_NONE, &fetch->err);
	else
		fetch->done(fetch->ctx, (struct slice){fetch->text, fetch->len}, NULL);
	fetch_free(fetch);
}

static void fetch_file(struct secret_fetch *fetch, const char *path)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(SECRET_MAX), full = STR_INIT(4096);
	const char *home = getenv("HOME");

	if (strncmp(path, "~/", 2) == 0 && home)
		str_addf(&full, "%s/%s", home, path + 2);
	else
		str_adds(&full, path);
	if (file_read_secret(str_cstr(&full), &text, &fetch->err) == 0) {
		memcpy(fetch->text, str_cstr(&text), text.len);
		fetch->len = text.len;
	}
	if (text.at)
		mem_wipe(text.at, text.size);
	loop_defer(fetch->loop, finish, fetch);
}

/* Reads what there is; false at the end of it, or when it is too much. */
static bool read_out(struct secret_fetch *fetch)
{
	while (fetch->len <= SECRET_MAX) {
		ssize_t n = read(fetch->fd, fetch->text + fetch->len, SECRET_MAX + 1 - fetch->len);

		if (n == 0)
			return false;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN;
		fetch->len += (size_t)n;
	}
	err_set(&fetch->err, -EFBIG, "the command printed more than %d bytes", SECRET_MAX);
	return false;
}

static void on_out(void *ctx, int events)
{
	struct secret_fetch *fetch = ctx;

	(void)events;
	if (read_out(fetch))
		return;
	close_out(fetch);
	/* The end of its output is not its end: the status is still to come. */
	if (fetch->err.code)
		finish(fetch);
}

static void on_end(void *ctx, int status)
{
	struct secret_fetch *fetch = ctx;

	/* What it left running may hold the output open, so its end is not waited for. */
	fetch->pid = 0;
	if (fetch->fd >= 0)
		(void)read_out(fetch);
	if (fetch->err.code)
		;
	else if (WIFSIGNALED(status))
		err_set(&fetch->err, -EIO, "the command was ended by signal %d", WTERMSIG(status));
	else if (status != 0)
		err_set(&fetch->err, -EIO, "the command ended with status %d",
			WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	else if (fetch->len == 0)
		err_set(&fetch->err, -ENODATA, "the command printed nothing");
	finish(fetch);
}

static void on_deadline(void *ctx)
{
	struct secret_fetch *fetch = ctx;

	err_set(&fetch->err, -ETIMEDOUT, "the command took too long");
	finish(fetch);
}

static bool is_secret_variable(const char *variable)
{
	static const struct slice ends[] = {
		SLICE("PASSWORD"), SLICE("PASSWD"), SLICE("PASSPHRASE")};
	struct slice name = slice_of(variable);

	name = slice_head(name, slice_find(name, '='));
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (name.len >= ends[i].len &&
			slice_eq_nocase(slice_from(name, name.len - ends[i].len), ends[i]))
			return true;
	return false;
}

static char **clean_environment(struct arena *arena)
{
	size_t n = 0, kept = 0;
	char **env;

	while (environ && environ[n])
		n++;
	env = arena_array(arena, n + 1, sizeof(*env));
	for (size_t i = 0; i < n; i++)
		if (!is_secret_variable(environ[i]))
			env[kept++] = environ[i];
	return env;
}

/* A command of so many bytes has at most half as many words. */
static int split(struct arena *arena, const char *command, char ***ret_argv, struct err *err)
{
	struct slice rest = slice_of(command), word;
	size_t n = 0;
	char **argv = arena_array(arena, rest.len / 2 + 2, sizeof(*argv));
	int r;

	while ((r = lines_word(arena, &rest, &word, err)) > 0)
		argv[n++] = (char *)(uintptr_t)word.at;
	if (r == 0 && n == 0)
		return err_set(err, -EINVAL, "there is no command");
	*ret_argv = argv;
	return r;
}

/* Its output is the pipe; input and errors are the null device. */
static int start_with(char **argv, char **env, int out_fd, pid_t *ret_pid, struct err *err)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int r;

	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	(void)posix_spawn_file_actions_adddup2(&actions, out_fd, 1);
	(void)posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	(void)posix_spawnattr_init(&attr);
	(void)posix_spawnattr_setflags(
		&attr, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	(void)posix_spawnattr_setsigmask(&attr, &none);
	(void)posix_spawnattr_setsigdefault(&attr, &all);
	r = posix_spawnp(ret_pid, argv[0], &actions, &attr, argv, env);
	(void)posix_spawnattr_destroy(&attr);
	(void)posix_spawn_file_actions_destroy(&actions);
	errno = r;
	return r ? err_errno(err, "%s", argv[0]) : 0;
}

static int start(struct secret_fetch *fetch, const char *command)
{
	CLEANUP(arena_done)
	struct arena arena = ARENA_INIT;
	int fds[2], r;
	char **argv = NULL;

	r = split(&arena, command, &argv, &fetch->err);
	if (r < 0)
		return r;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_errno(&fetch->err, "pipe of a command");
	(void)fcntl(fds[0], F_SETFL, O_NONBLOCK);
	r = start_with(argv, clean_environment(&arena), fds[1], &fetch->pid, &fetch->err);
	close(fds[1]);
	fetch->fd = fds[0];
	if (r < 0)
		fetch->pid = 0;
	return r;
}

static void fetch_command(struct secret_fetch *fetch, const char *command, int64_t deadline_us)
{
	if (start(fetch, command) < 0) {
		loop_defer(fetch->loop, finish, fetch);
		return;
	}
	fetch->watch = watch_open(fetch->loop, fetch->fd, LOOP_READ, on_out, fetch);
	fetch->child = child_watch(fetch->loop, fetch->pid, on_end, fetch);
	fetch->deadline = timer_open(fetch->loop, on_deadline, fetch);
	timer_in(fetch->deadline, deadline_us ? deadline_us : SECRET_DEADLINE_US);
}

struct secret_fetch *secret_fetch(struct loop *loop, const struct secret_source *source,
	int64_t deadline_us, void (*done)(void *ctx, struct slice secret, const struct err *err),
	void *ctx)
{
	struct secret_fetch *fetch = NEW(struct secret_fetch);

	fetch->loop = loop;
	fetch->done = done;
	fetch->ctx = ctx;
	fetch->fd = -1;
	if (source->file)
		fetch_file(fetch, source->file);
	else if (source->command)
		fetch_command(fetch, source->command, deadline_us);
	else
		loop_defer(loop, finish, fetch);
	return fetch;
}

void secret_drop(struct secret_fetch *fetch)
{
	if (!fetch)
		return;
	loop_undefer(fetch->loop, finish, fetch);
	fetch_free(fetch);
}
