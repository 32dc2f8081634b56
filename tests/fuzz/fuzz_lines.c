/* Any bytes as a file in the line grammar, with every value taken apart into words. */
#include "base/lines.h"
#include "base/mem.h"
#include "base/text.h"
#include <assert.h>
#include <errno.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int take_words(void *ctx, const struct line *line, struct err *err)
{
	struct arena *arena = ctx;
	struct slice rest = line->value, word;
	int64_t us;
	bool yes;
	int r;

	assert(line->number > 0);
	assert(utf8_valid(line->key) && utf8_valid(line->value));
	while ((r = lines_word(arena, &rest, &word, err)) > 0) {
		assert(utf8_valid(word));
		assert(word.at[word.len] == '\0');
		(void)lines_bool(word, &yes, NULL);
		(void)lines_duration_us(word, &us, NULL);
	}
	return r;
}

static int take_section(void *ctx, const struct line *line, struct err *err)
{
	static const char *const names[] = {"list", "dead-letters", "palette", "role"};

	(void)ctx;
	assert(line->section.len > 0);
	if (slice_eq_str(line->section, "list"))
		return 0;
	return err_unknown(
		err, "section", line->section, names, ARRAY_LEN(names), sizeof(names[0]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct lines_ops ops = {take_words, take_section, take_words};
	struct problems problems = PROBLEMS_INIT;
	struct arena arena = ARENA_INIT;
	int r = lines_parse(
		"fuzz", (struct slice){(const char *)data, size}, 1, &ops, &arena, &problems);

	assert(r == 0 || (r == -EINVAL && problems.n > 0));
	for (size_t i = 0; i < problems.n; i++)
		assert(utf8_valid(slice_of(problems.texts[i])));
	problems_done(&problems);
	arena_done(&arena);
	return 0;
}
