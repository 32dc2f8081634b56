/* Asking once more.
 * What is done on a yes is the caller's.
 * Called by whoever is about to do what cannot be undone. */
#include "ui/confirm.h"
#include "base/mem.h"
#include "base/text.h"
#include "ui/popup.h"

#define QUESTION_MAX 4096
#define WIDTH_MIN 34

void confirm_open(struct confirm *confirm, struct slice question, const char *yes, int64_t count)
{
	*confirm = (struct confirm){.question = STR_INIT(QUESTION_MAX), .yes = yes, .count = count};
	str_add(&confirm->question, question);
	prompt_open(&confirm->typed, "number:");
}

void confirm_done(struct confirm *confirm)
{
	str_done(&confirm->question);
	prompt_done(&confirm->typed);
}

static enum confirm_answer accept(struct confirm *confirm)
{
	int64_t typed;

	if (confirm->count <= 1)
		return confirm->on_yes ? CONFIRM_YES : CONFIRM_NO;
	if (!confirm->typed.text.len)
		return CONFIRM_NO;
	if (slice_to_i64(slice_trim(str_slice(&confirm->typed.text)), 0, INT64_MAX, &typed) == 0 &&
		typed == confirm->count)
		return CONFIRM_YES;
	confirm->wrong = true;
	return CONFIRM_PENDING;
}

enum confirm_answer confirm_input(
	struct confirm *confirm, const struct keymap *keymap, const struct input *input)
{
	enum action action = ACTION_NONE;

	if (input->kind != INPUT_KEY)
		return CONFIRM_PENDING; /* nothing is confirmed by a paste */
	keymap_lookup(keymap, CONTEXT_PROMPT, &input->key, 1, &action);
	switch (action) {
	case ACTION_PROMPT_ACCEPT:
		return accept(confirm);
	case ACTION_PROMPT_GIVE_UP:
		return CONFIRM_NO;
	case ACTION_NONE:
		if (confirm->count > 1 && input->key.code >= '0' && input->key.code <= '9')
			prompt_type_key(&confirm->typed, input->key);
		confirm->wrong = false;
		return CONFIRM_PENDING;
	case ACTION_PROMPT_LEFT:
	case ACTION_PROMPT_RIGHT:
	case ACTION_PROMPT_COMPLETE:
		confirm->on_yes = !confirm->on_yes;
		return CONFIRM_PENDING;
	default:
		prompt_act(&confirm->typed, action, NULL);
		confirm->wrong = false;
		return CONFIRM_PENDING;
	}
}

static void draw_buttons(const struct confirm *confirm, const struct canvas *box, int y)
{
	int x = 0;

	for (int i = 0; i < 2; i++) {
		bool on = confirm->on_yes == (i == 1);
		int width =
			canvas_printf(box, x, y, box->width - x, on ? ROLE_TAB_ACTIVE : ROLE_TAB,
				on ? "[ %s ]" : "  %s  ", i ? confirm->yes : "No, leave it");

		if (on)
			surface_cursor(box->surface, box->x + x, box->y + y, true);
		x += width + 2;
	}
}

static void add_how(const struct confirm *confirm, struct str *out)
{
	str_adds(out, confirm->wrong ? "that is not it; type " : "type ");
	str_addf(out, "%lld to do it, Enter alone leaves it", (long long)confirm->count);
}

void confirm_draw(const struct confirm *confirm, const struct canvas *screen)
{
	CLEANUP(str_done)
	struct str how = STR_INIT(128);
	struct slice rest = str_slice(&confirm->question), line;
	int width = WIDTH_MIN, height = 2, y = 0;

	if (confirm->count > 1)
		add_how(confirm, &how);
	width = text_width(str_slice(&how)) > width ? text_width(str_slice(&how)) : width;
	while (slice_cut(&rest, '\n', &line)) {
		width = text_width(line) > width ? text_width(line) : width;
		height++;
	}
	struct canvas box = popup_open(screen, width, height, slice_of(confirm->yes), ROLE_MESSAGE);

	rest = str_slice(&confirm->question);
	while (slice_cut(&rest, '\n', &line) && y < box.height - 2)
		canvas_text(&box, 0, y++, box.width, ROLE_TEXT, line);
	if (confirm->count <= 1) {
		draw_buttons(confirm, &box, box.height - 1);
		return;
	}
	canvas_text(&box, 0, box.height - 2, box.width, confirm->wrong ? ROLE_ERROR : ROLE_DIM,
		str_slice(&how));
	prompt_draw(&confirm->typed, &box, box.height - 1);
}
