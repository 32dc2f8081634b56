/* What a service manager and a monitor see of orderlyd: ready, well, in numbers, ending. And that its
 * log holds no payload. */
#include "base/file.h"
#include "stage.h"
#include "unit.h"
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int set_up(void **state)
{
	struct stage *stage = NEW(struct stage);

	stage_open(stage, "watch");
	*state = stage;
	return 0;
}

static int tear_down(void **state)
{
	stage_close(*state);
	free(*state);
	return 0;
}

static int manager_open(struct stage *stage)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	const struct timeval patience = {.tv_sec = 60};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%s/notify", stage->folder);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	(void)setenv("NOTIFY_SOCKET", at.sun_path, 1);
	return fd;
}

static void expect_told(int fd, const char *what)
{
	char text[512] = "";

	while (!strstr(text, what)) {
		ssize_t n = recv(fd, text, sizeof(text) - 1, 0);

		if (n < 0)
			fail_msg("never told: %s", what);
		text[n] = '\0';
	}
}

static char *read_log(struct stage *stage)
{
	struct str text = STR_INIT((size_t)64 * 1024 * 1024);
	char path[300];

	(void)snprintf(path, sizeof(path), "%s/log", stage->folder);
	assert_int_equal(file_read(path, &text, NULL), 0);
	return text.at;
}

static int port_in_log(struct stage *stage)
{
	char *log = read_log(stage), *at = strstr(log, "\"event\":\"listening\",\"port\":");
	int port = at ? (int)strtol(at + 27, NULL, 10) : 0;

	free(log);
	return port;
}

static void expect_said(struct stage *stage, const char *path, const char *what)
{
	char *text = NULL;

	for (int i = 0; i < 2000 && !(text && strstr(text, what)); i++) {
		free(text);
		text = stage_ask(stage, 1, path, NULL);
		stage_nap();
	}
	if (!strstr(text, what))
		fail_msg("%s does not say %s: %s", path, what, text);
	free(text);
}

static void it_says_when_it_is_ready_and_how_it_is(void **state)
{
	struct stage *stage = *state;
	int fd = manager_open(stage);
	char *endpoint, *log;

	stage_target(stage, 0, false);
	endpoint = stage_endpoint(stage, 0, "");
	stage_interface(stage, "watched", "", endpoint);
	stage_interface(stage, "wrong", "",
		"{\"kind\": \"http\", \"url\": \"http://127.0.0.1:1/\", \"metod\": \"PUT\"}");
	stage->listen = "127.0.0.1:0";
	stage_orderlyd(stage, 0);
	expect_told(fd, "READY=1");
	stage->targets[1].port = port_in_log(stage);
	expect_said(stage, "/healthz", "ok\n");
	stage_die(stage, "watched", "secret-word-", 5, 0);
	(void)stage_ask_for(stage, "watched", "{\"stages\": []}");
	expect_said(stage, "/metrics",
		"\norderly_relay_items_total{target=\"watched\",outcome=\"delivered\"} 5\n");
	expect_said(stage, "/metrics", "\norderly_store_up 1\n");
	expect_said(stage, "/metrics", "\norderly_relay_interfaces 1\n");
	expect_said(stage, "/metrics", "\norderly_relay_interfaces_unusable 1\n");
	expect_said(stage, "/metrics", "\norderly_relay_circuit_open{target=\"watched\"} 0\n");
	expect_said(stage, "/nothing", "/metrics are here");
	stage_end(stage, 0, SIGTERM);
	expect_told(fd, "STOPPING=1");
	log = read_log(stage);
	assert_null(strstr(log, "secret-word"));
	assert_null(strstr(log, "\\\"order\\\""));
	assert_non_null(
		strstr(log, "endpoint: unknown field \\\"metod\\\"; did you mean \\\"method\\\"?"));
	free(log);
	free(endpoint);
	close(fd);
	(void)unsetenv("NOTIFY_SOCKET");
}

static void it_listens_on_loopback_alone(void **state)
{
	struct stage *stage = *state;
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		close(2);
		(void)execl("./orderlyd", "orderlyd", "--conninfo", str_cstr(&stage->conninfo),
			"--listen", "0.0.0.0:0", (char *)NULL);
		_exit(127);
	}
	(void)waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_FAILURE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_says_when_it_is_ready_and_how_it_is),
		cmocka_unit_test(it_listens_on_loopback_alone),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
