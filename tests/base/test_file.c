/* Small files: caps, modes, and what a secret's file must be. */
#include "../lib/unit.h"
#include "base/file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct folder {
	char *path;
	struct str name;
};

static int setup(void **state)
{
	char template[] = "/tmp/orderly-file-XXXXXX";
	struct folder *folder = NEW(struct folder);

	folder->path = mem_dup_str(mkdtemp(template));
	folder->name = STR_INIT(4096);
	*state = folder;
	return 0;
}

static const char *in(struct folder *folder, const char *name)
{
	str_reset(&folder->name);
	str_addf(&folder->name, "%s/%s", folder->path, name);
	return folder->name.at;
}

static int teardown(void **state)
{
	static const char *const names[] = {"a", "b", "link", "fifo", "d/e/f", "d/e", "d"};
	struct folder *folder = *state;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		(void)remove(in(folder, names[i]));
	assert_int_equal(rmdir(folder->path), 0);
	str_done(&folder->name);
	free(folder->path);
	free(folder);
	return 0;
}

static unsigned mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void what_was_written_is_read(void **state)
{
	struct folder *folder = *state;
	CLEANUP(str_done)
	struct str text = STR_INIT(100);

	assert_int_equal(file_write(in(folder, "a"), SLICE("one\n"), 0640, NULL), 0);
	assert_int_equal(mode_of(in(folder, "a")), 0640);
	assert_int_equal(file_write(in(folder, "a"), SLICE("two\n"), 0600, NULL), 0);
	assert_int_equal(mode_of(in(folder, "a")), 0600);
	str_adds(&text, "x ");
	assert_int_equal(file_read(in(folder, "a"), &text, NULL), 0);
	assert_string_equal(str_cstr(&text), "x two\n");
}

static void nothing_is_left_beside_a_written_file(void **state)
{
	struct folder *folder = *state;

	assert_int_equal(file_write(in(folder, "a"), SLICE("one"), 0600, NULL), 0);
	/* The teardown's rmdir() sees whatever else there is. */
	assert_int_equal(mkdir(in(folder, "d"), 0700), 0);
	assert_true(file_write(in(folder, "d"), SLICE("x"), 0600, NULL) < 0);
}

static void a_link_stays_and_its_target_is_replaced(void **state)
{
	struct folder *folder = *state;
	CLEANUP(str_done)
	struct str text = STR_INIT(100);
	struct stat st;

	assert_int_equal(file_write(in(folder, "a"), SLICE("one"), 0600, NULL), 0);
	assert_int_equal(symlink("a", in(folder, "link")), 0);
	assert_int_equal(file_write(in(folder, "link"), SLICE("two"), 0600, NULL), 0);
	assert_int_equal(lstat(in(folder, "link"), &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(file_read(in(folder, "a"), &text, NULL), 0);
	assert_string_equal(str_cstr(&text), "two");
}

static void a_file_must_fit_under_the_cap(void **state)
{
	struct folder *folder = *state;
	CLEANUP(str_done)
	struct str text = STR_INIT(5);
	struct err err = ERR_INIT;

	file_write(in(folder, "a"), SLICE("12345"), 0600, NULL);
	assert_int_equal(file_read(in(folder, "a"), &text, &err), 0);
	str_truncate(&text, 1);
	assert_int_equal(file_read(in(folder, "a"), &text, &err), -EFBIG);
	assert_string_equal(str_cstr(&text), "1");
	str_reset(&text);
	file_write(in(folder, "a"), SLICE("123456"), 0600, NULL);
	assert_int_equal(file_read(in(folder, "a"), &text, &err), -EFBIG);
	assert_int_equal(file_read_secret(in(folder, "a"), &text, &err), -EFBIG);
	assert_string_equal(str_cstr(&text), "");
}

static void what_is_no_file_is_told_and_never_waited_for(void **state)
{
	struct folder *folder = *state;
	CLEANUP(str_done)
	struct str text = STR_INIT(100);
	struct err err = ERR_INIT;

	assert_int_equal(file_read(in(folder, "a"), &text, &err), -ENOENT);
	assert_non_null(strstr(err.text, "/a: No such file"));
	assert_int_equal(file_read(folder->path, &text, &err), -EISDIR);
	assert_int_equal(mkfifo(in(folder, "fifo"), 0600), 0);
	assert_int_equal(file_read(in(folder, "fifo"), &text, &err), -EINVAL);
	assert_int_equal(file_read_secret(in(folder, "fifo"), &text, &err), -EINVAL);
}

static void a_secret_loses_its_last_line_end(void **state)
{
	static const struct {
		const char *text, *secret;
	} rows[] = {
		{"s3cret\n", "s3cret"},
		{"s3cret\r\n", "s3cret"},
		{"s3cret", "s3cret"},
		{" s \n\n", " s \n"},
		{"", ""},
	};
	struct folder *folder = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(str_done)
		struct str text = STR_INIT(100);

		file_write(in(folder, "a"), slice_of(rows[i].text), 0600, NULL);
		assert_int_equal(file_read_secret(in(folder, "a"), &text, NULL), 0);
		assert_string_equal(str_cstr(&text), rows[i].secret);
	}
}

static void a_secret_must_be_closed_to_others(void **state)
{
	static const struct {
		unsigned mode;
		int result;
	} rows[] = {{0600, 0}, {0400, 0}, {0640, -EPERM}, {0604, -EPERM}, {0620, -EPERM},
		{0601, -EPERM}, {0700, 0}};
	struct folder *folder = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(str_done)
		struct str text = STR_INIT(100);
		struct err err = ERR_INIT;

		file_write(in(folder, "a"), SLICE("x"), rows[i].mode, NULL);
		assert_int_equal(file_read_secret(in(folder, "a"), &text, &err), rows[i].result);
		if (rows[i].result < 0)
			assert_non_null(strstr(err.text, "chmod 600"));
	}
}

static void a_secret_of_a_stranger_is_refused(void **state)
{
	struct folder *folder = *state;
	CLEANUP(str_done)
	struct str text = STR_INIT(100);

	if (geteuid() != 0)
		skip();
	file_write(in(folder, "a"), SLICE("x"), 0600, NULL);
	assert_int_equal(chown(in(folder, "a"), 12345, (gid_t)-1), 0);
	assert_int_equal(file_read_secret(in(folder, "a"), &text, NULL), -EPERM);
}

static void folders_are_made_with_what_is_above(void **state)
{
	struct folder *folder = *state;
	struct err err = ERR_INIT;

	assert_int_equal(file_make_dirs(in(folder, "d/e/f"), 0700, &err), 0);
	assert_int_equal(mode_of(in(folder, "d/e/f")), 0700);
	assert_int_equal(file_make_dirs(in(folder, "d/e/f/"), 0700, &err), 0);
	assert_int_equal(file_make_dirs("/", 0700, &err), 0);
	file_write(in(folder, "a"), SLICE("x"), 0600, NULL);
	assert_int_equal(file_make_dirs(in(folder, "a"), 0700, &err), -ENOTDIR);
	assert_int_equal(file_make_dirs(in(folder, "a/b"), 0700, &err), -ENOTDIR);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(what_was_written_is_read),
		WITH(nothing_is_left_beside_a_written_file),
		WITH(a_link_stays_and_its_target_is_replaced),
		WITH(a_file_must_fit_under_the_cap),
		WITH(what_is_no_file_is_told_and_never_waited_for),
		WITH(a_secret_loses_its_last_line_end),
		WITH(a_secret_must_be_closed_to_others),
		WITH(a_secret_of_a_stranger_is_refused),
		WITH(folders_are_made_with_what_is_above),
	};

	return RUN(tests);
}
