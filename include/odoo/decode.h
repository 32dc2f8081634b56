/* What came of a call, from the bytes of its answer alone: a class for programs, a message for people.
 *
 * Pure: no socket, no clock. The message never holds a traceback, a path of the server or a page of
 * HTML; it is Odoo's own words to its user where there are any, cut at ODOO_MESSAGE_MAX bytes. It may
 * have lines and tabs, and is not inert. */
#ifndef ODOO_DECODE_H
#define ODOO_DECODE_H

#include "odoo/value.h"

#define ODOO_MESSAGE_MAX 4000

enum odoo_protocol {
	ODOO_PROBE, /* not known yet: to be found out */
	ODOO_JSONRPC, /* POST /jsonrpc, Odoo 8 to 21 */
	ODOO_JSON2, /* POST /json/2/MODEL/METHOD, Odoo 19 on */
};

/* name, what it means when Odoo has no words of its own */
#define ODOO_CLASSES(X)                                                                \
	X(OK, "ok", "done")                                                            \
	X(DENIED, "denied", "Odoo does not accept the login, the password or the key") \
	X(FORBIDDEN, "forbidden", "this user has no right to that")                    \
	X(MISSING, "missing", "the record is not there any more")                      \
	X(INVALID, "invalid", "the values break a constraint")                         \
	X(REFUSED, "refused", "a business rule does not allow it")                     \
	X(CALL, "call", "Odoo does not understand the request")                        \
	X(DATABASE, "database", "Odoo has no database of that name")                   \
	X(BUSY, "busy", "Odoo is busy; trying again later may help")                   \
	X(FAULT, "fault", "Odoo failed inside")                                        \
	X(OFF, "off", "this address does not offer the interface that was asked")      \
	X(GARBLED, "garbled", "the answer is not Odoo's")                              \
	X(UNREACHABLE, "unreachable", "Odoo cannot be reached")                        \
	X(TIMEOUT, "timeout", "no answer in time")                                     \
	X(CANCELED, "canceled", "canceled")

enum odoo_class {
#define X(id, name, text) ODOO_##id,
	ODOO_CLASSES(X)
#undef X
		ODOO_N_CLASSES,
};

struct odoo_raw {
	enum odoo_protocol protocol;
	int status;
	struct slice content_type;
	struct slice body;
};

struct odoo_answer {
	enum odoo_class class;
	/* What was asked was done whole (ODOO_OK) or not at all. False where something that is not
	 * Odoo answered: then a write may have been done. */
	bool settled;
	int64_t id; /* of a JSON-RPC answer; -1 where it has none */
	struct slice
		name; /* of Odoo's exception, such as odoo.exceptions.UserError; empty without */
	const char *message; /* never NULL; "" when OK */
	const struct value *result; /* NULL when the method returned nothing, or did not return */
};

/* The answer lives in the arena. */
void odoo_decode(struct arena *arena, const struct odoo_raw *raw, struct odoo_answer *ret);

const char *odoo_class_name(enum odoo_class class);
const char *odoo_class_text(enum odoo_class class);

#endif
