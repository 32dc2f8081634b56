/* Any bytes as a time of the server's: refused, or within what can be told. */
#include "decode.h"
#include <assert.h>
#include <errno.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int64_t us = 42;
	int r = decode_time((struct slice){(const char *)data, size}, &us);

	assert(r == 0 || (r == -EINVAL && us == 42));
	return 0;
}
