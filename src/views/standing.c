/* Words, roles and numbers of how an interface stands.
 * What the states mean is the store's; where they are shown is the views'.
 * Called by the overview, the SLA page and the wallboard. */
#include "standing.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/format.h"

static const struct {
	const char *state, *word;
	enum role role;
} words[] = {
	{"breach", "BREACH", ROLE_STATE_DEAD},
	{"late", "LATE", ROLE_STATE_FAILING},
	{"silent", "SILENT", ROLE_STATE_SILENT},
	{"at_risk", "AT RISK", ROLE_STATE_RETRYING},
	{"failing", "failing", ROLE_STATE_FAILING},
	{"slow", "slow", ROLE_STATE_SLOW},
	{"maintenance", "maint.", ROLE_STATE_CANCELLED},
	{"few", "too few", ROLE_STATE_NONE},
	{"none", "no data", ROLE_STATE_NONE},
	{"ok", "ok", ROLE_STATE_OK},
};

struct slice standing_word(struct slice state)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (slice_eq_str(state, words[i].state))
			return slice_of(words[i].word);
	return state;
}

enum role standing_role(struct slice state)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (slice_eq_str(state, words[i].state))
			return words[i].role;
	return ROLE_TEXT;
}

void standing_draw(const struct canvas *canvas, struct slice state, bool silenced)
{
	enum role role = silenced ? ROLE_DIM : standing_role(state);
	int x = silenced ? canvas_text(canvas, 0, 0, canvas->width, role,
				   canvas->plain ? SLICE("silenced,") : SLICE("z"))
			 : canvas_glyph(canvas, 0, 0, role);

	x += x > 0;
	canvas_text(canvas, x, 0, canvas->width - x, role, standing_word(state));
}

/* Hundredths of a percent, rounded down: what is missed by a hair is not shown as kept. */
void standing_add_good(struct str *out, int64_t bad, int64_t total)
{
	int64_t good, part;

	if (total <= 0) {
		str_addc(out, '-');
		return;
	}
	good = bad > total ? 0 : total - bad;
	part = (int64_t)((long double)good * 10000 / (long double)total);
	part = bad > 0 && part == 10000 ? 9999 : part;
	str_addf(out, "%lld.%02lld", (long long)(part / 100), (long long)(part % 100));
}

void standing_add_objective(struct str *out, int64_t ppm)
{
	int64_t whole = ppm / 10000, rest = ppm % 10000;
	int digits = 4;

	while (digits > 0 && rest % 10 == 0) {
		rest /= 10;
		digits--;
	}
	str_addf(out, "%lld", (long long)whole);
	if (digits)
		str_addf(out, ".%0*lld", digits, (long long)rest);
}

void standing_add_budget(struct str *out, int64_t ppm)
{
	int64_t percent = ppm / 10000;

	if (ppm < 0 && ppm % 10000)
		percent--; /* overdrawn is never shown as nothing left */
	if (percent < -9999)
		str_addf(out, "%lldk %%", (long long)(percent / 1000));
	else
		str_addf(out, "%lld %%", (long long)percent);
}

void standing_add_rate(struct str *out, int64_t hundredths)
{
	if (hundredths >= 10000)
		str_addf(out, "%lldx", (long long)(hundredths / 100));
	else
		str_addf(out, "%lld.%lldx", (long long)(hundredths / 100),
			(long long)(hundredths % 100 / 10));
}

void standing_add_ms(struct str *out, double ms)
{
	if (ms < 999.5)
		str_addf(out, "%.0fms", ms);
	else if (ms < 60000)
		str_addf(out, "%.1fs", ms / 1000);
	else
		format_age(out, (int64_t)(ms * (double)MS_US));
}

void standing_add_why(struct str *out, const struct rows *rows, size_t row, int64_t wall_us)
{
	struct slice state = rows_text(rows, row, rows_col(rows, "state"));
	size_t at = rows_col(rows, "why_at");

	str_add(out, rows_text(rows, row, rows_col(rows, "why")));
	if (slice_eq_str(state, "breach")) {
		str_adds(out, ": ");
		standing_add_good(out, rows_int(rows, row, rows_col(rows, "bad")),
			rows_int(rows, row, rows_col(rows, "total")));
		str_adds(out, " of ");
		standing_add_objective(out, rows_int(rows, row, rows_col(rows, "objective_ppm")));
		str_adds(out, " %");
	}
	if (rows_null(rows, row, at))
		return;
	str_adds(out, slice_eq_str(state, "late")          ? ", due "
		      : slice_eq_str(state, "maintenance") ? ", for another "
							   : ", for ");
	if (slice_eq_str(state, "maintenance"))
		format_age(out, rows_time(rows, row, at) - wall_us);
	else
		format_age(out, wall_us - rows_time(rows, row, at));
	if (slice_eq_str(state, "late"))
		str_adds(out, " ago");
}

bool standing_is_silenced(const struct rows *rows, size_t row)
{
	return !rows_null(rows, row, rows_col(rows, "silenced_until"));
}

void standing_add_silence(struct str *out, const struct rows *rows, size_t row, int64_t wall_us)
{
	struct slice by = rows_text(rows, row, rows_col(rows, "silenced_by"));
	struct slice why = rows_text(rows, row, rows_col(rows, "silenced_why"));

	if (!standing_is_silenced(rows, row))
		return;
	str_adds(out, "silenced for ");
	format_age(out, rows_time(rows, row, rows_col(rows, "silenced_until")) - wall_us);
	str_addf(out, " by %.*s: %.*s", SLICE_ARG(by), SLICE_ARG(why));
}

int standing_words(
	const struct canvas *canvas, int x, int y, enum role role, const struct str *said)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(8 * 1024);
	struct slice rest = str_slice(said), dot = SLICE(" · ");

	while (canvas->plain && rest.len) {
		bool here = slice_starts(rest, dot);

		str_add(&text, here ? SLICE(", ") : slice_head(rest, 1));
		rest = slice_from(rest, here ? dot.len : 1);
	}
	return canvas_text(
		canvas, x, y, canvas->width - x, role, canvas->plain ? str_slice(&text) : rest);
}

/* What the word of the state leaves unsaid. */
static bool has_more(struct slice state)
{
	return !slice_eq_str(state, "ok") && !slice_eq_str(state, "few");
}

void standing_draw_detail(
	const struct canvas *canvas, const struct rows *rows, size_t row, int64_t wall_us)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(4096), more = STR_INIT(4096);

	if (!canvas->plain)
		canvas_line(canvas, 0, ROLE_BORDER);
	str_add(&text, rows_text(rows, row, rows_col(rows, "title")));
	if (has_more(rows_text(rows, row, rows_col(rows, "state"))))
		standing_add_why(&more, rows, row, wall_us);
	if (more.len)
		str_addf(&text, " · %s", str_cstr(&more));
	str_reset(&more);
	standing_add_silence(&more, rows, row, wall_us);
	if (more.len)
		str_addf(&text, " · %s", str_cstr(&more));
	standing_words(canvas, 1, 1, ROLE_TEXT, &text);
}

bool standing_nth(struct slice list, size_t nth, int64_t *ret)
{
	struct slice part = SLICE("");

	for (size_t i = 0; i <= nth; i++)
		if (!slice_cut(&list, ',', &part))
			return false;
	return slice_to_i64(slice_trim(part), INT64_MIN / 16, INT64_MAX / 16, ret) == 0;
}
