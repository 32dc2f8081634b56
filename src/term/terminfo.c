/* Asks terminfo what the terminal understands, with a fallback for what it does not know.
 * Leaves the sequences themselves to paint.c and screen.c.
 * Called once by screen_open(). The only file that includes the headers of curses. */
#include "term/terminfo.h"
#include "base/mem.h"
#include <curses.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <term.h>
#include <unistd.h>

/* Without terminfo these are xterm's kin, or well enough. */
static const char *const kin[] = {"putty", "xterm", "rxvt", "tmux", "screen", "linux", "vt100",
	"vt220", "ansi", "alacritty", "foot", "kitty", "konsole", "gnome", "vte", "st", "iterm",
	"mintty", "cygwin", "wezterm", "ghostty", "contour", "eterm"};

static const char *string_of(const char *name)
{
	char *text = tigetstr(name);

	return text && text != (char *)-1 ? text : NULL;
}

static bool flag_of(const char *name)
{
	return tigetflag(name) > 0;
}

static int number_of(const char *name)
{
	int n = tigetnum(name);

	return n > 0 ? n : 0;
}

/* Whether both are the same but for the "$<5>" by which terminfo asks for a pause. */
static bool same(const char *text, const char *wanted)
{
	while (text && *text) {
		const char *end = text[0] == '$' && text[1] == '<' ? strchr(text, '>') : NULL;

		if (end)
			text = end + 1;
		else if (*text++ != *wanted++)
			return false;
	}
	return text && !*wanted;
}

static bool is(const char *name, const char *wanted)
{
	return same(string_of(name), wanted);
}

static bool is_with(const char *name, int a, int b, const char *wanted)
{
	const char *text = string_of(name);

	return text && same(tiparm(text, a, b), wanted);
}

static bool starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Terminals and consoles of old print an OSC, or understand it as something else. */
static bool takes_osc(const char *term)
{
	static const char *const deaf[] = {"linux", "vt", "ansi", "cons", "pc", "con"};

	for (size_t i = 0; i < ARRAY_LEN(deaf); i++)
		if (starts(term, deaf[i]))
			return starts(term, "vte");
	return true;
}

static void ask(struct terminfo *ret)
{
	const char *smcup = string_of("smcup");

	ret->colours = is_with("setaf", 1, 0, "\033[31m") ? number_of("colors") : 0;
	ret->bce = flag_of("bce");
	ret->ech = is_with("ech", 5, 0, "\033[5X");
	ret->cha = is_with("hpa", 4, 0, "\033[5G");
	ret->csr = is_with("csr", 1, 3, "\033[2;4r") && is("ri", "\033M");
	ret->sgr_off = is("rmul", "\033[24m");
	ret->dim = is("dim", "\033[2m");
	ret->italic = is("sitm", "\033[3m");
	ret->hides_cursor = string_of("civis") && strstr(string_of("civis"), "\033[?25l");
	ret->alternate = smcup && (strstr(smcup, "\033[?1049h") || strstr(smcup, "\033[?47h"));
	ret->acs = string_of("acsc") != NULL;
	ret->wraps_early = flag_of("am") && !flag_of("xenl");
	ret->width = number_of("cols");
	ret->height = number_of("lines");
}

/* What all of the kin do. */
static void assume(struct terminfo *ret)
{
	ret->colours = strstr(ret->name, "256") ? 256 : starts(ret->name, "vt") ? 0 : 8;
	ret->cha = ret->csr = ret->acs = true;
	ret->sgr_off = ret->hides_cursor = !starts(ret->name, "vt1");
	ret->alternate = takes_osc(ret->name);
}

static bool is_kin(const char *term)
{
	for (size_t i = 0; i < ARRAY_LEN(kin); i++)
		if (starts(term, kin[i]))
			return true;
	return false;
}

static int refuse(const char *term, struct err *err)
{
	return err_set(err, -ENOTSUP,
		"the terminal type \"%.60s\" cannot show a full screen; "
		"use the command line (orderly --help), or set TERM",
		term);
}

static int fall_back(struct terminfo *ret, struct err *err)
{
	if (!is_kin(ret->name))
		return refuse(ret->name, err);
	assume(ret);
	snprintf(ret->warning, sizeof(ret->warning),
		"terminfo does not know \"%.40s\": taken for a plain xterm", ret->name);
	return 0;
}

int terminfo_load(const char *term, struct terminfo *ret, struct err *err)
{
	struct terminfo found = {0};
	int status = 0, r = 0;

	if (!term || !*term)
		return err_set(err, -ENOTSUP,
			"TERM is not set, so no full screen can be shown; "
			"use the command line (orderly --help), or set TERM");
	if (strcmp(term, "dumb") == 0 || strcmp(term, "unknown") == 0)
		return refuse(term, err);
	snprintf(found.name, sizeof(found.name), "%s", term);
	found.title = takes_osc(term);
	/* The name is all that setupterm() looks at: the size is asked elsewhere. */
	if (setupterm(term, STDOUT_FILENO, &status) != OK) {
		r = fall_back(&found, err);
	} else {
		if (is_with("cup", 2, 4, "\033[3;5H") && is("el", "\033[K"))
			ask(&found);
		else
			r = refuse(term, err);
		del_curterm(cur_term);
	}
	if (r == 0)
		*ret = found;
	return r;
}
