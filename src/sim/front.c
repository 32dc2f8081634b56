/* Parts what comes to the demo's one address: a request for a proxy names a whole URL.
 * Leaves the ledger to target.c and orders to odoo_live.c. Called by odoo_serve.c. */
#include "front.h"
#include "base/mem.h"
#include "estate.h"
#include <stdlib.h>
#include <string.h>

/* "http://odoo.orderly-demo.example/req-in": the interface's code is what stands behind the host. */
static const struct sim_interface *interface_of(struct slice url)
{
	struct slice rest = slice_from(url, strlen("http://"));
	CLEANUP(mem_freep)
	char *code = NULL;

	rest = slice_from(rest, slice_find(rest, '/'));
	if (!rest.len)
		return NULL;
	code = mem_dup(rest.at + 1, rest.len - 1);
	return sim_interface_find(code);
}

static bool makes_order(const struct sim_interface *it)
{
	return it && it->form == FORM_ORDER_JSON && strcmp(it->target, "odoo") == 0;
}

void front_serve(void *ctx, const struct web_request *request, struct web_answer *answer)
{
	struct front *front = ctx;
	int64_t before = target_sim_applied(front->target);

	if (slice_eq_str(request->path, "/sim/counts") ||
		slice_eq_str(request->path, "/sim/ledger")) {
		target_sim_serve(front->target, request, answer);
		return;
	}
	if (!slice_starts(request->path, SLICE("http://"))) {
		odoo_sim_serve(front->odoo, request, answer);
		return;
	}
	target_sim_serve(front->target, request, answer);
	if (front->live && target_sim_applied(front->target) > before &&
		makes_order(interface_of(request->path)))
		odoo_live_take(front->live, web_header(request, "X-Message-Id"), request->body);
}
