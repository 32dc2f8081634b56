/* Leads one message through the middleware: its stages, attempts, failures, and its end.
 * When processes start is the engine's; how an event is written is event.c's.
 * Called by the engine. */
#include "message.h"
#include "base/mem.h"
#include "event.h"
#include <stdlib.h>
#include <string.h>

#define MS INT64_C(1000)
#define SECOND INT64_C(1000000)
#define ATTEMPTS 4
#define BACKOFF_FIRST_S 20
#define STEPS 6

/* What comes before the target's answer, with its share of the usual time in percent. */
struct stage {
	const char *kind, *stage, *component;
	int percent;
};

static const struct stage stages[][STEPS] = {
	[WAY_REST] = {{"received", "in", "gateway", 0}, {"validated", "contract", "gateway", 8},
		{"attempted", "call", "target", 4}},
	[WAY_QUEUED] = {{"received", "in", "gateway", 0}, {"validated", "contract", "transform", 6},
		{"transformed", "map", "transform", 8}, {"queued", "out", "broker", 4},
		{"attempted", "call", "target", 25}},
	[WAY_ACKED] = {{"received", "in", "gateway", 0}, {"validated", "contract", "transform", 6},
		{"transformed", "map", "transform", 8}, {"attempted", "send", "target", 10}},
	[WAY_BATCH] = {{"received", "start", "batch", 0}, {"step", "extract", "batch", 30},
		{"step", "convert", "batch", 25}, {"attempted", "load", "target", 5}},
	[WAY_WEBHOOK] = {{"received", "in", "webhook", 0}, {"attempted", "call", "target", 6}},
	[WAY_WORKFLOW] = {{"received", "in", "gateway", 0},
		{"step", "create account", "workflow", 15},
		{"step", "assign roles", "workflow", 15}, {"step", "order badge", "workflow", 10},
		{"attempted", "hand over", "target", 5}},
};

/* What takes each step of a workflow back; by its place among the stages. */
static const char *const backward[STEPS] = {
	[1] = "delete account", [2] = "withdraw roles", [3] = "cancel badge"};

/* Steps beyond the stages. */
enum { STEP_ANSWER = 100, STEP_ACK, STEP_RETRY, STEP_BACK = 200 };

/* ---- fate ---------------------------------------------------------------------------------- */

static bool may_happen(const struct sim_error *error, const struct sim_interface *it)
{
	if (error->only)
		return strcmp(error->only, it->code) == 0;
	return (error->ways >> it->way & 1) != 0;
}

/* In a hundred messages two or three meet an error of their own, whatever the estate's state. */
static void draw_fate(struct message *m)
{
	size_t n;
	const struct sim_error *errors = sim_errors(&n);
	int sum = 0, pick;

	if (random_below(&m->random, 1000) >= (m->interface->way == WAY_WORKFLOW ? 90u : 24u))
		return;
	for (size_t i = 0; i < n; i++)
		sum += may_happen(&errors[i], m->interface) ? errors[i].weight : 0;
	pick = (int)random_below(&m->random, (uint32_t)sum);
	for (size_t i = 0; i < n && !m->fate; i++) {
		if (!may_happen(&errors[i], m->interface))
			continue;
		pick -= errors[i].weight;
		if (pick < 0)
			m->fate = &errors[i];
	}
	/* few of the lasting errors last: the rest was mended before the message came */
	if (m->fate && !m->fate->passing && m->interface->way != WAY_WORKFLOW &&
		random_below(&m->random, 100) < 75)
		m->fate = NULL;
	m->fate_attempts =
		random_below(&m->random, 100) < 85 ? 1 : random_between(&m->random, 2, 3);
}

static const struct sim_error error_down = {
	"transport", "ECONNREFUSED", "connection refused by {ip}:443", 0, true, 0, NULL, 0};
static const struct sim_error error_throttled = {"throttled", "429",
	"quota of the account is used up, retry after {n} s", 429, true, 0, NULL, 0};
static const struct sim_error error_slow = {
	"timeout", "ETIMEDOUT", "no answer within 30000 ms from {ip}:443", 504, true, 0, NULL, 0};
static const struct sim_error error_key = {
	"auth", "invalid_client", "client certificate expired at {time}", 401, true, 0, NULL, 0};
static const struct sim_error error_mapping = {"mapping", "MAP-017",
	"cost centre 8841 is not mapped to an analytic account (line {n})", 422, false, 0, NULL, 0};
static const struct sim_error error_poison = {"target", "500",
	"Traceback (most recent call last): ValueError: could not convert string to float: "
	"'1.299.00' (request {ref})",
	500, true, 0, NULL, 0};
static const struct sim_error error_signature = {"auth", "BAD_SIGNATURE",
	"signature of delivery {ref} does not match", 401, false, 0, NULL, 0};

/* The faults in the order in which they would be met, each with its share of the messages. */
static const struct {
	enum fault_kind kind;
	bool of_system;
	int percent;
	const struct sim_error *error;
} effects[] = {
	{FAULT_TARGET_DOWN, true, 100, &error_down},
	{FAULT_EXPIRED_KEY, true, 100, &error_key},
	{FAULT_SIGNATURE, false, 70, &error_signature},
	{FAULT_THROTTLED, true, 45, &error_throttled},
	{FAULT_SLOW, true, 8, &error_slow},
	{FAULT_MAPPING, false, 22, &error_mapping},
	{FAULT_POISON, false, 6, &error_poison},
};

/* Why this attempt fails; NULL when it does not. Mapping and poison lie in the message: they are
 * drawn from it and not from the attempt. */
static const struct sim_error *attempt_fails(struct message *m, const struct faults *faults)
{
	for (size_t i = 0; i < ARRAY_LEN(effects); i++) {
		const char *about =
			effects[i].of_system ? m->interface->target : m->interface->code;
		bool lies_in_it =
			effects[i].kind == FAULT_MAPPING || effects[i].kind == FAULT_POISON;
		uint64_t chance = lies_in_it ? m->id >> 20 : random_next(&m->random) >> 20;

		if ((int)(chance % 100) < effects[i].percent &&
			faults_at(faults, effects[i].kind, about, m->at_us))
			return effects[i].error;
	}
	if (m->fate && (!m->fate->passing || m->attempt <= m->fate_attempts))
		return m->fate;
	return NULL;
}

/* ---- time ---------------------------------------------------------------------------------- */

/* Mostly near the usual, seldom far above it. */
static int64_t duration_us(struct message *m, const struct faults *faults)
{
	double factor = 0.6 + 0.8 * random_unit(&m->random);
	uint32_t tail = random_below(&m->random, 1000);

	if (tail < 30)
		factor *= 2 + 3 * random_unit(&m->random);
	if (tail < 3)
		factor *= 3;
	if (faults_at(faults, FAULT_SLOW, m->interface->target, m->at_us))
		factor *= 7;
	return (int64_t)(m->interface->latency_ms * MS * factor);
}

static int64_t part_us(struct message *m, int percent)
{
	int64_t us = m->interface->latency_ms * MS * percent / 100;

	return us / 2 + (int64_t)(us * random_unit(&m->random)) + 200;
}

/* ---- steps --------------------------------------------------------------------------------- */

struct emitter {
	void (*emit)(void *ctx, int64_t at_us, struct slice document);
	void *ctx;
};

static void tell(const struct emitter *to, const struct message *m, struct event event)
{
	CLEANUP(str_done)
	struct str out = STR_INIT(1 << 20);

	event.at_us = event.at_us ? event.at_us : m->at_us;
	event_write(&out, m, &event);
	to->emit(to->ctx, event.at_us, str_slice(&out));
}

static struct message *follower(const struct message *m)
{
	const struct sim_leg *leg;
	struct random random = {random_mix(m->process.id, (uint64_t)m->leg + 77)};
	struct message *next;

	if (m->leg + 1 >= SIM_LEGS)
		return NULL;
	leg = &m->process.flow->legs[m->leg + 1];
	if (!leg->interface || (int)random_below(&random, 100) >= leg->percent)
		return NULL;
	next = message_first(&m->process);
	next->leg = m->leg + 1;
	next->id = random_mix(m->process.id, (uint64_t)next->leg);
	next->interface = sim_interface_find(leg->interface);
	next->random.state = next->id;
	next->fate = NULL;
	draw_fate(next);
	next->at_us = m->at_us + leg->after_s * SECOND +
		      (int64_t)(leg->spread_s * (double)SECOND * random_unit(&random)) + MS;
	return next;
}

static bool succeed(const struct emitter *to, struct message *m, struct message **ret_next)
{
	*ret_next = follower(m);
	(void)to;
	return false;
}

static bool die(const struct emitter *to, struct message *m, const struct sim_error *error)
{
	tell(to, m,
		(struct event){.kind = "dead",
			.at_us = m->at_us + 2 * MS,
			.stage = "dead-letter",
			.component = "broker",
			.error = error});
	return false;
}

/* Takes back what was done, the last first. One in four stops after the first: that needs somebody. */
static bool go_back(const struct emitter *to, struct message *m)
{
	int step = m->step - STEP_BACK;
	bool gives_up = step == 2 && (m->id >> 9) % 4 == 0;

	if (!backward[step] || gives_up)
		return die(to, m, m->fate);
	tell(to, m,
		(struct event){.kind = "step",
			.stage = backward[step],
			.component = "workflow",
			.compensates = stages[WAY_WORKFLOW][step].stage});
	m->step--;
	m->at_us += part_us(m, 15) + 20 * SECOND;
	return true;
}

static bool fail(const struct emitter *to, struct message *m, const struct sim_error *error)
{
	int64_t wait = BACKOFF_FIRST_S * SECOND;

	tell(to, m,
		(struct event){.kind = "failed",
			.stage = "call",
			.component = "target",
			.error = error,
			.duration_us = m->at_us - m->attempted_us});
	if (!error->passing || m->attempt >= ATTEMPTS) {
		if (m->interface->way != WAY_WORKFLOW)
			return die(to, m, error);
		m->fate = error;
		m->step = STEP_BACK + 3;
		m->at_us += 5 * SECOND;
		return true;
	}
	for (int i = 1; i < m->attempt; i++)
		wait *= 3;
	wait += (int64_t)((double)wait * 0.2 * random_unit(&m->random));
	tell(to, m,
		(struct event){.kind = "retry_scheduled",
			.at_us = m->at_us + MS,
			.stage = "retry",
			.component = "broker",
			.due_us = m->at_us + wait});
	m->at_us += wait;
	m->attempt++;
	m->step = STEP_RETRY;
	return true;
}

static bool answer(const struct emitter *to, struct message *m, const struct faults *faults,
	struct message **ret_next)
{
	const struct sim_error *error = attempt_fails(m, faults);
	bool late_no =
		error == m->fate && error && !error->passing && m->interface->way == WAY_ACKED;

	if (error && !late_no)
		return fail(to, m, error);
	tell(to, m,
		(struct event){.kind = "delivered",
			.stage = "call",
			.component = "target",
			.duration_us = m->at_us - m->attempted_us,
			.success = true});
	if (faults_at(faults, FAULT_DUPLICATE, m->interface->code, m->at_us) &&
		random_below(&m->random, 100) < 40)
		tell(to, m,
			(struct event){.kind = "duplicate",
				.at_us = m->at_us + 40 * MS,
				.stage = "in",
				.component = "gateway"});
	if (m->interface->way == WAY_WEBHOOK && random_below(&m->random, 100) < 92) {
		m->step = STEP_ACK;
		m->at_us += 30 * MS + (int64_t)(400 * (double)MS * random_unit(&m->random));
		return true;
	}
	if (m->interface->way != WAY_ACKED)
		return succeed(to, m, ret_next);
	m->step = STEP_ACK;
	m->at_us += duration_us(m, faults) / 2 + 50 * MS;
	return true;
}

/* The partner's word on what was delivered. */
static bool acknowledge(const struct emitter *to, struct message *m, struct message **ret_next)
{
	if (m->interface->way == WAY_ACKED && m->fate && !m->fate->passing) {
		tell(to, m,
			(struct event){.kind = "failed",
				.stage = "ack",
				.component = "target",
				.error = m->fate});
		return die(to, m, m->fate);
	}
	tell(to, m, (struct event){.kind = "acknowledged", .stage = "ack", .component = "target"});
	return succeed(to, m, ret_next);
}

/* What keeps a message from even beginning: held back until its source is there again, or lost
 * with a silent interface. */
static bool held_back(struct message *m, const struct faults *faults, bool *ret_lost)
{
	const struct sim_interface *it = m->interface;

	*ret_lost = faults_at(faults, FAULT_SILENT, it->code, m->at_us);
	if (*ret_lost)
		return true;
	if (!faults_at(faults, FAULT_TARGET_DOWN, it->source, m->at_us) &&
		!faults_at(faults, FAULT_LATE, it->code, m->at_us))
		return false;
	m->at_us += 30 * SECOND + (int64_t)(30 * (double)SECOND * random_unit(&m->random));
	return true;
}

static bool receive(const struct emitter *to, struct message *m, const struct faults *faults)
{
	const struct sim_interface *it = m->interface;
	int64_t allowance = 5 * (int64_t)it->slow_ms * MS;
	bool lost;

	if (held_back(m, faults, &lost))
		return !lost;
	m->received_us = m->at_us;
	tell(to, m,
		(struct event){.kind = "received",
			.stage = stages[it->way][0].stage,
			.component = stages[it->way][0].component,
			.payload = true,
			.due_us = m->at_us + (allowance > 60 * SECOND ? allowance : 60 * SECOND)});
	if (it->way != WAY_BATCH && random_below(&m->random, 1000) < 6) {
		tell(to, m,
			(struct event){.kind = "filtered",
				.at_us = m->at_us + 3 * MS,
				.stage = "route",
				.component = "gateway"});
		return false;
	}
	m->step = 1;
	m->at_us += part_us(m, stages[it->way][1].percent);
	return true;
}

static bool pass_stage(const struct emitter *to, struct message *m, const struct faults *faults)
{
	const struct stage *row = stages[m->interface->way];
	const struct stage *stage = &row[m->step];
	bool last = m->step + 1 == STEPS || !row[m->step + 1].kind;

	tell(to, m,
		(struct event){
			.kind = stage->kind, .stage = stage->stage, .component = stage->component});
	if (last) {
		m->attempted_us = m->at_us;
		m->at_us += duration_us(m, faults);
		m->step = STEP_ANSWER;
	} else {
		m->step++;
		m->at_us += part_us(m, row[m->step].percent);
	}
	return true;
}

static void try_again(const struct emitter *to, struct message *m, const struct faults *faults)
{
	tell(to, m, (struct event){.kind = "attempted", .stage = "call", .component = "target"});
	m->attempted_us = m->at_us;
	m->at_us += duration_us(m, faults);
	m->step = STEP_ANSWER;
}

bool message_step(struct message *m, const struct faults *faults,
	void (*emit)(void *ctx, int64_t at_us, struct slice document), void *ctx,
	struct message **ret_next)
{
	const struct emitter to = {emit, ctx};

	*ret_next = NULL;
	switch (m->step) {
	case 0:
		return receive(&to, m, faults);
	case STEP_ANSWER:
		return answer(&to, m, faults, ret_next);
	case STEP_ACK:
		return acknowledge(&to, m, ret_next);
	case STEP_RETRY:
		try_again(&to, m, faults);
		return true;
	default:
		return m->step >= STEP_BACK ? go_back(&to, m) : pass_stage(&to, m, faults);
	}
}

struct message *message_first(const struct process *process)
{
	struct message *m = NEW(struct message);

	m->process = *process;
	m->at_us = process->started_us;
	m->id = random_mix(process->id, 0);
	m->random.state = m->id;
	m->attempt = 1;
	m->interface = sim_interface_find(process->flow->legs[0].interface);
	draw_fate(m);
	return m;
}

void message_free(struct message *message)
{
	free(message);
}
