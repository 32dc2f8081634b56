/* Keeps queries in the order in which they were asked, and tells their callers the end.
 * Leaves connections to conn.c and the pool.
 * Called by the pool. */
#include "asked.h"
#include "base/mem.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const *copy_params(const char *const *params, size_t n)
{
	char **copy = NEW_ARRAY(char *, n);

	for (size_t i = 0; i < n; i++)
		copy[i] = params[i] ? mem_dup_str(params[i]) : NULL;
	return (const char *const *)copy;
}

struct asked *asked_new(const struct query *query, uint64_t ticket, int64_t now_us)
{
	struct asked *asked = NEW(struct asked);

	asked->ticket = ticket;
	asked->query = *query;
	asked->query.params = copy_params(query->params, query->statement->n_params);
	asked->n_params = query->statement->n_params;
	asked->asked_us = now_us;
	asked->due_us = now_us + query->deadline_us;
	return asked;
}

void asked_free(struct asked *asked)
{
	if (!asked)
		return;
	for (size_t i = 0; i < asked->n_params; i++)
		free((char *)asked->query.params[i]);
	free((void *)asked->query.params);
	free(asked);
}

void asked_list_init(struct asked_list *list)
{
	list->first = NULL;
	list->end = &list->first;
}

void asked_list_done(struct asked_list *list)
{
	struct asked *asked;

	while ((asked = asked_take_first(list)))
		asked_free(asked);
}

void asked_add(struct asked_list *list, struct asked *asked)
{
	asked->next = NULL;
	*list->end = asked;
	list->end = &asked->next;
}

static struct asked *take_at(struct asked_list *list, struct asked **at)
{
	struct asked *asked = *at;

	*at = asked->next;
	if (!*at)
		list->end = at;
	asked->next = NULL;
	return asked;
}

struct asked *asked_take_first(struct asked_list *list)
{
	return list->first ? take_at(list, &list->first) : NULL;
}

struct asked *asked_take(struct asked_list *list, uint64_t ticket)
{
	for (struct asked **at = &list->first; *at; at = &(*at)->next)
		if ((*at)->ticket == ticket)
			return take_at(list, at);
	return NULL;
}

struct asked *asked_take_due(struct asked_list *list, int64_t now_us)
{
	for (struct asked **at = &list->first; *at; at = &(*at)->next)
		if ((*at)->due_us <= now_us)
			return take_at(list, at);
	return NULL;
}

void asked_end(struct asked *asked, struct rows *rows, const struct err *err, const char *sqlstate,
	int64_t now_us)
{
	struct query_result result = {
		.event = err ? QUERY_FAILED : QUERY_DONE,
		.rows = rows,
		.err = err,
		.took_us = now_us - asked->asked_us,
	};

	snprintf(result.sqlstate, sizeof(result.sqlstate), "%s", sqlstate ? sqlstate : "");
	asked->query.fn(asked->query.ctx, &result);
	asked_free(asked);
}
