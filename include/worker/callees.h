/* Whom orderlyd tells of signals, and whom it tells that it lives. A file in the line grammar:
 *
 *   format 1
 *   [desk]                          a target's name, the same on all workers that share it
 *   url       = https://chat.example/hook
 *   severity  = warning             from which on: info, warning or page; warning when not said
 *   auth      = hmac                bearer or hmac; bearer when not said
 *   secret    = desk-hook           a file of the folder of secrets
 *   repeats   = yes                 it keeps repeats of one key apart; no when not said
 *   deadline  = 10s
 *   [pager]
 *   command   = /usr/local/bin/page "on call"    its words, without a shell; JSON on its input
 *   [heartbeat]
 *   url       = https://watch.example/ping/7
 *   every     = 1m
 *
 * A line that is wrong is a problem and left out; so is a target that has neither url nor command. */
#ifndef WORKER_CALLEES_H
#define WORKER_CALLEES_H

#include "base/lines.h"
#include "base/str.h"

#define CALLEES_MAX 32

struct callee {
	const char *name;
	const char *url; /* or */
	char **argv; /* ended by NULL; NULL: it has a url */
	const char *severity;
	const char *secret; /* the name of a file; NULL: none */
	bool hmac, repeats;
	int64_t deadline_us, every_us;
	int line;
};

struct callees {
	struct arena arena;
	struct callee at[CALLEES_MAX]; /* who is told of signals */
	size_t n;
	struct callee heart; /* its name is NULL: nobody is told */
	struct callee *open; /* while it is read */
};

#define CALLEES_INIT ((struct callees){0})

/* -EINVAL when the text as a whole cannot be used. */
int callees_parse(
	struct callees *callees, const char *file, struct slice text, struct problems *problems);
int callees_load(
	struct callees *callees, const char *file, struct problems *problems, struct err *err);
void callees_done(struct callees *callees);

/* [{"name": "desk", "severity": "warning", "repeats": true}, …] for the store. */
void callees_put(const struct callees *callees, struct str *out);

#endif
