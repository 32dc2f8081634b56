/* Has Odoo taken this already? Asked before something is sent again.
 *
 * Three keys, the strong ones first: the external id, the reference, and the amount with date and
 * partner. Those that are given are asked, archived records included, until one is found.
 *
 * - FOUND: there is at least one. By the weak key alone this means one that looks the same.
 * - NOT_FOUND: every key that was given has been asked, Odoo has answered each, and none matched.
 * - CANNOT_TELL: all else. Odoo was not reached or did not understand, the user may not look, an
 *   answer does not fit what was asked, a key was given that is empty, or none at all; or a strong key
 *   finds nothing while the weak one finds one that looks the same. It is never to be taken for
 *   NOT_FOUND: a person decides.
 *
 * What record rules hide from the user (other companies) is not there for the guard either: give its
 * login all companies that the interface writes to. */
#ifndef ODOO_GUARD_H
#define ODOO_GUARD_H

#include "odoo/client.h"

#define ODOO_GUARD_IDS 8
#define ODOO_GUARD_WINDOW_MAX 366

enum odoo_found {
	ODOO_CANNOT_TELL,
	ODOO_FOUND,
	ODOO_NOT_FOUND,
};

enum odoo_key {
	ODOO_KEY_NONE,
	ODOO_KEY_EXTERNAL_ID,
	ODOO_KEY_REFERENCE,
	ODOO_KEY_LOOKS, /* amount, date and partner */
};

struct odoo_guard_answer;

struct odoo_guard_ask {
	const char *model;
	struct slice
		also; /* further conditions of reference and looks, a list in JSON, or SLICE_NONE */

	const char *external_id; /* "module.name"; NULL: not a key */

	const char *reference_field; /* NULL: not a key */
	struct slice reference; /* compared without regard to capitals and blanks around it */

	const char *amount_field, *date_field,
		*partner_field; /* all, or amount_field NULL: not a key */
	int64_t amount_cents;
	struct slice date; /* "2026-11-21" */
	int window_days; /* before and after it */
	int64_t partner_id; /* 0: by the next two */
	const char *partner_reference_field; /* of res.partner */
	struct slice partner_reference;

	int64_t deadline_us; /* for all of it; 0: ODOO_DEADLINE_US */
	void (*done)(void *ctx, const struct odoo_guard_answer *answer);
	void *ctx;
};

struct odoo_guard_answer {
	enum odoo_found found;
	enum odoo_key by; /* the key that decided */
	enum odoo_class class; /* of the call behind CANNOT_TELL; ODOO_OK when it was none */
	int64_t ids[ODOO_GUARD_IDS];
	size_t n;
	bool more; /* than fit */
	const char *why; /* for people */
};

struct odoo_guard;

/* done() is called once, never from within; the handle is gone after it. All is copied. */
struct odoo_guard *odoo_guard(struct odoo *odoo, const struct odoo_guard_ask *ask);
void odoo_guard_drop(struct odoo_guard *guard); /* NULL is fine */

const char *odoo_found_name(enum odoo_found found); /* "found", "not-found", "cannot-tell" */
const char *odoo_key_name(enum odoo_key key);

#endif
