/* From the settings of a profile to a client's options.
 * What the settings mean is model/profile's. Called by the console and the worker. */
#include "odoo/profile.h"

#define RETRIES 1

static const char *text_of(const struct profile *profile, enum setting setting)
{
	const char *text = profile_text(profile, setting);

	return *text ? text : NULL;
}

struct odoo_options odoo_of_profile(const struct profile *profile)
{
	return (struct odoo_options){.url = text_of(profile, SETTING_ODOO_URL),
		.database = text_of(profile, SETTING_ODOO_DB),
		.login = text_of(profile, SETTING_ODOO_LOGIN),
		.secret = profile_odoo_key(profile),
		.retries = RETRIES};
}
