/* All that is known of an event, and of a transaction, as facts below each other.
 * How facts look is text.c's.
 * Called by the view of a transaction. */
#include "base/mem.h"
#include "transaction_part.h"

void transaction_text_event(struct text *text, const struct rows *events, size_t row)
{
	static const struct fact facts[] = {
		{"kind", "event", AS_TEXT},
		{"interface", "interface", AS_TEXT},
		{"message", "message", AS_TEXT},
		{"at", "at", AS_TIME},
		{"attempt", "attempt", AS_COUNT},
		{"component", "component", AS_TEXT},
		{"stage", "stage", AS_TEXT},
		{"undoes", "takes back", AS_TEXT},
		{"duration_ms", "took", AS_MS},
		{"class", "class", AS_TEXT},
		{"code", "code", AS_TEXT},
		{"text", "text", AS_TEXT},
		{"http_status", "HTTP status", AS_COUNT},
		{"native_state", "native state", AS_TEXT},
		{"due_at", "due", AS_TIME},
		{"target_model", "target model", AS_TEXT},
		{"target_ref", "target record", AS_TEXT},
		{"idempotency_key", "idempotency key", AS_TEXT},
		{"trace", "trace", AS_TEXT},
		{"key", "event key", AS_TEXT},
	};

	text_begin(text);
	text_add_facts(text, events, row, facts, ARRAY_LEN(facts));
	text_end(text);
}

void transaction_text_facts(struct text *text, const struct rows *rows)
{
	static const struct fact facts[] = {
		{"state", "state", AS_STATE},
		{"native_state", "native state", AS_TEXT},
		{"interface", "interface", AS_TEXT},
		{"title", "", AS_TEXT},
		{"source", "from", AS_TEXT},
		{"target", "to", AS_TEXT},
		{"message", "message", AS_TEXT},
		{"parent", "came of", AS_TEXT},
		{"correlation", "correlation", AS_TEXT},
		{"business_key", "business key", AS_TEXT},
		{"entity", "entity", AS_TEXT},
		{"facility", "facility", AS_TEXT},
		{"partner", "partner", AS_TEXT},
		{"partner_ref", "their reference", AS_TEXT},
		{"ordering_key", "ordering key", AS_TEXT},
		{"first_at", "began", AS_TIME},
		{"last_at", "last event", AS_TIME},
		{"due_at", "due", AS_TIME},
		{"overdue", "overdue", AS_YES},
		{"events", "events", AS_COUNT},
		{"attempt", "attempts", AS_COUNT},
		{"failures", "failures", AS_COUNT},
		{"class", "class", AS_TEXT},
		{"code", "code", AS_TEXT},
		{"text", "text", AS_TEXT},
		{"letter", "dead letter", AS_TEXT},
		{"letter_owner", "owned by", AS_TEXT},
		{"snoozed_until", "snoozed until", AS_TIME},
		{"failed_again", "failed again", AS_COUNT},
		{"signature", "failure group", AS_TEXT},
		{"note", "note", AS_TEXT},
		{"data_class", "data class", AS_TEXT},
		{"owner", "owner", AS_TEXT},
		{"runbook", "runbook", AS_TEXT},
	};

	text_begin(text);
	text_add_facts(text, rows, 0, facts, ARRAY_LEN(facts));
	text_end(text);
}
