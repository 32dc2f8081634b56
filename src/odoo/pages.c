/* Reads many records in pages: each page begins behind the last id, so that depth costs nothing and
 * what is deleted meanwhile moves no page. Ids that do not ascend are no answer.
 * Leaves each call to client.c. Called by who compares a window with Odoo. */
#include "base/mem.h"
#include "odoo/read.h"
#include <stdlib.h>

#define PAGE 200
#define MOST 10000
#define PAGE_MAX 1000

struct odoo_pages {
	struct odoo *odoo;
	struct odoo_pages_ask ask;
	struct arena arena;
	const char *fields; /* as JSON */
	uint64_t ticket; /* 0: none is under way */
	int64_t last_id;
	size_t n;
	bool giving, dropped;
};

static void pages_free(struct odoo_pages *pages)
{
	arena_done(&pages->arena);
	free(pages);
}

static void finish(struct odoo_pages *pages, const struct odoo_reply *reply, bool cut)
{
	pages->ask.done(pages->ask.ctx, reply, pages->n, cut);
	pages_free(pages);
}

static void garbled(struct odoo_pages *pages, const char *why)
{
	finish(pages, &(struct odoo_reply){.class = ODOO_GARBLED, .message = why}, false);
}

/* Every record an object with an id above the last one's. */
static bool ids_ascend(struct odoo_pages *pages, const struct value *records, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int64_t id;

		if (!value_int(value_get(&records[i], "id"), &id) || id <= pages->last_id)
			return false;
		pages->last_id = id;
	}
	return true;
}

static void ask_page(struct odoo_pages *pages);

static void on_page(void *ctx, const struct odoo_reply *reply)
{
	struct odoo_pages *pages = ctx;
	const struct value *list = reply->result;
	size_t left = pages->ask.most - pages->n;
	bool more, wanted;

	pages->ticket = 0;
	if (reply->class != ODOO_OK) {
		finish(pages, reply, false);
		return;
	}
	if (!list || list->kind != VALUE_LIST || list->n > pages->ask.page + 1) {
		garbled(pages, "the records are no list of the length that was asked");
		return;
	}
	/* One more than wanted is asked for, to know whether there is more. */
	more = list->n > pages->ask.page || list->n > left;
	if (!ids_ascend(pages, list->items, list->n - more)) {
		garbled(pages, "the records do not come by their ids");
		return;
	}
	pages->n += list->n - more;
	pages->giving = true;
	wanted = list->n - more == 0 ||
		 pages->ask.records(pages->ask.ctx, list->items, list->n - more);
	pages->giving = false;
	if (pages->dropped)
		pages_free(pages);
	else if (more && wanted && pages->n < pages->ask.most)
		ask_page(pages);
	else
		finish(pages, reply, more);
}

/* The leaf in front is "and" to all that follows. */
static void put_domain(const struct odoo_pages *pages, struct str *out)
{
	struct slice rest = slice_trim(pages->ask.domain);

	str_addf(out, "[[\"id\",\">\",%lld]", (long long)pages->last_id);
	if (rest.len > 2) {
		str_addc(out, ',');
		str_add(out, slice_from(rest, 1));
	} else {
		str_addc(out, ']');
	}
}

static void ask_page(struct odoo_pages *pages)
{
	CLEANUP(str_done)
	struct str domain = STR_INIT(1 << 20), limit = STR_INIT(32);
	size_t left = pages->ask.most - pages->n;

	put_domain(pages, &domain);
	str_addf(&limit, "%zu", (left < pages->ask.page ? left : pages->ask.page) + 1);
	pages->ticket = odoo_ask(pages->odoo,
		&(struct odoo_ask){.model = pages->ask.model,
			.method = "search_read",
			.args = {{"domain", str_slice(&domain)},
				{"fields", slice_of(pages->fields)}, {"limit", str_slice(&limit)},
				{"order", SLICE("\"id\"")}},
			.n_args = 4,
			.n_positional = 1,
			.context = pages->ask.context,
			.reads = true,
			.deadline_us = pages->ask.deadline_us,
			.done = on_page,
			.ctx = pages});
}

static const char *fields_json(struct arena *arena, const char *const *fields, size_t n)
{
	CLEANUP(str_done)
	struct str list = STR_INIT(64 * 1024);

	/* "id" also keeps an empty list from meaning every field there is. */
	str_adds(&list, "[\"id\"");
	for (size_t i = 0; i < n; i++) {
		str_addc(&list, ',');
		(void)value_put_text(&list, slice_of(fields[i]));
	}
	str_addc(&list, ']');
	return arena_str(arena, str_slice(&list));
}

struct odoo_pages *odoo_pages(struct odoo *odoo, const struct odoo_pages_ask *ask)
{
	struct odoo_pages *pages = NEW(struct odoo_pages);

	*pages = (struct odoo_pages){.odoo = odoo, .ask = *ask};
	pages->ask.model = arena_str(&pages->arena, slice_of(ask->model));
	pages->ask.domain = arena_dup(&pages->arena, ask->domain);
	pages->ask.context = ask->context.at ? arena_dup(&pages->arena, ask->context) : SLICE_NONE;
	pages->fields = fields_json(&pages->arena, ask->fields, ask->n_fields);
	if (!ask->most)
		pages->ask.most = MOST;
	if (!ask->page)
		pages->ask.page = PAGE;
	if (pages->ask.page > PAGE_MAX)
		pages->ask.page = PAGE_MAX;
	ask_page(pages);
	return pages;
}

void odoo_pages_drop(struct odoo_pages *pages)
{
	if (!pages)
		return;
	if (pages->giving) {
		pages->dropped = true;
		return;
	}
	if (pages->ticket)
		odoo_drop(pages->odoo, pages->ticket);
	pages_free(pages);
}
