/* Answers of Odoo's two protocols, told apart by what an exception is called and by the HTTP status.
 * Leaves sending, repeating and giving up to client.c. Called by the client for each answer. */
#include "odoo/decode.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"
#include <string.h>

static const struct {
	const char *name, *text;
} classes[] = {
#define X(id, name, text) [ODOO_##id] = {name, text},
	ODOO_CLASSES(X)
#undef X
};

const char *odoo_class_name(enum odoo_class class)
{
	return classes[class].name;
}

const char *odoo_class_text(enum odoo_class class)
{
	return classes[class].text;
}

/* What exceptions mean. The first whose name begins so counts. Where there is a text it is shown in
 * the place of Odoo's, which then is the database's and may tell paths and values. */
static const struct exception {
	const char *name;
	enum odoo_class class;
	const char *text;
} exceptions[] = {
	{"odoo.exceptions.AccessDenied", ODOO_DENIED, NULL},
	{"odoo.exceptions.AccessError", ODOO_FORBIDDEN, NULL},
	{"odoo.exceptions.MissingError", ODOO_MISSING, NULL},
	{"odoo.exceptions.ValidationError", ODOO_INVALID, NULL},
	{"odoo.exceptions.LockError", ODOO_BUSY, NULL},
	{"odoo.exceptions.ConcurrencyError", ODOO_BUSY, NULL},
	{"odoo.exceptions.UserError", ODOO_REFUSED, NULL},
	{"odoo.exceptions.RedirectWarning", ODOO_REFUSED, NULL},
	{"odoo.http.SessionExpired", ODOO_DENIED, NULL},
	{"werkzeug.exceptions.Unauthorized", ODOO_DENIED, NULL},
	{"werkzeug.exceptions.Forbidden", ODOO_FORBIDDEN, NULL},
	{"werkzeug.exceptions.NotFound", ODOO_CALL, NULL},
	{"werkzeug.exceptions.BadRequest", ODOO_CALL, NULL},
	{"werkzeug.exceptions.UnprocessableEntity", ODOO_CALL, NULL},
	{"werkzeug.exceptions.Conflict", ODOO_BUSY, NULL},
	{"werkzeug.exceptions.TooManyRequests", ODOO_BUSY, NULL},
	{"werkzeug.exceptions.ServiceUnavailable", ODOO_BUSY, NULL},
	{"builtins.MemoryError", ODOO_FAULT, NULL},
	{"builtins.RecursionError", ODOO_FAULT, NULL},
	{"builtins.", ODOO_CALL, NULL},
	{"psycopg2.errors.SerializationFailure", ODOO_BUSY,
		"others change the same records; Odoo has tried several times"},
	{"psycopg2.errors.DeadlockDetected", ODOO_BUSY,
		"others change the same records; Odoo has tried several times"},
	{"psycopg2.errors.LockNotAvailable", ODOO_BUSY, "others have locked the same records"},
	{"psycopg2.errors.QueryCanceled", ODOO_BUSY, "Odoo's database gave up; it took too long"},
	{"psycopg2.errors.InvalidRowCount", ODOO_CALL, "the limit or the offset is negative"},
	{"psycopg2.IntegrityError", ODOO_INVALID, "the values break a constraint of the database"},
	{"psycopg2.errors.UniqueViolation", ODOO_INVALID, "there is one like it already"},
	{"psycopg2.errors.NotNullViolation", ODOO_INVALID, "a field that must be set is not"},
	{"psycopg2.errors.ForeignKeyViolation", ODOO_INVALID, "another record is needed or in use"},
	{"psycopg2.errors.CheckViolation", ODOO_INVALID,
		"the values break a constraint of the database"},
	{"psycopg2.pool.PoolError", ODOO_BUSY, "all of Odoo's connections are in use"},
	{"psycopg2.OperationalError", ODOO_BUSY, "Odoo cannot reach its database"},
	{"psycopg2.InterfaceError", ODOO_BUSY, "Odoo lost its database"},
	{"psycopg2.", ODOO_FAULT, "Odoo's database refused"},
};

static const struct exception *exception_of(struct slice name)
{
	/* Before Odoo 10 the package had another name. */
	static const char old[] = "openerp.";
	struct slice rest = slice_from(name, sizeof(old) - 1);
	bool is_old = slice_starts(name, slice_of(old));

	for (size_t i = 0; i < ARRAY_LEN(exceptions); i++) {
		struct slice known = slice_of(exceptions[i].name);

		if (slice_starts(name, known))
			return &exceptions[i];
		if (is_old && slice_starts(known, SLICE("odoo.")) &&
			slice_starts(rest, slice_from(known, 5)))
			return &exceptions[i];
	}
	return NULL;
}

static size_t find_text(struct slice text, const char *what)
{
	const char *at = text.len ? memmem(text.at, text.len, what, strlen(what)) : NULL;

	return at ? (size_t)(at - text.at) : text.len;
}

static bool has_text(struct slice text, const char *what)
{
	return find_text(text, what) < text.len;
}

static bool is_json(struct slice content_type)
{
	return has_text(content_type, "json");
}

/* Odoo's words to its user: without what is behind the start of a traceback, cut between code
 * points. Empty when nothing is left. */
static const char *message_of(struct arena *arena, struct slice text)
{
	struct slice head = slice_head(text, find_text(text, "Traceback (most recent call"));

	head = slice_trim(head);
	if (head.len > ODOO_MESSAGE_MAX) {
		size_t len = ODOO_MESSAGE_MAX;

		while (len > 0 && ((unsigned char)head.at[len] & 0xC0) == 0x80)
			len--;
		head.len = len;
	}
	/* A NUL would hide the rest from who takes it as a string. */
	return arena_str(arena, slice_head(head, slice_find(head, '\0')));
}

static void conclude(struct odoo_answer *answer, enum odoo_class class, const char *message)
{
	answer->class = class;
	answer->message = message && *message ? message : classes[class].text;
}

/* ---- an error of Odoo's own: {name, message, arguments, context, debug} --------------------- */

/* An unknown model is a UserError up to Odoo 19: a mistake in the call, and no business rule. */
static bool is_unknown_model(struct slice name, struct slice message)
{
	return slice_ends(name, SLICE(".UserError")) && slice_starts(message, SLICE("Object ")) &&
	       slice_ends(message, SLICE("doesn't exist"));
}

static bool is_no_database(struct slice name, struct slice message)
{
	return slice_starts(name, SLICE("psycopg2.OperationalError")) &&
	       has_text(message, "database") && has_text(message, "does not exist");
}

static enum odoo_class class_of_status(int status);

/* fallback: for an exception that is not in the table, as modules may define their own. */
static void decode_error(struct arena *arena, const struct value *data, enum odoo_class fallback,
	struct odoo_answer *answer)
{
	struct slice message = slice_trim(value_text(value_get(data, "message")));
	const struct exception *exception;

	answer->name = value_text(value_get(data, "name"));
	answer->settled = true;
	exception = exception_of(answer->name);
	if (is_no_database(answer->name, message))
		conclude(answer, ODOO_DATABASE, NULL);
	else if (is_unknown_model(answer->name, message))
		conclude(answer, ODOO_CALL, message_of(arena, message));
	else if (exception)
		conclude(answer, exception->class,
			exception->text ? exception->text : message_of(arena, message));
	else
		conclude(answer, fallback, message_of(arena, message));
}

/* ---- an answer that is not Odoo's ----------------------------------------------------------- */

static enum odoo_class class_of_status(int status)
{
	switch (status) {
	case 401:
		return ODOO_DENIED;
	case 403:
		return ODOO_FORBIDDEN;
	case 400:
	case 413:
	case 415:
		return ODOO_CALL;
	case 422:
		return ODOO_REFUSED;
	case 404:
	case 405:
	case 501:
		return ODOO_OFF;
	case 408:
	case 409:
	case 429:
	case 502:
	case 503:
	case 504:
		return ODOO_BUSY;
	default:
		break;
	}
	if (status >= 300 && status < 400)
		return ODOO_OFF;
	if (status >= 500)
		return ODOO_FAULT;
	return ODOO_GARBLED;
}

/* What was not let in was not done. */
static bool settles(int status)
{
	return status >= 300 && status < 500 && status != 408;
}

static struct slice title_of(struct slice html)
{
	struct slice rest = slice_from(html, find_text(html, "<title>"));

	if (!rest.len)
		return SLICE_NONE;
	rest = slice_from(rest, strlen("<title>"));
	return slice_head(slice_trim(slice_head(rest, slice_find(rest, '<'))), 80);
}

/* The status, and the title of the page, which often names who has answered. */
static void decode_foreign(struct arena *arena, const struct odoo_raw *raw, const char *why,
	struct odoo_answer *answer)
{
	enum odoo_class class = class_of_status(raw->status);
	struct slice title = SLICE_NONE;

	if (has_text(raw->content_type, "html"))
		title = title_of(raw->body);
	if (!utf8_valid(title))
		title = SLICE_NONE;
	answer->settled = settles(raw->status);
	conclude(answer, class,
		arena_printf(arena, "%s (HTTP status %d%s%.*s%s)", why ? why : classes[class].text,
			raw->status, title.len ? ", \"" : "", SLICE_ARG(title),
			title.len ? "\"" : ""));
}

/* ---- the two protocols ---------------------------------------------------------------------- */

static void succeed(const struct value *result, struct odoo_answer *answer)
{
	answer->class = ODOO_OK;
	answer->settled = true;
	answer->message = "";
	answer->result = result && result->kind != VALUE_NULL ? result : NULL;
}

/* The HTTP status tells nothing: errors come as 200 too. A method without a value answers without
 * a result. */
static bool decode_jsonrpc(
	struct arena *arena, const struct value *body, struct odoo_answer *answer)
{
	const struct value *error = value_get(body, "error");
	const struct value *data = value_get(error, "data");

	if (!slice_eq_str(value_text(value_get(body, "jsonrpc")), "2.0"))
		return false;
	if (!value_int(value_get(body, "id"), &answer->id))
		answer->id = -1;
	if (!error || error->kind == VALUE_NULL) {
		succeed(value_get(body, "result"), answer);
		return true;
	}
	if (error->kind != VALUE_OBJECT)
		return false;
	if (!data || data->kind != VALUE_OBJECT)
		data = error;
	decode_error(arena, data, ODOO_FAULT, answer);
	return true;
}

static bool decode_json2(struct arena *arena, const struct odoo_raw *raw, const struct value *body,
	struct odoo_answer *answer)
{
	enum odoo_class fallback = class_of_status(raw->status);

	if (raw->status == 200) {
		succeed(body, answer);
		return true;
	}
	if (!value_text(value_get(body, "name")).at || !value_text(value_get(body, "message")).at)
		return false;
	/* 404 and 409 have names of their own; what is left at 404 is a thing that is not known. */
	decode_error(arena, body, fallback == ODOO_OFF ? ODOO_CALL : fallback, answer);
	return true;
}

void odoo_decode(struct arena *arena, const struct odoo_raw *raw, struct odoo_answer *ret)
{
	const struct value *body = NULL;
	struct err err = ERR_INIT;

	*ret = (struct odoo_answer){.id = -1, .message = ""};
	if (!is_json(raw->content_type)) {
		decode_foreign(arena, raw, NULL, ret);
		return;
	}
	if (value_parse(arena, raw->body, &body, &err) < 0) {
		decode_foreign(arena, raw,
			arena_printf(arena, "the answer cannot be read: %s", err.text), ret);
		return;
	}
	if (raw->protocol == ODOO_JSON2 ? decode_json2(arena, raw, body, ret)
					: decode_jsonrpc(arena, body, ret))
		return;
	decode_foreign(arena, raw, NULL, ret);
}
