/* Payloads as people read them: indented or aligned, with the names of what stands there.
 *
 * One pass from the front, as far as it is asked to go; no tree is built. Nothing fails: from where
 * the input is not what its format says, and from where it is nested too deep, it is shown as it
 * came, behind a line that says what was expected and where. Text is as it came: it becomes inert
 * when it is drawn. */
#ifndef MODEL_PRETTY_H
#define MODEL_PRETTY_H

#include "base/err.h"
#include "base/str.h"

#define PRETTY_MAX (8 << 20) /* of what is printed; the rest is cut, and said so */
#define PRETTY_SPANS 200000 /* what comes behind has no spans */
#define PRETTY_DEPTH 64
#define PRETTY_COLUMNS 64 /* of a table that are aligned */

enum pretty_format {
	PRETTY_TEXT,
	PRETTY_JSON, /* one document, or one a line */
	PRETTY_XML,
	PRETTY_HL7, /* version 2 */
	PRETTY_X12,
	PRETTY_CSV,
	PRETTY_N,
};

enum pretty_kind {
	PRETTY_PLAIN, /* has no span */
	PRETTY_KEY, /* a member's key, an element's tag, a segment's name, the head of a column */
	PRETTY_STRING,
	PRETTY_VALUE, /* a number, true, false, null */
	PRETTY_MARK, /* what only parts other things, comments too */
	PRETTY_NAME, /* what something is called: not in the input */
	PRETTY_WRONG, /* what is wrong with it: not in the input either */
};

struct pretty_span {
	size_t at, len; /* in bytes of the text; sorted, not overlapping */
	enum pretty_kind kind;
};

struct pretty {
	struct str text;
	struct pretty_span *spans;
	size_t n_spans;
	struct err err; /* what is wrong with the input, and where; code 0 while nothing is */

	/* Its own. */
	enum pretty_format format;
	struct slice input;
	size_t at, size_spans, mark, mark_spans;
	bool over;
	union {
		struct {
			bool object[PRETTY_DEPTH];
			size_t depth;
			int expect;
		} json;
		struct {
			struct slice open[PRETTY_DEPTH];
			size_t depth;
			bool opened,
				in_line; /* the last was a start tag; its text stands beside it */
		} xml;
		struct {
			char field, component, repeat, stop;
			int64_t n; /* since the last ST */
		} parts;
		struct {
			char sep;
			bool begun;
			int width[PRETTY_COLUMNS];
		} csv;
	} of;
};

/* What a body is, judged by itself first: a label may be wrong. */
enum pretty_format pretty_guess(struct slice content_type, struct slice body);
const char *pretty_format_name(enum pretty_format format);

/* The input is borrowed until pretty_done(). */
void pretty_open(struct pretty *pretty, enum pretty_format format, struct slice input);
void pretty_done(struct pretty *pretty);

/* Reads on by so many bytes, to the end of what is begun then; false when nothing is left. */
bool pretty_more(struct pretty *pretty, size_t bytes);

#endif
