/* A bench for one view: a scripted source, a clock that stands still, and its screen as text.
 *
 * Times in scripts are taken from VIEWBENCH_NOW, 2026-03-14 09:30:00 UTC. */
#ifndef TESTS_LIB_VIEWBENCH_H
#define TESTS_LIB_VIEWBENCH_H

#include "script.h"
#include "ui/frame.h"
#include "ui/view.h"

#define VIEWBENCH_LOG 50 /* lines that its log keeps */
#define VIEWBENCH_NOW (INT64_C(1773480600) * S_US)

struct viewbench {
	struct clock clock;
	struct loop *loop;
	struct log *log;
	struct script *script;
	struct keymap *keymap;
	struct theme *theme;
	struct view_env env;
	struct view *view;
	size_t changed; /* how often the view asked to be painted */
	struct str went, said,
		copied; /* "view what", and what it gave to be said and copied last */
	struct edit editing; /* what it gave to be edited, with its text kept in edited */
	struct str edited;
};

/* Opens the view, shows it, and lets the first answers come. */
void viewbench_open(
	struct viewbench *bench, const struct view_ops *ops, void (*script)(struct script *script));
void viewbench_close(struct viewbench *bench);

/* Turns of the loop until nothing is ready; then time passes. */
void viewbench_settle(struct viewbench *bench);
void viewbench_pass(struct viewbench *bench, int64_t us);

/* Presses keys as in "j j gg <Enter>": each word is a sequence that must be bound, or, while the view
 * asks something itself, what is typed. */
void viewbench_press(struct viewbench *bench, const char *keys);
void viewbench_type(struct viewbench *bench, const char *text); /* blanks and all */

/* The editor ends with that text, or fails. */
void viewbench_edit_ends(struct viewbench *bench, const char *text, const struct err *err);

/* The screen with its frame; styles adds a line of roles below each. */
struct look {
	int width, height, colours;
	bool ascii, styles;
};
void viewbench_dump(struct viewbench *bench, struct look look, struct str *out);

/* Fails where the screen so looked at holds what acts on a terminal, or a row that is too wide. */
void viewbench_inert(struct viewbench *bench, struct look look, const char *what);

/* The frame around the view as a bench has it; and the two drawn on a surface. */
struct frame viewbench_frame(const struct viewbench *bench, const struct frame_tab *tab);
void viewbench_draw(
	struct viewbench *bench, const struct canvas *screen, const struct frame *frame);
void viewbench_draw_alone(void *bench, const struct canvas *screen); /* in the bench's own frame */

/* Compares the screen with tests/golden/<name>-<width>x<height>.txt at several sizes and
 * depths: 80x24 and 160x48 with styles, the latter in ASCII without colours; 120x40, 40x12, 10x3. */
void viewbench_golden(struct viewbench *bench, const char *name);

#endif
