/* What a person does on the SLA view: look at what speaks against an interface, silence it, move.
 * Rules and rights are the store's.
 * Called by the SLA view. */
#include "base/mem.h"
#include "sla_part.h"
#include "standing.h"

/* Of the page, else of the row under the cursor. */
static struct slice code_of(const struct sla *me)
{
	return me->code.len ? str_slice(&me->code) : sheet_text(&me->sheet, "interface");
}

static bool row_of(const struct sla *me, size_t *ret_row)
{
	struct slice code = code_of(me);

	for (size_t i = 0; me->all && i < rows_count(me->all); i++) {
		if (slice_eq(rows_text(me->all, i, rows_col(me->all, "interface")), code)) {
			*ret_row = i;
			return true;
		}
	}
	return false;
}

/* What spoke against it in the window. */
static void find(struct sla *me, const char *which)
{
	CLEANUP(str_done)
	struct str filter = STR_INIT(512);
	struct slice code = code_of(me);

	if (!code.len)
		return;
	str_addf(&filter, "if:%.*s %s", SLICE_ARG(code), which);
	if (me->code.len)
		str_addf(&filter, " last %s", str_cstr(&me->window));
	me->view.env->go(me->view.env->ctx, "find", str_slice(&filter));
}

static void silence(struct sla *me)
{
	struct slice code = code_of(me);

	if (!code.len || !deed_begin(&me->deed, "silence", "silence-add",
				 "Silence %.*s: nobody is called for it", SLICE_ARG(code)))
		return;
	CLEANUP(mem_freep)
	char *name = mem_dup(code.at, code.len);

	deed_text(&me->deed, name);
	deed_ask_text(&me->deed, "why", "read by whoever looks at it", true);
	deed_ask_until(&me->deed);
	deed_open(&me->deed);
}

static void end_silence(struct sla *me)
{
	struct slice code = code_of(me);
	size_t row;

	if (!row_of(me, &row) || !standing_is_silenced(me->all, row)) {
		me->view.env->say(me->view.env->ctx, ROLE_MESSAGE, "it is not silenced");
		return;
	}
	if (!deed_begin(
		    &me->deed, "end it", "silence-end", "End the silence of %.*s", SLICE_ARG(code)))
		return;
	deed_int(&me->deed, rows_int(me->all, row, rows_col(me->all, "silence")));
	deed_ask_text(&me->deed, "why", "", true);
	deed_open(&me->deed);
}

static bool scroll(struct sla *me, enum action action)
{
	int page = me->height > 1 ? me->height - 1 : 1;

	switch (action) {
	case ACTION_MOVE_DOWN:
		me->top++;
		return true;
	case ACTION_MOVE_UP:
		me->top--;
		return true;
	case ACTION_PAGE_DOWN:
		me->top += page;
		return true;
	case ACTION_PAGE_UP:
		me->top -= page;
		return true;
	case ACTION_HALF_DOWN:
		me->top += (page + 1) / 2;
		return true;
	case ACTION_HALF_UP:
		me->top -= (page + 1) / 2;
		return true;
	case ACTION_MOVE_TOP:
		me->top = 0;
		return true;
	case ACTION_MOVE_BOTTOM:
		me->top = (int)me->n_lines;
		return true;
	default:
		return false;
	}
}

bool sla_act(struct view *view, enum action action)
{
	struct sla *me = (struct sla *)view;
	struct slice code = code_of(me);

	switch (action) {
	case ACTION_OPEN:
		if (!me->code.len && code.len)
			sla_enter(me, code);
		return true;
	case ACTION_BACK:
		if (!me->code.len)
			return false;
		sla_leave(me);
		return true;
	case ACTION_OPEN_INTERFACE:
		if (code.len)
			me->view.env->go(me->view.env->ctx, "interface", code);
		return true;
	case ACTION_SLA_WINDOW:
		sla_next_window(me);
		return true;
	case ACTION_SLA_BAD:
		find(me, "state:dead,retrying");
		return true;
	case ACTION_SLA_DEAD:
		find(me, "state:dead");
		return true;
	case ACTION_SLA_SILENCE:
		silence(me);
		return true;
	case ACTION_SLA_SILENCE_END:
		end_silence(me);
		return true;
	case ACTION_SHOW_CLOSED:
		sla_only(me, SLICE(""));
		return true;
	case ACTION_REFRESH:
		sla_ask(me);
		return true;
	case ACTION_CANCEL:
		panel_cancel(&me->list);
		return deed_cancel(&me->deed) || me->list.ticket != 0;
	default:
		return me->code.len ? scroll(me, action) : sheet_act(&me->sheet, action);
	}
}
