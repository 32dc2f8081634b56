/* Private files: closed to others, in memory where there is such a place, and nothing stays of them. */
#include "../lib/unit.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/private.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static unsigned mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

static void folder_of(const char *path, struct str *out)
{
	str_add(out, (struct slice){path, (size_t)(strrchr(path, '/') - path)});
}

static void it_is_closed_to_others_whatever_the_umask(void **state)
{
	CLEANUP(str_done)
	struct str path = STR_INIT(4096), folder = STR_INIT(4096), text = STR_INIT(100);
	bool memory;

	(void)state;
	(void)umask(0);
	assert_int_equal(private_write(SLICE("a\nb\n"), "payload.json", &path, &memory, NULL), 0);
	folder_of(str_cstr(&path), &folder);
	assert_int_equal(mode_of(str_cstr(&path)), 0600);
	assert_int_equal(mode_of(str_cstr(&folder)), 0700);
	assert_int_equal(private_read(str_cstr(&path), &text, NULL), 0);
	assert_string_equal(str_cstr(&text), "a\nb");
	private_wipe(str_cstr(&path));
	assert_int_equal(access(str_cstr(&folder), F_OK), -1);
}

/* An editor leaves a backup beside it, and writes a new file with a mode of its own. */
static void what_was_left_beside_it_goes_too(void **state)
{
	CLEANUP(str_done)
	struct str path = STR_INIT(4096), folder = STR_INIT(4096), other = STR_INIT(4096),
		   link = STR_INIT(4096), text = STR_INIT(100), kept = STR_INIT(4096);
	bool memory;

	(void)state;
	str_addf(&kept, "%s/kept", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	assert_int_equal(file_write(str_cstr(&kept), SLICE("stays"), 0600, NULL), 0);
	assert_int_equal(private_write(SLICE("secret"), "payload.txt", &path, &memory, NULL), 0);
	folder_of(str_cstr(&path), &folder);
	str_addf(&other, "%s/payload.txt~", str_cstr(&folder));
	str_addf(&link, "%s/link", str_cstr(&folder));
	assert_int_equal(file_write(str_cstr(&other), SLICE("secret"), 0644, NULL), 0);
	assert_int_equal(symlink(str_cstr(&kept), str_cstr(&link)), 0);
	assert_int_equal(file_write(str_cstr(&path), SLICE("new"), 0644, NULL), 0);
	assert_int_equal(private_read(str_cstr(&path), &text, NULL), 0);
	assert_string_equal(str_cstr(&text), "new");
	private_wipe(str_cstr(&path));
	assert_int_equal(access(str_cstr(&folder), F_OK), -1);
	str_reset(&text);
	assert_int_equal(file_read(str_cstr(&kept), &text, NULL), 0);
	assert_string_equal(str_cstr(&text), "stays");
	(void)unlink(str_cstr(&kept));
}

static void without_memory_it_lies_in_ones_own_state(void **state)
{
	CLEANUP(str_done)
	struct str path = STR_INIT(4096), home = STR_INIT(4096);
	struct err err = ERR_INIT;
	bool memory;

	(void)state;
	str_addf(&home, "%s/state", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	assert_int_equal(setenv("XDG_RUNTIME_DIR", "/nowhere", 1), 0);
	assert_int_equal(setenv("XDG_STATE_HOME", str_cstr(&home), 1), 0);
	assert_int_equal(private_write(SLICE("x"), "p", &path, &memory, &err), 0);
	if (!memory) {
		assert_true(slice_starts(str_slice(&path), str_slice(&home)));
		assert_int_equal(mode_of(str_cstr(&path)), 0600);
	}
	private_wipe(str_cstr(&path));
	str_reset(&path);
	str_addf(&path, "%s/orderly", str_cstr(&home));
	(void)rmdir(str_cstr(&path));
	(void)rmdir(str_cstr(&home));
}

static void what_is_gone_is_said(void **state)
{
	CLEANUP(str_done)
	struct str path = STR_INIT(4096), text = STR_INIT(100);
	struct err err = ERR_INIT;
	bool memory;

	(void)state;
	assert_int_equal(private_write(SLICE("x"), "p", &path, &memory, NULL), 0);
	assert_int_equal(unlink(str_cstr(&path)), 0);
	assert_true(private_read(str_cstr(&path), &text, &err) < 0);
	assert_non_null(strstr(err.text, str_cstr(&path)));
	private_wipe(str_cstr(&path));
	private_wipe(str_cstr(&path));
	private_wipe("");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_closed_to_others_whatever_the_umask),
		cmocka_unit_test(what_was_left_beside_it_goes_too),
		cmocka_unit_test(without_memory_it_lies_in_ones_own_state),
		cmocka_unit_test(what_is_gone_is_said),
	};

	return RUN(tests);
}
