/* Access reviews: beginning one, deciding about logins, signing.
 * That nobody decides about their own, and all else, is the store's to say.
 * Called by the view of the posture. */
#include "base/mem.h"
#include "posture_part.h"
#include <stdlib.h>

#define LOGINS_MAX (1 << 20)

static void say(const struct posture *me, const char *text)
{
	me->view.env->say(me->view.env->ctx, ROLE_MESSAGE, text);
}

static void begin(struct posture *me)
{
	if (me->at != AT_REVIEWS)
		posture_show_section(me, AT_REVIEWS);
	if (deed_begin(&me->deed, "begin", "review-begin", "Begin an access review"))
		deed_open(&me->deed);
}

struct logins {
	struct str text;
	int64_t n;
};

static void add_login(void *ctx, struct slice key)
{
	struct logins *logins = ctx;

	str_adds(&logins->text, logins->n++ ? "\n" : "");
	str_add(&logins->text, key);
}

static bool is_mine(const struct sheet *sheet)
{
	size_t row;
	const struct rows *rows = sheet_cursor(sheet, &row);

	return rows && rows_bool(rows, row, rows_col(rows, "mine"));
}

/* What is tagged, else the one under the cursor; several with their number typed. */
static void decide(struct posture *me, bool keep)
{
	struct sheet *sheet = &me->sheets[AT_REVIEW];
	struct deed *deed = &me->deed;
	struct logins logins = {STR_INIT(LOGINS_MAX), 0};

	tags_each(&sheet->table.tags, add_login, &logins);
	if (!logins.n && sheet->table.n)
		add_login(&logins, sheet_text(sheet, "key"));
	if (me->at != AT_REVIEW || !logins.n)
		say(me, "open a review first; its logins are decided about where they are read");
	else if (logins.n == 1 && is_mine(sheet))
		say(me, "nobody reviews their own access");
	else if (deed_begin(deed, keep ? "keep" : "ask to revoke", "review-decide",
			 keep ? "Kept: %lld of review %s" : "To be revoked: %lld of review %s",
			 (long long)logins.n, str_cstr(&me->review))) {
		if (logins.n == 1) {
			deed_note(deed, "%.*s: %.*s", SLICE_ARG(sheet_text(sheet, "login")),
				SLICE_ARG(sheet_text(sheet, "roles")));
			deed_note(deed, "%.*s", SLICE_ARG(sheet_text(sheet, "conflict")));
		}
		deed_text(deed, str_cstr(&me->review));
		deed_text(deed, str_cstr(&logins.text));
		deed_text(deed, keep ? "kept" : "revoke_asked");
		deed_ask_text(deed, "reason", "stays with the review, and in the audit", !keep);
		deed_ask_count(deed, logins.n);
		deed_open(deed);
	}
	str_done(&logins.text);
}

static void sign(struct posture *me)
{
	struct deed *deed = &me->deed;

	if (me->at != AT_REVIEW) {
		say(me, "open a review first; this is what you would sign");
		return;
	}
	if (!deed_begin(deed, "sign", "review-sign", "Sign review %s", str_cstr(&me->review)))
		return;
	deed_note(
		deed, "from here on it does not change; what is to be revoked, somebody proposes");
	deed_text(deed, str_cstr(&me->review));
	deed_ask_text(deed, "words", "on the whole; may be left out", false);
	deed_open(deed);
}

bool posture_deed(struct posture *me, enum action action)
{
	switch (action) {
	case ACTION_REVIEW_BEGIN:
		begin(me);
		return true;
	case ACTION_REVIEW_KEEP:
	case ACTION_REVIEW_REVOKE:
		decide(me, action == ACTION_REVIEW_KEEP);
		return true;
	case ACTION_REVIEW_SIGN:
		sign(me);
		return true;
	default:
		return false;
	}
}
