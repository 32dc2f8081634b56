/* Names of keys, both ways: "j", "<C-x>", "<S-Tab>", "<F5>".
 * Leaves to others which key does what (ui/keymap) and where keys come from (keys.c).
 * Called by the keymap's parser, the hint line and the help. */
#include "base/mem.h"
#include "base/text.h"
#include "term/keys.h"
#include <errno.h>
#include <inttypes.h>

static const struct key_row {
	uint32_t code;
	const char *name; /* the first of a code is the one shown */
} key_rows[] = {
	{KC_ENTER, "Enter"},
	{KC_ENTER, "Return"},
	{KC_ENTER, "CR"},
	{KC_ESC, "Esc"},
	{KC_ESC, "Escape"},
	{KC_TAB, "Tab"},
	{KC_BACKSPACE, "Backspace"},
	{KC_BACKSPACE, "BS"},
	{KC_UP, "Up"},
	{KC_DOWN, "Down"},
	{KC_LEFT, "Left"},
	{KC_RIGHT, "Right"},
	{KC_HOME, "Home"},
	{KC_END, "End"},
	{KC_PAGE_UP, "PageUp"},
	{KC_PAGE_UP, "PgUp"},
	{KC_PAGE_DOWN, "PageDown"},
	{KC_PAGE_DOWN, "PgDn"},
	{KC_INSERT, "Insert"},
	{KC_INSERT, "Ins"},
	{KC_DELETE, "Delete"},
	{KC_DELETE, "Del"},
	{' ', "Space"},
	{'<', "Lt"},
};

static const char *name_of(uint32_t code)
{
	for (size_t i = 0; i < ARRAY_LEN(key_rows); i++)
		if (key_rows[i].code == code)
			return key_rows[i].name;
	return NULL;
}

void key_name(struct key key, struct str *out)
{
	const char *name = name_of(key.code);
	bool fn = key.code > KC_FN && key.code <= KC_FN + 24;
	char utf8[4];

	if (!name && !fn && !key.mods) {
		str_add(out, (struct slice){utf8, utf8_put(key.code, utf8)});
		return;
	}
	str_addc(out, '<');
	str_adds(out, key.mods & MOD_CTRL ? "C-" : "");
	str_adds(out, key.mods & MOD_ALT ? "M-" : "");
	str_adds(out, key.mods & MOD_SHIFT ? "S-" : "");
	if (name)
		str_adds(out, name);
	else if (fn)
		str_addf(out, "F%" PRIu32, key.code - KC_FN);
	else
		str_add(out, (struct slice){utf8, utf8_put(key.code, utf8)});
	str_addc(out, '>');
}

/* Takes "C-", "M-", "S-" off the front of what stands between the angles. */
static unsigned take_mods(struct slice *text)
{
	unsigned mods = 0;

	while (text->len > 2 && text->at[1] == '-') {
		switch (text->at[0]) {
		case 'C':
		case 'c':
			mods |= MOD_CTRL;
			break;
		case 'M':
		case 'm':
		case 'A':
		case 'a':
			mods |= MOD_ALT;
			break;
		case 'S':
		case 's':
			mods |= MOD_SHIFT;
			break;
		default:
			return mods;
		}
		*text = slice_from(*text, 2);
	}
	return mods;
}

static uint32_t parse_code_point(struct slice text)
{
	uint32_t cp;

	if (!text.len || !utf8_next(&text, &cp) || text.len || cp < ' ' ||
		(cp >= 0x7f && cp < 0xa0))
		return KC_NONE;
	return cp;
}

static uint32_t parse_named(struct slice text)
{
	int64_t n;

	for (size_t i = 0; i < ARRAY_LEN(key_rows); i++)
		if (slice_eq_nocase(text, slice_of(key_rows[i].name)))
			return key_rows[i].code;
	if (text.len > 1 && (text.at[0] == 'F' || text.at[0] == 'f') &&
		slice_to_i64(slice_from(text, 1), 1, 24, &n) == 0)
		return KC_FN + (uint32_t)n;
	return parse_code_point(text);
}

int key_parse(struct slice name, struct key *ret, struct err *err)
{
	bool angles = name.len > 2 && name.at[0] == '<' && name.at[name.len - 1] == '>';
	struct slice text = angles ? (struct slice){name.at + 1, name.len - 2} : name;
	unsigned mods = angles ? take_mods(&text) : 0;
	uint32_t code = angles ? parse_named(text) : parse_code_point(text);

	if (code == KC_NONE)
		return err_set(err, -EINVAL, "unknown key \"%.*s\"", SLICE_ARG(name));
	if (code < KC_ENTER && (mods & MOD_SHIFT))
		return err_set(err, -EINVAL, "S- goes with a named key only, not in \"%.*s\"",
			SLICE_ARG(name));
	if ((mods & MOD_CTRL) && code >= 'A' && code <= 'Z')
		code += 'a' - 'A';
	*ret = (struct key){code, (uint8_t)mods};
	return 0;
}

bool key_eq(struct key a, struct key b)
{
	return a.code == b.code && a.mods == b.mods;
}
