/* Writes events into a store: arrays of JSON documents over several connections at once.
 *
 * For programs that do nothing else meanwhile: calls wait, in slices, and give up with -EINTR when
 * *stop is set. What was added is kept until the store has said that it took it, and sent again over
 * a new connection when the old one is lost; a document that arrives twice counts once, since events
 * carry their key. */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H

#include "base/err.h"
#include "base/slice.h"
#include <signal.h>

struct writer;

struct writer_options {
	const char *conninfo; /* of a login with the role ingest */
	const char *application; /* application_name */
	int connections;
	int array; /* documents in one call */
	const volatile sig_atomic_t *stop; /* may be NULL */
};

struct writer_counts {
	int64_t taken, repeated, rejected;
};

/* Connects the first; the others follow when there is work for them. */
int writer_open(const struct writer_options *options, struct writer **ret, struct err *err);
void writer_close(struct writer *writer); /* NULL is fine; what was not flushed is lost */
void writer_closep(struct writer **writer);

/* Copies the document, and sends when an array is full. -ENOTCONN: the store is away; the document
 * is kept all the same, and writer_flush() tries again. */
int writer_add(struct writer *writer, struct slice document, struct err *err);

/* Sends what is left and waits until all is taken. -ENOTCONN as above. */
int writer_flush(struct writer *writer, struct err *err);

struct writer_counts writer_counts(const struct writer *writer);

#endif
