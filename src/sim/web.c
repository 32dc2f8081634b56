/* HTTP for simulated endpoints: connections as watches, answers as bytes, delays as timers.
 * Leaves what is answered to serve(). Called by orderly-sim and by tests. */
#include "web.h"
#include "base/mem.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HEAD_MAX ((size_t)64 * 1024)

struct line {
	struct web *web;
	struct line *next, **link;
	int fd;
	struct watch *watch;
	struct timer *timer; /* an answer that comes late */
	struct str in, out;
	size_t sent;
	bool waiting; /* for the timer, or for ever: nothing more is read */
	bool last; /* closed behind the answer */
};

struct web {
	struct loop *loop;
	int fd, port;
	struct watch *watch;
	struct line *lines;
	void (*serve)(void *ctx, const struct web_request *request, struct web_answer *answer);
	void *ctx;
};

static void line_close(struct line *line)
{
	*line->link = line->next;
	if (line->next)
		line->next->link = line->link;
	watch_close(line->watch);
	timer_close(line->timer);
	close(line->fd);
	str_done(&line->in);
	str_done(&line->out);
	free(line);
}

/* ---- requests ---------------------------------------------------------------------------------- */

static struct slice header_in(struct slice head, const char *name)
{
	struct slice rest = head, line, key;

	while (slice_cut(&rest, '\n', &line))
		if (slice_cut(&line, ':', &key) && slice_eq_nocase(slice_trim(key), slice_of(name)))
			return slice_trim(line);
	return SLICE_NONE;
}

struct slice web_header(const struct web_request *request, const char *name)
{
	return header_in(request->head, name);
}

/* 1 with a whole request and its length, 0 when more must come, -1 when it is none. */
static int take_request(struct slice in, struct web_request *ret, size_t *ret_len)
{
	const char *end = in.len ? memmem(in.at, in.len, "\r\n\r\n", 4) : NULL;
	struct slice rest, line, length;
	int64_t len = 0;

	if (!end)
		return in.len > HEAD_MAX ? -1 : 0;
	rest = slice_head(in, (size_t)(end - in.at) + 2);
	*ret_len = rest.len + 2;
	if (!slice_cut(&rest, '\n', &line) || !slice_word(&line, &ret->method) ||
		!slice_word(&line, &ret->path))
		return -1;
	ret->path = slice_head(ret->path, slice_find(ret->path, '?'));
	ret->head = rest;
	length = header_in(rest, "Content-Length");
	if (length.at && slice_to_i64(length, 0, WEB_REQUEST_MAX, &len) < 0)
		return -1;
	if (in.len < *ret_len + (size_t)len)
		return 0;
	ret->body = slice_head(slice_from(in, *ret_len), (size_t)len);
	*ret_len += (size_t)len;
	return 1;
}

/* ---- answers ----------------------------------------------------------------------------------- */

static const char *reason(int status)
{
	static const struct {
		int status;
		const char *text;
	} reasons[] = {{200, "OK"}, {201, "Created"}, {303, "See Other"}, {400, "Bad Request"},
		{401, "Unauthorized"}, {403, "Forbidden"}, {404, "Not Found"}, {409, "Conflict"},
		{415, "Unsupported Media Type"}, {422, "Unprocessable Entity"},
		{429, "Too Many Requests"}, {500, "Internal Server Error"}, {502, "Bad Gateway"},
		{503, "Service Unavailable"}};

	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].text;
	return "Other";
}

static void put_answer(struct line *line, const struct web_answer *answer)
{
	int64_t now_us = clock_wall_us(loop_clock(line->web->loop));
	time_t now = (time_t)(now_us / S_US);
	struct tm tm;
	char date[64];

	gmtime_r(&now, &tm);
	(void)strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	str_addf(&line->out,
		"HTTP/1.1 %d %s\r\nDate: %s\r\nContent-Type: %s\r\n"
		"Content-Length: %zu\r\n%s%s\r\n",
		answer->status, reason(answer->status), date, answer->type, answer->body.len,
		line->last ? "Connection: close\r\n" : "", str_cstr(&answer->headers));
	str_add(&line->out, str_slice(&answer->body));
}

static void line_move(struct line *line);

static void on_late(void *ctx)
{
	struct line *line = ctx;

	line->waiting = false;
	line_move(line);
}

/* False when the line is gone. */
static bool answer_one(struct line *line, const struct web_request *request)
{
	struct web_answer answer = {.status = 200,
		.type = "text/html; charset=utf-8",
		.headers = STR_INIT(HEAD_MAX),
		.body = STR_INIT(4 * WEB_REQUEST_MAX)};
	enum web_end end;

	line->last = slice_eq_nocase(web_header(request, "Connection"), SLICE("close"));
	line->web->serve(line->web->ctx, request, &answer);
	end = answer.end;
	line->last = line->last || end == WEB_CUT;
	if (end == WEB_ANSWER || end == WEB_CUT)
		put_answer(line, &answer);
	if (end == WEB_CUT)
		str_truncate(&line->out, line->out.len - answer.body.len / 2);
	line->waiting = end == WEB_HOLD;
	if (end == WEB_ANSWER && answer.delay_us > 0) {
		line->waiting = true;
		timer_in(line->timer, answer.delay_us);
	}
	str_done(&answer.headers);
	str_done(&answer.body);
	if (end == WEB_CLOSE)
		line_close(line);
	return end != WEB_CLOSE;
}

/* ---- a connection -------------------------------------------------------------------------------- */

/* 1: all is sent, 0: later, -1: the line is gone. */
static int line_send(struct line *line)
{
	while (line->sent < line->out.len) {
		ssize_t n = send(line->fd, line->out.at + line->sent, line->out.len - line->sent,
			MSG_NOSIGNAL);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		if (n <= 0) {
			line_close(line);
			return -1;
		}
		line->sent += (size_t)n;
	}
	if (line->sent && line->last) {
		line_close(line);
		return -1;
	}
	str_reset(&line->out);
	line->sent = 0;
	return 1;
}

/* Takes the first request off what came in. False when the line is gone. */
static bool line_serve(struct line *line, bool *ret_served)
{
	struct web_request request = {0};
	size_t len = 0, rest;
	int r = take_request(str_slice(&line->in), &request, &len);

	*ret_served = r > 0;
	if (r == 0)
		return true;
	if (r < 0) {
		line_close(line);
		return false;
	}
	if (!answer_one(line, &request))
		return false;
	rest = line->in.len - len;
	memmove(line->in.at, line->in.at + len, rest);
	str_truncate(&line->in, rest);
	return true;
}

static void line_move(struct line *line)
{
	bool served = true;

	while (served && !line->waiting) {
		int r = line_send(line);

		if (r < 0)
			return;
		if (r == 0)
			break;
		if (!line_serve(line, &served))
			return;
	}
	watch_set(line->watch, line->fd,
		LOOP_READ | (!line->waiting && line->sent < line->out.len ? LOOP_WRITE : 0));
}

static void on_line(void *ctx, int events)
{
	struct line *line = ctx;
	char bytes[65536];

	if (events & LOOP_READ) {
		ssize_t n = recv(line->fd, bytes, sizeof(bytes), 0);

		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
			line_close(line);
			return;
		}
		if (n > 0)
			str_add(&line->in, (struct slice){bytes, (size_t)n});
		if (line->in.cut) {
			line_close(line);
			return;
		}
	}
	line_move(line);
}

static void on_connection(void *ctx, int events)
{
	struct web *web = ctx;
	int fd = accept4(web->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), one = 1;
	struct line *line;

	(void)events;
	if (fd < 0)
		return;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	line = NEW(struct line);
	*line = (struct line){.web = web,
		.next = web->lines,
		.link = &web->lines,
		.fd = fd,
		.in = STR_INIT(WEB_REQUEST_MAX + 2 * HEAD_MAX),
		.out = STR_INIT(4 * WEB_REQUEST_MAX + 2 * HEAD_MAX)};
	if (line->next)
		line->next->link = &line->next;
	web->lines = line;
	line->watch = watch_open(web->loop, fd, LOOP_READ, on_line, line);
	line->timer = timer_open(web->loop, on_late, line);
}

/* ---- the listener --------------------------------------------------------------------------------- */

static int parse_address(const char *text, struct sockaddr_in *ret, struct err *err)
{
	struct slice rest = slice_of(text), host;
	CLEANUP(mem_freep)
	char *name = NULL;
	int64_t port;

	(void)slice_cut(&rest, ':', &host);
	name = mem_dup(host.at, host.len);
	*ret = (struct sockaddr_in){.sin_family = AF_INET};
	if (inet_pton(AF_INET, name, &ret->sin_addr) != 1 ||
		slice_to_i64(rest, 0, 65535, &port) < 0)
		return err_set(err, -EINVAL, "\"%s\" is no address like 127.0.0.1:8069", text);
	ret->sin_port = htons((uint16_t)port);
	return 0;
}

int web_listen(struct loop *loop, const char *address,
	void (*serve)(void *ctx, const struct web_request *request, struct web_answer *answer),
	void *ctx, struct web **ret, struct err *err)
{
	struct sockaddr_in at;
	socklen_t len = sizeof(at);
	int one = 1, fd, r = parse_address(address, &at, err);
	struct web *web;

	if (r < 0)
		return r;
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_errno(err, "a socket");
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&at, len) < 0 || listen(fd, 128) < 0 ||
		getsockname(fd, (struct sockaddr *)&at, &len) < 0) {
		r = err_errno(err, "%s", address);
		close(fd);
		return r;
	}
	web = NEW(struct web);
	*web = (struct web){
		.loop = loop, .fd = fd, .port = ntohs(at.sin_port), .serve = serve, .ctx = ctx};
	web->watch = watch_open(loop, fd, LOOP_READ, on_connection, web);
	*ret = web;
	return 0;
}

void web_close(struct web *web)
{
	if (!web)
		return;
	while (web->lines)
		line_close(web->lines);
	watch_close(web->watch);
	close(web->fd);
	free(web);
}

int web_port(const struct web *web)
{
	return web->port;
}
