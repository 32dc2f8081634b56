/* What the printers of the formats share. */
#ifndef MODEL_PRETTY_PART_H
#define MODEL_PRETTY_PART_H

#include "model/pretty.h"

/* One printer: open() looks at the input once, step() prints its next piece. */
struct printer {
	const char *name;
	void (*open)(struct pretty *pretty);
	bool (*step)(struct pretty *pretty); /* false: it was the last */
};

extern const struct printer printer_json, printer_xml, printer_hl7, printer_x12, printer_csv;

void pretty_put(struct pretty *pretty, enum pretty_kind kind, struct slice text);
void pretty_line(struct pretty *pretty, size_t depth); /* a new one, indented */
void pretty_pad(struct pretty *pretty, int used, int width);

/* What the step has printed so far is taken back; what it was to print, and all behind it, is shown
 * as it came. `at` is where the fault lies. Returns false, for `return pretty_wrong(...)`. */
bool pretty_wrong(struct pretty *pretty, size_t at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Fields of a segment, with what parts their components drawn as such. */
void pretty_parts(struct pretty *pretty, struct slice value, char sep);

/* What the standards call a segment and its fields; NULL and SLICE_NONE for those not known. */
const char *hl7_segment(struct slice segment);
struct slice hl7_field(struct slice segment, size_t number);
const char *x12_segment(struct slice segment);

#endif
