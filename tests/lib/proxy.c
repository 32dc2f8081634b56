/* Passes bytes on between two sockets, late, never, in part or wrong.
 * Knows nothing of what the bytes mean.
 * Called by tests of whatever speaks over a socket. */
#include "proxy.h"
#include "base/mem.h"
#include "base/str.h"
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Held for one direction at most; then its sender has to wait, as it would for a slow network. */
#define HELD_MAX (256 * 1024)

enum {
	CLIENT,
	SERVER,
};

struct piece {
	struct piece *next;
	int64_t due_us;
	size_t len, sent;
	char bytes[];
};

/* One socket of a link; pieces are what is on its way to it. */
struct end {
	struct link *link;
	int fd;
	struct watch *watch;
	bool connecting, over; /* over: it sends no more */
	bool told; /* that the other one is over */
	struct piece *first, **last;
	size_t held;
};

struct link {
	struct link *next;
	struct proxy *proxy;
	struct end ends[2];
	struct timer *timer;
	int64_t left; /* bytes from the server until it breaks; -1: no limit */
};

struct address {
	bool local;
	struct sockaddr_storage to;
	socklen_t len;
};

struct proxy {
	struct loop *loop;
	int fd;
	struct watch *watch;
	struct address target;
	char *address, *path; /* path: of its own socket, to be removed */
	struct link *links;
	size_t accepted;
	bool stalled, refusing;
	int64_t delay_us, cut_after; /* cut_after: -1 none */
	int64_t garble_every, garble_left;
};

static void link_update(struct link *link);

static int64_t now_us(const struct proxy *proxy)
{
	return clock_mono_us(loop_clock(proxy->loop));
}

static int parse_unix(struct slice path, struct address *ret, struct err *err)
{
	struct sockaddr_un *un = (struct sockaddr_un *)&ret->to;

	if (path.len >= sizeof(un->sun_path))
		return err_set(err, -ENAMETOOLONG, "%.*s: too long for a socket", SLICE_ARG(path));
	*ret = (struct address){.local = true, .len = sizeof(*un)};
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, path.at, path.len);
	return 0;
}

static int parse_address(const char *text, struct address *ret, struct err *err)
{
	const struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	const char *port = strrchr(text, ':');

	if (strncmp(text, "unix:", 5) == 0)
		return parse_unix(slice_of(text + 5), ret, err);
	if (strncmp(text, "tcp:", 4) != 0 || port < text + 4)
		return err_set(err, -EINVAL, "%s: an end is unix:PATH or tcp:HOST:PORT", text);
	CLEANUP(mem_freep)
	char *host = mem_dup(text + 4, (size_t)(port - text - 4));

	if (getaddrinfo(host, port + 1, &hints, &found) != 0)
		return err_set(err, -EINVAL, "%s: no such host or port", text);
	*ret = (struct address){.len = found->ai_addrlen};
	memcpy(&ret->to, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return 0;
}

static int new_socket(const struct address *address)
{
	return socket(
		address->local ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static void drop_pieces(struct end *end)
{
	while (end->first) {
		struct piece *next = end->first->next;

		free(end->first);
		end->first = next;
	}
	end->last = &end->first;
	end->held = 0;
}

static void link_free(struct link *link)
{
	struct link **at = &link->proxy->links;

	while (*at != link)
		at = &(*at)->next;
	*at = link->next;
	for (int side = CLIENT; side <= SERVER; side++) {
		watch_close(link->ends[side].watch);
		close(link->ends[side].fd);
		drop_pieces(&link->ends[side]);
	}
	timer_close(link->timer);
	free(link);
}

static struct end *other(struct end *end)
{
	return &end->link->ends[end == &end->link->ends[CLIENT] ? SERVER : CLIENT];
}

static void garble(struct proxy *proxy, struct piece *piece)
{
	if (!proxy->garble_every)
		return;
	for (size_t i = 0; i < piece->len; i++)
		if (--proxy->garble_left <= 0) {
			piece->bytes[i] = (char)(piece->bytes[i] ^ 0x55);
			proxy->garble_left = proxy->garble_every;
		}
}

/* Takes what an end sends and puts it on its way to the other. False: the link is gone. */
static bool receive(struct end *from)
{
	struct link *link = from->link;
	struct proxy *proxy = link->proxy;
	struct end *to = other(from);
	char bytes[16 * 1024];
	ssize_t n = read(from->fd, bytes, sizeof(bytes));
	struct piece *piece;

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? true : (link_free(link), false);
	if (n == 0) {
		from->over = true;
		return true;
	}
	if (from == &link->ends[SERVER] && link->left >= 0 && (link->left -= n) <= 0) {
		link_free(link);
		return false;
	}
	piece = mem_alloc(sizeof(*piece) + (size_t)n);
	piece->len = (size_t)n;
	piece->due_us = now_us(proxy) + proxy->delay_us;
	memcpy(piece->bytes, bytes, (size_t)n);
	if (from == &link->ends[SERVER])
		garble(proxy, piece);
	*to->last = piece;
	to->last = &piece->next;
	to->held += piece->len;
	return true;
}

static bool due(const struct end *end)
{
	const struct proxy *proxy = end->link->proxy;

	return end->first && !proxy->stalled && end->first->due_us <= now_us(proxy);
}

static bool deliver(struct end *to)
{
	while (due(to)) {
		struct piece *piece = to->first;
		ssize_t n = send(
			to->fd, piece->bytes + piece->sent, piece->len - piece->sent, MSG_NOSIGNAL);

		if (n < 0)
			return errno == EAGAIN ? true : (link_free(to->link), false);
		piece->sent += (size_t)n;
		if (piece->sent < piece->len)
			return true;
		to->held -= piece->len;
		to->first = piece->next;
		if (!to->first)
			to->last = &to->first;
		free(piece);
	}
	if (other(to)->over && !to->first && !to->told && !to->link->proxy->stalled) {
		to->told = true;
		shutdown(to->fd, SHUT_WR);
	}
	return true;
}

static void on_end(void *ctx, int events)
{
	struct end *end = ctx;
	struct link *link = end->link;

	if (end->connecting) {
		int code = 0;
		socklen_t len = sizeof(code);

		getsockopt(end->fd, SOL_SOCKET, SO_ERROR, &code, &len);
		if (code) {
			link_free(link);
			return;
		}
		end->connecting = false;
	}
	if ((events & LOOP_READ) && !end->over && other(end)->held < HELD_MAX && !receive(end))
		return;
	link_update(link);
}

static void on_timer(void *ctx)
{
	link_update(ctx);
}

/* Sends what is due, and watches for what may come next. */
static void link_update(struct link *link)
{
	int64_t next_us = -1;

	for (int side = CLIENT; side <= SERVER; side++)
		if (!link->ends[side].connecting && !deliver(&link->ends[side]))
			return;
	if (link->ends[CLIENT].told && link->ends[SERVER].told) {
		link_free(link);
		return;
	}
	for (int side = CLIENT; side <= SERVER; side++) {
		struct end *end = &link->ends[side];
		int events = 0;

		if (!end->over && !end->connecting && other(end)->held < HELD_MAX)
			events |= LOOP_READ;
		if (end->connecting || due(end))
			events |= LOOP_WRITE;
		else if (end->first && (next_us < 0 || end->first->due_us < next_us))
			next_us = end->first->due_us;
		/* poll() tells of a hangup whether or not it was asked for. */
		watch_set(end->watch, events ? end->fd : -1, events);
	}
	if (next_us >= 0 && !link->proxy->stalled)
		timer_at(link->timer, next_us);
	else
		timer_stop(link->timer);
}

static void end_init(struct end *end, struct link *link, int fd)
{
	int on = 1;

	*end = (struct end){.link = link, .fd = fd};
	end->last = &end->first;
	end->watch = watch_open(link->proxy->loop, fd, LOOP_READ, on_end, end);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static void link_open(struct proxy *proxy, int client)
{
	int server = new_socket(&proxy->target);
	struct link *link = NEW(struct link);

	link->proxy = proxy;
	link->next = proxy->links;
	proxy->links = link;
	link->left = proxy->cut_after;
	link->timer = timer_open(proxy->loop, on_timer, link);
	end_init(&link->ends[CLIENT], link, client);
	end_init(&link->ends[SERVER], link, server);
	if (connect(server, (struct sockaddr *)&proxy->target.to, proxy->target.len) < 0) {
		if (errno != EINPROGRESS) {
			link_free(link);
			return;
		}
		link->ends[SERVER].connecting = true;
	}
	link_update(link);
}

static void on_accept(void *ctx, int events)
{
	struct proxy *proxy = ctx;
	int fd = accept4(proxy->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)events;
	if (fd < 0)
		return;
	proxy->accepted++;
	if (proxy->refusing)
		close(fd);
	else
		link_open(proxy, fd);
}

static void note_address(struct proxy *proxy, const char *text)
{
	struct sockaddr_in in;
	socklen_t len = sizeof(in);
	CLEANUP(str_done)
	struct str address = STR_INIT(4096);
	const char *port = strrchr(text, ':');

	if (strncmp(text, "unix:", 5) == 0) {
		proxy->path = mem_dup_str(text + 5);
		proxy->address = mem_dup_str(text);
		return;
	}
	getsockname(proxy->fd, (struct sockaddr *)&in, &len);
	str_addf(&address, "%.*s:%d", (int)(port - text), text, ntohs(in.sin_port));
	proxy->address = mem_dup_str(str_cstr(&address));
}

static int listen_at(struct proxy *proxy, const char *text, struct err *err)
{
	struct address address = {0};
	int on = 1, r = parse_address(text, &address, err);

	if (r < 0)
		return r;
	proxy->fd = new_socket(&address);
	(void)setsockopt(proxy->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (proxy->fd < 0 || bind(proxy->fd, (struct sockaddr *)&address.to, address.len) < 0 ||
		listen(proxy->fd, 64) < 0)
		return err_errno(err, "%s", text);
	note_address(proxy, text);
	return 0;
}

int proxy_open(struct loop *loop, const char *listen_text, const char *target, struct proxy **ret,
	struct err *err)
{
	struct proxy *proxy = NEW(struct proxy);
	int r = parse_address(target, &proxy->target, err);

	proxy->loop = loop;
	proxy->fd = -1;
	proxy->cut_after = -1;
	if (r == 0)
		r = listen_at(proxy, listen_text, err);
	if (r < 0) {
		proxy_close(proxy);
		return r;
	}
	proxy->watch = watch_open(loop, proxy->fd, LOOP_READ, on_accept, proxy);
	*ret = proxy;
	return 0;
}

static void cut_all(struct proxy *proxy)
{
	while (proxy->links)
		link_free(proxy->links);
}

void proxy_close(struct proxy *proxy)
{
	if (!proxy)
		return;
	cut_all(proxy);
	watch_close(proxy->watch);
	if (proxy->fd >= 0)
		close(proxy->fd);
	if (proxy->path)
		(void)unlink(proxy->path);
	free(proxy->path);
	free(proxy->address);
	free(proxy);
}

const char *proxy_address(const struct proxy *proxy)
{
	return proxy->address;
}

static void resume(struct proxy *proxy)
{
	proxy->stalled = proxy->refusing = false;
	proxy->delay_us = proxy->garble_every = 0;
	proxy->cut_after = -1;
	for (struct link *link = proxy->links; link; link = link->next)
		link->left = -1;
}

static void update_all(struct proxy *proxy)
{
	struct link *next;

	for (struct link *link = proxy->links; link; link = next) {
		next = link->next;
		link_update(link);
	}
}

static void set_fault(struct proxy *proxy, struct slice verb, int64_t number)
{
	resume(proxy);
	proxy->stalled = slice_eq_str(verb, "stall");
	proxy->refusing = slice_eq_str(verb, "refuse");
	if (slice_eq_str(verb, "delay"))
		proxy->delay_us = number * MS_US;
	if (slice_eq_str(verb, "garble"))
		proxy->garble_every = proxy->garble_left = number;
	if (proxy->refusing || slice_eq_str(verb, "cut"))
		cut_all(proxy);
	if (slice_eq_str(verb, "cut-after")) {
		proxy->cut_after = number;
		for (struct link *link = proxy->links; link; link = link->next)
			link->left = number;
	}
	update_all(proxy);
}

int proxy_command(struct proxy *proxy, struct slice command, struct err *err)
{
	static const struct {
		const char *verb;
		bool number;
	} verbs[] = {
		{"resume", false},
		{"stall", false},
		{"cut", false},
		{"refuse", false},
		{"delay", true},
		{"cut-after", true},
		{"garble", true},
	};
	struct slice verb = SLICE_NONE, word = SLICE_NONE;
	int64_t number = 0;

	slice_word(&command, &verb);
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		if (!slice_eq_str(verb, verbs[i].verb))
			continue;
		if (slice_word(&command, &word) != verbs[i].number ||
			(verbs[i].number && slice_to_i64(word, 0, INT32_MAX, &number) < 0))
			break;
		set_fault(proxy, verb, number);
		return 0;
	}
	return err_set(err, -EINVAL, "\"%.*s\": no such fault", SLICE_ARG(verb));
}

size_t proxy_links(const struct proxy *proxy)
{
	size_t n = 0;

	for (const struct link *link = proxy->links; link; link = link->next)
		n++;
	return n;
}

size_t proxy_accepted(const struct proxy *proxy)
{
	return proxy->accepted;
}
