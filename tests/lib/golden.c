/* Compares what is shown with what is kept in tests/golden, or writes it there.
 * Leaves making the text to surface_dump() and pty_dump().
 * Called by tests of views, widgets and the whole console. */
#include "golden.h"
#include "unit.h"
#include <errno.h>
#include <stdio.h>

/* More than this is another screen, not a difference. */
#define LINES_SHOWN 60

void golden_path(const char *relative, struct str *out)
{
	const char *source = getenv("ORDERLY_TEST_SOURCE");

	str_addf(out, "%s/%s", source ? source : ORDERLY_SOURCE, relative);
}

/* Line by line at the same place: on a screen, a row is a row. */
int golden_diff(struct slice want, struct slice got, struct str *out)
{
	int line = 0, differ = 0;

	for (;;) {
		struct slice a = SLICE_NONE, b = SLICE_NONE;
		bool has_a = slice_cut(&want, '\n', &a);
		bool has_b = slice_cut(&got, '\n', &b);

		if (!has_a && !has_b)
			return differ;
		line++;
		if (has_a == has_b && slice_eq(a, b))
			continue;
		if (differ++ >= LINES_SHOWN)
			continue;
		if (has_a)
			str_addf(out, "%4d -%.*s\n", line, SLICE_ARG(a));
		if (has_b)
			str_addf(out, "%4d +%.*s\n", line, SLICE_ARG(b));
	}
}

static int read_text(const char *path, struct str *out)
{
	char bytes[4096];
	FILE *file = fopen(path, "re");

	if (!file)
		return -errno;
	for (size_t n; (n = fread(bytes, 1, sizeof(bytes), file)) > 0;)
		str_add(out, (struct slice){bytes, n});
	fclose(file);
	return 0;
}

static void update(const char *path, struct slice text)
{
	FILE *file = fopen(path, "we");

	if (!file)
		fail_msg("%s cannot be written: %s", path, strerror(errno));
	fwrite(text.at, 1, text.len, file);
	if (fclose(file) != 0)
		fail_msg("%s cannot be written: %s", path, strerror(errno));
}

static void print_diff(struct slice diff)
{
	for (struct slice line; slice_cut(&diff, '\n', &line);)
		print_error("    %.*s\n", SLICE_ARG(line));
}

void golden_check(const char *name, struct slice text)
{
	CLEANUP(str_done)
	struct str path = STR_INIT(4096);
	CLEANUP(str_done)
	struct str want = STR_INIT(1024 * 1024);
	CLEANUP(str_done)
	struct str diff = STR_INIT(1024 * 1024);
	CLEANUP(str_done)
	struct str relative = STR_INIT(4096);
	const char *how = getenv("ORDERLY_GOLDEN");

	str_addf(&relative, "tests/golden/%s.txt", name);
	golden_path(str_cstr(&relative), &path);
	if (how && strcmp(how, "update") == 0) {
		update(str_cstr(&path), text);
		return;
	}
	int r = read_text(str_cstr(&path), &want);
	if (r < 0)
		print_error(
			"%s: %s (made by ORDERLY_GOLDEN=update)\n", str_cstr(&path), strerror(-r));
	int differ = golden_diff(str_slice(&want), text, &diff);
	if (differ == 0 && r == 0)
		return;
	print_error("%s: %d lines differ (- kept, + found)\n", str_cstr(&relative), differ);
	print_diff(str_slice(&diff));
	fail();
}
