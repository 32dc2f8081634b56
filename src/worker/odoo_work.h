/* What the worker does with Odoo: it answers whether Odoo has something already, looks how Odoo
 * does, and reconciles interfaces with it. Private to the worker. */
#ifndef WORKER_ODOO_WORK_H
#define WORKER_ODOO_WORK_H

#include "duty.h"
#include "odoo/guard.h"
#include "worker/worker.h"

struct check;
struct probe;
struct reconciler;

/* One for each Odoo that the profile names. */
struct odoo_work {
	struct odoo_work *next;
	struct duty_host *host;
	const char *name; /* the worker's */
	const char *system; /* as the catalogue calls it; "": the only one there */
	char *known; /* of the first: the names of all, for what is nobody's; else NULL */
	char *server; /* the address and the database, for people */
	struct http *http;
	struct odoo *odoo;
	bool started;

	/* checks.c */
	struct timer *check_timer;
	uint64_t check_ticket; /* of the question which checks there are */
	struct check *checks;
	bool full; /* as many as were wanted were there: more may wait */

	struct probe *probe;
	struct reconciler *reconciler;
};

/* Of all; NULL where no Odoo is named. Host and odoos are borrowed. */
struct odoo_work *odoo_work_new(
	struct duty_host *host, const struct odoo_named *odoos, size_t n, const char *name);
void odoo_work_free(struct odoo_work *work); /* NULL is fine, here and below */
void odoo_work_start(struct odoo_work *work);
void odoo_work_stop(struct odoo_work *work); /* what Odoo is being asked is dropped */

/* Why nobody can be asked about what belongs to this system. */
void odoo_work_nobodys(struct slice system, struct str *out);

/* Writes something down; who asked is not told how it went. */
void odoo_work_tell(struct odoo_work *work, const char *statement, const char *const *params);

void checks_open(struct odoo_work *work);
void checks_close(struct odoo_work *work);
void checks_start(struct odoo_work *work);
void checks_stop(struct odoo_work *work);

struct probe *probe_new(struct odoo_work *work);
void probe_free(struct probe *probe);
void probe_start(struct probe *probe);
void probe_stop(struct probe *probe);

struct reconciler *reconciler_new(struct odoo_work *work);
void reconciler_free(struct reconciler *reconciler);
void reconciler_start(struct reconciler *reconciler);
void reconciler_stop(struct reconciler *reconciler);

#endif
