/* HL7 version 2, a segment at a time: its name, then each field that holds something, by number and
 * by what the standard calls it; repetitions one below the other.
 * Escapes stay as they are.
 * Called by pretty.c. */
#include "base/mem.h"
#include "base/text.h"
#include "pretty_part.h"
#include <ctype.h>

#define FIELD_WIDTH 10
#define NAME_WIDTH 28

static void open_hl7(struct pretty *p)
{
	p->of.parts.field = p->of.parts.component = p->of.parts.repeat = 0;
}

static bool is_header(struct slice line)
{
	return slice_starts(line, SLICE("MSH")) || slice_starts(line, SLICE("FHS")) ||
	       slice_starts(line, SLICE("BHS"));
}

/* A header says what parts fields, components and repetitions from there on. */
static bool take_signs(struct pretty *p, struct slice line)
{
	if (line.len < 6 || isalnum((unsigned char)line.at[3]))
		return pretty_wrong(p, p->at + 3, "what parts the fields is missing");
	p->of.parts.field = line.at[3];
	p->of.parts.component = line.at[4];
	p->of.parts.repeat = line.at[5] == line.at[3] ? 0 : line.at[5];
	return true;
}

static bool is_segment(const struct pretty *p, struct slice line)
{
	return line.len >= 3 && isupper((unsigned char)line.at[0]) &&
	       (isupper((unsigned char)line.at[1]) || isdigit((unsigned char)line.at[1])) &&
	       (isupper((unsigned char)line.at[2]) || isdigit((unsigned char)line.at[2])) &&
	       (line.len == 3 || line.at[3] == p->of.parts.field);
}

static void put_field(
	struct pretty *p, struct slice segment, size_t number, int repetition, struct slice value)
{
	struct slice name = hl7_field(segment, number);
	CLEANUP(str_done)
	struct str label = STR_INIT(64);

	str_addf(&label, "%.*s-%zu", SLICE_ARG(segment), number);
	if (repetition > 1)
		str_addf(&label, "[%d]", repetition);
	pretty_line(p, 1);
	pretty_put(p, PRETTY_KEY, str_slice(&label));
	pretty_pad(p, (int)label.len, FIELD_WIDTH);
	pretty_put(p, PRETTY_NAME, name);
	pretty_pad(p, (int)name.len, NAME_WIDTH);
	pretty_put(p, PRETTY_PLAIN, SLICE(" "));
	pretty_parts(p, value, p->of.parts.component);
}

static void put_repetitions(
	struct pretty *p, struct slice segment, size_t number, struct slice value)
{
	char sep = p->of.parts.repeat;

	for (int i = 1; value.len; i++) {
		size_t len = sep ? slice_find(value, sep) : value.len;

		if (len)
			put_field(p, segment, number, i, slice_head(value, len));
		value = slice_from(value, len < value.len ? len + 1 : len);
	}
}

static void put_segment(struct pretty *p, struct slice line)
{
	struct slice segment = slice_head(line, 3), rest = slice_from(line, 4);
	const char *title = hl7_segment(segment);
	size_t number = 1;

	pretty_line(p, 0);
	pretty_put(p, PRETTY_KEY, segment);
	if (title) {
		pretty_put(p, PRETTY_PLAIN, SLICE(" "));
		pretty_put(p, PRETTY_NAME, slice_of(title));
	}
	/* In a header the first sign is a field by itself, and the second one means signs. */
	if (is_header(line)) {
		size_t len = slice_find(rest, p->of.parts.field);

		pretty_line(p, 1);
		pretty_put(p, PRETTY_MARK, slice_head(rest, len));
		rest = slice_from(rest, len < rest.len ? len + 1 : len);
		number = 3;
	}
	for (; rest.len; number++) {
		size_t len = slice_find(rest, p->of.parts.field);

		put_repetitions(p, segment, number, slice_head(rest, len));
		rest = slice_from(rest, len < rest.len ? len + 1 : len);
	}
}

static bool step_hl7(struct pretty *p)
{
	struct slice rest, line;
	size_t len = 0;

	/* Line ends of any make, and the frame of the transport. */
	while (p->at < p->input.len &&
		(p->input.at[p->at] == '\r' || p->input.at[p->at] == '\n' ||
			p->input.at[p->at] == '\v' || p->input.at[p->at] == '\x1c'))
		p->at++;
	rest = slice_from(p->input, p->at);
	if (!rest.len)
		return p->of.parts.field
			       ? false
			       : pretty_wrong(p, p->at, "a segment MSH, FHS or BHS is expected");
	while (len < rest.len && rest.at[len] != '\r' && rest.at[len] != '\n' &&
		rest.at[len] != '\x1c')
		len++;
	line = slice_head(rest, len);
	if (is_header(line)) {
		if (!take_signs(p, line))
			return false;
	} else if (!p->of.parts.field) {
		return pretty_wrong(p, p->at, "a segment MSH, FHS or BHS is expected");
	}
	if (!is_segment(p, line))
		return pretty_wrong(
			p, p->at, "a segment's name and %c are expected", p->of.parts.field);
	put_segment(p, line);
	p->at += len;
	return true;
}

const struct printer printer_hl7 = {"HL7", open_hl7, step_hl7};
