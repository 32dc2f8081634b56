/* What views ask, and what they get: the only way from a view to the truth.
 *
 * A view asks a question by name with text parameters and gets rows of named, typed columns. Behind
 * it stands the store (app), or a script (tests). A reply never comes from within source_ask(). Each
 * request has a ticket; a reply to a ticket that was dropped never arrives. */
#ifndef MODEL_SOURCE_H
#define MODEL_SOURCE_H

#include "base/err.h"
#include "model/filter.h"
#include "model/rows.h"

struct source;

enum reply_kind {
	REPLY_ROWS, /* one more batch of a question that streams */
	REPLY_DONE, /* the last (or only) batch */
	REPLY_FAILED, /* err says why; code -ECANCELED after source_cancel, -ETIMEDOUT, -ENOTCONN */
};

struct reply {
	enum reply_kind kind;
	const struct rows *rows; /* borrowed until the callback returns; rows_ref() keeps it */
	const struct err *err;
	int64_t took_us;
};

struct ask {
	const char *question; /* the name of a file in src/store/sql without .sql */
	const char *const *params; /* text; NULL is SQL's null */
	size_t n_params;
	const struct filter *filter; /* NULL, or for a question with places for one; until asked */
	int64_t deadline_us; /* 0: the source's default */
	bool stream; /* batches as they come, instead of all in one */
	void (*reply)(void *ctx, const struct reply *reply);
	void *ctx;
};

struct source_ops {
	uint64_t (*ask)(struct source *source, const struct ask *ask);
	void (*cancel)(
		struct source *source, uint64_t ticket); /* on the server too; then REPLY_FAILED */
	void (*drop)(struct source *source, uint64_t ticket); /* cancel, and no reply arrives */
};

struct source {
	const struct source_ops *ops;
};

static inline uint64_t source_ask(struct source *source, const struct ask *ask)
{
	return source->ops->ask(source, ask);
}

static inline void source_cancel(struct source *source, uint64_t ticket)
{
	source->ops->cancel(source, ticket);
}

static inline void source_drop(struct source *source, uint64_t ticket)
{
	if (ticket)
		source->ops->drop(source, ticket);
}

#endif
