/* The whole way of a correlation as a ladder: systems and components as lifelines in the order in
 * which it comes to them, each event a hop.
 * Drawing is the ladder's.
 * Called by the view of a transaction with each answer. */
#include "base/mem.h"
#include "transaction_part.h"

#define LEGS_MAX 128

struct leg {
	int64_t id;
	struct slice message;
	size_t source, target, at; /* lifelines: it begins, it ends, it is now */
	size_t last; /* its newest row */
	int depth;
};

struct fields {
	size_t transaction, interface, source, target, message, parent, state, kind, at, attempt,
		stage, component, duration, class, code, text, ref, undoes;
};

struct maker {
	struct way *way;
	const struct rows *rows;
	struct fields at;
	struct leg legs[LEGS_MAX];
};

static struct fields fields_of(const struct rows *rows)
{
	return (struct fields){
		.transaction = rows_col(rows, "transaction"),
		.interface = rows_col(rows, "interface"),
		.source = rows_col(rows, "source"),
		.target = rows_col(rows, "target"),
		.message = rows_col(rows, "message"),
		.parent = rows_col(rows, "parent"),
		.state = rows_col(rows, "leg_state"),
		.kind = rows_col(rows, "kind"),
		.at = rows_col(rows, "at"),
		.attempt = rows_col(rows, "attempt"),
		.stage = rows_col(rows, "stage"),
		.component = rows_col(rows, "component"),
		.duration = rows_col(rows, "duration_ms"),
		.class = rows_col(rows, "class"),
		.code = rows_col(rows, "code"),
		.text = rows_col(rows, "text"),
		.ref = rows_col(rows, "target_ref"),
		.undoes = rows_col(rows, "undoes"),
	};
}

/* The lifeline of that name, new or known. */
static size_t system_of(struct way *way, struct slice name)
{
	for (size_t i = 0; i < way->n_systems; i++)
		if (slice_eq(way->systems[i], name))
			return i;
	way->systems[way->n_systems] = name;
	return way->n_systems++;
}

static struct leg *leg_of(struct maker *to, size_t row)
{
	int64_t id = rows_int(to->rows, row, to->at.transaction);
	struct slice parent = rows_text(to->rows, row, to->at.parent);
	struct leg *leg;

	for (size_t i = 0; i < to->way->n_legs; i++)
		if (to->legs[i].id == id)
			return &to->legs[i];
	if (to->way->n_legs == LEGS_MAX)
		return &to->legs[LEGS_MAX - 1]; /* the store gives no more than a hundred and two */
	leg = &to->legs[to->way->n_legs++];
	*leg = (struct leg){
		.id = id,
		.message = rows_text(to->rows, row, to->at.message),
		.source = system_of(to->way, rows_text(to->rows, row, to->at.source)),
		.target = SIZE_MAX, /* its lifeline stands where the message first comes to it */
	};
	leg->at = leg->source;
	for (size_t i = 0; parent.len && i + 1 < to->way->n_legs; i++)
		if (slice_eq(to->legs[i].message, parent))
			leg->depth = to->legs[i].depth + 1;
	return leg;
}

static size_t target_of(struct maker *to, struct leg *leg, size_t row)
{
	if (leg->target == SIZE_MAX)
		leg->target = system_of(to->way, rows_text(to->rows, row, to->at.target));
	return leg->target;
}

static bool is_any(struct slice kind, const char *words)
{
	struct slice rest = slice_of(words), word;

	while (slice_word(&rest, &word))
		if (slice_eq(kind, word))
			return true;
	return false;
}

/* Where the event took place. The middleware's "target" is its word for whatever the target is. */
static size_t place_of(struct maker *to, struct leg *leg, size_t row, struct slice kind)
{
	struct slice component = rows_text(to->rows, row, to->at.component);

	if (slice_eq_str(component, "target") ||
		(!component.len && is_any(kind, "attempted delivered acknowledged failed")))
		return target_of(to, leg, row);
	if (component.len)
		return system_of(to->way, component);
	if (leg->at != leg->source)
		return leg->at;
	return is_any(kind, "received") ? system_of(to->way, SLICE("middleware")) : leg->at;
}

static struct slice note_of(struct maker *to, size_t row)
{
	struct slice class = rows_text(to->rows, row, to->at.class);
	struct slice code = rows_text(to->rows, row, to->at.code);
	struct slice text = rows_text(to->rows, row, to->at.text);
	const char *note;

	if (!class.len && !code.len)
		return text.len ? text : rows_text(to->rows, row, to->at.ref);
	note = arena_printf(&to->way->arena, "%.*s%s%.*s%s%.*s", SLICE_ARG(code),
		code.len && class.len ? " " : "", SLICE_ARG(class), text.len ? ": " : "",
		SLICE_ARG(text));
	return slice_of(note);
}

/* The word whose look the hop has. What is neither an end nor a fault looks like nothing. */
static struct slice state_of(struct slice kind)
{
	if (is_any(kind, "delivered acknowledged"))
		return SLICE("done");
	if (is_any(kind, "failed dead filtered cancelled"))
		return kind;
	return slice_eq_str(kind, "retry_scheduled") ? SLICE("retrying") : SLICE("");
}

static struct slice label_of(struct maker *to, size_t row, struct slice kind)
{
	struct slice stage = rows_text(to->rows, row, to->at.stage);
	struct slice undoes = rows_text(to->rows, row, to->at.undoes);

	if (slice_eq_str(kind, "received"))
		return rows_text(to->rows, row, to->at.interface);
	if (slice_eq_str(kind, "step"))
		return undoes.len ? undoes : stage.len ? stage : kind;
	return slice_eq_str(kind, "retry_scheduled") ? SLICE("retry") : kind;
}

static void add_hop(struct maker *to, size_t row)
{
	const struct rows *rows = to->rows;
	struct slice kind = rows_text(rows, row, to->at.kind);
	struct leg *leg = leg_of(to, row);
	size_t place = place_of(to, leg, row, kind), from = leg->at;
	bool answer = is_any(kind, "delivered acknowledged failed") && leg->target == place;
	struct ladder_hop hop = {
		.kind = answer ? HOP_ACK : HOP_SEND,
		.from = answer ? place : from,
		.to = answer ? from : place,
		.state = state_of(kind),
		.label = label_of(to, row, kind),
		.note = note_of(to, row),
		.at_us = rows_null(rows, row, to->at.at) ? LADDER_NO_TIME
							 : rows_time(rows, row, to->at.at),
		.took_us = rows_null(rows, row, to->at.duration)
				   ? -1
				   : rows_int(rows, row, to->at.duration) * MS_US,
		.attempt = (int)rows_int(rows, row, to->at.attempt),
		.depth = leg->depth,
	};

	/* An attempt goes out and its answer comes back to where it went out from. */
	if (!is_any(kind, "attempted") && !answer)
		leg->at = place;
	if (rows_text(rows, row, to->at.undoes).len)
		hop.kind = HOP_COMPENSATION;
	else if (hop.from == hop.to)
		hop.kind = HOP_STEP;
	leg->last = row;
	to->way->hops[to->way->n_hops++] = hop;
}

void way_make(struct way *way, const struct rows *rows)
{
	struct maker to = {.way = way, .rows = rows, .at = fields_of(rows)};
	size_t n = rows_count(rows);

	way_done(way);
	/* Each row can bring a source, a target and a component, and one stands for the middleware. */
	way->systems = arena_array(&way->arena, 3 * n + 1, sizeof(*way->systems));
	way->hops = arena_array(&way->arena, n + 1, sizeof(*way->hops));
	for (size_t row = 0; row < n; row++)
		add_hop(&to, row);
	/* Where a leg has not ended, its newest hop says how it stands. */
	for (size_t i = 0; i < way->n_legs; i++)
		if (!way->hops[to.legs[i].last].state.len)
			way->hops[to.legs[i].last].state =
				rows_text(rows, to.legs[i].last, to.at.state);
}

void way_done(struct way *way)
{
	arena_done(&way->arena);
	*way = (struct way){0};
}
