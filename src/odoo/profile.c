/* From the settings of a profile to clients' options.
 * What the settings mean is model/profile's. Called by the console and the worker. */
#include "odoo/profile.h"

#define RETRIES 1

static const char *text_of(const struct profile *profile, enum setting setting)
{
	const char *text = profile_text(profile, setting);

	return *text ? text : NULL;
}

size_t odoos_of_profile(const struct profile *profile, struct odoo_named ret[ODOO_MOST])
{
	size_t n = 0;

	for (size_t i = 0; i < profile_odoos(profile) && n < ODOO_MOST; i++) {
		const struct profile *odoo = profile_odoo(profile, i);

		if (!text_of(odoo, SETTING_ODOO_URL))
			continue;
		ret[n++] = (struct odoo_named){.system = profile_odoo_name(odoo),
			.client = {.url = text_of(odoo, SETTING_ODOO_URL),
				.database = text_of(odoo, SETTING_ODOO_DB),
				.login = text_of(odoo, SETTING_ODOO_LOGIN),
				.secret = profile_odoo_key(odoo),
				.retries = RETRIES},
			.ca_file = text_of(odoo, SETTING_CA_FILE)};
	}
	return n;
}
