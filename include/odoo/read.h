/* What reading Odoo needs again and again: which fields there are, and many records in pages. */
#ifndef ODOO_READ_H
#define ODOO_READ_H

#include "odoo/client.h"

/* A field that was asked for; one that is not there, or that this user may not see, has no type. */
struct odoo_field {
	const char *name;
	const char *type; /* "many2one", ...; NULL: not there */
	const char *label, *relation;
	bool readonly, required;
};

/* Asks Odoo which of these fields the model has, since one that is unknown would fail a whole call.
 * done(): as many fields as names, in their order, when OK. Returns odoo_ask()'s ticket. */
uint64_t odoo_fields(struct odoo *odoo, const char *model, const char *const *names, size_t n,
	void (*done)(void *ctx, const struct odoo_reply *reply, const struct odoo_field *fields,
		size_t n_fields),
	void *ctx);

/* Many records, by their ids and so without an offset, one page after the other. */
struct odoo_pages_ask {
	const char *model;
	struct slice domain; /* a list in JSON; SLICE_NONE: all */
	const char *const *fields;
	size_t n_fields;
	struct slice context;
	size_t page; /* records in one answer; 0: 200 */
	size_t most; /* in all; 0: 10,000. Never without a limit */
	int64_t deadline_us; /* of each page */
	/* Records of one page; false: enough. */
	bool (*records)(void *ctx, const struct value *records, size_t n);
	/* At the end, not after odoo_pages_drop(). n records were given; cut: there are more. */
	void (*done)(void *ctx, const struct odoo_reply *reply, size_t n, bool cut);
	void *ctx;
};

struct odoo_pages;

/* The handle is gone after done(). */
struct odoo_pages *odoo_pages(struct odoo *odoo, const struct odoo_pages_ask *ask);
void odoo_pages_drop(struct odoo_pages *pages); /* NULL is fine; from within records() too */

#endif
