/* Writes the relay's news into the log: ids, codes and classes, never a payload or a target's words.
 * What is worth telling is the relay's to say.
 * Called by orderlyd's main. */
#include "news.h"
#include <string.h>

static void put(struct jsonl *jsonl, const char *key, const char *text)
{
	if (text && *text)
		jsonl_text(jsonl, key, text);
}

/* One line an item: those that went well only for who wants to see all. */
static void write_item(struct jsonl *jsonl, const struct relay_news *news)
{
	bool well = strcmp(news->outcome, "delivered") == 0;

	jsonl_begin(jsonl, well ? LOG_DEBUG : LOG_WARN, "replay");
	jsonl_int(jsonl, "item", news->item);
	jsonl_int(jsonl, "request", news->request);
	put(jsonl, "interface", news->interface);
	put(jsonl, "target", news->target);
	put(jsonl, "outcome", news->outcome);
	put(jsonl, "class", news->class);
	put(jsonl, "code", news->code);
	jsonl_int(jsonl, "took_ms", news->took_us / MS_US);
	jsonl_end(jsonl);
}

void news_write(struct jsonl *jsonl, const struct relay_news *news)
{
	switch (news->event) {
	case RELAY_ITEM:
		write_item(jsonl, news);
		return;
	case RELAY_ROUTE:
		jsonl_begin(jsonl, LOG_ERROR, "endpoint cannot be used");
		put(jsonl, "interface", news->interface);
		put(jsonl, "target", news->target);
		put(jsonl, "error", news->text);
		break;
	case RELAY_TARGET:
		jsonl_begin(jsonl, LOG_WARN, "target");
		put(jsonl, "target", news->target);
		put(jsonl, "circuit", news->text);
		break;
	case RELAY_STORE:
		jsonl_begin(jsonl, LOG_ERROR, "relay's question failed");
		put(jsonl, "question", news->code);
		put(jsonl, "error", news->text);
		break;
	}
	jsonl_end(jsonl);
}
