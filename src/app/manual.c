/* The manual page orderly(1): options, acts with their keys in every shipped keymap, settings.
 * What an act, an option or a setting is called is said in its own table; here is only the form.
 * Called by main for --dump-manual, which the build turns into the page. */
#include "app/manual.h"
#include "base/mem.h"
#include "base/text.h"
#include "config.h"
#include "model/profile.h"
#include "ui/defaults.h"
#include "ui/keymap.h"
#include "ui/theme.h"

#define KEYMAPS_MAX 8

struct manual {
	struct str *out;
	struct keymap *keymaps[KEYMAPS_MAX];
	const char *names[KEYMAPS_MAX];
	size_t n;
};

/* Backslashes and hyphens mean something to troff, so do points and quotes that begin a line, and it
 * knows no UTF-8. */
static void add_text(struct str *out, struct slice text)
{
	uint32_t before = '\n', c;

	for (; utf8_next(&text, &c); before = c) {
		if (before == '\n' && (c == '.' || c == '\''))
			str_adds(out, "\\&");
		if (c == '\\')
			str_adds(out, "\\e");
		else if (c == '-')
			str_adds(out, "\\-");
		else if (c < 0x80)
			str_addc(out, (char)c);
		else
			str_addf(out, "\\[u%04X]", c);
	}
}

static void add_bold(struct str *out, const char *text)
{
	str_adds(out, "\\fB");
	add_text(out, slice_of(text));
	str_adds(out, "\\fR");
}

static void add_paragraph(struct str *out, const char *text)
{
	str_adds(out, ".PP\n");
	add_text(out, slice_of(text));
	str_addc(out, '\n');
}

static void add_options(struct str *out, const struct manual_option *options, size_t n)
{
	str_adds(out, ".SH OPTIONS\n");
	for (size_t i = 0; i < n; i++) {
		str_adds(out, ".TP\n\\fB\\-\\-");
		add_text(out, slice_of(options[i].name));
		str_adds(out, "\\fR");
		if (options[i].argument) {
			str_adds(out, " \\fI");
			add_text(out, slice_of(options[i].argument));
			str_adds(out, "\\fR");
		}
		str_addc(out, '\n');
		add_text(out, slice_of(options[i].help));
		str_addc(out, '\n');
	}
}

struct keys_of {
	enum action action;
	struct str *out;
};

static void add_key(void *ctx, const struct binding *binding)
{
	struct keys_of *of = ctx;
	CLEANUP(str_done)
	struct str name = STR_INIT(256);

	if (binding->action != of->action)
		return;
	binding_name(binding, &name);
	if (of->out->len)
		str_addc(of->out, ' ');
	str_add(of->out, str_slice(&name));
}

/* What it does, who may, what it asks, and its keys in each keymap. */
static void add_act(const struct manual *manual, enum action action)
{
	const struct action_info *info = action_info(action);
	CLEANUP(str_done)
	struct str limits = STR_INIT(256);

	action_limits(info, &limits);
	str_adds(manual->out, ".TP\n");
	add_bold(manual->out, info->name);
	str_addc(manual->out, '\n');
	add_text(manual->out, slice_of(info->help));
	if (limits.len) {
		str_adds(manual->out, " (");
		add_text(manual->out, str_slice(&limits));
		str_addc(manual->out, ')');
	}
	str_adds(manual->out, ".\n.br\n");
	for (size_t i = 0; i < manual->n; i++) {
		CLEANUP(str_done)
		struct str keys = STR_INIT(1024);
		struct keys_of of = {action, &keys};

		keymap_each(manual->keymaps[i], info->context, add_key, &of);
		str_addf(manual->out, "%s%s: ", i ? "; " : "", manual->names[i]);
		add_bold(manual->out, str_cstr(&keys));
	}
	str_addc(manual->out, '\n');
}

static void add_acts(const struct manual *manual)
{
	str_adds(manual->out, ".SH ACTS AND THEIR KEYS\n");
	add_text(manual->out,
		SLICE("The names are those of \":\" commands and of keymaps. Keys of one sequence stand "
		      "together, several ways to the same act apart. What takes over from another "
		      "context has its keys too.\n"));
	for (size_t context = 0; context < CONTEXT_N; context++) {
		const struct context_info *info = context_info((enum context)context);
		enum context parent = info->parent;

		str_addf(manual->out, ".SS [%s]\n", info->name);
		if (parent != (enum context)context)
			str_addf(manual->out, "takes over from [%s]\n", context_info(parent)->name);
		for (size_t i = 1; i < ACTION_N; i++)
			if (action_info((enum action)i)->context == (enum context)context)
				add_act(manual, (enum action)i);
	}
}

static void add_names(struct str *out, const struct default_file *files)
{
	for (const struct default_file *file = files; file->name; file++) {
		str_adds(out, file == files ? "" : file[1].name ? ", " : " and ");
		add_bold(out, file->name);
	}
}

static void add_looks(struct str *out)
{
	str_adds(out, ".SH KEYMAPS AND THEMES\nShipped keymaps: ");
	add_names(out, default_keymaps);
	str_adds(out, ". Shipped themes: ");
	add_names(out, default_themes);
	str_adds(out, ".\n");
	add_paragraph(out, "Either may be a file of your own, which overrides single lines:");
	str_adds(out, ".PP\n.nf\n");
	add_text(out, SLICE("format 1\ninherit vim\n[list]\nx = move-down\nq = none\n"));
	str_adds(out, ".fi\n");
	add_paragraph(out,
		"--check-keymap and --check-theme say what is wrong with one, with file and "
		"line; --dump-keymap prints a whole one to begin with. Some keys cannot be "
		"bound: terminals begin other keys' sequences with Alt and one of [ O P ] X ^ _, "
		"and core keys stay what they are.");
	add_paragraph(out, "A theme says what each of these looks like, wherever it is:");
	for (size_t i = 0; i < ROLE_N; i++) {
		str_adds(out, ".TP\n");
		add_bold(out, role_name((enum role)i));
		str_addc(out, '\n');
		add_text(out, slice_of(role_help((enum role)i)));
		str_addc(out, '\n');
	}
}

static void add_settings(struct str *out)
{
	CLEANUP(str_done)
	struct str settings = STR_INIT(64 * 1024);

	str_adds(out,
		".SH SETTINGS\nLines of orderly.conf, in [settings], in a [profile NAME] or, for a further Odoo, in [PROFILE/SYSTEM]:\n"
		".PP\n.nf\n");
	settings_describe(&settings);
	add_text(out, str_slice(&settings));
	str_adds(out, ".fi\n");
}

static void add_ends(struct str *out)
{
	str_adds(out,
		".SH ENVIRONMENT\n.TP\n\\fBTERM\\fR\nthe terminal; dumb or none: use "
		"\\fB\\-\\-frame\\fR\n.TP\n\\fBNO_COLOR\\fR\nset: no colours\n.TP\n"
		"\\fBEDITOR\\fR, \\fBPG*\\fR\nas everywhere, and as libpq takes them\n"
		".SH EXIT STATUS\n0 when you left, or the frame was printed; 1 when something "
		"failed or the terminal went away; 2 when the command line or orderly.conf is "
		"wrong.\n.SH SEE ALSO\npsql(1)\n");
}

void manual_add(struct str *out, const struct manual_option *options, size_t n)
{
	CLEANUP(problems_done)
	struct problems problems = PROBLEMS_INIT;
	struct manual manual = {.out = out};

	str_addf(out,
		".TH ORDERLY 1 \"\" \"%s\"\n.SH NAME\norderly \\- terminal console for the "
		"messages between a hospital group's systems\n",
		PACKAGE_STRING);
	str_adds(out,
		".SH SYNOPSIS\n\\fBorderly\\fR [\\fIOPTION\\fR]...\n.br\n\\fBorderly demo\\fR "
		"[\\fIOPTION\\fR]...\n.br\n\\fBorderly find\\fR \\fIFILTER\\fR\n.br\n"
		"\\fBorderly catalogue\\fR \\fICOMMAND\\fR\n.br\n\\fBorderly store\\fR \\fICOMMAND\\fR\n"
		".SH DESCRIPTION\n");
	add_text(out,
		SLICE("The first opens the console on a store; without a terminal it prints one "
		      "frame. The second starts a store of its own with simulated traffic. The "
		      "others print what a filter finds, print the catalogue or put one in, and "
		      "make, upgrade and check a store; each has a --help. \"?\" shows the keys that work "
		      "where you are; Tab on an empty \":\" lists every act.\n"));
	add_options(out, options, n);
	for (const struct default_file *file = default_keymaps;
		file->name && manual.n < KEYMAPS_MAX; file++) {
		manual.names[manual.n] = file->name;
		manual.keymaps[manual.n] = keymap_new();
		keymap_parse(manual.keymaps[manual.n++], file->name, slice_of(file->text),
			default_keymap, &problems);
	}
	add_acts(&manual);
	for (size_t i = 0; i < manual.n; i++)
		keymap_free(manual.keymaps[i]);
	add_looks(out);
	add_settings(out);
	add_ends(out);
}
