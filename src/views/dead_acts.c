/* Owning, noting, putting to sleep, discarding, opening again, asking for a replay: of a group, of what
 * is tagged, or of one. What it is done to is frozen when the form opens.
 * Whether it is allowed is the store's to say.
 * Called by the view of dead letters. */
#include "base/mem.h"
#include "dead_part.h"
#include "model/format.h"
#include <stdlib.h>

static const struct dead_act_row {
	enum action action;
	const char *act; /* as the store calls it, and as on the button */
	const char *title;
	bool reason, until;
} acts[] = {
	{ACTION_OWN, "own", "Take over", false, false},
	{ACTION_RELEASE, "release", "Give back", false, false},
	{ACTION_SNOOZE, "snooze", "Put to sleep", true, true},
	{ACTION_DISCARD, "discard", "Discard", true, false},
	{ACTION_REOPEN, "reopen", "Open again", true, false},
};

static void finish(struct deed *deed, const struct dead_act_row *row, int64_t n)
{
	if (row->reason)
		deed_ask_text(deed, "reason", "stays in the audit", true);
	else
		deed_text(deed, NULL);
	if (row->until)
		deed_ask_until(deed);
	else
		deed_text(deed, NULL);
	deed_ask_count(deed, n);
	deed_open(deed);
}

static void act_on_group(struct dead *me, const struct dead_act_row *row)
{
	struct deed *deed = &me->deed;
	const struct sheet *groups = &me->groups;
	bool reopen = row->action == ACTION_REOPEN;
	int64_t n = sheet_int(groups, reopen ? "total" : "unresolved");

	if (!groups->table.n ||
		!deed_begin(deed, row->act, "failure-group-act", "%s: the whole group", row->title))
		return;
	deed_note(deed, "%.*s · %.*s", SLICE_ARG(sheet_text(groups, "interface")),
		SLICE_ARG(sheet_text(groups, "signature")));
	if (row->action == ACTION_OWN || row->action == ACTION_SNOOZE)
		deed_note(deed, "holds for what arrives later too");
	deed_text(deed, row->act);
	deed_int(deed, sheet_int(groups, "id"));
	deed_int(deed, sheet_int(groups, "seen"));
	finish(deed, row, n);
}

/* The one that is tagged need not be the one under the cursor. */
static void note_which(struct dead *me, int64_t id)
{
	const struct sheet *members = &me->members;

	if (sheet_int(members, "id") == id)
		deed_note(&me->deed, "%.*s · %.*s", SLICE_ARG(sheet_text(members, "business_key")),
			SLICE_ARG(sheet_text(members, "text")));
	else
		deed_note(&me->deed, "the one that is tagged, number %lld", (long long)id);
}

static void act_on_members(struct dead *me, const struct dead_act_row *row)
{
	struct sheet_ids ids = sheet_chosen(&me->members);
	struct deed *deed = &me->deed;

	if (ids.n && deed_begin(deed, row->act, "dead-letters-act",
			     ids.n > 1 ? "%s: %zu dead letters" : "%s", row->title, ids.n)) {
		if (row->reason && ids.n == 1)
			note_which(me, ids.at[0]);
		deed_text(deed, row->act);
		deed_ids(deed, ids.at, ids.n);
		finish(deed, row, (int64_t)ids.n);
	}
	free(ids.at);
}

static void note(struct dead *me)
{
	const struct sheet *sheet = dead_sheet(me);
	struct deed *deed = &me->deed;

	if (!sheet->table.n ||
		!deed_begin(deed, "note", "note-add",
			me->in_group ? "A note on this dead letter" : "A note on this group"))
		return;
	deed_text(deed, me->in_group ? "dead_letter" : "failure_group");
	deed_int(deed, sheet_int(sheet, "id"));
	deed_ask_text(deed, "note", "others read it", true);
	deed_open(deed);
}

/* The view that asks is given what to ask for: "group ID SEEN", or "set ID ID ...". */
static void ask_for_replay(struct dead *me)
{
	CLEANUP(str_done)
	struct str what = STR_INIT(1 << 20);
	struct sheet_ids ids;

	if (!dead_sheet(me)->table.n)
		return;
	if (!me->in_group) {
		str_addf(&what, "group %lld %lld", (long long)sheet_int(&me->groups, "id"),
			(long long)sheet_int(&me->groups, "seen"));
	} else {
		ids = sheet_chosen(&me->members);
		str_adds(&what, "set");
		for (size_t i = 0; i < ids.n; i++)
			str_addf(&what, " %lld", (long long)ids.at[i]);
		free(ids.at);
	}
	me->view.env->go(me->view.env->ctx, "ask", str_slice(&what));
}

bool dead_deed(struct dead *me, enum action action)
{
	if (action == ACTION_NOTE)
		note(me);
	else if (action == ACTION_REPLAY_REQUEST)
		ask_for_replay(me);
	for (size_t i = 0; i < ARRAY_LEN(acts); i++) {
		if (acts[i].action != action)
			continue;
		if (me->in_group)
			act_on_members(me, &acts[i]);
		else
			act_on_group(me, &acts[i]);
		return true;
	}
	return action == ACTION_NOTE || action == ACTION_REPLAY_REQUEST;
}
