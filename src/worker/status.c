/* Answers GET on a loopback address, and nothing else: small requests, short lives, few at a time.
 * What is answered is metrics.c's.
 * Called by orderlyd's main. */
#include "status.h"
#include "base/mem.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST_MAX 8192
#define ANSWER_MAX ((size_t)4 * 1024 * 1024)
#define LIFE_US (10 * S_US)
#define VISITORS_MAX 16

struct visitor {
	struct status *status;
	struct visitor *next, **link;
	int fd;
	struct watch *watch;
	struct timer *timer;
	struct str in, out;
	size_t sent;
};

struct status {
	struct loop *loop;
	struct status_source source;
	int fd, port;
	struct watch *watch;
	struct visitor *visitors;
	int n_visitors;
};

static void visitor_close(void *ctx)
{
	struct visitor *visitor = ctx;

	*visitor->link = visitor->next;
	if (visitor->next)
		visitor->next->link = visitor->link;
	visitor->status->n_visitors--;
	watch_close(visitor->watch);
	timer_close(visitor->timer);
	close(visitor->fd);
	str_done(&visitor->in);
	str_done(&visitor->out);
	free(visitor);
}

/* ---- answers ------------------------------------------------------------------------------------- */

static void put_answer(
	struct visitor *visitor, const char *line, const char *type, const struct str *body)
{
	str_addf(&visitor->out,
		"HTTP/1.1 %s\r\nContent-Type: %s; charset=utf-8\r\nContent-Length: %zu\r\n"
		"Cache-Control: no-store\r\nConnection: close\r\n\r\n",
		line, type, body->len);
	str_add(&visitor->out, str_slice(body));
}

static void answer(struct visitor *visitor, struct slice method, struct slice path)
{
	CLEANUP(str_done)
	struct str body = STR_INIT(ANSWER_MAX);
	const struct status_source *source = &visitor->status->source;

	if (!slice_eq_str(method, "GET")) {
		str_adds(&body, "GET alone\n");
		put_answer(visitor, "405 Method Not Allowed", "text/plain", &body);
	} else if (slice_eq_str(path, "/healthz")) {
		bool well = source->health(source->ctx, &body);

		put_answer(
			visitor, well ? "200 OK" : "503 Service Unavailable", "text/plain", &body);
	} else if (slice_eq_str(path, "/metrics")) {
		source->metrics(source->ctx, &body);
		put_answer(visitor, "200 OK", "text/plain; version=0.0.4", &body);
	} else {
		str_adds(&body, "/healthz and /metrics are here\n");
		put_answer(visitor, "404 Not Found", "text/plain", &body);
	}
}

static void visitor_send(struct visitor *visitor)
{
	while (visitor->sent < visitor->out.len) {
		ssize_t n = send(visitor->fd, visitor->out.at + visitor->sent,
			visitor->out.len - visitor->sent, MSG_NOSIGNAL);

		if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			watch_set(visitor->watch, visitor->fd, LOOP_WRITE);
			return;
		}
		if (n <= 0)
			break;
		visitor->sent += (size_t)n;
	}
	visitor_close(visitor);
}

static void on_visitor(void *ctx, int events)
{
	struct visitor *visitor = ctx;
	struct slice rest, line, method = SLICE_NONE, path = SLICE_NONE;
	char bytes[2048];
	ssize_t n;

	(void)events;
	if (visitor->out.len) {
		visitor_send(visitor);
		return;
	}
	n = recv(visitor->fd, bytes, sizeof(bytes), 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		str_add(&visitor->in, (struct slice){bytes, (size_t)n});
	if (n <= 0 || visitor->in.cut) {
		visitor_close(visitor);
		return;
	}
	if (!strstr(str_cstr(&visitor->in), "\r\n\r\n"))
		return;
	rest = str_slice(&visitor->in);
	(void)slice_cut(&rest, '\n', &line);
	(void)slice_word(&line, &method);
	(void)slice_word(&line, &path);
	answer(visitor, method, slice_head(path, slice_find(path, '?')));
	visitor_send(visitor);
}

static void on_connection(void *ctx, int events)
{
	struct status *status = ctx;
	int fd = accept4(status->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct visitor *visitor;

	(void)events;
	if (fd < 0)
		return;
	if (status->n_visitors == VISITORS_MAX) {
		close(fd);
		return;
	}
	visitor = NEW(struct visitor);
	*visitor = (struct visitor){.status = status,
		.next = status->visitors,
		.link = &status->visitors,
		.fd = fd,
		.in = STR_INIT(REQUEST_MAX),
		.out = STR_INIT(ANSWER_MAX + 1024)};
	if (visitor->next)
		visitor->next->link = &visitor->next;
	status->visitors = visitor;
	status->n_visitors++;
	visitor->watch = watch_open(status->loop, fd, LOOP_READ, on_visitor, visitor);
	visitor->timer = timer_open(status->loop, visitor_close, visitor);
	timer_in(visitor->timer, LIFE_US);
}

/* ---- the address ----------------------------------------------------------------------------------- */

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static bool is_loopback(const union address *at)
{
	if (at->any.sa_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&at->v6.sin6_addr);
	return ntohl(at->v4.sin_addr.s_addr) >> 24 == 127;
}

static int parse_address(const char *text, union address *ret, socklen_t *ret_len, struct err *err)
{
	const char *colon = strrchr(text, ':');
	bool v6 = text[0] == '[';
	int64_t port = 0;
	char host[64];

	*ret = (union address){0};
	if (!colon || slice_to_i64(slice_of(colon + 1), 0, 65535, &port) < 0 ||
		(size_t)(colon - text) >= sizeof(host) || (v6 && colon[-1] != ']'))
		return err_set(err, -EINVAL, "\"%s\" is no address like 127.0.0.1:9464", text);
	(void)snprintf(host, sizeof(host), "%.*s", (int)(colon - text) - (v6 ? 2 : 0), text + v6);
	if (v6) {
		ret->v6.sin6_family = AF_INET6;
		ret->v6.sin6_port = htons((uint16_t)port);
	} else {
		ret->v4.sin_family = AF_INET;
		ret->v4.sin_port = htons((uint16_t)port);
	}
	*ret_len = v6 ? sizeof(ret->v6) : sizeof(ret->v4);
	if (inet_pton(v6 ? AF_INET6 : AF_INET, host,
		    v6 ? (void *)&ret->v6.sin6_addr : (void *)&ret->v4.sin_addr) != 1)
		return err_set(err, -EINVAL, "\"%s\" is no address like 127.0.0.1:9464", text);
	if (!is_loopback(ret))
		return err_set(err, -EINVAL,
			"%s: a loopback address is meant, since there is no password on it", text);
	return 0;
}

static int listen_at(const char *text, int *ret_port, struct err *err)
{
	union address at;
	socklen_t len = 0;
	int one = 1, fd, r = parse_address(text, &at, &len, err);

	if (r < 0)
		return r;
	fd = socket(at.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_errno(err, "a socket");
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, &at.any, len) < 0 || listen(fd, 16) < 0 ||
		getsockname(fd, &at.any, &len) < 0) {
		r = err_errno(err, "%s", text);
		close(fd);
		return r;
	}
	*ret_port = ntohs(at.any.sa_family == AF_INET6 ? at.v6.sin6_port : at.v4.sin_port);
	return fd;
}

int status_open(struct loop *loop, const char *address, const struct status_source *source,
	struct status **ret, struct err *err)
{
	int port = 0, fd = listen_at(address, &port, err);
	struct status *status;

	if (fd < 0)
		return fd;
	status = NEW(struct status);
	*status = (struct status){.loop = loop, .source = *source, .fd = fd, .port = port};
	status->watch = watch_open(loop, fd, LOOP_READ, on_connection, status);
	*ret = status;
	return 0;
}

void status_close(struct status *status)
{
	if (!status)
		return;
	while (status->visitors)
		visitor_close(status->visitors);
	watch_close(status->watch);
	close(status->fd);
	free(status);
}

int status_port(const struct status *status)
{
	return status->port;
}
