/* A small HTTP server for tests: it answers, delays, cuts and garbles, by the path that is asked.
 *
 *   /echo            200, the request as it came as the body
 *   /status/NNN      that status, with a Location header
 *   /big/N           N bytes, announced;  /stream/N: N bytes, not announced, then closed
 *   /headers         headers without an end
 *   /hold            reads the request and never answers
 *   /half            the head of an answer and half of its body, then nothing
 *   /cut             announces 100 bytes, sends 10, and closes
 *   /close           reads the request and closes
 *   /reset           reads the request and resets the connection
 *   /garble          bytes that are no HTTP
 *   /continue        100 Continue before the answer
 *   /second-close    the first request of a connection is answered, a second is read, then closed
 *
 * Everything runs in threads of its own; connections are kept alive. httpd_stop() waits until the
 * clients are gone: free them first. */
#ifndef TESTS_LIB_HTTPD_H
#define TESTS_LIB_HTTPD_H

struct httpd;

struct httpd *httpd_start(void); /* on 127.0.0.1, at a free port */
void httpd_stop(struct httpd *httpd);
int httpd_port(const struct httpd *httpd);

/* So far. */
int httpd_requests(const struct httpd *httpd);
int httpd_connections(const struct httpd *httpd);

#endif
