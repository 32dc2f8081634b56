/* What the relay tells, as lines of the log. Private to orderlyd. */
#ifndef WORKER_NEWS_H
#define WORKER_NEWS_H

#include "relay/relay.h"
#include "worker/jsonl.h"

void news_write(struct jsonl *jsonl, const struct relay_news *news);

#endif
