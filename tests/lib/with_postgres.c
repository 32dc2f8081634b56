/* with-postgres COMMAND ...: runs a command beside a private PostgreSQL and passes its status on.
 * ORDERLY_TEST_PG names the folder of the socket; an outer with-postgres is used as it is. With an
 * address in ORDERLY_TEST_LISTEN it listens there too, on port 5432.
 * Called by the run of the tests, and by hand for a single one. */
#include "base/mem.h"
#include "base/str.h"
#include "demo/cluster.h"
#include "demo/spawn.h"
#include "demo/tree.h"
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void watched_signals(sigset_t *set)
{
	static const int signals[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGQUIT};

	sigemptyset(set);
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		sigaddset(set, signals[i]);
}

static pid_t start_command(char **argv)
{
	pid_t parent = getpid(), pid = fork();
	sigset_t none;

	if (pid != 0)
		return pid;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(127);
	execvp(argv[0], argv);
	fprintf(stderr, "with-postgres: %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

/* Signals are blocked all the while and taken here. What the terminal sends, it sends to the
 * command too; a SIGTERM is handed down. */
static int wait_command(pid_t pid)
{
	sigset_t set;
	int status = 0;

	watched_signals(&set);
	for (;;) {
		pid_t got = waitpid(pid, &status, WNOHANG);
		int signo = 0;

		if (got == pid)
			return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
		if (got < 0)
			return 127;
		if (sigwait(&set, &signo) == 0 && signo != SIGCHLD)
			kill(pid, signo == SIGHUP ? SIGTERM : signo);
	}
}

static int run_command(char **argv)
{
	pid_t pid = start_command(argv);

	if (pid < 0) {
		perror("with-postgres: fork");
		return 126;
	}
	return wait_command(pid);
}

/* The lock on the folder tells a live one from what a killed run left. */
static int lock_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static const char *temporary_root(void)
{
	const char *told = getenv("TMPDIR");

	return told && *told == '/' && strlen(told) < 60 && geteuid() != 0 ? told : "/tmp";
}

static void remove_left_overs(void)
{
	CLEANUP(str_done)
	struct str pattern = STR_INIT(4096);
	glob_t found;

	/* A folder with a log was locked once, so that one just made is never taken. */
	str_addf(&pattern, "%s/orderly-test-*/log", temporary_root());
	if (glob(pattern.at, 0, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		char *dir = found.gl_pathv[i];
		int fd;

		*strrchr(dir, '/') = '\0';
		fd = access(dir, W_OK) == 0 ? lock_dir(dir) : -1;
		if (fd < 0)
			continue;
		if (cluster_end_stale(dir, NULL) == 0)
			tree_remove(dir, NULL);
		close(fd);
	}
	globfree(&found);
}

static int make_dir(char *dir)
{
	struct account account;
	int fd;

	if (!mkdtemp(dir))
		return -1;
	fd = lock_dir(dir);
	if (account_unprivileged(&account, NULL) == 0 && account.other &&
		chown(dir, account.uid, account.gid) < 0)
		return -1;
	return fd;
}

static int with_cluster(char **argv)
{
	CLEANUP(str_done)
	struct str dir = STR_INIT(4096);
	struct cluster_options options = {0};
	struct cluster *cluster = NULL;
	struct err err = ERR_INIT;
	int lock, status = 125;

	remove_left_overs();
	str_addf(&dir, "%s/orderly-test-XXXXXX", temporary_root());
	lock = make_dir(dir.at);
	if (lock < 0) {
		fprintf(stderr, "with-postgres: %s: %s\n", dir.at, strerror(errno));
		return status;
	}
	options.dir = dir.at;
	options.buffers = getenv("ORDERLY_TEST_BUFFERS");
	options.listen = getenv("ORDERLY_TEST_LISTEN");
	if (cluster_start(&options, &cluster, &err) < 0) {
		fprintf(stderr, "with-postgres: %s\n", err.text);
		status = err.code == -ENOENT ? 77 : status;
	} else {
		setenv("ORDERLY_TEST_PG", cluster_socket_dir(cluster), 1);
		status = run_command(argv);
		cluster_stop(cluster);
	}
	if (tree_remove(dir.at, &err) < 0)
		fprintf(stderr, "with-postgres: %s\n", err.text);
	close(lock);
	return status;
}

int main(int argc, char **argv)
{
	const char *outer = getenv("ORDERLY_TEST_PG");
	sigset_t set;

	if (argc < 2) {
		fputs("usage: with-postgres COMMAND [ARGUMENT ...]\n", stderr);
		return 2;
	}
	watched_signals(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return outer && *outer ? run_command(argv + 1) : with_cluster(argv + 1);
}
