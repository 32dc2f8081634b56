/* Reads what RabbitMQ's management plugin says of its queues. It may be anything: names are data, numbers
 * that are none are zero. Called by addresses.c. */
#include "addresses.h"
#include "odoo/value.h"

#define QUEUES_MAX 500

/* A page of them, or all. */
static const struct value *items_of(const struct value *answer)
{
	const struct value *items = value_get(answer, "items");

	if (!items && answer->kind == VALUE_LIST)
		items = answer;
	return items && items->kind == VALUE_LIST ? items : NULL;
}

/* What a jsonb cannot hold is not repeated. */
static bool is_name(struct slice name)
{
	return name.len && slice_find(name, '\0') == name.len;
}

static bool is_named_dead(struct slice name)
{
	static const struct slice ends[] = {SLICE("dlq"), SLICE("dead"), SLICE("dead-letter"),
		SLICE("dead-letters"), SLICE("dead_letter"), SLICE("dead_letters"),
		SLICE("deadletter"), SLICE("deadletters")};

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		size_t rest = name.len - ends[i].len;

		if (name.len >= ends[i].len && slice_eq_nocase(slice_from(name, rest), ends[i]) &&
			(rest == 0 || name.at[rest - 1] == '.' || name.at[rest - 1] == '-' ||
				name.at[rest - 1] == '_'))
			return true;
	}
	return false;
}

/* Whether a queue sends what it gives up straight to the one of that name. */
static bool is_dead(const struct value *items, const struct value *queue)
{
	struct slice name = value_text(value_get(queue, "name")),
		     vhost = value_text(value_get(queue, "vhost"));

	if (is_named_dead(name))
		return true;
	for (size_t i = 0; i < items->n && i < QUEUES_MAX; i++) {
		const struct value *other = value_at(items, i);
		const struct value *arguments = value_get(other, "arguments");
		const struct value *exchange = value_get(arguments, "x-dead-letter-exchange");

		if (exchange && value_text(exchange).len == 0 &&
			slice_eq(value_text(value_get(arguments, "x-dead-letter-routing-key")),
				name) &&
			slice_eq(value_text(value_get(other, "vhost")), vhost))
			return true;
	}
	return false;
}

static void put_number(struct str *out, const char *name, const struct value *value)
{
	int64_t number = 0;

	if (!value_int(value, &number) || number < 0 || number > INT32_MAX)
		number = number > INT32_MAX ? INT32_MAX : 0;
	str_addf(out, ", \"%s\": %lld", name, (long long)number);
}

bool broker_read(struct slice json, struct str *out)
{
	struct arena arena = ARENA_INIT;
	const struct value *answer = NULL, *items;
	size_t n = 0;

	if (value_parse(&arena, json, &answer, NULL) < 0 || !(items = items_of(answer))) {
		arena_done(&arena);
		return false;
	}
	str_addc(out, '[');
	for (size_t i = 0; i < items->n && i < QUEUES_MAX; i++) {
		const struct value *queue = value_at(items, i);
		struct slice name = value_text(value_get(queue, "name")),
			     vhost = value_text(value_get(queue, "vhost"));

		if (!is_name(name) || !is_name(vhost))
			continue;
		str_adds(out, n++ ? ", {\"vhost\": " : "{\"vhost\": ");
		(void)value_put_text(out, vhost);
		str_adds(out, ", \"name\": ");
		(void)value_put_text(out, name);
		put_number(out, "messages", value_get(queue, "messages"));
		put_number(out, "unacknowledged", value_get(queue, "messages_unacknowledged"));
		put_number(out, "consumers", value_get(queue, "consumers"));
		str_addf(out, ", \"dead\": %s}", is_dead(items, queue) ? "true" : "false");
	}
	str_addc(out, ']');
	arena_done(&arena);
	return true;
}
