/* Writes JSON for events, payloads and the catalogue.
 * Keys are the program's own and need no escapes; values are escaped.
 * Called by the catalogue, the engine and the payloads. */
#include "json_out.h"
#include "base/mem.h"
#include <time.h>

static void put_key(struct str *out, const char *key)
{
	char last = out->len ? out->at[out->len - 1] : '{';

	if (last != '{' && last != '[' && last != ':')
		str_addc(out, ',');
	if (key)
		str_addf(out, "\"%s\":", key);
}

static void put_escaped(struct str *out, struct slice text)
{
	size_t from = 0;

	str_addc(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		str_add(out, (struct slice){text.at + from, i - from});
		from = i + 1;
		if (c == '"' || c == '\\') {
			str_addc(out, '\\');
			str_addc(out, (char)c);
		} else if (c == '\n') {
			str_adds(out, "\\n");
		} else if (c == '\r') {
			str_adds(out, "\\r");
		} else {
			str_addf(out, "\\u%04x", c);
		}
	}
	str_add(out, (struct slice){text.at + from, text.len - from});
	str_addc(out, '"');
}

void json_open(struct str *out, const char *key, char bracket)
{
	if (out->len)
		put_key(out, key);
	str_addc(out, bracket);
}

void json_close(struct str *out, char bracket)
{
	str_addc(out, bracket);
}

void json_slice(struct str *out, const char *key, struct slice text)
{
	if (!text.at)
		return;
	put_key(out, key);
	put_escaped(out, text);
}

void json_text(struct str *out, const char *key, const char *text)
{
	json_slice(out, key, slice_of(text));
}

void json_int(struct str *out, const char *key, int64_t n)
{
	put_key(out, key);
	str_addf(out, "%lld", (long long)n);
}

void json_bool(struct str *out, const char *key, bool value)
{
	put_key(out, key);
	str_adds(out, value ? "true" : "false");
}

void json_words(struct str *out, const char *key, const char *words)
{
	struct slice rest = slice_of(words), word;

	json_open(out, key, '[');
	while (slice_word(&rest, &word))
		json_slice(out, NULL, word);
	json_close(out, ']');
}

void json_time(struct str *out, const char *key, int64_t wall_us)
{
	time_t s = (time_t)(wall_us / 1000000);
	char text[48];
	struct tm tm;
	size_t n;

	gmtime_r(&s, &tm);
	n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	put_key(out, key);
	str_addf(out, "\"%.*s.%06dZ\"", (int)n, text, (int)(wall_us % 1000000));
}
