/* What the parts of the source that asks Odoo share: one question under way, and how it ends. */
#ifndef APP_ODOO_QUEST_H
#define APP_ODOO_QUEST_H

#include "app/source_odoo.h"
#include "base/loop.h"
#include "model/odoo_questions.h"
#include "model/source.h"
#include "odoo/read.h"

struct source_odoo {
	struct source source;
	struct source *store;
	struct loop *loop;
	struct {
		const char *system;
		struct http *http;
		struct odoo *odoo;
	} odoos[ODOO_MOST];
	size_t n_odoos;
	struct quest *quests;
	uint64_t last;
};

/* One question of a view. Whatever it needs lies in its arena. */
struct quest {
	struct source_odoo *source;
	struct quest *next, **link;
	uint64_t ticket, odoo_ticket, store_ticket;
	const struct odoo_question *question;
	const struct quest_kind *kind;
	const char **params;
	struct odoo *odoo; /* which one is asked, once it is known */
	const char *system; /* which one is meant; "": the only one */
	void (*picked)(struct quest *quest);
	void (*reply)(void *ctx, const struct reply *reply);
	void *ctx;
	struct arena arena;
	int64_t began_us, until_us;
	void *own; /* the kind's */
	struct rows_builder *rows;
	struct str text;
};

struct list;

struct quest_kind {
	const char *question;
	void (*start)(struct quest *quest);
	int odoo_at; /* the parameter that says which Odoo; -1: the store says it */
	const struct list *list; /* of odoo_lists.c */
};

extern const struct list list_crons, list_automations, list_queue, list_models;
void quest_list(struct quest *quest); /* odoo_lists.c */
void quest_automations(struct quest *quest);
void quest_find(struct quest *quest); /* odoo_records.c */
void quest_record(struct quest *quest);
void quest_beside(struct quest *quest); /* odoo_beside.c */

/* Finds the Odoo of that system and goes on, or ends the quest; NULL is "". */
void quest_pick(struct quest *quest, const char *system, void (*picked)(struct quest *quest));

/* Rows of the question's columns are begun. */
void quest_rows(struct quest *quest);

/* The quest is gone after either. */
void quest_done(struct quest *quest);
void quest_fail(struct quest *quest, int code, const char *text);
/* Why Odoo said no, in words for people. */
void quest_refuse(struct quest *quest, const struct odoo_reply *reply);

/* Asks Odoo, or the store, for this quest; the one answers, or the quest is dropped. */
void quest_ask(struct quest *quest, struct odoo_ask ask,
	void (*done)(void *ctx, const struct odoo_reply *reply));
void quest_fields(struct quest *quest, const char *model, const char *const *names, size_t n,
	void (*done)(void *ctx, const struct odoo_reply *reply, const struct odoo_field *fields,
		size_t n_fields));
void quest_store(struct quest *quest, const char *question, const char *const *params,
	size_t n_params, void (*reply)(void *ctx, const struct reply *reply));

/* search_read with the names of fields as they come. */
void quest_read(struct quest *quest, const char *model, struct slice domain,
	const char *const *fields, size_t n, const char *order, int limit,
	void (*done)(void *ctx, const struct odoo_reply *reply));

/* A cell from a value of Odoo's, as the column's type wants it; false is nothing but for a bool. */
void quest_cell(struct quest *quest, enum column_type type, const struct value *value);
/* "2026-11-21 09:14:02", in UTC. */
bool odoo_time(struct slice text, int64_t *ret_wall_us);

#endif
