/* Secrets: from files and commands, and what a command does not get to see. */
#include "../lib/unit.h"
#include "base/file.h"
#include "base/secret.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct world {
	struct clock clock;
	struct loop *loop;
	int done;
	struct str secret;
	struct err err;
};

static int setup(void **state)
{
	struct world *w = NEW(struct world);

	w->clock = clock_real();
	w->secret = STR_INIT(2 * SECRET_MAX);
	*state = w;
	return loop_new(&w->clock, &w->loop, NULL);
}

static int teardown(void **state)
{
	struct world *w = *state;

	loop_free(w->loop);
	str_done(&w->secret);
	free(w);
	return 0;
}

static void on_done(void *ctx, struct slice secret, const struct err *err)
{
	struct world *w = ctx;

	w->done++;
	str_reset(&w->secret);
	str_add(&w->secret, secret);
	w->err = err ? *err : ERR_INIT;
	if (!err && secret.at)
		assert_int_equal(secret.at[secret.len], '\0');
}

static void fetch(struct world *w, struct secret_source source, int64_t deadline_us)
{
	int before = w->done;

	(void)secret_fetch(w->loop, &source, deadline_us, on_done, w);
	assert_int_equal(w->done, before);
	while (w->done == before)
		loop_turn(w->loop, -1);
	assert_int_equal(w->done, before + 1);
}

static void a_command_gives_its_first_line(void **state)
{
	static const struct {
		const char *command, *secret;
		int code;
		const char *text;
	} rows[] = {
		{"echo s3cret", "s3cret", 0, ""},
		{"printf s3cret", "s3cret", 0, ""},
		{"printf \"one\\\\r\\\\nurl: x\\\\n\"", "one", 0, ""},
		{"echo \"two words\" $HOME", "two words $HOME", 0, ""},
		{"echo", "", 0, ""},
		{"printf \"a\\\\000b\"", "", -EINVAL, "the secret holds a NUL byte"},
		{"true", "", -ENODATA, "the command printed nothing"},
		{"false", "", -EIO, "the command ended with status 1"},
		{"sh -c \"echo half; exit 3\"", "", -EIO, "the command ended with status 3"},
		{"sh -c \"kill -9 $$\"", "", -EIO, "the command was ended by signal 9"},
		{"head -c 4096 /dev/zero", "", -EINVAL, "the secret holds a NUL byte"},
		{"head -c 4097 /dev/zero", "", -EFBIG, "the command printed more than 4096 bytes"},
		{"cat /dev/zero", "", -EFBIG, "the command printed more than 4096 bytes"},
		{"cat", "", -ENODATA, "the command printed nothing"},
		{"", "", -EINVAL, "there is no command"},
		{"echo \"open", "", -EINVAL, "the quotes are not closed"},
	};
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		fetch(w, (struct secret_source){.command = rows[i].command}, 0);
		assert_string_equal(w->err.text, rows[i].text);
		assert_string_equal(str_cstr(&w->secret), rows[i].secret);
		assert_int_equal(w->err.code, rows[i].code);
	}
}

/* Where the system cannot tell before the child runs, its status does. */
static void a_command_that_is_missing_is_told(void **state)
{
	struct world *w = *state;

	fetch(w, (struct secret_source){.command = "orderly-no-such-program"}, 0);
	if (w->err.code == -ENOENT)
		assert_string_equal(
			w->err.text, "orderly-no-such-program: No such file or directory");
	else
		assert_string_equal(w->err.text, "the command ended with status 127");
}

static void passwords_are_taken_out_of_the_environment(void **state)
{
	struct world *w = *state;

	assert_int_equal(setenv("PGPASSWORD", "leaked", 1), 0);
	assert_int_equal(setenv("Some_Passphrase", "leaked", 1), 0);
	assert_int_equal(setenv("VAULT_TOKEN", "kept", 1), 0);
	fetch(w, (struct secret_source){.command = "sh -c \"env | grep -c leaked; true\""}, 0);
	assert_string_equal(str_cstr(&w->secret), "0");
	fetch(w, (struct secret_source){.command = "sh -c \"echo $VAULT_TOKEN\""}, 0);
	assert_string_equal(str_cstr(&w->secret), "kept");
	assert_non_null(getenv("PGPASSWORD"));
	(void)unsetenv("PGPASSWORD");
	(void)unsetenv("Some_Passphrase");
	(void)unsetenv("VAULT_TOKEN");
}

static void a_command_has_no_terminal(void **state)
{
	struct world *w = *state;

	fetch(w,
		(struct secret_source){
			.command =
				"sh -c \"if true </dev/tty; then echo tty; else echo none; fi\""},
		0);
	assert_string_equal(str_cstr(&w->secret), "none");
}

/* The pipe is at its end when everyone who holds it is gone, the grandchild too. */
static void a_command_that_hangs_is_ended_with_its_children(void **state)
{
	struct world *w = *state;
	int64_t began = clock_mono_us(&w->clock);
	char fifo[] = "/tmp/orderly-secret-XXXXXX", c;
	CLEANUP(str_done)
	struct str command = STR_INIT(200);
	int fd;

	assert_true(mkstemp(fifo) >= 0);
	assert_int_equal(unlink(fifo), 0);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	fd = open(fifo, O_RDONLY | O_NONBLOCK);
	str_addf(&command, "sh -c \"exec 3>%s; echo x >&3; sleep 20 & wait\"", fifo);
	fetch(w, (struct secret_source){.command = command.at}, 200 * MS_US);
	assert_int_equal(w->err.code, -ETIMEDOUT);
	assert_int_equal(fcntl(fd, F_SETFL, 0), 0);
	while (read(fd, &c, 1) > 0)
		;
	assert_true(clock_mono_us(&w->clock) - began < 15 * S_US);
	close(fd);
	(void)unlink(fifo);
}

static void what_a_command_leaves_running_is_not_waited_for(void **state)
{
	struct world *w = *state;
	int64_t began = clock_mono_us(&w->clock), group = 0;

	fetch(w, (struct secret_source){.command = "sh -c \"echo $$; sleep 20 & exit 0\""}, 0);
	assert_int_equal(slice_to_i64(str_slice(&w->secret), 2, INT32_MAX, &group), 0);
	assert_true(clock_mono_us(&w->clock) - began < 15 * S_US);
	assert_int_equal(kill((pid_t)-group, SIGKILL), 0);
}

static void a_file_must_be_closed_to_others(void **state)
{
	struct world *w = *state;
	char home[] = "/tmp/orderly-home-XXXXXX";
	CLEANUP(str_done)
	struct str path = STR_INIT(200);
	CLEANUP(mem_freep)
	char *before = mem_dup_str(getenv("HOME") ? getenv("HOME") : "/");

	assert_non_null(mkdtemp(home));
	str_addf(&path, "%s/pw", home);
	assert_int_equal(file_write(path.at, SLICE("s3cret\nnote\n"), 0600, NULL), 0);
	fetch(w, (struct secret_source){.file = path.at, .command = "echo other"}, 0);
	assert_string_equal(str_cstr(&w->secret), "s3cret");
	assert_int_equal(setenv("HOME", home, 1), 0);
	fetch(w, (struct secret_source){.file = "~/pw"}, 0);
	assert_string_equal(str_cstr(&w->secret), "s3cret");
	assert_int_equal(setenv("HOME", before, 1), 0);
	assert_int_equal(chmod(path.at, 0644), 0);
	fetch(w, (struct secret_source){.file = path.at}, 0);
	assert_int_equal(w->err.code, -EPERM);
	assert_int_equal(w->secret.len, 0);
	(void)unlink(path.at);
	(void)rmdir(home);
	fetch(w, (struct secret_source){.file = path.at}, 0);
	assert_int_equal(w->err.code, -ENOENT);
}

static void without_a_source_the_secret_is_empty(void **state)
{
	struct world *w = *state;

	fetch(w, (struct secret_source){0}, 0);
	assert_int_equal(w->err.code, 0);
	assert_int_equal(w->secret.len, 0);
}

static void what_is_dropped_is_not_given(void **state)
{
	static const struct secret_source sources[] = {
		{.command = "echo a"}, {.command = "sleep 100"}, {.file = "/nowhere"}, {0}};
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_LEN(sources); i++)
		secret_drop(secret_fetch(w->loop, &sources[i], 0, on_done, w));
	secret_drop(NULL);
	fetch(w, (struct secret_source){.command = "echo last"}, 0);
	assert_int_equal(w->done, 1);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(a_command_gives_its_first_line),
		WITH(a_command_that_is_missing_is_told),
		WITH(passwords_are_taken_out_of_the_environment),
		WITH(a_command_has_no_terminal),
		WITH(a_command_that_hangs_is_ended_with_its_children),
		WITH(what_a_command_leaves_running_is_not_waited_for),
		WITH(a_file_must_be_closed_to_others),
		WITH(without_a_source_the_secret_is_empty),
		WITH(what_is_dropped_is_not_given),
	};

	return RUN(tests);
}
