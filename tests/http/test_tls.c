/* TLS is verified: against `openssl s_server` with a certificate that only its own file vouches for.
 * Skipped where there is no openssl program. */
#include "../lib/unit.h"
#include "base/str.h"
#include "http/http.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define SKIPPED 77

struct world {
	char folder[32];
	struct str cert, key;
	pid_t server;
	int port;
	struct clock clock;
	struct loop *loop;
	bool replied;
	enum http_end end;
	int status;
	bool may_have_arrived;
	int64_t cert_ends_s;
};

static pid_t spawn(const char *const argv[], int out_fd)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (dup2(out_fd, 1) < 0 || !freopen("/dev/null", "w", stderr))
			_exit(126);
		(void)execvp(argv[0], (char **)(uintptr_t)argv);
		_exit(127);
	}
	return pid;
}

static int make_certificate(struct world *w)
{
	const char *argv[] = {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
		"ec_paramgen_curve:prime256v1", "-nodes", "-keyout", w->key.at, "-out", w->cert.at,
		"-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
		NULL};
	int status = 0;

	(void)waitpid(spawn(argv, 1), &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

/* It says "ACCEPT 127.0.0.1:PORT" when it is ready. */
static void start_server(struct world *w)
{
	const char *argv[] = {"openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", w->cert.at,
		"-key", w->key.at, "-www", NULL};
	char line[200];
	int out[2];
	FILE *file;

	assert_int_equal(pipe(out), 0);
	w->server = spawn(argv, out[1]);
	close(out[1]);
	file = fdopen(out[0], "r");
	while (w->port == 0 && fgets(line, sizeof(line), file)) {
		char *colon = strrchr(line, ':');

		if (strncmp(line, "ACCEPT", 6) == 0 && colon)
			w->port = (int)strtol(colon + 1, NULL, 10);
	}
	(void)fclose(file);
	assert_true(w->port > 0);
}

static int setup(void **state)
{
	struct world *w = NEW(struct world);

	memcpy(w->folder, "/tmp/orderly-tls-XXXXXX", 24);
	assert_non_null(mkdtemp(w->folder));
	w->cert = w->key = STR_INIT(100);
	str_addf(&w->cert, "%s/cert.pem", w->folder);
	str_addf(&w->key, "%s/key.pem", w->folder);
	assert_int_equal(make_certificate(w), 0);
	start_server(w);
	w->clock = clock_real();
	*state = w;
	return loop_new(&w->clock, &w->loop, NULL);
}

static int teardown(void **state)
{
	struct world *w = *state;

	(void)kill(w->server, SIGKILL);
	(void)waitpid(w->server, NULL, 0);
	(void)unlink(w->cert.at);
	(void)unlink(w->key.at);
	(void)rmdir(w->folder);
	loop_free(w->loop);
	str_done(&w->cert);
	str_done(&w->key);
	free(w);
	return 0;
}

static void on_reply(void *ctx, const struct http_reply *reply)
{
	struct world *w = ctx;

	w->replied = true;
	w->end = reply->end;
	w->status = reply->status;
	w->may_have_arrived = reply->may_have_arrived;
	w->cert_ends_s = reply->cert_ends_s;
}

static void look(struct world *w, const char *host, const char *ca_file, bool connect_only)
{
	CLEANUP(http_freep)
	struct http *http = http_new(w->loop, &(struct http_options){.ca_file = ca_file});
	CLEANUP(str_done)
	struct str url = STR_INIT(200);

	str_addf(&url, "https://%s:%d/", host, w->port);
	w->replied = false;
	(void)http_ask(http, &(struct http_ask){.url = url.at,
				     .certificate = true,
				     .connect_only = connect_only,
				     .reply = on_reply,
				     .ctx = w});
	while (!w->replied)
		loop_turn(w->loop, -1);
}

static void get(struct world *w, const char *host, const char *ca_file)
{
	look(w, host, ca_file, false);
}

static void a_certificate_that_nobody_vouches_for_is_refused(void **state)
{
	struct world *w = *state;

	get(w, "localhost", NULL);
	assert_int_equal(w->end, HTTP_TLS);
	assert_false(w->may_have_arrived);
}

static void an_authority_that_was_named_is_trusted(void **state)
{
	struct world *w = *state;

	get(w, "localhost", w->cert.at);
	assert_int_equal(w->end, HTTP_ANSWERED);
	assert_int_equal(w->status, 200);
}

/* It was made for two days. */
static void the_end_of_a_certificate_is_told(void **state)
{
	struct world *w = *state;
	int64_t left_s;

	for (int connect_only = 0; connect_only < 2; connect_only++) {
		look(w, "localhost", w->cert.at, connect_only);
		left_s = w->cert_ends_s - clock_wall_us(&w->clock) / S_US;
		assert_int_equal(w->end, HTTP_ANSWERED);
		assert_int_equal(w->status, connect_only ? 0 : 200);
		assert_true(left_s > 47 * 3600 && left_s <= 48 * 3600);
	}
}

static void another_name_than_the_certificates_is_refused(void **state)
{
	struct world *w = *state;

	get(w, "127.0.0.1", w->cert.at);
	assert_int_equal(w->end, HTTP_TLS);
	assert_false(w->may_have_arrived);
}

static void an_authority_file_that_is_missing_is_told(void **state)
{
	struct world *w = *state;

	get(w, "localhost", "/nowhere.pem");
	assert_int_equal(w->end, HTTP_TLS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_certificate_that_nobody_vouches_for_is_refused),
		cmocka_unit_test(an_authority_that_was_named_is_trusted),
		cmocka_unit_test(the_end_of_a_certificate_is_told),
		cmocka_unit_test(another_name_than_the_certificates_is_refused),
		cmocka_unit_test(an_authority_file_that_is_missing_is_told),
	};
	const char *version[] = {"openssl", "version", NULL};
	int null_fd[2], status = 0;

	if (pipe(null_fd) < 0)
		return 1;
	(void)waitpid(spawn(version, null_fd[1]), &status, 0);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		(void)fputs("no openssl program: TLS is not tested\n", stderr);
		return SKIPPED;
	}
	return cmocka_run_group_tests(tests, setup, teardown);
}
