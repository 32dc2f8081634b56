/* The list of interfaces that this relay sends for: read from the store, endpoints parsed, secrets
 * fetched, clients of Odoo made. What cannot be used is told once and left out of claims, so that no
 * item fails for a fault of this host.
 * Called by relay.c, at the start, now and then, and when the catalogue changed. */
#include "base/file.h"
#include "base/mem.h"
#include "part.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void route_free(struct route *route)
{
	if (route->secret)
		mem_wipe(route->secret, strlen(route->secret));
	free(route->secret);
	odoo_free(route->odoo);
	endpoint_free(route->endpoint);
	free(route->interface);
	free(route->text);
	free(route);
}

/* Not from within an answer of its own client: see item_settle(). */
void route_unref(struct route *route)
{
	if (--route->refs == 0)
		route_free(route);
}

void routes_free(struct relay *relay)
{
	for (size_t i = 0; i < relay->n_routes; i++)
		route_unref(relay->routes[i]);
	free(relay->routes);
}

static size_t place_of(const struct relay *relay, struct slice interface)
{
	size_t i = 0;

	while (i < relay->n_routes && !slice_eq_str(interface, relay->routes[i]->interface))
		i++;
	return i;
}

struct route *route_find(const struct relay *relay, struct slice interface)
{
	size_t i = place_of(relay, interface);

	return i < relay->n_routes ? relay->routes[i] : NULL;
}

/* ---- making one ---------------------------------------------------------------------------------- */

static int secret_path(
	const struct relay *relay, const char *name, struct str *out, struct err *err)
{
	if (!relay->options.secrets)
		return err_set(err, -ENOENT, "it needs a secret, and there is no folder for them");
	str_addf(out, "%s/%s", relay->options.secrets, name);
	return 0;
}

/* Odoo's client fetches the file anew when a login is refused; HTTP's is read with the list. */
static int take_secret(struct relay *relay, struct route *route, struct err *err)
{
	CLEANUP(str_done)
	struct str path = STR_INIT(4096), text = STR_INIT(SECRET_MAX);
	int r;

	if (!route->endpoint->secret)
		return 0;
	r = secret_path(relay, route->endpoint->secret, &path, err);
	if (r == 0)
		r = file_read_secret(str_cstr(&path), &text, err);
	if (r == 0 && route->endpoint->kind == ENDPOINT_HTTP)
		route->secret = mem_dup_str(str_cstr(&text));
	if (text.at)
		mem_wipe(text.at, text.size);
	return r;
}

static void make_odoo(struct relay *relay, struct route *route)
{
	CLEANUP(str_done)
	struct str path = STR_INIT(4096);
	const struct endpoint *endpoint = route->endpoint;
	struct odoo_options options = {.url = endpoint->url,
		.database = endpoint->database,
		.login = endpoint->login,
		.deadline_us = endpoint->deadline_us};

	if (endpoint->kind != ENDPOINT_ODOO)
		return;
	(void)secret_path(relay, endpoint->secret, &path, NULL);
	options.secret.file = str_cstr(&path);
	route->odoo = odoo_new(relay->loop, relay->http, &options);
}

static struct route *route_new(struct relay *relay, const struct rows *rows, size_t row)
{
	struct route *route = NEW(struct route);
	struct slice interface = rows_text(rows, row, rows_col(rows, "interface"));
	struct slice text = rows_text(rows, row, rows_col(rows, "endpoint"));

	route->refs = 1;
	route->interface = mem_dup(interface.at, interface.len);
	route->text = mem_dup(text.at, text.len);
	route->target = target_of(relay, rows_text(rows, row, rows_col(rows, "target")));
	return route;
}

/* ---- the list ------------------------------------------------------------------------------------ */

static bool is_same(const struct route *old, const struct route *new)
{
	return strcmp(old->text, new->text) == 0 && old->target == new->target &&
	       !old->endpoint == !new->endpoint && !old->secret == !new->secret &&
	       (!old->secret || strcmp(old->secret, new->secret) == 0);
}

static void tell_unusable(struct relay *relay, const struct route *route, const struct err *err)
{
	relay_news(relay, &(struct relay_news){.event = RELAY_ROUTE,
				  .interface = route->interface,
				  .target = route->target->code,
				  .text = err->text});
}

/* Keeps the old one where nothing changed, with its connections and its login. */
static void keep(struct relay *relay, struct route *route, const struct err *err)
{
	size_t at = place_of(relay, slice_of(route->interface));

	if (at == relay->n_routes) {
		relay->routes = mem_resize(relay->routes, at + 1, sizeof(struct route *));
		relay->n_routes++;
		relay->routes[at] = NULL;
	}
	if (relay->routes[at] && is_same(relay->routes[at], route)) {
		relay->routes[at]->repeats = route->repeats;
		relay->routes[at]->listed = true;
		route_unref(route);
		return;
	}
	if (!route->endpoint)
		tell_unusable(relay, route, err);
	else
		make_odoo(relay, route);
	if (relay->routes[at])
		route_unref(relay->routes[at]);
	relay->routes[at] = route;
	route->listed = true;
}

static void take_route(struct relay *relay, const struct rows *rows, size_t row)
{
	struct route *route = route_new(relay, rows, row);
	struct err err = ERR_INIT;
	int r = endpoint_parse(slice_of(route->text), &route->endpoint, &err);

	if (r == 0)
		r = take_secret(relay, route, &err);
	if (r < 0) {
		endpoint_freep(&route->endpoint);
		relay->unusable++;
	}
	route->repeats = rows_bool(rows, row, rows_col(rows, "repeats"));
	if (!route->target->reporting && !route->target->probing && !route->target->probe_asked)
		target_take_state(route->target, rows_text(rows, row, rows_col(rows, "state")),
			rows_int(rows, row, rows_col(rows, "wait_ms")));
	keep(relay, route, &err);
}

static void drop_unlisted(struct relay *relay)
{
	size_t kept = 0;

	for (size_t i = 0; i < relay->n_routes; i++) {
		if (relay->routes[i]->listed)
			relay->routes[kept++] = relay->routes[i];
		else
			route_unref(relay->routes[i]);
	}
	relay->n_routes = kept;
}

static void on_routes(void *ctx, const struct query_result *result)
{
	struct relay *relay = ctx;

	relay->routes_ticket = 0;
	if (result->event == QUERY_FAILED) {
		relay_failed(relay, "relay-routes", result);
		return;
	}
	for (size_t i = 0; i < relay->n_routes; i++)
		relay->routes[i]->listed = false;
	relay->unusable = 0;
	for (size_t i = 0; i < rows_count(result->rows); i++)
		take_route(relay, result->rows, i);
	drop_unlisted(relay);
	relay->wanted = true;
	relay_move(relay);
}

void routes_ask(struct relay *relay)
{
	if (!relay->routes_ticket && pool_state(relay->pool) == POOL_UP && !relay->draining)
		relay->routes_ticket = relay_ask(relay, "relay-routes", NULL, on_routes, relay);
}
