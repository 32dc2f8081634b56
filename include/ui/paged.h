/* A list of any length, of which only what lies around the cursor is held.
 *
 * The question answers pages in the order of the list, wherever it stands: it takes, behind the
 * caller's own parameters, the place to go on from (null: from the beginning), 'after' or 'before',
 * and how many rows; each row has a text column "place" that leads back to it. So each page costs the
 * same at any depth, and rows that come in between are neither skipped nor shown twice. */
#ifndef UI_PAGED_H
#define UI_PAGED_H

#include "ui/batches.h"
#include "ui/table.h"
#include "ui/view.h"

#define PAGED_PAGE 200
#define PAGED_HELD 2000
#define PAGED_PARAMS 12

struct paged {
	const struct view_env *env;
	const char *question;
	const char *const *params; /* borrowed; the caller's own */
	size_t n_params;
	const struct filter *filter; /* borrowed; NULL: none */
	int64_t deadline_us; /* 0: the source's */
	void (*answered)(void *ctx, const struct rows *rows); /* each page; may be NULL */
	void *ctx;

	struct batches rows;
	bool begins, ends; /* the first row held is the first of all; the last the last */
	bool asked_once;
	int64_t took_us;
	struct err err;

	/* Its own. */
	uint64_t ticket;
	bool before; /* what is under way */
	bool anew; /* what is under way takes the place of all that is held */
};

void paged_done(struct paged *paged);

/* Drops what is under way; what is held stays. */
void paged_stop(struct paged *paged);

/* From the beginning again; what is held stays until the answer has come. After paged_done(): of
 * something else. */
void paged_restart(struct paged *paged);

/* To be called after each layout: asks for what the cursor comes near to, lets go of what is far. */
void paged_follow(struct paged *paged, const struct table *table);
void paged_cancel(struct paged *paged);

/* "17", or "1,200+" while the end is not known. */
void paged_count(const struct paged *paged, struct str *out);

#endif
