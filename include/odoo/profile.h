/* The Odoo that a profile of orderly.conf names. */
#ifndef ODOO_PROFILE_H
#define ODOO_PROFILE_H

#include "model/profile.h"
#include "odoo/client.h"

/* Its texts belong to the profile. Without an address: none is named. */
struct odoo_options odoo_of_profile(const struct profile *profile);

#endif
