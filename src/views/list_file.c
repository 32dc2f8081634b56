/* Makes a file and puts rows into it.
 * How a row is written is model/export's, which rows the caller's.
 * Called by the exports of lists and of the audit. */
#include "list_file.h"
#include "base/clock.h"
#include "base/mem.h"
#include "model/export.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define PAGE_BYTES (64 << 20)

const char *const list_file_formats[] = {"csv", "jsonl"};

void list_file_ask(struct form *form, struct field *fields, const char *list, int64_t wall_us)
{
	CLEANUP(str_done)
	struct str path = STR_INIT(200);
	time_t now = (time_t)(wall_us / S_US);
	struct tm tm = {0};
	char at[32];

	gmtime_r(&now, &tm);
	strftime(at, sizeof(at), "%Y%m%d-%H%M%S", &tm);
	str_addf(&path, "~/orderly-%s%s%s", list ? list : "", list ? "-" : "", at);
	fields[LIST_FILE_FORMAT] = (struct field){.kind = FIELD_CHOICE,
		.label = "as",
		.choices = list_file_formats,
		.n_choices = ARRAY_LEN(list_file_formats),
		.help = "no cell of the csv is taken for a formula; jsonl has everything as it is"};
	fields[LIST_FILE_PATH] = (struct field){.kind = FIELD_TEXT,
		.label = "file",
		.needed = true,
		.help = "a new one; that you took this list is written down"};
	*form = (struct form){.title = "Write this list to a file",
		.submit = "Write",
		.fields = fields,
		.n = LIST_FILE_FIELDS};
	form_open(form);
	prompt_type(&fields[LIST_FILE_PATH].text, str_slice(&path));
}

void list_file_init(struct list_file *file)
{
	*file = (struct list_file){.path = STR_INIT(4096), .fd = -1};
}

void list_file_done(struct list_file *file)
{
	(void)list_file_close(file, NULL);
	str_done(&file->path);
}

int list_file_open(struct list_file *file, struct slice path, bool csv, struct err *err)
{
	const char *home = getenv("HOME");

	str_reset(&file->path);
	if (home && slice_starts(path, SLICE("~/"))) {
		str_adds(&file->path, home);
		path = slice_from(path, 1);
	}
	str_add(&file->path, path);
	file->csv = csv;
	file->n = 0;
	file->fd = open(
		str_cstr(&file->path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	return file->fd < 0 ? err_errno(err, "%s", str_cstr(&file->path)) : 0;
}

int list_file_put_text(struct list_file *file, struct slice text, struct err *err)
{
	while (text.len) {
		ssize_t n = write(file->fd, text.at, text.len);

		if (n < 0 && errno != EINTR)
			return err_errno(err, "%s", str_cstr(&file->path));
		if (n > 0)
			text = slice_from(text, (size_t)n);
	}
	return 0;
}

int list_file_put(struct list_file *file, const struct rows *rows, struct err *err)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(PAGE_BYTES);
	int r;

	if (file->csv && !file->n)
		export_csv_head(rows, &text);
	for (size_t i = 0; i < rows_count(rows); i++) {
		if (file->csv)
			export_csv_row(rows, i, &text);
		else
			export_json_row(rows, i, &text);
	}
	r = list_file_put_text(file, str_slice(&text), err);
	if (r == 0)
		file->n += (int64_t)rows_count(rows);
	return r;
}

int list_file_close(struct list_file *file, struct err *err)
{
	int fd = file->fd;

	file->fd = -1;
	return fd >= 0 && close(fd) < 0 ? err_errno(err, "%s", str_cstr(&file->path)) : 0;
}
