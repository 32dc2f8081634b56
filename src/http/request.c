/* Builds one request for curl and keeps what comes back, within its caps. Does not wait or move
 * anything; http.c does. */
#include "request.h"
#include "base/mem.h"
#include <errno.h>
#include <string.h>

static bool is_token(struct slice s)
{
	static const char others[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < s.len; i++) {
		char c = s.at[i];
		bool alnum =
			(c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

		if (!alnum && (c == '\0' || !strchr(others, c)))
			return false;
	}
	return s.len > 0;
}

/* A line end in a value would let it write headers of its own. */
static bool is_header_value(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.at[i];

		if ((c < 0x20 && c != '\t') || c == 0x7F)
			return false;
	}
	return true;
}

static int refuse(struct http_request *request, const char *what, struct slice name)
{
	request->end = HTTP_REFUSED;
	return err_set(&request->err, -EINVAL, "%s \"%.*s\" cannot be sent", what,
		SLICE_ARG(slice_head(name, 80)));
}

/* curl takes an empty value only with a semicolon in the place of the colon. */
static void add_header(struct http_request *request, struct slice name, struct slice value)
{
	CLEANUP(str_done)
	struct str line = STR_INIT(name.len + value.len + 2);

	str_addf(&line, "%.*s%s%.*s", SLICE_ARG(name), value.len ? ": " : ";", SLICE_ARG(value));
	request->headers = curl_slist_append(request->headers, line.at);
	mem_wipe(line.at, line.len);
}

static int build_headers(struct http_request *request, const struct http_ask *ask)
{
	bool typed = false;

	for (size_t i = 0; i < ask->n_headers; i++) {
		const struct http_header *header = &ask->headers[i];

		if (!is_token(header->name) || !is_header_value(header->value))
			return refuse(request, "the header", header->name);
		add_header(request, header->name, slice_trim(header->value));
		typed = typed || slice_eq_nocase(header->name, SLICE("Content-Type"));
	}
	/* Else curl calls a body a form, and waits for a "100 Continue" that many never send. */
	if (!typed)
		request->headers = curl_slist_append(request->headers, "Content-Type:");
	request->headers = curl_slist_append(request->headers, "Expect:");
	return 0;
}

static size_t on_send(char *at, size_t size, size_t n, void *ctx)
{
	struct http_request *request = ctx;
	size_t len = request->body_len - request->body_sent;

	if (len > size * n)
		len = size * n;
	memcpy(at, request->body + request->body_sent, len);
	request->body_sent += len;
	return len;
}

/* Adds to the answer; false when it became too large. */
static size_t on_body(char *at, size_t size, size_t n, void *ctx)
{
	struct http_request *request = ctx;

	str_add(&request->answer, (struct slice){at, size * n});
	request->too_large = request->answer.cut;
	return request->too_large ? 0 : size * n;
}

static void keep_header(struct http_request *request, struct slice line)
{
	size_t colon = slice_find(line, ':');

	if (colon == line.len)
		return;
	if (request->n_got == request->size_got) {
		size_t size = request->size_got ? request->size_got * 2 : 16;
		struct http_header *more =
			arena_array(&request->arena, size, sizeof(struct http_header));

		if (request->n_got)
			memcpy(more, request->got, request->n_got * sizeof(*more));
		request->got = more;
		request->size_got = size;
	}
	request->got[request->n_got++] = (struct http_header){
		.name = arena_dup(&request->arena, slice_trim(slice_head(line, colon))),
		.value = arena_dup(&request->arena, slice_trim(slice_from(line, colon + 1))),
	};
}

static size_t on_header(char *at, size_t size, size_t n, void *ctx)
{
	struct http_request *request = ctx;
	struct slice line = {at, size * n};

	request->header_bytes += line.len;
	request->too_large = request->header_bytes > HTTP_HEADERS_MAX;
	if (request->too_large)
		return 0;
	/* A status line begins anew: what came before was only an announcement (1xx). */
	if (slice_starts(line, SLICE("HTTP/")))
		request->n_got = 0;
	else
		keep_header(request, line);
	return line.len;
}

/* Other than with POSTFIELDS, curl cannot rewind a body that is read from here, and so fails
 * where it would send it a second time. */
static void build_body(struct http_request *request, const struct http_ask *ask, bool safe)
{
	if (ask->body.len == 0) {
		if (!safe) {
			/* Nothing to rewind: on a new connection it is not repeated either. */
			curl_easy_setopt(request->easy, CURLOPT_FRESH_CONNECT, 1L);
			curl_easy_setopt(request->easy, CURLOPT_POST, 1L);
			curl_easy_setopt(request->easy, CURLOPT_POSTFIELDS, "");
			curl_easy_setopt(request->easy, CURLOPT_POSTFIELDSIZE, 0L);
		}
		return;
	}
	request->body = mem_dup(ask->body.at, ask->body.len);
	request->body_len = ask->body.len;
	curl_easy_setopt(request->easy, CURLOPT_POST, 1L);
	curl_easy_setopt(request->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
	curl_easy_setopt(request->easy, CURLOPT_READFUNCTION, on_send);
	curl_easy_setopt(request->easy, CURLOPT_READDATA, request);
}

static void build_rules(CURL *easy, const struct http_options *options)
{
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	/* The empty text, unlike NULL, keeps curl from looking into the environment. */
	curl_easy_setopt(easy, CURLOPT_PROXY, options->proxy ? options->proxy : "");
	curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	/* Giving up does not wait for a name that is still being resolved. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(
		easy, CURLOPT_USERAGENT, options->user_agent ? options->user_agent : "orderly");
	if (options->ca_file)
		curl_easy_setopt(easy, CURLOPT_CAINFO, options->ca_file);
}

static void build_answer(struct http_request *request, const struct http_ask *ask)
{
	size_t max = ask->max_bytes ? ask->max_bytes : HTTP_BODY_MAX;

	request->answer = STR_INIT(max);
	curl_easy_setopt(request->easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)max);
	curl_easy_setopt(request->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(request->easy, CURLOPT_WRITEDATA, request);
	curl_easy_setopt(request->easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(request->easy, CURLOPT_HEADERDATA, request);
	curl_easy_setopt(request->easy, CURLOPT_ERRORBUFFER, request->message);
	curl_easy_setopt(request->easy, CURLOPT_PRIVATE, request);
}

static void build_look(CURL *easy, const struct http_ask *ask)
{
	if (ask->certificate) {
		curl_easy_setopt(easy, CURLOPT_CERTINFO, 1L);
		curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
		curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	}
	if (ask->connect_only)
		curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
}

int request_build(struct http_request *request, const struct http_ask *ask,
	const struct http_options *options)
{
	const char *method = ask->method ? ask->method : "GET";
	bool head = strcmp(method, "HEAD") == 0, safe = head || strcmp(method, "GET") == 0;
	struct slice url = slice_of(ask->url);

	if (!is_token(slice_of(method)))
		return refuse(request, "the method", slice_of(method));
	if (!slice_starts(url, SLICE("http://")) && !slice_starts(url, SLICE("https://")))
		return refuse(request, "the address", url);
	if (build_headers(request, ask) < 0)
		return -EINVAL;
	request->easy = curl_easy_init();
	if (!request->easy)
		return refuse(request, "the address", url);
	build_rules(request->easy, options);
	build_answer(request, ask);
	build_body(request, ask, safe);
	build_look(request->easy, ask);
	curl_easy_setopt(request->easy, CURLOPT_URL, ask->url);
	curl_easy_setopt(request->easy, CURLOPT_HTTPHEADER, request->headers);
	if (head)
		curl_easy_setopt(request->easy, CURLOPT_NOBODY, 1L);
	else
		curl_easy_setopt(request->easy, CURLOPT_CUSTOMREQUEST, method);
	return 0;
}

void request_free(struct http_request *request)
{
	/* Keys and tokens travel in headers and bodies. */
	for (struct curl_slist *header = request->headers; header; header = header->next)
		mem_wipe(header->data, strlen(header->data));
	if (request->body)
		mem_wipe(request->body, request->body_len);
	if (request->easy)
		curl_easy_cleanup(request->easy);
	curl_slist_free_all(request->headers);
	timer_close(request->deadline);
	mem_freep(&request->body);
	arena_done(&request->arena);
	str_done(&request->answer);
	mem_freep(&request);
}

static const struct {
	const char *name;
	int code;
} ends[] = {
	[HTTP_ANSWERED] = {"answered", 0},
	[HTTP_REFUSED] = {"refused", -EINVAL},
	[HTTP_RESOLVE] = {"resolve", -EHOSTUNREACH},
	[HTTP_CONNECT] = {"connect", -ECONNREFUSED},
	[HTTP_TLS] = {"tls", -EPROTO},
	[HTTP_TIMEOUT] = {"timeout", -ETIMEDOUT},
	[HTTP_CANCELED] = {"canceled", -ECANCELED},
	[HTTP_TOO_LARGE] = {"too-large", -EFBIG},
	[HTTP_GONE] = {"gone", -ECONNRESET},
	[HTTP_GARBLED] = {"garbled", -EBADMSG},
};

const char *http_end_name(enum http_end end)
{
	return ends[end].name;
}

static enum http_end end_of(const struct http_request *request, CURLcode result)
{
	if (request->too_large || result == CURLE_FILESIZE_EXCEEDED)
		return HTTP_TOO_LARGE;
	switch (result) {
	case CURLE_OK:
		return HTTP_ANSWERED;
	case CURLE_URL_MALFORMAT:
		return HTTP_REFUSED;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
		return HTTP_RESOLVE;
	case CURLE_COULDNT_CONNECT:
	case CURLE_INTERFACE_FAILED:
		return HTTP_CONNECT;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_ENGINE_INITFAILED:
		return HTTP_TLS;
	case CURLE_OPERATION_TIMEDOUT:
		return HTTP_TIMEOUT;
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
	case CURLE_SEND_FAIL_REWIND:
		return HTTP_GONE;
	default:
		return HTTP_GARBLED;
	}
}

/* A connection that was never made, or whose TLS failed, cannot have carried it. */
static bool may_have_arrived(const struct http_request *request)
{
	long sent = 0;

	if (!request->easy)
		return false;
	curl_easy_getinfo(request->easy, CURLINFO_REQUEST_SIZE, &sent);
	return sent > 0;
}

static const char *reason(const struct http_request *request, enum http_end end, CURLcode result)
{
	if (end == HTTP_TIMEOUT)
		return "no answer in time";
	if (end == HTTP_CANCELED)
		return "canceled";
	if (end == HTTP_TOO_LARGE)
		return "the answer is too large";
	return request->message[0] ? request->message : curl_easy_strerror(result);
}

/* Of the first of the chain: the server's own. */
static int64_t cert_ends_s(const struct http_request *request)
{
	static const char field[] = "Expire date:";
	struct curl_certinfo *chain = NULL;

	if (!request->easy ||
		curl_easy_getinfo(request->easy, CURLINFO_CERTINFO, &chain) != CURLE_OK || !chain ||
		chain->num_of_certs < 1)
		return 0;
	for (const struct curl_slist *line = chain->certinfo[0]; line; line = line->next)
		if (strncmp(line->data, field, sizeof(field) - 1) == 0) {
			time_t at = curl_getdate(line->data + sizeof(field) - 1, NULL);

			return at > 0 ? (int64_t)at : 0;
		}
	return 0;
}

static void give(struct http_request *request, enum http_end end, CURLcode result, int64_t now_us)
{
	struct http_reply reply = {
		.end = end,
		.headers = request->got,
		.n_headers = request->n_got,
		.body = str_slice(&request->answer),
		.cert_ends_s = cert_ends_s(request),
		.may_have_arrived = may_have_arrived(request),
		.took_us = now_us - request->began_us,
	};
	long status = 0;

	if (request->easy)
		curl_easy_getinfo(request->easy, CURLINFO_RESPONSE_CODE, &status);
	reply.status = (int)status;
	if (end != HTTP_ANSWERED) {
		if (request->err.code == 0)
			err_set(&request->err, ends[end].code, "%s", reason(request, end, result));
		reply.err = &request->err;
	}
	request->reply(request->ctx, &reply);
}

void request_reply(struct http_request *request, CURLcode result, int64_t now_us)
{
	give(request, end_of(request, result), result, now_us);
}

void request_reply_end(struct http_request *request, enum http_end end, int64_t now_us)
{
	give(request, end, CURLE_OK, now_us);
}

struct slice http_reply_header(const struct http_reply *reply, const char *name)
{
	for (size_t i = 0; i < reply->n_headers; i++)
		if (slice_eq_nocase(reply->headers[i].name, slice_of(name)))
			return reply->headers[i].value;
	return SLICE_NONE;
}
