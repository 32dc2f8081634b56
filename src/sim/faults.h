/* What is made to go wrong, where, and from when to when.
 *
 * Some of it comes by chance, from the seed; the rest is in a file that can be changed while the
 * simulator runs, by hand or with `orderly-sim fault`:
 *
 *   format 1
 *   target-down medx 2026-11-21T05:40:00Z 2026-11-21T06:10:00Z
 *   mapping-error po-out 2026-11-21T01:00:00Z -          "-": until it is cleared */
#ifndef SIM_FAULTS_H
#define SIM_FAULTS_H

#include "base/err.h"
#include "base/lines.h"
#include "base/slice.h"
#include "base/str.h"
#include <stdbool.h>
#include <stdint.h>

/* Each with what it is about: a system or an interface. */
enum fault_kind {
	FAULT_TARGET_DOWN,
	FAULT_MAPPING,
	FAULT_THROTTLED,
	FAULT_SLOW,
	FAULT_DUPLICATE,
	FAULT_SILENT,
	FAULT_LATE,
	FAULT_EXPIRED_KEY,
	FAULT_POISON,
	FAULT_SIGNATURE,
	N_FAULTS,
};

#define FAULT_OPEN INT64_MAX

struct fault {
	enum fault_kind kind;
	const char *target; /* of the estate's tables */
	int64_t from_us, until_us;
};

struct faults;

struct faults *faults_new(uint64_t seed);
void faults_free(struct faults *faults);
void faults_freep(struct faults **faults);

/* Whether chance makes faults too; true at first. */
void faults_by_chance(struct faults *faults, bool yes);

bool faults_at(
	const struct faults *faults, enum fault_kind kind, const char *target, int64_t at_us);

/* "target-down:odoo" or "target-down odoo". */
int fault_parse(struct slice text, struct fault *ret, struct err *err);
const char *fault_name(enum fault_kind kind);
void faults_add(struct faults *faults, const struct fault *fault);
size_t faults_count(const struct faults *faults);

/* Ends those of that kind and target that are still open, or all; says how many. */
size_t faults_clear(struct faults *faults, const struct fault *which, int64_t at_us);

/* Replaces what was read before; what is wrong in the file goes to problems. A missing file is an
 * empty one. */
int faults_read(
	struct faults *faults, const char *path, struct problems *problems, struct err *err);
int faults_write(const struct faults *faults, const char *path, struct err *err);

#endif
