/* Filters that are there from the beginning.
 * Leaves what they find to the store, and what people save to them.
 * Called by the list of filters and by `orderly find`. */
#include "model/ready.h"
#include "base/mem.h"
#include "model/export.h"

static const struct ready_filter all[] = {
	{"stuck", "state:open due<now", "not finished, and past its due time"},
	{"mine", "owner:me letter:owned,snoozed,replaying,in_doubt,quarantined",
		"dead letters that you own"},
	{"unowned", "owner:none", "dead letters that nobody owns"},
	{"in-doubt", "letter:in_doubt", "replays of which nobody knows whether they arrived"},
	{"new", NULL, "what died since you last looked here"},
};

const struct ready_filter *ready_filters(size_t *ret_n)
{
	*ret_n = ARRAY_LEN(all);
	return all;
}

/* The week bounds what is read while little is new. */
void ready_text(const struct ready_filter *ready, int64_t looked_us, struct str *out)
{
	if (ready->text) {
		str_adds(out, ready->text);
	} else if (!looked_us) {
		str_adds(out, "state:dead last 1d");
	} else {
		str_adds(out, "state:dead at>=");
		export_time(out, looked_us);
		str_adds(out, " last 7d");
	}
}
