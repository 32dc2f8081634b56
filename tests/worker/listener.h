/* Somebody who is told of signals: listens on loopback, writes down what came, answers as it is told to. */
#ifndef TESTS_WORKER_LISTENER_H
#define TESTS_WORKER_LISTENER_H

#include <stdbool.h>

struct listener;

struct listener *listener_start(void);
void listener_stop(struct listener *listener);
int listener_port(const struct listener *listener);

/* The answers from now on; 0: none, the request is read and the connection kept. */
void listener_answer(struct listener *listener, int status);

/* And the body of these answers, JSON; it lives as long as the listener. */
void listener_body(struct listener *listener, const char *body);

/* How many requests with that text somewhere have come; how many different keys among them. */
int listener_count(struct listener *listener, const char *text);
int listener_keys(struct listener *listener, const char *text);

/* The newest of them, head and body; the caller frees. NULL: there is none. */
char *listener_newest(struct listener *listener, const char *text);

#endif
