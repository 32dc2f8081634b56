/* Starts children so that they cannot outlive us, and ends what an earlier run left behind.
 * What they are and in which order they are needed is the caller's.
 * Called by the private cluster and by the demo's supervisor. */
#include "demo/spawn.h"
#include "base/mem.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NAP_FIRST_US 500
#define NAP_LONGEST_US 20000

int account_unprivileged(struct account *ret, struct err *err)
{
	static const char *const names[] = {"postgres", "nobody"};

	if (geteuid() != 0) {
		*ret = (struct account){.uid = geteuid(), .gid = getegid()};
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct passwd *user = getpwnam(names[i]);

		if (user && user->pw_uid != 0) {
			*ret = (struct account){user->pw_uid, user->pw_gid, true};
			return 0;
		}
	}
	return err_set(err, -ENOENT,
		"a server must not run as root, and there is no user postgres or nobody");
}

static int64_t mono_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

/* A short sleep that grows from call to call: prompt at first, cheap later. */
static void nap(int64_t *us)
{
	const struct timespec time = {.tv_nsec = *us * 1000};

	nanosleep(&time, NULL);
	*us = *us * 3 / 2 < NAP_LONGEST_US ? *us * 3 / 2 : NAP_LONGEST_US;
}

static int child_drop(const struct account *account)
{
	if (!account || !account->other)
		return 0;
	if (setgroups(1, &account->gid) < 0 || setgid(account->gid) < 0 || setuid(account->uid) < 0)
		return -1;
	return 0;
}

static void child_environment(const struct spawn *how)
{
	static const char *const out[] = {"PGDATA", "PGHOST", "PGHOSTADDR", "PGPORT", "PGUSER",
		"PGDATABASE", "PGPASSWORD", "PGSERVICE", "PGOPTIONS", "PGTZ", "LC_ALL", "LANG",
		"LANGUAGE", "LC_MESSAGES", "TZ"};

	for (size_t i = 0; i < ARRAY_LEN(out); i++)
		unsetenv(out[i]);
	for (const char *const *pair = how->env; pair && *pair; pair++)
		putenv((char *)(uintptr_t)*pair);
}

static int child_streams(const struct spawn *how)
{
	int null = open("/dev/null", O_RDWR);
	int out = how->log_fd >= 0 ? how->log_fd : null;

	if (null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
		return -1;
	return 0;
}

static void child_signals(void)
{
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		if (i != SIGKILL && i != SIGSTOP)
			signal(i, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Ends in the program, or writes errno to the pipe. The death signal is set after the rights are
 * dropped, because that change takes it away; a parent that died before is seen by getppid(). */
static void child_main(const struct spawn *how, pid_t parent, int report)
{
	int up = fcntl(report, F_DUPFD_CLOEXEC, 3), code;

	if (up >= 0 && child_streams(how) == 0 && child_drop(how->account) == 0 &&
		chdir(how->dir ? how->dir : "/") == 0 &&
		prctl(PR_SET_PDEATHSIG, how->death_signal) == 0) {
		child_signals();
		child_environment(how);
		setsid();
		if (how->death_signal && getppid() != parent)
			_exit(127);
		if (up > 3)
			dup3(up, 3, O_CLOEXEC);
		closefrom(4);
		up = 3;
		execvp(how->argv[0], (char *const *)(uintptr_t)how->argv);
	}
	code = errno;
	if (write(up >= 0 ? up : report, &code, sizeof(code)) < 0)
		_exit(126);
	_exit(127);
}

int spawn(const struct spawn *how, pid_t *ret_pid, struct err *err)
{
	pid_t parent = getpid(), pid;
	int ends[2], code = 0;
	ssize_t n;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_errno(err, "pipe");
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		child_main(how, parent, ends[1]);
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return err_errno(err, "fork");
	}
	do
		n = read(ends[0], &code, sizeof(code));
	while (n < 0 && errno == EINTR);
	close(ends[0]);
	if (n > 0) {
		waitpid(pid, NULL, 0);
		return err_set(err, -code, "%s: %s", how->argv[0], strerror(code));
	}
	*ret_pid = pid;
	return 0;
}

int spawn_wait(pid_t pid, int64_t timeout_us, int *ret_status, struct err *err)
{
	int64_t until = mono_us() + timeout_us, us = NAP_FIRST_US;
	int status;

	for (;;) {
		pid_t got = waitpid(pid, &status, WNOHANG);

		if (got == pid)
			break;
		if (got < 0 && errno != EINTR)
			return err_errno(err, "process %d", (int)pid);
		if (mono_us() > until)
			return err_set(err, -ETIMEDOUT, "process %d does not end", (int)pid);
		nap(&us);
	}
	if (ret_status)
		*ret_status = status;
	return 0;
}

int spawn_run(const struct spawn *how, const char *what, int64_t timeout_us, struct err *err)
{
	pid_t pid;
	int status, r = spawn(how, &pid, err);

	if (r < 0)
		return r;
	r = spawn_wait(pid, timeout_us, &status, err);
	if (r < 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return r;
	}
	if (WIFSIGNALED(status))
		return err_set(err, -EIO, "%s was ended by signal %d", what, WTERMSIG(status));
	if (WEXITSTATUS(status) != 0)
		return err_set(err, -EIO, "%s failed with status %d", what, WEXITSTATUS(status));
	return 0;
}

bool process_is(pid_t pid, const char *word)
{
	char path[64], line[4096];
	ssize_t n;
	int fd;

	if (pid <= 1)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, line, sizeof(line));
	close(fd);
	return n > 0 && memmem(line, (size_t)n, word, strlen(word));
}

static bool ends_within(pid_t pid, const char *word, int64_t timeout_us)
{
	int64_t until = mono_us() + timeout_us, us = NAP_FIRST_US;

	while (process_is(pid, word)) {
		if (mono_us() > until)
			return false;
		nap(&us);
	}
	return true;
}

int process_end(pid_t pid, const char *word, int signo, int64_t timeout_us)
{
	if (!process_is(pid, word))
		return 0;
	if (kill(pid, signo) < 0)
		return errno == ESRCH ? 0 : -errno;
	if (ends_within(pid, word, timeout_us))
		return 0;
	kill(pid, SIGKILL);
	return ends_within(pid, word, 2000000) ? 0 : -ETIMEDOUT;
}
