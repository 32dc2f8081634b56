/* The listener of listener.h: one thread accepts, one serves each connection; a request a connection. */
#include "listener.h"
#include "base/mem.h"
#include "base/str.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUESTS_MAX 400

struct listener {
	int fd, port;
	pthread_t thread;
	pthread_mutex_t lock;
	int status; /* of the answers */
	const char *body;
	char *requests[REQUESTS_MAX];
	int fds[REQUESTS_MAX]; /* of those that wait for an answer for ever; -1 */
	int n;
};

static size_t whole_length(const char *text, size_t len)
{
	const char *end = memmem(text, len, "\r\n\r\n", 4), *at;

	if (!end)
		return 0;
	at = strcasestr(text, "\r\nContent-Length:");
	return (size_t)(end - text) + 4 + (at && at < end ? strtoul(at + 17, NULL, 10) : 0);
}

static void serve(struct listener *listener, int fd)
{
	struct str got = STR_INIT(1 << 20);
	char bytes[4096], answer[160];
	const char *body;
	int status;
	ssize_t n;

	while (!got.len || !whole_length(str_cstr(&got), got.len) ||
		got.len < whole_length(str_cstr(&got), got.len)) {
		n = recv(fd, bytes, sizeof(bytes), 0);
		if (n <= 0) {
			str_done(&got);
			close(fd);
			return;
		}
		str_add(&got, (struct slice){bytes, (size_t)n});
	}
	pthread_mutex_lock(&listener->lock);
	status = listener->status;
	body = listener->body;
	if (listener->n < REQUESTS_MAX) {
		listener->requests[listener->n] = mem_dup_str(str_cstr(&got));
		listener->fds[listener->n++] = status ? -1 : fd;
	}
	pthread_mutex_unlock(&listener->lock);
	str_done(&got);
	if (!status)
		return;
	(void)snprintf(answer, sizeof(answer),
		"HTTP/1.1 %d So\r\nContent-Type: application/json\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
		status, strlen(body));
	(void)send(fd, answer, strlen(answer), MSG_NOSIGNAL);
	(void)send(fd, body, strlen(body), MSG_NOSIGNAL);
	close(fd);
}

static void *run(void *ctx)
{
	struct listener *listener = ctx;
	int fd;

	while ((fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC)) >= 0)
		serve(listener, fd);
	return NULL;
}

struct listener *listener_start(void)
{
	struct listener *listener = NEW(struct listener);
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);

	listener->status = 200;
	listener->body = "";
	listener->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener->fd < 0 || bind(listener->fd, (struct sockaddr *)&at, len) < 0 ||
		listen(listener->fd, 64) < 0 ||
		getsockname(listener->fd, (struct sockaddr *)&at, &len) < 0)
		abort();
	listener->port = ntohs(at.sin_port);
	pthread_mutex_init(&listener->lock, NULL);
	if (pthread_create(&listener->thread, NULL, run, listener))
		abort();
	return listener;
}

void listener_stop(struct listener *listener)
{
	(void)shutdown(listener->fd, SHUT_RDWR);
	pthread_join(listener->thread, NULL);
	close(listener->fd);
	for (int i = 0; i < listener->n; i++) {
		free(listener->requests[i]);
		if (listener->fds[i] >= 0)
			close(listener->fds[i]);
	}
	pthread_mutex_destroy(&listener->lock);
	free(listener);
}

int listener_port(const struct listener *listener)
{
	return listener->port;
}

void listener_answer(struct listener *listener, int status)
{
	pthread_mutex_lock(&listener->lock);
	listener->status = status;
	pthread_mutex_unlock(&listener->lock);
}

void listener_body(struct listener *listener, const char *body)
{
	pthread_mutex_lock(&listener->lock);
	listener->body = body;
	pthread_mutex_unlock(&listener->lock);
}

int listener_count(struct listener *listener, const char *text)
{
	int n = 0;

	pthread_mutex_lock(&listener->lock);
	for (int i = 0; i < listener->n; i++)
		n += strstr(listener->requests[i], text) != NULL;
	pthread_mutex_unlock(&listener->lock);
	return n;
}

static const char *key_of(const char *request)
{
	const char *at = strcasestr(request, "\r\nIdempotency-Key: ");

	return at ? at + 19 : "";
}

int listener_keys(struct listener *listener, const char *text)
{
	int n = 0;

	pthread_mutex_lock(&listener->lock);
	for (int i = 0; i < listener->n; i++) {
		bool seen = !strstr(listener->requests[i], text);

		for (int k = 0; k < i && !seen; k++)
			seen = strstr(listener->requests[k], text) &&
			       strncmp(key_of(listener->requests[k]), key_of(listener->requests[i]),
				       36) == 0;
		n += !seen;
	}
	pthread_mutex_unlock(&listener->lock);
	return n;
}

char *listener_newest(struct listener *listener, const char *text)
{
	char *newest = NULL;

	pthread_mutex_lock(&listener->lock);
	for (int i = listener->n - 1; i >= 0 && !newest; i--)
		if (strstr(listener->requests[i], text))
			newest = mem_dup_str(listener->requests[i]);
	pthread_mutex_unlock(&listener->lock);
	return newest;
}
