/* What the parts of the view of the audit share. */
#ifndef VIEWS_AUDIT_PART_H
#define VIEWS_AUDIT_PART_H

#include "list_file.h"
#include "sheet.h"
#include "text.h"
#include "ui/form.h"

#define AUDIT_WORDS 4 /* who, act, object, outcome; NULL: does not matter */

/* audit_verify.c: the chain, part by part, until its end or until somebody stops it. */
struct verify {
	const struct view_env *env;
	void (*ended)(void *ctx);
	void *ctx;

	struct str known; /* a head that was kept elsewhere */
	struct str verdict, problems;
	enum role role; /* of the verdict */
	int64_t at, total; /* links */
	int64_t n_problems;
	bool under_way, stop;
	uint64_t ticket;
};

void verify_open(struct verify *verify, const struct view_env *env);
void verify_close(struct verify *verify);
void verify_start(struct verify *verify, struct slice known, int64_t total);
bool verify_cancel(struct verify *verify);
void verify_status(const struct verify *verify, struct str *out);

/* audit_export.c: the acts that are listed, into a file of their own. */
struct audit_export {
	const struct view_env *env;
	const char *words[AUDIT_WORDS]; /* borrowed until it is done */

	struct list_file file;
	struct str place, head;
	bool stop;
	uint64_t ticket;
};

void audit_export_open(struct audit_export *to, const struct view_env *env);
void audit_export_close(struct audit_export *to);
void audit_export_start(
	struct audit_export *to, const char *const *words, struct slice path, const char *reason);
bool audit_export_cancel(struct audit_export *to);
void audit_export_status(const struct audit_export *to, struct str *out);

struct audit {
	struct view view;
	struct panel status;
	struct paged acts;
	struct sheet sheet;
	struct str words[AUDIT_WORDS];
	const char *params[AUDIT_WORDS];
	struct verify verify;
	struct audit_export to;
	struct text text;
	enum { READING_LIST, READING_ACT, READING_PROBLEMS } reading;
	enum { ASKING_NOTHING, ASKING_WORDS, ASKING_HEAD, ASKING_FILE } asking;
	struct form form;
	struct field fields[AUDIT_WORDS];
	bool shown;
};

/* audit_ask.c: the forms. */
extern const char *const audit_words[AUDIT_WORDS];
void audit_ask_words(struct audit *audit);
void audit_ask_head(struct audit *audit);
void audit_ask_file(struct audit *audit);
bool audit_ask_input(struct audit *audit, const struct input *input); /* true: it was for a form */
void audit_ask_done(struct audit *audit);

#endif
