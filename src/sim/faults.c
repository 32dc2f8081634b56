/* Keeps the faults: those of the file, and those that chance brings.
 * What a fault does to a message is the engine's.
 * Called by the engine and by the simulator's commands. */
#include "faults.h"
#include "base/file.h"
#include "base/mem.h"
#include "estate.h"
#include "random.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FILE_MAX_BYTES (256 * 1024)
#define MINUTE_US INT64_C(60000000)

static const struct {
	const char *name;
	bool of_system;
} kinds[N_FAULTS] = {
	[FAULT_TARGET_DOWN] = {"target-down", true},
	[FAULT_MAPPING] = {"mapping-error", false},
	[FAULT_THROTTLED] = {"throttled", true},
	[FAULT_SLOW] = {"slow", true},
	[FAULT_DUPLICATE] = {"duplicate", false},
	[FAULT_SILENT] = {"silent", false},
	[FAULT_LATE] = {"late-batch", false},
	[FAULT_EXPIRED_KEY] = {"expired-key", true},
	[FAULT_POISON] = {"poison", false},
	[FAULT_SIGNATURE] = {"bad-signature", false},
};

struct faults {
	uint64_t seed;
	bool chance;
	struct fault *all;
	size_t n;
};

struct faults *faults_new(uint64_t seed)
{
	struct faults *faults = NEW(struct faults);

	faults->seed = seed;
	faults->chance = true;
	return faults;
}

void faults_free(struct faults *faults)
{
	if (!faults)
		return;
	free(faults->all);
	free(faults);
}

void faults_freep(struct faults **faults)
{
	faults_free(*faults);
}

void faults_by_chance(struct faults *faults, bool yes)
{
	faults->chance = yes;
}

const char *fault_name(enum fault_kind kind)
{
	return kinds[kind].name;
}

void faults_add(struct faults *faults, const struct fault *fault)
{
	faults->all = mem_resize(faults->all, faults->n + 1, sizeof(*faults->all));
	faults->all[faults->n++] = *fault;
}

size_t faults_count(const struct faults *faults)
{
	return faults->n;
}

size_t faults_clear(struct faults *faults, const struct fault *which, int64_t at_us)
{
	size_t n = 0;

	for (size_t i = 0; i < faults->n; i++) {
		struct fault *fault = &faults->all[i];

		if (fault->until_us <= at_us ||
			(which && (fault->kind != which->kind || fault->target != which->target)))
			continue;
		fault->until_us = at_us;
		n++;
	}
	return n;
}

/* ---- chance -------------------------------------------------------------------------------- */

#define CHANCE_SLOT_US (40 * MINUTE_US)

/* What chance may bring to a system, and for how long. */
static const struct {
	enum fault_kind kind;
	int low_min, high_min, weight;
} chances[] = {
	{FAULT_TARGET_DOWN, 2, 6, 4},
	{FAULT_SLOW, 8, 20, 5},
	{FAULT_THROTTLED, 4, 10, 3},
};

/* The incident of one slot of time; false when that slot is a quiet one. */
static bool chance_in(const struct faults *faults, int64_t slot, struct fault *ret)
{
	struct random random = {random_mix(faults->seed ^ 0xfa17, (uint64_t)slot)};
	size_t n_systems, i = 0;
	const struct sim_system *systems = sim_systems(&n_systems);
	int weight = 0, pick;

	if (random_below(&random, 100) >= 55)
		return false;
	for (size_t k = 0; k < ARRAY_LEN(chances); k++)
		weight += chances[k].weight;
	pick = (int)random_below(&random, (uint32_t)weight);
	while (pick >= chances[i].weight)
		pick -= chances[i++].weight;
	ret->kind = chances[i].kind;
	ret->target = systems[random_below(&random, (uint32_t)n_systems)].code;
	ret->from_us = slot * CHANCE_SLOT_US + random_between(&random, 0, 15) * MINUTE_US;
	ret->until_us =
		ret->from_us +
		random_between(&random, chances[i].low_min, chances[i].high_min) * MINUTE_US;
	return true;
}

static bool hits(const struct fault *fault, enum fault_kind kind, const char *target, int64_t at_us)
{
	return fault->kind == kind && fault->from_us <= at_us && at_us < fault->until_us &&
	       strcmp(fault->target, target) == 0;
}

bool faults_at(const struct faults *faults, enum fault_kind kind, const char *target, int64_t at_us)
{
	struct fault incident;

	for (size_t i = 0; i < faults->n; i++)
		if (hits(&faults->all[i], kind, target, at_us))
			return true;
	return faults->chance && kinds[kind].of_system &&
	       chance_in(faults, at_us / CHANCE_SLOT_US, &incident) &&
	       hits(&incident, kind, target, at_us);
}

/* ---- the file ------------------------------------------------------------------------------ */

static int target_of(enum fault_kind kind, struct slice name, const char **ret, struct err *err)
{
	CLEANUP(mem_freep)
	char *text = mem_dup(name.at, name.len);
	const struct sim_interface *interface = sim_interface_find(text);
	const struct sim_system *system = sim_system_find(text);
	size_t n;

	if (kinds[kind].of_system && system) {
		*ret = system->code;
		return 0;
	}
	if (!kinds[kind].of_system && interface) {
		*ret = interface->code;
		return 0;
	}
	if (kinds[kind].of_system) {
		const struct sim_system *systems = sim_systems(&n);

		return err_unknown(err, "system", name, &systems->code, n, sizeof(*systems));
	}
	interface = sim_interfaces(&n);
	return err_unknown(err, "interface", name, &interface->code, n, sizeof(*interface));
}

int fault_parse(struct slice text, struct fault *ret, struct err *err)
{
	struct slice rest = text, name = SLICE_NONE;

	if (slice_find(text, ':') < text.len)
		slice_cut(&rest, ':', &name);
	else
		slice_word(&rest, &name);
	for (int kind = 0; kind < N_FAULTS; kind++) {
		struct fault fault = {.kind = (enum fault_kind)kind, .until_us = FAULT_OPEN};
		int r;

		if (!slice_eq_str(slice_trim(name), kinds[kind].name))
			continue;
		r = target_of(fault.kind, slice_trim(rest), &fault.target, err);
		if (r == 0)
			*ret = fault;
		return r;
	}
	return err_unknown(err, "fault", name, &kinds[0].name, N_FAULTS, sizeof(kinds[0]));
}

static int parse_time(struct slice word, int64_t *ret_us, struct err *err)
{
	CLEANUP(mem_freep)
	char *text = mem_dup(word.at, word.len);
	struct tm tm = {0};
	const char *end;

	if (slice_eq(word, SLICE("-"))) {
		*ret_us = FAULT_OPEN;
		return 0;
	}
	end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (!end || *end)
		return err_set(err, -EINVAL, "\"%s\" is no time like 2026-02-28T14:05:00Z", text);
	*ret_us = timegm(&tm) * INT64_C(1000000);
	return 0;
}

static int read_word(void *ctx, const struct line *line, struct err *err)
{
	struct slice rest = line->value, target, from, until;
	CLEANUP(str_done)
	struct str text = STR_INIT(256);
	struct fault fault;
	int r;

	if (!slice_word(&rest, &target) || !slice_word(&rest, &from) || !slice_word(&rest, &until))
		return err_set(err, -EINVAL, "KIND TARGET FROM UNTIL is meant");
	str_addf(&text, "%.*s:%.*s", SLICE_ARG(line->key), SLICE_ARG(target));
	if ((r = fault_parse(str_slice(&text), &fault, err)) < 0 ||
		(r = parse_time(from, &fault.from_us, err)) < 0 ||
		(r = parse_time(until, &fault.until_us, err)) < 0)
		return r;
	faults_add(ctx, &fault);
	return 0;
}

int faults_read(struct faults *faults, const char *path, struct problems *problems, struct err *err)
{
	static const struct lines_ops ops = {.word = read_word};
	CLEANUP(str_done)
	struct str text = STR_INIT(FILE_MAX_BYTES);
	int r;

	if (access(path, F_OK) < 0) {
		faults->n = 0;
		return 0;
	}
	r = file_read(path, &text, err);
	if (r < 0)
		return r;
	faults->n = 0;
	return lines_parse(path, str_slice(&text), 1, &ops, faults, problems);
}

static void add_time(struct str *out, int64_t us)
{
	time_t s = (time_t)(us / 1000000);
	char text[64];
	struct tm tm;

	if (us == FAULT_OPEN) {
		str_adds(out, " -");
		return;
	}
	gmtime_r(&s, &tm);
	strftime(text, sizeof(text), " %Y-%m-%dT%H:%M:%SZ", &tm);
	str_adds(out, text);
}

int faults_write(const struct faults *faults, const char *path, struct err *err)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(FILE_MAX_BYTES);

	str_adds(&text,
		"format 1\n# KIND TARGET FROM UNTIL; orderly-sim reads this file again when "
		"it changes\n");
	for (size_t i = 0; i < faults->n; i++) {
		str_addf(&text, "%s %s", kinds[faults->all[i].kind].name, faults->all[i].target);
		add_time(&text, faults->all[i].from_us);
		add_time(&text, faults->all[i].until_us);
		str_addc(&text, '\n');
	}
	return file_write(path, str_slice(&text), 0644, err);
}
