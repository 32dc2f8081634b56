/* The sequences of xterm, PuTTY, rxvt, the Linux console, tmux and screen, by their last byte and
 * their parameters. Leaves cutting the bytes into sequences, and time, to keys.c.
 * Called by keys.c when a sequence is whole. */
#include "key_meaning.h"
#include "base/mem.h"
#include "term/keys.h"
#include <string.h>

static const struct meaning nothing;

static struct meaning key_of(uint32_t code, unsigned mods)
{
	return code == KC_NONE ? nothing
			       : (struct meaning){.kind = MEANS_KEY, .code = code, .mods = mods};
}

/* By the number before a "~". */
static uint32_t numbered(unsigned number)
{
	static const uint32_t named[] = {KC_NONE, KC_HOME, KC_INSERT, KC_DELETE, KC_END, KC_PAGE_UP,
		KC_PAGE_DOWN, KC_HOME, KC_END};
	static const uint8_t fn[] = {[11] = 1,
		[12] = 2,
		[13] = 3,
		[14] = 4,
		[15] = 5,
		[17] = 6,
		[18] = 7,
		[19] = 8,
		[20] = 9,
		[21] = 10,
		[23] = 11,
		[24] = 12,
		[25] = 13,
		[26] = 14,
		[28] = 15,
		[29] = 16,
		[31] = 17,
		[32] = 18,
		[33] = 19,
		[34] = 20};

	if (number < ARRAY_LEN(named))
		return named[number];
	if (number < ARRAY_LEN(fn) && fn[number])
		return KC_FN + fn[number];
	return KC_NONE;
}

/* By the letter, where ESC [ and ESC O agree. */
static uint32_t lettered(char letter)
{
	static const uint32_t codes[] = {['A'] = KC_UP,
		['B'] = KC_DOWN,
		['C'] = KC_RIGHT,
		['D'] = KC_LEFT,
		['F'] = KC_END,
		['H'] = KC_HOME,
		['P'] = KC_FN + 1,
		['Q'] = KC_FN + 2,
		['R'] = KC_FN + 3,
		['S'] = KC_FN + 4};

	return (unsigned char)letter < ARRAY_LEN(codes) ? codes[(unsigned char)letter] : KC_NONE;
}

/* rxvt has the arrows in small letters: with Shift behind ESC [, with Ctrl behind ESC O. */
static uint32_t small_lettered(char letter)
{
	return letter >= 'a' && letter <= 'd' ? lettered((char)(letter - 'a' + 'A')) : KC_NONE;
}

/* xterm's parameter: one more than the sum of 1 Shift, 2 Alt, 4 Ctrl, 8 Meta. */
static unsigned modifiers(unsigned parameter)
{
	unsigned bits = parameter ? parameter - 1 : 0;

	return (bits & 1 ? MOD_SHIFT : 0u) | (bits & (2 | 8) ? MOD_ALT : 0u) |
	       (bits & 4 ? MOD_CTRL : 0u);
}

/* A key told by its code point: CSI u, and xterm's modifyOtherKeys. */
static struct meaning coded(unsigned code, unsigned mods)
{
	bool upper = code >= 'A' && code <= 'Z', lower = code >= 'a' && code <= 'z';

	if (code == '\t' || code == '\r')
		code = code == '\t' ? KC_TAB : KC_ENTER;
	else if (code == 033)
		code = KC_ESC;
	else if (code == '\b' || code == 0x7f)
		code = KC_BACKSPACE;
	else if (code < ' ' || (code >= 0x80 && code < 0xa0) || code > 0x10ffff ||
		 (code >= 0xd800 && code < 0xe000))
		code = KC_NONE;
	else if (upper && (mods & MOD_CTRL))
		code += 'a' - 'A';
	else if (lower && (mods & MOD_SHIFT) && !(mods & MOD_CTRL))
		code -= 'a' - 'A';
	return key_of(code, mods);
}

struct parameters {
	unsigned at[8];
	unsigned n;
	char prefix; /* one of <=>? or 0 */
	bool odd; /* has what no key sends */
};

static struct parameters parse(struct slice text)
{
	struct parameters p = {0};
	size_t i = 0;

	if (text.len && strchr("<=>?", text.at[0]))
		p.prefix = text.at[i++];
	if (i < text.len)
		p.n = 1;
	for (; i < text.len; i++) {
		char c = text.at[i];

		if (c >= '0' && c <= '9' && p.at[p.n - 1] < 10000000)
			p.at[p.n - 1] = p.at[p.n - 1] * 10 + (unsigned)(c - '0');
		else if (c == ';' && p.n < ARRAY_LEN(p.at))
			p.n++;
		else
			p.odd = true;
	}
	return p;
}

/* SGR mouse reports: buttons and the wheel; moves are left out. */
static struct meaning mouse(const struct parameters *p, bool press)
{
	unsigned button = p->at[0] & ~(4u | 8u | 16u); /* without Shift, Meta, Ctrl */

	if (p->n != 3 || p->at[1] == 0 || p->at[2] == 0 || p->at[1] > 10000 || p->at[2] > 10000)
		return nothing;
	if (button > 2 && button != 64 && button != 65)
		return nothing;
	return (struct meaning){
		.kind = MEANS_MOUSE,
		.x = (int)p->at[1] - 1,
		.y = (int)p->at[2] - 1,
		.button = (int)button,
		.press = press,
	};
}

static struct meaning tilde(const struct parameters *p)
{
	if (p->at[0] == 200 && p->n == 1)
		return (struct meaning){.kind = MEANS_PASTE};
	if (p->at[0] == 27 && p->n == 3)
		return coded(p->at[2], modifiers(p->at[1]));
	return key_of(numbered(p->at[0]), modifiers(p->at[1]));
}

struct meaning meaning_of_csi(struct slice parameters, char final)
{
	struct parameters p = parse(parameters);

	if (!p.odd && p.prefix == '<' && (final == 'M' || final == 'm'))
		return mouse(&p, final == 'M');
	if (p.odd || p.prefix)
		return nothing;
	if (final == '~')
		return tilde(&p);
	if (p.n == 1 && strchr("^@$", final)) /* rxvt */
		return key_of(numbered(p.at[0]),
			(final != '$' ? MOD_CTRL : 0u) | (final != '^' ? MOD_SHIFT : 0u));
	if (final == 'u' && p.n >= 1)
		return coded(p.at[0], modifiers(p.at[1]));
	if (p.at[0] > 1) /* a report, as of the cursor's place */
		return nothing;
	if (final == 'Z')
		return key_of(KC_TAB, modifiers(p.at[1]) | MOD_SHIFT);
	if (p.n == 0 && small_lettered(final))
		return key_of(small_lettered(final), MOD_SHIFT);
	return key_of(lettered(final), modifiers(p.at[1]));
}

/* What is printed on the keys. */
static uint32_t keypad(char c)
{
	if (c >= 'j' && c <= 'y')
		return (uint32_t)(c - 'j' + '*');
	switch (c) {
	case 'M':
		return KC_ENTER;
	case 'I':
		return KC_TAB;
	case ' ':
		return ' ';
	default:
		return KC_NONE;
	}
}

bool meaning_is_keypad(char final)
{
	return keypad(final) != KC_NONE;
}

struct meaning meaning_of_ss3(struct slice parameters, char final)
{
	struct parameters p = parse(parameters);
	/* ESC O 5 A is an old xterm's and Konsole's way; ESC O 1 ; 5 A is seen too. */
	unsigned mods = modifiers(p.at[p.n > 1 ? 1 : 0]);

	if (p.odd || p.prefix)
		return nothing;
	if (final >= 'T' && final <= 'Z') /* PuTTY's VT100+ has F5 to F12 here */
		return key_of(KC_FN + 5 + (uint32_t)(final - 'T'), mods);
	if (final == '[')
		return key_of(KC_FN + 12, mods);
	if (small_lettered(final))
		return key_of(small_lettered(final), MOD_CTRL);
	if (lettered(final))
		return key_of(lettered(final), mods);
	return key_of(keypad(final), mods);
}
