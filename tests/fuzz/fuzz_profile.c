/* Any bytes as orderly.conf: read without a fault, and what holds can be asked for. */
#include "base/mem.h"
#include "model/profile.h"
#include <assert.h>
#include <errno.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask_all(const struct profile *profile)
{
	for (int i = 0; i < SETTING_N; i++) {
		assert(profile_text(profile, (enum setting)i));
		assert(profile_us(profile, (enum setting)i) >= 0);
	}
	assert(conninfo_check(slice_of(profile_text(profile, SETTING_STORE)), NULL) == 0);
	(void)profile_password(profile);
	for (size_t i = 0; i < profile_odoos(profile); i++) {
		(void)profile_odoo_name(profile_odoo(profile, i));
		(void)profile_odoo_key(profile_odoo(profile, i));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(profiles_freep)
	struct profiles *profiles = profiles_new();
	CLEANUP(problems_done)
	struct problems problems = PROBLEMS_INIT;
	struct slice text = {(const char *)data, size};
	const struct profile *profile;
	int r = profiles_parse(profiles, "fuzz", text, &problems);

	assert(r == 0 || (r == -EINVAL && problems.n > 0));
	for (size_t i = 0; i < profiles_count(profiles); i++)
		ask_all(profiles_at(profiles, i));
	(void)profiles_find(profiles, NULL, &profile, NULL);
	(void)conninfo_check(text, NULL);
	return 0;
}
