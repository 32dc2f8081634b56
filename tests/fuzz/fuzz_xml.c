/* Any bytes as XML. */
#include "fuzz_pretty.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_pretty(PRETTY_XML, data, size);
}
