/* The log: to a file as lines, and in a ring for the log view. Only programs log; the rooms below
 * return errors. Text is made inert before it is kept. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/clock.h"
#include "base/err.h"
#include "base/slice.h"

enum log_level {
	LOG_DEBUG,
	LOG_INFO,
	LOG_WARN,
	LOG_ERROR,
};

struct log;

/* Keeps the last `ring` lines; the clock is borrowed. */
struct log *log_new(const struct clock *clock, size_t ring);
void log_free(struct log *log);
void log_freep(struct log **log);

/* Appends to a file (mode 0600 when made), or to a descriptor that stays the caller's. */
int log_to_file(struct log *log, const char *path, struct err *err);
void log_to_fd(struct log *log, int fd);
void log_set_level(struct log *log, enum log_level level);
int log_level_parse(struct slice text, enum log_level *ret, struct err *err);
const char *log_level_name(enum log_level level);

void log_clear(struct log *log); /* forgets what the ring keeps; a file stays */
void log_add(struct log *log, enum log_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The ring, oldest first: number of lines kept, and line i (time, level, text). */
size_t log_count(const struct log *log);
uint64_t log_total(const struct log *log); /* ever added, to notice new ones */
struct log_line {
	int64_t wall_us;
	enum log_level level;
	struct slice text;
};
struct log_line log_at(const struct log *log, size_t i);

#endif
