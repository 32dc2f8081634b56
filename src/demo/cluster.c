/* Makes, starts and stops a private PostgreSQL cluster as our child.
 * Leaves what is in its databases to others.
 * Called by the demo's supervisor and by the tests' with-postgres. */
#include "demo/cluster.h"
#include "base/mem.h"
#include "base/str.h"
#include "demo/spawn.h"
#include "demo/tree.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SOCKET_NAME "/.s.PGSQL.5432"
#define INITDB_TIMEOUT_US INT64_C(120000000)
#define START_TIMEOUT_US INT64_C(120000000)
#define FAST_TIMEOUT_US INT64_C(20000000)
#define IMMEDIATE_TIMEOUT_US INT64_C(5000000)

struct cluster {
	char *dir, *data, *socket_dir, *bin_dir, *log_path, *buffers, *listen;
	struct account account;
	int log_fd;
	pid_t pid;
	bool made, durable;
};

static char *joined(const char *head, const char *tail)
{
	struct str path = STR_INIT(4096);

	str_adds(&path, head);
	str_adds(&path, tail);
	return path.at ? path.at : mem_dup_str("");
}

static void cluster_free(struct cluster *cluster)
{
	if (cluster->log_fd >= 0)
		close(cluster->log_fd);
	free(cluster->dir);
	free(cluster->data);
	free(cluster->socket_dir);
	free(cluster->bin_dir);
	free(cluster->log_path);
	free(cluster->buffers);
	free(cluster->listen);
	free(cluster);
}

static void cluster_freep(struct cluster **cluster)
{
	if (*cluster)
		cluster_free(*cluster);
}

/* ---- the folder of the socket -------------------------------------------------------------- */

static uint64_t path_digest(const char *path)
{
	uint64_t digest = UINT64_C(14695981039346656037);

	for (; *path; path++)
		digest = (digest ^ (unsigned char)*path) * UINT64_C(1099511628211);
	return digest;
}

/* The address of a Unix socket has room for 107 bytes. */
static char *socket_dir_of(const char *dir, uid_t uid)
{
	struct str path = STR_INIT(4096);

	if (strlen(dir) + strlen(SOCKET_NAME) < sizeof(((struct sockaddr_un *)NULL)->sun_path))
		return mem_dup_str(dir);
	str_addf(&path, "/tmp/orderly-%u-%016llx", (unsigned)uid,
		(unsigned long long)path_digest(dir));
	return path.at;
}

/* ---- postmaster.pid ------------------------------------------------------------------------ */

struct postmaster {
	pid_t pid;
	bool ready;
};

/* Line 1 is the process, line 8 its state, padded with blanks. */
static struct postmaster postmaster_read(const char *data)
{
	CLEANUP(mem_freep)
	char *path = joined(data, "/postmaster.pid");
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct postmaster found = {0};
	struct slice rest, line;
	char text[4096];
	ssize_t n;
	int64_t pid;

	if (fd < 0)
		return found;
	n = read(fd, text, sizeof(text));
	close(fd);
	rest = (struct slice){text, n > 0 ? (size_t)n : 0};
	for (int i = 1; slice_cut(&rest, '\n', &line); i++) {
		if (i == 1 && slice_to_i64(slice_trim(line), 2, INT32_MAX, &pid) == 0)
			found.pid = (pid_t)pid;
		if (i == 8)
			found.ready = slice_eq(slice_trim(line), SLICE("ready"));
	}
	return found;
}

/* The number in the file may belong to another process by now: only a server whose command line
 * names our data is ended. */
static int end_stale(const char *data, struct err *err)
{
	struct postmaster left = postmaster_read(data);

	if (process_end(left.pid, data, SIGINT, FAST_TIMEOUT_US) < 0)
		return err_set(err, -EBUSY,
			"%s: the server of an earlier run (process %d) does not end", data,
			(int)left.pid);
	return 0;
}

int cluster_end_stale(const char *dir, struct err *err)
{
	CLEANUP(mem_freep)
	char *data = joined(dir, "/data");

	return end_stale(data, err);
}

/* ---- making and starting ------------------------------------------------------------------- */

/* What the server said last, for a message that helps. */
static int add_log_tail(const struct cluster *cluster, off_t from, int code, struct err *err)
{
	char tail[400];
	struct stat st;
	ssize_t n;

	if (!err || fstat(cluster->log_fd, &st) < 0)
		return code;
	if (st.st_size - from > (off_t)sizeof(tail) - 1)
		from = st.st_size - (off_t)sizeof(tail) + 1;
	n = pread(cluster->log_fd, tail, sizeof(tail) - 1, from);
	if (n > 0) {
		struct err said = *err;
		struct slice text = slice_trim((struct slice){tail, (size_t)n});

		err_set(err, code, "%.100s; %s ends with: %.*s", said.text, cluster->log_path,
			SLICE_ARG(text));
	}
	return code;
}

static int run_initdb(
	struct cluster *cluster, const char *into, const char *locale, struct err *err)
{
	CLEANUP(mem_freep)
	char *program = joined(cluster->bin_dir, "/initdb");
	const char *argv[] = {program, "-D", into, "-U", "postgres", "-A", "trust", "-E", "UTF8",
		locale, "--no-sync", "--no-instructions", NULL};
	const char *env[] = {"LC_ALL=C", "TZ=UTC", NULL};
	struct spawn how = {.argv = argv,
		.env = env,
		.account = &cluster->account,
		.death_signal = SIGKILL,
		.log_fd = cluster->log_fd};
	int r = tree_remove(into, err);

	return r < 0 ? r : spawn_run(&how, "initdb", INITDB_TIMEOUT_US, err);
}

/* Made beside and renamed, so that an initdb cut off in the middle is never taken for data. */
static int make_data(struct cluster *cluster, struct err *err)
{
	CLEANUP(mem_freep)
	char *into = joined(cluster->dir, "/data.new");
	off_t from = lseek(cluster->log_fd, 0, SEEK_END);
	int r;

	if (access(cluster->data, F_OK) == 0)
		return 0;
	r = run_initdb(cluster, into, "--locale=C.UTF-8", NULL);
	if (r < 0)
		r = run_initdb(cluster, into, "--locale=C", err);
	if (r < 0)
		return add_log_tail(cluster, from, r, err);
	if (rename(into, cluster->data) < 0)
		return err_errno(err, "%s", cluster->data);
	cluster->made = true;
	return 0;
}

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

static int wait_ready(struct cluster *cluster, off_t log_from, struct err *err)
{
	int64_t until = now_us() + START_TIMEOUT_US;

	for (;;) {
		struct postmaster seen = postmaster_read(cluster->data);
		int r;

		if (seen.pid == cluster->pid && seen.ready)
			return 0;
		r = spawn_wait(cluster->pid, 4000, NULL, NULL);
		if (r != -ETIMEDOUT) {
			cluster->pid = 0;
			err_set(err, -EIO, "the server did not start");
			return add_log_tail(cluster, log_from, -EIO, err);
		}
		if (now_us() > until) {
			err_set(err, -ETIMEDOUT, "the server is not ready after %d s",
				(int)(START_TIMEOUT_US / 1000000));
			return add_log_tail(cluster, log_from, -ETIMEDOUT, err);
		}
	}
}

static int start_server(struct cluster *cluster, struct err *err)
{
	bool durable = cluster->durable;
	CLEANUP(mem_freep)
	char *program = joined(cluster->bin_dir, "/postgres");
	CLEANUP(mem_freep)
	char *socket = joined("unix_socket_directories=", cluster->socket_dir);
	CLEANUP(mem_freep)
	char *buffers = joined("shared_buffers=", cluster->buffers);
	CLEANUP(mem_freep)
	char *listen = joined("listen_addresses=", cluster->listen);
	const char *argv[] = {program, "-D", cluster->data, "-p", "5432", "-c",
		listen, "-c", socket, "-c", "unix_socket_permissions=0700", "-c",
		durable ? "fsync=on" : "fsync=off", "-c",
		durable ? "full_page_writes=on" : "full_page_writes=off", "-c",
		durable ? "synchronous_commit=on" : "synchronous_commit=off", "-c",
		"max_connections=200", "-c", "max_prepared_transactions=10", "-c",
		"wal_level=replica", "-c", "max_wal_senders=10", "-c", buffers, "-c",
		"max_wal_size=2GB", "-c", "autovacuum_naptime=10s", "-c",
		"checkpoint_timeout=15min", "-c", "wal_compression=on", "-c", "timezone=UTC", "-c",
		"log_timezone=UTC", "-c", "logging_collector=off", "-c", "log_destination=stderr",
		"-c", "jit=off", "-c", "track_commit_timestamp=off", "-c", "cluster_name=orderly",
		NULL};
	const char *env[] = {"LC_ALL=C", "TZ=UTC", NULL};
	struct spawn how = {.argv = argv,
		.env = env,
		.account = &cluster->account,
		.death_signal = durable ? SIGINT : SIGQUIT,
		.log_fd = cluster->log_fd};
	off_t log_from = lseek(cluster->log_fd, 0, SEEK_END);
	int r = spawn(&how, &cluster->pid, err);

	return r < 0 ? r : wait_ready(cluster, log_from, err);
}

static int open_log(struct cluster *cluster, struct err *err)
{
	cluster->log_fd =
		open(cluster->log_path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (cluster->log_fd < 0)
		return err_errno(err, "%s", cluster->log_path);
	if (cluster->account.other &&
		fchown(cluster->log_fd, cluster->account.uid, cluster->account.gid) < 0)
		return err_errno(err, "%s", cluster->log_path);
	return 0;
}

static int prepare(struct cluster *cluster, const struct cluster_options *options, struct err *err)
{
	int r = account_unprivileged(&cluster->account, err);

	if (r < 0)
		return r;
	cluster->socket_dir = socket_dir_of(options->dir, cluster->account.uid);
	if (options->bin_dir)
		cluster->bin_dir = mem_dup_str(options->bin_dir);
	else if ((r = cluster_find_bin(&cluster->bin_dir, err)) < 0)
		return r;
	if ((r = tree_make_private(cluster->dir, &cluster->account, err)) < 0)
		return r;
	if ((r = tree_make_private(cluster->socket_dir, &cluster->account, err)) < 0)
		return r;
	return open_log(cluster, err);
}

int cluster_start(const struct cluster_options *options, struct cluster **ret, struct err *err)
{
	CLEANUP(cluster_freep)
	struct cluster *cluster = NEW(struct cluster);
	int r;

	cluster->log_fd = -1;
	cluster->durable = options->durable;
	cluster->buffers = mem_dup_str(options->buffers ? options->buffers : "256MB");
	cluster->listen = mem_dup_str(options->listen ? options->listen : "");
	cluster->dir = mem_dup_str(options->dir);
	cluster->data = joined(options->dir, "/data");
	cluster->log_path = joined(options->dir, "/log");
	if ((r = prepare(cluster, options, err)) < 0 || (r = end_stale(cluster->data, err)) < 0 ||
		(r = make_data(cluster, err)) < 0)
		return r;
	r = start_server(cluster, err);
	if (r < 0) {
		cluster_stop(TAKE(cluster));
		return r;
	}
	*ret = TAKE(cluster);
	return 0;
}

const char *cluster_socket_dir(const struct cluster *cluster)
{
	return cluster->socket_dir;
}

pid_t cluster_pid(const struct cluster *cluster)
{
	return cluster->pid;
}

bool cluster_made(const struct cluster *cluster)
{
	return cluster->made;
}

void cluster_ended(struct cluster *cluster)
{
	cluster->pid = 0;
}

int cluster_start_again(struct cluster *cluster, struct err *err)
{
	int r = end_stale(cluster->data, err);

	return r < 0 ? r : start_server(cluster, err);
}

/* Harder from step to step: sessions ended and all written, then at once, then without being
 * asked. */
static void stop_server(pid_t pid)
{
	kill(pid, SIGINT);
	if (spawn_wait(pid, FAST_TIMEOUT_US, NULL, NULL) != -ETIMEDOUT)
		return;
	kill(pid, SIGQUIT);
	if (spawn_wait(pid, IMMEDIATE_TIMEOUT_US, NULL, NULL) != -ETIMEDOUT)
		return;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

void cluster_stop(struct cluster *cluster)
{
	if (!cluster)
		return;
	if (cluster->pid > 0)
		stop_server(cluster->pid);
	if (cluster->socket_dir && strcmp(cluster->socket_dir, cluster->dir) != 0)
		rmdir(cluster->socket_dir);
	cluster_free(cluster);
}

void cluster_stopp(struct cluster **cluster)
{
	cluster_stop(*cluster);
}
