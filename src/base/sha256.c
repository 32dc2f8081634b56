/* SHA-256 and HMAC. Knows nothing of what is signed, or with whose key.
 * Called by what sends signals. */
#include "base/sha256.h"
#include "base/mem.h"
#include <string.h>

#define BLOCK 64

struct sha {
	uint32_t h[8];
	uint64_t bytes;
	uint8_t block[BLOCK];
	size_t used;
};

/* The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t k[64] = {0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b,
	0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6,
	0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d,
	0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
	0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585,
	0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
	0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa,
	0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t turn(uint32_t x, int n)
{
	return x >> n | x << (32 - n);
}

static void take_block(struct sha *sha)
{
	uint32_t w[64], v[8];

	for (int i = 0; i < 16; i++)
		w[i] = (uint32_t)sha->block[4 * i] << 24 | (uint32_t)sha->block[4 * i + 1] << 16 |
		       (uint32_t)sha->block[4 * i + 2] << 8 | sha->block[4 * i + 3];
	for (int i = 16; i < 64; i++)
		w[i] = w[i - 16] + (turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ w[i - 15] >> 3) +
		       w[i - 7] + (turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ w[i - 2] >> 10);
	memcpy(v, sha->h, sizeof(v));
	for (int i = 0; i < 64; i++) {
		uint32_t a = v[7] + (turn(v[4], 6) ^ turn(v[4], 11) ^ turn(v[4], 25)) +
			     ((v[4] & v[5]) ^ (~v[4] & v[6])) + k[i] + w[i];
		uint32_t b = (turn(v[0], 2) ^ turn(v[0], 13) ^ turn(v[0], 22)) +
			     ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));

		memmove(&v[1], &v[0], 7 * sizeof(v[0]));
		v[4] += a;
		v[0] = a + b;
	}
	for (int i = 0; i < 8; i++)
		sha->h[i] += v[i];
	sha->used = 0;
	mem_wipe(w, sizeof(w));
}

static void sha_init(struct sha *sha)
{
	*sha = (struct sha){.h = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f,
				    0x9b05688c, 0x1f83d9ab, 0x5be0cd19}};
}

static void sha_add(struct sha *sha, const void *bytes, size_t n)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < n; i++) {
		sha->block[sha->used++] = at[i];
		if (sha->used == BLOCK)
			take_block(sha);
	}
	sha->bytes += n;
}

static void sha_end(struct sha *sha, uint8_t out[SHA256_SIZE])
{
	uint64_t bits = sha->bytes * 8;

	sha_add(sha, "\x80", 1);
	while (sha->used != BLOCK - 8)
		sha_add(sha, "", 1);
	for (int i = 7; i >= 0; i--)
		sha->block[sha->used++] = (uint8_t)(bits >> 8 * i);
	take_block(sha);
	for (int i = 0; i < SHA256_SIZE; i++)
		out[i] = (uint8_t)(sha->h[i / 4] >> (24 - 8 * (i % 4)));
	mem_wipe(sha, sizeof(*sha));
}

void sha256(struct slice text, uint8_t out[SHA256_SIZE])
{
	struct sha sha;

	sha_init(&sha);
	sha_add(&sha, text.at, text.len);
	sha_end(&sha, out);
}

void hmac_sha256_hex(struct slice key, struct slice text, char out[SHA256_HEX])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t pad[BLOCK] = {0}, digest[SHA256_SIZE];
	struct sha sha;

	if (key.len > BLOCK)
		sha256(key, pad);
	else if (key.len)
		memcpy(pad, key.at, key.len);
	for (int i = 0; i < BLOCK; i++)
		pad[i] ^= 0x36;
	sha_init(&sha);
	sha_add(&sha, pad, BLOCK);
	sha_add(&sha, text.at, text.len);
	sha_end(&sha, digest);
	for (int i = 0; i < BLOCK; i++)
		pad[i] ^= 0x36 ^ 0x5c;
	sha_init(&sha);
	sha_add(&sha, pad, BLOCK);
	sha_add(&sha, digest, SHA256_SIZE);
	sha_end(&sha, digest);
	for (int i = 0; i < SHA256_SIZE; i++) {
		out[2 * i] = digits[digest[i] >> 4];
		out[2 * i + 1] = digits[digest[i] & 15];
	}
	out[2 * SHA256_SIZE] = '\0';
	mem_wipe(pad, sizeof(pad));
}
