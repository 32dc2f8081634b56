/* A proxy between a client and a server that behaves as badly as it is told to.
 *
 * Runs in the loop of its test, or as a program of its own (faultproxy). Ends are written
 * "unix:/path/of/socket" or "tcp:host:port"; port 0 of a listener is any free one. */
#ifndef TESTS_LIB_PROXY_H
#define TESTS_LIB_PROXY_H

#include "base/err.h"
#include "base/loop.h"
#include "base/slice.h"

struct proxy;

int proxy_open(struct loop *loop, const char *listen, const char *target, struct proxy **ret,
	struct err *err);
void proxy_close(struct proxy *proxy); /* NULL is fine; removes its socket */

/* Where it listens: "unix:/path" or "tcp:host:port" with the port that it got. */
const char *proxy_address(const struct proxy *proxy);

/* One of
 *   resume           all as it should be; what was held goes on
 *   delay MS         each piece arrives so much later, both ways
 *   stall            connections are accepted and nothing passes
 *   cut              every connection breaks now; new ones are served
 *   cut-after BYTES  each connection breaks once the server sent so many from now on
 *   refuse           every connection breaks now, and so does each new one at once
 *   garble EVERY     one in so many bytes from the server is another
 */
int proxy_command(struct proxy *proxy, struct slice command, struct err *err);

size_t proxy_links(const struct proxy *proxy); /* connections now */
size_t proxy_accepted(const struct proxy *proxy); /* ever */

#endif
