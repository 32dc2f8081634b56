/* The fields of the filter language: their names, what they take, and their description.
 * Leaves reading to filter_parse.c, SQL to the store.
 * Called by all parts of the language, and by help. */
#include "base/lines.h"
#include "base/mem.h"
#include "filter_part.h"

static const char *const states[] = {
	"waiting", "running", "retrying", "done", "filtered", "dead", "cancelled", NULL};
static const char *const classes[] = {"transport", "timeout", "auth", "throttled", "schema",
	"mapping", "reference", "business", "conflict", "target", "unknown", NULL};
static const char *const styles[] = {
	"rest", "webhook", "event", "batch", "file", "hl7", "fhir", NULL};
static const char *const data_classes[] = {"public", "internal", "confidential", "phi", NULL};
static const char *const letters[] = {"open", "owned", "snoozed", "replaying", "in_doubt",
	"quarantined", "resolved", "discarded", "expired", NULL};

static const char *const *const choices[FILTER_N_FIELDS] = {
	[FILTER_FIELD_STATE] = states,
	[FILTER_FIELD_CLASS] = classes,
	[FILTER_FIELD_STYLE] = styles,
	[FILTER_FIELD_DATA] = data_classes,
	[FILTER_FIELD_LETTER] = letters,
};

static const struct filter_field_info fields[] = {
#define FIELD(id, name, also, kind, of, column, quick, help) \
	{name, also, FILTER_##kind, FILTER_OF_##of, column, quick, help},
	FILTER_FIELDS(FIELD)
#undef FIELD
};

static const char *const ops[FILTER_N_OPS] = {
	[FILTER_IS] = ":",
	[FILTER_IS_NOT] = "!=",
	[FILTER_LESS] = "<",
	[FILTER_AT_MOST] = "<=",
	[FILTER_MORE] = ">",
	[FILTER_AT_LEAST] = ">=",
	[FILTER_MATCHES] = "~",
	[FILTER_MATCHES_NOT] = "!~",
};

#define EQUAL (1 << FILTER_IS | 1 << FILTER_IS_NOT)
#define ORDER (1 << FILTER_LESS | 1 << FILTER_AT_MOST | 1 << FILTER_MORE | 1 << FILTER_AT_LEAST)
#define PATTERN (1 << FILTER_MATCHES | 1 << FILTER_MATCHES_NOT)

static const int taken[] = {
	[FILTER_WORD] = EQUAL,
	[FILTER_ID] = EQUAL | PATTERN,
	[FILTER_CODE] = EQUAL | PATTERN,
	[FILTER_PROSE] = EQUAL | PATTERN,
	[FILTER_CHOICE] = EQUAL,
	[FILTER_NUMBER] = EQUAL | ORDER,
	[FILTER_AGE] = EQUAL | ORDER,
	[FILTER_TIME] = EQUAL | ORDER,
	[FILTER_FROM] = 1 << FILTER_IS,
	[FILTER_TO] = 1 << FILTER_IS,
	[FILTER_PATTERN] = 1 << FILTER_MATCHES,
};

const struct filter_field_info *filter_field(enum filter_field field)
{
	return &fields[field];
}

const char *const *filter_choices(enum filter_field field)
{
	return choices[field];
}

const char *filter_op_text(enum filter_op op)
{
	return ops[op];
}

bool filter_field_takes(enum filter_field field, enum filter_op op)
{
	return taken[fields[field].kind] >> op & 1;
}

bool filter_find_field(struct slice name, enum filter_field *ret)
{
	for (int i = 0; i < FILTER_N_FIELDS; i++) {
		if (!slice_eq_nocase(name, slice_of(fields[i].name)) &&
			!(fields[i].also && slice_eq_nocase(name, slice_of(fields[i].also))))
			continue;
		*ret = (enum filter_field)i;
		return true;
	}
	return false;
}

const char *filter_suggest_field(struct slice name)
{
	const char *meant = suggest(name, &fields[0].name, FILTER_N_FIELDS, sizeof(fields[0]));

	return meant ? meant : suggest(name, &fields[0].also, FILTER_N_FIELDS, sizeof(fields[0]));
}

static void describe_choices(const char *const *words, struct str *out)
{
	for (; words && *words; words++)
		str_addf(out, " %s", *words);
}

void filter_describe(struct str *out)
{
	static const char *const examples[] = {
		[FILTER_WORD] = "7f3a or \"PO 7\"",
		[FILTER_ID] = "7f3a* ~\"regex\"",
		[FILTER_CODE] = "a,b* !=c ~\"regex\"",
		[FILTER_PROSE] = "\"some words\" ~\"regex\"",
		[FILTER_CHOICE] = "",
		[FILTER_NUMBER] = "3 >3 1..4",
		[FILTER_AGE] = ">90s <15m 1h..2d",
		[FILTER_TIME] = "today <-2h 2026-02-28..2026-03-01 >08:00Z",
		[FILTER_FROM] = "-2h 08:00 yesterday 2026-02-28T14:05@Europe/Vienna",
		[FILTER_TO] = "-2h 08:00 yesterday 2026-02-28T14:05+01:00",
		[FILTER_PATTERN] = "~\"regex\", beside since: until: if: and the others",
	};

	for (int i = 0; i < FILTER_N_FIELDS; i++) {
		str_addf(out, "%-12s  %s", fields[i].name, fields[i].help);
		if (fields[i].also)
			str_addf(out, "; also %s", fields[i].also);
		str_addf(out, "\n%14s%s", "", examples[fields[i].kind]);
		describe_choices(choices[i], out);
		str_addc(out, '\n');
	}
}
