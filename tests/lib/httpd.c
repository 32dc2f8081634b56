/* The test server of httpd.h. One thread accepts, one more serves each connection; all blocking. */
#include "httpd.h"
#include "base/mem.h"
#include "base/str.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS_MAX 256

struct connection {
	struct httpd *httpd;
	pthread_t thread;
	int fd, served;
};

struct httpd {
	int listener, port;
	pthread_t thread;
	atomic_int requests, connections;
	struct connection at[CONNECTIONS_MAX];
};

static bool send_all(int fd, struct slice text)
{
	while (text.len) {
		ssize_t n = send(fd, text.at, text.len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		text = slice_from(text, (size_t)n);
	}
	return true;
}

static bool send_str(int fd, const char *text)
{
	return send_all(fd, slice_of(text));
}

static bool send_answer(int fd, int status, const char *extra, struct slice body)
{
	CLEANUP(str_done)
	struct str head = STR_INIT(4096);

	str_addf(&head, "HTTP/1.1 %d Some\r\nContent-Length: %zu\r\n%s\r\n", status, body.len,
		extra);
	return send_all(fd, str_slice(&head)) && send_all(fd, body);
}

static bool send_bytes(int fd, size_t n)
{
	char bytes[4096];

	memset(bytes, 'x', sizeof(bytes));
	for (; n > sizeof(bytes); n -= sizeof(bytes))
		if (!send_all(fd, (struct slice){bytes, sizeof(bytes)}))
			return false;
	return send_all(fd, (struct slice){bytes, n});
}

/* Until the other side goes. */
static bool hold(int fd)
{
	char c;

	while (recv(fd, &c, 1, 0) > 0)
		;
	return false;
}

static bool reset(int fd)
{
	struct linger linger = {.l_onoff = 1};

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	return false;
}

static bool send_headers_without_end(int fd)
{
	if (!send_str(fd, "HTTP/1.1 200 OK\r\n"))
		return false;
	while (send_str(fd, "X-More: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"))
		;
	return false;
}

/* "/big/1000" starts with "/big/": then the number. */
static bool takes_number(struct slice path, struct slice prefix, int64_t *ret)
{
	return slice_starts(path, prefix) &&
	       slice_to_i64(slice_from(path, prefix.len), 0, INT32_MAX, ret) == 0;
}

static bool answer_number(int fd, struct slice path, bool *ret_known)
{
	CLEANUP(str_done)
	struct str head = STR_INIT(200);
	int64_t n;

	*ret_known = true;
	if (takes_number(path, SLICE("/status/"), &n))
		return send_answer(fd, (int)n, "Location: /echo\r\n", SLICE("see elsewhere"));
	if (takes_number(path, SLICE("/big/"), &n)) {
		str_addf(&head, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", (int)n);
		return send_all(fd, str_slice(&head)) && send_bytes(fd, (size_t)n);
	}
	if (takes_number(path, SLICE("/stream/"), &n)) {
		(void)(send_str(fd, "HTTP/1.1 200 OK\r\n\r\n") && send_bytes(fd, (size_t)n));
		return false;
	}
	*ret_known = false;
	return false;
}

/* False when the connection is to be closed. */
static bool answer(struct connection *c, struct slice path, struct slice request)
{
	bool known, kept = answer_number(c->fd, path, &known);

	if (known)
		return kept;
	if (slice_eq_str(path, "/hold"))
		return hold(c->fd);
	if (slice_eq_str(path, "/half"))
		return send_str(c->fd, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345") &&
		       hold(c->fd);
	if (slice_eq_str(path, "/cut"))
		return send_str(
			       c->fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n1234567890") &&
		       false;
	if (slice_eq_str(path, "/close") || (slice_eq_str(path, "/second-close") && c->served > 1))
		return false;
	if (slice_eq_str(path, "/reset"))
		return reset(c->fd);
	if (slice_eq_str(path, "/garble"))
		return send_str(c->fd, "\x01\x02 what is this\r\n\r\n\xff\xfe") && false;
	if (slice_eq_str(path, "/headers"))
		return send_headers_without_end(c->fd);
	if (slice_eq_str(path, "/continue") &&
		!send_str(c->fd, "HTTP/1.1 100 Continue\r\nX-Early: 1\r\n\r\n"))
		return false;
	return send_answer(c->fd, 200, "X-Test: one\r\nx-test: two\r\n", request);
}

static size_t body_length(struct slice head)
{
	struct slice line;
	int64_t n = 0;

	while (slice_cut(&head, '\n', &line))
		if (slice_starts(line, SLICE("Content-Length:")))
			(void)slice_to_i64(slice_trim(slice_from(line, 15)), 0, INT32_MAX, &n);
	return (size_t)n;
}

/* Bytes of the whole request at the start of what came, or 0. */
static size_t request_length(struct slice got)
{
	const char *end = got.len ? memmem(got.at, got.len, "\r\n\r\n", 4) : NULL;
	size_t head = end ? (size_t)(end - got.at) + 4 : 0, len;

	if (!end)
		return 0;
	len = head + body_length(slice_head(got, head));
	return got.len >= len ? len : 0;
}

static void *serve(void *ctx)
{
	struct connection *c = ctx;
	CLEANUP(str_done)
	struct str got = STR_INIT((size_t)64 * 1024 * 1024);
	bool kept = true;

	while (kept) {
		size_t len = request_length(str_slice(&got));
		struct slice request = slice_head(str_slice(&got), len), head = request, word;
		char bytes[65536];
		ssize_t n;

		if (len) {
			atomic_fetch_add(&c->httpd->requests, 1);
			c->served++;
			(void)slice_word(&head, &word);
			(void)slice_word(&head, &word);
			kept = answer(c, word, request);
			str_reset(&got); /* nobody pipelines */
			continue;
		}
		n = recv(c->fd, bytes, sizeof(bytes), 0);
		if (n <= 0)
			break;
		str_add(&got, (struct slice){bytes, (size_t)n});
	}
	close(c->fd);
	return NULL;
}

static void *accept_all(void *ctx)
{
	struct httpd *httpd = ctx;

	for (;;) {
		int fd = accept4(httpd->listener, NULL, NULL, SOCK_CLOEXEC);
		int n = atomic_load(&httpd->connections);

		if (fd < 0)
			return NULL;
		if (n == CONNECTIONS_MAX) {
			close(fd);
			continue;
		}
		httpd->at[n].httpd = httpd;
		httpd->at[n].fd = fd;
		/* Before it can answer, so that who has an answer finds it counted. */
		atomic_store(&httpd->connections, n + 1);
		if (pthread_create(&httpd->at[n].thread, NULL, serve, &httpd->at[n]) != 0)
			abort();
	}
}

struct httpd *httpd_start(void)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(address);
	struct httpd *httpd = NEW(struct httpd);

	httpd->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(httpd->listener, (struct sockaddr *)&address, len) < 0 ||
		listen(httpd->listener, 64) < 0 ||
		getsockname(httpd->listener, (struct sockaddr *)&address, &len) < 0 ||
		pthread_create(&httpd->thread, NULL, accept_all, httpd) != 0)
		abort();
	httpd->port = ntohs(address.sin_port);
	return httpd;
}

void httpd_stop(struct httpd *httpd)
{
	(void)shutdown(httpd->listener, SHUT_RDWR);
	(void)pthread_join(httpd->thread, NULL);
	close(httpd->listener);
	/* Each ends when its client has gone. */
	for (int i = 0; i < atomic_load(&httpd->connections); i++)
		(void)pthread_join(httpd->at[i].thread, NULL);
	free(httpd);
}

int httpd_port(const struct httpd *httpd)
{
	return httpd->port;
}

int httpd_requests(const struct httpd *httpd)
{
	return atomic_load(&httpd->requests);
}

int httpd_connections(const struct httpd *httpd)
{
	return atomic_load(&httpd->connections);
}
