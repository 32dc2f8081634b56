/* Looks into libpq's connection texts for a password, in both of their forms. Leaves all else in them
 * to libpq. Called by the profiles. */
#include "base/mem.h"
#include "model/profile.h"
#include <errno.h>

#define REFUSAL                                                                              \
	"a password does not belong into this text; use password-file, password-command or " \
	"libpq's passfile"

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void skip_spaces(struct slice *rest)
{
	while (rest->len && is_space(rest->at[0]))
		*rest = slice_from(*rest, 1);
}

static bool is_secret_key(struct slice key)
{
	return slice_eq_nocase(key, SLICE("password")) ||
	       slice_eq_nocase(key, SLICE("sslpassword"));
}

/* 'in quotes', where a backslash takes the next as it is, or up to the next space. */
static int skip_value(struct slice *rest)
{
	bool quoted = rest->len && rest->at[0] == '\'';
	size_t i = quoted ? 1 : 0;

	while (i < rest->len && (quoted ? rest->at[i] != '\'' : !is_space(rest->at[i])))
		i += rest->at[i] == '\\' ? 2 : 1;
	if (quoted && i >= rest->len)
		return -EINVAL;
	*rest = slice_from(*rest, quoted ? i + 1 : i);
	return 0;
}

static int check_words(struct slice rest, struct err *err)
{
	for (skip_spaces(&rest); rest.len; skip_spaces(&rest)) {
		size_t len = 0;
		struct slice key;

		while (len < rest.len && !is_space(rest.at[len]) && rest.at[len] != '=')
			len++;
		key = slice_head(rest, len);
		rest = slice_from(rest, len);
		skip_spaces(&rest);
		if (is_secret_key(key))
			return err_set(err, -EINVAL, REFUSAL);
		if (key.len == 0 || rest.len == 0 || rest.at[0] != '=')
			return err_set(err, -EINVAL,
				"expected words like host=… dbname=… or an address like "
				"postgresql://…");
		rest = slice_from(rest, 1);
		skip_spaces(&rest);
		if (skip_value(&rest) < 0)
			return err_set(err, -EINVAL, "the quotes are not closed");
	}
	return 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
		return (c & 0x0F) + 9;
	return -1;
}

/* libpq reads %70assword as password. */
static void percent_decode(struct slice text, struct str *out)
{
	for (size_t i = 0; i < text.len; i++) {
		bool coded = text.at[i] == '%' && i + 2 < text.len &&
			     hex_digit(text.at[i + 1]) >= 0 && hex_digit(text.at[i + 2]) >= 0;

		if (!coded) {
			str_addc(out, text.at[i]);
			continue;
		}
		str_addc(out, (char)(hex_digit(text.at[i + 1]) << 4 | hex_digit(text.at[i + 2])));
		i += 2;
	}
}

/* "user:password@host,host/dbname?key=value&key=value", behind "postgresql://". */
static int check_address(struct slice rest, struct err *err)
{
	size_t query = slice_find(rest, '?'), at = 0;
	struct slice pair;

	while (at < rest.len && rest.at[at] != '@' && rest.at[at] != '/')
		at++;
	if (at < rest.len && rest.at[at] == '@' && slice_find(rest, ':') < at)
		return err_set(err, -EINVAL, REFUSAL);
	for (rest = slice_from(rest, query + 1); slice_cut(&rest, '&', &pair);) {
		struct slice coded = slice_head(pair, slice_find(pair, '='));
		CLEANUP(str_done)
		struct str key = STR_INIT(coded.len);

		percent_decode(coded, &key);
		if (is_secret_key(str_slice(&key)))
			return err_set(err, -EINVAL, REFUSAL);
	}
	return 0;
}

int conninfo_check(struct slice conninfo, struct err *err)
{
	static const struct slice schemes[] = {SLICE("postgresql://"), SLICE("postgres://")};

	for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
		if (slice_starts(conninfo, schemes[i]))
			return check_address(slice_from(conninfo, schemes[i].len), err);
	return check_words(conninfo, err);
}
