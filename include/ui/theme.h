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

/*       id              name */
#define ROLES(ROLE)                                                                                \
	ROLE(TEXT,            "text")                                                              \
	ROLE(DIM,             "text.dim")                                                          \
	ROLE(STRONG,          "text.strong")                                                       \
	ROLE(ERROR,           "text.error")                                                        \
	ROLE(WARNING,         "text.warning")                                                      \
	ROLE(KEY,             "text.key")                                                          \
	ROLE(VALUE,           "text.value")                                                        \
	ROLE(GONE,            "diff.gone")                                                         \
	ROLE(NEW,             "diff.new")                                                          \
	ROLE(BANNER,          "banner")                                                            \
	ROLE(BANNER_PROD,     "banner.prod")                                                       \
	ROLE(BANNER_TEST,     "banner.test")                                                       \
	ROLE(TAB,             "tab")                                                               \
	ROLE(TAB_ACTIVE,      "tab.active")                                                        \
	ROLE(BORDER,          "border")                                                            \
	ROLE(HEADER,          "table.header")                                                      \
	ROLE(STATUS,          "status")                                                            \
	ROLE(HINT,            "hint")                                                              \
	ROLE(HINT_KEY,        "hint.key")                                                          \
	ROLE(MESSAGE,         "message")                                                           \
	ROLE(CURSOR_MARK,     "cursor.mark")                                                       \
	ROLE(CURSOR_ROW,      "cursor.row")                                                        \
	ROLE(FOUND,           "found")                                                             \
	ROLE(TAG,             "tag")                                                               \
	ROLE(STALE,           "stale")                                                             \
	ROLE(SPARK,           "spark")                                                             \
	ROLE(STATE_OK,        "state.ok")                                                          \
	ROLE(STATE_SLOW,      "state.slow")                                                        \
	ROLE(STATE_SILENT,    "state.silent")                                                      \
	ROLE(STATE_FAILING,   "state.failing")                                                     \
	ROLE(STATE_NONE,      "state.none")                                                        \
	ROLE(STATE_WAITING,   "state.waiting")                                                     \
	ROLE(STATE_RUNNING,   "state.running")                                                     \
	ROLE(STATE_RETRYING,  "state.retrying")                                                    \
	ROLE(STATE_DONE,      "state.done")                                                        \
	ROLE(STATE_FILTERED,  "state.filtered")                                                    \
	ROLE(STATE_DEAD,      "state.dead")                                                        \
	ROLE(STATE_CANCELLED, "state.cancelled")

enum role {
#define ROLE(id, name) ROLE_##id,
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

/* The role of a state's word ("dead", "ok"); ROLE_TEXT for one that is unknown. */
enum role role_of_state(struct slice state);

#endif
