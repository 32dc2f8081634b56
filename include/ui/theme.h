/* What things look like: roles, never screens.
 *
 *   format 1
 *   inherit default
 *   [palette]
 *   alarm      = #a60000 | 124 | red       rgb | one of 256 | one of the 16
 *   [role]
 *   text       = default on default
 *   state.dead = alarm bold "✗" "X"        colour, attributes, glyph, glyph where only ASCII shows
 *   cursor.row = +reverse                  added to what is there
 *   [mono]
 *   state.dead = reverse bold              where there are no colours
 *
 * Files may be partial: what they do not name stays as it was. */
#ifndef UI_THEME_H
#define UI_THEME_H

#include "base/lines.h"
#include "term/surface.h"

/*   id              name              what it is */
#define ROLES(ROLE)											\
	ROLE(TEXT,           "text",           "text")							\
	ROLE(DIM,            "text.dim",       "what matters less")					\
	ROLE(STRONG,         "text.strong",    "what matters more")					\
	ROLE(ERROR,          "text.error",     "what went wrong")					\
	ROLE(WARNING,        "text.warning",   "what needs a look")					\
	ROLE(KEY,            "text.key",       "names in a payload")					\
	ROLE(VALUE,          "text.value",     "values in a payload")					\
	ROLE(GONE,           "diff.gone",      "what a change took away")				\
	ROLE(NEW,            "diff.new",       "what a change brought")					\
	ROLE(BANNER,         "banner",         "the environment's word")				\
	ROLE(BANNER_PROD,    "banner.prod",    "the same in production")				\
	ROLE(BANNER_TEST,    "banner.test",    "the same where tests are")				\
	ROLE(TAB,            "tab",            "views, and answers that are not chosen")		\
	ROLE(TAB_ACTIVE,     "tab.active",     "the view that is shown, the answer that is chosen")	\
	ROLE(BORDER,         "border",         "lines between parts")					\
	ROLE(HEADER,         "table.header",   "above columns")						\
	ROLE(STATUS,         "status",         "the status line")					\
	ROLE(HINT,           "hint",           "what a key does")					\
	ROLE(HINT_KEY,       "hint.key",       "the key")						\
	ROLE(MESSAGE,        "message",        "what is said of an act")				\
	ROLE(CURSOR_MARK,    "cursor.mark",    "the selected row's mark")				\
	ROLE(CURSOR_ROW,     "cursor.row",     "the selected row")					\
	ROLE(FOUND,          "found",          "what a search found")					\
	ROLE(TAG,            "tag",            "the mark of a tagged row")				\
	ROLE(STALE,          "stale",          "what is old")						\
	ROLE(SPARK,          "spark",          "shapes of numbers")					\
	ROLE(STATE_OK,       "state.ok",       "an interface without troubles")				\
	ROLE(STATE_SLOW,     "state.slow",     "an interface that takes longer than it should")		\
	ROLE(STATE_SILENT,   "state.silent",   "an interface from which nothing came for too long")	\
	ROLE(STATE_FAILING,  "state.failing",  "an interface on which too much fails")			\
	ROLE(STATE_NONE,     "state.none",     "an interface on which nothing was seen yet")		\
	ROLE(STATE_WAITING,  "state.waiting",  "arrived, and not begun")				\
	ROLE(STATE_RUNNING,  "state.running",  "begun, and not finished")				\
	ROLE(STATE_RETRYING, "state.retrying", "failed, and will be tried again")			\
	ROLE(STATE_DONE,     "state.done",     "came through")						\
	ROLE(STATE_FILTERED, "state.filtered", "left out on purpose")					\
	ROLE(STATE_DEAD,     "state.dead",     "given up: somebody has to look")			\
	ROLE(STATE_CANCELLED,"state.cancelled","called off")

enum role {
#define ROLE(id, name, help) ROLE_##id,
	ROLES(ROLE)
#undef ROLE
	ROLE_N,
	ROLE_NONE = ROLE_N, /* leaves what is there */
};

struct theme;

struct theme *theme_new(void); /* plain text everywhere */
void theme_free(struct theme *theme);
void theme_freep(struct theme **theme);

/* Reads a theme over what is there; find() as with keymaps. */
void theme_parse(struct theme *theme, const char *file, struct slice text,
	bool (*find)(struct slice name, struct slice *ret_text), struct problems *problems);

/* The role's style, as it goes on top of `under`, at a depth of 0, 8, 16, 256 or 1 << 24 colours. */
struct style theme_style(const struct theme *theme, enum role role, int colours, struct style under);
struct slice theme_glyph(const struct theme *theme, enum role role, bool ascii);
const char *role_name(enum role role);
const char *role_help(enum role role);

/* The role of a state's word ("dead", "ok"); ROLE_TEXT for one that is unknown. */
enum role role_of_state(struct slice state);

#endif
