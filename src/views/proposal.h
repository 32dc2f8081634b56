/* A draft of something that is governed: edited in the person's own editor, tried by the store, proposed
 * with a reason. Another person decides, elsewhere. A draft is a document as `orderly catalogue import`
 * takes it; it is kept until it is proposed or dropped. */
#ifndef VIEWS_PROPOSAL_H
#define VIEWS_PROPOSAL_H

#include "deed.h"
#include "text.h"

struct proposal {
	const struct view_env *env;
	void (*changed)(void *ctx); /* the draft, or what the store says of it */
	void *ctx;

	struct str draft; /* empty: there is none */
	struct rows *tried; /* what the store says of it; NULL: not asked, or not answered yet */

	/* Its own. */
	struct str name, object; /* of the file that is edited; what the draft is of */
	uint64_t ticket;
	bool fetching;
};

void proposal_open(struct proposal *proposal);
void proposal_close(struct proposal *proposal);
void proposal_hide(struct proposal *proposal); /* nothing is waited for; the draft stays */

/* Opens the editor: on the draft, else on the object as it is, else on the text for a new one. */
void proposal_edit(struct proposal *proposal, const char *kind, const char *code);
void proposal_edit_new(struct proposal *proposal, const char *kind, const char *document);
void proposal_drop(struct proposal *proposal);

/* The deed asks for the reason and proposes. Whose ended() is told says proposal_made() when it is done:
 * the draft is dropped, and the change that it became is shown. */
void proposal_propose(struct proposal *proposal, struct deed *deed);
void proposal_made(struct proposal *proposal, int64_t change);

bool proposal_there(const struct proposal *proposal);

/* What it would change, and what is wrong with it; nothing when there is no draft. */
void proposal_text(const struct proposal *proposal, struct text *text);
void proposal_status(const struct proposal *proposal, struct str *out);

#endif
