/* What the guard's two halves share: the course of it, and what is asked. */
#ifndef ODOO_GUARD_PART_H
#define ODOO_GUARD_PART_H

#include "odoo/guard.h"

struct odoo_guard {
	struct odoo *odoo;
	struct odoo_guard_ask ask;
	struct arena arena;
	uint64_t ticket; /* 0: none is under way */
	int64_t deadline_us;
	enum odoo_key key; /* that is being asked */
	int64_t partners[ODOO_GUARD_IDS];
	size_t n_partners;
	bool strong_says_no; /* a strong key found nothing */
	struct odoo_guard_answer doubt; /* the first key that could not tell */
	bool doubts;
};

/* guard_domain.c: domains in JSON. False with words when what was given is no key. */
bool guard_reference_domain(
	const char *field, struct slice reference, struct slice also, struct str *out);
bool guard_looks_domain(const struct odoo_guard *guard, struct str *out, const char **ret_why);

#endif
