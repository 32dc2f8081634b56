/* What the parts of the SLA view share. */
#ifndef VIEWS_SLA_PART_H
#define VIEWS_SLA_PART_H

#include "deed.h"
#include "model/hist.h"
#include "sheet.h"

/* Questions of the page of one interface. */
enum sla_question {
	SLA_BURN,
	SLA_OBJECTIVES,
	SLA_REACH,
	SLA_COUNTS,
	SLA_FACILITIES,
	SLA_QUESTIONS,
};

/* A line of the page: a label, a bar where there is one, and its number in words. */
struct sla_line {
	struct str label, text;
	enum role role;
	bool heading;
	int64_t part, whole; /* whole 0: no bar */
};

struct sla {
	struct view view;
	struct panel list; /* of all interfaces */
	struct sheet sheet;
	const struct rows
		*all; /* as answered; the sheet shows those in the state that is asked for */
	struct str only; /* that state; empty: all */
	struct deed deed;

	struct str code; /* of the interface whose page is open; empty: the list */
	struct str window, seconds; /* "7d", and how long that is */
	const char *params[2];
	struct panel panels[SLA_QUESTIONS];
	struct hist hist; /* of the window */
	struct sla_line *lines;
	size_t n_lines, size_lines;
	int top, height;
	bool is_shown;
};

/* sla_list.c */
extern const struct sheet sla_sheet;
void sla_draw_detail(const struct sla *sla, const struct canvas *canvas);

/* sla_words.c: what is typed behind the view's name: an interface, a window, or a state. */
struct sla_words {
	struct slice interface, state;
	struct slice window;
	int64_t window_s; /* 0: none was typed */
};
int sla_words_parse(struct slice text, struct sla_words *ret, struct err *err);
const char *sla_window_after(struct slice window); /* of those that are offered */

/* sla_page.c: the lines of the page, from what was answered last. */
void sla_page_make(struct sla *sla);
void sla_page_clear(struct sla *sla);
void sla_page_draw(const struct sla *sla, const struct canvas *canvas);

/* What its parts put it together with: a line more, and a cell of an answer; zero and false of none. */
struct sla_line *sla_add(struct sla *sla, const char *label);
void sla_heading(struct sla *sla, const char *words);
const struct rows *sla_answer(const struct sla *sla, enum sla_question question);
int64_t sla_number(const struct rows *rows, size_t row, const char *column);
bool sla_told(const struct rows *rows, size_t row, const char *column);
int64_t sla_objective(const struct sla *sla, const char *measure, const char *column);

/* sla_promises.c, sla_latency.c; sla_promise() fills an empty line from a row of "objectives". */
void sla_promise(struct sla_line *line, const struct rows *rows, size_t row);
void sla_add_objectives(struct sla *sla);
void sla_add_burns(struct sla *sla);
void sla_add_latency(struct sla *sla);

int sla_page_search(struct sla *sla, struct match *match, bool forward);

/* sla.c */
void sla_ask(struct sla *sla); /* all anew */
void sla_enter(struct sla *sla, struct slice code);
void sla_leave(struct sla *sla); /* back to the list */
void sla_only(struct sla *sla, struct slice state); /* empty: all */
void sla_next_window(struct sla *sla);

/* sla_acts.c */
bool sla_act(struct view *view, enum action action);

/* The row of its interface in the list's answer; false when there is none. */
bool sla_row(const struct sla *sla, size_t *ret_row);

#endif
