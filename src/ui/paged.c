/* Paging by place in both directions, with a bounded window.
 * Order and places are the question's, cursor and drawing the table's.
 * Called by views over lists that may be long. */
#include "ui/paged.h"
#include "base/mem.h"
#include "model/format.h"
#include <assert.h>
#include <errno.h>

#define NEAR (PAGED_PAGE / 2)

static void take(struct paged *paged, const struct rows *rows)
{
	size_t n = rows_count(rows);
	bool last = n < PAGED_PAGE;

	if (paged->before) {
		batches_prepend(&paged->rows, rows, n);
		paged->begins = last;
		paged->ends &= !batches_cut_end(&paged->rows, PAGED_HELD);
	} else {
		batches_append(&paged->rows, rows, n);
		paged->begins |= !paged->asked_once;
		paged->ends = last;
		paged->begins &= !batches_cut_front(&paged->rows, PAGED_HELD);
	}
	paged->asked_once = true;
}

static void on_reply(void *ctx, const struct reply *reply)
{
	struct paged *paged = ctx;

	if (reply->kind == REPLY_ROWS)
		return;
	paged->ticket = 0;
	if (reply->kind == REPLY_FAILED) {
		paged->err = *reply->err;
	} else {
		paged->err = ERR_INIT;
		paged->took_us = reply->took_us;
		if (paged->anew)
			batches_done(&paged->rows);
		paged->anew = false;
		if (paged->answered)
			paged->answered(paged->ctx, reply->rows);
		take(paged, reply->rows);
	}
	paged->env->changed(paged->env->ctx);
}

/* The place of the first or the last row held; NULL when nothing is. Caller frees. */
static char *place_of(const struct paged *paged, bool before)
{
	const struct rows *rows;
	struct slice place;
	size_t row;

	if (paged->anew || !batches_count(&paged->rows))
		return NULL;
	rows = batches_at(&paged->rows, before ? paged->rows.first : paged->rows.next - 1, &row);
	place = rows_text(rows, row, rows_col(rows, "place"));
	return mem_dup(place.at, place.len);
}

static void ask(struct paged *paged, bool before)
{
	CLEANUP(mem_freep)
	char *place = place_of(paged, before);
	const char *params[PAGED_PARAMS];
	size_t n = 0;

	assert(paged->n_params + 3 <= PAGED_PARAMS);
	for (; n < paged->n_params; n++)
		params[n] = paged->params[n];
	params[n++] = place;
	params[n++] = before ? "before" : "after";
	params[n++] = TEXT_OF(PAGED_PAGE);
	paged->before = before;
	paged->ticket = source_ask(paged->env->source, &(struct ask){
							       .question = paged->question,
							       .params = params,
							       .n_params = n,
							       .filter = paged->filter,
							       .deadline_us = paged->deadline_us,
							       .reply = on_reply,
							       .ctx = paged,
						       });
}

void paged_stop(struct paged *paged)
{
	source_drop(paged->env->source, paged->ticket);
	paged->ticket = 0;
	paged->anew = false;
}

void paged_done(struct paged *paged)
{
	paged_stop(paged);
	batches_done(&paged->rows);
}

void paged_restart(struct paged *paged)
{
	source_drop(paged->env->source, paged->ticket);
	paged->anew = true;
	paged->begins = paged->ends = paged->asked_once = false;
	paged->err = ERR_INIT;
	ask(paged, false);
}

void paged_follow(struct paged *paged, const struct table *table)
{
	if (paged->ticket || paged->err.code || !paged->asked_once)
		return;
	if (!paged->ends && table->cursor + NEAR >= paged->rows.next)
		ask(paged, false);
	else if (!paged->begins && table->cursor - NEAR < paged->rows.first)
		ask(paged, true);
}

void paged_cancel(struct paged *paged)
{
	if (paged->ticket)
		source_cancel(paged->env->source, paged->ticket);
}

void paged_count(const struct paged *paged, struct str *out)
{
	format_count(out, batches_count(&paged->rows));
	if (!paged->begins || !paged->ends)
		str_addc(out, '+');
}
