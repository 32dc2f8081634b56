/* Filters under a name, and how much each leaves over.
 * What a filter means is model/filter's; who may save and share is the store's.
 * Made by the console; read by its tab bar, by prompts, and by the list of filters. */
#include "ui/kept.h"
#include "base/clock.h"
#include "base/lines.h"
#include "base/mem.h"
#include "model/filter.h"
#include "model/ready.h"
#include <errno.h>
#include <stdlib.h>

#define PERIOD_US (30 * S_US)
#define DEADLINE_US (3 * S_US)
#define KEPT_MAX 200

#define NEW_NAME "new"

struct kept {
	const struct view_env *env;
	struct rows *saved;
	int64_t looked_us; /* 0: never */
	struct kept_filter all[KEPT_MAX];
	size_t n, counting;
	struct arena arena; /* of names and texts */
	struct filter *filter; /* being counted */
	struct timer *timer;
	uint64_t ticket, look_ticket;
	bool shown;
};

size_t kept_n(const struct kept *kept)
{
	return kept ? kept->n : 0;
}

const struct kept_filter *kept_at(const struct kept *kept, size_t i)
{
	return &kept->all[i];
}

/* ---- what there is ------------------------------------------------------------------------------ */

static void add(
	struct kept *kept, const struct kept_filter *old, size_t n_old, struct kept_filter filter)
{
	if (kept->n == KEPT_MAX)
		return;
	filter.count = -1;
	for (size_t i = 0; i < n_old; i++)
		if (slice_eq_str(slice_of(old[i].name), filter.name) &&
			slice_eq_str(slice_of(old[i].text), filter.text))
			filter.count = old[i].count;
	kept->all[kept->n++] = filter;
}

static void add_saved(
	struct kept *kept, const struct kept_filter *old, size_t n_old, struct arena *arena)
{
	const struct rows *rows = kept->saved;
	size_t n = rows ? rows_count(rows) : 0;

	for (size_t i = 0; i < n; i++)
		add(kept, old, n_old,
			(struct kept_filter){
				.name = arena_str(
					arena, rows_text(rows, i, rows_col(rows, "name"))),
				.text = arena_str(
					arena, rows_text(rows, i, rows_col(rows, "filter"))),
				.owner = arena_str(
					arena, rows_text(rows, i, rows_col(rows, "owner"))),
				.id = rows_int(rows, i, rows_col(rows, "id")),
				.shared = rows_bool(rows, i, rows_col(rows, "shared")),
				.mine = rows_bool(rows, i, rows_col(rows, "mine")),
			});
}

static void add_ready(
	struct kept *kept, const struct kept_filter *old, size_t n_old, struct arena *arena)
{
	size_t n;
	const struct ready_filter *ready = ready_filters(&n);

	for (size_t i = 0; i < n; i++) {
		CLEANUP(str_done)
		struct str text = STR_INIT(FILTER_MAX);

		ready_text(&ready[i], kept->looked_us, &text);
		add(kept, old, n_old,
			(struct kept_filter){
				.name = ready[i].name,
				.text = arena_str(arena, str_slice(&text)),
				.help = ready[i].help,
				.mine = true,
			});
	}
}

/* Counts that are known stay until they are counted anew. */
static void rebuild(struct kept *kept)
{
	struct kept_filter old[KEPT_COUNTED];
	struct arena arena = ARENA_INIT, before = kept->arena;
	size_t n_old = kept->n < KEPT_COUNTED ? kept->n : KEPT_COUNTED;

	for (size_t i = 0; i < n_old; i++)
		old[i] = kept->all[i];
	kept->n = 0;
	add_ready(kept, old, n_old, &arena);
	add_saved(kept, old, n_old, &arena);
	kept->arena = arena;
	arena_done(&before);
}

/* ---- counting ----------------------------------------------------------------------------------- */

static void count_next(struct kept *kept);

static void on_count(void *ctx, const struct reply *reply)
{
	struct kept *kept = ctx;
	struct kept_filter *filter = &kept->all[kept->counting];
	int64_t before = filter->count;

	if (reply->kind == REPLY_ROWS)
		return;
	kept->ticket = 0;
	filter->err = reply->kind == REPLY_FAILED ? *reply->err : ERR_INIT;
	filter->count = -1;
	if (reply->kind == REPLY_DONE && rows_count(reply->rows))
		filter->count = rows_int(reply->rows, 0, rows_col(reply->rows, "n"));
	if (filter->count != before)
		kept->env->changed(kept->env->ctx);
	kept->counting++;
	count_next(kept);
}

/* A filter that this program cannot read (a newer one wrote it) is passed over, and says so. */
static void count_next(struct kept *kept)
{
	static const char *const params[] = {TEXT_OF(KEPT_MANY)};

	filter_free(kept->filter);
	kept->filter = NULL;
	for (; kept->counting < kept->n && kept->counting < KEPT_COUNTED; kept->counting++) {
		struct kept_filter *filter = &kept->all[kept->counting];

		if (filter_parse(slice_of(filter->text), &kept->filter, NULL, &filter->err) == 0)
			break;
	}
	if (!kept->filter) {
		timer_in(kept->timer, PERIOD_US);
		return;
	}
	kept->ticket = source_ask(kept->env->source, &(struct ask){.question = "find-count",
							     .params = params,
							     .n_params = ARRAY_LEN(params),
							     .filter = kept->filter,
							     .deadline_us = DEADLINE_US,
							     .reply = on_count,
							     .ctx = kept});
}

static void on_saved(void *ctx, const struct reply *reply)
{
	struct kept *kept = ctx;
	const struct rows *rows = reply->rows;

	if (reply->kind == REPLY_ROWS)
		return;
	kept->ticket = 0;
	if (reply->kind == REPLY_FAILED) {
		timer_in(kept->timer, PERIOD_US);
		return;
	}
	rows_unref(kept->saved);
	kept->saved = rows_ref(rows);
	rebuild(kept);
	kept->env->changed(kept->env->ctx);
	kept->counting = 0;
	count_next(kept);
}

static void ask_saved(struct kept *kept)
{
	static const char *const params[] = {"find"};

	kept->ticket = source_ask(kept->env->source, &(struct ask){.question = "filters",
							     .params = params,
							     .n_params = ARRAY_LEN(params),
							     .reply = on_saved,
							     .ctx = kept});
}

static void on_looked(void *ctx, const struct reply *reply)
{
	struct kept *kept = ctx;

	if (reply->kind == REPLY_ROWS)
		return;
	kept->ticket = 0;
	if (reply->kind == REPLY_DONE && rows_count(reply->rows))
		kept->looked_us = rows_time(reply->rows, 0, rows_col(reply->rows, "at"));
	ask_saved(kept);
}

void kept_ask(struct kept *kept)
{
	static const char *const params[] = {"find"};

	if (!kept || !kept->shown)
		return;
	timer_stop(kept->timer);
	source_drop(kept->env->source, kept->ticket);
	kept->ticket = source_ask(kept->env->source, &(struct ask){.question = "looked",
							     .params = params,
							     .n_params = ARRAY_LEN(params),
							     .reply = on_looked,
							     .ctx = kept});
}

static void on_timer(void *ctx)
{
	kept_ask(ctx);
}

void kept_show(struct kept *kept, bool shown)
{
	kept->shown = shown;
	timer_stop(kept->timer);
	if (shown) {
		timer_in(kept->timer, 0);
		return;
	}
	source_drop(kept->env->source, kept->ticket);
	source_drop(kept->env->source, kept->look_ticket);
	kept->ticket = kept->look_ticket = 0;
}

/* ---- by name ------------------------------------------------------------------------------------ */

int kept_find(const struct kept *kept, struct slice name, struct str *out, struct err *err)
{
	const char *names[KEPT_MAX];
	size_t n = kept_n(kept);

	for (size_t i = 0; i < n; i++) {
		names[i] = kept->all[i].name;
		if (!slice_eq_nocase(name, slice_of(names[i])))
			continue;
		str_adds(out, kept->all[i].text);
		return 0;
	}
	return err_unknown(err, "filter", name, names, n, sizeof(names[0]));
}

size_t kept_complete(const struct kept *kept, struct slice text, struct arena *arena,
	const char **ret, size_t max)
{
	struct slice head = slice_from(text, 1);
	size_t n = 0;

	for (size_t i = 0; i < kept_n(kept) && n < max; i++)
		if (slice_starts(slice_of(kept->all[i].name), head))
			ret[n++] = arena_printf(arena, "@%s", kept->all[i].name);
	return n;
}

/* ---- what is new -------------------------------------------------------------------------------- */

static void on_look(void *ctx, const struct reply *reply)
{
	struct kept *kept = ctx;

	if (reply->kind == REPLY_ROWS)
		return;
	kept->look_ticket = 0;
	kept_ask(kept);
}

void kept_used(struct kept *kept, struct slice name)
{
	static const char *const params[] = {"find"};

	if (kept && slice_eq_nocase(name, SLICE(NEW_NAME)) && kept->shown && !kept->look_ticket)
		kept->look_ticket =
			source_ask(kept->env->source, &(struct ask){.question = "look",
							      .params = params,
							      .n_params = ARRAY_LEN(params),
							      .reply = on_look,
							      .ctx = kept});
}

struct kept *kept_new(const struct view_env *env)
{
	struct kept *kept = NEW(struct kept);

	kept->env = env;
	kept->timer = timer_open(env->loop, on_timer, kept);
	rebuild(kept);
	return kept;
}

void kept_free(struct kept *kept)
{
	if (!kept)
		return;
	source_drop(kept->env->source, kept->ticket);
	source_drop(kept->env->source, kept->look_ticket);
	timer_close(kept->timer);
	filter_free(kept->filter);
	rows_unref(kept->saved);
	arena_done(&kept->arena);
	free(kept);
}
