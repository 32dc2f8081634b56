/* A source of rows that follows a script: what views are tested with.
 *
 * An answer is text: the first line names the columns as name:type, parted by tabs, each further
 * line is a row; \N is null, times are microseconds. It is given to every asking of its question
 * from then on, in a later turn of the loop, until it is replaced. */
#ifndef TESTS_LIB_SCRIPT_H
#define TESTS_LIB_SCRIPT_H

#include "base/loop.h"
#include "model/source.h"

struct script;

struct script *script_new(struct loop *loop);
void script_free(struct script *script);
struct source *script_source(struct script *script);
void script_answer(struct script *script, const char *question, const char *text);
void script_fail(struct script *script, const char *question, int code, const char *text);

/* For questions without an answer: asked for one each time; what it gives is read at once. */
void script_otherwise(
	struct script *script, const char *(*answer)(void *ctx, const char *question), void *ctx);

/* Nothing is answered until it is let go. */
void script_hold(struct script *script, bool hold);

/* How often it was asked, how many askings are open, and a parameter of the last ("" for null). */
size_t script_asked(const struct script *script, const char *question);
size_t script_open(const struct script *script);
const char *script_filter(const struct script *script, const char *question); /* printed */
const char *script_param(const struct script *script, const char *question, size_t i);

#endif
