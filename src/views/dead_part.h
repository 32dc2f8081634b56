/* What the parts of the view of dead letters share. */
#ifndef VIEWS_DEAD_PART_H
#define VIEWS_DEAD_PART_H

#include "deed.h"
#include "sheet.h"
#include "story.h"

/* A group as it was when it was entered: acts on all of it reach no further than `seen`. */
struct dead_group {
	int64_t id, seen, total;
	struct str name;
};

struct dead {
	struct view view;
	struct panel group_panel, age_panel;
	struct paged member_list;
	struct panel slice_panel;
	struct sheet groups, members, slices;
	const char *slice_params[1];
	size_t way; /* in which they are counted; 0: in groups */
	const char *group_params[2], *member_params[2];
	struct str group_id;
	struct dead_group group;
	bool in_group;
	int64_t now_total, now_unresolved;
	struct deed deed;
	struct story story; /* of the group under the cursor, or that was entered */
	bool telling; /* it stands in place of the list */
};

static inline struct sheet *dead_sheet(const struct dead *me)
{
	return (struct sheet *)(me->in_group ? &me->members : me->way ? &me->slices : &me->groups);
}

/* dead_lists.c: the two lists, and the row under the cursor in full. */
extern const struct sheet dead_group_sheet, dead_member_sheet;
void dead_draw_detail(const struct dead *dead, const struct canvas *canvas);

/* dead_slices.c: counted by something else. */
void dead_slices_open(struct dead *dead);
void dead_slices_close(struct dead *dead);
void dead_regroup(struct dead *dead); /* to the next way */
const char *dead_way(const struct dead *dead); /* NULL: in groups */
bool dead_slices_act(struct dead *dead, enum action action);

/* dead_story.c: an act while the story is told, or the one that begins it. */
bool dead_story_act(struct dead *dead, enum action action);

/* dead_acts.c: an act that changes something; false when it is none. */
bool dead_deed(struct dead *dead, enum action action);

#endif
