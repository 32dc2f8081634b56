/* Requests on the loop against a server that answers, delays, cuts and garbles. */
#include "../lib/httpd.h"
#include "../lib/unit.h"
#include "base/str.h"
#include "http/http.h"
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

struct world {
	struct clock clock;
	struct loop *loop;
	struct httpd *httpd;
	struct http *http;
	struct str url;
	/* of the last reply */
	int replies, status, code;
	enum http_end end;
	bool may_have_arrived;
	int64_t took_us;
	struct str body, text, header;
	size_t n_headers;
	uint64_t other; /* to be dropped or cancelled by a reply */
};

/* Names that end in .test are resolved here: "slow.test" only when the pipe is written to. */
static int resolver_pipe[2] = {-1, -1};

int getaddrinfo(
	const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **ret)
{
	int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
	char c;

	if (name && strcmp(name, "missing.test") == 0)
		return EAI_NONAME;
	if (name && strcmp(name, "slow.test") == 0) {
		(void)!read(resolver_pipe[0], &c, 1);
		return EAI_NONAME;
	}
	*(void **)&next = dlsym(RTLD_NEXT, "getaddrinfo");
	return next(name, service, hints, ret);
}

static int setup_with(void **state, const struct http_options *options)
{
	struct world *w = NEW(struct world);

	w->clock = clock_real();
	assert_int_equal(loop_new(&w->clock, &w->loop, NULL), 0);
	w->httpd = httpd_start();
	w->http = http_new(w->loop, options);
	w->url = STR_INIT(1000);
	w->body = STR_INIT(HTTP_BODY_MAX);
	w->text = STR_INIT(1000);
	w->header = STR_INIT(1000);
	*state = w;
	return 0;
}

static int setup(void **state)
{
	return setup_with(state, NULL);
}

static int setup_one_connection(void **state)
{
	return setup_with(state, &(struct http_options){.max_per_host = 1});
}

static int teardown(void **state)
{
	struct world *w = *state;

	http_freep(&w->http);
	httpd_stop(w->httpd);
	loop_freep(&w->loop);
	str_done(&w->url);
	str_done(&w->body);
	str_done(&w->text);
	str_done(&w->header);
	free(w);
	return 0;
}

static void on_reply(void *ctx, const struct http_reply *reply)
{
	struct world *w = ctx;
	struct slice header = http_reply_header(reply, "x-TEST");

	w->replies++;
	w->end = reply->end;
	w->status = reply->status;
	w->may_have_arrived = reply->may_have_arrived;
	w->took_us = reply->took_us;
	w->n_headers = reply->n_headers;
	w->code = reply->err ? reply->err->code : 0;
	str_reset(&w->body);
	str_reset(&w->text);
	str_reset(&w->header);
	str_add(&w->body, reply->body);
	str_add(&w->header, header);
	str_adds(&w->text, reply->err ? reply->err->text : "");
}

static const char *url(struct world *w, const char *path)
{
	str_reset(&w->url);
	str_addf(&w->url, "http://127.0.0.1:%d%s", httpd_port(w->httpd), path);
	return w->url.at;
}

static uint64_t ask(struct world *w, struct http_ask ask)
{
	ask.reply = on_reply;
	ask.ctx = w;
	return http_ask(w->http, &ask);
}

static void wait_replies(struct world *w, int n)
{
	int64_t until = clock_mono_us(&w->clock) + 30 * S_US;

	while (w->replies < n && clock_mono_us(&w->clock) < until)
		loop_turn(w->loop, 100 * MS_US);
	assert_int_equal(w->replies, n);
}

static void get(struct world *w, const char *path)
{
	int before = w->replies;

	ask(w, (struct http_ask){.url = url(w, path)});
	assert_int_equal(w->replies, before);
	wait_replies(w, before + 1);
}

static void an_answer_has_status_headers_and_body(void **state)
{
	struct world *w = *state;

	get(w, "/echo");
	assert_int_equal(w->end, HTTP_ANSWERED);
	assert_int_equal(w->status, 200);
	assert_int_equal(w->n_headers, 3);
	assert_string_equal(str_cstr(&w->header), "one");
	assert_non_null(strstr(str_cstr(&w->body), "GET /echo HTTP/1.1\r\n"));
	assert_non_null(strstr(str_cstr(&w->body), "User-Agent: orderly\r\n"));
	assert_null(strstr(str_cstr(&w->body), "Accept-Encoding"));
	assert_true(w->may_have_arrived);
	assert_true(w->took_us > 0);
}

static void method_headers_and_body_are_sent_as_asked(void **state)
{
	static const struct http_header headers[] = {
		{SLICE("X-Key"), SLICE("abc")}, {SLICE("X-Empty"), SLICE("")}};
	static const char *const methods[] = {"POST", "PUT", "PATCH", "DELETE"};
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
		ask(w, (struct http_ask){.method = methods[i],
			       .url = url(w, "/echo"),
			       .headers = headers,
			       .n_headers = ARRAY_LEN(headers),
			       .body = SLICE("{\"a\":1}")});
		wait_replies(w, (int)i + 1);
		assert_int_equal(w->status, 200);
		assert_memory_equal(str_cstr(&w->body), methods[i], strlen(methods[i]));
		assert_non_null(strstr(str_cstr(&w->body), "\r\nX-Key: abc\r\n"));
		assert_non_null(strstr(str_cstr(&w->body), "\r\nX-Empty:\r\n"));
		assert_non_null(strstr(str_cstr(&w->body), "\r\nContent-Length: 7\r\n"));
		assert_non_null(strstr(str_cstr(&w->body), "\r\n\r\n{\"a\":1}"));
		assert_null(strstr(str_cstr(&w->body), "urlencoded"));
		assert_null(strstr(str_cstr(&w->body), "Expect"));
	}
}

static void a_request_without_a_body_keeps_its_method(void **state)
{
	struct world *w = *state;

	ask(w, (struct http_ask){.method = "POST", .url = url(w, "/echo")});
	wait_replies(w, 1);
	assert_memory_equal(str_cstr(&w->body), "POST ", 5);
	assert_non_null(strstr(str_cstr(&w->body), "\r\nContent-Length: 0\r\n"));
	ask(w, (struct http_ask){.method = "HEAD", .url = url(w, "/big/0")});
	wait_replies(w, 2);
	assert_int_equal(w->end, HTTP_ANSWERED);
}

static void a_large_body_goes_both_ways(void **state)
{
	struct world *w = *state;
	size_t len = 3000000;
	CLEANUP(mem_freep)
	char *bytes = mem_alloc(len);

	memset(bytes, 'b', len);
	ask(w, (struct http_ask){.method = "POST", .url = url(w, "/echo"), .body = {bytes, len}});
	wait_replies(w, 1);
	assert_int_equal(w->end, HTTP_ANSWERED);
	assert_true(w->body.len > len);
	assert_memory_equal(w->body.at + w->body.len - len, bytes, len);
}

static void each_failure_has_its_own_end(void **state)
{
	static const struct {
		const char *path;
		enum http_end end;
		int code, status;
	} rows[] = {
		{"/cut", HTTP_GONE, -ECONNRESET, 200},
		{"/close", HTTP_GONE, -ECONNRESET, 0},
		{"/reset", HTTP_GONE, -ECONNRESET, 0},
		{"/garble", HTTP_GARBLED, -EBADMSG, 0},
		{"/big/20000000", HTTP_TOO_LARGE, -EFBIG, 200},
		{"/stream/20000000", HTTP_TOO_LARGE, -EFBIG, 200},
		{"/headers", HTTP_TOO_LARGE, -EFBIG, 200},
		{"/status/404", HTTP_ANSWERED, 0, 404},
		{"/status/500", HTTP_ANSWERED, 0, 500},
		{"/continue", HTTP_ANSWERED, 0, 200},
	};
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		get(w, rows[i].path);
		assert_string_equal(http_end_name(w->end), http_end_name(rows[i].end));
		assert_int_equal(w->code, rows[i].code);
		assert_int_equal(w->status, rows[i].status);
		assert_int_equal(w->text.len > 0, rows[i].end != HTTP_ANSWERED);
		assert_true(w->may_have_arrived);
	}
}

static void headers_of_an_announcement_are_not_the_answers(void **state)
{
	struct world *w = *state;

	get(w, "/continue");
	assert_int_equal(w->n_headers, 3);
}

static void what_came_of_a_cut_answer_is_there(void **state)
{
	struct world *w = *state;

	get(w, "/cut");
	assert_string_equal(str_cstr(&w->body), "1234567890");
}

static void the_cap_is_exact(void **state)
{
	struct world *w = *state;

	ask(w, (struct http_ask){.url = url(w, "/stream/1000"), .max_bytes = 1000});
	wait_replies(w, 1);
	assert_int_equal(w->end, HTTP_ANSWERED);
	assert_int_equal(w->body.len, 1000);
	ask(w, (struct http_ask){.url = url(w, "/stream/1001"), .max_bytes = 1000});
	wait_replies(w, 2);
	assert_int_equal(w->end, HTTP_TOO_LARGE);
	ask(w, (struct http_ask){.url = url(w, "/big/1001"), .max_bytes = 1000});
	wait_replies(w, 3);
	assert_int_equal(w->end, HTTP_TOO_LARGE);
}

static void a_redirect_is_an_answer(void **state)
{
	struct world *w = *state;

	get(w, "/status/302");
	assert_int_equal(w->end, HTTP_ANSWERED);
	assert_int_equal(w->status, 302);
	assert_int_equal(httpd_requests(w->httpd), 1);
}

/* A port where nobody listens: taken and given back. */
static int closed_port(void)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	close(fd);
	return ntohs(address.sin_port);
}

static void what_is_not_there_is_told_and_cannot_have_arrived(void **state)
{
	struct world *w = *state;
	CLEANUP(str_done)
	struct str tls = STR_INIT(100), closed = STR_INIT(100);
	const struct {
		const char *url;
		enum http_end end;
	} rows[] = {
		{"http://missing.test/", HTTP_RESOLVE},
		{str_cstr(&closed), HTTP_CONNECT},
		{str_cstr(&tls), HTTP_TLS},
	};

	str_addf(&tls, "https://127.0.0.1:%d/garble", httpd_port(w->httpd));
	str_addf(&closed, "http://127.0.0.1:%d/", closed_port());
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *where = i == 1 ? closed.at : i == 2 ? tls.at : rows[i].url;
		int64_t deadline_us = i == 2 ? S_US : 0;

		ask(w, (struct http_ask){.url = where, .deadline_us = deadline_us});
		wait_replies(w, (int)i + 1);
		/* The plain server waits for a request that TLS never becomes. */
		if (i == 2)
			assert_true(w->end == HTTP_TLS || w->end == HTTP_TIMEOUT);
		else
			assert_string_equal(http_end_name(w->end), http_end_name(rows[i].end));
		assert_false(w->may_have_arrived);
	}
}

static void what_cannot_be_sent_is_refused(void **state)
{
	static const struct http_header bad[] = {
		{SLICE("X-Key"), SLICE("a\r\nX-Other: b")},
		{SLICE("X Key"), SLICE("a")},
		{SLICE(""), SLICE("a")},
		{SLICE("X-Key:"), SLICE("a")},
		{SLICE("X-Key"), {"a\0b", 3}},
	};
	static const char *const urls[] = {"", "ftp://127.0.0.1/", "file:///etc/passwd",
		"127.0.0.1/", "http://", "http://a b/", "http://127.0.0.1:99999/"};
	struct world *w = *state;
	int n = 0;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		ask(w, (struct http_ask){
			       .url = url(w, "/echo"), .headers = &bad[i], .n_headers = 1});
		wait_replies(w, ++n);
		assert_int_equal(w->end, HTTP_REFUSED);
		assert_int_equal(w->code, -EINVAL);
	}
	for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
		ask(w, (struct http_ask){.url = urls[i]});
		wait_replies(w, ++n);
		assert_string_equal(http_end_name(w->end), "refused");
	}
	ask(w, (struct http_ask){.method = "GET /x\r\n", .url = url(w, "/echo")});
	wait_replies(w, ++n);
	assert_int_equal(w->end, HTTP_REFUSED);
	assert_int_equal(httpd_requests(w->httpd), 0);
}

static void a_deadline_ends_a_request(void **state)
{
	static const char *const paths[] = {"/hold", "/half"};
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		ask(w, (struct http_ask){.url = url(w, paths[i]), .deadline_us = 50 * MS_US});
		wait_replies(w, (int)i + 1);
		assert_int_equal(w->end, HTTP_TIMEOUT);
		assert_int_equal(w->code, -ETIMEDOUT);
		assert_true(w->may_have_arrived);
		assert_true(w->took_us >= 50 * MS_US);
	}
	assert_string_equal(str_cstr(&w->body), "12345");
}

static void waiting_for_a_connection_counts_for_the_deadline(void **state)
{
	struct world *w = *state;

	ask(w, (struct http_ask){.url = url(w, "/hold")});
	ask(w, (struct http_ask){.url = url(w, "/echo"), .deadline_us = 50 * MS_US});
	wait_replies(w, 1);
	assert_int_equal(w->end, HTTP_TIMEOUT);
	assert_false(w->may_have_arrived);
}

static void wait_requests(struct world *w, int n)
{
	while (httpd_requests(w->httpd) < n)
		loop_turn(w->loop, MS_US);
}

static void cancelling_is_answered_once_and_later(void **state)
{
	struct world *w = *state;
	uint64_t ticket = ask(w, (struct http_ask){.url = url(w, "/hold")});

	wait_requests(w, 1);
	http_cancel(w->http, ticket);
	http_cancel(w->http, ticket);
	assert_int_equal(w->replies, 0);
	wait_replies(w, 1);
	assert_int_equal(w->end, HTTP_CANCELED);
	assert_int_equal(w->code, -ECANCELED);
	assert_true(w->may_have_arrived);
	http_cancel(w->http, ticket);
	http_cancel(w->http, 0);
	get(w, "/echo");
	assert_int_equal(w->replies, 2);
}

static void dropping_is_not_answered(void **state)
{
	struct world *w = *state;
	uint64_t held = ask(w, (struct http_ask){.url = url(w, "/hold")});
	uint64_t cancelled = ask(w, (struct http_ask){.url = url(w, "/hold")});
	uint64_t refused;

	wait_requests(w, 2);
	refused = ask(w, (struct http_ask){.url = "nonsense"});
	http_cancel(w->http, cancelled);
	http_drop(w->http, held);
	http_drop(w->http, cancelled);
	http_drop(w->http, refused);
	http_drop(w->http, 12345);
	get(w, "/echo");
	assert_int_equal(w->replies, 1);
	assert_int_equal(w->end, HTTP_ANSWERED);
}

static void drop_other(void *ctx, const struct http_reply *reply)
{
	struct world *w = ctx;

	on_reply(w, reply);
	http_drop(w->http, w->other);
	(void)ask(w, (struct http_ask){.url = url(w, "/echo")});
}

static void a_reply_may_drop_and_ask(void **state)
{
	struct world *w = *state;
	struct http_ask other = {.url = url(w, "/echo"), .reply = drop_other, .ctx = w};

	(void)http_ask(w->http, &other);
	w->other = ask(w, (struct http_ask){.url = url(w, "/hold")});
	wait_replies(w, 2);
	assert_int_equal(w->end, HTTP_ANSWERED);
}

static void connections_are_kept(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 10; i++)
		get(w, "/echo");
	assert_int_equal(httpd_connections(w->httpd), 1);
}

static void many_at_once_share_the_connections_allowed(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 100; i++)
		ask(w, (struct http_ask){.url = url(w, "/echo")});
	wait_replies(w, 100);
	assert_int_equal(w->end, HTTP_ANSWERED);
	assert_int_equal(httpd_requests(w->httpd), 100);
	assert_in_range(httpd_connections(w->httpd), 1, 8);
}

/* The connection dies after the second request was read: had it been sent again, the server would
 * have counted three. */
static void what_may_have_arrived_is_not_sent_again(void **state)
{
	static const struct slice bodies[] = {SLICE("{\"pay\":1}"), SLICE("")};
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		int before = httpd_requests(w->httpd);

		w->replies = 0;
		get(w, "/second-close");
		assert_int_equal(w->end, HTTP_ANSWERED);
		ask(w, (struct http_ask){.method = "POST",
			       .url = url(w, bodies[i].len ? "/second-close" : "/close"),
			       .body = bodies[i]});
		wait_replies(w, 2);
		assert_int_equal(w->end, HTTP_GONE);
		assert_true(w->may_have_arrived);
		assert_int_equal(httpd_requests(w->httpd), before + 2);
	}
}

static void a_get_on_a_dead_connection_is_sent_again(void **state)
{
	struct world *w = *state;

	get(w, "/second-close");
	get(w, "/second-close");
	assert_int_equal(w->end, HTTP_ANSWERED);
	assert_int_equal(httpd_connections(w->httpd), 2);
}

static void the_environment_names_no_proxy(void **state)
{
	struct world *w = *state;

	assert_int_equal(setenv("http_proxy", "http://127.0.0.1:1", 1), 0);
	assert_int_equal(setenv("ALL_PROXY", "http://127.0.0.1:1", 1), 0);
	get(w, "/echo");
	assert_int_equal(w->end, HTTP_ANSWERED);
	(void)unsetenv("http_proxy");
	(void)unsetenv("ALL_PROXY");
}

/* A name that is never resolved holds up neither the cancel nor the end. */
static void a_slow_name_holds_nothing_up(void **state)
{
	struct world *w = *state;
	int64_t began = clock_mono_us(&w->clock);

	assert_int_equal(pipe(resolver_pipe), 0);
	http_cancel(w->http, ask(w, (struct http_ask){.url = "http://slow.test/"}));
	ask(w, (struct http_ask){.url = "http://slow.test/", .deadline_us = 20 * MS_US});
	ask(w, (struct http_ask){.url = "http://slow.test/"});
	wait_replies(w, 2);
	get(w, "/echo");
	assert_int_equal(w->end, HTTP_ANSWERED);
	http_freep(&w->http);
	assert_true(clock_mono_us(&w->clock) - began < 10 * S_US);
	/* Lets the threads go. */
	close(resolver_pipe[1]);
}

static void nothing_is_started_before_the_first_request(void **state)
{
	struct world *w = *state;

	http_free(w->http);
	http_free(NULL);
	w->http = http_new(w->loop, NULL);
	get(w, "/echo");
	assert_int_equal(w->status, 200);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(an_answer_has_status_headers_and_body),
		WITH(method_headers_and_body_are_sent_as_asked),
		WITH(a_request_without_a_body_keeps_its_method),
		WITH(a_large_body_goes_both_ways),
		WITH(each_failure_has_its_own_end),
		WITH(headers_of_an_announcement_are_not_the_answers),
		WITH(what_came_of_a_cut_answer_is_there),
		WITH(the_cap_is_exact),
		WITH(a_redirect_is_an_answer),
		WITH(what_is_not_there_is_told_and_cannot_have_arrived),
		WITH(what_cannot_be_sent_is_refused),
		WITH(a_deadline_ends_a_request),
		cmocka_unit_test_setup_teardown(waiting_for_a_connection_counts_for_the_deadline,
			setup_one_connection, teardown),
		WITH(cancelling_is_answered_once_and_later),
		WITH(dropping_is_not_answered),
		WITH(a_reply_may_drop_and_ask),
		WITH(connections_are_kept),
		WITH(many_at_once_share_the_connections_allowed),
		WITH(what_may_have_arrived_is_not_sent_again),
		WITH(a_get_on_a_dead_connection_is_sent_again),
		WITH(the_environment_names_no_proxy),
		WITH(a_slow_name_holds_nothing_up),
		WITH(nothing_is_started_before_the_first_request),
	};

	return RUN(tests);
}
