/* The bench for views: everything around a view but the store and the terminal.
 * Golden files are golden's, answers the script's.
 * Used by the tests of every view. */
#include "viewbench.h"
#include "base/mem.h"
#include "base/text.h"
#include "golden.h"
#include "term/screen.h"
#include "ui/defaults.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void on_changed(void *ctx)
{
	((struct viewbench *)ctx)->changed++;
}

static void on_go(void *ctx, const char *view, struct slice what)
{
	struct viewbench *bench = ctx;

	str_reset(&bench->went);
	str_addf(&bench->went, "%s %.*s", view, SLICE_ARG(what));
}

static void on_say(void *ctx, enum role role, const char *text)
{
	struct viewbench *bench = ctx;

	(void)role;
	str_reset(&bench->said);
	str_adds(&bench->said, text);
}

static int on_copy(void *ctx, struct slice text, struct err *err)
{
	struct viewbench *bench = ctx;

	(void)err;
	str_reset(&bench->copied);
	str_add(&bench->copied, text);
	return 0;
}

static int on_edit(void *ctx, const struct edit *edit, struct err *err)
{
	struct viewbench *bench = ctx;

	(void)err;
	bench->editing = *edit;
	str_reset(&bench->edited);
	str_add(&bench->edited, edit->text);
	return 0;
}

void viewbench_edit_ends(struct viewbench *bench, const char *text, const struct err *err)
{
	assert_non_null(bench->editing.done);
	bench->editing.done(bench->editing.ctx, slice_of(text), err);
	bench->editing.done = NULL;
	viewbench_settle(bench);
}

void viewbench_settle(struct viewbench *bench)
{
	for (int i = 0; i < 20; i++)
		loop_turn(bench->loop, 0);
}

static void on_end(void *ctx)
{
	*(bool *)ctx = true;
}

void viewbench_pass(struct viewbench *bench, int64_t us)
{
	bool ended = false;
	struct timer *end = timer_open(bench->loop, on_end, &ended);

	timer_in(end, us);
	while (!ended)
		loop_turn(bench->loop, -1);
	timer_close(end);
	viewbench_settle(bench);
}

void viewbench_open(
	struct viewbench *bench, const struct view_ops *ops, void (*script)(struct script *script))
{
	CLEANUP(problems_done)
	struct problems problems = PROBLEMS_INIT;
	struct slice text;

	setenv("TZ", "UTC", 1);
	*bench = (struct viewbench){.clock = clock_standing(VIEWBENCH_NOW),
		.went = STR_INIT(1 << 20),
		.said = STR_INIT(4096),
		.copied = STR_INIT(4096),
		.edited = STR_INIT(1 << 20)};
	assert_int_equal(loop_new(&bench->clock, &bench->loop, NULL), 0);
	bench->log = log_new(&bench->clock, VIEWBENCH_LOG);
	bench->script = script_new(bench->loop);
	bench->keymap = keymap_new();
	bench->theme = theme_new();
	assert_true(default_keymap(SLICE("vim"), &text));
	keymap_parse(bench->keymap, "vim", text, default_keymap, &problems);
	assert_true(default_theme(SLICE("default"), &text));
	theme_parse(bench->theme, "default", text, default_theme, &problems);
	assert_int_equal(problems.n, 0);
	bench->env = (struct view_env){
		.source = script_source(bench->script),
		.loop = bench->loop,
		.log = bench->log,
		.keymap = bench->keymap,
		.changed = on_changed,
		.go = on_go,
		.say = on_say,
		.copy = on_copy,
		.edit = on_edit,
		.ctx = bench,
	};
	if (script)
		script(bench->script);
	bench->view = ops->open(&bench->env);
	ops->show(bench->view, true);
	viewbench_settle(bench);
}

void viewbench_close(struct viewbench *bench)
{
	bench->view->ops->close(bench->view);
	assert_int_equal(script_open(bench->script), 0); /* a view that goes leaves nothing asked */
	script_free(bench->script);
	loop_free(bench->loop);
	log_free(bench->log);
	keymap_free(bench->keymap);
	theme_free(bench->theme);
	str_done(&bench->went);
	str_done(&bench->said);
	str_done(&bench->copied);
	str_done(&bench->edited);
}

/* What the view asks itself gets the keys one by one. */
static bool took(struct viewbench *bench, struct key key)
{
	const struct input input = {.kind = INPUT_KEY, .key = key};

	return bench->view->ops->input && bench->view->ops->input(bench->view, &input);
}

void viewbench_type(struct viewbench *bench, const char *text)
{
	for (; *text; text++)
		assert_true(took(bench, (struct key){.code = (unsigned char)*text}));
}

void viewbench_press(struct viewbench *bench, const char *keys)
{
	struct slice rest = slice_of(keys), word;
	CLEANUP(str_done)
	struct str screen = STR_INIT(1 << 20);

	/* A view is laid out before it is told of keys, as in the console. */
	viewbench_dump(bench, (struct look){80, 24, 256, false, false}, &screen);
	while (slice_word(&rest, &word)) {
		struct key sequence[KEYMAP_SEQUENCE_MAX];
		enum action action = ACTION_NONE;
		size_t n = 0;

		while (word.len) {
			size_t len = word.at[0] == '<' ? slice_find(word, '>') + 1 : 1;

			assert_int_equal(key_parse(slice_head(word, len), &sequence[n], NULL), 0);
			word = slice_from(word, len);
			n += !took(bench, sequence[n]);
		}
		viewbench_settle(bench);
		if (!n)
			continue;
		assert_int_equal(keymap_lookup(bench->keymap, bench->view->ops->context, sequence,
					 n, &action),
			KEYMAP_ACT);
		bench->view->ops->act(bench->view, action);
		viewbench_settle(bench);
		str_reset(&screen);
		viewbench_dump(bench, (struct look){80, 24, 256, false, false}, &screen);
	}
}

struct frame viewbench_frame(const struct viewbench *bench, const struct frame_tab *tab)
{
	return (struct frame){
		.environment = SLICE("TEST"),
		.environment_role = ROLE_BANNER_TEST,
		.who = SLICE("ana.ruiz operator"),
		.path = slice_of(bench->view->ops->title),
		.store = SLICE("store ok"),
		.store_role = ROLE_DIM,
		.clock = SLICE("09:30Z"),
		.tabs = tab,
		.n_tabs = 1,
	};
}

void viewbench_draw(struct viewbench *bench, const struct canvas *screen, const struct frame *frame)
{
	CLEANUP(str_done)
	struct str status = STR_INIT(1024);
	struct canvas inner = frame_inner(screen);
	struct frame whole = *frame;

	surface_cursor(screen->surface, -1, 0, false);
	bench->view->ops->layout(bench->view, inner.width, inner.height);
	bench->view->ops->draw(bench->view, &inner);
	bench->view->ops->status(bench->view, &status);
	whole.status = str_slice(&status);
	frame_draw(&whole, screen);
}

void viewbench_draw_alone(void *ctx, const struct canvas *screen)
{
	struct viewbench *bench = ctx;
	struct frame_tab tab = {1, bench->view->ops->title, true, 0};
	struct frame frame = viewbench_frame(bench, &tab);

	viewbench_draw(bench, screen, &frame);
}

void viewbench_dump(struct viewbench *bench, struct look look, struct str *out)
{
	CLEANUP(surface_freep)
	struct surface *surface = surface_new(look.width, look.height);
	struct canvas screen = canvas_of(surface, bench->theme, look.colours, look.ascii);

	viewbench_draw_alone(bench, &screen);
	surface_dump(surface, look.styles, out);
}

void viewbench_golden(struct viewbench *bench, const char *name)
{
	static const struct look looks[] = {
		{80, 24, 256, false, true},
		{120, 40, 256, false, false},
		{160, 48, 0, true, true},
		{40, 12, 16, false, false},
		{10, 3, 16, false, false},
	};

	for (size_t i = 0; i < ARRAY_LEN(looks); i++) {
		CLEANUP(str_done)
		struct str screen = STR_INIT(1 << 20), file = STR_INIT(256);

		viewbench_dump(bench, looks[i], &screen);
		str_addf(&file, "%s-%dx%d", name, looks[i].width, looks[i].height);
		golden_check(str_cstr(&file), str_slice(&screen));
	}
}

/* Printable in one look: no control, no C1, no bidi control, nothing invalid, no row too wide. */
static const char *wrong_with(struct slice screen, int width)
{
	for (struct slice line; slice_cut(&screen, '\n', &line);) {
		struct slice rest = line;
		uint32_t cp;

		if (text_width(line) > width)
			return "a row is too wide";
		while (rest.len) {
			if (!utf8_next(&rest, &cp))
				return "invalid UTF-8";
			if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
				return "a control character";
			if ((cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069) ||
				cp == 0x200e || cp == 0x200f || cp == 0x61c || cp == 0x2028 ||
				cp == 0x2029)
				return "a bidi control or separator";
		}
	}
	return NULL;
}

void viewbench_inert(struct viewbench *bench, struct look look, const char *what)
{
	CLEANUP(str_done)
	struct str screen = STR_INIT(1 << 20);
	const char *wrong;

	viewbench_dump(bench, look, &screen);
	wrong = wrong_with(str_slice(&screen), look.width);
	if (wrong)
		fail_msg("%s at %dx%d: %s\n%s", what, look.width, look.height, wrong,
			str_cstr(&screen));
}
