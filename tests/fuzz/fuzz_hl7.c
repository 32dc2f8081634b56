/* Any bytes as HL7 version 2. */
#include "fuzz_pretty.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_pretty(PRETTY_HL7, data, size);
}
