/* A log of JSON lines for machines that collect logs: one object a line, written at once.
 *
 *   jsonl_begin(log, LOG_INFO, "duty");
 *   jsonl_text(log, "duty", name);
 *   jsonl_int(log, "rows", n);
 *   jsonl_end(log);
 *
 * Never holds a payload or a secret: that is its callers' care. */
#ifndef WORKER_JSONL_H
#define WORKER_JSONL_H

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"

struct jsonl;

/* path NULL: standard error. The clock is borrowed. */
int jsonl_open(const struct clock *clock, const char *path, struct jsonl **ret, struct err *err);
void jsonl_close(struct jsonl *jsonl); /* NULL is fine */
void jsonl_set_level(struct jsonl *jsonl, enum log_level level);

/* After the file was moved away. Keeps the old one when that fails. */
int jsonl_reopen(struct jsonl *jsonl, struct err *err);

void jsonl_begin(struct jsonl *jsonl, enum log_level level, const char *event);
void jsonl_text(struct jsonl *jsonl, const char *key, const char *text);
void jsonl_int(struct jsonl *jsonl, const char *key, int64_t value);
void jsonl_end(struct jsonl *jsonl);

#endif
