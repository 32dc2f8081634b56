/* Runs one program of the tests, stops it at a deadline, and finds whatever it leaves running.
 * Leaves starting in parallel, counting and telling to tests/run.
 * Called by tests/run: keep SECONDS PROGRAM [ARGUMENT...]. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What keep itself has to say, apart from the program's own status. */
enum {
	EXIT_TIMEOUT = 124,
	EXIT_USAGE = 125,
	EXIT_CANNOT_RUN = 127,
	EXIT_LEFT_BEHIND = 126,
};

/* A helper that was told to go may need a moment, most of all under a sanitizer. */
#define GRACE_MS 3000

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* SIGCHLD, SIGTERM, SIGINT and SIGHUP are blocked and taken here, one at a time; 0 in time. */
static int next_signal(const sigset_t *set, long long deadline_ms)
{
	for (;;) {
		long long left = deadline_ms - now_ms();
		struct timespec ts = {left / 1000, left % 1000 * 1000000};

		if (left <= 0)
			return 0;
		int sig = sigtimedwait(set, NULL, &ts);
		if (sig > 0)
			return sig;
	}
}

/* The parent of a process, and its name between the parentheses of its stat line. */
static bool process_read(const char *pid, int *ret_parent, char *name, size_t size)
{
	char path[64], line[512];

	snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
	FILE *file = fopen(path, "re");
	if (!file)
		return false;
	size_t len = fread(line, 1, sizeof(line) - 1, file);
	fclose(file);
	line[len] = '\0';
	char *open = strchr(line, '('), *close = strrchr(line, ')');
	if (!open || !close || strlen(close) < 4 || close[2] == 'Z')
		return false;
	*close = '\0';
	snprintf(name, size, "%s", open + 1);
	*ret_parent = (int)strtol(close + 4, NULL, 10);
	return true;
}

/* Orphans become children of this process (PR_SET_CHILD_SUBREAPER), however they detached. */
static int each_child(bool tell, int sig)
{
	DIR *proc = opendir("/proc");
	int found = 0;

	if (!proc)
		return 0;
	for (struct dirent *entry; (entry = readdir(proc));) {
		char name[64];
		int parent;

		if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
			continue;
		if (!process_read(entry->d_name, &parent, name, sizeof(name)) || parent != getpid())
			continue;
		found++;
		if (tell)
			fprintf(stderr, "left behind: process %s (%s)\n", entry->d_name, name);
		if (sig)
			kill((pid_t)strtol(entry->d_name, NULL, 10), sig);
	}
	closedir(proc);
	return found;
}

static void reap(pid_t program, int *ret_status, bool *ret_over)
{
	int status;

	for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
		if (pid == program) {
			*ret_status = status;
			*ret_over = true;
		}
	}
}

/* Each kill may bring grandchildren to the surface, so until there is none. */
static void kill_all(void)
{
	for (;;) {
		each_child(false, SIGKILL);
		if (waitpid(-1, NULL, 0) < 0 && errno == ECHILD)
			return;
	}
}

static bool all_gone_in_time(const sigset_t *set)
{
	long long deadline_ms = now_ms() + GRACE_MS;

	for (;;) {
		pid_t pid = waitpid(-1, NULL, WNOHANG);

		if (pid < 0 && errno == ECHILD)
			return true;
		if (pid > 0)
			continue;
		if (next_signal(set, deadline_ms) == 0)
			return false;
	}
}

static pid_t start(char **argv, const sigset_t *old)
{
	pid_t pid = fork();

	if (pid == 0) {
		setsid();
		sigprocmask(SIG_SETMASK, old, NULL);
		execvp(argv[0], argv);
		fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
		_exit(EXIT_CANNOT_RUN);
	}
	return pid;
}

/* Until the program is over; else why keep ended it. */
static int follow(pid_t program, const sigset_t *set, long long seconds, int *ret_status)
{
	long long deadline_ms = now_ms() + seconds * 1000;
	bool over = false;

	while (!over) {
		int sig = next_signal(set, deadline_ms);

		if (sig == 0) {
			fprintf(stderr, "timeout: not over after %lld s\n", seconds);
			return EXIT_TIMEOUT;
		}
		if (sig != SIGCHLD)
			return 128 + sig;
		reap(program, ret_status, &over);
	}
	return 0;
}

int main(int argc, char **argv)
{
	sigset_t set, old;
	int status = 0;

	if (argc < 3)
		return EXIT_USAGE;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, &old);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid_t program = start(argv + 2, &old);
	if (program < 0)
		return EXIT_CANNOT_RUN;
	int ended = follow(program, &set, strtoll(argv[1], NULL, 10), &status);
	if (ended) {
		kill_all();
		return ended;
	}
	if (!all_gone_in_time(&set)) {
		each_child(true, 0);
		kill_all();
		return EXIT_LEFT_BEHIND;
	}
	if (WIFSIGNALED(status)) {
		fprintf(stderr, "ended by signal %d (%s)\n", WTERMSIG(status),
			strsignal(WTERMSIG(status)));
		return 128 + WTERMSIG(status);
	}
	return WEXITSTATUS(status);
}
