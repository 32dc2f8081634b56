/* Starts business processes by chance or timetable and keeps what is under way in order of time.
 * What happens to one message is in message.c, what it says in the payloads.
 * Called by the simulator's run and history. */
#include "engine.h"
#include "base/mem.h"
#include "message.h"
#include "rhythm.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SECOND_US INT64_C(1000000)
#define DAY_S INT64_C(86400)

struct engine {
	struct engine_options options;
	int64_t at_us; /* a whole second: starts before it are made */
	double thin, starts_per_weight;
	struct message **heap;
	size_t n, size;
};

/* ---- what is under way, the next first ----------------------------------------------------- */

static bool earlier(const struct message *a, const struct message *b)
{
	return a->at_us != b->at_us ? a->at_us < b->at_us : a->id < b->id;
}

static void heap_push(struct engine *engine, struct message *message)
{
	size_t at = engine->n++;

	if (engine->n > engine->size) {
		engine->size = engine->size ? 2 * engine->size : 256;
		engine->heap = mem_resize(engine->heap, engine->size, sizeof(*engine->heap));
	}
	for (; at && earlier(message, engine->heap[(at - 1) / 2]); at = (at - 1) / 2)
		engine->heap[at] = engine->heap[(at - 1) / 2];
	engine->heap[at] = message;
}

static struct message *heap_pop(struct engine *engine)
{
	struct message *first = engine->heap[0], *last = engine->heap[--engine->n];
	size_t at = 0, child;

	while ((child = 2 * at + 1) < engine->n) {
		if (child + 1 < engine->n && earlier(engine->heap[child + 1], engine->heap[child]))
			child++;
		if (!earlier(engine->heap[child], last))
			break;
		engine->heap[at] = engine->heap[child];
		at = child;
	}
	engine->heap[at] = last;
	return first;
}

static void step_until(struct engine *engine, int64_t until_us)
{
	while (engine->n && engine->heap[0]->at_us < until_us) {
		struct message *message = heap_pop(engine), *next = NULL;
		bool goes_on = message_step(message, engine->options.faults, engine->options.emit,
			engine->options.ctx, &next);

		if (next)
			heap_push(engine, next);
		if (goes_on)
			heap_push(engine, message);
		else
			message_free(message);
	}
}

/* ---- starting ------------------------------------------------------------------------------ */

/* The warehouse has no patients. */
static const char *pick_facility(struct random *random, enum sim_rhythm rhythm)
{
	size_t n, i = 0;
	const struct sim_facility *all = sim_facilities(&n);
	int sum = 0, pick;

	if (rhythm == RHYTHM_CLINIC)
		n--;
	for (size_t k = 0; k < n; k++)
		sum += all[k].share;
	pick = (int)random_below(random, (uint32_t)sum);
	while (pick >= all[i].share)
		pick -= all[i++].share;
	return all[i].code;
}

/* One that deals with what the flow's interfaces carry. */
static const struct sim_partner *pick_partner(struct random *random, const struct sim_flow *flow)
{
	static const struct {
		const char *flow, *kind;
	} deals[] = {{"procure", "supplier"}, {"shop-order", "supplier"},
		{"mail-order", "supplier"}, {"supplier", "supplier"}, {"prices", "supplier"},
		{"stay", "payer"}, {"coverage", "payer"}, {"referral", "provider"},
		{"statements", "bank"}, {"payments", "bank"}, {"recall", "authority"}};
	size_t n;
	const struct sim_partner *all = sim_partners(&n);

	for (size_t i = 0; i < ARRAY_LEN(deals); i++) {
		size_t skip = random_below(random, (uint32_t)n);

		if (strcmp(deals[i].flow, flow->code) != 0)
			continue;
		for (size_t k = 0; k < n; k++)
			if (strcmp(all[(k + skip) % n].kind, deals[i].kind) == 0)
				return &all[(k + skip) % n];
	}
	return NULL;
}

static void start(struct engine *engine, const struct sim_flow *flow, uint64_t id, int64_t at_us)
{
	struct random random = {id};
	struct process process = {.flow = flow, .id = id, .started_us = at_us};

	process.facility = pick_facility(&random, flow->rhythm);
	process.partner = pick_partner(&random, flow);
	heap_push(engine, message_first(&process));
}

/* How many of a mean: Poisson, and its normal neighbour where it is large. */
static int how_many(struct random *random, double mean)
{
	double limit = exp(-mean), product = 1;
	int n = -1;

	if (mean > 30) {
		double spread = 0;

		for (int i = 0; i < 12; i++)
			spread += random_unit(random);
		return (int)fmax(0, mean + sqrt(mean) * (spread - 6) + 0.5);
	}
	do {
		product *= random_unit(random);
		n++;
	} while (product > limit);
	return n;
}

static void start_by_chance(struct engine *engine, size_t index, const struct sim_flow *flow)
{
	uint64_t second = (uint64_t)(engine->at_us / SECOND_US);
	uint64_t seed = random_mix(random_mix(engine->options.seed, index), second);
	struct random random = {seed};
	double mean = flow->weight * engine->starts_per_weight * engine->thin *
		      rhythm_at(flow->rhythm, engine->at_us);
	int n = how_many(&random, mean);

	for (int i = 0; i < n; i++)
		start(engine, flow, random_mix(seed, (uint64_t)i),
			engine->at_us + random_between(&random, 0, (int)SECOND_US - 1));
}

static void start_by_timetable(
	struct engine *engine, size_t index, const struct sim_flow *flow, int64_t second)
{
	if ((second % DAY_S + DAY_S - flow->offset_s) % flow->every_s == 0)
		start(engine, flow,
			random_mix(random_mix(engine->options.seed, index), (uint64_t)second),
			second * SECOND_US);
}

/* Transactions of a weight of 1: each leg happens when those before it did. */
static double legs_of(const struct sim_flow *flow)
{
	double sum = 0, share = 1;

	for (int i = 0; i < SIM_LEGS && flow->legs[i].interface; i++) {
		share *= flow->legs[i].percent / 100.0;
		sum += share;
	}
	return sum;
}

static void start_what_may_wait(struct engine *engine)
{
	int64_t until = engine->at_us / SECOND_US;
	size_t n;
	const struct sim_flow *flows = sim_flows(&n);

	for (size_t i = 0; i < n; i++)
		for (int64_t second = until - engine->options.timetable_back_us / SECOND_US;
			flows[i].every_s && second < until; second++)
			start_by_timetable(engine, i, &flows[i], second);
}

struct engine *engine_new(const struct engine_options *options, int64_t from_us)
{
	struct engine *engine = NEW(struct engine);
	size_t n;
	const struct sim_flow *flows = sim_flows(&n);
	double legs = 0;

	for (size_t i = 0; i < n; i++)
		legs += flows[i].weight * legs_of(&flows[i]);
	engine->options = *options;
	engine->at_us = from_us - from_us % SECOND_US;
	engine->thin = 1;
	engine->starts_per_weight = options->rate / legs;
	start_what_may_wait(engine);
	return engine;
}

void engine_free(struct engine *engine)
{
	if (!engine)
		return;
	for (size_t i = 0; i < engine->n; i++)
		message_free(engine->heap[i]);
	free(engine->heap);
	free(engine);
}

void engine_freep(struct engine **engine)
{
	engine_free(*engine);
}

void engine_thin(struct engine *engine, double share)
{
	engine->thin = share;
}

int64_t engine_at_us(const struct engine *engine)
{
	return engine->at_us;
}

size_t engine_under_way(const struct engine *engine)
{
	return engine->n;
}

/* Starts are made a second at a time; what happens in it follows in order. */
void engine_run(struct engine *engine, int64_t until_us)
{
	size_t n;
	const struct sim_flow *flows = sim_flows(&n);

	while (engine->at_us < until_us) {
		step_until(engine, engine->at_us);
		for (size_t i = 0; i < n; i++) {
			if (flows[i].weight)
				start_by_chance(engine, i, &flows[i]);
			else
				start_by_timetable(engine, i, &flows[i], engine->at_us / SECOND_US);
		}
		engine->at_us += SECOND_US;
	}
	step_until(engine, until_us);
}
