/* JSON, written straight into a string. Commas come by themselves. */
#ifndef SIM_JSON_OUT_H
#define SIM_JSON_OUT_H

#include "base/str.h"

void json_open(struct str *out, const char *key, char bracket); /* '{' or '['; key may be NULL */
void json_close(struct str *out, char bracket); /* '}' or ']' */

/* NULL text writes nothing at all. */
void json_text(struct str *out, const char *key, const char *text);
void json_slice(struct str *out, const char *key, struct slice text);
void json_int(struct str *out, const char *key, int64_t n);
void json_bool(struct str *out, const char *key, bool value);

/* The words of a text parted by blanks, as an array. */
void json_words(struct str *out, const char *key, const char *words);

/* "2026-11-21T06:28:00.123Z" */
void json_time(struct str *out, const char *key, int64_t wall_us);

#endif
