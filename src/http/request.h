/* One request between http.c, which moves it, and request.c, which builds it and keeps what comes
 * back. Nobody outside of src/http. */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include "base/arena.h"
#include "base/str.h"
#include "http/http.h"
#include <curl/curl.h>

struct http_request {
	struct http *http;
	uint64_t ticket;
	struct http_request *next, **link;
	struct timer *deadline;
	int64_t began_us;
	void (*reply)(void *ctx, const struct http_reply *reply);
	void *ctx;

	CURL *easy; /* NULL when it was refused */
	bool moving; /* is in the multi handle */
	struct curl_slist *headers;
	char *body;
	size_t body_len, body_sent;

	struct arena arena; /* of the answer's headers */
	struct http_header *got;
	size_t n_got, size_got, header_bytes;
	struct str answer;
	bool too_large;
	char message[CURL_ERROR_SIZE];

	enum http_end end; /* of one that was refused or cancelled */
	struct err err;
};

/* Copies what is asked. 0, or -EINVAL with end and err set: then it must be refused. */
int request_build(struct http_request *request, const struct http_ask *ask,
	const struct http_options *options);
void request_free(struct http_request *request);

/* Gives the answer, or the failure that curl's result stands for, to the asker. */
void request_reply(struct http_request *request, CURLcode result, int64_t now_us);

/* Gives an end that is none of curl's. */
void request_reply_end(struct http_request *request, enum http_end end, int64_t now_us);

#endif
