/* SHA-256 (FIPS 180-4) and HMAC with it (RFC 2104): to sign what is sent out. */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include "base/slice.h"
#include <stdint.h>

#define SHA256_SIZE 32
#define SHA256_HEX (2 * SHA256_SIZE + 1)

void sha256(struct slice text, uint8_t out[SHA256_SIZE]);

/* The signature of text under the key, in hexadecimal with a NUL behind. The key's traces are wiped. */
void hmac_sha256_hex(struct slice key, struct slice text, char out[SHA256_HEX]);

#endif
