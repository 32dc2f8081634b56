/* Reading text that others own: comparing, trimming, cutting, numbers. Knows bytes only, neither
 * UTF-8 nor quoting (base/text.h, base/lines.h). Every room reads its text with this. */
#include "base/slice.h"
#include <errno.h>
#include <string.h>

struct slice slice_of(const char *text)
{
	return text ? (struct slice){text, strlen(text)} : SLICE_NONE;
}

static bool same_bytes(const char *a, const char *b, size_t len)
{
	return len == 0 || memcmp(a, b, len) == 0;
}

bool slice_eq(struct slice a, struct slice b)
{
	return a.len == b.len && same_bytes(a.at, b.at, a.len);
}

bool slice_eq_str(struct slice a, const char *b)
{
	return slice_eq(a, slice_of(b));
}

static char to_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool slice_eq_nocase(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (to_lower(a.at[i]) != to_lower(b.at[i]))
			return false;
	return true;
}

int slice_cmp(struct slice a, struct slice b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int r = len ? memcmp(a.at, b.at, len) : 0;

	return r ? r : (a.len > b.len) - (a.len < b.len);
}

bool slice_starts(struct slice s, struct slice prefix)
{
	return s.len >= prefix.len && same_bytes(s.at, prefix.at, prefix.len);
}

bool slice_ends(struct slice s, struct slice suffix)
{
	if (s.len < suffix.len)
		return false;
	return slice_eq(slice_from(s, s.len - suffix.len), suffix);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct slice slice_trim(struct slice s)
{
	while (s.len && is_space(s.at[0]))
		s = slice_from(s, 1);
	while (s.len && is_space(s.at[s.len - 1]))
		s.len--;
	return s;
}

struct slice slice_from(struct slice s, size_t at)
{
	if (at > s.len)
		at = s.len;
	if (at == 0)
		return s;
	return (struct slice){s.at + at, s.len - at};
}

struct slice slice_head(struct slice s, size_t len)
{
	if (len < s.len)
		s.len = len;
	return s;
}

size_t slice_find(struct slice s, char c)
{
	const char *found = s.len ? memchr(s.at, c, s.len) : NULL;

	return found ? (size_t)(found - s.at) : s.len;
}

bool slice_cut(struct slice *rest, char c, struct slice *ret_head)
{
	size_t at = slice_find(*rest, c);

	if (rest->len == 0)
		return false;
	*ret_head = slice_head(*rest, at);
	*rest = slice_from(*rest, at + 1);
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool slice_word(struct slice *rest, struct slice *ret_word)
{
	struct slice s = *rest;
	size_t len = 0;

	while (s.len && is_blank(s.at[0]))
		s = slice_from(s, 1);
	while (len < s.len && !is_blank(s.at[len]))
		len++;
	*rest = slice_from(s, len);
	if (len == 0)
		return false;
	*ret_word = slice_head(s, len);
	return true;
}

int slice_to_i64(struct slice s, int64_t min, int64_t max, int64_t *ret)
{
	bool minus = s.len && s.at[0] == '-';
	size_t i = s.len && (minus || s.at[0] == '+') ? 1 : 0;
	bool beyond = false;
	int64_t value = 0;

	if (i == s.len)
		return -EINVAL;
	for (; i < s.len; i++) {
		int digit = s.at[i] - '0';

		if (digit < 0 || digit > 9)
			return -EINVAL;
		/* Counted downwards, since the smallest number has no positive twin. */
		beyond = beyond || __builtin_mul_overflow(value, 10, &value) ||
			 __builtin_sub_overflow(value, digit, &value);
	}
	if (beyond || (!minus && value == INT64_MIN))
		return -ERANGE;
	if (!minus)
		value = -value;
	if (value < min || value > max)
		return -ERANGE;
	*ret = value;
	return 0;
}
