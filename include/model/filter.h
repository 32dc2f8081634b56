/* The language in which people say which transactions they mean: one line, the same in the console,
 * on the command line and in what is saved.
 *
 *   state:dead if:po-* facility:H01,H02 not class:mapping age>1h error~"cost cent(re|er)" since:08:00
 *
 * Terms beside each other must all hold; `or`, `not` (or a dash before) and parentheses do as they
 * say. `:` and `=` ask for any of a list, `*` and `?` stand for anything, "quotes" take it as it is.
 * Words without a field are looked for among the identifiers. What is parsed is valid: every field
 * has only values and operators that it knows. */
#ifndef MODEL_FILTER_H
#define MODEL_FILTER_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#define FILTER_MAX 4000 /* bytes of a line */
#define FILTER_DEPTH 32
#define FILTER_TERMS 200
#define FILTER_VALUES 100 /* of one term */

enum filter_kind {
	FILTER_WORD, /* any identifier, from its beginning */
	FILTER_ID, /* one identifier: case, blanks and dashes do not count */
	FILTER_CODE, /* a short text */
	FILTER_PROSE, /* a long one: what is asked for may stand anywhere in it */
	FILTER_CHOICE, /* one of a few fixed words */
	FILTER_NUMBER,
	FILTER_AGE, /* how long ago: 90s, 15m, 2h, 7d, 4w */
	FILTER_TIME, /* a point in time, or a day */
	FILTER_FROM, /* the same, as a bound: takes only ":" */
	FILTER_TO,
	FILTER_PATTERN, /* only matched, and only by the console: stands once, beside the rest */
};

/* Whose column it is: of the transaction, of its message, or of what these point to. */
enum filter_of {
	FILTER_OF_TRANSACTION,
	FILTER_OF_MESSAGE,
	FILTER_OF_INTERFACE,
	FILTER_OF_FACILITY,
	FILTER_OF_PARTNER,
	FILTER_OF_LETTER,
	FILTER_OF_PAYLOAD
};

/* clang-format off */
/* The one table of fields. `quick`: an index answers it by itself; what is not quick reads through
 * what the rest of the filter leaves over. Ids have two columns: as it came, and normalised.
 *       id           name           also           kind    of           column                          quick  help */
#define FILTER_FIELDS(FIELD)                                                                       \
	FIELD(WORD,        "id",          NULL,          WORD,   MESSAGE,     "",                             true,  "message id, correlation, business key or partner's reference, from its beginning") \
	FIELD(STATE,       "state",       NULL,          CHOICE, TRANSACTION, "t.state",                      true,  "its state; open: waiting, running or retrying") \
	FIELD(INTERFACE,   "if",          "interface",   CODE,   INTERFACE,   "i.code",                       true,  "its interface") \
	FIELD(SOURCE,      "source",      NULL,          CODE,   INTERFACE,   "i.source",                     true,  "the system that it comes from") \
	FIELD(TARGET,      "target",      NULL,          CODE,   INTERFACE,   "i.target",                     true,  "the system that it goes to") \
	FIELD(STYLE,       "style",       NULL,          CHOICE, INTERFACE,   "i.style",                      true,  "how the interface works") \
	FIELD(TIER,        "tier",        NULL,          NUMBER, INTERFACE,   "i.tier",                       true,  "how critical the interface is, 1 to 4") \
	FIELD(DATA,        "data",        NULL,          CHOICE, INTERFACE,   "i.data_class",                 true,  "the class of its data") \
	FIELD(TEAM,        "team",        NULL,          CODE,   INTERFACE,   "i.support_team",               true,  "the interface's support team") \
	FIELD(FACILITY,    "facility",    "site",        CODE,   FACILITY,    "f.code",                       false, "the facility that it concerns") \
	FIELD(PARTNER,     "partner",     NULL,          CODE,   PARTNER,     "p.code",                       false, "the partner that it concerns") \
	FIELD(MESSAGE,     "message",     "msg",         ID,     MESSAGE,     "m.message_id,m.message_norm",  true,  "its message id") \
	FIELD(CORRELATION, "correlation", "corr",        ID,     MESSAGE,     "m.correlation,m.correlation_norm", true, "its correlation id") \
	FIELD(KEY,         "key",         "business",    ID,     MESSAGE,     "m.business_key,m.business_norm", true, "its business key") \
	FIELD(REF,         "ref",         "reference",   ID,     MESSAGE,     "m.partner_ref,m.partner_norm", true,  "the partner's reference") \
	FIELD(PARENT,      "parent",      NULL,          CODE,   MESSAGE,     "m.parent",                     false, "the message that it comes from") \
	FIELD(ENTITY,      "entity",      NULL,          CODE,   MESSAGE,     "m.entity",                     false, "what it is about") \
	FIELD(ORDERING,    "ordering",    NULL,          CODE,   MESSAGE,     "m.ordering_key",               false, "its ordering key") \
	FIELD(CLASS,       "class",       NULL,          CHOICE, TRANSACTION, "t.class",                      false, "the class of its error") \
	FIELD(CODE,        "code",        NULL,          CODE,   TRANSACTION, "t.code",                       false, "the code of its error") \
	FIELD(ERROR,       "error",       "text",        PROSE,  TRANSACTION, "t.text",                       false, "the text of its error") \
	FIELD(NATIVE,      "native",      NULL,          CODE,   TRANSACTION, "t.native_state",               false, "its state as the middleware calls it") \
	FIELD(ATTEMPTS,    "attempts",    "attempt",     NUMBER, TRANSACTION, "t.attempt",                    false, "how often it was tried") \
	FIELD(FAILURES,    "failures",    NULL,          NUMBER, TRANSACTION, "t.failures",                   false, "how often it failed") \
	FIELD(EVENTS,      "events",      NULL,          NUMBER, TRANSACTION, "t.events",                     false, "how many events it has") \
	FIELD(AGE,         "age",         NULL,          AGE,    TRANSACTION, "t.at",                         false, "how long it has been in its state") \
	FIELD(SINCE,       "since",       "from",        FROM,   TRANSACTION, "t.first_at",                   true,  "arrived then or later") \
	FIELD(UNTIL,       "until",       "to",          TO,     TRANSACTION, "t.first_at",                   true,  "arrived by then") \
	FIELD(BEGAN,       "began",       "on",          TIME,   TRANSACTION, "t.first_at",                   false, "when it began") \
	FIELD(AT,          "at",          NULL,          TIME,   TRANSACTION, "t.last_at",                    false, "when something last happened to it") \
	FIELD(DUE,         "due",         NULL,          TIME,   TRANSACTION, "t.due_at",                     false, "when it is to be finished") \
	FIELD(LETTER,      "letter",      NULL,          CHOICE, LETTER,      "l.state",                      true,  "the state of its dead letter") \
	FIELD(DIED,        "died",        NULL,          TIME,   LETTER,      "l.at",                         true,  "when it died, of what has a dead letter") \
	FIELD(OWNER,       "owner",       NULL,          CODE,   LETTER,      "o.code",                       true,  "who owns its dead letter; me: yourself") \
	FIELD(GROUP,       "group",       NULL,          NUMBER, LETTER,      "l.failure_group",              true,  "the number of its failure group") \
	FIELD(BODY,        "body",        "payload",     PATTERN, PAYLOAD,    "",                             false, "its payloads, looked through within a window of time")
/* clang-format on */

enum filter_field {
#define FIELD(id, ...) FILTER_FIELD_##id,
	FILTER_FIELDS(FIELD)
#undef FIELD
		FILTER_N_FIELDS
};

struct filter_field_info {
	const char *name, *also;
	enum filter_kind kind;
	enum filter_of of;
	const char *column;
	bool quick;
	const char *help;
};

const struct filter_field_info *filter_field(enum filter_field field);
const char *const *filter_choices(enum filter_field field); /* ended by NULL; NULL: no choice */

enum filter_op {
	FILTER_IS,
	FILTER_IS_NOT,
	FILTER_LESS,
	FILTER_AT_MOST,
	FILTER_MORE,
	FILTER_AT_LEAST,
	FILTER_MATCHES, /* a regular expression */
	FILTER_MATCHES_NOT,
	FILTER_N_OPS
};

const char *filter_op_text(enum filter_op op);
bool filter_field_takes(enum filter_field field, enum filter_op op);

/* A point in time, as far as it was written down: a day, a minute, or a second. */
struct filter_time {
	enum { FILTER_AGO, FILTER_DAYS, FILTER_WALL } kind;
	int64_t ago; /* AGO: in units; negative: ahead. DAYS: 0 today, 1 yesterday, -1 tomorrow */
	char unit; /* of AGO: s m h d w */
	int year, month, day; /* WALL; year 0: today */
	int hour, minute, second, us; /* hour -1: the whole day; second -1: the whole minute */
	struct slice zone; /* WALL: "" is here; "Z", "+02:00", or a name as in Europe/Vienna */
};

/* Seconds in a unit. */
int64_t filter_unit_s(char unit);
bool filter_zone_has_name(struct slice zone);

/* Where it begins, or where it ends (the next day's or minute's begin). Not for AGO, nor for zones
 * by name: these are the store's to know. */
int64_t filter_time_us(const struct filter_time *time, int64_t now_us, bool end);

enum filter_scalar_kind {
	FILTER_TEXT,
	FILTER_GLOB, /* FILTER_ANY and FILTER_ONE stand in the text */
	FILTER_NONE, /* has none */
	FILTER_ME,
};

#define FILTER_ANY '\001'
#define FILTER_ONE '\002'

struct filter_scalar {
	enum filter_scalar_kind kind;
	struct slice text;
	int64_t number; /* or how many units of an age */
	char unit;
	struct filter_time time;
};

struct filter_value {
	struct filter_scalar low, high; /* high only in a range */
	bool range;
};

struct filter_node {
	enum { FILTER_TERM, FILTER_ALL, FILTER_EITHER, FILTER_NOT } type;
	size_t column, at; /* where it stands: in characters, from 1; in bytes */
	struct filter_node *first, *next; /* children; the next of the parent's */
	enum filter_field field;
	enum filter_op op;
	struct filter_value *values;
	size_t n_values;
};

struct filter {
	struct arena arena;
	struct filter_node *root; /* NULL: everything */
};

/* Reads a line. On failure the message begins with "column N: ", and ret_at (may be NULL) is that
 * place in bytes. */
int filter_parse(struct slice text, struct filter **ret, size_t *ret_at, struct err *err);
void filter_free(struct filter *filter);
void filter_freep(struct filter **filter);

/* The one way to write it: parsing that gives the same filter again. */
void filter_print(const struct filter *filter, struct str *out);
void filter_print_node(const struct filter_node *node, struct str *out);

/* The pattern that payloads are looked through for; none: SLICE_NONE. */
struct slice filter_body(const struct filter *filter);

/* The fields as a text for help. */
void filter_describe(struct str *out);

/* Completions of what stands before the cursor: fields, operators, values. Names of what the catalogue
 * holds come from the caller. ret_at: where in the text the word begins that they replace. */
struct filter_names {
	size_t (*names)(void *ctx, enum filter_field field, const char *const **ret);
	void *ctx;
};
size_t filter_complete(struct slice text, const struct filter_names *names, struct arena *arena,
	const char **ret, size_t max, size_t *ret_at);

#endif
