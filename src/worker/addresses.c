/* Looks at addresses and writes down what it saw.
 * Which, how often, and what follows from it, is the store's; which queues a broker has, broker.c's.
 * Called by worker.c. */
#include "addresses.h"
#include "base/base64.h"
#include "base/file.h"
#include "base/mem.h"
#include "http/http.h"
#include "odoo/value.h"
#include <stdlib.h>
#include <string.h>

#define POLL_US (2 * S_US)
#define WANT "8"
#define SECRET_LEN_MAX 4096
#define DETAIL_MAX ((size_t)1024 * 1024)

/* A page may be large; a broker of five hundred queues says less than half of this. */
#define ANSWER_MAX ((size_t)2 * 1024 * 1024)
#define QUEUES                                                                             \
	"/api/queues?page=1&page_size=500&pagination=true&sort=messages&sort_reverse=true" \
	"&columns=name,vhost,messages,messages_unacknowledged,consumers,arguments"

enum look_kind {
	LOOK_HTTP,
	LOOK_TLS,
	LOOK_BROKER,
};

/* One probe under way. */
struct look {
	struct addresses *addresses;
	struct look *next, **link;
	char *probe;
	enum look_kind kind;
	int64_t expect; /* 0: any below 400 */
	uint64_t ticket, told; /* of the request; of the record */
};

struct addresses {
	struct duty_host *host;
	struct http *http;
	const char *secrets, *name;
	struct timer *timer;
	uint64_t claim;
	struct look *first;
	bool started;
};

static void look_free(struct look *look)
{
	*look->link = look->next;
	if (look->next)
		look->next->link = look->link;
	if (look->ticket)
		http_drop(look->addresses->http, look->ticket);
	if (look->told)
		pool_drop(look->addresses->host->pool, look->told);
	if (look->ticket || look->told)
		look->addresses->host->running--;
	free(look->probe);
	free(look);
}

/* ---- what was seen ------------------------------------------------------------------------------------ */

static void on_recorded(void *ctx, const struct query_result *result)
{
	struct look *look = ctx;
	struct duty_host *host = look->addresses->host;

	look->told = 0;
	if (result->event == QUERY_FAILED) {
		jsonl_begin(host->jsonl, LOG_WARN, "not written down");
		jsonl_text(host->jsonl, "probe", look->probe);
		jsonl_text(host->jsonl, "error", result->err->text);
		jsonl_end(host->jsonl);
	}
	look_free(look);
	host->running--;
	host->idle(host->ctx);
}

/* The record stands for the request in what is under way. */
static void record(struct look *look, const struct str *detail)
{
	const char *params[] = {look->addresses->name, look->probe, str_cstr(detail)};

	look->told = pool_query(look->addresses->host->pool,
		&(struct query){.statement = statement_find("probe-record"),
			.params = params,
			.fn = on_recorded,
			.ctx = look});
}

static void begin(struct str *detail, bool ok, const char *class, const char *message)
{
	str_addf(detail, "{\"ok\": %s, \"class\": \"%s\"", ok ? "true" : "false", class);
	if (message) {
		str_adds(detail, ", \"message\": ");
		if (!value_put_text(detail, slice_of(message)))
			str_adds(detail, "null");
	}
}

static bool is_expected(const struct look *look, const struct http_reply *reply)
{
	if (look->kind == LOOK_TLS)
		return true;
	return look->expect ? reply->status == look->expect : reply->status < 400;
}

static void judge(const struct look *look, const struct http_reply *reply, struct str *detail,
	struct str *queues)
{
	if (reply->end != HTTP_ANSWERED)
		begin(detail, false, http_end_name(reply->end), reply->err->text);
	else if (look->kind == LOOK_BROKER && (reply->status == 401 || reply->status == 403))
		begin(detail, false, "auth", "it refuses our login");
	else if (!is_expected(look, reply))
		begin(detail, false, "status", "it answers with another status than is expected");
	else if (look->kind == LOOK_BROKER && !broker_read(reply->body, queues))
		begin(detail, false, "garbled", "that is no answer of a management plugin");
	else
		begin(detail, true, "ok", NULL);
}

static void on_reply(void *ctx, const struct http_reply *reply)
{
	struct look *look = ctx;
	CLEANUP(str_done)
	struct str detail = STR_INIT(DETAIL_MAX), queues = STR_INIT(DETAIL_MAX / 2);

	look->ticket = 0;
	judge(look, reply, &detail, &queues);
	if (reply->status)
		str_addf(&detail, ", \"status\": %d", reply->status);
	str_addf(&detail, ", \"latency_ms\": %.3f", (double)reply->took_us / MS_US);
	if (reply->cert_ends_s)
		str_addf(&detail, ", \"cert_expires_s\": %lld", (long long)reply->cert_ends_s);
	if (queues.len && !queues.cut)
		str_addf(&detail, ", \"queues\": %s", str_cstr(&queues));
	str_addc(&detail, '}');
	record(look, &detail);
}

/* ---- looking --------------------------------------------------------------------------------------------- */

static int read_secret(
	const struct addresses *addresses, struct slice name, struct str *out, struct err *err)
{
	CLEANUP(str_done)
	struct str path = STR_INIT(4096);

	if (!name.len)
		return 0;
	if (!addresses->secrets)
		return err_set(err, -1, "there is no folder of secrets on this host");
	str_addf(&path, "%s/%.*s", addresses->secrets, SLICE_ARG(name));
	return file_read_secret(str_cstr(&path), out, err);
}

static void cannot(struct look *look, const char *why)
{
	CLEANUP(str_done)
	struct str detail = STR_INIT(2048);

	begin(&detail, false, "secret", why);
	str_addc(&detail, '}');
	record(look, &detail);
}

static struct slice cell(const struct rows *rows, size_t row, const char *column)
{
	return rows_text(rows, row, rows_col(rows, column));
}

static void ask(struct look *look, const struct rows *rows, size_t row)
{
	struct addresses *addresses = look->addresses;
	struct arena arena = ARENA_INIT;
	struct str secret = STR_INIT(SECRET_LEN_MAX), words = STR_INIT(2 * SECRET_LEN_MAX);
	struct err err = ERR_INIT;
	struct slice url = cell(rows, row, "url"), login = cell(rows, row, "account");
	struct http_header header = {SLICE("Authorization"), SLICE_NONE};
	const char *address = arena_str(&arena, url);

	if (read_secret(addresses, cell(rows, row, "secret"), &secret, &err) < 0) {
		cannot(look, err.text);
	} else {
		if (secret.len && login.len) {
			str_addf(&words, "%.*s:%s", SLICE_ARG(login), str_cstr(&secret));
			header.value = slice_of(arena_printf(&arena, "Basic %.*s",
				SLICE_ARG(base64(&arena, str_slice(&words)))));
		} else if (secret.len) {
			header.value =
				slice_of(arena_printf(&arena, "Bearer %s", str_cstr(&secret)));
		}
		if (look->kind == LOOK_BROKER)
			address = arena_printf(&arena, "%.*s" QUEUES,
				(int)url.len - slice_ends(url, SLICE("/")), url.at);
		look->ticket = http_ask(addresses->http,
			&(struct http_ask){.url = address,
				.headers = &header,
				.n_headers = header.value.len ? 1 : 0,
				.deadline_us =
					rows_int(rows, row, rows_col(rows, "timeout_s")) * S_US,
				.max_bytes = ANSWER_MAX,
				.certificate = slice_starts(url, SLICE("https://")),
				.connect_only = look->kind == LOOK_TLS,
				.reply = on_reply,
				.ctx = look});
	}
	if (secret.at)
		mem_wipe(secret.at, secret.size);
	if (words.at)
		mem_wipe(words.at, words.size);
	if (header.value.len)
		mem_wipe((char *)(uintptr_t)header.value.at, header.value.len);
	str_done(&secret);
	str_done(&words);
	arena_done(&arena);
}

static void look_start(struct addresses *addresses, const struct rows *rows, size_t row)
{
	struct look *look = NEW(struct look);
	struct slice kind = cell(rows, row, "kind"), probe = cell(rows, row, "probe");

	*look = (struct look){
		.addresses = addresses, .next = addresses->first, .link = &addresses->first};
	if (look->next)
		look->next->link = &look->next;
	addresses->first = look;
	look->probe = mem_dup(probe.at, probe.len);
	look->kind = slice_eq_str(kind, "tls")        ? LOOK_TLS
		     : slice_eq_str(kind, "rabbitmq") ? LOOK_BROKER
						      : LOOK_HTTP;
	look->expect = rows_null(rows, row, rows_col(rows, "expect"))
			       ? 0
			       : rows_int(rows, row, rows_col(rows, "expect"));
	addresses->host->running++;
	ask(look, rows, row);
}

static void on_claimed(void *ctx, const struct query_result *result)
{
	struct addresses *addresses = ctx;
	size_t n = result->event == QUERY_DONE ? rows_count(result->rows) : 0;

	addresses->claim = 0;
	addresses->host->running--;
	for (size_t i = 0; i < n && addresses->started && !addresses->host->draining; i++)
		look_start(addresses, result->rows, i);
	addresses->host->idle(addresses->host->ctx);
}

static void on_due(void *ctx)
{
	struct addresses *addresses = ctx;
	const char *params[] = {addresses->name, WANT};

	timer_in(addresses->timer, host_jitter(addresses->host, POLL_US));
	if (addresses->claim)
		return;
	addresses->host->running++;
	addresses->claim = pool_query(
		addresses->host->pool, &(struct query){.statement = statement_find("probe-claim"),
					       .params = params,
					       .fn = on_claimed,
					       .ctx = addresses});
}

struct addresses *addresses_new(
	struct duty_host *host, const char *secrets, const char *ca_file, const char *name)
{
	struct addresses *addresses = NEW(struct addresses);
	const struct http_options http = {.ca_file = ca_file, .user_agent = "orderlyd"};

	*addresses = (struct addresses){.host = host, .secrets = secrets, .name = name};
	addresses->http = http_new(host->loop, &http);
	addresses->timer = timer_open(host->loop, on_due, addresses);
	return addresses;
}

void addresses_start(struct addresses *addresses)
{
	if (!addresses->started)
		timer_in(addresses->timer, host_jitter(addresses->host, POLL_US / 2));
	addresses->started = true;
}

void addresses_stop(struct addresses *addresses)
{
	addresses->started = false;
	timer_stop(addresses->timer);
}

void addresses_free(struct addresses *addresses)
{
	if (!addresses)
		return;
	while (addresses->first)
		look_free(addresses->first);
	if (addresses->claim) {
		pool_drop(addresses->host->pool, addresses->claim);
		addresses->host->running--;
	}
	timer_close(addresses->timer);
	http_free(addresses->http);
	free(addresses);
}
