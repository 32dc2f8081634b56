/* The private cluster: started, stopped, found again, and ended with its parent. */
#include "base/mem.h"
#include "base/str.h"
#include "demo/cluster.h"
#include "demo/spawn.h"
#include "demo/tree.h"
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* after the standard headers, as it asks */
#include <cmocka.h>

static char *make_root(void)
{
	char *dir = mem_dup_str("/tmp/orderly-cluster-XXXXXX");
	struct account account;

	assert_non_null(mkdtemp(dir));
	assert_int_equal(account_unprivileged(&account, NULL), 0);
	assert_int_equal(chown(dir, account.uid, account.gid), 0);
	return dir;
}

static void drop_root(char *dir)
{
	struct err err = ERR_INIT;

	if (tree_remove(dir, &err) < 0)
		fail_msg("%s", err.text);
	free(dir);
}

static struct cluster *start(const char *dir)
{
	const struct cluster_options options = {.dir = dir};
	struct cluster *cluster = NULL;
	struct err err = ERR_INIT;

	if (cluster_start(&options, &cluster, &err) < 0)
		fail_msg("%s", err.text);
	return cluster;
}

static bool takes_connections(const struct cluster *cluster)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), r;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/.s.PGSQL.5432",
		cluster_socket_dir(cluster));
	r = connect(fd, (struct sockaddr *)&address, sizeof(address));
	close(fd);
	return r == 0;
}

static void takes_connections_when_start_returns(void **state)
{
	char *dir = make_root();
	struct cluster *cluster = start(dir);

	(void)state;
	assert_true(takes_connections(cluster));
	assert_true(cluster_made(cluster));
	cluster_stop(cluster);
	drop_root(dir);
}

static void keeps_its_data_between_starts(void **state)
{
	char *dir = make_root();
	struct cluster *cluster = start(dir);

	(void)state;
	cluster_stop(cluster);
	cluster = start(dir);
	assert_false(cluster_made(cluster));
	cluster_stop(cluster);
	drop_root(dir);
}

static void is_closed_to_others(void **state)
{
	char *dir = make_root();
	struct cluster *cluster = start(dir);
	struct stat st;

	(void)state;
	assert_int_equal(stat(cluster_socket_dir(cluster), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_true(process_is(cluster_pid(cluster), "listen_addresses="));
	assert_int_not_equal(st.st_uid, 0);
	cluster_stop(cluster);
	drop_root(dir);
}

static void finds_a_short_socket_for_a_long_path(void **state)
{
	char *root = make_root();
	struct str dir = STR_INIT(4096);
	struct cluster *cluster;
	char *socket_dir;

	(void)state;
	str_addf(&dir, "%s/%0100d", root, 1);
	cluster = start(dir.at);
	assert_true(strlen(cluster_socket_dir(cluster)) < 80);
	assert_true(takes_connections(cluster));
	socket_dir = mem_dup_str(cluster_socket_dir(cluster));
	cluster_stop(cluster);
	assert_int_equal(access(socket_dir, F_OK), -1);
	free(socket_dir);
	str_done(&dir);
	drop_root(root);
}

/* A process that starts a cluster, says its number, and waits to be killed. */
static pid_t start_in_a_child(const char *dir, pid_t *ret_server)
{
	int ends[2];
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		pid_t server = cluster_pid(start(dir));

		if (write(ends[1], &server, sizeof(server)) == sizeof(server))
			for (;;)
				pause();
		_exit(1);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], ret_server, sizeof(*ret_server)), sizeof(*ret_server));
	close(ends[0]);
	return child;
}

static void ends_when_its_parent_is_killed(void **state)
{
	char *dir = make_root();
	pid_t server, child = start_in_a_child(dir, &server);
	struct cluster *cluster;

	(void)state;
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	cluster = start(dir);
	assert_int_not_equal(cluster_pid(cluster), server);
	assert_false(process_is(server, dir));
	cluster_stop(cluster);
	drop_root(dir);
}

static void starts_over_the_file_of_a_server_that_is_gone(void **state)
{
	char *dir = make_root();
	struct cluster *cluster = start(dir);
	pid_t server = cluster_pid(cluster);

	(void)state;
	kill(server, SIGKILL);
	cluster_stop(cluster);
	cluster = start(dir);
	assert_true(takes_connections(cluster));
	cluster_stop(cluster);
	drop_root(dir);
}

static void a_server_that_crashed_can_run_again(void **state)
{
	char *dir = make_root();
	struct cluster *cluster = start(dir);
	struct err err = ERR_INIT;
	pid_t server = cluster_pid(cluster);

	(void)state;
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	cluster_ended(cluster);
	if (cluster_start_again(cluster, &err) < 0)
		fail_msg("%s", err.text);
	assert_true(takes_connections(cluster));
	cluster_stop(cluster);
	drop_root(dir);
}

static void refuses_a_folder_of_somebody_else(void **state)
{
	char *dir = make_root();
	const struct cluster_options options = {.dir = dir};
	struct cluster *cluster = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(chmod(dir, 0755), 0);
	assert_int_equal(cluster_start(&options, &cluster, &err), -EPERM);
	assert_non_null(strstr(err.text, dir));
	assert_null(cluster);
	drop_root(dir);
}

static void says_why_a_server_did_not_start(void **state)
{
	char *dir = make_root();
	const struct cluster_options options = {.dir = dir};
	struct cluster *cluster = start(dir);
	struct err err = ERR_INIT;
	struct str path = STR_INIT(4096);

	(void)state;
	cluster_stop(cluster);
	cluster = NULL;
	str_addf(&path, "%s/data/PG_VERSION", dir);
	assert_int_equal(unlink(path.at), 0);
	assert_true(cluster_start(&options, &cluster, &err) < 0);
	assert_non_null(strstr(err.text, "not a valid data directory"));
	str_done(&path);
	drop_root(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_connections_when_start_returns),
		cmocka_unit_test(keeps_its_data_between_starts),
		cmocka_unit_test(is_closed_to_others),
		cmocka_unit_test(finds_a_short_socket_for_a_long_path),
		cmocka_unit_test(ends_when_its_parent_is_killed),
		cmocka_unit_test(starts_over_the_file_of_a_server_that_is_gone),
		cmocka_unit_test(a_server_that_crashed_can_run_again),
		cmocka_unit_test(refuses_a_folder_of_somebody_else),
		cmocka_unit_test(says_why_a_server_did_not_start),
	};
	char *bin = NULL;

	if (cluster_find_bin(&bin, NULL) < 0) {
		puts("skipped: no PostgreSQL server is installed");
		return 77;
	}
	free(bin);
	return cmocka_run_group_tests_name("demo/cluster", tests, NULL, NULL);
}
