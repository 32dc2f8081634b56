/* Starts the demo's parts in order, gives the terminal to the console, and stops everything.
 * How a cluster runs is demo/cluster's, what is in the store the simulator's.
 * Called by demo_main(). */
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "demo/cluster.h"
#include "demo/demo.h"
#include "demo/lock.h"
#include "demo/spawn.h"
#include "demo/tree.h"
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define DATABASE "orderly"
#define STEP_TIMEOUT_US INT64_C(300000000)
#define CHILD_TIMEOUT_US INT64_C(5000000)
#define ODOO_TIMEOUT_US INT64_C(20000000)
#define QUIET_US INT64_C(700000)
#define RESTARTS 5

enum part { PART_ODOO, PART_SIM, PART_WORKER, N_PARTS };

struct supervisor {
	const struct demo_options *options;
	char *cluster_dir, *program_dir, *odoo_key;
	struct str odoo_url; /* empty: it is not there */
	struct cluster *cluster;
	int lock_fd, log_fd;
	pid_t parts[N_PARTS], console;
	int restarts[N_PARTS], server_restarts;
	int64_t started_us;
	bool terminal; /* standard output is one, and was in these modes */
	struct termios modes;
};

/* The program of each part, and the login that it uses. */
static const struct {
	const char *name, *program, *login, *arguments;
} part_rows[N_PARTS] = {
	[PART_ODOO] = {"odoo", "orderly-sim", "sim.gateway", "odoo"},
	[PART_SIM] = {"orderly-sim", "orderly-sim", "sim.gateway", "run"},
	[PART_WORKER] = {"orderlyd", "orderlyd", "orderlyd", NULL},
};

static int64_t mono_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

/* Says what is being waited for, but only when the start is not a quick one. */
static void say(struct supervisor *s, const char *what)
{
	if (cluster_made(s->cluster) || mono_us() - s->started_us > QUIET_US)
		fprintf(stderr, "orderly demo: %s\n", what);
}

static void program_path(const struct supervisor *s, const char *name, struct str *out)
{
	str_addf(out, "%s/%s", s->program_dir, name);
}

static void conninfo(const struct supervisor *s, const char *login, struct str *out)
{
	str_addf(out, "host='%s' dbname=" DATABASE " user='%s'", cluster_socket_dir(s->cluster),
		login);
}

static void odoo_path(const struct supervisor *s, const char *what, struct str *out)
{
	str_addf(out, "%s/odoo.%s", s->options->dir, what);
}

/* ---- the simulator and the worker ---------------------------------------------------------- */

static void pid_path(const struct supervisor *s, enum part part, struct str *out)
{
	str_addf(out, "%s/%s.pid", s->options->dir, part_rows[part].name);
}

/* Something of a demo that was killed: the kernel has ended it by now, unless it was faster than
 * the kernel's signal. Only a process whose command line names our socket is touched. */
static void end_left_over(struct supervisor *s, enum part part, const char *word)
{
	CLEANUP(str_done)
	struct str path = STR_INIT(4096), text = STR_INIT(64);
	int64_t pid;

	pid_path(s, part, &path);
	if (file_read(str_cstr(&path), &text, NULL) == 0 &&
		slice_to_i64(slice_trim(str_slice(&text)), 2, INT32_MAX, &pid) == 0)
		process_end((pid_t)pid, word, SIGTERM, CHILD_TIMEOUT_US);
	unlink(str_cstr(&path));
}

/* Puts the options that the simulator takes from ours behind the arguments; returns their end. */
static const char **put_sim_options(const struct supervisor *s, const char **arg)
{
	*arg++ = "--dir";
	*arg++ = s->options->dir;
	if (s->options->rate) {
		*arg++ = "--rate";
		*arg++ = s->options->rate;
	}
	if (s->options->hours) {
		*arg++ = "--hours";
		*arg++ = s->options->hours;
	}
	return arg;
}

/* Where the simulated Odoo answers, and with which key. */
static const char **put_odoo_options(const struct supervisor *s, const char **arg)
{
	const char *const options[][2] = {{"--odoo-url", str_cstr(&s->odoo_url)},
		{"--odoo-db", "hospital"}, {"--odoo-login", "integ_watch"},
		{"--odoo-key-file", s->odoo_key}};

	for (size_t i = 0; s->odoo_url.len && i < ARRAY_LEN(options); i++) {
		*arg++ = options[i][0];
		*arg++ = options[i][1];
	}
	return arg;
}

static int start_part(struct supervisor *s, enum part part, struct err *err)
{
	CLEANUP(str_done)
	struct str program = STR_INIT(4096), info = STR_INIT(4096);
	CLEANUP(str_done)
	struct str path = STR_INIT(4096), text = STR_INIT(64);
	const char *argv[24], **arg = argv;
	struct spawn how = {.argv = argv, .death_signal = SIGTERM, .log_fd = s->log_fd};
	int r;

	program_path(s, part_rows[part].program, &program);
	if (access(program.at, X_OK) < 0)
		return 0; /* a part that was not built is missed by nobody but its duties */
	conninfo(s, part_rows[part].login, &info);
	*arg++ = program.at;
	if (part_rows[part].arguments)
		*arg++ = part_rows[part].arguments;
	*arg++ = "--conninfo";
	*arg++ = info.at;
	if (part != PART_WORKER)
		arg = put_sim_options(s, arg);
	if (part == PART_ODOO) {
		*arg++ = "--listen";
		*arg++ = s->odoo_url.len ? str_cstr(&s->odoo_url) + strlen("http://")
					 : "127.0.0.1:0";
	} else if (part == PART_WORKER) {
		arg = put_odoo_options(s, arg);
		/* It stands in for all systems. */
		if (s->odoo_url.len) {
			*arg++ = "--proxy";
			*arg++ = str_cstr(&s->odoo_url);
		}
	}
	*arg = NULL;
	r = spawn(&how, &s->parts[part], err);
	if (r < 0)
		return r;
	pid_path(s, part, &path);
	str_addf(&text, "%d\n", (int)s->parts[part]);
	return file_write(str_cstr(&path), str_slice(&text), 0600, err);
}

static void stop_part(struct supervisor *s, enum part part)
{
	CLEANUP(str_done)
	struct str path = STR_INIT(4096);
	pid_t pid = s->parts[part];

	if (pid <= 0)
		return;
	if (spawn_wait(pid, CHILD_TIMEOUT_US, NULL, NULL) == -ETIMEDOUT) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	s->parts[part] = 0;
	pid_path(s, part, &path);
	unlink(str_cstr(&path));
}

/* ---- the store ----------------------------------------------------------------------------- */

/* One of the simulator's commands that come to an end: "setup", "history". */
static int run_step(struct supervisor *s, const char *command, const char *login, struct err *err)
{
	CLEANUP(str_done)
	struct str program = STR_INIT(4096), info = STR_INIT(4096);
	const char *argv[12] = {NULL, command, "--conninfo"};
	struct spawn how = {.argv = argv, .death_signal = SIGTERM, .log_fd = s->log_fd};
	off_t from = lseek(s->log_fd, 0, SEEK_END);
	char said[300];
	ssize_t n;
	int r;

	program_path(s, part_rows[PART_SIM].program, &program);
	conninfo(s, login, &info);
	argv[0] = program.at;
	argv[3] = info.at;
	*put_sim_options(s, argv + 4) = NULL;
	r = spawn_run(&how, command, STEP_TIMEOUT_US, err);
	n = r < 0 ? pread(s->log_fd, said, sizeof(said), from) : 0;
	if (n > 0)
		err_set(err, r, "%.*s", SLICE_ARG(slice_trim((struct slice){said, (size_t)n})));
	return r;
}

static int make_store(struct supervisor *s, struct err *err)
{
	CLEANUP(str_done)
	struct str mark = STR_INIT(4096);
	int r;

	say(s, "bringing the store up to date");
	r = run_step(s, "setup", "postgres", err);
	str_addf(&mark, "%s/history", s->options->dir);
	if (r < 0 || access(mark.at, F_OK) == 0)
		return r;
	say(s, "laying down a day of history (once)");
	r = run_step(s, "history", part_rows[PART_SIM].login, err);
	return r < 0 ? r : file_write(mark.at, SLICE("laid down\n"), 0600, err);
}

/* ---- the console --------------------------------------------------------------------------- */

static void console_child(const struct supervisor *s, pid_t parent)
{
	CLEANUP(str_done)
	struct str info = STR_INIT(4096);
	const char *argv[DEMO_CONSOLE_ARGS + 16], **arg = argv;
	sigset_t none;

	conninfo(s, s->options->login, &info);
	*arg++ = "orderly";
	*arg++ = "--conninfo";
	*arg++ = info.at;
	*arg++ = "--environment";
	*arg++ = "DEMO";
	arg = put_odoo_options(s, arg);
	for (int i = 0; i < s->options->n_console; i++)
		*arg++ = s->options->console[i];
	*arg = NULL;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGHUP);
	if (getppid() != parent)
		_exit(127);
	execv("/proc/self/exe", (char *const *)(uintptr_t)argv);
	fprintf(stderr, "orderly demo: the console: %s\n", strerror(errno));
	_exit(126);
}

static void watched_signals(sigset_t *set)
{
	static const int signals[] = {SIGCHLD, SIGTERM, SIGHUP, SIGINT, SIGQUIT};

	sigemptyset(set);
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		sigaddset(set, signals[i]);
}

/* Our child without a session of its own, so that it has the terminal. Until now a signal just ended
 * us, and all that was started with us; from here on they are taken in wait_console(). */
static int start_console(struct supervisor *s, struct err *err)
{
	pid_t parent = getpid(), pid;
	sigset_t set;

	watched_signals(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	s->terminal = tcgetattr(STDOUT_FILENO, &s->modes) == 0;
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		console_child(s, parent);
	if (pid < 0)
		return err_errno(err, "fork");
	s->console = pid;
	return 0;
}

/* A console that was killed could not give the terminal back. */
static void restore_terminal(const struct supervisor *s)
{
	static const char back[] =
		"\033[?2004l\033[?1000l\033[?1006l\033[?25h\033[0m\033[?1049l\r\n";

	if (!s->terminal)
		return;
	tcsetattr(STDOUT_FILENO, TCSADRAIN, &s->modes);
	if (write(STDOUT_FILENO, back, sizeof(back) - 1) < 0)
		return; /* the terminal itself is gone */
}

static void restart_part(struct supervisor *s, pid_t pid)
{
	for (enum part part = 0; part < N_PARTS; part++) {
		if (s->parts[part] != pid)
			continue;
		s->parts[part] = 0;
		if (s->restarts[part]++ < RESTARTS)
			start_part(s, part, NULL);
	}
}

/* A server that crashed is started again. One that was stopped in good order was stopped by
 * somebody, who may want to see what the console makes of it, and start it himself. */
static void server_ended(struct supervisor *s, int status)
{
	bool crashed = WIFSIGNALED(status) || WEXITSTATUS(status) != 0;

	cluster_ended(s->cluster);
	if (crashed && s->server_restarts++ < RESTARTS)
		cluster_start_again(s->cluster, NULL);
}

/* Takes what the kernel tells of our children; true when the console is over. A console that was
 * stopped (C-z) stops us as well, since it is us whom the shell waits for. */
static bool reap(struct supervisor *s, int *ret_status)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
		if (WIFSTOPPED(status)) {
			if (pid == s->console) {
				raise(SIGSTOP);
				kill(pid, SIGCONT);
			}
			continue;
		}
		if (pid == s->console) {
			s->console = 0;
			if (WIFSIGNALED(status))
				restore_terminal(s);
			*ret_status =
				WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
			return true;
		}
		if (pid == cluster_pid(s->cluster))
			server_ended(s, status);
		restart_part(s, pid);
	}
	return false;
}

/* SIGINT and SIGQUIT come from the terminal, to the console as well: they are its business. */
static int wait_console(struct supervisor *s)
{
	int status = 1, signo;
	sigset_t set;

	watched_signals(&set);
	while (!reap(s, &status)) {
		if (sigwait(&set, &signo) == 0 && (signo == SIGTERM || signo == SIGHUP))
			kill(s->console, signo);
	}
	return status;
}

/* ---- the whole ----------------------------------------------------------------------------- */

static int throw_away(struct supervisor *s, struct err *err)
{
	static const char *const names[] = {"history", "faults", "place", "log"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		CLEANUP(str_done)
		struct str path = STR_INIT(4096);

		str_addf(&path, "%s/%s", s->options->dir, names[i]);
		unlink(path.at);
	}
	return tree_remove(s->cluster_dir, err);
}

static int open_log(struct supervisor *s, struct err *err)
{
	CLEANUP(str_done)
	struct str path = STR_INIT(4096);

	str_addf(&path, "%s/log", s->options->dir);
	s->log_fd = open(path.at, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	return s->log_fd < 0 ? err_errno(err, "%s", path.at) : 0;
}

/* What an earlier one left: nothing listens there. */
static void forget_odoo(const struct supervisor *s)
{
	CLEANUP(str_done)
	struct str path = STR_INIT(4096);

	odoo_path(s, "url", &path);
	unlink(str_cstr(&path));
}

/* The folder is ours alone from here on, and nothing of an earlier demo runs in it. */
static int take_dir(struct supervisor *s, struct err *err)
{
	CLEANUP(mem_freep)
	char *parent = mem_dup_str(s->options->dir);
	struct account account;
	int r = account_unprivileged(&account, err);

	if (r < 0 || (r = file_make_dirs(dirname(parent), 0755, err)) < 0 ||
		(r = tree_make_private(s->options->dir, &account, err)) < 0 ||
		(r = lock_take(s->options->dir, &s->lock_fd, err)) < 0)
		return r;
	for (enum part part = 0; part < N_PARTS; part++)
		end_left_over(s, part, part_rows[part].program);
	forget_odoo(s);
	if ((r = cluster_end_stale(s->cluster_dir, err)) < 0)
		return r;
	if (s->options->reset && (r = throw_away(s, err)) < 0)
		return r;
	return open_log(s, err);
}

/* Its address is written when it listens. Without it all else works, and the console says so. */
static void wait_odoo(struct supervisor *s)
{
	const struct timespec moment = {.tv_nsec = 10 * 1000 * 1000};
	int64_t until_us = mono_us() + ODOO_TIMEOUT_US;
	CLEANUP(str_done)
	struct str path = STR_INIT(4096);

	odoo_path(s, "url", &path);
	while (file_read(str_cstr(&path), &s->odoo_url, NULL) < 0 && mono_us() < until_us) {
		str_reset(&s->odoo_url);
		nanosleep(&moment, NULL);
	}
}

static int start_all(struct supervisor *s, struct err *err)
{
	struct cluster_options options = {.dir = s->cluster_dir, .durable = true};
	int r = take_dir(s, err);

	if (r < 0)
		return r;
	if (access(s->cluster_dir, F_OK) < 0)
		fputs("orderly demo: making a private PostgreSQL cluster (once)\n", stderr);
	if ((r = cluster_start(&options, &s->cluster, err)) < 0 || (r = make_store(s, err)) < 0)
		return r;
	for (enum part part = 0; part < N_PARTS; part++) {
		if ((r = start_part(s, part, err)) < 0)
			return r;
		if (part == PART_ODOO && s->parts[part] > 0)
			wait_odoo(s);
	}
	return start_console(s, err);
}

/* The writers are told first and all at once, the server goes when they have. */
static void stop_all(struct supervisor *s)
{
	if (s->console > 0) {
		kill(s->console, SIGTERM);
		spawn_wait(s->console, CHILD_TIMEOUT_US, NULL, NULL);
	}
	for (enum part part = 0; part < N_PARTS; part++)
		if (s->parts[part] > 0)
			kill(s->parts[part], SIGTERM);
	for (enum part part = 0; part < N_PARTS; part++)
		stop_part(s, part);
	cluster_stop(TAKE(s->cluster));
	if (s->lock_fd >= 0)
		cluster_end_stale(s->cluster_dir, NULL);
}

static void supervisor_done(struct supervisor *s)
{
	stop_all(s);
	if (s->log_fd >= 0)
		close(s->log_fd);
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	free(s->cluster_dir);
	free(s->program_dir);
	free(s->odoo_key);
	str_done(&s->odoo_url);
}

static void supervisor_init(struct supervisor *s, const struct demo_options *options)
{
	struct str dir = STR_INIT(4096), key = STR_INIT(4096);
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[n > 0 ? n : 0] = '\0';
	str_addf(&dir, "%s/cluster", options->dir);
	str_addf(&key, "%s/odoo.key", options->dir);
	*s = (struct supervisor){.options = options,
		.cluster_dir = dir.at,
		.program_dir = mem_dup_str(dirname(self)),
		.odoo_key = key.at,
		.odoo_url = STR_INIT(256),
		.lock_fd = -1,
		.log_fd = -1,
		.started_us = mono_us()};
}

int supervise(const struct demo_options *options)
{
	CLEANUP(supervisor_done)
	struct supervisor s;
	struct err err = ERR_INIT;

	supervisor_init(&s, options);
	if (start_all(&s, &err) < 0) {
		fprintf(stderr, "orderly demo: %s\n", err.text);
		if (err.code != -EBUSY && access(s.cluster_dir, F_OK) == 0)
			fprintf(stderr,
				"orderly demo: %s/log tells more; `orderly demo --reset` begins "
				"anew\n",
				options->dir);
		return 1;
	}
	return wait_console(&s);
}
