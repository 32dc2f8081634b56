/* Writes log lines as JSON objects.
 * What is worth a line, and what must not stand in one, is for others to know.
 * Called by the worker. */
#include "worker/jsonl.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES (16 * 1024)

/* Left free for the end of the line, however long the values were. */
#define END_BYTES 16

struct jsonl {
	const struct clock *clock;
	char *path; /* NULL: standard error */
	int fd;
	enum log_level level;
	struct str line;
	bool muted; /* this line is below the level */
};

static int open_file(const char *path, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	return fd < 0 ? err_errno(err, "%s", path) : fd;
}

int jsonl_open(const struct clock *clock, const char *path, struct jsonl **ret, struct err *err)
{
	int fd = path ? open_file(path, err) : STDERR_FILENO;
	struct jsonl *jsonl;

	if (fd < 0)
		return fd;
	jsonl = NEW(struct jsonl);
	jsonl->clock = clock;
	jsonl->path = path ? mem_dup_str(path) : NULL;
	jsonl->fd = fd;
	jsonl->level = LOG_INFO;
	jsonl->line = STR_INIT(LINE_MAX_BYTES);
	*ret = jsonl;
	return 0;
}

void jsonl_close(struct jsonl *jsonl)
{
	if (!jsonl)
		return;
	if (jsonl->path)
		close(jsonl->fd);
	free(jsonl->path);
	str_done(&jsonl->line);
	free(jsonl);
}

void jsonl_set_level(struct jsonl *jsonl, enum log_level level)
{
	jsonl->level = level;
}

int jsonl_reopen(struct jsonl *jsonl, struct err *err)
{
	int fd;

	if (!jsonl->path)
		return 0;
	fd = open_file(jsonl->path, err);
	if (fd < 0)
		return fd;
	close(jsonl->fd);
	jsonl->fd = fd;
	return 0;
}

/* Inert text first: what is left to escape is a quote and a backslash. Values that would burst the
 * line are cut, the object stays whole. */
static void add_quoted(struct str *line, const char *text)
{
	CLEANUP(str_done)
	struct str inert = STR_INIT(LINE_MAX_BYTES / 8);

	text_add_inert(&inert, slice_of(text));
	if (line->len + 2 * inert.len + END_BYTES > LINE_MAX_BYTES)
		str_truncate(&inert, 0);
	str_addc(line, '"');
	for (size_t i = 0; i < inert.len; i++) {
		if (inert.at[i] == '"' || inert.at[i] == '\\')
			str_addc(line, '\\');
		str_addc(line, inert.at[i]);
	}
	str_addc(line, '"');
}

static void add_time(struct jsonl *jsonl)
{
	int64_t wall_us = clock_wall_us(jsonl->clock);
	time_t seconds = (time_t)(wall_us / S_US);
	struct tm utc;
	char text[32];

	gmtime_r(&seconds, &utc);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
	str_addf(&jsonl->line, "{\"at\":\"%s.%03dZ\"", text, (int)(wall_us % S_US / MS_US));
}

void jsonl_begin(struct jsonl *jsonl, enum log_level level, const char *event)
{
	jsonl->muted = level < jsonl->level;
	if (jsonl->muted)
		return;
	str_reset(&jsonl->line);
	add_time(jsonl);
	jsonl_text(jsonl, "level", log_level_name(level));
	jsonl_text(jsonl, "event", event);
}

void jsonl_text(struct jsonl *jsonl, const char *key, const char *text)
{
	if (jsonl->muted)
		return;
	str_addf(&jsonl->line, ",\"%s\":", key);
	add_quoted(&jsonl->line, text);
}

void jsonl_int(struct jsonl *jsonl, const char *key, int64_t value)
{
	if (!jsonl->muted)
		str_addf(&jsonl->line, ",\"%s\":%lld", key, (long long)value);
}

void jsonl_end(struct jsonl *jsonl)
{
	struct slice rest;

	if (jsonl->muted)
		return;
	str_adds(&jsonl->line, "}\n");
	rest = str_slice(&jsonl->line);
	while (rest.len) {
		ssize_t n = write(jsonl->fd, rest.at, rest.len);

		/* A log that cannot be written is no reason to stop working. */
		if (n <= 0)
			return;
		rest = slice_from(rest, (size_t)n);
	}
}
