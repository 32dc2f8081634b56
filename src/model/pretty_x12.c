/* X12, a segment a line: indented by envelope, with what the standard calls it; a set that counts its
 * segments wrong is told so.
 * Elements stay as they are.
 * Called by pretty.c. */
#include "base/mem.h"
#include "base/text.h"
#include "pretty_part.h"
#include <ctype.h>

#define ISA_LEN 106 /* always: its fields have fixed widths, and the signs stand at its end */
#define NAME_WIDTH 4
#define TITLE_WIDTH 34

static void open_x12(struct pretty *p)
{
	p->of.parts.stop = 0;
	p->of.parts.n = 0;
}

static bool take_signs(struct pretty *p, struct slice rest)
{
	if (rest.len < ISA_LEN)
		return pretty_wrong(p, p->at, "an ISA segment has %d bytes", ISA_LEN);
	if (isalnum((unsigned char)rest.at[3]) || isalnum((unsigned char)rest.at[ISA_LEN - 1]) ||
		rest.at[3] == rest.at[ISA_LEN - 1])
		return pretty_wrong(p, p->at, "what parts elements and segments is not there");
	p->of.parts.field = rest.at[3];
	p->of.parts.component = rest.at[ISA_LEN - 2];
	p->of.parts.stop = rest.at[ISA_LEN - 1];
	return true;
}

static size_t depth_of(struct slice name)
{
	static const struct {
		const char *name;
		size_t depth;
	} envelopes[] = {
		{"ISA", 0}, {"IEA", 0}, {"TA1", 1}, {"GS", 1}, {"GE", 1}, {"ST", 2}, {"SE", 2}};

	for (size_t i = 0; i < ARRAY_LEN(envelopes); i++)
		if (slice_eq_str(name, envelopes[i].name))
			return envelopes[i].depth;
	return 3;
}

/* The name of a segment that begins here; empty when none does. */
static struct slice name_of(const struct pretty *p, struct slice segment)
{
	size_t n = 0;

	while (n < segment.len && n < 4 &&
		(isupper((unsigned char)segment.at[n]) || isdigit((unsigned char)segment.at[n])))
		n++;
	if (n < 2 || n > 3 || (n < segment.len && segment.at[n] != p->of.parts.field))
		n = 0;
	return slice_head(segment, n);
}

static void count(struct pretty *p, struct slice name, struct slice elements)
{
	CLEANUP(str_done)
	struct str words = STR_INIT(100);
	int64_t said;

	if (slice_eq_str(name, "ST"))
		p->of.parts.n = 0;
	p->of.parts.n++;
	if (!slice_eq_str(name, "SE") ||
		slice_to_i64(slice_head(elements, slice_find(elements, p->of.parts.field)), 0,
			INT64_MAX, &said) < 0 ||
		said == p->of.parts.n)
		return;
	str_addf(&words, "  !! there are %lld", (long long)p->of.parts.n);
	pretty_put(p, PRETTY_WRONG, str_slice(&words));
}

static void put_segment(struct pretty *p, struct slice name, struct slice elements)
{
	const char *title = x12_segment(name);
	size_t depth = depth_of(name);
	struct slice words = slice_of(title);

	pretty_line(p, depth);
	pretty_put(p, PRETTY_KEY, name);
	pretty_pad(p, (int)name.len, NAME_WIDTH);
	pretty_put(p, PRETTY_NAME, words);
	pretty_pad(p, (int)words.len + 2 * (int)depth, TITLE_WIDTH + 6);
	pretty_put(p, PRETTY_PLAIN, SLICE(" "));
	pretty_parts(p, elements, p->of.parts.field);
	count(p, name, elements);
}

static bool step_x12(struct pretty *p)
{
	struct slice rest, segment, name;
	size_t len;

	while (p->at < p->input.len && isspace((unsigned char)p->input.at[p->at]))
		p->at++;
	rest = slice_from(p->input, p->at);
	if (!rest.len)
		return p->of.parts.stop ? false
					: pretty_wrong(p, p->at, "a segment ISA is expected");
	if (slice_starts(rest, SLICE("ISA"))) {
		if (!take_signs(p, rest))
			return false;
	} else if (!p->of.parts.stop) {
		return pretty_wrong(p, p->at, "a segment ISA is expected");
	}
	len = slice_find(rest, p->of.parts.stop);
	segment = slice_head(rest, len);
	name = name_of(p, segment);
	if (!name.len)
		return pretty_wrong(p, p->at, "a segment's name is expected");
	if (len == rest.len)
		return pretty_wrong(p, p->input.len, "the last segment is not ended");
	put_segment(p, name, slice_from(segment, name.len < len ? name.len + 1 : len));
	p->at += len + 1;
	return true;
}

const struct printer printer_x12 = {"X12", open_x12, step_x12};
