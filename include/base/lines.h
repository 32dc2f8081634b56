/* The one line grammar of orderly.conf, keymaps and themes.
 *
 *   format 1                    first statement of every file
 *   inherit NAME                a word statement: WORD ARGUMENTS
 *   # comment                   on a line of its own, or behind " # "
 *   [section : parent]          opens a section; ": parent" may be missing
 *   key words = value           the first '=' that stands between blanks (or ends the line)
 *
 * A value is taken as words by lines_word(): parted by blanks, "quoted" with \" \\ \n \t \e
 * \u{1F600} inside. A line that is wrong is reported with file:line and left out; reading goes on. */
#ifndef BASE_LINES_H
#define BASE_LINES_H

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

/* What was found wrong, in order; shown to the user, never fatal by itself. */
struct problems {
	struct arena arena;
	const char **texts; /* "file:line: what" */
	size_t n, size;
	size_t dropped; /* beyond PROBLEMS_MAX */
};

#define PROBLEMS_MAX 200
#define PROBLEMS_INIT ((struct problems){0})

void problems_done(struct problems *problems);
void problems_add(struct problems *problems, const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

struct line {
	const char *file;
	int number;
	struct slice section; /* empty before the first */
	struct slice parent; /* of the section */
	struct slice key; /* or the word of a word statement */
	struct slice value; /* or its arguments */
};

struct lines_ops {
	/* Each may be NULL: then such a line is a problem. A non-zero return reports err's text
	 * at that line. A section that returns non-zero has its entries left out in silence. */
	int (*word)(void *ctx, const struct line *line, struct err *err);
	int (*section)(void *ctx, const struct line *line, struct err *err);
	int (*entry)(void *ctx, const struct line *line, struct err *err);
};

/* Returns 0, or -EINVAL when the file as a whole cannot be used (its format is missing or newer
 * than format_max); all else goes to problems. A BOM and CRLF are accepted; a NUL byte or invalid
 * UTF-8 is a problem of its line. */
int lines_parse(const char *file, struct slice text, int format_max, const struct lines_ops *ops,
	void *ctx, struct problems *problems);

/* Takes the next word off *rest; unquotes into the arena. 1 with a word, 0 at the end, -EINVAL. */
int lines_word(struct arena *arena, struct slice *rest, struct slice *ret, struct err *err);

/* "yes/no", "on/off", "true/false"; "10s", "5m", "2h", "250ms", "1d". */
int lines_bool(struct slice value, bool *ret, struct err *err);
int lines_duration_us(struct slice value, int64_t *ret_us, struct err *err);

/* The name nearest to what was written, or NULL when none is near enough to be meant.
 * names: an array of strings that starts every `stride` bytes. */
const char *suggest(struct slice wrong, const char *const *names, size_t n, size_t stride);

/* err_set(err, -EINVAL, "unknown KIND \"WRONG\"; did you mean \"X\"?") with the suggestion if any. */
int err_unknown(struct err *err, const char *kind, struct slice wrong, const char *const *names,
	size_t n, size_t stride);

#endif
