/* Calls somebody and says how that ended, in doubt included.
 * What is told to whom, and whether it is told again, is not known here.
 * Called by alarms.c. */
#include "call.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/sha256.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECRET_LEN_MAX 4096
#define ANSWER_MAX ((size_t)64 * 1024)

struct call {
	const struct caller *caller;
	void (*done)(void *ctx, const struct call_end *end);
	void *ctx;
	uint64_t ticket; /* of a request */
	struct child *child;
	pid_t pid;
	struct timer *deadline;
	bool late;
	struct err err; /* why it could not even begin */
};

static void call_free(struct call *call)
{
	child_close(call->child);
	timer_close(call->deadline);
	free(call);
}

static void finish(struct call *call, const char *outcome, int status, const char *message)
{
	const struct call_end end = {outcome, status, message};

	call->done(call->ctx, &end);
	call_free(call);
}

/* Nothing was sent. A secret may be put right, a program be installed: it is tried again. */
static void not_begun(void *ctx)
{
	struct call *call = ctx;

	finish(call, "retry", -1, call->err.text);
}

/* ---- a request ------------------------------------------------------------------------------------ */

static void on_reply(void *ctx, const struct http_reply *reply)
{
	struct call *call = ctx;
	char words[64];

	call->ticket = 0;
	if (reply->end != HTTP_ANSWERED) {
		finish(call,
			reply->end == HTTP_REFUSED ? "failed"
			: reply->may_have_arrived  ? "in_doubt"
						   : "retry",
			-1, reply->err->text);
		return;
	}
	(void)snprintf(words, sizeof(words), "it answered %d", reply->status);
	finish(call,
		reply->status / 100 == 2 ? "delivered"
		: reply->status / 100 == 5 || reply->status == 429 || reply->status == 408
			? "retry"
			: "failed",
		reply->status, words);
}

static int read_secret(
	const struct call *call, const struct callee *callee, struct str *out, struct err *err)
{
	CLEANUP(str_done)
	struct str path = STR_INIT(4096);

	if (!callee->secret)
		return 0;
	if (!call->caller->secrets)
		return err_set(
			err, -ENOENT, "there is no folder of secrets for %s", callee->secret);
	str_addf(&path, "%s/%s", call->caller->secrets, callee->secret);
	return file_read_secret(str_cstr(&path), out, err);
}

static int ask(struct call *call, const struct callee *callee, const char *key, struct slice body)
{
	CLEANUP(str_done)
	struct str secret = STR_INIT(SECRET_LEN_MAX), auth = STR_INIT(SECRET_LEN_MAX + 64);
	char signature[SHA256_HEX];
	struct http_header headers[4] = {{SLICE("Content-Type"), SLICE("application/json")},
		{SLICE("Idempotency-Key"), slice_of(key)}};
	size_t n = 2;
	int r = read_secret(call, callee, &secret, &call->err);

	if (r == 0 && callee->secret && callee->hmac) {
		hmac_sha256_hex(str_slice(&secret), body, signature);
		str_addf(&auth, "sha256=%s", signature);
		headers[n++] = (struct http_header){SLICE("Orderly-Signature"), str_slice(&auth)};
	} else if (r == 0 && callee->secret) {
		str_addf(&auth, "Bearer %s", str_cstr(&secret));
		headers[n++] = (struct http_header){SLICE("Authorization"), str_slice(&auth)};
	}
	if (r == 0)
		call->ticket =
			http_ask(call->caller->http, &(struct http_ask){.method = "POST",
							     .url = callee->url,
							     .headers = headers,
							     .n_headers = n,
							     .body = body,
							     .deadline_us = callee->deadline_us,
							     .max_bytes = ANSWER_MAX,
							     .reply = on_reply,
							     .ctx = call});
	if (secret.at)
		mem_wipe(secret.at, secret.size);
	if (auth.at)
		mem_wipe(auth.at, auth.size);
	return r;
}

/* ---- a command ------------------------------------------------------------------------------------ */

static void on_end(void *ctx, int status)
{
	struct call *call = ctx;
	int exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	char words[64];

	call->pid = 0;
	if (call->late)
		(void)snprintf(words, sizeof(words), "the command took too long");
	else if (WIFSIGNALED(status))
		(void)snprintf(words, sizeof(words), "the command was ended by signal %d",
			WTERMSIG(status));
	else
		(void)snprintf(
			words, sizeof(words), "the command ended with status %d", exit_status);
	finish(call,
		call->late || exit_status < 0 ? "in_doubt"
		: exit_status == 0            ? "delivered"
					      : "retry",
		exit_status, words);
}

static void on_deadline(void *ctx)
{
	struct call *call = ctx;

	call->late = true;
	if (call->pid)
		(void)kill(-call->pid, SIGKILL);
}

/* The body as a file that only the command will see. */
static int make_input(struct slice body, struct err *err)
{
	int fd = memfd_create("signal", MFD_CLOEXEC);
	size_t at = 0;

	if (fd < 0)
		return err_errno(err, "the command's input");
	while (at < body.len) {
		ssize_t n = write(fd, body.at + at, body.len - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			int r = err_errno(err, "the command's input");

			close(fd);
			return r;
		}
		at += (size_t)n;
	}
	(void)lseek(fd, 0, SEEK_SET);
	return fd;
}

/* Of the environment it gets what says where things are, and nothing that could be a secret. */
static size_t make_environment(char *env[8], struct arena *arena, const char *key)
{
	static const char *const kept[] = {"PATH", "HOME", "LANG", "TZ"};
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		if (getenv(kept[i]))
			env[n++] = (char *)(uintptr_t)arena_printf(
				arena, "%s=%s", kept[i], getenv(kept[i]));
	env[n++] = (char *)(uintptr_t)arena_printf(arena, "ORDERLY_KEY=%s", key);
	env[n] = NULL;
	return n;
}

static int spawn(struct call *call, const struct callee *callee, const char *key, int input)
{
	CLEANUP(arena_done)
	struct arena arena = ARENA_INIT;
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	char *env[8];
	sigset_t none, all;
	int r;

	(void)make_environment(env, &arena, key);
	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_adddup2(&actions, input, 0);
	(void)posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	(void)posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	(void)posix_spawnattr_init(&attr);
	(void)posix_spawnattr_setflags(
		&attr, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	(void)posix_spawnattr_setsigmask(&attr, &none);
	(void)posix_spawnattr_setsigdefault(&attr, &all);
	r = posix_spawn(&call->pid, callee->argv[0], &actions, &attr, callee->argv, env);
	(void)posix_spawnattr_destroy(&attr);
	(void)posix_spawn_file_actions_destroy(&actions);
	errno = r;
	if (r) {
		call->pid = 0;
		return err_errno(&call->err, "%s", callee->argv[0]);
	}
	return 0;
}

static int run(struct call *call, const struct callee *callee, const char *key, struct slice body)
{
	int input = make_input(body, &call->err), r;

	if (input < 0)
		return input;
	r = spawn(call, callee, key, input);
	close(input);
	if (r < 0)
		return r;
	call->child = child_watch(call->caller->loop, call->pid, on_end, call);
	call->deadline = timer_open(call->caller->loop, on_deadline, call);
	timer_in(call->deadline, callee->deadline_us);
	return 0;
}

/* ---- either ---------------------------------------------------------------------------------------- */

struct call *call_begin(const struct caller *caller, const struct callee *callee, const char *key,
	struct slice body, void (*done)(void *ctx, const struct call_end *end), void *ctx)
{
	struct call *call = NEW(struct call);
	int r;

	*call = (struct call){.caller = caller, .done = done, .ctx = ctx};
	r = callee->argv ? run(call, callee, key, body) : ask(call, callee, key, body);
	if (r < 0)
		loop_defer(caller->loop, not_begun, call);
	return call;
}

void call_drop(struct call *call)
{
	if (!call)
		return;
	if (call->ticket)
		http_drop(call->caller->http, call->ticket);
	if (call->pid)
		(void)kill(-call->pid, SIGKILL);
	loop_undefer(call->caller->loop, not_begun, call);
	call_free(call);
}
