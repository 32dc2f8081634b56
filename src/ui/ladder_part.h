/* The ladder in its parts: as columns (ladder_columns.c), as a list (ladder_list.c), and what both say
 * and how the cursor moves (ladder.c). */
#ifndef UI_LADDER_PART_H
#define UI_LADDER_PART_H

#include "ui/ladder.h"

#define LADDER_GUTTER 2
#define LADDER_TIME_WIDTH 12

bool hop_knows_time(const struct ladder_hop *hop);
bool hop_is_bad(const struct ladder_hop *hop);
enum role hop_role(const struct ladder_hop *hop); /* of what it leads to */
void hop_add_label(const struct ladder_hop *hop, struct str *out);

/* The first hop that knows its time: all others are told from it. NULL when none does. */
const struct ladder_hop *ladder_begin(const struct ladder *ladder);

/* Clocks of several systems disagree: a difference may be negative, and absurd. */
int64_t ladder_difference(int64_t a, int64_t b);
int64_t ladder_whole_us(const struct ladder *ladder); /* from the first to the last that is known */
void ladder_add_duration(struct str *out, int64_t us);

/* Which time of day for the first, how much later for the others. */
void ladder_draw_time(const struct ladder *ladder, size_t number, const struct canvas *canvas,
	int x, int y, int width);
void ladder_mark_cursor(const struct canvas *canvas, int y);

/* How many lifelines are in sight, and how far apart. */
struct lanes {
	size_t first, n;
	int pitch;
};

struct lanes ladder_lanes(const struct ladder *ladder);

void ladder_draw_columns(const struct ladder *ladder, const struct canvas *canvas);
void ladder_draw_list(const struct ladder *ladder, const struct canvas *canvas);

#endif
