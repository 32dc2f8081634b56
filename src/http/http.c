/* curl's multi handle on the event loop: sockets become watches, its timeout becomes a timer. What is
 * in a request or an answer is request.c's. Odoo's client, replays and probes ask through this. */
#include "http/http.h"
#include "base/mem.h"
#include "request.h"
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#define PER_HOST 8

struct http {
	struct loop *loop;
	struct http_options options;
	CURLM *multi; /* NULL until the first request */
	struct timer *timer;
	struct http_request *requests;
	uint64_t last_ticket;
	bool replying;
};

/* A socket of curl's, found again by curl_multi_assign(). */
struct http_socket {
	struct http *http;
	struct watch *watch;
	curl_socket_t fd;
};

static const char *copy(const char *text)
{
	return text ? mem_dup_str(text) : NULL;
}

struct http *http_new(struct loop *loop, const struct http_options *options)
{
	struct http *http = NEW(struct http);

	http->loop = loop;
	if (options) {
		http->options = *options;
		http->options.ca_file = copy(options->ca_file);
		http->options.proxy = copy(options->proxy);
		http->options.user_agent = copy(options->user_agent);
	}
	return http;
}

static int64_t now_us(const struct http *http)
{
	return clock_mono_us(loop_clock(http->loop));
}

/* Out of the list and out of curl's hands. */
static void request_part(struct http_request *request)
{
	*request->link = request->next;
	if (request->next)
		request->next->link = request->link;
	if (request->moving)
		curl_multi_remove_handle(request->http->multi, request->easy);
	request->moving = false;
}

static void finish(struct http_request *request, CURLcode result)
{
	struct http *http = request->http;

	request_part(request);
	http->replying = true;
	request_reply(request, result, now_us(http));
	http->replying = false;
	request_free(request);
}

static void finish_with_end(void *ctx)
{
	struct http_request *request = ctx;
	struct http *http = request->http;

	request_part(request);
	http->replying = true;
	request_reply_end(request, request->end, now_us(http));
	http->replying = false;
	request_free(request);
}

/* A reply may ask, cancel and drop; each message is done with before the next is taken. */
static void take_results(struct http *http)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(http->multi, &left))) {
		struct http_request *request = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &request);
		finish(request, message->data.result);
	}
}

static void move(struct http *http, curl_socket_t fd, int events)
{
	int running;

	curl_multi_socket_action(http->multi, fd, events, &running);
	take_results(http);
}

static void on_timer(void *ctx)
{
	move(ctx, CURL_SOCKET_TIMEOUT, 0);
}

static void on_events(void *ctx, int events)
{
	struct http_socket *socket = ctx;

	move(socket->http, socket->fd,
		(events & LOOP_READ ? CURL_CSELECT_IN : 0) |
			(events & LOOP_WRITE ? CURL_CSELECT_OUT : 0));
}

static int on_curl_timer(CURLM *multi, long timeout_ms, void *ctx)
{
	struct http *http = ctx;

	(void)multi;
	if (timeout_ms < 0)
		timer_stop(http->timer);
	else
		timer_in(http->timer, timeout_ms * MS_US);
	return 0;
}

static int on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *socket_ctx)
{
	struct http *http = ctx;
	struct http_socket *socket = socket_ctx;
	int events =
		(what & CURL_POLL_IN ? LOOP_READ : 0) | (what & CURL_POLL_OUT ? LOOP_WRITE : 0);

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (socket)
			watch_close(socket->watch);
		free(socket);
		curl_multi_assign(http->multi, fd, NULL);
		return 0;
	}
	if (socket) {
		watch_set(socket->watch, fd, events);
		return 0;
	}
	socket = NEW(struct http_socket);
	*socket = (struct http_socket){.http = http, .fd = fd};
	socket->watch = watch_open(http->loop, fd, events, on_events, socket);
	curl_multi_assign(http->multi, fd, socket);
	return 0;
}

static void ignore_broken_pipes(void)
{
	struct sigaction action;

	if (sigaction(SIGPIPE, NULL, &action) == 0 && action.sa_handler == SIG_DFL) {
		action.sa_handler = SIG_IGN;
		(void)sigaction(SIGPIPE, &action, NULL);
	}
}

static bool start(struct http *http)
{
	long per_host = http->options.max_per_host ? http->options.max_per_host : PER_HOST;

	if (http->multi)
		return true;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return false;
	http->multi = curl_multi_init();
	if (!http->multi) {
		curl_global_cleanup();
		return false;
	}
	ignore_broken_pipes();
	http->timer = timer_open(http->loop, on_timer, http);
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, on_curl_socket);
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, on_curl_timer);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
	curl_multi_setopt(http->multi, CURLMOPT_MAX_HOST_CONNECTIONS, per_host);
	return true;
}

static void on_deadline(void *ctx)
{
	struct http_request *request = ctx;

	request->end = HTTP_TIMEOUT;
	finish_with_end(request);
}

/* Its reply comes by itself, later in this turn. */
static void end_soon(struct http_request *request, enum http_end end)
{
	if (request->moving)
		curl_multi_remove_handle(request->http->multi, request->easy);
	request->moving = false;
	if (request->deadline)
		timer_stop(request->deadline);
	request->end = end;
	loop_defer(request->http->loop, finish_with_end, request);
}

static void send_or_refuse(struct http_request *request, const struct http_ask *ask)
{
	struct http *http = request->http;
	int64_t deadline_us = ask->deadline_us ? ask->deadline_us : HTTP_DEADLINE_US;

	if (!start(http)) {
		err_set(&request->err, -EINVAL, "curl cannot be started");
		end_soon(request, HTTP_REFUSED);
		return;
	}
	if (request_build(request, ask, &http->options) < 0) {
		end_soon(request, HTTP_REFUSED);
		return;
	}
	request->deadline = timer_open(http->loop, on_deadline, request);
	timer_in(request->deadline, deadline_us);
	/* The loop's timer is the one that counts; curl's own is kept out of its way. */
	curl_easy_setopt(
		request->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)(deadline_us / MS_US + 1000));
	request->moving = curl_multi_add_handle(http->multi, request->easy) == CURLM_OK;
	if (!request->moving) {
		err_set(&request->err, -EINVAL, "curl does not take the request");
		end_soon(request, HTTP_REFUSED);
	}
}

uint64_t http_ask(struct http *http, const struct http_ask *ask)
{
	struct http_request *request = NEW(struct http_request);

	*request = (struct http_request){.http = http,
		.ticket = ++http->last_ticket,
		.next = http->requests,
		.link = &http->requests,
		.began_us = now_us(http),
		.reply = ask->reply,
		.ctx = ask->ctx};
	if (request->next)
		request->next->link = &request->next;
	http->requests = request;
	send_or_refuse(request, ask);
	return request->ticket;
}

static struct http_request *find(const struct http *http, uint64_t ticket)
{
	struct http_request *request = http->requests;

	while (request && request->ticket != ticket)
		request = request->next;
	return request;
}

void http_cancel(struct http *http, uint64_t ticket)
{
	struct http_request *request = find(http, ticket);

	/* One that has ended already only waits for its reply. */
	if (request && request->moving)
		end_soon(request, HTTP_CANCELED);
}

static void drop(struct http_request *request)
{
	loop_undefer(request->http->loop, finish_with_end, request);
	request_part(request);
	request_free(request);
}

void http_drop(struct http *http, uint64_t ticket)
{
	struct http_request *request = find(http, ticket);

	if (request)
		drop(request);
}

void http_free(struct http *http)
{
	if (!http)
		return;
	assert(!http->replying);
	while (http->requests)
		drop(http->requests);
	if (http->multi) {
		curl_multi_cleanup(http->multi);
		timer_close(http->timer);
		curl_global_cleanup();
	}
	mem_freep(&http->options.ca_file);
	mem_freep(&http->options.proxy);
	mem_freep(&http->options.user_agent);
	free(http);
}

void http_freep(struct http **http)
{
	http_free(*http);
	*http = NULL;
}
