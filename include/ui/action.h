/* The one table of what can be done. Names in keymaps and `:` commands, help, palette, the manual
 * and the message of a missing role are all derived from it. Keys given here are the core keys: they
 * hold in every keymap and cannot be lost; all others stand in keymaps/. */
#ifndef UI_ACTION_H
#define UI_ACTION_H

#include "base/err.h"
#include "base/slice.h"
#include "base/str.h"

/* Where keys mean something. A context takes over what its parent binds. */
/*        id         name          parent */
#define CONTEXTS(CONTEXT)                                                                          \
	CONTEXT(GLOBAL,    "global",     GLOBAL)                                                   \
	CONTEXT(LIST,      "list",       GLOBAL)                                                   \
	CONTEXT(OVERVIEW,  "overview",   LIST)                                                     \
	CONTEXT(WALLBOARD, "wallboard",  GLOBAL)                                                   \
	CONTEXT(SLA,       "sla",        LIST)                                                     \
	CONTEXT(TAIL,      "tail",       LIST)                                                     \
	CONTEXT(FIND,      "find",       LIST)                                                     \
	CONTEXT(SEARCH,    "payloads",   LIST)                                                     \
	CONTEXT(FILTERS,   "filters",    LIST)                                                     \
	CONTEXT(HELP,      "help",       LIST)                                                     \
	CONTEXT(DEAD,      "dead-letters", LIST)                                                   \
	CONTEXT(ASK,       "ask",        LIST)                                                     \
	CONTEXT(REPLAYS,   "replays",    LIST)                                                     \
	CONTEXT(AUDIT,     "audit",      TEXT)                                                     \
	CONTEXT(LOG,       "log",        LIST)                                                     \
	CONTEXT(ODOO,      "odoo",       LIST)                                                     \
	CONTEXT(RECONCILE, "reconcile",  LIST)                                                     \
	CONTEXT(TEXT,      "text",       LIST)                                                     \
	CONTEXT(TRANSACTION, "transaction", TEXT)                                                  \
	CONTEXT(CATALOGUE, "catalogue",  TEXT)                                                     \
	CONTEXT(INTERFACE, "interface",  CATALOGUE)                                                \
	CONTEXT(MASKS,     "mask-rules", CATALOGUE)                                                \
	CONTEXT(CHANGES,   "changes",    TEXT)                                                     \
	CONTEXT(HANDOVER,  "handover",   LIST)                                                     \
	CONTEXT(ANOMALIES, "anomalies",  TEXT)                                                     \
	CONTEXT(SIGNALS,   "signals",    TEXT)                                                     \
	CONTEXT(PROBES,    "probes",     TEXT)                                                     \
	CONTEXT(FLOWS,     "flows",      LIST)                                                     \
	CONTEXT(POSTURE,   "posture",    FLOWS)                                                    \
	CONTEXT(PROMPT,    "prompt",     PROMPT)

/* The views but help, which is an act of its own; tab 0: none. Each gives an act view-NAME. */
/*       id           name          tab help */
#define VIEWS(VIEW)                                                                                \
	VIEW(OVERVIEW,    overview,     1, "What needs a response")                                \
	VIEW(INTERFACES,  interfaces,   2, "What goes where, and who answers for it")              \
	VIEW(TAIL,        tail,         3, "Events as they happen")                                \
	VIEW(FIND,        find,         0, "Transactions that a filter leaves over")              \
	VIEW(PAYLOADS,    payloads,     0, "Payloads that hold what a pattern says")              \
	VIEW(FILTERS,     filters,      0, "Filters under a name, and what each leaves over")     \
	VIEW(TRANSACTION, transaction,  0, "The transaction that was opened last")                 \
	VIEW(INTERFACE,   interface,    0, "The interface that was opened last")                   \
	VIEW(DEAD,        dead,         4, "What died, in groups, and what is done with it")       \
	VIEW(REPLAYS,     replays,      5, "Replays: to decide, running, in doubt, over")          \
	VIEW(SLA,         sla,          6, "What is promised, and how it is kept")                    \
	VIEW(HANDOVER,    handover,     7, "What a shift hands over to the next, signed by two") \
	VIEW(AUDIT,       audit,        8, "Who did what, and whether it is whole")                \
	VIEW(WALLBOARD,   wallboard,    0, "Large, for a screen on the wall; turns its pages itself") \
	VIEW(ASK,         ask,          0, "The replay that is being asked for")                   \
	VIEW(WEBHOOKS,    webhooks,     0, "Webhooks: retries, signatures, acknowledgements") \
	VIEW(BATCHES,     batches,      0, "Batches: what ran, what is late, what is due")         \
	VIEW(WORKFLOWS,   workflows,    0, "Workflows: where each stands, what was taken back")    \
	VIEW(POSTURE,     posture,      0, "Credentials, access, refusals, reviews") \
	VIEW(CHANGES,     changes,      0, "Changes of catalogue and rules: to decide, over") \
	VIEW(SIGNALS,     signals,      0, "What people are called for, and who answers")          \
	VIEW(PROBES,      probes,       0, "Addresses, certificates and brokers that workers look at") \
	VIEW(ANOMALIES,   anomalies,    0, "What is not as it usually is at this hour")            \
	VIEW(MASKS,       masks,        0, "What is hidden in payloads, tried on samples")         \
	VIEW(ODOO,        odoo,         9, "Odoo: its health, its jobs, its records")              \
	VIEW(RECONCILE,   reconcile,    0, "The comparison with Odoo that was opened last")        \
	VIEW(RECORD,      record,       0, "The record of Odoo that was opened last")              \
	VIEW(LOG,         log,          0, "What this program noticed")

/* Who may: any of these roles of the store. The store decides; to know it here spares the asking, and
 * lets a screen say why. Read-only takes away all that needs a role. */
/*  id        roles */
#define WHOS(WHO)                                                                                  \
	WHO(ANYONE,   "")                                                                          \
	WHO(SUPPORT,  "support operator approver")                                                 \
	WHO(OPERATOR, "operator")                                                                  \
	WHO(STEERER,  "operator approver")                                                         \
	WHO(APPROVER, "approver")                                                                  \
	WHO(AUDITOR,  "security approver admin")                                                   \
	WHO(EXPORTER, "security approver")                                                         \
	WHO(SECURITY, "security")                                                                  \
	WHO(ADMIN,    "admin")

/* What is asked before it is done: nothing; whether to do it; or, where it concerns several, their
 * number, typed. An act that needs more (a reason, a time) is a form of its view. */
/*     id                   name                   core keys      context   who     asks     help */
#define JUMPS(JUMP) JUMP(1) JUMP(2) JUMP(3) JUMP(4) JUMP(5) JUMP(6) JUMP(7) JUMP(8) JUMP(9)
#define JUMP_ACTION(n)                                                                             \
	ACTION(JUMP_##n, "jump-" #n, "", GLOBAL, ANYONE, NOTHING, "Show what filter " #n " leaves over")
#define VIEW_ACTION(id, name, tab, help)                                                           \
	ACTION(VIEW_##id, "view-" #name, "", GLOBAL, ANYONE, NOTHING, help)
#define ACTIONS(ACTION) \
	ACTION(HELP,                "help",                "<F1>",        GLOBAL,   ANYONE, NOTHING, "Show the keys that work here") \
	ACTION(BACK,                "back",                "<Esc>",       GLOBAL,   ANYONE, NOTHING, "Go back to where you came from") \
	ACTION(CANCEL,              "cancel",              "<C-c>",       GLOBAL,   ANYONE, NOTHING, "Stop what is being asked of the store") \
	ACTION(REDRAW,              "redraw",              "<C-l>",       GLOBAL,   ANYONE, NOTHING, "Paint the whole screen anew") \
	ACTION(REFRESH,             "refresh",             "",            GLOBAL,   ANYONE, NOTHING, "Ask the store again, now") \
	ACTION(SUSPEND,             "suspend",             "",            GLOBAL,   ANYONE, NOTHING, "Give the terminal back to the shell") \
	ACTION(QUIT,                "quit",                "",            GLOBAL,   ANYONE, NOTHING, "Leave orderly") \
	ACTION(COMMAND,             "command",             "",            GLOBAL,   ANYONE, NOTHING, "Type the name of an act, or a setting") \
	VIEWS(VIEW_ACTION) \
	ACTION(VIEW_NEXT,           "view-next",           "",            GLOBAL,   ANYONE, NOTHING, "The next view to the right") \
	ACTION(VIEW_PREVIOUS,       "view-previous",       "",            GLOBAL,   ANYONE, NOTHING, "The next view to the left") \
	ACTION(PROMPT_ACCEPT,       "prompt-accept",       "<Enter>",     PROMPT,   ANYONE, NOTHING, "Do what the line says") \
	ACTION(PROMPT_GIVE_UP,      "prompt-give-up",      "<Esc> <C-c>", PROMPT,   ANYONE, NOTHING, "Leave the line") \
	ACTION(PROMPT_COMPLETE,     "prompt-complete",     "<Tab>",       PROMPT,   ANYONE, NOTHING, "Complete the word, or list what fits") \
	ACTION(PROMPT_LEFT,         "prompt-left",         "<Left>",      PROMPT,   ANYONE, NOTHING, "One to the left") \
	ACTION(PROMPT_RIGHT,        "prompt-right",        "<Right>",     PROMPT,   ANYONE, NOTHING, "One to the right") \
	ACTION(PROMPT_START,        "prompt-start",        "<Home>",      PROMPT,   ANYONE, NOTHING, "To the start of the line") \
	ACTION(PROMPT_END,          "prompt-end",          "<End> <C-e>", PROMPT,   ANYONE, NOTHING, "To the end of the line") \
	ACTION(PROMPT_RUBOUT,       "prompt-rubout",       "<BS>",        PROMPT,   ANYONE, NOTHING, "Take away what is left of the cursor") \
	ACTION(PROMPT_DELETE,       "prompt-delete",       "<Del>",       PROMPT,   ANYONE, NOTHING, "Take away what is under the cursor") \
	ACTION(PROMPT_RUBOUT_WORD,  "prompt-rubout-word",  "<C-w>",       PROMPT,   ANYONE, NOTHING, "Take away the word before the cursor") \
	ACTION(PROMPT_CLEAR,        "prompt-clear",        "<C-u>",       PROMPT,   ANYONE, NOTHING, "Take away all before the cursor") \
	ACTION(PROMPT_OLDER,        "prompt-older",        "<Up>",        PROMPT,   ANYONE, NOTHING, "The line before, from the history") \
	ACTION(PROMPT_NEWER,        "prompt-newer",        "<Down>",      PROMPT,   ANYONE, NOTHING, "The line after") \
	ACTION(OPEN,                "open",                "<Enter>",     LIST,     ANYONE, NOTHING, "Open the selected row") \
	ACTION(MOVE_DOWN,           "move-down",           "<Down>",      LIST,     ANYONE, NOTHING, "One row down") \
	ACTION(MOVE_UP,             "move-up",             "<Up>",        LIST,     ANYONE, NOTHING, "One row up") \
	ACTION(PAGE_DOWN,           "page-down",           "<PageDown>",  LIST,     ANYONE, NOTHING, "One page down") \
	ACTION(PAGE_UP,             "page-up",             "<PageUp>",    LIST,     ANYONE, NOTHING, "One page up") \
	ACTION(HALF_DOWN,           "half-page-down",      "",            LIST,     ANYONE, NOTHING, "Half a page down") \
	ACTION(HALF_UP,             "half-page-up",        "",            LIST,     ANYONE, NOTHING, "Half a page up") \
	ACTION(MOVE_TOP,            "move-top",            "<Home>",      LIST,     ANYONE, NOTHING, "To the first row") \
	ACTION(MOVE_BOTTOM,         "move-bottom",         "<End>",       LIST,     ANYONE, NOTHING, "To the last row") \
	ACTION(MOVE_RIGHT,          "move-right",          "<Right>",     LIST,     ANYONE, NOTHING, "To the right") \
	ACTION(MOVE_LEFT,           "move-left",           "<Left>",      LIST,     ANYONE, NOTHING, "To the left") \
	ACTION(TAG,                 "tag",                 "",            LIST,     ANYONE, NOTHING, "Tag this row, or take the tag away") \
	ACTION(TAG_RANGE,           "tag-range",           "",            LIST,     ANYONE, NOTHING, "Tag from here to where it is pressed again") \
	ACTION(TAG_ALL,             "tag-all",             "",            LIST,     ANYONE, NOTHING, "Tag all that are shown") \
	ACTION(TAG_NONE,            "tag-none",            "",            LIST,     ANYONE, NOTHING, "Take all tags away") \
	ACTION(SHOW_CLOSED,         "show-closed",         "",            LIST,     ANYONE, NOTHING, "Show what is over too, or hide it") \
	ACTION(REGROUP,             "regroup",             "",            DEAD,     ANYONE, NOTHING, "Count them by interface, class, partner, facility or hour, or in groups") \
	ACTION(STORY,               "story",               "",            DEAD,     ANYONE, NOTHING, "Tell what this group is about, or stop") \
	ACTION(OWN,                 "own",                 "",            DEAD,     OPERATOR, NOTHING, "Take over what is tagged, or this one") \
	ACTION(RELEASE,             "release",             "",            DEAD,     OPERATOR, NOTHING, "Give it back: nobody owns it") \
	ACTION(SNOOZE,              "snooze",              "",            DEAD,     OPERATOR, NOTHING, "Put it to sleep for a time, with a reason") \
	ACTION(DISCARD,             "discard",             "",            DEAD,     OPERATOR, NOTHING, "Give it up for good, with a reason") \
	ACTION(REOPEN,              "reopen",              "",            DEAD,     OPERATOR, NOTHING, "Open again what sleeps or is over, with a reason") \
	ACTION(NOTE,                "note",                "",            DEAD,     SUPPORT, NOTHING, "Write a note that others read") \
	ACTION(REPLAY_REQUEST,      "replay-request",      "",            DEAD,     OPERATOR, NOTHING, "Ask for a replay; first it is tried dry") \
	ACTION(REPLAY_APPROVE,      "replay-approve",      "",            REPLAYS,  APPROVER, NOTHING, "Approve this replay; asks for the number") \
	ACTION(REPLAY_REJECT,       "replay-reject",       "",            REPLAYS,  APPROVER, NOTHING, "Reject this replay, with a reason") \
	ACTION(REPLAY_PAUSE,        "replay-pause",        "",            REPLAYS,  STEERER, NOTHING, "Pause this replay") \
	ACTION(REPLAY_RESUME,       "replay-resume",       "",            REPLAYS,  STEERER, NOTHING, "Let this replay go on") \
	ACTION(REPLAY_WITHDRAW,     "replay-withdraw",     "",            REPLAYS,  STEERER, NOTHING, "Call this replay off") \
	ACTION(REPLAY_REVIEW,       "replay-review",       "",            REPLAYS,  APPROVER, NOTHING, "Review an emergency afterwards") \
	ACTION(REPLAY_RESOLVE,      "replay-resolve",      "",            REPLAYS,  STEERER, NOTHING, "Decide what became of an item in doubt") \
	ACTION(REPLAY_LET,          "replay-let",          "",            REPLAYS,  APPROVER, NOTHING, "Let a held item follow, or leave it out") \
	ACTION(REPLAY_CHANGES,      "replay-changes",      "",            REPLAYS,  STEERER, NOTHING, "What was edited of this item; leaves a trace") \
	ACTION(REPLAY_EDIT,         "replay-edit",         "",            ASK,      OPERATOR, NOTHING, "Edit the payload of this one before it is asked for") \
	ACTION(AUDIT_FILTER,        "audit-filter",        "",            AUDIT,    ANYONE, NOTHING, "Type which acts are meant") \
	ACTION(AUDIT_VERIFY,        "audit-verify",        "",            AUDIT,    AUDITOR, NOTHING, "Verify the chain of acts, to its end") \
	ACTION(AUDIT_EXPORT,        "audit-export",        "",            AUDIT,    EXPORTER, NOTHING, "Write the acts that are listed into a file") \
	ACTION(SHOW_DOUBTS,         "show-doubts",         "",            REPLAYS,  ANYONE, NOTHING, "What is in doubt, of all replays, or back") \
	ACTION(LOG_CLEAR,           "log-clear",           "",            LOG,      ANYONE, CONFIRM, "Forget what was noticed so far") \
	ACTION(ANOMALY_DISMISS,     "anomaly-dismiss",     "",            ANOMALIES,    OPERATOR, NOTHING, "Say that it is known, and why") \
	ACTION(SIGNAL_ACKNOWLEDGE,  "signal-acknowledge",  "",            SIGNALS,  STEERER, NOTHING, "Say that you see to what is tagged, or to this one") \
	ACTION(SIGNAL_SNOOZE,       "signal-snooze",       "",            SIGNALS,  STEERER, NOTHING, "Put it to sleep for a time, with a reason") \
	ACTION(WRAP,                "wrap",                "",            TEXT,     ANYONE, NOTHING, "Wrap long lines, or do not") \
	ACTION(PANE,                "pane",                "",            TEXT,         ANYONE, NOTHING, "To the other half of the screen") \
	ACTION(OPEN_SLA,            "open-sla",            "",            LIST,         ANYONE, NOTHING, "What is promised of this interface") \
	ACTION(FOLD,                "fold",                "",            OVERVIEW,     ANYONE, NOTHING, "Unfold what a system takes along that is down, or fold it") \
	ACTION(TILE_NEXT,           "tile-next",           "",            OVERVIEW,     ANYONE, NOTHING, "To the next tile; opening it shows its list") \
	ACTION(SHOW_BREACH,         "show-breach",         "",            OVERVIEW,     ANYONE, NOTHING, "The interfaces of which an objective is missed") \
	ACTION(SHOW_RISK,           "show-at-risk",        "",            OVERVIEW,     ANYONE, NOTHING, "The interfaces that are at risk") \
	ACTION(SHOW_SILENT,         "show-silent",         "",            OVERVIEW,     ANYONE, NOTHING, "The interfaces from which nothing comes") \
	ACTION(SHOW_QUEUED,         "show-queued",         "",            OVERVIEW,     ANYONE, NOTHING, "The transactions that wait or run") \
	ACTION(SLA_SILENCE,         "silence",             "",            SLA,          OPERATOR, NOTHING, "Silence this interface until a time, with a reason") \
	ACTION(SLA_SILENCE_END,     "silence-end",         "",            SLA,          OPERATOR, NOTHING, "End the silence of this interface, with a reason") \
	ACTION(SLA_WINDOW,          "window",              "",            SLA,          ANYONE, NOTHING, "The next window: 1 h, 24 h, 7 d, 30 d") \
	ACTION(SLA_BAD,             "show-bad",            "",            SLA,          ANYONE, NOTHING, "The transactions that speak against it, in Find") \
	ACTION(SLA_DEAD,            "show-dead-of",        "",            SLA,          ANYONE, NOTHING, "Its dead letters, in Find") \
	ACTION(SHOW_TRANSACTIONS,   "show-transactions",   "",            INTERFACE,    ANYONE, NOTHING, "The transactions of this interface, in Find") \
	ACTION(SHOW_DEAD,           "show-dead",           "",            INTERFACE,    ANYONE, NOTHING, "Its dead ones, in Find") \
	ACTION(DRAFT_EDIT,          "draft-edit",          "",            CATALOGUE,    ADMIN,  NOTHING, "Edit this in your editor, as a draft that is then proposed") \
	ACTION(DRAFT_PROPOSE,       "draft-propose",       "",            CATALOGUE,    ADMIN,  NOTHING, "Propose the draft, with a reason; another person decides") \
	ACTION(DRAFT_DROP,          "draft-drop",          "",            CATALOGUE,    ADMIN,  CONFIRM, "Drop the draft") \
	ACTION(MASK_NEW,            "mask-new",            "",            MASKS,        ADMIN,  NOTHING, "Draft a new mask rule in your editor") \
	ACTION(MASK_REMOVE,         "mask-remove",         "",            MASKS,        ADMIN,  NOTHING, "Propose that this mask rule be removed") \
	ACTION(SAMPLE_NEXT,         "sample-next",         "",            MASKS,        ANYONE, NOTHING, "Try the rules on a sample of the next format") \
	ACTION(SAMPLE_EDIT,         "sample-edit",         "",            MASKS,        ANYONE, NOTHING, "Try the rules on a sample of your own, from your editor") \
	ACTION(CHANGE_APPROVE,      "change-approve",      "",            CHANGES,      APPROVER, NOTHING, "Approve this change; it holds at once") \
	ACTION(CHANGE_REJECT,       "change-reject",       "",            CHANGES,      APPROVER, NOTHING, "Reject this change, with a reason") \
	ACTION(CHANGE_WITHDRAW,     "change-withdraw",     "",            CHANGES,      ADMIN,  NOTHING, "Take your own proposal back") \
	ACTION(CHANGE_ROLLBACK,     "change-rollback",     "",            CHANGES,      ADMIN,  NOTHING, "Propose what was there before this change") \
	ACTION(HANDOVER_DRAFT,      "handover-draft",      "",            HANDOVER,     OPERATOR, NOTHING, "Draft a handover from the facts, or look at them again") \
	ACTION(HANDOVER_STEP,       "handover-step",       "",            HANDOVER,     OPERATOR, NOTHING, "Write the next step of this item") \
	ACTION(HANDOVER_EDIT,       "handover-edit",       "",            HANDOVER,     OPERATOR, NOTHING, "Write the next step of this item in your editor") \
	ACTION(HANDOVER_WORDS,      "handover-words",      "",            HANDOVER,     OPERATOR, NOTHING, "Write words on the whole, in your editor") \
	ACTION(HANDOVER_OFFER,      "handover-offer",      "",            HANDOVER,     OPERATOR, NOTHING, "Sign it, and offer it to the next shift") \
	ACTION(HANDOVER_ACKNOWLEDGE, "handover-acknowledge", "",          HANDOVER,     STEERER, NOTHING, "You have seen this item, or what is tagged") \
	ACTION(HANDOVER_ACCEPT,     "handover-accept",     "",            HANDOVER,     STEERER, NOTHING, "Sign it, and take the shift over") \
	ACTION(HANDOVER_VOID,       "handover-void",       "",            HANDOVER,     OPERATOR, NOTHING, "Declare your handover void, with a reason") \
	ACTION(HANDOVER_EXPORT,     "handover-export",     "",            HANDOVER,     SUPPORT, NOTHING, "Write it to a file, as Markdown or plain text") \
	ACTION(SORT,                "sort",                "",            FLOWS,        ANYONE, NOTHING, "Sort by the next column, at last as it comes") \
	ACTION(SORT_BACKWARD,       "sort-backward",       "",            FLOWS,        ANYONE, NOTHING, "Sort the other way round") \
	ACTION(SHOW_CREDENTIALS,    "show-credentials",    "",            POSTURE,      ANYONE, NOTHING, "Credentials and keys, what is due first") \
	ACTION(SHOW_ACCESS,         "show-access",         "",            POSTURE,      ANYONE, NOTHING, "Who may what, and what should not be one person's") \
	ACTION(SHOW_REFUSED,        "show-refused",        "",            POSTURE,      ANYONE, NOTHING, "Where credentials and signatures were refused") \
	ACTION(SHOW_USES,           "show-uses",           "",            POSTURE,      ANYONE, NOTHING, "What people were refused, revealed and took out") \
	ACTION(SHOW_REVIEWS,        "show-reviews",        "",            POSTURE,      ANYONE, NOTHING, "Access reviews, and one in full") \
	ACTION(REVIEW_BEGIN,        "review-begin",        "",            POSTURE,      SECURITY, NOTHING, "Begin an access review of everyone as they stand") \
	ACTION(REVIEW_KEEP,         "review-keep",         "",            POSTURE,      SECURITY, NOTHING, "This access is kept, or that of what is tagged") \
	ACTION(REVIEW_REVOKE,       "review-revoke",       "",            POSTURE,      SECURITY, NOTHING, "Ask for this access to be revoked, with a reason") \
	ACTION(REVIEW_SIGN,         "review-sign",         "",            POSTURE,      SECURITY, NOTHING, "Sign the review when all is decided; it is kept") \
	ACTION(POSTURE_EXPORT,      "posture-export",      "",            POSTURE,      SECURITY, NOTHING, "Write this list to a file, as CSV or JSON lines") \
	ACTION(SHOW_PAYLOAD,        "show-payload",        "",            TRANSACTION,  ANYONE, NOTHING, "The payload of this hop") \
	ACTION(SHOW_EVENT,          "show-event",          "",            TRANSACTION,  ANYONE, NOTHING, "All that is known of this event") \
	ACTION(SHOW_FACTS,          "show-facts",          "",            TRANSACTION,  ANYONE, NOTHING, "All that is known of this transaction") \
	ACTION(SHOW_CHANGES,        "show-changes",        "",            TRANSACTION,  ANYONE, NOTHING, "What changed since the payload before") \
	ACTION(SHOW_LINKS,          "show-links",          "",            TRANSACTION,  ANYONE, NOTHING, "What this transaction hangs together with") \
	ACTION(RAW,                 "raw",                 "",            TRANSACTION,  ANYONE, NOTHING, "The payload as it came, or made readable") \
	ACTION(PAYLOAD_NEXT,        "payload-next",        "",            TRANSACTION,  ANYONE, NOTHING, "The next payload of this transaction") \
	ACTION(PAYLOAD_PREVIOUS,    "payload-previous",    "",            TRANSACTION,  ANYONE, NOTHING, "The payload before") \
	ACTION(REVEAL,              "reveal",              "",            TRANSACTION,  OPERATOR, NOTHING, "Ask to see the payload unmasked, or seal it again") \
	ACTION(SHOW_ODOO,           "show-odoo",           "",            TRANSACTION,  ANYONE, NOTHING, "The record of Odoo beside the payload") \
	ACTION(OPEN_RECORD,         "open-record",         "",            TRANSACTION,  ANYONE, NOTHING, "Open the record of Odoo that belongs to this") \
	ACTION(SHOW_HEALTH,         "show-health",         "",            ODOO,     ANYONE, NOTHING, "How each Odoo does") \
	ACTION(SHOW_MODELS,         "show-models",         "",            ODOO,     ANYONE, NOTHING, "The models that interfaces touch") \
	ACTION(SHOW_CRONS,          "show-crons",          "",            ODOO,     ANYONE, NOTHING, "Scheduled jobs") \
	ACTION(SHOW_AUTOMATIONS,    "show-automations",    "",            ODOO,     ANYONE, NOTHING, "Automation rules and webhooks") \
	ACTION(SHOW_QUEUE,          "show-queue",          "",            ODOO,     ANYONE, NOTHING, "Jobs of OCA's queue_job") \
	ACTION(ODOO_NEXT,           "odoo-next",           "",            ODOO,     ANYONE, NOTHING, "The next of several Odoos") \
	ACTION(SHOW_RUNS,           "show-runs",           "",            ODOO,     ANYONE, NOTHING, "What was reconciled with Odoo") \
	ACTION(RECONCILE_ASK,       "reconcile-ask",       "",            ODOO,     SUPPORT, NOTHING, "Compare an interface with Odoo over a window") \
	ACTION(RECONCILE_CANCEL,    "reconcile-cancel",    "",            RECONCILE, SUPPORT, CONFIRM, "End this comparison before its time") \
	ACTION(MISSING_REPLAY,      "missing-replay",      "",            RECONCILE, OPERATOR, NOTHING, "Ask for the missing one to be sent again") \
	ACTION(FIND_RECORD,         "find-record",         "",            ODOO,     ANYONE, NOTHING, "Find a record by a reference or an external id") \
	ACTION(SEARCH,              "search",              "",            LIST,     ANYONE, NOTHING, "Search in what is shown") \
	ACTION(SEARCH_NEXT,         "search-next",         "",            LIST,     ANYONE, NOTHING, "The next that matches") \
	ACTION(SEARCH_PREVIOUS,     "search-previous",     "",            LIST,     ANYONE, NOTHING, "The one before that matches") \
	ACTION(COPY_CORRELATION,    "copy-correlation",    "",            LIST,     ANYONE, NOTHING, "Copy the correlation id") \
	ACTION(COPY_MESSAGE,        "copy-message",        "",            LIST,     ANYONE, NOTHING, "Copy the message id") \
	ACTION(COPY_KEY,            "copy-key",            "",            LIST,     ANYONE, NOTHING, "Copy the business key") \
	ACTION(FOLLOW_SAME,         "follow-same",         "",            LIST,     ANYONE, NOTHING, "Follow all legs of this correlation in the tail") \
	ACTION(RUNBOOK,             "runbook",             "",            LIST,     ANYONE, NOTHING, "Say where this interface's runbook is") \
	ACTION(OPEN_INTERFACE,      "open-interface",      "",            LIST,     ANYONE, NOTHING, "The page of this row's interface") \
	ACTION(EXPORT,              "export",              "",            LIST,     SUPPORT, NOTHING, "Write this list to a file, as CSV or JSON lines") \
	ACTION(FILTER,              "filter",              "",            LIST,     ANYONE, NOTHING, "Type which transactions are meant") \
	ACTION(FIND_REPLAY,         "find-replay",         "",            FIND,     OPERATOR, NOTHING, "Ask for a replay of what is tagged, or of all that the filter leaves over") \
	ACTION(FILTER_SAVE,         "filter-save",         "",            FIND,     ANYONE, NOTHING, "Save this filter under a name") \
	ACTION(FILTER_DROP,         "filter-drop",         "",            FILTERS,  ANYONE, CONFIRM, "Forget this filter of yours") \
	ACTION(SEARCH_RAW,          "search-raw",          "",            SEARCH,   OPERATOR, NOTHING, "Look through the payloads unmasked, with a reason") \
	JUMPS(JUMP_ACTION) \
	ACTION(FOLLOW,              "follow",              "",            TAIL,     ANYONE, NOTHING, "Follow the newest events, or pause") \
	ACTION(SAME_NEXT,           "same-next",           "",            TAIL,     ANYONE, NOTHING, "The next of this correlation") \
	ACTION(SAME_PREVIOUS,       "same-previous",       "",            TAIL,     ANYONE, NOTHING, "The previous of this correlation") \
	ACTION(FAIL_NEXT,           "failure-next",        "",            TAIL,     ANYONE, NOTHING, "The next failure") \
	ACTION(FAIL_PREVIOUS,       "failure-previous",    "",            TAIL,     ANYONE, NOTHING, "The previous failure")

/* What is typed with a word behind it, beside the names of acts and views. */
/*          id       name       argument     help */
#define COMMANDS(COMMAND)                                                                          \
	COMMAND(THEME,   "theme",   "NAME|FILE", "Other colours and signs, at once")               \
	COMMAND(KEYMAP,  "keymap",  "NAME|FILE", "Other keys, at once")                            \
	COMMAND(COLUMNS, "columns", "NAME ...",  "These columns in this order, NAME:WIDTH; or: all")

enum context {
#define CONTEXT(id, name, parent) CONTEXT_##id,
	CONTEXTS(CONTEXT)
#undef CONTEXT
	CONTEXT_N,
};

enum action {
	ACTION_NONE, /* given to a view: its cursor was moved from outside */
#define ACTION(id, name, keys, context, who, asks, help) ACTION_##id,
	ACTIONS(ACTION)
#undef ACTION
	ACTION_N,
};

enum command {
#define COMMAND(id, name, argument, help) COMMAND_##id,
	COMMANDS(COMMAND)
#undef COMMAND
	COMMAND_N,
};

enum who {
#define WHO(id, roles) WHO_##id,
	WHOS(WHO)
#undef WHO
};

enum asks {
	ASKS_NOTHING,
	ASKS_CONFIRM,
	ASKS_COUNT,
};

struct action_info {
	const char *name;
	const char *core_keys;
	enum context context;
	enum who who;
	enum asks asks;
	const char *help;
};

struct command_info {
	const char *name, *argument, *help;
};

/* Who sits at the console, as far as the store has told. */
struct actor {
	bool known; /* false: not told yet, so nothing is refused */
	struct slice roles; /* parted by blanks */
	bool read_only;
};

struct context_info {
	const char *name;
	enum context parent; /* itself at the top */
};

const struct action_info *action_info(enum action action);
const struct context_info *context_info(enum context context);
const struct command_info *command_info(enum command command);
int action_find(struct slice name, enum action *ret, struct err *err);
int context_find(struct slice name, enum context *ret, struct err *err);

/* True when this actor would be refused, and why. */
bool action_refused(const struct action_info *info, const struct actor *actor, struct str *ret_why);

/* What limits an act, in words: "operator, asks first". Nothing for most. */
void action_limits(const struct action_info *info, struct str *out);

/* True when the context is `of`, or takes over from it. */
bool context_within(enum context context, enum context of);

#endif
