/* How an interface stands, in words, roles and numbers: what the overview, the SLA page and the
 * wallboard share. Rows are those of "overview" or "standings"; states are the store's. */
#ifndef VIEWS_STANDING_H
#define VIEWS_STANDING_H

#include "base/str.h"
#include "model/rows.h"
#include "ui/canvas.h"

/* "BREACH", "AT RISK", "no data". */
struct slice standing_word(struct slice state);
enum role standing_role(struct slice state);

/* Glyph and word; dim, and with a z, where it is silenced. */
void standing_draw(const struct canvas *canvas, struct slice state, bool silenced);

/* What is good of it in percent, never rounded up to what is promised; "-" of nothing. */
void standing_add_good(struct str *out, int64_t bad, int64_t total);
void standing_add_objective(struct str *out, int64_t ppm); /* "99.5" */
void standing_add_budget(struct str *out, int64_t ppm); /* "-144 %" */
void standing_add_rate(struct str *out, int64_t hundredths); /* "14.4x" */
void standing_add_ms(struct str *out, double ms); /* "850ms", "4.1s", "3m" */

/* "success is missed: 98.91 of 99.5 %", "the batch has not come, due 4h 12m ago". */
void standing_add_why(struct str *out, const struct rows *rows, size_t row, int64_t wall_us);

/* "silenced for 2h by Ana Ruiz: parts arrive at noon"; nothing when it is not. */
void standing_add_silence(struct str *out, const struct rows *rows, size_t row, int64_t wall_us);
bool standing_is_silenced(const struct rows *rows, size_t row);

/* Words that are parted by " · ", which is read out as a pause. */
int standing_words(
	const struct canvas *canvas, int x, int y, enum role role, const struct str *said);

/* Title, why it stands so, and its silence, in a line below the list. */
void standing_draw_detail(
	const struct canvas *canvas, const struct rows *rows, size_t row, int64_t wall_us);

/* The nth of a list such as "12,,7"; false where it is empty. */
bool standing_nth(struct slice list, size_t nth, int64_t *ret);

#endif
