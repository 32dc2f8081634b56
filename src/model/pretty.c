/* What all printers of payloads do alike: text with spans, caps, the line about a fault.
 * The formats are files of their own.
 * Called by whoever shows payloads. */
#include "model/pretty.h"
#include "base/mem.h"
#include "base/text.h"
#include "pretty_part.h"
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void open_text(struct pretty *pretty)
{
	(void)pretty;
}

static bool step_text(struct pretty *pretty)
{
	pretty_put(pretty, PRETTY_PLAIN, slice_from(pretty->input, pretty->at));
	pretty->at = pretty->input.len;
	return false;
}

static const struct printer printer_text = {"text", open_text, step_text};

static const struct printer *const printers[PRETTY_N] = {
	[PRETTY_TEXT] = &printer_text,
	[PRETTY_JSON] = &printer_json,
	[PRETTY_XML] = &printer_xml,
	[PRETTY_HL7] = &printer_hl7,
	[PRETTY_X12] = &printer_x12,
	[PRETTY_CSV] = &printer_csv,
};

const char *pretty_format_name(enum pretty_format format)
{
	return printers[format]->name;
}

static bool mentions(struct slice text, const char *word)
{
	size_t len = strlen(word);

	for (size_t i = 0; i + len <= text.len; i++)
		if (slice_eq_nocase((struct slice){text.at + i, len}, slice_of(word)))
			return true;
	return false;
}

/* A segment's name and what parts its fields. */
static bool begins_with(struct slice body, const char *segment)
{
	return slice_starts(body, slice_of(segment)) && body.len > 3 &&
	       !isalnum((unsigned char)body.at[3]) && !isspace((unsigned char)body.at[3]);
}

enum pretty_format pretty_guess(struct slice content_type, struct slice body)
{
	struct slice text = body;

	while (text.len && isspace((unsigned char)text.at[0]))
		text = slice_from(text, 1);
	if (text.len && (text.at[0] == '{' || text.at[0] == '['))
		return PRETTY_JSON;
	if (body.len && body.at[0] == '\v') /* a frame's beginning */
		body = slice_from(body, 1);
	if (begins_with(body, "MSH") || begins_with(body, "FHS") || begins_with(body, "BHS"))
		return PRETTY_HL7;
	if (begins_with(text, "ISA"))
		return PRETTY_X12;
	if (text.len && text.at[0] == '<')
		return PRETTY_XML;
	if (mentions(content_type, "json"))
		return PRETTY_JSON;
	return mentions(content_type, "csv") ? PRETTY_CSV : PRETTY_TEXT;
}

void pretty_open(struct pretty *pretty, enum pretty_format format, struct slice input)
{
	*pretty = (struct pretty){
		.text = STR_INIT(PRETTY_MAX),
		.format = format,
		.input = input,
		.over = input.len == 0,
	};
	printers[format]->open(pretty);
}

void pretty_done(struct pretty *pretty)
{
	str_done(&pretty->text);
	free(pretty->spans);
	pretty->spans = NULL;
	pretty->n_spans = pretty->size_spans = 0;
}

/* What goes beyond the cap is told in place of the last bytes, which are few. */
static void cut(struct pretty *pretty)
{
	static const char words[] = "\n!! cut here: too long to be shown like this\n";

	pretty->over = true;
	while (pretty->n_spans &&
		pretty->spans[pretty->n_spans - 1].at + pretty->spans[pretty->n_spans - 1].len >
			PRETTY_MAX - sizeof(words))
		pretty->n_spans--;
	pretty->text.cut = false;
	str_truncate(&pretty->text, PRETTY_MAX - sizeof(words));
	pretty_put(pretty, PRETTY_WRONG, slice_of(words));
	if (!pretty->err.code)
		err_set(&pretty->err, -EFBIG, "too long to be shown like this");
}

bool pretty_more(struct pretty *pretty, size_t bytes)
{
	size_t start = pretty->at;

	while (!pretty->over && (bytes > pretty->input.len - start || pretty->at - start < bytes)) {
		pretty->mark = pretty->text.len;
		pretty->mark_spans = pretty->n_spans;
		if (!printers[pretty->format]->step(pretty))
			pretty->over = true;
		if (pretty->text.cut)
			cut(pretty);
	}
	return !pretty->over;
}

void pretty_put(struct pretty *pretty, enum pretty_kind kind, struct slice text)
{
	size_t at = pretty->text.len;

	str_add(&pretty->text, text);
	if (kind == PRETTY_PLAIN || pretty->text.len == at || pretty->n_spans == PRETTY_SPANS)
		return;
	if (pretty->n_spans == pretty->size_spans) {
		pretty->size_spans = pretty->size_spans ? 2 * pretty->size_spans : 64;
		pretty->spans =
			mem_resize(pretty->spans, pretty->size_spans, sizeof(*pretty->spans));
	}
	pretty->spans[pretty->n_spans++] = (struct pretty_span){at, pretty->text.len - at, kind};
}

void pretty_line(struct pretty *pretty, size_t depth)
{
	if (pretty->text.len)
		str_addc(&pretty->text, '\n');
	for (size_t i = 0; i < depth; i++)
		str_adds(&pretty->text, "  ");
}

void pretty_pad(struct pretty *pretty, int used, int width)
{
	for (; used < width; used++)
		str_addc(&pretty->text, ' ');
}

void pretty_parts(struct pretty *pretty, struct slice value, char sep)
{
	while (value.len) {
		size_t len = slice_find(value, sep);

		pretty_put(pretty, PRETTY_PLAIN, slice_head(value, len));
		if (len < value.len)
			pretty_put(pretty, PRETTY_MARK, (struct slice){value.at + len, 1});
		value = slice_from(value, len < value.len ? len + 1 : len);
	}
}

/* Lines end as they do in that format; columns are counted in code points. */
static void place_of(const struct pretty *pretty, size_t at, size_t *ret_line, size_t *ret_column)
{
	*ret_line = *ret_column = 1;
	for (size_t i = 0; i < at; i++) {
		unsigned char c = (unsigned char)pretty->input.at[i];
		bool pair =
			c == '\r' && i + 1 < pretty->input.len && pretty->input.at[i + 1] == '\n';

		if (c == '\n' || (c == '\r' && !pair)) {
			++*ret_line;
			*ret_column = 1;
		} else if ((c & 0xC0) != 0x80) {
			++*ret_column;
		}
	}
}

bool pretty_wrong(struct pretty *pretty, size_t at, const char *fmt, ...)
{
	size_t line, column;
	CLEANUP(str_done)
	struct str what = STR_INIT(400);
	va_list args;

	va_start(args, fmt);
	str_addv(&what, fmt, args);
	va_end(args);
	place_of(pretty, at, &line, &column);
	err_set(&pretty->err, -EINVAL, "line %zu, column %zu: %s", line, column, str_cstr(&what));
	str_truncate(&pretty->text, pretty->mark);
	pretty->n_spans = pretty->mark_spans;
	pretty_line(pretty, 0);
	pretty_put(pretty, PRETTY_WRONG, SLICE("!! "));
	pretty_put(pretty, PRETTY_WRONG, slice_of(pretty->err.text));
	if (pretty->at < pretty->input.len) {
		pretty_put(pretty, PRETTY_WRONG, SLICE("; as it came from here on"));
		pretty_line(pretty, 0);
		step_text(pretty);
	}
	return false;
}
