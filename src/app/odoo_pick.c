/* Which Odoo of the profile a question goes to: that of the system which it names, else the only one of
 * the catalogue. A wrong one is never asked.
 * Called by the kinds of questions. */
#include "base/mem.h"
#include "odoo_quest.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct odoo *named(const struct source_odoo *me, const char *system)
{
	for (size_t i = 0; i < me->n_odoos; i++)
		if (strcmp(me->odoos[i].system, system) == 0)
			return me->odoos[i].odoo;
	return NULL;
}

/* One without a name is the catalogue's only one, and none of several. */
static void on_systems(void *ctx, const struct reply *reply)
{
	struct quest *quest = ctx;
	bool only;
	char words[200];

	quest->store_ticket = 0;
	if (reply->kind != REPLY_DONE) {
		quest_fail(quest, reply->err->code, reply->err->text);
		return;
	}
	if (!*quest->system && rows_count(reply->rows) == 1)
		quest->system = arena_str(&quest->arena, rows_text(reply->rows, 0, 0));
	only = rows_count(reply->rows) == 0 ||
	       (rows_count(reply->rows) == 1 &&
		       slice_eq_str(rows_text(reply->rows, 0, 0), quest->system));
	if (*quest->system)
		quest->odoo = named(quest->source, quest->system);
	if (!quest->odoo && only)
		quest->odoo = named(quest->source, "");
	if (quest->odoo) {
		quest->picked(quest);
		return;
	}
	(void)snprintf(words, sizeof(words),
		*quest->system
			? "no Odoo named %.100s in the profile"
			: "the catalogue has several Odoos, and does not say which of them%s",
		quest->system);
	quest_fail(quest, -ENOENT, words);
}

void quest_pick(struct quest *quest, const char *system, void (*picked)(struct quest *quest))
{
	quest->system = system ? system : "";
	quest->picked = picked;
	if (*quest->system)
		quest->odoo = named(quest->source, quest->system);
	if (!quest->source->n_odoos)
		quest_fail(quest, -ENOENT,
			"no Odoo is named in this profile: odoo-url, odoo-db, odoo-login and a key");
	else if (quest->odoo)
		picked(quest);
	else
		quest_store(quest, "odoo-systems", NULL, 0, on_systems);
}
