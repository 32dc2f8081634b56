/* The estate's mask rules: what of a payload is shown to those who may not see it raw.
 * How rules are applied is the store's; the bodies they fit are payload_*.c's.
 * Called by catalogue.c. */
#include "base/mem.h"
#include "catalogue.h"
#include "json_out.h"

#define CLINICAL "phi"
#define PROTECTED "confidential phi"
#define ALL "*"

/* Every format that a protected interface carries is read by some rule: what none reads is hidden
 * whole. The account number's rule does that for all that is confidential. */
static const struct {
	const char *code, *interfaces, *classes, *target, *kind, *matcher, *replacement;
} masks[] = {
	{"hl7-number", ALL, CLINICAL, "payload", "hl7", "PID-3.1", "•••"},
	{"hl7-name", ALL, CLINICAL, "payload", "hl7", "PID-5", "•••"},
	{"hl7-birth", ALL, CLINICAL, "payload", "hl7", "PID-7", "•••"},
	{"hl7-address", ALL, CLINICAL, "payload", "hl7", "PID-11", "•••"},
	{"x12-family", ALL, CLINICAL, "payload", "x12", "NM1-03", "•••"},
	{"x12-given", ALL, CLINICAL, "payload", "x12", "NM1-04", "•••"},
	{"x12-member", ALL, CLINICAL, "payload", "x12", "NM1-09", "•••"},
	{"x12-birth", ALL, CLINICAL, "payload", "x12", "DMG-02", "•••"},
	{"fhir-person", ALL, CLINICAL, "payload", "json", "**.display", "•••"},
	{"fhir-reference", ALL, CLINICAL, "payload", "json", "**.reference", "•••"},
	{"staff", ALL, PROTECTED, "payload", "json", "**.employee", "•••"},
	{"payroll-name", "payroll-*", PROTECTED, "payload", "csv", "name", "•••"},
	{"account-number", ALL, "confidential", "payload", "regex",
		"\\m[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}\\M", "•••"},
	{"error-patient", ALL, CLINICAL, "error", "regex", "([Pp]atient[ /]|MRN )[0-9]+", "\\1•••"},
};

void sim_put_masks(struct str *out)
{
	json_open(out, "mask_rule", '[');
	for (size_t i = 0; i < ARRAY_LEN(masks); i++) {
		json_open(out, NULL, '{');
		json_text(out, "code", masks[i].code);
		json_int(out, "ord", (int64_t)i + 1);
		json_words(out, "interfaces", masks[i].interfaces);
		json_words(out, "classes", masks[i].classes);
		json_text(out, "target", masks[i].target);
		json_text(out, "kind", masks[i].kind);
		json_text(out, "matcher", masks[i].matcher);
		json_text(out, "replacement", masks[i].replacement);
		json_close(out, '}');
	}
	json_close(out, ']');
}
