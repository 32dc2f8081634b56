/* The vectors of FIPS 180-4 and RFC 4231. */
#include "../lib/unit.h"
#include "base/mem.h"
#include "base/sha256.h"
#include <stdio.h>
#include <string.h>

static void test_digests(void **state)
{
	static const struct {
		const char *text, *digest;
	} rows[] = {
		{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
			"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t digest[SHA256_SIZE];
		char hex[SHA256_HEX];

		sha256(slice_of(rows[i].text), digest);
		for (int n = 0; n < SHA256_SIZE; n++)
			snprintf(hex + 2 * n, 3, "%02x", digest[n]);
		assert_string_equal(hex, rows[i].digest);
	}
}

static void test_signatures(void **state)
{
	char key[131], out[SHA256_HEX];

	(void)state;
	hmac_sha256_hex(SLICE("Jefe"), SLICE("what do ya want for nothing?"), out);
	assert_string_equal(
		out, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, sizeof(key));
	hmac_sha256_hex((struct slice){key, sizeof(key)},
		SLICE("Test Using Larger Than Block-Size Key - Hash Key First"), out);
	assert_string_equal(
		out, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	hmac_sha256_hex(SLICE_NONE, SLICE_NONE, out);
	assert_string_equal(
		out, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_digests),
		cmocka_unit_test(test_signatures),
	};

	return cmocka_run_group_tests_name("base/sha256", tests, NULL, NULL);
}
