/* Bytes as text that headers can carry. Called by what logs in by name and password. */
#include "base/base64.h"

struct slice base64(struct arena *arena, struct slice bytes)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *out = arena_alloc(arena, bytes.len / 3 * 4 + 5);
	size_t n = 0;

	for (size_t i = 0; i < bytes.len; i += 3) {
		size_t left = bytes.len - i;
		unsigned a = (unsigned char)bytes.at[i];
		unsigned b = left > 1 ? (unsigned char)bytes.at[i + 1] : 0;
		unsigned c = left > 2 ? (unsigned char)bytes.at[i + 2] : 0;

		out[n++] = digits[a >> 2];
		out[n++] = digits[(a & 3) << 4 | b >> 4];
		out[n++] = left > 1 ? digits[(b & 15) << 2 | c >> 6] : '=';
		out[n++] = left > 2 ? digits[c & 63] : '=';
	}
	return (struct slice){out, n};
}
