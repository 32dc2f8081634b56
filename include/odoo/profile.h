/* The Odoos that a profile of orderly.conf names. */
#ifndef ODOO_PROFILE_H
#define ODOO_PROFILE_H

#include "model/profile.h"
#include "odoo/client.h"

#define ODOO_MOST 16

/* One of them. system: its code in the catalogue; "": the only Odoo there. */
struct odoo_named {
	const char *system;
	struct odoo_options client;
	const char *ca_file; /* NULL: the system's */
};

/* Those that have an address, ODOO_MOST at most; returns how many. Their texts are the profile's. */
size_t odoos_of_profile(const struct profile *profile, struct odoo_named ret[ODOO_MOST]);

#endif
