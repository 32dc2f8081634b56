/* The private modes that a program has switched on and not off again.
 * Leaves what they mean to the terminal; counts only what stands otherwise than at the start.
 * Called by pty_wait.c, when a program should have restored its terminal. */
#include "base/mem.h"
#include "pty_part.h"

/* On when a terminal starts: wrapping, and the visible cursor. */
static bool is_on_at_start(int mode)
{
	return mode == 7 || mode == 25;
}

struct modes {
	struct {
		int mode;
		bool on;
	} at[64];
	size_t n;
	bool keypad;
};

static void set(struct modes *modes, int mode, bool on)
{
	for (size_t i = 0; i < modes->n; i++) {
		if (modes->at[i].mode == mode) {
			modes->at[i].on = on;
			return;
		}
	}
	if (modes->n < ARRAY_LEN(modes->at)) {
		modes->at[modes->n].mode = mode;
		modes->at[modes->n++].on = on;
	}
}

/* "1;25h" behind CSI ?: every number of it. Anything else is not ours. */
static void take_private(struct modes *modes, struct slice rest)
{
	size_t end = 0;

	while (end < rest.len &&
		(rest.at[end] == ';' || (rest.at[end] >= '0' && rest.at[end] <= '9')))
		end++;
	if (end == rest.len || (rest.at[end] != 'h' && rest.at[end] != 'l'))
		return;
	struct slice numbers = slice_head(rest, end);
	for (struct slice number; slice_cut(&numbers, ';', &number);) {
		int64_t mode;

		if (slice_to_i64(number, 0, 100000, &mode) == 0)
			set(modes, (int)mode, rest.at[end] == 'h');
	}
}

void pty_modes(struct slice raw, struct str *out)
{
	struct modes modes = {0};

	for (size_t at = slice_find(raw, '\x1b'); at < raw.len;) {
		struct slice rest = slice_from(raw, at + 1);

		if (slice_starts(rest, SLICE("[?")))
			take_private(&modes, slice_from(rest, 2));
		else if (slice_starts(rest, SLICE("=")))
			modes.keypad = true;
		else if (slice_starts(rest, SLICE(">")))
			modes.keypad = false;
		at += 1 + slice_find(rest, '\x1b');
	}
	for (size_t i = 0; i < modes.n; i++)
		if (modes.at[i].on != is_on_at_start(modes.at[i].mode))
			str_addf(out, "%s?%d%c", out->len ? " " : "", modes.at[i].mode,
				modes.at[i].on ? 'h' : 'l');
	if (modes.keypad)
		str_addf(out, "%skeypad", out->len ? " " : "");
}
