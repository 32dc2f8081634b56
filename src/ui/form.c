/* The form: moving between fields, changing them, checking that none is missing.
 * What the answers mean, and whether they hold, is the caller's.
 * Called by views whose acts need more than a yes. */
#include "ui/form.h"
#include "base/mem.h"
#include "base/text.h"
#include "ui/popup.h"

#define WIDTH 66
#define ROWS_PER_FIELD 2

static void step(struct form *form, int by)
{
	do {
		form->at =
			(form->at + form->n + 1 + (size_t)(by + (int)form->n + 1)) % (form->n + 1);
	} while (form->at < form->n && form->fields[form->at].kind == FIELD_NOTE);
}

void form_open(struct form *form)
{
	for (size_t i = 0; i < form->n; i++)
		prompt_open(&form->fields[i].text, "");
	form->at = form->n;
	step(form, 1);
}

void form_done(struct form *form)
{
	for (size_t i = 0; i < form->n; i++)
		prompt_done(&form->fields[i].text);
}

/* The first field that is wanting, or n. */
static size_t check(struct form *form)
{
	size_t first = form->n;

	for (size_t i = form->n; i-- > 0;) {
		struct field *field = &form->fields[i];

		field->error = NULL;
		if (field->kind == FIELD_TEXT && field->needed &&
			!slice_trim(str_slice(&field->text.text)).len) {
			field->error = "this is needed";
			first = i;
		}
	}
	return first;
}

static enum form_answer accept(struct form *form)
{
	if (form->at < form->n) {
		step(form, 1);
		return FORM_PENDING;
	}
	form->at = check(form);
	return form->at == form->n ? FORM_SUBMITTED : FORM_PENDING;
}

static void change(struct field *field, int by)
{
	if (field->kind == FIELD_CHECK)
		field->checked = !field->checked;
	else if (field->kind == FIELD_CHOICE && field->n_choices)
		field->chosen =
			(field->chosen + field->n_choices + (size_t)(by + (int)field->n_choices)) %
			field->n_choices;
}

static void type(struct field *field, const struct input *input)
{
	if (field->kind != FIELD_TEXT) {
		if (input->kind == INPUT_KEY && input->key.code == ' ')
			change(field, 1);
		return;
	}
	field->error = NULL;
	if (input->kind == INPUT_PASTE)
		prompt_type(&field->text, input->paste);
	else
		prompt_type_key(&field->text, input->key);
}

enum form_answer form_input(
	struct form *form, const struct keymap *keymap, const struct input *input)
{
	struct field *field = form->at < form->n ? &form->fields[form->at] : NULL;
	enum action action = ACTION_NONE;

	if (input->kind == INPUT_KEY)
		keymap_lookup(keymap, CONTEXT_PROMPT, &input->key, 1, &action);
	switch (action) {
	case ACTION_PROMPT_ACCEPT:
		return accept(form);
	case ACTION_PROMPT_GIVE_UP:
		return FORM_LEFT;
	case ACTION_PROMPT_OLDER:
		step(form, -1);
		return FORM_PENDING;
	case ACTION_PROMPT_NEWER:
	case ACTION_PROMPT_COMPLETE:
		step(form, 1);
		return FORM_PENDING;
	default:
		break;
	}
	if (!field)
		return FORM_PENDING;
	if (action == ACTION_NONE)
		type(field, input);
	else if (field->kind == FIELD_TEXT)
		prompt_act(&field->text, action, NULL);
	else if (action == ACTION_PROMPT_LEFT || action == ACTION_PROMPT_RIGHT)
		change(field, action == ACTION_PROMPT_LEFT ? -1 : 1);
	return FORM_PENDING;
}

static int label_width(const struct form *form)
{
	int width = 0;

	for (size_t i = 0; i < form->n; i++) {
		int here = form->fields[i].kind == FIELD_NOTE
				   ? 0
				   : text_width(slice_of(form->fields[i].label));

		width = here > width ? here : width;
	}
	return width + 1;
}

static void draw_value(
	const struct field *field, const struct canvas *canvas, int x, int y, bool on)
{
	int room = canvas->width - x;

	if (field->kind == FIELD_TEXT && on) {
		struct canvas part = canvas_sub(canvas, x, y, room, 1);

		prompt_draw(&field->text, &part, 0);
		return;
	}
	if (field->kind == FIELD_TEXT)
		canvas_text(canvas, x + 1, y, room - 1, ROLE_TEXT, str_slice(&field->text.text));
	else if (field->kind == FIELD_CHECK)
		canvas_text(canvas, x + 1, y, room - 1, ROLE_TEXT,
			field->checked ? SLICE("[x]") : SLICE("[ ]"));
	else if (field->n_choices)
		canvas_printf(canvas, x + 1, y, room - 1, ROLE_TEXT, "< %s >",
			field->choices[field->chosen]);
	if (on)
		surface_cursor(canvas->surface, canvas->x + x + 1, canvas->y + y, true);
}

static void draw_field(
	const struct form *form, size_t i, const struct canvas *box, int y, int label_cells)
{
	const struct field *field = &form->fields[i];
	bool on = form->at == i;

	if (field->kind == FIELD_NOTE) {
		canvas_text(box, 2, y, box->width - 2, ROLE_DIM, slice_of(field->label));
		return;
	}
	if (on)
		canvas_glyph(box, 0, y, ROLE_CURSOR_MARK);
	canvas_text(box, 2, y, label_cells, on ? ROLE_STRONG : ROLE_TEXT, slice_of(field->label));
	draw_value(field, box, 2 + label_cells, y, on);
	if (field->error)
		canvas_text(box, 3 + label_cells, y + 1, box->width - label_cells - 3, ROLE_ERROR,
			slice_of(field->error));
	else if (on && field->help)
		canvas_text(box, 3 + label_cells, y + 1, box->width - label_cells - 3, ROLE_DIM,
			slice_of(field->help));
}

/* Fields that do not fit above the button are scrolled to the one that one is in. */
void form_draw(const struct form *form, const struct canvas *screen)
{
	struct canvas box = popup_open(screen, WIDTH, (int)form->n * ROWS_PER_FIELD + 1,
		slice_of(form->title), ROLE_STRONG);
	int fit = (box.height - 1) / ROWS_PER_FIELD, label_cells = label_width(form);
	size_t first = 0, last_at = form->at < form->n ? form->at : form->n - 1;

	if (form->n && fit > 0 && last_at >= (size_t)fit)
		first = last_at - (size_t)fit + 1;
	for (size_t i = first; i < form->n && (int)(i - first) < fit; i++)
		draw_field(form, i, &box, (int)(i - first) * ROWS_PER_FIELD, label_cells);
	canvas_printf(&box, 2, box.height - 1, box.width - 2,
		form->at == form->n ? ROLE_TAB_ACTIVE : ROLE_TAB, "[ %s ]", form->submit);
	if (form->at == form->n) {
		canvas_glyph(&box, 0, box.height - 1, ROLE_CURSOR_MARK);
		surface_cursor(box.surface, box.x + 2, box.y + box.height - 1, true);
	}
}
