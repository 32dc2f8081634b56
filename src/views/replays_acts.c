/* Deciding about replays, steering them, and settling what is in doubt.
 * Whether it is allowed is the store's to say: that nobody decides about their own, and all else.
 * Called by the view of replays. */
#include "base/mem.h"
#include "model/format.h"
#include "replays_part.h"

static struct slice text_of(const struct rows *rows, size_t row, const char *column)
{
	return rows_text(rows, row, rows_col(rows, column));
}

static int64_t int_of(const struct rows *rows, size_t row, const char *column)
{
	return rows_int(rows, row, rows_col(rows, column));
}

static void note_request(struct deed *deed, const struct rows *rows, size_t row)
{
	deed_note(deed, "%lld items of %.*s, asked by %.*s", (long long)int_of(rows, row, "items"),
		SLICE_ARG(text_of(rows, row, "interfaces")),
		SLICE_ARG(text_of(rows, row, "asker")));
	deed_note(deed, "reason: %.*s", SLICE_ARG(text_of(rows, row, "reason")));
}

static void note_now(struct replays *me, const struct rows *rows, size_t row)
{
	CLEANUP(str_done)
	struct str now = STR_INIT(1024);

	replays_add_verdicts(me, &now);
	if (now.len)
		deed_note(&me->deed, "as it is now: %s", str_cstr(&now));
	if (rows_bool(rows, row, rows_col(rows, "edited")))
		deed_note(&me->deed, "EDITED: look at what was changed before you decide");
}

/* What was seen is what is decided about: its revision and its number go along. */
static void decide(struct replays *me, bool approve)
{
	struct deed *deed = &me->deed;
	size_t row;
	const struct rows *rows = replays_request(me, &row);

	if (rows && approve && me->at == AT_REQUESTS) {
		replays_open_page(me, int_of(rows, row, "id"));
		me->view.env->say(me->view.env->ctx, ROLE_MESSAGE,
			"this is what you would approve; once more to decide");
		return;
	}
	if (!rows ||
		!deed_begin(deed, approve ? "approve" : "reject", "replay-decide", "%s replay %lld",
			approve ? "Approve" : "Reject", (long long)int_of(rows, row, "id")))
		return;
	note_request(deed, rows, row);
	if (approve)
		note_now(me, rows, row);
	if (approve && int_of(rows, row, "needed") > 1)
		deed_note(deed, "%lld of %lld approvals so far",
			(long long)int_of(rows, row, "approvals"),
			(long long)int_of(rows, row, "needed"));
	deed_int(deed, int_of(rows, row, "id"));
	deed_int(deed, int_of(rows, row, "revision"));
	deed_text(deed, approve ? "true" : "false");
	deed_int(deed, int_of(rows, row, "items"));
	deed_ask_text(deed, "reason", "stays in the audit", !approve);
	if (approve)
		deed_ask_count(deed, int_of(rows, row, "items"));
	deed_open(deed);
}

static void steer(struct replays *me, const char *act, const char *title)
{
	struct deed *deed = &me->deed;
	size_t row;
	const struct rows *rows = replays_request(me, &row);

	if (!rows || !deed_begin(deed, act, "replay-steer", "%s replay %lld", title,
			     (long long)int_of(rows, row, "id")))
		return;
	note_request(deed, rows, row);
	deed_text(deed, act);
	deed_int(deed, int_of(rows, row, "id"));
	deed_ask_text(deed, "reason", "stays in the audit", true);
	deed_open(deed);
}

static void review(struct replays *me)
{
	static const char *const words[] = {"it was right", "it was not right"};
	static const char *const values[] = {"true", "false"};
	struct deed *deed = &me->deed;
	size_t row;
	const struct rows *rows = replays_request(me, &row);

	if (!rows || !deed_begin(deed, "review", "replay-review", "Review emergency %lld",
			     (long long)int_of(rows, row, "id")))
		return;
	note_request(deed, rows, row);
	deed_int(deed, int_of(rows, row, "id"));
	deed_ask_choice(deed, "verdict", "Left and Right choose", words, values, ARRAY_LEN(words));
	deed_ask_text(deed, "reason", "stays in the audit", true);
	deed_open(deed);
}

/* The item under the cursor, when it is in that state; else says that there is none. */
static bool item_in(struct replays *me, const char *state, const char *words)
{
	if (me->at != AT_REQUESTS && slice_eq_str(sheet_text(&me->sheets[me->at], "state"), state))
		return true;
	me->view.env->say(me->view.env->ctx, ROLE_MESSAGE, words);
	return false;
}

static void note_item(struct deed *deed, const struct sheet *sheet)
{
	deed_note(deed, "%.*s of %.*s, sent %lld time%s",
		SLICE_ARG(sheet_text(sheet, "business_key")),
		SLICE_ARG(sheet_text(sheet, "interface")), (long long)sheet_int(sheet, "sends"),
		sheet_int(sheet, "sends") == 1 ? "" : "s");
	deed_note(deed, "answer: %.*s", SLICE_ARG(sheet_text(sheet, "text")));
}

/* From the list of all that are in doubt more is known: what the target says now. */
static void note_said(struct replays *me)
{
	CLEANUP(str_done)
	struct str said = STR_INIT(4096);

	if (me->at != AT_DOUBTS)
		return;
	replays_add_said(me, &said);
	deed_note(&me->deed, "the target says: %s", str_cstr(&said));
}

/* Held since Odoo has it, or cannot tell; else since a later one was delivered. */
static bool is_guarded(const struct sheet *sheet)
{
	struct slice outcome = sheet_text(sheet, "outcome");

	return slice_eq_str(sheet_text(sheet, "state"), "held") &&
	       (slice_eq_str(outcome, "present") || slice_eq_str(outcome, "unknown"));
}

static void resolve(struct replays *me)
{
	static const char *const words[] = {
		"it was delivered", "it failed", "send it again with the same key (an approver)"};
	static const char *const there[] = {"it is there: it counts as delivered"};
	static const char *const values[] = {"delivered", "failed", "again"};
	struct deed *deed = &me->deed;
	const struct sheet *sheet = &me->sheets[me->at];
	bool guarded = me->at != AT_REQUESTS && is_guarded(sheet);

	if ((!guarded && !item_in(me, "in_doubt", "this is not in doubt")) ||
		!deed_begin(deed, "resolve", "replay-resolve", "What became of this?"))
		return;
	note_item(deed, sheet);
	note_said(me);
	deed_int(deed, sheet_int(sheet, "item"));
	if (guarded)
		deed_ask_choice(deed, "found", "else it is let go, or left out", there, values, 1);
	else
		deed_ask_choice(
			deed, "found", "Left and Right choose", words, values, ARRAY_LEN(words));
	deed_ask_text(deed, "reason", "how you found out; stays in the audit", true);
	deed_open(deed);
}

static void let(struct replays *me)
{
	static const char *const words[] = {"leave it out", "let it go all the same"};
	static const char *const values[] = {"false", "true"};
	struct deed *deed = &me->deed;
	const struct sheet *sheet = &me->sheets[me->at];

	if (!item_in(me, "held", "this is not held") ||
		!deed_begin(deed, "let", "replay-let",
			is_guarded(sheet) ? "Odoo has it, or cannot tell"
					  : "A later one was delivered already"))
		return;
	note_item(deed, sheet);
	if (is_guarded(sheet))
		note_said(me);
	deed_int(deed, sheet_int(sheet, "item"));
	deed_ask_choice(deed, "then", "Left and Right choose", words, values, ARRAY_LEN(words));
	deed_ask_text(deed, "reason", "stays in the audit", true);
	deed_open(deed);
}

bool replays_deed(struct replays *me, enum action action)
{
	switch (action) {
	case ACTION_REPLAY_APPROVE:
	case ACTION_REPLAY_REJECT:
		decide(me, action == ACTION_REPLAY_APPROVE);
		return true;
	case ACTION_REPLAY_PAUSE:
		steer(me, "pause", "Pause");
		return true;
	case ACTION_REPLAY_RESUME:
		steer(me, "resume", "Let go on");
		return true;
	case ACTION_REPLAY_WITHDRAW:
		steer(me, "withdraw", "Withdraw");
		return true;
	case ACTION_REPLAY_REVIEW:
		review(me);
		return true;
	case ACTION_REPLAY_RESOLVE:
		resolve(me);
		return true;
	case ACTION_REPLAY_LET:
		let(me);
		return true;
	default:
		return false;
	}
}
