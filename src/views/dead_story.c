/* The story of the group under the cursor, in place of the list.
 * Called by the view of dead letters. */
#include "dead_part.h"

static void tell(struct dead *me)
{
	struct slice group = me->in_group ? str_slice(&me->group_id)
			     : me->way    ? SLICE("")
					  : sheet_text(&me->groups, "key");

	if (!me->telling && !group.len)
		return;
	me->telling = !me->telling;
	if (me->telling)
		story_of(&me->story, group);
	story_show(&me->story, me->telling);
}

bool dead_story_act(struct dead *me, enum action action)
{
	if (action == ACTION_STORY || (me->telling && action == ACTION_BACK))
		tell(me);
	else if (me->telling && action == ACTION_REFRESH)
		panel_ask(&me->story.panel);
	else
		return me->telling && text_view_act(&me->story.text.view, action);
	return true;
}
