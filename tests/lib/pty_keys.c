/* The bytes that an xterm sends for a key, from the names that keymaps use.
 * Leaves what other terminals send to the tests of term/keys.
 * Called by pty.c. */
#include "base/mem.h"
#include "base/text.h"
#include "pty_part.h"
#include "term/keys.h"
#include <string.h>

static const struct sequence {
	uint32_t code;
	const char *plain;
	const char *
		modified; /* with the modifiers' number at the %d; NULL: ESC before the plain one */
} sequences[] = {
	{KC_ENTER, "\r", NULL},
	{KC_ESC, "\x1b", NULL},
	{KC_TAB, "\t", NULL},
	{KC_BACKSPACE, "\x7f", NULL},
	{KC_UP, "\x1b[A", "\x1b[1;%dA"},
	{KC_DOWN, "\x1b[B", "\x1b[1;%dB"},
	{KC_RIGHT, "\x1b[C", "\x1b[1;%dC"},
	{KC_LEFT, "\x1b[D", "\x1b[1;%dD"},
	{KC_HOME, "\x1b[H", "\x1b[1;%dH"},
	{KC_END, "\x1b[F", "\x1b[1;%dF"},
	{KC_INSERT, "\x1b[2~", "\x1b[2;%d~"},
	{KC_DELETE, "\x1b[3~", "\x1b[3;%d~"},
	{KC_PAGE_UP, "\x1b[5~", "\x1b[5;%d~"},
	{KC_PAGE_DOWN, "\x1b[6~", "\x1b[6;%d~"},
	{KC_FN + 1, "\x1bOP", "\x1b[1;%dP"},
	{KC_FN + 2, "\x1bOQ", "\x1b[1;%dQ"},
	{KC_FN + 3, "\x1bOR", "\x1b[1;%dR"},
	{KC_FN + 4, "\x1bOS", "\x1b[1;%dS"},
	{KC_FN + 5, "\x1b[15~", "\x1b[15;%d~"},
	{KC_FN + 6, "\x1b[17~", "\x1b[17;%d~"},
	{KC_FN + 7, "\x1b[18~", "\x1b[18;%d~"},
	{KC_FN + 8, "\x1b[19~", "\x1b[19;%d~"},
	{KC_FN + 9, "\x1b[20~", "\x1b[20;%d~"},
	{KC_FN + 10, "\x1b[21~", "\x1b[21;%d~"},
	{KC_FN + 11, "\x1b[23~", "\x1b[23;%d~"},
	{KC_FN + 12, "\x1b[24~", "\x1b[24;%d~"},
};

/* xterm counts from 1: shift 1, alt 2, ctrl 4. */
static int xterm_number(unsigned mods)
{
	return 1 + (mods & MOD_SHIFT ? 1 : 0) + (mods & MOD_ALT ? 2 : 0) +
	       (mods & MOD_CTRL ? 4 : 0);
}

static bool add_named(const struct sequence *sequence, unsigned mods, struct str *out)
{
	const char *number = sequence->modified ? strchr(sequence->modified, '%') : NULL;

	if (mods && number) {
		str_add(out,
			(struct slice){sequence->modified, (size_t)(number - sequence->modified)});
		str_addf(out, "%d%s", xterm_number(mods), number + 2);
		return true;
	}
	if (sequence->code == KC_TAB && mods == MOD_SHIFT) {
		str_adds(out, "\x1b[Z");
		return true;
	}
	if (mods & ~(unsigned)MOD_ALT)
		return false;
	str_adds(out, mods & MOD_ALT ? "\x1b" : "");
	str_adds(out, sequence->plain);
	return true;
}

static bool add_char(struct key key, struct str *out)
{
	char utf8[4];

	if (key.mods & MOD_ALT)
		str_addc(out, '\x1b');
	if (!(key.mods & MOD_CTRL))
		str_add(out, (struct slice){utf8, utf8_put(key.code, utf8)});
	else if (key.code == ' ')
		str_addc(out, '\0');
	else if ((key.code >= '@' && key.code <= '_') || (key.code >= 'a' && key.code <= 'z'))
		str_addc(out, (char)(key.code & 0x1f));
	else
		return false;
	return true;
}

static bool add_key(struct slice name, struct str *out)
{
	struct key key;

	if (key_parse(name, &key, NULL) < 0)
		return false;
	if (key.code < KC_ENTER)
		return add_char(key, out);
	for (size_t i = 0; i < ARRAY_LEN(sequences); i++)
		if (sequences[i].code == key.code)
			return add_named(&sequences[i], key.mods, out);
	return false;
}

/* A name in angles, or one character. */
static struct slice take_name(struct slice *keys)
{
	size_t len = 1;

	if (keys->at[0] == '<')
		len = slice_find(*keys, '>') + 1;
	else
		while (len < keys->len && ((unsigned char)keys->at[len] & 0xc0) == 0x80)
			len++;
	struct slice name = slice_head(*keys, len);
	*keys = slice_from(*keys, len);
	return name;
}

bool pty_encode(const char *keys, struct str *out)
{
	struct slice rest = slice_of(keys);

	while (rest.len > 0)
		if (!add_key(take_name(&rest), out))
			return false;
	return true;
}
