/* What the parts of the view Payloads share. Private to the views. */
#ifndef VIEWS_PAYLOADS_PART_H
#define VIEWS_PAYLOADS_PART_H

#include "filter_line.h"
#include "ui/batches.h"
#include "ui/form.h"
#include "ui/table.h"
#include "views/views.h"

#define SCAN_HITS_MAX 10000

struct scan_work;

/* Goes through a window of payloads: asks for pages, the next while one is looked through by a helper
 * thread, so that neither the store nor the screen waits. */
struct scan {
	const struct view_env *env;
	struct batches *hits; /* the view's */
	void (*refused)(void *ctx, struct slice code, const char *words); /* the grant */
	void *ctx;

	enum {
		SCAN_NOTHING,
		SCAN_ASKS,
		SCAN_RUNS,
		SCAN_PAUSED,
		SCAN_OVER,
		SCAN_STOPPED,
		SCAN_FAILED
	} state;
	bool raw;
	struct err err; /* of what failed */
	int64_t since_us, upto_us; /* the window, once it is granted */
	int64_t payloads, bytes, too_slow, hits_n;
	int64_t match_us, began_us, took_us;
	double progress;

	/* Its own. */
	struct filter *filter;
	struct str text, grant, first_day, last_day, place;
	struct scan_work *work;
	struct rows *waiting; /* a page that came while one is being looked through */
	bool last_page;
	uint64_t ticket;
};

void scan_open(struct scan *scan);
void scan_close(struct scan *scan);

/* From the beginning: masked payloads, or raw ones for a reason. */
void scan_start(struct scan *scan, const struct filter *filter, const char *raw_reason);
void scan_stop(struct scan *scan);
void scan_pause(struct scan *scan); /* while nobody looks */
void scan_resume(struct scan *scan);
void scan_seal(struct scan *scan); /* ends a grant to see raw ones; what it had found goes */

struct payloads {
	struct view view;
	struct filter_line line;
	struct scan scan;
	struct batches hits;
	struct table table;
	bool shown, due; /* to be started when it is shown */
	int64_t now_us;

	bool asking;
	struct form form;
	struct field fields[1];
};

/* payloads_draw.c */
struct table_rows payloads_rows(const struct payloads *payloads);
int payloads_detail_height(int height);
void payloads_draw(const struct view *view, const struct canvas *canvas);
void payloads_status(const struct view *view, struct str *out);

#endif
