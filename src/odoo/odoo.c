/* A client made and freed, and what every answer tells beside its content.
 * Leaves calls to client.c and the login to handshake.c. Called by whoever has an Odoo to ask. */
#include "base/mem.h"
#include "part.h"
#include <stdlib.h>
#include <string.h>

static const char *copy(const char *text)
{
	return text ? mem_dup_str(text) : NULL;
}

/* "https://host:port", without what may stand behind. */
static const char *base_url(const char *url)
{
	const char *host = strstr(url, "://");
	const char *end = host ? strchr(host + 3, '/') : NULL;

	return end ? mem_dup(url, (size_t)(end - url)) : mem_dup_str(url);
}

struct odoo *odoo_new(struct loop *loop, struct http *http, const struct odoo_options *options)
{
	struct odoo *odoo = NEW(struct odoo);

	*odoo = (struct odoo){.loop = loop, .http = http, .options = *options};
	odoo->options.url = base_url(options->url);
	odoo->options.database = copy(options->database);
	odoo->options.login = copy(options->login);
	odoo->options.secret.file = copy(options->secret.file);
	odoo->options.secret.command = copy(options->secret.command);
	if (!options->deadline_us)
		odoo->options.deadline_us = ODOO_DEADLINE_US;
	odoo->known.version = "";
	return odoo;
}

void odoo_free(struct odoo *odoo)
{
	if (!odoo)
		return;
	client_drop_calls(odoo);
	handshake_void(odoo);
	mem_freep(&odoo->options.url);
	mem_freep(&odoo->options.database);
	mem_freep(&odoo->options.login);
	mem_freep(&odoo->options.secret.file);
	mem_freep(&odoo->options.secret.command);
	mem_freep(&odoo->version);
	free(odoo);
}

void odoo_freep(struct odoo **odoo)
{
	odoo_free(*odoo);
	*odoo = NULL;
}

const struct odoo_known *odoo_known(const struct odoo *odoo)
{
	return &odoo->known;
}

struct loop *odoo_loop(const struct odoo *odoo)
{
	return odoo->loop;
}

enum odoo_class client_end_class(enum http_end end)
{
	switch (end) {
	case HTTP_REFUSED:
		return ODOO_CALL;
	case HTTP_TIMEOUT:
		return ODOO_TIMEOUT;
	case HTTP_CANCELED:
		return ODOO_CANCELED;
	case HTTP_TOO_LARGE:
	case HTTP_GARBLED:
		return ODOO_GARBLED;
	default:
		return ODOO_UNREACHABLE;
	}
}

/* The date is of the answer's making, in whole seconds: the middle of its second, and of the way. */
static void keep_clock(struct odoo *odoo, const struct http_reply *reply)
{
	int64_t wall_us = clock_wall_us(loop_clock(odoo->loop)), date_us;

	if (!odoo_http_date(http_reply_header(reply, "Date"), &date_us))
		return;
	odoo->known.has_clock = true;
	odoo->known.clock_ahead_us = date_us + S_US / 2 - (wall_us - reply->took_us / 2);
}

bool client_heard(struct odoo *odoo, const struct http_reply *reply)
{
	if (reply->end != HTTP_ANSWERED)
		return false;
	odoo->known.latency_us = reply->took_us;
	keep_clock(odoo, reply);
	return true;
}
