/* The one table of what can be done. Names in keymaps and `:` commands, help, palette, the manual
 * and the message of a missing role are all derived from it. Keys given here are the core keys: they
 * hold in every keymap and cannot be lost; all others stand in keymaps/. */
#ifndef UI_ACTION_H
#define UI_ACTION_H

#include "base/err.h"
#include "base/slice.h"

/* Where keys mean something. A context takes over what its parent binds. */
/*        id         name          parent */
#define CONTEXTS(CONTEXT)                                                                          \
	CONTEXT(GLOBAL,    "global",     GLOBAL)                                                   \
	CONTEXT(LIST,      "list",       GLOBAL)                                                   \
	CONTEXT(OVERVIEW,  "overview",   LIST)                                                     \
	CONTEXT(TAIL,      "tail",       LIST)                                                     \
	CONTEXT(HELP,      "help",       LIST)                                                     \
	CONTEXT(LOG,       "log",        LIST)                                                     \
	CONTEXT(TEXT,      "text",       LIST)                                                     \
	CONTEXT(PROMPT,    "prompt",     PROMPT)

/*       id              name               core keys      context   help */
#define ACTIONS(ACTION)                                                                            \
	ACTION(HELP,           "help",            "<F1>",        GLOBAL,   "Show the keys that work here")          \
	ACTION(BACK,           "back",            "<Esc>",       GLOBAL,   "Go back to where you came from")        \
	ACTION(CANCEL,         "cancel",          "<C-c>",       GLOBAL,   "Stop what is being asked of the store") \
	ACTION(REDRAW,         "redraw",          "<C-l>",       GLOBAL,   "Paint the whole screen anew")           \
	ACTION(REFRESH,        "refresh",         "",            GLOBAL,   "Ask the store again, now")              \
	ACTION(SUSPEND,        "suspend",         "",            GLOBAL,   "Give the terminal back to the shell")   \
	ACTION(QUIT,           "quit",            "",            GLOBAL,   "Leave orderly")                         \
	ACTION(COMMAND,        "command",         "",            GLOBAL,   "Type the name of an act, or a setting")  \
	ACTION(VIEW_OVERVIEW,  "view-overview",   "",            GLOBAL,   "What needs a response")                 \
	ACTION(VIEW_TAIL,      "view-tail",       "",            GLOBAL,   "Events as they happen")                 \
	ACTION(VIEW_LOG,       "view-log",        "",            GLOBAL,   "What this program noticed")             \
	ACTION(VIEW_NEXT,      "view-next",       "",            GLOBAL,   "The next view to the right")            \
	ACTION(VIEW_PREVIOUS,  "view-previous",   "",            GLOBAL,   "The next view to the left")             \
	ACTION(PROMPT_ACCEPT,  "prompt-accept",   "<Enter>",     PROMPT,   "Do what the line says")                 \
	ACTION(PROMPT_GIVE_UP, "prompt-give-up",  "<Esc> <C-c>", PROMPT,   "Leave the line")                        \
	ACTION(PROMPT_COMPLETE, "prompt-complete", "<Tab>",      PROMPT,   "Complete the word, or list what fits")  \
	ACTION(PROMPT_LEFT,    "prompt-left",     "<Left>",      PROMPT,   "One to the left")                       \
	ACTION(PROMPT_RIGHT,   "prompt-right",    "<Right>",     PROMPT,   "One to the right")                      \
	ACTION(PROMPT_START,   "prompt-start",    "<Home>",      PROMPT,   "To the start of the line")              \
	ACTION(PROMPT_END,     "prompt-end",      "<End> <C-e>", PROMPT,   "To the end of the line")                \
	ACTION(PROMPT_RUBOUT,  "prompt-rubout",   "<BS>",        PROMPT,   "Take away what is left of the cursor")  \
	ACTION(PROMPT_DELETE,  "prompt-delete",   "<Del>",       PROMPT,   "Take away what is under the cursor")    \
	ACTION(PROMPT_RUBOUT_WORD, "prompt-rubout-word", "<C-w>", PROMPT,  "Take away the word before the cursor")  \
	ACTION(PROMPT_CLEAR,   "prompt-clear",    "<C-u>",       PROMPT,   "Take away all before the cursor")       \
	ACTION(PROMPT_OLDER,   "prompt-older",    "<Up>",        PROMPT,   "The line before, from the history")     \
	ACTION(PROMPT_NEWER,   "prompt-newer",    "<Down>",      PROMPT,   "The line after")                        \
	ACTION(OPEN,           "open",            "<Enter>",     LIST,     "Open the selected row")                 \
	ACTION(MOVE_DOWN,      "move-down",       "<Down>",      LIST,     "One row down")                          \
	ACTION(MOVE_UP,        "move-up",         "<Up>",        LIST,     "One row up")                            \
	ACTION(PAGE_DOWN,      "page-down",       "<PageDown>",  LIST,     "One page down")                         \
	ACTION(PAGE_UP,        "page-up",         "<PageUp>",    LIST,     "One page up")                           \
	ACTION(HALF_DOWN,      "half-page-down",  "",            LIST,     "Half a page down")                      \
	ACTION(HALF_UP,        "half-page-up",    "",            LIST,     "Half a page up")                        \
	ACTION(MOVE_TOP,       "move-top",        "<Home>",      LIST,     "To the first row")                      \
	ACTION(MOVE_BOTTOM,    "move-bottom",     "<End>",       LIST,     "To the last row")                       \
	ACTION(MOVE_RIGHT,     "move-right",      "<Right>",     LIST,     "To the right")                          \
	ACTION(MOVE_LEFT,      "move-left",       "<Left>",      LIST,     "To the left")                           \
	ACTION(TAG,            "tag",             "",            LIST,     "Tag this row, or take the tag away")    \
	ACTION(TAG_RANGE,      "tag-range",       "",            LIST,     "Tag from here to where it is pressed again") \
	ACTION(TAG_ALL,        "tag-all",         "",            LIST,     "Tag all that are shown")                \
	ACTION(TAG_NONE,       "tag-none",        "",            LIST,     "Take all tags away")                    \
	ACTION(WRAP,           "wrap",            "",            TEXT,     "Wrap long lines, or do not")            \
	ACTION(SEARCH,         "search",          "",            LIST,     "Search in what is shown")               \
	ACTION(SEARCH_NEXT,    "search-next",     "",            LIST,     "The next that matches")                 \
	ACTION(SEARCH_PREVIOUS, "search-previous", "",           LIST,     "The one before that matches")           \
	ACTION(FOLLOW,         "follow",          "",            TAIL,     "Follow the newest events, or pause")    \
	ACTION(SAME_NEXT,      "same-next",       "",            TAIL,     "The next of this correlation")          \
	ACTION(SAME_PREVIOUS,  "same-previous",   "",            TAIL,     "The previous of this correlation")      \
	ACTION(FAIL_NEXT,      "failure-next",    "",            TAIL,     "The next failure")                      \
	ACTION(FAIL_PREVIOUS,  "failure-previous", "",           TAIL,     "The previous failure")

enum context {
#define CONTEXT(id, name, parent) CONTEXT_##id,
	CONTEXTS(CONTEXT)
#undef CONTEXT
	CONTEXT_N,
};

enum action {
	ACTION_NONE, /* given to a view: its cursor was moved from outside */
#define ACTION(id, name, keys, context, help) ACTION_##id,
	ACTIONS(ACTION)
#undef ACTION
	ACTION_N,
};

struct action_info {
	const char *name;
	const char *core_keys;
	enum context context;
	const char *help;
};

struct context_info {
	const char *name;
	enum context parent; /* itself at the top */
};

const struct action_info *action_info(enum action action);
const struct context_info *context_info(enum context context);
int action_find(struct slice name, enum action *ret, struct err *err);
int context_find(struct slice name, enum context *ret, struct err *err);

/* True when the context is `of`, or takes over from it. */
bool context_within(enum context context, enum context of);

#endif
