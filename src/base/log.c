/* Lines of a program's log, kept in a ring and appended to a descriptor. Decides nothing about what
 * is worth a line. Only programs own one; the rooms below return errors. */
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 4096
#define SHOWN_MAX_BYTES (3 * LINE_MAX_BYTES) /* each byte may become a mark of three */

struct kept {
	int64_t wall_us;
	enum log_level level;
	struct str text;
};

struct log {
	const struct clock *clock;
	enum log_level level;
	int fd;
	bool fd_is_mine;
	struct kept *ring;
	size_t ring_size;
	uint64_t total, cleared; /* ever added; of these, before the ring was cleared */
};

static const char *const level_names[] = {
	[LOG_DEBUG] = "debug",
	[LOG_INFO] = "info",
	[LOG_WARN] = "warn",
	[LOG_ERROR] = "error",
};

struct log *log_new(const struct clock *clock, size_t ring)
{
	struct log *log = NEW(struct log);

	log->clock = clock;
	log->level = LOG_INFO;
	log->fd = -1;
	log->ring_size = ring;
	log->ring = NEW_ARRAY(struct kept, ring);
	for (size_t i = 0; i < ring; i++)
		log->ring[i].text = STR_INIT(LINE_MAX_BYTES);
	return log;
}

static void set_fd(struct log *log, int fd, bool mine)
{
	if (log->fd_is_mine)
		close(log->fd);
	log->fd = fd;
	log->fd_is_mine = mine;
}

void log_free(struct log *log)
{
	if (!log)
		return;
	set_fd(log, -1, false);
	for (size_t i = 0; i < log->ring_size; i++)
		str_done(&log->ring[i].text);
	free(log->ring);
	free(log);
}

void log_freep(struct log **log)
{
	log_free(*log);
	*log = NULL;
}

int log_to_file(struct log *log, const char *path, struct err *err)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);

	if (fd < 0)
		return err_errno(err, "%s", path);
	set_fd(log, fd, true);
	return 0;
}

void log_to_fd(struct log *log, int fd)
{
	set_fd(log, fd, false);
}

void log_set_level(struct log *log, enum log_level level)
{
	log->level = level;
}

int log_level_parse(struct slice text, enum log_level *ret, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(level_names); i++) {
		if (slice_eq_str(text, level_names[i])) {
			*ret = (enum log_level)i;
			return 0;
		}
	}
	return err_set(err, -EINVAL, "expected debug, info, warn or error, not \"%.*s\"",
		SLICE_ARG(slice_head(text, 60)));
}

const char *log_level_name(enum log_level level)
{
	return level_names[level];
}

/* One write, so that lines of several processes in one file stay whole. What cannot be written is
 * still in the ring; there is nobody to tell. */
static void write_line(struct log *log, int64_t wall_us, enum log_level level, struct slice text)
{
	CLEANUP(str_done)
	struct str line = STR_INIT(SHOWN_MAX_BYTES + 64);
	int64_t us = wall_us % S_US < 0 ? wall_us % S_US + S_US : wall_us % S_US;
	time_t seconds = (time_t)((wall_us - us) / S_US);
	struct tm tm = {0};
	ssize_t n;

	(void)gmtime_r(&seconds, &tm);
	str_addf(&line, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ %-5s %.*s\n", tm.tm_year + 1900,
		tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(us / MS_US),
		level_names[level], SLICE_ARG(text));
	do
		n = write(log->fd, line.at, line.len);
	while (n < 0 && errno == EINTR);
}

void log_add(struct log *log, enum log_level level, const char *fmt, ...)
{
	CLEANUP(str_done)
	struct str raw = STR_INIT(LINE_MAX_BYTES), text = STR_INIT(SHOWN_MAX_BYTES);
	int64_t wall_us;
	va_list args;

	if (level < log->level)
		return;
	wall_us = clock_wall_us(log->clock);
	va_start(args, fmt);
	str_addv(&raw, fmt, args);
	va_end(args);
	text_add_inert(&text, str_slice(&raw));
	if (log->fd >= 0)
		write_line(log, wall_us, level, str_slice(&text));
	if (log->ring_size) {
		struct kept *kept = &log->ring[log->total % log->ring_size];

		kept->wall_us = wall_us;
		kept->level = level;
		str_done(&kept->text);
		kept->text = text;
		text = STR_INIT(0);
	}
	log->total++;
}

size_t log_count(const struct log *log)
{
	uint64_t n = log->total - log->cleared;

	return n < log->ring_size ? (size_t)n : log->ring_size;
}

void log_clear(struct log *log)
{
	log->cleared = log->total;
}

uint64_t log_total(const struct log *log)
{
	return log->total;
}

struct log_line log_at(const struct log *log, size_t i)
{
	size_t count = log_count(log);
	const struct kept *kept;

	assert(i < count);
	kept = &log->ring[(log->total - count + i) % log->ring_size];
	return (struct log_line){kept->wall_us, kept->level, str_slice(&kept->text)};
}
