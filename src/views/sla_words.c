/* What is typed behind the name of the SLA view, in any order: "po-out 7d", "24h", "breach".
 * Whether there is such an interface is the store's to say.
 * Called by the SLA view. */
#include "base/mem.h"
#include "sla_part.h"
#include <errno.h>

#define DAY_S 86400

static const char *const offered[] = {"1h", "24h", "7d", "30d"};

static const struct {
	const char *word, *state;
} states[] = {
	{"breach", "breach"},
	{"at-risk", "at_risk"},
	{"late", "late"},
	{"silent", "silent"},
	{"failing", "failing"},
	{"slow", "slow"},
	{"all", ""},
};

const char *sla_window_after(struct slice window)
{
	for (size_t i = 0; i + 1 < ARRAY_LEN(offered); i++)
		if (slice_eq_str(window, offered[i]))
			return offered[i + 1];
	return offered[0];
}

/* "90m": false when it does not look like a window at all. */
static bool is_window(struct slice word, int64_t *ret_s)
{
	static const struct {
		char unit;
		int64_t s;
	} units[] = {{'m', 60}, {'h', 3600}, {'d', DAY_S}, {'w', 7 * DAY_S}};
	int64_t n;

	for (size_t i = 0; word.len > 1 && i < ARRAY_LEN(units); i++) {
		if (word.at[word.len - 1] != units[i].unit)
			continue;
		if (slice_to_i64(slice_head(word, word.len - 1), 0, 1000000, &n) < 0)
			return false;
		*ret_s = n * units[i].s;
		return true;
	}
	return false;
}

static int take(struct slice word, struct sla_words *ret, struct err *err)
{
	int64_t s;

	if (is_window(word, &s)) {
		if (s < 60 || s > 30 * DAY_S)
			return err_set(err, -ERANGE,
				"\"%.*s\": a window is 1m to 30d, such as 1h, 24h, 7d",
				SLICE_ARG(word));
		ret->window = word;
		ret->window_s = s;
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		if (slice_eq_str(word, states[i].word)) {
			ret->state = slice_of(states[i].state);
			return 0;
		}
	}
	if (word.at[0] >= '0' && word.at[0] <= '9' && slice_find(word, '-') == word.len)
		return err_set(err, -EINVAL,
			"\"%.*s\" is no window: a number with m, h, d or w, such as 1h, 24h, 7d",
			SLICE_ARG(word));
	if (ret->interface.len)
		return err_set(err, -EINVAL,
			"\"%.*s\": one interface and one window, as in: po-out 7d",
			SLICE_ARG(word));
	ret->interface = word;
	return 0;
}

int sla_words_parse(struct slice text, struct sla_words *ret, struct err *err)
{
	struct sla_words words = {.state = SLICE_NONE};
	struct slice word;

	while (slice_word(&text, &word)) {
		int r = take(word, &words, err);

		if (r < 0)
			return r;
	}
	*ret = words;
	return 0;
}
